use super::{Bench, encode, fact_ids, ids};
use crate::emulator::{Options, WorldKind};
use serde_json::{Value, json};

#[tokio::test]
async fn every_plane_has_its_own_error() {
    let bench = Bench::new().await;
    let main = bench.main();
    let body = async |url: String| -> Value {
        let response = bench.get(&url).await;
        assert_eq!(response.status(), 404, "{url}");
        assert!(response.headers().contains_key("x-ms-request-id"));
        response.json().await.expect("json")
    };
    let history = body(format!("/history/v1.0{main}/runs/none")).await;
    assert_eq!(history["error"]["code"], "UserError");
    assert_eq!(history["error"]["message"], "Run none was not found");
    assert!(history["componentName"].is_string() && history["correlation"].is_object());
    let models = body(format!("/modelmanagement/v1.0{main}/models/none:1")).await;
    assert!(models.get("error").is_none() && models["statusCode"] == 404);
    let pipelines = body(format!("/pipelines/v1.0{main}/Graphs/none")).await;
    assert!(pipelines["Error"]["Message"].is_string());
    let arm = body(format!("{main}/computes/none?api-version=2023-10-01")).await;
    assert_eq!(arm["error"]["code"], "ResourceNotFound");
}

#[tokio::test]
async fn names_of_providers_and_of_queries_have_no_case() {
    let bench = Bench::new().await;
    let shouted = bench
        .main()
        .replace("resourceGroups", "RESOURCEGROUPS")
        .replace(
            "Microsoft.MachineLearningServices",
            "microsoft.MACHINElearningservices",
        )
        .replace("contoso-ml", "Contoso-ML");
    let workspace = bench
        .json(&format!("{shouted}?API-VERSION=2023-10-01"))
        .await;
    assert_eq!(workspace["name"], "contoso-ml");
    let page = bench
        .json(&format!(
            "/history/v1.0{shouted}/experiments?$TOP=2&VIEWTYPE=All"
        ))
        .await;
    assert_eq!(page["value"].as_array().expect("rows").len(), 2);
    assert!(page["nextLink"].is_string());
    let followed = bench.json(page["nextLink"].as_str().expect("a link")).await;
    assert!(
        followed["value"].as_array().expect("rows").is_empty()
            && followed["continuationToken"].is_string()
    );
}

#[tokio::test]
async fn a_token_that_was_not_encoded_is_noticed() {
    let bench = Bench::new().await;
    let url = format!("/history/v1.0{}/experiments", bench.main());
    let token = bench.json(&url).await["continuationToken"]
        .as_str()
        .expect("a token")
        .to_owned();
    let careless = bench
        .get(&format!("{url}?$continuationToken={token}"))
        .await;
    assert_eq!(careless.status(), 400);
}

#[tokio::test]
async fn filters_children_batches_and_parts_of_runs() {
    let bench = Bench::new().await;
    let base = format!("/history/v1.0{}", bench.main());
    let (parents, ..) = bench
        .query(
            &format!("{base}/experiments/vision-sweep/runs:query"),
            json!({"filter": "(ParentRunId eq null)"}),
        )
        .await;
    assert_eq!(parents.len(), 1);
    let parent = parents[0]["runId"].as_str().expect("an id");
    let filter = format!("ParentRunId eq {parent} and (Status eq Completed)");
    let (finished, ..) = bench
        .query(
            &format!("{base}/experiments/vision-sweep/runs:query"),
            json!({"filter": filter}),
        )
        .await;
    assert!(!finished.is_empty() && finished.iter().all(|run| run["status"] == "Completed"));
    let mut children = Vec::new();
    let mut url = format!("{base}/runs/{parent}/children");
    loop {
        let page = bench.json(&url).await;
        children.extend(page["value"].as_array().expect("rows").clone());
        match page.get("continuationToken").and_then(Value::as_str) {
            Some(token) => {
                url = format!(
                    "{base}/runs/{parent}/children?$continuationtoken={}",
                    encode(token)
                );
            }
            None => break,
        }
    }
    assert_eq!(children.len(), 24);
    let wanted: Vec<&str> = children
        .iter()
        .take(2)
        .map(|run| run["runId"].as_str().expect("an id"))
        .collect();
    let some = bench
        .post(
            &format!("{base}/experiments/vision-sweep/runs/runIds"),
            json!({"runIds": [wanted[0], wanted[1], "none"]}),
        )
        .await;
    assert_eq!(some["runs"].as_object().expect("a map").len(), 2);
    assert!(some["errors"]["none"].is_object());
    let data = bench
        .post(
            &format!("{base}/rundata"),
            json!({"runId": wanted[0], "selectRunMetadata": true}),
        )
        .await;
    assert_eq!(data["runMetadata"], children[0]);
    let either = format!("RunId eq {} or RunId eq {}", wanted[0], wanted[1]);
    let (two, ..) = bench
        .query(
            &format!("{base}/experiments/vision-sweep/runs:query"),
            json!({"filter": either}),
        )
        .await;
    assert_eq!(two.len(), 2);
}

