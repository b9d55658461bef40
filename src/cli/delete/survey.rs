//! Looking a workspace through for what is to be erased: what was chosen, what belongs to it, and everything else, which is
//! counted and looked at for what must not go.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::bag::{Identity, Writer};
use crate::cli::closure::{Key, Theirs, key};
use crate::cli::connect::Connection;
use crate::cli::coverage::Row;
use crate::cli::ending::Failure;
use crate::cli::filter::Filter;
use crate::cli::find::{self, Looked};
use crate::cli::look::{Aim, Hit, Seen};
use crate::cli::take::{Share, Take};
use crate::cli::{coverage, export, keep, share};
use crate::kinds::Walk;
use crate::plan::around::TELLING;
use crate::plan::decide::Options;
use crate::plan::item::{Chosen, Item};
use crate::plan::rest::Rest;
use crate::subject::{Strength, Subject};
use crate::walk::{Line, Walker, Wanted};

/// What is aimed at.
pub(super) struct Aims {
    pub subject: Option<Subject>,
    pub filter: Option<Arc<Filter>>,
    /// Candidates that were named, as `KIND/ID`.
    pub named: Vec<String>,
    /// The whole workspace.
    pub whole: bool,
}

/// What was found.
pub(super) struct Found {
    pub items: Vec<Item>,
    pub rest: Rest,
    /// What is exported before it is erased.
    pub theirs: Theirs,
    /// What was looked through, in a sentence.
    pub words: String,
    /// Items that are more than a plan may hold at all.
    pub beyond: u64,
}

/// Gathers items with their documents, for a plan. No more are held than a plan may erase; the rest is counted.
pub(crate) struct Survey {
    whole: bool,
    options: Options,
    chosen: HashMap<Key, Chosen>,
    most: usize,
    gathered: Mutex<Gathered>,
    /// Only what tells what lies around the workspace.
    telling: bool,
}

