//! What one item, and what hangs on it, brings to the bag. Concurrent tasks fill blocks; the writer commits them in order.

use super::places::{is_own, is_payload};
use super::record::Record;
use super::scrub::{By, Rules, scrub, scrub_named};
use super::shapes::{BytesLine, FaultLine, GapLine, Head, Net, PersonLine, Ref, Tail, Time, json};
use super::spill::{Buffer, Spill};
use super::tally::Tally;
use super::{Aside, BagError, FileFact, RefId, shard};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A person in an item: the field, what the field means, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub field: String,
    pub role: String,
    pub value: String,
}

/// How a person was found in an item: the strength, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// `exact` or `candidate`. What only belongs to something that was found has none.
    pub strength: &'static str,
    pub fields: Vec<FoundAt>,
}

/// A place where a person was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FoundAt {
    /// A JSON pointer (RFC 6901), or `name` or `content`.
    pub pointer: String,
    /// What the identifier is, such as `object-id`.
    pub form: String,
    /// `identity`, `text`, `key`, `name` or `content`.
    pub place: String,
}

/// The bytes an item owns: in the bag, or left where they are.
#[derive(Clone, Copy, Debug)]
pub enum Bytes<'a> {
    Here { path: &'a str, fact: &'a FileFact },
    Left { why: &'a str },
}

/// How a list answered. Counted per kind, for the coverage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It was there, in the form of this generation.
    Answered {
        generation: u8,
    },
    /// No form of it was there.
    Absent,
    Denied,
    Failed,
}

/// An item. `doc` goes to `file`, scrubbed by `rules`; everything else goes to the inventory, through the net.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    pub kind: &'static str,
    /// Below `data/`. Counts only where there is a document.
    pub file: &'a str,
    pub workspace: &'a str,
    pub id: &'a str,
    /// Kind and id.
    pub parent: Option<(&'a str, &'a str)>,
    /// The path at the service.
    pub source: &'a str,
    pub people: &'a [Person],
    pub times: &'a [(&'a str, &'a str)],
    pub bytes: Option<Bytes<'a>>,
    /// The kind of which an item with the same id is the same thing. Said in the inventory when there is such an item.
    pub same: Option<&'a str>,
    /// How the subject of the export was found in it.
    pub found: Option<&'a Found>,
    pub doc: Option<&'a [u8]>,
    pub rules: &'a Rules,
}

/// Whether something is missing, or only worth saying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Gap,
    Note,
}

/// Something that was asked for and is not in the bag.
#[derive(Clone, Debug)]
pub struct Gap {
    pub workspace: String,
    pub kind: &'static str,
    /// What it would have belonged to.
    pub parent: Option<String>,
    pub class: &'static str,
    pub severity: Severity,
    pub reason: String,
    /// The whole story, for the tag file only.
    pub detail: Option<String>,
    pub status: Option<u16>,
    pub request_id: Option<String>,
}

/// A sequence of items and gaps, in memory or spilled.
#[derive(Debug)]
pub struct Block {
    pub(super) buffer: Buffer,
    pub(super) tally: BTreeMap<(String, &'static str), Tally>,
}

impl Block {
    pub fn new(spill: &Arc<Spill>) -> Self {
        Self {
            buffer: Buffer::new(spill),
            tally: BTreeMap::new(),
        }
    }

    /// How many bytes it holds, in memory and spilled.
    pub fn size(&self) -> usize {
        self.buffer.len()
    }

    /// Adds an item, or nothing of it if it fails. Gives the number of redactions.
    pub fn put(&mut self, line: Line<'_>) -> Result<usize, BagError> {
        let outside = |path: &str| !is_payload(path) || is_own(path);
        if line.doc.is_some() && outside(line.file) {
            return Err(BagError::Outside {
                path: line.file.to_owned(),
            });
        }
        let scrubbed = line.doc.map(|doc| scrub(doc, line.rules)).transpose()?;
        let mut net = Net {
            caught: scrubbed
                .as_ref()
                .map(|doc| doc.redactions().to_vec())
                .unwrap_or_default(),
        };
        let id = net.pass("id", line.id);
        let head = Head {
            kind: line.kind,
            workspace: net.pass("workspace", line.workspace),
            same: line.same.map(|kind| Ref {
                kind: kind.into(),
                id: id.clone(),
            }),
            id,
            parent: line.parent.map(|(kind, id)| Ref {
                kind: kind.into(),
                id: net.pass("parent", id),
            }),
            file: line.doc.map(|_| line.file),
        };
        let bytes = match line.bytes {
            Some(Bytes::Here { path, .. }) if outside(path) => {
                return Err(BagError::Outside {
                    path: path.to_owned(),
                });
            }
            Some(Bytes::Here { path, fact }) => Some(BytesLine::Here {
                path,
                length: fact.length,
                sha256: &fact.sha256,
            }),
            Some(Bytes::Left { why }) => Some(BytesLine::Left {
                left: net.pass("bytes", why),
            }),
            None => None,
        };
        let person = |person| {
            let Person { field, role, value }: &Person = person;
            PersonLine {
                field: net.pass("people", field),
                role,
                value: net.pass("people", value),
            }
        };
        let people = line.people.iter().map(person).collect();
        let times = line
            .times
            .iter()
            .map(|(field, value)| Time {
                field,
                value: net.pass("times", value),
            })
            .collect();
        let source = net.pass("source", line.source);
        let redactions = net.caught.len();
        let caught = net
            .caught
            .iter()
            .filter(|redaction| redaction.by == By::Net)
            .count();
        let tail = Tail {
            source,
            people,
            times,
            bytes,
            found: line.found,
            redactions: net.caught,
        };
        let (mut head, tail) = (json(&head), json(&tail));
        head.pop();
        let doc = scrubbed.as_ref().map_or(b"".as_slice(), |doc| doc.line());
        let file = if line.doc.is_some() { line.file } else { "" };
        self.buffer.append(|to| {
            Record::Item {
                file,
                doc,
                head: &head,
                tail: &tail[1..],
            }
            .write(to);
        })?;

        let tally = self
            .tally
            .entry((line.workspace.to_owned(), line.kind))
            .or_default();
        tally.items += 1;
        tally.documents += u64::from(line.doc.is_some());
        tally.document_bytes += doc.len() as u64;
        if let Some(Bytes::Here { fact, .. }) = line.bytes {
            tally.files += 1;
            tally.file_bytes += fact.length;
        }
        tally.redactions += redactions as u64;
        tally.caught += caught as u64;
        Ok(redactions)
    }

