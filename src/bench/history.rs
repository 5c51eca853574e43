//! Events in words, for histories and receipts.

use crate::domain::device::{DeviceEvent, Field, FieldChange, Value};
use crate::domain::event::Event;
use crate::domain::id::Dot;
use crate::domain::inspection::{Again, Answer, InspectionEvent};
use crate::domain::measure::Reading;
use crate::domain::model::ModelEvent;
use crate::domain::order::OrderEvent;
use crate::domain::shop::ShopEvent;
use crate::domain::signature::Signature;
use crate::domain::stored_procedure::ProcedureEvent;
use crate::domain::technician::TechnicianEvent;
use crate::domain::tool::ToolEvent;

/// One line that says what an event recorded; `who` gives the printed name of a technician's key.
pub fn words(event: &Event, who: &dyn Fn(&str) -> String) -> String {
    match event {
        Event::Shop(event) => shop(event),
        Event::Technician(event) => technician(event),
        Event::Device(event) => device(event),
        Event::Order(event) => order(event, who),
        Event::Inspection(event) => inspection(event, who),
        Event::Procedure(event) => procedure(event),
        Event::Tool(event) => tool(event),
        Event::Model(ModelEvent::Published { facts, source }) => {
            format!(
                "model record {} {} from {source}",
                facts.manufacturer, facts.model
            )
        }
    }
}

/// What a second person stands for with their own key.
fn proof(words: &str, signature: &Signature) -> String {
    format!(
        "{words}, proved by {} ({}) with their own key",
        signature.name, signature.signer
    )
}

/// ": reason", or nothing.
fn because(reason: &str) -> String {
    if reason.is_empty() {
        String::new()
    } else {
        format!(": {reason}")
    }
}

fn shown(field: Field, value: Option<&Value>) -> String {
    value.map_or_else(|| "(nothing)".to_owned(), |value| field.show(value))
}

fn change(change: &FieldChange) -> String {
    let label = change.field.label();
    match (&change.old, &change.new) {
        (None, Some(new)) => format!("{label} {}", change.field.show(new)),
        (old, new) => {
            format!(
                "{label} {} → {}",
                shown(change.field, old.as_ref()),
                shown(change.field, new.as_ref())
            )
        }
    }
}

fn device(event: &DeviceEvent) -> String {
    match event {
        DeviceEvent::Registered {
            origin,
            stage,
            changes,
        } => {
            format!("{origin}, {stage}, {} fields", changes.len())
        }
        DeviceEvent::Edited { changes, reason } => {
            format!(
                "{}{}",
                changes.iter().map(change).collect::<Vec<_>>().join("; "),
                because(reason)
            )
        }
        DeviceEvent::StageChanged { from, to, reason } => {
            format!("{from} → {to}{}", because(reason))
        }
        DeviceEvent::WhereaboutsChanged { to, note } => {
            format!("now {}{}", to.details(), because(note))
        }
        DeviceEvent::HoldPlaced { kind, reason, .. } => format!("HOLD {kind}{}", because(reason)),
        DeviceEvent::HoldLifted { reason, .. } => format!("hold lifted{}", because(reason)),
        DeviceEvent::Retagged {
            old,
            change,
            reason,
        } => {
            format!(
                "retagged {old} → {}{}",
                shown(change.field, change.new.as_ref()),
                because(reason)
            )
        }
        DeviceEvent::Combined {
            aliases, reason, ..
        } => {
            format!(
                "combined with the record of {}{}",
                aliases.join(", "),
                because(reason)
            )
        }
        DeviceEvent::Separated { reason, .. } => {
            format!("combination taken back{}", because(reason))
        }
        DeviceEvent::MergedInto {
            into: Some(_),
            reason,
        } => {
            format!("combined into another record{}", because(reason))
        }
        DeviceEvent::MergedInto { into: None, reason } => {
            format!("a record of its own again{}", because(reason))
        }
        DeviceEvent::Inspected {
            activity,
            outcome,
            performed,
            next_due,
            ..
        } => {
            let next = next_due.map_or_else(String::new, |due| format!(", next due {due}"));
            format!("{activity} of {performed}: {outcome}{next}")
        }
        DeviceEvent::SoftwareSeen {
            component,
            version,
            how,
        } => {
            format!("software {component} {version} seen ({how})")
        }
        DeviceEvent::Noted { text } => format!("note: {text}"),
        DeviceEvent::Witnessed { words, signature } => proof(words, signature),
        DeviceEvent::Serviced {
            activity,
            performed,
            next_due,
            report,
            ..
        } => {
            let next = next_due.map_or_else(String::new, |due| format!(", next due {due}"));
            format!("{activity} of {performed} by a company: {report}{next}")
        }
        DeviceEvent::NoticeRead { of } => notice(of),
    }
}

