//! One step of an inspection at a time: what is done, its input, and what follows from the answer.
//!
//! Invariants: a step counts as answered only after the durable receipt; an answer is given by a key that a hand pressed
//! while that step was in front; the screen moves on by itself only after such a receipt. A failing answer asks what is
//! done about it. What is typed stays until it is saved or the technician leaves the step.

mod acts;
mod can;
mod choose;
mod draw;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::bench::query::{InspectionSheet, Receipt, ScanAnswer};
use crate::bench::{Failure, Session};
use crate::domain::device::DeviceCard;
use crate::domain::id::EntityId;
use crate::domain::inspection::{Again, Plan, PlanItem, PlanPoint, StepState, plan};
use crate::domain::procedure::{Step, StepId, StepKind};
use crate::domain::time::Moment;
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Place, Screen, Tone};
use crate::tui::input::Press;
use crate::tui::screens::steps::ask::{self, Question};
use crate::tui::screens::steps::entry::{Around, StepInput, by_hand};
use crate::tui::screens::steps::form::Done;
use crate::tui::screens::steps::words;
use crate::tui::view::Look;

/// What was asked of the bench and is not answered yet.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Act {
    /// A step was answered.
    Answer {
        step: StepId,
        point: Option<u16>,
        corrected: bool,
    },
    /// It was said what is done about a failure.
    Settled,
    /// A tool was chosen.
    Tool { kind: String, tool: EntityId },
    /// A note was written.
    Note,
    /// A count-down was started.
    Timer,
    /// A step was left for later.
    Deferred,
    /// Somebody else goes on.
    HandedOver,
    /// The readings were moved, or the inspection was voided.
    WrongDevice,
    /// A recall is suspected.
    Recall,
}

/// The checklist of one inspection.
pub struct Checklist {
    id: EntityId,
    wanted: Option<StepId>,
    sheet: Option<InspectionSheet>,
    plan: Plan,
    trouble: Option<String>,
    me: String,
    people: Vec<(String, String)>,
    step: Option<StepId>,
    point: Option<u16>,
    input: StepInput,
    last: Option<String>,
    again: Option<(Again, String)>,
    question: Question,
    acts: Vec<Act>,
    saved: Option<(StepId, Option<u16>)>,
    rung: BTreeSet<StepId>,
    now: Moment,
}

impl Checklist {
    /// The checklist of this inspection, at the step in front.
    pub fn new(inspection: EntityId) -> Self {
        Self {
            id: inspection,
            wanted: None,
            sheet: None,
            plan: Plan::default(),
            trouble: None,
            me: String::new(),
            people: Vec::new(),
            step: None,
            point: None,
            input: StepInput::default(),
            last: None,
            again: None,
            question: Question::None,
            acts: Vec::new(),
            saved: None,
            rung: BTreeSet::new(),
            now: Moment::default(),
        }
    }

    /// The checklist of this inspection, at this step.
    pub fn at(inspection: EntityId, step: StepId) -> Self {
        Self {
            wanted: Some(step),
            ..Self::new(inspection)
        }
    }

    fn index(&self) -> Option<usize> {
        let step = self.step.as_ref()?;
        self.plan.items.iter().position(|i| i.step.id == *step)
    }

    fn item(&self) -> Option<&PlanItem> {
        self.plan.items.get(self.index()?)
    }

    fn plan_point(&self) -> Option<&PlanPoint> {
        let item = self.item()?;
        item.points.iter().find(|p| p.point == self.point)
    }

    fn state(&self) -> Option<&StepState> {
        self.plan_point().map(|p| &p.state)
    }

    fn step_here(&self) -> Option<Step> {
        self.item().map(|item| item.step.clone())
    }

    fn is_mine(&self) -> bool {
        self.sheet
            .as_ref()
            .is_some_and(|s| s.inspection.is_open() && s.inspection.holder == self.me)
    }

    /// Whether the step in front takes an answer now.
    fn asking(&self) -> bool {
        let Some(item) = self.item() else {
            return false;
        };
        if !self.is_mine() || !item.asked.is_asked() {
            return false;
        }
        if matches!(
            item.step.kind,
            StepKind::Computed(_) | StepKind::ElectricalSafety { .. }
        ) {
            return false;
        }
        self.again.is_some()
            || matches!(
                self.state(),
                Some(
                    StepState::Open
                        | StepState::Running { .. }
                        | StepState::AsLeft
                        | StepState::Suspect
                )
            )
    }

    /// Why nothing can be recorded here, if so.
    fn closed(&self) -> Option<String> {
        let Some(sheet) = &self.sheet else {
            return Some("The inspection cannot be read now.".to_owned());
        };
        let inspection = &sheet.inspection;
        if !inspection.is_open() {
            let status = inspection.status.map_or("not open", |s| s.label());
            return Some(format!("This inspection is {status}."));
        }
        (inspection.holder != self.me).then(|| {
            format!(
                "{} has this inspection; take it over first.",
                words::name(sheet, &inspection.holder)
            )
        })
    }

