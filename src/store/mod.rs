//! The only code that knows sled and the journal files: durability, locking, projections at rest, recovery, verify.
//!
//! May use: `journal`, `domain`.
//! Invariants: an entry is acknowledged only after its frame was appended and `fdatasync`ed; sled can be deleted at any
//! time without losing an acknowledged entry; no value in sled exceeds 7 KiB; nothing is ever thrown away silently.
