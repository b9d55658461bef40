//! JSON by its tokens. A number is its digits and nothing else: `1.0`, `1` and `1e0` are three things, and a double would
//! have lost what a service wrote.

use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A document, with numbers, `true`, `false` and `null` as they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    Token(String),
    Text(String),
    List(Vec<Self>),
    Map(BTreeMap<String, Self>),
}

impl Json {
    pub(crate) fn parse(text: &str) -> Self {
        let raw: &RawValue = serde_json::from_str(text).expect("JSON");
        Self::of(raw)
    }

    pub(crate) fn of(raw: &RawValue) -> Self {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'{') => {
                let map: BTreeMap<String, &RawValue> =
                    serde_json::from_str(text).expect("an object");
                Self::Map(
                    map.into_iter()
                        .map(|(key, raw)| (key, Self::of(raw)))
                        .collect(),
                )
            }
            Some(b'[') => {
                let list: Vec<&RawValue> = serde_json::from_str(text).expect("an array");
                Self::List(list.into_iter().map(Self::of).collect())
            }
            Some(b'"') => Self::Text(serde_json::from_str(text).expect("a string")),
            _ => Self::Token(text.to_owned()),
        }
    }

    /// What a JSON pointer (RFC 6901) points at.
    pub(crate) fn at(&mut self, pointer: &str) -> Option<&mut Self> {
        let mut place = self;
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            place = match place {
                Self::Map(map) => map.get_mut(&step)?,
                Self::List(list) => list.get_mut(step.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(place)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Where two documents first differ, for a person.
    pub(crate) fn differs(&self, other: &Self, at: &str) -> Option<String> {
        match (self, other) {
            (Self::Map(one), Self::Map(two)) => {
                let keys = one
                    .keys()
                    .chain(two.keys().filter(|key| !one.contains_key(*key)));
                keys.into_iter()
                    .find_map(|key| match (one.get(key), two.get(key)) {
                        (Some(one), Some(two)) => one.differs(two, &format!("{at}/{key}")),
                        (Some(_), None) => Some(format!("{at}/{key} is missing")),
                        _ => Some(format!("{at}/{key} is too much")),
                    })
            }
            (Self::List(one), Self::List(two)) if one.len() == two.len() => one
                .iter()
                .zip(two)
                .enumerate()
                .find_map(|(index, (one, two))| one.differs(two, &format!("{at}/{index}"))),
            _ if self == other => None,
            _ => Some(format!("{at}: wanted {self:?}, found {other:?}")),
        }
    }
}

#[test]
fn digits_are_kept_and_order_is_not() {
    let one = Json::parse(r#"{"a": [1.0, 12345678901234567890], "b/c": {"~": "x"}}"#);
    let mut two = Json::parse(r#"{"b/c": {"~": "x"}, "a": [1.0, 12345678901234567890]}"#);
    assert_eq!(one, two);
    assert_eq!(two.at("/b~1c/~0").and_then(|place| place.text()), Some("x"));
    let three = Json::parse(r#"{"b/c": {"~": "x"}, "a": [1, 12345678901234567890]}"#);
    assert!(
        one.differs(&three, "")
            .is_some_and(|text| text.starts_with("/a/0"))
    );
    assert_ne!(Json::parse("1.50"), Json::parse("1.5"));
}
