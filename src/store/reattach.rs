//! Making the entry that takes a big transaction in once more, when only that entry was lost.
//!
//! Invariants: this entry follows from the transaction's last one, byte for byte ([`include_after`]), so it is not
//! guessed: it is used only if the file's name is the hash of its bytes, its entries go on from the end of the chain
//! one by one, and, where a later entry is known, that entry names its hash as the one before.

use std::path::Path;

use crate::domain::id::{CommandId, Hash, SiteId};
use crate::journal::chain::Tip;
use crate::journal::system::Include;
use crate::journal::{Clock, Entry, EntryFace};

use super::error::StoreError;
use super::frame::{FrameReader, Piece};
use super::layout::{bulk_name, is_bulk};
use super::vfs::Vfs;

/// The entry that takes in a transaction whose last entry is this one.
pub fn include_after(last: &Entry, include: &Include) -> Result<Entry, StoreError> {
    Ok(Entry {
        version: crate::journal::wire::entry_v1::VERSION,
        seq: last.seq + 1,
        hybrid: Clock::after(last.hybrid).tick(last.wall_us),
        command: CommandId::default(),
        previous: last.hash,
        events: vec![include.to_record(last.site)?],
        hash: Hash::default(),
        ..last.clone()
    })
}

/// Looks for a big transaction's file that goes on from this chain's end, and makes the entry that takes it in: its
/// bytes and its face. `behind` is the sequence and the hash that it must have, when an entry behind it is known.
pub fn include_again(
    vfs: &dyn Vfs,
    journal: &Path,
    site: SiteId,
    tip: Tip,
    behind: Option<(u64, Hash)>,
) -> Result<Option<(Vec<u8>, EntryFace)>, StoreError> {
    let names = vfs
        .list(journal)
        .map_err(|e| StoreError::file("could not list", journal, e))?;
    for name in names.iter().filter(|name| is_bulk(name)) {
        let path = journal.join(name);
        let Some((last, include)) = transaction(vfs, &path, site, tip)
            .map_err(|e| StoreError::file("could not read", &path, e))?
        else {
            continue;
        };
        if bulk_name(&include.file) != *name {
            continue;
        }
        let (bytes, hash) = include_after(&last, &include)?.encode()?;
        let face = EntryFace::read(&bytes, hash)?;
        if behind.is_none_or(|(seq, joins)| face.seq == seq && face.hash == joins) {
            return Ok(Some((bytes, face)));
        }
    }
    Ok(None)
}

/// The last entry of a file whose entries go on from the chain's end without a gap, and what its Include says.
fn transaction(
    vfs: &dyn Vfs,
    path: &Path,
    site: SiteId,
    tip: Tip,
) -> std::io::Result<Option<(Entry, Include)>> {
    let mut reader = FrameReader::open(vfs, path, 0)?;
    let (mut seq, mut previous) = (tip.seq, tip.hash);
    let mut last: Option<(Vec<u8>, Hash)> = None;
    while let Some(piece) = reader.next_piece()? {
        let Piece::Frame { bytes, hash, .. } = piece else {
            return Ok(None);
        };
        let joins = EntryFace::read(&bytes, hash)
            .is_ok_and(|face| (face.site, face.seq, face.previous) == (site, seq + 1, previous));
        if !joins {
            return Ok(None);
        }
        (seq, previous) = (seq + 1, hash);
        last = Some((bytes, hash));
    }
    let Some(entry) = last.and_then(|(bytes, hash)| Entry::decode_hashed(&bytes, hash).ok()) else {
        return Ok(None);
    };
    let include = Include {
        file: file_hash(vfs, path)?,
        count: seq - tip.seq,
        first: tip.seq + 1,
        last: seq,
    };
    Ok(Some((entry, include)))
}

/// blake3 of a whole file.
pub fn file_hash(vfs: &dyn Vfs, path: &Path) -> std::io::Result<Hash> {
    const PIECE: usize = 1 << 20;
    let mut hasher = blake3::Hasher::new();
    let mut at = 0;
    loop {
        let piece = vfs.read_at(path, at, PIECE)?;
        if piece.is_empty() {
            return Ok(Hash(*hasher.finalize().as_bytes()));
        }
        hasher.update(&piece);
        at += piece.len() as u64;
    }
}
