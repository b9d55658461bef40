//! What a role may do, what it says that it may, and what it is refused.

use super::{Bench, encode};
use serde_json::{Value, json};

const PERMISSIONS: &str = "providers/Microsoft.Authorization/permissions?api-version=2022-04-01";

#[tokio::test]
async fn the_permissions_are_those_of_the_role() {
    let bench = Bench::new().await;
    let url = format!("{}/{PERMISSIONS}", bench.main());
    assert_eq!(
        bench.json(&url).await,
        json!({"value": [{"actions": ["*"], "notActions": [], "dataActions": [], "notDataActions": []}]})
    );
    let assignments = format!(
        "{}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=atScope()",
        bench.main()
    );
    for (role, action, definition) in [
        ("owner", "*", "8e3af657"),
        ("contributor", "*", "b24988ac"),
        (
            "data-scientist",
            "Microsoft.MachineLearningServices/workspaces/*/read",
            "f6c7c914",
        ),
        ("reader", "*/read", "acdd72a7"),
    ] {
        bench.set(json!({"role": role})).await;
        let told = bench.json(&url).await;
        assert_eq!(told["value"][0]["actions"][0], action);
        let held = bench.json(&assignments).await;
        let id = held["value"][0]["properties"]["roleDefinitionId"]
            .as_str()
            .expect("an id");
        assert!(id.contains(definition), "{role}: {id}");
    }
}

#[tokio::test]
async fn a_reader_changes_nothing_anywhere() {
    let bench = Bench::new().await;
    bench.set(json!({"role": "reader"})).await;
    let truth = bench.truth("contoso-ml").await;
    let main = bench.main();
    let about = bench.json("/_emulator").await;
    let guid = about["workspaces"][0]["workspaceId"]
        .as_str()
        .expect("an id");
    let run = encode(&truth["runs"][3].id);
    for (method, url) in [
        (
            "DELETE",
            format!("{main}?api-version=2023-10-01&forceToPurge=true"),
        ),
        (
            "DELETE",
            format!(
                "{main}/computes/cpu-cluster?api-version=2023-10-01&underlyingResourceAction=Delete"
            ),
        ),
        (
            "DELETE",
            format!("{main}/jobs/{run}?api-version=2023-04-01"),
        ),
        (
            "POST",
            format!("{main}/jobs/{run}/cancel?api-version=2023-04-01"),
        ),
        ("PUT", format!("{main}/schedules/s?api-version=2023-04-01")),
    ] {
        let response = bench.send(method, &url, None).await;
        assert_eq!(response.status(), 403, "{method} {url}");
        let body: Value = response.json().await.expect("json");
        assert_eq!(body["error"]["code"], "AuthorizationFailed");
        let why = body["error"]["message"].as_str().expect("a sentence");
        assert!(
            why.contains("does not have authorization to perform action 'Microsoft.MachineLearningServices/workspaces"),
            "{why}"
        );
        assert!(why.contains(&format!("over scope '{main}")), "{why}");
    }
    for (method, url) in [
        (
            "PATCH",
            format!("/history/v1.0{main}/experiments/churn/runs/{run}"),
        ),
        ("DELETE", format!("/history/v1.0{main}/experimentids/x")),
        (
            "POST",
            format!("/history/v1.0{main}/experiments/churn/runs/{run}/cancel"),
        ),
        (
            "DELETE",
            format!("/artifact/v2.0{main}/artifacts/ExperimentRun/x/batch"),
        ),
        ("DELETE", format!("/artifact/v1.0/workspaces/{guid}")),
        (
            "DELETE",
            format!("/metric/v2.0{main}/runs/{run}/deleteMetrics"),
        ),
        (
            "DELETE",
            format!("/modelmanagement/v1.0{main}/services/churn-aci"),
        ),
        (
            "DELETE",
            format!(
                "/pipelines/v1.0{main}/PipelineDrafts/{}",
                truth["pipeline-drafts"][0].id
            ),
        ),
        (
            "DELETE",
            format!("/datastore/v1.0{main}/datastores/raw_by_sas"),
        ),
        ("DELETE", format!("/dataset/v1.0{main}/datasets/customers")),
    ] {
        let response = bench.send(method, &url, None).await;
        assert_eq!(response.status(), 403, "{method} {url}");
        let text = response.text().await.expect("text");
        assert!(text.contains("AuthorizationFailed"), "{text}");
    }
    assert_eq!(
        bench.json(&format!("/history/v1.0{main}/runs/{run}")).await["runId"],
        truth["runs"][3].doc["runId"]
    );
    assert!(bench.deletions().await.is_empty());
}

#[tokio::test]
async fn a_data_scientist_keeps_computes_and_the_workspace() {
    let bench = Bench::new().await;
    bench.set(json!({"role": "data-scientist"})).await;
    let truth = bench.truth("contoso-ml").await;
    let main = bench.main();
    let run = encode(&truth["runs"][3].id);
    for url in [
        format!("{main}?api-version=2023-10-01"),
        format!(
            "{main}/computes/cpu-cluster?api-version=2023-10-01&underlyingResourceAction=Delete"
        ),
    ] {
        let refused = bench.refused("DELETE", &url).await;
        assert_eq!(refused, (403, "AuthorizationFailed".to_owned()), "{url}");
    }
    let job = format!("{main}/jobs/{run}?api-version=2023-04-01");
    assert_eq!(bench.status("DELETE", &job).await, 202);
    let store = format!("/datastore/v1.0{main}/datastores/raw_by_sas");
    assert_eq!(bench.status("DELETE", &store).await, 200);
    bench.set(json!({"role": "contributor"})).await;
    let compute = format!(
        "{main}/computes/cpu-cluster?api-version=2023-10-01&underlyingResourceAction=Delete"
    );
    assert_eq!(bench.status("DELETE", &compute).await, 202);
}
