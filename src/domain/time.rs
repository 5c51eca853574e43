//! Points in time as the journal keeps them: microseconds UTC plus the offset that the shop's clock showed.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// A moment: UTC microseconds, and the offset from UTC in minutes that the writer's shop used.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
pub struct Moment {
    /// Microseconds since 1970-01-01 00:00 UTC.
    pub micros: i64,
    /// Minutes east of UTC.
    pub offset: i16,
}

impl Moment {
    /// The date that the shop's wall calendar showed.
    pub fn date(&self) -> NaiveDate {
        self.local().map_or(NaiveDate::MIN, |at| at.date_naive())
    }

    /// Wall-clock time in the shop, if the numbers are a real time.
    pub fn local(&self) -> Option<DateTime<FixedOffset>> {
        let offset = FixedOffset::east_opt(i32::from(self.offset) * 60)?;
        Some(DateTime::<Utc>::from_timestamp_micros(self.micros)?.with_timezone(&offset))
    }

    /// `2026-11-23 14:03`, or `unknown time` when the numbers are not a time.
    pub fn minute(&self) -> String {
        self.local().map_or_else(
            || "unknown time".to_owned(),
            |at| at.format("%Y-%m-%d %H:%M").to_string(),
        )
    }

    /// RFC 3339 with the offset, for machines.
    pub fn rfc3339(&self) -> String {
        self.local().map_or_else(
            || "unknown".to_owned(),
            |at| at.to_rfc3339_opts(chrono::SecondsFormat::Micros, false),
        )
    }

    /// This moment moved by whole seconds.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self {
            micros: self
                .micros
                .saturating_add(seconds.saturating_mul(1_000_000)),
            ..self
        }
    }

    /// Whole seconds from `earlier` to this moment; negative if it lies after.
    pub fn seconds_since(&self, earlier: Moment) -> i64 {
        (self.micros - earlier.micros) / 1_000_000
    }
}

/// Who recorded what, and when: hangs on every fact in a state.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Stamp {
    /// The event that recorded it.
    pub dot: super::id::Dot,
    /// When it was recorded.
    pub at: Moment,
    /// The technician's key (their short name).
    pub by: String,
}
