//! A hospital's device list as CSV, however it was exported.
//!
//! Invariants: pure, bytes in and values or mistakes out. Nothing of the file is dropped or repaired in silence: what is
//! not used is listed, what is doubtful is a warning, what cannot be said is a mistake with line, column and reason.

mod cells;
mod checks;
mod columns;
mod dates;
mod encoding;
mod header;
mod map;
mod mistake;
mod money;
mod plan;
mod report;
mod sheet;
mod split;
#[cfg(test)]
mod tests;
mod words;

pub use columns::ColumnUse;
pub use dates::DateOrder;
pub use encoding::Encoding;
pub use header::Target;
pub use map::ColumnMap;
pub use mistake::{ColumnRef, Mistake, Reach, Warning};
pub use plan::{
    Counts, Existing, ImportPlan, KnownDevices, Planned, PlannedChange, PlannedRow, commands,
    place_added, plan,
};
pub use report::{plan_json, plan_text, sheet_json, sheet_text};
pub use sheet::{
    CsvOptions, DeviceRow, RefusedRow, Sheet, SkippedLine, read, write_bad, write_bad_with,
};
pub use words::Hint;
