use super::{Bench, encode, header, settle};
use crate::emulator::{Options, Shape};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn what_is_used_is_refused_and_what_is_gone_is_204() {
    let bench = Bench::new().await;
    let base = format!("/modelmanagement/v1.0{}", bench.main());
    let model = format!("{base}/models/churn-model%3A1");
    let refused = bench.send("DELETE", &model, None).await;
    assert_eq!(refused.status(), 412);
    assert!(
        refused
            .text()
            .await
            .expect("text")
            .contains("DeletionRequired")
    );
    let image = format!("{base}/images/churn-image:1");
    assert_eq!(bench.send("DELETE", &image, None).await.status(), 412);
    assert_eq!(
        bench
            .send("DELETE", &format!("{base}/services/churn-aci"), None)
            .await
            .status(),
        200
    );
    assert_eq!(bench.send("DELETE", &image, None).await.status(), 412);
    let slow = bench
        .send("DELETE", &format!("{base}/services/churn-aks"), None)
        .await;
    assert_eq!(slow.status(), 202);
    let operation = header(&slow, "operation-location");
    loop {
        let state = bench.json(&operation).await["state"]
            .as_str()
            .expect("a state")
            .to_owned();
        if state == "Succeeded" {
            break;
        }
        assert_eq!(state, "Running");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for (url, first) in [
        (format!("{base}/services/churn-aks"), 204),
        (image, 200),
        (model, 200),
    ] {
        assert_eq!(
            bench.send("DELETE", &url, None).await.status(),
            first,
            "{url}"
        );
        assert_eq!(bench.send("DELETE", &url, None).await.status(), 204);
        assert_eq!(bench.get(&url).await.status(), 404);
    }
}

#[tokio::test]
async fn an_experiment_goes_only_when_it_is_empty() {
    let bench = Bench::new().await;
    let base = format!("/history/v1.0{}", bench.main());
    let full = bench.json(&format!("{base}/experiments/churn")).await["experimentId"]
        .as_str()
        .expect("an id")
        .to_owned();
    let empty = bench.json(&format!("{base}/experiments/empty-husk")).await["experimentId"]
        .as_str()
        .expect("an id")
        .to_owned();
    assert_eq!(
        bench
            .send("DELETE", &format!("{base}/experimentids/{full}"), None)
            .await
            .status(),
        400
    );
    let accepted = bench
        .send("DELETE", &format!("{base}/experimentids/{empty}"), None)
        .await;
    assert_eq!(accepted.status(), 202);
    assert_eq!(settle(&bench, &header(&accepted, "location")).await, 200);
    assert_eq!(
        bench
            .get(&format!("{base}/experimentids/{empty}"))
            .await
            .status(),
        404
    );
    assert_eq!(
        bench
            .send("DELETE", &format!("{base}/experimentids/{empty}"), None)
            .await
            .status(),
        204
    );
}

#[tokio::test]
async fn a_run_goes_as_a_job_and_takes_its_own_with_it() {
    let bench = Bench::new().await;
    let truth = bench.truth("contoso-ml").await;
    let run = truth["metrics-v2"][0].doc["dataContainerId"]
        .as_str()
        .expect("a container")[5..]
        .to_owned();
    let history = format!("/history/v1.0{}/runs/{}", bench.main(), encode(&run));
    assert_eq!(bench.send("DELETE", &history, None).await.status(), 405);
    let job = format!(
        "{}/jobs/{}?api-version=2023-04-01",
        bench.main(),
        encode(&run)
    );
    assert_eq!(bench.get(&job).await.status(), 200);
    let accepted = bench.send("DELETE", &job, None).await;
    assert_eq!(accepted.status(), 202);
    assert!(accepted.headers().contains_key("retry-after"));
    assert_eq!(settle(&bench, &header(&accepted, "location")).await, 200);
    assert_eq!(bench.get(&history).await.status(), 404);
    assert_eq!(bench.get(&job).await.status(), 404);
    assert_eq!(bench.send("DELETE", &job, None).await.status(), 204);
    let after = bench.truth("contoso-ml").await;
    assert_eq!(after["runs"].len(), 199);
    assert!(!after["artifacts"].iter().any(|fact| fact.id.contains(&run)));
    assert!(after["metrics-v2"].len() < truth["metrics-v2"].len());
}

#[tokio::test]
async fn soft_and_hard_deletes_of_artifacts_differ_in_the_bytes() {
    let bench = Bench::new().await;
    let truth = bench.truth("contoso-ml").await;
    let base = format!("/artifact/v2.0{}/artifacts", bench.main());
    for (fact, hard) in [
        (&truth["artifacts"][0], false),
        (&truth["artifacts"][1], true),
    ] {
        let mut parts = fact.id.splitn(3, '/');
        let (origin, container, path) = (
            parts.next().expect("o"),
            parts.next().expect("c"),
            parts.next().expect("p"),
        );
        let info = bench
            .json(&format!(
                "{base}/{origin}/{container}/contentinfo?path={}",
                encode(path)
            ))
            .await;
        let url = format!(
            "{base}/{origin}/{container}/metadata?path={}&hardDelete={hard}",
            encode(path)
        );
        assert_eq!(bench.send("DELETE", &url, None).await.status(), 200);
        assert_eq!(bench.get(&url).await.status(), 404);
        let link = info["contentUri"].as_str().expect("a link");
        let left = bench
            .client
            .get(link)
            .send()
            .await
            .expect("an answer")
            .status();
        assert_eq!(left, if hard { 404 } else { 200 });
    }
    let rest = &truth["artifacts"][2].doc;
    let url = format!(
        "{base}/ExperimentRun/{}/batch/metadata:delete?hardDelete=true",
        rest["container"].as_str().expect("a container")
    );
    let gone = bench
        .send(
            "POST",
            &url,
            Some(json!({"paths": [{"path": rest["path"]}]})),
        )
        .await;
    assert_eq!(gone.status(), 200);
    assert_eq!(
        bench.truth("contoso-ml").await["artifacts"].len() + 3,
        truth["artifacts"].len()
    );
}

#[tokio::test]
async fn the_smaller_deletes_answer_as_documented() {
    let bench = Bench::new().await;
    let truth = bench.truth("contoso-ml").await;
    let stores = format!("/datastore/v1.0{}/datastores", bench.main());
    assert_eq!(
        bench
            .send("DELETE", &format!("{stores}/raw_by_sas"), None)
            .await
            .status(),
        200
    );
    assert_eq!(
        bench
            .send("DELETE", &format!("{stores}/raw_by_sas"), None)
            .await
            .status(),
        204
    );
    let datasets = format!("/dataset/v1.0{}/datasets", bench.main());
    assert_eq!(
        bench
            .send(
                "DELETE",
                &format!("{datasets}/{}", truth["datasets"][0].id),
                None
            )
            .await
            .status(),
        404
    );
    assert_eq!(
        bench
            .send("DELETE", &format!("{datasets}/customers"), None)
            .await
            .status(),
        200
    );
    let metrics = &truth["metrics-v2"][0].doc["dataContainerId"]
        .as_str()
        .expect("a container")[5..];
    let url = format!(
        "/metric/v2.0{}/runs/{}/deleteMetrics",
        bench.main(),
        encode(metrics)
    );
    let begun = bench.send("DELETE", &url, None).await;
    assert_eq!(begun.status(), 202);
    assert_eq!(settle(&bench, &header(&begun, "location")).await, 200);
    let none = bench.send("DELETE", &url, None).await;
    assert_eq!(none.status(), 200, "there is nothing left to wait for");
    let pipelines = format!("/pipelines/v1.0{}", bench.main());
    let draft = format!(
        "{pipelines}/PipelineDrafts/{}",
        truth["pipeline-drafts"][0].id
    );
    assert_eq!(
        bench
            .send(
                "DELETE",
                &draft,
                Some(truth["pipeline-drafts"][0].doc.clone())
            )
            .await
            .status(),
        200
    );
    assert_eq!(bench.send("DELETE", &draft, None).await.status(), 404);
    let id = &truth["published-pipelines"][0].id;
    let status = bench
        .send(
            "PUT",
            &format!("{pipelines}/PublishedPipelines/{id}/status"),
            Some(json!("Disabled")),
        )
        .await;
    assert_eq!(status.status(), 200);
    assert_eq!(
        bench.json(&format!("{pipelines}/Templates/{id}")).await["EntityStatus"],
        "Disabled"
    );
    let mut schedule = truth["pipeline-schedules"][0].doc.clone();
    schedule["EntityStatus"] = "Disabled".into();
    let url = format!(
        "{pipelines}/Schedules/{}",
        truth["pipeline-schedules"][0].id
    );
    assert_eq!(
        bench
            .send("PUT", &url, Some(json!({"EntityStatus": "Disabled"})))
            .await
            .status(),
        400
    );
    assert_eq!(bench.send("PUT", &url, Some(schedule)).await.status(), 200);
    let graph = format!("{pipelines}/Graphs/{}", truth["pipeline-graphs"][0].id);
    assert_eq!(bench.send("DELETE", &graph, None).await.status(), 405);
    assert_eq!(bench.send("DELETE", &stores, None).await.status(), 200);
    assert!(!bench.truth("contoso-ml").await.contains_key("datastores"));
}

#[tokio::test]
async fn a_run_can_be_redacted_but_not_disowned() {
    let bench = Bench::new().await;
    let truth = bench.truth("contoso-ml").await;
    let id = encode(&truth["runs"][10].id);
    let url = format!("/history/v1.0{}/experiments/churn/runs/{id}", bench.main());
    let patch = json!({"displayName": "redacted", "description": "", "hidden": true, "createdBy": null, "userId": "x"});
    assert_eq!(bench.send("PATCH", &url, Some(patch)).await.status(), 200);
    let after = bench
        .json(&format!("/history/v1.0{}/runs/{id}", bench.main()))
        .await;
    assert_eq!(after["displayName"], "redacted");
    assert_eq!(after["userId"], truth["runs"][10].doc["userId"]);
    assert_eq!(
        bench
            .send(
                "DELETE",
                &format!("{url}/tags"),
                Some(json!(["mlflow.user"]))
            )
            .await
            .status(),
        200
    );
    let details = bench
        .json(&format!("/history/v1.0{}/runs/{id}/details", bench.main()))
        .await;
    assert!(details["tags"].get("mlflow.user").is_none());
}

#[tokio::test]
async fn computes_need_an_action_and_locks_need_a_person() {
    let bench = Bench::new().await;
    let compute = |scope: &str, query: &str| {
        format!("{scope}/computes/cpu-cluster?api-version=2023-10-01{query}")
    };
    let main = bench.main();
    assert_eq!(
        bench
            .send("DELETE", &compute(&main, ""), None)
            .await
            .status(),
        400
    );
    let accepted = bench
        .send(
            "DELETE",
            &compute(&main, "&underlyingResourceAction=Delete"),
            None,
        )
        .await;
    assert_eq!(accepted.status(), 202);
    assert!(!accepted.headers().contains_key("location"));
    let address = header(&accepted, "azure-asyncoperation");
    assert!(address.len() > 3_000);
    loop {
        let status = bench.json(&address).await["status"]
            .as_str()
            .expect("a status")
            .to_owned();
        if status == "Succeeded" {
            break;
        }
        assert_eq!(status, "InProgress");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(
        bench
            .send(
                "DELETE",
                &compute(&main, "&underlyingResourceAction=Delete"),
                None
            )
            .await
            .status(),
        204
    );
    let lab = bench.scope("fabrikam-Lab_2");
    let locks = bench
        .json(&format!(
            "{lab}/providers/Microsoft.Authorization/locks?api-version=2020-05-01"
        ))
        .await;
    assert_eq!(locks["value"][0]["properties"]["level"], "CanNotDelete");
    let locked = bench
        .send(
            "DELETE",
            &compute(&lab, "&underlyingResourceAction=Delete"),
            None,
        )
        .await;
    assert_eq!(locked.status(), 409);
    assert_eq!(
        locked.json::<serde_json::Value>().await.expect("json")["error"]["code"],
        "ScopeLocked"
    );
}

#[tokio::test]
async fn a_workspace_is_kept_unless_it_is_purged() {
    let bench = Bench::new().await;
    let scope = bench.scope("contoso-legacy");
    let plain = format!("{scope}?api-version=2023-10-01");
    let accepted = bench.send("DELETE", &plain, None).await;
    assert_eq!(accepted.status(), 202);
    assert_eq!(settle(&bench, &header(&accepted, "location")).await, 200);
    assert_eq!(bench.get(&plain).await.status(), 404);
    assert_eq!(bench.send("DELETE", &plain, None).await.status(), 204);
    let standing = |about: serde_json::Value| {
        about["workspaces"][1]["standing"]
            .as_str()
            .expect("a word")
            .to_owned()
    };
    assert_eq!(standing(bench.json("/_emulator").await), "Soft");
    let old = format!("{scope}?api-version=2019-11-01&forceToPurge=true");
    assert_eq!(bench.send("DELETE", &old, None).await.status(), 204);
    let purge = bench
        .send("DELETE", &format!("{plain}&forceToPurge=true"), None)
        .await;
    assert_eq!(purge.status(), 202);
    assert_eq!(settle(&bench, &header(&purge, "location")).await, 200);
    assert_eq!(standing(bench.json("/_emulator").await), "Gone");
    let lab = format!("{}?api-version=2023-10-01", bench.scope("fabrikam-Lab_2"));
    assert_eq!(bench.send("DELETE", &lab, None).await.status(), 409);
}

#[tokio::test]
async fn computed_runs_can_be_deleted_too() {
    let shape = Shape {
        runs: 20,
        experiments: 2,
        ..Shape::default()
    };
    let bench = Bench::with(Options {
        shape: Some(shape),
        ..Options::default()
    })
    .await;
    let before = bench.truth("contoso-ml").await;
    let id = &before["runs"][4].id;
    let job = format!("{}/jobs/{id}?api-version=2023-04-01", bench.main());
    let accepted = bench.send("DELETE", &job, None).await;
    assert_eq!(accepted.status(), 202);
    assert_eq!(settle(&bench, &header(&accepted, "location")).await, 200);
    let after = bench.truth("contoso-ml").await;
    for (kind, each) in [
        ("runs", 1),
        ("run-details", 1),
        ("metrics", 5),
        ("artifacts", 3),
    ] {
        assert_eq!(after[kind].len() + each, before[kind].len(), "{kind}");
    }
    let runs = format!(
        "/history/v1.0{}/experiments/experiment-0000/runs",
        bench.main()
    );
    assert_eq!(bench.tokens(&runs, "$continuationToken").await.0.len(), 9);
    assert_eq!(
        bench
            .get(&format!("/history/v1.0{}/runs/{id}", bench.main()))
            .await
            .status(),
        404
    );
    assert_eq!(bench.send("DELETE", &job, None).await.status(), 204);
}

#[tokio::test]
async fn collections_can_be_wiped_by_a_careless_address() {
    let bench = Bench::new().await;
    let about = bench.json("/_emulator").await;
    let guid = about["workspaces"][0]["workspaceId"]
        .as_str()
        .expect("an id");
    let danger = format!("/artifact/v1.0/workspaces/{guid}");
    assert_eq!(bench.send("DELETE", &danger, None).await.status(), 200);
    let datasets = format!("/dataset/v1.0{}/datasets/", bench.main());
    assert_eq!(bench.send("DELETE", &datasets, None).await.status(), 200);
    let after = bench.truth("contoso-ml").await;
    assert!(!after.contains_key("artifacts") && !after.contains_key("datasets"));
}

#[tokio::test]
async fn an_operation_can_fail_and_says_so_twice() {
    let bench = Bench::new().await;
    bench
        .post(
            "/_emulator/settings",
            json!({"operations_fail": true, "operation_ms": 10}),
        )
        .await;
    let truth = bench.truth("contoso-ml").await;
    let job = format!(
        "{}/jobs/{}?api-version=2023-04-01",
        bench.main(),
        encode(&truth["runs"][9].id)
    );
    let accepted = bench.send("DELETE", &job, None).await;
    assert_eq!(settle(&bench, &header(&accepted, "location")).await, 409);
    let compute = format!(
        "{}/computes/ci-ada?api-version=2023-10-01&underlyingResourceAction=Delete",
        bench.main()
    );
    let accepted = bench.send("DELETE", &compute, None).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let state = bench.json(&header(&accepted, "azure-asyncoperation")).await;
    assert_eq!(state["status"], "Failed");
    assert!(state["error"]["code"].is_string());
    assert_eq!(bench.truth("contoso-ml").await["runs"].len(), 200);
}
