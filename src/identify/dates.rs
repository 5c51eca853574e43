//! Dates as labels write them: two-digit years, day 00, day of the year, and parts of a day.
//!
//! Invariant: pure. "Today" is an argument, because the century of a two-digit year depends on it.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A label's date, exactly as precise as the label gave it. Written `2025-11`, `2025-11-26`, `2025-11-26T16` or
/// `2025-11-26T16:30`, in the label's own local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LabelDate {
    /// A month; the date is its first day.
    Month(NaiveDate),
    /// A day.
    Day(NaiveDate),
    /// A day and the hour, 0 to 23.
    Hour(NaiveDate, u8),
    /// A day, the hour and the minute.
    Minute(NaiveDate, u8, u8),
}

impl LabelDate {
    /// The first day the label can mean.
    pub fn first_day(self) -> NaiveDate {
        match self {
            Self::Month(day) | Self::Day(day) | Self::Hour(day, _) | Self::Minute(day, ..) => day,
        }
    }

    /// The last day the label can mean: an expiry of "November" is good to the end of November.
    pub fn last_day(self) -> NaiveDate {
        match self {
            Self::Month(day) => last_of_month(day),
            _ => self.first_day(),
        }
    }
}

impl fmt::Display for LabelDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Month(day) => write!(f, "{:04}-{:02}", day.year(), day.month()),
            Self::Day(day) => write!(f, "{day}"),
            Self::Hour(day, hour) => write!(f, "{day}T{hour:02}"),
            Self::Minute(day, hour, minute) => write!(f, "{day}T{hour:02}:{minute:02}"),
        }
    }
}

/// A text that is not a label date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a date such as 2025-11, 2025-11-26, 2025-11-26T16 or 2025-11-26T16:30")]
pub struct BadLabelDate(pub String);

impl FromStr for LabelDate {
    type Err = BadLabelDate;

    fn from_str(text: &str) -> Result<Self, BadLabelDate> {
        let read = || {
            let (date, time) = match text.split_once('T') {
                Some((date, time)) => (date, Some(time)),
                None => (text, None),
            };
            let Some(time) = time else {
                if date.len() == 7 {
                    return format!("{date}-01").parse().ok().map(Self::Month);
                }
                return date.parse().ok().map(Self::Day);
            };
            let day: NaiveDate = date.parse().ok()?;
            match time.split_once(':') {
                None => Some(Self::Hour(day, below(time, 24)?)),
                Some((hour, minute)) => {
                    Some(Self::Minute(day, below(hour, 24)?, below(minute, 60)?))
                }
            }
        };
        read().ok_or_else(|| BadLabelDate(text.to_owned()))
    }
}

impl Serialize for LabelDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LabelDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// The full year of a two-digit one by the GS1 rule: the difference to this year's last two digits decides. 51 to 99
/// ahead is the last century, 50 to 99 behind is the next one, all else is this century.
pub fn full_year(two_digits: i32, today: NaiveDate) -> i32 {
    let century = today.year() - today.year().rem_euclid(100);
    let ahead = two_digits - today.year().rem_euclid(100);
    match ahead {
        51..=99 => century - 100 + two_digits,
        -99..=-50 => century + 100 + two_digits,
        _ => century + two_digits,
    }
}

/// `YYMMDD`; day 00 is the last day of the month.
pub fn yymmdd(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let [year, month, day] = pairs(text)?;
    ymd(full_year(year, today), month, day)
}

/// `MMDDYY`; day 00 is the last day of the month.
pub fn mmddyy(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let [month, day, year] = pairs(text)?;
    ymd(full_year(year, today), month, day)
}

/// `MMYY`: the first day of that month.
pub fn mmyy(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let [month, year] = pairs(text)?;
    ymd(full_year(year, today), month, 1)
}

/// `YYYYMMDD`; day 00 is the last day of the month.
pub fn yyyymmdd(text: &str) -> Option<NaiveDate> {
    let [century, year, month, day] = pairs(text)?;
    ymd(century * 100 + year, month, day)
}

/// `YYJJJ`: a year and the day within it, from 001.
pub fn yyjjj(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let (year, day) = text.split_at_checked(2)?;
    let year = full_year(number(year, 2)?, today);
    NaiveDate::from_yo_opt(year, u32::try_from(number(day, 3)?).ok()?)
}

/// `CYYJJJ` of ISBT 128: century digit (9 is 1900, 0 is 2000, 1 is 2100, …), year and day within it.
pub fn cyyjjj(text: &str) -> Option<NaiveDate> {
    let (century, rest) = text.split_at_checked(1)?;
    let (year, day) = rest.split_at_checked(2)?;
    let century = match number(century, 1)? {
        9 => 1900,
        c => 2000 + c * 100,
    };
    NaiveDate::from_yo_opt(
        century + number(year, 2)?,
        u32::try_from(number(day, 3)?).ok()?,
    )
}

