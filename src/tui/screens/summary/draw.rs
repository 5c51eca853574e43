//! The end of an inspection drawn: outcome, reasons, what is missing, repairs, time, signatures.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{Front, Summary};
use crate::domain::device::Outcome;
use crate::domain::inspection::{Answered, PlanItem, PlanPoint};
use crate::tui::screens::steps::paint::{self, Tint, cut, line, pad, verdict_mark, wrap};
use crate::tui::screens::steps::panel::labelled;
use crate::tui::screens::steps::words;
use crate::tui::view::Look;

impl Summary {
    pub(super) fn paint(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        let area = paint::inset(area);
        let width = area.width as usize;
        let height = area.height as usize;
        if let Front::Text(title, lines, first) = &self.front {
            let mut out = vec![line(look, Tint::Strong, cut(look, title, width))];
            out.extend(
                lines
                    .iter()
                    .skip(*first)
                    .take(height.saturating_sub(1))
                    .map(|text| line(look, Tint::Plain, cut(look, text, width))),
            );
            paint::lines(frame, area, out);
            return;
        }
        let lines = match &self.trouble {
            Some(trouble) => wrap(trouble, width)
                .into_iter()
                .map(|t| line(look, Tint::Bad, t))
                .collect(),
            None => self.page(look, width, height),
        };
        paint::lines(frame, area, lines);
        if let Front::Sign(form, _) | Front::Note(form) = &self.front {
            form.draw(frame, area, look);
        }
    }

    /// How many steps say what: `13 asked: 11 pass, 1 recorded, 1 n/a`.
    fn counts(&self) -> String {
        let mut counts: Vec<(&'static str, usize)> = Vec::new();
        for item in self.plan.items.iter().filter(|i| i.asked.is_asked()) {
            let word = item
                .verdict()
                .map_or("open", |verdict| paint::verdict_mark(verdict).word);
            match counts.iter_mut().find(|(known, _)| *known == word) {
                Some((_, count)) => *count += 1,
                None => counts.push((word, 1)),
            }
        }
        let parts: Vec<String> = counts
            .iter()
            .map(|(word, count)| format!("{count} {word}"))
            .collect();
        format!("{} asked: {}", self.plan.total, parts.join(", "))
    }

    fn page(&self, look: &Look, width: usize, height: usize) -> Vec<Line<'static>> {
        let (Some(sheet), Some((ended, because))) = (&self.sheet, &self.ends) else {
            return vec![line(look, Tint::Plain, "Reading the inspection.")];
        };
        let inspection = &sheet.inspection;
        let mut top = Vec::new();
        let device = format!(
            "{}  {}  {}",
            sheet.device.tag,
            sheet.device.name(),
            sheet.order
        );
        top.push(line(look, Tint::Strong, cut(look, &device, width)));
        let (_, unverified) = words::procedure(sheet);
        if height > 14 {
            let words = words::activity(sheet);
            top.push(line(look, Tint::Dim, cut(look, &words, width)));
        }
        if unverified {
            top.push(line(
                look,
                Tint::Warn,
                cut(look, &words::banner(sheet), width),
            ));
        }
        let (mark, tint) = match ended {
            Outcome::Passed | Outcome::Corrected => ("✓", Tint::Good),
            Outcome::Failed | Outcome::DoNotUse => ("✗", Tint::Bad),
            Outcome::Undecided => ("?", Tint::Warn),
        };
        let mark = match (look.ascii, mark) {
            (true, "✓") => "+",
            (true, "✗") => "x",
            (_, mark) => mark,
        };
        let so_far = if self.plan.missing.is_empty() || !self.is_open() {
            ""
        } else {
            " (as it stands now)"
        };
        let label = if *ended == Outcome::DoNotUse {
            "DO NOT USE"
        } else {
            ended.label()
        };
        top.extend(labelled(
            look,
            width,
            tint,
            "Outcome",
            &format!("{mark} {label}{so_far}"),
        ));
        let mut why = Vec::new();
        for (i, reason) in because.iter().enumerate() {
            let label = if i == 0 { "Because" } else { "" };
            why.extend(labelled(look, width, Tint::Plain, label, reason));
        }
        let mut facts = Vec::new();
        for (i, (step, number)) in sheet.repairs.iter().enumerate() {
            let title = self
                .plan
                .item(step)
                .map_or("", |item| item.step.title.as_str());
            let label = if i == 0 { "Repairs" } else { "" };
            facts.extend(labelled(
                look,
                width,
                Tint::Plain,
                label,
                &format!("{number}  {title}"),
            ));
        }
        facts.extend(labelled(look, width, Tint::Plain, "Steps", &self.counts()));
        let time = if self.is_signed() {
            format!("{} min", self.minutes)
        } else {
            format!("{} min proposed", self.minutes)
        };
        facts.extend(labelled(look, width, Tint::Plain, "Time", &time));
        for (i, signature) in inspection.signatures.iter().enumerate() {
            let label = if i == 0 { "Signed" } else { "" };
            let words = format!(
                "{} {}, {}",
                signature.meaning,
                signature.name,
                signature.at.minute()
            );
            facts.extend(labelled(look, width, Tint::Good, label, &words));
        }
        if let Some(check) = &self.check {
            let words = if check.ok {
                format!("signatures hold; digest {}", check.digest)
            } else {
                format!("DOES NOT HOLD: {}", check.problems.join("; "))
            };
            let tint = if check.ok { Tint::Dim } else { Tint::Bad };
            facts.extend(labelled(look, width, tint, "Check", &words));
        }
        for other in &sheet.others {
            let ended = other
                .outcome
                .map_or_else(|| other.status.to_string(), |outcome| outcome.to_string());
            let words = format!("{} by {}: {ended}", other.performed, other.holder);
            facts.extend(labelled(look, width, Tint::Warn, "Also done", &words));
        }
        for conflict in inspection.conflicts() {
            let sides: Vec<&str> = conflict.sides.iter().map(|s| s.value.as_str()).collect();
            let words = format!("≠ {}: {}", conflict.label, sides.join(" | "));
            facts.extend(labelled(look, width, Tint::Warn, "Conflict", &words));
        }
        if let Some((reason, _)) = &inspection.void {
            facts.extend(labelled(look, width, Tint::Bad, "Void", reason));
        }
        for (step, note) in &inspection.notes {
            if step.is_none() {
                facts.extend(labelled(look, width, Tint::Dim, "Note", &note.text));
            }
        }

        // The list of steps takes what is left, at least three lines; the reasons give way first.
        let wanted = self.rows.len() + usize::from(!self.rows.is_empty()) * 2;
        let room = height.saturating_sub(top.len());
        let list = wanted.min((room / 2).max(3));
        let mut rest = room.saturating_sub(list);
        facts.truncate(rest);
        rest -= facts.len();
        if why.len() > rest {
            why.truncate(rest.saturating_sub(1));
            why.push(line(look, Tint::Dim, "          and more: see the record"));
            why.truncate(rest);
        }
        let mut out = top;
        out.extend(why);
        out.extend(facts);
        if !self.rows.is_empty() {
            let missing = self.rows.iter().filter(|r| r.missing).count();
            let heading = match missing {
                0 => "To look at again:".to_owned(),
                1 => "1 step is missing:".to_owned(),
                n => format!("{n} steps are missing:"),
            };
            if out.len() + 2 < height {
                out.push(Line::default());
            }
            out.push(line(look, Tint::Strong, heading));
            let shown = height.saturating_sub(out.len()).max(1);
            // Where there is room for all of it nothing is cut.
            let wrapped: Vec<Vec<String>> = self
                .rows
                .iter()
                .map(|row| wrap(&row.words, width.saturating_sub(3)))
                .collect();
            let whole = wrapped.iter().map(Vec::len).sum::<usize>() <= shown;
            let first = (self.at + 1).saturating_sub(shown);
            for (i, row) in self.rows.iter().enumerate().skip(first).take(shown) {
                let sign = if row.missing { "·" } else { "!" };
                let sign = if look.ascii && row.missing { "." } else { sign };
                let tint = match (i == self.at, row.missing) {
                    (true, _) => Tint::Chosen,
                    (false, true) => Tint::Warn,
                    (false, false) => Tint::Plain,
                };
                let cut_short = [row.words.clone()];
                let words = match wrapped.get(i) {
                    Some(words) if whole => words.as_slice(),
                    _ => &cut_short,
                };
                for (at, words) in words.iter().enumerate() {
                    let sign = if at == 0 { sign } else { " " };
                    let text = pad(look, &format!(" {sign} {words}"), width);
                    out.push(line(look, tint, text));
                }
            }
        }
        self.add_answers(look, width, height, &mut out);
        out
    }

