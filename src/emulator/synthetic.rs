//! A run history of any size, computed from the seed and the index of a run. Nothing is held for a run, so a million of
//! them cost no memory; and the text is written directly, so that a page is about as cheap as copying it.

use super::Shape;
use super::artifact;
use super::errors::{Plane, malformed, missing};
use super::filter;
use super::history::{self, no_run};
use super::metric;
use super::mint::{Mint, guid_of, stir, utc};
use super::page::{self, Start};
use super::reply::Reply;
use super::route::Call;
use super::text;
use super::truth;
use super::world::Kind;
use serde_json::Value;
use std::collections::HashSet;
use std::fmt::Write as _;

const PLANE: Plane = Plane::History;
/// What the service gives when nobody says how many, and the most that it gives.
const PAGE: usize = 100;
const LIMIT: usize = 1000;
const EXPERIMENT_PAGE: usize = 50;
const METRIC_PAGE: usize = 500;
const ARTIFACT_PAGE: usize = 200;
const NAMES: [&str; 6] = ["accuracy", "loss", "precision", "recall", "auc", "f1"];

/// One document and, for an artifact, the digest of its bytes.
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) bytes: Option<(String, u64)>,
}

fn word(mint: Mint, index: u64, salt: u64) -> u64 {
    stir(mint.number("synthetic") ^ stir(index ^ (salt << 48)))
}

fn guid(mint: Mint, index: u64, salt: u64) -> String {
    guid_of(word(mint, index, salt), word(mint, index, salt + 1))
}

/// A name that is readable, sorts by index, and cannot be guessed without the seed.
pub(crate) fn run_id(mint: Mint, index: u64) -> String {
    format!("run_{index:09}_{:08x}", word(mint, index, 1) >> 32)
}

/// The index of a run, when there is such a run.
pub(crate) fn index_of(mint: Mint, shape: &Shape, id: &str) -> Option<u64> {
    let index: u64 = id.strip_prefix("run_")?.get(..9)?.parse().ok()?;
    (index < shape.runs && run_id(mint, index) == id).then_some(index)
}

fn experiments(shape: &Shape) -> u64 {
    shape.experiments.max(1)
}

fn experiment_name(at: u64) -> String {
    format!("experiment-{at:04}")
}

fn experiment_id(mint: Mint, at: u64) -> String {
    guid(mint, at, 20)
}

fn experiment_at(mint: Mint, shape: &Shape, key: &str, by_id: bool) -> Option<u64> {
    if by_id {
        return (0..experiments(shape)).find(|at| experiment_id(mint, *at) == key);
    }
    let at: u64 = key.strip_prefix("experiment-")?.parse().ok()?;
    (at < experiments(shape) && experiment_name(at) == key).then_some(at)
}

/// Whether anything would be lost with an experiment.
pub(crate) fn holds_runs(mint: Mint, shape: &Shape, gone: &HashSet<u64>, experiment: &str) -> bool {
    let n = experiments(shape);
    experiment_at(mint, shape, experiment, true)
        .is_some_and(|at| (0..runs_of(shape, at)).any(|row| !gone.contains(&(row * n + at))))
}

/// The index of a run that is still there.
fn present(mint: Mint, shape: &Shape, gone: &HashSet<u64>, id: &str) -> Option<u64> {
    index_of(mint, shape, id).filter(|index| !gone.contains(index))
}

/// Runs are spread like cards: run `i` is in experiment `i mod n`.
fn runs_of(shape: &Shape, experiment: u64) -> u64 {
    let n = experiments(shape);
    shape.runs / n + u64::from(experiment < shape.runs % n)
}

fn experiment_text(mint: Mint, at: u64) -> String {
    let day = i64::try_from(at % 3000).unwrap_or(0);
    format!(
        "{{\"archivedTime\":null,\"artifactLocation\":null,\"createdUtc\":\"{}\",\"description\":null,\
         \"experimentId\":\"{}\",\"name\":\"{}\",\"retainForLifetimeOfWorkspace\":false,\"tags\":{{}}}}",
        utc(1_540_000_000 + day * 86_400, 7),
        experiment_id(mint, at),
        experiment_name(at)
    )
}

