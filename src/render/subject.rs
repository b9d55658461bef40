//! Whose bag it is, as `data/subject.json` says. A bag of a whole scope has none.

use serde::Deserialize;
use serde_json::Value;

use crate::bag::{Bag, BagError};

/// The person, and how the export was made for that person. What is not said stays unknown.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) identifiers: Vec<Identifier>,
    pub(super) portability: bool,
    pub(super) masked: Option<bool>,
    pub(super) candidates: Option<bool>,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Identifier {
    pub(super) form: String,
    pub(super) value: String,
}

impl Subject {
    /// Reads the file if there is one. A file in a shape that this program does not know still makes it the bag of a person.
    pub(super) fn of(bag: &Bag) -> Result<Option<Self>, BagError> {
        let Some(bytes) = bag.small_file("data/subject.json")? else {
            return Ok(None);
        };
        let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let identifiers = value["identifiers"].as_array().into_iter().flatten();
        Ok(Some(Self {
            identifiers: identifiers
                .filter_map(|one| Identifier::deserialize(one).ok())
                .collect(),
            portability: value["portability"].as_bool().unwrap_or_default(),
            masked: value["masked"].as_bool(),
            candidates: value["candidates"].as_bool(),
        }))
    }
}
