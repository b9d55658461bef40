//! What the emulator holds: workspaces, each a table of documents by kind. A deleted row stays where it was, unseen, so
//! that a list being read while things are deleted neither skips nor repeats.

pub(crate) mod computes;
pub(crate) mod contoso;
pub(crate) mod files;
pub(crate) mod metrics;
pub(crate) mod people;
pub(crate) mod pipelines;
pub(crate) mod planter;
pub(crate) mod registry;
pub(crate) mod runs;
pub(crate) mod stores;

use super::Shape;
use super::text;
use bytes::Bytes;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Computes,
    Experiments,
    Runs,
    RunDetails,
    Metrics,
    MetricsV2,
    Artifacts,
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
}

impl Kind {
    /// Everything that the truth speaks of, in its order.
    pub(crate) const TRUTH: [(Self, &'static str); 26] = [
        (Self::Computes, "computes"),
        (Self::Experiments, "experiments"),
        (Self::Runs, "runs"),
        (Self::RunDetails, "run-details"),
        (Self::Metrics, "metrics"),
        (Self::MetricsV2, "metrics-v2"),
        (Self::Artifacts, "artifacts"),
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
    pub(crate) alive: bool,
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
            alive: true,
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

#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Item>,
    by_id: HashMap<String, usize>,
}

impl Table {
    pub(crate) fn push(&mut self, item: Item) {
        self.by_id.insert(item.id.clone(), self.rows.len());
        self.rows.push(item);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Item> {
        self.by_id
            .get(id)
            .and_then(|at| self.rows.get(*at))
            .filter(|item| item.alive)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Item> {
        self.by_id
            .get(id)
            .and_then(|at| self.rows.get_mut(*at))
            .filter(|item| item.alive)
    }

    /// Living rows with their places, which outlive deletions and are what tokens point at.
    pub(crate) fn living(&self) -> impl Iterator<Item = (usize, &Item)> {
        self.rows.iter().enumerate().filter(|(_, item)| item.alive)
    }

    pub(crate) fn of<'a>(&'a self, parent: &'a str) -> impl Iterator<Item = (usize, &'a Item)> {
        self.living().filter(move |(_, item)| item.parent == parent)
    }

    /// Takes rows away; says how many there were.
    pub(crate) fn remove(&mut self, mut condemned: impl FnMut(&Item) -> bool) -> usize {
        let mut count = 0;
        for item in self.rows.iter_mut().filter(|item| item.alive) {
            if condemned(item) {
                item.alive = false;
                count += 1;
            }
        }
        count
    }

    pub(crate) fn row(&self, at: usize) -> Option<&Item> {
        self.rows.get(at)
    }

    pub(crate) fn places(&self) -> usize {
        self.rows.len()
    }
}

/// Whether a workspace answers, and how much of it is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Live,
    /// Deleted without a purge: the name is taken and nothing but a purge works.
    Soft,
    Gone,
}

#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    pub(crate) name: String,
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
    /// Blobs whose metadata is gone and which are not.
    pub(crate) leftovers: HashMap<String, Blob>,
    tables: HashMap<Kind, Table>,
}

static EMPTY: std::sync::LazyLock<Table> = std::sync::LazyLock::new(Table::default);

impl Workspace {
    pub(crate) fn table(&self, kind: Kind) -> &Table {
        self.tables.get(&kind).unwrap_or(&EMPTY)
    }

    pub(crate) fn table_mut(&mut self, kind: Kind) -> &mut Table {
        self.tables.entry(kind).or_default()
    }

    pub(crate) fn add(&mut self, kind: Kind, item: Item) {
        self.table_mut(kind).push(item);
    }

    pub(crate) fn arm_id(&self, subscription: &str) -> String {
        format!(
            "/subscriptions/{subscription}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}",
            self.resource_group, self.name
        )
    }

    pub(crate) fn experiment_named(&self, name: &str) -> Option<&Item> {
        self.table(Kind::Experiments)
            .living()
            .map(|(_, item)| item)
            .find(|item| item.field("name") == name)
    }

    /// Everything in it, gone at once.
    pub(crate) fn clear(&mut self) {
        self.tables.clear();
        self.leftovers.clear();
        self.shape = None;
    }
}

#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) subscription: String,
    pub(crate) tenant: String,
    pub(crate) workspaces: Vec<Workspace>,
}

/// The addresses that documents mention.
#[derive(Clone, Debug)]
pub(crate) struct Origins {
    pub(crate) arm: String,
    pub(crate) blob: String,
}
