//! What is a person's: what they were found in, and everything that belongs to it. Pure.
//!
//! Which thing belongs to which is known only when the whole workspace was seen: a child run may be listed before its parent.
//! So the links are kept, but not the ids: a link is two numbers of 128 bits, and a million of them take 32 MB. Nearly every
//! run has one, to the snapshot of its code.

use std::borrow::Cow;
use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher as _};

use serde_json::Value;

use crate::kinds::item::targets;
use crate::kinds::{self, Kind};

/// An item, as a number: two hashes of its workspace, kind and id.
pub(super) type Key = u128;

/// The number of an item. Kinds and ids are compared as they are.
pub(super) fn key(workspace: &str, kind: &str, id: &str) -> Key {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, workspace, kind, id).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    (half(1) << 64) | half(2)
}

/// Links between items that were seen, from what something belongs to, to what belongs to it.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// Above, then below.
    links: Vec<(Key, Key)>,
}

impl Links {
    /// Takes note of what an item belongs to and of what goes with it.
    pub(super) fn see(&mut self, workspace: &str, kind: &Kind, id: &str, doc: &Value) {
        let mine = key(workspace, kind.name, id);
        // What belongs to an item of another kind says so itself when it comes along; only chains have to be remembered.
        for reference in kind.belongs.iter().filter(|one| one.to == kind.name) {
            for parent in targets(reference, doc) {
                let above = key(workspace, reference.to, &parent);
                self.links.push((above, mine));
            }
        }
        for reference in kind.takes {
            for target in targets(reference, doc) {
                let goes = key(workspace, reference.to, &target);
                self.links.push((mine, goes));
            }
        }
        // What is the same thing goes along, whichever of the two was found.
        if let Some(other) = kind.same {
            let other = key(workspace, other, id);
            self.links.extend([(mine, other), (other, mine)]);
        }
    }

    /// Puts the links in order, in place, once all were seen: so nothing has to be copied when they are followed.
    pub(super) fn settle(&mut self) {
        self.links.sort_unstable();
    }

    /// The links in order, copied only where nobody settled them.
    fn in_order(&self) -> Cow<'_, [(Key, Key)]> {
        if self.links.is_sorted() {
            Cow::Borrowed(&self.links)
        } else {
            let mut links = self.links.clone();
            links.sort_unstable();
            Cow::Owned(links)
        }
    }

    /// Everything that belongs to the items found, with these.
    pub(super) fn reach(&self, found: impl IntoIterator<Item = Key>) -> HashSet<Key> {
        let mut all: HashSet<Key> = HashSet::new();
        let mut next: VecDeque<Key> = found.into_iter().collect();
        let links = self.in_order();
        while let Some(key) = next.pop_front() {
            if all.insert(key) {
                let from = links.partition_point(|(above, _)| *above < key);
                let mine = links[from..].iter().take_while(|(above, _)| *above == key);
                next.extend(mine.map(|(_, below)| *below));
            }
        }
        all
    }
}

/// Which items are handed over.
#[derive(Debug, Clone, Default)]
pub(super) struct Theirs {
    /// Items that the person was found in, and what belongs to them.
    pub items: HashSet<Key>,
    /// Items below which something was found: they are opened, and not handed over.
    pub ways: HashSet<Key>,
}

impl Theirs {
    /// Whether an item is theirs: it is among those found, hangs on one of them, or says that it belongs to one.
    pub(super) fn has(
        &self,
        workspace: &str,
        kind: &Kind,
        id: &str,
        parent: Option<(&'static str, &str)>,
        doc: &Value,
    ) -> bool {
        let holds = |kind: &str, id: &str| self.items.contains(&key(workspace, kind, id));
        holds(kind.name, id)
            || parent.is_some_and(|(above, id)| hangs_on(kind, above) && holds(above, id))
            || kind.belongs.iter().any(|reference| {
                targets(reference, doc)
                    .iter()
                    .any(|id| holds(reference.to, id))
            })
    }

    /// Whether something below an item may be theirs, so that it has to be opened.
    pub(super) fn leads(&self, workspace: &str, kind: &Kind, id: &str) -> bool {
        self.ways.contains(&key(workspace, kind.name, id)) || is_deep(kind)
    }
}

/// Whether something is gathered below what is gathered below an item: a hit down there names only the item in between.
fn is_deep(kind: &Kind) -> bool {
    let gathered = |name| kinds::children(name).filter(|child| child.walk == kinds::Walk::With);
    gathered(kind.name).any(|child| gathered(child.name).next().is_some())
}

/// Whether what is found below an item of that kind is part of it. A workspace and an experiment are places that many
/// share: being their owner makes nobody the owner of what others put there.
fn hangs_on(kind: &Kind, above: &str) -> bool {
    let shared = kinds::find(above)
        .is_none_or(|above| above.walk == kinds::Walk::Root || kind.walk == kinds::Walk::Own);
    !shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(name: &str) -> &'static Kind {
        kinds::find(name).expect("a row")
    }

