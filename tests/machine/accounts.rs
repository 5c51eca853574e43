//! A second account at a store: nothing of a private one, and what its technician may do of a shared one.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// The account of nobody, as every system has it.
const NOBODY: u32 = 65_534;
/// Only a failing test waits this long.
const LIMIT: Duration = Duration::from_secs(20);

fn open_to_all(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("its mode");
}

/// A shop terminal: a store with an account of its own (root, here), and a socket in a folder that others may enter.
struct Terminal {
    dir: TempDir,
    program: PathBuf,
    host: Option<Child>,
}

impl Terminal {
    fn open() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        open_to_all(dir.path(), 0o755);
        // Where the other account can run it, wherever it was built.
        let program = dir.path().join("tagout");
        std::fs::copy(env!("CARGO_BIN_EXE_tagout"), &program).expect("a copy of the program");
        for (name, mode) in [("run", 0o755), ("home", 0o700), ("other", 0o777)] {
            let folder = dir.path().join(name);
            std::fs::create_dir(&folder).expect("a folder");
            open_to_all(&folder, mode);
        }
        Self {
            dir,
            program,
            host: None,
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn command(&self, home: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.at(home))
            .env("LANG", "C.UTF-8")
            .env("TAGOUT_STORE", self.at("store"))
            .current_dir("/")
            .stdin(Stdio::null());
        command
    }

    /// The system makes the socket and hands it to the host, as a socket unit does.
    fn serve(&mut self) {
        let socket = self.at("run/socket");
        let listener = UnixListener::bind(&socket).expect("a socket");
        open_to_all(&socket, 0o666);
        let host = self
            .command("home", &["host", "run", "--idle", "60"])
            .stdin(std::os::fd::OwnedFd::from(listener))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program runs");
        self.host = Some(host);
    }

    /// The store's own account at the socket.
    fn own(&self, arguments: &[&str]) -> Output {
        let mut command = self.command("home", arguments);
        command.arg("--host").arg(self.at("run/socket"));
        command.output().expect("the program runs")
    }

    /// Another account at the socket.
    fn other(&self, arguments: &[&str]) -> Output {
        let mut command = self.command("other", arguments);
        command
            .arg("--host")
            .arg(self.at("run/socket"))
            .uid(NOBODY)
            .gid(NOBODY);
        command.output().expect("the program runs")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(mut host) = self.host.take() {
            let _ = host.kill();
            let _ = host.wait();
        }
    }
}

