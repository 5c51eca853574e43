//! `receive`: a delivery of equal devices, taken in with two scans each.
//!
//! What all have in common is given once. Then, line by line on standard input: the serial number or UDI, then the tag
//! of the label put on it; or both on one line with a tab between. An empty tag gives a temporary one. `dead WHY` says
//! that the last one was dead on arrival; an empty line or `done` ends the delivery.
//!
//! Invariants: each device is durable with its incoming-inspection order before the next line is read; two scans are one
//! device, also when one of them is refused; a label of the maker is never a tag, a tag on record never a serial number.

use std::io::{BufRead, IsTerminal as _, Write as _};

use clap::Args;
use serde_json::{Value as Json, json};

use crate::bench::{Failure, Session};
use crate::domain::command::Command;
use crate::domain::device::{DeviceCommand, Field, HoldKind, Origin, Stage, Value};
use crate::domain::event::Kind;
use crate::domain::id::EntityId;
use crate::domain::model::ModelFacts;
use crate::domain::order::{Cause, Opening, OrderCommand, OrderKind, Priority};
use crate::domain::refusal::Refusal;
use crate::identify::text::{clean, fold_identifier};
use crate::identify::{Scan, Token, classify};
use crate::report::{Delivered, Delivery, Page, delivery_text};

use super::done::{Done, Trouble, note};
use super::fields::{self, FieldArgs};
use super::place::Place;
use super::shapes;

/// Arguments of `receive`.
///
/// What clap prints after the options is the whole protocol on standard input.
#[derive(Debug, Args)]
#[command(after_help = "\
Then scan or type, a line each: the serial number or UDI, then the tag of the label put on it
(an empty line gives a temporary tag). Or both on one line with a tab between.
  dead WHY       the last one was dead on arrival: it is held and listed
  done           (or an empty line instead of a serial) ends the delivery
A tag that is refused is asked for again for the same device. Of a device that is on record
already, the tag is read too and not used.")]
pub struct ReceiveArgs {
    /// How many were ordered
    #[arg(long, value_name = "N")]
    pub ordered: Option<usize>,
    /// What all of them have in common: --po, --manufacturer, --model, --type, --department …
    #[command(flatten)]
    pub fields: FieldArgs,
}

/// One delivery while it is taken in.
struct Taking<'a> {
    place: &'a Place,
    session: Session,
    common: Vec<(Field, Value)>,
    delivery: Delivery,
    last: Option<EntityId>,
    refused: Vec<(String, String)>,
}

/// Takes a delivery in.
pub fn run(place: &Place, arguments: ReceiveArgs) -> Result<Done, Trouble> {
    let common = arguments.fields.values()?;
    if common.iter().any(|(field, _)| *field == Field::Serial) {
        return Err(Trouble::usage(
            "The serial number is different for each device.",
            "Leave --serial out; scan it for each one.",
        ));
    }
    let text = |field: Field| {
        common
            .iter()
            .find(|(known, _)| *known == field)
            .map(|(_, value)| field.show(value))
            .unwrap_or_default()
    };
    let session = place.work()?;
    let delivery = Delivery {
        purchase_order: text(Field::PurchaseOrder),
        model: format!("{} {}", text(Field::Manufacturer), text(Field::Model))
            .trim()
            .to_owned(),
        by: session.actor().to_owned(),
        ordered: arguments.ordered,
        accessories: text(Field::Accessories),
        ..Delivery::default()
    };
    let mut taking = Taking {
        place,
        session,
        common,
        delivery,
        last: None,
        refused: Vec::new(),
    };
    let mut input = Input {
        lines: std::io::stdin().lock().lines(),
        asks: std::io::stdin().is_terminal(),
        waiting: None,
        ended: false,
    };
    while let Some(line) = input.next("Serial or UDI (empty to end)")? {
        let line = line.trim_matches(['\r', '\n', ' ']).to_owned();
        if ends(&line) {
            break;
        }
        if let Some(why) = dead(&line) {
            taking.dead_on_arrival(why)?;
            continue;
        }
        match line.split_once('\t') {
            Some((label, tag)) => taking.pair(label.trim(), tag.trim())?,
            None => taking.scans(&line, &mut input)?,
        }
        if input.ended {
            break;
        }
    }
    Ok(taking.end())
}

