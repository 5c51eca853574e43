//! One device: alerts first, then what waits to be done, then the record.
//!
//! Invariants: whatever must be known before touching the device stands above everything else and does not scroll away;
//! unknown is written as unknown; every change goes through a form and keeps the old value.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::choose::Choose;
use super::page::Page;
use super::{dialogs, words};
use crate::bench::Failure;
use crate::bench::query::{DeviceSheet, Receipt};
use crate::domain::device::{Field, Value, Whereabouts};
use crate::domain::id::EntityId;
use crate::domain::inspection::InspectionStatus;
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Place, Screen, Tone};
use crate::tui::input::Press;
use crate::tui::view::list::belongs;
use crate::tui::view::text::{LineMaker, cut, wrap};
use crate::tui::view::{Look, Role, panel};

/// What a row of the page stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Target {
    Field(Field),
    Order(EntityId),
    Inspection(EntityId, bool),
    Device(EntityId),
    Conflict,
}

/// Fields that are shown even while they are empty.
const ALWAYS: [Field; 9] = [
    Field::Serial,
    Field::Manufacturer,
    Field::Model,
    Field::TypeName,
    Field::Department,
    Field::Location,
    Field::HighRisk,
    Field::ProtectionClass,
    Field::StoresEphi,
];

/// A device's page.
pub struct DeviceScreen {
    id: EntityId,
    sheet: Option<DeviceSheet>,
    today: chrono::NaiveDate,
    page: Page<Target>,
    trouble: Option<String>,
    focused: bool,
    people: words::People,
}

impl DeviceScreen {
    /// The page of this device; it is read when it comes to the front.
    pub fn new(id: EntityId) -> Self {
        Self {
            id,
            sheet: None,
            today: chrono::NaiveDate::MIN,
            page: Page::new(18),
            trouble: None,
            focused: false,
            people: words::People::default(),
        }
    }

    fn tag(&self) -> String {
        self.sheet
            .as_ref()
            .map(|sheet| sheet.device.tag())
            .unwrap_or_default()
    }

    /// How much work waits.
    fn waiting(&self) -> Option<(Role, String)> {
        let sheet = self.sheet.as_ref()?;
        let open = sheet.open_orders.len();
        let overdue = sheet.open_orders.iter().filter(|o| o.overdue).count();
        let words = words::count(open, "work order is open", "work orders are open");
        let late = match overdue {
            0 => String::new(),
            n if n == open => ", overdue".to_owned(),
            n => format!(", {n} of them overdue"),
        };
        (open > 0).then(|| (Role::Warn, format!("{words}{late}.")))
    }

    /// What must be known before work: warnings of the bench, and dates that the record itself shows.
    fn alerts(&self) -> Vec<(Role, String)> {
        let Some(sheet) = &self.sheet else {
            return Vec::new();
        };
        let device = &sheet.device;
        let mut out: Vec<(Role, String)> = Vec::new();
        if let Some(card) = &sheet.stands_for {
            out.push((
                Role::Bad,
                format!("This record was combined into {}.", card.tag),
            ));
        }
        // Warnings name the device they are about; here only another one's name says anything. Its own orders stand
        // below one by one, so here their number is enough.
        let own = format!("{}: ", device.tag());
        let words = sheet
            .warnings
            .iter()
            .map(|warning| warning.strip_prefix(&own).unwrap_or(warning))
            .filter(|words| !words.starts_with("open order "));
        out.extend(words.map(|words| (Role::Bad, words.to_owned())));
        if device.key(Field::StoresEphi) == "yes" {
            out.push((Role::Warn, "Stores patient information (ePHI).".to_owned()));
        }
        if let Some(end) = device.date(Field::WarrantyEnd)
            && end >= self.today
        {
            out.push((Role::Warn, format!("Under warranty until {end}.")));
        }
        if let Some(day) = device.date(Field::ReturnBy) {
            let words = if day < self.today {
                format!("Should have gone back to its owner on {day}.")
            } else {
                format!("Goes back to its owner by {day}.")
            };
            out.push((Role::Warn, words));
        }
        match &device.whereabouts {
            Whereabouts::AtLocation => {}
            Whereabouts::Missing { searched } => {
                out.push((Role::Bad, format!("Missing. Searched: {searched}.")));
            }
            elsewhere => out.push((Role::Warn, format!("Now {}.", elsewhere.words()))),
        }
        out
    }

