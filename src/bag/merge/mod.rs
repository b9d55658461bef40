//! Makes one bag of the parts of a whole.
//!
//! The parts are read once, line by line, and what they hold is committed as the walk would have committed it: list by list,
//! and then what references lead to, wave after wave. So the sealed bag has the order of an export that was never cut, and
//! nothing here has to know that order. What several parts hold (an item that was fetched for being referred to, what is
//! missing of a list that all of them read) is taken once. Memory does not grow with the parts: what would grow lies in the
//! state of the unfinished bag.

mod copy;
mod faults;
mod keep;
mod lists;
mod part;
mod pile;
mod roots;
mod waves;

use super::writer::Writer;
use super::{Bag, BagError};
use std::path::PathBuf;

/// Why parts cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    #[error(transparent)]
    Bag(#[from] BagError),
    #[error("{} does not fit together: {what}. Export this shard again", dir.display())]
    Torn { dir: PathBuf, what: String },
    #[error(
        "{} holds items of the list of {kind} in workspace {workspace} that another shard holds as well, so they were not cut from one whole",
        dir.display()
    )]
    Overlap {
        dir: PathBuf,
        kind: String,
        workspace: String,
    },
    #[error(
        "{} calls {ours} what another shard calls {theirs}: between two shards another one of that name came or went. Export the shards again", dir.display()
    )]
    Renamed {
        dir: PathBuf,
        ours: String,
        theirs: String,
    },
    #[error("a list refers to {kind} {id}, and no shard looked for it. Export the shards again")]
    NotLookedFor { kind: String, id: String },
}

/// What has to be known of the catalogue.
pub struct Catalogue<'a> {
    /// The lasting name of a kind; nothing for a kind that is not known.
    pub kind: &'a dyn Fn(&str) -> Option<&'static str>,
    /// The kind of which an item with the same id would be the same thing as one of this kind.
    pub same: &'a dyn Fn(&str) -> Option<&'static str>,
    /// The kinds that references lead to, in the order in which they are followed.
    pub followed: &'a [&'static str],
}

/// What the state of the unfinished bag holds meanwhile: lists of which a part brought items; the gaps of lists that all
/// parts read, with how often one part said each; gaps that wait until all items are known; items that were referred to; and
/// how often the part that was read last, and any part, said a line of its log of faults; and of how many parts each workspace
/// and registry was seen.
const SCHEMA: &str = "
DROP TABLE IF EXISTS merge_held; DROP TABLE IF EXISTS merge_gaps; DROP TABLE IF EXISTS merge_later; DROP TABLE IF EXISTS merge_items;
DROP TABLE IF EXISTS merge_faults; DROP TABLE IF EXISTS merge_roots;
CREATE TABLE merge_held (stream INTEGER PRIMARY KEY);
CREATE TABLE merge_gaps (
    stream INTEGER NOT NULL, digest TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (stream, digest)) WITHOUT ROWID;
CREATE TABLE merge_later (seq INTEGER PRIMARY KEY, stream INTEGER NOT NULL, part INTEGER NOT NULL, line BLOB NOT NULL);
CREATE INDEX ordered_later ON merge_later (stream, part, seq);
CREATE TABLE merge_items (
    number INTEGER PRIMARY KEY, workspace TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, stream INTEGER NOT NULL,
    part INTEGER NOT NULL, items INTEGER NOT NULL, missing INTEGER NOT NULL, digest TEXT NOT NULL, told TEXT NOT NULL,
    records BLOB NOT NULL, others TEXT NOT NULL DEFAULT '', UNIQUE (workspace, kind, id));
CREATE TABLE merge_roots (
    key TEXT PRIMARY KEY, folder TEXT NOT NULL, told TEXT NOT NULL, parts INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE merge_faults (
    digest TEXT PRIMARY KEY, part INTEGER NOT NULL, count INTEGER NOT NULL, most INTEGER NOT NULL) WITHOUT ROWID;
";

impl Writer {
    /// Takes everything that these parts hold, in the order of their numbers, and says of how many items they hold
    /// different documents. Afterwards the bag can be finished.
    pub fn merge(&mut self, parts: &[Bag], catalogue: &Catalogue<'_>) -> Result<u64, MergeError> {
        self.db.execute_batch(SCHEMA).map_err(self.sql())?;
        for (number, bag) in (0_u32..).zip(parts) {
            self.take_lists(number, bag, catalogue)?;
        }
        self.take_later_gaps(catalogue)?;
        let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        self.take_unseen(count, catalogue)?;
        let differing = self.take_followed(parts, catalogue)?;
        // Not before: several parts may bring something of one list.
        self.db
            .execute("UPDATE streams SET done = 1", [])
            .map_err(self.sql())?;
        self.take_faults(parts)?;
        Ok(differing)
    }
}

#[cfg(test)]
mod tests;