/// The scans, one a line.
struct Input<'a> {
    lines: std::io::Lines<std::io::StdinLock<'a>>,
    asks: bool,
    /// A label that was scanned where a tag was expected: it begins the next device.
    waiting: Option<String>,
    /// The delivery was ended where a tag was expected.
    ended: bool,
}

impl Input<'_> {
    fn next(&mut self, prompt: &str) -> Result<Option<String>, Trouble> {
        if let Some(line) = self.waiting.take() {
            return Ok(Some(line));
        }
        if self.asks {
            let mut stderr = std::io::stderr().lock();
            let _ = write!(stderr, "{prompt}: ");
            let _ = stderr.flush();
        }
        self.lines
            .next()
            .transpose()
            .map_err(|error| Trouble::File {
                what: format!(
                    "The scans could not be read: {error}. Every device before it is recorded."
                ),
                hint: "Start `tagout receive` again and go on with the next one.".to_owned(),
            })
    }
}

/// An empty line or `done`.
fn ends(line: &str) -> bool {
    line.is_empty() || line.eq_ignore_ascii_case("done")
}

/// `dead WHY`.
fn dead(line: &str) -> Option<&str> {
    let (word, why) = line.split_once(' ').unwrap_or((line, ""));
    (word.eq_ignore_ascii_case("dead") || word.eq_ignore_ascii_case("doa")).then_some(why.trim())
}

