//! Where the table begins, what separates its cells, and what each column is for.
//!
//! Invariant: every column of the header is listed, used or not, with a note whenever it is not used.

use super::header::{Headers, Target};
use super::map::ColumnMap;
use super::mistake::{ColumnRef, Mistake, short};
use super::split::{Record, Records};
use crate::domain::choices::fold;
use crate::domain::device::Field;

/// The separators that are tried.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// The header is looked for in this many records.
const HEADER_WITHIN: usize = 40;

/// One column of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ColumnUse {
    /// Number and heading.
    pub column: ColumnRef,
    /// What it is used for; nothing when it is kept out.
    pub target: Option<Target>,
    /// Why it is kept out, or what was assumed.
    pub note: String,
    /// Cells that gave a value.
    pub filled: usize,
    /// Cells that say that nothing is known (`N/A`, `TBD`, `-`) and were read as blank.
    pub read_as_blank: usize,
}

/// What separates cells, and which record is the header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// The separator.
    pub separator: u8,
    /// The header's place among the records.
    pub header: usize,
}

fn target_of(map: &ColumnMap, headers: &Headers, header: &str) -> Option<(Target, usize)> {
    map.target(header)
        .map(|target| (target, 0))
        .or_else(|| headers.find(header))
}

/// How many different things these cells name as headings; a tag or a serial alone is enough for a header.
fn score(map: &ColumnMap, headers: &Headers, record: &Record<'_>) -> usize {
    let mut targets: Vec<Target> = record
        .cells
        .iter()
        .filter_map(|cell| target_of(map, headers, cell))
        .map(|(target, _)| target)
        .collect();
    targets.sort();
    targets.dedup();
    let names_device = targets
        .iter()
        .any(|t| matches!(t, Target::Field(Field::AssetTag | Field::Serial)));
    if targets.len() >= 2 || names_device {
        targets.len()
    } else {
        0
    }
}

/// The separator that Excel's first line `sep=;` names.
fn declared(text: &str) -> Option<u8> {
    let line = text.lines().next()?.trim_matches('"');
    let rest = line
        .strip_prefix("sep=")
        .or_else(|| line.strip_prefix("SEP="))?;
    let separator = *rest.as_bytes().first()?;
    SEPARATORS.contains(&separator).then_some(separator)
}

/// Finds separator and header: the record that names most fields of a device, under the separator that makes the rows
/// after it most alike.
pub fn layout(
    text: &str,
    map: &ColumnMap,
    headers: &Headers,
    told: Option<char>,
) -> Result<Layout, Mistake> {
    let fixed = told
        .or(map.delimiter)
        .and_then(|c| u8::try_from(c).ok())
        .or_else(|| declared(text));
    let mut best: Option<((usize, usize), Layout)> = None;
    for separator in SEPARATORS {
        if fixed.is_some_and(|f| f != separator) {
            continue;
        }
        let records: Vec<Record<'_>> = Records::new(text, separator)
            .take(HEADER_WITHIN + 60)
            .collect();
        for (header, record) in records.iter().enumerate().take(HEADER_WITHIN) {
            let named = score(map, headers, record);
            if named == 0 {
                continue;
            }
            let alike = records
                .iter()
                .skip(header + 1)
                .filter(|r| r.cells.len() == record.cells.len())
                .count();
            let rank = (named, alike);
            // Of two equal ones the first wins: a repeated header of a later page must not.
            let better = best.as_ref().is_none_or(|((n, a), found)| {
                named > *n || (named == *n && found.separator != separator && alike > *a)
            });
            if better {
                best = Some((rank, Layout { separator, header }));
            }
        }
    }
    best.map(|(_, layout)| layout).ok_or_else(|| {
        let seen = text.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
        if seen.is_empty() {
            return Mistake::of_file(0, "The file is empty.", "Export the list again and check that it has rows.");
        }
        Mistake::of_file(
            1,
            format!("No line of headings was found; the first line says \"{}\".", short(seen)),
            "A line must name the columns, at least the asset tag or the serial. Name unusual headings in a map file (--map).",
        )
    })
}

