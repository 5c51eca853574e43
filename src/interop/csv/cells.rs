//! One cell to one value, by the kind of its column.
//!
//! Invariants: what a spreadsheet has damaged is warned about, never repaired; a word that says nothing is no value; a
//! date or an amount with two readings is decided by its column or not at all.

use std::borrow::Cow;
use std::collections::HashMap;

use super::columns::ColumnUse;
use super::dates::{DateOrder, DateRead, read_date};
use super::header::Target;
use super::map::ColumnMap;
use super::mistake::{Mistake, Warning};
use super::money::{DecimalMark, MoneyRead, read_money};
use super::split::Record;
use super::words::{Hint, choice_word, read_status, says_nothing, yes_no};
use crate::domain::choices::fold;
use crate::domain::device::{BadValue, Field, FieldKind, Stage, Value};
use crate::identify::device_identifier;

/// What a cell says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cell {
    /// Nothing at all.
    Blank,
    /// A word that says that nothing is known.
    Unknown,
    /// A value.
    Value(Value),
    /// A stage.
    Stage(Stage),
    /// Where it has got to, with the word.
    Hint(Hint, String),
    /// Retired: yes or no.
    Retired(bool),
}

/// What a column's cells together decide.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Evidence {
    /// Day first or month first.
    pub order: Option<DateOrder>,
    /// Which mark stands before the cents.
    pub mark: Option<DecimalMark>,
    /// Its dates cannot be read before the person says the order; told once for the column.
    pub undecided: bool,
}

/// Why a cell cannot be read: reason and what to do.
pub type Wrong = (String, String);

