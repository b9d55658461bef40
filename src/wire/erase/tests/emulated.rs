//! A whole item at a time, erased from the emulator.

use bytes::Bytes;
use serde_json::{Value, json};

use super::stage::{Stage, Thing};
use crate::wire::Fault;
use crate::wire::erase::Poll;
use crate::wire::look::Sight;

fn seen(sight: &Sight) -> usize {
    match sight {
        Sight::Gone => 0,
        Sight::Here { docs, .. } => docs.len(),
    }
}

/// Erases a thing, twice; gives the statuses of both calls. Between them it has to be gone.
async fn erase(stage: &Stage, thing: &Thing, body: Option<Bytes>) -> (u16, u16) {
    assert!(seen(&stage.see(thing).await) > 0, "{thing:?} is not there");
    let deed = stage.deed(thing);
    let eraser = stage
        .eraser(std::slice::from_ref(&deed))
        .expect("a known call");
    assert_eq!(eraser.len(), 1);
    let first = eraser.carry_out(0, body.clone()).await.expect("taken");
    if first.goes_on {
        assert_eq!(stage.end(&eraser, &first).await, Poll::Succeeded);
    }
    assert_eq!(
        seen(&stage.see(thing).await),
        0,
        "{} is still there",
        thing.kind
    );
    let again = eraser.carry_out(0, body).await.expect("taken");
    assert!(again.operation.is_none() && !again.goes_on);
    (first.status, again.status)
}

#[tokio::test]
async fn things_go_by_the_call_of_their_row_and_a_second_time_nothing_is_there() {
    let stage = Stage::new().await;
    let any = |_: &str, _: &Value| true;
    let aks = |_: &str, doc: &Value| doc["computeType"] == "AKS";
    let mut ends = Vec::new();
    let slow = stage.thing("services", aks).await;
    ends.push(erase(&stage, &slow, None).await);
    for kind in [
        "services",
        "images",
        "assets",
        "datastores",
        "datasets",
        "artifacts",
    ] {
        let thing = stage.thing(kind, any).await;
        ends.push(erase(&stage, &thing, None).await);
    }
    let model = stage
        .thing("models", |_, doc| doc["name"] != Value::Null)
        .await;
    let draft = stage.thing("pipeline-drafts", any).await;
    let whole = Bytes::from(draft.doc.to_string());
    ends.push(erase(&stage, &draft, Some(whole)).await);
    let run = stage.thing("runs", any).await;
    ends.push(erase(&stage, &run, None).await);
    let compute = stage
        .thing("computes", |_, doc| {
            doc["properties"]["isAttachedCompute"] != json!(true)
        })
        .await;
    ends.push(erase(&stage, &compute, None).await);
    let husk = stage
        .thing("experiments", |_, doc| doc["name"] == "empty-husk")
        .await;
    ends.push(erase(&stage, &husk, None).await);
    assert_eq!(
        ends,
        [
            (202, 204), // a service on AKS
            (200, 204), // another service
            (200, 204), // an image
            (200, 204), // an asset
            (200, 204), // a datastore
            (200, 404), // a dataset
            (200, 404), // an artifact
            (200, 404), // a draft
            (202, 204), // a run
            (202, 204), // a compute
            (202, 204), // an experiment
        ]
    );
    let refused = stage.deed(&model);
    let eraser = stage.eraser(&[refused]).expect("a known call");
    match eraser.carry_out(0, None).await {
        Ok(done) => assert_eq!(done.status, 200),
        Err(Fault::Service { status: 412, .. }) => {}
        Err(fault) => panic!("{fault}"),
    }
    assert_eq!(stage.changes().await.len(), 2 * ends.len() + 1);
}

#[tokio::test]
async fn metrics_go_together_and_every_page_of_them_is_seen() {
    let stage = Stage::new().await;
    let truth = stage.truth().await;
    let run_of = |id: &str| id.split('/').next().unwrap_or_default().to_owned();
    let (id, doc) = truth["metrics-v2"]
        .iter()
        .max_by_key(|(id, _)| {
            let run = run_of(id);
            truth["metrics-v2"]
                .iter()
                .filter(|(other, _)| run_of(other) == run)
                .count()
        })
        .expect("a metric")
        .clone();
    let run = run_of(&id);
    let all = truth["metrics-v2"]
        .iter()
        .filter(|(other, _)| run_of(other) == run)
        .count();
    assert!(all > 2, "one page would hold them: {all}");
    let thing = Thing {
        kind: "metrics-v2",
        id,
        parent: Some(run),
        doc,
    };
    assert_eq!(seen(&stage.see(&thing).await), all);
    let eraser = stage.eraser(&[stage.deed(&thing)]).expect("a known call");
    let done = eraser.carry_out(0, None).await.expect("taken");
    if done.goes_on {
        assert_eq!(stage.end(&eraser, &done).await, Poll::Succeeded);
    }
    assert_eq!(seen(&stage.see(&thing).await), 0);
}

#[tokio::test]
async fn a_published_pipeline_is_switched_off_and_still_there() {
    let stage = Stage::new().await;
    let thing = stage.thing("published-pipelines", |_, _| true).await;
    let eraser = stage.eraser(&[stage.deed(&thing)]).expect("a known call");
    let done = eraser
        .carry_out(0, Some(Bytes::from_static(b"\"Disabled\"")))
        .await
        .expect("taken");
    assert_eq!(done.status, 200);
    let Sight::Here { docs, .. } = stage.see(&thing).await else {
        panic!("it is gone");
    };
    let doc: Value = serde_json::from_str(docs[0].get()).expect("json");
    assert_eq!(doc["EntityStatus"], "Disabled");
}

#[tokio::test]
async fn what_is_refused_is_a_fault_and_what_is_not_held_does_nothing() {
    let stage = Stage::new().await;
    let full = stage
        .thing("experiments", |_, doc| doc["name"] == "churn")
        .await;
    let eraser = stage.eraser(&[stage.deed(&full)]).expect("a known call");
    let refused = eraser.carry_out(0, None).await.expect_err("it holds runs");
    assert_eq!(refused.status(), Some(400));
    let nothing = eraser.carry_out(1, None).await.expect_err("not held");
    assert!(matches!(nothing, Fault::NotAllowed { .. }));
    assert_eq!(stage.changes().await.len(), 1);
}
