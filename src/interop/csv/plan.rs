//! What an import would do, row by row, before anything is done.
//!
//! Invariants: importing the same list a second time changes nothing; a blank cell never empties a field unless the map
//! says so; an import never puts a known device into service and never guesses which of several devices is meant.

use std::collections::HashMap;

use super::mistake::Warning;
use super::sheet::{DeviceRow, Sheet};
use crate::domain::choices::fold;
use crate::domain::command::Command;
use crate::domain::device::{Device, DeviceCommand, Field, Origin, Stage, Value, Whereabouts};
use crate::domain::id::EntityId;

/// Which device on record a row is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Existing {
    /// None.
    None,
    /// This one.
    Known {
        /// Its id.
        id: EntityId,
        /// Its record.
        device: Box<Device>,
    },
    /// It cannot be said: why.
    Unclear(String),
}

/// One field that changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedChange {
    /// The field.
    pub field: Field,
    /// What the record says.
    pub old: Option<Value>,
    /// What the list says.
    pub new: Option<Value>,
}

impl PlannedChange {
    /// `Location: ICU 3 → ICU 4`.
    pub fn words(&self) -> String {
        let show = |v: &Option<Value>| {
            v.as_ref()
                .map_or_else(|| "(nothing)".to_owned(), |v| self.field.show(v))
        };
        format!(
            "{}: {} → {}",
            self.field.label(),
            show(&self.old),
            show(&self.new)
        )
    }
}

/// What happens with one row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Planned {
    /// A new device.
    Add {
        /// Its fields, defaults of the map included.
        fields: Vec<(Field, Value)>,
        /// Its stage; in service when the list does not say.
        stage: Stage,
        /// Where it has got to, if not at its location.
        whereabouts: Option<Whereabouts>,
    },
    /// A known device of which the list says something else.
    Update {
        /// The device.
        device: EntityId,
        /// The revision that the plan was made on.
        revision: u64,
        /// The fields that change.
        changes: Vec<PlannedChange>,
        /// The stage before, and the legal steps to the stage in the list.
        stages: (Stage, Vec<Stage>),
        /// Where it has got to, if that changes.
        whereabouts: Option<Whereabouts>,
    },
    /// A known device of which the list says nothing new.
    Same {
        /// The device.
        device: EntityId,
    },
    /// Not imported: a person must decide.
    Conflict {
        /// Why, and what to do.
        reason: String,
    },
}

/// One row of the plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedRow {
    /// Line of the file.
    pub line: usize,
    /// Its tag, or maker, model and serial.
    pub name: String,
    /// What happens.
    pub what: Planned,
    /// What deserves a look.
    pub warnings: Vec<Warning>,
}

/// How many rows of each sort.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct Counts {
    /// New devices.
    pub add: usize,
    /// Known devices that change.
    pub update: usize,
    /// Known devices that stay as they are.
    pub same: usize,
    /// Rows that a person must decide.
    pub conflict: usize,
}

/// What an import would do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImportPlan {
    /// One for each sound row, in the order of the file.
    pub rows: Vec<PlannedRow>,
}

impl ImportPlan {
    /// How many rows of each sort.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for row in &self.rows {
            match row.what {
                Planned::Add { .. } => counts.add += 1,
                Planned::Update { .. } => counts.update += 1,
                Planned::Same { .. } => counts.same += 1,
                Planned::Conflict { .. } => counts.conflict += 1,
            }
        }
        counts
    }

    /// Line and reason of every conflict, for [`super::write_bad_with`].
    pub fn conflicts(&self) -> Vec<(usize, String)> {
        let conflict = |row: &PlannedRow| match &row.what {
            Planned::Conflict { reason } => Some((row.line, reason.clone())),
            _ => None,
        };
        self.rows.iter().filter_map(conflict).collect()
    }
}

