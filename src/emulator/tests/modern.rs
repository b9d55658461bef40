//! The second generation: what the lists show, what is refused, and what goes with what.

use super::{Bench, header, ids, settle};
use crate::emulator::arm::COLLECTIONS;
use crate::emulator::world::Home;
use serde_json::{Value, json};

const VERSION: &str = "api-version=2024-04-01";

async fn modern() -> Bench {
    let bench = Bench::new().await;
    bench.set(json!({"modern": true, "operation_ms": 20})).await;
    bench
}

fn url(bench: &Bench, path: &str) -> String {
    format!("{}/{path}?{VERSION}", bench.main())
}

async fn names(bench: &Bench, path: &str, view: &str) -> Vec<String> {
    let (rows, ..) = bench.links(&format!("{}{view}", url(bench, path))).await;
    ids(&rows, "name")
}

/// Deletes, follows to the end, and looks whether it is gone.
async fn erased(bench: &Bench, path: &str) {
    let reply = bench.send("DELETE", &url(bench, path), None).await;
    match reply.status().as_u16() {
        200 => {}
        202 => {
            assert!(reply.headers().contains_key("x-ms-async-operation-timeout"));
            assert_eq!(settle(bench, &header(&reply, "location")).await, 200);
        }
        other => panic!("{path}: {other}"),
    }
    assert_eq!(bench.status("GET", &url(bench, path)).await, 404, "{path}");
    assert_eq!(
        bench.status("DELETE", &url(bench, path)).await,
        204,
        "{path}"
    );
}

#[tokio::test]
async fn every_collection_holds_something_and_each_of_it_can_be_read() {
    let bench = modern().await;
    let truth = bench.truth("contoso-ml").await;
    for collection in &COLLECTIONS {
        let told = collection.told_as;
        if told == "private-endpoint-connections" || collection.home() == Home::Registry {
            continue;
        }
        let facts = truth.get(told).unwrap_or_else(|| panic!("no {told}"));
        for fact in facts {
            let id = fact.doc["id"].as_str().expect("an id");
            assert!(id.starts_with(&format!("{}/", bench.main())), "{id}");
            assert_eq!(bench.json(&format!("{id}?{VERSION}")).await, fact.doc);
            assert!(fact.doc["systemData"]["createdBy"].is_string());
        }
    }
    let again = bench
        .send(
            "POST",
            "/_emulator/settings",
            Some(json!({"modern": false})),
        )
        .await;
    assert_eq!(again.status(), 400);
    bench.set(json!({"modern": true})).await;
    assert_eq!(
        bench.truth("contoso-ml").await["schedules"].len(),
        2,
        "asked twice, made once"
    );
    bench.post("/_emulator/reset", json!({"world": true})).await;
    assert!(!bench.truth("contoso-ml").await.contains_key("schedules"));
}

#[tokio::test]
async fn lists_hide_what_is_archived_or_disabled() {
    let bench = modern().await;
    assert_eq!(names(&bench, "schedules", "").await, ["nightly-training"]);
    let all = "&listViewType=All";
    assert_eq!(
        names(&bench, "schedules", all).await,
        ["nightly-training", "old-monitor"]
    );
    assert_eq!(names(&bench, "models", "").await, ["fraud-v2"]);
    assert_eq!(
        names(&bench, "models", all).await,
        ["fraud-v2", "retired-v2"]
    );
    assert!(
        names(&bench, "models/retired-v2/versions", "")
            .await
            .is_empty()
    );
    assert_eq!(
        names(&bench, "models/retired-v2/versions", all).await,
        ["1"]
    );
    assert_eq!(names(&bench, "jobs", all).await.len(), 3);
}

#[tokio::test]
async fn a_schedule_is_disabled_before_it_goes() {
    let bench = modern().await;
    let address = url(&bench, "schedules/nightly-training");
    assert_eq!(
        bench.refused("DELETE", &address).await,
        (400, "UserError".to_owned())
    );
    let mut doc = bench.json(&address).await;
    doc["properties"]["isEnabled"] = false.into();
    let reply = bench.send("PUT", &address, Some(doc)).await;
    assert_eq!(reply.status(), 200);
    let stored = bench.json(&address).await;
    assert_eq!(stored["properties"]["isEnabled"], false);
    assert_eq!(stored["properties"]["trigger"]["expression"], "0 3 * * *");
    erased(&bench, "schedules/nightly-training").await;
    let reply = bench.send("PUT", &address, Some(stored)).await;
    assert_eq!(reply.status(), 201, "a PUT makes it anew");
    let told = bench.deletions().await;
    let effects: Vec<&str> = told.iter().map(|[.., effect]| effect.as_str()).collect();
    assert_eq!(effects, ["disabled", "deleted", "created"]);
    let none = bench.send("PUT", &address, Some(json!({"tags": {}}))).await;
    assert_eq!(none.status(), 400);
}

