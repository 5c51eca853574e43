//! Answering questions, from what is durable now.

use std::sync::PoisonError;

use chrono::NaiveDate;

use crate::domain::context::World as _;
use crate::domain::device::{Device, DeviceCard, Field};
use crate::domain::event::Aggregate;
use crate::domain::id::{EntityId, Hash};
use crate::domain::inspection::{self, Answer as Given, Inspection, InspectionStatus, Phase};
use crate::domain::order::{Order, rank};
use crate::domain::procedure::Procedure;
use crate::domain::refusal::Refusal;
use crate::domain::stored_procedure::StoredProcedure;
use crate::domain::time::Moment;
use crate::identify::{device_identifier, parse_udi};
use crate::journal::codec;
use crate::journal::wire::events;
use crate::lookup::FindOptions;

use super::failure::Failure;
use super::history;
use super::query::{
    Answer, DeviceSheet, FoundDevice, FoundDevices, HistoryLine, InspectionRow, InspectionSheet,
    MAX_WINDOW, OrderFilter, OrderRow, OrderSheet, Previous, ProcedureRow, Query, ScanAnswer,
    ShopFacts, ToolRow, Window,
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
            Query::Procedure(hash) => {
                Answer::Procedure(Box::new(view.procedure(hash).ok_or_else(|| {
                    Refusal::not_found(
                        "This procedure version is not on record.",
                        "List them with `procedure list`.",
                    )
                })?))
            }
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
            Query::Technicians => Answer::Technicians(
                view.ids(rows::TECHNICIAN_KEY, &[], usize::MAX)
                    .into_iter()
                    .filter_map(|id| view.technician_state(id))
                    .collect(),
            ),
            Query::Scan(text) => Answer::Scan(Box::new(self.scan(view, &text, None))),
            Query::Warnings { device, order } => {
                let mut warnings =
                    inspection::warnings(view, &self.now_context(view), device, order);
                warnings.extend(self.recall_alerts(view, device));
                Answer::Warnings(warnings)
            }
            Query::Siblings(device) => Answer::Cards(self.siblings(view, device)?),
        })
    }

    fn now_context(&self, view: &View<'_>) -> crate::domain::context::Context {
        self.context(view, "", self.store.next_dot(0).seq, None)
    }

    fn shop_facts(&self, view: &View<'_>) -> ShopFacts {
        let genesis = self.store.genesis();
        let shop = view
            .shop_state(crate::domain::command::shop_id(self.store.site()))
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
            entries: self.store.entries_count(),
            newer: view.scan(rows::NEWER, &[], usize::MAX).len(),
            read_only: self.store.read_only(),
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

    fn history(&self, of: Aggregate, offset: usize, limit: usize) -> Result<Answer, Failure> {
        let what = events::aggregate_ref(of);
        let entries = self.store.entries_of(&what, 0, usize::MAX)?;
        let mut lines: Vec<HistoryLine> = Vec::new();
        for entry in &entries {
            let at = Moment {
                micros: entry.wall_us,
                offset: entry.offset_minutes,
            };
            for addressed in super::service::decoded(entry) {
                if addressed.to() == of {
                    lines.push(HistoryLine {
                        at,
                        by: entry.actor.clone(),
                        what: history::words(&addressed.event),
                        entry: format!("{}:{}", entry.site.short(), entry.seq),
                    });
                }
            }
        }
        lines.reverse();
        Ok(Answer::History(window(
            lines,
            offset,
            limit.min(MAX_WINDOW),
            self.store.entries_count(),
        )))
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
                view.model_of(&di).map(|model| model.facts)
            },
            modules: view
                .children(&device.tag())
                .into_iter()
                .filter_map(|child| view.card(child))
                .collect(),
            stands_for: device.merged_into.and_then(|into| view.card(into)),
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
                        .map(|linked| (linked.number, relation.clone(), linked.status))
                })
                .collect(),
            tools: order
                .tools
                .iter()
                .filter_map(|tool| view.tool(*tool).map(|tool| tool.name))
                .collect(),
            order,
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
            .and_then(|p| p.procedure)
            .ok_or_else(missing)?;
        let device_id = known.device.ok_or_else(missing)?;
        let earlier: Vec<(EntityId, Inspection)> = view
            .ids(rows::INSPECTIONS_OF_DEVICE, &device_id.key(), usize::MAX)
            .into_iter()
            .rev()
            .filter(|other| *other != id)
            .filter_map(|other| view.inspection(other).map(|state| (other, state)))
            .filter(|(_, state)| state.status == Some(InspectionStatus::Signed))
            .take(8)
            .collect();
        let last = earlier
            .iter()
            .find(|(_, state)| state.activity == known.activity)
            .map(|(_, state)| Box::new(state.clone()));
        let names = view
            .ids(rows::TECHNICIAN_KEY, &[], usize::MAX)
            .into_iter()
            .filter_map(|technician| view.technician_state(technician))
            .map(|technician| (technician.key, technician.name))
            .collect();
        Ok(InspectionSheet {
            id,
            procedure: view.procedure(known.procedure).unwrap_or_default(),
            device: view.card(device_id).ok_or_else(missing)?,
            order: known
                .order
                .and_then(|order| view.order(order))
                .map(|o| o.number)
                .unwrap_or_default(),
            repairs: known
                .repairs
                .iter()
                .filter_map(|(step, order)| view.order(*order).map(|o| (step.clone(), o.number)))
                .collect(),
            previous: previous_readings(&earlier, &document),
            last,
            names,
            now: self.clock.now(self.zone()),
            document,
            inspection: known,
        })
    }

    /// Reads a label: what it says, and which device it may be. `today` is the shop's when not given.
    pub fn scan_on(&self, text: &str, today: Option<NaiveDate>) -> Result<ScanAnswer, Failure> {
        let view = self.view();
        let answer = self.scan(&view, text, today);
        view.trouble()?;
        Ok(answer)
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
                model = view.model_of(&di).map(|model| model.facts);
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

fn window<T>(rows: Vec<T>, offset: usize, limit: usize, revision: u64) -> Window<T> {
    let total = rows.len();
    Window {
        rows: rows.into_iter().skip(offset).take(limit).collect(),
        offset,
        total,
        revision,
    }
}

fn known_device(view: &View<'_>, id: EntityId) -> Result<Device, Failure> {
    Ok(view
        .device(id)
        .filter(|device| device.revision > 0)
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

fn row_text(row: &OrderRow) -> String {
    let device = row.device.as_ref().map_or_else(String::new, |card| {
        format!(
            "{} {} {} {}",
            card.tag,
            card.serial,
            card.name(),
            card.location
        )
    });
    format!(
        "{} {} {} {} {device}",
        row.number, row.kind, row.what, row.department
    )
    .to_lowercase()
}

fn order_row(view: &View<'_>, id: EntityId, today: NaiveDate) -> Option<OrderRow> {
    let order = view.order(id)?;
    let device = order.opening.device.and_then(|device| view.card(device));
    Some(row_of(view, id, &order, device, today))
}

fn row_of(
    view: &View<'_>,
    id: EntityId,
    order: &Order,
    device: Option<DeviceCard>,
    today: NaiveDate,
) -> OrderRow {
    let opening = &order.opening;
    let what = match (opening.problem.is_empty(), opening.activity.is_empty()) {
        (false, _) => opening.problem.clone(),
        (true, false) => opening.activity.clone(),
        (true, true) => opening.kind.label().to_owned(),
    };
    let inspection = if order.started.is_some() && order.status.is_open() {
        view.inspections_of_order(id)
            .into_iter()
            .filter_map(|inspection| view.inspection(inspection).map(|state| (inspection, state)))
            .find(|(_, state)| state.is_open())
            .map(|(inspection, state)| (inspection, state.holder))
    } else {
        None
    };
    OrderRow {
        id,
        number: order.number.clone(),
        kind: opening.kind,
        status: order.status,
        priority: opening.priority,
        what,
        department: if opening.department.is_empty() {
            device
                .as_ref()
                .map(|card| card.department.clone())
                .unwrap_or_default()
        } else {
            opening.department.clone()
        },
        due: opening.due,
        assignee: order.assignee.clone(),
        rank: rank(
            order,
            device.as_ref().is_none_or(|card| card.high_risk),
            today,
        ),
        overdue: order.is_overdue(today),
        inspection,
        attempts: order.attempts.len(),
        device,
    }
}

fn inspection_row(view: &View<'_>, id: EntityId) -> Option<InspectionRow> {
    let state = view.inspection(id)?;
    state.started.as_ref()?;
    let procedure = view
        .procedure(state.procedure)
        .and_then(|stored| stored.procedure)
        .map(|procedure| procedure.title.clone())
        .unwrap_or_default();
    let timers = state
        .timers
        .iter()
        .filter(|(step, _)| state.answer(step, None, Phase::AsFound).is_none())
        .map(|(step, (stamp, seconds))| (step.clone(), stamp.at.plus_seconds(i64::from(*seconds))))
        .collect();
    Some(InspectionRow {
        id,
        device: state.device.and_then(|device| view.card(device)),
        order: state
            .order
            .and_then(|order| view.order(order))
            .map(|o| o.number)
            .unwrap_or_default(),
        activity: state.activity.clone(),
        procedure,
        holder: state.holder.clone(),
        status: state.status.unwrap_or(InspectionStatus::Open),
        outcome: state.outcome,
        performed: state.performed,
        answers: state.answer_count(),
        timers,
    })
}

fn tool_row(view: &View<'_>, id: EntityId, today: NaiveDate) -> Option<ToolRow> {
    let tool = view.tool(id)?;
    let status = tool.status_on(today);
    Some(ToolRow { id, tool, status })
}

fn procedure_row(stored: &StoredProcedure) -> Option<ProcedureRow> {
    let procedure = stored.procedure.as_ref()?;
    Some(ProcedureRow {
        hash: Hash(procedure.hash().0.0),
        code: procedure.code.clone(),
        title: procedure.title.clone(),
        activity: procedure.activity.clone(),
        version: procedure.version.clone(),
        device_types: procedure.device_types.clone(),
        adopted: stored
            .adoptions
            .last()
            .map(|a| (a.by.clone(), a.against.clone())),
        withdrawn: stored.withdrawn.is_some(),
        unverified: procedure.has_unverified_limits(),
        steps: procedure.steps().count(),
        source: stored.source.clone(),
    })
}

/// How well a procedure fits a device: model before type code before type name before "any type".
fn fit(procedure: &Procedure, device: &Device) -> Option<u8> {
    let same = |a: &str, b: &str| !b.is_empty() && rows::fold(a) == rows::fold(b);
    let model = device.text(Field::Model);
    let code = device.text(Field::TypeCode);
    let name = device.text(Field::TypeName);
    if procedure
        .models
        .iter()
        .any(|m| same(m, &model) || same(m, &device.name()))
    {
        return Some(0);
    }
    if !procedure.models.is_empty() {
        return None;
    }
    if procedure.device_types.iter().any(|t| same(t, &code)) {
        return Some(1);
    }
    if procedure.device_types.iter().any(|t| same(t, &name)) {
        return Some(2);
    }
    procedure.device_types.is_empty().then_some(3)
}

fn procedures_for(view: &View<'_>, device: &Device, activity: &str) -> Vec<ProcedureRow> {
    let mut found: Vec<(u8, bool, std::cmp::Reverse<i64>, ProcedureRow)> = view
        .procedures()
        .iter()
        .filter(|(_, stored)| stored.withdrawn.is_none())
        .filter_map(|(_, stored)| {
            let procedure = stored.procedure.as_ref()?;
            let wanted = activity.is_empty()
                || rows::fold(&procedure.activity) == rows::fold(activity)
                || is_pm(&procedure.activity) && is_pm(activity);
            if !wanted {
                return None;
            }
            let changed = stored.changed.as_ref().map_or(0, |stamp| stamp.at.micros);
            Some((
                fit(procedure, device)?,
                !stored.is_adopted(),
                std::cmp::Reverse(changed),
                procedure_row(stored)?,
            ))
        })
        .collect();
    // Fit first, then adopted versions, then the newest.
    found.sort_by(|a, b| (a.0, a.1, a.2, &a.3.code).cmp(&(b.0, b.1, b.2, &b.3.code)));
    found.into_iter().map(|(_, _, _, row)| row).collect()
}

/// "annual PM", "semi-annual PM" and "PM" are one activity when a procedure is sought.
fn is_pm(activity: &str) -> bool {
    activity
        .to_lowercase()
        .split_whitespace()
        .any(|word| word == "pm")
}

fn previous_readings(earlier: &[(EntityId, Inspection)], document: &Procedure) -> Vec<Previous> {
    let mut out = Vec::new();
    for (_, state) in earlier {
        for answered in &state.answers {
            if let Given::Reading(reading) = &answered.answer
                && !state.is_superseded(answered.stamp.dot)
                && !state.is_suspect(answered.stamp.dot)
                && document.step(&answered.step).is_some()
            {
                out.push(Previous {
                    step: answered.step.clone(),
                    point: answered.point,
                    reading: reading.clone(),
                    on: state.performed,
                });
            }
        }
    }
    out
}
