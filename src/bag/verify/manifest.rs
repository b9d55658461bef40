//! Reading manifests as others write them.

use super::digest::Hash;
use super::verdict::{Verdict, What};
use super::{Check, Sql};
use rusqlite::OptionalExtension;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Component, Path};

const LONGEST_LINE: usize = 1 << 16;

/// The lines of a manifest. Each ends in a line feed, a carriage return, or both.
struct Lines {
    from: BufReader<File>,
    line: Vec<u8>,
    number: u64,
    after_return: bool,
}

impl Lines {
    /// The next line without its end. One that is longer than any path is handed out in pieces.
    fn next_line(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        if self.after_return && self.from.fill_buf()?.first() == Some(&b'\n') {
            self.from.consume(1);
        }
        self.after_return = false;
        self.number += 1;
        loop {
            let some = self.from.fill_buf()?;
            if some.is_empty() {
                return Ok((!self.line.is_empty()).then_some(&self.line));
            }
            let end = memchr::memchr2(b'\n', b'\r', some);
            self.line
                .extend_from_slice(&some[..end.unwrap_or(some.len())]);
            self.after_return = end.is_some_and(|at| some[at] == b'\r');
            let read = end.map_or(some.len(), |at| at + 1);
            self.from.consume(read);
            if end.is_some() || self.line.len() > LONGEST_LINE {
                return Ok(Some(&self.line));
            }
        }
    }
}

/// Whether a path stays inside the bag, on this system and on others.
pub(super) fn is_inside(path: &str) -> bool {
    let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    !path.is_empty()
        && !drive
        && !path.starts_with(['~', '\\'])
        && !path.contains('\0')
        && Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
        && !path.split('\\').any(|part| part == "..")
}

/// Line feeds, carriage returns and percent signs are written in hexadecimal, but not by everybody; so the name as it
/// stands is tried first.
fn decoded(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        let (letter, length) = match rest
            .get(at + 1..at + 3)
            .map(str::to_ascii_uppercase)
            .as_deref()
        {
            Some("0A") => ('\n', 3),
            Some("0D") => ('\r', 3),
            Some("25") => ('%', 3),
            _ => ('%', 1),
        };
        text.push(letter);
        rest = &rest[at + length..];
    }
    text + rest
}

impl Check<'_> {
    /// Takes the entries of one manifest. `tag` says whether it is one of tag files.
    pub(super) fn manifest(
        &mut self,
        name: &str,
        algorithm: &str,
        tag: bool,
        verdict: &mut Verdict,
    ) -> Result<(), super::BagError> {
        let path = self.root.join(name);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) => {
                verdict.problem(What::Unreadable, name, format!("cannot be read: {error}"));
                return Ok(());
            }
        };
        let Some(digits) = Hash::new(algorithm).map(|hash| hash.finish().len()) else {
            return Ok(());
        };
        let mut lines = Lines {
            from: BufReader::new(file),
            line: Vec::new(),
            number: 0,
            after_return: false,
        };
        let mut starred = false;
        loop {
            let line = match lines.next_line() {
                Ok(Some(line)) => line.to_owned(),
                Ok(None) => return Ok(()),
                Err(error) => {
                    verdict.problem(What::Unreadable, name, format!("cannot be read: {error}"));
                    return Ok(());
                }
            };
            let number = lines.number;
            let Ok(text) = std::str::from_utf8(&line) else {
                verdict.problem(What::Malformed, name, format!("line {number} is not UTF-8"));
                continue;
            };
            let text = match text.strip_prefix('\u{feff}') {
                Some(rest) if number == 1 => {
                    verdict.problem(What::Malformed, name, "begins with a byte order mark");
                    rest
                }
                _ => text,
            };
            if text.trim().is_empty() || text.starts_with('#') {
                continue;
            }
            let entry = text
                .trim_start()
                .split_once([' ', '\t'])
                .map(|(digest, path)| {
                    let path = path.trim_start_matches([' ', '\t']);
                    (
                        digest.to_ascii_lowercase(),
                        path.strip_prefix('*').unwrap_or(path),
                        path.starts_with('*'),
                    )
                });
            match entry {
                Some((digest, path, star))
                    if digest.len() == digits
                        && digest.bytes().all(|digit| digit.is_ascii_hexdigit())
                        && !path.is_empty() =>
                {
                    // RFC 8493 lets these pass where the user is told.
                    if star && !starred {
                        let detail =
                            "marks files with an asterisk as md5sum does, which is not BagIt";
                        verdict.warning(What::Malformed, name, detail);
                        starred = true;
                    }
                    self.entry((name, number), (algorithm, tag), &digest, path, verdict)?;
                }
                _ => verdict.problem(
                    What::Malformed,
                    name,
                    format!("line {number} is not a digest and a path"),
                ),
            }
        }
    }

    fn entry(
        &mut self,
        (name, number): (&str, u64),
        (algorithm, tag): (&str, bool),
        digest: &str,
        path: &str,
        verdict: &mut Verdict,
    ) -> Result<(), super::BagError> {
        if !is_inside(path) {
            verdict.problem(
                What::Outside,
                name,
                format!("line {number} names {path:?}, which is not inside the bag"),
            );
            return Ok(());
        }
        // Segments that lead nowhere are part of no name.
        let mut path = path
            .split('/')
            .filter(|part| !matches!(*part, "" | "."))
            .collect::<Vec<_>>()
            .join("/");
        if path.contains('%') && !self.exists(&path)? {
            let other = decoded(&path);
            if is_inside(&other) {
                path = other;
            }
        }
        let payload = path.starts_with("data/");
        if payload == tag {
            let detail =
                format!("line {number} names {path:?}, which belongs into another manifest");
            self.since_1_0(verdict, What::Malformed, name, detail);
        }
        let known: Option<String> = self
            .db
            .prepare_cached("SELECT digest FROM want WHERE path = ?1 AND algorithm = ?2")
            .and_then(|mut select| {
                select
                    .query_row([&path, algorithm], |row| row.get(0))
                    .optional()
            })
            .sql()?;
        match known {
            Some(known) if known != digest => verdict.problem(
                What::Duplicate,
                path,
                format!("{name} lists it twice, with two digests"),
            ),
            Some(_) => {
                let detail = format!("{name} lists it twice");
                self.since_1_0(verdict, What::Duplicate, &path, detail);
            }
            None => {
                self.db
                    .prepare_cached("INSERT INTO want VALUES (?1, ?2, ?3, ?4)")
                    .and_then(|mut insert| insert.execute((&path, algorithm, digest, payload)))
                    .sql()?;
            }
        }
        Ok(())
    }

    fn exists(&self, path: &str) -> Result<bool, super::BagError> {
        if path.starts_with("data/") {
            self.db
                .prepare_cached("SELECT 1 FROM have WHERE path = ?1")
                .and_then(|mut select| select.exists([path]))
                .sql()
        } else {
            Ok(self.root.join(path).is_file())
        }
    }
}
