//! Where a person stands in a document, in a name or in a path, and how strongly each find counts.
//!
//! The automaton runs over the bytes of the document first, and only a document in which something may stand is parsed.
//! Then every string, every number and every key is looked at where it stands, so that a find has a pointer.

use super::look::Edges;
use super::matcher::{Hit, LAYERS};
use super::walker::Walker;
use super::{Form, Matcher, Written};
use crate::kinds::Kind;

/// One identifier in one place.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Match {
    /// RFC 6901; a key is pointed at as the value behind it. Empty for a name, and for a document that is no JSON.
    pub pointer: String,
    /// Which identifier of the subject it is.
    pub identifier: usize,
    pub form: Form,
    pub written: Written,
    pub place: Place,
    pub strength: Strength,
    /// Whether the record shows, beside this name or address, an object id (or PUID, or alternative security id) which is
    /// not among those known of the subject: then it is most likely somebody else.
    pub contradicted: bool,
}

/// What a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// An identity field of the row; the role is the path of the field in the catalogue.
    Identity { role: &'static str },
    /// Any other value of a document.
    Text,
    /// The key of a value, for example of a tag.
    Key,
    /// An id, a file name or a path.
    Name,
    /// The content of a file.
    Content,
}

/// How strongly a find counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// An identifier that is no name is the whole value of an identity field.
    Exact,
    /// For a person to judge.
    Candidate,
}

impl Matcher {
    /// Everything in a document of this kind. What is no JSON is looked at as a text, so that nothing goes unseen.
    pub fn document(&self, kind: &Kind, raw: &str) -> Vec<Match> {
        // One layer more than in a string, for the escapes of the document itself.
        if !self.may_hold(raw.as_bytes(), LAYERS + 1, Edges::OWN) {
            return Vec::new();
        }
        Walker::new(self, kind)
            .walk(raw)
            .unwrap_or_else(|_| self.texts("", raw, Place::Text))
    }

    /// Everything in an id, a file name or a path.
    pub fn name(&self, text: &str) -> Vec<Match> {
        self.texts("", text, Place::Name)
    }

    pub(super) fn texts(&self, pointer: &str, text: &str, place: Place) -> Vec<Match> {
        self.hits(text.as_bytes(), Edges::OWN)
            .into_iter()
            .map(|hit| self.candidate(hit, pointer, place))
            .collect()
    }

    pub(super) fn candidate(&self, hit: Hit, pointer: &str, place: Place) -> Match {
        Match {
            pointer: pointer.to_owned(),
            identifier: hit.identifier,
            form: self.targets[hit.identifier].form,
            written: hit.written,
            place,
            strength: Strength::Candidate,
            contradicted: false,
        }
    }
}
