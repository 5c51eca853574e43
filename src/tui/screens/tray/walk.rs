//! One step across the tray: the same question for one device after the other, one answer each.
//!
//! Invariants: only devices whose inspection waits for just that step are asked; every answer is its own command on its
//! own inspection, and the next device comes only after the durable receipt; a failure is recorded and settled later, in
//! the checklist of its device.

use super::{Front, Tile, Tray};
use crate::bench::Failure;
use crate::bench::query::Receipt;
use crate::domain::command::Command;
use crate::domain::id::EntityId;
use crate::domain::inspection::{Answer, InspectionCommand, StepState};
use crate::domain::procedure::{ScanTarget, Step, StepId, StepKind};
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Tone};
use crate::tui::input::Press;
use crate::tui::screens::choose::Choose;
use crate::tui::screens::steps::ask;
use crate::tui::screens::steps::entry::{Around, Given, StepInput, by_hand};
use crate::tui::screens::steps::form::{Done, Form};
use crate::tui::screens::steps::words;

/// What was told and is not answered yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Told {
    Tool,
    Answer,
    Timer,
}

/// A walk.
pub(super) struct Walk {
    /// The step, as it stands in the checklist of the first device.
    pub step: Step,
    /// The inspections that waited for it, in the order of the tray.
    pub queue: Vec<EntityId>,
    /// The one in front.
    pub at: usize,
    /// The input for it.
    pub input: StepInput,
    /// What is asked over it.
    pub form: Option<Form>,
    /// Who can be the second person.
    pub people: Vec<(String, String)>,
    told: Vec<Told>,
}

impl Walk {
    pub(super) fn contexts(&self) -> Vec<Context> {
        if self.form.is_some() {
            return vec![Context::Dialog];
        }
        self.input.contexts(&self.step)
    }

    pub(super) fn can(&self, action: Action) -> Availability {
        let no = |why: &str| Availability::Disabled(why.to_owned());
        match action {
            Action::Back
            | Action::Submit
            | Action::Up
            | Action::Down
            | Action::NextField
            | Action::PreviousField => Availability::Ready,
            _ if self.form.is_some() => no("Answer the question in front first."),
            Action::NextStep | Action::PreviousStep => Availability::Ready,
            Action::Pass | Action::Fail if self.step.kind == StepKind::Check => Availability::Ready,
            Action::StartTimer | Action::Pass | Action::Fail
                if matches!(self.step.kind, StepKind::Timer { .. }) =>
            {
                Availability::Ready
            }
            Action::Pass | Action::Fail => no("This step takes another kind of answer."),
            Action::NotApplicable if self.step.allow_na => Availability::Ready,
            Action::NotApplicable => no("This step cannot be answered \"not applicable\"."),
            _ => no("Only this step is answered here; go back for the rest."),
        }
    }

    pub(super) fn id(&self) -> Option<EntityId> {
        self.queue.get(self.at).copied()
    }

    /// Puts an inspection of the walk in front.
    pub(super) fn turn_to(&mut self, id: EntityId) -> bool {
        match self.queue.iter().position(|other| *other == id) {
            Some(at) => {
                self.at = at;
                self.input = StepInput::default();
                true
            }
            None => false,
        }
    }
}

impl Tray {
    fn waits(&self, id: EntityId, step: &StepId) -> bool {
        self.tile(id)
            .and_then(|tile| tile.plan.item(step))
            .is_some_and(|item| matches!(item.state, StepState::Open | StepState::Running { .. }))
    }

    /// The inspections that wait for the step in front of the selected one.
    pub(super) fn walkable(&self) -> Vec<EntityId> {
        let Some(item) = self
            .selected()
            .and_then(|tile| tile.plan.items.get(tile.plan.front?))
        else {
            return Vec::new();
        };
        self.tiles
            .iter()
            .filter(|tile| tile.mine && is_confirmed(tile))
            .filter(|tile| {
                tile.plan.item(&item.step.id).is_some_and(|other| {
                    other.step == item.step
                        && matches!(other.state, StepState::Open | StepState::Running { .. })
                })
            })
            .map(|tile| tile.row.id)
            .collect()
    }

    pub(super) fn begin_walk(&mut self, cx: &mut Cx<'_>) {
        let queue = self.walkable();
        let step = self
            .selected()
            .and_then(|tile| tile.plan.items.get(tile.plan.front?))
            .map(|item| item.step.clone());
        let (Some(step), Some(first)) = (step, self.selected().map(|t| t.row.id)) else {
            return;
        };
        let mut walk = Walk {
            step,
            at: 0,
            queue,
            input: StepInput::default(),
            form: None,
            people: crate::tui::screens::checklist::others(cx.session),
            told: Vec::new(),
        };
        walk.turn_to(first);
        let kind = walk.step.tool.clone();
        self.front = Front::Walk(Box::new(walk));
        cx.wish(Effect::NewStep);
        if let Some(kind) = kind {
            self.ask_tool(&kind, cx);
        }
    }