    /// Adds a gap. Where and why goes to the payload; when, and under which request, differs each time and goes to a tag file.
    pub fn gap(&mut self, gap: &Gap) -> Result<(), BagError> {
        fn clean(text: &str) -> Cow<'_, str> {
            scrub_named(text).0
        }
        let reason = clean(&gap.reason);
        let request_id = gap.request_id.as_deref().map(clean);
        let detail = gap.detail.as_deref().map(clean);
        let line = GapLine {
            workspace: &gap.workspace,
            kind: gap.kind,
            parent: gap.parent.as_deref().map(clean),
            class: gap.class,
            severity: gap.severity,
            reason: &reason,
            status: gap.status,
        };
        let at = OffsetDateTime::now_utc()
            .format(&Rfc3339)
            .unwrap_or_default();
        let fault = json(&FaultLine {
            at,
            request_id: request_id.as_deref(),
            detail: detail.as_deref(),
            gap: &line,
        });
        let payload = json(&line);
        self.buffer.append(|to| {
            Record::Gap(&payload).write(to);
            Record::Fault(&fault).write(to);
        })?;
        let tally = self
            .tally
            .entry((gap.workspace.clone(), gap.kind))
            .or_default();
        match gap.severity {
            Severity::Gap => tally.gaps += 1,
            Severity::Note => tally.notes += 1,
        }
        Ok(())
    }

    /// Adds a line for the log beside the bag.
    pub fn aside(&mut self, aside: &Aside) -> Result<(), BagError> {
        self.buffer.append(|to| {
            Record::Aside {
                key: &aside.key,
                count: aside.count,
                line: &aside.line,
            }
            .write(to);
        })
    }

    /// Notes that a name was given away.
    pub fn name(&mut self, name: &str, holder: &str) -> Result<(), BagError> {
        self.buffer
            .append(|to| Record::Name { name, holder }.write(to))
    }

    /// Notes, in a part of a whole, that all of this block is one item that something referred to.
    pub fn followed(
        &mut self,
        item: &RefId,
        refs: &[RefId],
        seen: &[RefId],
    ) -> Result<(), BagError> {
        let line = shard::followed(item, refs, seen, &self.tally);
        self.buffer.append(|to| Record::Followed(&line).write(to))
    }

    /// Notes that a kind was looked at, though nothing of it can be counted here.
    pub fn passed(&mut self, workspace: &str, kind: &'static str) {
        self.tally.entry((workspace.to_owned(), kind)).or_default();
    }

    /// Counts an item that was looked at and is not kept.
    pub fn looked_at(&mut self, workspace: &str, kind: &'static str) {
        let tally = self.tally.entry((workspace.to_owned(), kind)).or_default();
        tally.items += 1;
    }

    /// Takes note of how a list of a kind answered.
    pub fn heard(&mut self, workspace: &str, kind: &'static str, heard: Heard) {
        let tally = self.tally.entry((workspace.to_owned(), kind)).or_default();
        match heard {
            Heard::Answered { generation } => {
                tally.answered += 1;
                tally.generation = if tally.generation == 0 {
                    generation
                } else {
                    tally.generation.min(generation)
                };
            }
            Heard::Absent => tally.absent += 1,
            Heard::Denied => tally.denied += 1,
            Heard::Failed => tally.failed += 1,
        }
    }

    pub(super) fn records(
        &self,
        mut each: impl FnMut(Record<'_>) -> Result<(), BagError>,
    ) -> Result<(), BagError> {
        self.buffer.read(|mut bytes| {
            while let Some(record) = Record::read(&mut bytes) {
                each(record)?;
            }
            Ok(())
        })
    }
}
