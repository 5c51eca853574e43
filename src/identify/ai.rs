//! The GS1 application identifiers (AIs): which prefixes exist, and how long and of what kind their data is.
//!
//! Facts from the GS1 General Specifications. Invariants: no AI is a prefix of another one, so a text names at most one;
//! a row whose least and greatest length agree ends by itself, every other one runs to a separator or to the end.

/// The form of one AI's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Least number of characters of the data.
    pub min: usize,
    /// Greatest number of characters of the data.
    pub max: usize,
    /// How many of the leading characters must be digits.
    pub digits: usize,
}

impl Form {
    /// The data has one length only, so it needs no separator to be told from what follows.
    pub fn fixed(self) -> bool {
        self.min == self.max
    }

    /// The data is digits only.
    pub fn numeric(self) -> bool {
        self.digits == self.max
    }
}

/// First AI, last AI, least length, greatest length, leading digits.
type Row = (&'static str, &'static str, usize, usize, usize);

/// Every AI except the measures, which [`MEASURES`] holds.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("00", "00", 18, 18, 18),
    ("01", "03", 14, 14, 14),
    ("10", "10", 1, 20, 0),
    ("11", "13", 6, 6, 6),
    ("15", "17", 6, 6, 6),
    ("20", "20", 2, 2, 2),
    ("21", "22", 1, 20, 0),
    ("235", "235", 1, 28, 0),
    ("240", "241", 1, 30, 0),
    ("242", "242", 1, 6, 6),
    ("243", "243", 1, 20, 0),
    ("250", "251", 1, 30, 0),
    ("253", "253", 13, 30, 13),
    ("254", "254", 1, 20, 0),
    ("255", "255", 13, 25, 25),
    ("30", "30", 1, 8, 8),
    ("37", "37", 1, 8, 8),
    ("3900", "3909", 1, 15, 15),
    ("3910", "3919", 4, 18, 18),
    ("3920", "3929", 1, 15, 15),
    ("3930", "3939", 4, 18, 18),
    ("3940", "3943", 4, 4, 4),
    ("3950", "3955", 6, 6, 6),
    ("400", "401", 1, 30, 0),
    ("402", "402", 17, 17, 17),
    ("403", "403", 1, 30, 0),
    ("410", "417", 13, 13, 13),
    ("420", "420", 1, 20, 0),
    ("421", "421", 4, 12, 3),
    ("422", "422", 3, 3, 3),
    ("423", "423", 3, 15, 15),
    ("424", "424", 3, 3, 3),
    ("425", "425", 3, 15, 15),
    ("426", "426", 3, 3, 3),
    ("427", "427", 1, 3, 0),
    ("4300", "4301", 1, 35, 0),
    ("4302", "4306", 1, 70, 0),
    ("4307", "4307", 2, 2, 0),
    ("4308", "4308", 1, 30, 0),
    ("4309", "4309", 20, 20, 20),
    ("4310", "4311", 1, 35, 0),
    ("4312", "4316", 1, 70, 0),
    ("4317", "4317", 2, 2, 0),
    ("4318", "4318", 1, 20, 0),
    ("4319", "4319", 1, 30, 0),
    ("4320", "4320", 1, 35, 0),
    ("4321", "4323", 1, 1, 1),
    ("4324", "4325", 10, 10, 10),
    ("4326", "4326", 6, 6, 6),
    ("4330", "4333", 6, 7, 6),
    ("7001", "7001", 13, 13, 13),
    ("7002", "7002", 1, 30, 0),
    ("7003", "7003", 10, 10, 10),
    ("7004", "7004", 1, 4, 4),
    ("7005", "7005", 1, 12, 0),
    ("7006", "7006", 6, 6, 6),
    ("7007", "7007", 6, 12, 12),
    ("7008", "7008", 1, 3, 0),
    ("7009", "7009", 1, 10, 0),
    ("7010", "7010", 1, 2, 0),
    ("7011", "7011", 6, 10, 10),
    ("7020", "7022", 1, 20, 0),
    ("7023", "7023", 1, 30, 0),
    ("7030", "7039", 4, 30, 3),
    ("7040", "7040", 4, 4, 1),
    ("7041", "7041", 1, 4, 0),
    ("710", "717", 1, 20, 0),
    ("7230", "7239", 3, 30, 0),
    ("7240", "7240", 1, 20, 0),
    ("7241", "7241", 2, 2, 2),
    ("7242", "7242", 1, 25, 0),
    ("7250", "7250", 8, 8, 8),
    ("7251", "7251", 12, 12, 12),
    ("7252", "7252", 1, 1, 1),
    ("7253", "7254", 1, 40, 0),
    ("7255", "7255", 1, 10, 0),
    ("7256", "7256", 1, 90, 0),
    ("7257", "7257", 1, 70, 0),
    ("7258", "7258", 3, 3, 0),
    ("7259", "7259", 1, 40, 0),
    ("8001", "8001", 14, 14, 14),
    ("8002", "8002", 1, 20, 0),
    ("8003", "8003", 14, 30, 14),
    ("8004", "8004", 1, 30, 0),
    ("8005", "8005", 6, 6, 6),
    ("8006", "8006", 18, 18, 18),
    ("8007", "8007", 1, 34, 0),
    ("8008", "8008", 8, 12, 12),
    ("8009", "8009", 1, 50, 0),
    ("8010", "8010", 1, 30, 0),
    ("8011", "8011", 1, 12, 12),
    ("8012", "8012", 1, 20, 0),
    ("8013", "8014", 1, 25, 0),
    ("8017", "8018", 18, 18, 18),
    ("8019", "8019", 1, 10, 10),
    ("8020", "8020", 1, 25, 0),
    ("8026", "8026", 18, 18, 18),
    ("8030", "8030", 1, 90, 0),
    ("8040", "8041", 15, 15, 15),
    ("8042", "8042", 32, 32, 32),
    ("8043", "8043", 18, 20, 20),
    ("8110", "8110", 1, 70, 0),
    ("8111", "8111", 4, 4, 4),
    ("8112", "8112", 1, 70, 0),
    ("8200", "8200", 1, 70, 0),
    ("90", "90", 1, 30, 0),
    ("91", "99", 1, 90, 0),
];

