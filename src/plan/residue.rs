//! What remains when a plan was carried out, and whom to tell of it.
//!
//! What lies around the workspace, which no erasure in it reaches, is read in `around`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::around::Around;
use super::model::{Decision, Export, Scope};
use super::receipt::{Bytes, Item, Left};
use crate::kinds::roots::root_of_label;
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

impl Remains {
    pub(super) fn new(
        what: What,
        place: Option<String>,
        items: Option<u64>,
        until: &str,
        ask: &str,
    ) -> Self {
        Self {
            what,
            place,
            items,
            until: until.to_owned(),
            ask: ask.to_owned(),
        }
    }
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

/// Kinds that others call: they may hold what they were answered.
const CALLED: [&str; 6] = [
    "online-endpoints",
    "batch-endpoints",
    "serverless-endpoints",
    "services",
    "pipeline-endpoints",
    "published-pipelines",
];

/// Why nothing erases items of a kind, by the catalogue.
pub(super) fn why_never(kind: &str) -> Option<String> {
    match kinds::find(kind)?.erase {
        Erase::Never(why) | Erase::Elsewhere(why) => Some(why.to_owned()),
        _ => None,
    }
}

pub(super) const OWNER: &str = "until its owner erases it";

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
        out.push(Remains::new(what, place, count, until, ask));
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
    out.extend(around.remains(root_of_label(&scope.workspace)));
    let mut add = |what, place: Option<String>, until: &str, ask: &str| {
        out.push(Remains::new(what, place, None, until, ask));
    };
    add(
        What::BackUps,
        None,
        "by their retention",
        "whoever keeps back-ups; after a restore, delete with the replay list",
    );
    out.push(telemetry());
    let mut add = |what, place: Option<String>, until: &str, ask: &str| {
        out.push(Remains::new(what, place, None, until, ask));
    };
    if let Export::Bag { manifest, .. } = export {
        add(
            What::ExportedCopy,
            Some(format!("the bag with the payload manifest {manifest}")),
            OWNER,
            "whoever keeps the bag that was made before the erasure",
        );
    }
    add(
        What::PlanAndJournal,
        None,
        OWNER,
        "whoever keeps the plan and the journal, which name items and people in clear; this receipt does not",
    );
    out
}

/// What Microsoft keeps of the use of its services, which no API of the workspace reaches.
pub fn telemetry() -> Remains {
    Remains::new(
        What::Telemetry,
        None,
        None,
        "by Microsoft's retention",
        "an administrator of the tenant, through the Azure Privacy portal (Azure portal, Policy, User privacy)",
    )
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
