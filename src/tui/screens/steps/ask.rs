//! The questions that an inspection asks over its checklist: which they are, and how they are put.
//!
//! Invariants: every question says what will be recorded; the one after a failing answer has no default.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::form::{Field, Form, Picker};
use super::paint::{self, Tint};
use super::words;
use crate::bench::query::{InspectionSheet, ToolRow};
use crate::domain::device::DeviceCard;
use crate::domain::id::EntityId;
use crate::domain::order::FailureCause;
use crate::domain::tool::ToolStatus;
use crate::keymap::{Action, Context};
use crate::tui::app::screen::Cx;
use crate::tui::view::Look;

/// What a form is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asked {
    /// Why a step does not apply.
    NotApplicable,
    /// Why an answer is amended.
    Amend,
    /// A note.
    Note,
    /// What was done about a failure.
    Fixed,
    /// Why a tool that is not known to be good is used, and who agrees.
    Override {
        /// The kind of tool.
        kind: String,
        /// The tool.
        tool: EntityId,
    },
    /// What to do about the wrong device.
    WrongDevice,
    /// What is suspected.
    Recall,
    /// Who goes on.
    HandOver,
}

/// The question in front.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Question {
    /// None.
    #[default]
    None,
    /// What is done about a failing answer; with the keys of its four ways.
    Failing([String; 4]),
    /// A form.
    Form(Form, Asked),
    /// Which test equipment.
    Tools {
        /// The list.
        picker: Picker,
        /// Its rows.
        rows: Vec<ToolRow>,
        /// The kind that the step needs.
        kind: String,
    },
    /// Another device was scanned.
    OtherDevice {
        /// The list: stay, then two rows for each device.
        picker: Picker,
        /// The devices.
        devices: Vec<DeviceCard>,
    },
    /// Something to read.
    Read {
        /// The heading.
        title: String,
        /// The lines.
        lines: Vec<String>,
    },
}

/// What can be done about a failure: the name, and what it means at length and in short.
const WAYS: [(&str, &str, &str); 4] = [
    (
        "typing slip",
        "the answer was mistyped; type it again, both are kept",
        "type it again",
    ),
    (
        "measure again",
        "measure once more; both readings are kept",
        "keep both",
    ),
    (
        "fixed now",
        "it was put right; an answer as left follows",
        "then as left",
    ),
    (
        "repair order",
        "it stays failed; a repair order is opened",
        "it stays failed",
    ),
];

/// Asks what is done about a failure, with the keys in force.
pub fn failing(cx: &Cx<'_>) -> Question {
    let ways = [
        Action::TypingSlip,
        Action::MeasureAgain,
        Action::FixedNow,
        Action::RepairFromStep,
    ];
    Question::Failing(ways.map(|action| cx.key(Context::AsFound, action)))
}

impl Question {
    /// Nothing is asked.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// Draws it over an area.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        match self {
            Self::None => {}
            Self::Failing(keys) => {
                let width = paint::overlay_width(area);
                let column = keys.iter().map(|key| key.chars().count()).max();
                let column = column.unwrap_or(0);
                let lines = keys
                    .iter()
                    .zip(WAYS)
                    .map(|(key, (name, long, short))| {
                        let key = paint::pad(look, key, column);
                        let words = if width < 74 { short } else { long };
                        let rest = format!("  {name:<15}{words}");
                        let room = width.saturating_sub(column + 1);
                        Line::from(vec![
                            paint::span(look, Tint::Strong, format!(" {key}")),
                            paint::span(look, Tint::Plain, paint::cut(look, &rest, room)),
                        ])
                    })
                    .collect();
                let title = "FAILED: what is done about it?";
                paint::overlay(frame, area, look, title, lines);
            }
            Self::Form(form, _) => form.draw(frame, area, look),
            Self::Tools { picker, .. } | Self::OtherDevice { picker, .. } => {
                picker.draw(frame, area, look);
            }
            Self::Read { title, lines } => {
                let width = paint::overlay_width(area);
                let lines = lines
                    .iter()
                    .flat_map(|l| paint::wrap(l, width))
                    .map(|l| paint::line(look, Tint::Plain, l))
                    .collect();
                paint::overlay(frame, area, look, title, lines);
            }
        }
    }
}

/// Asks why a step does not apply.
pub fn not_applicable(title: &str) -> Question {
    Question::Form(
        Form::new(
            "Not applicable",
            format!("{title}. The reason is kept and printed. No patient data."),
            vec![Field::text("Reason")],
        ),
        Asked::NotApplicable,
    )
}

/// Asks why an answer is amended.
pub fn amend(title: &str, answer: &str) -> Question {
    Question::Form(
        Form::new(
            "Amend",
            format!("{title}: {answer}. The old answer is kept and shown beside the new one."),
            vec![Field::text("Reason")],
        ),
        Asked::Amend,
    )
}

/// Asks for a note.
pub fn note(title: &str) -> Question {
    Question::Form(
        Form::new(
            "Note",
            format!("{title}. No patient names or numbers."),
            vec![Field::note("Note")],
        ),
        Asked::Note,
    )
}

/// Asks what was done about a failure.
pub fn fixed(title: &str) -> Question {
    let causes: Vec<String> = FailureCause::ALL
        .iter()
        .map(|cause| cause.label().to_owned())
        .collect();
    let found = FailureCause::ALL
        .iter()
        .position(|cause| *cause == FailureCause::FoundAtPm)
        .unwrap_or(0);
    Question::Form(
        Form::new(
            "Fixed now",
            format!("{title}. The failure stays as found; an answer as left follows."),
            vec![
                Field::note("What was done"),
                Field::choice("Cause", causes, found),
                Field::number("Minutes", 5),
            ],
        ),
        Asked::Fixed,
    )
}

