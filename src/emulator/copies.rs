//! More of the same: copies of a document under names of their own, for those who need many.

use super::world::{Kind, Workspace};
use serde_json::Value;

/// Adds so many copies. The field that holds the document's name is the one whose value is its id.
pub(crate) fn add(workspace: &mut Workspace, kind: Kind, id: &str, count: u64) -> bool {
    let table = workspace.table_mut(kind);
    let Some(first) = table.held(id).cloned() else {
        return false;
    };
    for number in 1..=count {
        let name = format!("{id}-copy{number}");
        let mut copy = first.clone();
        copy.change(|doc| {
            for value in doc
                .as_object_mut()
                .into_iter()
                .flat_map(|map| map.values_mut())
            {
                if value.as_str() == Some(id) {
                    *value = Value::from(name.clone());
                }
            }
        });
        copy.id = name;
        table.push(copy);
    }
    true
}
