//! What is wrong with a file, and what deserves a second look: always with the place, the reason and what to do.
//!
//! Invariant: a mistake keeps something out of the store; a warning never does.

use std::fmt;

use serde::Serialize;

/// What a mistake keeps out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// The whole file: it cannot be imported before this is answered, not even in part.
    File,
    /// One row: it is refused; the others are sound.
    Row,
}

/// A column as a person finds it in the file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct ColumnRef {
    /// Counted from 1.
    pub number: usize,
    /// The header as written; empty when the column has none.
    pub name: String,
}

impl fmt::Display for ColumnRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() {
            write!(f, "column {} (no heading)", self.number)
        } else {
            write!(f, "column {} \"{}\"", self.number, self.name)
        }
    }
}

/// Something that cannot be taken over.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Mistake {
    /// Line of the file, from 1; 0 when it concerns no line.
    pub line: usize,
    /// The column, if it concerns one.
    pub column: Option<ColumnRef>,
    /// What the cell says, shortened, without control characters.
    pub value: String,
    /// Why it cannot be taken over, as a sentence.
    pub reason: String,
    /// What to do, as a sentence.
    pub hint: String,
    /// What it keeps out.
    pub reach: Reach,
}

impl Mistake {
    /// A mistake that keeps the whole file out.
    pub fn of_file(line: usize, reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            line,
            column: None,
            value: String::new(),
            reason: reason.into(),
            hint: hint.into(),
            reach: Reach::File,
        }
    }

    /// A mistake that keeps one row out.
    pub fn of_row(line: usize, reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            reach: Reach::Row,
            ..Self::of_file(line, reason, hint)
        }
    }

    /// The same, naming column and cell.
    pub fn at(mut self, column: ColumnRef, value: &str) -> Self {
        self.column = Some(column);
        self.value = short(value);
        self
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.line > 0 {
            parts.push(format!("line {}", self.line));
        }
        if let Some(column) = &self.column {
            parts.push(column.to_string());
        }
        if !self.value.is_empty() {
            parts.push(format!("\"{}\"", self.value));
        }
        if !parts.is_empty() {
            write!(f, "{}: ", parts.join(", "))?;
        }
        write!(f, "{} {}", self.reason, self.hint)
    }
}

/// Something taken over as it stands that a person should look at.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Warning {
    /// Line of the file, from 1.
    pub line: usize,
    /// The column, if it concerns one.
    pub column: Option<ColumnRef>,
    /// What, and what it means, in a sentence or two.
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", {column}")?;
        }
        write!(f, ": {}", self.text)
    }
}

/// At most 60 characters of a cell on one line, without control characters.
pub fn short(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(61)
        .collect();
    if clean.chars().count() <= 60 {
        clean.trim().to_owned()
    } else {
        clean.chars().take(59).chain(['…']).collect()
    }
}
