//! From a draft to a plan: fingerprints, who asked, how long it holds. What was gone when it was looked at is no step, and
//! what could not be looked at is not erased, nor anything above it.

use std::collections::{BTreeMap, BTreeSet};

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, UtcOffset};

use super::draft::Draft;
use super::model::{Asked, Decided, Decision, Export, FORMAT, Plan, Step, Wave};
use super::{Refusal, seal};

/// What was seen of a step's item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It is there; its fingerprint.
    Here(String),
    Gone,
    /// It could not be read; why.
    Unread(String),
}

/// What a plan says beside its steps.
#[derive(Debug, Clone)]
pub struct Terms {
    /// For example `AzureCloud (management.azure.com)`, or `the emulator`.
    pub cloud: String,
    pub asked: Asked,
    pub made: OffsetDateTime,
    pub valid_for: Duration,
    /// Named approvals that are wanted before it is carried out.
    pub approvals: u32,
    pub export: Export,
    /// Sentences for a reviewer: locks, rights, soft deletion.
    pub findings: Vec<String>,
}

/// Makes the plan. `seen` is by the numbers of the draft's steps; a step that nobody looked at counts as unread. The steps are
/// numbered anew.
pub fn finish(draft: Draft, seen: &BTreeMap<u32, Seen>, terms: Terms) -> Result<Plan, Refusal> {
    let fates = fates(&draft, seen);
    let mut decisions = draft.decisions;
    for (decided, with) in decisions.iter_mut().zip(&draft.with) {
        if let Some(fate) = with.and_then(|step| fates.get(&step)) {
            decided.decision = fate.0;
            decided.reason = format!("what it goes with is not erased: {}", fate.1);
        }
    }
    let mut numbers: BTreeMap<u32, u32> = BTreeMap::new();
    let mut last = 0;
    let mut waves: Vec<Wave> = Vec::new();
    for wave in draft.waves {
        let mut steps: Vec<Step> = Vec::new();
        for mut step in wave.steps {
            match (fates.get(&step.step), seen.get(&step.step)) {
                (None, Some(Seen::Here(fingerprint))) => {
                    last += 1;
                    numbers.insert(step.step, last);
                    step.step = last;
                    step.fingerprint.clone_from(fingerprint);
                    // What was already gone need not go before.
                    step.needs = step
                        .needs
                        .iter()
                        .filter_map(|need| numbers.get(need).copied())
                        .collect();
                    steps.push(step);
                }
                (fate, _) => {
                    let (decision, reason) = fate.cloned().unwrap_or_else(unseen);
                    let ids = std::iter::once(step.id).chain(step.covers);
                    decisions.extend(ids.map(|id| Decided {
                        kind: step.kind.clone(),
                        id,
                        decision,
                        reason: reason.clone(),
                    }));
                }
            }
        }
        if !steps.is_empty() {
            waves.push(Wave {
                wave: waves.last().map_or(1, |before| before.wave + 1),
                steps,
            });
        }
    }
    let mut untouched = draft.untouched;
    if waves.is_empty() {
        // Nothing is erased, so nothing goes along.
        for one in &mut untouched {
            if one.decision == Decision::WithParent {
                one.decision = Decision::Keep;
                "the workspace is not erased".clone_into(&mut one.reason);
            }
        }
    }
    let mut plan = Plan {
        format: FORMAT.to_owned(),
        tool: concat!("aml-dsr ", env!("CARGO_PKG_VERSION")).to_owned(),
        cloud: terms.cloud,
        scope: draft.scope,
        asked: terms.asked,
        made: written(terms.made)?,
        valid_until: written(terms.made + terms.valid_for)?,
        limits: draft.limits,
        approvals: terms.approvals,
        inventory: draft.inventory,
        export: terms.export,
        findings: terms.findings,
        waves,
        decisions,
        untouched,
        digest: seal::unsealed(),
    };
    let (_, digest) = sealed(&plan)?;
    plan.digest = digest;
    Ok(plan)
}

/// The bytes of a plan's file.
pub fn write(plan: &Plan) -> Result<Vec<u8>, Refusal> {
    sealed(plan).map(|(bytes, _)| bytes)
}

fn sealed(plan: &Plan) -> Result<(Vec<u8>, String), Refusal> {
    seal::seal(plan).map_err(|error| Refusal::Unwritable(error.to_string()))
}

fn unseen() -> (Decision, String) {
    (
        Decision::Keep,
        "it was not looked at: make the plan again".to_owned(),
    )
}

/// What becomes of the steps that are none: what was gone, what could not be looked at, and what would have to go after that.
fn fates(draft: &Draft, seen: &BTreeMap<u32, Seen>) -> BTreeMap<u32, (Decision, String)> {
    let mut fates: BTreeMap<u32, (Decision, String)> = BTreeMap::new();
    let mut stay: BTreeSet<u32> = BTreeSet::new();
    // A step stands behind all that it needs.
    for step in draft.steps() {
        let below = step.needs.iter().any(|need| stay.contains(need));
        let fate = match seen.get(&step.step) {
            Some(Seen::Gone) => (
                Decision::AlreadyGone,
                "it was gone when it was looked at".to_owned(),
            ),
            Some(Seen::Here(_)) if !below => continue,
            Some(Seen::Here(_)) => (
                Decision::Keep,
                "something hangs on it that could not be looked at: see there".to_owned(),
            ),
            Some(Seen::Unread(why)) => (
                Decision::Keep,
                format!("it could not be looked at ({why}): make the plan again when it can"),
            ),
            None => unseen(),
        };
        if fate.0 == Decision::Keep {
            stay.insert(step.step);
        }
        fates.insert(step.step, fate);
    }
    fates
}

/// RFC 3339, UTC, to the second.
pub fn written(time: OffsetDateTime) -> Result<String, Refusal> {
    time.to_offset(UtcOffset::UTC)
        .replace_nanosecond(0)
        .map_err(|error| error.to_string())
        .and_then(|time| time.format(&Rfc3339).map_err(|error| error.to_string()))
        .map_err(Refusal::Unwritable)
}
