//! Exact fractions, just large enough for unit conversion and comparison.
//!
//! Invariants: the denominator is positive and the fraction is in lowest terms, so equal values are equal structs.
//! Every operation is checked: numbers too long for 128 bits give `None`, never a wrong value.

use std::cmp::Ordering;

use rust_decimal::Decimal;

/// An exact fraction of two 128-bit whole numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Ratio {
    num: i128,
    den: i128,
}

impl Ratio {
    /// Zero.
    pub const ZERO: Self = Self { num: 0, den: 1 };
    /// One.
    pub const ONE: Self = Self { num: 1, den: 1 };

    /// `num / den` in lowest terms; `None` if `den` is zero or a sign cannot be turned.
    pub fn new(num: i128, den: i128) -> Option<Self> {
        if den == 0 {
            return None;
        }
        let divisor = gcd(num.unsigned_abs(), den.unsigned_abs());
        let divisor = i128::try_from(divisor).ok()?;
        let (num, den) = (num / divisor, den / divisor);
        if den < 0 {
            Some(Self {
                num: num.checked_neg()?,
                den: den.checked_neg()?,
            })
        } else {
            Some(Self { num, den })
        }
    }

    /// The exact value of a decimal.
    pub fn from_decimal(value: Decimal) -> Self {
        // A decimal has at most 28 places and 10^28 fits, so the fraction always exists.
        Self::new(value.mantissa(), 10i128.pow(value.scale().min(28))).unwrap_or(Self::ZERO)
    }

    /// The numerator.
    pub fn numerator(self) -> i128 {
        self.num
    }

    /// The denominator, always positive.
    pub fn denominator(self) -> i128 {
        self.den
    }

    /// The sum, or `None` when it does not fit.
    pub fn plus(self, other: Self) -> Option<Self> {
        let divisor =
            i128::try_from(gcd(self.den.unsigned_abs(), other.den.unsigned_abs())).ok()?;
        let mine = other.den / divisor;
        let theirs = self.den / divisor;
        let num = self
            .num
            .checked_mul(mine)?
            .checked_add(other.num.checked_mul(theirs)?)?;
        Self::new(num, self.den.checked_mul(mine)?)
    }

    /// The difference, or `None` when it does not fit.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(other.negated()?)
    }

    /// The product, or `None` when it does not fit.
    pub fn times(self, other: Self) -> Option<Self> {
        // Crosswise reduction first keeps the intermediate numbers small.
        let left = Self::new(self.num, other.den)?;
        let right = Self::new(other.num, self.den)?;
        Self::new(
            left.num.checked_mul(right.num)?,
            left.den.checked_mul(right.den)?,
        )
    }

    /// The quotient, or `None` when it does not fit or `other` is zero.
    pub fn over(self, other: Self) -> Option<Self> {
        self.times(Self::new(other.den, other.num)?)
    }

    /// The value with its sign turned, or `None` when it does not fit.
    pub fn negated(self) -> Option<Self> {
        Some(Self {
            num: self.num.checked_neg()?,
            den: self.den,
        })
    }

    /// The value without its sign, or `None` when it does not fit.
    pub fn abs(self) -> Option<Self> {
        if self.num < 0 {
            self.negated()
        } else {
            Some(self)
        }
    }

    /// The nearest decimal with at most `places` places (halves away from zero), without trailing zeros.
    pub fn to_decimal(self, places: u32) -> Option<Decimal> {
        let places = places.min(12);
        let scaled = self.times(Self {
            num: 10i128.pow(places),
            den: 1,
        })?;
        let whole = scaled.num / scaled.den;
        let rest = (scaled.num % scaled.den).unsigned_abs();
        let rounded = if rest >= scaled.den.unsigned_abs() - rest {
            whole.checked_add(scaled.num.signum())?
        } else {
            whole
        };
        Decimal::try_from_i128_with_scale(rounded, places)
            .ok()
            .map(|d| d.normalize())
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    /// Exact for all values: whole parts first, then the reciprocals of the rests, so nothing can overflow.
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut a, mut b) = (*self, *other);
        let mut turned = false;
        loop {
            let (wa, ra) = (a.num.div_euclid(a.den), a.num.rem_euclid(a.den));
            let (wb, rb) = (b.num.div_euclid(b.den), b.num.rem_euclid(b.den));
            let order = match wa.cmp(&wb) {
                Ordering::Equal => match (ra, rb) {
                    (0, 0) => Ordering::Equal,
                    (0, _) => Ordering::Less,
                    (_, 0) => Ordering::Greater,
                    _ => {
                        a = Self {
                            num: a.den,
                            den: ra,
                        };
                        b = Self {
                            num: b.den,
                            den: rb,
                        };
                        turned = !turned;
                        continue;
                    }
                },
                order => order,
            };
            return if turned { order.reverse() } else { order };
        }
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn huge_values_compare_without_overflow() {
        let a = Ratio::new(i128::MAX, 3).unwrap();
        let b = Ratio::new(i128::MAX - 1, 3).unwrap();
        assert!(a > b);
        assert_eq!(a.times(b), None);
        assert_eq!(Ratio::new(1, 0), None);
        assert_eq!(Ratio::new(-2, -4), Ratio::new(1, 2));
    }

    #[test]
    fn rounding_is_half_away_from_zero() {
        for (num, den, places, want) in [
            (1, 3, 3, "0.333"),
            (2, 3, 3, "0.667"),
            (1, 8, 2, "0.13"),
            (-1, 8, 2, "-0.13"),
            (5, 1, 4, "5"),
        ] {
            let got = Ratio::new(num, den).unwrap().to_decimal(places).unwrap();
            assert_eq!(got.to_string(), want);
        }
    }

    proptest! {
        #[test]
        fn order_agrees_with_cross_multiplication(
            a in -1_000_000_000i64..1_000_000_000, b in 1i64..1_000_000_000,
            c in -1_000_000_000i64..1_000_000_000, d in 1i64..1_000_000_000,
        ) {
            let left = Ratio::new(a.into(), b.into()).unwrap();
            let right = Ratio::new(c.into(), d.into()).unwrap();
            let want = (i128::from(a) * i128::from(d)).cmp(&(i128::from(c) * i128::from(b)));
            prop_assert_eq!(left.cmp(&right), want);
        }

        #[test]
        fn adding_and_taking_away_gives_the_same(a in any::<i32>(), b in 1i32.., c in any::<i32>(), d in 1i32..) {
            let left = Ratio::new(a.into(), b.into()).unwrap();
            let right = Ratio::new(c.into(), d.into()).unwrap();
            prop_assert_eq!(left.plus(right).unwrap().minus(right).unwrap(), left);
        }
    }
}
