//! What Microsoft's Python clients do, and what they need to find.

use super::Bench;
use crate::emulator::Options;

#[tokio::test]
async fn resource_manager_forgives_a_second_slash_and_nothing_else_does() {
    let bench = Bench::new().await;
    let computes = format!("{}/computes?api-version=2020-02-02", bench.main());
    let plain = bench.json(&computes).await;
    let slashed = bench.json(&format!("/{computes}")).await;
    assert_eq!(plain["value"], slashed["value"]);
    assert_eq!(bench.get(&format!("//{computes}")).await.status(), 404);
    let history = format!(
        "//history/v1.0{}/experiments?api-version=2020-02-02",
        bench.main()
    );
    assert_eq!(bench.get(&history).await.status(), 404);
}

#[tokio::test]
async fn a_model_names_a_run_of_the_experiment_that_it_names() {
    let bench = Bench::new().await;
    let truth = bench.truth("contoso-ml").await;
    let mut followed = 0;
    for model in &truth["models"] {
        let (Some(run), Some(experiment)) = (
            model.doc["runId"].as_str(),
            model.doc["experimentName"].as_str(),
        ) else {
            continue;
        };
        let experiment = super::encode(experiment);
        let url = format!(
            "/history/v1.0{}/experiments/{experiment}/runs/{run}",
            bench.main()
        );
        assert_eq!(bench.json(&url).await["runId"], run, "{}", model.id);
        followed += 1;
    }
    assert_eq!(followed, truth["models"].len());
}

#[tokio::test]
async fn a_model_of_a_world_without_held_runs_names_none() {
    let bench = Bench::with(Options {
        shape: Some(crate::emulator::Shape::default()),
        ..Options::default()
    })
    .await;
    let truth = bench.truth("contoso-ml").await;
    for model in &truth["models"] {
        assert!(model.doc["runId"].is_null() && model.doc["experimentName"].is_null());
    }
}
