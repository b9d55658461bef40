//! Registries, which lie outside of every workspace: one alone, those of a resource group, and whoever stands in one.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::bag::Bag;
use crate::context::{Room, tree};
use crate::emulated::{EmulatorProcess, MAIN, REGISTRY};
use crate::truth::{compare_all, truth};

const LABEL: &str = "registry contoso-shared";

/// The arguments of a command about the registry.
fn of_registry(emulator: &EmulatorProcess, command: &str, more: &[&str]) -> Vec<String> {
    let mut args = vec![command.to_owned()];
    args.extend(emulator.registry(REGISTRY));
    args.extend(more.iter().map(|word| (*word).to_owned()));
    args
}

/// The arguments of an export of everything in the main resource group.
fn of_group(emulator: &EmulatorProcess, more: &[&str]) -> Vec<String> {
    let mut args = vec!["export".to_owned(), "--quiet".to_owned()];
    let words = emulator.scope(MAIN);
    args.extend(
        words
            .into_iter()
            .filter(|word| word != "-w" && word != MAIN),
    );
    args.push("--all-workspaces".to_owned());
    args.extend(more.iter().map(|word| (*word).to_owned()));
    args
}

/// The statuses of a label in the coverage, by kind.
fn statuses(bag: &Bag, label: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    bag.lines("coverage.jsonl")
        .iter()
        .filter(|line| line["workspace"] == label)
        .map(|line| (text(&line["kind"]), text(&line["status"])))
        .collect()
}

#[test]
fn a_registry_alone_is_in_the_bag_value_for_value() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let outcome = room
        .run(&of_registry(&emulator, "export", &["-o", "bag"]))
        .ends(0);
    let bag = Bag::at(room.path("bag"));
    bag.check();
    crate::verify::is_valid(&room, "bag");
    let told = truth(&emulator, &format!("truth?registry={REGISTRY}"));
    let sorts: BTreeSet<&str> = told.keys().map(|key| key.1.as_str()).collect();
    assert_eq!(
        sorts.len(),
        12,
        "each of the five sorts, with versions, and who may use it: {sorts:?}"
    );
    assert!(told.keys().all(|key| key.0 == LABEL));
    assert_eq!(compare_all(&bag, told), 26);
    let files: Vec<String> = tree(&room.path("bag/data")).into_keys().collect();
    assert!(files.contains(&"registries/contoso-shared/registry.json".to_owned()));
    assert!(files.iter().all(|name| !name.starts_with("workspaces/")));
    assert!(
        outcome.stdout.contains(
            "workspaces were not asked for: outside of the registry; use -w or --all-workspaces"
        ),
        "{}",
        outcome.stdout
    );
    let info = bag.text("bag-info.txt");
    assert!(
        info.contains("Aml-Dsr-Scope: registry contoso-shared in resource group rg-contoso-ml"),
        "{info}"
    );
    for (kind, status) in statuses(&bag, LABEL) {
        // A lock would stand in the way of whoever rehearses a deletion.
        let wanted = if kind == "registry-locks" {
            "empty"
        } else if kind.starts_with("registr") {
            "items"
        } else {
            "outside"
        };
        assert_eq!(status, wanted, "{kind}");
    }
    let page = bag.text("data/report.html");
    assert!(
        page.contains(">Registry<"),
        "the scope is called by what it is"
    );
    assert!(page.contains("from 1 registry.") && !page.contains("1 workspace"));
    // Nothing but the resource manager is asked, and of it nothing of a workspace.
    for (path, _) in emulator.diary().lines() {
        assert!(
            path.to_lowercase().contains("/registries/contoso-shared"),
            "{path}"
        );
    }
}

#[test]
fn secrets_in_a_registry_are_blanked() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let planted: Vec<String> =
        serde_json::from_value(emulator.ask_json("secrets")).expect("secrets");
    let held = emulator.ask(&format!("truth?registry={REGISTRY}"));
    let held: Vec<&String> = planted.iter().filter(|one| held.contains(*one)).collect();
    assert_eq!(held.len(), 4, "planted in the registry");
    let _ = room
        .run(&of_registry(&emulator, "export", &["-o", "bag"]))
        .ends(0);
    for (name, bytes) in tree(&room.path("bag")) {
        let text = String::from_utf8_lossy(&bytes);
        for secret in &held {
            assert!(!text.contains(secret.as_str()), "{secret} is in {name}");
        }
    }
    let redactions: usize = Bag::at(room.path("bag"))
        .inventory()
        .iter()
        .map(|entry| entry.redactions.len())
        .sum();
    assert_eq!(redactions, 4);
}

