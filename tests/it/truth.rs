//! What the bag holds is what the world holds: value for value, digit for digit, byte for byte, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::bag::{Bag, Entry, sha256_of};
use crate::context::Room;
use crate::emulated::{EmulatorProcess, MAIN};
use crate::json::Json;

/// A line of the emulator's own listing.
#[derive(Deserialize)]
pub(crate) struct Fact {
    #[serde(default)]
    workspace: String,
    /// A line is about a workspace or about a registry.
    registry: Option<String>,
    kind: String,
    id: String,
    bytes_sha256: Option<String>,
    doc: Box<RawValue>,
}

/// Workspace, kind and id.
pub(crate) type Key = (String, String, String);

pub(crate) fn truth(emulator: &EmulatorProcess, control: &str) -> BTreeMap<Key, Fact> {
    let text = emulator.ask(control);
    let facts = text
        .lines()
        .map(|line| serde_json::from_str::<Fact>(line).expect("a fact"));
    facts
        .map(|mut fact| {
            if let Some(registry) = &fact.registry {
                // That is how a bag calls it, since a workspace may have the same name.
                fact.workspace = format!("registry {registry}");
            }
            (
                (fact.workspace.clone(), fact.kind.clone(), fact.id.clone()),
                fact,
            )
        })
        .collect()
}

/// A document of the bag, with the entries of the inventory that speak of it: a long metric comes in pages.
struct Kept {
    doc: Json,
    pages: Vec<(Entry, Json)>,
}

fn kept(bag: &Bag) -> BTreeMap<Key, Kept> {
    let mut all: BTreeMap<Key, Kept> = BTreeMap::new();
    for (entry, doc) in bag.documents() {
        // What an asset points at is an artifact like any other; one of a run stands under the run as well.
        let pointed_at = entry.kind == "asset-artifacts";
        let kind = if pointed_at { "artifacts" } else { &entry.kind };
        let key = (entry.workspace.clone(), kind.to_owned(), entry.id.clone());
        if pointed_at && all.contains_key(&key) {
            continue;
        }
        if let Some(kept) = all.get_mut(&key) {
            assert_eq!(entry.kind, "metrics-v2", "{} is there twice", entry.id);
            join(&mut kept.doc, &doc);
            kept.pages.push((entry, doc));
        } else {
            let pages = vec![(entry, doc.clone())];
            all.insert(key, Kept { doc, pages });
        }
    }
    all
}

/// Puts the values of the next page behind those of the first.
fn join(first: &mut Json, next: &Json) {
    let (Some(Json::List(values)), Json::Map(next)) = (first.at("/value"), next) else {
        panic!("a page of a metric without values");
    };
    let Some(Json::List(more)) = next.get("value") else {
        panic!("a page of a metric without values");
    };
    values.extend(more.iter().cloned());
}

/// Blanks in the true document what the inventory says was blanked, and nothing else.
fn redact(truth: &mut Json, kept: &mut Kept) {
    let metric = kept.pages.len() > 1;
    for (entry, doc) in &mut kept.pages {
        for redaction in &entry.redactions {
            let pointer = &redaction.pointer;
            assert!(["catalogue", "net"].contains(&redaction.by.as_str()));
            let found = doc
                .at(pointer)
                .unwrap_or_else(|| panic!("{} {}: {pointer} leads nowhere", entry.kind, entry.id));
            let text = found
                .text()
                .unwrap_or_else(|| panic!("{pointer} is no text"));
            assert!(
                text.contains("[redacted]"),
                "{} {pointer}: {text}",
                entry.id
            );
            assert!(
                !metric,
                "a paged metric has secrets: this test has to learn to find them"
            );
            let found = found.clone();
            *truth.at(pointer).unwrap_or_else(|| {
                panic!("{} {}: {pointer} is not in the truth", entry.kind, entry.id)
            }) = found;
        }
    }
    if kept.pages[0].0.kind == "metrics-v2" {
        // How one page leads to the next is not part of the metric.
        for name in ["/continuationToken", "/nextLink"] {
            for doc in [&mut kept.doc, truth] {
                if let Some(place) = doc.at(name) {
                    *place = Json::Token("null".to_owned());
                }
            }
        }
    }
}

/// Where the bytes of an artifact lie, when they are in the bag.
fn place(entry: &Entry) -> Option<String> {
    let path = entry.bytes.as_ref()?.get("path")?;
    path.as_str().map(str::to_owned)
}

