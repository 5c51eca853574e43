//! The people of the demo shop: five technicians, and the engineer who adopts procedures. None of them exists.

/// One technician.
#[derive(Debug)]
pub struct Person {
    /// The short key.
    pub key: &'static str,
    /// Printed name.
    pub name: &'static str,
    /// Initials.
    pub initials: &'static str,
    /// Credentials: which, number, and the days from today until it ends.
    pub credentials: &'static [(&'static str, &'static str, i64)],
    /// How much of the routine work they do.
    pub share: u32,
}

/// Trainings that the shop's procedures ask for. Everybody who works here has done them.
pub const TRAININGS: &[&str] = &[
    "anesthesia equipment training",
    "dialysis equipment training",
    "laser safety training",
    "X-ray equipment training",
];

/// The technician as whom the demo opens.
pub const DEFAULT: &str = "mrivera";
/// Leads the shop: opens the month's orders and enters deliveries.
pub const LEAD: &str = "rhale";
/// The engineer who stands for the shop's procedures.
pub const ENGINEER: &str = "Imogen Castellane, PE, CCE";
/// The passphrase of every demo signing key; printed when the demo opens.
pub const PASSPHRASE: &str = "demo bench 1234";

/// The technicians.
pub const PEOPLE: &[Person] = &[
    Person {
        key: LEAD,
        name: "Robert Hale",
        initials: "RH",
        credentials: &[("CBET", "D-20417", 610), ("CHTM", "D-10388", 410)],
        share: 1,
    },
    Person {
        key: DEFAULT,
        name: "Marisol Rivera",
        initials: "MR",
        credentials: &[("CBET", "D-23961", 320)],
        share: 4,
    },
    Person {
        key: "jokafor",
        name: "Jude Okafor",
        initials: "JO",
        // Ran out six weeks ago.
        credentials: &[("CBET", "D-19874", -43)],
        share: 4,
    },
    Person {
        key: "tlindqvist",
        name: "Tove Lindqvist",
        initials: "TL",
        credentials: &[("CRES", "D-30112", 700), ("CBET", "D-22540", 150)],
        share: 3,
    },
    Person {
        key: "awhitehorse",
        name: "Aaron Whitehorse",
        initials: "AW",
        credentials: &[],
        share: 3,
    },
];

/// One piece of test equipment.
#[derive(Debug)]
pub struct Instrument {
    /// Short name.
    pub name: &'static str,
    /// Kind as procedures name it.
    pub kind: &'static str,
    /// Make and model.
    pub model: &'static str,
    /// Serial number.
    pub serial: &'static str,
    /// Days from today until its calibration ends; calibrations before it came every year.
    pub due: i64,
}

const fn tool(
    name: &'static str,
    kind: &'static str,
    model: &'static str,
    serial: &'static str,
    due: i64,
) -> Instrument {
    Instrument {
        name,
        kind,
        model,
        serial,
        due,
    }
}

/// The test equipment.
pub const INSTRUMENTS: &[Instrument] = &[
    tool("esa1", "safety analyser", "Fluke ESA615", "3920117", 208),
    // Its calibration ended three weeks ago: the bench refuses it without an override.
    tool("esa2", "safety analyser", "Rigel 288+", "47G-0812", -21),
    tool(
        "ida1",
        "infusion pump analyser",
        "Fluke IDA-5",
        "2254031",
        97,
    ),
    // Due next week.
    tool(
        "ida2",
        "infusion pump analyser",
        "Fluke IDA-5",
        "2254077",
        6,
    ),
    tool(
        "def1",
        "defibrillator analyser",
        "Fluke Impulse 7000DP",
        "4415209",
        143,
    ),
    tool("gas1", "gas flow analyser", "Fluke VT900A", "5530118", 254),
    tool("sim1", "patient simulator", "Fluke ProSim 8", "3107745", 66),
    tool("nbp1", "NIBP simulator", "Fluke ProSim 8", "3107745-N", 66),
    tool(
        "ox1",
        "SpO2 simulator",
        "Fluke ProSim SPOT Light",
        "2871190",
        181,
    ),
    tool(
        "esu1",
        "electrosurgical analyser",
        "Fluke QA-ES III",
        "5120446",
        310,
    ),
    tool(
        "inc1",
        "incubator analyser",
        "Fluke INCU II",
        "4460923",
        120,
    ),
    tool(
        "thm1",
        "thermometer calibrator",
        "Baxter 9600 Plus",
        "96-20114",
        37,
    ),
    tool(
        "tref1",
        "reference thermometer",
        "Fluke 1524",
        "B41207",
        275,
    ),
    tool("prs1", "pressure gauge", "Fluke DPM4-2H", "3380951", 88),
    tool("vac1", "vacuum gauge", "Fluke DPM4-1G", "3380662", 88),
    tool("wt1", "weights", "Troemner 20 kg set", "TR-1187", 640),
    tool("snd1", "sound level meter", "Extech 407730", "Q118402", 52),
    tool("sw1", "stop watch", "Traceable 5016", "211540", 190),
];
