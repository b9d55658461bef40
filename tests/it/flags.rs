//! What the flags of `export` leave out, and how that is said; and what several workspaces have in common and have not.

use serde_json::Value;

use crate::bag::Bag;
use crate::context::{Room, tree};
use crate::emulated::{EmulatorProcess, LEGACY, MAIN, SMALL};

#[test]
fn only_the_kinds_that_were_asked_for() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let _ = emulator
        .run(&room, SMALL, "bag", &["--kinds", "runs"])
        .ends(0);
    let bag = Bag::at(room.path("bag"));
    let kinds: std::collections::BTreeSet<String> = bag
        .inventory()
        .into_iter()
        .map(|entry| entry.kind)
        .collect();
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        ["experiments", "runs", "workspaces"],
        "runs, and what leads to them"
    );
    assert_eq!(bag.coverage(SMALL, "runs")["items"], 8);
    assert_eq!(
        bag.coverage(SMALL, "models")["status"],
        "not-asked",
        "what was not asked for is not called empty"
    );
    let asked = emulator.diary();
    assert!(
        !asked
            .lines()
            .iter()
            .any(|(path, _)| path.contains("/models") || path.contains("/artifact/"))
    );
}

#[test]
fn content_can_be_left_out_and_is_said_to_be() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let _ = emulator.run(&room, SMALL, "bag", &["--no-content"]).ends(0);
    let bag = Bag::at(room.path("bag"));
    bag.check();
    assert!(emulator.diary().blobs().is_empty(), "no byte was fetched");
    let entries = bag.inventory();
    let artifacts: Vec<&Value> = entries
        .iter()
        .filter(|entry| entry.kind == "artifacts")
        .filter_map(|entry| entry.bytes.as_ref())
        .collect();
    assert_eq!(artifacts.len(), 54, "the records are all there");
    assert!(
        artifacts
            .iter()
            .all(|bytes| bytes.to_string().contains("--no-content")),
        "{}",
        artifacts[0]
    );
    assert!(bag.text("bag-info.txt").contains("without the bytes"));
}

#[test]
fn large_files_can_be_left_out_and_each_is_said() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let _ = emulator
        .run(&room, SMALL, "bag", &["--max-file-size", "1KiB"])
        .ends(0);
    let bag = Bag::at(room.path("bag"));
    bag.check();
    let large: Vec<String> = tree(&bag.path("data/workspaces"))
        .into_iter()
        .filter(|(name, bytes)| name.contains("/artifacts/") && bytes.len() > 1024)
        .map(|(name, _)| name)
        .collect();
    assert!(large.is_empty(), "{large:?}");
    let left: Vec<String> =
        bag.inventory()
            .into_iter()
            .filter(|entry| {
                entry.bytes.as_ref().is_some_and(|bytes| {
                    bytes.get("path").is_none() && bytes.get("folder").is_none()
                })
            })
            .map(|entry| entry.id)
            .collect();
    assert!(
        left.iter().any(|id| id.ends_with("three-mebibytes.bin")),
        "{left:?}"
    );
    let notes = bag.notes();
    for id in left.iter().filter(|id| !id.ends_with("blob-is-gone.txt")) {
        let note = notes
            .iter()
            .find(|note| note["parent"] == id.as_str())
            .unwrap_or_else(|| panic!("no note of {id}"));
        assert_eq!(note["class"], "too-large");
    }
    assert!(bag.gaps().is_empty());
}

#[test]
fn all_workspaces_go_into_one_bag_each_with_what_it_offers() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let words = [
        "export",
        "--arm-endpoint",
        &emulator.endpoint,
        "--subscription",
        &emulator.subscription,
    ];
    // The full workspace is in other tests; here it is about what differs.
    let kinds =
        "models,services,published-pipelines,pipeline-schedules,notification-tasks,images,computes";
    let more = [
        "--all-workspaces",
        "--output",
        "bag",
        "--kinds",
        kinds,
        "--quiet",
    ];
    let _ = room.run(&[&words[..], &more[..]].concat()).ends(0);
    let bag = Bag::at(room.path("bag"));
    bag.check();
    let folders: Vec<String> = {
        let entries = std::fs::read_dir(bag.path("data/workspaces")).expect("a folder");
        let mut names: Vec<String> = entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    };
    assert_eq!(folders.len(), 3, "{folders:?}");
    for kind in [
        "models",
        "services",
        "published-pipelines",
        "pipeline-schedules",
    ] {
        assert_eq!(bag.coverage(LEGACY, kind)["generation"], 1, "{kind}");
        assert_eq!(bag.coverage(MAIN, kind)["generation"], 2, "{kind}");
    }
    assert_eq!(
        bag.coverage(LEGACY, "notification-tasks")["status"],
        "not-offered"
    );
    assert_eq!(bag.coverage(SMALL, "images")["status"], "retired");
    let notes = bag.notes();
    let of = |workspace: &str, kind: &str| {
        notes
            .iter()
            .filter(|note| note["workspace"] == workspace && note["kind"] == kind)
            .count()
    };
    assert_eq!(
        (of(LEGACY, "notification-tasks"), of(SMALL, "images")),
        (1, 1)
    );
    assert!(bag.gaps().is_empty());
}

#[test]
fn what_was_found_by_reference_names_its_generation_too() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let kinds = "published-pipelines,pipeline-graphs";
    let _ = emulator
        .run(&room, LEGACY, "bag", &["--quiet", "--kinds", kinds])
        .ends(0);
    let coverage = Bag::at(room.path("bag")).coverage(LEGACY, "pipeline-graphs");
    assert!(coverage["items"].as_u64() > Some(0));
    assert_eq!(coverage["generation"], 1, "{coverage}");
}

