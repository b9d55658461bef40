//! Changes to what the data plane holds: run history, artifacts, metrics, datastores, datasets.

use super::{again, begin, overwrite};
use crate::emulator::artifact::{is_in, paths};
use crate::emulator::ask::Ask;
use crate::emulator::errors::{Plane, fault, missing, no_method};
use crate::emulator::hub::Hub;
use crate::emulator::mint::utc;
use crate::emulator::reply::Reply;
use crate::emulator::synthetic;
use crate::emulator::world::{Item, Kind, Workspace};
use serde_json::{Value, json};
use std::sync::Arc;

const PLANE: Plane = Plane::History;

pub(super) fn history(
    hub: &Arc<Hub>,
    ask: &Ask,
    workspace: &mut Workspace,
    rest: &[&str],
) -> Reply {
    match (ask.method.as_str(), rest) {
        ("DELETE", ["experimentids", id]) => delete_experiment(hub, ask, workspace, id),
        ("PATCH", ["experimentids", id]) => patch_experiment(ask, workspace, id),
        ("POST", ["experimentids", id, "tags:delete"]) => {
            let body = ask.json();
            let Some(item) = workspace.table_mut(Kind::Experiments).get_mut(id) else {
                return missing(PLANE, &format!("Experiment {id} was not found"));
            };
            item.change(|doc| strip(doc, body.get("tags")));
            Reply::json(200, &json!({"errors": {}}))
        }
        ("PATCH", ["experiments" | "experimentids", _, "runs", id] | ["runs", id]) => {
            let body = ask.json();
            change_run(workspace, id, |doc| {
                overwrite(
                    doc,
                    &body,
                    &[
                        "displayName",
                        "name",
                        "description",
                        "tags",
                        "properties",
                        "hidden",
                        "status",
                    ],
                );
            })
        }
        (
            "DELETE",
            ["experiments" | "experimentids", _, "runs", id, "tags"] | ["runs", id, "tags"],
        ) => {
            let body = ask.json();
            change_run(workspace, id, |doc| strip(doc, Some(&body)))
        }
        (
            "PATCH",
            ["experiments" | "experimentids", _, "runs", id, "tags"] | ["runs", id, "tags"],
        ) => {
            let body = ask.json();
            change_run(workspace, id, |doc| {
                overwrite(
                    doc,
                    &json!({"tags": body.get("tagsToModify").cloned().unwrap_or(json!({}))}),
                    &["tags"],
                );
                strip(doc, body.get("tagsToDelete"));
            })
        }
        // What a run served is no part of this world; the answer is the run, as it is.
        (
            "DELETE",
            ["runs", id, "services"] | ["experiments" | "experimentids", _, "runs", id, "services"],
        ) => match workspace.table(Kind::Runs).get(id) {
            Some(item) => Reply::ok(item.text.clone()),
            None => missing(PLANE, &format!("Run {id} was not found")),
        },
        // No verb here deletes a run.
        _ => no_method(PLANE),
    }
}

/// Takes tags away by name.
fn strip(doc: &mut Value, names: Option<&Value>) {
    let Some(tags) = doc.get_mut("tags").and_then(Value::as_object_mut) else {
        return;
    };
    for name in names
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        tags.remove(name);
    }
}

/// A run and its details say the same things; what is server-owned is not among what can be written.
fn change_run(workspace: &mut Workspace, id: &str, with: impl Fn(&mut Value)) -> Reply {
    let Some(run) = workspace.table_mut(Kind::Runs).get_mut(id) else {
        return fault(
            PLANE,
            404,
            "RunNotFound",
            &format!("Run {id} was not found"),
        );
    };
    run.change(|doc| {
        with(doc);
        if let Some(revision) = doc.get("revision").and_then(Value::as_u64) {
            doc["revision"] = json!(revision + 1);
        }
    });
    let (text, doc) = (run.text.clone(), run.doc.clone());
    if let Some(details) = workspace.table_mut(Kind::RunDetails).get_mut(id) {
        details.change(|inner| overwrite_whole(inner, &doc));
    }
    Reply::ok(text)
}

