//! Looking by list: what a look at the single item no longer shows may still stand in a list, and then it is not gone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Halt;
use super::Run;
use super::refusal::clean;
use super::step::End;
use crate::kinds::item::{self, Params};
use crate::kinds::removal::{address, filled};
use crate::kinds::{self, Files, Kind};
use crate::plan::fingerprint::offered_by;
use crate::plan::model::{Parent, State, Step};
use crate::wire::Fault;
use crate::wire::hands::Place;
use crate::wire::look::Sight;

/// Which lists were looked through.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) listed: BTreeSet<String>,
    /// By kind, why not.
    pub(super) not_listed: BTreeMap<String, String>,
}

/// Pages of one list. A service that pages without end is not followed for ever.
const MOST_PAGES: usize = 20_000;

/// What can be said of one list.
enum List {
    /// These ids of it are still there.
    Shows(BTreeSet<String>),
    No(String),
    Halted,
}

impl Run<'_> {
    /// Looks through the lists of everything that claims to be gone, and writes down the ends. What a list still shows is
    /// waited for; after a stop it is not, and stays open for the next run.
    pub(super) async fn by_list(&self, gone: Vec<(&Step, End)>) -> Listed {
        let mut open: BTreeMap<u32, (&Step, End)> = BTreeMap::new();
        for (step, end) in gone {
            if matches!(end.state, State::SoftDeleted { .. }) {
                // That a list shows it is no surprise.
                self.end(step, end);
            } else {
                open.insert(step.step, (step, end));
            }
        }
        let mut listed = Listed::default();
        let mut patience = self.patience(self.options.patience);
        while !open.is_empty() {
            let steps: Vec<&Step> = open.values().map(|(step, _)| *step).collect();
            let Some(shown) = self.shown(&steps, &mut listed).await else {
                return listed;
            };
            for step in steps {
                if !shown.contains(&step.step)
                    && let Some((step, end)) = open.remove(&step.step)
                {
                    self.end(step, end);
                }
            }
            if open.is_empty() || self.is_halted() {
                return listed;
            }
            let waits = tokio::select! {
                waits = patience.wait(None) => waits,
                () = self.stop.cancelled() => {
                    self.halt(Halt::Stopped);
                    return listed;
                }
            };
            if !waits {
                for (step, mut end) in std::mem::take(&mut open).into_values() {
                    end.state = State::Unconfirmed {
                        why: self.still_shown(step),
                    };
                    self.end(step, end);
                }
            }
        }
        listed
    }

    fn still_shown(&self, step: &Step) -> String {
        let time = self.options.patience.as_secs();
        let root = kinds::find(&step.kind).is_some_and(|kind| kind.parent.is_none());
        if root {
            format!(
                "a look at it finds nothing, but {time} s later the list of the resource group still shows its name: it may be kept as deleted, and the name reserved. Purge it, and look again"
            )
        } else {
            format!("a look at it finds nothing, but {time} s later a list still shows it")
        }
    }

    /// The steps whose items a list still shows; `None` when the run is halted.
    async fn shown(&self, steps: &[&Step], listed: &mut Listed) -> Option<BTreeSet<u32>> {
        let mut groups: BTreeMap<(&str, String), Vec<&Step>> = BTreeMap::new();
        for step in steps {
            groups
                .entry((&step.kind, group(step)))
                .or_default()
                .push(step);
        }
        let mut shown = BTreeSet::new();
        for ((name, _), steps) in groups {
            let Some(kind) = kinds::find(name) else {
                continue;
            };
            // Its look was a list already.
            if steps.iter().all(|step| step.look.items.is_some()) {
                listed.listed.insert(name.to_owned());
                continue;
            }
            match self.list(kind, steps[0]).await {
                List::Shows(ids) => {
                    listed.listed.insert(name.to_owned());
                    let mut there = steps.iter().filter(|step| {
                        std::iter::once(&step.id)
                            .chain(&step.covers)
                            .any(|id| ids.contains(id))
                    });
                    shown.extend(there.by_ref().map(|step| step.step));
                }
                List::No(why) => {
                    listed.not_listed.insert(name.to_owned(), why);
                }
                List::Halted => return None,
            }
        }
        Some(shown)
    }

    /// Everything in the list in which this item stood.
    async fn list(&self, kind: &'static Kind, step: &Step) -> List {
        if kind.parent.is_none() {
            return self.roots(kind).await;
        }
        if kind.list.is_empty() {
            return List::No("no list shows it".to_owned());
        }
        let params = match self.params(kind, step).await {
            Ok(Some(params)) => params,
            // What hangs on nothing is in no list.
            Ok(None) => return List::Shows(BTreeSet::new()),
            Err(why) => return why,
        };
        let mut ids = BTreeSet::new();
        let mut place: Option<Place> = None;
        for _ in 0..MOST_PAGES {
            let page = match self
                .hands
                .reader
                .list(kind.list, &params, place.as_ref())
                .await
            {
                Ok(page) => page,
                Err(fault) if fault.is_absent() => return List::Shows(ids),
                Err(fault) => return self.no_list(&fault),
            };
            for doc in &page.items {
                let doc: Value = serde_json::from_str(doc.get()).unwrap_or_default();
                ids.extend(item::id(kind.id, &params, &doc));
            }
            match page.next {
                None => return List::Shows(ids),
                next if next == place => break,
                next => place = next,
            }
        }
        List::No("the list does not come to an end".to_owned())
    }

    fn no_list(&self, fault: &Fault) -> List {
        if self.is_final(fault) {
            List::Halted
        } else {
            List::No(clean(&fault.to_string()))
        }
    }

    /// What the list's address is made of; `Ok(None)` when the parent is gone.
    async fn params(&self, kind: &Kind, step: &Step) -> Result<Option<Params>, List> {
        if kind.files == Files::Artifact {
            let mut parts = step.id.splitn(3, '/');
            let mut params = Params::default();
            for name in ["origin", "container", "path"] {
                params = params.with(name, parts.next().map(str::to_owned));
            }
            return Ok(Some(params));
        }
        let needs = |params: &Params| {
            let mut names = kind.list.iter().flat_map(|route| names(route.ask.path()));
            names.any(|name| params.get(name).is_none())
        };
        let params = offered_by(step.parent.as_ref());
        if !needs(&params) {
            return Ok(Some(params));
        }
        let unknown = || List::No("what its list is called is not known".to_owned());
        let parent = step.parent.as_ref().ok_or_else(unknown)?;
        let (row, doc) = match self.parent(parent).await.ok_or_else(unknown)? {
            (_, Ok(None)) => return Ok(None),
            (row, Ok(Some(doc))) => (row, doc),
            (_, Err(fault)) => return Err(self.no_list(&fault)),
        };
        let params = params.offered(row, &doc);
        if needs(&params) {
            return Err(unknown());
        }
        Ok(Some(params))
    }

    /// The document of a parent, where its row can show it by its id alone.
    async fn parent(
        &self,
        parent: &Parent,
    ) -> Option<(&'static Kind, Result<Option<Value>, Fault>)> {
        let row = kinds::find(&parent.kind)?;
        let (base, template) = row.remove.first()?.look.at();
        let filled = filled(template, &parent.id, None, &Value::Null)?;
        let at = address(base, &self.plan.scope.path, &filled);
        let doc = match self.hands.looker.see(base, &at, None, None).await {
            Ok(Sight::Gone) => Ok(None),
            Ok(Sight::Here { docs, .. }) => Ok(docs
                .first()
                .and_then(|doc| serde_json::from_str(doc.get()).ok())),
            Err(fault) => Err(fault),
        };
        Some((row, doc))
    }

    /// The workspaces or registries of the resource group, by their row's id.
    async fn roots(&self, kind: &'static Kind) -> List {
        let path = &self.plan.scope.path;
        let Some((group, _)) = path.rsplit_once('/') else {
            return List::No("the plan names no workspace and no registry".to_owned());
        };
        match self.hands.looker.roll(group).await {
            Ok(docs) => {
                let wanted = kinds::root_of(kind).name_of(&self.plan.scope.workspace);
                let ids = docs.iter().filter_map(|doc| {
                    let doc: Value = serde_json::from_str(doc.get()).ok()?;
                    let name = item::first(&doc, "name")?;
                    let id = item::id(kind.id, &Params::default(), &doc)?;
                    Some((name, id))
                });
                // Names of resources have no case.
                List::Shows(
                    ids.filter(|(name, _)| name.eq_ignore_ascii_case(wanted))
                        .flat_map(|(name, id)| [name, id])
                        .collect(),
                )
            }
            Err(fault) => self.no_list(&fault),
        }
    }
}

/// What tells one list of a kind from another.
fn group(step: &Step) -> String {
    let artifact = kinds::find(&step.kind).is_some_and(|kind| kind.files == Files::Artifact);
    match &step.parent {
        // Containers hold artifacts, whatever they hang on.
        _ if artifact => step.id.splitn(3, '/').take(2).collect::<Vec<_>>().join("/"),
        Some(parent) => format!("{}/{}", parent.kind, parent.id),
        None => String::new(),
    }
}

/// The names in a template that an ancestor offers.
fn names(template: &'static str) -> impl Iterator<Item = &'static str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
        .filter(|name| !name.starts_with('.'))
}
