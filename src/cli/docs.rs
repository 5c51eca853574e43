//! `completions`, `man` and the README's command reference: made from the command line itself.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory as _};
use clap_complete::Shell;
use serde_json::json;

use super::args::Cli;
use super::done::{Done, Trouble};

/// The whole command line as clap knows it.
pub fn command() -> Command {
    let mut command = Cli::command();
    command.build();
    command
}

/// The command reference of the README: a Markdown table per family, so that it cannot drift from the program.
pub fn markdown() -> String {
    let command = command();
    let mut alone = String::new();
    let mut families = String::new();
    for sub in named(&command) {
        if named(sub).next().is_none() {
            alone.push_str(&row(sub));
            continue;
        }
        say!(families, "\n{}:\n\n{HEAD}", about(sub));
        for sub in named(sub) {
            families.push_str(&row(sub));
        }
    }
    let mut out = format!("Single commands:\n\n{HEAD}{alone}{families}\nEvery command takes:\n\n");
    out.push_str("| Option | What it does |\n| --- | --- |\n");
    for option in command.get_arguments().filter(|a| a.is_global_set()) {
        let value = option
            .get_value_names()
            .filter(|_| option.get_action().takes_values())
            .map(|names| format!(" {}", names.join(" ")))
            .unwrap_or_default();
        let help = option.get_help().map(ToString::to_string);
        say!(
            out,
            "| `--{}{value}` | {} |\n",
            option.get_long().unwrap_or_default(),
            cell(&help.unwrap_or_default())
        );
    }
    out
}

const HEAD: &str = "| Command | What it does |\n| --- | --- |\n";

/// The subcommands but `help`.
fn named(command: &Command) -> impl Iterator<Item = &Command> {
    command
        .get_subcommands()
        .filter(|sub| sub.get_name() != "help")
}

fn about(command: &Command) -> String {
    command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// One command: its name, what must follow it, and what it does.
fn row(command: &Command) -> String {
    let name = command
        .get_bin_name()
        .unwrap_or_else(|| command.get_name())
        .to_owned();
    let values: String = command
        .get_positionals()
        .map(|value| {
            if value.is_required_set() {
                format!(" {}", value.get_id().as_str().to_uppercase())
            } else {
                format!(" [{}]", value.get_id().as_str().to_uppercase())
            }
        })
        .collect();
    format!("| `{name}{values}` | {} |\n", cell(&about(command)))
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write one page per command into this folder (default: print the first page)
    pub dir: Option<PathBuf>,
}

/// The completion script of a shell.
pub fn completions(arguments: &CompletionsArgs) -> Result<Done, Trouble> {
    let mut out = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "tagout", &mut out);
    let text = String::from_utf8_lossy(&out).into_owned();
    let json = json!({"shell": arguments.shell.to_string(), "script": text});
    Ok(Done::new(text, json))
}

/// The manual.
pub fn man(arguments: &ManArgs) -> Result<Done, Trouble> {
    let mut command = Cli::command();
    command.build();
    let Some(dir) = &arguments.dir else {
        let text = page(&command, Path::new("tagout.1"))?;
        let text = String::from_utf8_lossy(&text).into_owned();
        return Ok(Done::new(text.clone(), json!({"page": text})));
    };
    std::fs::create_dir_all(dir).map_err(|error| Trouble::file("make", dir, &error))?;
    let mut files = Vec::new();
    pages(&command, "tagout", dir, &mut files)?;
    let text = format!("{} pages written to {}.\n", files.len(), dir.display());
    Ok(Done::new(text, json!({"files": files})))
}

fn pages(
    command: &Command,
    name: &str,
    dir: &Path,
    files: &mut Vec<String>,
) -> Result<(), Trouble> {
    let path = dir.join(format!("{name}.1"));
    let bytes = page(&command.clone().name(name.to_owned()), &path)?;
    std::fs::File::create(&path)
        .and_then(|mut file| file.write_all(&bytes))
        .map_err(|error| Trouble::file("write", &path, &error))?;
    files.push(path.display().to_string());
    for sub in command
        .get_subcommands()
        .filter(|sub| sub.get_name() != "help")
    {
        pages(sub, &format!("{name}-{}", sub.get_name()), dir, files)?;
    }
    Ok(())
}

fn page(command: &Command, path: &Path) -> Result<Vec<u8>, Trouble> {
    let mut out = Vec::new();
    clap_mangen::Man::new(command.clone())
        .render(&mut out)
        .map_err(|error| Trouble::file("make", path, &error))?;
    Ok(out)
}
