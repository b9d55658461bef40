//! One item of the inventory, as deciding sees it.

use serde_json::Value;

use crate::kinds::Kind;
use crate::kinds::item::targets;
use crate::kinds::removal::Remove;

/// Why an item is looked at for erasing.
///
/// What belongs to a chosen item has to be handed over as [`Chosen::Belongs`], unless it was chosen by itself: an item below
/// which something stays is not erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Chosen {
    /// The person stands in it exactly, but beside somebody else's object id.
    Contradicted,
    /// The person may stand in it.
    Candidate,
    /// It belongs to something that was chosen.
    Belongs,
    /// A filter took it: a kind, an experiment, an age, a bag, the whole workspace.
    Filter,
    /// The person stands in it exactly.
    Exact,
    /// It was named by its kind and id.
    Named,
}

impl Chosen {
    /// Whether it may be erased without a person's word about this very item.
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Contradicted | Self::Candidate)
    }
}

/// One item.
#[derive(Debug, Clone)]
pub struct Item {
    pub kind: &'static Kind,
    pub id: String,
    /// Kind and id of what it hangs on.
    pub parent: Option<(String, String)>,
    pub doc: Value,
    /// The path that gave it, which tells the generation that answered.
    pub source: String,
    pub chosen: Chosen,
}

impl Item {
    /// `kind/id`, as a person names it.
    pub fn name(&self) -> String {
        format!("{}/{}", self.kind.name, self.id)
    }

    /// What erases it: the call of the generation that gave it, or the newest.
    pub fn remove(&self) -> Option<&'static Remove> {
        let gave = |remove: &&Remove| {
            let prefix = remove.base.spec().prefix;
            self.source
                .strip_prefix(prefix)
                .and_then(|rest| rest.get(..SUBSCRIPTIONS.len()))
                .is_some_and(|start| start.eq_ignore_ascii_case(SUBSCRIPTIONS))
        };
        self.kind
            .remove
            .iter()
            .find(gave)
            .or(self.kind.remove.first())
    }

    /// Kinds and ids of what it hangs on: what its document says that it belongs to, then its parent. Never itself, and never
    /// the workspace, on which everything hangs.
    pub fn ups(&self) -> Vec<(&str, String)> {
        ups(
            self.kind,
            &self.id,
            self.parent.as_ref().map(|(kind, id)| (&**kind, &**id)),
            &self.doc,
        )
    }
}

/// How a workspace's own path begins.
const SUBSCRIPTIONS: &str = "/subscriptions/";

/// See [`Item::ups`].
pub(super) fn ups<'a>(
    kind: &'static Kind,
    id: &str,
    parent: Option<(&'a str, &str)>,
    doc: &Value,
) -> Vec<(&'a str, String)> {
    let mut all: Vec<(&'a str, String)> = Vec::new();
    for reference in kind.belongs {
        for target in targets(reference, doc) {
            all.push((reference.to, target));
        }
    }
    all.extend(parent.map(|(kind, id)| (kind, id.to_owned())));
    all.retain(|(above, up)| !is_root(above) && (*above, up.as_str()) != (kind.name, id));
    all.dedup();
    all
}

/// Whether a kind is the workspace itself.
pub(super) fn is_root(kind: &str) -> bool {
    crate::kinds::find(kind).is_some_and(|kind| kind.parent.is_none())
}

#[cfg(test)]
mod tests {
    use crate::plan::samples;
    use serde_json::json;

    #[test]
    fn the_generation_that_answered_erases() {
        let old = samples::item("models", "m:1", json!({}))
            .at("/api/subscriptions/s/resourceGroups/g/m:1");
        let base = old.remove().map(|remove| remove.base);
        assert_eq!(base, Some(crate::kinds::Base::Models1));
        let new =
            samples::item("models", "m:1", json!({})).at("/modelmanagement/v1.0/Subscriptions/s");
        let base = new.remove().map(|remove| remove.base);
        assert_eq!(base, Some(crate::kinds::Base::Models2));
    }

    #[test]
    fn a_run_is_read_from_history_and_erased_by_the_resource_manager() {
        let run = samples::item("runs", "r", json!({})).at("/history/v1.0/subscriptions/s");
        assert_eq!(
            run.remove().map(|remove| remove.base),
            Some(crate::kinds::Base::Arm)
        );
    }

    #[test]
    fn what_an_item_hangs_on() {
        let run = samples::item("runs", "r", json!({"parentRunId": "p"})).under("experiments", "e");
        assert_eq!(
            run.ups(),
            [("runs", "p".to_owned()), ("experiments", "e".to_owned())]
        );
        let own = samples::item("runs", "r", json!({"parentRunId": "r"})).under("workspaces", "w");
        assert!(own.ups().is_empty());
    }
}
