//! The places and dialogs of the program, one file each. Each is a [`crate::tui::app::screen::Screen`].

pub mod begin;
pub mod checklist;
pub mod choose;
pub mod confirm;
pub mod conflicts;
pub mod device;
pub mod dialogs;
pub mod field;
pub mod form;
pub mod help;
pub mod history;
pub mod lookup;
pub mod narrow;
pub mod notices;
pub mod order;
pub mod page;
pub mod palette;
pub mod queue;
pub mod receive;
pub mod steps;
pub mod summary;
pub mod sync;
pub mod tray;
pub mod words;
