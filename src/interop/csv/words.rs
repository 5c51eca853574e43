//! Words of other systems with a meaning here: status words, words for "nothing is known", yes and no, and the words of
//! fixed lists.
//!
//! Invariant: a word that could mean two things means nothing here; the person decides in the map file.

use serde::Serialize;

use crate::domain::choices::fold;
use crate::domain::device::{Field, FieldKind, Stage, Whereabouts, YES_NO_UNKNOWN};

/// Where a list says that a device has got to, beside its location.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hint {
    /// Searched for and not found.
    Missing,
    /// Lent to somebody.
    OnLoan,
    /// At a vendor.
    SentOut,
}

impl Hint {
    /// What a record holds then. To whom a device was lent or sent the list does not say.
    pub fn whereabouts(self, words: &str) -> Whereabouts {
        let unknown = || "unknown (taken over from a list)".to_owned();
        match self {
            Self::Missing => Whereabouts::Missing {
                searched: format!("not recorded; the list says \"{words}\""),
            },
            Self::OnLoan => Whereabouts::OnLoan {
                to: unknown(),
                back: None,
            },
            Self::SentOut => Whereabouts::SentOut {
                vendor: unknown(),
                rma: String::new(),
                carrier: String::new(),
                ephi_cleared: None,
                decontaminated: None,
                expected: None,
            },
        }
    }

    /// True when a record says the same, however much more it knows.
    pub const fn agrees(self, at: &Whereabouts) -> bool {
        matches!(
            (self, at),
            (Self::Missing, Whereabouts::Missing { .. })
                | (Self::OnLoan, Whereabouts::OnLoan { .. })
                | (Self::SentOut, Whereabouts::SentOut { .. })
        )
    }
}

/// What a status word says: the stage, where the device has got to, or both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatusRead {
    /// Where it is in its life, if the word says so.
    pub stage: Option<Stage>,
    /// Where it has got to, if the word says so.
    pub hint: Option<Hint>,
}

const STAGES: &[(Stage, &str)] = &[
    (
        Stage::InService,
        "active|in use|in service|inuse|operational|deployed|in operation|working|functional|current|yes|y|true|\
         service|installed|online|in production|good|ok|okay|available|ready|a|activo|aktiv|en service|in betrieb|actif",
    ),
    (
        Stage::OutOfService,
        "out of service|oos|broken|down|in repair|under repair|being repaired|awaiting parts|awaiting repair|waiting for parts|\
         storage|in storage|stored|spare|quarantine|quarantined|not in use|out of order|in stock|stock|hold|on hold|defective|\
         needs repair|maintenance|in maintenance|out for service|non operational|not in service|ausser betrieb|außer betrieb|hors service|undeployable|pending",
    ),
    (
        Stage::Retired,
        "retired|decommissioned|removed from service|removed from inventory|archived|surplus|condemned|turned in|end of life|eol|\
         withdrawn|deactivated|deinstalled|ret|r|obsolete|ausgemustert|retiré|beyond repair",
    ),
    (
        Stage::Disposed,
        "disposed|disposed of|sold|scrapped|scrap|donated|salvaged|salvage|traded in|trade in|destroyed|returned to vendor|\
         returned to manufacturer|returned to lessor|recycled|verschrottet|lease returned|rental returned",
    ),
    (
        Stage::Received,
        "received|awaiting incoming|incoming|incoming inspection|in receiving|new|awaiting inspection|pending incoming inspection|\
         awaiting acceptance|acceptance|pending install|awaiting installation|to be installed|uninstalled",
    ),
    (
        Stage::Ordered,
        "ordered|on order|purchased not received|in transit|po issued",
    ),
    (
        Stage::Evaluated,
        "evaluated|evaluation|under evaluation|trial|demo|on trial",
    ),
    (Stage::Requested, "requested|planned|proposed"),
];

const HINTS: &[(Hint, &str)] = &[
    (
        Hint::Missing,
        "missing|lost|stolen|lost or stolen|lost stolen|unable to locate|utl|cannot locate|could not locate|can not locate|not found|\
         unlocated|cnl|not located|missing in action|mia|unaccounted|vermisst",
    ),
    (
        Hint::OnLoan,
        "on loan|loaned|loaned out|checked out|lent|lent out|loan|verliehen",
    ),
    (
        Hint::SentOut,
        "sent out|at vendor|out for repair|sent to vendor|sent for repair|depot repair|rma|at manufacturer|vendor repair|\
         out to vendor|sent out for repair|sent to manufacturer|shipped to vendor|factory repair",
    ),
];

