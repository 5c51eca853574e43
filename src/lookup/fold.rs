//! How texts are made comparable: without marks and case for words, letters and digits only for identifiers.
//!
//! Invariants: a folded text never depends on its neighbours (each character folds alone), so a place in the folded
//! text can always be traced to the character it came from. Line ends, tabs and other control characters stay; only
//! the query splits at them.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The characters one character folds to: decomposed (NFKD) and without combining marks. What is ASCII then keeps its
/// case, since the scorer rewards a match at the hump of "PhysioControl"; all else is lower case.
fn folded(c: char) -> impl Iterator<Item = char> {
    std::iter::once(c)
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(|c| {
            let (ascii, lower) = if c.is_ascii() {
                (Some(c), None)
            } else {
                (None, Some(c.to_lowercase()))
            };
            ascii.into_iter().chain(lower.into_iter().flatten())
        })
        .filter(|c| !is_combining_mark(*c))
}

/// A text without marks; see [`lower`] for the form without case.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        text.to_owned()
    } else {
        text.chars().flat_map(folded).collect()
    }
}

/// A text without marks and case.
pub(super) fn lower(text: &str) -> String {
    let mut folded = fold(text);
    folded.make_ascii_lowercase();
    folded
}

/// For each character of the folded text, the place of the character it came from.
pub(super) fn fold_places(text: &str) -> Vec<usize> {
    text.chars()
        .enumerate()
        .flat_map(|(at, c)| folded(c).map(move |_| at))
        .collect()
}

/// Lower case, with every run of other characters than letters and digits as one space, and a space in front: so that
/// "a word begins with" is one search for space and word.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for word in lower(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        out.push(' ');
        out.push_str(word);
    }
    out
}

/// The characters one character gives to an identifier.
fn ident_chars(c: char, dots: bool) -> impl Iterator<Item = char> {
    folded(c)
        .filter(move |c| c.is_alphanumeric() || (dots && *c == '.'))
        .flat_map(char::to_uppercase)
        .filter(|c| !is_combining_mark(*c))
}

/// An identifier as compared: upper-case letters and digits; `dots` keeps dots (IP addresses).
pub(super) fn ident(text: &str, dots: bool) -> String {
    if text.is_ascii() {
        return text
            .bytes()
            .filter(|b| b.is_ascii_alphanumeric() || (dots && *b == b'.'))
            .map(|b| char::from(b.to_ascii_uppercase()))
            .collect();
    }
    text.chars().flat_map(|c| ident_chars(c, dots)).collect()
}

/// For each character of the compared identifier, the place of the character it came from.
pub(super) fn ident_places(text: &str, dots: bool) -> Vec<usize> {
    text.chars()
        .enumerate()
        .flat_map(|(at, c)| ident_chars(c, dots).map(move |_| at))
        .collect()
}

/// How many bytes of a compared identifier stand before its number: leading letters and zeros. Zero where that leaves
/// no number, or nothing was left out.
pub(super) fn number_start(ident: &str) -> usize {
    let rest = ident.trim_start_matches(|c: char| !c.is_ascii_digit());
    let rest = match rest.trim_start_matches('0') {
        // "ME-000" has the number 0.
        trimmed if !trimmed.starts_with(|c: char| c.is_ascii_digit()) && rest.starts_with('0') => {
            let zeros = rest.len() - trimmed.len();
            rest.get(zeros - 1..).unwrap_or(rest)
        }
        trimmed => trimmed,
    };
    if rest.is_empty() {
        0
    } else {
        ident.len() - rest.len()
    }
}

/// Characters that are mistaken for each other on labels, as one.
pub(super) const fn alike(c: char) -> char {
    match c {
        'O' => '0',
        'I' => '1',
        'S' => '5',
        'B' => '8',
        other => other,
    }
}

/// Which of 64 groups of characters a text holds; a text can only hold a word whose groups it has.
pub(super) fn char_mask(lower: &str) -> u64 {
    lower.chars().fold(0, |mask, c| {
        mask | match c {
            'a'..='z' => 1 << (c as u32 - 'a' as u32),
            '0'..='9' => 1 << (26 + c as u32 - '0' as u32),
            other => 1 << (36 + other as u32 % 28),
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_fold() {
        for (text, folded) in [
            ("Dräger", "drager"),
            ("DRÄGER Évita", "drager evita"),
            ("Ｍ1205Ａ", "m1205a"),
            ("ПРИБОР", "прибор"),
            ("İstanbul", "istanbul"),
            ("a\u{200d}b\0", "a\u{200d}b\0"),
        ] {
            assert_eq!(lower(text), folded);
        }
        assert_eq!(fold("PhysioControl ÄЖ"), "PhysioControl Aж");
        assert_eq!(plain("  Do-not  use!"), " do not use");
        assert_eq!(ident("00:1a-B.c", false), "001ABC");
        assert_eq!(ident("10.20.3.4", true), "10.20.3.4");
    }

    #[test]
    fn numbers_of_tags() {
        for (tag, number) in [
            ("BME001234", "1234"),
            ("001234", "1234"),
            ("1234", "1234"),
            ("ME000", "0"),
            ("ABC", "ABC"),
            ("", ""),
            ("A0B1", "0B1"),
        ] {
            assert_eq!(&tag[number_start(tag)..], number, "{tag}");
        }
    }

    proptest! {
        #[test]
        fn places_have_the_length_of_the_text(text in "\\PC{0,12}|[\\x00-\\x1fa\u{301}\u{200d}Äß]{0,8}") {
            prop_assert_eq!(fold_places(&text).len(), fold(&text).chars().count());
            prop_assert_eq!(ident_places(&text, true).len(), ident(&text, true).chars().count());
            prop_assert!(fold_places(&text).into_iter().all(|at| at < text.chars().count()));
            prop_assert_eq!(lower(&lower(&text)), lower(&text));
        }
    }
}
