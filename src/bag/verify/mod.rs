//! Checks a bag offline, every byte. Any bag of BagIt 0.93 to 1.0 will do; of ours more is known and more is checked.
//!
//! The verdict is that of bagit-python, or stricter. What grows with the bag lies in a temporary database of SQLite, which
//! goes to the disk when it becomes large, so memory stays bounded.

mod digest;
mod inventory;
mod manifest;
mod verdict;

pub use verdict::{Problem, Verdict, What};

use super::error::disk;
use super::reader::{field, parse_format, tags};
use super::state::number;
use super::{BagError, FORMAT, FORMAT_LABEL, MANIFEST, STATE, TAG_MANIFEST};
use digest::{Hash, Job, Outcome};
use rusqlite::{Connection, params};
use std::fs;
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
}

trait Sql<T> {
    fn sql(self) -> Result<T, BagError>;
}

impl<T> Sql<T> for rusqlite::Result<T> {
    fn sql(self) -> Result<T, BagError> {
        self.map_err(|source| BagError::State {
            path: std::env::temp_dir(),
            source,
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
    fn declaration(&mut self, verdict: &mut Verdict) {
        let name = "bagit.txt";
        if self.root.join(STATE).exists() {
            verdict.problem(
                What::Unfinished,
                STATE,
                "the export is not finished. Run the command that began it again",
            );
        }
        let text = match fs::read_to_string(self.root.join(name)) {
            Ok(text) => text,
            Err(error) => {
                return verdict.problem(What::NotABag, name, format!("cannot be read: {error}"));
            }
        };
        if text.starts_with('\u{feff}') {
            verdict.problem(What::Malformed, name, "begins with a byte order mark");
        }
        let tags = tags(&text);
        match field(&tags, "BagIt-Version").map(parse_format) {
            Some(Some(version)) if ((0, 93)..=(1, 0)).contains(&version) => self.version = version,
            _ => verdict.problem(
                What::NotABag,
                name,
                "does not say a BagIt-Version from 0.93 to 1.0",
            ),
        }
        if !field(&tags, "Tag-File-Character-Encoding")
            .is_some_and(|name| name.eq_ignore_ascii_case("UTF-8"))
        {
            verdict.problem(
                What::NotABag,
                name,
                "does not say Tag-File-Character-Encoding: UTF-8, which is the only one read here",
            );
        }
    }

    /// Reads `bag-info.txt`, and gives its Payload-Oxum.
    fn description(&mut self, verdict: &mut Verdict) -> Option<String> {
        let name = if self.version <= (0, 95) {
            "package-info.txt"
        } else {
            "bag-info.txt"
        };
        let path = self.root.join(name);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
            Err(error) => {
                verdict.problem(What::Unreadable, name, format!("cannot be read: {error}"));
                return None;
            }
        };
        if text.lines().any(|line| {
            !line.trim().is_empty() && !line.starts_with(char::is_whitespace) && !line.contains(':')
        }) {
            verdict.problem(
                What::Malformed,
                name,
                "has a line that is no label and value",
            );
        }
        let tags = tags(&text);
        if let Some(format) = field(&tags, FORMAT_LABEL) {
            self.ours = true;
            verdict.format = Some(format.to_owned());
            let known = parse_format(FORMAT).map_or(0, |known| known.0);
            match parse_format(format) {
                Some((major, _)) if major <= known => {}
                Some(_) => {
                    self.ours = false;
                    verdict.problem(What::Newer, name, format!("format {format} is newer than {FORMAT}. Use a newer version of the program"));
                }
                None => verdict.problem(
                    What::Malformed,
                    name,
                    format!("{format:?} is no format version"),
                ),
            }
            if !self.root.join(TAG_MANIFEST).is_file() {
                verdict.problem(
                    What::Missing,
                    TAG_MANIFEST,
                    "is missing, so whether tag files were altered cannot be told",
                );
            }
        }
        field(&tags, "Payload-Oxum").map(str::to_owned)
    }

    fn walk(&mut self, folder: &Path, prefix: &str, verdict: &mut Verdict) -> Result<(), BagError> {
        let mut folders = vec![(folder.to_owned(), prefix.to_owned())];
        while let Some((folder, prefix)) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(disk("read", &folder))? {
                let entry = entry.map_err(disk("read", &folder))?;
                let place = entry.path();
                let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
                let kind = entry.file_type().map_err(disk("look at", &place))?;
                if kind.is_dir() {
                    folders.push((place, format!("{path}/")));
                    continue;
                }
                if kind.is_symlink() && self.leads_outside(&place) {
                    verdict.problem(What::Outside, path, "is a link that leads out of the bag");
                    continue;
                }
                let facts = match fs::metadata(&place) {
                    // A link to a folder, a pipe, a device: nothing that could be a file of the payload.
                    Ok(facts) if !facts.is_file() => {
                        verdict.problem(What::Unreadable, path, "is not a file");
                        continue;
                    }
                    Ok(facts) => facts,
                    Err(error) => {
                        verdict.problem(What::Unreadable, path, format!("cannot be read: {error}"));
                        continue;
                    }
                };
                verdict.files += 1;
                verdict.bytes += facts.len();
                self.db
                    .prepare_cached(
                        "INSERT OR IGNORE INTO have (path, length, folded) VALUES (?1, ?2, ?3)",
                    )
                    .and_then(|mut insert| {
                        insert.execute(params![
                            path,
                            facts.len().cast_signed(),
                            path.to_lowercase()
                        ])
                    })
                    .sql()?;
            }
        }
        Ok(())
    }

    fn leads_outside(&self, place: &Path) -> bool {
        match (fs::canonicalize(place), fs::canonicalize(self.root)) {
            (Ok(target), Ok(root)) => !target.starts_with(root),
            _ => false,
        }
    }

    fn manifests(&mut self, verdict: &mut Verdict) -> Result<(), BagError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.root).map_err(disk("read", self.root))? {
            let name = entry
                .map_err(disk("read", self.root))?
                .file_name()
                .to_string_lossy()
                .into_owned();
            let (tag, rest) = match name.strip_prefix("tag") {
                Some(rest) => (true, rest),
                None => (false, name.as_str()),
            };
            if let Some(algorithm) = rest
                .strip_prefix("manifest-")
                .and_then(|rest| rest.strip_suffix(".txt"))
            {
                names.push((tag, algorithm.to_owned(), name.clone()));
            }
        }
        names.sort();
        let usable = names
            .iter()
            .any(|(tag, algorithm, _)| !tag && Hash::new(algorithm).is_some());
        if !names.iter().any(|(tag, ..)| !tag) {
            let what = if self.root.join(STATE).exists() {
                What::Unfinished
            } else {
                What::Missing
            };
            verdict.problem(
                what,
                MANIFEST,
                "there is no payload manifest, so the bag is not finished",
            );
        }
        for (tag, algorithm, name) in &names {
            if Hash::new(algorithm).is_some() {
                self.manifest(name, algorithm, *tag, verdict)?;
            } else if usable {
                verdict.warning(
                    What::Unsupported,
                    name,
                    format!("{algorithm} cannot be computed here, so this manifest was not used"),
                );
            } else {
                verdict.problem(
                    What::Unsupported,
                    name,
                    format!("{algorithm} cannot be computed here, so the files cannot be checked"),
                );
            }
        }
        Ok(())
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
                    "these differ only in case, so that some systems can keep only one of them";
                // None of our names do; elsewhere it is bad luck.
                if ours {
                    verdict.problem(What::Collides, paths, detail);
                } else {
                    verdict.warning(What::Collides, paths, detail);
                }
            },
        )
    }

    fn fetch(&self, verdict: &mut Verdict) {
        let name = "fetch.txt";
        let path = self.root.join(name);
        if !path.is_file() {
            return;
        }
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                return verdict.problem(What::Unreadable, name, format!("cannot be read: {error}"));
            }
        };
        for (at, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
        {
            let mut words = line.trim().splitn(3, char::is_whitespace);
            let (url, path) = (
                words.next().unwrap_or_default(),
                words.nth(1).unwrap_or_default().trim(),
            );
            if !is_url(url) {
                verdict.problem(
                    What::Malformed,
                    name,
                    format!("line {} is not a URL, a length and a path", at + 1),
                );
            } else if !manifest::is_inside(path) {
                verdict.problem(
                    What::Outside,
                    name,
                    format!(
                        "line {} names {path:?}, which is not inside the bag",
                        at + 1
                    ),
                );
            }
        }
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
                let count_lines = self.ours && path.rsplit('.').next() == Some("jsonl");
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
    Some((bytes.parse().ok()?, files.parse().ok()?))
}

fn is_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| {
        scheme
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_alphabetic())
            && (scheme.eq_ignore_ascii_case("file") || !rest.is_empty() && !rest.starts_with('/'))
    })
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
mod tests;
