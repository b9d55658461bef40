//! Laws of the table, as tests over it.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

#[test]
fn names_are_unique_lower_case_and_safe_everywhere() {
    let mut seen = BTreeSet::new();
    for kind in all() {
        assert!(seen.insert(kind.name), "{} stands twice", kind.name);
        assert!(
            kind.name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{}",
            kind.name
        );
    }
}

#[test]
fn parents_exist_and_come_first() {
    let mut seen = BTreeSet::new();
    for kind in all() {
        if let Some(parent) = kind.parent {
            assert!(
                seen.contains(parent),
                "{} hangs on {parent}, which does not stand above it",
                kind.name
            );
        }
        seen.insert(kind.name);
    }
}

#[test]
fn what_hangs_on_nothing_is_a_root_and_every_root_has_its_row() {
    use roots::{ROOTS, WORKSPACES};
    let tops: Vec<_> = all().filter(|kind| kind.parent.is_none()).collect();
    assert_eq!(
        tops.iter().map(|kind| kind.name).collect::<Vec<_>>(),
        ROOTS.map(|root| root.kind),
        "workspaces stand first"
    );
    for kind in all() {
        assert_eq!(
            kind.walk == Walk::Root,
            kind.parent.is_none(),
            "{}",
            kind.name
        );
    }
    for (kind, root) in tops.into_iter().zip(ROOTS) {
        assert_eq!(root_of(kind), root);
        let lists: Vec<_> = kind.list.iter().map(|route| route.ask.path()).collect();
        assert_eq!(lists, [root.kind], "the word of its address");
        assert_eq!(
            kind.folder,
            Some(format!("{}/{{.name}}", root.kind)).as_deref()
        );
        assert!(kind.item.iter().all(|route| route.ask.path().is_empty()));
    }
    // The data plane is found by the document of a workspace, and no other root is asked for it.
    for kind in all().filter(|kind| kind.service != Service::Arm) {
        assert_eq!(root_of(kind), &WORKSPACES, "{}", kind.name);
    }
}

#[test]
fn nothing_of_one_root_speaks_of_another() {
    for kind in all() {
        let named = [kind.refs, kind.belongs, kind.takes]
            .into_iter()
            .flatten()
            .map(|reference| reference.to);
        for name in named.chain(kind.erase_after.iter().copied()) {
            let other = find(name).expect("a row");
            assert_eq!(root_of(kind), root_of(other), "{} -> {name}", kind.name);
        }
    }
}

#[test]
fn what_hangs_on_a_page_does_not_open_a_list_of_its_own() {
    for kind in all().filter(|kind| kind.walk == Walk::Own) {
        let parent = kind
            .parent
            .and_then(find)
            .expect("an own list has a parent");
        assert!(
            matches!(parent.walk, Walk::Root | Walk::Own),
            "{}",
            kind.name
        );
    }
}

#[test]
fn placeholders_are_offered_by_an_ancestor_or_the_row_itself() {
    for kind in all() {
        let mut offered: BTreeSet<&str> = kind.offers.iter().map(|(name, _)| *name).collect();
        let mut up = kind.parent;
        while let Some(row) = up.and_then(find) {
            offered.extend(row.offers.iter().map(|(name, _)| *name));
            up = row.parent;
        }
        if kind.walk == Walk::ByReference {
            offered.insert("id");
        }
        if kind.walk == Walk::InContainers {
            offered.insert("container");
        }
        if kind.walk == Walk::InPointers {
            offered.extend(["origin", "container", "path"]);
        }
        for route in kind.list.iter().chain(kind.item) {
            let body = if let Ask::Query(_, body) = route.ask {
                body
            } else {
                ""
            };
            for name in names_in(route.ask.path()).into_iter().chain(names_in(body)) {
                assert!(
                    offered.contains(name),
                    "{}: nobody offers {name}",
                    kind.name
                );
            }
        }
    }
}

fn names_in(template: &'static str) -> Vec<&'static str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
        .filter(|name| !name.is_empty() && name.chars().all(char::is_alphanumeric))
        .collect()
}

