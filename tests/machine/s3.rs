//! Depots on a real S3 server of the test's own, on a free port of the loopback: moto, from PyPI. Between it and the
//! program stands a line that can be made bad.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tagout::depot::sync::Patience;
use tagout::depot::{Depot, DepotError, Memory, Place, Report, Settings};

use serde_json::Value;

use crate::shelf::MemoryShelf;
use crate::support::cli::Shop;
use crate::support::pty::LIMIT;

/// The one line that `.ci/run` installs it with.
const HOW: &str = "python3 -m pip install 'moto[server,s3]'";

/// The server; it ends when this is dropped.
pub struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts one with the bucket `bundles`, or says why there can be none.
    pub fn start() -> Result<Self, String> {
        let named = std::env::var_os("TAGOUT_S3_SERVER").map(PathBuf::from);
        let program = named.unwrap_or_else(|| PathBuf::from("moto_server"));
        let free = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let port = free.local_addr().map_err(|error| error.to_string())?.port();
        drop(free);
        let child = Command::new(&program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{} does not start ({error}); {HOW}", program.display()))?;
        let mut server = Self { child, port };
        let end = Instant::now() + LIMIT;
        while server
            .request("PUT", "/bundles")
            .is_none_or(|code| code != 200)
        {
            if let Ok(Some(status)) = server.child.try_wait() {
                return Err(format!("{} ended: {status}; {HOW}", program.display()));
            }
            if Instant::now() > end {
                return Err(format!("{} does not answer", program.display()));
            }
            // It tells nobody when it is ready.
            thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// Asks something without a body; the status.
    fn request(&self, method: &str, path: &str) -> Option<u16> {
        let mut line = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        line.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        write!(
            line,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        .ok()?;
        let mut answer = String::new();
        line.read_to_string(&mut answer).ok()?;
        answer.split(' ').nth(1)?.parse().ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the line does with the next connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    /// Answers that the server is broken, without asking it.
    Broken,
    /// Answers that the key has no right to this.
    Refused,
    /// Takes the request and never answers.
    Silent,
    /// Takes the request and hangs up.
    Cut,
    /// Gives the answer a few bytes at a time, and hangs up in the middle.
    Torn,
    /// Gives the whole answer, slowly.
    Slow,
}

/// A line to a server. Each connection carries one request, so that each meets its own fault.
struct Line {
    port: u16,
    faults: Arc<Mutex<Vec<Fault>>>,
    requests: Arc<AtomicUsize>,
}

impl Line {
    fn to(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("a port").port();
        let faults = Arc::new(Mutex::new(Vec::new()));
        let requests = Arc::new(AtomicUsize::new(0));
        let (next, count, there) = (Arc::clone(&faults), Arc::clone(&requests), server.port);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let (next, count) = (Arc::clone(&next), Arc::clone(&count));
                thread::spawn(move || carry(near, there, &next, &count));
            }
        });
        Self {
            port,
            faults,
            requests,
        }
    }

    /// These faults come next, one for each request.
    fn meets(&self, faults: &[Fault]) {
        let mut next = self.faults.lock().expect("faults");
        *next = faults.iter().rev().copied().collect();
    }

    fn left(&self) -> usize {
        self.faults.lock().expect("faults").len()
    }
}

/// The bytes of one request, its head changed so that the connection ends behind it.
fn read_request(near: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut piece = vec![0; 65536];
    let head = loop {
        let n = near.read(&mut piece).ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&piece[..n]);
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let length = name.eq_ignore_ascii_case("content-length");
        length.then(|| value.trim().parse::<usize>().ok()).flatten()
    });
    while bytes.len() < head + 4 + length.unwrap_or(0) {
        let n = near.read(&mut piece).ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&piece[..n]);
    }
    let mut whole = format!("{text}\r\nConnection: close").into_bytes();
    whole.extend_from_slice(&bytes[head..]);
    Some(whole)
}

