//! Laws over worlds made by chance: every item has one decision, in one place; no step needs a later one; nothing goes while
//! something below it stays; and what is looked at later changes none of that.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde_json::{Value, json};
use time::Duration;
use time::macros::datetime;

use super::drafts::free;
use crate::plan::decide::Options;
use crate::plan::draft::{Draft, draft};
use crate::plan::finish::{Seen, Terms, finish};
use crate::plan::item::{Chosen, Item};
use crate::plan::model::{Asked, Decision, Export, Plan, Step, What};
use crate::plan::rest::{Held, Rest};
use crate::plan::samples::{item, scope};

/// One item of a world: which kind, how it is chosen (or not at all), where it hangs.
#[derive(Debug, Clone)]
struct Spec {
    kind: usize,
    number: usize,
    up: usize,
    second: usize,
    chosen: Option<Chosen>,
    tagged: bool,
    held: bool,
}

const KINDS: [&str; 13] = [
    "experiments",
    "runs",
    "run-details",
    "metrics",
    "metrics-v2",
    "artifacts",
    "models",
    "assets",
    "jobs",
    "environments",
    "published-pipelines",
    "data-assets",
    "data-asset-versions",
];

fn specs() -> impl Strategy<Value = Vec<Spec>> {
    let chosen = prop_oneof![
        2 => Just(None),
        4 => Just(Some(Chosen::Exact)),
        4 => Just(Some(Chosen::Filter)),
        4 => Just(Some(Chosen::Belongs)),
        1 => Just(Some(Chosen::Named)),
        1 => Just(Some(Chosen::Candidate)),
        1 => Just(Some(Chosen::Contradicted)),
    ];
    let spec = (
        0..KINDS.len(),
        0_usize..6,
        0_usize..6,
        0_usize..7,
        chosen,
        prop::bool::weighted(0.05),
        prop::bool::weighted(0.95),
    )
        .prop_map(|(kind, number, up, second, chosen, tagged, held)| Spec {
            kind,
            number,
            up,
            second,
            chosen,
            tagged,
            held,
        });
    prop::collection::vec(spec, 0..60)
}

/// The item of a spec. Few numbers are used, so that things meet.
fn made(spec: &Spec) -> Item {
    let kind = KINDS[spec.kind];
    let (n, up) = (spec.number, format!("{}", spec.up));
    let tags: Value = if spec.tagged {
        json!({"aml-dsr-keep": "1"})
    } else {
        json!({})
    };
    let run = |id: usize| format!("{id}");
    let mut doc = match kind {
        // The sixth is nobody: so there are roots.
        "runs" if spec.second < 6 => json!({"parentRunId": run(spec.second)}),
        "metrics" => json!({"runId": run(spec.second)}),
        // One in a few has no path, so that no address can be filled.
        "artifacts" if spec.second < 6 => {
            json!({"origin": "ExperimentRun", "container": format!("dcid.{up}"), "path": format!("p{n}")})
        }
        "data-asset-versions" => json!({"name": format!("{n}")}),
        _ => json!({}),
    };
    doc["tags"] = tags;
    let (id, parent) = match kind {
        "runs" | "metrics" => (format!("{n}"), ("experiments", up)),
        "run-details" => (up.clone(), ("runs", up)),
        "metrics-v2" => (format!("{up}//{n}"), ("runs", up)),
        "artifacts" => (format!("ExperimentRun/dcid.{up}/p{n}"), ("runs", up)),
        "data-asset-versions" => (format!("{up}/{n}"), ("data-assets", up)),
        _ => (format!("{n}"), ("workspaces", "contoso".to_owned())),
    };
    Item {
        chosen: spec.chosen.unwrap_or(Chosen::Filter),
        ..item(kind, &id, doc).under(parent.0, &parent.1)
    }
}

/// A world: what is chosen, everything else, and what the export holds.
fn world(specs: &[Spec]) -> (Vec<Item>, Vec<Item>, Options) {
    let mut held = Held::default();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let (mut items, mut others) = (Vec::new(), Vec::new());
    for spec in specs {
        let item = made(spec);
        if spec.held {
            held.add(item.kind.name, &item.id);
        }
        // A walk shows an item of a kind once, but for what hangs on two.
        if taken.insert(item.name()) {
            if spec.chosen.is_some() {
                items.push(item);
            } else {
                others.push(item);
            }
        }
    }
    let options = Options {
        held: Some(held),
        ..free()
    };
    (items, others, options)
}

