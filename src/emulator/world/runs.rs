//! Experiments and runs: old ones, nested ones, swept ones, hidden ones, and pipeline runs whose steps point at work that
//! no list shows.

use super::contoso::{Stage, put};
use super::{Item, Kind, Workspace};
use crate::emulator::errors::run_error;
use crate::emulator::mint::utc;
use crate::emulator::text::merge;
use serde_json::{Map, Value, json};

/// Where a run keeps its numbers, which depends on its age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    /// 2018: artifacts under the bare run id, nobody but `userId`.
    Dawn,
    First,
    Second,
}

#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) run_id: String,
    pub(crate) container: String,
    pub(crate) era: Era,
    pub(crate) at: usize,
}

/// What the other makers need to know about the runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    pub(crate) notes: Vec<Note>,
    /// Pipeline runs: the run id is the id in the pipelines service.
    pub(crate) pipeline_runs: Vec<String>,
    /// Pipeline runs that run history has forgotten and only reused steps still name.
    pub(crate) ghosts: Vec<String>,
    pub(crate) published: Vec<String>,
}

#[derive(Clone, Debug, Default)]
struct Draft {
    experiment: usize,
    run_id: String,
    parent: Option<String>,
    root: Option<String>,
    run_type: &'static str,
    properties: Map<String, Value>,
    tags: Map<String, Value>,
    hidden: bool,
    dawn: bool,
}

const EXPERIMENTS: [&str; 10] = [
    "churn",
    "Churn",
    "credit risk model",
    "100%_accurate #1",
    "Prévision-météo",
    "automl-demand",
    "vision-sweep",
    "daily-pipeline",
    "old-fraud",
    "empty-husk",
];

pub(crate) fn fill(stage: &mut Stage<'_>, workspace: &mut Workspace, count: usize) -> Book {
    let small = count < 100;
    let ids = experiments(stage, workspace, small);
    let mut book = Book::default();
    let drafts = plan(stage, workspace, count, small, &mut book);
    for (at, draft) in drafts.iter().enumerate() {
        let era = if draft.dawn {
            Era::Dawn
        } else if at % 3 == 0 {
            Era::First
        } else {
            Era::Second
        };
        let container = if draft.dawn {
            draft.run_id.clone()
        } else {
            format!("dcid.{}", draft.run_id)
        };
        write_down(stage, workspace, draft, at, &ids[draft.experiment], era);
        book.notes.push(Note {
            run_id: draft.run_id.clone(),
            container,
            era,
            at,
        });
    }
    book
}

fn experiments(stage: &mut Stage<'_>, workspace: &mut Workspace, small: bool) -> Vec<String> {
    let mut ids = Vec::new();
    for (at, name) in EXPERIMENTS.iter().enumerate() {
        let id = stage
            .mint
            .guid(&format!("experiment {} {name}", workspace.name));
        ids.push(id.clone());
        if small && !matches!(*name, "churn" | "daily-pipeline" | "old-fraud") {
            continue;
        }
        let archived = (*name == "old-fraud").then(|| utc(1_650_000_000, 5));
        let owner = stage.person(at).clone();
        let description = if at == 2 {
            // A secret where no field is made for one: only its form gives it away.
            let link = stage
                .planter
                .sas(&format!("experiment description {}", workspace.name));
            format!(
                "Inputs from https://contosoml7731.blob.core.windows.net/raw/loans.csv?{link} (by {})",
                owner.name
            )
        } else {
            format!("Work of {} and others", owner.name)
        };
        let doc = json!({
            "experimentId": id,
            "name": name,
            "description": description,
            "createdUtc": utc(1_530_000_000 + 86_400 * i64::try_from(at).unwrap_or(0), 1_111_111),
            "tags": {"team": "risk", "contact": owner.mail()},
            "archivedTime": archived,
            "retainForLifetimeOfWorkspace": false,
            "artifactLocation": null,
        });
        put(workspace, Kind::Experiments, &id, "", doc);
    }
    ids
}

