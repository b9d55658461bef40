//! What a bag holds, when nothing may be erased that it does not hold.

use std::collections::HashSet;
use std::path::Path;

use crate::bag::{self, Bag};
use crate::cli::closure::{Key, key};
use crate::cli::ending::{Ending, Failure};
use crate::cli::filter::Filter;
use crate::kinds::roots::in_words;
use crate::plan::model::{Export, Scope};
use crate::plan::rest::Held;

/// A verified bag.
pub(super) struct HeldBag {
    pub held: Held,
    /// The same items, to be chosen.
    pub items: HashSet<Key>,
    pub export: Export,
    /// Whether people in it stand under pseudonyms: then names in it may not be the names of the service.
    pub masked: bool,
    name: String,
}

impl HeldBag {
    /// Verifies every byte of a bag and reads what it holds of the workspace or registry of a plan. That is known by the address
    /// that an item came from: there may be others of the same name, in the same bag or in another.
    pub(super) fn open(path: &Path, scope: &Scope) -> anyhow::Result<Self> {
        let verdict = bag::verify(path, &mut |_| {})?;
        if !verdict.is_good() {
            return Err(Failure {
                ending: Ending::VerificationFailed,
                message: format!(
                    "the bag {} is not valid, so nothing is erased on its word; `aml-dsr verify` says what is wrong",
                    path.display()
                ),
            }
            .into());
        }
        let bag = Bag::open(path)?;
        let (mut held, mut items) = (Held::default(), HashSet::new());
        let place = scope.path.to_lowercase();
        for item in bag.inventory()? {
            let item = item?;
            if lies_in(&item.source, &place) {
                held.add(&item.kind, &item.id);
                items.insert(key(&scope.workspace, &item.kind, &item.id));
            }
        }
        let name = path.file_name().map_or_else(
            || path.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        );
        if items.is_empty() {
            return Err(Failure::usage(format!(
                "the bag {name} holds nothing of the {}, which is {}",
                in_words(&scope.workspace),
                scope.path
            )));
        }
        let masked = bag
            .info("Aml-Dsr-Masking")
            .is_some_and(|text| !text.starts_with("NOT MASKED"));
        Ok(Self {
            held,
            items,
            export: Export::Bag {
                name: name.clone(),
                manifest: verdict.manifest.unwrap_or_default(),
            },
            masked,
            name,
        })
    }

    /// Exactly what it holds.
    pub(super) fn filter(&self) -> Filter {
        Filter::only(
            self.items.clone(),
            format!("what the bag {} holds", self.name),
        )
    }
}

/// Whether an address is that of a workspace or registry, or below it. `place` is its path in lower case; letter case in
/// addresses is nobody's promise.
fn lies_in(source: &str, place: &str) -> bool {
    let source = source.to_lowercase();
    source
        .find(place)
        .map(|at| &source[at + place.len()..])
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

#[cfg(test)]
mod tests {
    use super::lies_in;

    #[test]
    fn an_item_lies_where_it_came_from() {
        let place = "/subscriptions/s/resourcegroups/g/providers/p/workspaces/lab";
        for inside in [
            "/subscriptions/S/resourceGroups/g/providers/P/workspaces/Lab?api-version=1",
            "/subscriptions/s/resourceGroups/g/providers/p/workspaces/lab/jobs?x=1",
            "/history/v1.0/subscriptions/s/resourceGroups/g/providers/p/workspaces/lab/experiments",
            "/subscriptions/s/resourceGroups/g/providers/p/workspaces/lab",
        ] {
            assert!(lies_in(inside, place), "{inside}");
        }
        for outside in [
            "/subscriptions/t/resourceGroups/g/providers/p/workspaces/lab/jobs",
            "/subscriptions/s/resourceGroups/h/providers/p/workspaces/lab/jobs",
            "/subscriptions/s/resourceGroups/g/providers/p/workspaces/lab-2/jobs",
            "/subscriptions/s/resourceGroups/g/providers/p/registries/lab",
            "",
        ] {
            assert!(!lies_in(outside, place), "{outside}");
        }
    }
}
