//! One host per store: found, started, raced for, killed, asked to leave, and lied to.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use tagout::bench::link::Call;
use tagout::bench::query::Query;
use tagout::host::wire::{self, Caller, Greeting, ToHost};

use crate::support::cli::Shop;
use crate::support::pty::Start;

/// Only a failing test waits this long.
const LIMIT: Duration = Duration::from_secs(20);

fn host_of(shop: &Shop) -> Pid {
    let status = shop.json(&["host", "status"]);
    let pid = status["pid"].as_i64().expect("a process");
    Pid::from_raw(i32::try_from(pid).expect("a process")).expect("a process")
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + LIMIT;
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::yield_now();
    }
}

fn is_there(pid: Pid) -> bool {
    rustix::process::test_kill_process(pid).is_ok() && state(pid) != 'Z'
}

fn state(pid: Pid) -> char {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    let stat = stat.unwrap_or_default();
    let after = stat.rsplit(") ").next().unwrap_or_default();
    after.chars().next().unwrap_or('-')
}

/// A shop whose host runs, with one device.
fn stocked() -> Shop {
    let shop = Shop::hosted();
    shop.done(&[
        "device", "add", "BME-1", "--model", "P100", "--serial", "S1",
    ]);
    shop
}

/// The terminal face on the shop's host.
fn face(shop: &Shop) -> Start {
    let home = shop.dir().display().to_string();
    Start::new(env!("CARGO_BIN_EXE_tagout"))
        .env("HOME", &home)
        .env("TAGOUT_STORE", &shop.store().display().to_string())
        .env("TAGOUT_IDLE", "60")
}

#[test]
fn the_first_command_starts_it_and_the_next_ones_find_it() {
    let shop = stocked();
    let host = host_of(&shop);
    assert_eq!(shop.json(&["device", "show", "BME-1"])["serial"], "S1");
    assert_eq!(host_of(&shop), host);
    let status = shop.json(&["host", "status"]);
    assert_eq!(status["running"], true);
    assert_eq!(status["sessions"], serde_json::json!([]));
    assert!(
        status["store_bytes"]
            .as_u64()
            .is_some_and(|bytes| bytes > 0)
    );
    assert_eq!(shop.json(&["host", "stop"])["stopped"], true);
    until("the host is gone", || !is_there(host));
    assert!(!shop.store().join("host/socket").exists());
    assert_eq!(shop.json(&["host", "stop"])["stopped"], false);
    shop.ends(1, &["host", "status"]);
    // The next one starts another.
    assert_eq!(shop.json(&["verify"])["ok"], true);
    assert_ne!(host_of(&shop), host);
}

#[test]
fn ten_that_start_at_once_start_one() {
    let shop = Shop::hosted();
    let started: Vec<Child> = (0..10)
        .map(|n| {
            let tag = format!("R-{n}");
            child(&shop, &["device", "add", &tag, "--model", "P"])
        })
        .collect();
    for child in started {
        let out = child.wait_with_output().expect("it ends");
        assert!(out.status.success(), "{out:?}");
    }
    let host = host_of(&shop);
    let others = std::fs::read_dir("/proc").expect("processes").flatten();
    let hosts: Vec<String> = others
        .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(&shop.store().display().to_string()) && line.contains(" run "))
        .collect();
    assert_eq!(hosts.len(), 1, "{hosts:?}");
    assert!(is_there(host));
    let found = shop.json(&["device", "find", "R-", "-n", "20"]);
    assert_eq!(found.as_array().map(Vec::len), Some(10));
    assert_eq!(shop.json(&["verify"])["ok"], true);
}

fn child(shop: &Shop, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_tagout"))
        .args(arguments)
        .env_clear()
        .env("HOME", shop.dir())
        .env("LANG", "C.UTF-8")
        .env("TAGOUT_STORE", shop.store())
        .env("TAGOUT_IDLE", "60")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs")
}

#[test]
fn a_killed_host_is_replaced_and_nothing_is_lost() {
    let shop = stocked();
    for round in 0..5 {
        let tag = format!("K-{round}");
        shop.done(&["device", "add", &tag, "--model", "P"]);
        let host = host_of(&shop);
        kill_process(host, Signal::KILL).expect("it is there");
        // Its socket lies there still, and nobody listens.
        assert!(shop.store().join("host/socket").exists());
        assert_eq!(shop.json(&["device", "show", &tag])["tag"], tag.as_str());
        assert_ne!(host_of(&shop), host);
    }
    assert_eq!(shop.json(&["verify"])["ok"], true);
}

