//! What is done about a failing answer: put right on the spot, or a repair order with the finding filled in.

use super::outcome::in_words;
use super::reach::{Entry, Reached, at_work};
use super::walk::{PlanItem, StepState};
use super::{Failing, InspectionEvent};
use crate::domain::context::{Context, World};
use crate::domain::device::Field;
use crate::domain::event::Addressed;
use crate::domain::id::EntityId;
use crate::domain::order::{Cause, Opening, OrderEvent, OrderKind, Priority};
use crate::domain::procedure::StepId;
use crate::domain::refusal::Refusal;

/// Decides what is done about a failing step.
pub(super) fn settle(
    world: &dyn World,
    ctx: &Context,
    inspection: EntityId,
    step: &StepId,
    with: &Failing,
) -> Result<Vec<Addressed>, Refusal> {
    let reached = at_work(world, ctx, inspection)?;
    let plan = reached.plan();
    let item = reached.item(&plan, step)?;
    let unsettled = item.points.iter().any(|p| p.state == StepState::Unsettled);
    let in_repair = item.points.iter().find_map(|p| match p.state {
        StepState::InRepair(order) => Some(order),
        _ => None,
    });
    if !unsettled && in_repair.is_none() {
        return Err(Refusal::rule(
            format!("\"{}\" has no failing answer to settle.", item.step.title),
            "Go on with the step in front.",
        ));
    }
    match with {
        Failing::FixedNow {
            done,
            cause,
            minutes,
        } => {
            let done = super::judge::clean(done, "What was done")?;
            Ok(vec![
                (
                    reached.id,
                    InspectionEvent::Fixed {
                        step: step.clone(),
                        done,
                        cause: *cause,
                        minutes: *minutes,
                    },
                )
                    .into(),
            ])
        }
        Failing::OpenRepair => {
            if let Some(order) = in_repair {
                let number = world
                    .order(order)
                    .map(|o| o.number.clone())
                    .unwrap_or_default();
                return Err(Refusal::rule(
                    format!("{number} is open for this step already."),
                    "Go on with the next step.",
                ));
            }
            let mut entry = Entry::new(ctx);
            open_repair(&reached, item, &mut entry);
            Ok(entry.events)
        }
    }
}

fn open_repair(reached: &Reached, item: &PlanItem, entry: &mut Entry<'_>) {
    let finding: Vec<String> = item
        .points
        .iter()
        .filter(|p| p.state == StepState::Unsettled)
        .map(|p| {
            let at = match p.label.as_str() {
                "" => String::new(),
                label => format!("{label}: "),
            };
            let limit = match p.limit.as_str() {
                "" => String::new(),
                limit => format!(", limit {limit}"),
            };
            let value = p
                .failure
                .as_ref()
                .map(|a| in_words(&a.answer))
                .filter(|value| !value.is_empty())
                .unwrap_or_else(|| "failed".to_owned());
            format!("{at}{value}{limit}")
        })
        .collect();
    let problem = format!(
        "{}: {} (found at {} on {})",
        item.step.title,
        finding.join("; "),
        reached.inspection.activity,
        reached.inspection.performed
    );
    let order = entry.next_id();
    let number = entry.next_number();
    entry.push((
        order,
        OrderEvent::Opened {
            number,
            opening: Opening {
                kind: OrderKind::Repair,
                device: Some(reached.device_id),
                priority: if item.step.safety {
                    Priority::Urgent
                } else {
                    Priority::Normal
                },
                problem,
                requester: reached.inspection.holder.clone(),
                department: reached.device.text(Field::Department),
                due: None,
                window: None,
                activity: String::new(),
                procedure: String::new(),
                planned_minutes: None,
                interval_months: None,
                cause: Cause::FailedStep {
                    inspection: reached.id,
                    step: item.step.id.0.clone(),
                },
            },
        },
    ));
    link(
        entry,
        reached,
        order,
        "repairs a finding of",
        "finding repaired by",
    );
    entry.push((
        reached.id,
        InspectionEvent::RepairOpened {
            step: item.step.id.clone(),
            order,
        },
    ));
}

/// Links a new order with the inspection's order, both ways.
pub(super) fn link(
    entry: &mut Entry<'_>,
    reached: &Reached,
    new: EntityId,
    there: &str,
    back: &str,
) {
    let Some(own) = reached.inspection.order else {
        return;
    };
    for (order, other, relation) in [(new, own, there), (own, new, back)] {
        entry.push((
            order,
            OrderEvent::Linked {
                order: other,
                relation: relation.to_owned(),
            },
        ));
    }
}
