//! Small drawing helpers of the step screens: styles by meaning, marks, wrapping, boxes.
//!
//! Invariants: every meaning has a word and a glyph, colour comes last; nothing here depends on time or on the store.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Paragraph};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::domain::inspection::{PlanItem, StepState, Verdict};
use crate::tui::view::text::clean;
use crate::tui::view::{Look, Role};

/// What a piece of text means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tint {
    /// Ordinary text.
    Plain,
    /// What the eye should find first.
    Strong,
    /// Beside the point.
    Dim,
    /// Good.
    Good,
    /// Not good.
    Bad,
    /// To be known: unverified, undecided, out of calibration.
    Warn,
    /// What is chosen now.
    Chosen,
}

/// The style of a meaning.
pub fn style(look: &Look, tint: Tint) -> Style {
    look.style(match tint {
        Tint::Plain => Role::Text,
        Tint::Strong => Role::Strong,
        Tint::Dim => Role::Dim,
        Tint::Good => Role::Good,
        Tint::Bad => Role::Bad,
        Tint::Warn => Role::Warn,
        Tint::Chosen => Role::Selected,
    })
}

/// A piece of text with a meaning.
pub fn span(look: &Look, tint: Tint, text: impl Into<String>) -> Span<'static> {
    Span::styled(fit_glyphs(look, clean(&text.into())), style(look, tint))
}

/// A line of one meaning.
pub fn line(look: &Look, tint: Tint, text: impl Into<String>) -> Line<'static> {
    Line::from(span(look, tint, text))
}

/// Where only ASCII can be shown, the signs of units and limits are spelled out.
pub fn fit_glyphs(look: &Look, text: String) -> String {
    if !look.ascii || text.is_ascii() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() => out.push(c),
            'Ω' => out.push_str("ohm"),
            'µ' | 'μ' => out.push('u'),
            '°' => out.push_str("deg "),
            '±' => out.push_str("+/-"),
            '–' | '—' => out.push('-'),
            '·' => out.push('.'),
            '…' => out.push('~'),
            '≤' => out.push_str("<="),
            '≥' => out.push_str(">="),
            '₂' => out.push('2'),
            _ => out.push('?'),
        }
    }
    out
}

/// A mark with its word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    /// One column.
    pub glyph: &'static str,
    /// The same in ASCII.
    pub ascii: &'static str,
    /// The word beside it.
    pub word: &'static str,
    /// Its meaning for colour.
    pub tint: Tint,
}

impl Mark {
    const fn new(glyph: &'static str, ascii: &'static str, word: &'static str, tint: Tint) -> Self {
        Self {
            glyph,
            ascii,
            word,
            tint,
        }
    }

    /// The sign that this terminal can show.
    pub const fn sign(&self, look: &Look) -> &'static str {
        if look.ascii { self.ascii } else { self.glyph }
    }
}

/// The mark of a verdict.
pub const fn verdict_mark(verdict: Verdict) -> Mark {
    match verdict {
        Verdict::Pass => Mark::new("✓", "+", "pass", Tint::Good),
        Verdict::Fail => Mark::new("✗", "x", "FAIL", Tint::Bad),
        Verdict::Undecided => Mark::new("?", "?", "undecided", Tint::Warn),
        Verdict::Unverified => Mark::new("?", "?", "unverified limit", Tint::Warn),
        Verdict::Neutral => Mark::new("•", "*", "recorded", Tint::Plain),
        Verdict::NotApplicable => Mark::new("–", "-", "n/a", Tint::Plain),
    }
}