fn carry(mut near: TcpStream, there: u16, faults: &Mutex<Vec<Fault>>, requests: &AtomicUsize) {
    // A connection may be opened and never used.
    let Some(request) = read_request(&mut near) else {
        return;
    };
    let fault = faults.lock().expect("faults").pop();
    requests.fetch_add(1, Ordering::SeqCst);
    match fault {
        Some(Fault::Broken) => {
            let _ = near.write_all(
                b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            );
            return;
        }
        Some(Fault::Refused) => {
            let _ = near.write_all(
                b"HTTP/1.1 403 Forbidden\r\nContent-Length: 78\r\nConnection: close\r\n\r\n\
                  <Error><Code>AccessDenied</Code><Message>Access Denied by us</Message></Error>",
            );
            return;
        }
        Some(Fault::Silent) => {
            // Until the other end gives up.
            let _ = near.read(&mut [0; 1]);
            return;
        }
        Some(Fault::Cut) => {
            let _ = near.shutdown(Shutdown::Both);
            return;
        }
        Some(Fault::Torn | Fault::Slow) | None => {}
    }
    let Ok(mut far) = TcpStream::connect(("127.0.0.1", there)) else {
        return;
    };
    let mut answer = Vec::new();
    if far.write_all(&request).is_err() || far.read_to_end(&mut answer).is_err() {
        return;
    }
    match fault {
        Some(Fault::Torn) => {
            let _ = near.write_all(&answer[..answer.len() / 2]);
        }
        Some(Fault::Slow) => {
            for piece in answer.chunks(answer.len() / 20 + 1) {
                if near.write_all(piece).is_err() {
                    return;
                }
                // What a bad line does.
                thread::sleep(Duration::from_millis(4));
            }
        }
        _ => {
            let _ = near.write_all(&answer);
        }
    }
    let _ = near.shutdown(Shutdown::Both);
}

