//! The bytes behind the records of artifacts.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, PoisonError};

use tokio::task::JoinHandle;

use super::gather::{Brought, Item, Spot, put};
use super::store::{Finished, Store, Thing};
use super::{WalkError, Walker};
use crate::kinds::Walk;
use crate::kinds::item::first;
use crate::report::{Class, Event, Gap, Severity};
use crate::wire::Fault;
use crate::wire::download::download;
use crate::wire::hands::{Page, Reader};
use crate::wire::secret::Secret;

/// Links asked for with one request. The service's own bound is not known; Microsoft's clients send lists of this size.
const LINKS_AT_ONCE: usize = 50;

/// Files of one list that are under way before the first of them has to be whole.
const FILES_AHEAD: usize = 100;

/// Where one artifact's bytes are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Address {
    pub(super) origin: String,
    pub(super) container: String,
    pub(super) path: String,
}

/// One at a time, and what the first of them got.
pub(super) type Alone = Arc<tokio::sync::Mutex<Option<super::store::Whole>>>;

/// How fetching a file ended: the bytes or why not, and the gap that is left.
type Fetched = Result<(Thing, Option<Gap>), WalkError>;

impl<S: Store> Walker<S> {
    /// A page of artifacts: links fifty at a time, bytes fetched together, everything handed over in the order of the list.
    pub(super) async fn artifacts(
        self: &Arc<Self>,
        reader: &Arc<Reader>,
        spot: &Spot,
        page: Page,
        into: &mut Brought<S::Block>,
    ) -> Result<(), WalkError> {
        let mut under_way: VecDeque<(Item, Work)> = VecDeque::new();
        let mut items = page.items.into_iter();
        let parent = spot.parent.as_ref().map(|(kind, id)| (*kind, id.as_str()));
        loop {
            let chunk: Vec<Item> = items
                .by_ref()
                .take(LINKS_AT_ONCE)
                .filter_map(|raw| self.understand(reader, spot, raw, &page.source, into))
                .filter(|item| {
                    self.store
                        .wants(&reader.workspace, spot.kind, &item.id, parent, &item.doc)
                })
                .collect();
            if chunk.is_empty() && items.len() == 0 {
                break;
            }
            under_way.extend(self.begin(reader, spot, chunk).await?);
            while under_way.len() > FILES_AHEAD
                && let Some((item, work)) = under_way.pop_front()
            {
                self.end(reader, spot, &item, work, into).await?;
            }
        }
        for (item, work) in under_way {
            self.end(reader, spot, &item, work, into).await?;
        }
        Ok(())
    }

    /// Begins to fetch the bytes of these artifacts.
    async fn begin(
        self: &Arc<Self>,
        reader: &Arc<Reader>,
        spot: &Spot,
        chunk: Vec<Item>,
    ) -> Result<Vec<(Item, Work)>, WalkError> {
        if !self.wanted.content {
            let left = || Work::Known(Thing::Left("left out by --no-content".to_owned()));
            return Ok(chunk.into_iter().map(|item| (item, left())).collect());
        }
        let mut works = Vec::with_capacity(chunk.len());
        let mut wanted: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for item in chunk {
            let address = address_of(&item);
            let known = match &address {
                Some(address) => {
                    self.store
                        .known(&self.store.file_path(&spot.below, &below(spot, address)))
                        .await?
                }
                None => None,
            };
            if let (Some(address), None) = (&address, &known) {
                wanted
                    .entry((address.origin.clone(), address.container.clone()))
                    .or_default()
                    .push(address.path.clone());
            }
            works.push((item, address, known));
        }
        let mut links: BTreeMap<(String, String, String), Secret> = BTreeMap::new();
        for ((origin, container), paths) in wanted {
            match reader.links(&origin, &container, &paths).await {
                Ok(found) => links.extend(
                    found
                        .into_iter()
                        .map(|(path, link)| ((origin.clone(), container.clone(), path), link)),
                ),
                Err(fault) if fault.is_final() => return Err(fault.into()),
                // Each file asks again for its own link, and leaves its own gap.
                Err(_) => {}
            }
        }
        Ok(works
            .into_iter()
            .map(|(item, address, known)| {
                let work = match (address, known) {
                    (_, Some(whole)) => Work::Known(Thing::Here(whole)),
                    (Some(address), None) => {
                        let link = links.remove(&(
                            address.origin.clone(),
                            address.container.clone(),
                            address.path.clone(),
                        ));
                        let target = self.store.file_path(&spot.below, &below(spot, &address));
                        Work::UnderWay(tokio::spawn(Arc::clone(self).fetch(
                            Arc::clone(reader),
                            spot.clone(),
                            item.id.clone(),
                            address,
                            link,
                            target,
                        )))
                    }
                    (None, None) => Work::Known(Thing::Left(
                        "the record does not say where its bytes are".to_owned(),
                    )),
                };
                (item, work)
            })
            .collect())
    }

