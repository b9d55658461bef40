//! Killed at random moments, and resumed. What was not yet on the disk is lost with the kill, as it is when the power fails.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::desk::{Desk, Fact, quick};
use crate::plan::apply::{Applied, Options};
use crate::plan::journal;
use crate::plan::model::{Plan, State};

const KILLS: u64 = 50;

fn options() -> Options {
    Options {
        settle: Duration::from_millis(150),
        ..quick()
    }
}

/// Of each sort of call a few: at once, slow, with an operation, with something to be done before.
async fn plan(desk: &Desk) -> Plan {
    let some = |kind: &str, count: usize| -> Vec<Fact> {
        desk.of(kind).into_iter().take(count).cloned().collect()
    };
    let runs: Vec<Fact> = desk
        .of("runs")
        .into_iter()
        .filter(|run| run.doc["status"] == "Completed")
        .take(3)
        .cloned()
        .collect();
    for run in &runs[..2] {
        let active = json!({"set": {"status": "Running"}});
        desk.touch("runs", &run.id, active).await;
    }
    let low: Vec<Fact> = [
        some("artifacts", 4),
        some("services", 2),
        some("pipeline-drafts", 1),
        some("computes", 2),
        some("published-pipelines", 1),
    ]
    .concat();
    let low: Vec<&Fact> = low.iter().collect();
    let high: Vec<&Fact> = runs.iter().collect();
    desk.plan(&[&low, &high]).await
}

/// Cuts off a part of what came behind the last intention: that one was flushed, and nothing promises the rest.
fn lose_some(path: &Path, chance: &mut fastrand::Rng) {
    let Ok(text) = std::fs::read(path) else {
        return;
    };
    let mut kept = 0;
    let mut at = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        let intends = line.starts_with(b"{\"line\":\"intends\"");
        if intends && line.ends_with(b"\n") {
            kept = at;
        }
    }
    let left = chance.usize(kept..=text.len());
    std::fs::write(path, &text[..left]).expect("what the test needs");
}

/// Every call that arrived was announced, and so it is in the journal, whatever was lost.
async fn all_were_announced(desk: &Desk, path: &Path, plan: &Plan, moment: &str) {
    let text = std::fs::read(path).unwrap_or_default();
    let past = journal::read(&text, &plan.digest).expect("what the test needs");
    for step in plan.waves.iter().flat_map(|wave| &wave.steps) {
        let tried = past.steps.get(&step.step).cloned().unwrap_or_default();
        for (number, call) in (0..).zip(&step.calls) {
            let verb = serde_json::to_value(call.verb).expect("what the test needs");
            let arrived = desk
                .changes()
                .await
                .iter()
                .any(|(method, path)| verb == method.as_str() && *path == call.address);
            assert!(
                !arrived || tried.was_intended(number),
                "{moment}: {} was sent and stands in no journal",
                call.address
            );
        }
    }
}

/// Carries out until `moment`, and then dies.
async fn killed_after(desk: &Desk, plan: &Plan, name: &str, moment: Duration) -> Option<Applied> {
    let (options, stop) = (options(), CancellationToken::new());
    let whole = desk.carry_out_with(plan, name, &options, &stop);
    tokio::time::timeout(moment, whole).await.ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_it_comes_to_one_true_end() {
    let desk = Desk::new().await;
    let weather = json!({"latency_ms": 2, "operation_ms": 25});
    let first = plan(&desk).await;
    desk.settings(weather.clone()).await;
    let begun = std::time::Instant::now();
    let whole = desk
        .carry_out_with(&first, "whole", &options(), &CancellationToken::new())
        .await;
    assert_eq!(whole.halt, None);
    let length = begun.elapsed();
    let mut in_the_middle = 0;
    for seed in 0..KILLS {
        let mut chance = fastrand::Rng::with_seed(seed);
        desk.reset().await;
        let plan = plan(&desk).await;
        desk.settings(weather.clone()).await;
        let name = format!("kill{seed}");
        let path = desk.journal(&name);
        let mut last = None;
        for attempt in 0..chance.u32(1..=3) {
            let moment = length.mul_f64(chance.f64() * 0.9);
            last = killed_after(&desk, &plan, &name, moment).await;
            // What is under way arrives, or does not.
            tokio::time::sleep(Duration::from_millis(8)).await;
            if last.is_some() {
                break;
            }
            in_the_middle += 1;
            let moment = format!("seed {seed}, kill {attempt} after {moment:?}");
            lose_some(&path, &mut chance);
            all_were_announced(&desk, &path, &plan, &moment).await;
        }
        let applied = match last {
            Some(applied) => applied,
            None => {
                desk.carry_out_with(&plan, &name, &options(), &CancellationToken::new())
                    .await
            }
        };
        assert_eq!(applied.halt, None, "seed {seed}");
        judge(&desk, &plan, &applied, seed).await;
        let past = journal::read(
            &std::fs::read(&path).expect("what the test needs"),
            &plan.digest,
        )
        .expect("what the test needs");
        assert!(past.closed && past.torn == 0, "seed {seed}");
    }
    assert!(
        in_the_middle >= KILLS / 2,
        "only {in_the_middle} kills came before the end"
    );
}

/// One end for each step, a true one, and nothing done twice.
async fn judge(desk: &Desk, plan: &Plan, applied: &Applied, seed: u64) {
    let steps: Vec<_> = plan.waves.iter().flat_map(|wave| &wave.steps).collect();
    let ends: BTreeSet<u32> = applied.outcomes.iter().map(|one| one.step).collect();
    assert_eq!(
        ends.len(),
        steps.len(),
        "seed {seed}: every step has one end"
    );
    let deletions = desk.get("/_emulator/deletions").await;
    for (step, outcome) in steps.iter().zip(&applied.outcomes) {
        let count = |effect: &str| {
            let all = deletions.as_array().expect("what the test needs").iter();
            all.filter(|one: &&Value| {
                one["kind"] == step.kind.as_str()
                    && one["id"] == step.id.as_str()
                    && one["effect"] == effect
            })
            .count()
        };
        let gone = count("deleted") + count("detached");
        let what = format!(
            "seed {seed}: {} {} ended as {:?}",
            step.kind, step.id, outcome.state
        );
        match &outcome.state {
            State::Disabled => assert_eq!((count("disabled"), gone), (1, 0), "{what}"),
            // Nobody else was there, so nothing was gone already.
            State::Erased | State::NotLookedAt { .. } => assert_eq!(gone, 1, "{what}"),
            _ => panic!("{what}"),
        }
        assert!(count("canceled") <= 1, "{what}");
    }
}
