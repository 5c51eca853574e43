//! Events of devices, 301 to 399. Frozen.

use super::frozen::DecimalV1;
use super::parts::{DotV1, IdV1, SignatureV1};
use super::table::{codes, events, record, variants};
use crate::domain::device::{
    DeviceEvent, Field, FieldChange, HoldKind, Origin, Stage, Value, Whereabouts,
};

codes!(Field, HoldKind, Origin, Stage);

variants! {
    /// What a field holds.
    ValueV1 of Value {
        1 Text(text: String);
        2 Date(day: i32);
        3 Number(number: DecimalV1);
        4 Choice(code: u16);
        5 List(items: Vec<String>);
    }
}

record! {
    /// One field edited.
    FieldChangeV1 of FieldChange {
        field: u16,
        old: Option<ValueV1>,
        new: Option<ValueV1>,
        replaces: Vec<DotV1>,
    }
}

variants! {
    /// Where a device is; yes or no as 0 unknown, 1 yes, 2 no.
    WhereaboutsV1 of Whereabouts {
        1 AtLocation;
        2 OnLoan { to: String, back: Option<i32> };
        3 SentOut {
            vendor: String, rma: String, carrier: String, ephi_cleared: u8, decontaminated: u8, expected: Option<i32>,
        };
        4 Missing { searched: String };
    }
}

events! { DeviceEvent {
    301 "device-registered" Registered RegisteredV1 { origin: u16, stage: u16, changes: Vec<FieldChangeV1> }
    302 "device-edited" Edited EditedV1 { changes: Vec<FieldChangeV1>, reason: String }
    303 "device-stage-changed" StageChanged StageChangedV1 { from: u16, to: u16, reason: String }
    304 "device-whereabouts-changed" WhereaboutsChanged WhereaboutsChangedV1 { to: WhereaboutsV1, note: String }
    305 "device-hold-placed" HoldPlaced HoldPlacedV1 { kind: u16, reason: String, source: Option<IdV1> }
    306 "device-hold-lifted" HoldLifted HoldLiftedV1 { hold: DotV1, reason: String, inspection: Option<IdV1> }
    307 "device-retagged" Retagged RetaggedV1 { old: String, change: FieldChangeV1, reason: String }
    308 "device-combined" Combined CombinedV1 { other: IdV1, aliases: Vec<String>, reason: String }
    309 "device-separated" Separated SeparatedV1 { other: IdV1, reason: String }
    310 "device-merged-into" MergedInto MergedIntoV1 { into: Option<IdV1>, reason: String }
    311 "device-inspected" Inspected InspectedV1 {
        inspection: IdV1, activity: String, outcome: u16, performed: i32, next_due: Option<i32>,
    }
    312 "device-software-seen" SoftwareSeen SoftwareSeenV1 { component: String, version: String, how: String }
    313 "device-noted" Noted NotedV1 { text: String }
    314 "device-witnessed" Witnessed WitnessedV1 { words: String, signature: SignatureV1 }
    315 "device-serviced" Serviced ServicedV1 {
        order: IdV1, activity: String, performed: i32, next_due: Option<i32>, report: String,
    }
    316 "device-notice-read" NoticeRead NoticeReadV1 { of: Vec<DotV1> }
} }