fn settings(port: u16) -> Settings {
    let endpoint = format!("http://127.0.0.1:{port}");
    let variables = [
        ("AWS_ACCESS_KEY_ID", "AKEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "SKEXAMPLE"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
    ];
    Settings {
        environment: variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        patience: Patience {
            connect: Duration::from_secs(2),
            request: Duration::from_secs(1),
            retries: 4,
            all: Duration::from_secs(60),
            first_wait: Duration::from_millis(5),
        },
    }
}

/// A site with its store and its way to the depot.
struct Site {
    shelf: MemoryShelf,
    memory: Memory,
    depot: Depot,
}

impl Site {
    fn new(seed: u8, place: &str, port: u16) -> Self {
        let place = Place::parse(place).expect("a place");
        Self {
            shelf: MemoryShelf::new(seed),
            memory: Memory::default(),
            depot: Depot::open(place, &settings(port)).expect("a depot"),
        }
    }

    fn record(&mut self, count: usize, bytes: usize) {
        for n in 0..count {
            // Bytes that do not shrink.
            let mut body = Vec::new();
            let mut seed = blake3::hash(&n.to_le_bytes());
            while body.len() < bytes {
                body.extend_from_slice(seed.as_bytes());
                seed = blake3::hash(seed.as_bytes());
            }
            body.truncate(bytes);
            self.shelf.record(&body);
        }
    }

    fn try_sync(&mut self) -> Result<Report, DepotError> {
        let scratch = tempfile::tempdir().expect("a folder");
        let go_on = &mut |_| ControlFlow::Continue(());
        self.depot
            .sync(&mut self.shelf, &mut self.memory, scratch.path(), go_on)
    }

    #[track_caller]
    fn sync(&mut self) -> Report {
        self.try_sync().expect("a sync")
    }
}

/// Sites exchange through a bucket, small bundles become one, and what is emptied is filled again.
pub fn sites_meet_in_a_bucket() {
    let server = Server::start().expect("a server");
    let place = "s3://bundles/clinic/east";
    let mut a = Site::new(1, place, server.port);
    let mut b = Site::new(2, place, server.port);
    a.record(3, 100);
    assert_eq!(a.sync().entries_up, 4);
    assert_eq!(b.sync().entries_down, 4);
    for _ in 0..12 {
        a.record(1, 100);
        a.sync();
    }
    let mut look = Memory::default();
    let contents = a.depot.contents(&mut look, &[]).expect("contents");
    assert!(contents.stored.len() < 10, "{}", contents.stored.len());
    assert!(contents.warnings.is_empty(), "{:?}", contents.warnings);
    assert_eq!(b.sync().entries_down, 12);
    a.sync();
    assert_eq!(a.shelf.everything(), b.shelf.everything());
    // Another prefix is another depot.
    let mut other = Site::new(3, "s3://bundles/clinic/west", server.port);
    assert_eq!(other.sync().entries_down, 0);
    // What does not belong there stops nothing.
    for path in ["readme.txt", "sites/x/y", "have/nobody", "sites//z"] {
        server.request("PUT", &format!("/bundles/clinic/east/{path}"));
    }
    b.record(1, 100);
    let report = b.sync();
    assert_eq!(report.entries_up, 1);
    assert!(report.warnings.words.len() >= 2, "{:?}", report.warnings);
    assert_eq!(a.sync().entries_down, 1);
    let secret = server.request("GET", "/nowhere/x");
    assert_eq!(secret, Some(404));
    let mut lost = Site::new(4, "s3://nowhere", server.port);
    let error = lost.try_sync().expect_err("no such bucket").to_string();
    assert!(error.contains("there is no such bucket"), "{error}");
    assert!(!error.contains("SKEXAMPLE"), "{error}");
}

/// Bundles of more than one request go up in parts that appear together, and come down in pieces.
pub fn long_bundles_go_in_parts() {
    let server = Server::start().expect("a server");
    let mut a = Site::new(1, "s3://bundles", server.port);
    let mut b = Site::new(2, "s3://bundles", server.port);
    a.shelf.limit = 64 << 20;
    a.record(350, 60_000);
    let up = a.sync();
    assert_eq!(up.uploaded.len(), 1, "{up:?}");
    let down = b.sync();
    assert_eq!(down.entries_down, 351);
    assert!(down.bytes_down > 20 << 20, "{}", down.bytes_down);
    a.sync();
    assert_eq!(a.shelf.everything(), b.shelf.everything());
}

/// Two shops exchange by the real program, with keys from the environment, over a line that fails now and then.
pub fn shops_sync_with_a_bucket() {
    let server = Server::start().expect("a server");
    let line = Line::to(&server);
    let endpoint = format!("http://127.0.0.1:{}", line.port);
    let run = |shop: &Shop, arguments: &[&str]| {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        let out = shop
            .command(&arguments)
            .env("AWS_ACCESS_KEY_ID", "AKEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "SKEXAMPLE")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ENDPOINT_URL", &endpoint)
            .output()
            .expect("the program runs");
        let text = if out.status.success() {
            out.stdout
        } else {
            out.stderr
        };
        let text = String::from_utf8_lossy(&text).into_owned();
        let last = text.lines().last().unwrap_or_default().to_owned();
        let json: Value = serde_json::from_str(&text)
            .or_else(|_| serde_json::from_str(&last))
            .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {text}"));
        json
    };
    let shops = [Shop::empty(), Shop::empty()];
    for (shop, name) in shops.iter().zip(["East", "West"]) {
        let prefix = name.to_uppercase();
        shop.done(&["init", "--name", name, "--prefix", &prefix, "--zone", "UTC"]);
        run(
            shop,
            &["depot", "add", "hub", "s3://bundles/clinic", "--manual"],
        );
        shop.done(&["device", "add", &format!("{prefix}-1"), "--model", "P1"]);
    }
    let [east, west] = &shops;
    let id = |shop: &Shop| {
        let shown = shop.json(&["site", "show"]);
        shown["site"]["id"].as_str().expect("an id").to_owned()
    };
    for _ in 0..2 {
        run(east, &["sync"]);
        run(west, &["sync"]);
    }
    east.done(&["site", "trust", &id(west)]);
    west.done(&["site", "trust", &id(east)]);
    line.meets(&[
        Fault::Broken,
        Fault::Slow,
        Fault::Cut,
        Fault::Slow,
        Fault::Torn,
    ]);
    east.done(&["device", "add", "EAST-2", "--model", "P1"]);
    let sent = run(east, &["sync", "hub"]);
    assert_eq!(sent["synced"][0]["name"], "hub", "{sent}");
    line.meets(&[
        Fault::Slow,
        Fault::Broken,
        Fault::Broken,
        Fault::Slow,
        Fault::Broken,
    ]);
    run(west, &["sync", "hub"]);
    line.meets(&[]);
    run(east, &["sync", "hub"]);
    let digest = |shop: &Shop| shop.json(&["digest"])["digest"].clone();
    assert_eq!(digest(east), digest(west));
    west.done(&["device", "show", "EAST-2"]);
    // A key without the right to it is said, and kept for whoever looks at the list.
    line.meets(&[Fault::Refused]);
    let refused = run(east, &["sync", "hub"]);
    let words = refused["error"].as_str().expect("an error");
    assert!(words.contains("Access Denied by us"), "{words}");
    let listed = east.done(&["depot", "list"]);
    assert!(
        listed.contains("trouble") && !listed.contains("SKEXAMPLE"),
        "{listed}"
    );
    // Without any key it is said what to set.
    let bare = east.refused(1, &["sync", "hub"]);
    assert!(
        bare["error"]
            .as_str()
            .expect("words")
            .contains("s3://bundles"),
        "{bare}"
    );
}

/// A server that fails, hangs, hangs up or is slow: what passes is waited for, and what does not is said and harms nothing.
pub fn a_bad_line_costs_time_and_nothing_else() {
    let server = Server::start().expect("a server");
    let line = Line::to(&server);
    let place = "s3://bundles/shop";
    let mut a = Site::new(1, place, line.port);
    let mut b = Site::new(2, place, line.port);
    let mut faults = [
        Fault::Broken,
        Fault::Cut,
        Fault::Slow,
        Fault::Torn,
        Fault::Silent,
    ];
    for round in 0..faults.len() {
        a.record(1, 500);
        b.record(1, 500);
        faults.rotate_left(1);
        // Each request of the sync meets it in turn.
        let fault = faults[0];
        for good in [0, 2, 4] {
            let mut next = vec![Fault::Slow; good];
            next.push(fault);
            line.meets(&next);
            a.record(1, 200);
            let report = a.sync();
            assert!(
                report.warnings.is_empty(),
                "{fault:?} {:?}",
                report.warnings
            );
        }
        line.meets(&[]);
        b.sync();
        a.sync();
        assert_eq!(a.shelf.everything(), b.shelf.everything(), "round {round}");
    }
    // Without the right to do it there is nothing to wait for.
    for (good, doing) in [(0, "list the depot"), (3, "put something there")] {
        a.record(1, 500);
        let mut next = vec![Fault::Slow; good];
        next.push(Fault::Refused);
        line.meets(&next);
        let error = a.try_sync().expect_err("refused");
        let words = error.to_string();
        assert!(
            !error.passes() && words.contains("Access Denied by us"),
            "{words}"
        );
        assert!(words.contains(doing), "{words}");
    }
    // Dead for good, after any request: said in words, and the next sync goes on.
    let mut words = BTreeSet::new();
    for good in 0..6 {
        a.record(2, 500);
        let mut next = vec![Fault::Slow; good];
        next.extend([Fault::Broken; 40]);
        line.meets(&next);
        if let Err(error) = a.try_sync() {
            assert!(error.passes(), "{error}");
            words.insert(error.to_string());
        }
        line.meets(&[]);
        a.sync();
        b.sync();
        assert_eq!(a.shelf.everything(), b.shelf.everything());
    }
    assert!(!words.is_empty());
    for error in words {
        println!("{error}");
        assert!(error.contains("Your records are safe"), "{error}");
        assert!(!error.contains("SKEXAMPLE"), "{error}");
    }
    assert_eq!(line.left(), 0);
    assert!(line.requests.load(Ordering::SeqCst) > 100);
}