/// The mark of a step in a list.
pub fn step_mark(item: &PlanItem) -> Mark {
    match &item.state {
        StepState::Skipped => Mark::new("–", "-", "not asked", Tint::Dim),
        StepState::Waiting => Mark::new("…", "~", "waits", Tint::Dim),
        StepState::Open if item.deferred => Mark::new("↷", "d", "later", Tint::Warn),
        StepState::Open => Mark::new("·", ".", "open", Tint::Plain),
        StepState::Running { .. } => Mark::new("◷", "t", "running", Tint::Warn),
        StepState::Unsettled => Mark::new("✗", "x", "FAIL, unsettled", Tint::Bad),
        StepState::AsLeft => Mark::new("↻", "l", "as left missing", Tint::Bad),
        StepState::InRepair(_) => Mark::new("✗", "x", "FAIL, in repair", Tint::Bad),
        StepState::Suspect => Mark::new("!", "!", "suspect", Tint::Bad),
        StepState::Done => match (item.verdict(), item.points.iter().any(|p| p.fix.is_some())) {
            (Some(Verdict::Pass), true) => Mark::new("✓", "+", "put right", Tint::Good),
            (Some(verdict), _) => verdict_mark(verdict),
            (None, _) => Mark::new("·", ".", "open", Tint::Plain),
        },
    }
}

/// Breaks text into lines of at most `width` columns, at spaces where there are any.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut out = Vec::new();
    for paragraph in text.split('\n') {
        let paragraph = clean(paragraph);
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let gap = usize::from(!line.is_empty());
            if line.width() + gap + word.width() <= width {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
                continue;
            }
            if !line.is_empty() {
                out.push(std::mem::take(&mut line));
            }
            for c in word.chars() {
                if line.width() + c.width().unwrap_or(0) > width {
                    out.push(std::mem::take(&mut line));
                }
                line.push(c);
            }
        }
        out.push(line);
    }
    out
}

/// The text cut to `width` columns, with a mark where something is missing.
pub fn cut(look: &Look, text: &str, width: usize) -> String {
    let text = clean(text);
    if text.width() <= width {
        return text;
    }
    let dots = if look.ascii { "~" } else { "…" };
    let mut out = String::new();
    for c in text.chars() {
        if out.width() + c.width().unwrap_or(0) + 1 > width {
            break;
        }
        out.push(c);
    }
    if width > 0 {
        out.push_str(dots);
    }
    out
}

/// The text padded with spaces to `width` columns, cut when it is longer.
pub fn pad(look: &Look, text: &str, width: usize) -> String {
    let mut out = cut(look, text, width);
    let missing = width.saturating_sub(out.width());
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

/// The area without a column at either side, so that text does not touch the frame; a narrow one is used whole.
pub const fn inset(area: Rect) -> Rect {
    if area.width < 60 {
        return area;
    }
    Rect {
        x: area.x + 1,
        width: area.width - 2,
        ..area
    }
}

/// Draws lines from the top of an area; what does not fit is left out.
pub fn lines(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'static>>) {
    frame.render_widget(Paragraph::new(lines), area);
}

/// A box over what lies below, as high as its lines need, near the bottom of the area; draws its lines.
pub fn overlay(
    frame: &mut Frame<'_>,
    area: Rect,
    look: &Look,
    title: &str,
    lines: Vec<Line<'static>>,
) {
    let height = (lines.len() as u16 + 2).min(area.height);
    let width = area.width.min(84);
    let at = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + area.height - height,
        width,
        height,
    };
    frame.render_widget(Clear, at);
    let mut block = Block::bordered().title(span(look, Tint::Strong, format!(" {title} ")));
    if look.ascii {
        block = block.border_set(ASCII_BORDER);
    } else {
        block = block.border_type(BorderType::Plain);
    }
    let inner = block.inner(at);
    frame.render_widget(block, at);
    frame.render_widget(Paragraph::new(lines), inner);
}

/// The columns that text has inside of an [`overlay`].
pub const fn overlay_width(area: Rect) -> usize {
    let width = if area.width < 84 { area.width } else { 84 };
    width.saturating_sub(2) as usize
}

const ASCII_BORDER: ratatui::symbols::border::Set = ratatui::symbols::border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LOOK: Look = Look {
        mono: true,
        ascii: false,
        plain: false,
    };

    #[test]
    fn text_breaks_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(cut(&LOOK, "abcdef", 4), "abc…");
        assert_eq!(pad(&LOOK, "ab", 4), "ab  ");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_asked(text in "[a-z Ωµ\n]{0,80}", width in 1usize..30) {
            for line in wrap(&text, width) {
                prop_assert!(line.width() <= width);
            }
            prop_assert!(cut(&LOOK, &text, width).width() <= width);
        }
    }
}
