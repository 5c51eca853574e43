//! What only several rows together show: a tag or a serial used twice, a row repeated, zeros lost at the front.

use std::collections::HashMap;

use super::mistake::{Mistake, Warning};
use super::sheet::{DeviceRow, Sheet, SkippedLine, refuse};
use crate::domain::choices::fold;
use crate::domain::device::Field;

/// Looks across the sound rows: rows that contradict each other are refused, doubtful ones warned about.
pub(super) fn across_rows(sheet: &mut Sheet, mistakes: &mut Vec<Mistake>) {
    let mut out: Vec<Option<Mistake>> = vec![None; sheet.rows.len()];
    let mut repeats: Vec<Option<usize>> = vec![None; sheet.rows.len()];
    let by_tag = groups(&sheet.rows, |row| row.tag().map(fold));
    for group in &by_tag {
        judge_tags(&sheet.rows, group, &mut out, &mut repeats);
    }
    let by_serial = groups(&sheet.rows, |row| {
        let maker = fold(row.text(Field::Manufacturer));
        let model = fold(row.text(Field::Model));
        Some(format!("{maker}\n{model}\n{}", fold(row.sound_serial()?)))
    });
    for group in &by_serial {
        judge_serials(&mut sheet.rows, group, &mut out, &mut repeats);
    }
    lost_zeros(&mut sheet.rows);
    let rows = std::mem::take(&mut sheet.rows);
    for ((row, mistake), repeat) in rows.into_iter().zip(out).zip(repeats) {
        if let Some(mistake) = mistake {
            refuse(
                &mut sheet.refused,
                row.line,
                &row.range,
                std::slice::from_ref(&mistake),
            );
            mistakes.push(mistake);
        } else if repeat.is_some() {
            sheet.skipped.push(SkippedLine {
                line: row.line,
                text: row
                    .tag()
                    .or(row.sound_serial())
                    .unwrap_or_default()
                    .to_owned(),
                why: "the same row again",
            });
        } else {
            sheet.rows.push(row);
        }
    }
    sheet.skipped.sort_by_key(|s| s.line);
}

/// Places of rows that share a key, only where there are several.
fn groups(rows: &[DeviceRow], key: impl Fn(&DeviceRow) -> Option<String>) -> Vec<Vec<usize>> {
    let mut by: HashMap<String, Vec<usize>> = HashMap::with_capacity(rows.len());
    for (i, row) in rows.iter().enumerate() {
        if let Some(key) = key(row) {
            by.entry(key).or_default().push(i);
        }
    }
    let mut several: Vec<_> = by.into_values().filter(|group| group.len() > 1).collect();
    several.sort();
    several
}

fn same(a: &DeviceRow, b: &DeviceRow) -> bool {
    (&a.fields, &a.emptied, a.stage, &a.whereabouts)
        == (&b.fields, &b.emptied, b.stage, &b.whereabouts)
}

fn lines(rows: &[DeviceRow], group: &[usize]) -> String {
    let numbers: Vec<_> = group
        .iter()
        .filter_map(|i| rows.get(*i))
        .map(|r| r.line.to_string())
        .collect();
    match numbers.len() {
        0..=6 => numbers.join(", "),
        n => format!(
            "{} and {} more",
            numbers.get(..5).unwrap_or_default().join(", "),
            n - 5
        ),
    }
}

fn judge_tags(
    rows: &[DeviceRow],
    group: &[usize],
    out: &mut [Option<Mistake>],
    repeats: &mut [Option<usize>],
) {
    let Some(first) = group.first().and_then(|i| rows.get(*i)) else {
        return;
    };
    let all_same = group
        .iter()
        .filter_map(|i| rows.get(*i))
        .all(|row| same(first, row));
    for (n, i) in group.iter().enumerate() {
        if all_same {
            if n > 0
                && let Some(mark) = repeats.get_mut(*i)
            {
                *mark = Some(first.line);
            }
        } else if let (Some(mark), Some(row)) = (out.get_mut(*i), rows.get(*i)) {
            *mark = Some(Mistake::of_row(
                row.line,
                format!(
                    "Asset tag {} stands on several different rows: lines {}.",
                    row.text(Field::AssetTag),
                    lines(rows, group)
                ),
                "Keep the right row, or correct the tag of the others.",
            ));
        }
    }
}

