//! Text in columns: measuring, cutting with an ellipsis, filling up, wrapping, and lines made of pieces.
//!
//! Invariants: widths are columns on screen, not characters; nothing returned is wider than asked for; no character comes
//! through that moves the cursor, cannot be seen, or turns the direction of what follows.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Text from data as it may be shown: control characters become spaces; marks that turn the direction of writing or have
/// no width of their own are left out, so that no text can steer the terminal or put the screen in another order.
pub fn clean(text: &str) -> String {
    text.chars().filter_map(shown).collect()
}

/// A character as it is shown; `None` for one that only changes how others are shown.
pub fn shown(c: char) -> Option<char> {
    match c {
        c if c.is_control() => Some(' '),
        '\u{2028}' | '\u{2029}' => Some(' '),
        // A soft hyphen, direction marks, overrides and isolates, joiners, tags.
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => None,
        c => Some(c),
    }
}

/// At most `columns` wide; what is cut ends in an ellipsis.
pub fn cut(text: &str, columns: usize) -> String {
    let text = clean(text);
    if width(&text) <= columns {
        return text;
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide + 1 > columns {
            break;
        }
        used += wide;
        out.push(c);
    }
    if columns > 0 {
        out.push('…');
    }
    out
}

/// Exactly `columns` wide, cut or filled up on the right.
pub fn pad(text: &str, columns: usize) -> String {
    let mut out = cut(text, columns);
    let used = width(&out);
    out.extend(std::iter::repeat_n(' ', columns.saturating_sub(used)));
    out
}

/// Exactly `columns` wide, cut or filled up on the left.
pub fn pad_left(text: &str, columns: usize) -> String {
    let out = cut(text, columns);
    let fill = columns.saturating_sub(width(&out));
    let mut all = " ".repeat(fill);
    all.push_str(&out);
    all
}

/// Broken into lines at spaces; a word longer than a line is broken where it must be. At least one line.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut out = Vec::new();
    for paragraph in text.split('\n') {
        wrap_one(&clean(paragraph), columns.max(1), &mut out);
    }
    out
}

