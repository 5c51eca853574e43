//! Events of procedure versions, 601 to 699. Frozen. The document itself goes as its canonical bytes, which carry their
//! own format number and from which its hash is made.

use super::super::Bytes;
use super::frozen::{Frozen, Trouble};
use super::table::events;
use crate::domain::procedure::{BadBytes, Procedure};
use crate::domain::stored_procedure::ProcedureEvent;

impl Frozen<Box<Procedure>> for Bytes {
    fn freeze(value: &Box<Procedure>) -> Result<Self, Trouble> {
        let bytes = value.to_bytes();
        // What cannot be read again, such as conditions nested too deeply, must not become a durable entry.
        match Procedure::from_bytes(&bytes) {
            Ok(read) if read == **value => Ok(Self(bytes)),
            _ => Err(Trouble::Unwritable(
                "the procedure cannot be stored so that it reads the same again",
            )),
        }
    }
    fn thaw(self) -> Result<Box<Procedure>, Trouble> {
        match Procedure::from_bytes(&self.0) {
            Ok(procedure) => Ok(Box::new(procedure)),
            Err(BadBytes::Newer(_)) => Err(Trouble::Newer),
            Err(BadBytes::Damaged(what)) => Err(Trouble::damaged(what)),
        }
    }
}

events! { ProcedureEvent {
    601 "procedure-imported" Imported ImportedV1 { procedure: Bytes, source: String }
    602 "procedure-frozen" Frozen FrozenV1 { procedure: Bytes, of: [u8; 32] }
    603 "procedure-adopted" Adopted AdoptedV1 { by: String, against: String, note: String }
    604 "procedure-withdrawn" Withdrawn WithdrawnV1 { reason: String }
} }
