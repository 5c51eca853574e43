//! HIBCC symbols: primary, secondary, and both in one, with their check and link characters.
//!
//! The rules are those of the ANSI/HIBC Supplier Labeling Standard. Invariants: the check character is the last character
//! and is taken off before anything is split, since it can be `/` or `$` itself; a wrong one warns and the rest is kept.

use chrono::NaiveDate;

use super::check::hibcc_check_character;
use super::dates::{self, LabelDate};
use super::scan::{Extra, Issuer, Scan, ScanError, Warning};
use super::separators::{symbology, trim_ends};

/// The longest lot or serial the standard allows.
const LONGEST_VALUE: usize = 18;

/// A symbol without stars, in upper case, with its check character apart.
struct Symbol {
    /// From the `+` to the last character before the check character.
    body: String,
    /// The check character, or the link to it in a second symbol.
    check: char,
    fits: bool,
}

/// Reads a symbol; nothing if the text is not in HIBCC's form.
pub fn parse(text: &str, today: NaiveDate) -> Option<Scan> {
    let mut scan = Scan::of(Issuer::Hibcc);
    if unstarred(text.trim_end()) == "+" {
        scan.fail(ScanError::Truncated);
        return Some(scan);
    }
    let symbol = symbol(text)?;
    let content = symbol.body.get(1..)?;
    if content.starts_with(|c: char| c == '$' || c.is_ascii_digit()) {
        let (content, _link) = without_last(content);
        scan.fail(ScanError::SecondaryWithoutPrimary);
        secondary(&mut scan, content, today);
    } else {
        whole(&mut scan, content, today);
    }
    // The last character of a symbol that was cut off is no check character.
    if !symbol.fits && scan.error != Some(ScanError::Truncated) {
        scan.warn(Warning::CheckCharacter);
    }
    scan.judge_dates(today);
    Some(scan)
}

/// Joins the two symbols of one label. Nothing unless the second one's link character is the check character of the
/// first: then they are from different labels.
pub fn join_hibcc_pair(primary: &str, secondary: &str, today: NaiveDate) -> Option<Scan> {
    let first = symbol(symbology(trim_ends(primary)).1)?;
    let second = symbol(symbology(trim_ends(secondary)).1)?;
    let (rest, link) = without_last(second.body.get(1..)?);
    let is_second = rest.starts_with(|c: char| c == '$' || c.is_ascii_digit());
    if !is_second || first.body.contains('/') || link != Some(first.check) {
        return None;
    }
    let mut scan = Scan::of(Issuer::Hibcc);
    if !first.fits || !second.fits {
        scan.warn(Warning::CheckCharacter);
    }
    whole(
        &mut scan,
        &format!("{}/{rest}", first.body.get(1..)?),
        today,
    );
    scan.judge_dates(today);
    Some(scan)
}

/// The check character is right: used to tell a scan from typed text that begins with `+`.
pub fn checks(text: &str) -> bool {
    symbol(text).is_some_and(|s| s.fits)
}

fn without_last(text: &str) -> (&str, Option<char>) {
    let mut chars = text.chars();
    let last = chars.next_back();
    (chars.as_str(), last)
}

fn symbol(text: &str) -> Option<Symbol> {
    let blank_at_end = unstarred(text);
    let trimmed = unstarred(text.trim_end());
    let second = trimmed.strip_prefix('+')?.chars().next()?;
    if !(second == '$' || second.is_ascii_alphanumeric()) {
        return None;
    }
    for candidate in [&blank_at_end, &trimmed] {
        let (body, last) = without_last(candidate);
        let expected = hibcc_check_character(body);
        // A caption prints the check character "blank" as an underscore.
        if let Some(check) = expected
            && (expected == last || (last == Some('_') && check == ' '))
        {
            return Some(Symbol {
                body: body.to_owned(),
                check,
                fits: true,
            });
        }
    }
    // The blank as check character may have been trimmed away. One wrong character in 43 looks the same, so it is read
    // that way but not called right.
    if hibcc_check_character(&trimmed) == Some(' ') {
        return Some(Symbol {
            body: trimmed,
            check: ' ',
            fits: false,
        });
    }
    let (body, last) = without_last(&trimmed);
    Some(Symbol {
        body: body.to_owned(),
        check: last?,
        fits: false,
    })
}

/// Without the stars of a Code 39 caption; Code 39 has no small letters, so small ones are a Caps Lock slip.
fn unstarred(text: &str) -> String {
    let text = text.strip_prefix('*').unwrap_or(text);
    text.strip_suffix('*').unwrap_or(text).to_ascii_uppercase()
}

/// A primary part, and after a `/` the secondary one.
fn whole(scan: &mut Scan, content: &str, today: NaiveDate) {
    let (primary, rest) = match content.split_once('/') {
        Some((primary, rest)) => (primary, Some(rest)),
        None => (content, None),
    };
    let length = primary.chars().count();
    if length < 6 {
        scan.fail(ScanError::Truncated);
        if !primary.is_empty() {
            scan.extra_text("unknown", primary);
        }
    } else {
        if length > 23 {
            scan.warn(Warning::InvalidLength);
        }
        scan.di = Some(primary.to_owned());
        let (labeled, unit) = without_last(primary);
        let unit = unit.and_then(|c| c.to_digit(10));
        if unit.is_none() || !primary.chars().all(|c| c.is_ascii_alphanumeric()) {
            scan.warn(Warning::InvalidCharacter);
        }
        if rest.is_none()
            && let Some((lic, pcn)) = labeled.split_at_checked(4)
        {
            scan.extra_text("lic", lic);
            scan.extra_text("pcn", pcn);
            if let Some(unit) = unit {
                scan.extra("um", Extra::Number(u64::from(unit)));
            }
        }
    }
    if let Some(rest) = rest {
        secondary(scan, rest, today);
    }
}

