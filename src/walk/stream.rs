//! One list of its own, page by page: fetched ahead, worked on together, handed over in order.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::task::JoinHandle;

use super::gather::{Brought, Spot, gap};
use super::store::{Commit, Heard, Keep, NewStream, Pending, Store};
use super::{WalkError, Walker};
use crate::kinds::item::{Params, first};
use crate::kinds::{self, Files, Kind, Walk};
use crate::report::{Class, Event, Gap, Severity};
use crate::wire::hands::{Page, Place, Reader};
use crate::wire::page::{Position, Seen};

/// Pages of one list that are worked on at once.
const PAGES_AHEAD: usize = 2;

/// What comes after a page.
enum Next<B> {
    /// The next page, or the end.
    At(Option<Place>),
    /// The end, since the list cannot be followed any further; with the gap that says so.
    Broken(B),
}

/// What is written down of a place.
fn written(place: &Place, pages: u64) -> Place {
    match place.position {
        Position::Link(_) => Place {
            generation: place.generation,
            position: Position::Pages(pages),
        },
        _ => place.clone(),
    }
}

/// A page that is done, waiting for its turn to be handed over.
struct Done<B> {
    commit: Commit<B>,
    items: u64,
}

impl<S: Store> Walker<S> {
    /// Walks a list to its end.
    pub(super) async fn stream(
        self: &Arc<Self>,
        reader: &Arc<Reader>,
        kind: &'static Kind,
        pending: Pending,
    ) -> Result<(), WalkError> {
        let params: Params = serde_json::from_str(&pending.params).unwrap_or_default();
        let spot = Arc::new(Spot {
            kind,
            folder: pending.folder.clone(),
            below: pending.folder.clone(),
            params,
            parent: parent_of(kind, &pending),
        });
        self.reporter.report(&Event::ListStarted {
            kind: kind.name,
            workspace: reader.workspace.clone(),
        });
        let mut place: Option<Place> = pending
            .token
            .as_deref()
            .and_then(|token| serde_json::from_str(token).ok());
        let mut pages = 0;
        let mut more = true;
        // What the list itself left to say, handed over after the pages that came before it.
        let mut last: Option<Brought<S::Block>> = None;
        if let Some(Position::Pages(done)) = place.as_ref().map(|place| &place.position) {
            pages = *done;
            match self.walk_again(reader, &spot, pages).await {
                Ok(Some(reached)) => place = Some(reached),
                // It has become shorter meanwhile: there is nothing left to read.
                Ok(None) => {
                    more = false;
                    last = Some(self.brought());
                }
                Err(fault) if fault.is_final() => return Err(fault.into()),
                Err(fault) => {
                    more = false;
                    last = Some(self.broke_off(reader, &spot, &fault));
                }
            }
        }
        let mut seen = Seen::default();
        let mut ahead: VecDeque<JoinHandle<Result<Done<S::Block>, WalkError>>> = VecDeque::new();
        loop {
            while more && ahead.len() < PAGES_AHEAD && !self.soon.is_cancelled() {
                let first_page = place.is_none();
                match reader.list(kind.list, &spot.params, place.as_ref()).await {
                    Ok(page) => {
                        place.clone_from(&page.next);
                        more = page.next.is_some();
                        let broken = page
                            .next
                            .as_ref()
                            .and_then(|next| seen.note(&next.position, page.items.len()).err());
                        pages += 1;
                        let mut end = Next::At(page.next.as_ref().map(|next| written(next, pages)));
                        if let Some(what) = broken {
                            more = false;
                            let mut brought = self.brought();
                            let reason = format!(
                                "the list of {}: {what}; what came before is kept",
                                kind.name
                            );
                            self.missing(
                                &mut brought.block,
                                gap(reader, &spot, Class::Malformed, Severity::Gap, reason),
                            );
                            // With this page, since with it the list is at its end.
                            end = Next::Broken(brought.block);
                        }
                        let task = Arc::clone(self).page(
                            Arc::clone(reader),
                            Arc::clone(&spot),
                            page,
                            pending.id,
                            end,
                            first_page,
                        );
                        ahead.push_back(tokio::spawn(task));
                    }
                    Err(fault) if fault.is_final() => return Err(fault.into()),
                    Err(fault) => {
                        more = false;
                        let brought = if first_page {
                            let mut brought = self.brought();
                            self.no_list(reader, &spot, &fault, &mut brought);
                            brought
                        } else {
                            self.broke_off(reader, &spot, &fault)
                        };
                        last = Some(brought);
                    }
                }
            }
            let Some(task) = ahead.pop_front() else { break };
            let done = task.await.map_err(|_| panicked(kind))??;
            let items = done.items;
            self.store.commit(done.commit).await?;
            self.reporter.report(&Event::PageKept {
                kind: kind.name,
                workspace: reader.workspace.clone(),
                items,
            });
        }
        if more {
            self.go_on()?;
        }
        if let Some(brought) = last {
            let blocks = vec![brought.block];
            self.store
                .commit(Commit {
                    stream: pending.id,
                    next: None,
                    blocks,
                    streams: Vec::new(),
                    refs: brought.refs,
                    seen: brought.seen,
                })
                .await?;
        }
        self.reporter.report(&Event::ListEnded {
            kind: kind.name,
            workspace: reader.workspace.clone(),
        });
        Ok(())
    }

