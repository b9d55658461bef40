//! `merge`: makes one bag of the shards of an export. Its payload is that of an export that was never cut.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime};

use super::commands::{Format, MergeArgs, Talk};
use super::elsewhere::Elsewhere;
use super::ending::{Ending, Failure};
use super::export::{TOOL, no_kind};
use super::screen::{self, count, size};
use super::shard::{self, Part, judge};
use super::{coverage, report, summary};
use crate::bag::{self, Bag, BagInfo, Catalogue, Identity, KindCount, Sealed, What, Writer};
use crate::kinds;
use crate::walk::Wanted;
use crate::walk::shard::followed;

/// Runs it.
pub(super) fn run(args: &MergeArgs, talk: &Talk) -> anyhow::Result<Ending> {
    let say = |text: &str| {
        if !talk.quiet {
            screen::talk(text);
        }
    };
    // What does not belong together is best known before every byte is read.
    let told: Option<Vec<(String, Part)>> =
        args.bags.iter().map(|path| told_by(path).ok()).collect();
    if let Some(told) = &told {
        judge(told).map_err(Failure::usage)?;
    }
    for path in &args.bags {
        say(&format!("verifying {}", path.display()));
        verified(path)?;
    }
    let told = args
        .bags
        .iter()
        .map(|path| told_by(path))
        .collect::<Result<Vec<_>, _>>()
        .map_err(Failure::usage)?;
    let order = judge(&told).map_err(Failure::usage)?;
    let parts: Vec<&Part> = order.iter().map(|at| &told[*at].1).collect();
    let bags = order
        .iter()
        .map(|at| Bag::open(&args.bags[*at]))
        .collect::<Result<Vec<_>, _>>()?;
    outside_of(&args.output, &args.bags)?;
    let merged = merge(&args.output, &parts, &bags, &say)?;
    say(&format!("verifying {}", args.output.display()));
    verified(&args.output)?;
    if talk.format == Format::Json {
        screen::data(&format!("{:#}\n", merged.json(&args.output, parts[0])));
    } else {
        screen::data(&merged.text(&args.output));
    }
    Ok(if merged.gaps > 0 {
        Ending::Gaps
    } else {
        Ending::Done
    })
}

/// What a bag says of the part that it is, with the bag's name.
fn told_by(path: &Path) -> Result<(String, Part), String> {
    let file = path.join("aml-dsr").join(shard::FILE);
    let bytes = fs::read(&file).map_err(|_| {
        format!(
            "{} is no shard of an export; `aml-dsr export --shard K/N` makes one",
            path.display()
        )
    })?;
    let part = serde_json::from_slice(&bytes)
        .map_err(|error| format!("{} cannot be used: {error}", file.display()))?;
    Ok((path.display().to_string(), part))
}

/// Checks a bag, every byte.
fn verified(path: &Path) -> anyhow::Result<()> {
    let verdict = bag::verify(path, &mut |_| {})?;
    if verdict.is_good() {
        return Ok(());
    }
    // Everything else that is wrong with unfinished work follows from that.
    let unfinished = |problem: &&bag::Problem| problem.what == What::Unfinished;
    let first = verdict
        .problems
        .iter()
        .find(unfinished)
        .or(verdict.problems.first());
    let first = first.map(ToString::to_string).unwrap_or_default();
    Err(Failure {
        ending: Ending::VerificationFailed,
        message: format!(
            "{path} is not valid, so nothing was merged: {first}. See everything with `aml-dsr verify {path}`",
            path = path.display()
        ),
    }
    .into())
}

/// A bag is never changed, so nothing is written into one.
fn outside_of(output: &Path, bags: &[PathBuf]) -> anyhow::Result<()> {
    let there = place_of(&std::path::absolute(output)?);
    for bag in bags {
        if there.starts_with(fs::canonicalize(bag)?) {
            return Err(Failure::usage(format!(
                "-o {}: this lies in {}, which is never changed; choose a directory outside of it",
                output.display(),
                bag.display()
            )));
        }
    }
    Ok(())
}

/// The folder that is there and below which a path will be made. A step back out of a folder that is not there leads to where
/// that would be.
fn place_of(path: &Path) -> PathBuf {
    let nearest = |path: &Path| {
        path.ancestors().find_map(|folder| {
            let there = fs::canonicalize(folder).ok()?;
            Some((there, path.strip_prefix(folder).ok()?.to_owned()))
        })
    };
    let Some((mut stepped, rest)) = nearest(path) else {
        return path.to_owned();
    };
    for step in rest.components() {
        match step {
            Component::ParentDir => {
                stepped.pop();
            }
            step => stepped.push(step),
        }
    }
    nearest(&stepped).map_or(stepped, |(there, _)| there)
}

/// What became of it.
struct Merged {
    shards: usize,
    items: u64,
    gaps: u64,
    differing: u64,
    sealed: Sealed,
}

fn merge(
    output: &Path,
    parts: &[&Part],
    bags: &[Bag],
    say: &dyn Fn(&str),
) -> anyhow::Result<Merged> {
    let first = parts[0];
    let wanted = Wanted::new(&first.kinds, first.content, first.max_file).map_err(no_kind)?;
    let identity = Identity {
        scope: format!("{}, in {}", first.scope, first.cloud),
        options: format!("the merge of {} shards", parts.len()),
        tool: TOOL.to_owned(),
    };
    let mut writer = Writer::open(output, &identity)?;
    if writer.resumed().is_some() {
        say("an earlier merge into this directory was interrupted; it begins anew");
        writer.begin_anew("merge", "anew")?;
    }
    say(&format!("merging {} shards", parts.len()));
    let followed: Vec<&'static str> = followed(&wanted).map(|kind| kind.name).collect();
    let catalogue = Catalogue {
        kind: &|name| kinds::find(name).map(|kind| kind.name),
        same: &|name| kinds::same(name).map(|kind| kind.name),
        followed: &followed,
    };
    let differing = writer.merge(bags, &catalogue)?;
    let counts = writer.counts()?;
    let rows = coverage::of(&counts, &wanted);
    let gaps = counts.iter().map(|count| count.tally.gaps).sum();
    let info = info(parts, bags, &rows, gaps)?;
    let sealed = writer.finish(&info)?;
    Ok(Merged {
        shards: parts.len(),
        items: counts.iter().map(items).sum(),
        gaps,
        differing,
        sealed,
    })
}

