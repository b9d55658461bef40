//! What was really changed, in the order in which it happened: a delete that found nothing left does not stand here, and
//! one that takes its time stands where its effect took place.

use super::world::Home;
use serde_json::{Value, json};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Deleted,
    /// Gone, because what it hung on was deleted.
    Taken,
    /// Out of the workspace, and still running elsewhere.
    Detached,
    /// Out of sight, and kept for a while.
    SoftDeleted,
    Disabled,
    Canceled,
    Changed,
    /// Made by a request that meant to change it.
    Created,
}

impl Effect {
    fn word(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Taken => "taken",
            Self::Detached => "detached",
            Self::SoftDeleted => "soft-deleted",
            Self::Disabled => "disabled",
            Self::Canceled => "canceled",
            Self::Changed => "changed",
            Self::Created => "created",
        }
    }
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) method: &'static str,
    /// With its query.
    pub(crate) path: String,
    /// Whose it was: the name of a workspace or a registry.
    pub(crate) home: Home,
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) effect: Effect,
}

#[derive(Debug)]
pub(crate) struct Ledger {
    since: Instant,
    entries: Mutex<Vec<(u64, Entry)>>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            entries: Mutex::default(),
        }
    }
}

impl Ledger {
    fn entries(&self) -> MutexGuard<'_, Vec<(u64, Entry)>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self, entry: Entry) {
        let ms = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.entries().push((ms, entry));
    }

    pub(crate) fn read(&self) -> Value {
        let entries = self.entries();
        entries
            .iter()
            .enumerate()
            .map(|(at, (ms, entry))| {
                json!({"n": at + 1, "ms": ms, "method": entry.method, "path": entry.path,
                       entry.home.one(): entry.name, "kind": entry.kind, "id": entry.id,
                       "effect": entry.effect.word()})
            })
            .collect()
    }

    pub(crate) fn forget(&self) {
        self.entries().clear();
    }
}