#[test]
fn with_all_workspaces_the_registries_come_along() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let kinds = [
        "--kinds",
        "experiments,registry-model-versions",
        "-o",
        "bag",
    ];
    let _ = room.run(&of_group(&emulator, &kinds)).ends(0);
    let bag = Bag::at(room.path("bag"));
    bag.check();
    let labels: BTreeSet<String> = bag
        .inventory()
        .into_iter()
        .map(|entry| entry.workspace)
        .collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    assert_eq!(labels, ["contoso-legacy", MAIN, LABEL]);
    let page = bag.text("data/report.html");
    assert!(
        page.contains("2 workspaces and 1 registry"),
        "the report counts them apart"
    );
    // Of each other they say nothing.
    assert!(
        statuses(&bag, MAIN)
            .iter()
            .all(|(kind, _)| !kind.starts_with("registr"))
    );
    assert!(
        statuses(&bag, LABEL)
            .iter()
            .all(|(kind, _)| kind.starts_with("registr"))
    );
    // The lists of registries are not asked for when no kind of theirs is wanted.
    emulator.reset();
    let _ = room
        .run(&of_group(
            &emulator,
            &["--kinds", "experiments", "-o", "few"],
        ))
        .ends(0);
    assert!(
        emulator
            .diary()
            .lines()
            .iter()
            .all(|(path, _)| !path.contains("registries"))
    );
    let few = Bag::at(room.path("few"));
    let (_, status) = statuses(&few, MAIN)
        .into_iter()
        .find(|(kind, _)| kind == "registries")
        .expect("a row");
    assert_eq!(status, "not-asked");
}

#[test]
fn a_list_of_registries_that_is_denied_is_a_gap_and_one_that_is_not_there_a_note() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let list = "registries of resource group rg-contoso-ml";
    for (status, output, code, wanted, severity) in [
        (403, "denied", 3, "denied", "gap"),
        (404, "absent", 0, "not-offered", "note"),
    ] {
        emulator.reset();
        let body = json!({"error": {"code": "X", "message": "no"}});
        emulator.tell(
            "mishaps",
            &json!({"path_contains": "/registries", "times": 100, "do": {"status": status, "body": body}}),
        );
        let args = of_group(
            &emulator,
            &["--kinds", "experiments,registry-codes", "-o", output],
        );
        let _ = room.run(&args).ends(code);
        let bag = Bag::at(room.path(output));
        bag.check();
        let statuses = statuses(&bag, list);
        assert_eq!(statuses.len(), 13);
        for (kind, status) in statuses {
            let wanted = match kind.as_str() {
                "registries" | "registry-codes" => wanted,
                _ => "not-asked",
            };
            assert_eq!(status, wanted, "{kind}");
        }
        let gaps = bag.lines("gaps.jsonl");
        assert_eq!(gaps.len(), 1, "{gaps:?}");
        assert_eq!(gaps[0]["workspace"], list);
        assert_eq!(gaps[0]["severity"], severity);
        assert_eq!(bag.coverage(MAIN, "experiments")["status"], "items");
    }
}

#[test]
fn somebody_who_stands_in_a_registry_is_found_there_and_called_by_it() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let people = emulator.ask_json("people");
    let priya = people
        .as_array()
        .expect("people")
        .iter()
        .find(|card| card["key"] == "priya")
        .expect("she is of the cast");
    let id = priya["identifiers"]
        .as_array()
        .expect("identifiers")
        .iter()
        .find(|one| one["as"] == "object-id")
        .and_then(|one| one["value"].as_str())
        .expect("an object id");
    let told = emulator.ask(&format!("truth?people&registry={REGISTRY}"));
    let exact = told
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a line"))
        .filter(|line| line["person"] == "priya" && line["strength"] == "exact")
        .count();
    assert_eq!(
        exact, 1,
        "as one of those who are assigned to its resource group"
    );
    let args = of_registry(&emulator, "find", &["--format", "json", "--object-id", id]);
    let answer = room.run(&args).ends(0).json();
    let hits = answer["hits"].as_array().expect("hits");
    assert_eq!(hits.len(), 1, "{hits:?}");
    assert_eq!(hits[0]["workspace"], LABEL);
    assert_eq!(hits[0]["kind"], "registries");
    assert_eq!(hits[0]["strength"], "exact");
    // A display name is never more than a candidate.
    let args = of_registry(
        &emulator,
        "find",
        &["--format", "json", "--subject", "name:Ada Lindqvist"],
    );
    let answer = room.run(&args).ends(0).json();
    let hits = answer["hits"].as_array().expect("hits");
    assert!(!hits.is_empty());
    assert!(
        hits.iter()
            .all(|hit| hit["workspace"] == LABEL && hit["strength"] == "candidate")
    );
}

#[test]
fn what_a_scope_cannot_have_is_said_and_not_silently_nothing() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let args = emulator.export(MAIN, "bag", &["--quiet", "--kinds", "registry-models"]);
    let outcome = room.run(&args).ends(2);
    assert!(
        outcome.stderr.contains("lies in a workspace"),
        "{}",
        outcome.stderr
    );
    let args = of_registry(&emulator, "export", &["-o", "bag", "--kinds", "runs"]);
    let outcome = room.run(&args).ends(2);
    assert!(
        outcome.stderr.contains("lies in a registry"),
        "{}",
        outcome.stderr
    );
    assert!(!room.path("bag").exists(), "nothing was begun");
    // There is no such registry, though there is a workspace of that name.
    let mut args = vec!["export".to_owned(), "-o".to_owned(), "bag".to_owned()];
    args.extend(emulator.registry(MAIN));
    let outcome = room.run(&args).ends(2);
    assert!(
        outcome.stderr.contains("registries/contoso-ml"),
        "{}",
        outcome.stderr
    );
}
