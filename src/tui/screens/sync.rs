//! Exchange with other shops: the sites, what bundles would bring, what they brought.
//!
//! Invariants: nothing is taken in before the technician has seen what it is; a site is trusted only from a form that shows
//! the words to compare; long work runs beside the screen.

mod depots;
mod job;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::form::{Entry, Form};
use crate::bench::Failure;
use crate::bench::clock;
use crate::bench::query::{Receipt, ShopFacts};
use crate::bench::sync::{Arrived, ExportAsk, Scope, SiteAct, SiteSheet};
use crate::domain::id::SiteId;
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Screen, Tone};
use crate::tui::input::Press;
use crate::tui::view::list::{self, Selection, belongs};
use crate::tui::view::text::{LineMaker, wrap};
use crate::tui::view::{Look, Role, below, panel};

use depots::Depots;
use job::{Ended, Job, Wish};

/// What a form asks for; the screen takes it when the form is closed.
type Letter = Rc<RefCell<Option<Wish>>>;

/// The screen.
#[derive(Default)]
pub struct Sync {
    sites: Vec<SiteSheet>,
    shop: Option<ShopFacts>,
    depots: Depots,
    selection: Selection,
    focused: bool,
    letter: Letter,
    job: Option<Job>,
    /// What the last job had to say, until the selection moves.
    report: Vec<String>,
    /// Bundles were looked at and can be taken in.
    ready: bool,
    trouble: Option<String>,
}

impl Sync {
    /// The screen; sites are read when it comes to the front.
    pub fn new() -> Self {
        Self::default()
    }

    fn site(&self) -> Option<&SiteSheet> {
        self.sites.get(self.selection.at())
    }

    /// A time as people of this shop read it.
    fn minute(&self, us: i64) -> String {
        self.shop
            .as_ref()
            .map_or_else(String::new, |shop| clock::minute(us, shop))
    }

    fn id(sheet: &SiteSheet) -> Option<SiteId> {
        sheet.site.id.parse().ok()
    }

    fn start(&mut self, wish: Wish, cx: &Cx<'_>) {
        self.report.clear();
        self.ready = false;
        self.job = Some(Job::start(cx.session, wish));
    }

    fn ended(&mut self, ended: Ended, cx: &mut Cx<'_>) {
        self.job = None;
        match ended {
            Ended::Looked(arrived) => {
                self.ready = arrived.entries > 0 || arrived.waiting.iter().any(|w| w.waits);
                self.report = arrived.lines(true);
                self.report.extend(self.how_to_go_on(&arrived, cx));
            }
            Ended::TookIn(arrived) => {
                self.report = arrived.lines(false);
                cx.say(Tone::Good, "Taken in. Both sides' work is kept.");
            }
            Ended::Done(lines) => self.report = lines,
            Ended::Failed(words) => {
                cx.say(Tone::Bad, words.clone());
                cx.wish(Effect::Bell);
                self.report = vec![words];
            }
        }
    }

    /// What was started here may be at its end.
    fn synced(&mut self, cx: &mut Cx<'_>) {
        if let Some((lines, well)) = self.depots.ended() {
            self.report = lines;
            if well {
                cx.say(Tone::Good, "Synced.");
            } else {
                cx.say(Tone::Bad, "Not all was synced. Your records are safe.");
                cx.wish(Effect::Bell);
            }
            self.refresh(cx);
        }
    }

    fn how_to_go_on(&self, arrived: &Arrived, cx: &Cx<'_>) -> Option<String> {
        let key = cx.key(Context::Sync, Action::TakeIn);
        match (self.ready, arrived.entries) {
            (true, 0) => Some(format!("{key} keeps them until they can be taken in.")),
            (true, _) => Some(format!("{key} takes it in. Nothing has been changed yet.")),
            (false, _) => None,
        }
    }

