//! THE CATALOGUE: what Azure Machine Learning holds, one row a kind. Data, and laws about data.
//!
//! Nearly every list of the service has the same shape, so a kind is a plain struct of facts: where it is listed, how its
//! pages follow each other, what names an item, where people and secrets stand in it, and whether any API can erase it. A
//! kind that behaves in a new way asks for a new, named variant of one of the enums here, never for a function pointer: so
//! the table stays something one can print (`aml-dsr kinds`), compare with a specification, and check by tests (`laws`).
//!
//! Paths into documents are written with slashes (`properties/azureml.pipelineid`), because keys contain dots; `*` stands
//! for any key or array element, `**` for any depth. Keys are compared without case: the pipeline service writes
//! PascalCase, the rest camelCase. Templates name values in braces: `{runId}` is offered by an ancestor, `{.runId}` is a
//! field of the item itself.

mod access;
mod arm;
mod assets;
mod connections;
mod endpoints;
mod features;
mod history;
pub mod item;
mod jobs;
#[cfg(test)]
mod laws;
mod models;
mod pipelines;
mod registries;
pub mod removal;
pub mod roots;
mod storage;
pub mod version;

use serde::Serialize;

pub use roots::{Root, root_of};

/// One row of the catalogue.
#[derive(Debug, Serialize)]
pub struct Kind {
    /// Lower-case, plural, unique and never renamed: file name, flag value and key in every output.
    pub name: &'static str,
    /// The words of the original document for this family.
    pub family: &'static str,
    /// Which service answers for it; generations are remembered per service.
    pub service: Service,
    /// The kind under which it is found; `None` is a root: a workspace, or a registry beside it.
    pub parent: Option<&'static str>,
    /// How it is found.
    pub walk: Walk,
    /// List requests, the newest generation first.
    pub list: &'static [Route],
    /// Requests for one item, the newest generation first.
    pub item: &'static [Route],
    /// Whether the list's document is short of the item's, so that every item is fetched by itself.
    pub fetch_item: bool,
    /// What names an item within its workspace.
    pub id: &'static str,
    /// What an item offers to its children and to its own item request: name, then path in the document.
    pub offers: &'static [(&'static str, &'static str)],
    /// The folder that an item opens for its children, below its own folder.
    pub folder: Option<&'static str>,
    /// Bytes behind the record.
    pub files: Files,
    /// What an item points at and no list may show.
    pub refs: &'static [Reference],
    /// What an item belongs to: whoever's that is, this is theirs as well.
    pub belongs: &'static [Reference],
    /// What goes with an item, though nothing in the document of that other thing says so.
    pub takes: &'static [Reference],
    /// The kind of which an item with the same id is the same thing, seen by another service.
    pub same: Option<&'static str>,
    /// Where people stand in the document, and as what.
    pub person: &'static [Person],
    /// Why there is no person field; a law wants one or the other.
    pub no_person: Option<&'static str>,
    /// No list shows it and nothing may refer to it: the flag by which a person names those that are there.
    pub by_name: Option<&'static str>,
    /// Only items of the parent whose field says this word have such a list; the others refuse to be asked.
    pub only: Option<(&'static str, &'static str)>,
    /// What is blanked before anything is written.
    pub secret: &'static [Secret],
    /// Paths of the times that belong in the inventory.
    pub times: &'static [&'static str],
    /// What a missing list means.
    pub absent: Absent,
    /// Whether an API erases it.
    pub erase: Erase,
    /// The calls that erase an item, by generation, the newest first; empty when nothing does.
    pub remove: &'static [removal::Remove],
    /// Kinds that have to go first, since the service refuses otherwise.
    pub erase_after: &'static [&'static str],
    /// Where the row was read.
    pub source: &'static str,
}

/// A service: it has a host, a token, and generations that are remembered together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    Arm,
    History,
    Metric,
    Artifact,
    ModelManagement,
    Datastore,
    Dataset,
    Environment,
    Notification,
    Pipelines,
    Content,
}

