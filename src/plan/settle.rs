//! What all items make of each other: nothing goes while something below it stays, what is protected protects what hangs on
//! it, and what one call erases together goes together or not at all. Pure, and done in the size of the input.

use std::collections::{HashMap, VecDeque};

use super::decide::{Options, decide};
use super::item::{Chosen, Item};
use super::links::Links;
use super::model::Decision;
use super::rest::Rest;
use super::way::{Way, way};

/// What was settled about one item.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    pub(super) decision: Decision,
    pub(super) reason: String,
    /// How it is erased by itself.
    pub(super) way: Option<Way>,
    /// The item whose step erases it as well: by the same call, or since it hangs on it.
    pub(super) goes_with: Option<usize>,
    /// It stays for its own sake, and not since something below it does.
    own: bool,
}

impl Verdict {
    /// Whether a step of its own, or one that it shares, erases it or switches it off.
    pub(super) fn acts(&self) -> bool {
        matches!(self.decision, Decision::Delete | Decision::Disable)
    }

    fn keeps(&mut self, own: bool, reason: String) -> bool {
        if matches!(self.decision, Decision::Keep | Decision::Cannot) {
            return false;
        }
        self.decision = Decision::Keep;
        self.reason = reason;
        self.own = own;
        true
    }
}

/// Settles all items. They are in the order of the catalogue, and none stands twice.
pub(super) fn settle(
    items: &[Item],
    links: &Links,
    rest: &Rest,
    workspace: &str,
    options: &Options,
) -> Vec<Verdict> {
    let ways: Vec<Option<Way>> = items
        .iter()
        .map(|item| way(item, workspace, options))
        .collect();
    let groups = groups(items, &ways);
    let mut verdicts: Vec<Verdict> = items
        .iter()
        .zip(ways)
        .map(|(item, way)| {
            let (decision, reason) = decide(item, options);
            Verdict {
                decision,
                reason,
                way,
                goes_with: None,
                // What a person has to judge says nothing about what belongs to something else as well.
                own: decision == Decision::Keep && item.chosen.is_settled(),
            }
        })
        .collect();
    lift_twins(items, &groups, options, &mut verdicts);
    protect(items, links, rest, options, &mut verdicts);
    for at in links.circles() {
        let reason = "what it belongs to leads back to it, so that no order can be told: look at its parentRunId".to_owned();
        verdicts[at].keeps(true, reason);
    }
    for (at, item) in items.iter().enumerate() {
        if let Some(reason) = blocked(item, &verdicts[at], rest) {
            verdicts[at].keeps(false, reason);
        }
    }
    spread(items, links, &groups, &mut verdicts);
    go_along(items, links, &groups, &mut verdicts);
    verdicts
}

/// Items that one call erases together, when there is more than one.
struct Groups {
    of: HashMap<usize, usize>,
    members: Vec<Vec<usize>>,
}

impl Groups {
    fn mates(&self, at: usize) -> &[usize] {
        self.of.get(&at).map_or(&[], |group| &self.members[*group])
    }
}

fn groups(items: &[Item], ways: &[Option<Way>]) -> Groups {
    let mut by: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (at, way) in ways.iter().enumerate().take(items.len()) {
        if let Some(way) = way {
            let call = way.erasing();
            let group = by.entry((call.base.spec().prefix, &call.address));
            group.or_default().push(at);
        }
    }
    let mut members: Vec<Vec<usize>> = by.into_values().filter(|all| all.len() > 1).collect();
    members.sort();
    let of = members
        .iter()
        .enumerate()
        .flat_map(|(group, all)| all.iter().map(move |at| (*at, group)))
        .collect();
    Groups { of, members }
}

/// The same thing may be seen by two services, and the person stand in it exactly in one of them only: it is one thing.
fn lift_twins(items: &[Item], groups: &Groups, options: &Options, verdicts: &mut [Verdict]) {
    for members in &groups.members {
        for &at in members {
            let lifted = !items[at].chosen.is_settled()
                && members.iter().any(|&mate| {
                    items[mate].kind.name != items[at].kind.name && items[mate].chosen.is_settled()
                });
            if lifted {
                let settled = Item {
                    chosen: Chosen::Belongs,
                    ..items[at].clone()
                };
                let (decision, reason) = decide(&settled, options);
                verdicts[at].decision = decision;
                verdicts[at].reason = reason;
                verdicts[at].own = decision == Decision::Keep;
            }
        }
    }
}

/// What hangs on something protected is protected, and so is what the same call would erase.
fn protect(
    items: &[Item],
    links: &Links,
    rest: &Rest,
    options: &Options,
    verdicts: &mut [Verdict],
) {
    let mut next: VecDeque<(usize, String)> = VecDeque::new();
    for (at, item) in items.iter().enumerate() {
        let why = options
            .protect
            .why(item.kind.name, &item.id, &item.doc)
            .or_else(|| {
                links.outside(at).iter().find_map(|(kind, id)| {
                    let why = rest.protects(kind, id)?;
                    Some(format!("{kind}/{id}, on which it hangs, stays: {why}"))
                })
            })
            .or_else(|| {
                rest.protects_call(item, options)
                    .then(|| "its call would erase something protected as well".to_owned())
            });
        next.extend(why.map(|why| (at, why)));
    }
    let mut seen = vec![false; items.len()];
    while let Some((at, why)) = next.pop_front() {
        if std::mem::replace(&mut seen[at], true) {
            continue;
        }
        for &below in links.downs(at) {
            next.push_back((
                below,
                format!("{}, on which it hangs, is protected", items[at].name()),
            ));
        }
        verdicts[at].decision = Decision::Keep;
        verdicts[at].reason = why;
        verdicts[at].own = true;
    }
}

