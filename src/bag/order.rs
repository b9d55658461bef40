//! The order of the sealed bag. Lists come to an end in a different order each time, so what they wrote is brought into the
//! order of workspace, folder, kind and key at the end; within a list, the order is the service's.
//!
//! A file that one list alone wrote is in order already and is not touched.

use super::draft::{Draft, Ranges};
use super::error::disk;
use super::places::Places;
use super::record::Entry;
use super::same::{Twins, parted};
use super::state::{FileRole, number};
use super::writer::{GAPS, INVENTORY, Writer};
use super::{BagError, FileFact};
use rusqlite::{Connection, params};
use std::fs;

impl Writer {
    /// Brings the payload into its order and writes `data/inventory.jsonl` and `data/gaps.jsonl`. [`finish`](Self::finish)
    /// does this too; who wants to read them before, for a report, calls it first. Doing it again is harmless.
    pub fn assemble(&mut self) -> Result<(), BagError> {
        if self.torn {
            self.files.forget();
            super::claim::settle(&self.places, &self.db)?;
            self.torn = false;
        }
        self.reorder()?;
        let inventory = self.inventory()?;
        self.file_done("inventory.jsonl", &inventory)?;
        let gaps = self.gaps()?;
        self.file_done("gaps.jsonl", &gaps)?;
        self.assembled = true;
        Ok(())
    }

    fn reorder(&mut self) -> Result<(), BagError> {
        let sql = self.sql();
        self.files.forget();
        let mut after = 0;
        loop {
            let next = self.db.query_row(
                "SELECT f.id, f.path FROM files f WHERE f.id > ?1 AND f.role = 1
                 AND EXISTS (SELECT 1 FROM parts p WHERE p.file = f.id AND p.seq > 0) ORDER BY f.id LIMIT 1",
                [after],
                |row| Ok((row.get(0)?, row.get::<_, String>(1)?)),
            );
            let (file, path) = match next {
                Ok(found) => found,
                Err(rusqlite::Error::QueryReturnedNoRows) => return Ok(()),
                Err(error) => return Err(sql(error)),
            };
            after = file;
            self.reorder_one(file, &path)?;
        }
    }

    /// Writes the file anew beside the state, notes that it is to replace the old one, and only then replaces it: a kill
    /// at any point leaves either the old file with the old rows, or the new rows with a swap that is caught up on.
    fn reorder_one(&mut self, file: i64, path: &str) -> Result<(), BagError> {
        let sql = self.sql();
        let name = format!("swap-{file}");
        let tx = self.db.unchecked_transaction().map_err(&sql)?;
        let Some(mut from) = Ranges::open(self.places.data().join(path))? else {
            return Ok(());
        };
        let mut draft = Draft::new(self.places.state().join(&name))?;
        {
            let mut select = tx
                .prepare_cached(
                    "SELECT p.stream, p.start, p.length, p.lines FROM parts p JOIN streams s ON s.id = p.stream
                     WHERE p.file = ?1 ORDER BY s.workspace, s.folder, s.kind, s.key, p.seq",
                )
                .map_err(&sql)?;
            // The new rows stand under the negative number until the old ones are gone.
            let mut insert = tx
                .prepare_cached(
                    "INSERT INTO parts (file, seq, stream, start, length, lines, base) VALUES (-?1, ?2, ?3, ?4, ?5, ?6, ?7)
                     ON CONFLICT DO UPDATE SET length = length + excluded.length, lines = lines + excluded.lines",
                )
                .map_err(&sql)?;
            let mut rows = select.query([file]).map_err(&sql)?;
            let (mut seq, mut current, mut lines) = (-1_i64, None, 0_u64);
            while let Some(row) = rows.next().map_err(&sql)? {
                let (stream, start, length, count): (i64, u64, u64, u64) = (|| {
                    Ok((
                        row.get(0)?,
                        number(row, 1)?,
                        number(row, 2)?,
                        number(row, 3)?,
                    ))
                })()
                .map_err(&sql)?;
                if current != Some(stream) {
                    seq += 1;
                    current = Some(stream);
                }
                insert
                    .execute(params![
                        file,
                        seq,
                        stream,
                        draft.length.cast_signed(),
                        length.cast_signed(),
                        count.cast_signed(),
                        lines.cast_signed()
                    ])
                    .map_err(&sql)?;
                draft.copy(&mut from, start, length)?;
                lines += count;
            }
        }
        draft.close()?;
        let replace = || {
            tx.execute("DELETE FROM parts WHERE file = ?1", [file])?;
            tx.execute("UPDATE parts SET file = ?1 WHERE file = -?1", [file])?;
            tx.execute(
                "UPDATE files SET swap = ?2, sha256 = NULL WHERE id = ?1",
                params![file, name],
            )
        };
        replace().map_err(&sql)?;
        tx.commit().map_err(&sql)?;
        self.reached("before a swap")?;
        finish_swaps(&self.places, &self.db)
    }

