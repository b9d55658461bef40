//! Snapshots: what their service says of them, and what is in them.

use super::{Bench, fact_ids};
use crate::emulator::world::snapshots;
use crate::emulator::{Options, Shape};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The links of a tree of files.
fn links(node: &Value, into: &mut Vec<String>) {
    into.extend(node["sasUrl"].as_str().map(str::to_owned));
    for child in node["children"].as_object().into_iter().flatten() {
        assert_eq!(child.1["name"], child.0.as_str());
        links(child.1, into);
    }
}

fn files(node: &Value) -> usize {
    let below = node["children"].as_object().into_iter().flatten();
    usize::from(node["type"] == "File") + below.map(|(_, child)| files(child)).sum::<usize>()
}

#[tokio::test]
async fn a_snapshot_is_a_listing_and_its_links_are_another_answer() {
    let bench = Bench::new().await;
    let truth = bench.truth("contoso-ml").await;
    let planted: BTreeSet<String> = bench
        .get("/_emulator/secrets")
        .await
        .json()
        .await
        .expect("secrets");
    let base = format!("/content/v1.0{}/snapshots", bench.main());
    let newer = format!("/content/v2.0{}/snapshots", bench.main());
    let mut unlinked = 0;
    for fact in &truth["snapshots"] {
        let listing = bench.json(&format!("{base}/{}/metadata", fact.id)).await;
        assert_eq!(listing, fact.doc);
        assert_eq!(listing["id"], fact.id.as_str());
        let (mut few, mut all) = (Vec::new(), Vec::new());
        links(&listing["root"], &mut few);
        unlinked += usize::from(few.is_empty());
        let tree = bench.json(&format!("{base}/{}/sas", fact.id)).await;
        links(&tree, &mut all);
        assert_eq!(all.len(), files(&tree));
        let zip = bench.json(&format!("{base}/{}", fact.id)).await;
        let body = bench
            .post(&format!("{newer}/{}/zip", fact.id), json!({}))
            .await;
        assert_eq!(body["zipSasUri"], zip);
        let asked = json!({"snapshotOrAssetId": fact.id});
        assert_eq!(bench.post(&format!("{newer}/sas"), asked).await, tree);
        all.push(zip.as_str().expect("a link").to_owned());
        for link in &all {
            let known = planted.iter().any(|secret| link.contains(secret.as_str()));
            assert!(known, "{link} is in no list of secrets");
        }
    }
    let held = truth["snapshots"].len();
    assert!(
        unlinked > 0 && unlinked < held,
        "some listings carry links: {unlinked} of {held}"
    );
    assert_eq!(
        bench.get(&format!("{base}/none/metadata")).await.status(),
        404
    );
    assert_eq!(bench.get(&base).await.status(), 405);
}

#[tokio::test]
async fn every_run_and_module_leads_to_its_code_but_the_oldest() {
    let bench = Bench::new().await;
    for workspace in ["contoso-ml", "contoso-legacy", "fabrikam-Lab_2"] {
        let truth = bench.truth(workspace).await;
        let held: BTreeSet<String> = fact_ids(&truth["snapshots"]).into_iter().collect();
        let mut named = BTreeSet::new();
        for run in &truth["runs"] {
            let id = run.doc["properties"]["ContentSnapshotId"]
                .as_str()
                .expect("an id");
            assert_eq!(
                held.contains(id),
                !run.doc["dataContainerId"].is_null(),
                "{id}"
            );
            named.insert(id.to_owned());
        }
        let mut elsewhere = 0;
        for module in &truth["pipeline-modules"] {
            let location = &module.doc["Data"]["DataLocation"];
            let id = location["StorageId"].as_str().expect("an id");
            assert_eq!(held.contains(id), location["StorageType"] == "Snapshot");
            elsewhere += usize::from(location["StorageType"] != "Snapshot");
            named.insert(id.to_owned());
        }
        assert!(held.is_subset(&named) && elsewhere > 0, "{workspace}");
        assert!(held.len() < truth["runs"].len() + truth["pipeline-modules"].len());
    }
}

#[tokio::test]
async fn computed_runs_share_their_code() {
    let bench = Bench::with(Options {
        shape: Some(Shape {
            runs: 600,
            metrics: 0,
            artifacts: 0,
            people: Some(30),
            ..Shape::default()
        }),
        ..Options::default()
    })
    .await;
    let truth = bench.truth("contoso-ml").await;
    let named: BTreeSet<&str> = truth["runs"]
        .iter()
        .map(|run| {
            run.doc["properties"]["ContentSnapshotId"]
                .as_str()
                .expect("an id")
        })
        .collect();
    assert_eq!(named.len(), 3);
    let base = format!("/content/v1.0{}/snapshots", bench.main());
    // Held ones, of modules, are told behind the computed ones.
    let modules = truth["pipeline-modules"]
        .iter()
        .filter(|module| module.doc["Data"]["DataLocation"]["StorageType"] == "Snapshot");
    assert_eq!(truth["snapshots"].len(), 3 + modules.count());
    for fact in &truth["snapshots"] {
        assert_eq!(
            bench.json(&format!("{base}/{}/metadata", fact.id)).await,
            fact.doc
        );
    }
    let first = *named.first().expect("a snapshot");
    let gone = bench.send("DELETE", &format!("{base}/{first}"), None).await;
    assert_eq!(gone.status(), 200);
    assert_eq!(
        bench
            .get(&format!("{base}/{first}/metadata"))
            .await
            .status(),
        404
    );
    let after = bench.truth("contoso-ml").await;
    assert_eq!(after["snapshots"].len(), truth["snapshots"].len() - 1);
    assert_eq!(after["runs"].len(), 600, "the runs stay");
}

#[tokio::test]
async fn a_deleted_snapshot_is_gone_from_all_its_runs() {
    let bench = Bench::new().await;
    let before = bench.truth("contoso-ml").await;
    let id = before["snapshots"][0].id.clone();
    let url = format!("/content/v1.0{}/snapshots/{id}", bench.main());
    assert_eq!(bench.send("DELETE", &url, None).await.status(), 200);
    assert_eq!(bench.send("DELETE", &url, None).await.status(), 404);
    assert_eq!(bench.get(&format!("{url}/metadata")).await.status(), 404);
    let after = bench.truth("contoso-ml").await;
    assert_eq!(after["snapshots"].len() + 1, before["snapshots"].len());
    assert_eq!(after["runs"].len(), before["runs"].len());
}

#[test]
fn a_path_is_a_way_through_directories() {
    let mint = crate::emulator::mint::Mint::new(1);
    let paths = ["a/b.py", "a/c/d.py", "e"].map(str::to_owned);
    let root = &snapshots::listing(mint, "s", &paths)["root"];
    let kind = |pointer: &str| root.pointer(pointer).and_then(|node| node["type"].as_str());
    assert_eq!(kind(""), Some("Directory"));
    assert_eq!(kind("/children/a"), Some("Directory"));
    assert_eq!(kind("/children/a/children/b.py"), Some("File"));
    assert_eq!(kind("/children/a/children/c"), Some("Directory"));
    assert_eq!(kind("/children/e"), Some("File"));
    assert_eq!(files(root), 3);
}
