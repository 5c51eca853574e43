//! `site`: the shops whose records come here, and which of them are trusted.

use clap::{Args, Subcommand};
use serde_json::json;

use crate::bench::clock::minute;
use crate::bench::query::ShopFacts;
use crate::bench::sync::{SiteAct, SiteSheet};
use crate::domain::id::SiteId;
use crate::domain::refusal::Refusal;
use crate::identify::text::clean;

use super::bundle;
use super::done::{Done, Trouble};
use super::place::Place;
use super::progress::Bar;
use super::table::Table;

/// What may be done with sites.
#[derive(Debug, Subcommand)]
pub enum SiteSub {
    /// Every known site
    List,
    /// One site, with the words and the code to compare with the other shop
    Show(ShowArgs),
    /// Trust a site whose words were compared: its records are taken in
    Trust(TrustArgs),
    /// Refuse what a site writes from now on; what is here stays
    Revoke(RevokeArgs),
    /// Call a site by another name here
    Rename(RenameArgs),
}

/// Arguments of `site show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The site, by name or by the first digits of its id (default: this shop's own)
    pub site: Option<String>,
}

/// Arguments of `site trust`.
#[derive(Debug, Args)]
pub struct TrustArgs {
    /// The site, by name, by the first digits of its id, or by its ten words
    pub site: String,
    /// What it is called here (default: as it calls itself)
    #[arg(long, default_value = "", hide_default_value = true)]
    pub name: String,
}

/// Arguments of `site revoke`.
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// The site
    pub site: String,
    /// Why, like "laptop stolen"
    #[arg(long)]
    pub reason: String,
}

/// Arguments of `site rename`.
#[derive(Debug, Args)]
pub struct RenameArgs {
    /// The site
    pub site: String,
    /// The new name
    pub name: String,
}

/// Runs a site command.
pub fn run(place: &Place, command: SiteSub) -> Result<Done, Trouble> {
    match command {
        SiteSub::List => list(place),
        SiteSub::Show(arguments) => {
            let session = place.session()?;
            let sites = session.sites()?;
            let sheet = match &arguments.site {
                Some(site) => named(&sites, site)?,
                None => sites
                    .iter()
                    .find(|sheet| sheet.current)
                    .ok_or_else(|| nobody("this shop"))?,
            };
            let mut text = described(sheet, &session.shop()?);
            if !place.ascii() {
                text.push_str(&code(&sheet.site.id));
            }
            Ok(Done::new(text, json!(sheet)))
        }
        SiteSub::Trust(arguments) => say_it(
            place,
            &arguments.site,
            SiteAct::Trust {
                name: arguments.name,
            },
        ),
        SiteSub::Revoke(arguments) => say_it(
            place,
            &arguments.site,
            SiteAct::Revoke {
                reason: arguments.reason,
            },
        ),
        SiteSub::Rename(arguments) => say_it(
            place,
            &arguments.site,
            SiteAct::Rename {
                name: arguments.name,
            },
        ),
    }
}

fn list(place: &Place) -> Result<Done, Trouble> {
    let session = place.session()?;
    let (shop, sites) = (session.shop()?, session.sites()?);
    let mut table = Table::new(&["Site", "Name", "Trust", "Last record", "Written", "Lacks"]);
    for sheet in &sites {
        table.row([
            sheet.site.short.clone(),
            sheet.site.name.clone(),
            trust(sheet),
            if sheet.last == 0 {
                "none".to_owned()
            } else {
                sheet.last.to_string()
            },
            sheet
                .last_us
                .map_or_else(String::new, |us| minute(us, &shop)),
            if sheet.lacks == 0 {
                String::new()
            } else {
                sheet.lacks.to_string()
            },
        ]);
    }
    Ok(Done::new(table.text(), json!({"sites": sites})))
}

fn trust(sheet: &SiteSheet) -> String {
    match (sheet.current, sheet.trust.as_str()) {
        (true, _) => "this shop".to_owned(),
        (_, "own") => "this shop before".to_owned(),
        (_, other) => other.to_owned(),
    }
}

fn say_it(place: &Place, site: &str, act: SiteAct) -> Result<Done, Trouble> {
    let session = place.work()?;
    let sites = session.sites()?;
    let sheet = named(&sites, site)?;
    let id = id_of(sheet)?;
    let mut bar = Bar::new(place.json());
    let arrived = session.say_of_site(id, act, &mut |step| {
        bar.at(&step.doing, step.done, step.total);
    });
    bar.end();
    let arrived = arrived?;
    let sites = session.sites()?;
    let sheet = bundle::sheet_of(&sites, id).ok_or_else(|| nobody(site))?;
    let mut text = format!(
        "{} is now {}.\n",
        clean(&sheet.site.to_string()),
        match sheet.trust.as_str() {
            "own" => "this shop's own",
            other => other,
        }
    );
    let mut json = json!({"site": sheet});
    if let Some(arrived) = arrived.filter(|a| a.entries > 0 || !a.waiting.is_empty()) {
        let report = bundle::report(&arrived, false);
        text.push_str(&report.text);
        if let Some(object) = json.as_object_mut() {
            object.insert("arrived".to_owned(), json!(arrived));
        }
    }
    Ok(Done::new(text, json))
}

