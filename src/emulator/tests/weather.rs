use super::Bench;
use crate::emulator::{Options, Shape};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

#[tokio::test]
async fn throttling_asks_in_many_forms_and_counts_who_does_not_listen() {
    let bench = Bench::with(Options {
        throttle: Some(5.0),
        ..Options::default()
    })
    .await;
    let url = format!("/history/v1.0{}/experiments/churn", bench.main());
    let (mut forms, mut refused) = (BTreeSet::new(), 0);
    for _ in 0..100 {
        let response = bench.get(&url).await;
        if response.status() == 429 {
            refused += 1;
            let form = ["retry-after", "x-ms-retry-after-ms", "retry-after-ms"]
                .iter()
                .find(|name| response.headers().contains_key(**name));
            forms.insert(form.copied().unwrap_or("none"));
            let body: Value = response.json().await.expect("json");
            assert_eq!(body["error"]["code"], "RequestThrottled");
        }
    }
    assert!(refused > 20);
    assert_eq!(forms.len(), 4, "{forms:?}");
    let requests = bench.json("/_emulator/requests").await;
    assert!(requests["early"].as_u64().expect("a number") > 0);
    assert!(requests["by_status"]["429"].as_u64().expect("a number") >= refused);
}

#[tokio::test]
async fn nobody_who_waits_is_early() {
    let bench = Bench::new().await;
    let url = format!("/history/v1.0{}/experiments/churn", bench.main());
    let mishap = json!([{"path_contains": "/experiments/churn", "times": 1,
                         "do": {"status": 429, "headers": {"x-ms-retry-after-ms": "150"}, "body": ""}}]);
    bench.post("/_emulator/mishaps", mishap).await;
    assert_eq!(bench.get(&url).await.status(), 429);
    tokio::time::sleep(Duration::from_millis(170)).await;
    assert_eq!(bench.get(&url).await.status(), 200);
    assert_eq!(bench.json("/_emulator/requests").await["early"], 0);
    let mishap = json!([{"path_contains": "/experiments/churn", "times": 1,
                         "do": {"status": 503, "headers": {"Retry-After": "5"}, "body": "<html></html>"}}]);
    bench.post("/_emulator/mishaps", mishap).await;
    assert_eq!(bench.get(&url).await.status(), 503);
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(bench.get(&url).await.status(), 200);
    assert_eq!(bench.json("/_emulator/requests").await["early"], 1);
    bench.post("/_emulator/reset", json!({})).await;
    assert_eq!(bench.json("/_emulator/requests").await["total"], 0);
}

