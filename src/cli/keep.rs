//! Where the walk meets the bag: what is found goes to one thread that writes, through a bounded channel.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use crate::bag::names::{self, Role};
use crate::bag::{
    self, Aside, BagError, Block, Bytes, FileFact, Heard as BagHeard, Places, Rule, Rules, Spill,
    Which as BagWhich, Writer,
};
use crate::kinds::{self, Kind};
use crate::report::{Gap, Severity};
use crate::walk::{
    Commit, Finished, Found, Heard, Keep, Line, NewStream, Pending, Slot, Store, StoreError, Thing,
    Which, Whole,
};
use crate::wire::download;

type Job = Box<dyn FnOnce(&mut Writer) + Send>;

/// Whole files that are written down together.
const TOGETHER: usize = 16;

/// Jobs that wait for the writer. When it falls behind, the walk waits: that is what bounds memory.
const JOBS: usize = 64;

/// The bag, as the walker sees it.
pub(super) struct BagStore {
    jobs: mpsc::Sender<Job>,
    places: Places,
    spill: Arc<Spill>,
    rules: Arc<HashMap<&'static str, Rules>>,
    resumed: bool,
    /// Files that are whole and not yet written down: a few are written down together. A kill forgets at most these.
    whole: Arc<Mutex<Done>>,
    /// The first failure of a job that nobody waited for.
    failed: Arc<Mutex<Option<BagError>>>,
}

/// Files that are whole, with what the log beside the bag says of them.
#[derive(Default)]
struct Done {
    files: Vec<(String, FileFact)>,
    asides: Vec<Aside>,
}

/// The thread that writes; it gives the writer back when the store is gone.
pub(super) struct WriterThread(JoinHandle<Writer>);

impl WriterThread {
    /// Waits for the last job.
    pub(super) fn join(self) -> anyhow::Result<Writer> {
        self.0.join().map_err(|_| {
            anyhow::anyhow!(
                "the thread that writes the bag failed; what was finished is kept, please report it"
            )
        })
    }
}

/// Gives the writer to a thread of its own.
pub(super) fn start(mut writer: Writer) -> anyhow::Result<(Arc<BagStore>, WriterThread)> {
    let (jobs, mut inbox) = mpsc::channel::<Job>(JOBS);
    let store = BagStore {
        jobs,
        places: writer.places().clone(),
        spill: Arc::clone(writer.spill()),
        rules: Arc::new(
            kinds::all()
                .map(|kind| (kind.name, rules_of(kind)))
                .collect(),
        ),
        resumed: writer.resumed().is_some(),
        whole: Arc::default(),
        failed: Arc::default(),
    };
    let thread = std::thread::Builder::new()
        .name("bag".to_owned())
        .spawn(move || {
            while let Some(job) = inbox.blocking_recv() {
                job(&mut writer);
            }
            writer
        })?;
    Ok((Arc::new(store), WriterThread(thread)))
}

/// The row's secret fields, as the bag's own words for them.
fn rules_of(kind: &Kind) -> Rules {
    let rules: Vec<Rule> = kind
        .secret
        .iter()
        .map(|secret| Rule {
            path: secret.path,
            how: match secret.how {
                kinds::How::Blank => bag::How::Blank,
                kinds::How::Query => bag::How::Query,
            },
        })
        .collect();
    Rules::new(&rules)
}

fn store_error(error: BagError) -> StoreError {
    StoreError(Box::new(error))
}

impl BagStore {
    /// A file without a name in the state of unfinished work, for bytes that may not come into the bag as they are: it is
    /// on the disk that the operator chose, and nobody finds it there.
    pub(super) fn scratch(&self) -> Result<std::fs::File, StoreError> {
        tempfile::tempfile_in(self.places.state()).map_err(|error| StoreError(Box::new(error)))
    }

    /// Takes a file that is whole, with what the log beside the bag says of it.
    pub(super) async fn done_with(
        &self,
        whole: Whole,
        asides: Vec<Aside>,
    ) -> Result<(), StoreError> {
        let fact = FileFact {
            length: whole.length,
            sha256: whole.sha256,
        };
        let enough = {
            let mut waiting = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.files.push((whole.path, fact));
            waiting.asides.extend(asides);
            waiting.files.len() >= TOGETHER
        };
        if enough {
            self.write_down().await
        } else {
            Ok(())
        }
    }