#[test]
fn every_kind_can_be_found() {
    for kind in all() {
        if kind.walk == Walk::ByReference {
            assert!(
                kind.list.is_empty() && !kind.item.is_empty(),
                "{}",
                kind.name
            );
            assert!(
                kind.by_name.is_some()
                    || all().any(|row| row.refs.iter().any(|r| r.to == kind.name)),
                "nothing points at {} and nobody can name it",
                kind.name
            );
        } else {
            assert!(!kind.list.is_empty(), "{}", kind.name);
        }
        assert!(!kind.fetch_item || !kind.item.is_empty(), "{}", kind.name);
    }
}

#[test]
fn references_lead_to_kinds_that_can_be_fetched_by_one_name() {
    for kind in all() {
        for reference in kind.refs {
            let target = find(reference.to).expect("a reference leads to a row");
            assert!(!target.item.is_empty(), "{} -> {}", kind.name, target.name);
            assert_eq!(target.parent, Some("workspaces"), "{}", target.name);
            let names: BTreeSet<_> = target
                .item
                .iter()
                .flat_map(|route| names_in(route.ask.path()))
                .collect();
            assert_eq!(names.len(), 1, "{}", target.name);
        }
    }
}

#[test]
fn what_belongs_together_is_exported() {
    for kind in all() {
        for reference in kind.belongs.iter().chain(kind.takes) {
            let target = find(reference.to).expect("a reference leads to a row");
            assert_ne!(
                target.walk,
                Walk::Finder,
                "{} -> {}",
                kind.name,
                target.name
            );
        }
    }
}

#[test]
fn what_is_the_same_is_erased_by_the_same_call() {
    let mut pairs = 0;
    for kind in all() {
        let Some(other) = kind.same else { continue };
        let other = find(other).expect("the same thing has a row");
        assert!(
            other.same.is_none(),
            "{} and {} name each other",
            kind.name,
            other.name
        );
        assert_eq!(same(kind.name).map(|row| row.name), Some(other.name));
        assert_eq!(same(other.name).map(|row| row.name), Some(kind.name));
        let call = |kind: &Kind| kind.remove.first().map(|one| (one.base, one.path, one.act));
        assert_eq!(call(kind), call(other), "{} and {}", kind.name, other.name);
        pairs += 1;
    }
    assert_eq!(pairs, 1, "jobs and runs");
    assert!(same("models").is_none());
}

#[test]
fn generations_stand_newest_first() {
    for kind in all() {
        for routes in [kind.list, kind.item] {
            assert!(
                routes
                    .windows(2)
                    .all(|pair| pair[0].generation > pair[1].generation),
                "{}",
                kind.name
            );
        }
    }
}

#[test]
fn every_row_names_people_or_says_why_not_and_cites_its_source() {
    for kind in all() {
        assert!(
            kind.person.is_empty() == kind.no_person.is_some(),
            "{}",
            kind.name
        );
        assert!(
            !kind.source.is_empty() && !kind.family.is_empty(),
            "{}",
            kind.name
        );
    }
}

#[test]
fn no_row_asks_for_keys_secrets_tokens_or_effects() {
    const FORBIDDEN: &[&str] = &[
        "preparenotebook",
        "diagnose",
        "/publish/",
        "backfill",
        "provision",
        "getlogs",
        "datareferences",
        "listkeys",
        "listsecrets",
        "listnotebook",
        "liststorage",
        "regenerate",
        "resync",
        "/token",
        "/secrets",
        "/sas",
        "/write",
        "pendingupload",
        "cancel",
        "execution",
        "start",
        "stop",
        "restart",
        "delete",
        "status",
        "/private/",
    ];
    for kind in all() {
        for route in kind.list.iter().chain(kind.item) {
            let path = route.ask.path().to_lowercase();
            for word in FORBIDDEN {
                assert!(!path.contains(word), "{} asks for {word}", kind.name);
            }
            assert!(!path.contains("includesecret=true"), "{}", kind.name);
        }
    }
    let datastores = find("datastores").expect("row");
    assert!(
        datastores
            .list
            .iter()
            .all(|route| route.ask.path().contains("includeSecret=false"))
    );
    assert!(
        datastores.item.is_empty(),
        "one datastore comes with its secrets"
    );
}

