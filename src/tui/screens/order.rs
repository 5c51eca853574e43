//! One work order: what is to be done, what was done, and how it ended.
//!
//! Invariants: a closed order offers nothing but a note; an order whose inspection decides it is not closed by hand.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::page::Page;
use super::{dialogs, words};
use crate::bench::Failure;
use crate::bench::query::{OrderSheet, Receipt};
use crate::domain::command::Command;
use crate::domain::id::EntityId;
use crate::domain::inspection::InspectionStatus;
use crate::domain::order::{External, OrderCommand, Status};
use crate::keymap::{Action, Availability, Context, KeyCombo};
use crate::tui::app::screen::{Cx, Effect, Place, Screen, Tone};
use crate::tui::input::Press;
use crate::tui::view::list::belongs;
use crate::tui::view::text::{LineMaker, cut};
use crate::tui::view::{Look, Role, panel};

/// What a row of the page stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Target {
    Device(EntityId),
    Inspection(EntityId, bool),
    Order(EntityId),
    Conflict,
}

/// A work order's page.
pub struct OrderScreen {
    id: EntityId,
    sheet: Option<OrderSheet>,
    page: Page<Target>,
    trouble: Option<String>,
    focused: bool,
    me: String,
}

impl OrderScreen {
    /// The page of this order; it is read when it comes to the front.
    pub fn new(id: EntityId) -> Self {
        Self {
            id,
            sheet: None,
            page: Page::new(14),
            trouble: None,
            focused: false,
            me: String::new(),
        }
    }

    fn build(&self, sheet: &OrderSheet) -> Page<Target> {
        let mut page = Page::new(14);
        let (order, row) = (&sheet.order, &sheet.row);
        let conflicts = order.conflicts();
        if !conflicts.is_empty() {
            page.heading("Shops disagree");
        }
        for conflict in &conflicts {
            let sides = words::sides(conflict, &|who| words::who(&sheet.names, who));
            page.text(
                "≠",
                format!("{}: {sides}", conflict.label),
                "",
                Role::Warn,
                Some(Target::Conflict),
            );
        }
        // The mark stands at the fact itself too.
        let marked = |fact: &str, words: String, role: Role| {
            if conflicts.iter().any(|c| c.fact == fact) {
                (format!("≠ {words}"), Role::Warn)
            } else {
                (words, role)
            }
        };
        page.heading("Work order");
        if !order.aliases.is_empty() {
            page.pair("Also", order.aliases.join(", "), Role::Text, None);
        }
        if let Some(card) = &row.device {
            page.pair(
                "Device",
                format!("{} {}", card.tag, card.name()),
                Role::Strong,
                Some(Target::Device(card.id)),
            );
        }
        let (status, role) = marked("status", words::order_status(row), Role::Text);
        page.pair("Status", status, role, None);
        if row.status.is_open() {
            let (_, role) = words::urgency(row.rank.urgency);
            page.pair("In the queue", row.rank.why.clone(), role, None);
        }
        let nobody = || "nobody yet".to_owned();
        let who = order
            .assignee
            .as_deref()
            .map_or_else(nobody, |key| words::who(&sheet.names, key));
        let (who, role) = marked("claim", who, Role::Text);
        page.pair("Assigned to", who, role, None);
        let (priority, role) = marked("priority", row.priority.label().to_owned(), Role::Text);
        page.pair("Priority", priority, role, None);
        let (due, role) = marked("due", words::day(row.due), Role::Text);
        page.pair("Due", due, role, None);
        for (label, value) in [
            ("Problem", &order.opening.problem),
            ("Activity", &order.opening.activity),
            ("Requester", &order.opening.requester),
            ("Department", &row.department),
        ] {
            if !value.is_empty() {
                page.pair(label, value.clone(), Role::Text, None);
            }
        }
        if let Some((reason, note, chase)) = &order.hold {
            let words = format!("{} {note} (ask {})", reason.label(), words::day(*chase));
            page.pair("Waits", words, Role::Warn, None);
        }
        if let Some(check) = &order.check_in {
            let words = format!("{}; clean: {}", check.harm.label(), check.clean.label());
            page.pair("Check-in", words, Role::Text, None);
            for (label, text) in [("Accessories", &check.accessories), ("Shelf", &check.shelf)] {
                let shown = if text.is_empty() { "unknown" } else { text };
                page.pair(label, shown, Role::Text, None);
            }
        }
        if let Some(closing) = &order.closing {
            page.heading("How it ended");
            if let Some(outcome) = closing.outcome {
                page.pair("Outcome", outcome.label(), Role::Text, None);
            }
            page.pair("Found", closing.found.clone(), Role::Text, None);
            page.pair("Done", closing.done.clone(), Role::Text, None);
            page.pair("Cause", closing.cause.label(), Role::Text, None);
            page.pair("Work action", closing.action.label(), Role::Text, None);
            page.pair("Performed", closing.performed.to_string(), Role::Text, None);
        }
        for other in &order.beside.closings {
            page.text(
                "",
                format!("Closed in another shop too: {}", other.words()),
                words::who(&sheet.names, &other.stamp.by),
                Role::Warn,
                other.inspection.map(|id| Target::Inspection(id, false)),
            );
        }
        if let Some(reason) = &order.cancelled {
            page.pair("Cancelled", reason.clone(), Role::Warn, None);
        }
        Self::build_work(sheet, &mut page);
        page.follow(&self.page)
    }