    /// Has the writer write down the files that are whole.
    async fn write_down(&self) -> Result<(), StoreError> {
        let failed = Arc::clone(&self.failed);
        let whole = Arc::clone(&self.whole);
        let job: Job = Box::new(move |writer| {
            if let Err(error) = drain(&whole, writer) {
                failed
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .get_or_insert(error);
            }
        });
        self.jobs
            .send(job)
            .await
            .map_err(|_| StoreError("the thread that writes the bag has ended".into()))
    }

    /// Has the writer do something, and waits for it.
    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T, BagError> + Send + 'static,
    ) -> Result<T, StoreError> {
        if let Some(error) = self
            .failed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        {
            return Err(store_error(error));
        }
        let whole = Arc::clone(&self.whole);
        let (answer, wait) = oneshot::channel();
        let job: Job = Box::new(move |writer| {
            // Files come into the books before the page that speaks of them, or neither does.
            let _ = answer.send(drain(&whole, writer).and_then(|()| work(writer)));
        });
        let gone = |what: &str| StoreError(what.to_owned().into());
        self.jobs
            .send(job)
            .await
            .map_err(|_| gone("the thread that writes the bag has ended"))?;
        wait.await
            .map_err(|_| gone("the thread that writes the bag has failed"))?
            .map_err(store_error)
    }
}

/// Writes down the files that are whole.
fn drain(whole: &Mutex<Done>, writer: &mut Writer) -> Result<(), BagError> {
    let done = std::mem::take(&mut *whole.lock().unwrap_or_else(PoisonError::into_inner));
    if done.files.is_empty() {
        Ok(())
    } else {
        writer.files_done(&done.files, &done.asides)
    }
}

/// One item's block, with the rules of all kinds at hand.
pub(super) struct Kept {
    block: Block,
    rules: Arc<HashMap<&'static str, Rules>>,
    error: Option<BagError>,
}

impl Kept {
    /// Takes a line for the log beside the bag.
    pub(super) fn aside(&mut self, aside: &Aside) -> Result<(), StoreError> {
        self.block.aside(aside).map_err(store_error)
    }

    /// Takes note of who holds a name.
    pub(super) fn name(&mut self, name: &str, holder: &str) -> Result<(), StoreError> {
        self.block.name(name, holder).map_err(store_error)
    }

    /// Counts an item that was looked at and is not kept.
    pub(super) fn looked_at(&mut self, workspace: &str, kind: &'static Kind) {
        self.block.looked_at(workspace, kind.name);
    }

    /// Takes a document, with how the subject of the export was found in it.
    pub(super) fn put_found(
        &mut self,
        line: Line<'_>,
        found: Option<&bag::Found>,
    ) -> Result<(), StoreError> {
        let all = Arc::clone(&self.rules);
        let Some(rules) = all.get(line.kind.name) else {
            return Err(StoreError(
                format!("{} is no row of the catalogue", line.kind.name).into(),
            ));
        };
        let file = if line.kind.parent.is_none() {
            format!("{}/{}.json", line.folder, kinds::root_of(line.kind).one)
        } else {
            format!("{}/{}.jsonl", line.folder, line.kind.name)
        };
        let people: Vec<bag::Person> = line
            .people
            .into_iter()
            .map(|mention| bag::Person {
                field: mention.field,
                role: mention.form.to_owned(),
                value: mention.value,
            })
            .collect();
        let times: Vec<(&str, &str)> = line
            .times
            .iter()
            .map(|(field, value)| (field.as_str(), value.as_str()))
            .collect();
        let fact = match &line.bytes {
            Some(Thing::Here(whole)) => FileFact {
                length: whole.length,
                sha256: whole.sha256.clone(),
            },
            _ => FileFact {
                length: 0,
                sha256: String::new(),
            },
        };
        let bytes = line.bytes.as_ref().map(|thing| match thing {
            Thing::Here(whole) => Bytes::Here {
                path: &whole.path,
                fact: &fact,
            },
            Thing::Left(why) => Bytes::Left { why },
        });
        let kept = self.block.put(bag::Line {
            same: kinds::same(line.kind.name).map(|other| other.name),
            found,
            kind: line.kind.name,
            file: &file,
            workspace: line.workspace,
            id: line.id,
            parent: line.parent,
            source: line.source,
            people: &people,
            times: &times,
            bytes,
            doc: Some(line.doc.get().as_bytes()),
            rules,
        });
        match kept {
            Ok(_) => Ok(()),
            // A document that cannot be understood is a gap, and the rest goes on.
            Err(BagError::BadJson(bad)) => {
                self.gap(Gap {
                    workspace: line.workspace.to_owned(),
                    kind: line.kind.name,
                    parent: Some(line.id.to_owned()),
                    class: crate::report::Class::Malformed,
                    severity: Severity::Gap,
                    reason: format!("its document is {bad}, so it was left out"),
                    detail: None,
                    status: None,
                    request_id: None,
                });
                Ok(())
            }
            Err(error) => Err(store_error(error)),
        }
    }
}