/// Whether a path of a row leads to a value, or to something that the value lies in.
fn leads(rule: &[&str], path: &[&str]) -> bool {
    match (rule, path) {
        ([], _) => true,
        (["**", rest @ ..], _) => (0..=path.len()).any(|skip| leads(rest, &path[skip..])),
        ([step, rest @ ..], [here, below @ ..]) => {
            (*step == "*" || step.eq_ignore_ascii_case(here)) && leads(rest, below)
        }
        (_, []) => false,
    }
}

#[test]
fn secrets_that_no_specification_marks_are_blanked_by_their_row() {
    for (kind, path) in [
        ("connections", "properties/credentials/pat"),
        ("connections", "properties/credentials/sas"),
        ("connections", "properties/credentials/secretAccessKey"),
        ("connections", "properties/credentials/keys/any"),
        ("connections", "properties/credentials/password"),
        ("connections", "properties/metadata/InstrumentationKey"),
        ("connections", "properties/metadata/ConnectionString"),
        ("connections", "properties/target"),
        ("computes", "properties/properties/databricksAccessToken"),
        (
            "computes",
            "properties/properties/administratorAccount/password",
        ),
        (
            "computes",
            "properties/properties/customServices/0/environmentVariables/KEY",
        ),
        ("jobs", "properties/environmentVariables/KEY"),
        ("jobs", "properties/trial/environmentVariables/KEY"),
        ("jobs", "properties/inputs/raw/uri"),
        ("jobs", "properties/outputs/model/uri"),
        (
            "schedules",
            "properties/action/jobDefinition/environmentVariables/KEY",
        ),
        (
            "schedules",
            "properties/action/jobDefinition/inputs/raw/uri",
        ),
        ("online-deployments", "properties/environmentVariables/KEY"),
        ("batch-deployments", "properties/environmentVariables/KEY"),
        ("online-endpoints", "properties/keys/primaryKey"),
        ("batch-endpoints", "properties/keys/primaryKey"),
        (
            "component-versions",
            "properties/componentSpec/environment_variables/KEY",
        ),
        ("arm-datastores", "properties/credentials/secrets/sasToken"),
        ("arm-datastores", "properties/credentials/secrets/key"),
        ("data-asset-versions", "properties/dataUri"),
        ("data-asset-versions", "properties/referencedUris/0"),
        ("arm-model-versions", "properties/modelUri"),
        ("code-versions", "properties/codeUri"),
        ("arm-environment-versions", "properties/build/contextUri"),
    ] {
        let row = find(kind).expect("a row");
        let steps: Vec<&str> = path.split('/').collect();
        let blanked = row.secret.iter().any(|secret| {
            let rule: Vec<&str> = secret.path.split('/').collect();
            leads(&rule, &steps)
        });
        assert!(blanked, "{kind} shows {path}");
    }
    let row = find("connections").expect("a row");
    let open = |path: &[&str]| {
        row.secret
            .iter()
            .any(|secret| leads(&secret.path.split('/').collect::<Vec<_>>(), path))
    };
    assert!(
        !open(&["properties", "category"]),
        "not everything is blanked"
    );
}

fn visit<'a>(name: &'a str, order: &BTreeMap<&'a str, &'a [&'a str]>, path: &mut Vec<&'a str>) {
    assert!(!path.contains(&name), "{path:?} -> {name}");
    path.push(name);
    for next in order.get(name).copied().unwrap_or_default() {
        assert!(order.contains_key(next), "{next} is not a row");
        visit(next, order, path);
    }
    path.pop();
}

#[test]
fn erase_order_has_no_cycle() {
    let order: BTreeMap<_, _> = all().map(|kind| (kind.name, kind.erase_after)).collect();
    for name in order.keys() {
        visit(name, &order, &mut Vec::new());
    }
}

#[test]
fn what_goes_with_its_parent_has_a_parent_that_can_go() {
    for kind in all().filter(|kind| kind.erase == Erase::WithParent) {
        let parent = kind.parent.and_then(find).expect("a parent");
        assert!(
            !matches!(parent.erase, Erase::Never(_) | Erase::Elsewhere(_)),
            "{} cannot go with {}",
            kind.name,
            parent.name
        );
    }
}

