//! What a plan says. Every field is written, none is optional in the file but where absence means something.

use serde::{Deserialize, Serialize};

use crate::kinds::Base;

/// The version of the file's form.
pub const FORMAT: &str = "aml-dsr-plan/1";

/// A plan: what will be done to one workspace, what will not, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub format: String,
    pub tool: String,
    /// For example `AzureCloud (management.azure.com)`, or `the emulator`.
    pub cloud: String,
    pub scope: Scope,
    pub asked: Asked,
    /// RFC 3339, UTC, to the second.
    pub made: String,
    pub valid_until: String,
    pub limits: Limits,
    /// Named approvals that are wanted before it is carried out.
    pub approvals: u32,
    /// What was looked through to make it.
    pub inventory: Inventory,
    pub export: Export,
    /// What was found out beforehand and a reviewer should know: locks, rights, soft deletion.
    pub findings: Vec<String>,
    pub waves: Vec<Wave>,
    /// Items that were asked for, or are in the way, and are not erased by a step of their own.
    pub decisions: Vec<Decided>,
    /// Everything else, counted.
    pub untouched: Vec<Untouched>,
    /// SHA-256 in lower-case hex over all the rest of the file. Always the last field.
    pub digest: String,
}

/// One workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    pub subscription: String,
    pub resource_group: String,
    pub workspace: String,
    /// `/subscriptions/../workspaces/NAME`, percent-encoded as it is sent.
    pub path: String,
    /// `properties.workspaceId`, so that a workspace made anew under the same name is noticed.
    pub workspace_id: Option<String>,
}

/// Who asked, and for what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub by: Option<String>,
    pub case: Option<String>,
    pub reason: Option<String>,
    /// The targets in words, as they were given.
    pub targets: Vec<String>,
    /// Forms and values of the person's identifiers, when a person was asked for.
    pub subject: Vec<(String, String)>,
}

/// How much a plan may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub max_items: u64,
    /// Of all items of the workspace.
    pub max_percent: u32,
    /// Globs over ids and `kind/id`.
    pub protect: Vec<String>,
}

/// What was looked through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    pub items: u64,
    pub gaps: u64,
}

/// Whether what is erased was exported before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Export {
    /// A verified bag that holds every item of the steps: the name of its directory, and the SHA-256 of its payload manifest.
    Bag { name: String, manifest: String },
    /// It was said that none is wanted.
    Without,
}

/// Steps that may be done at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wave {
    /// From 1.
    pub wave: u32,
    pub steps: Vec<Step>,
}

/// One item that is erased, or switched off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// From 1, through all waves.
    pub step: u32,
    pub kind: String,
    pub id: String,
    pub parent: Option<Parent>,
    /// In this order; the last is the one that erases.
    pub calls: Vec<Call>,
    pub look: LookAt,
    pub fingerprint: String,
    pub becomes: Becomes,
    /// Steps that must have ended well before this one is tried.
    pub needs: Vec<u32>,
    /// Ids of items of this kind that the same call erases.
    pub covers: Vec<String>,
    /// Places where bytes may stay behind.
    pub places: Vec<Place>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    pub kind: String,
    pub id: String,
}

/// One request that changes something. `address` is path and query below the host of the base, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    pub verb: Verb,
    pub base: Base,
    pub address: String,
    pub what: What,
}

/// The verbs that change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verb {
    Delete,
    Put,
    Post,
}

/// What a call is there for, which decides its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Erases. No body.
    Erase,
    /// Erases, with the document as it was just read as the body.
    EraseEntity,
    /// Sends the document as it was just read, with `EntityStatus` `Disabled`.
    Disable,
    /// Sends the text `"Disabled"`.
    DisableStatus,
    /// Asks for a cancellation, when the item is active; it is waited for. No body.
    Cancel,
    /// Sends the document as it was just read, with `properties/isEnabled` false, when it is true.
    SwitchOff,
    /// Reads the endpoint at this address, and sends it with this deployment's traffic at 0, when it has any.
    Unroute,
}

/// A request that shows the item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookAt {
    pub base: Base,
    pub address: String,
    /// A POST that reads, with this body; a GET without one.
    pub body: Option<String>,
    /// The key of the items, when the answer is a list.
    pub items: Option<String>,
}

/// What a step makes of its item when all goes well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Becomes {
    Erased,
    /// The record goes; what it pointed at stays.
    Unregistered,
    Disabled,
    SoftDeleted,
}

/// Where bytes may stay behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// In words that lead there: storage account, container, path.
    pub place: String,
    /// Whether the tool can look there.
    pub looked_at: bool,
}

/// An item that no step of its own erases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    pub kind: String,
    pub id: String,
    pub decision: Decision,
    pub reason: String,
}

/// What happens to an item. Every item of the inventory has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// It is erased by a step.
    Delete,
    /// It is switched off by a step, which erases nothing.
    Disable,
    /// It goes with what it hangs on.
    WithParent,
    /// It stays, although it could go.
    Keep,
    /// No API erases it.
    Cannot,
    /// It was gone when it was looked at.
    AlreadyGone,
}

/// Items that are counted only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Untouched {
    pub kind: String,
    pub decision: Decision,
    pub reason: String,
    pub items: u64,
}

/// How a step ended, in the words of a receipt. `Erased` only when the record and every place that we know agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case", deny_unknown_fields)]
pub enum State {
    Erased,
    AlreadyGone,
    Disabled,
    Archived,
    /// RFC 3339 date.
    SoftDeleted {
        until: String,
    },
    /// The record is gone, and these places still hold bytes.
    BytesRemain {
        places: Vec<String>,
    },
    /// The record is gone, and nobody looked at these places.
    NotLookedAt {
        places: Vec<String>,
    },
    /// It is no longer what the plan saw, so it was left alone.
    ChangedKept {
        why: String,
    },
    /// It was not tried, since something below it is still there.
    Kept {
        why: String,
    },
    Failed {
        why: String,
        status: Option<u16>,
        code: Option<String>,
    },
    /// The service said that it is done, and it is still there, or its name is still reserved.
    Unconfirmed {
        why: String,
    },
    Cannot {
        why: String,
    },
}

impl State {
    /// Whether what hangs above may be tried.
    pub fn is_gone(&self) -> bool {
        matches!(
            self,
            Self::Erased
                | Self::AlreadyGone
                | Self::BytesRemain { .. }
                | Self::NotLookedAt { .. }
                | Self::SoftDeleted { .. }
        )
    }

    /// Whether it is what the plan wanted.
    pub fn is_good(&self) -> bool {
        self.is_gone() || matches!(self, Self::Disabled)
    }
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    pub step: u32,
    pub state: State,
    /// RFC 3339, UTC.
    pub at: String,
    /// The service's own names of the requests that changed something, in their order.
    pub requests: Vec<String>,
}
