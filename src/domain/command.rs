//! Every command, and the one door to the deciders.

use serde::{Deserialize, Serialize};

use super::context::{Context, World};
use super::device::{self, DeviceCommand};
use super::event::Addressed;
use super::id::{EntityId, Hash};
use super::inspection::{self, InspectionCommand};
use super::merge::{self, Settle};
use super::model::{ModelEvent, ModelFacts};
use super::order::{self, OrderCommand};
use super::procedure::Procedure;
use super::refusal::{Refusal, RefusalKind};
use super::shop::{ShopEvent, known_zone};
use super::signature::Signature;
use super::stored_procedure::ProcedureEvent;
use super::technician::TechnicianEvent;
use super::tool::{self, ToolCommand};

/// What a person asks. It is recorded whole or refused whole.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Command {
    /// About a device.
    Device(DeviceCommand),
    /// About work orders.
    Order(OrderCommand),
    /// About an inspection.
    Inspection(InspectionCommand),
    /// About test equipment.
    Tool(ToolCommand),
    /// Test equipment was found faulty: its readings since the last good check become suspect everywhere.
    ToolFailed {
        /// The tool.
        tool: EntityId,
        /// The day it was found.
        on: chrono::NaiveDate,
        /// What was found.
        reason: String,
    },
    /// About a technician: their events are what people ask for.
    Technician {
        /// The technician's key.
        key: String,
        /// What.
        event: TechnicianEvent,
    },
    /// About the shop.
    Shop(ShopEvent),
    /// Bring a procedure version in.
    ImportProcedure {
        /// The document.
        procedure: Box<Procedure>,
        /// Where it came from.
        source: String,
    },
    /// Adopt a procedure version.
    AdoptProcedure {
        /// The version.
        hash: Hash,
        /// Printed name of who stands for it.
        by: String,
        /// The manufacturer's instructions it was checked against, with revision.
        against: String,
        /// A note.
        note: String,
    },
    /// Use a procedure version no longer for new inspections.
    WithdrawProcedure {
        /// The version.
        hash: Hash,
        /// Why.
        reason: String,
    },
    /// Do what another command asks, with the proof of the second person that it names.
    Witnessed {
        /// What is asked.
        command: Box<Command>,
        /// The second person's signature over its statement (see [`super::witness`]).
        signature: Signature,
    },
    /// Say which side of a conflict is right.
    Settle(Settle),
    /// Bring a published model record in.
    ImportModel {
        /// The facts.
        facts: ModelFacts,
        /// The file it came from.
        source: String,
    },
}

/// Decides commands that are recorded as one entry, each on the state before the entry; the first refusal refuses all.
pub fn decide_all(
    world: &dyn World,
    ctx: &Context,
    commands: &[Command],
) -> Result<Vec<Addressed>, Refusal> {
    let mut events = Vec::new();
    for run in commands.chunk_by(|a, b| is_inspection(a) == is_inspection(b)) {
        let inspections = run.iter().filter_map(|command| match command {
            Command::Inspection(command) => Some(command),
            _ => None,
        });
        events.extend(inspection::decide_all(world, ctx, inspections)?);
        for command in run.iter().filter(|command| !is_inspection(command)) {
            events.extend(decide(world, ctx, command)?);
        }
    }
    Ok(events)
}

const fn is_inspection(command: &Command) -> bool {
    matches!(command, Command::Inspection(_))
}