    fn build(&self, sheet: &DeviceSheet) -> Page<Target> {
        let mut page = Page::new(18);
        let device = &sheet.device;
        let conflicts = device.conflicts();
        if !conflicts.is_empty() {
            page.heading("Shops disagree");
        }
        for conflict in &conflicts {
            page.text(
                "≠",
                format!(
                    "{}: {}",
                    conflict.label,
                    words::sides(conflict, &|who| self.people.name(who))
                ),
                "",
                Role::Warn,
                Some(Target::Conflict),
            );
        }
        let marked = |fact: &str| conflicts.iter().any(|c| c.fact == fact);
        page.heading("Open work");
        if sheet.open_orders.is_empty() {
            page.text("", "No work order is open.", "", Role::Dim, None);
        }
        for row in &sheet.open_orders {
            let (mark, role) = words::urgency(row.rank.urgency);
            page.text(
                mark,
                format!("{} {}", row.number, row.what),
                row.rank.why.clone(),
                role,
                Some(Target::Order(row.id)),
            );
        }
        let open = |status: InspectionStatus| status == InspectionStatus::Open;
        for row in sheet.inspections.iter().filter(|row| open(row.status)) {
            page.text(
                "▸",
                format!("{} in progress", row.activity),
                format!(
                    "{}, {}",
                    words::who(&sheet.names, &row.holder),
                    words::count(row.answers, "answer", "answers")
                ),
                Role::Good,
                Some(Target::Inspection(row.id, true)),
            );
        }
        page.heading("Record");
        if marked("stage") || marked("whereabouts") {
            let words = format!("≠ {}", Self::status_words(sheet));
            page.pair("Status", words, Role::Warn, None);
        } else {
            page.pair("Status", Self::status_words(sheet), Role::Text, None);
        }
        for field in Field::ALL.iter().filter(|f| **f != Field::AssetTag) {
            let value = device.text(*field);
            if value.is_empty() && !ALWAYS.contains(field) {
                continue;
            }
            let (value, role) = match device.get(*field) {
                None => ("unknown".to_owned(), Role::Warn),
                _ if marked(field.key()) => (format!("≠ {value}"), Role::Warn),
                Some(Value::Choice(_)) if value == "unknown" => (value, Role::Warn),
                Some(_) => (value, Role::Text),
            };
            page.pair(field.label(), value, role, Some(Target::Field(*field)));
        }
        if !device.aliases.is_empty() {
            page.pair("Earlier names", device.aliases.join(", "), Role::Text, None);
        }
        for seen in device.software.iter().rev().take(3) {
            page.pair(
                "Software seen",
                format!(
                    "{} {} ({})",
                    seen.component,
                    seen.version,
                    seen.stamp.at.date()
                ),
                Role::Text,
                None,
            );
        }
        Self::build_past(sheet, &mut page);
        page.follow(&self.page)
    }

    fn build_past(sheet: &DeviceSheet, page: &mut Page<Target>) {
        let done: Vec<_> = sheet
            .inspections
            .iter()
            .filter(|row| row.status != InspectionStatus::Open)
            .collect();
        if !done.is_empty() {
            page.heading("Inspections");
        }
        for (activity, last) in &sheet.device.inspections {
            if !last.report.is_empty() {
                page.text(
                    "",
                    format!("{} {activity}: {}", last.performed, last.report),
                    "by a company".to_owned(),
                    Role::Text,
                    None,
                );
            }
        }
        for row in done {
            let (mark, outcome, role) = words::outcome(row.outcome);
            let outcome = match row.status {
                InspectionStatus::Open | InspectionStatus::Signed => outcome,
                InspectionStatus::Void => "void",
            };
            page.text(
                mark,
                format!("{} {} {outcome}", row.performed, row.activity),
                row.order.clone(),
                role,
                Some(Target::Inspection(row.id, false)),
            );
        }
        if !sheet.closed_orders.is_empty() {
            page.heading("Closed work orders");
        }
        for row in &sheet.closed_orders {
            page.text(
                "",
                format!("{} {}", row.number, row.what),
                row.status.label(),
                Role::Text,
                Some(Target::Order(row.id)),
            );
        }
        if !sheet.modules.is_empty() {
            page.heading("Modules");
        }
        for card in &sheet.modules {
            page.text(
                "",
                format!("{} {}", card.tag, card.name()),
                "",
                Role::Text,
                Some(Target::Device(card.id)),
            );
        }
        if !sheet.device.notes.is_empty() {
            page.heading("Notes");
        }
        for note in sheet.device.notes.iter().rev().take(20) {
            page.text(
                "",
                note.text.clone(),
                format!(
                    "{} {}",
                    words::who(&sheet.names, &note.stamp.by),
                    note.stamp.at.date()
                ),
                Role::Text,
                None,
            );
        }
    }

    fn status_words(sheet: &DeviceSheet) -> String {
        let device = &sheet.device;
        let stage = device.stage().label();
        let holds: Vec<&str> = device.holds.iter().map(|h| h.kind.label()).collect();
        if holds.is_empty() {
            format!("{stage}, {}", device.whereabouts.words())
        } else {
            format!("{stage}, held: {}", holds.join(", "))
        }
    }

