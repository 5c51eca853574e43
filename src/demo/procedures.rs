//! The shop's own procedures: made-up documents that a made-up engineer has adopted.

use crate::bench::Failure;
use crate::domain::procedure::Procedure;
use crate::interop::procedure::read;

use super::hospital::missing;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("procedures/", $name, ".toml")))),*]
    };
}

/// The files, by name.
const FILES: &[(&str, &str)] = files![
    "sbr-aed", "sbr-ane", "sbr-bed", "sbr-def", "sbr-ecg", "sbr-es", "sbr-esu", "sbr-in",
    "sbr-inc", "sbr-lvp", "sbr-mon", "sbr-oxi", "sbr-pcu", "sbr-scd", "sbr-suc", "sbr-syr",
    "sbr-tel", "sbr-thm", "sbr-ven", "sbr-vsm", "sbr-wrm",
];

/// The procedure that every new device passes.
pub const INCOMING: &str = "sbr-in";

/// Every procedure of the shop.
pub fn procedures() -> Result<Vec<Procedure>, Failure> {
    FILES
        .iter()
        .map(|(name, text)| {
            read(text).map_err(|mistakes| {
                let first = mistakes
                    .first()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                missing(format!(
                    "The demo's procedure {name} cannot be read: {first}."
                ))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::catalogue;
    use std::collections::BTreeSet;

    #[test]
    fn every_file_reads_and_every_code_of_the_catalogue_is_there() {
        let list = procedures().unwrap();
        let codes: BTreeSet<&str> = list.iter().map(|p| p.code.as_str()).collect();
        assert_eq!(codes.len(), list.len());
        assert!(codes.contains(INCOMING));
        for kind in catalogue::types() {
            assert!(
                kind.procedure.is_empty() || codes.contains(kind.procedure),
                "{}",
                kind.procedure
            );
            if let Some(procedure) = list.iter().find(|p| p.code == kind.procedure) {
                assert!(
                    procedure.device_types.iter().any(|t| t == kind.name),
                    "{} is not in {}",
                    kind.name,
                    procedure.code
                );
            }
        }
        for procedure in &list {
            assert!(!procedure.has_unverified_limits(), "{}", procedure.code);
            let banner = procedure.banner.as_deref().unwrap_or_default();
            assert!(banner.starts_with("Demonstration"), "{}", procedure.code);
        }
    }

    #[test]
    fn the_shop_owns_a_tool_of_every_kind_that_its_procedures_name() {
        for procedure in procedures().unwrap() {
            for kind in procedure.steps().filter_map(|step| step.tool.as_deref()) {
                assert!(
                    crate::demo::people::INSTRUMENTS
                        .iter()
                        .any(|i| i.kind == kind),
                    "{}: {kind}",
                    procedure.code
                );
            }
        }
    }
}
