//! Each sentence that a plan may end with, and that nothing is sent twice.

use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::desk::{Desk, Fact, quick, states};
use crate::plan::apply::{Halt, Hands};
use crate::plan::journal;
use crate::plan::model::{State, What};

/// A model that nothing uses.
fn free_model(desk: &Desk) -> Fact {
    let used = used_models(desk);
    let free = desk
        .of("models")
        .into_iter()
        .find(|model| !used.contains(&model.id));
    free.expect("what the test needs").clone()
}

fn used_models(desk: &Desk) -> Vec<String> {
    desk.of("images")
        .iter()
        .flat_map(|image| {
            image.doc["modelIds"]
                .as_array()
                .cloned()
                .unwrap_or_default()
        })
        .filter_map(|id| id.as_str().map(str::to_owned))
        .collect()
}

fn why(state: &State) -> String {
    match state {
        State::Failed { why, .. }
        | State::Unconfirmed { why }
        | State::Kept { why }
        | State::ChangedKept { why } => why.clone(),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn every_kind_is_erased_by_its_own_call_and_told_by_its_own_word() {
    let desk = Desk::new().await;
    let model = free_model(&desk);
    let one = |kind: &str| desk.of(kind)[0].clone();
    let (artifact, draft) = (one("artifacts"), one("pipeline-drafts"));
    let (published, datastore) = (
        one("published-pipelines"),
        desk.of("datastores")
            .pop()
            .expect("what the test needs")
            .clone(),
    );
    let run = desk
        .of("runs")
        .into_iter()
        .find(|run| run.doc["status"] == "Completed")
        .expect("what the test needs")
        .clone();
    let (service, compute) = (one("services"), one("computes"));
    let plan = desk
        .plan(&[
            &[
                &artifact, &model, &draft, &published, &datastore, &service, &compute,
            ],
            &[&run],
        ])
        .await;
    let applied = desk.carry_out(&plan, "plain").await;
    let got = states(&applied);
    assert_eq!(got[0], State::Erased, "artifact");
    assert_eq!(got[1], State::Erased, "model");
    assert_eq!(got[2], State::Erased, "draft");
    assert_eq!(got[3], State::Disabled, "published pipeline");
    assert!(
        matches!(got[4], State::NotLookedAt { .. }),
        "datastore {:?}",
        got[4]
    );
    assert_eq!(got[5], State::Erased, "service");
    assert_eq!(got[6], State::Erased, "compute");
    assert!(
        matches!(&got[7], State::NotLookedAt { places } if places.len() == 3),
        "run {:?}",
        got[7]
    );
    let deletions = desk.deletions().await;
    for step in plan.waves.iter().flat_map(|wave| &wave.steps) {
        let count = deletions
            .iter()
            .filter(|(kind, id, _)| *kind == step.kind && *id == step.id)
            .count();
        assert_eq!(count, 1, "{} {}", step.kind, step.id);
    }
    // A second program finds everything done, and sends nothing that changes anything.
    let before = desk.changes().await;
    let again = desk.carry_out(&plan, "plain").await;
    assert_eq!(again.outcomes, applied.outcomes);
    assert_eq!(desk.changes().await, before);
    let text = std::fs::read(desk.journal("plain")).expect("what the test needs");
    let past = journal::read(&text, &plan.digest).expect("what the test needs");
    assert!(past.closed && past.opened == 2);
}

#[tokio::test]
async fn what_changed_is_kept_and_what_is_gone_was_gone() {
    let desk = Desk::new().await;
    let models: Vec<Fact> = desk.of("models").into_iter().take(3).cloned().collect();
    let plan = desk.plan(&[&[&models[0], &models[1]]]).await;
    desk.touch(
        "models",
        &models[0].id,
        json!({"set": {"description": "mine"}}),
    )
    .await;
    desk.touch("models", &models[1].id, json!({"gone": true}))
        .await;
    let got = states(&desk.carry_out(&plan, "changed").await);
    assert!(matches!(got[0], State::ChangedKept { .. }), "{:?}", got[0]);
    assert_eq!(got[1], State::AlreadyGone);
    assert_eq!(desk.changes().await, []);
}

#[tokio::test]
async fn a_lock_is_named_once_and_not_tried_against() {
    let desk = Desk::new().await;
    let computes: Vec<Fact> = desk.of("computes").into_iter().take(3).cloned().collect();
    let all: Vec<&Fact> = computes.iter().collect();
    let plan = desk.plan(&[&all]).await;
    desk.settings(json!({"locks": [{"scope": desk.scope.path, "level": "CanNotDelete"}]}))
        .await;
    let options = crate::plan::apply::Options {
        concurrency: 1,
        ..quick()
    };
    let applied = desk
        .carry_out_with(&plan, "locked", &options, &CancellationToken::new())
        .await;
    for state in states(&applied) {
        let why = why(&state);
        let scope = desk.scope.path.to_lowercase();
        assert!(why.contains(&format!("a lock on {scope} forbids")), "{why}");
        assert!(matches!(
            state,
            State::Failed {
                status: Some(409),
                ..
            }
        ));
    }
    assert_eq!(desk.changes().await.len(), 1);
}

#[tokio::test]
async fn a_missing_role_is_said_and_asked_for() {
    let desk = Desk::new().await;
    let (model, compute) = (free_model(&desk), desk.of("computes")[0].clone());
    let plan = desk.plan(&[&[&model, &compute]]).await;
    desk.settings(json!({"role": "reader"})).await;
    for state in states(&desk.carry_out(&plan, "denied").await) {
        assert!(
            matches!(
                state,
                State::Failed {
                    status: Some(403),
                    ..
                }
            ),
            "{state:?}"
        );
        assert!(why(&state).contains("Ask for a role"), "{state:?}");
    }
    assert_eq!(desk.changes().await.len(), 2);
}

#[tokio::test]
async fn an_active_run_is_cancelled_first_and_only_then() {
    let desk = Desk::new().await;
    let runs: Vec<Fact> = desk
        .of("runs")
        .into_iter()
        .filter(|run| run.doc["status"] == "Completed")
        .take(2)
        .cloned()
        .collect();
    desk.touch("runs", &runs[0].id, json!({"set": {"status": "Running"}}))
        .await;
    let plan = desk.plan(&[&[&runs[0], &runs[1]]]).await;
    let got = states(&desk.carry_out(&plan, "active").await);
    assert!(got.iter().all(State::is_gone), "{got:?}");
    let cancels: Vec<_> = desk
        .changes()
        .await
        .into_iter()
        .filter(|(method, _)| method == "POST")
        .collect();
    assert_eq!(cancels.len(), 1, "{cancels:?}");
    assert!(cancels[0].1.contains(&runs[0].id));
}

#[tokio::test]
async fn a_run_that_does_not_stop_is_not_erased() {
    let desk = Desk::new().await;
    let run = desk.of("runs")[0].clone();
    desk.touch("runs", &run.id, json!({"set": {"status": "Running"}}))
        .await;
    let plan = desk.plan(&[&[&run]]).await;
    desk.settings(json!({"operations_fail": true})).await;
    let got = states(&desk.carry_out(&plan, "unstopped").await);
    assert!(why(&got[0]).contains("did not stop"), "{got:?}");
    assert!(
        desk.changes()
            .await
            .iter()
            .all(|(method, _)| method == "POST")
    );
}

#[tokio::test]
async fn what_is_in_use_is_refused_with_who_uses_it_and_keeps_what_hangs_above() {
    let desk = Desk::new().await;
    let used = used_models(&desk);
    let model = desk
        .of("models")
        .into_iter()
        .find(|model| used.contains(&model.id))
        .expect("what the test needs")
        .clone();
    let plan = desk.plan(&[&[&model]]).await;
    let got = states(&desk.carry_out(&plan, "used").await);
    assert!(
        matches!(
            got[0],
            State::Failed {
                status: Some(412),
                ..
            }
        ),
        "{got:?}"
    );
    assert!(why(&got[0]).contains("something still uses it"), "{got:?}");

    // The image is still used by a service, so it fails, and its model is not tried.
    let image = desk
        .of("images")
        .into_iter()
        .find(|image| {
            desk.of("services")
                .iter()
                .any(|service| service.doc["imageId"] == image.id.as_str())
        })
        .expect("what the test needs")
        .clone();
    let plan = desk.plan(&[&[&image], &[&model]]).await;
    let before = desk.changes().await.len();
    let got = states(&desk.carry_out(&plan, "kept").await);
    assert!(
        matches!(got[0], State::Failed { .. }) && matches!(got[1], State::Kept { .. }),
        "{got:?}"
    );
    assert_eq!(desk.changes().await.len(), before + 1);
}

#[tokio::test]
async fn operations_are_followed_in_every_form() {
    let desk = Desk::new().await;
    let forms = [
        json!({"operations": "location"}),
        json!({"operations": "async"}),
        json!({"operations": "both", "operation_moves": true, "long_operation_urls": true}),
        json!({"operations": "none"}),
        json!({"operations": "location", "operation_vanishes": true}),
    ];
    for (number, form) in forms.iter().enumerate() {
        desk.reset().await;
        let compute = desk.of("computes")[0].clone();
        let plan = desk.plan(&[&[&compute]]).await;
        desk.settings(form.clone()).await;
        let got = states(&desk.carry_out(&plan, &format!("form{number}")).await);
        assert_eq!(got, [State::Erased], "{form}");
    }
    for (number, form) in ["location", "async"].iter().enumerate() {
        desk.reset().await;
        let compute = desk.of("computes")[0].clone();
        let plan = desk.plan(&[&[&compute]]).await;
        desk.settings(json!({"operations": form, "operations_fail": true}))
            .await;
        let got = states(&desk.carry_out(&plan, &format!("fail{number}")).await);
        assert!(
            why(&got[0]).contains("said later that it failed"),
            "{form}: {got:?}"
        );
        let past = std::fs::read_to_string(desk.journal(&format!("fail{number}")))
            .expect("what the test needs");
        assert!(!past.contains("perations/"), "no address of an operation");
    }
}

#[tokio::test]
async fn a_purge_that_keeps_the_name_is_not_called_erased() {
    let desk = Desk::new().await;
    let workspace = Fact {
        kind: "workspaces".to_owned(),
        id: desk
            .get(&format!("{}?api-version=2026-05-01", desk.scope.path))
            .await["id"]
            .as_str()
            .expect("what the test needs")
            .to_owned(),
        doc: json!({}),
    };
    let plan = desk.plan(&[&[&workspace]]).await;
    desk.settings(json!({"purge_sticks": true})).await;
    let got = states(&desk.carry_out(&plan, "sticks").await);
    assert!(matches!(got[0], State::Unconfirmed { .. }), "{got:?}");
    assert!(why(&got[0]).contains("the name reserved"), "{got:?}");
    assert_eq!(desk.changes().await.len(), 1, "no storm");
    desk.reset().await;
    let plan = desk.plan(&[&[&workspace]]).await;
    assert_eq!(
        states(&desk.carry_out(&plan, "purged").await),
        [State::Erased]
    );
}

#[tokio::test]
async fn bytes_that_stay_are_named_without_their_link() {
    let desk = Desk::new().await;
    let artifact = desk.of("artifacts")[0].clone();
    let plan = desk.plan(&[&[&artifact]]).await;
    desk.settings(json!({"hard_delete_keeps_bytes": true}))
        .await;
    let got = states(&desk.carry_out(&plan, "bytes").await);
    let State::BytesRemain { places } = &got[0] else {
        panic!("{got:?}");
    };
    assert!(places.len() == 1 && !places[0].contains('?'), "{places:?}");
    let text = std::fs::read_to_string(desk.journal("bytes")).expect("what the test needs");
    assert!(!text.contains("sig="), "{text}");
}

#[tokio::test]
async fn what_lists_show_for_a_while_is_waited_for_and_not_for_ever() {
    let desk = Desk::new().await;
    let model = free_model(&desk);
    let plan = desk.plan(&[&[&model]]).await;
    desk.settings(json!({"list_lag_ms": 250, "get_lag_ms": 100}))
        .await;
    assert_eq!(states(&desk.carry_out(&plan, "lag").await), [State::Erased]);
    desk.reset().await;
    let plan = desk.plan(&[&[&model]]).await;
    desk.settings(json!({"list_lag_ms": 60_000})).await;
    let got = states(&desk.carry_out(&plan, "long").await);
    assert!(why(&got[0]).contains("a list still shows it"), "{got:?}");
    desk.reset().await;
    let plan = desk.plan(&[&[&model]]).await;
    desk.settings(json!({"get_lag_ms": 60_000})).await;
    let got = states(&desk.carry_out(&plan, "longer").await);
    assert!(why(&got[0]).contains("it is still there"), "{got:?}");
}

#[tokio::test]
async fn a_conflict_is_tried_again_a_few_times() {
    let desk = Desk::new().await;
    let model = free_model(&desk);
    let plan = desk.plan(&[&[&model]]).await;
    let conflict = |times: u32| {
        json!([{"path_contains": "/models/", "method": "DELETE", "times": times, "do": {"status": 409,
            "body": {"error": {"code": "CannotDeleteResource", "message": "Cannot delete resource while nested resources exist."}}}}])
    };
    desk.post("mishaps", conflict(2)).await;
    assert_eq!(
        states(&desk.carry_out(&plan, "conflict").await),
        [State::Erased]
    );
    desk.reset().await;
    let plan = desk.plan(&[&[&model]]).await;
    desk.post("mishaps", conflict(100)).await;
    let got = states(&desk.carry_out(&plan, "conflicts").await);
    assert!(why(&got[0]).contains("in its way"), "{got:?}");
    assert_eq!(desk.changes().await.len(), 3);
}

#[tokio::test]
async fn stopped_it_begins_nothing_more_and_goes_on_later() {
    let desk = Desk::new().await;
    let models: Vec<Fact> = desk.of("artifacts").into_iter().take(12).cloned().collect();
    let all: Vec<&Fact> = models.iter().collect();
    let plan = desk.plan(&[&all]).await;
    desk.settings(json!({"latency_ms": 20, "operation_ms": 15}))
        .await;
    let stop = CancellationToken::new();
    let after = stop.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(120)).await;
        after.cancel();
    });
    let applied = desk.carry_out_with(&plan, "stopped", &quick(), &stop).await;
    assert_eq!(applied.halt, Some(Halt::Stopped));
    let done = applied.outcomes.len();
    assert!(done < 12, "{done}");
    assert!(
        applied
            .outcomes
            .iter()
            .all(|one| one.state == State::Erased)
    );
    assert_eq!(
        desk.deletions()
            .await
            .iter()
            .filter(|(kind, _, _)| kind == "artifacts")
            .count(),
        done
    );
    let got = states(&desk.carry_out(&plan, "stopped").await);
    assert!(got.iter().all(|state| *state == State::Erased), "{got:?}");
    assert_eq!(
        desk.deletions()
            .await
            .iter()
            .filter(|(kind, _, _)| kind == "artifacts")
            .count(),
        12
    );
}

#[tokio::test]
async fn a_plan_that_looks_or_calls_elsewhere_has_no_hands() {
    let desk = Desk::new().await;
    let model = free_model(&desk);
    let plan = desk.plan(&[&[&model]]).await;
    let mut other = plan.clone();
    other.waves[0].steps[0].look.address = other.waves[0].steps[0]
        .look
        .address
        .replace("contoso-ml/", "contoso-legacy/");
    assert!(Hands::new(&desk.wire, &desk.hosts, &other).is_err());
    let mut other = plan.clone();
    other.waves[0].steps[0].calls.clear();
    assert!(Hands::new(&desk.wire, &desk.hosts, &other).is_err());
    assert!(Hands::new(&desk.wire, &desk.hosts, &plan).is_ok());
    assert_eq!(plan.waves[0].steps[0].calls[0].what, What::Erase);
}
