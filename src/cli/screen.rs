//! Without a command: the terminal face. The first frame appears before the store is open.

use serde_json::Value;

use crate::bench::{Failure, Session};
use crate::tui::app::{Opened, Progress};
use crate::tui::input::InputOptions;
use crate::tui::terminal::Exit;
use crate::tui::{Ended, TuiOptions};

use super::done::{Done, Trouble};
use super::keys;
use super::place::Place;

/// Runs the terminal face on the place's store.
pub fn run(place: &Place) -> Result<Done, Trouble> {
    let here = place.clone();
    show(place, move |progress| open(&here, progress))
}

/// Runs the terminal face on what `open` opens.
pub fn show(
    place: &Place,
    open: impl FnOnce(Progress) -> Result<Opened, Failure> + Send + 'static,
) -> Result<Done, Trouble> {
    let keymap = keys::in_force(place)?;
    let options = TuiOptions {
        input: InputOptions {
            prefix: keymap
                .scanner_prefix
                .map(|key| (key.code(), key.modifiers())),
            ..InputOptions::default()
        },
        keymap,
        ascii: place.ascii(),
        plain: place.globals().plain,
    };
    let quiet = Done::new("", Value::Null);
    match crate::tui::run(open, options) {
        Ok(Ended::Left(Exit::Quit)) => Ok(quiet),
        Ok(Ended::Left(Exit::HangUp)) => Ok(quiet.code(129)),
        Ok(Ended::Left(Exit::Signal(number))) => Ok(quiet.code(128 + number)),
        Ok(Ended::NoBench(failure)) => Err(failure.into()),
        Err(error) => Err(Trouble::Terminal {
            what: error.to_string(),
            code: i32::from(error.exit_code()),
        }),
    }
}

/// Opens the way to the store, made if there is none, for the technician who sits there.
pub fn open(place: &Place, progress: Progress) -> Result<Opened, Failure> {
    let entered = place.link(&|step| progress(step))?;
    let actor = place.actor(&entered.link)?;
    let session = Session::over(entered.link, &actor);
    let demo = session.shop().is_ok_and(|shop| shop.demo);
    let greeting = (demo && session.has_key()?).then(|| {
        format!(
            "A demonstration: every record is made up. Sign with the passphrase \"{}\".",
            crate::demo::PASSPHRASE
        )
    });
    Ok(Opened {
        session,
        notices: entered.notices,
        new_store: entered.new_store,
        greeting,
    })
}
