//! Rows of list answers, made from states: orders, inspections, procedures, test equipment.
//!
//! Invariant: a row is a pure function of the states it names and the shop's date.

use chrono::NaiveDate;

use crate::domain::context::World as _;
use crate::domain::device::{Device, DeviceCard, Field};
use crate::domain::id::{EntityId, Hash};
use crate::domain::inspection::{Answer as Given, Inspection, InspectionStatus, Phase};
use crate::domain::order::{Order, rank};
use crate::domain::procedure::Procedure;
use crate::domain::stored_procedure::StoredProcedure;

use super::query::{InspectionRow, OrderRow, Previous, ProcedureRow, ToolRow};
use super::rows;
use super::view::View;

pub(super) fn row_text(row: &OrderRow) -> String {
    let device = row.device.as_ref().map_or_else(String::new, |card| {
        format!(
            "{} {} {} {}",
            card.tag,
            card.serial,
            card.name(),
            card.location
        )
    });
    format!(
        "{} {} {} {} {device}",
        row.number, row.kind, row.what, row.department
    )
    .to_lowercase()
}

pub(super) fn order_row(view: &View<'_>, id: EntityId, today: NaiveDate) -> Option<OrderRow> {
    let order = view.order(id)?;
    let device = order.opening.device.and_then(|device| view.card(device));
    Some(row_of(view, id, &order, device, today))
}

fn row_of(
    view: &View<'_>,
    id: EntityId,
    order: &Order,
    device: Option<DeviceCard>,
    today: NaiveDate,
) -> OrderRow {
    let opening = &order.opening;
    let what = match (opening.problem.is_empty(), opening.activity.is_empty()) {
        (false, _) => opening.problem.clone(),
        (true, false) => opening.activity.clone(),
        (true, true) => opening.kind.label().to_owned(),
    };
    let inspection = if order.started.is_some() && order.status.is_open() {
        view.inspections_of_order(id)
            .into_iter()
            .filter_map(|inspection| view.inspection(inspection).map(|state| (inspection, state)))
            .find(|(_, state)| state.is_open())
            .map(|(inspection, state)| (inspection, state.holder.clone()))
    } else {
        None
    };
    OrderRow {
        id,
        number: order.number.clone(),
        kind: opening.kind,
        status: order.status,
        priority: opening.priority,
        what,
        department: if opening.department.is_empty() {
            device
                .as_ref()
                .map(|card| card.department.clone())
                .unwrap_or_default()
        } else {
            opening.department.clone()
        },
        due: opening.due,
        assignee: order.assignee.clone(),
        rank: rank(
            order,
            device.as_ref().and_then(|card| card.high_risk),
            today,
        ),
        overdue: order.is_overdue(today),
        inspection,
        attempts: order.attempts.len(),
        device,
    }
}

pub(super) fn inspection_row(view: &View<'_>, id: EntityId) -> Option<InspectionRow> {
    let state = view.inspection(id)?;
    state.started.as_ref()?;
    let procedure = view
        .procedure(state.procedure)
        .and_then(|stored| stored.procedure.clone())
        .map(|procedure| procedure.title.clone())
        .unwrap_or_default();
    let timers = state
        .timers
        .iter()
        .filter(|(step, _)| state.answer(step, None, Phase::AsFound).is_none())
        .map(|(step, (stamp, seconds))| (step.clone(), stamp.at.plus_seconds(i64::from(*seconds))))
        .collect();
    Some(InspectionRow {
        id,
        device: state.device.and_then(|device| view.card(device)),
        order: state
            .order
            .and_then(|order| view.order(order))
            .map(|o| o.number.clone())
            .unwrap_or_default(),
        activity: state.activity.clone(),
        procedure,
        holder: state.holder.clone(),
        status: state.status.unwrap_or(InspectionStatus::Open),
        outcome: state.outcome,
        performed: state.performed,
        answers: state.answer_count(),
        timers,
        touched: state.changed.as_ref().map_or(0, |stamp| stamp.at.micros),
    })
}

