//! What the walker asks of whoever keeps what it finds.

use serde_json::Value;
use serde_json::value::RawValue;

use crate::kinds::Kind;
use crate::report::Gap;
use crate::wire::download;

/// The keeper failed: a full disk, a damaged state. It ends the walk, which can be resumed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// One document, on its way to the keeper.
#[derive(Debug)]
pub struct Line<'a> {
    pub kind: &'static Kind,
    pub workspace: &'a str,
    /// The folder in which the kind's file lies.
    pub folder: &'a str,
    pub id: &'a str,
    /// Kind and id of what it hangs on.
    pub parent: Option<(&'static str, &'a str)>,
    /// The address that gave it, without host, token and link.
    pub source: &'a str,
    pub people: Vec<super::people::Mention>,
    /// Field and value.
    pub times: Vec<(String, String)>,
    /// The bytes behind it, or why they are not here.
    pub bytes: Option<Thing>,
    pub doc: &'a RawValue,
    /// The same, parsed.
    pub parsed: &'a Value,
}

/// Bytes behind a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thing {
    /// They are here, as one file.
    Here(Whole),
    /// They were left out, and why.
    Left(String),
}

/// A whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// Below the payload directory.
    pub path: String,
    pub length: u64,
    /// SHA-256, in lower-case hex.
    pub sha256: String,
}

/// What one item brings, and what hangs on it. Kept by many tasks at once, each its own.
pub trait Keep: Send {
    /// Takes a document. The only way in leads through redaction.
    fn put(&mut self, line: Line<'_>) -> Result<(), StoreError>;
    /// Takes note of something missing.
    fn gap(&mut self, gap: Gap);
    /// Takes note of how a list of a kind answered, for the coverage.
    fn heard(&mut self, workspace: &str, kind: &'static Kind, heard: Heard);
    /// Takes note of a list that was read for what hangs on its items, which are themselves in another part of the work.
    fn passed(&mut self, _workspace: &str, _kind: &'static Kind) {}
    /// Takes note that all of this block is one item that was fetched because something referred to it, and what that item
    /// refers to in its turn. Asked for only where several machines share the work, since these may bring the same item.
    fn followed(&mut self, _item: &Found, _refs: &[Found], _seen: &[Found]) {}
}

/// How a list answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It was there, in the form of this generation.
    Answered { generation: u8 },
    /// No generation of it was there.
    Absent,
    /// It refused.
    Denied,
    /// It failed otherwise.
    Failed,
}

/// A file that is not yet whole.
pub trait Slot: download::Slot {
    /// Makes it whole, under its final name; or leaves it out, and says why.
    fn finish(self: Box<Self>) -> Result<Finished, StoreError>;
}

/// How a file that came whole was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finished {
    Kept(Whole),
    /// It was left out, and why.
    Left(String),
}

/// An item that is referred to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub workspace: String,
    pub kind: &'static str,
    pub id: String,
}

/// A list that is to be walked.
#[derive(Debug, Clone)]
pub struct NewStream {
    /// Unique: the same list is never walked twice.
    pub key: String,
    pub kind: &'static str,
    pub workspace: String,
    pub folder: String,
    /// What ancestors offer, as JSON; the walker's own business.
    pub params: String,
    /// Higher goes first: depth before breadth.
    pub rank: i64,
}

/// A list that is not at its end.
#[derive(Debug, Clone)]
pub struct Pending {
    pub id: i64,
    pub kind: String,
    pub workspace: String,
    pub folder: String,
    pub params: String,
    /// Where it goes on; `None` at the start.
    pub token: Option<String>,
}

/// A page with everything that hangs on it, to be kept as one: all of it or nothing.
#[derive(Debug)]
pub struct Commit<B> {
    pub stream: i64,
    /// Where the list goes on; `None` when it is at its end.
    pub next: Option<String>,
    pub blocks: Vec<B>,
    pub streams: Vec<NewStream>,
    pub refs: Vec<Found>,
    /// Listed, so never to be fetched by reference.
    pub seen: Vec<Found>,
}

/// Which unfinished lists are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// Workspaces.
    Roots,
    /// Lists of a workspace.
    Lists(String),
    /// What is followed by reference in a workspace.
    References(String),
}

/// The rank of a workspace among the lists.
pub const RANK_ROOT: i64 = 0;
/// The rank of what is followed by reference.
pub const RANK_REFERENCE: i64 = -1;

/// Who keeps what is found, and the state of unfinished work.
#[async_trait::async_trait]
pub trait Store: Send + Sync + 'static {
    type Block: Keep + 'static;

    /// A folder below another, for a name that the service gave.
    fn folder(&self, parent: &str, fixed: &str, name: &str) -> String;
    /// The path of a file below a folder, for a path that the service gave.
    fn file_path(&self, folder: &str, path: &str) -> String;
    /// Whether an item, or anything that hangs on it, is asked for: what hangs on others is not fetched. The workspace, the
    /// kind, the id, kind and id of what it hangs on, and the document.
    fn wants(
        &self,
        _workspace: &str,
        _kind: &Kind,
        _id: &str,
        _parent: Option<(&'static str, &str)>,
        _doc: &Value,
    ) -> bool {
        true
    }
    /// A new, empty block.
    fn block(&self) -> Self::Block;
    /// Keeps a page.
    async fn commit(&self, commit: Commit<Self::Block>) -> Result<(), StoreError>;
    /// Adds lists; those whose key is known are left as they are.
    async fn add(&self, streams: Vec<NewStream>) -> Result<(), StoreError>;
    /// At most `n` lists that are not at their end and not among `running`: the deepest first.
    async fn pending(
        &self,
        which: Which,
        n: usize,
        running: Vec<i64>,
    ) -> Result<Vec<Pending>, StoreError>;
    /// Freezes the references to a kind that were found so far as the next wave, or gives the wave that is under way.
    async fn begin_wave(
        &self,
        workspace: &str,
        kind: &'static str,
    ) -> Result<Option<i64>, StoreError>;
    /// Ids of a wave in their order.
    async fn wave(
        &self,
        workspace: &str,
        kind: &'static str,
        wave: i64,
        after: Option<String>,
        n: usize,
    ) -> Result<Vec<String>, StoreError>;
    /// Every id of the wave was looked at.
    async fn end_wave(
        &self,
        workspace: &str,
        kind: &'static str,
        wave: i64,
    ) -> Result<(), StoreError>;
    /// A file that an earlier start made whole.
    async fn known(&self, path: &str) -> Result<Option<Whole>, StoreError>;
    /// A file to be made, going on with what an earlier start left.
    fn slot(&self, path: &str) -> Result<Box<dyn Slot>, StoreError>;
    /// Remembers that a file is whole.
    async fn done(&self, whole: Whole) -> Result<(), StoreError>;
}
