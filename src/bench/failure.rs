//! What a face hears when something was not done: one type, in words, that crosses a socket.

use serde::{Deserialize, Serialize};

use crate::domain::refusal::{Refusal, RefusalKind};
use crate::journal::codec::CodecError;
use crate::store::{ExitClass, StoreError};

use super::keys::KeyError;

/// Something was not done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
pub enum Failure {
    /// A rule, the input or somebody else's change stands against it. Nothing was recorded.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store is in trouble.
    #[error("{words}")]
    Store {
        /// What happened, what it means, what to do.
        words: String,
        /// Reading still works.
        read_only: bool,
        /// The request was at fault, not the store.
        refused: bool,
    },
    /// A signing key could not be used. Nothing was signed.
    #[error("{0}")]
    Key(String),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store {
            words: error.to_string(),
            read_only: error.is_read_only(),
            refused: error.exit_class() == ExitClass::Refused,
        }
    }
}

impl From<CodecError> for Failure {
    fn from(error: CodecError) -> Self {
        Self::Store {
            words: format!("a record could not be put into bytes: {error}. Nothing was recorded"),
            read_only: false,
            refused: true,
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        Self::Key(error.to_string())
    }
}

impl Failure {
    /// The hint beside the words, if there is one.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) if !refusal.hint.is_empty() => Some(&refusal.hint),
            _ => None,
        }
    }

    /// The sort of refusal, if it is one.
    pub fn refusal(&self) -> Option<RefusalKind> {
        match self {
            Self::Refused(refusal) => Some(refusal.kind),
            _ => None,
        }
    }

    /// 1 refused or not found, 2 wrong use, 3 store trouble.
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::Refused(_) | Self::Key(_) => 1,
            Self::Store { refused, .. } => {
                if *refused {
                    1
                } else {
                    3
                }
            }
        }
    }
}
