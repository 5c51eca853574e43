//! Exporting more than one file may hold: several bundles, each complete by itself.

use std::io::{Read, Seek, Write};

use super::error::BundleError;
use super::write::{Builder, Push};

/// Hands entries, sorted by site and sequence, to bundles until there are no more. `begin` makes an empty bundle,
/// `done` gets each that is full, and the last. Gives the number of bundles; 0 if there were no entries. The parts may
/// be imported in any order.
pub fn split<S, E>(
    entries: impl IntoIterator<Item = Result<Vec<u8>, E>>,
    mut begin: impl FnMut() -> Result<Builder<S>, E>,
    mut done: impl FnMut(Builder<S>) -> Result<(), E>,
) -> Result<u64, E>
where
    S: Read + Write + Seek,
    E: From<BundleError>,
{
    let mut open: Option<Builder<S>> = None;
    let mut parts = 0;
    for entry in entries {
        let entry = entry?;
        let mut builder = match open.take() {
            Some(builder) => builder,
            None => begin()?,
        };
        if builder.push(&entry)? == Push::Full {
            done(builder)?;
            parts += 1;
            builder = begin()?;
            // An empty bundle takes the entry, or says that the limit is too small.
            let _ = builder.push(&entry)?;
        }
        open = Some(builder);
    }
    if let Some(builder) = open {
        done(builder)?;
        parts += 1;
    }
    Ok(parts)
}