fn judge_serials(
    rows: &mut [DeviceRow],
    group: &[usize],
    out: &mut [Option<Mistake>],
    repeats: &mut [Option<usize>],
) {
    let group: Vec<usize> = group
        .iter()
        .copied()
        .filter(|i| {
            repeats.get(*i).is_none_or(Option::is_none) && out.get(*i).is_none_or(Option::is_none)
        })
        .collect();
    let Some(first) = group
        .first()
        .and_then(|i| rows.get(*i))
        .cloned()
        .filter(|_| group.len() > 1)
    else {
        return;
    };
    // Rows that name no maker or no model may be of different devices.
    let of = if fold(first.text(Field::Manufacturer)).is_empty()
        || fold(first.text(Field::Model)).is_empty()
    {
        ", without maker or model,"
    } else {
        " of the same maker and model"
    };
    let named = lines(rows, &group);
    let all_same = group
        .iter()
        .filter_map(|i| rows.get(*i))
        .all(|row| same(&first, row));
    let untagged = group
        .iter()
        .filter_map(|i| rows.get(*i))
        .any(|row| row.tag().is_none());
    for (n, i) in group.iter().enumerate() {
        let Some(row) = rows.get_mut(*i) else {
            continue;
        };
        let serial = row.text(Field::Serial).to_owned();
        if all_same && untagged {
            if n > 0
                && let Some(mark) = repeats.get_mut(*i)
            {
                *mark = Some(first.line);
            }
        } else if untagged {
            if let Some(mark) = out.get_mut(*i) {
                *mark = Some(Mistake::of_row(
                    row.line,
                    format!(
                        "Serial {serial}{of} stands on several rows, not all with a tag: lines {named}."
                    ),
                    "Give each row its tag, or keep one row.",
                ));
            }
        } else {
            row.warnings.push(Warning {
                line: row.line,
                column: None,
                text: format!(
                    "Serial {serial}{of} stands under several tags: lines {named}. One device labelled twice? Combine the records after the import."
                ),
            });
        }
    }
}

/// Numbers that are shorter than nearly all of their kind may have lost zeros at the front in a spreadsheet.
fn lost_zeros(rows: &mut [DeviceRow]) {
    for field in [Field::Serial, Field::AssetTag] {
        let mut kinds: HashMap<String, Vec<usize>> = HashMap::new();
        for (i, row) in rows.iter().enumerate() {
            let text = row.text(field);
            if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
                let kind = match field {
                    Field::Serial => format!(
                        "{}\n{}",
                        fold(row.text(Field::Manufacturer)),
                        fold(row.text(Field::Model))
                    ),
                    _ => String::new(),
                };
                kinds.entry(kind).or_default().push(i);
            }
        }
        for group in kinds.values().filter(|group| group.len() >= 5) {
            let mut lengths: HashMap<usize, usize> = HashMap::new();
            for i in group {
                if let Some(row) = rows.get(*i) {
                    *lengths.entry(row.text(field).len()).or_default() += 1;
                }
            }
            let Some((usual, count)) = lengths.into_iter().max_by_key(|(length, n)| (*n, *length))
            else {
                continue;
            };
            if usual < 6 || count * 5 < group.len() * 4 {
                continue;
            }
            for i in group {
                let Some(row) = rows.get_mut(*i) else {
                    continue;
                };
                let text = row.text(field).to_owned();
                if text.len() < usual {
                    row.warnings.push(Warning {
                        line: row.line,
                        column: None,
                        text: format!(
                            "{} {text} has {} digits, nearly all others of its kind {usual}: a spreadsheet may have dropped zeros at the front. Taken over as it stands.",
                            field.label(),
                            text.len()
                        ),
                    });
                }
            }
        }
    }
}