    fn adopted(&self) -> bool {
        self.sheet
            .as_ref()
            .is_some_and(|s| s.inspection.adopted || s.procedure.is_adopted())
    }

    fn load(&mut self, cx: &mut Cx<'_>) {
        cx.session.actor().clone_into(&mut self.me);
        let mine = self.is_mine();
        match cx.session.inspection(self.id) {
            Ok(sheet) => {
                if mine && sheet.inspection.is_open() && sheet.inspection.holder != self.me {
                    taken_over(&sheet, cx);
                }
                self.plan = plan(&sheet.inspection, &sheet.document, &sheet.inspection.facts);
                self.now = sheet.now;
                self.people = others(cx.session);
                self.sheet = Some(sheet);
                self.trouble = None;
            }
            Err(failure) => self.trouble = Some(failure.to_string()),
        }
        self.last = match (&self.sheet, self.item()) {
            (Some(sheet), Some(item)) => words::last_text(sheet, &item.step),
            _ => None,
        };
        self.ring(cx);
    }

    /// Rings once for each count-down whose time is over.
    fn ring(&mut self, cx: &mut Cx<'_>) {
        let tag = self
            .sheet
            .as_ref()
            .map(|s| s.device.tag.clone())
            .unwrap_or_default();
        for item in &self.plan.items {
            let over = matches!(&item.state, StepState::Running { until } if until.micros <= self.now.micros);
            if over {
                if self.rung.insert(item.step.id.clone()) {
                    cx.wish(Effect::Bell);
                    let words = format!("{tag}: time is over: {}", item.step.title);
                    cx.say(Tone::Plain, words);
                }
            } else {
                self.rung.remove(&item.step.id);
            }
        }
    }

    /// Puts a step in front: what was pressed for another one does not count for it.
    fn go(&mut self, step: StepId, point: Option<u16>, cx: &mut Cx<'_>) {
        self.step = Some(step);
        self.point = point;
        self.input = StepInput::default();
        self.again = None;
        self.question = Question::None;
        self.last = match (&self.sheet, self.item()) {
            (Some(sheet), Some(item)) => words::last_text(sheet, &item.step),
            _ => None,
        };
        cx.wish(Effect::NewStep);
        self.ask_what_is_due(cx);
    }

    /// Opens the question that the step in front needs first: what is done about a failure, or which tool.
    fn ask_what_is_due(&mut self, cx: &mut Cx<'_>) {
        if !self.is_mine() || !self.question.is_none() {
            return;
        }
        let Some(item) = self.item() else { return };
        let computed = matches!(item.step.kind, StepKind::Computed(_));
        match self.state() {
            Some(StepState::Unsettled) if self.again.is_none() => {
                self.question = ask::failing(cx);
                cx.wish(Effect::DropTypedAhead);
            }
            Some(StepState::AsLeft | StepState::Suspect) if computed => self.measure_inputs(cx),
            _ if self.asking() => self.ask_tool(cx, false),
            _ => {}
        }
    }

    /// A computed value follows from its readings: the first of them is measured again.
    fn measure_inputs(&mut self, cx: &mut Cx<'_>) {
        let Some(item) = self.item() else { return };
        let title = item.step.title.clone();
        let input = words::inputs(&item.step)
            .into_iter()
            .find_map(|id| self.plan.item(&id))
            .filter(|i| !matches!(i.step.kind, StepKind::Computed(_)));
        let Some(input) = input else { return };
        let (step, point) = (
            input.step.id.clone(),
            input.points.first().and_then(|p| p.point),
        );
        self.go(step, point, cx);
        self.again = Some((Again::Remeasured, String::new()));
        self.question = Question::None;
        cx.say(
            Tone::Plain,
            format!("\"{title}\" is computed; measure what it comes from again."),
        );
    }

    /// Asks for the tool of the step in front, if it needs one that is not chosen yet, or when told to.
    fn ask_tool(&mut self, cx: &mut Cx<'_>, always: bool) {
        let (Some(sheet), Some(item)) = (&self.sheet, self.item()) else {
            return;
        };
        let Some(kind) = item.step.tool.clone() else {
            return;
        };
        if !always && words::chosen_tool(sheet, &kind).is_some() {
            return;
        }
        let in_hand = cx
            .session
            .tools_in_hand()
            .into_iter()
            .find(|(known, _)| words::same(known, &kind))
            .map(|(_, tool)| tool);
        match cx.session.tools() {
            Ok(tools) => {
                self.question = ask::tools(&kind, tools, in_hand);
                cx.wish(Effect::DropTypedAhead);
            }
            Err(failure) => cx.fail(&failure),
        }
    }

