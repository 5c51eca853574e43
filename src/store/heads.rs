//! Heads outside the store: the proof that a journal was set back.
//!
//! Invariants: written after the journal's sync, at most once a second and at close, so a head that is behind is
//! normal; a head that is ahead means that acknowledged entries are gone. A demonstration store keeps none: its key
//! comes from a seed, so two of them may share a name.

use std::sync::PoisonError;

use crate::domain::id::SiteId;
use crate::journal::Head;

use super::Inner;
use super::error::StoreError;
use super::layout::Layout;
use super::vfs::{Vfs, read_all, write_whole};

/// The head kept for a site, if there is one that the site has signed.
pub fn read(vfs: &dyn Vfs, layout: &Layout, site: SiteId, public: &[u8; 32]) -> Option<Head> {
    let bytes = read_all(vfs, &layout.head(site), 4096).ok()?;
    let head = Head::decode(&bytes).ok()?;
    (head.site == site && head.verify(public)).then_some(head)
}

/// Writes the own head. A failure is no reason to stop work: the head is a witness, not the record.
pub fn write(inner: &Inner) {
    let Some(key) = &inner.key else { return };
    if inner.genesis.demo || inner.read_only().is_some() {
        return;
    }
    let published = inner.published();
    let head = Head::sign(
        key,
        published.tip.seq,
        published.tip.hash,
        published.wall_us,
    );
    let Ok(bytes) = head.encode() else { return };
    let _ = inner.vfs.create_dir_all(&inner.layout.heads());
    let _ = write_whole(
        inner.vfs.as_ref(),
        &inner.layout.head(published.site),
        &bytes,
    );
}

/// Notes that others know a head of the own site that does not agree with this store, and takes no more writes under its
/// name: the next start begins a new site.
pub fn contradicted(inner: &Inner, head: &Head) -> Result<(), StoreError> {
    let path = inner.layout.contradicted(head.site);
    let bytes = head.encode()?;
    inner
        .vfs
        .create_dir_all(&inner.layout.heads())
        .and_then(|()| write_whole(inner.vfs.as_ref(), &path, &bytes))
        .map_err(|e| StoreError::file("could not write", &path, e))?;
    *inner
        .read_only
        .write()
        .unwrap_or_else(PoisonError::into_inner) = Some(
        "it was set back to an earlier state, or a copy of it is in use elsewhere; start tagout again, and a new site \
         goes on"
            .to_owned(),
    );
    // Whoever keeps the store open lets go of it.
    inner.base.mark_down(
        "the store was set back to an earlier state, or a copy of it is in use elsewhere",
    );
    Ok(())
}

/// The head of the own site that others know and that did not agree, if there is one.
pub fn elsewhere(vfs: &dyn Vfs, layout: &Layout, site: SiteId, public: &[u8; 32]) -> Option<Head> {
    let bytes = read_all(vfs, &layout.contradicted(site), 4096).ok()?;
    let head = Head::decode(&bytes).ok()?;
    (head.site == site && head.verify(public)).then_some(head)
}
