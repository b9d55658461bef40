//! Which runs there are, before anything is written about them: old ones, families, sweeps, and pipeline runs whose steps
//! point at work that no list shows.

use super::Book;
use crate::emulator::mint::Mint;
use crate::emulator::world::Workspace;
use crate::emulator::world::contoso::Stage;
use serde_json::{Map, Value};

#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) experiment: usize,
    pub(super) run_id: String,
    pub(super) parent: Option<String>,
    pub(super) root: Option<String>,
    pub(super) run_type: &'static str,
    pub(super) properties: Map<String, Value>,
    pub(super) tags: Map<String, Value>,
    pub(super) hidden: bool,
    pub(super) dawn: bool,
}

pub(super) fn plan(
    stage: &Stage<'_>,
    workspace: &Workspace,
    count: usize,
    small: bool,
    book: &mut Book,
) -> Vec<Draft> {
    let mint = stage.mint;
    let place = &workspace.name;
    let mut drafts: Vec<Draft> = Vec::new();
    let script = |experiment: usize, stem: &str, number: usize| Draft {
        experiment,
        run_id: format!(
            "{stem}_{}_{}",
            1_545_000_000 + number * 400_000,
            &mint.hex(&format!("run {place} {stem} {number}"))[..8]
        ),
        run_type: "azureml.scriptrun",
        properties: strings(&[
            ("azureml.runsource", "azureml.scriptrun"),
            ("_azureml.ComputeTargetType", "amlcompute"),
        ]),
        ..Draft::default()
    };

    drafts.push(Draft {
        dawn: true,
        run_id: format!(
            "churn_1535000000_{}",
            &mint.hex(&format!("dawn {place}"))[..6]
        ),
        run_type: "experimentrun",
        ..Draft::default()
    });
    pipelines(stage, place, if small { 1 } else { 6 }, book, &mut drafts);
    if small {
        while drafts.len() < count {
            drafts.push(script(0, "churn", drafts.len()));
        }
        return drafts;
    }
    for number in 0..38 {
        let mut draft = script(0, "churn", number);
        draft.hidden = number % 12 == 5;
        drafts.push(draft);
    }
    for number in 0..10 {
        drafts.push(script(1, "Churn", number));
    }
    // Parents, children and grandchildren.
    for family in 0..5 {
        let parent = script(2, "credit", family * 10);
        let root = parent.run_id.clone();
        drafts.push(parent);
        for child in 1..3 {
            let mut middle = script(2, "credit", family * 10 + child);
            middle.parent = Some(root.clone());
            middle.root = Some(root.clone());
            let mut leaf = script(2, "credit", family * 10 + child + 5);
            leaf.parent = Some(middle.run_id.clone());
            leaf.root = Some(root.clone());
            leaf.hidden = child == 2;
            drafts.push(middle);
            drafts.push(leaf);
        }
    }
    for number in 0..11 {
        drafts.push(script(3, "accurate", number));
    }
    let mut odd = script(3, "accurate", 99);
    "ünruly run #7%41:x+y".clone_into(&mut odd.run_id);
    drafts.push(odd);
    for number in 0..18 {
        drafts.push(script(4, "meteo", number));
    }
    family(mint, place, 5, "AutoML", "automl", 18, &mut drafts);
    family(mint, place, 6, "HD", "hyperdrive", 24, &mut drafts);
    let mut number = 0;
    while drafts.len() < count {
        drafts.push(script(8, "fraud", number));
        number += 1;
    }
    drafts
}

