//! Dates as hospital lists write them.
//!
//! Rules. A date with the month in words, or with the year first, says itself what it means; dots are day first. Day
//! and month in figures with slashes or dashes are told apart only by another value of the same column that leaves no
//! choice (13 to 31), or by the person. A two-digit year 00 to 69 is 2000 to 2069, 70 to 99 is 1970 to 1999. A time of
//! day is left out. A bare number of five digits in a date column is a day number of Excel (day 1 is 1 January 1900).
//! Excel's day 0 and its neighbours mean an empty cell.

use chrono::{Duration, NaiveDate};
use serde::{Deserialize, Serialize};

/// What comes first in a date of figures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    /// Day, month, year: 31/12/2024.
    Dmy,
    /// Month, day, year: 12/31/2024.
    Mdy,
}

impl DateOrder {
    /// The order that `dmy` or `mdy` names.
    pub fn from_key(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "dmy" => Some(Self::Dmy),
            "mdy" => Some(Self::Mdy),
            _ => None,
        }
    }

    /// `dmy` or `mdy`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Dmy => "dmy",
            Self::Mdy => "mdy",
        }
    }
}

/// What a text says as a date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DateRead {
    /// This day, however it is read.
    Day(NaiveDate),
    /// This day, which only this order makes possible: it decides the order for its column.
    Decides(DateOrder, NaiveDate),
    /// Two days are possible.
    Either {
        /// Read day first.
        dmy: NaiveDate,
        /// Read month first.
        mdy: NaiveDate,
    },
    /// A day number of Excel.
    Serial(NaiveDate),
    /// Stands for an empty cell.
    Nothing,
    /// Not a date.
    No,
}

impl DateRead {
    /// The day, read in this order where it matters.
    pub fn day(self, order: Option<DateOrder>) -> Option<NaiveDate> {
        match (self, order) {
            (Self::Day(day) | Self::Serial(day), _) | (Self::Decides(_, day), None) => Some(day),
            (Self::Decides(own, day), Some(order)) => (own == order).then_some(day),
            (Self::Either { dmy, .. }, Some(DateOrder::Dmy)) => Some(dmy),
            (Self::Either { mdy, .. }, Some(DateOrder::Mdy)) => Some(mdy),
            _ => None,
        }
    }
}

/// Month names by their first letters: English, German, French, Spanish.
const MONTHS: &[(&str, u32)] = &[
    ("jan", 1),
    ("ene", 1),
    ("feb", 2),
    ("fev", 2),
    ("fév", 2),
    ("mar", 3),
    ("mär", 3),
    ("mrz", 3),
    ("apr", 4),
    ("avr", 4),
    ("abr", 4),
    ("may", 5),
    ("mai", 5),
    ("jun", 6),
    ("juin", 6),
    ("jul", 7),
    ("juil", 7),
    ("aug", 8),
    ("aoû", 8),
    ("aou", 8),
    ("ago", 8),
    ("sep", 9),
    ("oct", 10),
    ("okt", 10),
    ("nov", 11),
    ("dec", 12),
    ("dez", 12),
    ("déc", 12),
    ("dic", 12),
];

fn month(word: &str) -> Option<u32> {
    let word = word.to_lowercase();
    if word.chars().count() > 10 {
        return None;
    }
    MONTHS
        .iter()
        .filter(|(start, _)| word.starts_with(start))
        .max_by_key(|(start, _)| start.len())
        .map(|(_, number)| *number)
}

fn year(text: &str) -> Option<i32> {
    let number: i32 = text.parse().ok()?;
    match text.len() {
        4 => Some(number),
        2 if number < 70 => Some(2000 + number),
        2 => Some(1900 + number),
        _ => None,
    }
}

fn date(year: Option<i32>, month: Option<u32>, day: Option<u32>) -> Option<NaiveDate> {
    let year = year.filter(|y| (1900..=2199).contains(y))?;
    NaiveDate::from_ymd_opt(year, month?, day?)
}

