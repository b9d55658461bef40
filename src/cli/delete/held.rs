//! What a bag holds, when nothing may be erased that it does not hold.

use std::collections::HashSet;
use std::path::Path;

use crate::bag::{self, Bag};
use crate::cli::closure::{Key, key};
use crate::cli::ending::{Ending, Failure};
use crate::cli::filter::Filter;
use crate::plan::model::Export;
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
    /// Verifies every byte of a bag and reads what it holds of a workspace.
    pub(super) fn open(path: &Path, workspace: &str) -> anyhow::Result<Self> {
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
        for item in bag.inventory()? {
            let item = item?;
            if item.workspace == workspace {
                held.add(&item.kind, &item.id);
                items.insert(key(workspace, &item.kind, &item.id));
            }
        }
        let name = path.file_name().map_or_else(
            || path.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        );
        if items.is_empty() {
            return Err(Failure::usage(format!(
                "the bag {name} holds nothing of the workspace {workspace}"
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