/// Two digits that are below a bound: hours (24) and minutes (60).
pub fn below(text: &str, bound: i32) -> Option<u8> {
    let n = number(text, 2)?;
    (n < bound).then(|| u8::try_from(n).ok())?
}

fn ymd(year: i32, month: i32, day: i32) -> Option<NaiveDate> {
    let month = u32::try_from(month).ok()?;
    if day == 0 {
        return NaiveDate::from_ymd_opt(year, month, 1).map(last_of_month);
    }
    NaiveDate::from_ymd_opt(year, month, u32::try_from(day).ok()?)
}

fn last_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1)
        .and_then(|first| first.checked_add_months(Months::new(1)))
        .and_then(|next| next.checked_sub_days(Days::new(1)))
        .unwrap_or(day)
}

/// A text of exactly this many ASCII digits, as a number.
fn number(text: &str, digits: usize) -> Option<i32> {
    (text.len() == digits && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// A text of exactly 2N ASCII digits, as N numbers of two digits.
fn pairs<const N: usize>(text: &str) -> Option<[i32; N]> {
    if text.len() != 2 * N {
        return None;
    }
    let mut out = [0; N];
    for (i, slot) in out.iter_mut().enumerate() {
        *slot = number(text.get(2 * i..2 * i + 2)?, 2)?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn the_century_follows_today() {
        let in_2026 = day(2026, 6, 1);
        for (yy, year) in [(26, 2026), (76, 2076), (77, 1977), (99, 1999), (0, 2000)] {
            assert_eq!(full_year(yy, in_2026), year, "{yy} in 2026");
        }
        let in_2060 = day(2060, 1, 1);
        for (yy, year) in [(10, 2110), (11, 2011), (60, 2060), (99, 2099), (0, 2100)] {
            assert_eq!(full_year(yy, in_2060), year, "{yy} in 2060");
        }
    }

    #[test]
    fn dates_as_labels_write_them() {
        let today = day(2026, 6, 1);
        assert_eq!(yymmdd("210300", today), Some(day(2021, 3, 31)));
        assert_eq!(yymmdd("240200", today), Some(day(2024, 2, 29)));
        assert_eq!(yymmdd("260931", today), None);
        assert_eq!(yymmdd("000000", today), None);
        assert_eq!(yymmdd("26093", today), None);
        assert_eq!(yymmdd("26é93", today), None);
        assert_eq!(mmddyy("123123", today), Some(day(2023, 12, 31)));
        assert_eq!(mmyy("1125", today), Some(day(2025, 11, 1)));
        assert_eq!(yyyymmdd("20130202"), Some(day(2013, 2, 2)));
        assert_eq!(yyjjj("25330", today), Some(day(2025, 11, 26)));
        assert_eq!(yyjjj("25366", today), None);
        assert_eq!(yyjjj("24366", today), Some(day(2024, 12, 31)));
        assert_eq!(cyyjjj("014032"), Some(day(2014, 2, 1)));
        assert_eq!(cyyjjj("999001"), Some(day(1999, 1, 1)));
    }

    #[test]
    fn a_month_lasts_to_its_end() {
        let november = LabelDate::Month(day(2025, 11, 1));
        assert_eq!(november.last_day(), day(2025, 11, 30));
        assert_eq!(november.to_string(), "2025-11");
        assert!("2025-11-26T24".parse::<LabelDate>().is_err());
        assert!("2025-11-26T16:60".parse::<LabelDate>().is_err());
        assert!("soon".parse::<LabelDate>().is_err());
    }

    proptest! {
        #[test]
        fn text_gives_the_date_back(days in 0u64..60_000, hour in 0u8..24, minute in 0u8..60, kind in 0..4) {
            let date = day(1970, 1, 1).checked_add_days(Days::new(days)).unwrap();
            let whole = match kind {
                0 => LabelDate::Month(date.with_day(1).unwrap()),
                1 => LabelDate::Day(date),
                2 => LabelDate::Hour(date, hour),
                _ => LabelDate::Minute(date, hour, minute),
            };
            prop_assert_eq!(whole.to_string().parse::<LabelDate>().unwrap(), whole);
        }

        #[test]
        fn no_text_breaks_a_date(text in "\\PC{0,10}") {
            let today = day(2026, 6, 1);
            let _ = (yymmdd(&text, today), mmddyy(&text, today), mmyy(&text, today), yyyymmdd(&text));
            let _ = (yyjjj(&text, today), cyyjjj(&text), text.parse::<LabelDate>());
        }
    }
}
