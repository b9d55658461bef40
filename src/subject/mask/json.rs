//! Others out of a document. Strings and keys change where somebody else stands in them; every other byte stays.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use serde_json::Value;

use super::super::fold;
use super::find::Told;
use super::mask::{ALIAS, Mask, Owner};
use super::record::{Id, escape, records, shape};
use super::sieve::Sieve;
use super::{Masked, Place, Spot};
use crate::kinds::Kind;

/// Keys with one of these in them speak of a person. A value that is nothing but a mailbox name or a short name is masked
/// there, and nowhere else.
static SPEAKS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let words = [
        "user", "owner", "author", "alias", "login", "creat", "assign", "contact", "submitt",
    ];
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(words)
        .unwrap_or_else(|_| unreachable!("a few short words"))
});

/// What an identity field becomes: a pseudonym, or `None` for what stays to the letter.
type Fields = BTreeMap<String, Option<(Owner, &'static str)>>;

impl Mask {
    /// A JSON document without others. Text that is no JSON is masked as text.
    pub fn json(&self, kind: &Kind, raw: &str) -> Masked {
        let fields = match serde_json::from_str::<Value>(raw) {
            Ok(doc) => self.fields(kind, &doc),
            // Half a surrogate pair is no text to serde_json, though it is JSON. Such a document has no record that could be
            // trusted; its strings are masked like all others.
            Err(_) if serde_json::from_str::<serde::de::IgnoredAny>(raw).is_ok() => Fields::new(),
            Err(_) => return self.text(raw),
        };
        let mut pass = Pass {
            mask: self,
            raw,
            lengths: fields
                .keys()
                .fold(0, |bits, pointer| bits | 1 << (pointer.len() % 64)),
            fields,
            sieve: Sieve::default(),
            done: 0,
            out: String::new(),
            here: String::new(),
            told: String::new(),
            frames: Vec::new(),
            spots: Vec::new(),
        };
        pass.run();
        pass.out.push_str(&raw[pass.done..]);
        Masked {
            text: pass.out,
            spots: pass.spots,
        }
    }

    /// The identity fields, each with whose it is.
    fn fields(&self, kind: &Kind, doc: &Value) -> Fields {
        let mut found = Fields::new();
        for record in records(kind, doc) {
            let owner = self.of_record(&record);
            for field in record.fields {
                let told = match owner {
                    None | Some(Owner::Subject) => None,
                    Some(owner) => Some((owner, field.id.form.name())),
                };
                found.insert(field.pointer, told);
            }
        }
        found
    }

    /// Whose a whole value is, in a field that speaks of a person.
    fn whole(&self, value: &str) -> Option<(Owner, &'static str)> {
        let id = Id::new(shape(value), value);
        if let Some(&owner) = self.owners.get(&id) {
            return Some((owner, id.form.name()));
        }
        let alias = fold(value.trim());
        self.aliases.get(&alias).map(|&owner| (owner, ALIAS))
    }
}

/// An object or array that is open.
struct Frame {
    object: bool,
    /// Lengths of the two pointers above it.
    lengths: (usize, usize),
    /// The element that comes next.
    count: usize,
    /// The next string is a key.
    key: bool,
    /// Whether its last key speaks of a person.
    speaks: bool,
    /// Keys that were written masked: two people's pseudonyms may meet in one object.
    keys: BTreeSet<String>,
}

struct Pass<'a> {
    mask: &'a Mask,
    raw: &'a str,
    fields: Fields,
    /// The lengths of their pointers, as bits.
    lengths: u64,
    sieve: Sieve,
    /// Until where the raw text is written.
    done: usize,
    out: String,
    /// The pointer to here, and the same as it may be told: with masked keys.
    here: String,
    told: String,
    frames: Vec<Frame>,
    spots: Vec<Spot>,
}

