//! Model management: models, assets, images with their profiles, services. What depends on what decides which delete is
//! refused: a service holds its image, an image holds its models.

use super::contoso::{Stage, put};
use super::{Kind, Workspace};
use crate::emulator::mint::utc;
use serde_json::{Value, json};

pub(crate) fn fill(stage: &mut Stage<'_>, workspace: &mut Workspace) {
    let small = workspace.first_generation || workspace.without_images;
    models(stage, workspace, if small { 3 } else { 5 });
    if !workspace.without_images {
        images(stage, workspace);
    }
    services(stage, workspace);
}

fn upload_container(stage: &Stage<'_>, workspace: &Workspace) -> String {
    format!("200304T010203-{}", &stage.mint.hex(&workspace.name)[..8])
}

/// Names and versions; ids are `name:version`.
const MODELS: [(&str, u32); 5] = [
    ("churn-model", 1),
    ("churn-model", 2),
    ("credit risk", 1),
    ("météo.pkl", 7),
    ("vision", 3),
];

fn models(stage: &mut Stage<'_>, workspace: &mut Workspace, count: usize) {
    let place = workspace.name.clone();
    let container = upload_container(stage, workspace);
    for (at, (name, version)) in MODELS.iter().take(count).enumerate() {
        let id = format!("{name}:{version}");
        let asset = stage.mint.hex(&format!("asset {place} {at}"));
        let owner = stage.person(at + 1).clone();
        let changer = stage.person(at + 4).clone();
        let number = i64::try_from(at).unwrap_or(0);
        // A model names its run and the run's own experiment: the Python client looks for the one in the other.
        let run = workspace.table(Kind::Runs).row(at * 3 + 1);
        let experiment = run
            .and_then(|item| workspace.table(Kind::Experiments).get(&item.parent))
            .map(|item| item.field("name").to_owned());
        let run = run.map(|item| item.id.clone());
        // The first generation kept a signed link where the second keeps the name of an asset.
        let url = if at == 2 {
            let query = stage.planter.sas(&format!("model url {place}"));
            format!("https://contosoml7731.blob.core.windows.net/models/credit.pkl?{query}")
        } else {
            format!("aml://asset/{asset}")
        };
        let doc = json!({
            "id": id,
            "name": name,
            "framework": "ScikitLearn",
            "frameworkVersion": "0.22",
            "version": version,
            "datasets": if at == 4 {
                json!([{"name": "training", "id": stage.mint.guid(&format!("{place} saved dataset {at}"))}])
            } else {
                json!([])
            },
            "url": url,
            "mimeType": "application/x-python",
            "description": format!("trained by {}", owner.name),
            "createdTime": utc(1_570_000_000 + number, 1),
            "modifiedTime": utc(1_580_000_000 + number, 2),
            "unpack": at == 1,
            "runId": run,
            "experimentName": experiment,
            "kvTags": {"owner": owner.mail(), "stage": "prod"},
            "properties": {"notebook": format!("Users/{}/train.ipynb", owner.key)},
            "derivedModelIds": [],
            "sampleInputData": null,
            "sampleOutputData": null,
            "resourceRequirements": null,
            "createdBy": owner.user(),
            "modifiedBy": changer.user(),
        });
        put(workspace, Kind::Models, &id, "", doc);
        let artifacts = if at == 1 {
            json!([{"prefix": format!("LocalUpload/{container}/churn-model")}])
        } else {
            json!([{"id": format!("LocalUpload/{container}/churn-model/model.pkl")}])
        };
        let asset_doc = json!({
            "id": asset,
            "name": name,
            "type": "model",
            "description": format!("{name} saved during run"),
            "artifacts": artifacts,
            "kvTags": {"owner": owner.mail()},
            "properties": {},
            "runid": run,
            "projectid": null,
            "meta": {"size": "17"},
            "createdTime": utc(1_570_000_000 + number, 3),
        });
        put(workspace, Kind::Assets, &asset, "", asset_doc);
    }
}

