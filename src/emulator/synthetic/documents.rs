//! The documents of a computed run history. Text is written by hand with sorted keys, which is the form that the truth
//! hashes; a test holds it against the canonical writer.

use super::runs::{details_text, run_text};
use super::snapshots;
use crate::emulator::Shape;
use crate::emulator::mint::{Mint, guid_of, stir, utc};
use crate::emulator::text;
use crate::emulator::world::{Kind, Workspace};
use std::collections::HashSet;
use std::fmt::Write as _;

pub(super) const NAMES: [&str; 6] = ["accuracy", "loss", "precision", "recall", "auc", "f1"];

/// One document and, for an artifact, what its bytes are computed from.
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) text: String,
    /// What decides the bytes, and how many they are.
    pub(crate) bytes: Option<(u64, u64)>,
}

pub(super) fn word(mint: Mint, index: u64, salt: u64) -> u64 {
    stir(mint.number("synthetic") ^ stir(index ^ (salt << 48)))
}

pub(super) fn guid(mint: Mint, index: u64, salt: u64) -> String {
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

pub(super) fn experiments(shape: &Shape) -> u64 {
    shape.experiments.max(1)
}

pub(super) fn experiment_name(at: u64) -> String {
    format!("experiment-{at:04}")
}

pub(super) fn experiment_id(mint: Mint, at: u64) -> String {
    guid(mint, at, 20)
}

pub(super) fn experiment_at(mint: Mint, shape: &Shape, key: &str, by_id: bool) -> Option<u64> {
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
pub(super) fn present(mint: Mint, shape: &Shape, gone: &HashSet<u64>, id: &str) -> Option<u64> {
    index_of(mint, shape, id).filter(|index| !gone.contains(index))
}

/// Runs are spread like cards: run `i` is in experiment `i mod n`.
pub(super) fn runs_of(shape: &Shape, experiment: u64) -> u64 {
    let n = experiments(shape);
    shape.runs / n + u64::from(experiment < shape.runs % n)
}

pub(super) fn experiment_text(mint: Mint, at: u64) -> String {
    let day = i64::try_from(at % 3000).unwrap_or(0);
    format!(
        "{{\"archivedTime\":null,\"artifactLocation\":null,\"createdUtc\":\"{}\",\"description\":null,\
         \"experimentId\":\"{}\",\"name\":\"{}\",\"retainForLifetimeOfWorkspace\":false,\"tags\":{{}}}}",
        utc(1_540_000_000 + day * 86_400, 7),
        experiment_id(mint, at),
        experiment_name(at)
    )
}

pub(super) fn created(mint: Mint, index: u64) -> i64 {
    1_550_000_000
        + i64::try_from(index % 4_000_000).unwrap_or(0) * 37
        + i64::try_from(word(mint, index, 5) % 30).unwrap_or(0)
}

pub(super) fn metric_name(at: u32) -> String {
    let round = at as usize / NAMES.len();
    let name = NAMES[at as usize % NAMES.len()];
    if round == 0 {
        name.to_owned()
    } else {
        format!("{name}_{round}")
    }
}

/// A number with more digits than are needed, as real series have.
pub(super) fn value(mint: Mint, index: u64, metric: u32, step: u32, out: &mut String) {
    let draw = word(mint, index, 50 + u64::from(metric) * 8) ^ stir(u64::from(step));
    let _ = write!(out, "0.{:017}", stir(draw) % 100_000_000_000_000_000);
}

pub(super) fn metric_id(mint: Mint, index: u64, metric: u32) -> String {
    guid(mint, index, 1000 + u64::from(metric) * 2)
}

pub(super) fn metric_text(mint: Mint, shape: &Shape, index: u64, metric: u32, out: &mut String) {
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
pub(super) fn series_text(
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

pub(super) fn artifact_path(at: u32) -> String {
    if at == 0 {
        "logs/azureml/driver.log".to_owned()
    } else {
        format!("outputs/part-{at:05}.bin")
    }
}

pub(super) fn artifact_text(mint: Mint, index: u64, at: u32, out: &mut String) {
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
pub(super) fn artifact_of(
    mint: Mint,
    shape: &Shape,
    gone: &HashSet<u64>,
    id: &str,
) -> Option<(u64, u32)> {
    let (container, path) = id.strip_prefix("ExperimentRun/")?.split_once('/')?;
    let index = present(mint, shape, gone, container.strip_prefix("dcid.")?)?;
    // The number stands in the name: looking through all of them would make a large run slow to read.
    let at = path
        .strip_prefix("outputs/part-")
        .and_then(|rest| rest.strip_suffix(".bin"))
        .map_or(Some(0), |number| number.parse().ok())
        .filter(|at| *at < shape.artifacts && artifact_path(*at) == path)?;
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

/// Whether a computed row was deleted. Rows of everything that hangs on runs are rows of runs.
pub(crate) fn is_gone(mint: Mint, workspace: &Workspace, kind: Kind, row: u64) -> bool {
    match kind {
        Kind::Experiments => false,
        Kind::Snapshots => workspace.gone_snapshots.contains(&snapshots::id(mint, row)),
        _ => workspace.gone.contains(&row),
    }
}

/// How many rows of a kind the truth has to tell; nothing for kinds that are held alone.
pub(crate) fn count(shape: &Shape, kind: Kind) -> Option<u64> {
    match kind {
        Kind::Experiments => Some(experiments(shape)),
        Kind::Runs | Kind::RunDetails | Kind::Artifacts => Some(shape.runs),
        Kind::Snapshots => Some(snapshots::count(shape)),
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
        Kind::Snapshots => bare(
            snapshots::id(mint, row),
            snapshots::snapshot_text(mint, shape, row),
        ),
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
                    bytes: Some((key, shape.artifact_bytes)),
                }
            })
            .collect(),
        _ => Vec::new(),
    }
}
