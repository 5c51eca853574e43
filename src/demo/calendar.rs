//! Days and hours of the demo hospital: when people work, and what the clock shows then.

use chrono::{Datelike as _, Days, NaiveDate, TimeZone as _, Weekday};
use chrono_tz::Tz;

/// The hospital's zone.
pub const ZONE: Tz = Tz::America__Chicago;

/// Microseconds since 1970 UTC at so many minutes after local midnight.
pub fn at(day: NaiveDate, minutes: u32) -> i64 {
    let local = day
        .and_hms_opt(minutes / 60 % 24, minutes % 60, 0)
        .unwrap_or_default();
    ZONE.from_local_datetime(&local).earliest().map_or_else(
        || local.and_utc().timestamp_micros(),
        |time| time.timestamp_micros(),
    )
}

/// The day so many days later.
pub fn later(day: NaiveDate, days: i64) -> NaiveDate {
    let span = Days::new(days.unsigned_abs());
    if days < 0 {
        day.checked_sub_days(span)
    } else {
        day.checked_add_days(span)
    }
    .unwrap_or(day)
}

/// This day, or the next one on which the shop works.
pub fn working(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Weekday::Sat => later(day, 2),
        Weekday::Sun => later(day, 1),
        _ => day,
    }
}

/// The first working day of a day's month: when the month's maintenance is opened.
pub fn month_begins(day: NaiveDate) -> NaiveDate {
    working(day.with_day(1).unwrap_or(day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::clock::moment;

    #[test]
    fn local_time_holds_in_summer_and_winter() {
        for text in ["2026-01-15", "2026-07-15", "2026-03-08", "2026-11-01"] {
            let day: NaiveDate = text.parse().unwrap();
            assert_eq!(
                moment(at(day, 9 * 60), ZONE).minute(),
                format!("{text} 09:00")
            );
        }
        let saturday: NaiveDate = "2026-11-21".parse().unwrap();
        assert_eq!(working(saturday).to_string(), "2026-11-23");
        assert_eq!(month_begins(saturday).to_string(), "2026-11-02");
    }
}
