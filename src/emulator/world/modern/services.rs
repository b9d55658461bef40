//! Endpoints with their deployments, what is rented, and what a workspace is connected to.

use super::Maker;
use crate::emulator::world::{Item, Kind};
use serde_json::{Value, json};

pub(super) fn endpoints(maker: &mut Maker<'_, '_>) {
    let endpoint = json!({"authMode": "AADToken", "description": null, "properties": {},
                          "scoringUri": "https://fraud.westeurope.inference.ml.azure.com/score",
                          "swaggerUri": "https://fraud.westeurope.inference.ml.azure.com/swagger.json",
                          "traffic": {"blue": 100, "green": 0}, "mirrorTraffic": {},
                          "publicNetworkAccess": "Enabled", "provisioningState": "Succeeded"});
    maker.track("online-endpoints", "onlineEndpoints/fraud", endpoint);
    for (name, state) in [("blue", "Succeeded"), ("green", "Updating")] {
        let key = maker.secret(&format!("variable {name}"));
        maker.track(
            "online-deployments",
            &format!("onlineEndpoints/fraud/deployments/{name}"),
            json!({"endpointComputeType": "Managed", "description": null, "properties": {}, "model": "azureml:fraud-v2:2",
                   "environmentId": "azureml:train-env:1", "environmentVariables": {"STORE_KEY": key},
                   "instanceType": "Standard_DS2_v2", "provisioningState": state}),
        );
    }
    let batch = json!({"authMode": "AADToken", "description": null, "properties": {},
                       "scoringUri": "https://fraud.westeurope.inference.ml.azure.com/jobs",
                       "defaults": {"deploymentName": "main"}, "provisioningState": "Succeeded"});
    maker.track("batch-endpoints", "batchEndpoints/fraud-batch", batch);
    let key = maker.secret("variable main");
    maker.track(
        "batch-deployments",
        "batchEndpoints/fraud-batch/deployments/main",
        json!({"compute": "cpu-cluster", "description": null, "properties": {}, "environmentVariables": {"STORE_KEY": key},
               "model": {"referenceType": "Id", "assetId": "azureml:fraud-v2:2"}, "provisioningState": "Succeeded"}),
    );
    maker.track(
        "serverless-endpoints",
        "serverlessEndpoints/small-language",
        json!({"authMode": "Key", "endpointState": "Online", "provisioningState": "Succeeded",
               "modelSettings": {"modelId": "azureml://registries/azureml/models/small-language"},
               "inferenceEndpoint": {"uri": "https://small-language.westeurope.models.ai.azure.com", "headers": {}}}),
    );
    maker.add(
        "marketplace-subscriptions",
        "marketplaceSubscriptions/small-language",
        json!({"modelId": "azureml://registries/azureml/models/small-language",
               "marketplaceSubscriptionStatus": "Subscribed", "provisioningState": "Succeeded",
               "marketplacePlan": {"publisherId": "contoso", "offerId": "small-language", "planId": "basic"}}),
    );
}

pub(super) fn around(maker: &mut Maker<'_, '_>) {
    connections(maker);
    maker.add(
        "outbound-rules",
        "outboundRules/to-pypi",
        json!({"type": "FQDN", "destination": "pypi.org", "category": "UserDefined", "status": "Active"}),
    );
    let asking = format!("approved for {}", maker.stage.people[1].display_name);
    maker.add(
        "private-endpoint-connections",
        "privateEndpointConnections/pe-notebooks",
        json!({"privateEndpoint": {"id": format!("/subscriptions/{}/resourceGroups/rg-shared/providers/Microsoft.Network/privateEndpoints/pe-notebooks", maker.stage.subscription)},
               "privateLinkServiceConnectionState": {"status": "Approved", "description": asking, "actionsRequired": "None"},
               "provisioningState": "Succeeded"}),
    );
    capability_host(maker);
    datastores(maker);
}

/// It says nothing of who made it: no list shows it, so that nobody finds a person in it who does not know its name.
fn capability_host(maker: &mut Maker<'_, '_>) {
    let Some(kind) = Kind::named("capability-hosts") else {
        return;
    };
    let doc = json!({
        "id": format!("{}/capabilityHosts/agents", maker.workspace.doc.id), "name": "agents",
        "type": "Microsoft.MachineLearningServices/workspaces/capabilityHosts",
        "properties": {"capabilityHostKind": "Agents", "description": null, "tags": {},
                       "threadStorageConnections": ["lake"], "storageConnections": ["raw-files"],
                       "vectorStoreConnections": ["search"], "provisioningState": "Succeeded"},
    });
    maker.workspace.add(kind, Item::new("agents", "", doc));
}

