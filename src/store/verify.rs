//! `verify`: a walk along every chain, and every row of sled compared with the journal.
//!
//! Invariants: reads everything, changes nothing. Each problem says what, where, what it means and what to do.

use std::collections::BTreeMap;

use crate::domain::id::SiteId;
use crate::journal::chain::Tip;
use crate::journal::system::{INCLUDE, Include};
use crate::journal::{Entry, Head};

use super::error::StoreError;
use super::layout::{bulk_name, entry_key};
use super::raw;
use super::rows::family;
use super::walk::{Place, Step, Trouble, Visitor, walk};
use super::{Inner, Store, check, gaps, heads, keyfile, reattach};

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// What is wrong.
    pub what: String,
    /// Where: file and byte, or site and record.
    pub place: String,
    /// What it means for the records.
    pub meaning: String,
    /// What to do.
    pub advice: String,
    /// True if a person accepted it earlier: it does not count against `ok`.
    pub accepted: bool,
}

/// One site's chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SiteReport {
    /// The site.
    pub site: SiteId,
    /// The end of its chain.
    pub tip: Tip,
    /// True for the site that writes here.
    pub own: bool,
}

/// What `verify` found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyReport {
    /// True if there is no problem, apart from accepted ones.
    pub ok: bool,
    /// How many entries the journal holds.
    pub entries: u64,
    /// Every site with the end of its chain.
    pub sites: Vec<SiteReport>,
    /// What is wrong, in journal order: the first one is the first bad entry.
    pub problems: Vec<Problem>,
}

const MAX_PROBLEMS: usize = 1000;

struct Verify<'a> {
    inner: &'a Inner,
    entries: u64,
    problems: Vec<Problem>,
    known: Vec<gaps::Gap>,
    rows_readable: bool,
    bulk_hashes: BTreeMap<String, [u8; 32]>,
    own_end: Option<Head>,
    head: Option<Head>,
}

