//! Aligned columns for people, by display width; cut to the terminal's width only on a terminal.

use std::io::IsTerminal as _;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::identify::text::clean;

/// A table that is being filled.
#[derive(Clone, Debug)]
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these column heads.
    pub fn new(head: &[&str]) -> Self {
        Self {
            head: head.iter().map(|cell| (*cell).to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; its cells are stripped of control characters.
    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows
            .push(cells.into_iter().map(|cell| clean(cell.as_ref())).collect());
    }

    /// The table as text, for standard output as it is now.
    pub fn text(&self) -> String {
        self.at_width(terminal_width())
    }

    /// The table as text, its lines no longer than `limit` columns.
    fn at_width(&self, limit: Option<usize>) -> String {
        let mut widths: Vec<usize> = self.head.iter().map(|cell| cell.width()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let mut out = String::new();
        for row in std::iter::once(&self.head).chain(&self.rows) {
            let mut line = String::new();
            for (width, cell) in widths.iter().zip(row) {
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', width - cell.width() + 2));
            }
            let line = line.trim_end();
            match limit {
                Some(limit) => out.push_str(&cut(line, limit)),
                None => out.push_str(line),
            }
            out.push('\n');
        }
        out
    }
}

/// The text cut to this many columns, with `…` where something is missing.
fn cut(text: &str, limit: usize) -> String {
    if text.width() <= limit {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > limit {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// The terminal's width, if standard output is one.
pub fn terminal_width() -> Option<usize> {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(&stdout).ok()?;
    (size.ws_col >= 20).then_some(size.ws_col as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_by_width_and_are_cut_only_when_asked() {
        let mut table = Table::new(&["Tag", "Device"]);
        table.row(["BME-1", "モニタ X"]);
        table.row(["B", "Pump\u{1b}[31m"]);
        assert_eq!(
            table.at_width(None),
            "Tag    Device\nBME-1  モニタ X\nB      Pump[31m\n"
        );
        assert_eq!(
            table.at_width(Some(10)),
            "Tag    De…\nBME-1  モ…\nB      Pu…\n"
        );
    }
}
