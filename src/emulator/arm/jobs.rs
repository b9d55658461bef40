//! Jobs that no list shows: children, and runs that are computed and not held.

use super::{PLANE, Place, place};
use crate::emulator::errors::fault;
use crate::emulator::hub::Hub;
use crate::emulator::reply::Reply;
use crate::emulator::synthetic;
use crate::emulator::world::{Kind, Workspace, jobs};
use serde_json::json;

/// Nothing for any other path, and for a job that the world holds as a document.
pub(super) fn answer(hub: &Hub, workspace: &Workspace, path: &[&str]) -> Option<Reply> {
    let [collection, id] = path else { return None };
    let document = matches!(place(workspace.home, path), Some(Place::One(at, id)) if workspace.table(Kind::Resource(at)).get(&id).is_some());
    if !collection.eq_ignore_ascii_case("jobs") || document {
        return None;
    }
    if let Some(run) = workspace.table(Kind::Runs).get(id) {
        return Some(Reply::json(200, &jobs::face(workspace, run)));
    }
    let computed = workspace.shape.as_ref().is_some_and(|shape| {
        synthetic::index_of(hub.mint, shape, id)
            .is_some_and(|index| !workspace.gone.contains(&index))
    });
    if !computed {
        return Some(fault(
            PLANE,
            404,
            "UserError",
            &format!("Run {id} was not found"),
        ));
    }
    // Enough to know whether it is still there.
    Some(Reply::json(
        200,
        &json!({
            "id": format!("{}/jobs/{id}", workspace.arm_id(&workspace.subscription)),
            "name": id,
            "type": "Microsoft.MachineLearningServices/workspaces/jobs",
            "properties": {"jobType": "Base", "status": "Completed", "isArchived": false, "tags": {}, "properties": {}},
            "systemData": {"createdAt": "2020-01-01T00:00:00Z", "createdByType": "User"},
        }),
    ))
}