    /// A list that could not be read to its end.
    fn broke_off(
        &self,
        reader: &Reader,
        spot: &Spot,
        fault: &crate::wire::Fault,
    ) -> Brought<S::Block> {
        let mut brought = self.brought();
        let mut gap = fault.gap(&reader.workspace, spot.kind.name, spot.called());
        gap.reason = format!("the list of {} broke off: {}", spot.kind.name, gap.reason);
        brought
            .block
            .heard(&reader.workspace, spot.kind, Heard::Failed);
        self.missing(&mut brought.block, gap);
        brought
    }

    /// Walks a list whose links are not written down up to where an earlier start had come. `None` when it has become shorter.
    async fn walk_again(
        &self,
        reader: &Reader,
        spot: &Spot,
        pages: u64,
    ) -> Result<Option<Place>, crate::wire::Fault> {
        let mut place = None;
        for _ in 0..pages {
            place = reader
                .list(spot.kind.list, &spot.params, place.as_ref())
                .await?
                .next;
            if place.is_none() {
                break;
            }
        }
        Ok(place)
    }

    /// Everything that a page brings.
    async fn page(
        self: Arc<Self>,
        reader: Arc<Reader>,
        spot: Arc<Spot>,
        page: Page,
        stream: i64,
        end: Next<S::Block>,
        first_page: bool,
    ) -> Result<Done<S::Block>, WalkError> {
        let kind = spot.kind;
        let items = page.items.len() as u64;
        let (next, ending) = match end {
            Next::At(place) => (
                place.and_then(|place| serde_json::to_string(&place).ok()),
                None,
            ),
            Next::Broken(block) => (None, Some(block)),
        };
        let mut commit = Commit {
            stream,
            next,
            blocks: Vec::new(),
            streams: Vec::new(),
            refs: Vec::new(),
            seen: Vec::new(),
        };
        let own = self.has_list(&reader, kind);
        if first_page {
            let mut block = self.store.block();
            if own {
                let generation = page.generation;
                block.heard(&reader.workspace, kind, Heard::Answered { generation });
            } else {
                block.passed(&reader.workspace, kind);
            }
            commit.blocks.push(block);
        }
        commit.blocks.extend(ending);
        for raw in &page.items {
            self.own_lists(&reader, &spot, raw.get(), &mut commit.streams);
        }
        if !own {
            return Ok(Done { commit, items: 0 });
        }
        if self.hangs_nothing_on(kind) {
            // Nothing more is fetched for these items: one task is enough.
            let mut brought = self.brought();
            for raw in page.items {
                self.gather(&reader, &spot, raw, &page.source, &mut brought)
                    .await?;
            }
            add(&mut commit, brought);
            return Ok(Done { commit, items });
        }
        let mut tasks = VecDeque::new();
        for raw in page.items {
            let turn = Arc::clone(&self.items)
                .acquire_owned()
                .await
                .map_err(|_| crate::wire::Fault::Interrupted)?;
            let (walker, reader, spot, source) = (
                Arc::clone(&self),
                Arc::clone(&reader),
                Arc::clone(&spot),
                page.source.clone(),
            );
            tasks.push_back(tokio::spawn(async move {
                let _turn = turn;
                let mut brought = walker.brought();
                walker
                    .gather(&reader, &spot, raw, &source, &mut brought)
                    .await
                    .map(|()| brought)
            }));
        }
        for task in tasks {
            if let Ok(brought) = task.await {
                add(&mut commit, brought?);
            } else {
                let mut brought = self.brought();
                let gap = gap(
                    &reader,
                    &spot,
                    Class::Panic,
                    Severity::Gap,
                    format!(
                        "an item of {} failed inside this program; please report it",
                        kind.name
                    ),
                );
                self.missing(&mut brought.block, gap);
                add(&mut commit, brought);
            }
        }
        Ok(Done { commit, items })
    }

