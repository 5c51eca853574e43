//! What a scan or a typed text names: an asset tag, a serial number or a UDI (GS1, HIBCC, ICCBBA).
//!
//! May use: std, chrono's date types, `domain` ids. Pure: the reference date for the century rule is an argument.
//! Invariant: no input of any kind panics, and nothing that was read is dropped in silence: it is a field, a warning
//! or an error.

mod ai;
mod check;
mod dates;
mod gs1;
mod hibcc;
mod iccbba;
mod identifier;
mod layout;
mod link;
mod scan;
mod separators;
pub mod spoken;
pub mod text;
mod udi;

#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod samples;

pub use check::{gs1_check_digit, hibcc_check_character};
pub use dates::{BadLabelDate, LabelDate};
pub use hibcc::join_hibcc_pair;
pub use identifier::{DeviceIdentifier, device_identifier};
pub use scan::{Extra, Issuer, Scan, ScanError, Warning};
pub use udi::{Token, classify, looks_like_udi, parse_udi};
