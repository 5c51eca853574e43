//! `shop` and `init`: what a store calls itself.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::bench::query::ShopFacts;
use crate::bench::{NewStore, Session};
use crate::domain::command::Command;
use crate::domain::refusal::Refusal;
use crate::domain::shop::{ShopEvent, known_zone};
use crate::domain::technician::TechnicianEvent;
use crate::identify::text::clean;

use super::done::{Done, Trouble};
use super::place::Place;

/// What may be done with the shop.
#[derive(Debug, Subcommand)]
pub enum ShopSub {
    /// The shop and its store
    Show,
    /// Change name, prefix or zone
    Set(SetArgs),
}

/// Arguments of `shop set`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").args(["name", "prefix", "zone"]).required(true).multiple(true))]
pub struct SetArgs {
    /// The shop's name
    #[arg(long)]
    pub name: Option<String>,
    /// Prefix of work order numbers: 1 to 8 capital letters and digits
    #[arg(long)]
    pub prefix: Option<String>,
    /// Time zone by its IANA name, like America/Chicago
    #[arg(long, value_parser = zone)]
    pub zone: Option<String>,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The shop's name (default: the machine's)
    #[arg(long)]
    pub name: Option<String>,
    /// Prefix of work order numbers
    #[arg(long, default_value = "SHOP", value_parser = prefix)]
    pub prefix: String,
    /// Time zone by its IANA name (default: the machine's)
    #[arg(long, value_parser = zone)]
    pub zone: Option<String>,
    /// For trying things: takes a set clock (TAGOUT_CLOCK), and can never be merged with real records
    #[arg(long)]
    pub demo: bool,
}

fn zone(text: &str) -> Result<String, String> {
    known_zone(text)
        .map(|()| text.to_owned())
        .map_err(|refusal| refusal.hint)
}

fn prefix(text: &str) -> Result<String, String> {
    let fine = (1..=8).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if fine {
        Ok(text.to_owned())
    } else {
        Err("use 1 to 8 capital letters and digits, like SHOP2".to_owned())
    }
}

/// Runs a shop command.
pub fn run(place: &Place, command: ShopSub) -> Result<Done, Trouble> {
    match command {
        ShopSub::Show => show(&place.session()?),
        ShopSub::Set(arguments) => {
            let session = place.work()?;
            let events = [
                arguments.name.map(|name| ShopEvent::Renamed { name }),
                arguments
                    .prefix
                    .map(|prefix| ShopEvent::PrefixChanged { prefix }),
                arguments.zone.map(|zone| ShopEvent::ZoneChanged { zone }),
            ];
            for event in events.into_iter().flatten() {
                session.tell(Command::Shop(event))?;
            }
            show(&session)
        }
    }
}

/// Makes a store.
pub fn init(place: &Place, arguments: InitArgs) -> Result<Done, Trouble> {
    let usual = place.new_store();
    let new = NewStore {
        shop: arguments.name.unwrap_or(usual.shop),
        prefix: arguments.prefix,
        zone: arguments.zone.unwrap_or(usual.zone),
        demo: arguments.demo,
        seed: None,
    };
    let journal = place.folders().store.join("journal");
    if journal.exists() {
        return Err(Refusal::rule(
            format!(
                "There is a store in {} already. Nothing was changed.",
                place.folders().store.display()
            ),
            "Change its name with `tagout shop set`, or name another folder with --store.",
        )
        .into());
    }
    let entered = place.open(Some(new))?;
    let session = Session::over(entered.link, &place.own_key());
    if arguments.demo {
        // A demonstration takes nobody over by itself; an empty one gets the account.
        session.tell(Command::Technician {
            key: place.own_key(),
            event: TechnicianEvent::Named {
                key: place.own_key(),
                name: place.user().to_owned(),
                initials: place
                    .user()
                    .chars()
                    .take(2)
                    .collect::<String>()
                    .to_uppercase(),
            },
        })?;
    }
    show(&session)
}

fn show(session: &Session) -> Result<Done, Trouble> {
    let facts = session.shop()?;
    let mut text = String::new();
    let mut line = |label: &str, value: &str| {
        say!(text, "{label:<12}{}\n", clean(value));
    };
    line("Shop", &facts.name);
    line("Prefix", &facts.prefix);
    line("Zone", &facts.zone);
    line("Site", &facts.site);
    line("Store", &facts.dir);
    line("Devices", &facts.devices.to_string());
    line("Records", &facts.entries.to_string());
    line("Today", &facts.today.to_string());
    if facts.demo {
        line("Kind", "demonstration");
    }
    if facts.newer > 0 {
        line(
            "Newer",
            &format!("{} records of a newer version are kept unread", facts.newer),
        );
    }
    if facts.conflicts > 0 {
        line(
            "Conflicts",
            &format!("{}: tagout conflict list", facts.conflicts),
        );
    }
    if let Some(why) = &facts.read_only {
        line("READ ONLY", why);
    }
    Ok(Done::new(text, shape(&facts)))
}

fn shape(facts: &ShopFacts) -> Value {
    json!({
        "name": facts.name,
        "prefix": facts.prefix,
        "zone": facts.zone,
        "site": facts.site,
        "store": facts.dir,
        "demo": facts.demo,
        "devices": facts.devices,
        "entries": facts.entries,
        "newer": facts.newer,
        "conflicts": facts.conflicts,
        "read_only": facts.read_only,
        "today": facts.today,
        "now": facts.now.rfc3339(),
    })
}
