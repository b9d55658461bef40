//! What lies around a workspace or a registry, by its own document and by those of its datastores and connections.
//!
//! A workspace keeps its bytes, secrets, images and logs in resources of their own. No export of the workspace holds all of
//! them, and no erasure in it reaches them, so both name them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::residue::{OWNER, Remains, What};
use crate::kinds::roots::{Root, WORKSPACES};

/// Kinds whose documents tell what lies around: `Around::note` wants each of them.
pub const TELLING: [&str; 5] = [
    "workspaces",
    "registries",
    "datastores",
    "arm-datastores",
    "connections",
];

/// What lies around a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Around {
    storage: Option<String>,
    vault: Option<String>,
    images: Option<String>,
    insights: Option<String>,
    managed: BTreeSet<String>,
    other_storage: BTreeSet<String>,
    pub(super) linked: BTreeSet<String>,
    pub(super) registries: BTreeSet<String>,
    pub(super) connections: u64,
    /// Storage accounts and container registries of a registry. Folders of earlier versions do not have it.
    #[serde(default)]
    of_registry: BTreeSet<String>,
}

impl Around {
    /// Notes what a document tells, of any kind.
    pub fn note(&mut self, kind: &str, doc: &Value) {
        match kind {
            "workspaces" => self.workspace(&doc["properties"]),
            "registries" => self.registry(&doc["properties"]),
            "datastores" | "arm-datastores" => self.datastore(doc),
            "connections" => self.connections += 1,
            _ => {}
        }
        self.shared(doc);
    }

    /// What remains around a workspace, or around a registry, whatever is done in it.
    pub fn remains(&self, root: &Root) -> Vec<Remains> {
        let mut out = Vec::new();
        let mut add = |what, place: Option<String>, items, until: &str, ask: &str| {
            out.push(Remains::new(what, place, items, until, ask));
        };
        if *root == WORKSPACES {
            let account = self.storage.clone();
            add(
                What::StorageAccount,
                account,
                None,
                OWNER,
                "the owner of the storage account: containers azureml, azureml-blobstore-*, snapshots, snapshotzips, revisions and insights-*, file shares azureml-filestore-* and code-391ff5ac-6576-460f-ba4d-7e03433c68b6 (Users/*)",
            );
            for account in self.others() {
                add(
                    What::OtherStorage,
                    Some(account.clone()),
                    None,
                    OWNER,
                    "the owner of this storage account or database, which a datastore of the workspace leads to",
                );
            }
            add(
                What::KeyVault,
                self.vault.clone(),
                None,
                OWNER,
                "the owner of the key vault",
            );
            add(
                What::ContainerRegistry,
                self.images.clone(),
                None,
                OWNER,
                "the owner of the container registry: images that were built from code",
            );
            add(
                What::ApplicationInsights,
                self.insights.clone(),
                None,
                "by its retention",
                "the owner of the Application Insights resource, for a purge",
            );
            add(
                What::LogAnalytics,
                None,
                None,
                "by its retention",
                "the owner of the Log Analytics workspace behind Application Insights and the diagnostic settings, for a purge of the Aml* tables and of AzureActivity",
            );
        }
        for id in &self.of_registry {
            let images = id.to_lowercase().contains("microsoft.containerregistry");
            let (what, ask) = if images {
                (
                    What::ContainerRegistry,
                    "the owner of the container registry: images of environments",
                )
            } else {
                (
                    What::StorageAccount,
                    "the owner of the storage account: files of models, data and code",
                )
            };
            add(what, Some(id.clone()), None, OWNER, ask);
        }
        for group in &self.managed {
            add(
                What::ManagedResources,
                Some(group.clone()),
                None,
                &format!("until the {} is deleted for good", root.one),
                &format!("an administrator of the {}", root.one),
            );
        }
        if *root == WORKSPACES {
            add(
                What::Registries,
                None,
                None,
                OWNER,
                "the owners of registries that models and components were shared with",
            );
        }
        add(
            What::SoftDeleteLayers,
            None,
            None,
            "by their retention",
            "the owners of the storage account, the key vault, the container registry and the logs: each may keep what was deleted until it is purged",
        );
        out
    }

