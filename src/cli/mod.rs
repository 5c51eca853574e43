//! clap commands: every technician action as a line command, as text or `--json`.
//!
//! May use: `domain`, `identify`, `bench`, `interop`, `report`, `keymap`, and the faces it starts. A command asks the
//! bench, makes one [`done::Done`] and returns; printing and exit codes live in one place ([`done`]).
//!
//! Invariants: nothing is printed to standard output before a command has ended well; every text from data is stripped
//! of control characters; with `--json` each line on standard error is one JSON object too.

mod args;
mod device;
mod done;
mod fields;
mod lists;
mod log;
mod order;
mod paths;
mod pick;
mod place;
mod progress;
mod scan;
mod shapes;
mod table;
mod upkeep;
mod words;

use clap::Parser as _;

use args::{Cli, Sub};
use done::{Done, Trouble};
use place::Place;

/// Runs the program with the process's arguments and gives its exit code: 0 done, 1 refused or not found, 2 wrong
/// use, 3 store trouble.
pub fn run() -> i32 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // clap prints help to standard output and mistakes to standard error, with its own exit code of 0 or 2.
            let _ = error.print();
            return error.exit_code();
        }
    };
    let json = cli.globals.json;
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

fn dispatch(place: &Place, command: Sub) -> Result<Done, Trouble> {
    match command {
        Sub::Device(command) => device::run(place, command),
        Sub::Order(command) => order::run(place, command),
        Sub::Swap(arguments) => device::swap(place, arguments),
        Sub::Scan(arguments) => scan::run(place, &arguments),
        Sub::Verify => upkeep::verify(place),
        Sub::Rebuild => upkeep::rebuild(place),
        Sub::Digest => upkeep::digest(place),
        Sub::Recover(arguments) => upkeep::recover(place, &arguments),
        Sub::Backup(arguments) => upkeep::backup(place, &arguments),
    }
}
