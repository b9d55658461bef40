//! What was seen and not asked for: counted, and remembered only as far as it stands in the way of something else.
//!
//! A workspace may hold millions of items, so what is not asked for is kept as numbers of 128 bits and counts.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher as _};

use super::decide::Options;
use super::item::Item;
use super::way::{Way, way};

/// Two hashes of a few words.
pub(super) type Key = u128;

pub(super) fn key(words: &[&str]) -> Key {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, words).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    (half(1) << 64) | half(2)
}

/// Names that are given as examples.
const EXAMPLES: usize = 3;

/// Items that an export holds.
#[derive(Debug, Clone, Default)]
pub struct Held(HashSet<Key>);

impl Held {
    /// One that it holds.
    pub fn add(&mut self, kind: &str, id: &str) {
        self.0.insert(key(&[kind, id]));
    }

    /// Whether it holds an item.
    pub fn has(&self, kind: &str, id: &str) -> bool {
        self.0.contains(&key(&[kind, id]))
    }
}

/// Some items: how many, and the names of the first.
#[derive(Debug, Clone, Default)]
pub(super) struct Named {
    pub(super) count: u64,
    pub(super) names: Vec<String>,
}

impl Named {
    /// The names of the first, and a mark when there are more.
    pub(super) fn words(&self) -> String {
        let more = if self.count > self.names.len() as u64 {
            ", ..."
        } else {
            ""
        };
        format!("{}{more}", self.names.join(", "))
    }

    pub(super) fn add(&mut self, item: &Item) {
        self.count += 1;
        if self.names.len() < EXAMPLES {
            self.names.push(item.name());
        }
    }
}

/// Everything that was seen and not chosen.
#[derive(Debug, Default)]
pub struct Rest {
    /// What could not be read while looking through the workspace.
    pub gaps: u64,
    pub(super) counts: BTreeMap<&'static str, u64>,
    /// How many items of a kind hang on an item.
    below: HashMap<Key, u64>,
    /// Items that are protected, and what hangs on them, with the reason.
    protected: HashMap<Key, String>,
    /// Calls that would erase something protected.
    calls: HashSet<Key>,
    pub(super) kept: Named,
    pub(super) unheld: Named,
}

impl Rest {
    /// Takes note of an item that was not chosen. Items come as the walk gives them, what others hang on first.
    pub fn see(&mut self, item: &Item, options: &Options) {
        *self.counts.entry(item.kind.name).or_default() += 1;
        let ups = item.ups();
        for (kind, id) in &ups {
            *self
                .below
                .entry(key(&[item.kind.name, kind, id]))
                .or_default() += 1;
        }
        let why = options
            .protect
            .why(item.kind.name, &item.id, &item.doc)
            .or_else(|| {
                ups.iter()
                    .find_map(|(kind, id)| self.protects(kind, id))
                    .map(str::to_owned)
            });
        if let Some(why) = why {
            self.kept.add(item);
            self.protected.insert(key(&[item.kind.name, &item.id]), why);
            if let Some(way) = way(item, "", options) {
                self.calls.insert(call_key(&way));
            }
        }
        if options
            .held
            .as_ref()
            .is_some_and(|held| !held.has(item.kind.name, &item.id))
        {
            self.unheld.add(item);
        }
    }

    /// Says how many of a kind there are, when an earlier look has seen more of them than this one.
    pub fn count(&mut self, kind: &'static str, items: u64) {
        if items == 0 {
            self.counts.remove(kind);
        } else {
            self.counts.insert(kind, items);
        }
    }

    /// How many there are.
    pub fn items(&self) -> u64 {
        self.counts.values().sum()
    }

    /// How many items of a kind hang on an item.
    pub(super) fn below(&self, kind: &str, above: &str, id: &str) -> u64 {
        let found = self.below.get(&key(&[kind, above, id]));
        found.copied().unwrap_or_default()
    }

    /// Why an item that was not chosen is protected, when it is.
    pub(super) fn protects(&self, kind: &str, id: &str) -> Option<&str> {
        self.protected.get(&key(&[kind, id])).map(String::as_str)
    }

    /// Whether the call for an item would erase something protected as well.
    pub(super) fn protects_call(&self, item: &Item, options: &Options) -> bool {
        !self.calls.is_empty()
            && way(item, "", options).is_some_and(|way| self.calls.contains(&call_key(&way)))
    }
}

/// The call that erases, as a number; made without the workspace's own path on both sides.
fn call_key(way: &Way) -> Key {
    key(&[way.erasing().base.spec().prefix, &way.erasing().address])
}
