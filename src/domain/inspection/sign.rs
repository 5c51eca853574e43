//! Signing, and what follows from the first signature for the order and the device.
//!
//! Invariants: nothing missing, nothing unsettled, nothing suspect; a signer signs only their own steps, or re-verifies
//! the others by name; an undecided outcome never closes the order; a hold is lifted only by a pass that began after it
//! was placed and after the last repair. Whether the bytes are a true ed25519 signature is checked by the caller.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};

use super::outcome::outcome;
use super::reach::{Entry, Reached, on_record};
use super::start::{is_scheduled, unqualified};
use super::walk::{Plan, by_a_person, later};
use super::{Inspection, InspectionEvent, InspectionStatus, Verdict};
use crate::domain::choices::fold;
use crate::domain::context::{Context, World};
use crate::domain::device::{self, Hold, HoldKind, Outcome};
use crate::domain::event::Addressed;
use crate::domain::id::{EntityId, Hash};
use crate::domain::order::{
    FailureCause, LabourKind, Order, OrderEvent, OrderKind, OutcomeCode, device_not_sequestered,
    proposed_action,
};
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::signature::{Meaning, Signature};
use crate::domain::time::Stamp;

/// The longest pause between two answers that counts as work, in seconds.
const LONGEST_PAUSE: i64 = 600;
/// How far a signature's time may lie ahead of the shop's clock, in seconds.
const CLOCK_SLACK: i64 = 300;

/// Decides a signature.
pub(super) fn sign(
    world: &dyn World,
    ctx: &Context,
    id: EntityId,
    signature: &Signature,
    minutes: Option<u32>,
    cause: Option<FailureCause>,
) -> Result<Vec<Addressed>, Refusal> {
    let reached = on_record(world, id)?;
    genuine(world, ctx, signature)?;
    match reached.inspection.status {
        Some(InspectionStatus::Open) => first(world, ctx, &reached, signature, minutes, cause),
        Some(InspectionStatus::Signed) => another(&reached, signature),
        _ => Err(Refusal::rule(
            "This inspection is void; it is not signed.",
            "Start a new inspection.",
        )),
    }
}

/// The signer is who asks, with a key that was valid at that moment.
fn genuine(world: &dyn World, ctx: &Context, signature: &Signature) -> Result<(), Refusal> {
    let not_allowed = |what: String, hint: &str| Refusal::new(RefusalKind::NotAllowed, what, hint);
    if signature.signer != ctx.actor {
        return Err(not_allowed(
            format!("{} cannot sign for {}.", ctx.actor, signature.signer),
            "Everybody signs with their own key.",
        ));
    }
    let signer = crate::domain::witness::colleague(world, &signature.signer)?;
    if signature.name != signer.name {
        return Err(Refusal::bad_input(
            format!(
                "The signature names \"{}\", the record \"{}\".",
                signature.name, signer.name
            ),
            "Sign again.",
        ));
    }
    let ahead = signature.at.seconds_since(ctx.now);
    let valid = signer.key_valid_at(&signature.public, signature.at)
        && signer.key_valid_at(&signature.public, ctx.now);
    if !valid || ahead > CLOCK_SLACK {
        return Err(not_allowed(
            format!(
                "{} has no valid signing key for this signature.",
                signer.name
            ),
            "Enrol a key with `tagout tech key`, then sign again.",
        ));
    }
    if signature.list == Hash::default() || signature.bytes.len() != 64 {
        return Err(Refusal::bad_input(
            "The signature covers nothing, or is not complete.",
            "Sign again; if it stays so, run `tagout doctor`.",
        ));
    }
    Ok(())
}

/// A signature on a record that is signed already.
fn another(reached: &Reached, signature: &Signature) -> Result<Vec<Addressed>, Refusal> {
    let inspection = &reached.inspection;
    let mine = inspection
        .signatures
        .iter()
        .any(|s| s.signer == signature.signer);
    let worked = inspection
        .answers
        .iter()
        .any(|a| by_a_person(a) && a.stamp.by == signature.signer);
    let refused = match signature.meaning {
        _ if mine => Some("You have signed this inspection."),
        Meaning::Performed if !worked => Some("You answered none of its steps."),
        Meaning::Reverified => Some("It is signed; steps are re-verified before that."),
        _ => None,
    };
    if let Some(what) = refused {
        return Err(Refusal::rule(
            what,
            "Another person can sign with the meaning \"reviewed\" or \"approved\".",
        ));
    }
    let event = InspectionEvent::Signed {
        signature: signature.clone(),
        outcome: inspection.outcome.unwrap_or(Outcome::Undecided),
        because: inspection.because.clone(),
        minutes: inspection.minutes,
    };
    Ok(vec![(reached.id, event).into()])
}

