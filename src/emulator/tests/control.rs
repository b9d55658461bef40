use super::Bench;

#[tokio::test]
async fn every_planted_secret_is_somewhere_in_the_truth_or_in_a_link() {
    let bench = Bench::new().await;
    let secrets: Vec<String> = bench
        .get("/_emulator/secrets")
        .await
        .json()
        .await
        .expect("json");
    assert!(secrets.len() > 500);
    assert!(secrets.iter().all(|secret| secret.starts_with("PLANTED-")));
    let mut seen = bench
        .get("/_emulator/truth")
        .await
        .text()
        .await
        .expect("text");
    for workspace in ["contoso-ml", "contoso-legacy", "fabrikam-Lab_2"] {
        let url = format!(
            "/datastore/v1.0{}/datastores?count=30",
            bench.scope(workspace)
        );
        seen.push_str(&bench.get(&url).await.text().await.expect("text"));
        for fact in &bench.truth(workspace).await["snapshots"] {
            let url = format!(
                "/content/v1.0{}/snapshots/{}",
                bench.scope(workspace),
                fact.id
            );
            for what in ["", "/sas"] {
                let answer = bench.get(&format!("{url}{what}")).await;
                seen.push_str(&answer.text().await.expect("text"));
            }
        }
    }
    let hidden: Vec<&String> = secrets
        .iter()
        .filter(|secret| !seen.contains(*secret))
        .collect();
    // What remains are the links that only a content info hands out, and those are one for each artifact.
    let artifacts = seen.matches("\"kind\":\"artifacts\"").count();
    assert!(
        hidden.len() <= artifacts + 1,
        "{} hidden, {artifacts} artifacts",
        hidden.len()
    );
    let requests: serde_json::Value = bench
        .get("/_emulator/requests")
        .await
        .json()
        .await
        .expect("json");
    assert_eq!(requests["early"], 0);
}
