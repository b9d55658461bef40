//! Files that grow by whole lines, committed together with the state.
//!
//! A file opened here is first cut to its committed length, so what a failed commit or a killed program left behind is
//! never built upon. A bounded number stays open.

use super::error::disk;
use super::places::{Places, open_private};
use super::state::{FileRole, number};
use super::{BagError, STATE};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

const OPEN: usize = 64;
const BUFFERED: usize = 1 << 20;
/// How much may be in the hands of the system only, should the power fail.
const UNSYNCED: u64 = 64 << 20;
const SYNC_AFTER: Duration = Duration::from_secs(1);

pub(super) struct Appenders {
    places: Places,
    open: HashMap<String, Appender>,
    clock: u64,
    unsynced: u64,
    synced_at: Instant,
    /// Closed since the last time the disk was asked to keep everything. As many as a second of commits brings.
    closed: BTreeSet<PathBuf>,
}

struct Appender {
    id: i64,
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
    length: u64,
    lines: u64,
    part: Option<Part>,
    /// Changed since its row was written.
    changed: bool,
    /// Changed since the disk was asked to keep it.
    dirty: bool,
    used: u64,
}

/// The stretch at the end of a file that one stream wrote.
struct Part {
    seq: i64,
    stream: i64,
    start: u64,
    length: u64,
    lines: u64,
    /// Lines of the same stream in earlier stretches.
    before: u64,
}

/// Where an appended line went: the file's number, and the line within what its stream wrote to the file.
pub(super) struct Spot {
    pub(super) file: i64,
    pub(super) line: u64,
}

impl Appenders {
    pub(super) fn new(places: Places) -> Self {
        Self {
            places,
            open: HashMap::new(),
            clock: 0,
            unsynced: 0,
            synced_at: Instant::now(),
            closed: BTreeSet::new(),
        }
    }

    /// Appends a line (its line feed is the caller's) for a stream, within the caller's transaction.
    pub(super) fn append(
        &mut self,
        db: &Connection,
        stream: i64,
        role: FileRole,
        path: &str,
        parts: [&[u8]; 2],
    ) -> Result<Spot, BagError> {
        self.clock += 1;
        if !self.open.contains_key(path) {
            if self.open.len() >= OPEN {
                self.evict(db)?;
            }
            let appender = self.load(db, role, path)?;
            self.open.insert(path.to_owned(), appender);
        }
        let state = self.places.state();
        let Some(appender) = self.open.get_mut(path) else {
            return Err(BagError::Outside {
                path: path.to_owned(),
            });
        };
        appender.used = self.clock;
        let sql = |source| BagError::state(state.clone(), source);
        appender.turn_to(db, stream).map_err(sql)?;
        for bytes in parts {
            appender.buffer.extend_from_slice(bytes);
            appender.length += bytes.len() as u64;
            self.unsynced += bytes.len() as u64;
        }
        appender.lines += 1;
        appender.changed = true;
        let mut line = appender.lines;
        if let Some(part) = &mut appender.part {
            part.lines += 1;
            part.length = appender.length - part.start;
            line = part.before + part.lines;
        }
        if appender.buffer.len() >= BUFFERED {
            appender.flush()?;
        }
        Ok(Spot {
            file: appender.id,
            line,
        })
    }

    /// Brings everything to the files and their rows. What the rows say is in the hands of the system before the
    /// transaction ends, and on the disk at the latest a second of commits later.
    pub(super) fn record(&mut self, db: &Connection) -> Result<(), BagError> {
        let sync = self.unsynced >= UNSYNCED || self.synced_at.elapsed() >= SYNC_AFTER;
        let state = self.places.state();
        for appender in self.open.values_mut() {
            if appender.changed {
                appender.flush()?;
                appender
                    .write_row(db)
                    .map_err(|source| BagError::state(state.clone(), source))?;
            }
            if sync && appender.dirty {
                appender.sync()?;
            }
        }
        if sync {
            while let Some(path) = self.closed.pop_first() {
                let file = open_private(&path).map_err(disk("open", &path))?;
                file.sync_data().map_err(disk("write", &path))?;
            }
            self.unsynced = 0;
            self.synced_at = Instant::now();
        }
        Ok(())
    }

    /// Forgets what is open: after a failure, nothing here is what the rows say.
    pub(super) fn forget(&mut self) {
        let dirty = self.open.drain().filter(|(_, appender)| appender.dirty);
        self.closed.extend(dirty.map(|(_, appender)| appender.path));
    }

    fn evict(&mut self, db: &Connection) -> Result<(), BagError> {
        let Some(oldest) = self
            .open
            .iter()
            .min_by_key(|(_, appender)| appender.used)
            .map(|(path, _)| path.clone())
        else {
            return Ok(());
        };
        if let Some(mut appender) = self.open.remove(&oldest) {
            if appender.changed {
                appender.flush()?;
                appender
                    .write_row(db)
                    .map_err(|source| BagError::state(self.places.state(), source))?;
            }
            if appender.dirty {
                self.closed.insert(appender.path);
            }
        }
        Ok(())
    }

