//! The documents of a run: what run history shows of it, and its details.

use super::Era;
use super::plan::Draft;
use crate::emulator::errors::run_error;
use crate::emulator::mint::utc;
use crate::emulator::text::merge;
use crate::emulator::world::contoso::Stage;
use crate::emulator::world::people::REGULARS;
use crate::emulator::world::{Item, Kind, Workspace, snapshots};
use serde_json::{Map, Value, json};

pub(super) fn write_down(
    stage: &mut Stage<'_>,
    workspace: &mut Workspace,
    draft: &Draft,
    at: usize,
    experiment_id: &str,
    era: Era,
) {
    let mint = stage.mint;
    let id = &draft.run_id;
    let place = workspace.name.clone();
    let label = format!("{place} run {id}");
    let number = i64::try_from(at).unwrap_or(0);
    let created = if draft.dawn {
        1_535_000_000
    } else {
        1_545_000_000 + number * 700_000
    };
    let person = if draft.dawn {
        stage.named("olga").clone()
    } else {
        stage.person(mint.below(&label, REGULARS)).clone()
    };
    let changer = stage
        .person(mint.below(&format!("changer {label}"), REGULARS))
        .clone();
    let failed = at % 17 == 3;
    let status = if failed {
        "Failed"
    } else if at % 23 == 4 {
        "Canceled"
    } else {
        "Completed"
    };
    let mut properties = draft.properties.clone();
    let mut tags = draft.tags.clone();
    properties.insert(
        "ContentSnapshotId".to_owned(),
        snapshots::of_run(mint, &place, draft.experiment, at, draft.dawn).into(),
    );
    properties.insert(
        "azureml.git.repository_uri".to_owned(),
        format!("https://dev.azure.com/contoso/ml/_git/{}", person.key).into(),
    );
    properties.insert(
        "ProcessInfoFile".to_owned(),
        "azureml-logs/process_info.json".into(),
    );
    tags.insert("mlflow.user".to_owned(), person.name.clone().into());
    unexpected(stage, &place, at, &mut properties, &mut tags);

    let definition = definition(stage, &label, &person.key.replace('-', "."));
    let services = json!({"Studio": {
        "type": "Studio", "port": null, "endpoint": format!("https://ml.azure.com/runs/{}?tid={}", encode(id), person.tenant),
        "status": null, "errorMessage": null, "enabled": true, "properties": {},
    }});
    let mut run = json!({
        "runNumber": at + 1,
        "rootRunId": draft.root.as_ref().unwrap_or(id),
        "createdUtc": utc(created, 1_234_567),
        "userId": person.object_id,
        "token": null,
        "tokenExpiryTimeUtc": null,
        "warnings": [],
        "revision": 4,
        "statusRevision": 3,
        "runUuid": mint.guid(&label),
        "parentRunUuid": draft.parent.as_ref().map(|parent| mint.guid(&format!("{place} run {parent}"))),
        "rootRunUuid": mint.guid(&format!("{place} run {}", draft.root.as_ref().unwrap_or(id))),
        "hasVirtualParent": false,
        "lastStartTimeUtc": utc(created + 20, 0),
        "currentComputeTime": "00:00:00",
        "computeDuration": "00:03:20.1234567",
        "effectiveStartTimeUtc": utc(created + 20, 0),
        "lastModifiedUtc": utc(created + 260, 7_654_321),
        "duration": "00:04:00.7654321",
        "cancelationReason": if status == "Canceled" { json!(format!("cancelled by {}", person.name)) } else { Value::Null },
        "runId": id,
        "parentRunId": draft.parent,
        "experimentId": experiment_id,
        "status": status,
        "startTimeUtc": utc(created + 20, 0),
        "endTimeUtc": utc(created + 260, 0),
        "isVirtual": false,
        "displayName": format!("{} {}", if at.is_multiple_of(2) { "brave_fig" } else { "lemon_yam" }, at),
        "name": null,
        "dataContainerId": if draft.dawn { Value::Null } else { json!(format!("dcid.{id}")) },
        "description": if at % 9 == 1 { json!(format!("as discussed with {}", changer.name)) } else { Value::Null },
        "hidden": draft.hidden,
        "runType": draft.run_type,
        "properties": properties,
        "tags": tags,
        "scriptName": "train.py",
        "target": "cpu-cluster",
        "uniqueChildRunComputeTargets": [],
        "inputDatasets": [],
        "outputDatasets": [],
    });
    let token = stage.planter.jwt(&format!("token {label}"));
    if !draft.dawn {
        let links = ["cancel", "complete", "diagnostics"].map(|what| {
            format!(
                "https://westeurope.experiments.azureml.net/{what}/{}?code={}",
                encode(id),
                stage.planter.secret(&format!("{what} {label}"))
            )
        });
        merge(
            &mut run,
            json!({
                "createdBy": person.user(),
                "lastModifiedBy": changer.user(),
                "token": token,
                "tokenExpiryTimeUtc": utc(created + 2_000_000, 0),
                "runTypeV2": {"orchestrator": "Execution", "traits": [], "attribution": null, "computeType": "AmlCompute"},
                "parameters": {"--learning-rate": 0.01, "--owner": person.mail()},
                "actionUris": {},
                "settings": {},
                "services": services,
                "runDefinition": definition,
                "cancelUri": links[0],
                "completeUri": links[1],
                "diagnosticsUri": links[2],
                "primaryMetricName": "accuracy",
                "compute": {"target": "cpu-cluster", "targetType": "amlcompute", "vmSize": "STANDARD_D2_V2",
                            "instanceCount": 1, "gpuCount": null, "priority": null, "region": workspace.region},
                "computeRequest": {"nodeCount": 1, "gpuCount": 0},
                "retainForLifetimeOfWorkspace": false,
                "inputs": {},
                "outputs": {},
            }),
        );
        if at % 11 == 2 {
            merge(
                &mut run,
                json!({"createdFrom": {"type": "Notebook", "locationType": "ArtifactId",
                "location": format!("LocalUpload/{}/Users/{}/explore.ipynb", mint.hex(&label), person.key)}}),
            );
        }
    }
    if failed {
        merge(
            &mut run,
            json!({"error": run_error(&format!("Traceback: /home/{}/train.py line 7", person.key))}),
        );
    }
    let details = details(stage, &place, &run, draft, era);
    workspace.add(Kind::Runs, Item::new(id.clone(), experiment_id, run));
    workspace.add(
        Kind::RunDetails,
        Item::new(id.clone(), experiment_id, details),
    );
}

