//! Several subscriptions, and the index over them.

use super::super::{Options, Small, WorldKind};
use super::Bench;
use serde_json::{Value, json};

const GRAPH: &str = "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01";
const LIST: &str = "providers/Microsoft.MachineLearningServices/workspaces?api-version=2024-04-01";

async fn bench() -> Bench {
    Bench::with(Options {
        world: WorldKind::Tenant,
        ..Options::default()
    })
    .await
}

fn query(more: Value) -> Value {
    let mut body = json!({
        "query": "resources | where type =~ 'microsoft.machinelearningservices/workspaces' | project id, location, \
                  state = tostring(properties.provisioningState) | order by id asc",
        "options": {"$top": 1000, "resultFormat": "objectArray", "allowPartialScopes": true},
    });
    super::super::text::merge(&mut body, more);
    body
}

fn ids(answer: &Value) -> Vec<String> {
    let rows = answer["data"].as_array().expect("rows").iter();
    rows.map(|row| row["id"].as_str().expect("an id").to_owned())
        .collect()
}

/// Every page of the index.
async fn all(bench: &Bench, more: Value) -> Vec<String> {
    let mut body = query(more);
    let mut found = Vec::new();
    loop {
        let answer = bench.post(GRAPH, body.clone()).await;
        found.extend(ids(&answer));
        let Some(token) = answer.get("$skipToken") else {
            assert_eq!(answer["totalRecords"], found.len());
            return found;
        };
        body["options"]["$skipToken"] = token.clone();
    }
}

#[tokio::test]
async fn subscriptions_are_listed_by_pages_and_each_lists_its_own() {
    let bench = bench().await;
    let first = bench.json("/subscriptions?api-version=2022-12-01").await;
    assert_eq!(first["value"].as_array().map(Vec::len), Some(2));
    let second = bench
        .json(first["nextLink"].as_str().expect("a link"))
        .await;
    assert_eq!(second["value"][0]["state"], "Disabled");
    assert!(second.get("nextLink").is_none());
    let id = |at: usize| {
        first["value"][at]["subscriptionId"]
            .as_str()
            .expect("an id")
    };
    assert_eq!(id(0), bench.emulator.subscription());
    let list = |id: &str| format!("/subscriptions/{id}/{LIST}");
    let mut named = Vec::new();
    let mut next = Some(list(id(1)));
    while let Some(url) = next {
        let page = bench.json(&url).await;
        let rows = page["value"].as_array().expect("rows").clone();
        named.extend(rows.into_iter().map(|row| row["id"].clone()));
        next = page["nextLink"].as_str().map(str::to_owned);
    }
    assert_eq!(named.len(), 2);
    let twin = named[0].as_str().expect("an id");
    assert!(
        twin.contains("/resourceGroups/RG-Contoso-ML/") && twin.contains(id(1)),
        "{twin}"
    );
    let doc = bench.json(&format!("{twin}?api-version=2024-04-01")).await;
    let main = bench
        .json(&format!("{}?api-version=2024-04-01", bench.main()))
        .await;
    assert_ne!(
        doc["properties"]["workspaceId"],
        main["properties"]["workspaceId"]
    );
    assert_eq!(bench.status("GET", &list("no-such")).await, 404);
}

#[tokio::test]
async fn the_index_gives_every_workspace_once_in_the_order_of_ids() {
    let bench = bench().await;
    let found = all(&bench, json!({})).await;
    assert_eq!(found.len(), 5);
    let mut sorted = found.clone();
    sorted.sort_by_key(|id| id.to_lowercase());
    assert_eq!(found, sorted);
    assert!(
        found.iter().all(|id| !id.contains("RG-Contoso")),
        "groups are written small"
    );
    let of = |groups: Value| all(&bench, json!({"managementGroups": groups}));
    assert_eq!(of(json!(["contoso"])).await.len(), 5);
    assert_eq!(of(json!(["contoso-research"])).await.len(), 2);
    for bad in [
        query(json!({"managementGroups": ["nobody"]})),
        query(json!({"query": "resources | take 5"})),
        query(json!({"options": {"$top": 0}})),
        query(json!({"options": {"$skipToken": "made up"}})),
        json!({}),
    ] {
        assert_eq!(bench.send("POST", GRAPH, Some(bad)).await.status(), 400);
    }
    assert_eq!(bench.status("GET", GRAPH).await, 405);
}

