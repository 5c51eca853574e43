//! Commands from many sessions share a sync: one of those who wait decides and stages for all, then passes that on.
//!
//! Invariants: each command is still one entry, decided on the state that the ones before it left; nobody has an answer
//! before the shared sync, and nobody reads what is not durable; a refusal is its sender's own and holds nobody up.

use std::cell::RefCell;
use std::sync::PoisonError;
use std::sync::mpsc::{Sender, channel};

use super::ask::is_not_found;
use super::failure::Failure;
use super::query::{Receipt, Request};
use super::service::{Bench, draft, receipt};
use super::sign::genuine;
use super::view::View;
use crate::domain::command::decide;
use crate::domain::event::Aggregate;
use crate::store::Writer;

/// Commands that share a sync at most.
const MOST: usize = 64;

/// A command that waits for its turn.
pub(super) struct Turn {
    request: Request,
    uid: u32,
    word: Sender<Word>,
}

/// What somebody who waits is told.
enum Word {
    /// The answer, boxed: it is much larger than the other.
    Answer(Box<Result<Receipt, Failure>>),
    /// Serve all that wait, yourself among them.
    Serve,
}

/// Who waits, the longest first.
#[derive(Default)]
pub(super) struct Waiting {
    turns: Vec<Turn>,
    /// Somebody serves, or was told to.
    served: bool,
}

/// Passes the serving on to whoever waits longest, however it ended.
struct PassOn<'a>(&'a Bench);

impl Drop for PassOn<'_> {
    fn drop(&mut self) {
        let mut waiting = self.0.waiting();
        while let Some(next) = waiting.turns.first() {
            if next.word.send(Word::Serve).is_ok() {
                return;
            }
            waiting.turns.remove(0);
        }
        waiting.served = false;
    }
}

impl Bench {
    /// Does a command with those that wait at the same time; durable when it returns. While one sync is on its way those
    /// that come gather for the next one; nobody queues for the write guard whose answer is there already.
    pub(super) fn tell_together(&self, request: Request, uid: u32) -> Result<Receipt, Failure> {
        let (word, words) = channel();
        let serves = {
            let mut waiting = self.waiting();
            waiting.turns.push(Turn { request, uid, word });
            !std::mem::replace(&mut waiting.served, true)
        };
        if !serves {
            match words.recv() {
                Ok(Word::Answer(result)) => return *result,
                Ok(Word::Serve) => {}
                Err(_) => return Err(lost()),
            }
        }
        {
            let _next = PassOn(self);
            let writer = self.store.write();
            let turns: Vec<Turn> = {
                let mut waiting = self.waiting();
                let count = waiting.turns.len().min(MOST);
                waiting.turns.drain(..count).collect()
            };
            self.serve(writer, turns);
        }
        match words.try_recv() {
            Ok(Word::Answer(result)) => *result,
            _ => Err(lost()),
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides for each, makes all durable with one sync, then answers.
    fn serve(&self, writer: Writer<'_>, turns: Vec<Turn>) {
        let cell = RefCell::new(writer);
        let mut answers = Vec::with_capacity(turns.len());
        for turn in turns {
            let result = self.stage(&cell, turn.request, turn.uid);
            answers.push((turn.word, result));
        }
        let mut writer = cell.into_inner();
        let mut durable = writer.commit().map_err(Failure::from);
        drop(writer);
        if durable.is_ok() {
            let mut changed: Vec<Aggregate> = answers
                .iter()
                .filter_map(|(_, result)| result.as_ref().ok())
                .filter(|receipt| !receipt.repeated)
                .flat_map(|receipt| receipt.changed.iter().copied())
                .collect();
            changed.sort();
            changed.dedup();
            if !changed.is_empty() {
                durable = self.after(&changed);
            }
        }
        for (answer, result) in answers {
            let result = match &durable {
                Err(failure) if result.as_ref().is_ok_and(|receipt| !receipt.repeated) => {
                    Err(failure.clone())
                }
                _ => result,
            };
            // Whoever does not wait any more needs no answer.
            let _ = answer.send(Word::Answer(Box::new(result)));
        }
    }

    /// Decides a command and stages its entry.
    fn stage(
        &self,
        cell: &RefCell<Writer<'_>>,
        request: Request,
        uid: u32,
    ) -> Result<Receipt, Failure> {
        let Request { id, actor, command } = request;
        let (first, seq) = {
            let mut writer = cell.borrow_mut();
            (writer.answered(id)?, writer.next_dot(0).seq)
        };
        if let Some(first) = first {
            return self.receipt_of(&first);
        }
        genuine(&command)?;
        let view = View::new(cell, self.store.own_sites());
        let context = self.context(&view, &actor, seq, None);
        let decided = decide(&view, &context, &command).map_err(Failure::from);
        view.trouble()?;
        if is_not_found(&decided) {
            cell.borrow_mut().doubt_rows()?;
        }
        let decided = decided?;
        if decided.is_empty() {
            return Ok(Receipt {
                seq: 0,
                repeated: false,
                made: Vec::new(),
                changed: Vec::new(),
                lines: Vec::new(),
            });
        }
        let draft = draft(id, &actor, self.recorded_uid(uid), &context, &decided)?;
        let committed = cell.borrow_mut().stage(draft)?;
        Ok(receipt(&committed, &decided, &|key| self.printed(key)))
    }
}

/// The thread that served this command ended without a word.
fn lost() -> Failure {
    Failure::Store {
        words: "tagout met a fault of its own while it recorded this; the log says where. Look at the record before you \
                try again"
            .to_owned(),
        read_only: false,
        refused: false,
    }
}
