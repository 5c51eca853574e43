//! A whole device list: bytes in, device rows, refused rows and everything that was left aside out.
//!
//! Invariants: every record after the header is in exactly one of `rows`, `refused` and `skipped`; a mistake of the
//! whole file (`Reach::File`) forbids any import, however many rows are sound.

use std::ops::Range;

use super::cells::{Cell, CellReader, doubts, evidence};
use super::checks;
use super::columns::{ColumnUse, columns, layout};
use super::dates::DateOrder;
use super::encoding::Encoding;
use super::header::{Headers, Target};
use super::map::ColumnMap;
use super::mistake::{ColumnRef, Mistake, Reach, Warning, short};
use super::split::{Record, Records};
use super::words::Hint;
use crate::domain::choices::fold;
use crate::domain::device::{Field, Stage, Value};

/// How to read a list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CsvOptions {
    /// The map file.
    pub map: ColumnMap,
    /// `--dates`: comes before the map's.
    pub dates: Option<DateOrder>,
    /// The separator, when the detection is wrong; comes before the map's.
    pub delimiter: Option<char>,
}

/// One device as the list has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceRow {
    /// Its first line in the file.
    pub line: usize,
    /// Its fields, in the order of [`Field::ALL`].
    pub fields: Vec<(Field, Value)>,
    /// Fields that it empties, because the map says that a blank cell does.
    pub emptied: Vec<Field>,
    /// Where it is in its life, if the list says so.
    pub stage: Option<Stage>,
    /// Where it has got to, with the list's word, if the list says so.
    pub whereabouts: Option<(Hint, String)>,
    /// What deserves a look.
    pub warnings: Vec<Warning>,
    pub(super) range: Range<usize>,
}

impl DeviceRow {
    /// A text field, empty when the list says nothing.
    pub fn text(&self, field: Field) -> &str {
        match self.get(field) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    /// A field's value.
    pub fn get(&self, field: Field) -> Option<&Value> {
        self.fields
            .iter()
            .find(|(f, _)| *f == field)
            .map(|(_, v)| v)
    }

    /// The asset tag, if it has one.
    pub fn tag(&self) -> Option<&str> {
        Some(self.text(Field::AssetTag)).filter(|tag| !tag.is_empty())
    }

    /// The serial, if it has one that a spreadsheet has not damaged: only such a one tells devices apart.
    pub fn sound_serial(&self) -> Option<&str> {
        Some(self.text(Field::Serial))
            .filter(|s| !fold(s).is_empty() && !super::cells::is_scientific(s))
    }
}

/// A row that is not imported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefusedRow {
    /// Its first line in the file.
    pub line: usize,
    /// Why, all reasons in one line.
    pub why: String,
    pub(super) range: Range<usize>,
}

/// A line that is no device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SkippedLine {
    /// The line.
    pub line: usize,
    /// What it says, shortened.
    pub text: String,
    /// Why it is no device.
    pub why: &'static str,
}

/// A list that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sheet {
    /// How its text is written.
    pub encoding: Encoding,
    /// What separates its cells.
    pub delimiter: char,
    /// The line of the headings.
    pub header_line: usize,
    /// Every column, used or not.
    pub columns: Vec<ColumnUse>,
    /// The sound rows.
    pub rows: Vec<DeviceRow>,
    /// The rows that are refused.
    pub refused: Vec<RefusedRow>,
    /// Every mistake, by line.
    pub mistakes: Vec<Mistake>,
    /// Columns that are not used although they hold something.
    pub unknown_columns: Vec<ColumnRef>,
    /// Lines that are no devices (titles before the headings and empty lines left out).
    pub skipped: Vec<SkippedLine>,
    /// Device rows in the file, sound or not.
    pub row_count: usize,
    /// The values for new devices that say nothing there.
    pub defaults: Vec<(Field, Value)>,
    header_range: Range<usize>,
    cut_last_column: bool,
}

impl Sheet {
    /// True when nothing of the file may be imported before a question is answered.
    pub fn is_blocked(&self) -> bool {
        self.mistakes.iter().any(|m| m.reach == Reach::File)
    }

    /// Every warning of the sound rows, by line.
    pub fn warnings(&self) -> impl Iterator<Item = &Warning> {
        self.rows.iter().flat_map(|row| &row.warnings)
    }
}

