//! The stable JSON shapes. Unknown is `null`, dates are `YYYY-MM-DD`, moments RFC 3339, ids texts.

use serde_json::{Map, Value as Json, json};

use crate::bench::query::{ConflictRow, DeviceSheet, InspectionRow, OrderRow, OrderSheet};
use crate::domain::device::{Device, DeviceCard, Field, Note, Value, Whereabouts};
use crate::domain::id::EntityId;
use crate::domain::merge::Conflict;
use crate::domain::time::Stamp;

/// A text, or `null` when nothing is known.
pub fn known(text: &str) -> Json {
    if text.is_empty() {
        Json::Null
    } else {
        Json::String(text.to_owned())
    }
}

/// A device in a list of found ones: exactly these keys.
pub fn found(card: &DeviceCard) -> Json {
    json!({
        "tag": known(&card.tag),
        "serial": known(&card.serial),
        "manufacturer": known(&card.manufacturer),
        "model": known(&card.model),
        "department": known(&card.department),
        "location": known(&card.location),
        "status": card.status,
    })
}

/// A device beside something else: as found, with its id.
pub fn card(card: &DeviceCard) -> Json {
    let mut out = found(card);
    if let Some(map) = out.as_object_mut() {
        map.insert("id".to_owned(), json!(card.id.to_string()));
        map.insert("type".to_owned(), known(&card.type_code));
        map.insert("holds".to_owned(), json!(card.holds));
    }
    out
}

/// A field's value: lists as arrays, choices by key, all else as text.
fn field(device: &Device, field: Field) -> Json {
    match device.get(field) {
        None => Json::Null,
        Some(Value::List(items)) => json!(items),
        Some(value) => json!(field.key_of(value)),
    }
}

/// By whom and when.
fn stamp(stamp: &Stamp) -> Json {
    json!({"by": stamp.by, "at": stamp.at.rfc3339()})
}

/// The record of a device: every field by its key, then stage, whereabouts and holds.
pub fn device(id: EntityId, device: &Device) -> Map<String, Json> {
    let mut out = Map::new();
    out.insert("id".to_owned(), json!(id.to_string()));
    for key in Field::ALL {
        out.insert(key.key().to_owned(), field(device, *key));
    }
    out.insert("status".to_owned(), json!(device.status_key()));
    out.insert("stage".to_owned(), json!(device.stage().key()));
    out.insert("use_status".to_owned(), json!(device.use_status().key()));
    out.insert(
        "origin".to_owned(),
        json!(device.origin.map(|origin| origin.key())),
    );
    out.insert("whereabouts".to_owned(), whereabouts(&device.whereabouts));
    out.insert(
        "holds".to_owned(),
        device
            .holds
            .iter()
            .map(|hold| {
                json!({
                    "id": hold.stamp.dot.to_string(),
                    "kind": hold.kind.key(),
                    "reason": hold.reason,
                    "source": hold.source.map(|source| source.to_string()),
                    "placed": stamp(&hold.stamp),
                })
            })
            .collect(),
    );
    out.insert("conflicts".to_owned(), conflicts(&device.conflicts()));
    out.insert("aliases".to_owned(), json!(device.aliases));
    out.insert(
        "em_number".to_owned(),
        json!(device.em_number().map(|n| n.to_string())),
    );
    out.insert("revision".to_owned(), json!(device.revision));
    out.insert(
        "changed".to_owned(),
        device.changed.as_ref().map_or(Json::Null, stamp),
    );
    out
}

fn whereabouts(at: &Whereabouts) -> Json {
    match at {
        Whereabouts::AtLocation => json!({"at": "location"}),
        Whereabouts::OnLoan { to, back } => json!({"at": "loan", "to": to, "back": back}),
        Whereabouts::SentOut {
            vendor,
            rma,
            carrier,
            ephi_cleared,
            decontaminated,
            expected,
        } => json!({
            "at": "vendor",
            "vendor": vendor,
            "rma": known(rma),
            "carrier": known(carrier),
            "ephi_cleared": ephi_cleared,
            "decontaminated": decontaminated,
            "expected": expected,
        }),
        Whereabouts::Missing { searched } => json!({"at": "missing", "searched": searched}),
    }
}

