//! Discovery and cloud metadata, which anybody may ask.

use crate::emulator::ask::Ask;
use crate::emulator::errors::{Plane, missing};
use crate::emulator::hub::Hub;
use crate::emulator::reply::Reply;
use serde_json::{Value, json};

/// Discovery and cloud metadata: no token is asked for, and none is needed.
pub(crate) fn open_to_all(hub: &Hub, ask: &Ask) -> Option<Reply> {
    let words: Vec<String> = ask
        .segments
        .iter()
        .map(|text| text.to_lowercase())
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["discovery"] | ["discovery", ""] => Some(discovery(hub)),
        ["discovery", "workspaces", guid, ..] => {
            let known = hub
                .world()
                .workspaces
                .iter()
                .any(|workspace| workspace.guid == *guid);
            Some(if known {
                discovery(hub)
            } else {
                missing(Plane::History, "No such workspace.")
            })
        }
        ["metadata", "endpoints"] => Some(clouds(hub)),
        _ => None,
    }
}

fn discovery(hub: &Hub) -> Reply {
    const KEYS: [&str; 11] = [
        "api",
        "catalog",
        "experimentation",
        "gallery",
        "history",
        "hyperdrive",
        "labeling",
        "modelmanagement",
        "pipelines",
        "studiocoreservices",
        "studio",
    ];
    let map = KEYS
        .iter()
        .map(|key| ((*key).to_owned(), Value::from(hub.origins.arm.as_str())))
        .collect();
    Reply::json(200, &Value::Object(map))
}

fn clouds(hub: &Hub) -> Reply {
    let base = format!("{}/", hub.origins.arm);
    Reply::json(
        200,
        &json!([{
            "name": "AzureCloud",
            "portal": base,
            "resourceManager": base,
            "authentication": {"loginEndpoint": base, "audiences": [base, "https://management.core.windows.net/"],
                               "tenant": "common", "identityProvider": "AAD"},
            "graph": base,
            "graphAudience": base,
            // What stands before `v1.0` in the addresses of Microsoft Graph; the two above are of its forerunner.
            "microsoftGraphResourceId": format!("{base}graph/"),
            "batch": base,
            "media": base,
            "gallery": base,
            "sqlManagement": base,
            "vmImageAliasDoc": base,
            "activeDirectoryDataLake": base,
            "suffixes": {
                "storage": "core.windows.net",
                "keyVaultDns": "vault.azure.net",
                "acrLoginServer": "azurecr.io",
                "sqlServerHostname": "database.windows.net",
                "azureDataLakeStoreFileSystem": "azuredatalakestore.net",
                "azureDataLakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.net",
                "mhsmDns": "managedhsm.azure.net",
            },
        }]),
    )
}