    /// Asks once for the test equipment of the walk, unless the session has one of the kind or every inspection has.
    fn ask_tool(&self, kind: &str, cx: &mut Cx<'_>) {
        let Front::Walk(walk) = &self.front else {
            return;
        };
        let chosen = |id: &EntityId| {
            self.tile(*id)
                .and_then(|tile| tile.sheet.as_ref())
                .is_some_and(|sheet| words::chosen_tool(sheet, kind).is_some())
        };
        let mut in_hand = cx.session.tools_in_hand().into_iter();
        if in_hand.any(|(known, _)| words::same(&known, kind)) || walk.queue.iter().all(chosen) {
            return;
        }
        let rows: Vec<_> = cx
            .session
            .tools()
            .unwrap_or_default()
            .into_iter()
            .filter(|row| words::same(&row.tool.kind, kind) && row.status.is_good())
            .map(|row| {
                let what = format!("{} {}", row.tool.model, row.tool.serial);
                let taken = Effect::TakeInHand {
                    kind: kind.to_owned(),
                    tool: row.id,
                };
                let name = format!("{}  {}", row.tool.name, row.status.words());
                (name, what.trim().to_owned(), vec![taken])
            })
            .collect();
        if rows.is_empty() {
            let words = format!(
                "No {kind} on record is known to be good. Record it with `tagout tool add`, or answer this step in a \
                 checklist, where another one can be used with a reason and a second person."
            );
            cx.say(Tone::Bad, words);
            return;
        }
        let title = format!("Which {kind}? It is remembered for this session");
        cx.wish(Effect::Open(Box::new(Choose::with_counts(title, rows))));
    }

    /// The set point in front of the inspection in front.
    pub(super) fn walk_point(&self) -> Option<u16> {
        let Front::Walk(walk) = &self.front else {
            return None;
        };
        self.tile(walk.id()?)?
            .plan
            .item(&walk.step.id)?
            .next_point()?
            .point
    }

    pub(super) fn run_walk(&mut self, action: Action, press: &Press, cx: &mut Cx<'_>) {
        let Front::Walk(walk) = &mut self.front else {
            return;
        };
        if let Some(form) = &mut walk.form {
            match form.run(action) {
                Done::Open => {}
                Done::GivenUp => walk.form = None,
                Done::Complete => {
                    let reason = form.text(0);
                    walk.form = None;
                    self.answer(Given::key(Answer::NotApplicable { reason }), cx);
                }
            }
            return;
        }
        let step = walk.step.clone();
        if action == Action::Back {
            if !walk.input.leave(&step) {
                self.front = Front::None;
            }
            return;
        }
        let around = Around {
            people: &walk.people,
            last: None,
        };
        if let Some(given) = walk.input.run(&step, around, action, press) {
            if let Some(given) = given {
                self.answer(given, cx);
            }
            return;
        }
        if let Availability::Disabled(why) = walk.can(action) {
            cx.say(Tone::Bad, why);
            return;
        }
        match action {
            Action::NextStep | Action::Down => self.turn(true, cx),
            Action::PreviousStep | Action::Up => self.turn(false, cx),
            Action::NotApplicable => {
                if let ask::Question::Form(form, _) = ask::not_applicable(&step.title) {
                    walk.form = Some(form);
                    cx.wish(Effect::DropTypedAhead);
                }
            }
            Action::StartTimer if by_hand(press) => {
                if let Some(inspection) = walk.id().filter(|_| walk.told.is_empty()) {
                    walk.told.push(Told::Timer);
                    let step = step.id;
                    tell(cx, InspectionCommand::StartTimer { inspection, step });
                }
            }
            _ => {}
        }
    }

    pub(super) fn type_walk(&mut self, key: KeyCombo, press: &Press, cx: &mut Cx<'_>) -> bool {
        let Front::Walk(walk) = &mut self.front else {
            return false;
        };
        if let Some(form) = &mut walk.form {
            return form.typed(key);
        }
        let step = walk.step.clone();
        let around = Around {
            people: &walk.people,
            last: None,
        };
        match walk.input.typed(&step, around, key, press) {
            None => false,
            Some(given) => {
                if let Some(given) = given {
                    self.answer(given, cx);
                }
                true
            }
        }
    }

    /// Looks at the device before or after.
    fn turn(&mut self, forward: bool, cx: &mut Cx<'_>) {
        let Front::Walk(walk) = &mut self.front else {
            return;
        };
        let last = walk.queue.len().saturating_sub(1);
        walk.at = if forward {
            (walk.at + 1).min(last)
        } else {
            walk.at.saturating_sub(1)
        };
        walk.input = StepInput::default();
        cx.wish(Effect::NewStep);
    }

