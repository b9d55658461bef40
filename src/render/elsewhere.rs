//! Where more may lie, as far as the documents of the bag name it.

use std::io;

use serde::Deserialize;

use super::Language;
use super::html::Value;
use super::record::LONG;
use crate::bag::{Bag, BagError};
use crate::plan::residue::What;

/// The file of the payload that says so.
pub const ELSEWHERE: &str = "elsewhere.jsonl";

/// Places that the page shows; the file has all.
const SHOWN: usize = 500;

/// What is read of a line.
#[derive(Deserialize)]
struct Line {
    workspace: String,
    what: What,
    #[serde(rename = "where")]
    place: Option<String>,
}

/// A place with its name.
pub(super) struct Place {
    pub(super) what: &'static str,
    pub(super) value: Value,
    pub(super) ask: &'static str,
}

/// The places that are known by name.
#[derive(Default)]
pub(super) struct Places {
    pub(super) shown: Vec<Place>,
    pub(super) more: u64,
}

impl Places {
    /// Reads them. Bags of earlier versions have no such file.
    pub(super) fn of(bag: &Bag, several: bool, language: Language) -> Result<Self, BagError> {
        let mut places = Self::default();
        let mut lines = match bag.lines(ELSEWHERE) {
            Ok(lines) => lines,
            Err(BagError::Disk { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Ok(places);
            }
            Err(error) => return Err(error),
        };
        let told = language.receipt_words();
        while let Some(line) = lines.next_line()? {
            // A line of a later version says something that this one has no words for; the file is there to be read.
            let Ok(line) = serde_json::from_slice::<Line>(line) else {
                places.more += 1;
                continue;
            };
            let Some(place) = line.place else {
                continue;
            };
            if places.shown.len() >= SHOWN {
                places.more += 1;
                continue;
            }
            let (what, _, ask) = told.remains[line.what as usize];
            places.shown.push(Place {
                what,
                value: Value {
                    code: true,
                    before: several.then(|| format!("{}: ", line.workspace)),
                    ..Value::foreign(&place, LONG, language)
                },
                ask,
            });
        }
        Ok(places)
    }
}
