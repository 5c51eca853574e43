//! Shops that exchange many records, each program as it is used, as a process of its own, peers in the same run:
//! `TAGOUT_ENTRIES=1000000 cargo bench --bench exchange` (100,000 records when nothing is said).
//!
//! Peers, with the same facts: `sqlite3 .dump` and loading it, `git bundle` and cloning it. The peers that are missing
//! on this machine are named and left out.
//!
//! Both shops have their host running, as shops do; its memory counts with the command's.
//!
//! Honest reading: the peers move text. tagout checks a signature, every record's chain and every piece's checksum, then
//! folds each record into devices, histories and the lookup, and makes all of it durable in one transaction. Only git
//! and tagout can send what is new; a dump is whole each time.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Records of each device: its first and so many changes of its place.
const EACH: usize = 5;
/// Records of one commit, in git.
const COMMIT: usize = 1000;
/// Changes of the small exchange.
const FEW: usize = 100;

/// What one program took.
struct Took {
    time: Duration,
    /// The most memory it held, in bytes.
    peak: u64,
    out: String,
}

/// Runs a program to its end and watches its memory.
fn run(command: &mut Command, input: Option<&Path>) -> Took {
    let shown = format!("{command:?}");
    command
        .stdin(input.map_or_else(Stdio::null, |path| {
            Stdio::from(File::open(path).expect("a file"))
        }))
        .stderr(Stdio::null());
    let out = tempfile::NamedTempFile::new().expect("a file");
    command.stdout(out.reopen().expect("a file"));
    let start = Instant::now();
    let mut child = command.spawn().expect("a program");
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    let end = loop {
        if let Some(most) = high_water(&status) {
            peak = peak.max(most);
        }
        if let Some(end) = child.try_wait().expect("it is ours") {
            break end;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let time = start.elapsed();
    assert!(end.success(), "{shown}: {end}");
    let out = fs::read_to_string(out.path()).unwrap_or_default();
    Took { time, peak, out }
}

/// The most memory that a process held so far.
fn high_water(status: &Path) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib << 10)
}

/// A shop with a store of its own.
struct Shop {
    dir: PathBuf,
}

impl Shop {
    fn new(dir: PathBuf, name: &str) -> Self {
        fs::create_dir_all(&dir).expect("a folder");
        let shop = Self { dir };
        shop.run(&["init", "--name", name, "--prefix", name, "--zone", "UTC"]);
        shop
    }

    fn run(&self, arguments: &[&str]) -> Took {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tagout"));
        command
            .env("HOME", &self.dir)
            .env("TAGOUT_STORE", self.dir.join("store"))
            .env("TAGOUT_IDLE", "600")
            .env("TAGOUT_PASSPHRASE", "correct horse")
            .current_dir(&self.dir)
            .args(arguments);
        let host = self.host();
        if let Some(pid) = host {
            // Its high water begins anew.
            let _ = fs::write(format!("/proc/{pid}/clear_refs"), "5");
        }
        let mut took = run(&mut command, None);
        let status = host.map(|pid| PathBuf::from(format!("/proc/{pid}/status")));
        took.peak += status.and_then(|path| high_water(&path)).unwrap_or(0);
        took
    }

    /// The process that holds the store, if one does.
    fn host(&self) -> Option<u32> {
        tagout::host::holder(&self.dir.join("store"))
    }

    /// Takes a list over.
    fn load(&self, list: &str) -> Took {
        let file = self.dir.join("list.csv");
        fs::write(&file, list).expect("a file");
        self.run(&["device", "import", file.to_str().expect("a path")])
    }

    /// Makes a bundle; its file.
    fn export(&self, more: &[&str]) -> (Took, PathBuf) {
        let folder = self.dir.join("out");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        let mut arguments = vec!["bundle", "export", folder.to_str().expect("a path")];
        arguments.extend(more);
        let took = self.run(&arguments);
        let made = fs::read_dir(&folder).expect("a folder").next();
        (took, made.expect("a bundle").expect("a bundle").path())
    }

    fn import(&self, bundle: &Path) -> Took {
        self.run(&["bundle", "import", bundle.to_str().expect("a path")])
    }

    fn close(&self) {
        self.run(&["host", "stop"]);
    }

    /// The words by which others know it.
    fn words(&self) -> String {
        let shown = self.run(&["site", "show", "--json"]).out;
        let shown: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
        let words = shown["words"].as_array().expect("words").iter();
        let words: Vec<&str> = words.filter_map(serde_json::Value::as_str).collect();
        words.join(" ")
    }

    fn digest(&self) -> String {
        self.run(&["digest"]).out
    }
}

