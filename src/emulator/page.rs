//! Pages. A continuation token says where to go on and whether an empty page comes first, and it is spelled with the
//! characters that get lost when a client forgets to encode it.

use super::world::Item;
use std::fmt::Write as _;

/// Where a page starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) from: usize,
    /// Answer with nothing but a token. A page without rows is legal and must not end a list.
    pub(crate) hollow: bool,
}

pub(crate) fn token(start: Start) -> String {
    format!("Aa+/{:x}%2B&{}/==", start.from, u8::from(start.hollow))
}

/// Reads a token back. `None` when it is not one that this server spelled: most often a client that did not encode it.
pub(crate) fn open(token: Option<&str>) -> Option<Start> {
    let Some(text) = token.filter(|text| !text.is_empty()) else {
        return Some(Start::default());
    };
    let inner = text.strip_prefix("Aa+/")?.strip_suffix("/==")?;
    let (from, hollow) = inner.split_once("%2B&")?;
    Some(Start {
        from: usize::from_str_radix(from, 16).ok()?,
        hollow: hollow == "1",
    })
}

/// A page of rows and the start of the next one.
pub(crate) struct Page<'a> {
    pub(crate) rows: Vec<&'a Item>,
    pub(crate) next: Option<Start>,
}

pub(crate) fn cut<'a>(
    rows: impl Iterator<Item = (usize, &'a Item)>,
    start: Start,
    size: usize,
) -> Page<'a> {
    let mut rest = rows.skip_while(|(at, _)| *at < start.from);
    if start.hollow {
        return Page {
            rows: Vec::new(),
            next: rest.next().map(|(at, _)| Start {
                from: at,
                hollow: false,
            }),
        };
    }
    let taken: Vec<&Item> = rest
        .by_ref()
        .take(size.max(1))
        .map(|(_, item)| item)
        .collect();
    // The page after the first is always the empty one.
    let next = rest.next().map(|(at, _)| Start {
        from: at,
        hollow: start.from == 0,
    });
    Page { rows: taken, next }
}

/// `[a,b,c]` from documents that are text already.
pub(crate) fn array<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::from("[");
    for (at, text) in texts.enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(text);
    }
    out.push(']');
    out
}

/// `value`, and a token and a link that are null at the end: run history, artifacts, datastores, datasets.
pub(crate) fn nullable(array: &str, next: Option<Start>, link: impl Fn(&str) -> String) -> String {
    let mut out = format!("{{\"value\":{array},\"continuationToken\":");
    if let Some(start) = next {
        let spelled = token(start);
        super::text::quote(&spelled, &mut out);
        out.push_str(",\"nextLink\":");
        super::text::quote(&link(&encode(&spelled)), &mut out);
    } else {
        out.push_str("null,\"nextLink\":null");
    }
    out.push('}');
    out
}

/// `value`, and a link that is left out at the end: ARM and model management.
pub(crate) fn linked(array: &str, next: Option<Start>, link: impl Fn(&str) -> String) -> String {
    let mut out = format!("{{\"value\":{array}");
    if let Some(start) = next {
        out.push_str(",\"nextLink\":");
        super::text::quote(&link(&encode(&token(start))), &mut out);
    }
    out.push('}');
    out
}

/// Percent-encodes a query value, writing the hexadecimal digits small, as the service does.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02x}");
        }
    }
    out
}
