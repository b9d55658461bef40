//! Collections of resources below a workspace or a registry that have one shape: a list with links to the next page, documents by name,
//! and collections below documents. Computes are not among them, since their list is short of their documents.

use super::{PLANE, page_of};
use crate::emulator::ask::Ask;
use crate::emulator::errors::{fault, no_method};
use crate::emulator::hub::Hub;
use crate::emulator::reply::Reply;
use crate::emulator::world::{Home, Item, Kind, Workspace};
use serde_json::Value;

/// What a list leaves out unless `listViewType` asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    /// Nothing.
    Whole,
    /// What is archived.
    Active,
    /// What is disabled.
    Enabled,
    /// Everything: the service has no such list.
    None,
}

/// How the published specification deletes a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Erase {
    /// At once.
    Now,
    /// By an operation.
    Slow,
    /// Not at all: it goes with what it is below, or never.
    Not,
}

pub(crate) struct Collection {
    home: Home,
    /// Words of the path below the workspace or registry; `*` is the name of a document of the collection above.
    path: &'static str,
    /// What the truth calls its documents.
    pub(crate) told_as: &'static str,
    view: View,
    pub(crate) erase: Erase,
}

const fn of(path: &'static str, told_as: &'static str, view: View, erase: Erase) -> Collection {
    Collection {
        home: Home::Workspace,
        path,
        told_as,
        view,
        erase,
    }
}

/// A collection of a registry: everything is deleted by an operation there, and components and code have no view.
const fn shared(path: &'static str, told_as: &'static str, view: View) -> Collection {
    Collection {
        home: Home::Registry,
        ..of(path, told_as, view, Erase::Slow)
    }
}

/// Resources of a page. Small, so that a world of a few documents has pages.
const PAGE: usize = 2;

/// Jobs of a page, of which there are as many as runs.
const JOBS: usize = 25;

/// Datastores of a page, unless the caller says how many: the one list below a workspace whose default is published.
const DATASTORES: usize = 30;

fn page_size(told_as: &str, ask: &Ask) -> usize {
    match told_as {
        "jobs" => JOBS,
        "arm-datastores" => ask.number("count").unwrap_or(DATASTORES),
        _ => PAGE,
    }
}