    fn answer(&mut self, given: Given, cx: &mut Cx<'_>) {
        let point = match given.answer {
            Answer::NotApplicable { .. } => None,
            _ => self.walk_point(),
        };
        let Front::Walk(walk) = &self.front else {
            return;
        };
        let (Some(inspection), true) = (walk.id(), walk.told.is_empty()) else {
            return;
        };
        let mut told = Vec::new();
        let applies = !matches!(given.answer, Answer::NotApplicable { .. });
        if let (Some(kind), true) = (walk.step.tool.as_deref(), applies) {
            let chosen = self
                .tile(inspection)
                .and_then(|tile| tile.sheet.as_ref())
                .is_some_and(|sheet| words::chosen_tool(sheet, kind).is_some());
            let in_hand = cx
                .session
                .tools_in_hand()
                .into_iter()
                .find(|(known, _)| words::same(known, kind));
            match (chosen, in_hand) {
                (true, _) => {}
                (false, Some((_, tool))) => {
                    told.push(Told::Tool);
                    tell(
                        cx,
                        InspectionCommand::ChooseTool {
                            inspection,
                            kind: kind.to_owned(),
                            tool,
                            override_by: None,
                        },
                    );
                }
                (false, None) => {
                    cx.say(
                        Tone::Bad,
                        format!("Choose the {kind} first. Nothing was recorded."),
                    );
                    self.ask_tool(kind, cx);
                    return;
                }
            }
        }
        told.push(Told::Answer);
        let step = walk.step.id.clone();
        tell(
            cx,
            InspectionCommand::Answer {
                inspection,
                step,
                point,
                answer: given.answer,
                origin: given.origin,
                again: None,
                reason: String::new(),
            },
        );
        if let Front::Walk(walk) = &mut self.front {
            walk.told = told;
        }
    }

    pub(super) fn told_walk(&mut self, result: &Result<Receipt, Failure>, cx: &mut Cx<'_>) {
        let Front::Walk(walk) = &mut self.front else {
            return;
        };
        let told = if walk.told.is_empty() {
            None
        } else {
            Some(walk.told.remove(0))
        };
        let step = walk.step.id.clone();
        let id = walk.id();
        match result {
            Err(failure) => {
                cx.fail(failure);
                self.load(cx);
            }
            Ok(_) if told == Some(Told::Tool) => {}
            Ok(_) => {
                self.load(cx);
                let Some(id) = id else { return };
                self.say_saved(id, &step, told, cx);
                self.next(id, &step, told == Some(Told::Timer), cx);
            }
        }
    }

    fn say_saved(&self, id: EntityId, step: &StepId, told: Option<Told>, cx: &mut Cx<'_>) {
        let Some(tile) = self.tile(id) else { return };
        if told == Some(Told::Timer) {
            cx.say(Tone::Good, format!("{}: the count-down runs.", tile.tag()));
            return;
        }
        let Some(item) = tile.plan.item(step) else {
            return;
        };
        if item.state == StepState::Unsettled {
            let words = format!(
                "{}: FAILED, saved. Say in its checklist what is done about it.",
                tile.tag()
            );
            cx.wish(Effect::Bell);
            cx.say(Tone::Bad, words);
        }
    }

    /// The next device that still waits; the walk ends when there is none.
    fn next(&mut self, id: EntityId, step: &StepId, started: bool, cx: &mut Cx<'_>) {
        let Front::Walk(walk) = &self.front else {
            return;
        };
        let here = walk.at;
        let queue = walk.queue.clone();
        let after = queue.iter().skip(here + 1);
        let before = queue.iter().take(here);
        let open = |id: &EntityId| {
            self.tile(*id)
                .and_then(|tile| tile.plan.item(step))
                .is_some_and(|item| item.state == StepState::Open)
        };
        // A table stays with its device until every set point is measured.
        let stay = !started && self.waits(id, step);
        let next = std::iter::once(&id)
            .filter(|_| stay)
            .chain(after.chain(before).filter(|id| open(id)))
            .next()
            .copied();
        if let Some(next) = next {
            if let Front::Walk(walk) = &mut self.front {
                walk.turn_to(next);
            }
        } else {
            self.front = Front::None;
            cx.say(Tone::Good, "Every device of the tray has this step now.");
        }
        cx.wish(Effect::NewStep);
    }
}

/// The device was confirmed by its label, where the checklist asks for that.
fn is_confirmed(tile: &Tile) -> bool {
    !tile.plan.items.iter().any(|item| {
        item.state == StepState::Open
            && item.step.kind
                == StepKind::Scan {
                    what: ScanTarget::Device,
                }
    })
}

fn tell(cx: &mut Cx<'_>, command: InspectionCommand) {
    cx.wish(Effect::Tell(Box::new(Command::Inspection(command))));
}