    #[test]
    fn grandchildren_are_reached_whatever_came_first() {
        let mut links = Links::default();
        for (id, parent) in [("c", "b"), ("b", "a"), ("x", "y")] {
            links.see(
                "w",
                row("runs"),
                id,
                &json!({"runId": id, "parentRunId": parent}),
            );
        }
        let reached = links.reach([key("w", "runs", "a")]);
        for id in ["a", "b", "c"] {
            assert!(reached.contains(&key("w", "runs", id)), "{id}");
        }
        assert!(!reached.contains(&key("w", "runs", "x")));
        assert!(
            !reached.contains(&key("v", "runs", "b")),
            "another workspace"
        );
    }

    #[test]
    fn a_model_takes_its_asset_and_a_pipeline_run_its_other_half() {
        let mut links = Links::default();
        links.see("w", row("models"), "m:1", &json!({"url": "aml://asset/a1"}));
        links.see(
            "w",
            row("runs"),
            "r",
            &json!({"runType": "azureml.PipelineRun", "runId": "r"}),
        );
        assert!(
            links
                .reach([key("w", "models", "m:1")])
                .contains(&key("w", "assets", "a1"))
        );
        assert!(
            links
                .reach([key("w", "runs", "r")])
                .contains(&key("w", "pipeline-runs", "r"))
        );
    }

    #[test]
    fn a_run_takes_the_snapshot_of_its_code_and_a_module_only_what_is_one() {
        let mut links = Links::default();
        for (id, parent) in [("child", "parent"), ("other", "nobody")] {
            let doc = json!({"runId": id, "parentRunId": parent, "properties": {"ContentSnapshotId": format!("s-{id}")}});
            links.see("w", row("runs"), id, &doc);
        }
        for (id, stored) in [("m", "Snapshot"), ("n", "Artifact")] {
            let doc = json!({"Data": {"Id": id, "DataLocation": {"StorageType": stored, "StorageId": format!("s-{id}")}}});
            links.see("w", row("pipeline-modules"), id, &doc);
        }
        let snapshot = |id: &str| key("w", "snapshots", id);
        for settled in [false, true] {
            if settled {
                links.settle();
            }
            let theirs = links.reach([
                key("w", "runs", "parent"),
                key("w", "pipeline-modules", "m"),
                key("w", "pipeline-modules", "n"),
            ]);
            assert!(theirs.contains(&snapshot("s-child")), "of a child run");
            assert!(theirs.contains(&snapshot("s-m")));
            assert!(!theirs.contains(&snapshot("s-other")), "another's run");
            assert!(!theirs.contains(&snapshot("s-n")), "an artifact");
        }
    }

    #[test]
    fn a_run_and_its_job_are_one_thing_whichever_is_found() {
        let mut links = Links::default();
        links.see("w", row("runs"), "r", &json!({"runId": "r"}));
        links.see("w", row("jobs"), "r", &json!({"name": "r"}));
        let (run, job) = (key("w", "runs", "r"), key("w", "jobs", "r"));
        for (found, other) in [(run, job), (job, run)] {
            assert!(links.reach([found]).contains(&other));
        }
        assert!(!links.reach([run]).contains(&key("w", "jobs", "s")));
    }

    #[test]
    fn a_run_is_nobodys_for_standing_in_somebodys_experiment() {
        let mut theirs = Theirs::default();
        theirs.items.insert(key("w", "experiments", "e"));
        theirs.items.insert(key("w", "runs", "mine"));
        let has = |kind: &str, id: &str, parent, doc: Value| {
            theirs.has("w", row(kind), id, Some(parent), &doc)
        };
        assert!(!has("runs", "other", ("experiments", "e"), json!({})));
        assert!(has("run-details", "mine", ("runs", "mine"), json!({})));
        assert!(has(
            "metrics",
            "m",
            ("experiments", "e"),
            json!({"runId": "mine"})
        ));
        assert!(!has(
            "metrics",
            "n",
            ("experiments", "e"),
            json!({"runId": "other"})
        ));
    }
}
