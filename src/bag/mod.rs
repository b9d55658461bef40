//! The portable directory: a BagIt 1.0 bag (RFC 8493) with JSON Lines as payload.
//!
//! Names and scrubbing are pure. Concurrent tasks fill a [`Block`] each and download through a [`FileSlot`];
//! one [`Writer`] commits what they bring, in an order that does not depend on who was first, and seals the bag.
//! [`verify()`] and [`Bag`] read it again. Nothing here knows the network.

mod append;
mod aside;
mod block;
mod claim;
mod draft;
mod error;
mod finish;
mod hex;
mod merge;
pub mod names;
mod order;
mod places;
mod reader;
mod record;
mod refs;
mod same;
pub mod scrub;
mod shapes;
mod shard;
mod slot;
mod spill;
mod state;
mod tally;
pub mod verify;
mod writer;

pub use aside::{Aside, Settled};
pub use block::{Block, Bytes, Found, FoundAt, Gap, Heard, Line, Person, Severity};
pub use error::BagError;
pub use finish::{BagInfo, Page, Sealed};
pub use merge::{Catalogue, MergeError};
pub use places::Places;
pub use reader::{
    Bag, Documents, Inventory, Item, ItemBytes, ItemMatch, ItemPerson, ItemRedaction, ItemTime,
    Lines, MatchField, Parent,
};
pub use refs::RefId;
pub use scrub::{BadJson, By, How, Redaction, Rule, Rules, Scrubbed};
pub use slot::{FileFact, FileSlot, Have};
pub use spill::Spill;
pub use state::{NewStream, Pending, ResumeFacts, Which};
pub use tally::{KindCount, Tally};
pub use verify::{Problem, Progress, Verdict, What, verify};
pub use writer::{Commit, Committed, Identity, Next, Writer};

/// The version of what lies in the bag, `major.minor`. A reader refuses a newer major and reads a newer minor.
pub const FORMAT: &str = "1.0";
/// The label in `bag-info.txt` that says that a bag is ours, and of which format.
pub const FORMAT_LABEL: &str = "Aml-Dsr-Format";
/// The folder that holds the state of unfinished work. Gone when the bag is complete.
pub(crate) const STATE: &str = ".aml-dsr";
/// The folder for tag files of ours.
pub(crate) const TAGS: &str = "aml-dsr";
/// The payload manifest. Its presence is what makes a bag complete, so it is written last.
pub(crate) const MANIFEST: &str = "manifest-sha256.txt";
pub(crate) const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";

#[cfg(test)]
mod aside_tests;
#[cfg(test)]
mod tests;