/// Whoever starts a host may die while it opens the store, and whoever stops one may be followed at once.
#[test]
fn the_next_one_waits_for_a_host_that_is_just_coming_or_leaving() {
    let shop = stocked();
    for round in 0..8 {
        shop.done(&["host", "stop"]);
        let mut starter = child(&shop, &["device", "find", "BME"]);
        let moment = Instant::now() + Duration::from_millis(round * 15);
        while Instant::now() < moment {
            std::thread::yield_now();
        }
        starter.kill().expect("it is a child");
        starter.wait().expect("its end");
        assert_eq!(shop.json(&["device", "show", "BME-1"])["serial"], "S1");
    }
    for _ in 0..5 {
        kill_process(host_of(&shop), Signal::TERM).expect("it is there");
        assert_eq!(shop.json(&["device", "show", "BME-1"])["serial"], "S1");
    }
}

#[test]
fn a_signal_and_an_idle_time_end_it_cleanly() {
    let shop = stocked();
    let host = host_of(&shop);
    kill_process(host, Signal::TERM).expect("it is there");
    until("the host is gone", || !is_there(host));
    assert!(!shop.store().join("host/socket").exists());
    let mut short = shop.command(&["device", "find", "BME"]);
    short.env("TAGOUT_IDLE", "1").assert().success();
    let host = host_of(&shop);
    until("it leaves by itself", || !is_there(host));
    assert!(!shop.store().join("host/socket").exists());
    assert_eq!(shop.json(&["verify"])["ok"], true);
}

#[test]
fn a_store_that_goes_away_takes_its_host_along() {
    let shop = stocked();
    let host = host_of(&shop);
    std::fs::remove_dir_all(shop.store()).expect("the store is removed");
    until("the host is gone", || !is_there(host));
}

#[test]
fn files_changed_behind_its_back_are_looked_at_anew() {
    let shop = stocked();
    let host = host_of(&shop);
    let journal = shop.store().join("journal/00000001.seg");
    let bytes = std::fs::read(&journal).expect("a journal");
    std::fs::write(&journal, &bytes[..bytes.len() - 3]).expect("a cut");
    // What sled still has is put back.
    assert_eq!(shop.json(&["device", "show", "BME-1"])["serial"], "S1");
    assert_ne!(host_of(&shop), host);
    assert_eq!(shop.json(&["verify"])["ok"], true);
}

#[test]
fn only_its_account_may_look_into_the_store() {
    let shop = stocked();
    shop.done(&["tech", "key"]);
    let copy = shop.dir().join("copy");
    shop.done(&["backup", &copy.display().to_string()]);
    let mode = |path: &Path| {
        let facts = std::fs::symlink_metadata(path).expect("it is there");
        facts.permissions().mode() & 0o777
    };
    let mut folders = vec![shop.store(), copy];
    while let Some(folder) = folders.pop() {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.starts_with(shop.store().join("rows")) {
                assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
            }
        }
    }
}

#[test]
fn a_list_and_a_backup_pass_through_it() {
    let shop = stocked();
    // A column that no field is for; it is named and left out.
    let mut list = "Asset Tag,Model,Serial Number,Zzz\n".to_owned();
    let long = "x".repeat(20_000);
    list.extend((0..400).map(|n| format!("L-{n},P100,LS-{n},{long}\n")));
    // Longer than a piece of it may be.
    assert!(list.len() > 5 << 20);
    let file = shop.file("list.csv", list);
    let done = shop.json(&["device", "import", &file]);
    assert_eq!(done["added"], 400);
    let again = shop.json(&["device", "import", &file]);
    assert_eq!(
        (&again["same"], &again["entries"]),
        (&Value::from(400), &Value::from(0))
    );
    let to = shop.dir().join("copy").display().to_string();
    let made = shop.json(&["backup", &to]);
    assert!(
        made["entries"]
            .as_u64()
            .is_some_and(|entries| entries > 400)
    );
    let digest = shop.done(&["digest"]);
    let copy = shop.done(&["digest", "--store", &to, "--in-process"]);
    assert_ne!(digest, copy, "a copy goes on as a site of its own");
    assert_eq!(
        shop.json(&["device", "show", "L-7", "--store", &to, "--in-process"])["serial"],
        "LS-7"
    );
}

