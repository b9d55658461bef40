//! A gap: something that was asked for and is not in the answer. Gaps are data.

use serde::Serialize;

/// What is missing, and why.
#[derive(Debug, Clone, Serialize)]
pub struct Gap {
    pub workspace: String,
    pub kind: &'static str,
    /// What it would have hung on: an experiment's name, a run id, an artifact's id.
    pub parent: Option<String>,
    pub class: Class,
    pub severity: Severity,
    /// A sentence: what happened, to what, and what to do next.
    pub reason: String,
    /// The whole story, with tries, waits and the service's words. Not part of the payload, since it differs each time.
    #[serde(skip)]
    pub detail: Option<String>,
    pub status: Option<u16>,
    /// The service's request id, for a support case. Not part of the payload, since it differs each time.
    #[serde(skip)]
    pub request_id: Option<String>,
}

/// Why something is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// 401 or 403.
    Denied,
    /// No generation of the list is there.
    NotOffered,
    /// The service asked for a longer wait than the budget has left, or kept asking.
    Throttled,
    /// The answer could not be understood, or led in a circle, or elsewhere.
    Malformed,
    /// Larger than the bound that keeps memory safe, or than `--max-file-size`.
    TooLarge,
    /// It was listed, and is gone.
    Vanished,
    /// No answer.
    Network,
    /// The service failed.
    Service,
    /// The bytes could not be had from the storage account.
    Storage,
    /// A fault of ours.
    Panic,
}

impl Class {
    /// The name in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::NotOffered => "not-offered",
            Self::Throttled => "throttled",
            Self::Malformed => "malformed",
            Self::TooLarge => "too-large",
            Self::Vanished => "vanished",
            Self::Network => "network",
            Self::Service => "service",
            Self::Storage => "storage",
            Self::Panic => "panic",
        }
    }
}

/// Whether it makes the answer incomplete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The answer is incomplete: exit code 3.
    Gap,
    /// Worth knowing, and nothing is missing that exists: a retired service, a reference that leads nowhere.
    Note,
}
