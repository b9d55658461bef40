//! What the second generation of the service makes in a workspace: a few resources of each sort, in the shapes of the
//! published examples. They are there when a test asks for them.

use super::people::Person;
use super::{Item, Kind, Workspace};
use crate::emulator::mint::{Mint, zulu};
use crate::emulator::text;
use serde_json::{Value, json};

struct Maker<'a> {
    workspace: &'a mut Workspace,
    subscription: &'a str,
    people: &'a [Person],
    mint: Mint,
}

impl Maker<'_> {
    /// Adds a document by its path below the workspace. Assets and jobs show the display name of whoever made them.
    fn add(&mut self, told: &str, path: &str, properties: Value) {
        self.put(told, path, Value::Null, properties);
    }

    /// The same for resources that the resource manager keeps track of.
    fn track(&mut self, told: &str, path: &str, properties: Value) {
        let more = json!({
            "location": self.workspace.region, "tags": {}, "kind": "Managed",
            "identity": {"type": "SystemAssigned", "principalId": self.mint.guid(path), "tenantId": super::people::TENANT},
            "sku": {"name": "Default", "tier": "Standard", "capacity": 1},
        });
        self.put(told, path, more, properties);
    }

    fn put(&mut self, told: &str, path: &str, more: Value, properties: Value) {
        let Some(kind) = Kind::named(told) else {
            return;
        };
        let words: Vec<&str> = path.split('/').collect();
        let names: Vec<&str> = words.iter().skip(1).step_by(2).copied().collect();
        let types: Vec<&str> = words.iter().step_by(2).copied().collect();
        let maker = &self.people[self.mint.below(path, super::people::REGULARS)];
        let (creator, sort) = if more.get("location").is_some() {
            maker.system()
        } else {
            (maker.name.clone(), "User")
        };
        let mut doc = json!({
            "id": format!("{}/{path}", self.workspace.arm_id(self.subscription)),
            "name": names.last(),
            "type": format!("Microsoft.MachineLearningServices/workspaces/{}", types.join("/")),
            "systemData": {
                "createdAt": zulu(1_700_000_000), "createdBy": creator, "createdByType": sort,
                "lastModifiedAt": zulu(1_710_000_000), "lastModifiedBy": creator, "lastModifiedByType": sort,
            },
        });
        text::merge(&mut doc, more);
        doc["properties"] = properties;
        let id = names.join("/");
        let parent = id.rsplit_once('/').map_or("", |(parent, _)| parent);
        let item = Item::new(id.clone(), parent, doc);
        self.workspace.add(kind, item);
    }

    /// A container, and its versions. An archived container is shown only to those who ask for all.
    fn asset(
        &mut self,
        told: &str,
        collection: &str,
        name: &str,
        archived: bool,
        versions: &[Value],
    ) {
        let mut plain = json!({"description": null, "tags": {"team": "risk"}, "properties": {},
                               "isArchived": archived, "latestVersion": versions.len().to_string(),
                               "nextVersion": (versions.len() + 1).to_string()});
        // Data says at its name already of what type its versions are.
        if let Some(form) = versions.first().and_then(|one| one.get("dataType")) {
            text::merge(&mut plain, json!({"dataType": form}));
        }
        self.add(&format!("{told}s"), &format!("{collection}/{name}"), plain);
        for (at, version) in versions.iter().enumerate() {
            let mut properties = json!({"description": null, "tags": {}, "properties": {},
                                        "isArchived": archived, "isAnonymous": false,
                                        "provisioningState": "Succeeded"});
            text::merge(&mut properties, version.clone());
            self.add(
                &format!("{told}-versions"),
                &format!("{collection}/{name}/versions/{}", at + 1),
                properties,
            );
        }
    }
}

pub(crate) fn fill(workspace: &mut Workspace, subscription: &str, people: &[Person], mint: Mint) {
    let mut maker = Maker {
        workspace,
        subscription,
        people,
        mint,
    };
    jobs_and_schedules(&mut maker);
    assets(&mut maker);
    features(&mut maker);
    endpoints(&mut maker);
    around(&mut maker);
}

fn jobs_and_schedules(maker: &mut Maker<'_>) {
    for (name, status, archived) in [
        ("silver_pea_7", "Completed", false),
        ("green_oat_8", "Running", false),
        ("amber_rye_9", "Failed", true),
    ] {
        let mail = maker.people[0].mail();
        maker.add(
            "jobs",
            &format!("jobs/{name}"),
            json!({"jobType": "Command", "displayName": name, "experimentName": "churn-v2", "status": status,
                   "isArchived": archived, "description": null, "tags": {}, "properties": {},
                   "command": "python train.py", "services": {}, "inputs": {}, "outputs": {},
                   "notificationSetting": {"emailOn": ["JobFailed"], "emails": [mail]}}),
        );
    }
    for (name, enabled) in [("nightly-training", true), ("old-monitor", false)] {
        maker.add(
            "schedules",
            &format!("schedules/{name}"),
            json!({"displayName": name, "description": null, "tags": {}, "properties": {}, "isEnabled": enabled,
                   "trigger": {"triggerType": "Cron", "expression": "0 3 * * *", "timeZone": "UTC",
                               "startTime": "2024-01-01T00:00:00", "endTime": null},
                   "action": {"actionType": "CreateJob",
                              "jobDefinition": {"jobType": "Command", "command": "python train.py"}},
                   "provisioningState": "Succeeded"}),
        );
    }
}

