//! Where an inspection stands: which steps are asked, what was answered, what still fails, what comes next.
//!
//! Invariants: a pure function of the inspection, its frozen document and the facts; nothing here changes anything. A
//! safety failure stands until it is fixed and an as-left answer follows, whatever was answered afterwards; only a typing
//! slip or a faulty tool excuses it. A step that failed stays asked, even when an amended answer would skip it.

use serde::{Deserialize, Serialize};

use super::{Again, Answer, AnswerOrigin, Answered, Fix, Inspection, Phase, Verdict};
use crate::domain::id::EntityId;
use crate::domain::procedure::{
    AnswerFact, AnswerState, Answers, Applicability, DeviceFacts, Formula, Operand, Procedure,
    ScanTarget, Step, StepId, StepKind, applicable,
};
use crate::domain::time::{Moment, Stamp};

/// How far one step, or one set point of it, is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum StepState {
    /// Not asked; [`PlanItem::asked`] says why.
    Skipped,
    /// An earlier step is to be answered first.
    Waiting,
    /// To be answered.
    Open,
    /// Its count-down was started and ends then; whether it is over, the clock says.
    Running {
        /// When it ends.
        until: Moment,
    },
    /// It failed, and nobody has said yet what is done about it.
    Unsettled,
    /// It failed and was put right; the as-left answer is missing.
    AsLeft,
    /// It failed, and a repair order was opened.
    InRepair(EntityId),
    /// It was measured with test equipment that turned out faulty.
    Suspect,
    /// Answered.
    Done,
}

impl StepState {
    /// A few words for a list.
    pub fn words(&self) -> String {
        match self {
            Self::Skipped => "not asked".to_owned(),
            Self::Waiting => "waits for an earlier step".to_owned(),
            Self::Open => "open".to_owned(),
            Self::Running { until } => format!("count-down until {}", until.minute()),
            Self::Unsettled => "FAILED, unsettled".to_owned(),
            Self::AsLeft => "as-left answer missing".to_owned(),
            Self::InRepair(_) => "FAILED, repair order open".to_owned(),
            Self::Suspect => "suspect, measure again".to_owned(),
            Self::Done => "answered".to_owned(),
        }
    }

    /// What a table of points is shown as: the most urgent first.
    const fn urgency(&self) -> u8 {
        match self {
            Self::Unsettled => 0,
            Self::AsLeft => 1,
            Self::Suspect => 2,
            Self::Open => 3,
            Self::Running { .. } => 4,
            Self::Waiting => 5,
            Self::InRepair(_) => 6,
            Self::Done => 7,
            Self::Skipped => 8,
        }
    }

    const fn wants_an_act(&self) -> bool {
        matches!(
            self,
            Self::Unsettled | Self::AsLeft | Self::Suspect | Self::Open
        )
    }
}

/// One answer that a step takes: the whole step, or one set point of a table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlanPoint {
    /// The set point, from 0; `None` outside tables.
    pub point: Option<u16>,
    /// The set point in words; empty outside tables.
    pub label: String,
    /// The limit in words; empty when nothing is judged.
    pub limit: String,
    /// The as-found answer that counts.
    pub found: Option<Answered>,
    /// The as-left answer that counts.
    pub left: Option<Answered>,
    /// The failure that stands or was put right.
    pub failure: Option<Answered>,
    /// What put it right.
    pub fix: Option<Fix>,
    /// The as-left answer that counts was given after it was put right.
    pub tested: bool,
    /// How far it is.
    pub state: StepState,
}

impl PlanPoint {
    /// The answer that counts: as left before as found.
    pub fn current(&self) -> Option<&Answered> {
        self.left.as_ref().or(self.found.as_ref())
    }

    /// It was put right, and the as-left answer is still to come.
    pub fn wants_as_left(&self) -> bool {
        self.failure.is_some() && self.fix.is_some() && !self.tested
    }

    /// What the point says of the device now: a failure that was not put right is a failure.
    pub fn verdict(&self) -> Option<Verdict> {
        match self.state {
            StepState::Unsettled | StepState::AsLeft | StepState::InRepair(_) => {
                Some(Verdict::Fail)
            }
            _ if self.wants_as_left() => Some(Verdict::Fail),
            _ => self.current().map(|a| a.verdict),
        }
    }
}

