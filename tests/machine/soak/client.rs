//! A session that stays on the line while hosts come and go: this test program again, as a scripted face of its own.
//!
//! It says each mark that was acknowledged in a line, and what was not done in another. It ends when its input does.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Command as Process, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tagout::bench::{Failure, Session, own_uid, technician_key};
use tagout::domain::command::Command;
use tagout::domain::device::{DeviceCommand, Origin, Stage};
use tagout::domain::event::Kind;
use tagout::domain::id::EntityId;
use tagout::domain::inspection::{Answer, AnswerOrigin, InspectionCommand};
use tagout::domain::procedure::StepId;
use tagout::host::spawn::Starter;
use tagout::host::wire::Caller;
use tagout::host::{self, Client, Route};

use super::shop::STEPS;
use super::{Phase, Soak, lock, mark};
use crate::support::kill::Dice;

const SESSION: &str = "TAGOUT_SOAK_SESSION";

/// Keeps a session running until it is time to stop: whenever it was killed, another life begins.
pub fn work(soak: &Soak, slot: usize) {
    let mut life = 0;
    while soak.phase() != Phase::Stop {
        life += 1;
        let program = std::env::current_exe().expect("this program");
        let mut child = Process::new(program)
            .env_clear()
            .env("HOME", &soak.shop.home)
            .env("TAGOUT_STORE", &soak.shop.store)
            .env("TAGOUT_IDLE", "60")
            .env(SESSION, format!("{slot} {life} {}", soak.seed))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts");
        let (input, out) = (child.stdin.take(), child.stdout.take().expect("its output"));
        *lock(&soak.slots[slot]) = Some(child);
        let mut input = input;
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            match line.split_once(' ') {
                // A line that was cut by the kill says nothing.
                Some(("said", mark)) if mark.ends_with('.') => soak.acknowledged(mark),
                Some(("not", words)) => soak.not_done(&format!("client {slot}"), words),
                _ => {}
            }
            if soak.phase() == Phase::Stop {
                input = None;
            }
        }
        drop(input);
        let child = lock(&soak.slots[slot]).take();
        let status = child
            .expect("only its own thread takes it")
            .wait()
            .expect("it is ours");
        if !status.success() && status.signal() != Some(9) {
            soak.fault(format!("client {slot} ended by itself: {status}"));
        }
    }
}

/// True if this process is such a session; its work is done then.
pub fn session_process() -> bool {
    let Ok(who) = std::env::var(SESSION) else {
        return false;
    };
    let mut words = who.split(' ').map(|word| word.parse().expect("a number"));
    let mut next = || words.next().expect("three numbers");
    let (slot, life, seed): (u64, u64, u64) = (next(), next(), next());
    let over = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&over);
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        ended.store(true, Ordering::SeqCst);
    });
    let mut dice = Dice(seed.wrapping_add(1000 * slot + life));
    let session = loop {
        match connect() {
            Ok(session) => break session,
            Err(failure) => say("not", &format!("connecting: {failure}")),
        }
        if over.load(Ordering::SeqCst) {
            return true;
        }
    };
    let mut inspection = None;
    let mut number = 0;
    while !over.load(Ordering::SeqCst) {
        number += 1;
        let mark = mark(slot as usize, life, number);
        match act(&session, &mut inspection, &mark, &mut dice) {
            Ok(()) => say("said", &mark),
            Err(failure) => say("not", &failure.to_string()),
        }
        // The pace of a person in a hurry.
        std::thread::sleep(Duration::from_millis(dice.below(40)));
    }
    true
}

fn say(what: &str, words: &str) {
    let mut out = std::io::stdout().lock();
    let line = format!("{what} {}\n", words.replace('\n', " "));
    // One write, so that no line is cut in two by a kill.
    let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
}

fn connect() -> Result<Session, Failure> {
    let var = |name: &str| PathBuf::from(std::env::var_os(name).expect("a folder"));
    let (home, store) = (var("HOME"), var("TAGOUT_STORE"));
    let account = host::account::name_of(own_uid());
    let words = [
        "--store",
        &store.display().to_string(),
        "host",
        "run",
        "--detached",
    ];
    let route = Route {
        socket: host::paths::socket(&store),
        owner: own_uid(),
        starter: Some(Starter {
            program: env!("CARGO_BIN_EXE_tagout").into(),
            arguments: words.map(str::to_owned).to_vec(),
            store,
            log: home.join(".local/state/tagout/tagout.log"),
        }),
        caller: Caller {
            build: "soak".to_owned(),
            process: std::process::id(),
            user: account.clone(),
            terminal: "none".to_owned(),
            doing: "soaking".to_owned(),
        },
        whom_to_ask: String::new(),
    };
    let (client, _) = Client::connect(route, &|_| {})?;
    Ok(Session::over(Arc::new(client), &technician_key(&account)))
}

/// An inspection of this session and how many of its steps have an answer.
type Standing = Option<(EntityId, usize)>;

/// One answer or note.
fn act(
    session: &Session,
    standing: &mut Standing,
    mark: &str,
    dice: &mut Dice,
) -> Result<(), Failure> {
    let (inspection, step) = match *standing {
        Some((inspection, step)) if step < STEPS => (inspection, step),
        _ => (begin(session)?, 0),
    };
    let answers = dice.below(4) > 0;
    let command = if answers {
        InspectionCommand::Answer {
            inspection,
            step: StepId(format!("step-{step}")),
            point: None,
            answer: Answer::Text(mark.to_owned()),
            origin: AnswerOrigin::Key,
            again: None,
            reason: String::new(),
        }
    } else {
        InspectionCommand::Note {
            inspection,
            step: None,
            text: mark.to_owned(),
        }
    };
    *standing = Some((inspection, step));
    session.tell(Command::Inspection(command))?;
    *standing = Some((inspection, step + usize::from(answers)));
    Ok(())
}

fn begin(session: &Session) -> Result<EntityId, Failure> {
    let add = DeviceCommand::Add {
        fields: Vec::new(),
        stage: Stage::Received,
        origin: Origin::Entered,
    };
    let made = session.tell(Command::Device(add))?;
    let device = made.made(Kind::Device).expect("a device").what.id;
    let acknowledged = session.warnings(device, None)?;
    let procedure = session
        .procedures()?
        .into_iter()
        .find(|row| row.code == "soak")
        .expect("the procedure")
        .hash;
    let begun = session.tell(Command::Inspection(InspectionCommand::Start {
        device,
        order: None,
        procedure,
        performed: None,
        acknowledged,
        tools: Vec::new(),
    }))?;
    Ok(begun.made(Kind::Inspection).expect("an inspection").what.id)
}
