//! A TOML table seen as a set of expected keys: takes each key once, reports wrong types, and at the end the unknown keys.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistake::{Mistakes, suggest};
use crate::domain::measure::{Decimal, parse_number};

/// A value with its place in the file.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// A parsed value with its place in the file.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// One table being read.
pub(super) struct Fields<'t, 's> {
    table: &'t DeTable<'s>,
    /// The place of the table, for what is missing.
    pub span: Range<usize>,
    /// What the table is, for messages: "the step", "the section".
    name: &'static str,
    known: Vec<&'static str>,
}

impl<'t, 's> Fields<'t, 's> {
    pub(super) fn new(table: &'t DeTable<'s>, span: Range<usize>, name: &'static str) -> Self {
        Self {
            table,
            span,
            name,
            known: Vec::new(),
        }
    }

    /// The table of a value, or a mistake.
    pub(super) fn of(
        value: &'t Value<'s>,
        name: &'static str,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<Self> {
        if let Some(table) = value.get_ref().as_table() {
            Some(Self::new(table, value.span(), name))
        } else {
            wrong_type(value, "a table like { key = value }", mistakes);
            None
        }
    }

    /// The value of a key, which is thereby known.
    pub(super) fn value(&mut self, key: &'static str) -> Option<&'t Value<'s>> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.table
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    /// Whether the table holds the key.
    pub(super) fn has(&mut self, key: &'static str) -> bool {
        self.value(key).is_some()
    }

    pub(super) fn text(
        &mut self,
        key: &'static str,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<At<String>> {
        let value = self.value(key)?;
        let text = text_of(value, mistakes)?;
        if text.value.trim().is_empty() {
            mistakes.add(
                &value.span(),
                format!("\"{key}\" is empty"),
                "Write something, or leave the line out",
            );
            return None;
        }
        Some(text)
    }

    /// A text that must be there.
    pub(super) fn needed(
        &mut self,
        key: &'static str,
        mend: &str,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<At<String>> {
        if !self.has(key) {
            let what = format!("{} has no \"{key}\"", self.name);
            mistakes.missing(&self.span, what, mend);
        }
        self.text(key, mistakes)
    }

    pub(super) fn flag(
        &mut self,
        key: &'static str,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<At<bool>> {
        let value = self.value(key)?;
        if let Some(flag) = value.get_ref().as_bool() {
            Some(At {
                value: flag,
                span: value.span(),
            })
        } else {
            wrong_type(value, "true or false, without quotes", mistakes);
            None
        }
    }

    /// A whole number from 0 up.
    pub(super) fn whole(&mut self, key: &'static str, mistakes: &mut Mistakes<'_>) -> Option<u32> {
        let value = self.value(key)?;
        let number = value
            .get_ref()
            .as_integer()
            .filter(|n| n.radix() == 10)
            .and_then(|n| n.as_str().replace('_', "").parse().ok());
        if number.is_none() {
            wrong_type(value, "a whole number from 0 to 4294967295", mistakes);
        }
        number
    }

    /// A list of texts; absent is empty.
    pub(super) fn texts(
        &mut self,
        key: &'static str,
        mistakes: &mut Mistakes<'_>,
    ) -> Vec<At<String>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            wrong_type(value, "a list like [\"one\", \"two\"]", mistakes);
            return Vec::new();
        };
        let mut found = Vec::new();
        for item in array {
            match text_of(item, mistakes) {
                Some(text) if text.value.trim().is_empty() => {
                    mistakes.add(
                        &item.span(),
                        "an empty text",
                        "Write something, or take it out",
                    );
                }
                text => found.extend(text),
            }
        }
        found
    }

    /// A list of values; absent is empty.
    pub(super) fn list(
        &mut self,
        key: &'static str,
        mistakes: &mut Mistakes<'_>,
    ) -> Vec<&'t Value<'s>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        if let Some(array) = value.get_ref().as_array() {
            array.iter().collect()
        } else {
            wrong_type(value, "a list like [ … ]", mistakes);
            Vec::new()
        }
    }

    /// Reports every key that nobody asked for.
    pub(super) fn done(self, mistakes: &mut Mistakes<'_>) {
        for (key, _) in self.table {
            let name: &str = key.get_ref();
            if !self.known.contains(&name) {
                mistakes.add(
                    &key.span(),
                    format!("{} knows no \"{name}\"", self.name),
                    suggest(name, self.known.iter().copied()),
                );
            }
        }
    }
}

/// The text of a value, or a mistake.
pub(super) fn text_of(value: &Value<'_>, mistakes: &mut Mistakes<'_>) -> Option<At<String>> {
    if let Some(text) = value.get_ref().as_str() {
        // A terminal would obey them, and no text for people needs them.
        if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\t'))
        {
            mistakes.add(
                &value.span(),
                "the text holds a control character",
                "Take it out; line breaks and tabs are allowed",
            );
            return None;
        }
        Some(At {
            value: text.to_owned(),
            span: value.span(),
        })
    } else {
        wrong_type(value, "a text in quotes", mistakes);
        None
    }
}

/// The exact decimal of a number, or a mistake; `None` without a mistake if the value is no number at all.
pub(super) fn number_of(value: &Value<'_>, mistakes: &mut Mistakes<'_>) -> Option<Decimal> {
    let text = match value.get_ref() {
        DeValue::Integer(n) if n.radix() == 10 => n.as_str(),
        DeValue::Integer(n) => {
            let what = format!("\"{}\" is not a decimal number", n.as_str());
            mistakes.add(&value.span(), what, "Write it with the digits 0 to 9");
            return None;
        }
        DeValue::Float(n) => n.as_str(),
        _ => {
            wrong_type(value, "a number", mistakes);
            return None;
        }
    };
    match parse_number(&text.replace('_', "")) {
        Ok(number) => Some(number),
        Err(error) => {
            mistakes.add(
                &value.span(),
                error.to_string(),
                "Write a plain number like 0.5, at most 15 digits, no exponent",
            );
            None
        }
    }
}

/// Notes that a value is not of the kind expected.
pub(super) fn wrong_type(value: &Value<'_>, want: &str, mistakes: &mut Mistakes<'_>) {
    let is = match value.get_ref() {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    mistakes.add(
        &value.span(),
        format!("this is {is}"),
        format!("Write {want}"),
    );
}
