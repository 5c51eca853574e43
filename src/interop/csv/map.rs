//! The map file: what a person says about one system's export, kept for the next time.
//!
//! ```toml
//! dates = "dmy"                 # day first; "mdy": month first
//! delimiter = ";"               # only when the detection is wrong
//! empty = ["location"]          # fields that a blank cell empties; all others stay as they are
//!
//! [columns]                     # their heading = our key; "ignore" keeps a column out
//! "Betr.-Nr." = "tag"
//!
//! [values.status]               # their word = our word; "" reads as a blank cell
//! "ACTIVE" = "in-service"
//!
//! [defaults]                    # for devices that are new and say nothing there
//! ownership = "hospital"
//! ```
//!
//! Invariant: a map that is accepted can be written out and reads back the same.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::dates::DateOrder;
use super::header::Target;
use super::mistake::{ColumnRef, Mistake, Reach, short};
use super::words::read_status;
use crate::domain::choices::fold;
use crate::domain::device::{Field, Value};

/// What a map file says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ColumnMap {
    /// Their heading, as written, with what it is here.
    pub columns: BTreeMap<String, Target>,
    /// For a target: their word with ours; an empty word of ours reads as a blank cell.
    pub values: BTreeMap<Target, BTreeMap<String, String>>,
    /// Values for new devices that say nothing in this field.
    pub defaults: BTreeMap<Field, Value>,
    /// Fields that a blank cell empties.
    pub empty: Vec<Field>,
    /// Day first or month first.
    pub dates: Option<DateOrder>,
    /// The separator.
    pub delimiter: Option<char>,
}

type Table<'i> = DeTable<'i>;