/// The truth calls the short form of a template, as `/PublishedPipelines` lists it, a published pipeline, and says nothing of
/// `/Pipelines`. The bag calls what `/Pipelines` lists published pipelines, so those are taken from that list.
fn pipelines(emulator: &EmulatorProcess, truth: &mut BTreeMap<Key, Fact>) {
    let workspaces = truth.keys().filter(|key| key.1 == "workspaces");
    for (name, _, id) in workspaces.cloned().collect::<Vec<_>>() {
        truth.retain(|key, _| key.0 != name || key.1 != "published-pipelines");
        let list = emulator.get(&format!("/api/v1.0{id}/Pipelines?activeOnly=false"));
        let docs: Vec<Box<RawValue>> = serde_json::from_str(&list).expect("a list");
        for doc in docs {
            let id = Json::of(&doc)
                .at("/Id")
                .and_then(|id| id.text().map(str::to_owned));
            let key = (
                name.clone(),
                "published-pipelines".to_owned(),
                id.expect("an id"),
            );
            let fact = Fact {
                workspace: key.0.clone(),
                registry: None,
                kind: key.1.clone(),
                id: key.2.clone(),
                bytes_sha256: None,
                doc,
            };
            truth.insert(key, fact);
        }
    }
}

fn compare(emulator: &EmulatorProcess, bag: &Bag, mut truth: BTreeMap<Key, Fact>) -> usize {
    pipelines(emulator, &mut truth);
    compare_all(bag, truth)
}

/// Compares everything that is in the bag with everything that should be; gives how much that is.
pub(crate) fn compare_all(bag: &Bag, mut truth: BTreeMap<Key, Fact>) -> usize {
    let mut compared = 0;
    let mut unlike = Vec::new();
    let mut too_much = Vec::new();
    for (key, mut kept) in kept(bag) {
        let Some(fact) = truth.remove(&key) else {
            too_much.push(key);
            continue;
        };
        let mut wanted = Json::of(&fact.doc);
        redact(&mut wanted, &mut kept);
        if let Some(how) = wanted.differs(&kept.doc, "") {
            unlike.push(format!("{key:?}: {how}"));
        }
        if key.1 == "artifacts" {
            let here =
                place(&kept.pages[0].0).map(|path| sha256_of(&bag.path(&format!("data/{path}"))));
            if here != fact.bytes_sha256 {
                unlike.push(format!(
                    "{key:?}: bytes {here:?}, wanted {:?}",
                    fact.bytes_sha256
                ));
            }
        }
        compared += 1;
    }
    assert!(
        unlike.is_empty(),
        "{} are not the truth:\n{}",
        unlike.len(),
        unlike.join("\n")
    );
    assert!(too_much.is_empty(), "not in the world: {too_much:?}");
    // An upload belongs to no run, and no list of containers exists: one that no asset points at cannot be found by anybody.
    // No list of capability hosts exists either: one has to be named.
    let missing: Vec<&Key> = truth
        .keys()
        .filter(|(_, kind, id)| {
            kind != "artifacts"
                || !id.starts_with("LocalUpload/")
                || !id.ends_with("/Users/ada/explore.ipynb")
        })
        .filter(|(_, kind, _)| kind != "capability-hosts")
        .collect();
    assert!(missing.is_empty(), "not in the bag: {missing:?}");
    compared
}

#[test]
fn the_main_workspace_is_in_the_bag_value_for_value() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let _ = emulator.run(&room, MAIN, "bag", &["--quiet"]).ends(0);
    let bag = Bag::at(room.path("bag"));
    bag.check();
    let compared = compare(
        &emulator,
        &bag,
        truth(&emulator, &format!("truth?workspace={MAIN}")),
    );
    assert!(
        compared > 1_500,
        "{compared} documents are too few to mean anything"
    );
}

#[test]
fn what_no_list_shows_is_in_the_bag_when_it_is_named() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let named = [
        "--quiet",
        "--kinds",
        "capability-hosts",
        "--capability-host",
        "agents",
        "--capability-host",
        "nobody",
    ];
    let _ = emulator.run(&room, MAIN, "bag", &named).ends(0);
    let bag = Bag::at(room.path("bag"));
    bag.check();
    let mut truth = truth(&emulator, &format!("truth?workspace={MAIN}"));
    truth.retain(|key, _| key.1 == "capability-hosts" || key.1 == "workspaces");
    assert_eq!(truth.len(), 2);
    assert_eq!(compare_all(&bag, truth), 2);
    let coverage = bag.coverage(MAIN, "capability-hosts");
    assert_eq!(
        (&coverage["status"], &coverage["items"]),
        (&"items".into(), &1.into())
    );
    assert!(
        bag.text("data/gaps.jsonl")
            .contains("--capability-host nobody")
    );
}

