//! Bringing journal and rows into one state: the recovery table at work.
//!
//! Order: open sled, survey the journal, close gaps from sled, cut an incomplete tail, take back from sled what the
//! journal's end lost, then replay or rebuild the rows. When a gap stays open nothing is changed and the store opens
//! for reading only.

use std::sync::Arc;

use super::base::{Base, OpenFailure};
use super::error::{Notice, StoreError};
use super::frame;
use super::gaps::{self, Gap};
use super::layout::{FORMAT, Layout, Meta, is_bulk, segment_name};
use super::open::{Survey, replay, survey};
use super::options::StoreOptions;
use super::refill::{Refill, Source};
use super::walk::{Place, Trouble};
use super::{aside, check, fold, reattach};

/// A store whose journal and rows agree.
pub(crate) struct Ready {
    pub base: Arc<Base>,
    pub meta: Meta,
    pub survey: Survey,
    pub read_only: Option<String>,
    /// True if a loss was accepted just now: a new site must go on.
    pub accepted: bool,
}

type Opened = Result<(Arc<Base>, Meta), String>;

/// Surveys the journal, repairs it, and brings the rows up to it.
pub(crate) fn bring_up(
    options: &StoreOptions,
    layout: &Layout,
    accept: bool,
    notices: &mut Vec<Notice>,
) -> Result<Ready, StoreError> {
    let opened = open_rows(options, layout)?;
    let mark = opened
        .as_ref()
        .map_or(0, |(_, meta)| meta.watermark.applied);
    let mut found = survey(options, layout, mark)?;
    let mut read_only = None;
    let mut accepted = false;
    if !found.troubles.is_empty() || may_hold_more(&opened, &found) {
        let open = heal(options, layout, &opened, &found, accept, notices)?;
        found = survey(options, layout, mark)?;
        let left = describe(&found.troubles);
        if open.is_empty() && left.is_empty() {
            // Healed.
        } else if accept
            && !found
                .troubles
                .iter()
                .any(|t| matches!(t, Trouble::Unreadable { .. }))
        {
            // What a newer version wrote is not lost, so it cannot be given up either.
            accepted = true;
            let mut known = gaps::read(options.vfs.as_ref(), layout);
            let fresh: Vec<Gap> = found.troubles.iter().filter_map(Gap::of).collect();
            known.extend(fresh);
            gaps::write(options.vfs.as_ref(), layout, &known)?;
            for what in open.iter().chain(&left) {
                notices.push(Notice::Other(format!("Accepted as lost: {what}.")));
            }
        } else {
            let what = if open.is_empty() { left } else { open }.join("; ");
            notices.push(Notice::Quarantined { what: what.clone() });
            read_only = Some(format!(
                "the journal is damaged ({what}); restore a backup, or run `tagout recover`"
            ));
        }
    }
    if read_only.is_none() {
        orphans(options, layout, &found, notices)?;
    }
    let (base, meta) = settle_rows(options, layout, opened, &found, notices)?;
    if meta.skipped > 0 {
        notices.push(Notice::Other(format!(
            "{} records could not be taken into the working copy because records before them are missing. They are in \
             the journal.",
            meta.skipped
        )));
    }
    Ok(Ready {
        base,
        meta,
        survey: found,
        read_only,
        accepted,
    })
}

fn describe(troubles: &[Trouble]) -> Vec<String> {
    troubles.iter().map(Trouble::to_string).collect()
}

/// True if sled might hold entries behind the journal's end.
fn may_hold_more(opened: &Opened, found: &Survey) -> bool {
    opened
        .as_ref()
        .is_ok_and(|(_, meta)| meta.watermark.applied > 0 && found.at_mark != Some(meta.watermark))
}

