//! Where the items of an answer are, and where the next page is. Pure.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::value::RawValue;

use crate::kinds::Paging;

/// Where in a list to go on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Position {
    Start,
    /// An absolute address, followed to the letter.
    Link(String),
    /// A token of the service.
    Token(String),
    /// After so many pages. Links may carry keys, so what is written down of a place in such a list is a number, and who
    /// goes on there walks the list again up to it.
    Pages(u64),
}

/// An answer taken apart: the items as the bytes that arrived, and the next position.
#[derive(Debug)]
pub struct Parts {
    pub items: Vec<Box<RawValue>>,
    pub next: Option<Position>,
}

/// Takes an answer apart. The error is a sentence's end: what is wrong with the answer.
pub fn take_apart(body: &[u8], paging: Paging, items: &str) -> Result<Parts, String> {
    let whole: &RawValue =
        serde_json::from_slice(body).map_err(|error| format!("not JSON ({error})"))?;
    let text = whole.get().trim_start();
    if paging == Paging::One || (items.is_empty() && paging == Paging::BodyToken) {
        if !text.starts_with('{') {
            return Err("a document was expected".to_owned());
        }
        let next = if paging == Paging::One {
            None
        } else {
            token_of(&keys(whole)?)?
        };
        return Ok(Parts {
            items: vec![whole.to_owned()],
            next,
        });
    }
    if text.starts_with('[') {
        return match paging {
            Paging::Batch | Paging::Tolerant => Ok(Parts {
                items: array(whole)?,
                next: None,
            }),
            _ => Err("an array came where an object with a list was expected".to_owned()),
        };
    }
    let keys = keys(whole)?;
    let names: &[&str] = match paging {
        Paging::Batch | Paging::Tolerant => &["value", "entity", "items", "tasks"],
        _ => &[items],
    };
    let list = names.iter().find_map(|name| find(&keys, name));
    let items = match list {
        Some(list) if list.get() == "null" => Vec::new(),
        Some(list) => array(list)?,
        None => return Err(format!("there is no list `{}` in it", names[0])),
    };
    let next = match paging {
        Paging::NextLink => link_of(&keys)?,
        Paging::Tolerant => match link_of(&keys)? {
            Some(link) => Some(link),
            None => token_of(&keys)?,
        },
        _ => token_of(&keys)?,
    };
    Ok(Parts { items, next })
}

type Keys<'a> = Vec<(String, &'a RawValue)>;

/// The members of an object in their order. Of a key that stands twice the last counts, as everywhere.
fn keys(whole: &RawValue) -> Result<Keys<'_>, String> {
    struct Pairs;
    impl<'de> serde::de::Visitor<'de> for Pairs {
        type Value = Keys<'de>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<M: serde::de::MapAccess<'de>>(
            self,
            mut map: M,
        ) -> Result<Self::Value, M::Error> {
            let mut pairs = Vec::new();
            while let Some(pair) = map.next_entry::<String, &'de RawValue>()? {
                pairs.push(pair);
            }
            Ok(pairs)
        }
    }
    let mut reader = serde_json::Deserializer::from_str(whole.get());
    serde::Deserializer::deserialize_map(&mut reader, Pairs)
        .map_err(|error| format!("not an object ({error})"))
}

fn find<'a>(keys: &Keys<'a>, name: &str) -> Option<&'a RawValue> {
    keys.iter()
        .rev()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| *value)
}

fn array(list: &RawValue) -> Result<Vec<Box<RawValue>>, String> {
    serde_json::from_str(list.get()).map_err(|error| format!("its list is not an array ({error})"))
}

fn text_of(keys: &Keys<'_>, name: &str) -> Result<Option<String>, String> {
    let Some(value) = find(keys, name) else {
        return Ok(None);
    };
    serde_json::from_str::<Option<String>>(value.get())
        .map(|text| text.filter(|text| !text.is_empty()))
        .map_err(|_| format!("its `{name}` is not text"))
}

fn token_of(keys: &Keys<'_>) -> Result<Option<Position>, String> {
    Ok(text_of(keys, "continuationToken")?.map(Position::Token))
}

fn link_of(keys: &Keys<'_>) -> Result<Option<Position>, String> {
    Ok(text_of(keys, "nextLink")?.map(Position::Link))
}

/// Remembers where a list has been, so that one that leads in a circle ends with a gap. Eight bytes a page.
#[derive(Debug, Default)]
pub struct Seen {
    positions: HashSet<u64>,
    empty_in_a_row: u32,
}

/// The most items of a list that is held in memory as a whole: many times what a tenant has, and a bound where an answer
/// could go on for ever. Lists of items that are written to disk have none.
pub const HELD: usize = 100_000;