/// A collection stands behind the one that it is below.
pub(crate) const COLLECTIONS: [Collection; 38] = [
    of("jobs", "jobs", View::Active, Erase::Slow),
    of("schedules", "schedules", View::Enabled, Erase::Slow),
    of("data", "data-assets", View::Active, Erase::Now),
    of(
        "data/*/versions",
        "data-asset-versions",
        View::Active,
        Erase::Now,
    ),
    of("models", "arm-models", View::Active, Erase::Now),
    of(
        "models/*/versions",
        "arm-model-versions",
        View::Active,
        Erase::Now,
    ),
    of("environments", "arm-environments", View::Active, Erase::Now),
    of(
        "environments/*/versions",
        "arm-environment-versions",
        View::Active,
        Erase::Now,
    ),
    of("components", "components", View::Active, Erase::Now),
    of(
        "components/*/versions",
        "component-versions",
        View::Active,
        Erase::Now,
    ),
    of("codes", "codes", View::Whole, Erase::Now),
    of("codes/*/versions", "code-versions", View::Whole, Erase::Now),
    of("featuresets", "feature-sets", View::Active, Erase::Slow),
    of(
        "featuresets/*/versions",
        "feature-set-versions",
        View::Active,
        Erase::Slow,
    ),
    of(
        "featuresets/*/versions/*/features",
        "features",
        View::Active,
        Erase::Not,
    ),
    of(
        "featurestoreEntities",
        "feature-store-entities",
        View::Active,
        Erase::Slow,
    ),
    of(
        "featurestoreEntities/*/versions",
        "feature-store-entity-versions",
        View::Active,
        Erase::Slow,
    ),
    of(
        "onlineEndpoints",
        "online-endpoints",
        View::Whole,
        Erase::Slow,
    ),
    of(
        "onlineEndpoints/*/deployments",
        "online-deployments",
        View::Whole,
        Erase::Slow,
    ),
    of(
        "batchEndpoints",
        "batch-endpoints",
        View::Whole,
        Erase::Slow,
    ),
    of(
        "batchEndpoints/*/deployments",
        "batch-deployments",
        View::Whole,
        Erase::Slow,
    ),
    of(
        "serverlessEndpoints",
        "serverless-endpoints",
        View::Whole,
        Erase::Slow,
    ),
    of(
        "marketplaceSubscriptions",
        "marketplace-subscriptions",
        View::Whole,
        Erase::Slow,
    ),
    of("connections", "connections", View::Whole, Erase::Now),
    of(
        "capabilityHosts",
        "capability-hosts",
        View::None,
        Erase::Slow,
    ),
    of("datastores", "arm-datastores", View::Whole, Erase::Now),
    of("outboundRules", "outbound-rules", View::Whole, Erase::Slow),
    of(
        "privateEndpointConnections",
        "private-endpoint-connections",
        View::Whole,
        Erase::Now,
    ),
    shared("models", "registry-models", View::Active),
    shared("models/*/versions", "registry-model-versions", View::Active),
    shared("data", "registry-data", View::Active),
    shared("data/*/versions", "registry-data-versions", View::Active),
    shared("environments", "registry-environments", View::Active),
    shared(
        "environments/*/versions",
        "registry-environment-versions",
        View::Active,
    ),
    shared("components", "registry-components", View::Whole),
    shared(
        "components/*/versions",
        "registry-component-versions",
        View::Whole,
    ),
    shared("codes", "registry-codes", View::Whole),
    shared("codes/*/versions", "registry-code-versions", View::Whole),
];

impl Collection {
    /// What it lies below.
    pub(crate) fn home(&self) -> Home {
        self.home
    }

    /// The names in a path that leads to this collection.
    fn names<'a>(&self, path: &[&'a str]) -> Option<Vec<&'a str>> {
        let words: Vec<&str> = self.path.split('/').collect();
        if words.len() != path.len() {
            return None;
        }
        let mut names = Vec::new();
        for (word, given) in words.into_iter().zip(path) {
            match word {
                "*" => names.push(*given),
                _ if word.eq_ignore_ascii_case(given) => {}
                _ => return None,
            }
        }
        Some(names)
    }

    /// The collection of the documents that this one is below.
    fn above(&self) -> Option<Kind> {
        let path = self.path.rsplit_once("/*/")?.0;
        let at = COLLECTIONS
            .iter()
            .position(|other| other.home == self.home && other.path == path)?;
        Some(Kind::Resource(at))
    }
}

/// What a path below a workspace or a registry asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A list, and the id of the document that it is below.
    List(usize, String),
    /// A document, and its id.
    One(usize, String),
}

/// Reads a path below a workspace or a registry. Ids are the names in it, joined by slashes.
pub(crate) fn place(home: Home, path: &[&str]) -> Option<Place> {
    let (name, before) = path.split_last()?;
    let mine = COLLECTIONS.iter().enumerate();
    let mut mine = mine.filter(|(_, collection)| collection.home == home);
    mine.find_map(|(at, collection)| {
        if let Some(names) = collection.names(path) {
            return Some(Place::List(at, names.join("/")));
        }
        let mut names = collection.names(before)?;
        names.push(name);
        Some(Place::One(at, names.join("/")))
    })
}

/// The collection above the collection at this place of the table.
pub(crate) fn above(at: usize) -> Option<Kind> {
    COLLECTIONS.get(at)?.above()
}