/// A cell without what spreadsheets put around it: marks of no width, `="..."`, a leading apostrophe, line breaks.
pub fn clean(field: Option<Field>, text: &str) -> String {
    let plain = text.bytes().all(|b| (b' '..0x7f).contains(&b));
    let mut out: Cow<'_, str> = Cow::Borrowed(text.trim());
    if !plain {
        let in_line = match field {
            Some(Field::Notes) => '\n',
            Some(f) if f.kind() == FieldKind::List => ';',
            _ => ' ',
        };
        let mut own = String::with_capacity(text.len());
        for c in text.replace("\r\n", "\n").chars() {
            match c {
                '\n' | '\r' => own.push(in_line),
                '\t' | '\u{a0}' => own.push(' '),
                '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{ad}' => {}
                c if c.is_control() => {}
                c => own.push(c),
            }
        }
        out = Cow::Owned(own.trim().to_owned());
    }
    let formula = out
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'));
    let bare = formula
        .or_else(|| out.strip_prefix('\''))
        .unwrap_or(&out)
        .trim();
    if field == Some(Field::Notes) || !bare.contains("  ") {
        return bare.to_owned();
    }
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `1.23E+11`: a long number that a spreadsheet has shortened for good.
pub fn is_scientific(text: &str) -> bool {
    let Some((head, tail)) = text.split_once("E+").or_else(|| text.split_once("e+")) else {
        return false;
    };
    let digits = |t: &str| {
        !t.is_empty()
            && t.bytes()
                .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
    };
    digits(head) && !tail.is_empty() && tail.bytes().all(|b| b.is_ascii_digit())
}

/// What this column's cells decide, and the mistake when they do not.
pub fn evidence(
    column: usize,
    usage: &ColumnUse,
    rows: &[Record<'_>],
    map: &ColumnMap,
    told: Option<DateOrder>,
) -> (Evidence, Option<Mistake>) {
    let mut out = Evidence::default();
    let Some(Target::Field(field)) = usage.target else {
        return (out, None);
    };
    let cells = rows.iter().filter_map(|row| {
        let cell = row.cells.get(column)?;
        let text = clean(Some(field), cell);
        let text = map
            .word(Target::Field(field), &text)
            .map_or(text.clone(), str::to_owned);
        (!text.is_empty()).then_some((row.line, text))
    });
    if field == Field::PurchasePrice {
        let (mut point, mut comma) = (false, false);
        for (_, text) in cells {
            match read_money(&text) {
                MoneyRead::Decides(DecimalMark::Point, _) => point = true,
                MoneyRead::Decides(DecimalMark::Comma, _) => comma = true,
                _ => {}
            }
        }
        out.mark = match (point, comma) {
            (true, false) => Some(DecimalMark::Point),
            (false, true) => Some(DecimalMark::Comma),
            _ => None,
        };
        return (out, None);
    }
    if field.kind() != FieldKind::Date {
        return (out, None);
    }
    if let Some(order) = told {
        out.order = Some(order);
        return (out, None);
    }
    let (mut dmy, mut mdy, mut either) = (None, None, None);
    for (line, text) in cells {
        match read_date(&text) {
            DateRead::Decides(DateOrder::Dmy, _) => _ = dmy.get_or_insert((line, text)),
            DateRead::Decides(DateOrder::Mdy, _) => _ = mdy.get_or_insert((line, text)),
            DateRead::Either { .. } => _ = either.get_or_insert((line, text)),
            _ => {}
        }
    }
    let hint = "Say --dates dmy (day first) or --dates mdy (month first), or put dates = \"dmy\" into the map file.";
    let mistake = match (dmy, mdy, either) {
        (Some((a, day_first)), Some((b, month_first)), Some((line, text))) => Some(
            Mistake::of_file(
                line,
                format!("Day or month first? Line {a} (\"{day_first}\") is day first, line {b} (\"{month_first}\") month first."),
                hint,
            )
            .at(usage.column.clone(), &text),
        ),
        (Some(_), None, _) => {
            out.order = Some(DateOrder::Dmy);
            None
        }
        (None, Some(_), _) => {
            out.order = Some(DateOrder::Mdy);
            None
        }
        (None, None, Some((line, text))) => Some(
            Mistake::of_file(line, "Day or month first? No date in this column tells.", hint)
                .at(usage.column.clone(), &text),
        ),
        // Both orders, but every date says its own: nothing is left open.
        _ => None,
    };
    out.undecided = mistake.is_some();
    (out, mistake)
}

/// Reads the cells of one column; words of fixed lists are looked up once.
#[derive(Debug)]
pub struct CellReader<'m> {
    target: Target,
    map: &'m ColumnMap,
    evidence: Evidence,
    seen: HashMap<String, Result<Cell, Wrong>>,
}

impl<'m> CellReader<'m> {
    /// A reader for a column.
    pub fn new(target: Target, map: &'m ColumnMap, evidence: Evidence) -> Self {
        Self {
            target,
            map,
            evidence,
            seen: HashMap::new(),
        }
    }

    /// What a cell says.
    pub fn read(&mut self, raw: &str) -> Result<Cell, Wrong> {
        let field = match self.target {
            Target::Field(field) => Some(field),
            _ => None,
        };
        let text = clean(field, raw);
        if text.is_empty() {
            return Ok(Cell::Blank);
        }
        let few_words = match field {
            Some(field) => matches!(field.kind(), FieldKind::Choice(_)),
            None => true,
        };
        if !few_words {
            return self.cell(&text);
        }
        if let Some(known) = self.seen.get(&text) {
            return known.clone();
        }
        let read = self.cell(&text);
        self.seen.insert(text, read.clone());
        read
    }

    fn cell(&self, text: &str) -> Result<Cell, Wrong> {
        let word = self.map.word(self.target, text);
        if word == Some("") {
            return Ok(Cell::Unknown);
        }
        let said = word.is_some();
        let text = word.unwrap_or(text);
        match self.target {
            Target::Field(field) => {
                if !said && says_nothing(Some(field), text) {
                    return Ok(Cell::Unknown);
                }
                self.value(field, text)
            }
            Target::Status => status(text),
            Target::Retired => retired(text),
            Target::Ignore => Ok(Cell::Blank),
        }
    }

    fn value(&self, field: Field, text: &str) -> Result<Cell, Wrong> {
        let parsed = match field.kind() {
            FieldKind::Date => return self.date(text),
            FieldKind::Number if field == Field::PurchasePrice => return self.money(text),
            FieldKind::Number => field.parse(&text.replace(',', ".")),
            FieldKind::Choice(_) => {
                let word = choice_word(field, text);
                field.parse(word.unwrap_or(text))
            }
            _ if field == Field::UdiDi => match device_identifier(text) {
                // The identifier alone: a whole label in the cell would never be found by its device identifier.
                Some(read) => field.parse(&read.di),
                None if is_scientific(text) => field.parse(text),
                None => Err(BadValue {
                    label: field.label(),
                    text: text.chars().filter(|c| !c.is_control()).take(40).collect(),
                    why: "it is no device identifier of GS1, HIBCC or ICCBBA".to_owned(),
                }),
            },
            _ => field.parse(text),
        };
        match parsed {
            Ok(Some(value)) => Ok(Cell::Value(value)),
            Ok(None) => Ok(Cell::Blank),
            Err(bad) => {
                let hint = match field.kind() {
                    FieldKind::Choice(_) => format!(
                        "Correct the cell, or say in a map file what this word means: [values.{}] \"{text}\" = \"…\".",
                        field.key()
                    ),
                    _ => "Correct the cell.".to_owned(),
                };
                Err((
                    format!("{} cannot be this: {}.", field.label(), bad.why),
                    hint,
                ))
            }
        }
    }

    fn date(&self, text: &str) -> Result<Cell, Wrong> {
        let read = read_date(text);
        if read == DateRead::Nothing {
            return Ok(Cell::Unknown);
        }
        if let Some(day) = read.day(self.evidence.order) {
            return Ok(Cell::Value(Value::Date(day)));
        }
        match read {
            // The column's one mistake already asks.
            DateRead::Either { .. } if self.evidence.undecided => Ok(Cell::Blank),
            DateRead::Decides(..) => Err((
                "The other dates of this column have day and month the other way round.".to_owned(),
                "Correct this date; written as 2024-12-31 it is always understood.".to_owned(),
            )),
            _ => Err((
                "This is not a date.".to_owned(),
                "Write it as 2024-12-31, or leave the cell empty.".to_owned(),
            )),
        }
    }

    fn money(&self, text: &str) -> Result<Cell, Wrong> {
        let read = read_money(text);
        match read.amount(self.evidence.mark) {
            Some(amount) if amount.is_sign_negative() && !amount.is_zero() => Err((
                "A price cannot be negative.".to_owned(),
                "Correct the price, or leave the cell empty.".to_owned(),
            )),
            Some(amount) => Ok(Cell::Value(Value::Number(amount))),
            None if matches!(read, MoneyRead::Either { .. }) => Err((
                "The point may group thousands or stand before the cents; no other price in this column tells.".to_owned(),
                "Write the price with two decimals, as in 1250.00.".to_owned(),
            )),
            None => Err((
                "This is not an amount of money.".to_owned(),
                "Write it as 1250.50, or leave the cell empty.".to_owned(),
            )),
        }
    }
}

fn status(text: &str) -> Result<Cell, Wrong> {
    // A word such as "missing" says much in a status column; a gap is told only after that.
    match read_status(text) {
        Some(read) => Ok(match (read.stage, read.hint) {
            (Some(stage), _) => Cell::Stage(stage),
            (None, Some(hint)) => Cell::Hint(hint, text.to_owned()),
            (None, None) => Cell::Unknown,
        }),
        None if says_nothing(None, text) => Ok(Cell::Unknown),
        None => Err((
            "This status is not known.".to_owned(),
            format!(
                "Say in a map file (--map) what it means: [values.status] \"{text}\" = \"in-service\" (or one of {}, missing, on-loan, sent-out).",
                Stage::keys()
            ),
        )),
    }
}

fn retired(text: &str) -> Result<Cell, Wrong> {
    if says_nothing(None, text) {
        return Ok(Cell::Unknown);
    }
    if let Some(yes) = yes_no(text) {
        return Ok(Cell::Retired(yes));
    }
    match read_date(text) {
        DateRead::Nothing => Ok(Cell::Unknown),
        DateRead::No => match fold(text).as_str() {
            "retired" | "inactive" | "disposed" => Ok(Cell::Retired(true)),
            "active" | "notretired" => Ok(Cell::Retired(false)),
            _ => Err((
                "This does not say whether the device is retired.".to_owned(),
                "Write yes, no, or the day it was retired.".to_owned(),
            )),
        },
        _ => Ok(Cell::Retired(true)),
    }
}

/// What a sound cell still needs a look for.
pub fn doubts(line: usize, usage: &ColumnUse, raw: &str, value: &Value) -> Vec<Warning> {
    let warn = |text: &str| Warning {
        line,
        column: Some(usage.column.clone()),
        text: text.to_owned(),
    };
    let mut out = Vec::new();
    let (Some(Target::Field(field)), Value::Text(text)) = (usage.target, value) else {
        return out;
    };
    let exact = matches!(
        field,
        Field::AssetTag
            | Field::Serial
            | Field::Model
            | Field::ModelNumber
            | Field::CatalogueNumber
            | Field::UdiDi
            | Field::Lot
            | Field::PurchaseOrder
    );
    if exact && is_scientific(text) {
        out.push(warn(&format!(
            "\"{text}\" is a long number that a spreadsheet has shortened; the real digits are lost. Taken over as it stands; read the label and correct it."
        )));
    }
    if field == Field::UdiDi
        && let Some(read) = device_identifier(raw)
    {
        if !read.checks {
            out.push(warn(&format!(
                "The check digit of \"{text}\" is wrong. Taken over as it stands; read the label and correct it."
            )));
        }
        if let Some(label) = &read.label {
            let more: Vec<String> = [("lot", &label.lot), ("serial", &label.serial)]
                .into_iter()
                .filter_map(|(name, value)| Some(format!("{name} {}", value.as_ref()?)))
                .collect();
            let more = if more.is_empty() {
                String::new()
            } else {
                format!(
                    " The label also says {}; give them their own columns.",
                    more.join(", ")
                )
            };
            out.push(warn(&format!(
                "The cell holds a whole label; its device identifier {text} is kept.{more}"
            )));
        }
    }
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    if field == Field::UdiDi && digits && (11..14).contains(&text.len()) {
        out.push(warn(&format!(
            "\"{text}\" has {} digits, a GTIN on a label has 14: leading zeros may be lost. Taken over as it stands.",
            text.len()
        )));
    }
    if raw.contains('\u{fffd}') {
        out.push(warn("It holds characters that could not be read in the file's encoding. Export the list as UTF-8."));
    }
    out
}
