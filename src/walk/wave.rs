//! What no list shows: found by reference, wave after wave, to a fixed point.
//!
//! A wave takes the references to one kind that were found so far, in the order of their ids. So the order of the payload
//! is a matter of what refers to what, not of who was first.

use std::sync::Arc;

use super::gather::{Spot, is_referred_to};
use super::store::{Commit, Found, Heard, Keep, Pending, RANK_REFERENCE, Store, Which};
use super::stream::stream_of;
use super::{WalkError, Walker};
use crate::kinds::item::Params;
use crate::kinds::{self, Kind, Root};
use crate::report::{Class, Event, Severity};
use crate::wire::hands::Reader;

/// Items of a wave that are handed over together.
const AT_ONCE: usize = 100;

/// The mark of a stream that follows references: no list has it.
pub(super) const BY_REFERENCE: &str = "by-reference";

/// Where a wave is.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
struct Reached {
    wave: i64,
    after: Option<String>,
}

impl<S: Store> Walker<S> {
    /// Follows references until none is left.
    pub(super) async fn follow_references(
        self: &Arc<Self>,
        reader: &Arc<Reader>,
        folder: &str,
    ) -> Result<(), WalkError> {
        let targets: Vec<&'static Kind> = super::shard::followed(&self.wanted).collect();
        self.store
            .add(
                targets
                    .iter()
                    .map(|kind| {
                        let mut stream = stream_of(
                            kind,
                            &reader.workspace,
                            folder,
                            &Params::default(),
                            BY_REFERENCE,
                        );
                        stream.rank = RANK_REFERENCE;
                        stream
                    })
                    .collect(),
            )
            .await?;
        let streams = self
            .store
            .pending(
                Which::References(reader.workspace.clone()),
                targets.len(),
                Vec::new(),
            )
            .await?;
        loop {
            let mut found = false;
            for kind in &targets {
                let Some(stream) = streams.iter().find(|stream| stream.kind == kind.name) else {
                    continue;
                };
                while let Some(wave) = self.store.begin_wave(&reader.workspace, kind.name).await? {
                    found = true;
                    self.wave(reader, kind, stream, wave).await?;
                }
            }
            if !found {
                break;
            }
        }
        for stream in streams {
            let done = Commit {
                stream: stream.id,
                next: None,
                blocks: Vec::new(),
                streams: Vec::new(),
                refs: Vec::new(),
                seen: Vec::new(),
            };
            self.store.commit(done).await?;
        }
        Ok(())
    }

