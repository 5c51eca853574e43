//! Test equipment: checked when chosen, at each reading, and backwards when it turns out faulty.

use super::bench::{JD, MK, Shop, day, ohm, volt};
use crate::domain::command::Command;
use crate::domain::device::Outcome;
use crate::domain::id::EntityId;
use crate::domain::inspection::{Again, InspectionCommand, StepState};
use crate::domain::refusal::Refusal;
use crate::domain::signature::Meaning;
use crate::domain::testing::Receipt;
use crate::domain::tool::ToolCommand;

fn choose(
    shop: &mut Shop,
    id: EntityId,
    kind: &str,
    tool: EntityId,
    by: Option<(&str, &str)>,
) -> Result<Receipt, Refusal> {
    shop.act(
        JD,
        InspectionCommand::ChooseTool {
            inspection: id,
            kind: kind.into(),
            tool,
            override_by: by.map(|(reason, who)| (reason.into(), who.into())),
        },
    )
}

fn broken(shop: &mut Shop, tool: EntityId, on: &str) -> Receipt {
    shop.ok(
        JD,
        Command::ToolFailed {
            tool,
            on: day(on),
            reason: "reads 20 % low".into(),
        },
    )
}

#[test]
fn a_reading_needs_a_tool_that_is_good_on_the_day() {
    let mut shop = Shop::new();
    let old = shop.tool("esa2", "Safety-Analyser", "2024-01-01", "2025-01-01");
    let meter = shop.tool("dmm1", "multimeter", "2026-01-01", "2027-01-01");
    let mut command = shop.begin(shop.pump, None);
    if let InspectionCommand::Start { tools, .. } = &mut command {
        *tools = vec![
            ("safety analyser".into(), old),
            ("multimeter".into(), meter),
        ];
    }
    let receipt = shop.act(JD, command).unwrap();
    let id = receipt
        .first(crate::domain::event::Kind::Inspection)
        .unwrap();
    assert!(shop.inspection(id).tools.is_empty(), "neither fits");
    shop.pass_all_but(id, &["earth"]);
    let refusal = shop.answer(id, "earth", ohm("0.1")).unwrap_err();
    assert!(refusal.what.contains("needs a safety analyser"));
    let bad = [
        (meter, None, "as multimeter"),
        (old, None, "OUT OF CALIBRATION"),
        (old, Some(("", MK)), "empty"),
        (old, Some(("only one here", JD)), "somebody else"),
        (old, Some(("only one here", "xx")), "No technician"),
    ];
    for (tool, by, words) in bad {
        let refusal = choose(&mut shop, id, "safety analyser", tool, by).unwrap_err();
        assert!(refusal.what.contains(words), "{}", refusal.what);
    }
    choose(
        &mut shop,
        id,
        "SAFETY ANALYSER",
        old,
        Some(("only one here", MK)),
    )
    .unwrap();
    shop.answer(id, "earth", ohm("0.1")).unwrap();
    let used = &shop.inspection(id).tools["safety analyser"];
    assert_eq!(used.override_by, Some(("only one here".into(), MK.into())));
    assert!(!used.good);
    assert!(choose(&mut shop, id, "oscilloscope", old, None).is_err());
}

#[test]
fn a_tool_that_broke_since_gives_no_more_readings() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.pass_all_but(id, &["earth"]);
    let esa = shop.esa;
    broken(&mut shop, esa, "2026-03-02");
    let refusal = shop.answer(id, "earth", ohm("0.1")).unwrap_err();
    assert!(refusal.what.contains("FAULTY"), "{}", refusal.what);
    let refusal = choose(&mut shop, id, "safety analyser", esa, Some(("hurry", MK))).unwrap_err();
    assert!(refusal.hint.contains("Nobody can override"));
}

#[test]
fn a_faulty_tool_makes_its_readings_suspect_since_its_last_good_day() {
    let mut shop = Shop::new();
    shop.world.pass_days(5);
    let before = shop.start();
    shop.pass_all_but(before, &[]);
    shop.sign(before);
    shop.world.pass_days(1);
    let esa = shop.esa;
    shop.ok(
        JD,
        Command::Tool(ToolCommand::CheckGood {
            tool: esa,
            on: day("2026-03-08"),
            note: "against the reference box".into(),
        }),
    );
    shop.world.pass_days(2);
    let signed = shop.start();
    shop.pass_all_but(signed, &[]);
    assert_eq!(shop.sign(signed), Outcome::Passed);
    let open = shop.start();
    shop.pass_all_but(open, &[]);
    shop.world.pass_days(1);
    broken(&mut shop, esa, "2026-03-11");

    assert_eq!(
        shop.world.tools[&esa].failures[0].2,
        Some(day("2026-03-08"))
    );
    let count = |shop: &Shop, id| shop.inspection(id).suspects.len();
    assert_eq!(count(&shop, before), 0, "it was still good");
    assert_eq!(count(&shop, signed), 1);
    assert_eq!(shop.inspection(signed).outcome, Some(Outcome::Passed));
    assert!(shop.order_of(signed).addenda[0].text.contains("suspect"));

    // The open one asks for a new measurement, by another tool.
    assert_eq!(shop.state(open, "earth"), StepState::Suspect);
    assert_eq!(shop.front(open), "earth");
    let refusal = shop.sign_as(JD, open, Meaning::Performed).unwrap_err();
    assert!(
        refusal.what.contains("faulty test equipment"),
        "{}",
        refusal.what
    );
    let spare = shop.tool("esa2", "safety analyser", "2026-03-01", "2027-03-01");
    choose(&mut shop, open, "safety analyser", spare, None).unwrap();
    shop.answer(open, "earth", ohm("0.2")).unwrap();
    assert_eq!(
        shop.last(open, "earth").supersedes.map(|(_, why)| why),
        Some(Again::ToolFault)
    );
    assert_eq!(shop.sign(open), Outcome::Passed);

    // Told twice, nothing is marked twice.
    broken(&mut shop, esa, "2026-03-11");
    assert_eq!(count(&shop, signed), 1);
}

