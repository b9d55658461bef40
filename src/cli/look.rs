//! Looking through everything without keeping it: who is found where, who is there at all, and what belongs to what.
//!
//! The walker's own state (which lists are done, which ids were spoken of) lies in a private temporary directory; documents
//! and files pass by and are written nowhere.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::closure::Links;
use super::filter::Filter;
use super::keep::{BagStore, Kept};
use super::roll::Roll;
use crate::kinds::Kind;
use crate::report::Gap;
use crate::subject::mask::People;
use crate::subject::{ContentReport, ContentScan, Match, Matcher, Strength};
use crate::walk::{
    Commit, Finished, Heard, Keep, Line, NewStream, Pending, Slot, Store, StoreError, Thing, Which,
    Whole,
};
use crate::wire::download;

/// An item in which the person was found.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    pub workspace: String,
    pub kind: &'static Kind,
    pub id: String,
    /// Kind and id of what it hangs on.
    pub parent: Option<(&'static str, String)>,
    pub matches: Vec<Match>,
    /// What its bytes say, when they were looked at and something was found.
    pub content: Option<ContentReport>,
    /// Whether it is among what was chosen; everything is when nothing was.
    pub selected: bool,
}

impl Hit {
    /// The strongest of its matches. What bytes say is never more than a candidate. What was chosen without a person is what
    /// was meant.
    pub(super) fn strength(&self) -> Strength {
        let chosen = self.matches.is_empty() && self.content.is_none();
        let exact = chosen
            || self
                .matches
                .iter()
                .any(|one| one.strength == Strength::Exact);
        if exact {
            Strength::Exact
        } else {
            Strength::Candidate
        }
    }

    /// Whether every match stands beside somebody else's object id.
    pub(super) fn contradicted(&self) -> bool {
        self.content.is_none()
            && !self.matches.is_empty()
            && self.matches.iter().all(|one| one.contradicted)
    }
}

/// What is looked for.
pub(super) struct Aim {
    /// The person; without one only the roll is taken.
    pub matcher: Option<&'static Matcher>,
    /// What is chosen beside the person, or without one.
    pub filter: Option<Arc<Filter>>,
    /// Bytes of each file that are looked at, when files are looked at.
    pub scan: Option<u64>,
    /// Whether everybody else is to be met as well, so that they can be masked.
    pub others: Option<People>,
    /// Whether it is counted who is there.
    pub roll: bool,
}

/// What was seen.
#[derive(Default)]
pub(super) struct Seen {
    pub hits: Vec<Hit>,
    pub links: Links,
    pub roll: Roll,
    pub others: Option<People>,
    /// Ids of experiments that were chosen.
    pub experiments: HashSet<String>,
    /// Files that were looked at, and files of which that was not possible or not to the end, by the reason.
    pub files: u64,
    pub skipped: HashMap<String, u64>,
}

/// The eye that all blocks share.
struct Eye {
    matcher: Option<&'static Matcher>,
    filter: Option<Arc<Filter>>,
    scan: Option<u64>,
    roll: bool,
    seen: Mutex<Seen>,
    /// What the bytes of a file said, until its record comes along.
    contents: Mutex<HashMap<String, ContentReport>>,
}

impl Eye {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        // A task that panicked leaves no half-made list behind.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn contents(&self) -> MutexGuard<'_, HashMap<String, ContentReport>> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The keeper that keeps nothing.
pub(super) struct Look {
    inner: Arc<BagStore>,
    eye: Arc<Eye>,
}

impl Look {
    /// Looks for `aim`, with the state of the walk in `inner`.
    pub(super) fn new(inner: Arc<BagStore>, aim: Aim) -> Self {
        Self {
            inner,
            eye: Arc::new(Eye {
                matcher: aim.matcher,
                filter: aim.filter,
                scan: aim.scan,
                roll: aim.roll,
                seen: Mutex::new(Seen {
                    others: aim.others,
                    ..Seen::default()
                }),
                contents: Mutex::default(),
            }),
        }
    }

    /// What was seen, in an order that does not depend on who was first.
    pub(super) fn seen(&self) -> Seen {
        let mut seen = std::mem::take(&mut *self.eye.seen());
        seen.links.settle();
        let order = |hit: &Hit| crate::kinds::all().position(|kind| kind.name == hit.kind.name);
        seen.hits
            .sort_by_cached_key(|hit| (hit.workspace.clone(), order(hit), hit.id.clone()));
        seen
    }
}

/// A block that remembers what was found in it until it is handed over.
pub(super) struct LookBlock {
    kept: Kept,
    eye: Arc<Eye>,
    hits: Vec<Hit>,
}

impl LookBlock {
    /// Whether a line is among what was chosen. An experiment comes before what is in it.
    fn selected(&self, line: &Line<'_>) -> bool {
        let Some(filter) = &self.eye.filter else {
            return true;
        };
        let mut seen = self.eye.seen();
        if filter.is_chosen_experiment(line) {
            seen.experiments.insert(line.id.to_owned());
        }
        filter.selects(line, &seen.experiments)
    }

