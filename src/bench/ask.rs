//! Answering questions, from what is durable now.

use std::sync::{Arc, PoisonError};

use chrono::NaiveDate;

use crate::domain::context::World as _;
use crate::domain::device::{Device, DeviceCard, Field};
use crate::domain::id::{EntityId, Hash};
use crate::domain::inspection::{self, Inspection, InspectionStatus};
use crate::domain::order::{Cause, Order};
use crate::domain::procedure::StepId;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::identify::{device_identifier, parse_udi};
use crate::journal::codec;
use crate::lookup::FindOptions;

use super::failure::Failure;
use super::listing::{
    inspection_row, order_row, previous_readings, procedure_row, procedures_for, row_text, tool_row,
};
use super::query::{
    Answer, DeviceSheet, FoundDevice, FoundDevices, InspectionRow, InspectionSheet, MAX_WINDOW,
    OrderFilter, OrderRow, OrderSheet, Query, ScanAnswer, ShopFacts, ToolRow, Window,
};
use super::rows;
use super::service::Bench;
use super::view::View;

/// The open orders in queue order, as of one revision and day.
pub struct Queue {
    revision: u64,
    today: NaiveDate,
    rows: Vec<OrderRow>,
}

impl Bench {
    /// Answers a question.
    pub fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        // In one process or over a socket: the same bytes.
        let query: Query = codec::decode(&codec::encode(query)?)?;
        let view = self.view();
        let answer = self.answer(&view, query);
        view.trouble()?;
        if is_not_found(&answer) {
            self.store().doubt_rows()?;
        }
        answer
    }

    fn answer(&self, view: &View<'_>, query: Query) -> Result<Answer, Failure> {
        Ok(match query {
            Query::Shop => Answer::Shop(Box::new(self.shop_facts(view))),
            Query::Find { text, limit } => Answer::Found(self.find(&text, limit.min(MAX_WINDOW))),
            Query::Named(name) => Answer::Cards(cards_named(view, &name)),
            Query::Device(id) => Answer::Device(Box::new(self.device_sheet(view, id)?)),
            Query::History { of, offset, limit } => self.history(of, offset, limit)?,
            Query::Orders {
                filter,
                offset,
                limit,
            } => Answer::Orders(self.orders(view, &filter, offset, limit.min(MAX_WINDOW))),
            Query::OrderNumbered(number) => {
                let id = view.order_numbered(&number).ok_or_else(|| {
                    Refusal::not_found(
                        format!("No work order {number} is on record."),
                        "Check the number; `order list` shows the open ones.",
                    )
                })?;
                Answer::Order(Box::new(self.order_sheet(view, id)?))
            }
            Query::Order(id) => Answer::Order(Box::new(self.order_sheet(view, id)?)),
            Query::Inspection(id) => Answer::Inspection(Box::new(self.inspection_sheet(view, id)?)),
            Query::OpenInspections(holder) => {
                let mut found: Vec<InspectionRow> = view
                    .ids(rows::OPEN_INSPECTION, &[], usize::MAX)
                    .into_iter()
                    .filter_map(|id| inspection_row(view, id))
                    .filter(|row| holder.as_ref().is_none_or(|who| *who == row.holder))
                    .collect();
                found.sort_by(|a, b| a.order.cmp(&b.order));
                Answer::Inspections(found)
            }
            Query::Procedures => Answer::Procedures(
                view.procedures()
                    .iter()
                    .filter_map(|(_, p)| procedure_row(p))
                    .collect(),
            ),
            Query::Procedure(hash) => Answer::Procedure(Box::new(
                view.procedure(hash)
                    .map(Arc::unwrap_or_clone)
                    .ok_or_else(|| {
                        Refusal::not_found(
                            "This procedure version is not on record.",
                            "List them with `procedure list`.",
                        )
                    })?,
            )),
            Query::ProceduresFor { device, activity } => {
                let device = known_device(view, device)?;
                Answer::Procedures(procedures_for(view, &device, &activity))
            }
            Query::Tools => {
                let today = self.clock.today(self.zone());
                let mut tools: Vec<ToolRow> = view
                    .ids(rows::TOOL_NAME, &[], usize::MAX)
                    .into_iter()
                    .filter_map(|id| tool_row(view, id, today))
                    .collect();
                tools.sort_by(|a, b| a.tool.name.cmp(&b.tool.name));
                Answer::Tools(tools)
            }
            Query::ToolNamed(name) => {
                let today = self.clock.today(self.zone());
                let row = view
                    .tool_named(&name)
                    .and_then(|id| tool_row(view, id, today))
                    .ok_or_else(|| {
                        Refusal::not_found(
                            format!("No test equipment \"{name}\" is on record."),
                            "List it with `tool list`.",
                        )
                    })?;
                Answer::Tool(Box::new(row))
            }
            Query::Technicians => Answer::Technicians(view.technicians_here()),
            Query::People => Answer::Technicians(
                view.ids(rows::TECHNICIAN_KEY, &[], usize::MAX)
                    .into_iter()
                    .filter_map(|id| view.technician_state(id).map(Arc::unwrap_or_clone))
                    .collect(),
            ),
            Query::Scan { text, today } => Answer::Scan(Box::new(self.scan(view, &text, today))),
            Query::CheckRecord(id) => Answer::Checked(Box::new(self.check_record(id)?)),
            Query::CheckOrder(id) => Answer::Checked(Box::new(self.check_order(id)?)),
            Query::Now => Answer::Now(self.clock.now(self.zone())),
            Query::SecondPerson(command) => {
                Answer::Statement(crate::domain::witness::statement(view, &command).map(Box::new))
            }
            Query::LacksCredentials {
                technician,
                procedure,
            } => Answer::Lacks(self.lacks_credentials(view, &technician, procedure)),
            Query::Warnings { device, order } => {
                let mut warnings =
                    inspection::warnings(view, &self.now_context(view), device, order);
                warnings.extend(self.recall_alerts(view, device));
                Answer::Warnings(warnings)
            }
            Query::Siblings(device) => Answer::Cards(Self::siblings(view, device)?),
            Query::Conflicts { offset, limit } => Answer::Conflicts(window(
                self.conflicts(view),
                offset,
                limit.min(MAX_WINDOW),
                self.store.entries_count(),
            )),
        })
    }

    fn now_context(&self, view: &View<'_>) -> crate::domain::context::Context {
        self.context(view, "", self.store.next_dot(0).seq, None)
    }

    fn shop_facts(&self, view: &View<'_>) -> ShopFacts {
        let genesis = self.store.genesis();
        let shop = view
            .shop_state(crate::domain::command::shop_id(self.store.site()))
            .map(Arc::unwrap_or_clone)
            .unwrap_or_default();
        let zone = self.zone();
        let devices = self
            .index
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .len();
        ShopFacts {
            name: shop.name.unwrap_or_else(|| genesis.shop.clone()),
            prefix: shop.prefix.unwrap_or_else(|| genesis.prefix.clone()),
            zone: shop.zone.unwrap_or_else(|| genesis.zone.clone()),
            site: self.store.site().to_string(),
            demo: genesis.demo,
            devices,
            dir: self.dir().display().to_string(),
            entries: self.store.entries_count(),
            newer: view.scan(rows::NEWER, &[], usize::MAX).len(),
            conflicts: Self::conflict_count(view),
            read_only: self.store.read_only(),
            sync: self.sync_mark(),
            today: self.clock.today(zone),
            now: self.clock.now(zone),
        }
    }

    fn find(&self, text: &str, limit: usize) -> FoundDevices {
        let today = self.clock.today(self.zone());
        let scan = parse_udi(text, today);
        let options = FindOptions {
            di: scan.di,
            serial: scan.serial,
        };
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let found = index.find(text, limit, &options);
        FoundDevices {
            devices: found
                .hits
                .into_iter()
                .map(|hit| FoundDevice {
                    card: hit.card,
                    why: hit.why,
                    matched: hit
                        .highlights
                        .into_iter()
                        .map(|mark| {
                            let ranges =
                                mark.ranges.into_iter().map(|r| (r.start, r.end)).collect();
                            (mark.field.label().to_owned(), ranges)
                        })
                        .collect(),
                })
                .collect(),
            total: found.total,
            nearest: found.nearest,
        }
    }

    pub(super) fn orders(
        &self,
        view: &View<'_>,
        filter: &OrderFilter,
        offset: usize,
        limit: usize,
    ) -> Window<OrderRow> {
        let revision = self.store.entries_count();
        let today = self.clock.today(self.zone());
        let words: Vec<String> = filter
            .text
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        let department = filter.department.as_deref().map(rows::fold);
        let fits = |row: &OrderRow| {
            filter
                .assignee
                .as_ref()
                .is_none_or(|who| row.assignee.as_ref() == Some(who))
                && (!filter.unassigned || row.assignee.is_none())
                && (!filter.overdue || row.overdue)
                && (!filter.today || row.due.is_some_and(|due| due <= today))
                && filter.kind.is_none_or(|kind| row.kind == kind)
                && department
                    .as_ref()
                    .is_none_or(|wanted| rows::fold(&row.department) == *wanted)
                && (words.is_empty() || {
                    let text = row_text(row);
                    words.iter().all(|word| text.contains(word.as_str()))
                })
        };
        if let Some(device) = filter.device {
            let rows: Vec<OrderRow> = view
                .ids(rows::ORDERS_OF_DEVICE, &device.key(), usize::MAX)
                .into_iter()
                .rev()
                .filter_map(|id| order_row(view, id, today))
                .filter(fits)
                .collect();
            return late_too(view, today, window(rows, offset, limit, revision));
        }
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = queue
            .as_ref()
            .is_some_and(|q| q.revision == revision && q.today == today);
        if !fresh {
            let mut rows: Vec<OrderRow> = view
                .ids(rows::OPEN_ORDER, &[], usize::MAX)
                .into_iter()
                .filter_map(|id| order_row(view, id, today))
                .collect();
            rows.sort_by(|a, b| a.rank.cmp(&b.rank).then_with(|| a.number.cmp(&b.number)));
            *queue = Some(Queue {
                revision,
                today,
                rows,
            });
        }
        let rows: Vec<OrderRow> = queue
            .as_ref()
            .map(|q| q.rows.iter().filter(|row| fits(row)).cloned().collect())
            .unwrap_or_default();
        late_too(view, today, window(rows, offset, limit, revision))
    }

    fn device_sheet(&self, view: &View<'_>, id: EntityId) -> Result<DeviceSheet, Failure> {
        let device = known_device(view, id)?;
        let today = self.clock.today(self.zone());
        let orders: Vec<OrderRow> = view
            .ids(rows::ORDERS_OF_DEVICE, &id.key(), usize::MAX)
            .into_iter()
            .rev()
            .filter_map(|order| order_row(view, order, today))
            .collect();
        let (mut open_orders, mut closed_orders): (Vec<_>, Vec<_>) =
            orders.into_iter().partition(|row| row.status.is_open());
        open_orders.sort_by(|a, b| a.rank.cmp(&b.rank));
        closed_orders.truncate(50);
        let inspections = view
            .ids(rows::INSPECTIONS_OF_DEVICE, &id.key(), usize::MAX)
            .into_iter()
            .rev()
            .take(50)
            .filter_map(|inspection| inspection_row(view, inspection))
            .collect();
        let di = device.text(Field::UdiDi);
        let mut warnings = inspection::warnings(view, &self.now_context(view), id, None);
        warnings.extend(self.recall_alerts(view, id));
        Ok(DeviceSheet {
            id,
            open_orders,
            closed_orders,
            inspections,
            warnings,
            model: if di.is_empty() {
                None
            } else {
                view.model_of(&di).map(|model| model.facts.clone())
            },
            modules: view
                .children(&device.tag())
                .into_iter()
                .filter_map(|child| view.card(child))
                .collect(),
            stands_for: device.merged_into.and_then(|into| view.card(into)),
            names: names(view),
            device,
        })
    }

    fn order_sheet(&self, view: &View<'_>, id: EntityId) -> Result<OrderSheet, Failure> {
        let today = self.clock.today(self.zone());
        let missing = || {
            Refusal::not_found(
                "This work order is not on record.",
                "Look it up again by its number.",
            )
        };
        let order = view
            .order(id)
            .filter(|order| order.opened.is_some())
            .ok_or_else(missing)?;
        let row = order_row(view, id, today).ok_or_else(missing)?;
        Ok(OrderSheet {
            id,
            row,
            inspections: view
                .inspections_of_order(id)
                .into_iter()
                .filter_map(|inspection| inspection_row(view, inspection))
                .collect(),
            links: order
                .links
                .iter()
                .filter_map(|(other, relation)| {
                    view.order(*other)
                        .map(|linked| (linked.number.clone(), relation.clone(), linked.status))
                })
                .collect(),
            tools: order
                .tools
                .iter()
                .filter_map(|tool| view.tool(*tool).map(|tool| tool.name))
                .collect(),
            names: names(view),
            came_from: came_from(view, &order),
            order: Arc::unwrap_or_clone(order),
        })
    }

    fn inspection_sheet(&self, view: &View<'_>, id: EntityId) -> Result<InspectionSheet, Failure> {
        let missing = || {
            Refusal::not_found(
                "This inspection is not on record.",
                "List them with `device show TAG`.",
            )
        };
        let known = view
            .inspection(id)
            .filter(|i| i.started.is_some())
            .ok_or_else(missing)?;
        let document = view
            .procedure(known.frozen)
            .and_then(|p| p.procedure.clone())
            .ok_or_else(missing)?;
        let device_id = known.device.ok_or_else(missing)?;
        let earlier: Vec<(EntityId, Inspection)> = view
            .ids(rows::INSPECTIONS_OF_DEVICE, &device_id.key(), usize::MAX)
            .into_iter()
            .rev()
            .filter(|other| *other != id)
            .filter_map(|other| Some((other, Arc::unwrap_or_clone(view.inspection(other)?))))
            .filter(|(_, state)| state.status == Some(InspectionStatus::Signed))
            .take(8)
            .collect();
        let last = earlier
            .iter()
            .find(|(_, state)| state.activity == known.activity)
            .map(|(_, state)| Box::new(state.clone()));
        Ok(InspectionSheet {
            id,
            procedure: view
                .procedure(known.procedure)
                .map(Arc::unwrap_or_clone)
                .unwrap_or_default(),
            device: view.card(device_id).ok_or_else(missing)?,
            order: known
                .order
                .and_then(|order| view.order(order))
                .map(|o| o.number.clone())
                .unwrap_or_default(),
            repairs: known
                .repairs
                .iter()
                .filter_map(|(step, order)| {
                    Some((step.clone(), view.order(*order)?.number.clone()))
                })
                .collect(),
            previous: previous_readings(&earlier, &document),
            last,
            names: names(view),
            moved: known
                .moved
                .iter()
                .map(|(from, _, _)| view.card(*from).map(|card| card.tag).unwrap_or_default())
                .collect(),
            others: known
                .order
                .map(|order| view.inspections_of_order(order))
                .unwrap_or_default()
                .into_iter()
                .filter(|other| *other != id)
                .filter_map(|other| inspection_row(view, other))
                .collect(),
            now: self.clock.now(self.zone()),
            document,
            inspection: Arc::unwrap_or_clone(known),
        })
    }

    /// What a technician lacks of the credentials that a procedure version asks for today, in one sentence.
    fn lacks_credentials(
        &self,
        view: &View<'_>,
        technician: &str,
        procedure: Hash,
    ) -> Option<String> {
        let stored = view.procedure(procedure)?;
        let today = self.clock.today(self.zone());
        inspection::unqualified(view, technician, stored.procedure.as_ref()?, today)
    }

    fn scan(&self, view: &View<'_>, text: &str, today: Option<NaiveDate>) -> ScanAnswer {
        let today = today.unwrap_or_else(|| self.clock.today(self.zone()));
        let scan = parse_udi(text, today);
        let plain = crate::identify::text::clean(text.trim().trim_matches('*'));
        let mut devices = cards_named(view, &plain);
        if devices.is_empty()
            && let Some(asset) = scan.asset_number()
        {
            devices = cards_named(view, asset);
        }
        let mut model = None;
        for di in scan.di_forms() {
            if devices.is_empty()
                && let Some(serial) = &scan.serial
            {
                let wanted = rows::fold(serial);
                devices = cards_named(view, &di);
                devices.retain(|card| rows::fold(&card.serial) == wanted);
                if devices.is_empty() {
                    // The record may not hold its device identifier yet: the serial must fit a device without another one.
                    devices = cards_named(view, serial);
                    devices.retain(|card| {
                        // Older records may hold the whole label where the identifier belongs.
                        let known = device_identifier(&card.udi_di);
                        let known = known.map_or_else(|| card.udi_di.clone(), |known| known.di);
                        known.is_empty() || rows::fold(&known) == rows::fold(&di)
                    });
                }
            }
            if model.is_none() {
                model = view.model_of(&di).map(|model| model.facts.clone());
            }
        }
        ScanAnswer {
            scan,
            devices,
            model,
        }
    }
}

