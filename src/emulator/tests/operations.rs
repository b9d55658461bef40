//! The forms in which a 202 is followed.

use super::{Bench, encode, header, settle};
use reqwest::Response;
use serde_json::json;
use std::time::Duration;

async fn delete_run(bench: &Bench, at: usize) -> (Response, String) {
    let truth = bench.truth("contoso-ml").await;
    let job = format!(
        "{}/jobs/{}?api-version=2023-04-01",
        bench.main(),
        encode(&truth["runs"][at].id)
    );
    let reply = bench.send("DELETE", &job, None).await;
    assert_eq!(reply.status(), 202);
    (reply, job)
}

/// Reads a state until it is an end. Every answer is a 200.
async fn end(bench: &Bench, url: &str) -> serde_json::Value {
    for _ in 0..200 {
        let body = bench.json(url).await;
        if body["status"] != "InProgress" {
            return body;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{url} does not end");
}

async fn vanishes(bench: &Bench, job: &str) {
    for _ in 0..200 {
        if bench.status("GET", job).await == 404 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{job} stays");
}

#[tokio::test]
async fn every_form_leads_to_the_end_and_one_leads_nowhere() {
    let bench = Bench::new().await;
    bench.set(json!({"operation_ms": 30})).await;
    for (at, form, location, state) in [
        (0, "location", true, false),
        (1, "async", false, true),
        (2, "both", true, true),
        (3, "none", false, false),
    ] {
        bench.set(json!({"operations": form})).await;
        let (reply, job) = delete_run(&bench, at).await;
        let has = |name: &str| reply.headers().contains_key(name);
        assert_eq!(has("location"), location, "{form}");
        assert_eq!(has("azure-asyncoperation"), state, "{form}");
        if state {
            let body = end(&bench, &header(&reply, "azure-asyncoperation")).await;
            assert_eq!(body["status"], "Succeeded");
        }
        if location {
            assert_eq!(settle(&bench, &header(&reply, "location")).await, 200);
        }
        vanishes(&bench, &job).await;
    }
    // The same for a delete whose usual form is another one.
    for (name, form, location) in [("cpu-cluster", "none", false), ("ci-ada", "location", true)] {
        bench.set(json!({"operations": form})).await;
        let compute = format!(
            "{}/computes/{name}?api-version=2023-10-01&underlyingResourceAction=Delete",
            bench.main()
        );
        let reply = bench.send("DELETE", &compute, None).await;
        assert_eq!(reply.status(), 202);
        assert_eq!(reply.headers().contains_key("location"), location);
        assert!(!reply.headers().contains_key("azure-asyncoperation"));
        vanishes(&bench, &compute).await;
    }
}

#[tokio::test]
async fn a_failure_is_told_in_either_form_and_changes_nothing() {
    let bench = Bench::new().await;
    bench
        .set(json!({"operation_ms": 10, "operations_fail": true, "operations": "both"}))
        .await;
    let (reply, job) = delete_run(&bench, 5).await;
    assert_eq!(settle(&bench, &header(&reply, "location")).await, 409);
    let body = end(&bench, &header(&reply, "azure-asyncoperation")).await;
    assert_eq!(body["status"], "Failed");
    assert!(body["error"]["code"].is_string() && body["error"]["message"].is_string());
    assert_eq!(bench.status("GET", &job).await, 200);
    assert!(bench.deletions().await.is_empty());
}

#[tokio::test]
async fn an_operation_can_vanish_while_its_effect_takes_place() {
    let bench = Bench::new().await;
    bench
        .set(json!({"operation_ms": 30, "operation_vanishes": true, "operations": "both"}))
        .await;
    let (reply, job) = delete_run(&bench, 6).await;
    for name in ["location", "azure-asyncoperation"] {
        assert_eq!(bench.status("GET", &header(&reply, name)).await, 404);
    }
    vanishes(&bench, &job).await;
    let truth = bench.truth("contoso-ml").await;
    let empty = truth["experiments"]
        .iter()
        .find(|fact| fact.doc["name"] == "empty-husk")
        .expect("an empty experiment");
    let url = format!("/history/v1.0{}/experimentids/{}", bench.main(), empty.id);
    let reply = bench.send("DELETE", &url, None).await;
    assert_eq!(bench.status("GET", &header(&reply, "location")).await, 404);
    vanishes(&bench, &url).await;
}

#[tokio::test]
async fn the_address_of_a_result_can_move_at_every_question() {
    let bench = Bench::new().await;
    bench
        .set(json!({"operation_ms": 400, "operation_moves": true}))
        .await;
    let (reply, _) = delete_run(&bench, 7).await;
    let mut addresses = vec![header(&reply, "location")];
    for _ in 0..3 {
        let last = addresses.last().expect("an address");
        let reply = bench.get(last).await;
        assert_eq!(reply.status(), 202);
        addresses.push(header(&reply, "location"));
    }
    let mut different = addresses.clone();
    different.dedup();
    assert_eq!(different.len(), 4, "{addresses:?}");
    assert_eq!(
        bench.status("GET", &addresses[0]).await,
        404,
        "nobody answers where the operation was before"
    );
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(bench.status("GET", &addresses[3]).await, 200);
}

#[tokio::test]
async fn addresses_can_be_long() {
    let bench = Bench::new().await;
    bench
        .set(json!({"operation_ms": 10, "long_operation_urls": true, "operations": "both"}))
        .await;
    let (reply, _) = delete_run(&bench, 8).await;
    for name in ["location", "azure-asyncoperation"] {
        let address = header(&reply, name);
        assert!((3_000..4_000).contains(&address.len()), "{}", address.len());
    }
    assert_eq!(settle(&bench, &header(&reply, "location")).await, 200);
    let body = end(&bench, &header(&reply, "azure-asyncoperation")).await;
    assert_eq!(body["status"], "Succeeded");
}
