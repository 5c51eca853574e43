//! What the columns of a device list are called in the wild, and what each one is here.
//!
//! Invariant: headers are compared by letters and digits only, without case; a header that no rule knows stays unknown
//! and is reported, never guessed.

use std::collections::HashMap;

use crate::domain::choices::fold;
use crate::domain::device::Field;

/// What a column is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Target {
    /// A field of the record.
    Field(Field),
    /// Where the device is in its life, or where it has got to.
    Status,
    /// Says that the device was retired: yes, or the day it happened.
    Retired,
    /// Kept out on purpose.
    Ignore,
}

impl Target {
    /// The key in a map file.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Field(field) => field.key(),
            Self::Status => "status",
            Self::Retired => "retired",
            Self::Ignore => "ignore",
        }
    }

    /// What a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Field(field) => field.label(),
            Self::Status => "Status",
            Self::Retired => "Retired",
            Self::Ignore => "not used",
        }
    }

    /// The target with this key.
    pub fn from_key(key: &str) -> Option<Self> {
        match fold(key).as_str() {
            "status" | "stage" => Some(Self::Status),
            "retired" => Some(Self::Retired),
            "ignore" | "skip" => Some(Self::Ignore),
            _ => Field::from_key(key).map(Self::Field),
        }
    }

    /// Every key a map file may name.
    pub fn keys() -> String {
        let fields = Field::ALL.iter().map(|f| f.key());
        let all: Vec<_> = fields.chain(["status", "retired", "ignore"]).collect();
        all.join(", ")
    }
}

