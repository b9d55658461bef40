//! Counts, from events alone.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{Class, Event, Reporter, Severity};

/// What was counted. Bounded: a number a kind, not a number an item.
#[derive(Debug, Default)]
pub struct Tally {
    requests: AtomicU64,
    bytes: AtomicU64,
    files: AtomicU64,
    waits: AtomicU64,
    sums: Mutex<Sums>,
}

/// The sums that need a lock.
#[derive(Debug, Default, Clone)]
pub struct Sums {
    /// Items per kind, in the order of names.
    pub items: BTreeMap<&'static str, u64>,
    /// Gaps by kind and class.
    pub gaps: BTreeMap<(&'static str, Class), u64>,
    /// Notes by kind and class.
    pub notes: BTreeMap<(&'static str, Class), u64>,
    /// Time for which hosts asked to be left alone.
    pub waited: Duration,
    /// Which generation answered, by workspace and service.
    pub generations: BTreeMap<(String, &'static str), u8>,
}

impl Tally {
    /// Requests sent, tries included.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Bytes of files received now (not those of an earlier, interrupted start).
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Files completed now.
    pub fn files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }

    /// How often requests had to wait.
    pub fn waits(&self) -> u64 {
        self.waits.load(Ordering::Relaxed)
    }

    /// A copy of the sums.
    pub fn sums(&self) -> Sums {
        self.sums
            .lock()
            .map(|sums| sums.clone())
            .unwrap_or_default()
    }
}

impl Reporter for Tally {
    fn report(&self, event: &Event) {
        match event {
            Event::Sent { .. } => {
                self.requests.fetch_add(1, Ordering::Relaxed);
            }
            Event::Bytes { count } => {
                self.bytes.fetch_add(*count, Ordering::Relaxed);
            }
            Event::FileDone { .. } => {
                self.files.fetch_add(1, Ordering::Relaxed);
            }
            Event::Waiting { wait, .. } => {
                self.waits.fetch_add(1, Ordering::Relaxed);
                if let Ok(mut sums) = self.sums.lock() {
                    sums.waited += *wait;
                }
            }
            Event::Items { kind, count, .. } => {
                if let Ok(mut sums) = self.sums.lock() {
                    *sums.items.entry(kind).or_default() += count;
                }
            }
            Event::Missing(gap) => {
                if let Ok(mut sums) = self.sums.lock() {
                    let key = (gap.kind, gap.class);
                    let counts = if gap.severity == Severity::Gap {
                        &mut sums.gaps
                    } else {
                        &mut sums.notes
                    };
                    *counts.entry(key).or_default() += 1;
                }
            }
            Event::Generation {
                service,
                workspace,
                generation,
            } => {
                if let Ok(mut sums) = self.sums.lock() {
                    sums.generations
                        .insert((workspace.clone(), service), *generation);
                }
            }
            _ => {}
        }
    }
}
