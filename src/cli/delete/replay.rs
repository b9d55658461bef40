//! Erasing again what came back with a restore: the list of an earlier receipt names items by keyed hashes only.

use std::path::Path;
use std::sync::Arc;

use super::ground::Ground;
use crate::cli::ending::{Ending, Failure};
use crate::cli::filter::Filter;
use crate::kinds::roots::in_words;
use crate::plan::folder;
use crate::plan::replay::Replay;

/// What the list chooses.
pub(super) fn filter(list: &Path, key: &Path, ground: &Ground) -> anyhow::Result<Arc<Filter>> {
    let refused = |message: String| Failure {
        ending: Ending::Refused,
        message,
    };
    let bytes = std::fs::read(list).map_err(|error| {
        Failure::usage(format!(
            "the list {} cannot be read: {error}",
            list.display()
        ))
    })?;
    let replay = Replay::open(&bytes).map_err(|error| {
        refused(format!(
            "the list {} cannot be used: {error}",
            list.display()
        ))
    })?;
    let key = folder::read_key(key)?
        .ok_or_else(|| Failure::usage(format!("there is no key {}", key.display())))?;
    replay
        .accepts(&key)
        .map_err(|error| refused(error.to_string()))?;
    if !replay.workspace.eq_ignore_ascii_case(&ground.scope.path) {
        return Err(refused(format!(
            "the list is about {}, and this is the {}, {}",
            replay.workspace,
            in_words(&ground.scope.workspace),
            ground.scope.path
        ))
        .into());
    }
    let words = format!(
        "what the receipt of {} says was erased, if it came back",
        replay.ended
    );
    Ok(Arc::new(Filter::replay(replay, key, words)))
}
