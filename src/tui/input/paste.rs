//! Pasted text, made harmless.

/// Longest text, in characters, that can be a label.
const LONGEST_LABEL: usize = 512;

/// The text without control characters and terminal sequences. Line ends of any kind become `\n`, a tab becomes a
/// space, and invisible characters that change the direction of text are left out.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                if chars.peek() == Some(&'\n') {
                    chars.next();
                }
                out.push('\n');
            }
            '\n' | '\u{2028}' | '\u{2029}' | '\u{85}' => out.push('\n'),
            '\t' => out.push(' '),
            '\u{1b}' => skip_sequence(&mut chars),
            '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// After an escape: a control sequence ends with a letter or mark (0x40 to 0x7E), an operating-system command with BEL
/// or ESC; of anything else only the escape itself goes.
fn skip_sequence(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            while let Some(c) = chars.peek() {
                // A sequence is pure ASCII; anything else means it was none.
                if !(' '..='~').contains(c) {
                    return;
                }
                let last = ('@'..='~').contains(c);
                chars.next();
                if last {
                    return;
                }
            }
        }
        Some(']') => {
            chars.next();
            while let Some(c) = chars.peek() {
                if *c == '\n' || *c == '\u{1b}' {
                    return;
                }
                if chars.next() == Some('\u{7}') {
                    return;
                }
            }
        }
        _ => {}
    }
}

/// The text as a label, if it is a single line that could be one. The separators of labels (group, record and end
/// marks) stay; white space around it goes.
pub(super) fn one_line_label(text: &str) -> Option<String> {
    let text = text.trim_matches(|c: char| matches!(c, ' ' | '\t' | '\r' | '\n'));
    let fits = !text.is_empty()
        && text.chars().take(LONGEST_LABEL + 1).count() <= LONGEST_LABEL
        && text
            .chars()
            .all(|c| !c.is_control() || matches!(c, '\u{1d}' | '\u{1e}' | '\u{4}'));
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_left_of_a_paste() {
        let cases = [
            ("plain", "plain"),
            ("a\r\nb\rc\nd", "a\nb\nc\nd"),
            ("tab\there", "tab here"),
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;title\u{7}after", "after"),
            ("\u{1b}]0;title\u{1b}\\after", "\\after"),
            ("nul\0bel\u{7}del\u{7f}c1\u{9b}", "nulbeldelc1"),
            ("\u{202e}evil", "evil"),
            ("Müller 漢", "Müller 漢"),
            ("cut \u{1b}[", "cut "),
            ("\u{1b}[\u{fc}", "\u{fc}"),
        ];
        for (from, to) in cases {
            assert_eq!(clean(from), to, "{from:?}");
        }
    }

    #[test]
    fn only_a_single_line_can_be_a_label() {
        assert_eq!(one_line_label(" ABC123\r\n").as_deref(), Some("ABC123"));
        assert_eq!(
            one_line_label("01123\u{1d}10AB").as_deref(),
            Some("01123\u{1d}10AB")
        );
        assert_eq!(one_line_label("two\nlines"), None);
        assert_eq!(one_line_label("  "), None);
        assert_eq!(one_line_label("\u{1b}[A"), None);
        assert_eq!(one_line_label(&"x".repeat(513)), None);
    }

    proptest! {
        #[test]
        fn nothing_but_line_ends_controls_anything(text in any::<String>()) {
            prop_assert!(clean(&text).chars().all(|c| c == '\n' || !c.is_control()));
        }

        #[test]
        fn cleaning_twice_changes_nothing_more(text in any::<String>()) {
            let once = clean(&text);
            prop_assert_eq!(clean(&once), once);
        }
    }
}
