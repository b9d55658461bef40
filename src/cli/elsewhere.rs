//! `elsewhere.jsonl`: what lies around the workspaces of a bag and is not in it, by the documents that are.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::bag::{Bag, BagError, Page};
use crate::kinds::roots::{WORKSPACES, root_of_label};
use crate::plan::around::{Around, TELLING};
use crate::plan::residue::{Remains, telemetry};
use crate::render::ELSEWHERE;

/// The page. It is written from the payload alone, so that a merge of shards writes the same as an export in one piece.
#[derive(Debug)]
pub(super) struct Elsewhere;

/// A line of it.
#[derive(Serialize)]
struct Line<'a> {
    workspace: &'a str,
    #[serde(flatten)]
    remains: Remains,
}

/// What is read of a line of the coverage.
#[derive(Deserialize)]
struct Covered {
    workspace: String,
}

impl Page for Elsewhere {
    fn path(&self) -> &str {
        ELSEWHERE
    }

    fn write(&self, bag: &Bag, to: &mut dyn Write) -> Result<(), BagError> {
        for (label, around) in around(bag)? {
            let root = root_of_label(&label);
            for remains in around.remains(root).into_iter().chain([telemetry()]) {
                let line = Line {
                    workspace: &label,
                    remains,
                };
                let line = serde_json::to_string(&line).unwrap_or_default();
                writeln!(to, "{line}").map_err(|source| BagError::Disk {
                    doing: "write",
                    path: PathBuf::from(ELSEWHERE),
                    source,
                })?;
            }
        }
        Ok(())
    }
}

/// What lies around each workspace and registry of the bag, by their names. It grows with them and their datastores alone.
fn around(bag: &Bag) -> Result<BTreeMap<String, Around>, BagError> {
    let mut found: BTreeMap<String, Around> = BTreeMap::new();
    let mut lines = bag.lines("coverage.jsonl")?;
    while let Some(line) = lines.next_line()? {
        let Ok(Covered { workspace }) = serde_json::from_slice(line) else {
            continue;
        };
        let root = root_of_label(&workspace);
        // A list of registries that could not be read is none.
        if *root == WORKSPACES || root.name_of(&workspace) != workspace {
            found.entry(workspace).or_default();
        }
    }
    let mut documents = bag.documents();
    for item in bag.inventory()? {
        let item = item?;
        let Some((file, line)) = item.file.as_deref().zip(item.line) else {
            continue;
        };
        if !TELLING.contains(&item.kind.as_str()) {
            continue;
        }
        let doc = documents.get(file, line)?;
        let doc: serde_json::Value = serde_json::from_slice(doc).unwrap_or_default();
        found
            .entry(item.workspace)
            .or_default()
            .note(&item.kind, &doc);
    }
    Ok(found)
}