/// What each column of the header is for. `rows` are the records after it.
pub fn columns(
    header: &Record<'_>,
    rows: &[Record<'_>],
    map: &ColumnMap,
    headers: &Headers,
) -> (Vec<ColumnUse>, Vec<Mistake>) {
    let cell = |row: &Record<'_>, i: usize| -> String {
        row.cells
            .get(i)
            .map(|c| c.trim().to_owned())
            .unwrap_or_default()
    };
    let is_used = |i: usize| {
        rows.iter()
            .any(|row| row.cells.get(i).is_some_and(|c| !c.trim().is_empty()))
    };
    let mut found: Vec<Option<(Target, usize)>> = Vec::new();
    let mut uses: Vec<ColumnUse> = Vec::new();
    for (i, name) in header.cells.iter().enumerate() {
        let name = short(name.trim_start_matches('\u{feff}'));
        let mut target = target_of(map, headers, &name);
        let mut note = String::new();
        if map.target(&name).is_none() && fold(&name) == "type" {
            let is_code = |t: &str| t.len() == 3 && t.bytes().all(|b| b.is_ascii_uppercase());
            let codes = rows
                .iter()
                .map(|r| cell(r, i))
                .filter(|t| !t.is_empty())
                .all(|t| is_code(&t));
            if !codes {
                target = Some((Target::Field(Field::TypeName), 50));
                "read as plain device type: not all cells are FDA product codes"
                    .clone_into(&mut note);
            }
        }
        if target.is_none() {
            note = match (name.is_empty(), is_used(i)) {
                (true, false) => "empty".to_owned(),
                (true, true) => "has no heading; kept out".to_owned(),
                (false, _) => "heading not known; kept out".to_owned(),
            };
        } else if target.is_some_and(|(t, _)| t == Target::Ignore) {
            "kept out on purpose".clone_into(&mut note);
        }
        found.push(target);
        uses.push(ColumnUse {
            column: ColumnRef {
                number: i + 1,
                name,
            },
            target: target.map(|(t, _)| t),
            note,
            filled: 0,
            read_as_blank: 0,
        });
    }
    let mistakes = settle_rivals(header.line, &mut uses, &found, map, &|i, j| {
        rows.iter()
            .filter(|row| {
                let (a, b) = (cell(row, i), cell(row, j));
                !b.is_empty() && fold(&a) != fold(&b)
            })
            .count()
    });
    let has =
        |uses: &[ColumnUse], field| uses.iter().any(|u| u.target == Some(Target::Field(field)));
    if !has(&uses, Field::Model)
        && let Some(number) = uses.iter_mut().find(|u| {
            u.target == Some(Target::Field(Field::ModelNumber))
                && map.target(&u.column.name).is_none()
        })
    {
        number.target = Some(Target::Field(Field::Model));
        "taken as the model: there is no other model column".clone_into(&mut number.note);
    }
    (uses, mistakes)
}

/// Of several columns for one target the best name is used; the others are kept out with a note. Two columns that tell
/// devices apart differently are a question to the person.
fn settle_rivals(
    line: usize,
    uses: &mut [ColumnUse],
    found: &[Option<(Target, usize)>],
    map: &ColumnMap,
    differing: &dyn Fn(usize, usize) -> usize,
) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut order: Vec<usize> = (0..uses.len()).collect();
    order.sort_by_key(|i| {
        let said = uses
            .get(*i)
            .is_some_and(|u| map.target(&u.column.name).is_some());
        (
            !said,
            found.get(*i).and_then(|f| f.map(|(_, rank)| rank)),
            *i,
        )
    });
    let mut taken: Vec<(Target, usize)> = Vec::new();
    for i in order {
        let Some(target) = uses
            .get(i)
            .and_then(|u| u.target)
            .filter(|t| *t != Target::Ignore)
        else {
            continue;
        };
        let Some((_, first)) = taken.iter().find(|(t, _)| *t == target).copied() else {
            taken.push((target, i));
            continue;
        };
        let rows = differing(first, i);
        let winner = uses
            .get(first)
            .map(|u| u.column.to_string())
            .unwrap_or_default();
        let Some(loser) = uses.get_mut(i) else {
            continue;
        };
        loser.target = None;
        loser.note = match rows {
            0 => format!("says the same as {winner}; kept out"),
            n => format!(
                "{winner} is already the {}; kept out, differs in {n} rows",
                target.label()
            ),
        };
        if rows > 0 && matches!(target, Target::Field(Field::AssetTag | Field::Serial)) {
            mistakes.push(
                Mistake::of_file(
                    line,
                    format!("It and {winner} could both be the {}, and they differ in {rows} rows.", target.label()),
                    format!("Say in a map file (--map) which is which: [columns] \"heading\" = \"{}\", the other = \"ignore\".", target.key()),
                )
                .at(loser.column.clone(), ""),
            );
        }
    }
    mistakes
}