/// A parent with many children, the way sweeps and AutoML name them.
fn family(
    mint: Mint,
    place: &str,
    experiment: usize,
    prefix: &str,
    run_type: &'static str,
    children: usize,
    drafts: &mut Vec<Draft>,
) {
    let parent = format!("{prefix}_{}", mint.guid(&format!("{place} {prefix}")));
    let source = if run_type == "automl" {
        "automl"
    } else {
        "hyperdrive"
    };
    drafts.push(Draft {
        experiment,
        run_id: parent.clone(),
        run_type,
        properties: strings(&[
            ("azureml.runsource", source),
            (
                "primary_metric_config",
                "{\"name\": \"AUC_weighted\", \"goal\": \"maximize\"}",
            ),
            ("num_iterations", "18"),
        ]),
        ..Draft::default()
    });
    for child in 0..children {
        let suffix = match (run_type, child) {
            ("automl", 0) => "setup".to_owned(),
            ("hyperdrive", 0) => "preparation".to_owned(),
            _ => (child - 1).to_string(),
        };
        drafts.push(Draft {
            experiment,
            run_id: format!("{parent}_{suffix}"),
            parent: Some(parent.clone()),
            root: Some(parent.clone()),
            run_type: "azureml.scriptrun",
            properties: strings(&[
                ("azureml.runsource", "azureml.scriptrun"),
                ("iteration", &child.to_string()),
            ]),
            hidden: child == 0,
            ..Draft::default()
        });
    }
}

fn pipelines(
    stage: &Stage<'_>,
    place: &str,
    count: usize,
    book: &mut Book,
    drafts: &mut Vec<Draft>,
) {
    let mint = stage.mint;
    // Only the later pipeline runs reuse steps, so a single one has no ghosts.
    for ghost in 0..if count > 2 { 2 } else { 0 } {
        book.ghosts
            .push(mint.guid(&format!("{place} ghost pipeline {ghost}")));
    }
    for number in 0..2 {
        book.published
            .push(mint.guid(&format!("{place} published pipeline {number}")));
    }
    let mut first_step = String::new();
    for number in 0..count {
        let pipeline = mint.guid(&format!("{place} pipeline run {number}"));
        book.pipeline_runs.push(pipeline.clone());
        let mut properties = strings(&[
            ("azureml.runsource", "azureml.PipelineRun"),
            ("runSource", "SDK"),
        ]);
        if number % 2 == 1 {
            properties.insert(
                "azureml.pipelineid".to_owned(),
                book.published[number % 2].clone().into(),
            );
        }
        drafts.push(Draft {
            experiment: 7,
            run_id: pipeline.clone(),
            run_type: "azureml.PipelineRun",
            properties,
            ..Draft::default()
        });
        for step in 0..3 {
            let run_id = mint.guid(&format!("{place} step run {number} {step}"));
            let node = mint.hex(&format!("{place} node {step}"));
            let mut properties = strings(&[
                ("azureml.runsource", "azureml.StepRun"),
                ("StepType", "PythonScriptStep"),
            ]);
            let mut tags = strings(&[("azureml.pipeline", &pipeline), ("azureml.nodeid", &node)]);
            let mut run_type = "azureml.StepRun";
            if number > 0 && step == 1 {
                // The reused work belongs to a pipeline run that run history no longer lists.
                properties.extend(strings(&[
                    ("azureml.isreused", "true"),
                    (
                        "azureml.reusedrunid",
                        &mint.guid(&format!("{place} forgotten step")),
                    ),
                    ("azureml.reusednodeid", &node),
                    ("azureml.reusedpipeline", &book.ghosts[0]),
                ]));
            }
            if number > 0 && step == 2 {
                run_type = "azureml.ReusedStepRun";
                let source = if number == 2 {
                    book.ghosts[1].clone()
                } else {
                    book.pipeline_runs[0].clone()
                };
                tags.extend(strings(&[
                    ("azureml.reusedrunid", &first_step),
                    ("azureml.reusednodeid", &node),
                    ("azureml.reusedpipeline", &source),
                ]));
                properties.insert(
                    "azureml.runsource".to_owned(),
                    "azureml.ReusedStepRun".into(),
                );
            }
            if number == 0 && step == 0 {
                first_step.clone_from(&run_id);
            }
            drafts.push(Draft {
                experiment: 7,
                run_id,
                parent: Some(pipeline.clone()),
                root: Some(pipeline.clone()),
                run_type,
                properties,
                tags,
                ..Draft::default()
            });
        }
    }
}

fn strings(pairs: &[(&str, &str)]) -> Map<String, Value> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), Value::from(*value)))
        .collect()
}