/// Plans the import of a list. `existing` says which device on record a row is.
pub fn plan(sheet: &Sheet, existing: &dyn Fn(&DeviceRow) -> Existing) -> ImportPlan {
    let mut rows = Vec::with_capacity(sheet.rows.len());
    let mut taken: HashMap<EntityId, usize> = HashMap::new();
    for row in &sheet.rows {
        let mut warnings = row.warnings.clone();
        let mut what = match existing(row) {
            Existing::None => add(sheet, row),
            Existing::Unclear(reason) => Planned::Conflict { reason },
            Existing::Known { id, device } => update(id, &device, row, &mut warnings),
        };
        if let Planned::Update { device, .. } | Planned::Same { device } = &what {
            match taken.get(device) {
                Some(line) => {
                    what = Planned::Conflict {
                        reason: format!(
                            "Line {line} of this list is the same device on record. Keep one of the two rows."
                        ),
                    };
                }
                None => _ = taken.insert(*device, row.line),
            }
        }
        rows.push(PlannedRow {
            line: row.line,
            name: name(row),
            what,
            warnings,
        });
    }
    ImportPlan { rows }
}

fn name(row: &DeviceRow) -> String {
    row.tag().map_or_else(
        || {
            let parts = [Field::Manufacturer, Field::Model, Field::Serial].map(|f| row.text(f));
            let parts: Vec<_> = parts.into_iter().filter(|p| !p.is_empty()).collect();
            format!("(no tag) {}", parts.join(" "))
        },
        str::to_owned,
    )
}

fn add(sheet: &Sheet, row: &DeviceRow) -> Planned {
    let mut fields = row.fields.clone();
    for (field, value) in &sheet.defaults {
        if row.get(*field).is_none() {
            fields.push((*field, value.clone()));
        }
    }
    fields.sort_by_key(|(field, _)| *field);
    Planned::Add {
        fields,
        stage: row.stage.unwrap_or(Stage::InService),
        whereabouts: row
            .whereabouts
            .as_ref()
            .map(|(hint, word)| hint.whereabouts(word)),
    }
}

fn is_temporary(tag: &str) -> bool {
    tag.starts_with("TMP-")
}

fn update(id: EntityId, device: &Device, row: &DeviceRow, warnings: &mut Vec<Warning>) -> Planned {
    let mut warn = |text: String| {
        warnings.push(Warning {
            line: row.line,
            column: None,
            text,
        });
    };
    if device.merged_into.is_some() {
        return Planned::Conflict {
            reason: "This record was combined into another one. Give the list the tag of the record that stayed.".to_owned(),
        };
    }
    let differs = |field| {
        let (old, new) = (fold(&device.text(field)), fold(row.text(field)));
        !old.is_empty() && !new.is_empty() && old != new
    };
    if differs(Field::Serial) && (differs(Field::Manufacturer) || differs(Field::Model)) {
        return Planned::Conflict {
            reason: format!(
                "Tag {} is on record as {}, serial {}: the list has another serial and another make or model, so it may be another device. Correct the tag in the list, or retag the device on record.",
                device.tag(),
                device.name(),
                device.text(Field::Serial)
            ),
        };
    }
    if differs(Field::Serial) {
        warn(format!(
            "The serial changes from {} to {}. Check the label if this is not a correction.",
            device.text(Field::Serial),
            row.text(Field::Serial)
        ));
    }
    let mut changes = Vec::new();
    for (field, value) in &row.fields {
        let old = device.get(*field);
        if old == Some(value) {
            continue;
        }
        if *field == Field::AssetTag {
            let (known, listed) = (device.tag(), row.text(Field::AssetTag));
            if fold(&known) == fold(listed) {
                continue;
            }
            if device
                .aliases
                .iter()
                .any(|alias| fold(alias) == fold(listed))
            {
                warn(format!(
                    "The list still has the old tag {listed}; the device keeps {known}."
                ));
                continue;
            }
            if !is_temporary(&known) {
                return Planned::Conflict {
                    reason: format!(
                        "The same maker, model and serial is on record with tag {known}, not {listed}. Correct the list, or retag the device on record."
                    ),
                };
            }
        }
        changes.push(PlannedChange {
            field: *field,
            old: old.cloned(),
            new: Some(value.clone()),
        });
    }
    for field in &row.emptied {
        if let Some(old) = device.get(*field) {
            changes.push(PlannedChange {
                field: *field,
                old: Some(old.clone()),
                new: None,
            });
        }
    }
    let from = device.stage();
    let mut stages = Vec::new();
    if let Some(to) = row.stage.filter(|to| *to != from) {
        match way(from, to) {
            Some(steps) => stages = steps,
            None if to == Stage::InService => warn(format!(
                "The list says in service, the record says {from}. An import puts no known device into service; do it by hand."
            )),
            None => warn(format!(
                "The list says {to}, but a device that is {from} cannot become that. Its stage stays."
            )),
        }
    }
    let whereabouts = row
        .whereabouts
        .as_ref()
        .filter(|(hint, _)| !hint.agrees(&device.whereabouts))
        .map(|(hint, word)| hint.whereabouts(word));
    if changes.is_empty() && stages.is_empty() && whereabouts.is_none() {
        return Planned::Same { device: id };
    }
    Planned::Update {
        device: id,
        revision: device.revision,
        changes,
        stages: (from, stages),
        whereabouts,
    }
}

