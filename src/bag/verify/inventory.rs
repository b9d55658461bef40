//! In a bag of ours, every line of the inventory points at what is there.

use super::super::reader::{Item, Lines};
use super::verdict::{Verdict, What};
use super::{BagError, Check, Sql, counted};
use rusqlite::OptionalExtension;

const INVENTORY: &str = "data/inventory.jsonl";

impl Check<'_> {
    pub(super) fn inventory(&mut self, verdict: &mut Verdict) -> Result<(), BagError> {
        let path = self.root.join(INVENTORY);
        if !path.is_file() {
            // That it is missing was said already, if it was listed; a bag of ours without one is none.
            verdict.problem(
                What::Dangling,
                INVENTORY,
                "a bag of this program has an inventory",
            );
            return Ok(());
        }
        let mut lines = Lines::open(path)?;
        let mut known: Option<(String, u64)> = None;
        loop {
            let item: Item = match lines.next_line() {
                Ok(Some(line)) => match serde_json::from_slice(line) {
                    Ok(item) => item,
                    Err(error) => {
                        verdict.problem(
                            What::Malformed,
                            INVENTORY,
                            format!("line {} cannot be read: {error}", lines.number()),
                        );
                        continue;
                    }
                },
                Ok(None) => return Ok(()),
                Err(error) => {
                    verdict.problem(What::Unreadable, INVENTORY, error.to_string());
                    return Ok(());
                }
            };
            let number = lines.number();
            if let Some(file) = item.file {
                let count = match &known {
                    Some((path, count)) if *path == file => *count,
                    _ => counted(&self.db, &format!("data/{file}"))?,
                };
                if item.line.is_none_or(|line| line == 0 || line > count) {
                    let line = item.line.unwrap_or(0);
                    verdict.problem(
                        What::Dangling,
                        INVENTORY,
                        format!(
                            "line {number} points at line {line} of {file}, which is not there"
                        ),
                    );
                }
                known = Some((file, count));
            }
            if let Some(bytes) = item.bytes.filter(|bytes| bytes.path.is_some()) {
                let path = bytes.path.unwrap_or_default();
                let digest: Option<String> = self
                    .db
                    .prepare_cached(
                        "SELECT digest FROM want WHERE path = ?1 AND algorithm = 'sha256'",
                    )
                    .and_then(|mut select| {
                        select
                            .query_row([format!("data/{path}")], |row| row.get(0))
                            .optional()
                    })
                    .sql()?;
                if digest.is_none() || digest != bytes.sha256 {
                    verdict.problem(
                        What::Dangling,
                        INVENTORY,
                        format!(
                            "line {number} points at {path}, which is not there or another file"
                        ),
                    );
                }
            }
        }
    }
}
