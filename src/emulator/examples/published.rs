//! Finds the published specification and reads the examples of its answers.

use crate::emulator::text::compact;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

/// Why there are no examples, and what to do next.
#[derive(Debug, thiserror::Error)]
pub enum SpecificationsError {
    #[error(
        "the published specification is not below {dir}: there is no directory Microsoft.MachineLearningServices/stable/2024-04-01. Get https://github.com/Azure/azure-rest-api-specs (the folder specification/machinelearningservices of a commit of 2024) and name its directory with --specifications"
    )]
    NotThere { dir: PathBuf },
    #[error(
        "{path} cannot be read: {source}; check that --specifications names a directory that you may read"
    )]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "{path} is not what a published specification looks like ({source}); get it anew from https://github.com/Azure/azure-rest-api-specs"
    )]
    Malformed {
        path: PathBuf,
        source: serde_json::Error,
    },
    #[error(
        "the specification below {dir} has no example of a workspace; get it anew from https://github.com/Azure/azure-rest-api-specs"
    )]
    NoWorkspace { dir: PathBuf },
}

/// An answer of the service, as published.
#[derive(Debug)]
pub(super) struct Example {
    /// The path of the operation, with names in braces.
    pub(super) path: String,
    /// The values of those names.
    pub(super) names: BTreeMap<String, String>,
    pub(super) body: Body,
}

/// JSON text without blanks, its digits and its order as published.
#[derive(Debug)]
pub(super) enum Body {
    /// The documents of a list.
    Many(Vec<String>),
    One(String),
}

/// The files with the operations of the resource manager.
const FILES: [&str; 4] = [
    "machineLearningServices.json",
    "mfe.json",
    "registries.json",
    "workspaceFeatures.json",
];

#[derive(Deserialize)]
struct Specification {
    paths: BTreeMap<String, Operations>,
}

#[derive(Deserialize)]
struct Operations {
    get: Option<Operation>,
}

#[derive(Deserialize)]
struct Operation {
    #[serde(default, rename = "x-ms-examples")]
    examples: BTreeMap<String, Reference>,
}

#[derive(Deserialize)]
struct Reference {
    #[serde(rename = "$ref")]
    file: String,
}

#[derive(Deserialize)]
struct Sample {
    parameters: BTreeMap<String, serde_json::Value>,
    responses: BTreeMap<String, Response>,
}

#[derive(Deserialize)]
struct Response {
    body: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct List {
    value: Vec<Box<RawValue>>,
}

/// Every example of an answer to a GET, by the order of files, paths and names.
pub(super) fn read(dir: &Path) -> Result<Vec<Example>, SpecificationsError> {
    let home = find(dir)?;
    let mut examples = Vec::new();
    for file in FILES {
        let specification: Specification = load(&home.join(file))?;
        for (path, operations) in specification.paths {
            for reference in operations
                .get
                .into_iter()
                .flat_map(|get| get.examples.into_values())
            {
                let mut sample: Sample = load(&home.join(&reference.file))?;
                let body = sample.responses.remove("200").and_then(|found| found.body);
                let Some(body) = body else { continue };
                let body = match serde_json::from_str::<List>(body.get()) {
                    Ok(list) => {
                        Body::Many(list.value.iter().map(|raw| compact(raw.get())).collect())
                    }
                    Err(_) => Body::One(compact(body.get())),
                };
                let names = sample.parameters.into_iter();
                examples.push(Example {
                    path: path.clone(),
                    names: names
                        .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
                        .collect(),
                    body,
                });
            }
        }
    }
    Ok(examples)
}

fn load<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, SpecificationsError> {
    let text = fs::read_to_string(path).map_err(|source| SpecificationsError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    // The specifications of Microsoft begin with a byte order mark now and then.
    serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|source| {
        SpecificationsError::Malformed {
            path: path.to_owned(),
            source,
        }
    })
}

/// The directory itself, or the nearest one below it that has the right name.
fn find(dir: &Path) -> Result<PathBuf, SpecificationsError> {
    let mut left = VecDeque::from([dir.to_owned()]);
    while let Some(here) = left.pop_front() {
        if here.join(FILES[0]).is_file() && (here == dir || here.ends_with(HOME)) {
            return Ok(here);
        }
        let unreadable = |source| SpecificationsError::Unreadable {
            path: here.clone(),
            source,
        };
        let mut below = Vec::new();
        for entry in fs::read_dir(&here).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            if entry.file_type().map_err(unreadable)?.is_dir() {
                below.push(entry.path());
            }
        }
        below.sort();
        left.extend(below);
    }
    Err(SpecificationsError::NotThere {
        dir: dir.to_owned(),
    })
}

const HOME: &str = "Microsoft.MachineLearningServices/stable/2024-04-01";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_says_what_to_do_next() {
        let empty = tempfile::tempdir().expect("a directory");
        let error = read(empty.path()).expect_err("nothing there").to_string();
        assert!(error.contains("--specifications") && error.contains("azure-rest-api-specs"));
        let error = read(&empty.path().join("none")).expect_err("no directory");
        assert!(error.to_string().contains("cannot be read"), "{error}");
    }

    #[test]
    fn examples_are_read_with_their_digits() {
        let dir = tempfile::tempdir().expect("a directory");
        let home = dir.path().join(HOME);
        fs::create_dir_all(&home).expect("directories");
        let path = "/a/{name}/b";
        for file in FILES {
            fs::write(home.join(file), r#"{"paths": {}}"#).expect("a file");
        }
        fs::write(
            home.join(FILES[0]),
            format!(r#"{{"paths": {{"{path}": {{"get": {{"x-ms-examples": {{"e": {{"$ref": "./e.json"}}}}}}}}}}}}"#),
        )
        .expect("a file");
        let sample = r#"{"parameters": {"name": "n", "$top": 1},
            "responses": {"200": {"body": {"value": [{"b": 1.50, "a": "x \" y"}], "nextLink": "no"}}}}"#;
        fs::write(home.join("e.json"), sample).expect("a file");
        let examples = read(dir.path()).expect("examples");
        assert_eq!(examples[0].path, path);
        assert_eq!(examples[0].names["name"], "n");
        let Body::Many(docs) = &examples[0].body else {
            panic!("a list");
        };
        assert_eq!(docs, &[r#"{"b":1.50,"a":"x \" y"}"#]);
    }
}
