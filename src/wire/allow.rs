//! The list of addresses that are read. Actions that hand out secrets differ from harmless ones only in spelling, so what
//! is allowed is written down, and everything else, a `nextLink` included, is refused before a byte is sent.

use url::Url;

use super::Verb;
use crate::kinds::removal::Look;
use crate::kinds::roots::{ROOTS, WORKSPACES};
use crate::kinds::{self, Ask, Paging, Root, root_of};

/// Verb and path pattern of everything that the catalogue asks for.
#[derive(Debug)]
pub struct AllowList(Vec<(Verb, Vec<Segment>)>);

#[derive(Debug, PartialEq, Eq)]
enum Segment {
    Word(String),
    Any,
}

/// The path of a root below a base, by the word of its address.
fn own_path(root: &Root) -> String {
    format!(
        "/subscriptions/{{s}}/resourceGroups/{{g}}{}/{{name}}",
        root.collection()
    )
}

/// What is read of every root beside its rows: its lists, and what a deletion may run into, which is found out before it.
const OF_ROOTS: &[&str] = &[
    "/subscriptions/{s}/resourceGroups/{g}{collection}",
    "/subscriptions/{s}{collection}",
    "{own}/providers/Microsoft.Authorization/locks",
    "{own}/providers/Microsoft.Authorization/permissions",
];

/// What is read of a workspace beside the rows: the links to an artifact's bytes.
const MORE: &[(Verb, &str)] = &[
    (
        Verb::Get,
        "/artifact/v2.0{ws}/artifacts/{origin}/{container}/contentinfo",
    ),
    // Which workspaces there are at all: the subscriptions, and the index over all of them, which only answers queries.
    (Verb::Get, "/subscriptions"),
    (Verb::Query, "/providers/Microsoft.ResourceGraph/resources"),
    (
        Verb::Query,
        "/artifact/v2.0{ws}/artifacts/{origin}/{container}/batch/metadata",
    ),
];

/// What is read of Microsoft Graph, below its base.
const GRAPH: &[&str] = &[
    "v1.0/users",
    "v1.0/users/{id}",
    "v1.0/directory/deletedItems/microsoft.graph.user",
    "v1.0/servicePrincipals/{id}",
];

impl AllowList {
    /// Drawn from the catalogue.
    pub fn of_catalogue() -> Self {
        let mut list: Vec<(Verb, Vec<Segment>)> = MORE
            .iter()
            .map(|(verb, path)| {
                (
                    *verb,
                    pattern(&path.replace("{ws}", &own_path(&WORKSPACES))),
                )
            })
            .collect();
        for root in ROOTS {
            let (own, collection) = (own_path(root), root.collection());
            list.extend(OF_ROOTS.iter().map(|path| {
                let path = path
                    .replace("{own}", &own)
                    .replace("{collection}", &collection);
                (Verb::Get, pattern(&path))
            }));
        }
        for kind in kinds::all() {
            let own = own_path(root_of(kind));
            if kind.parent.is_none() {
                list.push((Verb::Get, pattern(&own)));
                continue;
            }
            for route in kind.list.iter().chain(kind.item) {
                // The links of a list that is asked by POST are followed by GET.
                let verbs: &[Verb] = match (route.ask, route.paging) {
                    (Ask::Get(_), _) => &[Verb::Get],
                    (Ask::Query(..), Paging::NextLink) => &[Verb::Query, Verb::Get],
                    (Ask::Query(..), _) => &[Verb::Query],
                };
                let path = route.ask.path().split('?').next().unwrap_or_default();
                let path = format!("{}{own}{path}", route.base.spec().prefix);
                list.extend(verbs.iter().map(|verb| (*verb, pattern(&path))));
            }
            for remove in kind.remove {
                let verb = match remove.look {
                    Look::One(..) | Look::In(_, Ask::Get(_), _) => Verb::Get,
                    Look::In(_, Ask::Query(..), _) => Verb::Query,
                };
                let (base, path) = remove.look.at();
                let path = path.split('?').next().unwrap_or_default();
                list.push((verb, pattern(&format!("{}{own}{path}", base.spec().prefix))));
            }
        }
        Self(list)
    }

    /// The few addresses of Microsoft Graph, where the cloud has one.
    pub fn of_graph(base: Option<&Url>) -> Self {
        let all = base.into_iter().flat_map(|base| {
            GRAPH
                .iter()
                .map(|path| (Verb::Get, pattern(&format!("{}{path}", base.path()))))
        });
        Self(all.collect())
    }

    /// Whether this address is one that is read.
    pub fn reads(&self, verb: Verb, url: &Url) -> bool {
        let Some(segments) = url.path_segments().map(Iterator::collect::<Vec<_>>) else {
            return false;
        };
        self.0.iter().any(|(allowed, pattern)| {
            *allowed == verb
                && pattern.len() == segments.len()
                && pattern
                    .iter()
                    .zip(&segments)
                    .all(|(wanted, segment)| match wanted {
                        Segment::Word(word) => segment.eq_ignore_ascii_case(word),
                        Segment::Any => !segment.is_empty(),
                    })
        })
    }
}

