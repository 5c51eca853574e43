//! How a scanner's control characters arrive: the symbology prefix, the field separator in all its spellings, and the
//! line end that closes a scan.
//!
//! Invariant: only spellings that no GS1 value can hold by itself, or that name the separator in words, are replaced.

/// The GS1 field separator, ASCII group separator.
pub const GS: char = '\u{1d}';

/// Spellings of the separator that wedges, terminals and exports use, longest of a family first. ASCII letters match in
/// either case.
const SPELLINGS: &[&str] = &[
    "\u{241d}", "<GS>", "{GS}", "[GS]", "(GS)", "<FNC1>", "{FNC1}", "[FNC1]", "(FNC1)", "<0x1D>",
    "[0x1D]", "{0x1D}", "\\u{1d}", "\\u001d", "\\x{1d}", "\\x1d", "\\035", "\\29", "\\GS", "\\F",
    "&#x1d;", "&#29;", "~d029", "~029", "~FNC1", "%1d", "^]", "FNC1", "|", "~", "^", "\u{1e}",
];

/// The symbology prefix (`]d2`, `]C1`, …) and the rest, if the text begins with one.
pub fn symbology(text: &str) -> (Option<&str>, &str) {
    if !text.starts_with(']') {
        return (None, text);
    }
    match text.split_at_checked(3) {
        Some((prefix, rest)) if prefix.bytes().skip(1).all(|b| b.is_ascii_alphanumeric()) => {
            (prefix.get(1..), rest)
        }
        _ => (None, text),
    }
}

/// These symbologies carry GS1 element strings by definition: GS1-128, DataBar and composite, GS1 DataMatrix,
/// GS1 QR Code, GS1 DotCode. Caps Lock swaps the letter; `E0` alone means something else then.
pub fn carries_gs1(symbology: &str) -> bool {
    matches!(symbology, "C1" | "e0" | "e1" | "e2" | "d2" | "Q3" | "J1")
}

/// These symbologies carry a bare GTIN: EAN/UPC and ITF.
pub fn carries_gtin(symbology: &str) -> bool {
    matches!(symbology, "E0" | "E4" | "I0" | "I1")
}

/// The text without the blanks before it and the line ends and tabs after it. Separators stay, and so do blanks at the
/// end: HIBCC's check character can be one.
pub fn trim_ends(text: &str) -> &str {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() && c != GS);
    text.trim_end_matches(['\r', '\n', '\t', '\u{0}', '\u{3}', '\u{4}'])
}

/// The text with every spelling of the separator as [`GS`]; inner line ends and tabs, as between two barcodes, separate
/// too. Leading and trailing separators are dropped.
pub fn unify(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let spelled = SPELLINGS.iter().find(|s| {
            rest.get(..s.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(s))
        });
        if let Some(spelling) = spelled {
            out.push(GS);
            rest = rest.get(spelling.len()..).unwrap_or_default();
            continue;
        }
        out.push(if matches!(c, '\r' | '\n' | '\t') {
            GS
        } else {
            c
        });
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    out.trim_matches(GS).to_owned()
}

/// Every spelling that [`unify`] understands, for tests.
#[cfg(test)]
pub fn spellings() -> impl Iterator<Item = &'static str> {
    std::iter::once("\u{1d}").chain(SPELLINGS.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_split_off() {
        assert_eq!(symbology("]d2010"), (Some("d2"), "010"));
        assert_eq!(symbology("]é2010"), (None, "]é2010"));
        assert_eq!(symbology("]d"), (None, "]d"));
        assert_eq!(symbology("010"), (None, "010"));
        assert!(carries_gs1("C1") && !carries_gs1("C0"));
        assert!(carries_gtin("E0") && !carries_gtin("d2"));
    }

    #[test]
    fn every_spelling_is_one_separator() {
        for spelling in spellings() {
            let upper = spelling.to_ascii_uppercase();
            for s in [spelling, upper.as_str()] {
                assert_eq!(
                    unify(&format!("{s}10A{s}21B{s}")),
                    format!("10A{GS}21B"),
                    "{s}"
                );
            }
        }
    }

    #[test]
    fn ends_are_trimmed_but_separators_stay() {
        assert_eq!(trim_ends(" \t01\u{1d} \r\n"), "01\u{1d} ");
        assert_eq!(trim_ends("\u{1d}01"), "\u{1d}01");
    }
}
