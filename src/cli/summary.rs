//! What a finished export says of itself: on the screen, as JSON, in bag-info.txt and in the bag's README.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::commands::ExportArgs;
use super::coverage::{Row, Status};
use super::screen::{count, size};
use crate::bag::{KindCount, Sealed};
use crate::kinds::roots::{REGISTRIES, WORKSPACES};
use crate::walk::Shard;

/// Facts about a run that are not in the payload, since they differ each time.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub scope: String,
    pub cloud: String,
    pub tool: String,
    /// The credential that served.
    pub identity: Option<String>,
    /// When the export first began, and when this start of the program did.
    pub began: OffsetDateTime,
    pub started: OffsetDateTime,
    pub requests: u64,
    pub waits: u64,
    pub waited: Duration,
    pub content: bool,
    /// Which part of a whole it is.
    pub shard: Option<Shard>,
}

/// The end of an export.
pub(super) struct Summary {
    pub facts: Facts,
    pub coverage: Vec<Row>,
    pub counts: Vec<KindCount>,
    pub sealed: Sealed,
    pub took: Duration,
    pub output: PathBuf,
    /// What a person has to know who hands it over, a sentence each.
    pub handing_over: Vec<String>,
}

impl Summary {
    /// How many items are in the bag.
    pub(super) fn items(&self) -> u64 {
        self.coverage.iter().map(|row| row.items).sum()
    }

    pub(super) fn gaps(&self) -> u64 {
        self.counts.iter().map(|count| count.tally.gaps).sum()
    }

    /// Kinds over all workspaces: name, status, items, files, bytes.
    fn kinds(&self) -> Vec<(&'static str, Status, u64, u64, u64)> {
        let held: HashMap<(&str, &str), u64> = self
            .counts
            .iter()
            .map(|c| ((c.workspace.as_str(), c.kind.as_str()), c.tally.file_bytes))
            .collect();
        let mut kinds: Vec<(&'static str, Status, u64, u64, u64)> = Vec::new();
        for row in &self.coverage {
            let key = (row.workspace.as_str(), row.kind);
            let bytes = held.get(&key).copied().unwrap_or_default();
            match kinds.iter_mut().find(|(kind, ..)| *kind == row.kind) {
                Some(sum) => {
                    sum.1 = worse(sum.1, row.status);
                    sum.2 += row.items;
                    sum.3 += row.files;
                    sum.4 += bytes;
                }
                None => kinds.push((row.kind, row.status, row.items, row.files, bytes)),
            }
        }
        kinds
    }

    /// For the screen.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        let kinds = self.kinds();
        let _ = writeln!(
            out,
            "\n{:<30} {:>12} {:>10} {:>12}",
            "kind", "items", "files", "bytes"
        );
        // Of one person most kinds hold nothing, and a page of that would hide what there is.
        let of_one = !self.handing_over.is_empty();
        let bare = |status: Status, items: u64| of_one && items == 0 && status == Status::Empty;
        let nothing = kinds
            .iter()
            .filter(|(_, status, items, ..)| bare(*status, *items))
            .count();
        for (kind, status, items, files, bytes) in &kinds {
            if bare(*status, *items) || matches!(status, Status::Outside | Status::NotAsked) {
                continue;
            }
            let files_text = if *files > 0 {
                count(*files)
            } else {
                String::new()
            };
            let bytes_text = if *files > 0 {
                size(*bytes)
            } else {
                String::new()
            };
            let items_text = if *items > 0 {
                count(*items)
            } else {
                status.words().to_owned()
            };
            let line = format!("{kind:<30} {items_text:>12} {files_text:>10} {bytes_text:>12}");
            let _ = writeln!(out, "{}", line.trim_end());
        }
        if nothing > 0 {
            let _ = writeln!(out, "and nothing of theirs in {nothing} other kinds");
        }
        let unasked = kinds.iter().filter(|kind| kind.1 == Status::NotAsked);
        let unasked = unasked.count();
        if unasked > 0 {
            let _ = writeln!(out, "{unasked} other kinds were not asked for");
        }
        for sentence in outside(&self.coverage) {
            let _ = writeln!(out, "{sentence}");
        }
        let items: u64 = kinds.iter().map(|kind| kind.2).sum();
        let gaps = self.gaps();
        let redactions: u64 = self.coverage.iter().map(|row| row.redactions).sum();
        let caught: u64 = self.coverage.iter().map(|row| row.caught_by_net).sum();
        let seconds = self.took.as_secs_f64();
        let _ = writeln!(
            out,
            "\n{} items, {} in {} files of the bag.",
            count(items),
            size(self.sealed.bytes),
            count(self.sealed.files)
        );
        let _ = writeln!(
            out,
            "{} requests in {seconds:.1} s{}.",
            count(self.facts.requests),
            if self.facts.waits > 0 {
                format!(
                    ", with waits of {:.1} s that a service asked for or a fault made necessary",
                    self.facts.waited.as_secs_f64()
                )
            } else {
                String::new()
            }
        );
        let net = if caught > 0 {
            format!(
                ", {} of them caught by the net of patterns alone (see inventory.jsonl)",
                count(caught)
            )
        } else {
            String::new()
        };
        let _ = writeln!(out, "{} secrets were blanked{net}.", count(redactions));
        if gaps == 0 {
            let _ = writeln!(out, "Nothing that was asked for is missing.");
        } else {
            let verb = if gaps == 1 {
                "1 gap: something that was asked for is missing"
            } else {
                &format!(
                    "{} gaps: some of what was asked for is missing",
                    count(gaps)
                )
            };
            let _ = writeln!(
                out,
                "{verb}. See {}.",
                self.output.join("data").join("gaps.jsonl").display()
            );
        }
        for sentence in &self.handing_over {
            let _ = writeln!(out, "{sentence}");
        }
        if let Some(shard) = self.facts.shard {
            let _ = writeln!(
                out,
                "This is shard {shard}: the rest is in the other shards, and `aml-dsr merge` makes one bag of all."
            );
        }
        let _ = writeln!(out, "The bag is {}.", self.output.display());
        let _ = writeln!(out, "Next: aml-dsr verify {}", self.output.display());
        out
    }

