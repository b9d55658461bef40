//! `verify`: checks a bag, or the proof of an erasure, offline, every byte.

use super::commands::{Format, Talk, VerifyArgs};
use super::ending::{Ending, Failure};
use super::proof;
use super::screen::{self, count, size};
use crate::bag::{self, Progress};

/// Runs it.
pub(super) fn run(args: &VerifyArgs, talk: &Talk) -> anyhow::Result<Ending> {
    if let Some(proof) = proof::of(&args.path) {
        return proof::run(&proof, args, talk);
    }
    if args.public_key.is_some() {
        return Err(Failure::usage(format!(
            "{} is a bag, which nobody signs, so --public-key has nothing to check; leave it out",
            args.path.display()
        )));
    }
    let mut verdict = bag::verify(&args.path, &mut |_: Progress| {})?;
    if verdict
        .problems
        .iter()
        .any(|problem| problem.what == bag::What::Unfinished)
    {
        // Everything else that is wrong with unfinished work follows from that.
        verdict
            .problems
            .retain(|problem| problem.what == bag::What::Unfinished);
        verdict.problem_count = verdict.problems.len() as u64;
    }
    let good = verdict.is_good();
    if talk.format == Format::Json {
        let lines = |problems: &[bag::Problem]| {
            problems
                .iter()
                .map(|problem| screen::safe(&problem.to_string()))
                .collect::<Vec<_>>()
        };
        let value = serde_json::json!({
            "bag": args.path.display().to_string(),
            "valid": good,
            "files": verdict.files,
            "bytes": verdict.bytes,
            "format": verdict.format,
            "payload_manifest_sha256": verdict.manifest,
            "problems": verdict.problem_count,
            "warnings": verdict.warning_count,
            "first_problems": lines(&verdict.problems),
            "first_warnings": lines(&verdict.warnings),
        });
        screen::data(&format!("{value:#}\n"));
    } else {
        for problem in &verdict.problems {
            screen::data(&format!("wrong: {}\n", screen::safe(&problem.to_string())));
        }
        if !talk.quiet {
            for warning in &verdict.warnings {
                screen::talk(&format!("warning: {warning}"));
            }
        }
        let more = verdict
            .problem_count
            .saturating_sub(verdict.problems.len() as u64);
        if more > 0 {
            screen::data(&format!("and {} more\n", count(more)));
        }
        let bag = args.path.display();
        let text = if good {
            format!(
                "{bag} is valid: {} files, {}, every byte as its manifest says.\n",
                count(verdict.files),
                size(verdict.bytes)
            )
        } else {
            let problems = if verdict.problem_count == 1 {
                "1 problem".to_owned()
            } else {
                format!("{} problems", count(verdict.problem_count))
            };
            format!(
                "{bag} is NOT valid: {problems}. Do not rely on it; get it again from where it was made, or export again.\n"
            )
        };
        screen::data(&text);
    }
    Ok(if good {
        Ending::Done
    } else {
        Ending::VerificationFailed
    })
}