struct Reader<'t> {
    text: &'t str,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn wrong(&mut self, at: usize, reason: String, hint: impl Into<String>) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let column = before
            .get(line_start..)
            .map_or(1, |part| part.chars().count() + 1);
        self.mistakes.push(Mistake {
            line: before.matches('\n').count() + 1,
            column: Some(ColumnRef {
                number: column,
                name: "map file".to_owned(),
            }),
            value: String::new(),
            reason,
            hint: hint.into(),
            reach: Reach::File,
        });
    }

    fn text_of<'v>(&mut self, value: &'v Spanned<DeValue<'_>>, what: &str) -> Option<&'v str> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(text);
        }
        self.wrong(
            value.span().start,
            format!("{what} must be a text."),
            "Put it in quotation marks.",
        );
        None
    }

    fn table_of<'v, 'i>(
        &mut self,
        value: &'v Spanned<DeValue<'i>>,
        what: &str,
    ) -> Option<&'v Table<'i>> {
        if let DeValue::Table(table) = value.get_ref() {
            return Some(table);
        }
        self.wrong(
            value.span().start,
            format!("{what} must be a section."),
            format!("Begin it with [{what}] on a line of its own."),
        );
        None
    }

    fn target(&mut self, at: usize, key: &str) -> Option<Target> {
        let found = Target::from_key(key);
        if found.is_none() {
            self.wrong(
                at,
                format!("\"{}\" is no field of a device.", short(key)),
                format!("Use one of: {}.", Target::keys()),
            );
        }
        found
    }

    fn field(&mut self, at: usize, key: &str) -> Option<Field> {
        match self.target(at, key)? {
            Target::Field(field) => Some(field),
            other => {
                self.wrong(
                    at,
                    format!("\"{}\" cannot stand here.", other.key()),
                    "Only fields of a device can.",
                );
                None
            }
        }
    }

    fn columns(&mut self, table: &Table<'_>, map: &mut ColumnMap) {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for (header, key) in table {
            let Some(text) = self.text_of(key, "The key of a column") else {
                continue;
            };
            if let Some(first) = seen.insert(fold(header.get_ref()), header.get_ref()) {
                self.wrong(
                    header.span().start,
                    format!(
                        "\"{first}\" and \"{}\" are the same heading.",
                        header.get_ref()
                    ),
                    "Case, spaces and punctuation do not count; keep one of them.",
                );
            }
            if let Some(target) = self.target(key.span().start, text) {
                map.columns.insert(header.get_ref().to_string(), target);
            }
        }
    }

    fn values(&mut self, table: &Table<'_>, map: &mut ColumnMap) {
        for (key, words) in table {
            let Some(target) = self.target(key.span().start, key.get_ref()) else {
                continue;
            };
            let Some(words) = self.table_of(words, &format!("values.{}", target.key())) else {
                continue;
            };
            for (theirs, ours) in words {
                let Some(word) = self.text_of(ours, "A word of ours") else {
                    continue;
                };
                if let Some((reason, hint)) = bad_word(target, word) {
                    self.wrong(ours.span().start, reason, hint);
                    continue;
                }
                map.values
                    .entry(target)
                    .or_default()
                    .insert(theirs.get_ref().to_string(), word.to_owned());
            }
        }
    }

    fn defaults(&mut self, table: &Table<'_>, map: &mut ColumnMap) {
        for (key, value) in table {
            let Some(field) = self.field(key.span().start, key.get_ref()) else {
                continue;
            };
            if matches!(field, Field::AssetTag | Field::Serial) {
                self.wrong(
                    key.span().start,
                    format!("{} cannot have a default.", field.label()),
                    "It tells devices apart. Remove this line.",
                );
                continue;
            }
            let Some(text) = self.text_of(value, "A default") else {
                continue;
            };
            match field.parse(text) {
                Ok(Some(value)) => {
                    map.defaults.insert(field, value);
                }
                Ok(None) => {}
                Err(bad) => self.wrong(value.span().start, format!("{bad}."), "Correct the value."),
            }
        }
    }

    fn empty(&mut self, value: &Spanned<DeValue<'_>>, map: &mut ColumnMap) {
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong(
                value.span().start,
                "\"empty\" must be a list of fields.".to_owned(),
                "Write it as empty = [\"location\", \"notes\"].",
            );
            return;
        };
        for item in items {
            let Some(text) = self.text_of(item, "A field") else {
                continue;
            };
            match self.field(item.span().start, text) {
                Some(Field::AssetTag | Field::Serial) => self.wrong(
                    item.span().start,
                    "A blank cell never empties the tag or the serial.".to_owned(),
                    "Remove it from the list.",
                ),
                Some(field) if !map.empty.contains(&field) => map.empty.push(field),
                _ => {}
            }
        }
    }

    fn delimiter(&mut self, value: &Spanned<DeValue<'_>>) -> Option<char> {
        let text = self.text_of(value, "\"delimiter\"")?;
        let mut chars = text.chars();
        if let (Some(c @ (',' | ';' | '\t' | '|')), None) = (chars.next(), chars.next()) {
            return Some(c);
        }
        self.wrong(
            value.span().start,
            format!("\"{}\" cannot be the separator.", short(text)),
            "Use a comma, a semicolon, a tab (\"\\t\") or a bar.",
        );
        None
    }

    fn dates(&mut self, value: &Spanned<DeValue<'_>>) -> Option<DateOrder> {
        let text = self.text_of(value, "\"dates\"")?;
        let order = DateOrder::from_key(text);
        if order.is_none() {
            self.wrong(
                value.span().start,
                format!("\"{}\" is no order of day and month.", short(text)),
                "Write \"dmy\" for day first or \"mdy\" for month first.",
            );
        }
        order
    }
}

/// Why a word of ours does not fit its target.
fn bad_word(target: Target, word: &str) -> Option<(String, String)> {
    if word.is_empty() {
        return None;
    }
    match target {
        Target::Field(field) => field.parse(word).err().map(|bad| {
            (
                format!("{bad}."),
                "Correct the word on the right.".to_owned(),
            )
        }),
        Target::Status => read_status(word).is_none().then(|| {
            (
                format!("\"{}\" is no status.", short(word)),
                format!(
                    "Use one of: {}, missing, on-loan, sent-out.",
                    crate::domain::device::Stage::keys()
                ),
            )
        }),
        Target::Retired => (!matches!(word, "yes" | "no")).then(|| {
            (
                format!("\"{}\" does not say whether it is retired.", short(word)),
                "Use \"yes\", \"no\" or \"\".".to_owned(),
            )
        }),
        Target::Ignore => Some((
            "A column that is not used has no values.".to_owned(),
            "Remove this section.".to_owned(),
        )),
    }
}