#[derive(Default)]
struct Gathered {
    items: Vec<Item>,
    rest: Rest,
    beyond: u64,
    telling: Vec<(&'static str, serde_json::Value)>,
}

impl Survey {
    /// Takes an item. `theirs` says whether it was chosen, or belongs to something that was.
    pub(crate) fn take(&self, line: &Line<'_>, theirs: bool) {
        if self.telling {
            if TELLING.contains(&line.kind.name) {
                let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
                gathered.telling.push((line.kind.name, line.parsed.clone()));
            }
            return;
        }
        let known = self
            .chosen
            .get(&key(line.workspace, line.kind.name, line.id))
            .copied();
        let chosen = match known {
            _ if self.whole && line.kind.walk == Walk::Root => Some(Chosen::Named),
            _ if self.whole => None,
            Some(chosen) if chosen.is_settled() || !theirs => Some(chosen),
            _ => theirs.then_some(Chosen::Belongs),
        };
        let item = Item {
            kind: line.kind,
            id: line.id.to_owned(),
            parent: line
                .parent
                .map(|(kind, id)| (kind.to_owned(), id.to_owned())),
            doc: line.parsed.clone(),
            source: line.source.to_owned(),
            chosen: chosen.unwrap_or(Chosen::Filter),
        };
        let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        if chosen.is_none() {
            gathered.rest.see(&item, &self.options);
        } else if gathered.items.len() < self.most {
            gathered.items.push(item);
        } else {
            gathered.beyond += 1;
        }
    }
}

/// How each find counts.
fn choices(hits: &[Hit], named: &[String]) -> anyhow::Result<HashMap<Key, Chosen>> {
    let of = |hit: &Hit| key(&hit.workspace, hit.kind.name, &hit.id);
    let mut all: HashMap<Key, Chosen> = hits
        .iter()
        .map(|hit| {
            let chosen = if hit.matches.is_empty() && hit.content.is_none() {
                Chosen::Filter
            } else if hit.strength() != Strength::Exact {
                Chosen::Candidate
            } else if hit.contradicted() {
                Chosen::Contradicted
            } else {
                Chosen::Exact
            };
            (of(hit), chosen)
        })
        .collect();
    for name in named {
        let hit = hits
            .iter()
            .find(|hit| format!("{}/{}", hit.kind.name, hit.id) == *name)
            .ok_or_else(|| {
                Failure::usage(format!(
                    "--include-item {name}: the person was not found in such an item; `aml-dsr find` lists where they were"
                ))
            })?;
        all.insert(of(hit), Chosen::Named);
    }
    Ok(all)
}

/// Looks twice: first for what is meant, since what belongs to it is known only at the end, then for the documents of it.
pub(super) async fn survey(
    connection: &Connection,
    aims: Aims,
    options: &Options,
    soon: &CancellationToken,
) -> anyhow::Result<Found> {
    let wanted = Wanted::new(&[], false, None).map_err(export::no_kind)?;
    let wanted = connection.typed.naming(wanted);
    let most = usize::try_from(options.max_items.saturating_add(1)).unwrap_or(usize::MAX);
    let survey = |whole, chosen| Survey {
        whole,
        options: options.clone(),
        chosen,
        most,
        gathered: Mutex::default(),
        telling: false,
    };
    if aims.whole {
        let gathered = gather(
            connection,
            &wanted,
            Theirs::default(),
            survey(true, HashMap::new()),
            soon,
        );
        let (gathered, looked) = gathered.await?;
        return Ok(found(gathered, Theirs::default(), &looked));
    }
    let aim = Aim {
        matcher: aims.subject.as_ref().map(find::matcher).transpose()?,
        filter: aims.filter,
        scan: None,
        others: None,
        roll: false,
    };
    let mut looked = find::look(connection, &wanted, aim, soon.clone()).await?;
    let mut hits = std::mem::take(&mut looked.seen.hits);
    hits.retain(|hit| hit.selected && hit.kind.walk != Walk::Root);
    let chosen = choices(&hits, &aims.named)?;
    let settled: Vec<&Hit> = hits
        .iter()
        .filter(|hit| chosen[&key(&hit.workspace, hit.kind.name, &hit.id)].is_settled())
        .collect();
    let theirs = share::theirs(&looked.seen, &settled);
    let mut gathered = Gathered::default();
    if !settled.is_empty() {
        let survey = survey(false, chosen.clone());
        gathered = gather(connection, &wanted, theirs.clone(), survey, soon)
            .await?
            .0;
    }
    // What hangs on something that was not chosen is not fetched again, so finds in it are taken from the first look.
    let there: std::collections::HashSet<Key> = gathered
        .items
        .iter()
        .map(|item| key("", item.kind.name, &item.id))
        .collect();
    for hit in &hits {
        if !there.contains(&key("", hit.kind.name, &hit.id)) {
            gathered.items.push(Item {
                kind: hit.kind,
                id: hit.id.clone(),
                parent: hit
                    .parent
                    .as_ref()
                    .map(|(kind, id)| ((*kind).to_owned(), id.clone())),
                doc: serde_json::Value::Null,
                source: String::new(),
                chosen: chosen[&key(&hit.workspace, hit.kind.name, &hit.id)],
            });
        }
    }
    Ok(found(gathered, theirs, &looked))
}

fn found(mut gathered: Gathered, theirs: Theirs, looked: &Looked) -> Found {
    let mut counts: HashMap<&'static str, u64> = HashMap::new();
    for row in &looked.coverage {
        *counts.entry(row.kind).or_default() += row.items;
    }
    for item in &gathered.items {
        if let Some(count) = counts.get_mut(item.kind.name) {
            *count = count.saturating_sub(1);
        }
    }
    for (kind, count) in counts {
        gathered.rest.count(kind, count);
    }
    gathered.rest.gaps = looked.gaps;
    Found {
        items: gathered.items,
        rest: gathered.rest,
        theirs,
        words: looked.words(),
        beyond: gathered.beyond,
    }
}

/// One walk that gathers documents in place of a bag.
async fn gather(
    connection: &Connection,
    wanted: &Wanted,
    theirs: Theirs,
    survey: Survey,
    soon: &CancellationToken,
) -> anyhow::Result<(Gathered, Looked)> {
    let share = Arc::new(Share {
        survey: Some(survey),
        ..Share::of(theirs)
    });
    let place = tempfile::Builder::new().prefix("aml-dsr-").tempdir()?;
    let identity = Identity {
        scope: connection.scope.clone(),
        options: "survey".to_owned(),
        tool: export::TOOL.to_owned(),
    };
    let writer = Writer::open(&place.path().join("state"), &identity)?;
    let (inner, thread) = keep::start(writer)?;
    let store = Arc::new(Take::new(inner, Arc::clone(&share)));
    let walker = Walker::new(
        Arc::clone(&connection.wire),
        store,
        wanted.clone(),
        soon.clone(),
    );
    let ended = walker.walk(&connection.roots).await;
    drop(walker);
    let writer = tokio::task::spawn_blocking(move || thread.join()).await??;
    ended.map_err(|error| {
        export::explain(error, "nothing was erased, so the same command begins anew")
    })?;
    let counts = writer.counts()?;
    let coverage: Vec<Row> = coverage::of(&counts, wanted);
    let gathered = share
        .survey
        .as_ref()
        .map(|survey| {
            let mut gathered = survey
                .gathered
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *gathered)
        })
        .unwrap_or_default();
    let looked = Looked {
        seen: Seen::default(),
        gaps: counts.iter().map(|count| count.tally.gaps).sum(),
        coverage,
    };
    Ok((gathered, looked))
}

/// The documents that tell what lies around a workspace.
pub(super) async fn telling(
    connection: &Connection,
    soon: &CancellationToken,
) -> anyhow::Result<Vec<(&'static str, serde_json::Value)>> {
    let names: Vec<String> = TELLING.iter().map(|name| (*name).to_owned()).collect();
    let wanted = Wanted::new(&names, false, None).map_err(export::no_kind)?;
    let survey = Survey {
        whole: false,
        options: Options::default(),
        chosen: HashMap::new(),
        most: 0,
        gathered: Mutex::default(),
        telling: true,
    };
    let (gathered, _) = gather(connection, &wanted, Theirs::default(), survey, soon).await?;
    Ok(gathered.telling)
}
