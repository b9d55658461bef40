//! What can be aimed at, and that export and delete mean the same by it.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Desk, named, only_what_was_shown, steps};

fn of_kind(all: &BTreeSet<(String, String)>, kind: &str) -> BTreeSet<String> {
    all.iter()
        .filter(|(name, _)| name == kind)
        .map(|(_, id)| id.clone())
        .collect()
}

#[test]
fn one_run_goes_with_all_that_is_its_own_and_nothing_else() {
    let desk = Desk::main();
    let plan = desk.plan("all.json", &["--kind", "runs", "--max-items", "5000"]);
    let run = of_kind(&named(&plan), "runs")
        .into_iter()
        .next()
        .expect("a run");
    let plan = desk.plan("one.json", &["--run", &run]);
    assert!(of_kind(&named(&plan), "runs").contains(&run));
    let outcome = desk.carry("one.json", &[]).ends(0);
    assert!(outcome.stdout.contains("runs"), "{}", outcome.stdout);
    only_what_was_shown(&desk, &plan);
    for (kind, id) in desk.deletions() {
        let covered = steps(&plan).iter().any(|step| {
            step["id"] == id.as_str()
                || step["covers"]
                    .as_array()
                    .is_some_and(|all| all.iter().any(|one| one == &id))
                || step["parent"]["id"] == id.as_str()
        });
        assert!(covered, "{kind} {id} was not planned");
    }
}

#[test]
fn a_run_and_its_job_are_one_step_whichever_of_them_is_named() {
    let desk = Desk::new();
    let job_of = |plan: &serde_json::Value, run: &str| -> Option<(String, String)> {
        let decisions = plan["decisions"].as_array().expect("decisions");
        let mine = decisions
            .iter()
            .find(|one| one["kind"] == "jobs" && one["id"] == run)?;
        let text = |name: &str| mine[name].as_str().expect(name).to_owned();
        Some((text("decision"), text("reason")))
    };
    let plan = desk.plan("runs.json", &["--kind", "runs"]);
    let all = named(&plan);
    assert!(of_kind(&all, "jobs").is_empty(), "{all:?}");
    let run = of_kind(&all, "runs")
        .into_iter()
        .find(|run| job_of(&plan, run).is_some())
        .expect("a run with a job");
    let wanted = (
        "with-parent".to_owned(),
        format!("it is runs/{run} seen by another service"),
    );
    assert_eq!(job_of(&plan, &run), Some(wanted.clone()));
    // Whoever names the job gets the run into the plan, with all that hangs on it.
    let plan = desk.plan("job.json", &["--kind", "jobs", "--id", &run]);
    let all = named(&plan);
    assert_eq!(of_kind(&all, "runs"), BTreeSet::from([run.clone()]));
    assert!(of_kind(&all, "jobs").is_empty(), "{all:?}");
    assert_eq!(job_of(&plan, &run), Some(wanted));
    desk.emulator.reset();
    let _ = desk.carry("job.json", &[]).ends(0);
    only_what_was_shown(&desk, &plan);
    let sent = desk.changes();
    let job = format!("/jobs/{run}?");
    let deletes = sent
        .iter()
        .filter(|(method, path)| method == "DELETE" && path.contains(&job));
    assert_eq!(deletes.count(), 1, "{sent:?}");
}

#[test]
fn what_no_list_shows_is_erased_when_it_is_named() {
    let desk = Desk::main();
    let words = ["--kind", "capability-hosts", "--capability-host", "agents"];
    let plan = desk.plan("plan.json", &words);
    let host = ("capability-hosts".to_owned(), "agents".to_owned());
    assert_eq!(named(&plan), BTreeSet::from([host.clone()]));
    let _ = desk.carry("plan.json", &[]).ends(0);
    only_what_was_shown(&desk, &plan);
    assert_eq!(desk.deletions(), [host]);
    let plan = desk.plan("again.json", &words);
    assert!(steps(&plan).is_empty(), "{plan}");
}

#[test]
fn who_may_do_what_is_shown_and_never_erased() {
    let desk = Desk::main();
    let plan = desk.plan("plan.json", &["--kind", "role-assignments"]);
    assert!(steps(&plan).is_empty(), "{plan}");
    let decisions = plan["decisions"].as_array().expect("decisions");
    assert_eq!(decisions.len(), 4);
    for one in decisions {
        assert_eq!(one["decision"], "cannot");
        let why = one["reason"].as_str().expect("a reason");
        assert!(why.contains("removes it in Azure"), "{why}");
    }
}

