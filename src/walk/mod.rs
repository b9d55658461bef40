//! FROM ROWS TO ITEMS: walks one or many workspaces and registries by the rows of the catalogue. No kind is named here.
//!
//! The walker knows neither disk nor terminal: it hands what it finds to a [`Store`] and says what happens to a reporter.
//! The unit of work is a page of a list with everything that hangs on its items. Pages are fetched ahead and worked on
//! together, but handed over in the order of the list, so that the same workspace gives the same payload whatever the
//! concurrency; and a page that was not handed over is done again after an interruption. Unfinished lists live in the
//! store, so that memory does not grow with the workspace.

mod census;
mod fetch;
mod gather;
pub mod people;
mod root;
pub mod shard;
mod store;
mod stream;
mod wave;

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::kinds::{self, Kind, Walk};
use crate::report::{Event, Gap, Reporter};
use crate::wire::{Fault, Wire};

pub use census::{Census, Counted, Remark, Shown, census, gone};
pub use root::{Roots, workspace_path};
pub use shard::Shard;
pub use store::{
    Commit, Finished, Found, Heard, Keep, Line, NewStream, Pending, RANK_REFERENCE, RANK_ROOT,
    Slot, Store, StoreError, Thing, Which, Whole,
};

/// Which kinds are wanted, and how much of each.
#[derive(Debug, Clone)]
pub struct Wanted {
    kinds: BTreeSet<&'static str>,
    /// Kind and id of what no list shows and a person named.
    pub named: Vec<(&'static str, String)>,
    /// Whether the bytes behind records are fetched.
    pub content: bool,
    /// Files larger than this, in bytes, are left out, and said.
    pub max_file: Option<u64>,
    /// Which part of it all is wanted here, when several machines share the work.
    pub shard: Option<Shard>,
}

impl Wanted {
    /// Everything, or the named kinds with the kinds that lead to them. The error is the name that no row has.
    pub fn new(names: &[String], content: bool, max_file: Option<u64>) -> Result<Self, String> {
        let mut wanted: BTreeSet<&'static str> = BTreeSet::new();
        if names.is_empty() {
            wanted.extend(kinds::all().map(|kind| kind.name));
        }
        let mut asked = Vec::new();
        for name in names {
            asked.push(
                kinds::find(name)
                    .filter(|kind| kind.walk != Walk::Finder)
                    .ok_or_else(|| name.clone())?,
            );
        }
        while let Some(kind) = asked.pop() {
            if !wanted.insert(kind.name) {
                continue;
            }
            asked.extend(kind.parent.and_then(kinds::find));
            if kind.walk == Walk::ByReference {
                // No list shows it, so whatever points at it has to be walked.
                asked.extend(
                    kinds::exported()
                        .filter(|row| row.refs.iter().any(|reference| reference.to == kind.name)),
                );
            }
        }
        // A finder only serves the kind that it points at.
        let finders: Vec<_> = kinds::all()
            .filter(|kind| kind.walk == Walk::Finder)
            .collect();
        for finder in finders {
            let serves = finder
                .refs
                .iter()
                .any(|reference| wanted.contains(reference.to));
            let leads = finder.parent.is_some_and(|parent| wanted.contains(parent));
            if serves && leads {
                wanted.insert(finder.name);
            } else {
                wanted.remove(finder.name);
            }
        }
        Ok(Self {
            kinds: wanted,
            named: Vec::new(),
            content,
            max_file,
            shard: None,
        })
    }

    /// With these items of a kind that no list shows, as far as the kind is wanted.
    #[must_use]
    pub fn naming(mut self, kind: &str, ids: &[String]) -> Self {
        if let Some(kind) = kinds::find(kind).filter(|kind| self.has(kind)) {
            self.named
                .extend(ids.iter().map(|id| (kind.name, id.clone())));
        }
        self
    }

    /// Whether a kind is wanted, for itself or for what hangs on it.
    pub fn has(&self, kind: &Kind) -> bool {
        self.kinds.contains(kind.name)
    }

    /// The wanted rows, in the order of the catalogue.
    pub fn rows(&self) -> impl Iterator<Item = &'static Kind> {
        kinds::all().filter(|kind| self.has(kind))
    }
}

/// Why the walk ended before its end. What was handed over is kept, and the same command goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Kinds were asked for of which the scope can have none: they lie below another sort of root.
    #[error(
        "none of the kinds that were asked for lies in a {one}: those of a workspace are asked for with -w, those of a registry with --registry, and both with --all-workspaces"
    )]
    Outside { one: &'static str },
    /// A scope without a workspace or registry, or without one that this identity may see.
    #[error(
        "no workspace is visible there, and no registry. Check the scope that is named, and whether you have a role on the workspaces and registries: without one they are not listed"
    )]
    Nowhere,
    /// What is below a management group, only the index knows, and it did not say.
    #[error(
        "what is below the management group {name} is not known: {fault}. Check its name with `az account management-group list`, and that you have the role Reader there"
    )]
    Group { name: String, fault: Fault },
}

/// How many lists are worked on at once. Requests are bounded by the wire; this bounds what is held in memory.
const LISTS_AT_ONCE: usize = 6;

/// Walks.
pub struct Walker<S: Store> {
    pub(crate) wire: Arc<Wire>,
    pub(crate) store: Arc<S>,
    pub(crate) wanted: Wanted,
    pub(crate) reporter: Arc<dyn Reporter>,
    /// No more pages are begun once this is cancelled; those under way come to their end.
    pub(crate) soon: CancellationToken,
    /// Bounds the items that are worked on at once.
    pub(crate) items: Arc<Semaphore>,
    /// Bounds the files that are fetched at once, beyond the wire's own bound.
    pub(crate) files: Arc<Semaphore>,
    /// Files under way, so that none is fetched twice at once.
    pub(crate) under_way: std::sync::Mutex<std::collections::HashMap<String, fetch::Alone>>,
}

impl<S: Store> Walker<S> {
    /// A walker over this wire into this store.
    pub fn new(
        wire: Arc<Wire>,
        store: Arc<S>,
        wanted: Wanted,
        soon: CancellationToken,
    ) -> Arc<Self> {
        let at_once = wire.settings.concurrency.max(1);
        Arc::new(Self {
            reporter: Arc::clone(&wire.reporter),
            soon,
            wire,
            store,
            wanted,
            items: Arc::new(Semaphore::new(at_once * 3)),
            files: Arc::new(Semaphore::new(at_once * 3)),
            under_way: std::sync::Mutex::default(),
        })
    }

    /// Ends the walk where it is, when it was asked to end.
    pub(crate) fn go_on(&self) -> Result<(), WalkError> {
        if self.soon.is_cancelled() {
            Err(Fault::Interrupted.into())
        } else {
            Ok(())
        }
    }

    /// Says that something is missing, and keeps it in the block.
    pub(crate) fn missing(&self, block: &mut S::Block, gap: Gap) {
        self.reporter.report(&Event::Missing(gap.clone()));
        block.gap(gap);
    }
}
