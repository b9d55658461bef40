//! What remains when a plan was carried out, and whom to tell of it.
//!
//! A workspace keeps its bytes, secrets, images and logs in resources of their own, which no erasure in the workspace reaches.
//! What lies around it is read from its own document and from those of its datastores and connections.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::model::{Decision, Export, Scope};
use super::receipt::{Bytes, Item, Left};
use crate::kinds::roots::{WORKSPACES, root_of_label};
use crate::kinds::{self, Erase};

/// Something that remains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remains {
    pub what: What,
    /// The resource, where one is known.
    #[serde(rename = "where")]
    pub place: Option<String>,
    /// How many items or resources, where that is counted.
    pub items: Option<u64>,
    /// Until when: a date, or who decides.
    pub until: String,
    /// Whom to ask, and what for.
    pub ask: String,
}

/// What remains. The page has the words in each language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Steps that ended with their item still there.
    NotErased,
    /// Items that were asked for, or in the way, and had no step.
    WithoutStep,
    SoftDeleted,
    Bytes,
    StorageAccount,
    OtherStorage,
    KeyVault,
    ContainerRegistry,
    ApplicationInsights,
    LogAnalytics,
    ManagedResources,
    Registries,
    SoftDeleteLayers,
    BackUps,
    Telemetry,
    ExportedCopy,
    PlanAndJournal,
}

/// A place that has to be told (GDPR, Article 19), as far as documents show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    pub whom: Whom,
    #[serde(rename = "where")]
    pub place: Option<String>,
    pub items: Option<u64>,
    pub why: String,
}

/// Who may hold a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whom {
    Registry,
    Consumers,
    LinkedWorkspace,
    Datastore,
    Connection,
    Export,
    /// Those whom only the controller knows.
    Others,
}

/// What lies around a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Around {
    storage: Option<String>,
    vault: Option<String>,
    images: Option<String>,
    insights: Option<String>,
    managed: BTreeSet<String>,
    other_storage: BTreeSet<String>,
    linked: BTreeSet<String>,
    registries: BTreeSet<String>,
    connections: u64,
    /// Storage accounts and container registries of a registry. Folders of earlier versions do not have it.
    #[serde(default)]
    of_registry: BTreeSet<String>,
}

/// Kinds whose documents tell what lies around: `Around::note` wants each of them.
pub const TELLING: [&str; 5] = [
    "workspaces",
    "registries",
    "datastores",
    "arm-datastores",
    "connections",
];

