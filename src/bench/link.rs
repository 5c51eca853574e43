//! The way from a session to its bench: calls and answers as owned values, in this process or over a socket.
//!
//! Invariants: whatever a session can ask is one [`Call`]; nothing of a call refers to memory or files of the one who
//! asks; what a call needs to be safely repeated (a command's id) is part of it.

use std::sync::mpsc::Receiver;

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::query::{Answer, Change, Query, Receipt, Request};
use super::sign::{ReviewRequest, SignRequest};
use super::sync::{SyncCall, SyncReply};
use super::upkeep::{BackupNote, Look, Verified};
use crate::domain::id::{CommandId, Hash, SiteId};

/// The longest piece of a large value, in bytes: well below what one message may hold.
pub const PIECE: usize = 4 << 20;

/// What a session asks of the bench.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Call {
    /// Do something, once.
    Tell(Request),
    /// Answer a question.
    Ask(Query),
    /// Something about a technician's signing key.
    Key {
        /// The technician.
        technician: String,
        /// What.
        act: KeyAct,
    },
    /// Sign with a key that was opened on this link.
    Sign {
        /// The id; a repeat of it gets the first answer.
        id: CommandId,
        /// The technician.
        actor: String,
        /// What is signed.
        request: SignRequest,
    },
    /// Enter a company's report, signed with a key that was opened on this link.
    Review {
        /// The id; a repeat of it gets the first answer.
        id: CommandId,
        /// The technician.
        actor: String,
        /// The report.
        request: ReviewRequest,
    },
    /// Do something with the proof of the second person that it names.
    TellWith {
        /// What.
        request: Request,
        /// The second person's passphrase, which opens their key for this one act.
        second: Secret,
    },
    /// Walk every chain.
    Verify,
    /// The store's digest.
    Digest,
    /// Build the working copy anew.
    Rebuild,
    /// The next piece of what a task will work on, at most [`PIECE`] bytes.
    Piece(Vec<u8>),
    /// Work that needs the whole state at once, such as taking over a device list, on the pieces sent before.
    Task {
        /// The id; a repeat of it changes nothing again.
        id: CommandId,
        /// The name.
        name: String,
        /// Who asks.
        actor: String,
        /// How many bytes the pieces must have in all.
        length: u64,
    },
    /// A piece of what the last task gave, from this byte on.
    Fetch(u64),
    /// What a backup consists of at this moment.
    BackupPlan,
    /// A piece of one of these files.
    BackupPiece {
        /// The name.
        name: String,
        /// From this byte.
        offset: u64,
    },
    /// A backup was made and read back.
    BackupMade(BackupNote),
    /// Look at the journal, the head outside and the room on the disk.
    Look,
    /// Something about the exchange with other shops.
    Sync(SyncCall),
}

/// What is done with a signing key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum KeyAct {
    /// Tell how things are.
    Look,
    /// Make one, sealed by this passphrase.
    Enrol(Secret),
    /// Make one in the place of the one in force, which the old passphrase opens.
    Replace {
        /// The old passphrase.
        old: Secret,
        /// The new one.
        new: Secret,
    },
    /// Check that this passphrase opens it; it stays closed.
    Prove(Secret),
    /// Say by this passphrase who is on this link. The key stays closed.
    SignIn(Secret),
    /// Open it for this link.
    Unlock(Secret),
    /// Choose the PIN for later signatures on this link.
    SetPin(Secret),
    /// Check that PIN.
    CheckPin(Secret),
    /// Forget the opened key.
    Lock,
}

/// A passphrase or PIN. It is never shown, not even by mistake.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// How things are with a signing key on a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct KeyState {
    /// The technician has one.
    pub exists: bool,
    /// It is open on this link.
    pub open: bool,
    /// A PIN was chosen.
    pub pin: bool,
    /// Who is on this link may record as this technician: by their Unix account, or by the passphrase they gave.
    pub may_act: bool,
}

/// The answer to a [`Call`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// To [`Call::Tell`] and [`Call::Sign`].
    Receipt(Receipt),
    /// To [`Call::Ask`].
    Answer(Answer),
    /// To [`Call::Key`].
    Key(KeyState),
    /// To [`Call::Verify`].
    Verified(Verified),
    /// To [`Call::Digest`].
    Text(String),
    /// To [`Call::Rebuild`]: entries; to [`Call::Task`] and [`Call::Piece`]: bytes; to [`Call::BackupMade`]: nothing.
    Count(u64),
    /// To [`Call::Fetch`] and [`Call::BackupPiece`].
    Bytes(Vec<u8>),
    /// To [`Call::BackupPlan`].
    Files(BackupFiles),
    /// To [`Call::Look`].
    Look(Look),
    /// To [`Call::Sync`].
    Sync(SyncReply),
}

/// What a backup consists of: files that never change up to these lengths.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BackupFiles {
    /// The files by name below the store's folder, with lengths in bytes.
    pub files: Vec<(String, u64)>,
    /// The site that writes here.
    pub site: SiteId,
    /// Its last entry in the copy.
    pub seq: u64,
    /// That entry's hash.
    pub hash: Hash,
    /// Its wall time, microseconds since 1970 UTC.
    pub wall_us: i64,
}

/// How far a long call is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    /// What is being done.
    pub doing: String,
    /// So much is done.
    pub done: u64,
    /// Of so much, if that is known.
    pub total: Option<u64>,
}

/// The way from a session to its bench.
pub trait Link: Send + Sync {
    /// Asks, and waits for the answer. `hear` is told how far long work is.
    fn call(&self, call: Call, hear: &mut dyn FnMut(Step)) -> Result<Reply, Failure>;

    /// Hears of every change from now on.
    fn watch(&self) -> Receiver<Change>;

    /// How often the bench was lost and found again; opened keys are closed since.
    fn breaks(&self) -> u64 {
        0
    }

    /// Why nothing can be asked just now, in words: the bench was lost and is still being looked for.
    fn away(&self) -> Option<String> {
        None
    }

    /// Says what the session does now, for whoever asks who is there.
    fn doing(&self, _words: &str) {}
}

/// The bytes of a value, as on the wire.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, Failure> {
    Ok(crate::journal::codec::encode(value)?)
}

/// The value that exactly these bytes hold.
pub fn decode<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    Ok(crate::journal::codec::decode(bytes)?)
}
