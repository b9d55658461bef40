//! The content service: the code that was submitted with runs. Nothing lists snapshots; whoever has the id gets the listing
//! of the files, or links that open every one of them.

use super::ask::Ask;
use super::errors::{Plane, missing, no_method};
use super::hub::Hub;
use super::reply::Reply;
use super::route::Call;
use super::synthetic;
use super::world::snapshots::{ZIP, link, linked};
use super::world::{Kind, Workspace};
use serde_json::{Value, json};

const PLANE: Plane = Plane::History;

/// Listings and single links are of the older address, zips of the newer one.
pub(crate) fn answer(call: &Call<'_>, newer: bool) -> Reply {
    match (call.ask.method.as_str(), newer, call.rest.as_slice()) {
        ("GET", false, ["snapshots", id, "metadata"]) => {
            with(call, id, |listing| Reply::ok(listing.to_owned()))
        }
        ("GET", false, ["snapshots", id]) => {
            with(call, id, |_| Reply::json(200, &json!(to(call, id, ZIP))))
        }
        ("GET", false, ["snapshots", id, "sas"]) => {
            with(call, id, |listing| tree(call, id, listing))
        }
        ("POST", true, ["snapshots", id, "zip"]) => with(call, id, |_| {
            Reply::json(200, &json!({"zipSasUri": to(call, id, ZIP)}))
        }),
        ("POST", true, ["snapshots", "sas"]) => {
            let body = call.ask.json();
            let id = body["snapshotOrAssetId"].as_str().unwrap_or_default();
            with(call, id, |listing| tree(call, id, listing))
        }
        (_, _, ["snapshots", ..]) => no_method(PLANE),
        _ => missing(PLANE, "No such route."),
    }
}

/// The answer about a snapshot, made of its listing.
fn with(call: &Call<'_>, id: &str, reply: impl FnOnce(&str) -> Reply) -> Reply {
    let computed = synthetic::snapshot(call.hub.mint, call.workspace, id);
    let held = call.workspace.table(Kind::Snapshots).get(id);
    match computed.or_else(|| held.map(|item| item.text.clone())) {
        Some(listing) => reply(&listing),
        None => none(id),
    }
}

fn none(id: &str) -> Reply {
    missing(PLANE, &format!("Snapshot {id} was not found."))
}

fn to(call: &Call<'_>, id: &str, path: &str) -> String {
    let (mint, base) = (call.hub.mint, &call.hub.origins.blob);
    link(mint, base, &call.workspace.name, id, path)
}

fn tree(call: &Call<'_>, id: &str, listing: &str) -> Reply {
    let doc: Value = serde_json::from_str(listing).unwrap_or_default();
    Reply::json(200, &linked(&doc["root"], &|path| to(call, id, path)))
}

/// A delete takes the snapshot from every run that names it; the runs stay and go on naming it.
pub(crate) fn delete(hub: &Hub, ask: &Ask, workspace: &mut Workspace, rest: &[&str]) -> Reply {
    let ("DELETE", ["snapshots", id]) = (ask.method.as_str(), rest) else {
        return no_method(PLANE);
    };
    if synthetic::snapshot(hub.mint, workspace, id).is_some() {
        workspace.gone_snapshots.insert((*id).to_owned());
        return Reply::empty(200);
    }
    let taken = workspace
        .table_mut(Kind::Snapshots)
        .remove(|item| item.id == *id);
    if taken.is_empty() {
        return none(id);
    }
    Reply::empty(200)
}
