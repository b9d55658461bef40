//! The smaller services: datastores, datasets, environments, notification, and cancelling.

use super::errors::{Plane, malformed, missing, no_method};
use super::page;
use super::reply::Reply;
use super::route::{Call, Service};
use super::world::{Item, Kind};

const PLANE: Plane = Plane::History;
const PAGE: usize = 2;
const DATASTORES: usize = 30;

pub(crate) fn answer(call: &Call<'_>, service: Service) -> Reply {
    let rest: Vec<&str> = call
        .rest
        .iter()
        .copied()
        .filter(|text| !text.is_empty())
        .collect();
    if !call.ask.is("GET") {
        return match (service, rest.as_slice()) {
            // Cancelling a run that has ended changes nothing.
            (Service::Execution, [.., "cancel"]) if call.ask.is("POST") => {
                Reply::json(200, &serde_json::json!({}))
            }
            _ => no_method(PLANE),
        };
    }
    match (service, rest.as_slice()) {
        (Service::Datastore, ["datastores"]) => datastores(call),
        (Service::Datastore, ["datastores", name]) => open(call, name),
        (Service::Datastore, ["default"]) => open(call, &call.workspace.default_store),
        (Service::Dataset, ["datasets"]) => datasets(call),
        (Service::Dataset, ["datasets", "query", name]) => {
            let name = name.strip_prefix("name=").unwrap_or(name);
            let found = call
                .workspace
                .table(Kind::Datasets)
                .seen()
                .find(|item| item.field("name") == name);
            given(found, name)
        }
        (Service::Dataset, ["datasets", id]) => {
            given(call.workspace.table(Kind::Datasets).get(id), id)
        }
        (Service::Dataset, ["datasets", id, "definitions"]) => {
            if call.workspace.table(Kind::Datasets).get(id).is_none() {
                return missing(PLANE, &format!("Dataset {id} was not found."));
            }
            let size = call
                .ask
                .number("pagesize")
                .filter(|size| *size > 0)
                .unwrap_or(PAGE)
                .min(PAGE);
            let rows = call.workspace.table(Kind::DatasetDefinitions).of(id);
            list(call, "continuationToken", size, rows, |item| &item.text)
        }
        (Service::Dataset, ["datasets", id, "definitions", version]) => given(
            call.workspace
                .table(Kind::DatasetDefinitions)
                .get(&format!("{id}/{version}")),
            version,
        ),
        (Service::Environment, ["environments"]) => list(
            call,
            "continuation",
            PAGE,
            call.workspace.table(Kind::Environments).living(),
            |item| &item.text,
        ),
        (Service::Environment, ["environments", name]) => {
            given(call.workspace.table(Kind::Environments).get(name), name)
        }
        (Service::Environment, ["environments", name, "versions", version]) => {
            let found = call.workspace.table(Kind::Environments).get(name);
            given(found.filter(|item| item.field("version") == *version), name)
        }
        (Service::Notification, ["tasks"]) => list(
            call,
            "continuationToken",
            PAGE,
            call.workspace.table(Kind::Tasks).living(),
            |item| &item.text,
        ),
        (Service::Notification, ["tasks", id]) => {
            given(call.workspace.table(Kind::Tasks).get(id), id)
        }
        _ => missing(PLANE, "No such route."),
    }
}

fn given(item: Option<&Item>, name: &str) -> Reply {
    item.map_or_else(
        || missing(PLANE, &format!("{name} was not found.")),
        |item| Reply::ok(item.text.clone()),
    )
}

fn list<'a>(
    call: &Call<'_>,
    parameter: &'static str,
    size: usize,
    rows: impl Iterator<Item = (usize, &'a Item)>,
    face: impl Fn(&'a Item) -> &'a str,
) -> Reply {
    let Some(start) = page::open(call.ask.query(&parameter.to_lowercase())) else {
        return malformed(PLANE, "The continuation token is not valid.");
    };
    let cut = page::cut(rows, start, size);
    let array = page::array(cut.rows.iter().map(|item| face(item)));
    Reply::ok(page::nullable(&array, cut.next, call.link(parameter)))
}

fn full(item: &Item) -> &str {
    item.other.as_deref().unwrap_or(&item.text)
}

/// Thirty at a time and with their secrets, unless it is said otherwise.
fn datastores(call: &Call<'_>) -> Reply {
    let secrets = call.ask.flag("includesecret", true);
    let size = call
        .ask
        .number("count")
        .filter(|count| *count > 0)
        .unwrap_or(DATASTORES)
        .min(DATASTORES);
    let names = call
        .ask
        .query("datastorenames")
        .map(|text| text.split(',').collect::<Vec<_>>());
    let rows = call
        .workspace
        .table(Kind::Datastores)
        .living()
        .filter(|(_, item)| {
            names
                .as_ref()
                .is_none_or(|names| names.contains(&item.id.as_str()))
        });
    list(call, "continuationToken", size, rows, |item| {
        if secrets { full(item) } else { &item.text }
    })
}

/// A single datastore always comes with its secrets.
fn open(call: &Call<'_>, name: &str) -> Reply {
    match call.workspace.table(Kind::Datastores).get(name) {
        Some(item) => Reply::ok(full(item)),
        None => missing(PLANE, &format!("Datastore {name} was not found.")),
    }
}

fn datasets(call: &Call<'_>) -> Reply {
    let invisible = call.ask.flag("includeinvisible", false);
    let latest = call.ask.flag("includelatestdefinition", false);
    let size = call
        .ask
        .number("pagesize")
        .filter(|size| *size > 0)
        .unwrap_or(PAGE)
        .min(PAGE);
    let rows = call
        .workspace
        .table(Kind::Datasets)
        .living()
        .filter(|(_, item)| {
            invisible
                || item
                    .doc
                    .get("isVisible")
                    .and_then(serde_json::Value::as_bool)
                    == Some(true)
        });
    let Some(start) = page::open(call.ask.query("continuationtoken")) else {
        return malformed(PLANE, "The continuation token is not valid.");
    };
    let cut = page::cut(rows, start, size);
    let face = |item: &&'_ Item| {
        if latest {
            item.text.clone()
        } else {
            full(item).to_owned()
        }
    };
    let texts: Vec<String> = cut.rows.iter().map(face).collect();
    let array = page::array(texts.iter().map(String::as_str));
    // No empty page here: the Python client takes one for the end of this list.
    let next = cut.next.map(|next| page::Start {
        hollow: false,
        ..next
    });
    Reply::ok(page::nullable(&array, next, call.link("continuationToken")))
}
