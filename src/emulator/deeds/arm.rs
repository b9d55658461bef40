//! Deletes through ARM: workspaces, computes, and runs under the name of jobs. All of them are long-running, and all of
//! them stop at a lock.

use super::data::take_artifacts;
use super::{again, begin};
use crate::emulator::arm::compute;
use crate::emulator::ask::Ask;
use crate::emulator::errors::{Plane, fault, malformed, no_method};
use crate::emulator::hub::Hub;
use crate::emulator::reply::Reply;
use crate::emulator::route::Scope;
use crate::emulator::synthetic;
use crate::emulator::world::{Item, Kind, Standing, Workspace};
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

fn locked(hub: &Hub, target: &str) -> Option<Reply> {
    let settings = hub.settings();
    let scopes: Vec<String> = settings
        .locks
        .iter()
        .filter(|lock| covers(&lock.scope, target))
        .map(|lock| format!("'{}'", lock.scope))
        .collect();
    (!scopes.is_empty()).then(|| {
        fault(
            PLANE,
            409,
            "ScopeLocked",
            &format!(
                "The scope '{target}' cannot perform delete operation because following scope(s) are locked: {}. \
                 Please remove the lock and try again.",
                scopes.join(", ")
            ),
        )
    })
}

pub(crate) fn answer(hub: &Arc<Hub>, ask: &Ask, scope: &Scope<'_>, rest: &[&str]) -> Reply {
    if let Some(reply) = locked(hub, ask.path.trim_end_matches('/')) {
        return reply;
    }
    let mut world = hub.world_mut();
    let subscription = world.subscription.clone();
    let found = world.workspaces.iter_mut().find(|workspace| {
        workspace.name.eq_ignore_ascii_case(scope.workspace)
            && workspace.resource_group.eq_ignore_ascii_case(scope.group)
    });
    let lower: Vec<String> = rest.iter().map(|text| text.to_lowercase()).collect();
    let Some(workspace) = found else {
        return if rest.is_empty() {
            Reply::empty(204)
        } else {
            absent(scope)
        };
    };
    if rest.is_empty() {
        return delete_workspace(hub, ask, workspace, &subscription);
    }
    if workspace.standing != Standing::Live {
        return absent(scope);
    }
    match (lower[0].as_str(), rest) {
        ("computes", [_, name]) => delete_compute(hub, ask, workspace, &subscription, name),
        ("jobs", [_, id]) => delete_job(hub, workspace, &subscription, id),
        _ => no_method(PLANE),
    }
}

fn absent(scope: &Scope<'_>) -> Reply {
    fault(
        PLANE,
        404,
        "ResourceNotFound",
        &format!(
            "The Resource 'Microsoft.MachineLearningServices/workspaces/{}' was not found.",
            scope.workspace
        ),
    )
}

/// 202 with the address of the result, which ends in what the call would have answered at once.
fn accepted(hub: &Hub, subscription: &str, region: &str, operation: &str) -> Reply {
    Reply::empty(202)
        .with(
            "location",
            format!(
                "{}/subscriptions/{subscription}/providers/Microsoft.MachineLearningServices/locations/{region}/\
                 operationResults/{operation}?api-version=2023-10-01",
                hub.origins.arm
            ),
        )
        .with("retry-after", hub.settings().retry_after.to_string())
}

fn delete_workspace(
    hub: &Arc<Hub>,
    ask: &Ask,
    workspace: &mut Workspace,
    subscription: &str,
) -> Reply {
    // Older versions do not know the parameter and so cannot purge.
    let version = ask.query("api-version").unwrap_or_default();
    let purge = ask.flag("forcetopurge", false) && version >= "2023-02-01-preview";
    let end = match (workspace.standing, purge) {
        (Standing::Gone, _) | (Standing::Soft, false) => return Reply::empty(204),
        (_, true) => Standing::Gone,
        (Standing::Live, false) => Standing::Soft,
    };
    let guid = workspace.guid.clone();
    let operation = begin(
        hub,
        "DeleteWorkspace",
        workspace.doc.id.clone(),
        move |world| {
            if let Some(workspace) = again(world, &guid) {
                workspace.standing = end;
                if end == Standing::Gone {
                    workspace.clear();
                }
            }
        },
    );
    accepted(hub, subscription, &workspace.region, &operation)
}

fn delete_compute(
    hub: &Arc<Hub>,
    ask: &Ask,
    workspace: &mut Workspace,
    subscription: &str,
    name: &str,
) -> Reply {
    let action = ask
        .query("underlyingresourceaction")
        .unwrap_or_default()
        .to_lowercase();
    if action != "delete" && action != "detach" {
        return malformed(
            PLANE,
            "The query parameter underlyingResourceAction is required: Delete or Detach.",
        );
    }
    let Some(item) = compute(workspace, name) else {
        return Reply::empty(204);
    };
    let attached = item
        .doc
        .pointer("/properties/isAttachedCompute")
        .and_then(serde_json::Value::as_bool)
        == Some(true);
    if action == "detach" && !attached {
        return malformed(
            PLANE,
            "A compute that the workspace manages cannot be detached.",
        );
    }
    let (guid, id) = (workspace.guid.clone(), item.id.clone());
    let operation = begin(hub, "DeleteCompute", id.clone(), move |world| {
        if let Some(workspace) = again(world, &guid) {
            workspace
                .table_mut(Kind::Computes)
                .remove(|item| item.id == id);
        }
    });
    // Newer operation addresses are long, and this delete names no result to look for.
    Reply::empty(202)
        .with(
            "azure-asyncoperation",
            format!(
                "{}/subscriptions/{subscription}/providers/Microsoft.MachineLearningServices/locations/{}/\
                 computeOperationsStatus/{operation}?api-version=2023-10-01&service=new&c={}",
                hub.origins.arm,
                workspace.region,
                hub.mint.letters("long address", 3_000)
            ),
        )
        .with("retry-after", hub.settings().retry_after.to_string())
}

fn delete_job(hub: &Arc<Hub>, workspace: &mut Workspace, subscription: &str, id: &str) -> Reply {
    let computed = workspace
        .shape
        .as_ref()
        .and_then(|shape| synthetic::index_of(hub.mint, shape, id))
        .filter(|index| !workspace.gone.contains(index));
    if computed.is_none() && workspace.table(Kind::Runs).get(id).is_none() {
        return Reply::empty(204);
    }
    let (guid, run) = (workspace.guid.clone(), id.to_owned());
    let operation = begin(hub, "DeleteJob", id.to_owned(), move |world| {
        if let Some(workspace) = again(world, &guid) {
            if let Some(index) = computed {
                workspace.gone.insert(index);
            }
            forget_run(workspace, &run);
        }
    });
    accepted(hub, subscription, &workspace.region, &operation)
        .with("x-ms-async-operation-timeout", "PT1H")
}

/// A run, and what hangs on it alone. Its children are runs of their own and stay.
fn forget_run(workspace: &mut Workspace, run: &str) {
    let of_run = |item: &Item| item.id == run;
    workspace.table_mut(Kind::Runs).remove(of_run);
    workspace.table_mut(Kind::RunDetails).remove(of_run);
    for kind in [Kind::Metrics, Kind::MetricsV2] {
        workspace.table_mut(kind).remove(|item| item.parent == run);
    }
    let (newer, older) = (
        format!("ExperimentRun/dcid.{run}"),
        format!("ExperimentRun/{run}"),
    );
    take_artifacts(workspace, true, |item| {
        item.parent == newer || item.parent == older
    });
}
