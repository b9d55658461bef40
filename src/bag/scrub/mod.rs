//! Secrets leave a document here, and nothing else does.
//!
//! One pass over the bytes that arrived: numbers keep their digits, unknown fields stay, the order of keys stays, and the
//! result stands on one line. What the catalogue names is blanked first; behind it hangs a net of patterns for what no row
//! foresaw. Only [`scrub`] makes a [`Scrubbed`], and only a `Scrubbed` can become a line of a bag.

mod assign;
mod grammar;
mod net;
mod pass;
mod rules;
mod text;

use std::borrow::Cow;

use serde::Serialize;

pub use rules::{How, Rule, Rules};

/// What stands where a secret was.
pub(crate) const REDACTED: &str = "[redacted]";

/// Documents nest no deeper; the services' own are below thirty.
const DEEPEST: usize = 128;

/// Who found a secret. A catch by the net alone means that a row of the catalogue is incomplete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    Catalogue,
    Net,
}

/// One secret that was taken out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Redaction {
    /// Where: a JSON pointer (RFC 6901) into the document as it was written.
    pub pointer: String,
    pub by: By,
    /// The path of the rule, or the name of the net's pattern.
    pub rule: &'static str,
}

/// A document without secrets, on one line, without the line feed.
#[derive(Debug)]
pub struct Scrubbed {
    line: Vec<u8>,
    redactions: Vec<Redaction>,
}

impl Scrubbed {
    pub fn line(&self) -> &[u8] {
        &self.line
    }

    pub fn redactions(&self) -> &[Redaction] {
        &self.redactions
    }
}

/// An answer that is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not JSON at byte {at}: {what}")]
pub struct BadJson {
    pub at: usize,
    pub what: &'static str,
}

/// Takes the secrets out of a JSON document.
pub fn scrub(raw: &[u8], rules: &Rules) -> Result<Scrubbed, BadJson> {
    let (line, redactions) = pass::run(raw, rules)?;
    Ok(Scrubbed { line, redactions })
}

/// The net alone, for names, ids and messages. Says whether it caught anything.
pub fn scrub_text(text: &str) -> (Cow<'_, str>, bool) {
    let (clean, caught) = scrub_named(text);
    (clean, caught.is_some())
}

/// The same, with the name of the first pattern that caught something.
pub(crate) fn scrub_named(text: &str) -> (Cow<'_, str>, Option<&'static str>) {
    let mut finds = Vec::new();
    net::find(text.as_bytes(), text::hints(text.as_bytes()), &mut finds);
    let Some(first) = finds.first() else {
        return (Cow::Borrowed(text), None);
    };
    let name = first.name;
    let mut clean = String::with_capacity(text.len());
    let mut done = 0;
    for find in &finds {
        // The patterns begin and end beside ASCII, so these are character boundaries; were they not, the text would go.
        clean.push_str(text.get(done..find.start).unwrap_or_default());
        clean.push_str(REDACTED);
        done = find.end;
    }
    clean.push_str(text.get(done..).unwrap_or_default());
    (Cow::Owned(clean), Some(name))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
