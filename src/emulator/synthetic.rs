//! A run history of any size, computed from the seed and the index of a run. Nothing is held for a run, so a million of
//! them cost no memory; and the text is written directly, so that a page is about as cheap as copying it.

pub(crate) mod crowd;
mod documents;
mod runs;
mod snapshots;

pub(crate) use documents::{
    artifact, artifact_key, artifact_paths, count, holds_runs, index_of, is_gone, tell,
};
pub(crate) use snapshots::snapshot;

use super::Shape;
use super::artifact as shelf;
use super::errors::{Plane, malformed, missing};
use super::filter;
use super::history::{self, no_run};
use super::metric;
use super::page::{self, Start};
use super::reply::Reply;
use super::route::Call;
use documents::{
    artifact_path, artifact_text, experiment_at, experiment_text, experiments, metric_name,
    metric_text, present, runs_of, series_text,
};
use runs::{details_text, run_text};
use serde_json::Value;
use std::fmt::Write as _;

const PLANE: Plane = Plane::History;
/// What the service gives when nobody says how many, and the most that it gives.
const PAGE: usize = 100;
const LIMIT: usize = 1000;
const EXPERIMENT_PAGE: usize = 50;
const METRIC_PAGE: usize = 500;
const ARTIFACT_PAGE: usize = 200;
/// A page: rows by number, from a start to at most a size, with what follows.
fn rows(
    start: Start,
    size: usize,
    total: u64,
    mut write: impl FnMut(u64, &mut String),
) -> (String, Option<Start>) {
    rows_left(start, size, total, |_| true, &mut write)
}

/// The same without the rows that were deleted: such a page is short, and goes on all the same.
fn rows_left(
    start: Start,
    size: usize,
    total: u64,
    left: impl Fn(u64) -> bool,
    mut write: impl FnMut(u64, &mut String),
) -> (String, Option<Start>) {
    let from = start.from as u64;
    let to = (from + size as u64).min(total);
    let mut out =
        String::with_capacity(64 + usize::try_from(to.saturating_sub(from)).unwrap_or(0) * 1100);
    out.push('[');
    for row in (from..to).filter(|row| left(*row)) {
        if out.len() > 1 {
            out.push(',');
        }
        write(row, &mut out);
    }
    out.push(']');
    let next = (to < total).then(|| Start {
        from: usize::try_from(to).unwrap_or(usize::MAX),
        hollow: false,
    });
    (out, next)
}

pub(crate) fn artifact_list(
    call: &Call<'_>,
    shape: &Shape,
    origin: &str,
    container: &str,
    prefix: &str,
) -> Option<Reply> {
    let mint = call.hub.mint;
    if origin != "ExperimentRun" {
        return None;
    }
    let index = present(
        mint,
        shape,
        &call.workspace.gone,
        container.strip_prefix("dcid.")?,
    )?;
    let Some(start) = page::open(call.ask.query("continuationtoken")) else {
        return Some(malformed(PLANE, "The continuation token is not valid."));
    };
    let (array, next) = if prefix.is_empty() {
        rows(
            start,
            ARTIFACT_PAGE,
            u64::from(shape.artifacts),
            |at, out| {
                artifact_text(mint, index, u32::try_from(at).unwrap_or(0), out);
            },
        )
    } else {
        let fitting: Vec<u32> = (0..shape.artifacts)
            .filter(|at| artifact_path(*at).starts_with(prefix))
            .collect();
        rows(start, ARTIFACT_PAGE, fitting.len() as u64, |at, out| {
            artifact_text(mint, index, fitting[usize::try_from(at).unwrap_or(0)], out);
        })
    };
    Some(Reply::ok(page::nullable(
        &array,
        next,
        call.link("continuationToken"),
    )))
}