/// The legal steps from one stage to another, at most three, never through or into service.
fn way(from: Stage, to: Stage) -> Option<Vec<Stage>> {
    let mut ways: Vec<Vec<Stage>> = vec![Vec::new()];
    for _ in 0..3 {
        let mut longer = Vec::new();
        for way in &ways {
            for next in way.last().copied().unwrap_or(from).next() {
                if *next == Stage::InService || way.contains(next) {
                    continue;
                }
                let mut way = way.clone();
                way.push(*next);
                if *next == to {
                    return Some(way);
                }
                longer.push(way);
            }
        }
        ways = longer;
    }
    None
}

const REASON: &str = "taken over from a list";

/// The commands of one row, in the order to give them; none for a row that stays as it is or needs a person. A device
/// that is added and not at its location needs [`place_added`] after it.
pub fn commands(row: &PlannedRow) -> Vec<Command> {
    match &row.what {
        Planned::Add { fields, stage, .. } => vec![Command::Device(DeviceCommand::Add {
            fields: fields.clone(),
            stage: *stage,
            origin: Origin::TakenOver,
        })],
        Planned::Update {
            device,
            revision,
            changes,
            stages,
            whereabouts,
        } => {
            let mut out = Vec::new();
            if !changes.is_empty() {
                out.push(DeviceCommand::Set {
                    device: *device,
                    changes: changes.iter().map(|c| (c.field, c.new.clone())).collect(),
                    reason: REASON.to_owned(),
                    expected: Some(*revision),
                });
            }
            out.extend(stages.1.iter().map(|to| DeviceCommand::SetStage {
                device: *device,
                to: *to,
                reason: REASON.to_owned(),
            }));
            out.extend(whereabouts.iter().map(|at| place(*device, at)));
            out.into_iter().map(Command::Device).collect()
        }
        Planned::Same { .. } | Planned::Conflict { .. } => Vec::new(),
    }
}

fn place(device: EntityId, at: &Whereabouts) -> DeviceCommand {
    DeviceCommand::Place {
        device,
        at: at.clone(),
        note: REASON.to_owned(),
    }
}

/// For a device that was just added: the command that records where it has got to, if the list says so.
pub fn place_added(row: &PlannedRow, device: EntityId) -> Option<Command> {
    match &row.what {
        Planned::Add {
            whereabouts: Some(at),
            ..
        } => Some(Command::Device(place(device, at))),
        _ => None,
    }
}

