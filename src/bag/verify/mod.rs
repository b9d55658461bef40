//! Checks a bag offline, every byte. Any bag of BagIt 0.93 to 1.0 will do; of ours more is known and more is checked.
//!
//! The verdict is that of bagit-python, or stricter; it is milder only where RFC 8493 is (Unicode forms, percent signs, what
//! ends a line). What grows with the bag lies in a temporary database of SQLite, which goes to the disk when it becomes
//! large, so memory stays bounded.

mod digest;
mod inventory;
mod lists;
mod manifest;
mod structure;
mod verdict;

pub use verdict::{Problem, Verdict, What};

use super::state::number;
use super::{BagError, MANIFEST};
use digest::{Job, Outcome};
use rusqlite::{Connection, params};
use std::path::{Path, PathBuf};

/// How far a verification is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// What there is to check.
    Found { files: u64, bytes: u64 },
    /// Bytes read so far.
    Read { bytes: u64 },
}

const SCHEMA: &str = "
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32000;
CREATE TABLE have (path TEXT PRIMARY KEY, length INTEGER NOT NULL, folded TEXT NOT NULL, lines INTEGER) WITHOUT ROWID;
CREATE TABLE formed (normal TEXT, path TEXT, PRIMARY KEY (normal, path)) WITHOUT ROWID;
CREATE TABLE want (path TEXT NOT NULL, algorithm TEXT NOT NULL, digest TEXT NOT NULL, payload INTEGER NOT NULL,
    PRIMARY KEY (path, algorithm)) WITHOUT ROWID;
CREATE TABLE counted (path TEXT PRIMARY KEY, lines INTEGER NOT NULL) WITHOUT ROWID;
";

struct Check<'a> {
    root: &'a Path,
    db: Connection,
    /// Of BagIt.
    version: (u32, u32),
    ours: bool,
    /// The manifests that were read.
    lists: Vec<List>,
}

/// A manifest: `tag` when it is one of tag files.
struct List {
    tag: bool,
    algorithm: String,
    name: String,
}

trait Sql<T> {
    fn sql(self) -> Result<T, BagError>;
}

impl<T> Sql<T> for rusqlite::Result<T> {
    fn sql(self) -> Result<T, BagError> {
        self.map_err(|source| BagError::Disk {
            doing: "use a temporary database in",
            path: std::env::temp_dir(),
            source: std::io::Error::other(source),
        })
    }
}

/// Checks the bag in `dir`. An error means that it could not be checked; that it is bad is said by the verdict.
pub fn verify(dir: &Path, report: &mut dyn FnMut(Progress)) -> Result<Verdict, BagError> {
    if !dir.is_dir() {
        return Err(BagError::NotABag {
            dir: dir.to_owned(),
            what: "there is no such directory".to_owned(),
        });
    }
    // An empty name is a private database that SQLite deletes.
    let db = Connection::open("").sql()?;
    db.execute_batch(SCHEMA).sql()?;
    db.execute_batch("BEGIN").sql()?;
    let mut check = Check {
        root: dir,
        db,
        version: (1, 0),
        ours: false,
        lists: Vec::new(),
    };
    let mut verdict = Verdict::default();
    check.declaration(&mut verdict);
    let oxum = check.description(&mut verdict);
    let data = dir.join("data");
    if data.is_dir() {
        check.walk(&data, "data/", &mut verdict)?;
    } else {
        verdict.problem(
            What::Missing,
            "data",
            "the folder of the payload is missing",
        );
    }
    check.manifests(&mut verdict)?;
    report(Progress::Found {
        files: verdict.files,
        bytes: verdict.bytes,
    });
    check.forms(&mut verdict)?;
    check.every_list(&mut verdict)?;
    check.compare(oxum.as_deref(), &mut verdict)?;
    check.collisions(&mut verdict)?;
    check.fetch(&mut verdict);
    check.digests(&mut verdict, report)?;
    if check.ours {
        check.inventory(&mut verdict)?;
    }
    verdict.manifest = digest::sha256_of(&dir.join(MANIFEST)).ok();
    verdict.problems.sort();
    verdict.warnings.sort();
    Ok(verdict)
}

