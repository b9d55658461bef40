//! What stands in the way: each obstacle has its sentence and its exit code, and none leads to a storm of tries.

use serde_json::json;

use super::{Desk, steps};

const LOCK: &str = "/subscriptions/{s}/resourceGroups/rg-fabrikam-lab";

fn lock(desk: &Desk) {
    let scope = LOCK.replace("{s}", &desk.emulator.subscription);
    desk.emulator.tell(
        "settings",
        &json!({"locks": [{"scope": scope, "level": "CanNotDelete"}]}),
    );
}

#[test]
fn a_lock_is_seen_beforehand() {
    let desk = Desk::new();
    lock(&desk);
    let outcome = desk
        .delete(&[
            "--workspace",
            "--dry-run",
            "--plan-out",
            "plan.json",
            "--without-export",
        ])
        .ends(4);
    assert!(outcome.stderr.contains("locked by"), "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("rg-fabrikam-lab"),
        "{}",
        outcome.stderr
    );
    assert!(!desk.room.path("plan.json").exists());
}

#[test]
fn a_lock_that_came_after_the_plan_is_seen_before_the_first_call() {
    let desk = Desk::new();
    let plan = desk.plan("plan.json", &["--workspace"]);
    assert_eq!(steps(&plan).len(), 1);
    lock(&desk);
    let outcome = desk.carry("plan.json", &[]).ends(4);
    assert!(outcome.stderr.contains("locked by"), "{}", outcome.stderr);
    assert!(desk.changes().is_empty());
}

#[test]
fn a_missing_role_is_seen_beforehand() {
    let desk = Desk::new();
    desk.emulator.tell("settings", &json!({"role": "reader"}));
    let outcome = desk
        .delete(&[
            "--workspace",
            "--dry-run",
            "--plan-out",
            "plan.json",
            "--without-export",
        ])
        .ends(5);
    assert!(
        outcome
            .stderr
            .contains("Microsoft.MachineLearningServices/workspaces/delete"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_role_that_went_after_the_plan_stops_at_once() {
    let desk = Desk::main();
    let plan = desk.plan("plan.json", &["--kind", "pipeline-drafts"]);
    desk.emulator.tell("settings", &json!({"role": "reader"}));
    desk.emulator.reset();
    desk.emulator.tell("settings", &json!({"role": "reader"}));
    let outcome = desk.carry("plan.json", &[]);
    let code = outcome.status.code();
    assert!(matches!(code, Some(3 | 5)), "{code:?}: {}", outcome.stderr);
    let tries = desk.changes().len();
    assert!(
        tries <= steps(&plan).len(),
        "{tries} calls for {} steps",
        steps(&plan).len()
    );
}

#[test]
fn an_active_run_is_cancelled_first_and_then_erased() {
    let desk = Desk::main();
    let plan = desk.plan("all.json", &["--kind", "runs", "--max-items", "5000"]);
    let run = steps(&plan)
        .iter()
        .find(|step| step["kind"] == "runs")
        .and_then(|step| step["id"].as_str())
        .expect("a run")
        .to_owned();
    desk.emulator.tell(
        "touch",
        &json!({"workspace": desk.workspace, "kind": "runs", "id": run, "set": {"status": "Running"}}),
    );
    let plan = desk.plan("plan.json", &["--run", &run]);
    desk.emulator.reset();
    let outcome = desk.carry("plan.json", &[]).ends(0);
    assert!(outcome.stdout.contains("runs"), "{}", outcome.stdout);
    let sent = desk.changes();
    let cancel = sent.iter().position(|(method, path)| {
        method == "POST" && path.contains(&format!("jobs/{run}/cancel"))
    });
    let erase = sent
        .iter()
        .position(|(method, path)| method == "DELETE" && path.contains(&format!("jobs/{run}?")));
    assert!(cancel.is_some() && cancel < erase, "{sent:?}");
    super::only_what_was_shown(&desk, &plan);
}

#[test]
fn an_enabled_schedule_is_switched_off_and_traffic_taken_away_first() {
    let desk = Desk::main();
    for kind in ["schedules", "online-deployments"] {
        let name = format!("{kind}.json");
        desk.emulator.reset();
        let plan = desk.plan(&name, &["--kind", kind]);
        assert!(!steps(&plan).is_empty(), "{kind}");
        let outcome = desk.carry(&name, &[]).ends(0);
        assert!(outcome.stdout.contains(kind), "{}", outcome.stdout);
        super::only_what_was_shown(&desk, &plan);
        assert!(
            desk.changes().iter().any(|(method, _)| method == "PUT"),
            "{kind}"
        );
    }
}

#[test]
fn a_purge_that_only_says_so_is_not_called_erased() {
    let desk = Desk::new();
    let plan = desk.plan("plan.json", &["--workspace"]);
    assert_eq!(steps(&plan).len(), 1);
    desk.emulator
        .tell("settings", &json!({"purge_sticks": true}));
    let outcome = desk.carry("plan.json", &["--patience", "3"]).ends(3);
    assert!(
        outcome.stdout.contains("not confirmed"),
        "{}{}",
        outcome.stdout,
        outcome.stderr
    );
    assert_eq!(desk.changes().len(), 1);
}

#[test]
fn an_operation_that_fails_is_a_failure_with_its_words() {
    let desk = Desk::new();
    let plan = desk.plan("plan.json", &["--workspace"]);
    assert_eq!(steps(&plan).len(), 1);
    for form in ["location", "async"] {
        desk.emulator.tell(
            "settings",
            &json!({"operations_fail": true, "operations": form}),
        );
        let desk_plan = format!("{form}.json");
        let _ = desk.plan(&desk_plan, &["--workspace"]);
        let outcome = desk.carry(&desk_plan, &["--patience", "5"]).ends(3);
        assert!(
            outcome.stderr.contains("failed"),
            "{form}: {}",
            outcome.stderr
        );
    }
}
