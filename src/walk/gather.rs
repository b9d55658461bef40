//! One item, and everything that hangs on it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;

use super::fetch::{Address, split};
use super::store::{Found, Heard, Keep, Line, Store, Thing};
use super::{WalkError, Walker, people};
use crate::kinds::item::{Params, at, first, id, targets};
use crate::kinds::{self, Absent, Files, Kind, Paging, Walk};
use crate::report::{Class, Event, Gap, Severity};
use crate::wire::Fault;
use crate::wire::hands::{Page, Reader};
use crate::wire::page::Seen;

/// Where an item stands.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    pub kind: &'static Kind,
    /// The folder in which the files of its kind lie.
    pub folder: String,
    /// The folder that its parent item opened, below which its bytes lie.
    pub below: String,
    /// What ancestors offer.
    pub params: Params,
    pub parent: Option<(&'static str, String)>,
}

impl Spot {
    /// What a person calls the thing on which this hangs: an experiment has a name beside its id.
    pub(crate) fn called(&self) -> Option<String> {
        let (kind, id) = self.parent.as_ref()?;
        let known = kinds::find(kind)
            .and_then(|kind| kind.offers.first())
            .and_then(|(name, _)| self.params.get(name)?.map(str::to_owned));
        Some(known.unwrap_or_else(|| id.clone()))
    }
}

/// What an item brought.
pub(crate) struct Brought<B> {
    pub block: B,
    pub refs: Vec<Found>,
    pub seen: Vec<Found>,
}

