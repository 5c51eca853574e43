//! The way in: which of the three forms a text has, if any.
//!
//! Invariant: [`parse_udi`] answers every text; [`looks_like_udi`] says yes only where a check digit, a check character or
//! an unmistakable form speaks for it, so that words and numbers typed by hand stay what they are.

use chrono::NaiveDate;

use super::ai;
use super::check::gs1_checks;
use super::dates;
use super::scan::{Issuer, Scan, ScanError, Warning};
use super::separators::{self, GS};
use super::{gs1, hibcc, iccbba, layout, link};

/// In bytes. No label is longer (the longest base UDI is 76 characters); longer text is something pasted by mistake.
const LONGEST: usize = 2048;

/// The fixed day by which [`looks_like_udi`] reads years: whether a text is a UDI must not change with the date.
pub(super) const ANY_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2026, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// What a typed or scanned text could name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A UDI, or another GS1 key such as an asset number.
    Udi(Box<Scan>),
    /// Anything else: an asset tag, a serial number or words, without the scanner's control characters and stars.
    Identifier(String),
}

/// What this text could name. `today` is the shop's date; it decides the century of two-digit years.
pub fn classify(text: &str, today: NaiveDate) -> Token {
    if looks_like_udi(text) {
        return Token::Udi(Box::new(parse_udi(text, today)));
    }
    let (_, rest) = separators::symbology(separators::trim_ends(text));
    let plain = super::text::clean(rest);
    let plain = plain.trim();
    let unstarred = plain
        .strip_prefix('*')
        .and_then(|t| t.strip_suffix('*'))
        .unwrap_or(plain);
    Token::Identifier(unstarred.to_owned())
}

/// Reads a scan or typed text as a UDI. Never fails: what could not be read is in the scan's warnings and error.
/// `today` is the shop's date; it decides the century of two-digit years and what lies in the future.
pub fn parse_udi(text: &str, today: NaiveDate) -> Scan {
    if text.len() > LONGEST {
        return Scan::not_a_udi();
    }
    let plain = read(text, today);
    if !may_be_mistyped(&plain) {
        return plain;
    }
    let readings = layout::readings(separators::trim_ends(text));
    let mut repaired = readings
        .iter()
        .map(|reading| (reading, read(reading, today)))
        .filter(|(reading, scan)| proven(reading, scan))
        .map(|(_, scan)| scan);
    if let Some(first) = repaired.next() {
        let mut scan = first.clone();
        for other in repaired {
            scan.keep_what_agrees(&other);
        }
        scan.warn(if scan == first {
            Warning::KeyboardLayoutRepaired
        } else {
            Warning::KeyboardLayoutSuspected
        });
        return scan;
    } else if !text.is_ascii()
        && readings.iter().any(|reading| {
            let scan = read(reading, today);
            let only_checks = [Warning::CheckDigit, Warning::CheckCharacter];
            scan.di.is_some() && scan.warnings.iter().all(|w| only_checks.contains(w))
        })
    {
        let mut scan = plain;
        scan.warn(Warning::KeyboardLayoutSuspected);
        return scan;
    }
    plain
}

/// A text that is no label as it stands, or one with a character or check that no clean label has.
fn may_be_mistyped(scan: &Scan) -> bool {
    let doubtful = [
        Warning::CheckCharacter,
        Warning::InvalidCharacter,
        Warning::UnknownField,
    ];
    scan.error == Some(ScanError::NotAUdi) || doubtful.iter().any(|w| scan.warnings.contains(w))
}

/// A reading that is clean and that a check digit or check character speaks for. A bare number is not enough.
fn proven(reading: &str, scan: &Scan) -> bool {
    let clean = scan.error.is_none()
        && !scan.warnings.iter().any(|warning| {
            matches!(
                warning,
                Warning::CheckDigit
                    | Warning::CheckCharacter
                    | Warning::InvalidCharacter
                    | Warning::UnknownField
                    | Warning::InvalidLength
                    | Warning::InvalidDate
                    | Warning::RepeatedField
            )
        });
    let bare = bare_gtin_length(reading) && reading.bytes().all(|b| b.is_ascii_digit());
    clean
        && scan.di.as_deref().is_some_and(|di| match scan.issuer {
            Issuer::Gs1 => !bare && gs1_checks(di),
            Issuer::Hibcc => {
                let (_, rest) = separators::symbology(reading);
                hibcc::checks(rest)
            }
            Issuer::Iccbba | Issuer::Unknown => false,
        })
}