#[test]
fn a_change_appears_in_another_session_by_itself() {
    let shop = stocked();
    let mut tty = face(&shop).spawn();
    tty.wait_for("1 device");
    shop.done(&[
        "device", "add", "BME-2", "--model", "P200", "--serial", "S2",
    ]);
    tty.wait_for("BME-2");
    let status = shop.json(&["host", "status"]);
    let session = &status["sessions"][0];
    assert_eq!(session["doing"], "terminal");
    assert!(
        session["tty"]
            .as_str()
            .is_some_and(|tty| tty.starts_with("/dev/"))
    );
}

#[test]
fn a_session_outlives_its_host() {
    let shop = stocked();
    let mut tty = face(&shop).spawn();
    tty.wait_for("1 device");
    let first = host_of(&shop);
    kill_process(first, Signal::KILL).expect("it is there");
    // The face finds or starts another by itself and goes on.
    shop.done(&[
        "device", "add", "BME-3", "--model", "P300", "--serial", "S3",
    ]);
    tty.wait_for("BME-3");
    assert_ne!(host_of(&shop), first);
    assert_eq!(shop.json(&["verify"])["ok"], true);
}

/// A greeting as this program sends it, and what the host answered is read.
fn greeted(shop: &Shop) -> UnixStream {
    let mut line = UnixStream::connect(shop.store().join("host/socket")).expect("it listens");
    let hello = Greeting {
        oldest: wire::OLDEST,
        newest: wire::VERSION,
        step_down: false,
    };
    let caller = Caller {
        build: "a test".to_owned(),
        process: 1,
        user: "somebody".to_owned(),
        terminal: "none".to_owned(),
        doing: "noise".to_owned(),
    };
    wire::greet(&mut line, hello, &caller).expect("it reads");
    let answer = wire::greeted(&mut line).expect("it answers");
    assert!(answer.is_some_and(|(greeting, _)| greeting.newest == wire::VERSION));
    line
}

fn framed(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("short");
    [&length.to_le_bytes(), body].concat()
}

/// A sound message with some bytes changed, from a seed.
fn spoilt(seed: u64) -> Vec<u8> {
    let message = ToHost::Call {
        id: seed,
        call: Call::Ask(Query::Find {
            text: "BME".to_owned(),
            limit: 10,
        }),
    };
    let mut body = tagout::bench::link::encode(&message).expect("bytes");
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for _ in 0..=seed % 4 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let at = usize::try_from(state % body.len() as u64).expect("a place");
        body[at] ^= (state >> 32) as u8;
    }
    body
}

#[test]
fn spoilt_messages_end_their_session_at_most() {
    let shop = stocked();
    let host = host_of(&shop);
    for seed in 0..200 {
        let mut line = greeted(&shop);
        line.write_all(&framed(&spoilt(seed))).expect("it reads");
        // It is answered, or told why not, or the line is closed: nothing hangs.
        line.shutdown(std::net::Shutdown::Write).expect("a half");
        let mut said = Vec::new();
        line.set_read_timeout(Some(LIMIT)).expect("a limit");
        line.read_to_end(&mut said).expect("an end");
    }
    // A length that is not true, and one that is not kept.
    for bytes in [[255; 4].to_vec(), 9_000_000_u32.to_le_bytes().to_vec()] {
        let mut line = greeted(&shop);
        line.write_all(&bytes).expect("it reads");
        line.shutdown(std::net::Shutdown::Write).expect("a half");
        let mut said = Vec::new();
        line.set_read_timeout(Some(LIMIT)).expect("a limit");
        line.read_to_end(&mut said).expect("an end");
    }
    assert_eq!(host_of(&shop), host);
    let rss = std::fs::read_to_string(format!("/proc/{}/status", host.as_raw_nonzero()));
    let rss = rss.expect("its status");
    let peak = rss
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .expect("a peak");
    let kib: u64 = peak
        .split_whitespace()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .expect("KiB");
    assert!(kib < 400 << 10, "{peak}");
}

#[test]
fn an_idle_host_makes_room_for_a_newer_program_and_a_busy_one_says_why_not() {
    let shop = stocked();
    let host = host_of(&shop);
    let newer = || {
        let mut line = UnixStream::connect(shop.store().join("host/socket")).expect("it listens");
        line.write_all(&[b"tagout".as_slice(), &[9, 0, 12, 0, 1, 0], &[0; 4]].concat())
            .expect("it reads");
        wire::greeted(&mut line)
            .expect("it answers")
            .expect("tagout")
            .0
    };
    let busy = greeted(&shop);
    let answer = newer();
    assert!(answer.newest == 0 && !answer.step_down, "{answer:?}");
    drop(busy);
    // The host notices the end of that session a moment later.
    until("it makes room", || newer_is_let_in(&shop));
    until("the host is gone", || !is_there(host));
    assert_eq!(shop.json(&["device", "show", "BME-1"])["serial"], "S1");
}

