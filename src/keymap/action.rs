//! Every action of the program, once: id, words, group, effect, contexts and footer. Footer, help, which-key, the
//! README's table and `keys show` are all derived from here.
//!
//! Invariants: ids are stable (keymap files name them); an action with [`Effect::Danger`] asks yes or no before it
//! does anything; an action is never disabled without a sentence that says why.

use std::fmt;

use super::Context;

/// What pressing the key does to the record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Effect {
    /// Shows or moves something. Nothing is recorded.
    Look,
    /// Opens a form or asks a question first.
    Ask,
    /// Records at once; a correction is another entry.
    Record,
    /// Cannot be taken back: asks yes or no first, default no. Enter is never its key.
    Danger,
}

/// Whether an action can be used now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Availability {
    /// It can.
    Ready,
    /// It cannot; the sentence says why and is shown to the person.
    Disabled(String),
}

impl Availability {
    /// The reason why not, if there is one.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Ready => None,
            Self::Disabled(reason) => Some(reason),
        }
    }
}

/// The headings of help and tables.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Group {
    /// The program itself.
    Program,
    /// Moving about.
    Move,
    /// Filters of lists.
    Filter,
    /// Devices.
    Device,
    /// Work orders.
    Order,
    /// The steps of an inspection.
    Step,
    /// The end of an inspection, signatures and paper.
    Finish,
    /// Exchange with other shops.
    Sync,
    /// Questions and forms.
    Answer,
}

impl Group {
    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Program => "Program",
            Self::Move => "Moving about",
            Self::Filter => "Filters",
            Self::Device => "Devices",
            Self::Order => "Work orders",
            Self::Step => "Inspection steps",
            Self::Finish => "Signing and paper",
            Self::Sync => "Exchange with other shops",
            Self::Answer => "Questions and forms",
        }
    }
}

/// Everything that is known about an action, apart from its keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Meta {
    /// Stable name in keymap files and in the palette.
    pub id: &'static str,
    /// Name that people read.
    pub label: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// Heading in help.
    pub group: Group,
    /// What it does to the record.
    pub effect: Effect,
    /// Where it exists. An action of the global context exists everywhere.
    pub contexts: &'static [Context],
    /// Rank in the footer, 1 first; 0 keeps it out of the footer.
    pub footer_rank: u8,
    /// Short label for the footer.
    pub footer: &'static str,
}

macro_rules! actions {
    ($( $name:ident $id:literal $group:ident $effect:ident [$($context:ident)+] $rank:literal $footer:literal
        $label:literal $help:literal; )+) => {
        /// One thing that a key can do.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Action {
            $( #[doc = $help] $name, )+
        }

        impl Action {
            /// Every action, in the order of help and tables.
            pub const ALL: &'static [Self] = &[$( Self::$name, )+];

            /// What is known about this action.
            pub const fn meta(self) -> Meta {
                match self {
                    $( Self::$name => Meta {
                        id: $id,
                        label: $label,
                        help: $help,
                        group: Group::$group,
                        effect: Effect::$effect,
                        contexts: &[$( Context::$context, )+],
                        footer_rank: $rank,
                        footer: $footer,
                    }, )+
                }
            }
        }
    };
}