    /// A form for a path; what follows from it is left in the letter.
    fn path_form(
        &self,
        title: &str,
        intro: &str,
        wish: impl Fn(PathBuf) -> Wish + 'static,
    ) -> Effect {
        let letter = Rc::clone(&self.letter);
        let form = Form::new(
            title,
            vec![
                Entry::line("File or folder")
                    .needed()
                    .hint("like /media/stick"),
            ],
            move |values| {
                let path = home(&values.text(0));
                *letter.borrow_mut() = Some(wish(path));
                Ok(Vec::new())
            },
        );
        Effect::Open(Box::new(form.intro(intro)))
    }

    fn say_form(&self, action: Action) -> Option<Effect> {
        let sheet = self.site()?;
        let id = Self::id(sheet)?;
        let letter = Rc::clone(&self.letter);
        let name = sheet.site.to_string();
        let send = move |act: fn(String) -> SiteAct| {
            move |values: &super::form::Values<'_>| {
                *letter.borrow_mut() = Some(Wish::Say(id, act(values.text(0))));
                Ok(Vec::new())
            }
        };
        let form = match action {
            Action::TrustSite => Form::new(
                format!("Trust {name}?"),
                vec![Entry::line("Name here").hint("empty: as it calls itself")],
                send(|name| SiteAct::Trust { name }),
            )
            .intro(format!(
                "Read these words to the other shop, by telephone or face to face. Only if theirs are the same, save: {}.",
                sheet.words.join(" ")
            )),
            Action::RevokeSite => Form::new(
                format!("Revoke {name}?"),
                vec![Entry::line("Why").needed().hint("like: laptop stolen")],
                send(|reason| SiteAct::Revoke { reason }),
            )
            .intro("What it wrote up to now stays. What it writes from now on is refused, here and in the shops that trust this one. This is never taken back."),
            _ => Form::new(
                format!("Name of {name}"),
                vec![Entry::line("Name here").holding(&sheet.site.name)],
                send(|name| SiteAct::Rename { name }),
            ),
        };
        Some(Effect::Open(Box::new(form)))
    }

    /// Bundles for the site in front, or with everything if that is the shop itself.
    fn export_form(&self) -> Option<Effect> {
        let sheet = self.site()?;
        let scope = if sheet.own {
            Scope::All
        } else {
            Scope::For(Self::id(sheet)?)
        };
        let intro = match &scope {
            Scope::For(_) => format!(
                "Writes what {} is not known to have. A folder takes the bundle under its own name.",
                sheet.site
            ),
            _ => "Writes all records. A folder takes the bundle under its own name.".to_owned(),
        };
        Some(self.path_form("Export a bundle", &intro, move |path| {
            let ask = ExportAsk {
                scope: scope.clone(),
                readers: Vec::new(),
                limit: 0,
            };
            Wish::Export(ask, path)
        }))
    }

    fn below(&self, columns: usize) -> Vec<(Role, String)> {
        let wrapped = |role, text: &str| -> Vec<(Role, String)> {
            wrap(text, columns.saturating_sub(2))
                .into_iter()
                .map(|line| (role, format!(" {line}")))
                .collect()
        };
        if let Some(job) = &self.job {
            return wrapped(Role::Strong, &job.step);
        }
        if self.depots.runs() {
            return wrapped(Role::Strong, &self.depots.step());
        }
        if !self.report.is_empty() {
            return self
                .report
                .iter()
                .flat_map(|line| {
                    let loud = line.starts_with("SECURITY") || line.starts_with("Refused");
                    wrapped(if loud { Role::Bad } else { Role::Text }, line)
                })
                .collect();
        }
        let Some(sheet) = self.site() else {
            return Vec::new();
        };
        let mut out = Vec::new();
        if sheet.current {
            let wrong = self.depots.trouble();
            out.extend(wrong.iter().flat_map(|words| wrapped(Role::Bad, words)));
        }
        out.extend(wrapped(Role::Strong, &sheet.site.to_string()));
        let mut line = |role, text: String| out.extend(wrapped(role, &text));
        for seq in &sheet.forks {
            line(
                Role::Bad,
                format!(
                    "SECURITY: two versions of record {seq}: two machines write under this name."
                ),
            );
        }
        if let Some(after) = sheet.revoked_after {
            line(
                Role::Bad,
                format!("Revoked after record {after}: {}", sheet.revoked_because),
            );
        }
        if let Some(before) = &sheet.continues {
            line(
                Role::Text,
                format!(
                    "Continues {before}, after a restored backup, a rollback or a copied disk."
                ),
            );
        }
        line(
            Role::Text,
            match (sheet.last, sheet.last_us) {
                (0, _) | (_, None) => "No records of it are here.".to_owned(),
                (last, Some(us)) => {
                    format!("Records 1 to {last}, the last written {}.", self.minute(us))
                }
            },
        );
        if sheet.lacks > 0 {
            line(
                Role::Text,
                format!(
                    "It is not known to have {} records of this store.",
                    sheet.lacks
                ),
            );
        }
        if let Some(ms) = sheet.ahead_ms {
            line(
                Role::Warn,
                format!(
                    "Its clock was {} minutes ahead of the clock here.",
                    ms / 60_000
                ),
            );
        }
        line(Role::Dim, format!("Its words: {}", sheet.words.join(" ")));
        out
    }
}

