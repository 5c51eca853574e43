//! Forms that make something new: a device, the shop's and the technician's name.

use super::{device, open};
use crate::bench::query::{ScanAnswer, ShopFacts};
use crate::domain::command::Command;
use crate::domain::device::{DeviceCommand, Field, Origin, Stage, Value};
use crate::domain::event::Kind;
use crate::domain::model::ModelFacts;
use crate::domain::shop::ShopEvent;
use crate::domain::technician::TechnicianEvent;
use crate::tui::app::screen::{Effect, Place, Tone};
use crate::tui::screens::form::{Entry, Form, Wrong};

/// The fields asked for, in this order.
const FIELDS: [Field; 7] = [
    Field::AssetTag,
    Field::Serial,
    Field::Manufacturer,
    Field::Model,
    Field::TypeName,
    Field::Department,
    Field::Location,
];

/// Register a device; after a scan, with what the label and the published record say.
pub fn add_device(scan: Option<&ScanAnswer>, typed: Option<&str>) -> Effect {
    let facts = scan.and_then(|scan| scan.model.as_ref());
    let serial = scan.and_then(|scan| scan.scan.serial.clone());
    let di = scan.and_then(|scan| scan.scan.di.clone());
    let more = extra_fields(facts, scan);
    let filled = |field: Field| -> String {
        let text = match (field, facts) {
            (Field::Serial, _) => serial.clone(),
            (Field::AssetTag, _) => typed.map(str::to_owned),
            (Field::Manufacturer, Some(facts)) => Some(facts.manufacturer.clone()),
            (Field::Model, Some(facts)) => Some(if facts.brand.is_empty() {
                facts.model.clone()
            } else {
                facts.brand.clone()
            }),
            (Field::TypeName, Some(facts)) => {
                facts.product_codes.first().map(|(_, name)| name.clone())
            }
            _ => None,
        };
        text.unwrap_or_default()
    };
    let entries = FIELDS
        .iter()
        .map(|field| {
            let entry = Entry::line(field.label()).holding(&filled(*field));
            match field {
                Field::AssetTag => entry.hint("empty: a temporary tag is given"),
                Field::Manufacturer | Field::Model => entry.needed(),
                _ => entry,
            }
        })
        .collect();
    let intro = match (&di, facts) {
        (Some(di), Some(_)) => {
            format!("Filled from the published record of {di}; check it against the label.")
        }
        (Some(di), None) => format!("The label names the model {di}, which is not on record here."),
        _ => "It is on hold until its incoming inspection is passed.".to_owned(),
    };
    let form = Form::new("Register a device", entries, move |values| {
        let mut fields: Vec<(Field, Value)> = Vec::new();
        for (at, field) in FIELDS.iter().enumerate() {
            let value = field
                .parse(&values.text(at))
                .map_err(|bad| -> Wrong { (Some(at), format!("{bad}.")) })?;
            fields.extend(value.map(|value| (*field, value)));
        }
        match values.label(1) {
            Some(label) => fields.extend(extra_fields(label.model.as_ref(), Some(label))),
            None => fields.extend(more.iter().cloned()),
        }
        Ok(device(DeviceCommand::Add {
            fields,
            stage: Stage::Received,
            origin: Origin::Entered,
        }))
    })
    .intro(intro)
    .then(|receipt| {
        receipt
            .made(Kind::Device)
            .map(|made| Effect::Go(Place::Device(made.what.id)))
            .into_iter()
            .collect()
    });
    open(form)
}

/// What the label and the record say beside the fields asked for.
fn extra_fields(facts: Option<&ModelFacts>, scan: Option<&ScanAnswer>) -> Vec<(Field, Value)> {
    let mut out = Vec::new();
    let mut add = |field: Field, text: &str| {
        if let Ok(Some(value)) = field.parse(text) {
            out.push((field, value));
        }
    };
    if let Some(scan) = scan {
        add(Field::UdiDi, scan.scan.di.as_deref().unwrap_or_default());
        add(Field::Lot, scan.scan.lot.as_deref().unwrap_or_default());
    }
    if let Some(facts) = facts {
        add(Field::ModelNumber, &facts.model);
        add(Field::CatalogueNumber, &facts.catalogue);
        add(Field::Brand, &facts.brand);
        let code = facts.product_codes.first().map(|(code, _)| code.as_str());
        add(Field::TypeCode, code.unwrap_or_default());
        add(Field::Gmdn, &facts.gmdn);
    }
    out
}

/// The first page of a new store: names that can be changed later.
pub fn first_start(shop: &ShopFacts, key: &str, name: &str) -> Effect {
    let key = key.to_owned();
    let (old_shop, old_prefix) = (shop.name.clone(), shop.prefix.clone());
    let form = Form::new(
        "A new store",
        vec![
            Entry::line("Shop").needed().holding(&shop.name),
            Entry::line("Order prefix").needed().holding(&shop.prefix),
            Entry::line("Your name").needed().holding(name),
            Entry::line("Initials").hint("for stickers"),
        ],
        move |values| {
            let mut out = Vec::new();
            let mut tell = |command| out.push(Effect::Tell(Box::new(command)));
            if values.text(0) != old_shop {
                tell(Command::Shop(ShopEvent::Renamed {
                    name: values.text(0),
                }));
            }
            let prefix = values.text(1).to_uppercase();
            if prefix != old_prefix {
                tell(Command::Shop(ShopEvent::PrefixChanged { prefix }));
            }
            let full = values.text(2);
            let initials = match values.text(3) {
                given if given.is_empty() => full
                    .split_whitespace()
                    .filter_map(|word| word.chars().next())
                    .collect(),
                given => given,
            };
            tell(Command::Technician {
                key: key.clone(),
                event: TechnicianEvent::Named {
                    key: key.clone(),
                    name: full,
                    initials,
                },
            });
            Ok(out)
        },
    )
    .intro(
        "There is nothing here yet. These names stand on printed records; all of them can be changed later. \
         Esc keeps them as they are.",
    )
    .then(|_| {
        let words = "Saved. Register a device here, or bring in your list: tagout device import FILE.csv";
        vec![Effect::Say(Tone::Good, words.to_owned())]
    });
    open(form)
}
