//! Erasing in a registry: its versions before their containers, by operations; and the whole of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{calls, named, steps};
use crate::bag::Bag;
use crate::context::{Outcome, Room};
use crate::emulated::{EmulatorProcess, MAIN, REGISTRY};

struct Shelf {
    emulator: EmulatorProcess,
    room: Room,
}

impl Shelf {
    fn new() -> Self {
        let emulator = EmulatorProcess::start(&[]);
        emulator.tell(
            "settings",
            &json!({"operation_ms": 50, "retry_after_seconds": 0, "locks": []}),
        );
        Self {
            emulator,
            room: Room::new(),
        }
    }

    fn delete(&self, more: &[&str]) -> Outcome {
        let mut args = vec!["delete".to_owned()];
        args.extend(self.emulator.registry(REGISTRY));
        args.extend(more.iter().map(|word| (*word).to_owned()));
        self.room.run(&args)
    }

    fn plan(&self, more: &[&str]) -> Value {
        let mut all = vec![
            "--dry-run",
            "--plan-out",
            "plan.json",
            "--max-percent",
            "100",
        ];
        all.extend(more);
        let _ = self.delete(&all).ends(0);
        self.read("plan.json")
    }

    fn read(&self, name: &str) -> Value {
        let text = std::fs::read_to_string(self.room.path(name)).expect(name);
        serde_json::from_str(&text).expect("JSON")
    }

    fn carry(&self, plan: &Value) -> Outcome {
        let digest = &plan["digest"].as_str().expect("a digest")[..8];
        self.delete(&[
            "--plan",
            "plan.json",
            "--confirm",
            digest,
            "--patience",
            "20",
        ])
    }

    /// What was really erased: registry, kind and id.
    fn erased(&self) -> BTreeSet<(String, String, String)> {
        let all = self.emulator.ask_json("deletions");
        let all = all.as_array().expect("a list");
        all.iter()
            .map(|one| {
                let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
                (text("registry"), text("kind"), text("id"))
            })
            .collect()
    }

    fn held(&self) -> usize {
        self.emulator
            .ask(&format!("truth?registry={REGISTRY}"))
            .lines()
            .count()
    }
}

#[test]
fn one_version_goes_and_nothing_else() {
    let shelf = Shelf::new();
    let before = shelf.held();
    let plan = shelf.plan(&["--kind", "registry-model-versions", "--id", "churn/2"]);
    assert_eq!(plan["scope"]["workspace"], "registry contoso-shared");
    let item = ("registry-model-versions".to_owned(), "churn/2".to_owned());
    assert_eq!(named(&plan), BTreeSet::from([item]));
    let (verb, address) = calls(&plan).into_iter().next().expect("a call");
    assert_eq!(verb, "DELETE");
    assert!(
        address.contains("/registries/contoso-shared/models/churn/versions/2?"),
        "{address}"
    );
    // It was exported before, from the registry.
    let bag = Bag::at(shelf.room.path("plan.export"));
    assert!(bag.inventory().iter().any(|entry| entry.id == "churn/2"));
    let shown = shelf.delete(&["--plan", "plan.json", "--show"]).ends(0);
    assert!(
        shown
            .stdout
            .contains("Plan for the registry contoso-shared,"),
        "{}",
        shown.stdout
    );
    let _ = shelf.carry(&plan).ends(0);
    let one = (
        REGISTRY.to_owned(),
        "registry-model-versions".to_owned(),
        "churn/2".to_owned(),
    );
    assert_eq!(shelf.erased(), BTreeSet::from([one]));
    assert_eq!(shelf.held(), before - 1);
    let page =
        std::fs::read_to_string(shelf.room.path("plan.applied/receipt.html")).expect("a page");
    assert!(page.contains(">Registry<") && !page.contains(">Workspace<"));
    let receipt = shelf.read("plan.applied/receipt.json");
    let remains = receipt["remains"].to_string();
    assert!(remains.contains("azureml-rg-contoso-shared"), "{remains}");
    assert!(!remains.contains("Application Insights"), "{remains}");
}

#[test]
fn versions_go_before_what_holds_them() {
    let shelf = Shelf::new();
    let plan = shelf.plan(&[
        "--kind",
        "registry-codes",
        "--kind",
        "registry-code-versions",
    ]);
    let kinds: Vec<&str> = steps(&plan)
        .iter()
        .map(|step| step["kind"].as_str().expect("a kind"))
        .collect();
    assert_eq!(
        kinds,
        [
            "registry-code-versions",
            "registry-code-versions",
            "registry-codes"
        ]
    );
    let _ = shelf.carry(&plan).ends(0);
    assert_eq!(shelf.erased().len(), 3);
}

#[test]
fn a_whole_registry_goes_and_no_workspace() {
    let shelf = Shelf::new();
    let plan = shelf.plan(&["--whole-registry"]);
    assert_eq!(steps(&plan).len(), 1);
    assert_eq!(plan["asked"]["targets"], json!(["the whole registry"]));
    let (_, address) = calls(&plan).into_iter().next().expect("a call");
    assert!(
        address.ends_with("/registries/contoso-shared?api-version=2026-05-01"),
        "{address}"
    );
    let _ = shelf.carry(&plan).ends(0);
    assert_eq!(shelf.held(), 0);
    let kinds: BTreeSet<String> = shelf.erased().into_iter().map(|one| one.1).collect();
    assert_eq!(kinds, BTreeSet::from(["registries".to_owned()]));
    let workspace = shelf.emulator.ask(&format!("truth?workspace={MAIN}"));
    assert!(
        workspace.lines().count() > 1_000,
        "the workspace stays as it was"
    );
}

#[test]
fn locks_rights_and_foreign_plans_stop_it_at_the_registry() {
    let shelf = Shelf::new();
    let plan = shelf.plan(&[
        "--kind",
        "registry-codes",
        "--kind",
        "registry-code-versions",
    ]);
    let path = plan["scope"]["path"].as_str().expect("a path").to_owned();
    shelf.emulator.tell(
        "settings",
        &json!({"locks": [{"scope": path, "level": "CanNotDelete"}]}),
    );
    let outcome = shelf.carry(&plan).ends(4);
    assert!(outcome.stderr.contains("locked"), "{}", outcome.stderr);
    shelf
        .emulator
        .tell("settings", &json!({"locks": [], "role": "reader"}));
    let outcome = shelf.carry(&plan).ends(5);
    assert!(
        outcome
            .stderr
            .contains("Microsoft.MachineLearningServices/registries/assets/delete"),
        "{}",
        outcome.stderr
    );
    // The plan of a registry is not one of a workspace, and the flags of the one do not fit the other.
    let digest = &plan["digest"].as_str().expect("a digest")[..8];
    let mut args = vec!["delete".to_owned()];
    args.extend(shelf.emulator.scope(MAIN));
    args.extend(["--plan", "plan.json", "--confirm", digest].map(str::to_owned));
    let _ = shelf.room.run(&args).ends(4);
    let _ = shelf.delete(&["--workspace", "--dry-run"]).ends(2);
    let mut args = vec![
        "delete".to_owned(),
        "--whole-registry".to_owned(),
        "--dry-run".to_owned(),
    ];
    args.extend(shelf.emulator.scope(MAIN));
    let _ = shelf.room.run(&args).ends(2);
    assert!(shelf.erased().is_empty());
}
