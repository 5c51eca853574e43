//! From a name on the command line to one thing on record: a tag, serial or alias, or an id.

use crate::bench::Session;
use crate::domain::device::DeviceCard;
use crate::domain::id::EntityId;
use crate::domain::refusal::{Refusal, RefusalKind};

use super::done::Trouble;

/// The device that a tag, serial, alias or id names. Several: refused, with the choices.
pub fn device(session: &Session, name: &str) -> Result<EntityId, Trouble> {
    let cards = session.named(name)?;
    match cards.as_slice() {
        [card] => Ok(card.id),
        [] => {
            if let Ok(id) = name.parse::<EntityId>() {
                return Ok(id);
            }
            Err(no_device(session, name))
        }
        several => Err(choose(name, several)),
    }
}

/// The device given by name or by `--id`.
pub fn device_or_id(
    session: &Session,
    name: Option<&str>,
    id: Option<&str>,
) -> Result<EntityId, Trouble> {
    match (name, id) {
        (_, Some(id)) => entity(id),
        (Some(name), None) => device(session, name),
        (None, None) => Err(Trouble::usage(
            "No device is named.",
            "Give a tag, a serial number or --id ID.",
        )),
    }
}

/// An id as JSON answers show it.
pub fn entity(id: &str) -> Result<EntityId, Trouble> {
    id.parse().map_err(|error: crate::domain::id::BadId| {
        Refusal::not_found(
            format!("{error}."),
            "Copy the id from an answer given with --json.",
        )
        .into()
    })
}

/// The key of the technician that a key or a printed name names; the text itself when nobody does, so that the refusal
/// names it.
pub fn technician(session: &Session, name: &str) -> Result<String, Trouble> {
    let plain = |text: &str| text.trim().to_lowercase();
    let known = session.technicians()?;
    let found = known
        .iter()
        .find(|technician| technician.key == name)
        .or_else(|| known.iter().find(|t| plain(&t.name) == plain(name)));
    Ok(found.map_or_else(|| name.to_owned(), |technician| technician.key.clone()))
}

fn no_device(session: &Session, name: &str) -> Trouble {
    let near = session
        .find(name, 3)
        .map(|found| found.devices)
        .unwrap_or_default();
    let mut refusal = Refusal::not_found(
        format!("No device has the tag, serial number or earlier tag \"{name}\"."),
        if near.is_empty() {
            format!("Look with `tagout device find {name}`, or add it with `tagout device add`.")
        } else {
            "These come nearest; name one by its tag.".to_owned()
        },
    );
    refusal.choices = near.iter().map(|found| choice(&found.card)).collect();
    refusal.into()
}

fn choose(name: &str, cards: &[DeviceCard]) -> Trouble {
    let mut refusal = Refusal::new(
        RefusalKind::NeedsChoice,
        format!(
            "\"{name}\" names {} devices. Nothing was done.",
            cards.len()
        ),
        "Name one by its tag or with --id ID.",
    );
    refusal.choices = cards.iter().map(choice).collect();
    refusal.into()
}

/// Id and words of one device.
pub fn choice(card: &DeviceCard) -> (String, String) {
    let mut words = format!("{}  {}", card.tag, card.name());
    if !card.serial.is_empty() {
        say!(words, "  serial {}", card.serial);
    }
    if !card.department.is_empty() {
        say!(words, "  {}", card.department);
    }
    (card.id.to_string(), words)
}

/// The order that a number or id names.
pub fn order(session: &Session, name: &str) -> Result<EntityId, Trouble> {
    // The number alone means this shop's order: 3 is SHOP-00003.
    let short = name.bytes().all(|b| b.is_ascii_digit()) && (1..=9).contains(&name.len());
    if short && let Ok(number) = name.parse::<u32>() {
        let full = format!("{}-{number:05}", session.shop()?.prefix);
        if let Ok(sheet) = session.order_numbered(&full) {
            return Ok(sheet.id);
        }
    }
    match session.order_numbered(name) {
        Ok(sheet) => Ok(sheet.id),
        Err(failure) => name.parse::<EntityId>().map_err(|_| failure.into()),
    }
}
