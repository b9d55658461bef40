//! The second generation of metrics: a list of names for a run, and a series for a name.

use super::errors::{Plane, malformed, missing, no_method};
use super::page::{self, Start};
use super::reply::Reply;
use super::route::Call;
use super::synthetic;
use super::text;
use super::world::{Item, Kind};
use serde_json::{Value, json};

const NAMES: usize = 2;
const VALUES: usize = 10;

pub(crate) fn answer(call: &Call<'_>) -> Reply {
    if call.workspace.shape.is_some()
        && let Some(reply) = synthetic::metric(call)
    {
        return reply;
    }
    match (call.ask.method.as_str(), call.rest.as_slice()) {
        ("POST", ["runs", id, "list"]) => list(call, id),
        ("POST", ["runs", id, "full" | "sample"]) => full(call, id),
        (_, ["runs", _, "list" | "full" | "sample"]) => no_method(Plane::History),
        _ => missing(Plane::History, "No such route."),
    }
}

pub(crate) fn start(call: &Call<'_>) -> Option<Start> {
    let body = call.ask.json();
    page::open(
        body.get("continuationToken")
            .and_then(Value::as_str)
            .or_else(|| call.ask.query("continuationtoken")),
    )
}

fn list(call: &Call<'_>, id: &str) -> Reply {
    let Some(start) = start(call) else {
        return malformed(Plane::History, "The continuation token is not valid.");
    };
    if call.workspace.table(Kind::Runs).get(id).is_none() {
        return super::history::no_run(id);
    }
    let wanted = call
        .ask
        .json()
        .get("metricNamespace")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let rows = call
        .workspace
        .table(Kind::MetricsV2)
        .of(id)
        .filter(|(_, item)| {
            wanted
                .as_deref()
                .is_none_or(|space| item.field("namespace") == space)
        });
    let cut = page::cut(rows, start, NAMES);
    let definitions: Vec<String> = cut.rows.iter().map(|item| definition(item)).collect();
    let array = page::array(definitions.iter().map(String::as_str));
    Reply::ok(page::nullable(
        &array,
        cut.next,
        call.link("continuationToken"),
    ))
}

fn definition(item: &Item) -> String {
    text::render(&json!({
        "metricKey": {"namespace": item.field("namespace"), "name": item.field("name"), "labels": [], "columnNames": []},
        "columns": item.doc.get("columns"),
        "properties": item.doc.get("properties"),
    }))
}

fn full(call: &Call<'_>, id: &str) -> Reply {
    let Some(start) = start(call) else {
        return malformed(Plane::History, "The continuation token is not valid.");
    };
    let body = call.ask.json();
    let name = body
        .get("metricName")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let space = body
        .get("metricNamespace")
        .and_then(Value::as_str)
        .unwrap_or("mlflow");
    let Some(item) = call
        .workspace
        .table(Kind::MetricsV2)
        .get(&format!("{id}/{space}/{name}"))
    else {
        return missing(
            Plane::History,
            &format!("Metric {name} of run {id} was not found"),
        );
    };
    let none = Vec::new();
    let values = item
        .doc
        .get("value")
        .and_then(Value::as_array)
        .unwrap_or(&none);
    let (shown, next) = if start.hollow {
        (
            &values[..0],
            Some(Start {
                from: start.from,
                hollow: false,
            }),
        )
    } else {
        let from = start.from.min(values.len());
        let to = (from + VALUES).min(values.len());
        let next = (to < values.len()).then_some(Start {
            from: to,
            hollow: from == 0,
        });
        (&values[from..to], next)
    };
    let mut doc = item.doc.clone();
    if let Some(map) = doc.as_object_mut() {
        map.insert("value".to_owned(), Value::Array(shown.to_vec()));
        if let Some(next) = next {
            let token = page::token(next);
            map.insert(
                "nextLink".to_owned(),
                call.link("continuationToken")(&page::encode(&token)).into(),
            );
            map.insert("continuationToken".to_owned(), token.into());
        }
    }
    Reply::json(200, &doc)
}
