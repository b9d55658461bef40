//! Runs seen as jobs.

use super::{PLANE, Place, place};
use crate::emulator::errors::fault;
use crate::emulator::hub::Hub;
use crate::emulator::reply::Reply;
use crate::emulator::synthetic;
use crate::emulator::world::{Kind, Workspace};
use serde_json::{Value, json};

/// A run of the first generation seen as a job: enough to know whether it is still there.
/// Nothing for any other path, and for a job that the world holds as a document.
pub(super) fn answer(hub: &Hub, workspace: &Workspace, path: &[&str]) -> Option<Reply> {
    let [collection, id] = path else { return None };
    let document = matches!(place(workspace.home, path), Some(Place::One(at, id)) if workspace.table(Kind::Resource(at)).get(&id).is_some());
    if !collection.eq_ignore_ascii_case("jobs") || document {
        return None;
    }
    let held = workspace.table(Kind::Runs).get(id).map(|item| {
        (
            item.field("status").to_owned(),
            item.doc
                .pointer("/createdBy/userName")
                .cloned()
                .unwrap_or(Value::Null),
        )
    });
    let found = held.or_else(|| {
        let shape = workspace.shape.as_ref()?;
        synthetic::index_of(hub.mint, shape, id)
            .filter(|index| !workspace.gone.contains(index))
            .map(|_| ("Completed".to_owned(), Value::Null))
    });
    let Some((status, creator)) = found else {
        return Some(fault(
            PLANE,
            404,
            "UserError",
            &format!("Run {id} was not found"),
        ));
    };
    Some(Reply::json(
        200,
        &json!({
            "id": format!("{}/jobs/{id}", workspace.arm_id(&workspace.subscription)),
            "name": id,
            "type": "Microsoft.MachineLearningServices/workspaces/jobs",
            "properties": {"jobType": "Base", "status": status, "isArchived": false, "tags": {}, "properties": {}},
            "systemData": {"createdAt": "2020-01-01T00:00:00Z", "createdBy": creator, "createdByType": "User"},
        }),
    ))
}
