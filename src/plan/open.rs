//! Opening a plan: reading it as it was written, and judging whether it may be carried out here and now.
//!
//! A digest shows that a file is as it was written, not who wrote it. So the plan has to make sense as well; and that every
//! address is one that the catalogue erases is the eraser's own check, made before there is an eraser.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::decide::Options;
use super::finish::written;
use super::model::{Becomes, Call, Decision, FORMAT, Plan, Scope, Step, Verb, What};
use super::seal::{self, Broken};
use super::{Refusal, limits};

/// Characters of a digest that confirm a plan at least.
pub const LEAST: usize = 8;

/// How far two clocks may be apart.
const SKEW: Duration = Duration::minutes(5);

/// Where and when a plan is to be carried out.
#[derive(Debug, Clone, Copy)]
pub struct Here<'a> {
    pub scope: &'a Scope,
    pub cloud: &'a str,
    pub now: OffsetDateTime,
    /// Whether it was carried out to its end before.
    pub applied: bool,
}

/// Reads a plan, for a reviewer: it is as it was written and makes sense. It may have expired since.
pub fn read(bytes: &[u8]) -> Result<Plan, Refusal> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
    }
    let digest = seal::open(bytes).map_err(|broken| match broken {
        Broken::NoDigest => Refusal::NoPlan(broken.to_string()),
        Broken::Altered { says, gives } => Refusal::Altered { says, gives },
    })?;
    let no_plan = |error: serde_json::Error| Refusal::NoPlan(error.to_string());
    let head: Head = serde_json::from_slice(bytes).map_err(no_plan)?;
    if head.format != FORMAT {
        return Err(Refusal::Format(head.format));
    }
    let plan: Plan = serde_json::from_slice(bytes).map_err(no_plan)?;
    if plan.digest != digest {
        return Err(Refusal::Inconsistent(
            "its digest stands in it twice".to_owned(),
        ));
    }
    consistent(&plan).map_err(Refusal::Inconsistent)?;
    Ok(plan)
}

/// Reads a plan that is to be carried out, and judges it.
pub fn open(bytes: &[u8], here: Here<'_>) -> Result<Plan, Refusal> {
    let plan = read(bytes)?;
    foreign(&plan, here)?;
    let (made, until) = (time(&plan.made)?, time(&plan.valid_until)?);
    if here.now + SKEW < made {
        return Err(Refusal::Early {
            made: plan.made,
            now: written(here.now)?,
        });
    }
    if here.now >= until {
        return Err(Refusal::Expired {
            until: plan.valid_until,
            now: written(here.now)?,
        });
    }
    if here.applied {
        return Err(Refusal::Applied);
    }
    Ok(plan)
}

/// Whether `given` is how the plan's digest begins, with enough of it.
pub fn confirm(plan: &Plan, given: &str) -> Result<(), Refusal> {
    let given = given.trim().to_ascii_lowercase();
    if given.len() < LEAST {
        return Err(Refusal::ConfirmShort { least: LEAST });
    }
    if !plan.digest.starts_with(&given) {
        return Err(Refusal::Unconfirmed {
            given,
            begins: plan.digest.chars().take(LEAST).collect(),
        });
    }
    Ok(())
}

fn foreign(plan: &Plan, here: Here<'_>) -> Result<(), Refusal> {
    let other = |what, planned: &str, found: &str| Refusal::Foreign {
        what,
        planned: planned.to_owned(),
        here: found.to_owned(),
    };
    if plan.cloud != here.cloud {
        return Err(other("cloud", &plan.cloud, here.cloud));
    }
    let (planned, found) = (&plan.scope, here.scope);
    // The names of a path are the same in small and in capital letters.
    if !planned.path.eq_ignore_ascii_case(&found.path) {
        return Err(other("place", &planned.path, &found.path));
    }
    if planned.workspace_id != found.workspace_id {
        let words = |id: &Option<String>| id.clone().unwrap_or_else(|| "none".to_owned());
        return Err(other(
            "workspace of the same name, by its own id",
            &words(&planned.workspace_id),
            &words(&found.workspace_id),
        ));
    }
    Ok(())
}

fn time(text: &str) -> Result<OffsetDateTime, Refusal> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|error| Refusal::Inconsistent(format!("{text} is no time: {error}")))
}

