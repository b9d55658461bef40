//! The one pass over a document. What does not change is copied in runs as long as possible: an answer that is compact
//! already and holds no secret is copied in one piece.

use super::net::{self, Find};
use super::rules::{Down, Hit, How, Rules, State};
use super::text::{self, ESCAPE, Hints};
use super::{BadJson, By, DEEPEST, REDACTED, Redaction};
use std::ops::Range;

const EMPTY_GUID: &[u8] = b"00000000-0000-0000-0000-000000000000";

pub(super) fn run(raw: &[u8], rules: &Rules) -> Result<(Vec<u8>, Vec<Redaction>), BadJson> {
    run_at(raw, rules, 0)
}

/// A document, or one that stands as text in a string of another.
fn run_at(raw: &[u8], rules: &Rules, nesting: usize) -> Result<(Vec<u8>, Vec<Redaction>), BadJson> {
    if let Err(error) = std::str::from_utf8(raw) {
        return Err(BadJson {
            at: error.valid_up_to(),
            what: "not UTF-8",
        });
    }
    let mut pass = Pass {
        src: raw,
        at: 0,
        run: 0,
        out: Vec::with_capacity(raw.len()),
        muted: false,
        frames: Vec::new(),
        rules,
        states: Vec::new(),
        redactions: Vec::new(),
        plain: Vec::new(),
        finds: Vec::new(),
        listed: 0,
        nesting,
    };
    rules.start(&mut pass.states);
    let states = 0..pass.states.len();
    pass.space();
    pass.value(states, None)?;
    pass.space();
    if pass.at < raw.len() {
        return Err(pass.bad("something after the document"));
    }
    pass.flush(pass.at);
    Ok((pass.out, pass.redactions))
}

/// How long a pointer may be, and how long when all of them together have come to so much.
const LONG: usize = 1024;
const SHORT: usize = 32;
const LISTED: usize = 1 << 20;

/// A step on the way from the root to here, for the pointer of a redaction.
enum Frame {
    Key(Range<usize>),
    Element(usize),
}

pub(super) struct Pass<'a> {
    pub(super) src: &'a [u8],
    pub(super) at: usize,
    /// Where the run begins that is copied next.
    run: usize,
    out: Vec<u8>,
    /// Inside a value that goes as a whole: it is checked, but neither copied nor searched.
    muted: bool,
    frames: Vec<Frame>,
    rules: &'a Rules,
    states: Vec<State>,
    redactions: Vec<Redaction>,
    plain: Vec<u8>,
    finds: Vec<Find>,
    /// Bytes of all pointers so far.
    listed: usize,
    /// How many strings of other documents this one stands in.
    nesting: usize,
}

/// Documents within strings within documents are looked into this deep.
const NESTED: usize = 3;

