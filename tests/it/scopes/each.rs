//! A bag for each workspace.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Tenant;
use crate::bag::Bag;
use crate::emulated::SMALL;

const EACH: [&str; 4] = ["-o", "bags", "--bag-per-workspace", "--all-subscriptions"];

impl Tenant {
    fn list(&self) -> Value {
        let text = std::fs::read_to_string(self.room.path("bags/workspaces.json"));
        serde_json::from_str(&text.expect("the list")).expect("JSON")
    }

    /// Name and folder of every workspace that has a bag.
    fn bags(&self) -> Vec<(String, Bag)> {
        let list = self.list();
        let rows = list["workspaces"].as_array().expect("rows").iter();
        rows.filter_map(|row| {
            let folder = row["bag"].as_str()?;
            let name = row["workspace"].as_str().expect("a name").to_owned();
            Some((name, Bag::at(self.room.path("bags").join(folder))))
        })
        .collect()
    }

    /// How often a run history was asked.
    fn walked(&self) -> usize {
        let lines = self.emulator.diary().lines();
        lines
            .iter()
            .filter(|(path, _)| path.starts_with("/history/"))
            .count()
    }
}

#[test]
fn each_workspace_has_a_bag_that_stands_alone_and_is_made_once() {
    let tenant = Tenant::new();
    let told = tenant
        .run("export", &[&EACH[..], &["--format", "json"]].concat())
        .ends(0)
        .json();
    assert_eq!(told["bags"], 5);
    let bags = tenant.bags();
    let names: BTreeSet<String> = bags.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names, tenant.labels());
    assert_eq!(tenant.list()["finished"], true);
    for (name, bag) in &bags {
        bag.check();
        let held = super::held(bag);
        assert_eq!(held.len(), 1, "{name}: {held:?}");
        let path = bag.path("").display().to_string();
        let _ = tenant
            .room
            .run(&["verify", path.as_str(), "--quiet"])
            .ends(0);
    }
    let info = bags[0].1.text("bag-info.txt").replace("\n  ", " ");
    assert!(info.contains("Aml-Dsr-Scope: workspace "), "{info}");
    // The same command again has nothing left to do.
    let manifests: Vec<String> = bags.iter().map(|(_, bag)| bag.manifest()).collect();
    tenant.emulator.reset();
    let again = tenant.run("export", &EACH).ends(0);
    assert_eq!(
        again.stdout.matches("finished before").count(),
        5,
        "{}",
        again.stdout
    );
    assert_eq!(tenant.walked(), 0);
    // A bag that is missing is made, and no other.
    let small = bags.iter().find(|(name, _)| name == SMALL);
    let folder = small.expect("the small one").1.path("");
    std::fs::remove_dir_all(&folder).expect("a bag");
    let _ = tenant.run("export", &EACH).ends(0);
    assert!(tenant.walked() > 0);
    let after: Vec<String> = tenant
        .bags()
        .iter()
        .map(|(_, bag)| bag.manifest())
        .collect();
    assert_eq!(after, manifests);
}

#[test]
fn the_whole_ends_as_its_worst_part_and_names_it() {
    let tenant = Tenant::new();
    tenant.set(&json!({"lists_soft_deleted": true}));
    tenant.emulator.tell(
        "touch",
        &json!({"workspace": SMALL, "kind": "workspaces", "id": SMALL, "soft": true}),
    );
    let outcome = tenant.run("export", &EACH).ends(3);
    assert!(outcome.stdout.contains("14 days"), "{}", outcome.stdout);
    assert_eq!(tenant.bags().len(), 4);
    let list = tenant.list();
    let rows = list["workspaces"].as_array().expect("rows");
    let row = rows
        .iter()
        .find(|row| row["workspace"] == SMALL)
        .expect("a row");
    assert!(row["bag"].is_null() && row["exit_code"] == 3, "{row}");
    // One that refuses is worse, and keeps nobody from the others.
    let denied = tenant.id(1, "rg-research", "contoso-legacy");
    tenant.emulator.tell(
        "mishaps",
        &json!([{"path_contains": denied, "times": 1000, "do": {"status": 403}}]),
    );
    let words = ["-o", "other", "--bag-per-workspace", "--all-subscriptions"];
    let outcome = tenant.run("export", &words).ends(5);
    assert!(
        outcome.stdout.contains("3 of 5 workspaces have a bag"),
        "{}",
        outcome.stdout
    );
}

/// The name of a bag depends on which other workspaces there are, so the bag of one may lie where that of another is to be.
#[test]
fn a_bag_of_another_workspace_in_the_way_keeps_nobody_else_from_being_exported() {
    let tenant = Tenant::new();
    let _ = tenant.run("export", &EACH).ends(0);
    let bags = tenant.bags();
    let at = |name: &str| {
        let found = bags.iter().find(|(label, _)| label == name);
        found.expect("a bag").1.path("")
    };
    let (small, research) = (at(SMALL), at("rg-research/contoso-legacy"));
    std::fs::remove_dir_all(&small).expect("a bag");
    std::fs::rename(&research, &small).expect("a bag in the way");
    let outcome = tenant.run("export", &EACH).ends(2);
    assert!(
        outcome.stdout.contains("4 of 5 workspaces have a bag")
            && outcome.stdout.contains("holds a bag of another scope"),
        "{}",
        outcome.stdout
    );
    assert!(research.join("bagit.txt").exists(), "it was made again");
    let list = tenant.list();
    assert_eq!(list["finished"], true);
    let rows = list["workspaces"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["workspace"] == SMALL);
    let row = row.expect("a row");
    assert!(row["bag"].is_null() && row["exit_code"] == 2, "{row}");
}

#[test]
fn a_folder_of_something_else_is_left_alone() {
    let tenant = Tenant::new();
    let scope = [
        "--bag-per-workspace",
        "--management-group",
        "contoso-research",
    ];
    let run = |more: &[&str]| tenant.run("export", &[&scope[..], more].concat());
    std::fs::create_dir(tenant.room.path("foreign")).expect("a directory");
    std::fs::write(tenant.room.path("foreign/notes.txt"), "mine").expect("a file");
    let outcome = run(&["-o", "foreign"]).ends(2);
    assert!(
        outcome.stderr.contains("neither empty nor"),
        "{}",
        outcome.stderr
    );
    let _ = run(&["-o", "bags"]).ends(0);
    let outcome = run(&["-o", "bags", "--no-content"]).ends(2);
    assert!(
        outcome.stderr.contains("another options"),
        "{}",
        outcome.stderr
    );
    let outcome = tenant
        .run(
            "export",
            &[
                "-o",
                "bags",
                "--bag-per-workspace",
                "--management-group",
                "contoso",
            ],
        )
        .ends(2);
    assert!(
        outcome.stderr.contains("another scope"),
        "{}",
        outcome.stderr
    );
    let registry = ["-o", "registry", "--registry", "contoso-shared", "-g", "g"];
    let words = [&registry[..], &["--bag-per-workspace"]].concat();
    let outcome = tenant.run("export", &words).ends(2);
    assert!(
        outcome.stderr.contains("--registry names none"),
        "{}",
        outcome.stderr
    );
    assert!(!tenant.room.path("registry").exists());
    let outcome = run(&[
        "-o",
        "keyed",
        "--subject",
        "ada.lovelace@contoso.com",
        "--pseudonym-key",
        "key",
    ])
    .ends(2);
    assert!(
        outcome.stderr.contains("--pseudonym-key"),
        "{}",
        outcome.stderr
    );
}
