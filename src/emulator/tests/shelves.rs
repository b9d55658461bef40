use super::{Bench, encode, fact_ids, ids};
use reqwest::Client;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn model_management_answers_at_both_addresses_and_leaves_the_link_out() {
    let bench = Bench::new().await;
    let truth = bench.truth("contoso-ml").await;
    for kind in ["models", "assets", "images", "services"] {
        let (new, pages, hollow) = bench
            .links(&format!(
                "/modelmanagement/v1.0{}/{kind}?count=500",
                bench.main()
            ))
            .await;
        let (old, ..) = bench
            .links(&format!(
                "/api{}/{kind}?API-Version=2019-11-01",
                bench.main()
            ))
            .await;
        assert_eq!(new, old);
        assert!(pages > 2 && hollow == 1, "{kind}");
        assert_eq!(ids(&new, "id"), fact_ids(&truth[kind]));
    }
    let (profiles, ..) = bench
        .links(&format!(
            "/modelmanagement/v1.0{}/images/churn-image%3A1/profiles",
            bench.main()
        ))
        .await;
    assert_eq!(profiles.len(), truth["image-profiles"].len());
    let one = bench
        .json(&format!(
            "/modelmanagement/v1.0{}/models/{}",
            bench.main(),
            encode("credit risk:1")
        ))
        .await;
    assert_eq!(one["version"], 1);
    let two = bench
        .json(&format!(
            "/modelmanagement/v1.0{}/models/churn-model:2",
            bench.main()
        ))
        .await;
    assert_eq!(two["unpack"], true);
}

#[tokio::test]
async fn an_old_workspace_answers_at_the_old_addresses_only() {
    let bench = Bench::new().await;
    let scope = bench.scope("contoso-legacy");
    assert_eq!(
        bench
            .get(&format!("/modelmanagement/v1.0{scope}/models"))
            .await
            .status(),
        404
    );
    assert_eq!(
        bench
            .get(&format!("/api{scope}/models?api-version=2018-11-19"))
            .await
            .status(),
        200
    );
    assert_eq!(
        bench
            .get(&format!("/pipelines/v1.0{scope}/Pipelines"))
            .await
            .status(),
        404
    );
    assert_eq!(
        bench
            .get(&format!("/api/v1.0{scope}/Pipelines"))
            .await
            .status(),
        200
    );
    assert_eq!(
        bench
            .get(&format!("/notification/v1.0{scope}/tasks"))
            .await
            .status(),
        404
    );
    let lab = bench.scope("fabrikam-Lab_2");
    assert_eq!(
        bench
            .get(&format!("/modelmanagement/v1.0{lab}/images"))
            .await
            .status(),
        404
    );
    let stranger = bench.scope("nobody");
    assert_eq!(
        bench
            .get(&format!("/history/v1.0{stranger}/experiments"))
            .await
            .status(),
        403
    );
    assert_eq!(
        bench
            .get(&format!("{stranger}?api-version=2023-10-01"))
            .await
            .status(),
        404
    );
}

#[tokio::test]
async fn datastores_come_thirty_at_a_time_and_with_their_secrets() {
    let bench = Bench::new().await;
    let truth = bench.truth("contoso-ml").await;
    let base = format!("/datastore/v1.0{}", bench.main());
    let first = bench.json(&format!("{base}/datastores")).await;
    assert_eq!(first["value"].as_array().expect("rows").len(), 30);
    let (open, ..) = bench
        .tokens(&format!("{base}/datastores"), "continuationToken")
        .await;
    let (veiled, ..) = bench
        .tokens(
            &format!("{base}/datastores?IncludeSecret=false&count=7"),
            "continuationToken",
        )
        .await;
    assert_eq!(ids(&open, "name"), fact_ids(&truth["datastores"]));
    assert_eq!(ids(&veiled, "name"), ids(&open, "name"));
    assert!(
        serde_json::to_string(&open)
            .expect("text")
            .contains("PLANTED-")
    );
    assert!(
        !serde_json::to_string(&veiled)
            .expect("text")
            .contains("PLANTED-")
    );
    let single = bench
        .json(&format!("{base}/datastores/crm_sql?includeSecret=false"))
        .await;
    assert!(single.to_string().contains("PLANTED-"));
    assert_eq!(
        bench.json(&format!("{base}/default")).await["name"],
        "workspaceblobstore"
    );
}