/// The site that is meant: by its name, the first digits of its id, or its words.
pub fn named<'a>(sites: &'a [SiteSheet], text: &str) -> Result<&'a SiteSheet, Trouble> {
    let wanted = text.trim().to_lowercase();
    let said: Vec<String> = wanted
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .map(ToOwned::to_owned)
        .collect();
    let found: Vec<&SiteSheet> = sites
        .iter()
        .filter(|sheet| {
            sheet.site.name.to_lowercase() == wanted
                || (wanted.len() >= 4 && sheet.site.id.starts_with(&wanted))
                || (sheet.words.len() == said.len() && sheet.words == said)
        })
        .collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(nobody(text)),
        several => {
            let names: Vec<String> = several.iter().map(|s| s.site.to_string()).collect();
            Err(Refusal::bad_input(
                format!(
                    "Several sites fit \"{}\": {}.",
                    clean(text),
                    clean(&names.join(", "))
                ),
                "Give more digits of the id. Nothing was changed.",
            )
            .into())
        }
    }
}

/// The id of a site.
pub fn id_of(sheet: &SiteSheet) -> Result<SiteId, Trouble> {
    sheet.site.id.parse().map_err(|_| nobody(&sheet.site.id))
}

fn nobody(text: &str) -> Trouble {
    Refusal::not_found(
        format!("No site \"{}\" is known here.", clean(text)),
        "`tagout site list` shows them; a site is known once a bundle of it was imported. Nothing was changed.",
    )
    .into()
}

fn described(sheet: &SiteSheet, shop: &ShopFacts) -> String {
    let mut text = format!("{}\n", clean(&sheet.site.to_string()));
    let mut line = |head: &str, words: &str| {
        if !words.is_empty() {
            say!(text, "  {head:<12} {}\n", clean(words));
        }
    };
    line("Id", &sheet.site.id);
    line("Shop", &sheet.shop);
    line("Numbers", &sheet.prefix);
    line("Trust", &trust(sheet));
    if let Some(after) = sheet.revoked_after {
        line(
            "Revoked",
            &format!("after record {after}: {}", sheet.revoked_because),
        );
    }
    if let Some(before) = &sheet.continues {
        line(
            "Continues",
            &format!("{before}, after a restored backup, a rollback or a copied disk"),
        );
    }
    line(
        "Records",
        &if sheet.last == 0 {
            "none here".to_owned()
        } else {
            let at = sheet
                .last_us
                .map_or_else(String::new, |us| minute(us, shop));
            format!("1 to {}, the last written {at}", sheet.last)
        },
    );
    if sheet.lacks > 0 {
        line(
            "Lacks",
            &format!("{} records of this store, as far as is known", sheet.lacks),
        );
    }
    if let Some(ms) = sheet.ahead_ms {
        line("Clock", &format!("was {} minutes ahead", ms / 60_000));
    }
    for seq in &sheet.forks {
        line(
            "SECURITY",
            &format!("two versions of record {seq}: two machines write under this name"),
        );
    }
    let (first, second) = sheet.words.split_at(sheet.words.len().min(5));
    say!(
        text,
        "\n  Compare these words with the other shop, by telephone or face to face:\n    {}\n    {}\n\n",
        first.join(" "),
        second.join(" ")
    );
    text
}

/// The id as a QR code of half blocks, for a camera: light on dark, as most terminals are, with the quiet border that
/// cameras need.
fn code(id: &str) -> String {
    const BORDER: usize = 2;
    let made = qrcode::QrCode::with_error_correction_level(
        format!("tagout-site:{id}"),
        qrcode::EcLevel::L,
    );
    let Ok(code) = made else {
        return String::new();
    };
    let width = code.width();
    let colors = code.to_colors();
    let light = |x: usize, y: usize| {
        let inside = x.checked_sub(BORDER).zip(y.checked_sub(BORDER));
        let module = inside.filter(|(x, y)| *x < width && *y < width);
        module.is_none_or(|(x, y)| colors.get(y * width + x) != Some(&qrcode::Color::Dark))
    };
    let side = width + 2 * BORDER;
    let mut out = String::new();
    for y in (0..side).step_by(2) {
        out.push_str("    ");
        for x in 0..side {
            out.push(match (light(x, y), light(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        out.push('\n');
    }
    out
}
