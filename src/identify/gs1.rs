//! GS1 element strings: raw with separators, bracketed as printed, and bare GTINs.
//!
//! Invariants: fields are cut only where the standard says so; where a separator seems lost the scan says it and never
//! guesses. A wrong check digit or an impossible date costs that field's certainty, not the rest of the label.

use chrono::NaiveDate;

use super::ai::{self, Form};
use super::check::gs1_checks;
use super::dates::{self, LabelDate};
use super::scan::{Extra, Issuer, Scan, ScanError, Warning};
use super::separators::GS;

/// One field: its AI, its data, and whether a separator or bracket closed it.
struct Field<'a> {
    ai: &'a str,
    form: Form,
    data: &'a str,
}

/// Reads a raw element string whose separators are already [`GS`].
pub fn parse_elements(text: &str, today: NaiveDate) -> Scan {
    let mut scan = Scan::of(Issuer::Gs1);
    let separated = text.contains(GS);
    let mut seen: Vec<&str> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(GS) {
            rest = after;
            continue;
        }
        let Some((ai, form)) = ai::at_start(rest) else {
            rest = skip_unknown(&mut scan, rest);
            continue;
        };
        let body = rest.get(ai.len()..).unwrap_or_default();
        let (chunk, after) = body.split_once(GS).unwrap_or((body, ""));
        let length = chunk.chars().count();
        let overlong = !form.fixed() && length > form.max;
        let not_a_number = !form.fixed()
            && form.numeric()
            && !separated
            && !chunk.bytes().all(|b| b.is_ascii_digit());
        if overlong || not_a_number {
            scan.fail(ScanError::SeparatorLost);
            rest = after;
            continue;
        }
        if length < form.min {
            scan.fail(ScanError::Truncated);
            if !chunk.is_empty() {
                scan.extra_text(ai, chunk);
            }
            rest = after;
            continue;
        }
        let data;
        (data, rest) = if form.fixed() {
            let cut = chunk
                .char_indices()
                .nth(form.max)
                .map_or(chunk.len(), |(i, _)| i);
            body.split_at_checked(cut).unwrap_or((body, ""))
        } else {
            (chunk, after)
        };
        if !separated && !form.fixed() && may_hold_more(ai, data, &seen, today) {
            scan.warn(Warning::SeparatorLostPossible);
        }
        seen.push(ai);
        take(&mut scan, &Field { ai, form, data }, today);
    }
    finish(scan, today)
}

/// Reads the printed form, `(01)…(17)…` or `[01]…[17]…`, brackets being `open` and `close`.
pub fn parse_bracketed(text: &str, open: char, close: char, today: NaiveDate) -> Scan {
    let mut scan = Scan::of(Issuer::Gs1);
    let text = text.replace(GS, "");
    let mut rest = text.as_str();
    while let Some((ai, after)) = bracketed_ai(rest, open, close) {
        // A value may hold brackets itself: only a bracketed AI that exists ends it, or any if it is a number.
        let form = ai::form_of(ai);
        let number = form.is_none_or(Form::numeric);
        let end = after
            .char_indices()
            .map(|(i, _)| i)
            .find(|i| {
                after
                    .get(*i..)
                    .and_then(|tail| bracketed_ai(tail, open, close))
                    .is_some_and(|(ai, _)| number || ai::form_of(ai).is_some())
            })
            .unwrap_or(after.len());
        let (value, next) = after.split_at_checked(end).unwrap_or((after, ""));
        rest = next;
        let Some(form) = form else {
            scan.warn(Warning::UnknownField);
            scan.extra_text(ai, value.trim());
            continue;
        };
        let data: String = if form.numeric() {
            value.chars().filter(|c| !c.is_whitespace()).collect()
        } else {
            value.trim().to_owned()
        };
        let length = data.chars().count();
        if data.is_empty() {
            scan.fail(ScanError::Truncated);
        } else if matches!(ai, "01" | "02" | "03") && matches!(length, 8 | 12 | 13) {
            let data = format!("{data:0>14}");
            take(
                &mut scan,
                &Field {
                    ai,
                    form,
                    data: &data,
                },
                today,
            );
        } else {
            let dated = matches!(ai, "11" | "17" | "7003" | "8008");
            if !dated && (length < form.min || length > form.max) {
                scan.warn(Warning::InvalidLength);
            }
            take(
                &mut scan,
                &Field {
                    ai,
                    form,
                    data: &data,
                },
                today,
            );
        }
    }
    finish(scan, today)
}

/// The AI in brackets that a text begins with, and what follows.
pub fn bracketed_ai(text: &str, open: char, close: char) -> Option<(&str, &str)> {
    let (inner, after) = text.strip_prefix(open)?.split_once(close)?;
    let ai = inner.trim();
    ((2..=4).contains(&ai.len()) && ai.bytes().all(|b| b.is_ascii_digit())).then_some((ai, after))
}

/// Reads a bare GTIN of 8, 12, 13 or 14 digits; a wrong check digit warns.
pub fn parse_gtin(digits: &str, today: NaiveDate) -> Scan {
    parse_elements(&format!("01{digits:0>14}"), today)
}