fn first(
    world: &dyn World,
    ctx: &Context,
    reached: &Reached,
    signature: &Signature,
    minutes: Option<u32>,
    cause: Option<FailureCause>,
) -> Result<Vec<Addressed>, Refusal> {
    let inspection = &reached.inspection;
    if inspection.holder != ctx.actor {
        return Err(Refusal::new(
            RefusalKind::NotAllowed,
            format!("{} has this inspection.", inspection.holder),
            "Ask for a hand-over, or take it over, before signing.",
        ));
    }
    device_not_sequestered(&reached.device)?;
    if !matches!(signature.meaning, Meaning::Performed | Meaning::Reverified) {
        return Err(Refusal::rule(
            "Nobody has signed that the work was done.",
            "Who did the work signs first; review and approval come after it.",
        ));
    }
    let plan = reached.plan();
    if !plan.missing.is_empty() {
        return Err(with_lines(
            "This inspection is not ready to be signed.",
            "Do what is missing, then sign.",
            &plan.missing,
        ));
    }
    if let Some(step) = inspection.clashes().first().and_then(|group| group.first()) {
        return Err(Refusal::rule(
            format!(
                "Step {} was answered differently by people who did not know of each other.",
                step.step
            ),
            "Say first which answer counts: tagout conflict list, or the conflicts on the screen.",
        ));
    }
    own_steps_only(&plan, signature)?;
    if let Some(lacks) = unqualified(
        world,
        &signature.signer,
        &reached.frozen,
        inspection.performed,
    ) {
        return Err(Refusal::new(
            RefusalKind::NotAllowed,
            format!("{}.", capital(&lacks)),
            "Hand it over to somebody who holds them: they do the steps again, or check them and sign with the meaning \"reverified\". If you do hold them, record it: tagout tech credential.",
        ));
    }

    let (outcome, mut because) = outcome(inspection, &reached.frozen, reached.adopted);
    let started = inspection.started.clone().unwrap_or_else(|| Stamp {
        dot: ctx.dot(0),
        at: ctx.now,
        by: ctx.actor.clone(),
    });
    let kept: Vec<&Hold> = reached
        .device
        .holds
        .iter()
        .filter(|hold| hold.kind == HoldKind::FailedTest)
        .filter(|hold| !may_lift(world, reached, hold, &started))
        .collect();
    if outcome.is_pass() {
        for hold in &kept {
            because.push(format!(
                "The hold \"{}\" stays: it is lifted by a pass of what failed, begun after the failure and after its repair was closed.",
                hold.reason
            ));
        }
    }
    let worked = minutes_by_person(inspection, &started);
    let total = minutes.map_or_else(|| worked.values().sum::<u32>(), |m| m.max(1));
    let order_id = inspection.order;
    let order = order_id.and_then(|id| world.order(id));
    if outcome == Outcome::Undecided
        && let Some(order) = &order
    {
        because.push(format!(
            "{} stays open until it can be decided.",
            order.number
        ));
    }

    let mut entry = Entry::new(ctx);
    entry.push((
        reached.id,
        InspectionEvent::Signed {
            signature: signature.clone(),
            outcome,
            because: because.clone(),
            minutes: total,
        },
    ));
    let mut next_due = None;
    if let (Some(id), Some(order)) = (order_id, &order) {
        next_due = due_again(reached, order, outcome);
        if order.status.is_open() {
            let by_person = match minutes {
                Some(_) => BTreeMap::from([(ctx.actor.clone(), total)]),
                None => worked,
            };
            book(&mut entry, reached, id, by_person);
            after_signing(&mut entry, reached, id, order, outcome, &because, cause);
        } else {
            entry.push((
                id,
                OrderEvent::Addendum {
                    text: format!(
                        "Inspection of {} signed after this order was {}: {outcome}.",
                        inspection.performed, order.status
                    ),
                },
            ));
        }
    }
    let how = format!("{} of {}", inspection.activity, inspection.performed);
    let saved = device::saved(
        reached.device_id,
        &reached.device,
        &super::plate::seen(&plan),
        &how,
    );
    entry.events.extend(saved);
    entry.events.extend(device::inspected(
        reached.device_id,
        &reached.device,
        reached.id,
        &inspection.activity,
        outcome,
        inspection.performed,
        next_due,
        &|hold| may_lift(world, reached, hold, &started),
    ));
    Ok(entry.events)
}

