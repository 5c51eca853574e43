//! `device find` and `device show`.

use clap::Args;

use crate::bench::Session;
use crate::bench::query::DeviceSheet;
use crate::domain::device::{DeviceCard, Field};
use crate::identify::text::clean;

use super::super::done::{Done, Trouble};
use super::super::place::Place;
use super::super::table::Table;
use super::super::{lists, pick, shapes};

/// Arguments of `device find`.
#[derive(Debug, Args)]
pub struct FindArgs {
    /// Tag, serial, UDI, model, department or any words
    #[arg(required = true, num_args = 1..)]
    pub query: Vec<String>,
    /// At most this many
    #[arg(short, long = "number", default_value_t = 20, value_name = "K")]
    pub n: usize,
}

/// Arguments of `device show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Tag, serial or earlier tag
    pub device: Option<String>,
    /// The id from a JSON answer
    #[arg(long)]
    pub id: Option<String>,
}

/// Devices by typed text, best first.
pub fn find(place: &Place, arguments: &FindArgs) -> Result<Done, Trouble> {
    let query = arguments.query.join(" ");
    let session = place.session()?;
    let found = session.find(&query, arguments.n)?;
    let json = found
        .devices
        .iter()
        .map(|found| shapes::found(&found.card))
        .collect();
    if found.devices.is_empty() {
        return Ok(Done::new(
            format!("No device matches \"{}\".\n", short(&clean(&query))),
            json,
        )
        .code(1));
    }
    let mut text = String::new();
    if found.nearest {
        say!(
            text,
            "Nothing matches \"{}\". The nearest:\n",
            clean(&query)
        );
    }
    let mut table = Table::new(&[
        "Tag",
        "Serial",
        "Device",
        "Department",
        "Location",
        "Status",
    ]);
    for device in &found.devices {
        let card = &device.card;
        table.row([
            card.tag.as_str(),
            &card.serial,
            &card.name(),
            &card.department,
            &card.location,
            &card.status,
        ]);
    }
    text.push_str(&table.text());
    if !place.json() {
        for late in late_of(&session, found.devices.iter().map(|found| &found.card))? {
            say!(text, "! {}\n", clean(&late));
        }
    }
    let more = found.total.saturating_sub(found.devices.len());
    if more > 0 {
        say!(
            text,
            "{more} more; give -n {} or more words.\n",
            found.total
        );
    }
    Ok(Done::new(text, json))
}

/// What of these devices should have gone or come back before today, a line each.
pub fn late_of<'a>(
    session: &Session,
    cards: impl Iterator<Item = &'a DeviceCard>,
) -> Result<Vec<String>, Trouble> {
    let today = session.shop()?.today;
    let mut out = Vec::new();
    for card in cards {
        let device = session.device(card.id)?.device;
        let late = device.late_back(today).into_iter();
        out.extend(late.map(|late| format!("{}: {late}", card.tag)));
    }
    Ok(out)
}

/// One device.
pub fn show(place: &Place, arguments: &ShowArgs) -> Result<Done, Trouble> {
    let session = place.session()?;
    let id = pick::device_or_id(
        &session,
        arguments.device.as_deref(),
        arguments.id.as_deref(),
    )?;
    let mut sheet = session.device(id)?;
    let late = sheet.device.late_back(session.shop()?.today);
    let tag = sheet.device.tag();
    sheet
        .warnings
        .extend(late.into_iter().map(|late| format!("{tag}: {late}")));
    Ok(Done::new(words(&sheet), shapes::device_sheet(&sheet)))
}

fn words(sheet: &DeviceSheet) -> String {
    let device = &sheet.device;
    let mut out = format!("{}  {}\n", clean(&device.tag()), clean(&device.name()));
    say!(
        out,
        "Status: {}, {} ({})\n",
        device.stage(),
        clean(&device.whereabouts.details()),
        device.use_status()
    );
    for conflict in device.conflicts() {
        let sides = lists::conflict(&conflict, &|key| lists::who(&sheet.names, key));
        say!(out, "≠ {}\n", clean(&sides));
    }
    for hold in &device.holds {
        say!(
            out,
            "HOLD {}: {} (by {}, {}) id {}\n",
            hold.kind,
            clean(&hold.reason),
            clean(&lists::who(&sheet.names, &hold.stamp.by)),
            hold.stamp.at.minute(),
            hold.stamp.dot
        );
    }
    // The holds are said above, and the open orders are listed below.
    let tag = device.tag();
    let said: Vec<String> = device
        .holds
        .iter()
        .map(|hold| format!("{tag}: {}: {}", hold.kind, hold.reason))
        .collect();
    let listed = format!("{tag}: open order ");
    for warning in sheet
        .warnings
        .iter()
        .filter(|warning| !said.contains(warning) && !warning.starts_with(&listed))
    {
        say!(out, "! {}\n", clean(warning));
    }
    if let Some(other) = &sheet.stands_for {
        say!(out, "Combined into {}\n", clean(&other.tag));
    }
    let mut fields = Table::new(&["", ""]);
    for field in Field::ALL {
        let text = device.text(*field);
        if !text.is_empty() {
            fields.row([field.label(), &text]);
        }
    }
    out.push_str(fields.text().trim_start());
    if !device.aliases.is_empty() {
        say!(
            out,
            "Earlier names: {}\n",
            clean(&device.aliases.join(", "))
        );
    }
    for (activity, last) in &device.inspections {
        let due = last
            .next_due
            .map_or_else(|| "not known".to_owned(), |due| due.to_string());
        let report = if last.report.is_empty() {
            String::new()
        } else {
            format!(", by {}", last.report)
        };
        say!(
            out,
            "Last {}: {} on {}, next due {due}{}\n",
            clean(activity),
            last.outcome,
            last.performed,
            clean(&report)
        );
    }
    for module in &sheet.modules {
        say!(
            out,
            "Module {}  {}\n",
            clean(&module.tag),
            clean(&module.name())
        );
    }
    if !sheet.open_orders.is_empty() {
        out.push_str("Open orders\n");
        out.push_str(&lists::orders(&sheet.open_orders));
    }
    if !sheet.inspections.is_empty() {
        out.push_str("Inspections\n");
        out.push_str(&lists::inspections(&sheet.inspections));
    }
    out
}

/// A query as an answer repeats it: its beginning says enough.
fn short(query: &str) -> String {
    const SHOWN: usize = 60;
    let mut out: String = query.chars().take(SHOWN).collect();
    if query.chars().nth(SHOWN).is_some() {
        out.push('…');
    }
    out
}
