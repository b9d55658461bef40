//! What the emulator holds: workspaces and registries, each a table of documents by kind. A deleted row stays where it was, unseen, so
//! that a list being read while things are deleted neither skips nor repeats.

pub(crate) mod computes;
pub(crate) mod contoso;
pub(crate) mod files;
pub(crate) mod jobs;
pub(crate) mod metrics;
pub(crate) mod modern;
pub(crate) mod people;
pub(crate) mod pipelines;
pub(crate) mod planter;
pub(crate) mod registry;
pub(crate) mod runs;
pub(crate) mod shared;
pub(crate) mod snapshots;
pub(crate) mod stores;
mod table;
pub(crate) mod tenant;
pub(crate) mod traces;

pub(crate) use table::{Lag, Table};

use super::Shape;
use super::arm::COLLECTIONS;
use super::text;
use bytes::Bytes;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Computes,
    ComputeNodes,
    Experiments,
    Runs,
    RunDetails,
    Metrics,
    MetricsV2,
    Artifacts,
    Snapshots,
    Tasks,
    Datastores,
    Models,
    Assets,
    Images,
    ImageProfiles,
    Services,
    Datasets,
    DatasetDefinitions,
    Environments,
    PipelineRuns,
    Graphs,
    Modules,
    Templates,
    DataSources,
    PublishedPipelines,
    PipelineEndpoints,
    Schedules,
    Drafts,
    /// Known to the pipelines service and walked through, but no document of its own for the truth.
    Pipelines,
    /// A resource of the resource manager: the place of its collection in `COLLECTIONS`.
    Resource(usize),
}

impl Kind {
    /// Everything that the truth speaks of beside resources, in its order.
    const TRUTH: [(Self, &'static str); 28] = [
        (Self::Computes, "computes"),
        (Self::ComputeNodes, "compute-nodes"),
        (Self::Experiments, "experiments"),
        (Self::Runs, "runs"),
        (Self::RunDetails, "run-details"),
        (Self::Metrics, "metrics"),
        (Self::MetricsV2, "metrics-v2"),
        (Self::Artifacts, "artifacts"),
        (Self::Snapshots, "snapshots"),
        (Self::Tasks, "notification-tasks"),
        (Self::Datastores, "datastores"),
        (Self::Models, "models"),
        (Self::Assets, "assets"),
        (Self::Images, "images"),
        (Self::ImageProfiles, "image-profiles"),
        (Self::Services, "services"),
        (Self::Datasets, "datasets"),
        (Self::DatasetDefinitions, "dataset-definitions"),
        (Self::Environments, "environments"),
        (Self::PipelineRuns, "pipeline-runs"),
        (Self::Graphs, "pipeline-graphs"),
        (Self::Modules, "pipeline-modules"),
        (Self::Templates, "pipeline-templates"),
        (Self::DataSources, "pipeline-data-sources"),
        (Self::PublishedPipelines, "published-pipelines"),
        (Self::PipelineEndpoints, "pipeline-endpoints"),
        (Self::Schedules, "pipeline-schedules"),
        (Self::Drafts, "pipeline-drafts"),
    ];

    /// The kind that the truth speaks of at this place, and what it calls it: the resources come last.
    pub(crate) fn told(at: usize) -> Option<(Self, &'static str)> {
        Self::TRUTH.get(at).copied().or_else(|| {
            let at = at - Self::TRUTH.len();
            Some((Self::Resource(at), COLLECTIONS.get(at)?.told_as))
        })
    }

    /// Every kind, and what the truth calls it.
    pub(crate) fn all() -> impl Iterator<Item = (Self, &'static str)> {
        (0..).map_while(Self::told)
    }

    pub(crate) fn word(self) -> &'static str {
        Self::all()
            .find(|(kind, _)| *kind == self)
            .map_or("pipelines", |(_, word)| word)
    }

    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::all()
            .find(|(_, told)| *told == word)
            .map(|(kind, _)| kind)
    }
}

/// The bytes of an artifact in the storage account.
#[derive(Clone, Debug)]
pub(crate) struct Blob {
    pub(crate) bytes: Bytes,
    pub(crate) content_type: &'static str,
    pub(crate) encoding: Option<&'static str>,
    /// Blob storage knows the digest only of blobs that were uploaded in one piece.
    pub(crate) with_md5: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) id: String,
    /// What lists narrow by: the experiment of a run, the run of a metric, the container of an artifact.
    pub(crate) parent: String,
    pub(crate) doc: Value,
    /// The document as it is served.
    pub(crate) text: String,
    /// A second face: a compute in a list, a datastore with its secrets.
    pub(crate) other: Option<String>,
    pub(crate) blob: Option<Blob>,
}

impl Item {
    pub(crate) fn new(id: impl Into<String>, parent: impl Into<String>, doc: Value) -> Self {
        let text = text::render(&doc);
        Self {
            id: id.into(),
            parent: parent.into(),
            doc,
            text,
            other: None,
            blob: None,
        }
    }

    /// A document that is served with the digits and the order that it was published with.
    pub(crate) fn verbatim(id: impl Into<String>, parent: impl Into<String>, text: String) -> Self {
        let doc = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self {
            text,
            ..Self::new(id, parent, doc)
        }
    }