impl Pass<'_> {
    /// The document is known to be JSON, so that strings, brackets and commas are all there is to look at.
    fn run(&mut self) {
        let bytes = self.raw.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                b'"' => {
                    let end = end_of_string(bytes, at + 1);
                    self.string(at + 1, end);
                    at = end;
                }
                open @ (b'{' | b'[') => {
                    self.element();
                    self.frames.push(Frame {
                        object: open == b'{',
                        lengths: (self.here.len(), self.told.len()),
                        count: 0,
                        key: open == b'{',
                        // A list of owners speaks of persons as its key does.
                        speaks: open == b'[' && self.frames.last().is_some_and(|f| f.speaks),
                        keys: BTreeSet::new(),
                    });
                }
                b'}' | b']' => {
                    if let Some(frame) = self.frames.pop() {
                        self.here.truncate(frame.lengths.0);
                        self.told.truncate(frame.lengths.1);
                    }
                }
                b',' => {
                    if let Some(frame) = self.frames.last_mut() {
                        frame.key = frame.object;
                        if !frame.object {
                            frame.count += 1;
                        }
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Sets the pointers to the element of an array that begins here.
    fn element(&mut self) {
        if let Some(frame) = self.frames.last()
            && !frame.object
        {
            let step = format!("/{}", frame.count);
            self.here.truncate(frame.lengths.0);
            self.told.truncate(frame.lengths.1);
            self.here.push_str(&step);
            self.told.push_str(&step);
        }
    }

    fn string(&mut self, start: usize, end: usize) {
        let inner = &self.raw[start..end];
        if self.frames.last().is_some_and(|frame| frame.key) {
            self.key(inner, start, end);
            return;
        }
        self.element();
        if let Some(field) = self.field() {
            if let Some((owner, form)) = *field {
                let pseudonym = owner.pseudonym().unwrap_or_default();
                if inner != pseudonym {
                    self.replace(start, end, &pseudonym);
                    self.spot(pseudonym, form);
                }
            }
            return;
        }
        if self.frames.last().is_some_and(|frame| frame.speaks)
            && !super::find::is_pseudonym(inner)
            && let Some((owner, form)) = self.mask.whole(&plain(inner))
        {
            if let Some(pseudonym) = owner.pseudonym() {
                self.replace(start, end, &pseudonym);
                self.spot(pseudonym, form);
            }
            return;
        }
        if let Some((text, spots)) = self.told_of(inner) {
            self.replace(start, end, &text);
            for (_, pseudonym, form) in spots {
                self.spot(pseudonym, form);
            }
        }
    }

    /// The identity field that is here. Most values are none, and most of these have another length.
    fn field(&self) -> Option<&Option<(Owner, &'static str)>> {
        let none = self.lengths >> (self.here.len() % 64) & 1 == 0;
        if none {
            return None;
        }
        self.fields.get(&self.here)
    }

    fn told_of(&mut self, inner: &str) -> Option<Told> {
        if self.mask.known.has(inner) {
            return None;
        }
        if self.sieve.may_hold(self.mask, inner) {
            return self.mask.told(inner, 0);
        }
        self.mask.known.add(inner);
        None
    }

    fn key(&mut self, inner: &str, start: usize, end: usize) {
        let told = self.told_of(inner);
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        frame.key = false;
        frame.speaks = SPEAKS.is_match(inner);
        let lengths = frame.lengths;
        let masked = told.map(|(text, spots)| {
            let mut name = text.clone();
            let mut count = 1;
            while !frame.keys.insert(name.clone()) {
                count += 1;
                name = format!("{text}~{count}");
            }
            (name, spots)
        });
        let plain = plain(inner);
        self.here.truncate(lengths.0);
        self.told.truncate(lengths.1);
        self.here.push('/');
        push(&mut self.here, &plain);
        self.told.push('/');
        if let Some((name, spots)) = masked {
            push(&mut self.told, &self::plain(&name));
            self.replace(start, end, &name);
            for (_, pseudonym, form) in spots {
                self.spot(pseudonym, form);
            }
        } else {
            push(&mut self.told, &plain);
        }
    }

    fn replace(&mut self, start: usize, end: usize, text: &str) {
        self.out.push_str(&self.raw[self.done..start]);
        self.out.push_str(text);
        self.done = end;
    }

    fn spot(&mut self, pseudonym: String, form: &'static str) {
        self.spots.push(Spot {
            place: Place::Pointer(self.told.clone()),
            pseudonym,
            form,
        });
    }
}

/// Adds a key to a pointer.
fn push(pointer: &mut String, key: &str) {
    if key.contains(['~', '/']) {
        pointer.push_str(&escape(key));
    } else {
        pointer.push_str(key);
    }
}

/// Where the closing quote is.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at.min(bytes.len())..]) {
        at += found;
        if bytes[at] == b'"' {
            return at;
        }
        at += 2;
    }
    bytes.len()
}

/// The inside of a string without escapes.
fn plain(inner: &str) -> std::borrow::Cow<'_, str> {
    if inner.contains('\\') {
        serde_json::from_str(&format!("\"{inner}\"")).map_or(inner.into(), String::into)
    } else {
        inner.into()
    }
}