impl Service {
    /// The name in outputs, for example `model-management`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arm => "arm",
            Self::History => "history",
            Self::Metric => "metric",
            Self::Artifact => "artifact",
            Self::ModelManagement => "model-management",
            Self::Datastore => "datastore",
            Self::Dataset => "dataset",
            Self::Environment => "environment",
            Self::Notification => "notification",
            Self::Pipelines => "pipelines",
            Self::Content => "content",
        }
    }
}

/// The start of an address: host by discovery, prefix, and the query that the generation asks for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Base {
    Arm,
    /// `Microsoft.Authorization` speaks of everything that the resource manager holds, in versions of its own.
    RoleAssignments,
    Locks,
    History,
    Metric2,
    Artifact2,
    Artifact1,
    Models2,
    Models1,
    Datastore,
    Dataset,
    Environment,
    Notification,
    Pipelines2,
    Pipelines1,
    Content,
}

/// What a base stands for. Sources: `azureml-core` 1.61 and 1.0.85 service contexts; Microsoft's 04/2020 export page.
#[derive(Debug, Clone, Copy)]
pub struct BaseSpec {
    pub service: Service,
    /// 2 is today's form, 1 the form of 2018 to 2019.
    pub generation: u8,
    /// Discovery keys in the order of preference; the ARM endpoint when empty.
    pub keys: &'static [&'static str],
    /// Path before the workspace's own path.
    pub prefix: &'static str,
    /// Query that every request of this base carries.
    pub query: Option<&'static str>,
}

impl Base {
    /// The facts of a base.
    pub fn spec(self) -> BaseSpec {
        let of = |service, generation, keys, prefix| BaseSpec {
            service,
            generation,
            keys,
            prefix,
            query: None,
        };
        match self {
            Self::Arm => BaseSpec {
                query: Some(version::arm_query()),
                ..of(Service::Arm, 2, &[], "")
            },
            Self::RoleAssignments => BaseSpec {
                query: Some("api-version=2022-04-01"),
                ..of(Service::Arm, 2, &[], "")
            },
            Self::Locks => BaseSpec {
                query: Some("api-version=2020-05-01"),
                ..of(Service::Arm, 2, &[], "")
            },
            Self::History => of(Service::History, 2, &["history", "api"], "/history/v1.0"),
            Self::Metric2 => of(Service::Metric, 2, &["history", "api"], "/metric/v2.0"),
            Self::Artifact2 => of(Service::Artifact, 2, &["history", "api"], "/artifact/v2.0"),
            Self::Artifact1 => of(Service::Artifact, 1, &["history", "api"], "/artifact/v1.0"),
            Self::Models2 => of(
                Service::ModelManagement,
                2,
                &["modelmanagement", "api"],
                "/modelmanagement/v1.0",
            ),
            // SDKs up to 1.0.85 sent this version; the original document names an ARM version that no client sent.
            Self::Models1 => BaseSpec {
                query: Some("api-version=2018-11-19"),
                ..of(Service::ModelManagement, 1, &["modelmanagement"], "/api")
            },
            Self::Datastore => of(
                Service::Datastore,
                2,
                &["history", "api"],
                "/datastore/v1.0",
            ),
            Self::Dataset => of(Service::Dataset, 2, &["history", "api"], "/dataset/v1.0"),
            Self::Environment => of(
                Service::Environment,
                2,
                &["experimentation", "api"],
                "/environment/v1.0",
            ),
            Self::Notification => of(
                Service::Notification,
                2,
                &["history", "api"],
                "/notification/v1.0",
            ),
            Self::Pipelines2 => of(
                Service::Pipelines,
                2,
                &["api", "pipelines"],
                "/pipelines/v1.0",
            ),
            Self::Pipelines1 => of(Service::Pipelines, 1, &["pipelines"], "/api/v1.0"),
            Self::Content => of(Service::Content, 2, &["history", "api"], "/content/v1.0"),
        }
    }
}

/// One way to ask: base, request, how pages follow, and where the items are.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Route {
    pub base: Base,
    pub ask: Ask,
    pub paging: Paging,
    /// Key of the array of items; empty when the answer is the item or the array itself.
    pub items: &'static str,
    /// The generation of this form among its alternatives: 2 is today's, 1 the older one.
    pub generation: u8,
}

