//! The canonical bytes of a procedure: what its hash is made from and what journals keep.
//!
//! The form, version 1: the letters `TPRC` (`TPRS` for sections alone), the format number as two bytes, then the fields in the order in which the
//! types declare them. Whole numbers are little-endian; a text or list is its length in four bytes, then its content; an
//! option is a byte 0 or 1, then the value; an enum is one byte that never changes its meaning, then its fields; a decimal
//! is its value without trailing zeros as a 16-byte mantissa and one byte of places, so that 0.5 and 0.50 are one limit.
//!
//! Invariants: equal procedures give equal bytes; bytes that were read give the same bytes back; every other spelling is
//! refused. Reading never panics and never allocates by a declared length.

use rust_decimal::Decimal;

use super::electrical::{LeakageMethod, Profile};
use super::{
    AnswerVerdict, AppliedPartType, ChoiceOption, Comparison, Computed, Condition, DeviceTest,
    Formula, LimitSource, Measure, Operand, PowerConnection, Procedure, ProtectionClass, Reference,
    ScanTarget, Section, SetPoint, SourceKind, Step, StepId, StepKind, Table, TextAbout,
};
use crate::domain::measure::{Limit, Unit};

/// The format number written today.
pub const FORMAT: u16 = 1;

const PROCEDURE: [u8; 4] = *b"TPRC";
const SECTIONS: [u8; 4] = *b"TPRS";

/// Conditions inside conditions, at most.
const MAX_DEPTH: u32 = 32;

/// Bytes that are not a procedure of a known format.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadBytes {
    /// Written by a newer version.
    #[error(
        "the procedure is stored in format {0}, which this version does not know; update tagout to read it"
    )]
    Newer(u16),
    /// Not a procedure, or damaged.
    #[error("the stored procedure is damaged: {0}")]
    Damaged(&'static str),
}

pub(super) fn to_bytes(procedure: &Procedure) -> Vec<u8> {
    sealed(PROCEDURE, procedure)
}

pub(super) fn from_bytes(bytes: &[u8]) -> Result<Procedure, BadBytes> {
    opened(PROCEDURE, bytes)
}

/// The bytes of sections made for one device: what an inspection freezes, so that its limits never change under it.
pub fn sections_to_bytes(sections: &[Section]) -> Vec<u8> {
    sealed(SECTIONS, sections)
}

/// The sections of such bytes. Never panics, whatever the bytes are.
pub fn sections_from_bytes(bytes: &[u8]) -> Result<Vec<Section>, BadBytes> {
    opened(SECTIONS, bytes)
}

fn sealed<T: Put + ?Sized>(magic: [u8; 4], value: &T) -> Vec<u8> {
    let mut out = Vec::with_capacity(8192);
    out.extend_from_slice(&magic);
    FORMAT.put(&mut out);
    value.put(&mut out);
    out
}

fn opened<T: Canon>(magic: [u8; 4], bytes: &[u8]) -> Result<T, BadBytes> {
    let mut from = Input {
        rest: bytes,
        depth: 0,
    };
    if from.bytes(4)? != magic {
        return Err(BadBytes::Damaged("it does not begin as one"));
    }
    let format = u16::take(&mut from)?;
    if format != FORMAT {
        return Err(BadBytes::Newer(format));
    }
    let value = T::take(&mut from)?;
    if !from.rest.is_empty() {
        return Err(BadBytes::Damaged("something follows its end"));
    }
    Ok(value)
}

struct Input<'a> {
    rest: &'a [u8],
    depth: u32,
}

impl<'a> Input<'a> {
    fn bytes(&mut self, n: usize) -> Result<&'a [u8], BadBytes> {
        let (head, rest) = self
            .rest
            .split_at_checked(n)
            .ok_or(BadBytes::Damaged("it ends too early"))?;
        self.rest = rest;
        Ok(head)
    }
}

trait Put {
    fn put(&self, out: &mut Vec<u8>);
}

