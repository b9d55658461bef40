//! A finished bag of ours, for reading: its description, its lines, its documents.

use super::error::disk;
use super::places::is_payload;
use super::{BagError, FORMAT, FORMAT_LABEL, MANIFEST, STATE};
use serde::Deserialize;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// No document is longer; a file without line feeds must not fill the memory.
const LONGEST_LINE: u64 = 256 << 20;
const OPEN: usize = 16;
/// What is read as a whole is no longer than this.
const LARGEST_SMALL: u64 = 1 << 20;

/// A finished bag.
#[derive(Clone, Debug)]
pub struct Bag {
    root: PathBuf,
    fields: Vec<(String, String)>,
    format: (u32, u32),
}

/// A line of the inventory.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Item {
    pub kind: String,
    pub workspace: String,
    pub id: String,
    pub parent: Option<Parent>,
    /// Below `data/`; with `line` where the document stands, if the item has one.
    pub file: Option<String>,
    /// From 1.
    pub line: Option<u64>,
    /// An item of another kind that is the same thing, seen by another service.
    #[serde(default, deserialize_with = "lenient")]
    pub same_as: Option<Parent>,
    #[serde(default)]
    pub source: String,
    #[serde(default)]
    pub people: Vec<ItemPerson>,
    #[serde(default)]
    pub times: Vec<ItemTime>,
    pub bytes: Option<ItemBytes>,
    #[serde(default)]
    pub redactions: Vec<ItemRedaction>,
    /// In the bag of one person: where and how strongly the item speaks of that person.
    #[serde(default, rename = "match", deserialize_with = "lenient")]
    pub matched: Option<ItemMatch>,
}

/// Why an item is in the bag of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ItemMatch {
    /// `exact` or `candidate`.
    pub strength: String,
    pub fields: Vec<MatchField>,
}

/// A place where the person stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct MatchField {
    pub pointer: String,
    /// Which form of the person matched: an object id, a name.
    pub form: String,
    /// What sort of place it is: an identity field, text, a file name.
    pub place: String,
}

