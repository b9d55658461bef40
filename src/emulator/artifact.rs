//! Artifacts, by every address they have: the form of the specification with the path in the query, the form of the
//! Python client with the path in the path, the older one with `origins` and `containers`, and through a run.

use super::ask::Ask;
use super::blob;
use super::errors::{Plane, malformed, missing, no_method, now};
use super::hub::Hub;
use super::mint::zulu;
use super::page;
use super::reply::Reply;
use super::route::Call;
use super::synthetic;
use super::text;
use super::world::planter::{blob_label, sas_query};
use super::world::{Item, Kind};
use serde_json::{Map, Value, json};

const PLANE: Plane = Plane::History;

/// The largest page of the small world.
const PAGE: usize = 2;

pub(crate) fn answer(call: &Call<'_>) -> Reply {
    let Some((&"artifacts", forms)) = call.rest.split_first() else {
        return missing(PLANE, "No such route.");
    };
    match forms {
        ["batch", "metadata"] => batch_by_id(call),
        ["metadata", origin, container, path @ ..] => {
            metadata(call, origin, container, &path.join("/"))
        }
        ["contentinfo", origin, container, path @ ..] => {
            content_info(call, origin, container, &path.join("/"))
        }
        ["content", origin, container, path @ ..] => {
            content(call, origin, container, &path.join("/"))
        }
        ["prefix", "contentinfo", origin, container, path @ ..] => {
            prefix(call, origin, container, &path.join("/"))
        }
        ["origins", origin, "containers", container, tail @ ..]
        | [origin, container, tail @ ..] => contained(call, origin, container, tail),
        _ => missing(PLANE, "No such route."),
    }
}

/// The forms behind a container that is known already.
pub(crate) fn contained(call: &Call<'_>, origin: &str, container: &str, tail: &[&str]) -> Reply {
    let path = call.ask.query("path");
    match (call.ask.method.as_str(), tail, path) {
        ("GET", ["metadata"], Some(path)) => metadata(call, origin, container, path),
        ("GET", ["contentinfo"], Some(path)) => content_info(call, origin, container, path),
        ("GET", ["content"], Some(path)) => content(call, origin, container, path),
        ("GET", ["contentinfo", "storageuri"], Some(path)) => {
            storage_uri(call, origin, container, path)
        }
        ("GET", ["prefix", "contentinfo"], path) => {
            prefix(call, origin, container, path.unwrap_or_default())
        }
        ("GET", ["artifacturi"], Some(path)) => Reply::json(
            200,
            &json!(format!("aml://artifact/{origin}/{container}/{path}")),
        ),
        ("POST", ["batch", "metadata"], _) => batch_by_path(call, origin, container),
        ("GET", [] | ["path"], path) => list(call, origin, container, path.unwrap_or_default()),
        ("GET", path, _) => list(call, origin, container, &path.join("/")),
        _ => no_method(PLANE),
    }
}

fn list(call: &Call<'_>, origin: &str, container: &str, prefix: &str) -> Reply {
    if let Some(shape) = &call.workspace.shape
        && let Some(reply) = synthetic::artifact_list(call, shape, origin, container, prefix)
    {
        return reply;
    }
    let Some(start) = page::open(call.ask.query("continuationtoken")) else {
        return malformed(PLANE, "The continuation token is not valid.");
    };
    let parent = format!("{origin}/{container}");
    let rows = call
        .workspace
        .table(Kind::Artifacts)
        .of(&parent)
        .filter(|(_, item)| item.field("path").starts_with(prefix));
    let cut = page::cut(rows, start, PAGE);
    let array = page::array(cut.rows.iter().map(|item| item.text.as_str()));
    Reply::ok(page::nullable(
        &array,
        cut.next,
        call.link("continuationToken"),
    ))
}

fn no_artifact(id: &str) -> Reply {
    missing(PLANE, &format!("Artifact {id} was not found"))
}

/// The document of an artifact, held or computed.
fn find(call: &Call<'_>, id: &str) -> Option<String> {
    if let Some(item) = call.workspace.table(Kind::Artifacts).get(id) {
        return Some(item.text.clone());
    }
    let shape = call.workspace.shape.as_ref()?;
    synthetic::artifact(call.hub.mint, shape, &call.workspace.gone, id)
}

fn metadata(call: &Call<'_>, origin: &str, container: &str, path: &str) -> Reply {
    if !call.ask.is("GET") {
        return no_method(PLANE);
    }
    let id = format!("{origin}/{container}/{path}");
    find(call, &id).map_or_else(|| no_artifact(&id), Reply::ok)
}

/// A link that may be read for a while by whoever holds it.
pub(crate) fn signed(hub: &Hub, workspace: &str, id: &str) -> String {
    let signature = hub.mint.planted(&blob_label(&format!("{workspace}/{id}")));
    let until = zulu(now() + hub.settings().sas_seconds);
    format!(
        "{}?{}",
        blob::address(&hub.origins.blob, workspace, id),
        sas_query(&signature, &until)
    )
}

