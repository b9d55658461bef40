//! WHAT HAPPENED: one enum of events, and who listens.
//!
//! The rooms below say what happened; the front end decides how it looks. Facts travel inside the event, so that a
//! listener never has to ask the walker anything.

pub mod gap;
pub mod tally;

use std::time::Duration;

pub use gap::{Class, Gap, Severity};

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// A sentence for the person: which credential served, what is resumed, and so on.
    Said(String),
    /// Work on a workspace begins.
    Workspace { name: String },
    /// A list began, or goes on after an interruption.
    ListStarted {
        kind: &'static str,
        workspace: String,
    },
    /// A page of a list is in the bag: this many items.
    PageKept {
        kind: &'static str,
        workspace: String,
        items: u64,
    },
    /// A list came to its end.
    ListEnded {
        kind: &'static str,
        workspace: String,
    },
    /// Items of a kind were gathered.
    Items {
        kind: &'static str,
        workspace: String,
        count: u64,
    },
    /// Bytes of a file arrived.
    Bytes { count: u64 },
    /// A file is whole.
    FileDone { bytes: u64 },
    /// A request was sent; `status` is `None` when no answer came.
    Sent {
        host: String,
        method: &'static str,
        path: String,
        status: Option<u16>,
        request_id: Option<String>,
        took: Duration,
    },
    /// Requests of a host wait, and why.
    Waiting {
        host: String,
        wait: Duration,
        why: Why,
    },
    /// An older form of an API answered.
    Generation {
        service: &'static str,
        workspace: String,
        generation: u8,
    },
    /// Something is missing from the answer.
    Missing(Gap),
    /// Ctrl-C: what is in flight is finished.
    Interrupted,
}

/// Why requests wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The service said that there are too many requests.
    Throttled,
    /// The service is busy or failed.
    Busy,
    /// The connection failed.
    Network,
    /// The quota of the service is nearly used up.
    NearLimit,
}

impl Why {
    /// In words that follow the name of a host.
    pub fn words(self) -> &'static str {
        match self {
            Self::Throttled => "throttled by",
            Self::Busy => "no good answer from",
            Self::Network => "no connection to",
            Self::NearLimit => "near the limit of",
        }
    }
}

/// Who listens.
pub trait Reporter: Send + Sync {
    /// Takes note of an event. It must return at once: requests wait for it.
    fn report(&self, event: &Event);
}

/// Several listeners.
pub struct All(pub Vec<std::sync::Arc<dyn Reporter>>);

impl Reporter for All {
    fn report(&self, event: &Event) {
        for listener in &self.0 {
            listener.report(event);
        }
    }
}

/// Nobody listens.
pub struct Nobody;

impl Reporter for Nobody {
    fn report(&self, _: &Event) {}
}
