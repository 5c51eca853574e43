//! `keys`: show the keys in force, check a keymap file.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::identify::text::clean;
use crate::keymap::describe::{CheckReport, Filter, check_text, rows, show_text};
use crate::keymap::load::names;
use crate::keymap::{Loaded, load};

use super::done::{Done, Trouble};
use super::place::Place;

/// What may be done with keymaps.
#[derive(Debug, Subcommand)]
pub enum KeysSub {
    /// The keys in force, by place, and the scanner's prefix
    Show(ShowArgs),
    /// Check a keymap file: mistakes, keys that may not arrive, hidden meanings
    Check(CheckArgs),
}

/// Arguments of `keys show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Only lines that hold all of these words
    pub words: Vec<String>,
}

/// Arguments of `keys check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The file (default: your own keymap)
    pub file: Option<PathBuf>,
}

/// Runs a keys command.
pub fn run(place: &Place, command: KeysSub) -> Result<Done, Trouble> {
    match command {
        KeysSub::Show(arguments) => {
            let loaded = in_force(place)?;
            let filter = Filter {
                text: arguments.words.join(" "),
                ..Filter::default()
            };
            let rows = rows(&loaded.keymap, &filter);
            let mut text = String::new();
            if let Some(banner) = loaded.banner() {
                say!(text, "! {}\n", clean(&banner));
            }
            text.push_str(&show_text(&loaded.keymap, &rows));
            let prefix = loaded.scanner_prefix.map(|key| key.canonical());
            if arguments.words.is_empty() {
                match &prefix {
                    Some(key) => say!(text, "\nThe scanner sends {key} before each label.\n"),
                    None => say!(
                        text,
                        "\nNo scanner prefix is set: scanner-prefix = \"ctrl-b\" in keymap.toml names one.\n"
                    ),
                }
            }
            let json = json!({
                "keymap": loaded.keymap.name(),
                "keymaps": names(),
                "in_force": loaded.mistakes.is_empty(),
                "scanner_prefix": prefix,
                "keys": as_json(&rows)?,
            });
            Ok(Done::new(text, json))
        }
        KeysSub::Check(arguments) => {
            let (name, loaded) = match arguments.file.or_else(|| own_file(place)) {
                Some(file) => (file.display().to_string(), with_file(place, &file)?),
                None => {
                    let loaded = load(place.globals().keymap.as_deref(), None);
                    (loaded.keymap.name().to_owned(), loaded)
                }
            };
            let report = CheckReport::from(&loaded);
            let code = i32::from(!report.ok);
            let json = as_json(&report)?;
            Ok(Done::new(check_text(&clean(&name), &report), json).code(code))
        }
    }
}

/// The keymap that the options and the person's file give.
pub fn in_force(place: &Place) -> Result<Loaded, Trouble> {
    match named_file(place).or_else(|| own_file(place)) {
        Some(file) => with_file(place, &file),
        None => Ok(load(place.globals().keymap.as_deref(), None)),
    }
}

/// `--keymap` with a path in it.
fn named_file(place: &Place) -> Option<PathBuf> {
    let named = place.globals().keymap.as_deref()?;
    (!names().contains(&named) && Path::new(named).exists()).then(|| PathBuf::from(named))
}

/// `keymap.toml` in the settings folder, if there is one.
fn own_file(place: &Place) -> Option<PathBuf> {
    let file = place.folders().config.as_ref()?.join("keymap.toml");
    file.exists().then_some(file)
}

fn with_file(place: &Place, file: &Path) -> Result<Loaded, Trouble> {
    let text = std::fs::read(file).map_err(|error| Trouble::file("read", file, &error))?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let shipped = place
        .globals()
        .keymap
        .as_deref()
        .filter(|name| Path::new(name) != file && named_file(place).as_deref() != Some(file));
    Ok(load(shipped, Some((&file.display().to_string(), &text))))
}

fn as_json<T: serde::Serialize>(value: &T) -> Result<Value, Trouble> {
    serde_json::to_value(value).map_err(|error| {
        Trouble::usage(
            format!("The keys cannot be written as JSON: {error}."),
            "Leave --json out.",
        )
    })
}
