//! What other sites said they have, in the headers of the bundles they made: so that the next bundle for them holds only
//! what they lack, even if they never have anything to say but that.
//!
//! Invariants: advice, kept beside the journal; to lose it costs longer bundles and nothing else. Only a trusted site is
//! heard, and only about itself; what it has never grows less.

use std::path::PathBuf;

use crate::domain::id::SiteId;
use crate::journal::{VersionVector, codec};

use super::Inner;
use super::carrier::Carrier;
use super::notes::{Notes, Trust};
use super::vfs::{read_all, write_whole};

/// The longest file that is read, in bytes.
const LONGEST: usize = 1 << 20;

/// One site's rows: site and sequence.
type Said = Vec<(SiteId, u64)>;

/// Remembers what the makers of these bundles said they have.
pub(super) fn listen(inner: &Inner, bundles: &[&mut dyn Carrier], notes: &Notes) {
    for bundle in bundles {
        let header = bundle.header();
        if notes.trust(header.author) != Trust::Trusted {
            continue;
        }
        let mut said = of(inner, header.author);
        if said.covers(&header.about.have) {
            continue;
        }
        for (site, seq) in header.about.have.iter() {
            said.raise(site, seq);
        }
        let rows: Said = said.iter().collect();
        let path = path(inner, header.author);
        let written = codec::encode(&rows).is_ok_and(|bytes| {
            let vfs = inner.vfs.as_ref();
            let folder = vfs.create_dir_all(&inner.layout.heard());
            folder
                .and_then(|()| write_whole(vfs, &path, &bytes))
                .is_ok()
        });
        if !written {
            tracing::warn!("what {} has could not be noted", header.author.short());
        }
    }
}

/// What a site said it has.
pub(super) fn of(inner: &Inner, site: SiteId) -> VersionVector {
    let bytes = read_all(inner.vfs.as_ref(), &path(inner, site), LONGEST);
    let rows: Option<Said> = bytes.ok().and_then(|bytes| codec::decode(&bytes).ok());
    rows.unwrap_or_default().into_iter().collect()
}

fn path(inner: &Inner, site: SiteId) -> PathBuf {
    inner.layout.heard().join(format!("{site}.have"))
}
