//! A page as plain text: wrapped at a width, with hanging indents, for a printer, a terminal or a mail.
//!
//! Invariants: no line is wider than the width; a word that is too long is broken, never cut off; what is struck says so
//! in words.

use unicode_width::UnicodeWidthStr as _;

use super::clean::{ascii, clean};
use super::doc::{Block, Doc, Mark};

/// The narrowest page.
pub(super) const NARROWEST: usize = 40;
/// Where the text of a fact begins.
const FACT: usize = 20;

/// The page as text.
pub(super) fn text(doc: &Doc, width: usize, ascii_only: bool) -> String {
    let mut writer = Writer {
        out: String::new(),
        width: width.clamp(NARROWEST, 400),
        ascii_only,
    };
    writer.across(doc);
    writer.wrap("", &doc.title.to_uppercase());
    writer.rule('=', writer.width);
    for block in &doc.blocks {
        match block {
            Block::Heading(heading) => {
                writer.out.push('\n');
                writer.wrap("", heading);
                writer.rule('-', writer.clean(heading).width().clamp(1, writer.width));
            }
            Block::Fact(label, text, _) => {
                let label = writer.clean(label);
                if label.width() + 2 > FACT {
                    writer.wrap("", &label);
                    writer.wrap(&" ".repeat(FACT), text);
                } else {
                    let space = " ".repeat(FACT - label.width());
                    writer.wrap(&format!("{label}{space}"), text);
                }
            }
            Block::Line {
                level,
                lead,
                text,
                mark,
            } => {
                let lead = writer.clean(lead);
                let gap = if lead.is_empty() { "" } else { "  " };
                let indent = "  ".repeat((*level).min(8));
                let struck = if *mark == Mark::Struck {
                    "[struck] "
                } else {
                    ""
                };
                writer.wrap(&format!("{indent}{lead}{gap}{struck}"), text);
            }
        }
    }
    if !doc.across.is_empty() {
        writer.out.push('\n');
        writer.across(doc);
    }
    writer.out
}

struct Writer {
    out: String,
    width: usize,
    ascii_only: bool,
}

impl Writer {
    fn clean(&self, text: &str) -> String {
        if self.ascii_only {
            ascii(text)
        } else {
            clean(text)
        }
    }

    fn rule(&mut self, sign: char, columns: usize) {
        self.out.extend(std::iter::repeat_n(sign, columns));
        self.out.push('\n');
    }

    fn across(&mut self, doc: &Doc) {
        for word in &doc.across {
            let word = format!(" {} ", self.clean(word));
            let stars = self.width.saturating_sub(word.width());
            let (left, right) = (stars / 2, stars - stars / 2);
            if stars < 4 {
                self.wrap("", word.trim());
            } else {
                self.out.extend(std::iter::repeat_n('*', left));
                self.out.push_str(&word);
                self.out.extend(std::iter::repeat_n('*', right));
                self.out.push('\n');
            }
        }
    }

    /// Writes a lead and a text behind it; further lines stand under the text.
    fn wrap(&mut self, lead: &str, text: &str) {
        let text = self.clean(text);
        // A lead that takes more than half of the page gets its own line.
        let hang = if lead.width() * 2 > self.width {
            let short = lead.trim_end().to_owned();
            for line in wrapped(&short, self.width) {
                self.push_line(&line);
            }
            4
        } else {
            lead.width()
        };
        let mut first = hang == lead.width();
        for line in wrapped(&text, self.width - hang) {
            if first {
                self.push_line(&format!("{lead}{line}"));
            } else {
                self.push_line(&format!("{}{line}", " ".repeat(hang)));
            }
            first = false;
        }
    }

    fn push_line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }
}

/// The text in lines of at most `width` columns; at least one line.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        for piece in pieces(word, width) {
            let space = usize::from(!line.is_empty());
            if line.width() + space + piece.width() > width {
                lines.push(std::mem::take(&mut line));
            } else if space == 1 {
                line.push(' ');
            }
            line.push_str(&piece);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// A word in pieces that each fit.
fn pieces(word: &str, width: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    for c in word.chars() {
        piece.push(c);
        // Measured whole: a sign may change the width of the one before it.
        if piece.width() > width && piece.chars().nth(1).is_some() {
            piece.pop();
            pieces.push(std::mem::replace(&mut piece, c.to_string()));
        }
    }
    pieces.push(piece);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_words_are_broken_and_lines_hang() {
        assert_eq!(wrapped("a bb ccc", 4), ["a bb", "ccc"]);
        assert_eq!(wrapped("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrapped("", 5), [""]);
        let mut doc = Doc::new("Page");
        doc.fact(
            "Device",
            "a description that is too long for one line of it",
        );
        let page = text(&doc, 40, true);
        assert_eq!(
            page,
            format!(
                "PAGE\n{}\nDevice              a description that\n{space}is too long for one\n{space}line of it\n",
                "=".repeat(40),
                space = " ".repeat(20)
            )
        );
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_the_page_and_nothing_is_lost(
            lead in any::<String>(), words in any::<String>(), level in 0usize..20, width in 0usize..200, plain in any::<bool>(),
        ) {
            let mut doc = Doc::new("t");
            doc.line(level, &lead, words.clone(), Mark::Plain);
            doc.fact(&lead, words.clone());
            let page = text(&doc, width, plain);
            for line in page.lines() {
                prop_assert!(line.width() <= width.clamp(NARROWEST, 400), "{line:?}");
            }
            let all = |text: &str| text.split_whitespace().collect::<String>();
            let words = if plain { ascii(&words) } else { clean(&words) };
            prop_assert!(all(&page).contains(&all(&words)));
        }
    }
}