/// Says why a list that is held in memory cannot go on, when it has grown beyond what anybody has.
pub fn held(items: usize) -> Result<(), String> {
    if items > HELD {
        return Err(format!(
            "the list has more than {HELD} items and still goes on"
        ));
    }
    Ok(())
}

/// Pages without an item that are followed before the list is called endless. Empty pages are legal, and real ones come
/// in short runs.
const EMPTY_PAGES: u32 = 1000;

impl Seen {
    /// Takes note of a page; the error says why the list cannot go on.
    pub fn note(&mut self, next: &Position, items: usize) -> Result<(), String> {
        let mut hasher = DefaultHasher::new();
        match next {
            Position::Start | Position::Pages(_) => return Ok(()),
            Position::Link(text) | Position::Token(text) => text.hash(&mut hasher),
        }
        if !self.positions.insert(hasher.finish()) {
            return Err("the list leads back to a page that was already read".to_owned());
        }
        self.empty_in_a_row = if items == 0 {
            self.empty_in_a_row + 1
        } else {
            0
        };
        if self.empty_in_a_row >= EMPTY_PAGES {
            return Err(format!(
                "{EMPTY_PAGES} pages in a row were empty and still named a next one"
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(body: &str, paging: Paging, items: &str) -> (Vec<String>, Option<Position>) {
        let parts = take_apart(body.as_bytes(), paging, items).expect("an answer");
        (
            parts
                .items
                .iter()
                .map(|item| item.get().to_owned())
                .collect(),
            parts.next,
        )
    }

    #[test]
    fn five_dialects() {
        let link = Some(Position::Link("https://h/x?$skipToken=a+b".into()));
        let token = |text: &str| Some(Position::Token(text.into()));
        assert_eq!(
            parts(
                r#"{"value":[{"a":1.0}],"nextLink":"https://h/x?$skipToken=a+b"}"#,
                Paging::NextLink,
                "value"
            ),
            (vec![r#"{"a":1.0}"#.into()], link)
        );
        assert_eq!(
            parts(r#"{"value":[]}"#, Paging::NextLink, "value"),
            (vec![], None)
        );
        assert_eq!(
            parts(r#"{"value":[],"nextLink":null}"#, Paging::NextLink, "value").1,
            None
        );
        assert_eq!(
            parts(r#"{"value":[],"nextLink":""}"#, Paging::NextLink, "value").1,
            None
        );
        // The nextLink of a POST cannot be followed by GET: the token counts.
        assert_eq!(
            parts(
                r#"{"value":[1],"continuationToken":"t","nextLink":"https://h/y"}"#,
                Paging::BodyToken,
                "value"
            )
            .1,
            token("t")
        );
        assert_eq!(
            parts(
                r#"{"Value":[1],"ContinuationToken":null}"#,
                Paging::QueryToken("continuation"),
                "value"
            )
            .1,
            None
        );
        assert_eq!(
            parts(r#"[{"Id":"a"},{"Id":"b"}]"#, Paging::Batch, "")
                .0
                .len(),
            2
        );
        assert_eq!(
            parts(
                r#"{"Entity":[{"Id":"a"}],"ContinuationToken":"c"}"#,
                Paging::Batch,
                ""
            ),
            (vec![r#"{"Id":"a"}"#.into()], token("c"))
        );
        assert_eq!(
            parts(
                r#"{"name":"loss","value":[1,2],"continuationToken":"n"}"#,
                Paging::BodyToken,
                ""
            )
            .1,
            token("n")
        );
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        for (body, paging) in [
            ("<html>", Paging::NextLink),
            (r#"{"values":[]}"#, Paging::NextLink),
            ("[1]", Paging::NextLink),
            (r#"{"value":{}}"#, Paging::NextLink),
            (r#"{"value":[],"nextLink":7}"#, Paging::NextLink),
            ("[]", Paging::One),
            (r#"{"value":[1"#, Paging::NextLink),
        ] {
            assert!(
                take_apart(body.as_bytes(), paging, "value").is_err(),
                "{body}"
            );
        }
    }

    #[test]
    fn circles_and_endless_emptiness_end() {
        let mut seen = Seen::default();
        let at = |n: u32| Position::Token(n.to_string());
        assert!(seen.note(&at(1), 5).is_ok());
        assert!(seen.note(&at(2), 0).is_ok());
        assert!(seen.note(&at(1), 5).is_err());
        let mut seen = Seen::default();
        assert!((0..EMPTY_PAGES).any(|n| seen.note(&at(n), 0).is_err()));
    }
}
