//! The live journal file: append and `fdatasync` is the commit.
//!
//! Invariants: nothing is acknowledged before [`Segment::commit`] returned. A write that failed is cut off again; if
//! that fails too, or if a sync fails, nobody can know what the disk holds, and the segment takes no more writes until
//! the store is opened again.

use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::id::Hash;

use super::error::StoreError;
use super::frame;
use super::layout::segment_name;
use super::vfs::{AppendFile, Vfs};

const REOPEN: &str = "close tagout and open it again, then repeat the last step";

/// The journal file that is written.
pub struct Segment {
    vfs: Arc<dyn Vfs>,
    dir: PathBuf,
    number: u64,
    file: Option<Box<dyn AppendFile>>,
    /// Bytes that are durable.
    committed: u64,
    /// Bytes written, at least `committed`.
    written: u64,
    limit: u64,
    broken: Option<String>,
}

impl Segment {
    /// Goes on behind `len` bytes of the segment with this number.
    pub fn resume(vfs: Arc<dyn Vfs>, dir: PathBuf, number: u64, len: u64, limit: u64) -> Self {
        Self {
            vfs,
            dir,
            number,
            file: None,
            committed: len,
            written: len,
            limit,
            broken: None,
        }
    }

    /// The number and durable length of the file that is written.
    pub fn position(&self) -> (u64, u64) {
        (self.number, self.committed)
    }

    /// Writes frames behind what is there. Not durable yet.
    pub fn write(&mut self, frames: &[u8]) -> Result<(), StoreError> {
        if let Some(reason) = &self.broken {
            return Err(write_error(reason.clone(), REOPEN));
        }
        let path = self.dir.join(segment_name(self.number));
        if self.written == self.committed && self.committed >= self.limit {
            self.file = None;
            self.number += 1;
            self.committed = 0;
            self.written = 0;
            return self.write(frames);
        }
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.open(&path)?,
        };
        if let Err(error) = file.append(frames) {
            if let Err(again) = file.truncate(self.written) {
                self.broken = Some(again.to_string());
                return Err(write_error(error.to_string(), REOPEN));
            }
            self.file = Some(file);
            return Err(write_error(
                error.to_string(),
                "free some space on the disk, then repeat the last step",
            ));
        }
        self.written += frames.len() as u64;
        self.file = Some(file);
        Ok(())
    }

    fn open(&mut self, path: &std::path::Path) -> Result<Box<dyn AppendFile>, StoreError> {
        let fresh = !self.vfs.exists(path);
        let open = || -> std::io::Result<Box<dyn AppendFile>> {
            let file = self.vfs.open_append(path)?;
            if file.length()? != self.written {
                return Err(std::io::Error::other(
                    "the journal file changed while it was open",
                ));
            }
            if fresh {
                self.vfs.sync_dir(&self.dir)?;
            }
            Ok(file)
        };
        open().map_err(|e| write_error(e.to_string(), REOPEN))
    }

    /// Makes everything written durable.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        if let Some(reason) = &self.broken {
            return Err(write_error(reason.clone(), REOPEN));
        }
        if let Some(file) = &mut self.file
            && let Err(error) = file.sync()
        {
            // After a failed sync the kernel may have dropped the pages and will not say so again.
            self.broken = Some(error.to_string());
            let _ = file.truncate(self.committed);
            return Err(StoreError::NotConfirmed {
                reason: error.to_string(),
            });
        }
        self.committed = self.written;
        Ok(())
    }

    /// Cuts off what was written since the last commit.
    pub fn take_back(&mut self) {
        if self.written == self.committed {
            return;
        }
        if let Some(file) = &mut self.file
            && let Err(error) = file.truncate(self.committed)
        {
            self.broken = Some(error.to_string());
        }
        self.written = self.committed;
    }

    /// Why no more writes are taken, if so.
    pub fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }
}

fn write_error(reason: String, next: &'static str) -> StoreError {
    StoreError::JournalWrite { reason, next }
}

/// The frame of one entry.
pub fn framed(bytes: &[u8], hash: Hash) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + frame::HEAD);
    frame::push(&mut out, bytes, hash);
    out
}
