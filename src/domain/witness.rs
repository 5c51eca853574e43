//! A second person who proves that it is them: what they agree to in words, and the signature of their own key over it.
//!
//! Invariants: a hold point, the use of a tool that is not known to be good and the release of a sequestered device count
//! only with the proof of the person who is named, and that is never the person asking; the words are made from the
//! command, so that a proof fits nothing else. Whether the bytes are a true ed25519 signature is checked by the caller.

use serde::{Deserialize, Serialize};

use super::choices::fold;
use super::command::Command;
use super::context::{Context, World};
use super::id::{Dot, EntityId, Hash};
use super::inspection::{Answer, InspectionCommand};
use super::order::OrderCommand;
use super::procedure::StepId;
use super::refusal::{Refusal, RefusalKind};
use super::signature::{Meaning, Signature};
use super::technician::Technician;
use super::time::Stamp;

/// How far a proof's time may lie before or after the shop's clock, in seconds.
const SLACK: i64 = 300;

/// What a second person agrees to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Statement {
    /// Their technician key.
    pub who: String,
    /// The record it is about.
    pub about: EntityId,
    /// What, in words.
    pub words: String,
}

/// A proof on record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Witness {
    /// What was agreed to.
    pub words: String,
    /// The second person's signature over it.
    pub signature: Signature,
    /// Who recorded it and when.
    pub stamp: Stamp,
}

impl Statement {
    /// The hash that the second person's key signs.
    pub fn hash(&self) -> Hash {
        Self::hash_of(self.about, &self.words)
    }

    /// As [`Statement::hash`], from its parts.
    pub fn hash_of(about: EntityId, words: &str) -> Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"tagout statement 1");
        hasher.update(&about.key());
        hasher.update(words.as_bytes());
        Hash(*hasher.finalize().as_bytes())
    }
}

/// What a second person has to prove before a command counts; `None` for all that one person does alone.
pub fn statement(world: &dyn World, command: &Command) -> Option<Statement> {
    match command {
        Command::Inspection(InspectionCommand::Answer {
            inspection,
            step,
            answer: Answer::SecondPerson { who },
            ..
        }) => Some(hold_point(*inspection, step, who)),
        Command::Inspection(InspectionCommand::ChooseTool {
            inspection,
            kind,
            tool,
            override_by: Some((reason, who)),
        }) => Some(tool_override(world, *inspection, kind, *tool, reason, who)),
        Command::Order(OrderCommand::ReleaseSequestered {
            device,
            hold,
            released_by,
            reason,
        }) => Some(release(world, *device, *hold, released_by, reason)),
        _ => None,
    }
}

/// A hold point of an inspection.
pub(super) fn hold_point(inspection: EntityId, step: &StepId, who: &str) -> Statement {
    Statement {
        who: who.to_owned(),
        about: inspection,
        words: format!("step {step} confirmed"),
    }
}

/// Test equipment that is used although it is not known to be good.
pub(super) fn tool_override(
    world: &dyn World,
    inspection: EntityId,
    kind: &str,
    tool: EntityId,
    reason: &str,
    who: &str,
) -> Statement {
    let name = world.tool(tool).map(|t| t.name).unwrap_or_default();
    Statement {
        who: who.to_owned(),
        about: inspection,
        words: format!(
            "{name} used as {} although not known to be good: {}",
            fold(kind),
            reason.trim()
        ),
    }
}

/// A sequestered device that may be worked on again. The hold is named by its reason and by its place in the journal.
pub(super) fn release(
    world: &dyn World,
    device: EntityId,
    hold: Dot,
    who: &str,
    reason: &str,
) -> Statement {
    let known = world.device(device);
    let tag = known.as_ref().map(|d| d.tag()).unwrap_or_default();
    let placed = known
        .and_then(|d| d.holds.iter().find(|h| h.stamp.dot == hold).cloned())
        .map(|h| h.reason)
        .unwrap_or_default();
    Statement {
        who: who.to_owned(),
        about: device,
        words: format!(
            "{tag} released, sequestered because \"{}\" (hold {hold:?}): {}",
            placed.trim(),
            reason.trim()
        ),
    }
}

/// The second person of a statement, if they are somebody else, work here and have proved that it is them.
pub(super) fn proven(
    world: &dyn World,
    ctx: &Context,
    statement: &Statement,
) -> Result<(Technician, Signature), Refusal> {
    let person = second_person(world, ctx, &statement.who)?;
    let not_allowed =
        |what: String, hint: String| Err(Refusal::new(RefusalKind::NotAllowed, what, hint));
    let Some(signature) = &ctx.witness else {
        return if person.current_key().is_none() {
            not_allowed(
                format!(
                    "{} has no signing key, so they cannot prove that it is them.",
                    person.name
                ),
                format!(
                    "They enrol one: tagout tech key --as {}. Nothing was recorded.",
                    person.key
                ),
            )
        } else {
            not_allowed(
                format!("{} has not proved that it is them.", person.name),
                format!(
                    "They type their own passphrase, here or with --second-passphrase-file. \
                     Nothing was recorded for {}.",
                    person.key
                ),
            )
        };
    };
    let fits = signature.signer == person.key
        && signature.name == person.name
        && signature.meaning == Meaning::Approved
        && signature.list == statement.hash()
        && signature.bytes.len() == 64
        && signature.at.seconds_since(ctx.now).abs() <= SLACK
        && person.key_valid_at(&signature.public, signature.at)
        && person.key_valid_at(&signature.public, ctx.now);
    if fits {
        return Ok((person, signature.clone()));
    }
    not_allowed(
        format!("The proof does not fit {} and this act.", person.name),
        "They type their own passphrase again. Nothing was recorded.".to_owned(),
    )
}

/// Another technician on record who still works here.
pub(super) fn second_person(
    world: &dyn World,
    ctx: &Context,
    key: &str,
) -> Result<Technician, Refusal> {
    if key == ctx.actor {
        return Err(Refusal::rule(
            "The second person must be somebody else.",
            "Ask another technician to confirm.",
        ));
    }
    colleague(world, key)
}

/// A technician on record who still works here.
pub(super) fn colleague(world: &dyn World, key: &str) -> Result<Technician, Refusal> {
    world
        .technician(key)
        .filter(|t| t.left.is_none() && t.revision > 0)
        .ok_or_else(|| {
            Refusal::not_found(
                format!("No technician \"{key}\" is on record, or they have left."),
                "List them with `tagout tech list`.",
            )
        })
}