// name, id, group, effect, [contexts], footer rank, footer label
//     label, help
actions! {
    Quit "quit" Program Look [Global] 92 "quit"
        "Quit" "Leave the program. Every answer is already saved.";
    Back "back" Program Look [Global] 90 "back"
        "Back" "Close what is in front, or go one page back. Typed text is kept.";
    Help "help" Program Look [Global] 91 "help"
        "Help" "Show every key that works here, and search keys and actions.";
    Palette "palette" Program Look [Global] 80 "commands"
        "Command palette" "Find an action by its name and run it.";
    Notices "notices" Program Look [Global] 0 "notices"
        "Notices" "Show what the program had to say, newest first.";
    Repaint "repaint" Program Look [Global] 0 "repaint"
        "Repaint" "Draw the whole screen again.";
    Suspend "suspend" Program Look [Global] 0 "suspend"
        "Suspend" "Put the program in the background; fg brings it back.";
    Copy "copy" Program Look [Global] 0 "copy"
        "Copy" "Copy the tag or number in front to the clipboard of your terminal.";

    NextPane "next-pane" Move Look [Global] 70 "next pane"
        "Next pane" "Move to the next pane.";
    PreviousPane "previous-pane" Move Look [Global] 0 "previous pane"
        "Previous pane" "Move to the pane before.";
    GoLookup "go-lookup" Move Look [Global] 60 "find"
        "Find a device" "Go to the search field: tag, serial, UDI, model or department.";
    GoQueue "go-queue" Move Look [Global] 62 "queue"
        "Go to the queue" "Show the work orders that wait.";
    GoChecklist "go-checklist" Move Look [Global] 0 "checklist"
        "Go to the checklist" "Show the step in front of the open inspection.";
    GoTray "go-tray" Move Look [Global] 64 "tray"
        "Go to the bench tray" "Show the inspections that are open on the bench.";
    GoConflicts "go-conflicts" Move Look [Global] 0 "conflicts"
        "Go to the conflicts" "Show what shops disagree about, to settle it.";
    GoSync "go-sync" Move Look [Global] 0 "sync"
        "Go to the exchange with other shops" "Show the sites, and bring bundles in and out.";
    Up "up" Move Look [Global] 0 "up"
        "Up" "Move up one row.";
    Down "down" Move Look [Global] 0 "down"
        "Down" "Move down one row.";
    PageUp "page-up" Move Look [Global] 0 "page up"
        "Page up" "Move up one page.";
    PageDown "page-down" Move Look [Global] 0 "page down"
        "Page down" "Move down one page.";
    Top "top" Move Look [Global] 0 "top"
        "Top" "Move to the first row.";
    Bottom "bottom" Move Look [Global] 0 "bottom"
        "Bottom" "Move to the last row.";
    Select "select" Move Look [Lookup Queue Device Order Tray Summary Help Notices Conflicts] 5 "open"
        "Open" "Open the row in front.";
    Mark "mark" Move Look [Lookup Queue Tray] 30 "mark"
        "Mark" "Mark or unmark this row, so that one action covers several.";
    ClearMarks "clear-marks" Move Look [Lookup Queue Tray] 0 "unmark all"
        "Clear marks" "Unmark every row.";
    Resume "resume" Move Look [Global] 0 "resume"
        "Resume" "Go back to the inspection you worked on last, at the step that waits.";

    FilterMine "filter-mine" Filter Look [Queue] 0 "mine"
        "Only mine" "Show only the orders assigned to you.";
    FilterUnassigned "filter-unassigned" Filter Look [Queue] 0 "unassigned"
        "Only unassigned" "Show only the orders that nobody has claimed.";
    FilterOverdue "filter-overdue" Filter Look [Queue] 0 "overdue"
        "Only overdue" "Show only the orders past their due window.";
    FilterToday "filter-today" Filter Look [Queue] 0 "today"
        "Only today" "Show only the orders due today.";
    FilterKind "filter-kind" Filter Look [Lookup Queue] 0 "kind"
        "By kind" "Show only one kind of order, or one type of device.";
    FilterDepartment "filter-department" Filter Look [Lookup Queue] 0 "department"
        "By department" "Show only one using department.";
    ClearFilters "clear-filters" Filter Look [Lookup Queue] 0 "all"
        "Clear filters" "Show everything again.";

    Start "start" Device Ask [Lookup Queue Device Order] 10 "inspect"
        "Start inspection" "Start the inspection that is due, or go on with the open one.";
    OpenRepair "open-repair" Device Ask [Lookup Queue Device Checklist Summary] 20 "repair"
        "Open a repair order" "Open a repair order on this device.";
    History "history" Device Look [Lookup Device Order] 25 "history"
        "History" "Show everything that ever happened to this device.";
    SetField "set-field" Device Ask [Device] 26 "edit"
        "Change a field" "Change a field of this device; the old value is kept.";
    AddDevice "add-device" Device Ask [Lookup] 40 "add"
        "Add a device" "Register a device that is not in the list.";
    Retag "retag" Device Ask [Device] 28 "retag"
        "Change the tag" "Give this device another asset tag; the old tag still finds it.";
    Receive "receive" Device Ask [Lookup] 42 "receive"
        "Receive a delivery" "Register a delivery of devices one after the other.";
    HoldDevice "hold-device" Device Ask [Device] 30 "hold"
        "Hold the device" "Place a reason not to use this device: do not use, recall, found without PM.";
    LiftHold "lift-hold" Device Ask [Device] 31 "lift hold"
        "Lift a hold" "Lift one hold by name, with a reason.";
    SetStatus "set-status" Device Ask [Device] 32 "status"
        "Change the status" "Move this device along its life: in service, out of service, retired.";
    Whereabouts "whereabouts" Device Ask [Device] 33 "where"
        "Where it is" "Sent to a vendor and back, on loan, searched and not found, at its location.";
    Swap "swap" Device Ask [Device] 29 "swap"
        "Swap" "Exchange this device for another one in one act.";

    Claim "claim" Order Record [Queue Order] 12 "claim"
        "Claim" "Assign the order, or every marked order, to yourself.";
    Release "release" Order Record [Queue Order] 14 "give back"
        "Give back" "Give the order back, so that others can claim it.";
    Hold "hold" Order Ask [Queue Order] 16 "wait"
        "Put on hold" "Say what the order waits for, and when to look again.";
    GoOn "go-on" Order Record [Queue Order] 0 "go on"
        "Go on" "The wait is over: the order goes on.";
    UnableToLocate "unable-to-locate" Order Ask [Queue Order] 18 "not found"
        "Unable to locate" "Record an attempt: where you searched. The order stays open.";
    CancelOrder "cancel-order" Order Danger [Queue Order] 0 "cancel order"
        "Cancel the order" "End the order without the work, with a reason.";
    Escalate "escalate" Order Danger [Queue Order] 0 "end undone"
        "End undone, with approval" "End scheduled work without doing it: a named person approved; the device is held.";
    CheckIn "check-in" Order Ask [Order] 21 "check in"
        "Check-in answers" "Answer: harm or near miss, clean, accessories, shelf.";
    Labor "labor" Order Ask [Order] 22 "labor"
        "Book labor" "Add minutes of work to the order.";
    Part "part" Order Ask [Order] 23 "part"
        "Add a part" "Add a part that was used.";
    Attach "attach" Order Ask [Order] 27 "file"
        "Name a file" "Name a file that is kept elsewhere: report, photo, quotation.";
    External "external" Order Ask [Order] 26 "report"
        "Enter a company's report" "Enter a vendor's service report, signed as reviewed by you.";
    CloseOrder "close-order" Order Ask [Order] 11 "close"
        "Close the order" "Fill in what was found and done, and close the order.";

    Pass "pass" Step Record [Checklist] 1 "pass"
        "Pass" "Record a pass for this step.";
    Fail "fail" Step Record [Checklist] 2 "fail"
        "Fail" "Record a failure for this step; one question follows.";
    NotApplicable "not-applicable" Step Ask [Checklist] 3 "n/a"
        "Not applicable" "Record that this step does not apply, with a reason.";
    NextStep "next-step" Step Look [Checklist] 0 "next"
        "Next step" "Look at the next step; nothing is recorded.";
    PreviousStep "previous-step" Step Look [Checklist] 9 "previous"
        "Previous step" "Look at the step before; nothing is recorded.";
    Amend "amend" Step Ask [Checklist Summary] 11 "amend"
        "Amend" "Correct the answer of this step; the old answer is kept.";
    Note "note" Step Ask [Checklist Summary Device Order] 7 "note"
        "Note" "Write a note on this step, device or order. No patient names or numbers.";
    StartTimer "start-timer" Step Record [Checklist] 6 "timer"
        "Start the timer" "Start the timer of this step; it runs on in the background.";
    SkipStep "skip-step" Step Look [Checklist] 8 "later"
        "Skip for later" "Leave this step open and go on; it comes back before the end.";
    PickTool "pick-tool" Step Ask [Checklist] 15 "tool"
        "Pick the tool" "Choose the test equipment for this step.";
    TypingSlip "typing-slip" Step Record [AsFound] 1 "typing slip"
        "Typing slip" "The answer was mistyped: type it again, both are kept.";
    MeasureAgain "measure-again" Step Record [AsFound] 2 "measure again"
        "Measure again" "Measure once more; both readings are kept.";
    FixedNow "fixed-now" Step Ask [AsFound] 3 "fixed now"
        "Fixed now" "Keep the failure as found, and record the value as left.";
    RepairFromStep "repair-from-step" Step Ask [AsFound] 4 "repair order"
        "Open a repair order" "Keep the failure, and open a repair order with the finding filled in.";
    AcknowledgeAlert "acknowledge-alert" Step Record [Alerts] 1 "seen"
        "Seen" "Record that you have read this alert.";
    WrongDevice "wrong-device" Step Danger [Checklist Summary] 0 "wrong device"
        "Wrong device" "Void this inspection with a reason, or move its readings to the right device.";
    HandOver "hand-over" Step Ask [Checklist Summary] 18 "hand over"
        "Hand over" "Give this inspection to a colleague, or take one over from them.";
    SuspectRecall "suspect-recall" Step Ask [Checklist Device] 0 "recall"
        "Suspect a recall" "Open a recall order and list the devices of the same model.";

    Finish "finish" Finish Look [Checklist] 17 "finish"
        "Finish" "Go to the end of the inspection: outcome, open steps, signature.";
    WalkStep "walk-step" Finish Look [Tray] 12 "one step, all"
        "One step on all" "Walk one step across all devices of the tray, one answer each.";
    Sign "sign" Finish Danger [Summary Tray] 1 "sign"
        "Sign" "Sign the inspection, or every marked one. A signature cannot be taken back.";
    PrintRecord "print-record" Finish Look [Summary] 3 "print"
        "Print the record" "Write the record of this inspection as text and HTML.";
    Sticker "sticker" Finish Look [Summary] 4 "sticker"
        "Sticker" "Show the text of the sticker: done, next due, initials, order.";

    Submit "submit" Answer Record
        [NumberInput TextInput Choice Dialog Note PinInput Palette LookupInput] 1 "ok"
        "Enter" "Take what is typed or chosen; in a note: save it.";
    NewLine "new-line" Answer Look [Note] 2 "new line"
        "New line" "Begin a new line of the note.";
    NextField "next-field" Answer Look [Dialog Note] 3 "next field"
        "Next field" "Move to the next field.";
    PreviousField "previous-field" Answer Look [Dialog Note] 0 "field before"
        "Field before" "Move to the field before.";
    KeepShown "keep-shown" Answer Record [Conflicts] 11 "keep shown"
        "Keep what is shown" "Settle the conflict: the side that counts now is right. All shops get it.";
    TakeOther "take-other" Answer Record [Conflicts] 12 "take other"
        "Take the other side" "Settle the conflict: the other side is right. All shops get it.";
    ImportBundle "import-bundle" Sync Look [Sync] 1 "import"
        "Import a bundle" "Show what a file or a folder of bundles would bring.";
    TakeIn "take-in" Sync Record [Sync] 2 "take in"
        "Take in" "Take in what was just shown: all of it, or nothing.";
    ExportBundle "export-bundle" Sync Look [Sync] 3 "export"
        "Export a bundle" "Write what the site in front lacks, or everything, to a file.";
    TrustSite "trust-site" Sync Record [Sync] 4 "trust"
        "Trust the site" "Take in its records from now on, after comparing its words.";
    RevokeSite "revoke-site" Sync Record [Sync] 5 "revoke"
        "Revoke the site" "Refuse what it writes from now on. What is here stays.";
    RenameSite "rename-site" Sync Record [Sync] 6 "name"
        "Name the site" "Call it by another name here.";
    SyncNow "sync-now" Sync Record [Sync] 7 "sync now"
        "Sync now" "Exchange with every depot: send what it lacks, take in what is new.";
    ConfirmYes "confirm-yes" Answer Record [Confirm] 1 "yes"
        "Yes" "Do it. Enter is never yes.";
    ConfirmNo "confirm-no" Answer Look [Confirm] 2 "no"
        "No" "Leave everything as it is.";
}

