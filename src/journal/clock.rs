//! The hybrid logical clock: wall milliseconds that never go back, with a counter for what happens in between.
//!
//! Invariants: each tick is greater than every tick before it; a remote time more than five minutes ahead of the wall
//! is never followed, so that one wrong clock cannot drag the others along.

use serde::{Deserialize, Serialize};

/// How far ahead of the own wall clock a remote time may be and still be followed, in milliseconds.
pub const MAX_AHEAD_MS: u64 = 5 * 60 * 1000;

/// A point in hybrid time: 48 bits of milliseconds since 1970, then 16 bits of counter.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize,
)]
pub struct HybridTime(pub u64);

impl HybridTime {
    /// The time with counter 0 at these milliseconds since 1970.
    pub fn from_millis(ms: u64) -> Self {
        Self(ms.min(u64::MAX >> 16) << 16)
    }

    /// Milliseconds since 1970.
    pub fn millis(self) -> u64 {
        self.0 >> 16
    }
}

/// A site's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    last: HybridTime,
}

impl Clock {
    /// A clock that continues after this time.
    pub fn after(last: HybridTime) -> Self {
        Self { last }
    }

    /// The next time, given the wall clock in microseconds since 1970. Always later than the one before.
    pub fn tick(&mut self, wall_us: i64) -> HybridTime {
        let wall = HybridTime::from_millis(millis(wall_us));
        // Beyond the year 10889 the counter would stand still; no clock gets there.
        self.last = wall.max(HybridTime(self.last.0.saturating_add(1)));
        self.last
    }

    /// Takes note of another site's time, unless it is more than five minutes ahead of the wall. True if followed.
    pub fn observe(&mut self, remote: HybridTime, wall_us: i64) -> bool {
        let follow = remote.millis() <= millis(wall_us).saturating_add(MAX_AHEAD_MS);
        if follow {
            self.last = self.last.max(remote);
        }
        follow
    }
}

fn millis(wall_us: i64) -> u64 {
    u64::try_from(wall_us.div_euclid(1000)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_remote_clock_far_ahead_is_not_followed() {
        let now = 1_700_000_000_000_000;
        let mut clock = Clock::default();
        let first = clock.tick(now);
        assert_eq!(first.millis(), 1_700_000_000_000);
        assert!(!clock.observe(
            HybridTime::from_millis(first.millis() + MAX_AHEAD_MS + 1),
            now
        ));
        assert!(clock.tick(now).millis() == first.millis());
        assert!(clock.observe(HybridTime::from_millis(first.millis() + MAX_AHEAD_MS), now));
        assert!(clock.tick(now).millis() == first.millis() + MAX_AHEAD_MS);
    }

    proptest! {
        #[test]
        fn ticks_always_rise(walls: Vec<i64>) {
            let mut clock = Clock::default();
            let mut last = HybridTime(0);
            for wall in walls {
                let next = clock.tick(wall);
                prop_assert!(next > last);
                last = next;
            }
        }
    }
}
