//! What can go wrong in the store, in words: what happened, what it means for the data, what to do next.

use std::path::PathBuf;

use crate::bundle::BundleError;
use crate::domain::id::SiteId;
use crate::journal::codec::CodecError;

/// The kind of process exit that an error asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExitClass {
    /// The request was refused; the store is well.
    Refused,
    /// The store itself is in trouble.
    Store,
}

/// Trouble in the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file operation failed.
    #[error("{doing} {path}: {source}. What was saved before is safe; {next}", path = path.display())]
    File {
        /// What was being done, as a verb ("could not write").
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
        /// What to do next.
        next: &'static str,
    },
    /// No store here, and none was to be created.
    #[error("there is no store in {path}. Nothing was changed; name another folder with --store, or create one with `tagout init`", path = .0.display())]
    Absent(PathBuf),
    /// The folder holds a backup that was interrupted.
    #[error("{path} holds a backup that was interrupted: records are missing from it. Nothing was changed; use another backup, or make this one again in an empty folder", path = .0.display())]
    Unfinished(PathBuf),
    /// Another process holds the store.
    #[error("the store in {path} is in use by {holder}. Nothing was changed; end that session first, or work in it", path = path.display())]
    InUse {
        /// The store folder.
        path: PathBuf,
        /// Process, user, terminal and since when, in words.
        holder: String,
    },
    /// The folder lies on a file system where locks and syncs do not hold.
    #[error("{path} lies on {kind}, where file locks and syncs do not hold between machines, so records could be lost. Nothing was written; keep the store on a local disk and exchange data by bundles or backups", path = path.display())]
    NetworkFolder {
        /// The store folder.
        path: PathBuf,
        /// The kind of file system.
        kind: String,
    },
    /// The store is open for reading only.
    #[error("nothing was saved: the store is open for reading only, because {reason}")]
    ReadOnly {
        /// Why, and what to do.
        reason: String,
    },
    /// Less space is free than the store needs to stay safe.
    #[error(
        "nothing was saved: only {free_mib} MiB are free on the disk and {floor_mib} MiB must stay free. Reading, searching and export still work; free some space, then try again"
    )]
    DiskFull {
        /// Free space in MiB.
        free_mib: u64,
        /// The floor in MiB.
        floor_mib: u64,
    },
    /// The disk is so full that not even reading is possible.
    #[error("the store in {path} cannot be opened: the disk is full ({free_mib} MiB are free), and even reading needs some room. Nothing was saved or changed, and nothing is lost; free some space, then try again", path = path.display())]
    NoRoom {
        /// The store folder.
        path: PathBuf,
        /// Free space in MiB.
        free_mib: u64,
    },
    /// The journal could not be written or synced.
    #[error(
        "nothing was saved: the journal could not be written ({reason}). Everything saved before is safe; {next}"
    )]
    JournalWrite {
        /// What the system said.
        reason: String,
        /// What to do next.
        next: &'static str,
    },
    /// The disk did not confirm a write: nobody can know whether it is there.
    #[error(
        "it is not certain that the last step was saved: the disk did not confirm it ({reason}). Everything confirmed before is safe; close tagout, open it again, and look before you repeat the step"
    )]
    NotConfirmed {
        /// What the system said.
        reason: String,
    },
    /// The rows (sled) cannot be read; the journal is whole.
    #[error(
        "the working copy of the records cannot be read ({reason}). Nothing is lost: all records are in the journal; close tagout and open it again, and the working copy is built anew"
    )]
    Rows {
        /// What sled said.
        reason: String,
    },
    /// The journal holds something that cannot be read.
    #[error(
        "the journal is damaged at {place}: {reason}. The rest of the records can be read; run `tagout recover`, or restore a backup"
    )]
    Damaged {
        /// Segment file and offset, or site and sequence.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// A draft breaks a rule of the journal.
    #[error("nothing was saved: {0}")]
    Draft(String),
    /// The projector refused an entry.
    #[error("nothing was saved: {0}")]
    Refused(String),
    /// The store was written by a newer version.
    #[error(
        "the store was written by a newer tagout ({0}). Nothing was changed; use that version or a newer one"
    )]
    Newer(String),
    /// A bundle shows that this store was set back, or that a copy of it writes too.
    #[error(
        "{author} knows record {seen} of this store's site {site}, {found}: this store was set back to an earlier state, or a copy of it is in use elsewhere. Nothing was imported, and from now on nothing is written under this site's name. Start tagout again: a new site goes on with the work, then import the bundle again", author = .author.short(), site = .site.short(), found = set_back_words(*.have, *.seen)
    )]
    SetBack {
        /// Who brought the proof.
        author: SiteId,
        /// The own site.
        site: SiteId,
        /// The last record here.
        have: u64,
        /// The record that is known elsewhere.
        seen: u64,
    },
    /// A practice store and a real one do not exchange.
    #[error(
        "{0}. Nothing was imported; practice data and real records never mix. Use a bundle of another shop"
    )]
    Practice(&'static str),
    /// A bundle could not be read or written.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// Bytes could not be encoded or decoded.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

fn set_back_words(have: u64, seen: u64) -> String {
    if seen > have {
        format!("but the last one here is {have}")
    } else {
        "which is another one than the record here".to_owned()
    }
}

impl StoreError {
    /// True if reading still works although this write was refused.
    pub fn is_read_only(&self) -> bool {
        matches!(
            self,
            Self::ReadOnly { .. }
                | Self::DiskFull { .. }
                | Self::JournalWrite { .. }
                | Self::NotConfirmed { .. }
        )
    }

    /// How a command that meets this error should end.
    pub fn exit_class(&self) -> ExitClass {
        match self {
            Self::Draft(_) | Self::Refused(_) | Self::Bundle(_) | Self::Practice(_) => {
                ExitClass::Refused
            }
            _ => ExitClass::Store,
        }
    }

    pub(crate) fn file(
        doing: &'static str,
        path: &std::path::Path,
        source: std::io::Error,
    ) -> Self {
        Self::File {
            doing,
            path: path.to_path_buf(),
            source,
            next: "check the disk and the folder's permissions, then try again",
        }
    }
}

/// What a person should know after the store was opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice {
    /// A new store was made.
    Created {
        /// Its site.
        site: SiteId,
    },
    /// An incomplete record at the journal's end was cut off and kept aside.
    TailCut {
        /// Segment file.
        file: String,
        /// How many bytes.
        bytes: u64,
        /// Where they are kept.
        kept: PathBuf,
    },
    /// Damaged records in the journal were restored.
    Refilled {
        /// Segment file.
        file: String,
        /// How many records.
        entries: u64,
        /// Where the damaged file is kept.
        kept: Option<PathBuf>,
    },
    /// Records are damaged or missing and could not be restored: the store is open for reading only.
    Quarantined {
        /// What is missing, in words.
        what: String,
    },
    /// The working copy was behind and was brought up to date.
    Replayed {
        /// How many records.
        entries: u64,
    },
    /// The working copy was built anew.
    Rebuilt {
        /// Why.
        reason: String,
        /// How many records.
        entries: u64,
        /// Where the old one is kept, if there was one worth keeping.
        kept: Option<PathBuf>,
    },
    /// The journal ends before a head that this machine has seen: a new site continues it.
    RolledBack {
        /// The site that was set back.
        old: SiteId,
        /// Its last sequence here.
        have: u64,
        /// The sequence it had reached.
        seen: u64,
        /// The new site.
        new: SiteId,
    },
    /// The store is a copy (another machine, or a restored backup): a new site continues it.
    Continued {
        /// The old site.
        old: SiteId,
        /// The new site.
        new: SiteId,
        /// Why.
        reason: String,
    },
    /// The disk is nearly full: writes are refused.
    DiskNearlyFull {
        /// Free space in MiB.
        free_mib: u64,
    },
    /// Something was set aside or could not be used, in words.
    Other(String),
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Created { site } => write!(f, "A new store was made (site {}).", site.short()),
            Self::TailCut { file, bytes, kept } => write!(
                f,
                "The last {bytes} bytes of {file} were not a whole record and were cut off: writing was interrupted, or \
                 the end was damaged. They are kept in {}.",
                kept.display()
            ),
            Self::Refilled {
                file,
                entries,
                kept,
            } => {
                write!(
                    f,
                    "{} restored in {file}; nothing is lost.",
                    if *entries == 1 {
                        "One damaged record was".to_owned()
                    } else {
                        format!("{entries} damaged records were")
                    }
                )?;
                match kept {
                    Some(kept) => write!(f, " The damaged file is kept in {}.", kept.display()),
                    None => Ok(()),
                }
            }
            Self::Quarantined { what } => write!(
                f,
                "The journal is damaged and could not be restored: {what}. The store is open for reading only. Restore \
                 a backup, or run `tagout recover` to go on without the missing records."
            ),
            Self::Replayed { entries } => {
                write!(
                    f,
                    "{entries} saved records were taken into the working copy."
                )
            }
            Self::Rebuilt {
                reason,
                entries,
                kept,
            } => {
                write!(
                    f,
                    "The working copy was built anew from {entries} records, because {reason}; nothing is lost."
                )?;
                match kept {
                    Some(kept) => write!(f, " The old one is kept in {}.", kept.display()),
                    None => Ok(()),
                }
            }
            Self::RolledBack {
                old,
                have,
                seen,
                new,
            } => write!(
                f,
                "This store was set back: site {} ended at record {seen}, but the journal ends at {have}. Records {} to \
                 {seen} are not here. Look for a later copy. New records are written as site {}.",
                old.short(),
                have + 1,
                new.short()
            ),
            Self::Continued { old, new, reason } => write!(
                f,
                "{reason}. To keep the two apart, new records are written as site {} that continues site {}.",
                new.short(),
                old.short()
            ),
            Self::DiskNearlyFull { free_mib } => write!(
                f,
                "Only {free_mib} MiB are free on the disk. Nothing can be saved until there is more; reading and \
                 export work."
            ),
            Self::Other(text) => f.write_str(text),
        }
    }
}
