//! Which workspaces and registries, and one of them from its document to its last reference.

use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinSet;
use url::Url;

use super::census::{Counted, Shown, census, labelled, list, vanished};
use super::gather::{Item, Spot, put};
use super::store::{Commit, Found, Heard, Keep, NewStream, Pending, RANK_ROOT, Store, Which};
use super::stream::{plain_gap, stream_of};
use super::wave::any_by_reference;
use super::{LISTS_AT_ONCE, WalkError, Walker};
use crate::kinds::item::{Params, first};
use crate::kinds::roots::{REGISTRIES, ROOTS, WORKSPACES};
use crate::kinds::{self, Kind, Root, Walk};
use crate::report::{Event, Severity};
use crate::wire::Fault;
use crate::wire::discovery::{Hosts, discover};
use crate::wire::hands::{Reader, escape};

/// Where the walk begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roots {
    /// One workspace, or one registry.
    One {
        root: &'static Root,
        subscription: String,
        group: String,
        name: String,
    },
    /// All workspaces and registries of a resource group.
    Group { subscription: String, group: String },
    /// All workspaces and registries of a subscription.
    Subscription { subscription: String },
    /// All workspaces and registries that the caller sees, or those below a management group.
    Everywhere { management_group: Option<String> },
}

impl<S: Store> Walker<S> {
    /// Walks everything below the roots. What an earlier start has kept is not walked again.
    pub async fn walk(self: &Arc<Self>, roots: &Roots) -> Result<(), WalkError> {
        let alone = matches!(roots, Roots::One { .. });
        let mut none = false;
        if let Roots::Everywhere { .. } = roots {
            self.count(roots).await?;
        } else {
            let streams = self.begun(roots).await?;
            none = streams.iter().all(|stream| stream.folder.is_empty());
            if streams.is_empty() {
                return Err(WalkError::Nowhere);
            }
            self.store.add(streams).await?;
        }
        loop {
            let pending = self.store.pending(Which::Roots, 1, Vec::new()).await?;
            let Some(pending) = pending.into_iter().next() else {
                return Ok(());
            };
            let root = ROOTS
                .into_iter()
                .find(|root| root.kind == pending.kind)
                .unwrap_or(&WORKSPACES);
            if pending.folder.is_empty() {
                self.list_later(root, pending, none).await?;
            } else if let Some(kind) = root.row() {
                self.root(root, kind, pending, alone).await?;
            }
        }
    }

    /// What is to be done in a scope that is no wider than a subscription.
    async fn begun(&self, roots: &Roots) -> Result<Vec<NewStream>, WalkError> {
        let (path, of) = match roots {
            Roots::One {
                root,
                subscription,
                group,
                name,
            } => {
                if !self.has_root(root) {
                    return Err(WalkError::Outside { one: root.one });
                }
                let shown = Shown {
                    root,
                    subscription: subscription.clone(),
                    group: group.clone(),
                    name: name.clone(),
                    state: None,
                };
                return Ok(self.streams(labelled(vec![shown])));
            }
            Roots::Group {
                subscription,
                group,
            } => (
                format!(
                    "/subscriptions/{}/resourceGroups/{}",
                    escape(subscription),
                    escape(group)
                ),
                format!("resource group {group}"),
            ),
            Roots::Subscription { subscription } => (
                format!("/subscriptions/{}", escape(subscription)),
                format!("subscription {subscription}"),
            ),
            Roots::Everywhere { .. } => return Ok(Vec::new()),
        };
        let mut streams = Vec::new();
        if self.has_root(&WORKSPACES) {
            let census = census(&self.wire, roots, &[&WORKSPACES]).await?;
            streams = self.streams(census.found);
        }
        streams.extend(self.registries_below(&path, &of));
        Ok(streams)
    }

    /// Whether roots of this sort are wanted at all.
    fn has_root(&self, root: &Root) -> bool {
        root.row().is_some_and(|kind| self.wanted.has(kind))
    }

