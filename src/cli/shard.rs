//! `--shard`: which part of the work is done here, and what a part says of itself, for `merge`.

use serde::{Deserialize, Serialize};
use time::Date;
use time::format_description::well_known::Rfc3339;

use super::commands::ExportArgs;
use super::ending::Failure;
use super::export::TOOL;
use super::summary::Facts;
use crate::walk::Shard;

/// The tag file in which a part says what it is a part of.
pub(super) const FILE: &str = "shard.json";

/// Which pod of an Indexed Job this is, from 0. Kubernetes sets it.
const INDEX: &str = "JOB_COMPLETION_INDEX";
/// How many there are. Kubernetes does not set it, so the manifest has to.
const COMPLETIONS: &str = "JOB_COMPLETIONS";

/// The part that is asked for, if any.
pub(super) fn asked(
    args: &ExportArgs,
    env: &dyn Fn(&str) -> Option<String>,
) -> anyhow::Result<Option<Shard>> {
    let Some(text) = args.shard.as_deref() else {
        return Ok(None);
    };
    if args.person.is_given() || args.filter.is_given() {
        return Err(Failure::usage(
            "--shard cuts a whole export and cannot be combined with a person or another selection: that looks everything through, numbers everybody else over the whole, and belongs to one program. Leave out one of them",
        ));
    }
    let shard = if text == "auto" {
        of_job(env(INDEX), env(COMPLETIONS))
    } else {
        Shard::parse(text).ok_or_else(|| {
            format!(
                "--shard {text} names no part; write K/N with K from 1 to N, such as 2/4, or auto"
            )
        })
    };
    shard.map(Some).map_err(Failure::usage)
}

/// The part of a pod of an Indexed Job.
fn of_job(index: Option<String>, completions: Option<String>) -> Result<Shard, String> {
    let given = |value: Option<String>| value.filter(|value| !value.is_empty());
    let Some(index) = given(index) else {
        return Err(format!(
            "--shard auto reads {INDEX}, which is not set; Kubernetes sets it in a Job with `completionMode: Indexed`. Elsewhere name the part, such as --shard 2/4"
        ));
    };
    let Some(completions) = given(completions) else {
        return Err(format!(
            "--shard auto reads {COMPLETIONS}, which is not set; Kubernetes does not set it, so let the manifest set it to the number of its `completions`"
        ));
    };
    // The same rules as for a part that a person names: the index is one less.
    let whole = |text: &str| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    whole(&index)
        .zip(whole(&completions))
        .and_then(|(index, of)| Shard::new(index.checked_add(1)?, of))
        .ok_or_else(|| {
            format!(
                "{INDEX} is \"{index}\" and {COMPLETIONS} is \"{completions}\", which name no part; the index counts from 0 and is smaller than the number of parts"
            )
        })
}

/// The options of an export, with its part: another part is other work.
pub(super) fn option(options: &str, shard: Option<Shard>) -> String {
    match shard {
        Some(shard) => format!("{options}, shard {shard}"),
        None => options.to_owned(),
    }
}

/// What a part says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    pub shard: Shard,
    pub tool: String,
    pub scope: String,
    pub cloud: String,
    /// What was asked for, in words; and again, as it was asked for.
    pub options: String,
    pub kinds: Vec<String>,
    pub content: bool,
    pub max_file: Option<u64>,
    /// The day that stands in the payload, as year, month and day.
    pub day: String,
    /// When the export of this part first began.
    pub began: String,
    /// What it says of itself in bag-info.txt, as it was given.
    pub fields: Vec<(String, String)>,
    pub requests: u64,
}

impl Part {
    /// Of a finished export; nothing when it is no part.
    pub(super) fn of(
        args: &ExportArgs,
        facts: &Facts,
        fields: &[(String, String)],
        options: String,
        day: Date,
    ) -> Option<Self> {
        let mut kinds = args.kinds.clone();
        kinds.sort();
        Some(Self {
            shard: facts.shard?,
            tool: facts.tool.clone(),
            scope: facts.scope.clone(),
            cloud: facts.cloud.clone(),
            options,
            kinds,
            content: facts.content,
            max_file: args.max_file_size,
            day: day.to_string(),
            began: facts.began.format(&Rfc3339).unwrap_or_default(),
            fields: fields.to_vec(),
            requests: facts.requests,
        })
    }

    /// As a tag file: name and content.
    pub(super) fn file(&self) -> (String, Vec<u8>) {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        (FILE.to_owned(), bytes)
    }
}

