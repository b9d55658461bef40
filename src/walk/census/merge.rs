//! Two sources become one count. Pure.

use std::collections::{BTreeMap, HashMap};

use super::Shown;

/// A workspace with the name that it goes by in this work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    pub label: String,
    pub shown: Shown,
}

/// Which source shows a workspace, when the other should and does not.
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

/// Puts together what the index and the lists of the subscriptions show, in the order of ids. Letter case does not count;
/// where both show a workspace, it is written as in the list, which is fresher. `whole` says that the index has left nothing
/// out that it knows of: only then it means something that it does not show one.
pub(super) fn merge(
    index: Option<&[Shown]>,
    lists: &[(String, Option<Vec<Shown>>)],
    whole: bool,
) -> Vec<Merged> {
    let mut all: BTreeMap<String, (Shown, bool, bool)> = BTreeMap::new();
    for shown in index.unwrap_or_default() {
        all.insert(shown.key(), (shown.clone(), true, false));
    }
    let mut answered: HashMap<&str, bool> = HashMap::new();
    for (subscription, list) in lists {
        answered.insert(subscription, list.is_some());
        for shown in list.iter().flatten() {
            let by_index = all.get(&shown.key()).is_some_and(|(_, index, _)| *index);
            all.insert(shown.key(), (shown.clone(), by_index, true));
        }
    }
    all.into_values()
        .map(|(shown, by_index, by_list)| {
            let listed = answered.get(shown.subscription.to_lowercase().as_str());
            let only = match (by_index, by_list) {
                (true, false) if listed == Some(&true) => Some(Only::Index),
                (false, true) if whole => Some(Only::List),
                _ => None,
            };
            Merged { shown, only }
        })
        .collect()
}

/// A name is unique in its resource group only, and the name of a group in its subscription: workspaces of one name are told
/// apart by their groups, and where those have one name too, by their subscriptions.
pub(in crate::walk) fn labelled(shown: Vec<Shown>) -> Vec<Counted> {
    let name = |one: &Shown| one.name.to_lowercase();
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
    use crate::kinds::roots::WORKSPACES;

    fn of(subscription: &str, group: &str, name: &str) -> Shown {
        Shown {
            root: &WORKSPACES,
            subscription: subscription.to_owned(),
            group: group.to_owned(),
            name: name.to_owned(),
            state: None,
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
            (
                "s".to_owned(),
                Some(vec![of("s", "G", "Both"), of("s", "g", "list")]),
            ),
            ("t".to_owned(), None),
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
}
