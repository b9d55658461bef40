//! The coverage: for every workspace or registry and kind, what can be said about it. Unknown is not empty.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::bag::{KindCount, Tally};
use crate::kinds::roots::root_of_label;
use crate::kinds::{self, Absent, Kind};
use crate::walk::Wanted;
use crate::walk::shard::is_split;

/// What can be said about a kind in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Status {
    /// There are items, and they are here.
    Items,
    /// The service answered, and there is nothing.
    Empty,
    /// The service refused.
    Denied,
    /// The family is retired, and no form of it answers.
    Retired,
    /// No form of the request is served here.
    NotOffered,
    /// It could not be read; see the gaps.
    Failed,
    /// It was not asked for.
    NotAsked,
    /// This bag is a part of a whole and has nothing of it; whether there is any, the other parts say.
    OtherShards,
    /// It lies outside of what was looked through: of a workspace that is a registry, and the other way round.
    Outside,
    /// No list of it exists, and nobody named one that is there.
    ByName,
}

impl Status {
    /// In words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Items => "exported",
            Self::Empty => "empty",
            Self::Denied => "denied",
            Self::Retired => "retired",
            Self::NotOffered => "not offered here",
            Self::Failed => "could not be read",
            Self::NotAsked => "not asked for",
            Self::OtherShards => "in other shards",
            Self::Outside => "outside",
            Self::ByName => "no list exists; ask by name",
        }
    }
}

/// One line of the coverage.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    pub workspace: String,
    pub kind: &'static str,
    pub status: Status,
    pub items: u64,
    pub files: u64,
    pub gaps: u64,
    pub notes: u64,
    pub redactions: u64,
    /// Secrets that no row names and that only the net of patterns caught.
    pub caught_by_net: u64,
    /// The oldest form of the service's API that had to be used; `null` when none was.
    pub generation: Option<u8>,
}