fn person(mint: Mint, index: u64) -> (String, u64) {
    let who = word(mint, index, 3) % 40;
    (guid(mint, who, 30), who)
}

fn user(mint: Mint, index: u64, out: &mut String) {
    let (object_id, who) = person(mint, index);
    let _ = write!(
        out,
        "{{\"upn\":null,\"userAltSecId\":null,\"userIdp\":null,\"userIss\":null,\"userName\":\"Person {who:02}\",\
         \"userObjectId\":\"{object_id}\",\"userPuId\":null,\"userTenantId\":\"72f98888-0000-4000-8000-2d7cd011db47\"}}"
    );
}

fn created(mint: Mint, index: u64) -> i64 {
    1_550_000_000
        + i64::try_from(index % 4_000_000).unwrap_or(0) * 37
        + i64::try_from(word(mint, index, 5) % 30).unwrap_or(0)
}

fn run_text(mint: Mint, shape: &Shape, index: u64, out: &mut String) {
    let id = run_id(mint, index);
    let at = created(mint, index);
    let began = utc(at, 1);
    let ended = utc(at + 60, 2);
    out.push_str("{\"createdBy\":");
    user(mint, index, out);
    let _ = write!(
        out,
        ",\"createdUtc\":\"{began}\",\"dataContainerId\":\"dcid.{id}\",\"description\":null,\"displayName\":\"run {index}\",\
         \"endTimeUtc\":\"{ended}\",\"experimentId\":\"{}\",\"hidden\":false,\"lastModifiedBy\":",
        experiment_id(mint, index % experiments(shape))
    );
    user(mint, index, out);
    let _ = write!(
        out,
        ",\"lastModifiedUtc\":\"{ended}\",\"name\":null,\"parentRunId\":null,\"properties\":{{\"ContentSnapshotId\":\"{}\",\
         \"azureml.runsource\":\"azureml.scriptrun\"}},\"revision\":3,\"rootRunId\":\"{id}\",\"runId\":\"{id}\",\"runNumber\":{},\
         \"runType\":\"azureml.scriptrun\",\"scriptName\":\"train.py\",\"startTimeUtc\":\"{began}\",\"status\":\"Completed\",\
         \"tags\":{{\"batch\":\"{}\"}},\"target\":\"cpu-cluster\",\"token\":\"PLANTED-{:016x}\",\"userId\":\"{}\",\"warnings\":[]}}",
        guid(mint, index, 40),
        index + 1,
        index % 97,
        word(mint, index, 6),
        person(mint, index).0
    );
}

fn details_text(mint: Mint, shape: &Shape, index: u64, out: &mut String) {
    let id = run_id(mint, index);
    let at = created(mint, index);
    let (began, ended) = (utc(at, 1), utc(at + 60, 2));
    out.push_str("{\"createdBy\":");
    user(mint, index, out);
    let _ = write!(
        out,
        ",\"createdTimeUtc\":\"{began}\",\"endTimeUtc\":\"{ended}\",\"inputDatasets\":[],\"logFiles\":{{}},\
         \"outputDatasets\":[],\"properties\":{{\"ContentSnapshotId\":\"{}\"}},\"revision\":3,\
         \"runDefinition\":{{\"arguments\":[\"--part\",\"{}\"],\"script\":\"train.py\"}},\"runId\":\"{id}\",\
         \"startTimeUtc\":\"{began}\",\"status\":\"Completed\",\"tags\":{{\"batch\":\"{}\"}},\"target\":\"cpu-cluster\",\
         \"userId\":\"{}\",\"warnings\":[]}}",
        guid(mint, index, 40),
        index % experiments(shape),
        index % 97,
        person(mint, index).0
    );
}

fn metric_name(at: u32) -> String {
    let round = at as usize / NAMES.len();
    let name = NAMES[at as usize % NAMES.len()];
    if round == 0 {
        name.to_owned()
    } else {
        format!("{name}_{round}")
    }
}

