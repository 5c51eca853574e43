//! ICCBBA's ISBT 128 data structures, as they make up the UDI of tissue, cells and blood containers.
//!
//! Each structure begins with two characters (`=` or `&` and one more) and has one length. The lengths are facts of the
//! ISBT 128 Standard Technical Specification. Invariant: nothing about a donor or patient is interpreted.

use chrono::NaiveDate;

use super::dates::{self, LabelDate};
use super::scan::{Issuer, Scan, ScanError, Warning};

/// What a structure is for.
#[derive(Clone, Copy)]
enum Holds {
    Di,
    Lot,
    Serial,
    Expires,
    Manufactured,
    Other(&'static str),
}

/// Identifier, number of characters after it, what it holds.
const STRUCTURES: &[(&str, usize, Holds)] = &[
    ("=/", 16, Holds::Di),
    ("=)", 10, Holds::Di),
    ("&,1", 18, Holds::Lot),
    ("&)", 10, Holds::Lot),
    ("=,", 6, Holds::Serial),
    ("=>", 6, Holds::Expires),
    ("&>", 10, Holds::Expires),
    ("=}", 6, Holds::Manufactured),
    ("&}", 10, Holds::Manufactured),
    ("=<", 8, Holds::Other("product_code")),
    ("=*", 6, Holds::Other("collection_date")),
    ("&*", 10, Holds::Other("collection_date")),
    ("=%", 4, Holds::Other("blood_groups")),
    ("&(", 5, Holds::Other("special_testing")),
    ("=\\", 18, Holds::Other("special_testing")),
    ("&\\", 18, Holds::Other("special_testing")),
    ("={", 18, Holds::Other("special_testing")),
    ("&{", 18, Holds::Other("special_testing")),
    ("=[", 18, Holds::Other("special_testing")),
];

/// Reads a text of ISBT 128 structures; nothing if it does not begin with one.
pub fn parse(text: &str, today: NaiveDate) -> Option<Scan> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut scan = Scan::of(Issuer::Iccbba);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let first = rest.len() == text.len();
        rest = next_structure(&mut scan, rest, first)?;
    }
    if text.is_empty() {
        return None;
    }
    if scan.di.is_none() && scan.error.is_none() {
        scan.warn(Warning::NoDi);
    }
    scan.judge_dates(today);
    Some(scan)
}

fn next_structure<'a>(scan: &mut Scan, rest: &'a str, first: bool) -> Option<&'a str> {
    // A compound message announces how many structures follow; it says nothing by itself.
    if let Some(after) = rest.strip_prefix("=+") {
        return match after.split_at_checked(5) {
            Some((count, after)) if count.bytes().all(|b| b.is_ascii_digit()) => Some(after),
            _ if first => None,
            _ => {
                scan.fail(ScanError::Truncated);
                Some("")
            }
        };
    }
    if let Some((id, length, holds)) = STRUCTURES.iter().find(|(id, ..)| rest.starts_with(id)) {
        let body = rest.get(id.len()..).unwrap_or_default();
        let ends = body.find(['=', '&']).unwrap_or(body.len());
        let inside = body.get(..ends).unwrap_or_default();
        if inside.len() < *length && (inside.is_empty() || !matches!(holds, Holds::Lot)) {
            if first && !inside.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return None;
            }
            scan.fail(ScanError::Truncated);
            if !inside.is_empty() {
                scan.extra_text("unknown", inside);
            }
            return body.get(ends..);
        }
        if inside.len() < *length {
            scan.warn(Warning::InvalidLength);
        }
        let (data, after) = body.split_at_checked((*length).min(ends))?;
        take(scan, id, *holds, data);
        return Some(after);
    }
    if let Some((donation, after)) = rest.strip_prefix('=').and_then(|b| b.split_at_checked(15))
        && is_donation(donation)
    {
        scan.extra_text("donation_id", donation);
        return Some(after);
    }
    if first {
        return None;
    }
    // An unknown structure ends where the next one begins.
    let body = rest.get(1..).unwrap_or_default();
    let ends = body.find(['=', '&']).map_or(rest.len(), |i| i + 1);
    let (chunk, after) = rest.split_at_checked(ends).unwrap_or((rest, ""));
    scan.warn(Warning::UnknownField);
    scan.extra_text("unknown", chunk);
    Some(after)
}

fn take(scan: &mut Scan, id: &str, holds: Holds, data: &str) {
    let name = id.trim_end_matches('1');
    match holds {
        Holds::Di => scan.fill("di", |s| &mut s.di, data),
        Holds::Lot => scan.fill("lot", |s| &mut s.lot, data),
        Holds::Serial => scan.fill("serial", |s| &mut s.serial, data),
        Holds::Expires => scan.fill_date(name, |s| &mut s.expires, date(data), data),
        Holds::Manufactured => scan.fill_date(name, |s| &mut s.manufactured, date(data), data),
        Holds::Other(name) => scan.extra_text(name, data),
    }
}

/// `CYYJJJ`, or with hour and minute behind it.
fn date(data: &str) -> Option<LabelDate> {
    let (day, time) = data.split_at_checked(6)?;
    let day = dates::cyyjjj(day)?;
    if time.is_empty() {
        return Some(LabelDate::Day(day));
    }
    let (hour, minute) = time.split_at_checked(2)?;
    Some(LabelDate::Minute(
        day,
        dates::below(hour, 24)?,
        dates::below(minute, 60)?,
    ))
}

/// Facility (5 letters and digits), year and number (8 digits), flags (2).
fn is_donation(text: &str) -> bool {
    text.bytes().enumerate().all(|(i, b)| match i {
        5..=12 => b.is_ascii_digit(),
        _ => b.is_ascii_uppercase() || b.is_ascii_digit(),
    })
}
