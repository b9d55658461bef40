//! The controls with which a test changes the world, and sees what others changed.

use super::{Bench, encode, fact_ids, header, settle};
use crate::emulator::{Options, Shape, WorldKind};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_touch_changes_takes_and_brings_back() {
    let bench = Bench::new().await;
    let before = bench.truth("contoso-ml").await;
    let run = &before["runs"][12];
    let url = format!("/history/v1.0{}/runs/{}", bench.main(), encode(&run.id));
    let patch = json!({"set": {"displayName": "other", "tags": {"note": "later", "team": null}}});
    bench.touch("runs", &run.id, patch).await;
    let changed = bench.json(&url).await;
    assert_eq!(changed["displayName"], "other");
    assert_eq!(changed["tags"]["note"], "later");
    assert_eq!(changed["userId"], run.doc["userId"]);
    let details = bench.json(&format!("{url}/details")).await;
    assert_eq!(details["tags"]["note"], "later");
    assert!(details.get("displayName").is_none(), "it never showed one");
    bench.touch("runs", &run.id, json!({"gone": true})).await;
    assert_eq!(bench.get(&url).await.status(), 404);
    let without = bench.truth("contoso-ml").await;
    assert_eq!(without["runs"].len() + 1, before["runs"].len());
    assert!(without["artifacts"].len() < before["artifacts"].len());
    bench.touch("runs", &run.id, json!({"back": true})).await;
    assert_eq!(bench.json(&url).await, changed, "as it was");
    let after = bench.truth("contoso-ml").await;
    for kind in before.keys() {
        assert_eq!(
            fact_ids(&after[kind]),
            fact_ids(&before[kind]),
            "{kind} is whole again"
        );
    }
    assert!(
        bench.deletions().await.is_empty(),
        "what comes from outside is nobody's deed"
    );
}

#[tokio::test]
async fn a_touch_reaches_the_second_face_and_the_workspace() {
    let bench = Bench::new().await;
    let set = json!({"set": {"tags": {"seen": "yes"}}});
    bench.touch("datastores", "raw_by_sas", set.clone()).await;
    let store = format!("/datastore/v1.0{}/datastores/raw_by_sas?", bench.main());
    assert_eq!(bench.json(&store).await["tags"]["seen"], "yes");
    let plain = format!("{}?api-version=2023-10-01", bench.main());
    bench.touch("workspaces", "", set).await;
    assert_eq!(bench.json(&plain).await["tags"]["seen"], "yes");
    bench.touch("workspaces", "", json!({"gone": true})).await;
    assert_eq!(bench.status("GET", &plain).await, 404);
    bench.touch("workspaces", "", json!({"back": true})).await;
    assert_eq!(bench.json(&plain).await["tags"]["seen"], "yes");
    assert!(bench.truth("contoso-ml").await["runs"].len() == 200);
    for body in [
        json!({"workspace": "contoso-ml", "kind": "runs", "id": "none", "gone": true}),
        json!({"workspace": "contoso-ml", "kind": "nothing", "id": "none", "gone": true}),
        json!({"workspace": "none", "kind": "runs", "id": "none", "set": {}}),
        json!({"workspace": "contoso-ml", "kind": "datastores", "id": "raw_by_sas", "back": true}),
        json!({"workspace": "contoso-ml", "kind": "datastores", "id": "raw_by_sas"}),
    ] {
        let reply = bench
            .send("POST", "/_emulator/touch", Some(body.clone()))
            .await;
        assert_eq!(reply.status(), 404, "{body}");
    }
}

#[tokio::test]
async fn computed_runs_go_and_come_back_too() {
    let shape = Shape {
        runs: 20,
        experiments: 2,
        ..Shape::default()
    };
    let bench = Bench::with(Options {
        shape: Some(shape),
        ..Options::default()
    })
    .await;
    let before = bench.truth("contoso-ml").await;
    let id = &before["runs"][4].id;
    bench.touch("runs", id, json!({"gone": true})).await;
    assert_eq!(bench.truth("contoso-ml").await["runs"].len(), 19);
    bench.touch("runs", id, json!({"back": true})).await;
    let after = bench.truth("contoso-ml").await;
    assert_eq!(fact_ids(&after["runs"]), fact_ids(&before["runs"]));
}

