//! Technicians: who records and signs, their credentials and their public signing keys.
//!
//! Invariant: a signature is judged by the key that was enrolled and not revoked at the time of signing; private keys
//! are never events.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::choices::fold;
use super::id::Dot;
use super::merge::{Conflict, ConflictKind, Side, of_register};
use super::register::Register;
use super::seen::Seen;
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
    /// Who recorded it and when.
    pub stamp: Stamp,
}

/// The fact that a credential was recorded differently, before its name.
pub(super) const CREDENTIAL: &str = "credential:";

/// How a technician is named.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Naming {
    /// Printed name.
    pub name: String,
    /// Initials.
    pub initials: String,
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
    /// What the shops that named them say.
    pub namings: Register<Naming>,
    /// Credentials; one of them twice only while shops disagree about it.
    pub credentials: Vec<Credential>,
    /// Keys ever enrolled.
    pub keys: Vec<EnrolledKey>,
    /// Unix accounts that are theirs.
    pub accounts: Vec<String>,
    /// Set once they left: while shops disagree, they have left.
    pub left: Option<Moment>,
    /// Whether they work here, as the shops say: true for yes.
    pub standing: Register<bool>,
    /// Every time somebody recorded that they left.
    pub goings: Vec<Dot>,
    /// How many events made this state.
    pub revision: u64,
    /// The last one.
    pub changed: Option<Stamp>,
}

impl Technician {
    /// Applies one event. `seen` is what its writer knew.
    pub fn apply(&mut self, event: &TechnicianEvent, stamp: &Stamp, seen: &Seen) {
        match event {
            TechnicianEvent::Named {
                key,
                name,
                initials,
            } => {
                self.key.clone_from(key);
                let naming = Naming {
                    name: name.clone(),
                    initials: initials.clone(),
                };
                self.namings.set_seen(Some(naming), stamp, seen);
                if let Some(shown) = self.namings.get() {
                    self.name.clone_from(&shown.name);
                    self.initials.clone_from(&shown.initials);
                }
                // Whoever names somebody who had left takes them in again; a new name alone says nothing of that.
                if self.goings.iter().any(|going| seen.covers(*going)) {
                    self.standing.set_seen(Some(true), stamp, seen);
                    self.left = self.left_since();
                }
            }
            TechnicianEvent::CredentialAdded {
                credential,
                number,
                expires,
            } => {
                self.credentials
                    .retain(|c| c.credential != *credential || !seen.covers(c.stamp.dot));
                self.credentials.push(Credential {
                    credential: credential.clone(),
                    number: number.clone(),
                    expires: *expires,
                    stamp: stamp.clone(),
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
            TechnicianEvent::Left { .. } => {
                self.goings.push(stamp.dot);
                self.standing.set_seen(Some(false), stamp, seen);
                self.left = self.left_since();
            }
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

    /// What shops that did not know of each other disagree about.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let naming = |n: &Naming| format!("{} ({})", n.name, n.initials);
        let here = |here: &bool| if *here { "works here" } else { "has left" }.to_owned();
        let gone = self
            .standing
            .candidates()
            .iter()
            .find(|c| c.value == Some(false))
            .map(|c| c.stamp.dot);
        let mut out: Vec<Conflict> = Vec::new();
        out.extend(of_register("name", "Name", &self.namings, naming, None));
        out.extend(of_register(
            "standing",
            "Works here",
            &self.standing,
            here,
            gone,
        ));
        let mut done: Vec<&str> = Vec::new();
        for credential in &self.credentials {
            let name = credential.credential.as_str();
            let same: Vec<&Credential> = self
                .credentials
                .iter()
                .filter(|c| c.credential == name)
                .collect();
            let differ = same
                .iter()
                .any(|c| (&c.number, c.expires) != (&credential.number, credential.expires));
            let counts = same
                .iter()
                .min_by_key(|c| c.expires.unwrap_or(NaiveDate::MAX))
                .map_or(credential.stamp.dot, |c| c.stamp.dot);
            if done.contains(&name) || !differ {
                continue;
            }
            done.push(name);
            let sides = same.iter().map(|c| Side {
                value: format!(
                    "number {}, {}",
                    if c.number.is_empty() {
                        "unknown"
                    } else {
                        &c.number
                    },
                    c.expires
                        .map_or_else(|| "does not end".to_owned(), |day| format!("until {day}"))
                ),
                stamp: c.stamp.clone(),
            });
            out.push(Conflict::new(
                format!("{CREDENTIAL}{name}"),
                name,
                ConflictKind::Values,
                sides.collect(),
                counts,
            ));
        }
        out
    }

    /// When they left, if any shop that nobody has contradicted says so.
    fn left_since(&self) -> Option<Moment> {
        self.standing
            .candidates()
            .iter()
            .find(|c| c.value == Some(false))
            .map(|c| c.stamp.at)
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
                // Of two that shops disagree about, the one that ends sooner counts.
                let held = self
                    .credentials
                    .iter()
                    .filter(|c| fold(&c.credential) == fold(needed))
                    .min_by_key(|c| c.expires.unwrap_or(NaiveDate::MAX));
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
        let stamp = Stamp {
            dot: crate::domain::id::Dot::default(),
            at: Moment::default(),
            by: "jd".into(),
        };
        let technician = Technician {
            credentials: vec![
                Credential {
                    credential: "Laser Safety Training".into(),
                    number: String::new(),
                    expires: Some(day("2026-03-01")),
                    stamp: stamp.clone(),
                },
                Credential {
                    credential: "CBET".into(),
                    number: "1".into(),
                    expires: None,
                    stamp,
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