fn overwrite_whole(details: &mut Value, run: &Value) {
    for name in ["tags", "properties", "status", "revision"] {
        if let Some(value) = run.get(name) {
            details[name] = value.clone();
        }
    }
}

fn patch_experiment(ask: &Ask, workspace: &mut Workspace, id: &str) -> Reply {
    let body = ask.json();
    let Some(item) = workspace.table_mut(Kind::Experiments).get_mut(id) else {
        return missing(PLANE, &format!("Experiment {id} was not found"));
    };
    item.change(|doc| {
        overwrite(
            doc,
            &body,
            &[
                "name",
                "description",
                "tags",
                "retainForLifetimeOfWorkspace",
            ],
        );
        match body.get("archive").and_then(Value::as_bool) {
            Some(true) => doc["archivedTime"] = utc(crate::emulator::errors::now(), 0).into(),
            Some(false) => doc["archivedTime"] = Value::Null,
            None => {}
        }
    });
    Reply::ok(item.text.clone())
}

/// Only an experiment without runs can go, and it goes slowly.
fn delete_experiment(hub: &Arc<Hub>, ask: &Ask, workspace: &mut Workspace, id: &str) -> Reply {
    if let Some(shape) = &workspace.shape
        && synthetic::holds_runs(hub.mint, shape, &workspace.gone, id)
    {
        return refuse(id);
    }
    if workspace.table(Kind::Experiments).get(id).is_none() {
        return Reply::empty(204);
    }
    if workspace.table(Kind::Runs).of(id).next().is_some() {
        return refuse(id);
    }
    let (guid, name) = (workspace.guid.clone(), id.to_owned());
    let operation = begin(
        hub,
        "DeleteExperiment",
        format!("experimentids/{id}"),
        move |world| {
            if let Some(workspace) = again(world, &guid) {
                workspace
                    .table_mut(Kind::Experiments)
                    .remove(|item| item.id == name);
            }
        },
    );
    let base = ask
        .path
        .rsplit_once("/experimentids/")
        .map_or("", |(base, _)| base);
    Reply::empty(202).with(
        "location",
        format!("{}{base}/operations/{operation}", hub.origins.arm),
    )
}

fn refuse(id: &str) -> Reply {
    fault(
        PLANE,
        400,
        "ExperimentNotEmpty",
        &format!("Experiment {id} cannot be deleted because it contains runs."),
    )
}

pub(super) fn artifact(ask: &Ask, workspace: &mut Workspace, rest: &[&str]) -> Reply {
    let hard = ask.flag("harddelete", false);
    let Some((&"artifacts", forms)) = rest.split_first() else {
        return no_method(PLANE);
    };
    let forms = match forms {
        ["origins", origin, "containers", container, tail @ ..] => {
            let mut forms = vec![*origin, *container];
            forms.extend_from_slice(tail);
            forms
        }
        other => other.to_vec(),
    };
    match (ask.method.as_str(), forms.as_slice(), ask.query("path")) {
        ("DELETE", ["metadata", origin, container, path @ ..], _) if !path.is_empty() => {
            let path = path.join("/");
            one_artifact(workspace, origin, container, &path, hard)
        }
        ("DELETE", [origin, container, "metadata"], Some(path)) => {
            one_artifact(workspace, origin, container, path, hard)
        }
        ("DELETE", ["batch", origin, container] | [origin, container, "batch"], _) => {
            take_artifacts(workspace, hard, |item| is_in(item, origin, container));
            Reply::empty(200)
        }
        ("POST", [origin, container, "batch", "metadata:delete"], _) => {
            let wanted = paths(ask);
            take_artifacts(workspace, hard, |item| {
                is_in(item, origin, container)
                    && wanted.iter().any(|path| path == item.field("path"))
            });
            Reply::empty(200)
        }
        _ => no_method(PLANE),
    }
}

fn one_artifact(
    workspace: &mut Workspace,
    origin: &str,
    container: &str,
    path: &str,
    hard: bool,
) -> Reply {
    let id = format!("{origin}/{container}/{path}");
    if take_artifacts(workspace, hard, |item| item.id == id) == 0 {
        return missing(PLANE, &format!("Artifact {id} was not found"));
    }
    Reply::empty(200)
}