#[test]
fn a_kind_that_only_references_lead_to_is_found_by_itself_too() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let _ = emulator
        .run(
            &room,
            SMALL,
            "bag",
            &["--quiet", "--kinds", "pipeline-graphs"],
        )
        .ends(0);
    let coverage = Bag::at(room.path("bag")).coverage(SMALL, "pipeline-graphs");
    assert_eq!(coverage["items"], 7, "{coverage}");
}

#[test]
fn snapshots_are_asked_for_once_each_and_never_for_their_links() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let flags = ["--quiet", "--kinds", "snapshots"];
    let _ = emulator.run(&room, MAIN, "bag", &flags).ends(0);
    let bag = Bag::at(room.path("bag"));
    bag.check();
    let asked: Vec<(String, u64)> = emulator
        .diary()
        .lines()
        .into_iter()
        .filter(|(path, _)| path.starts_with("/content/"))
        .collect();
    let once: std::collections::BTreeSet<&String> = asked.iter().map(|(path, _)| path).collect();
    assert_eq!(
        once.len(),
        asked.len(),
        "one snapshot of many runs is one request"
    );
    assert!(
        asked
            .iter()
            .all(|(path, _)| path.starts_with("/content/v1.0/") && path.ends_with("/metadata")),
        "{asked:?}"
    );
    // The code of the oldest run was cleared away: that is worth knowing, and no gap. A module that is kept as an artifact
    // names no snapshot, so nothing else is missing.
    let gone: Vec<&(String, u64)> = asked.iter().filter(|(_, status)| *status == 404).collect();
    assert_eq!(gone.len(), 1, "{gone:?}");
    let notes = bag.notes();
    let of_snapshots: Vec<&Value> = notes
        .iter()
        .filter(|note| note["kind"] == "snapshots")
        .collect();
    assert_eq!(of_snapshots.len(), 1);
    assert_eq!(of_snapshots[0]["class"], "vanished");
    assert!(bag.gaps().is_empty());
    // Some listings come with links. The row knows where they stand, and the net behind it has nothing left to catch.
    let cut: Vec<_> = bag
        .inventory()
        .into_iter()
        .filter(|entry| entry.kind == "snapshots")
        .flat_map(|entry| entry.redactions)
        .collect();
    assert!(cut.len() > 20, "{} links were cut", cut.len());
    assert!(
        cut.iter()
            .all(|one| one.by == "catalogue" && one.pointer.ends_with("/sasUrl")),
        "{cut:?}"
    );
    let kept = bag.coverage(MAIN, "snapshots")["items"].as_u64();
    assert_eq!(kept, Some(asked.len() as u64 - 1));
}

#[test]
fn another_version_of_the_resource_manager_can_be_named() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let version = ["--api-version", "2025-12-01"];
    let flags = [&["--quiet", "--kinds", "codes,arm-models"], &version[..]].concat();
    let _ = emulator.run(&room, MAIN, "bag", &flags).ends(0);
    let bag = Bag::at(room.path("bag"));
    let inventory = bag.text("data/inventory.jsonl");
    assert!(inventory.contains("api-version=2025-12-01"), "{inventory}");
    assert!(!inventory.contains("api-version=2026"), "{inventory}");
    let asked = emulator.diary().lines();
    assert!(!asked.is_empty());
    for (path, _) in asked {
        let other = path.contains("api-version") && !path.contains("2025-12-01");
        assert!(!other, "{path}");
    }
    let refused = emulator.run(&room, MAIN, "other", &["--api-version", "newest"]);
    let refused = refused.ends(2);
    assert!(
        refused.stderr.contains("such as 2026-05-01"),
        "{}",
        refused.stderr
    );
    // A plan holds its addresses to the letter, the version among them.
    let delete = |more: &[&str]| {
        let mut args = vec!["delete".to_owned()];
        args.extend(emulator.scope(MAIN));
        args.extend(more.iter().map(|word| (*word).to_owned()));
        room.run(&args)
    };
    let old = delete(&["--workspace", "--dry-run", "--api-version", "2020-01-01"]).ends(2);
    assert!(
        old.stderr.contains("name 2023-10-01 or a later one"),
        "{}",
        old.stderr
    );
    let plan = [
        "--dry-run",
        "--kind",
        "code-versions",
        "--without-export",
        "--plan-out",
        "plan.json",
        "--max-percent",
        "100",
    ];
    let _ = delete(&[&plan[..], &version].concat()).ends(0);
    let text = std::fs::read_to_string(room.path("plan.json")).expect("a plan");
    let plan: Value = serde_json::from_str(&text).expect("JSON");
    let digest = &plan["digest"].as_str().expect("a digest")[..8];
    let apply = ["--plan", "plan.json", "--confirm", digest];
    let refused = delete(&apply).ends(4);
    insta::assert_snapshot!(refused.stderr, @r"
    subscription 92265eb0-f057-42a6-b72d-9973bac054b7: --subscription
    resource group rg-contoso-ml: --resource-group
    workspace contoso-ml: --workspace-name
    workspace contoso-ml
    error: DELETE /subscriptions/92265eb0-f057-42a6-b72d-9973bac054b7/resourceGroups/rg-contoso-ml/providers/Microsoft.MachineLearningServices/workspaces/contoso-ml/codes/src-1/versions/1?api-version=2025-12-01 is nothing that the catalogue erases; the plan was made by another program, by another version of this one, or with another --api-version: name that, or make it anew
    ");
    let _ = delete(&[&apply[..], &version].concat()).ends(0);
}
