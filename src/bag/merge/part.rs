//! One part, read from its beginning to its end: what its lists brought, and the lines and documents that they brought.

use super::super::reader::{Bag, Documents, Item, Lines};
use super::super::same::{name_other, parted};
use super::super::shard::{FILE, Told};
use super::super::{BagError, Severity, TAGS};
use super::{Catalogue, MergeError};
use memchr::memmem;
use serde::Deserialize;

/// A part, somewhere between its beginning and its end.
pub(super) struct Part<'a> {
    pub(super) bag: &'a Bag,
    told: Lines,
    inventory: Lines,
    gaps: Lines,
    documents: Documents,
}

/// An item as a bag holds it: the inventory line around the number of its document's line, and the document.
pub(super) struct Kept {
    pub(super) item: Item,
    pub(super) kind: &'static str,
    pub(super) head: Vec<u8>,
    pub(super) tail: Vec<u8>,
    pub(super) doc: Vec<u8>,
}

/// A line of the gaps, as it stands.
pub(super) struct KeptGap {
    pub(super) workspace: String,
    pub(super) kind: &'static str,
    pub(super) severity: Severity,
    pub(super) line: Vec<u8>,
}

/// What has to be known of a line of the gaps to count it.
#[derive(Deserialize)]
struct GapFacts {
    workspace: String,
    kind: String,
    severity: Severity,
}

impl<'a> Part<'a> {
    pub(super) fn open(bag: &'a Bag) -> Result<Self, MergeError> {
        Ok(Self {
            told: Lines::open(bag.root().join(TAGS).join(FILE))?,
            inventory: bag.lines("inventory.jsonl")?,
            gaps: bag.lines("gaps.jsonl")?,
            documents: bag.documents(),
            bag,
        })
    }

    /// What it tells next of itself.
    pub(super) fn told(&mut self) -> Result<Option<Told>, MergeError> {
        let Some(line) = self.told.next_line()? else {
            return Ok(None);
        };
        match serde_json::from_slice(line) {
            Ok(told) => Ok(Some(told)),
            Err(error) => Err(self.told.bad(error.to_string()).into()),
        }
    }

    /// The next item.
    pub(super) fn item(&mut self, catalogue: &Catalogue<'_>) -> Result<Kept, MergeError> {
        let Some(line) = self.inventory.next_line()? else {
            return Err(self.torn("its inventory ends before its lists do"));
        };
        let item: Item = match serde_json::from_slice(line) {
            Ok(item) => item,
            Err(error) => return Err(self.inventory.bad(error.to_string()).into()),
        };
        let Some((head, tail)) = split(line, item.file.is_some()) else {
            let what = "it is no line as this program writes it".to_owned();
            return Err(self.inventory.bad(what).into());
        };
        let (mut head, tail) = (head.to_vec(), tail.to_vec());
        // The other half of what is one thing may be in another part: only the whole can tell whether it is there.
        if let Some(other) = (catalogue.same)(&item.kind) {
            name_other(&mut head, other, &item.id)
                .map_err(|error| self.inventory.bad(error.to_string()))?;
        }
        let doc = match (&item.file, item.line) {
            (Some(file), Some(line)) => self.documents.get(file, line)?.to_vec(),
            _ => Vec::new(),
        };
        Ok(Kept {
            kind: self.kind(catalogue, &item.kind)?,
            item,
            head,
            tail,
            doc,
        })
    }

    /// The next gap or note.
    pub(super) fn gap(&mut self, catalogue: &Catalogue<'_>) -> Result<KeptGap, MergeError> {
        let Some(line) = self.gaps.next_line()? else {
            return Err(self.torn("its gaps end before its lists do"));
        };
        let line = line.to_vec();
        match KeptGap::read(line, catalogue) {
            Ok(Some(gap)) => Ok(gap),
            Ok(None) => Err(self.torn("a gap is of a kind that this program does not know")),
            Err(error) => Err(self.gaps.bad(error.to_string()).into()),
        }
    }

    /// That nothing is left of what no list brought.
    pub(super) fn close(mut self) -> Result<(), MergeError> {
        if self.inventory.next_line()?.is_some() {
            return Err(self.torn("its inventory has more lines than its lists brought"));
        }
        if self.gaps.next_line()?.is_some() {
            return Err(self.torn("it has more gaps than its lists brought"));
        }
        Ok(())
    }

    pub(super) fn torn(&self, what: &str) -> MergeError {
        MergeError::Torn {
            dir: self.bag.root().to_owned(),
            what: what.to_owned(),
        }
    }

