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

/// Ranks an open order. `criticality` says whether its device is high-risk; unknown ranks as high-risk, and says so.
pub fn rank(order: &Order, criticality: Option<bool>, today: NaiveDate) -> Rank {
    let last_day = order.last_day();
    let high_risk = criticality != Some(false);
    let (urgency, mut why) = urgency(order, high_risk, today);
    if let Some((reason, _, chase)) = order.hold.as_ref().filter(|_| urgency != Urgency::Waiting) {
        let chase = match chase {
            Some(day) if *day > today => format!("ask on {day}"),
            Some(day) => format!("ask now, it was to be {day}"),
            None => "no day to ask again".to_owned(),
        };
        why = format!("{why}, {reason}, {chase}");
    }
    if let Some(attempt) = order.attempts.last() {
        let times = order.attempts.len();
        let again = attempt
            .next_try
            .map_or_else(String::new, |day| format!(", again on {day}"));
        why = format!("{why}, tried {times}x ({}){again}", attempt.code);
    }
    match criticality {
        Some(true) => why.push_str(", high-risk"),
        // An order without a device has no criticality to be unknown.
        None if order.opening.device.is_some() => why.push_str(", criticality unknown"),
        _ => {}
    }
    Rank {
        urgency,
        risk: u8::from(!high_risk),
        last_day: Some(last_day.unwrap_or(NaiveDate::MAX)),
        priority: order.opening.priority,
        why,
    }
}

/// How soon, and the first reason for it. Possible harm, an emergency and a recall are never made to wait.
fn urgency(order: &Order, high_risk: bool, today: NaiveDate) -> (Urgency, String) {
    let harm = order
        .check_in
        .as_ref()
        .is_some_and(|c| matches!(c.harm, Harm::Harm | Harm::NearMiss));
    if harm {
        return (Urgency::Safety, "possible harm".to_owned());
    }
    if order.opening.priority == Priority::Emergency {
        return (Urgency::Safety, "emergency".to_owned());
    }
    if order.opening.kind == OrderKind::Recall && high_risk {
        return (Urgency::Safety, "recall".to_owned());
    }
    if order.status == Status::OnHold
        && let Some((reason, _, Some(chase))) = &order.hold
        && *chase > today
    {
        return (Urgency::Waiting, format!("{reason}, ask on {chase}"));
    }
    let (first, last) = (order.first_day(), order.last_day());
    if let Some(last) = last.filter(|last| *last < today) {
        let days = (today - last).num_days();
        return (Urgency::Overdue, format!("overdue {days} d"));
    }
    if order.opening.priority == Priority::Urgent {
        return (Urgency::Urgent, "urgent".to_owned());
    }
    match (first, last) {
        (Some(first), Some(last)) if first <= today => {
            let why = match (last - today).num_days() {
                0 => "due today".to_owned(),
                left => format!("due, {left} d left"),
            };
            (Urgency::Due, why)
        }
        (Some(first), _) => (Urgency::Later, format!("from {first}")),
        _ => (Urgency::Later, "no due date".to_owned()),
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
    fn an_unknown_criticality_ranks_as_high_and_says_so() {
        let today = "2026-11-23".parse().unwrap();
        let mut pm = order(OrderKind::Pm, "2026-11-23");
        assert_eq!(rank(&pm, None, today).why, "due today");
        pm.opening.device = Some(crate::domain::id::EntityId::Natural([1; 16]));
        let (known, unknown) = (rank(&pm, Some(true), today), rank(&pm, None, today));
        assert_eq!(unknown.why, "due today, criticality unknown");
        assert_eq!(known.risk, unknown.risk);
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
            .map(|(o, risk, _, _)| rank(o, Some(*risk), today))
            .collect();
        for ((_, _, urgency, why), rank) in cases.iter().zip(&ranks) {
            assert_eq!((rank.urgency, rank.why.as_str()), (*urgency, *why));
        }
        assert!(ranks.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
