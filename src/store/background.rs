//! The background thread: about once a second it flushes sled and writes the head, off the commit path. In a store too
//! big to be checked when it is opened it also checks the rows, once, after a while; and wherever the disk had no room,
//! where sled may lose rows without a word, it counts them again until there is room and all are there.
//!
//! Invariants: nothing depends on it for durability; it only keeps rebuilds rare. It stops with the store: the check
//! looks after every page. The check holds no lock: a family that changed meanwhile is read again later.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::error::StoreError;
use super::vfs::write_whole;
use super::writer::Writer;
use super::{Inner, check, heads};

/// Seconds between looks at the rows, and before the first: a single command is long done by then, and a shop at work
/// gives few families the rest to be read in one go.
const LOOK_EVERY: u64 = 30;

/// Seconds between counts of the rows while the disk has no room.
const COUNT_EVERY: u64 = 5;

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

    /// True once the thread should end.
    pub fn is_stopping(&self) -> bool {
        self.flags
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .stop
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
                let mut check = check::Slow::of(&inner);
                let mut seconds = 0u64;
                while inner.wake.wait() {
                    settle(&inner);
                    seconds += 1;
                    if seconds.is_multiple_of(COUNT_EVERY) {
                        count_again(&inner);
                    }
                    if seconds.is_multiple_of(LOOK_EVERY) {
                        look(&inner, &mut check);
                    }
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

/// After the disk had no room: counts the rows of a store that opening would count too.
fn count_again(inner: &Inner) {
    if !inner.tight.load(Ordering::Acquire) {
        return;
    }
    let mut writer = Writer::of(inner);
    if check::row_count(&writer.state.meta) > inner.tuning.full_check_rows {
        return;
    }
    if let Err(error) = writer.doubt_rows() {
        tracing::warn!("the disk had no room: {error}");
    }
}

/// Goes on with the check of the rows, and marks them to be built anew at the next opening if they are wrong.
fn look(inner: &Inner, check: &mut check::Slow) {
    let wrong = match check.go_on(inner, &mut || inner.wake.is_stopping()) {
        Ok(None) => return,
        Ok(Some(wrong)) => wrong,
        Err(StoreError::Rows { reason }) => reason,
        Err(_) => return,
    };
    tracing::warn!(
        "the working copy did not pass its check: {wrong}; it is built anew when the store is opened next"
    );
    let _ = write_whole(
        inner.vfs.as_ref(),
        &inner.layout.suspect(),
        format!("{wrong}\n").as_bytes(),
    );
}

fn settle(inner: &Inner) {
    if inner.wake.take_dirty() {
        // sled that meets a full disk while it writes cannot even be read any more. Below the floor nothing is written
        // at all: the journal holds everything, and sled goes on from memory until there is room.
        if inner.room().is_ok() {
            // A failure here shows at the next read or open.
            let _ = inner.base.flush();
        } else {
            inner.wake.mark();
        }
        heads::write(inner);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Bench, draft};
    use super::super::vfs::FaultFs;
    use super::*;

    #[test]
    fn without_room_the_rows_wait_and_are_flushed_when_there_is_some() {
        let fs = FaultFs::new(3);
        let mut bench = Bench::with(Arc::new(fs.clone()));
        bench.tuning.background = false;
        let (store, _) = bench.open();
        store.append(draft(1, b"one")).unwrap();
        fs.set_free(Some(0));
        settle(&store.inner);
        assert!(store.inner.wake.take_dirty(), "it was flushed");
        store.inner.wake.mark();
        fs.set_free(None);
        settle(&store.inner);
        assert!(!store.inner.wake.take_dirty(), "it still waits");
    }
}