/// A path with `~` for the technician's own folder.
fn home(text: &str) -> PathBuf {
    match (text.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(text),
    }
}

impl Screen for Sync {
    fn contexts(&self) -> Vec<Context> {
        vec![Context::Sync]
    }

    fn title(&self) -> String {
        "Sync".to_owned()
    }

    fn availability(&self, action: Action) -> Availability {
        let no = |why: &str| Availability::Disabled(why.to_owned());
        if !belongs(action, Context::Sync) {
            return no("This is not for the exchange with other shops.");
        }
        if list::moves(action) {
            return Availability::Ready;
        }
        if self.job.is_some() || self.depots.runs() {
            return no("Wait until this is done.");
        }
        let own = self.site().is_none_or(|sheet| sheet.own);
        match action {
            Action::TakeIn if !self.ready => {
                no("Look at a bundle first: import shows what it would bring.")
            }
            Action::SyncNow if self.depots.is_empty() => {
                no("No depot is set up: tagout depot add NAME FOLDER.")
            }
            Action::TrustSite | Action::RevokeSite if own => no("This is the shop itself."),
            Action::TrustSite if self.site().is_some_and(|s| s.trust == "trusted") => {
                no("It is trusted already.")
            }
            Action::TrustSite | Action::RevokeSite
                if self.site().is_some_and(|s| s.trust == "revoked") =>
            {
                no("It was revoked, and that is never taken back.")
            }
            _ => Availability::Ready,
        }
    }

    fn run(&mut self, action: Action, _press: &Press, cx: &mut Cx<'_>) {
        if self.selection.run(action, self.sites.len()) {
            self.report.clear();
            self.ready = false;
            return;
        }
        match action {
            Action::ImportBundle => {
                let intro = "Shows what the bundle would bring. Nothing is changed by looking.";
                cx.wish(self.path_form("Import a bundle", intro, Wish::Look));
            }
            Action::TakeIn => self.start(Wish::TakeIn, cx),
            Action::SyncNow => {
                self.report.clear();
                if let Err(failure) = self.depots.start(cx.session) {
                    self.ended(Ended::Failed(failure.to_string()), cx);
                }
            }
            Action::ExportBundle => cx.effects.extend(self.export_form()),
            Action::TrustSite | Action::RevokeSite | Action::RenameSite => {
                cx.effects.extend(self.say_form(action));
            }
            Action::Copy => {
                if let Some(sheet) = self.site() {
                    cx.wish(Effect::Copy(sheet.words.join(" ")));
                }
            }
            _ => {}
        }
    }

    fn typed(&mut self, _key: KeyCombo, _press: &Press, _cx: &mut Cx<'_>) -> bool {
        false
    }