fn newer_is_let_in(shop: &Shop) -> bool {
    let Ok(mut line) = UnixStream::connect(shop.store().join("host/socket")) else {
        return true;
    };
    let hello = [b"tagout".as_slice(), &[9, 0, 12, 0, 1, 0], &[0; 4]].concat();
    match line
        .write_all(&hello)
        .and_then(|()| wire::greeted(&mut line).map_err(std::io::Error::other))
    {
        Ok(Some((answer, _))) => answer.step_down,
        _ => true,
    }
}

#[test]
fn whatever_is_sent_to_it_others_are_served() {
    let shop = stocked();
    let host = host_of(&shop);
    let call = || UnixStream::connect(shop.store().join("host/socket")).expect("it listens");
    let mut words = Vec::new();
    // Another program's greeting, a greeting that stops, a forged length, an unknown protocol.
    call()
        .write_all(b"GET / HTTP/1.1\r\n\r\n")
        .expect("it reads");
    call().write_all(b"tago").expect("it reads");
    let forged = [b"tagout".as_slice(), &[1, 0, 1, 0, 0, 0], &[255; 4]].concat();
    call().write_all(&forged).expect("it reads");
    let mut newer = call();
    newer
        .write_all(&[b"tagout".as_slice(), &[9, 0, 12, 0, 0, 0], &[0; 4]].concat())
        .expect("it reads");
    newer.read_to_end(&mut words).expect("it answers");
    assert!(words.starts_with(b"tagout"));
    assert!(String::from_utf8_lossy(&words).contains("older tagout"));
    // Somebody who never says a word, and somebody who sends noise behind a good greeting.
    let _silent = call();
    for seed in 0..30_u64 {
        let mut noisy = call();
        let noise: Vec<u8> = (0..200)
            .map(|n: u64| (seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (n % 57)) as u8 ^ n as u8)
            .collect();
        let greeting = [b"tagout".as_slice(), &[1, 0, 1, 0, 0, 0], &[0; 4]].concat();
        let _ = noisy
            .write_all(&greeting)
            .and_then(|()| noisy.write_all(&noise));
    }
    assert_eq!(shop.json(&["device", "show", "BME-1"])["serial"], "S1");
    // A crowd that never says a word: a session waits until they are let go.
    let crowd: Vec<UnixStream> = (0..400).map(|_| call()).collect();
    assert_eq!(shop.json(&["device", "show", "BME-1"])["serial"], "S1");
    drop(crowd);
    assert_eq!(host_of(&shop), host);
}

#[test]
fn a_host_keeps_nothing_of_its_first_caller_open() {
    let shop = Shop::hosted();
    // The shell waits until every writer of what it reads is gone: a host that kept one of these open would be waited for
    // until it leaves.
    let script = format!(
        "x=$({} device find nothing 2>&1 9>&1); echo ended",
        env!("CARGO_BIN_EXE_tagout")
    );
    let out = Command::new("sh")
        .args(["-c", &script])
        .env_clear()
        .env("HOME", shop.dir())
        .env("LANG", "C.UTF-8")
        .env("TAGOUT_STORE", shop.store())
        .env("TAGOUT_IDLE", "15")
        .output()
        .expect("a shell");
    assert_eq!(String::from_utf8_lossy(&out.stdout), "ended\n");
    assert!(is_there(host_of(&shop)), "it was not waited for");
}

#[test]
fn a_store_deeper_than_a_socket_address_is_served() {
    let deep = tempfile::tempdir().expect("a folder");
    let store = deep
        .path()
        .join("a-long-name-of-a-folder/".repeat(6))
        .join("store");
    let mut shop = Shop::hosted();
    shop.move_store(store.clone());
    assert!(store.join("host/socket").as_os_str().len() > 108);
    shop.done(&["device", "add", "BME-1"]);
    let host = host_of(&shop);
    assert_eq!(shop.json(&["device", "show", "BME-1"])["tag"], "BME-1");
    assert_eq!(host_of(&shop), host);
    shop.done(&["host", "stop"]);
    until("the host is gone", || !is_there(host));
}
