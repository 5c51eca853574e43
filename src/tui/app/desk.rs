//! The model while a store is open: two lists, a stack of places, dialogs in front, and who has the keys.
//!
//! Invariants: there is always a screen that has the keys, and it is visible; each mounted screen has a number of its
//! own, so that an answer finds the one that asked; a dialog in front takes all keys.

use std::collections::VecDeque;
use std::time::Instant;

use super::bells::Bells;
use super::screen::{Cx, Effect, Place, Screen, Tone};
use super::{Opened, layout, places};
use crate::bench::Session;
use crate::bench::query::{Change, ShopFacts};
use crate::domain::command::Command;
use crate::domain::id::EntityId;
use crate::keymap::{Candidate, ChordState, Loaded};
use crate::tui::screens::lookup::Lookup;
use crate::tui::screens::notices::Message;
use crate::tui::screens::queue::Queue;
use crate::tui::terminal::{Flow, Input};
use crate::tui::view::Look;

/// The most places on the way back.
const LONGEST_WAY: usize = 40;
/// Messages kept.
const MESSAGES: usize = 300;

/// The number of a mounted screen.
pub(super) type Id = u64;
/// The lookup list.
pub(super) const LOOKUP: Id = 1;
/// The queue.
pub(super) const QUEUE: Id = 2;

/// Which pane has the keys when no dialog is in front.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pane {
    /// The lookup list.
    Lookup,
    /// The queue.
    Queue,
    /// The place on top.
    Front,
}

/// A screen with its number.
pub(super) struct Mounted {
    pub(super) id: Id,
    pub(super) place: Option<Place>,
    /// In whose name its commands are told (a question before somebody's command).
    pub(super) owner: Id,
    pub(super) screen: Box<dyn Screen>,
}

/// The model.
pub struct Desk {
    pub(super) session: Session,
    pub(super) keymap: Loaded,
    pub(super) look: Look,
    pub(super) lookup: Lookup,
    pub(super) queue: Queue,
    pub(super) stack: Vec<Mounted>,
    pub(super) layers: Vec<Mounted>,
    /// The page of the selected row: the third pane says the most important of it while a list has the keys.
    pub(super) preview: Option<Mounted>,
    pub(super) focus: Pane,
    /// The list beside the place on top.
    pub(super) base: Pane,
    pub(super) chord: ChordState,
    pub(super) ways: Vec<Candidate>,
    pub(super) said: Option<(Tone, String)>,
    pub(super) messages: Vec<Message>,
    pub(super) size: (u16, u16),
    pub(super) shop: Option<ShopFacts>,
    pub(super) last_inspection: Option<EntityId>,
    pub(super) signing: VecDeque<(Id, super::sign::ToSign)>,
    pub(super) asking: Option<super::sign::Asking>,
    pub(super) pin_offered: bool,
    pub(super) waiting: VecDeque<super::second::Waiting>,
    pub(super) proving: Option<super::second::Proving>,
    /// Acts that wait until somebody says who is at work.
    pub(super) unnamed: VecDeque<(Id, Command)>,
    pub(super) naming: Option<super::who::Naming>,
    /// How often the host was lost and found again, as far as it was said.
    breaks: u64,
    /// What the host was told that is done here.
    doing: String,
    /// A step changed and was not painted yet.
    pub(super) new_step: bool,
    /// When the step in front was painted.
    pub(super) step_painted: Option<Instant>,
    wake: Option<Instant>,
    bells: Bells,
    next_id: Id,
    had_keys: Id,
}

impl Desk {
    /// A desk at an open bench.
    pub fn new(opened: Opened, keymap: Loaded, look: Look) -> Self {
        let mut desk = Self {
            session: opened.session,
            look,
            lookup: Lookup::new(),
            queue: Queue::new(),
            stack: Vec::new(),
            layers: Vec::new(),
            preview: None,
            focus: Pane::Lookup,
            base: Pane::Lookup,
            chord: ChordState::default(),
            ways: Vec::new(),
            said: None,
            messages: Vec::new(),
            size: (80, 24),
            shop: None,
            last_inspection: None,
            signing: VecDeque::new(),
            asking: None,
            pin_offered: false,
            waiting: VecDeque::new(),
            proving: None,
            unnamed: VecDeque::new(),
            naming: None,
            breaks: 0,
            doing: "terminal".to_owned(),
            new_step: false,
            step_painted: None,
            wake: None,
            bells: Bells::default(),
            next_id: QUEUE + 1,
            had_keys: 0,
            keymap,
        };
        desk.shop = desk.session.shop().ok();
        desk.with(LOOKUP, |screen, cx| screen.refresh(cx));
        desk.with(QUEUE, |screen, cx| screen.refresh(cx));
        desk.welcome(opened.notices, opened.new_store, opened.greeting);
        desk.read_bells();
        desk.settle();
        desk
    }

