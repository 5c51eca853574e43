//! What bundles bring, as lines that a person reads: the same on the command line and on the screen.

use super::Arrived;

impl Arrived {
    /// Adds what came later: what waits is what waits then.
    pub fn add(&mut self, later: Self) {
        self.bundles += later.bundles;
        self.entries += later.entries;
        for line in later.taken {
            match self.taken.iter_mut().find(|known| known.site == line.site) {
                Some(known) => {
                    known.from = known.from.min(line.from);
                    known.to = known.to.max(line.to);
                }
                None => self.taken.push(line),
            }
        }
        for (kind, count) in later.things {
            match self.things.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, known)) => *known += count,
                None => self.things.push((kind, count)),
            }
        }
        self.waiting = later.waiting;
        self.forks.extend(later.forks);
        self.ahead.extend(later.ahead);
        for same in later.same_prefix {
            if !self.same_prefix.contains(&same) {
                self.same_prefix.push(same);
            }
        }
        self.broken = later.broken;
    }

    /// One line per thing worth knowing; `would` if nothing has been changed yet.
    pub fn lines(&self, would: bool) -> Vec<String> {
        let mut out = Vec::new();
        self.taken_lines(would, &mut out);
        for line in &self.waiting {
            out.push(format!(
                "{}: {}, {}: {}. {}",
                if line.waits { "Waiting" } else { "Refused" },
                line.site,
                records(line.from, line.to),
                line.why,
                line.advice
            ));
        }
        for fork in &self.forks {
            out.push(format!(
                "SECURITY: {} has two versions of record {} (the other came from {}). Two machines write under its name.",
                fork.site, fork.seq, fork.from
            ));
        }
        for ahead in &self.ahead {
            out.push(format!(
                "Clock: {} is {} ahead of the clock here (record {}). One of the two clocks is wrong; set it right.",
                ahead.site,
                duration(ahead.ahead_ms),
                ahead.seq
            ));
        }
        for (site, prefix) in &self.same_prefix {
            out.push(format!(
                "Numbers: {site} numbers its work orders {prefix}-… as this shop does. Change one with `tagout shop set \
                 --prefix`."
            ));
        }
        for broken in &self.broken {
            out.push(format!(
                "A bundle that waited cannot be read any more: {broken}"
            ));
        }
        out
    }

    fn taken_lines(&self, would: bool, out: &mut Vec<String>) {
        if self.entries == 0 {
            out.push(
                if self.waiting.is_empty() {
                    "Nothing new: all of it is here already."
                } else {
                    "Nothing can be taken in now."
                }
                .to_owned(),
            );
            return;
        }
        out.push(format!(
            "{} {}:",
            if would { "Would take in" } else { "Took in" },
            counted(self.entries, "record")
        ));
        for line in &self.taken {
            out.push(format!("  {}: {}", line.site, records(line.from, line.to)));
        }
        let things: Vec<String> = self
            .things
            .iter()
            .map(|(kind, count)| format!("{kind}: {count}"))
            .collect();
        if !things.is_empty() {
            out.push(format!("They are about {}.", things.join(", ")));
        }
    }
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s")
    }
}

/// Records in words.
pub fn records(from: u64, to: u64) -> String {
    if from == to {
        format!("record {from}")
    } else {
        format!("records {from} to {to}")
    }
}

fn duration(ms: u64) -> String {
    let minutes = ms / 60_000;
    match (minutes / 1440, minutes / 60, minutes) {
        (days @ 1.., _, _) => counted(days, "day"),
        (0, hours @ 1.., _) => counted(hours, "hour"),
        _ => counted(minutes, "minute"),
    }
}
