//! Tests that need something the machine may not have: root, sshd, a loop device, files from outside.
//!
//! Such a test says loudly what was not tested and why, and ends. With its group in `TAGOUT_REQUIRE` (a list with commas)
//! that is a failure.

use std::io::Write as _;

/// True if `TAGOUT_REQUIRE` names this group.
pub fn is_required(group: &str) -> bool {
    std::env::var("TAGOUT_REQUIRE").is_ok_and(|list| list.split(',').any(|word| word == group))
}

/// Says that something was not tested, or fails if it had to be.
#[track_caller]
pub fn not_tested(group: &str, what: &str, reason: &str) {
    assert!(
        !is_required(group),
        "{what} must be tested here (TAGOUT_REQUIRE names {group}), but cannot be: {reason}"
    );
    // Straight to the stream: the test harness would hide a printed line of a test that passes.
    let _ = writeln!(
        std::io::stderr(),
        "\n*** IGNORED ({group}): {what} was not tested: {reason} ***\n"
    );
}
