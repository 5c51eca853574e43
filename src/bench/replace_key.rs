//! A new signing key in the place of one in force: only who can open the old one replaces it.
//!
//! Invariant: a key that signs for a person is never exchanged by somebody else. When it is lost, another technician revokes
//! it by name with a reason, which stays on record; then a new one is enrolled.

use crate::domain::command::Command;
use crate::domain::context::World as _;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::technician::{Technician, TechnicianEvent};

use super::failure::Failure;
use super::query::Request;
use super::service::{Bench, new_command_id};

/// Why no key is enrolled beside the one in force.
pub(super) fn in_force(known: &Technician) -> Refusal {
    Refusal::new(
        RefusalKind::NotAllowed,
        format!("{} has a signing key in force.", known.name),
        format!(
            "Its passphrase replaces it: tagout tech key {0} with --old-passphrase-file FILE. If it is lost, another technician revokes it first: tagout tech revoke {0} --reason WHY --as TECH. Nothing was changed.",
            known.key
        ),
    )
}

impl Bench {
    /// Enrols a new key and revokes the one in force, which its passphrase must open here.
    pub fn replace_key(
        &self,
        technician: &str,
        old: &str,
        new: &str,
        uid: u32,
    ) -> Result<(), Failure> {
        let known = {
            let view = self.view();
            let known = view.technician(technician);
            view.trouble()?;
            known.unwrap_or_default()
        };
        let Some(current) = known.current_key().map(|key| key.public) else {
            return self.enrol_key(technician, new, None, uid);
        };
        let opened = self.keys().unlock_in_force(technician, old, &current)?;
        if opened.public() != current {
            // The file here is of an earlier key: it proves nothing about the one in force.
            return Err(in_force(&known).into());
        }
        let key = self.keys().create(technician, new, None)?;
        let enrolled = TechnicianEvent::KeyEnrolled {
            public: key.public(),
        };
        let revoked = TechnicianEvent::KeyRevoked {
            public: current,
            reason: "replaced by a new key, opened with the old passphrase".to_owned(),
        };
        for event in [enrolled, revoked] {
            let request = Request {
                id: new_command_id()?,
                actor: technician.to_owned(),
                command: Command::Technician {
                    key: technician.to_owned(),
                    event,
                },
            };
            self.tell_from(request, uid)?;
        }
        Ok(())
    }
}
