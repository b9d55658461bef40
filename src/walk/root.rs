//! Which workspaces, and one workspace from its document to its last reference.

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
use crate::kinds::{self, Base, Kind, Walk};
use crate::report::Event;
use crate::wire::discovery::{Hosts, discover};
use crate::wire::hands::{Reader, escape};
use crate::wire::page::{Position, Seen, take_apart};
use crate::wire::{Call, Fault};

/// Where the walk begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roots {
    /// One workspace.
    One {
        subscription: String,
        group: String,
        name: String,
    },
    /// All workspaces of a resource group.
    Group { subscription: String, group: String },
    /// All workspaces of a subscription.
    Subscription { subscription: String },
}

/// The root row.
fn root_kind() -> Option<&'static Kind> {
    kinds::all().find(|kind| kind.walk == Walk::Root)
}

impl<S: Store> Walker<S> {
    /// Walks everything below the roots. What an earlier start has kept is not walked again.
    pub async fn walk(self: &Arc<Self>, roots: &Roots) -> Result<(), WalkError> {
        let Some(kind) = root_kind() else {
            return Ok(());
        };
        let alone = matches!(roots, Roots::One { .. });
        let workspaces = match roots {
            Roots::One {
                subscription,
                group,
                name,
            } => vec![(name.clone(), workspace_path(subscription, group, name))],
            Roots::Group {
                subscription,
                group,
            } => {
                self.list_workspaces(&format!(
                    "/subscriptions/{}/resourceGroups/{}{PROVIDER}",
                    escape(subscription),
                    escape(group)
                ))
                .await?
            }
            Roots::Subscription { subscription } => {
                self.list_workspaces(&format!(
                    "/subscriptions/{}{PROVIDER}",
                    escape(subscription)
                ))
                .await?
            }
        };
        if workspaces.is_empty() {
            return Err(WalkError::Nowhere);
        }
        let streams = labelled(workspaces)
            .into_iter()
            .map(|(name, path)| NewStream {
                key: format!("{}\n{}", kind.name, path.to_lowercase()),
                kind: kind.name,
                folder: self.store.folder("", "workspaces", &name),
                workspace: name,
                params: path,
                rank: RANK_ROOT,
            })
            .collect();
        self.store.add(streams).await?;
        loop {
            let pending = self.store.pending(Which::Roots, 1, Vec::new()).await?;
            let Some(workspace) = pending.into_iter().next() else {
                return Ok(());
            };
            self.workspace(kind, workspace, alone).await?;
        }
    }

    /// Name and path of every workspace of a group or subscription.
    async fn list_workspaces(&self, path: &str) -> Result<Vec<(String, String)>, WalkError> {
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
                found.push(id.as_deref().and_then(parse_id).ok_or_else(|| {
                    malformed("a workspace in it has no id that can be read".to_owned())
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
                        path: "the nextLink of the list of workspaces".to_owned(),
                    }
                    .into());
                }
                url = next;
            }
        }
    }

    /// One workspace: its document, its lists, and what they refer to.
    async fn workspace(
        self: &Arc<Self>,
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
        let hosts = match self.hosts(&doc).await {
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
            gap.severity = crate::report::Severity::Note;
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
        if any_by_reference(self) {
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

    /// The lists of a workspace, a few at once, until none is left.
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

const PROVIDER: &str = "/providers/Microsoft.MachineLearningServices/workspaces";

/// The path of a workspace below ARM and below every prefix of the data plane, percent-encoded.
pub fn workspace_path(subscription: &str, group: &str, name: &str) -> String {
    format!(
        "/subscriptions/{}/resourceGroups/{}{PROVIDER}/{}",
        escape(subscription),
        escape(group),
        escape(name)
    )
}

/// Name and path of a workspace by its ARM id, whose letter case is nobody's promise.
fn parse_id(id: &str) -> Option<(String, String)> {
    let parts: Vec<&str> = id.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        [s, subscription, g, group, p, provider, w, name]
            if s.eq_ignore_ascii_case("subscriptions")
                && g.eq_ignore_ascii_case("resourceGroups")
                && p.eq_ignore_ascii_case("providers")
                && provider.eq_ignore_ascii_case("Microsoft.MachineLearningServices")
                && w.eq_ignore_ascii_case("workspaces") =>
        {
            Some((
                (*name).to_owned(),
                workspace_path(subscription, group, name),
            ))
        }
        _ => None,
    }
}

/// A name is unique in its resource group only: workspaces of one name are told apart by their group.
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
        let found = parse_id(
            "/subscriptions/S/resourcegroups/G/providers/microsoft.machinelearningservices/Workspaces/W",
        );
        assert_eq!(found.map(|(name, _)| name), Some("W".to_owned()));
        assert_eq!(parse_id("/subscriptions/S/resourceGroups/G"), None);
    }
}
