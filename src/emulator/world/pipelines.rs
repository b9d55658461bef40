//! The pipelines service. Most of it is in no list: pipeline runs lead to graphs, graphs to modules and data sources, and
//! some of the pipeline runs are named only by a reused step, a template, a draft or a schedule.

use super::contoso::{Stage, put};
use super::runs::Book;
use super::{Kind, Workspace};
use crate::emulator::mint::utc;
use serde_json::{Value, json};

pub(crate) fn fill(stage: &mut Stage<'_>, workspace: &mut Workspace, book: &Book) {
    let place = workspace.name.clone();
    let mint = stage.mint;
    let guid = |what: &str| mint.guid(&format!("{place} {what}"));
    let published: Vec<String> = (0..2)
        .map(|at| {
            book.published
                .get(at)
                .cloned()
                .unwrap_or_else(|| guid(&format!("published pipeline {at}")))
        })
        .collect();
    let schedule = guid("schedule 0");
    let draft_run = guid("run of a draft");
    let template_run = guid("run behind a template");
    let scheduled_run = guid("scheduled run");
    let mut wanted: Vec<(String, String, Option<String>, Option<String>)> = Vec::new();
    for (at, id) in book.pipeline_runs.iter().enumerate() {
        let from = (at % 2 == 1).then(|| published[1].clone());
        wanted.push((id.clone(), guid(&format!("graph {}", at / 2)), from, None));
    }
    for (at, id) in book.ghosts.iter().enumerate() {
        wanted.push((id.clone(), guid(&format!("ghost graph {at}")), None, None));
    }
    wanted.push((draft_run.clone(), guid("draft graph"), None, None));
    wanted.push((template_run.clone(), guid("template graph"), None, None));
    wanted.push((
        scheduled_run,
        guid("scheduled graph"),
        Some(published[0].clone()),
        Some(schedule.clone()),
    ));
    for (at, (id, graph, pipeline, by)) in wanted.iter().enumerate() {
        pipeline_run(
            stage,
            workspace,
            id,
            graph,
            pipeline.as_deref(),
            by.as_deref(),
            at,
        );
        if workspace.table(Kind::Graphs).get(graph).is_none() {
            new_graph(stage, workspace, graph, at);
        }
    }
    for (at, id) in published.iter().enumerate() {
        let graph = guid(&format!("published graph {at}"));
        new_graph(stage, workspace, &graph, 40 + at);
        published_one(stage, workspace, id, &graph, &template_run, at);
    }
    // Disabled ones too, which lists keep back unless they are asked.
    for at in 2..5 {
        let id = guid(&format!("published pipeline {at}"));
        let graph = guid(&format!("graph {}", at % 2));
        if workspace.table(Kind::Graphs).get(&graph).is_none() {
            new_graph(stage, workspace, &graph, 60 + at);
        }
        published_one(stage, workspace, &id, &graph, &template_run, at);
    }
    endpoints(stage, workspace, &published);
    schedules(stage, workspace, &published, &schedule);
    drafts(
        stage,
        workspace,
        &published[0],
        book.pipeline_runs.first().unwrap_or(&template_run),
        &draft_run,
    );
}

fn head(id: &str, at: usize, status: &str) -> Value {
    let created = 1_576_000_000 + i64::try_from(at).unwrap_or(0) * 1_000;
    json!({
        "Id": id,
        "Etag": format!("\"{at:08x}-0000\""),
        "CreatedDate": utc(created, 1),
        "LastModifiedDate": utc(created + 60, 2),
        "EntityStatus": status,
    })
}

fn with(mut head: Value, rest: Value) -> Value {
    crate::emulator::text::merge(&mut head, rest);
    head
}

fn pipeline_run(
    stage: &mut Stage<'_>,
    workspace: &mut Workspace,
    id: &str,
    graph: &str,
    pipeline: Option<&str>,
    schedule: Option<&str>,
    at: usize,
) {
    let owner = stage.person(at).clone();
    let parameter = stage
        .planter
        .connection(&format!("{} pipeline parameter {id}", workspace.name));
    let doc = with(
        head(id, at, "Active"),
        json!({
            "Description": format!("nightly, for {}", owner.name),
            "Status": {"StatusCode": if at.is_multiple_of(2) { "3" } else { "Finished" }, "StatusDetail": null,
                       "CreationTime": utc(1_576_000_000, 0), "EndTime": utc(1_576_000_900, 0)},
            "GraphId": graph,
            "PipelineId": pipeline,
            "ScheduleId": schedule,
            "RunHistoryExperimentName": "daily-pipeline",
            "RunSource": "SDK",
            "RunType": "SDK",
            "ParameterAssignments": {"storage": parameter, "reviewer": owner.mail()},
            "DataSetDefinitionValueAssignments": {},
            "tags": {"team": "risk"},
            "Properties": {"azureml.git.branch": format!("users/{}/nightly", owner.key)},
            "HasErrors": false,
            "HasWarnings": false,
            "UseRunHistory": true,
        }),
    );
    put(
        workspace,
        Kind::PipelineRuns,
        id,
        pipeline.unwrap_or_default(),
        doc,
    );
}

