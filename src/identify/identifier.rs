//! A device identifier (UDI-DI) as people and lists write it: the number alone, or the whole label.
//!
//! Invariant: what is kept is the identifier alone, as its issuer writes it; a text that can be none is told apart from one
//! whose check digit is wrong.

use super::check::gs1_checks;
use super::udi::{ANY_DAY, parse_udi};
use super::{Issuer, Scan};

/// A device identifier that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceIdentifier {
    /// The identifier alone.
    pub di: String,
    /// False when its check digit says that it was written wrongly.
    pub checks: bool,
    /// Everything the text says, when it is a whole label and not the identifier alone.
    pub label: Option<Box<Scan>>,
}

/// Reads a device identifier; `None` when the text can be none of any issuer.
pub fn device_identifier(text: &str) -> Option<DeviceIdentifier> {
    let text = text.trim();
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return matches!(text.len(), 8 | 11..=14).then(|| DeviceIdentifier {
            di: text.to_owned(),
            checks: gs1_checks(text),
            label: None,
        });
    }
    let scan = parse_udi(text, ANY_DAY);
    if let Some(di) = &scan.di {
        let checks = scan.issuer != Issuer::Gs1 || gs1_checks(di);
        return Some(DeviceIdentifier {
            di: di.clone(),
            checks,
            label: (di != text).then(|| Box::new(scan.clone())),
        });
    }
    bare(text).then(|| DeviceIdentifier {
        di: text.to_owned(),
        checks: true,
        label: None,
    })
}

/// An identifier of HIBCC (labeller code, product, unit of measure) or ICCBBA without the signs that begin its label.
fn bare(text: &str) -> bool {
    (6..=23).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.ends_with(|c: char| c.is_ascii_digit())
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_told_from_labels_slips_and_words() {
        let read = |text: &str| device_identifier(text).map(|read| (read.di, read.checks));
        let whole = "00613994719669".to_owned();
        assert_eq!(read("00613994719669"), Some((whole.clone(), true)));
        assert_eq!(
            read(" 00613994719660 "),
            Some(("00613994719660".into(), false))
        );
        assert_eq!(read("(01)00613994719669"), Some((whole.clone(), true)));
        assert_eq!(read("(01)00613994719669(21)S20"), Some((whole, true)));
        assert_eq!(
            read("B066IPG1234560"),
            Some(("B066IPG1234560".into(), true))
        );
        for wrong in ["notudi", "garbage", "12345", "NOT A UDI", "", "P100"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        let label = device_identifier("(01)00613994719669(21)S20").and_then(|read| read.label);
        assert_eq!(label.and_then(|scan| scan.serial), Some("S20".to_owned()));
    }
}
