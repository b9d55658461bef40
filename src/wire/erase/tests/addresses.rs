//! Which addresses are erased: all that the rows make, and nothing beside them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::stage::Stage;
use crate::kinds::removal::{Act, First, Remove, address, filled, is_segment};
use crate::kinds::roots::{REGISTRIES, ROOTS, WORKSPACES};
use crate::kinds::{Base, all, find, root_of};
use crate::wire::erase::pattern::root_at;
use crate::wire::erase::{Deed, Patterns, Unsafe};
use crate::wire::{Change, Verb};

const WS: &str =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w";

/// Names that real things have: with colons, slashes, spaces, and letters of other scripts.
const NAMES: [&str; 7] = [
    "plain-1",
    "name:3",
    "a/b c",
    "100%",
    "Zo\u{eb}",
    "..hidden",
    "a?b#c&d=e",
];

/// Values that would lead to a collection, or above one.
const HOSTILE: [&str; 14] = [
    "",
    "/",
    "//",
    ".",
    "..",
    "../",
    "a/..",
    "a//b",
    "/a",
    "%2F",
    "%2f%2e%2e",
    "%252e%252e",
    "a\\..",
    " ",
];

fn doc(name: &str) -> Value {
    json!({"name": name, "origin": name, "container": name, "path": format!("logs/{name}.txt")})
}

/// Every call of a row for an item of this name: verb, base, and what stands behind the workspace's path.
fn calls(remove: &Remove, name: &str) -> Option<Vec<(Change, Base, String)>> {
    let fill = |template: &str| filled(template, name, Some(name), &doc(name));
    let with = |rest: String, more: &str| {
        let mark = if rest.contains('?') { '&' } else { '?' };
        format!("{rest}{mark}{more}")
    };
    let own = fill(remove.path)?;
    let mut all: Vec<(Change, Base, String)> = match remove.act {
        Act::Delete | Act::DeleteEntity => vec![(Change::Delete, remove.base, own.clone())],
        Act::DeleteCompute => ["Delete", "Detach"]
            .map(|how| with(own.clone(), &format!("underlyingResourceAction={how}")))
            .map(|rest| (Change::Delete, remove.base, rest))
            .into(),
        Act::Purge => vec![
            (
                Change::Delete,
                remove.base,
                with(own.clone(), "forceToPurge=true"),
            ),
            (Change::Delete, remove.base, own.clone()),
        ],
        Act::PutDisabled | Act::PutStatus => vec![(Change::Put, remove.base, own.clone())],
    };
    for first in remove.first {
        all.push(match first {
            First::Cancel { path, .. } => (Change::Post, remove.base, fill(path)?),
            First::SwitchOff => (Change::Put, remove.base, own.clone()),
            First::Unroute { path } => (Change::Put, remove.base, fill(path)?),
            First::Also(path, base) => (Change::Delete, *base, fill(path)?),
        });
    }
    Some(
        all.into_iter()
            .map(|(change, base, rest)| {
                let whole = address(base, WS, &rest);
                let rest = whole[base.spec().prefix.len() + WS.len()..].to_owned();
                (change, base, rest)
            })
            .collect(),
    )
}

fn removes() -> impl Iterator<Item = (&'static str, &'static Remove)> {
    all().flat_map(|kind| kind.remove.iter().map(|remove| (kind.name, remove)))
}

/// Whether an address is erased below a root of any sort.
fn anywhere(patterns: &Patterns, change: Change, base: Base, rest: &str) -> bool {
    ROOTS
        .iter()
        .any(|root| patterns.erases(root, change, base, rest))
}

#[test]
fn every_call_of_every_row_is_known() {
    let patterns = Patterns::of_catalogue();
    let mut known = 0;
    for (kind, remove) in removes() {
        for name in NAMES {
            for (change, base, rest) in
                calls(remove, name).unwrap_or_else(|| panic!("{kind} {name}"))
            {
                assert!(
                    patterns.erases(root_of(find(kind).expect("a row")), change, base, &rest),
                    "{kind}: {change:?} {rest}"
                );
                known += 1;
            }
        }
    }
    assert!(known > 300, "{known}");
}