    /// Every answer, as far as there is room: what a signature stands for can be read before it is given.
    fn add_answers(&self, look: &Look, width: usize, height: usize, out: &mut Vec<Line<'static>>) {
        let answered: Vec<(&PlanItem, &PlanPoint, &Answered)> = self
            .plan
            .items
            .iter()
            .flat_map(|item| item.points.iter().map(move |point| (item, point)))
            .filter_map(|(item, point)| Some((item, point, point.current()?)))
            .collect();
        let room = height.saturating_sub(out.len() + 2);
        if answered.is_empty() || room < 2 {
            return;
        }
        out.push(Line::default());
        out.push(line(look, Tint::Strong, "Answers:"));
        let all = answered.len();
        let shown = if all > room { room - 1 } else { all };
        for (item, point, answer) in answered.into_iter().take(shown) {
            let mark = verdict_mark(answer.verdict);
            let judged = paint::fit_glyphs(look, words::judged(look, answer));
            let title = match point.label.as_str() {
                "" => item.step.title.clone(),
                label => format!("{} at {label}", item.step.title),
            };
            // The answer has the room that the title leaves, and half of the line in any case.
            let spare = width.saturating_sub(title.chars().count() + 5);
            let judged = cut(look, &judged, spare.max(width / 2));
            let side = judged.chars().count();
            let title = pad(look, &title, width.saturating_sub(side + 4));
            let text = format!(" {} {title} {judged}", mark.sign(look));
            let tint = match mark.tint {
                Tint::Good => Tint::Plain,
                other => other,
            };
            out.push(line(look, tint, text));
        }
        if shown < all {
            let words = format!("   and {} more on the record", all - shown);
            out.push(line(look, Tint::Dim, cut(look, &words, width)));
        }
    }
}
