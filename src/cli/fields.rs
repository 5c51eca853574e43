//! Device fields on the command line: one `--kebab-key` option per field, and `key=value` words.

use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};

use crate::domain::device::{BadValue, Field, FieldKind, Value};
use crate::domain::refusal::Refusal;

use crate::identify::device_identifier;
use crate::identify::text::clean;

use super::done::{Trouble, note};
use super::place::Place;

/// One option per device field except the asset tag, made from the table of fields.
#[derive(Clone, Debug, Default)]
pub struct FieldArgs {
    given: Vec<(Field, String)>,
}

impl FieldArgs {
    /// The values given, read as each field's kind; empty ones are left out.
    pub fn values(&self) -> Result<Vec<(Field, Value)>, Trouble> {
        let mut out = Vec::new();
        for (field, text) in &self.given {
            if let Some(value) = field.parse(text).map_err(bad)? {
                out.push((*field, value));
            }
        }
        Ok(out)
    }
}

/// The option's name: the field's key with dashes.
pub fn option_of(field: Field) -> String {
    field.key().replace('_', "-")
}

fn options() -> impl Iterator<Item = Field> {
    Field::ALL
        .iter()
        .copied()
        .filter(|field| *field != Field::AssetTag)
}

fn help_of(field: Field) -> String {
    match field.kind() {
        FieldKind::Date => format!("{} (YYYY-MM-DD)", field.label()),
        FieldKind::List => format!("{} (several with ; between)", field.label()),
        FieldKind::Choice(choices) => {
            let keys: Vec<&str> = choices.iter().map(|choice| choice.key).collect();
            format!("{}: {}", field.label(), keys.join(", "))
        }
        FieldKind::Text | FieldKind::Identifier | FieldKind::Number => field.label().to_owned(),
    }
}

impl FromArgMatches for FieldArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let given = options()
            .filter_map(|field| {
                let text: &String = matches.get_one(field.key())?;
                Some((field, text.clone()))
            })
            .collect();
        Ok(Self { given })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for FieldArgs {
    fn augment_args(command: Command) -> Command {
        options().fold(command, |command, field| {
            let name = option_of(field);
            let mut arg = Arg::new(field.key())
                .long(name.clone())
                .value_name("TEXT")
                .help(help_of(field))
                .help_heading("Fields");
            if name != field.key() {
                arg = arg.alias(field.key());
            }
            command.arg(arg)
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// A `key=value` word; an empty value empties the field.
pub fn assignment(word: &str) -> Result<(Field, Option<Value>), Trouble> {
    let Some((key, text)) = word.split_once('=') else {
        return Err(Trouble::usage(
            format!("\"{word}\" is not a field and its value."),
            "Write field=value, as in department=ICU.",
        ));
    };
    let field = Field::from_key(key).ok_or_else(|| {
        let keys: Vec<&str> = Field::ALL.iter().map(|field| field.key()).collect();
        Trouble::usage(
            format!("There is no field \"{key}\"."),
            format!("Fields: {}.", keys.join(", ")),
        )
    })?;
    Ok((field, field.parse(text).map_err(bad)?))
}

/// A value that a field cannot hold is refused in the field's own words.
pub fn bad(error: BadValue) -> Trouble {
    Refusal::bad_input(
        format!("{error}."),
        "Nothing was recorded. Correct the value and try again.",
    )
    .into()
}

/// A device identifier as it is kept: the identifier alone, with a word where its check digit is wrong or more was given.
pub fn identifier(place: &Place, text: &str) -> Result<Value, Trouble> {
    let read = device_identifier(text).ok_or_else(|| {
        Trouble::from(Refusal::bad_input(
            format!(
                "\"{}\" is no device identifier of GS1, HIBCC or ICCBBA.",
                clean(text)
            ),
            "Scan the label, or type the number beside (01). Nothing was recorded.",
        ))
    })?;
    if !read.checks {
        note(
            place.json(),
            &format!(
                "The check digit of {} is wrong; it is kept as given.",
                read.di
            ),
        );
    }
    Field::UdiDi
        .parse(&read.di)
        .map_err(bad)?
        .ok_or_else(|| Trouble::usage("The device identifier is empty.", "Scan the label."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_an_option_and_comes_back() {
        let command = FieldArgs::augment_args(Command::new("t"));
        command.clone().debug_assert();
        for field in options() {
            let text = match field.kind() {
                FieldKind::Date => "2024-02-29",
                FieldKind::Number => "3",
                FieldKind::Choice(choices) => choices[0].key,
                _ if field == Field::Ip => "10.20.3.4",
                _ if field == Field::Mac => "00:1B:44:11:3A:B7",
                _ => "name: CF",
            };
            let matches = command
                .clone()
                .try_get_matches_from([
                    "t".to_owned(),
                    format!("--{}", option_of(field)),
                    text.to_owned(),
                ])
                .unwrap();
            let values = FieldArgs::from_arg_matches(&matches)
                .unwrap()
                .values()
                .unwrap();
            assert_eq!(values.len(), 1);
            assert_eq!(values[0].0, field);
            assert_eq!(field.key_of(&values[0].1), text);
        }
    }

    #[test]
    fn assignments_are_read_or_refused() {
        let (field, value) = assignment("Department = ICU").unwrap();
        assert_eq!(
            (field, value),
            (Field::Department, Some(Value::Text("ICU".to_owned())))
        );
        assert_eq!(assignment("notes=").unwrap(), (Field::Notes, None));
        assert_eq!(assignment("ICU").unwrap_err().exit_code(), 2);
        assert_eq!(assignment("colour=red").unwrap_err().exit_code(), 2);
        assert_eq!(assignment("ephi=perhaps").unwrap_err().exit_code(), 1);
    }
}