impl ColumnMap {
    /// Reads a map file. Every mistake is listed, with line and column of the map file.
    pub fn from_toml(text: &str) -> Result<Self, Vec<Mistake>> {
        let mut reader = Reader {
            text,
            mistakes: Vec::new(),
        };
        let mut map = Self::default();
        match DeTable::parse(text) {
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                reader.wrong(
                    at,
                    format!("This is not TOML: {}.", short(error.message())),
                    "Correct this place.",
                );
            }
            Ok(root) => {
                for (key, value) in root.get_ref() {
                    match key.get_ref().as_ref() {
                        "columns" => {
                            if let Some(table) = reader.table_of(value, "columns") {
                                reader.columns(table, &mut map);
                            }
                        }
                        "values" => {
                            if let Some(table) = reader.table_of(value, "values") {
                                reader.values(table, &mut map);
                            }
                        }
                        "defaults" => {
                            if let Some(table) = reader.table_of(value, "defaults") {
                                reader.defaults(table, &mut map);
                            }
                        }
                        "empty" => reader.empty(value, &mut map),
                        "dates" => map.dates = reader.dates(value),
                        "delimiter" => map.delimiter = reader.delimiter(value),
                        other => reader.wrong(
                            key.span().start,
                            format!("\"{}\" is no part of a map.", short(other)),
                            "Use columns, values, defaults, empty, dates or delimiter.",
                        ),
                    }
                }
            }
        }
        if reader.mistakes.is_empty() {
            Ok(map)
        } else {
            reader.mistakes.sort();
            Err(reader.mistakes)
        }
    }

    /// The map as a file that reads back the same.
    pub fn to_toml(&self) -> String {
        let text = |s: &str| toml::Value::String(s.to_owned());
        let table =
            |pairs: Vec<(String, toml::Value)>| toml::Value::Table(pairs.into_iter().collect());
        let mut root = toml::Table::new();
        if let Some(order) = self.dates {
            root.insert("dates".to_owned(), text(order.key()));
        }
        if let Some(delimiter) = self.delimiter {
            root.insert("delimiter".to_owned(), text(&delimiter.to_string()));
        }
        if !self.empty.is_empty() {
            let keys = self.empty.iter().map(|f| text(f.key())).collect();
            root.insert("empty".to_owned(), toml::Value::Array(keys));
        }
        let columns = self.columns.iter();
        root.insert(
            "columns".to_owned(),
            table(columns.map(|(h, t)| (h.clone(), text(t.key()))).collect()),
        );
        if !self.values.is_empty() {
            let sections = self.values.iter().map(|(target, words)| {
                let words = words.iter().map(|(a, b)| (a.clone(), text(b))).collect();
                (target.key().to_owned(), table(words))
            });
            root.insert("values".to_owned(), table(sections.collect()));
        }
        if !self.defaults.is_empty() {
            let pairs = self.defaults.iter();
            let pairs = pairs.map(|(f, v)| (f.key().to_owned(), text(&f.key_of(v))));
            root.insert("defaults".to_owned(), table(pairs.collect()));
        }
        // A table of texts has nothing that TOML cannot write.
        toml::to_string(&root).unwrap_or_default()
    }

    /// What the map says a heading is.
    pub fn target(&self, header: &str) -> Option<Target> {
        let wanted = fold(header);
        self.columns
            .iter()
            .find(|(theirs, _)| theirs.trim() == header.trim())
            .or_else(|| {
                self.columns
                    .iter()
                    .find(|(theirs, _)| !wanted.is_empty() && fold(theirs) == wanted)
            })
            .map(|(_, target)| *target)
    }

    /// Our word for a word of theirs.
    pub fn word(&self, target: Target, theirs: &str) -> Option<&str> {
        let words = self.values.get(&target)?;
        let theirs = theirs.trim();
        words
            .get(theirs)
            .or_else(|| {
                words
                    .iter()
                    .find(|(word, _)| word.trim().to_lowercase() == theirs.to_lowercase())
                    .map(|(_, ours)| ours)
            })
            .map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = r#"
dates = "dmy"
delimiter = ";"
empty = ["location"]

[columns]
"Betr.-Nr." = "tag"
"Lieferant" = "ignore"
"Zust" = "status"

[values.status]
"ACTIVE" = "in-service"
"VERSCHOLLEN" = "missing"
"?" = ""

[values.ownership]
"Eigentum" = "hospital"

[defaults]
department = "ICU"
high_risk = "no"
"#;

    #[test]
    fn a_map_reads_and_writes_back() {
        let map = ColumnMap::from_toml(GOOD).unwrap();
        assert_eq!(map.target("betr nr"), Some(Target::Field(Field::AssetTag)));
        assert_eq!(map.target("Lieferant"), Some(Target::Ignore));
        assert_eq!(map.word(Target::Status, "active"), Some("in-service"));
        assert_eq!(map.word(Target::Status, "?"), Some(""));
        assert_eq!(map.defaults.len(), 2);
        assert_eq!(ColumnMap::from_toml(&map.to_toml()).unwrap(), map);
        let nothing = ColumnMap::default();
        assert_eq!(ColumnMap::from_toml(&nothing.to_toml()).unwrap(), nothing);
    }

    #[test]
    fn every_mistake_is_named_with_its_place() {
        for (text, line, column, word) in [
            ("dates = \"ymd\"", 1, 9, "day and month"),
            ("\ndates = 5", 2, 9, "must be a text"),
            ("[columns]\n\"X\" = \"serail\"", 2, 7, "no field"),
            ("[columns]\n\"X\" = 1", 2, 7, "must be a text"),
            (
                "[columns]\n\"Tag #\" = \"tag\"\n\"TAG\" = \"tag\"",
                3,
                1,
                "same heading",
            ),
            ("[values.status]\n\"A\" = \"smashed\"", 2, 7, "no status"),
            ("[values.ownership]\n\"A\" = \"mine\"", 2, 7, "cannot be"),
            ("[values.retired]\n\"A\" = \"perhaps\"", 2, 7, "retired"),
            ("[values]\nstatus = \"x\"", 2, 10, "section"),
            ("[defaults]\nem_risk = \"9\"", 2, 11, "score"),
            ("[defaults]\ntag = \"9\"", 2, 1, "default"),
            ("empty = [\"serial\"]", 1, 10, "never empties"),
            ("delimiter = \"ab\"", 1, 13, "separator"),
            ("colums = 1", 1, 1, "no part"),
            ("[columns", 1, 9, "not TOML"),
        ] {
            let mistakes = ColumnMap::from_toml(text).unwrap_err();
            let first = &mistakes[0];
            assert!(first.reason.contains(word), "{text}: {first}");
            assert_eq!(first.line, line, "{text}: {first}");
            let number = first.column.as_ref().unwrap().number;
            assert_eq!(number, column, "{text}: {first}");
        }
        let two = ColumnMap::from_toml("dates = 1\ndelimiter = 2\n").unwrap_err();
        assert_eq!(two.len(), 2);
    }

    proptest! {
        #[test]
        fn any_headings_survive(headers in proptest::collection::btree_map("[a-z\"\\\\ =#é]{1,8}[0-9]{6}", 0usize..Field::ALL.len(), 0..5)) {
            let map = ColumnMap {
                columns: headers.into_iter().map(|(h, i)| (h, Target::Field(Field::ALL[i]))).collect(),
                ..ColumnMap::default()
            };
            prop_assume!({
                let mut folded: Vec<_> = map.columns.keys().map(|h| fold(h)).collect();
                folded.sort();
                folded.windows(2).all(|w| w[0] != w[1])
            });
            prop_assert_eq!(ColumnMap::from_toml(&map.to_toml()).unwrap(), map);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,80}|[a-z\\[\\]\"=\n.]{0,60}") {
            let _ = ColumnMap::from_toml(&text);
        }
    }
}