fn wrap_one(text: &str, columns: usize, out: &mut Vec<String>) {
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let wide = width(word);
        if used > 0 && used + 1 + wide > columns {
            out.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        for c in word.chars() {
            let one = c.width().unwrap_or(0);
            if used + one > columns && used > 0 {
                out.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += one;
        }
    }
    out.push(line);
}

/// A line under construction that never grows wider than its room.
pub struct LineMaker {
    spans: Vec<Span<'static>>,
    left: usize,
}

impl LineMaker {
    /// An empty line of this many columns.
    pub fn new(columns: u16) -> Self {
        Self {
            spans: Vec::new(),
            left: columns as usize,
        }
    }

    /// Columns still free.
    pub fn left(&self) -> usize {
        self.left
    }

    /// Adds a text in a style, cut to what is left.
    pub fn add(&mut self, text: &str, style: Style) -> &mut Self {
        let text = cut(text, self.left);
        self.left -= width(&text);
        if !text.is_empty() {
            self.spans.push(Span::styled(text, style));
        }
        self
    }

    /// Adds a text filled up to a column width.
    pub fn column(&mut self, text: &str, columns: usize, style: Style) -> &mut Self {
        let text = pad(text, columns.min(self.left));
        self.add(&text, style)
    }

    /// Adds a text in a column, with some of its characters (by position) in another style.
    pub fn marked(
        &mut self,
        text: &str,
        columns: usize,
        style: Style,
        ranges: &[(usize, usize)],
        mark: Style,
    ) -> &mut Self {
        // The ranges count the characters of the text as it is in the record, hidden ones too.
        let hit = |at: usize| ranges.iter().any(|(from, to)| (*from..*to).contains(&at));
        let hits: Vec<bool> = text
            .chars()
            .enumerate()
            .filter(|(_, c)| shown(*c).is_some())
            .map(|(at, _)| hit(at))
            .collect();
        let text = pad(text, columns.min(self.left));
        let mut piece = String::new();
        let mut marked = false;
        for (at, c) in text.chars().enumerate() {
            let here = hits.get(at).copied().unwrap_or_default();
            if here != marked && !piece.is_empty() {
                let part = std::mem::take(&mut piece);
                self.add(&part, if marked { style.patch(mark) } else { style });
            }
            marked = here;
            piece.push(c);
        }
        self.add(&piece, if marked { style.patch(mark) } else { style })
    }

    /// Fills up to the right edge and ends with a text there, as far as it fits.
    pub fn right(&mut self, text: &str, style: Style) -> &mut Self {
        let text = pad_left(text, self.left);
        self.add(&text, style)
    }

    /// The line, filled with spaces to its full width.
    pub fn filled(mut self, style: Style) -> Line<'static> {
        if self.left > 0 {
            self.spans.push(Span::styled(" ".repeat(self.left), style));
        }
        Line::from(self.spans)
    }

    /// The line as it is.
    pub fn line(self) -> Line<'static> {
        Line::from(self.spans)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_cut_and_wrapped_in_columns() {
        assert_eq!(cut("infusion pump", 8), "infusio…");
        assert_eq!(cut("心電図", 4), "心…");
        assert_eq!(pad("ab", 4), "ab  ");
        assert_eq!(pad_left("ab", 4), "  ab");
        assert_eq!(cut("a\u{1b}[2J", 9), "a [2J");
        assert_eq!(
            wrap("one two three", 7),
            ["one two".to_owned(), "three".to_owned()]
        );
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn nothing_in_a_text_turns_the_direction_of_the_screen() {
        // An override before the serial would show "12-NS" as "SN-21" reversed; a tag could hide behind an isolate.
        for (text, shown) in [
            ("SN-\u{202e}12\u{202c}", "SN-12"),
            ("\u{2066}A\u{2069}B\u{200f}", "AB"),
            ("pump\u{200b}\u{feff}", "pump"),
            ("a\u{2028}b", "a b"),
            ("sof\u{ad}t", "soft"),
        ] {
            assert_eq!(clean(text), shown, "{text:?}");
            assert_eq!(cut(text, 40), shown, "{text:?}");
            assert_eq!(wrap(text, 40).join("\n"), shown, "{text:?}");
        }
        // It agrees with what lists for programs leave out.
        for c in ('\0'..='\u{20ff}').chain('\u{fe00}'..='\u{ffff}') {
            let kept = clean(&c.to_string());
            let listed = crate::identify::text::clean(&c.to_string());
            assert!(kept.trim() == listed.trim(), "{c:?}");
        }
    }

    #[test]
    fn marks_stay_on_their_characters_behind_hidden_ones() {
        let mark = Style::new().add_modifier(ratatui::style::Modifier::UNDERLINED);
        // The record holds five characters; the second is an override. The search hit the last two.
        for (text, ranges, hit) in [
            ("a\u{202e}bcd", [(3, 5)], "cd"),
            ("abcd", [(1, 3)], "bc"),
            ("心\u{200f}電図", [(2, 3)], "電"),
        ] {
            let mut line = LineMaker::new(12);
            line.marked(text, 12, Style::new(), &ranges, mark);
            let marked: String = line
                .line()
                .spans
                .iter()
                .filter(|span| span.style == mark)
                .map(|span| span.content.as_ref())
                .collect();
            assert_eq!(marked, hit, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_asked(text in "\\PC{0,60}", columns in 0usize..40) {
            prop_assert!(width(&cut(&text, columns)) <= columns);
            prop_assert_eq!(width(&pad(&text, columns)), columns);
            prop_assert_eq!(width(&pad_left(&text, columns)), columns);
            for line in wrap(&text, columns.max(2)) {
                prop_assert!(width(&line) <= columns.max(2));
            }
        }
    }
}