fn drafted(items: &[Item], others: &[Item], options: &Options) -> Draft {
    let mut rest = Rest::default();
    for other in others {
        rest.see(other, options);
    }
    draft(items.to_vec(), &rest, scope(), options).expect("a draft")
}

/// Every item that the steps erase, by name, with the number of its step.
fn erased<'s>(steps: impl Iterator<Item = &'s Step>) -> BTreeMap<String, u32> {
    let mut all = BTreeMap::new();
    for step in steps {
        let ends = step.calls.last().map(|call| call.what);
        if matches!(ends, Some(What::Erase | What::EraseEntity)) {
            for id in std::iter::once(&step.id).chain(&step.covers) {
                all.insert(format!("{}/{id}", step.kind), step.step);
            }
        }
    }
    all
}

/// Each item stands in exactly one place.
fn each_once<'s>(
    items: &[Item],
    steps: impl Iterator<Item = &'s Step>,
    decisions: impl Iterator<Item = String>,
) -> TestCaseResult {
    let mut named: Vec<String> = steps
        .flat_map(|step| {
            std::iter::once(&step.id)
                .chain(&step.covers)
                .map(move |id| format!("{}/{id}", step.kind))
        })
        .chain(decisions)
        .collect();
    named.sort();
    let mut wanted: Vec<String> = items.iter().map(Item::name).collect();
    wanted.sort();
    prop_assert_eq!(named, wanted);
    Ok(())
}

/// Steps are numbered in their order, and need only what stands before.
fn ordered<'s>(steps: impl Iterator<Item = (u32, &'s Step)>) -> TestCaseResult {
    let mut waves: BTreeMap<u32, u32> = BTreeMap::new();
    let mut calls = BTreeSet::new();
    for (number, (wave, step)) in (1_u32..).zip(steps) {
        prop_assert_eq!(step.step, number);
        for need in &step.needs {
            let before = waves.get(need).copied();
            prop_assert!(
                before.is_some_and(|before| before < wave),
                "{} needs {}",
                number,
                need
            );
        }
        waves.insert(number, wave);
        let call = step.calls.last().expect("a call");
        prop_assert!(
            calls.insert(call.address.clone()),
            "{} is called twice",
            call.address
        );
    }
    Ok(())
}

/// Nothing goes while something stays that hangs on it. What no address can be made for is the exception: it was to go.
fn nothing_below_stays(
    items: &[Item],
    others: &[Item],
    gone: &BTreeMap<String, u32>,
    along: &BTreeSet<String>,
    cannot: &BTreeSet<String>,
) -> TestCaseResult {
    for item in items.iter().chain(others) {
        let name = item.name();
        let goes = gone.contains_key(&name) || along.contains(&name);
        if goes || cannot.contains(&name) {
            continue;
        }
        for (kind, id) in item.ups() {
            let up = format!("{kind}/{id}");
            prop_assert!(!gone.contains_key(&up), "{} goes while {} stays", up, name);
        }
    }
    Ok(())
}

fn by(decisions: &[crate::plan::model::Decided], which: Decision) -> BTreeSet<String> {
    decisions
        .iter()
        .filter(|one| one.decision == which)
        .map(|one| format!("{}/{}", one.kind, one.id))
        .collect()
}

fn terms() -> Terms {
    Terms {
        cloud: "the emulator".to_owned(),
        asked: Asked::default(),
        made: datetime!(2026-11-21 17:00 UTC),
        valid_for: Duration::hours(24),
        approvals: 0,
        export: Export::Without,
        findings: Vec::new(),
    }
}

