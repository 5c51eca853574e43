//! Forms of text for comparing and for showing.
//!
//! Invariants: the same text always gives the same form; folding twice changes nothing; what is shown holds no character
//! that can move the cursor, hide text or turn its direction.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// An identifier as it is compared: letters and digits only, upper case, compatibility forms taken apart. Stars around
/// a Code 39 caption, dashes, blanks and dots make no difference.
pub fn fold_identifier(text: &str) -> String {
    let upper: String = text.nfkd().flat_map(char::to_uppercase).collect();
    // Upper case can bring a composed character back; take it apart again.
    upper
        .nfkd()
        .filter(|c| c.is_alphanumeric() && !is_combining_mark(*c))
        .collect()
}

/// Words as they are compared: lower case, without accents, runs of blanks as one.
pub fn fold_text(text: &str) -> String {
    let lower: String = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect();
    let plain: String = lower.nfkd().filter(|c| !is_combining_mark(*c)).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text safe to show: control characters (C0 and C1, so also escape sequences), direction marks and overrides, and
/// characters without width or meaning are dropped; tabs and line ends become blanks.
pub fn clean(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => Some(' '),
            c if c.is_control() || is_hidden(c) => None,
            c => Some(c),
        })
        .collect()
}

/// Marks that change direction, have no width, or are tags: none can be seen.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn identifiers_fold() {
        for (text, folded) in [
            ("*ab-12/3*", "AB123"),
            (" sn 0042 ", "SN0042"),
            ("\u{ff21}\u{ff22}\u{ff11}", "AB1"),
            ("straße", "STRASSE"),
            ("Müller", "MULLER"),
            ("--", ""),
        ] {
            assert_eq!(fold_identifier(text), folded, "{text}");
        }
    }

    #[test]
    fn words_fold() {
        for (text, folded) in [
            ("  Dräger  Évita ", "drager evita"),
            ("\u{fb01}lter", "filter"),
            ("İ", "i"),
            ("", ""),
        ] {
            assert_eq!(fold_text(text), folded, "{text}");
        }
    }

    #[test]
    fn shown_text_cannot_steer_the_terminal() {
        assert_eq!(
            clean("a\u{1b}[31mb\u{9b}2Jc\u{202e}d\u{200b}e\tf\ng"),
            "a[31mb2Jcde f g"
        );
        assert_eq!(clean("Dräger 日本"), "Dräger 日本");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let id = fold_identifier(&text);
            prop_assert_eq!(fold_identifier(&id), id.clone());
            let words = fold_text(&text);
            prop_assert_eq!(fold_text(&words), words.clone());
            let shown = clean(&text);
            prop_assert!(!shown.chars().any(char::is_control));
            prop_assert_eq!(clean(&shown), shown.clone());
        }
    }
}
