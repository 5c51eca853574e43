//! What runs with depots in this process: one exchange at a time, and when to stop.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::files::DepotSetting;
use super::sheets::LastSync;

/// What is shared by the bench and the threads that exchange. It holds no part of the store.
#[derive(Debug, Default)]
pub struct Depots {
    state: Mutex<State>,
    changed: Condvar,
    stopping: AtomicBool,
}

/// What is known in memory.
#[derive(Debug, Default)]
struct State {
    /// What was set up, once it was read.
    list: Option<Vec<DepotSetting>>,
    /// How the last exchange with each ended.
    last: BTreeMap<String, LastSync>,
    /// The depot that is being exchanged with, and how far that is.
    running: Option<(String, String)>,
    /// Counts what happened, so that whoever waits knows that something did.
    news: u64,
}

/// The turn to exchange; it ends when dropped.
pub struct Turn<'a>(&'a Depots);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.state().running = None;
        self.0.nudge();
    }
}

impl Depots {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was set up, if that was read already.
    pub fn list(&self) -> Option<Vec<DepotSetting>> {
        self.state().list.clone()
    }

    /// Remembers what was set up.
    pub fn set_list(&self, list: Vec<DepotSetting>) {
        self.state().list = Some(list);
        self.nudge();
    }

    /// How the last exchange with a depot ended.
    pub fn last(&self, name: &str) -> LastSync {
        self.state().last.get(name).cloned().unwrap_or_default()
    }

    /// Remembers how an exchange ended.
    pub fn set_last(&self, name: &str, last: LastSync) {
        self.state().last.insert(name.to_owned(), last);
    }

    /// Something happened: whoever waits looks again.
    pub fn nudge(&self) {
        let mut state = self.state();
        state.news += 1;
        drop(state);
        self.changed.notify_all();
    }

    /// How often something happened.
    pub fn news(&self) -> u64 {
        self.state().news
    }

    /// Waits until something happens that was not counted yet, at most so long; the new count.
    pub fn wait(&self, seen: u64, longest: Option<Duration>) -> u64 {
        let end = longest.map(|longest| Instant::now() + longest);
        let mut state = self.state();
        while state.news == seen && !self.is_stopping() {
            state = match end {
                None => self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(end) => {
                    let left = end.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        break;
                    }
                    self.changed
                        .wait_timeout(state, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
        state.news
    }

    /// Waits for the turn to exchange with this depot; `None` when everything is being stopped. `hear` is told the name of
    /// the depot that is waited for.
    pub fn turn(&self, name: &str, hear: &mut dyn FnMut(&str)) -> Option<Turn<'_>> {
        let mut state = self.state();
        loop {
            if self.is_stopping() {
                return None;
            }
            match &state.running {
                None => break,
                Some((other, _)) => hear(&other.clone()),
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.running = Some((name.to_owned(), "starting".to_owned()));
        Some(Turn(self))
    }

    /// Notes how far the running exchange is. Nobody is woken for that.
    pub fn at(&self, step: &str) {
        if let Some((_, words)) = &mut self.state().running {
            step.clone_into(words);
        }
    }

    /// What runs: the depot, and how far it is.
    pub fn running(&self) -> Option<(String, String)> {
        self.state().running.clone()
    }

    /// Everything ends at its next safe place.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.nudge();
    }

    /// Everything is to end.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Waits until nothing runs, at most so long.
    pub fn wait_until_quiet(&self, longest: Duration) {
        let end = Instant::now() + longest;
        let mut state = self.state();
        while state.running.is_some() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_exchange_at_a_time_and_none_when_it_stops() {
        let depots = Depots::default();
        let turn = depots.turn("a", &mut |_| {}).unwrap();
        depots.at("looking");
        assert_eq!(
            depots.running(),
            Some(("a".to_owned(), "looking".to_owned()))
        );
        std::thread::scope(|scope| {
            let second = scope.spawn(|| {
                let mut waited = Vec::new();
                let turn = depots.turn("b", &mut |other| waited.push(other.to_owned()));
                (turn.is_some(), waited)
            });
            drop(turn);
            let (got, waited) = second.join().unwrap();
            assert!(got && waited.iter().all(|other| other == "a"));
        });
        let seen = depots.news();
        assert_eq!(depots.wait(seen, Some(Duration::from_millis(1))), seen);
        depots.stop();
        assert!(depots.turn("a", &mut |_| {}).is_none());
        assert_eq!(depots.running(), None);
    }
}