/// Reads one cell of a date column.
pub fn read_date(text: &str) -> DateRead {
    let text = text.trim();
    if text.len() > 60 {
        return DateRead::No;
    }
    if is_nothing(text) {
        return DateRead::Nothing;
    }
    if let Some(read) = bare_number(text) {
        return read;
    }
    let text = without_time(text);
    if is_nothing(text) {
        return DateRead::Nothing;
    }
    if let Some(read) = bare_number(text) {
        return read;
    }
    let words = words(text);
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|w| !is_weekday(w))
        .collect();
    let [a, b, c] = words.as_slice() else {
        return DateRead::No;
    };
    let number = |w: &str| w.parse::<u32>().ok();
    let digits = |w: &str| w.bytes().all(|b| b.is_ascii_digit());
    let found = match (digits(a), digits(b), digits(c)) {
        (true, false, true) if a.len() == 4 => date(year(a), month(b), number(c)),
        (true, false, true) => date(year(c), month(b), number(a)),
        (false, true, true) => date(year(c), month(a), number(b)),
        (true, true, true) if a.len() == 4 => date(year(a), number(b), number(c)),
        (true, true, true) => return figures(text, number(a), number(b), year(c)),
        _ => None,
    };
    found.map_or(DateRead::No, DateRead::Day)
}

fn figures(text: &str, a: Option<u32>, b: Option<u32>, year: Option<i32>) -> DateRead {
    let dmy = date(year, b, a);
    if text.contains('.') {
        return dmy.map_or(DateRead::No, DateRead::Day);
    }
    match (dmy, date(year, a, b)) {
        (Some(dmy), Some(mdy)) if dmy == mdy => DateRead::Day(dmy),
        (Some(dmy), Some(mdy)) => DateRead::Either { dmy, mdy },
        (Some(day), None) => DateRead::Decides(DateOrder::Dmy, day),
        (None, Some(day)) => DateRead::Decides(DateOrder::Mdy, day),
        (None, None) => DateRead::No,
    }
}

/// Spreadsheets and databases write these days for an empty cell.
fn is_nothing(text: &str) -> bool {
    matches!(
        text,
        "0" | "0.0"
            | "00/00/0000"
            | "0/0/0000"
            | "00/00/00"
            | "0000-00-00"
            | "00.00.0000"
            | "00-00-0000"
            | "1/0/1900"
            | "01/00/1900"
            | "1/0/00"
            | "0-Jan-00"
            | "0-Jan-1900"
            | "00-Jan-00"
            | "00-Jan-1900"
            | "1900-01-00"
            | "1/1/1900"
            | "01/01/1900"
            | "1900-01-01"
            | "01.01.1900"
            | "0001-01-01"
            | "1/1/0001"
            | "01/01/0001"
    )
}

/// `20241231`, or a day number of Excel with or without a part of a day.
fn bare_number(text: &str) -> Option<DateRead> {
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let all_digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(part) {
        return None;
    }
    match whole.len() {
        8 if whole == text => {
            let day = date(
                year(whole.get(..4)?),
                whole.get(4..6)?.parse().ok(),
                whole.get(6..)?.parse().ok(),
            );
            Some(day.map_or(DateRead::No, DateRead::Day))
        }
        5 => {
            let days: i64 = whole.parse().ok()?;
            let start = NaiveDate::from_ymd_opt(1899, 12, 30)?;
            // 1954 to 2118: any other number of five digits is no date of a device.
            Some(if (20_000..80_000).contains(&days) {
                start
                    .checked_add_signed(Duration::days(days))
                    .map_or(DateRead::No, DateRead::Serial)
            } else {
                DateRead::No
            })
        }
        _ => None,
    }
}

/// The text up to a time of day.
fn without_time(text: &str) -> &str {
    let Some(colon) = text.find(':') else {
        return text;
    };
    let head = text.get(..colon).unwrap_or(text);
    match head.rfind([' ', 'T', '\u{a0}']) {
        Some(at) => head.get(..at).unwrap_or(head).trim(),
        None => text,
    }
}

/// Runs of digits and runs of letters.
fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut last = ' ';
    for c in text.chars() {
        let joins = (c.is_ascii_digit() && last.is_ascii_digit())
            || (c.is_alphabetic() && last.is_alphabetic());
        if joins {
            if let Some(word) = out.last_mut() {
                word.push(c);
            }
        } else if c.is_ascii_digit() || c.is_alphabetic() {
            out.push(c.to_string());
        } else if !matches!(c, ' ' | '-' | '/' | '.' | ',' | '\u{a0}' | '\'') {
            out.push("?".to_owned());
        }
        last = c;
    }
    out.retain(|w| !matches!(w.as_str(), "st" | "nd" | "rd" | "th" | "de" | "of"));
    out
}