/// A number with more digits than are needed, as real series have.
fn value(mint: Mint, index: u64, metric: u32, step: u32, out: &mut String) {
    let draw = word(mint, index, 50 + u64::from(metric) * 8) ^ stir(u64::from(step));
    let _ = write!(out, "0.{:017}", stir(draw) % 100_000_000_000_000_000);
}

fn metric_id(mint: Mint, index: u64, metric: u32) -> String {
    guid(mint, index, 1000 + u64::from(metric) * 2)
}

fn metric_text(mint: Mint, shape: &Shape, index: u64, metric: u32, out: &mut String) {
    let name = metric_name(metric);
    let id = run_id(mint, index);
    out.push_str("{\"cells\":[");
    for step in 0..shape.metric_values {
        let _ = write!(out, "{}{{\"{name}\":", if step > 0 { "," } else { "" });
        value(mint, index, metric, step, out);
        out.push('}');
    }
    let _ = write!(
        out,
        "],\"createdUtc\":\"{}\",\"dataContainerId\":\"dcid.{id}\",\"dataLocation\":null,\"description\":\"\",\"label\":null,\
         \"metricId\":\"{}\",\"metricType\":\"azureml.v1.scalar\",\"name\":\"{name}\",\"numCells\":{},\"runId\":\"{id}\",\
         \"schema\":{{\"numProperties\":1,\"properties\":[{{\"name\":\"{name}\",\"propertyId\":\"{name}\",\"type\":\"Double\"}}]}}}}",
        utc(created(mint, index) + 30, 3),
        metric_id(mint, index, metric),
        shape.metric_values
    );
}

/// The series of a second-generation metric, from one step to another.
fn series_text(
    mint: Mint,
    index: u64,
    metric: u32,
    steps: std::ops::Range<u32>,
    next: Option<(&str, &str)>,
    out: &mut String,
) {
    let name = metric_name(metric);
    let id = run_id(mint, index);
    let _ = write!(
        out,
        "{{\"columns\":{{\"{name}\":\"Double\"}},\"continuationToken\":"
    );
    match next {
        Some((token, _)) => text::quote(token, out),
        None => out.push_str("null"),
    }
    let _ = write!(
        out,
        ",\"dataContainerId\":\"dcid.{id}\",\"name\":\"{name}\",\"namespace\":\"mlflow\",\"nextLink\":"
    );
    match next {
        Some((_, link)) => text::quote(link, out),
        None => out.push_str("null"),
    }
    out.push_str(",\"properties\":{\"uxMetricType\":\"azureml.v1.scalar\"},\"standardSchemaId\":null,\"value\":[");
    for step in steps.clone() {
        let _ = write!(
            out,
            "{}{{\"createdUtc\":\"{}\",\"data\":{{\"{name}\":",
            if step > steps.start { "," } else { "" },
            utc(created(mint, index) + i64::from(step % 60), 4)
        );
        value(mint, index, metric, step, out);
        let _ = write!(
            out,
            "}},\"metricId\":\"{}\",\"step\":{step}}}",
            metric_id(mint, index, metric)
        );
    }
    out.push_str("]}");
}

fn artifact_path(at: u32) -> String {
    if at == 0 {
        "logs/azureml/driver.log".to_owned()
    } else {
        format!("outputs/part-{at:05}.bin")
    }
}

fn artifact_text(mint: Mint, index: u64, at: u32, out: &mut String) {
    let id = run_id(mint, index);
    let path = artifact_path(at);
    let _ = write!(
        out,
        "{{\"artifactId\":\"ExperimentRun/dcid.{id}/{path}\",\"container\":\"dcid.{id}\",\"createdTime\":\"{}\",\
         \"dataPath\":{{\"dataStoreName\":\"workspaceartifactstore\",\"relativePath\":\"ExperimentRun/dcid.{id}/{path}\"}},\
         \"etag\":\"\\\"0x{:016X}\\\"\",\"origin\":\"ExperimentRun\",\"path\":\"{path}\",\"tags\":{{}}}}",
        utc(created(mint, index) + 50, 5),
        word(mint, index, 60 + u64::from(at))
    );
}

