//! Verified bundles as the store takes them: their entries, one after another, as often as needed.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use crate::bundle::{Header, Report, Verified};
use crate::domain::id::Hash;
use crate::journal::EntryFace;

use super::error::StoreError;
use super::vfs::Vfs;

/// Told of each entry with its stored bytes.
pub type Visit<'v> = &'v mut dyn FnMut(EntryFace, &[u8]) -> Result<(), StoreError>;

/// A bundle that was checked from the first byte to the last.
pub trait Carrier {
    /// What it says about itself.
    fn header(&self) -> &Header;
    /// What was found in it.
    fn report(&self) -> &Report;
    /// The hash at its end, which names it.
    fn end(&self) -> Hash;
    /// Visits every entry, by site and sequence.
    fn each(&mut self, visit: Visit<'_>) -> Result<(), StoreError>;
    /// Hands out the whole file as it is, piece by piece.
    fn copy(&mut self, out: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> Result<(), StoreError>;
}

impl<R: Read + Seek> Carrier for Verified<R> {
    fn header(&self) -> &Header {
        self.header()
    }

    fn report(&self) -> &Report {
        self.report()
    }

    fn end(&self) -> Hash {
        self.end()
    }

    fn each(&mut self, visit: Visit<'_>) -> Result<(), StoreError> {
        for entry in self.entries()? {
            let entry = entry?;
            visit(entry.face, &entry.bytes)?;
        }
        Ok(())
    }

    fn copy(&mut self, out: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> Result<(), StoreError> {
        const PIECE: usize = 1 << 20;
        let file = self.whole_file()?;
        let mut piece = vec![0; PIECE];
        let failed = |e| StoreError::JournalWrite {
            reason: format!("a bundle could not be kept: {e}"),
            next: "free some space on the disk or check it, then import the bundle again",
        };
        loop {
            let read = file.read(&mut piece).map_err(failed)?;
            match piece.get(..read) {
                Some(bytes) if read > 0 => out(bytes).map_err(failed)?,
                _ => return Ok(()),
            }
        }
    }
}

/// A file of the store, read where it is asked for.
pub struct StoredFile {
    vfs: Arc<dyn Vfs>,
    path: PathBuf,
    len: u64,
    at: u64,
}

impl StoredFile {
    /// Opens it.
    pub fn open(vfs: Arc<dyn Vfs>, path: PathBuf) -> io::Result<Self> {
        let len = vfs.len(&path)?;
        Ok(Self {
            vfs,
            path,
            len,
            at: 0,
        })
    }
}

impl Read for StoredFile {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let bytes = self.vfs.read_at(&self.path, self.at, out.len())?;
        if let Some(out) = out.get_mut(..bytes.len()) {
            out.copy_from_slice(&bytes);
        }
        self.at += bytes.len() as u64;
        Ok(bytes.len())
    }
}

impl Seek for StoredFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::other("a place before the beginning of the file"))?;
        Ok(self.at)
    }
}
