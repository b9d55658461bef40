//! Ten thousand random histories: the world changes between plan and apply and meanwhile, operations fail, vanish and slow
//! down, locks and roles come, answers break. Nothing may be sent that the plan did not show.
//!
//! One world serves several histories at once, each with items of its own; between batches it is made anew.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fastrand::Rng;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::desk::{Desk, Fact, quick};
use crate::plan::apply::Options;
use crate::plan::journal;
use crate::plan::model::{Outcome, Plan, State, Step};

const HISTORIES: usize = 10_000;
/// Histories that share a world.
const TOGETHER: usize = 40;

fn options() -> Options {
    Options {
        concurrency: 3,
        patience: Duration::from_millis(60),
        settle: Duration::from_millis(25),
        first: Duration::from_millis(2),
        cap: Duration::from_millis(15),
        conflict_wait: Duration::from_millis(1),
        ..quick()
    }
}

/// Everything that a history may be about, with a step for each, made once: a world made anew is the same world.
async fn steps(desk: &Desk) -> Vec<Step> {
    let mut chosen: Vec<Fact> = Vec::new();
    for (kind, count) in [
        ("artifacts", 60),
        ("models", 6),
        ("services", 4),
        ("images", 3),
        ("pipeline-drafts", 2),
        ("published-pipelines", 3),
        ("pipeline-endpoints", 2),
        ("datastores", 3),
        ("computes", 5),
        ("assets", 4),
        ("runs", 16),
    ] {
        chosen.extend(desk.of(kind).into_iter().take(count).cloned());
    }
    let all: Vec<&Fact> = chosen.iter().collect();
    let plan = desk.plan(&[&all]).await;
    plan.waves.into_iter().flat_map(|wave| wave.steps).collect()
}

/// What happens to one item, by others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Nothing,
    /// Before it is applied.
    Changed,
    Gone,
    GoneAndBack,
    /// While it is applied.
    GoneMeanwhile,
    ChangedMeanwhile,
}

fn fate(chance: &mut Rng) -> Fate {
    match chance.u32(0..12) {
        0 => Fate::Changed,
        1 => Fate::Gone,
        2 => Fate::GoneAndBack,
        3 => Fate::GoneMeanwhile,
        4 => Fate::ChangedMeanwhile,
        _ => Fate::Nothing,
    }
}

/// The weather of a batch.
fn weather(chance: &mut Rng, scope: &str) -> Value {
    let mut all = json!({
        "operation_ms": ([0, 3, 20, 200][chance.usize(0..4)]),
        "operations": ([json!(null), json!("location"), json!("async"), json!("both"), json!("none")][chance.usize(0..5)]),
        "operations_fail": chance.u32(0..6) == 0,
        "operation_vanishes": chance.u32(0..6) == 0,
        "operation_moves": chance.bool(),
        "hard_delete_keeps_bytes": chance.u32(0..4) == 0,
    });
    match chance.u32(0..12) {
        0 => all["locks"] = json!([{"scope": scope}]),
        1 => all["role"] = json!("reader"),
        2 => all["role"] = json!("data-scientist"),
        3 => all["get_lag_ms"] = json!(10),
        4 => all["list_lag_ms"] = json!(20),
        5 => all["faults"] = json!(0.05),
        _ => {}
    }
    all
}

/// Answers of single calls that go wrong.
fn mishaps(chance: &mut Rng, steps: &[&Step]) -> Option<Value> {
    let mut all = Vec::new();
    for step in steps {
        if chance.u32(0..8) > 0 {
            continue;
        }
        let Some(call) = step.calls.last() else {
            continue;
        };
        let body = json!({"error": {"code": "Conflict", "message": "Something else is going on."}});
        let act = match chance.u32(0..6) {
            0 => json!({"status": 409, "body": body}),
            1 => json!({"status": 500}),
            2 => json!({"close": true}),
            3 => json!({"truncate": 1}),
            4 => json!({"status": 202}),
            _ => json!({"status": 204}),
        };
        let verb = serde_json::to_value(call.verb).expect("what the test needs");
        let path = call.address.split('?').next();
        all.push(
            json!({"path_contains": path, "method": verb, "times": chance.u32(1..4), "do": act}),
        );
    }
    (!all.is_empty()).then(|| json!(all))
}

/// The items of one history, numbered anew; the runs among them stand above the rest.
fn cut(desk: &Desk, steps: Vec<Step>) -> Plan {
    let (high, low): (Vec<Step>, Vec<Step>) = steps
        .into_iter()
        .partition(|step| step.kind == "runs" || step.kind == "images");
    let mut waves: Vec<Vec<Step>> = [low, high]
        .into_iter()
        .filter(|wave| !wave.is_empty())
        .collect();
    let mut number = 0;
    let below: Vec<u32> =
        (1..=u32::try_from(waves[0].len()).expect("what the test needs")).collect();
    for (at, wave) in waves.iter_mut().enumerate() {
        for step in wave {
            number += 1;
            step.step = number;
            step.needs = if at == 0 { Vec::new() } else { below.clone() };
        }
    }
    desk.sealed(waves)
}

