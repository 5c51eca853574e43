//! Where a device is beside the place where it belongs, and what is to come back or to go back.
//!
//! Invariant: a day or a fact that nobody has said is unknown, in words.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Device, Field, Stage};
use crate::domain::register::Register;

/// Where a device is, beside the location field that says where it belongs.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Whereabouts {
    /// At its location.
    #[default]
    AtLocation,
    /// Lent to a department or a site.
    OnLoan {
        /// To whom.
        to: String,
        /// When it should be back.
        back: Option<NaiveDate>,
    },
    /// At a vendor.
    SentOut {
        /// To whom.
        vendor: String,
        /// The vendor's return authorisation.
        rma: String,
        /// Who carries it.
        carrier: String,
        /// Patient information removed: yes, no, or nobody knows.
        ephi_cleared: Option<bool>,
        /// Decontaminated: yes, no, or nobody knows.
        decontaminated: Option<bool>,
        /// When it should be back.
        expected: Option<NaiveDate>,
    },
    /// Searched for and not found.
    Missing {
        /// Where people looked.
        searched: String,
    },
}

impl Whereabouts {
    /// Everything that is known of it, for a page or the history.
    pub fn details(&self) -> String {
        let day = |day: &Option<NaiveDate>| {
            day.map_or_else(|| "unknown".to_owned(), |day| day.to_string())
        };
        let said = |known: &Option<bool>| match known {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "unknown",
        };
        let or_unknown = |text: &str| match text.trim() {
            "" => "unknown".to_owned(),
            text => text.to_owned(),
        };
        match self {
            Self::AtLocation => self.words(),
            Self::OnLoan { back, .. } => format!("{}, back by {}", self.words(), day(back)),
            Self::SentOut {
                rma,
                carrier,
                ephi_cleared,
                decontaminated,
                expected,
                ..
            } => format!(
                "{}, RMA {}, carrier {}, ePHI cleared: {}, decontaminated: {}, expected {}",
                self.words(),
                or_unknown(rma),
                or_unknown(carrier),
                said(ephi_cleared),
                said(decontaminated),
                day(expected)
            ),
            Self::Missing { searched } => format!("missing; searched: {}", or_unknown(searched)),
        }
    }

    /// A few words for a list.
    pub fn words(&self) -> String {
        match self {
            Self::AtLocation => "at its location".to_owned(),
            Self::OnLoan { to, .. } => format!("on loan to {to}"),
            Self::SentOut { vendor, .. } => format!("sent out to {vendor}"),
            Self::Missing { .. } => "missing".to_owned(),
        }
    }
}

/// Where a device is by what the shops say: at its location only if all say so, else the latest of the others.
pub(super) fn shown(places: &Register<Whereabouts>) -> Whereabouts {
    let said = places
        .candidates()
        .iter()
        .rev()
        .filter_map(|c| c.value.as_ref());
    said.clone()
        .find(|at| **at != Whereabouts::AtLocation)
        .or_else(|| said.clone().next())
        .cloned()
        .unwrap_or_default()
}

impl Device {
    /// What is to come back or to go back, in words, each with its day if one was said.
    fn due_back(&self) -> Vec<(String, Option<NaiveDate>)> {
        if self.stage() == Stage::Disposed {
            return Vec::new();
        }
        let mut out = Vec::new();
        if let Some(by) = self.date(Field::ReturnBy) {
            let whose = match (self.text(Field::Ownership), self.text(Field::Owner)) {
                (kind, owner) if kind.is_empty() && owner.is_empty() => "borrowed".to_owned(),
                (kind, owner) if owner.is_empty() => kind,
                (kind, owner) if kind.is_empty() => format!("of {owner}"),
                (kind, owner) => format!("{kind} of {owner}"),
            };
            out.push((format!("{whose}, return by {by}"), Some(by)));
        }
        let (Whereabouts::OnLoan { back, .. } | Whereabouts::SentOut { expected: back, .. }) =
            &self.whereabouts
        else {
            return out;
        };
        let words = self.whereabouts.words();
        let words = match back {
            Some(day) => format!("{words}, back on {day}"),
            None => format!("{words}, no day to come back"),
        };
        out.push((words, *back));
        out
    }

    /// What is to come back or to go back, each with its day, for whoever chases it.
    pub fn chased(&self, today: NaiveDate) -> Vec<String> {
        self.due_back()
            .into_iter()
            .map(|due| chase(due, today))
            .collect()
    }

    /// What should have gone back or come back before today.
    pub fn late_back(&self, today: NaiveDate) -> Vec<String> {
        self.due_back()
            .into_iter()
            .filter(|(_, by)| by.is_some_and(|by| by < today))
            .map(|due| chase(due, today))
            .collect()
    }
}

/// One of them in words, with how late it is.
fn chase((words, by): (String, Option<NaiveDate>), today: NaiveDate) -> String {
    match by.map(|by| (today - by).num_days()) {
        Some(days) if days > 0 => format!("{words}: {days} d late"),
        _ => words,
    }
}