    fn show_front(&mut self, cx: &mut Cx<'_>) {
        if let Some(item) = self.plan.front.and_then(|i| self.plan.items.get(i)) {
            let point = item.next_point().and_then(|p| p.point);
            self.go(item.step.id.clone(), point, cx);
        } else if self.item().is_none()
            && let Some(last) = self.plan.items.last()
        {
            self.go(last.step.id.clone(), None, cx);
        }
    }

    /// The next step that wants something, after the one in front; else the first one that does.
    fn move_on(&mut self, corrected: bool, cx: &mut Cx<'_>) {
        let here = self.index().unwrap_or(0);
        let wants = |item: &PlanItem| {
            !item.deferred
                && matches!(
                    item.state,
                    StepState::Unsettled | StepState::AsLeft | StepState::Suspect | StepState::Open
                )
        };
        let next = if corrected {
            None
        } else {
            self.plan
                .items
                .iter()
                .enumerate()
                .skip(here)
                .find(|(_, item)| wants(item))
                .map(|(i, _)| i)
        };
        // A failure that was just made comes first, even if the step was only being corrected.
        let unsettled = self
            .item()
            .filter(|item| item.state == StepState::Unsettled)
            .and(self.index());
        let place = unsettled
            .or(next)
            .or(self.plan.front)
            .and_then(|index| self.plan.items.get(index))
            .map(|item| {
                let point = item.next_point().and_then(|p| p.point);
                (item.step.id.clone(), point)
            });
        if let Some((step, point)) = place {
            self.go(step, point, cx);
            return;
        }
        self.input = StepInput::default();
        self.again = None;
        self.question = Question::None;
        cx.wish(Effect::NewStep);
        if self.plan.missing.is_empty() {
            cx.wish(Effect::Go(Place::Summary(self.id)));
        }
    }

    /// Looks at the step before or after; nothing is recorded.
    fn look(&mut self, forward: bool, cx: &mut Cx<'_>) {
        let Some(here) = self.index() else { return };
        let places: Vec<(StepId, Option<u16>)> = self
            .plan
            .items
            .iter()
            .filter(|item| {
                item.state != StepState::Skipped || Some(&item.step.id) == self.step.as_ref()
            })
            .flat_map(|item| item.points.iter().map(|p| (item.step.id.clone(), p.point)))
            .collect();
        let current = self
            .plan
            .items
            .get(here)
            .map(|i| (i.step.id.clone(), self.point));
        let at = places
            .iter()
            .position(|p| Some(p) == current.as_ref())
            .unwrap_or(0);
        let next = if forward { at + 1 } else { at.wrapping_sub(1) };
        if let Some((step, point)) = places.get(next).cloned() {
            self.go(step, point, cx);
        }
    }

    /// The device of this inspection, and the others that a scan may mean.
    fn devices_of(&self, scan: &ScanAnswer) -> (bool, Vec<DeviceCard>) {
        let own = self.sheet.as_ref().and_then(|s| s.inspection.device);
        let is_own = scan.devices.iter().any(|card| Some(card.id) == own);
        let others = scan
            .devices
            .iter()
            .filter(|card| Some(card.id) != own)
            .cloned()
            .collect();
        (is_own, others)
    }
}

/// Technicians other than the one asking: key and printed name.
pub(super) fn others(session: &Session) -> Vec<(String, String)> {
    session
        .technicians()
        .unwrap_or_default()
        .into_iter()
        .filter(|t| t.key != session.actor() && t.left.is_none())
        .map(|t| (t.key, t.name))
        .collect()
}

/// Tells the one who had an inspection that somebody else goes on with it.
fn taken_over(sheet: &InspectionSheet, cx: &mut Cx<'_>) {
    let last = sheet.inspection.handovers.last();
    let Some((to, place, _, stamp)) =
        last.filter(|(_, _, _, stamp)| stamp.by != cx.session.actor())
    else {
        return;
    };
    let place = if place.is_empty() {
        String::new()
    } else {
        format!(" The device: {place}.")
    };
    let left = plan(&sheet.inspection, &sheet.document, &sheet.inspection.facts)
        .missing
        .len();
    cx.say(
        Tone::Bad,
        format!(
            "{} took this inspection over at {}.{place} {left} {} left. Your answers are kept.",
            words::name(sheet, to),
            stamp.at.minute(),
            if left == 1 { "step is" } else { "steps are" }
        ),
    );
    cx.wish(Effect::Bell);
}

impl Screen for Checklist {
    fn contexts(&self) -> Vec<Context> {
        match &self.question {
            Question::Failing(_) => vec![Context::AsFound],
            Question::None => match self.item() {
                Some(item) if self.asking() => self.input.contexts(&item.step),
                _ => vec![Context::Checklist],
            },
            Question::Form(form, _) => vec![form.context()],
            _ => vec![Context::Dialog],
        }
    }