/// What must hold within a plan; the error says what does not.
fn consistent(plan: &Plan) -> Result<(), String> {
    if time(&plan.made).map_err(|error| error.to_string())?
        > time(&plan.valid_until).map_err(|error| error.to_string())?
    {
        return Err("it ends before it begins".to_owned());
    }
    let mut waves_of: BTreeMap<u32, u32> = BTreeMap::new();
    let mut items: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut erased: BTreeSet<&str> = BTreeSet::new();
    for (number, wave) in (1_u32..).zip(&plan.waves) {
        if wave.wave != number || wave.steps.is_empty() {
            return Err(format!("wave {} is out of order, or empty", wave.wave));
        }
        for step in &wave.steps {
            let name = format!("step {}", step.step);
            if step.step as usize != waves_of.len() + 1 {
                return Err(format!("{name} is out of order"));
            }
            for need in &step.needs {
                if waves_of.get(need).is_none_or(|before| *before >= number) {
                    return Err(format!(
                        "{name} needs step {need}, which does not come before"
                    ));
                }
            }
            waves_of.insert(step.step, number);
            for id in std::iter::once(&step.id).chain(&step.covers) {
                if !items.insert((&step.kind, id)) {
                    return Err(format!("{}/{id} is decided twice", step.kind));
                }
            }
            sound(step, &plan.scope.path).map_err(|what| format!("{name} {what}"))?;
            let last = step.calls.last().map(|call| &*call.address);
            if last.is_some_and(|last| !erased.insert(last)) {
                return Err(format!("{name} repeats the call of another"));
            }
        }
    }
    for one in &plan.decisions {
        if !items.insert((&one.kind, &one.id)) {
            return Err(format!("{}/{} is decided twice", one.kind, one.id));
        }
    }
    let acts = |decision| matches!(decision, Decision::Delete | Decision::Disable);
    if plan.decisions.iter().any(|one| acts(one.decision))
        || plan.untouched.iter().any(|one| acts(one.decision))
    {
        return Err("something is to be erased without a step".to_owned());
    }
    within_limits(plan)
}

/// The limits that the plan itself names.
fn within_limits(plan: &Plan) -> Result<(), String> {
    let whole = plan
        .waves
        .iter()
        .flat_map(|wave| &wave.steps)
        .any(|step| super::item::is_root(&step.kind));
    let steps: usize = plan
        .waves
        .iter()
        .flat_map(|wave| &wave.steps)
        .map(|step| 1 + step.covers.len())
        .sum();
    if whole && steps > 1 {
        return Err("what is erased as a whole is not its only step".to_owned());
    }
    let along = plan
        .decisions
        .iter()
        .filter(|one| one.decision == Decision::WithParent)
        .count();
    let options = Options {
        whole,
        max_items: plan.limits.max_items,
        max_percent: plan.limits.max_percent,
        ..Options::default()
    };
    limits::check((steps + along) as u64, plan.inventory.items, &options)
        .map_err(|_| "it takes more than its own limits allow".to_owned())
}

/// Whether a step is one that this program writes.
fn sound(step: &Step, workspace: &str) -> Result<(), String> {
    let Some((last, before)) = step.calls.split_last() else {
        return Err("has no call".to_owned());
    };
    let erases = match last.what {
        What::Erase | What::EraseEntity => step.becomes != Becomes::Disabled,
        What::Disable | What::DisableStatus => step.becomes == Becomes::Disabled,
        What::Cancel | What::SwitchOff | What::Unroute => false,
    };
    if !erases {
        return Err("does not end in the call that does what it says".to_owned());
    }
    let prepares = |call: &Call| {
        matches!(call.what, What::Cancel | What::SwitchOff | What::Unroute)
            || (call.what == What::Erase && call.verb == Verb::Delete)
    };
    if !before.iter().all(prepares) {
        return Err("does something before its end that no step does".to_owned());
    }
    for call in &step.calls {
        let verb = match call.what {
            What::Erase | What::EraseEntity => Verb::Delete,
            What::Cancel => Verb::Post,
            What::Disable | What::DisableStatus | What::SwitchOff | What::Unroute => Verb::Put,
        };
        if call.verb != verb {
            return Err("sends what does not fit its purpose".to_owned());
        }
    }
    let addresses = step.calls.iter().map(|call| (call.base, &call.address));
    for (base, address) in addresses.chain([(step.look.base, &step.look.address)]) {
        let prefix = format!("{}{workspace}", base.spec().prefix);
        let inside = address
            .strip_prefix(&prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        if !inside {
            return Err(format!("leaves what it is about: {address}"));
        }
    }
    if step.fingerprint.is_empty() {
        return Err("does not say what its item looked like".to_owned());
    }
    Ok(())
}
