//! Where a person stands in the text of a file, read as it comes and in bounded memory.
//!
//! The text is looked at in blocks that end with a line. Where a line is longer than a block, the blocks overlap by more than
//! the longest spelling can take with its escapes, and nothing near a cut is judged by the block that does not see its
//! neighbours; a find that both see counts once, since a line counts each identifier once.

use super::encoding::Reader;
use super::look::Edges;
use super::matcher::LAYERS;
use super::{Encoding, Form, Matcher, Written};

/// Finds that are listed; the others are only counted.
const LISTED: usize = 1000;

/// What is looked at together, at least.
const BLOCK: usize = 64 * 1024;

/// One identifier on one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct ContentMatch {
    /// Counted from 1; lines end with a line feed.
    pub line: u64,
    /// Which identifier of the subject it is.
    pub identifier: usize,
    pub form: Form,
    pub written: Written,
}

/// Why a file was not looked at to its end. What was found before counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Skipped {
    /// A zero at this byte: it is no text, or one in UTF-16 that does not say so.
    Binary { at: u64 },
    /// Only so many bytes of a file are looked at.
    TooLarge { limit: u64 },
}

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ContentReport {
    /// The first thousand; every identifier once a line, in its plainest spelling. All of them are candidates.
    pub matches: Vec<ContentMatch>,
    /// How many there are.
    pub total: u64,
    /// Bytes of the file that were looked at.
    pub scanned: u64,
    pub encoding: Encoding,
    pub skipped: Option<Skipped>,
}

/// A file that is being looked at.
#[derive(Debug)]
pub struct ContentScan<'m> {
    matcher: &'m Matcher,
    limit: u64,
    reader: Reader,
    /// Text in UTF-8, or in whatever is read byte by byte, that was not looked at yet, after some that was.
    text: Vec<u8>,
    /// Whether the text begins with a line.
    own_start: bool,
    /// The line with which the text begins.
    line: u64,
    /// What was found in the line that was last looked at: the identifier, and where it is listed.
    seen: (u64, Vec<(usize, usize)>),
    overlap: usize,
    matches: Vec<ContentMatch>,
    total: u64,
    scanned: u64,
    skipped: Option<Skipped>,
}

impl Matcher {
    /// Looks at the first `limit` bytes of a file, as they come.
    pub fn content(&self, limit: u64) -> ContentScan<'_> {
        ContentScan {
            matcher: self,
            limit,
            reader: Reader::default(),
            text: Vec::new(),
            own_start: true,
            line: 1,
            seen: (0, Vec::new()),
            // A letter may take 14 bytes with its escapes (`&amp;amp;#x61;`), and its neighbours are to be seen as well.
            overlap: 16 * self.longest() + 4096,
            matches: Vec::new(),
            total: 0,
            scanned: 0,
            skipped: None,
        }
    }
}

impl ContentScan<'_> {
    /// The next bytes of the file.
    pub fn feed(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(BLOCK) {
            if self.skipped.is_some() {
                return;
            }
            let room = usize::try_from(self.limit - self.scanned).unwrap_or(usize::MAX);
            let within = &part[..part.len().min(room)];
            let zero = self.reader.read(within, &mut self.text);
            self.scanned += within.len() as u64;
            if let Some(at) = zero {
                self.binary(at);
            } else if within.len() < part.len() {
                self.skipped = Some(Skipped::TooLarge { limit: self.limit });
            }
            if self.text.len() >= BLOCK.max(4 * self.overlap) {
                self.block();
            }
        }
    }

    /// What was found in all.
    pub fn finish(mut self) -> ContentReport {
        if self.skipped.is_none()
            && let Some(at) = self.reader.finish(&mut self.text)
        {
            self.binary(at);
        }
        let text = std::mem::take(&mut self.text);
        self.look(&text, self.skipped.is_none());
        ContentReport {
            matches: self.matches,
            total: self.total,
            scanned: self.scanned,
            encoding: self.reader.encoding(),
            skipped: self.skipped,
        }
    }

    fn binary(&mut self, at: u64) {
        self.scanned = at;
        self.skipped = Some(Skipped::Binary { at });
    }

    /// Looks at the text that is there, up to its last line end, or at all of it where it has none.
    fn block(&mut self) {
        let text = std::mem::take(&mut self.text);
        let keep = if let Some(at) = memchr::memrchr(b'\n', &text) {
            self.look(&text[..=at], true);
            self.own_start = true;
            at + 1
        } else {
            self.look(&text, false);
            self.own_start = false;
            text.len() - self.overlap
        };
        self.line += memchr::memchr_iter(b'\n', &text[..keep]).count() as u64;
        self.text = text;
        self.text.drain(..keep);
    }

    fn look(&mut self, text: &[u8], own_end: bool) {
        let whole = Edges {
            start: self.own_start,
            end: own_end,
        };
        if !self.matcher.may_hold(text, LAYERS, whole) {
            return;
        }
        let mut lines = text.split(|byte| *byte == b'\n').peekable();
        let mut edges = whole;
        let mut number = self.line;
        while let Some(line) = lines.next() {
            edges.end = own_end || lines.peek().is_some();
            for hit in self.matcher.hits(line, edges) {
                self.note(number, hit.identifier, hit.written);
            }
            edges.start = true;
            number += 1;
        }
    }

    fn note(&mut self, line: u64, identifier: usize, written: Written) {
        if self.seen.0 != line {
            self.seen = (line, Vec::new());
        }
        let known = self.seen.1.iter().find(|(known, _)| *known == identifier);
        if let Some((_, listed)) = known {
            // A later part of a long line may show it plainly.
            if let Some(earlier) = self.matches.get_mut(*listed) {
                earlier.written = earlier.written.min(written);
            }
            return;
        }
        let listed = if self.matches.len() < LISTED {
            self.matches.len()
        } else {
            usize::MAX
        };
        self.seen.1.push((identifier, listed));
        self.total += 1;
        if self.matches.len() < LISTED {
            self.matches.push(ContentMatch {
                line,
                identifier,
                form: self.matcher.targets[identifier].form,
                written,
            });
        }
    }
}
