//! What can be wrong with a bundle, in words: what happened, that nothing was changed, and what to do.
//!
//! Invariant: each kind of damage has its own message, so that a person at the other end of the telephone knows which
//! one it was.

use crate::journal::SiteId;
use crate::journal::codec::CodecError;

use super::name::sanitized;

/// Why a bundle is not written or not read.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The file begins like something else.
    #[error(
        "this file is not a tagout bundle. Nothing was changed; choose a file whose name ends in .tagout"
    )]
    NotABundle,
    /// A program changed line ends or characters while copying.
    #[error(
        "the bundle was damaged on its way: it was copied as if it were text, which changes its line ends. Nothing was changed; copy it again as it is (binary), or take it straight from the stick or folder it was exported to"
    )]
    TextMode,
    /// The file ends early.
    #[error(
        "the bundle is cut off: it ends after {have} bytes{}. Nothing was changed; copy it again, or have it exported again", of_bytes(*.need)
    )]
    CutOff {
        /// How many bytes there are.
        have: u64,
        /// How many there should be, where that is known.
        need: Option<u64>,
    },
    /// Something follows the end.
    #[error(
        "{extra} bytes follow the end of the bundle, which do not belong to it. Nothing was changed; copy it again, or have it exported again"
    )]
    TooLong {
        /// How many bytes.
        extra: u64,
    },
    /// A hash does not fit: bytes were changed after the file was written.
    #[error(
        "bytes of the bundle were changed after it was written, {place}: a bad stick or a bad copy. Nothing was changed in the records; copy it again, or have it exported again on another stick"
    )]
    Changed {
        /// Where, in words.
        place: String,
    },
    /// The file became another one between checking and reading it.
    #[error(
        "the bundle became another file while it was being read. Nothing was changed; leave the stick or folder alone during the import, and try again"
    )]
    Swapped,
    /// Only a newer version can read it.
    #[error(
        "the bundle was written by a newer tagout: it has format {format} and needs a reader of format {min_reader}; this one reads up to {known}. Nothing was changed; bring this tagout up to date, then import it again"
    )]
    Newer {
        /// The file's format.
        format: u16,
        /// The lowest format whose readers can read it.
        min_reader: u16,
        /// The highest format that is read here.
        known: u16,
    },
    /// An entry in it has a layout of a newer version.
    #[error(
        "record {seq_in} of the bundle was written by a newer tagout (layout {found}, this one reads up to {known}). Nothing was changed; bring this tagout up to date, then import it again"
    )]
    NewerEntry {
        /// Its place in the bundle, from 1.
        seq_in: u64,
        /// The layout found.
        found: u16,
        /// The highest layout read here.
        known: u16,
    },
    /// The header is whole, but its signature is not the author's.
    #[error(
        "the signature on the bundle is forged: site {author} did not sign it. Nothing was changed; do not use this file, and ask the shop it is said to come from", author = .author.short()
    )]
    Forged {
        /// The site that the header names.
        author: SiteId,
    },
    /// The header names a site that its key does not belong to.
    #[error(
        "the bundle names site {claimed}, but its key belongs to site {real}: somebody passes for another shop. Nothing was changed; do not use this file, and ask the shop it is said to come from", claimed = .claimed.short(), real = .real.short()
    )]
    Impostor {
        /// The site named.
        claimed: SiteId,
        /// The site whose key it is.
        real: SiteId,
    },
    /// A head in the header is not signed by the site it speaks of.
    #[error(
        "the bundle carries a statement of site {site} that this site did not sign. Nothing was changed; do not use this file, and ask the shop that gave it to you", site = .site.short()
    )]
    ForgedHead {
        /// The site spoken of.
        site: SiteId,
    },
    /// The first entry of a site does not carry the key that the site is named after.
    #[error(
        "the first record of site {site} in the bundle is forged: {reason}. Nothing was changed; do not use this file, and ask the shop that gave it to you", site = .site.short()
    )]
    ForgedGenesis {
        /// The site.
        site: SiteId,
        /// What is wrong.
        reason: &'static str,
    },
    /// An entry does not continue the one before it.
    #[error(
        "the chain of site {site} is broken at record {seq}: it does not continue the record before it, so a record was changed, dropped or slipped in. Nothing was changed; do not use this file, and have it exported again", site = .site.short()
    )]
    Chain {
        /// The site.
        site: SiteId,
        /// The sequence at which it breaks.
        seq: u64,
    },
    /// An entry stands where the header announced another.
    #[error(
        "record {seq} of site {site} stands in the bundle where record {want_seq} of site {want_site} was announced. Nothing was changed; do not use this file, and have it exported again", site = .site.short(), want_site = .want_site.short()
    )]
    OutsideRange {
        /// The site of the entry.
        site: SiteId,
        /// Its sequence.
        seq: u64,
        /// The site announced.
        want_site: SiteId,
        /// The sequence announced.
        want_seq: u64,
    },
    /// What the bundle says of a site's entry and the entry that it carries do not agree.
    #[error(
        "the bundle contradicts itself about record {seq} of site {site}: there are two versions of it. Nothing was changed; keep this file, do not use it, and ask both shops: one of them may run from a copied disk or an old backup", site = .site.short()
    )]
    TwoVersions {
        /// The site.
        site: SiteId,
        /// The sequence.
        seq: u64,
    },
    /// An entry's bytes hold no entry.
    #[error(
        "record {seq_in} of the bundle cannot be read ({reason}). Nothing was changed; have the bundle exported again"
    )]
    Unreadable {
        /// Its place in the bundle, from 1.
        seq_in: u64,
        /// What is wrong.
        reason: String,
    },
    /// A count, length or number that cannot be true.
    #[error(
        "the bundle claims {0}, which cannot be. Reading stopped there, and nothing was changed; do not use this file, and have it exported again"
    )]
    Absurd(String),
    /// A frame unpacks to something else than it says.
    #[error(
        "part {number} of the bundle does not unpack to what it claims to hold ({reason}). Unpacking stopped there, and nothing was changed; do not use this file, and have it exported again"
    )]
    Unpacking {
        /// The frame, from 1.
        number: u64,
        /// What is wrong.
        reason: &'static str,
    },
    /// A time that no clock shows.
    #[error(
        "the bundle gives {place} a time that no clock shows ({time}). Nothing was changed; have the clock of the shop that wrote it set right, and ask what happened there"
    )]
    Time {
        /// What the time belongs to.
        place: String,
        /// The number found.
        time: i64,
    },
    /// A name with control characters or of absurd length.
    #[error(
        "{place} in the bundle is \"{}\", which holds control characters or is too long: it could upset a screen or a printer. Nothing was changed; do not use this file, and ask the shop it comes from", sanitized(.name)
    )]
    Name {
        /// Whose name.
        place: String,
        /// The name as found.
        name: String,
    },
    /// The body is encrypted.
    #[error(
        "the bundle is encrypted for {}, and cannot be opened here. Nothing was changed; import it there, or ask for one that is not encrypted or is encrypted for this site", listed(.sites)
    )]
    Encrypted {
        /// For whom.
        sites: Vec<SiteId>,
    },
    /// An entry was handed to the writer out of order.
    #[error(
        "the bundle was not written: record {seq} of site {site} came out of order. Nothing was changed; check the records with `tagout verify`", site = .site.short()
    )]
    Order {
        /// The site.
        site: SiteId,
        /// Its sequence.
        seq: u64,
    },
    /// There is nothing to write.
    #[error(
        "there is nothing to export: no bundle was written and nothing was changed. Choose another range, or tell the other shop that it is up to date"
    )]
    Empty,
    /// Not even one entry fits in the limit.
    #[error(
        "a bundle of at most {limit} bytes cannot hold even one record. Nothing was written or changed; choose a larger limit"
    )]
    LimitTooSmall {
        /// The limit in bytes.
        limit: u64,
    },
    /// The person or the program stopped it.
    #[error("stopped before the end. Nothing was changed; do it again whenever you like")]
    Stopped,
    /// The system refused.
    #[error(
        "could not {doing}: {source}. Nothing was changed; check the stick, disk or folder, then try again"
    )]
    Io {
        /// What was being done, as a verb.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The header could not be encoded or decoded.
    #[error(
        "the bundle's header cannot be read ({0}). Nothing was changed; have it exported again"
    )]
    Header(CodecError),
}

