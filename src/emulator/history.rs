//! Run history: experiments, runs, details and the first generation of metrics, in both generations of their lists.

mod batch;
mod query;

pub(crate) use query::{Query, query};

use super::arm::asked;
use super::artifact;
use super::errors::{Plane, fault, missing, no_method};
use super::hub::OperationState;
use super::page::{self, Page};
use super::reply::Reply;
use super::route::Call;
use super::synthetic;
use super::world::{Item, Kind};
use batch::{batch, by_ids, rundata};
use serde_json::{Value, json};

const PLANE: Plane = Plane::History;

/// The largest pages of the small world: few enough that every list has a second page.
const EXPERIMENTS: usize = 4;
const RUNS: usize = 12;
const CHILDREN: usize = 5;
const METRICS: usize = 10;

pub(crate) fn answer(call: &Call<'_>) -> Reply {
    let method = call.ask.method.as_str();
    if call.workspace.shape.is_some()
        && let Some(reply) = synthetic::history(call)
    {
        return reply;
    }
    match (method, call.rest.as_slice()) {
        ("GET", ["experiments"]) | ("POST", ["experiments:query"]) => experiments(call),
        ("GET", ["experiments" | "experimentids", key]) => match experiment(call, key) {
            Some(item) => Reply::ok(item.text.clone()),
            None => missing(PLANE, &format!("Experiment {key} was not found")),
        },
        ("GET", ["runs", id]) => one(call, Kind::Runs, id, None),
        ("GET", ["runs", id, "details"]) => one(call, Kind::RunDetails, id, None),
        ("GET", ["runs", id, "children"]) => children(call, id),
        ("GET", ["computes", name, "runs"]) => {
            runs(call, |item| item.field("target").eq_ignore_ascii_case(name))
        }
        ("GET", ["operations", id]) => operation(call, id),
        ("POST", ["rundata"]) => rundata(call),
        ("POST", ["batchrundata"]) => batch(call),
        (_, ["experiments" | "experimentids", key, tail @ ..]) => match experiment(call, key) {
            Some(item) => inside(call, method, item, tail),
            None => missing(PLANE, &format!("Experiment {key} was not found")),
        },
        (
            _,
            [
                "experiments" | "runs" | "rundata" | "batchrundata" | "experiments:query",
                ..,
            ],
        ) => no_method(PLANE),
        _ => missing(PLANE, "No such route."),
    }
}

fn experiment<'a>(call: &'a Call<'_>, key: &str) -> Option<&'a Item> {
    if call.rest.first() == Some(&"experimentids") {
        call.workspace.table(Kind::Experiments).get(key)
    } else {
        call.workspace.experiment_named(key)
    }
}

fn inside(call: &Call<'_>, method: &str, experiment: &Item, tail: &[&str]) -> Reply {
    match (method, tail) {
        ("GET", ["runs"]) | ("POST", ["runs:query"]) => {
            runs(call, |item| item.parent == experiment.id)
        }
        // A run that has ended stays as it is when it is cancelled.
        ("GET", ["runs", id]) | ("POST", ["runs", id, "cancel"]) => {
            one(call, Kind::Runs, id, Some(&experiment.id))
        }
        ("GET", ["runs", id, "details"]) => one(call, Kind::RunDetails, id, Some(&experiment.id)),
        ("GET", ["runs", id, "children"]) => children(call, id),
        ("POST", ["runs", "runIds" | "runids"]) => by_ids(call),
        ("GET", ["metrics"]) | ("POST", ["metrics:query"]) => metrics(call, &experiment.id),
        ("GET", ["metrics", id]) => match call.workspace.table(Kind::Metrics).get(id) {
            Some(item) => Reply::ok(item.text.clone()),
            None => missing(PLANE, &format!("Metric {id} was not found")),
        },
        ("GET", ["runcounts"]) => {
            let count = call.workspace.table(Kind::Runs).of(&experiment.id).count();
            Reply::json(200, &json!({"totalRunCount": count}))
        }
        (_, ["runs", id, "artifacts", forms @ ..]) => match run(call, id, Some(&experiment.id)) {
            Some(item) => {
                let container = item
                    .doc
                    .get("dataContainerId")
                    .and_then(Value::as_str)
                    .unwrap_or(id);
                artifact::contained(call, "ExperimentRun", container, forms)
            }
            None => no_run(id),
        },
        (_, ["runs" | "metrics" | "runs:query" | "metrics:query", ..]) => no_method(PLANE),
        _ => missing(PLANE, "No such route."),
    }
}

