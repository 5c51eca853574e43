//! Beds, theatre equipment, laboratory and sterile supply.

use super::{Area, DeviceType, Modules, PLAIN, model};

/// Devices that support care.
pub(super) const TYPES: &[DeviceType] = &[
    DeviceType {
        code: "FNL",
        name: "Hospital bed",
        share: 1_400,
        pm_months: 24,
        procedure: "sbr-bed",
        em: (2, 4, 2),
        price: (8_500, 26_000),
        life: 12,
        network: "none",
        homes: &[Area::Ward, Area::Ward, Area::Ward, Area::Ward, Area::Icu, Area::Emergency, Area::Labour],
        models: &[
            model("Baxter", "Hillrom", "Progressa", "P7500", "T###PR####", &[], 2),
            model("Baxter", "Hillrom", "Centrella", "P7900", "T###CE####", &["1.42"], 3),
            model("Stryker", "ProCuity", "ProCuity LEX", "3009", "3009######", &["2.1"], 3),
        ],
        ..PLAIN
    },
    DeviceType {
        code: "BTA",
        name: "Suction pump",
        share: 150,
        procedure: "sbr-suc",
        em: (9, 3, 2),
        high_risk: true,
        price: (600, 2_900),
        life: 10,
        homes: &[Area::Ward, Area::Emergency, Area::Theatre, Area::Endoscopy],
        models: &[
            model("Allied Healthcare", "Gomco", "Gomco G180", "01-90-3700", "G######", &[], 3),
            model("Medela", "Dominant", "Dominant Flex", "071.0004", "1######", &[], 2),
        ],
        ..PLAIN
    },
    DeviceType {
        code: "KDP",
        name: "Suction regulator",
        share: 450,
        pm_months: 24,
        em: (8, 3, 2),
        class: "unknown",
        power: "unknown",
        price: (280, 520),
        life: 10,
        homes: &[Area::Ward, Area::Ward, Area::Icu, Area::Emergency, Area::Theatre],
        models: &[
            model("Ohio Medical", "", "PTS-ISU", "6701-1225-901", "BCA#######", &[], 3),
            model("Precision Medical", "", "PM3300", "PM3300HV", "1######", &[], 1),
        ],
        ..PLAIN
    },
    DeviceType {
        code: "GEX",
        name: "Surgical laser",
        share: 8,
        em: (9, 4, 4),
        high_risk: true,
        price: (78_000, 165_000),
        homes: &[Area::Theatre],
        models: &[model("Boston Scientific", "Lumenis Pulse", "Lumenis Pulse 120H", "GA-2006120", "120-######", &["2.0"], 1)],
        ..PLAIN
    },
    DeviceType {
        code: "HIF",
        name: "Insufflator",
        share: 20,
        em: (9, 4, 3),
        high_risk: true,
        price: (7_200, 12_800),
        homes: &[Area::Theatre],
        models: &[
            model("Stryker", "PneumoSure", "PneumoSure 45L", "0620-040-610", "11######", &[], 2),
            model("Olympus", "", "UHI-4", "UHI-4", "7######", &[], 1),
        ],
        ..PLAIN
    },
    DeviceType {
        code: "FET",
        name: "Endoscopic video system",
        share: 25,
        em: (9, 3, 2),
        price: (19_000, 46_000),
        network: "wired",
        ephi: "yes",
        homes: &[Area::Endoscopy, Area::Endoscopy, Area::Theatre],
        models: &[
            model("Olympus", "EVIS EXERA III", "CV-190", "CV-190", "7######", &["4.10"], 2),
            model("Karl Storz", "IMAGE1 S", "IMAGE1 S", "TC201US", "IS######", &["3.0"], 1),
        ],
        modules: Some(Modules {
            code: "FCW",
            name: "Endoscopic light source",
            of_model: "CV-190",
            model: model("Olympus", "EVIS EXERA III", "CLV-190", "CLV-190", "7######", &[], 1),
            count: (1, 1),
            price: 14_500,
            procedure: "",
        }),
        ..PLAIN
    },
    DeviceType {
        code: "FSY",
        name: "Surgical light",
        share: 40,
        em: (9, 2, 2),
        power: "permanent",
        price: (14_000, 33_000),
        life: 12,
        fixed: true,
        homes: &[Area::Theatre, Area::Theatre, Area::Labour],
        models: &[
            model("Getinge", "PowerLED", "PowerLED II", "567908000", "PL######", &[], 2),
            model("Stryker", "Berchtold", "Chromophare F 628", "CF628", "C######", &[], 1),
        ],
        ..PLAIN
    },
    DeviceType {
        code: "FSA",
        name: "Patient lift",
        share: 110,
        em: (2, 4, 3),
        class: "internal",
        power: "internal",
        price: (3_900, 9_200),
        life: 10,
        homes: &[Area::Ward, Area::Ward, Area::Icu],
        models: &[
            model("Arjo", "Maxi", "Maxi Move", "KMCSUN", "KM#######", &[], 2),
            model("Baxter", "Liko", "Golvo 9000", "2010002", "7#######", &[], 1),
        ],
        ..PLAIN
    },
    DeviceType {
        code: "JQC",
        name: "Centrifuge",
        share: 60,
        em: (5, 3, 3),
        price: (4_500, 17_000),
        life: 7,
        homes: &[Area::Laboratory, Area::Clinic],
        models: &[
            model("Eppendorf", "", "5810R", "022628168", "5811@@######", &[], 2),
            model("Beckman Coulter", "Allegra", "Allegra X-14R", "B08861", "ALX######", &[], 1),
        ],
        ..PLAIN
    },
    DeviceType {
        code: "FLE",
        name: "Steam sterilizer",
        share: 20,
        pm_months: 6,
        em: (4, 3, 5),
        power: "permanent",
        price: (58_000, 132_000),
        life: 15,
        fixed: true,
        homes: &[Area::Sterile],
        models: &[model("STERIS", "Amsco", "Amsco 400", "400-20X20X38", "03######", &["7.02"], 1)],
        ..PLAIN
    },
    DeviceType {
        code: "KSE",
        name: "Blood bank refrigerator",
        share: 90,
        em: (4, 3, 3),
        price: (6_900, 14_500),
        life: 12,
        homes: &[Area::Laboratory, Area::Laboratory, Area::Ward],
        models: &[
            model("Helmer", "Horizon", "HB120-GX", "5201120-1", "##9######", &[], 2),
            model("Helmer", "Horizon", "HPR125-GX", "5101125-1", "##9######", &[], 2),
        ],
        ..PLAIN
    },
];
