//! `procedure`: write, check, bring in and adopt checklists.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::bench::Session;
use crate::bench::query::{ProcedureRow, Receipt};
use crate::domain::command::Command;
use crate::domain::id::Hash;
use crate::domain::procedure::Procedure;
use crate::domain::refusal::Refusal;
use crate::domain::stored_procedure::StoredProcedure;
use crate::identify::text::clean;
use crate::interop::procedure::{self, Mistake, library};

use super::done::{Done, Trouble};
use super::inspection::named_procedure;
use super::place::Place;
use super::table::{Table, terminal_width};
use super::{lists, shapes};

/// What may be done with procedures.
#[derive(Debug, Subcommand)]
pub enum ProcedureSub {
    /// Print a commented example to start from
    New,
    /// Report every mistake in a procedure file, with line and column
    Check(FileArgs),
    /// Bring a procedure file in as a version
    Import(FileArgs),
    /// The versions on record
    List,
    /// Show one version as its file
    Show(NameArgs),
    /// Print one version as a paper form
    Print(NameArgs),
    /// Stand for a version, checked against the manufacturer's instructions
    Adopt(AdoptArgs),
    /// Use a version no longer for new inspections
    Withdraw(WithdrawArgs),
    /// The shipped procedures: list them, show one, or bring them in
    Library(LibraryArgs),
}

/// A procedure file.
#[derive(Debug, Args)]
pub struct FileArgs {
    /// The TOML file
    pub file: PathBuf,
}

/// One version.
#[derive(Debug, Args)]
pub struct NameArgs {
    /// The code, or the first digits of the hash
    pub procedure: String,
}

/// Arguments of `procedure adopt`.
#[derive(Debug, Args)]
pub struct AdoptArgs {
    /// The code, or the first digits of the hash
    pub procedure: String,
    /// Printed name of who stands for it
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// The manufacturer's instructions it was checked against, with revision
    #[arg(long, value_name = "MANUAL")]
    pub against: String,
    /// A note
    #[arg(long, default_value = "", hide_default_value = true)]
    pub note: String,
}

/// Arguments of `procedure withdraw`.
#[derive(Debug, Args)]
pub struct WithdrawArgs {
    /// The code, or the first digits of the hash
    pub procedure: String,
    /// Why
    #[arg(long)]
    pub reason: String,
}

/// Arguments of `procedure library`.
#[derive(Debug, Args)]
pub struct LibraryArgs {
    /// Print the file of this one
    #[arg(long, value_name = "CODE", conflicts_with_all = ["import", "all"])]
    pub show: Option<String>,
    /// Bring these in
    #[arg(long, value_name = "CODE", num_args = 1..)]
    pub import: Vec<String>,
    /// Bring all of them in
    #[arg(long, conflicts_with = "import")]
    pub all: bool,
}

/// Runs a procedure command.
pub fn run(place: &Place, command: ProcedureSub) -> Result<Done, Trouble> {
    match command {
        ProcedureSub::New => {
            let text = procedure::example();
            Ok(Done::new(text, json!({"toml": text})))
        }
        ProcedureSub::Check(arguments) => check(&arguments.file),
        ProcedureSub::Import(arguments) => import(place, &arguments.file),
        ProcedureSub::List => list(place),
        ProcedureSub::Show(arguments) => show(place, &arguments),
        ProcedureSub::Print(arguments) => print(place, &arguments),
        ProcedureSub::Adopt(arguments) => adopt(place, arguments),
        ProcedureSub::Withdraw(arguments) => withdraw(place, arguments),
        ProcedureSub::Library(arguments) => shipped(place, &arguments),
    }
}

fn read(path: &Path) -> Result<Result<Procedure, Vec<Mistake>>, Trouble> {
    let bytes = std::fs::read(path).map_err(|error| Trouble::file("read", path, &error))?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Trouble::from(Refusal::bad_input(
            format!("{} is not UTF-8 text.", path.display()),
            "Save it as UTF-8 and try again.",
        ))
    })?;
    Ok(procedure::read(&text))
}

fn mistakes(path: &Path, list: &[Mistake]) -> Done {
    let text = list
        .iter()
        .map(|mistake| {
            format!(
                "{}: {}\n",
                clean(&path.display().to_string()),
                clean(&mistake.to_string())
            )
        })
        .collect::<String>();
    Done::new(text, json!({"ok": false, "mistakes": list})).code(1)
}