    /// One wave of one kind.
    async fn wave(
        self: &Arc<Self>,
        reader: &Arc<Reader>,
        kind: &'static Kind,
        stream: &Pending,
        wave: i64,
    ) -> Result<(), WalkError> {
        self.reporter.report(&Event::ListStarted {
            kind: kind.name,
            workspace: reader.workspace.clone(),
        });
        let mut after = stream
            .token
            .as_deref()
            .and_then(|token| serde_json::from_str::<Reached>(token).ok())
            .filter(|reached| reached.wave == wave)
            .and_then(|reached| reached.after);
        loop {
            self.go_on()?;
            let ids = self
                .store
                .wave(&reader.workspace, kind.name, wave, after.clone(), AT_ONCE)
                .await?;
            let Some(last) = ids.last().cloned() else {
                break;
            };
            let mut tasks = Vec::with_capacity(ids.len());
            for id in ids {
                let turn = Arc::clone(&self.items)
                    .acquire_owned()
                    .await
                    .map_err(|_| crate::wire::Fault::Interrupted)?;
                let (walker, reader, folder) =
                    (Arc::clone(self), Arc::clone(reader), stream.folder.clone());
                let item = Found {
                    workspace: reader.workspace.clone(),
                    kind: kind.name,
                    id: id.clone(),
                };
                let task = tokio::spawn(async move {
                    let _turn = turn;
                    walker.by_reference(&reader, kind, &folder, &id).await
                });
                tasks.push((item, task));
            }
            let reached = serde_json::to_string(&Reached {
                wave,
                after: Some(last.clone()),
            })
            .ok();
            let mut commit = Commit {
                stream: stream.id,
                next: reached,
                blocks: Vec::new(),
                streams: Vec::new(),
                refs: Vec::new(),
                seen: Vec::new(),
            };
            let items = tasks.len() as u64;
            for (item, task) in tasks {
                let mut brought = if let Ok(brought) = task.await {
                    brought?
                } else {
                    let mut brought = self.brought();
                    let reason = format!(
                        "an item of {} failed inside this program; please report it",
                        kind.name
                    );
                    self.missing(
                        &mut brought.block,
                        super::stream::plain_gap(
                            &reader.workspace,
                            kind.name,
                            Class::Panic,
                            reason,
                        ),
                    );
                    brought
                };
                if self.wanted.shard.is_some() {
                    brought.block.followed(&item, &brought.refs, &brought.seen);
                }
                commit.blocks.push(brought.block);
                commit.refs.extend(brought.refs);
                commit.seen.extend(brought.seen);
            }
            self.store.commit(commit).await?;
            self.reporter.report(&Event::PageKept {
                kind: kind.name,
                workspace: reader.workspace.clone(),
                items,
            });
            after = Some(last);
        }
        self.store
            .end_wave(&reader.workspace, kind.name, wave)
            .await?;
        self.reporter.report(&Event::ListEnded {
            kind: kind.name,
            workspace: reader.workspace.clone(),
        });
        Ok(())
    }

    /// One item that something pointed at. One that is gone is a note: it is not there to be had.
    async fn by_reference(
        self: &Arc<Self>,
        reader: &Arc<Reader>,
        kind: &'static Kind,
        folder: &str,
        id: &str,
    ) -> Result<super::gather::Brought<S::Block>, WalkError> {
        let mut brought = self.brought();
        let name = kind.offers.first().map_or("id", |(name, _)| *name);
        let params = Params::default()
            .with(name, Some(id.to_owned()))
            .with("id", Some(id.to_owned()));
        let spot = Spot {
            kind,
            folder: folder.to_owned(),
            below: folder.to_owned(),
            params,
            parent: Some(("workspaces", reader.workspace.clone())),
        };
        match reader.list(kind.item, &spot.params, None).await {
            Ok(page) => {
                brought.block.heard(
                    &reader.workspace,
                    kind,
                    Heard::Answered {
                        generation: page.generation,
                    },
                );
                for raw in page.items {
                    self.gather(reader, &spot, raw, &page.source, &mut brought)
                        .await?;
                }
            }
            Err(fault) if fault.is_final() => return Err(fault.into()),
            Err(fault) => {
                let heard = match &fault {
                    crate::wire::Fault::Denied { .. } => Heard::Denied,
                    fault if fault.is_absent() => Heard::Absent,
                    _ => Heard::Failed,
                };
                brought.block.heard(&reader.workspace, kind, heard);
                let mut gap = fault.gap(&reader.workspace, kind.name, Some(id.to_owned()));
                if fault.is_absent() {
                    gap.class = Class::Vanished;
                    gap.severity = Severity::Note;
                    gap.reason = match kind.by_name {
                        Some(flag) => format!("{flag} {id}: the service has no such thing here"),
                        None => format!(
                            "something refers to {} {id}, which the service does not have",
                            kind.name
                        ),
                    };
                }
                self.missing(&mut brought.block, gap);
            }
        }
        Ok(brought)
    }
}

/// Whether any wanted kind below this root is found by reference.
pub(super) fn any_by_reference<S: Store>(walker: &Walker<S>, root: &Root) -> bool {
    kinds::all()
        .filter(|kind| kinds::root_of(kind) == root)
        .any(|kind| walker.wanted.has(kind) && is_referred_to(kind))
}
