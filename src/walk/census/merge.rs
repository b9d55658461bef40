//! Two sources become one count. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Shown;
use super::lists::Listed;
use crate::kinds::roots::ROOTS;

/// A workspace or registry with the name that it goes by in this work, among its like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    pub label: String,
    pub shown: Shown,
}

/// Which source shows a workspace or registry, when the other should and does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Only {
    Index,
    List,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Merged {
    pub shown: Shown,
    pub only: Option<Only>,
}

/// Puts together what the index and the lists of the subscriptions show, workspaces first and then in the order of ids. Letter
/// case does not count; where both show something, it is written as in the list, which is fresher. `whole` says that the
/// index has left nothing out that it knows of: only then it means something that it does not show one.
pub(super) fn merge(index: Option<&[Shown]>, lists: &[Listed], whole: bool) -> Vec<Merged> {
    let mut all: BTreeMap<String, (Shown, bool, bool)> = BTreeMap::new();
    for shown in index.unwrap_or_default() {
        all.insert(shown.key(), (shown.clone(), true, false));
    }
    let mut answered: HashSet<(&str, &str)> = HashSet::new();
    for list in lists {
        if list.shown.is_some() {
            answered.insert((list.root.kind, &list.subscription));
        }
        for shown in list.shown.iter().flatten() {
            let by_index = all.get(&shown.key()).is_some_and(|(_, index, _)| *index);
            all.insert(shown.key(), (shown.clone(), by_index, true));
        }
    }
    let mut merged: Vec<Merged> = all
        .into_values()
        .map(|(shown, by_index, by_list)| {
            let subscription = shown.subscription.to_lowercase();
            let listed = answered.contains(&(shown.root.kind, subscription.as_str()));
            let only = match (by_index, by_list) {
                (true, false) if listed => Some(Only::Index),
                (false, true) if whole => Some(Only::List),
                _ => None,
            };
            Merged { shown, only }
        })
        .collect();
    merged.sort_by_key(|one| ROOTS.iter().position(|root| *root == one.shown.root));
    merged
}

/// A name is unique in its resource group only, and the name of a group in its subscription: workspaces of one name are told
/// apart by their groups, and where those have one name too, by their subscriptions; so are registries. What stands twice
/// on the pages of a list, in whatever letter case, is one.
pub(in crate::walk) fn labelled(shown: Vec<Shown>) -> Vec<Counted> {
    let mut known: HashSet<String> = HashSet::new();
    let shown: Vec<Shown> = shown
        .into_iter()
        .filter(|one| known.insert(one.key()))
        .collect();
    // A workspace and a registry are told apart anyway.
    let name = |one: &Shown| format!("{} {}", one.root.kind, one.name.to_lowercase());
    let pair = |one: &Shown| format!("{}/{}", one.group.to_lowercase(), name(one));
    let mut counts: HashMap<String, u32> = HashMap::new();
    for one in &shown {
        // No name holds a slash, so a name and a pair are never the same.
        *counts.entry(name(one)).or_default() += 1;
        *counts.entry(pair(one)).or_default() += 1;
    }
    let alone = |key: &str| counts.get(key).is_none_or(|count| *count == 1);
    shown
        .into_iter()
        .map(|shown| {
            let label = if alone(&name(&shown)) {
                shown.name.clone()
            } else if alone(&pair(&shown)) {
                format!("{}/{}", shown.group.to_lowercase(), shown.name)
            } else {
                format!(
                    "{}/{}/{}",
                    shown.subscription.to_lowercase(),
                    shown.group.to_lowercase(),
                    shown.name
                )
            };
            Counted { label, shown }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::roots::{REGISTRIES, WORKSPACES};

    fn of(subscription: &str, group: &str, name: &str) -> Shown {
        Shown {
            root: &WORKSPACES,
            subscription: subscription.to_owned(),
            group: group.to_owned(),
            name: name.to_owned(),
            state: None,
        }
    }

    fn list_of(subscription: &str, shown: Option<Vec<Shown>>) -> Listed {
        Listed {
            root: &WORKSPACES,
            subscription: subscription.to_owned(),
            shown,
        }
    }

    fn registry(subscription: &str, group: &str, name: &str) -> Shown {
        Shown {
            root: &REGISTRIES,
            ..of(subscription, group, name)
        }
    }

    fn labels(shown: Vec<Shown>) -> Vec<String> {
        labelled(shown).into_iter().map(|one| one.label).collect()
    }

    #[test]
    fn workspaces_of_one_name_are_told_apart_by_as_little_as_is_needed() {
        let shown = vec![
            of("s", "Red", "Lab"),
            of("s", "blue", "lab"),
            of("s", "blue", "main"),
        ];
        assert_eq!(labels(shown), ["red/Lab", "blue/lab", "main"]);
        let shown = vec![
            of("S1", "RG", "ws"),
            of("s2", "rg", "ws"),
            of("s3", "other", "ws"),
        ];
        assert_eq!(labels(shown), ["s1/rg/ws", "s2/rg/ws", "other/ws"]);
    }

    #[test]
    fn what_one_source_shows_and_the_other_does_not_is_kept_and_marked() {
        let index = [
            of("S", "g", "both"),
            of("s", "g", "index"),
            of("t", "g", "unlisted"),
        ];
        let lists = [
            list_of("s", Some(vec![of("s", "G", "Both"), of("s", "g", "list")])),
            list_of("t", None),
        ];
        let found = |index: Option<&[Shown]>, whole| -> Vec<(String, Option<Only>)> {
            let merged = merge(index, &lists, whole).into_iter();
            merged.map(|one| (one.shown.name, one.only)).collect()
        };
        let name = |name: &str, only| (name.to_owned(), only);
        assert_eq!(
            found(Some(&index), true),
            [
                name("Both", None),
                name("index", Some(Only::Index)),
                name("list", Some(Only::List)),
                name("unlisted", None),
            ]
        );
        // An index that gave only a part, or nothing at all, does not contradict a list.
        assert_eq!(found(Some(&index), false)[2], name("list", None));
        assert_eq!(found(None, false), [name("Both", None), name("list", None)]);
    }

    #[test]
    fn one_workspace_twice_on_the_pages_of_a_source_is_one() {
        let index = [of("s", "g", "w"), of("S", "G", "W")];
        assert_eq!(merge(Some(&index), &[], true).len(), 1);
    }

    #[test]
    fn a_list_that_shows_one_twice_does_not_lengthen_its_name() {
        assert_eq!(
            labels(vec![of("s", "g", "lab"), of("S", "G", "Lab")]),
            ["lab"]
        );
    }

    #[test]
    fn registries_are_told_apart_among_themselves_and_not_from_workspaces() {
        let shown = vec![
            of("s", "g", "shared"),
            registry("s", "g", "shared"),
            registry("t", "h", "shared"),
            registry("t", "h", "other"),
        ];
        assert_eq!(labels(shown), ["shared", "g/shared", "h/shared", "other"]);
    }

    #[test]
    fn a_list_of_workspaces_says_nothing_of_registries() {
        let index = [registry("s", "g", "r"), of("s", "g", "w")];
        let only = |lists: &[Listed]| -> Vec<Option<Only>> {
            let merged = merge(Some(&index), lists, true).into_iter();
            merged.map(|one| one.only).collect()
        };
        let workspaces = || list_of("s", Some(Vec::new()));
        assert_eq!(only(&[workspaces()]), [Some(Only::Index), None]);
        let registries = Listed {
            root: &REGISTRIES,
            ..workspaces()
        };
        assert_eq!(only(&[registries]), [None, Some(Only::Index)]);
    }
}
