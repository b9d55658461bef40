//! Experiments and runs: old ones, nested ones, swept ones, hidden ones, and pipeline runs whose steps point at work that
//! no list shows.

mod paper;
mod plan;

use super::contoso::{Stage, put};
use super::{Kind, Workspace};
use crate::emulator::mint::utc;
use paper::write_down;
use plan::plan;
use serde_json::json;

/// Where a run keeps its numbers, which depends on its age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    /// 2018: artifacts under the bare run id, nobody but `userId`.
    Dawn,
    First,
    Second,
}

#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) run_id: String,
    pub(crate) container: String,
    pub(crate) era: Era,
    pub(crate) at: usize,
}

/// What the other makers need to know about the runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    pub(crate) notes: Vec<Note>,
    /// Pipeline runs: the run id is the id in the pipelines service.
    pub(crate) pipeline_runs: Vec<String>,
    /// Pipeline runs that run history has forgotten and only reused steps still name.
    pub(crate) ghosts: Vec<String>,
    pub(crate) published: Vec<String>,
}

const EXPERIMENTS: [&str; 10] = [
    "churn",
    "Churn",
    "credit risk model",
    "100%_accurate #1",
    "Prévision-météo",
    "automl-demand",
    "vision-sweep",
    "daily-pipeline",
    "old-fraud",
    "empty-husk",
];

pub(crate) fn fill(stage: &mut Stage<'_>, workspace: &mut Workspace, count: usize) -> Book {
    let small = count < 100;
    let ids = experiments(stage, workspace, small);
    let mut book = Book::default();
    let drafts = plan(stage, workspace, count, small, &mut book);
    for (at, draft) in drafts.iter().enumerate() {
        let era = if draft.dawn {
            Era::Dawn
        } else if at % 3 == 0 {
            Era::First
        } else {
            Era::Second
        };
        let container = if draft.dawn {
            draft.run_id.clone()
        } else {
            format!("dcid.{}", draft.run_id)
        };
        write_down(stage, workspace, draft, at, &ids[draft.experiment], era);
        book.notes.push(Note {
            run_id: draft.run_id.clone(),
            container,
            era,
            at,
        });
    }
    book
}

fn experiments(stage: &mut Stage<'_>, workspace: &mut Workspace, small: bool) -> Vec<String> {
    let mut ids = Vec::new();
    for (at, name) in EXPERIMENTS.iter().enumerate() {
        let id = stage
            .mint
            .guid(&format!("experiment {} {name}", workspace.name));
        ids.push(id.clone());
        if small && !matches!(*name, "churn" | "daily-pipeline" | "old-fraud") {
            continue;
        }
        let archived = (*name == "old-fraud").then(|| utc(1_650_000_000, 5));
        let owner = stage.person(at).clone();
        let description = if at == 2 {
            // A secret where no field is made for one: only its form gives it away.
            let link = stage
                .planter
                .sas(&format!("experiment description {}", workspace.name));
            format!(
                "Inputs from https://contosoml7731.blob.core.windows.net/raw/loans.csv?{link} (by {})",
                owner.name
            )
        } else {
            format!("Work of {} and others", owner.name)
        };
        let doc = json!({
            "experimentId": id,
            "name": name,
            "description": description,
            "createdUtc": utc(1_530_000_000 + 86_400 * i64::try_from(at).unwrap_or(0), 1_111_111),
            "tags": {"team": "risk", "contact": owner.mail()},
            "archivedTime": archived,
            "retainForLifetimeOfWorkspace": false,
            "artifactLocation": null,
        });
        put(workspace, Kind::Experiments, &id, "", doc);
    }
    ids
}
