//! Named approvals of one plan, in a file beside it: lines that hold each other, the first one the plan's digest.
//!
//! They show what was said and in which order, and that none was changed. They do not show who said it: whoever can write the
//! file can write a name. A pipeline that wants more lets each approver's own identity write the line.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::finish::written;
use super::model::Plan;
use super::{Refusal, chain};

/// One approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    pub by: String,
    /// RFC 3339, UTC.
    pub at: String,
}

/// Reads approvals of the plan with this digest, and the hash that the next line follows.
pub fn read(digest: &str, bytes: &[u8]) -> Result<(Vec<Approval>, String), Refusal> {
    let bad = |what: &str| Refusal::Approvals(what.to_owned());
    let text = std::str::from_utf8(bytes).map_err(|_| bad("it is no text"))?;
    let mut last = digest.to_owned();
    let mut all = Vec::new();
    if text.is_empty() {
        return Ok((all, last));
    }
    let text = text
        .strip_suffix('\n')
        .ok_or_else(|| bad("its last line is not whole"))?;
    for (number, line) in (1..).zip(text.split('\n')) {
        let (doc, hash) = chain::follow(number, line, &last).map_err(|broken| match broken {
            chain::Broken::Torn { line: 1 } => bad("they are for another plan"),
            broken => bad(&broken.to_string()),
        })?;
        let approval = serde_json::from_value(doc.into())
            .map_err(|error| bad(&format!("line {number}: {error}")))?;
        all.push(approval);
        last = hash;
    }
    Ok((all, last))
}

/// The line of one more approval, to be put at the end of `bytes`, the file as it is.
pub fn approve(
    plan: &Plan,
    bytes: &[u8],
    name: &str,
    now: OffsetDateTime,
) -> Result<String, Refusal> {
    let (all, last) = read(&plan.digest, bytes)?;
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(Refusal::NoName);
    }
    if is_planner(plan, &name) {
        return Err(Refusal::OwnPlan(name));
    }
    if all.iter().any(|one| same(&one.by) == same(&name)) {
        return Err(Refusal::Twice(name));
    }
    let approval = Approval {
        by: name,
        at: written(now)?,
    };
    let (line, _) =
        chain::link(&last, &approval).map_err(|error| Refusal::Unwritable(error.to_string()))?;
    Ok(line)
}

/// The approvals that count: each person once, and never whoever asked for the plan.
pub fn counted<'a>(plan: &Plan, approvals: &'a [Approval]) -> Vec<&'a Approval> {
    let mut seen: Vec<String> = Vec::new();
    approvals
        .iter()
        .filter(|one| {
            let name = same(&one.by);
            let counts = !name.is_empty() && !is_planner(plan, &one.by) && !seen.contains(&name);
            seen.push(name);
            counts
        })
        .collect()
}

/// Whether there are enough: as many as the plan wants, or as `required` says, whichever is more.
pub fn enough(plan: &Plan, approvals: &[Approval], required: u32) -> Result<(), Refusal> {
    let wanted = plan.approvals.max(required);
    let counted = counted(plan, approvals);
    let there = u32::try_from(counted.len()).unwrap_or(u32::MAX);
    if there >= wanted {
        return Ok(());
    }
    let names: Vec<&str> = counted.iter().map(|one| &*one.by).collect();
    Err(Refusal::TooFewApprovals {
        wanted,
        there,
        who: if names.is_empty() {
            String::new()
        } else {
            format!(" ({})", names.join(", "))
        },
    })
}

fn is_planner(plan: &Plan, name: &str) -> bool {
    plan.asked
        .by
        .as_deref()
        .is_some_and(|by| same(by) == same(name))
}

/// A name, however it was typed.
fn same(name: &str) -> String {
    name.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plans::small;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-21 18:00 UTC);

    fn with(plan: &Plan, names: &[&str]) -> String {
        names.iter().fold(String::new(), |text, name| {
            let line = approve(plan, text.as_bytes(), name, NOW).expect("a line");
            text + &line
        })
    }

    fn enough_of(plan: &Plan, text: &str, required: u32) -> Result<(), Refusal> {
        enough(plan, &read(&plan.digest, text.as_bytes())?.0, required)
    }

    #[test]
    fn two_people_are_two_and_one_is_one() {
        let plan = small();
        let text = with(&plan, &["Bea Marsh", "Cal Osei"]);
        assert_eq!(enough_of(&plan, &text, 2), Ok(()));
        for name in ["bea marsh", "  BEA   Marsh "] {
            assert!(matches!(
                approve(&plan, text.as_bytes(), name, NOW),
                Err(Refusal::Twice(_))
            ));
        }
        let short = enough_of(&plan, &with(&plan, &["Bea Marsh"]), 2).expect_err("too few");
        assert!(
            short
                .to_string()
                .starts_with("2 approvals are wanted, and there are 1 (Bea Marsh)"),
            "{short}"
        );
    }

    #[test]
    fn whoever_asked_does_not_count_however_the_line_came_there() {
        let plan = small();
        let by = plan.asked.by.clone().expect("a planner").to_uppercase();
        assert_eq!(
            approve(&plan, b"", &by, NOW),
            Err(Refusal::OwnPlan(by.clone()))
        );
        // Written by hand, twice, and with somebody else twice.
        let mut last = plan.digest.clone();
        let mut text = String::new();
        for name in [by.as_str(), "Cal Osei", "CAL OSEI ", " "] {
            let approval = Approval {
                by: name.to_owned(),
                at: String::new(),
            };
            let (line, hash) = chain::link(&last, &approval).expect("a line");
            text.push_str(&line);
            last = hash;
        }
        assert_eq!(enough_of(&plan, &text, 1), Ok(()));
        assert!(enough_of(&plan, &text, 2).is_err());
    }

    #[test]
    fn the_plans_own_number_cannot_be_lowered() {
        let mut plan = small();
        plan.approvals = 2;
        assert!(enough_of(&plan, &with(&plan, &["Bea Marsh"]), 0).is_err());
        assert!(enough_of(&plan, &with(&plan, &["Bea Marsh"]), 1).is_err());
        plan.approvals = 0;
        assert_eq!(enough_of(&plan, "", 0), Ok(()));
    }

    #[test]
    fn approvals_of_another_plan_and_changed_ones_are_refused() {
        let plan = small();
        let text = with(&plan, &["Bea Marsh", "Cal Osei"]);
        let other = read(&"1".repeat(64), text.as_bytes()).expect_err("another plan");
        assert!(other.to_string().contains("for another plan"), "{other}");
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            assert!(read(&plan.digest, &bytes).is_err(), "byte {at}");
        }
    }

    #[test]
    fn an_approval_has_a_name() {
        assert_eq!(approve(&small(), b"", " \t", NOW), Err(Refusal::NoName));
    }
}