/// Reads a text as it stands.
fn read(text: &str, today: NaiveDate) -> Scan {
    let text = without_label(separators::trim_ends(text));
    let (symbology, rest) = separators::symbology(text);
    if rest.is_empty() {
        if symbology.is_some_and(separators::carries_gs1) {
            let mut scan = Scan::of(Issuer::Gs1);
            scan.fail(ScanError::Truncated);
            return scan;
        }
        return Scan::not_a_udi();
    }
    let unstarred = rest.strip_prefix('*').unwrap_or(rest);
    let solid = rest.trim_end();
    let found = if unstarred.starts_with('+') {
        hibcc::parse(rest, today)
    } else if rest.starts_with(['=', '&']) && !rest.to_ascii_lowercase().starts_with("&#") {
        iccbba::parse(solid, today)
    } else {
        link::parse(solid, today)
    };
    found.unwrap_or_else(|| gs1_text(symbology, solid, today))
}

/// The text is a UDI or a GS1 key beyond reasonable doubt. Strict: words, measured values, asset tags and telephone
/// numbers are not; nor is a bare number unless it has a GTIN's length and check digit.
pub fn looks_like_udi(text: &str) -> bool {
    let trimmed = without_label(separators::trim_ends(text));
    let (symbology, rest) = separators::symbology(trimmed);
    let scan = parse_udi(text, ANY_DAY);
    let announced = symbology.is_some_and(separators::carries_gs1);
    match scan.error {
        Some(ScanError::NotAUdi) => return false,
        // Cut off, but the scanner itself says that it is GS1: to be scanned again, not typed text.
        Some(ScanError::Truncated) => return announced && !rest.is_empty(),
        // A lost separator or a lone second barcode is a scan still: the technician must be told.
        Some(
            ScanError::SeparatorLost
            | ScanError::SecondaryWithoutPrimary
            | ScanError::CompressedLink,
        )
        | None => {}
    }
    if scan.error == Some(ScanError::CompressedLink)
        || scan.warnings.contains(&Warning::KeyboardLayoutRepaired)
        || (scan.di.is_some() && scan.warnings.contains(&Warning::KeyboardLayoutSuspected))
    {
        return true;
    }
    match scan.issuer {
        Issuer::Unknown => false,
        Issuer::Hibcc => hibcc::checks(rest),
        Issuer::Iccbba => scan.di.is_some() || scan.additional.contains_key("donation_id"),
        Issuer::Gs1 => {
            let digits_only = rest.bytes().all(|b| b.is_ascii_digit());
            let doubtful = scan.warnings.contains(&Warning::UnknownField)
                || scan.warnings.contains(&Warning::InvalidCharacter);
            if announced {
                true
            } else if bare_gtin_length(rest) && digits_only {
                // A GTIN-8 has the length of many an asset tag, and one number in ten checks by chance.
                rest.len() > 8 && gs1_checks(rest)
            } else if let Some(di) = &scan.di {
                let bracketed = rest.starts_with(['(', '[']);
                !doubtful && (bracketed || gs1_checks(di) || !scan.is_only_di())
            } else {
                // Without a device identifier only a printed, separated or unmistakable form counts.
                let bracketed = rest.starts_with(['(', '[']);
                let separated = rest.contains(GS);
                !doubtful && (bracketed || separated || long_asset_number(&scan))
            }
        }
    }
}

impl Scan {
    fn is_only_di(&self) -> bool {
        self.di.is_some()
            && Scan {
                di: None,
                ..self.clone()
            }
            .is_empty()
    }
}

/// An asset number that begins with a company prefix and goes on past it.
fn long_asset_number(scan: &Scan) -> bool {
    scan.asset_number().is_some_and(|giai| {
        giai.bytes().take_while(u8::is_ascii_digit).count() >= 7 && giai.len() >= 9
    })
}

fn bare_gtin_length(text: &str) -> bool {
    matches!(text.len(), 8 | 12 | 13 | 14)
}

/// The text without a printed "UDI:" or "UDI-DI:" before it.
fn without_label(text: &str) -> &str {
    for label in ["UDI-DI", "UDI"] {
        if let Some((head, rest)) = text.split_at_checked(label.len())
            && head.eq_ignore_ascii_case(label)
            && rest.starts_with([':', ' ', '(', '\t'])
        {
            return rest.trim_start_matches([':', ' ', '\t']);
        }
    }
    text
}

