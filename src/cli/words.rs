//! Words of fixed lists on the command line: each parser lists what is allowed when a word does not fit.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};

use crate::domain::device::{HoldKind, Stage};
use crate::domain::inspection::{Again, AnswerOrigin};
use crate::domain::order::{
    AttemptCode, FailureCause, Harm, HoldReason, Known, LabourKind, OrderKind, OutcomeCode,
    Priority, WorkAction,
};
use crate::domain::signature::Meaning;

/// Takes one word of a fixed list; help and completion name them all.
#[derive(Clone)]
pub struct Words<T> {
    read: fn(&str) -> Option<T>,
    keys: fn() -> Vec<&'static str>,
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Words<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        let (read, keys) = (self.read, self.keys);
        // A closure as parser words its errors as every other option does.
        let parser = move |text: &str| {
            read(text).ok_or_else(|| format!("use one of: {}", keys().join(", ")))
        };
        parser.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.keys)().into_iter().map(PossibleValue::new)))
    }
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident => $type:ty;)*) => {
        $(
            $(#[$doc])*
            pub fn $name() -> Words<$type> {
                Words {
                    read: <$type>::from_key,
                    keys: || <$type>::ALL.iter().map(|word| word.key()).collect(),
                }
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
    let known = Known::from_key(text).ok_or_else(|| format!("use one of: {}", Known::keys()))?;
    Ok(match known {
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
        assert_eq!((stage().read)("In Service"), Some(Stage::InService));
        assert_eq!(yes_no("yes"), Ok(Some(true)));
        assert_eq!(yes_no("unknown"), Ok(None));
        let command = clap::Command::new("x");
        let wrong = cause().parse_ref(&command, None, OsStr::new("gremlins"));
        assert!(wrong.is_err_and(|error| error.to_string().contains("UPF")));
        let named = cause().possible_values().map_or(0, Iterator::count);
        assert_eq!(named, FailureCause::ALL.len());
    }
}
