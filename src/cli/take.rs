//! Handing over what is one person's: the keeper that lets through what is theirs, and masks everybody else in it.
//!
//! Nothing reaches the bag unmasked. A file is first fetched to the state of unfinished work, and only what came out of the
//! mask is written below `data/`. What cannot be masked, since it is no text, is left out and said, unless the operator
//! wants it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::closure::{Key, Theirs, key};
use super::delete::Survey;
use super::keep::{BagStore, Kept};
use super::paths::Paths;
use super::spots::asides;
use crate::bag::{Aside, Found};
use crate::kinds::Kind;
use crate::report::Gap;
use crate::subject::mask::Mask;
use crate::walk::{
    Commit, Finished, Heard, Keep, Line, NewStream, Pending, Slot, Store, StoreError, Which, Whole,
};
use crate::wire::download;

/// What is let through, and how.
pub(super) struct Share {
    pub theirs: Theirs,
    /// How each item was found.
    pub found: HashMap<Key, Found>,
    /// Who stands for whom; without it everybody stays as they are.
    pub mask: Option<&'static Mask>,
    /// Whether files that are no text are handed over all the same.
    pub unmaskable: bool,
    /// Where what is let through is gathered in place of the bag, when a plan is made of it.
    pub survey: Option<Survey>,
    /// What was masked in files that are whole and not yet noted as such, by the path.
    pub spots: Mutex<HashMap<String, Vec<Aside>>>,
    /// Which path a masked path stands for. Only paths that the mask changed are here.
    pub paths: Mutex<Paths>,
}

impl Share {
    /// Everything of these items, as it is.
    pub(super) fn of(theirs: Theirs) -> Self {
        Self {
            theirs,
            found: HashMap::new(),
            mask: None,
            unmaskable: true,
            spots: Mutex::default(),
            survey: None,
            paths: Mutex::default(),
        }
    }

    fn text(&self, text: &str) -> String {
        self.mask
            .map_or_else(|| text.to_owned(), |mask| mask.text(text).text)
    }

    fn paths(&self) -> MutexGuard<'_, Paths> {
        self.paths.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spots(&self) -> MutexGuard<'_, HashMap<String, Vec<Aside>>> {
        self.spots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The keeper.
pub(super) struct Take {
    inner: Arc<BagStore>,
    share: Arc<Share>,
}

impl Take {
    pub(super) fn new(inner: Arc<BagStore>, share: Arc<Share>) -> Self {
        Self { inner, share }
    }
}

/// A block that takes in what is theirs.
pub(super) struct TakeBlock {
    kept: Kept,
    share: Arc<Share>,
}

impl Keep for TakeBlock {
    fn put(&mut self, line: Line<'_>) -> Result<(), StoreError> {
        let share = Arc::clone(&self.share);
        let theirs = share
            .theirs
            .has(line.workspace, line.kind, line.id, line.parent, line.parsed);
        if !theirs && share.survey.is_none() {
            return Ok(());
        }
        if let Some(survey) = &share.survey {
            self.kept.looked_at(line.workspace, line.kind);
            survey.take(&line, theirs);
            return Ok(());
        }
        // What is here without a find of its own belongs to something that was found.
        let found = share
            .found
            .get(&key(line.workspace, line.kind.name, line.id));
        let Some(mask) = share.mask else {
            return self.kept.put_found(line, found);
        };
        let masked = mask.json(line.kind, line.doc.get());
        let doc = serde_json::value::RawValue::from_string(masked.text)
            .map_err(|error| StoreError(Box::new(error)))?;
        let id = share.text(line.id);
        // In the order of workspaces, kinds and ids. No path of a file begins like this.
        let here = format!("/{}/{}/{id}", line.workspace, line.kind.name);
        for aside in asides(&here, line.workspace, line.kind.name, &id, &masked.spots) {
            self.kept.aside(&aside)?;
        }
        let parent = line.parent.map(|(kind, id)| (kind, share.text(id)));
        let source = share.text(line.source);
        // From the masked document: in a record the strongest identifier decides for whom a name stands, which a name by
        // itself does not tell.
        let veiled: Value = serde_json::from_str(doc.get()).unwrap_or_default();
        let people = crate::walk::people::mentions(line.kind, &veiled);
        self.kept.put_found(
            Line {
                kind: line.kind,
                workspace: line.workspace,
                folder: line.folder,
                id: &id,
                parent: parent.as_ref().map(|(kind, id)| (*kind, id.as_str())),
                source: &source,
                people,
                times: line.times,
                bytes: line.bytes,
                doc: &doc,
                parsed: line.parsed,
            },
            found,
        )
    }

    fn gap(&mut self, mut gap: Gap) {
        gap.parent = gap.parent.map(|id| self.share.text(&id));
        gap.reason = self.share.text(&gap.reason);
        gap.detail = gap.detail.map(|detail| self.share.text(&detail));
        self.kept.gap(gap);
    }

    fn heard(&mut self, workspace: &str, kind: &'static Kind, heard: Heard) {
        self.kept.heard(workspace, kind, heard);
    }
}

/// A file on its way through the mask.
struct Veiled {
    /// Where it comes to lie.
    path: String,
    raw: File,
    length: u64,
    etag: Option<String>,
    into: Box<dyn Slot>,
    share: Arc<Share>,
}

impl download::Slot for Veiled {
    fn have(&self) -> u64 {
        self.length
    }

    fn etag(&self) -> Option<String> {
        self.etag.clone()
    }

