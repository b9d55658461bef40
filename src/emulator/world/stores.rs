//! Datastores with their keys, datasets with their versions, environments, notification tasks.

use super::contoso::{Stage, put};
use super::{Item, Kind, Workspace};
use crate::emulator::mint::utc;
use crate::emulator::text;
use serde_json::{Value, json};

pub(crate) fn fill(stage: &mut Stage<'_>, workspace: &mut Workspace) {
    datastores(stage, workspace);
    datasets(stage, workspace);
    environments(stage, workspace);
    if !workspace.first_generation {
        tasks(stage, workspace);
    }
}

/// Fields that `includeSecret=false` empties.
const SECRETS: [&str; 9] = [
    "credential",
    "accountKey",
    "sasToken",
    "clientSecret",
    "certificate",
    "thumbprint",
    "userPassword",
    "kerberosPassword",
    "kerberosKeytab",
];

/// Takes the secrets out, and what is null with them: both ways of keeping a secret back are in use, and a reader that
/// can live without the field can live with a null.
fn veil(value: &mut Value) {
    let Some(map) = value.as_object_mut() else {
        return;
    };
    map.retain(|name, inner| !SECRETS.contains(&name.as_str()) && !inner.is_null());
    map.values_mut().for_each(veil);
}

const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

fn storage(account: &str, container: &str, kind: &str) -> Value {
    json!({
        "accountName": account, "containerName": container, "endpoint": "core.windows.net", "protocol": "https",
        "credentialType": kind, "credential": "", "clientCredentials": null, "blobCacheTimeout": 0, "isSas": kind == "Sas",
        "accountKey": "", "sasToken": "", "areWorkspaceManagedIdentitiesAllowed": true,
        "subscriptionId": NOBODY, "resourceGroup": "rg-contoso-data",
    })
}

fn principal(stage: &mut Stage<'_>, label: &str) -> Value {
    let secret = stage.planter.secret(&format!("client secret {label}"));
    let certificate = stage.planter.pem(&format!("certificate {label}"));
    let thumbprint = stage.planter.secret(&format!("thumbprint {label}"));
    json!({
        "clientId": stage.named("robot").name, "tenantId": stage.named("robot").tenant, "isCertAuth": true,
        "certificate": certificate, "thumbprint": thumbprint, "clientSecret": secret,
        "authorityUrl": "https://login.microsoftonline.com", "resourceUri": "https://datalake.azure.net/",
        "subscriptionId": NOBODY, "resourceGroup": "rg-contoso-data",
    })
}

