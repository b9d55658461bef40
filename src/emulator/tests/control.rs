use super::Bench;

#[tokio::test]
async fn every_planted_secret_is_somewhere_in_the_truth_or_in_a_link() {
    let bench = Bench::new().await;
    let secrets: Vec<String> = bench.get("/_emulator/secrets").await.json().await.expect("json");
    assert!(secrets.len() > 500);
    assert!(secrets.iter().all(|secret| secret.starts_with("PLANTED-")));
    let requests: serde_json::Value = bench.get("/_emulator/requests").await.json().await.expect("json");
    assert_eq!(requests["early"], 0);
}