    /// Waits for the bytes of an artifact and hands its record over.
    async fn end(
        &self,
        reader: &Reader,
        spot: &Spot,
        item: &Item,
        work: Work,
        into: &mut Brought<S::Block>,
    ) -> Result<(), WalkError> {
        let thing = match work {
            Work::Known(thing) => thing,
            Work::UnderWay(task) => {
                let (thing, gap) = joined(task.await, reader, spot, &item.id)?;
                if let Some(gap) = gap {
                    self.missing(&mut into.block, gap);
                }
                thing
            }
        };
        put(reader, spot, item, Some(thing), into)?;
        self.reporter.report(&Event::Items {
            kind: spot.kind.name,
            workspace: reader.workspace.clone(),
            count: 1,
        });
        Ok(())
    }

    /// Fetches one file. The link may have expired on the way: then it is asked for anew, once.
    async fn fetch(
        self: Arc<Self>,
        reader: Arc<Reader>,
        spot: Spot,
        id: String,
        address: Address,
        link: Option<Secret>,
        target: String,
    ) -> Fetched {
        let _turn = Arc::clone(&self.files)
            .acquire_owned()
            .await
            .map_err(|_| Fault::Interrupted)?;
        // A list may show an artifact twice, and a run may move from one page to the next while it is read.
        let alone = self.alone(&target);
        let mut had = alone.lock().await;
        if let Some(whole) = had.clone() {
            return Ok((Thing::Here(whole), None));
        }
        let mut file = self.store.slot(&target)?;
        let mut link = link;
        let mut asked = 0;
        let mut come = file.have();
        let (fault, of_link) = loop {
            let current = if let Some(link) = link.take() {
                link
            } else {
                asked += 1;
                match reader
                    .link(&address.origin, &address.container, &address.path)
                    .await
                {
                    Ok(link) => link,
                    Err(fault) => break (fault, true),
                }
            };
            match download(&self.wire, &current, &mut *file, self.wanted.max_file).await {
                Ok(bytes) => {
                    let whole = match file.finish()? {
                        Finished::Kept(whole) => whole,
                        Finished::Left(why) => return Ok((Thing::Left(why), None)),
                    };
                    self.store.done(whole.clone()).await?;
                    self.reporter.report(&Event::FileDone { bytes });
                    *had = Some(whole.clone());
                    return Ok((Thing::Here(whole), None));
                }
                // A long download may outlive several links; one that does not come on is asked for anew only once.
                Err(Fault::Denied { .. }) if asked == 0 || file.have() > come => {
                    come = file.have();
                }
                Err(fault) => break (fault, false),
            }
        };
        if fault.is_final() {
            return Err(fault.into());
        }
        Ok(left(&self, &reader, &spot, id, &fault, of_link))
    }

    /// The lock of a file that is under way, with the whole file once there is one. There are as many as files under way.
    fn alone(&self, target: &str) -> Alone {
        let mut under_way = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        under_way.retain(|_, alone| Arc::strong_count(alone) > 1);
        Arc::clone(under_way.entry(target.to_owned()).or_default())
    }
}

/// The bytes of one artifact, had or under way.
enum Work {
    Known(Thing),
    UnderWay(JoinHandle<Fetched>),
}

