//! Registries: listed beside the workspaces, read by name, deleted by operations.

use super::{Bench, header};
use serde_json::{Value, json};

const VERSION: &str = "api-version=2026-05-01";

fn registry(bench: &Bench) -> String {
    bench
        .main()
        .replace("workspaces/contoso-ml", "registries/contoso-shared")
}

/// Every document below a path of the registry, page by page.
async fn all(bench: &Bench, path: &str) -> Vec<Value> {
    bench.links(&format!("{}{path}", registry(bench))).await.0
}

#[tokio::test]
async fn registries_are_listed_beside_the_workspaces_and_not_among_them() {
    let bench = Bench::new().await;
    let subscription = format!("/subscriptions/{}", bench.emulator.subscription());
    let provider = "providers/Microsoft.MachineLearningServices";
    for (scope, count) in [
        (subscription.clone(), 1),
        (format!("{subscription}/resourceGroups/rg-contoso-ml"), 1),
        (format!("{subscription}/resourceGroups/rg-fabrikam-lab"), 0),
    ] {
        let (found, ..) = bench
            .links(&format!("{scope}/{provider}/registries?{VERSION}"))
            .await;
        assert_eq!(found.len(), count, "{scope}");
        let (workspaces, ..) = bench
            .links(&format!("{scope}/{provider}/workspaces?{VERSION}"))
            .await;
        assert!(
            workspaces
                .iter()
                .all(|each| each["name"] != "contoso-shared")
        );
    }
    let doc = bench.json(&format!("{}?{VERSION}", registry(&bench))).await;
    assert_eq!(doc["name"], "contoso-shared");
    // Neither is the other, whatever its name.
    let other = bench.main().replace("workspaces/", "registries/");
    assert_eq!(
        bench.status("GET", &format!("{other}?{VERSION}")).await,
        404
    );
    let other = registry(&bench).replace("registries/", "workspaces/");
    assert_eq!(
        bench.status("GET", &format!("{other}?{VERSION}")).await,
        404
    );
    for path in ["computes", "jobs", "datastores", "featuresets"] {
        let url = format!("{}/{path}?{VERSION}", registry(&bench));
        assert_eq!(bench.status("GET", &url).await, 404, "{path}");
    }
}

#[tokio::test]
async fn archived_ones_are_hidden_where_there_is_a_view() {
    let bench = Bench::new().await;
    let names = |docs: &[Value]| docs.len();
    let plain = format!("?{VERSION}");
    let whole = format!("?{VERSION}&listViewType=All");
    assert_eq!(names(&all(&bench, &format!("/models{plain}")).await), 2);
    assert_eq!(names(&all(&bench, &format!("/models{whole}")).await), 3);
    let versions = "/environments/serve/versions";
    assert_eq!(names(&all(&bench, &format!("{versions}{plain}")).await), 2);
    assert_eq!(names(&all(&bench, &format!("{versions}{whole}")).await), 3);
    assert_eq!(names(&all(&bench, &format!("/codes{plain}")).await), 1);
    let version = format!("{}/models/churn/versions/2?{VERSION}", registry(&bench));
    assert_eq!(bench.json(&version).await["name"], "2");
}

#[tokio::test]
async fn deletes_are_operations_and_stand_in_the_ledger_by_the_registry() {
    let bench = Bench::new().await;
    let one = |path: &str| format!("{}/{path}?{VERSION}", registry(&bench));
    // A container stays while it has versions.
    let (status, code) = bench.refused("DELETE", &one("codes/scoring")).await;
    assert_eq!((status, code.as_str()), (409, "CannotDeleteResource"));
    for path in [
        "codes/scoring/versions/1",
        "codes/scoring/versions/2",
        "codes/scoring",
        "",
    ] {
        let url = if path.is_empty() {
            format!("{}?{VERSION}", registry(&bench))
        } else {
            one(path)
        };
        let reply = bench.send("DELETE", &url, None).await;
        assert_eq!(reply.status(), 202, "{path}");
        assert!(!header(&reply, "azure-asyncoperation").is_empty());
        let location = header(&reply, "location");
        while bench.status("GET", &location).await == 202 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        assert_eq!(bench.status("GET", &url).await, 404, "{path}");
        assert_eq!(bench.status("DELETE", &url).await, 204, "{path}");
    }
    let ledger = bench.json("/_emulator/deletions").await;
    let entries = ledger.as_array().expect("a list");
    assert_eq!(entries.len(), 4);
    for entry in entries {
        assert_eq!(entry["registry"], "contoso-shared");
        assert_eq!(entry["effect"], "deleted");
        assert!(entry.get("workspace").is_none());
    }
    assert_eq!(entries[3]["kind"], "registries");
    let about = bench.json("/_emulator").await;
    assert_eq!(about["registries"][0]["standing"], "Gone");
    let left = bench.get("/_emulator/truth?registry=contoso-shared").await;
    assert_eq!(left.text().await.expect("text"), "");
}

#[tokio::test]
async fn locks_and_roles_hold_at_the_registry() {
    let bench = Bench::new().await;
    let version = format!("{}/models/churn/versions/1?{VERSION}", registry(&bench));
    bench
        .set(json!({"locks": [{"scope": registry(&bench), "level": "CanNotDelete"}]}))
        .await;
    let (status, code) = bench.refused("DELETE", &version).await;
    assert_eq!((status, code.as_str()), (409, "ScopeLocked"));
    let locks = format!(
        "{}/providers/Microsoft.Authorization/locks?api-version=2020-05-01",
        registry(&bench)
    );
    assert_eq!(
        bench.json(&locks).await["value"].as_array().map(Vec::len),
        Some(1)
    );
    bench
        .set(json!({"locks": [], "role": "data-scientist"}))
        .await;
    let (status, code) = bench.refused("DELETE", &version).await;
    assert_eq!((status, code.as_str()), (403, "AuthorizationFailed"));
    // Who may use a registry deletes what is in it, and not the registry.
    bench.set(json!({"role": "registry-user"})).await;
    let own = format!("{}?{VERSION}", registry(&bench));
    let (status, code) = bench.refused("DELETE", &own).await;
    assert_eq!((status, code.as_str()), (403, "AuthorizationFailed"));
    assert_eq!(bench.status("DELETE", &version).await, 202);
}

#[tokio::test]
async fn a_registry_is_touched_by_its_own_name() {
    let bench = Bench::new().await;
    let touch = async |what: Value| {
        bench
            .send("POST", "/_emulator/touch", Some(what))
            .await
            .status()
    };
    let set = json!({"set": {"tags": {"x": "y"}}});
    let mut body = json!({"registry": "contoso-shared", "kind": "registry-models", "id": "churn"});
    body["gone"] = true.into();
    assert_eq!(touch(body).await, 200);
    let mut body = json!({"registry": "contoso-shared", "kind": "registries", "id": ""});
    body["set"] = set["set"].clone();
    assert_eq!(touch(body).await, 200);
    let doc = bench.json(&format!("{}?{VERSION}", registry(&bench))).await;
    assert_eq!(doc["tags"]["x"], "y");
    let body = json!({"workspace": "contoso-shared", "kind": "workspaces", "id": "", "gone": true});
    assert_eq!(touch(body).await, 404);
}