trait Canon: Put + Sized {
    fn take(from: &mut Input<'_>) -> Result<Self, BadBytes>;
}

macro_rules! whole {
    ($($type:ty),*) => {$(
        impl Put for $type {
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
}

        impl Canon for $type {
            fn take(from: &mut Input<'_>) -> Result<Self, BadBytes> {
                let bytes = from.bytes(size_of::<Self>())?;
                bytes.try_into().map(Self::from_le_bytes).map_err(|_| BadBytes::Damaged("a number is cut"))
            }
        }
    )*};
}
whole!(u8, u16, u32, i128);

macro_rules! record {
    ($type:ident { $($field:ident),* }) => {
        impl Put for $type {
            fn put(&self, out: &mut Vec<u8>) {
                $(self.$field.put(out);)*
            }
}

        impl Canon for $type {
            fn take(from: &mut Input<'_>) -> Result<Self, BadBytes> {
                $(let $field = Canon::take(from)?;)*
                Ok(Self { $($field),* })
            }
        }
    };
}

macro_rules! choice {
    ($type:ident { $($tag:literal = $variant:ident $(($($place:ident),*))? $({$($field:ident),*})?),* }) => {
        impl Put for $type {
            fn put(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant $(($($place),*))? $({$($field),*})? => {
                        out.push($tag);
                        $($($place.put(out);)*)?
                        $($($field.put(out);)*)?
                    })*
                }
            }
}

        impl Canon for $type {
            fn take(from: &mut Input<'_>) -> Result<Self, BadBytes> {
                match u8::take(from)? {
                    $($tag => {
                        $($(let $place = Canon::take(from)?;)*)?
                        $($(let $field = Canon::take(from)?;)*)?
                        Ok(Self::$variant $(($($place),*))? $({$($field),*})?)
                    })*
                    _ => Err(BadBytes::Damaged("an unknown choice")),
                }
            }
        }
    };
}

impl Put for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
}

impl Canon for bool {
    fn take(from: &mut Input<'_>) -> Result<Self, BadBytes> {
        match u8::take(from)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(BadBytes::Damaged("neither yes nor no")),
        }
    }
}

impl Put for String {
    fn put(&self, out: &mut Vec<u8>) {
        (self.len() as u32).put(out);
        out.extend_from_slice(self.as_bytes());
    }
}

impl Canon for String {
    fn take(from: &mut Input<'_>) -> Result<Self, BadBytes> {
        let length = u32::take(from)? as usize;
        String::from_utf8(from.bytes(length)?.to_vec())
            .map_err(|_| BadBytes::Damaged("a text is not text"))
    }
}

impl<T: Put> Put for [T] {
    fn put(&self, out: &mut Vec<u8>) {
        (self.len() as u32).put(out);
        for item in self {
            item.put(out);
        }
    }
}

impl<T: Put> Put for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.as_slice().put(out);
    }
}

impl<T: Canon> Canon for Vec<T> {
    fn take(from: &mut Input<'_>) -> Result<Self, BadBytes> {
        // Grown item by item: a forged length runs out of bytes long before memory.
        let length = u32::take(from)?;
        let mut list = Vec::new();
        for _ in 0..length {
            list.push(T::take(from)?);
        }
        Ok(list)
    }
}

impl<T: Put> Put for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }
}

impl<T: Canon> Canon for Option<T> {
    fn take(from: &mut Input<'_>) -> Result<Self, BadBytes> {
        Ok(if bool::take(from)? {
            Some(T::take(from)?)
        } else {
            None
        })
    }
}

impl<T: Put> Put for Box<T> {
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out);
    }
}

impl<T: Canon> Canon for Box<T> {
    fn take(from: &mut Input<'_>) -> Result<Self, BadBytes> {
        T::take(from).map(Box::new)
    }
}

impl Put for Decimal {
    fn put(&self, out: &mut Vec<u8>) {
        let plain = self.normalize();
        plain.mantissa().put(out);
        out.push(plain.scale() as u8);
    }
}

impl Canon for Decimal {
    fn take(from: &mut Input<'_>) -> Result<Self, BadBytes> {
        let mantissa = i128::take(from)?;
        let scale = u8::take(from)?;
        let value = Decimal::try_from_i128_with_scale(mantissa, u32::from(scale))
            .map_err(|_| BadBytes::Damaged("a number is out of range"))?;
        let plain = value.normalize();
        if (plain.mantissa(), plain.scale()) == (mantissa, u32::from(scale)) {
            Ok(value)
        } else {
            Err(BadBytes::Damaged("a number is not in its shortest form"))
        }
    }
}

impl Put for Unit {
    fn put(&self, out: &mut Vec<u8>) {
        self.code().put(out);
    }
}

impl Canon for Unit {
    fn take(from: &mut Input<'_>) -> Result<Self, BadBytes> {
        Unit::from_code(u16::take(from)?).ok_or(BadBytes::Damaged("an unknown unit"))
    }
}

impl Put for StepId {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
}

impl Canon for StepId {
    fn take(from: &mut Input<'_>) -> Result<Self, BadBytes> {
        String::take(from).map(Self)
    }
}

