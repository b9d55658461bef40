//! The one that writes a bag. It alone knows the state; tasks hand it blocks.
//!
//! A commit appends to the files first and then ends one transaction that says how far each file reaches. A program that dies
//! between the two leaves bytes that no row names, and those are cut off when the work is taken up again.

use super::append::Appenders;
use super::aside::{self, Aside};
use super::claim::{BEGAN, Claim, claim};
use super::record::{Entry, Record};
use super::refs::{self, RefId};
use super::state::{self, FileRole, NewStream, Pending, ResumeFacts, Which};
use super::tally::{self, KindCount, Tally};
use super::{BagError, Block, FileFact, FileSlot, Places, Spill, shard};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub(super) const INVENTORY: &str = ".inventory";
pub(super) const GAPS: &str = ".gaps";
pub(super) const FAULTS: &str = ".faults";

/// What must be the same for unfinished work to be gone on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub scope: String,
    pub options: String,
    pub tool: String,
}

/// Where a list goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    Token(String),
    Done,
}

/// One page of a list, with everything it brought. It comes into the bag as a whole or not at all.
#[derive(Debug)]
pub struct Commit {
    pub stream: i64,
    pub next: Next,
    pub blocks: Vec<Block>,
    pub streams: Vec<NewStream>,
    pub refs: Vec<RefId>,
    /// Listed, so never to be fetched for being spoken of.
    pub seen: Vec<RefId>,
}

/// What a commit added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    pub tally: Tally,
    /// Streams that were not known before.
    pub streams: usize,
}

pub struct Writer {
    pub(super) places: Places,
    pub(super) db: Connection,
    pub(super) files: Appenders,
    /// Held as long as the writer lives; dropped before its folder goes.
    _lock: File,
    pub(super) assembled: bool,
    /// A commit failed, so files may hold more than their rows say.
    pub(super) torn: bool,
    pub(super) resumed: Option<ResumeFacts>,
    /// It is a part of a whole, and keeps what is needed to put the parts together.
    pub(super) part: bool,
    spill: Arc<Spill>,
    #[cfg(test)]
    pub(super) kill_at: Option<&'static str>,
}

impl Writer {
    /// Takes a new or an empty directory, or our own unfinished work of the same identity.
    pub fn open(dir: &Path, identity: &Identity) -> Result<Self, BagError> {
        let Claim {
            places,
            db,
            lock,
            resumed,
        } = claim(dir, identity)?;
        let sql = |source| BagError::state(places.state(), source);
        let resumed = if resumed {
            Some(state::resume_facts(&db).map_err(sql)?)
        } else {
            None
        };
        Ok(Self {
            files: Appenders::new(places.clone()),
            spill: Spill::new(places.state()),
            places,
            db,
            _lock: lock,
            assembled: false,
            torn: false,
            resumed,
            part: false,
            #[cfg(test)]
            kill_at: None,
        })
    }

    /// What an earlier run left, if this one goes on with it.
    pub fn resumed(&self) -> Option<&ResumeFacts> {
        self.resumed.as_ref()
    }

    /// When this work first began, in UTC and to the second, however often it was interrupted since.
    pub fn began(&self) -> Result<OffsetDateTime, BagError> {
        let known = state::meta(&self.db, BEGAN).map_err(self.sql())?;
        Ok(known
            .and_then(|text| OffsetDateTime::parse(&text, &Rfc3339).ok())
            .unwrap_or_else(OffsetDateTime::now_utc))
    }

    /// The memory that all blocks of this bag share.
    pub fn spill(&self) -> &Arc<Spill> {
        &self.spill
    }

    /// The layout, for tasks that download.
    pub fn places(&self) -> &Places {
        &self.places
    }

    pub(super) fn sql(&self) -> impl Fn(rusqlite::Error) -> BagError + use<> {
        let path = self.places.state();
        move |source| BagError::state(path.clone(), source)
    }

    /// The place where a test wants the program to die.
    #[cfg(test)]
    pub(super) fn reached(&self, point: &'static str) -> Result<(), BagError> {
        if self.kill_at == Some(point) {
            Err(BagError::Killed)
        } else {
            Ok(())
        }
    }

