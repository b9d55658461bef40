//! Whatever changes the world: deletes above all, with the answers, the refusals and the long-running operations that
//! the services give. A change lasts as long as the server.

mod arm;
mod data;

pub(crate) use arm::{answer as arm, covers};

use super::aether;
use super::ask::Ask;
use super::content;
use super::errors::{Plane, fault, missing, no_method};
use super::hub::{Hub, Operation, OperationState};
use super::reply::Reply;
use super::route::Service;
use super::text;
use super::world::{Kind, Workspace, World};
use serde_json::Value;
use std::sync::Arc;

/// Whether a request may change anything, and so must have the world to itself.
pub(crate) fn changes(ask: &Ask, service: Service, rest: &[&str]) -> bool {
    match ask.method.as_str() {
        "DELETE" | "PUT" | "PATCH" => true,
        "POST" => {
            matches!(service, Service::Artifact | Service::History)
                && rest.last().is_some_and(|last| last.ends_with(":delete"))
        }
        _ => false,
    }
}

pub(crate) fn answer(
    hub: &Arc<Hub>,
    ask: &Ask,
    service: Service,
    world: &mut World,
    at: usize,
    rest: &[&str],
) -> Reply {
    let workspace = &mut world.workspaces[at];
    let rest: Vec<&str> = rest
        .iter()
        .copied()
        .filter(|text| !text.is_empty())
        .collect();
    match service {
        Service::History => data::history(hub, ask, workspace, &rest),
        Service::Artifact => data::artifact(ask, workspace, &rest),
        Service::Metric => data::metric(hub, ask, workspace, &rest),
        Service::Models(_) => models(hub, ask, workspace, &rest),
        Service::Pipelines(_) => pipelines(ask, workspace, &rest),
        Service::Content(false) => content::delete(hub, ask, workspace, &rest),
        Service::Datastore => data::datastore(ask, workspace, &rest),
        Service::Dataset => data::dataset(ask, workspace, &rest),
        _ => no_method(service.plane()),
    }
}

/// Starts an operation: after a while the effect takes place, unless operations are set to fail.
pub(super) fn begin(
    hub: &Arc<Hub>,
    kind: &'static str,
    target: String,
    effect: impl FnOnce(&mut World) + Send + 'static,
) -> String {
    let count = hub
        .counter
        .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let id = hub.mint.guid(&format!("operation {count}"));
    let started = super::errors::now();
    hub.operations().insert(
        id.clone(),
        Operation {
            state: OperationState::Running,
            kind,
            target,
            started,
        },
    );
    let (hub, key) = (Arc::clone(hub), id.clone());
    tokio::spawn(async move {
        let (time, fails) = {
            let settings = hub.settings();
            (settings.operation, settings.operations_fail)
        };
        tokio::time::sleep(time).await;
        if !fails {
            effect(&mut hub.world_mut());
        }
        if let Some(operation) = hub.operations().get_mut(&key) {
            operation.state = if fails {
                OperationState::Failed
            } else {
                OperationState::Succeeded
            };
        }
    });
    id
}

/// The most dangerous address there is: it takes every artifact of a workspace, and answers as if that were nothing.
pub(crate) fn wipe(hub: &Hub, guid: &str) -> Reply {
    let mut world = hub.world_mut();
    match again(&mut world, guid) {
        Some(workspace) => {
            data::take_artifacts(workspace, true, |_| true);
            Reply::empty(200)
        }
        None => missing(Plane::History, "No such workspace."),
    }
}

/// The workspace of an effect, found again when its time has come.
pub(super) fn again<'a>(world: &'a mut World, guid: &str) -> Option<&'a mut Workspace> {
    world
        .workspaces
        .iter_mut()
        .find(|workspace| workspace.guid == guid)
}