/// Answers for a path of a collection; nothing for any other path. Names are compared letter by letter, as the service
/// does with assets and jobs.
pub(super) fn answer(hub: &Hub, ask: &Ask, workspace: &Workspace, path: &[&str]) -> Option<Reply> {
    let place = place(workspace.home, path)?;
    if !ask.is("GET") {
        return Some(no_method(PLANE));
    }
    Some(match place {
        Place::One(at, id) => match workspace.table(Kind::Resource(at)).get(&id) {
            Some(item) => Reply::ok(item.text.clone()),
            None => absent(COLLECTIONS[at].told_as, &id),
        },
        Place::List(at, parent) => {
            let collection = &COLLECTIONS[at];
            if collection.view == View::None {
                return Some(no_method(PLANE));
            }
            if let Some(above) = collection.above()
                && workspace.table(above).get(&parent).is_none()
            {
                return Some(absent(collection.told_as, &parent));
            }
            let rows = workspace
                .table(Kind::Resource(at))
                .of(&parent)
                .filter(|(_, item)| shows(collection.view, ask.query("listviewtype"), item));
            page_of(hub, ask, rows, page_size(collection.told_as, ask), false)
        }
    })
}

fn absent(what: &str, id: &str) -> Reply {
    fault(
        PLANE,
        404,
        "ResourceNotFound",
        &format!("{id} was not found among {what}."),
    )
}

/// Whether a list shows a document. Without a word about it, archived assets and disabled schedules stay hidden.
fn shows(view: View, asked: Option<&str>, item: &Item) -> bool {
    let is = |name: &str| item.doc.pointer(name).and_then(Value::as_bool);
    let (usual, hidden) = match view {
        View::Whole | View::None => return true,
        View::Active => ("ActiveOnly", is("/properties/isArchived") == Some(true)),
        View::Enabled => ("EnabledOnly", is("/properties/isEnabled") == Some(false)),
    };
    let asked = asked.unwrap_or(usual);
    asked.eq_ignore_ascii_case("All") || asked.eq_ignore_ascii_case(usual) != hidden
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_lead_to_lists_and_documents() {
        let one = |told: &str| COLLECTIONS.iter().position(|c| c.told_as == told);
        let at = one("features").expect("a collection");
        assert_eq!(
            place(
                Home::Workspace,
                &["FeatureSets", "f", "versions", "1", "features"]
            ),
            Some(Place::List(at, "f/1".to_owned()))
        );
        assert_eq!(
            place(
                Home::Workspace,
                &["featuresets", "f", "versions", "1", "features", "x"]
            ),
            Some(Place::One(at, "f/1/x".to_owned()))
        );
        assert_eq!(above(at), one("feature-set-versions").map(Kind::Resource));
        assert_eq!(
            place(
                Home::Workspace,
                &["models", "m", "versions", "1", "listKeys"]
            ),
            None
        );
        assert_eq!(place(Home::Workspace, &["nothing"]), None);
        assert_eq!(place(Home::Registry, &["jobs"]), None);
        let at = one("registry-codes").expect("a collection");
        assert_eq!(
            place(Home::Registry, &["codes"]),
            Some(Place::List(at, String::new()))
        );
        assert_eq!(
            above(one("registry-code-versions").expect("a collection")),
            Some(Kind::Resource(at))
        );
    }

    #[test]
    fn what_is_archived_or_disabled_is_hidden_unless_asked_for() {
        let archived = Item::new("a", "", json!({"properties": {"isArchived": true}}));
        let disabled = Item::new("b", "", json!({"properties": {"isEnabled": false}}));
        for (view, item) in [(View::Active, &archived), (View::Enabled, &disabled)] {
            assert!(!shows(view, None, item));
            assert!(shows(view, Some("All"), item));
            assert!(shows(View::Whole, None, item));
        }
        assert!(!shows(View::Active, Some("ActiveOnly"), &archived));
        assert!(shows(View::Active, Some("ArchivedOnly"), &archived));
        assert!(!shows(View::Active, Some("ArchivedOnly"), &disabled));
    }
}