    fn workspace(&mut self, properties: &Value) {
        let text = |name: &str| {
            let text = properties[name].as_str().filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        self.storage = text("storageAccount");
        self.vault = text("keyVault");
        self.images = text("containerRegistry");
        self.insights = text("applicationInsights");
        self.managed.extend(text("serviceProvisionedResourceGroup"));
        self.linked.extend(text("hubResourceId"));
        self.linked
            .extend(texts(&properties["associatedWorkspaces"]));
        let hub = &properties["workspaceHubConfig"]["additionalWorkspaceStorageAccounts"];
        self.other_storage.extend(texts(hub));
    }

    /// The resources that Azure keeps for a registry, in a resource group of their own unless somebody brought theirs.
    fn registry(&mut self, properties: &Value) {
        let id = |value: &Value| {
            value["armResourceId"]["resourceId"]
                .as_str()
                .map(str::to_owned)
        };
        self.managed.extend(
            properties["managedResourceGroup"]["resourceId"]
                .as_str()
                .map(str::to_owned),
        );
        let regions = properties["regionDetails"].as_array();
        for region in regions.map(Vec::as_slice).unwrap_or_default() {
            for (list, sorts) in [
                (
                    "storageAccountDetails",
                    ["systemCreatedStorageAccount", "userCreatedStorageAccount"],
                ),
                (
                    "acrDetails",
                    ["systemCreatedAcrAccount", "userCreatedAcrAccount"],
                ),
            ] {
                let all = region[list].as_array().map(Vec::as_slice);
                let held = all.unwrap_or_default().iter();
                let ids = held.flat_map(|one| sorts.map(|sort| id(&one[sort])));
                let ids = ids.flatten().filter(|id| !id.is_empty());
                self.of_registry.extend(ids);
            }
        }
    }

    /// The accounts of datastores, by either generation's names.
    fn datastore(&mut self, doc: &Value) {
        let storage = doc["azureStorageSection"]["accountName"].as_str();
        let lake = doc["azureDataLakeSection"]["storeName"].as_str();
        let second = ["accountName", "storeName", "serverName"];
        let second = second
            .iter()
            .find_map(|name| doc["properties"][name].as_str());
        let names = [storage, lake, second].into_iter().flatten();
        let names = names.filter(|name| !name.is_empty());
        self.other_storage.extend(names.map(str::to_owned));
    }

    /// Accounts besides the workspace's own, which is told by itself.
    pub(super) fn others(&self) -> impl Iterator<Item = &String> {
        let own = self.storage_name();
        let others = self.other_storage.iter();
        others.filter(move |name| Some(name.as_str()) != own)
    }

    /// Registries that an item says it is shared with or comes from. Those that Microsoft keeps hold nobody's data.
    fn shared(&mut self, doc: &Value) {
        match doc {
            Value::String(text) => {
                for (at, mark) in text.match_indices("azureml://registries/") {
                    let rest = &text[at + mark.len()..];
                    let name = rest.split('/').next().unwrap_or_default();
                    let sound = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
                    let own = name == "azureml" || name.starts_with("azureml-");
                    if !name.is_empty() && !own && name.bytes().all(sound) {
                        self.registries.insert(name.to_owned());
                    }
                }
            }
            Value::Array(all) => all.iter().for_each(|one| self.shared(one)),
            Value::Object(all) => all.values().for_each(|one| self.shared(one)),
            _ => {}
        }
    }

    /// The name of the workspace's storage account.
    pub fn storage_name(&self) -> Option<&str> {
        self.storage.as_deref()?.rsplit('/').next()
    }
}

fn texts(value: &Value) -> impl Iterator<Item = String> {
    let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().filter_map(Value::as_str).map(str::to_owned)
}