    /// Whether items of this kind come with nothing that has to be fetched.
    fn hangs_nothing_on(&self, kind: &Kind) -> bool {
        let children = kinds::all().any(|child| {
            child.parent == Some(kind.name) && child.walk != Walk::Own && self.wanted.has(child)
        });
        !kind.fetch_item && kind.files == Files::None && !children
    }

    /// The lists of their own that an item opens.
    fn own_lists(&self, reader: &Reader, spot: &Spot, raw: &str, streams: &mut Vec<NewStream>) {
        let own: Vec<_> = kinds::all()
            .filter(|child| {
                child.parent == Some(spot.kind.name)
                    && child.walk == Walk::Own
                    && self.wanted.has(child)
            })
            .collect();
        if own.is_empty() {
            return;
        }
        let Ok(doc) = serde_json::from_str::<serde_json::Value>(raw) else {
            return;
        };
        let Some(id) = kinds::item::id(spot.kind.id, &spot.params, &doc) else {
            return;
        };
        if !self.has_lists_of(reader, spot.kind, &id) {
            return;
        }
        let params = spot.params.offered(spot.kind, &doc);
        let folder = match spot.kind.folder.and_then(|folder| folder.split_once("/{.")) {
            Some((fixed, field)) => {
                let name = first(&doc, field.trim_end_matches('}')).unwrap_or_else(|| id.clone());
                self.store.folder(&spot.folder, fixed, &name)
            }
            None => spot.folder.clone(),
        };
        for child in own {
            streams.push(stream_of(child, &reader.workspace, &folder, &params, &id));
        }
    }
}

/// What a list hangs on, for gaps and for the inventory.
fn parent_of(kind: &'static Kind, pending: &Pending) -> Option<(&'static str, String)> {
    let parent = kind.parent.and_then(kinds::find)?;
    if parent.walk == Walk::Root {
        let name = kinds::root_of(parent).name_of(&pending.workspace);
        return Some((parent.name, name.to_owned()));
    }
    let params: Params = serde_json::from_str(&pending.params).unwrap_or_default();
    // Among what the parent offers is what names it, and beside it perhaps a name that people know it by.
    let naming = |path: &str| parent.id == format!("{{.{path}}}");
    let (name, _) = parent
        .offers
        .iter()
        .find(|(_, path)| naming(path))
        .or(parent.offers.first())?;
    params
        .get(name)?
        .map(|value| (parent.name, value.to_owned()))
}

/// A list to be walked. The key holds the id of the item that opens it, since names may be used again.
pub(super) fn stream_of(
    kind: &'static Kind,
    workspace: &str,
    folder: &str,
    params: &Params,
    of: &str,
) -> NewStream {
    NewStream {
        key: format!("{workspace}\n{}\n{of}", kind.name),
        kind: kind.name,
        workspace: workspace.to_owned(),
        folder: folder.to_owned(),
        params: serde_json::to_string(params).unwrap_or_default(),
        rank: depth(kind),
    }
}

fn depth(kind: &Kind) -> i64 {
    kind.parent
        .and_then(kinds::find)
        .map_or(0, |parent| 1 + depth(parent))
}

fn add<B>(commit: &mut Commit<B>, brought: Brought<B>) {
    commit.blocks.push(brought.block);
    commit.refs.extend(brought.refs);
    commit.seen.extend(brought.seen);
}

/// A panic while a page was put together: the page is done again by the next start.
fn panicked(kind: &Kind) -> crate::wire::Fault {
    crate::wire::Fault::Bug {
        what: format!("a page of {} failed", kind.name),
    }
}

/// A gap that belongs to no list.
pub(super) fn plain_gap(workspace: &str, kind: &'static str, class: Class, reason: String) -> Gap {
    Gap {
        workspace: workspace.to_owned(),
        kind,
        parent: None,
        class,
        severity: Severity::Gap,
        reason,
        detail: None,
        status: None,
        request_id: None,
    }
}
