//! Count-downs of inspections that are not in front: each rings once, with the tag, wherever the technician is.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::bench::query::InspectionRow;
use crate::domain::id::EntityId;
use crate::domain::procedure::StepId;

struct Running {
    inspection: EntityId,
    step: StepId,
    tag: String,
    /// Microseconds since 1970 UTC.
    ends: i64,
}

/// The count-downs that run.
#[derive(Default)]
pub(super) struct Bells {
    running: Vec<Running>,
    rung: BTreeSet<(EntityId, StepId)>,
}

impl Bells {
    /// Takes over what runs now. One that is answered, or begun again, may ring again.
    pub(super) fn read(&mut self, rows: Vec<InspectionRow>, now: i64) {
        self.running.clear();
        for row in rows {
            let tag = row.device.map(|card| card.tag).unwrap_or_default();
            for (step, ends) in row.timers {
                self.running.push(Running {
                    inspection: row.id,
                    step,
                    tag: tag.clone(),
                    ends: ends.micros,
                });
            }
        }
        let over: BTreeSet<(EntityId, StepId)> = self
            .running
            .iter()
            .filter(|r| r.ends <= now)
            .map(|r| (r.inspection, r.step.clone()))
            .collect();
        self.rung.retain(|rung| over.contains(rung));
    }

    /// The tags of those whose time is over and that have not rung. What the screen in front shows rings there.
    pub(super) fn ring(&mut self, now: i64, shown: &dyn Fn(EntityId) -> bool) -> Vec<String> {
        let mut tags = Vec::new();
        for running in self.running.iter().filter(|r| r.ends <= now) {
            let first = self.rung.insert((running.inspection, running.step.clone()));
            if first && !shown(running.inspection) {
                tags.push(running.tag.clone());
            }
        }
        tags
    }

    /// How long until the next one is over.
    pub(super) fn next_in(&self, now: i64) -> Option<Duration> {
        self.running
            .iter()
            .filter(|r| !self.rung.contains(&(r.inspection, r.step.clone())))
            .map(|r| Duration::from_micros(r.ends.saturating_sub(now).max(0).cast_unsigned()))
            .min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inspection::InspectionStatus;
    use crate::domain::time::Moment;

    fn row(ends: i64) -> InspectionRow {
        InspectionRow {
            id: EntityId::Natural([1; 16]),
            device: None,
            order: String::new(),
            activity: String::new(),
            procedure: String::new(),
            holder: String::new(),
            status: InspectionStatus::Open,
            outcome: None,
            performed: chrono::NaiveDate::MIN,
            answers: 0,
            timers: vec![(
                StepId::from("battery"),
                Moment {
                    micros: ends,
                    offset: 0,
                },
            )],
            touched: 0,
        }
    }

    #[test]
    fn each_rings_once_and_only_when_it_is_not_in_front() {
        let mut bells = Bells::default();
        bells.read(vec![row(1_000)], 0);
        assert_eq!(bells.next_in(0), Some(Duration::from_millis(1)));
        assert!(bells.ring(999, &|_| false).is_empty());
        assert_eq!(bells.ring(1_000, &|_| false).len(), 1);
        assert!(bells.ring(1_001, &|_| false).is_empty());
        assert_eq!(bells.next_in(1_001), None);
        bells.read(vec![row(5_000)], 2_000);
        assert!(
            bells.ring(6_000, &|_| true).is_empty(),
            "it rings where it is shown"
        );
        assert!(bells.ring(6_001, &|_| false).is_empty());
    }
}