fn images(stage: &mut Stage<'_>, workspace: &mut Workspace) {
    let place = workspace.name.clone();
    for (at, (name, model)) in [
        ("churn-image", "churn-model:1"),
        ("credit-image", "credit risk:1"),
        ("spare-image", "churn-model:2"),
    ]
    .iter()
    .enumerate()
    {
        let id = format!("{name}:1");
        let log = stage.planter.sas(&format!("image log {place} {name}"));
        let url = stage.planter.sas(&format!("image asset {place} {name}"));
        let owner = stage.person(at + 2).clone();
        let doc = json!({
            "id": id,
            "name": name,
            "version": 1,
            "digest": format!("sha256:{}", stage.mint.hex(name)),
            "description": format!("built for {}", owner.name),
            "kvTags": {"owner": owner.mail()},
            "properties": {},
            "createdTime": utc(1_571_000_000, 1),
            "modifiedTime": utc(1_571_000_100, 1),
            "autoDelete": false,
            "imageType": "Docker",
            "imageFlavor": "WebApiContainer",
            "creationState": "Succeeded",
            "modelIds": [model],
            "modelDetails": [],
            "imageLocation": format!("contoso.azurecr.io/{name}:1"),
            "imageBuildLogUri": format!("https://contosoml7731.blob.core.windows.net/azureml/ImageLogs/{name}/build.log?{log}"),
            "operationId": stage.mint.guid(&format!("image operation {place} {name}")),
            "driverProgram": "main.py",
            "assets": [{"id": "score", "mimeType": "application/x-python", "unpack": false,
                        "url": format!("https://contosoml7731.blob.core.windows.net/azureml/score.py?{url}")}],
            "targetRuntime": {"runtimeType": "Python", "targetArchitecture": "Amd64", "osType": "Linux", "properties": {}},
            "dockerFileUri": null,
            "generatedDockerFileUri": null,
        });
        put(workspace, Kind::Images, &id, "", doc);
        let profiles = if at == 0 { 3 } else { 0 };
        for number in 0..profiles {
            let profile = format!("profile-{number}");
            let doc = json!({
                "name": profile,
                "description": format!("asked for by {}", stage.person(number).name),
                "imageId": id,
                "inputData": format!("{{\"customer\": \"{}\"}}", stage.person(number + 3).mail()),
                "state": "Succeeded",
                "createdTime": utc(1_572_000_000, 1),
                "kvTags": {},
                "properties": {},
                "recommendedMemoryInGB": 1.5,
                "recommendedCpu": 0.5,
                "recommendationLatencyInMs": 12.25,
                "profileRunResult": "Succeeded",
            });
            put(
                workspace,
                Kind::ImageProfiles,
                &format!("{id}/{profile}"),
                &id,
                doc,
            );
        }
    }
}