impl Check<'_> {
    /// Says what version 1.0 forbids and earlier ones let pass.
    fn since_1_0(&self, verdict: &mut Verdict, what: What, path: &str, detail: impl Into<String>) {
        if self.version >= (1, 0) {
            verdict.problem(what, path, detail);
        } else {
            verdict.warning(what, path, detail);
        }
    }

    fn each_path(&self, sql: &str, mut each: impl FnMut(String)) -> Result<(), BagError> {
        let mut select = self.db.prepare(sql).sql()?;
        let mut rows = select.query([]).sql()?;
        while let Some(row) = rows.next().sql()? {
            each(row.get(0).sql()?);
        }
        Ok(())
    }

    /// What is listed against what is there.
    fn compare(&mut self, oxum: Option<&str>, verdict: &mut Verdict) -> Result<(), BagError> {
        self.each_path("SELECT path FROM have WHERE NOT EXISTS (SELECT 1 FROM want WHERE want.path = have.path) ORDER BY path", |path| {
            verdict.problem(What::Extra, path, "is there, but in no manifest");
        })?;
        let missing = "SELECT DISTINCT path FROM want WHERE payload AND NOT EXISTS (SELECT 1 FROM have WHERE have.path = want.path) ORDER BY path";
        self.each_path(missing, |path| {
            verdict.problem(What::Missing, path, "is in a manifest, but not there");
        })?;
        let root = self.root;
        self.each_path(
            "SELECT DISTINCT path FROM want WHERE NOT payload ORDER BY path",
            |path| {
                if !root.join(&path).is_file() {
                    verdict.problem(What::Missing, path, "is in the tag manifest, but not there");
                }
            },
        )?;
        let found = format!("{}.{}", verdict.bytes, verdict.files);
        match oxum {
            Some(oxum) if parse_oxum(oxum) != Some((verdict.bytes, verdict.files)) => {
                verdict.problem(
                    What::Oxum,
                    "bag-info.txt",
                    format!("Payload-Oxum says {oxum}, but {found} is there"),
                );
            }
            _ => {}
        }
        Ok(())
    }

    fn collisions(&mut self, verdict: &mut Verdict) -> Result<(), BagError> {
        let ours = self.ours;
        self.db
            .execute_batch("CREATE INDEX folded_have ON have (folded)")
            .sql()?;
        self.each_path(
            "SELECT group_concat(path, '  ') FROM have GROUP BY folded HAVING count(*) > 1",
            |paths| {
                let detail =
                    "these differ only in case or Unicode form, so that some systems can keep only one of them";
                // None of our names do; elsewhere it is bad luck.
                if ours {
                    verdict.problem(What::Collides, paths, detail);
                } else {
                    verdict.warning(What::Collides, paths, detail);
                }
            },
        )
    }

    fn digests(
        &mut self,
        verdict: &mut Verdict,
        report: &mut dyn FnMut(Progress),
    ) -> Result<(), BagError> {
        let root = self.root.to_owned();
        let db = &self.db;
        let mut select = db
            .prepare(
                "SELECT path, group_concat(algorithm || ' ' || digest, ' '), payload FROM want
                 WHERE NOT payload OR EXISTS (SELECT 1 FROM have WHERE have.path = want.path) GROUP BY path",
            )
            .sql()?;
        let mut rows = select.query([]).sql()?;
        let jobs = || {
            while let Some(row) = rows.next().sql()? {
                let (path, list): (String, String) = (row.get(0).sql()?, row.get(1).sql()?);
                let place: PathBuf = root.join(&path);
                if !row.get(2).sql()? && !place.is_file() {
                    continue;
                }
                let mut words = list.split(' ').map(str::to_owned);
                let wanted = std::iter::from_fn(|| words.next().zip(words.next())).collect();
                // Documents stand in JSON Lines, but for the one of the workspace itself.
                let count_lines =
                    self.ours && matches!(path.rsplit('.').next(), Some("jsonl" | "json"));
                return Ok(Some(Job {
                    path,
                    place,
                    wanted,
                    count_lines,
                }));
            }
            Ok(None)
        };
        let each = |outcome: Outcome| {
            match &outcome.differs {
                Ok(algorithms) if algorithms.is_empty() => {}
                Ok(algorithms) if outcome.path.starts_with("data/") => {
                    verdict.problem(
                        What::Differs,
                        &outcome.path,
                        format!("is not what it was: {} differs", algorithms.join(", ")),
                    );
                }
                Ok(algorithms) => {
                    verdict.problem(
                        What::TagAltered,
                        &outcome.path,
                        format!("was altered: {} differs", algorithms.join(", ")),
                    );
                }
                Err(why) => verdict.problem(
                    What::Unreadable,
                    &outcome.path,
                    format!("cannot be read: {why}"),
                ),
            }
            if outcome.lines > 0 {
                db.prepare_cached("INSERT INTO counted VALUES (?1, ?2)")
                    .and_then(|mut insert| {
                        insert.execute(params![outcome.path, outcome.lines.cast_signed()])
                    })
                    .sql()?;
            }
            Ok(())
        };
        digest::run(jobs, each, |bytes| report(Progress::Read { bytes }))
    }
}

fn parse_oxum(text: &str) -> Option<(u64, u64)> {
    let (bytes, files) = text.trim().split_once('.')?;
    // A number here has digits only; a sign is none.
    if !text
        .trim()
        .bytes()
        .all(|byte| byte == b'.' || byte.is_ascii_digit())
    {
        return None;
    }
    Some((bytes.parse().ok()?, files.parse().ok()?))
}

/// The number of lines that were counted in a file.
fn counted(db: &Connection, path: &str) -> Result<u64, BagError> {
    use rusqlite::OptionalExtension;
    let lines = db
        .prepare_cached("SELECT lines FROM counted WHERE path = ?1")
        .and_then(|mut select| select.query_row([path], |row| number(row, 0)).optional())
        .sql()?;
    Ok(lines.unwrap_or(0))
}

#[cfg(test)]
mod rfc_tests;
#[cfg(test)]
mod tests;