    fn load(&self, db: &Connection, role: FileRole, path: &str) -> Result<Appender, BagError> {
        let full = match role {
            FileRole::Log => self.places.root().join(STATE).join(path),
            _ => self
                .places
                .place(path)
                .map_err(disk("make a place for", &self.places.data().join(path)))?,
        };
        let sql = |source| BagError::state(self.places.state(), source);
        let (id, length, lines) = row(db, role, path).map_err(sql)?;
        let mut file = open_private(&full).map_err(disk("open", &full))?;
        let found = file.metadata().map_err(disk("look at", &full))?.len();
        if found < length {
            return Err(BagError::Lost {
                path: full,
                what: "it is shorter than it was",
            });
        }
        if found > length {
            file.set_len(length).map_err(disk("shorten", &full))?;
        }
        file.seek(SeekFrom::Start(length))
            .map_err(disk("open", &full))?;
        let part = last_part(db, id).map_err(sql)?;
        Ok(Appender {
            id,
            path: full,
            file,
            buffer: Vec::new(),
            length,
            lines,
            part,
            changed: false,
            dirty: false,
            used: 0,
        })
    }
}

fn row(db: &Connection, role: FileRole, path: &str) -> rusqlite::Result<(i64, u64, u64)> {
    // A file that comes to be goes through the same row, so that its number is known from its first line on.
    db.prepare_cached(
        "INSERT OR IGNORE INTO files (role, path, length, lines) VALUES (?1, ?2, 0, 0)",
    )?
    .execute(params![role as i64, path])?;
    db.prepare_cached("SELECT id, length, lines FROM files WHERE path = ?1")?
        .query_row([path], |row| {
            Ok((row.get(0)?, number(row, 1)?, number(row, 2)?))
        })
}

fn last_part(db: &Connection, file: i64) -> rusqlite::Result<Option<Part>> {
    let mut select = db.prepare_cached(
        "SELECT seq, stream, start, length, lines FROM parts WHERE file = ?1 ORDER BY seq DESC LIMIT 1",
    )?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Part {
            seq: row.get(0)?,
            stream: row.get(1)?,
            start: number(row, 2)?,
            length: number(row, 3)?,
            lines: number(row, 4)?,
            before: 0,
        })
    };
    let Some(mut part) = select.query_row([file], read).optional()? else {
        return Ok(None);
    };
    part.before = lines_before(db, file, part.stream, part.seq)?;
    Ok(Some(part))
}

fn lines_before(db: &Connection, file: i64, stream: i64, seq: i64) -> rusqlite::Result<u64> {
    db.prepare_cached(
        "SELECT coalesce(sum(lines), 0) FROM parts WHERE file = ?1 AND stream = ?2 AND seq < ?3",
    )?
    .query_row([file, stream, seq], |row| number(row, 0))
}

impl Appender {
    /// Begins a new part unless the last one is of the same stream.
    fn turn_to(&mut self, db: &Connection, stream: i64) -> rusqlite::Result<()> {
        if self.part.as_ref().is_some_and(|part| part.stream == stream) {
            return Ok(());
        }
        if self.changed {
            self.write_row(db)?;
        }
        let seq = self.part.as_ref().map_or(0, |part| part.seq + 1);
        let before = lines_before(db, self.id, stream, seq)?;
        self.part = Some(Part {
            seq,
            stream,
            start: self.length,
            length: 0,
            lines: 0,
            before,
        });
        Ok(())
    }

    fn flush(&mut self) -> Result<(), BagError> {
        self.file
            .write_all(&self.buffer)
            .map_err(disk("write", &self.path))?;
        self.buffer.clear();
        self.buffer.shrink_to(BUFFERED);
        self.dirty = true;
        Ok(())
    }

    fn sync(&mut self) -> Result<(), BagError> {
        self.file.sync_data().map_err(disk("write", &self.path))?;
        self.dirty = false;
        Ok(())
    }

    fn write_row(&mut self, db: &Connection) -> rusqlite::Result<()> {
        db.prepare_cached("UPDATE files SET length = ?2, lines = ?3, sha256 = NULL WHERE id = ?1")?
            .execute(params![
                self.id,
                self.length.cast_signed(),
                self.lines.cast_signed()
            ])?;
        if let Some(part) = &self.part {
            db.prepare_cached(
                "INSERT INTO parts (file, seq, stream, start, length, lines) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT DO UPDATE SET length = excluded.length, lines = excluded.lines",
            )?
            .execute(params![
                self.id,
                part.seq,
                part.stream,
                part.start.cast_signed(),
                part.length.cast_signed(),
                part.lines.cast_signed()
            ])?;
        }
        self.changed = false;
        Ok(())
    }
}
