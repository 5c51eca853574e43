//! What the benches share: honest series in turns, a bench with an inspection to answer, and the peers.
#![allow(dead_code)] // each bench uses its part

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tagout::bench::clock::Clock;
use tagout::bench::{Bench, BenchOptions, NewStore, Session, Tuning};
use tagout::domain::command::Command;
use tagout::domain::device::{DeviceCommand, Origin, Stage};
use tagout::domain::event::Kind;
use tagout::domain::id::EntityId;
use tagout::domain::inspection::{Answer, AnswerOrigin, InspectionCommand};
use tagout::domain::procedure::{Procedure, Section, Step, StepId, StepKind};

/// Figures of one thing measured.
pub struct Series {
    name: &'static str,
    taken: Vec<Duration>,
}

impl Series {
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            taken: Vec::new(),
        }
    }

    pub fn add(&mut self, took: Duration) {
        self.taken.push(took);
    }

    fn at(&self, percent: usize) -> Duration {
        let mut sorted = self.taken.clone();
        sorted.sort_unstable();
        let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
        sorted.get(place).copied().unwrap_or_default()
    }
}

/// One thing to measure, with where its figures go. It says how long the measured part of a turn took.
pub type Run<'a> = (&'a mut Series, Box<dyn FnMut() -> Duration + 'a>);

/// How long something took.
pub fn timed(act: impl FnOnce()) -> Duration {
    let start = Instant::now();
    act();
    start.elapsed()
}

