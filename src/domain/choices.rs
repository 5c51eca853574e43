//! Fixed lists with a number for the wire, a key for commands and words for people, from one table each.
//!
//! Invariant: a number never changes its meaning and is never reused.

/// Declares an enum with `code` / `from_code` (wire), `key` / `from_key` (command line, JSON) and `label` (screen).
macro_rules! choices {
    ($(#[$meta:meta])* $name:ident { $( $(#[$doc:meta])* $variant:ident = $code:literal, $key:literal, $label:literal; )* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $( $(#[$doc])* $variant, )*
        }

        impl $name {
            /// Every choice, in the order people read them.
            pub const ALL: &'static [$name] = &[ $( $name::$variant, )* ];

            /// The number on the wire.
            pub const fn code(self) -> u16 {
                match self { $( Self::$variant => $code, )* }
            }

            /// The choice with this number on the wire.
            pub const fn from_code(code: u16) -> Option<Self> {
                match code { $( $code => Some(Self::$variant), )* _ => None }
            }

            /// The stable key on the command line and in JSON.
            pub const fn key(self) -> &'static str {
                match self { $( Self::$variant => $key, )* }
            }

            /// The choice with this key or label, without regard to case, space, dash and underscore.
            pub fn from_key(text: &str) -> Option<Self> {
                let wanted = crate::domain::choices::fold(text);
                Self::ALL.iter().copied().find(|c| {
                    crate::domain::choices::fold(c.key()) == wanted
                        || crate::domain::choices::fold(c.label()) == wanted
                })
            }

            /// The keys, comma separated, for messages.
            pub fn keys() -> String {
                Self::ALL.iter().map(|c| c.key()).collect::<Vec<_>>().join(", ")
            }

            /// What a person reads.
            pub const fn label(self) -> &'static str {
                match self { $( Self::$variant => $label, )* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.label())
            }
        }
    };
}

pub(crate) use choices;

/// Letters and digits only, lower case: how keys and labels are compared.
pub(crate) fn fold(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