/// Reads a list. It fails only when no table can be found in it; everything else is in the sheet.
pub fn read(bytes: &[u8], options: &CsvOptions) -> Result<Sheet, Vec<Mistake>> {
    let (encoding, text) = Encoding::decode(bytes);
    if text.contains('\0') {
        return Err(vec![Mistake::of_file(
            0,
            "This is not a text file: it holds zero bytes.",
            "Save the list as CSV; a spreadsheet file (.xlsx) cannot be read.",
        )]);
    }
    if text.starts_with("PK\u{3}\u{4}") {
        return Err(vec![Mistake::of_file(
            0,
            "This is a spreadsheet or ZIP file, not CSV.",
            "Open it and save it as CSV.",
        )]);
    }
    let names = Headers::new();
    let map = &options.map;
    let layout = layout(&text, map, &names, options.delimiter).map_err(|m| vec![m])?;
    let mut records: Vec<Record<'_>> = Records::new(&text, layout.separator)
        .skip(layout.header)
        .filter(|r| !r.is_blank())
        .collect();
    if records.is_empty() {
        return Err(vec![Mistake::of_file(
            0,
            "The file is empty.",
            "Export the list again.",
        )]);
    }
    let header = records.remove(0);
    let mut skipped = Vec::new();
    records.retain(|record| {
        let why = no_device(record, &header);
        if let Some(why) = why {
            let cells: Vec<_> = record
                .cells
                .iter()
                .map(|c| c.trim())
                .filter(|c| !c.is_empty())
                .collect();
            skipped.push(SkippedLine {
                line: record.line,
                text: short(&cells.join(" ")),
                why,
            });
        }
        why.is_none()
    });
    let (mut uses, mut mistakes) = columns(&header, &records, map, &names);
    let told = options.dates.or(map.dates);
    let mut readers: Vec<Option<CellReader<'_>>> = Vec::new();
    for (i, usage) in uses.iter().enumerate() {
        let (evidence, mistake) = evidence(i, usage, &records, map, told);
        mistakes.extend(mistake);
        let target = usage.target.filter(|t| *t != Target::Ignore);
        readers.push(target.map(|t| CellReader::new(t, map, evidence)));
    }
    let mut sheet = Sheet {
        encoding,
        delimiter: char::from(layout.separator),
        header_line: header.line,
        columns: Vec::new(),
        rows: Vec::with_capacity(records.len()),
        refused: Vec::new(),
        mistakes: Vec::new(),
        unknown_columns: Vec::new(),
        row_count: records.len(),
        skipped,
        defaults: map.defaults.iter().map(|(f, v)| (*f, v.clone())).collect(),
        header_range: header.range.clone(),
        cut_last_column: header.cells.len() > 1
            && header.cells.last().is_some_and(|c| fold(c) == "why"),
    };
    let torn = torn_rows(&records, header.cells.len());
    for (record, torn) in records.iter().zip(torn) {
        let mut wrong = Vec::new();
        if torn {
            wrong.push(Mistake::of_row(
                record.line,
                "This line and its neighbour seem to be one row, torn by a line break inside a cell without quotation marks.",
                "Join the two lines.",
            ));
        }
        let row = read_row(record, &header, &mut uses, &mut readers, map, &mut wrong);
        if wrong.is_empty() {
            sheet.rows.push(row);
        } else {
            refuse(&mut sheet.refused, record.line, &record.range, &wrong);
            mistakes.append(&mut wrong);
        }
    }
    checks::across_rows(&mut sheet, &mut mistakes);
    sheet.unknown_columns = uses
        .iter()
        .enumerate()
        .filter(|(_, u)| u.target.is_none())
        .filter(|(i, u)| {
            !u.column.name.is_empty()
                || records
                    .iter()
                    .any(|r| r.cells.get(*i).is_some_and(|c| !c.trim().is_empty()))
        })
        .map(|(_, u)| u.column.clone())
        .collect();
    sheet.columns = uses;
    mistakes.sort();
    sheet.mistakes = mistakes;
    sheet.refused.sort_by_key(|r| r.line);
    Ok(sheet)
}

pub(super) fn refuse(
    refused: &mut Vec<RefusedRow>,
    line: usize,
    range: &Range<usize>,
    wrong: &[Mistake],
) {
    let why: Vec<String> = wrong
        .iter()
        .map(|m| match &m.column {
            Some(column) => format!("{}: {}", column.name, m.reason),
            None => m.reason.clone(),
        })
        .collect();
    refused.push(RefusedRow {
        line,
        why: why.join(" "),
        range: range.clone(),
    });
}

