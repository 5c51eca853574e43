//! What a session says when its host cannot be reached: what happened, what it means for what was saved, what to do.

use super::client::Route;
use crate::bench::Failure;

/// A failure that says what happened in these words.
pub fn trouble(words: String) -> Failure {
    Failure::Store {
        words,
        read_only: false,
        refused: false,
    }
}

/// The line failed.
pub fn broken(error: &dyn std::fmt::Display) -> Failure {
    trouble(format!(
        "the program that has the store open could not be talked to: {error}. What was confirmed as saved is in the \
         journal; try again"
    ))
}

/// There is no host, and none can be started from here.
pub fn nobody(route: &Route) -> Failure {
    trouble(format!(
        "no tagout host answers at {}. Nothing was changed. {}",
        route.socket.display(),
        route.whom_to_ask
    ))
}

/// The host took the question and gives no answer.
pub fn silent(route: &Route) -> Failure {
    trouble(format!(
        "the host at {} took the question and does not answer. It may still do what was asked: look at the record before \
         you try again",
        route.socket.display()
    ))
}

/// Somebody listens and does not greet.
pub fn hung(route: &Route) -> Failure {
    trouble(format!(
        "the host at {} does not answer. What was confirmed as saved is in the journal. Look at `tagout host status`, or \
         stop the process that `tagout doctor` names, and try again",
        route.socket.display()
    ))
}
