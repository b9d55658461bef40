//! Which workspaces there are. Two sources are asked where the scope is wider than a subscription: the index over all of
//! them, and the list of each subscription. Neither is trusted alone: the index follows changes with a delay, and a list
//! that fails says nothing. What either shows is walked, and what they disagree about is said.

mod lists;
mod merge;
mod remarks;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::WalkError;
use super::root::Roots;
use crate::kinds::Root;
use crate::kinds::roots::WORKSPACES;
use crate::report::Class;
use crate::wire::hands::escape;
use crate::wire::index::{self, Indexed, Subscription};
use crate::wire::{Fault, Wire};

pub(super) use lists::list;
use lists::{below, cross_check};
pub use merge::Counted;
pub(super) use merge::labelled;
use merge::merge;
pub(super) use remarks::vanished;
pub use remarks::{Remark, gone};
use remarks::{disagreement, failed, missing, short, shortfalls};

/// A workspace or registry that a list or the index shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub root: &'static Root,
    pub subscription: String,
    pub group: String,
    pub name: String,
    /// Its provisioning state, where it was told.
    pub state: Option<String>,
}

impl Shown {
    /// By its ARM id, whose letter case is nobody's promise.
    fn read(root: &'static Root, id: &str, state: Option<String>) -> Option<Self> {
        let parts: Vec<&str> = id.trim_matches('/').split('/').collect();
        match parts.as_slice() {
            [s, subscription, g, group, p, provider, w, name]
                if s.eq_ignore_ascii_case("subscriptions")
                    && g.eq_ignore_ascii_case("resourceGroups")
                    && p.eq_ignore_ascii_case("providers")
                    && provider.eq_ignore_ascii_case("Microsoft.MachineLearningServices")
                    && w.eq_ignore_ascii_case(root.kind) =>
            {
                Some(Self {
                    root,
                    subscription: (*subscription).to_owned(),
                    group: (*group).to_owned(),
                    name: (*name).to_owned(),
                    state,
                })
            }
            _ => None,
        }
    }

    /// Its path below the resource manager, percent-encoded.
    pub fn path(&self) -> String {
        self.root.path(&self.subscription, &self.group, &self.name)
    }

    /// The same for whoever compares.
    fn key(&self) -> String {
        self.path().to_lowercase()
    }
}

/// What there is to walk. Ids only: documents are fetched one at a time.
#[derive(Debug, Default)]
pub struct Census {
    pub workspaces: Vec<Counted>,
    /// Of a scope wider than a subscription: those that can be looked into.
    pub subscriptions: Vec<String>,
    pub remarks: Vec<Remark>,
}

/// Counts the workspaces of a scope.
pub async fn census(wire: &Arc<Wire>, roots: &Roots) -> Result<Census, WalkError> {
    let shown = match roots {
        Roots::One {
            root,
            subscription,
            group,
            name,
        } => vec![Shown {
            root,
            subscription: subscription.clone(),
            group: group.clone(),
            name: name.clone(),
            state: None,
        }],
        Roots::Group {
            subscription,
            group,
        } => {
            let path = format!(
                "/subscriptions/{}/resourceGroups/{}{}",
                escape(subscription),
                escape(group),
                WORKSPACES.collection()
            );
            list(wire, &WORKSPACES, &path).await?
        }
        Roots::Subscription { subscription } => {
            list(wire, &WORKSPACES, &below(subscription)).await?
        }
        Roots::Everywhere { management_group } => {
            return Ok(everywhere(wire, management_group.as_deref()).await?);
        }
    };
    Ok(Census {
        workspaces: labelled(shown),
        ..Census::default()
    })
}

/// Everything that the caller sees, or what is below a management group.
async fn everywhere(wire: &Arc<Wire>, group: Option<&str>) -> Result<Census, Fault> {
    let all = group.map_or_else(
        || "every subscription".to_owned(),
        |name| format!("management group {name}"),
    );
    let mut remarks = Vec::new();
    let indexed = match index::workspaces(wire, group).await {
        Ok(indexed) => {
            remarks.extend(shortfalls(&all, &indexed));
            Some(indexed)
        }
        // What is below a management group, only the index knows.
        Err(fault) if fault.is_final() || group.is_some() => return Err(fault),
        Err(fault) => {
            let what = "Azure Resource Graph could not be asked, so that workspaces are known by the lists of their \
                        subscriptions alone";
            remarks.push(failed(&fault, &all, what));
            None
        }
    };
    let whole = indexed
        .as_ref()
        .is_some_and(|indexed| !indexed.partial && !short(indexed));
    let found = indexed.map(|indexed| read(&all, indexed, &mut remarks));
    let mut subscriptions: BTreeMap<String, Subscription> = found
        .iter()
        .flatten()
        .map(|shown| {
            let subscription = Subscription {
                id: shown.subscription.clone(),
                state: String::new(),
            };
            (shown.subscription.to_lowercase(), subscription)
        })
        .collect();
    if group.is_none() {
        match index::subscriptions(wire).await {
            Ok(listed) => {
                for one in listed {
                    subscriptions.insert(one.id.to_lowercase(), one);
                }
            }
            Err(fault) if fault.is_final() || found.is_none() => return Err(fault),
            Err(fault) => {
                let what = "the subscriptions could not be listed, so that those are known in which the index shows a workspace";
                remarks.push(failed(&fault, &all, what));
            }
        }
    }
    let lists = cross_check(wire, subscriptions, &mut remarks).await?;
    let merged = merge(found.as_deref(), &lists, whole);
    let (onlys, shown): (Vec<_>, Vec<_>) =
        merged.into_iter().map(|one| (one.only, one.shown)).unzip();
    let workspaces = labelled(shown);
    for (only, counted) in onlys.iter().zip(&workspaces) {
        if let Some(only) = only {
            remarks.push(disagreement(*only, &counted.label));
        }
    }
    Ok(Census {
        workspaces,
        subscriptions: lists
            .into_iter()
            .filter(|(_, list)| list.is_some())
            .map(|(subscription, _)| subscription)
            .collect(),
        remarks,
    })
}

/// The rows of the index that are ids of workspaces.
fn read(all: &str, indexed: Indexed, remarks: &mut Vec<Remark>) -> Vec<Shown> {
    let mut found = Vec::with_capacity(indexed.rows.len());
    for row in indexed.rows {
        match Shown::read(&WORKSPACES, &row.id, row.state) {
            Some(shown) => found.push(shown),
            None => remarks.push(missing(
                all,
                Class::Malformed,
                "Azure Resource Graph shows a workspace whose id cannot be read".to_owned(),
            )),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::roots::REGISTRIES;

    #[test]
    fn ids_in_any_letter_case() {
        let id = "/subscriptions/S/resourcegroups/G/providers/microsoft.machinelearningservices/Workspaces/W";
        let found = Shown::read(&WORKSPACES, id, None);
        assert_eq!(found.map(|shown| shown.name), Some("W".to_owned()));
        assert_eq!(
            Shown::read(&REGISTRIES, id, None),
            None,
            "it is no registry"
        );
        let found = Shown::read(&REGISTRIES, &id.replace("Workspaces", "REGISTRIES"), None);
        assert_eq!(
            found.map(|shown| shown.path()),
            Some(REGISTRIES.path("S", "G", "W"))
        );
        assert_eq!(
            Shown::read(&WORKSPACES, "/subscriptions/S/resourceGroups/G", None),
            None
        );
    }
}
