//! Metrics: cells on old runs, series on new ones, and numbers that a double would round.

use super::contoso::{Stage, put};
use super::runs::{Book, Era, Note};
use super::{Kind, Workspace};
use crate::emulator::mint::utc;
use crate::emulator::text::digits;
use serde_json::{Value, json};

pub(crate) fn fill(stage: &mut Stage<'_>, workspace: &mut Workspace, book: &Book) {
    for note in &book.notes {
        if note.era == Era::Second {
            second(stage, workspace, note);
        } else {
            first(stage, workspace, note);
        }
    }
}

fn first(stage: &Stage<'_>, workspace: &mut Workspace, note: &Note) {
    for (at, name) in ["accuracy", "loss", "confusion matrix"].iter().enumerate() {
        let id = stage
            .mint
            .guid(&format!("{} metric {} {name}", workspace.name, note.run_id));
        let plot = at == 2;
        let cells = if plot {
            json!([{name.to_owned(): format!("aml://artifactId/ExperimentRun/{}/outputs/result.json", note.container)}])
        } else if at == 1 {
            json!([{name.to_owned(): digits("0.1000000000000000055511151231257827")}, {name.to_owned(): digits("1.50e-7")}])
        } else {
            json!([{name.to_owned(): digits("12345678901234567890")}])
        };
        let count = cells.as_array().map_or(0, Vec::len);
        let doc = json!({
            "runId": note.run_id,
            "metricId": id,
            "dataContainerId": note.container,
            "metricType": if plot { "azureml.v1.confusion_matrix" } else { "azureml.v1.scalar" },
            "createdUtc": utc(1_551_000_000, 42),
            "name": name,
            "description": "",
            "label": null,
            "numCells": count,
            "dataLocation": if plot {
                json!(format!("aml://artifactId/ExperimentRun/{}/outputs/result.json", note.container))
            } else {
                Value::Null
            },
            "cells": cells,
            "schema": {"numProperties": 1, "properties": [
                {"propertyId": name, "name": name, "type": if plot { "Artifact" } else { "Double" }}]},
        });
        put(workspace, Kind::Metrics, &id, &note.run_id, doc);
    }
}

/// How many values the longest series has: more than one page.
const LONG: usize = 25;

fn second(stage: &Stage<'_>, workspace: &mut Workspace, note: &Note) {
    let names: [(&str, usize); 4] = [
        ("accuracy", 1),
        ("loss", if note.at % 5 == 1 { LONG } else { 3 }),
        ("learning rate/lr:0 %", 2),
        ("note", 1),
    ];
    for (name, count) in names {
        let column = if name == "note" { "String" } else { "Double" };
        let values: Vec<Value> = (0..count)
            .map(|step| {
                let value = match (name, step) {
                    ("note", _) => json!(format!("ok for {}", stage.person(note.at).name)),
                    (_, 0) => digits("0.1000000000000000055511151231257827"),
                    (_, 1) => digits("12345678901234567890"),
                    _ => digits(&format!("0.{:05}00", 50_000 - step * 731)),
                };
                json!({
                    "metricId": stage.mint.guid(&format!("{} value {} {name} {step}", workspace.name, note.run_id)),
                    "createdUtc": utc(1_600_000_000 + i64::try_from(step).unwrap_or(0), 7),
                    "step": step,
                    "data": {name: value},
                })
            })
            .collect();
        let doc = json!({
            "dataContainerId": note.container,
            "name": name,
            "columns": {name: column},
            "properties": {"uxMetricType": "azureml.v1.scalar"},
            "namespace": "mlflow",
            "standardSchemaId": null,
            "value": values,
            "continuationToken": null,
            "nextLink": null,
        });
        put(
            workspace,
            Kind::MetricsV2,
            &format!("{}/mlflow/{name}", note.run_id),
            &note.run_id,
            doc,
        );
    }
}