    fn kind(&self, catalogue: &Catalogue<'_>, name: &str) -> Result<&'static str, MergeError> {
        (catalogue.kind)(name)
            .ok_or_else(|| self.torn(&format!("this program knows no kind {name}")))
    }
}

impl Kept {
    /// An item that was kept in the state meanwhile. Nothing when it cannot be read, which nobody but us wrote.
    pub(super) fn read(
        file: &str,
        doc: &[u8],
        head: &[u8],
        tail: &[u8],
        catalogue: &Catalogue<'_>,
    ) -> Option<Self> {
        let line = [head, b",", tail].concat();
        let mut item: Item = serde_json::from_slice(&line).ok()?;
        item.file = (!file.is_empty()).then(|| file.to_owned());
        Some(Self {
            kind: (catalogue.kind)(&item.kind)?,
            item,
            head: head.to_vec(),
            tail: tail.to_vec(),
            doc: doc.to_vec(),
        })
    }

    /// Below `data/`; empty when it has no document.
    pub(super) fn file(&self) -> &str {
        self.item.file.as_deref().unwrap_or_default()
    }
}

impl KeptGap {
    /// Reads a line; nothing when its kind is not known.
    pub(super) fn read(
        line: Vec<u8>,
        catalogue: &Catalogue<'_>,
    ) -> Result<Option<Self>, serde_json::Error> {
        let facts: GapFacts = serde_json::from_slice(&line)?;
        Ok((catalogue.kind)(&facts.kind).map(|kind| Self {
            workspace: facts.workspace,
            kind,
            severity: facts.severity,
            line,
        }))
    }
}

/// The parts of an inventory line before and behind the number of its document's line, without the part between them that
/// names what is the same thing. The marks cannot stand in a value: there a quotation mark has a backslash before it.
fn split(line: &[u8], has_document: bool) -> Option<(&[u8], &[u8])> {
    let source = memmem::find(line, b",\"source\":")?;
    let (before, tail) = (&line[..source], &line[source + 1..]);
    let (before, _) = parted(before);
    if !has_document {
        return Some((before, tail));
    }
    let mark = b",\"line\":";
    let at = memmem::find(before, mark)?;
    let number = &before[at + mark.len()..];
    let is_number = !number.is_empty() && number.iter().all(u8::is_ascii_digit);
    is_number.then_some((&line[..at], tail))
}

/// A line that the bag itself would have refused when it was made.
pub(super) fn outside(file: &str) -> BagError {
    BagError::Outside {
        path: file.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_line_is_cut_where_its_number_stands() {
        let line =
            br#"{"kind":"runs","id":",\"line\":7,\"source\":","file":"a","line":12,"source":"s"}"#;
        let (head, tail) = split(line, true).expect("a line of ours");
        assert_eq!(
            head,
            br#"{"kind":"runs","id":",\"line\":7,\"source\":","file":"a""#
        );
        assert_eq!(tail, br#""source":"s"}"#);
        let line = br#"{"kind":"runs","id":"r","file":"a","line":12,"same_as":{"kind":"jobs","id":"}\","},"source":"s"}"#;
        let (head, tail) = split(line, true).expect("a line that names the other half");
        assert_eq!(head, br#"{"kind":"runs","id":"r","file":"a""#);
        assert_eq!(tail, br#""source":"s"}"#);
        let line = br#"{"kind":"runs","id":",\"source\":","source":"s"}"#;
        let (head, tail) = split(line, false).expect("a line of ours");
        assert_eq!(
            (head, tail),
            (
                br#"{"kind":"runs","id":",\"source\":""#.as_slice(),
                br#""source":"s"}"#.as_slice()
            )
        );
        // What the line names as the same thing is asked again in the whole.
        for (line, has_document) in [
            (
                br#"{"kind":"runs","id":"r","file":"a","line":12,"same_as":{"kind":"jobs","id":",\"line\":1"},"source":"s"}"#.as_slice(),
                true,
            ),
            (
                br#"{"kind":"runs","id":"r","file":"a","same_as":{"kind":"jobs","id":"r"},"source":"s"}"#.as_slice(),
                false,
            ),
        ] {
            let (head, tail) = split(line, has_document).expect("a line of ours");
            assert_eq!(head, br#"{"kind":"runs","id":"r","file":"a""#);
            assert_eq!(tail, br#""source":"s"}"#);
        }
        for bad in [
            br#"{"kind":"runs","line":1,"people":[]}"#.as_slice(),
            br#"{"kind":"runs","source":"s"}"#,
            br#"{"kind":"runs","line":,"source":"s"}"#,
            br#"{"kind":"runs","line":1x,"source":"s"}"#,
        ] {
            assert_eq!(split(bad, true), None);
        }
    }
}
