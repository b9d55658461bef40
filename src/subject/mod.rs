//! THE PERSON: who is looked for, where they stand, and what is put in the place of everybody else. Pure: text in, facts out.
//!
//! A person has no single identifier in Azure Machine Learning. Run history shows an object id beside a display name, ARM an
//! e-mail address or a display name, a compute instance an object id, a log file whatever was printed. So a person is a set
//! of identifiers, and a find says which one it was, where it stood, and how strongly it counts.

mod encoding;
mod fold;
mod forms;
mod identifier;
mod list;
mod look;
pub mod mask;
mod matcher;
mod records;
mod roles;
mod scan;
mod set;
mod steps;
#[cfg(test)]
mod tests;
mod text;
mod tokens;
mod unescape;
mod walker;

pub use encoding::Encoding;
pub use fold::fold;
pub use identifier::{Form, Identifier, SubjectError};
pub use matcher::{Matcher, Written};
pub use scan::{Match, Place, Strength};
pub use set::{Implied, Subject};
pub use text::{ContentMatch, ContentReport, ContentScan, Skipped};