/// One step with all that a screen needs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlanItem {
    /// The heading it stands under.
    pub section: String,
    /// The step.
    pub step: Step,
    /// Whether it is asked, and why or why not.
    pub asked: Applicability,
    /// How far it is.
    pub state: StepState,
    /// Left for later.
    pub deferred: bool,
    /// One for each answer it takes, at least one.
    pub points: Vec<PlanPoint>,
}

impl PlanItem {
    /// What the step says of the device now; `None` while any answer is missing and none failed.
    pub fn verdict(&self) -> Option<Verdict> {
        let all: Vec<Option<Verdict>> = self.points.iter().map(PlanPoint::verdict).collect();
        if all.contains(&Some(Verdict::Fail)) {
            return Some(Verdict::Fail);
        }
        if all.contains(&None) {
            return None;
        }
        [
            Verdict::Undecided,
            Verdict::Unverified,
            Verdict::Pass,
            Verdict::Neutral,
        ]
        .into_iter()
        .find(|v| all.contains(&Some(*v)))
        .or(Some(Verdict::NotApplicable))
    }

    /// The first point that is not answered.
    pub fn next_point(&self) -> Option<&PlanPoint> {
        self.points.iter().min_by_key(|p| p.state.urgency())
    }
}

/// Where an inspection stands.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Plan {
    /// Every step of the frozen document in working order.
    pub items: Vec<PlanItem>,
    /// The step in front; `None` when nothing is left to do but to sign.
    pub front: Option<usize>,
    /// Steps that are done, of those asked.
    pub done: usize,
    /// Steps asked so far; more may come with later answers.
    pub total: usize,
    /// What is missing before signing, line by line; empty when it may be signed.
    pub missing: Vec<String>,
}

impl Plan {
    /// The step with this id.
    pub fn item(&self, step: &StepId) -> Option<&PlanItem> {
        self.items.iter().find(|item| item.step.id == *step)
    }
}

/// Where an inspection stands. `facts` are those of the inspection, frozen when it began.
pub fn plan(inspection: &Inspection, frozen: &Procedure, facts: &DeviceFacts) -> Plan {
    let mut items: Vec<PlanItem> = Vec::new();
    for section in &frozen.sections {
        for step in &section.steps {
            let points = points_of(inspection, step);
            items.push(PlanItem {
                section: section.title.clone(),
                step: step.clone(),
                asked: Applicability::Asked,
                state: StepState::Open,
                deferred: inspection.deferred.contains(&step.id),
                points,
            });
        }
    }
    let asked = which_are_asked(frozen, facts, &items);
    for (item, asked) in items.iter_mut().zip(asked) {
        let failed = item.points.iter().any(|p| p.failure.is_some());
        item.asked = match asked {
            asked if asked.is_asked() || !failed => asked,
            _ => Applicability::AskedUnknown("it failed when it was asked".to_owned()),
        };
        item.state = match &item.asked {
            Applicability::Skipped(_) => StepState::Skipped,
            Applicability::Waits(_) => StepState::Waiting,
            _ => item
                .next_point()
                .map_or(StepState::Open, |point| point.state.clone()),
        };
    }
    let asked = |item: &&PlanItem| item.asked.is_asked();
    Plan {
        front: front(&items),
        done: items
            .iter()
            .filter(asked)
            .filter(|i| matches!(i.state, StepState::Done | StepState::InRepair(_)))
            .count(),
        total: items.iter().filter(asked).count(),
        missing: items.iter().filter_map(missing).collect(),
        items,
    }
}

fn front(items: &[PlanItem]) -> Option<usize> {
    let long = |item: &PlanItem| matches!(item.step.kind, StepKind::Timer { long: true, .. });
    let now = |item: &PlanItem| {
        item.state.wants_an_act()
            || (matches!(item.state, StepState::Running { .. }) && !long(item))
    };
    items
        .iter()
        .position(|item| now(item) && !item.deferred)
        .or_else(|| items.iter().position(now))
        .or_else(|| {
            items
                .iter()
                .position(|item| matches!(item.state, StepState::Running { .. }))
        })
}

fn missing(item: &PlanItem) -> Option<String> {
    let title = &item.step.title;
    Some(match &item.state {
        StepState::Open if item.step.required => format!("not answered: {title}"),
        StepState::Running { until } => {
            format!("count-down until {}: {title}", until.minute())
        }
        StepState::Waiting if item.step.required => match &item.asked {
            Applicability::Waits(on) => format!("step {on} decides whether it is asked: {title}"),
            _ => format!("not answered: {title}"),
        },
        StepState::Unsettled => format!("failed, and not said what is done about it: {title}"),
        StepState::AsLeft => format!("put right, the as-left answer is missing: {title}"),
        StepState::Suspect => {
            format!("measured with faulty test equipment, measure again: {title}")
        }
        _ => return None,
    })
}