/// The headers known for each target, as written by inventory systems; the better name first.
const SYNONYMS: &[(Target, &str)] = &[
    (
        Target::Field(Field::AssetTag),
        "asset tag|tag|asset #|asset no|asset num|asset number|asset id|assetid|tag number|tag no|tag #|tag id|equipment id|\
         equip id|equipment number|equipment no|equip no|equip number|equipment #|equip #|eq no|eq number|eq #|eq id|eqid|\
         eqno|control no|control number|control #|control|ctrl no|ctrl number|ce number|ce no|ce #|ce tag|cen|ecn|\
         equipment control number|equipment control no|biomed number|biomed no|biomed #|biomed id|biomed tag|bme number|\
         bmet number|inventory no|inventory number|inventory #|inventory id|inv no|inv number|inv #|inventory tag|\
         property number|property tag|property no|property id|barcode|bar code|label|device tag|device id|device no|\
         device number|unit number|unit no|unit id|unit #|item tag|clinical engineering number|hospital number|\
         hospital id|ce control number|ce id|ce asset number|entry number|mel number|nomenclature number|inventarnummer|\
         inventarnr|inventar nr|geräte nr|gerätenummer|numéro d'inventaire|número de inventario",
    ),
    (
        Target::Field(Field::Serial),
        "serial|serial number|serial no|serial #|serial num|s/n|sn|ser no|ser #|ser num|serialno|serial id|\
         serial nbr|mfr serial|mfr serial number|mfg serial number|mfg serial|manufacturer serial number|\
         manufacturer serial no|manufacturers serial number|oem serial|seriennummer|serien nr|numéro de série|número de serie|factory number",
    ),
    (
        Target::Field(Field::Manufacturer),
        "manufacturer|manufacturer name|mfr|mfr name|mfg|mfg name|mfgr|manuf|manufact|maker|make|manufactured by|oem|\
         oem name|manufacturer description|manufacturer desc|mfr desc|company name|company|hersteller|fabricant|fabricante",
    ),
    (
        Target::Field(Field::Brand),
        "brand|brand name|trade name|tradename|product name|product line|proprietary name|marke|marque|marca",
    ),
    (
        Target::Field(Field::Model),
        "model|model name|model description|model desc|equipment model|modelname|device model|model id|modell|modèle|modelo|mdl|model designation",
    ),
    (
        Target::Field(Field::ModelNumber),
        "model number|model no|model #|model num|mdl no|mod no|model nbr|modelnum|version or model number|version model number|\
         model version|modell nr|modellnummer",
    ),
    (
        Target::Field(Field::CatalogueNumber),
        "catalogue number|catalog number|catalog no|catalogue no|catalog #|cat no|cat #|cat number|catalog|part number|part no|\
         part #|pn|p/n|ref|ref no|ref number|ref #|order number manufacturer|item code|product number|sku|mfr part number|\
         mfg part number|manufacturer part number|bestellnummer|artikelnummer",
    ),
    (
        Target::Field(Field::UdiDi),
        "udi di|udi|di|gtin|device identifier|primary di|primary di number|udi device identifier|unique device identifier|unique device identification|gtin number|basic udi",
    ),
    (
        Target::Field(Field::TypeCode),
        "fda product code|product code|fda code|fda procode|procode|pro code|productcode",
    ),
    (
        Target::Field(Field::TypeName),
        "device type|type name|equipment type|equip type|asset type|equipment description|equip description|equip desc|\
         asset description|asset desc|device description|device desc|description|desc|device category|equipment category|\
         category|nomenclature|device name|equipment name|equip name|asset name|generic name|common name|\
         standard name|type description|type desc|class description|classification|equipment class|device class name|\
         equipment classification|modality|item description|item name|name|sub category|subcategory|category name|\
         gerätetyp|geräteart|bezeichnung|désignation|descripción",
    ),
    (
        Target::Field(Field::Gmdn),
        "gmdn|gmdn code|gmdn term|gmdn name|gmdn pt name|gmdn preferred term|gmdn number",
    ),
    (
        Target::Field(Field::Umdns),
        "umdns|umdns code|umdns number|umdns term|umdns no|ecri code|ecri umdns|ecri number|ecri device code",
    ),
    (
        Target::Field(Field::Department),
        "department|dept|dept name|department name|using department|owning department|owner department|owning dept|\
         cost center|cost centre|cost center name|cost center description|costcenter|user department|using dept|cost ctr|\
         service area|ward|clinic|department description|dept desc|assigned department|customer department|responsible department|\
         accounting department|department id|dept code|department code|dept id|abteilung|station|kostenstelle|departamento|customer",
    ),
    (
        Target::Field(Field::Location),
        "location|loc|location name|current location|room|room number|room no|room #|physical location|area|location description|\
         location desc|loc desc|sub location|sublocation|location code|assigned location|default location|site location|space|\
         position|standort|raum|emplacement|ubicación|last known location|home location",
    ),
    (
        Target::Field(Field::Team),
        "service team|team|responsible team|assignment group|support group|service group|shop|responsible shop|supported by|\
         maintained by|service responsibility|service by|responsibility|maintenance responsibility|service type|owner team|primary shop|work group|workgroup",
    ),
    (
        Target::Field(Field::Ownership),
        "ownership|owned by|ownership type|ownership status|acquisition type|acquisition method|acquired by|acq method|owned or leased|own lease|owned leased|possession|ownership code",
    ),
    (
        Target::Field(Field::Owner),
        "owner|owner name|lessor|leasing company|rental company|legal owner|owning company|rented from|leased from|loaned by",
    ),
    (
        Target::Field(Field::ReturnBy),
        "return by|return by date|return date|due back|expected return|lease end|lease end date|lease expiration|rental end|\
         lease expiration date|expected checkin|expected checkin date|loan end|loan end date|lease expires|rental end date",
    ),
    (
        Target::Field(Field::HighRisk),
        "high risk|high risk device|high risk equipment|criticality|life support|is high risk|critical|critical device|\
         high risk yn|tjc high risk|highrisk flag|high risk flag|risk level|risk class|risk category|life support equipment|non high risk",
    ),
    (
        Target::Field(Field::HighRiskReason),
        "high risk reason|criticality reason|risk reason|reason for high risk|risk justification",
    ),
    (
        Target::Field(Field::EmFunction),
        "em function|function score|equipment function|em function score|function rating|fs function|function points",
    ),
    (
        Target::Field(Field::EmRisk),
        "em risk|risk score|physical risk|em risk score|risk rating|clinical application risk|fs risk|risk points",
    ),
    (
        Target::Field(Field::EmMaintenance),
        "em maintenance|maintenance score|maintenance requirement|maintenance requirements|em maintenance score|maintenance rating|fs maintenance",
    ),
    (
        Target::Field(Field::ProtectionClass),
        "protection class|electrical class|iec class|class of protection|safety class|electrical safety class|insulation class|schutzklasse",
    ),
    (
        Target::Field(Field::Power),
        "power connection|power|power source|power type|power supply|mains connection|cord type|power cord|line cord",
    ),
    (
        Target::Field(Field::AppliedParts),
        "applied parts|applied part|applied part type|applied part types|patient connections|patient applied parts|anwendungsteile",
    ),
    (
        Target::Field(Field::PurchaseDate),
        "purchased|purchase date|date purchased|purch date|purch dt|acquisition date|acquired|acq date|date acquired|acquired date|\
         date of purchase|bought|buy date|acquisition dt|capitalization date|kaufdatum|anschaffungsdatum|date d'achat|fecha de compra|acceptance date|date of acquisition",
    ),
    (
        Target::Field(Field::PurchasePrice),
        "price|purchase price|purchase cost|acquisition cost|acq cost|cost|original cost|acquisition value|purch cost|\
         acquisition price|unit cost|unit price|purchase amount|initial cost|orig cost|purchase value|capital cost|asset cost|preis|kaufpreis|anschaffungswert|prix|precio|total cost",
    ),
    (
        Target::Field(Field::WarrantyEnd),
        "warranty end|warranty end date|warranty expiration|warranty expiration date|warranty exp|warranty expires|warranty date|\
         warranty exp date|warr exp|warr end|warranty|warranty until|end of warranty|warranty expiry|warranty expiry date|warr exp date|\
         warranty exp dt|warr expiration|garantie bis|garantieende|fin de garantie|fin de garantía",
    ),
    (
        Target::Field(Field::Software),
        "software|software version|sw version|firmware|firmware version|fw version|sw rev|software revision|sw|fw|software rev|\
         software versions|application version|operating system|os|os version|softwareversion|version logiciel|sw fw|software firmware|firmware rev",
    ),
    (
        Target::Field(Field::Network),
        "network|network type|network connection|connectivity|network connected|networked|connection type|network exposure|network interface|on network|network connectivity",
    ),
    (
        Target::Field(Field::Ip),
        "ip address|ip|ip addr|ipv4|ip v4|ipv4 address|ipaddress|static ip|tcp ip address|network address|ip adresse",
    ),
    (
        Target::Field(Field::Mac),
        "mac address|mac|mac addr|ethernet address|macaddress|hardware address|physical address|wired mac|mac adresse",
    ),
    (
        Target::Field(Field::StoresEphi),
        "stores ephi|ephi|phi|stores phi|contains phi|contains ephi|has ephi|has phi|ephi yn|phi stored|ephi stored|\
         stores patient data|patient data|hipaa|retains phi|ephi flag|patient information|holds phi|phi present",
    ),
    (
        Target::Field(Field::Parent),
        "part of|parent|parent asset|parent tag|parent device|parent equipment|system id|parent id|parent asset tag|parent equipment id|parent number|\
         parent control number|parent asset number|parent system|component of|system tag|belongs to|parent equip id",
    ),
    (
        Target::Field(Field::Notes),
        "notes|note|comments|comment|remarks|remark|memo|additional information|additional info|bemerkung|bemerkungen|remarques|observaciones|asset notes|long description",
    ),
    (
        Target::Field(Field::Lot),
        "lot|lot number|lot no|batch|lot #|batch number|batch no|lot batch|lot code",
    ),
    (
        Target::Field(Field::Manufactured),
        "manufactured|manufacture date|date of manufacture|mfg date|mfr date|manufacturing date|manufactured date|dom|\
         date manufactured|production date|build date|year of manufacture date|baujahr datum|herstelldatum",
    ),
    (
        Target::Field(Field::PurchaseOrder),
        "purchase order|po|po number|po no|po #|p.o. number|purchase order number|purchase order no|purchase order #|order number|po num|order no|\
         bestellung|purchase order num|acquisition po",
    ),
    (
        Target::Field(Field::Accessories),
        "accessories|accessory|accessory list|included accessories|zubehör|accessoires|accesorios|attachments list",
    ),
    (
        Target::Field(Field::Fixed),
        "fixed in place|fixed|is fixed|stationary|non mobile|permanently installed|installed fixed|fixed equipment|fixed asset in place",
    ),
    (
        Target::Field(Field::Hostname),
        "host name|hostname|computer name|network name|dns name|fqdn|netbios name|device hostname|pc name|node name|ae title host",
    ),
    (
        Target::Field(Field::ServiceProvider),
        "service provider|service vendor|service company|contract vendor|maintenance provider|vendor service|maintenance vendor|service contractor|\
         serviced by|contract provider|service org|service organization|iso vendor|third party provider|contractor",
    ),
    (
        Target::Field(Field::Aem),
        "aem|aem program|alternative equipment maintenance|in aem|aem yn|aem flag|alternate equipment maintenance|aem included|aem eligible|on aem",
    ),
    (
        Target::Status,
        "status|asset status|equipment status|equip status|device status|stage|lifecycle stage|life cycle stage|state|\
         life cycle stage status|life cycle status|lifecycle status|use status|inventory status|install status|current status|status description|operational status|\
         active|in service|status code|status name|condition status|zustand|statut|estado|equipment state|equip state|asset state",
    ),
    (
        Target::Retired,
        "retired|retired date|retirement date|retire date|date retired|disposal date|disposed date|date disposed|decommissioned|decommission date|\
         is retired|retired yn|retired on|removed from service|removed date|date removed|inactive date|salvage date|date decommissioned|turn in date|turned in date",
    ),
    (Target::Ignore, "why"),
];