#[tokio::test]
async fn datasets_environments_and_tasks_have_pages() {
    let bench = Bench::new().await;
    let truth = bench.truth("contoso-ml").await;
    let base = format!("/dataset/v1.0{}/datasets", bench.main());
    let (visible, ..) = bench.tokens(&base, "continuationToken").await;
    let (all, ..) = bench
        .tokens(
            &format!("{base}?includeInvisible=true&includeLatestDefinition=true"),
            "continuationToken",
        )
        .await;
    assert_eq!(visible.len() + 1, all.len());
    assert!(visible[0]["latest"].is_null() && all[0]["latest"].is_object());
    assert_eq!(ids(&all, "datasetId"), fact_ids(&truth["datasets"]));
    let id = all[1]["datasetId"].as_str().expect("an id");
    let (definitions, pages, _) = bench
        .tokens(&format!("{base}/{id}/definitions"), "continuationToken")
        .await;
    assert!(definitions.len() == 3 && pages == 3);
    let name = encode(all[1]["name"].as_str().expect("a name"));
    assert_eq!(
        bench.json(&format!("{base}/query/name={name}")).await,
        all[1]
    );
    let (environments, pages, _) = bench
        .tokens(
            &format!("/environment/v1.0{}/environments/", bench.main()),
            "continuation",
        )
        .await;
    assert!(pages > 2);
    assert_eq!(ids(&environments, "name"), fact_ids(&truth["environments"]));
    let odd = bench
        .json(&format!(
            "/environment/v1.0{}/environments/gpu%2Fcuda%2010/versions/2",
            bench.main()
        ))
        .await;
    assert_eq!(odd["name"], "gpu/cuda 10");
    let (tasks, ..) = bench
        .tokens(
            &format!("/notification/v1.0{}/tasks", bench.main()),
            "continuationToken",
        )
        .await;
    assert_eq!(ids(&tasks, "id"), fact_ids(&truth["notification-tasks"]));
}

/// Walks the pipelines service from run history, as nothing else leads there.
#[tokio::test]
async fn every_pipeline_document_can_be_reached() {
    let bench = Bench::new().await;
    for workspace in ["contoso-ml", "contoso-legacy", "fabrikam-Lab_2"] {
        let prefix = if workspace == "contoso-legacy" {
            "/api/v1.0"
        } else {
            "/pipelines/v1.0"
        };
        let base = format!("{prefix}{}", bench.scope(workspace));
        let truth = bench.truth(workspace).await;
        let mut runs: BTreeSet<String> = BTreeSet::new();
        for fact in &truth["runs"] {
            if fact.doc["runType"] == "azureml.PipelineRun" {
                runs.insert(fact.id.clone());
            }
            for place in ["properties", "tags"] {
                if let Some(id) = fact.doc[place]["azureml.reusedpipeline"].as_str() {
                    runs.insert(id.to_owned());
                }
            }
        }
        let list = |name: &'static str| bench.json_list(format!("{base}/{name}?activeOnly=false"));
        let (pipelines, published, schedules) = (
            list("Pipelines").await,
            list("PublishedPipelines").await,
            list("Schedules").await,
        );
        assert!(bench.json_list(format!("{base}/Pipelines")).await.len() < pipelines.len());
        let short = list("PipelineEndpoints").await;
        let endpoints: Vec<Value> = Client::get(
            &bench.client,
            format!("{}{base}/PipelineEndpoints?activeOnly=false", bench.base),
        )
        .bearer_auth("token")
        .header("BatchSize", "100")
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("json");
        assert!(short.len() < endpoints.len());
        let drafts: Vec<Value> = serde_json::from_value(
            bench
                .post(&format!("{base}/PipelineDrafts"), json!({}))
                .await,
        )
        .expect("rows");
        runs.extend(
            published
                .iter()
                .map(|row| row["ExperimentId"].as_str().expect("an id").to_owned()),
        );
        for draft in &drafts {
            runs.insert(
                draft["LastSubmittedPipelineRunId"]
                    .as_str()
                    .expect("an id")
                    .to_owned(),
            );
            runs.insert(
                draft["ParentPipelineRunId"]
                    .as_str()
                    .expect("an id")
                    .to_owned(),
            );
        }
        for schedule in &schedules {
            let id = schedule["Id"].as_str().expect("an id");
            runs.extend(ids(
                &bench
                    .json_list(format!("{base}/PipelineRuns/Schedule/{id}"))
                    .await,
                "Id",
            ));
        }
        let mut graphs: BTreeSet<String> = pipelines
            .iter()
            .map(|row| row["GraphId"].as_str().expect("an id").to_owned())
            .collect();
        for id in &runs {
            let run = bench.json(&format!("{base}/Experiments/{id}")).await;
            assert_eq!(run, bench.json(&format!("{base}/PipelineRuns/{id}")).await);
            graphs.insert(run["GraphId"].as_str().expect("an id").to_owned());
        }
        let (mut modules, mut sources) = (BTreeSet::new(), BTreeSet::new());
        for id in &graphs {
            let graph = bench.json(&format!("{base}/Graphs/{id}")).await;
            modules.extend(ids(
                graph["ModuleNodes"].as_array().expect("nodes"),
                "ModuleId",
            ));
            for node in graph["DatasetNodes"].as_array().expect("nodes") {
                sources.extend(node["DatasetId"].as_str().map(str::to_owned));
            }
        }
        let sorted = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>();
        assert_eq!(sorted(&runs), fact_ids(&truth["pipeline-runs"]));
        assert_eq!(sorted(&graphs), fact_ids(&truth["pipeline-graphs"]));
        assert_eq!(sorted(&modules), fact_ids(&truth["pipeline-modules"]));
        assert_eq!(sorted(&sources), fact_ids(&truth["pipeline-data-sources"]));
        assert_eq!(
            ids(&published, "Id"),
            fact_ids(&truth["pipeline-templates"])
        );
        assert_eq!(
            ids(&endpoints, "Id"),
            fact_ids(&truth["pipeline-endpoints"])
        );
        assert_eq!(
            ids(&schedules, "Id"),
            fact_ids(&truth["pipeline-schedules"])
        );
        assert_eq!(ids(&drafts, "Id"), fact_ids(&truth["pipeline-drafts"]));
    }
}
