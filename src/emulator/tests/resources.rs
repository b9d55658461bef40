//! Collections of the resource manager below a workspace.

use super::{Bench, encode};
use serde_json::json;

/// Every list below a workspace that does not stand below a document, as the published specification spells it.
const LISTS: [&str; 18] = [
    "jobs",
    "schedules",
    "data",
    "models",
    "environments",
    "components",
    "codes",
    "featuresets",
    "featurestoreEntities",
    "onlineEndpoints",
    "batchEndpoints",
    "serverlessEndpoints",
    "marketplaceSubscriptions",
    "connections",
    "datastores",
    "outboundRules",
    "privateEndpointConnections",
    "computes",
];

#[tokio::test]
async fn every_workspace_answers_every_list() {
    let bench = Bench::new().await;
    for workspace in ["contoso-ml", "contoso-legacy", "fabrikam-Lab_2"] {
        for list in LISTS.iter().filter(|list| **list != "computes") {
            let url = format!("{}/{list}?api-version=2024-04-01", bench.scope(workspace));
            let answer = bench.json(&url).await;
            // All of them have runs, which are listed as jobs.
            if workspace == "contoso-ml" || *list == "jobs" {
                assert!(
                    answer["value"].is_array() && answer["value"] != json!([]),
                    "{url}"
                );
            } else {
                assert_eq!(answer, json!({"value": []}), "{url}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_there_or_only_changes_is_refused_as_elsewhere() {
    let bench = Bench::new().await;
    let ask = async |method: &str, path: &str| {
        let url = format!("{path}?api-version=2024-04-01");
        bench.send(method, &url, None).await.status().as_u16()
    };
    let main = bench.main();
    for path in [
        "models/none",
        "models/none/versions",
        "models/none/versions/1",
        "featuresets/f/versions/1/features",
        "onlineEndpoints/none/deployments",
        "jobs/none",
        "nothing",
    ] {
        assert_eq!(ask("GET", &format!("{main}/{path}")).await, 404, "{path}");
    }
    for list in LISTS {
        // Without a version nothing is answered, and a stranger's workspace is not there.
        assert_eq!(bench.get(&format!("{main}/{list}")).await.status(), 400);
        let stranger = bench.scope(&encode("none at all"));
        assert_eq!(
            ask("GET", &format!("{stranger}/{list}")).await,
            404,
            "{list}"
        );
        assert_eq!(ask("POST", &format!("{main}/{list}")).await, 405, "{list}");
    }
    // A lock holds for everything below its workspace.
    let locked = bench.scope("fabrikam-Lab_2");
    assert_eq!(ask("DELETE", &format!("{locked}/models/m")).await, 409);
}
