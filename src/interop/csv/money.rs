//! Amounts of money as lists write them: `$1,250.50`, `1.250,50 €`, `1'250.50`, `USD 1 250`.
//!
//! Rules. The rightmost of two different marks is the decimal mark. A lone mark before one, two, or more than three
//! digits is the decimal mark; a mark that comes twice groups thousands. A lone mark before exactly three digits is
//! told by the other amounts of its column; without any, a comma groups thousands and a point is asked about.

use rust_decimal::Decimal;

/// Which mark stands before the cents.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecimalMark {
    /// `1,250.50`.
    Point,
    /// `1.250,50`.
    Comma,
}

/// What a text says as an amount.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MoneyRead {
    /// This amount, however it is read.
    Amount(Decimal),
    /// This amount; it decides the decimal mark of its column.
    Decides(DecimalMark, Decimal),
    /// A lone mark before three digits: thousands or thousandths.
    Either {
        /// With the point as decimal mark.
        point: Decimal,
        /// With the comma as decimal mark.
        comma: Decimal,
        /// The mark is a comma.
        is_comma: bool,
    },
    /// Not an amount.
    No,
}

impl MoneyRead {
    /// The amount, with the decimal mark of its column.
    pub fn amount(self, mark: Option<DecimalMark>) -> Option<Decimal> {
        match (self, mark) {
            (Self::Amount(amount) | Self::Decides(_, amount), _) => Some(amount),
            (Self::Either { comma, .. }, Some(DecimalMark::Comma)) => Some(comma),
            (Self::Either { point, .. }, Some(DecimalMark::Point))
            | (
                Self::Either {
                    point,
                    is_comma: true,
                    ..
                },
                None,
            ) => Some(point),
            _ => None,
        }
    }
}

/// Reads an amount.
pub fn read_money(text: &str) -> MoneyRead {
    let text = text.trim();
    if text.len() > 60 {
        return MoneyRead::No;
    }
    let mut figures = String::new();
    for part in text.split(|c: char| c.is_whitespace()) {
        // A currency in letters may stand before or after the figures.
        let is_code =
            (1..=4).contains(&part.chars().count()) && part.chars().all(char::is_alphabetic);
        if !is_code {
            figures.push_str(part);
        }
    }
    let figures: String = figures
        .chars()
        .filter(|c| !matches!(c, '$' | '€' | '£' | '¥' | '₹' | '\'' | '’' | '\u{202f}'))
        .collect();
    let figures = figures
        .trim_start_matches("USD")
        .trim_start_matches("EUR")
        .trim_start_matches("GBP")
        .trim_end_matches(".-")
        .trim_end_matches(",-");
    let body = figures.strip_prefix('-').unwrap_or(figures);
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    if body.is_empty() || !body.chars().all(plain) || !body.chars().any(|c| c.is_ascii_digit()) {
        return MoneyRead::No;
    }
    read_figures(figures).unwrap_or(MoneyRead::No)
}

fn read_figures(text: &str) -> Option<MoneyRead> {
    let (points, commas) = (text.matches('.').count(), text.matches(',').count());
    let with = |decimal: char, group: char| -> Option<Decimal> {
        let clean: String = text.chars().filter(|c| *c != group).collect();
        let (whole, cents) = clean.split_once(decimal).unwrap_or((&clean, ""));
        if cents.contains(decimal) {
            return None;
        }
        let whole = if whole.is_empty() { "0" } else { whole };
        let joined = if cents.is_empty() {
            whole.to_owned()
        } else {
            format!("{whole}.{cents}")
        };
        joined.parse::<Decimal>().ok().map(|d| d.normalize())
    };
    let (point, comma) = (with('.', ','), with(',', '.'));
    let grouped = |mark: char| text.split(mark).skip(1).all(|part| part.len() == 3);
    match (points, commas) {
        (0, 0) => Some(MoneyRead::Amount(point?)),
        (1.., 1..) if text.rfind('.') > text.rfind(',') => {
            (points == 1).then_some(MoneyRead::Decides(DecimalMark::Point, point?))
        }
        (1.., 1..) => (commas == 1).then_some(MoneyRead::Decides(DecimalMark::Comma, comma?)),
        (0, 2..) => grouped(',').then_some(MoneyRead::Decides(DecimalMark::Point, point?)),
        (2.., 0) => grouped('.').then_some(MoneyRead::Decides(DecimalMark::Comma, comma?)),
        (one_point, _) => {
            let mark = if one_point == 1 { '.' } else { ',' };
            let (whole, last) = text.split_once(mark)?;
            let could_group = last.len() == 3 && (1..=3).contains(&whole.len()) && whole != "0";
            Some(match (could_group, mark) {
                (true, _) => MoneyRead::Either {
                    point: point?,
                    comma: comma?,
                    is_comma: mark == ',',
                },
                (false, '.') => MoneyRead::Decides(DecimalMark::Point, point?),
                (false, _) => MoneyRead::Decides(DecimalMark::Comma, comma?),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_read_in_both_styles() {
        use DecimalMark::{Comma, Point};
        for (text, mark, want) in [
            ("1250", None, "1250"),
            ("$1,250.50", None, "1250.5"),
            ("$ 1,250.50 USD", None, "1250.5"),
            ("USD 1,250.50", None, "1250.5"),
            ("1.250,50 €", None, "1250.5"),
            ("1'250.50", None, "1250.5"),
            ("1 250,50", None, "1250.5"),
            ("1\u{a0}250,50 EUR", None, "1250.5"),
            ("1,250,000", None, "1250000"),
            ("1.250.000", None, "1250000"),
            ("1250.0000", None, "1250"),
            ("12,5", None, "12.5"),
            ("1,250", None, "1250"),
            ("1,250", Some(Comma), "1.25"),
            ("1.250", Some(Comma), "1250"),
            ("1.250", Some(Point), "1.25"),
            ("450.-", None, "450"),
            ("-12.50", None, "-12.5"),
        ] {
            let got = read_money(text).amount(mark).map(|d| d.to_string());
            assert_eq!(got.as_deref(), Some(want), "{text} with {mark:?}");
        }
        for text in ["", "free", "1.2.3", "1,2,3", "(100)", "12a", "--5", "1.250"] {
            assert_eq!(read_money(text).amount(None), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn both_styles_agree(cents in 0i64..100_000_000_000) {
            let amount = Decimal::new(cents, 2);
            let text = format!("{amount:.2}");
            prop_assert_eq!(read_money(&text).amount(None), Some(amount));
            prop_assert_eq!(read_money(&text.replace('.', ",")).amount(None), Some(amount));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,30}|[0-9., $€'-]{0,40}") {
            let _ = read_money(&text);
        }
    }
}
