//! What became of each workspace, for people and for programs.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::ending::Ending;
use crate::cli::screen::count;
use crate::report::{Gap, Severity};

/// One workspace.
pub(in crate::cli) struct Row {
    pub label: String,
    /// Its path below the resource manager.
    pub id: String,
    /// Its bag, below the folder.
    pub folder: String,
    pub ending: Ending,
    /// Nothing where the bag was finished before, or where there is none.
    pub items: Option<u64>,
    pub gaps: u64,
    /// An earlier start has finished it.
    pub before: bool,
    /// Why there is no bag.
    pub reason: Option<String>,
}

/// All of them.
pub(in crate::cli) struct Each {
    pub scope: String,
    pub output: PathBuf,
    pub rows: Vec<Row>,
    /// What has to be known about the count of workspaces.
    pub remarks: Vec<Gap>,
    pub took: Duration,
}

impl Row {
    pub(super) fn json(&self) -> Value {
        json!({
            "workspace": self.label,
            "id": self.id,
            "bag": self.reason.is_none().then_some(&self.folder),
            "exit_code": self.ending.code(),
            "items": self.items,
            "gaps": self.gaps,
            "finished_before": self.before,
            "reason": self.reason,
        })
    }

    fn words(&self) -> String {
        if let Some(reason) = &self.reason {
            return format!("no bag: {reason}");
        }
        let gaps = match self.gaps {
            0 => "complete".to_owned(),
            1 => "with 1 gap".to_owned(),
            gaps => format!("with {} gaps", count(gaps)),
        };
        if self.before {
            format!("{gaps}, finished before")
        } else {
            gaps
        }
    }
}

impl Each {
    fn bags(&self) -> usize {
        self.rows.iter().filter(|row| row.reason.is_none()).count()
    }

    /// For the screen: a line a workspace, in the order of their ids.
    pub(in crate::cli) fn text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "\n{:<40} {:>12}  bag", "workspace", "items");
        for row in &self.rows {
            let items = row.items.map(count).unwrap_or_default();
            let _ = writeln!(out, "{:<40} {items:>12}  {}", row.label, row.words());
        }
        for gap in &self.remarks {
            let what = if gap.severity == Severity::Gap {
                "gap"
            } else {
                "note"
            };
            let _ = writeln!(out, "{what} of {}: {}", gap.workspace, gap.reason);
        }
        let items: u64 = self.rows.iter().filter_map(|row| row.items).sum();
        let _ = writeln!(
            out,
            "\n{} of {} workspaces have a bag; {} items were exported now, in {:.1} s.",
            count(self.bags() as u64),
            count(self.rows.len() as u64),
            count(items),
            self.took.as_secs_f64()
        );
        let _ = writeln!(out, "The bags are in {}.", self.output.display());
        if let Some(row) = self.rows.iter().find(|row| row.reason.is_none()) {
            let bag = self.output.join(&row.folder);
            let _ = writeln!(out, "Next, for each: aml-dsr verify {}", bag.display());
        }
        out
    }

    /// For programs.
    pub(in crate::cli) fn json(&self) -> Value {
        let rows: Vec<Value> = self.rows.iter().map(Row::json).collect();
        json!({
            "output": self.output.display().to_string(),
            "scope": self.scope,
            "bags": self.bags(),
            "workspaces": rows,
            "remarks": self.remarks,
            "seconds": (self.took.as_secs_f64() * 1000.0).round() / 1000.0,
        })
    }
}
