//! The state of unfinished work: one SQLite file in the bag's own state folder.
//!
//! Whatever would grow with the workspace lies here: the lists still to read, the ids seen, and for each file of the payload
//! how far it is committed. A file is only ever appended to, so cutting it to its committed length undoes what no
//! transaction covered. Parts say which list wrote which stretch of a file, so that the sealed bag does not depend on the
//! order in which lists came to an end.

use rusqlite::{Connection, OptionalExtension, Result, Row, params};
use std::path::Path;

/// Marks our databases among all SQLite files.
const APPLICATION: i32 = 0x616d_6c64;
const VERSION: i32 = 2;

const SCHEMA: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE streams (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, workspace TEXT NOT NULL, folder TEXT NOT NULL,
    params TEXT NOT NULL, rank INTEGER NOT NULL, token TEXT, pages INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0);
CREATE INDEX open_streams ON streams (rank DESC, id DESC) WHERE done = 0;
CREATE INDEX ordered_streams ON streams (workspace, folder, kind, key);
CREATE TABLE files (
    id INTEGER PRIMARY KEY, role INTEGER NOT NULL, path TEXT NOT NULL UNIQUE, length INTEGER NOT NULL,
    lines INTEGER NOT NULL, sha256 TEXT, swap TEXT);
CREATE INDEX swapped_files ON files (id) WHERE swap IS NOT NULL;
CREATE TABLE parts (
    file INTEGER NOT NULL, seq INTEGER NOT NULL, stream INTEGER NOT NULL, start INTEGER NOT NULL, length INTEGER NOT NULL,
    lines INTEGER NOT NULL, base INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (file, seq)) WITHOUT ROWID;
CREATE INDEX stream_parts ON parts (file, stream, seq);
CREATE TABLE refs (
    workspace TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, wave INTEGER, PRIMARY KEY (workspace, kind, id)) WITHOUT ROWID;
CREATE INDEX wave_refs ON refs (workspace, kind, wave, id);
CREATE TABLE waves (
    workspace TEXT NOT NULL, kind TEXT NOT NULL, wave INTEGER NOT NULL, ended INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace, kind, wave)) WITHOUT ROWID;
CREATE TABLE counts (
    workspace TEXT NOT NULL, kind TEXT NOT NULL, items INTEGER NOT NULL, documents INTEGER NOT NULL,
    document_bytes INTEGER NOT NULL, files INTEGER NOT NULL, file_bytes INTEGER NOT NULL, gaps INTEGER NOT NULL,
    notes INTEGER NOT NULL, redactions INTEGER NOT NULL, caught INTEGER NOT NULL, answered INTEGER NOT NULL,
    absent INTEGER NOT NULL, denied INTEGER NOT NULL, failed INTEGER NOT NULL, generation INTEGER NOT NULL, PRIMARY KEY (workspace, kind)) WITHOUT ROWID;
CREATE TABLE asides (id INTEGER PRIMARY KEY, key TEXT NOT NULL, count INTEGER NOT NULL, line TEXT NOT NULL);
CREATE INDEX ordered_asides ON asides (key);
CREATE TABLE names (name TEXT PRIMARY KEY, holder TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE settled (what TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
";

/// Everything but what the work is: what an export that begins anew forgets.
pub(super) const FORGET: &str = "
DELETE FROM streams; DELETE FROM files; DELETE FROM parts; DELETE FROM refs; DELETE FROM waves; DELETE FROM counts;
DELETE FROM asides; DELETE FROM names; DELETE FROM settled;
";

/// What a file is to the bag. The numbers stand in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileRole {
    /// In the state folder, read again when the bag is sealed.
    Log = 0,
    /// JSON Lines of the payload.
    Lines = 1,
    /// Bytes of the payload, whole.
    Whole = 2,
}

/// A list to be read, page by page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStream {
    /// Unique in the bag, and the same in every run.
    pub key: String,
    pub kind: String,
    pub workspace: String,
    pub folder: String,
    /// The walker's own; opaque here.
    pub params: String,
    /// Higher goes first.
    pub rank: i64,
}

/// A list that is not read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    pub id: i64,
    pub key: String,
    pub kind: String,
    pub workspace: String,
    pub folder: String,
    pub params: String,
    /// Where to go on; nothing before the first page.
    pub token: Option<String>,
    pub pages: u64,
}

/// Which of the open lists are asked for: rank 0 is for workspaces, above it are lists, below it what is followed by
/// reference when the lists of a workspace are at their end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    Any,
    Roots,
    Lists(String),
    References(String),
}

/// What an earlier run left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResumeFacts {
    pub streams_open: u64,
    pub streams_done: u64,
    pub pages: u64,
    pub items: u64,
    pub files: u64,
}

