//! What is missing and what was looked at: gaps grouped by their reasons, and the coverage line by line.

use std::collections::HashMap;

use serde::Deserialize;

use crate::bag::{Bag, BagError};
use crate::kinds::roots;

/// Reasons that the page shows; the others are counted.
const GROUPS: usize = 200;
/// Lines of the coverage that the page shows.
const ROWS: usize = 5_000;

/// The catalogue has fewer kinds.
const KINDS: usize = 500;

/// A line of `gaps.jsonl`.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Gap {
    kind: String,
    parent: Option<String>,
    class: String,
    severity: String,
    reason: String,
}

/// Gaps that are alike.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) kind: String,
    pub(super) class: String,
    pub(super) reason: String,
    pub(super) example: Option<String>,
    pub(super) times: u64,
}

/// Gaps, or notes.
#[derive(Debug, Default)]
pub(super) struct Groups {
    pub(super) all: u64,
    pub(super) alike: Vec<Group>,
    /// Lines whose reasons are not shown.
    pub(super) more: u64,
    places: HashMap<(String, String, String), usize>,
}

/// A line of `coverage.jsonl`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Row {
    pub(super) workspace: String,
    pub(super) kind: String,
    pub(super) status: String,
    pub(super) items: u64,
    pub(super) files: u64,
    pub(super) gaps: u64,
    pub(super) notes: u64,
    pub(super) redactions: u64,
}

/// Everything about the limits of an export.
#[derive(Debug, Default)]
pub(super) struct Limits {
    pub(super) gaps: Groups,
    pub(super) notes: Groups,
    pub(super) rows: Vec<Row>,
    pub(super) more_rows: u64,
    /// Kinds that were looked at somewhere, and those that were nowhere.
    pub(super) looked_at: u64,
    pub(super) not_looked_at: u64,
    pub(super) workspaces: u64,
    pub(super) registries: u64,
}

impl Groups {
    fn add(&mut self, gap: Gap) {
        self.all += 1;
        // What an answer quotes may differ each time; the group does not need more of it.
        let reason: String = gap.reason.chars().take(1000).collect();
        let key = (gap.kind, gap.class, reason);
        match self.places.get(&key) {
            Some(at) => self.alike[*at].times += 1,
            None if self.alike.len() < GROUPS => {
                self.places.insert(key.clone(), self.alike.len());
                let (kind, class, reason) = key;
                let example = gap.parent.map(|parent| parent.chars().take(1000).collect());
                self.alike.push(Group {
                    kind,
                    class,
                    reason,
                    example,
                    times: 1,
                });
            }
            None => self.more += 1,
        }
    }
}

impl Limits {
    /// Reads both files.
    pub(super) fn of(bag: &Bag) -> Result<Self, BagError> {
        let mut limits = Self::default();
        let mut lines = bag.lines("gaps.jsonl")?;
        while let Some(line) = lines.next_line()? {
            // A line that cannot be understood is a gap as well: it must not vanish from the count.
            let gap: Gap = serde_json::from_slice(line).unwrap_or_default();
            if gap.severity == "note" {
                limits.notes.add(gap);
            } else {
                limits.gaps.add(gap);
            }
        }
        let mut seen: HashMap<String, bool> = HashMap::new();
        let mut last = None;
        let mut lines = bag.lines("coverage.jsonl")?;
        while let Some(line) = lines.next_line()? {
            let row: Row = serde_json::from_slice(line).unwrap_or_default();
            if seen.len() < KINDS || seen.contains_key(&row.kind) {
                let looked = row.status == "items" || row.status == "empty";
                *seen.entry(row.kind.clone()).or_default() |= looked;
            }
            // The lines of one workspace or registry stand together.
            if last.as_ref() != Some(&row.workspace) {
                match roots::root_of_label(&row.workspace) {
                    root if *root == roots::WORKSPACES => limits.workspaces += 1,
                    // A list of registries that could not be read is none.
                    root if root.name_of(&row.workspace) != row.workspace => limits.registries += 1,
                    _ => {}
                }
                last = Some(row.workspace.clone());
            }
            if limits.rows.len() < ROWS {
                limits.rows.push(row);
            } else {
                limits.more_rows += 1;
            }
        }
        limits.looked_at = seen.values().filter(|looked| **looked).count() as u64;
        limits.not_looked_at = seen.len() as u64 - limits.looked_at;
        Ok(limits)
    }
}