#[tokio::test]
async fn a_deployment_stays_while_requests_are_sent_to_it() {
    let bench = modern().await;
    let blue = "onlineEndpoints/fraud/deployments/blue";
    let green = "onlineEndpoints/fraud/deployments/green";
    let endpoint = url(&bench, "onlineEndpoints/fraud");
    let refused = bench.send("DELETE", &url(&bench, blue), None).await;
    assert_eq!(refused.status(), 400);
    assert!(
        refused
            .text()
            .await
            .expect("text")
            .contains("100 % of the traffic")
    );
    let mut doc = bench.json(&endpoint).await;
    for (traffic, status) in [
        (json!({"blue": 50}), 400),
        (json!({"red": 100}), 400),
        (json!({"blue": 0, "green": 100}), 200),
    ] {
        doc["properties"]["traffic"] = traffic.clone();
        let reply = bench.send("PUT", &endpoint, Some(doc.clone())).await;
        assert_eq!(reply.status(), status, "{traffic}");
    }
    let patch = json!({"properties": {"traffic": {"blue": 100}}});
    let reply = bench.send("PATCH", &endpoint, Some(patch)).await;
    assert_eq!(reply.status(), 400, "the specification has no such PATCH");
    let reply = bench
        .send("PATCH", &endpoint, Some(json!({"tags": {"a": "b"}})))
        .await;
    assert_eq!(reply.status(), 200);
    erased(&bench, blue).await;
    assert_eq!(bench.status("DELETE", &url(&bench, green)).await, 400);
    erased(&bench, "onlineEndpoints/fraud").await;
    assert_eq!(bench.status("GET", &url(&bench, green)).await, 404);
    erased(&bench, "batchEndpoints/fraud-batch").await;
    let told = bench.deletions().await;
    let taken: Vec<&str> = told
        .iter()
        .filter(|[.., effect]| effect == "taken")
        .map(|[_, id, _]| id.as_str())
        .collect();
    assert_eq!(taken, ["fraud/green", "fraud-batch/main"]);
}

#[tokio::test]
async fn a_container_stays_while_it_has_versions() {
    let bench = modern().await;
    let refused = bench
        .refused("DELETE", &url(&bench, "models/fraud-v2"))
        .await;
    assert_eq!(refused, (409, "CannotDeleteResource".to_owned()));
    for path in [
        "models/fraud-v2/versions/2",
        "models/fraud-v2/versions/1",
        "models/fraud-v2",
        "featuresets/transactions/versions/1",
        "featuresets/transactions",
        "connections/contoso-registry",
        "serverlessEndpoints/small-language",
        "marketplaceSubscriptions/small-language",
        "outboundRules/to-pypi",
        "codes/src-1/versions/1",
    ] {
        erased(&bench, path).await;
    }
    let feature = url(
        &bench,
        "featuresets/transactions/versions/1/features/amount-30d",
    );
    assert_eq!(bench.status("GET", &feature).await, 404, "it went along");
    assert_eq!(bench.status("DELETE", &url(&bench, "models")).await, 405);
    assert_eq!(
        bench
            .status("DELETE", &url(&bench, "models/fraud-v2/versions"))
            .await,
        405
    );
}

#[tokio::test]
async fn a_datastore_is_one_store_in_two_services() {
    let bench = modern().await;
    let store = &bench.truth("contoso-ml").await["arm-datastores"][0]
        .id
        .clone();
    let data = format!("/datastore/v1.0{}/datastores/{store}", bench.main());
    assert_eq!(bench.status("GET", &data).await, 200);
    erased(&bench, &format!("datastores/{store}")).await;
    assert_eq!(bench.status("GET", &data).await, 404);
    assert_eq!(bench.status("DELETE", &data).await, 204);
}

#[tokio::test]
async fn an_archived_asset_is_changed_and_an_active_job_refuses() {
    let bench = modern().await;
    let address = url(&bench, "data/loans");
    let mut doc = bench.json(&address).await;
    doc["properties"]["isArchived"] = true.into();
    let reply = bench.send("PUT", &address, Some(doc)).await;
    assert_eq!(reply.status(), 200);
    assert!(names(&bench, "data", "").await.is_empty());
    let job = url(&bench, "jobs/green_oat_8");
    let refused = bench.refused("DELETE", &job).await;
    assert_eq!(refused, (409, "JobNotInTerminalState".to_owned()));
    let cancel = url(&bench, "jobs/green_oat_8/cancel");
    let reply = bench.send("POST", &cancel, None).await;
    assert_eq!(settle(&bench, &header(&reply, "location")).await, 200);
    let status: Value = bench.json(&job).await["properties"]["status"].clone();
    assert_eq!(status, "Canceled");
    erased(&bench, "jobs/green_oat_8").await;
}