    fn start(&self, cx: &mut Cx<'_>) {
        let Some(sheet) = &self.sheet else { return };
        if let Some(Target::Inspection(id, true)) = self.page.target() {
            cx.wish(Effect::Go(Place::Checklist(*id)));
            return;
        }
        let chosen = match self.page.target() {
            Some(Target::Order(id)) => sheet.open_orders.iter().any(|o| o.id == *id).then_some(*id),
            _ => None,
        };
        // The first row is selected by itself: with several orders open that is not a choice.
        let order = chosen.filter(|id| {
            sheet.open_orders.len() == 1 || sheet.open_orders.first().is_none_or(|o| o.id != *id)
        });
        cx.wish(Effect::Go(Place::Begin {
            device: self.id,
            order,
        }));
    }

    fn edit(&self, cx: &mut Cx<'_>) {
        let Some(sheet) = &self.sheet else { return };
        if let Some(Target::Field(field)) = self.page.target() {
            cx.wish(dialogs::edit_field(self.id, &sheet.device, *field));
            return;
        }
        let rows = Field::ALL
            .iter()
            .filter(|field| **field != Field::AssetTag)
            .map(|field| {
                let now = sheet.device.text(*field);
                (
                    format!("{}: {now}", field.label()),
                    vec![dialogs::edit_field(self.id, &sheet.device, *field)],
                )
            })
            .collect();
        cx.wish(Effect::Open(Box::new(Choose::new("Which field?", rows))));
    }

    fn lift(&self, cx: &mut Cx<'_>) {
        let Some(sheet) = &self.sheet else { return };
        let tag = self.tag();
        let colleagues = words::colleagues(cx.session);
        match sheet.device.holds.as_slice() {
            [] => cx.say(Tone::Plain, "Nothing holds this device."),
            [only] => cx.wish(dialogs::lift_hold(self.id, &tag, only, &colleagues)),
            several => {
                let rows = several
                    .iter()
                    .map(|hold| {
                        (
                            format!("{}: {}", hold.kind.label(), hold.reason),
                            vec![dialogs::lift_hold(self.id, &tag, hold, &colleagues)],
                        )
                    })
                    .collect();
                cx.wish(Effect::Open(Box::new(Choose::new("Which hold?", rows))));
            }
        }
    }

    fn head(&self, columns: u16, look: &Look) -> Vec<Line<'static>> {
        let Some(sheet) = &self.sheet else {
            return Vec::new();
        };
        let device = &sheet.device;
        let mut name = LineMaker::new(columns);
        name.add(&format!(" {} ", device.tag()), look.style(Role::Strong));
        name.add(&device.name(), look.style(Role::Strong));
        let mut what = LineMaker::new(columns);
        let serial = match device.text(Field::Serial).as_str() {
            "" => "serial unknown".to_owned(),
            serial => format!("S/N {serial}"),
        };
        let place = [Field::TypeName, Field::Department, Field::Location]
            .iter()
            .map(|field| device.text(*field))
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" · ");
        what.add(&format!(" {serial} · {place}"), look.style(Role::Dim));
        vec![name.line(), what.line()]
    }
}

impl Screen for DeviceScreen {
    fn contexts(&self) -> Vec<Context> {
        vec![Context::Device]
    }

    fn title(&self) -> String {
        match self.tag() {
            tag if tag.is_empty() => "Device".to_owned(),
            tag => tag,
        }
    }

    fn availability(&self, action: Action) -> Availability {
        let no = |why: &str| Availability::Disabled(why.to_owned());
        let Some(sheet) = &self.sheet else {
            return no("The device could not be read.");
        };
        match action {
            Action::LiftHold if sheet.device.holds.is_empty() => no("Nothing holds this device."),
            Action::SetStatus if sheet.device.stage().next().is_empty() => {
                no("A disposed device stays so.")
            }
            Action::Select if self.page.target().is_none() => no("This row opens nothing."),
            action if belongs(action, Context::Device) => Availability::Ready,
            _ => no("This is not for a device."),
        }
    }