#[tokio::test]
async fn faults_are_of_many_kinds_and_the_same_for_a_seed() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let bench = Bench::with(Options {
            faults: 0.5,
            seed: 9,
            ..Options::default()
        })
        .await;
        let url = format!("{}/history/v1.0{}/experiments", bench.base, bench.main());
        let mut outcomes = Vec::new();
        for _ in 0..150 {
            let answer = bench.client.get(&url).bearer_auth("token").send().await;
            outcomes.push(match answer {
                Err(_) => "closed".to_owned(),
                Ok(response) => {
                    let status = response.status().as_u16();
                    match response.text().await {
                        Err(_) => "truncated".to_owned(),
                        Ok(text) if text.contains("<html>") => format!("{status} html"),
                        Ok(_) => status.to_string(),
                    }
                }
            });
        }
        let deleted = bench
            .send(
                "DELETE",
                &format!("/datastore/v1.0{}/datastores/none", bench.main()),
                None,
            )
            .await;
        assert_eq!(deleted.status(), 204);
        seen.push(outcomes);
    }
    let kinds: BTreeSet<&String> = seen[0].iter().collect();
    for kind in [
        "200",
        "408",
        "500",
        "530",
        "503 html",
        "closed",
        "truncated",
    ] {
        assert!(
            kinds.contains(&kind.to_owned()),
            "{kind} is missing in {kinds:?}"
        );
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn scripted_mishaps_play_as_written() {
    let bench = Bench::new().await;
    let models = format!("/modelmanagement/v1.0{}/models", bench.main());
    let runs = format!("/history/v1.0{}/experiments/churn/runs:query", bench.main());
    let stores = format!("/datastore/v1.0{}/datastores", bench.main());
    let script = json!([
        {"path_contains": "/models", "method": "GET", "times": 1, "do": {"next_link_host": "http://127.0.0.2:9"}},
        {"path_contains": "runs:query", "after": 1, "times": 5, "do": {"repeat_token": true}},
        {"path_contains": "/datastores", "times": 1, "do": {"truncate": 10}},
        {"path_contains": "/datastores", "times": 1, "do": {"close": true}},
        {"path_contains": "/datastores", "times": 1, "do": {"stall_ms": 120}},
        {"path_contains": "/environments", "times": 1, "do": {"body_bytes": 3_000_000}},
    ]);
    assert_eq!(bench.post("/_emulator/mishaps", script).await["mishaps"], 6);
    let lured = bench.json(&models).await;
    assert!(
        lured["nextLink"]
            .as_str()
            .expect("a link")
            .starts_with("http://127.0.0.2:9/")
    );
    let first = bench.post(&runs, json!({})).await;
    let token = first["continuationToken"].clone();
    let second = bench.post(&runs, json!({"continuationToken": token})).await;
    assert_eq!(second["continuationToken"], token);
    let cut = bench.get(&stores).await;
    assert_eq!(cut.status(), 200);
    assert!(cut.text().await.is_err());
    let closed = bench
        .client
        .get(format!("{}{stores}", bench.base))
        .bearer_auth("token")
        .send()
        .await;
    assert!(closed.is_err());
    let began = std::time::Instant::now();
    assert_eq!(bench.get(&stores).await.status(), 200);
    assert!(began.elapsed() >= Duration::from_millis(120));
    let flood = bench
        .get(&format!("/environment/v1.0{}/environments/", bench.main()))
        .await;
    assert!(flood.bytes().await.expect("bytes").len() > 3_000_000);
}

#[tokio::test]
async fn links_to_blobs_run_out() {
    let bench = Bench::new().await;
    bench
        .post("/_emulator/settings", json!({"sas_seconds": 2}))
        .await;
    let truth = bench.truth("contoso-ml").await;
    let doc = &truth["artifacts"][0].doc;
    let url = format!(
        "/artifact/v2.0{}/artifacts/contentinfo/ExperimentRun/{}/{}",
        bench.main(),
        doc["container"].as_str().expect("a container"),
        doc["path"].as_str().expect("a path")
    );
    let link = bench.json(&url).await["contentUri"]
        .as_str()
        .expect("a link")
        .to_owned();
    assert_eq!(
        bench
            .client
            .get(&link)
            .send()
            .await
            .expect("an answer")
            .status(),
        200
    );
    tokio::time::sleep(Duration::from_millis(3_100)).await;
    let late = bench.client.get(&link).send().await.expect("an answer");
    assert_eq!(late.status(), 403);
    assert!(
        late.text()
            .await
            .expect("text")
            .contains("AuthenticationFailed")
    );
    let requests = bench
        .get("/_emulator/requests")
        .await
        .text()
        .await
        .expect("text");
    assert!(!requests.contains("sig=PLANTED"));
}

#[tokio::test]
async fn blobs_know_ranges_and_conditions() {
    let shape = Shape {
        runs: 3,
        artifact_bytes: 1_000,
        ..Shape::default()
    };
    let bench = Bench::with(Options {
        shape: Some(shape),
        ..Options::default()
    })
    .await;
    let truth = bench.truth("contoso-ml").await;
    let doc = &truth["artifacts"][0].doc;
    let info = bench
        .json(&format!(
            "/artifact/v2.0{}/artifacts/ExperimentRun/{}/contentinfo?path={}",
            bench.main(),
            doc["container"].as_str().expect("a container"),
            doc["path"].as_str().expect("a path")
        ))
        .await;
    let link = info["contentUri"].as_str().expect("a link");
    let ask = |name: &'static str, value: String| bench.client.get(link).header(name, value).send();
    let whole = bench.client.get(link).send().await.expect("an answer");
    let etag = whole.headers()["etag"].to_str().expect("text").to_owned();
    let part = ask("range", "bytes=990-2000".to_owned())
        .await
        .expect("an answer");
    assert_eq!(part.status(), 206);
    assert_eq!(part.headers()["content-range"], "bytes 990-999/1000");
    assert_eq!(
        ask("range", "bytes=1000-".to_owned())
            .await
            .expect("an answer")
            .status(),
        416
    );
    assert_eq!(
        ask("if-match", "\"other\"".to_owned())
            .await
            .expect("an answer")
            .status(),
        412
    );
    assert_eq!(
        ask("if-match", etag).await.expect("an answer").status(),
        200
    );
}
