//! The store: its records, the head outside, room on the disk, the ballast, the clock, and how old the backup is.

use crate::bench::Failure;
use crate::bench::clock::{machine_zone, moment};
use crate::bench::upkeep::{HeadState, Look, look};

use super::super::place::Place;
use super::{Found, Line};

const MIB: u64 = 1 << 20;
/// Free space below which a person should know, in bytes.
const LITTLE: u64 = 256 * MIB;
/// Days after which a backup is called old.
const OLD_DAYS: i64 = 7;
const DAY_US: i64 = 86_400_000_000;
/// So far behind the last record a clock may be: summer time and small corrections are no fault.
const CLOCK_SLACK_US: i64 = 5 * 60 * 1_000_000;
/// 2024-01-01 UTC; a clock before that was never set.
const NEVER_SET: i64 = 1_704_067_200_000_000;

/// All lines about the store.
pub fn lines(place: &Place, found: &Found, holder: Option<u32>) -> Vec<Line> {
    let folders = place.folders();
    let seen = match found {
        Found::Here(session, _) => Some(session.look()),
        _ if folders.store.join("journal").exists() => Some(look(&folders.store, &folders.state)),
        Found::Nobody | Found::Trouble(_) => None,
    };
    let why = match found {
        Found::Here(session, _) => session.shop().ok().and_then(|facts| facts.read_only),
        _ => None,
    };
    match seen {
        Some(Ok(seen)) => vec![
            records(&seen, why.as_deref(), holder),
            head(&seen),
            space(place, seen.free),
            ballast(&seen),
            clock(place, Some(&seen)),
            backup(place, &seen),
        ],
        Some(Err(failure)) => vec![unreadable(&failure), space(place, None), clock(place, None)],
        None => vec![nothing(place), space(place, None), clock(place, None)],
    }
}

fn line(words: String) -> Line {
    Line::ok("records", "Records", words)
}

fn unreadable(failure: &Failure) -> Line {
    line("cannot be read".to_owned()).fail(failure.to_string())
}

fn nothing(place: &Place) -> Line {
    match std::fs::read_dir(&place.folders().store) {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            line("closed to this account".to_owned())
        }
        _ => line("no store here yet; the first command makes it".to_owned()),
    }
}

fn records(seen: &Look, read_only: Option<&str>, holder: Option<u32>) -> Line {
    let half = seen.only_tail && !seen.troubles.is_empty();
    let whole = seen.troubles.is_empty() || (half && holder.is_some());
    let line = line(format!(
        "{} records, {}",
        seen.entries,
        if whole { "whole" } else { "NOT WHOLE" }
    ));
    if seen.unfinished {
        return line.fail(
            "This is a backup that was interrupted; it lacks records. Use another copy, or take what is there with \
             `tagout recover --accept-loss`.",
        );
    }
    if let Some(why) = read_only {
        return line.fail(format!("It takes no writes: {why}"));
    }
    let trouble = seen.troubles.first();
    match trouble {
        Some(trouble) if !whole && half => line.warn(format!(
            "{trouble}. The next command restores it if it can, or sets it aside."
        )),
        Some(trouble) if !whole => line.fail(format!(
            "{trouble}. Open the store with any command: what can be restored is restored. Then run `tagout verify`; \
             else restore a backup or run `tagout recover`."
        )),
        _ if seen.copy => line.warn(
            "This is a restored backup: the next command begins a new site that continues the old one.",
        ),
        _ if seen.suspect => line.warn(
            "The working copy did not pass a check. Nothing is lost; it is built anew when the store is opened next.",
        ),
        _ => line,
    }
}

fn head(seen: &Look) -> Line {
    let line = |words: String| Line::ok("head", "Head", words);
    match seen.head {
        HeadState::Demonstration => line("a demonstration keeps none".to_owned()),
        HeadState::Missing => line("none is kept outside the store".to_owned())
            .warn("Without it a journal that was set back is not noticed. The next record writes one."),
        HeadState::Behind(0) => line(format!("agrees with record {}", seen.last)),
        HeadState::Behind(records) => {
            line(format!("agrees, {records} before record {}", seen.last))
        }
        HeadState::Ahead(records) => line(format!("{records} ahead of record {}", seen.last)).fail(
            "The journal was set back or its end is gone. Look for a later copy of the store before you work on; the \
             next command restores what the working copy holds, else it begins a new site.",
        ),
        HeadState::Differs => line("names another record than the journal has".to_owned()).fail(
            "The journal was changed, or two copies of the store wrote. Keep this one and compare it with a backup.",
        ),
    }
}

/// Free space where the store is, or will be.
fn space(place: &Place, free: Option<u64>) -> Line {
    let free = free.or_else(|| {
        let at = place.folders().store.ancestors().find(|dir| dir.exists())?;
        let facts = rustix::fs::statvfs(at).ok()?;
        Some(facts.f_bavail.saturating_mul(facts.f_frsize))
    });
    let Some(free) = free else {
        return Line::ok("space", "Free space", "unknown")
            .warn("The system does not say how much is free. Look with `df`.");
    };
    let floor = crate::bench::Tuning::default().floor_bytes;
    let line = Line::ok("space", "Free space", format!("{} MiB", free / MIB));
    if free < floor {
        return line.fail(format!(
            "Less than {} MiB is free: nothing can be saved. Records can be read and backed up; remove other files.",
            floor / MIB
        ));
    }
    if free < LITTLE {
        return line.warn(format!(
            "The disk is nearly full. Below {} MiB nothing can be saved; remove other files.",
            floor / MIB
        ));
    }
    line
}

fn ballast(seen: &Look) -> Line {
    let line = Line::ok("ballast", "Ballast", format!("{} MiB", seen.ballast / MIB));
    if seen.ballast >= seen.ballast_wanted {
        return line;
    }
    let wanted = (seen.floor * 2 + seen.ballast_wanted) / MIB;
    line.warn(format!(
        "The room put by for a full disk is missing. It is put by again when the store is opened with more than {wanted} \
         MiB free."
    ))
}

fn clock(place: &Place, seen: Option<&Look>) -> Line {
    let now = place.clock().micros();
    let line = Line::ok("clock", "Clock", moment(now, machine_zone()).rfc3339());
    let last = seen.map_or(0, |seen| seen.last_at);
    if now < last - CLOCK_SLACK_US {
        return line.fail(format!(
            "It is behind the last record, made at {}. Set the clock (`timedatectl`) before you work: dates and due \
             times come from it.",
            moment(last, machine_zone()).rfc3339()
        ));
    }
    if now < NEVER_SET {
        return line.fail("It was never set. Set it (`timedatectl`) before you work.");
    }
    line
}

fn backup(place: &Place, seen: &Look) -> Line {
    let line = |words: String| Line::ok("backup", "Backup", words);
    let Some(made) = &seen.backup else {
        let none = line("none was made".to_owned());
        return if seen.demo {
            none
        } else {
            none.warn("Make one on another disk: tagout backup FOLDER.")
        };
    };
    let days = (place.clock().micros() - made.at) / DAY_US;
    let since = seen.entries.saturating_sub(made.entries);
    let line = line(format!(
        "{}, in {}, {since} records since",
        match days {
            ..=0 => "less than a day old".to_owned(),
            1 => "1 day old".to_owned(),
            days => format!("{days} days old"),
        },
        made.dir
    ));
    if days > OLD_DAYS && since > 0 {
        return line.warn("It is old. Make another on another disk: tagout backup FOLDER.");
    }
    line
}
