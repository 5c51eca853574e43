//! Bringing journal and rows into one state: the recovery table at work.

use std::sync::Arc;

use super::base::Base;
use super::error::{Notice, StoreError};
use super::fold;
use super::layout::{FORMAT, Layout, Meta, segment_name};
use super::open::{Survey, replay, survey};
use super::options::StoreOptions;
use super::walk::Trouble;

/// A store whose journal and rows agree.
pub(crate) struct Ready {
    pub base: Arc<Base>,
    pub meta: Meta,
    pub survey: Survey,
    pub read_only: Option<String>,
}

/// Surveys the journal, repairs it, and brings the rows up to it.
pub(crate) fn bring_up(
    options: &StoreOptions,
    layout: &Layout,
    notices: &mut Vec<Notice>,
) -> Result<Ready, StoreError> {
    let opened = open_rows(options, layout);
    let mark = opened
        .as_ref()
        .map_or(0, |(_, meta)| meta.watermark.applied);
    let mut found = survey(options, layout, mark)?;
    let mut read_only = None;
    for trouble in std::mem::take(&mut found.troubles) {
        match trouble {
            Trouble::Tail { place, len } => cut_tail(options, layout, &place, len, notices)?,
            other => {
                let what = format!("{other:?}");
                notices.push(Notice::Quarantined { what: what.clone() });
                read_only = Some(what);
            }
        }
    }
    let (base, meta) = settle_rows(options, layout, opened, &found, notices)?;
    Ok(Ready {
        base,
        meta,
        survey: found,
        read_only,
    })
}

fn open_rows(options: &StoreOptions, layout: &Layout) -> Result<(Arc<Base>, Meta), String> {
    if options.vfs.exists(&layout.suspect()) {
        return Err("an earlier check found it wrong".to_owned());
    }
    let base = Base::open(&layout.rows(), options.tuning.cache_bytes)?;
    let meta = fold::read_meta(&base).map_err(|e| e.to_string())?;
    let meta = match meta {
        Some(meta) if meta.format != FORMAT => {
            return Err(format!("its format is {}", meta.format));
        }
        Some(meta) => meta,
        None => Meta::default(),
    };
    Ok((Arc::new(base), meta))
}

fn settle_rows(
    options: &StoreOptions,
    layout: &Layout,
    opened: Result<(Arc<Base>, Meta), String>,
    found: &Survey,
    notices: &mut Vec<Notice>,
) -> Result<(Arc<Base>, Meta), StoreError> {
    let version = options.projector.version();
    let total = found.entries;
    let reason = match opened {
        Ok((base, meta)) => {
            let mark = meta.watermark;
            let wrong = if mark.applied > total {
                Some("it held records that the journal does not hold".to_owned())
            } else if mark.applied > 0 && found.at_mark != Some(mark) {
                Some("it did not agree with the journal".to_owned())
            } else if mark.applied > 0 && meta.projector != version {
                Some("this version of tagout keeps it in another form".to_owned())
            } else if mark.applied == 0 && !is_empty(&base)? {
                Some("it had lost its place in the journal".to_owned())
            } else {
                None
            };
            match wrong {
                None => {
                    let behind = total - mark.applied;
                    let meta = Meta {
                        projector: version,
                        ..meta
                    };
                    if behind == 0 {
                        return Ok((base, meta));
                    }
                    let meta = replay(options, layout, &base, meta, total)?;
                    notices.push(Notice::Replayed { entries: behind });
                    return Ok((base, meta));
                }
                Some(reason) => reason,
            }
        }
        Err(reason) => reason,
    };
    rebuild_rows(options, layout, total, reason, notices)
}

fn is_empty(base: &Base) -> Result<bool, StoreError> {
    use std::ops::Bound;
    Ok(base
        .range(
            Bound::Unbounded,
            Bound::Unbounded,
            1,
            super::base::Direction::Up,
        )?
        .is_empty())
}

fn rebuild_rows(
    options: &StoreOptions,
    layout: &Layout,
    total: u64,
    reason: String,
    notices: &mut Vec<Notice>,
) -> Result<(Arc<Base>, Meta), StoreError> {
    let kept = set_rows_aside(layout)?;
    let base = Base::open(&layout.rows(), options.tuning.cache_bytes)
        .map_err(|reason| StoreError::Rows { reason })?;
    let base = Arc::new(base);
    let meta = Meta {
        projector: options.projector.version(),
        ..Meta::default()
    };
    let meta = replay(options, layout, &base, meta, total)?;
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

fn set_rows_aside(layout: &Layout) -> Result<Option<std::path::PathBuf>, StoreError> {
    let rows = layout.rows();
    if !rows.exists() {
        return Ok(None);
    }
    let aside = layout.set_aside();
    let failed = |e| StoreError::file("could not set aside", &rows, e);
    std::fs::create_dir_all(&aside).map_err(failed)?;
    let kept = (1..)
        .map(|n| aside.join(format!("rows-{n}")))
        .find(|path| !path.exists())
        .unwrap_or_else(|| aside.join("rows"));
    std::fs::rename(&rows, &kept).map_err(failed)?;
    Ok(Some(kept))
}

fn cut_tail(
    options: &StoreOptions,
    layout: &Layout,
    place: &super::walk::Place,
    len: u64,
    notices: &mut Vec<Notice>,
) -> Result<(), StoreError> {
    let vfs = options.vfs.as_ref();
    let path = layout.journal().join(&place.file);
    let kept = keep_bytes(options, layout, &path, place.offset, len)?;
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

/// Copies a part of a file to the folder of things set aside.
fn keep_bytes(
    options: &StoreOptions,
    layout: &Layout,
    path: &std::path::Path,
    offset: u64,
    len: u64,
) -> Result<std::path::PathBuf, StoreError> {
    let vfs = options.vfs.as_ref();
    let aside = layout.set_aside();
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_else(|| segment_name(0));
    let failed = |e| StoreError::file("could not keep a part of", path, e);
    vfs.create_dir_all(&aside).map_err(failed)?;
    let kept = (1u32..)
        .map(|n| aside.join(format!("{name}.part-{n}")))
        .find(|p| !vfs.exists(p))
        .unwrap_or_else(|| aside.join(&name));
    let bytes = vfs.read_at(path, offset, len as usize).map_err(failed)?;
    super::vfs::write_whole(vfs, &kept, &bytes).map_err(failed)?;
    Ok(kept)
}
