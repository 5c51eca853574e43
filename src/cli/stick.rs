//! Bundle files on a stick or in a shared folder: written so that none is ever there by half.
//!
//! Invariant: the final name appears only after every byte is on the medium; what was written is read back and checked.

use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::bench::sync::NotGiven;
use crate::bundle::{Bundle, ENDING};

use super::done::Trouble;

/// Where a bundle goes: a folder takes the bundle's own name, anything else is the file's name.
pub fn target(asked: &Path, own_name: &str) -> PathBuf {
    if asked.is_dir() {
        asked.join(own_name)
    } else {
        asked.to_path_buf()
    }
}

/// Writes a file under a temporary name, syncs it, gives it its name, reads it back and checks it.
pub fn write(
    path: &Path,
    fill: &mut dyn FnMut(&mut dyn Write) -> Result<(), NotGiven>,
) -> Result<(), Trouble> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.join(format!(".{name}.part"));
    let failed = |error: io::Error| unwritten(path, &error);
    let written = (|| {
        let mut file = File::create(&temporary).map_err(failed)?;
        fill(&mut file).map_err(|error| match error {
            NotGiven::File(error) => failed(error),
            NotGiven::Bench(failure) => failure.into(),
        })?;
        file.sync_all().map_err(failed)?;
        drop(file);
        fs::rename(&temporary, path).map_err(failed)
    })();
    if let Err(trouble) = written {
        let _ = fs::remove_file(&temporary);
        return Err(trouble);
    }
    // Some file systems of sticks cannot sync a folder; the file itself is synced.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    read_back(path)
}

fn read_back(path: &Path) -> Result<(), Trouble> {
    let file = File::open(path).map_err(|error| unwritten(path, &error))?;
    let checked = Bundle::open(file).and_then(|bundle| {
        if bundle.header().recipients.is_empty() {
            bundle
                .verify(&mut |_| ControlFlow::Continue(()))
                .map(|_| ())
        } else {
            bundle.check_bytes()
        }
    });
    checked.map_err(|error| {
        let _ = fs::remove_file(path);
        Trouble::File {
            what: format!(
                "{} was written, but does not read back as it should: {error}",
                path.display()
            ),
            hint: "It was removed. Nothing is lost here; use another stick or folder.".to_owned(),
        }
    })
}

fn unwritten(path: &Path, error: &io::Error) -> Trouble {
    Trouble::File {
        what: format!(
            "The bundle could not be written to {}: {error}. No bundle is there, and nothing is lost here.",
            path.display()
        ),
        hint: "Check the stick or folder and its room, then export again.".to_owned(),
    }
}

/// The bundle files that these arguments name: a file is itself, a folder all bundles in it, by name.
pub fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Trouble> {
    let mut out = Vec::new();
    for path in named {
        if !path.is_dir() {
            out.push(path.clone());
            continue;
        }
        let failed = |error: io::Error| Trouble::file("list", path, &error);
        let mut inside: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(path).map_err(failed)? {
            let file = entry.map_err(failed)?.path();
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with(ENDING) && !name.starts_with('.') {
                inside.push(file);
            }
        }
        if inside.is_empty() {
            return Err(Trouble::File {
                what: format!("There is no bundle in {}.", path.display()),
                hint: format!("A bundle's name ends in {ENDING}. Nothing was imported."),
            });
        }
        inside.sort();
        out.append(&mut inside);
    }
    Ok(out)
}
