//! A plan as a reviewer reads it in a terminal: whole sentences, no colour, and nothing that a name could do to the screen.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::model::{Becomes, Call, Decided, Decision, Export, Plan, Step, Verb, What};
use super::open::LEAST;
use crate::kinds::roots::root_of_label;

/// Items of a group that are named; the others are counted.
const NAMED: usize = 20;

/// The whole plan.
pub fn show(plan: &Plan) -> String {
    let mut out = String::new();
    head(plan, &mut out);
    steps(plan, &mut out);
    decisions(plan, &mut out);
    untouched(plan, &mut out);
    if !plan.findings.is_empty() {
        out.push_str("\nFound out beforehand\n");
        for finding in &plan.findings {
            let _ = writeln!(out, "  {}", plain(finding));
        }
    }
    let begins: String = plan.digest.chars().take(LEAST).collect();
    let _ = write!(
        out,
        "\nDigest: {}\nCarry it out: aml-dsr delete --plan FILE --confirm {begins}\n",
        plain(&plan.digest)
    );
    out
}

fn head(plan: &Plan, out: &mut String) {
    let scope = &plan.scope;
    let root = root_of_label(&scope.workspace);
    let _ = writeln!(
        out,
        "Plan for the {} {}, resource group {}, subscription {}, in {}.",
        root.one,
        plain(root.name_of(&scope.workspace)),
        plain(&scope.resource_group),
        plain(&scope.subscription),
        plain(&plan.cloud)
    );
    let asked = &plan.asked;
    let by = asked.by.as_deref().unwrap_or("nobody that was named");
    let _ = write!(out, "Asked by {}", plain(by));
    if let Some(case) = &asked.case {
        let _ = write!(out, ", for the case {}", plain(case));
    }
    match &asked.reason {
        Some(reason) => {
            let _ = writeln!(out, ": {}", plain(reason));
        }
        None => out.push_str(".\n"),
    }
    if !asked.targets.is_empty() {
        let _ = writeln!(out, "Targets: {}", plain(&asked.targets.join(", ")));
    }
    if !asked.subject.is_empty() {
        let forms: Vec<String> = asked
            .subject
            .iter()
            .map(|(form, value)| format!("{form} {value}"))
            .collect();
        let _ = writeln!(out, "The person: {}", plain(&forms.join(", ")));
    }
    let _ = writeln!(
        out,
        "Made {} by {}, valid until {}.",
        plain(&plan.made),
        plain(&plan.tool),
        plain(&plan.valid_until)
    );
    let _ = writeln!(
        out,
        "Looked through {}, with {}.",
        count(plan.inventory.items, "item"),
        count(plan.inventory.gaps, "gap")
    );
    let _ = write!(
        out,
        "Limits: at most {} and {} % of the workspace",
        count(plan.limits.max_items, "item"),
        plan.limits.max_percent
    );
    if plan.limits.protect.is_empty() {
        out.push_str(".\n");
    } else {
        let _ = writeln!(
            out,
            "; protected: {}.",
            plain(&plan.limits.protect.join(", "))
        );
    }
    let _ = match &plan.export {
        Export::Bag { name, manifest } => writeln!(
            out,
            "Exported before: the bag {}, whose payload manifest has the SHA-256 {}.",
            plain(name),
            plain(manifest)
        ),
        // Where nothing is erased, nothing had to be exported, and nobody said that it should not be.
        Export::Without if plan.waves.is_empty() => Ok(()),
        Export::Without => writeln!(
            out,
            "NOT EXPORTED BEFORE: it was said that no export is wanted."
        ),
    };
    if plan.approvals > 0 {
        let _ = writeln!(
            out,
            "It wants {}.",
            count(plan.approvals.into(), "approval")
        );
    }
}

fn steps(plan: &Plan, out: &mut String) {
    let all: usize = plan.waves.iter().map(|wave| wave.steps.len()).sum();
    if all == 0 {
        out.push_str("\nNothing is erased.\n");
    }
    for wave in &plan.waves {
        let _ = writeln!(
            out,
            "\nWave {} of {}, {}",
            wave.wave,
            plan.waves.len(),
            count(wave.steps.len() as u64, "step")
        );
        for step in &wave.steps {
            one(plan, step, out);
        }
    }
}