/// Answers of steps that are skipped count for nothing: they are taken out until nothing changes any more.
fn which_are_asked(
    frozen: &Procedure,
    facts: &DeviceFacts,
    items: &[PlanItem],
) -> Vec<Applicability> {
    let mut answers: Answers = items
        .iter()
        .filter_map(|item| Some((item.step.id.clone(), fact(item)?)))
        .collect();
    loop {
        let asked = applicable(&frozen.sections, facts, &answers);
        let before = answers.len();
        for ((id, asked), item) in asked.iter().zip(items) {
            let failed = item.points.iter().any(|p| p.failure.is_some());
            if matches!(asked, Applicability::Skipped(_)) && !failed {
                answers.remove(id);
            }
        }
        if answers.len() == before {
            return asked.into_iter().map(|(_, asked)| asked).collect();
        }
    }
}

fn fact(item: &PlanItem) -> Option<AnswerFact> {
    let state = match item.verdict()? {
        Verdict::Pass => AnswerState::Pass,
        Verdict::Fail => AnswerState::Fail,
        Verdict::Undecided | Verdict::Unverified => AnswerState::Undecided,
        Verdict::Neutral => AnswerState::Neutral,
        Verdict::NotApplicable => AnswerState::NotApplicable,
    };
    let mut fact = AnswerFact::new(state);
    if let [only] = item.points.as_slice() {
        match only.current().map(|a| &a.answer) {
            Some(Answer::Choice(label)) => fact.chosen = Some(label.clone()),
            Some(Answer::Reading(reading)) => fact.reading = Some(reading.clone()),
            _ => {}
        }
    }
    Some(fact)
}

fn points_of(inspection: &Inspection, step: &Step) -> Vec<PlanPoint> {
    match &step.kind {
        StepKind::Table(table) => table
            .points
            .iter()
            .enumerate()
            .map(|(i, set)| {
                let limit = set.limit.describe(table.unit);
                point(inspection, step, Some(i as u16), &set.label, limit)
            })
            .collect(),
        StepKind::Measure(measure) => {
            let limit = measure.limit.map(|limit| limit.describe(measure.unit));
            vec![point(inspection, step, None, "", limit.unwrap_or_default())]
        }
        StepKind::Computed(computed) => {
            let limit = computed.limit.map(|limit| limit.describe(computed.unit));
            vec![point(inspection, step, None, "", limit.unwrap_or_default())]
        }
        StepKind::Date {
            must_not_be_past: true,
        } => {
            let limit = format!("not before {}", inspection.performed);
            vec![point(inspection, step, None, "", limit)]
        }
        _ => vec![point(inspection, step, None, "", String::new())],
    }
}

