//! What surrounds the resources: locks, role assignments, and operations under way.

use super::PLANE;
use crate::emulator::ask::Ask;
use crate::emulator::deeds;
use crate::emulator::errors::{fault, missing};
use crate::emulator::hub::{Hub, OperationState};
use crate::emulator::reply::Reply;
use serde_json::{Value, json};

/// Locks and role assignments, at any scope.
pub(super) fn authorization(hub: &Hub, ask: &Ask, collection: &str, length: usize) -> Reply {
    let scope = format!("/{}", ask.segments[..length - 3].join("/"));
    match collection {
        "locks" => {
            let settings = hub.settings();
            let locks: Vec<Value> = settings
                .locks
                .iter()
                .enumerate()
                .filter(|(_, lock)| deeds::covers(&lock.scope, &scope))
                .map(|(at, lock)| {
                    json!({
                        "id": format!("{}/providers/Microsoft.Authorization/locks/lock-{at}", lock.scope),
                        "name": format!("lock-{at}"),
                        "type": "Microsoft.Authorization/locks",
                        "properties": {"level": lock.level, "notes": "kept for the audit"},
                    })
                })
                .collect();
            Reply::json(200, &json!({"value": locks}))
        }
        "roleassignments" => {
            let person = &hub.people[0];
            let id = hub.mint.guid("role assignment");
            Reply::json(
                200,
                &json!({"value": [{
                    "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{id}"),
                    "name": id,
                    "type": "Microsoft.Authorization/roleAssignments",
                    "properties": {
                        "principalId": person.object_id,
                        "principalType": "User",
                        "roleDefinitionId": "/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c",
                        "scope": scope,
                        "condition": null,
                        "createdBy": person.object_id,
                        "updatedBy": person.object_id,
                        "createdOn": "2019-01-01T00:00:00Z",
                        "updatedOn": "2019-01-01T00:00:00Z",
                    },
                }]}),
            )
        }
        // Deny assignments, eligibilities and the rest exist and hold nothing here.
        "denyassignments" | "permissions" => Reply::json(
            200,
            &json!({"value": if collection == "permissions" { json!([{"actions": ["*"], "notActions": []}]) } else { json!([]) }}),
        ),
        _ => missing(PLANE, "The resource could not be found."),
    }
}

/// How a long-running operation fares. The address in `Location` answers 202 until the end, the one in
/// `Azure-AsyncOperation` always 200 with a state.
pub(super) fn operation(hub: &Hub, id: &str, ask: &Ask) -> Reply {
    let operations = hub.operations();
    let Some(operation) = operations.get(id) else {
        return missing(PLANE, &format!("Operation {id} was not found."));
    };
    let settings = hub.settings();
    let wait = settings.retry_after.to_string();
    let asked_for_state = ask.path.to_lowercase().contains("computeoperationsstatus");
    if asked_for_state {
        let status = match operation.state {
            OperationState::Running => "InProgress",
            OperationState::Succeeded => "Succeeded",
            OperationState::Failed => "Failed",
        };
        let mut body = json!({"id": ask.path, "name": id, "status": status, "startTime": crate::emulator::mint::zulu(operation.started)});
        if operation.state == OperationState::Failed {
            crate::emulator::text::merge(
                &mut body,
                json!({"error": {"code": "OperationFailed", "message": format!("{} of {} failed.", operation.kind, operation.target)}}),
            );
        }
        return Reply::json(200, &body).with("retry-after", wait);
    }
    match operation.state {
        OperationState::Running => Reply::empty(202)
            .with(
                "location",
                format!("{}{}?{}", hub.origins.arm, ask.path, ask.raw_query),
            )
            .with("retry-after", wait),
        OperationState::Succeeded => Reply::empty(200),
        OperationState::Failed => fault(
            PLANE,
            409,
            "OperationFailed",
            &format!("{} of {} failed.", operation.kind, operation.target),
        ),
    }
}