fn one(plan: &Plan, step: &Step, out: &mut String) {
    let calls: Vec<String> = step.calls.iter().map(|call| words(plan, call)).collect();
    let _ = writeln!(
        out,
        "  {:>3}. {} {}/{}: {}",
        step.step,
        becomes(step.becomes),
        plain(&step.kind),
        plain(&step.id),
        calls.join(", then ")
    );
    if !step.covers.is_empty() {
        let covers: Vec<&str> = step.covers.iter().take(NAMED).map(|id| &**id).collect();
        let _ = writeln!(
            out,
            "       with the same call: {}{}",
            plain(&covers.join(", ")),
            more(step.covers.len())
        );
    }
    if !step.needs.is_empty() {
        let needs: Vec<String> = step.needs.iter().take(NAMED).map(u32::to_string).collect();
        let _ = writeln!(
            out,
            "       only after {}{}",
            needs.join(", "),
            more(step.needs.len())
        );
    }
    for place in &step.places {
        let looked = if place.looked_at {
            "may stay behind, and is looked at"
        } else {
            "may stay behind, and is not looked at"
        };
        let _ = writeln!(out, "       {looked}: {}", plain(&place.place));
    }
}

fn becomes(becomes: Becomes) -> &'static str {
    match becomes {
        Becomes::Erased => "erase",
        Becomes::Unregistered => "unregister",
        Becomes::Disabled => "disable, not erase,",
        Becomes::SoftDeleted => "soft-delete, not erase before 14 days are over,",
    }
}

/// A call in short: verb, path below the workspace, and why it is made when it does not erase.
fn words(plan: &Plan, call: &Call) -> String {
    let verb = match call.verb {
        Verb::Delete => "DELETE",
        Verb::Put => "PUT",
        Verb::Post => "POST",
    };
    let spec = call.base.spec();
    let prefix = format!("{}{}", spec.prefix, plan.scope.path);
    let rest = call.address.strip_prefix(&prefix);
    let (path, query) = rest
        .unwrap_or(&call.address)
        .split_once('?')
        .unwrap_or((rest.unwrap_or(&call.address), ""));
    // What every request of a service carries says nothing about this one.
    let query: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && spec.query != Some(pair))
        .collect();
    let mark = if query.is_empty() { "" } else { "?" };
    let path = if path.is_empty() {
        match root_of_label(&plan.scope.workspace).one {
            "registry" => "(the registry)",
            _ => "(the workspace)",
        }
    } else {
        path
    };
    let why = match call.what {
        What::Erase | What::EraseEntity | What::Disable | What::DisableStatus => "",
        What::Cancel => " when it is active",
        What::SwitchOff => " (switched off) when it is on",
        What::Unroute => " (no traffic) when it has any",
    };
    plain(&format!("{verb} {path}{mark}{}{why}", query.join("&")))
}

fn decisions(plan: &Plan, out: &mut String) {
    let mut groups: BTreeMap<(Decision, &str), Vec<&Decided>> = BTreeMap::new();
    for one in &plan.decisions {
        groups
            .entry((one.decision, &one.kind))
            .or_default()
            .push(one);
    }
    let mut last = None;
    for ((decision, kind), all) in groups {
        if last.replace(decision) != Some(decision) {
            let _ = writeln!(out, "\n{}", title(decision));
        }
        for one in all.iter().take(NAMED) {
            let _ = writeln!(
                out,
                "  {}/{}: {}",
                plain(kind),
                plain(&one.id),
                plain(&one.reason)
            );
        }
        if all.len() > NAMED {
            let rest = (all.len() - NAMED) as u64;
            let _ = writeln!(out, "  and {} more of {}", grouped(rest), plain(kind));
        }
    }
}

fn title(decision: Decision) -> &'static str {
    match decision {
        // A plan that was opened has neither without a step.
        Decision::Delete | Decision::Disable => "Without a step",
        Decision::WithParent => "Goes along",
        Decision::Keep => "Stays",
        Decision::Cannot => "Cannot be erased",
        Decision::AlreadyGone => "Was gone already",
    }
}

fn untouched(plan: &Plan, out: &mut String) {
    if plan.untouched.is_empty() {
        return;
    }
    out.push_str("\nEverything else\n");
    for one in &plan.untouched {
        let _ = writeln!(
            out,
            "  {} of {}: {}",
            grouped(one.items),
            plain(&one.kind),
            plain(&one.reason)
        );
    }
}

fn more(all: usize) -> String {
    if all > NAMED {
        format!(", and {} more", grouped((all - NAMED) as u64))
    } else {
        String::new()
    }
}

/// `1 item`, `2,000 items`.
fn count(n: u64, what: &str) -> String {
    let end = if n == 1 { "" } else { "s" };
    format!("{} {what}{end}", grouped(n))
}

/// A number with its thousands apart.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A text without anything that moves the cursor, colours, hides or turns round what a reviewer reads.
fn plain(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, letter| {
        let hides = matches!(
            letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        );
        if letter.is_control() || hides {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(letter));
        } else {
            out.push(letter);
        }
        out
    })
}