fn items(count: &KindCount) -> u64 {
    count.tally.items
}

/// What the whole says of itself: in the payload the same as an export that was never cut.
fn info(
    parts: &[&Part],
    bags: &[Bag],
    rows: &[coverage::Row],
    gaps: u64,
) -> anyhow::Result<BagInfo> {
    let first = parts[0];
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let day = Date::parse(&first.day, format)?;
    Ok(BagInfo {
        fields: fields(parts, gaps),
        coverage: rows.iter().map(coverage::Row::line).collect(),
        readme: summary::readme(&first.scope, first.content, None, gaps),
        wholes: Vec::new(),
        tags: vec![("run.json".to_owned(), run_json(parts, bags)?.into_bytes())],
        pages: vec![Arc::new(Elsewhere), Arc::new(report::BagPage::of(day))],
    })
}

/// The fields of bag-info.txt: those of the first shard, but for what is said of the whole.
fn fields(parts: &[&Part], gaps: u64) -> Vec<(String, String)> {
    let now = OffsetDateTime::now_utc();
    let now = now.replace_nanosecond(0).unwrap_or(now);
    let began = parts.iter().map(|part| part.began.as_str()).min();
    let fields = parts[0].fields.iter().filter_map(|(label, value)| {
        let value = match label.as_str() {
            "Aml-Dsr-Shard" => return None,
            "Bagging-Date" => now.date().to_string(),
            // All are in UTC and to the second, so that the first is the least.
            "Aml-Dsr-Started" => began.unwrap_or_default().to_owned(),
            "Aml-Dsr-Finished" => now.format(&Rfc3339).unwrap_or_default(),
            "Aml-Dsr-Complete" => summary::completeness(gaps),
            _ => value.clone(),
        };
        Some((label.clone(), value))
    });
    let merged = (
        "Aml-Dsr-Merged".to_owned(),
        format!("{} shards", parts.len()),
    );
    fields.chain([merged]).collect()
}

/// The tag file about this run: of which bags it was made.
fn run_json(parts: &[&Part], bags: &[Bag]) -> anyhow::Result<String> {
    let merged = parts
        .iter()
        .zip(bags)
        .map(|(part, bag)| {
            let run = bag.small_file("aml-dsr/run.json")?.unwrap_or_default();
            let run: serde_json::Value = serde_json::from_slice(&run).unwrap_or_default();
            Ok(serde_json::json!({"shard": part.shard, "run": run}))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let first = parts[0];
    let value = serde_json::json!({
        "tool": TOOL,
        "scope": first.scope,
        "cloud": first.cloud,
        "started": parts.iter().map(|part| part.began.as_str()).min(),
        "requests": parts.iter().map(|part| part.requests).sum::<u64>(),
        "merged": merged,
    });
    Ok(format!("{value:#}\n"))
}

impl Merged {
    fn text(&self, output: &Path) -> String {
        let bag = output.display();
        let differing = match self.differing {
            0 => String::new(),
            1 => "Of 1 item the shards hold different documents; see data/gaps.jsonl.\n".to_owned(),
            n => format!(
                "Of {} items the shards hold different documents; see data/gaps.jsonl.\n",
                count(n)
            ),
        };
        let gaps = if self.gaps == 0 {
            "Nothing that was asked for is missing.".to_owned()
        } else {
            format!(
                "{}: some of what was asked for is missing. See {}.",
                if self.gaps == 1 {
                    "1 gap".to_owned()
                } else {
                    format!("{} gaps", count(self.gaps))
                },
                output.join("data").join("gaps.jsonl").display()
            )
        };
        format!(
            "{} shards in one bag: {} items, {} in {} files, every byte as its manifest says.\n{differing}{gaps}\nThe bag is {bag}.\n",
            self.shards,
            count(self.items),
            size(self.sealed.bytes),
            count(self.sealed.files),
        )
    }

    fn json(&self, output: &Path, first: &Part) -> serde_json::Value {
        serde_json::json!({
            "output": output.display().to_string(),
            "scope": first.scope,
            "cloud": first.cloud,
            "shards": self.shards,
            "complete": self.gaps == 0,
            "gaps": self.gaps,
            "differing": self.differing,
            "items": self.items,
            "files": self.sealed.files,
            "bytes": self.sealed.bytes,
            "payload_oxum": self.sealed.oxum,
            "payload_manifest_sha256": self.sealed.manifest,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_round_ends_where_it_leads() {
        let home = tempfile::tempdir().expect("a directory");
        let home = fs::canonicalize(home.path()).expect("a place");
        let bag = home.join("bag");
        fs::create_dir(&bag).expect("a folder");
        for inside in [
            "bag",
            "bag/new",
            "nothing/../bag/new",
            "a/b/../../bag",
            "bag/x/../y",
        ] {
            assert_eq!(place_of(&home.join(inside)), bag, "{inside}");
        }
        for outside in ["new", "bag/../new", "bag/x/../../new"] {
            assert_eq!(place_of(&home.join(outside)), home, "{outside}");
        }
    }
}
