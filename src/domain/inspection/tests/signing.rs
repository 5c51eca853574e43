//! Signing: who may, when, and what follows for the order and the device.

use super::bench::{JD, MK, Shop, day, ohm};
use crate::domain::command::Command;
use crate::domain::device::{HoldKind, Outcome};
use crate::domain::inspection::{Answer, Failing, InspectionCommand};
use crate::domain::order::{
    FailureCause, OrderCommand, OrderKind, OutcomeCode, Status, WorkAction,
};
use crate::domain::signature::Meaning;

#[test]
fn a_passing_pm_needs_its_steps_and_the_signature() {
    let mut shop = Shop::new();
    let order = shop.order(OrderKind::Pm, "annual PM");
    let id = shop.start();
    assert_eq!(shop.inspection(id).order, Some(order));
    shop.pass_all_but(id, &[]);
    assert_eq!(shop.plan(id).missing, Vec::<String>::new());
    assert_eq!(shop.sign(id), Outcome::Passed);

    let order = shop.order_of(id);
    assert_eq!(order.status, Status::Closed);
    let closing = order.closing.clone().unwrap();
    assert_eq!(closing.outcome, Some(OutcomeCode::Passed));
    assert_eq!(closing.cause, FailureCause::None);
    assert_eq!(closing.action, WorkAction::Pm);
    assert_eq!(closing.inspection, Some(id));
    assert_eq!(order.tools, vec![shop.esa]);
    // Eight answers, half a minute apart.
    assert_eq!(order.minutes(), 4);
    let last = &shop.world.devices[&shop.pump].inspections["annual PM"];
    assert_eq!(last.next_due, Some(day("2027-03-02")));
}
