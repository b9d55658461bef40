//! Workspaces that are deleted and not gone, and locks.

use super::{Bench, header, settle};
use serde_json::{Value, json};

const VERSION: &str = "api-version=2023-10-01";

/// The states of a workspace as both lists tell them; nothing where it is not listed.
async fn listed(bench: &Bench, name: &str) -> Vec<Option<String>> {
    let scope = bench.scope(name);
    let (group, _) = scope.rsplit_once('/').expect("a path");
    let subscription = scope.split("/resourceGroups/").next().expect("a path");
    let whole = format!("{subscription}/providers/Microsoft.MachineLearningServices/workspaces");
    let mut states = Vec::new();
    for list in [whole.as_str(), group] {
        let (rows, ..) = bench.links(&format!("{list}?{VERSION}")).await;
        let found = rows.iter().find(|row| row["name"] == name);
        states.push(found.map(|row| {
            row["properties"]["provisioningState"]
                .as_str()
                .expect("a state")
                .to_owned()
        }));
    }
    states
}

async fn put(bench: &Bench, url: &str) -> (u16, String) {
    let reply = bench
        .send("PUT", url, Some(json!({"location": "westeurope"})))
        .await;
    let status = reply.status().as_u16();
    (status, reply.text().await.expect("text"))
}

#[tokio::test]
async fn a_purge_can_say_that_it_is_done_and_keep_the_name() {
    let bench = Bench::new().await;
    bench
        .set(json!({"purge_sticks": true, "operation_ms": 20}))
        .await;
    let name = "contoso-legacy";
    let url = format!("{}?{VERSION}", bench.scope(name));
    let purge = format!("{url}&forceToPurge=true");
    let as_ever = vec![Some("Succeeded".to_owned()); 2];
    assert_eq!(listed(&bench, name).await, as_ever);
    for _ in 0..2 {
        assert_eq!(bench.status("DELETE", &purge).await, 204);
        assert_eq!(bench.status("GET", &url).await, 404);
        assert_eq!(
            listed(&bench, name).await,
            vec![Some("Deleting".to_owned()); 2]
        );
        let (status, text) = put(&bench, &url).await;
        assert_eq!(status, 400);
        assert!(text.contains("Soft-deleted workspace exists. Please purge or recover it."));
    }
    assert_eq!(bench.status("DELETE", &url).await, 204);
    bench.set(json!({"purge_sticks": false})).await;
    let reply = bench.send("DELETE", &purge, None).await;
    assert_eq!(settle(&bench, &header(&reply, "location")).await, 200);
    assert_eq!(listed(&bench, name).await, vec![None, None]);
    assert_ne!(put(&bench, &url).await.0, 400, "the name is free");
}

#[tokio::test]
async fn a_workspace_that_is_kept_answers_nothing_and_holds_its_name() {
    let bench = Bench::new().await;
    bench.set(json!({"operation_ms": 20})).await;
    let name = "contoso-legacy";
    let url = format!("{}?{VERSION}", bench.scope(name));
    let reply = bench.send("DELETE", &url, None).await;
    assert_eq!(settle(&bench, &header(&reply, "location")).await, 200);
    assert_eq!(bench.status("GET", &url).await, 404);
    assert_eq!(listed(&bench, name).await, vec![None, None]);
    bench.set(json!({"lists_soft_deleted": true})).await;
    assert_eq!(
        listed(&bench, name).await,
        vec![Some("Deleting".to_owned()); 2]
    );
    assert_eq!(put(&bench, &url).await.0, 400);
    let below = format!("{}/computes?{VERSION}", bench.scope(name));
    assert_eq!(bench.status("GET", &below).await, 404);
    let told = bench.deletions().await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0][2], "soft-deleted");
}

#[tokio::test]
async fn bytes_outlive_the_workspace_since_they_are_elsewhere() {
    let bench = Bench::new().await;
    bench.set(json!({"operation_ms": 20})).await;
    let truth = bench.truth("contoso-ml").await;
    let fact = truth["artifacts"]
        .iter()
        .find(|fact| fact.bytes.is_some())
        .expect("bytes");
    let (origin, container, path) = (
        &fact.doc["origin"],
        &fact.doc["container"],
        &fact.doc["path"],
    );
    let word = |value: &Value| super::encode(value.as_str().expect("text"));
    let info = format!(
        "/artifact/v2.0{}/artifacts/{}/{}/contentinfo?path={}",
        bench.main(),
        word(origin),
        word(container),
        word(path)
    );
    let link = bench.json(&info).await["contentUri"]
        .as_str()
        .expect("a link")
        .to_owned();
    let purge = format!("{}?{VERSION}&forceToPurge=true", bench.main());
    let reply = bench.send("DELETE", &purge, None).await;
    assert_eq!(settle(&bench, &header(&reply, "location")).await, 200);
    assert_eq!(bench.status("GET", &info).await, 403);
    let left = bench.client.get(&link).send().await.expect("an answer");
    assert_eq!(left.status(), 200);
}

#[tokio::test]
async fn locks_hold_from_above_and_from_below() {
    let bench = Bench::new().await;
    let main = bench.main();
    let group = main
        .split("/providers/")
        .next()
        .expect("a group")
        .to_owned();
    let subscription = main
        .split("/resourceGroups/")
        .next()
        .expect("a path")
        .to_owned();
    let compute = format!("{main}/computes/cpu-cluster");
    let locks = async |scope: &str, more: &str| {
        let url =
            format!("{scope}/providers/Microsoft.Authorization/locks?api-version=2020-05-01{more}");
        bench.json(&url).await["value"]
            .as_array()
            .expect("a list")
            .len()
    };
    let delete = format!("{compute}?{VERSION}&underlyingResourceAction=Delete");
    for scope in [&subscription, &group, &main, &compute.to_uppercase()] {
        bench.set(json!({"locks": [{"scope": scope}]})).await;
        let refused = bench.refused("DELETE", &delete).await;
        assert_eq!(refused, (409, "ScopeLocked".to_owned()), "{scope}");
        assert_eq!(locks(&compute, "").await, 1, "{scope} is inherited");
        assert_eq!(locks(&subscription, "").await, 1, "{scope} is below");
    }
    // The last lock is on the compute alone, and what holds it cannot go either.
    assert_eq!(locks(&main, "&$filter=atScope()").await, 0);
    let refused = bench.refused("DELETE", &format!("{main}?{VERSION}")).await;
    assert_eq!(refused, (409, "ScopeLocked".to_owned()));
    assert_eq!(
        bench
            .status(
                "DELETE",
                &format!("{main}/computes/ci-ada?{VERSION}&underlyingResourceAction=Delete")
            )
            .await,
        202
    );
    // A lock against changes leaves no cancelling; one against deletes does.
    let truth = bench.truth("contoso-ml").await;
    let cancel = format!(
        "{main}/jobs/{}/cancel?{VERSION}",
        super::encode(&truth["runs"][2].id)
    );
    for (level, status) in [("CanNotDelete", 200), ("ReadOnly", 409)] {
        bench
            .set(json!({"locks": [{"scope": main, "level": level}]}))
            .await;
        assert_eq!(bench.status("POST", &cancel).await, status, "{level}");
    }
}
