//! Crashes of a real process on a real disk: kill -9 at random points, and power cuts.
//!
//! The writer is this test binary again, running [`writer_process`]. A power cut is simulated as the file system's own
//! tests do: ext4 on a loop device is told to shut down without writing its log, which drops all that was not synced,
//! and is mounted again. Only numbers read *before* the plug was pulled count as acknowledged. It does not model a
//! drive that lies about its cache. It needs root, a loop device, mkfs.ext4 and python3 (the one system call that has
//! no safe form in Rust).

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use crate::disk::{SmallDisk, command};
use tagout::domain::id::{CommandId, EntityId};
use tagout::domain::seen::Seen;
use tagout::journal::{AggregateRef, Entry, EventRecord};

use tagout::store::{
    Draft, FoldError, IfAbsent, MachineFacts, NewStore, Past, Projector, Rows, Store, StoreOptions,
    Tuning,
};

const STORE: &str = "TAGOUT_CRASH_STORE";
const STATE: &str = "TAGOUT_CRASH_STATE";
const NEXT: &str = "TAGOUT_CRASH_NEXT";
const FAMILY: u8 = 0x20;
const BULK: u64 = 90;

/// One row per number written.
struct Numbers;

impl Projector for Numbers {
    fn version(&self) -> u32 {
        1
    }

    fn fold(
        &self,
        entry: &Entry,
        _: &Seen,
        _: &BTreeSet<AggregateRef>,
        rows: &mut Rows,
    ) -> Result<(), FoldError> {
        for event in entry.events.iter().filter(|e| e.kind >= 100) {
            let number = event.body.get(..8).unwrap_or_default().to_vec();
            rows.put(FAMILY, &number, event.body.clone())?;
        }
        Ok(())
    }

    /// Every entry has rows of its own.
    fn refold(&self, _: &AggregateRef, _: &[Past], _: &mut Rows) -> Result<(), FoldError> {
        Ok(())
    }
}

fn options(store: &Path, state: &Path) -> StoreOptions {
    StoreOptions {
        tuning: Tuning {
            ballast_bytes: 0,
            floor_bytes: 1 << 20,
            segment_bytes: 64 << 10,
            batch: 40,
            ..Tuning::default()
        },
        machine: MachineFacts {
            wall_us: 1_790_000_000_000_000,
            ..MachineFacts::default()
        },
        if_absent: IfAbsent::Create(NewStore {
            seed: None,
            shop: "Crash".to_owned(),
            prefix: "C".to_owned(),
            zone: "UTC".to_owned(),
            demo: false,
        }),
        ..StoreOptions::new(store.to_path_buf(), state.to_path_buf(), Arc::new(Numbers))
    }
}

fn body(number: u64) -> Vec<u8> {
    let mut body = number.to_be_bytes().to_vec();
    body.resize(
        8 + [20, 200, 2000, 6000][(number % 4) as usize],
        number as u8,
    );
    body
}

fn draft(number: u64) -> Draft {
    let mut command = [1; 16];
    command[..8].copy_from_slice(&number.to_le_bytes());
    Draft {
        command: CommandId(command),
        actor: "kim".to_owned(),
        peer_uid: 0,
        wall_us: 1_790_000_000_000_000 + number as i64,
        offset_minutes: 0,
        events: vec![EventRecord {
            aggregate: AggregateRef {
                kind: 100,
                id: EntityId::Natural([(number % 7) as u8; 16]),
            },
            kind: 200,
            schema: 1,
            body: body(number),
        }],
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes())
        .and_then(|()| out.flush())
        .expect("the parent reads");
}

/// Not a test: what the tests start and kill. Prints each number once it is durable. Does nothing, and says so, where its
/// orders are not in the environment.
pub fn writer_process() -> bool {
    let (Some(store), Some(state)) = (std::env::var_os(STORE), std::env::var_os(STATE)) else {
        return false;
    };
    let mut number: u64 = std::env::var(NEXT)
        .ok()
        .and_then(|n| n.parse().ok())
        .expect("the next number");
    let (store, _) = Store::open(options(Path::new(&store), Path::new(&state))).expect("opens");
    say("ready");
    loop {
        if number % 120 == 119 {
            store
                .append_bulk(&mut (number..number + BULK).map(draft), &mut |_| {})
                .expect("bulk");
            number += BULK;
        } else {
            store.append(draft(number)).expect("append");
            number += 1;
        }
        say(&format!("upto {number}"));
    }
}

