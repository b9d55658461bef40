//! Reads the published examples with nothing of the program's own code.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::covered::KINDS;
use crate::json::Json;

/// An operation that reads, and every document that its examples show.
pub(super) struct Operation {
    /// For example `Jobs_List`.
    pub(super) id: String,
    pub(super) documents: Vec<Json>,
}

impl Operation {
    /// The kind that its documents are exported as.
    pub(super) fn kind(&self) -> Option<&'static str> {
        let group = self.id.split('_').next().unwrap_or_default();
        let found = KINDS
            .iter()
            .find(|(name, _)| *name == self.id || *name == group);
        found.map(|(_, kind)| *kind)
    }
}

/// The directory of the version that the examples are taken from.
fn home(dir: &Path) -> PathBuf {
    let mut left = vec![dir.to_owned()];
    while let Some(folder) = left.pop() {
        if folder.ends_with("Microsoft.MachineLearningServices/stable/2024-04-01") {
            return folder;
        }
        for entry in fs::read_dir(&folder).expect("a readable folder") {
            let entry = entry.expect("an entry");
            if entry.file_type().expect("a type").is_dir() {
                left.push(entry.path());
            }
        }
    }
    panic!("no specification below {}", dir.display());
}

#[derive(Deserialize)]
struct Sample {
    responses: BTreeMap<String, Response>,
}

#[derive(Deserialize)]
struct Response {
    body: Option<Box<RawValue>>,
}

/// Every operation of the resource manager that is a GET with examples.
pub(super) fn operations(dir: &Path) -> Vec<Operation> {
    let home = home(dir);
    let read = |path: &Path| fs::read_to_string(path).expect("a readable file");
    let mut operations = Vec::new();
    for entry in fs::read_dir(&home).expect("the specification") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|kind| kind != "json") {
            continue;
        }
        let specification: Value = serde_json::from_str(&read(&path)).expect("a specification");
        for (_, verbs) in specification["paths"].as_object().expect("paths") {
            let Some(id) = verbs["get"]["operationId"].as_str() else {
                continue;
            };
            let mut documents = Vec::new();
            for (_, example) in verbs["get"]["x-ms-examples"].as_object().expect("examples") {
                let file = home.join(example["$ref"].as_str().expect("a file"));
                let sample: Sample = serde_json::from_str(&read(&file)).expect("an example");
                let body = sample
                    .responses
                    .get("200")
                    .and_then(|answer| answer.body.as_ref());
                documents.extend(body.map(|body| Json::of(body)).into_iter().flat_map(parts));
            }
            operations.push(Operation {
                id: id.to_owned(),
                documents,
            });
        }
    }
    assert!(operations.len() > 50, "{} operations", operations.len());
    operations
}

/// The documents of a list, or the one document.
fn parts(body: Json) -> Vec<Json> {
    match body {
        Json::Map(mut map) => match map.remove("value") {
            Some(Json::List(documents)) => documents,
            Some(value) => {
                map.insert("value".to_owned(), value);
                vec![Json::Map(map)]
            }
            None => vec![Json::Map(map)],
        },
        other => vec![other],
    }
}