/// Closes gaps, cuts the tail, takes the journal's end back from sled. Gives what stays open, in words.
fn heal(
    options: &StoreOptions,
    layout: &Layout,
    opened: &Opened,
    found: &Survey,
    accept: bool,
    notices: &mut Vec<Notice>,
) -> Result<Vec<String>, StoreError> {
    let vfs = options.vfs.as_ref();
    let usable = opened.as_ref().ok();
    let source = || Source {
        base: usable.map(|(base, _)| base.as_ref()),
        limit: usable.and_then(|(_, meta)| meta.bulk_from.map(|m| (m.site, m.seq))),
    };
    let files = Refill::files_of(&found.troubles);
    let beyond_repair: Vec<Trouble> = found
        .troubles
        .iter()
        .filter(|t| matches!(t, Trouble::Unreadable { .. } | Trouble::Fork { .. }))
        .cloned()
        .collect();
    if !files.is_empty() {
        let refill = Refill {
            vfs,
            layout,
            source: source(),
            files: files.clone(),
            accept,
            known: gaps::read(vfs, layout),
        };
        let done = refill.run(notices)?;
        if !done.open.is_empty() && !accept {
            return Ok(done.open);
        }
    }
    if !beyond_repair.is_empty() && !accept {
        return Ok(describe(&beyond_repair));
    }
    for trouble in &found.troubles {
        if let Trouble::Tail { place, len } = trouble
            && !files.contains(&place.file)
        {
            cut_tail(options, layout, place, *len, notices)?;
            take_in_again(options, layout, notices)?;
        }
    }
    extend(options, layout, &source(), notices)?;
    Ok(Vec::new())
}

/// After a damaged tail was cut off: if a big transaction goes on from the journal's end, the damaged bytes were the
/// record that takes it in. It is written again, and the whole transaction counts.
fn take_in_again(
    options: &StoreOptions,
    layout: &Layout,
    notices: &mut Vec<Notice>,
) -> Result<(), StoreError> {
    let vfs = options.vfs.as_ref();
    let now = survey(options, layout, 0)?;
    let Some((site, _)) = now.own else {
        return Ok(());
    };
    let tip = now.walked.chains.tip(site);
    let again = reattach::include_again(vfs, &layout.journal(), site, tip, None)?;
    let Some((bytes, include)) = again else {
        return Ok(());
    };
    let name = segment_name(now.walked.live.last().copied().unwrap_or(1));
    let path = layout.journal().join(&name);
    let mut buffer = Vec::new();
    frame::push(&mut buffer, &bytes, include.hash);
    vfs.open_append(&path)
        .and_then(|mut file| {
            file.append(&buffer)?;
            file.sync()
        })
        .map_err(|e| StoreError::file("could not restore records to", &path, e))?;
    notices.push(Notice::Other(format!(
        "The damaged record at the end of {name} had taken a big transaction in. All {} records of it are there and \
         count.",
        include.seq - 1 - tip.seq
    )));
    Ok(())
}

/// Appends to the journal what sled holds behind the end of each chain.
fn extend(
    options: &StoreOptions,
    layout: &Layout,
    source: &Source<'_>,
    notices: &mut Vec<Notice>,
) -> Result<(), StoreError> {
    const AT_ONCE: usize = 1000;
    if source.base.is_none() {
        return Ok(());
    }
    let vfs = options.vfs.as_ref();
    let now = survey(options, layout, 0)?;
    let number = now.walked.live.last().copied().unwrap_or(1);
    let name = segment_name(number);
    let path = layout.journal().join(&name);
    let failed = |e| StoreError::file("could not restore records to", &path, e);
    let mut restored = 0;
    for site in source.sites() {
        let mut tip = now.walked.chains.tip(site);
        if source.limit.is_some() && !now.sites.contains(&site) {
            // Entries of other sites that were just being taken in: all or none of them count.
            continue;
        }
        if tip.seq == 0 && !vfs.exists(&layout.key(site)) {
            // Rows of a site that this store knows nothing of are not its lost entries.
            continue;
        }
        loop {
            let entries = source.behind(site, tip, AT_ONCE);
            let Some((_, last)) = entries.last() else {
                break;
            };
            tip.seq = last.seq;
            tip.hash = last.hash;
            restored += entries.len() as u64;
            let mut buffer = Vec::new();
            for (bytes, face) in &entries {
                frame::push(&mut buffer, bytes, face.hash);
            }
            let mut file = vfs.open_append(&path).map_err(failed)?;
            file.append(&buffer)
                .and_then(|()| file.sync())
                .and_then(|()| vfs.sync_dir(&layout.journal()))
                .map_err(failed)?;
        }
    }
    if restored > 0 {
        notices.push(Notice::Refilled {
            file: name,
            entries: restored,
            kept: None,
        });
    }
    Ok(())
}