impl Keep for Kept {
    fn put(&mut self, line: Line<'_>) -> Result<(), StoreError> {
        self.put_found(line, None)
    }

    fn gap(&mut self, gap: Gap) {
        let kept = self.block.gap(&bag::Gap {
            workspace: gap.workspace,
            kind: gap.kind,
            parent: gap.parent,
            class: gap.class.name(),
            severity: if gap.severity == Severity::Gap {
                bag::Severity::Gap
            } else {
                bag::Severity::Note
            },
            reason: gap.reason,
            detail: gap.detail,
            status: gap.status,
            request_id: gap.request_id,
        });
        self.error = self.error.take().or(kept.err());
    }

    fn heard(&mut self, workspace: &str, kind: &'static Kind, heard: Heard) {
        let heard = match heard {
            Heard::Answered { generation } => BagHeard::Answered { generation },
            Heard::Absent => BagHeard::Absent,
            Heard::Denied => BagHeard::Denied,
            Heard::Failed => BagHeard::Failed,
        };
        self.block.heard(workspace, kind.name, heard);
    }

    fn passed(&mut self, workspace: &str, kind: &'static Kind) {
        self.block.passed(workspace, kind.name);
    }

    fn followed(&mut self, item: &Found, found: &[Found], seen: &[Found]) {
        let kept = self
            .block
            .followed(&ref_of(item), &refs(found), &refs(seen));
        self.error = self.error.take().or(kept.err());
    }
}

fn ref_of(found: &Found) -> bag::RefId {
    bag::RefId {
        workspace: found.workspace.clone(),
        kind: found.kind.to_owned(),
        id: found.id.clone(),
    }
}

fn refs(found: &[Found]) -> Vec<bag::RefId> {
    found.iter().map(ref_of).collect()
}

/// A file that is not yet whole.
struct Part {
    slot: bag::FileSlot,
    path: String,
    begun: bool,
    etag: Option<String>,
}

/// As the wire knows failures of the disk: with the bag's whole sentence.
fn io_error(error: BagError) -> io::Error {
    let text = error.to_string();
    let kind = match error {
        BagError::Disk { source, .. } => source.kind(),
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, text)
}

impl download::Slot for Part {
    fn have(&self) -> u64 {
        if self.begun {
            self.slot.length()
        } else {
            self.slot.have().bytes
        }
    }

    fn etag(&self) -> Option<String> {
        if self.begun {
            self.etag.clone()
        } else {
            self.slot.have().etag.clone()
        }
    }

    fn begin(&mut self, from: u64, etag: Option<&str>) -> io::Result<()> {
        if from > 0 && self.begun {
            // The same download goes on after a broken connection: everything is in place.
            return Ok(());
        }
        self.begun = true;
        self.etag = etag.map(str::to_owned);
        if from > 0 {
            self.slot.go_on()
        } else {
            self.slot.restart(etag)
        }
        .map_err(io_error)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.slot.write(bytes).map_err(io_error)
    }
}

impl Slot for Part {
    fn finish(self: Box<Self>) -> Result<Finished, StoreError> {
        let fact = self.slot.finish().map_err(store_error)?;
        Ok(Finished::Kept(Whole {
            path: self.path,
            length: fact.length,
            sha256: fact.sha256,
        }))
    }
}

#[async_trait::async_trait]
impl Store for BagStore {
    type Block = Kept;

