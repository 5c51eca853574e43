//! Measured values: units, readings as a technician types them, limits, and the judgement of one by the other.
//!
//! Invariants: no floating point anywhere; a number is a decimal as typed, a comparison is one of exact fractions after
//! conversion to the base unit. A value exactly on a limit passes. What is not certain is undecided, never a pass.
//! Missing is not zero: an absent reading is an absent `Option`, and no function here invents one.

mod limit;
mod ratio;
mod reading;
mod trend;
mod unit;

pub use limit::{Judgement, Limit, Side, judge, judge_points};
pub use ratio::Ratio;
pub use reading::{
    MAX_DIGITS, Reading, ReadingError, ReadingForm, decimal_from_parts, decimal_parts, parse_number,
};
pub use trend::{Drift, drift, margin};
pub use unit::{Dimension, Unit, UnknownUnit};

pub use rust_decimal::Decimal;