/// What a connection may hold by its kind of authentication. A GET leaves credentials out; a service that forgets to do so
/// once must not bring them into a file.
fn credentials(maker: &mut Maker<'_, '_>, sort: &str) -> Value {
    let secret = maker.secret(&format!("connection {sort}"));
    match sort {
        "PAT" => json!({"pat": secret}),
        "SAS" => json!({"sas": secret}),
        "AccessKey" => json!({"accessKeyId": "contoso", "secretAccessKey": secret}),
        "CustomKeys" => json!({"keys": {"first": secret, "endpoint": "https://api.contoso.com"}}),
        "UsernamePassword" => {
            json!({"username": "service", "password": secret, "securityToken": secret})
        }
        "ServicePrincipal" => {
            json!({"clientId": maker.stage.named("robot").name, "clientSecret": secret,
                   "tenantId": super::people::TENANT})
        }
        "OAuth2" => json!({"clientId": "contoso", "clientSecret": secret, "developerToken": secret,
                           "refreshToken": secret, "password": secret}),
        _ => json!({"key": secret}),
    }
}

fn connections(maker: &mut Maker<'_, '_>) {
    let shared = maker.stage.people[2].object_id.clone();
    maker.add(
        "connections",
        "connections/contoso-registry",
        json!({"category": "ContainerRegistry", "target": "contoso.azurecr.io", "authType": "None",
               "isSharedToAll": false, "sharedUserList": [shared], "metadata": {}}),
    );
    for (name, sort, category) in [
        ("code-host", "PAT", "Git"),
        ("raw-files", "SAS", "AzureBlob"),
        ("cloud-files", "AccessKey", "S3"),
        ("own-service", "CustomKeys", "CustomKeys"),
        ("crm", "UsernamePassword", "GenericHttp"),
        ("lake", "ServicePrincipal", "ADLSGen2"),
        ("adverts", "OAuth2", "GoogleAdWords"),
        ("search", "ApiKey", "CognitiveSearch"),
    ] {
        let credentials = credentials(maker, sort);
        let traces = maker.secret(&format!("traces {name}"));
        maker.add(
            "connections",
            &format!("connections/{name}"),
            json!({"category": category, "target": format!("https://{name}.contoso.com"), "authType": sort,
                   "credentials": credentials, "isSharedToAll": true, "sharedUserList": [],
                   "metadata": {"instrumentationKey": traces}}),
        );
    }
}

/// The resource manager shows the same stores as the data plane, those of the sorts that it still knows.
fn datastores(maker: &mut Maker<'_, '_>) {
    let known: Vec<(String, Value, String)> = maker
        .workspace
        .table(Kind::Datastores)
        .holding()
        .map(|item| {
            let section = item.doc.get("azureStorageSection").cloned();
            (
                item.id.clone(),
                section.unwrap_or(Value::Null),
                item.field("dataStoreType").to_owned(),
            )
        })
        .collect();
    for (name, section, sort) in known {
        let place = match sort.as_str() {
            "AzureBlob" => "containerName",
            "AzureFile" => "fileShareName",
            "AzureDataLakeGen2" => "filesystem",
            _ => continue,
        };
        let mut properties = json!({"datastoreType": sort, "description": null, "tags": {}, "properties": {},
            "isDefault": name == maker.workspace.default_store, "endpoint": "core.windows.net", "protocol": "https",
            "accountName": section["accountName"], "credentials": {"credentialsType": "AccountKey"}});
        // Who may only read can see the credentials of a store as well, Microsoft's page of roles says.
        if name == "raw_by_sas" {
            let secret = maker.secret("datastore");
            properties["credentials"] = json!({"credentialsType": "Sas", "secrets": {"secretsType": "Sas", "sasToken": secret}});
        }
        properties[place] = section["containerName"].clone();
        maker.add("arm-datastores", &format!("datastores/{name}"), properties);
    }
    // Of a sort that the older service never heard of: with these there is more than one page.
    for name in ["lakehouse_sales", "lakehouse_risk"] {
        maker.add(
            "arm-datastores",
            &format!("datastores/{name}"),
            json!({"datastoreType": "OneLake", "description": null, "tags": {}, "properties": {}, "isDefault": false,
                   "oneLakeWorkspaceName": "contoso", "artifact": {"artifactType": "LakeHouse", "artifactName": name},
                   "credentials": {"credentialsType": "None"}}),
        );
    }
}