    pub(super) fn fresh_id(&mut self) -> Id {
        self.next_id += 1;
        self.next_id
    }

    /// The number that the next mounted screen gets.
    pub(super) fn coming_id(&self) -> Id {
        self.next_id + 1
    }

    /// The screen with this number.
    pub(super) fn screen(&self, id: Id) -> Option<&dyn Screen> {
        match id {
            LOOKUP => Some(&self.lookup),
            QUEUE => Some(&self.queue),
            other => self
                .layers
                .iter()
                .chain(&self.stack)
                .chain(&self.preview)
                .find(|mounted| mounted.id == other)
                .map(|mounted| &*mounted.screen),
        }
    }

    /// Lets a screen do something, and gives back what it asks for.
    pub(super) fn with<T>(
        &mut self,
        id: Id,
        work: impl FnOnce(&mut dyn Screen, &mut Cx<'_>) -> T,
    ) -> (Option<T>, Vec<Effect>) {
        let screen: Option<&mut dyn Screen> = match id {
            LOOKUP => Some(&mut self.lookup),
            QUEUE => Some(&mut self.queue),
            other => self
                .layers
                .iter_mut()
                .chain(&mut self.stack)
                .chain(&mut self.preview)
                .find(|mounted| mounted.id == other)
                .map(|mounted| &mut *mounted.screen as &mut dyn Screen),
        };
        let Some(screen) = screen else {
            return (None, Vec::new());
        };
        let mut cx = Cx {
            session: &self.session,
            effects: Vec::new(),
            keymap: Some(&self.keymap.keymap),
        };
        let out = work(screen, &mut cx);
        (Some(out), cx.effects)
    }

    /// The number of the screen that has the keys.
    pub(super) fn front(&self) -> Id {
        if let Some(layer) = self.layers.last() {
            return layer.id;
        }
        match (self.focus, self.stack.last()) {
            (Pane::Front, Some(top)) => top.id,
            (Pane::Queue, _) => QUEUE,
            _ => LOOKUP,
        }
    }

    /// The place on top, if one is open.
    pub(super) fn top(&self) -> Option<&Place> {
        self.stack.last().and_then(|mounted| mounted.place.as_ref())
    }

    /// Shows a message and keeps it.
    pub(super) fn say(&mut self, tone: Tone, words: String) {
        let at = self
            .session
            .now()
            .ok()
            .and_then(|at| at.local())
            .map(|at| at.format("%H:%M").to_string())
            .unwrap_or_default();
        self.messages.insert(
            0,
            Message {
                at,
                tone,
                words: words.clone(),
            },
        );
        self.messages.truncate(MESSAGES);
        self.said = Some((tone, words));
    }

    /// Goes to a place.
    pub(super) fn go(&mut self, place: &Place) -> Flow {
        self.chord.clear();
        self.ways.clear();
        match place {
            Place::Lookup => {
                self.focus = Pane::Lookup;
                self.lookup.to_field();
                return Flow::REDRAW;
            }
            Place::Queue => {
                self.focus = Pane::Queue;
                return self.refresh(QUEUE);
            }
            Place::Notices => return self.open_notices(),
            _ => {}
        }
        if let Place::Checklist(id) | Place::Summary(id) = place {
            self.last_inspection = Some(*id);
        }
        if self.focus != Pane::Front {
            // From a list, a new way begins.
            self.base = self.focus;
            self.stack.clear();
        }
        self.focus = Pane::Front;
        if let Some(at) = self
            .stack
            .iter()
            .position(|m| m.place.as_ref() == Some(place))
        {
            self.stack.truncate(at + 1);
        } else {
            let Some(screen) = places::screen(place) else {
                return Flow::REDRAW;
            };
            // Where work begins, the steps before it are not gone back to.
            if let (Some(Place::Begin { .. }), Place::Checklist(_)) = (self.top(), place) {
                self.stack.pop();
            }
            if self.stack.len() >= LONGEST_WAY {
                self.stack.remove(0);
            }
            let id = self.fresh_id();
            self.stack.push(Mounted {
                id,
                place: Some(place.clone()),
                owner: id,
                screen,
            });
        }
        let front = self.front();
        self.refresh(front)
    }

    /// Lets a screen read again, and carries out what it asks for.
    pub(super) fn refresh(&mut self, id: Id) -> Flow {
        let (_, effects) = self.with(id, |screen, cx| screen.refresh(cx));
        self.carry_out(id, effects).and(Flow::REDRAW)
    }

    /// Lets everything visible read again.
    pub(super) fn refresh_all(&mut self) -> Flow {
        self.shop = self.session.shop().ok().or(self.shop.take());
        self.read_bells();
        let mut ids = vec![LOOKUP, QUEUE];
        ids.extend(self.stack.last().map(|m| m.id));
        ids.extend(self.preview.as_ref().map(|m| m.id));
        ids.extend(self.layers.iter().map(|m| m.id));
        let mut flow = Flow::REDRAW;
        for id in ids {
            flow = flow.and(self.refresh(id));
        }
        flow
    }

    /// Somebody changed something.
    pub(super) fn changed(&mut self, _change: &Change) -> Flow {
        if let Some(words) = self.session.away() {
            // What stands on the screen stays there to be read.
            self.say(Tone::Bad, words);
            return Flow::REDRAW.and_bell();
        }
        let breaks = self.session.breaks();
        if breaks > self.breaks {
            self.breaks = breaks;
            self.say(
                Tone::Plain,
                "The host of this store was gone and is back. What was confirmed as saved is there; look at the last \
                 thing you did."
                    .to_owned(),
            );
        }
        let flow = self.refresh_all();
        self.settle();
        flow
    }

    /// A new window size.
    pub(super) fn resized(&mut self, size: (u16, u16)) -> Flow {
        self.size = size;
        self.settle();
        Flow::REDRAW
    }

    /// Inputs other than keys.
    pub(super) fn other<M>(&mut self, input: Input<M>, now: Instant) -> Flow {
        let flow = match input {
            Input::Scan(scan) => self.scanned(&scan),
            Input::BrokenScan(text) => {
                self.say(
                    Tone::Bad,
                    format!("The scan broke off after \"{text}\". Nothing was done. Scan again."),
                );
                Flow::REDRAW.and_bell()
            }
            Input::Paste(text) => {
                let front = self.front();
                let (taken, effects) = self.with(front, |s, cx| s.pasted(&text, cx));
                let flow = self.carry_out(front, effects);
                if taken != Some(true) {
                    self.say(
                        Tone::Plain,
                        "There is no field to paste into here.".to_owned(),
                    );
                }
                flow
            }
            Input::Resume => self.refresh_all(),
            Input::CannotSuspend => {
                self.say(
                    Tone::Plain,
                    "No shell stands behind this program that could bring it back, so it stays."
                        .to_owned(),
                );
                Flow::REDRAW
            }
            Input::WorkerFailed { name, reason } => {
                self.say(
                    Tone::Bad,
                    format!(
                        "A part of the program stopped ({name}: {reason}). What was saved is saved; \
                         changes by others may not appear until tagout is opened again."
                    ),
                );
                Flow::REDRAW.and_bell()
            }
            Input::Wake => self.woken(),
            _ => Flow::CONTINUE,
        };
        self.settle();
        self.plan_wake(now);
        flow.and(Flow::REDRAW)
    }

    fn woken(&mut self) -> Flow {
        let waiting: Vec<Id> = self
            .visible_ids()
            .into_iter()
            .filter(|id| self.screen(*id).is_some_and(|s| s.wake_in().is_some()))
            .collect();
        let mut flow = Flow::REDRAW;
        for id in waiting {
            let (_, effects) = self.with(id, |screen, cx| screen.woken(cx));
            flow = flow.and(self.carry_out(id, effects));
        }
        flow.and(self.ring())
    }

    /// Reads which count-downs of the technician run.
    fn read_bells(&mut self) {
        let mine = Some(self.session.actor().to_owned());
        if let Ok(rows) = self.session.open_inspections(mine) {
            self.bells.read(rows, self.micros());
        }
    }

    /// Rings for count-downs that no screen in front shows.
    fn ring(&mut self) -> Flow {
        let front = self.stack.last().and_then(|m| m.place.clone());
        let shown = |inspection| match &front {
            Some(Place::Tray) => true,
            Some(Place::Checklist(id) | Place::Step { inspection: id, .. }) => *id == inspection,
            _ => false,
        };
        let tags = self.bells.ring(self.micros(), &shown);
        let mut flow = Flow::CONTINUE;
        for tag in tags {
            self.say(Tone::Plain, format!("{tag}: time is over"));
            flow = Flow::REDRAW.and_bell();
        }
        flow
    }

    /// Now, in microseconds since 1970 UTC; the last moment known while nobody can be asked.
    fn micros(&self) -> i64 {
        match self.session.now() {
            Ok(now) => now.micros,
            Err(_) => self.shop.as_ref().map_or(0, |shop| shop.now.micros),
        }
    }

    fn visible_ids(&self) -> Vec<Id> {
        let mut ids = vec![LOOKUP, QUEUE];
        ids.extend(self.stack.last().map(|m| m.id));
        ids.extend(self.layers.iter().map(|m| m.id));
        ids
    }

    /// When the program wants to be woken.
    pub fn wake_at(&self) -> Option<Instant> {
        self.wake
    }

    pub(super) fn plan_wake(&mut self, now: Instant) {
        self.wake = self
            .visible_ids()
            .into_iter()
            .filter_map(|id| self.screen(id)?.wake_in())
            .chain(self.bells.next_in(self.micros()))
            .min()
            .map(|wait| now + wait);
    }

    /// After every input: the focus is somewhere visible, the preview shows the selected row, and screens know who has
    /// the keys.
    pub(super) fn settle(&mut self) {
        if self.focus == Pane::Front && self.stack.is_empty() {
            self.focus = self.base;
        }
        if self.focus != Pane::Front {
            self.base = self.focus;
        }
        self.follow_selection();
        let front = self.front();
        if front != self.had_keys {
            let before = std::mem::replace(&mut self.had_keys, front);
            self.with(before, |screen, _| screen.focus(false));
            self.with(front, |screen, _| screen.focus(true));
        }
        self.say_doing();
    }

    /// Lets the host know what is looked at, for whoever asks who is there.
    fn say_doing(&mut self) {
        let doing = match self.stack.last() {
            Some(mounted) => format!("terminal: {}", mounted.screen.title()),
            None => "terminal".to_owned(),
        };
        if doing != self.doing {
            self.session.doing(&doing);
            self.doing = doing;
        }
    }

    /// What the third of three panes tells of while a list has the keys: what is selected there.
    fn wanted(&self) -> Option<Place> {
        if !layout::previews(self.size) {
            return None;
        }
        match self.focus {
            Pane::Lookup => self.lookup.selected().map(Place::Device),
            Pane::Queue => self.queue.selected().map(Place::Order),
            Pane::Front => None,
        }
    }

    /// The third pane goes with the selection at once: nothing ever stands there about another row.
    fn follow_selection(&mut self) {
        let wanted = self.wanted();
        if self.preview.as_ref().and_then(|m| m.place.as_ref()) == wanted.as_ref() {
            return;
        }
        self.preview = None;
        let Some(place) = wanted else { return };
        let Some(screen) = places::screen(&place) else {
            return;
        };
        let id = self.fresh_id();
        self.preview = Some(Mounted {
            id,
            place: Some(place),
            owner: id,
            screen,
        });
        // A preview asks for nothing: it is only looked at.
        let _ = self.with(id, |screen, cx| screen.refresh(cx));
    }

    /// A frame was painted.
    pub(super) fn painted(&mut self, at: Instant) {
        if std::mem::take(&mut self.new_step) {
            self.step_painted = Some(at);
        }
    }
}
