//! Damage to every file of a closed store: cut tails, flipped bits, zeroed pages.
//!
//! One file is damaged at a time, so nothing may be lost: the journal and the rows heal each other. What cannot go on
//! as before is said in words.

use super::*;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}

/// Long runs give other seeds in `TAGOUT_DAMAGE_SEED`.
fn seed_or(default: u64) -> u64 {
    std::env::var("TAGOUT_DAMAGE_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .map_or(default, |seed: u64| seed ^ default)
}

fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for name in names(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            copy_tree(&from, &to);
        } else {
            std::fs::copy(from, to).unwrap();
        }
    }
}

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    for name in names(dir) {
        let path = dir.join(name);
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push(path);
        }
    }
}

fn template(reopened: bool) -> (Bench, Vec<Vec<u8>>, SiteOf) {
    let bench = Bench::new();
    let (store, _) = bench.open();
    for n in 0..90 {
        store
            .append(draft(n, &vec![b'a' + (n % 26) as u8; 40 + 20 * n as usize]))
            .unwrap();
    }
    store
        .append_bulk(
            &mut (100..190).map(|n| draft(n, format!("bulk {n}").as_bytes())),
            &mut |_| {},
        )
        .unwrap();
    for n in 200..220 {
        store.append(draft(n, b"after")).unwrap();
    }
    let before = bodies(&store);
    let head = store.head();
    drop(store);
    if reopened {
        // A second opening leaves sled with a snapshot, which fails in other ways than a fresh one.
        drop(bench.open());
        let (store, _) = bench.open();
        store.get(SUMS, b"").unwrap();
    }
    (bench, before, (head.site, head.seq))
}

type SiteOf = (crate::domain::id::SiteId, u64);

fn hurt(path: &Path, kind: u64, random: &mut Random) -> String {
    let mut bytes = std::fs::read(path).unwrap();
    let len = bytes.len() as u64;
    let what = match kind {
        0 => {
            let cut = 1 + random.below(len.min(70_000));
            bytes.truncate((len - cut.min(len)) as usize);
            format!("cut by {cut}")
        }
        1 => {
            let at = random.below(len);
            if let Some(byte) = bytes.get_mut(at as usize) {
                *byte ^= 1 << random.below(8);
            }
            format!("bit flipped at {at}")
        }
        2 => {
            let at = random.below(len) / 4096 * 4096;
            let end = (at + 4096).min(len);
            bytes[at as usize..end as usize].fill(0);
            format!("page zeroed at {at}")
        }
        _ => {
            std::fs::remove_file(path).unwrap();
            return "removed".to_owned();
        }
    };
    std::fs::write(path, bytes).unwrap();
    what
}

fn trial(
    template: &Bench,
    before: &[Vec<u8>],
    (site, seq): SiteOf,
    file: &Path,
    kind: u64,
    random: &mut Random,
) {
    let bench = Bench::new();
    copy_tree(template.dir.path(), bench.dir.path());
    let inside = file.strip_prefix(template.dir.path()).unwrap();
    let path = bench.dir.path().join(inside);
    if std::fs::metadata(&path).unwrap().len() == 0 && kind < 3 {
        return;
    }
    let what = format!("{} {}", inside.display(), hurt(&path, kind, random));
    match Store::open(bench.options()) {
        Ok((store, notices)) => {
            let mut found = Vec::new();
            for seq in 1..=seq {
                let entry = store.entry(site, seq).unwrap();
                let entry = entry.unwrap_or_else(|| panic!("{what}: {seq} is gone: {notices:?}"));
                found.extend(
                    entry
                        .events
                        .into_iter()
                        .filter(|e| e.kind >= 100)
                        .map(|e| e.body),
                );
            }
            assert!(found == before, "{what}: {notices:?}");
            assert!(store.read_only().is_none(), "{what}: {notices:?}");
            store.append(draft(900, b"goes on")).unwrap();
            let report = store.verify().unwrap();
            assert!(report.ok, "{what}: {notices:?} {report:?}");
        }
        Err(error) => panic!("{what}: {error}"),
    }
}

fn damage_all(reopened: bool, seed: u64) {
    let (template, before, end) = template(reopened);
    let mut all = Vec::new();
    files(&template.store_dir(), &mut all);
    assert!(all.len() >= 8, "{all:?}");
    let mut random = Random(seed_or(seed));
    for file in &all {
        for kind in 0..4 {
            let times = if file.ends_with("rows/db") && kind < 3 {
                8
            } else {
                1
            };
            for _ in 0..times {
                trial(&template, &before, end, file, kind, &mut random);
            }
        }
    }
}

#[test]
fn damage_to_any_one_file_of_a_fresh_store_is_healed() {
    damage_all(false, 0x5eed);
}

#[test]
fn damage_to_any_one_file_of_an_older_store_is_healed() {
    damage_all(true, 0xfeed);
}

#[test]
fn damage_to_journal_and_rows_together_is_never_silent() {
    let (template, before, (site, seq)) = template(false);
    let mut random = Random(seed_or(77));
    for round in 0..40 {
        let bench = Bench::new();
        copy_tree(template.dir.path(), bench.dir.path());
        let journal = bench.journal(1 + random.below(3));
        let a = hurt(&journal, random.below(3), &mut random);
        let db = bench.store_dir().join("rows/db");
        let b = hurt(&db, random.below(3), &mut random);
        let what = format!("round {round}: {} {a}, rows {b}", journal.display());
        match Store::open(bench.options()) {
            Ok((store, notices)) => {
                let found: Vec<Vec<u8>> = (1..=seq)
                    .filter_map(|seq| store.entry(site, seq).unwrap())
                    .flat_map(|entry| entry.events)
                    .filter(|e| e.kind >= 100)
                    .map(|e| e.body)
                    .collect();
                let told = notices.iter().any(|n| {
                    matches!(
                        n,
                        Notice::Quarantined { .. }
                            | Notice::RolledBack { .. }
                            | Notice::TailCut { .. }
                    )
                });
                assert!(found == before || told, "{what}: {notices:?}");
                if found != before
                    && notices
                        .iter()
                        .any(|n| matches!(n, Notice::Quarantined { .. }))
                {
                    assert!(store.read_only().is_some(), "{what}");
                }
            }
            Err(error) => assert!(error.to_string().len() > 40, "{what}: {error}"),
        }
    }
}