/// Why a record is no device: a heading repeated on a new page, a sum, a page foot.
fn no_device(record: &Record<'_>, header: &Record<'_>) -> Option<&'static str> {
    let alike = record.cells.len() == header.cells.len()
        && record
            .cells
            .iter()
            .zip(&header.cells)
            .all(|(a, b)| a.trim() == b.trim());
    if alike {
        return Some("the headings again");
    }
    let filled: Vec<&str> = record
        .cells
        .iter()
        .map(|c| c.trim())
        .filter(|c| !c.is_empty())
        .collect();
    let first = filled.first()?.to_lowercase();
    if header.cells.len() < 3 || filled.len() > 3 {
        return None;
    }
    const SUMS: [&str; 8] = [
        "total",
        "grand total",
        "subtotal",
        "sum",
        "count",
        "record count",
        "number of",
        "summe",
    ];
    let sums = SUMS.iter().any(|word| {
        first
            .strip_prefix(word)
            .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric) && !rest.starts_with('-'))
    });
    if sums {
        return Some("a sum");
    }
    const FEET: [&str; 9] = [
        "end of report",
        "end of file",
        "page ",
        "printed ",
        "generated ",
        "exported ",
        "report ",
        "confidential",
        "run date",
    ];
    let counted = first.ends_with("rows affected)")
        || first.ends_with(" records")
        || first.ends_with(" rows selected.");
    if (filled.len() <= 2 && FEET.iter().any(|word| first.starts_with(word))) || counted {
        return Some("a line of the report, not of the list");
    }
    let drawn = filled
        .iter()
        .all(|c| c.chars().all(|c| matches!(c, '-' | '=' | '_' | '*' | '+')));
    drawn.then_some("a drawn line")
}