    fn folder(&self, parent: &str, fixed: &str, name: &str) -> String {
        let segment = names::segment(Role::Dir, &names::without_secrets(name));
        if parent.is_empty() {
            format!("{fixed}/{segment}")
        } else {
            format!("{parent}/{fixed}/{segment}")
        }
    }

    fn file_path(&self, folder: &str, path: &str) -> String {
        names::file_path(folder, &names::without_secrets(path))
    }

    fn block(&self) -> Kept {
        Kept {
            block: Block::new(&self.spill),
            rules: Arc::clone(&self.rules),
            error: None,
        }
    }

    async fn commit(&self, commit: Commit<Kept>) -> Result<(), StoreError> {
        let mut blocks = Vec::with_capacity(commit.blocks.len());
        for kept in commit.blocks {
            if let Some(error) = kept.error {
                return Err(store_error(error));
            }
            blocks.push(kept.block);
        }
        let commit = bag::Commit {
            stream: commit.stream,
            next: commit.next.map_or(bag::Next::Done, bag::Next::Token),
            blocks,
            streams: commit.streams.into_iter().map(new_stream).collect(),
            refs: refs(&commit.refs),
            seen: refs(&commit.seen),
        };
        self.ask(move |writer| writer.commit(commit))
            .await
            .map(|_| ())
    }

    async fn add(&self, streams: Vec<NewStream>) -> Result<(), StoreError> {
        let streams: Vec<_> = streams.into_iter().map(new_stream).collect();
        self.ask(move |writer| writer.add_streams(&streams))
            .await
            .map(|_| ())
    }

    async fn pending(
        &self,
        which: Which,
        n: usize,
        running: Vec<i64>,
    ) -> Result<Vec<Pending>, StoreError> {
        let which = match which {
            Which::Roots => BagWhich::Roots,
            Which::Lists(workspace) => BagWhich::Lists(workspace),
            Which::References(workspace) => BagWhich::References(workspace),
        };
        let found = self
            .ask(move |writer| writer.next_streams(&which, n, &running))
            .await?;
        Ok(found
            .into_iter()
            .map(|p| Pending {
                id: p.id,
                kind: p.kind,
                workspace: p.workspace,
                folder: p.folder,
                params: p.params,
                token: p.token,
            })
            .collect())
    }

    async fn begin_wave(
        &self,
        workspace: &str,
        kind: &'static str,
    ) -> Result<Option<i64>, StoreError> {
        let workspace = workspace.to_owned();
        self.ask(move |writer| writer.begin_wave(&workspace, kind))
            .await
    }

    async fn wave(
        &self,
        workspace: &str,
        kind: &'static str,
        wave: i64,
        after: Option<String>,
        n: usize,
    ) -> Result<Vec<String>, StoreError> {
        let workspace = workspace.to_owned();
        self.ask(move |writer| writer.wave_ids(&workspace, kind, wave, after.as_deref(), n))
            .await
    }

    async fn end_wave(
        &self,
        workspace: &str,
        kind: &'static str,
        wave: i64,
    ) -> Result<(), StoreError> {
        let workspace = workspace.to_owned();
        self.ask(move |writer| writer.end_wave(&workspace, kind, wave))
            .await
    }

    async fn known(&self, path: &str) -> Result<Option<Whole>, StoreError> {
        if !self.resumed {
            return Ok(None);
        }
        let path = path.to_owned();
        self.ask(move |writer| {
            let fact = writer.file_known(&path)?;
            Ok(fact.map(|fact| Whole {
                path,
                length: fact.length,
                sha256: fact.sha256,
            }))
        })
        .await
    }

    fn slot(&self, path: &str) -> Result<Box<dyn Slot>, StoreError> {
        let slot = self.places.slot(path).map_err(store_error)?;
        Ok(Box::new(Part {
            slot,
            path: path.to_owned(),
            begun: false,
            etag: None,
        }))
    }

    async fn done(&self, whole: Whole) -> Result<(), StoreError> {
        self.done_with(whole, Vec::new()).await
    }
}

fn new_stream(stream: NewStream) -> bag::NewStream {
    bag::NewStream {
        key: stream.key,
        kind: stream.kind.to_owned(),
        workspace: stream.workspace,
        folder: stream.folder,
        params: stream.params,
        rank: stream.rank,
    }
}
