//! Two logins over real ssh to one shop terminal: they reach one host, a line that breaks ends its session and nothing
//! else, and whoever logs in again goes on at the same step with one key.

use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open};
use tempfile::TempDir;

use crate::ssh::{gone, server};
use crate::sshd::Sshd;
use crate::support::counter::{ANSWERS, Counter, begin, sign};
use crate::support::hospital::{saved, settled};
use crate::support::pty::Tty;

/// Ctrl-R, the key that goes on.
const RESUME: &str = "\x12";

/// What a login without a forced command asks the far end to run.
fn remote(counter: &Counter) -> String {
    format!(
        "exec env {} {}",
        settings(counter),
        env!("CARGO_BIN_EXE_tagout")
    )
}

/// The environment as `NAME=value` words.
fn settings(counter: &Counter) -> String {
    let settings: Vec<String> = counter
        .environment()
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    settings.join(" ")
}

/// The block that README recommends, for this program and this shop, with an interval that a test can wait for.
fn recommended(counter: &Counter) -> String {
    let (_, block) = include_str!("../../README.md")
        .split_once("Match Group biomed\n")
        .expect("README says how sshd is set up");
    let (block, _) = block.split_once("```").expect("the block ends");
    for needed in [
        "ClientAliveInterval 15\n",
        "SetEnv TAGOUT_HOST=/run/tagout/socket\n",
    ] {
        assert!(block.contains(needed), "{block}");
    }
    block
        .replace("/usr/local/bin/tagout", env!("CARGO_BIN_EXE_tagout"))
        .replace("ClientAliveInterval 15", "ClientAliveInterval 1")
        .replace("TAGOUT_HOST=/run/tagout/socket", &settings(counter))
}

fn login(server: &Sshd, remote: &str) -> Tty {
    let mut tty = server.on_a_terminal(remote).spawn();
    tty.wait_for("● in service");
    tty
}

fn answer(tty: &mut Tty, step: usize) {
    settled(tty);
    tty.send(ANSWERS[step]);
    let count = u32::try_from(step + 1).expect("small");
    tty.wait(&format!("{count} answers saved"), |screen| {
        let text = screen.contents();
        saved(&text) == Some(count) || text.contains("s sign")
    });
}

/// The session that is there and not among these.
fn newcomer(counter: &Counter, known: &[Pid]) -> Pid {
    let sessions = counter.sessions();
    let mut new = sessions.iter().filter(|pid| !known.contains(pid));
    let found = *new.next().expect("a session more");
    assert_eq!(new.next(), None, "{sessions:?}");
    found
}

pub fn two_logins_reach_one_host_and_a_killed_client_costs_no_answer() {
    let dir = TempDir::new().expect("a temporary folder");
    let server = server(&dir);
    let counter = Counter::open();
    let host = counter.host();
    let remote = remote(&counter);
    let mut other = login(&server, &remote);
    let others = newcomer(&counter, &[]);
    let mut first = login(&server, &remote);
    let mine = newcomer(&counter, &[others]);
    let program = pidfd_open(mine, PidfdFlags::empty()).expect("it runs");

    begin(&mut first);
    begin(&mut other);
    answer(&mut first, 0);
    answer(&mut first, 1);
    // The other login sees it by itself.
    other.wait("two answers", |screen| saved(&screen.contents()) == Some(2));
    settled(&mut first);
    assert!(first.text().contains("step 3 of 6"), "{}", first.text());

    let cut = Instant::now();
    first.kill(Signal::KILL);
    gone(&program, "the client was killed");
    let took = cut.elapsed();
    println!(
        "session gone {} ms after its client was killed",
        took.as_millis()
    );
    assert!(took < Duration::from_secs(1), "{took:?}");
    first.wait_exit();
    assert_eq!(counter.host(), host, "the host lives on");
    assert_eq!(counter.sessions(), [others], "and so does the other login");
    // Its screen shows the step that it showed; the same key leads to the one that waits.
    settled(&mut other);
    other.send(RESUME);
    other.wait_for("step 3 of 6");
    answer(&mut other, 2);

    let mut again = login(&server, &remote);
    again.wait_for("waits with 3 answers saved");
    settled(&mut again);
    again.send(RESUME);
    again.wait_for("step 4 of 6");
    for step in 3..ANSWERS.len() {
        answer(&mut again, step);
    }
    counter.answered_once(ANSWERS.len());
    sign(&mut again);
    let record = counter.inspection();
    assert_eq!(record["signed"], true, "{record:#}");
    assert_eq!(record["outcome"], "passed", "{record:#}");
    assert_eq!(counter.host(), host);
    counter.is_sound();
}

pub fn a_silent_link_ends_by_the_settings_that_are_recommended() {
    let dir = TempDir::new().expect("a temporary folder");
    let counter = Counter::open();
    let block = recommended(&counter);
    let server = Sshd::start_with(dir.path(), &block).expect("an ssh server");
    // Whatever the client asks for, the account gets tagout and nothing else.
    let mut tty = login(&server, "id");
    let session = newcomer(&counter, &[]);
    let program = pidfd_open(session, PidfdFlags::empty()).expect("it runs");
    let host = counter.host();
    begin(&mut tty);
    answer(&mut tty, 0);
    settled(&mut tty);

    // The laptop sleeps: its end stays open and says nothing.
    let cut = Instant::now();
    tty.kill(Signal::STOP);
    counter
        .shop()
        .done(&["device", "add", "PUMP-8", "--model", "P7"]);
    gone(&program, "the client was stopped");
    println!(
        "session gone {} ms after its client fell silent",
        cut.elapsed().as_millis()
    );
    assert_eq!(tty.state(), 'T', "the client itself never said goodbye");
    assert_eq!(counter.host(), host);
    assert!(counter.sessions().is_empty());
    drop(tty);

    let mut again = login(&server, "");
    again.wait_for("waits with 1 answer saved");
    settled(&mut again);
    again.send(RESUME);
    again.wait_for("step 2 of 6");
    counter.answered_once(1);
    counter.is_sound();
}
