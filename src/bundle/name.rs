//! What a bundle's file is called: from which shop, what it carries, of which day, and a piece of its hash.
//!
//! Invariants: only `a` to `z`, `0` to `9`, `-` and one dot, at most 100 characters: every file system of every stick
//! keeps such a name as it is. The same bundle always has the same name, two bundles never have. A name says nothing
//! that is trusted; it only saves opening files.

use std::fmt;

use chrono::{DateTime, Duration, NaiveDate};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::journal::Hash;

use super::header::Header;

/// How the name of every bundle ends.
pub const ENDING: &str = ".tagout";
/// The longest part of a shop's name in a file's name.
const MAX_SHOP: usize = 20;

/// The name of a bundle's file: `biomed-east-7f3a2b1c-00000501-00000620-20261123-1a2b3c4d5e6f.tagout`.
///
/// It begins with the shop's name as far as it has plain letters and digits. The two numbers are the first and the last
/// record of the author's own site; `relay` stands there if the bundle holds none of its own, and `signoff` in a
/// bundle about one inspection. The day is the author's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BundleName {
    /// The shop's name, reduced to what a file name can hold; may be empty.
    pub shop: String,
    /// The first eight hex digits of the author's site.
    pub site: String,
    /// What it carries.
    pub carries: Carries,
    /// The day it was made, at the author's place.
    pub day: NaiveDate,
    /// The first twelve hex digits of the hash at its end.
    pub hash: String,
}

/// What a file's name says about the content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Carries {
    /// Records of the author's own site, from the first to the last; others may be in it too.
    Own(u64, u64),
    /// Records of other sites only.
    Relay,
    /// The records of one inspection.
    SignOff,
}

impl BundleName {
    /// The name of the bundle with this header and this hash at its end.
    pub fn of(header: &Header, end: Hash) -> Self {
        let mut own = header.ranges.iter().filter(|r| r.site == header.author);
        let carries = match (header.about.inspection, own.next()) {
            (Some(_), _) => Carries::SignOff,
            (None, Some(first)) => Carries::Own(first.from, own.next_back().unwrap_or(first).to),
            (None, None) => Carries::Relay,
        };
        let created = header.about.created;
        let day = DateTime::from_timestamp_micros(created.wall_us)
            .and_then(|t| t.checked_add_signed(Duration::minutes(created.offset_minutes.into())))
            .map(|t| t.date_naive())
            .unwrap_or_default();
        Self {
            shop: plain(&header.about.shop),
            site: header.author.short(),
            carries,
            day,
            hash: end.to_string().chars().take(12).collect(),
        }
    }

    /// Reads a file's name; `None` if it is not the name of a bundle.
    pub fn parse(name: &str) -> Option<Self> {
        let stem = name.strip_suffix(ENDING)?;
        let mut parts = stem.rsplit('-');
        let hash = parts.next().filter(|h| is_hex(h, 12))?;
        let day = parts.next().filter(|d| d.len() == 8)?;
        let day = NaiveDate::parse_from_str(day, "%Y%m%d").ok()?;
        let carries = match parts.next()? {
            "relay" => Carries::Relay,
            "signoff" => Carries::SignOff,
            to => Carries::Own(number(parts.next()?)?, number(to)?),
        };
        let site = parts.next().filter(|s| is_hex(s, 8))?;
        let mut shop: Vec<&str> = parts.collect();
        shop.reverse();
        let read = Self {
            shop: shop.join("-"),
            site: site.to_owned(),
            carries,
            day,
            hash: hash.to_owned(),
        };
        (read.to_string() == name && read.shop == plain(&read.shop)).then_some(read)
    }
}

impl fmt::Display for BundleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.shop.is_empty() {
            write!(f, "{}-", self.shop)?;
        }
        write!(f, "{}-", self.site)?;
        match self.carries {
            Carries::Own(from, to) => write!(f, "{from:08}-{to:08}")?,
            Carries::Relay => f.write_str("relay")?,
            Carries::SignOff => f.write_str("signoff")?,
        }
        write!(f, "-{}-{}{ENDING}", self.day.format("%Y%m%d"), self.hash)
    }
}

fn is_hex(text: &str, len: usize) -> bool {
    text.len() == len
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn number(text: &str) -> Option<u64> {
    let digits = text.len() >= 8 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Small letters and digits of a name, without accents, words joined by single dashes.
fn plain(name: &str) -> String {
    let mut out = String::new();
    for c in name.replace('ß', "ss").nfkd().flat_map(char::to_lowercase) {
        if out.len() >= MAX_SHOP {
            break;
        }
        if is_combining_mark(c) {
            continue;
        }
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

/// A name as it may be shown: without control characters, at most 40 characters.
pub(super) fn sanitized(name: &str) -> String {
    name.chars()
        .take(40)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