    /// For programs.
    pub(super) fn json(&self) -> serde_json::Value {
        let mut value = serde_json::json!({
            "output": self.output.display().to_string(),
            "scope": self.facts.scope,
            "cloud": self.facts.cloud,
            "complete": self.gaps() == 0,
            "gaps": self.gaps(),
            "items": self.coverage.iter().map(|row| row.items).sum::<u64>(),
            "files": self.sealed.files,
            "bytes": self.sealed.bytes,
            "payload_oxum": self.sealed.oxum,
            "payload_manifest_sha256": self.sealed.manifest,
            "requests": self.facts.requests,
            "waits": self.facts.waits,
            "seconds": (self.took.as_secs_f64() * 1000.0).round() / 1000.0,
            "coverage": self.coverage,
            "handing_over": self.handing_over,
        });
        if let Some(shard) = self.facts.shard {
            value["shard"] = shard.to_string().into();
        }
        value
    }
}

/// What lies outside of the scope, a sentence for each sort.
pub(super) fn outside(coverage: &[Row]) -> Vec<String> {
    let mut said = Vec::new();
    for (root, other, how) in [
        (
            &REGISTRIES,
            &WORKSPACES,
            "use --registry or --all-workspaces",
        ),
        (&WORKSPACES, &REGISTRIES, "use -w or --all-workspaces"),
    ] {
        let is = |row: &Row| row.kind == root.kind && row.status == Status::Outside;
        if coverage.iter().any(is) {
            said.push(format!(
                "{} were not asked for: outside of the {}; {how}",
                root.kind, other.one
            ));
        }
    }
    said
}

/// Of two statuses of one kind in two workspaces, the one that a person has to know.
fn worse(one: Status, other: Status) -> Status {
    let weight = |status: Status| match status {
        Status::NotAsked | Status::Outside => 0,
        Status::Empty | Status::OtherShards => 1,
        Status::ByName => 2,
        Status::Retired => 3,
        Status::NotOffered => 4,
        Status::Items => 5,
        Status::Denied => 6,
        Status::Failed => 7,
    };
    if weight(other) > weight(one) {
        other
    } else {
        one
    }
}