/// A shape that this program does not know is as if it were not there: the rest of the line still counts.
fn lenient<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    let value = serde_json::Value::deserialize(from)?;
    Ok(serde_json::from_value(value).ok())
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Parent {
    pub kind: String,
    pub id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ItemPerson {
    pub field: String,
    #[serde(rename = "as")]
    pub role: String,
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ItemTime {
    pub field: String,
    pub value: String,
}

/// The bytes of an item: path, length and digest, or why they were left.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ItemBytes {
    pub path: Option<String>,
    pub length: Option<u64>,
    pub sha256: Option<String>,
    pub left: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ItemRedaction {
    pub pointer: String,
    pub by: String,
    pub rule: String,
}

impl Bag {
    /// Opens a finished bag of this program, unless a newer program wrote it in a way this one cannot know.
    pub fn open(root: &Path) -> Result<Self, BagError> {
        let not = |what: &str| BagError::NotABag {
            dir: root.to_owned(),
            what: what.to_owned(),
        };
        if !root.is_dir() {
            return Err(not("there is no such directory"));
        }
        if !root.join(MANIFEST).is_file() {
            let begun = root.join(STATE).is_dir();
            return Err(if begun {
                BagError::Unfinished {
                    dir: root.to_owned(),
                }
            } else {
                not("there is no manifest in it")
            });
        }
        let path = root.join("bag-info.txt");
        let text = fs::read_to_string(&path)
            .map_err(|error| not(&format!("bag-info.txt cannot be read: {error}")))?;
        let fields = tags(&text);
        let version =
            field(&fields, FORMAT_LABEL).ok_or_else(|| not("it was not made by this program"))?;
        let format = parse_format(version)
            .ok_or_else(|| not(&format!("{version:?} is no format version")))?;
        if parse_format(FORMAT).is_some_and(|known| format.0 > known.0) {
            return Err(BagError::Newer {
                dir: root.to_owned(),
                found: version.to_owned(),
                known: FORMAT,
            });
        }
        Ok(Self {
            root: root.to_owned(),
            format,
            fields,
        })
    }

    /// The payload of a bag that is about to be sealed.
    pub(super) fn unsealed(root: &Path, fields: Vec<(String, String)>, format: (u32, u32)) -> Self {
        Self {
            root: root.to_owned(),
            fields,
            format,
        }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Major and minor version of the format.
    pub fn format(&self) -> (u32, u32) {
        self.format
    }

    /// Labels and values of `bag-info.txt`.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// The first value of a label, whose case does not matter.
    pub fn info(&self, label: &str) -> Option<&str> {
        field(&self.fields, label)
    }

    /// The lines of a file below `data/`.
    pub fn lines(&self, path: &str) -> Result<Lines, BagError> {
        if !is_payload(path) {
            return Err(BagError::Outside {
                path: path.to_owned(),
            });
        }
        Lines::open(self.root.join("data").join(path))
    }

    /// A small file of the bag as a whole, by its path from the bag's root; nothing when it is not there.
    pub fn small_file(&self, path: &str) -> Result<Option<Vec<u8>>, BagError> {
        if !is_payload(path) {
            return Err(BagError::Outside {
                path: path.to_owned(),
            });
        }
        let path = self.root.join(path);
        let mut bytes = Vec::new();
        match File::open(&path) {
            Ok(file) => file
                .take(LARGEST_SMALL)
                .read_to_end(&mut bytes)
                .map_err(disk("read", &path))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(disk("read", &path)(error)),
        };
        Ok(Some(bytes))
    }

    pub fn inventory(&self) -> Result<Inventory, BagError> {
        Ok(Inventory {
            lines: self.lines("inventory.jsonl")?,
        })
    }

    /// The documents of items. Asked for in the order of the inventory, they cost one reading of each file.
    pub fn documents(&self) -> Documents {
        Documents {
            bag: self.clone(),
            open: Vec::new(),
        }
    }
}

/// The items of a bag, one after the other.
#[derive(Debug)]
pub struct Inventory {
    lines: Lines,
}

impl Inventory {
    /// Where the next line begins, in bytes, for [`go_to`](Self::go_to).
    pub fn offset(&self) -> u64 {
        self.lines.at
    }

    /// Goes on at a line that begins there.
    pub fn go_to(&mut self, offset: u64) -> Result<(), BagError> {
        // Lines that stand near each other are read from the disk once.
        let by = offset.cast_signed() - self.lines.at.cast_signed();
        self.lines
            .from
            .seek_relative(by)
            .map_err(disk("read", &self.lines.path))?;
        self.lines.at = offset;
        Ok(())
    }
}

impl Iterator for Inventory {
    type Item = Result<Item, BagError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.lines.next_line() {
            Ok(Some(line)) => match serde_json::from_slice(line) {
                Ok(item) => Some(Ok(item)),
                Err(error) => Some(Err(self.lines.bad(error.to_string()))),
            },
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

/// The lines of one file, one at a time in memory.
#[derive(Debug)]
pub struct Lines {
    path: PathBuf,
    from: BufReader<File>,
    line: Vec<u8>,
    number: u64,
    /// How many bytes came so far.
    at: u64,
}

impl Lines {
    pub(super) fn open(path: PathBuf) -> Result<Self, BagError> {
        let file = File::open(&path).map_err(disk("read", &path))?;
        Ok(Self {
            path,
            from: BufReader::with_capacity(1 << 17, file),
            line: Vec::new(),
            number: 0,
            at: 0,
        })
    }

    /// The next line, without its line feed.
    pub fn next_line(&mut self) -> Result<Option<&[u8]>, BagError> {
        self.line.clear();
        self.number += 1;
        let mut limited = self.from.by_ref().take(LONGEST_LINE);
        let read = limited
            .read_until(b'\n', &mut self.line)
            .map_err(disk("read", &self.path))?;
        self.at += read as u64;
        if read as u64 == LONGEST_LINE {
            return Err(self.bad("it is too long".to_owned()));
        }
        if self.line.ends_with(b"\n") {
            self.line.pop();
        }
        Ok((read > 0).then_some(self.line.as_slice()))
    }

    /// The number of the line that came last, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn bad(&self, what: String) -> BagError {
        BagError::BadLine {
            path: self.path.clone(),
            line: self.number,
            what,
        }
    }
}

/// Documents by file and line.
#[derive(Debug)]
pub struct Documents {
    bag: Bag,
    open: Vec<(String, Lines)>,
}

impl Documents {
    pub fn get(&mut self, file: &str, line: u64) -> Result<&[u8], BagError> {
        let known = self
            .open
            .iter()
            .position(|(path, lines)| path == file && lines.number < line);
        let (path, mut lines) = match known {
            Some(at) => self.open.remove(at),
            None => (file.to_owned(), self.bag.lines(file)?),
        };
        // The one used last stands last; the first goes when there are too many.
        if self.open.len() >= OPEN {
            self.open.remove(0);
        }
        while lines.number < line {
            if lines.next_line()?.is_none() {
                return Err(lines.bad("there is no such line".to_owned()));
            }
        }
        self.open.push((path, lines));
        Ok(self
            .open
            .last()
            .map(|(_, lines)| lines.line.as_slice())
            .unwrap_or_default())
    }
}

/// The tags of a tag file. A line that begins with white space goes on with the value before it.
pub(super) fn tags(text: &str) -> Vec<(String, String)> {
    let mut tags: Vec<(String, String)> = Vec::new();
    // A line ends in a line feed, a carriage return, or both; a blank one says nothing.
    for line in text
        .strip_prefix('\u{feff}')
        .unwrap_or(text)
        .split(['\n', '\r'])
    {
        if line.trim().is_empty() {
            continue;
        }
        match (line.starts_with(char::is_whitespace), tags.last_mut()) {
            (true, Some((_, value))) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            _ => {
                if let Some((label, value)) = line.split_once(':') {
                    tags.push((label.trim().to_owned(), value.trim().to_owned()));
                }
            }
        }
    }
    tags
}

pub(super) fn field<'a>(fields: &'a [(String, String)], label: &str) -> Option<&'a str> {
    fields
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(label))
        .map(|(_, value)| value.as_str())
}

/// `major.minor`.
pub(super) fn parse_format(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.trim().split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