fn info(call: &Call<'_>, origin: &str, container: &str, path: &str) -> String {
    let id = format!("{origin}/{container}/{path}");
    let mut out = String::with_capacity(512);
    out.push_str("{\"container\":");
    text::quote(container, &mut out);
    out.push_str(",\"contentUri\":");
    text::quote(&signed(call.hub, &call.workspace.name, &id), &mut out);
    out.push_str(",\"origin\":");
    text::quote(origin, &mut out);
    out.push_str(",\"path\":");
    text::quote(path, &mut out);
    out.push_str(",\"tags\":{}}");
    out
}

fn content_info(call: &Call<'_>, origin: &str, container: &str, path: &str) -> Reply {
    let id = format!("{origin}/{container}/{path}");
    match find(call, &id) {
        Some(_) => Reply::ok(info(call, origin, container, path)),
        None => no_artifact(&id),
    }
}

fn storage_uri(call: &Call<'_>, origin: &str, container: &str, path: &str) -> Reply {
    let id = format!("{origin}/{container}/{path}");
    let uri = blob::address(&call.hub.origins.blob, &call.workspace.name, &id);
    Reply::json(
        200,
        &json!({"contentUri": uri, "origin": origin, "container": container, "path": path}),
    )
}

fn content(call: &Call<'_>, origin: &str, container: &str, path: &str) -> Reply {
    let id = format!("{origin}/{container}/{path}");
    let found = call
        .workspace
        .table(Kind::Artifacts)
        .get(&id)
        .and_then(|item| item.blob.as_ref());
    match found {
        // The service itself says no more than that it is bytes; storage knows the type.
        Some(blob) => Reply::typed(200, "application/octet-stream", blob.bytes.clone()),
        None => no_artifact(&id),
    }
}

fn prefix(call: &Call<'_>, origin: &str, container: &str, path: &str) -> Reply {
    let Some(start) = page::open(call.ask.query("continuationtoken")) else {
        return malformed(PLANE, "The continuation token is not valid.");
    };
    if let Some(shape) = &call.workspace.shape
        && let Some(paths) = synthetic::artifact_paths(
            call.hub.mint,
            shape,
            &call.workspace.gone,
            origin,
            container,
        )
    {
        let texts: Vec<String> = paths
            .iter()
            .filter(|each| each.starts_with(path))
            .map(|each| info(call, origin, container, each))
            .collect();
        let array = page::array(texts.iter().map(String::as_str));
        return Reply::ok(page::nullable(&array, None, call.link("continuationToken")));
    }
    let parent = format!("{origin}/{container}");
    let rows = call
        .workspace
        .table(Kind::Artifacts)
        .of(&parent)
        .filter(|(_, item)| item.field("path").starts_with(path));
    let cut = page::cut(rows, start, PAGE);
    let texts: Vec<String> = cut
        .rows
        .iter()
        .map(|item| info(call, origin, container, item.field("path")))
        .collect();
    let array = page::array(texts.iter().map(String::as_str));
    Reply::ok(page::nullable(
        &array,
        cut.next,
        call.link("continuationToken"),
    ))
}

fn strings(value: Option<&Value>) -> Vec<String> {
    value
        .and_then(Value::as_array)
        .map(|list| {
            list.iter()
                .filter_map(|each| {
                    each.as_str()
                        .or_else(|| each.get("path").and_then(Value::as_str))
                })
                .map(str::to_owned)
                .collect()
        })
        .unwrap_or_default()
}

/// The paths that a batch names.
pub(crate) fn paths(ask: &Ask) -> Vec<String> {
    strings(ask.json().get("paths"))
}

fn batch_by_path(call: &Call<'_>, origin: &str, container: &str) -> Reply {
    let wanted: Vec<(String, String)> = paths(call.ask)
        .into_iter()
        .map(|path| (path.clone(), format!("{origin}/{container}/{path}")))
        .collect();
    batch(call, &wanted)
}

fn batch_by_id(call: &Call<'_>) -> Reply {
    if !call.ask.is("POST") {
        return no_method(PLANE);
    }
    let wanted: Vec<(String, String)> = strings(call.ask.json().get("artifactIds"))
        .into_iter()
        .map(|id| (id.clone(), id))
        .collect();
    batch(call, &wanted)
}

fn batch(call: &Call<'_>, wanted: &[(String, String)]) -> Reply {
    let (mut artifacts, mut contents) = (String::from("{"), String::from("{"));
    let mut errors = Map::new();
    for (key, id) in wanted {
        let Some(text) = find(call, id) else {
            errors.insert(key.clone(), json!({"error": {"code": "UserError", "message": format!("Artifact {id} was not found")}}));
            continue;
        };
        let mut parts = id.splitn(3, '/');
        let (Some(origin), Some(container), Some(path)) =
            (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        for (out, value) in [
            (&mut artifacts, text),
            (&mut contents, info(call, origin, container, path)),
        ] {
            if out.len() > 1 {
                out.push(',');
            }
            text::quote(key, out);
            out.push(':');
            out.push_str(&value);
        }
    }
    Reply::ok(format!(
        "{{\"artifacts\":{artifacts}}},\"artifactContentInformation\":{contents}}},\"errors\":{}}}",
        text::render(&Value::Object(errors))
    ))
}

/// Whether an artifact is in a container.
pub(crate) fn is_in(item: &Item, origin: &str, container: &str) -> bool {
    item.parent.split_once('/') == Some((origin, container))
}
