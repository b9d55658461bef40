//! The times and request ids of all gaps: a log of what happened in every part. What all parts met alike, since each had to
//! read the same list, is told once, with the time and the request of the first that met it.

use super::super::error::disk;
use super::super::hex::sha256;
use super::super::places::open_private;
use super::super::reader::{Bag, Lines};
use super::super::writer::{FAULTS, Writer};
use super::super::{BagError, TAGS};
use super::MergeError;
use rusqlite::{OptionalExtension, params};
use std::io::{BufWriter, Seek, SeekFrom, Write};

impl Writer {
    pub(super) fn take_faults(&self, parts: &[Bag]) -> Result<(), MergeError> {
        let place = self.places.state().join(FAULTS);
        let mut to = open_private(&place).map_err(disk("write", &place))?;
        to.seek(SeekFrom::End(0)).map_err(disk("write", &place))?;
        let mut to = BufWriter::new(to);
        for (number, bag) in (0_u32..).zip(parts) {
            let path = bag.root().join(TAGS).join("faults.jsonl");
            // No gap, no fault.
            if !path.try_exists().map_err(disk("read", &path))? {
                continue;
            }
            let tx = self.db.unchecked_transaction().map_err(self.sql())?;
            let mut lines = Lines::open(path)?;
            while let Some(line) = lines.next_line()? {
                if self.is_news(number, line)? {
                    to.write_all(line)
                        .and_then(|()| to.write_all(b"\n"))
                        .map_err(disk("write", &place))?;
                }
            }
            tx.commit().map_err(self.sql())?;
        }
        to.flush().map_err(disk("write", &place))?;
        Ok(())
    }

    /// Whether a part says a line more often than any part before it.
    fn is_news(&self, part: u32, line: &[u8]) -> Result<bool, BagError> {
        let digest = sha256(&timeless(line));
        let known = self
            .db
            .prepare_cached("SELECT part, count, most FROM merge_faults WHERE digest = ?1")
            .and_then(|mut select| {
                select
                    .query_row([&digest], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                    .optional()
            })
            .map_err(self.sql())?;
        let (said_by, count, most): (u32, i64, i64) = known.unwrap_or((part, 0, 0));
        let count = if said_by == part { count + 1 } else { 1 };
        self.db
            .prepare_cached("INSERT OR REPLACE INTO merge_faults VALUES (?1, ?2, ?3, ?4)")
            .and_then(|mut upsert| upsert.execute(params![digest, part, count, count.max(most)]))
            .map_err(self.sql())?;
        Ok(count > most)
    }
}

/// A line without what is of its moment.
fn timeless(line: &[u8]) -> Vec<u8> {
    match serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(line) {
        Ok(mut fault) => {
            fault.retain(|name, _| name != "at" && name != "request_id");
            serde_json::to_vec(&fault).unwrap_or_else(|_| line.to_vec())
        }
        Err(_) => line.to_vec(),
    }
}