#[test]
fn a_value_that_names_nothing_makes_no_address() {
    let patterns = Patterns::of_catalogue();
    for (kind, remove) in removes().filter(|(_, remove)| remove.path.contains('{')) {
        for value in HOSTILE {
            assert!(!is_segment(value), "{value:?}");
            assert_eq!(calls(remove, value), None, "{kind} {value:?}");
            // Whoever writes the address himself gets no further.
            for spelled in [value.to_owned(), crate::kinds::item::escape(value)] {
                let (path, query) = remove.path.split_once('?').unwrap_or((remove.path, ""));
                let path: String = path
                    .split('/')
                    .map(|part| {
                        if part.starts_with('{') {
                            spelled.as_str()
                        } else {
                            part
                        }
                    })
                    .collect::<Vec<_>>()
                    .join("/");
                let rest = address(remove.base, "", &format!("{path}?{query}"));
                let rest = &rest[remove.base.spec().prefix.len()..];
                for change in [Change::Delete, Change::Put, Change::Post] {
                    assert!(
                        !anywhere(&patterns, change, remove.base, rest),
                        "{kind} {rest}"
                    );
                }
            }
        }
    }
}

/// Everything that holds items of a kind: lists, and what stands before a name in a call.
fn collections() -> BTreeSet<(Base, String)> {
    let named = |path: &str| {
        path.split('?')
            .next()
            .unwrap_or_default()
            .split('/')
            .map(|part| if part.starts_with('{') { "x" } else { part })
            .collect::<Vec<_>>()
            .join("/")
    };
    let mut all_of_them = BTreeSet::new();
    for kind in all().filter(|kind| kind.parent.is_some()) {
        for route in kind.list {
            all_of_them.insert((route.base, named(route.ask.path())));
        }
    }
    for (_, remove) in removes() {
        for (at, _) in remove.path.match_indices("/{") {
            all_of_them.insert((remove.base, named(&remove.path[..at])));
        }
    }
    all_of_them
}

#[test]
fn no_collection_is_erased() {
    let patterns = Patterns::of_catalogue();
    let all = collections();
    assert!(all.len() > 60, "{}", all.len());
    for (base, path) in all {
        for path in [
            path.clone(),
            format!("{path}/"),
            path.trim_end_matches('/').to_owned(),
        ] {
            for query in [
                "",
                "hardDelete=true",
                "forceToPurge=true",
                "underlyingResourceAction=Delete",
            ] {
                let rest = address(base, "", &format!("{path}?{query}"));
                let rest = &rest[base.spec().prefix.len()..];
                for change in [Change::Delete, Change::Put, Change::Post] {
                    assert!(
                        !anywhere(&patterns, change, base, rest),
                        "{base:?} {change:?} {rest}"
                    );
                }
            }
        }
    }
}