/// Runs each in turn, `per_round` times, so that a busy moment of the machine hits all alike.
pub fn in_turns(runs: &mut [Run<'_>], rounds: usize, per_round: usize) {
    for _ in 0..rounds {
        for (series, run) in runs.iter_mut() {
            for _ in 0..per_round {
                let took = run();
                series.add(took);
            }
        }
    }
}

/// Prints best, p50 and p99 of each row, and how often its p50 goes into that of the first row.
pub fn print_table(title: &str, rows: &[&Series]) {
    let taken: Vec<&&Series> = rows.iter().filter(|row| !row.taken.is_empty()).collect();
    let ours = taken
        .first()
        .map_or(0.0, |series| series.at(50).as_secs_f64());
    let (unit, scale) = if ours < 0.01 {
        ("µs", 1e6)
    } else {
        ("ms", 1e3)
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!("\n{title} ({cores} cores; {unit})");
    println!(
        "{:<46} {:>6} {:>9} {:>9} {:>9} {:>12}",
        "", "runs", "best", "p50", "p99", "ours / it"
    );
    for series in taken {
        let figure = |percent| series.at(percent).as_secs_f64();
        println!(
            "{:<46} {:>6} {:>9.0} {:>9.0} {:>9.0} {:>12}",
            series.name,
            series.taken.len(),
            figure(0) * scale,
            figure(50) * scale,
            figure(99) * scale,
            format!("{:.1}", ours / figure(50))
        );
    }
}

/// A folder beside the build, so that it lies on the same disk as real stores and not in memory.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for the bench")
}

/// Opens an empty store, for a session.
pub fn open(dir: &Path) -> Session {
    Session::new(open_bench(dir), "bench")
}

/// Opens an empty store.
pub fn open_bench(dir: &Path) -> Arc<Bench> {
    let options = BenchOptions {
        dir: dir.join("store"),
        state_dir: dir.join("state"),
        user: "bench".to_owned(),
        new: Some(NewStore {
            seed: None,
            shop: "Bench".to_owned(),
            prefix: "B".to_owned(),
            zone: "UTC".to_owned(),
            demo: false,
        }),
        clock: Clock::System,
        progress: None,
        tuning: Tuning {
            ballast_bytes: 0,
            ..Tuning::default()
        },
    };
    let (bench, _) = Bench::open(options).expect("a store");
    Arc::new(bench)
}

/// An inspection with many steps, answered one by one.
pub struct Inspecting {
    session: Session,
    inspection: EntityId,
    next: usize,
}

impl Inspecting {
    /// Starts one with 25 steps, as on a real device.
    pub fn start(dir: &Path) -> Self {
        Self::on(open(dir))
    }

    /// As [`Inspecting::start`], in a session that is there.
    pub fn on(session: Session) -> Self {
        let inspection = begin(&session);
        Self {
            session,
            inspection,
            next: 0,
        }
    }

    /// Answers the next step, and says how long that took; begins another inspection first when all are answered.
    pub fn answer_next(&mut self) -> Duration {
        if self.next == STEPS {
            self.inspection = begin(&self.session);
            self.next = 0;
        }
        let command = InspectionCommand::Answer {
            inspection: self.inspection,
            step: StepId(format!("step-{}", self.next)),
            point: None,
            answer: Answer::Pass,
            origin: AnswerOrigin::Key,
            again: None,
            reason: String::new(),
        };
        self.next += 1;
        timed(|| {
            self.session
                .tell(Command::Inspection(command))
                .expect("an answer");
        })
    }
}

const STEPS: usize = 25;

fn begin(session: &Session) -> EntityId {
    let document = Procedure {
        code: "bench".to_owned(),
        title: "Bench".to_owned(),
        activity: "annual PM".to_owned(),
        version: "1".to_owned(),
        sections: vec![Section {
            title: "All".to_owned(),
            steps: (0..STEPS)
                .map(|n| Step::new(&format!("step-{n}"), "A step", StepKind::Check))
                .collect(),
        }],
        ..Procedure::default()
    };
    let procedure = document.hash().0;
    session
        .tell(Command::ImportProcedure {
            procedure: Box::new(document),
            source: "bench".to_owned(),
        })
        .expect("a procedure");
    let add = DeviceCommand::Add {
        fields: Vec::new(),
        stage: Stage::Received,
        origin: Origin::Entered,
    };
    let device = session
        .tell(Command::Device(add))
        .expect("a device")
        .made(Kind::Device)
        .expect("a device")
        .what
        .id;
    let acknowledged = session.warnings(device, None).expect("warnings");
    session
        .tell(Command::Inspection(InspectionCommand::Start {
            device,
            order: None,
            procedure,
            performed: None,
            acknowledged,
            tools: Vec::new(),
        }))
        .expect("an inspection")
        .made(Kind::Inspection)
        .expect("an inspection")
        .what
        .id
}

#[cfg(feature = "peers")]
pub mod sqlite {
    //! SQLite as shops would use it for the same promise: WAL, synchronous=FULL.

    use std::path::Path;

    use rusqlite::Connection;

    pub struct Database(Connection);

    impl Database {
        pub fn open(path: &Path) -> Self {
            let db = Connection::open(path).expect("a database");
            db.execute_batch(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
                 CREATE TABLE record (id INTEGER PRIMARY KEY, body BLOB);
                 CREATE TABLE state (id INTEGER PRIMARY KEY, body BLOB);
                 CREATE TABLE step (inspection INTEGER, step INTEGER, record INTEGER, PRIMARY KEY (inspection, step));
                 CREATE TABLE device (tag TEXT PRIMARY KEY, serial TEXT, maker TEXT, model TEXT, department TEXT,
                                      location TEXT, status TEXT);
                 CREATE INDEX by_serial ON device (serial);",
            )
            .expect("its tables");
            Self(db)
        }

        pub fn insert_one(&mut self, body: &[u8]) {
            self.0
                .prepare_cached("INSERT INTO record (body) VALUES (?1)")
                .and_then(|mut insert| insert.execute([body]))
                .expect("an insert");
        }

        /// A record, the state that follows from it and an index row, in one transaction.
        pub fn insert_step(&mut self, number: i64, body: &[u8], state: &[u8]) {
            let transaction = self.0.transaction().expect("a transaction");
            transaction
                .prepare_cached("INSERT INTO record (body) VALUES (?1)")
                .and_then(|mut insert| insert.execute([body]))
                .expect("a record");
            transaction
                .prepare_cached("INSERT OR REPLACE INTO state (id, body) VALUES (?1, ?2)")
                .and_then(|mut insert| insert.execute((number / 25, state)))
                .expect("a state");
            transaction
                .prepare_cached("INSERT INTO step VALUES (?1, ?2, ?3)")
                .and_then(|mut insert| insert.execute((number / 25, number % 25, number)))
                .expect("an index row");
            transaction.commit().expect("a commit");
        }

        /// Device rows in one transaction.
        pub fn insert_devices(&mut self, rows: &[Vec<String>]) {
            let transaction = self.0.transaction().expect("a transaction");
            {
                let mut insert = transaction
                    .prepare("INSERT OR REPLACE INTO device VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
                    .expect("a statement");
                for row in rows {
                    insert
                        .execute(rusqlite::params_from_iter(row))
                        .expect("an insert");
                }
            }
            transaction.commit().expect("a commit");
        }
    }
}
