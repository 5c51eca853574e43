//! Devices that carry one tag or one serial: found when their names come together, so that nobody has to walk all devices.
//!
//! Invariant: a row of [`rows::TWINS`] stands for each tag and each serial that more than one record carries now; it follows
//! from the rows of names alone, so it is the same whatever came first.

use std::collections::BTreeSet;

use crate::domain::choices::fold;
use crate::domain::context::World as _;
use crate::domain::device::Field;
use crate::domain::event::{Aggregate, Kind};
use crate::domain::id::EntityId;
use crate::domain::merge::{Conflict, ConflictKind, Side};
use crate::domain::register::Register;
use crate::store::{Rows, StoreError};

use super::rows::{self, IndexRow};
use super::view::View;

/// Which place of a name's key says what the name is: 0 a tag, 1 a serial.
const TAG: u8 = 0;
const SERIAL: u8 = 1;

/// Looks again at each tag and serial that an entry gave to a device or took from it.
pub fn mark(before: &[IndexRow], after: &[IndexRow], out: &mut Rows) -> Result<(), StoreError> {
    let names = |rows: &[IndexRow]| -> BTreeSet<Vec<u8>> {
        rows.iter()
            .filter(|(family, _, _)| *family == rows::DEVICE_NAME)
            .filter_map(|(_, key, _)| stem(key))
            .collect()
    };
    let (old, new) = (names(before), names(after));
    for name in old.symmetric_difference(&new) {
        let bearers = out.scan(
            rows::DEVICE_NAME,
            name,
            None,
            2,
            crate::store::Direction::Up,
        )?;
        let known = out.get(rows::TWINS, name)?.is_some();
        if bearers.len() > 1 && !known {
            out.put(rows::TWINS, name, Vec::new())?;
        } else if bearers.len() < 2 && known {
            out.delete(rows::TWINS, name)?;
        }
    }
    Ok(())
}

/// A name's key without the device: the name, a zero byte, what it is. Only tags and serials.
fn stem(key: &[u8]) -> Option<Vec<u8>> {
    let stem = key.get(..key.len().checked_sub(27)?)?;
    matches!(stem.last(), Some(&(TAG | SERIAL))).then(|| stem.to_vec())
}

/// The tags and serials that several devices carry: the devices, and the conflict as it is shown.
pub fn found(view: &View<'_>) -> Vec<(Aggregate, Conflict)> {
    view.scan(rows::TWINS, &[], usize::MAX)
        .into_iter()
        .flat_map(|(stem, _)| {
            let field = match stem.last() {
                Some(&TAG) => Field::AssetTag,
                _ => Field::Serial,
            };
            let bearers = view.ids(rows::DEVICE_NAME, &stem, usize::MAX);
            among(view, field, &bearers)
        })
        .collect()
}

/// The groups of devices that share a tag, or a serial of one make and model.
fn among(view: &View<'_>, field: Field, bearers: &[EntityId]) -> Vec<(Aggregate, Conflict)> {
    // Make and model, the first device, the sides, and whether anybody still has to look at them.
    let mut groups: Vec<(String, EntityId, Vec<Side>, bool)> = Vec::new();
    for id in bearers {
        let Some(device) = view.device(*id).filter(|d| d.merged_into.is_none()) else {
            continue;
        };
        // A serial number is one maker's, for one model.
        let mut make = String::new();
        if field != Field::AssetTag {
            let texts = [Field::Manufacturer, Field::Model].map(|f| fold(&device.text(f)));
            if texts.iter().any(String::is_empty) {
                continue;
            }
            make = texts.join(" ");
        }
        let Some(stamp) = device
            .fields
            .get(&field)
            .and_then(Register::stamp)
            .or(device.changed.as_ref())
        else {
            continue;
        };
        let or_unknown = |text: String| {
            if text.is_empty() {
                "unknown".to_owned()
            } else {
                text
            }
        };
        let side = Side {
            value: format!(
                "{}: {}, serial {}, department {}",
                device.tag(),
                device.name(),
                or_unknown(device.text(Field::Serial)),
                or_unknown(device.text(Field::Department)),
            ),
            stamp: stamp.clone(),
        };
        let unread = field == Field::AssetTag || !device.read.contains(&stamp.dot);
        match groups.iter_mut().find(|(known, ..)| *known == make) {
            Some((_, _, sides, open)) => {
                sides.push(side);
                *open |= unread;
            }
            None => groups.push((make, *id, vec![side], unread)),
        }
    }
    let (fact, kind) = match field {
        Field::AssetTag => ("duplicate-tag", ConflictKind::DuplicateTag),
        _ => ("duplicate-serial", ConflictKind::DuplicateSerial),
    };
    groups
        .into_iter()
        .filter(|(_, _, sides, open)| *open && sides.len() > 1)
        .filter_map(|(_, id, sides, _)| {
            let shown = sides.first()?.stamp.dot;
            let about = Aggregate {
                kind: Kind::Device,
                id,
            };
            let conflict = Conflict::new(fact, field.label(), kind, sides, shown);
            Some((about, conflict))
        })
        .collect()
}