#[test]
fn what_the_rows_do_not_say_is_refused() {
    let patterns = Patterns::of_catalogue();
    let version = "api-version=2026-05-01";
    let meta = "/artifacts/ExperimentRun/dcid.r/metadata";
    for (change, base, rest) in [
        (Change::Delete, Base::Datastore, "/datastores".to_owned()),
        (
            Change::Delete,
            Base::Datastore,
            "/datastores/one?x=1".to_owned(),
        ),
        (
            Change::Delete,
            Base::Datastore,
            "/datastores/one?".to_owned() + "&",
        ),
        (Change::Put, Base::Datastore, "/datastores/one".to_owned()),
        (Change::Delete, Base::Dataset, "/datasets".to_owned()),
        (
            Change::Delete,
            Base::Artifact1,
            "/workspaces/00000000-0000-0000-0000-000000000000".to_owned(),
        ),
        (
            Change::Delete,
            Base::Artifact2,
            "/artifacts/ExperimentRun/dcid.r".to_owned(),
        ),
        (
            Change::Delete,
            Base::Artifact2,
            "/artifacts/ExperimentRun/dcid.r/batch?hardDelete=true".to_owned(),
        ),
        (Change::Delete, Base::Artifact2, format!("{meta}?path=")),
        (
            Change::Delete,
            Base::Artifact2,
            format!("{meta}?path=&hardDelete=true"),
        ),
        (
            Change::Delete,
            Base::Artifact2,
            format!("{meta}?path=%2F&hardDelete=true"),
        ),
        (Change::Delete, Base::Artifact2, format!("{meta}?path=a")),
        (
            Change::Delete,
            Base::Artifact2,
            format!("{meta}?path=a&hardDelete=false"),
        ),
        (
            Change::Delete,
            Base::Artifact2,
            format!("{meta}?hardDelete=true&path=a"),
        ),
        (
            Change::Delete,
            Base::Artifact2,
            format!("{meta}?path=a&hardDelete=true&path=b"),
        ),
        (Change::Delete, Base::Arm, format!("/computes/c?{version}")),
        (
            Change::Delete,
            Base::Arm,
            format!("/computes/c?{version}&underlyingResourceAction=Destroy"),
        ),
        (
            Change::Delete,
            Base::Arm,
            "/jobs/j?api-version=2019-11-01".to_owned(),
        ),
        (Change::Delete, Base::Arm, "/jobs/j".to_owned()),
        (
            Change::Delete,
            Base::Arm,
            format!("?{version}&forceToPurge=false"),
        ),
        (Change::Put, Base::Arm, format!("?{version}")),
        (Change::Put, Base::Arm, format!("/jobs/j?{version}")),
        (Change::Post, Base::Arm, format!("/jobs/j?{version}")),
        (
            Change::Post,
            Base::Arm,
            format!("/computes/c/stop?{version}"),
        ),
        (Change::Post, Base::Arm, format!("/listKeys?{version}")),
        (
            Change::Delete,
            Base::Pipelines2,
            "/PipelineRuns/r/Execution".to_owned(),
        ),
        (Change::Delete, Base::Pipelines2, "/Pipelines/p".to_owned()),
        (
            Change::Delete,
            Base::History,
            "/experiments/churn".to_owned(),
        ),
        (
            Change::Delete,
            Base::History,
            "/experiments/churn/runs/r/tags".to_owned(),
        ),
        (Change::Delete, Base::Models2, "/models/a%3a1".to_owned()),
        (Change::Delete, Base::Models2, "/models/a b".to_owned()),
        (Change::Delete, Base::Models2, "/models/%FF".to_owned()),
        (Change::Delete, Base::Models2, "/models/a/".to_owned()),
        (Change::Delete, Base::Models2, "models/a".to_owned()),
        (Change::Delete, Base::Models2, "/Models/a".to_owned()),
    ] {
        assert!(
            !anywhere(&patterns, change, base, &rest),
            "{change:?} {base:?} {rest}"
        );
    }
}

#[test]
fn what_is_erased_in_a_workspace_is_not_what_is_erased_in_a_registry() {
    let patterns = Patterns::of_catalogue();
    let version = "api-version=2026-05-01";
    let model = format!("/models/m/versions/1?{version}");
    for root in ROOTS {
        assert!(patterns.erases(root, Change::Delete, Base::Arm, &model));
        assert!(patterns.erases(root, Change::Delete, Base::Arm, &format!("?{version}")));
    }
    for rest in [
        format!("?{version}&forceToPurge=true"),
        format!("/jobs/j?{version}"),
        format!("/datastores/d?{version}"),
        format!("/computes/c?{version}&underlyingResourceAction=Delete"),
    ] {
        assert!(
            patterns.erases(&WORKSPACES, Change::Delete, Base::Arm, &rest),
            "{rest}"
        );
        assert!(
            !patterns.erases(&REGISTRIES, Change::Delete, Base::Arm, &rest),
            "{rest}"
        );
    }
    let models = "/models/m%3A1";
    assert!(patterns.erases(&WORKSPACES, Change::Delete, Base::Models2, models));
    assert!(!patterns.erases(&REGISTRIES, Change::Delete, Base::Models2, models));
    let of = |path: &str| root_at(path).map(|root| root.one);
    assert_eq!(of(WS), Some("workspace"));
    assert_eq!(
        of(&WS.replace("workspaces", "Registries")),
        Some("registry")
    );
    for bad in [
        WS.replace("workspaces", "storageAccounts"),
        WS.replace("workspaces/w", "registries"),
        WS.replace("workspaces/w", "registries/r/models/m"),
        WS.replace("workspaces/w", "registries/.."),
        WS.replace("workspaces/w", "registries/r?x"),
    ] {
        assert_eq!(of(&bad), None, "{bad}");
    }
}

