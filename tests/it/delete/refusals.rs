//! What is not carried out, and that nothing is sent then but reads.

use serde_json::json;

use super::Desk;

#[test]
fn without_a_terminal_and_without_a_digest_nothing_is_begun() {
    let desk = Desk::new();
    let outcome = desk.delete(&["--kind", "runs"]).ends(4);
    assert!(
        outcome.stderr.contains("there is no terminal"),
        "{}",
        outcome.stderr
    );
    assert_eq!(desk.emulator.diary().total(), 0, "not even read");
    let _ = desk.plan("plan.json", &["--kind", "models"]);
    desk.emulator.reset();
    let _ = desk.delete(&["--plan", "plan.json"]).ends(4);
    assert_eq!(desk.emulator.diary().total(), 0);
}

#[test]
fn a_plan_that_is_not_the_reviewed_one_is_refused() {
    let desk = Desk::new();
    let plan = desk.plan("plan.json", &["--kind", "models"]);
    let digest = plan["digest"].as_str().expect("a digest").to_owned();
    let text = std::fs::read_to_string(desk.room.path("plan.json")).expect("the plan");
    let refused = |name: &str, digest: &str, words: &str| {
        let outcome = desk.delete(&["--plan", name, "--confirm", digest]).ends(4);
        assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
    };
    refused(
        "plan.json",
        "00000000",
        "is not how the plan's digest begins",
    );
    refused("plan.json", &digest[..7], "at least the first 8");
    // One letter of an id.
    std::fs::write(
        desk.room.path("altered.json"),
        text.replacen("models", "modelz", 1),
    )
    .expect("a file");
    refused("altered.json", &digest[..8], "altered");
    // Another workspace.
    let mut args = vec!["delete".to_owned()];
    args.extend(desk.emulator.scope(crate::emulated::MAIN));
    args.extend(["--plan", "plan.json", "--confirm", &digest[..8]].map(str::to_owned));
    let foreign = desk.room.run(&args).ends(4);
    assert!(foreign.stderr.contains("for another"), "{}", foreign.stderr);
    assert!(desk.changes().is_empty());
}

#[test]
fn limits_stop_a_plan_before_it_is_one() {
    let desk = Desk::new();
    let wanted = |more: &[&str], code: i32, words: &str| {
        let mut all = vec![
            "--dry-run",
            "--plan-out",
            "plan.json",
            "--without-export",
            "--kind",
            "runs",
        ];
        all.extend(more);
        let outcome = desk.delete(&all).ends(code);
        assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
        assert!(!desk.room.path("plan.json").exists());
    };
    wanted(&[], 4, "--max-percent");
    wanted(
        &["--max-percent", "100", "--max-items", "3"],
        4,
        "--max-items",
    );
    wanted(
        &["--protect", "[", "--max-percent", "100"],
        4,
        "cannot be used",
    );
}

#[test]
fn what_is_protected_or_only_a_candidate_stays() {
    let desk = Desk::main();
    let plan = desk.plan("all.json", &["--kind", "models", "--protect", "vision*"]);
    assert!(
        super::named(&plan)
            .iter()
            .all(|(_, id)| !id.starts_with("vision"))
    );
    let decisions = plan["decisions"].as_array().expect("decisions");
    assert!(
        decisions
            .iter()
            .any(|one| one["decision"] == "keep" && one["id"] == "vision:3")
    );
    desk.emulator.tell(
        "touch",
        &json!({"workspace": desk.workspace, "kind": "models", "id": "vision:3", "set": {"kvTags": {"aml-dsr-keep": "legal hold"}}}),
    );
    let plan = desk.plan("tagged.json", &["--kind", "models", "--id", "vision:3"]);
    assert!(super::steps(&plan).is_empty());
    // A display name is never more than a candidate.
    let plan = desk.plan("named.json", &["--subject", "name:Olga Petrova"]);
    assert!(super::steps(&plan).is_empty());
    let all = plan["decisions"].as_array().expect("decisions");
    let run = all
        .iter()
        .find(|one| one["kind"] == "runs")
        .and_then(|one| one["id"].as_str())
        .expect("a run of hers");
    let item = format!("runs/{run}");
    let plan = desk.plan(
        "judged.json",
        &["--subject", "name:Olga Petrova", "--include-item", &item],
    );
    assert!(super::named(&plan).contains(&("runs".to_owned(), run.to_owned())));
}

#[test]
fn targets_have_to_be_named_and_make_sense() {
    let desk = Desk::new();
    for (words, said) in [
        (vec!["--dry-run"], "say what to erase"),
        (vec!["--dry-run", "--kind", "workspaces"], "--workspace"),
        (vec!["--dry-run", "--kind", "nothing"], "there is no kind"),
        (
            vec!["--dry-run", "--include-item", "runs/x", "--kind", "runs"],
            "--include-item",
        ),
        (vec!["--dry-run", "--from", "no-such-bag"], "no-such-bag"),
        (vec!["--dry-run", "--soft"], "--workspace"),
    ] {
        let outcome = desk.delete(&words).ends(2);
        assert!(
            outcome.stderr.contains(said),
            "{words:?}: {}",
            outcome.stderr
        );
    }
    assert!(desk.changes().is_empty());
}
