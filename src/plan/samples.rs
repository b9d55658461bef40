//! Items and scopes for tests. The people, the names and the workspace are invented.

use serde_json::Value;

use super::item::{Chosen, Item};
use super::model::Scope;

/// The workspace of the tests.
pub(super) const PATH: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/contoso";

/// An item that a filter took and that hangs on nothing.
pub(super) fn item(kind: &str, id: &str, doc: Value) -> Item {
    Item {
        kind: crate::kinds::find(kind).expect("a row"),
        id: id.to_owned(),
        parent: None,
        doc,
        source: String::new(),
        chosen: Chosen::Filter,
    }
}

impl Item {
    pub(super) fn at(self, source: &str) -> Self {
        Self {
            source: source.to_owned(),
            ..self
        }
    }

    pub(super) fn under(self, kind: &str, id: &str) -> Self {
        Self {
            parent: Some((kind.to_owned(), id.to_owned())),
            ..self
        }
    }

    pub(super) fn chosen(self, chosen: Chosen) -> Self {
        Self { chosen, ..self }
    }
}

pub(super) fn scope() -> Scope {
    Scope {
        subscription: "00000000-0000-0000-0000-000000000001".to_owned(),
        resource_group: "rg".to_owned(),
        workspace: "contoso".to_owned(),
        path: PATH.to_owned(),
        workspace_id: Some("w-1".to_owned()),
    }
}
