//! Events of test equipment, 701 to 799. Frozen.

use super::table::events;
use crate::domain::tool::ToolEvent;

events! { ToolEvent {
    701 "tool-described" Described DescribedV1 { name: String, kind: String, model: String, serial: String }
    702 "tool-calibrated" Calibrated CalibratedV1 { on: i32, due: i32, certificate: String }
    703 "tool-checked-good" CheckedGood CheckedGoodV1 { on: i32, note: String }
    704 "tool-failed" Failed FailedV1 { on: i32, reason: String, last_good: Option<i32> }
    705 "tool-withdrawn" Withdrawn WithdrawnV1 { reason: String }
} }
