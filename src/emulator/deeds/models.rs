//! Deletes in model management: services before images before models, and a word that says so otherwise.

use super::hand::Hand;
use super::operations::{again, begin};
use crate::emulator::ask::Ask;
use crate::emulator::errors::{Plane, fault, missing, no_method};
use crate::emulator::ledger::Effect;
use crate::emulator::models;
use crate::emulator::reply::Reply;
use crate::emulator::world::{Kind, Workspace};
use serde_json::Value;

const PLANE: Plane = Plane::Models;

pub(super) fn answer(hand: &Hand, ask: &Ask, workspace: &mut Workspace, rest: &[&str]) -> Reply {
    let [collection, id] = rest else {
        return no_method(PLANE);
    };
    let Some(kind) = models::kind(collection).filter(|_| ask.is("DELETE")) else {
        return no_method(PLANE);
    };
    if workspace.without_images && kind == Kind::Images {
        return missing(PLANE, "No such route.");
    }
    if workspace.table(kind).held(id).is_none() {
        return Reply::empty(204);
    }
    let holder = match kind {
        Kind::Models => workspace
            .table(Kind::Images)
            .holding()
            .find(|image| {
                image
                    .doc
                    .get("modelIds")
                    .and_then(Value::as_array)
                    .is_some_and(|all| all.iter().any(|each| each == id))
            })
            .map(|image| image.id.clone()),
        Kind::Images => workspace
            .table(Kind::Services)
            .holding()
            .find(|service| service.field("imageId") == *id)
            .map(|service| service.id.clone()),
        _ => None,
    };
    if let Some(holder) = holder {
        return fault(
            PLANE,
            412,
            "DeletionRequired",
            &format!(
                "DeletionRequired: {id} is still in use by {holder}, which has to be deleted first."
            ),
        );
    }
    let slow = kind == Kind::Services
        && workspace
            .table(kind)
            .held(id)
            .is_some_and(|item| item.field("computeType") == "AKS");
    if slow {
        let (guid, name) = (workspace.guid.clone(), (*id).to_owned());
        let target = format!("services/{id}");
        let operation = begin(hand, "Service", target, move |hand, world| {
            if let Some(workspace) = again(world, &guid) {
                hand.take(workspace, Kind::Services, Effect::Deleted, |item| {
                    item.id == name
                });
            }
        });
        let base = ask
            .path
            .rsplit_once("/services/")
            .map_or("", |(base, _)| base);
        return Reply::empty(202).with(
            "operation-location",
            format!("{}{base}/operations/{operation}", hand.hub.origins.arm),
        );
    }
    hand.take(workspace, kind, Effect::Deleted, |item| item.id == *id);
    Reply::empty(200)
}
