//! Layers are law: a `use crate::` may only point to a room above its own in the map of `src/lib.rs`.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms it may use.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("identify", &["domain"]),
    ("journal", &["domain"]),
    ("bundle", &["journal"]),
    ("depot", &["journal", "bundle"]),
    ("store", &["domain", "journal", "bundle"]),
    ("lookup", &["domain"]),
    (
        "bench",
        &[
            "domain", "identify", "journal", "bundle", "depot", "store", "lookup",
        ],
    ),
    ("host", &["domain", "identify", "journal", "bench"]),
    ("interop", &["domain", "identify"]),
    ("report", &["domain", "bench"]),
    ("keymap", &[]),
    (
        "tui",
        &["domain", "identify", "bench", "keymap", "report", "interop"],
    ),
    (
        "cli",
        &[
            "domain", "identify", "bundle", "bench", "host", "interop", "report", "keymap", "tui",
            "demo",
        ],
    ),
    ("demo", &["domain", "bench", "interop"]),
];

fn rust_files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir)
        .expect("source folder is readable")
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

fn files_under(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    rust_files(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
        &mut files,
    );
    files.sort();
    files
}

#[test]
fn arrows_point_down_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for file in files_under("src") {
        let inside = file.strip_prefix(&root).expect("under src");
        let Some(room) = inside
            .components()
            .next()
            .and_then(|c| c.as_os_str().to_str())
        else {
            continue;
        };
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            continue;
        };
        let text = fs::read_to_string(&file).expect("source is readable");
        for (number, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for part in line.split("crate::").skip(1) {
                let target: String = part
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                let is_room = ROOMS.iter().any(|(name, _)| *name == target);
                if is_room && target != room && !allowed.contains(&target.as_str()) {
                    wrong.push(format!(
                        "{}:{}: {room} may not use {target}",
                        inside.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "forbidden arrows:\n{}", wrong.join("\n"));
}

#[test]
fn only_the_store_knows_sled_and_only_the_tui_the_terminal() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for file in files_under("src") {
        let inside = file
            .strip_prefix(&root)
            .expect("under src")
            .display()
            .to_string();
        let text = fs::read_to_string(&file).expect("source is readable");
        for (number, line) in text
            .lines()
            .enumerate()
            .filter(|(_, l)| !l.trim_start().starts_with("//"))
        {
            for (name, room) in [
                ("sled::", "store/"),
                ("crossterm::terminal", "tui/terminal"),
                ("bincode::", "journal/"),
                ("tokio::", "depot/cloud"),
                ("object_store::", "depot/cloud"),
            ] {
                if line.contains(name) && !inside.starts_with(room) {
                    wrong.push(format!("{inside}:{}: {name} belongs to {room}", number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_says_what_it_is_for() {
    for file in files_under("src") {
        let text = fs::read_to_string(&file).expect("source is readable");
        assert!(
            text.starts_with("//!"),
            "{} does not begin with //!",
            file.display()
        );
    }
}

#[test]
fn no_test_file_is_forgotten() {
    for binary in ["it", "machine"] {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests")
            .join(binary);
        let main = fs::read_to_string(here.join("main.rs")).expect("main.rs is readable");
        for entry in fs::read_dir(&here).expect("a readable folder").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(module) = name
                .strip_suffix(".rs")
                .or_else(|| entry.path().is_dir().then_some(&name))
            else {
                continue;
            };
            let holds_no_module = entry.path().is_dir() && !entry.path().join("mod.rs").exists();
            if module != "main" && !holds_no_module {
                assert!(
                    main.contains(&format!("mod {module};")),
                    "tests/{binary}/{name} is not listed in main.rs"
                );
            }
        }
    }
}
