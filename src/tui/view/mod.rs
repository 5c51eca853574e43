//! Drawing: the look (theme, glyphs, size) that every screen draws with, and the pieces they share.
//!
//! Invariants: nothing here knows the store or changes a screen; every text is cut to its columns, so that nothing
//! runs over a border; meaning is carried by a word and a mark, colour only repeats it; all marks have an ASCII stand-in
//! of the same width (the terminal room puts it in).

pub mod bars;
pub mod below;
pub mod list;
pub mod panel;
pub mod size;
pub mod text;
pub mod theme;

pub use size::SizeClass;
pub use theme::Role;

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