fn order(event: &OrderEvent, name: &dyn Fn(&str) -> String) -> String {
    match event {
        OrderEvent::Opened { number, opening } => {
            let what = if opening.problem.is_empty() {
                &opening.activity
            } else {
                &opening.problem
            };
            format!("{number} opened, {}{}", opening.kind, because(what))
        }
        OrderEvent::CheckedIn { check_in } => {
            format!("checked in: {}, clean {}", check_in.harm, check_in.clean)
        }
        OrderEvent::Assigned { to } => format!("assigned to {}", name(to)),
        OrderEvent::Released { reason } => format!("given back{}", because(reason)),
        OrderEvent::Started => "started".to_owned(),
        OrderEvent::Held {
            reason,
            note,
            chase,
        } => {
            let chase = chase.map_or_else(String::new, |day| format!(", ask on {day}"));
            format!("on hold, {reason}{chase}{}", because(note))
        }
        OrderEvent::Resumed => "resumed".to_owned(),
        OrderEvent::WorkDone => "work done".to_owned(),
        OrderEvent::LabourBooked {
            who,
            minutes,
            kind,
            on,
            ..
        } => {
            format!("{minutes} min {kind} by {} on {on}", name(who))
        }
        OrderEvent::PartUsed {
            number,
            description,
            quantity,
            ..
        } => {
            format!("part {quantity} × {number} {description}")
        }
        OrderEvent::Attached { reference, note } => format!("file {reference}{}", because(note)),
        OrderEvent::ToolUsed { .. } => "test equipment noted".to_owned(),
        OrderEvent::Noted { text } => format!("note: {text}"),
        OrderEvent::Attempted {
            code,
            place,
            note,
            next_try,
        } => {
            let next = next_try.map_or_else(String::new, |day| format!(", next try {day}"));
            let place = if place.is_empty() {
                String::new()
            } else {
                format!(" at {place}")
            };
            format!("{code}{place}{next}{}", because(note))
        }
        OrderEvent::Edited {
            priority,
            due,
            problem,
            reason,
        } => {
            let mut parts = Vec::new();
            if let Some(priority) = priority {
                parts.push(format!("priority {priority}"));
            }
            if let Some(due) = due {
                parts.push(format!("due {due}"));
            }
            if let Some(problem) = problem {
                parts.push(format!("problem \"{problem}\""));
            }
            format!("changed: {}{}", parts.join(", "), because(reason))
        }
        OrderEvent::External {
            company,
            report,
            on,
            passed,
            readings,
            ..
        } => {
            let result = if *passed { "passed" } else { "not passed" };
            let bare = if *readings { "" } else { ", without readings" };
            format!("{company} report {report} of {on}: {result}{bare}")
        }
        OrderEvent::Closed {
            outcome,
            cause,
            performed,
            ..
        } => {
            let outcome = outcome.map_or_else(String::new, |o| format!(" {o},"));
            format!("closed,{outcome} cause {cause}, done on {performed}")
        }
        OrderEvent::Cancelled { reason } => format!("cancelled{}", because(reason)),
        OrderEvent::Linked { relation, .. } => format!("linked: {relation}"),
        OrderEvent::Addendum { text } => format!("addendum: {text}"),
        OrderEvent::NoticeRead { of } => notice(of),
    }
}

/// A reading as it was typed, with its unit.
pub fn reading(reading: &Reading) -> String {
    reading.to_string()
}

/// An answer in words.
pub fn answer(answer: &Answer, name: &dyn Fn(&str) -> String) -> String {
    match answer {
        Answer::Pass => "pass".to_owned(),
        Answer::Fail => "FAIL".to_owned(),
        Answer::NotApplicable { reason } => format!("not applicable: {reason}"),
        Answer::Reading(value) => reading(value),
        Answer::Choice(text) | Answer::Text(text) | Answer::Scan(text) => text.clone(),
        Answer::Date(date) => date.to_string(),
        Answer::Timer { passed, seconds } => {
            format!(
                "{} after {seconds} s",
                if *passed { "pass" } else { "FAIL" }
            )
        }
        Answer::SecondPerson { who } => format!("confirmed by {}", name(who)),
    }
}

