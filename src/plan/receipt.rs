//! The receipt: what a plan did, item by item, without the name of any person or item.
//!
//! Items, places, approvers and the person stand in it as keyed hashes (`keyed`). What other people wrote is left out: the reason
//! of the request, the targets, ids, and the services' sentences. All of it stands in the plan and in the journal, which the
//! receipt names by their digests, so that it can be proved where it may be shown. Names of workspaces, resource groups and
//! Azure resources are no personal data and stand as they are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::around::Around;
use super::keyed::{Key, Of};
use super::model::{Decision, Export, Outcome, Plan, Scope, State, Step};
use super::residue::{self, Notify, Remains};
use super::{places, seal, sign};

/// The version of the file's form.
pub const FORMAT: &str = "aml-dsr-receipt/1";

/// A receipt. Sealed by its last field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    pub format: String,
    pub tool: String,
    pub cloud: String,
    pub scope: Scope,
    /// The digest of the plan.
    pub plan: String,
    pub case: Option<String>,
    /// Keyed hash of the name of who asked.
    pub asked_by: Option<String>,
    /// Who answers for the erasure, when a name was given for the receipt.
    pub responsible: Option<String>,
    /// Keyed hashes of the identifiers of the person, when the plan was for one.
    pub subject: Vec<Identifier>,
    /// RFC 3339, UTC.
    pub began: String,
    pub ended: String,
    /// Items by kind and state.
    pub counts: Vec<Count>,
    pub items: Vec<Item>,
    /// Items without a step, by kind and decision.
    pub without_step: Vec<Left>,
    pub export: Exported,
    pub journal: Journal,
    pub approvals: Approvals,
    pub remains: Vec<Remains>,
    pub notify: Vec<Notify>,
    pub hashes: Hashes,
    pub check: Check,
    pub digest: String,
}

/// An identifier of a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    pub form: String,
    pub hash: String,
}

/// How many items of a kind are in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    pub kind: String,
    pub state: End,
    pub items: u64,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub step: u32,
    pub kind: String,
    /// Keyed hash of kind and id.
    pub item: String,
    /// The same of other items that its call erases.
    pub covers: Vec<String>,
    pub state: End,
    /// Until when a soft-deleted item can be recovered.
    pub until: Option<String>,
    /// What the service answered when it failed.
    pub status: Option<u16>,
    pub code: Option<String>,
    /// RFC 3339, UTC; none when it was not tried.
    pub at: Option<String>,
    /// The service's own names of the requests.
    pub requests: Vec<String>,
    pub places: Vec<Place>,
}

/// How an item ended: the states of the plan, and that it was not tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    Erased,
    AlreadyGone,
    BytesRemain,
    NotLookedAt,
    SoftDeleted,
    Disabled,
    Archived,
    ChangedKept,
    Kept,
    Unconfirmed,
    Failed,
    Cannot,
    /// The journal knows no end of this step.
    NotTried,
}

/// Where bytes may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The place with a star where a name would stand; a star alone when its form is not known.
    pub pattern: String,
    pub storage_account: Option<String>,
    /// Keyed hash of the place as the plan or the journal has it.
    pub hash: String,
    pub bytes: Bytes,
}

/// What is known of the bytes of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bytes {
    /// They were looked for and are gone.
    Gone,
    Remain,
    NotLookedAt,
    /// The item is still there, and so are they.
    Untouched,
}

/// Items without a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Left {
    pub kind: String,
    pub decision: Decision,
    /// Whether they were asked for, or in the way.
    pub asked: bool,
    pub items: u64,
    /// The catalogue's reason where nothing erases them.
    pub why: Option<String>,
}

/// Whether what was erased was exported before. The bag's name may hold a person's, so its manifest stands for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Exported {
    Bag { manifest: String },
    Without,
}

/// The journal's end, by which a missing last line is noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    pub lines: u64,
    pub last: String,
}

/// Approvals of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approvals {
    pub wanted: u32,
    pub given: u32,
    /// Keyed hashes of the names.
    pub names: Vec<String>,
}

/// How the hashes were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hashes {
    pub method: String,
    pub note: String,
    /// The hash that tells whether a key is the right one.
    pub key: String,
}

/// How anybody checks the receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// SHA-256 of the public key (SubjectPublicKeyInfo); none when the receipt was not signed.
    pub public_key: Option<String>,
    pub commands: Vec<String>,
    pub note: String,
}