#[tokio::test]
async fn metrics_of_both_generations_keep_their_digits() {
    let bench = Bench::new().await;
    let truth = bench.truth("contoso-ml").await;
    let base = format!("/history/v1.0{}", bench.main());
    let mut first = Vec::new();
    for experiment in &truth["experiments"] {
        let name = encode(experiment.doc["name"].as_str().expect("a name"));
        let url = format!("{base}/experiments/{name}/metrics:query?mergestrategytype=None");
        first.extend(bench.query(&url, json!({})).await.0);
    }
    assert_eq!(ids(&first, "metricId"), fact_ids(&truth["metrics"]));
    let series = truth["metrics-v2"]
        .iter()
        .find(|fact| {
            fact.doc["value"]
                .as_array()
                .is_some_and(|values| values.len() > 10)
        })
        .expect("a long series");
    assert!(
        series.text.contains("0.1000000000000000055511151231257827")
            && series.text.contains(":12345678901234567890")
    );
    let (run, name) = series.id.split_once("/mlflow/").expect("an id");
    let v2 = format!("/metric/v2.0{}/runs/{}", bench.main(), encode(run));
    let (names, pages, hollow) = bench.query(&format!("{v2}/list"), json!({})).await;
    assert!(names.len() == 4 && pages == 3 && hollow == 1);
    let (values, pages, _) = bench
        .query(
            &format!("{v2}/full"),
            json!({"metricName": name, "metricNamespace": "mlflow"}),
        )
        .await;
    assert!(pages == 4 && values.len() == 25);
    let raw = bench
        .send(
            "POST",
            &format!("{v2}/full"),
            Some(json!({"metricName": name})),
        )
        .await
        .text()
        .await
        .expect("text");
    assert!(raw.contains("0.1000000000000000055511151231257827"));
}

#[tokio::test]
async fn artifacts_answer_at_every_address_they_ever_had() {
    let bench = Bench::new().await;
    let truth = bench.truth("contoso-ml").await;
    let run = truth["runs"]
        .iter()
        .find(|fact| fact.id.starts_with("ünruly"))
        .expect("the odd run");
    let (id, container) = (
        encode(&run.id),
        encode(run.doc["dataContainerId"].as_str().expect("a container")),
    );
    let experiment = run.doc["experimentId"].as_str().expect("an id");
    let main = bench.main();
    let lists = [
        format!("/artifact/v2.0{main}/artifacts/ExperimentRun/{container}"),
        format!("/artifact/v2.0{main}/artifacts/origins/ExperimentRun/containers/{container}"),
        format!("/artifact/v1.0{main}/artifacts/origins/ExperimentRun/containers/{container}"),
        format!("/history/v1.0{main}/experimentids/{experiment}/runs/{id}/artifacts"),
        format!(
            "/history/v1.0{main}/experiments/{}/runs/{id}/artifacts",
            encode("100%_accurate #1")
        ),
    ];
    let (first, ..) = bench.tokens(&lists[0], "continuationToken").await;
    assert!(first.len() >= 2);
    for list in &lists[1..] {
        assert_eq!(
            bench.tokens(list, "continuationToken").await.0,
            first,
            "{list}"
        );
    }
    let path = first[1]["path"].as_str().expect("a path");
    let spelled = path.split('/').map(encode).collect::<Vec<_>>().join("/");
    let query = encode(path);
    for form in [
        format!("ExperimentRun/{container}/metadata?path={query}"),
        format!("metadata/ExperimentRun/{container}/{spelled}"),
    ] {
        assert_eq!(
            bench
                .json(&format!("/artifact/v2.0{main}/artifacts/{form}"))
                .await,
            first[1]
        );
    }
    for form in [
        format!("ExperimentRun/{container}/contentinfo?path={query}"),
        format!("contentinfo/ExperimentRun/{container}/{spelled}"),
    ] {
        let info = bench
            .json(&format!("/artifact/v2.0{main}/artifacts/{form}"))
            .await;
        assert_eq!(info["path"], path);
    }
    let (links, ..) = bench
        .tokens(&format!("/artifact/v2.0{main}/artifacts/prefix/contentinfo/ExperimentRun/{container}/outputs"), "continuationToken")
        .await;
    assert!(links.iter().all(|link| {
        link["contentUri"]
            .as_str()
            .expect("a link")
            .contains("skoid=")
    }));
    let by_path = bench
        .post(
            &format!("/artifact/v2.0{main}/artifacts/ExperimentRun/{container}/batch/metadata"),
            json!({"paths": [{"path": path}, {"path": "none"}]}),
        )
        .await;
    assert_eq!(by_path["artifacts"][path], first[1]);
    assert!(by_path["errors"]["none"].is_object());
    let key = first[1]["artifactId"].as_str().expect("an id");
    let by_id = bench
        .post(
            &format!("/artifact/v2.0{main}/artifacts/batch/metadata"),
            json!({"artifactIds": [key]}),
        )
        .await;
    assert!(by_id["artifactContentInformation"][key]["contentUri"].is_string());
    // The 2018 run keeps its files under its own name.
    let old = truth["runs"]
        .iter()
        .find(|fact| fact.doc["dataContainerId"].is_null())
        .expect("the old run");
    let (files, ..) = bench
        .tokens(
            &format!("/artifact/v2.0{main}/artifacts/ExperimentRun/{}", old.id),
            "continuationToken",
        )
        .await;
    assert!(!files.is_empty());
}

