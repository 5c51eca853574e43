//! Where inspections stand: `inspection show|plan|list`, and the inspection after a change.

use clap::Args;
use serde_json::{Value, json};

use crate::bench::Session;
use crate::bench::query::{InspectionRow, InspectionSheet, Receipt};
use crate::domain::device::DeviceCard;
use crate::domain::id::EntityId;
use crate::domain::inspection::{InspectionStatus, Plan, outcome, plan as plan_of};
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::identify::text::clean;

use super::super::done::{Done, Trouble};
use super::super::place::Place;
use super::super::{lists, pick, shapes};
use super::{doubt, shape};

/// One inspection.
#[derive(Debug, Args)]
pub struct RefArgs {
    /// Inspection id, order number, or the device's tag (default: your only open one)
    pub inspection: Option<String>,
    /// The same, as the commands for steps take it.
    #[arg(
        long,
        value_name = "INSPECTION",
        conflicts_with = "inspection",
        hide = true
    )]
    pub on: Option<String>,
}

impl RefArgs {
    /// What the person named.
    pub fn name(&self) -> Option<&str> {
        self.inspection.as_deref().or(self.on.as_deref())
    }
}

/// Arguments of `inspection list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only yours
    #[arg(long)]
    pub mine: bool,
}

/// The inspection that an id, an order number or a device names; the only open one of the technician when none does.
pub fn find(session: &Session, name: Option<&str>) -> Result<EntityId, Trouble> {
    let Some(name) = name else {
        let open = session.open_inspections(Some(session.actor().to_owned()))?;
        return only(&open, "You have", "Name one by its device, order or id.");
    };
    if let Ok(id) = name.parse::<EntityId>()
        && session.inspection(id).is_ok()
    {
        return Ok(id);
    }
    if let Ok(order) = session.order_numbered(name) {
        return only(
            &order.inspections,
            &format!("{name} has"),
            "Name one by its id.",
        );
    }
    let device = match pick::device(session, name) {
        Ok(device) => device,
        // The number alone means this shop's order, unless a device is called so.
        Err(trouble) => {
            let sheet = pick::order(session, name)
                .ok()
                .and_then(|order| session.order(order).ok())
                .ok_or(trouble)?;
            return only(
                &sheet.inspections,
                &format!("{} has", sheet.order.number),
                "Name one by its id.",
            );
        }
    };
    let device = session.device(device)?;
    only(
        &device.inspections,
        &format!("{name} has"),
        "Name one by its id.",
    )
}

/// The only open one; without an open one the newest.
fn only(rows: &[InspectionRow], whose: &str, hint: &str) -> Result<EntityId, Trouble> {
    let open: Vec<&InspectionRow> = rows
        .iter()
        .filter(|row| row.status == InspectionStatus::Open)
        .collect();
    match (open.as_slice(), rows.first()) {
        ([one], _) => Ok(one.id),
        ([], Some(newest)) => Ok(newest.id),
        ([], None) => Err(Refusal::not_found(
            format!("{whose} no inspection."),
            "Begin one with `tagout inspection start TAG`.",
        )
        .into()),
        (several, _) => {
            let mut refusal = Refusal::new(
                RefusalKind::NeedsChoice,
                format!("{whose} {} open inspections.", several.len()),
                hint,
            );
            refusal.choices = several
                .iter()
                .map(|row| {
                    let tag = row
                        .device
                        .as_ref()
                        .map_or("", |card: &DeviceCard| &card.tag);
                    (
                        row.id.to_string(),
                        format!("{tag} {} ({})", row.activity, row.order),
                    )
                })
                .collect();
            Err(refusal.into())
        }
    }
}

/// Where a sheet's inspection stands.
pub fn plan_sheet(sheet: &InspectionSheet) -> Plan {
    plan_of(&sheet.inspection, &sheet.document, &sheet.inspection.facts)
}

/// The step in front and what is missing.
pub fn show(place: &Place, arguments: &RefArgs) -> Result<Done, Trouble> {
    let session = place.session()?;
    let sheet = session.inspection(find(&session, arguments.name())?)?;
    let plan = plan_sheet(&sheet);
    Ok(Done::new(
        standing(&sheet, &plan),
        shape::sheet(&sheet, &plan),
    ))
}

/// Every step.
pub fn plan(place: &Place, arguments: &RefArgs) -> Result<Done, Trouble> {
    let session = place.session()?;
    let sheet = session.inspection(find(&session, arguments.name())?)?;
    let plan = plan_sheet(&sheet);
    let mut text = head(&sheet);
    text.push_str(&shape::steps_text(&sheet, &plan));
    Ok(Done::new(text, shape::sheet(&sheet, &plan)))
}

/// Inspections being worked on.
pub fn list(place: &Place, arguments: &ListArgs) -> Result<Done, Trouble> {
    let session = place.session()?;
    let holder = arguments.mine.then(|| session.actor().to_owned());
    let rows = session.open_inspections(holder)?;
    let json: Value = rows.iter().map(shapes::inspection_row).collect();
    let text = if rows.is_empty() {
        "No open inspections.\n".to_owned()
    } else {
        lists::inspections(&rows)
    };
    Ok(Done::new(text, json))
}

/// The inspection after a change: what was recorded, and where it stands.
pub fn after(session: &Session, id: EntityId, receipt: &Receipt) -> Result<Done, Trouble> {
    let sheet = session.inspection(id)?;
    let plan = plan_sheet(&sheet);
    let mut text = lists::lines(receipt);
    text.push_str(&standing(&sheet, &plan));
    let mut json = shape::sheet(&sheet, &plan);
    if let Some(map) = json.as_object_mut() {
        map.insert("changes".to_owned(), json!(receipt.lines));
    }
    Ok(Done::new(text, json))
}

fn head(sheet: &InspectionSheet) -> String {
    let inspection = &sheet.inspection;
    let status = inspection.status.map_or("unknown", |status| status.label());
    let mut out = format!(
        "{}  {}\n{}, {} ({})\n{}, held by {}, performed {}\nId {}\n",
        clean(&sheet.device.tag),
        clean(&sheet.device.name()),
        clean(&inspection.activity),
        clean(&sheet.document.title),
        clean(&sheet.order),
        status,
        clean(&inspection.holder),
        inspection.performed,
        sheet.id
    );
    if let Some(banner) = &sheet.document.banner {
        say!(out, "! {}\n", clean(banner));
    }
    out
}

fn standing(sheet: &InspectionSheet, plan: &Plan) -> String {
    let mut out = head(sheet);
    let inspection = &sheet.inspection;
    if let Some(outcome) = inspection.outcome {
        say!(out, "Result: {outcome}\n");
        for why in &inspection.because {
            say!(out, "  {}\n", clean(why));
        }
        for line in doubt::lines(sheet) {
            say!(out, "{line}\n");
        }
        return out;
    }
    if let Some((reason, _)) = &inspection.void {
        say!(out, "Void: {}\n", clean(reason));
        return out;
    }
    say!(out, "{} of {} steps done\n", plan.done, plan.total);
    if let Some(item) = plan.front.and_then(|front| plan.items.get(front)) {
        out.push_str(&shape::step_text(sheet, item));
    } else {
        let adopted = sheet.procedure.is_adopted();
        let (ends, why) = outcome(inspection, &sheet.document, adopted);
        if plan.missing.is_empty() {
            say!(out, "Ready to sign. It ends as: {ends}\n");
        }
        for line in why {
            say!(out, "  {}\n", clean(&line));
        }
        for line in &plan.missing {
            say!(out, "Missing: {}\n", clean(line));
        }
    }
    out
}
