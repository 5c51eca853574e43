//! Roles instead of colours: what a piece of text means decides how it looks.
//!
//! Invariants: blue and orange carry good and bad, never green and red; every role is told apart without colour, by
//! weight or by the word itself; dim text is never the only place of a fact that matters.

use ratatui::style::{Color, Modifier, Style};

use super::Look;

/// The blue of things that are fine or in focus.
const BLUE: Color = Color::Indexed(75);
/// The orange of things that need a person.
const ORANGE: Color = Color::Indexed(208);

/// What a piece of text means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Ordinary text.
    Text,
    /// Labels and side notes.
    Dim,
    /// Headings and the frame in focus.
    Title,
    /// Names, numbers, what a row is about.
    Strong,
    /// Fine, saved, passed.
    Good,
    /// Needs attention: overdue, unknown, unverified.
    Warn,
    /// Stop: do not use, refused, failed.
    Bad,
    /// The key of an action.
    Key,
    /// Characters that match what was typed.
    Match,
    /// The selected row of the pane in focus.
    Selected,
    /// The selected row of another pane.
    SelectedBehind,
}

impl Look {
    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        let plain = Style::new();
        let tint = |colour| {
            if self.mono { plain } else { plain.fg(colour) }
        };
        match role {
            Role::Text => plain,
            Role::Dim => tint(Color::DarkGray),
            Role::Title => tint(BLUE).add_modifier(Modifier::BOLD),
            Role::Strong | Role::Key => plain.add_modifier(Modifier::BOLD),
            Role::Good => tint(BLUE),
            Role::Warn => tint(ORANGE),
            Role::Bad => tint(ORANGE).add_modifier(Modifier::BOLD),
            Role::Match => plain.add_modifier(Modifier::UNDERLINED | Modifier::BOLD),
            Role::Selected => plain.add_modifier(Modifier::REVERSED),
            Role::SelectedBehind => plain.add_modifier(Modifier::BOLD),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_only_modifiers_remain() {
        let look = Look {
            mono: true,
            ascii: false,
            plain: false,
        };
        for role in [
            Role::Text,
            Role::Dim,
            Role::Title,
            Role::Strong,
            Role::Good,
            Role::Warn,
            Role::Bad,
            Role::Key,
            Role::Match,
            Role::Selected,
            Role::SelectedBehind,
        ] {
            let style = look.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
        assert_ne!(look.style(Role::Bad), look.style(Role::Text));
    }
}