/// Metadata always goes. The bytes go only with a hard delete, and stay in the storage account otherwise.
pub(super) fn take_artifacts(
    workspace: &mut Workspace,
    hard: bool,
    wanted: impl Fn(&Item) -> bool,
) -> usize {
    let mut kept = Vec::new();
    let count = workspace.table_mut(Kind::Artifacts).remove(|item| {
        let condemned = wanted(item);
        if condemned
            && !hard
            && let Some(blob) = &item.blob
        {
            kept.push((item.id.clone(), blob.clone()));
        }
        condemned
    });
    workspace.leftovers.extend(kept);
    count
}

/// Metrics of the second generation go slowly; where there are none, it is over at once (run-history v1.0).
pub(super) fn metric(hub: &Arc<Hub>, ask: &Ask, workspace: &mut Workspace, rest: &[&str]) -> Reply {
    let (field, wanted) = match (ask.method.as_str(), rest) {
        ("DELETE", ["runs", id, "deleteMetrics"]) => ("", (*id).to_owned()),
        ("DELETE", ["experiments", _, "containers", container, "deleteMetrics"]) => {
            ("dataContainerId", (*container).to_owned())
        }
        _ => return no_method(PLANE),
    };
    let mine = move |item: &Item| {
        let value = if field.is_empty() {
            &item.parent
        } else {
            item.field(field)
        };
        value == wanted
    };
    if !workspace
        .table(Kind::MetricsV2)
        .living()
        .any(|(_, item)| mine(item))
    {
        return Reply::json(200, &json!({}));
    }
    let guid = workspace.guid.clone();
    let operation = begin(hub, "DeleteMetrics", ask.path.clone(), move |world| {
        if let Some(workspace) = again(world, &guid) {
            workspace.table_mut(Kind::MetricsV2).remove(mine);
        }
    });
    let scope = ask.path.find("/subscriptions/").unwrap_or_default();
    let scope = ask.path[scope..]
        .split("/runs/")
        .next()
        .and_then(|text| text.split("/experiments/").next())
        .unwrap_or_default();
    Reply::json(202, &json!({})).with(
        "location",
        format!(
            "{}/history/v1.0{scope}/operations/{operation}",
            hub.origins.arm
        ),
    )
}

pub(super) fn datastore(ask: &Ask, workspace: &mut Workspace, rest: &[&str]) -> Reply {
    match (ask.method.as_str(), rest) {
        ("DELETE", ["datastores", name]) => {
            let count = workspace
                .table_mut(Kind::Datastores)
                .remove(|item| item.id == *name);
            Reply::empty(if count == 0 { 204 } else { 200 })
        }
        // An empty name makes this of an item's address, and it does what it says.
        ("DELETE", ["datastores"]) => {
            workspace.table_mut(Kind::Datastores).remove(|_| true);
            Reply::empty(200)
        }
        _ => no_method(PLANE),
    }
}

pub(super) fn dataset(ask: &Ask, workspace: &mut Workspace, rest: &[&str]) -> Reply {
    match (ask.method.as_str(), rest) {
        // By name, not by id.
        ("DELETE", ["datasets", name]) => {
            let found = workspace
                .table(Kind::Datasets)
                .living()
                .find(|(_, item)| item.field("name") == *name);
            let Some(id) = found.map(|(_, item)| item.id.clone()) else {
                return missing(PLANE, &format!("Dataset {name} was not found."));
            };
            workspace
                .table_mut(Kind::Datasets)
                .remove(|item| item.id == id);
            workspace
                .table_mut(Kind::DatasetDefinitions)
                .remove(|item| item.parent == id);
            Reply::empty(200)
        }
        ("DELETE", ["datasets"]) => {
            workspace.table_mut(Kind::Datasets).remove(|_| true);
            workspace
                .table_mut(Kind::DatasetDefinitions)
                .remove(|_| true);
            Reply::empty(200)
        }
        _ => no_method(PLANE),
    }
}