impl BundleError {
    pub(super) fn changed(place: impl Into<String>) -> Self {
        Self::Changed {
            place: place.into(),
        }
    }

    pub(super) fn absurd(claim: impl Into<String>) -> Self {
        Self::Absurd(claim.into())
    }

    pub(super) fn io(doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }

    /// True if it points to somebody's intent rather than to a bad copy: worth telling the person in charge.
    pub fn is_suspicious(&self) -> bool {
        matches!(
            self,
            Self::Forged { .. }
                | Self::Impostor { .. }
                | Self::ForgedHead { .. }
                | Self::ForgedGenesis { .. }
                | Self::Chain { .. }
                | Self::OutsideRange { .. }
                | Self::TwoVersions { .. }
                | Self::Absurd(_)
                | Self::Unpacking { .. }
                | Self::Name { .. }
        )
    }
}

fn of_bytes(need: Option<u64>) -> String {
    need.map(|need| format!(" of {need}")).unwrap_or_default()
}

fn listed(sites: &[SiteId]) -> String {
    match sites {
        [] => "nobody".to_owned(),
        [one] => format!("site {}", one.short()),
        many => {
            let shown: Vec<String> = many.iter().take(5).map(SiteId::short).collect();
            let rest = many.len() - shown.len();
            let more = if rest > 0 {
                format!(" and {rest} more")
            } else {
                String::new()
            };
            format!("sites {}{more}", shown.join(", "))
        }
    }
}