fn point(
    inspection: &Inspection,
    step: &Step,
    point: Option<u16>,
    label: &str,
    limit: String,
) -> PlanPoint {
    let mine =
        |a: &&Answered| a.step == step.id && a.point == point && !is_stale(inspection, step, a);
    let superseded_by = |a: &Answered| inspection.superseded_by(a.stamp.dot);
    let stands = |a: &&Answered| match superseded_by(a) {
        None => true,
        Some(Again::TypingSlip | Again::ToolFault) => false,
        Some(Again::Remeasured | Again::Amended) => step.safety,
    };
    let fix_of = |failure: &Answered| {
        inspection.fixes.iter().rev().find(|fix| {
            puts_right(fix, step)
                && inspection.came_later(&fix.stamp, &failure.stamp)
                && !inspection
                    .beside
                    .are_strangers(fix.stamp.dot, failure.stamp.dot)
        })
    };
    let mut failures = inspection
        .answers
        .iter()
        .rev()
        .filter(mine)
        .filter(|a| a.verdict == Verdict::Fail)
        .filter(stands);
    // A failure that whoever put the step right had not seen still stands.
    let unseen = (!inspection.beside.unseen.is_empty())
        .then(|| failures.clone().find(|failure| fix_of(failure).is_none()))
        .flatten();
    let failure = unseen.or_else(|| failures.next());
    let last = |phase: Phase| {
        let counts = |a: &&Answered| mine(a) && a.phase == phase && superseded_by(a).is_none();
        inspection.worst_beside(inspection.answers.iter().filter(counts))
    };
    let (found, left) = (last(Phase::AsFound), last(Phase::AsLeft));
    let fix = failure.and_then(fix_of);
    let repair = inspection.repairs.iter().rev().find(|(s, _)| *s == step.id);
    let suspect = |a: &Answered| inspection.is_suspect(a.stamp.dot);
    let running = inspection.timers.get(&step.id).and_then(|(from, seconds)| {
        let answered = left
            .or(found)
            .is_some_and(|a| inspection.came_later(&a.stamp, from));
        (!answered).then(|| StepState::Running {
            until: from.at.plus_seconds(i64::from(*seconds)),
        })
    });
    let proves = |a: &Answered, fix: &Fix| {
        inspection.came_later(&a.stamp, &fix.stamp)
            && !inspection.beside.are_strangers(a.stamp.dot, fix.stamp.dot)
    };
    let state = match (failure, fix, left.or(found)) {
        (None, _, None) => running.unwrap_or(StepState::Open),
        (None, _, Some(a)) if suspect(a) => StepState::Suspect,
        (None, _, Some(_)) => running.unwrap_or(StepState::Done),
        (Some(_), Some(fix), _) => match left.filter(|a| proves(a, fix)) {
            None => running.unwrap_or(StepState::AsLeft),
            Some(a) if suspect(a) => StepState::Suspect,
            Some(_) => StepState::Done,
        },
        (Some(failure), None, _) if suspect(failure) => StepState::Suspect,
        (Some(_), None, _) => repair.map_or(StepState::Unsettled, |(_, order)| {
            StepState::InRepair(*order)
        }),
    };
    PlanPoint {
        point,
        label: label.to_owned(),
        limit,
        found: found.cloned(),
        left: left.cloned(),
        failure: failure.cloned(),
        fix: fix.cloned(),
        tested: fix.is_some_and(|fix| left.is_some_and(|a| proves(a, fix))),
        state,
    }
}

/// After this long a device that somebody else goes on with is scanned again.
const A_DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// The scan that confirmed the device, made before the inspection was moved to another one, confirms nothing; nor does one
/// that lay a day back when somebody else took the inspection over.
fn is_stale(inspection: &Inspection, step: &Step, answer: &Answered) -> bool {
    let confirms = matches!(
        &step.kind,
        StepKind::Scan {
            what: ScanTarget::Device
        }
    );
    let moved = inspection
        .moved
        .last()
        .is_some_and(|(_, _, moved)| !inspection.came_later(&answer.stamp, moved));
    // What was signed was signed on what held then.
    let cold = inspection.is_open()
        && inspection.handovers.iter().any(|(_, _, _, handed)| {
            !inspection.came_later(&answer.stamp, handed)
                && handed.at.micros - answer.stamp.at.micros > A_DAY
        });
    confirms && (moved || cold)
}

/// A computed value is put right by what was done at a step it is computed from, too.
fn puts_right(fix: &Fix, step: &Step) -> bool {
    fix.step == step.id || inputs(step).contains(&fix.step)
}

/// The steps a computed step takes its readings from.
pub(super) fn inputs(step: &Step) -> Vec<StepId> {
    let StepKind::Computed(computed) = &step.kind else {
        return Vec::new();
    };
    let of = |operand: &Operand| match operand {
        Operand::Step(id) => Some(id.clone()),
        Operand::Value(_) => None,
    };
    match &computed.formula {
        Formula::WorstOf(ids) | Formula::Mean(ids) => ids.clone(),
        Formula::PercentError {
            measured: a,
            reference: b,
        }
        | Formula::Difference {
            first: a,
            second: b,
        } => [a, b].into_iter().filter_map(of).collect(),
    }
}

/// Whether `a` was recorded after `b`: by sequence within a site, by time between sites. For facts of different records;
/// within one inspection [`Inspection::came_later`] knows better.
pub(super) fn later(a: &Stamp, b: &Stamp) -> bool {
    if a.dot.site == b.dot.site {
        a.dot > b.dot
    } else {
        (a.at.micros, a.dot) > (b.at.micros, b.dot)
    }
}

/// Whether a person gave this answer.
pub(super) fn by_a_person(answer: &Answered) -> bool {
    answer.origin != AnswerOrigin::Computed
}
