//! A company's service report: entered from the paper, signed as reviewed, and what it closes.
//!
//! Invariants: whoever enters it signs that they reviewed it, never that they did the work; whether the report holds
//! readings is asked, because a bare "passed" is shown as one; the day of service is the company's, not today's.

use super::{NO_PATIENTS, open, today};
use crate::bench::ReviewRequest;
use crate::domain::id::EntityId;
use crate::domain::order::Report;
use crate::tui::app::screen::{Cx, Effect};
use crate::tui::screens::form::{Entry, Form};

const PASSED: &str = "passed";
const READINGS: &str = "with";

fn pair(key: &str, words: &str) -> (String, String) {
    (key.to_owned(), words.to_owned())
}

/// Enter a company's report for an order.
pub fn external(order: EntityId, number: &str, cx: &Cx<'_>) -> Effect {
    let today = today(cx);
    let form = Form::new(
        format!("Company's report for {number}"),
        vec![
            Entry::line("Company").needed(),
            Entry::line("Their technician").hint("as the report names them"),
            Entry::line("Report number").needed(),
            Entry::line("Day of service")
                .needed()
                .hint("YYYY-MM-DD, today, -3"),
            Entry::choice(
                "Result",
                vec![pair(PASSED, "passed"), pair("failed", "not passed")],
            )
            .needed(),
            Entry::choice(
                "Readings in it",
                vec![pair(READINGS, "yes"), pair("without", "no, a bare result")],
            )
            .needed(),
            Entry::line("File").hint("where the report is kept"),
        ],
        move |values| {
            let on = values
                .date(3, today)?
                .ok_or_else(|| (Some(3), "The day of service is needed.".to_owned()))?;
            if on > today {
                return Err((Some(3), format!("{on} is in the future.")));
            }
            Ok(vec![Effect::Review(ReviewRequest {
                order,
                report: Report {
                    company: values.text(0),
                    technician: values.text(1),
                    number: values.text(2),
                    on,
                    passed: values.text(4) == PASSED,
                    readings: values.text(5) == READINGS,
                    file: values.text(6),
                },
            })])
        },
    )
    .intro(format!(
        "The company did the work; you sign that you reviewed its report. {NO_PATIENTS}"
    ));
    open(form)
}
