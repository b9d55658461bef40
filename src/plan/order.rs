//! What goes before what. Kinds have an order that the rows give; among things of one kind, what hangs on another goes first.

use std::collections::{HashMap, VecDeque};

use super::Refusal;
use crate::kinds;

/// A step, as far as the order is concerned.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: &'static str,
    /// Places of the steps that have to go before.
    pub(super) needs: Vec<usize>,
}

/// The wave of each step, from 0, without a gap. No step stands in a wave before one that it needs, or in the same.
pub(super) fn waves(nodes: &[Node]) -> Result<Vec<u32>, Refusal> {
    let mut ranks: HashMap<&str, u32> = HashMap::new();
    for node in nodes {
        rank(node.kind, &mut ranks, &mut Vec::new())?;
    }
    let of = |at: usize| ranks.get(nodes[at].kind).copied().unwrap_or_default();
    let depths = depths(nodes, &of)?;
    let mut levels: Vec<(u32, u32)> = (0..nodes.len()).map(|at| (of(at), depths[at])).collect();
    let keys = levels.clone();
    levels.sort_unstable();
    levels.dedup();
    let numbers: HashMap<(u32, u32), u32> = levels.into_iter().zip(0..).collect();
    Ok(keys.iter().map(|key| numbers[key]).collect())
}

/// The rank of a kind: one more than that of every kind that goes before.
fn rank<'k>(
    kind: &'k str,
    known: &mut HashMap<&'k str, u32>,
    path: &mut Vec<&'k str>,
) -> Result<u32, Refusal> {
    if let Some(rank) = known.get(kind) {
        return Ok(*rank);
    }
    if path.contains(&kind) {
        return Err(Refusal::NoOrder {
            above: kind.to_owned(),
            below: path.last().copied().unwrap_or(kind).to_owned(),
        });
    }
    path.push(kind);
    let mut found = 0;
    for before in before(kind) {
        found = found.max(1 + rank(before, known, path)?);
    }
    path.pop();
    known.insert(kind, found);
    Ok(found)
}

/// Kinds that go before this one: those that the service wants gone, and those that hang on it.
fn before(name: &str) -> Vec<&'static str> {
    let Some(row) = kinds::find(name) else {
        return Vec::new();
    };
    let hangs = kinds::all().filter(|kind| {
        kind.name != name
            && (kind.parent == Some(row.name) || kind.belongs.iter().any(|one| one.to == name))
    });
    let after = row.erase_after.iter().copied();
    after.chain(hangs.map(|kind| kind.name)).collect()
}

/// How deep each step stands above steps of its own rank.
fn depths(nodes: &[Node], rank: &impl Fn(usize) -> u32) -> Result<Vec<u32>, Refusal> {
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut open: Vec<usize> = vec![0; nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        for &need in &node.needs {
            if rank(need) > rank(at) {
                return Err(Refusal::NoOrder {
                    above: node.kind.to_owned(),
                    below: nodes[need].kind.to_owned(),
                });
            }
            after[need].push(at);
            open[at] += 1;
        }
    }
    let mut depths = vec![0; nodes.len()];
    let mut done = 0;
    let mut next: VecDeque<usize> = (0..nodes.len()).filter(|&at| open[at] == 0).collect();
    while let Some(at) = next.pop_front() {
        done += 1;
        for &above in &after[at] {
            if rank(above) == rank(at) {
                depths[above] = depths[above].max(depths[at] + 1);
            }
            open[above] -= 1;
            if open[above] == 0 {
                next.push_back(above);
            }
        }
    }
    match (0..nodes.len()).find(|&at| open[at] > 0) {
        Some(at) if done < nodes.len() => Err(Refusal::NoOrder {
            above: nodes[at].kind.to_owned(),
            below: nodes[at].kind.to_owned(),
        }),
        _ => Ok(depths),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn node(kind: &'static str, needs: &[usize]) -> Node {
        Node {
            kind,
            needs: needs.to_vec(),
        }
    }

    #[test]
    fn every_kind_of_the_catalogue_has_a_rank() {
        let nodes: Vec<Node> = kinds::all().map(|kind| node(kind.name, &[])).collect();
        let waves = waves(&nodes).expect("an order");
        let of = |name: &str| {
            waves[nodes
                .iter()
                .position(|node| node.kind == name)
                .expect("a kind")]
        };
        for (first, then) in [
            ("artifacts", "runs"),
            ("metrics-v2", "runs"),
            ("metrics", "runs"),
            ("runs", "experiments"),
            ("services", "images"),
            ("images", "models"),
            ("models", "assets"),
            ("online-deployments", "online-endpoints"),
            // The order of the whole: schedules, endpoints, jobs, assets, computes, and last what leads to the storage.
            ("schedules", "jobs"),
            ("schedules", "runs"),
            ("batch-endpoints", "jobs"),
            ("serverless-endpoints", "marketplace-subscriptions"),
            ("jobs", "arm-model-versions"),
            ("jobs", "data-asset-versions"),
            ("online-deployments", "arm-environment-versions"),
            ("feature-set-versions", "feature-store-entity-versions"),
            ("arm-model-versions", "arm-models"),
            ("jobs", "computes"),
            ("online-endpoints", "computes"),
            ("computes", "capability-hosts"),
            ("capability-hosts", "connections"),
            ("computes", "connections"),
            ("arm-models", "connections"),
            ("codes", "arm-datastores"),
            ("computes", "datastores"),
            ("artifacts", "datastores"),
        ] {
            assert!(of(first) < of(then), "{first} before {then}");
        }
        let last = of("workspaces");
        assert!(waves.iter().all(|wave| *wave <= last));
    }

    #[test]
    fn children_go_before_their_parents_however_deep() {
        // A chain of 20,000 runs, the last the deepest; a function that calls itself would not come back.
        let nodes: Vec<Node> = (0..20_000_usize)
            .map(|at| node("runs", &[at + 1][..usize::from(at < 19_999)]))
            .collect();
        let waves = waves(&nodes).expect("an order");
        assert_eq!((waves[0], waves[19_999]), (19_999, 0));
    }

    #[test]
    fn a_circle_is_said() {
        let round = [node("runs", &[1]), node("runs", &[0])];
        assert!(matches!(waves(&round), Err(Refusal::NoOrder { .. })));
        let upside_down = [node("runs", &[1]), node("experiments", &[])];
        assert!(matches!(waves(&upside_down), Err(Refusal::NoOrder { .. })));
    }

    proptest! {
        #[test]
        fn no_step_stands_before_one_that_it_needs(
            picks in prop::collection::vec((0_usize..4, prop::collection::vec(0_usize..60, 0..4)), 1..60)
        ) {
            const KINDS: [&str; 4] = ["artifacts", "runs", "experiments", "models"];
            let rank_of = |at: usize| picks[at].0;
            let nodes: Vec<Node> = picks
                .iter()
                .enumerate()
                .map(|(at, (kind, needs))| Node {
                    kind: KINDS[*kind],
                    // Only downwards, so that there is an order.
                    needs: needs
                        .iter()
                        .copied()
                        .filter(|need| *need < at && rank_of(*need) <= *kind && *kind < 3)
                        .collect(),
                })
                .collect();
            let waves = waves(&nodes).expect("an order");
            for (at, node) in nodes.iter().enumerate() {
                for &need in &node.needs {
                    prop_assert!(waves[need] < waves[at]);
                }
            }
            let mut all = waves.clone();
            all.sort_unstable();
            all.dedup();
            prop_assert_eq!(all, (0..).take(waves.iter().max().map_or(0, |last| *last as usize + 1)).collect::<Vec<u32>>());
        }
    }
}
