//! Changes through the resource manager: who may, what is locked, and which resource is meant.

use super::hand::Hand;
use super::{computes, jobs, registries, resources, workspaces};
use crate::emulator::ask::Ask;
use crate::emulator::errors::{Plane, fault, no_method};
use crate::emulator::hub::Hub;
use crate::emulator::reply::Reply;
use crate::emulator::rights;
use crate::emulator::route::{Scope, is_named};
use crate::emulator::world::{Home, Standing, Workspace};
use std::sync::Arc;

const PLANE: Plane = Plane::Arm;

/// Whether something at one scope holds for another: the same, or below it.
pub(crate) fn covers(scope: &str, asked: &str) -> bool {
    let (scope, asked) = (scope.to_lowercase(), asked.to_lowercase());
    let scope = scope.trim_end_matches('/');
    asked == scope
        || asked
            .strip_prefix(scope)
            .is_some_and(|rest| rest.starts_with('/'))
}

/// A lock against deleting leaves the other changes; a lock against changing leaves none. What holds something locked is
/// not deleted either.
fn locked(hub: &Hub, ask: &Ask) -> Option<Reply> {
    let target = format!("/{}", ask.segments.join("/"));
    let target = target.trim_end_matches('/');
    let settings = hub.settings();
    let deletes = ask.is("DELETE");
    let scopes: Vec<String> = settings
        .locks
        .iter()
        .filter(|lock| deletes || lock.level == "ReadOnly")
        .filter(|lock| covers(&lock.scope, target) || (deletes && covers(target, &lock.scope)))
        .map(|lock| format!("'{}'", lock.scope))
        .collect();
    let what = if deletes { "delete" } else { "write" };
    (!scopes.is_empty()).then(|| {
        fault(
            PLANE,
            409,
            "ScopeLocked",
            &format!(
                "The scope '{target}' cannot perform {what} operation because following scope(s) are locked: {}. \
                 Please remove the lock and try again.",
                scopes.join(", ")
            ),
        )
    })
}

/// One request to change something below a workspace or a registry, or one of these.
pub(super) struct Change<'a> {
    pub(super) hand: Hand,
    pub(super) ask: &'a Ask,
    pub(super) subscription: String,
}

pub(crate) fn answer(hub: &Arc<Hub>, ask: &Ask, scope: &Scope<'_>, rest: &[&str]) -> Reply {
    let lower: Vec<String> = rest.iter().map(|text| text.to_lowercase()).collect();
    let words: Vec<&str> = lower.iter().map(String::as_str).collect();
    if ask.is("POST") && !matches!(words.as_slice(), ["jobs", _, "cancel"]) {
        return no_method(PLANE);
    }
    if let Some(reply) = rights::refusal(hub, ask, scope.home, rest) {
        return reply;
    }
    if let Some(reply) = locked(hub, ask) {
        return reply;
    }
    let mut world = hub.world_mut();
    let change = Change {
        hand: Hand::of(hub, ask),
        ask,
        subscription: scope.subscription.to_lowercase(),
    };
    let found = world
        .homes_mut(scope.home)
        .iter_mut()
        .find(|workspace| is_named(workspace, scope));
    let Some(workspace) = found else {
        return match (ask.method.as_str(), rest) {
            ("DELETE", []) => Reply::empty(204),
            (_, []) => no_method(PLANE),
            _ => absent(scope),
        };
    };
    match (ask.method.as_str(), rest) {
        ("DELETE", []) if scope.home == Home::Registry => {
            return registries::delete(&change, workspace);
        }
        (_, []) if scope.home == Home::Registry => return no_method(PLANE),
        ("DELETE", []) => return workspaces::delete(&change, workspace),
        (_, []) => return workspaces::write(&change, workspace),
        _ if workspace.standing != Standing::Live => return absent(scope),
        _ => {}
    }
    below(&change, workspace, &words, rest)
}

fn below(change: &Change<'_>, workspace: &mut Workspace, words: &[&str], rest: &[&str]) -> Reply {
    let (hand, subscription) = (&change.hand, change.subscription.as_str());
    if workspace.home == Home::Registry {
        return resources::answer(change, workspace, rest);
    }
    match (change.ask.method.as_str(), words, rest) {
        ("DELETE", ["computes", _], [_, name]) => computes::delete(change, workspace, name),
        ("DELETE", ["jobs", _], [_, id]) => jobs::delete_job(hand, workspace, subscription, id),
        ("POST", ["jobs", _, _], [_, id, _]) => jobs::cancel_job(hand, workspace, subscription, id),
        _ => resources::answer(change, workspace, rest),
    }
}

fn absent(scope: &Scope<'_>) -> Reply {
    fault(
        PLANE,
        404,
        "ResourceNotFound",
        &format!(
            "The Resource 'Microsoft.MachineLearningServices/{}/{}' was not found.",
            scope.home.word(),
            scope.workspace
        ),
    )
}