/// The secondary part: segments between slashes, each named by its first characters.
fn secondary(scan: &mut Scan, content: &str, today: NaiveDate) {
    for segment in content.split('/').filter(|s| !s.is_empty()) {
        let full_date = |text: &str| dates::yyyymmdd(text).map(LabelDate::Day);
        if let Some(rest) = segment.strip_prefix("16D") {
            scan.fill_date("16D", |s| &mut s.manufactured, full_date(rest), rest);
        } else if let Some(rest) = segment.strip_prefix("14D") {
            scan.fill_date("14D", |s| &mut s.expires, full_date(rest), rest);
        } else if let Some(rest) = segment.strip_prefix("$$+") {
            flagged(scan, rest, true, today);
        } else if let Some(rest) = segment.strip_prefix("$$") {
            flagged(scan, rest, false, today);
        } else if let Some(rest) = segment.strip_prefix("$+") {
            value(scan, rest, true);
        } else if let Some(rest) = segment.strip_prefix('$') {
            value(scan, rest, false);
        } else if let Some(rest) = segment.strip_prefix('S') {
            value(scan, rest, true);
        } else if let Some(count) = segment.strip_prefix('Q').and_then(digits) {
            quantity(scan, count);
        } else if segment.get(..5).is_some_and(|five| digits(five).is_some()) {
            let (date, rest) = segment.split_at_checked(5).unwrap_or((segment, ""));
            let day = dates::yyjjj(date, today).map(LabelDate::Day);
            scan.fill_date("expires", |s| &mut s.expires, day, date);
            value(scan, rest, false);
        } else {
            unknown(scan, segment);
        }
    }
}

/// What follows `$$` or `$$+`: a quantity (`8qq`, `9qqqqq`), then a date by its flag, then lot or serial.
fn flagged(scan: &mut Scan, text: &str, serial: bool, today: NaiveDate) {
    let mut rest = text;
    for (flag, length) in [('8', 2), ('9', 5)] {
        if let Some(after) = rest.strip_prefix(flag) {
            let Some((count, after)) = after
                .split_at_checked(length)
                .and_then(|(count, after)| Some((digits(count)?, after)))
            else {
                scan.fail(ScanError::Truncated);
                scan.extra_text("unknown", text);
                return;
            };
            quantity(scan, count);
            rest = after;
            break;
        }
    }
    // The flag's own length, the date's length behind it.
    let (skip, length) = match rest.chars().next() {
        Some('0' | '1') => (0, 4),
        Some('2' | '3') => (1, 6),
        Some('4') => (1, 8),
        Some('5') => (1, 5),
        Some('6') => (1, 7),
        Some('7') => (1, 0),
        _ => (0, 0),
    };
    let (flag, after) = rest.split_at_checked(skip).unwrap_or((rest, ""));
    let Some((date, after)) = after.split_at_checked(length) else {
        scan.fail(ScanError::Truncated);
        scan.extra_text("unknown", rest);
        return;
    };
    if length > 0 {
        let read = dated(flag, date, today);
        scan.fill_date("expires", |s| &mut s.expires, read, date);
    }
    value(scan, after, serial);
}

fn dated(flag: &str, date: &str, today: NaiveDate) -> Option<LabelDate> {
    let with_hour = |length: usize, day: fn(&str, NaiveDate) -> Option<NaiveDate>| {
        let (day_text, hour) = date.split_at_checked(length)?;
        Some(LabelDate::Hour(
            day(day_text, today)?,
            dates::below(hour, 24)?,
        ))
    };
    match flag {
        "" => dates::mmyy(date, today).map(LabelDate::Month),
        "2" => dates::mmddyy(date, today).map(LabelDate::Day),
        "3" => dates::yymmdd(date, today).map(LabelDate::Day),
        "4" => with_hour(6, dates::yymmdd),
        "5" => dates::yyjjj(date, today).map(LabelDate::Day),
        "6" => with_hour(5, dates::yyjjj),
        _ => None,
    }
}

fn value(scan: &mut Scan, text: &str, serial: bool) {
    if text.is_empty() {
        return;
    }
    if text.chars().count() > LONGEST_VALUE {
        scan.warn(Warning::InvalidLength);
    }
    if serial {
        scan.fill("serial", |s| &mut s.serial, text);
    } else {
        scan.fill("lot", |s| &mut s.lot, text);
    }
}

fn quantity(scan: &mut Scan, count: u64) {
    match scan.quantity {
        None => scan.quantity = Some(count),
        Some(have) if have == count => {}
        Some(_) => {
            scan.warn(Warning::RepeatedField);
            scan.extra("quantity", Extra::Number(count));
        }
    }
}

fn digits(text: &str) -> Option<u64> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// A segment no rule knows, kept under its data identifier: digits, then one letter.
fn unknown(scan: &mut Scan, segment: &str) {
    scan.warn(Warning::UnknownField);
    let numbers = segment.bytes().take_while(u8::is_ascii_digit).count();
    match segment.split_at_checked(numbers + 1) {
        Some((name, rest)) if name.ends_with(|c: char| c.is_ascii_alphabetic()) => {
            scan.extra_text(name, rest);
        }
        _ => scan.extra_text("unknown", segment),
    }
}