#[test]
fn a_failure_by_a_faulty_tool_is_measured_again_and_may_pass() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.pass_all_but(id, &["earth"]);
    shop.answer(id, "earth", ohm("0.9")).unwrap();
    let fault = shop.answer_again(id, "earth", ohm("0.1"), Some(Again::ToolFault));
    assert!(fault.is_err(), "no tool is known to be faulty");
    let esa = shop.esa;
    broken(&mut shop, esa, "2026-03-02");
    assert_eq!(shop.state(id, "earth"), StepState::Suspect);
    let spare = shop.tool("esa2", "safety analyser", "2026-03-01", "2027-03-01");
    choose(&mut shop, id, "safety analyser", spare, None).unwrap();
    shop.answer(id, "earth", ohm("0.1")).unwrap();
    assert_eq!(shop.sign(id), Outcome::Passed);
    assert!(
        shop.inspection(id)
            .because
            .join(" ")
            .contains("faulty tool")
    );
}

#[test]
fn steps_without_a_tool_kind_need_none() {
    let mut shop = Shop::new();
    let id = shop.start();
    shop.answer(id, "volts", volt("12")).unwrap();
    assert_eq!(shop.last(id, "volts").tool, None);
}

#[test]
fn a_fault_needs_a_day_a_reason_and_a_tool() {
    let mut shop = Shop::new();
    for (tool, on, reason) in [
        (shop.esa, "2026-03-03", "dropped"),
        (shop.esa, "2026-03-02", " "),
        (EntityId::Natural([9; 16]), "2026-03-02", "dropped"),
    ] {
        let command = Command::ToolFailed {
            tool,
            on: day(on),
            reason: reason.into(),
        };
        assert!(shop.try_tell(JD, command).is_err(), "{on} {reason}");
    }
}

/// On the day of the last good check its time decides; where only the day is known a reading is suspect and says why.
#[test]
fn on_the_day_of_the_last_good_check_its_time_decides() {
    // The check is recorded on its day, between two readings.
    let mut shop = Shop::new();
    shop.world.pass_days(5);
    let before = shop.start();
    shop.pass_all_but(before, &[]);
    shop.sign(before);
    shop.world.pass(600);
    let esa = shop.esa;
    let check = |shop: &mut Shop, on: &str| {
        let command = Command::Tool(ToolCommand::CheckGood {
            tool: esa,
            on: day(on),
            note: "against the reference box".into(),
        });
        shop.ok(JD, command);
    };
    check(&mut shop, "2026-03-07");
    shop.world.pass(600);
    let after = shop.start();
    shop.pass_all_but(after, &[]);
    shop.sign(after);
    broken(&mut shop, esa, "2026-03-07");
    assert!(shop.inspection(before).suspects.is_empty());
    assert_eq!(shop.inspection(after).suspects.len(), 1);
    assert_eq!(shop.inspection(after).suspects[0].reason, "reads 20 % low");

    // The check is recorded a day later: nobody knows when it was.
    let mut shop = Shop::new();
    shop.world.pass_days(5);
    let same_day = shop.start();
    shop.pass_all_but(same_day, &[]);
    shop.sign(same_day);
    shop.world.pass_days(1);
    check(&mut shop, "2026-03-07");
    broken(&mut shop, esa, "2026-03-08");
    let suspects = shop.inspection(same_day).suspects;
    assert_eq!(suspects.len(), 1);
    assert!(
        suspects[0]
            .reason
            .contains("the time of that check is not on record"),
        "{}",
        suspects[0].reason
    );
}

#[test]
fn the_second_person_of_an_override_proves_that_it_is_them() {
    let mut shop = Shop::new();
    let id = shop.start();
    let old = shop.tool("old", "safety analyser", "2024-01-10", "2025-01-10");
    let command = Command::Inspection(InspectionCommand::ChooseTool {
        inspection: id,
        kind: "safety analyser".into(),
        tool: old,
        override_by: Some(("only one here".into(), MK.into())),
    });
    let refusal = shop.world.tell_alone(JD, &command).unwrap_err();
    assert!(refusal.what.contains("Max Kim has not proved"), "{refusal}");
    // A proof of another act does not fit this one.
    let other = Command::Inspection(InspectionCommand::ChooseTool {
        inspection: id,
        kind: "safety analyser".into(),
        tool: old,
        override_by: Some(("another reason".into(), MK.into())),
    });
    let stolen = Command::Witnessed {
        command: Box::new(command.clone()),
        signature: shop.world.proof(&other).unwrap(),
    };
    let refusal = shop.world.tell_alone(JD, &stolen).unwrap_err();
    assert!(refusal.what.contains("does not fit"), "{refusal}");
    shop.ok(JD, command);
    let inspection = shop.inspection(id);
    let used = inspection.tools_used.last().unwrap();
    assert!(inspection.is_witnessed(MK, used.stamp.dot));
    assert!(!inspection.is_witnessed(JD, used.stamp.dot));
    assert_eq!(inspection.witnesses.len(), 1);
}
