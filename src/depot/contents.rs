//! What lies in a depot: the listing, and the header of each bundle that was not seen before.
//!
//! Invariants: an object is believed only if its key, the key of the site that signed it, its header and its length fit
//! together; what does not fit is named in a warning and passed over. A header is asked for once: bundles are immutable.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::bundle::format::{END, MAX_HEADER, PREFIX, Prefix, SIGNATURE};
use crate::bundle::{BundleName, Header, inspect};
use crate::journal::codec;
use crate::journal::wire::Bytes;
use crate::journal::{Hash, SiteId, VersionVector};

use super::error::DepotError;
use super::have::{Have, LONGEST};
use super::objects::{Object, Objects};
use super::plan::Stored;
use super::spans::Span;

/// Where bundles lie.
pub(super) const SITES: &str = "sites/";
/// Where statements lie.
pub(super) const HAVE: &str = "have/";
/// So much of an object is asked for first: most headers are shorter.
const FIRST: u64 = 8 << 10;
/// Statements asked for in one look at most, the own one among them.
pub(super) const STATEMENTS: usize = 9;
/// Warnings kept; more are only counted.
const WARNINGS: usize = 50;

/// A run of entries: site, first and last sequence.
type Row = ([u8; 16], u64, u64);

/// What a bundle's header said.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
struct Learnt {
    /// The length of the object.
    bytes: u64,
    /// The runs of entries.
    rows: Vec<Row>,
    /// The sites that can read it; none if everybody can.
    readers: Vec<[u8; 16]>,
    /// The hash of the last entry of each run.
    ends: Vec<[u8; 32]>,
    /// The store was found to have these very entries.
    agreed: bool,
}

/// What one site remembers of one depot between two syncs. To lose it costs requests, nothing else.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    /// What the headers of the bundles said, by key.
    headers: BTreeMap<String, Learnt>,
    /// The statements of sites, by key: stamp and bytes.
    haves: BTreeMap<String, (String, Bytes)>,
    /// Bundles that were handed to the store, whatever it did with them.
    handed: BTreeSet<String>,
    /// Bundles that were found damaged.
    damaged: BTreeSet<String>,
    /// The statement that was read last: the next ones have their turn then.
    turn: String,
    /// What the site had after the last sync.
    had: Vec<([u8; 16], u64)>,
}

impl Memory {
    /// Its bytes, to be kept in a file of the site.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self).unwrap_or_default()
    }

    /// Reads its bytes; what cannot be read is forgotten.
    pub fn decode(bytes: &[u8]) -> Self {
        codec::decode(bytes).unwrap_or_default()
    }

    /// Hands everything to the store again: after a site was trusted, what was refused may be taken.
    pub fn try_again(&mut self) {
        self.handed.clear();
    }

    /// What the site had when it last exchanged everything.
    pub fn had(&self) -> VersionVector {
        let had = self.had.iter();
        had.map(|(site, seq)| (SiteId(*site), *seq)).collect()
    }

    /// Forgets what was handed to a store that has less now than then: it was set back and needs it again.
    pub(super) fn check(&mut self, own: &VersionVector) {
        if !own.covers(&self.had()) {
            self.handed.clear();
            for learnt in self.headers.values_mut() {
                learnt.agreed = false;
            }
        }
    }

    pub(super) fn keep(&mut self, own: &VersionVector) {
        self.had = own.iter().map(|(site, seq)| (site.0, seq)).collect();
    }

    pub(super) fn hand(&mut self, key: &str) {
        self.handed.insert(key.to_owned());
    }

    pub(super) fn was_handed(&self, key: &str) -> bool {
        self.handed.contains(key)
    }

    pub(super) fn damage(&mut self, key: &str) {
        self.damaged.insert(key.to_owned());
    }

    pub(super) fn damaged(&self) -> Vec<String> {
        self.damaged.iter().cloned().collect()
    }

    pub(super) fn is_damaged(&self, key: &str) -> bool {
        self.damaged.contains(key)
    }

    /// Keeps only what still lies there.
    fn only(&mut self, keys: &BTreeSet<&str>) {
        self.headers.retain(|key, _| keys.contains(key.as_str()));
        self.handed.retain(|key| keys.contains(key.as_str()));
        self.damaged.retain(|key| keys.contains(key.as_str()));
    }

    fn known(&self, object: &Object, author: SiteId) -> Option<Stored> {
        let learnt = self.headers.get(&object.key)?;
        (learnt.bytes == object.bytes).then(|| Stored {
            key: object.key.clone(),
            author,
            spans: learnt
                .rows
                .iter()
                .map(|(site, from, to)| Span {
                    site: SiteId(*site),
                    from: *from,
                    to: *to,
                })
                .collect(),
            bytes: learnt.bytes,
            readers: learnt.readers.iter().map(|site| SiteId(*site)).collect(),
            ends: learnt
                .rows
                .iter()
                .zip(&learnt.ends)
                .map(|((site, _, to), hash)| (SiteId(*site), *to, Hash(*hash)))
                .collect(),
            agreed: learnt.agreed,
        })
    }

    fn learn(&mut self, stored: &Stored) {
        let spans = stored.spans.iter();
        let learnt = Learnt {
            bytes: stored.bytes,
            rows: spans.map(|s| (s.site.0, s.from, s.to)).collect(),
            readers: stored.readers.iter().map(|site| site.0).collect(),
            ends: stored.ends.iter().map(|(_, _, hash)| hash.0).collect(),
            agreed: stored.agreed,
        };
        self.headers.insert(stored.key.clone(), learnt);
    }

    /// The store has the very entries of this bundle: that stays so.
    pub(super) fn agree(&mut self, key: &str) {
        if let Some(learnt) = self.headers.get_mut(key) {
            learnt.agreed = true;
        }
    }
}

