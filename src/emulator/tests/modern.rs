//! The second generation: what the lists show, what is refused, and what goes with what.

use super::{Bench, encode, header, ids, settle};
use crate::emulator::arm::COLLECTIONS;
use crate::emulator::world::Home;
use serde_json::{Value, json};
use std::collections::HashMap;

const VERSION: &str = "api-version=2024-04-01";

async fn modern() -> Bench {
    let bench = Bench::new().await;
    bench.set(json!({"operation_ms": 20})).await;
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
    let (mut odd, mut without) = (0, Vec::new());
    for collection in &COLLECTIONS {
        let told = collection.told_as;
        if collection.home() == Home::Registry {
            continue;
        }
        let facts = truth.get(told).unwrap_or_else(|| panic!("no {told}"));
        for fact in facts {
            let Some(id) = fact.doc["id"].as_str() else {
                without.push(fact.id.clone());
                continue;
            };
            let main = bench.main();
            assert!(
                id.to_lowercase()
                    .starts_with(&format!("{}/", main.to_lowercase())),
                "{id}"
            );
            odd += u32::from(!id.starts_with(&main));
            // The names of runs may hold anything.
            let (place, name) = id.rsplit_once('/').expect("a name");
            let url = format!("{place}/{}?{VERSION}", encode(name));
            assert_eq!(bench.json(&url).await, fact.doc);
        }
    }
    assert!(odd > 5, "ids in another letter case than they were sent in");
    assert_eq!(without, ["weekly-report"], "one comes without an id");
}

/// All jobs that the list shows, archived ones too, by their names.
async fn jobs(bench: &Bench) -> HashMap<String, Value> {
    let (rows, ..) = bench
        .links(&format!("{}&listViewType=All", url(bench, "jobs")))
        .await;
    rows.into_iter()
        .map(|row| (row["name"].as_str().expect("a name").to_owned(), row))
        .collect()
}

#[tokio::test]
async fn a_run_that_hangs_on_no_other_is_listed_as_a_job() {
    let bench = modern().await;
    let truth = bench.truth("contoso-ml").await;
    let listed = jobs(&bench).await;
    let (mut tops, mut children, mut steps) = (0, 0, 0);
    for run in &truth["runs"] {
        let one = bench
            .json(&url(&bench, &format!("jobs/{}", encode(&run.id))))
            .await;
        assert_eq!(one["name"], run.id.as_str());
        let Some(job) = listed.get(&run.id) else {
            assert!(
                run.doc["parentRunId"].is_string(),
                "{} is in no list",
                run.id
            );
            children += 1;
            steps += u32::from(one["properties"].is_null());
            continue;
        };
        tops += 1;
        assert!(run.doc["parentRunId"].is_null(), "{} is a child", run.id);
        assert_eq!(*job, one, "the list and the job itself disagree");
        assert_eq!(job["properties"]["status"], run.doc["status"]);
        assert_eq!(job["properties"]["isArchived"], run.doc["hidden"]);
        let created = run.doc["createdUtc"].as_str().expect("a time");
        assert_eq!(
            job["systemData"]["createdAt"],
            created.replace("+00:00", "Z")
        );
        assert_eq!(
            job["systemData"].get("createdBy"),
            run.doc
                .pointer("/createdBy/userName")
                .filter(|name| !name.is_null())
        );
    }
    assert!(
        tops > 50 && children > 50 && steps > 10,
        "{tops} {children} {steps}"
    );
    // What happens to the run happens to the job.
    let id = listed
        .keys()
        .find(|id| id.starts_with("churn_"))
        .expect("a run");
    bench
        .touch("runs", id, json!({"set": {"hidden": true}}))
        .await;
    let address = url(&bench, &format!("jobs/{id}"));
    assert_eq!(bench.json(&address).await["properties"]["isArchived"], true);
    bench.touch("runs", id, json!({"gone": true})).await;
    assert_eq!(bench.status("GET", &address).await, 404);
    assert!(!jobs(&bench).await.contains_key(id));
    bench.touch("runs", id, json!({"back": true})).await;
    assert!(jobs(&bench).await.contains_key(id));
}

#[tokio::test]
async fn datastores_come_by_thirty_and_some_lists_have_a_page_without_items() {
    let bench = modern().await;
    let first = bench.json(&url(&bench, "datastores")).await;
    assert_eq!(first["value"].as_array().expect("rows").len(), 30);
    let (rows, ..) = bench.links(&url(&bench, "datastores")).await;
    assert!(
        rows.len() > 30 && rows.len() == bench.truth("contoso-ml").await["arm-datastores"].len()
    );
    let more = bench
        .json(&format!("{}&count=100", url(&bench, "datastores")))
        .await;
    assert_eq!(more["value"].as_array().expect("rows").len(), rows.len());
    let page = bench.json(&url(&bench, "connections")).await;
    let next = page["nextLink"].as_str().expect("a link");
    let empty = bench.json(next).await;
    assert_eq!(empty["value"], json!([]));
    assert!(empty["nextLink"].is_string());
}

#[tokio::test]
async fn lists_hide_what_is_archived_or_disabled() {
    let bench = modern().await;
    assert_eq!(
        names(&bench, "schedules", "").await,
        ["nightly-training", "weekly-report"]
    );
    let all = "&listViewType=All";
    assert_eq!(
        names(&bench, "schedules", all).await,
        ["nightly-training", "old-monitor", "weekly-report"]
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
    let usual = names(&bench, "jobs", "").await;
    let archived = names(&bench, "jobs", "&listViewType=ArchivedOnly").await;
    assert!(
        archived.contains(&"amber_rye_9".to_owned()) && usual.contains(&"sage_elm_3".to_owned())
    );
    assert_eq!(
        names(&bench, "jobs", all).await.len(),
        usual.len() + archived.len()
    );
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