/// The place of a device after so many changes.
fn place(device: usize, change: usize) -> String {
    format!("Room {}", (device * 7 + change * 131) % 900)
}

/// The list as it is after so many changes.
fn list(devices: usize, change: usize) -> String {
    let mut text = "Asset Tag;Serial No;Manufacturer;Model;Department;Location;Status\n".to_owned();
    for n in 0..devices {
        let _ = writeln!(
            text,
            "BME-{n:06};SN{n:07};Acme Medical;Pump {};Ward {};{};Active",
            n % 40,
            n % 30,
            place(n, change)
        );
    }
    text
}

/// The same facts for the peers, a line a record.
fn facts(devices: usize, out: &mut dyn FnMut(String)) {
    let mut seq = 0;
    for change in 0..EACH {
        for n in 0..devices {
            seq += 1;
            let time = 1_795_435_200_000_000_u64 + seq as u64 * 1000;
            out(if change == 0 {
                format!(
                    "EAST,{seq},{time},bench,BME-{n:06},add,SN{n:07} Acme Medical Pump {} Ward {} Active,{}",
                    n % 40,
                    n % 30,
                    place(n, 0)
                )
            } else {
                format!(
                    "EAST,{seq},{time},bench,BME-{n:06},location,{},{}",
                    place(n, change - 1),
                    place(n, change)
                )
            });
        }
    }
}

/// One line of the table.
fn row(name: &str, took: &Took, bytes: Option<u64>, ours: Option<&Took>) {
    println!(
        "{name:<44} {:>9.2} {:>9} {:>11} {:>10}",
        took.time.as_secs_f64(),
        took.peak >> 20,
        bytes.map_or_else(String::new, |bytes| format!("{bytes}")),
        ours.map_or_else(String::new, |ours| format!(
            "{:.2}",
            ours.time.as_secs_f64() / took.time.as_secs_f64()
        ))
    );
}

fn title(text: &str) {
    println!("\n{text}");
    println!(
        "{:<44} {:>9} {:>9} {:>11} {:>10}",
        "", "seconds", "peak MiB", "bytes", "ours / it"
    );
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |about| about.len())
}

fn is_here(program: &str) -> bool {
    let found = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !found {
        println!("({program} is not on this machine and was not measured)");
    }
    found
}

/// What a peer took: whole out, whole in, the new out, the new in.
struct Peer {
    name: &'static str,
    out: (Took, u64),
    into: Took,
    few: Option<(Took, u64, Took)>,
}

fn sqlite(dir: &Path, devices: usize) -> Option<Peer> {
    if !is_here("sqlite3") {
        return None;
    }
    let lines = dir.join("facts.csv");
    let mut file = BufWriter::new(File::create(&lines).expect("a file"));
    facts(devices, &mut |line| {
        writeln!(file, "{line}").expect("a line");
    });
    file.flush().expect("a file");
    let base = dir.join("one.sqlite");
    let script = dir.join("make.sql");
    fs::write(
        &script,
        format!(
            "CREATE TABLE record (site TEXT, seq INTEGER, time INTEGER, who TEXT, tag TEXT, what TEXT, old TEXT, new TEXT, \
             PRIMARY KEY (site, seq));\nCREATE INDEX by_tag ON record (tag);\n.mode csv\n.import {} record\n",
            lines.display()
        ),
    )
    .expect("a file");
    run(Command::new("sqlite3").arg(&base), Some(&script));
    let dumped = run(Command::new("sqlite3").arg(&base).arg(".dump"), None);
    let dump = dir.join("dump.sql");
    fs::write(&dump, &dumped.out).expect("a file");
    let loaded = run(
        Command::new("sqlite3").arg(dir.join("two.sqlite")),
        Some(&dump),
    );
    Some(Peer {
        name: "sqlite3 .dump",
        out: (dumped, length(&dump)),
        into: loaded,
        few: None,
    })
}

/// A stream for `git fast-import`: a file of lines a commit, the last one of the few.
fn stream(devices: usize, path: &Path) {
    let mut file = BufWriter::new(File::create(path).expect("a file"));
    let mut lines: Vec<String> = Vec::new();
    let mut number = 0;
    let mut commit = |branch: &str, lines: &mut Vec<String>, file: &mut BufWriter<File>| {
        number += 1;
        let body = lines.join("\n");
        write!(
            file,
            "commit refs/heads/{branch}\ncommitter bench <bench> {number} +0000\ndata 0\n{}M 100644 inline {number:06}.csv\n\
             data {}\n{body}\n",
            if branch == "few" && number > 1 { "from refs/heads/main\n" } else { "" },
            body.len()
        )
        .expect("a line");
        lines.clear();
    };
    facts(devices, &mut |line| {
        lines.push(line);
        if lines.len() == COMMIT {
            commit("main", &mut lines, &mut file);
        }
    });
    if !lines.is_empty() {
        commit("main", &mut lines, &mut file);
    }
    for n in 0..FEW {
        lines.push(format!("EAST,{n},0,bench,BME-{n:06},location,a,b"));
    }
    commit("few", &mut lines, &mut file);
    file.flush().expect("a file");
}

