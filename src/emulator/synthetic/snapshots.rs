//! The code of a computed run history. Runs that follow each other share a snapshot, since most were submitted again
//! without a change; so a large history has few of them.

use super::crowd;
use super::documents::word;
use crate::emulator::Shape;
use crate::emulator::mint::{Mint, guid_of};
use crate::emulator::text;
use crate::emulator::world::Workspace;
use crate::emulator::world::snapshots::listing;

const SHARED_BY: u64 = 250;

pub(super) fn count(shape: &Shape) -> u64 {
    shape.runs.div_ceil(SHARED_BY)
}

/// The snapshot of a run.
pub(super) fn of_run(mint: Mint, index: u64) -> String {
    id(mint, index / SHARED_BY)
}

/// A number stands at its end, so that a listing is found without a search.
pub(super) fn id(mint: Mint, at: u64) -> String {
    guid_of(word(mint, at, 40), at)
}

pub(super) fn snapshot_text(mint: Mint, shape: &Shape, at: u64) -> String {
    let id = id(mint, at);
    let mut paths = vec!["train.py".to_owned(), "src/model.py".to_owned()];
    if shape.people.is_some() {
        let who = word(mint, at, 12) % crowd::count(shape);
        let mail = crowd::person(mint, shape, who).mail();
        paths.push(format!("notebooks/asked by {mail}/explore.ipynb"));
    }
    text::render(&listing(mint, &id, &paths))
}

/// The listing of a snapshot that is computed and still there.
pub(crate) fn snapshot(mint: Mint, workspace: &Workspace, key: &str) -> Option<String> {
    let shape = workspace.shape.as_ref()?;
    let at = u64::from_str_radix(key.rsplit('-').next()?, 16).ok()?;
    let there = at < count(shape) && id(mint, at) == key && !workspace.gone_snapshots.contains(key);
    there.then(|| snapshot_text(mint, shape, at))
}