    /// The list of the registries below a path, which is read as unfinished work of its own, so that one that is denied is a
    /// gap and not the end.
    fn registries_below(&self, path: &str, of: &str) -> Option<NewStream> {
        let path = format!("{path}{}", REGISTRIES.collection());
        self.has_root(&REGISTRIES).then(|| NewStream {
            key: format!("{}\n{}", REGISTRIES.kind, path.to_lowercase()),
            kind: REGISTRIES.kind,
            workspace: REGISTRIES.list_label(of),
            folder: String::new(),
            params: path,
            rank: RANK_ROOT,
        })
    }

    /// The roots that were counted, as work to be done.
    fn streams(&self, counted: Vec<Counted>) -> Vec<NewStream> {
        counted
            .into_iter()
            .map(|Counted { label, shown }| {
                let (root, path) = (shown.root, shown.path());
                NewStream {
                    key: format!("{}\n{}", root.kind, path.to_lowercase()),
                    kind: root.kind,
                    folder: self.store.folder("", root.kind, &label),
                    workspace: root.label(&label),
                    // How a list showed it is worth knowing when it cannot be had.
                    params: match shown.state {
                        Some(state) => format!("{path}\n{state}"),
                        None => path,
                    },
                    rank: RANK_ROOT,
                }
            })
            .collect()
    }

    /// A list of roots that is no condition of the rest. `only` says that nothing else was found in this scope.
    async fn list_later(
        &self,
        root: &'static Root,
        pending: Pending,
        only: bool,
    ) -> Result<(), WalkError> {
        let mut block = self.store.block();
        let mut streams = Vec::new();
        let heard = match list(&self.wire, root, &pending.params).await {
            Ok(found) if found.is_empty() && only => return Err(WalkError::Nowhere),
            Ok(found) => {
                streams = self.streams(labelled(found));
                // Of a list that names some, each of them says more than the list.
                streams
                    .is_empty()
                    .then_some(Heard::Answered { generation: 2 })
            }
            Err(fault) if !only && !fault.is_final() => {
                let mut gap = fault.gap(&pending.workspace, root.kind, None);
                let heard = match &fault {
                    Fault::Denied { .. } => Heard::Denied,
                    fault if fault.is_absent() => {
                        gap.severity = Severity::Note;
                        Heard::Absent
                    }
                    _ => Heard::Failed,
                };
                self.missing(&mut block, gap);
                Some(heard)
            }
            Err(fault) => return Err(fault.into()),
        };
        if let (Some(heard), Some(kind)) = (heard, root.row()) {
            block.heard(&pending.workspace, kind, heard);
        }
        self.store
            .commit(Commit {
                blocks: vec![block],
                streams,
                ..empty_of(pending.id)
            })
            .await?;
        Ok(())
    }

    /// Counts the workspaces and registries of a wide scope, once: whoever goes on with unfinished work goes on with the same
    /// ones. They and what has to be said about the count come into the store together.
    async fn count(&self, roots: &Roots) -> Result<(), WalkError> {
        let counting = NewStream {
            key: format!("{}\n{COUNT}", WORKSPACES.kind),
            kind: WORKSPACES.kind,
            workspace: String::new(),
            folder: String::new(),
            params: COUNT.to_owned(),
            rank: RANK_ROOT,
        };
        self.store.add(vec![counting]).await?;
        // As long as the count is not done, nothing else is there.
        let pending = self.store.pending(Which::Roots, 1, Vec::new()).await?;
        let Some(counting) = pending.into_iter().find(|one| one.params == COUNT) else {
            return Ok(());
        };
        let sorts: Vec<&'static Root> = ROOTS
            .into_iter()
            .filter(|root| self.has_root(root))
            .collect();
        let census = census(&self.wire, roots, &sorts).await?;
        let nothing_missing = census
            .remarks
            .iter()
            .all(|remark| remark.gap.severity == Severity::Note);
        if census.found.is_empty() && nothing_missing {
            return Err(WalkError::Nowhere);
        }
        let mut block = self.store.block();
        for remark in census.remarks {
            if let (Some(heard), Some(kind)) = (remark.heard, kinds::find(remark.gap.kind)) {
                block.heard(&remark.gap.workspace, kind, heard);
            }
            self.missing(&mut block, remark.gap);
        }
        for (root, label) in &census.empty {
            if let Some(kind) = root.row() {
                block.heard(label, kind, Heard::Answered { generation: 2 });
            }
        }
        self.store
            .commit(Commit {
                blocks: vec![block],
                streams: self.streams(census.found),
                ..empty_of(counting.id)
            })
            .await?;
        Ok(())
    }