/// Run and position of an artifact, from its id.
fn artifact_of(mint: Mint, shape: &Shape, gone: &HashSet<u64>, id: &str) -> Option<(u64, u32)> {
    let (container, path) = id.strip_prefix("ExperimentRun/")?.split_once('/')?;
    let index = present(mint, shape, gone, container.strip_prefix("dcid.")?)?;
    let at = (0..shape.artifacts).find(|at| artifact_path(*at) == path)?;
    Some((index, at))
}

/// What decides the bytes of an artifact.
pub(crate) fn artifact_key(
    mint: Mint,
    shape: &Shape,
    gone: &HashSet<u64>,
    id: &str,
) -> Option<u64> {
    artifact_of(mint, shape, gone, id).map(|(index, at)| word(mint, index, 70 + u64::from(at)))
}

pub(crate) fn artifact(mint: Mint, shape: &Shape, gone: &HashSet<u64>, id: &str) -> Option<String> {
    let (index, at) = artifact_of(mint, shape, gone, id)?;
    let mut out = String::with_capacity(512);
    artifact_text(mint, index, at, &mut out);
    Some(out)
}

pub(crate) fn artifact_paths(
    mint: Mint,
    shape: &Shape,
    gone: &HashSet<u64>,
    origin: &str,
    container: &str,
) -> Option<Vec<String>> {
    if origin != "ExperimentRun" {
        return None;
    }
    present(mint, shape, gone, container.strip_prefix("dcid.")?)?;
    Some((0..shape.artifacts).map(artifact_path).collect())
}

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
            artifact::contained(call, "ExperimentRun", &format!("dcid.{id}"), forms)
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
        ["children"] => return Reply::ok(page::nullable("[]", None, |_| String::new())),
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

/// How many rows of a kind the truth has to tell; nothing for kinds that are held.
pub(crate) fn count(shape: &Shape, kind: Kind) -> Option<u64> {
    match kind {
        Kind::Experiments => Some(experiments(shape)),
        Kind::Runs | Kind::RunDetails | Kind::Artifacts => Some(shape.runs),
        Kind::Metrics => Some(if shape.metrics_v2 { 0 } else { shape.runs }),
        Kind::MetricsV2 => Some(if shape.metrics_v2 { shape.runs } else { 0 }),
        _ => None,
    }
}

/// The documents of one row: one for an experiment or a run, several for the metrics and artifacts of a run.
pub(crate) fn tell(mint: Mint, shape: &Shape, kind: Kind, row: u64) -> Vec<Told> {
    let mut text = String::new();
    let bare = |id: String, text: String| {
        vec![Told {
            id,
            text,
            bytes: None,
        }]
    };
    match kind {
        Kind::Experiments => bare(experiment_id(mint, row), experiment_text(mint, row)),
        Kind::Runs => {
            run_text(mint, shape, row, &mut text);
            bare(run_id(mint, row), text)
        }
        Kind::RunDetails => {
            details_text(mint, shape, row, &mut text);
            bare(run_id(mint, row), text)
        }
        Kind::Metrics => (0..shape.metrics)
            .map(|at| {
                let mut text = String::new();
                metric_text(mint, shape, row, at, &mut text);
                Told {
                    id: metric_id(mint, row, at),
                    text,
                    bytes: None,
                }
            })
            .collect(),
        Kind::MetricsV2 => (0..shape.metrics)
            .map(|at| {
                let mut text = String::new();
                series_text(mint, row, at, 0..shape.metric_values, None, &mut text);
                Told {
                    id: format!("{}/mlflow/{}", run_id(mint, row), metric_name(at)),
                    text,
                    bytes: None,
                }
            })
            .collect(),
        Kind::Artifacts => (0..shape.artifacts)
            .map(|at| {
                let mut text = String::new();
                artifact_text(mint, row, at, &mut text);
                let key = word(mint, row, 70 + u64::from(at));
                Told {
                    id: format!(
                        "ExperimentRun/dcid.{}/{}",
                        run_id(mint, row),
                        artifact_path(at)
                    ),
                    text,
                    bytes: Some(truth::computed(key, shape.artifact_bytes)),
                }
            })
            .collect(),
        _ => Vec::new(),
    }
}
