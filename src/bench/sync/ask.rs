//! The exchange as a session asks for it: its own files are read and written on its side of the link.

use std::io::{Read, Write};

use super::super::failure::Failure;
use super::super::link::{Call, PIECE, Reply, Step};
use super::super::session::{Session, unexpected, unheard};
use super::{Arrived, ExportAsk, MadeFile, SiteAct, SiteSheet, SyncCall, SyncReply};
use crate::domain::id::SiteId;

type Hear<'h> = &'h mut dyn FnMut(Step);

/// Why a bundle could not be given: the session's own file, or the bench.
#[derive(Debug)]
pub enum NotGiven {
    /// The file could not be read or written.
    File(std::io::Error),
    /// The bench refused.
    Bench(Failure),
}

impl From<Failure> for NotGiven {
    fn from(failure: Failure) -> Self {
        Self::Bench(failure)
    }
}

impl Session {
    fn sync(&self, call: SyncCall, hear: Hear<'_>) -> Result<SyncReply, Failure> {
        match self.link.call(Call::Sync(call), hear)? {
            Reply::Sync(reply) => Ok(reply),
            _ => Err(unexpected()),
        }
    }

    /// Gives a bundle to be looked at or taken in; it is checked when it is whole.
    pub fn give_bundle(&self, from: &mut dyn Read, hear: Hear<'_>) -> Result<(), NotGiven> {
        let mut piece = piece_of(from)?;
        loop {
            let next = piece_of(from)?;
            let ends = next.is_empty();
            self.sync(SyncCall::Give { piece, ends }, hear)?;
            if ends {
                return Ok(());
            }
            piece = next;
        }
    }

    /// Forgets the bundles that were given.
    pub fn forget_bundles(&self) -> Result<(), Failure> {
        self.sync(SyncCall::Forget, &mut unheard).map(|_| ())
    }

    /// What the given bundles, and those that wait, would bring.
    pub fn preview_bundles(&self, hear: Hear<'_>) -> Result<Arrived, Failure> {
        arrived(self.sync(SyncCall::Preview, hear)?)
    }

    /// Takes in what the given bundles, and those that wait, bring.
    pub fn import_bundles(&self, hear: Hear<'_>) -> Result<Arrived, Failure> {
        let actor = self.actor.clone();
        arrived(self.sync(SyncCall::Import { actor }, hear)?)
    }

    /// Makes bundles; none if there is nothing to export.
    pub fn export_bundles(&self, ask: ExportAsk, hear: Hear<'_>) -> Result<Vec<MadeFile>, Failure> {
        match self.sync(SyncCall::Export(ask), hear)? {
            SyncReply::Made(files) => Ok(files),
            _ => Err(unexpected()),
        }
    }

    /// Writes a bundle that was made.
    pub fn fetch_bundle(&self, part: u32, to: &mut dyn Write) -> Result<(), NotGiven> {
        let mut offset = 0;
        loop {
            let made = self.sync(SyncCall::Made { part, offset }, &mut unheard)?;
            let SyncReply::Bytes(bytes) = made else {
                return Err(unexpected().into());
            };
            if bytes.is_empty() {
                return Ok(());
            }
            to.write_all(&bytes).map_err(NotGiven::File)?;
            offset += bytes.len() as u64;
        }
    }

    /// Every known site: the own one first, then by name.
    pub fn sites(&self) -> Result<Vec<SiteSheet>, Failure> {
        match self.sync(SyncCall::Sites, &mut unheard)? {
            SyncReply::Sites(sites) => Ok(sites),
            _ => Err(unexpected()),
        }
    }

    /// Says something about a site. A trust takes in what waited for it, and tells what that was.
    pub fn say_of_site(
        &self,
        site: SiteId,
        act: SiteAct,
        hear: Hear<'_>,
    ) -> Result<Option<Arrived>, Failure> {
        let actor = self.actor.clone();
        match self.sync(SyncCall::Site { actor, site, act }, hear)? {
            SyncReply::Done => Ok(None),
            SyncReply::Arrived(arrived) => Ok(Some(*arrived)),
            _ => Err(unexpected()),
        }
    }
}

fn arrived(reply: SyncReply) -> Result<Arrived, Failure> {
    match reply {
        SyncReply::Arrived(arrived) => Ok(*arrived),
        _ => Err(unexpected()),
    }
}

fn piece_of(from: &mut dyn Read) -> Result<Vec<u8>, NotGiven> {
    let mut piece = Vec::new();
    from.take(PIECE as u64)
        .read_to_end(&mut piece)
        .map_err(NotGiven::File)?;
    Ok(piece)
}
