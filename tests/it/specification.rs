//! The published specifications, as facts: what they list we list or say why not, where they keep items and links we look
//! for them, what they mark as secret we redact, and what we ask for is theirs. The facts are drawn by
//! `tests/witness/specifications/draw.py`.

use std::collections::BTreeSet;

use aml_dsr::kinds::{self, Ask, Kind, Paging, Route, root_of};
use serde::Deserialize;

use crate::context::Room;
use crate::emulated::{EmulatorProcess, LEGACY, MAIN, REGISTRY, SMALL};

#[derive(Deserialize)]
struct Facts {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    name: String,
    secrets: Vec<String>,
    operations: Vec<Operation>,
}

#[derive(Deserialize)]
struct Operation {
    verb: String,
    path: String,
    #[serde(default)]
    query: Vec<String>,
    list: Option<Listing>,
}

#[derive(Deserialize)]
struct Listing {
    items: String,
    #[serde(default, rename = "nextLink")]
    next_link: bool,
    #[serde(default, rename = "continuationToken")]
    token: bool,
}

fn facts() -> Facts {
    serde_json::from_str(include_str!("spec-facts.json")).expect("the facts")
}

/// What stands before the name of a workspace or a registry, and what a single one is called here.
const ROOTS: [(&str, &str); 2] = [("/workspaces/", "workspace"), ("/registries/", "registry")];

/// Verb, and the path with every parameter blank and without the scope: `GET /history/v1.0<workspace>/experiments/{}`.
fn key(verb: &str, path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let (before, tail) = match path.split_once("/subscriptions/") {
        Some((before, scoped)) => match ROOTS
            .iter()
            .find_map(|(word, one)| Some((one, scoped.split_once(word)?.1)))
        {
            Some((one, inner)) => {
                let tail = inner.find('/').map_or("", |at| &inner[at..]);
                (format!("{before}<{one}>"), tail)
            }
            None => match scoped.split_once("/Microsoft.MachineLearningServices") {
                Some((_, tail)) => (format!("{before}<scope>"), tail),
                None => (before.to_owned(), scoped),
            },
        },
        None => (String::new(), path),
    };
    let blank: Vec<&str> = tail
        .split('/')
        .map(|part| if part.starts_with('{') { "{}" } else { part })
        .collect();
    format!("{verb} {before}{}", blank.join("/"))
}

/// The same for a request of the catalogue.
fn asked(kind: &Kind, route: &Route) -> String {
    let verb = match route.ask {
        Ask::Get(_) => "GET",
        Ask::Query(..) => "POST",
    };
    let path = route.ask.path();
    // The root's own list is of a scope and not of a workspace.
    if !path.is_empty() && !path.starts_with('/') {
        return format!("{verb} <scope>/{path}");
    }
    let prefix = route.base.spec().prefix;
    let tail = path.split('?').next().unwrap_or_default();
    key(
        verb,
        &format!("{prefix}/subscriptions/s/{}/w{tail}", root_of(kind).kind),
    )
}

