//! Durable step records from many sessions at once, over the host's socket: 1, 4, 16 and 64 sessions, against SQLite
//! (WAL, synchronous=FULL, one writer process behind the same kind of socket) and against append + fdatasync by one
//! thread, in the same run: `cargo bench --bench group --features peers`.
//!
//! Honest reading: the host decides, chains and projects every record, and shares a sync among those that wait. SQLite's
//! writer keeps a record, a state of 4 KiB and an index row per request, one transaction each. The raw append keeps 300
//! bytes and shares nothing. All three take turns in short rounds and the best round of each counts, so that a busy moment
//! of the machine or its disk does not fall on one alone.

mod support;

use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use support::Inspecting;
use tagout::bench::{Session, Tasks, technician_key};
use tagout::domain::command::Command as Ask;
use tagout::domain::technician::TechnicianEvent;
use tagout::host::wire::Caller;
use tagout::host::{self, Client, HostOptions, Route};

const SESSIONS: [usize; 4] = [1, 4, 16, 64];
const ROUND: Duration = Duration::from_millis(700);
const ROUNDS: usize = 4;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [_, "serve", dir] => return serve(Path::new(dir)),
        #[cfg(feature = "peers")]
        [_, "sqlite", dir] => return sqlite::serve(Path::new(dir)),
        _ => {}
    }
    let dir = support::folder();
    println!("\ndurable step records a second, best of {ROUNDS} rounds, and times the raw limit");
    let _host = Server::start("serve", dir.path());
    for sessions in SESSIONS {
        let mut ours = tagout_workers(dir.path(), sessions);
        #[cfg(feature = "peers")]
        let _writer = Server::start("sqlite", dir.path());
        #[cfg(feature = "peers")]
        let mut theirs = sqlite::workers(dir.path(), sessions);
        let (mut raw, mut own) = (0, 0);
        #[allow(unused_mut)] // without the peers there is nothing to measure
        let mut peer = 0_u64;
        for _ in 0..ROUNDS {
            raw = raw.max(raw_limit(dir.path()));
            own = own.max(rate(&mut ours));
            #[cfg(feature = "peers")]
            {
                peer = peer.max(rate(&mut theirs));
            }
        }
        print_line("raw append + fdatasync", raw, raw);
        print_line(&format!("tagout, {sessions} sessions"), own, raw);
        if cfg!(feature = "peers") {
            print_line(&format!("SQLite, {sessions} sessions"), peer, raw);
            println!(
                "{:<28}{:>18.2}",
                "  tagout / SQLite",
                own as f64 / peer.max(1) as f64
            );
        }
    }
    if !cfg!(feature = "peers") {
        println!("(SQLite not measured: run with --features peers)");
    }
}

fn print_line(name: &str, rate: u64, raw: u64) {
    println!(
        "{name:<28}{rate:>10}{:>8.2}",
        rate as f64 / raw.max(1) as f64
    );
}

fn raw_limit(dir: &Path) -> u64 {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(dir.join("raw"))
        .expect("a file in the bench folder");
    let start = Instant::now();
    let mut count = 0;
    while start.elapsed() < ROUND {
        file.write_all(&[7; 300])
            .expect("space in the bench folder");
        file.sync_data().expect("a sync");
        count += 1;
    }
    per_second(count, start.elapsed())
}

fn per_second(count: u64, time: Duration) -> u64 {
    (count as f64 / time.as_secs_f64()) as u64
}

/// This program again, as the process that keeps the records; it ends when its input does.
struct Server(Child);