/// Asks what to do about the wrong device.
pub fn wrong_device(sheet: &InspectionSheet, to: Option<&DeviceCard>) -> Question {
    let mut form = Form::new(
        "Wrong device",
        format!(
            "This inspection is on the record of {}. Void: it is kept and counts nowhere. Move: every reading goes to the right device, marked as moved.",
            sheet.device.tag
        ),
        vec![
            Field::choice(
                "What",
                vec![
                    "void this inspection".to_owned(),
                    "move its readings".to_owned(),
                ],
                usize::from(to.is_some()),
            ),
            Field::optional("Right device (tag), to move"),
            Field::text("Reason"),
        ],
    );
    if let Some(card) = to {
        form.fill(1, &card.tag);
    }
    Question::Form(form, Asked::WrongDevice)
}

/// Asks what is suspected.
pub fn recall(sheet: &InspectionSheet) -> Question {
    Question::Form(
        Form::new(
            "Suspect a recall",
            format!(
                "Opens an urgent recall order on {} and lists the other {}.",
                sheet.device.tag,
                sheet.device.name()
            ),
            vec![Field::note("What was seen")],
        ),
        Asked::Recall,
    )
}

/// Asks who goes on with it: others, or this technician who takes it over.
pub fn hand_over(sheet: &InspectionSheet, people: &[(String, String)], me: &str) -> Question {
    if sheet.inspection.holder != me {
        let about = format!(
            "{} has this inspection. You take it over; its steps so far stay theirs.",
            words::name(sheet, &sheet.inspection.holder)
        );
        return Question::Form(
            Form::new(
                "Take over",
                about,
                vec![Field::optional("Where the device is")],
            ),
            Asked::HandOver,
        );
    }
    if people.is_empty() {
        return Question::Read {
            title: "Hand over".to_owned(),
            lines: vec!["No other technician is on record.".to_owned()],
        };
    }
    let names = people.iter().map(|(_, name)| name.clone()).collect();
    Question::Form(
        Form::new(
            "Hand over",
            "They go on where it stands; your steps stay yours.",
            vec![
                Field::choice("To", names, 0),
                Field::optional("Where the device is"),
            ],
        ),
        Asked::HandOver,
    )
}

/// Asks for a reason and a second person for a tool that is not known to be good.
pub fn override_tool(row: &ToolRow, kind: &str, people: &[(String, String)]) -> Question {
    if people.is_empty() {
        return Question::Read {
            title: row.tool.name.clone(),
            lines: vec![
                format!("{}: {}.", row.tool.name, row.status.words()),
                "Using it needs a second person, and no other technician is on record. Take another tool.".to_owned(),
            ],
        };
    }
    let names = people.iter().map(|(_, name)| name.clone()).collect();
    Question::Form(
        Form::new(
            format!("{}: {}", row.tool.name, row.status.words()),
            "It may be used with a reason and a second person; both are printed on the record.",
            vec![
                Field::text("Reason"),
                Field::choice("Second person", names, 0),
            ],
        ),
        Asked::Override {
            kind: kind.to_owned(),
            tool: row.id,
        },
    )
}

/// Asks which tool of a kind is used; the one in front is that of `in_hand`, else the first good one.
pub fn tools(kind: &str, all: Vec<ToolRow>, in_hand: Option<EntityId>) -> Question {
    let mut rows: Vec<ToolRow> = all
        .into_iter()
        .filter(|row| words::same(&row.tool.kind, kind))
        .filter(|row| row.status != ToolStatus::Withdrawn)
        .collect();
    rows.sort_by_key(|row| !row.status.is_good());
    if rows.is_empty() {
        return Question::Read {
            title: format!("Tool: {kind}"),
            lines: vec![
                format!("No {kind} is on record, so this step cannot be measured yet."),
                "Add it with `tagout tool add`, leave the step for later, or answer that it does not apply, with a reason."
                    .to_owned(),
            ],
        };
    }
    let at = in_hand
        .and_then(|id| rows.iter().position(|row| row.id == id))
        .unwrap_or(0);
    let lines = rows
        .iter()
        .map(|row| {
            let tool = &row.tool;
            let what = format!("{} {}", tool.model, tool.serial);
            let words = format!("{}  {}  {}", tool.name, row.status.words(), what.trim());
            let tint = if row.status.is_good() {
                Tint::Plain
            } else {
                Tint::Warn
            };
            (words, tint)
        })
        .collect();
    Question::Tools {
        picker: Picker::new(
            format!("Which {kind}?"),
            "It is remembered until you leave the program.",
            lines,
            at,
        ),
        rows,
        kind: kind.to_owned(),
    }
}

/// Asks what to do about other devices that were scanned.
pub fn other_device(sheet: &InspectionSheet, devices: Vec<DeviceCard>) -> Question {
    let mut rows = vec![(format!("stay with {}", sheet.device.tag), Tint::Plain)];
    for card in &devices {
        rows.push((
            format!("switch to {}  {}", card.tag, card.name()),
            Tint::Plain,
        ));
        rows.push((
            format!("wrong device: this inspection was really on {}", card.tag),
            Tint::Plain,
        ));
    }
    let tags: Vec<&str> = devices.iter().map(|card| card.tag.as_str()).collect();
    Question::OtherDevice {
        picker: Picker::new(
            format!("Another device was scanned: {}", tags.join(", ")),
            "Nothing was recorded.",
            rows,
            0,
        ),
        devices,
    }
}