/// Secrets in places that nobody made for them, in forms that a careful reader knows.
fn unexpected(
    stage: &mut Stage<'_>,
    place: &str,
    at: usize,
    properties: &mut Map<String, Value>,
    tags: &mut Map<String, Value>,
) {
    let label = format!("unexpected {place} {at}");
    match at {
        7 => {
            tags.insert(
                "storage".to_owned(),
                stage.planter.connection(&label).into(),
            );
        }
        9 => {
            let link = stage.planter.sas(&label);
            tags.insert(
                "input".to_owned(),
                format!("see https://contosoml7731.blob.core.windows.net/a/b.csv?{link} please")
                    .into(),
            );
        }
        10 => {
            let nested = format!(
                "{{\"deploy\": {{\"header\": \"Bearer {}\"}}}}",
                stage.planter.jwt(&label)
            );
            properties.insert("custom.config".to_owned(), nested.into());
        }
        11 => {
            properties.insert("custom.key".to_owned(), stage.planter.pem(&label).into());
        }
        _ => {}
    }
}

fn definition(stage: &mut Stage<'_>, label: &str, alias: &str) -> Value {
    let password = stage.planter.secret(&format!("registry {label}"));
    let variable = stage.planter.secret(&format!("variable {label}"));
    let reference = stage.planter.sas(&format!("reference {label}"));
    json!({
        "script": "train.py",
        "arguments": ["--data", format!("/mnt/Users/{alias}/data"), "--epochs", "3"],
        "framework": "Python",
        "target": "cpu-cluster",
        "dataReferences": {"raw": {"dataStoreName": "workspaceblobstore", "mode": "Mount",
            "pathOnDataStore": format!("https://contosoml7731.blob.core.windows.net/raw/{alias}.csv?{reference}")}},
        "environment": {
            "name": "training", "version": "3",
            "environmentVariables": {"EXAMPLE_API_KEY": variable},
            "docker": {"enabled": true, "baseImage": "contoso.azurecr.io/base:1",
                       "baseImageRegistry": {"address": "contoso.azurecr.io", "username": alias, "password": password}},
            "python": {"interpreterPath": "python", "userManagedDependencies": false},
        },
        "history": {"outputCollection": true, "directoriesToWatch": ["logs"]},
    })
}

fn details(stage: &mut Stage<'_>, place: &str, run: &Value, draft: &Draft, era: Era) -> Value {
    const SHARED: [&str; 30] = [
        "runId",
        "runUuid",
        "parentRunUuid",
        "rootRunUuid",
        "target",
        "status",
        "parentRunId",
        "startTimeUtc",
        "endTimeUtc",
        "error",
        "warnings",
        "tags",
        "properties",
        "parameters",
        "services",
        "inputDatasets",
        "outputDatasets",
        "runDefinition",
        "revision",
        "runTypeV2",
        "settings",
        "computeRequest",
        "compute",
        "createdBy",
        "computeDuration",
        "runNumber",
        "rootRunId",
        "userId",
        "lastModifiedBy",
        "lastModifiedUtc",
    ];
    let mut details = Map::new();
    for name in SHARED {
        if let Some(value) = run.get(name) {
            details.insert(name.to_owned(), value.clone());
        }
    }
    let id = &draft.run_id;
    let container = if draft.dawn {
        id.clone()
    } else {
        format!("dcid.{id}")
    };
    let mut logs = Map::new();
    let names: &[&str] = if era == Era::Second {
        &["user_logs/std_log.txt"]
    } else {
        &["azureml-logs/70_driver_log.txt"]
    };
    for name in names {
        let artifact = format!("ExperimentRun/{container}/{name}");
        let query = stage
            .planter
            .sas(&crate::emulator::world::planter::blob_label(&format!(
                "{place}/{artifact}"
            )));
        let link = format!(
            "{}?{query}",
            crate::emulator::blob::address(&stage.origins.blob, place, &artifact)
        );
        logs.insert((*name).to_owned(), link.into());
    }
    details.insert(
        "createdTimeUtc".to_owned(),
        run.get("createdUtc").cloned().unwrap_or(Value::Null),
    );
    details.insert("logFiles".to_owned(), Value::Object(logs));
    if !draft.dawn {
        details.insert(
            "jobCost".to_owned(),
            json!({"chargedCpuCoreSeconds": 12.5, "chargedCpuMemoryMegabyteSeconds": 2048.0,
            "chargedGpuSeconds": 0.0, "chargedNodeUtilizationSeconds": 200.0}),
        );
    }
    Value::Object(details)
}

fn encode(text: &str) -> String {
    crate::emulator::page::encode(text)
}
