//! What a bag says about itself, and what lies in it.

use super::super::error::disk;
use super::super::reader::{field, parse_format, tags};
use super::super::{FORMAT, FORMAT_LABEL, MANIFEST, STATE, TAG_MANIFEST};
use super::digest::Hash;
use super::lists::normal;
use super::verdict::{Verdict, What};
use super::{BagError, Check, List, Sql, manifest};
use rusqlite::params;
use std::fs;
use std::path::Path;

const UNLABELLED: &str = "has a line that is no label and value";

/// Whether a line is neither a label with a value nor the continuation of one.
fn unlabelled(text: &str) -> bool {
    let mut begun = false;
    text.split(['\n', '\r'])
        .filter(|line| !line.trim().is_empty())
        .any(|line| {
            let goes_on = begun && line.starts_with(char::is_whitespace);
            begun = true;
            !goes_on && !line.contains(':')
        })
}

impl Check<'_> {
    pub(super) fn declaration(&mut self, verdict: &mut Verdict) {
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
        if unlabelled(&text) {
            verdict.problem(What::Malformed, name, UNLABELLED);
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
        let known = ["BagIt-Version", "Tag-File-Character-Encoding"];
        let labels = tags.iter().map(|(label, _)| label.as_str());
        if !labels
            .map(str::to_ascii_lowercase)
            .eq(known.map(str::to_ascii_lowercase))
        {
            let detail = "is not the two lines that it must be";
            self.since_1_0(verdict, What::Malformed, name, detail);
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
    pub(super) fn description(&mut self, verdict: &mut Verdict) -> Option<String> {
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
        if text.starts_with('\u{feff}') {
            verdict.problem(What::Malformed, name, "begins with a byte order mark");
        }
        if unlabelled(&text) {
            verdict.problem(What::Malformed, name, UNLABELLED);
        }
        let tags = tags(&text);
        let sums = tags
            .iter()
            .filter(|(label, _)| label.eq_ignore_ascii_case("Payload-Oxum"));
        if sums.count() > 1 {
            self.since_1_0(
                verdict,
                What::Malformed,
                name,
                "says Payload-Oxum more than once",
            );
        }
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

    pub(super) fn walk(
        &mut self,
        folder: &Path,
        prefix: &str,
        verdict: &mut Verdict,
    ) -> Result<(), BagError> {
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
                if !path.is_ascii() {
                    self.db
                        .prepare_cached("INSERT OR IGNORE INTO formed VALUES (?1, ?2)")
                        .and_then(|mut insert| insert.execute([normal(&path).as_ref(), &path]))
                        .sql()?;
                }
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
                            normal(&path).to_lowercase()
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

    pub(super) fn manifests(&mut self, verdict: &mut Verdict) -> Result<(), BagError> {
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
                self.lists.push(List {
                    tag: *tag,
                    algorithm: algorithm.clone(),
                    name: name.clone(),
                });
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

    pub(super) fn fetch(&self, verdict: &mut Verdict) {
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
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        for (at, line) in text.lines().enumerate() {
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