/// A text that is neither HIBCC nor ICCBBA nor a link.
fn gs1_text(symbology: Option<&str>, text: &str, today: NaiveDate) -> Scan {
    for (open, close) in [('(', ')'), ('[', ']')] {
        if gs1::bracketed_ai(text, open, close).is_some_and(|(ai, _)| ai::form_of(ai).is_some()) {
            return gs1::parse_bracketed(text, open, close, today);
        }
    }
    let unified = separators::unify(text);
    // A leading separator is the function character that announces GS1 data.
    let announced = symbology.is_some_and(separators::carries_gs1) || unified.contains(GS);
    let digits_only = unified.bytes().all(|b| b.is_ascii_digit());
    if digits_only && symbology.is_some_and(separators::carries_gtin) && unified.len() <= 14 {
        return gs1::parse_gtin(&unified, today);
    }
    if announced {
        if ai::at_start(&unified).is_none() {
            return Scan::not_a_udi();
        }
        return gs1::parse_elements(&unified, today);
    }
    if digits_only && bare_gtin_length(&unified) {
        if gs1_checks(&unified) {
            return gs1::parse_gtin(&unified, today);
        }
        // With a wrong check digit, "01" and 11 or 12 digits are rather a GTIN field that was cut off.
        let cut_off = unified.len() > 12 && unified.starts_with("01");
        if !cut_off && !starts_with_date_field(&unified, today) {
            // A bare number of eight digits with a wrong check digit is more likely no GTIN at all.
            return if unified.len() == 8 {
                Scan::not_a_udi()
            } else {
                gs1::parse_gtin(&unified, today)
            };
        }
    }
    if starts_as_elements(&unified, today) {
        gs1::parse_elements(&unified, today)
    } else {
        Scan::not_a_udi()
    }
}

fn starts_with_date_field(text: &str, today: NaiveDate) -> bool {
    ["11", "13", "15", "17"].iter().any(|ai| {
        text.strip_prefix(ai)
            .and_then(|rest| rest.get(..6))
            .is_some_and(|date| dates::yymmdd(date, today).is_some())
    })
}

/// A raw text without separators is taken for element strings only where its start cannot well be something else:
/// a whole or cut-off GTIN field, a checked shipping code, an asset number, or a real date.
fn starts_as_elements(text: &str, today: NaiveDate) -> bool {
    for ai in ["01", "02"] {
        if let Some(rest) = text.strip_prefix(ai) {
            let number: String = rest.chars().take(14).collect();
            return number.bytes().all(|b| b.is_ascii_digit());
        }
    }
    if let Some(rest) = text.strip_prefix("00") {
        return rest.get(..18).is_some_and(gs1_checks);
    }
    if let Some(rest) = text.strip_prefix("8004") {
        return rest.bytes().take_while(u8::is_ascii_digit).count() >= 4;
    }
    if let Some(rest) = text.strip_prefix("8003") {
        return rest.get(1..14).is_some_and(gs1_checks);
    }
    starts_with_date_field(text, today)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 6, 15).unwrap()
    }

    #[test]
    fn other_text_is_not_a_udi() {
        for text in [
            "",
            " ",
            "\u{1d}",
            "]d2",
            "SN: 12345",
            "12.5",
            "0.12",
            "hello",
            "+",
            "*",
            "+12025550123",
            "=",
            "&",
            "(",
            "()",
            "(01",
            "(1)x",
            "01ABC",
            "BME-00042",
            "10.0.0.1",
            "https://",
            "\u{202e}",
            "é",
            "]é1",
            "A|B",
            "<GS>",
        ] {
            assert!(!looks_like_udi(text), "{text:?}");
        }
        for text in [
            "",
            "SN: 12345",
            "12.5",
            "hello",
            "BME-00042",
            "01ABC",
            "(1)x",
        ] {
            assert_eq!(
                parse_udi(text, today()).error,
                Some(ScanError::NotAUdi),
                "{text:?}"
            );
            assert_eq!(parse_udi(text, today()).issuer, Issuer::Unknown, "{text:?}");
        }
        let endless = "01".repeat(5_000);
        assert_eq!(parse_udi(&endless, today()).error, Some(ScanError::NotAUdi));
    }

    #[test]
    fn scans_are_told_from_typing() {
        for text in [
            "0104012345678901",
            "(01)04012345678902(21)9",
            "4012345678901",
            "010401234567890210A\u{1d}21B",
            "]d2800499887766554AB",
            "]d2010401",
            "800499887766554AB",
            "010401234567890110LOT123456789211234567890",
            "https://x.org/01/04012345678901",
            "=/B1234ABC200T0123",
        ] {
            assert!(looks_like_udi(text), "{text:?}");
            assert!(matches!(classify(text, today()), Token::Udi(_)), "{text:?}");
        }
        for (text, plain) in [
            ("*BME-00042*\r", "BME-00042"),
            (" 12345678\n", "12345678"),
            ("]A0BME 7", "BME 7"),
            ("10012345", "10012345"),
            ("8004123456", "8004123456"),
            ("4012345678902", "4012345678902"),
            ("x\u{1b}[2Jy", "x[2Jy"),
        ] {
            assert_eq!(
                classify(text, today()),
                Token::Identifier(plain.to_owned()),
                "{text:?}"
            );
        }
    }
}
