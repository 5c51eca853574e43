//! The background thread: about once a second it flushes sled and writes the head, off the commit path.
//!
//! Invariants: nothing depends on it for durability; it only keeps rebuilds rare. It stops with the store.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{Inner, heads};

#[derive(Default)]
struct Flags {
    dirty: bool,
    stop: bool,
}

/// Tells the thread that there is work, or that it should end.
#[derive(Default)]
pub(crate) struct Wake {
    flags: Mutex<Flags>,
    signal: Condvar,
}

impl Wake {
    /// Notes that something was committed.
    pub fn mark(&self) {
        self.flags
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .dirty = true;
    }

    fn stop(&self) {
        self.flags
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .stop = true;
        self.signal.notify_all();
    }

    fn take_dirty(&self) -> bool {
        std::mem::take(
            &mut self
                .flags
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .dirty,
        )
    }

    /// Waits up to a second. True if the thread should go on.
    fn wait(&self) -> bool {
        let flags = self.flags.lock().unwrap_or_else(PoisonError::into_inner);
        let (flags, _) = self
            .signal
            .wait_timeout_while(flags, Duration::from_secs(1), |f| !f.stop)
            .unwrap_or_else(PoisonError::into_inner);
        !flags.stop
    }
}

/// The running thread, if one was asked for.
pub(crate) struct Background(Option<JoinHandle<()>>);

impl Background {
    pub fn start(inner: &Arc<Inner>) -> Self {
        if !inner.tuning.background {
            return Self(None);
        }
        let inner = Arc::clone(inner);
        let thread = std::thread::Builder::new()
            .name("store flush".to_owned())
            .spawn(move || {
                while inner.wake.wait() {
                    settle(&inner);
                }
            });
        // Without the thread the store is as durable; a rebuild after a crash only takes longer.
        Self(thread.ok())
    }

    /// Ends the thread and settles what is left.
    pub fn stop(mut self, inner: &Inner) {
        inner.wake.stop();
        if let Some(thread) = self.0.take() {
            let _ = thread.join();
        }
        settle(inner);
    }
}

fn settle(inner: &Inner) {
    if inner.wake.take_dirty() {
        // The journal holds everything: a failure here shows at the next read or open.
        let _ = inner.base.flush();
        heads::write(inner);
    }
}
