//! Bundle files on a stick or in a shared folder: written so that none is ever there by half.
//!
//! Invariant: the final name appears only after every byte is on the medium; what was written is read back and checked.

use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::super::link::Step;
use super::super::session::Session;
use super::{ExportAsk, MadeFile, NotGiven};
use crate::bench::Failure;
use crate::bundle::{Bundle, ENDING};

/// Why a bundle's file was not written or read.
#[derive(Debug)]
pub enum FileTrouble {
    /// The session's own file: what happened, and what to do.
    File {
        /// What happened, and what it means.
        what: String,
        /// What to do.
        hint: String,
    },
    /// The bench refused; if it was about one file, its name.
    Bench(Option<PathBuf>, Failure),
}

impl From<Failure> for FileTrouble {
    fn from(failure: Failure) -> Self {
        Self::Bench(None, failure)
    }
}

impl std::fmt::Display for FileTrouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File { what, hint } => write!(f, "{what} {hint}"),
            Self::Bench(path, failure) => {
                if let Some(path) = path {
                    write!(f, "{}: ", path.display())?;
                }
                write!(f, "{failure}")?;
                match failure.hint() {
                    Some(hint) => write!(f, " {hint}"),
                    None => Ok(()),
                }
            }
        }
    }
}

type Hear<'h> = &'h mut dyn FnMut(Step);

/// Where a bundle goes: a folder takes the bundle's own name, anything else is the file's name.
fn target(asked: &Path, own_name: &str) -> PathBuf {
    if asked.is_dir() {
        asked.join(own_name)
    } else {
        asked.to_path_buf()
    }
}

/// Writes a file under a temporary name, syncs it, gives it its name, reads it back and checks it.
fn write(
    path: &Path,
    fill: &mut dyn FnMut(&mut dyn Write) -> Result<(), NotGiven>,
) -> Result<(), FileTrouble> {
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
            NotGiven::Bench(failure) => FileTrouble::from(failure),
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

fn read_back(path: &Path) -> Result<(), FileTrouble> {
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
        FileTrouble::File {
            what: format!(
                "{} was written, but does not read back as it should: {error}",
                path.display()
            ),
            hint: "It was removed. Nothing is lost here; use another stick or folder.".to_owned(),
        }
    })
}

fn unwritten(path: &Path, error: &io::Error) -> FileTrouble {
    FileTrouble::File {
        what: format!(
            "The bundle could not be written to {}: {error}. No bundle is there, and nothing is lost here.",
            path.display()
        ),
        hint: "Check the stick or folder and its room, then export again.".to_owned(),
    }
}

fn unread(path: &Path, error: &io::Error) -> FileTrouble {
    FileTrouble::File {
        what: format!(
            "{} could not be read: {error}. Nothing was imported.",
            path.display()
        ),
        hint: "Check the path and the stick, then try again.".to_owned(),
    }
}

impl Session {
    /// Gives the bundles that these paths name: a file is itself, a folder all bundles in it.
    pub fn give_files(&self, named: &[PathBuf], hear: Hear<'_>) -> Result<(), FileTrouble> {
        self.forget_bundles()?;
        for path in files(named)? {
            let mut file = File::open(&path).map_err(|error| unread(&path, &error))?;
            self.give_bundle(&mut file, hear)
                .map_err(|error| match error {
                    NotGiven::File(error) => unread(&path, &error),
                    NotGiven::Bench(failure) => FileTrouble::Bench(Some(path.clone()), failure),
                })?;
        }
        Ok(())
    }

    /// Makes bundles and brings them to a file or folder: where each is, and what it holds. None if there is nothing to
    /// export.
    pub fn export_files(
        &self,
        ask: ExportAsk,
        to: &Path,
        hear: Hear<'_>,
    ) -> Result<Vec<(PathBuf, MadeFile)>, FileTrouble> {
        if !to.is_dir() && to.exists() {
            return Err(FileTrouble::File {
                what: format!("{} is there already.", to.display()),
                hint: "Name another file, or a folder. Nothing was written.".to_owned(),
            });
        }
        let made = self.export_bundles(ask, hear)?;
        if made.len() > 1 && !to.is_dir() {
            return Err(FileTrouble::File {
                what: format!(
                    "The records need {} files, and {} is no folder.",
                    made.len(),
                    to.display()
                ),
                hint: "Name a folder. Nothing was written.".to_owned(),
            });
        }
        let mut out = Vec::new();
        for (part, file) in (0..).zip(made) {
            let path = target(to, &file.name);
            write(&path, &mut |to| self.fetch_bundle(part, to))?;
            out.push((path, file));
        }
        Ok(out)
    }
}

/// The bundle files that these arguments name: a file is itself, a folder all bundles in it, by name.
fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, FileTrouble> {
    let mut out = Vec::new();
    for path in named {
        if !path.is_dir() {
            out.push(path.clone());
            continue;
        }
        let failed = |error: io::Error| unread(path, &error);
        let mut inside: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(path).map_err(failed)? {
            let file = entry.map_err(failed)?.path();
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with(ENDING) && !name.starts_with('.') {
                inside.push(file);
            }
        }
        if inside.is_empty() {
            return Err(FileTrouble::File {
                what: format!("There is no bundle in {}.", path.display()),
                hint: format!("A bundle's name ends in {ENDING}. Nothing was imported."),
            });
        }
        inside.sort();
        out.append(&mut inside);
    }
    Ok(out)
}
