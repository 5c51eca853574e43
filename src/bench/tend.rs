//! What a session asks for the store's own sake: check it, look at it, build it anew, back it up; and large work that goes
//! over the link in pieces.
//!
//! Invariant: files that a person names are written by this process, never by the one that has the store open.

use std::path::Path;

use super::failure::Failure;
use super::link::{Call, PIECE, Reply, Step};
use super::service::new_command_id;
use super::session::{Session, unexpected, unheard};
use super::upkeep::{BackupMade, BackupNote, Look, Verified, write_backup};

impl Session {
    /// Walks every chain and compares the working copy with the journal.
    pub fn verify(&self) -> Result<Verified, Failure> {
        match self.link.call(Call::Verify, &mut unheard)? {
            Reply::Verified(found) => Ok(found),
            _ => Err(unexpected()),
        }
    }

    /// `entries:HEX state-vN:HEX`, equal on any two stores that hold the same entries (the second at equal N).
    pub fn digest(&self) -> Result<String, Failure> {
        match self.link.call(Call::Digest, &mut unheard)? {
            Reply::Text(digest) => Ok(digest),
            _ => Err(unexpected()),
        }
    }

    /// Builds the working copy anew from the journal. Says how many entries were folded.
    pub fn rebuild(&self, hear: &mut dyn FnMut(Step)) -> Result<u64, Failure> {
        match self.link.call(Call::Rebuild, hear)? {
            Reply::Count(entries) => Ok(entries),
            _ => Err(unexpected()),
        }
    }

    /// Copies the journal and the keys into a new or empty folder, and reads the copy back. The copy is written by this
    /// process, wherever the store is.
    pub fn backup(&self, to: &Path) -> Result<BackupMade, Failure> {
        let Reply::Files(plan) = self.link.call(Call::BackupPlan, &mut unheard)? else {
            return Err(unexpected());
        };
        let facts = self.shop()?;
        let store = facts.dir;
        let made = write_backup(Path::new(&store), to, plan, &mut |name, offset| {
            let call = Call::BackupPiece {
                name: name.to_owned(),
                offset,
            };
            match self.link.call(call, &mut unheard)? {
                Reply::Bytes(piece) => Ok(piece),
                _ => Err(unexpected()),
            }
        })?;
        let note = BackupNote {
            at: facts.now.micros,
            entries: made.entries,
            dir: made.dir.clone(),
        };
        // The backup is made; that its age cannot be told (a full disk) does not spoil it.
        let _ = self.link.call(Call::BackupMade(note), &mut unheard);
        Ok(made)
    }

    /// Looks at the journal, the head outside and the room on the disk.
    pub fn look(&self) -> Result<Look, Failure> {
        match self.link.call(Call::Look, &mut unheard)? {
            Reply::Look(found) => Ok(found),
            _ => Err(unexpected()),
        }
    }

    /// Has a task of the program's done where the store is. What it works on and what it gives may be larger than one
    /// message; both are passed in pieces.
    pub fn task(
        &self,
        name: &str,
        payload: &[u8],
        hear: &mut dyn FnMut(Step),
    ) -> Result<Vec<u8>, Failure> {
        for piece in payload.chunks(PIECE) {
            self.link.call(Call::Piece(piece.to_vec()), &mut unheard)?;
        }
        let call = Call::Task {
            id: new_command_id()?,
            name: name.to_owned(),
            actor: self.actor.clone(),
            length: payload.len() as u64,
        };
        let Reply::Count(length) = self.link.call(call, hear)? else {
            return Err(unexpected());
        };
        let mut out = Vec::new();
        while (out.len() as u64) < length {
            let call = Call::Fetch(out.len() as u64);
            match self.link.call(call, &mut unheard)? {
                Reply::Bytes(piece) if !piece.is_empty() => out.extend_from_slice(&piece),
                _ => return Err(unexpected()),
            }
        }
        Ok(out)
    }
}