impl Action {
    /// Stable kebab-case name.
    pub const fn id(self) -> &'static str {
        self.meta().id
    }

    /// Name that people read.
    pub const fn label(self) -> &'static str {
        self.meta().label
    }

    /// One line of help.
    pub const fn help(self) -> &'static str {
        self.meta().help
    }

    /// Heading in help.
    pub const fn group(self) -> Group {
        self.meta().group
    }

    /// What it does to the record.
    pub const fn effect(self) -> Effect {
        self.meta().effect
    }

    /// Whether a yes-or-no question comes first.
    pub const fn is_dangerous(self) -> bool {
        matches!(self.effect(), Effect::Danger)
    }

    /// Whether its key must never be one that a scanner or a torn escape sequence can produce.
    pub const fn records(self) -> bool {
        matches!(self.effect(), Effect::Record | Effect::Danger)
    }

    /// The action with this name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.id() == id)
    }

    /// Whether it exists in this context. A global action exists everywhere.
    pub fn exists_in(self, context: Context) -> bool {
        let contexts = self.meta().contexts;
        contexts.contains(&Context::Global) || contexts.contains(&context)
    }

    /// Whether it works in a context that holds the screen ([`Context::is_modal`]) although that context does not
    /// bind it.
    pub const fn passes_modal(self) -> bool {
        matches!(
            self,
            Self::Quit
                | Self::Back
                | Self::Help
                | Self::Repaint
                | Self::Suspend
                | Self::Up
                | Self::Down
                | Self::PageUp
                | Self::PageDown
                | Self::Top
                | Self::Bottom
        )
    }

    /// Whether every keymap must leave it a key: nobody may be locked in.
    pub const fn is_protected(self) -> bool {
        matches!(
            self,
            Self::Quit | Self::Back | Self::Help | Self::ConfirmYes
        )
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_kebab_case_and_lead_back() {
        let mut seen = BTreeSet::new();
        for &action in Action::ALL {
            let id = action.id();
            assert!(seen.insert(id), "{id} is used twice");
            assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
            assert_eq!(Action::from_id(id), Some(action));
        }
    }

    #[test]
    fn every_action_has_words() {
        for &action in Action::ALL {
            let meta = action.meta();
            assert!(!meta.contexts.is_empty(), "{action} exists nowhere");
            assert!(meta.help.ends_with('.'), "{action}: help is a sentence");
            assert!(meta.help.len() <= 90, "{action}: help fits one line");
            assert!(
                meta.footer.len() <= 14,
                "{action}: footer label is too long"
            );
            assert!(!meta.label.is_empty() && !meta.footer.is_empty());
        }
    }

    #[test]
    fn nothing_that_records_passes_a_question() {
        for &action in Action::ALL {
            assert!(!(action.passes_modal() && action.effect() != Effect::Look));
        }
    }
}
