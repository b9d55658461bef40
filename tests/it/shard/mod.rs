//! Shards: several exports share the work, each bag is good by itself, and all together make the bag of an export that was
//! never cut, byte for byte.

mod refusals;
mod restless;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::bag::Bag;
use crate::context::{Outcome, Room};
use crate::emulated::{EmulatorProcess, LEGACY, MAIN, SMALL};

/// The names of the bags of all shards.
fn names(of: u32) -> Vec<String> {
    (1..=of).map(|number| format!("shard-{number}")).collect()
}

/// Exports shard after shard. Gives the names of the bags.
fn cut(
    emulator: &EmulatorProcess,
    room: &Room,
    workspace: &str,
    of: u32,
    more: &[&str],
    code: i32,
) -> Vec<String> {
    let names = names(of);
    for (number, name) in (1..).zip(&names) {
        let shard = format!("{number}/{of}");
        let flags = [&["--quiet", "--shard", shard.as_str()], more].concat();
        let _ = emulator.run(room, workspace, name, &flags).ends(code);
    }
    names
}

/// Merges bags, in the order in which they are given.
fn merge(room: &Room, bags: &[String], output: &str) -> Outcome {
    let mut words = vec!["merge".to_owned()];
    words.extend(bags.iter().cloned());
    words.extend(["-o", output].map(str::to_owned));
    room.run(&words)
}

/// Asserts that two bags have the same payload, and says where they differ.
#[track_caller]
fn same_payload(room: &Room, one: &str, other: &str) {
    let [one, other] = [one, other].map(|name| Bag::at(room.path(name)));
    let lines =
        |bag: &Bag| -> BTreeSet<String> { bag.manifest().lines().map(str::to_owned).collect() };
    let (ours, theirs) = (lines(&one), lines(&other));
    let differing: BTreeSet<&str> = ours
        .symmetric_difference(&theirs)
        .filter_map(|line| line.split_once("  ").map(|(_, path)| path))
        .collect();
    let mut said = String::new();
    for path in &differing {
        let read = |bag: &Bag| std::fs::read_to_string(bag.path(path)).unwrap_or_default();
        let (ours, theirs) = (read(&one), read(&other));
        let mut pairs = ours.lines().zip(theirs.lines());
        let first = pairs.position(|(ours, theirs)| ours != theirs);
        let at = first.unwrap_or(ours.lines().count().min(theirs.lines().count()));
        let line = |text: &str| text.lines().nth(at).unwrap_or("(nothing)").to_owned();
        let (at, ours, theirs) = (at + 1, line(&ours), line(&theirs));
        writeln!(said, "{path} line {at}:\n  {ours}\n  {theirs}").expect("text");
    }
    assert!(differing.is_empty(), "{said}");
    assert_eq!(one.manifest(), other.manifest());
}

/// Experiments, by the folders that hold their runs.
fn experiments_of_runs(bag: &Bag) -> BTreeSet<String> {
    bag.inventory()
        .into_iter()
        .filter(|entry| entry.kind == "runs")
        .filter_map(|entry| entry.file)
        .collect()
}

#[test]
fn four_shards_of_the_full_workspace_make_the_bag_that_was_never_cut() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let _ = emulator.run(&room, MAIN, "whole", &["--quiet"]).ends(0);
    let mut names = cut(&emulator, &room, MAIN, 4, &[], 0);
    let (mut seen, mut workspaces, mut runs) = (BTreeSet::new(), 0, 0);
    for (number, name) in (1..).zip(&names) {
        crate::verify::is_valid(&room, name);
        let bag = Bag::at(room.path(name));
        bag.check();
        let info = bag.text("bag-info.txt");
        assert!(
            info.contains(&format!("\nAml-Dsr-Shard: {number}/4\n")),
            "{info}"
        );
        assert!(
            bag.text("data/README.txt")
                .contains(&format!("It is shard {number}/4 of that."))
        );
        assert!(bag.text("data/report.html").contains("Part of the whole"));
        for folder in experiments_of_runs(&bag) {
            assert!(seen.insert(folder.clone()), "{folder} is in two shards");
        }
        workspaces += bag.coverage(MAIN, "workspaces")["items"]
            .as_u64()
            .unwrap_or(0);
        runs += bag.coverage(MAIN, "runs")["items"].as_u64().unwrap_or(0);
        claims_nothing_of_others(&bag);
    }
    assert_eq!((workspaces, runs), (1, 200));
    assert_eq!(seen, experiments_of_runs(&Bag::at(room.path("whole"))));
    // Whoever names the bags need not sort them.
    names.rotate_left(2);
    let outcome = merge(&room, &names, "merged").ends(0);
    assert!(
        outcome.stdout.contains("4 shards in one bag"),
        "{}",
        outcome.stdout
    );
    let merged = Bag::at(room.path("merged"));
    merged.check();
    crate::verify::is_valid(&room, "merged");
    same_payload(&room, "whole", "merged");
    let info = merged.text("bag-info.txt");
    assert!(
        info.contains("\nAml-Dsr-Merged: 4 shards\n") && !info.contains("Aml-Dsr-Shard"),
        "{info}"
    );
    let run: Value = serde_json::from_str(&merged.text("aml-dsr/run.json")).expect("JSON");
    assert_eq!(run["merged"].as_array().map(Vec::len), Some(4));
    assert_eq!(run["merged"][1]["shard"], "2/4");
}

