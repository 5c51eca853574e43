//! `completions` and `man`: made from the command line itself.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory as _};
use clap_complete::Shell;
use serde_json::json;

use super::args::Cli;
use super::done::{Done, Trouble};

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
