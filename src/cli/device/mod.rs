//! `device`: the record of a device from the command line.

mod add;
mod show;

use clap::Subcommand;

use super::done::{Done, Trouble};
use super::place::Place;

/// What may be done with devices.
#[derive(Debug, Subcommand)]
pub enum DeviceSub {
    /// Register a device (without TAG it gets a temporary one)
    Add(Box<add::AddArgs>),
    /// Look devices up by tag, serial, UDI, model, place or any words
    Find(show::FindArgs),
    /// Show one device with its orders and inspections
    Show(show::ShowArgs),
}

/// Runs a device command.
pub fn run(place: &Place, command: DeviceSub) -> Result<Done, Trouble> {
    match command {
        DeviceSub::Add(arguments) => add::run(place, &arguments),
        DeviceSub::Find(arguments) => show::find(place, &arguments),
        DeviceSub::Show(arguments) => show::show(place, &arguments),
    }
}