impl Taking<'_> {
    /// A label and a tag on one line, in either order. Refused, it is listed and nothing of it is recorded.
    fn pair(&mut self, label: &str, tag: &str) -> Result<(), Trouble> {
        let (label, tag) = match (self.udi_serial(label)?, self.udi_serial(tag)?) {
            // The label of the maker says which of the two is the tag.
            (None, Some(_)) => (tag, label),
            _ => (label, tag),
        };
        let Some(fields) = self.read(label)? else {
            return Ok(());
        };
        if let Some(why) = self.take_or_why(label, tag, &fields)? {
            self.refused.push((label.to_owned(), why));
        }
        Ok(())
    }

    /// Two scans: the label, then the tag. A tag that is refused is asked for again for the same device, so that the two
    /// never get out of step; a label of the maker is never taken for a tag.
    fn scans(&mut self, label: &str, input: &mut Input<'_>) -> Result<(), Trouble> {
        let mut label = label.to_owned();
        let Some(mut fields) = self.read(&label)? else {
            // Its tag was scanned with it, or is scanned now: it belongs to no device of this delivery.
            let line = input.next("Not taken in. Scan its tag too, or press Enter")?;
            let line = line.unwrap_or_default().trim().to_owned();
            if self.udi_serial(&line)?.is_some() || dead(&line).is_some() || line.contains('\t') {
                input.waiting = Some(line);
            } else if line.eq_ignore_ascii_case("done") {
                input.ended = true;
            }
            return Ok(());
        };
        let mut refused: Option<String> = None;
        loop {
            let prompt = match refused {
                None => "Tag (empty for a temporary one)".to_owned(),
                Some(_) => format!("Tag of {label} again (empty for a temporary one)"),
            };
            let tag = match (input.next(&prompt)?, &refused) {
                (Some(line), _) => line.trim().to_owned(),
                (None, None) => String::new(),
                (None, Some(_)) => break,
            };
            if tag.eq_ignore_ascii_case("done") {
                input.ended = true;
                refused.get_or_insert_with(|| "its tag was not scanned".to_owned());
                break;
            }
            if tag.contains('\t') {
                // A whole device on one line: the one before it stays without a tag.
                refused.get_or_insert_with(|| "its tag was not scanned".to_owned());
                input.waiting = Some(tag);
                break;
            }
            if let Some(serial) = self.udi_serial(&tag)?
                && self.udi_serial(&label)?.is_none()
                && fold_identifier(&serial) != fold_identifier(&label)
            {
                // The tag was scanned first, then the label of the maker.
                let Some(read) = self.read(&tag)? else {
                    return Ok(());
                };
                fields = read;
                let first = std::mem::replace(&mut label, tag);
                match self.take_or_why(&label, &first, &fields)? {
                    None => return Ok(()),
                    why => refused = why,
                }
                continue;
            }
            match self.take_or_why(&label, &tag, &fields)? {
                None => return Ok(()),
                why => refused = why,
            }
        }
        self.refused.extend(refused.map(|why| (label, why)));
        Ok(())
    }

    /// The serial number that a label of the maker carries; empty when it names none, `None` when it is no such label.
    fn udi_serial(&self, text: &str) -> Result<Option<String>, Trouble> {
        Ok(match classify(text, self.session.shop()?.today) {
            Token::Udi(scan) if scan.di.is_some() => Some(scan.serial.unwrap_or_default()),
            _ => None,
        })
    }

    /// Takes one in, or says why not.
    fn take_or_why(
        &mut self,
        label: &str,
        tag: &str,
        fields: &[(Field, Value)],
    ) -> Result<Option<String>, Trouble> {
        let refusal = if self.udi_serial(tag)?.is_some() {
            Refusal::bad_input(
                "This is the label of the maker, not an asset tag.",
                "Scan the hospital's own label.",
            )
        } else if !tag.is_empty() && fold_identifier(tag) == fold_identifier(label) {
            Refusal::bad_input(
                "This is the label that was scanned before, not an asset tag.",
                "Scan the hospital's own label.",
            )
        } else {
            match self.take(label, tag, fields) {
                Ok(()) => return Ok(None),
                Err(Trouble::Bench(Failure::Refused(refusal))) => refusal,
                Err(other) => return Err(other),
            }
        };
        note(
            self.place.json(),
            &format!("{}: {refusal} {}", clean(tag), refusal.hint),
        );
        Ok(Some(refusal.what))
    }

    /// What a label says of one device; `None` when it is on record already or says no serial number.
    fn read(&mut self, label: &str) -> Result<Option<Vec<(Field, Value)>>, Trouble> {
        let today = self.session.shop()?.today;
        let mut fields = self.common.clone();
        let serial = match classify(label, today) {
            Token::Identifier(serial) => {
                let named = self
                    .session
                    .named(&serial)?
                    .into_iter()
                    .find(|card| fold_identifier(&card.tag) == fold_identifier(&serial));
                if let Some(card) = named {
                    let why = format!("{} is the asset tag of a device on record", card.tag);
                    note(
                        self.place.json(),
                        &format!(
                            "{why}, not a serial number. Scan the serial first, then the tag."
                        ),
                    );
                    self.refused.push((serial, why));
                    return Ok(None);
                }
                serial
            }
            Token::Udi(scan) => {
                let answer = self.session.scan(label)?;
                from_scan(&mut fields, &scan, answer.model.as_ref());
                match scan.serial {
                    Some(serial) => serial,
                    None => {
                        note(
                            self.place.json(),
                            &format!(
                                "{label}: the label names no serial number; type it from the device."
                            ),
                        );
                        self.refused
                            .push((label.to_owned(), "it names no serial number".to_owned()));
                        return Ok(None);
                    }
                }
            }
        };
        let value = Field::Serial.parse(&serial).map_err(fields::bad)?;
        fields.retain(|(field, _)| *field != Field::Serial);
        fields.extend(value.map(|value| (Field::Serial, value)));
        let own = |field: Field| {
            fields
                .iter()
                .find(|(known, _)| *known == field)
                .map(|(_, value)| fold_identifier(&field.show(value)))
                .unwrap_or_default()
        };
        let same = self.session.named(&serial)?.into_iter().find(|card| {
            fold_identifier(&card.serial) == fold_identifier(&serial)
                && fold_identifier(&card.manufacturer) == own(Field::Manufacturer)
                && fold_identifier(&card.model) == own(Field::Model)
        });
        if let Some(card) = same {
            note(
                self.place.json(),
                &format!("{serial} is on record already, as {}.", card.tag),
            );
            self.delivery.duplicates.push((serial, card.tag));
            return Ok(None);
        }
        Ok(Some(fields))
    }

    /// Records one device with its incoming-inspection order.
    fn take(&mut self, label: &str, tag: &str, fields: &[(Field, Value)]) -> Result<(), Trouble> {
        let mut fields = fields.to_vec();
        if let Some(value) = Field::AssetTag.parse(tag).map_err(fields::bad)? {
            fields.push((Field::AssetTag, value));
        }
        let receipt = self.session.tell(Command::Device(DeviceCommand::Add {
            fields,
            stage: Stage::Received,
            origin: Origin::Delivered,
        }))?;
        let made = receipt.made(Kind::Device).ok_or_else(|| {
            Refusal::rule(
                "The device was not added: the store answered without a device.",
                "Look with `tagout device find`, then scan it again.",
            )
        })?;
        let kind = OrderKind::IncomingInspection;
        let order = self.session.tell(Command::Order(OrderCommand::Open {
            opening: Opening {
                kind,
                device: Some(made.what.id),
                priority: Priority::Normal,
                problem: String::new(),
                requester: String::new(),
                department: String::new(),
                due: None,
                window: None,
                activity: kind.default_activity().to_owned(),
                procedure: String::new(),
                planned_minutes: None,
                interval_months: None,
                cause: Cause::Request,
            },
            check_in: None,
        }))?;
        let number = order
            .made(Kind::Order)
            .map_or_else(String::new, |made| made.name.clone());
        let sheet = self.session.device(made.what.id)?;
        let delivered = Delivered {
            tag: sheet.device.tag(),
            serial: sheet.device.text(Field::Serial),
            order: number,
            dead: None,
        };
        let of = self
            .delivery
            .ordered
            .map(|n| format!(" of {n}"))
            .unwrap_or_default();
        let count = self.delivery.received.len() + 1;
        if !self.place.json() {
            note(
                false,
                &format!("{count}{of}: {} {label} {}", delivered.tag, delivered.order),
            );
        }
        self.delivery.received.push(delivered);
        self.last = Some(made.what.id);
        Ok(())
    }

    /// The last one was dead on arrival: it is held, and listed.
    fn dead_on_arrival(&mut self, why: &str) -> Result<(), Trouble> {
        let (Some(device), Some(last)) = (self.last, self.delivery.received.last_mut()) else {
            note(
                self.place.json(),
                "No device was taken in yet, so none can be dead on arrival.",
            );
            return Ok(());
        };
        let reason = if why.is_empty() {
            "dead on arrival".to_owned()
        } else {
            format!("dead on arrival: {why}")
        };
        self.session.tell(Command::Device(DeviceCommand::Hold {
            device,
            kind: HoldKind::DoNotUse,
            reason: reason.clone(),
        }))?;
        last.dead = Some(if why.is_empty() {
            "no reason given".to_owned()
        } else {
            why.to_owned()
        });
        Ok(())
    }

    fn end(self) -> Done {
        let shop = self.session.shop().ok();
        let page = Page {
            shop: shop.as_ref(),
            width: super::table::terminal_width().unwrap_or(80),
            ascii: self.place.ascii(),
        };
        let mut text = delivery_text(&self.delivery, &page);
        for (label, why) in &self.refused {
            say!(text, "NOT TAKEN IN: {}: {}\n", clean(label), clean(why));
        }
        let code = i32::from(!self.refused.is_empty());
        Done::new(text, shape(&self.delivery, &self.refused)).code(code)
    }
}

