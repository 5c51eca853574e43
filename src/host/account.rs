//! The names of Unix accounts.
//!
//! Invariant: a name comes from the system's own list for a number that the kernel gave, never from who says it.

use nix::unistd::{Uid, User};

/// The account's name; its number where the system knows none.
pub fn name_of(uid: u32) -> String {
    match User::from_uid(Uid::from_raw(uid)) {
        Ok(Some(user)) if !user.name.is_empty() => user.name,
        _ => format!("uid{uid}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_without_a_name_is_a_number() {
        assert_eq!(name_of(0), "root");
        assert_eq!(name_of(4_000_000_001), "uid4000000001");
    }
}