fn datastores(stage: &mut Stage<'_>, workspace: &mut Workspace) {
    let place = workspace.name.clone();
    let guid = workspace.guid.clone();
    "workspaceblobstore".clone_into(&mut workspace.default_store);
    let mut rows: Vec<(String, &str, &str, Value)> = Vec::new();
    for (name, container) in [
        ("workspaceblobstore", format!("azureml-blobstore-{guid}")),
        ("workspaceartifactstore", "azureml".to_owned()),
    ] {
        let mut section = storage("contosoml7731", &container, "AccountKey");
        let key = stage.planter.secret(&format!("datastore {place} {name}"));
        section["accountKey"] = format!("{key}==").into();
        section["credential"] = format!("{key}==").into();
        rows.push((name.to_owned(), "AzureBlob", "azureStorageSection", section));
    }
    let mut files = storage(
        "contosoml7731",
        &format!("azureml-filestore-{guid}"),
        "AccountKey",
    );
    files["accountKey"] = stage
        .planter
        .secret(&format!("datastore {place} files"))
        .into();
    rows.push((
        "workspacefilestore".to_owned(),
        "AzureFile",
        "azureStorageSection",
        files,
    ));
    let mut shared = storage("fabrikamraw", "raw", "Sas");
    shared["sasToken"] =
        format!("?{}", stage.planter.sas(&format!("datastore {place} sas"))).into();
    rows.push((
        "raw_by_sas".to_owned(),
        "AzureBlob",
        "azureStorageSection",
        shared,
    ));
    let mut lake2 = storage("contosolake", "curated", "ClientCredentials");
    lake2["clientCredentials"] = principal(stage, &format!("{place} gen2"));
    rows.push((
        "lake_gen2".to_owned(),
        "AzureDataLakeGen2",
        "azureStorageSection",
        lake2,
    ));
    let mut lake1 = principal(stage, &format!("{place} gen1"));
    lake1["storeName"] = "contosolake1".into();
    rows.push((
        "lake_gen1".to_owned(),
        "AzureDataLake",
        "azureDataLakeSection",
        lake1,
    ));
    for (name, kind, section) in [
        ("crm_sql", "AzureSqlDatabase", "azureSqlDatabaseSection"),
        ("crm_postgres", "AzurePostgreSql", "azurePostgreSqlSection"),
        ("crm_mysql", "AzureMySql", "azureMySqlSection"),
    ] {
        let mut database = principal(stage, &format!("{place} {name}"));
        text::merge(
            &mut database,
            json!({
                "serverName": "crm", "databaseName": "customers", "endpoint": "database.windows.net", "portNumber": "5432",
                "userId": stage.named("tomasz").key, "userPassword": stage.planter.secret(&format!("password {place} {name}")),
            }),
        );
        rows.push((name.to_owned(), kind, section, database));
    }
    rows.push(("old_cluster".to_owned(), "Hdfs", "hdfsSection", json!({
        "nameNodeAddress": "10.1.2.3:8020", "protocol": "http", "kerberosPrincipal": "wei@CONTOSO.COM",
        "kerberosPassword": stage.planter.secret(&format!("kerberos {place}")),
    })));
    // The list gives thirty at a time unless it is told otherwise: this makes thirty not enough.
    let extra = if workspace.first_generation || workspace.without_images {
        0
    } else {
        24
    };
    for number in 0..extra {
        let section = storage("contosoteam", &format!("team-{number:02}"), "None");
        rows.push((
            format!("team_store_{number:02}"),
            "AzureBlob",
            "azureStorageSection",
            section,
        ));
    }
    for (name, kind, section, inner) in rows {
        let mut doc = json!({"name": name, "dataStoreType": kind, "hasBeenValidated": false,
                             "tags": {"requestedBy": stage.named("priya").mail()}});
        doc[section] = inner;
        let open = text::render(&doc);
        veil(&mut doc);
        let mut item = Item::new(name, "", doc);
        item.other = Some(open);
        workspace.add(Kind::Datastores, item);
    }
}