impl Verify<'_> {
    fn add(&mut self, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    fn compare_row(&mut self, step: &Step<'_>) -> Result<(), StoreError> {
        if !self.rows_readable {
            return Ok(());
        }
        let key = entry_key(step.face.site, step.face.seq);
        let place = format!(
            "record {} of site {} ({})",
            step.face.seq,
            step.face.site.short(),
            step.place
        );
        match raw::read(&self.inner.base, family::ENTRIES, &key) {
            Ok(Some(bytes)) if bytes == step.bytes => {}
            Ok(None) => self.add(row_problem("the working copy does not hold it", place)),
            Ok(Some(_)) => self.add(Problem {
                what: "the journal and the working copy hold different records".to_owned(),
                place,
                meaning: "one of them was changed after it was saved; if the next record does not follow, it was \
                          the journal's"
                    .to_owned(),
                advice: "do not rebuild; keep this copy and compare it with a backup".to_owned(),
                accepted: false,
            }),
            Err(error @ StoreError::Rows { .. }) => {
                self.rows_readable = false;
                self.add(row_problem(&error.to_string(), place));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

fn row_problem(what: &str, place: String) -> Problem {
    Problem {
        what: what.to_owned(),
        place,
        meaning: "nothing is lost: the journal holds the record".to_owned(),
        advice: "run `tagout rebuild`".to_owned(),
        accepted: false,
    }
}

impl Visitor for Verify<'_> {
    fn entry(&mut self, step: Step<'_>) -> Result<(), StoreError> {
        self.entries += 1;
        match Entry::decode_hashed(step.bytes, step.face.hash) {
            Ok(entry) => {
                for event in entry.events.iter().filter(|e| e.kind == INCLUDE) {
                    if let Ok(Some(include)) = Include::from_record(event) {
                        self.bulk_hashes
                            .insert(bulk_name(&include.file), include.file.0);
                    }
                }
            }
            Err(error) => self.add(Problem {
                what: error.to_string(),
                place: step.place.to_string(),
                meaning: "the record is kept but cannot be shown".to_owned(),
                advice: "open the store with a newer tagout, or restore a backup".to_owned(),
                accepted: false,
            }),
        }
        if self.head.as_ref().is_some_and(|head| {
            head.site == step.face.site && head.seq == step.face.seq && head.hash != step.face.hash
        }) {
            self.own_end = self.head.clone();
        }
        self.compare_row(&step)
    }

    fn trouble(&mut self, trouble: Trouble) -> Result<(), StoreError> {
        let accepted = gaps::Gap::of(&trouble).is_some_and(|gap| self.known.contains(&gap));
        let place = match &trouble {
            Trouble::Bytes { place, .. }
            | Trouble::Tail { place, .. }
            | Trouble::Missing { place, .. }
            | Trouble::Fork { place, .. }
            | Trouble::Unreadable { place, .. } => place.to_string(),
        };
        let (meaning, advice) = match &trouble {
            Trouble::Fork { .. } => (
                "somebody changed the journal, or two copies of the store wrote at the same time",
                "keep this copy, compare it with a backup, then run `tagout recover`",
            ),
            Trouble::Tail { .. } => (
                "a record that was not confirmed as saved, or damage to the last one",
                "open the store again: what can be restored is restored, the rest is set aside",
            ),
            _ => (
                "records are damaged or missing",
                "open the store again: what the working copy holds is restored; else restore a backup or run \
                 `tagout recover`",
            ),
        };
        self.add(Problem {
            what: trouble.to_string(),
            place,
            meaning: meaning.to_owned(),
            advice: advice.to_owned(),
            accepted,
        });
        Ok(())
    }
}

impl Store {
    /// Reads the whole journal and all rows and reports what is wrong. Nobody writes meanwhile.
    pub fn verify(&self) -> Result<VerifyReport, StoreError> {
        let writer = self.write();
        let inner = writer.inner;
        let own = inner.published().site;
        let demo = inner.genesis.demo;
        let mut visitor = Verify {
            inner,
            entries: 0,
            problems: Vec::new(),
            known: gaps::read(inner.vfs.as_ref(), &inner.layout),
            rows_readable: true,
            bulk_hashes: BTreeMap::new(),
            own_end: None,
            head: heads::read(
                inner.vfs.as_ref(),
                &inner.layout,
                own,
                &inner.genesis.public_key,
            )
            .filter(|_| !demo),
        };
        let walked = walk(inner.vfs.as_ref(), &inner.layout.journal(), &mut visitor)?;
        bulk_files(&mut visitor, &walked.bulks)?;
        let tip = walked.chains.tip(own);
        if visitor.head.as_ref().is_some_and(|head| head.seq > tip.seq) || visitor.own_end.is_some()
        {
            visitor.add(Problem {
                what: "the head kept outside the store does not agree with the journal".to_owned(),
                place: format!("record {} of site {}", tip.seq, own.short()),
                meaning: "the journal was set back or changed".to_owned(),
                advice: "look for a later copy of the store; opening it again begins a new site"
                    .to_owned(),
                accepted: false,
            });
        }
        if keyfile::read(inner.vfs.as_ref(), &inner.layout, own).is_none() {
            visitor.add(Problem {
                what: "the site's private key is missing or damaged".to_owned(),
                place: inner.layout.key(own).display().to_string(),
                meaning: "the records are whole; new heads cannot be signed".to_owned(),
                advice: "open the store again: a new site continues this one".to_owned(),
                accepted: false,
            });
        }
        check_rows(&mut visitor, &writer.state.meta);
        let sites = walked
            .chains
            .tips()
            .map(|(site, tip)| SiteReport {
                site,
                tip,
                own: site == own,
            })
            .collect();
        Ok(VerifyReport {
            ok: visitor.problems.iter().all(|p| p.accepted),
            entries: visitor.entries,
            sites,
            problems: visitor.problems,
        })
    }
}

fn bulk_files(visitor: &mut Verify<'_>, names: &[String]) -> Result<(), StoreError> {
    let inner = visitor.inner;
    for name in names {
        let path = inner.layout.journal().join(name);
        let found = reattach::file_hash(inner.vfs.as_ref(), &path)
            .map_err(|e| StoreError::file("could not read", &path, e))?;
        let wrong = visitor
            .bulk_hashes
            .get(name)
            .is_some_and(|hash| *hash != found.0);
        if wrong
            && !visitor
                .problems
                .iter()
                .any(|p| p.place.contains(name.as_str()))
        {
            let place = Place {
                file: name.clone(),
                offset: 0,
            };
            visitor.add(Problem {
                what: "the file is not the one that was taken in".to_owned(),
                place: place.to_string(),
                meaning: "its records are whole, but bytes were added or moved".to_owned(),
                advice: "compare it with a backup".to_owned(),
                accepted: false,
            });
        }
    }
    Ok(())
}

fn check_rows(visitor: &mut Verify<'_>, meta: &super::layout::Meta) {
    let base = &visitor.inner.base;
    let wrong = match check::check_rows(base, meta) {
        Ok(wrong) => wrong,
        Err(error) => Some(error.to_string()),
    };
    if let Some(what) = wrong {
        visitor.add(row_problem(&what, "the working copy".to_owned()));
    }
    let entries = meta.sums.get(&family::ENTRIES).map_or(0, |s| s.rows);
    if entries != visitor.entries {
        visitor.add(row_problem(
            &format!(
                "the working copy holds {entries} records, the journal {}",
                visitor.entries
            ),
            "the working copy".to_owned(),
        ));
    }
    if meta.skipped > 0 {
        visitor.add(Problem {
            what: format!(
                "{} records could not be taken into the working copy",
                meta.skipped
            ),
            place: "the working copy".to_owned(),
            meaning: "they are in the journal, but lists and figures leave them out".to_owned(),
            advice: "restore a backup, or run `tagout rebuild` with a newer version".to_owned(),
            accepted: !visitor.known.is_empty(),
        });
    }
}
