//! Which workspaces and registries, and one of them from its document to its last reference.

use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinSet;
use url::Url;

use super::gather::{Item, Spot, put};
use super::store::{Commit, Heard, Keep, NewStream, Pending, RANK_ROOT, Store, Which};
use super::stream::{plain_gap, stream_of};
use super::wave::any_by_reference;
use super::{LISTS_AT_ONCE, WalkError, Walker};
use crate::kinds::item::{Params, first};
use crate::kinds::roots::{REGISTRIES, ROOTS, WORKSPACES};
use crate::kinds::{self, Base, Kind, Root, Walk};
use crate::report::{Event, Severity};
use crate::wire::discovery::{Hosts, discover};
use crate::wire::hands::{Reader, escape};
use crate::wire::page::{Position, Seen, take_apart};
use crate::wire::{Call, Fault};

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
}

impl<S: Store> Walker<S> {
    /// Walks everything below the roots. What an earlier start has kept is not walked again.
    pub async fn walk(self: &Arc<Self>, roots: &Roots) -> Result<(), WalkError> {
        let (alone, streams) = match roots {
            Roots::One {
                root,
                subscription,
                group,
                name,
            } => {
                if !root.row().is_some_and(|kind| self.wanted.has(kind)) {
                    return Err(WalkError::Outside { one: root.one });
                }
                let found = vec![(name.clone(), root.path(subscription, group, name))];
                (true, self.streams(root, found))
            }
            Roots::Group {
                subscription,
                group,
            } => {
                let path = format!(
                    "/subscriptions/{}/resourceGroups/{}",
                    escape(subscription),
                    escape(group)
                );
                let of = format!("resource group {group}");
                (false, self.all_below(&path, &of).await?)
            }
            Roots::Subscription { subscription } => {
                let path = format!("/subscriptions/{}", escape(subscription));
                let of = format!("subscription {subscription}");
                (false, self.all_below(&path, &of).await?)
            }
        };
        let none = streams.iter().all(|stream| stream.folder.is_empty());
        if streams.is_empty() {
            return Err(WalkError::Nowhere);
        }
        self.store.add(streams).await?;
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

    /// Everything wanted below a group or subscription: its workspaces, and the list of its registries, which is read as
    /// unfinished work of its own, so that one that is denied is a gap and not the end.
    async fn all_below(&self, path: &str, of: &str) -> Result<Vec<NewStream>, WalkError> {
        let wanted = |root: &Root| root.row().is_some_and(|kind| self.wanted.has(kind));
        let mut streams = Vec::new();
        if wanted(&WORKSPACES) {
            let found = self
                .list_roots(&WORKSPACES, &format!("{path}{}", WORKSPACES.collection()))
                .await?;
            streams = self.streams(&WORKSPACES, found);
        }
        if wanted(&REGISTRIES) {
            let path = format!("{path}{}", REGISTRIES.collection());
            streams.push(NewStream {
                key: format!("{}\n{}", REGISTRIES.kind, path.to_lowercase()),
                kind: REGISTRIES.kind,
                workspace: REGISTRIES.list_label(of),
                folder: String::new(),
                params: path,
                rank: RANK_ROOT,
            });
        }
        Ok(streams)
    }

    /// The roots of these names and paths, as work to be done.
    fn streams(&self, root: &'static Root, found: Vec<(String, String)>) -> Vec<NewStream> {
        labelled(found)
            .into_iter()
            .map(|(name, path)| NewStream {
                key: format!("{}\n{}", root.kind, path.to_lowercase()),
                kind: root.kind,
                folder: self.store.folder("", root.kind, &name),
                workspace: root.label(&name),
                params: path,
                rank: RANK_ROOT,
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
        let heard = match self.list_roots(root, &pending.params).await {
            Ok(found) if found.is_empty() && only => return Err(WalkError::Nowhere),
            Ok(found) => {
                streams = self.streams(root, found);
                // Of a list that names some, each of them says more than the list.
                streams
                    .is_empty()
                    .then_some(Heard::Answered { generation: 2 })
            }
            Err(WalkError::Fault(fault)) if !only && !fault.is_final() => {
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
            Err(error) => return Err(error),
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

    /// Name and path of every root of a sort in the list at this path.
    async fn list_roots(
        &self,
        root: &Root,
        path: &str,
    ) -> Result<Vec<(String, String)>, WalkError> {
        let mut url = self.wire.cloud.arm.clone();
        url.set_path(path);
        url.set_query(Base::Arm.spec().query);
        let mut found = Vec::new();
        let mut seen = Seen::default();
        loop {
            let call = Call::get(url.clone());
            let (host, place) = call.place();
            let answer = self.wire.send(call).await?;
            let malformed = |what| Fault::Malformed {
                host: host.clone(),
                path: place.clone(),
                what,
                request_id: answer.request_id.clone(),
            };
            let parts =
                take_apart(&answer.body, kinds::Paging::NextLink, "value").map_err(malformed)?;
            let count = parts.items.len();
            for item in parts.items {
                let doc: Value = serde_json::from_str(item.get()).unwrap_or_default();
                let id = first(&doc, "id");
                let named = id.as_deref().and_then(|id| parse_id(root, id));
                found.push(named.ok_or_else(|| {
                    malformed(format!("a {} in it has no id that can be read", root.one))
                })?);
            }
            let Some(next) = parts.next else {
                return Ok(found);
            };
            seen.note(&next, count).map_err(malformed)?;
            if let Position::Link(link) = next {
                let next = url
                    .join(&link)
                    .map_err(|_| malformed("its nextLink is not an address".to_owned()))?;
                if next.origin() != url.origin() {
                    return Err(Fault::Foreign {
                        host: next.host_str().unwrap_or_default().to_owned(),
                        path: format!("the nextLink of the list of {}", root.kind),
                    }
                    .into());
                }
                url = next;
            }
        }
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
        let path = pending.params.clone();
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
                self.missing(&mut brought.block, fault.gap(&name, kind.name, None));
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
            path,
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
            let owned = self.has_workspace(&pending.params);
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
                        &pending.params.to_lowercase(),
                    )
                })
                .collect();
            self.store
                .commit(Commit {
                    next: Some("entered".to_owned()),
                    blocks: vec![brought.block],
                    streams,
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

/// The path of a workspace below ARM and below every prefix of the data plane, percent-encoded.
pub fn workspace_path(subscription: &str, group: &str, name: &str) -> String {
    WORKSPACES.path(subscription, group, name)
}

/// Name and path of a root by its ARM id, whose letter case is nobody's promise.
fn parse_id(root: &Root, id: &str) -> Option<(String, String)> {
    let parts: Vec<&str> = id.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        [s, subscription, g, group, p, provider, w, name]
            if s.eq_ignore_ascii_case("subscriptions")
                && g.eq_ignore_ascii_case("resourceGroups")
                && p.eq_ignore_ascii_case("providers")
                && provider.eq_ignore_ascii_case("Microsoft.MachineLearningServices")
                && w.eq_ignore_ascii_case(root.kind) =>
        {
            Some(((*name).to_owned(), root.path(subscription, group, name)))
        }
        _ => None,
    }
}

/// A name is unique in its resource group only: roots of one name are told apart by their group.
fn labelled(workspaces: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut counts = std::collections::HashMap::new();
    for (name, _) in &workspaces {
        *counts.entry(name.to_lowercase()).or_insert(0_u32) += 1;
    }
    workspaces
        .into_iter()
        .map(|(name, path)| {
            let group = path.split('/').nth(4).unwrap_or_default().to_lowercase();
            if counts
                .get(&name.to_lowercase())
                .is_some_and(|count| *count > 1)
            {
                (format!("{group}/{name}"), path)
            } else {
                (name, path)
            }
        })
        .collect()
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

#[cfg(test)]
mod tests {
    use super::{labelled, parse_id, workspace_path};
    use crate::kinds::roots::{REGISTRIES, WORKSPACES};

    #[test]
    fn workspaces_of_one_name_are_told_apart_by_their_group() {
        let of = |group: &str, name: &str| (name.to_owned(), workspace_path("s", group, name));
        let names: Vec<_> = labelled(vec![
            of("Red", "Lab"),
            of("blue", "lab"),
            of("blue", "main"),
        ])
        .into_iter()
        .map(|(name, _)| name)
        .collect();
        assert_eq!(names, ["red/Lab", "blue/lab", "main"]);
    }

    #[test]
    fn ids_of_workspaces_in_any_letter_case() {
        let id = "/subscriptions/S/resourcegroups/G/providers/microsoft.machinelearningservices/Workspaces/W";
        let found = parse_id(&WORKSPACES, id);
        assert_eq!(found.map(|(name, _)| name), Some("W".to_owned()));
        assert_eq!(parse_id(&REGISTRIES, id), None, "it is no registry");
        let found = parse_id(&REGISTRIES, &id.replace("Workspaces", "REGISTRIES"));
        assert_eq!(
            found.map(|(_, path)| path),
            Some(REGISTRIES.path("S", "G", "W"))
        );
        assert_eq!(
            parse_id(&WORKSPACES, "/subscriptions/S/resourceGroups/G"),
            None
        );
    }
}