/// Says of each order in a window what about its device should have gone or come back before today.
fn late_too(view: &View<'_>, today: NaiveDate, mut window: Window<OrderRow>) -> Window<OrderRow> {
    for row in &mut window.rows {
        let device = row.device.as_ref().and_then(|card| view.device(card.id));
        for late in device.iter().flat_map(|device| device.late_back(today)) {
            row.rank.why = format!("{}, {late}", row.rank.why);
        }
    }
    window
}

pub(super) fn window<T>(rows: Vec<T>, offset: usize, limit: usize, revision: u64) -> Window<T> {
    let total = rows.len();
    Window {
        rows: rows.into_iter().skip(offset).take(limit).collect(),
        offset,
        total,
        revision,
    }
}

/// Printed names by technician key. Where people of two shops have the same key, nobody is taken for the other: both are
/// named.
pub(super) fn names(view: &View<'_>) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for id in view.ids(rows::TECHNICIAN_KEY, &[], usize::MAX) {
        let Some(technician) = view.technician_state(id) else {
            continue;
        };
        match out.last_mut() {
            Some((key, name)) if *key == technician.key => {
                if *name != technician.name {
                    name.push_str(" or ");
                    name.push_str(&technician.name);
                }
            }
            _ => out.push((technician.key.clone(), technician.name.clone())),
        }
    }
    out
}

