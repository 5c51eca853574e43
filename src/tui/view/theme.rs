//! Roles instead of colours: what a piece of text means decides how it looks.
//!
//! Invariants: blue and orange carry good and bad, never green and red; every role is told apart without colour, by
//! weight or by the word itself; dim text is never the only place of a fact that matters; a selected row is one pair of
//! colours, or reversed where there are none.

use ratatui::style::{Color, Modifier, Style};

use super::Look;

/// The blue of things that are fine or in focus.
const BLUE: Color = Color::Indexed(75);
/// The orange of things that need a person.
const ORANGE: Color = Color::Indexed(208);

/// What stands on the colour of a selected row: black, as the cube of 256 colours has it.
const ON_SELECTED: Color = Color::Indexed(16);
/// The selected row of a pane that does not have the keys.
const BEHIND: (Color, Color) = (Color::Indexed(255), Color::Indexed(238));

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
            // One pair of colours for the whole row, whatever its columns had: reversed, each would stand on its own.
            Role::Selected if self.mono => plain.add_modifier(Modifier::REVERSED),
            Role::Selected => plain.fg(ON_SELECTED).bg(BLUE),
            Role::SelectedBehind if self.mono => plain.add_modifier(Modifier::BOLD),
            Role::SelectedBehind => plain.fg(BEHIND.0).bg(BEHIND.1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selected_row_has_one_pair_of_colours() {
        for mono in [false, true] {
            let look = Look {
                mono,
                ascii: false,
                plain: false,
            };
            for role in [Role::Selected, Role::SelectedBehind] {
                let row = look.style(role);
                let under = [Role::Text, Role::Dim, Role::Good, Role::Bad, Role::Match];
                let pairs: Vec<_> = under
                    .map(|role| look.style(role).patch(row))
                    .map(|style| (style.fg, style.bg))
                    .to_vec();
                assert!(pairs.windows(2).all(|two| two[0] == two[1]), "{pairs:?}");
                assert_ne!(row, look.style(Role::Text), "it is told apart");
                assert_eq!(row.fg.is_some(), !mono);
            }
        }
    }

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
