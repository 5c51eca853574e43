//! Depots in words: the same on the command line and on the screen.

use super::sheets::{DepotSheet, Synced};
use crate::bench::sync::records;

impl Synced {
    /// One line per thing worth knowing.
    pub fn lines(&self) -> Vec<String> {
        let mut out = Vec::new();
        let name = &self.name;
        let bundles = |n: usize| counted(n as u64, "bundle");
        out.push(match self.sent {
            0 => format!("{name}: nothing to send."),
            n => format!(
                "{name}: sent {} in {}.",
                counted(n, "record"),
                bundles(self.uploaded.len())
            ),
        });
        match (self.received, self.downloaded) {
            (0, 0) => out.push(format!("{name}: nothing new came.")),
            (0, n) => out.push(format!(
                "{name}: fetched {}; nothing new could be taken in.",
                bundles(n)
            )),
            (_, n) => out.push(format!("{name}: fetched {}.", bundles(n))),
        }
        if self.arrived.entries > 0
            || !self.arrived.waiting.is_empty()
            || !self.arrived.forks.is_empty()
            || !self.arrived.broken.is_empty()
        {
            let lines = self.arrived.lines(false);
            let none = self.arrived.entries == 0;
            out.extend(lines.into_iter().skip(usize::from(none)));
        }
        for (site, from, to) in &self.gaps {
            out.push(format!(
                "Missing there: {site}, {}. What follows them waits; it comes when a shop that has them syncs.",
                records(*from, *to)
            ));
        }
        for site in &self.sealed {
            out.push(format!(
                "Encrypted for others: what {site} put there. It cannot be read here until that shop trusts this one and \
                 syncs again (`tagout site trust` there)."
            ));
        }
        for (site, lacks) in self.behind.iter().filter(|(_, lacks)| *lacks > 0) {
            out.push(format!(
                "{site} had {} less than this shop when it synced last.",
                counted(*lacks, "record")
            ));
        }
        if self.replaced > 0 {
            out.push(format!(
                "{name}: put {} of this shop together.",
                bundles(self.replaced)
            ));
        }
        for warning in &self.warnings {
            out.push(format!("Warning: {warning}."));
        }
        out
    }
}

impl DepotSheet {
    /// How often it is synced, in words.
    pub fn when(&self) -> String {
        match self.depot.every {
            Some(seconds) => format!("every {}", every_words(seconds)),
            None => "by hand".to_owned(),
        }
    }

    /// Its state in a few words.
    pub fn state(&self) -> String {
        match (&self.running, &self.last.trouble) {
            (Some(step), _) => step.clone(),
            (None, _) if self.absent => "the folder is not there now".to_owned(),
            (None, Some(trouble)) => format!("trouble: {trouble}"),
            (None, None) if self.last.good_us == 0 => "never synced".to_owned(),
            (None, None) => String::new(),
        }
    }
}

/// A span of time as it may be typed: `90s`, `5m`, `2h`.
pub fn every_words(seconds: u64) -> String {
    match seconds {
        s if s >= 3600 && s.is_multiple_of(3600) => format!("{}h", s / 3600),
        s if s >= 60 && s.is_multiple_of(60) => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s")
    }
}
