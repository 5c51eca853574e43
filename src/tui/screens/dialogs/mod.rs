//! The forms of the program, each made of [`super::form::Form`]: what they ask, and the command that they make of it.
//!
//! Invariants: a form asks no more than its command needs; the command checks, the form only reads; free text fields say
//! that patient data has no place there.

mod device;
mod order;
mod place;
mod register;
mod repair;
mod report;

pub use device::{edit_field, hold_device, lift_hold, note_device, retag, set_stage, swap};
pub use order::{
    attach, attempt, book_labour, book_part, cancel_order, close_order, escalate, hold_order,
    note_order,
};
pub use place::whereabouts;
pub use register::{add_device, first_start};
pub use repair::{check_in, open_repair, suspect_recall};
pub use report::external;

use chrono::NaiveDate;

use super::form::Form;
use crate::domain::command::Command;
use crate::domain::device::DeviceCommand;
use crate::domain::order::{Known, OrderCommand};
use crate::tui::app::screen::{Cx, Effect};

/// Said above free text.
const NO_PATIENTS: &str = "No patient names or numbers.";

fn open(form: Form) -> Effect {
    Effect::Open(Box::new(form))
}

fn device(command: DeviceCommand) -> Vec<Effect> {
    vec![Effect::Tell(Box::new(Command::Device(command)))]
}

fn order(command: OrderCommand) -> Vec<Effect> {
    vec![Effect::Tell(Box::new(Command::Order(command)))]
}

/// The shop's date; without a store that answers, the earliest one, so that no date counts as past.
fn today(cx: &Cx<'_>) -> NaiveDate {
    cx.session.shop().map_or(NaiveDate::MIN, |shop| shop.today)
}

fn yes_no_unknown() -> Vec<(String, String)> {
    Known::ALL
        .iter()
        .map(|known| (known.key().to_owned(), known.label().to_owned()))
        .collect()
}

/// Key and words of every choice of a fixed list.
macro_rules! all_of {
    ($type:ty) => {
        <$type>::ALL
            .iter()
            .map(|one| (one.key().to_owned(), one.label().to_owned()))
            .collect::<Vec<(String, String)>>()
    };
}
use all_of;