/// Adds what a label and its published record say; what was given on the command line stays.
pub(super) fn from_scan(fields: &mut Vec<(Field, Value)>, scan: &Scan, model: Option<&ModelFacts>) {
    let mut put = |field: Field, text: &str| {
        let known = fields.iter().any(|(known, _)| *known == field);
        if let (false, Ok(Some(value))) = (known, field.parse(text)) {
            fields.push((field, value));
        }
    };
    if let Some(di) = &scan.di {
        put(Field::UdiDi, di);
    }
    if let Some(lot) = &scan.lot {
        put(Field::Lot, lot);
    }
    if let Some(made) = &scan.manufactured {
        // A label may give the month only: then no day is made up.
        put(Field::Manufactured, &made.to_string());
    }
    if let Some(model) = model {
        put(Field::Manufacturer, &model.manufacturer);
        put(Field::Brand, &model.brand);
        put(Field::Model, &model.model);
        put(Field::CatalogueNumber, &model.catalogue);
        if let Some((code, name)) = model.product_codes.first() {
            put(Field::TypeCode, code);
            put(Field::TypeName, name);
        }
    }
}

fn shape(delivery: &Delivery, refused: &[(String, String)]) -> Json {
    json!({
        "po": shapes::known(&delivery.purchase_order),
        "model": shapes::known(&delivery.model),
        "ordered": delivery.ordered,
        "received": delivery.received.iter().map(|one| json!({
            "tag": one.tag,
            "serial": shapes::known(&one.serial),
            "order": shapes::known(&one.order),
            "dead": one.dead,
        })).collect::<Vec<_>>(),
        "duplicates": delivery.duplicates.iter().map(|(serial, tag)| json!({
            "serial": serial,
            "tag": tag,
        })).collect::<Vec<_>>(),
        "refused": refused.iter().map(|(label, why)| json!({
            "label": label,
            "why": why,
        })).collect::<Vec<_>>(),
    })
}
