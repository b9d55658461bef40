//! Readers who still see what is gone.

use super::{Bench, encode, header, ids, settle};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn lists_and_gets_can_lag_behind_a_delete() {
    let bench = Bench::new().await;
    let stores = format!("/datastore/v1.0{}/datastores?count=30", bench.main());
    let one = |name: &str| format!("/datastore/v1.0{}/datastores/{name}", bench.main());
    let listed = async |name: &str| {
        let (rows, ..) = bench.tokens(&stores, "continuationToken").await;
        ids(&rows, "name").iter().any(|each| each == name)
    };
    assert_eq!(bench.status("DELETE", &one("team_store_00")).await, 200);
    assert!(!listed("team_store_00").await, "at once, as a rule");
    bench.set(json!({"list_lag_ms": 1_500})).await;
    assert_eq!(bench.status("DELETE", &one("team_store_01")).await, 200);
    assert!(listed("team_store_01").await);
    assert!(!listed("team_store_00").await, "that one was gone before");
    assert_eq!(bench.status("GET", &one("team_store_01")).await, 404);
    assert_eq!(
        bench.status("DELETE", &one("team_store_01")).await,
        204,
        "what is only seen is not deleted again"
    );
    bench
        .set(json!({"list_lag_ms": 0, "get_lag_ms": 1_500}))
        .await;
    assert_eq!(bench.status("DELETE", &one("team_store_02")).await, 200);
    assert!(!listed("team_store_02").await);
    assert_eq!(bench.status("GET", &one("team_store_02")).await, 200);
    assert_eq!(bench.status("DELETE", &one("team_store_02")).await, 204);
    tokio::time::sleep(Duration::from_millis(1_600)).await;
    assert!(!listed("team_store_01").await);
    assert_eq!(bench.status("GET", &one("team_store_02")).await, 404);
    let told = bench.deletions().await;
    let stores = told.iter().filter(|[kind, ..]| kind == "datastores");
    assert_eq!(stores.count(), 3);
    // The resource manager shows each of them as well.
    assert_eq!(told.len(), 6);
    assert!(
        !bench.truth("contoso-ml").await["datastores"]
            .iter()
            .any(|fact| fact.id == "team_store_02"),
        "the truth never lags"
    );
}

#[tokio::test]
async fn runs_and_computes_lag_by_every_address_of_theirs() {
    let bench = Bench::new().await;
    bench
        .set(json!({"operation_ms": 10, "list_lag_ms": 60_000, "get_lag_ms": 60_000}))
        .await;
    let truth = bench.truth("contoso-ml").await;
    let id = &truth["runs"][11].id;
    let job = format!(
        "{}/jobs/{}?api-version=2023-04-01",
        bench.main(),
        encode(id)
    );
    let reply = bench.send("DELETE", &job, None).await;
    assert_eq!(settle(&bench, &header(&reply, "location")).await, 200);
    assert_eq!(bench.status("GET", &job).await, 200);
    assert_eq!(bench.status("DELETE", &job).await, 204);
    let run = format!("/history/v1.0{}/runs/{}", bench.main(), encode(id));
    assert_eq!(bench.status("GET", &run).await, 200);
    let compute = format!(
        "{}/computes/ci-ada?api-version=2023-10-01&underlyingResourceAction=Delete",
        bench.main()
    );
    assert_eq!(bench.status("DELETE", &compute).await, 202);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(bench.status("DELETE", &compute).await, 204);
    let (rows, ..) = bench
        .links(&format!("{}/computes?api-version=2023-10-01", bench.main()))
        .await;
    assert!(ids(&rows, "name").contains(&"ci-ada".to_owned()));
    // An experiment whose last run is seen and gone is empty.
    assert!(bench.truth("contoso-ml").await["runs"].len() == 199);
}