fn check(path: &Path) -> Result<Done, Trouble> {
    Ok(match read(path)? {
        Ok(procedure) => {
            let steps = procedure.steps().count();
            let hash = procedure.hash().to_string();
            let unverified = procedure.has_unverified_limits();
            Done::new(
                format!(
                    "{}: no mistakes, {steps} steps, version {}{}\n",
                    clean(&procedure.code),
                    &hash[..12],
                    if unverified {
                        ", holds unverified limits"
                    } else {
                        ""
                    }
                ),
                json!({
                    "ok": true,
                    "mistakes": [],
                    "code": procedure.code,
                    "hash": hash,
                    "steps": steps,
                    "unverified": unverified,
                }),
            )
        }
        Err(list) => mistakes(path, &list),
    })
}

fn import(place: &Place, path: &Path) -> Result<Done, Trouble> {
    let procedure = match read(path)? {
        Ok(procedure) => procedure,
        Err(list) => {
            let mut done = mistakes(path, &list);
            done.text.push_str("Nothing was imported.\n");
            return Ok(done);
        }
    };
    let source = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let session = place.work()?;
    let hash = procedure.hash().0;
    let receipt = session.tell(Command::ImportProcedure {
        procedure: Box::new(procedure),
        source,
    })?;
    after(&session, hash, &receipt)
}

fn after(session: &Session, hash: Hash, receipt: &Receipt) -> Result<Done, Trouble> {
    let row = session
        .procedures()?
        .into_iter()
        .find(|row| row.hash == hash)
        .ok_or_else(|| {
            Refusal::not_found(
                "This procedure version is not on record.",
                "List them with `tagout procedure list`.",
            )
        })?;
    let mut json = row_json(&row);
    if let Some(map) = json.as_object_mut() {
        map.insert("changes".to_owned(), json!(receipt.lines));
    }
    let mut text = lists::lines(receipt);
    say!(
        text,
        "{} version {} ({})\n",
        clean(&row.code),
        clean(&row.version),
        short(hash)
    );
    if row.unverified && row.adopted.is_none() {
        text.push_str(
            "It holds unverified limits: they pass no device before the version is adopted.\n",
        );
    }
    Ok(Done::new(text, json))
}

fn short(hash: Hash) -> String {
    hash.to_string().chars().take(12).collect()
}

fn row_json(row: &ProcedureRow) -> Value {
    json!({
        "hash": row.hash.to_string(),
        "code": row.code,
        "title": row.title,
        "activity": row.activity,
        "version": row.version,
        "device_types": row.device_types,
        "adopted": row.adopted.as_ref().map(|(by, against)| json!({"by": by, "against": against})),
        "withdrawn": row.withdrawn,
        "unverified": row.unverified,
        "steps": row.steps,
        "source": shapes::known(&row.source),
    })
}

fn list(place: &Place) -> Result<Done, Trouble> {
    let rows = place.session()?.procedures()?;
    let mut table = Table::new(&["Code", "Version", "Hash", "Activity", "Title", "Adopted by"]);
    for row in &rows {
        let adopted = match (&row.adopted, row.withdrawn) {
            (_, true) => "withdrawn",
            (Some((by, _)), _) => by.as_str(),
            (None, _) => "nobody",
        };
        table.row([
            row.code.as_str(),
            &row.version,
            &short(row.hash),
            &row.activity,
            &row.title,
            adopted,
        ]);
    }
    let text = if rows.is_empty() {
        "No procedures yet. The shipped ones: tagout procedure library\n".to_owned()
    } else {
        table.text()
    };
    Ok(Done::new(text, rows.iter().map(row_json).collect()))
}

fn stored(place: &Place, name: &str) -> Result<(Hash, StoredProcedure, Arc<Procedure>), Trouble> {
    let session = place.session()?;
    let hash = named_procedure(&session, name)?;
    let stored = session.procedure(hash)?;
    let document = stored.procedure.clone().ok_or_else(|| {
        Refusal::not_found(
            "The document of this version has not arrived yet.",
            "List the versions with `tagout procedure list`.",
        )
    })?;
    Ok((hash, stored, document))
}

