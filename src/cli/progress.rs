//! A progress line on standard error, on a terminal only.

use std::io::{IsTerminal as _, Write as _};

/// A progress line that is drawn over itself.
#[derive(Debug)]
pub struct Bar {
    shown: bool,
    last: Option<u64>,
}

impl Bar {
    /// A bar; silent with JSON answers and where nobody sees it.
    pub fn new(json: bool) -> Self {
        Self {
            shown: !json && std::io::stderr().is_terminal(),
            last: None,
        }
    }

    /// Shows how far the work is. Drawn once per percent, or per thousand when the end is not known.
    pub fn at(&mut self, doing: &str, done: u64, total: Option<u64>) {
        if !self.shown {
            return;
        }
        let (mark, line) = line(doing, done, total);
        if self.last == Some(mark) {
            return;
        }
        self.last = Some(mark);
        let mut stderr = std::io::stderr().lock();
        let _ = write!(stderr, "\r{line:<60}");
        let _ = stderr.flush();
    }

    /// Clears the line.
    pub fn end(&mut self) {
        if self.shown && self.last.is_some() {
            let _ = write!(std::io::stderr(), "\r{:<60}\r", "");
        }
        self.last = None;
    }
}

/// When to draw anew, and what.
fn line(doing: &str, done: u64, total: Option<u64>) -> (u64, String) {
    match total.filter(|total| *total > 0) {
        Some(total) => {
            let percent = (done.min(total) * 100) / total;
            let filled = (percent / 5) as usize;
            let bar: String = "#".repeat(filled) + &"-".repeat(20 - filled);
            (percent, format!("{doing} [{bar}] {percent:>3} %"))
        }
        None => (done / 1000, format!("{doing} {done}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_and_never_overflows() {
        assert_eq!(line("x", 5, Some(10)).1, "x [##########----------]  50 %");
        assert_eq!(line("x", 50, Some(10)).1, "x [####################] 100 %");
        assert_eq!(line("x", 1_500, None), (1, "x 1500".to_owned()));
        assert_eq!(line("x", 7, Some(0)), (0, "x 7".to_owned()));
    }
}