/// A shard says nothing of what is in the others: nothing that may be there is called empty.
fn claims_nothing_of_others(bag: &Bag) {
    let owner = bag.coverage(MAIN, "workspaces")["items"] == 1;
    for row in bag.lines("coverage.jsonl") {
        let status = row["status"].as_str().expect("a status");
        let kind = row["kind"].as_str().expect("a kind");
        if status == "outside" {
            // A registry is no part of the workspace, so it is in none of its shards either.
            assert!(kind.starts_with("registr"), "{row}");
            continue;
        }
        if status == "by-name" {
            // Nobody named one, so nobody can say that there is none, here or there.
            assert_eq!(kind, "capability-hosts", "{row}");
            continue;
        }
        let own = ["items", "empty"].contains(&status) && (owner || status == "items");
        assert!(own || status == "other-shards", "owner {owner}: {row}");
        if ["runs", "metrics", "artifacts", "snapshots", "pipeline-runs"].contains(&kind) {
            assert_ne!(status, "empty", "{row}");
        }
        if kind == "models" {
            assert_eq!(status, if owner { "items" } else { "other-shards" });
        }
    }
}

#[test]
fn what_is_one_thing_is_one_thing_in_the_whole_wherever_its_halves_lay() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let few = ["--quiet", "--kinds", "jobs,runs"];
    let _ = emulator.run(&room, SMALL, "whole", &few).ends(0);
    let halves = |bag: &Bag| -> usize {
        let lines = bag.lines("inventory.jsonl").into_iter();
        lines.filter(|line| line.get("same_as").is_some()).count()
    };
    let whole = halves(&Bag::at(room.path("whole")));
    assert!(whole > 5, "{whole}");
    let mut apart = 0;
    for of in [1, 2, 3] {
        let names = cut(&emulator, &room, SMALL, of, &few[1..], 0);
        let told: usize = names
            .iter()
            .map(|name| halves(&Bag::at(room.path(name))))
            .sum();
        apart += usize::from(told < whole);
        let merged = format!("merged-{of}");
        let _ = merge(&room, &names, &merged).ends(0);
        same_payload(&room, "whole", &merged);
        for name in names {
            std::fs::remove_dir_all(room.path(&name)).expect("a shard");
        }
    }
    assert!(apart > 0, "some halves lay in different shards");
}

#[test]
fn many_runs_in_five_shards() {
    let world = [
        "--runs",
        "600",
        "--experiments",
        "17",
        "--artifact-bytes",
        "200",
    ];
    let (emulator, room) = (EmulatorProcess::start(&world), Room::new());
    let _ = emulator.run(&room, MAIN, "whole", &["--quiet"]).ends(0);
    let names = cut(&emulator, &room, MAIN, 5, &[], 0);
    let sizes: Vec<u64> = names
        .iter()
        .map(|name| {
            let runs = Bag::at(room.path(name)).coverage(MAIN, "runs");
            runs["items"].as_u64().unwrap_or(0)
        })
        .collect();
    assert_eq!(sizes.iter().sum::<u64>(), 600);
    assert!(
        sizes.iter().filter(|size| **size > 0).count() >= 3,
        "{sizes:?}"
    );
    let _ = merge(&room, &names, "merged").ends(0);
    same_payload(&room, "whole", "merged");
}

