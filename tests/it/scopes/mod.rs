//! Scopes wider than a subscription: what the index and the lists show is found, each in its own folder, and what they
//! disagree about, or could not say, is said.

mod each;
mod gone;
mod hostile;
mod quota;
mod registries;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::bag::Bag;
use crate::context::{Outcome, Room};
use crate::emulated::{EmulatorProcess, SMALL};

/// An emulated tenant with several subscriptions, and a place to work in.
pub(crate) struct Tenant {
    pub(crate) emulator: EmulatorProcess,
    pub(crate) room: Room,
    /// The ids of the subscriptions: the usual one, a second one, and one that is disabled.
    pub(crate) subscriptions: Vec<String>,
}

impl Tenant {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(more: &[&str]) -> Self {
        let emulator = EmulatorProcess::start(&[&["--world", "tenant"], more].concat());
        let subscriptions = emulator.subscriptions();
        emulator.reset();
        Self {
            emulator,
            room: Room::new(),
            subscriptions,
        }
    }

    /// The arguments of a command over a scope, with few kinds, so that it is about the scope and not about what is in it.
    fn words(&self, command: &str, more: &[&str]) -> Vec<String> {
        let mut words = vec![command, "--arm-endpoint", &self.emulator.endpoint];
        words.extend(more);
        words.extend(["--kinds", "runs", "--quiet"]);
        words.into_iter().map(str::to_owned).collect()
    }

    fn run(&self, command: &str, more: &[&str]) -> Outcome {
        self.room.run(&self.words(command, more))
    }

    fn export(&self, more: &[&str]) -> Outcome {
        self.run("export", &[&["-o", "bag"], more].concat())
    }

    fn bag(&self) -> Bag {
        let bag = Bag::at(self.room.path("bag"));
        bag.check();
        bag
    }

    fn set(&self, settings: &Value) {
        self.emulator.tell("settings", settings);
    }

    fn id(&self, subscription: usize, group: &str, name: &str) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{name}",
            self.subscriptions[subscription]
        )
    }

    /// The names that the five workspaces go by when all are in one bag.
    fn labels(&self) -> BTreeSet<String> {
        let twin = |at: usize| format!("{}/rg-contoso-ml/contoso-ml", self.subscriptions[at]);
        [
            twin(0),
            twin(1),
            "rg-contoso-ml/contoso-legacy".to_owned(),
            "rg-research/contoso-legacy".to_owned(),
            SMALL.to_owned(),
        ]
        .into()
    }
}

/// The workspaces whose own documents are in a bag.
fn held(bag: &Bag) -> BTreeSet<String> {
    let inventory = bag.inventory().into_iter();
    inventory
        .filter(|entry| entry.kind == "workspaces" || entry.kind == "workspace")
        .map(|entry| entry.workspace)
        .collect()
}

fn reasons(lines: &[Value], workspace: &str) -> Vec<String> {
    lines
        .iter()
        .filter(|line| line["workspace"] == workspace)
        .map(|line| line["reason"].as_str().expect("a reason").to_owned())
        .collect()
}

#[test]
fn every_workspace_of_every_subscription_is_in_its_own_folder() {
    let tenant = Tenant::new();
    let _ = tenant.export(&["--all-subscriptions"]).ends(0);
    let bag = tenant.bag();
    assert_eq!(held(&bag), tenant.labels());
    assert!(bag.gaps().is_empty(), "{:?}", bag.gaps());
    let runs = |workspace: &str| bag.coverage(workspace, "runs")["items"].as_u64();
    let twin = |at: usize| format!("{}/rg-contoso-ml/contoso-ml", tenant.subscriptions[at]);
    assert_eq!(runs(&twin(1)), Some(8));
    assert!(runs(&twin(0)) > Some(100));
    // What is disabled is not passed over in silence, and nobody says that it is empty.
    let disabled = format!("subscription {}", tenant.subscriptions[2]);
    let notes = reasons(&bag.notes(), &disabled);
    assert!(
        notes.len() == 1 && notes[0].contains("disabled"),
        "{notes:?}"
    );
    assert_eq!(bag.coverage(&disabled, "runs")["status"], "not-offered");
    let _ = tenant.room.run(&["verify", "bag", "--quiet"]).ends(0);
    let _ = tenant
        .room
        .run(&["report", "bag", "--format", "csv", "--quiet"])
        .ends(0);
}

