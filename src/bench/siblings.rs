//! Devices of the same make and model, and what a recall that is suspected on one of them means for the others.
//!
//! Invariants: a device whose make or model is not known has no siblings; an alert stands as long as its order is open.

use crate::domain::context::World as _;
use crate::domain::device::DeviceCard;
use crate::domain::id::EntityId;
use crate::domain::order::{Cause, OrderKind};
use crate::journal::codec;

use super::failure::Failure;
use super::query::OrderFilter;
use super::rows;
use super::service::Bench;
use super::view::View;

/// Make and model as they are compared; `None` when one of them is not known.
fn model(card: &DeviceCard) -> Option<(Vec<u8>, Vec<u8>)> {
    let (maker, model) = (rows::fold(&card.manufacturer), rows::fold(&card.model));
    (!maker.is_empty() && !model.is_empty()).then_some((maker, model))
}

impl Bench {
    /// The other devices of the same make and model, by tag. Retired and disposed ones are left out.
    pub(super) fn siblings(view: &View<'_>, id: EntityId) -> Result<Vec<DeviceCard>, Failure> {
        let Some(wanted) = view.card(id).as_ref().and_then(model) else {
            return Ok(Vec::new());
        };
        let mut out = Vec::new();
        for (_, value) in view.scan(rows::DEVICE_CARD, &[], usize::MAX) {
            let card: DeviceCard = codec::decode(&value)?;
            let gone = card.merged || matches!(card.status.as_str(), "retired" | "disposed");
            if card.id != id && !gone && model(&card).as_ref() == Some(&wanted) {
                out.push(card);
            }
        }
        out.sort_by(|a, b| a.tag.cmp(&b.tag));
        Ok(out)
    }

    /// Recalls that are suspected on another device of the same make and model, in words.
    pub(super) fn recall_alerts(&self, view: &View<'_>, id: EntityId) -> Vec<String> {
        let Some((own, wanted)) = view
            .card(id)
            .and_then(|card| model(&card).map(|model| (card.tag, model)))
        else {
            return Vec::new();
        };
        let filter = OrderFilter {
            kind: Some(OrderKind::Recall),
            ..OrderFilter::default()
        };
        self.orders(view, &filter, 0, super::query::MAX_WINDOW)
            .rows
            .into_iter()
            .filter_map(|row| {
                let card = row.device.as_ref().filter(|card| card.id != id)?;
                let order = view.order(row.id)?;
                let suspected = matches!(order.opening.cause, Cause::SuspectRecall { .. });
                (suspected && model(card).as_ref() == Some(&wanted)).then(|| {
                    format!(
                        "{own}: recall suspected on {}, the same model: {} {}",
                        card.tag, row.number, row.what
                    )
                })
            })
            .collect()
    }
}