    fn build_work(sheet: &OrderSheet, page: &mut Page<Target>) {
        let order = &sheet.order;
        if !sheet.inspections.is_empty() {
            page.heading("Inspections");
        }
        for row in &sheet.inspections {
            let open = row.status == InspectionStatus::Open;
            let (mark, outcome, role) = words::outcome(row.outcome);
            let outcome = if open { "in progress" } else { outcome };
            let closing = order.closing.as_ref().and_then(|c| c.inspection);
            // Of several inspections it is said which one closed the order.
            let closed = if sheet.inspections.len() > 1 && closing == Some(row.id) {
                ", closed this order"
            } else {
                ""
            };
            page.text(
                mark,
                format!("{} {} {outcome}{closed}", row.performed, row.activity),
                words::who(&sheet.names, &row.holder),
                role,
                Some(Target::Inspection(row.id, open)),
            );
        }
        if !order.external.is_empty() {
            page.heading("Company's reports");
        }
        for work in &order.external {
            let (mark, role) = match (work.passed, work.readings) {
                (true, true) => ("✓", Role::Good),
                (true, false) => ("✓", Role::Warn),
                (false, _) => ("✗", Role::Bad),
            };
            page.text(
                mark,
                format!("{} {}", work.on, work.words()),
                match &work.signature {
                    Some(signature) => format!("reviewed by {}", signature.name),
                    None => "not signed".to_owned(),
                },
                role,
                None,
            );
            for (label, text) in [("Technician", &work.technician), ("File", &work.file)] {
                if !text.is_empty() {
                    page.pair(label, text.clone(), Role::Text, None);
                }
            }
        }
        if !order.attempts.is_empty() {
            page.heading("Attempts");
        }
        for attempt in &order.attempts {
            let next = attempt
                .next_try
                .map(|day| format!(", next {day}"))
                .unwrap_or_default();
            page.text(
                "",
                format!(
                    "{}: {} {}",
                    attempt.code.label(),
                    attempt.place,
                    attempt.note
                ),
                format!(
                    "{} {}{next}",
                    words::who(&sheet.names, &attempt.stamp.by),
                    attempt.stamp.at.date()
                ),
                Role::Text,
                None,
            );
        }
        if !order.labour.is_empty() {
            let all: u32 = order.labour.iter().map(|l| l.minutes).sum();
            page.heading(format!("Labor: {all} min"));
        }
        for labour in &order.labour {
            page.text(
                "",
                format!(
                    "{} min {} {}",
                    labour.minutes,
                    labour.kind.label(),
                    labour.note
                ),
                format!("{} {}", words::who(&sheet.names, &labour.who), labour.on),
                Role::Text,
                None,
            );
        }
        if !order.parts.is_empty() {
            page.heading("Parts");
        }
        for part in &order.parts {
            let cost = part
                .cost
                .map_or_else(|| "cost unknown".to_owned(), |cost| format!("{cost} each"));
            page.text(
                "",
                format!("{} x {} {}", part.quantity, part.number, part.description),
                cost,
                Role::Text,
                None,
            );
        }
        if !sheet.tools.is_empty() {
            page.heading("Test equipment");
            page.text("", sheet.tools.join(", "), "", Role::Text, None);
        }
        if !order.links.is_empty() {
            page.heading("Linked orders");
        }
        for ((id, _), (number, relation, status)) in order.links.iter().zip(&sheet.links) {
            page.text(
                "",
                format!("{number}: {relation}"),
                status.label(),
                Role::Text,
                Some(Target::Order(*id)),
            );
        }
        if !order.attachments.is_empty() {
            page.heading("Files");
        }
        for (reference, note) in &order.attachments {
            page.text("", reference.clone(), note.clone(), Role::Text, None);
        }
        for (heading, notes) in [("Notes", &order.notes), ("Added later", &order.addenda)] {
            if !notes.is_empty() {
                page.heading(heading);
            }
            for note in notes.iter().rev() {
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
    }

    /// What a closed order allows too.
    fn can_always(&self, action: Action) -> Availability {
        let no = |why: &str| Availability::Disabled(why.to_owned());
        let device = self
            .sheet
            .as_ref()
            .and_then(|sheet| sheet.row.device.as_ref());
        match action {
            Action::History if device.is_none() => no("This order names no device."),
            Action::Select if self.page.target().is_none() => no("This row opens nothing."),
            _ => Availability::Ready,
        }
    }

    fn tell(cx: &mut Cx<'_>, command: OrderCommand) {
        cx.wish(Effect::Tell(Box::new(Command::Order(command))));
    }

    fn start(sheet: &OrderSheet, cx: &mut Cx<'_>) {
        match (&sheet.row.inspection, &sheet.row.device) {
            (Some((id, _)), _) => cx.wish(Effect::Go(Place::Checklist(*id))),
            (None, Some(card)) => cx.wish(Effect::Go(Place::Begin {
                device: card.id,
                order: Some(sheet.id),
            })),
            (None, None) => cx.say(Tone::Bad, "This order names no device."),
        }
    }
}

/// Whether the newest report of a company says that the work is done.
fn proved(sheet: &OrderSheet) -> bool {
    sheet
        .order
        .external
        .last()
        .is_some_and(External::proves_work)
}

impl Screen for OrderScreen {
    fn contexts(&self) -> Vec<Context> {
        vec![Context::Order]
    }

    fn title(&self) -> String {
        self.sheet
            .as_ref()
            .map_or_else(|| "Work order".to_owned(), |s| s.order.number.clone())
    }

    fn availability(&self, action: Action) -> Availability {
        let no = |why: &str| Availability::Disabled(why.to_owned());
        let Some(sheet) = &self.sheet else {
            return no("The work order could not be read.");
        };
        let open = sheet.order.status.is_open();
        match action {
            Action::Note | Action::History | Action::Select | Action::Copy => {
                self.can_always(action)
            }
            action if action.meta().contexts.contains(&Context::Order) && !open => {
                no("This order is closed; only a note can be added.")
            }
            Action::Escalate if !sheet.row.kind.is_scheduled() => {
                no("Only scheduled work is ended undone; close this order, or cancel it.")
            }
            Action::Claim if sheet.order.assignee.as_deref() == Some(self.me.as_str()) => {
                no("You have this order already.")
            }
            Action::Release if sheet.order.assignee.is_none() => {
                no("Nobody has claimed this order.")
            }
            Action::GoOn if sheet.order.status != Status::OnHold => {
                no("This order is not on hold.")
            }
            Action::Start if sheet.row.device.is_none() => no("This order names no device."),
            Action::CloseOrder if sheet.row.kind.is_scheduled() && !proved(sheet) => {
                no("It is closed by signing its inspection, or by a company's report.")
            }
            action if belongs(action, Context::Order) => Availability::Ready,
            _ => no("This is not for a work order."),
        }
    }

    fn run(&mut self, action: Action, _press: &Press, cx: &mut Cx<'_>) {
        if self.page.run(action) {
            return;
        }
        let Some(sheet) = &self.sheet else {
            cx.say(Tone::Bad, "The work order could not be read.");
            return;
        };
        let (id, number) = (self.id, sheet.order.number.clone());
        match action {
            Action::Select => match self.page.target() {
                Some(Target::Device(id)) => cx.wish(Effect::Go(Place::Device(*id))),
                Some(Target::Order(id)) => cx.wish(Effect::Go(Place::Order(*id))),
                Some(Target::Conflict) => cx.wish(Effect::Go(Place::Conflicts)),
                Some(Target::Inspection(id, true)) => cx.wish(Effect::Go(Place::Checklist(*id))),
                Some(Target::Inspection(id, false)) => cx.wish(Effect::Go(Place::Summary(*id))),
                None => {}
            },
            Action::Start => Self::start(sheet, cx),
            Action::History => {
                if let Some(card) = &sheet.row.device {
                    cx.wish(super::history::open(card.id, &card.tag));
                }
            }
            Action::Claim => Self::tell(cx, OrderCommand::Claim { orders: vec![id] }),
            Action::Release => Self::tell(
                cx,
                OrderCommand::Release {
                    order: id,
                    reason: String::new(),
                },
            ),
            Action::GoOn => Self::tell(cx, OrderCommand::Resume { order: id }),
            Action::Hold => cx.wish(dialogs::hold_order(id, &number, cx)),
            Action::UnableToLocate => cx.wish(dialogs::attempt(&[(id, number)], cx)),
            Action::CancelOrder => cx.wish(dialogs::cancel_order(id, &number)),
            Action::Escalate => cx.wish(dialogs::escalate(id, &number)),
            Action::CheckIn => cx.wish(dialogs::check_in(id, &number)),
            Action::Labor => cx.wish(dialogs::book_labour(id, &number, cx)),
            Action::Part => cx.wish(dialogs::book_part(id, &number)),
            Action::External => cx.wish(dialogs::external(id, &number, cx)),
            Action::Attach => cx.wish(dialogs::attach(id, &number)),
            Action::Note => cx.wish(dialogs::note_order(id, &number)),
            Action::CloseOrder => cx.wish(dialogs::close_order(id, &sheet.order, cx)),
            Action::Copy => cx.wish(Effect::Copy(number)),
            _ => {}
        }
    }

    fn typed(&mut self, _key: KeyCombo, _press: &Press, _cx: &mut Cx<'_>) -> bool {
        false
    }

    fn told(&mut self, result: &Result<Receipt, Failure>, cx: &mut Cx<'_>) {
        match result {
            Ok(receipt) => {
                let (tone, words) = words::recorded(receipt);
                cx.say(tone, words);
            }
            Err(failure) => cx.fail(failure),
        }
    }

    fn refresh(&mut self, cx: &mut Cx<'_>) {
        cx.session.actor().clone_into(&mut self.me);
        match cx.session.order(self.id) {
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
        let (order, row) = (&sheet.order, &sheet.row);
        let device = match &row.device {
            None => (Role::Dim, "No device is named.".to_owned()),
            Some(card) => {
                let (glyph, state, role) = words::device_state(card);
                let place = [&card.department, &card.location]
                    .into_iter()
                    .filter(|place| !place.is_empty())
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(" · ");
                (role, format!("{glyph} {state} · {place}"))
            }
        };
        // For what it waits stands in the row; here stand the words to it.
        let last = match &order.hold {
            Some((_, note, _)) if !note.is_empty() => (Role::Warn, format!("◌ {note}")),
            _ => {
                let who = row.assignee.as_deref().map_or_else(
                    || "nobody has it".to_owned(),
                    |who| words::who(&sheet.names, who),
                );
                (Role::Text, format!("{}, {who}", words::order_status(row)))
            }
        };
        vec![device, last]
    }

    fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        let mut top: Vec<Line<'static>> = Vec::new();
        if let Some(sheet) = &self.sheet {
            let mut line = LineMaker::new(area.width);
            line.add(
                &format!(" {} ", sheet.order.number),
                look.style(Role::Strong),
            );
            line.add(
                &format!("{} · {}", sheet.row.kind.label(), sheet.row.what),
                look.style(Role::Strong),
            );
            top.push(line.line());
        }
        if let Some(trouble) = &self.trouble {
            top.push(Line::styled(
                cut(trouble, area.width as usize),
                look.style(Role::Bad),
            ));
        }
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
