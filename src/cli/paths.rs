//! Where things are kept: store, state and settings, by the XDG base directories.
//!
//! Invariant: the state folder (heads, log) is never inside the store, so that it survives a restored backup.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

use super::done::Trouble;

/// The folders of this run.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The store.
    pub store: PathBuf,
    /// Where the demonstration goes when no store is named: never among real records.
    pub demo: PathBuf,
    /// Heads and the log.
    pub state: PathBuf,
    /// Keymaps and settings; `None` without a home folder.
    pub config: Option<PathBuf>,
}

impl Folders {
    /// The folders for a store that was named, or for the account's own one.
    pub fn of(named: Option<&Path>) -> Result<Self, Trouble> {
        let base = etcetera::base_strategy::Xdg::new().ok();
        let store = match (named, &base) {
            (Some(store), _) => absolute(store)?,
            (None, Some(base)) => base.data_dir().join("tagout"),
            (None, None) => {
                return Err(Trouble::usage(
                    "There is no home folder to keep the store in.",
                    "Name a folder with --store DIR.",
                ));
            }
        };
        let state = base
            .as_ref()
            .and_then(|base| Some(base.state_dir()?.join("tagout")))
            .unwrap_or_else(|| beside(&store));
        let state = if state.starts_with(&store) {
            beside(&store)
        } else {
            state
        };
        let demo = match (named, &base) {
            (None, Some(base)) => base.data_dir().join("tagout-demo"),
            _ => store.clone(),
        };
        Ok(Self {
            store,
            demo,
            state,
            config: base.map(|base| base.config_dir().join("tagout")),
        })
    }

    /// The log file.
    pub fn log(&self) -> PathBuf {
        self.state.join("tagout.log")
    }
}

/// The path from the root on, without asking that it exists.
fn absolute(path: &Path) -> Result<PathBuf, Trouble> {
    std::path::absolute(path).map_err(|error| {
        Trouble::usage(
            format!(
                "The store's folder cannot be \"{}\": {error}.",
                path.display()
            ),
            "Name a folder with --store DIR.",
        )
    })
}

/// A folder beside the store: its name with `.state`.
fn beside(store: &Path) -> PathBuf {
    let mut name = store.file_name().unwrap_or_default().to_owned();
    name.push(".state");
    store.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_lies_beside_the_store_never_in_it() {
        let folders = Folders::of(Some(Path::new("/srv/shop"))).unwrap();
        assert_eq!(folders.store, Path::new("/srv/shop"));
        assert!(!folders.state.starts_with("/srv/shop"));
        assert_eq!(beside(Path::new("/srv/shop")), Path::new("/srv/shop.state"));
    }
}
