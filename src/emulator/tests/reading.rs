use super::{Bench, encode, fact_ids, ids};
use crate::emulator::{Options, Shape, text};
use serde_json::json;

#[tokio::test]
async fn discovery_needs_no_token_and_everything_else_does() {
    let bench = Bench::new().await;
    let workspace = bench
        .json(&format!("{}?api-version=2023-10-01", bench.main()))
        .await;
    let discovery = workspace["properties"]["discoveryUrl"]
        .as_str()
        .expect("a discovery url");
    let plain = bench.client.get(discovery).send().await.expect("an answer");
    assert_eq!(plain.status(), 200);
    let map: serde_json::Value = plain.json().await.expect("json");
    for key in [
        "api",
        "history",
        "modelmanagement",
        "pipelines",
        "experimentation",
        "studio",
    ] {
        assert_eq!(map[key], bench.base.as_str());
    }
    for path in [
        format!("{}?api-version=2023-10-01", bench.main()),
        format!("/history/v1.0{}/experiments", bench.main()),
        format!("/modelmanagement/v1.0{}/models", bench.main()),
        format!("/pipelines/v1.0{}/Pipelines", bench.main()),
    ] {
        let refused = bench
            .client
            .get(format!("{}{path}", bench.base))
            .send()
            .await
            .expect("an answer");
        assert_eq!(refused.status(), 401, "{path}");
    }
    let clouds = bench.client.get(format!(
        "{}/metadata/endpoints?api-version=2022-09-01",
        bench.base
    ));
    assert_eq!(clouds.send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn arm_lists_have_pages_and_no_null_link() {
    let bench = Bench::new().await;
    let subscription = bench.emulator.subscription();
    let url = format!(
        "/subscriptions/{subscription}/providers/Microsoft.MachineLearningServices/workspaces?api-version=2023-10-01"
    );
    let (rows, pages, hollow) = bench.links(&url).await;
    assert_eq!(rows.len(), 3);
    assert!(pages > 3 && hollow == 1);
    let (computes, _, hollow) = bench
        .links(&format!("{}/computes?api-version=2023-10-01", bench.main()))
        .await;
    assert_eq!(hollow, 1);
    let truth = bench.truth("contoso-ml").await;
    assert_eq!(ids(&computes, "name"), fact_ids(&truth["computes"]));
    assert!(
        computes
            .iter()
            .all(|row| row["properties"].get("properties").is_none())
    );
    let full = bench
        .json(&format!(
            "{}/computes/ci-ada?api-version=2023-10-01",
            bench.main()
        ))
        .await;
    assert!(full["properties"]["properties"]["createdBy"]["userId"].is_string());
    let without = bench.get(&bench.main()).await;
    assert_eq!(without.status(), 400);
}

#[tokio::test]
async fn run_history_in_both_generations_is_the_truth() {
    let bench = Bench::new().await;
    let base = format!("/history/v1.0{}", bench.main());
    let truth = bench.truth("contoso-ml").await;
    assert_eq!(truth["runs"].len(), 200);
    let (some, ..) = bench
        .query(&format!("{base}/experiments:query"), json!({}))
        .await;
    let (all, pages, hollow) = bench
        .query(
            &format!("{base}/experiments:query"),
            json!({"viewType": "All"}),
        )
        .await;
    assert_eq!(some.len() + 1, all.len());
    assert!(pages > 2 && hollow == 1);
    assert_eq!(ids(&all, "experimentId"), fact_ids(&truth["experiments"]));
    let (older, ..) = bench
        .tokens(
            &format!("{base}/experiments?viewType=All"),
            "$continuationToken",
        )
        .await;
    assert_eq!(older, all);
    let mut runs = Vec::new();
    for experiment in &all {
        let name = encode(experiment["name"].as_str().expect("a name"));
        let (new, ..) = bench
            .query(
                &format!("{base}/experiments/{name}/runs:query"),
                json!({"top": 500}),
            )
            .await;
        let (old, ..) = bench
            .tokens(
                &format!("{base}/experiments/{name}/runs"),
                "$continuationtoken",
            )
            .await;
        assert_eq!(new, old);
        runs.extend(new);
    }
    assert_eq!(ids(&runs, "runId"), fact_ids(&truth["runs"]));
    assert!(
        runs.iter()
            .any(|run| run["hidden"] == true && run["parentRunId"].is_string())
    );
    assert!(
        runs.iter()
            .any(|run| run["dataContainerId"].is_null() && run.get("createdBy").is_none())
    );
    for run in runs.iter().step_by(7) {
        let id = encode(run["runId"].as_str().expect("an id"));
        let experiment = run["experimentId"].as_str().expect("an id");
        let short = bench.json(&format!("{base}/runs/{id}")).await;
        assert_eq!(&short, run);
        assert_eq!(
            bench
                .json(&format!("{base}/experimentids/{experiment}/runs/{id}"))
                .await,
            short
        );
        let details = bench.json(&format!("{base}/runs/{id}/details")).await;
        assert!(details["logFiles"].is_object());
    }
}

#[tokio::test]
async fn bytes_come_by_signed_links_that_hate_tokens() {
    let bench = Bench::new().await;
    let truth = bench.truth("contoso-ml").await;
    let base = format!("/artifact/v2.0{}/artifacts", bench.main());
    for fact in truth["artifacts"]
        .iter()
        .filter(|fact| fact.id.contains("outputs/") || fact.id.contains(".."))
        .take(60)
    {
        let mut parts = fact.id.splitn(3, '/');
        let (origin, container, path) = (
            parts.next().expect("o"),
            parts.next().expect("c"),
            parts.next().expect("p"),
        );
        let info = bench
            .json(&format!(
                "{base}/{origin}/{}/contentinfo?path={}",
                encode(container),
                encode(path)
            ))
            .await;
        assert_eq!(info["path"], path);
        let link = info["contentUri"].as_str().expect("a link");
        let answer = bench.client.get(link).send().await.expect("an answer");
        let Some(expected) = &fact.bytes else {
            assert_eq!(answer.status(), 404);
            continue;
        };
        assert_eq!(answer.status(), 200, "{link}");
        let length = answer
            .headers()
            .get("content-length")
            .expect("a length")
            .to_str()
            .expect("text")
            .to_owned();
        let bytes = answer.bytes().await.expect("bytes");
        assert_eq!(length, bytes.len().to_string());
        if !fact.id.ends_with("packed.log") {
            assert_eq!(&text::sha256(&bytes), expected, "{}", fact.id);
        }
        let leak = bench
            .client
            .get(link)
            .bearer_auth("token")
            .send()
            .await
            .expect("an answer");
        assert_eq!(leak.status(), 400);
        let forged = bench
            .client
            .get(link.replace("sig=PLANTED", "sig=FORGED"))
            .send()
            .await
            .expect("an answer");
        assert_eq!(forged.status(), 403);
    }
}

#[tokio::test]
async fn a_computed_world_is_canonical_paged_and_true() {
    let shape = Shape {
        runs: 2_345,
        experiments: 4,
        metrics_v2: false,
        artifact_bytes: 100_000,
        ..Shape::default()
    };
    let bench = Bench::with(Options {
        shape: Some(shape),
        ..Options::default()
    })
    .await;
    let base = format!("/history/v1.0{}", bench.main());
    let truth = bench.truth("contoso-ml").await;
    for kind in ["experiments", "runs", "run-details", "metrics", "artifacts"] {
        for fact in truth[kind].iter().take(50) {
            assert_eq!(text::sha256(fact.text.as_bytes()), fact.sha256, "{kind}");
            // Digits aside, what is written by hand is what the canonical writer would have written.
            if kind != "metrics" {
                assert_eq!(text::render(&fact.doc), fact.text, "{kind}");
            }
        }
    }
    let (all, ..) = bench
        .query(
            &format!("{base}/experiments:query"),
            json!({"viewType": "All"}),
        )
        .await;
    let mut runs = Vec::new();
    let mut metrics = Vec::new();
    for experiment in &all {
        let name = experiment["name"].as_str().expect("a name");
        runs.extend(
            bench
                .query(
                    &format!("{base}/experiments/{name}/runs:query"),
                    json!({"top": 1000}),
                )
                .await
                .0,
        );
        metrics.extend(
            bench
                .query(
                    &format!("{base}/experiments/{name}/metrics:query"),
                    json!({}),
                )
                .await
                .0,
        );
    }
    assert_eq!(ids(&runs, "runId"), fact_ids(&truth["runs"]));
    assert_eq!(ids(&metrics, "metricId"), fact_ids(&truth["metrics"]));
    let id = runs[7]["runId"].as_str().expect("an id");
    let listed = bench
        .json(&format!(
            "/artifact/v2.0{}/artifacts/ExperimentRun/dcid.{id}",
            bench.main()
        ))
        .await;
    let path = listed["value"][1]["path"].as_str().expect("a path");
    let info = bench
        .json(&format!(
            "/artifact/v2.0{}/artifacts/ExperimentRun/dcid.{id}/contentinfo?path={path}",
            bench.main()
        ))
        .await;
    let link = info["contentUri"].as_str().expect("a link");
    let whole = bench
        .client
        .get(link)
        .send()
        .await
        .expect("an answer")
        .bytes()
        .await
        .expect("bytes");
    let wanted = format!("ExperimentRun/dcid.{id}/{path}");
    let fact = truth["artifacts"]
        .iter()
        .find(|fact| fact.id == wanted)
        .expect("a fact");
    assert_eq!(Some(text::sha256(&whole)), fact.bytes);
    let part = bench
        .client
        .get(link)
        .header("range", "bytes=65000-70000")
        .send()
        .await
        .expect("an answer");
    assert_eq!(part.status(), 206);
    assert_eq!(
        &part.bytes().await.expect("bytes")[..],
        &whole[65_000..=70_000]
    );
}