/// What is wrong with the requests that were sent, when these were shown. Pure, so that it can be shown to notice.
fn unasked(sent: &[(String, String)], shown: &BTreeSet<(String, String)>) -> Option<String> {
    const COLLECTIONS: [&str; 12] = [
        "models",
        "assets",
        "images",
        "services",
        "artifacts",
        "datastores",
        "datasets",
        "jobs",
        "runs",
        "computes",
        "workspaces",
        "batch",
    ];
    sent.iter().find_map(|(method, address)| {
        let path = address.split('?').next().unwrap_or_default();
        let last = path.rsplit('/').next().unwrap_or_default();
        let what = if path.contains("//") || last.is_empty() {
            "an empty segment"
        } else if COLLECTIONS.contains(&last) {
            "a collection"
        } else if !shown.contains(&(method.clone(), address.clone())) {
            "no plan showed"
        } else {
            return None;
        };
        Some(format!("{what}: {method} {address}"))
    })
}

fn shown(plans: &[Plan]) -> BTreeSet<(String, String)> {
    plans
        .iter()
        .flat_map(|plan| &plan.waves)
        .flat_map(|wave| &wave.steps)
        .flat_map(|step| &step.calls)
        .map(|call| {
            let verb = serde_json::to_value(call.verb).expect("what the test needs");
            (
                verb.as_str().expect("what the test needs").to_owned(),
                call.address.clone(),
            )
        })
        .collect()
}

/// Carries out one plan, again as long as it is halted, while its world changes.
async fn history(
    desk: &Desk,
    plan: &Plan,
    name: &str,
    fates: &[Fate],
) -> (Vec<Outcome>, Vec<Fate>) {
    let steps: Vec<&Step> = plan.waves.iter().flat_map(|wave| &wave.steps).collect();
    let changed = || json!({"set": {"tags": {"by": "others"}, "kvTags": {"by": "others"}, "Description": "others", "etag": "others"}});
    let mut fates = fates.to_vec();
    for (step, fate) in steps.iter().zip(&mut fates) {
        let done = match fate {
            Fate::Changed => touch(desk, step, changed()).await,
            Fate::Gone => touch(desk, step, json!({"gone": true})).await,
            Fate::GoneAndBack => {
                touch(desk, step, json!({"gone": true})).await
                    && touch(desk, step, json!({"back": true})).await
            }
            _ => true,
        };
        if !done {
            *fate = Fate::Nothing;
        }
    }
    let others = async {
        for (step, fate) in steps.iter().zip(&fates) {
            let how = match fate {
                Fate::GoneMeanwhile => json!({"gone": true}),
                Fate::ChangedMeanwhile => changed(),
                _ => continue,
            };
            tokio::time::sleep(Duration::from_millis(3)).await;
            touch(desk, step, how).await;
        }
    };
    let ours = async {
        for _ in 0..4 {
            let applied = desk
                .carry_out_with(plan, name, &options(), &CancellationToken::new())
                .await;
            if applied.halt.is_none() {
                return applied.outcomes;
            }
        }
        Vec::new()
    };
    let ends = tokio::join!(ours, others).0;
    (ends, fates)
}