fn plan(
    stage: &Stage<'_>,
    workspace: &Workspace,
    count: usize,
    small: bool,
    book: &mut Book,
) -> Vec<Draft> {
    let mint = stage.mint;
    let place = &workspace.name;
    let mut drafts: Vec<Draft> = Vec::new();
    let script = |experiment: usize, stem: &str, number: usize| Draft {
        experiment,
        run_id: format!(
            "{stem}_{}_{}",
            1_545_000_000 + number * 400_000,
            &mint.hex(&format!("run {place} {stem} {number}"))[..8]
        ),
        run_type: "azureml.scriptrun",
        properties: strings(&[
            ("azureml.runsource", "azureml.scriptrun"),
            ("_azureml.ComputeTargetType", "amlcompute"),
        ]),
        ..Draft::default()
    };

    drafts.push(Draft {
        dawn: true,
        run_id: format!(
            "churn_1535000000_{}",
            &mint.hex(&format!("dawn {place}"))[..6]
        ),
        run_type: "experimentrun",
        ..Draft::default()
    });
    pipelines(stage, place, if small { 1 } else { 6 }, book, &mut drafts);
    if small {
        while drafts.len() < count {
            drafts.push(script(0, "churn", drafts.len()));
        }
        return drafts;
    }
    for number in 0..38 {
        let mut draft = script(0, "churn", number);
        draft.hidden = number % 12 == 5;
        drafts.push(draft);
    }
    for number in 0..10 {
        drafts.push(script(1, "Churn", number));
    }
    // Parents, children and grandchildren.
    for family in 0..5 {
        let parent = script(2, "credit", family * 10);
        let root = parent.run_id.clone();
        drafts.push(parent);
        for child in 1..3 {
            let mut middle = script(2, "credit", family * 10 + child);
            middle.parent = Some(root.clone());
            middle.root = Some(root.clone());
            let mut leaf = script(2, "credit", family * 10 + child + 5);
            leaf.parent = Some(middle.run_id.clone());
            leaf.root = Some(root.clone());
            leaf.hidden = child == 2;
            drafts.push(middle);
            drafts.push(leaf);
        }
    }
    for number in 0..11 {
        drafts.push(script(3, "accurate", number));
    }
    let mut odd = script(3, "accurate", 99);
    "ünruly run #7%41:x+y".clone_into(&mut odd.run_id);
    drafts.push(odd);
    for number in 0..18 {
        drafts.push(script(4, "meteo", number));
    }
    family(mint, place, 5, "AutoML", "automl", 18, &mut drafts);
    family(mint, place, 6, "HD", "hyperdrive", 24, &mut drafts);
    let mut number = 0;
    while drafts.len() < count {
        drafts.push(script(8, "fraud", number));
        number += 1;
    }
    drafts
}

/// A parent with many children, the way sweeps and AutoML name them.
fn family(
    mint: crate::emulator::mint::Mint,
    place: &str,
    experiment: usize,
    prefix: &str,
    run_type: &'static str,
    children: usize,
    drafts: &mut Vec<Draft>,
) {
    let parent = format!("{prefix}_{}", mint.guid(&format!("{place} {prefix}")));
    let source = if run_type == "automl" {
        "automl"
    } else {
        "hyperdrive"
    };
    drafts.push(Draft {
        experiment,
        run_id: parent.clone(),
        run_type,
        properties: strings(&[
            ("azureml.runsource", source),
            (
                "primary_metric_config",
                "{\"name\": \"AUC_weighted\", \"goal\": \"maximize\"}",
            ),
            ("num_iterations", "18"),
        ]),
        ..Draft::default()
    });
    for child in 0..children {
        let suffix = match (run_type, child) {
            ("automl", 0) => "setup".to_owned(),
            ("hyperdrive", 0) => "preparation".to_owned(),
            _ => (child - 1).to_string(),
        };
        drafts.push(Draft {
            experiment,
            run_id: format!("{parent}_{suffix}"),
            parent: Some(parent.clone()),
            root: Some(parent.clone()),
            run_type: "azureml.scriptrun",
            properties: strings(&[
                ("azureml.runsource", "azureml.scriptrun"),
                ("iteration", &child.to_string()),
            ]),
            hidden: child == 0,
            ..Draft::default()
        });
    }
}