    fn look(&mut self, line: &Line<'_>) {
        let raw = line.doc.get();
        let mut matches = Vec::new();
        if let Some(matcher) = self.eye.matcher {
            matches = matcher.document(line.kind, raw);
            matches.extend(matcher.name(line.id));
        }
        let selected = self.selected(line);
        let content = match &line.bytes {
            Some(Thing::Here(whole)) => self.eye.contents().remove(&whole.path),
            _ => None,
        };
        {
            let mut seen = self.eye.seen();
            seen.links
                .see(line.workspace, line.kind, line.id, line.parsed);
            if self.eye.roll {
                seen.roll.call(line.workspace, line.kind, &line.people);
            }
            if let Some(others) = &mut seen.others {
                others.meet(line.kind, line.parsed);
                others.meet_text(raw);
            }
            if let Some(report) = &content {
                seen.files += 1;
                if let Some(skipped) = report.skipped {
                    *seen.skipped.entry(words(skipped)).or_default() += 1;
                }
            }
        }
        let content = content.filter(|report| report.total > 0);
        let chosen = self.eye.matcher.is_none() && self.eye.filter.is_some() && selected;
        if !matches.is_empty() || content.is_some() || chosen {
            self.hits.push(Hit {
                workspace: line.workspace.to_owned(),
                kind: line.kind,
                id: line.id.to_owned(),
                parent: line.parent.map(|(kind, id)| (kind, id.to_owned())),
                matches,
                content,
                selected,
            });
        }
    }
}

/// Why a file was not looked at to its end, in words.
fn words(skipped: crate::subject::Skipped) -> String {
    match skipped {
        crate::subject::Skipped::Binary { .. } => "no text".to_owned(),
        crate::subject::Skipped::TooLarge { limit } => {
            format!(
                "only the first {} were looked at",
                super::screen::size(limit)
            )
        }
    }
}

impl Keep for LookBlock {
    fn put(&mut self, line: Line<'_>) -> Result<(), StoreError> {
        self.kept.looked_at(line.workspace, line.kind);
        self.look(&line);
        Ok(())
    }

    fn gap(&mut self, gap: Gap) {
        self.kept.gap(gap);
    }

    fn heard(&mut self, workspace: &str, kind: &'static Kind, heard: Heard) {
        self.kept.heard(workspace, kind, heard);
    }
}

/// A file that passes by.
struct Passing {
    path: String,
    length: u64,
    limit: u64,
    scan: ContentScan<'static>,
    matcher: &'static Matcher,
    eye: Arc<Eye>,
}

impl download::Slot for Passing {
    fn have(&self) -> u64 {
        self.length
    }

    fn etag(&self) -> Option<String> {
        None
    }

    fn begin(&mut self, from: u64, _etag: Option<&str>) -> io::Result<()> {
        if from == 0 {
            self.length = 0;
            self.scan = self.matcher.content(self.limit);
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len() as u64;
        self.scan.feed(bytes);
        Ok(())
    }
}

impl Slot for Passing {
    fn finish(self: Box<Self>) -> Result<Finished, StoreError> {
        let report = self.scan.finish();
        self.eye.contents().insert(self.path.clone(), report);
        Ok(Finished::Kept(Whole {
            path: self.path,
            length: self.length,
            sha256: String::new(),
        }))
    }
}

#[async_trait::async_trait]
impl Store for Look {
    type Block = LookBlock;

    fn folder(&self, parent: &str, fixed: &str, name: &str) -> String {
        self.inner.folder(parent, fixed, name)
    }

    fn file_path(&self, folder: &str, path: &str) -> String {
        self.inner.file_path(folder, path)
    }

    fn block(&self) -> LookBlock {
        LookBlock {
            kept: self.inner.block(),
            eye: Arc::clone(&self.eye),
            hits: Vec::new(),
        }
    }

    async fn commit(&self, commit: Commit<LookBlock>) -> Result<(), StoreError> {
        let mut blocks = Vec::with_capacity(commit.blocks.len());
        for block in commit.blocks {
            self.eye.seen().hits.extend(block.hits);
            blocks.push(block.kept);
        }
        self.inner
            .commit(Commit {
                stream: commit.stream,
                next: commit.next,
                blocks,
                streams: commit.streams,
                refs: commit.refs,
                seen: commit.seen,
            })
            .await
    }

    async fn add(&self, streams: Vec<NewStream>) -> Result<(), StoreError> {
        self.inner.add(streams).await
    }

    async fn pending(
        &self,
        which: Which,
        n: usize,
        running: Vec<i64>,
    ) -> Result<Vec<Pending>, StoreError> {
        self.inner.pending(which, n, running).await
    }

    async fn begin_wave(
        &self,
        workspace: &str,
        kind: &'static str,
    ) -> Result<Option<i64>, StoreError> {
        self.inner.begin_wave(workspace, kind).await
    }

    async fn wave(
        &self,
        workspace: &str,
        kind: &'static str,
        wave: i64,
        after: Option<String>,
        n: usize,
    ) -> Result<Vec<String>, StoreError> {
        self.inner.wave(workspace, kind, wave, after, n).await
    }

    async fn end_wave(
        &self,
        workspace: &str,
        kind: &'static str,
        wave: i64,
    ) -> Result<(), StoreError> {
        self.inner.end_wave(workspace, kind, wave).await
    }

    async fn known(&self, _path: &str) -> Result<Option<Whole>, StoreError> {
        Ok(None)
    }

    fn slot(&self, path: &str) -> Result<Box<dyn Slot>, StoreError> {
        let (Some(matcher), Some(limit)) = (self.eye.matcher, self.eye.scan) else {
            return Err(StoreError("no file was to be looked at".into()));
        };
        Ok(Box::new(Passing {
            path: path.to_owned(),
            length: 0,
            limit,
            scan: matcher.content(limit),
            matcher,
            eye: Arc::clone(&self.eye),
        }))
    }

    async fn done(&self, _whole: Whole) -> Result<(), StoreError> {
        Ok(())
    }
}