/// An item's document with what was read from it.
pub(crate) struct Item {
    pub raw: Box<RawValue>,
    pub doc: Value,
    pub id: String,
    pub source: String,
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl<S: Store> Walker<S> {
    /// An empty result.
    pub(crate) fn brought(&self) -> Brought<S::Block> {
        Brought {
            block: self.store.block(),
            refs: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// Takes a document, fetches what belongs to it, and puts it all into `into`.
    pub(crate) fn gather<'a>(
        self: &'a Arc<Self>,
        reader: &'a Arc<Reader>,
        spot: &'a Spot,
        raw: Box<RawValue>,
        source: &'a str,
        into: &'a mut Brought<S::Block>,
    ) -> Boxed<'a, Result<(), WalkError>> {
        Box::pin(async move {
            let kind = spot.kind;
            let Some(item) = self.understand(reader, spot, raw, source, into) else {
                return Ok(());
            };
            let offered = spot.params.offered(kind, &item.doc);
            if kind.walk == Walk::Finder {
                return Ok(());
            }
            let parent = spot.parent.as_ref().map(|(kind, id)| (*kind, id.as_str()));
            let wanted = self
                .store
                .wants(&reader.workspace, kind, &item.id, parent, &item.doc);
            // What a short document leaves out may point at something that is wanted, and so may a list below it.
            let points = kind.fetch_item && !kind.refs.is_empty();
            let item = if wanted || points {
                self.whole(reader, spot, item, &offered, into).await?
            } else {
                item
            };
            if wanted {
                self.reporter.report(&Event::Items {
                    kind: kind.name,
                    workspace: reader.workspace.clone(),
                    count: 1,
                });
            }
            self.children(reader, spot, &item, &offered, wanted, into)
                .await?;
            Ok(())
        })
    }

    /// Reads id and references out of a document. A document without an id, or that is no object, is a gap, and nothing of
    /// it is lost silently.
    pub(crate) fn understand(
        &self,
        reader: &Reader,
        spot: &Spot,
        raw: Box<RawValue>,
        source: &str,
        into: &mut Brought<S::Block>,
    ) -> Option<Item> {
        let kind = spot.kind;
        let doc = serde_json::from_str::<Value>(raw.get())
            .ok()
            .filter(Value::is_object);
        let Some((doc, id)) =
            doc.and_then(|doc| id(kind.id, &spot.params, &doc).map(|id| (doc, id)))
        else {
            let reason = format!(
                "an item of {} came without the field {} that names it, and was left out",
                kind.name, kind.id
            );
            self.missing(
                &mut into.block,
                gap(reader, spot, Class::Malformed, Severity::Gap, reason),
            );
            return None;
        };
        self.refer(reader, kind, &doc, into);
        let twin = || kinds::same(kind.name).is_some_and(|other| self.wanted.has(other));
        let looked_for = is_referred_to(kind) || twin();
        if kind.walk != Walk::ByReference && kind.walk != Walk::Finder && looked_for {
            into.seen.push(Found {
                workspace: reader.workspace.clone(),
                kind: kind.name,
                id: id.clone(),
            });
        }
        Some(Item {
            raw,
            doc,
            id,
            source: source.to_owned(),
        })
    }

    /// What a document points at.
    fn refer(&self, reader: &Reader, kind: &Kind, doc: &Value, into: &mut Brought<S::Block>) {
        for reference in kind.refs {
            let wanted = kinds::find(reference.to).filter(|target| self.wanted.has(target));
            if let Some(target) = wanted {
                let ids = targets(reference, doc).into_iter();
                into.refs.extend(ids.map(|id| Found {
                    workspace: reader.workspace.clone(),
                    kind: target.name,
                    id,
                }));
            }
        }
    }

    /// Hands over the item's own document, where the list's is short of it. Most items are one document; a metric may be
    /// many pages, each of which is handed over as it comes. Gives the first.
    async fn whole(
        &self,
        reader: &Arc<Reader>,
        spot: &Spot,
        item: Item,
        offered: &Params,
        into: &mut Brought<S::Block>,
    ) -> Result<Item, WalkError> {
        let kind = spot.kind;
        if !kind.fetch_item || kind.walk == Walk::ByReference || kind.walk == Walk::Root {
            put(reader, spot, &item, None, into)?;
            return Ok(item);
        }
        let mut whole: Option<Item> = None;
        let mut place = None;
        let mut seen = Seen::default();
        loop {
            let page: Result<Page, Fault> = reader.list(kind.item, offered, place.as_ref()).await;
            match page {
                Ok(page) => {
                    for raw in page.items {
                        let doc = serde_json::from_str(raw.get()).unwrap_or(Value::Null);
                        // The list's document is short, and may not have named everything.
                        self.refer(reader, kind, &doc, into);
                        let (id, source) = (item.id.clone(), page.source.clone());
                        let one = Item {
                            raw,
                            doc,
                            id,
                            source,
                        };
                        put(reader, spot, &one, None, into)?;
                        whole.get_or_insert(one);
                    }
                    let Some(next) = page.next else { break };
                    if let Err(what) = seen.note(&next.position, 1) {
                        let reason = format!(
                            "{} {}: {what}; what came before is kept",
                            kind.name, item.id
                        );
                        self.missing(
                            &mut into.block,
                            gap(reader, spot, Class::Malformed, Severity::Gap, reason),
                        );
                        break;
                    }
                    place = Some(next);
                }
                Err(fault) if fault.is_final() => return Err(fault.into()),
                Err(fault) => {
                    let mut gap = fault.gap(&reader.workspace, kind.name, Some(item.id.clone()));
                    if fault.is_absent() {
                        gap.class = Class::Vanished;
                    }
                    gap.reason =
                        format!("{}; the shorter document of the list is kept", gap.reason);
                    self.missing(&mut into.block, gap);
                    break;
                }
            }
        }
        if let Some(whole) = whole {
            return Ok(whole);
        }
        put(reader, spot, &item, None, into)?;
        Ok(item)
    }

    /// The kinds that are gathered with each item of this one: all of them, or only those that lead to others.
    async fn children(
        self: &Arc<Self>,
        reader: &Arc<Reader>,
        spot: &Spot,
        item: &Item,
        offered: &Params,
        all: bool,
        into: &mut Brought<S::Block>,
    ) -> Result<(), WalkError> {
        let rows = kinds::children(spot.kind.name)
            .filter(|child| self.wanted.has(child) && (all || child.walk == Walk::Finder))
            .filter(|child| {
                child.only.is_none_or(|(path, word)| {
                    first(&item.doc, path).is_some_and(|said| said.eq_ignore_ascii_case(word))
                })
            });
        for child in rows {
            let below = match spot.kind.folder.and_then(|folder| folder.split_once('/')) {
                Some((fixed, _)) => self.store.folder(&spot.folder, fixed, &item.id),
                None => spot.folder.clone(),
            };
            let mut place = Spot {
                kind: child,
                folder: spot.folder.clone(),
                below,
                params: offered.clone(),
                parent: Some((spot.kind.name, item.id.clone())),
            };
            match child.walk {
                Walk::With | Walk::Finder => self.list_all(reader, &place, into).await?,
                Walk::InContainers => {
                    for (number, container) in
                        containers(&item.doc, &item.id).into_iter().enumerate()
                    {
                        place.params = offered.clone().with("container", Some(container));
                        place.below = format!(
                            "{}/{}",
                            place.below,
                            if number == 0 {
                                "artifacts"
                            } else {
                                "artifacts-by-run-id"
                            }
                        );
                        self.list_all(reader, &place, into).await?;
                        place
                            .below
                            .truncate(place.below.rfind('/').unwrap_or_default());
                    }
                }
                Walk::InPointers => {
                    for Address {
                        origin,
                        container,
                        path,
                    } in pointers(&item.doc)
                    {
                        place.params = offered
                            .clone()
                            .with("origin", Some(origin))
                            .with("container", Some(container))
                            .with("path", Some(path));
                        self.list_all(reader, &place, into).await?;
                    }
                }
                Walk::Root | Walk::Own | Walk::ByReference => {}
            }
        }
        Ok(())
    }

    /// Every page of a list that hangs on one item.
    async fn list_all(
        self: &Arc<Self>,
        reader: &Arc<Reader>,
        spot: &Spot,
        into: &mut Brought<S::Block>,
    ) -> Result<(), WalkError> {
        let mut place = None;
        let mut seen = Seen::default();
        loop {
            let page = match reader
                .list(spot.kind.list, &spot.params, place.as_ref())
                .await
            {
                Ok(page) => page,
                Err(fault) if fault.is_final() => return Err(fault.into()),
                Err(fault) => {
                    self.no_list(reader, spot, &fault, into);
                    return Ok(());
                }
            };
            if place.is_none() {
                into.block.heard(
                    &reader.workspace,
                    spot.kind,
                    Heard::Answered {
                        generation: page.generation,
                    },
                );
            }
            let next = page.next.clone();
            let count = page.items.len();
            self.gather_page(reader, spot, page, into).await?;
            let Some(next) = next else { return Ok(()) };
            if let Err(what) = seen.note(&next.position, count) {
                let reason = format!(
                    "the list of {}: {what}; what came before is kept",
                    spot.kind.name
                );
                self.missing(
                    &mut into.block,
                    gap(reader, spot, Class::Malformed, Severity::Gap, reason),
                );
                return Ok(());
            }
            place = Some(next);
        }
    }

    /// A page of a list that hangs on one item: in order, with the bytes of its artifacts fetched together.
    async fn gather_page(
        self: &Arc<Self>,
        reader: &Arc<Reader>,
        spot: &Spot,
        page: Page,
        into: &mut Brought<S::Block>,
    ) -> Result<(), WalkError> {
        if spot.kind.files == Files::Artifact {
            return self.artifacts(reader, spot, page, into).await;
        }
        for raw in page.items {
            self.gather(reader, spot, raw, &page.source, into).await?;
        }
        Ok(())
    }

    /// A list that did not answer: a gap, a note, or nothing at all, as the row says.
    pub(crate) fn no_list(
        &self,
        reader: &Reader,
        spot: &Spot,
        fault: &Fault,
        into: &mut Brought<S::Block>,
    ) {
        let kind = spot.kind;
        let mut gap = fault.gap(&reader.workspace, kind.name, spot.called());
        let heard = match (fault, kind.absent) {
            (fault, Absent::Empty) if fault.is_absent() => {
                into.block.heard(&reader.workspace, kind, Heard::Absent);
                let one = kind.list.iter().all(|route| route.paging == Paging::One);
                if one {
                    gap.class = Class::Vanished;
                    gap.severity = Severity::Note;
                    self.missing(&mut into.block, gap);
                }
                return;
            }
            (fault, Absent::Retired | Absent::Unverified) if fault.is_absent() => {
                gap.severity = Severity::Note;
                Heard::Absent
            }
            (Fault::Denied { .. }, Absent::Unverified) => {
                gap.severity = Severity::Note;
                Heard::Denied
            }
            (Fault::Denied { .. }, _) => Heard::Denied,
            (fault, _) if fault.is_absent() => Heard::Absent,
            _ => Heard::Failed,
        };
        into.block.heard(&reader.workspace, kind, heard);
        self.missing(&mut into.block, gap);
    }
}

/// Hands a document over.
pub(crate) fn put<B: Keep>(
    reader: &Reader,
    spot: &Spot,
    item: &Item,
    bytes: Option<Thing>,
    into: &mut Brought<B>,
) -> Result<(), WalkError> {
    into.block.put(Line {
        kind: spot.kind,
        workspace: &reader.workspace,
        folder: &spot.folder,
        id: &item.id,
        parent: spot.parent.as_ref().map(|(kind, id)| (*kind, id.as_str())),
        source: &item.source,
        people: people::mentions(spot.kind, &item.doc),
        times: people::times(spot.kind, &item.doc),
        bytes,
        doc: &item.raw,
        parsed: &item.doc,
    })?;
    Ok(())
}

/// A gap at a spot.
pub(crate) fn gap(
    reader: &Reader,
    spot: &Spot,
    class: Class,
    severity: Severity,
    reason: String,
) -> Gap {
    Gap {
        workspace: reader.workspace.clone(),
        kind: spot.kind.name,
        parent: spot.called(),
        class,
        severity,
        reason,
        detail: None,
        status: None,
        request_id: None,
    }
}

/// Whether any row points at this kind, or a person may name it.
pub(crate) fn is_referred_to(kind: &Kind) -> bool {
    kind.by_name.is_some()
        || kinds::all().any(|row| row.refs.iter().any(|reference| reference.to == kind.name))
}

/// The containers that may hold a run's artifacts: the one that it names; a run of 2018 names none.
fn containers(run: &Value, run_id: &str) -> Vec<String> {
    match first(run, "dataContainerId") {
        Some(container) => vec![container],
        None => vec![format!("dcid.{run_id}"), run_id.to_owned()],
    }
}

/// What a model's asset points at: single artifacts, and everything below a prefix.
fn pointers(asset: &Value) -> Vec<Address> {
    let mut found: Vec<Address> = at(asset, "artifacts/*")
        .into_iter()
        .filter_map(|pointer| split(&first(pointer, "id|prefix")?))
        .collect();
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::containers;
    use serde_json::json;

    #[test]
    fn old_runs_are_looked_for_in_both_places() {
        assert_eq!(
            containers(&json!({"dataContainerId": "dcid.x"}), "x"),
            ["dcid.x"]
        );
        assert_eq!(
            containers(&json!({"dataContainerId": null}), "x"),
            ["dcid.x", "x"]
        );
    }
}
