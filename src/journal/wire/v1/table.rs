//! The forms of the rows: numbered events, records, numbered variants with a payload, and fixed lists.
//!
//! Each macro writes a plain struct with exactly the fields of its row, in that order, and both conversions. The
//! conversions name every field of the domain type, so that a field that is added there cannot be lost silently.

/// The numbered events of one aggregate, each with its body's fields in wire order.
macro_rules! events {
    ($domain:ident { $( $kind:literal $name:literal $variant:ident $wire:ident { $($field:ident : $type:ty),* $(,)? } )* }) => {
        $(
            #[derive(serde::Serialize, serde::Deserialize)]
            struct $wire { $($field: $type),* }
        )*

        /// Every event kind here: number and name.
        pub const KINDS: &[(u16, &str)] = &[$(($kind, $name)),*];

        /// The kind and the body of an event.
        pub fn write(event: &$domain) -> Result<(u16, Vec<u8>), $crate::journal::wire::v1::Trouble> {
            Ok(match event {
                $( $domain::$variant { $($field),* } => {
                    let body = $wire { $($field: <$type as $crate::journal::wire::v1::frozen::Frozen<_>>::freeze($field)?),* };
                    ($kind, $crate::journal::codec::encode(&body)?)
                } )*
            })
        }

        /// The event of a kind and a body.
        pub fn read(kind: u16, body: &[u8]) -> Result<$domain, $crate::journal::wire::v1::Trouble> {
            match kind {
                $( $kind => {
                    let $wire { $($field),* } = $crate::journal::codec::decode(body)?;
                    Ok($domain::$variant { $($field: <$type as $crate::journal::wire::v1::frozen::Frozen<_>>::thaw($field)?),* })
                } )*
                _ => Err($crate::journal::wire::v1::Trouble::Newer),
            }
        }
    };
}

/// A plain struct that stands for a domain struct.
macro_rules! record {
    ($(#[$doc:meta])* $wire:ident of $domain:ident { $($field:ident : $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
        pub struct $wire { $($field: $type),* }

        impl $crate::journal::wire::v1::frozen::Frozen<$domain> for $wire {
            fn freeze(value: &$domain) -> Result<Self, $crate::journal::wire::v1::Trouble> {
                let $domain { $($field),* } = value;
                Ok(Self { $($field: <$type as $crate::journal::wire::v1::frozen::Frozen<_>>::freeze($field)?),* })
            }
            fn thaw(self) -> Result<$domain, $crate::journal::wire::v1::Trouble> {
                let Self { $($field),* } = self;
                Ok($domain { $($field: <$type as $crate::journal::wire::v1::frozen::Frozen<_>>::thaw($field)?),* })
            }
        }
    };
}

/// A domain enum whose variants carry something: a number (u16), then the length and the bytes of what it carries, so
/// that a number of a later version can be told from damage.
macro_rules! variants {
    ($(#[$doc:meta])* $wire:ident of $domain:ident { $( $code:literal $variant:ident $(($only:ident : $only_type:ty))? $({ $($field:ident : $type:ty),* $(,)? })?; )* }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
        pub struct $wire {
            /// Which variant.
            code: u16,
            /// What it carries.
            carried: $crate::journal::wire::Bytes,
        }

        impl $crate::journal::wire::v1::frozen::Frozen<$domain> for $wire {
            fn freeze(value: &$domain) -> Result<Self, $crate::journal::wire::v1::Trouble> {
                let (code, carried) = match value {
                    $( $domain::$variant $(($only))? $({ $($field),* })? => ($code, $crate::journal::codec::encode(&(
                        $(<$only_type as $crate::journal::wire::v1::frozen::Frozen<_>>::freeze($only)?,)?
                        $($(<$type as $crate::journal::wire::v1::frozen::Frozen<_>>::freeze($field)?,)*)?
                    ))?), )*
                };
                Ok(Self { code, carried: $crate::journal::wire::Bytes(carried) })
            }
            fn thaw(self) -> Result<$domain, $crate::journal::wire::v1::Trouble> {
                match self.code {
                    $( $code => {
                        type Carried = ($($only_type,)? $($($type,)*)?);
                        let carried: Carried = $crate::journal::codec::decode(&self.carried.0)?;
                        let ($($only,)? $($($field,)*)?) = carried;
                        Ok($domain::$variant
                            $((<$only_type as $crate::journal::wire::v1::frozen::Frozen<_>>::thaw($only)?))?
                            $({ $($field: <$type as $crate::journal::wire::v1::frozen::Frozen<_>>::thaw($field)?),* })?)
                    } )*
                    _ => Err($crate::journal::wire::v1::Trouble::Newer),
                }
            }
        }
    };
}

/// Fixed lists that already carry their numbers.
macro_rules! codes {
    ($($domain:ident),* $(,)?) => { $(
        impl $crate::journal::wire::v1::frozen::Frozen<$domain> for u16 {
            fn freeze(value: &$domain) -> Result<Self, $crate::journal::wire::v1::Trouble> {
                Ok(value.code())
            }
            fn thaw(self) -> Result<$domain, $crate::journal::wire::v1::Trouble> {
                $domain::from_code(self).ok_or($crate::journal::wire::v1::Trouble::Newer)
            }
        }
    )* };
}

/// A list of a handful of choices that may be unknown, as one byte: 0 is unknown.
macro_rules! maybe {
    ($domain:ident { $($code:literal $variant:ident),* $(,)? }) => {
        impl $crate::journal::wire::v1::frozen::Frozen<Option<$domain>> for u8 {
            fn freeze(value: &Option<$domain>) -> Result<Self, $crate::journal::wire::v1::Trouble> {
                Ok(match value {
                    None => 0,
                    $( Some($domain::$variant) => $code, )*
                })
            }
            fn thaw(self) -> Result<Option<$domain>, $crate::journal::wire::v1::Trouble> {
                match self {
                    0 => Ok(None),
                    $( $code => Ok(Some($domain::$variant)), )*
                    _ => Err($crate::journal::wire::v1::Trouble::Newer),
                }
            }
        }
    };
}

pub(super) use {codes, events, maybe, record, variants};
