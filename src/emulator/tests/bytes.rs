//! What a link that was given before still leads to, after the delete.

use super::{Bench, Fact, encode, header, settle};
use crate::emulator::{Options, Shape};
use serde_json::json;

fn address(bench: &Bench, fact: &Fact, verb: &str) -> String {
    let mut parts = fact.id.splitn(3, '/');
    let mut part = || parts.next().expect("three parts");
    let (origin, container, path) = (part(), part(), part());
    format!(
        "/artifact/v2.0{}/artifacts/{origin}/{}/{verb}?path={}",
        bench.main(),
        encode(container),
        encode(path)
    )
}

async fn link(bench: &Bench, fact: &Fact) -> String {
    let info = bench.json(&address(bench, fact, "contentinfo")).await;
    info["contentUri"].as_str().expect("a link").to_owned()
}

/// The status behind a link, and the code of the store when it refuses.
async fn behind(bench: &Bench, link: &str) -> (u16, Option<String>) {
    let reply = bench.client.get(link).send().await.expect("an answer");
    let code = reply.headers().get("x-ms-error-code");
    let code = code.map(|value| value.to_str().expect("text").to_owned());
    (reply.status().as_u16(), code)
}

#[tokio::test]
async fn a_hard_delete_takes_the_bytes_or_only_says_so() {
    let bench = Bench::new().await;
    let truth = bench.truth("contoso-ml").await;
    let held: Vec<&Fact> = truth["artifacts"]
        .iter()
        .filter(|fact| fact.bytes.is_some())
        .collect();
    for (fact, keeps) in [(held[0], false), (held[1], true)] {
        bench.set(json!({"hard_delete_keeps_bytes": keeps})).await;
        let link = link(&bench, fact).await;
        let url = format!("{}&hardDelete=true", address(&bench, fact, "metadata"));
        assert_eq!(bench.status("DELETE", &url).await, 200);
        assert_eq!(bench.status("DELETE", &url).await, 404, "a second time");
        assert_eq!(
            bench
                .status("GET", &address(&bench, fact, "metadata"))
                .await,
            404
        );
        let expected = if keeps {
            (200, None)
        } else {
            (404, Some("BlobNotFound".to_owned()))
        };
        assert_eq!(behind(&bench, &link).await, expected, "keeps: {keeps}");
    }
}

#[tokio::test]
async fn the_bytes_of_a_deleted_run_follow_the_same_setting() {
    let bench = Bench::new().await;
    bench.set(json!({"operation_ms": 10})).await;
    let truth = bench.truth("contoso-ml").await;
    let owned = |run: &str| {
        let parent = format!("ExperimentRun/dcid.{run}/");
        truth["artifacts"]
            .iter()
            .find(|fact| fact.bytes.is_some() && fact.id.starts_with(&parent))
    };
    let mut runs = truth["runs"]
        .iter()
        .filter_map(|run| Some((&run.id, owned(&run.id)?)));
    for keeps in [false, true] {
        let (run, fact) = runs.next().expect("a run with bytes");
        bench.set(json!({"hard_delete_keeps_bytes": keeps})).await;
        let link = link(&bench, fact).await;
        let job = format!(
            "{}/jobs/{}?api-version=2023-04-01",
            bench.main(),
            encode(run)
        );
        let reply = bench.send("DELETE", &job, None).await;
        assert_eq!(settle(&bench, &header(&reply, "location")).await, 200);
        assert_eq!(
            bench
                .status("GET", &address(&bench, fact, "metadata"))
                .await,
            404
        );
        assert_eq!(behind(&bench, &link).await.0, if keeps { 200 } else { 404 });
    }
}

#[tokio::test]
async fn the_bytes_of_a_computed_run_do_too() {
    let shape = Shape {
        runs: 10,
        experiments: 2,
        ..Shape::default()
    };
    let bench = Bench::with(Options {
        shape: Some(shape),
        ..Options::default()
    })
    .await;
    let truth = bench.truth("contoso-ml").await;
    let fact = &truth["artifacts"][0];
    let link = link(&bench, fact).await;
    let run = fact.doc["container"].as_str().expect("a container");
    let run = run.strip_prefix("dcid.").expect("a run");
    bench.touch("runs", run, json!({"gone": true})).await;
    assert_eq!(behind(&bench, &link).await.0, 404);
    bench.set(json!({"hard_delete_keeps_bytes": true})).await;
    assert_eq!(behind(&bench, &link).await.0, 200);
}

#[tokio::test]
async fn datasets_may_no_longer_be_deletable() {
    let bench = Bench::new().await;
    bench.set(json!({"datasets_undeletable": true})).await;
    let url = format!("/dataset/v1.0{}/datasets/customers", bench.main());
    assert_eq!(bench.status("DELETE", &url).await, 400);
    assert!(bench.deletions().await.is_empty());
    bench.set(json!({"datasets_undeletable": false})).await;
    assert_eq!(bench.status("DELETE", &url).await, 200);
    assert_eq!(bench.status("DELETE", &url).await, 404);
}
