//! The shop: what a store calls itself, and its policies.
//!
//! Invariant: a zone that is set is one that the IANA list knows, so that "today" is never a guess.

use serde::{Deserialize, Serialize};

use super::choices::fold;
use super::refusal::Refusal;
use super::seen::Seen;
use super::time::Stamp;

/// Zones offered for a name that is none.
const OFFERED: usize = 3;

/// What happened to the shop.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ShopEvent {
    /// It got another name.
    Renamed {
        /// The name.
        name: String,
    },
    /// Its work orders got another prefix.
    PrefixChanged {
        /// The prefix.
        prefix: String,
    },
    /// Its time zone was set.
    ZoneChanged {
        /// An IANA name.
        zone: String,
    },
    /// A CSV column map was saved for re-use.
    ColumnMapSaved {
        /// Its name.
        name: String,
        /// The TOML text.
        text: String,
    },
}

/// The shop's state; what is `None` is as Genesis said.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Shop {
    /// Its name, if changed since Genesis.
    pub name: Option<String>,
    /// Its prefix, if changed since Genesis.
    pub prefix: Option<String>,
    /// Its zone, if changed since Genesis.
    pub zone: Option<String>,
    /// Saved column maps by name.
    pub column_maps: std::collections::BTreeMap<String, String>,
    /// How many events made this state.
    pub revision: u64,
    /// The last one.
    pub changed: Option<Stamp>,
}

impl Shop {
    /// Applies one event. A shop writes its own name, prefix and zone and nobody else does, so the last word counts.
    pub fn apply(&mut self, event: &ShopEvent, stamp: &Stamp, _: &Seen) {
        match event {
            ShopEvent::Renamed { name } => self.name = Some(name.clone()),
            ShopEvent::PrefixChanged { prefix } => self.prefix = Some(prefix.clone()),
            ShopEvent::ZoneChanged { zone } => self.zone = Some(zone.clone()),
            ShopEvent::ColumnMapSaved { name, text } => {
                self.column_maps.insert(name.clone(), text.clone());
            }
        }
        self.revision += 1;
        self.changed = Some(stamp.clone());
    }
}

/// Refuses what is no IANA zone, with the names that come near.
pub fn known_zone(name: &str) -> Result<(), Refusal> {
    if name.parse::<chrono_tz::Tz>().is_ok() {
        return Ok(());
    }
    let near = near_zones(name);
    Err(Refusal::bad_input(
        format!("\"{name}\" is no time zone."),
        if near.is_empty() {
            "Use an IANA name, like America/Chicago or Europe/Paris.".to_owned()
        } else {
            format!("Did you mean {}?", near.join(" or "))
        },
    ))
}

/// Names of the IANA list that come near a name: the same letters, then the same city, then few letters of difference.
pub fn near_zones(name: &str) -> Vec<&'static str> {
    let wanted = fold(name);
    if wanted.is_empty() {
        return Vec::new();
    }
    let city = |text: &str| fold(text.rsplit('/').next().unwrap_or(text));
    let wanted_city = city(name);
    let mut found: Vec<(usize, &'static str)> = chrono_tz::TZ_VARIANTS
        .iter()
        .filter_map(|zone| {
            let zone = zone.name();
            let (whole, place) = (fold(zone), city(zone));
            let distance = if whole == wanted {
                0
            } else if place == wanted_city {
                1
            } else {
                let letters = distance(&whole, &wanted).min(distance(&place, &wanted_city) + 1);
                let close = letters <= 1 + wanted_city.chars().count() / 4;
                close.then_some(1 + letters)?
            };
            Some((distance, zone))
        })
        .collect();
    found.sort_unstable();
    found.truncate(OFFERED);
    found.into_iter().map(|(_, zone)| zone).collect()
}

/// How many letters differ: put in, left out or exchanged.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = i;
        let mut left = i + 1;
        for (slot, y) in row.iter_mut().skip(1).zip(&b) {
            let here = (before + usize::from(x != *y)).min(left + 1).min(*slot + 1);
            before = *slot;
            *slot = here;
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_known_or_its_neighbours_are_named() {
        for zone in ["UTC", "America/Chicago", "Europe/Paris", "Asia/Kolkata"] {
            known_zone(zone).unwrap();
        }
        for (typed, meant) in [
            ("america/chicago", "America/Chicago"),
            ("Chicago", "America/Chicago"),
            ("America/Chigago", "America/Chicago"),
            ("America/New York", "America/New_York"),
            ("Europe/Berlinn", "Europe/Berlin"),
            ("US/Berlin", "Europe/Berlin"),
        ] {
            let refusal = known_zone(typed).unwrap_err();
            assert!(refusal.hint.contains(meant), "{typed}: {}", refusal.hint);
        }
        for typed in ["", "/", "Middle Earth/Mordor-on-Sea"] {
            assert!(
                known_zone(typed).unwrap_err().hint.contains("IANA"),
                "{typed}"
            );
        }
    }

    #[test]
    fn letters_that_differ_are_counted() {
        for (a, b, expected) in [
            ("", "", 0),
            ("a", "", 1),
            ("", "ab", 2),
            ("paris", "pariz", 1),
            ("chicago", "chigago", 1),
            ("abc", "acb", 2),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }
}