/// Which rows look torn in two: two short ones that together make one of full length.
fn torn_rows(records: &[Record<'_>], width: usize) -> Vec<bool> {
    let mut torn = vec![false; records.len()];
    for (i, pair) in records.windows(2).enumerate() {
        if let [a, b] = pair
            && a.cells.len() < width
            && b.cells.len() < width
            && a.cells.len() + b.cells.len() == width + 1
        {
            for at in [i, i + 1] {
                if let Some(mark) = torn.get_mut(at) {
                    *mark = true;
                }
            }
        }
    }
    torn
}

fn read_row(
    record: &Record<'_>,
    header: &Record<'_>,
    uses: &mut [ColumnUse],
    readers: &mut [Option<CellReader<'_>>],
    map: &ColumnMap,
    wrong: &mut Vec<Mistake>,
) -> DeviceRow {
    let line = record.line;
    let mut row = DeviceRow {
        line,
        fields: Vec::with_capacity(record.cells.len()),
        emptied: Vec::new(),
        stage: None,
        whereabouts: None,
        warnings: Vec::new(),
        range: record.range.clone(),
    };
    let width = header.cells.len();
    let extra = record
        .cells
        .iter()
        .skip(width)
        .any(|c| !c.trim().is_empty());
    if extra {
        wrong.push(Mistake::of_row(
            line,
            format!("It has {} cells, the headings {width}: a cell seems to hold a separator without quotation marks.", record.cells.len()),
            "Put the cell in quotation marks.",
        ));
    }
    if record.unclosed {
        wrong.push(Mistake::of_row(
            line,
            "A quotation mark is opened and never closed.",
            "Close it, or remove it.",
        ));
    }
    if record.cells.len() < width && width > 1 {
        row.warnings.push(Warning {
            line,
            column: None,
            text: format!(
                "It has {} cells, the headings {width}; the missing ones were read as blank.",
                record.cells.len()
            ),
        });
    }
    let mut retired = None;
    for (i, usage) in uses.iter_mut().enumerate() {
        let Some(reader) = readers.get_mut(i).and_then(Option::as_mut) else {
            continue;
        };
        let raw = record.cells.get(i).map_or("", |c| c.as_ref());
        match reader.read(raw) {
            Ok(Cell::Blank) => {
                if let Some(Target::Field(field)) = usage.target
                    && map.empty.contains(&field)
                {
                    row.emptied.push(field);
                }
            }
            Ok(Cell::Unknown) => usage.read_as_blank += 1,
            Ok(Cell::Stage(stage)) => {
                usage.filled += 1;
                row.stage = Some(stage);
            }
            Ok(Cell::Hint(hint, word)) => {
                usage.filled += 1;
                row.whereabouts = Some((hint, word));
            }
            Ok(Cell::Retired(yes)) => {
                usage.filled += 1;
                retired = Some(yes);
            }
            Ok(Cell::Value(value)) => {
                let Some(Target::Field(field)) = usage.target else {
                    continue;
                };
                if field == Field::Serial && is_placeholder(&value) {
                    usage.read_as_blank += 1;
                    row.warnings.push(Warning {
                        line,
                        column: Some(usage.column.clone()),
                        text: format!("\"{}\" is no serial; read as blank.", short(raw)),
                    });
                    continue;
                }
                usage.filled += 1;
                row.warnings.extend(doubts(line, usage, raw, &value));
                row.fields.push((field, value));
            }
            Err((reason, hint)) => {
                wrong.push(Mistake::of_row(line, reason, hint).at(usage.column.clone(), raw));
            }
        }
    }
    if retired == Some(true) {
        if row
            .stage
            .is_some_and(|s| !matches!(s, Stage::Retired | Stage::Disposed))
        {
            row.warnings.push(Warning {
                line,
                column: None,
                text: "The status says one thing, the retired column another; taken as retired."
                    .to_owned(),
            });
        }
        if row.stage != Some(Stage::Disposed) {
            row.stage = Some(Stage::Retired);
        }
    }
    row.fields.sort_by_key(|(field, _)| *field);
    let filled = record
        .cells
        .iter()
        .enumerate()
        .filter(|(i, _)| {
            uses.get(*i)
                .is_none_or(|u| u.target != Some(Target::Ignore))
        })
        .filter(|(_, cell)| !cell.trim().is_empty())
        .count();
    identity(
        &mut row,
        filled == 1 && width >= 3 && !record.unclosed,
        wrong,
    );
    row
}

/// A serial of zeros or crosses only.
fn is_placeholder(value: &Value) -> bool {
    let Value::Text(text) = value else {
        return false;
    };
    let folded = fold(text);
    folded.is_empty()
        || folded.chars().all(|c| c == '0')
        || (folded.len() >= 3 && folded.chars().all(|c| c == 'x'))
}

/// A row needs something that finds the device again at the next import.
fn identity(row: &mut DeviceRow, may_be_title: bool, wrong: &mut Vec<Mistake>) {
    let line = row.line;
    if may_be_title {
        wrong.push(Mistake::of_row(
            line,
            "Only one cell of this line is filled; it may be a title.",
            "Remove the line, or fill in what is known of the device.",
        ));
    } else if row.tag().is_none() && row.sound_serial().is_none() && wrong.is_empty() {
        wrong.push(Mistake::of_row(
            line,
            "It has neither an asset tag nor a sound serial, so a second import could not tell that it is the same device.",
            "Fill in one of them, or register the device by hand.",
        ));
    } else if row.tag().is_none() {
        row.warnings.push(Warning {
            line,
            column: None,
            text: "No asset tag: a new device gets a temporary one; a known one is found by maker, model and serial.".to_owned(),
        });
    }
}

/// The refused rows in the form of the original: its headings, its lines untouched, and one more column `why`. `original`
/// is the file that the sheet was read from.
pub fn write_bad(sheet: &Sheet, original: &[u8]) -> Vec<u8> {
    write_bad_with(sheet, original, &[])
}

/// As [`write_bad`], with further lines that were refused later (by the plan): line and reason.
pub fn write_bad_with(sheet: &Sheet, original: &[u8], further: &[(usize, String)]) -> Vec<u8> {
    let (_, text) = Encoding::decode(original);
    let separator = u8::try_from(sheet.delimiter).unwrap_or(b',');
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = String::new();
    let declared = text
        .lines()
        .next()
        .filter(|l| l.trim_matches('"').to_ascii_lowercase().starts_with("sep="));
    if let Some(line) = declared {
        out.push_str(line);
        out.push_str(line_end);
    }
    let mut lines: Vec<(usize, &Range<usize>, &str)> = sheet
        .refused
        .iter()
        .map(|row| (row.line, &row.range, row.why.as_str()))
        .collect();
    for (line, why) in further {
        if let Some(row) = sheet.rows.iter().find(|row| row.line == *line) {
            lines.push((*line, &row.range, why));
        }
    }
    lines.sort_by_key(|(line, ..)| *line);
    let mut put = |range: &Range<usize>, why: &str| {
        let mut raw = text.get(range.clone()).unwrap_or_default();
        // A file that was written out before has the column already.
        if sheet.cut_last_column
            && let Some(record) = Records::new(raw, separator).next()
            && let Some(at) = record.last_separator
        {
            raw = raw.get(..at).unwrap_or(raw);
        }
        out.push_str(raw);
        out.push(char::from(separator));
        // Without quotation marks: in a row whose own marks are broken they would pair up with these.
        out.push_str(&why.replace(sheet.delimiter, " ").replace('"', "'"));
        out.push_str(line_end);
    };
    put(&sheet.header_range, "why");
    for (_, range, why) in lines {
        put(range, why);
    }
    sheet.encoding.encode(&out)
}
