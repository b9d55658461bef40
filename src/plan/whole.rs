//! A whole workspace or registry: one step, and everything else goes with it.

use std::collections::BTreeMap;

use super::Refusal;
use super::decide::{Options, decide};
use super::draft::Draft;
use super::item::{Chosen, Item};
use super::model::{Decided, Decision, Inventory, Scope, Step, Untouched, Wave};
use super::rest::Rest;
use super::way::way;
use crate::kinds::{self, Erase};

/// Drafts the erasure of the workspace itself. When anything in it has to stay, it stays.
pub(super) fn draft(
    items: &[Item],
    rest: &Rest,
    scope: Scope,
    inventory: Inventory,
    options: &Options,
) -> Result<Draft, Refusal> {
    let (roots, others): (Vec<&Item>, Vec<&Item>) =
        items.iter().partition(|item| item.kind.parent.is_none());
    let [root] = roots[..] else {
        return Err(Refusal::NoWorkspace);
    };
    let one = kinds::root_of(root.kind).one;
    // It was asked for by name, whoever stands in it.
    let asked = Item {
        chosen: Chosen::Named,
        ..root.clone()
    };
    let (mut decision, mut reason) = decide(&asked, options);
    let way = way(&asked, &scope.path, options);
    if decision == Decision::Delete
        && let Some(why) = blocked(&others, rest, options)
    {
        (decision, reason) = (Decision::Keep, why);
    }
    let mut draft = Draft {
        scope,
        limits: options.limits(),
        inventory,
        waves: Vec::new(),
        decisions: Vec::new(),
        untouched: Vec::new(),
        with: Vec::new(),
    };
    let (others_do, why) = if let Some(way) = way.filter(|_| decision == Decision::Delete) {
        let step = Step {
            step: 1,
            kind: root.kind.name.to_owned(),
            id: root.id.clone(),
            parent: None,
            calls: way.calls,
            look: way.look,
            fingerprint: String::new(),
            becomes: way.becomes,
            needs: Vec::new(),
            covers: Vec::new(),
            places: way.places,
        };
        draft.waves.push(Wave {
            wave: 1,
            steps: vec![step],
        });
        (Decision::WithParent, format!("it goes with the {one}"))
    } else {
        draft.decisions.push(Decided {
            kind: root.kind.name.to_owned(),
            id: root.id.clone(),
            decision,
            reason,
        });
        draft.with.push(None);
        (Decision::Keep, format!("the {one} stays"))
    };
    let mut counts: BTreeMap<&str, u64> = rest.counts.clone();
    for item in others {
        *counts.entry(item.kind.name).or_default() += 1;
    }
    draft.untouched = counts
        .into_iter()
        .map(|(kind, items)| {
            let (decision, reason) = match others_do {
                Decision::WithParent if is_set_above_too(kind) => (
                    Decision::Keep,
                    format!("what is set for the {one} alone goes with it, and what is set above it stays"),
                ),
                _ => (others_do, why.clone()),
            };
            Untouched {
                kind: kind.to_owned(),
                decision,
                reason,
                items,
            }
        })
        .collect();
    Ok(draft)
}

/// Whether what a workspace shows of a kind may be set for a whole resource group or subscription, and hold for others too.
fn is_set_above_too(kind: &str) -> bool {
    kinds::find(kind).is_some_and(|kind| matches!(kind.erase, Erase::Elsewhere(_)))
}

/// Why the workspace has to stay, when something in it has to.
fn blocked(others: &[&Item], rest: &Rest, options: &Options) -> Option<String> {
    let mut kept = rest.kept.clone();
    let mut unheld = rest.unheld.clone();
    for item in others {
        let (kind, id) = (item.kind.name, &item.id);
        if options.protect.why(kind, id, &item.doc).is_some() {
            kept.add(item);
        }
        if options
            .held
            .as_ref()
            .is_some_and(|held| !held.has(kind, id))
        {
            unheld.add(item);
        }
    }
    if kept.count > 0 {
        return Some(format!(
            "{} of its items are protected ({}): take the protection away, or erase the others by their kinds",
            kept.count,
            kept.words()
        ));
    }
    (unheld.count > 0).then(|| {
        format!(
            "the export does not hold {} of its items ({}): export again, or say --without-export",
            unheld.count,
            unheld.words()
        )
    })
}
