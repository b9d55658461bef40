//! What the second generation of the service makes in a workspace: a few resources of each sort, in the shapes of the
//! published examples, and among them those that a reader gets wrong: archived and disabled ones, some that are still
//! being made or changed, ids in another letter case, one without an id, a job without properties.

mod services;

use super::contoso::Stage;
use super::people::{self, Person};
use super::{Item, Kind, Workspace};
use crate::emulator::mint::zulu;
use crate::emulator::text;
use serde_json::{Value, json};

/// Collections whose ids come back in another letter case than they were sent in, as the resource manager's do.
const ODD: [&str; 3] = ["batch-endpoints", "component-versions", "connections"];

/// The one schedule that comes without its id.
const NAMELESS: &str = "schedules/weekly-report";

struct Maker<'a, 's> {
    workspace: &'a mut Workspace,
    stage: &'a mut Stage<'s>,
}

/// Who made something, as assets and jobs show it: people by their display names, applications by their ids.
fn shown(person: &Person) -> (String, &'static str) {
    let sort = if person.sort == "service-principal" {
        "Application"
    } else {
        "User"
    };
    (person.name.clone(), sort)
}

impl Maker<'_, '_> {
    /// Adds a document by its path below the workspace. Assets and jobs show the display name of whoever made them.
    fn add(&mut self, told: &str, path: &str, properties: Value) {
        self.put(told, path, Value::Null, properties);
    }

    /// The same for resources that the resource manager keeps track of.
    fn track(&mut self, told: &str, path: &str, properties: Value) {
        let more = json!({
            "location": self.workspace.region, "tags": {}, "kind": "Managed",
            "identity": {"type": "SystemAssigned", "principalId": self.stage.mint.guid(path), "tenantId": people::TENANT},
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
        let maker = self
            .stage
            .person(self.stage.mint.below(path, people::REGULARS));
        let (creator, sort) = if more.get("location").is_some() {
            maker.system()
        } else {
            shown(maker)
        };
        let mut id = format!("{}/{path}", self.workspace.doc.id);
        if ODD.contains(&told) {
            id = id.replace("/resourceGroups/", "/resourcegroups/").replace(
                "Microsoft.MachineLearningServices",
                "microsoft.machinelearningservices",
            );
        }
        let mut doc = json!({
            "name": names.last(),
            "type": format!("Microsoft.MachineLearningServices/workspaces/{}", types.join("/")),
            "systemData": {
                "createdAt": zulu(1_700_000_000), "createdBy": creator, "createdByType": sort,
                "lastModifiedAt": zulu(1_710_000_000), "lastModifiedBy": creator, "lastModifiedByType": sort,
            },
        });
        if path != NAMELESS {
            doc["id"] = id.into();
        }
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

    fn secret(&mut self, label: &str) -> String {
        self.stage.planter.secret(&format!("modern {label}"))
    }

    /// An address in a storage account with the right to read it.
    fn link(&mut self, label: &str) -> String {
        let query = self.stage.planter.sas(&format!("modern {label}"));
        format!("https://contosoml7731.blob.core.windows.net/{label}?{query}")
    }
}

pub(crate) fn fill(stage: &mut Stage<'_>, workspace: &mut Workspace) {
    let mut maker = Maker { workspace, stage };
    jobs_and_schedules(&mut maker);
    assets(&mut maker);
    features(&mut maker);
    services::endpoints(&mut maker);
    services::around(&mut maker);
}

fn jobs_and_schedules(maker: &mut Maker<'_, '_>) {
    let mail = maker.stage.people[0].mail();
    for (name, status, archived) in [
        ("silver_pea_7", "Completed", false),
        ("green_oat_8", "Running", false),
        ("amber_rye_9", "Failed", true),
    ] {
        let key = maker.secret(&format!("variable {name}"));
        let input = maker.link(&format!("input-{name}"));
        maker.add(
            "jobs",
            &format!("jobs/{name}"),
            json!({"jobType": "Command", "displayName": name, "experimentName": "churn-v2", "status": status,
                   "isArchived": archived, "description": null, "tags": {}, "properties": {},
                   "command": "python train.py", "services": {}, "outputs": {},
                   "environmentVariables": {"SERVICE_KEY": key},
                   "inputs": {"raw": {"jobInputType": "uri_folder", "mode": "ReadOnlyMount", "uri": input}},
                   "notificationSetting": {"emailOn": ["JobFailed"], "emails": [mail]}}),
        );
    }
    // What is left of a pipeline's child in a list: a name and nothing behind it.
    maker.add("jobs", "jobs/sage_elm_3", Value::Null);
    for (name, enabled, state) in [
        ("nightly-training", true, "Succeeded"),
        ("old-monitor", false, "Succeeded"),
        ("weekly-report", true, "Updating"),
    ] {
        let key = maker.secret(&format!("variable {name}"));
        let person = maker.stage.people[2].mail();
        maker.add(
            "schedules",
            &format!("schedules/{name}"),
            json!({"displayName": name, "description": null, "tags": {}, "properties": {}, "isEnabled": enabled,
                   "trigger": {"triggerType": "Cron", "expression": "0 3 * * *", "timeZone": "UTC",
                               "startTime": "2024-01-01T00:00:00", "endTime": null},
                   "action": {"actionType": "CreateJob",
                              "jobDefinition": {"jobType": "Command", "command": "python train.py",
                                  "environmentVariables": {"SERVICE_KEY": key},
                                  "notificationSetting": {"emailOn": ["JobFailed"], "emails": [person]}}},
                   "provisioningState": state}),
        );
    }
}

fn assets(maker: &mut Maker<'_, '_>) {
    let model = |at: u32| {
        json!({"modelType": "custom_model", "flavors": {}, "stage": "Development",
               "jobName": "silver_pea_7", "modelUri": format!("azureml://jobs/silver_pea_7/outputs/artifacts/{at}")})
    };
    let mut going = model(2);
    text::merge(&mut going, json!({"provisioningState": "Deleting"}));
    maker.asset("arm-model", "models", "fraud-v2", false, &[model(1), going]);
    maker.asset("arm-model", "models", "retired-v2", true, &[model(3)]);
    let data = json!({"dataType": "uri_folder", "dataUri": "azureml://datastores/workspaceblobstore/paths/raw/"});
    let link = maker.link("loans");
    let linked =
        json!({"dataType": "uri_folder", "dataUri": link, "provisioningState": "Updating"});
    maker.asset("data-asset", "data", "loans", false, &[data, linked]);
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
    let old = json!({"componentSpec": {"name": "clean", "type": "command", "command": "python clean.py"}});
    maker.asset("component", "components", "clean", true, &[old]);
    let code = json!({"codeUri": "https://contosoml7731.blob.core.windows.net/code-1/src"});
    let with_key = json!({"codeUri": maker.link("code-2")});
    maker.asset("code", "codes", "src-1", false, &[code, with_key]);
}

fn features(maker: &mut Maker<'_, '_>) {
    let mail = maker.stage.people[1].mail();
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