fn with_lines(what: &str, hint: &str, lines: &[String]) -> Refusal {
    let mut refusal = Refusal::rule(format!("{what} {}.", capital(&lines.join("; "))), hint);
    refusal.choices = lines
        .iter()
        .map(|line| (line.clone(), line.clone()))
        .collect();
    refusal
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// Steps of others need their own signature or an explicit re-verification.
fn own_steps_only(plan: &Plan, signature: &Signature) -> Result<(), Refusal> {
    if signature.meaning == Meaning::Reverified {
        return Ok(());
    }
    let mut lines = Vec::new();
    for item in plan.items.iter().filter(|i| i.asked.is_asked()) {
        for point in &item.points {
            let answers = [point.found.as_ref(), point.left.as_ref()];
            for answer in answers.into_iter().flatten() {
                let line = format!("{} by {}", item.step.title, answer.stamp.by);
                if by_a_person(answer)
                    && answer.stamp.by != signature.signer
                    && !lines.contains(&line)
                {
                    lines.push(line);
                }
            }
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    Err(with_lines(
        "Others answered steps of this inspection.",
        "Do those steps again yourself, sign with the meaning \"re-verified\", or hand the inspection back to them to sign.",
        &lines,
    ))
}

/// A hold is lifted only by an inspection that began after it was placed; one of a failed test also only when the work
/// is dated no earlier, tests again what failed, and every repair of that failure is closed and was closed before.
fn may_lift(world: &dyn World, reached: &Reached, hold: &Hold, started: &Stamp) -> bool {
    if !later(started, &hold.stamp) {
        return false;
    }
    if hold.kind == HoldKind::FoundWithoutPm {
        // Work that ended undone is made up by that work, not by another.
        return hold
            .source
            .and_then(|order| world.order(order))
            .is_none_or(|order| {
                fold(&order.opening.activity) == fold(&reached.inspection.activity)
            });
    }
    if hold.kind != HoldKind::FailedTest {
        return true;
    }
    if reached.inspection.performed < hold.stamp.at.date() {
        return false;
    }
    let failed = hold.source.and_then(|source| world.inspection(source));
    if failed
        .as_ref()
        .is_some_and(|failed| !tests_again(reached, failed))
    {
        return false;
    }
    let of_the_failure = failed
        .map(|failed| failed.repairs.clone())
        .unwrap_or_default()
        .into_iter()
        .map(|(_, order)| order);
    let open_now = world
        .open_orders(reached.device_id)
        .into_iter()
        .filter(|id| Some(*id) != reached.inspection.order);
    of_the_failure
        .chain(open_now)
        .filter_map(|id| world.order(id))
        .filter(|order| order.opening.kind == OrderKind::Repair && order.cancelled.is_none())
        .all(|order| {
            order
                .closing
                .as_ref()
                .is_some_and(|closing| later(started, &closing.stamp))
        })
}

/// Whether an inspection tests again what failed: the same activity, or a pass of every step that failed then.
fn tests_again(reached: &Reached, failed: &Inspection) -> bool {
    if reached.inspection.activity == failed.activity {
        return true;
    }
    let plan = reached.plan();
    failed
        .answers
        .iter()
        .filter(|a| a.verdict == Verdict::Fail)
        .all(|a| {
            plan.item(&a.step)
                .is_some_and(|item| item.verdict() == Some(Verdict::Pass))
        })
}

/// Active minutes as they would be booked without a word from the signer, all persons together.
pub fn proposed_minutes(inspection: &Inspection) -> u32 {
    inspection.started.as_ref().map_or(1, |started| {
        minutes_by_person(inspection, started)
            .values()
            .fold(0, |sum: u32, minutes| sum.saturating_add(*minutes))
    })
}

/// Active minutes by person: the time up to each answer or fix, long pauses cut, a fix at least as long as was said.
fn minutes_by_person(inspection: &Inspection, started: &Stamp) -> BTreeMap<String, u32> {
    let mut acts: Vec<(&Stamp, u32)> = inspection
        .answers
        .iter()
        .filter(|a| by_a_person(a))
        .map(|a| (&a.stamp, 0))
        .chain(inspection.fixes.iter().map(|f| (&f.stamp, f.minutes)))
        .collect();
    acts.sort_by_key(|(stamp, _)| (stamp.at.micros, stamp.dot));
    let mut seconds: BTreeMap<String, i64> = BTreeMap::new();
    let mut before = started.at;
    for (stamp, said) in acts {
        let gap = stamp.at.seconds_since(before).clamp(0, LONGEST_PAUSE);
        let worked = gap.max(i64::from(said) * 60);
        *seconds.entry(stamp.by.clone()).or_default() += worked;
        before = stamp.at;
    }
    if seconds.is_empty() {
        seconds.insert(inspection.holder.clone(), 0);
    }
    seconds
        .into_iter()
        .map(|(who, seconds)| {
            let minutes = u32::try_from((seconds + 30) / 60).unwrap_or(u32::MAX);
            (who, minutes.max(1))
        })
        .collect()
}

fn book(
    entry: &mut Entry<'_>,
    reached: &Reached,
    order: EntityId,
    by_person: BTreeMap<String, u32>,
) {
    for (who, minutes) in by_person {
        entry.push((
            order,
            OrderEvent::LabourBooked {
                who,
                minutes,
                kind: LabourKind::Active,
                on: reached.inspection.performed,
                note: String::new(),
            },
        ));
    }
    let mut seen = Vec::new();
    for used in reached.inspection.answers.iter().filter_map(|a| a.tool) {
        if !seen.contains(&used) {
            seen.push(used);
            entry.push((order, OrderEvent::ToolUsed { tool: used }));
        }
    }
}

/// Closes the order that the inspection completes; an undecided one stays in progress and says so.
fn after_signing(
    entry: &mut Entry<'_>,
    reached: &Reached,
    id: EntityId,
    order: &Order,
    outcome: Outcome,
    because: &[String],
    cause: Option<FailureCause>,
) {
    let inspection = &reached.inspection;
    if outcome == Outcome::Undecided || !is_scheduled(order.opening.kind) {
        entry.push((
            id,
            OrderEvent::Noted {
                text: format!(
                    "Inspection of {} signed: {outcome}. This order stays open.",
                    inspection.performed
                ),
            },
        ));
        return;
    }
    let passed = outcome == Outcome::Passed;
    entry.push((
        id,
        OrderEvent::Closed {
            outcome: Some(if passed {
                OutcomeCode::Passed
            } else {
                OutcomeCode::Corrective
            }),
            cause: if passed {
                FailureCause::None
            } else {
                cause.unwrap_or(FailureCause::FoundAtPm)
            },
            action: proposed_action(order.opening.kind),
            found: if passed {
                String::new()
            } else {
                because.join(" ")
            },
            done: inspection
                .fixes
                .iter()
                .map(|fix| fix.done.as_str())
                .collect::<Vec<_>>()
                .join("; "),
            performed: inspection.performed,
            inspection: Some(reached.id),
        },
    ));
}

/// When the activity is due again: counted from the day of the work; an undecided inspection leaves the date as it was.
fn due_again(reached: &Reached, order: &Order, outcome: Outcome) -> Option<NaiveDate> {
    if outcome == Outcome::Undecided || !is_scheduled(order.opening.kind) {
        return reached
            .device
            .inspections
            .get(&reached.inspection.activity)
            .and_then(|last| last.next_due)
            .or(order.opening.due);
    }
    reached
        .inspection
        .performed
        .checked_add_months(Months::new(order.opening.interval_months?))
}
