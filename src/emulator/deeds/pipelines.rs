//! What the pipelines service lets go: drafts. The rest it only disables.

use super::hand::Hand;
use super::jobs;
use crate::emulator::aether;
use crate::emulator::ask::Ask;
use crate::emulator::errors::{Plane, fault, missing, no_method};
use crate::emulator::ledger::Effect;
use crate::emulator::reply::Reply;
use crate::emulator::world::{Kind, Workspace};
use serde_json::Value;

const PLANE: Plane = Plane::Pipelines;

pub(super) fn answer(hand: &Hand, ask: &Ask, workspace: &mut Workspace, rest: &[&str]) -> Reply {
    match (ask.method.as_str(), rest) {
        ("DELETE", ["PipelineDrafts", id]) => {
            let taken = hand.take(workspace, Kind::Drafts, Effect::Deleted, |item| {
                item.id == *id
            });
            if taken == 0 {
                return missing(PLANE, &format!("PipelineDraft {id} was not found."));
            }
            Reply::empty(200)
        }
        ("DELETE", ["GraphDrafts", _]) => Reply::empty(200),
        // This verb cancels, and does nothing to a run that has ended.
        ("DELETE", ["PipelineRuns" | "Experiments", id, "Execution"]) => {
            if workspace.table(Kind::PipelineRuns).held(id).is_none() {
                return missing(PLANE, &format!("PipelineRun {id} was not found."));
            }
            jobs::cancel_run(hand, workspace, id);
            Reply::empty(204)
        }
        (
            "PUT",
            [
                "Pipelines" | "PublishedPipelines" | "Templates",
                id,
                "status",
            ],
        ) => {
            let Some(status) = ask.json().as_str().map(str::to_owned) else {
                return fault(PLANE, 400, "BadArgument", "The body must be a status.");
            };
            let mut text = None;
            for kind in [Kind::Pipelines, Kind::PublishedPipelines, Kind::Templates] {
                let changed = hand.change(workspace, kind, id, effect(&status), |doc| {
                    doc["EntityStatus"] = status.clone().into();
                });
                text = text.or(changed);
            }
            text.map_or_else(
                || missing(PLANE, &format!("Pipeline {id} was not found.")),
                Reply::ok,
            )
        }
        ("PUT", [collection @ ("PipelineEndpoints" | "Schedules"), id]) => {
            let body = ask.json();
            let same = body.get("Id").and_then(Value::as_str) == Some(*id);
            let kind = aether::kind(collection).unwrap_or(Kind::Schedules);
            if workspace.table(kind).held(id).is_none() {
                return missing(PLANE, &format!("{collection} {id} was not found."));
            }
            if !same {
                return fault(
                    PLANE,
                    400,
                    "BadArgument",
                    "The whole entity is needed, with its Id.",
                );
            }
            let status = body.get("EntityStatus").and_then(Value::as_str);
            let effect = effect(status.unwrap_or_default());
            hand.change(workspace, kind, id, effect, |doc| *doc = body)
                .map_or_else(|| Reply::empty(204), Reply::ok)
        }
        _ => no_method(PLANE),
    }
}

fn effect(status: &str) -> Effect {
    if status == "Disabled" {
        Effect::Disabled
    } else {
        Effect::Changed
    }
}