#[test]
fn a_management_group_is_what_is_below_it() {
    let tenant = Tenant::new();
    let _ = tenant
        .export(&["--management-group", "contoso-research"])
        .ends(0);
    let found = held(&tenant.bag());
    let expected = ["contoso-legacy", "contoso-ml"].map(str::to_owned);
    assert_eq!(found, BTreeSet::from(expected));
    // Nothing but the index knows what is below a group, so without it nothing is known.
    for more in [&[][..], &["--bag-per-workspace"]] {
        let words = [&["-o", "other", "--management-group", "nobody"], more].concat();
        let outcome = tenant.run("export", &words).ends(2);
        for words in [
            "management group nobody",
            "400",
            "az account management-group list",
            "Reader",
        ] {
            assert!(
                outcome.stderr.contains(words),
                "{words}: {}",
                outcome.stderr
            );
        }
        assert!(!tenant.room.path("other").exists());
    }
    // Whoever may not ask has no access, and hears the same.
    tenant.emulator.tell(
        "mishaps",
        &json!([{"path_contains": "ResourceGraph", "times": 1000, "do": {"status": 403}}]),
    );
    let outcome = tenant
        .run("export", &["-o", "other", "--management-group", "contoso"])
        .ends(5);
    assert!(
        outcome.stderr.contains("role Reader there"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn what_one_source_shows_alone_is_walked_and_said() {
    let tenant = Tenant::new();
    let (main, small) = (
        tenant.id(0, "RG-contoso-ml", "contoso-ml"),
        tenant.id(0, "rg-fabrikam-lab", SMALL),
    );
    tenant.set(&json!({"resource_graph_hides": [main], "lists_hide": [small]}));
    let _ = tenant.export(&["--all-subscriptions"]).ends(0);
    let bag = tenant.bag();
    assert_eq!(held(&bag), tenant.labels());
    let notes = bag.notes();
    let of = |label: &str| {
        let mut reasons = reasons(&notes, label);
        reasons.retain(|reason| reason.contains("Azure Resource Graph"));
        reasons
    };
    let unseen = of(&format!(
        "{}/rg-contoso-ml/contoso-ml",
        tenant.subscriptions[0]
    ));
    assert!(
        unseen.len() == 1 && unseen[0].contains("with a delay"),
        "{unseen:?}"
    );
    let unlisted = of(SMALL);
    assert!(
        unlisted.len() == 1 && unlisted[0].starts_with("Azure Resource Graph shows"),
        "{unlisted:?}"
    );
    let others = notes.iter().filter(|note| {
        let reason = note["reason"].as_str().unwrap_or_default();
        reason.contains("Azure Resource Graph")
    });
    assert_eq!(others.count(), 2);
}

#[test]
fn a_subscription_whose_list_fails_is_a_gap_and_its_workspaces_are_walked() {
    let tenant = Tenant::new();
    let second = &tenant.subscriptions[1];
    tenant.emulator.tell(
        "mishaps",
        &json!([{"path_contains": format!("/subscriptions/{second}/providers/"), "times": 1000,
                 "do": {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "No."}}}}]),
    );
    let _ = tenant.export(&["--all-subscriptions"]).ends(3);
    let bag = tenant.bag();
    assert_eq!(held(&bag), tenant.labels());
    let gaps = bag.gaps();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!(gaps[0]["workspace"], format!("subscription {second}"));
    assert_eq!(gaps[0]["class"], "denied");
    assert_eq!(
        bag.coverage(&format!("subscription {second}"), "runs")["status"],
        "denied"
    );
}

#[test]
fn an_index_that_covers_a_part_or_cannot_be_had_is_a_gap_and_the_lists_are_walked() {
    for (settings, mishaps, words) in [
        (
            json!({"resource_graph_partial": true}),
            json!([]),
            "a part of the subscriptions",
        ),
        (
            json!({"resource_graph_truncated": true}),
            json!([]),
            "counts 5 workspaces and gave 3",
        ),
        (
            json!({}),
            json!([{"path_contains": "ResourceGraph", "times": 1000, "do": {"status": 403}}]),
            "could not be asked",
        ),
    ] {
        let tenant = Tenant::new();
        tenant.set(&settings);
        if mishaps != json!([]) {
            tenant.emulator.tell("mishaps", &mishaps);
        }
        let _ = tenant.export(&["--all-subscriptions"]).ends(3);
        let bag = tenant.bag();
        assert_eq!(held(&bag), tenant.labels(), "{words}");
        let gaps = reasons(&bag.gaps(), "every subscription");
        assert!(gaps.len() == 1 && gaps[0].contains(words), "{gaps:?}");
        let blamed = bag.notes().into_iter().filter(|note| {
            let reason = note["reason"].as_str().unwrap_or_default();
            reason.contains("follows changes with a delay")
        });
        assert_eq!(
            blamed.count(),
            0,
            "an index that gave a part contradicts nobody"
        );
    }
}

#[test]
fn a_find_looks_through_all_of_them() {
    let tenant = Tenant::new();
    let person = ["--subject", "ada.lovelace@contoso.com", "--format", "json"];
    let scope = ["--all-subscriptions"];
    let found = tenant
        .run("find", &[&person[..], &scope[..]].concat())
        .ends(0)
        .json();
    let coverage = found["coverage"].as_array().expect("rows").iter();
    let looked: BTreeSet<String> = coverage
        .filter(|row| row["kind"] == "runs" && row["items"].as_u64() > Some(0))
        .map(|row| row["workspace"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(looked, tenant.labels());
}

#[test]
fn a_plan_is_about_one_workspace() {
    let tenant = Tenant::new();
    let words = [
        "delete",
        "--arm-endpoint",
        &tenant.emulator.endpoint,
        "--kind",
        "runs",
        "--dry-run",
        "--quiet",
        "--plan-out",
        "plan.json",
    ];
    for scope in [
        &["--all-subscriptions"][..],
        &["--management-group", "contoso"][..],
    ] {
        let outcome = tenant.room.run(&[&words[..], scope].concat()).ends(2);
        assert!(
            outcome.stderr.contains("a plan is about one workspace"),
            "{}",
            outcome.stderr
        );
    }
    assert_eq!(tenant.emulator.diary().total(), 0, "nothing was asked");
    assert!(!tenant.room.path("plan.json").exists());
    // That comes before any word of a terminal, which would not help.
    let all = [
        "--all-workspaces",
        "--subscription",
        &tenant.subscriptions[0],
    ];
    for scope in [&["--all-subscriptions"][..], &all[..]] {
        let words = ["delete", "--arm-endpoint", &tenant.emulator.endpoint];
        let outcome = tenant
            .room
            .run(&[&words[..], scope, &["--workspace"]].concat())
            .ends(2);
        assert!(
            outcome.stderr.contains("a plan is about one workspace")
                && !outcome.stderr.contains("terminal"),
            "{}",
            outcome.stderr
        );
    }
}

#[test]
fn a_bag_of_another_workspace_of_the_same_name_is_no_word_to_erase_on() {
    let tenant = Tenant::new();
    let at = |command: &'static str, at: usize| {
        let words = [
            command,
            "--arm-endpoint",
            &tenant.emulator.endpoint,
            "--quiet",
            "--subscription",
            &tenant.subscriptions[at],
            "-g",
            "rg-contoso-ml",
            "-w",
            "contoso-ml",
        ];
        words.map(str::to_owned).to_vec()
    };
    let run = |mut words: Vec<String>, more: &[&str]| {
        words.extend(more.iter().map(|word| (*word).to_owned()));
        tenant.room.run(&words)
    };
    let drafts = ["--kinds", "pipeline-drafts", "-o"];
    let _ = run(at("export", 1), &[&drafts[..], &["other"]].concat()).ends(0);
    let plan = |from: &'static str| {
        let words = ["--from", from, "--dry-run", "--plan-out", "plan.json"];
        run(at("delete", 0), &words)
    };
    let outcome = plan("other").ends(2);
    assert!(
        outcome
            .stderr
            .contains("holds nothing of the workspace contoso-ml, which is /subscriptions/"),
        "{}",
        outcome.stderr
    );
    // In a bag of many the same workspace goes by a longer name, and is known all the same.
    let words = [
        "export",
        "--arm-endpoint",
        &tenant.emulator.endpoint,
        "--quiet",
        "--all-subscriptions",
    ];
    let _ = tenant
        .room
        .run(&[&words[..], &drafts[..], &["all"]].concat())
        .ends(0);
    let _ = plan("all").ends(0);
    let text = std::fs::read_to_string(tenant.room.path("plan.json")).expect("the plan");
    let plan: Value = serde_json::from_str(&text).expect("JSON");
    let steps: Vec<&str> = plan["waves"]
        .as_array()
        .expect("waves")
        .iter()
        .flat_map(|wave| wave["steps"].as_array().expect("steps"))
        .filter_map(|step| step["kind"].as_str())
        .collect();
    assert!(
        !steps.is_empty() && steps.iter().all(|kind| *kind == "pipeline-drafts"),
        "{steps:?}"
    );
}