/// Whether these bags are all the parts of one whole, each once; gives them in the order of their numbers. A refusal says
/// what does not fit, and which bags.
pub(super) fn judge(parts: &[(String, Part)]) -> Result<Vec<usize>, String> {
    let Some(((one, first), rest)) = parts.split_first() else {
        return Err("there is nothing to merge; name the bags of all shards".to_owned());
    };
    if first.tool != TOOL {
        return Err(format!(
            "{one} was made by {}, and this is {TOOL}; merge with the program that exported",
            first.tool
        ));
    }
    for (other, part) in rest {
        let same = [
            ("version of the program", &first.tool, &part.tool),
            ("scope", &first.scope, &part.scope),
            ("cloud", &first.cloud, &part.cloud),
            ("set of options", &first.options, &part.options),
            ("day", &first.day, &part.day),
        ];
        for (what, ours, theirs) in same {
            if ours == theirs {
                continue;
            }
            let mut refusal = format!(
                "{one} and {other} are not of one export: they differ in the {what}, {ours} and {theirs}"
            );
            if what == "day" {
                refusal.push_str(
                    ". The day on which an export began stands in its report; set SOURCE_DATE_EPOCH to the same time for all shards, and export the later ones again",
                );
            }
            return Err(refusal);
        }
        if first.shard.of() != part.shard.of() {
            return Err(format!(
                "{one} is shard {} and {other} shard {}: they were cut differently",
                first.shard, part.shard
            ));
        }
    }
    let of = first.shard.of();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|at| parts[*at].1.shard);
    for pair in order.windows(2) {
        let [one, other] = [&parts[pair[0]], &parts[pair[1]]];
        if one.1.shard == other.1.shard {
            return Err(format!(
                "{} and {} are both shard {}",
                one.0, other.0, one.1.shard
            ));
        }
    }
    let there: Vec<u32> = order.iter().map(|at| parts[*at].1.shard.number()).collect();
    let missing: Vec<String> = (1..=of)
        .filter(|number| there.binary_search(number).is_err())
        // A line that names a thousand is read by nobody.
        .take(20)
        .map(|number| number.to_string())
        .collect();
    if !missing.is_empty() {
        let more = if of as usize - there.len() > missing.len() {
            " and more"
        } else {
            ""
        };
        return Err(format!(
            "of {of} shards these are missing: {}{more}. Name all of them",
            missing.join(", ")
        ));
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(number: u32, of: u32) -> (String, Part) {
        let part = Part {
            shard: Shard::new(number, of).expect("a part"),
            tool: TOOL.to_owned(),
            scope: "workspace lab".to_owned(),
            cloud: "AzureCloud".to_owned(),
            options: "kinds all".to_owned(),
            kinds: Vec::new(),
            content: true,
            max_file: None,
            day: "2026-11-21".to_owned(),
            began: "2026-11-21T10:00:00Z".to_owned(),
            fields: Vec::new(),
            requests: 1,
        };
        (format!("bag-{number}"), part)
    }

    #[test]
    fn all_parts_of_one_whole_in_any_order() {
        assert_eq!(
            judge(&[part(3, 3), part(1, 3), part(2, 3)]),
            Ok(vec![1, 2, 0])
        );
        assert_eq!(judge(&[part(1, 1)]), Ok(vec![0]));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let refused = |parts: &[(String, Part)], words: &[&str]| {
            let said = judge(parts).expect_err("a refusal");
            for word in words {
                assert!(said.contains(word), "{word}: {said}");
            }
        };
        refused(&[], &["nothing to merge"]);
        refused(&[part(1, 4), part(4, 4)], &["missing: 2, 3"]);
        refused(
            &[part(1, 2), part(2, 2), part(1, 2)],
            &["bag-1 and bag-1 are both shard 1/2"],
        );
        refused(
            &[part(1, 2), part(2, 3)],
            &["bag-1", "1/2", "bag-2", "2/3", "cut differently"],
        );
        refused(&[part(1, 1_000_000)], &["missing: 2, 3, 4", "and more"]);
        for word in ["version", "scope", "cloud", "options", "SOURCE_DATE_EPOCH"] {
            let mut other = part(2, 2);
            let field = match word {
                "version" => &mut other.1.tool,
                "scope" => &mut other.1.scope,
                "cloud" => &mut other.1.cloud,
                "options" => &mut other.1.options,
                _ => &mut other.1.day,
            };
            *field = "another".to_owned();
            refused(&[part(1, 2), other], &[word, "bag-1", "bag-2"]);
        }
        let mut foreign = part(1, 1);
        foreign.1.tool = "aml-dsr 99.0".to_owned();
        refused(&[foreign], &["aml-dsr 99.0", TOOL]);
    }

    #[test]
    fn a_pod_knows_its_part() {
        let of = |index: Option<&str>, completions: Option<&str>| {
            of_job(index.map(str::to_owned), completions.map(str::to_owned))
        };
        assert_eq!(of(Some("0"), Some("4")).ok(), Shard::new(1, 4));
        assert_eq!(of(Some("3"), Some("4")).ok(), Shard::new(4, 4));
        let said = |result: Result<Shard, String>| result.err().unwrap_or_default();
        for missing in [None, Some("")] {
            assert!(
                said(of(missing, Some("4"))).contains("JOB_COMPLETION_INDEX, which is not set")
            );
            assert!(said(of(Some("0"), missing)).contains("JOB_COMPLETIONS, which is not set"));
        }
        for (index, completions) in [
            ("4", "4"),
            ("0", "0"),
            ("-1", "4"),
            ("x", "4"),
            ("0", "4.0"),
            ("4294967295", "4"),
        ] {
            let told = said(of(Some(index), Some(completions)));
            assert!(
                told.contains("name no part"),
                "{index} {completions}: {told}"
            );
        }
    }
}
