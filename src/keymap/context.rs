//! Where a key is pressed: the contexts of the program, which of them take typed text, and what each falls back to.
//!
//! Invariants: every context ends in [`Context::Global`]; a printable key pressed in a context that types it is text
//! and never an action; a context that waits for a decision ([`Context::is_modal`]) lets only harmless global actions
//! through.

use std::fmt;

/// A place on screen that gives keys a meaning. The name is the section name in a keymap file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Context {
    /// Everywhere, unless the context in front binds the key itself.
    Global,
    /// The device list of the lookup pane.
    Lookup,
    /// The search field of the lookup pane: everything printable is typed.
    LookupInput,
    /// The work order queue.
    Queue,
    /// One device in detail.
    Device,
    /// One work order in detail.
    Order,
    /// The alerts of a device, listed before the first step of an inspection.
    Alerts,
    /// The step in front of an inspection.
    Checklist,
    /// The number field of a measured step while it is empty. Digits, signs and the letters of `OL` are typed, other
    /// letters act. Once the field holds a character use [`Context::TextInput`], so that a unit can be typed.
    NumberInput,
    /// The text field of a text step or of a list filter: everything printable is typed. A note is a form
    /// ([`Context::Note`]), so that no key of the step reaches through it.
    TextInput,
    /// The choices of a step: a digit picks a choice.
    Choice,
    /// The question after a failing answer: slip, again, fixed now, or repair.
    AsFound,
    /// The tray of open inspections.
    Tray,
    /// The end of an inspection: outcome and signature.
    Summary,
    /// The help page.
    Help,
    /// The list of notices.
    Notices,
    /// What shops disagree about.
    Conflicts,
    /// Exchange with other shops.
    Sync,
    /// The command palette: everything printable is typed.
    Palette,
    /// A yes-or-no question before something that cannot be taken back.
    Confirm,
    /// A form: everything printable is typed.
    Dialog,
    /// A note of several lines in a form: everything printable is typed, Enter begins a line.
    Note,
    /// The passphrase or PIN field: everything printable is typed, nothing is shown.
    PinInput,
}

impl Context {
    /// Every context, in the order of help and tables.
    pub const ALL: [Self; 23] = [
        Self::Global,
        Self::Lookup,
        Self::LookupInput,
        Self::Queue,
        Self::Device,
        Self::Order,
        Self::Alerts,
        Self::Checklist,
        Self::NumberInput,
        Self::TextInput,
        Self::Choice,
        Self::AsFound,
        Self::Tray,
        Self::Summary,
        Self::Help,
        Self::Notices,
        Self::Conflicts,
        Self::Sync,
        Self::Palette,
        Self::Confirm,
        Self::Dialog,
        Self::Note,
        Self::PinInput,
    ];

    /// The section name in a keymap file; stable.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Lookup => "lookup",
            Self::LookupInput => "lookup-input",
            Self::Queue => "queue",
            Self::Device => "device",
            Self::Order => "order",
            Self::Alerts => "alerts",
            Self::Checklist => "checklist",
            Self::NumberInput => "number-input",
            Self::TextInput => "text-input",
            Self::Choice => "choice",
            Self::AsFound => "as-found",
            Self::Tray => "tray",
            Self::Summary => "summary",
            Self::Help => "help",
            Self::Notices => "notices",
            Self::Conflicts => "conflicts",
            Self::Sync => "sync",
            Self::Palette => "palette",
            Self::Confirm => "confirm",
            Self::Dialog => "dialog",
            Self::Note => "note",
            Self::PinInput => "pin-input",
        }
    }

    /// The name that people read, as a heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Global => "Everywhere",
            Self::Lookup => "Device list",
            Self::LookupInput => "Search field",
            Self::Queue => "Work order queue",
            Self::Device => "Device",
            Self::Order => "Work order",
            Self::Alerts => "Alerts before an inspection",
            Self::Checklist => "Inspection step",
            Self::NumberInput => "Reading",
            Self::TextInput => "Text field",
            Self::Choice => "Choices",
            Self::AsFound => "After a failing answer",
            Self::Tray => "Bench tray",
            Self::Summary => "End of an inspection",
            Self::Help => "Help",
            Self::Notices => "Notices",
            Self::Conflicts => "Conflicts",
            Self::Sync => "Exchange with other shops",
            Self::Palette => "Command palette",
            Self::Confirm => "Yes or no",
            Self::Dialog => "Form",
            Self::Note => "Note of several lines",
            Self::PinInput => "Passphrase and PIN",
        }
    }

    /// The context with this section name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|context| context.id() == id)
    }

    /// Where a key goes that this context does not bind; `None` for the global context.
    pub const fn parent(self) -> Option<Self> {
        match self {
            Self::Global => None,
            Self::NumberInput | Self::TextInput | Self::Choice => Some(Self::Checklist),
            _ => Some(Self::Global),
        }
    }

    /// This context and everything it falls back to, innermost first.
    pub fn stack(self) -> Vec<Self> {
        std::iter::successors(Some(self), |context| context.parent()).collect()
    }

    /// Whether this character, pressed here without Ctrl or Alt, is text (or picks a choice) and never an action.
    pub const fn types(self, c: char) -> bool {
        match self {
            Self::LookupInput
            | Self::TextInput
            | Self::Palette
            | Self::Dialog
            | Self::Note
            | Self::PinInput => true,
            Self::NumberInput => {
                matches!(
                    c,
                    '0'..='9' | '.' | ',' | '<' | '>' | '+' | '-' | 'o' | 'O' | 'l' | 'L'
                )
            }
            Self::Choice => c.is_ascii_digit(),
            _ => false,
        }
    }

    /// Whether everything printable is text here.
    pub const fn is_text(self) -> bool {
        self.types('a')
    }

    /// Whether this context holds the screen until it is answered: of the global actions only those that change
    /// nothing pass (see [`super::Action::passes_modal`]).
    pub const fn is_modal(self) -> bool {
        matches!(
            self,
            Self::Alerts
                | Self::AsFound
                | Self::Confirm
                | Self::Dialog
                | Self::Note
                | Self::PinInput
                | Self::Palette
        )
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back() {
        for context in Context::ALL {
            assert_eq!(Context::from_id(context.id()), Some(context));
            assert_eq!(context.stack().last(), Some(&Context::Global));
        }
        assert_eq!(Context::from_id("Queue"), None);
    }

    #[test]
    fn a_reading_is_always_typed() {
        for c in "0123456789.,<>-OLol".chars() {
            assert!(Context::NumberInput.types(c), "{c} must be typed");
        }
        assert!(!Context::NumberInput.types('n'));
        assert!(Context::LookupInput.types(' '));
        assert!(!Context::Queue.types('1'));
    }
}