/// The end of a task; a panic in it is a gap, not the end of the export.
fn joined(
    ended: Result<Fetched, tokio::task::JoinError>,
    reader: &Reader,
    spot: &Spot,
    id: &str,
) -> Fetched {
    ended.unwrap_or_else(|_| {
        let gap = Gap {
            workspace: reader.workspace.clone(),
            kind: spot.kind.name,
            parent: Some(id.to_owned()),
            class: Class::Panic,
            severity: Severity::Gap,
            reason: "fetching its bytes failed inside this program; please report it".to_owned(),
            detail: None,
            status: None,
            request_id: None,
        };
        Ok((
            Thing::Left("failed inside this program".to_owned()),
            Some(gap),
        ))
    })
}

/// Why bytes are not here, for the record and as a gap. Leaving out what is larger than the operator allows is what was
/// asked for, so it is a note.
fn left<S: Store>(
    walker: &Walker<S>,
    reader: &Reader,
    spot: &Spot,
    id: String,
    fault: &Fault,
    of_link: bool,
) -> (Thing, Option<Gap>) {
    let mut gap = fault.gap(&reader.workspace, spot.kind.name, Some(id));
    let why = match (fault, walker.wanted.max_file) {
        (Fault::TooLarge { .. }, Some(max)) => {
            gap.severity = Severity::Note;
            gap.reason =
                format!("larger than --max-file-size ({max} bytes), so its bytes were left out");
            gap.reason.clone()
        }
        (Fault::Absent { .. }, _) if of_link => {
            gap.class = Class::Storage;
            gap.reason = "the service lists it and gives no link to its bytes".to_owned();
            gap.reason.clone()
        }
        (Fault::Denied { .. }, _) if of_link => gap.reason.clone(),
        (Fault::Absent { .. }, _) => {
            // Nothing that exists is missing: what was there is gone, and the record says that it was.
            gap.class = Class::Vanished;
            gap.severity = Severity::Note;
            gap.reason =
                "the record is there and its bytes are gone from the storage account".to_owned();
            gap.reason.clone()
        }
        (Fault::Denied { .. }, _) => {
            gap.class = Class::Storage;
            gap.reason = "the storage account refused the link that the service gave; a firewall or a private endpoint may stand before it".to_owned();
            gap.reason.clone()
        }
        _ => "could not be fetched, see the gaps".to_owned(),
    };
    (Thing::Left(why), Some(gap))
}

/// The path of an artifact's bytes below its folder. A run has one container, an asset may point into many.
fn below(spot: &Spot, address: &Address) -> String {
    let Address {
        origin,
        container,
        path,
    } = address;
    if spot.kind.walk == Walk::InPointers {
        format!("{origin}/{container}/{path}")
    } else {
        path.clone()
    }
}

/// Where an artifact's bytes are, by its own fields, else by its id.
fn address_of(item: &Item) -> Option<Address> {
    let field = |name: &str| first(&item.doc, name);
    match (field("origin"), field("container"), field("path")) {
        (Some(origin), Some(container), Some(path)) => Some(Address {
            origin,
            container,
            path,
        }),
        _ => split(&item.id),
    }
}

/// An artifact id is origin, container and path: split at the first two slashes only, since paths keep theirs.
pub(super) fn split(id: &str) -> Option<Address> {
    let id = ["aml://artifactId/", "aml://artifact/"]
        .iter()
        .find_map(|scheme| id.strip_prefix(scheme))
        .unwrap_or(id);
    let (origin, rest) = id.split_once('/')?;
    let (container, path) = rest.split_once('/').unwrap_or((rest, ""));
    (!origin.is_empty() && !container.is_empty()).then(|| Address {
        origin: origin.to_owned(),
        container: container.to_owned(),
        path: path.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn artifact_ids_split_on_their_first_two_slashes_only() {
        let of = |id: &str| split(id).map(|a| (a.origin, a.container, a.path));
        let parts = |o: &str, c: &str, p: &str| Some((o.to_owned(), c.to_owned(), p.to_owned()));
        assert_eq!(
            of("ExperimentRun/dcid.r/logs/a/b.txt"),
            parts("ExperimentRun", "dcid.r", "logs/a/b.txt")
        );
        assert_eq!(
            of("aml://artifact/LocalUpload/x/m.pkl"),
            parts("LocalUpload", "x", "m.pkl")
        );
        assert_eq!(of("LocalUpload/x"), parts("LocalUpload", "x", ""));
        assert_eq!(of("nothing"), None);
    }
}
