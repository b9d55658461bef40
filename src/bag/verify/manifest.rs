//! Reading manifests as others write them.

use super::digest::Hash;
use super::verdict::{Verdict, What};
use super::{Check, Sql};
use rusqlite::OptionalExtension;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Component, Path};

const LONGEST_LINE: u64 = 1 << 16;

/// Whether a path stays inside the bag, on this system and on others.
pub(super) fn is_inside(path: &str) -> bool {
    let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    !path.is_empty()
        && !drive
        && !path.starts_with(['~', '\\'])
        && !path.contains('\0')
        && Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
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
        let mut from = BufReader::new(file);
        let (mut line, mut number) = (Vec::new(), 0_u64);
        loop {
            line.clear();
            number += 1;
            match from
                .by_ref()
                .take(LONGEST_LINE)
                .read_until(b'\n', &mut line)
            {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) => {
                    verdict.problem(What::Unreadable, name, format!("cannot be read: {error}"));
                    return Ok(());
                }
            }
            let Ok(text) = std::str::from_utf8(&line) else {
                verdict.problem(What::Malformed, name, format!("line {number} is not UTF-8"));
                continue;
            };
            let text = if number == 1 {
                text.strip_prefix('\u{feff}').unwrap_or(text)
            } else {
                text
            };
            let text = text.trim_end_matches(['\n', '\r']);
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
                    )
                });
            match entry {
                Some((digest, path))
                    if digest.len() == digits
                        && digest.bytes().all(|digit| digit.is_ascii_hexdigit())
                        && !path.is_empty() =>
                {
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
        let mut path = path;
        while let Some(rest) = path.strip_prefix("./") {
            path = rest;
        }
        if !is_inside(path) {
            verdict.problem(
                What::Outside,
                name,
                format!("line {number} names {path:?}, which is not inside the bag"),
            );
            return Ok(());
        }
        let mut path = path.to_owned();
        if path.contains('%') && !self.exists(&path)? {
            let other = decoded(&path);
            if is_inside(&other) {
                path = other;
            }
        }
        let payload = path.starts_with("data/");
        if payload == tag {
            verdict.warning(
                What::Malformed,
                name,
                format!("line {number} names {path:?}, which belongs into another manifest"),
            );
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
            // Version 1.0 forbids what earlier ones let pass.
            Some(_) if self.version >= (1, 0) => {
                verdict.problem(What::Duplicate, path, format!("{name} lists it twice"));
            }
            Some(_) => verdict.warning(What::Duplicate, path, format!("{name} lists it twice")),
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
