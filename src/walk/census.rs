//! Which workspaces and registries there are. Two sources are asked where the scope is wider than a subscription: the index over all of
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
use crate::wire::Wire;
use crate::wire::hands::escape;
use crate::wire::index::{self, Indexed, Subscription};

pub(super) use lists::list;
use lists::{below, cross_check};
pub use merge::Counted;
pub(super) use merge::labelled;
use merge::merge;
pub(super) use remarks::vanished;
use remarks::{All, disagreement, short};
pub use remarks::{Remark, gone};

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
    pub found: Vec<Counted>,
    /// Lists of registries that answered and show none, by the name that such a list goes by.
    pub empty: Vec<(&'static Root, String)>,
    pub remarks: Vec<Remark>,
}

/// Counts what of these sorts is in a scope wider than a subscription, and in any other scope the workspaces.
pub async fn census(
    wire: &Arc<Wire>,
    roots: &Roots,
    sorts: &[&'static Root],
) -> Result<Census, WalkError> {
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
            list(wire, &WORKSPACES, &below(&WORKSPACES, subscription)).await?
        }
        Roots::Everywhere { management_group } => {
            return everywhere(wire, management_group.as_deref(), sorts).await;
        }
    };
    Ok(Census {
        found: labelled(shown),
        ..Census::default()
    })
}

/// Everything that the caller sees, or what is below a management group.
async fn everywhere(
    wire: &Arc<Wire>,
    group: Option<&str>,
    sorts: &[&'static Root],
) -> Result<Census, WalkError> {
    let of = group.map_or_else(
        || "every subscription".to_owned(),
        |name| format!("management group {name}"),
    );
    let all = All::new(sorts, &of);
    let mut remarks = Vec::new();
    let indexed = match index::indexed(wire, sorts, group).await {
        Ok(indexed) => {
            remarks.extend(all.shortfalls(&indexed));
            Some(indexed)
        }
        Err(fault) if fault.is_final() => return Err(fault.into()),
        Err(fault) => {
            if let Some(name) = group {
                return Err(WalkError::Group {
                    name: name.to_owned(),
                    fault,
                });
            }
            remarks.push(all.unasked(&fault));
            None
        }
    };
    let whole = indexed
        .as_ref()
        .is_some_and(|indexed| !indexed.partial && !short(indexed));
    let found = indexed.map(|indexed| read(&all, sorts, indexed, &mut remarks));
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
            Err(fault) if fault.is_final() || found.is_none() => return Err(fault.into()),
            Err(fault) => remarks.push(all.unlisted(&fault)),
        }
    }
    let lists = cross_check(wire, subscriptions, sorts, &mut remarks).await?;
    let merged = merge(found.as_deref(), &lists, whole);
    let (onlys, shown): (Vec<_>, Vec<_>) =
        merged.into_iter().map(|one| (one.only, one.shown)).unzip();
    let found = labelled(shown);
    for (only, counted) in onlys.iter().zip(&found) {
        if let Some(only) = only {
            remarks.push(disagreement(*only, counted));
        }
    }
    let empty = lists
        .iter()
        .filter(|list| *list.root != WORKSPACES && list.shown.as_ref().is_some_and(Vec::is_empty))
        .map(|list| (list.root, list.label()))
        .collect();
    Ok(Census {
        found,
        empty,
        remarks,
    })
}

/// The rows of the index that are ids of what was asked for.
fn read(
    all: &All<'_>,
    sorts: &[&'static Root],
    indexed: Indexed,
    remarks: &mut Vec<Remark>,
) -> Vec<Shown> {
    let mut found = Vec::with_capacity(indexed.rows.len());
    for row in indexed.rows {
        let shown = sorts
            .iter()
            .find_map(|root| Shown::read(root, &row.id, row.state.clone()));
        match shown {
            Some(shown) => found.push(shown),
            None => remarks.push(all.unreadable()),
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