/// Takes the fields of a Digital Link, already cut into AI and value.
pub fn parse_pairs(pairs: &[(String, String)], today: NaiveDate) -> Scan {
    let mut scan = Scan::of(Issuer::Gs1);
    for (ai, value) in pairs {
        match ai::form_of(ai) {
            Some(_) if value.is_empty() => scan.fail(ScanError::Truncated),
            Some(form) => {
                let padded = format!("{value:0>14}");
                let data = if ai == "01" { &padded } else { value };
                let length = data.chars().count();
                if length < form.min || length > form.max {
                    scan.warn(Warning::InvalidLength);
                }
                take(&mut scan, &Field { ai, form, data }, today);
            }
            None => {
                scan.warn(Warning::UnknownField);
                scan.extra_text(ai, value);
            }
        }
    }
    finish(scan, today)
}

/// Keeps text that begins with no known AI, up to the next separator.
fn skip_unknown<'a>(scan: &mut Scan, rest: &'a str) -> &'a str {
    let (chunk, after) = rest.split_once(GS).unwrap_or((rest, ""));
    scan.warn(Warning::UnknownField);
    scan.extra_text("unknown", chunk);
    after
}

fn finish(mut scan: Scan, today: NaiveDate) -> Scan {
    if scan.di.is_none() && scan.error.is_none() {
        scan.warn(Warning::NoDi);
    }
    scan.judge_dates(today);
    scan
}

/// Puts one field where it belongs.
fn take(scan: &mut Scan, field: &Field<'_>, today: NaiveDate) {
    let Field { ai, form, data } = *field;
    let dated = matches!(ai, "11" | "17" | "7003" | "8008");
    let digits_wrong = data.chars().take(form.digits).any(|c| !c.is_ascii_digit());
    if !dated && (digits_wrong || !data.chars().all(allowed)) {
        scan.warn(Warning::InvalidCharacter);
    }
    if !digits_wrong && !check_digit_fits(ai, data) {
        scan.warn(Warning::CheckDigit);
    }
    let day = |text: &str| dates::yymmdd(text, today).map(LabelDate::Day);
    match ai {
        "01" => scan.fill(ai, |s| &mut s.di, data),
        "10" => scan.fill(ai, |s| &mut s.lot, data),
        "21" => scan.fill(ai, |s| &mut s.serial, data),
        "11" => scan.fill_date(ai, |s| &mut s.manufactured, day(data), data),
        "17" => scan.fill_date(ai, |s| &mut s.expires, day(data), data),
        "7003" => scan.fill_date(ai, |s| &mut s.expires, with_time(data, today), data),
        "8008" => scan.fill_date(ai, |s| &mut s.manufactured, with_time(data, today), data),
        "30" | "37" => match (data.parse(), scan.quantity) {
            (Ok(number), None) => scan.quantity = Some(number),
            (Ok(number), Some(_)) => scan.extra(ai, Extra::Number(number)),
            (Err(_), _) => scan.extra_text(ai, data),
        },
        _ => scan.extra_text(ai, data),
    }
}

/// `YYMMDDhh`, `YYMMDDhhmm` or `YYMMDDhhmmss`; seconds must be right but are not kept apart.
fn with_time(text: &str, today: NaiveDate) -> Option<LabelDate> {
    let day = dates::yymmdd(text.get(..6)?, today)?;
    let hour = dates::below(text.get(6..8)?, 24)?;
    match text.get(8..)? {
        "" => Some(LabelDate::Hour(day, hour)),
        rest => {
            let minute = dates::below(rest.get(..2)?, 60)?;
            let seconds = rest.get(2..)?;
            (seconds.is_empty() || dates::below(seconds, 60).is_some())
                .then_some(LabelDate::Minute(day, hour, minute))
        }
    }
}

/// The numbers that carry a check digit, and where it stands.
fn check_digit_fits(ai: &str, data: &str) -> bool {
    let number = match ai {
        "00" | "01" | "02" | "03" | "402" | "8017" | "8018" => Some(data),
        "253" | "255" => data.get(..13),
        "8003" => data.get(1..14),
        "8006" | "8026" => data.get(..14),
        _ if ai.len() == 3 && ai.starts_with("41") => Some(data),
        _ => return true,
    };
    number.is_some_and(gs1_checks)
}

/// The characters GS1 allows in values (its set of 82), and the four more of the longer sets.
fn allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!\"%&'()*+,-./_:;<=>?#".contains(c)
}

/// A value to the end of the scan that could hold further fields: its tail reads completely as fields that device
/// labels carry and that this label has not given yet.
fn may_hold_more(ai: &str, data: &str, seen: &[&str], today: NaiveDate) -> bool {
    if !matches!(
        ai,
        "10" | "21" | "22" | "235" | "240" | "241" | "243" | "250" | "251"
    ) {
        return false;
    }
    let mut used = seen.to_vec();
    used.push(ai);
    data.char_indices()
        .skip(1)
        .filter_map(|(i, _)| data.get(i..))
        .any(|tail| reads_as_fields(tail, &used, today))
}

fn reads_as_fields(tail: &str, used: &[&str], today: NaiveDate) -> bool {
    let Some((ai, form)) = ai::at_start(tail) else {
        return false;
    };
    let Some(body) = tail.get(ai.len()..).filter(|body| !body.is_empty()) else {
        return false;
    };
    if used.contains(&ai) {
        return false;
    }
    match ai {
        // Anything can be a lot or a serial, up to 20 characters.
        "10" | "21" => body.chars().count() <= form.max,
        "01" | "11" | "17" => {
            let Some((data, rest)) = body.split_at_checked(form.max) else {
                return false;
            };
            let real = match ai {
                "01" => gs1_checks(data),
                _ => dates::yymmdd(data, today).is_some(),
            };
            let mut used = used.to_vec();
            used.push(ai);
            real && (rest.is_empty() || reads_as_fields(rest, &used, today))
        }
        _ => false,
    }
}
