//! The example that new authors start from: every kind of step, each explained.

/// A complete, valid procedure with comments that explain each kind of step.
pub fn example() -> &'static str {
    include_str!("example.toml")
}