/// Words before a header that say only that it is about the device.
const PREFIXES: &[&str] = &[
    "equipment",
    "equip",
    "asset",
    "device",
    "item",
    "eq",
    "ce",
    "u",
];

/// The known headers, folded, with how good each name is (0 is best).
#[derive(Debug)]
pub struct Headers {
    known: HashMap<String, (Target, usize)>,
}

impl Headers {
    /// The built-in table.
    pub fn new() -> Self {
        let mut known = HashMap::with_capacity(1024);
        for field in Field::ALL {
            known.insert(fold(field.key()), (Target::Field(*field), 0));
        }
        for (target, names) in SYNONYMS {
            for (rank, name) in names.split('|').enumerate() {
                known
                    .entry(fold_number(name))
                    .or_insert((*target, rank + 1));
            }
        }
        Self { known }
    }

    /// What a header names, and how good a name it is.
    pub fn find(&self, header: &str) -> Option<(Target, usize)> {
        let whole = fold_number(header);
        if whole.is_empty() || header.len() > 120 {
            return None;
        }
        if let Some(found) = self.known.get(&whole) {
            return Some(*found);
        }
        // "Purchase cost ($)", "u_asset.serial_number".
        let open = header.find(['(', '[']).unwrap_or(header.len());
        let bare = fold_number(header.get(..open).unwrap_or(header));
        if let Some(found) = self.known.get(&bare) {
            return Some(*found);
        }
        let last = fold_number(header.rsplit('.').next().unwrap_or(header));
        for text in [&bare, &last] {
            let direct = self.known.get(text);
            let shorter = PREFIXES
                .iter()
                .filter_map(|prefix| text.strip_prefix(prefix))
                .find_map(|rest| self.known.get(rest).filter(|_| rest.len() > 3));
            if let Some((target, rank)) = direct.or(shorter) {
                return Some((*target, rank + 100));
            }
        }
        None
    }
}