    /// One workspace or registry: its document, its lists, and what they refer to.
    async fn root(
        self: &Arc<Self>,
        root: &'static Root,
        kind: &'static Kind,
        pending: Pending,
        alone: bool,
    ) -> Result<(), WalkError> {
        let name = pending.workspace.clone();
        self.reporter
            .report(&Event::Workspace { name: name.clone() });
        let (path, state) = match pending.params.split_once('\n') {
            Some((path, state)) => (path.to_owned(), Some(state)),
            None => (pending.params.clone(), None),
        };
        let arm = Reader::new(
            Arc::clone(&self.wire),
            name.clone(),
            path.clone(),
            Hosts::default(),
        );
        let empty = Commit {
            stream: pending.id,
            next: None,
            blocks: Vec::new(),
            streams: Vec::new(),
            refs: Vec::new(),
            seen: Vec::new(),
        };
        let (raw, source) = match arm.one(kind.item, &Params::default()).await {
            Ok(found) => found,
            Err(fault) if alone || fault.is_final() => return Err(fault.into()),
            Err(fault) => {
                let mut brought = self.brought();
                let mut gap = fault.gap(&name, kind.name, None);
                if fault.is_absent() {
                    vanished(root, &mut gap, state);
                }
                self.missing(&mut brought.block, gap);
                self.store
                    .commit(Commit {
                        blocks: vec![brought.block],
                        ..empty
                    })
                    .await?;
                return Ok(());
            }
        };
        let doc: Value = serde_json::from_str(raw.get()).unwrap_or_default();
        let mut brought = self.brought();
        let found = if root.has_services() {
            self.hosts(&doc).await
        } else {
            Ok(Hosts::default())
        };
        let hosts = match found {
            Ok(hosts) => hosts,
            Err(fault) if fault.is_final() => return Err(fault.into()),
            // On the way back into unfinished work the services were known before: without them nothing can be said.
            Err(
                fault @ (Fault::Network { .. } | Fault::Throttled { .. } | Fault::Service { .. }),
            ) if alone => {
                return Err(fault.into());
            }
            Err(fault) if pending.token.is_some() => return Err(fault.into()),
            Err(fault) => {
                let mut gap = fault.gap(&name, kind.name, None);
                gap.reason = format!(
                    "the services of this workspace could not be found: {}",
                    gap.reason
                );
                self.missing(&mut brought.block, gap);
                Hosts::default()
            }
        };
        for (key, host) in &hosts.refused {
            let reason = format!(
                "discovery leads {key} to {host}, which is no host of this cloud: no token is sent there"
            );
            let mut gap = plain_gap(&name, kind.name, crate::report::Class::Malformed, reason);
            gap.severity = Severity::Note;
            self.missing(&mut brought.block, gap);
        }
        let reader = Arc::new(Reader::new(
            Arc::clone(&self.wire),
            name.clone(),
            path.clone(),
            hosts,
        ));
        if pending.token.is_none() {
            let spot = Spot {
                kind,
                folder: pending.folder.clone(),
                below: pending.folder.clone(),
                params: Params::default(),
                parent: None,
            };
            let id = first(&doc, "id").unwrap_or_else(|| name.clone());
            let owned = self.has_workspace(&path);
            if owned {
                put(
                    &reader,
                    &spot,
                    &Item {
                        raw,
                        doc,
                        id,
                        source,
                    },
                    None,
                    &mut brought,
                )?;
                self.reporter.report(&Event::Items {
                    kind: kind.name,
                    workspace: name.clone(),
                    count: 1,
                });
                brought
                    .block
                    .heard(&name, kind, Heard::Answered { generation: 2 });
            } else {
                brought.block.passed(&name, kind);
            }
            let streams = self
                .wanted
                .rows()
                .filter(|child| child.parent == Some(kind.name) && child.walk == Walk::Own)
                .filter(|child| owned || self.opens_lists(child))
                .map(|child| {
                    stream_of(
                        child,
                        &name,
                        &pending.folder,
                        &Params::default(),
                        &path.to_lowercase(),
                    )
                })
                .collect();
            let named = self.wanted.named.iter().map(|&(kind, ref id)| Found {
                workspace: name.clone(),
                kind,
                id: id.clone(),
            });
            self.store
                .commit(Commit {
                    next: Some("entered".to_owned()),
                    blocks: vec![brought.block],
                    streams,
                    refs: named.collect(),
                    ..empty_of(pending.id)
                })
                .await?;
        }
        self.lists(&reader).await?;
        if any_by_reference(self, root) {
            self.follow_references(&reader, &pending.folder).await?;
        }
        self.store.commit(empty).await?;
        Ok(())
    }