/// A device with all that belongs to it.
pub fn device_sheet(sheet: &DeviceSheet) -> Json {
    let mut out = device(sheet.id, &sheet.device);
    out.insert("warnings".to_owned(), json!(sheet.warnings));
    out.insert(
        "open_orders".to_owned(),
        sheet.open_orders.iter().map(order_row).collect(),
    );
    out.insert(
        "closed_orders".to_owned(),
        sheet.closed_orders.iter().map(order_row).collect(),
    );
    out.insert(
        "inspections".to_owned(),
        sheet.inspections.iter().map(inspection_row).collect(),
    );
    out.insert(
        "last".to_owned(),
        sheet
            .device
            .inspections
            .iter()
            .map(|(activity, last)| {
                json!({
                    "activity": activity,
                    "outcome": last.outcome.key(),
                    "performed": last.performed,
                    "next_due": last.next_due,
                    "inspection": last.inspection.map(|id| id.to_string()),
                    "report": known(&last.report),
                })
            })
            .collect(),
    );
    out.insert(
        "modules".to_owned(),
        sheet.modules.iter().map(card).collect(),
    );
    out.insert(
        "stands_for".to_owned(),
        sheet.stands_for.as_ref().map_or(Json::Null, card),
    );
    out.insert(
        "software_seen".to_owned(),
        sheet
            .device
            .software
            .iter()
            .map(|seen| {
                json!({
                    "component": seen.component,
                    "version": seen.version,
                    "how": seen.how,
                    "seen": stamp(&seen.stamp),
                })
            })
            .collect(),
    );
    out.insert(
        "remarks".to_owned(),
        sheet
            .device
            .notes
            .iter()
            .map(|note| json!({"text": note.text, "written": stamp(&note.stamp)}))
            .collect(),
    );
    Json::Object(out)
}

/// One conflict of the inbox.
pub fn conflict_row(row: &ConflictRow) -> Json {
    let conflict = &row.conflict;
    json!({
        "id": row.id,
        "record": known(&row.name),
        "record_id": row.about.id.to_string(),
        "what": known(&row.what),
        "fact": conflict.fact,
        "label": conflict.label,
        "kind": conflict.kind.key(),
        "told": conflict.told,
        "sides": conflict.sides.iter().zip(&row.sites).enumerate().map(|(number, (side, site))| json!({
            "choose": number + 1,
            "value": side.value,
            "by": side.stamp.by,
            "at": side.stamp.at.rfc3339(),
            "shop": site,
            "shown": side.stamp.dot == conflict.shown,
        })).collect::<Vec<_>>(),
    })
}

/// What is in conflict in a record, by fact.
pub fn conflicts(conflicts: &[Conflict]) -> Json {
    conflicts
        .iter()
        .map(|conflict| {
            json!({
                "fact": conflict.fact,
                "kind": conflict.kind.key(),
                "values": conflict.sides.iter().map(|side| json!({
                    "value": side.value,
                    "written": stamp(&side.stamp),
                    "shown": side.stamp.dot == conflict.shown,
                })).collect::<Vec<_>>(),
            })
        })
        .collect()
}

/// One order in a list.
pub fn order_row(row: &OrderRow) -> Json {
    json!({
        "number": row.number,
        "id": row.id.to_string(),
        "kind": row.kind.key(),
        "status": row.status.key(),
        "priority": row.priority.key(),
        "what": row.what,
        "device": row.device.as_ref().map_or(Json::Null, card),
        "department": known(&row.department),
        "due": row.due,
        "overdue": row.overdue,
        "why": row.status.is_open().then_some(&row.rank.why),
        "assignee": row.assignee,
        "attempts": row.attempts,
        "inspection": row.inspection.as_ref().map(|(id, _)| id.to_string()),
        "held_by": row.inspection.as_ref().map(|(_, holder)| holder),
    })
}

/// One inspection in a list.
pub fn inspection_row(row: &InspectionRow) -> Json {
    json!({
        "id": row.id.to_string(),
        "device": row.device.as_ref().map_or(Json::Null, card),
        "order": known(&row.order),
        "activity": row.activity,
        "procedure": row.procedure,
        "holder": row.holder,
        "status": row.status.key(),
        "outcome": row.outcome.map(|outcome| outcome.key()),
        "performed": row.performed,
        "answers": row.answers,
    })
}