/// Kinds that others call: they may hold what they were answered.
const CALLED: [&str; 6] = [
    "online-endpoints",
    "batch-endpoints",
    "serverless-endpoints",
    "services",
    "pipeline-endpoints",
    "published-pipelines",
];

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
    fn others(&self) -> impl Iterator<Item = &String> {
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

/// Why nothing erases items of a kind, by the catalogue.
pub(super) fn why_never(kind: &str) -> Option<String> {
    match kinds::find(kind)?.erase {
        Erase::Never(why) | Erase::Elsewhere(why) => Some(why.to_owned()),
        _ => None,
    }
}

const OWNER: &str = "until its owner erases it";

/// What remains, the items first, then everything around.
pub(super) fn remains(
    items: &[Item],
    without_step: &[Left],
    export: &Export,
    around: &Around,
    scope: &Scope,
) -> Vec<Remains> {
    let mut out = Vec::new();
    let mut add = |what, place: Option<String>, count, until: &str, ask: &str| {
        out.push(Remains {
            what,
            place,
            items: count,
            until: until.to_owned(),
            ask: ask.to_owned(),
        });
    };
    let of = |item: &Item| 1 + item.covers.len() as u64;
    let there = items
        .iter()
        .filter(|item| !item.state.is_gone())
        .map(of)
        .sum::<u64>();
    if there > 0 {
        add(
            What::NotErased,
            Some(scope.path.clone()),
            Some(there),
            "until another plan erases it",
            "whoever runs this tool: the plan and the journal name each of them and the reason",
        );
    }
    let left = without_step.iter().filter(|one| {
        one.asked && !matches!(one.decision, Decision::WithParent | Decision::AlreadyGone)
    });
    let left = left.map(|one| one.items).sum::<u64>();
    if left > 0 {
        add(
            What::WithoutStep,
            Some(scope.path.clone()),
            Some(left),
            "until another plan, or another way, erases it",
            "whoever runs this tool: the plan names each of them and the reason",
        );
    }
    let mut dates: BTreeMap<&str, u64> = BTreeMap::new();
    for item in items {
        if let Some(until) = &item.until {
            *dates.entry(until).or_default() += of(item);
        }
    }
    for (until, count) in dates {
        add(
            What::SoftDeleted,
            Some(scope.path.clone()),
            Some(count),
            until,
            "an administrator of the workspace, for a permanent deletion (forceToPurge=true)",
        );
    }
    for ((pattern, account), count) in bytes(items) {
        let place = match account {
            Some(account) => format!("{account}: {pattern}"),
            None => pattern.to_owned(),
        };
        add(
            What::Bytes,
            Some(place),
            Some(count),
            OWNER,
            "the owner of the storage account",
        );
    }
    let root = root_of_label(&scope.workspace);
    if *root == WORKSPACES {
        let account = around.storage.clone();
        add(
            What::StorageAccount,
            account,
            None,
            OWNER,
            "the owner of the storage account: containers azureml, azureml-blobstore-*, snapshots, snapshotzips, revisions and insights-*, file shares azureml-filestore-* and code-391ff5ac-6576-460f-ba4d-7e03433c68b6 (Users/*)",
        );
        for account in around.others() {
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
            around.vault.clone(),
            None,
            OWNER,
            "the owner of the key vault",
        );
        add(
            What::ContainerRegistry,
            around.images.clone(),
            None,
            OWNER,
            "the owner of the container registry: images that were built from code",
        );
        add(
            What::ApplicationInsights,
            around.insights.clone(),
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
    for id in &around.of_registry {
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
    for group in &around.managed {
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
    add(
        What::BackUps,
        None,
        None,
        "by their retention",
        "whoever keeps back-ups; after a restore, delete with the replay list",
    );
    add(
        What::Telemetry,
        None,
        None,
        "by Microsoft's retention",
        "an administrator of the tenant, through the Azure Privacy portal (Azure portal, Policy, User privacy)",
    );
    if let Export::Bag { manifest, .. } = export {
        add(
            What::ExportedCopy,
            Some(format!("the bag with the payload manifest {manifest}")),
            None,
            OWNER,
            "whoever keeps the bag that was made before the erasure",
        );
    }
    add(
        What::PlanAndJournal,
        None,
        None,
        OWNER,
        "whoever keeps the plan and the journal, which name items and people in clear; this receipt does not",
    );
    out
}

/// Places whose bytes remain or were not looked at, by form and account.
fn bytes(items: &[Item]) -> BTreeMap<(&str, Option<&str>), u64> {
    let mut sums = BTreeMap::new();
    let places = items
        .iter()
        .filter(|item| item.state.is_gone())
        .flat_map(|item| &item.places);
    for place in places.filter(|place| place.bytes != Bytes::Gone) {
        let key = (place.pattern.as_str(), place.storage_account.as_deref());
        *sums.entry(key).or_default() += 1;
    }
    sums
}

/// Who may hold a copy, as far as the plan and the documents show.
pub(super) fn notify(items: &[Item], export: &Export, around: &Around) -> Vec<Notify> {
    let mut out = Vec::new();
    let mut add = |whom, place: Option<String>, count, why: &str| {
        out.push(Notify {
            whom,
            place,
            items: count,
            why: why.to_owned(),
        });
    };
    for name in &around.registries {
        add(
            Whom::Registry,
            Some(name.clone()),
            None,
            "items of the workspace are shared with this registry, or come from it",
        );
    }
    for kind in CALLED {
        let called = items.iter().filter(|item| item.kind == kind).count();
        if called > 0 {
            add(
                Whom::Consumers,
                Some(kind.to_owned()),
                Some(called as u64),
                "whoever called these may keep what they were answered",
            );
        }
    }
    for workspace in &around.linked {
        add(
            Whom::LinkedWorkspace,
            Some(workspace.clone()),
            None,
            "this workspace is linked and may use the same storage and assets",
        );
    }
    for account in around.others() {
        add(
            Whom::Datastore,
            Some(account.clone()),
            None,
            "a datastore leads there, so data may have been read from it and written to it",
        );
    }
    if around.connections > 0 {
        add(
            Whom::Connection,
            None,
            Some(around.connections),
            "connections lead to services outside the workspace",
        );
    }
    if let Export::Bag { manifest, .. } = export {
        add(
            Whom::Export,
            Some(format!("the bag with the payload manifest {manifest}")),
            None,
            "whoever received the export",
        );
    }
    add(
        Whom::Others,
        None,
        None,
        "recipients that only the controller knows: downloads, back-ups, code repositories, reports, processors",
    );
    out
}
