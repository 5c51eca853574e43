//! Which screen shows a place.

use super::screen::{Place, Screen};
use crate::tui::screens::begin::Begin;
use crate::tui::screens::checklist::Checklist;
use crate::tui::screens::conflicts::Conflicts;
use crate::tui::screens::device::DeviceScreen;
use crate::tui::screens::order::OrderScreen;
use crate::tui::screens::summary::Summary;
use crate::tui::screens::sync::Sync;
use crate::tui::screens::tray::Tray;

/// How much of the window a place wants beside the lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Width {
    /// It stands beside a list.
    Beside,
    /// Work that takes the whole width where there are only two panes.
    Whole,
}

impl Place {
    pub(super) fn width(&self) -> Width {
        match self {
            Self::Device(_) | Self::Order(_) | Self::Lookup | Self::Queue => Width::Beside,
            Self::Begin { .. }
            | Self::Checklist(_)
            | Self::Step { .. }
            | Self::Summary(_)
            | Self::Tray
            | Self::Conflicts
            | Self::Sync
            | Self::Notices => Width::Whole,
        }
    }
}

/// The screen of a place; the two lists and the notices are mounted by the desk itself.
pub(super) fn screen(place: &Place) -> Option<Box<dyn Screen>> {
    Some(match place {
        Place::Lookup | Place::Queue | Place::Notices => return None,
        Place::Device(id) => Box::new(DeviceScreen::new(*id)),
        Place::Order(id) => Box::new(OrderScreen::new(*id)),
        Place::Begin { device, order } => Box::new(Begin::new(*device, *order)),
        Place::Checklist(id) => Box::new(Checklist::new(*id)),
        Place::Step { inspection, step } => Box::new(Checklist::at(*inspection, step.clone())),
        Place::Summary(id) => Box::new(Summary::new(*id)),
        Place::Tray => Box::new(Tray::new()),
        Place::Conflicts => Box::new(Conflicts::new()),
        Place::Sync => Box::new(Sync::new()),
    })
}
