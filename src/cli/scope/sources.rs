//! Where a scope is looked for when the command line does not name it.

use std::path::Path;

use serde_json::{Map, Value};

use super::ScopeError;
use crate::cli::azconfig;

/// A value and where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) value: String,
    pub(super) origin: String,
}

/// Subscription, resource group, workspace: the order of all lists of three here.
pub(super) type Three = [Option<Found>; 3];

/// In a job of Azure ML the `AZUREML_ARM_` variables name its own workspace; `AZURE_DEFAULTS_` is how `az config` values
/// are given by the environment.
const VARIABLES: [&[&str]; 3] = [
    &["AZURE_SUBSCRIPTION_ID", "AZUREML_ARM_SUBSCRIPTION"],
    &[
        "AZURE_RESOURCE_GROUP",
        "AZUREML_ARM_RESOURCEGROUP",
        "AZURE_DEFAULTS_GROUP",
    ],
    &[
        "AZUREML_ARM_WORKSPACE_NAME",
        "AZUREML_WORKSPACE_NAME",
        "AZURE_DEFAULTS_WORKSPACE",
    ],
];

/// The names that Azure's own clients look for, and whether a file of that name is surely meant for us.
const FILES: [(&str, bool); 3] = [
    (".azureml/config.json", true),
    ("aml_config/config.json", true),
    ("config.json", false),
];
const KEYS: [&str; 3] = ["subscription_id", "resource_group", "workspace_name"];

/// Fills what is not yet known, from the nearest source that has it. Sources that are not needed are not read.
pub(super) fn search(
    mut known: Three,
    env: &dyn Fn(&str) -> Option<String>,
    cwd: &Path,
    home: Option<&Path>,
) -> Result<Three, ScopeError> {
    fill(&mut known, variables(env));
    if known.iter().any(Option::is_none) {
        fill(&mut known, workspace_file(cwd)?);
    }
    if known.iter().any(Option::is_none) {
        fill(&mut known, az_defaults(env, home));
    }
    Ok(known)
}

fn fill(known: &mut Three, more: Three) {
    for (known, more) in known.iter_mut().zip(more) {
        if known.is_none() {
            *known = more;
        }
    }
}

fn variables(env: &dyn Fn(&str) -> Option<String>) -> Three {
    VARIABLES.map(|names| {
        names.iter().find_map(|&name| {
            let value = env(name).filter(|value| !value.trim().is_empty())?;
            Some(Found {
                value,
                origin: format!("variable {name}"),
            })
        })
    })
}

/// The nearest `config.json` of a workspace, upwards from the current directory.
fn workspace_file(cwd: &Path) -> Result<Three, ScopeError> {
    for dir in cwd.ancestors() {
        for (name, ours) in FILES {
            let path = dir.join(name);
            if !path.is_file() {
                continue;
            }
            if let Some(three) = from_file(&path, ours)? {
                return Ok(three);
            }
        }
    }
    Ok([None, None, None])
}

/// Many programs have a `config.json`, so that one without our keys is passed by; one with them has to be right.
fn from_file(path: &Path, ours: bool) -> Result<Option<Three>, ScopeError> {
    let bad = |why| ScopeError::BadFile {
        path: path.display().to_string(),
        why,
    };
    let Some(text) = azconfig::read(path) else {
        return if ours {
            Err(bad("it cannot be read as text"))
        } else {
            Ok(None)
        };
    };
    let object: Map<String, Value> = match serde_json::from_str(&text) {
        Ok(object) => object,
        Err(_) if ours || KEYS.iter().all(|key| text.contains(key)) => {
            return Err(bad("it is not a JSON object"));
        }
        Err(_) => return Ok(None),
    };
    // `azureml-core` writes further keys in other letters; these three are the same everywhere.
    if !KEYS.iter().any(|&key| object.contains_key(key)) {
        return Ok(None);
    }
    let mut three = [None, None, None];
    for (slot, key) in three.iter_mut().zip(KEYS) {
        *slot = match object.get(key) {
            None | Some(Value::Null) => None,
            Some(Value::String(value)) if value.trim().is_empty() => None,
            Some(Value::String(value)) => Some(Found {
                value: value.clone(),
                origin: format!("file {}", path.display()),
            }),
            Some(_) => {
                return Err(bad(
                    "subscription_id, resource_group and workspace_name have to be strings",
                ));
            }
        };
    }
    Ok(Some(three))
}

fn az_defaults(env: &dyn Fn(&str) -> Option<String>, home: Option<&Path>) -> Three {
    let Some(dir) = azconfig::directory(env, home) else {
        return [None, None, None];
    };
    let (config, profile) = (dir.join("config"), dir.join("azureProfile.json"));
    let ini = azconfig::read(&config).unwrap_or_default();
    let cloud = azconfig::value(&ini, "cloud", "name").unwrap_or_else(|| "AzureCloud".to_owned());
    let default = |key| {
        let value = azconfig::value(&ini, "defaults", key)?;
        Some(Found {
            value,
            origin: format!("az config default, {}", config.display()),
        })
    };
    let subscription =
        azconfig::read(&profile).and_then(|text| azconfig::subscription_in_use(&text, &cloud));
    [
        subscription.map(|value| Found {
            value,
            origin: format!("az account in use, {}", profile.display()),
        }),
        default("group"),
        default("workspace"),
    ]
}