/// Opens the database, and makes it if it is not there. An error of SQLite means that it is none of ours.
pub(super) fn open(path: &Path) -> Result<Connection> {
    let mut db = Connection::open(path)?;
    // Nobody else may open it, so the index of the log needs no shared memory; sorting never leaves the process.
    db.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -1500;",
    )?;
    // Where the file system cannot do it, SQLite stays with its older journal, which is slower and as safe.
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")?;
    db.set_prepared_statement_cache_capacity(64);
    let application: i32 = db.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if application == 0 {
        let tx = db.transaction()?;
        tx.execute_batch(SCHEMA)?;
        tx.pragma_update(None, "user_version", VERSION)?;
        tx.pragma_update(None, "application_id", APPLICATION)?;
        tx.commit()?;
    }
    Ok(db)
}

/// Whether this program, in this version of its state, wrote the database.
pub(super) fn is_ours(db: &Connection) -> Result<bool> {
    let pragma =
        |name: &str| db.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i32>(0));
    Ok(pragma("application_id")? == APPLICATION && pragma("user_version")? == VERSION)
}

/// A number without a sign. SQLite has none such; what is stored here never reaches the sign bit.
pub(super) fn number(row: &Row<'_>, column: usize) -> Result<u64> {
    row.get(column).map(i64::cast_unsigned)
}

pub(super) fn meta(db: &Connection, key: &str) -> Result<Option<String>> {
    db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()
}

pub(super) fn set_meta(db: &Connection, key: &str, value: &str) -> Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO meta VALUES (?1, ?2)")?
        .execute([key, value])
        .map(drop)
}

/// Adds the streams that are not known yet, and says how many those were.
pub(super) fn add_streams(db: &Connection, streams: &[NewStream]) -> Result<usize> {
    let mut insert = db.prepare_cached(
        "INSERT OR IGNORE INTO streams (key, kind, workspace, folder, params, rank) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut added = 0;
    for stream in streams {
        added += insert.execute(params![
            stream.key,
            stream.kind,
            stream.workspace,
            stream.folder,
            stream.params,
            stream.rank
        ])?;
    }
    Ok(added)
}

/// Depth first: the highest rank, then the newest, so that the frontier stays small.
pub(super) fn next_streams(
    db: &Connection,
    which: &Which,
    count: usize,
    running: &[i64],
) -> Result<Vec<Pending>> {
    let mut select = db.prepare_cached(
        "SELECT id, key, kind, workspace, folder, params, token, pages FROM streams
         WHERE done = 0 AND rank BETWEEN ?1 AND ?2 AND (?3 IS NULL OR workspace = ?3) ORDER BY rank DESC, id DESC",
    )?;
    let (least, most, workspace) = match which {
        Which::Any => (i64::MIN, i64::MAX, None),
        Which::Roots => (0, 0, None),
        Which::Lists(workspace) => (1, i64::MAX, Some(workspace)),
        Which::References(workspace) => (i64::MIN, -1, Some(workspace)),
    };
    let mut rows = select.query(params![least, most, workspace])?;
    let mut pending = Vec::new();
    while pending.len() < count {
        let Some(row) = rows.next()? else { break };
        let id = row.get(0)?;
        if !running.contains(&id) {
            pending.push(Pending {
                id,
                key: row.get(1)?,
                kind: row.get(2)?,
                workspace: row.get(3)?,
                folder: row.get(4)?,
                params: row.get(5)?,
                token: row.get(6)?,
                pages: number(row, 7)?,
            });
        }
    }
    Ok(pending)
}

/// Moves a stream on by a page. False when it is not open.
pub(super) fn advance(
    db: &Connection,
    stream: i64,
    token: Option<&str>,
    done: bool,
) -> Result<bool> {
    let mut update = db.prepare_cached(
        "UPDATE streams SET token = ?2, done = ?3, pages = pages + 1 WHERE id = ?1 AND done = 0",
    )?;
    Ok(update.execute(params![stream, token, done])? == 1)
}

pub(super) fn count(db: &Connection, sql: &str) -> Result<u64> {
    db.query_row(sql, [], |row| number(row, 0))
}

pub(super) fn resume_facts(db: &Connection) -> Result<ResumeFacts> {
    Ok(ResumeFacts {
        streams_open: count(db, "SELECT count(*) FROM streams WHERE done = 0")?,
        streams_done: count(db, "SELECT count(*) FROM streams WHERE done = 1")?,
        pages: count(db, "SELECT coalesce(sum(pages), 0) FROM streams")?,
        items: count(db, "SELECT coalesce(sum(items), 0) FROM counts")?,
        files: count(db, "SELECT count(*) FROM files WHERE role = 2")?,
    })
}
