//! Runs that have not ended.

use super::{Bench, encode, header, settle};
use serde_json::json;

const VERSION: &str = "api-version=2023-04-01";

#[tokio::test]
async fn an_active_run_is_cancelled_before_it_is_deleted() {
    let bench = Bench::new().await;
    bench.set(json!({"operation_ms": 300})).await;
    let truth = bench.truth("contoso-ml").await;
    let id = &truth["runs"][14].id;
    let job = format!("{}/jobs/{}", bench.main(), encode(id));
    let run = format!("/history/v1.0{}/runs/{}", bench.main(), encode(id));
    let status = async || bench.json(&run).await["status"].clone();
    for active in ["NotStarted", "Queued", "Running", "Paused", "NotResponding"] {
        bench
            .touch("runs", id, json!({"set": {"status": active}}))
            .await;
        let refused = bench.refused("DELETE", &format!("{job}?{VERSION}")).await;
        assert_eq!(
            refused,
            (409, "JobNotInTerminalState".to_owned()),
            "{active}"
        );
    }
    let cancel = format!("{job}/cancel?{VERSION}");
    let accepted = bench.send("POST", &cancel, None).await;
    assert_eq!(accepted.status(), 202);
    assert_eq!(status().await, "CancelRequested");
    assert_eq!(
        bench.status("DELETE", &format!("{job}?{VERSION}")).await,
        409
    );
    assert_eq!(settle(&bench, &header(&accepted, "location")).await, 200);
    assert_eq!(status().await, "Canceled");
    let details = bench.json(&format!("{run}/details")).await;
    assert_eq!(details["status"], "Canceled");
    assert_eq!(bench.status("POST", &cancel).await, 200, "it has ended");
    let gone = bench
        .send("DELETE", &format!("{job}?{VERSION}"), None)
        .await;
    assert_eq!(gone.status(), 202);
    assert_eq!(settle(&bench, &header(&gone, "location")).await, 200);
    assert_eq!(bench.status("POST", &cancel).await, 404);
    let told: Vec<_> = bench.deletions().await;
    let of_run: Vec<&str> = told
        .iter()
        .filter(|[kind, ..]| kind == "runs")
        .map(|[_, _, effect]| effect.as_str())
        .collect();
    assert_eq!(of_run, ["canceled", "deleted"]);
}

#[tokio::test]
async fn run_history_and_the_older_service_cancel_too() {
    let bench = Bench::new().await;
    bench.set(json!({"operation_ms": 40})).await;
    let truth = bench.truth("contoso-ml").await;
    for (at, service) in [(15, "history"), (16, "execution")] {
        let run = &truth["runs"][at];
        let experiment = run.doc["experimentId"].as_str().expect("an experiment");
        let name = truth["experiments"]
            .iter()
            .find(|fact| fact.id == experiment)
            .and_then(|fact| fact.doc["name"].as_str())
            .expect("a name");
        let word = if service == "history" {
            "runs"
        } else {
            "runId"
        };
        let url = format!(
            "/{service}/v1.0{}/experiments/{}/{word}/{}/cancel",
            bench.main(),
            encode(name),
            encode(&run.id)
        );
        let read = format!("/history/v1.0{}/runs/{}", bench.main(), encode(&run.id));
        let before = bench.get(&read).await.text().await.expect("text");
        assert_eq!(bench.status("POST", &url).await, 200);
        let same = bench.get(&read).await.text().await.expect("text");
        assert_eq!(same, before, "a run that has ended stays as it is");
        bench
            .touch("runs", &run.id, json!({"set": {"status": "Running"}}))
            .await;
        let reply = bench.send("POST", &url, None).await;
        assert_eq!(reply.status(), 200);
        if service == "history" {
            let body: serde_json::Value = reply.json().await.expect("json");
            assert_eq!(body["status"], "CancelRequested");
        }
        for _ in 0..100 {
            if bench.json(&read).await["status"] == "Canceled" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(bench.json(&read).await["status"], "Canceled");
    }
    let nowhere = format!(
        "/history/v1.0{}/experiments/churn/runs/none/cancel",
        bench.main()
    );
    assert_eq!(bench.status("POST", &nowhere).await, 404);
    assert_eq!(bench.deletions().await.len(), 2);
}

#[tokio::test]
async fn a_cancellation_that_fails_leaves_the_run_waiting_for_it() {
    let bench = Bench::new().await;
    bench
        .set(json!({"operation_ms": 10, "operations_fail": true}))
        .await;
    let truth = bench.truth("contoso-ml").await;
    let id = &truth["runs"][17].id;
    bench
        .touch("runs", id, json!({"set": {"status": "Running"}}))
        .await;
    let cancel = format!("{}/jobs/{}/cancel?{VERSION}", bench.main(), encode(id));
    let accepted = bench.send("POST", &cancel, None).await;
    assert_eq!(settle(&bench, &header(&accepted, "location")).await, 409);
    let run = format!("/history/v1.0{}/runs/{}", bench.main(), encode(id));
    assert_eq!(bench.json(&run).await["status"], "CancelRequested");
    assert!(bench.deletions().await.is_empty());
}
