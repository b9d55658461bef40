//! Computes: deleted with their machines, or let go from the workspace.

use super::arm::Change;
use super::operations::{accepted, again, begin};
use crate::emulator::arm::compute;
use crate::emulator::errors::{Plane, malformed};
use crate::emulator::ledger::Effect;
use crate::emulator::reply::Reply;
use crate::emulator::settings::Form;
use crate::emulator::world::{Kind, Workspace};
use serde_json::Value;

const PLANE: Plane = Plane::Arm;

pub(super) fn delete(change: &Change<'_>, workspace: &mut Workspace, name: &str) -> Reply {
    let action = change
        .ask
        .query("underlyingresourceaction")
        .unwrap_or_default()
        .to_lowercase();
    if action != "delete" && action != "detach" {
        return malformed(
            PLANE,
            "The query parameter underlyingResourceAction is required: Delete or Detach.",
        );
    }
    let Some(item) = compute(workspace.table(Kind::Computes).holding(), name) else {
        return Reply::empty(204);
    };
    let attached = item
        .doc
        .pointer("/properties/isAttachedCompute")
        .and_then(Value::as_bool)
        == Some(true);
    if action == "detach" && !attached {
        return malformed(
            PLANE,
            "A compute that the workspace manages cannot be detached.",
        );
    }
    let effect = if action == "detach" {
        Effect::Detached
    } else {
        Effect::Deleted
    };
    let (guid, id) = (workspace.guid.clone(), item.id.clone());
    let target = id.clone();
    let operation = begin(&change.hand, "DeleteCompute", target, move |hand, world| {
        if let Some(workspace) = again(world, &guid) {
            hand.take(workspace, Kind::Computes, effect, |item| item.id == id);
        }
    });
    // This delete names no result to look for.
    accepted(
        &change.hand.hub,
        &change.subscription,
        &workspace.region,
        &operation,
        Form::Status,
    )
}