fn cut_tail(
    options: &StoreOptions,
    layout: &Layout,
    place: &Place,
    len: u64,
    notices: &mut Vec<Notice>,
) -> Result<(), StoreError> {
    let vfs = options.vfs.as_ref();
    let path = layout.journal().join(&place.file);
    let kept = aside::part(vfs, layout, &path, place.offset, len)?;
    let failed = |e| StoreError::file("could not cut", &path, e);
    let mut file = vfs.open_append(&path).map_err(failed)?;
    file.truncate(place.offset).map_err(failed)?;
    file.sync().map_err(failed)?;
    notices.push(Notice::TailCut {
        file: place.file.clone(),
        bytes: len,
        kept,
    });
    Ok(())
}

/// Files of big transactions that never counted, and leftovers of interrupted writes.
fn orphans(
    options: &StoreOptions,
    layout: &Layout,
    found: &Survey,
    notices: &mut Vec<Notice>,
) -> Result<(), StoreError> {
    let vfs = options.vfs.as_ref();
    let dir = layout.journal();
    let names = vfs
        .list(&dir)
        .map_err(|e| StoreError::file("could not list", &dir, e))?;
    for name in names {
        let orphan = is_bulk(&name) && !found.walked.bulks.contains(&name);
        let leftover = std::path::Path::new(&name)
            .extension()
            .is_some_and(|e| e == "tmp");
        if orphan || leftover {
            let kept = aside::file(vfs, layout, &dir.join(&name))?;
            notices.push(Notice::Other(format!(
                "An unfinished big transaction was found: it was never confirmed as saved and does not count. Its file \
                 is kept in {}.",
                kept.display()
            )));
        }
    }
    Ok(())
}

/// Opens sled. Damage is part of the answer; a busy file or a full disk is an error, for then nothing may be set aside.
fn open_rows(options: &StoreOptions, layout: &Layout) -> Result<Opened, StoreError> {
    let base = match Base::open(&layout.rows(), options.tuning.cache_bytes) {
        Ok(base) => base,
        Err(OpenFailure::Damaged(reason)) => return Ok(Err(reason)),
        Err(failure) => return Err(not_now(options, layout, failure)),
    };
    Ok(match fold::read_meta(&base) {
        Ok(Some(meta)) if meta.format != FORMAT => Err(format!("its format is {}", meta.format)),
        Ok(Some(meta)) => Ok((Arc::new(base), meta)),
        Ok(None) => Ok((Arc::new(base), Meta::default())),
        Err(error) => Err(error.to_string()),
    })
}

fn not_now(options: &StoreOptions, layout: &Layout, failure: OpenFailure) -> StoreError {
    match failure {
        OpenFailure::Busy(reason) => StoreError::InUse {
            path: layout.dir.clone(),
            holder: format!("a process that holds its working copy ({reason})"),
        },
        OpenFailure::Full => StoreError::NoRoom {
            path: layout.dir.clone(),
            free_mib: options.vfs.free_space(&layout.dir).unwrap_or(0) >> 20,
        },
        OpenFailure::Damaged(reason) => StoreError::Rows { reason },
    }
}

