//! A second thread that brings folded rows to sled while the next entries are decided or read.
//!
//! Invariants: batches reach sled one after another, in the order they were handed over, each with its own watermark; at
//! most one is on its way. Nothing is durable here: the journal is. A batch that fails stops the
//! work, and whoever handed it over hears of it at the next batch or at the end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use super::base::Base;
use super::error::StoreError;
use super::fold;
use super::layout::Meta;
use super::rows::{Pending, Rows, Sum};

type Job = (Vec<Pending>, Meta);
type Sums = BTreeMap<u8, Sum>;

/// The thread, with what it is given and what it answers.
struct Second {
    jobs: Sender<Job>,
    answers: Receiver<Result<Sums, StoreError>>,
    thread: JoinHandle<()>,
}

/// Brings rows to sled, on a second thread where the system gives one.
pub(super) struct Settler {
    base: Arc<Base>,
    second: Option<Second>,
    waiting: bool,
}

impl Settler {
    /// Starts the thread.
    pub fn start(base: &Arc<Base>) -> Self {
        Self {
            base: Arc::clone(base),
            second: Second::start(base),
            waiting: false,
        }
    }

    /// Hands over what changed in the rows; the meta row of the batch is `meta` as it is now. Waits for the batch
    /// before, and brings the checksums of `meta` up to it.
    pub fn hand(&mut self, rows: &mut Rows, meta: &mut Meta) -> Result<(), StoreError> {
        self.settled(meta)?;
        let pending = rows.hand_over();
        match &self.second {
            Some(second) => {
                self.waiting = true;
                second
                    .jobs
                    .send((pending, meta.clone()))
                    .map_err(|_| gone())
            }
            None => fold::bring(&self.base, pending, meta),
        }
    }

    /// Waits until everything handed over is in sled.
    pub fn settled(&mut self, meta: &mut Meta) -> Result<(), StoreError> {
        if let Some(second) = &self.second
            && std::mem::take(&mut self.waiting)
        {
            meta.sums = second.answers.recv().map_err(|_| gone())??;
        }
        Ok(())
    }
}

impl Second {
    fn start(base: &Arc<Base>) -> Option<Self> {
        let base = Arc::clone(base);
        let (jobs, todo) = channel::<Job>();
        let (done, answers) = channel();
        let thread = std::thread::Builder::new()
            .name("store rows".to_owned())
            .spawn(move || {
                for (pending, mut meta) in todo {
                    let answer = fold::bring(&base, pending, &mut meta).map(|()| meta.sums);
                    if done.send(answer).is_err() {
                        break;
                    }
                }
            })
            .ok()?;
        Some(Self {
            jobs,
            answers,
            thread,
        })
    }
}

impl Drop for Settler {
    fn drop(&mut self) {
        if let Some(Second { jobs, thread, .. }) = self.second.take() {
            // Nobody may see sled change behind their back: the batch on its way is waited for.
            drop(jobs);
            let _ = thread.join();
        }
    }
}

fn gone() -> StoreError {
    StoreError::Rows {
        reason: "the thread that writes it has ended".to_owned(),
    }
}