fn models(hub: &Arc<Hub>, ask: &Ask, workspace: &mut Workspace, rest: &[&str]) -> Reply {
    const PLANE: Plane = Plane::Models;
    let [collection, id] = rest else {
        return no_method(PLANE);
    };
    let Some(kind) = super::models::kind(collection).filter(|_| ask.is("DELETE")) else {
        return no_method(PLANE);
    };
    if workspace.without_images && kind == Kind::Images {
        return missing(PLANE, "No such route.");
    }
    if workspace.table(kind).get(id).is_none() {
        return Reply::empty(204);
    }
    let holder = match kind {
        Kind::Models => workspace
            .table(Kind::Images)
            .living()
            .find(|(_, image)| {
                image
                    .doc
                    .get("modelIds")
                    .and_then(Value::as_array)
                    .is_some_and(|all| all.iter().any(|each| each == id))
            })
            .map(|(_, image)| image.id.clone()),
        Kind::Images => workspace
            .table(Kind::Services)
            .living()
            .find(|(_, service)| service.field("imageId") == *id)
            .map(|(_, service)| service.id.clone()),
        _ => None,
    };
    if let Some(holder) = holder {
        return fault(
            PLANE,
            412,
            "DeletionRequired",
            &format!(
                "DeletionRequired: {id} is still in use by {holder}, which has to be deleted first."
            ),
        );
    }
    let slow = kind == Kind::Services
        && workspace
            .table(kind)
            .get(id)
            .is_some_and(|item| item.field("computeType") == "AKS");
    if slow {
        let (guid, name) = (workspace.guid.clone(), (*id).to_owned());
        let operation = begin(hub, "Service", format!("services/{id}"), move |world| {
            if let Some(workspace) = again(world, &guid) {
                workspace
                    .table_mut(Kind::Services)
                    .remove(|item| item.id == name);
            }
        });
        let base = ask
            .path
            .rsplit_once("/services/")
            .map_or("", |(base, _)| base);
        return Reply::empty(202).with(
            "operation-location",
            format!("{}{base}/operations/{operation}", hub.origins.arm),
        );
    }
    workspace.table_mut(kind).remove(|item| item.id == *id);
    if kind == Kind::Images {
        workspace
            .table_mut(Kind::ImageProfiles)
            .remove(|item| item.parent == *id);
    }
    Reply::empty(200)
}

fn pipelines(ask: &Ask, workspace: &mut Workspace, rest: &[&str]) -> Reply {
    const PLANE: Plane = Plane::Pipelines;
    match (ask.method.as_str(), rest) {
        ("DELETE", ["PipelineDrafts", id]) => {
            if workspace
                .table_mut(Kind::Drafts)
                .remove(|item| item.id == *id)
                == 0
            {
                return missing(PLANE, &format!("PipelineDraft {id} was not found."));
            }
            Reply::empty(200)
        }
        ("DELETE", ["GraphDrafts", _]) => Reply::empty(200),
        // This verb cancels. The runs here have ended, so nothing happens; the diary shows that it was tried.
        ("DELETE", ["PipelineRuns" | "Experiments", id, "Execution"]) => {
            if workspace.table(Kind::PipelineRuns).get(id).is_none() {
                return missing(PLANE, &format!("PipelineRun {id} was not found."));
            }
            Reply::empty(204)
        }
        (
            "PUT",
            [
                "Pipelines" | "PublishedPipelines" | "Templates",
                id,
                "status",
            ],
        ) => {
            let Some(status) = ask.json().as_str().map(str::to_owned) else {
                return fault(PLANE, 400, "BadArgument", "The body must be a status.");
            };
            let mut text = None;
            for kind in [Kind::Pipelines, Kind::PublishedPipelines, Kind::Templates] {
                if let Some(item) = workspace.table_mut(kind).get_mut(id) {
                    item.change(|doc| doc["EntityStatus"] = status.clone().into());
                    text.get_or_insert_with(|| item.text.clone());
                }
            }
            text.map_or_else(
                || missing(PLANE, &format!("Pipeline {id} was not found.")),
                Reply::ok,
            )
        }
        ("PUT", [collection @ ("PipelineEndpoints" | "Schedules"), id]) => {
            let body = ask.json();
            let same = body.get("Id").and_then(Value::as_str) == Some(*id);
            let kind = aether::kind(collection).unwrap_or(Kind::Schedules);
            match workspace.table_mut(kind).get_mut(id) {
                Some(_) if !same => fault(
                    PLANE,
                    400,
                    "BadArgument",
                    "The whole entity is needed, with its Id.",
                ),
                Some(item) => {
                    item.change(|doc| *doc = body);
                    Reply::ok(item.text.clone())
                }
                None => missing(PLANE, &format!("{collection} {id} was not found.")),
            }
        }
        _ => no_method(PLANE),
    }
}

/// Writes the members of a patch over a document.
pub(super) fn overwrite(doc: &mut Value, patch: &Value, names: &[&str]) {
    for name in names {
        if let Some(value) = patch.get(*name) {
            if value.is_object() && doc.get(*name).is_some_and(Value::is_object) {
                text::merge(&mut doc[*name], value.clone());
            } else {
                doc[*name] = value.clone();
            }
        }
    }
}