/// Decides a command: the events it records, none when there is nothing to change, or why it is refused.
pub fn decide(
    world: &dyn World,
    ctx: &Context,
    command: &Command,
) -> Result<Vec<Addressed>, Refusal> {
    still_here(world, ctx, command)?;
    match command {
        Command::Device(command) => device::decide(world, ctx, command),
        Command::Order(command) => order::decide(world, ctx, command),
        Command::Inspection(command) => inspection::decide(world, ctx, command),
        Command::Tool(command) => {
            let id = match command {
                ToolCommand::Add { name, .. } => {
                    if world.tool_named(name).is_some() {
                        return Err(Refusal::rule(
                            format!("Test equipment \"{name}\" is already on record."),
                            "Give it another short name, or record a calibration of the one there.",
                        ));
                    }
                    None
                }
                ToolCommand::Calibrate { tool, .. }
                | ToolCommand::CheckGood { tool, .. }
                | ToolCommand::Withdraw { tool, .. } => Some(*tool),
            };
            tool::decide(id.and_then(|id| world.tool(id)).as_ref(), ctx, command)
        }
        Command::ToolFailed { tool, on, reason } => {
            inspection::tool_failed(world, ctx, *tool, *on, reason)
        }
        Command::Technician { key, event } => technician(world, key, event),
        Command::Shop(event) => shop(ctx, event),
        Command::ImportProcedure { procedure, source } => {
            let hash = procedure.hash().0;
            if world.procedure(hash).is_some() {
                return Ok(Vec::new());
            }
            let event = ProcedureEvent::Imported {
                procedure: procedure.clone(),
                source: source.clone(),
            };
            Ok(vec![(procedure_id(hash), event).into()])
        }
        Command::AdoptProcedure {
            hash,
            by,
            against,
            note,
        } => {
            known_procedure(world, *hash)?;
            if by.trim().is_empty() || against.trim().is_empty() {
                return Err(Refusal::bad_input(
                    "Adopting needs a name and the instructions it was checked against.",
                    "Give --by NAME and --against \"MANUAL, REVISION\".",
                ));
            }
            let event = ProcedureEvent::Adopted {
                by: by.clone(),
                against: against.clone(),
                note: note.clone(),
            };
            Ok(vec![(procedure_id(*hash), event).into()])
        }
        Command::WithdrawProcedure { hash, reason } => {
            known_procedure(world, *hash)?;
            if reason.trim().is_empty() {
                return Err(Refusal::bad_input(
                    "Withdrawing a procedure version needs a reason.",
                    "Say why in a few words, and which version takes its place.",
                ));
            }
            Ok(vec![
                (
                    procedure_id(*hash),
                    ProcedureEvent::Withdrawn {
                        reason: reason.clone(),
                    },
                )
                    .into(),
            ])
        }
        Command::Witnessed { command, signature } => {
            if matches!(**command, Command::Witnessed { .. }) {
                return Err(Refusal::bad_input(
                    "One act takes one second person.",
                    "Give one proof.",
                ));
            }
            let ctx = Context {
                witness: Some(signature.clone()),
                ..ctx.clone()
            };
            decide(world, &ctx, command)
        }
        Command::Settle(wanted) => merge::settle(world, ctx, wanted),
        Command::ImportModel { facts, source } => {
            if facts.di.is_empty() {
                return Err(Refusal::bad_input(
                    "A model record needs a device identifier.",
                    "Check the file: the primary DI is missing.",
                ));
            }
            let event = ModelEvent::Published {
                facts: facts.clone(),
                source: source.clone(),
            };
            Ok(vec![(model_id(&facts.di), event).into()])
        }
    }
}

/// Who has left acts no more; a colleague who adds them again by name is how they come back.
fn still_here(world: &dyn World, ctx: &Context, command: &Command) -> Result<(), Refusal> {
    let Some(gone) = world.technician(&ctx.actor).filter(|t| t.left.is_some()) else {
        return Ok(());
    };
    // Somebody must be able to come back in a shop that everybody has left.
    if matches!(command, Command::Technician { key, event: TechnicianEvent::Named { .. } } if *key != ctx.actor)
    {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalKind::NotAllowed,
        format!("{} works here no longer and may not act.", gone.name),
        "Work under your own key with --as TECH. If they are back, a colleague adds them again: tagout tech add. Nothing was recorded.",
    ))
}

/// The id of a procedure version: two shops that import the same document make the same id.
pub fn procedure_id(hash: Hash) -> EntityId {
    natural("procedure", &hash.0)
}

/// The id of a model record, from its device identifier.
pub fn model_id(di: &str) -> EntityId {
    natural("model", di.as_bytes())
}

/// The id of a technician, from site and key: keys are short and two shops may both have a "jd".
pub fn technician_id(site: super::id::SiteId, key: &str) -> EntityId {
    let mut bytes = site.0.to_vec();
    bytes.extend_from_slice(key.as_bytes());
    natural("technician", &bytes)
}

/// The id of the shop's own aggregate.
pub fn shop_id(site: super::id::SiteId) -> EntityId {
    natural("shop", &site.0)
}

/// A natural key: the hash of what makes a thing that thing.
pub fn natural(what: &str, bytes: &[u8]) -> EntityId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(what.as_bytes());
    hasher.update(&[0]);
    hasher.update(bytes);
    let mut id = [0u8; 16];
    id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    EntityId::Natural(id)
}

fn known_procedure(world: &dyn World, hash: Hash) -> Result<(), Refusal> {
    match world.procedure(hash) {
        Some(known) if known.frozen_from.is_none() => Ok(()),
        _ => Err(Refusal::not_found(
            "This procedure version is not on record.",
            "List them with `tagout procedure list`.",
        )),
    }
}

