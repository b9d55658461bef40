//! From items to a draft: every item gets one decision, and what is erased gets a step.

use std::collections::HashMap;

use super::decide::Options;
use super::item::Item;
use super::links::Links;
use super::model::{Decided, Decision, Inventory, Limits, Parent, Scope, Step, Untouched, Wave};
use super::order::{self, Node};
use super::rest::Rest;
use super::settle::{Verdict, settle};
use super::{Refusal, limits, whole};

/// A plan before anybody looked at what it is about: its steps have no fingerprints.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub scope: Scope,
    pub limits: Limits,
    pub inventory: Inventory,
    pub waves: Vec<Wave>,
    pub decisions: Vec<Decided>,
    pub untouched: Vec<Untouched>,
    /// For each decision the step that takes the item along.
    pub(super) with: Vec<Option<u32>>,
}

impl Draft {
    /// The steps in their order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.waves.iter().flat_map(|wave| &wave.steps)
    }

    /// How many items it takes: steps, what the same calls erase, and what goes along.
    pub fn takes(&self) -> u64 {
        let steps: usize = self.steps().map(|step| 1 + step.covers.len()).sum();
        let along = self
            .decisions
            .iter()
            .filter(|one| one.decision == Decision::WithParent)
            .count();
        (steps + along) as u64
    }
}

/// Drafts. `items` is what was chosen, what was found and is for a person to judge, and what belongs to it; `rest` everything
/// else that was seen.
pub fn draft(
    items: Vec<Item>,
    rest: &Rest,
    scope: Scope,
    options: &Options,
) -> Result<Draft, Refusal> {
    let (items, again) = once(items);
    let inventory = Inventory {
        items: items.len() as u64 + rest.items(),
        gaps: rest.gaps,
    };
    let draft = if options.whole {
        whole::draft(&items, rest, scope, inventory, options)?
    } else {
        let links = Links::of(&items, &again);
        let verdicts = settle(&items, &links, rest, &scope.path, options);
        let steps = steps(&items, &links, &verdicts)?;
        let (decisions, with) = decisions(&items, &verdicts, &steps);
        Draft {
            scope,
            limits: options.limits(),
            inventory,
            waves: steps.waves,
            decisions,
            untouched: rest
                .counts
                .iter()
                .map(|(kind, items)| Untouched {
                    kind: (*kind).to_owned(),
                    decision: Decision::Keep,
                    reason: "it was not asked for".to_owned(),
                    items: *items,
                })
                .collect(),
            with,
        }
    };
    limits::check(draft.takes(), draft.inventory.items, options)?;
    Ok(draft)
}

/// Every item once, in the order of the catalogue and by its id; and what was seen again, with the place of the first. The
/// strongest way in which it was chosen counts.
fn once(mut items: Vec<Item>) -> (Vec<Item>, Vec<(usize, Item)>) {
    let ranks: HashMap<&str, usize> = crate::kinds::all()
        .enumerate()
        .map(|(rank, kind)| (kind.name, rank))
        .collect();
    items.sort_by(|a, b| {
        let rank = |item: &Item| ranks.get(item.kind.name).copied();
        (rank(a), &a.id, b.chosen).cmp(&(rank(b), &b.id, a.chosen))
    });
    let mut all: Vec<Item> = Vec::with_capacity(items.len());
    let mut again = Vec::new();
    for item in items {
        match all.last() {
            Some(last) if last.kind.name == item.kind.name && last.id == item.id => {
                again.push((all.len() - 1, item));
            }
            _ => all.push(item),
        }
    }
    (all, again)
}

/// The steps in their waves, and the step of each item that has one or shares one.
struct Steps {
    waves: Vec<Wave>,
    of: Vec<Option<u32>>,
}