/// The first three digits of the trade measures and logistic measures: four-digit AIs whose last digit, 0 to 5, is the
/// number of decimals, with six digits of data.
const MEASURES: &[(u16, u16)] = &[
    (310, 316),
    (320, 329),
    (330, 337),
    (340, 349),
    (350, 357),
    (360, 369),
];

/// The AI a text begins with, and the form of its data.
pub fn at_start(text: &str) -> Option<(&str, Form)> {
    for length in 2..=4 {
        let ai = text.get(..length)?;
        if !ai.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        if let Some(form) = form_of(ai) {
            return Some((ai, form));
        }
    }
    None
}

/// The form of this AI's data, if this is one.
pub fn form_of(ai: &str) -> Option<Form> {
    if ai.len() == 4 {
        let (stem, decimals) = ai.split_at_checked(3)?;
        let stem: u16 = stem.parse().ok()?;
        let measure = MEASURES.iter().any(|(a, b)| (*a..=*b).contains(&stem));
        if measure {
            return matches!(decimals, "0" | "1" | "2" | "3" | "4" | "5").then_some(Form {
                min: 6,
                max: 6,
                digits: 6,
            });
        }
    }
    // Texts of one length sort as their numbers do.
    ROWS.iter()
        .find(|(first, last, ..)| first.len() == ai.len() && (*first..=*last).contains(&ai))
        .map(|&(_, _, min, max, digits)| Form { min, max, digits })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_ais_have_their_form() {
        for (ai, min, max, digits) in [
            ("01", 14, 14, 14),
            ("10", 1, 20, 0),
            ("17", 6, 6, 6),
            ("21", 1, 20, 0),
            ("235", 1, 28, 0),
            ("253", 13, 30, 13),
            ("30", 1, 8, 8),
            ("3103", 6, 6, 6),
            ("3695", 6, 6, 6),
            ("37", 1, 8, 8),
            ("414", 13, 13, 13),
            ("7003", 10, 10, 10),
            ("8004", 1, 30, 0),
            ("8008", 8, 12, 12),
            ("99", 1, 90, 0),
        ] {
            assert_eq!(form_of(ai), Some(Form { min, max, digits }), "{ai}");
        }
        for ai in [
            "04", "14", "18", "23", "3106", "3177", "38", "5", "", "80", "800", "abc", "é1",
        ] {
            assert_eq!(form_of(ai), None, "{ai}");
        }
    }

    #[test]
    fn no_ai_begins_another() {
        let all: Vec<String> = (0..10_000u16)
            .flat_map(|n| [format!("{n:02}"), format!("{n:03}"), format!("{n:04}")])
            .filter(|ai| ai.len() <= 4 && form_of(ai).is_some())
            .collect();
        assert!(all.len() > 500);
        for long in &all {
            for cut in 2..long.len() {
                assert_eq!(form_of(&long[..cut]), None, "{long}");
            }
        }
    }
}