/// How an order came to be, with the numbers and titles that people know.
fn came_from(view: &View<'_>, order: &Order) -> String {
    match &order.opening.cause {
        Cause::Request => "a request".to_owned(),
        Cause::Plan { plan } => format!("the maintenance plan {plan}"),
        Cause::FailedStep {
            inspection: failed,
            step,
        } => {
            let state = view.inspection(*failed);
            let title = state
                .as_ref()
                .and_then(|state| view.procedure(state.frozen))
                .and_then(|stored| stored.procedure.clone())
                .and_then(|document| {
                    let step = StepId(step.clone());
                    document.step(&step).map(|step| step.title.clone())
                });
            let of = state.map_or_else(String::new, |state| {
                let number = state
                    .order
                    .and_then(|order| view.order(order))
                    .map(|order| format!(", order {}", order.number))
                    .unwrap_or_default();
                format!(" of the {} of {}{number}", state.activity, state.performed)
            });
            format!("the failed step \"{}\"{of}", title.as_ref().unwrap_or(step))
        }
        Cause::Reopened { order } => match view.order(*order) {
            Some(closed) => format!("{}, opened again", closed.number),
            None => "a closed order, opened again".to_owned(),
        },
        Cause::SuspectRecall { .. } => "a suspected recall".to_owned(),
        Cause::Unscheduled => "work begun without an open order".to_owned(),
    }
}

/// True when somebody is about to be told that something is not on record.
pub(super) fn is_not_found<T>(answer: &Result<T, Failure>) -> bool {
    answer
        .as_ref()
        .is_err_and(|failure| failure.refusal() == Some(RefusalKind::NotFound))
}

fn known_device(view: &View<'_>, id: EntityId) -> Result<Device, Failure> {
    Ok(view
        .device(id)
        .filter(|device| device.revision > 0)
        .map(Arc::unwrap_or_clone)
        .ok_or_else(|| {
            Refusal::not_found(
                "This device is not on record.",
                "Look it up again by tag or serial.",
            )
        })?)
}

/// The devices that a tag, serial or alias names: a current tag hides what is only an alias.
fn cards_named(view: &View<'_>, name: &str) -> Vec<DeviceCard> {
    let cards: Vec<DeviceCard> = view
        .devices_named(name)
        .into_iter()
        .filter_map(|id| view.card(id))
        .collect();
    let folded = rows::fold(name);
    let tagged: Vec<DeviceCard> = cards
        .iter()
        .filter(|card| rows::fold(&card.tag) == folded)
        .cloned()
        .collect();
    if tagged.is_empty() { cards } else { tagged }
}
