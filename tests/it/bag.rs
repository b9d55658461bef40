//! Reads a bag with nothing of the program's own code.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::json::Json;

/// A directory that should be a bag.
pub(crate) struct Bag {
    dir: PathBuf,
}

/// A line of `inventory.jsonl`, as far as tests look at it.
#[derive(Debug, Deserialize)]
pub(crate) struct Entry {
    pub(crate) kind: String,
    pub(crate) workspace: String,
    pub(crate) id: String,
    pub(crate) file: Option<String>,
    pub(crate) line: Option<usize>,
    pub(crate) bytes: Option<Value>,
    pub(crate) redactions: Vec<Redaction>,
}

/// A place where a secret was.
#[derive(Debug, Deserialize)]
pub(crate) struct Redaction {
    pub(crate) pointer: String,
    pub(crate) by: String,
}

impl Bag {
    pub(crate) fn at(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        let path = self.path(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.path("manifest-sha256.txt").is_file()
    }

    /// The payload manifest: what two exports of the same have in common.
    pub(crate) fn manifest(&self) -> String {
        self.text("manifest-sha256.txt")
    }

    /// The lines of a file of the payload, each as JSON.
    pub(crate) fn lines(&self, name: &str) -> Vec<Value> {
        let text = self.text(&format!("data/{name}"));
        text.lines()
            .map(|line| serde_json::from_str(line).expect("a line of JSON"))
            .collect()
    }

    pub(crate) fn inventory(&self) -> Vec<Entry> {
        let text = self.text("data/inventory.jsonl");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("a line of the inventory"))
            .collect()
    }

    /// The lines of `gaps.jsonl` that make the answer incomplete.
    pub(crate) fn gaps(&self) -> Vec<Value> {
        let mut gaps = self.lines("gaps.jsonl");
        gaps.retain(|gap| gap["severity"] == "gap");
        gaps
    }

    /// The lines that are only worth knowing.
    pub(crate) fn notes(&self) -> Vec<Value> {
        let mut notes = self.lines("gaps.jsonl");
        notes.retain(|gap| gap["severity"] == "note");
        notes
    }

    /// The coverage of one kind in one workspace.
    pub(crate) fn coverage(&self, workspace: &str, kind: &str) -> Value {
        let lines = self.lines("coverage.jsonl").into_iter();
        lines
            .rev()
            .find(|line| line["workspace"] == workspace && line["kind"] == kind)
            .unwrap_or_else(|| panic!("no coverage of {kind} in {workspace}"))
    }

    /// The documents that the inventory speaks of, each from its file and line.
    pub(crate) fn documents(&self) -> Vec<(Entry, Json)> {
        let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut documents = Vec::new();
        for entry in self.inventory() {
            let (Some(file), Some(line)) = (entry.file.clone(), entry.line) else {
                panic!("{} {} stands in no file", entry.kind, entry.id);
            };
            let lines = files.entry(file.clone()).or_insert_with(|| {
                let text = self.text(&format!("data/{file}"));
                text.lines().map(str::to_owned).collect()
            });
            let text = lines
                .get(line.wrapping_sub(1))
                .unwrap_or_else(|| panic!("{file} has no line {line}"));
            documents.push((entry, Json::parse(text)));
        }
        documents
    }

    /// Checks every promise of BagIt that needs no program: all digests, and no file that no manifest names.
    pub(crate) fn check(&self) {
        let mut named = vec!["tagmanifest-sha256.txt".to_owned()];
        for manifest in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
            for line in self.text(manifest).lines() {
                let (digest, path) = line.split_once("  ").expect("digest and path");
                let path = path
                    .replace("%0A", "\n")
                    .replace("%0D", "\r")
                    .replace("%25", "%");
                assert_eq!(sha256_of(&self.path(&path)), digest, "{path}");
                named.push(path);
            }
        }
        named.sort();
        let there: Vec<String> = crate::context::tree(&self.dir).into_keys().collect();
        assert_eq!(there, named, "exactly the named files are there");
        assert!(self.text("bagit.txt").starts_with("BagIt-Version: 1.0\n"));
    }
}

/// The SHA-256 of a file, in hexadecimal digits.
pub(crate) fn sha256_of(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let digest = Sha256::digest(bytes);
    digest
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