#[tokio::test]
async fn only_what_had_an_effect_is_written_down_and_only_once() {
    let bench = Bench::new().await;
    let truth = bench.truth("contoso-ml").await;
    let store = format!("/datastore/v1.0{}/datastores/raw_by_sas", bench.main());
    assert_eq!(bench.status("DELETE", &store).await, 200);
    assert_eq!(bench.status("DELETE", &store).await, 204);
    let id = &truth["published-pipelines"][0].id;
    let pipelines = format!("/pipelines/v1.0{}/PublishedPipelines", bench.main());
    for _ in 0..2 {
        bench
            .send(
                "PUT",
                &format!("{pipelines}/{id}/status"),
                Some(json!("Disabled")),
            )
            .await;
    }
    let run = &truth["runs"][20].id;
    let job = format!(
        "{}/jobs/{}?api-version=2023-04-01",
        bench.main(),
        encode(run)
    );
    let begun = bench.send("DELETE", &job, None).await;
    let twice = bench.send("DELETE", &job, None).await;
    assert_eq!(
        (begun.status(), twice.status()),
        (
            202.try_into().expect("a status"),
            202.try_into().expect("a status")
        )
    );
    assert!(
        !bench
            .deletions()
            .await
            .iter()
            .any(|[kind, ..]| kind == "runs"),
        "nothing yet"
    );
    for reply in [begun, twice] {
        assert_eq!(settle(&bench, &header(&reply, "location")).await, 200);
    }
    let told = bench.deletions().await;
    let count = |kind: &str, id: &str, effect: &str| {
        let wanted = [kind, id, effect].map(str::to_owned);
        told.iter().filter(|entry| **entry == wanted).count()
    };
    assert_eq!(count("datastores", "raw_by_sas", "deleted"), 1);
    assert_eq!(count("published-pipelines", id, "disabled"), 1);
    assert_eq!(count("runs", run, "deleted"), 1);
    assert_eq!(count("run-details", run, "taken"), 1);
    let whole = bench.json("/_emulator/deletions").await;
    let entries = whole.as_array().expect("a list");
    for (at, entry) in entries.iter().enumerate() {
        assert_eq!(entry["n"], at + 1);
        assert_eq!(entry["workspace"], "contoso-ml");
    }
    assert_eq!(entries[0]["method"], "DELETE");
    assert_eq!(entries[0]["path"], store);
    let last = entries
        .iter()
        .find(|entry| entry["kind"] == "runs")
        .expect("a run");
    assert_eq!(last["path"], job, "with its query");
}

#[tokio::test]
async fn the_world_can_be_made_anew() {
    let bench = Bench::new().await;
    let read = async || {
        bench
            .get("/_emulator/truth")
            .await
            .text()
            .await
            .expect("text")
    };
    let first = read().await;
    let about = bench.json("/_emulator").await;
    let settings: Value = bench.post("/_emulator/settings", json!({})).await;
    bench
        .set(json!({"operation_ms": 60, "role": "data-scientist", "list_lag_ms": 9_000, "faults": 0.0}))
        .await;
    let truth = bench.truth("contoso-ml").await;
    let run = |at: usize| {
        format!(
            "{}/jobs/{}?api-version=2023-04-01",
            bench.main(),
            encode(&truth["runs"][at].id)
        )
    };
    let slow = bench.send("DELETE", &run(9), None).await;
    assert_eq!(settle(&bench, &header(&slow, "location")).await, 200);
    bench
        .touch(
            "runs",
            &truth["runs"][30].id,
            json!({"set": {"displayName": "x"}}),
        )
        .await;
    bench
        .touch("workspaces", "", json!({"set": {"tags": null}}))
        .await;
    assert!(read().await != first, "the world is another one by now");
    let late = bench.send("DELETE", &run(10), None).await;
    let url = header(&late, "location");
    bench.post("/_emulator/reset", json!({"world": true})).await;
    assert_eq!(bench.status("GET", &url).await, 404, "of an older world");
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(
        read().await == first,
        "something of the older world is left, or reached into this one"
    );
    assert_eq!(bench.json("/_emulator").await, about);
    assert!(bench.deletions().await.is_empty());
    let requests = bench.json("/_emulator/requests").await;
    assert_eq!(requests["total"], 1, "the one about the operation");
    assert_eq!(bench.post("/_emulator/settings", json!({})).await, settings);
}

#[tokio::test]
async fn a_world_is_made_anew_quickly() {
    for world in [WorldKind::Empty, WorldKind::Contoso] {
        let bench = Bench::with(Options {
            world,
            ..Options::default()
        })
        .await;
        let began = Instant::now();
        for _ in 0..200 {
            bench.post("/_emulator/reset", json!({"world": true})).await;
        }
        let each = began.elapsed() / 200;
        assert!(each < Duration::from_millis(50), "{world:?}: {each:?}");
    }
}

#[tokio::test]
async fn a_setting_that_is_not_known_changes_nothing() {
    let bench = Bench::new().await;
    let before = bench.post("/_emulator/settings", json!({})).await;
    for wrong in [
        json!({"operation_ms": 5, "operations_fial": true}),
        json!({"operations": "sometimes"}),
        json!({"role": "emperor"}),
        json!({"list_lag_ms": "long"}),
    ] {
        let reply = bench
            .send("POST", "/_emulator/settings", Some(wrong.clone()))
            .await;
        assert_eq!(reply.status(), 400, "{wrong}");
    }
    assert_eq!(bench.post("/_emulator/settings", json!({})).await, before);
}

#[tokio::test]
async fn the_log_of_requests_is_long_enough_for_a_great_delete() {
    let diary = crate::emulator::diary::Diary::default();
    for at in 0..100_001 {
        diary.write("DELETE", "/a", &format!("n={at}"), 200, false);
    }
    let told = diary.read();
    assert_eq!(told["total"], 100_001);
    let log = told["log"].as_array().expect("lines");
    assert_eq!(log.len(), 100_000);
    assert_eq!(log[0]["path"], "/a?n=1");
    assert_eq!(log[0]["status"], 200);
}
