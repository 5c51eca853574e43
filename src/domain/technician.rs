//! Technicians: who records and signs, their credentials and their public signing keys.
//!
//! Invariant: a signature is judged by the key that was enrolled and not revoked at the time of signing; private keys
//! are never events.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::time::{Moment, Stamp};

/// What happened to a technician.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum TechnicianEvent {
    /// Added, or renamed.
    Named {
        /// The short key that commands use, lower case.
        key: String,
        /// Printed name.
        name: String,
        /// Initials for stickers.
        initials: String,
    },
    /// A credential was recorded (CBET, CRES, CLES, CHTM or the shop's own).
    CredentialAdded {
        /// Which.
        credential: String,
        /// Its number.
        number: String,
        /// Last day it is valid, if it ends.
        expires: Option<NaiveDate>,
    },
    /// A signing key was enrolled.
    KeyEnrolled {
        /// The ed25519 public key.
        public: [u8; 32],
    },
    /// A signing key was revoked: later signatures by it do not count.
    KeyRevoked {
        /// The ed25519 public key.
        public: [u8; 32],
        /// Why: lost, replaced, left.
        reason: String,
    },
    /// Works here no longer; the records stay.
    Left {
        /// Why.
        reason: String,
    },
}

/// One enrolled key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EnrolledKey {
    /// The ed25519 public key.
    pub public: [u8; 32],
    /// Enrolled when.
    pub from: Moment,
    /// Revoked when and why.
    pub revoked: Option<(Moment, String)>,
}

/// A credential.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Credential {
    /// Which.
    pub credential: String,
    /// Its number.
    pub number: String,
    /// Last day it is valid.
    pub expires: Option<NaiveDate>,
}

/// A technician.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Technician {
    /// The short key.
    pub key: String,
    /// Printed name.
    pub name: String,
    /// Initials.
    pub initials: String,
    /// Credentials.
    pub credentials: Vec<Credential>,
    /// Keys ever enrolled.
    pub keys: Vec<EnrolledKey>,
    /// Set once they left.
    pub left: Option<Moment>,
    /// How many events made this state.
    pub revision: u64,
    /// The last one.
    pub changed: Option<Stamp>,
}

impl Technician {
    /// Applies one event.
    pub fn apply(&mut self, event: &TechnicianEvent, stamp: &Stamp) {
        match event {
            TechnicianEvent::Named {
                key,
                name,
                initials,
            } => {
                self.key.clone_from(key);
                self.name.clone_from(name);
                self.initials.clone_from(initials);
                self.left = None;
            }
            TechnicianEvent::CredentialAdded {
                credential,
                number,
                expires,
            } => {
                self.credentials.retain(|c| c.credential != *credential);
                self.credentials.push(Credential {
                    credential: credential.clone(),
                    number: number.clone(),
                    expires: *expires,
                });
            }
            TechnicianEvent::KeyEnrolled { public } => {
                self.keys.push(EnrolledKey {
                    public: *public,
                    from: stamp.at,
                    revoked: None,
                });
            }
            TechnicianEvent::KeyRevoked { public, reason } => {
                for key in self.keys.iter_mut().filter(|k| k.public == *public) {
                    key.revoked
                        .get_or_insert_with(|| (stamp.at, reason.clone()));
                }
            }
            TechnicianEvent::Left { .. } => self.left = Some(stamp.at),
        }
        self.revision += 1;
        self.changed = Some(stamp.clone());
    }

    /// The key that signs now, if one is enrolled and not revoked.
    pub fn current_key(&self) -> Option<&EnrolledKey> {
        self.keys.iter().rev().find(|k| k.revoked.is_none())
    }

    /// True if this key was enrolled and not yet revoked at that moment.
    pub fn key_valid_at(&self, public: &[u8; 32], at: Moment) -> bool {
        self.keys.iter().any(|k| {
            k.public == *public
                && k.from.micros <= at.micros
                && k.revoked
                    .as_ref()
                    .is_none_or(|(when, _)| at.micros <= when.micros)
        })
    }
}
