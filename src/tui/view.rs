//! Drawing: the look (theme, glyphs, size) that every screen draws with.

/// How things look: set once per terminal.
#[derive(Clone, Debug)]
pub struct Look {
    /// Words and glyphs only, no colour.
    pub mono: bool,
    /// ASCII frames and marks.
    pub ascii: bool,
    /// Plain lines for screen readers.
    pub plain: bool,
}
