//! The whole story: find, plan with an export, review, approve, apply, verify; then nothing is left but what the receipt
//! lists.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Desk, named, only_what_was_shown, steps};

/// A person of the main workspace with runs, a model, a dataset, a draft and tasks, by their object id.
fn person(desk: &Desk) -> String {
    let all = desk.emulator.ask_json("people");
    let card = all
        .as_array()
        .expect("people")
        .iter()
        .find(|card| card["key"] == "olga")
        .expect("olga is there");
    card["identifiers"]
        .as_array()
        .expect("identifiers")
        .iter()
        .find(|one| one["as"] == "object-id")
        .and_then(|one| one["value"].as_str())
        .expect("an object id")
        .to_owned()
}

fn found(desk: &Desk, id: &str) -> BTreeSet<(String, String)> {
    let mut args = vec!["find".to_owned()];
    args.extend(desk.emulator.scope(desk.workspace));
    args.extend(["--object-id", id, "--format", "json"].map(str::to_owned));
    let outcome = desk.room.run(&args).ends(0);
    outcome.json()["hits"]
        .as_array()
        .expect("hits")
        .iter()
        .filter(|hit| hit["strength"] == "exact")
        .map(|hit| {
            let text = |name: &str| hit[name].as_str().expect(name).to_owned();
            (text("kind"), text("id"))
        })
        .collect()
}

#[test]
fn a_person_is_erased_as_planned_and_what_is_left_is_said() {
    let desk = Desk::main();
    let id = person(&desk);
    let before = found(&desk, &id);
    assert!(before.len() > 50, "{}", before.len());

    // Propose, with an export beside the plan.
    let _ = desk
        .delete(&[
            "--object-id",
            &id,
            "--dry-run",
            "--plan-out",
            "plan.json",
            "--max-percent",
            "60",
            "--case",
            "DSR-17",
            "--requested-by",
            "Petra Planner",
        ])
        .ends(0);
    assert!(desk.changes().is_empty(), "a proposal changes nothing");
    let plan = desk.read("plan.json");
    let bag = desk.room.path("plan.export");
    let _ = desk
        .room
        .run(&["verify", bag.to_str().expect("a path")])
        .ends(0);

    // Review and approve; the planner's own approval does not count.
    let shown = desk.delete(&["--plan", "plan.json", "--show"]).ends(0);
    assert!(shown.stdout.contains("DSR-17"), "{}", shown.stdout);
    let digest = plan["digest"].as_str().expect("a digest");
    let approve = |name: &str| {
        desk.delete(&[
            "--plan",
            "plan.json",
            "--approve",
            name,
            "--confirm",
            &digest[..8],
        ])
    };
    let _ = approve("Petra Planner").ends(4);
    let _ = approve("Rita Reviewer").ends(0);
    let refused = desk
        .carry("plan.json", &["--require-approvals", "2"])
        .ends(4);
    assert!(
        refused.stderr.contains("2 approvals are wanted"),
        "{}",
        refused.stderr
    );
    let _ = approve("Otto Officer").ends(0);
    assert!(desk.changes().is_empty());

    // Dispose, signed.
    let _ = desk
        .room
        .run(&["keygen", "--output", "officer.pem"])
        .ends(0);
    let done = desk
        .carry(
            "plan.json",
            &[
                "--require-approvals",
                "2",
                "--signing-key",
                "officer.pem",
                "--language",
                "fr",
            ],
        )
        .ends(0);
    assert!(
        done.stdout.contains("Everything ended as the plan said."),
        "{}",
        done.stdout
    );
    only_what_was_shown(&desk, &plan);

    // Look again: what is left of the person is what the plan said it cannot, or will not, erase.
    let left = found(&desk, &id);
    let stays: BTreeSet<(String, String)> = plan["decisions"]
        .as_array()
        .expect("decisions")
        .iter()
        .filter(|one| one["decision"] == "cannot" || one["decision"] == "keep")
        .map(|one| {
            let text = |name: &str| one[name].as_str().expect(name).to_owned();
            (text("kind"), text("id"))
        })
        .collect();
    for one in &left {
        assert!(
            stays.contains(one),
            "{one:?} is left and no decision says so"
        );
    }
    let gone: BTreeSet<_> = before.difference(&left).collect();
    assert!(gone.len() > 40, "{}", gone.len());

    // Each step has one true state, and the word erased stands only where every place was looked at.
    let receipt = desk.read("plan.applied/receipt.json");
    let items = receipt["items"].as_array().expect("items");
    assert_eq!(items.len(), steps(&plan).len());
    for item in items {
        let places = item["places"].as_array().expect("places");
        let blind = places.iter().any(|place| place["bytes"] != "gone");
        if item["state"] == "erased" {
            assert!(!blind, "{item}");
        }
        if item["kind"] == "runs" {
            assert_eq!(item["state"], "not-looked-at", "{item}");
            assert_eq!(places.len(), 3, "the three places of a run");
        }
    }
    assert_eq!(receipt["case"], "DSR-17");

    // The receipt names nobody and nothing of theirs.
    let texts = ["receipt.json", "receipt.html", "replay.json"].map(|name| {
        std::fs::read_to_string(desk.room.path("plan.applied").join(name)).expect(name)
    });
    for text in &texts {
        assert!(!text.contains(&id));
        assert!(!text.to_lowercase().contains("petrova"));
        for (_, id) in named(&plan) {
            assert!(id.len() < 8 || !text.contains(&id), "{id}");
        }
    }
    assert!(texts[1].contains("lang=\"fr\""));

    // Verify takes the folder, and OpenSSL the signature.
    let _ = desk.room.run(&["verify", "plan.applied"]).ends(0);
    openssl_agrees(&desk);

    // A plan is carried out once.
    let again = desk
        .carry("plan.json", &["--require-approvals", "2"])
        .ends(4);
    assert!(
        again.stderr.contains("was applied already"),
        "{}",
        again.stderr
    );
}

