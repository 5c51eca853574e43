//! What a machine must have for a test, and whether this one has it.

use std::collections::BTreeMap;

use libtest_mimic::{Failed, Trial};
use tempfile::TempDir;

use crate::disk::SmallDisk;
use crate::power::Disk;
use crate::s3::Server;
use crate::sshd::Sshd;
use crate::{permissions, shared};

/// What a test cannot do without.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Nothing but the program.
    Nothing,
    /// An ssh server of its own, and ssh.
    Ssh,
    /// A file system of its own that can be cut off.
    LoopDevice,
    /// A small disk in memory.
    MemoryDisk,
    /// Another account that can start the program.
    Account,
    /// An S3 server.
    S3,
    /// The real files that are not part of the package.
    Shared,
}

impl Need {
    /// How `TAGOUT_REQUIRE` names it.
    fn group(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Ssh => "ssh",
            Self::LoopDevice | Self::MemoryDisk | Self::Account => "power",
            Self::S3 => "s3",
            Self::Shared => "shared",
        }
    }

    fn missing(self) -> Result<(), String> {
        let dir = TempDir::new().map_err(|error| error.to_string())?;
        match self {
            Self::Nothing => Ok(()),
            Self::Ssh => Sshd::start(dir.path()).map(drop),
            Self::LoopDevice => Disk::new(dir.path()).map(drop),
            Self::MemoryDisk => SmallDisk::new(dir.path().join("disk"), "1m").map(drop),
            Self::Account => permissions::possible(),
            Self::S3 => Server::start().map(drop),
            Self::Shared => shared::folder().map(drop),
        }
    }
}

fn is_required(group: &str) -> bool {
    std::env::var("TAGOUT_REQUIRE").is_ok_and(|list| list.split(',').any(|word| word == group))
}

/// The tests as the harness runs them. One whose need is not met is ignored, with the reason before its name; with its
/// group in `TAGOUT_REQUIRE` (a list with commas) it fails.
pub fn trials(tests: &[(Need, &'static str, fn())]) -> Vec<Trial> {
    let needs: BTreeMap<Need, Option<String>> = tests
        .iter()
        .map(|(need, _, _)| (*need, need.missing().err()))
        .collect();
    tests
        .iter()
        .map(|(need, name, test)| {
            let (need, name, test) = (*need, *name, *test);
            match needs.get(&need).cloned().flatten() {
                None => Trial::test(name, move || {
                    test();
                    Ok(())
                }),
                Some(reason) if is_required(need.group()) => Trial::test(name, move || {
                    Err(Failed::from(format!(
                        "TAGOUT_REQUIRE names {}, but: {reason}",
                        need.group()
                    )))
                }),
                Some(reason) => Trial::test(name, || Ok(()))
                    .with_kind(format!("needs {}: {reason}", need.group()))
                    .with_ignored_flag(true),
            }
        })
        .collect()
}