/// Lists of the specifications that the catalogue has no row for, by the reason.
const NOT_WALKED: &[(&str, &[&str])] = &[
    (
        "the same artifacts again, by another way to the same container",
        &[
            "GET /artifact/v2.0<workspace>/artifacts/{}/{}/prefix/contentinfo",
            "GET /artifact/v2.0<workspace>/artifacts/{}/{}/prefix/contentinfo/storageuri",
            "GET /history/v1.0<workspace>/experimentids/{}/runs/{}/artifacts",
            "GET /history/v1.0<workspace>/experimentids/{}/runs/{}/artifacts/path",
            "GET /history/v1.0<workspace>/experimentids/{}/runs/{}/artifacts/prefix/contentinfo",
            "GET /history/v1.0<workspace>/experiments/{}/runs/{}/artifacts",
            "GET /history/v1.0<workspace>/experiments/{}/runs/{}/artifacts/path",
            "GET /history/v1.0<workspace>/experiments/{}/runs/{}/artifacts/prefix/contentinfo",
        ],
    ),
    (
        "the same runs again: the list of an experiment has children and hidden runs too",
        &[
            "GET /history/v1.0<workspace>/computes/{}/runs",
            "GET /history/v1.0<workspace>/experimentids/{}/runs/{}/children",
            "GET /history/v1.0<workspace>/experiments/{}/runs/{}/children",
            "GET /history/v1.0<workspace>/runs/{}/children",
            "POST /history/v1.0<workspace>/experimentids/{}/runs:query",
        ],
    ),
    (
        "the service's own trace of a run, at a private address, kept for days",
        &[
            "GET /history/v1.0/private<workspace>/runs/{}/spans",
            "GET /history/v1.0/private<workspace>/runs/{}/spans/active",
        ],
    ),
    (
        "what the service offers, and nothing that a customer or a person left there",
        &[
            "GET /providers/Microsoft.MachineLearningServices/operations",
            "GET <scope>/locations/{}/quotas",
            "GET <scope>/locations/{}/usages",
            "GET <scope>/locations/{}/vmSizes",
            "POST <scope>/locations/{}/updateQuotas",
            "GET <workspace>/features",
            "GET <workspace>/onlineEndpoints/{}/deployments/{}/skus",
            "GET <workspace>/outboundNetworkDependenciesEndpoints",
            "GET <workspace>/privateLinkResources",
        ],
    ),
    (
        "hands out a link that can write",
        &["POST /artifact/v2.0<workspace>/artifacts/{}/{}/batch/ingest/containersas"],
    ),
    (
        "metrics of the platform, which belong to Azure Monitor",
        &["POST /metric/v2.0<workspace>/azuremonitor/list"],
    ),
];

#[test]
fn every_list_of_the_specifications_has_a_row_or_a_reason() {
    let rows: BTreeSet<String> = kinds::all()
        .flat_map(|kind| kind.list.iter().map(|route| asked(kind, route)))
        .collect();
    let facts = facts();
    let lists: BTreeSet<String> = facts
        .files
        .iter()
        .flat_map(|file| &file.operations)
        .filter(|operation| operation.list.is_some())
        .map(|operation| key(&operation.verb, &operation.path))
        .collect();
    let reasons: BTreeSet<&str> = NOT_WALKED
        .iter()
        .flat_map(|(_, lists)| lists.iter().copied())
        .collect();
    let silent: Vec<&String> = lists
        .iter()
        .filter(|list| !rows.contains(*list) && !reasons.contains(list.as_str()))
        .collect();
    assert!(silent.is_empty(), "no row and no reason: {silent:#?}");
    let stale: Vec<&&str> = reasons
        .iter()
        .filter(|list| rows.contains(**list) || !lists.contains(**list))
        .collect();
    assert!(stale.is_empty(), "has a row, or is no list: {stale:#?}");
    let walked = lists.iter().filter(|list| rows.contains(*list)).count();
    assert!(walked >= 10, "only {walked} lists are walked");
}

#[test]
fn items_and_links_are_where_the_specifications_have_them() {
    let facts = facts();
    let mut compared = 0;
    for file in &facts.files {
        for operation in &file.operations {
            let Some(list) = &operation.list else {
                continue;
            };
            let here = key(&operation.verb, &operation.path);
            let routes =
                kinds::all().flat_map(|kind| kind.list.iter().map(move |route| (kind, route)));
            for (_, route) in routes.filter(|(kind, route)| asked(kind, route) == here) {
                assert_eq!(route.items, list.items, "{}: {here}", file.name);
                let fits = match route.paging {
                    Paging::NextLink => list.next_link || !list.token,
                    Paging::BodyToken | Paging::QueryToken(_) => list.token,
                    Paging::One | Paging::Batch | Paging::Tolerant => false,
                };
                assert!(fits, "{}: {here} pages as {:?}", file.name, route.paging);
                compared += 1;
            }
        }
    }
    assert!(compared >= 12, "only {compared} lists were compared");
}

/// Secrets that stand in no document that is asked for, by the reason.
const NEVER_HELD: &[(&str, &[&str])] = &[
    (
        "the answer of a call that hands keys out, which is never made",
        &[
            "ListNotebookKeysResult.",
            "ListStorageAccountKeysResult.",
            "ListWorkspaceKeysResult.",
            "NotebookAccessTokenResult.",
        ],
    ),
    (
        "the answer of a call that makes a place to write to, which is never made",
        &["SASCredentialDto."],
    ),
    (
        "goes in when an endpoint is made, and never comes out",
        &["EndpointPropertiesBase."],
    ),
];