/// A request that only reads. There is no other kind of request in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// GET of a path after the workspace's own, with its query.
    Get(&'static str),
    /// POST that only reads: path, then the JSON body.
    Query(&'static str, &'static str),
}

impl Ask {
    /// Path and query as a template.
    pub fn path(self) -> &'static str {
        match self {
            Self::Get(path) | Self::Query(path, _) => path,
        }
    }
}

/// How one page leads to the next (`aml-v1-dataplane`, five dialects; ARM's contract).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Paging {
    /// The answer is one document.
    One,
    /// An absolute `nextLink`, followed to the letter, on the same host only.
    NextLink,
    /// `continuationToken` goes back in the JSON body; the `nextLink` of a POST is of no use.
    BodyToken,
    /// The token goes back as this query parameter.
    QueryToken(&'static str),
    /// A bare array, or `{Entity|Value, ContinuationToken}`; a header `BatchSize` bounds it.
    Batch,
    /// Nothing about this API is verified: an array or `value`, with a link, a token or neither.
    Tolerant,
}

/// How a kind is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Walk {
    /// The workspace itself, or the registry.
    Root,
    /// A list of its own, with a place in the state of unfinished work.
    Own,
    /// Gathered with each item of the parent, page by page.
    With,
    /// Gathered with each parent item in the containers that may hold its artifacts: `dataContainerId`, and where a run of
    /// 2018 has none, `dcid.{runId}` and `{runId}`.
    InContainers,
    /// Gathered where a model's asset points: `artifacts[]` holds single ids and prefixes.
    InPointers,
    /// No list shows it: found by reference or named by a person, each id once, to a fixed point.
    ByReference,
    /// Not exported itself: a list whose items only point at others.
    Finder,
}

/// Bytes behind a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Files {
    None,
    /// The item is an artifact: its link comes from contentinfo.
    Artifact,
}

/// A pointer from one document to another that no list may show.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Reference {
    pub when: When,
    pub path: &'static str,
    pub to: &'static str,
}

/// When a reference counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    Always,
    /// `runType` or `properties/azureml.runsource` says `azureml.PipelineRun`: then the run id is the pipeline run's id.
    PipelineRun,
    /// `Data/DataLocation/StorageType` says `Snapshot`: a module may be kept as a blob or an artifact as well, and then its
    /// storage id is no snapshot's.
    StoredSnapshot,
}

/// Where a person stands in a document, and as what.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Person {
    pub path: &'static str,
    pub who: Who,
}

/// What a person field holds, which decides how strongly a match counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// The user record of the data plane: `userObjectId, userPuId, userAltSecId, userName, upn`.
    User,
    ObjectId,
    /// UPN or e-mail address, or what a service shows in their place: of people often a display name, which is never more
    /// than a candidate, and of applications their id.
    Email,
    /// A display name: never more than a candidate.
    Name,
    /// Text in which a person may be mentioned.
    FreeText,
}

/// A secret in a document.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Secret {
    pub path: &'static str,
    pub how: How,
}

/// What is done about a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// The whole value goes.
    Blank,
    /// A URL stays, its query goes.
    Query,
}

/// What it means that a list is not there (404, 405 or 410 from every generation).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Absent {
    /// A gap: this service is part of every workspace.
    Gap,
    /// The family is retired on modern workspaces: said in the coverage.
    Retired,
    /// Nothing about the API is verified: said in the coverage, 403 too.
    Unverified,
    /// The list is about one item, which has none: empty.
    Empty,
}