fn start_writer(store: &Path, state: &Path, next: u64) -> Child {
    Command::new(std::env::current_exe().expect("this test binary"))
        .env(STORE, store)
        .env(STATE, state)
        .env(NEXT, next.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the writer starts")
}

/// Reads until this many acknowledgements came; gives the number below which everything is durable.
fn read_acks(lines: &mut dyn Iterator<Item = String>, next: u64, count: u64) -> u64 {
    let mut acked = next;
    let mut seen = 0;
    for line in lines {
        if let Some(number) = line.strip_prefix("upto ") {
            acked = number.parse().expect("a number");
            seen += 1;
        }
        if seen >= count {
            break;
        }
    }
    acked
}

/// Opens what is left and checks that every acknowledged number is there, whole: all of them and the whole store if
/// `all` is set, else the newest. Gives the next free number.
fn check(store: &Path, state: &Path, acked: u64, all: bool, context: &str) -> u64 {
    let (store, notices) =
        Store::open(options(store, state)).unwrap_or_else(|e| panic!("{context}: {e}"));
    assert!(store.read_only().is_none(), "{context}: {notices:?}");
    let from = if all {
        0
    } else {
        acked.saturating_sub(3 * BULK)
    };
    for number in from..acked {
        let row = store
            .get(FAMILY, &number.to_be_bytes())
            .unwrap_or_else(|e| panic!("{context}: {e}"));
        assert_eq!(
            row,
            Some(body(number)),
            "{context}: {number} of {acked}: {notices:?}"
        );
    }
    if all {
        let report = store.verify().unwrap_or_else(|e| panic!("{context}: {e}"));
        assert!(report.ok, "{context}: {report:?}");
    }
    // What was written but not acknowledged is there whole or not at all; go on behind it.
    let mut next = acked;
    while store
        .get(FAMILY, &next.to_be_bytes())
        .expect("readable")
        .is_some()
    {
        next += 1;
    }
    next
}

fn random(seed: &mut u64, below: u64) -> u64 {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) % below
}

fn rounds(variable: &str, default: u64) -> u64 {
    std::env::var(variable)
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(default)
}

pub fn a_killed_writer_loses_nothing_that_was_acknowledged() {
    let dir = tempfile::TempDir::new().expect("a temporary folder");
    let (store, state) = (dir.path().join("store"), dir.path().join("state"));
    let (mut next, mut seed) = (0, 11);
    for round in 0..rounds("TAGOUT_KILL_ROUNDS", 60) {
        let mut writer = start_writer(&store, &state, next);
        let mut lines = BufReader::new(writer.stdout.take().expect("piped"))
            .lines()
            .map_while(Result::ok);
        let acked = read_acks(&mut lines, next, random(&mut seed, 12));
        writer.kill().expect("killed");
        let acked = acked.max(read_acks(&mut lines, next, u64::MAX));
        writer.wait().expect("ended");
        next = check(
            &store,
            &state,
            acked,
            round % 25 == 24,
            &format!("kill {round}"),
        );
    }
    assert!(next > 0);
}

/// An ext4 file system in a file; unmounted when dropped.
pub struct Disk {
    image: PathBuf,
    mount: PathBuf,
}

impl Disk {
    /// Makes and mounts one, or says why there can be none.
    pub fn new(dir: &Path) -> Result<Self, String> {
        if !rustix::process::geteuid().is_root() {
            return Err("not root".to_owned());
        }
        let disk = Self {
            image: dir.join("disk.img"),
            mount: dir.join("mnt"),
        };
        std::fs::create_dir(&disk.mount).map_err(|e| e.to_string())?;
        std::fs::File::create(&disk.image)
            .and_then(|file| file.set_len(512 << 20))
            .map_err(|e| e.to_string())?;
        command("python3", &["-c".as_ref(), "import fcntl".as_ref()])?;
        command(
            "mkfs.ext4",
            &["-q".as_ref(), "-F".as_ref(), disk.image.as_os_str()],
        )?;
        disk.attach()?;
        Ok(disk)
    }

