//! What surrounds the resources: locks, role assignments and permissions.

use super::PLANE;
use crate::emulator::ask::Ask;
use crate::emulator::deeds;
use crate::emulator::errors::missing;
use crate::emulator::hub::Hub;
use crate::emulator::reply::Reply;
use crate::emulator::rights::Role;
use serde_json::{Value, json};

/// Locks and role assignments, at any scope.
pub(super) fn authorization(hub: &Hub, ask: &Ask, collection: &str, length: usize) -> Reply {
    let scope = format!("/{}", ask.segments[..length - 3].join("/"));
    match collection {
        "locks" => {
            let settings = hub.settings();
            // What is inherited counts as being here. Locks further down are listed too, unless the caller says no.
            let only_here = ask
                .query("filter")
                .is_some_and(|filter| filter.eq_ignore_ascii_case("atScope()"));
            let locks: Vec<Value> = settings
                .locks
                .iter()
                .enumerate()
                .filter(|(_, lock)| {
                    deeds::covers(&lock.scope, &scope)
                        || (!only_here && deeds::covers(&scope, &lock.scope))
                })
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
            let role = hub.settings().role.unwrap_or(Role::Contributor);
            Reply::json(
                200,
                &json!({"value": [{
                    "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{id}"),
                    "name": id,
                    "type": "Microsoft.Authorization/roleAssignments",
                    "properties": {
                        "principalId": person.object_id,
                        "principalType": "User",
                        "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{}", role.definition_id()),
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
        "permissions" => {
            let role = hub.settings().role.unwrap_or(Role::Owner);
            Reply::json(200, &json!({"value": role.permissions()}))
        }
        // Deny assignments, eligibilities and the rest exist and hold nothing here.
        "denyassignments" => Reply::json(200, &json!({"value": []})),
        _ => missing(PLANE, "The resource could not be found."),
    }
}