/// Reads a status word.
pub fn read_status(word: &str) -> Option<StatusRead> {
    let wanted = fold(word);
    let has = |words: &str| words.split('|').any(|w| fold(w) == wanted);
    if let Some(stage) = Stage::from_key(word) {
        return Some(StatusRead {
            stage: Some(stage),
            hint: None,
        });
    }
    if let Some((hint, _)) = HINTS.iter().find(|(_, words)| has(words)) {
        return Some(StatusRead {
            stage: None,
            hint: Some(*hint),
        });
    }
    let (stage, _) = STAGES.iter().find(|(_, words)| has(words))?;
    Some(StatusRead {
        stage: Some(*stage),
        hint: None,
    })
}

/// Words people write into a cell when they know nothing.
const NOTHING: &[&str] = &[
    "na",
    "nan",
    "tbd",
    "tba",
    "unknown",
    "unk",
    "ukn",
    "none",
    "null",
    "nil",
    "notavailable",
    "notapplicable",
    "tobedetermined",
    "notknown",
    "notspecified",
    "unspecified",
    "notrecorded",
    "nodata",
    "missing",
    "blank",
    "notlisted",
    "noserial",
    "noserialnumber",
    "nosn",
    "notag",
    "notassigned",
    "unassigned",
    "unbekannt",
    "keine",
    "ka",
    "inconnu",
    "desconocido",
    "undefined",
    "valueerror",
    "ref",
    "nonumber",
    "nomodel",
    "seenotes",
];

/// True for a cell that says that nothing is known: `N/A`, `TBD`, `-`, `unknown`, `#N/A`. For the network, `none` is a
/// fact, not a gap.
pub fn says_nothing(field: Option<Field>, text: &str) -> bool {
    let text = text.trim();
    if text.len() > 40 {
        return false;
    }
    let folded = fold(text);
    if folded.is_empty() {
        return true;
    }
    match folded.as_str() {
        "none" if field == Some(Field::Network) => false,
        // A reference or a note may really say these.
        "ref" | "valueerror" => text.starts_with('#'),
        "missing" | "seenotes" | "ka" | "blank" => {
            matches!(field, Some(Field::Serial | Field::AssetTag | Field::Model))
        }
        word => NOTHING.contains(&word),
    }
}

/// Yes or no, in the spellings of lists.
pub fn yes_no(text: &str) -> Option<bool> {
    match fold(text).as_str() {
        "yes" | "y" | "true" | "t" | "1" | "x" | "ja" | "oui" | "si" | "sí" | "checked" | "on" => {
            Some(true)
        }
        "no" | "n" | "false" | "f" | "0" | "nein" | "non" | "unchecked" | "off" => Some(false),
        _ => None,
    }
}

const CHOICE_WORDS: &[(Field, &str, &str)] = &[
    (
        Field::Team,
        "htm",
        "biomed|biomedical|biomedical engineering|clinical engineering|ce|cet|bmet|in house|inhouse|internal|clin eng|biomedical services|medizintechnik|clinical technology|hospital",
    ),
    (
        Field::Team,
        "it",
        "information technology|is|information systems|information services|ict|it department",
    ),
    (
        Field::Team,
        "vendor",
        "contract|oem|manufacturer|third party|3rd party|external|service contract|outside vendor|iso|full service contract|supplier",
    ),
    (
        Field::Ownership,
        "hospital",
        "owned|hospital owned|purchased|purchase|capital|own|facility owned|customer owned|bought|donated|donation|gift|eigentum|property|h|o",
    ),
    (
        Field::Ownership,
        "lease",
        "leased|leasing|capital lease|operating lease|l",
    ),
    (
        Field::Ownership,
        "rental",
        "rented|rent|short term rental|miete|r",
    ),
    (
        Field::Ownership,
        "loaner",
        "loaned|loan|vendor owned|manufacturer loaner|loaner unit|leihgerät|reagent rental",
    ),
    (
        Field::Ownership,
        "demo",
        "demo unit|evaluation|trial|demonstration|on trial",
    ),
    (Field::Ownership, "consignment", "consigned|on consignment"),
    (
        Field::Ownership,
        "patient-owned",
        "patient|patient owned|patients own|personal",
    ),
    (
        Field::Ownership,
        "research",
        "research grant|grant|study|study device",
    ),
    (
        Field::HighRisk,
        "yes",
        "high|high risk|critical|life support|life supporting|life sustaining|h|highly critical|very high|lifesupport",
    ),
    (
        Field::HighRisk,
        "no",
        "low|low risk|non critical|not critical|not high risk|non high risk|l|non high|minimal|very low",
    ),
    (
        Field::ProtectionClass,
        "class-i",
        "class one|earthed|grounded|cl i|cl 1|klasse i|sk i|schutzklasse i|ski|class 1|i|1|klasse 1",
    ),
    (
        Field::ProtectionClass,
        "class-ii",
        "class two|double insulated|cl ii|cl 2|klasse ii|sk ii|schutzklasse ii|class 2|ii|2|klasse 2",
    ),
    (
        Field::ProtectionClass,
        "internal",
        "internally powered|internal power|battery|battery powered|ip",
    ),
    (
        Field::Power,
        "detachable",
        "detachable cord|detachable power cord|removable cord|plug in cord|iec cord",
    ),
    (
        Field::Power,
        "fixed",
        "fixed cord|attached cord|non detachable|hard cord|non detachable cord",
    ),
    (
        Field::Power,
        "permanent",
        "hardwired|hard wired|permanently connected|permanently installed|fixed installation|permanent installation",
    ),
    (
        Field::Power,
        "internal",
        "battery|battery only|batteries|internal battery|internally powered|battery powered",
    ),
    (
        Field::Network,
        "none",
        "no|not networked|standalone|stand alone|n|false|not connected|off network",
    ),
    (
        Field::Network,
        "wired",
        "ethernet|lan|wired lan|rj45|cat5|cat6|hardwired|wired ethernet",
    ),
    (
        Field::Network,
        "wifi",
        "wireless|wlan|wi fi|802 11|wireless lan",
    ),
    (Field::Network, "bluetooth", "bt|ble|bluetooth le"),
    (
        Field::Network,
        "several",
        "both|multiple|wired and wireless|wired wireless|wired and wifi|wired wifi|ethernet and wifi|lan wlan",
    ),
];