record!(Procedure {
    code,
    title,
    activity,
    device_types,
    models,
    version,
    source,
    reference,
    banner,
    credentials,
    minutes,
    frequency,
    sections
});
record!(Reference { document, revision });
record!(Section { title, steps });
record!(Step {
    id,
    title,
    detail,
    kind,
    safety,
    required,
    allow_na,
    condition,
    tool,
    reference,
    as_left
});
record!(LimitSource { verified, text });
record!(Measure {
    unit,
    limit,
    source
});
record!(SetPoint { label, limit });
record!(Table {
    unit,
    points,
    source
});
record!(ChoiceOption { label, verdict });
record!(Computed {
    formula,
    unit,
    limit,
    source
});
choice!(SourceKind { 0 = BuiltIn, 1 = Shop, 2 = Manufacturer });
choice!(AnswerVerdict { 0 = Pass, 1 = Fail, 2 = Neutral });
choice!(TextAbout { 0 = Other, 1 = Accessories, 2 = SoftwareVersion, 3 = Location });
choice!(ScanTarget { 0 = Device, 1 = Other(name) });
choice!(Operand { 0 = Step(id), 1 = Value(value) });
choice!(Formula { 0 = WorstOf(steps), 1 = Mean(steps), 2 = PercentError { measured, reference }, 3 = Difference { first, second } });
choice!(Limit { 0 = Range { low, high }, 1 = AtMost(high), 2 = AtLeast(low), 3 = Nominal { nominal, tol_abs, tol_percent } });
choice!(ProtectionClass { 0 = I, 1 = II, 2 = Internal });
choice!(PowerConnection { 0 = DetachableCord, 1 = FixedCord, 2 = Permanent, 3 = Internal });
choice!(AppliedPartType { 0 = B, 1 = BF, 2 = CF });
choice!(Comparison { 0 = Below, 1 = AtMost, 2 = Equal, 3 = AtLeast, 4 = Above });
choice!(DeviceTest { 0 = Class(class), 1 = Power(power), 2 = HasAppliedPart(kind), 3 = HasAppliedParts(want), 4 = StoresEphi(want), 5 = Networked(want), 6 = Battery(want), 7 = HighRisk(want) });
choice!(LeakageMethod { 0 = Direct, 1 = Differential, 2 = Alternative });
choice!(Profile { 0 = Nfpa99Edition2012, 1 = Iec62353Edition2014(method) });
choice!(StepKind {
    0 = Check,
    1 = Measure(measure),
    2 = Table(table),
    3 = Choice { options },
    4 = Text { about },
    5 = Timer { seconds, long },
    6 = Date { must_not_be_past },
    7 = Scan { what },
    8 = Computed(computed),
    9 = SecondPerson,
    10 = ElectricalSafety { profile }
});

impl Put for Condition {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Failed(step) => (0u8, step).put(out),
            Self::Passed(step) => (1u8, step).put(out),
            Self::Chose { step, option } => {
                (2u8, step).put(out);
                option.put(out);
            }
            Self::Value { step, is, value } => {
                (3u8, step).put(out);
                is.put(out);
                value.put(out);
            }
            Self::Device(test) => (4u8, test).put(out),
            Self::All(list) => (5u8, list).put(out),
            Self::Any(list) => (6u8, list).put(out),
            Self::Not(inner) => (7u8, inner).put(out),
        }
    }
}

impl Canon for Condition {
    fn take(from: &mut Input<'_>) -> Result<Self, BadBytes> {
        if from.depth >= MAX_DEPTH {
            return Err(BadBytes::Damaged("conditions are nested too deeply"));
        }
        from.depth += 1;
        let condition = match u8::take(from)? {
            0 => Self::Failed(Canon::take(from)?),
            1 => Self::Passed(Canon::take(from)?),
            2 => Self::Chose {
                step: Canon::take(from)?,
                option: Canon::take(from)?,
            },
            3 => Self::Value {
                step: Canon::take(from)?,
                is: Canon::take(from)?,
                value: Canon::take(from)?,
            },
            4 => Self::Device(Canon::take(from)?),
            5 => Self::All(Canon::take(from)?),
            6 => Self::Any(Canon::take(from)?),
            7 => Self::Not(Canon::take(from)?),
            _ => return Err(BadBytes::Damaged("an unknown condition")),
        };
        from.depth -= 1;
        Ok(condition)
    }
}

/// A tag and the value after it.
trait Tagged {
    fn put(&self, out: &mut Vec<u8>);
}

impl<T: Put> Tagged for (u8, &T) {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(self.0);
        self.1.put(out);
    }
}