fn assets(maker: &mut Maker<'_>) {
    let model = |at: u32| {
        json!({"modelType": "custom_model", "flavors": {}, "stage": "Development",
               "jobName": "silver_pea_7", "modelUri": format!("azureml://jobs/silver_pea_7/outputs/artifacts/{at}")})
    };
    maker.asset(
        "arm-model",
        "models",
        "fraud-v2",
        false,
        &[model(1), model(2)],
    );
    maker.asset("arm-model", "models", "retired-v2", true, &[model(3)]);
    let data = json!({"dataType": "uri_folder", "dataUri": "azureml://datastores/workspaceblobstore/paths/raw/"});
    maker.asset("data-asset", "data", "loans", false, &[data]);
    let environment = json!({"environmentType": "UserCreated", "osType": "Linux", "image": "contoso.azurecr.io/train:3",
                             "condaFile": "name: train"});
    maker.asset(
        "arm-environment",
        "environments",
        "train-env",
        false,
        &[environment],
    );
    let component = json!({"componentSpec": {"name": "prepare", "type": "command", "command": "python prepare.py"}});
    maker.asset("component", "components", "prepare", false, &[component]);
    let code = json!({"codeUri": "https://contosoml7731.blob.core.windows.net/code-1/src"});
    maker.asset("code", "codes", "src-1", false, &[code]);
}

fn features(maker: &mut Maker<'_>) {
    let mail = maker.people[1].mail();
    let set = json!({"stage": "Development", "entities": ["azureml:account:1"],
                     "specification": {"path": "azureml://datastores/workspaceblobstore/paths/features/"},
                     "materializationSettings": {"storeType": "Offline",
                         "notification": {"emailOn": ["JobFailed"], "emails": [mail]}}});
    maker.asset("feature-set", "featuresets", "transactions", false, &[set]);
    maker.add(
        "features",
        "featuresets/transactions/versions/1/features/amount-30d",
        json!({"featureName": "amount-30d", "dataType": "Float", "description": null, "tags": {}, "properties": {}}),
    );
    let entity = json!({"stage": "Development", "indexColumns": [{"columnName": "accountId", "dataType": "String"}]});
    // The word for more than one entity is not the word for one with an s behind it.
    let plain = json!({"description": null, "tags": {}, "properties": {}, "isArchived": false});
    maker.add(
        "feature-store-entities",
        "featurestoreEntities/account",
        plain,
    );
    maker.add(
        "feature-store-entity-versions",
        "featurestoreEntities/account/versions/1",
        entity,
    );
}

fn endpoints(maker: &mut Maker<'_>) {
    let deployment = |compute: &str| {
        json!({"endpointComputeType": compute, "description": null, "properties": {}, "model": "azureml:fraud-v2:2",
               "environmentId": "azureml:train-env:1", "environmentVariables": {}, "instanceType": "Standard_DS2_v2",
               "provisioningState": "Succeeded"})
    };
    let endpoint = json!({"authMode": "AADToken", "description": null, "properties": {},
                          "scoringUri": "https://fraud.westeurope.inference.ml.azure.com/score",
                          "swaggerUri": "https://fraud.westeurope.inference.ml.azure.com/swagger.json",
                          "traffic": {"blue": 100, "green": 0}, "mirrorTraffic": {},
                          "publicNetworkAccess": "Enabled", "provisioningState": "Succeeded"});
    maker.track("online-endpoints", "onlineEndpoints/fraud", endpoint);
    for name in ["blue", "green"] {
        maker.track(
            "online-deployments",
            &format!("onlineEndpoints/fraud/deployments/{name}"),
            deployment("Managed"),
        );
    }
    let batch = json!({"authMode": "AADToken", "description": null, "properties": {},
                       "scoringUri": "https://fraud.westeurope.inference.ml.azure.com/jobs",
                       "defaults": {"deploymentName": "main"}, "provisioningState": "Succeeded"});
    maker.track("batch-endpoints", "batchEndpoints/fraud-batch", batch);
    maker.track(
        "batch-deployments",
        "batchEndpoints/fraud-batch/deployments/main",
        json!({"compute": "cpu-cluster", "description": null, "properties": {}, "environmentVariables": {},
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

fn around(maker: &mut Maker<'_>) {
    let shared = maker.people[2].object_id.clone();
    maker.add(
        "connections",
        "connections/contoso-registry",
        json!({"category": "ContainerRegistry", "target": "contoso.azurecr.io", "authType": "None",
               "isSharedToAll": false, "sharedUserList": [shared], "metadata": {}}),
    );
    maker.add(
        "outbound-rules",
        "outboundRules/to-pypi",
        json!({"type": "FQDN", "destination": "pypi.org", "category": "UserDefined", "status": "Active"}),
    );
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
    // The resource manager shows the same stores as the data plane, those of the sorts that it still knows.
    for (name, section, sort) in known {
        if !matches!(sort.as_str(), "AzureBlob" | "AzureFile") {
            continue;
        }
        let place = if sort == "AzureBlob" {
            "containerName"
        } else {
            "fileShareName"
        };
        let mut properties = json!({"datastoreType": sort, "description": null, "tags": {}, "properties": {},
            "isDefault": name == maker.workspace.default_store, "endpoint": "core.windows.net", "protocol": "https",
            "accountName": section["accountName"], "credentials": {"credentialsType": "AccountKey"}});
        properties[place] = section["containerName"].clone();
        maker.add("arm-datastores", &format!("datastores/{name}"), properties);
    }
}