    fn run(&mut self, action: Action, _press: &Press, cx: &mut Cx<'_>) {
        if self.page.run(action) {
            return;
        }
        let Some(sheet) = &self.sheet else {
            cx.say(Tone::Bad, "The device could not be read.");
            return;
        };
        let tag = self.tag();
        match action {
            Action::Select => match self.page.target() {
                Some(Target::Order(id)) => cx.wish(Effect::Go(Place::Order(*id))),
                Some(Target::Inspection(id, true)) => {
                    cx.wish(Effect::Go(Place::Checklist(*id)));
                }
                Some(Target::Inspection(id, false)) => cx.wish(Effect::Go(Place::Summary(*id))),
                Some(Target::Device(id)) => cx.wish(Effect::Go(Place::Device(*id))),
                Some(Target::Field(_)) => self.edit(cx),
                Some(Target::Conflict) => cx.wish(Effect::Go(Place::Conflicts)),
                None => {}
            },
            Action::Start => self.start(cx),
            Action::OpenRepair => cx.wish(dialogs::open_repair(self.id, &tag)),
            Action::History => cx.wish(super::history::open(self.id, &tag)),
            Action::SetField => self.edit(cx),
            Action::Retag => cx.wish(dialogs::retag(self.id, &tag)),
            Action::Swap => cx.wish(dialogs::swap(cx.session, self.id, &tag)),
            Action::HoldDevice => cx.wish(dialogs::hold_device(self.id, &tag)),
            Action::LiftHold => self.lift(cx),
            Action::SetStatus => cx.wish(dialogs::set_stage(self.id, &sheet.device)),
            Action::Whereabouts => {
                let asked = dialogs::whereabouts(self.id, &sheet.device, cx);
                cx.wish(asked);
            }
            Action::Note => cx.wish(dialogs::note_device(self.id, &tag)),
            Action::SuspectRecall => cx.wish(dialogs::suspect_recall(self.id, &tag)),
            Action::Copy => cx.wish(Effect::Copy(tag)),
            _ => {}
        }
    }

    fn typed(&mut self, _key: KeyCombo, _press: &Press, _cx: &mut Cx<'_>) -> bool {
        false
    }

    fn told(&mut self, result: &Result<Receipt, Failure>, cx: &mut Cx<'_>) {
        if let Err(failure) = result {
            cx.fail(failure);
        }
    }

    fn refresh(&mut self, cx: &mut Cx<'_>) {
        if let Ok(shop) = cx.session.shop() {
            self.today = shop.today;
        }
        self.people = words::People::of(cx.session);
        match cx.session.device(self.id) {
            Ok(sheet) => {
                self.page = self.build(&sheet);
                self.sheet = Some(sheet);
                self.trouble = None;
            }
            Err(failure) => self.trouble = Some(failure.to_string()),
        }
    }

    fn focus(&mut self, on: bool) {
        self.focused = on;
    }

    fn glance(&self) -> Vec<(Role, String)> {
        let Some(sheet) = &self.sheet else {
            let trouble = self.trouble.clone().unwrap_or_default();
            return vec![(Role::Bad, trouble)];
        };
        // What is bad stands first.
        let (mut alerts, less): (Vec<_>, Vec<_>) = self
            .alerts()
            .into_iter()
            .partition(|(role, _)| *role == Role::Bad);
        alerts.extend(less);
        let alert = match alerts.as_slice() {
            [] => (Role::Dim, "Nothing to warn of.".to_owned()),
            [(role, words)] => (*role, format!("! {words}")),
            [(role, words), ..] => (*role, format!("! (1 of {}) {words}", alerts.len())),
        };
        let work = match sheet.open_orders.as_slice() {
            [] => (Role::Dim, "No work order is open.".to_owned()),
            [first, more @ ..] => {
                let (mark, role) = words::urgency(first.rank.urgency);
                let more = match more.len() {
                    0 => String::new(),
                    n => format!("(1 of {}) ", n + 1),
                };
                let words = format!("{mark} {more}{}: {}", first.what, first.rank.why);
                (role, words)
            }
        };
        vec![alert, work]
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        let mut top = self.head(area.width, look);
        if let Some(trouble) = &self.trouble {
            top.push(Line::styled(
                cut(trouble, area.width as usize),
                look.style(Role::Bad),
            ));
        }
        // Alerts may take up to half the room; the rest is named by its number.
        let most = (area.height as usize / 2).max(1);
        let mut alerts: Vec<Line<'static>> = Vec::new();
        for (role, words) in self.alerts().into_iter().chain(self.waiting()) {
            for (at, text) in wrap(&words, (area.width as usize).saturating_sub(4))
                .into_iter()
                .enumerate()
            {
                let mut line = LineMaker::new(area.width);
                let lead = match (at, role) {
                    (0, Role::Bad) => " ! ",
                    (0, _) => " ▲ ",
                    _ => "   ",
                };
                line.add(lead, look.style(role));
                line.add(&text, look.style(role));
                alerts.push(line.line());
            }
        }
        if alerts.len() > most {
            let hidden = alerts.len() - most + 1;
            alerts.truncate(most - 1);
            let words = format!("   … {hidden} more lines: press the start key to read all");
            alerts.push(Line::styled(
                cut(&words, area.width as usize),
                look.style(Role::Bad),
            ));
        }
        top.extend(alerts);
        let head = (top.len() as u16).min(area.height);
        panel::lines(
            frame,
            Rect {
                height: head,
                ..area
            },
            top,
        );
        let rest = Rect {
            y: area.y + head,
            height: area.height - head,
            ..area
        };
        self.page.draw(frame, rest, look, self.focused);
    }
}