    fn title(&self) -> String {
        self.sheet.as_ref().map_or_else(
            || "Inspection".to_owned(),
            |sheet| format!("{} {}", sheet.device.tag, sheet.inspection.activity),
        )
    }

    fn availability(&self, action: Action) -> Availability {
        self.can(action)
    }

    fn run(&mut self, action: Action, press: &Press, cx: &mut Cx<'_>) {
        if action.records() && !by_hand(press) {
            return;
        }
        match &mut self.question {
            Question::None => self.act(action, press, cx),
            Question::Failing(_) if by_hand(press) => self.settle(action, cx),
            // What a label or a held key pressed settles nothing.
            Question::Failing(_) => {}
            Question::Form(form, asked) => match form.run(action) {
                Done::Open => {}
                Done::GivenUp => self.give_up(cx),
                Done::Complete if by_hand(press) => {
                    let (form, asked) = (form.clone(), asked.clone());
                    self.complete(&form, asked, cx);
                }
                Done::Complete => {}
            },
            Question::Tools { picker, .. } | Question::OtherDevice { picker, .. } => {
                if action == Action::Back {
                    self.give_up(cx);
                } else if let Some(row) = picker.run(action)
                    && by_hand(press)
                {
                    self.picked(row, cx);
                }
            }
            Question::Read { .. } => {
                if matches!(action, Action::Back | Action::Submit) {
                    self.give_up(cx);
                }
            }
        }
    }

    fn typed(&mut self, key: KeyCombo, press: &Press, cx: &mut Cx<'_>) -> bool {
        match &mut self.question {
            Question::Form(form, _) => return form.typed(key),
            Question::Tools { picker, .. } | Question::OtherDevice { picker, .. } => {
                let Some(row) = picker.digit(key) else {
                    return false;
                };
                if by_hand(press) {
                    self.picked(row, cx);
                }
                return true;
            }
            Question::Failing(_) | Question::Read { .. } => return false,
            Question::None => {}
        }
        if !self.asking() {
            return false;
        }
        let Some(step) = self.step_here() else {
            return false;
        };
        let around = Around {
            people: &self.people,
            last: self.last.as_deref(),
        };
        match self.input.typed(&step, around, key, press) {
            None => false,
            Some(given) => {
                if let Some(given) = given {
                    self.answer(given, cx);
                }
                true
            }
        }
    }

    fn scanned(&mut self, scan: &ScanAnswer, text: &str, cx: &mut Cx<'_>) -> bool {
        // Who only looks at an inspection has nothing to stay for.
        if self.closed().is_some() && self.question.is_none() {
            return false;
        }
        self.scan(scan, text, cx);
        true
    }

    fn pasted(&mut self, text: &str, _cx: &mut Cx<'_>) -> bool {
        match &mut self.question {
            Question::Form(form, _) => form.pasted(text),
            Question::None => {
                let text_field = self.item().is_some_and(|item| {
                    matches!(
                        item.step.kind,
                        StepKind::Text { .. } | StepKind::Scan { .. }
                    )
                });
                let takes = text_field && self.asking();
                if takes {
                    self.input.left = false;
                    self.input.edit.insert(text);
                }
                takes
            }
            _ => false,
        }
    }

    fn told(&mut self, result: &Result<Receipt, Failure>, cx: &mut Cx<'_>) {
        let act = if self.acts.is_empty() {
            None
        } else {
            Some(self.acts.remove(0))
        };
        match result {
            Err(failure) => {
                cx.fail(failure);
                self.load(cx);
                self.ask_what_is_due(cx);
            }
            Ok(receipt) => self.done(act, receipt, cx),
        }
    }

    fn refresh(&mut self, cx: &mut Cx<'_>) {
        self.load(cx);
        if let Some(step) = self.wanted.take()
            && let Some(item) = self.plan.item(&step)
        {
            let point = item.next_point().and_then(|p| p.point);
            self.go(step, point, cx);
        } else if self.item().is_none() {
            self.show_front(cx);
        }
    }

    fn woken(&mut self, cx: &mut Cx<'_>) {
        if let Ok(shop) = cx.session.shop() {
            self.now = shop.now;
        }
        self.ring(cx);
    }

    fn wake_in(&self) -> Option<std::time::Duration> {
        self.plan
            .items
            .iter()
            .any(|i| matches!(&i.state, StepState::Running { until } if until.micros > self.now.micros))
            .then(|| std::time::Duration::from_secs(1))
    }

    fn draw(&self, frame: &mut ratatui::Frame<'_>, area: ratatui::layout::Rect, look: &Look) {
        self.paint(frame, area, look);
    }
}
