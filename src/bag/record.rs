//! How a block and the logs of the state folder hold what becomes lines later: a tag, lengths, bytes.
//!
//! An inventory line names the line of its document, which is known only when everything before it is in its place. So it
//! is kept as the part before `"line"` and the part behind it.

use std::io::{self, Read};

/// One thing a block brings.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Record<'a> {
    /// An item: its document, if it has one, and where that goes; the inventory line around its number.
    Item {
        file: &'a str,
        doc: &'a [u8],
        head: &'a [u8],
        tail: &'a [u8],
    },
    /// A line of `gaps.jsonl`.
    Gap(&'a [u8]),
    /// A line of `faults.jsonl`.
    Fault(&'a [u8]),
    /// A line for the log beside the bag: what it speaks of, how many things it lists.
    Aside {
        key: &'a str,
        count: u64,
        line: &'a str,
    },
    /// A name that was given away, and who holds it.
    Name { name: &'a str, holder: &'a str },
    /// In a part of a whole: what was fetched because something referred to it, as one item.
    Followed(&'a [u8]),
}

const ITEM: u8 = 1;
const GAP: u8 = 2;
const FAULT: u8 = 3;
const ASIDE: u8 = 4;
const NAME: u8 = 5;
const FOLLOWED: u8 = 6;

impl<'a> Record<'a> {
    pub(super) fn write(&self, to: &mut Vec<u8>) {
        let number;
        let (tag, parts): (u8, [&[u8]; 4]) = match *self {
            Self::Item {
                file,
                doc,
                head,
                tail,
            } => (ITEM, [file.as_bytes(), doc, head, tail]),
            Self::Gap(line) => (GAP, [line, b"", b"", b""]),
            Self::Fault(line) => (FAULT, [line, b"", b"", b""]),
            Self::Aside { key, count, line } => {
                number = count.to_le_bytes();
                (ASIDE, [key.as_bytes(), &number, line.as_bytes(), b""])
            }
            Self::Name { name, holder } => (NAME, [name.as_bytes(), holder.as_bytes(), b"", b""]),
            Self::Followed(line) => (FOLLOWED, [line, b"", b"", b""]),
        };
        to.push(tag);
        for part in parts {
            to.extend_from_slice(&(part.len() as u64).to_le_bytes());
        }
        for part in parts {
            to.extend_from_slice(part);
        }
    }

    /// Takes the first record off `bytes`. Nothing when there is none; what a block wrote is always whole.
    pub(super) fn read(bytes: &mut &'a [u8]) -> Option<Self> {
        let mut rest = *bytes;
        let (tag, after) = rest.split_first()?;
        rest = after;
        let mut lengths = [0; 4];
        for length in &mut lengths {
            let (number, after) = rest.split_first_chunk::<8>()?;
            *length = usize::try_from(u64::from_le_bytes(*number)).ok()?;
            rest = after;
        }
        let mut parts: [&[u8]; 4] = [b""; 4];
        for (part, length) in parts.iter_mut().zip(lengths) {
            (*part, rest) = rest.split_at_checked(length)?;
        }
        *bytes = rest;
        let [first, doc, head, tail] = parts;
        Some(match *tag {
            ITEM => Self::Item {
                file: std::str::from_utf8(first).ok()?,
                doc,
                head,
                tail,
            },
            GAP => Self::Gap(first),
            FAULT => Self::Fault(first),
            ASIDE => Self::Aside {
                key: std::str::from_utf8(first).ok()?,
                count: u64::from_le_bytes(doc.try_into().ok()?),
                line: std::str::from_utf8(head).ok()?,
            },
            NAME => Self::Name {
                name: std::str::from_utf8(first).ok()?,
                holder: std::str::from_utf8(doc).ok()?,
            },
            FOLLOWED => Self::Followed(first),
            _ => return None,
        })
    }
}

/// An inventory line in the log: the file's number (0 for none), the line within what its stream wrote to it, the two parts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) file: i64,
    pub(super) line: u64,
    pub(super) head: Vec<u8>,
    pub(super) tail: Vec<u8>,
}

impl Entry {
    pub(super) fn write(file: i64, line: u64, head: &[u8], tail: &[u8], to: &mut Vec<u8>) {
        to.extend_from_slice(&file.to_le_bytes());
        to.extend_from_slice(&line.to_le_bytes());
        to.extend_from_slice(&(head.len() as u64).to_le_bytes());
        to.extend_from_slice(&(tail.len() as u64).to_le_bytes());
        to.extend_from_slice(head);
        to.extend_from_slice(tail);
    }

    /// Reads the next entry into this one, and says how many bytes it took.
    pub(super) fn read(&mut self, from: &mut impl Read) -> io::Result<u64> {
        let mut number = || {
            let mut bytes = [0; 8];
            from.read_exact(&mut bytes)
                .map(|()| u64::from_le_bytes(bytes))
        };
        self.file = number()?.cast_signed();
        self.line = number()?;
        let (head, tail) = (number()?, number()?);
        for (part, length) in [(&mut self.head, head), (&mut self.tail, tail)] {
            part.clear();
            if from.by_ref().take(length).read_to_end(part)? as u64 != length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(32 + head + tail)
    }
}