fn new_graph(stage: &mut Stage<'_>, workspace: &mut Workspace, id: &str, at: usize) {
    let place = workspace.name.clone();
    let mut modules = Vec::new();
    for step in 0..3 {
        // The first module is shared by all graphs, the others belong to one.
        let module = if step == 0 {
            stage.mint.guid(&format!("{place} shared module"))
        } else {
            stage.mint.guid(&format!("{id} module {step}"))
        };
        if workspace.table(Kind::Modules).get(&module).is_none() {
            new_module(stage, workspace, &module, at + step);
        }
        let password = stage
            .planter
            .secret(&format!("{place} graph {id} runconfig {step}"));
        let cloud = stage
            .planter
            .secret(&format!("{place} graph {id} hdi {step}"));
        let key = stage
            .planter
            .pem(&format!("{place} graph {id} docker key {step}"));
        let runconfig = json!({
            "Environment": {"EnvironmentVariables": {"TOKEN": password},
                "Docker": {"BaseImageRegistry": {"Address": "contoso.azurecr.io", "Username": stage.person(at).key, "Password": password}}},
        });
        modules.push(json!({
            "Id": stage.mint.hex(&format!("{place} node {step}")),
            "ModuleId": module,
            "Comment": format!("ask {}", stage.person(at + step).name),
            "ModuleParameters": [{"Name": "user", "Value": stage.person(at).mail(), "ValueType": "Literal"}],
            "ModuleMetadataParameters": [],
            "Runconfig": runconfig.to_string(),
            "CloudSettings": {
                "HdiClusterComputeInfo": {"Address": "hdi", "Username": "admin", "Password": cloud, "PrivateKey": key},
                "RemoteDockerComputeInfo": {"Address": "10.0.0.9", "Username": stage.person(at).key, "Password": cloud, "PrivateKey": key},
            },
        }));
    }
    let source = stage.mint.guid(&format!("{id} data source"));
    data_source(stage, workspace, &source, at);
    let doc = with(
        head(id, at, "Active"),
        json!({
            "ModuleNodes": modules,
            "DatasetNodes": [
                {"Id": stage.mint.hex(&format!("{id} dataset node")), "DatasetId": source, "DataPathParameterName": null, "DataSetDefinition": null},
                {"Id": stage.mint.hex(&format!("{id} other node")), "DatasetId": null, "DataPathParameterName": "input", "DataSetDefinition": null},
            ],
            "Edges": [{"SourceOutputPort": {"NodeId": "a", "PortName": "out"}, "DestinationInputPort": {"NodeId": "b", "PortName": "in"}}],
            "DefaultCompute": {"Name": "cpu-cluster", "ComputeType": "AmlCompute"},
        }),
    );
    put(workspace, Kind::Graphs, id, "", doc);
}

fn new_module(stage: &mut Stage<'_>, workspace: &mut Workspace, id: &str, at: usize) {
    let owner = stage.person(at + 1).clone();
    let variable = stage
        .planter
        .secret(&format!("{} module {id}", workspace.name));
    let runconfig = json!({"environmentVariables": {"KEY": variable}}).to_string();
    // The code of most modules is a snapshot, and the id of one that is not must not be taken for one.
    let location = if at % 4 == 3 {
        json!({"StorageType": "Artifact", "StorageId": format!("LocalUpload/{id}/module.zip")})
    } else {
        json!({"StorageType": "Snapshot", "StorageId": stage.mint.guid(&format!("{id} snapshot"))})
    };
    let data = with(
        head(id, at, "Active"),
        json!({
            "Name": format!("step {at}"),
            "Description": format!("written by {}", owner.name),
            "StepType": "PythonScriptStep",
            "ModuleExecutionType": "azureml",
            "DataLocation": location,
            "StructuredInterface": {"Inputs": [], "Outputs": [], "Parameters": []},
            "Runconfig": runconfig,
            "tags": {},
            "Properties": {},
            "CreatedBy": owner.pascal(),
            "LastUpdatedBy": stage.person(at + 2).pascal(),
            "IsDeterministic": true,
        }),
    );
    put(
        workspace,
        Kind::Modules,
        id,
        "",
        json!({"Data": data, "Interface": {"Inputs": [], "Outputs": []}}),
    );
}

fn data_source(stage: &mut Stage<'_>, workspace: &mut Workspace, id: &str, at: usize) {
    let token = stage
        .planter
        .sas(&format!("{} data source {id}", workspace.name));
    let bare = stage
        .planter
        .secret(&format!("{} data source key {id}", workspace.name));
    let doc = with(
        head(id, at, "Active"),
        json!({
            "Name": format!("input {at}"),
            "Description": format!("export of {}", stage.person(at).name),
            "DataTypeId": "AnyFile",
            "DataLocation": {
                "StorageType": "DataReference",
                "StorageId": null,
                "Uri": format!("https://contosoml7731.blob.core.windows.net/raw/{at}.csv?{token}"),
                "DataReference": {
                    "Type": "AzureBlob",
                    "AzureBlobReference": {"Container": "raw", "RelativePath": format!("Users/{}/{at}.csv", stage.person(at).key),
                                           "AmlDataStoreName": "workspaceblobstore", "SasToken": bare, "Account": "contosoml7731"},
                },
            },
            "tags": {},
            "KvTags": {"contact": stage.person(at).mail()},
        }),
    );
    put(workspace, Kind::DataSources, id, "", doc);
}