    pub(crate) fn field(&self, name: &str) -> &str {
        self.doc
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Changes the document and its text together.
    pub(crate) fn change(&mut self, with: impl FnOnce(&mut Value)) {
        with(&mut self.doc);
        self.text = text::render(&self.doc);
    }
}

/// Whether a workspace answers, and how much of it is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Live,
    /// Deleted without a purge: the name is taken and nothing but a purge works.
    Soft,
    /// Purged, as the service said; lists still show it, and its name is not free.
    Stuck,
    Gone,
}

/// What a store of documents is to the resource manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    Workspace,
    /// A registry, which lies outside of every workspace.
    Registry,
}

impl Home {
    /// The word of its address, which is what the truth calls its own document too.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Workspace => "workspaces",
            Self::Registry => "registries",
        }
    }

    /// A single one.
    pub(crate) fn one(self) -> &'static str {
        match self {
            Self::Workspace => "workspace",
            Self::Registry => "registry",
        }
    }
}

/// A workspace; or a registry, which holds documents of the resource manager and nothing else.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    pub(crate) home: Home,
    pub(crate) name: String,
    pub(crate) subscription: String,
    pub(crate) resource_group: String,
    pub(crate) guid: String,
    pub(crate) region: String,
    /// The ARM document.
    pub(crate) doc: Item,
    pub(crate) standing: Standing,
    /// Model management and pipelines answer on their first addresses only, and notification not at all.
    pub(crate) first_generation: bool,
    pub(crate) without_images: bool,
    /// A run history that is computed and not held.
    pub(crate) shape: Option<Shape>,
    pub(crate) default_store: String,
    /// Computed runs that were deleted.
    pub(crate) gone: HashSet<u64>,
    /// Computed snapshots that were deleted.
    pub(crate) gone_snapshots: HashSet<String>,
    /// Blobs whose metadata is gone and which are not.
    pub(crate) leftovers: HashMap<String, Blob>,
    /// What published examples say beside the documents.
    pub(crate) published: Published,
    /// How long readers still see what is deleted.
    pub(crate) lag: Lag,
    tables: HashMap<Kind, Arc<Table>>,
}

/// What the examples of the published specification say about paths. Paths are in lower case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Published {
    /// Answers that are no lists of documents, by their paths.
    pub(crate) answers: HashMap<String, String>,
    /// Where what is published at a path stands in this world.
    pub(crate) stands: HashMap<String, Vec<String>>,
}

static EMPTY: std::sync::LazyLock<Table> = std::sync::LazyLock::new(Table::default);

impl Workspace {
    /// A workspace that holds nothing yet. Its document hangs on its subscription.
    pub(crate) fn new(
        name: &str,
        resource_group: &str,
        region: &str,
        guid: String,
        doc: Item,
    ) -> Self {
        Self {
            home: Home::Workspace,
            name: name.to_owned(),
            subscription: doc.parent.clone(),
            resource_group: resource_group.to_owned(),
            guid,
            region: region.to_owned(),
            doc,
            standing: Standing::Live,
            first_generation: false,
            without_images: false,
            shape: None,
            default_store: String::new(),
            gone: HashSet::default(),
            gone_snapshots: HashSet::default(),
            leftovers: HashMap::default(),
            published: Published::default(),
            lag: Lag::default(),
            tables: HashMap::default(),
        }
    }

    pub(crate) fn table(&self, kind: Kind) -> &Table {
        self.tables.get(&kind).map_or(&EMPTY, |table| &**table)
    }

    pub(crate) fn table_mut(&mut self, kind: Kind) -> &mut Table {
        let table = Arc::make_mut(self.tables.entry(kind).or_default());
        table.lag = self.lag;
        table
    }

    pub(crate) fn add(&mut self, kind: Kind, item: Item) {
        self.table_mut(kind).push(item);
    }

    pub(crate) fn arm_id(&self, subscription: &str) -> String {
        format!(
            "/subscriptions/{subscription}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/{}/{}",
            self.resource_group,
            self.home.word(),
            self.name
        )
    }

    pub(crate) fn experiment_named(&self, name: &str) -> Option<&Item> {
        self.table(Kind::Experiments)
            .seen()
            .find(|item| item.field("name") == name)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct World {
    /// The subscription that a caller starts with.
    pub(crate) subscription: String,
    /// Every subscription that the caller sees, this one first.
    pub(crate) subscriptions: Vec<tenant::Subscription>,
    pub(crate) tenant: String,
    pub(crate) workspaces: Vec<Workspace>,
    pub(crate) registries: Vec<Workspace>,
    /// What examples of the published specification say about paths outside of workspaces.
    pub(crate) published: Published,
}

impl World {
    /// All of one sort.
    pub(crate) fn homes(&self, home: Home) -> &[Workspace] {
        match home {
            Home::Workspace => &self.workspaces,
            Home::Registry => &self.registries,
        }
    }

    pub(crate) fn homes_mut(&mut self, home: Home) -> &mut [Workspace] {
        match home {
            Home::Workspace => &mut self.workspaces,
            Home::Registry => &mut self.registries,
        }
    }
}

/// The addresses that documents mention.
#[derive(Clone, Debug)]
pub(crate) struct Origins {
    pub(crate) arm: String,
    pub(crate) blob: String,
}
