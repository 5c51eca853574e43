//! What must be read about a device before step 1.
//!
//! Invariant: a line says which device it is about; the same state gives the same lines, so that reading can be recorded.

use super::doubt::measure_again_lines;
use super::start::in_words;
use crate::domain::choices::fold;
use crate::domain::context::{Context, World};
use crate::domain::device::{Device, Field};
use crate::domain::id::EntityId;

/// Everything about a device and the system it is part of that must be read before step 1: recalls, holds, other open
/// orders, readings to be measured again. `except` is the order that the inspection is for.
pub fn warnings(
    world: &dyn World,
    _ctx: &Context,
    device: EntityId,
    except: Option<EntityId>,
) -> Vec<String> {
    let Some(record) = world.device(device) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    about(world, device, &record, "", except, &mut out);
    let parent = record.text(Field::Parent);
    if !parent.is_empty() {
        for id in world.devices_named(&parent) {
            if id == device {
                continue;
            }
            if let Some(system) = world.device(id).filter(|d| fold(&d.tag()) == fold(&parent)) {
                about(world, id, &system, "the system ", except, &mut out);
            }
        }
    }
    out
}

fn about(
    world: &dyn World,
    id: EntityId,
    device: &Device,
    what: &str,
    except: Option<EntityId>,
    out: &mut Vec<String>,
) {
    let tag = device.tag();
    for hold in &device.holds {
        out.push(format!("{what}{tag}: {}: {}", hold.kind, hold.reason));
    }
    for order_id in world.open_orders(id) {
        if Some(order_id) == except {
            continue;
        }
        if let Some(order) = world.order(order_id).filter(|o| o.status.is_open()) {
            out.push(format!("{what}{tag}: open order {}", in_words(&order)));
        }
    }
    for line in measure_again_lines(world, id) {
        out.push(format!("{what}{tag}: {line}"));
    }
}
