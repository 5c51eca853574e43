//! GS1 Digital Link: the same fields as a web address, `https://…/01/GTIN/10/LOT/21/SERIAL?17=YYMMDD`, on any host.
//!
//! Invariant: nothing is fetched; the address is only read. Compressed links are refused in words: they are told by the
//! GTIN that their first bits hold, with its check digit.

use chrono::NaiveDate;

use super::ai;
use super::check::gs1_checks;
use super::gs1;
use super::scan::{Issuer, Scan, ScanError};

/// The names that links may use in place of AI numbers.
const ALIASES: &[(&str, &str)] = &[
    ("gtin", "01"),
    ("itip", "8006"),
    ("cpid", "8010"),
    ("gmn", "8013"),
    ("gln", "414"),
    ("payto", "415"),
    ("party", "417"),
    ("gsrnp", "8017"),
    ("gsrn", "8018"),
    ("gcn", "255"),
    ("sscc", "00"),
    ("gdti", "253"),
    ("ginc", "401"),
    ("gsin", "402"),
    ("grai", "8003"),
    ("giai", "8004"),
    ("cpv", "22"),
    ("lot", "10"),
    ("ser", "21"),
    ("tpx", "235"),
    ("glnx", "254"),
    ("cpsn", "8011"),
    ("refno", "8020"),
    ("srin", "8019"),
    ("exp", "17"),
];

/// The AIs a link's path may begin with: those that name a thing.
const KEYS: &[&str] = &[
    "00", "01", "253", "255", "401", "402", "414", "415", "417", "8003", "8004", "8006", "8010",
    "8013", "8017", "8018",
];

/// Reads a Digital Link; nothing if the text is not one.
pub fn parse(text: &str, today: NaiveDate) -> Option<Scan> {
    let address = without_scheme(text)?;
    let address = address.split('#').next().unwrap_or_default();
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut segments = path.split('/').skip(1);
    let mut pairs = Vec::new();
    while let Some(name) = segments.next() {
        let Some(ai) = ai_of(name) else {
            continue;
        };
        if pairs.is_empty() && !KEYS.contains(&ai) {
            continue;
        }
        let value = segments.next().unwrap_or_default();
        if pairs.is_empty() && ai == "01" && !is_gtin(value) {
            return None;
        }
        pairs.push((ai.to_owned(), percent_decoded(value)));
    }
    if pairs.is_empty() {
        return is_compressed(path).then(|| {
            let mut scan = Scan::of(Issuer::Gs1);
            scan.fail(ScanError::CompressedLink);
            scan
        });
    }
    for part in query.split(['&', ';']) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        // Other query words (linkType, context, …) say nothing about the device.
        if let Some(ai) = ai_of(name) {
            pairs.push((ai.to_owned(), percent_decoded(value)));
        }
    }
    Some(gs1::parse_pairs(&pairs, today))
}

/// The last part of a path is the compressed form of fields that begin with a GTIN: in base 64 for addresses, eight bits
/// for the two digits of its AI, then 47 bits of GTIN.
fn is_compressed(path: &str) -> bool {
    const BITS: u32 = 55;
    let last = path.rsplit('/').next().unwrap_or_default();
    let mut value: u64 = 0;
    let mut bits = 0;
    for c in last.chars() {
        let six = match c {
            'A'..='Z' => u64::from(c) - u64::from('A'),
            'a'..='z' => u64::from(c) - u64::from('a') + 26,
            '0'..='9' => u64::from(c) - u64::from('0') + 52,
            '-' => 62,
            '_' => 63,
            _ => return false,
        };
        if bits < 60 {
            value = value << 6 | six;
            bits += 6;
        }
    }
    if bits < BITS {
        return false;
    }
    let head = value >> (bits - BITS);
    let (ai, gtin) = (head >> 47, head & ((1 << 47) - 1));
    ai == 0x01 && gtin < 100_000_000_000_000 && gs1_checks(&format!("{gtin:014}"))
}

/// The address after `http://`, `https://` or, for GS1's own host, without a scheme.
fn without_scheme(text: &str) -> Option<&str> {
    let starts = |prefix: &str| {
        text.get(..prefix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    if starts("https://") {
        text.get(8..)
    } else if starts("http://") {
        text.get(7..)
    } else {
        starts("id.gs1.org/").then_some(text)
    }
}

fn ai_of(name: &str) -> Option<&str> {
    if name.bytes().all(|b| b.is_ascii_digit()) && ai::form_of(name).is_some() {
        return Some(name);
    }
    ALIASES
        .iter()
        .find(|(alias, _)| name.eq_ignore_ascii_case(alias))
        .map(|(_, ai)| *ai)
}

fn is_gtin(value: &str) -> bool {
    matches!(value.len(), 8 | 12 | 13 | 14) && value.bytes().all(|b| b.is_ascii_digit())
}

/// `%2F` and its like as characters; anything else, broken escapes too, as it stands.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(escaped.unwrap_or(byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}