/// Runs and jobs by their ids, with the ids that their lines say are the same thing.
fn twins(bag: &Bag, kind: &str) -> BTreeMap<String, Option<(String, String)>> {
    let lines = bag.lines("inventory.jsonl").into_iter();
    lines
        .filter(|line| line["kind"] == kind)
        .map(|line| {
            let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
            let same = text(&line["same_as"]["kind"]).zip(text(&line["same_as"]["id"]));
            (text(&line["id"]).expect("an id"), same)
        })
        .collect()
}

#[test]
fn a_run_and_its_job_name_each_other() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let _ = emulator
        .run(&room, MAIN, "bag", &["--quiet", "--no-content"])
        .ends(0);
    let bag = Bag::at(room.path("bag"));
    bag.check();
    let (runs, jobs) = (twins(&bag, "runs"), twins(&bag, "jobs"));
    for (here, there, word) in [(&runs, &jobs, "jobs"), (&jobs, &runs, "runs")] {
        let mut both = 0;
        for (id, same) in here {
            let wanted = there
                .contains_key(id)
                .then(|| (word.to_owned(), id.clone()));
            assert_eq!(*same, wanted, "{id}");
            both += u32::from(wanted.is_some());
        }
        assert!(
            both > 50 && (both as usize) < here.len(),
            "{both} of {}",
            here.len()
        );
    }
    let page = bag.text("data/report.html");
    assert!(page.contains("records are jobs of runs that are shown as well: one thing each"));
    assert!(page.contains(">The same thing as</dt>"));
    // Nothing is the same as what was not asked for.
    let _ = emulator
        .run(&room, MAIN, "some", &["--quiet", "--kinds", "jobs"])
        .ends(0);
    let alone = twins(&Bag::at(room.path("some")), "jobs");
    assert!(alone.len() == jobs.len() && alone.values().all(Option::is_none));
}

#[test]
fn all_workspaces_are_in_the_bag_value_for_value() {
    let (emulator, room) = (EmulatorProcess::start(&["--seed", "7"]), Room::new());
    let endpoint = [
        "export",
        "--arm-endpoint",
        &emulator.endpoint,
        "--subscription",
    ];
    let scope = [
        &emulator.subscription,
        "--all-workspaces",
        "-o",
        "bag",
        "--quiet",
    ];
    let _ = room.run(&[&endpoint[..], &scope[..]].concat()).ends(0);
    let bag = Bag::at(room.path("bag"));
    bag.check();
    let truth = truth(&emulator, "truth");
    let workspaces: BTreeSet<&str> = truth.keys().map(|key| key.0.as_str()).collect();
    assert_eq!(workspaces.len(), 4, "three workspaces and a registry");
    assert!(workspaces.contains("registry contoso-shared"));
    assert!(compare(&emulator, &bag, truth) > 1_900);
}

#[test]
fn a_world_made_on_the_fly_is_in_the_bag_value_for_value() {
    let emulator = EmulatorProcess::start(&["--runs", "150", "--experiments", "3"]);
    let room = Room::new();
    let _ = emulator.run(&room, MAIN, "bag", &["--quiet"]).ends(0);
    let bag = Bag::at(room.path("bag"));
    bag.check();
    assert!(
        compare(
            &emulator,
            &bag,
            truth(&emulator, &format!("truth?workspace={MAIN}"))
        ) > 1_000
    );
}

#[test]
fn an_empty_world_is_an_empty_bag_and_not_a_failure() {
    let (emulator, room) = (EmulatorProcess::start(&["--world", "empty"]), Room::new());
    let _ = emulator.run(&room, MAIN, "bag", &["--quiet"]).ends(0);
    let bag = Bag::at(room.path("bag"));
    bag.check();
    assert_eq!(
        compare(&emulator, &bag, truth(&emulator, "truth")),
        1,
        "the workspace itself"
    );
    assert_eq!(bag.coverage(MAIN, "runs")["status"], "empty");
}
