//! The filters that clients send: `A eq b or A eq c`, `(ParentRunId eq null) and (Tags/k eq "v")`.

use serde_json::Value;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    All(Vec<Self>),
    Any(Vec<Self>),
    Test {
        field: String,
        operator: String,
        value: Option<String>,
    },
}

impl Filter {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let any = split(text, " or ");
        if any.len() > 1 {
            return any
                .into_iter()
                .map(Self::parse)
                .collect::<Option<Vec<_>>>()
                .map(Self::Any);
        }
        let all = split(text, " and ");
        if all.len() > 1 {
            return all
                .into_iter()
                .map(Self::parse)
                .collect::<Option<Vec<_>>>()
                .map(Self::All);
        }
        if let Some(inner) = text
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
        {
            return Self::parse(inner);
        }
        let (field, rest) = text.split_once(' ')?;
        let (operator, value) = rest.trim_start().split_once(' ')?;
        let value = value.trim();
        let bare = value.trim_matches(|quote| quote == '"' || quote == '\'');
        Some(Self::Test {
            field: field.to_owned(),
            operator: operator.to_lowercase(),
            value: (value != "null").then(|| bare.to_owned()),
        })
    }

    pub(crate) fn fits(&self, doc: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.fits(doc)),
            Self::Any(parts) => parts.iter().any(|part| part.fits(doc)),
            Self::Test {
                field,
                operator,
                value,
            } => {
                let found = look(doc, field);
                let order = found.as_deref().cmp(&value.as_deref());
                match operator.as_str() {
                    "eq" => order.is_eq(),
                    "ne" => order.is_ne(),
                    "ge" => order.is_ge(),
                    "gt" => order.is_gt(),
                    "le" => order.is_le(),
                    "lt" => order.is_lt(),
                    _ => false,
                }
            }
        }
    }
}

/// The ids that a filter names under one field, when it names nothing else: computed worlds need no more.
pub(crate) fn named<'a>(filter: &'a Filter, wanted: &str) -> Option<Vec<&'a str>> {
    match filter {
        Filter::Any(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(named(part, wanted)?);
            }
            Some(all)
        }
        Filter::All(parts) => parts.iter().find_map(|part| named(part, wanted)),
        Filter::Test {
            field,
            operator,
            value,
        } => (field.eq_ignore_ascii_case(wanted) && operator == "eq")
            .then(|| value.as_deref().into_iter().collect()),
    }
}

fn look(doc: &Value, field: &str) -> Option<String> {
    let mut at = doc;
    for (depth, name) in field.split('/').enumerate() {
        let map = at.as_object()?;
        at = if depth == 0 {
            map.iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))?
                .1
        } else {
            map.get(name)?
        };
    }
    match at {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Splits at a word that stands outside of parentheses and quotes.
fn split<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let (mut depth, mut quoted, mut begin, mut at) = (0_usize, false, 0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => depth = depth.saturating_sub(1),
            b' ' if !quoted
                && depth == 0
                && bytes
                    .get(at..at + word.len())
                    .is_some_and(|here| here.eq_ignore_ascii_case(word.as_bytes())) =>
            {
                parts.push(&text[begin..at]);
                begin = at + word.len();
                at = begin;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push(&text[begin..]);
    parts
}