impl Row {
    /// As a line of JSON.
    pub(super) fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Every kind of the catalogue for every workspace and registry, in their order and then that of the catalogue. Where nothing
/// of the one sort was looked through, the other says so.
pub(super) fn of(counts: &[KindCount], wanted: &Wanted) -> Vec<Row> {
    let found: BTreeMap<(&str, &str), &Tally> = counts
        .iter()
        .map(|count| {
            (
                (count.workspace.as_str(), count.kind.as_str()),
                &count.tally,
            )
        })
        .collect();
    let workspaces: BTreeSet<&str> = counts
        .iter()
        .map(|count| count.workspace.as_str())
        .collect();
    let looked: BTreeSet<&str> = workspaces
        .iter()
        .map(|label| root_of_label(label).kind)
        .collect();
    let mut rows = Vec::new();
    for workspace in workspaces {
        let root = root_of_label(workspace);
        let mut known: BTreeMap<&str, Status> = BTreeMap::new();
        // The document of a workspace is in the part that has everything else of it but for what hangs on experiments.
        let has = |kind: &str| {
            found
                .get(&(workspace, kind))
                .is_some_and(|tally| tally.items > 0)
        };
        let own = kinds::all().any(|kind| kind.parent.is_none() && has(kind.name));
        for kind in kinds::exported() {
            let inside = kinds::root_of(kind) == root;
            if !inside && looked.contains(kinds::root_of(kind).kind) {
                continue;
            }
            let tally = found
                .get(&(workspace, kind.name))
                .copied()
                .copied()
                .unwrap_or_default();
            let above = kind.parent.and_then(|parent| known.get(parent)).copied();
            let status = match (wanted.has(kind), inside) {
                (true, true) => match status(kind, &tally, above) {
                    Status::Empty if elsewhere(kind, own, wanted) => Status::OtherShards,
                    status => status,
                },
                (true, false) => Status::Outside,
                (false, _) => Status::NotAsked,
            };
            known.insert(kind.name, status);
            rows.push(Row {
                workspace: workspace.to_owned(),
                kind: kind.name,
                status,
                items: tally.items,
                files: tally.files,
                gaps: tally.gaps,
                notes: tally.notes,
                redactions: tally.redactions,
                caught_by_net: tally.caught,
                generation: (tally.generation > 0).then_some(tally.generation),
            });
        }
    }
    rows
}

/// Whether other parts of the work may hold items of a kind of which this one has none.
fn elsewhere(kind: &Kind, own: bool, wanted: &Wanted) -> bool {
    wanted
        .shard
        .is_some_and(|shard| shard.of() > 1 && (!own || is_split(kind)))
}

/// `above` is the status of the kind that this one hangs on: of what hangs on something that nobody could look at, nobody
/// can say that it is empty.
fn status(kind: &Kind, tally: &Tally, above: Option<Status>) -> Status {
    let untouched = *tally == Tally::default();
    if let (
        true,
        Some(above @ (Status::Denied | Status::Failed | Status::NotOffered | Status::Retired)),
    ) = (untouched, above)
    {
        above
    } else if tally.items > 0 {
        Status::Items
    } else if tally.denied > 0 {
        Status::Denied
    } else if tally.failed > 0 || tally.gaps > 0 {
        Status::Failed
    } else if kind.by_name.is_some() {
        // Nobody named one that is there, and there may be others.
        Status::ByName
    } else if tally.answered > 0 || tally.absent == 0 {
        // A list that answered, or nothing that could have had any: no run, no artifact.
        Status::Empty
    } else if kind.absent == Absent::Retired {
        Status::Retired
    } else {
        Status::NotOffered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(workspace: &str, kind: &str, tally: Tally) -> KindCount {
        KindCount {
            workspace: workspace.to_owned(),
            kind: kind.to_owned(),
            tally,
        }
    }

    #[test]
    fn a_registry_has_rows_of_its_own_and_where_none_was_asked_for_that_is_said() {
        let wanted = Wanted::new(&[], true, None).expect("kinds");
        let answered = Tally {
            items: 1,
            answered: 1,
            ..Tally::default()
        };
        let status = |rows: &[Row], label: &str, kind: &str| {
            let mut all = rows
                .iter()
                .filter(|row| row.workspace == label && row.kind == kind);
            let status = all.next().map(|row| row.status);
            assert!(all.next().is_none(), "{kind} stands twice");
            status
        };
        let mut counts = vec![count("lab", "workspaces", answered)];
        let rows = of(&counts, &wanted);
        assert_eq!(rows.len(), kinds::exported().count());
        assert_eq!(
            status(&rows, "lab", "registry-models"),
            Some(Status::Outside)
        );
        assert_eq!(status(&rows, "lab", "models"), Some(Status::Empty));
        // A registry of the same name.
        counts.push(count("registry lab", "registries", answered));
        let rows = of(&counts, &wanted);
        assert_eq!(rows.len(), kinds::exported().count());
        assert_eq!(status(&rows, "lab", "registry-models"), None);
        assert_eq!(
            status(&rows, "registry lab", "registry-models"),
            Some(Status::Empty)
        );
        assert_eq!(status(&rows, "registry lab", "models"), None);
        // Nobody may see which registries there are.
        let denied = Tally {
            denied: 1,
            gaps: 1,
            ..Tally::default()
        };
        counts[1] = count("registries of subscription s", "registries", denied);
        let rows = of(&counts, &wanted);
        for kind in ["registries", "registry-codes", "registry-code-versions"] {
            let label = "registries of subscription s";
            assert_eq!(status(&rows, label, kind), Some(Status::Denied), "{kind}");
        }
        let few = Wanted::new(&["jobs".to_owned()], true, None).expect("kinds");
        let rows = of(&counts[..1], &few);
        assert_eq!(status(&rows, "lab", "registries"), Some(Status::NotAsked));
    }

    #[test]
    fn what_hangs_on_what_nobody_could_see_is_not_empty_either() {
        let runs = kinds::find("runs").expect("row");
        let of = |above| status(runs, &Tally::default(), above);
        assert_eq!(of(Some(Status::Denied)), Status::Denied);
        assert_eq!(of(Some(Status::Failed)), Status::Failed);
        assert_eq!(of(Some(Status::Empty)), Status::Empty);
        assert_eq!(of(Some(Status::Items)), Status::Empty);
    }

    #[test]
    fn unknown_is_not_empty() {
        let of = |name: &str, tally: Tally| {
            status(kinds::find(name).expect("row"), &tally, Some(Status::Items))
        };
        let none = Tally::default();
        assert_eq!(
            of(
                "models",
                Tally {
                    answered: 1,
                    ..none
                }
            ),
            Status::Empty
        );
        assert_eq!(
            of(
                "models",
                Tally {
                    answered: 1,
                    items: 2,
                    gaps: 1,
                    ..none
                }
            ),
            Status::Items
        );
        assert_eq!(
            of(
                "models",
                Tally {
                    denied: 1,
                    gaps: 1,
                    ..none
                }
            ),
            Status::Denied
        );
        assert_eq!(
            of(
                "models",
                Tally {
                    absent: 1,
                    gaps: 1,
                    ..none
                }
            ),
            Status::Failed
        );
        assert_eq!(
            of(
                "images",
                Tally {
                    absent: 1,
                    notes: 1,
                    ..none
                }
            ),
            Status::Retired
        );
        assert_eq!(
            of(
                "notification-tasks",
                Tally {
                    absent: 1,
                    notes: 1,
                    ..none
                }
            ),
            Status::NotOffered
        );
        for tally in [none, Tally { absent: 1, ..none }] {
            assert_eq!(of("capability-hosts", tally), Status::ByName);
        }
        assert_eq!(
            of("metrics-v2", Tally { absent: 9, ..none }),
            Status::NotOffered
        );
    }
}
