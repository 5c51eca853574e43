//! A delivery: what all devices share is asked once, then serial and tag of each, one after the other.
//!
//! Invariants: each device is recorded as soon as its tag is given; what was recorded stays recorded when the loop is
//! left; the count of received and ordered is always on screen.

use std::cell::RefCell;
use std::rc::Rc;

use crate::bench::query::ScanAnswer;
use crate::domain::command::Command;
use crate::domain::device::{DeviceCommand, Field, Origin, Stage, Value};
use crate::tui::app::screen::{Effect, Tone};
use crate::tui::screens::form::{Entry, Form, Values, Wrong};

/// The fields that a delivery shares, in the order they are asked.
const SHARED: [Field; 6] = [
    Field::PurchaseOrder,
    Field::Manufacturer,
    Field::Model,
    Field::TypeName,
    Field::Department,
    Field::Accessories,
];

/// One delivery while it is being received.
#[derive(Default)]
struct Delivery {
    shared: Vec<(Field, Value)>,
    ordered: u32,
    received: u32,
    dead: u32,
}

fn read(values: &Values<'_>, at: usize, field: Field) -> Result<Option<(Field, Value)>, Wrong> {
    let value = field
        .parse(&values.text(at))
        .map_err(|bad| (Some(at), format!("{bad}.")))?;
    Ok(value.map(|value| (field, value)))
}

/// What a label says beside the serial.
fn of_label(label: &ScanAnswer) -> Vec<(Field, Value)> {
    [
        (Field::UdiDi, &label.scan.di),
        (Field::Lot, &label.scan.lot),
    ]
    .into_iter()
    .filter_map(|(field, text)| {
        let value = field.parse(text.as_deref()?).ok().flatten()?;
        Some((field, value))
    })
    .collect()
}

/// The form that begins a delivery.
pub fn open() -> Effect {
    let mut entries: Vec<Entry> = SHARED
        .iter()
        .map(|field| {
            let entry = Entry::line(field.label());
            match field {
                Field::Manufacturer | Field::Model => entry.needed(),
                Field::Accessories => entry.hint("of each, separated by ;"),
                _ => entry,
            }
        })
        .collect();
    entries.push(Entry::line("How many ordered").needed());
    let form = Form::new("Receive a delivery", entries, |values| {
        let mut shared = Vec::new();
        for (at, field) in SHARED.iter().enumerate() {
            shared.extend(read(values, at, *field)?);
        }
        let ordered = values
            .number(SHARED.len(), 10_000)?
            .filter(|n| *n > 0)
            .ok_or_else(|| (Some(SHARED.len()), "How many were ordered?".to_owned()))?;
        let delivery = Delivery {
            shared,
            ordered,
            ..Delivery::default()
        };
        Ok(vec![next(Rc::new(RefCell::new(delivery)))])
    })
    .intro("Asked once for the whole delivery. Then each device: its serial, then its new tag.");
    Effect::Open(Box::new(form))
}

/// The form of the next device.
fn next(delivery: Rc<RefCell<Delivery>>) -> Effect {
    let (done, ordered, dead) = {
        let state = delivery.borrow();
        (state.received, state.ordered, state.dead)
    };
    let after = Rc::clone(&delivery);
    let is_dead = Rc::new(RefCell::new(false));
    let was_dead = Rc::clone(&is_dead);
    let answers = [("no", "no"), ("yes", "yes, dead on arrival")]
        .map(|(key, words)| (key.to_owned(), words.to_owned()))
        .to_vec();
    let form = Form::new(
        format!("Device {} of {ordered}", done + 1),
        vec![
            Entry::line("Serial").needed().hint("scan the label"),
            Entry::line("New tag").needed().hint("scan the next tag label"),
            Entry::choice("Dead?", answers).holding("no"),
        ],
        move |values| {
            let mut fields = delivery.borrow().shared.clone();
            fields.extend(read(values, 0, Field::Serial)?);
            fields.extend(read(values, 1, Field::AssetTag)?);
            if let Some(label) = values.label(0) {
                fields.retain(|(field, _)| !matches!(field, Field::UdiDi | Field::Lot));
                fields.extend(of_label(label));
            }
            let dead = values.text(2) == "yes";
            *is_dead.borrow_mut() = dead;
            if dead {
                fields.extend(
                    Field::Notes
                        .parse("Dead on arrival.")
                        .ok()
                        .flatten()
                        .map(|value| (Field::Notes, value)),
                );
            }
            Ok(vec![Effect::Tell(Box::new(Command::Device(
                DeviceCommand::Add {
                    fields,
                    stage: Stage::Received,
                    origin: Origin::Delivered,
                },
            )))])
        },
    )
    .intro(format!(
        "{done} of {ordered} received, {dead} dead on arrival. Esc ends the delivery; what is recorded stays. \
         Scan serial, then tag: the second scan records the device."
    ))
    .sent_by_scan()
    .then(move |_| {
        let all = {
            let mut state = after.borrow_mut();
            state.received += 1;
            state.dead += u32::from(*was_dead.borrow());
            state.received >= state.ordered
        };
        if all {
            let state = after.borrow();
            let words = format!(
                "Delivery complete: {} of {} received, {} dead on arrival. Each waits for its incoming inspection.",
                state.received, state.ordered, state.dead
            );
            vec![Effect::Say(Tone::Good, words)]
        } else {
            vec![next(Rc::clone(&after))]
        }
    });
    Effect::Open(Box::new(form))
}