    #[cfg(not(test))]
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "the same shape as in tests, where it does something"
    )]
    #[inline]
    pub(super) fn reached(&self, _: &'static str) -> Result<(), BagError> {
        Ok(())
    }

    /// Adds lists to read. Those known already stay as they are.
    pub fn add_streams(&mut self, streams: &[NewStream]) -> Result<usize, BagError> {
        let sql = self.sql();
        let tx = self.db.transaction().map_err(&sql)?;
        let added = state::add_streams(&tx, streams).map_err(&sql)?;
        tx.commit().map_err(&sql)?;
        Ok(added)
    }

    /// The lists to read next: the highest rank first, then the newest.
    pub fn next_streams(
        &mut self,
        which: &Which,
        count: usize,
        running: &[i64],
    ) -> Result<Vec<Pending>, BagError> {
        state::next_streams(&self.db, which, count, running).map_err(self.sql())
    }

    pub fn commit(&mut self, commit: Commit) -> Result<Committed, BagError> {
        let result = self.try_commit(commit);
        if result.is_err() {
            self.files.forget();
            self.torn = true;
        }
        result
    }

    fn try_commit(&mut self, commit: Commit) -> Result<Committed, BagError> {
        let Commit {
            stream,
            next,
            blocks,
            streams,
            refs,
            seen,
        } = commit;
        let sql = self.sql();
        let mut tally = Tally::default();
        let tx = self.db.unchecked_transaction().map_err(&sql)?;
        let token = match &next {
            Next::Token(token) => Some(token.as_str()),
            Next::Done => None,
        };
        if !state::advance(&tx, stream, token, token.is_none()).map_err(&sql)? {
            return Err(BagError::NoStream(stream));
        }
        let (mut entry, mut heard) = (Vec::new(), BTreeMap::<_, Tally>::new());
        for block in blocks {
            block.records(|record| add(&mut self.files, &tx, stream, &record, &mut entry, &sql))?;
            for ((workspace, kind), counts) in &block.tally {
                tally::add(&tx, workspace, kind, counts).map_err(&sql)?;
                tally.plus(counts);
            }
            if self.part {
                for (key, counts) in block.tally {
                    heard.entry(key).or_default().plus(&counts);
                }
            }
        }
        let streams = state::add_streams(&tx, &streams).map_err(&sql)?;
        refs::add(&tx, &refs, &seen).map_err(&sql)?;
        if self.part {
            shard::listed(&tx, stream, &refs, &seen, &heard).map_err(&sql)?;
        }
        self.files.record(&tx)?;
        self.reached("before the transaction ends")?;
        tx.commit().map_err(&sql)?;
        self.assembled = false;
        Ok(Committed { tally, streams })
    }

    /// Freezes the ids of a kind that were spoken of so far and neither listed nor in an earlier wave. The same wave comes
    /// again, also after a kill, until [`end_wave`](Self::end_wave); nothing comes when there is no id left.
    pub fn begin_wave(&mut self, workspace: &str, kind: &str) -> Result<Option<i64>, BagError> {
        let sql = self.sql();
        refs::begin_wave(&mut self.db, workspace, kind).map_err(sql)
    }

    /// The ids of a wave, sorted, after the given one.
    pub fn wave_ids(
        &self,
        workspace: &str,
        kind: &str,
        wave: i64,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<String>, BagError> {
        refs::wave_ids(&self.db, workspace, kind, wave, after, limit).map_err(self.sql())
    }

    pub fn end_wave(&mut self, workspace: &str, kind: &str, wave: i64) -> Result<(), BagError> {
        refs::end_wave(&self.db, workspace, kind, wave).map_err(self.sql())
    }

    /// What the bag holds of each kind, over all runs.
    pub fn counts(&self) -> Result<Vec<KindCount>, BagError> {
        tally::counts(&self.db).map_err(self.sql())
    }

    /// A file that is whole already, from this run or an earlier one.
    pub fn file_known(&self, path: &str) -> Result<Option<FileFact>, BagError> {
        let sql = self.sql();
        let mut select = self
            .db
            .prepare_cached("SELECT length, sha256 FROM files WHERE path = ?1 AND role = 2")
            .map_err(&sql)?;
        let fact = select
            .query_row([path], |row| {
                Ok(FileFact {
                    length: state::number(row, 0)?,
                    sha256: row.get(1)?,
                })
            })
            .optional()
            .map_err(&sql)?;
        // Somebody may have tidied up between two runs.
        let there = |fact: &FileFact| {
            self.places
                .data()
                .join(path)
                .symlink_metadata()
                .is_ok_and(|found| found.is_file() && found.len() == fact.length)
        };
        Ok(fact.filter(there))
    }

    /// Takes a file that [`FileSlot::finish`] put into its place into the bag.
    pub fn file_done(&mut self, path: &str, fact: &FileFact) -> Result<(), BagError> {
        self.files_done(&[(path.to_owned(), fact.clone())], &[])
    }

    /// Takes files that [`FileSlot::finish`] put into their places into the bag, with what the log beside it says of them,
    /// with one transaction for all.
    pub fn files_done(
        &mut self,
        done: &[(String, FileFact)],
        asides: &[Aside],
    ) -> Result<(), BagError> {
        let sql = self.sql();
        let tx = self.db.unchecked_transaction().map_err(&sql)?;
        for (path, fact) in done {
            let changed = tx
                .prepare_cached(
                    "INSERT INTO files (role, path, length, lines, sha256) VALUES (?1, ?2, ?3, 0, ?4)
                     ON CONFLICT (path) DO UPDATE SET length = excluded.length, sha256 = excluded.sha256 WHERE role = ?1",
                )
                .and_then(|mut upsert| {
                    upsert.execute(params![
                        FileRole::Whole as i64,
                        path,
                        fact.length.cast_signed(),
                        fact.sha256
                    ])
                })
                .map_err(&sql)?;
            if changed != 1 {
                return Err(BagError::Outside { path: path.clone() });
            }
            aside::forget(&tx, path).map_err(&sql)?;
        }
        for Aside { key, count, line } in asides {
            aside::add(&tx, key, *count, line).map_err(&sql)?;
        }
        tx.commit().map_err(&sql)
    }

    /// A place for the bytes of one file.
    pub fn slot(&self, path: &str) -> Result<FileSlot, BagError> {
        self.places.slot(path)
    }

    /// Where a file of the payload lies. Makes its folders, and refuses anything outside.
    pub fn place(&self, path: &str) -> io::Result<PathBuf> {
        self.places.place(path)
    }
}

