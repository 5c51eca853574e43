//! `device`: the record of a device from the command line.

mod add;
mod change;
mod history;
pub mod import;
mod records;
mod show;

use clap::Subcommand;

use super::done::{Done, Trouble};
use super::place::Place;

pub use records::{SwapArgs, swap};
pub use show::late_of;

/// What may be done with devices.
#[derive(Debug, Subcommand)]
pub enum DeviceSub {
    /// Register a device (without TAG it gets a temporary one)
    Add(Box<add::AddArgs>),
    /// Look devices up by tag, serial, UDI, model, place or any words
    Find(show::FindArgs),
    /// Show one device with its orders and inspections
    Show(show::ShowArgs),
    /// Change fields: device set TAG field=value …
    Set(change::SetArgs),
    /// Move it along its life, or record where it is
    Status(change::StatusArgs),
    /// Everything that happened to it, newest first
    History(history::HistoryArgs),
    /// Put another label on it; the old tag still finds it
    Retag(change::RetagArgs),
    /// Two records are one device: keep the first
    Combine(records::PairArgs),
    /// Take a combination back
    Separate(records::PairArgs),
    /// Add a reason not to use it
    Hold(change::HoldArgs),
    /// Lift a hold by name
    Lift(change::LiftArgs),
    /// Release a sequestered device in the name of a person
    Release(change::ReleaseArgs),
    /// Add a note (no patient data)
    Note(change::NoteArgs),
    /// The vendor sent another one back
    Exchange(records::ExchangeArgs),
    /// Take a hospital's device list over from a CSV file
    Import(import::ImportArgs),
    /// Take published model records over (AccessGUDID or openFDA)
    ImportModels(import::ModelsArgs),
}

/// Runs a device command.
pub fn run(place: &Place, command: DeviceSub) -> Result<Done, Trouble> {
    match command {
        DeviceSub::Add(arguments) => add::run(place, &arguments),
        DeviceSub::Find(arguments) => show::find(place, &arguments),
        DeviceSub::Show(arguments) => show::show(place, &arguments),
        DeviceSub::Set(arguments) => change::set(place, &arguments),
        DeviceSub::Status(arguments) => change::status(place, arguments),
        DeviceSub::History(arguments) => history::run(place, &arguments),
        DeviceSub::Retag(arguments) => change::retag(place, arguments),
        DeviceSub::Combine(arguments) => records::combine(place, arguments),
        DeviceSub::Separate(arguments) => records::separate(place, arguments),
        DeviceSub::Hold(arguments) => change::hold(place, arguments),
        DeviceSub::Lift(arguments) => change::lift(place, arguments),
        DeviceSub::Release(arguments) => change::release(place, arguments),
        DeviceSub::Note(arguments) => change::note(place, arguments),
        DeviceSub::Exchange(arguments) => records::exchange(place, arguments),
        DeviceSub::Import(arguments) => import::devices(place, &arguments),
        DeviceSub::ImportModels(arguments) => import::models(place, &arguments),
    }
}
