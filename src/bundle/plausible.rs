//! What can be true of one entry by itself: its names, its times, and the key of a site's first entry.
//!
//! Invariants: nothing here asks a clock. A time is refused only if no clock can show it; a clock that is merely wrong
//! (by years, too) is not, because a record made under a flat battery must still reach the other shops. How far it is
//! off is reported, and judged by whoever knows what time it is.

use crate::journal::codec::CodecError;
use crate::journal::site::site_of;
use crate::journal::system::{GENESIS, Genesis};
use crate::journal::wire::entry_v1::FIXED;
use crate::journal::{Entry, EntryFace, HybridTime, MAX_ACTOR, entry_hash};

use super::error::BundleError;
use super::format::MAX_NAME;

/// No entry is shorter: the fields of fixed length, the two counts, and an event without a body.
pub const MIN_ENTRY: usize = FIXED + 8 + 8 + 49;
/// The last microsecond of the year 9999.
const LAST_US: i64 = 253_402_300_799_999_999;
/// The last millisecond of the year 9999.
const LAST_MS: u64 = 253_402_300_799_999;
/// No place on earth is further from UTC, in minutes.
const FARTHEST: i16 = 18 * 60;

/// Refuses a time before 1970 or after 9999.
pub fn time(place: &str, wall_us: i64, hybrid: HybridTime) -> Result<(), BundleError> {
    let wrong = |time| {
        Err(BundleError::Time {
            place: place.to_owned(),
            time,
        })
    };
    if !(0..=LAST_US).contains(&wall_us) {
        return wrong(wall_us);
    }
    if hybrid.millis() > LAST_MS {
        return wrong(hybrid.millis() as i64);
    }
    Ok(())
}

/// Refuses an offset that no zone has.
pub fn offset(place: &str, minutes: i16) -> Result<(), BundleError> {
    if (-FARTHEST..=FARTHEST).contains(&minutes) {
        return Ok(());
    }
    Err(BundleError::Time {
        place: place.to_owned(),
        time: i64::from(minutes),
    })
}

/// Refuses a name that is too long or holds control characters.
pub fn name(place: &str, name: &str, longest: usize) -> Result<(), BundleError> {
    if name.len() <= longest && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(BundleError::Name {
        place: place.to_owned(),
        name: name.to_owned(),
    })
}

/// An entry that can be true by itself; whether it belongs here is the chain's matter.
pub struct Examined {
    /// What the chain needs of it.
    pub face: EntryFace,
    /// The public key that a first entry confirms; none in other entries, or if its layout is newer than known here.
    pub key: Option<[u8; 32]>,
}

/// Reads and checks one entry; `nth` is its place in the bundle, from 1.
pub fn examine(bytes: &[u8], nth: u64) -> Result<Examined, BundleError> {
    let hash = entry_hash(bytes);
    let entry = Entry::decode_hashed(bytes, hash).map_err(|error| match error {
        CodecError::Newer { found, known } => BundleError::NewerEntry {
            seq_in: nth,
            found,
            known,
        },
        other => BundleError::Unreadable {
            seq_in: nth,
            reason: other.to_string(),
        },
    })?;
    if entry.seq == 0 || entry.seq == u64::MAX {
        return Err(unreadable(nth, "it has no place in its site's chain"));
    }
    if entry.events.is_empty() || entry.events.len() > usize::from(u16::MAX) {
        return Err(unreadable(nth, "it says nothing, or too much"));
    }
    let place = || format!("record {} of site {}", entry.seq, entry.site.short());
    if entry.actor.len() > MAX_ACTOR || entry.actor.chars().any(char::is_control) {
        name(&format!("the name at {}", place()), &entry.actor, MAX_ACTOR)?;
    }
    let well = (0..=LAST_US).contains(&entry.wall_us)
        && entry.hybrid.millis() <= LAST_MS
        && (-FARTHEST..=FARTHEST).contains(&entry.offset_minutes);
    if !well {
        time(&place(), entry.wall_us, entry.hybrid)?;
        offset(&place(), entry.offset_minutes)?;
    }
    let key = genesis(&entry)?;
    Ok(Examined {
        face: EntryFace {
            site: entry.site,
            seq: entry.seq,
            hybrid: entry.hybrid,
            wall_us: entry.wall_us,
            previous: entry.previous,
            hash,
        },
        key,
    })
}

fn unreadable(nth: u64, reason: &str) -> BundleError {
    BundleError::Unreadable {
        seq_in: nth,
        reason: reason.to_owned(),
    }
}

/// The first entry of a site, and only the first, says who the site is.
fn genesis(entry: &Entry) -> Result<Option<[u8; 32]>, BundleError> {
    let forged = |reason| {
        Err(BundleError::ForgedGenesis {
            site: entry.site,
            reason,
        })
    };
    let mut found = entry.events.iter().filter(|event| event.kind == GENESIS);
    let event = match (entry.seq, found.next(), found.next()) {
        (1, Some(event), None) => event,
        (1, None, _) => return forged("it does not say who the site is"),
        (_, None, _) => return Ok(None),
        _ => return forged("it says again who the site is"),
    };
    let genesis = match Genesis::from_record(event) {
        Ok(Some(genesis)) => genesis,
        Err(CodecError::Newer { .. }) => return Ok(None),
        Ok(None) | Err(_) => return forged("who the site is cannot be read from it"),
    };
    if site_of(&genesis.public_key) != entry.site {
        return forged("the key in it is not the one that the site is named after");
    }
    for (place, text) in [
        ("the name of a shop", &genesis.shop),
        ("the prefix of a shop's numbers", &genesis.prefix),
        ("the time zone of a shop", &genesis.zone),
    ] {
        name(place, text, MAX_NAME)?;
    }
    Ok(Some(genesis.public_key))
}
