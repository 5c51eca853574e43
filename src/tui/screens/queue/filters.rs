//! Narrowing the queue to one kind or one department, chosen from a list that says how many orders each has.
//!
//! Invariant: the counts are of the queue as its other filters leave it; a list that could not be counted to its end says
//! so.

use std::collections::BTreeMap;

use super::Queue;
use crate::bench::query::{OrderFilter, OrderRow};
use crate::domain::order::OrderKind;
use crate::tui::app::screen::{Cx, Effect, Tone};
use crate::tui::screens::choose::Choose;

/// Rows asked for at once while counting.
const WINDOW: usize = 500;
/// Orders counted at most; a longer queue is counted to here.
const MOST: usize = 20_000;

/// By what a queue is narrowed; nothing named shows all again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Narrowing {
    /// One kind of order.
    Kind(Option<OrderKind>),
    /// One using department.
    Department(Option<String>),
}

impl Queue {
    /// Offers the kinds that wait, each with its number.
    pub(super) fn pick_kind(&self, cx: &mut Cx<'_>) {
        let filter = OrderFilter {
            kind: None,
            ..self.filter.clone()
        };
        let label = |row: &OrderRow| row.kind.label().to_owned();
        let counted = Counted::of(&filter, label, cx);
        let kinds = OrderKind::ALL
            .iter()
            .filter_map(|kind| Some((kind, *counted.by.get(kind.label())?)))
            .map(|(kind, count)| {
                let narrow = Narrowing::Kind(Some(*kind));
                (kind.label().to_owned(), count, narrow)
            })
            .collect();
        counted.offer(
            "Which kind?",
            "every kind",
            kinds,
            Narrowing::Kind(None),
            cx,
        );
    }

    /// Offers the departments that have orders waiting, each with its number.
    pub(super) fn pick_department(&self, cx: &mut Cx<'_>) {
        let filter = OrderFilter {
            department: None,
            ..self.filter.clone()
        };
        let counted = Counted::of(&filter, |row| row.department.clone(), cx);
        let departments = counted
            .by
            .iter()
            .filter(|(name, _)| !name.is_empty())
            .map(|(name, count)| {
                let narrow = Narrowing::Department(Some(name.clone()));
                (name.clone(), *count, narrow)
            })
            .collect();
        counted.offer(
            "Which department?",
            "every department",
            departments,
            Narrowing::Department(None),
            cx,
        );
    }
}

/// How many orders there are of each name.
#[derive(Default)]
struct Counted {
    by: BTreeMap<String, usize>,
    all: usize,
    seen: usize,
}

impl Counted {
    fn of(filter: &OrderFilter, name: impl Fn(&OrderRow) -> String, cx: &mut Cx<'_>) -> Self {
        let mut counted = Self::default();
        while counted.seen < MOST {
            let window = match cx.session.orders(filter.clone(), counted.seen, WINDOW) {
                Ok(window) => window,
                Err(failure) => {
                    cx.fail(&failure);
                    break;
                }
            };
            counted.all = window.total;
            counted.seen += window.rows.len();
            for row in &window.rows {
                *counted.by.entry(name(row)).or_default() += 1;
            }
            if window.rows.is_empty() || counted.seen >= window.total {
                break;
            }
        }
        counted
    }

    fn offer(
        &self,
        title: &str,
        everything: &str,
        mut rows: Vec<(String, usize, Narrowing)>,
        all: Narrowing,
        cx: &mut Cx<'_>,
    ) {
        if rows.is_empty() {
            cx.say(Tone::Plain, "There is nothing to choose from.");
            return;
        }
        // The largest first; equals by name.
        rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let first = (everything.to_owned(), self.all, all);
        let rows = std::iter::once(first)
            .chain(rows)
            .map(|(words, count, by)| (words, count.to_string(), vec![Effect::Narrow(by)]))
            .collect();
        let title = if self.seen < self.all {
            format!("{title} (the first {} of {} orders)", self.seen, self.all)
        } else {
            title.to_owned()
        };
        cx.wish(Effect::Open(Box::new(Choose::with_counts(title, rows))));
    }
}
