//! Runs as the resource manager shows them. Every run that hangs on no other is listed as a job of the same name; children
//! are in no list, and are found by their names alone. What a job says is taken from its run, so that the two never
//! disagree.

use super::{Item, Kind, Workspace};
use crate::emulator::arm::COLLECTIONS;
use serde_json::{Map, Value, json};

/// What the word for jobs is among the collections of the resource manager.
const JOBS: &str = "jobs";

/// Whether a kind is that of jobs.
pub(crate) fn is_job(kind: Kind) -> bool {
    matches!(kind, Kind::Resource(at) if COLLECTIONS.get(at).is_some_and(|one| one.told_as == JOBS))
}

/// Lists the runs of a workspace as jobs.
pub(crate) fn fill(workspace: &mut Workspace) {
    let Some(kind) = Kind::named(JOBS) else {
        return;
    };
    let jobs: Vec<Item> = workspace
        .table(Kind::Runs)
        .holding()
        .filter(|run| parent(run).is_none())
        .map(|run| Item::new(run.id.clone(), "", face(workspace, run)))
        .collect();
    for job in jobs {
        workspace.add(kind, job);
    }
}

/// Brings the job of a run up to what the run says now.
pub(crate) fn renew(workspace: &mut Workspace, id: &str) {
    let Some(kind) = Kind::named(JOBS) else {
        return;
    };
    if workspace.table(kind).held(id).is_none() {
        return;
    }
    let Some(run) = workspace.table(Kind::Runs).held(id) else {
        return;
    };
    let now = face(workspace, run);
    if let Some(job) = workspace.table_mut(kind).get_mut(id) {
        job.change(|doc| *doc = now);
    }
}

fn parent(run: &Item) -> Option<&str> {
    run.doc.get("parentRunId").and_then(Value::as_str)
}

/// A run as a job. Of the step of a pipeline the resource manager shows the envelope only.
pub(crate) fn face(workspace: &Workspace, run: &Item) -> Value {
    let runs = workspace.table(Kind::Runs);
    let step = parent(run)
        .and_then(|id| runs.held(id))
        .is_some_and(is_pipeline);
    let properties = if step {
        Value::Null
    } else {
        properties(workspace, run)
    };
    json!({
        "id": format!("{}/jobs/{}", workspace.doc.id, run.id),
        "name": run.id,
        "type": "Microsoft.MachineLearningServices/workspaces/jobs",
        "properties": properties,
        "systemData": system(&run.doc),
    })
}

fn is_pipeline(run: &Item) -> bool {
    run.field("runType")
        .eq_ignore_ascii_case("azureml.PipelineRun")
}

fn properties(workspace: &Workspace, run: &Item) -> Value {
    let of_run = |name: &str| run.doc.get(name).cloned().unwrap_or(Value::Null);
    let experiment = workspace.table(Kind::Experiments).held(&run.parent);
    let services: Map<String, Value> = of_run("services")
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, service)| (name.clone(), service_of(service)))
        .collect();
    json!({
        // What the first generation submitted is of no type that the second one has.
        "jobType": if is_pipeline(run) { "Pipeline" } else { "Base" },
        "displayName": of_run("displayName"),
        "experimentName": experiment.map(|one| one.field("name")),
        "status": of_run("status"),
        // Archiving a job hides its run, and the other way round.
        "isArchived": of_run("hidden"),
        "description": of_run("description"),
        "tags": of_run("tags"),
        "properties": of_run("properties"),
        "services": services,
    })
}

fn service_of(service: &Value) -> Value {
    let of_run = |name: &str| service.get(name).cloned().unwrap_or(Value::Null);
    json!({
        "jobServiceType": of_run("type"),
        "port": of_run("port"),
        "endpoint": of_run("endpoint"),
        "status": of_run("status"),
        "errorMessage": of_run("errorMessage"),
        "properties": of_run("properties"),
    })
}

/// Who made and changed it, and when. Jobs show display names, and of applications their ids.
fn system(run: &Value) -> Value {
    let mut data = Map::new();
    for (who, when, time) in [
        ("createdBy", "createdAt", "createdUtc"),
        ("lastModifiedBy", "lastModifiedAt", "lastModifiedUtc"),
    ] {
        if let Some(name) = run
            .pointer(&format!("/{who}/userName"))
            .and_then(Value::as_str)
        {
            let sort = if is_guid(name) { "Application" } else { "User" };
            data.insert(who.to_owned(), name.into());
            data.insert(format!("{who}Type"), sort.into());
        }
        if let Some(text) = run.get(time).and_then(Value::as_str) {
            data.insert(when.to_owned(), text.replace("+00:00", "Z").into());
        }
    }
    Value::Object(data)
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
