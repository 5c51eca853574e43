//! Technicians: who records and signs, their credentials and their public signing keys.
//!
//! Invariant: a signature is judged by the key that was enrolled and not revoked at the time of signing; private keys
//! are never events.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::choices::fold;
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
    /// A Unix account of the shop terminal is theirs: whoever logs in with it may act as them.
    AccountLinked {
        /// The account's name.
        account: String,
    },
    /// That account is theirs no longer.
    AccountUnlinked {
        /// The account's name.
        account: String,
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
    /// Unix accounts that are theirs.
    pub accounts: Vec<String>,
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
            TechnicianEvent::AccountLinked { account } => {
                if !self.accounts.contains(account) {
                    self.accounts.push(account.clone());
                }
            }
            TechnicianEvent::AccountUnlinked { account } => {
                self.accounts.retain(|a| a != account);
            }
        }
        self.revision += 1;
        self.changed = Some(stamp.clone());
    }

    /// The key that signs now, if one is enrolled and not revoked.
    pub fn current_key(&self) -> Option<&EnrolledKey> {
        self.keys.iter().rev().find(|k| k.revoked.is_none())
    }

    /// What they lack of the credentials that work of this day asks for, a sentence part for each: not on record, or
    /// ended before. Names are compared by letters and digits.
    pub fn lacks(&self, needed: &[String], on: NaiveDate) -> Vec<String> {
        needed
            .iter()
            .filter_map(|needed| {
                let held = self
                    .credentials
                    .iter()
                    .find(|c| fold(&c.credential) == fold(needed));
                match held.map(|c| c.expires) {
                    None => Some(format!("{needed} is not on record")),
                    Some(Some(end)) if end < on => Some(format!("{needed} ended on {end}")),
                    Some(_) => None,
                }
            })
            .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_counts_on_the_day_of_the_work() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let technician = Technician {
            credentials: vec![
                Credential {
                    credential: "Laser Safety Training".into(),
                    number: String::new(),
                    expires: Some(day("2026-03-01")),
                },
                Credential {
                    credential: "CBET".into(),
                    number: "1".into(),
                    expires: None,
                },
            ],
            ..Technician::default()
        };
        let lacks = |needed: &[&str], on: &str| {
            let needed: Vec<String> = needed.iter().map(|&n| n.to_owned()).collect();
            technician.lacks(&needed, day(on))
        };
        assert!(lacks(&[], "2026-03-02").is_empty());
        assert!(lacks(&["cbet", "laser-safety training"], "2026-03-01").is_empty());
        assert_eq!(
            lacks(&["laser safety training", "X-ray"], "2026-03-02"),
            [
                "laser safety training ended on 2026-03-01",
                "X-ray is not on record"
            ]
        );
    }
}