/// Our key for a word of a fixed list.
pub fn choice_word(field: Field, text: &str) -> Option<&'static str> {
    let FieldKind::Choice(choices) = field.kind() else {
        return None;
    };
    let wanted = fold(text);
    let listed = CHOICE_WORDS
        .iter()
        .filter(|(of, _, _)| *of == field)
        .find(|(_, _, words)| words.split('|').any(|w| fold(w) == wanted))
        .map(|(_, key, _)| *key);
    listed.or_else(|| {
        (choices == YES_NO_UNKNOWN)
            .then(|| yes_no(text))
            .flatten()
            .map(|yes| if yes { "yes" } else { "no" })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_words_mean_one_thing() {
        let mut seen = std::collections::BTreeMap::new();
        let stages = STAGES.iter().map(|(s, w)| (s.key().to_owned(), *w));
        let hints = HINTS.iter().map(|(h, w)| (format!("{h:?}"), *w));
        for (meaning, words) in stages.chain(hints) {
            for word in words.split('|') {
                let other = seen.insert(fold(word), meaning.clone());
                assert!(other.is_none_or(|o| o == meaning), "{word}");
                assert!(read_status(word).is_some(), "{word}");
            }
        }
        for stage in Stage::ALL {
            assert_eq!(read_status(stage.key()).unwrap().stage, Some(*stage));
        }
        assert_eq!(
            read_status("Unable To Locate").unwrap().hint,
            Some(Hint::Missing)
        );
        for unclear in ["", "inactive", "no", "purple", "x"] {
            assert_eq!(read_status(unclear), None, "{unclear}");
        }
    }

    #[test]
    fn words_of_fixed_lists_lead_to_real_keys() {
        for (field, key, words) in CHOICE_WORDS {
            assert!(field.parse(key).is_ok(), "{field:?} {key}");
            for word in words.split('|') {
                assert_eq!(choice_word(*field, word), Some(*key), "{field:?} {word}");
            }
        }
        assert_eq!(choice_word(Field::StoresEphi, "X"), Some("yes"));
        assert_eq!(choice_word(Field::StoresEphi, "perhaps"), None);
        assert_eq!(choice_word(Field::Notes, "yes"), None);
    }

    #[test]
    fn gaps_are_told_from_facts() {
        for text in [
            "", " ", "-", "--", "N/A", "n.a.", "TBD", "unknown", "#N/A", "None", "?", "#REF!",
            "NULL",
        ] {
            assert!(says_nothing(Some(Field::Serial), text), "{text}");
        }
        for (field, text) in [
            (Field::Network, "none"),
            (Field::Location, "missing"),
            (Field::Serial, "0"),
            (Field::Serial, "NA-1"),
            (Field::CatalogueNumber, "REF"),
        ] {
            assert!(!says_nothing(Some(field), text), "{text}");
        }
    }
}
