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

/// Places of one sort that follow each other, with their names.
pub(super) struct Place {
    pub(super) what: &'static str,
    pub(super) values: Vec<Value>,
    /// The words before whom to ask, and whom.
    pub(super) ask: [&'static str; 2],
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
        let mut count = 0;
        while let Some(line) = lines.next_line()? {
            // A line of a later version says something that this one has no words for; the file is there to be read.
            let Ok(line) = serde_json::from_slice::<Line>(line) else {
                places.more += 1;
                continue;
            };
            let Some(place) = line.place else {
                continue;
            };
            if count >= SHOWN {
                places.more += 1;
                continue;
            }
            count += 1;
            let (what, _, ask) = told.remains[line.what as usize];
            let value = Value {
                code: true,
                before: several.then(|| format!("{}: ", line.workspace)),
                ..Value::foreign(&place, LONG, language)
            };
            match places.shown.last_mut() {
                Some(last) if last.what == what => last.values.push(value),
                _ => places.shown.push(Place {
                    what,
                    values: vec![value],
                    ask: [told.ask, ask],
                }),
            }
        }
        Ok(places)
    }
}
