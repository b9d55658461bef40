//! The replay list: what was erased, as keyed hashes. When a restore brings items back, it tells which of them were erased
//! before, without holding a name.
//!
//! A hash stands for a kind and an id within one workspace. Where somebody made something new under an old name, it matches
//! as well; so a match is a proposal for a plan, which a person reviews.

use serde::{Deserialize, Serialize};

use super::keyed::{Key, Of};
use super::model::{Decision, Outcome, Plan};
use super::receipt::ends;
use super::seal;

/// The version of the file's form.
pub const FORMAT: &str = "aml-dsr-replay/1";

/// The list. Sealed by its last field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    pub format: String,
    /// The workspace's own path, and its id, which a workspace made anew under the same name does not have.
    pub workspace: String,
    pub workspace_id: Option<String>,
    /// The digest of the plan that erased them.
    pub plan: String,
    /// RFC 3339, UTC.
    pub ended: String,
    /// The hash that tells whether a key is the right one.
    pub key: String,
    /// Keyed hashes of kind and id, sorted, none twice.
    pub items: Vec<String>,
    pub digest: String,
}

/// What is wrong with a list that was read.
#[derive(Debug, thiserror::Error)]
pub enum BadReplay {
    #[error(transparent)]
    Seal(#[from] seal::Broken),
    #[error("it is no replay list: {0}")]
    Form(#[from] serde_json::Error),
    #[error("its form is `{0}`, and this program knows {FORMAT}")]
    Format(String),
    #[error("this is not the key of the list: nothing could be found with it")]
    Key,
}

/// The list of what a plan erased. What went with a parent is on it only when every step ended with its item gone: which
/// parent it hung on, the plan does not say.
pub fn replay(plan: &Plan, outcomes: &[Outcome], ended: &str, key: &Key) -> Replay {
    let ends = ends(outcomes);
    let mut items = Vec::new();
    let mut all = true;
    let steps = plan.waves.iter().flat_map(|wave| &wave.steps);
    for step in steps {
        if !ends.get(&step.step).is_some_and(|end| end.state.is_gone()) {
            all = false;
            continue;
        }
        items.push(key.hash(Of::Item(&step.kind, &step.id)));
        let covers = step.covers.iter();
        items.extend(covers.map(|id| key.hash(Of::Item(&step.kind, id))));
    }
    if all {
        let with = plan.decisions.iter();
        let with = with.filter(|one| one.decision == Decision::WithParent);
        items.extend(with.map(|one| key.hash(Of::Item(&one.kind, &one.id))));
    }
    items.sort_unstable();
    items.dedup();
    Replay {
        format: FORMAT.to_owned(),
        workspace: plan.scope.path.clone(),
        workspace_id: plan.scope.workspace_id.clone(),
        plan: plan.digest.clone(),
        ended: ended.to_owned(),
        key: key.hash(Of::Key),
        items,
        digest: seal::unsealed(),
    }
}

impl Replay {
    /// Reads a list, which must be as it was written.
    pub fn open(bytes: &[u8]) -> Result<Self, BadReplay> {
        seal::open(bytes)?;
        let list: Self = serde_json::from_slice(bytes)?;
        if list.format == FORMAT {
            Ok(list)
        } else {
            Err(BadReplay::Format(list.format))
        }
    }

    /// Whether the key is the one that the list was made with. With another one nothing matches, which looks like good news.
    pub fn accepts(&self, key: &Key) -> Result<(), BadReplay> {
        if self.key == key.hash(Of::Key) {
            Ok(())
        } else {
            Err(BadReplay::Key)
        }
    }
}

/// Whether an item is on the list. Ask `accepts` for the key before.
pub fn matches(key: &Key, list: &Replay, kind: &str, id: &str) -> bool {
    list.items
        .binary_search(&key.hash(Of::Item(kind, id)))
        .is_ok()
}
