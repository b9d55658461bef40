//! What surrounds the resources: locks, role assignments and permissions.

use super::PLANE;
use crate::emulator::WorldKind;
use crate::emulator::ask::Ask;
use crate::emulator::deeds;
use crate::emulator::errors::missing;
use crate::emulator::hub::Hub;
use crate::emulator::reply::Reply;
use crate::emulator::rights::Role;
use crate::emulator::text;
use crate::emulator::world::people::Person;
use crate::emulator::world::{Home, Workspace, World};
use serde_json::{Value, json};

/// Locks and role assignments, at any scope.
pub(super) fn authorization(hub: &Hub, ask: &Ask, collection: &str, length: usize) -> Reply {
    let scope = format!("/{}", ask.segments[..length - 3].join("/"));
    let filter = ask.query("filter");
    // What is inherited counts as being here. What lies further down is listed too, unless the caller says no.
    let only_here = filter.is_some_and(|filter| filter.eq_ignore_ascii_case("atScope()"));
    let shown = |all: Vec<(String, Value)>| -> Vec<Value> {
        all.into_iter()
            .filter(|(at, _)| {
                deeds::covers(at, &scope) || (!only_here && deeds::covers(&scope, at))
            })
            .map(|(_, doc)| doc)
            .collect()
    };
    match collection {
        "locks" => Reply::json(200, &json!({"value": shown(locks(hub))})),
        "roleassignments" => {
            let mut held = shown(assignments(hub, &hub.world()));
            let of = filter
                .and_then(|filter| filter.strip_prefix("principalId eq '"))
                .and_then(|rest| rest.strip_suffix('\''));
            if let Some(id) = of {
                held.retain(|doc| doc["properties"]["principalId"] == id);
            }
            Reply::json(200, &json!({"value": held}))
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

/// Scope and document of every lock.
fn locks(hub: &Hub) -> Vec<(String, Value)> {
    let settings = hub.settings();
    let locks = settings.locks.iter().enumerate();
    locks
        .map(|(at, lock)| {
            let doc = json!({
                "id": format!("{}/providers/Microsoft.Authorization/locks/lock-{at}", lock.scope),
                "name": format!("lock-{at}"),
                "type": "Microsoft.Authorization/locks",
                "properties": {"level": lock.level, "notes": "kept for the audit",
                               "owners": [{"applicationId": hub.mint.guid("owner of locks")}]},
            });
            (lock.scope.clone(), doc)
        })
        .collect()
}

/// Scope and document of every role assignment: the caller's at each workspace and registry, somebody else's beside
/// it, and two at the subscription that all of them inherit. A world without people has none.
fn assignments(hub: &Hub, world: &World) -> Vec<(String, Value)> {
    if hub.world_kind != WorldKind::Contoso {
        return Vec::new();
    }
    let role = hub.settings().role.unwrap_or(Role::Contributor);
    let subscription = format!("/subscriptions/{}", world.subscription);
    let people = &hub.people;
    let mut all: Vec<(String, Value)> = Vec::new();
    let mut give = |scope: &str, to: &Person, by: &Person, role: Role| {
        let id = hub.mint.guid(&format!("role of {} at {scope}", to.key));
        let sort = if to.sort == "service-principal" {
            "ServicePrincipal"
        } else {
            "User"
        };
        let doc = json!({
            "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{id}"),
            "name": id,
            "type": "Microsoft.Authorization/roleAssignments",
            "properties": {
                "principalId": to.object_id,
                "principalType": sort,
                "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{}", role.definition_id()),
                "scope": scope,
                "description": format!("asked for by {}", by.display_name),
                "condition": null,
                "createdBy": by.object_id,
                "updatedBy": by.object_id,
                "createdOn": "2019-01-01T00:00:00Z",
                "updatedOn": "2019-01-01T00:00:00Z",
            },
        });
        all.push((scope.to_owned(), doc));
    };
    for workspace in &world.workspaces {
        let scope = workspace.arm_id(&world.subscription);
        give(&scope, &people[0], &people[0], role);
        give(&scope, &people[4], &people[0], Role::DataScientist);
    }
    for registry in &world.registries {
        let scope = registry.arm_id(&world.subscription);
        give(&scope, &people[0], &people[0], role);
        give(&scope, &people[5], &people[0], Role::Reader);
    }
    give(&subscription, &people[1], &people[7], Role::Owner);
    give(&subscription, &people[6], &people[1], Role::Reader);
    all
}

/// What the truth says of a workspace or registry beside what it holds: kind, id and document of the locks and role assignments that
/// hold there.
pub(crate) fn told(
    hub: &Hub,
    world: &World,
    workspace: &Workspace,
) -> Vec<(&'static str, String, String)> {
    let (lock, role) = match workspace.home {
        Home::Workspace => ("locks", "role-assignments"),
        Home::Registry => ("registry-locks", "registry-role-assignments"),
    };
    // As it is asked for: the documents of published examples do not all say where they stand.
    let scope = &workspace.arm_id(&world.subscription);
    let field = |doc: &Value, name: &str| doc[name].as_str().unwrap_or_default().to_owned();
    let locks = locks(hub)
        .into_iter()
        .filter(|(at, _)| deeds::covers(at, scope) || deeds::covers(scope, at))
        .map(|(_, doc)| (lock, field(&doc, "id"), text::render(&doc)));
    let assignments = assignments(hub, world)
        .into_iter()
        .filter(|(at, _)| deeds::covers(at, scope))
        .map(|(_, doc)| (role, field(&doc, "name"), text::render(&doc)));
    locks.chain(assignments).collect()
}