    fn attach(&self) -> Result<(), String> {
        command(
            "mount",
            &[
                "-o".as_ref(),
                "loop".as_ref(),
                self.image.as_os_str(),
                self.mount.as_os_str(),
            ],
        )
    }

    fn detach(&self) -> Result<(), String> {
        command("umount", &[self.mount.as_os_str()])
    }

    /// EXT4_IOC_SHUTDOWN with the flag "do not write the log".
    fn pull_the_plug(&self) -> Result<(), String> {
        const SCRIPT: &str = "import fcntl,os,struct,sys\n\
            fd=os.open(sys.argv[1],os.O_RDONLY)\n\
            fcntl.ioctl(fd,0x8004587D,struct.pack('I',2))";
        command(
            "python3",
            &["-c".as_ref(), SCRIPT.as_ref(), self.mount.as_os_str()],
        )
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = command("umount", &["-l".as_ref(), self.mount.as_os_str()]);
    }
}

pub fn a_really_full_disk_still_opens_reads_and_exports() {
    let dir = tempfile::TempDir::new().expect("a temporary folder");
    let disk = SmallDisk::new(dir.path().join("small"), "48m").expect("a disk in memory");
    let mut options = options(&disk.path().join("store"), &dir.path().join("state"));
    options.tuning.ballast_bytes = 12 << 20;
    options.tuning.floor_bytes = 6 << 20;
    // The disk is filled in a few milliseconds here; no flush that began while there was room may be under way then.
    options.tuning.background = false;
    let (store, _) = Store::open(options.clone()).expect("opens");
    let mut saved = 0;
    let refused = loop {
        match store.append(draft(saved)) {
            Ok(_) => saved += 1,
            Err(error) => break error,
        }
        assert!(saved < 1_000_000, "a 48 MiB disk holds no million records");
    };
    assert!(
        refused.is_read_only() && refused.to_string().contains("MiB"),
        "{refused}"
    );
    // Somebody else takes the rest, to the last byte.
    let junk = disk.path().join("junk");
    let mut file = std::fs::File::create(&junk).expect("made");
    while file.write_all(&[0; 4096]).is_ok() {}
    drop(file);
    let all_there = |store: &Store| {
        (0..saved).all(|n| store.get(FAMILY, &n.to_be_bytes()).expect("readable") == Some(body(n)))
    };
    assert!(all_there(&store));
    let copy = store.backup(&dir.path().join("copy")).expect("exports");
    assert_eq!(copy.entries, saved + 1);
    drop(store);
    let (store, notices) = Store::open(options.clone()).expect("opens on a full disk");
    assert!(all_there(&store), "{notices:?}");
    std::fs::remove_file(&junk).expect("removed");
    store.append(draft(saved)).expect("writes again");
    drop(store);
    let (store, notices) = Store::open(options).expect("opens");
    assert!(
        all_there(&store) && store.verify().expect("reads").ok,
        "{notices:?}"
    );
}

pub fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let dir = tempfile::TempDir::new().expect("a temporary folder");
    let disk = Disk::new(dir.path()).expect("a disk of its own");
    let (store, state) = (disk.mount.join("store"), dir.path().join("state"));
    let (mut next, mut seed, mut all) = (0, 5, 0);
    for round in 0..rounds("TAGOUT_POWER_ROUNDS", 10) {
        let mut writer = start_writer(&store, &state, next);
        let mut lines = BufReader::new(writer.stdout.take().expect("piped"))
            .lines()
            .map_while(Result::ok);
        let acked = read_acks(&mut lines, next, 1 + random(&mut seed, 90));
        disk.pull_the_plug().expect("the file system shuts down");
        writer.kill().expect("killed");
        drop(lines);
        writer.wait().expect("ended");
        disk.detach().expect("unmounts");
        disk.attach().expect("mounts again");
        all += acked - next;
        next = check(
            &store,
            &state,
            acked,
            round % 5 == 4,
            &format!("power cut {round}"),
        );
    }
    assert!(all > 0, "no record was ever acknowledged");
    disk.detach().expect("unmounts");
}
