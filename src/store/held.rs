//! Bundles with entries that cannot be taken in yet: kept whole, looked at again whenever something changes.
//!
//! Invariants: a bundle is kept under the hash at its end, so the same one is kept once. It goes only after nothing in it
//! waits any more. What is kept here counts for nothing; losing it loses no record that its shop does not still have.

use std::io::{Read, Seek};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::bundle::{Bundle, BundleError, ENDING, Verified, Watch};
use crate::domain::id::Hash;

use super::carrier::{Carrier, StoredFile};
use super::error::StoreError;
use super::{Inner, Store, keyfile};

/// The bundles that are kept, checked anew. One that does not pass any more is left out and named.
pub(super) fn open(inner: &Inner) -> Result<(Vec<Verified<StoredFile>>, Vec<String>), StoreError> {
    let (mut out, mut broken) = (Vec::new(), Vec::new());
    let folder = inner.layout.held();
    if !inner.vfs.exists(&folder) {
        return Ok((out, broken));
    }
    let names = inner
        .vfs
        .list(&folder)
        .map_err(|e| StoreError::file("could not list", &folder, e))?;
    for name in names.iter().filter(|name| name.ends_with(ENDING)) {
        match verified(inner, &folder.join(name)) {
            Ok(bundle) => out.push(bundle),
            Err(error) => broken.push(format!("{name}: {error}")),
        }
    }
    Ok((out, broken))
}

fn verified(inner: &Inner, path: &Path) -> Result<Verified<StoredFile>, BundleError> {
    let file = StoredFile::open(Arc::clone(&inner.vfs), path.to_path_buf()).map_err(|source| {
        BundleError::Io {
            doing: "read the bundle",
            source,
        }
    })?;
    check(inner, file, &mut |_| ControlFlow::Continue(()))
}

fn check<R: Read + Seek>(
    inner: &Inner,
    file: R,
    watch: Watch<'_>,
) -> Result<Verified<R>, BundleError> {
    let bundle = Bundle::open(file)?;
    let readers = &bundle.header().recipients;
    let for_us = |site| readers.iter().any(|reader| reader.site == site);
    match &inner.key {
        _ if readers.is_empty() => bundle.verify(watch),
        Some(key) if for_us(key.site()) => bundle.verify_as(key, watch),
        _ => {
            // Sites that wrote here before could read it, if their key is still there.
            let before = inner.sites.iter().filter(|site| for_us(**site));
            let mut keys =
                before.filter_map(|site| keyfile::read(inner.vfs.as_ref(), &inner.layout, *site));
            match keys.next().as_ref().or(inner.key.as_ref()) {
                Some(key) => bundle.verify_as(key, watch),
                None => bundle.verify(watch),
            }
        }
    }
}

impl Store {
    /// Checks a bundle from the first byte to the last, with the own site's key where it is encrypted.
    pub fn open_bundle<R: Read + Seek>(
        &self,
        file: R,
        watch: Watch<'_>,
    ) -> Result<Verified<R>, StoreError> {
        Ok(check(&self.inner, file, watch)?)
    }
}

/// Keeps a bundle in this folder, unless it is there already.
pub(super) fn keep(
    inner: &Inner,
    folder: &Path,
    bundle: &mut dyn Carrier,
) -> Result<(), StoreError> {
    let vfs = inner.vfs.as_ref();
    let path = folder.join(name_of(bundle.end()));
    if vfs.exists(&path) {
        return Ok(());
    }
    let temporary = path.with_extension("tmp");
    let failed = |e: std::io::Error| StoreError::JournalWrite {
        reason: format!("{}: {e}", temporary.display()),
        next: "free some space on the disk or check it, then import the bundle again",
    };
    vfs.create_dir_all(folder).map_err(failed)?;
    if vfs.exists(&temporary) {
        vfs.remove(&temporary).map_err(failed)?;
    }
    let mut file = vfs.open_append(&temporary).map_err(failed)?;
    let copied = bundle.copy(&mut |piece| file.append(piece));
    let copied = copied.and_then(|()| file.sync().map_err(failed));
    drop(file);
    if let Err(error) = copied {
        let _ = vfs.remove(&temporary);
        return Err(error);
    }
    vfs.rename(&temporary, &path)
        .and_then(|()| vfs.sync_dir(folder))
        .map_err(failed)
}

/// Lets a bundle go in which nothing waits any more.
pub(super) fn release(inner: &Inner, end: Hash) {
    let path = inner.layout.held().join(name_of(end));
    if inner.vfs.exists(&path) {
        // If it stays, it is found to bring nothing and goes the next time.
        let _ = inner.vfs.remove(&path);
        let _ = inner.vfs.sync_dir(&inner.layout.held());
    }
}

fn name_of(end: Hash) -> String {
    format!("{end}{ENDING}")
}