#[test]
fn two_shards_of_all_workspaces() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let export = |output: &str, more: &[&str]| {
        let words = [
            "export",
            "--arm-endpoint",
            &emulator.endpoint,
            "--subscription",
            &emulator.subscription,
            "--all-workspaces",
            "--quiet",
            "--output",
            output,
        ];
        room.run(&[&words[..], more].concat())
    };
    let _ = export("whole", &[]).ends(0);
    let names = names(2);
    for (number, name) in (1..).zip(&names) {
        let _ = export(name, &["--shard", &format!("{number}/2")]).ends(0);
        crate::verify::is_valid(&room, name);
    }
    let outcome = room
        .run(&[
            "merge", "shard-2", "shard-1", "-o", "merged", "--quiet", "--format", "json",
        ])
        .ends(0);
    assert_eq!(outcome.stderr, "", "quiet is quiet");
    let summary = outcome.json();
    let merged = Bag::at(room.path("merged"));
    let digest = crate::bag::sha256_of(&merged.path("manifest-sha256.txt"));
    assert_eq!(summary["payload_manifest_sha256"], digest.as_str());
    assert_eq!(summary["items"], merged.inventory().len());
    assert_eq!(
        (&summary["shards"], &summary["complete"]),
        (&json!(2), &json!(true))
    );
    same_payload(&room, "whole", "merged");
    for workspace in [MAIN, LEGACY, SMALL] {
        assert_eq!(merged.coverage(workspace, "workspaces")["items"], 1);
    }
}

#[test]
fn one_shard_of_one_is_the_whole() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let flags = ["--quiet", "--kinds", "runs,models", "--no-content"];
    let _ = emulator.run(&room, SMALL, "whole", &flags).ends(0);
    let names = cut(&emulator, &room, SMALL, 1, &flags[1..], 0);
    let _ = merge(&room, &names, "merged").ends(0);
    same_payload(&room, "whole", "merged");
}

#[test]
fn a_pod_of_an_indexed_job_takes_its_part() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let flags = ["--quiet", "--kinds", "runs", "--shard", "auto"];
    let mut command = room.program();
    command
        .args(emulator.export(SMALL, "pod", &flags))
        .env("JOB_COMPLETION_INDEX", "2")
        .env("JOB_COMPLETIONS", "3");
    let _ = room.spawn(command).wait().ends(0);
    let info = Bag::at(room.path("pod")).text("bag-info.txt");
    assert!(info.contains("\nAml-Dsr-Shard: 3/3\n"), "{info}");
}

/// What is missing of a list that every shard reads is said once, as often as an export that was never cut says it; so is
/// what is missing of one experiment.
#[test]
fn what_is_missing_is_said_once() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let refusal = json!({"error": {"code": "AuthorizationFailed", "message": "No."}});
    for (path, act) in [
        ("/models?", json!({"status": 403, "body": refusal})),
        ("/metrics", json!({"status": 403, "body": refusal})),
        ("/content/v1.0/", json!({"status": 403, "body": refusal})),
    ] {
        emulator.tell(
            "mishaps",
            &json!({"path_contains": path, "times": 1_000_000, "do": act}),
        );
    }
    let _ = emulator.run(&room, SMALL, "whole", &["--quiet"]).ends(3);
    let names = cut(&emulator, &room, SMALL, 3, &[], 3);
    let outcome = merge(&room, &names, "merged").ends(3);
    assert!(
        outcome
            .stdout
            .contains("some of what was asked for is missing"),
        "{}",
        outcome.stdout
    );
    same_payload(&room, "whole", "merged");
    let merged = Bag::at(room.path("merged"));
    merged.check();
    let gaps = merged.gaps();
    for kind in ["models", "metrics", "snapshots"] {
        assert!(
            gaps.iter().any(|gap| gap["kind"] == kind),
            "{kind}: {gaps:?}"
        );
    }
    let faults = merged.text("aml-dsr/faults.jsonl");
    assert!(faults.lines().count() >= merged.lines("gaps.jsonl").len());
}

#[test]
fn a_list_that_no_shard_can_read_is_missing_once() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let refusal = json!({"error": {"code": "AuthorizationFailed", "message": "No."}});
    let act = json!({"path_contains": "/experiments", "times": 1_000_000, "do": {"status": 403, "body": refusal}});
    emulator.tell("mishaps", &act);
    let flags = ["--kinds", "runs,computes"];
    let _ = emulator
        .run(&room, SMALL, "whole", &["--quiet", flags[0], flags[1]])
        .ends(3);
    let names = cut(&emulator, &room, SMALL, 3, &flags, 3);
    let _ = merge(&room, &names, "merged").ends(3);
    same_payload(&room, "whole", "merged");
    assert_eq!(Bag::at(room.path("merged")).gaps().len(), 1);
}