fn run<'a>(call: &'a Call<'_>, id: &str, experiment: Option<&str>) -> Option<&'a Item> {
    call.workspace
        .table(Kind::Runs)
        .get(id)
        .filter(|item| experiment.is_none_or(|wanted| item.parent == wanted))
}

pub(crate) fn no_run(id: &str) -> Reply {
    fault(
        PLANE,
        404,
        "RunNotFound",
        &format!("Run {id} was not found"),
    )
}

fn one(call: &Call<'_>, kind: Kind, id: &str, experiment: Option<&str>) -> Reply {
    let found = call.workspace.table(kind).get(id);
    match found.filter(|item| experiment.is_none_or(|wanted| item.parent == wanted)) {
        Some(item) => Reply::ok(item.text.clone()),
        None => no_run(id),
    }
}

fn listed<'a>(
    call: &Call<'_>,
    limit: usize,
    query: &Query,
    rows: impl Iterator<Item = (usize, &'a Item)>,
) -> Reply {
    let fitting = rows.filter(|(_, item)| query.fits(item));
    let Page { rows, next } = page::cut(fitting, query.start, query.size(limit));
    let array = page::array(rows.iter().map(|item| item.text.as_str()));
    Reply::ok(page::nullable(
        &array,
        next,
        call.link("$continuationToken"),
    ))
}

fn experiments(call: &Call<'_>) -> Reply {
    let query = match query(call) {
        Ok(query) => query,
        Err(reply) => return reply,
    };
    let view = query.view.to_lowercase();
    let rows = call
        .workspace
        .table(Kind::Experiments)
        .living()
        .filter(|(_, item)| {
            let archived = item
                .doc
                .get("archivedTime")
                .is_some_and(|time| !time.is_null());
            match view.as_str() {
                "all" => true,
                "archivedonly" => archived,
                _ => !archived,
            }
        });
    listed(call, EXPERIMENTS, &query, rows)
}

fn runs(call: &Call<'_>, wanted: impl Fn(&Item) -> bool) -> Reply {
    match query(call) {
        Ok(query) => {
            let rows = call
                .workspace
                .table(Kind::Runs)
                .living()
                .filter(|(_, item)| wanted(item));
            listed(call, RUNS, &query, rows)
        }
        Err(reply) => reply,
    }
}

/// Children have a list of their own, and its last page says nothing at all about what follows.
fn children(call: &Call<'_>, id: &str) -> Reply {
    if call.workspace.table(Kind::Runs).get(id).is_none() {
        return no_run(id);
    }
    match query(call) {
        Ok(query) => {
            let rows = call
                .workspace
                .table(Kind::Runs)
                .living()
                .filter(|(_, item)| item.field("parentRunId") == id);
            let fitting = rows.filter(|(_, item)| query.fits(item));
            let Page { rows, next } = page::cut(fitting, query.start, query.size(CHILDREN));
            let array = page::array(rows.iter().map(|item| item.text.as_str()));
            if next.is_none() {
                return Reply::ok(format!("{{\"value\":{array}}}"));
            }
            Reply::ok(page::nullable(
                &array,
                next,
                call.link("$continuationToken"),
            ))
        }
        Err(reply) => reply,
    }
}

fn metrics(call: &Call<'_>, experiment: &str) -> Reply {
    match query(call) {
        Ok(query) => {
            let table = call.workspace.table(Kind::Runs);
            let rows = call
                .workspace
                .table(Kind::Metrics)
                .living()
                .filter(|(_, item)| {
                    table
                        .get(&item.parent)
                        .is_some_and(|run| run.parent == experiment)
                });
            listed(call, METRICS, &query, rows)
        }
        Err(reply) => reply,
    }
}

/// The deletion of an experiment: 202 until it is over.
fn operation(call: &Call<'_>, word: &str) -> Reply {
    let Some((operation, next)) = asked(call.hub, word, true) else {
        return missing(PLANE, &format!("Operation {word} was not found"));
    };
    match operation.state {
        OperationState::Running => Reply::empty(202).with(
            "location",
            format!(
                "{}{}",
                call.hub.origins.arm,
                call.ask.path.replace(word, &next)
            ),
        ),
        OperationState::Succeeded => Reply::empty(200),
        OperationState::Failed => fault(
            PLANE,
            500,
            "DeleteFailed",
            "The experiment could not be deleted.",
        ),
    }
}
