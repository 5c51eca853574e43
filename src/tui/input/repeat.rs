//! Tells a key held down from a key pressed again.
//!
//! Keyboards repeat a held key at 10.9 (Linux console) to 40 presses a second after a first pause of a quarter of a
//! second to a second; the fastest finger taps one key about seven times a second. So a press of the same key within
//! 100 ms is a repeat. The first repeat, after the pause, looks like an honest second press; if the key would answer
//! something it is therefore held for 100 ms, and is a repeat if the same key comes again in that time.
//!
//! Invariants: order is kept; only a key that answers is ever held, and for 100 ms at most.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::Press;

/// No hand presses one key again sooner.
const FASTEST_HAND: Duration = Duration::from_millis(100);
/// Within a run of repeats a late one (network jitter) still belongs to it.
const WITHIN_RUN: Duration = Duration::from_millis(150);
/// The pause before a keyboard starts to repeat is somewhere in here.
const SHORTEST_PAUSE: Duration = Duration::from_millis(150);
const LONGEST_PAUSE: Duration = Duration::from_millis(1100);

#[derive(Debug, Clone, Copy)]
struct Last {
    code: KeyCode,
    modifiers: KeyModifiers,
    at: Instant,
    repeat: bool,
}

/// The stage's memory.
#[derive(Debug, Default)]
pub(super) struct RepeatWatch {
    last: Option<Last>,
    held: Option<Press>,
}

impl RepeatWatch {
    /// Takes a key; `answers` says whether it would answer something. Returns what is now certain, in order.
    pub(super) fn feed(
        &mut self,
        key: KeyEvent,
        at: Instant,
        answers: bool,
    ) -> impl Iterator<Item = Press> + use<> {
        let same = self
            .last
            .filter(|last| last.code == key.code && last.modifiers == key.modifiers);
        let gap = same.map(|last| (at.saturating_duration_since(last.at), last.repeat));
        let repeat = key.kind == KeyEventKind::Repeat
            || gap.is_some_and(|(gap, in_run)| gap < FASTEST_HAND || (in_run && gap < WITHIN_RUN));
        let mut before = self.held.take();
        if let (Some(held), true) = (before.as_mut(), repeat) {
            // The held press was the first of the run.
            held.repeat = true;
        }
        self.last = Some(Last {
            code: key.code,
            modifiers: key.modifiers,
            at,
            repeat,
        });
        let press = Press {
            key,
            at,
            repeat,
            burst: false,
        };
        let doubtful = answers
            && !repeat
            && gap.is_some_and(|(gap, _)| (SHORTEST_PAUSE..=LONGEST_PAUSE).contains(&gap));
        let now = if doubtful {
            self.held = Some(press);
            None
        } else {
            Some(press)
        };
        before.into_iter().chain(now)
    }

    /// Lets the held key go when its time is over.
    pub(super) fn tick(&mut self, now: Instant) -> Option<Press> {
        self.wake_at().filter(|at| now >= *at)?;
        self.held.take()
    }

    pub(super) fn wake_at(&self) -> Option<Instant> {
        self.held.map(|press| press.at + FASTEST_HAND)
    }

    /// Lets the held key go at once.
    pub(super) fn flush(&mut self) -> Option<Press> {
        self.held.take()
    }

    /// Forgets a held key, but not which key came last.
    pub(super) fn clear(&mut self) {
        self.held = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Presses keys at the given milliseconds and returns (ms, repeat) in the order they come out, with a tick at the
    /// end of all waiting.
    fn play(keys: &[(char, u64)], answers: bool) -> Vec<(char, u64, bool)> {
        let start = Instant::now();
        let mut watch = RepeatWatch::default();
        let mut out = Vec::new();
        for (c, ms) in keys {
            let at = start + Duration::from_millis(*ms);
            out.extend(watch.tick(at));
            out.extend(watch.feed(KeyCode::Char(*c).into(), at, answers));
        }
        out.extend(watch.tick(start + Duration::from_secs(60)));
        out.iter()
            .map(|press| {
                let KeyCode::Char(c) = press.key.code else {
                    panic!("a character")
                };
                (
                    c,
                    press.at.duration_since(start).as_millis() as u64,
                    press.repeat,
                )
            })
            .collect()
    }

    #[test]
    fn a_held_key_counts_once() {
        for (pause, step) in [
            (250, 25),
            (500, 33),
            (660, 40),
            (375, 90),
            (225, 92),
            (1000, 33),
        ] {
            let mut keys = vec![('p', 0)];
            keys.extend((0..20).map(|i| ('p', pause + i * step)));
            let honest = play(&keys, true)
                .iter()
                .filter(|(_, _, repeat)| !repeat)
                .count();
            assert_eq!(honest, 1, "pause {pause} ms, then every {step} ms");
        }
    }

    #[test]
    fn a_hand_may_press_the_same_key_again() {
        for step in [140, 200, 400, 900, 3000] {
            let keys: Vec<_> = (0..8).map(|i| ('p', i * step)).collect();
            let out = play(&keys, true);
            assert!(
                out.iter().all(|(_, _, repeat)| !repeat),
                "every {step} ms: {out:?}"
            );
            assert_eq!(out.len(), 8);
        }
    }

    #[test]
    fn other_keys_are_never_repeats_and_order_is_kept() {
        let out = play(&[('p', 0), ('p', 400), ('q', 410), ('p', 420)], true);
        assert_eq!(
            out,
            [
                ('p', 0, false),
                ('p', 400, false),
                ('q', 410, false),
                ('p', 420, false)
            ]
        );
    }

    #[test]
    fn a_late_repeat_still_belongs_to_its_run() {
        let out = play(
            &[('p', 0), ('p', 500), ('p', 540), ('p', 680), ('p', 720)],
            true,
        );
        assert_eq!(out.iter().filter(|(_, _, repeat)| *repeat).count(), 4);
    }

    #[test]
    fn a_key_that_answers_nothing_is_never_held() {
        let start = Instant::now();
        let mut watch = RepeatWatch::default();
        assert_eq!(watch.feed(KeyCode::Down.into(), start, false).count(), 1);
        let later = start + Duration::from_millis(500);
        assert_eq!(watch.feed(KeyCode::Down.into(), later, false).count(), 1);
        assert_eq!(watch.wake_at(), None);
    }

    #[test]
    fn a_terminal_that_reports_repeats_is_believed() {
        let start = Instant::now();
        let mut watch = RepeatWatch::default();
        let key =
            KeyEvent::new_with_kind(KeyCode::Char('p'), KeyModifiers::NONE, KeyEventKind::Repeat);
        let out: Vec<_> = watch.feed(key, start, true).collect();
        assert!(out[0].repeat);
    }
}
