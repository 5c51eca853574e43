//! Real files that are not part of the package.
//!
//! They are looked for in the folder that `TAGOUT_SHARED` names, else in `shared` beside the package. Without them a test
//! says so and ends; with `shared` in `TAGOUT_REQUIRE` that is a failure.

use std::fs;
use std::path::{Path, PathBuf};

use super::optional::not_tested;

/// The text of a file under `shared/data`, or nothing after a loud line that says which one is missing and what was not
/// tested.
pub fn shared(file: &str, untested: &str) -> Option<String> {
    let folder = std::env::var_os("TAGOUT_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let path = folder.join("data").join(file);
    match fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) => {
            let reason = format!(
                "{} cannot be read ({error}); set TAGOUT_SHARED to its folder",
                path.display()
            );
            not_tested("shared", untested, &reason);
            None
        }
    }
}