    fn inventory(&mut self) -> Result<FileFact, BagError> {
        let sql = self.sql();
        let mut draft = Draft::new(self.places.state().join("inventory.draft"))?;
        if let Some(mut log) = Ranges::open(self.places.state().join(INVENTORY))? {
            let mut base = self
                .db
                .prepare("SELECT base FROM parts WHERE file = ?1 AND stream = ?2")
                .map_err(&sql)?;
            let mut twins = Twins::of(&self.db).map_err(&sql)?;
            let (mut entry, mut known, mut line) = (Entry::default(), None, Vec::new());
            ordered(&self.db, INVENTORY, &sql, |stream, start, length| {
                log.go_to(start)?;
                let end = start + length;
                while log.at < end {
                    log.at += entry.read(&mut log.from).map_err(disk("read", &log.path))?;
                    line.clear();
                    let (head, same) = parted(&entry.head);
                    line.extend_from_slice(head);
                    if entry.file != 0 {
                        let first = match known {
                            Some((file, by, first)) if (file, by) == (entry.file, stream) => first,
                            _ => base
                                .query_row([entry.file, stream], |row| number(row, 0))
                                .map_err(&sql)?,
                        };
                        known = Some((entry.file, stream, first));
                        line.extend_from_slice(
                            format!(",\"line\":{}", first + entry.line).as_bytes(),
                        );
                    }
                    if let Some((text, other)) = same
                        && twins.has(stream, &other).map_err(&sql)?
                    {
                        line.extend_from_slice(text);
                    }
                    line.push(b',');
                    line.extend_from_slice(&entry.tail);
                    line.push(b'\n');
                    draft.write(&line)?;
                }
                Ok(())
            })?;
        }
        draft.close_as(&self.places.data().join("inventory.jsonl"))
    }

    fn gaps(&mut self) -> Result<FileFact, BagError> {
        let mut draft = Draft::new(self.places.state().join("gaps.draft"))?;
        if let Some(mut log) = Ranges::open(self.places.state().join(GAPS))? {
            ordered(&self.db, GAPS, &self.sql(), |_, start, length| {
                draft.copy(&mut log, start, length)
            })?;
        }
        draft.close_as(&self.places.data().join("gaps.jsonl"))
    }
}

/// The stretches of a log in the order of the sealed bag. The indexes give that order, so nothing is sorted in memory.
fn ordered(
    db: &Connection,
    log: &str,
    sql: &impl Fn(rusqlite::Error) -> BagError,
    mut each: impl FnMut(i64, u64, u64) -> Result<(), BagError>,
) -> Result<(), BagError> {
    let mut select = db
        .prepare_cached(
            "SELECT s.id, p.start, p.length FROM streams s INDEXED BY ordered_streams
             CROSS JOIN parts p ON p.stream = s.id AND p.file = (SELECT id FROM files WHERE path = ?1 AND role = ?2)
             ORDER BY s.workspace, s.folder, s.kind, s.key, p.seq",
        )
        .map_err(sql)?;
    let mut rows = select
        .query(params![log, FileRole::Log as i64])
        .map_err(sql)?;
    while let Some(row) = rows.next().map_err(sql)? {
        let (stream, start, length): (i64, u64, u64) =
            (|| Ok((row.get(0)?, number(row, 1)?, number(row, 2)?)))().map_err(sql)?;
        each(stream, start, length)?;
    }
    Ok(())
}

/// Catches up on swaps that were noted and perhaps not made.
pub(super) fn finish_swaps(places: &Places, db: &Connection) -> Result<(), BagError> {
    let sql = |source| BagError::state(places.state(), source);
    let swaps: Vec<(i64, String, String)> = db
        .prepare_cached("SELECT id, path, swap FROM files WHERE swap IS NOT NULL")
        .and_then(|mut select| {
            select
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect()
        })
        .map_err(sql)?;
    for (file, path, swap) in swaps {
        let (from, to) = (places.state().join(swap), places.data().join(path));
        if from.is_file() {
            fs::rename(&from, &to).map_err(disk("put into its place", &to))?;
        }
        db.execute("UPDATE files SET swap = NULL WHERE id = ?1", [file])
            .map_err(sql)?;
    }
    Ok(())
}
