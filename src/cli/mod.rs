//! clap commands: every technician action as a line command, as text or `--json`.
//!
//! May use: `domain`, `identify`, `bench`, `interop`, `report`, `keymap`, and the faces it starts. A command asks the
//! bench, makes one `done::Done` and returns; printing and exit codes live in one place (`done`).
//!
//! Invariants: nothing is printed to standard output before a command has ended well; every text from data is stripped
//! of control characters; with `--json` each line on standard error is one JSON object too.

// A table of two cases reads better as `match`; lists of lines are short.
#![allow(
    clippy::single_match_else,
    clippy::format_collect,
    clippy::redundant_closure_for_method_calls
)]

/// Appends formatted words to a text; writing to a `String` cannot fail.
macro_rules! say {
    ($out:expr, $($words:tt)*) => {{
        use std::fmt::Write as _;
        let _ = write!($out, $($words)*);
    }};
}

mod args;
mod bundle;
mod conflict;
mod demo;
mod depot;
mod device;
mod docs;
mod doctor;
mod done;
mod fields;
mod host;
mod inspection;
mod keys;
mod lists;
mod log;
mod order;
mod parcel;
mod paths;
mod pick;
mod place;
mod procedure;
mod progress;
mod receive;
mod scan;
mod screen;
mod secret;
mod shapes;
mod shop;
mod site;
mod table;
mod tasks;
mod tech;
mod tool;
mod upkeep;
mod words;

use clap::Parser as _;

use args::{Cli, Sub};
use done::{Done, Trouble};
use place::Place;

pub use docs::{command, markdown};

/// Runs the program with the process's arguments and gives its exit code: 0 done, 1 refused or not found, 2 wrong
/// use, 3 store trouble.
pub fn run() -> i32 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            if error.use_stderr() && std::env::args_os().any(|word| word == "--json") {
                let words = error.to_string();
                let (what, hint) = words.split_once("\n\n").unwrap_or((&words, ""));
                let what = what.trim_start_matches("error: ");
                return done::fail(true, &Trouble::usage(what, hint.trim()));
            }
            // clap prints help to standard output and mistakes to standard error, with its own exit code of 0 or 2.
            let _ = error.print();
            return error.exit_code();
        }
    };
    let json = cli.globals.json;
    if matches!(&cli.command, Some(Sub::Host(host::HostSub::Run(run))) if run.detached) {
        crate::host::spawn::keep_nothing_inherited();
    }
    let place = match Place::of(cli.globals) {
        Ok(place) => place,
        Err(trouble) => return done::fail(json, &trouble),
    };
    log::start(place.folders(), json);
    match dispatch(&place, cli.command) {
        Ok(done) => done.print(json),
        Err(trouble) => done::fail(json, &trouble),
    }
}

fn dispatch(place: &Place, command: Option<Sub>) -> Result<Done, Trouble> {
    let Some(command) = command else {
        return screen::run(place);
    };
    match command {
        Sub::Device(command) => device::run(place, command),
        Sub::Order(command) => order::run(place, command),
        Sub::Inspection(command) => inspection::run(place, command),
        Sub::Procedure(command) => procedure::run(place, command),
        Sub::Tool(command) => tool::run(place, command),
        Sub::Tech(command) => tech::run(place, command),
        Sub::Conflict(command) => conflict::run(place, &command),
        Sub::Scan(arguments) => scan::run(place, &arguments),
        Sub::Receive(arguments) => receive::run(place, *arguments),
        Sub::Swap(arguments) => device::swap(place, arguments),
        Sub::Shop(command) => shop::run(place, command),
        Sub::Bundle(command) => bundle::run(place, command),
        Sub::Site(command) => site::run(place, command),
        Sub::Depot(command) => depot::run(place, command),
        Sub::Sync(arguments) => depot::sync(place, &arguments),
        Sub::Init(arguments) => shop::init(place, arguments),
        Sub::Demo(arguments) => demo::run(place, arguments),
        Sub::Keys(command) => keys::run(place, command),
        Sub::Host(command) => host::run(place, &command),
        Sub::Verify => upkeep::verify(place),
        Sub::Rebuild => upkeep::rebuild(place),
        Sub::Digest => upkeep::digest(place),
        Sub::Recover(arguments) => upkeep::recover(place, &arguments),
        Sub::Backup(arguments) => upkeep::backup(place, &arguments),
        Sub::Doctor => doctor::run(place),
        Sub::Completions(arguments) => docs::completions(&arguments),
        Sub::Man(arguments) => docs::man(&arguments),
    }
}