/// What is wrong with the rows, if anything.
fn verdict(
    options: &StoreOptions,
    layout: &Layout,
    base: &Base,
    meta: &Meta,
    found: &Survey,
) -> Result<Option<String>, StoreError> {
    let mark = meta.watermark;
    Ok(if options.vfs.exists(&layout.suspect()) {
        Some("an earlier check found it wrong".to_owned())
    } else if meta.bulk_from.is_some() {
        // Its rows go to sled one by one: how many of those before the mark got there, nobody knows.
        Some("it stopped in the middle of a big transaction".to_owned())
    } else if mark.applied > found.entries {
        Some("it held records that the journal does not hold".to_owned())
    } else if mark.applied > 0 && found.at_mark != Some(mark) {
        Some("it did not agree with the journal".to_owned())
    } else if mark.applied == 0 && !check::families(base)?.is_empty() {
        Some("it had lost its place in the journal".to_owned())
    } else if check::row_count(meta) <= options.tuning.full_check_rows {
        options.tell("checking the working copy", 0, None);
        check::check_rows(base, meta)?
    } else {
        None
    })
}

fn settle_rows(
    options: &StoreOptions,
    layout: &Layout,
    opened: Opened,
    found: &Survey,
    notices: &mut Vec<Notice>,
) -> Result<(Arc<Base>, Meta), StoreError> {
    let total = found.entries;
    let reason = match opened {
        Ok((base, meta)) => match verdict(options, layout, &base, &meta, found) {
            Ok(None) => {
                let version = options.projector.version();
                let fresh = meta.watermark.applied == 0;
                if !fresh && meta.projector != version {
                    return reform_rows(options, layout, base, total, notices);
                }
                let behind = total - meta.watermark.applied;
                let meta = Meta {
                    projector: version,
                    ..meta
                };
                if behind == 0 {
                    return Ok((base, meta));
                }
                match replay(options, layout, &base, meta, total) {
                    Ok(meta) => {
                        notices.push(Notice::Replayed { entries: behind });
                        return Ok((base, meta));
                    }
                    Err(StoreError::Rows { reason }) => reason,
                    Err(error) => return Err(error),
                }
            }
            Ok(Some(reason)) => reason,
            Err(StoreError::Rows { reason }) => reason,
            Err(error) => return Err(error),
        },
        Err(reason) => reason,
    };
    rebuild_rows(options, layout, total, reason, notices)
}

/// Rows that are sound but were made by another version of the projection: made again in place.
fn reform_rows(
    options: &StoreOptions,
    layout: &Layout,
    base: Arc<Base>,
    total: u64,
    notices: &mut Vec<Notice>,
) -> Result<(Arc<Base>, Meta), StoreError> {
    base.clear()?;
    let meta = Meta {
        projector: options.projector.version(),
        ..Meta::default()
    };
    let meta = replay(options, layout, &base, meta, total)?;
    base.flush()?;
    notices.push(Notice::Rebuilt {
        reason: "this version of tagout keeps it in another form".to_owned(),
        entries: total,
        kept: None,
    });
    Ok((base, meta))
}

fn rebuild_rows(
    options: &StoreOptions,
    layout: &Layout,
    total: u64,
    reason: String,
    notices: &mut Vec<Notice>,
) -> Result<(Arc<Base>, Meta), StoreError> {
    let kept = aside::rows(options.vfs.as_ref(), layout)?;
    let base = Base::open(&layout.rows(), options.tuning.cache_bytes)
        .map_err(|failure| not_now(options, layout, failure))?;
    let base = Arc::new(base);
    let meta = Meta {
        projector: options.projector.version(),
        ..Meta::default()
    };
    let meta = replay(options, layout, &base, meta, total)?;
    base.flush()?;
    if options.vfs.exists(&layout.suspect()) {
        let _ = options.vfs.remove(&layout.suspect());
    }
    notices.push(Notice::Rebuilt {
        reason,
        entries: total,
        kept,
    });
    Ok((base, meta))
}