    fn begin(&mut self, from: u64, etag: Option<&str>) -> io::Result<()> {
        if from == 0 {
            self.raw.set_len(0)?;
            self.raw.seek(SeekFrom::Start(0))?;
            self.length = 0;
        }
        self.etag = etag.map(str::to_owned);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.raw.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }
}

/// Pieces in which a file goes through the mask, in bytes.
const PIECE: usize = 1 << 16;

impl Veiled {
    /// Every piece of the file, to whoever wants it.
    fn pieces(&mut self, mut each: impl FnMut(&[u8]) -> io::Result<bool>) -> io::Result<()> {
        self.raw.seek(SeekFrom::Start(0))?;
        let mut from = BufReader::with_capacity(PIECE, &self.raw);
        let mut piece = vec![0; PIECE];
        loop {
            let read = from.read(&mut piece)?;
            if read == 0 || !each(&piece[..read])? {
                return Ok(());
            }
        }
    }

    /// Writes it as it is.
    fn plain(mut self) -> Result<Finished, StoreError> {
        let failed = |error: io::Error| StoreError(Box::new(error));
        let mut into = std::mem::replace(&mut self.into, Box::new(Nothing));
        into.begin(0, None).map_err(failed)?;
        self.pieces(|piece| into.write(piece).map(|()| true))
            .map_err(failed)?;
        into.finish()
    }
}

impl Slot for Veiled {
    fn finish(mut self: Box<Self>) -> Result<Finished, StoreError> {
        let failed = |error: io::Error| StoreError(Box::new(error));
        let Some(mask) = self.share.mask else {
            return (*self).plain();
        };
        let mut into = std::mem::replace(&mut self.into, Box::new(Nothing));
        into.begin(0, None).map_err(failed)?;
        let mut stream = mask.stream();
        let mut refused = None;
        self.pieces(|piece| match stream.feed(piece) {
            Ok(text) => into.write(&text).map(|()| true),
            Err(why) => {
                refused = Some(why);
                Ok(false)
            }
        })
        .map_err(failed)?;
        if refused.is_none() {
            match stream.finish() {
                Ok(text) => into.write(&text).map_err(failed)?,
                Err(why) => refused = Some(why),
            }
        }
        match refused {
            None => {
                let spots = asides(&self.path, "", "file", &self.path, &stream.spots());
                if !spots.is_empty() {
                    self.share.spots().insert(self.path.clone(), spots);
                }
                into.finish()
            }
            Some(_) if self.share.unmaskable => {
                self.into = into;
                (*self).plain()
            }
            Some(why) => Ok(Finished::Left(format!(
                "others cannot be masked in it ({why}), so it was left out; --include-unmaskable hands it over as it is"
            ))),
        }
    }
}

/// The place of a slot that was taken away.
struct Nothing;

impl download::Slot for Nothing {
    fn have(&self) -> u64 {
        0
    }
    fn etag(&self) -> Option<String> {
        None
    }
    fn begin(&mut self, _: u64, _: Option<&str>) -> io::Result<()> {
        Err(io::ErrorKind::NotFound.into())
    }
    fn write(&mut self, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::NotFound.into())
    }
}

impl Slot for Nothing {
    fn finish(self: Box<Self>) -> Result<Finished, StoreError> {
        Err(StoreError("there is no such file".into()))
    }
}

#[async_trait::async_trait]
impl Store for Take {
    type Block = TakeBlock;

    fn folder(&self, parent: &str, fixed: &str, name: &str) -> String {
        self.inner.folder(parent, fixed, &self.share.text(name))
    }

    fn file_path(&self, folder: &str, path: &str) -> String {
        let Some(mask) = self.share.mask else {
            return self.inner.file_path(folder, path);
        };
        let masked = mask.path(path);
        if masked == path {
            return self.inner.file_path(folder, path);
        }
        self.inner
            .file_path(folder, &self.share.paths().apart(folder, path, masked))
    }

    fn wants(
        &self,
        workspace: &str,
        kind: &Kind,
        id: &str,
        parent: Option<(&'static str, &str)>,
        doc: &Value,
    ) -> bool {
        self.share.theirs.has(workspace, kind, id, parent, doc)
            || self.share.theirs.leads(workspace, kind, id)
            // A plan counts everything, and what is not asked for may stand in the way of what is.
            || self.share.survey.is_some()
    }

    fn block(&self) -> TakeBlock {
        TakeBlock {
            kept: self.inner.block(),
            share: Arc::clone(&self.share),
        }
    }

    async fn commit(&self, commit: Commit<TakeBlock>) -> Result<(), StoreError> {
        let mut blocks: Vec<Kept> = commit.blocks.into_iter().map(|block| block.kept).collect();
        let mut fresh = Vec::new();
        if let Some(first) = blocks.first_mut() {
            // Those of this page, and of others that are under way: they would be given the same names again.
            fresh = self.share.paths().fresh();
            for (name, holder) in &fresh {
                first.name(name, holder)?;
            }
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
            .await?;
        self.share.paths().kept(&fresh);
        Ok(())
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

    async fn known(&self, path: &str) -> Result<Option<Whole>, StoreError> {
        self.inner.known(path).await
    }

    fn slot(&self, path: &str) -> Result<Box<dyn Slot>, StoreError> {
        let raw = self.inner.scratch()?;
        Ok(Box::new(Veiled {
            path: path.to_owned(),
            raw,
            length: 0,
            etag: None,
            into: self.inner.slot(path)?,
            share: Arc::clone(&self.share),
        }))
    }

    async fn done(&self, whole: Whole) -> Result<(), StoreError> {
        let spots = self.share.spots().remove(&whole.path).unwrap_or_default();
        self.inner.done_with(whole, spots).await
    }
}