#[track_caller]
fn good(out: &Output) -> String {
    assert!(out.status.success(), "{out:?}");
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[track_caller]
fn refused(out: &Output, words: &str) {
    assert_eq!(out.status.code(), Some(1), "{out:?}");
    let said =
        String::from_utf8_lossy(&out.stderr).into_owned() + &String::from_utf8_lossy(&out.stdout);
    assert!(said.contains(words), "{said}");
}

pub fn another_account_finds_nothing_of_a_private_store_and_is_told_whom_to_ask() {
    let terminal = Terminal::open();
    good(
        &terminal
            .command(
                "home",
                &["device", "add", "BME-1", "--model", "P", "--in-process"],
            )
            .output()
            .expect("the program runs"),
    );
    let start = |arguments: &[&str]| {
        let mut command = terminal.command("other", arguments);
        command.uid(NOBODY).gid(NOBODY);
        command.output().expect("the program runs")
    };
    for arguments in [
        ["device", "find", "BME"].as_slice(),
        &["device", "find", "BME", "--in-process"],
        &["host", "run"],
    ] {
        let out = start(arguments);
        assert_eq!(out.status.code(), Some(3), "{arguments:?}: {out:?}");
        assert!(out.stdout.is_empty(), "{out:?}");
    }
    let out = start(&["device", "find", "BME"]);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(
        said.contains("ask that person") && said.contains("root"),
        "{said}"
    );
    // Nor at the socket of a private host.
    good(
        &terminal
            .command("home", &["device", "find", "BME"])
            .output()
            .expect("it runs"),
    );
    let socket = terminal.at("store/host/socket").display().to_string();
    let out = start(&["device", "find", "BME", "--host", &socket]);
    assert_eq!(out.status.code(), Some(3), "{out:?}");
    good(
        &terminal
            .command("home", &["host", "stop"])
            .output()
            .expect("it runs"),
    );
}

pub fn at_a_shared_host_an_account_acts_as_the_technician_it_is_linked_to() {
    let mut terminal = Terminal::open();
    terminal.serve();
    good(&terminal.own(&[
        "device", "add", "BME-1", "--model", "P100", "--serial", "S1",
    ]));
    // Looking is free; recording is for technicians.
    assert!(good(&terminal.other(&["device", "find", "BME"])).contains("BME-1"));
    refused(
        &terminal.other(&["device", "status", "BME-1", "--missing", "shelf"]),
        "on record",
    );
    refused(
        &terminal.other(&["tech", "add", "nn", "--name", "No Name"]),
        "tagout tech add",
    );
    good(&terminal.own(&["tech", "add", "nn", "--name", "Nora Nim"]));
    refused(
        &terminal.other(&["device", "add", "BME-2", "--model", "P", "--as", "nn"]),
        "not linked",
    );
    refused(
        &terminal.other(&["device", "add", "BME-2", "--model", "P", "--as", "root"]),
        "not linked",
    );
    refused(
        &terminal.other(&["tech", "link", "nn", "nobody", "--as", "nn"]),
        "not linked",
    );
    good(&terminal.own(&["tech", "link", "nn", "nobody"]));
    good(&terminal.other(&["device", "add", "BME-2", "--model", "P"]));
    let history: Value = serde_json::from_str(&good(
        &terminal.own(&["device", "history", "BME-2", "--json"]),
    ))
    .expect("JSON");
    assert!(history.to_string().contains("\"nn\""), "{history}");
    // An account that several share says by passphrase who is at work.
    good(&terminal.own(&["tech", "add", "mk", "--name", "Mika Klein"]));
    let spoken = |arguments: &[&str]| {
        let mut command = terminal.command("other", arguments);
        command
            .args(["--host", &terminal.at("run/socket").display().to_string()])
            .env("TAGOUT_PASSPHRASE", "quiet bench 77")
            .uid(NOBODY)
            .gid(NOBODY);
        command.output().expect("the program runs")
    };
    refused(&spoken(&["tech", "key", "mk"]), "first signing key");
    good(&terminal.own(&["tech", "link", "mk", "nobody"]));
    let add = ["device", "add", "BME-2B", "--model", "P", "--as", "mk"];
    refused(&terminal.other(&add), "share the account nobody");
    refused(
        &terminal.other(&["device", "add", "BME-2B", "--model", "P"]),
        "on record",
    );
    good(&spoken(&["tech", "key", "mk"]));
    refused(&terminal.other(&add), "nobody gave the passphrase");
    good(&spoken(&add));
    good(&terminal.own(&["tech", "unlink", "mk", "nobody"]));
    // The store's files and its host are its own account's.
    let copy = terminal.at("other/copy").display().to_string();
    refused(
        &terminal.other(&["backup", &copy]),
        "account that this store belongs to",
    );
    refused(
        &terminal.other(&["rebuild"]),
        "account that this store belongs to",
    );
    refused(&terminal.other(&["host", "stop"]), "Only the account");
    // Where it is synced, its own account says: the host writes there. To sync is everybody's work.
    let place = terminal.at("other/depot");
    std::fs::create_dir(&place).expect("a folder");
    let place = place.display().to_string();
    refused(
        &terminal.other(&["depot", "add", "hub", &place]),
        "account that this store belongs to",
    );
    good(&terminal.own(&["depot", "add", "hub", &place, "--manual"]));
    refused(
        &terminal.other(&["depot", "remove", "hub"]),
        "account that this store belongs to",
    );
    assert!(good(&terminal.other(&["sync", "hub"])).contains("sent"));
    // Files that a user names are read by the user's process.
    let list = terminal.at("home/list.csv");
    std::fs::write(&list, "Asset Tag,Model\nBME-9,P\n").expect("a list");
    let out = terminal.other(&["device", "import", &list.display().to_string()]);
    assert!(!out.status.success(), "{out:?}");
    let own = terminal.at("other/list.csv");
    std::fs::write(&own, "Asset Tag,Model\nBME-3,P\n").expect("a list");
    good(&terminal.other(&["device", "import", &own.display().to_string()]));
    good(&terminal.own(&["tech", "unlink", "nn", "nobody"]));
    refused(
        &terminal.other(&["device", "add", "BME-4", "--model", "P", "--as", "nn"]),
        "not linked",
    );
    // A signal ends it cleanly; its socket is the system's and stays.
    let mut host = terminal.host.take().expect("it runs");
    let pid = Pid::from_raw(i32::try_from(host.id()).expect("a process")).expect("a process");
    kill_process(pid, Signal::TERM).expect("it is there");
    let end = Instant::now() + LIMIT;
    while host.try_wait().expect("its end").is_none() {
        assert!(Instant::now() < end, "it stays");
        std::thread::yield_now();
    }
    assert!(terminal.at("run/socket").exists());
}