/// The devices on record, ready to say which of them a row is: by tag (old tags too), else by maker, model and serial.
#[derive(Debug, Default)]
pub struct KnownDevices {
    devices: Vec<(EntityId, Device)>,
    by_tag: HashMap<String, Vec<usize>>,
    by_alias: HashMap<String, Vec<usize>>,
    by_serial: HashMap<String, Vec<usize>>,
}

impl KnownDevices {
    /// Of these records. Records that were combined into another one are left out.
    pub fn new(devices: impl IntoIterator<Item = (EntityId, Device)>) -> Self {
        let mut out = Self::default();
        for (id, device) in devices {
            if device.merged_into.is_some() {
                continue;
            }
            let place = out.devices.len();
            let put = |map: &mut HashMap<String, Vec<usize>>, text: &str| {
                let key = fold(text);
                if !key.is_empty() {
                    map.entry(key).or_default().push(place);
                }
            };
            put(&mut out.by_tag, &device.tag());
            put(&mut out.by_serial, &device.text(Field::Serial));
            for alias in &device.aliases {
                put(&mut out.by_alias, alias);
            }
            out.devices.push((id, device));
        }
        out
    }

    /// Which device a row is.
    pub fn find(&self, row: &DeviceRow) -> Existing {
        if let Some(tag) = row.tag() {
            let key = fold(tag);
            for map in [&self.by_tag, &self.by_alias] {
                match map.get(&key).map(Vec::as_slice) {
                    None | Some([]) => {}
                    Some([one]) => return self.known(*one),
                    Some(several) => {
                        return Existing::Unclear(format!(
                            "{} devices on record have or had the tag {tag}. Combine or retag them first.",
                            several.len()
                        ));
                    }
                }
            }
        }
        let Some(serial) = row.sound_serial() else {
            return Existing::None;
        };
        let with_serial = self
            .by_serial
            .get(&fold(serial))
            .map_or(&[][..], Vec::as_slice);
        let (mut fits, mut near, mut unsure) = (Vec::new(), Vec::new(), Vec::new());
        for place in with_serial {
            let Some((_, device)) = self.devices.get(*place) else {
                continue;
            };
            // What one of the two does not say cannot be judged equal.
            let alike = |field| {
                let (a, b) = (fold(&device.text(field)), fold(row.text(field)));
                (!a.is_empty() && !b.is_empty()).then(|| a == b)
            };
            match (alike(Field::Manufacturer), alike(Field::Model)) {
                (Some(true), Some(true)) => fits.push(*place),
                // A serial number belongs to its maker: another maker's is another device.
                (Some(false), _) => {}
                (Some(true), Some(false)) => near.push(*place),
                (None, Some(false)) => {}
                _ => unsure.push(*place),
            }
        }
        if let ([], Some((_, device))) = (
            fits.as_slice(),
            unsure.first().and_then(|n| self.devices.get(*n)),
        ) {
            return Existing::Unclear(format!(
                "Serial {serial} is on record with tag {0} ({1}). Maker or model are missing on one of the two, so it cannot be said whether this is the same device. Give the row its maker and model, or the tag {0} if it is that device.",
                device.tag(),
                device.name()
            ));
        }
        match (
            fits.as_slice(),
            near.first().and_then(|n| self.devices.get(*n)),
        ) {
            ([one], _) => self.known(*one),
            ([], Some((_, device))) if row.tag().is_none() => Existing::Unclear(format!(
                "Serial {serial} is on record as {} with tag {}; maker or model differ, and the row has no tag. Give it its tag.",
                device.name(),
                device.tag()
            )),
            ([], _) => Existing::None,
            (several, _) => Existing::Unclear(format!(
                "{} devices on record have serial {serial} and fit this row. Give it its tag.",
                several.len()
            )),
        }
    }

    fn known(&self, place: usize) -> Existing {
        self.devices
            .get(place)
            .map_or(Existing::None, |(id, device)| Existing::Known {
                id: *id,
                device: Box::new(device.clone()),
            })
    }
}