fn show(place: &Place, arguments: &NameArgs) -> Result<Done, Trouble> {
    let (hash, stored, document) = stored(place, &arguments.procedure)?;
    let text = procedure::write(&document);
    let json = json!({
        "hash": hash.to_string(),
        "code": document.code,
        "toml": text,
        "source": shapes::known(&stored.source),
        "adoptions": stored.adoptions.iter().map(|adoption| json!({
            "by": adoption.by,
            "against": adoption.against,
            "note": shapes::known(&adoption.note),
            "at": adoption.stamp.at.rfc3339(),
        })).collect::<Vec<_>>(),
        "withdrawn": stored.withdrawn,
    });
    Ok(Done::new(text, json))
}

fn print(place: &Place, arguments: &NameArgs) -> Result<Done, Trouble> {
    let (hash, _, document) = stored(place, &arguments.procedure)?;
    let text = procedure::print(&document, terminal_width().unwrap_or(80));
    let json = json!({"hash": hash.to_string(), "text": text});
    Ok(Done::new(text, json))
}

fn adopt(place: &Place, arguments: AdoptArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let hash = named_procedure(&session, &arguments.procedure)?;
    let receipt = session.tell(Command::AdoptProcedure {
        hash,
        by: arguments.by,
        against: arguments.against,
        note: arguments.note,
    })?;
    after(&session, hash, &receipt)
}

fn withdraw(place: &Place, arguments: WithdrawArgs) -> Result<Done, Trouble> {
    let session = place.work()?;
    let hash = named_procedure(&session, &arguments.procedure)?;
    let receipt = session.tell(Command::WithdrawProcedure {
        hash,
        reason: arguments.reason,
    })?;
    after(&session, hash, &receipt)
}

fn shipped(place: &Place, arguments: &LibraryArgs) -> Result<Done, Trouble> {
    let file = |code: &str| {
        library::get(code).ok_or_else(|| {
            Trouble::from(Refusal::not_found(
                format!("No procedure \"{code}\" is shipped."),
                "List them with `tagout procedure library`.",
            ))
        })
    };
    if let Some(code) = &arguments.show {
        let text = file(code)?;
        return Ok(Done::new(text, json!({"code": code, "toml": text})));
    }
    let codes: Vec<&str> = if arguments.all {
        library::all().iter().map(|(code, _)| *code).collect()
    } else {
        arguments.import.iter().map(String::as_str).collect()
    };
    if codes.is_empty() {
        return Ok(library_list());
    }
    let mut documents = Vec::new();
    for code in codes {
        let document = procedure::read(file(code)?).map_err(|list| {
            let first = list.first().map(ToString::to_string).unwrap_or_default();
            Trouble::from(Refusal::bad_input(
                format!("The shipped procedure \"{code}\" cannot be read: {first}"),
                "This is a fault of the program; the other procedures are not affected.",
            ))
        })?;
        documents.push(document);
    }
    let session = place.work()?;
    let (mut new, mut text) = (0_usize, String::new());
    let mut hashes = Vec::new();
    for document in documents {
        let (code, hash) = (document.code.clone(), document.hash().0);
        let receipt = session.tell(Command::ImportProcedure {
            procedure: Box::new(document),
            source: "built in".to_owned(),
        })?;
        new += usize::from(receipt.seq != 0);
        let word = if receipt.seq == 0 {
            "already here"
        } else {
            "imported"
        };
        say!(text, "{code} {} {word}\n", short(hash));
        hashes.push(json!({"code": code, "hash": hash.to_string(), "new": receipt.seq != 0}));
    }
    text.push_str(
        "The manufacturer's instructions decide. Check each one against them, then adopt it.\n",
    );
    Ok(Done::new(
        text,
        json!({"imported": new, "procedures": hashes}),
    ))
}

fn library_list() -> Done {
    let mut table = Table::new(&["Code", "Activity", "Title", "Types"]);
    let mut rows = Vec::new();
    for (code, text) in library::all() {
        if let Ok(document) = procedure::read(text) {
            table.row([
                *code,
                &document.activity,
                &document.title,
                &document.device_types.join(", "),
            ]);
            rows.push(json!({
                "code": code,
                "activity": document.activity,
                "title": document.title,
                "device_types": document.device_types,
                "steps": document.steps().count(),
            }));
        }
    }
    Done::new(table.text(), Value::Array(rows))
}
