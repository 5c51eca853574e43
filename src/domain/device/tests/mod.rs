//! Rules of the device record, as a technician meets them.

mod names;
mod pairs;
mod service;