fn services(stage: &mut Stage<'_>, workspace: &mut Workspace) {
    let place = workspace.name.clone();
    let rows = [
        ("churn-aci", "ACI", Some("churn-image:1")),
        ("churn-aks", "AKS", Some("churn-image:1")),
        ("credit-endpoint", "AKSENDPOINT", None),
        ("slow-aks", "AKS", None),
    ];
    for (at, (name, kind, image)) in rows.iter().enumerate() {
        let owner = stage.person(at + 3).clone();
        let ssl_key = stage
            .planter
            .pem(&format!("service ssl key {place} {name}"));
        let ssl_certificate = stage
            .planter
            .secret(&format!("service ssl cert {place} {name}"));
        let password = stage
            .planter
            .secret(&format!("service registry {place} {name}"));
        let variable = stage
            .planter
            .secret(&format!("service variable {place} {name}"));
        let environment = json!({
            "driverProgram": "score.py",
            "assets": [],
            "modelIds": ["churn-model:1"],
            "environment": {
                "name": "serving", "version": "1",
                "environmentVariables": {"DB_PASSWORD": variable},
                "docker": {"enabled": true, "baseImage": "contoso.azurecr.io/serve:1",
                           "baseImageRegistry": {"address": "contoso.azurecr.io", "username": owner.key, "password": password}},
            },
        });
        let mut doc = json!({
            "id": name,
            "name": name,
            "description": format!("scoring for {}", owner.name),
            "kvTags": {"owner": owner.mail()},
            "properties": {"hasInferenceSchema": "False"},
            "operationId": stage.mint.guid(&format!("service operation {place} {name}")),
            "state": "Healthy",
            "createdTime": utc(1_573_000_000, 1),
            "updatedTime": utc(1_573_000_100, 1),
            "computeType": kind,
            "deploymentType": "HttpRealtimeEndpoint",
            "createdBy": owner.user(),
            "scoringUri": format!("http://{name}.westeurope.azurecontainer.io/score"),
            "swaggerUri": format!("http://{name}.westeurope.azurecontainer.io/swagger.json"),
            "authEnabled": true,
            "aadAuthEnabled": false,
            "appInsightsEnabled": false,
            "imageId": image,
            "imageDigest": null,
            "models": [],
            "modelConfigMap": {},
            "environmentImageRequest": environment,
        });
        let extra: Value = match *kind {
            "ACI" => json!({
                "containerResourceRequirements": {"cpu": 0.5, "memoryInGB": 1.0, "gpu": 0, "fpga": 0},
                "location": "westeurope", "publicIp": "20.61.50.1", "publicFqdn": format!("{name}.westeurope.azurecontainer.io"),
                "cname": "score.contoso.com", "sslEnabled": true, "sslCertificate": ssl_certificate, "sslKey": ssl_key,
                "vnetConfiguration": null, "encryptionProperties": null,
                "dataCollection": {"eventHubEnabled": false, "storageEnabled": false},
            }),
            "AKS" => json!({
                "computeName": "aks-prod", "namespace": "default", "isDefault": true, "trafficPercentile": 100.0, "type": null,
                "autoScaler": {"autoscaleEnabled": true, "minReplicas": 1, "maxReplicas": 3, "targetUtilization": 70, "refreshPeriodInSeconds": 1},
                "containerResourceRequirements": {"cpu": 0.5, "cpuLimit": 0.5, "memoryInGB": 1.0, "memoryInGBLimit": 1.0, "gpu": 0, "fpga": 0},
                "dataCollection": {"eventHubEnabled": false, "storageEnabled": false},
                "maxConcurrentRequestsPerContainer": 1, "maxQueueWaitMs": 500, "numReplicas": 1, "scoringTimeoutMs": 60000,
                "livenessProbeRequirements": {"failureThreshold": 3, "successThreshold": 1, "timeoutSeconds": 2,
                                              "periodSeconds": 10, "initialDelaySeconds": 310},
                "deploymentStatus": {"desiredReplicas": 1, "updatedReplicas": 1, "availableReplicas": 1, "error": null},
                "sslKey": ssl_key, "sslCertificate": ssl_certificate, "sslEnabled": true,
            }),
            _ => json!({"computeName": "aks-prod", "namespace": "default",
                        "versions": {"blue": version(&doc, &ssl_key, &ssl_certificate)}}),
        };
        crate::emulator::text::merge(&mut doc, extra);
        put(workspace, Kind::Services, name, "", doc);
    }
}

/// One version behind an endpoint: a service of its own in all but the name.
fn version(endpoint: &Value, ssl_key: &str, ssl_certificate: &str) -> Value {
    let mut version = endpoint.clone();
    crate::emulator::text::merge(
        &mut version,
        json!({
            "computeType": "AKS", "name": "blue", "computeName": "aks-prod", "namespace": "default", "isDefault": true,
            "trafficPercentile": 100.0, "type": "Control", "maxConcurrentRequestsPerContainer": 1, "maxQueueWaitMs": 500,
            "numReplicas": 1, "scoringTimeoutMs": 60000, "sslKey": ssl_key, "sslCertificate": ssl_certificate,
            "autoScaler": {"autoscaleEnabled": false, "minReplicas": 1, "maxReplicas": 1, "targetUtilization": 70, "refreshPeriodInSeconds": 1},
            "containerResourceRequirements": {"cpu": 0.5, "cpuLimit": 0.5, "memoryInGB": 1.0, "memoryInGBLimit": 1.0, "gpu": 0},
            "dataCollection": {"eventHubEnabled": false, "storageEnabled": false},
            "livenessProbeRequirements": {"failureThreshold": 3, "successThreshold": 1, "timeoutSeconds": 2,
                                          "periodSeconds": 10, "initialDelaySeconds": 310},
        }),
    );
    version
}