/// What lies in a depot.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Contents {
    /// The bundles.
    pub stored: Vec<Stored>,
    /// Keys of bundles with other entries than the site has under the same numbers.
    pub forked: BTreeSet<String>,
    /// What each site said it has.
    pub haves: BTreeMap<SiteId, Have>,
    /// What was passed over, in words.
    pub warnings: Warnings,
}

/// Sentences for people, the first fifty of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Warnings {
    /// The sentences.
    pub words: Vec<String>,
    /// How many more there were.
    pub more: usize,
}

impl Warnings {
    /// Adds one.
    pub fn add(&mut self, words: impl Into<String>) {
        if self.words.len() < WARNINGS {
            self.words.push(words.into());
        } else {
            self.more += 1;
        }
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// The key of a bundle.
pub(super) fn bundle_key(site: SiteId, name: &str) -> String {
    format!("{SITES}{site}/{name}")
}

/// The key of a site's statement.
pub(super) fn have_key(site: SiteId) -> String {
    format!("{HAVE}{site}")
}

/// A site's id as it stands in keys.
fn site_from(text: &str) -> Option<SiteId> {
    let digits = text.as_bytes();
    if digits.len() != 32
        || digits
            .iter()
            .any(|b| !matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    {
        return None;
    }
    let mut site = [0; 16];
    for (byte, pair) in site.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(SiteId(site))
}

/// The site and the name in a bundle's key.
fn bundle_of(key: &str) -> Option<(SiteId, BundleName)> {
    let (site, name) = key.strip_prefix(SITES)?.split_once('/')?;
    Some((site_from(site)?, BundleName::parse(name)?))
}

/// A key as it may be shown.
fn shown(key: &str) -> String {
    key.chars()
        .take(160)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// Looks at everything in a depot. The first of `known` is the site that looks. Where something strange keeps it from being listed as a whole, what the sites of
/// `known` put there is found all the same.
pub(super) fn read(
    objects: &dyn Objects,
    memory: &mut Memory,
    known: &[SiteId],
) -> Result<Contents, DepotError> {
    let mut contents = Contents::default();
    let listed = list(objects, SITES, known, &mut contents.warnings)?;
    memory.only(&listed.iter().map(|object| object.key.as_str()).collect());
    for object in &listed {
        let Some((site, name)) = bundle_of(&object.key) else {
            let words = format!("{} is no bundle; it was passed over", shown(&object.key));
            contents.warnings.add(words);
            continue;
        };
        let stored = match memory.known(object, site) {
            Some(stored) => stored,
            None => match header(objects, object, site, &name)? {
                Ok(stored) => {
                    memory.learn(&stored);
                    stored
                }
                Err(why) => {
                    let words = format!("{} was passed over: {why}", shown(&object.key));
                    contents.warnings.add(words);
                    continue;
                }
            },
        };
        contents.stored.push(stored);
    }
    let listed = list(objects, HAVE, known, &mut contents.warnings)?;
    memory
        .haves
        .retain(|key, _| listed.iter().any(|object| object.key == *key));
    let own = known.first().map(|site| have_key(*site));
    let (own, others): (Vec<Object>, Vec<Object>) = listed
        .into_iter()
        .partition(|object| Some(&object.key) == own.as_ref());
    // Where very many sites sync, each reads what some of them say now and what the others say next time.
    let (behind, ahead): (Vec<Object>, Vec<Object>) = others
        .into_iter()
        .partition(|object| object.key <= memory.turn);
    let mut left = STATEMENTS;
    for object in own.into_iter().chain(ahead).chain(behind) {
        let read = match site_from(object.key.strip_prefix(HAVE).unwrap_or_default()) {
            Some(site) => match statement(objects, &object, memory, &mut left)? {
                Some(bytes) => Have::decode(&bytes)
                    .map_err(|e| e.to_string())
                    .and_then(|have| {
                        let own = have.site() == site;
                        own.then_some(have)
                            .ok_or_else(|| "it speaks of another site".to_owned())
                    }),
                None => continue,
            },
            None => Err("it is no statement of a site".to_owned()),
        };
        match read {
            Ok(have) => {
                contents.haves.insert(have.site(), have);
            }
            Err(why) => {
                let words = format!("{} was passed over: {why}", shown(&object.key));
                contents.warnings.add(words);
            }
        }
    }
    Ok(contents)
}

/// What lies below a name.
fn list(
    objects: &dyn Objects,
    prefix: &str,
    known: &[SiteId],
    warnings: &mut Warnings,
) -> Result<Vec<Object>, DepotError> {
    let error = match objects.list(prefix) {
        Err(error @ DepotError::Strange { .. }) => error,
        listed => return listed,
    };
    warnings.add(format!(
        "{error}. Until then only shops that are known here are looked for"
    ));
    let mut out = Vec::new();
    for site in known {
        if prefix == SITES {
            match objects.list(&format!("{SITES}{site}/")) {
                Ok(listed) => out.extend(listed),
                Err(DepotError::Strange { .. }) => {}
                Err(error) => return Err(error),
            }
        } else {
            out.push(Object {
                key: have_key(*site),
                bytes: 0,
                stamp: String::new(),
            });
        }
    }
    Ok(out)
}

/// The bytes of a statement, asked for only if it was overwritten since; those of the last time if as many as may were
/// asked for already; `None` if it is gone, or not known yet.
fn statement(
    objects: &dyn Objects,
    object: &Object,
    memory: &mut Memory,
    left: &mut usize,
) -> Result<Option<Vec<u8>>, DepotError> {
    let known = memory.haves.get(&object.key);
    if let Some((stamp, bytes)) = known
        && ((!stamp.is_empty() && *stamp == object.stamp) || *left == 0)
    {
        return Ok(Some(bytes.0.clone()));
    }
    if *left == 0 {
        return Ok(None);
    }
    *left -= 1;
    memory.turn.clone_from(&object.key);
    let read = objects.head(&object.key, LONGEST as u64 + 1)?;
    if let Some(bytes) = &read {
        let known = (object.stamp.clone(), Bytes(bytes.clone()));
        memory.haves.insert(object.key.clone(), known);
    }
    Ok(read)
}

/// What a bundle's header says it carries, or why it is not believed.
fn header(
    objects: &dyn Objects,
    object: &Object,
    site: SiteId,
    name: &BundleName,
) -> Result<Result<Stored, String>, DepotError> {
    let Some(mut bytes) = objects.head(&object.key, FIRST)? else {
        return Ok(Err("it was removed a moment ago".to_owned()));
    };
    let front = bytes
        .first_chunk::<PREFIX>()
        .and_then(|prefix| Prefix::decode(prefix).ok())
        .map(|prefix| PREFIX as u64 + u64::from(prefix.header_len) + SIGNATURE as u64)
        .filter(|front| *front <= (PREFIX + MAX_HEADER + SIGNATURE) as u64);
    if let Some(front) = front
        && front > bytes.len() as u64
        && front <= object.bytes
    {
        bytes = objects.head(&object.key, front)?.unwrap_or_default();
    }
    let read = match inspect(&mut bytes.as_slice()) {
        Ok(read) => read,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let whole = front
        .and_then(|front| front.checked_add(read.body_bytes))
        .and_then(|bytes| bytes.checked_add(END as u64));
    if read.author != site {
        let author = read.author.short();
        return Ok(Err(format!(
            "it lies under another site than its own ({author})"
        )));
    }
    if name.site != site.short() {
        return Ok(Err("its name is another bundle's".to_owned()));
    }
    match whole {
        Some(whole) if whole == object.bytes => {}
        Some(whole) => {
            let words = format!("it has {} bytes and should have {whole}", object.bytes);
            return Ok(Err(words));
        }
        None => return Ok(Err("its length is absurd".to_owned())),
    }
    Ok(Ok(stored(&object.key, object.bytes, &read)))
}

/// A bundle, by what its header says.
pub(super) fn stored(key: &str, bytes: u64, header: &Header) -> Stored {
    Stored {
        key: key.to_owned(),
        author: header.author,
        spans: header
            .ranges
            .iter()
            .map(|range| Span {
                site: range.site,
                from: range.from,
                to: range.to,
            })
            .collect(),
        bytes,
        readers: header.recipients.iter().map(|r| r.site).collect(),
        ends: header
            .ranges
            .iter()
            .map(|range| (range.site, range.to, range.last))
            .collect(),
        agreed: false,
    }
}
