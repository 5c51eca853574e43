//! Events of inspections, 501 to 599. Frozen.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::frozen::{DecimalV1, Frozen, Trouble};
use super::parts::{DotV1, IdV1, SignatureV1};
use super::table::{codes, events, maybe, record, variants};
use crate::domain::inspection::{Again, Answer, AnswerOrigin, InspectionEvent, Phase, Verdict};
use crate::domain::measure::{Reading, ReadingForm, Unit};
use crate::domain::procedure::{
    AppliedPart, AppliedPartType, DeviceFacts, PowerConnection, ProtectionClass,
};

codes!(Again, AnswerOrigin, Phase, Verdict, Unit);

maybe!(ProtectionClass { 1 I, 2 II, 3 Internal });
maybe!(PowerConnection { 1 DetachableCord, 2 FixedCord, 3 Permanent, 4 Internal });
maybe!(AppliedPartType { 1 B, 2 BF, 3 CF });

/// A reading. `form` is 1 exact, 2 below, 3 above, 4 beyond the range; the last has mantissa and scale 0.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReadingV1 {
    form: u16,
    number: DecimalV1,
    unit: u16,
    typed: String,
}

impl Frozen<Reading> for ReadingV1 {
    fn freeze(value: &Reading) -> Result<Self, Trouble> {
        let Reading { form, unit, typed } = value;
        let (form, number) = match form {
            ReadingForm::Exact(number) => (1, *number),
            ReadingForm::Below(number) => (2, *number),
            ReadingForm::Above(number) => (3, *number),
            ReadingForm::OverRange => (4, Decimal::ZERO),
        };
        Ok(Self {
            form,
            number: DecimalV1::freeze(&number)?,
            unit: u16::freeze(unit)?,
            typed: typed.clone(),
        })
    }
    fn thaw(self) -> Result<Reading, Trouble> {
        let (mantissa, scale) = (self.number.mantissa, self.number.scale);
        let number = self.number.thaw();
        let form = match self.form {
            1 => ReadingForm::Exact(number?),
            2 => ReadingForm::Below(number?),
            3 => ReadingForm::Above(number?),
            4 if (mantissa, scale) == (0, 0) => ReadingForm::OverRange,
            0 | 4 => return Err(Trouble::damaged("a reading of no form")),
            _ => return Err(Trouble::Newer),
        };
        Ok(Reading {
            form,
            unit: self.unit.thaw()?,
            typed: self.typed,
        })
    }
}

variants! {
    /// What was answered.
    AnswerV1 of Answer {
        1 Pass;
        2 Fail;
        3 NotApplicable { reason: String };
        4 Reading(reading: ReadingV1);
        5 Choice(label: String);
        6 Text(text: String);
        7 Date(day: i32);
        8 Scan(text: String);
        9 Timer { passed: bool, seconds: u32 };
        10 SecondPerson { who: String };
    }
}

record! {
    /// An applied part: name and type (0 unknown, 1 B, 2 BF, 3 CF).
    AppliedPartV1 of AppliedPart { name: String, kind: u8 }
}

record! {
    /// What was known of the device; 0 is unknown, yes or no as 1 or 2.
    DeviceFactsV1 of DeviceFacts {
        class: u8,
        power: u8,
        applied_parts: Option<Vec<AppliedPartV1>>,
        stores_ephi: u8,
        networked: u8,
        battery: u8,
        high_risk: u8,
    }
}

events! { InspectionEvent {
    501 "inspection-started" Started StartedV1 {
        device: IdV1, order: IdV1, procedure: [u8; 32], frozen: [u8; 32], activity: String, performed: i32,
        facts: DeviceFactsV1, adopted: bool,
    }
    502 "inspection-acknowledged" Acknowledged AcknowledgedV1 { warning: String }
    503 "inspection-tool-chosen" ToolChosen ToolChosenV1 {
        kind: String, tool: IdV1, name: String, description: String, calibration: String, good: bool,
        override_by: Option<(String, String)>,
    }
    504 "inspection-answered" Answered AnsweredV1 {
        step: String, point: Option<u16>, answer: AnswerV1, verdict: u16, limit: String, why: String, phase: u16,
        origin: u16, tool: Option<IdV1>, supersedes: Option<(DotV1, u16)>, reason: String,
    }
    505 "inspection-fixed" Fixed FixedV1 { step: String, done: String, cause: u16, minutes: u32 }
    506 "inspection-repair-opened" RepairOpened RepairOpenedV1 { step: String, order: IdV1 }
    507 "inspection-noted" Noted NotedV1 { step: Option<String>, text: String }
    508 "inspection-timer-started" TimerStarted TimerStartedV1 { step: String, seconds: u32 }
    509 "inspection-deferred" Deferred DeferredV1 { step: String }
    510 "inspection-handed-over" HandedOver HandedOverV1 { to: String, place: String, left: String }
    511 "inspection-moved" Moved MovedV1 { from: IdV1, to: IdV1, order: IdV1, reason: String }
    512 "inspection-voided" Voided VoidedV1 { reason: String }
    513 "inspection-suspected" Suspected SuspectedV1 { answer: DotV1, tool: IdV1, reason: String }
    514 "inspection-signed" Signed SignedV1 {
        signature: SignatureV1, outcome: u16, because: Vec<String>, minutes: u32,
    }
    515 "inspection-witnessed" Witnessed WitnessedV1 { words: String, signature: SignatureV1 }
    516 "inspection-answer-chosen" AnswerChosen AnswerChosenV1 { answer: DotV1, over: Vec<DotV1> }
    517 "inspection-notice-read" NoticeRead NoticeReadV1 { of: Vec<DotV1> }
} }
