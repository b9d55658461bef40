//! THE REPORT: what a person opens. One HTML page without script or network, or one CSV table, of a bag.
//!
//! A bag is read as a stream: the inventory once for the sums, and the first records of each kind once more, at the places
//! that were noted. Templates are compiled in and escape everything; what they cannot know (directions of writing, characters
//! nobody sees, length) is settled in `shown`. All words stand in `words`, one file a language.

mod csv;
mod elsewhere;
mod facts;
mod head;
mod html;
mod language;
mod limits;
mod page;
mod people;
mod receipt;
mod record;
mod shown;
mod subject;
mod survey;
mod words;

pub use csv::csv;
pub use elsewhere::ELSEWHERE;
pub use facts::{Controller, Lines};
pub use html::Link;
pub use language::Language;
pub use page::html;
pub use receipt::receipt;

use crate::bag::BagError;
use std::io;
use time::Date;

/// How the page is written.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub language: Language,
    /// What only the controller knows.
    pub controller: Controller,
    pub when: When,
    /// How the page reaches the files of the bag.
    pub link: Link,
}

/// Which times of the export the page tells.
#[derive(Debug, Clone, Copy, Default)]
pub enum When {
    /// The exact times, as the bag records them beside its payload.
    #[default]
    Recorded,
    /// The day alone: for a page that is part of the payload, which must not differ from one time to the next.
    Day(Date),
}

/// What can go wrong with a report.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error(transparent)]
    Bag(#[from] BagError),
    #[error("the report cannot be written: {0}")]
    Write(#[from] io::Error),
}

impl From<askama::Error> for RenderError {
    fn from(error: askama::Error) -> Self {
        Self::Write(error.into())
    }
}

#[cfg(test)]
mod tests;