/// What a receipt says and no plan knows.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// Name and version of the program that carried the plan out.
    pub tool: &'a str,
    pub began: &'a str,
    pub ended: &'a str,
    pub journal: Journal,
    /// Names of those who approved.
    pub approvals: &'a [String],
    /// A name that shall stand in the receipt.
    pub responsible: Option<&'a str>,
    /// What lies around the workspace.
    pub around: &'a Around,
    /// The fingerprint of the key that will sign.
    pub public_key: Option<String>,
}

/// How hashes are made, in words that lead to doing it.
const METHOD: &str = "HMAC-SHA-256 with the 32 bytes of the key file, in lower-case hexadecimal, over lines that end in a line feed but for the last: item, kind, id; person, form, identifier; name, the name; place, the place; or the one word key. Identifiers of people and names are written in lower case, without white space around them.";
/// What the key is.
const NOTE: &str = "The key lies in a file of its own and is no part of this receipt. Without it nobody can link this receipt to a person; whoever destroys it makes that final.";
const SIGNED: &str = "The signature shows that nothing was changed since. That it is by whom it should be shows only when the public key is known from elsewhere: compare its fingerprint.";
const UNSIGNED: &str = "This receipt is not signed. Its digest shows accidents; whoever changes it on purpose can make a new digest.";

/// Writes down what came of a plan.
pub fn receipt(plan: &Plan, outcomes: &[Outcome], facts: &Facts<'_>, key: &Key) -> Receipt {
    let ends = ends(outcomes);
    let account = facts.around.storage_name();
    let steps = plan.waves.iter().flat_map(|wave| &wave.steps);
    let items: Vec<Item> = steps
        .map(|step| item(step, ends.get(&step.step).copied(), account, key))
        .collect();
    let without_step = without_step(plan);
    let mut names: Vec<String> = facts
        .approvals
        .iter()
        .map(|name| key.hash(Of::Name(name)))
        .collect();
    names.sort_unstable();
    names.dedup();
    let mut subject: Vec<Identifier> = plan
        .asked
        .subject
        .iter()
        .map(|(form, value)| Identifier {
            form: form.clone(),
            hash: key.hash(Of::Person(form, value)),
        })
        .collect();
    subject.sort_unstable();
    Receipt {
        format: FORMAT.to_owned(),
        tool: facts.tool.to_owned(),
        cloud: plan.cloud.clone(),
        scope: plan.scope.clone(),
        plan: plan.digest.clone(),
        case: plan.asked.case.clone(),
        asked_by: plan.asked.by.as_ref().map(|by| key.hash(Of::Name(by))),
        responsible: facts.responsible.map(str::to_owned),
        subject,
        began: facts.began.to_owned(),
        ended: facts.ended.to_owned(),
        counts: counts(&items),
        remains: residue::remains(
            &items,
            &without_step,
            &plan.export,
            facts.around,
            &plan.scope,
        ),
        notify: residue::notify(&items, &plan.export, facts.around),
        items,
        without_step,
        export: match &plan.export {
            Export::Bag { manifest, .. } => Exported::Bag {
                manifest: manifest.clone(),
            },
            Export::Without => Exported::Without,
        },
        journal: facts.journal.clone(),
        approvals: Approvals {
            wanted: plan.approvals,
            given: u32::try_from(names.len()).unwrap_or(u32::MAX),
            names,
        },
        hashes: Hashes {
            method: METHOD.to_owned(),
            note: NOTE.to_owned(),
            key: key.hash(Of::Key),
        },
        check: check(facts.public_key.as_ref()),
        digest: seal::unsealed(),
    }
}

/// The last outcome of each step.
pub(super) fn ends(outcomes: &[Outcome]) -> BTreeMap<u32, &Outcome> {
    outcomes.iter().map(|one| (one.step, one)).collect()
}

/// Items by kind and state.
pub(super) fn counts(items: &[Item]) -> Vec<Count> {
    let mut sums: BTreeMap<(&str, End), u64> = BTreeMap::new();
    for item in items {
        *sums.entry((&item.kind, item.state)).or_default() += 1 + item.covers.len() as u64;
    }
    sums.into_iter()
        .map(|((kind, state), items)| Count {
            kind: kind.to_owned(),
            state,
            items,
        })
        .collect()
}

fn check(public_key: Option<&String>) -> Check {
    let mut commands = vec!["aml-dsr verify .".to_owned()];
    if public_key.is_some() {
        commands.push(sign::COMMAND.to_owned());
        commands.push(sign::FINGERPRINT.to_owned());
    }
    Check {
        note: if public_key.is_some() {
            SIGNED
        } else {
            UNSIGNED
        }
        .to_owned(),
        public_key: public_key.cloned(),
        commands,
    }
}