fn datasets(stage: &mut Stage<'_>, workspace: &mut Workspace) {
    let place = workspace.name.clone();
    for (at, name) in [
        "customers",
        "Loans 2019 (final) #2",
        "météo",
        "hidden intermediate",
    ]
    .iter()
    .enumerate()
    {
        let id = stage.mint.guid(&format!("dataset {place} {name}"));
        let mut latest = Value::Null;
        for version in 1..=3_usize {
            let owner = stage.person(at + version).clone();
            let changer = stage.person(at + version + 5).clone();
            let link = stage
                .planter
                .sas(&format!("dataflow {place} {name} {version}"));
            let dataflow = json!({
                "schemaVersion": 7,
                "blocks": [{"id": "1", "type": "Microsoft.DPrep.GetFilesBlock", "arguments": {"path": {
                    "resourceDetails": [{"path": format!("https://contosoml7731.blob.core.windows.net/raw/Users/{}/{at}.csv?{link}", owner.key)}]}}}],
            });
            let doc = json!({
                "datasetId": id,
                "versionId": version.to_string(),
                "datasetDefinitionState": {"state": "active", "deprecatedBy": null},
                "dataflow": dataflow.to_string(),
                "dataPath": {"datastoreName": "workspaceblobstore", "relativePath": format!("raw/Users/{}/{at}.csv", owner.key)},
                "fileType": "Tabular",
                "notes": format!("from {}", owner.name),
                "description": format!("version {version} by {}", owner.name),
                "tags": {"contact": owner.mail()},
                "properties": {},
                "telemetryInfo": {"entryPoint": "PythonSDK:register"},
                "etag": format!("\"{}\"", stage.mint.hex(&format!("{id} {version}"))),
                "createdTime": utc(1_574_000_000 + i64::try_from(version).unwrap_or(0), 1),
                "modifiedTime": utc(1_574_000_500, 1),
                "createdBy": owner.user(),
                "modifiedBy": changer.user(),
            });
            latest = doc.clone();
            put(
                workspace,
                Kind::DatasetDefinitions,
                &format!("{id}/{version}"),
                &id,
                doc,
            );
        }
        let doc = json!({
            "datasetId": id,
            "name": name,
            "datasetState": {"state": "active", "deprecatedBy": null, "etag": null},
            "latest": latest,
            "nextVersionId": "4",
            "isVisible": at != 3,
            "defaultCompute": null,
            "createdTime": utc(1_574_000_000, 1),
            "modifiedTime": utc(1_574_000_500, 1),
            "etag": format!("\"{}\"", stage.mint.hex(&id)),
        });
        let mut short = doc.clone();
        short["latest"] = Value::Null;
        let mut item = Item::new(id, "", doc);
        item.other = Some(text::render(&short));
        workspace.add(Kind::Datasets, item);
    }
}

fn environments(stage: &mut Stage<'_>, workspace: &mut Workspace) {
    let place = workspace.name.clone();
    for (at, name) in [
        "AzureML-Minimal",
        "training",
        "serving",
        "ada's sandbox",
        "gpu/cuda 10",
    ]
    .iter()
    .enumerate()
    {
        let password = stage
            .planter
            .secret(&format!("environment registry {place} {name}"));
        let variable = stage
            .planter
            .secret(&format!("environment variable {place} {name}"));
        let index = stage
            .planter
            .secret(&format!("environment index {place} {name}"));
        let owner = stage.person(at).clone();
        let doc = json!({
            "name": name,
            "version": "2",
            "python": {
                "interpreterPath": "python",
                "userManagedDependencies": false,
                "condaDependencies": {"name": "project_environment", "channels": ["conda-forge"],
                    "dependencies": ["python=3.6.2", {"pip": ["azureml-defaults",
                        format!("--extra-index-url https://{}:{index}@pkgs.dev.azure.com/contoso/pypi/simple", owner.key)]}]},
                "baseCondaEnvironment": null,
            },
            "environmentVariables": {"EXAMPLE_ENV_VAR": "EXAMPLE_VALUE", "API_KEY": variable},
            "docker": {"baseImage": "contoso.azurecr.io/base:1", "baseDockerfile": null, "enabled": true, "sharedVolumes": true,
                "gpuSupport": false, "shmSize": "1g", "arguments": ["--label", format!("maintainer={}", owner.mail())],
                "baseImageRegistry": {"address": "contoso.azurecr.io", "username": owner.key, "password": password}},
            "spark": {"repositories": [], "packages": [], "precachePackages": true},
            "inferencingStackVersion": null,
        });
        put(workspace, Kind::Environments, name, "", doc);
    }
}

/// Nobody has published what a task looks like; this one is a guess that a tolerant reader must live with.
fn tasks(stage: &mut Stage<'_>, workspace: &mut Workspace) {
    let place = workspace.name.clone();
    for at in 0..3 {
        let id = stage.mint.guid(&format!("task {place} {at}"));
        let owner = stage.person(at + 6).clone();
        let doc = json!({
            "id": id,
            "taskId": id,
            "type": "RunCompleted",
            "status": "Delivered",
            "createdTime": utc(1_575_000_000, 1),
            "userId": owner.object_id,
            "recipient": owner.mail(),
            "message": format!("Your run has finished, {}", owner.name),
        });
        put(workspace, Kind::Tasks, &id, "", doc);
    }
}