/// The caller's fields of bag-info.txt.
pub(super) fn bag_info(args: &ExportArgs, facts: &Facts, gaps: u64) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    let mut add = |label: &str, value: Option<String>| {
        if let Some(value) = value {
            fields.push((label.to_owned(), value));
        }
    };
    add("Source-Organization", args.source_organization.clone());
    add("Contact-Name", args.contact_name.clone());
    add("Contact-Email", args.contact_email.clone());
    add("Bagging-Date", Some(facts.started.date().to_string()));
    add("External-Identifier", Some(facts.scope.clone()));
    add(
        "External-Description",
        Some("What Azure Machine Learning holds in this scope; see data/report.html".to_owned()),
    );
    add("Bag-Software-Agent", Some(facts.tool.clone()));
    add("Aml-Dsr-Started", facts.began.format(&Rfc3339).ok());
    let now = OffsetDateTime::now_utc();
    let now = now.replace_nanosecond(0).unwrap_or(now);
    add("Aml-Dsr-Finished", now.format(&Rfc3339).ok());
    add("Aml-Dsr-Scope", Some(facts.scope.clone()));
    add("Aml-Dsr-Shard", facts.shard.map(|shard| shard.to_string()));
    add("Aml-Dsr-Cloud", Some(facts.cloud.clone()));
    add(
        "Aml-Dsr-Content",
        Some(
            if facts.content {
                "with the bytes of artifacts and assets"
            } else {
                "without the bytes of artifacts and assets"
            }
            .to_owned(),
        ),
    );
    add("Aml-Dsr-Complete", Some(completeness(gaps)));
    fields
}

/// The tag file about this run.
pub(super) fn run_json(facts: &Facts) -> String {
    let value = serde_json::json!({
        "tool": facts.tool,
        "scope": facts.scope,
        "cloud": facts.cloud,
        "signed_in_by": facts.identity,
        "started": facts.started.format(&Rfc3339).unwrap_or_default(),
        "requests": facts.requests,
        "waits": facts.waits,
        "waited_ms": u64::try_from(facts.waited.as_millis()).unwrap_or(u64::MAX),
    });
    format!("{value:#}\n")
}

/// Whether anything is missing, for bag-info.txt.
pub(super) fn completeness(gaps: u64) -> String {
    if gaps == 0 {
        "complete".to_owned()
    } else {
        format!("with {gaps} gaps, see data/gaps.jsonl")
    }
}

/// The page that explains the directory to whoever opens it. It must be the same each time, so it names no time and no host.
pub(super) fn readme(scope: &str, content: bool, shard: Option<Shard>, gaps: u64) -> String {
    let complete = if gaps == 0 {
        "Nothing that was asked for is missing.".to_owned()
    } else {
        format!("It is incomplete: {gaps} gaps are listed, with their reasons, in gaps.jsonl.")
    };
    let content = if content {
        "The bytes of artifacts lie below runs/, those of assets below assets/."
    } else {
        "The bytes of artifacts and assets were left out on request."
    };
    let part = shard.map_or_else(String::new, |shard| {
        format!(
            "\nIt is shard {shard} of that. What the other shards hold is not here; `aml-dsr merge` makes one bag of all of them."
        )
    });
    format!(
        "\
This directory holds what Azure Machine Learning holds in the
{scope}.{part}
{complete}

What is where

  report.html       the report for people: open it in a browser; no network is needed
  README.txt        this page
  inventory.jsonl   one line for each item: its kind and id, what it belongs to, in which file and line its document
                    stands, which people and times it names, and what was blanked in it
  gaps.jsonl        one line for each thing that is missing (\"gap\"), or that is worth knowing (\"note\")
  coverage.jsonl    one line for each workspace or registry and kind: exported, empty, denied, retired,
                    not offered, or outside of the scope
  elsewhere.jsonl   one line for each place around a workspace or registry that holds more and is not in this bag: its
                    storage account, key vault, container registry, logs, and what each may keep of what was deleted
  workspaces/       one directory for each workspace
    <workspace>/workspace.json              the workspace itself
    <workspace>/<kind>.jsonl                one line for each item of a kind: the service's own document
    <workspace>/experiments/<experiment>/   runs.jsonl, run-details.jsonl, metrics.jsonl, metrics-v2.jsonl, artifacts.jsonl
    <workspace>/experiments/<experiment>/runs/<run>/artifacts/   files that the run wrote
  registries/       one directory for each registry: registry.json, and one file for each kind

{content}

How to read it

Files that end in .jsonl hold JSON Lines: each line is one document, complete in itself, in UTF-8. pandas, DuckDB, jq,
Spark and most editors read them as they are. The documents are the service's own, value for value; only secrets (keys,
passwords, tokens, signatures of links) were replaced by \"[redacted]\", and each such place is listed in inventory.jsonl.

Names of files and directories are made so that every file system can hold them: a character that could do harm is
written as = and two hexadecimal digits, and a name may end in ~ and a short mark that keeps apart what some file systems
would mix up (a name in capital letters, a file and a directory of one name). The true names stand in inventory.jsonl.

How to check it

The directory above this one is a BagIt 1.0 bag (RFC 8493). From there:

  sha256sum -c manifest-sha256.txt     every file of the payload
  aml-dsr verify .                     everything, without a network
"
    )
}
