//! The inbox: everything that shops disagree about, with the names that people know.
//!
//! Invariants: it is a scan of the rows of open conflicts, never a walk of all records; a conflict has the same short name in
//! every shop.

use std::cmp::Reverse;

use crate::domain::context::World as _;
use crate::domain::event::{Aggregate, Kind};
use crate::domain::id::{EntityId, SiteId, hex};
use crate::domain::merge::{Conflict, conflicts_of};

use super::query::ConflictRow;
use super::rows;
use super::service::Bench;
use super::twins;
use super::view::View;

impl Bench {
    /// Every open conflict, the newest first.
    pub(super) fn conflicts(&self, view: &View<'_>) -> Vec<ConflictRow> {
        let mut out: Vec<ConflictRow> = view
            .scan(rows::CONFLICT, &[], usize::MAX)
            .into_iter()
            .filter_map(|(key, _)| rows::conflict_at(&key))
            .flat_map(|about| {
                let conflicts = conflicts_of(view, about).unwrap_or_default();
                conflicts.into_iter().map(move |conflict| (about, conflict))
            })
            .chain(twins::found(view))
            .map(|(about, conflict)| self.conflict_row(view, about, conflict))
            .collect();
        out.sort_by_key(|row| {
            let newest = row.conflict.sides.iter().map(|side| side.stamp.at.micros);
            (Reverse(newest.max()), row.id.clone())
        });
        out
    }

    /// How many conflicts are open.
    pub(super) fn conflict_count(view: &View<'_>) -> usize {
        let count = |value: &[u8]| {
            let bytes: [u8; 2] = value.try_into().unwrap_or_default();
            usize::from(u16::from_le_bytes(bytes))
        };
        let open = view.scan(rows::CONFLICT, &[], usize::MAX);
        open.iter().map(|(_, value)| count(value)).sum::<usize>() + twins::found(view).len()
    }

    fn conflict_row(
        &self,
        view: &View<'_>,
        about: Aggregate,
        mut conflict: Conflict,
    ) -> ConflictRow {
        let id = short_id(about, &conflict);
        // Records are named as people know them.
        if matches!(conflict.fact.as_str(), "combined-into" | "place") {
            for side in &mut conflict.sides {
                side.value = with_names(view, &side.value);
            }
        }
        let (name, what, device) = named(view, about);
        ConflictRow {
            id,
            about,
            name,
            what,
            device,
            sites: conflict
                .sides
                .iter()
                .map(|side| self.site_name(view, side.stamp.dot.site))
                .collect(),
            conflict,
        }
    }

    /// What a shop is called: its name where it is known here, else the beginning of its id.
    pub(super) fn site_name(&self, view: &View<'_>, site: SiteId) -> String {
        let state = view.shop_state(crate::domain::command::shop_id(site));
        let renamed = state.and_then(|shop| shop.name.clone());
        renamed.unwrap_or_else(|| {
            if site == self.store.site() {
                self.store.genesis().shop.clone()
            } else {
                self.called(site)
                    .unwrap_or_else(|| format!("site {}", site.short()))
            }
        })
    }
}

/// Eight letters and digits from what the conflict is about: the same in every shop.
fn short_id(about: Aggregate, conflict: &Conflict) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&about.kind.code().to_le_bytes());
    hasher.update(&about.id.key());
    hasher.update(conflict.fact.as_bytes());
    hex(&hasher.finalize().as_bytes()[..4])
}

/// Ids in a text, replaced by the tag or number that they stand for.
fn with_names(view: &View<'_>, text: &str) -> String {
    text.split(' ')
        .map(|word| {
            let bare = word.trim_end_matches(',');
            let name = bare.parse::<EntityId>().ok().and_then(|id| {
                view.card(id)
                    .map(|card| card.tag)
                    .or_else(|| view.order(id).map(|order| order.number.clone()))
            });
            name.map_or_else(|| word.to_owned(), |name| word.replace(bare, &name))
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// What a record is called, what it is, and the device it concerns.
fn named(view: &View<'_>, about: Aggregate) -> (String, String, Option<EntityId>) {
    let id = about.id;
    let card = |device: Option<EntityId>| device.and_then(|device| view.card(device));
    match about.kind {
        Kind::Device => {
            let card = card(Some(id));
            let name = card.as_ref().map(|c| c.tag.clone()).unwrap_or_default();
            (name, card.map(|c| c.name()).unwrap_or_default(), Some(id))
        }
        Kind::Order => match view.order(id) {
            Some(order) => {
                let device = order.opening.device;
                let what = match card(device) {
                    Some(card) => format!("{} of {}", order.opening.kind, card.tag),
                    None => order.opening.kind.to_string(),
                };
                (order.number.clone(), what, device)
            }
            None => Default::default(),
        },
        Kind::Inspection => match view.inspection(id) {
            Some(inspection) => {
                let tag = card(inspection.device).map(|c| c.tag).unwrap_or_default();
                let what = format!("{} of {}", inspection.activity, inspection.performed);
                (tag, what, inspection.device)
            }
            None => Default::default(),
        },
        Kind::Technician => match view.technician_of(id) {
            Some(person) => (
                person.key.clone(),
                format!("technician {}", person.name),
                None,
            ),
            None => Default::default(),
        },
        Kind::Tool => match view.tool(id) {
            Some(tool) => (tool.name, format!("test equipment, {}", tool.kind), None),
            None => Default::default(),
        },
        Kind::Model => match view.model(id) {
            Some(model) => (
                model.facts.di.clone(),
                format!("published record of {}", model.facts.brand),
                None,
            ),
            None => Default::default(),
        },
        Kind::Shop | Kind::Procedure => Default::default(),
    }
}
