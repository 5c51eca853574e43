//! `conflict`: what shops disagree about, and settling it.

use clap::{Args, Subcommand};

use crate::bench::Session;
use crate::bench::query::{ConflictRow, MAX_WINDOW};
use crate::domain::command::Command;
use crate::domain::merge::{ConflictKind, RULES, Settle};
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::identify::text::clean;

use super::done::{Done, Trouble};
use super::place::Place;
use super::shapes;
use super::table::Table;

/// What may be done about conflicts.
#[derive(Debug, Subcommand)]
pub enum ConflictSub {
    /// Everything that shops disagree about, the newest first
    List(ListArgs),
    /// One conflict: each side with who wrote it, when and where
    Show(OneArgs),
    /// Say which side is right; all shops get to know
    Settle(SettleArgs),
    /// What becomes of each fact when two shops write it without knowing of each other
    Rules,
}

/// Arguments of `conflict list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only what you should know of by name: work that somebody else got
    #[arg(long)]
    pub mine: bool,
}

/// One conflict.
#[derive(Debug, Args)]
pub struct OneArgs {
    /// The conflict, as `conflict list` names it; its beginning will do
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Arguments of `conflict settle`.
#[derive(Debug, Args)]
pub struct SettleArgs {
    /// The conflict, as `conflict list` names it; its beginning will do
    #[arg(value_name = "ID")]
    pub id: String,
    /// The side that is right, counted from 1 as `conflict show` lists them
    #[arg(long, value_name = "N")]
    pub choose: usize,
}

/// Runs a conflict command.
pub fn run(place: &Place, command: &ConflictSub) -> Result<Done, Trouble> {
    match command {
        ConflictSub::List(arguments) => list(&place.session()?, arguments),
        ConflictSub::Show(arguments) => show(&one(&place.session()?, &arguments.id)?),
        ConflictSub::Settle(arguments) => settle(&place.work()?, arguments),
        ConflictSub::Rules => Ok(rules()),
    }
}

fn all(session: &Session) -> Result<Vec<ConflictRow>, Trouble> {
    let mut out = Vec::new();
    loop {
        let window = session.conflicts(out.len(), MAX_WINDOW)?;
        let got = window.rows.len();
        out.extend(window.rows);
        if got == 0 || out.len() >= window.total {
            return Ok(out);
        }
    }
}

fn list(session: &Session, arguments: &ListArgs) -> Result<Done, Trouble> {
    let mut rows = all(session)?;
    if arguments.mine {
        let me = session.actor().to_owned();
        rows.retain(|row| row.conflict.told.contains(&me));
    }
    let json = rows.iter().map(shapes::conflict_row).collect();
    if rows.is_empty() {
        return Ok(Done::new("No conflicts.\n", json));
    }
    let mut table = Table::new(&["ID", "Record", "Fact", "What", "Shown", "Against"]);
    for row in &rows {
        let conflict = &row.conflict;
        let shown = conflict.shown().map(|side| side.value.clone());
        let against: Vec<&str> = conflict
            .sides
            .iter()
            .filter(|side| side.stamp.dot != conflict.shown)
            .map(|side| side.value.as_str())
            .collect();
        table.row([
            row.id.as_str(),
            &row.name,
            &conflict.label,
            conflict.kind.label(),
            &shown.unwrap_or_default(),
            &against.join(" | "),
        ]);
    }
    let mut text = table.text();
    say!(text, "Look at one: tagout conflict show ID\n");
    Ok(Done::new(text, json))
}

fn one(session: &Session, id: &str) -> Result<ConflictRow, Trouble> {
    let wanted = id.trim().to_lowercase();
    let mut found: Vec<ConflictRow> = all(session)?
        .into_iter()
        .filter(|row| !wanted.is_empty() && row.id.starts_with(&wanted))
        .collect();
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Refusal::not_found(
            format!("No open conflict {} is on record.", clean(id)),
            "List what is open: tagout conflict list. What was settled is in the record's history.",
        )
        .into()),
        n => Err(Refusal::new(
            RefusalKind::BadInput,
            format!("{n} conflicts begin with {}.", clean(id)),
            "Give more of the name.",
        )
        .into()),
    }
}

fn show(row: &ConflictRow) -> Result<Done, Trouble> {
    let conflict = &row.conflict;
    let mut text = String::new();
    say!(
        text,
        "{}  {} ({})\n{}: {}\n",
        row.id,
        clean(&row.name),
        clean(&row.what),
        clean(&conflict.label),
        conflict.kind
    );
    for (number, (side, site)) in conflict.sides.iter().zip(&row.sites).enumerate() {
        say!(
            text,
            "{} {}. {}\n     {} at {}, {}\n",
            if side.stamp.dot == conflict.shown {
                "*"
            } else {
                " "
            },
            number + 1,
            clean(&side.value),
            clean(&side.stamp.by),
            side.stamp.at.minute(),
            clean(site)
        );
    }
    if !conflict.told.is_empty() {
        say!(
            text,
            "To know of it: {}\n",
            clean(&conflict.told.join(", "))
        );
    }
    say!(text, "* counts as long as nobody settles it.\n");
    say!(text, "{}\n", conflict.kind.hint());
    if row.conflict.kind != ConflictKind::DuplicateTag {
        say!(
            text,
            "Settle it: tagout conflict settle {} --choose N\n",
            row.id
        );
    }
    Ok(Done::new(text, shapes::conflict_row(row)))
}

fn settle(session: &Session, arguments: &SettleArgs) -> Result<Done, Trouble> {
    let row = one(session, &arguments.id)?;
    let sides = &row.conflict.sides;
    let side = arguments
        .choose
        .checked_sub(1)
        .and_then(|n| sides.get(n))
        .ok_or_else(|| {
            Trouble::usage(
                format!("There is no side {}.", arguments.choose),
                format!(
                    "Give 1 to {}: tagout conflict show {}.",
                    sides.len(),
                    row.id
                ),
            )
        })?;
    session.tell(Command::Settle(Settle {
        about: row.about,
        fact: row.conflict.fact.clone(),
        choose: side.stamp.dot,
    }))?;
    let left = session.conflicts(0, 1)?.total;
    let text = format!(
        "Settled: {} of {} is {}.\n{}\n",
        clean(&row.conflict.label),
        clean(&row.name),
        clean(&side.value),
        match left {
            0 => "No conflicts are left.".to_owned(),
            n => format!("{n} left."),
        }
    );
    let json = serde_json::json!({
        "settled": shapes::conflict_row(&row),
        "chosen": arguments.choose,
        "left": left,
    });
    Ok(Done::new(text, json))
}

fn rules() -> Done {
    let mut text = String::new();
    for rule in RULES {
        say!(
            text,
            "{} ({})\n  {}\n",
            rule.what,
            rule.way.label(),
            rule.words
        );
    }
    let json = RULES
        .iter()
        .map(|rule| {
            serde_json::json!({
                "what": rule.what,
                "rule": rule.way.label(),
                "words": rule.words,
                "events": rule.events,
            })
        })
        .collect();
    Done::new(text, json)
}