fn openssl_agrees(desk: &Desk) {
    let mut command = std::process::Command::new("openssl");
    command
        .args([
            "pkeyutl",
            "-verify",
            "-pubin",
            "-inkey",
            "receipt.pub.pem",
            "-rawin",
            "-in",
            "receipt.json",
            "-sigfile",
            "receipt.json.sig",
        ])
        .current_dir(desk.room.path("plan.applied"));
    match command.output() {
        Ok(output) => assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(_) => {
            crate::context::loudly("openssl is not here, so it was not asked about the signature");
        }
    }
}

#[test]
fn what_came_back_with_a_restore_is_found_by_the_list_and_erased_again() {
    let desk = Desk::main();
    let plan = desk.plan("first.json", &["--kind", "models", "--id", "vision:3"]);
    let model = ("models".to_owned(), "vision:3".to_owned());
    assert!(named(&plan).contains(&model));
    let _ = desk.carry("first.json", &[]).ends(0);
    desk.emulator.tell(
        "touch",
        &serde_json::json!({"workspace": desk.workspace, "kind": "models", "id": "vision:3", "back": true}),
    );
    let replayed: Value = desk.plan(
        "second.json",
        &[
            "--replay",
            "first.applied/replay.json",
            "--replay-key",
            "first.receipt.key",
        ],
    );
    assert_eq!(named(&replayed), BTreeSet::from([model]));
    let _ = desk.carry("second.json", &[]).ends(0);
    let third = desk.plan(
        "third.json",
        &[
            "--replay",
            "first.applied/replay.json",
            "--replay-key",
            "first.receipt.key",
        ],
    );
    assert!(steps(&third).is_empty());
    // With another key nothing could be found, which must not look like nothing being there.
    let refused = desk
        .delete(&[
            "--dry-run",
            "--plan-out",
            "x.json",
            "--replay",
            "first.applied/replay.json",
            "--replay-key",
            "second.receipt.key",
        ])
        .ends(4);
    assert!(refused.stderr.contains("not the key"), "{}", refused.stderr);
}