/// Folded, with `#` read as "no".
fn fold_number(header: &str) -> String {
    fold(&header.replace('#', "#no")).replace("numberno", "number")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(header: &str) -> Option<Target> {
        Headers::new().find(header).map(|found| found.0)
    }

    #[test]
    fn no_name_stands_for_two_things() {
        let mut seen: HashMap<String, Target> = HashMap::new();
        for (target, names) in SYNONYMS {
            for name in names.split('|') {
                let folded = fold_number(name);
                assert!(!folded.is_empty());
                if let Some(other) = seen.insert(folded, *target) {
                    assert_eq!(other, *target, "\"{name}\" is listed twice");
                }
            }
        }
    }

    #[test]
    fn every_field_is_found_by_key_and_label() {
        for wanted in Field::ALL {
            assert_eq!(field(wanted.key()), Some(Target::Field(*wanted)));
            assert_eq!(field(wanted.label()), Some(Target::Field(*wanted)));
            assert_eq!(Target::from_key(wanted.key()), Some(Target::Field(*wanted)));
        }
    }

    #[test]
    fn headers_of_real_exports_are_known() {
        for (header, want) in [
            ("Asset #", Field::AssetTag),
            ("EQUIP_ID", Field::AssetTag),
            ("Control No.", Field::AssetTag),
            ("Control #", Field::AssetTag),
            ("CE Number", Field::AssetTag),
            ("Inventory-No", Field::AssetTag),
            ("eq. number", Field::AssetTag),
            ("\u{feff}Tag", Field::AssetTag),
            ("Equipment Control Number*", Field::AssetTag),
            ("S/N", Field::Serial),
            ("Serial #", Field::Serial),
            ("u_asset.serial_number", Field::Serial),
            ("Asset Serial", Field::Serial),
            ("MFR", Field::Manufacturer),
            ("Model No.", Field::ModelNumber),
            ("Equipment Model", Field::Model),
            ("Purch. Dt", Field::PurchaseDate),
            ("Purchase Cost ($)", Field::PurchasePrice),
            ("Warranty Exp. Date", Field::WarrantyEnd),
            ("Dept.", Field::Department),
            ("Equipment Location", Field::Location),
            ("PO #", Field::PurchaseOrder),
        ] {
            assert_eq!(field(header), Some(Target::Field(want)), "{header}");
        }
        assert_eq!(field("Asset Status"), Some(Target::Status));
        assert_eq!(field("Date Retired"), Some(Target::Retired));
        for unknown in ["", "Vendor", "Next PM", "colour", "x", "12"] {
            assert_eq!(field(unknown), None, "{unknown}");
        }
    }
}