fn is_weekday(word: &str) -> bool {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let word = word.to_lowercase();
    DAYS.iter()
        .any(|day| word == *day || (word.starts_with(day) && word.ends_with("day")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn dates_read_as_people_write_them() {
        let last = day(2024, 12, 31);
        for text in [
            "2024-12-31",
            "2024/12/31",
            "20241231",
            "31.12.2024",
            "31.12.24",
            "31-Dec-24",
            "31-DEC-2024",
            "31 December 2024",
            "Dec 31, 2024",
            "December 31st, 2024",
            "Tue, Dec 31, 2024",
            "31. Dez 2024",
            "31 déc. 2024",
            "31Dec2024",
            "2024-12-31T08:15:00Z",
            "2024-12-31 00:00:00.000",
            "Dec 31, 2024 11:59 PM",
            "31.12.2024 08:15",
        ] {
            assert_eq!(read_date(text), DateRead::Day(last), "{text}");
        }
        for (text, read) in [
            ("12/31/2024", DateRead::Decides(DateOrder::Mdy, last)),
            ("12/31/24 12:00 AM", DateRead::Decides(DateOrder::Mdy, last)),
            ("31/12/2024", DateRead::Decides(DateOrder::Dmy, last)),
            ("31-12-2024", DateRead::Decides(DateOrder::Dmy, last)),
            ("5/5/2024", DateRead::Day(day(2024, 5, 5))),
            (
                "3/4/2024",
                DateRead::Either {
                    dmy: day(2024, 4, 3),
                    mdy: day(2024, 3, 4),
                },
            ),
            ("45657", DateRead::Serial(last)),
            ("45657.75", DateRead::Serial(last)),
            ("36526", DateRead::Serial(day(2000, 1, 1))),
            ("1/0/1900", DateRead::Nothing),
            ("1/1/1900 00:00", DateRead::Nothing),
            ("00/00/0000", DateRead::Nothing),
            ("2/30/2024", DateRead::No),
            ("2024-02-30", DateRead::No),
            ("31.31.2024", DateRead::No),
            ("Dec-24", DateRead::No),
            ("soon", DateRead::No),
            ("12345", DateRead::No),
            ("99999", DateRead::No),
            ("2024", DateRead::No),
            ("1/2/3/2024", DateRead::No),
            ("12/31/224", DateRead::No),
        ] {
            assert_eq!(read_date(text), read, "{text}");
        }
    }

    #[test]
    fn two_digit_years_follow_the_rule() {
        for (text, year) in [
            ("31-Dec-69", 2069),
            ("31-Dec-70", 1970),
            ("31-Dec-00", 2000),
        ] {
            assert_eq!(read_date(text), DateRead::Day(day(year, 12, 31)));
        }
    }

    #[test]
    fn an_order_refuses_what_contradicts_it() {
        let only_mdy = read_date("12/31/2024");
        assert_eq!(only_mdy.day(Some(DateOrder::Dmy)), None);
        assert_eq!(only_mdy.day(Some(DateOrder::Mdy)), Some(day(2024, 12, 31)));
        assert_eq!(read_date("3/4/2024").day(None), None);
    }

    proptest! {
        #[test]
        fn every_day_comes_back(days in 1i64..70_000) {
            let date = day(1900, 1, 2) + Duration::days(days);
            for (format, order) in [("%Y-%m-%d", None), ("%d.%m.%Y", None), ("%d %B %Y", None), ("%b %d, %Y", None),
                ("%m/%d/%Y", Some(DateOrder::Mdy)), ("%d/%m/%Y", Some(DateOrder::Dmy)), ("%Y%m%d", None)] {
                prop_assert_eq!(read_date(&date.format(format).to_string()).day(order), Some(date));
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,30}|[0-9/.: TJanDec-]{0,20}") {
            let _ = read_date(&text);
        }
    }
}