/// Definitions whose secrets lie inside something that goes as a whole.
const INSIDE: &[(&str, &str)] = &[("WorkspaceConnection", "credentials")];

#[test]
fn every_secret_of_the_specifications_has_a_rule() {
    let ruled: BTreeSet<&str> = kinds::all()
        .flat_map(|kind| kind.secret)
        .filter_map(|secret| secret.path.trim_end_matches("/*").rsplit('/').next())
        .collect();
    let facts = facts();
    let marked = facts.files.iter().flat_map(|file| &file.secrets);
    let open: Vec<&String> = marked
        .filter(|name| {
            let field = name.rsplit('.').next().unwrap_or_default();
            let never = NEVER_HELD.iter().flat_map(|(_, names)| names.iter());
            let whole = INSIDE
                .iter()
                .any(|(begins, rule)| name.starts_with(begins) && ruled.contains(rule));
            !ruled.contains(field)
                && !whole
                && !never.clone().any(|begins| name.starts_with(begins))
        })
        .collect();
    assert!(open.is_empty(), "no row redacts {open:?}");
}

/// A request of the emulator's diary: verb, path, names in the query.
fn asked_of(emulator: &EmulatorProcess) -> BTreeSet<(String, String, Vec<String>)> {
    let diary = emulator.ask_json("requests");
    let log = diary["log"].as_array().expect("a log");
    log.iter()
        .map(|line| {
            let target = line["path"].as_str().expect("a path");
            let url = url::Url::parse(&format!("http://localhost{target}")).expect("an address");
            let names = url.query_pairs().map(|(name, _)| name.to_lowercase());
            let verb = line["method"].as_str().expect("a verb").to_owned();
            (verb, url.path().to_owned(), names.collect())
        })
        .collect()
}

/// Whether a path is one of a template's.
fn fits(template: &str, path: &str) -> bool {
    let (ours, theirs): (Vec<&str>, Vec<&str>) =
        (path.split('/').collect(), template.split('/').collect());
    ours.len() == theirs.len()
        && theirs
            .iter()
            .zip(&ours)
            .all(|(part, word)| part.starts_with('{') || part.eq_ignore_ascii_case(word))
}

#[derive(Deserialize)]
struct Silent {
    begins: String,
}

/// What a query may hold beside what the specification names: how a service's own link goes on, the key that the
/// emulator plants in such links, the view that Microsoft's client puts into the query as well, and what a later version
/// of ARM knows, which is the one that is asked.
const ALSO: [&str; 4] = ["$skiptoken", "code", "viewtype", "includeall"];

#[test]
fn every_request_of_an_export_is_an_operation_of_a_specification_or_of_none() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    for workspace in [MAIN, LEGACY, SMALL] {
        let _ = emulator
            .run(&room, workspace, workspace, &["--quiet"])
            .ends(0);
    }
    let mut registry = vec!["export".to_owned(), "-o".to_owned(), "registry".to_owned()];
    registry.extend(emulator.registry(REGISTRY));
    let _ = room.run(&registry).ends(0);
    let facts = facts();
    let silent: Vec<Silent> =
        serde_json::from_str(include_str!("../witness/specifications/silent.json"))
            .expect("the list of addresses that no specification has");
    let (mut known, mut unknown) = (0, Vec::new());
    for (verb, path, query) in asked_of(&emulator) {
        if path.starts_with("/_emulator") || query.iter().any(|name| name == "sig") {
            continue;
        }
        let operations = facts.files.iter().flat_map(|file| &file.operations);
        let mut mine = operations
            .filter(|one| one.verb == verb && fits(&one.path, &path))
            .peekable();
        if mine.peek().is_some() {
            let legal = mine.any(|one| {
                query.iter().all(|name| {
                    ALSO.contains(&name.as_str())
                        || one.query.iter().any(|has| has.eq_ignore_ascii_case(name))
                })
            });
            assert!(legal, "{verb} {path} has a query of its own: {query:?}");
            known += 1;
        } else if !silent
            .iter()
            .any(|entry| key(&verb, &path).starts_with(&entry.begins))
        {
            unknown.push(format!("{verb} {path}"));
        }
    }
    assert!(unknown.is_empty(), "of no specification: {unknown:#?}");
    assert!(known > 500, "only {known} requests were compared");
}
