//! Real files that are not part of the package, in the folder that `TAGOUT_SHARED` names, else in `shared` beside the
//! package.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of real files, or why there is none.
pub fn folder() -> Result<PathBuf, String> {
    let folder = std::env::var_os("TAGOUT_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let data = folder.join("data");
    if data.is_dir() {
        Ok(data)
    } else {
        Err(format!(
            "there is no {}; TAGOUT_SHARED names its folder",
            data.display()
        ))
    }
}

/// The text of one of them.
pub fn shared(file: &str) -> String {
    let path = folder().expect("the folder is there").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