    async fn hosts(&self, doc: &Value) -> Result<Hosts, Fault> {
        let url = first(doc, "properties/discoveryUrl")
            .and_then(|text| Url::parse(&text).ok())
            .ok_or_else(|| Fault::Malformed {
                host: "ARM".to_owned(),
                path: "the workspace".to_owned(),
                what: "it has no discoveryUrl".to_owned(),
                request_id: None,
            })?;
        discover(&self.wire, &url).await
    }

    /// The lists of a workspace or registry, a few at once, until none is left.
    async fn lists(self: &Arc<Self>, reader: &Arc<Reader>) -> Result<(), WalkError> {
        let mut running: Vec<i64> = Vec::new();
        let mut tasks: JoinSet<(i64, Result<(), WalkError>)> = JoinSet::new();
        let mut interrupted = None;
        loop {
            if running.len() < LISTS_AT_ONCE && interrupted.is_none() && !self.soon.is_cancelled() {
                let which = Which::Lists(reader.workspace.clone());
                for pending in self
                    .store
                    .pending(which, LISTS_AT_ONCE - running.len(), running.clone())
                    .await?
                {
                    let id = pending.id;
                    running.push(id);
                    let (walker, reader) = (Arc::clone(self), Arc::clone(reader));
                    tasks.spawn(async move {
                        let ended = match kinds::find(&pending.kind) {
                            Some(kind) => walker.stream(&reader, kind, pending).await,
                            None => Ok(()),
                        };
                        (id, ended)
                    });
                }
            }
            match tasks.join_next().await {
                // The others come to their end before it is told.
                None => return interrupted.map_or_else(|| self.go_on(), Err),
                Some(Ok((id, Err(WalkError::Fault(Fault::Interrupted))))) => {
                    interrupted = Some(Fault::Interrupted.into());
                    running.retain(|running| *running != id);
                }
                Some(Ok((id, ended))) => {
                    ended?;
                    running.retain(|running| *running != id);
                }
                Some(Err(_)) => {
                    return Err(Fault::Bug {
                        what: "a list failed".to_owned(),
                    }
                    .into());
                }
            }
        }
    }
}

/// What stands in place of the path of a workspace where the workspaces are yet to be counted.
const COUNT: &str = "count";

/// The path of a workspace below ARM and below every prefix of the data plane, percent-encoded.
pub fn workspace_path(subscription: &str, group: &str, name: &str) -> String {
    WORKSPACES.path(subscription, group, name)
}

fn empty_of<B>(stream: i64) -> Commit<B> {
    Commit {
        stream,
        next: None,
        blocks: Vec::new(),
        streams: Vec::new(),
        refs: Vec::new(),
        seen: Vec::new(),
    }
}
