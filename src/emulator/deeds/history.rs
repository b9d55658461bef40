//! Changes to run history: what experiments and runs say of themselves, and the deletion of empty experiments.

use super::hand::Hand;
use super::operations::{again, begin};
use super::overwrite;
use crate::emulator::ask::Ask;
use crate::emulator::errors::{Plane, fault, missing, no_method};
use crate::emulator::ledger::Effect;
use crate::emulator::mint::utc;
use crate::emulator::reply::Reply;
use crate::emulator::synthetic;
use crate::emulator::world::{Kind, Workspace, jobs};
use serde_json::{Value, json};

const PLANE: Plane = Plane::History;

pub(super) fn answer(hand: &Hand, ask: &Ask, workspace: &mut Workspace, rest: &[&str]) -> Reply {
    match (ask.method.as_str(), rest) {
        ("DELETE", ["experimentids", id]) => delete_experiment(hand, ask, workspace, id),
        ("PATCH", ["experimentids", id]) => patch_experiment(hand, ask, workspace, id),
        ("POST", ["experimentids", id, "tags:delete"]) => {
            let body = ask.json();
            let changed = hand.change(workspace, Kind::Experiments, id, Effect::Changed, |doc| {
                strip(doc, body.get("tags"));
            });
            match changed {
                Some(_) => Reply::json(200, &json!({"errors": {}})),
                None => missing(PLANE, &format!("Experiment {id} was not found")),
            }
        }
        ("PATCH", ["experiments" | "experimentids", _, "runs", id] | ["runs", id]) => {
            let body = ask.json();
            change_run(hand, workspace, id, |doc| {
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
            change_run(hand, workspace, id, |doc| strip(doc, Some(&body)))
        }
        (
            "PATCH",
            ["experiments" | "experimentids", _, "runs", id, "tags"] | ["runs", id, "tags"],
        ) => {
            let body = ask.json();
            change_run(hand, workspace, id, |doc| {
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
        ) => match workspace.table(Kind::Runs).held(id) {
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
pub(super) fn change_run(
    hand: &Hand,
    workspace: &mut Workspace,
    id: &str,
    with: impl Fn(&mut Value),
) -> Reply {
    let changed = hand.change(workspace, Kind::Runs, id, Effect::Changed, |doc| {
        with(doc);
        if let Some(revision) = doc.get("revision").and_then(Value::as_u64) {
            doc["revision"] = json!(revision + 1);
        }
    });
    let Some(text) = changed else {
        return fault(
            PLANE,
            404,
            "RunNotFound",
            &format!("Run {id} was not found"),
        );
    };
    agree(workspace, id);
    Reply::ok(text)
}

/// Lets the details of a run, and its job, say what the run says.
pub(super) fn agree(workspace: &mut Workspace, id: &str) {
    jobs::renew(workspace, id);
    let Some(run) = workspace.table(Kind::Runs).held(id) else {
        return;
    };
    let doc = run.doc.clone();
    if let Some(details) = workspace.table_mut(Kind::RunDetails).get_mut(id) {
        details.change(|inner| overwrite_whole(inner, &doc));
    }
}

fn overwrite_whole(details: &mut Value, run: &Value) {
    for name in ["tags", "properties", "status", "revision"] {
        if let Some(value) = run.get(name) {
            details[name] = value.clone();
        }
    }
}

fn patch_experiment(hand: &Hand, ask: &Ask, workspace: &mut Workspace, id: &str) -> Reply {
    let body = ask.json();
    let changed = hand.change(workspace, Kind::Experiments, id, Effect::Changed, |doc| {
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
    changed.map_or_else(
        || missing(PLANE, &format!("Experiment {id} was not found")),
        Reply::ok,
    )
}

/// Only an experiment without runs can go, and it goes slowly.
fn delete_experiment(hand: &Hand, ask: &Ask, workspace: &mut Workspace, id: &str) -> Reply {
    if let Some(shape) = &workspace.shape
        && synthetic::holds_runs(hand.hub.mint, shape, &workspace.gone, id)
    {
        return refuse(id);
    }
    if workspace.table(Kind::Experiments).held(id).is_none() {
        return Reply::empty(204);
    }
    let runs = workspace.table(Kind::Runs);
    if runs.holding().any(|run| run.parent == id) {
        return refuse(id);
    }
    let (guid, name) = (workspace.guid.clone(), id.to_owned());
    let operation = begin(
        hand,
        "DeleteExperiment",
        format!("experimentids/{id}"),
        move |hand, world| {
            if let Some(workspace) = again(world, &guid) {
                hand.take(workspace, Kind::Experiments, Effect::Deleted, |item| {
                    item.id == name
                });
            }
        },
    );
    let base = ask
        .path
        .rsplit_once("/experimentids/")
        .map_or("", |(base, _)| base);
    Reply::empty(202).with(
        "location",
        format!("{}{base}/operations/{operation}", hand.hub.origins.arm),
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
