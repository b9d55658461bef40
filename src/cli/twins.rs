//! What was found twice and is one thing: a run, and the job as which the resource manager shows it.

use std::collections::HashSet;

use super::look::Hit;
use crate::kinds;

/// Finds in kinds that show the same things as another kind does, to tell whether both were found.
pub(super) struct Twins<'h>(HashSet<(&'h str, &'static str, &'h str)>);

impl<'h> Twins<'h> {
    pub(super) fn of(hits: &'h [Hit]) -> Self {
        let shown_twice = hits
            .iter()
            .filter(|hit| kinds::same(hit.kind.name).is_some());
        Self(
            shown_twice
                .map(|hit| (hit.workspace.as_str(), hit.kind.name, hit.id.as_str()))
                .collect(),
        )
    }

    /// The kind in which the same thing was found as well.
    pub(super) fn of_hit(&self, hit: &Hit) -> Option<&'static str> {
        let other = kinds::same(hit.kind.name)?.name;
        let key = (hit.workspace.as_str(), other, hit.id.as_str());
        self.0.contains(&key).then_some(other)
    }
}
