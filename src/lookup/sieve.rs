//! Filters and exclusions: what can be said of a group of devices is said once for all of them.

use std::sync::Arc;

use super::groups::{Group, Part};
use super::idents::ChunkHits;
use super::memo::{Fleet, Known};
use super::query::{Filter, Query, Subject};
use super::row::FieldName;
use super::score::{LEVEL, ident_level, text_level};

/// What a query asks for beside its words.
#[derive(Debug)]
pub(super) struct Sieve {
    /// The groups of each part that pass.
    groups: [Vec<bool>; 3],
    /// Rows that a filter on identifiers fits, and whether it excludes.
    rows: Vec<(Vec<u32>, bool)>,
    /// Words that must not begin an identifier.
    without: Vec<Arc<Known>>,
}

impl Sieve {
    /// None where everything passes.
    pub(super) fn new(fleet: Fleet<'_>, query: &Query, without: Vec<Arc<Known>>) -> Option<Self> {
        if query.filters.is_empty() && without.is_empty() {
            return None;
        }
        let mut sieve = Self {
            groups: fleet
                .groups
                .each_ref()
                .map(|groups| vec![true; groups.all().len()]),
            rows: Vec::new(),
            without,
        };
        for filter in &query.filters {
            sieve.add_filter(fleet, filter);
        }
        for known in sieve.without.clone() {
            let word = &known.table.word;
            let begins: Vec<bool> = fleet
                .interner
                .values()
                .iter()
                .map(|v| text_level(&v.low, &word.low).is_some_and(|(level, _)| level >= 5))
                .collect();
            for part in Part::ALL {
                sieve.keep(fleet, part, |group| {
                    let in_text = group
                        .texts
                        .iter()
                        .any(|text| begins.get(text.value as usize) == Some(&true));
                    let in_ident = || {
                        group
                            .idents
                            .iter()
                            .any(|ident| matches!(ident_level(ident, word), Some(9 | 4)))
                    };
                    !in_text && !in_ident()
                });
            }
        }
        Some(sieve)
    }

    fn keep(&mut self, fleet: Fleet<'_>, part: Part, passes: impl Fn(&Group) -> bool) {
        let parts = fleet.groups.iter().zip(&mut self.groups).zip(Part::ALL);
        for ((groups, kept), _) in parts.filter(|(_, known)| *known == part) {
            for (group, keep) in groups.all().iter().zip(kept) {
                *keep &= passes(group);
            }
        }
    }

    fn add_filter(&mut self, fleet: Fleet<'_>, filter: &Filter) {
        let wanted = &filter.wanted;
        match filter.subject {
            Subject::Texts(fields) => {
                let holds: Vec<bool> = fleet
                    .interner
                    .values()
                    .iter()
                    .map(|value| value.plain.contains(wanted))
                    .collect();
                let part = fields.first().map_or(Part::Make, |field| Part::of(*field));
                self.keep(fleet, part, |group| {
                    let yes = group.texts.iter().any(|text| {
                        fields.contains(&text.field)
                            && holds.get(text.value as usize) == Some(&true)
                    });
                    yes != filter.exclude
                });
            }
            Subject::Idents(fields) if fields.contains(&FieldName::UdiDi) => {
                self.keep(fleet, Part::Make, |group| {
                    let yes = group.idents.iter().any(|ident| ident.text.contains(wanted));
                    yes != filter.exclude
                });
            }
            Subject::Idents(fields) => {
                let rows = fleet.idents.rows_holding(fields, wanted);
                self.rows.push((rows, filter.exclude));
            }
            Subject::Risk => {
                let high = "high".starts_with(wanted) || wanted == "yes";
                let low = "low".starts_with(wanted) || wanted == "no";
                self.keep(fleet, Part::State, |group| {
                    let yes = (high && group.high_risk != Some(false))
                        || (low && group.high_risk == Some(false));
                    yes != filter.exclude
                });
            }
        }
    }

    /// What the excluded words are worth in the identifiers of a chunk.
    pub(super) fn chunk<'s>(
        &'s self,
        fleet: Fleet<'_>,
        chunk: usize,
        worths: &mut Vec<u16>,
    ) -> Vec<&'s ChunkHits> {
        self.without
            .iter()
            .map(|known| known.chunk(fleet.idents, chunk, worths))
            .collect()
    }

    /// True where a row passes; `at` is its place in the chunk.
    pub(super) fn passes(
        &self,
        row: usize,
        groups: [u32; 3],
        at: usize,
        without: &[&ChunkHits],
    ) -> bool {
        self.groups
            .iter()
            .zip(groups)
            .all(|(kept, group)| kept.get(group as usize) == Some(&true))
            && self
                .rows
                .iter()
                .all(|(rows, exclude)| rows.binary_search(&(row as u32)).is_ok() != *exclude)
            && !without
                .iter()
                .any(|hits| u32::from(hits.at(at)) >= 4 * LEVEL)
    }
}
