//! Events of technicians, 201 to 299. Frozen.

use super::table::events;
use crate::domain::technician::TechnicianEvent;

events! { TechnicianEvent {
    201 "technician-named" Named NamedV1 { key: String, name: String, initials: String }
    202 "technician-credential-added" CredentialAdded CredentialAddedV1 {
        credential: String, number: String, expires: Option<i32>,
    }
    203 "technician-key-enrolled" KeyEnrolled KeyEnrolledV1 { public: [u8; 32] }
    204 "technician-key-revoked" KeyRevoked KeyRevokedV1 { public: [u8; 32], reason: String }
    205 "technician-left" Left LeftV1 { reason: String }
    206 "technician-account-linked" AccountLinked AccountLinkedV1 { account: String }
    207 "technician-account-unlinked" AccountUnlinked AccountUnlinkedV1 { account: String }
} }
