//! Work beside the UI thread: threads that answer with messages.
//!
//! Invariant: a worker that panics ends alone, and the program is told which one and why. Nothing waits for a worker at
//! the end: what must survive is written before it is acknowledged.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Sender;
use std::thread;

use super::run::Incoming;

/// Starts workers and carries their messages to [`super::Program::update`]. Cheap to clone.
#[derive(Debug)]
pub struct Workers<M> {
    channel: Sender<Incoming<M>>,
}

impl<M> Clone for Workers<M> {
    fn clone(&self) -> Self {
        Self {
            channel: self.channel.clone(),
        }
    }
}

impl<M: Send + 'static> Workers<M> {
    pub(super) fn new(channel: Sender<Incoming<M>>) -> Self {
        Self { channel }
    }

    /// Sends a message to the program. False when the program has ended and nobody will read it.
    pub fn send(&self, message: M) -> bool {
        self.channel.send(Incoming::Worker(message)).is_ok()
    }

    /// Runs `work` on its own thread. The name is shown to the user if the worker fails.
    pub fn spawn(&self, name: &'static str, work: impl FnOnce(&Self) + Send + 'static) {
        let workers = self.clone();
        let run = move || {
            if let Err(cause) = catch_unwind(AssertUnwindSafe(|| work(&workers))) {
                let reason = cause
                    .downcast_ref::<&str>()
                    .map(|s| (*s).to_owned())
                    .or_else(|| cause.downcast_ref::<String>().cloned())
                    .unwrap_or_else(|| "no reason given".to_owned());
                // Nobody left to tell means the program has ended: then it no longer matters.
                let _ = workers
                    .channel
                    .send(Incoming::WorkerFailed { name, reason });
            }
        };
        if let Err(e) = thread::Builder::new().name(name.to_owned()).spawn(run) {
            let reason = format!("no thread to be had: {e}");
            let _ = self.channel.send(Incoming::WorkerFailed { name, reason });
        }
    }
}