/// An order with all that belongs to it.
pub fn order_sheet(sheet: &OrderSheet) -> Json {
    let order = &sheet.order;
    let opening = &order.opening;
    let mut out = order_row(&sheet.row);
    let notes = |list: &[Note]| -> Json {
        list.iter()
            .map(|note| json!({"text": note.text, "written": stamp(&note.stamp)}))
            .collect()
    };
    let Some(map) = out.as_object_mut() else {
        return out;
    };
    let mut put = |key: &str, value: Json| {
        map.insert(key.to_owned(), value);
    };
    put("problem", known(&opening.problem));
    put("activity", known(&opening.activity));
    put("procedure", known(&opening.procedure));
    put("requester", known(&opening.requester));
    put("window", json!(opening.window));
    put("planned_minutes", json!(opening.planned_minutes));
    put("interval_months", json!(opening.interval_months));
    put("opened", order.opened.as_ref().map_or(Json::Null, stamp));
    put("started", order.started.as_ref().map_or(Json::Null, stamp));
    put(
        "hold",
        order.hold.as_ref().map_or(Json::Null, |(reason, note, chase)| {
            json!({"reason": reason.key(), "note": known(note), "chase": chase})
        }),
    );
    put(
        "check_in",
        order.check_in.as_ref().map_or(Json::Null, |line| {
            json!({
                "harm": line.harm.key(),
                "clean": line.clean.key(),
                "accessories": known(&line.accessories),
                "shelf": known(&line.shelf),
            })
        }),
    );
    put(
        "labor",
        order
            .labour
            .iter()
            .map(|l| json!({"who": l.who, "minutes": l.minutes, "kind": l.kind.key(), "on": l.on, "note": known(&l.note)}))
            .collect(),
    );
    put("minutes", json!(order.minutes()));
    put(
        "parts",
        order
            .parts
            .iter()
            .map(|p| {
                json!({
                    "number": known(&p.number),
                    "description": known(&p.description),
                    "quantity": p.quantity,
                    "cost": p.cost.map(|cost| cost.to_string()),
                })
            })
            .collect(),
    );
    put("tools", json!(sheet.tools));
    put(
        "attachments",
        order
            .attachments
            .iter()
            .map(|(reference, note)| json!({"reference": reference, "note": known(note)}))
            .collect(),
    );
    put("notes", notes(&order.notes));
    put("addenda", notes(&order.addenda));
    put(
        "tries",
        order
            .attempts
            .iter()
            .map(|a| {
                json!({
                    "code": a.code.key(),
                    "place": known(&a.place),
                    "note": known(&a.note),
                    "next_try": a.next_try,
                    "recorded": stamp(&a.stamp),
                })
            })
            .collect(),
    );
    put(
        "external",
        order
            .external
            .iter()
            .map(|e| {
                json!({
                    "company": e.company,
                    "technician": known(&e.technician),
                    "report": e.report,
                    "on": e.on,
                    "passed": e.passed,
                    "readings": e.readings,
                    "file": known(&e.file),
                    "reviewed": stamp(&e.stamp),
                    "signed": e.signature.is_some(),
                    "digest": e.signature.as_ref().map(|signature| signature.list.to_string()),
                })
            })
            .collect(),
    );
    put(
        "closing",
        order.closing.as_ref().map_or(Json::Null, |c| {
            json!({
                "outcome": c.outcome.map(|outcome| outcome.key()),
                "cause": c.cause.key(),
                "action": c.action.key(),
                "found": known(&c.found),
                "done": known(&c.done),
                "performed": c.performed,
                "inspection": c.inspection.map(|id| id.to_string()),
                "closed": stamp(&c.stamp),
            })
        }),
    );
    put("cancelled", json!(order.cancelled));
    put("aliases", json!(order.aliases));
    put("conflicts", conflicts(&order.conflicts()));
    put(
        "links",
        sheet
            .links
            .iter()
            .map(|(number, relation, status)| {
                json!({"number": number, "relation": relation, "status": status.key()})
            })
            .collect(),
    );
    put(
        "inspections",
        sheet.inspections.iter().map(inspection_row).collect(),
    );
    put("revision", json!(order.revision));
    out
}
