//! Queue order: safety and due window decide, and every place is explained.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Harm, Order, OrderKind, Priority, Status};

/// How soon an order should be touched, most urgent first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Urgency {
    /// Possible harm, emergency, recall of a high-risk device.
    Safety,
    /// Past the last day of its window.
    Overdue,
    /// Urgent by request.
    Urgent,
    /// Inside its window, or due today.
    Due,
    /// Not yet due.
    Later,
    /// Waiting for something, chase date not reached.
    Waiting,
}

/// An order's place in the queue; smaller comes first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Rank {
    /// How soon.
    pub urgency: Urgency,
    /// High-risk devices first within the same urgency (0), then the others (1).
    pub risk: u8,
    /// The last day in time; orders without one come after.
    pub last_day: Option<NaiveDate>,
    /// Priority.
    pub priority: Priority,
    /// Why it stands there, for people.
    pub why: String,
}

/// Ranks an open order. `high_risk` says whether its device counts as high-risk (unknown does).
pub fn rank(order: &Order, high_risk: bool, today: NaiveDate) -> Rank {
    let last_day = order
        .opening
        .window
        .map(|(_, last)| last)
        .or(order.opening.due);
    let first_day = order
        .opening
        .window
        .map(|(first, _)| first)
        .or(order.opening.due);
    let harm = order
        .check_in
        .as_ref()
        .is_some_and(|c| matches!(c.harm, Harm::Harm | Harm::NearMiss));
    let overdue_days = last_day.map_or(0, |last| (today - last).num_days());
    let waiting = order.status == Status::OnHold
        && order
            .hold
            .as_ref()
            .and_then(|(_, _, chase)| *chase)
            .is_some_and(|chase| chase > today);
    let (urgency, why) = if harm {
        (Urgency::Safety, "possible harm".to_owned())
    } else if order.opening.priority == Priority::Emergency {
        (Urgency::Safety, "emergency".to_owned())
    } else if order.opening.kind == OrderKind::Recall && high_risk {
        (Urgency::Safety, "recall, high-risk device".to_owned())
    } else if waiting {
        let chase = order.hold.as_ref().and_then(|(_, _, c)| *c);
        let reason = order.hold.as_ref().map_or("waiting", |(r, _, _)| r.label());
        (
            Urgency::Waiting,
            format!(
                "{reason}, ask on {}",
                chase.map_or_else(String::new, |c| c.to_string())
            ),
        )
    } else if overdue_days > 0 {
        (Urgency::Overdue, format!("overdue {overdue_days} d"))
    } else if order.opening.priority == Priority::Urgent {
        (Urgency::Urgent, "urgent".to_owned())
    } else if first_day.is_some_and(|first| first <= today) {
        let left = last_day.map_or(0, |last| (last - today).num_days());
        (
            Urgency::Due,
            if left == 0 {
                "due today".to_owned()
            } else {
                format!("due, {left} d left")
            },
        )
    } else if let Some(first) = first_day {
        (Urgency::Later, format!("from {first}"))
    } else {
        (Urgency::Later, "no due date".to_owned())
    };
    let why = if high_risk {
        format!("{why}, high-risk")
    } else {
        why
    };
    let why = why.replace("high-risk device, high-risk", "high-risk device");
    Rank {
        urgency,
        risk: u8::from(!high_risk),
        last_day: Some(last_day.unwrap_or(NaiveDate::MAX)),
        priority: order.opening.priority,
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(kind: OrderKind, due: &str) -> Order {
        let mut order = Order::default();
        order.opening.kind = kind;
        order.opening.due = due.parse().ok();
        order
    }

    #[test]
    fn safety_then_overdue_then_due_then_later() {
        let today = "2026-11-23".parse().unwrap();
        let mut harm = order(OrderKind::Repair, "2027-01-01");
        harm.check_in = Some(super::super::CheckIn {
            harm: Harm::NearMiss,
            clean: super::super::Known::Unknown,
            accessories: String::new(),
            shelf: String::new(),
        });
        let cases = [
            (harm, true, Urgency::Safety, "possible harm, high-risk"),
            (
                order(OrderKind::Pm, "2026-11-20"),
                true,
                Urgency::Overdue,
                "overdue 3 d, high-risk",
            ),
            (
                order(OrderKind::Pm, "2026-11-20"),
                false,
                Urgency::Overdue,
                "overdue 3 d",
            ),
            (
                order(OrderKind::Pm, "2026-11-23"),
                false,
                Urgency::Due,
                "due today",
            ),
            (
                order(OrderKind::Pm, "2026-12-23"),
                false,
                Urgency::Later,
                "from 2026-12-23",
            ),
        ];
        let ranks: Vec<_> = cases
            .iter()
            .map(|(o, risk, _, _)| rank(o, *risk, today))
            .collect();
        for ((_, _, urgency, why), rank) in cases.iter().zip(&ranks) {
            assert_eq!((rank.urgency, rank.why.as_str()), (*urgency, *why));
        }
        assert!(ranks.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