    fn told(&mut self, _result: &Result<Receipt, Failure>, _cx: &mut Cx<'_>) {}

    fn refresh(&mut self, cx: &mut Cx<'_>) {
        let wish = self.letter.borrow_mut().take();
        if let Some(wish) = wish {
            self.start(wish, cx);
            return;
        }
        if self.job.is_some() {
            return;
        }
        let before = self.site().map(|sheet| sheet.site.id.clone());
        let looked = cx.session.shop().and_then(|shop| {
            let sites = cx.session.sites()?;
            Ok((shop, sites))
        });
        match looked {
            Ok((shop, sites)) => {
                self.sites = sites;
                self.shop = Some(shop);
                self.trouble = None;
            }
            Err(failure) => self.trouble = Some(failure.to_string()),
        }
        if let Err(failure) = self.depots.read(cx.session) {
            self.report = vec![failure.to_string()];
        }
        let at = before.and_then(|id| self.sites.iter().position(|s| s.site.id == id));
        if let Some(at) = at {
            self.selection.set(at);
        }
        self.selection.clamp(self.sites.len());
    }

    fn woken(&mut self, cx: &mut Cx<'_>) {
        if let Some(ended) = self.job.as_mut().and_then(Job::hear) {
            self.ended(ended, cx);
            self.refresh(cx);
        }
        if self.depots.runs() && self.depots.read(cx.session).is_ok() {
            self.synced(cx);
        }
    }

    fn wake_in(&self) -> Option<Duration> {
        if self.depots.runs() {
            return Some(Duration::from_millis(250));
        }
        self.job.as_ref().map(|_| Duration::from_millis(100))
    }

    fn focus(&mut self, on: bool) {
        self.focused = on;
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        if let Some(trouble) = &self.trouble {
            let lines = wrap(trouble, (area.width as usize).saturating_sub(2));
            panel::lines(
                frame,
                area,
                lines.into_iter().map(|line| Line::from(format!(" {line}"))),
            );
            return;
        }
        let area = self.depots.draw(frame, area, look, &|us| self.minute(us));
        let below = self.below(area.width as usize);
        let below = below
            .into_iter()
            .map(|(role, text)| Line::styled(text, look.style(role)))
            .collect();
        let most = area.height.saturating_sub(3).max(1);
        let counted = (&self.selection, self.sites.len());
        let rows = below::draw(frame, area, look, counted, below, most);
        list::draw(
            frame,
            rows,
            look,
            &self.selection,
            self.sites.len(),
            self.focused,
            |at| {
                let mut line = LineMaker::new(area.width);
                if let Some(sheet) = self.sites.get(at) {
                    site_line(&mut line, sheet, look);
                }
                line.filled(look.style(Role::Text))
            },
        );
    }
}

fn site_line(line: &mut LineMaker, sheet: &SiteSheet, look: &Look) {
    let (words, role) = match (sheet.current, sheet.trust.as_str()) {
        (true, _) => ("this shop", Role::Text),
        (_, "own") => ("this shop before", Role::Dim),
        (_, "trusted") => ("trusted", Role::Text),
        (_, "revoked") => ("revoked", Role::Bad),
        _ => ("unknown, waits", Role::Warn),
    };
    let mark = if sheet.forks.is_empty() {
        "   "
    } else {
        " ▲ "
    };
    let name = if sheet.site.name.is_empty() {
        &sheet.site.short
    } else {
        &sheet.site.name
    };
    line.add(mark, look.style(Role::Warn));
    line.column(name, 24, look.style(Role::Strong));
    line.add(" ", look.style(Role::Text));
    line.column(&sheet.site.short, 8, look.style(Role::Dim));
    line.add("  ", look.style(Role::Text));
    line.column(words, 16, look.style(role));
    let lacks = match sheet.lacks {
        0 => String::new(),
        n => format!(" lacks {n}"),
    };
    line.add(&lacks, look.style(Role::Text));
}
