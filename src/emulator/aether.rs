//! The pipelines service: bare arrays, capital letters, no pages. Lists keep disabled entities back unless they are asked.

use super::errors::{Plane, missing, no_method};
use super::page;
use super::reply::Reply;
use super::route::Call;
use super::world::{Item, Kind};
use serde_json::{Value, json};

const PLANE: Plane = Plane::Pipelines;

/// What a caller gets who does not say how many endpoints it can take.
const UNASKED_ENDPOINTS: usize = 2;

pub(crate) fn answer(call: &Call<'_>) -> Reply {
    let method = call.ask.method.as_str();
    match (method, call.rest.as_slice()) {
        ("GET", ["Pipelines"] | ["Pipelines", "View"]) => {
            list(call, Kind::Pipelines, usize::MAX, |_| true)
        }
        ("GET", ["PublishedPipelines"]) => {
            list(call, Kind::PublishedPipelines, usize::MAX, |_| true)
        }
        ("GET", ["PipelineEndpoints"]) => {
            list(call, Kind::PipelineEndpoints, UNASKED_ENDPOINTS, |_| true)
        }
        ("GET", ["PipelineEndpoints", id, "pipelines" | "Pipelines"]) => behind(call, id),
        ("GET", ["Schedules"]) => list(call, Kind::Schedules, usize::MAX, |_| true),
        ("GET", ["Schedules", "Pipeline", id]) => list(call, Kind::Schedules, usize::MAX, |item| {
            item.field("PipelineId") == *id
        }),
        ("GET", ["Schedules", "PipelineEndpoint", id]) => {
            list(call, Kind::Schedules, usize::MAX, |item| {
                item.field("PipelineEndpointId") == *id
            })
        }
        ("GET", ["PipelineRuns" | "Experiments", "Pipeline", id]) => {
            list(call, Kind::PipelineRuns, usize::MAX, |item| {
                item.field("PipelineId") == *id
            })
        }
        ("GET", ["PipelineRuns" | "Experiments", "Schedule", id]) => {
            list(call, Kind::PipelineRuns, usize::MAX, |item| {
                item.field("ScheduleId") == *id
            })
        }
        ("GET", ["PipelineRuns" | "Experiments", "Schedule", id, "Last"]) => {
            let last = call
                .workspace
                .table(Kind::PipelineRuns)
                .living()
                .filter(|(_, item)| item.field("ScheduleId") == *id)
                .last();
            last.map_or_else(
                || Reply::empty(204),
                |(_, item)| Reply::ok(item.text.clone()),
            )
        }
        ("POST", ["PipelineDrafts"]) => drafts(call),
        ("GET", ["Graphs", id, "Interface"]) => match call.workspace.table(Kind::Graphs).get(id) {
            Some(_) => Reply::json(
                200,
                &json!({"Inputs": [], "Outputs": [], "Parameters": [], "DataPathParameters": []}),
            ),
            None => missing(PLANE, &format!("Graph {id} was not found.")),
        },
        ("GET", ["GraphDrafts", id]) => graph_draft(call, id),
        ("GET", ["DataTypes"]) => Reply::json(
            200,
            &json!([{"Id": "AnyFile", "Name": "AnyFile", "IsDirectory": false}]),
        ),
        ("GET", [collection, id]) => match kind(collection) {
            Some(kind) => match call.workspace.table(kind).get(id) {
                Some(item) => Reply::ok(item.text.clone()),
                None => missing(PLANE, &format!("{collection} {id} was not found.")),
            },
            None => missing(PLANE, "No such route."),
        },
        (_, [collection, ..]) if kind(collection).is_some() => no_method(PLANE),
        _ => missing(PLANE, "No such route."),
    }
}

pub(crate) fn kind(collection: &str) -> Option<Kind> {
    Some(match collection {
        "Experiments" | "PipelineRuns" => Kind::PipelineRuns,
        "Graphs" => Kind::Graphs,
        "Modules" => Kind::Modules,
        "Templates" => Kind::Templates,
        "DataSources" => Kind::DataSources,
        "Pipelines" => Kind::Pipelines,
        "PublishedPipelines" => Kind::PublishedPipelines,
        "PipelineEndpoints" => Kind::PipelineEndpoints,
        "Schedules" => Kind::Schedules,
        "PipelineDrafts" => Kind::Drafts,
        _ => return None,
    })
}

fn array<'a>(call: &Call<'_>, rows: impl Iterator<Item = &'a Item>, unasked: usize) -> Reply {
    let active_only = call.ask.flag("activeonly", true);
    let batch = call
        .ask
        .header("batchsize")
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(unasked);
    let shown = rows
        .filter(|item| !active_only || item.field("EntityStatus") == "Active")
        .take(batch);
    Reply::ok(page::array(shown.map(|item| item.text.as_str())))
}

fn list(call: &Call<'_>, kind: Kind, unasked: usize, wanted: impl Fn(&Item) -> bool) -> Reply {
    let rows = call
        .workspace
        .table(kind)
        .living()
        .map(|(_, item)| item)
        .filter(|item| wanted(item));
    array(call, rows, unasked)
}

/// The pipelines that an endpoint sends its callers to.
fn behind(call: &Call<'_>, id: &str) -> Reply {
    let Some(endpoint) = call.workspace.table(Kind::PipelineEndpoints).get(id) else {
        return missing(PLANE, &format!("PipelineEndpoint {id} was not found."));
    };
    let versions = endpoint
        .doc
        .get("PipelineVersionList")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let rows = versions.iter().filter_map(|version| {
        call.workspace
            .table(Kind::Pipelines)
            .get(version.get("PipelineId")?.as_str()?)
    });
    array(call, rows, usize::MAX)
}

/// Drafts are listed by POST; the body narrows by tags.
fn drafts(call: &Call<'_>) -> Reply {
    let body = call.ask.json();
    let tags = body.as_object().cloned().unwrap_or_default();
    let rows = call
        .workspace
        .table(Kind::Drafts)
        .living()
        .map(|(_, item)| item)
        .filter(|item| {
            tags.iter().all(|(name, value)| {
                item.doc.get("tags").and_then(|held| held.get(name)) == Some(value)
            })
        });
    let batch = call
        .ask
        .header("batchsize")
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(usize::MAX);
    Reply::ok(page::array(rows.take(batch).map(|item| item.text.as_str())))
}

fn graph_draft(call: &Call<'_>, id: &str) -> Reply {
    let known = call
        .workspace
        .table(Kind::Drafts)
        .living()
        .any(|(_, item)| item.field("GraphDraftId") == id);
    if known {
        Reply::json(
            200,
            &json!({"Id": id, "ModuleNodes": [], "DatasetNodes": [], "Edges": []}),
        )
    } else {
        missing(PLANE, &format!("GraphDraft {id} was not found."))
    }
}