/// Whether an API erases a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Erase {
    /// A DELETE that is done when it answers.
    Now(&'static str),
    /// A DELETE that starts an operation.
    Slow(&'static str),
    /// It goes with its parent.
    WithParent,
    /// It can be disabled or archived, which is not erased.
    ArchiveOnly(&'static str),
    /// No API erases it; the reason.
    Never(&'static str),
    /// It is no content of the workspace, and others decide about it; who, and why it is not touched here.
    Elsewhere(&'static str),
}

/// The empty row that rows are written against.
const ROW: Kind = Kind {
    name: "",
    family: "",
    service: Service::History,
    parent: Some("workspaces"),
    walk: Walk::Own,
    list: &[],
    item: &[],
    fetch_item: false,
    id: "{.id}",
    offers: &[],
    folder: None,
    files: Files::None,
    refs: &[],
    belongs: &[],
    takes: &[],
    same: None,
    person: &[],
    no_person: None,
    by_name: None,
    only: None,
    secret: &[],
    times: &[],
    absent: Absent::Gap,
    erase: Erase::WithParent,
    remove: &[],
    erase_after: &[],
    source: "",
};

/// What may use an asset, and goes before it.
const USERS_OF_ASSETS: &[&str] = &["jobs", "runs", "online-deployments", "batch-deployments"];

/// What goes before the last things of a workspace: datastores and connections are the map to what stays in the storage,
/// and whoever still uses them must be gone.
const ALL_BUT_THE_LAST: &[&str] = &[
    "computes",
    "experiments",
    "artifacts",
    "asset-artifacts",
    "assets",
    "datasets",
    "data-assets",
    "arm-models",
    "arm-environments",
    "components",
    "codes",
    "feature-sets",
    "feature-store-entities",
    "online-endpoints",
    "batch-endpoints",
    "serverless-endpoints",
    "marketplace-subscriptions",
    "capability-hosts",
];

const fn get(base: Base, path: &'static str, paging: Paging, items: &'static str) -> Route {
    Route {
        base,
        ask: Ask::Get(path),
        paging,
        items,
        generation: 2,
    }
}

const fn query(
    base: Base,
    path: &'static str,
    body: &'static str,
    paging: Paging,
    items: &'static str,
) -> Route {
    Route {
        base,
        ask: Ask::Query(path, body),
        paging,
        items,
        generation: 2,
    }
}

/// A list of the resource manager below a workspace or a registry.
const fn listed(path: &'static str) -> Route {
    get(Base::Arm, path, Paging::NextLink, "value")
}

/// The same as an older form.
const fn older(route: Route) -> Route {
    Route {
        generation: 1,
        ..route
    }
}

const fn user(path: &'static str) -> Person {
    Person {
        path,
        who: Who::User,
    }
}

const fn text(path: &'static str) -> Person {
    Person {
        path,
        who: Who::FreeText,
    }
}

const fn person(path: &'static str, who: Who) -> Person {
    Person { path, who }
}

const fn blank(path: &'static str) -> Secret {
    Secret {
        path,
        how: How::Blank,
    }
}

const fn no_query(path: &'static str) -> Secret {
    Secret {
        path,
        how: How::Query,
    }
}

const fn to(path: &'static str, kind: &'static str) -> Reference {
    Reference {
        when: When::Always,
        path,
        to: kind,
    }
}

static TABLES: &[&[Kind]] = &[
    arm::ROWS,
    history::ROWS,
    storage::ROWS,
    models::ROWS,
    pipelines::ROWS,
    jobs::ROWS,
    assets::ROWS,
    features::ROWS,
    endpoints::ROWS,
    connections::ROWS,
    access::ROWS,
    registries::ROWS,
    access::OF_REGISTRIES,
];

/// Every row, in the order in which kinds are walked and shown.
pub fn all() -> impl Iterator<Item = &'static Kind> + Clone {
    TABLES.iter().flat_map(|rows| rows.iter())
}

/// The row of this name.
pub fn find(name: &str) -> Option<&'static Kind> {
    all().find(|kind| kind.name == name)
}

/// The rows found below this one.
pub fn children(name: &'static str) -> impl Iterator<Item = &'static Kind> + Clone {
    all().filter(move |kind| kind.parent == Some(name))
}

/// The kind of which an item with the same id is the same thing, whichever of the two rows says so.
pub fn same(name: &str) -> Option<&'static Kind> {
    let mut rows = all().filter(|kind| kind.same.is_some());
    let row = rows.find(|kind| kind.name == name || kind.same == Some(name))?;
    if row.name == name {
        row.same.and_then(find)
    } else {
        Some(row)
    }
}

/// Rows that are exported: finders only point at others.
pub fn exported() -> impl Iterator<Item = &'static Kind> + Clone {
    all().filter(|kind| kind.walk != Walk::Finder)
}
