//! Long-running operations: an effect that takes place later, and the addresses where a caller asks whether it has.

use super::hand::Hand;
use crate::emulator::arm;
use crate::emulator::errors::now;
use crate::emulator::hub::{Hub, Operation, OperationState};
use crate::emulator::reply::Reply;
use crate::emulator::settings::Form;
use crate::emulator::world::{Workspace, World};
use std::sync::atomic::Ordering;

/// Starts an operation: after a while the effect takes place, unless operations are set to fail. The caller holds the
/// world, so that the operation belongs to it and to no later one.
pub(super) fn begin(
    hand: &Hand,
    kind: &'static str,
    target: String,
    effect: impl FnOnce(&Hand, &mut World) + Send + 'static,
) -> String {
    let hub = &hand.hub;
    let count = hub.counter.fetch_add(1, Ordering::Relaxed);
    let id = hub.mint.guid(&format!("operation {count}"));
    let (time, fails, vanished) = {
        let settings = hub.settings();
        (
            settings.operation,
            settings.operations_fail,
            settings.operation_vanishes,
        )
    };
    let age = hub.age.load(Ordering::Relaxed);
    hub.operations().insert(
        id.clone(),
        Operation {
            state: OperationState::Running,
            kind,
            target,
            started: now(),
            vanished,
            step: 0,
        },
    );
    let (hand, key) = (hand.clone(), id.clone());
    tokio::spawn(async move {
        if !time.is_zero() {
            tokio::time::sleep(time).await;
        }
        let mut world = hand.hub.world_mut();
        if hand.hub.age.load(Ordering::Relaxed) != age {
            return;
        }
        if !fails {
            effect(&hand, &mut world);
        }
        if let Some(operation) = hand.hub.operations().get_mut(&key) {
            operation.state = if fails {
                OperationState::Failed
            } else {
                OperationState::Succeeded
            };
        }
    });
    id
}

/// The workspace or registry of an effect, found again when its time has come.
pub(super) fn again<'a>(world: &'a mut World, guid: &str) -> Option<&'a mut Workspace> {
    let mut all = world.workspaces.iter_mut().chain(&mut world.registries);
    all.find(|each| each.guid == guid)
}

/// 202 of the resource manager, with the addresses where the operation is followed: the result of the call, the state of
/// the operation, both or none, as it is set; and otherwise as this call usually does.
pub(super) fn accepted(
    hub: &Hub,
    subscription: &str,
    region: &str,
    operation: &str,
    usual: Form,
) -> Reply {
    let (form, wait, long) = {
        let settings = hub.settings();
        // The addresses of computes have been seen to be long.
        let long = settings.long_operation_urls || usual == Form::Status;
        (
            settings.operations.unwrap_or(usual),
            settings.retry_after.to_string(),
            long,
        )
    };
    let address = |word: &str| {
        let tail = if long {
            format!("&service=new&c={}", hub.mint.letters("long address", 3_000))
        } else {
            String::new()
        };
        format!(
            "{}/subscriptions/{subscription}/providers/Microsoft.MachineLearningServices/locations/{region}/\
             {word}/{operation}?api-version=2023-10-01{tail}",
            hub.origins.arm
        )
    };
    let mut reply = Reply::empty(202);
    if matches!(form, Form::Status | Form::Both) {
        let word = if usual == Form::Status {
            "computeOperationsStatus"
        } else {
            "mfeOperationsStatus"
        };
        reply = reply.with("azure-asyncoperation", address(word));
    }
    if matches!(form, Form::Location | Form::Both) {
        reply = reply.with("location", address(arm::RESULTS));
    }
    if form == Form::Silent {
        return reply;
    }
    reply.with("retry-after", wait)
}