#[test]
fn an_experiment_goes_when_everything_in_it_goes() {
    let desk = Desk::new();
    let plan = desk.plan("all.json", &["--kind", "experiments"]);
    // By itself it would not be empty.
    assert!(
        of_kind(&named(&plan), "experiments").len() <= 1,
        "{:?}",
        named(&plan)
    );
    let bag = desk.room.path("bag");
    let mut args = vec!["export".to_owned()];
    args.extend(desk.emulator.scope(desk.workspace));
    args.extend(["-o", "bag", "--no-content"].map(str::to_owned));
    let _ = desk.room.run(&args).ends(0);
    let experiments = std::fs::read_dir(bag.join("data/workspaces"))
        .expect("workspaces")
        .next()
        .expect("one")
        .expect("an entry")
        .path()
        .join("experiments.jsonl");
    let text = std::fs::read_to_string(experiments).expect("experiments");
    let first: serde_json::Value =
        serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
    let name = first["name"].as_str().expect("a name");
    let plan = desk.plan("whole.json", &["--experiment", name, "--max-items", "5000"]);
    let all = named(&plan);
    assert_eq!(of_kind(&all, "experiments").len(), 1, "{all:?}");
    let last = plan["waves"]
        .as_array()
        .expect("waves")
        .last()
        .expect("a wave");
    assert!(
        last["steps"]
            .as_array()
            .expect("steps")
            .iter()
            .any(|step| step["kind"] == "experiments")
    );
    let _ = desk.carry("whole.json", &[]).ends(0);
    only_what_was_shown(&desk, &plan);

    // The export of the same words holds the same items.
    let other = Desk::new();
    let mut args = vec!["export".to_owned()];
    args.extend(other.emulator.scope(other.workspace));
    args.extend(["-o", "bag", "--no-content", "--experiment", name].map(str::to_owned));
    let _ = other.room.run(&args).ends(0);
    let inventory =
        std::fs::read_to_string(other.room.path("bag/data/inventory.jsonl")).expect("an inventory");
    let held: BTreeSet<(String, String)> = inventory
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .map(|item| {
            let text = |name: &str| item[name].as_str().expect(name).to_owned();
            (text("kind"), text("id"))
        })
        .collect();
    for kind in ["runs", "experiments", "artifacts"] {
        assert_eq!(of_kind(&held, kind), of_kind(&all, kind), "{kind}");
    }
}

#[test]
fn what_a_verified_bag_holds_is_erased_and_not_a_thing_more() {
    let desk = Desk::main();
    let mut args = vec!["export".to_owned()];
    args.extend(desk.emulator.scope(desk.workspace));
    args.extend(["-o", "bag", "--kind", "models", "--id", "vision:3"].map(str::to_owned));
    let _ = desk.room.run(&args).ends(0);
    let _ = desk
        .delete(&["--from", "bag", "--dry-run", "--plan-out", "plan.json"])
        .ends(0);
    let plan = desk.read("plan.json");
    assert_eq!(plan["export"]["bag"]["name"], "bag");
    assert!(named(&plan).contains(&("models".to_owned(), "vision:3".to_owned())));
    let _ = desk.carry("plan.json", &[]).ends(0);
    only_what_was_shown(&desk, &plan);
    // A damaged bag is no word to erase on.
    let copy = desk.room.path("bag/data/README.txt");
    std::fs::write(copy, "changed").expect("a file");
    let outcome = desk
        .delete(&["--from", "bag", "--dry-run", "--plan-out", "x.json"])
        .ends(6);
    assert!(outcome.stderr.contains("not valid"), "{}", outcome.stderr);
    std::fs::remove_dir_all(desk.room.path("bag")).expect("the damaged bag goes");
}

#[test]
fn a_whole_workspace_is_purged_or_kept_for_recovery() {
    for soft in [false, true] {
        let desk = Desk::new();
        let mut words = vec!["--workspace"];
        if soft {
            words.push("--soft");
        }
        let plan = desk.plan("plan.json", &words);
        assert_eq!(steps(&plan).len(), 1);
        let address = steps(&plan)[0]["calls"][0]["address"]
            .as_str()
            .expect("an address");
        assert_eq!(address.contains("forceToPurge=true"), !soft, "{address}");
        let done = desk.carry("plan.json", &[]);
        let done = if soft { done.ends(0) } else { done };
        let receipt = desk.read("plan.applied/receipt.json");
        let state = receipt["items"][0]["state"]
            .as_str()
            .expect("a state")
            .to_owned();
        assert_eq!(state == "soft-deleted", soft, "{state}\n{}", done.stdout);
        assert_ne!(state, "failed");
        only_what_was_shown(&desk, &plan);
        // The same command again, when the workspace is no longer there, is told apart from a new one.
        let again = desk.carry("plan.json", &[]).ends(4);
        assert!(again.stderr.contains("applied already"), "{}", again.stderr);
    }
}

#[test]
fn what_only_can_be_switched_off_is_never_called_erased() {
    let desk = Desk::main();
    let plan = desk.plan("plan.json", &["--kind", "pipeline-schedules"]);
    assert!(!steps(&plan).is_empty());
    let done = desk.carry("plan.json", &[]).ends(0);
    assert!(
        done.stdout.contains("disabled, not erased"),
        "{}",
        done.stdout
    );
    only_what_was_shown(&desk, &plan);
}

#[test]
fn what_changed_or_went_since_the_plan_is_left_alone() {
    let desk = Desk::main();
    let plan = desk.plan("plan.json", &["--kind", "pipeline-drafts"]);
    let ids: Vec<String> = of_kind(&named(&plan), "pipeline-drafts")
        .into_iter()
        .collect();
    assert_eq!(ids.len(), 3);
    let touch = |id: &str, what: serde_json::Value| {
        let mut body = json!({"workspace": desk.workspace, "kind": "pipeline-drafts", "id": id});
        for (name, value) in what.as_object().expect("an object") {
            body[name] = value.clone();
        }
        desk.emulator.tell("touch", &body);
    };
    touch(&ids[0], json!({"set": {"Description": "still in use"}}));
    touch(&ids[1], json!({"gone": true}));
    desk.emulator.reset();
    let done = desk.carry("plan.json", &[]).ends(3);
    assert!(
        done.stderr.contains("changed since the plan, kept"),
        "{}",
        done.stderr
    );
    let sent = desk.changes();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(sent[0].1.contains(&ids[2]));
}