/// The answer of run history; nothing when the held world may answer.
pub(crate) fn history(call: &Call<'_>) -> Option<Reply> {
    let shape = call.workspace.shape.as_ref()?;
    let mint = call.hub.mint;
    let method = call.ask.method.as_str();
    Some(match (method, call.rest.as_slice()) {
        ("GET", ["experiments"]) | ("POST", ["experiments:query"]) => {
            listed(call, EXPERIMENT_PAGE, |query, size| {
                let archived_only = query.view.eq_ignore_ascii_case("archivedonly");
                let total = if archived_only { 0 } else { experiments(shape) };
                rows(query.start, size, total, |at, out| {
                    out.push_str(&experiment_text(mint, at));
                })
            })
        }
        ("GET", [key @ ("experiments" | "experimentids"), name]) => {
            match experiment_at(mint, shape, name, *key == "experimentids") {
                Some(at) => Reply::ok(experiment_text(mint, at)),
                None => missing(PLANE, &format!("Experiment {name} was not found")),
            }
        }
        ("GET", ["runs", id, tail @ ..]) => run(call, shape, id, tail),
        ("POST", ["rundata"]) => {
            let body = call.ask.json();
            let id = body
                .get("runId")
                .and_then(Value::as_str)
                .unwrap_or_default();
            match present(mint, shape, &call.workspace.gone, id) {
                Some(index) => {
                    let mut text = String::from("{\"runMetadata\":");
                    run_text(mint, shape, index, &mut text);
                    text.push_str(",\"runDefinition\":null,\"jobSpecification\":null}");
                    Reply::ok(text)
                }
                None => no_run(id),
            }
        }
        (_, [key @ ("experiments" | "experimentids"), name, tail @ ..]) => {
            let Some(at) = experiment_at(mint, shape, name, *key == "experimentids") else {
                return Some(missing(PLANE, &format!("Experiment {name} was not found")));
            };
            inside(call, shape, at, method, tail)
        }
        _ => return None,
    })
}

fn inside(call: &Call<'_>, shape: &Shape, at: u64, method: &str, tail: &[&str]) -> Reply {
    let mint = call.hub.mint;
    let gone = &call.workspace.gone;
    let n = experiments(shape);
    match (method, tail) {
        ("GET", ["runs"]) | ("POST", ["runs:query"]) => listed(call, LIMIT, |query, size| {
            if let Some(ids) = query
                .filter
                .as_ref()
                .and_then(|filter| filter::named(filter, "runid"))
            {
                let found: Vec<u64> = ids
                    .iter()
                    .filter_map(|id| present(mint, shape, gone, id))
                    .collect();
                return rows(query.start, size, found.len() as u64, |row, out| {
                    run_text(mint, shape, found[usize::try_from(row).unwrap_or(0)], out);
                });
            }
            rows_left(
                query.start,
                size,
                runs_of(shape, at),
                |row| gone.is_empty() || !gone.contains(&(row * n + at)),
                |row, out| run_text(mint, shape, row * n + at, out),
            )
        }),
        ("GET", ["metrics"]) | ("POST", ["metrics:query"]) => {
            listed(call, METRIC_PAGE, |query, size| {
                if shape.metrics_v2 || shape.metrics == 0 {
                    return ("[]".to_owned(), None);
                }
                let each = u64::from(shape.metrics);
                let found: Option<Vec<u64>> = query.filter.as_ref().and_then(|filter| {
                    let ids = filter::named(filter, "runid")?;
                    Some(
                        ids.iter()
                            .filter_map(|id| present(mint, shape, gone, id))
                            .collect(),
                    )
                });
                let runs = found
                    .as_ref()
                    .map_or_else(|| runs_of(shape, at), |found| found.len() as u64);
                let run = |row: u64| match &found {
                    Some(found) => found[usize::try_from(row / each).unwrap_or(0)],
                    None => row / each * n + at,
                };
                rows_left(
                    query.start,
                    size,
                    runs * each,
                    |row| gone.is_empty() || !gone.contains(&run(row)),
                    |row, out| {
                        metric_text(
                            mint,
                            shape,
                            run(row),
                            u32::try_from(row % each).unwrap_or(0),
                            out,
                        );
                    },
                )
            })
        }
        ("POST", ["runs", "runIds" | "runids"]) => {
            let body = call.ask.json();
            let ids = body
                .get("runIds")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            let mut out = String::from("{\"runs\":{");
            let mut first = true;
            for id in ids.iter().filter_map(Value::as_str) {
                let Some(index) = present(mint, shape, &call.workspace.gone, id) else {
                    continue;
                };
                let _ = write!(out, "{}\"{id}\":", if first { "" } else { "," });
                first = false;
                run_text(mint, shape, index, &mut out);
            }
            out.push_str("},\"errors\":{}}");
            Reply::ok(out)
        }
        (_, ["runs", id, "artifacts", forms @ ..]) => {
            shelf::contained(call, "ExperimentRun", &format!("dcid.{id}"), forms)
        }
        ("GET", ["runs", id, rest @ ..]) => run(call, shape, id, rest),
        _ => missing(PLANE, "No such route."),
    }
}