/// What somebody else does. Whether it could be done: the item may be gone already.
async fn touch(desk: &Desk, step: &Step, how: Value) -> bool {
    let mut body = how;
    body["workspace"] = desk.scope.workspace.clone().into();
    body["kind"] = step.kind.clone().into();
    body["id"] = step.id.clone().into();
    let url = format!("{}/_emulator/touch", desk.base);
    let answer = desk.http.post(url).json(&body).send().await;
    answer.expect("what the test needs").status() == 200
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_ten_thousand_histories_nothing_is_sent_that_no_plan_showed() {
    let desk = Desk::new().await;
    let pool = steps(&desk).await;
    let mut words: BTreeMap<String, usize> = BTreeMap::new();
    for batch in 0..HISTORIES / TOGETHER {
        let mut chance = Rng::with_seed(batch as u64);
        desk.post("reset", json!({"world": true})).await;
        let mut free = pool.clone();
        chance.shuffle(&mut free);
        let mut plans = Vec::new();
        let mut fates = Vec::new();
        for _ in 0..TOGETHER {
            let count = chance.usize(1..=3).min(free.len());
            let own = free.split_off(free.len() - count);
            fates.push((0..count).map(|_| fate(&mut chance)).collect::<Vec<_>>());
            plans.push(cut(&desk, own));
        }
        let all: Vec<&Step> = plans
            .iter()
            .flat_map(|plan| &plan.waves)
            .flat_map(|wave| &wave.steps)
            .collect();
        desk.settings(weather(&mut chance, &desk.scope.path)).await;
        if let Some(mishaps) = mishaps(&mut chance, &all) {
            desk.post("mishaps", mishaps).await;
        }
        let names: Vec<String> = (0..TOGETHER).map(|one| format!("h{batch}-{one}")).collect();
        let ends = join_all(
            plans
                .iter()
                .zip(&names)
                .zip(&fates)
                .map(|((plan, name), fates)| history(&desk, plan, name, fates)),
        )
        .await;
        if let Some(wrong) = unasked(&desk.changes().await, &shown(&plans)) {
            panic!("batch {batch}: {wrong}");
        }
        let done = desk.deletions().await;
        let runs: BTreeSet<String> = plans
            .iter()
            .zip(&ends)
            .flat_map(|(plan, (_, fates))| with_fates(plan, fates))
            .filter(|(step, fate)| step.kind == "runs" && *fate != Fate::Nothing)
            .map(|(step, _)| step.id.clone())
            .collect();
        for ((plan, name), (ends, fates)) in plans.iter().zip(&names).zip(&ends) {
            judge(plan, fates, ends, &done, &runs, batch);
            for end in ends {
                let word = serde_json::to_value(&end.state).expect("what the test needs");
                *words
                    .entry(
                        word["state"]
                            .as_str()
                            .expect("what the test needs")
                            .to_owned(),
                    )
                    .or_default() += 1;
            }
            let path = desk.journal(name);
            let past = journal::read(
                &std::fs::read(&path).expect("what the test needs"),
                &plan.digest,
            )
            .expect("what the test needs");
            assert!(past.closed, "batch {batch}: {name} has no end");
            std::fs::remove_file(path).expect("what the test needs");
        }
    }
    // A test in which nothing happens proves nothing.
    for word in [
        "erased",
        "already-gone",
        "disabled",
        "bytes-remain",
        "not-looked-at",
        "changed-kept",
        "kept",
        "failed",
        "unconfirmed",
    ] {
        assert!(
            words.get(word).copied().unwrap_or_default() >= 20,
            "{word}: {words:?}"
        );
    }
}

fn with_fates<'p>(plan: &'p Plan, fates: &[Fate]) -> Vec<(&'p Step, Fate)> {
    let steps = plan.waves.iter().flat_map(|wave| &wave.steps);
    steps.zip(fates.iter().copied()).collect()
}

/// Every step has one end, and the ends are true as far as one history can tell. `runs`: whatever hangs on these may have
/// come and gone with them.
fn judge(
    plan: &Plan,
    fates: &[Fate],
    ends: &[Outcome],
    done: &[(String, String, String)],
    runs: &BTreeSet<String>,
    batch: usize,
) {
    let steps = with_fates(plan, fates);
    assert_eq!(ends.len(), steps.len(), "batch {batch}: {plan:?} {ends:?}");
    for ((step, fate), end) in steps.into_iter().zip(ends) {
        let mut mine = done
            .iter()
            .filter(|(kind, id, _)| *kind == step.kind && *id == step.id);
        let gone = mine.clone().next().is_some();
        let erased = mine.any(|(_, _, effect)| effect != "taken" && effect != "canceled");
        // When an answer is lost and the item is gone, nobody can say who took it.
        let others = matches!(fate, Fate::Gone | Fate::GoneMeanwhile)
            || runs.iter().any(|run| step.id.contains(run));
        let what = format!(
            "batch {batch}: {} {}, {fate:?}: {:?}",
            step.kind, step.id, end.state
        );
        match &end.state {
            State::Erased | State::Disabled => assert!(gone || others, "{what}"),
            State::ChangedKept { .. } | State::Kept { .. } => {
                assert!(!erased, "{what}");
            }
            _ => {}
        }
        if fate == Fate::Changed {
            assert!(!erased, "{what}");
        }
    }
}

#[test]
fn what_nobody_asked_for_is_noticed() {
    let pair = |method: &str, address: &str| (method.to_owned(), address.to_owned());
    let shown = BTreeSet::from([
        pair("DELETE", "/w/models/m?x=1"),
        pair("DELETE", "/w/models"),
        pair("DELETE", "/w//m"),
    ]);
    assert_eq!(unasked(&[pair("DELETE", "/w/models/m?x=1")], &shown), None);
    for wrong in [
        pair("PUT", "/w/models/m?x=1"),
        pair("DELETE", "/w/models/m"),
        pair("DELETE", "/w/models"),
        pair("DELETE", "/w/models/"),
        pair("DELETE", "/w//m"),
    ] {
        assert!(
            unasked(std::slice::from_ref(&wrong), &shown).is_some(),
            "{wrong:?}"
        );
    }
}