pub(super) fn tool_row(view: &View<'_>, id: EntityId, today: NaiveDate) -> Option<ToolRow> {
    let tool = view.tool(id)?;
    let status = tool.status_on(today);
    Some(ToolRow { id, tool, status })
}

pub(super) fn procedure_row(stored: &StoredProcedure) -> Option<ProcedureRow> {
    let procedure = stored.procedure.as_ref()?;
    Some(ProcedureRow {
        hash: Hash(procedure.hash().0.0),
        code: procedure.code.clone(),
        title: procedure.title.clone(),
        activity: procedure.activity.clone(),
        version: procedure.version.clone(),
        device_types: procedure.device_types.clone(),
        adopted: stored
            .adoptions
            .last()
            .map(|a| (a.by.clone(), a.against.clone())),
        withdrawn: stored.withdrawn.is_some(),
        unverified: procedure.has_unverified_limits(),
        steps: procedure.steps().count(),
        source: stored.source.clone(),
    })
}

/// How well a procedure fits a device: model before type code before type name before "any type".
fn fit(procedure: &Procedure, device: &Device) -> Option<u8> {
    let same = |a: &str, b: &str| !b.is_empty() && rows::fold(a) == rows::fold(b);
    let model = device.text(Field::Model);
    let code = device.text(Field::TypeCode);
    let name = device.text(Field::TypeName);
    if procedure
        .models
        .iter()
        .any(|m| same(m, &model) || same(m, &device.name()))
    {
        return Some(0);
    }
    if !procedure.models.is_empty() {
        return None;
    }
    if procedure.device_types.iter().any(|t| same(t, &code)) {
        return Some(1);
    }
    if procedure.device_types.iter().any(|t| same(t, &name)) {
        return Some(2);
    }
    procedure.device_types.is_empty().then_some(3)
}

pub(super) fn procedures_for(
    view: &View<'_>,
    device: &Device,
    activity: &str,
) -> Vec<ProcedureRow> {
    let mut found: Vec<(u8, bool, std::cmp::Reverse<i64>, ProcedureRow)> = view
        .procedures()
        .iter()
        .filter(|(_, stored)| stored.withdrawn.is_none())
        .filter_map(|(_, stored)| {
            let procedure = stored.procedure.as_ref()?;
            let wanted = activity.is_empty()
                || rows::fold(&procedure.activity) == rows::fold(activity)
                || is_pm(&procedure.activity) && is_pm(activity);
            if !wanted {
                return None;
            }
            let changed = stored.changed.as_ref().map_or(0, |stamp| stamp.at.micros);
            Some((
                fit(procedure, device)?,
                !stored.is_adopted(),
                std::cmp::Reverse(changed),
                procedure_row(stored)?,
            ))
        })
        .collect();
    // Fit first, then adopted versions, then the newest.
    found.sort_by(|a, b| (a.0, a.1, a.2, &a.3.code).cmp(&(b.0, b.1, b.2, &b.3.code)));
    found.into_iter().map(|(_, _, _, row)| row).collect()
}

/// "annual PM", "semi-annual PM" and "PM" are one activity when a procedure is sought.
fn is_pm(activity: &str) -> bool {
    activity
        .to_lowercase()
        .split_whitespace()
        .any(|word| word == "pm")
}

pub(super) fn previous_readings(
    earlier: &[(EntityId, Inspection)],
    document: &Procedure,
) -> Vec<Previous> {
    let mut out = Vec::new();
    for (_, state) in earlier {
        for answered in &state.answers {
            if let Given::Reading(reading) = &answered.answer
                && !state.is_superseded(answered.stamp.dot)
                && !state.is_suspect(answered.stamp.dot)
                && document.step(&answered.step).is_some()
            {
                out.push(Previous {
                    step: answered.step.clone(),
                    point: answered.point,
                    reading: reading.clone(),
                    on: state.performed,
                });
            }
        }
    }
    out
}
