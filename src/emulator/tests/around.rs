//! What surrounds a workspace or has no list of its own: machines of clusters, role assignments, locks, capability hosts.

use super::Bench;
use serde_json::{Value, json};

#[tokio::test]
async fn machines_are_listed_by_an_action_and_of_clusters_only() {
    let bench = Bench::new().await;
    let url = |compute: &str| {
        format!(
            "{}/computes/{compute}/listNodes?api-version=2024-04-01",
            bench.main()
        )
    };
    let mut page: Value = bench.post(&url("cpu-cluster"), json!({})).await;
    let mut nodes = Vec::new();
    let mut pages = 0;
    loop {
        assert!(page.get("value").is_none(), "its items are called nodes");
        nodes.extend(page["nodes"].as_array().expect("nodes").clone());
        pages += 1;
        let Some(next) = page["nextLink"].as_str() else {
            break;
        };
        page = bench.json(next).await;
    }
    let truth = bench.truth("contoso-ml").await;
    let told: Vec<Value> = truth["compute-nodes"]
        .iter()
        .map(|fact| fact.doc.clone())
        .collect();
    assert_eq!(nodes, told);
    assert!(pages > 1 && nodes[0]["privateIpAddress"].is_string());
    for (method, compute, status) in [
        ("POST", "ci-ada", 400),
        ("POST", "aks-prod", 400),
        ("POST", "none", 404),
        ("GET", "cpu-cluster", 404),
        ("DELETE", "cpu-cluster", 405),
    ] {
        assert_eq!(
            bench.status(method, &url(compute)).await,
            status,
            "{method} {compute}"
        );
    }
}

#[tokio::test]
async fn assignments_of_a_workspace_are_its_own_and_inherited_ones() {
    let bench = Bench::new().await;
    let main = bench.main();
    let of = async |scope: &str, filter: &str| -> Vec<Value> {
        let url = format!(
            "{scope}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01{filter}"
        );
        let page = bench.json(&url).await;
        page["value"].as_array().expect("assignments").clone()
    };
    let here = of(&main, "&$filter=atScope()").await;
    let subscription = main.split("/resourceGroups").next().expect("a scope");
    let scopes: Vec<&str> = here
        .iter()
        .map(|one| one["properties"]["scope"].as_str().expect("a scope"))
        .collect();
    assert_eq!(scopes, [&main, &main, subscription, subscription]);
    let truth = bench.truth("contoso-ml").await;
    let told: Vec<Value> = truth["role-assignments"]
        .iter()
        .map(|fact| fact.doc.clone())
        .collect();
    assert_eq!(here, told);
    assert_eq!(of(subscription, "&$filter=atScope()").await.len(), 2);
    assert_eq!(
        of(subscription, "").await.len(),
        10,
        "of three workspaces and a registry"
    );
    let somebody = here[1]["properties"]["principalId"]
        .as_str()
        .expect("an id");
    let theirs = of(&main, &format!("&$filter=principalId%20eq%20'{somebody}'")).await;
    assert_eq!(theirs, here[1..2]);
    // A lock that somebody sets is a document as well.
    bench
        .set(json!({"locks": [{"scope": main, "level": "ReadOnly"}]}))
        .await;
    let locks = &bench.truth("contoso-ml").await["locks"];
    assert_eq!(locks[0].doc["properties"]["level"], "ReadOnly");
}

#[tokio::test]
async fn a_capability_host_is_known_by_its_name_alone() {
    let bench = Bench::new().await;
    bench.set(json!({"operation_ms": 20})).await;
    let url = |path: &str| format!("{}/{path}?api-version=2026-05-01", bench.main());
    assert_eq!(
        bench.status("GET", &url("capabilityHosts")).await,
        405,
        "there is no list"
    );
    let host = url("capabilityHosts/agents");
    assert_eq!(
        bench.json(&host).await["properties"]["capabilityHostKind"],
        "Agents"
    );
    let reply = bench.send("DELETE", &host, None).await;
    assert_eq!(reply.status(), 202);
    assert_eq!(
        super::settle(&bench, &super::header(&reply, "location")).await,
        200
    );
    assert_eq!(bench.status("GET", &host).await, 404);
    assert_eq!(bench.status("DELETE", &host).await, 204);
}
