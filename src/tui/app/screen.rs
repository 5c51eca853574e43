//! What a screen is to the app: it is given actions, typed keys, scans and fresh answers, and asks for effects.
//!
//! Invariants: a screen never touches the store or the terminal; everything it wants done is an [`Effect`], carried out by
//! the app after the screen has returned, in order. Drawing never changes a screen.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::bench::query::{Receipt, ScanAnswer};
use crate::bench::{Failure, ReviewRequest, Session, SignRequest};
use crate::domain::command::Command;
use crate::domain::id::EntityId;
use crate::domain::procedure::StepId;
use crate::keymap::{Action, Availability, Context, KeyCombo, Keymap};
use crate::tui::input::Press;
use crate::tui::screens::queue::Narrowing;
use crate::tui::view::{Look, Role};

/// A place the technician can go to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// Device lookup.
    Lookup,
    /// The work order queue.
    Queue,
    /// One device.
    Device(EntityId),
    /// One work order.
    Order(EntityId),
    /// Begin an inspection on a device, for an order if one is chosen: warnings first, then step 1.
    Begin {
        /// The device.
        device: EntityId,
        /// The order.
        order: Option<EntityId>,
    },
    /// The step in front of an inspection.
    Checklist(EntityId),
    /// A step of an inspection, to look at it or to correct its answer.
    Step {
        /// The inspection.
        inspection: EntityId,
        /// The step.
        step: StepId,
    },
    /// The end of an inspection: outcome, repairs, signing.
    Summary(EntityId),
    /// All open inspections.
    Tray,
    /// What shops disagree about.
    Conflicts,
    /// Exchange with other shops.
    Sync,
    /// Messages of before.
    Notices,
}

/// How a message is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// Saved, found, done.
    Good,
    /// Something to know.
    Plain,
    /// Refused, failed: stays until a key is pressed.
    Bad,
}

/// What a screen wants done.
pub enum Effect {
    /// Record something. The screen hears of it in [`Screen::told`], then in [`Screen::refresh`].
    Tell(Box<Command>),
    /// Sign with the opened key; asks for passphrase or PIN first when needed.
    Sign(SignRequest),
    /// Enter a company's report, signed as reviewed; asks for passphrase or PIN as [`Effect::Sign`] does.
    Review(ReviewRequest),
    /// Go somewhere; back returns here.
    Go(Place),
    /// Leave this place.
    Back,
    /// Show a message.
    Say(Tone, String),
    /// Ring and flash.
    Bell,
    /// Put a text on the clipboard of the technician's own terminal.
    Copy(String),
    /// Ask yes or no, default no; yes gives the effects back to be carried out.
    Confirm {
        /// The question, with what will happen.
        question: String,
        /// On yes.
        yes: Vec<Effect>,
    },
    /// Remember the test equipment of a kind for this session.
    TakeInHand {
        /// The kind that steps ask for.
        kind: String,
        /// The tool.
        tool: EntityId,
    },
    /// Narrow the queue, as it was chosen from a list.
    Narrow(Narrowing),
    /// Put a dialog in front. It is a screen of its own that hears of its own commands; [`Effect::Back`] from it closes it
    /// and the screen below is asked to read again. Typed-ahead keys are dropped.
    Open(Box<dyn Screen>),
    /// Run an action on what is in front, as if its key had been pressed there.
    Run(Action),
    /// Keys that were typed before now do not count any more (a dialog opened, a step changed).
    DropTypedAhead,
    /// The step that answers belong to changed: answers count only after the next paint.
    NewStep,
    /// Write text files into the technician's own folder and say where: names without a path, and contents.
    WriteFiles(Vec<(String, String)>),
}

/// What a screen may look at, and where it leaves its wishes.
pub struct Cx<'a> {
    /// The technician's session: questions only; commands go through [`Effect::Tell`].
    pub session: &'a Session,
    /// Effects, carried out in order after the screen returns.
    pub effects: Vec<Effect>,
    /// The keys in force, to name them beside what they do.
    pub keymap: Option<&'a Keymap>,
}

impl Cx<'_> {
    /// The first key of an action in a context; empty where it has none.
    pub fn key(&self, context: Context, action: Action) -> String {
        self.keymap
            .and_then(|keymap| keymap.first_key(&[context], action))
            .unwrap_or_default()
    }

    /// Leaves a wish.
    pub fn wish(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Shows a message.
    pub fn say(&mut self, tone: Tone, words: impl Into<String>) {
        self.effects.push(Effect::Say(tone, words.into()));
    }

    /// Shows what went wrong, with its hint, and rings.
    pub fn fail(&mut self, failure: &Failure) {
        let words = match failure.hint() {
            Some(hint) => format!("{failure} {hint}"),
            None => failure.to_string(),
        };
        self.effects.push(Effect::Say(Tone::Bad, words));
        self.effects.push(Effect::Bell);
    }
}

/// One place on screen.
pub trait Screen {
    /// The keymap contexts in force, innermost first.
    fn contexts(&self) -> Vec<Context>;

    /// The words of the breadcrumb.
    fn title(&self) -> String;

    /// Whether an action can be used here now; actions that this screen does not know are disabled with a reason.
    fn availability(&self, action: Action) -> Availability;

    /// Runs an action of the keymap.
    fn run(&mut self, action: Action, press: &Press, cx: &mut Cx<'_>);

    /// Takes a key that no action has: text, digits, editing. False when it means nothing here.
    fn typed(&mut self, key: KeyCombo, press: &Press, cx: &mut Cx<'_>) -> bool;

    /// A label was scanned and means something here (a scan step, a dialog that wants a device). False: the app decides.
    fn scanned(&mut self, scan: &ScanAnswer, text: &str, cx: &mut Cx<'_>) -> bool {
        let _ = (scan, text, cx);
        false
    }

    /// Pasted text, cleaned of control characters. False when there is no field.
    fn pasted(&mut self, text: &str, cx: &mut Cx<'_>) -> bool {
        let _ = (text, cx);
        false
    }

    /// What came of the last [`Effect::Tell`] or [`Effect::Sign`] of this screen.
    fn told(&mut self, result: &Result<Receipt, Failure>, cx: &mut Cx<'_>);

    /// Something changed in the store, or this screen comes to the front: read again what it shows. Selection, typed text
    /// and scroll position stay.
    fn refresh(&mut self, cx: &mut Cx<'_>);

    /// The moment named by [`Screen::wake_in`] has come: it is drawn again after this.
    fn woken(&mut self, cx: &mut Cx<'_>) {
        let _ = cx;
    }

    /// The moment at which this screen wants to be drawn again by itself (count-downs).
    fn wake_in(&self) -> Option<std::time::Duration> {
        None
    }

    /// Whether the keys go to this screen now; told whenever that changes. Only for looks: cursor and selection.
    fn focus(&mut self, on: bool) {
        let _ = on;
    }

    /// The width and height that this screen wants as a dialog, without its frame; a place takes all there is.
    fn wants(&self, room: (u16, u16)) -> (u16, u16) {
        room
    }

    /// The few facts that must not be missed when this is only looked at from a list: most important first, two at most.
    fn glance(&self) -> Vec<(Role, String)> {
        Vec::new()
    }

    /// Draws itself into `area`. Frame, title, footer, message line and the overlays are drawn by the app around it.
    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look);
}
