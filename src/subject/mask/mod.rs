//! Stable pseudonyms for everybody who is not the subject, so that a bag may be handed over.
//!
//! First everyone is met ([`People`]), then the registry is closed ([`People::finish`]), then documents, texts, paths and
//! files are masked ([`Mask`]). Pure: text in, text out. What is masked, and what is not, by decision:
//!
//! - Identifiers from identity fields, and mail-shaped strings, in any letter case and Unicode form, URL-encoded,
//!   JSON-escaped and in base64, layer upon layer; whole tokens only.
//! - Names by the rules of `spelling`; what is mail-shaped and no person's, in `mail`.
//! - A known mailbox name as a path segment behind `Users/`, `home/` or a code host, and as the whole of a field that speaks
//!   of a person (`owner`, `mlflow.user`). Not elsewhere: `ada` is a word.
//! - A display name of several people is `name-2` where it stands alone; in a record with a stronger identifier, that one
//!   decides. A name that the subject bears as well stays where it stands alone.
//! - Not GUIDs in general: only those seen in identity fields, and of these not the service principals'.
//! - Base64 that was broken into lines is read line by line.

mod armor;
mod find;
mod folded;
mod json;
mod known;
mod mail;
#[expect(
    clippy::module_inception,
    reason = "the room is named after what it makes"
)]
mod mask;
mod pairs;
mod people;
mod record;
mod sieve;
mod spelling;
mod stream;
mod utf;
mod view;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

pub use mask::Mask;
pub use people::People;
pub use stream::MaskStream;
pub use utf::Refused;

/// A text without others, and what stood in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    pub text: String,
    /// Each masked spot, without the original.
    pub spots: Vec<Spot>,
}

/// A spot that was masked.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Spot {
    #[serde(flatten)]
    pub place: Place,
    /// What stands there now.
    pub pseudonym: String,
    /// What stood there: a form of identifier, or `alias`.
    pub form: &'static str,
}

/// Where a spot is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// A JSON pointer (RFC 6901) into the masked document.
    Pointer(String),
    /// A byte of the text before it was masked.
    Offset(u64),
}
