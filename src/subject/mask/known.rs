//! Short texts that stand in one document after another, keys above all. That nobody stands in them is found out once.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

/// Longer texts seldom come twice.
const LONGEST: usize = 64;
/// So many are remembered: documents of one service have some hundreds of keys.
const MOST: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct Known(RwLock<HashSet<Box<str>>>);

impl Known {
    /// Whether it is known that nobody stands in the text.
    pub(super) fn has(&self, text: &str) -> bool {
        text.len() <= LONGEST
            && self
                .0
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(text)
    }

    /// Remembers that nobody stands in the text. What has a digit in it is a number, a time or an id, and comes once.
    pub(super) fn add(&self, text: &str) {
        if text.len() > LONGEST || text.bytes().any(|byte| byte.is_ascii_digit()) {
            return;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST {
            known.insert(text.into());
        }
    }
}