fn published_one(
    stage: &mut Stage<'_>,
    workspace: &mut Workspace,
    id: &str,
    graph: &str,
    run: &str,
    at: usize,
) {
    let status = if at == 3 { "Disabled" } else { "Active" };
    let name = format!("published {at}");
    let code = stage
        .planter
        .sas(&format!("{} pipeline url {id}", workspace.name));
    let pipeline = with(
        head(id, at, status),
        json!({
            "Name": name,
            "Description": format!("kept by {}", stage.person(at).name),
            "Version": "1.0",
            "GraphId": graph,
            "Url": format!("https://westeurope.aether.ms/pipelines/{id}?{code}"),
            "ContinueRunOnStepFailure": false,
            "tags": {},
            "Properties": {},
        }),
    );
    put(workspace, Kind::Pipelines, id, "", pipeline);
    let template = with(
        head(id, at, status),
        json!({
            "Name": name,
            "Description": format!("kept by {}", stage.person(at).name),
            "Version": "1.0",
            "ExperimentId": run,
            "Url": format!("https://westeurope.aether.ms/templates/{id}?{code}"),
        }),
    );
    let mut full = template.clone();
    crate::emulator::text::merge(
        &mut full,
        json!({"ParameterAssignments": {"owner": stage.person(at + 1).mail()}, "GraphId": graph}),
    );
    put(workspace, Kind::PublishedPipelines, id, "", template);
    put(workspace, Kind::Templates, id, "", full);
}

fn endpoints(stage: &mut Stage<'_>, workspace: &mut Workspace, published: &[String]) {
    for at in 0..5_usize {
        let id = stage
            .mint
            .guid(&format!("{} pipeline endpoint {at}", workspace.name));
        let doc = with(
            head(&id, at, if at == 4 { "Disabled" } else { "Active" }),
            json!({
                "Name": format!("endpoint {at}"),
                "Description": format!("called by {}", stage.person(at + 2).name),
                "DefaultVersion": "0",
                "DefaultPipelineId": published[at % 2],
                "DefaultGraphId": null,
                "PipelineVersionList": [{"PipelineId": published[at % 2], "Version": "0"}],
                "Url": format!("https://westeurope.api.azureml.ms/pipelines/v1.0/endpoints/{id}"),
                "tags": {},
                "Properties": {},
            }),
        );
        put(workspace, Kind::PipelineEndpoints, &id, "", doc);
    }
}

fn schedules(stage: &mut Stage<'_>, workspace: &mut Workspace, published: &[String], first: &str) {
    for at in 0..3_usize {
        let id = if at == 0 {
            first.to_owned()
        } else {
            stage
                .mint
                .guid(&format!("{} schedule {at}", workspace.name))
        };
        let secret = stage
            .planter
            .connection(&format!("{} schedule parameter {at}", workspace.name));
        let doc = with(
            head(&id, at, if at == 2 { "Disabled" } else { "Active" }),
            json!({
                "Name": format!("every night {at}"),
                "Description": format!("mails {}", stage.person(at + 8).mail()),
                "PipelineId": published[0],
                "PipelineEndpointId": null,
                "ScheduleType": "Recurrence",
                "ProvisioningStatus": "Completed",
                "Recurrence": {"Frequency": "Day", "Interval": 1, "StartTime": "2020-01-01T02:00:00", "TimeZone": "UTC"},
                "PipelineSubmissionInfo": {"ExperimentName": "daily-pipeline", "Description": "nightly",
                    "RunSource": "SDK", "RunType": "Schedule", "ParameterAssignments": {"storage": secret}},
            }),
        );
        put(workspace, Kind::Schedules, &id, &published[0], doc);
    }
}

fn drafts(
    stage: &mut Stage<'_>,
    workspace: &mut Workspace,
    pipeline: &str,
    parent_run: &str,
    last_run: &str,
) {
    for at in 0..3_usize {
        let id = stage.mint.guid(&format!("{} draft {at}", workspace.name));
        let doc = with(
            head(&id, at, "Active"),
            json!({
                "Name": format!("Pipeline-Created-on-{at}"),
                "Description": format!("scratch of {}", stage.person(at + 4).name),
                "GraphDraftId": stage.mint.guid(&format!("{} graph draft {at}", workspace.name)),
                "ParentPipelineId": pipeline,
                "ParentPipelineRunId": parent_run,
                "LastSubmittedPipelineRunId": last_run,
                "CreatedBy": stage.person(at + 4).pascal(),
                "LastUpdatedBy": stage.person(at + 5).pascal(),
                "tags": {"kind": "designer"},
                "Properties": {},
            }),
        );
        put(workspace, Kind::Drafts, &id, "", doc);
    }
}
