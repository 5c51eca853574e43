//! How a domain value becomes a plain one and back, and the plain forms of numbers, texts, days and lists.
//!
//! Invariant: one domain value has one form; a form that is read gives the same bytes when written again.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::super::Bytes;
use crate::domain::id::Hash;
use crate::domain::procedure::StepId;
use crate::journal::codec::CodecError;

/// Why a value could not be written or read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// A number that this version does not know: a later version wrote it.
    Newer,
    /// The bytes hold something that no version writes.
    Damaged(String),
    /// More bytes than a value may take.
    TooLong(usize),
    /// The value has no form from which it would come back the same.
    Unwritable(&'static str),
}

impl Trouble {
    pub(super) fn damaged(what: &str) -> Self {
        Self::Damaged(what.to_owned())
    }
}

impl From<CodecError> for Trouble {
    fn from(error: CodecError) -> Self {
        match error {
            CodecError::TooLong(bytes) => Self::TooLong(bytes),
            CodecError::Malformed(what) => Self::Damaged(what),
            CodecError::Newer { .. } => Self::Newer,
        }
    }
}

/// The plain form of a domain value.
pub trait Frozen<D>: Sized {
    /// The plain form of a value.
    fn freeze(value: &D) -> Result<Self, Trouble>;
    /// The value of a plain form.
    fn thaw(self) -> Result<D, Trouble>;
}

macro_rules! as_it_is {
    ($($type:ty),*) => { $(
        impl Frozen<$type> for $type {
            fn freeze(value: &$type) -> Result<Self, Trouble> {
                Ok(value.clone())
            }
            fn thaw(self) -> Result<$type, Trouble> {
                Ok(self)
            }
        }
    )* };
}
as_it_is!(bool, u16, u32, u64, String, [u8; 32]);

impl<D, W: Frozen<D>> Frozen<Option<D>> for Option<W> {
    fn freeze(value: &Option<D>) -> Result<Self, Trouble> {
        value.as_ref().map(W::freeze).transpose()
    }
    fn thaw(self) -> Result<Option<D>, Trouble> {
        self.map(W::thaw).transpose()
    }
}

impl<D, W: Frozen<D>> Frozen<Vec<D>> for Vec<W> {
    fn freeze(value: &Vec<D>) -> Result<Self, Trouble> {
        value.iter().map(W::freeze).collect()
    }
    fn thaw(self) -> Result<Vec<D>, Trouble> {
        self.into_iter().map(W::thaw).collect()
    }
}

impl<A, B, V: Frozen<A>, W: Frozen<B>> Frozen<(A, B)> for (V, W) {
    fn freeze((a, b): &(A, B)) -> Result<Self, Trouble> {
        Ok((V::freeze(a)?, W::freeze(b)?))
    }
    fn thaw(self) -> Result<(A, B), Trouble> {
        Ok((self.0.thaw()?, self.1.thaw()?))
    }
}

impl Frozen<StepId> for String {
    fn freeze(value: &StepId) -> Result<Self, Trouble> {
        Ok(value.0.clone())
    }
    fn thaw(self) -> Result<StepId, Trouble> {
        Ok(StepId(self))
    }
}

impl Frozen<Hash> for [u8; 32] {
    fn freeze(value: &Hash) -> Result<Self, Trouble> {
        Ok(value.0)
    }
    fn thaw(self) -> Result<Hash, Trouble> {
        Ok(Hash(self))
    }
}

impl Frozen<Vec<u8>> for Bytes {
    fn freeze(value: &Vec<u8>) -> Result<Self, Trouble> {
        Ok(Self(value.clone()))
    }
    fn thaw(self) -> Result<Vec<u8>, Trouble> {
        Ok(self.0)
    }
}

/// 1970-01-01 counted from 0001-01-01, which is day 1.
const DAY_1970: i32 = 719_163;

/// Days since 1970-01-01; negative before.
impl Frozen<NaiveDate> for i32 {
    fn freeze(value: &NaiveDate) -> Result<Self, Trouble> {
        Ok(value.num_days_from_ce() - DAY_1970)
    }
    fn thaw(self) -> Result<NaiveDate, Trouble> {
        self.checked_add(DAY_1970)
            .and_then(NaiveDate::from_num_days_from_ce_opt)
            .ok_or_else(|| Trouble::damaged("a day that no calendar has"))
    }
}

/// Yes, no or unknown: 0 unknown, 1 yes, 2 no.
impl Frozen<Option<bool>> for u8 {
    fn freeze(value: &Option<bool>) -> Result<Self, Trouble> {
        Ok(match value {
            None => 0,
            Some(true) => 1,
            Some(false) => 2,
        })
    }
    fn thaw(self) -> Result<Option<bool>, Trouble> {
        match self {
            0 => Ok(None),
            1 => Ok(Some(true)),
            2 => Ok(Some(false)),
            _ => Err(Trouble::Newer),
        }
    }
}

/// A decimal as it was written, places included.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DecimalV1 {
    /// The digits as a whole number.
    pub mantissa: i128,
    /// How many of them stand after the point.
    pub scale: u32,
}

impl Frozen<Decimal> for DecimalV1 {
    fn freeze(value: &Decimal) -> Result<Self, Trouble> {
        Ok(Self {
            mantissa: value.mantissa(),
            scale: value.scale(),
        })
    }
    fn thaw(self) -> Result<Decimal, Trouble> {
        Decimal::try_from_i128_with_scale(self.mantissa, self.scale)
            .map_err(|_| Trouble::damaged("a number that is out of range"))
    }
}
