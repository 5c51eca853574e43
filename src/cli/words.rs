//! Words of fixed lists on the command line: each parser lists what is allowed when a word does not fit.

use crate::domain::device::{HoldKind, Stage};
use crate::domain::inspection::{Again, AnswerOrigin};
use crate::domain::order::{
    AttemptCode, FailureCause, Harm, HoldReason, Known, LabourKind, OrderKind, OutcomeCode,
    Priority, WorkAction,
};
use crate::domain::signature::Meaning;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident => $type:ty;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(text: &str) -> Result<$type, String> {
                <$type>::from_key(text).ok_or_else(|| format!("use one of: {}", <$type>::keys()))
            }
        )*
    };
}

words! {
    /// A stage of a device's life.
    stage => Stage;
    /// A reason not to use a device.
    hold_kind => HoldKind;
    /// A kind of order.
    order_kind => OrderKind;
    /// A priority.
    priority => Priority;
    /// What an order waits for.
    hold_reason => HoldReason;
    /// A try that did not get the work done.
    attempt => AttemptCode;
    /// Why something failed.
    cause => FailureCause;
    /// VistA's work action.
    action => WorkAction;
    /// VistA's outcome code.
    outcome => OutcomeCode;
    /// A sort of labour.
    labour => LabourKind;
    /// Yes, no or unknown.
    known => Known;
    /// Harm at check-in.
    harm => Harm;
    /// What a signature says.
    meaning => Meaning;
    /// Why an answer is given again.
    again => Again;
    /// Where an answer came from.
    origin => AnswerOrigin;
}

/// Yes, no or unknown, as a fact that may be missing.
pub fn yes_no(text: &str) -> Result<Option<bool>, String> {
    known(text).map(|known| match known {
        Known::Yes => Some(true),
        Known::No => Some(false),
        Known::Unknown => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fit_or_name_what_would() {
        assert_eq!(stage("In Service"), Ok(Stage::InService));
        assert_eq!(yes_no("yes"), Ok(Some(true)));
        assert_eq!(yes_no("unknown"), Ok(None));
        assert!(cause("gremlins").unwrap_err().contains("UPF"));
    }
}