#[tokio::test]
async fn the_people_are_of_every_awkward_sort() {
    let bench = Bench::new().await;
    let people: Vec<Value> = bench
        .get("/_emulator/people")
        .await
        .json()
        .await
        .expect("json");
    let sort = |sort: &str| {
        people
            .iter()
            .filter(|person| person["sort"] == sort)
            .collect::<Vec<_>>()
    };
    assert_eq!(people.len(), 25);
    assert!(
        sort("null-upn")
            .iter()
            .all(|person| person["upn"].is_null())
    );
    assert!(
        sort("guest")[0]["userAltSecId"]
            .as_str()
            .expect("an id")
            .starts_with("1:live.com:")
    );
    assert_eq!(sort("service-principal").len(), 1);
    let truth = bench.truth("contoso-ml").await;
    let lonely = &sort("user-id-only")[0]["userObjectId"];
    assert!(
        truth["runs"]
            .iter()
            .any(|run| &run.doc["userId"] == lonely && run.doc.get("createdBy").is_none())
    );
    let computes = &truth["computes"];
    assert!(computes.iter().any(|row| {
        let inner = &row.doc["properties"]["properties"];
        inner["createdBy"]["userId"]
            != inner["personalComputeInstanceSettings"]["assignedUser"]["objectId"]
            && inner["createdBy"].is_object()
    }));
}

#[tokio::test]
async fn a_seed_makes_the_same_world_and_another_seed_another() {
    let mut worlds = Vec::new();
    for seed in [3, 3, 4] {
        let bench = Bench::with(Options {
            seed,
            ..Options::default()
        })
        .await;
        let secrets = bench
            .get("/_emulator/secrets")
            .await
            .text()
            .await
            .expect("text");
        let runs = fact_ids(&bench.truth("contoso-ml").await["runs"]);
        worlds.push((secrets, runs));
    }
    assert_eq!(worlds[0], worlds[1]);
    assert_ne!(worlds[0], worlds[2]);
    let empty = Bench::with(Options {
        world: WorldKind::Empty,
        ..Options::default()
    })
    .await;
    let truth = empty.truth("contoso-ml").await;
    assert_eq!(truth.keys().collect::<Vec<_>>(), ["workspaces"]);
    assert!(
        empty
            .tokens(
                &format!("/history/v1.0{}/experiments", empty.main()),
                "continuationToken"
            )
            .await
            .0
            .is_empty()
    );
    empty.emulator.stop().await;
}

#[tokio::test]
async fn a_stopped_emulator_answers_nobody() {
    let bench = Bench::new().await;
    assert_eq!(bench.get("/_emulator").await.status(), 200);
    let base = bench.base.clone();
    bench.emulator.stop().await;
    assert!(
        bench
            .client
            .get(format!("{base}/_emulator"))
            .send()
            .await
            .is_err()
    );
}
