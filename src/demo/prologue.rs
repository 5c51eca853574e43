//! The first morning: people, keys, test equipment, procedures, published models, and the old device list taken over.

use chrono::{Months, NaiveDate};

use super::calendar::{at, later};
use super::fleet::identifier;
use super::hospital::Hospital;
use super::people::{ENGINEER, INSTRUMENTS, LEAD, PEOPLE, TRAININGS};
use super::script::{Move, Stage, then, when};
use super::{catalogue, history};
use crate::bench::Failure;
use crate::domain::command::Command;
use crate::domain::device::{DeviceCommand, Origin, Stage as Life};
use crate::domain::event::Kind;
use crate::domain::id::EntityId;
use crate::domain::model::ModelFacts;
use crate::domain::technician::TechnicianEvent;
use crate::domain::tool::ToolCommand;

/// Everything before the first device is worked on.
pub fn first_morning(stage: &mut Stage<'_, '_>) -> Result<Vec<Move>, Failure> {
    let mut moves = people(stage.hospital);
    moves.extend(procedures(stage.hospital));
    moves.extend(test_equipment(stage.hospital, stage.day));
    moves.extend(models());
    for (device, planned) in stage.hospital.fleet.iter().enumerate() {
        if planned.taken_over {
            let (fields, random) = (
                planned.fields.clone(),
                stage.hospital.random("history", device as u64),
            );
            moves.push(Move::Tell(
                LEAD,
                Command::Device(DeviceCommand::Add {
                    fields,
                    stage: Life::InService,
                    origin: Origin::TakenOver,
                }),
            ));
            moves.push(then(move |stage| {
                registered(stage, device);
                history::taken_over(stage, device, random)
            }));
        } else {
            moves.push(when(at(planned.arrived, 8 * 60 + 20), move |stage| {
                history::delivered(stage, device)
            }));
        }
    }
    Ok(moves)
}

/// Remembers the record of a device that was just registered.
pub fn registered(stage: &mut Stage<'_, '_>, device: usize) {
    let id = stage.made(Kind::Device);
    if let Some(record) = stage.hospital.records.get_mut(device) {
        *record = id;
    }
}

fn people(hospital: &Hospital) -> Vec<Move> {
    let mut out = Vec::new();
    let tell = |key: &'static str, event| {
        Move::Tell(
            LEAD,
            Command::Technician {
                key: key.to_owned(),
                event,
            },
        )
    };
    for person in PEOPLE {
        out.push(tell(
            person.key,
            TechnicianEvent::Named {
                key: person.key.to_owned(),
                name: person.name.to_owned(),
                initials: person.initials.to_owned(),
            },
        ));
        for (credential, number, ends) in person.credentials {
            out.push(tell(
                person.key,
                TechnicianEvent::CredentialAdded {
                    credential: (*credential).to_owned(),
                    number: (*number).to_owned(),
                    expires: Some(later(hospital.today, *ends)),
                },
            ));
        }
    }
    for (who, public) in hospital.public_keys() {
        let key = || who.to_owned();
        let enrolled = Command::Technician {
            key: key(),
            event: TechnicianEvent::KeyEnrolled { public },
        };
        let trained = TRAININGS.iter().map(|training| Command::Technician {
            key: key(),
            event: TechnicianEvent::CredentialAdded {
                credential: (*training).to_owned(),
                number: String::new(),
                expires: None,
            },
        });
        let all = std::iter::once(enrolled).chain(trained).collect();
        out.push(Move::TellAll(LEAD, all));
    }
    out
}

fn procedures(hospital: &Hospital) -> Vec<Move> {
    hospital
        .procedures
        .iter()
        .flat_map(|(hash, procedure)| {
            let against = format!(
                "made-up instructions of {}, revision {}",
                procedure.code, procedure.version
            );
            [
                Move::Tell(
                    LEAD,
                    Command::ImportProcedure {
                        procedure: Box::new(procedure.clone()),
                        source: format!("{}.toml", procedure.code),
                    },
                ),
                Move::Tell(
                    LEAD,
                    Command::AdoptProcedure {
                        hash: *hash,
                        by: ENGINEER.to_owned(),
                        against,
                        note: "Demonstration only.".to_owned(),
                    },
                ),
            ]
        })
        .collect()
}

fn test_equipment(hospital: &Hospital, first: NaiveDate) -> Vec<Move> {
    let mut out = Vec::new();
    for (index, instrument) in INSTRUMENTS.iter().enumerate() {
        out.push(Move::Tell(
            LEAD,
            Command::Tool(ToolCommand::Add {
                name: instrument.name.to_owned(),
                kind: instrument.kind.to_owned(),
                model: instrument.model.to_owned(),
                serial: instrument.serial.to_owned(),
            }),
        ));
        let last = later(hospital.today, instrument.due);
        out.push(then(move |stage| {
            let id = stage.made(Kind::Tool);
            if let Some(slot) = stage.hospital.tools.get_mut(index) {
                *slot = id;
            }
            Ok(id
                .map(|id| calibrations(id, index, first, last))
                .unwrap_or_default())
        }));
    }
    out
}

/// A calibration a year: the one before the history began, and those that followed.
fn calibrations(tool: EntityId, index: usize, first: NaiveDate, last: NaiveDate) -> Vec<Move> {
    let mut out = Vec::new();
    let mut due = last;
    while let Some(on) = due.checked_sub_months(Months::new(12)) {
        let certificate = format!("SBC-{}-{:03}", on.format("%y%m"), index + 1);
        let tell = Move::Tell(
            LEAD,
            Command::Tool(ToolCommand::Calibrate {
                tool,
                on,
                due,
                certificate,
            }),
        );
        if on <= first {
            out.push(tell);
            break;
        }
        // The new certificate comes on the day on which the old one ends, before the work of that day.
        out.push(when(at(on, 6 * 60), move |_| Ok(vec![tell])));
        due = on;
    }
    out
}

fn models() -> Vec<Move> {
    let mut out = Vec::new();
    for kind in catalogue::types() {
        let own = kind
            .models
            .iter()
            .map(|model| (kind.code, kind.name, model));
        let modules = kind.modules.iter().map(|m| (m.code, m.name, &m.model));
        for (code, name, model) in own.chain(modules) {
            let facts = ModelFacts {
                di: identifier(model),
                other_dis: Vec::new(),
                manufacturer: model.maker.to_owned(),
                brand: model.brand.to_owned(),
                model: model.model.to_owned(),
                catalogue: model.number.to_owned(),
                description: name.to_owned(),
                product_codes: vec![(code.to_owned(), name.to_owned())],
                gmdn: String::new(),
                has_lot: Some(false),
                has_serial: Some(true),
            };
            out.push(Move::Tell(
                LEAD,
                Command::ImportModel {
                    facts,
                    source: "demo catalogue".to_owned(),
                },
            ));
        }
    }
    out
}