fn in_waves(plan: &Plan) -> impl Iterator<Item = (u32, &Step)> {
    plan.waves
        .iter()
        .flat_map(|wave| wave.steps.iter().map(|step| (wave.wave, step)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_item_has_one_decision_and_nothing_goes_too_early(specs in specs()) {
        let (items, others, options) = world(&specs);
        let draft = drafted(&items, &others, &options);
        let names = |draft: &Draft| draft.decisions.iter().map(|one| format!("{}/{}", one.kind, one.id)).collect::<Vec<_>>();
        each_once(&items, draft.steps(), names(&draft).into_iter())?;
        let counted: u64 = draft.untouched.iter().map(|one| one.items).sum();
        prop_assert_eq!(counted, others.len() as u64);
        prop_assert_eq!(draft.inventory.items, (items.len() + others.len()) as u64);
        ordered(draft.waves.iter().flat_map(|wave| wave.steps.iter().map(|step| (wave.wave, step))))?;
        let gone = erased(draft.steps());
        let along = by(&draft.decisions, Decision::WithParent);
        let cannot = by(&draft.decisions, Decision::Cannot);
        nothing_below_stays(&items, &others, &gone, &along, &cannot)?;
        // What goes along goes with something, and what must stay stays.
        for item in &items {
            let name = item.name();
            let goes = gone.contains_key(&name) || along.contains(&name);
            let kept = !options.held.as_ref().expect("held").has(item.kind.name, &item.id)
                || options.protect.why(item.kind.name, &item.id, &item.doc).is_some();
            prop_assert!(!(goes && kept), "{} goes", name);
            let twin = draft.steps().any(|step| step.kind == "runs" && step.id == item.id);
            let unsettled = !item.chosen.is_settled();
            let judged = unsettled && !(item.kind.name == "jobs" && twin)
                && !(item.kind.name == "runs" && items.iter().any(|other| other.kind.name == "jobs" && other.id == item.id));
            prop_assert!(!(goes && judged), "{} goes without a word", name);
        }
        for decided in &draft.decisions {
            prop_assert!(!decided.reason.is_empty());
            prop_assert!(!matches!(decided.decision, Decision::Delete | Decision::Disable));
        }
    }

    #[test]
    fn what_is_seen_later_loses_no_item_and_breaks_no_order(
        specs in specs(),
        fates in prop::collection::vec(0_u8..10, 60),
    ) {
        let (items, others, options) = world(&specs);
        let draft = drafted(&items, &others, &options);
        let seen: BTreeMap<u32, Seen> = draft
            .steps()
            .zip(&fates)
            .filter_map(|(step, fate)| Some((step.step, match fate {
                0 => return None,
                1 => Seen::Unread("no access".to_owned()),
                2 | 3 => Seen::Gone,
                _ => Seen::Here(format!("etag:{}", step.step)),
            })))
            .collect();
        let unseen: BTreeSet<String> = draft
            .steps()
            .filter(|step| !matches!(seen.get(&step.step), Some(Seen::Here(_) | Seen::Gone)))
            .map(|step| format!("{}/{}", step.kind, step.id))
            .collect();
        let plan = finish(draft.clone(), &seen, terms()).expect("a plan");
        each_once(&items, in_waves(&plan).map(|(_, step)| step), plan.decisions.iter().map(|one| format!("{}/{}", one.kind, one.id)))?;
        ordered(in_waves(&plan))?;
        let gone = erased(in_waves(&plan).map(|(_, step)| step));
        for name in &unseen {
            prop_assert!(!gone.contains_key(name), "{} was not seen", name);
        }
        prop_assert!(in_waves(&plan).all(|(_, step)| step.fingerprint.starts_with("etag:")));
        let mut settled = by(&plan.decisions, Decision::WithParent);
        settled.extend(by(&plan.decisions, Decision::AlreadyGone));
        let cannot = by(&plan.decisions, Decision::Cannot);
        nothing_below_stays(&items, &others, &gone, &settled, &cannot)?;
        let numbers: Vec<u32> = plan.waves.iter().map(|wave| wave.wave).collect();
        prop_assert_eq!(numbers, (1..).take(plan.waves.len()).collect::<Vec<u32>>());
    }

    #[test]
    fn the_order_in_which_things_were_found_does_not_matter(specs in specs(), seed in any::<u64>()) {
        let (items, others, options) = world(&specs);
        let mut mixed = items.clone();
        fastrand::Rng::with_seed(seed).shuffle(&mut mixed);
        prop_assert_eq!(drafted(&items, &others, &options), drafted(&mixed, &others, &options));
    }
}
