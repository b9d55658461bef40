//! A program that is killed goes on where it was: every item ends in one true state, and none is erased twice.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use super::{Desk, only_what_was_shown, steps};

#[test]
fn killed_at_chance_moments_a_plan_is_carried_out_once() {
    let desk = Desk::main();
    desk.emulator
        .tell("settings", &json!({"operation_ms": 150, "latency_ms": 2}));
    let plan = desk.plan(
        "plan.json",
        &[
            "--kind",
            "metrics-v2",
            "--kind",
            "pipeline-drafts",
            "--kind",
            "models",
            "--max-items",
            "5000",
        ],
    );
    assert!(steps(&plan).len() > 50);
    let digest = plan["digest"].as_str().expect("a digest")[..8].to_owned();
    let args = desk.args(&[
        "--plan",
        "plan.json",
        "--confirm",
        &digest,
        "--patience",
        "20",
    ]);
    let mut kills = 0;
    let mut pause = 40;
    let last = loop {
        let mut running = desk.room.start(&args);
        std::thread::sleep(Duration::from_millis(pause));
        if running.is_over() || kills == 30 {
            break running.wait();
        }
        let _ = running.kill();
        kills += 1;
        // Different moments each time, and ever later, so that it comes to its end.
        pause += 37;
    };
    assert!(kills >= 5, "{kills} kills");
    assert!(matches!(last.status.code(), Some(0 | 3)), "{}", last.stderr);
    only_what_was_shown(&desk, &plan);
    let mut times: BTreeMap<(String, String), u32> = BTreeMap::new();
    for one in desk.deletions() {
        *times.entry(one).or_default() += 1;
    }
    for (one, times) in times {
        assert_eq!(times, 1, "{one:?} was erased {times} times");
    }
    let receipt = desk.read("plan.applied/receipt.json");
    assert_eq!(
        receipt["items"].as_array().expect("items").len(),
        steps(&plan).len()
    );
    let _ = desk.room.run(&["verify", "plan.applied"]).ends(0);
}