fn technician(
    world: &dyn World,
    key: &str,
    event: &TechnicianEvent,
) -> Result<Vec<Addressed>, Refusal> {
    let valid = |key: &str| {
        (1..=32).contains(&key.len())
            && key.bytes().all(|b| {
                b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.')
            })
    };
    if !valid(key) {
        return Err(Refusal::bad_input(
            format!("\"{key}\" cannot be a technician's key."),
            "Use 1 to 32 lower-case letters, digits, dots and dashes, like \"jdoe\".",
        ));
    }
    if let TechnicianEvent::Named {
        key: named, name, ..
    } = event
    {
        if named != key {
            return Err(Refusal::bad_input(
                format!("The key is \"{key}\" in one place and \"{named}\" in another."),
                "A technician keeps one key; give the same in both.",
            ));
        }
        if name.trim().is_empty() {
            return Err(Refusal::bad_input(
                "A technician needs a printed name.",
                "Give --name \"First Last\".",
            ));
        }
    } else if world.technician(key).is_none() {
        return Err(Refusal::not_found(
            format!("No technician \"{key}\" is on record."),
            "Add them with `tagout tech add`.",
        ));
    }
    let known = world.technician(key).unwrap_or_default();
    let enrolled = |public: &[u8; 32]| {
        known
            .keys
            .iter()
            .any(|k| k.public == *public && k.revoked.is_none())
    };
    match event {
        TechnicianEvent::KeyEnrolled { public } if enrolled(public) => return Ok(Vec::new()),
        TechnicianEvent::KeyEnrolled { .. } if known.left.is_some() => {
            return Err(Refusal::rule(
                format!("{} works here no longer; no key is enrolled.", known.name),
                "Add them again with `tagout tech add` if they are back.",
            ));
        }
        TechnicianEvent::KeyRevoked { reason, .. } if reason.trim().is_empty() => {
            return Err(Refusal::bad_input(
                "Revoking a signing key needs a reason.",
                "For example: the passphrase was forgotten.",
            ));
        }
        TechnicianEvent::KeyRevoked { public, .. } if !enrolled(public) => {
            return Err(Refusal::not_found(
                format!("{} has no such signing key in use.", known.name),
                "Show the keys with `tagout tech key`.",
            ));
        }
        TechnicianEvent::AccountLinked { account } if known.accounts.contains(account) => {
            return Ok(Vec::new());
        }
        TechnicianEvent::AccountLinked { account } if !is_account(account) => {
            return Err(Refusal::bad_input(
                format!("\"{account}\" cannot be a Unix account."),
                "Give its name as `id -un` prints it.",
            ));
        }
        TechnicianEvent::AccountLinked { .. } if known.left.is_some() => {
            return Err(Refusal::rule(
                format!("{} works here no longer; no account is linked.", known.name),
                "Add them again with `tagout tech add` if they are back.",
            ));
        }
        TechnicianEvent::AccountUnlinked { account } if !known.accounts.contains(account) => {
            return Err(Refusal::not_found(
                format!("The account \"{account}\" is not linked to {}.", known.name),
                "Show the links with `tagout tech list --json`.",
            ));
        }
        TechnicianEvent::CredentialAdded { credential, .. } if credential.trim().is_empty() => {
            return Err(Refusal::bad_input(
                "The credential has no name.",
                "For example: CBET.",
            ));
        }
        _ => {}
    }
    Ok(vec![(world.technician_id(key), event.clone()).into()])
}

/// What the name of a Unix account may look like.
fn is_account(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && !name.starts_with('-')
        && !name
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || matches!(c, ':' | '/'))
}

fn shop(ctx: &Context, event: &ShopEvent) -> Result<Vec<Addressed>, Refusal> {
    match event {
        ShopEvent::Renamed { name } if name.trim().is_empty() => {
            return Err(Refusal::bad_input(
                "The shop needs a name.",
                "Give a few words.",
            ));
        }
        ShopEvent::PrefixChanged { prefix } => {
            let fine = (1..=8).contains(&prefix.len())
                && prefix
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            if !fine {
                return Err(Refusal::bad_input(
                    format!("\"{prefix}\" cannot be a work order prefix."),
                    "Use 1 to 8 capital letters and digits, like SHOP2.",
                ));
            }
        }
        ShopEvent::ZoneChanged { zone } => known_zone(zone)?,
        ShopEvent::ColumnMapSaved { name, .. } if name.trim().is_empty() => {
            return Err(Refusal::bad_input(
                "The column map has no name.",
                "Give a short one, to use it again by.",
            ));
        }
        _ => {}
    }
    Ok(vec![(shop_id(ctx.site), event.clone()).into()])
}