fn run(call: &Call<'_>, shape: &Shape, id: &str, tail: &[&str]) -> Reply {
    let mint = call.hub.mint;
    let Some(index) = present(mint, shape, &call.workspace.gone, id) else {
        return no_run(id);
    };
    let mut out = String::with_capacity(1500);
    match tail {
        [] => run_text(mint, shape, index, &mut out),
        ["details"] => details_text(mint, shape, index, &mut out),
        ["children"] => return Reply::ok("{\"value\":[]}"),
        _ => return missing(PLANE, "No such route."),
    }
    Reply::ok(out)
}

fn listed(
    call: &Call<'_>,
    limit: usize,
    make: impl FnOnce(&history::Query, usize) -> (String, Option<Start>),
) -> Reply {
    match history::query(call) {
        Ok(query) => {
            let size = query.top.unwrap_or(PAGE.min(limit)).min(limit);
            let (array, next) = make(&query, size);
            Reply::ok(page::nullable(
                &array,
                next,
                call.link("$continuationToken"),
            ))
        }
        Err(reply) => reply,
    }
}

/// The answer of the metric service.
pub(crate) fn metric(call: &Call<'_>) -> Option<Reply> {
    let shape = call.workspace.shape.as_ref()?;
    let mint = call.hub.mint;
    let ("POST", ["runs", id, what @ ("list" | "full" | "sample")]) =
        (call.ask.method.as_str(), call.rest.as_slice())
    else {
        return None;
    };
    let Some(index) = present(mint, shape, &call.workspace.gone, id) else {
        return Some(no_run(id));
    };
    let Some(start) = metric::start(call) else {
        return Some(malformed(PLANE, "The continuation token is not valid."));
    };
    if *what == "list" {
        let total = if shape.metrics_v2 {
            u64::from(shape.metrics)
        } else {
            0
        };
        let (array, next) = rows(start, METRIC_PAGE, total, |at, out| {
            let name = metric_name(u32::try_from(at).unwrap_or(0));
            let _ = write!(
                out,
                "{{\"columns\":{{\"{name}\":\"Double\"}},\"metricKey\":{{\"columnNames\":[],\"labels\":[],\
                 \"name\":\"{name}\",\"namespace\":\"mlflow\"}},\"properties\":{{\"uxMetricType\":\"azureml.v1.scalar\"}}}}"
            );
        });
        return Some(Reply::ok(page::nullable(
            &array,
            next,
            call.link("continuationToken"),
        )));
    }
    let body = call.ask.json();
    let name = body
        .get("metricName")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let known = if shape.metrics_v2 {
        (0..shape.metrics).find(|at| metric_name(*at) == name)
    } else {
        None
    };
    let Some(at) = known else {
        return Some(missing(
            PLANE,
            &format!("Metric {name} of run {id} was not found"),
        ));
    };
    let from = u32::try_from(start.from)
        .unwrap_or(u32::MAX)
        .min(shape.metric_values);
    let to = from.saturating_add(1000).min(shape.metric_values);
    let mut out = String::with_capacity(4096);
    if to < shape.metric_values {
        let token = page::token(Start {
            from: to as usize,
            hollow: false,
        });
        let link = call.link("continuationToken")(&page::encode(&token));
        series_text(mint, index, at, from..to, Some((&token, &link)), &mut out);
    } else {
        series_text(mint, index, at, from..to, None, &mut out);
    }
    Some(Reply::ok(out))
}