impl Server {
    fn start(what: &str, dir: &Path) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut child = Command::new(program)
            .arg(what)
            .arg(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut ready = [0];
        let said = child.stdout.as_mut().expect("its output");
        said.read_exact(&mut ready).expect("that it is ready");
        Self(child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn ready() {
    let mut out = std::io::stdout();
    out.write_all(b"r")
        .and_then(|()| out.flush())
        .expect("somebody who waits");
}

fn account() -> String {
    host::account::name_of(rustix::process::getuid().as_raw())
}

fn socket(dir: &Path) -> PathBuf {
    dir.join("socket")
}

fn serve(dir: &Path) {
    let bench = support::open_bench(dir);
    let session = Session::new(Arc::clone(&bench), "bench");
    session
        .tell(Ask::Technician {
            key: "bench".to_owned(),
            event: TechnicianEvent::AccountLinked { account: account() },
        })
        .expect("a link");
    drop(session);
    let bench = Arc::into_inner(bench).expect("nobody else has it");
    let options = HostOptions {
        socket: socket(dir),
        listener: None,
        idle: None,
        notices: Vec::new(),
        new_store: false,
    };
    host::serve(bench, Tasks::default(), options, ready).expect("a host");
}

fn connect(dir: &Path) -> Session {
    let route = Route {
        socket: socket(dir),
        owner: rustix::process::getuid().as_raw(),
        starter: None,
        caller: Caller {
            build: "bench".to_owned(),
            process: std::process::id(),
            user: technician_key(&account()),
            terminal: "none".to_owned(),
            doing: "a bench".to_owned(),
        },
        whom_to_ask: String::new(),
    };
    let (client, _) = Client::connect(route, &|_| {}).expect("a host");
    Session::over(Arc::new(client), "bench")
}

/// Runs `work` in so many threads at once, until the time is over; records a second.
fn rate<W: FnMut() + Send>(workers: &mut [W]) -> u64 {
    let (gate, over, count) = (
        Barrier::new(workers.len() + 1),
        AtomicBool::new(false),
        AtomicU64::new(0),
    );
    std::thread::scope(|scope| {
        for work in workers {
            let (gate, over, count) = (&gate, &over, &count);
            scope.spawn(move || {
                gate.wait();
                while !over.load(Ordering::Relaxed) {
                    work();
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        gate.wait();
        let start = Instant::now();
        std::thread::sleep(ROUND);
        let done = count.load(Ordering::Relaxed);
        let time = start.elapsed();
        over.store(true, Ordering::Relaxed);
        per_second(done, time)
    })
}

fn tagout_workers(dir: &Path, sessions: usize) -> Vec<impl FnMut() + Send> {
    (0..sessions)
        .map(|_| {
            let mut inspecting = Inspecting::on(connect(dir));
            move || {
                inspecting.answer_next();
            }
        })
        .collect()
}

#[cfg(feature = "peers")]
mod sqlite {
    //! The peer: one process, one connection to the database, a thread per session, a transaction per request.

    use std::os::unix::net::{UnixListener, UnixStream};
    use std::sync::Mutex;

    use super::*;

    fn at(dir: &Path) -> PathBuf {
        dir.join("sqlite.socket")
    }

    pub fn serve(dir: &Path) {
        let _ = std::fs::remove_file(at(dir));
        let file = dir.join("group.sqlite");
        let _ = std::fs::remove_file(&file);
        let database = Arc::new(Mutex::new((support::sqlite::Database::open(&file), 0_i64)));
        let listener = UnixListener::bind(at(dir)).expect("a socket");
        ready();
        for line in listener.incoming() {
            let mut line = line.expect("a caller");
            let database = Arc::clone(&database);
            std::thread::spawn(move || {
                let mut record = [0; 300];
                while line.read_exact(&mut record).is_ok() {
                    let mut database = database.lock().expect("the database");
                    database.1 += 1;
                    let number = database.1;
                    database.0.insert_step(number, &record, &[7; 4096]);
                    drop(database);
                    if line.write_all(&[1]).is_err() {
                        return;
                    }
                }
            });
        }
    }

    pub fn workers(dir: &Path, sessions: usize) -> Vec<impl FnMut() + Send> {
        (0..sessions)
            .map(|_| {
                let mut line = UnixStream::connect(at(dir)).expect("the writer");
                move || {
                    line.write_all(&[7; 300]).expect("the writer");
                    line.read_exact(&mut [0]).expect("the writer");
                }
            })
            .collect()
    }
}
