//! Items of two kinds that are one thing: each line of the inventory names the other, where there is another.
//!
//! Which of the two is listed first is nobody's choice, so a line is kept with the item that would be the same thing, and
//! only when the bag is sealed is it known whether that is there.

use super::shapes::Ref;
use rusqlite::{Connection, Result, Statement};
use serde::Deserialize;
use std::borrow::Cow;

/// How the part of a line begins that names the other item. Within a text its quotation marks would be escaped.
const SAME: &[u8] = b",\"same_as\":";

/// The item that would be the same thing.
#[derive(Deserialize)]
pub(super) struct Other<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    id: Cow<'a, str>,
}

/// The beginning of a line, and apart from it the part that names the other item.
pub(super) fn parted(head: &[u8]) -> (&[u8], Option<(&[u8], Other<'_>)>) {
    let Some(at) = memchr::memmem::rfind(head, SAME) else {
        return (head, None);
    };
    let (before, text) = head.split_at(at);
    match serde_json::from_slice(&text[SAME.len()..]) {
        Ok(other) => (before, Some((text, other))),
        Err(_) => (head, None),
    }
}

/// Adds the part that names the other item, which has the same id.
pub(super) fn name_other(head: &mut Vec<u8>, kind: &str, id: &str) -> serde_json::Result<()> {
    head.extend_from_slice(SAME);
    let other = Ref {
        kind: kind.into(),
        id: id.into(),
    };
    serde_json::to_writer(head, &other)
}

/// What the lists brought, by the ids that were noted of them.
pub(super) struct Twins<'db> {
    any: Statement<'db>,
    one: Statement<'db>,
    /// Whether the workspace of this list has anything of this kind: most lists ask about one kind only.
    last: Option<(i64, String, bool)>,
}

impl<'db> Twins<'db> {
    pub(super) fn of(db: &'db Connection) -> Result<Self> {
        const FROM: &str = "SELECT 1 FROM streams s JOIN refs r ON r.workspace = s.workspace
            WHERE s.id = ?1 AND r.kind = ?2 AND r.wave IS NOT NULL";
        Ok(Self {
            any: db.prepare(&format!("{FROM} LIMIT 1"))?,
            one: db.prepare(&format!("{FROM} AND r.id = ?3"))?,
            last: None,
        })
    }

    /// Whether an item is there, seen from a list of the same workspace.
    pub(super) fn has(&mut self, stream: i64, other: &Other<'_>) -> Result<bool> {
        let known = self
            .last
            .as_ref()
            .filter(|(last, kind, _)| *last == stream && *kind == other.kind)
            .map(|(_, _, any)| *any);
        let any = if let Some(any) = known {
            any
        } else {
            let any = self.any.exists((stream, &other.kind))?;
            self.last = Some((stream, other.kind.clone().into_owned(), any));
            any
        };
        Ok(any && self.one.exists((stream, &other.kind, &other.id))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_part_that_was_put_there_is_taken_off() {
        let text = br#"{"kind":"runs","id":"r","file":"a","same_as":{"kind":"jobs","id":"r \"x"}"#;
        let (before, same) = parted(text);
        assert_eq!(before, br#"{"kind":"runs","id":"r","file":"a""#);
        let (part, other) = same.expect("a part");
        assert_eq!((&*other.kind, &*other.id), ("jobs", "r \"x"));
        assert!(part.starts_with(SAME));
        let odd = br#"{"kind":"runs","id":",\"same_as\":{}","file":"a""#;
        assert!(parted(odd).1.is_none(), "a text that looks like it");
        assert_eq!(parted(odd).0, odd);
    }
}