fn pattern(path: &str) -> Vec<Segment> {
    path.trim_start_matches('/')
        .split('/')
        .map(|segment| {
            if segment.starts_with('{') {
                Segment::Any
            } else {
                Segment::Word(segment.to_owned())
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WS: &str = "/subscriptions/s/resourcegroups/g/providers/microsoft.machinelearningservices/workspaces/w";
    const REGISTRY: &str = "/subscriptions/s/resourcegroups/g/providers/microsoft.machinelearningservices/Registries/r";

    #[test]
    fn what_the_rows_ask_for_is_read_and_nothing_else() {
        let list = AllowList::of_catalogue();
        let reads = |verb, path: &str| {
            list.reads(verb, &Url::parse(&format!("https://h{path}")).expect("url"))
        };
        for (verb, path) in [
            (Verb::Get, format!("{WS}?api-version=x")),
            (Verb::Get, format!("{WS}/computes/c")),
            (Verb::Get, format!("{WS}/jobs?listViewType=All")),
            (Verb::Get, format!("{WS}/featureSets/f/versions/1/features")),
            (
                Verb::Get,
                format!("{WS}/providers/microsoft.authorization/locks"),
            ),
            (Verb::Get, format!("{REGISTRY}?api-version=x")),
            (
                Verb::Get,
                format!("{REGISTRY}/models/m/versions?listViewType=All"),
            ),
            (Verb::Get, format!("{REGISTRY}/codes/c")),
            (
                Verb::Get,
                "/subscriptions/s/resourceGroups/g/providers/microsoft.machinelearningservices/registries".to_owned(),
            ),
            (
                Verb::Get,
                "/subscriptions/s/providers/microsoft.machinelearningservices/registries".to_owned(),
            ),
            (
                Verb::Get,
                format!("{REGISTRY}/providers/microsoft.authorization/locks"),
            ),
            (
                Verb::Get,
                format!("{WS}/providers/Microsoft.Authorization/roleAssignments?$filter=atScope()"),
            ),
            (Verb::Query, format!("{WS}/computes/c/listNodes")),
            (Verb::Get, format!("{WS}/computes/c/listNodes?$skipToken=x")),
            (Verb::Get, format!("/history/v1.0{WS}/runs/r1")),
            (
                Verb::Get,
                format!("/datastore/v1.0{WS}/datastores?includeSecret=false"),
            ),
            (
                Verb::Query,
                format!("/history/v1.0{WS}/experiments:query?viewType=All"),
            ),
            (
                Verb::Query,
                format!("/history/v1.0{WS}/experiments/a%2Fb/runs:query"),
            ),
            (
                Verb::Query,
                format!("/artifact/v2.0{WS}/artifacts/ExperimentRun/dcid.r/batch/metadata"),
            ),
            (
                Verb::Get,
                format!("/modelmanagement/v1.0{WS}/models/name%3A1"),
            ),
            (Verb::Get, format!("/content/v1.0{WS}/snapshots/s/metadata")),
            (Verb::Get, "/subscriptions?api-version=x".to_owned()),
            (
                Verb::Query,
                "/providers/Microsoft.ResourceGraph/resources?api-version=x".to_owned(),
            ),
        ] {
            assert!(reads(verb, &path), "{path}");
        }
        for (verb, path) in [
            (Verb::Query, format!("{WS}/listKeys")),
            (Verb::Get, format!("{WS}/listKeys")),
            (Verb::Query, format!("{WS}/computes/c/listKeys")),
            (Verb::Query, format!("{WS}/connections/c/listsecrets")),
            (Verb::Query, format!("{WS}/datastores/d/listSecrets")),
            (Verb::Query, format!("{WS}/onlineEndpoints/e/token")),
            (Verb::Query, format!("{WS}/batchEndpoints/e/listkeys")),
            (
                Verb::Query,
                format!("{WS}/codes/c/versions/1/startPendingUpload"),
            ),
            (Verb::Query, format!("{WS}/jobs/j/cancel")),
            (
                Verb::Get,
                format!("{WS}/providers/Microsoft.Authorization/locks/one"),
            ),
            (
                Verb::Get,
                format!("{WS}/providers/Microsoft.Authorization/elevateAccess"),
            ),
            (
                Verb::Query,
                format!("{WS}/providers/Microsoft.Authorization/roleAssignments"),
            ),
            (
                Verb::Get,
                format!("{WS}/providers/Microsoft.Authorization/roleAssignments/one"),
            ),
            (Verb::Query, format!("{WS}/listStorageAccountKeys")),
            (Verb::Query, format!("{WS}/listNotebookKeys")),
            (Verb::Query, format!("{WS}/listNotebookAccessToken")),
            (Verb::Query, format!("{WS}/resyncKeys")),
            (Verb::Query, format!("{WS}/prepareNotebook")),
            (Verb::Query, format!("{WS}/diagnose")),
            (Verb::Query, format!("{WS}/onlineEndpoints/e/listKeys")),
            (
                Verb::Query,
                format!("{WS}/onlineEndpoints/e/regenerateKeys"),
            ),
            (
                Verb::Query,
                format!("{WS}/onlineEndpoints/e/deployments/d/getLogs"),
            ),
            (Verb::Query, format!("{WS}/serverlessEndpoints/e/listKeys")),
            (
                Verb::Query,
                format!("{WS}/serverlessEndpoints/e/regenerateKeys"),
            ),
            (Verb::Query, format!("{WS}/computes/c/start")),
            (Verb::Query, format!("{WS}/computes/c/restart")),
            (Verb::Get, format!("{WS}/datastores/d/listSecrets")),
            (Verb::Query, format!("{WS}/connections")),
            (
                Verb::Query,
                format!("/modelmanagement/v1.0{WS}/services/s/listkeys"),
            ),
            (Verb::Get, format!("/datastore/v1.0{WS}/datastores/one")),
            (Verb::Get, format!("/content/v1.0{WS}/snapshots/s")),
            (Verb::Get, format!("/content/v1.0{WS}/snapshots/s/sas")),
            (Verb::Query, format!("/content/v2.0{WS}/snapshots/s/zip")),
            (Verb::Query, format!("/content/v2.0{WS}/snapshots/sas")),
            (Verb::Get, format!("/credential/v2.0{WS}/secrets/one")),
            (
                Verb::Query,
                format!("/history/v1.0{WS}/experiments/e/runs/r/cancel"),
            ),
            (
                Verb::Get,
                format!("/artifact/v2.0{WS}/artifacts/ExperimentRun/c/write"),
            ),
            (Verb::Get, format!("{REGISTRY}/computes")),
            (Verb::Get, format!("{REGISTRY}/jobs")),
            (Verb::Get, format!("{REGISTRY}/datastores")),
            (Verb::Query, format!("{REGISTRY}/removeRegions")),
            (
                Verb::Query,
                format!("{REGISTRY}/models/m/versions/1/startPendingUpload"),
            ),
            (
                Verb::Query,
                format!("{REGISTRY}/datareferences/d/versions/1"),
            ),
            (Verb::Get, format!("/history/v1.0{REGISTRY}/runs/r1")),
            (
                Verb::Get,
                format!("/artifact/v2.0{REGISTRY}/artifacts/o/c/contentinfo"),
            ),
            (Verb::Get, format!("{WS}/computes/")),
            (Verb::Query, WS.to_string()),
            (
                Verb::Get,
                "/providers/Microsoft.ResourceGraph/resources".to_owned(),
            ),
            (
                Verb::Query,
                "/providers/Microsoft.ResourceGraph/resourcesHistory".to_owned(),
            ),
            (
                Verb::Query,
                "/subscriptions/s/providers/Microsoft.ResourceGraph/resources".to_owned(),
            ),
            (Verb::Query, "/subscriptions".to_owned()),
            (Verb::Get, "/subscriptions/s".to_owned()),
            (Verb::Get, "/subscriptions/".to_owned()),
            (Verb::Get, "/tenants".to_owned()),
            (Verb::Get, "/".to_owned()),
        ] {
            assert!(!reads(verb, &path), "{path}");
        }
    }

    #[test]
    fn of_the_directory_people_are_read_and_nothing_else() {
        for (base, prefix) in [
            ("https://graph.microsoft.com/", ""),
            ("http://127.0.0.1:9/graph/", "/graph"),
        ] {
            let base = Url::parse(base).expect("url");
            let list = AllowList::of_graph(Some(&base));
            let reads = |verb, path: &str| {
                list.reads(verb, &base.join(&format!("{prefix}{path}")).expect("url"))
            };
            for path in [
                "/v1.0/users?$filter=x",
                "/v1.0/users/ada%40contoso.com",
                "/v1.0/directory/deletedItems/microsoft.graph.user?$filter=x",
                "/v1.0/servicePrincipals/5c1d0a2e-0000-4000-8000-000000000001",
            ] {
                assert!(reads(Verb::Get, path), "{path}");
                assert!(!reads(Verb::Query, path), "POST {path}");
            }
            for path in [
                "/v1.0/users/",
                "/v1.0/users/ada/messages",
                "/v1.0/users/ada/authentication/methods",
                "/v1.0/directory/deletedItems/microsoft.graph.group",
                "/v1.0/directory/deletedItems/x/restore",
                "/v1.0/servicePrincipals",
                "/v1.0/applications/x",
                "/v1.0/groups",
                "/beta/users",
                "/v1.0/me",
                "/",
            ] {
                assert!(!reads(Verb::Get, path), "{path}");
            }
            let arm = format!("{prefix}{WS}");
            assert!(!list.reads(Verb::Get, &base.join(&arm).expect("url")));
        }
        assert!(AllowList::of_graph(None).0.is_empty());
    }
}