#[test]
fn every_look_is_on_the_list_of_what_is_read_and_hands_out_no_secret() {
    let list = crate::wire::allow::AllowList::of_catalogue();
    for (kind, remove) in removes() {
        let (base, template) = remove.look.at();
        let rest = filled(template, "one", Some("two"), &doc("three")).expect("filled");
        let root = root_of(find(kind).expect("a row"));
        let address = address(base, &root.path("s", "g", "w"), &rest);
        let url = url::Url::parse(&format!("https://h.example{address}")).expect("an address");
        let verb = match remove.look {
            crate::kinds::removal::Look::In(_, crate::kinds::Ask::Query(..), _) => Verb::Query,
            _ => Verb::Get,
        };
        assert!(list.reads(verb, &url), "{kind}: {address}");
        let lower = address.to_lowercase();
        for word in [
            "listkeys",
            "secrets",
            "/token",
            "/sas",
            "/write",
            "contentinfo",
            "includesecret=true",
        ] {
            assert!(!lower.contains(word), "{kind}: {address}");
        }
        if base == Base::Datastore {
            assert!(
                rest.starts_with("/datastores?") && rest.contains("includeSecret=false"),
                "{kind}: {rest}"
            );
        }
    }
}

#[tokio::test]
async fn an_eraser_is_made_of_all_calls_or_of_none() {
    let stage = Stage::new().await;
    let good = |rest: &str| Deed {
        change: Change::Delete,
        base: Base::Models2,
        address: address(Base::Models2, &stage.path, rest),
    };
    assert_eq!(
        stage
            .eraser(&[good("/models/a%3A1"), good("/models/b%3A2")])
            .expect("known")
            .len(),
        2
    );
    assert!(matches!(
        stage.eraser(&[good("/models/a"), good("/models")]),
        Err(Unsafe::NotErased { .. })
    ));
    let outside = |address: String| Deed {
        address,
        ..good("")
    };
    let prefix = "/modelmanagement/v1.0";
    for address in [
        format!("{prefix}{}-other/models/a", stage.path),
        format!("{prefix}{}/../other/models/a", stage.path),
        format!("{prefix}/{}/models/a", stage.path),
        format!("{}/models/a", stage.path),
        format!("https://evil.example{prefix}{}/models/a", stage.path),
        format!("//evil.example{prefix}{}/models/a", stage.path),
        format!("{prefix}{}//models/a", stage.path),
        format!("{prefix}{}/models/./a", stage.path),
        format!("{prefix}{}/models/a#b", stage.path),
        format!("{prefix}{}/models/a\\b", stage.path),
        format!("{prefix}{}/models/\ta", stage.path),
    ] {
        let refused = stage.eraser(&[outside(address.clone())]);
        assert!(
            matches!(
                refused,
                Err(Unsafe::Outside { .. } | Unsafe::NotErased { .. })
            ),
            "{address}"
        );
    }
    assert!(stage.changes().await.is_empty());
}

#[tokio::test]
async fn the_path_of_a_plan_is_that_of_a_workspace_and_not_of_its_group() {
    let stage = Stage::new().await;
    let group = stage.path.split("/providers/").next().expect("a group");
    for path in [
        "",
        "/",
        group,
        &format!("{group}/providers/Microsoft.MachineLearningServices/workspaces"),
        &format!("{group}/providers/Microsoft.MachineLearningServices/workspaces/"),
        &format!("{group}/providers/Microsoft.MachineLearningServices/workspaces/.."),
        &format!("{group}/providers/Microsoft.MachineLearningServices/workspaces/%2E%2E"),
        &format!("{group}/providers/Microsoft.Storage/storageAccounts/one"),
        &format!("{group}/providers/Microsoft.MachineLearningServices/registries"),
        &format!("{group}/providers/Microsoft.MachineLearningServices/registries/.."),
        &format!("{group}/providers/Microsoft.MachineLearningServices/inferencePools/one"),
        &format!("{}/computes/one", stage.path),
        &format!("{}?x", stage.path),
    ] {
        let deed = Deed {
            change: Change::Delete,
            base: Base::Arm,
            address: address(Base::Arm, path, "?forceToPurge=true"),
        };
        let refused = crate::wire::erase::Eraser::new(
            std::sync::Arc::clone(&stage.wire),
            &stage.hosts,
            path,
            &[deed],
        );
        assert!(matches!(refused, Err(Unsafe::NoWorkspace { .. })), "{path}");
    }
    let own = Deed {
        change: Change::Delete,
        base: Base::Arm,
        address: address(Base::Arm, &stage.path, "?forceToPurge=true"),
    };
    assert_eq!(stage.eraser(&[own]).expect("the workspace itself").len(), 1);
}
