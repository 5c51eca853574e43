//! Key scripts through a whole checklist, with an in-process bench.

use crate::domain::inspection::{AnswerOrigin, Inspection, Verdict};
use crate::keymap::Context;
use crate::tui::app::screen::Place;
use crate::tui::screens::steps::testing::Desk;

/// The inspection as it is durable.
fn record(desk: &Desk) -> Inspection {
    let Some(Place::Checklist(id)) = desk.went.first() else {
        panic!("at a checklist")
    };
    desk.session().inspection(*id).unwrap().inspection
}

fn last(desk: &Desk) -> (String, Verdict) {
    let record = record(desk);
    let answered = record.answers.last().unwrap();
    (answered.step.0.clone(), answered.verdict)
}

#[test]
fn an_ordinary_pass_is_one_key_a_step() {
    let mut desk = Desk::at_checklist();
    desk.scan("BME-1");
    assert_eq!(last(&desk), ("identify".to_owned(), Verdict::Pass));
    assert_eq!(record(&desk).answers[0].origin, AnswerOrigin::Scan);
    desk.keys("p");
    assert_eq!(last(&desk), ("no-patient".to_owned(), Verdict::Pass));
    desk.keys("1");
    assert_eq!(last(&desk), ("case".to_owned(), Verdict::Pass));
    assert_eq!(desk.contexts(), [Context::Dialog], "asks for the tool");
    println!("{}", desk.shot(80, 24));
    desk.keys("1");
    println!("{}", desk.shot(80, 24));
    desk.enter("0.12");
    assert_eq!(last(&desk), ("earth".to_owned(), Verdict::Pass));
    println!("{}", desk.shot(80, 24));
    println!("{}", desk.shot(120, 40));
    println!("{}", desk.shot(40, 12));
}