fn steps(items: &[Item], links: &Links, verdicts: &[Verdict]) -> Result<Steps, Refusal> {
    let leaders: Vec<usize> = (0..items.len())
        .filter(|&at| verdicts[at].acts() && verdicts[at].goes_with.is_none())
        .collect();
    let places: HashMap<usize, usize> = leaders
        .iter()
        .enumerate()
        .map(|(place, at)| (*at, place))
        .collect();
    // The step in which an item goes, wherever it hangs.
    let step_of = |mut at: usize| {
        while let Some(with) = verdicts[at].goes_with {
            at = with;
        }
        places.get(&at).copied()
    };
    let mut nodes: Vec<Node> = leaders
        .iter()
        .map(|&at| Node {
            kind: items[at].kind.name,
            needs: Vec::new(),
        })
        .collect();
    for at in 0..items.len() {
        let Some(below) = step_of(at) else { continue };
        for &up in links.ups(at) {
            // What is only switched off takes nothing along, so nothing has to go before. What goes along with another has to
            // be gone as well: so its step is needed.
            let above = step_of(up).filter(|above| *above != below);
            if let Some(above) = above
                && verdicts[leaders[above]].decision == Decision::Delete
            {
                nodes[above].needs.push(below);
            }
        }
    }
    for at in 0..items.len() {
        let Some(first) = step_of(at) else { continue };
        // The asset of a model that could not be erased is not taken from under it.
        for then in links.points_at(at).iter().filter_map(|&one| step_of(one)) {
            if then != first {
                nodes[then].needs.push(first);
            }
        }
    }
    for node in &mut nodes {
        node.needs.sort_unstable();
        node.needs.dedup();
    }
    let waves = order::waves(&nodes)?;
    // Within a wave the order of the catalogue, which is that of the items.
    let mut sorted: Vec<usize> = (0..nodes.len()).collect();
    sorted.sort_by_key(|&place| waves[place]);
    let mut numbers = vec![0_u32; nodes.len()];
    for (number, &place) in (1..).zip(&sorted) {
        numbers[place] = number;
    }
    let of: Vec<Option<u32>> = (0..items.len())
        .map(|at| step_of(at).map(|place| numbers[place]))
        .collect();
    let mut covers: Vec<Vec<String>> = vec![Vec::new(); nodes.len()];
    for (at, item) in items.iter().enumerate() {
        if verdicts[at].acts()
            && verdicts[at].goes_with.is_some()
            && let Some(place) = step_of(at)
        {
            covers[place].push(item.id.clone());
        }
    }
    let mut all: Vec<Wave> = Vec::new();
    for &place in &sorted {
        let at = leaders[place];
        let Some(way) = verdicts[at].way.clone() else {
            continue;
        };
        let mut needs: Vec<u32> = nodes[place]
            .needs
            .iter()
            .map(|&need| numbers[need])
            .collect();
        needs.sort_unstable();
        let step = Step {
            step: numbers[place],
            kind: items[at].kind.name.to_owned(),
            id: items[at].id.clone(),
            parent: items[at].parent.as_ref().map(|(kind, id)| Parent {
                kind: kind.clone(),
                id: id.clone(),
            }),
            calls: way.calls,
            look: way.look,
            fingerprint: String::new(),
            becomes: way.becomes,
            needs,
            covers: std::mem::take(&mut covers[place]),
            places: way.places,
        };
        let wave = waves[place] + 1;
        match all.last_mut() {
            Some(last) if last.wave == wave => last.steps.push(step),
            _ => all.push(Wave {
                wave,
                steps: vec![step],
            }),
        }
    }
    Ok(Steps { waves: all, of })
}

fn decisions(
    items: &[Item],
    verdicts: &[Verdict],
    steps: &Steps,
) -> (Vec<Decided>, Vec<Option<u32>>) {
    items
        .iter()
        .zip(verdicts)
        .zip(&steps.of)
        .filter(|((_, verdict), _)| !verdict.acts())
        .map(|((item, verdict), step)| {
            let decided = Decided {
                kind: item.kind.name.to_owned(),
                id: item.id.clone(),
                decision: verdict.decision,
                reason: verdict.reason.clone(),
            };
            (decided, *step)
        })
        .unzip()
}