impl Pass<'_> {
    fn flush(&mut self, until: usize) {
        if !self.muted {
            self.out.extend_from_slice(&self.src[self.run..until]);
        }
        self.run = until;
    }

    /// Drops insignificant white space.
    fn space(&mut self) {
        if !matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            return;
        }
        self.flush(self.at);
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        self.run = self.at;
    }

    fn value(&mut self, states: Range<usize>, hit: Option<Hit>) -> Result<(), BadJson> {
        match self.peek() {
            Some(b'"') => self.string(hit),
            Some(open @ (b'{' | b'[')) => match hit {
                Some(Hit {
                    path,
                    how: How::Blank,
                }) if !self.muted => self.blank(open, path),
                _ => self.container(open, states),
            },
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            Some(b'-' | b'0'..=b'9') => {
                let start = self.at;
                self.number()?;
                if let Some(Hit {
                    path,
                    how: How::Blank,
                }) = hit
                {
                    self.replace(start, path);
                }
                Ok(())
            }
            Some(_) => Err(self.bad("no value begins like this")),
            None => Err(self.bad("the document ends too early")),
        }
    }

    fn container(&mut self, open: u8, states: Range<usize>) -> Result<(), BadJson> {
        if self.frames.len() >= DEEPEST {
            return Err(self.bad("nested too deeply"));
        }
        let close = if open == b'{' { b'}' } else { b']' };
        self.at += 1;
        self.space();
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(());
        }
        let mut count = 0;
        loop {
            let mine = self.states.len();
            let hit = if open == b'{' {
                let key = self.key()?;
                let hit = self.down_by_key(key.clone(), states.clone());
                self.frames.push(Frame::Key(key));
                hit
            } else {
                self.frames.push(Frame::Element(count));
                self.rules
                    .down(&mut self.states, states.clone(), Down::Element)
            };
            let end = self.states.len();
            self.value(mine..end, hit)?;
            self.states.truncate(mine);
            self.frames.pop();
            count += 1;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(byte) if byte == close => break,
                _ => return Err(self.bad("neither a comma nor an end")),
            }
            self.space();
        }
        self.at += 1;
        Ok(())
    }

    /// A key with its colon. Gives the place of the key between its quotes.
    fn key(&mut self) -> Result<Range<usize>, BadJson> {
        if self.peek() != Some(b'"') {
            return Err(self.bad("no key"));
        }
        let start = self.at + 1;
        let (end, hints) = text::end_of(self.src, start)?;
        if hints != 0 && !self.muted {
            // Pushed here already, so that the pointer names this key.
            self.frames.push(Frame::Key(start..end));
            self.search(start..end, hints, None);
            self.frames.pop();
        }
        self.at = end + 1;
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.bad("no colon"));
        }
        self.at += 1;
        self.space();
        Ok(start..end)
    }

    fn down_by_key(&mut self, key: Range<usize>, states: Range<usize>) -> Option<Hit> {
        if states.is_empty() || self.muted {
            return None;
        }
        let src = self.src;
        let raw = &src[key];
        if memchr::memchr(b'\\', raw).is_none() {
            return self.rules.down(&mut self.states, states, Down::Key(raw));
        }
        text::unescape(raw, &mut self.plain);
        self.rules
            .down(&mut self.states, states, Down::Key(&self.plain))
    }

    fn string(&mut self, hit: Option<Hit>) -> Result<(), BadJson> {
        let start = self.at + 1;
        let (end, hints) = text::end_of(self.src, start)?;
        self.at = end + 1;
        if self.muted {
            return Ok(());
        }
        let blanked = matches!(
            hit,
            Some(Hit {
                how: How::Blank,
                ..
            })
        );
        if !blanked && matches!(self.src.get(start), Some(b'{' | b'[')) && self.nested(start..end) {
            return Ok(());
        }
        match hit {
            Some(Hit {
                path,
                how: How::Blank,
            }) => {
                let raw = &self.src[start..end];
                if !raw.is_empty() && raw != EMPTY_GUID && raw != REDACTED.as_bytes() {
                    self.replace(start - 1, path);
                }
            }
            Some(Hit {
                path,
                how: How::Query,
            }) => self.search(start..end, hints, Some(path)),
            None if hints != 0 => self.search(start..end, hints, None),
            None => {}
        }
        Ok(())
    }

    /// A string that is itself a document, as the pipeline service keeps run configurations: the same rules hold in it. It is
    /// written anew only when something was taken out. False when it is no document.
    fn nested(&mut self, inside: Range<usize>) -> bool {
        if self.nesting >= NESTED {
            return false;
        }
        let mut plain = Vec::new();
        text::unescape(&self.src[inside.clone()], &mut plain);
        if !matches!(plain.last(), Some(b'}' | b']')) {
            return false;
        }
        let Ok((out, found)) = run_at(&plain, self.rules, self.nesting + 1) else {
            return false;
        };
        if found.is_empty() {
            return true;
        }
        // What comes out of a pass is UTF-8, since what went in was.
        let Ok(quoted) = serde_json::to_string(&String::from_utf8_lossy(&out)) else {
            return false;
        };
        self.flush(inside.start);
        self.out
            .extend_from_slice(&quoted.as_bytes()[1..quoted.len() - 1]);
        self.run = inside.end;
        for redaction in found {
            self.note(redaction.by, redaction.rule);
        }
        true
    }

    /// Looks for secrets in the inside of a string, and takes them out where there are any.
    fn search(&mut self, inside: Range<usize>, hints: Hints, query: Option<&'static str>) {
        let src = self.src;
        let raw = &src[inside.clone()];
        let escaped = hints & ESCAPE != 0;
        let (plain, hints) = if escaped {
            text::unescape(raw, &mut self.plain);
            (self.plain.as_slice(), text::hints(&self.plain))
        } else {
            (raw, hints)
        };
        self.finds.clear();
        let mut upto = plain.len();
        if let Some(mark) = query.and_then(|_| memchr::memchr(b'?', plain))
            && mark + 1 < plain.len()
            && &plain[mark + 1..] != REDACTED.as_bytes()
        {
            upto = mark + 1;
        }
        net::find(&plain[..upto], hints, &mut self.finds);
        let whole = plain.len();
        let query = query.filter(|_| upto < whole);
        if self.finds.is_empty() && query.is_none() {
            return;
        }
        let finds = std::mem::take(&mut self.finds);
        let mut place = (0, 0);
        let cut = query.map(|path| {
            (
                Find {
                    start: upto,
                    end: whole,
                    name: path,
                },
                By::Catalogue,
            )
        });
        for (find, by) in finds.iter().map(|find| (*find, By::Net)).chain(cut) {
            let from = if escaped {
                text::raw_place(raw, place, find.start)
            } else {
                (find.start, find.start)
            };
            place = if escaped {
                text::raw_place(raw, from, find.end)
            } else {
                (find.end, find.end)
            };
            self.flush(inside.start + from.0);
            self.out.extend_from_slice(REDACTED.as_bytes());
            self.run = inside.start + place.0;
            self.note(by, find.name);
        }
        self.finds = finds;
    }

    /// Puts the mark in place of the value that began at `start` and ends here.
    fn replace(&mut self, start: usize, path: &'static str) {
        if self.muted {
            return;
        }
        let end = self.at;
        self.flush(start);
        self.out.push(b'"');
        self.out.extend_from_slice(REDACTED.as_bytes());
        self.out.push(b'"');
        self.run = end;
        self.note(By::Catalogue, path);
    }

    /// A container that goes as a whole, unless it is empty.
    fn blank(&mut self, open: u8, path: &'static str) -> Result<(), BadJson> {
        let start = self.at;
        self.flush(start);
        self.muted = true;
        let result = self.container(open, 0..0);
        self.muted = false;
        result?;
        let inner = &self.src[start + 1..self.at - 1];
        if inner.iter().all(u8::is_ascii_whitespace) {
            self.out
                .extend_from_slice(if open == b'{' { b"{}" } else { b"[]" });
            self.run = self.at;
        } else {
            self.run = start;
            self.replace(start, path);
        }
        Ok(())
    }

    fn note(&mut self, by: By, rule: &'static str) {
        let room = if self.listed > LISTED { SHORT } else { LONG };
        let pointer = self.pointer(room);
        self.listed += pointer.len();
        self.redactions.push(Redaction { pointer, by, rule });
    }

    /// Keys stand in the pointer as they were written, so a secret in a key does not come back through it. A hostile
    /// document with endless keys above endless secrets must not make the list larger than itself, so pointers are cut.
    fn pointer(&self, room: usize) -> String {
        let mut pointer = String::new();
        let mut plain = Vec::new();
        for frame in &self.frames {
            match frame {
                _ if pointer.len() > room => {
                    pointer.push_str("/...");
                    break;
                }
                Frame::Element(at) => {
                    pointer.push('/');
                    pointer.push_str(&at.to_string());
                }
                // Half a key could hold half a secret, which no pattern knows.
                Frame::Key(key) if key.len() > room => pointer.push_str("/[long key]"),
                Frame::Key(key) => {
                    text::unescape(&self.src[key.clone()], &mut plain);
                    let key = String::from_utf8_lossy(&plain);
                    let (key, _) = super::scrub_text(&key);
                    pointer.push('/');
                    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                }
            }
        }
        pointer
    }
}
