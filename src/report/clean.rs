//! Makes any text safe to print: no control characters, no characters that turn or hide the letters around them.
//!
//! Invariants: a letter, digit or sign that can be seen is never lost; cleaned text is one line; cleaning twice changes
//! nothing more. The ASCII form holds nothing but printable ASCII and names what it cannot write (`[U+4E2D]`).

use std::fmt::Write as _;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// One line of text without control characters, text-direction overrides and characters that cannot be seen. A line end
/// becomes ` / `, so that typed text can never look like a line of its own on a record.
pub(super) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut lines = text
        .split([
            '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}',
        ])
        .map(clean_line)
        .filter(|line| !line.is_empty());
    if let Some(first) = lines.next() {
        out.push_str(&first);
    }
    for line in lines {
        out.push_str(" / ");
        out.push_str(&line);
    }
    out
}

fn clean_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        if c == '\t' {
            out.push(' ');
        } else if !c.is_control() && !hides(c) {
            out.push(c);
        }
    }
    let kept = out.trim();
    kept.to_owned()
}

/// Characters that have no shape of their own and change how others look: direction marks and overrides, zero-width
/// characters, invisible operators, tags and annotations.
const fn hides(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Cleaned text in printable ASCII: units and signs in letters, accents dropped, anything else by its code point.
pub(super) fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean(text).chars() {
        if c.is_ascii() {
            out.push(c);
        } else if let Some(word) = spelled(c) {
            out.push_str(word);
        } else {
            let plain: String = std::iter::once(c)
                .nfkd()
                .filter(|part| !is_combining_mark(*part))
                .collect();
            let printable = |part: char| part == ' ' || part.is_ascii_graphic();
            if !plain.is_empty() && plain.chars().all(printable) {
                out.push_str(&plain);
            } else if !is_combining_mark(c) {
                // Writing to a String cannot fail.
                let _ = write!(out, "[U+{:04X}]", u32::from(c));
            }
        }
    }
    out
}

const fn spelled(c: char) -> Option<&'static str> {
    Some(match c {
        'Ω' | '\u{2126}' => "ohm",
        'µ' | 'μ' => "u",
        '±' => "+/-",
        '°' => "deg",
        'Δ' | '\u{2206}' => "delta ",
        '×' => "x",
        '÷' => ":",
        '≤' => "<=",
        '≥' => ">=",
        '≠' => "!=",
        '→' => "->",
        '←' => "<-",
        '·' | '•' | '–' | '—' | '‐' | '‑' | '−' => "-",
        '‘' | '’' | '‚' => "'",
        '“' | '”' | '„' => "\"",
        '«' => "<<",
        '»' => ">>",
        'ß' => "ss",
        'æ' => "ae",
        'Æ' => "AE",
        'ø' => "o",
        'Ø' => "O",
        'œ' => "oe",
        'ł' => "l",
        'Ł' => "L",
        '€' => "EUR",
        '£' => "GBP",
        '§' => "section ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_hides_or_moves_text_is_taken_out() {
        for (from, to) in [
            ("plain", "plain"),
            ("0.12 Ω", "0.12 Ω"),
            ("a\u{1b}[2Jb", "a[2Jb"),
            ("PASS\u{202e}LIAF", "PASSLIAF"),
            ("ze\u{200b}ro", "zero"),
            ("two\nlines\r\n\r\nthree", "two / lines / three"),
            ("tab\there", "tab here"),
            ("\u{9b}31m", "31m"),
            ("\u{7f}", ""),
            ("  ", ""),
        ] {
            assert_eq!(clean(from), to, "{from:?}");
        }
    }

    #[test]
    fn ascii_spells_units_and_names_the_rest() {
        for (from, to) in [
            ("0.12 Ω ± 5 %", "0.12 ohm +/- 5 %"),
            ("36.5 °C", "36.5 degC"),
            ("µW/cm²/nm", "uW/cm2/nm"),
            ("Müller–Zürn", "Muller-Zurn"),
            ("½", "[U+00BD]"),
            ("中", "[U+4E2D]"),
            ("“ok”…", "\"ok\"..."),
        ] {
            assert_eq!(ascii(from), to, "{from:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_clean_line(text in any::<String>()) {
            let once = clean(&text);
            prop_assert!(!once.chars().any(|c| c.is_control() || hides(c)));
            prop_assert_eq!(clean(&once), once.clone());
            prop_assert!(ascii(&text).chars().all(|c| c == ' ' || c.is_ascii_graphic()));
            let seen = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            prop_assert_eq!(seen(&text), seen(&once));
        }
    }
}
