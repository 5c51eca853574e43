//! What happened to something, newest first: to a device with its work orders and inspections.
//!
//! Invariants: a line is one event in words; the answers of an inspection stand on its record and are not repeated here;
//! lines of one entry stay in their order.

use crate::domain::event::{Addressed, Aggregate, Event, Kind};
use crate::domain::id::EntityId;
use crate::domain::inspection::InspectionEvent;
use crate::domain::order::OrderEvent;
use crate::domain::time::Moment;
use crate::journal::wire::events;
use crate::journal::{Entry, HybridTime};

use super::ask::{names, window};
use super::failure::Failure;
use super::query::{Answer, HistoryLine, MAX_WINDOW};
use super::service::{Bench, decoded};
use super::view::View;
use super::{history, rows};

/// Where a line stands: time, site, sequence, index of the event.
type Place = (HybridTime, [u8; 16], u64, usize);

impl Bench {
    /// The history of anything, in windows.
    pub(super) fn history(
        &self,
        of: Aggregate,
        offset: usize,
        limit: usize,
    ) -> Result<Answer, Failure> {
        let view = self.view();
        let known = names(&view);
        let who = |key: &str| match known.iter().find(|(known, _)| known == key) {
            Some((_, name)) if !name.is_empty() => name.clone(),
            _ => key.to_owned(),
        };
        let mut lines: Vec<(Place, HistoryLine)> = Vec::new();
        for (what, name) in subjects(&view, of) {
            let entries = self
                .store
                .entries_of(&events::aggregate_ref(what), 0, usize::MAX)?;
            for entry in &entries {
                for (index, addressed) in decoded(entry).iter().enumerate() {
                    if addressed.to() != what || (what != of && !tells(addressed)) {
                        continue;
                    }
                    let words = history::words(&addressed.event, &who);
                    let words = match &addressed.event {
                        // It names itself.
                        Event::Order(OrderEvent::Opened { .. })
                        | Event::Inspection(InspectionEvent::Started { .. }) => words,
                        _ if name.is_empty() => words,
                        _ => format!("{name}: {words}"),
                    };
                    lines.push((place(entry, index), line(entry, words)));
                }
            }
        }
        view.trouble()?;
        lines.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
        Ok(Answer::History(window(
            lines.into_iter().map(|(_, line)| line).collect(),
            offset,
            limit.min(MAX_WINDOW),
            self.store.entries_count(),
        )))
    }
}

/// What a history is read from, with the name that its lines begin with: a device's orders and inspections too.
fn subjects(view: &View<'_>, of: Aggregate) -> Vec<(Aggregate, String)> {
    let mut out = vec![(of, String::new())];
    if of.kind != Kind::Device {
        return out;
    }
    let ids = |index, kind| {
        let ids: Vec<EntityId> = view.ids(index, &of.id.key(), usize::MAX);
        ids.into_iter().map(move |id| Aggregate { kind, id })
    };
    for order in ids(rows::ORDERS_OF_DEVICE, Kind::Order) {
        let number = view.order_state(order.id).map(|o| o.number.clone());
        out.push((order, number.unwrap_or_default()));
    }
    for inspection in ids(rows::INSPECTIONS_OF_DEVICE, Kind::Inspection) {
        let activity = view
            .inspection_state(inspection.id)
            .map(|i| i.activity.clone());
        out.push((inspection, activity.unwrap_or_default()));
    }
    out
}

/// Whether an event of an order or inspection belongs in the history of its device.
const fn tells(addressed: &Addressed) -> bool {
    match &addressed.event {
        Event::Inspection(event) => matches!(
            event,
            InspectionEvent::Started { .. }
                | InspectionEvent::Fixed { .. }
                | InspectionEvent::HandedOver { .. }
                | InspectionEvent::Moved { .. }
                | InspectionEvent::Voided { .. }
                | InspectionEvent::Suspected { .. }
                | InspectionEvent::Signed { .. }
        ),
        Event::Order(event) => !matches!(event, OrderEvent::Linked { .. }),
        _ => true,
    }
}

fn place(entry: &Entry, index: usize) -> Place {
    (entry.hybrid, entry.site.0, entry.seq, index)
}

fn line(entry: &Entry, what: String) -> HistoryLine {
    HistoryLine {
        at: Moment {
            micros: entry.wall_us,
            offset: entry.offset_minutes,
        },
        by: entry.actor.clone(),
        what,
        entry: format!("{}:{}", entry.site.short(), entry.seq),
    }
}
