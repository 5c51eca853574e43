//! When the next exchange with a depot is due.
//!
//! Invariants: pure; new records go soon, but not while they are still being written one after another; after trouble it
//! waits twice as long each time, up to the interval or some minutes; what is not plugged in is not tried.

use std::time::{Duration, Instant};

/// How long nothing new may have come before it goes.
const QUIET: Duration = Duration::from_secs(2);
/// New records wait no longer than this.
const LONGEST_QUIET: Duration = Duration::from_secs(20);
/// The first wait after trouble.
const FIRST_WAIT: Duration = Duration::from_secs(5);
/// The longest wait after trouble.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// When a depot is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timing {
    every: Duration,
    /// By the interval.
    next: Instant,
    /// For new records, and since when the first of them waits.
    soon: Option<(Instant, Instant)>,
    /// Not before, after trouble.
    not_before: Option<Instant>,
    failures: u32,
    counted: u64,
    present: bool,
}

impl Timing {
    /// A depot that was synced so long ago; `None` if never.
    pub fn new(every: Duration, ago: Option<Duration>, now: Instant) -> Self {
        let rest = ago.map_or(Duration::ZERO, |ago| every.saturating_sub(ago));
        Self {
            every,
            next: now + rest.max(QUIET.min(every)),
            soon: None,
            not_before: None,
            failures: 0,
            counted: 0,
            present: true,
        }
    }

    /// Notes how many records wait, and whether the place is there.
    pub fn look(&mut self, now: Instant, to_send: u64, present: bool) {
        if present && !self.present {
            self.next = now;
            self.not_before = None;
            self.failures = 0;
        }
        self.present = present;
        if to_send == 0 {
            self.soon = None;
        } else if to_send != self.counted {
            let first = self.soon.map_or(now, |(_, first)| first);
            self.soon = Some(((now + QUIET).min(first + LONGEST_QUIET), first));
        }
        self.counted = to_send;
    }

    /// When it is due; `None` while it is not there.
    pub fn due(&self) -> Option<Instant> {
        if !self.present {
            return None;
        }
        let next = self.soon.map_or(self.next, |(soon, _)| soon.min(self.next));
        Some(self.not_before.map_or(next, |before| before.max(next)))
    }

    /// An exchange has ended.
    pub fn ended(&mut self, now: Instant, well: bool) {
        self.next = now + self.every;
        self.soon = None;
        if well {
            self.failures = 0;
            self.not_before = None;
            return;
        }
        let doubled = FIRST_WAIT.saturating_mul(1 << self.failures.min(10));
        let longest = LONGEST_WAIT.min(self.every).max(FIRST_WAIT);
        self.failures += 1;
        let again = now + doubled.min(longest);
        self.not_before = Some(again);
        self.next = again;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn the_interval_goes_on_over_a_restart() {
        let now = Instant::now();
        let due = |ago| Timing::new(5 * MINUTE, ago, now).due().unwrap() - now;
        assert_eq!(due(Some(2 * MINUTE)), 3 * MINUTE);
        assert_eq!((due(Some(9 * MINUTE)), due(None)), (QUIET, QUIET));
        let mut timing = Timing::new(5 * MINUTE, None, now);
        timing.ended(now, true);
        assert_eq!(timing.due(), Some(now + 5 * MINUTE));
    }

    #[test]
    fn new_records_go_when_it_is_quiet_and_after_a_while_anyway() {
        let now = Instant::now();
        let mut timing = Timing::new(5 * MINUTE, Some(Duration::ZERO), now);
        for second in 0..60 {
            timing.look(now + seconds(second), second + 1, true);
            let due = timing.due().unwrap() - now;
            assert_eq!(due, seconds(second + 2).min(seconds(20)));
        }
        // What was counted is not new.
        timing.ended(now, true);
        timing.look(now, 60, true);
        assert_eq!(timing.due(), Some(now + 5 * MINUTE));
        timing.look(now, 0, true);
        timing.look(now, 1, true);
        assert_eq!(timing.due(), Some(now + QUIET));
    }

    #[test]
    fn trouble_is_given_time_and_new_records_do_not_hurry_it() {
        let now = Instant::now();
        let mut timing = Timing::new(2 * MINUTE, None, now);
        for wait in [5, 10, 20, 40, 80, 120, 120] {
            timing.ended(now, false);
            timing.look(now, wait, true);
            assert_eq!(timing.due(), Some(now + seconds(wait)));
        }
        timing.ended(now, true);
        assert_eq!(timing.due(), Some(now + 2 * MINUTE));
    }

    #[test]
    fn a_stick_is_synced_when_it_is_plugged_in() {
        let now = Instant::now();
        let mut timing = Timing::new(5 * MINUTE, Some(Duration::ZERO), now);
        timing.ended(now, false);
        timing.look(now, 0, false);
        assert_eq!(timing.due(), None);
        timing.look(now + seconds(1), 0, true);
        assert_eq!(timing.due(), Some(now + seconds(1)));
    }
}
