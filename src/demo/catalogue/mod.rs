//! What a hospital owns: device types with their FDA product codes, and public product names for each.
//!
//! Invariants: names and codes are public; everything measured by them (shares, prices, scores, intervals) is a plausible
//! example, nothing that a maker has published. Serial formats are of the sort the maker uses, never a real number.

mod care;
mod support;
mod therapy;

use super::places::Area;

/// One model of a device type.
#[derive(Debug)]
pub struct Model {
    /// Manufacturer.
    pub maker: &'static str,
    /// Brand name; empty when people only use the model.
    pub brand: &'static str,
    /// Model as people say it.
    pub model: &'static str,
    /// Model number as printed.
    pub number: &'static str,
    /// Serial format: `#` digit, `@` letter, `%` hexadecimal digit.
    pub serial: &'static str,
    /// Software versions in use, oldest first; empty for a device without.
    pub software: &'static [&'static str],
    /// How often, beside the other models of the type.
    pub share: u32,
}

/// Modules that come with a system and are records of their own.
#[derive(Debug)]
pub struct Modules {
    /// Product code.
    pub code: &'static str,
    /// Plain type.
    pub name: &'static str,
    /// The model of the system that has them; empty for any.
    pub of_model: &'static str,
    /// Their model.
    pub model: Model,
    /// Fewest and most of them.
    pub count: (u32, u32),
    /// Price of one, in dollars.
    pub price: u32,
    /// The shop's maintenance procedure; empty when it is done with the system.
    pub procedure: &'static str,
}

/// A device type.
#[derive(Debug)]
pub struct DeviceType {
    /// FDA product code.
    pub code: &'static str,
    /// Plain name.
    pub name: &'static str,
    /// How many of 10,000 devices.
    pub share: u32,
    /// Months between maintenances; 0 for none.
    pub pm_months: u32,
    /// The shop's maintenance procedure; empty when the maker's service does it.
    pub procedure: &'static str,
    /// Fennigkoh-Smith function, risk and maintenance scores.
    pub em: (u8, u8, u8),
    /// High-risk: a failure may seriously harm.
    pub high_risk: bool,
    /// Protection class, by key.
    pub class: &'static str,
    /// Power connection, by key.
    pub power: &'static str,
    /// Applied parts as the record holds them.
    pub parts: &'static str,
    /// Price in dollars, lowest and highest.
    pub price: (u32, u32),
    /// Years of use.
    pub life: u32,
    /// Network, by key.
    pub network: &'static str,
    /// Stores patient information: `yes`, `no` or `unknown`.
    pub ephi: &'static str,
    /// Cannot be carried away.
    pub fixed: bool,
    /// Where it is used; an area named twice has it twice as often.
    pub homes: &'static [Area],
    /// Its models.
    pub models: &'static [Model],
    /// Its modules, if it is a system.
    pub modules: Option<Modules>,
}

/// A model in one line.
const fn model(
    maker: &'static str,
    brand: &'static str,
    model: &'static str,
    number: &'static str,
    serial: &'static str,
    software: &'static [&'static str],
    share: u32,
) -> Model {
    Model {
        maker,
        brand,
        model,
        number,
        serial,
        software,
        share,
    }
}

/// What most devices are; a type names only what differs.
const PLAIN: DeviceType = DeviceType {
    code: "",
    name: "",
    share: 0,
    pm_months: 12,
    procedure: "",
    em: (6, 3, 3),
    high_risk: false,
    class: "class-i",
    power: "detachable",
    parts: "",
    price: (1_000, 2_000),
    life: 8,
    network: "none",
    ephi: "no",
    fixed: false,
    homes: &[Area::Ward],
    models: &[],
    modules: None,
};

/// Every device type.
pub fn types() -> impl Iterator<Item = &'static DeviceType> {
    therapy::TYPES
        .iter()
        .chain(care::TYPES)
        .chain(support::TYPES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_catalogue_is_rich_and_whole() {
        let mut names = BTreeSet::new();
        let mut models = BTreeSet::new();
        for kind in types() {
            assert!(names.insert(kind.name), "{} twice", kind.name);
            assert!(
                kind.code.len() == 3 && kind.code.bytes().all(|b| b.is_ascii_uppercase()),
                "{}",
                kind.name
            );
            assert!(
                kind.share > 0 && kind.price.0 <= kind.price.1 && !kind.homes.is_empty(),
                "{}",
                kind.name
            );
            assert!(
                (1..=4).contains(&kind.models.len()),
                "{} has {} models",
                kind.name,
                kind.models.len()
            );
            for model in kind.models {
                assert!(
                    models.insert((model.maker, model.model)),
                    "{} twice",
                    model.model
                );
                assert!(model.share > 0, "{}", model.model);
                let free = model.serial.matches(['#', '%']).count();
                assert!(
                    free >= 6,
                    "{}: too few serials for a big fleet",
                    model.model
                );
            }
        }
        assert!(names.len() >= 45, "{}", names.len());
        let top: u32 = types().filter(|t| t.share >= 500).map(|t| t.share).sum();
        let all: u32 = types().map(|t| t.share).sum();
        assert!(top * 2 > all, "a few types make up most of a hospital");
    }
}