fn pipelines(
    stage: &Stage<'_>,
    place: &str,
    count: usize,
    book: &mut Book,
    drafts: &mut Vec<Draft>,
) {
    let mint = stage.mint;
    // Only the later pipeline runs reuse steps, so a single one has no ghosts.
    for ghost in 0..if count > 2 { 2 } else { 0 } {
        book.ghosts
            .push(mint.guid(&format!("{place} ghost pipeline {ghost}")));
    }
    for number in 0..2 {
        book.published
            .push(mint.guid(&format!("{place} published pipeline {number}")));
    }
    let mut first_step = String::new();
    for number in 0..count {
        let pipeline = mint.guid(&format!("{place} pipeline run {number}"));
        book.pipeline_runs.push(pipeline.clone());
        let mut properties = strings(&[
            ("azureml.runsource", "azureml.PipelineRun"),
            ("runSource", "SDK"),
        ]);
        if number % 2 == 1 {
            properties.insert(
                "azureml.pipelineid".to_owned(),
                book.published[number % 2].clone().into(),
            );
        }
        drafts.push(Draft {
            experiment: 7,
            run_id: pipeline.clone(),
            run_type: "azureml.PipelineRun",
            properties,
            ..Draft::default()
        });
        for step in 0..3 {
            let run_id = mint.guid(&format!("{place} step run {number} {step}"));
            let node = mint.hex(&format!("{place} node {step}"));
            let mut properties = strings(&[
                ("azureml.runsource", "azureml.StepRun"),
                ("StepType", "PythonScriptStep"),
            ]);
            let mut tags = strings(&[("azureml.pipeline", &pipeline), ("azureml.nodeid", &node)]);
            let mut run_type = "azureml.StepRun";
            if number > 0 && step == 1 {
                // The reused work belongs to a pipeline run that run history no longer lists.
                properties.extend(strings(&[
                    ("azureml.isreused", "true"),
                    (
                        "azureml.reusedrunid",
                        &mint.guid(&format!("{place} forgotten step")),
                    ),
                    ("azureml.reusednodeid", &node),
                    ("azureml.reusedpipeline", &book.ghosts[0]),
                ]));
            }
            if number > 0 && step == 2 {
                run_type = "azureml.ReusedStepRun";
                let source = if number == 2 {
                    book.ghosts[1].clone()
                } else {
                    book.pipeline_runs[0].clone()
                };
                tags.extend(strings(&[
                    ("azureml.reusedrunid", &first_step),
                    ("azureml.reusednodeid", &node),
                    ("azureml.reusedpipeline", &source),
                ]));
                properties.insert(
                    "azureml.runsource".to_owned(),
                    "azureml.ReusedStepRun".into(),
                );
            }
            if number == 0 && step == 0 {
                first_step.clone_from(&run_id);
            }
            drafts.push(Draft {
                experiment: 7,
                run_id,
                parent: Some(pipeline.clone()),
                root: Some(pipeline.clone()),
                run_type,
                properties,
                tags,
                ..Draft::default()
            });
        }
    }
}

fn strings(pairs: &[(&str, &str)]) -> Map<String, Value> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), Value::from(*value)))
        .collect()
}

fn write_down(
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
        stage.person(mint.below(&label, 12)).clone()
    };
    let changer = stage
        .person(mint.below(&format!("changer {label}"), 12))
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
        mint.guid(&format!("snapshot {label}")).into(),
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
            .sas(&super::planter::blob_label(&format!("{place}/{artifact}")));
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