#[test]
fn what_is_said_to_be_erased_has_a_call_and_what_is_not_has_none() {
    use removal::Act;
    for kind in all() {
        let deletes = kind.remove.iter().any(|remove| {
            matches!(
                remove.act,
                Act::Delete | Act::DeleteEntity | Act::DeleteCompute | Act::Purge
            )
        });
        let disables = kind
            .remove
            .iter()
            .any(|remove| matches!(remove.act, Act::PutDisabled | Act::PutStatus));
        let said = match kind.erase {
            Erase::Now(_) | Erase::Slow(_) => (true, false),
            Erase::ArchiveOnly(_) => (false, true),
            Erase::WithParent | Erase::Never(_) | Erase::Elsewhere(_) => (false, false),
        };
        assert_eq!((deletes, disables), said, "{}", kind.name);
    }
}

/// The names in a template, fields with their dot.
fn parts_of(template: &'static str) -> impl Iterator<Item = &'static str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

/// The templates of a call, its looks and what goes before it.
fn templates(remove: &removal::Remove) -> Vec<&'static str> {
    use removal::First;
    let mut all = vec![remove.path, remove.look.at().1];
    all.extend(remove.first.iter().filter_map(|first| match first {
        First::Cancel { path, .. } | First::Unroute { path } | First::Also(path, _) => Some(*path),
        First::SwitchOff => None,
    }));
    all
}

#[test]
fn calls_are_filled_from_what_an_inventory_knows() {
    for kind in all() {
        for template in kind.remove.iter().flat_map(templates) {
            // A body of a look is JSON and no template.
            for name in parts_of(template) {
                match name {
                    "id" => assert!(
                        kind.id.starts_with("{.") && kind.id.matches('{').count() == 1,
                        "{}: its id is made of several names",
                        kind.name
                    ),
                    "parent" => {
                        let parent = kind.parent.and_then(find).expect("a parent");
                        assert!(
                            parent.parent.is_some()
                                && parent.id.starts_with("{.")
                                && parent.id.matches('{').count() == 1,
                            "{}: the id of its {} is no name",
                            kind.name,
                            parent.name
                        );
                    }
                    _ => {
                        let field = name
                            .strip_prefix('.')
                            .unwrap_or_else(|| panic!("{}: nobody fills {name}", kind.name));
                        // An artifact is known by its id alone, which is made of these three.
                        let artifact = kind.files == Files::Artifact
                            && ["origin", "container", "path"].contains(&field);
                        assert!(
                            artifact
                                || kind.id.contains(&format!("{{.{field}}}"))
                                || kind.offers.iter().any(|(_, path)| *path == field),
                            "{}: {field} is no name of it",
                            kind.name
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn every_kind_names_itself_in_its_call() {
    for kind in all().filter(|kind| kind.parent.is_some()) {
        for remove in kind.remove {
            let named = parts_of(remove.path).any(|name| name != "parent");
            // One call takes all metrics of a run.
            assert!(named || kind.name == "metrics-v2", "{}", kind.name);
        }
    }
}

#[test]
fn no_call_goes_to_a_list() {
    let plain = |path: &'static str| {
        let path = path.split('?').next().unwrap_or_default();
        path.split('/')
            .map(|part| if part.starts_with('{') { "{}" } else { part })
            .collect::<Vec<_>>()
            .join("/")
            .to_lowercase()
    };
    let lists: BTreeSet<_> = all()
        .filter(|kind| kind.parent.is_some())
        .flat_map(|kind| kind.list)
        .map(|route| (route.base, plain(route.ask.path())))
        .collect();
    for kind in all() {
        for remove in kind.remove {
            let at = (remove.base, plain(remove.path));
            assert!(!lists.contains(&at), "{}: {at:?}", kind.name);
        }
    }
}

#[test]
fn calls_stand_newest_generation_first() {
    for kind in all() {
        let generation = |remove: &removal::Remove| remove.base.spec().generation;
        assert!(
            kind.remove
                .windows(2)
                .all(|pair| generation(&pair[0]) > generation(&pair[1])),
            "{}",
            kind.name
        );
    }
}