/// Why an item cannot go because of what was not asked for.
fn blocked(item: &Item, verdict: &Verdict, rest: &Rest) -> Option<String> {
    let way = verdict
        .way
        .as_ref()
        .filter(|_| verdict.decision == Decision::Delete)?;
    if way.shared
        && let Some((above, id)) = &item.parent
    {
        let others = rest.below(item.kind.name, above, id);
        if others > 0 {
            return Some(format!(
                "one call erases all {} of {above}/{id}, and {others} of them were not asked for",
                item.kind.name
            ));
        }
    }
    let above = item.kind.name;
    crate::kinds::all()
        .filter(|kind| kind.parent == Some(above) || kind.belongs.iter().any(|one| one.to == above))
        .map(|kind| (kind.name, rest.below(kind.name, item.kind.name, &item.id)))
        .find(|(_, count)| *count > 0)
        .map(|(kind, count)| {
            format!(
                "{count} {kind} hang on it that were not asked for: name them as well, or leave it"
            )
        })
}

/// Carries every `Keep` to where it leads, until nothing moves.
fn spread(items: &[Item], links: &Links, groups: &Groups, verdicts: &mut [Verdict]) {
    let mut next: VecDeque<usize> = (0..items.len())
        .filter(|&at| matches!(verdicts[at].decision, Decision::Keep | Decision::Cannot))
        .collect();
    while let Some(at) = next.pop_front() {
        let stays = verdicts[at].decision == Decision::Keep;
        for &up in links.ups(at) {
            // The service refuses to erase what such a thing is left in.
            let refused = items[up].kind.erase_after.contains(&items[at].kind.name);
            if verdicts[up].decision != Decision::Disable && (stays || refused) {
                let reason = format!("{} hangs on it, and stays", items[at].name());
                if verdicts[up].keeps(false, reason) {
                    next.push_back(up);
                }
            }
        }
        if !stays {
            continue;
        }
        for &mate in groups.mates(at) {
            let reason = format!(
                "the same call would erase {}, which stays",
                items[at].name()
            );
            if verdicts[mate].keeps(false, reason) {
                next.push_back(mate);
            }
        }
        for &points in links.points_at(at) {
            let reason = format!("{} points at it, and stays", items[at].name());
            // What only belongs to it stays with all that hangs on it.
            let own = items[points].chosen == Chosen::Belongs;
            if verdicts[points].keeps(own, reason) {
                next.push_back(points);
            }
        }
        if verdicts[at].own {
            for &below in links.downs(at) {
                let reason = format!("it belongs to {}, which stays", items[at].name());
                if items[below].chosen == Chosen::Belongs && verdicts[below].keeps(true, reason) {
                    next.push_back(below);
                }
            }
        }
    }
}

/// Who goes with whom: what has no call of its own with what it hangs on, and all of a group with its first.
fn go_along(items: &[Item], links: &Links, groups: &Groups, verdicts: &mut [Verdict]) {
    for members in &groups.members {
        let mut acting = members.iter().filter(|&&at| verdicts[at].acts());
        if let Some(&leader) = acting.next() {
            let rest: Vec<usize> = acting.copied().collect();
            for at in rest {
                verdicts[at].goes_with = Some(leader);
                if items[at].kind.name != items[leader].kind.name {
                    verdicts[at].decision = Decision::WithParent;
                    verdicts[at].reason =
                        format!("it is {} seen by another service", items[leader].name());
                }
            }
        }
    }
    let mut goes: Vec<bool> = verdicts
        .iter()
        .map(|verdict| verdict.decision == Decision::Delete || verdict.goes_with.is_some())
        .collect();
    let mut next: VecDeque<usize> = (0..items.len()).filter(|&at| goes[at]).collect();
    while let Some(at) = next.pop_front() {
        for &below in links.downs(at) {
            if verdicts[below].decision == Decision::WithParent
                && !std::mem::replace(&mut goes[below], true)
            {
                next.push_back(below);
            }
        }
    }
    // Of several that it hangs on it goes with the nearest: what it belongs to comes before where it was found.
    for (at, verdict) in verdicts.iter_mut().enumerate() {
        if verdict.decision == Decision::WithParent && verdict.goes_with.is_none() {
            verdict.goes_with = links.ups(at).iter().copied().find(|&up| goes[up]);
            if let Some(up) = verdict.goes_with {
                verdict.reason = format!("it goes with {}", items[up].name());
            }
        }
    }
    // Who has nobody to go with stays. Nothing else hangs on that: what it hangs on stays too, or was never seen.
    for (at, verdict) in verdicts.iter_mut().enumerate() {
        if verdict.decision == Decision::WithParent && verdict.goes_with.is_none() {
            verdict.decision = Decision::Keep;
            verdict.reason = match items[at].ups().first() {
                Some((kind, id)) => format!(
                    "it goes only with {kind}/{id}, which is not erased: name that with --include-item {kind}/{id}"
                ),
                None => "it goes only with what it hangs on".to_owned(),
            };
        }
    }
}