fn item(step: &Step, end: Option<&Outcome>, account: Option<&str>, key: &Key) -> Item {
    let told = Told::of(end);
    Item {
        step: step.step,
        kind: step.kind.clone(),
        item: key.hash(Of::Item(&step.kind, &step.id)),
        covers: step
            .covers
            .iter()
            .map(|id| key.hash(Of::Item(&step.kind, id)))
            .collect(),
        state: told.state,
        until: told.until,
        status: told.status,
        code: told.code,
        at: told.at,
        requests: told.requests,
        places: places::of(step, end.map(|end| &end.state), account, key),
    }
}

/// What a receipt tells of an outcome: whoever has the journal can tell it again, without the key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) state: End,
    until: Option<String>,
    status: Option<u16>,
    code: Option<String>,
    at: Option<String>,
    requests: Vec<String>,
}

impl Told {
    pub(super) fn of(end: Option<&Outcome>) -> Self {
        let mut told = Self {
            state: end.map_or(End::NotTried, |end| End::of(&end.state)),
            until: None,
            status: None,
            code: None,
            at: end.map(|end| end.at.clone()),
            requests: end.map(|end| end.requests.clone()).unwrap_or_default(),
        };
        // What is no word of a machine may be a sentence that names somebody.
        told.requests.retain(|id| is_word(id));
        match end.map(|end| &end.state) {
            Some(State::SoftDeleted { until }) => told.until = Some(until.clone()),
            Some(State::Failed { status, code, .. }) => {
                told.status = *status;
                told.code = code.clone().filter(|code| is_word(code));
            }
            _ => {}
        }
        told
    }

    /// The same of an item of a receipt.
    pub(super) fn by(item: &Item) -> Self {
        Self {
            state: item.state,
            until: item.until.clone(),
            status: item.status,
            code: item.code.clone(),
            at: item.at.clone(),
            requests: item.requests.clone(),
        }
    }
}

/// Whether a text is a name that a machine made: an error code, a request id.
fn is_word(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:|".contains(&byte);
    (1..=128).contains(&text.len()) && text.bytes().all(allowed)
}

fn without_step(plan: &Plan) -> Vec<Left> {
    let mut sums: BTreeMap<(&str, Decision, bool), u64> = BTreeMap::new();
    for one in &plan.decisions {
        *sums.entry((&one.kind, one.decision, true)).or_default() += 1;
    }
    for one in &plan.untouched {
        *sums.entry((&one.kind, one.decision, false)).or_default() += one.items;
    }
    sums.into_iter()
        .map(|((kind, decision, asked), items)| Left {
            kind: kind.to_owned(),
            decision,
            asked,
            items,
            why: (decision == Decision::Cannot)
                .then(|| residue::why_never(kind))
                .flatten(),
        })
        .collect()
}

impl End {
    /// Every one, the best first.
    pub const ALL: [Self; 13] = [
        Self::Erased,
        Self::AlreadyGone,
        Self::BytesRemain,
        Self::NotLookedAt,
        Self::SoftDeleted,
        Self::Disabled,
        Self::Archived,
        Self::ChangedKept,
        Self::Kept,
        Self::Unconfirmed,
        Self::Failed,
        Self::Cannot,
        Self::NotTried,
    ];

    /// The state without what it says beside its name.
    pub fn of(state: &State) -> Self {
        match state {
            State::Erased => Self::Erased,
            State::AlreadyGone => Self::AlreadyGone,
            State::Disabled => Self::Disabled,
            State::Archived => Self::Archived,
            State::SoftDeleted { .. } => Self::SoftDeleted,
            State::BytesRemain { .. } => Self::BytesRemain,
            State::NotLookedAt { .. } => Self::NotLookedAt,
            State::ChangedKept { .. } => Self::ChangedKept,
            State::Kept { .. } => Self::Kept,
            State::Failed { .. } => Self::Failed,
            State::Unconfirmed { .. } => Self::Unconfirmed,
            State::Cannot { .. } => Self::Cannot,
        }
    }

    /// Whether the record is gone.
    pub fn is_gone(self) -> bool {
        matches!(
            self,
            Self::Erased
                | Self::AlreadyGone
                | Self::BytesRemain
                | Self::NotLookedAt
                | Self::SoftDeleted
        )
    }
}

#[cfg(test)]
pub(crate) mod tests;
