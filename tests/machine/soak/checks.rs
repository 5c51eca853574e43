//! What must hold when all is over.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Soak, until};

/// Checks everything, and names what does not hold.
pub fn all(soak: &Soak, said: &BTreeSet<String>) {
    let shop = &soak.shop;
    if shop.json(&["verify"])["ok"] != true {
        soak.fault(format!("through the host: {}", shop.done(&["verify"])));
    }
    shop.done(&["host", "stop"]);
    left_behind(soak);
    marks(soak, said);
    let alone = |words: &[&str]| shop.done(&[words, &["--in-process"]].concat());
    let before = alone(&["digest"]);
    alone(&["rebuild"]);
    let after = alone(&["digest"]);
    if before != after {
        soak.fault(format!(
            "the rows are not what the journal says: {before} and {after}"
        ));
    }
    alone(&["verify"]);
    left_behind(soak);
}

/// Every mark that was acknowledged stands in the journal once, and no mark twice.
fn marks(soak: &Soak, said: &BTreeSet<String>) {
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    let journal = soak.shop.store.join("journal");
    for file in std::fs::read_dir(journal).expect("a journal").flatten() {
        let bytes = std::fs::read(file.path()).expect("a file of the journal");
        for mark in marks_in(&bytes) {
            *found.entry(mark).or_default() += 1;
        }
    }
    for mark in said {
        if !found.contains_key(mark) {
            soak.fault(format!("{mark} was acknowledged and is not in the journal"));
        }
    }
    for (mark, times) in found {
        if times > 1 {
            soak.fault(format!("{mark} is in the journal {times} times"));
        }
    }
}

fn marks_in(bytes: &[u8]) -> impl Iterator<Item = String> {
    const LENGTH: usize = "soak-00-0000-000000.".len();
    bytes
        .windows(LENGTH)
        .filter(|window| window.starts_with(b"soak-") && window.ends_with(b"."))
        .map(|window| String::from_utf8_lossy(window).into_owned())
}

/// Neither process nor socket nor lock is left.
fn left_behind(soak: &Soak) {
    let store = &soak.shop.store;
    until(soak, "all processes are gone", || {
        processes(store).is_empty()
    });
    for line in processes(store) {
        soak.fault(format!("a process is left: {line}"));
    }
    if let Some(process) = tagout::host::holder(store) {
        soak.fault(format!("process {process} holds the lock"));
    }
    for folder in [store.clone(), store.join("host")] {
        for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            if name.starts_with("socket") || name.starts_with("lock") || name == "starting" {
                soak.fault(format!("{} is left", file.path().display()));
            }
        }
    }
}

/// Processes that name this store, by their command lines or their environments.
fn processes(store: &Path) -> Vec<String> {
    let name = store.display().to_string();
    let own = std::process::id().to_string();
    std::fs::read_dir("/proc")
        .expect("processes")
        .flatten()
        .filter(|entry| *entry.file_name() != *own)
        .filter_map(|entry| {
            let read = |file: &str| {
                let bytes = std::fs::read(entry.path().join(file)).unwrap_or_default();
                String::from_utf8_lossy(&bytes).replace('\0', " ")
            };
            let line = read("cmdline");
            (line.contains(&name) || read("environ").contains(&name))
                .then(|| format!("{} {line}", entry.file_name().to_string_lossy()))
        })
        .collect()
}