fn add(
    files: &mut Appenders,
    db: &Connection,
    stream: i64,
    record: &Record<'_>,
    entry: &mut Vec<u8>,
    sql: &impl Fn(rusqlite::Error) -> BagError,
) -> Result<(), BagError> {
    match *record {
        Record::Item {
            file,
            doc,
            head,
            tail,
        } => {
            entry.clear();
            if file.is_empty() {
                Entry::write(0, 0, head, tail, entry);
            } else {
                let spot = files.append(db, stream, FileRole::Lines, file, [doc, b"\n"])?;
                Entry::write(spot.file, spot.line, head, tail, entry);
            }
            files.append(db, stream, FileRole::Log, INVENTORY, [entry, b""])
        }
        Record::Gap(line) => files.append(db, stream, FileRole::Log, GAPS, [line, b"\n"]),
        Record::Fault(line) => files.append(db, stream, FileRole::Log, FAULTS, [line, b"\n"]),
        Record::Aside { key, count, line } => {
            return aside::add(db, key, count, line).map_err(sql);
        }
        Record::Name { name, holder } => return aside::name(db, name, holder).map_err(sql),
        Record::Followed(line) => {
            files.append(db, stream, FileRole::Log, shard::FOLLOWED, [line, b"\n"])
        }
    }
    .map(drop)
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_struct("Writer")
            .field("root", &self.places.root())
            .finish_non_exhaustive()
    }
}
