//! The only place that reads the machine's clock.
//!
//! "Today" is the shop's date, from the shop's IANA zone; never the client's TZ.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, Offset, Utc};
use chrono_tz::Tz;

use super::query::ShopFacts;
use crate::domain::time::Moment;

/// A source of time.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands until it is moved: for demonstrations and tests.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at these microseconds since 1970 UTC.
    pub fn set(micros: i64) -> Self {
        Self::Set(Arc::new(AtomicI64::new(micros)))
    }

    /// Moves a standing clock; the machine's clock cannot be moved.
    pub fn move_to(&self, micros: i64) {
        if let Self::Set(at) = self {
            at.store(micros, Ordering::SeqCst);
        }
    }

    /// Microseconds since 1970 UTC.
    #[allow(clippy::disallowed_methods)] // this is the one clock
    pub fn micros(&self) -> i64 {
        match self {
            Self::System => Utc::now().timestamp_micros(),
            Self::Set(at) => at.load(Ordering::SeqCst),
        }
    }

    /// Now, with the offset that the zone has now.
    pub fn now(&self, zone: Tz) -> Moment {
        moment(self.micros(), zone)
    }

    /// The date in the zone.
    pub fn today(&self, zone: Tz) -> NaiveDate {
        self.now(zone).date()
    }
}

/// A moment in a zone.
pub fn moment(micros: i64, zone: Tz) -> Moment {
    let offset = DateTime::<Utc>::from_timestamp_micros(micros).map_or(0, |at| {
        at.with_timezone(&zone).offset().fix().local_minus_utc() / 60
    });
    Moment {
        micros,
        offset: offset as i16,
    }
}

/// A time as people of this shop read it: `2026-11-23 14:05`.
pub fn minute(micros: i64, shop: &ShopFacts) -> String {
    let zone = shop.zone.parse().unwrap_or(Tz::UTC);
    moment(micros, zone).minute()
}

/// The machine's zone, as far as it can be told; UTC when it cannot.
pub fn machine_zone() -> Tz {
    let from_link = std::fs::read_link("/etc/localtime").ok().and_then(|path| {
        let text = path.to_string_lossy().into_owned();
        let (_, name) = text.split_once("zoneinfo/")?;
        name.parse().ok()
    });
    from_link
        .or_else(|| {
            std::fs::read_to_string("/etc/timezone")
                .ok()?
                .trim()
                .parse()
                .ok()
        })
        .unwrap_or(Tz::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn today_is_the_shops_date() {
        let late = DateTime::parse_from_rfc3339("2026-11-24T03:00:00Z")
            .unwrap()
            .timestamp_micros();
        let clock = Clock::set(late);
        assert_eq!(clock.today(Tz::UTC).to_string(), "2026-11-24");
        assert_eq!(clock.today(Tz::America__Chicago).to_string(), "2026-11-23");
        assert_eq!(clock.now(Tz::America__Chicago).offset, -360);
    }
}