fn git(dir: &Path, devices: usize) -> Option<Peer> {
    if !is_here("git") {
        return None;
    }
    let (one, two) = (dir.join("one.git"), dir.join("two.git"));
    let git = |at: Option<&Path>, arguments: &[&str]| {
        let mut command = Command::new("git");
        if let Some(at) = at {
            command.arg("-C").arg(at);
        }
        command.args(arguments);
        command
    };
    let path = |path: &Path| path.to_str().expect("a path").to_owned();
    run(&mut git(None, &["init", "-q", "--bare", &path(&one)]), None);
    let made = dir.join("stream");
    stream(devices, &made);
    run(
        &mut git(Some(&one), &["fast-import", "--quiet"]),
        Some(&made),
    );
    let whole = path(&dir.join("whole.bundle"));
    let few = path(&dir.join("few.bundle"));
    let out = run(
        &mut git(Some(&one), &["bundle", "create", "-q", &whole, "main"]),
        None,
    );
    let into = run(
        &mut git(None, &["clone", "-q", "--bare", &whole, &path(&two)]),
        None,
    );
    let few_out = run(
        &mut git(Some(&one), &["bundle", "create", "-q", &few, "main..few"]),
        None,
    );
    let few_in = run(&mut git(Some(&two), &["fetch", "-q", &few, "few"]), None);
    Some(Peer {
        name: "git bundle",
        out: (out, length(Path::new(&whole))),
        into,
        few: Some((few_out, length(Path::new(&few)), few_in)),
    })
}

fn main() {
    let entries: usize = std::env::var("TAGOUT_ENTRIES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(100_000);
    let devices = entries / EACH;
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!("{entries} records of {devices} devices ({cores} cores)");
    let peers: Vec<Peer> = [sqlite(dir.path(), devices), git(dir.path(), devices)]
        .into_iter()
        .flatten()
        .collect();

    let east = Shop::new(dir.path().join("east"), "EAST");
    let west = Shop::new(dir.path().join("west"), "WEST");
    for (one, other) in [(&east, &west), (&west, &east)] {
        other.import(&one.export(&[]).1);
        other.run(&["site", "trust", &one.words()]);
    }
    let loading = Instant::now();
    for change in 0..EACH {
        east.load(&list(devices, change));
    }
    println!("loaded in {:.1} s", loading.elapsed().as_secs_f64());

    let (out, bundle) = east.export(&["--for", "WEST"]);
    let size = length(&bundle);
    let into = west.import(&bundle);
    east.import(&west.export(&["--for", "EAST", "--receipt"]).1);
    east.load(&list(FEW, EACH));
    let (few_out, few_bundle) = east.export(&["--for", "WEST"]);
    let few_size = length(&few_bundle);
    let few_in = west.import(&few_bundle);
    assert_eq!(
        east.digest(),
        west.digest(),
        "the shops hold the same records"
    );
    let empty = east.run(&["site", "show"]);
    east.close();
    west.close();

    title(&format!("all {entries} records out"));
    row("tagout bundle export", &out, Some(size), None);
    for peer in &peers {
        row(peer.name, &peer.out.0, Some(peer.out.1), Some(&out));
    }
    title(&format!("all {entries} records in"));
    row("tagout bundle import", &into, None, None);
    for peer in &peers {
        row(peer.name, &peer.into, None, Some(&into));
    }
    title(&format!("{FEW} changes among them, out"));
    row("tagout bundle export --for", &few_out, Some(few_size), None);
    for (peer, (took, bytes, _)) in peers.iter().filter_map(|p| Some((p, p.few.as_ref()?))) {
        row(peer.name, took, Some(*bytes), Some(&few_out));
    }
    title(&format!("{FEW} changes among them, in"));
    row("tagout bundle import", &few_in, None, None);
    for (peer, (_, _, took)) in peers.iter().filter_map(|p| Some((p, p.few.as_ref()?))) {
        row(peer.name, took, None, Some(&few_in));
    }
    title("for comparison: a command that does nothing");
    row("tagout site show", &empty, None, None);
    println!(
        "\n{:.1} bytes of bundle a record; {:.1} for each of the {FEW} changes",
        size as f64 / entries as f64,
        few_size as f64 / FEW as f64
    );
}