#[tokio::test]
async fn the_index_gives_registries_beside_workspaces_when_both_are_asked_for() {
    let bench = bench().await;
    let of = |types: &str| {
        let text = format!("resources | where type in~ ({types}) | project id | order by id asc");
        all(&bench, json!({"query": text}))
    };
    let (workspaces, registries) = (
        "'microsoft.machinelearningservices/workspaces'",
        "'microsoft.machinelearningservices/registries'",
    );
    let found = of(registries).await;
    assert_eq!(found.len(), 3, "one in each subscription");
    assert!(
        found
            .iter()
            .all(|id| id.ends_with("/registries/contoso-shared"))
    );
    assert_eq!(of(&format!("{workspaces}, {registries}")).await.len(), 8);
    assert_eq!(of(workspaces).await.len(), 5);
    // The list of a subscription says the same.
    let subscription = bench.emulator.subscription();
    let list = format!(
        "/subscriptions/{subscription}/providers/Microsoft.MachineLearningServices/registries?api-version=2024-04-01"
    );
    assert_eq!(
        bench.json(&list).await["value"].as_array().map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn the_index_lags_truncates_and_covers_a_part_when_it_is_set_so() {
    let bench = bench().await;
    let main = bench.main().to_uppercase();
    bench.set(json!({"resource_graph_hides": [main]})).await;
    assert_eq!(all(&bench, json!({})).await.len(), 4);
    bench
        .set(json!({"resource_graph_hides": [], "resource_graph_truncated": true}))
        .await;
    let answer = bench.post(GRAPH, query(json!({}))).await;
    assert_eq!(
        (&answer["resultTruncated"], ids(&answer).len()),
        (&json!("true"), 3)
    );
    assert!(answer.get("$skipToken").is_none());
    bench
        .set(json!({"resource_graph_truncated": false, "resource_graph_partial": true}))
        .await;
    let response = bench.send("POST", GRAPH, Some(query(json!({})))).await;
    assert_eq!(
        response.headers()["x-ms-tenant-subscription-limit-hit"],
        "true"
    );
    let answer: Value = response.json().await.expect("json");
    assert_eq!(answer["totalRecords"], 3, "of the first subscription");
    let whole = query(json!({"options": {"allowPartialScopes": false}}));
    assert_eq!(bench.send("POST", GRAPH, Some(whole)).await.status(), 400);
}

#[tokio::test]
async fn a_quota_is_told_and_kept() {
    let bench = bench().await;
    bench
        .set(json!({"resource_graph_quota": {"queries": 2, "seconds": 60}}))
        .await;
    let mut told = Vec::new();
    for _ in 0..3 {
        let response = bench.send("POST", GRAPH, Some(query(json!({})))).await;
        let header = |name: &str| response.headers()[name].to_str().expect("text").to_owned();
        assert!(header("x-ms-user-quota-resets-after").starts_with("00:0"));
        told.push((
            response.status().as_u16(),
            header("x-ms-user-quota-remaining"),
        ));
    }
    let told: Vec<(u16, &str)> = told
        .iter()
        .map(|(status, left)| (*status, left.as_str()))
        .collect();
    assert_eq!(told, [(200, "1"), (200, "0"), (429, "0")]);
}

#[tokio::test]
async fn small_workspaces_are_spread_over_the_subscriptions_and_hold_what_was_asked_for() {
    let bench = Bench::with(Options {
        world: WorldKind::Tenant,
        small: Some(Small {
            workspaces: 5,
            items: 20,
        }),
        ..Options::default()
    })
    .await;
    let found = all(&bench, json!({})).await;
    let small: Vec<&String> = found.iter().filter(|id| id.contains("/team-")).collect();
    assert_eq!(small.len(), 5);
    let main = bench.emulator.subscription();
    assert_eq!(small.iter().filter(|id| id.contains(main)).count(), 3);
    let truth = bench.get("/_emulator/truth?workspace=team-00002").await;
    let lines = truth.text().await.expect("text").lines().count();
    assert_eq!(lines, 20);
}
