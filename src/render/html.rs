//! The parts that the templates are filled with: rows of details, values, links. Everything here is text; the template
//! engine escapes it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::language::Language;
use super::shown::shown;
use super::words::fill;

/// A label with its values.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) label: String,
    /// Whether the label is a name from the service, and not a word of ours.
    pub(super) code: bool,
    /// Where the law asks for it.
    pub(super) cite: &'static str,
    pub(super) values: Vec<Value>,
}

/// A value, with what stands before and behind it.
#[derive(Debug, Default)]
pub(super) struct Value {
    pub(super) text: String,
    /// Whether the text is ours: it needs no walls around it.
    pub(super) own: bool,
    pub(super) code: bool,
    pub(super) missing: bool,
    pub(super) href: Option<String>,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    /// That it was cut, in words.
    pub(super) cut: Option<String>,
}

impl Row {
    pub(super) fn of(label: &str, values: Vec<Value>) -> Self {
        Self {
            label: label.to_owned(),
            code: false,
            cite: "",
            values,
        }
    }

    pub(super) fn coded(label: String, values: Vec<Value>) -> Self {
        Self {
            label,
            code: true,
            cite: "",
            values,
        }
    }
}

impl Value {
    /// A text of ours.
    pub(super) fn own(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            own: true,
            ..Self::default()
        }
    }

    /// A text that somebody else wrote.
    pub(super) fn foreign(text: &str, most: usize, language: Language) -> Self {
        let shown = shown(text, most);
        let cut = shown.cut.map(|all| {
            let (shown, all) = (language.count(most as u64), language.count(all));
            fill(language.words().cut, &[("shown", &shown), ("all", &all)])
        });
        Self {
            text: shown.text,
            cut,
            ..Self::default()
        }
    }
}

/// How a page reaches the files of the payload.
#[derive(Debug, Clone, Default)]
pub struct Link {
    base: String,
}

/// Everything but what RFC 3986 leaves alone. The colon goes too: a first segment with one would be taken for a scheme.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Link {
    /// A page that stands `segments` away from the folder `data`.
    pub fn from<'a>(segments: impl Iterator<Item = &'a str>) -> Self {
        let mut base = String::new();
        for segment in segments {
            base.extend(utf8_percent_encode(segment, SEGMENT));
            base.push('/');
        }
        Self { base }
    }

    /// The address of a file below `data`; nothing where the path would lead elsewhere.
    pub(super) fn to(&self, path: &str) -> Option<String> {
        let mut address = self.base.clone();
        for (index, segment) in path.split('/').enumerate() {
            if matches!(segment, "" | "." | "..") || segment.contains('\\') {
                return None;
            }
            if index > 0 {
                address.push('/');
            }
            address.extend(utf8_percent_encode(segment, SEGMENT));
        }
        Some(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_below_the_payload() {
        let link = Link::from(["..", "a bag", "data"].into_iter());
        assert_eq!(
            link.to("w/=2ex/ü#?.jsonl").as_deref(),
            Some("../a%20bag/data/w/%3D2ex/%C3%BC%23%3F.jsonl")
        );
        let here = Link::default();
        assert_eq!(
            here.to("javascript:alert(1)").as_deref(),
            Some("javascript%3Aalert%281%29")
        );
        for path in ["", "/etc/passwd", "a/../b", "a//b", "..", "a\\b"] {
            assert_eq!(here.to(path), None, "{path}");
        }
    }
}
