//! What belongs to the work and may not come into the bag: lines for a log beside it, and names that were given away.
//!
//! They lie in the state and come into it together with the page or the file that they speak of. So after a kill they say
//! neither more nor less than what is in the bag, and a run that goes on gives the same names again.

use super::error::disk;
use super::slot::PARTS;
use super::writer::Writer;
use super::{BagError, claim, state};
use rusqlite::{Connection, OptionalExtension, Result, params};
use std::io;

/// A line for the log beside the bag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// What it speaks of; of a file its path in the payload. The log is in the order of these.
    pub key: String,
    /// How many things it lists.
    pub count: u64,
    pub line: String,
}

/// Whether a later run goes by what an earlier one settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Nothing was settled before.
    New,
    Same,
    Otherwise,
}

pub(super) fn add(db: &Connection, key: &str, count: u64, line: &str) -> Result<()> {
    db.prepare_cached("INSERT INTO asides (key, count, line) VALUES (?1, ?2, ?3)")?
        .execute(params![key, count.cast_signed(), line])
        .map(drop)
}

/// Forgets what was said of a file that was fetched again.
pub(super) fn forget(db: &Connection, key: &str) -> Result<()> {
    db.prepare_cached("DELETE FROM asides WHERE key = ?1")?
        .execute([key])
        .map(drop)
}

/// Takes note of who holds a name. The first one keeps it.
pub(super) fn name(db: &Connection, name: &str, holder: &str) -> Result<()> {
    db.prepare_cached("INSERT OR IGNORE INTO names VALUES (?1, ?2)")?
        .execute([name, holder])
        .map(drop)
}

impl Writer {
    /// The log beside the bag, line by line, in an order that does not depend on who was first.
    pub fn asides<E: From<BagError>>(
        &self,
        mut each: impl FnMut(&str) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let sql = self.sql();
        let mut select = self
            .db
            .prepare_cached("SELECT line FROM asides ORDER BY key, line")
            .map_err(&sql)?;
        let mut rows = select.query([]).map_err(&sql)?;
        while let Some(row) = rows.next().map_err(&sql)? {
            let line = row.get_ref(0).map_err(&sql)?;
            each(line.as_str().map_err(|error| sql(error.into()))?)?;
        }
        Ok(())
    }

    /// How many things the lines of the log list together.
    pub fn aside_count(&self) -> std::result::Result<u64, BagError> {
        state::count(&self.db, "SELECT coalesce(sum(count), 0) FROM asides").map_err(self.sql())
    }

    /// Every name that was given away, with its holder.
    pub fn names(&self) -> std::result::Result<Vec<(String, String)>, BagError> {
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        self.db
            .prepare_cached("SELECT name, holder FROM names")
            .and_then(|mut select| select.query_map([], read)?.collect())
            .map_err(self.sql())
    }

    /// Settles something for the whole of the work, such as who stands for whom, or compares it with what an earlier run
    /// settled.
    pub fn settle_on(&mut self, what: &str, value: &str) -> std::result::Result<Settled, BagError> {
        let sql = self.sql();
        let known: Option<String> = self
            .db
            .prepare_cached("SELECT value FROM settled WHERE what = ?1")
            .and_then(|mut select| select.query_row([what], |row| row.get(0)).optional())
            .map_err(&sql)?;
        match known {
            Some(known) if known == value => Ok(Settled::Same),
            Some(_) => Ok(Settled::Otherwise),
            None => {
                self.db
                    .execute("INSERT INTO settled VALUES (?1, ?2)", [what, value])
                    .map_err(&sql)?;
                Ok(Settled::New)
            }
        }
    }

    /// Forgets everything that was brought so far and begins anew, with something settled otherwise than before.
    ///
    /// After the transaction nothing of the old work counts any more. What a kill leaves of its files is swept when the work
    /// is taken up again.
    pub fn begin_anew(&mut self, what: &str, value: &str) -> std::result::Result<(), BagError> {
        let sql = self.sql();
        self.files.forget();
        let tx = self.db.unchecked_transaction().map_err(&sql)?;
        tx.execute_batch(state::FORGET).map_err(&sql)?;
        tx.execute("INSERT INTO settled VALUES (?1, ?2)", [what, value])
            .map_err(&sql)?;
        claim::begin(&tx).map_err(&sql)?;
        tx.commit().map_err(&sql)?;
        self.reached("after forgetting")?;
        claim::settle(&self.places, &self.db)?;
        let parts = self.places.state().join(PARTS);
        match std::fs::remove_dir_all(&parts) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(disk("delete", &parts)(error));
            }
            _ => {}
        }
        self.resumed = None;
        self.assembled = false;
        self.torn = false;
        Ok(())
    }
}
