//! Changes to artifacts, metrics, datastores and datasets.

use super::hand::Hand;
use super::operations::{again, begin};
use crate::emulator::artifact::{is_in, paths};
use crate::emulator::ask::Ask;
use crate::emulator::errors::{Plane, fault, missing, no_method};
use crate::emulator::ledger::Effect;
use crate::emulator::reply::Reply;
use crate::emulator::world::{Item, Kind, Workspace};
use serde_json::json;

const PLANE: Plane = Plane::History;

pub(super) fn artifact(hand: &Hand, ask: &Ask, workspace: &mut Workspace, rest: &[&str]) -> Reply {
    let for_good = ask.flag("harddelete", false);
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
            one_artifact(hand, workspace, origin, container, &path, for_good)
        }
        ("DELETE", [origin, container, "metadata"], Some(path)) => {
            one_artifact(hand, workspace, origin, container, path, for_good)
        }
        ("DELETE", ["batch", origin, container] | [origin, container, "batch"], _) => {
            take_artifacts(hand, workspace, for_good, |item| {
                is_in(item, origin, container)
            });
            Reply::empty(200)
        }
        ("POST", [origin, container, "batch", "metadata:delete"], _) => {
            let wanted = paths(ask);
            take_artifacts(hand, workspace, for_good, |item| {
                is_in(item, origin, container)
                    && wanted.iter().any(|path| path == item.field("path"))
            });
            Reply::empty(200)
        }
        _ => no_method(PLANE),
    }
}

fn one_artifact(
    hand: &Hand,
    workspace: &mut Workspace,
    origin: &str,
    container: &str,
    path: &str,
    for_good: bool,
) -> Reply {
    let id = format!("{origin}/{container}/{path}");
    if take_artifacts(hand, workspace, for_good, |item| item.id == id) == 0 {
        return missing(PLANE, &format!("Artifact {id} was not found"));
    }
    Reply::empty(200)
}

/// Metadata always goes. The bytes go only with a hard delete, and stay in the storage account otherwise. Whether a hard
/// delete takes them is attested nowhere: the call is named for metadata only, and it is set here how it is.
pub(super) fn take_artifacts(
    hand: &Hand,
    workspace: &mut Workspace,
    for_good: bool,
    mut wanted: impl FnMut(&Item) -> bool,
) -> usize {
    let keeps = !for_good || hand.hub.settings().hard_delete_keeps_bytes;
    let mut kept = Vec::new();
    let count = hand.take(workspace, Kind::Artifacts, Effect::Deleted, |item| {
        let condemned = wanted(item);
        if condemned
            && keeps
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
pub(super) fn metric(hand: &Hand, ask: &Ask, workspace: &mut Workspace, rest: &[&str]) -> Reply {
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
    if !workspace.table(Kind::MetricsV2).holding().any(&mine) {
        return Reply::json(200, &json!({}));
    }
    let guid = workspace.guid.clone();
    let target = ask.path.clone();
    let operation = begin(hand, "DeleteMetrics", target, move |hand, world| {
        if let Some(workspace) = again(world, &guid) {
            hand.take(workspace, Kind::MetricsV2, Effect::Deleted, mine);
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
            hand.hub.origins.arm
        ),
    )
}

pub(super) fn datastore(hand: &Hand, ask: &Ask, workspace: &mut Workspace, rest: &[&str]) -> Reply {
    match (ask.method.as_str(), rest) {
        ("DELETE", ["datastores", name]) => {
            Reply::empty(if take_datastore(hand, workspace, name) == 0 {
                204
            } else {
                200
            })
        }
        // An empty name makes this of an item's address, and it does what it says.
        ("DELETE", ["datastores"]) => {
            hand.take(workspace, Kind::Datastores, Effect::Deleted, |_| true);
            Reply::empty(200)
        }
        _ => no_method(PLANE),
    }
}

/// A store is seen by two services and is one store.
pub(super) fn take_datastore(hand: &Hand, workspace: &mut Workspace, name: &str) -> usize {
    let named = |item: &Item| item.id == name;
    let count = hand.take(workspace, Kind::Datastores, Effect::Deleted, named);
    match Kind::named("arm-datastores") {
        Some(twin) => count + hand.take(workspace, twin, Effect::Taken, named),
        None => count,
    }
}

pub(super) fn dataset(hand: &Hand, ask: &Ask, workspace: &mut Workspace, rest: &[&str]) -> Reply {
    match (ask.method.as_str(), rest) {
        // By name, not by id.
        ("DELETE", ["datasets", _]) if hand.hub.settings().datasets_undeletable => fault(
            PLANE,
            400,
            "BadRequest",
            "Deleting datasets is no longer supported.",
        ),
        ("DELETE", ["datasets", name]) => {
            let named = |item: &Item| item.field("name") == *name;
            if !workspace.table(Kind::Datasets).holding().any(named) {
                return missing(PLANE, &format!("Dataset {name} was not found."));
            }
            hand.take(workspace, Kind::Datasets, Effect::Deleted, named);
            Reply::empty(200)
        }
        ("DELETE", ["datasets"]) => {
            hand.take(workspace, Kind::Datasets, Effect::Deleted, |_| true);
            Reply::empty(200)
        }
        _ => no_method(PLANE),
    }
}
