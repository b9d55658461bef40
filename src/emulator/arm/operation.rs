//! Operations under way, as a caller asks about them.

use super::PLANE;
use crate::emulator::ask::Ask;
use crate::emulator::errors::{fault, missing};
use crate::emulator::hub::{Hub, Operation, OperationState};
use crate::emulator::mint::zulu;
use crate::emulator::reply::Reply;
use crate::emulator::text;
use serde_json::json;

/// What stands before the id in the address of a result.
pub(crate) const RESULTS: &str = "operationResults";

/// The words that stand before the id in addresses of states.
pub(super) const STATES: [&str; 2] = ["computeoperationsstatus", "mfeoperationsstatus"];

/// The operation behind an address, as this question finds it. The address moves when it is set so: then each question
/// makes a new one, and whoever asks at one that was left two questions ago finds nothing.
pub(crate) fn asked(hub: &Hub, word: &str, moving: bool) -> Option<(Operation, String)> {
    let moves = moving && hub.settings().operation_moves;
    let (id, step) = word.split_once('_').unwrap_or((word, "0"));
    let step: u32 = step.parse().ok()?;
    let mut operations = hub.operations();
    let operation = operations.get_mut(id).filter(|each| !each.vanished)?;
    if step > operation.step || step + 1 < operation.step {
        return None;
    }
    if moves && operation.state == OperationState::Running {
        operation.step = step + 1;
        return Some((operation.clone(), format!("{id}_{}", step + 1)));
    }
    Some((operation.clone(), word.to_owned()))
}

/// How a long-running operation fares. The address in `Location` answers 202 until the end, and then as the call itself
/// would have; the one in `Azure-AsyncOperation` always 200 with a state.
pub(super) fn operation(hub: &Hub, word: &str, state: bool, ask: &Ask) -> Reply {
    let Some((operation, next)) = asked(hub, word, !state) else {
        return missing(PLANE, &format!("Operation {word} was not found."));
    };
    let wait = hub.settings().retry_after.to_string();
    let failed = format!("{} of {} failed.", operation.kind, operation.target);
    if state {
        let status = match operation.state {
            OperationState::Running => "InProgress",
            OperationState::Succeeded => "Succeeded",
            OperationState::Failed => "Failed",
        };
        let mut body = json!({"id": ask.path, "name": word, "status": status, "startTime": zulu(operation.started)});
        if operation.state == OperationState::Failed {
            text::merge(
                &mut body,
                json!({"error": {"code": "OperationFailed", "message": failed}}),
            );
        }
        return Reply::json(200, &body).with("retry-after", wait);
    }
    match operation.state {
        OperationState::Running => {
            let path = ask.path.replace(word, &next);
            Reply::empty(202)
                .with(
                    "location",
                    format!("{}{path}?{}", hub.origins.arm, ask.raw_query),
                )
                .with("retry-after", wait)
        }
        OperationState::Succeeded => Reply::empty(200),
        OperationState::Failed => fault(PLANE, 409, "OperationFailed", &failed),
    }
}