fn inspection(event: &InspectionEvent, name: &dyn Fn(&str) -> String) -> String {
    match event {
        InspectionEvent::Started {
            activity,
            performed,
            ..
        } => {
            format!("inspection started: {activity}, {performed}")
        }
        InspectionEvent::Acknowledged { warning } => format!("warning read: {warning}"),
        InspectionEvent::ToolChosen {
            kind,
            name,
            calibration,
            ..
        } => {
            format!("{kind}: {name}, {calibration}")
        }
        InspectionEvent::Answered {
            step,
            point,
            answer: given,
            verdict,
            supersedes,
            reason,
            ..
        } => {
            let point = point.map_or_else(String::new, |p| format!(" [{}]", p + 1));
            let again =
                supersedes.map_or_else(String::new, |(_, why): (_, Again)| format!(" ({why})"));
            format!(
                "{step}{point}: {} → {verdict}{again}{}",
                answer(given, name),
                because(reason)
            )
        }
        InspectionEvent::Fixed {
            step,
            done,
            cause,
            minutes,
        } => {
            format!("{step} put right in {minutes} min: {done} ({cause})")
        }
        InspectionEvent::RepairOpened { step, .. } => format!("repair order opened for {step}"),
        InspectionEvent::Noted {
            step: Some(step),
            text,
        } => format!("note at {step}: {text}"),
        InspectionEvent::Noted { step: None, text } => format!("note: {text}"),
        InspectionEvent::TimerStarted { step, seconds } => {
            format!("{step}: {seconds} s count-down started")
        }
        InspectionEvent::Deferred { step } => format!("{step} left for later"),
        InspectionEvent::HandedOver { to, place, left } => {
            let at = match place.trim() {
                "" => String::new(),
                place => format!(" at {place}"),
            };
            format!("handed over to {}{at}: {left}", name(to))
        }
        InspectionEvent::Moved { reason, .. } => {
            format!("moved to the right device{}", because(reason))
        }
        InspectionEvent::Voided { reason } => format!("VOID{}", because(reason)),
        InspectionEvent::Suspected { reason, .. } => {
            format!("reading suspect, test equipment faulty{}", because(reason))
        }
        InspectionEvent::Signed {
            signature, outcome, ..
        } => {
            format!("{} {}: {outcome}", signature.meaning, signature.name)
        }
        InspectionEvent::Witnessed { words, signature } => proof(words, signature),
        InspectionEvent::AnswerChosen { over, .. } => format!(
            "of {} answers that did not know of each other one was chosen",
            over.len() + 1
        ),
        InspectionEvent::NoticeRead { of } => notice(of),
    }
}

/// News of what another shop did that somebody has read.
fn notice(of: &[Dot]) -> String {
    match of.len() {
        1 => "read: what another shop recorded beside it".to_owned(),
        n => format!("read: {n} things that other shops recorded beside it"),
    }
}

fn procedure(event: &ProcedureEvent) -> String {
    match event {
        ProcedureEvent::Imported { procedure, source } => {
            format!("{} {} from {source}", procedure.code, procedure.version)
        }
        ProcedureEvent::Frozen { procedure, .. } => {
            format!("{} frozen for inspections", procedure.code)
        }
        ProcedureEvent::Adopted { by, against, note } => {
            format!("adopted by {by} against {against}{}", because(note))
        }
        ProcedureEvent::Withdrawn { reason } => format!("withdrawn{}", because(reason)),
    }
}

fn tool(event: &ToolEvent) -> String {
    match event {
        ToolEvent::Described { name, kind, .. } => format!("{name}, {kind}"),
        ToolEvent::Calibrated {
            on,
            due,
            certificate,
        } => {
            format!("calibrated on {on}, due {due}, {certificate}")
        }
        ToolEvent::CheckedGood { on, note } => format!("found good on {on}{}", because(note)),
        ToolEvent::Failed {
            on,
            reason,
            last_good,
        } => {
            let since = last_good.map_or_else(|| "unknown".to_owned(), |day| day.to_string());
            format!("FAULTY on {on}, last known good {since}{}", because(reason))
        }
        ToolEvent::Withdrawn { reason } => format!("withdrawn{}", because(reason)),
    }
}

fn technician(event: &TechnicianEvent) -> String {
    match event {
        TechnicianEvent::Named { key, name, .. } => format!("{key}: {name}"),
        TechnicianEvent::CredentialAdded { credential, .. } => format!("credential {credential}"),
        TechnicianEvent::KeyEnrolled { .. } => "signing key enrolled".to_owned(),
        TechnicianEvent::KeyRevoked { reason, .. } => {
            format!("signing key revoked{}", because(reason))
        }
        TechnicianEvent::Left { reason } => format!("left{}", because(reason)),
        TechnicianEvent::AccountLinked { account } => format!("Unix account {account} linked"),
        TechnicianEvent::AccountUnlinked { account } => {
            format!("Unix account {account} linked no longer")
        }
    }
}

fn shop(event: &ShopEvent) -> String {
    match event {
        ShopEvent::Renamed { name } => format!("shop is called {name}"),
        ShopEvent::PrefixChanged { prefix } => format!("work order prefix {prefix}"),
        ShopEvent::ZoneChanged { zone } => format!("time zone {zone}"),
        ShopEvent::ColumnMapSaved { name, .. } => format!("column map {name} saved"),
    }
}
