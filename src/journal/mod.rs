//! Entries, site identity (ed25519), hybrid logical clock, hash chain, version vector and the one versioned codec.
//!
//! May use: `domain`. Knows nothing of files or sled.
//! Invariants: hashes and signatures are taken over *stored bytes*, never over re-encoded values; domain types never
//! reach bincode here, only the frozen structs of `wire` do; an unknown kind is kept byte for byte.
