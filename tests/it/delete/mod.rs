//! Whole erasures: a plan is made, read, approved and carried out against the emulator, whose own log says what was sent and
//! whose own search says what is left.

mod obstacles;
mod refusals;
mod registry;
mod story;
mod targets;
#[cfg(unix)]
mod torn;
#[cfg(target_os = "linux")]
mod typed;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::context::{Outcome, Room};
use crate::emulated::{EmulatorProcess, MAIN, SMALL};

/// A small workspace of an emulator of its own, and a room to work in.
pub(crate) struct Desk {
    pub(crate) emulator: EmulatorProcess,
    pub(crate) room: Room,
    pub(crate) workspace: &'static str,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::at(SMALL, &[])
    }

    pub(crate) fn main() -> Self {
        Self::at(MAIN, &[])
    }

    pub(crate) fn at(workspace: &'static str, args: &[&str]) -> Self {
        let emulator = EmulatorProcess::start(args);
        emulator.tell(
            "settings",
            &json!({"operation_ms": 50, "retry_after_seconds": 0, "locks": []}),
        );
        Self {
            emulator,
            room: Room::new(),
            workspace,
        }
    }

    /// `delete` with the scope of the workspace.
    pub(crate) fn args(&self, more: &[&str]) -> Vec<String> {
        let mut args = vec!["delete".to_owned()];
        args.extend(self.emulator.scope(self.workspace));
        args.extend(more.iter().map(|word| (*word).to_owned()));
        args
    }

    pub(crate) fn delete(&self, more: &[&str]) -> Outcome {
        self.room.run(&self.args(more))
    }

    /// Makes a plan without an export, and gives it.
    pub(crate) fn plan(&self, name: &str, more: &[&str]) -> Value {
        let mut all = vec![
            "--dry-run",
            "--plan-out",
            name,
            "--without-export",
            "--max-percent",
            "100",
        ];
        all.extend(more);
        let _ = self.delete(&all).ends(0);
        self.read(name)
    }

    pub(crate) fn read(&self, name: &str) -> Value {
        let text = std::fs::read_to_string(self.room.path(name)).expect(name);
        serde_json::from_str(&text).expect("JSON")
    }

    /// Carries a plan out by its digest.
    pub(crate) fn carry(&self, name: &str, more: &[&str]) -> Outcome {
        let digest = self.read(name)["digest"].as_str().expect("a digest")[..8].to_owned();
        let mut all = vec!["--plan", name, "--confirm", &digest];
        if !more.contains(&"--patience") {
            all.extend(["--patience", "20"]);
        }
        all.extend(more);
        self.delete(&all)
    }

    /// What the emulator saw that changes something: method and address.
    pub(crate) fn changes(&self) -> Vec<(String, String)> {
        let diary = self.emulator.diary();
        let log = diary.0["log"].as_array().expect("a log").clone();
        log.iter()
            .map(|line| {
                let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
                (text("method"), text("path"))
            })
            .filter(|(method, path)| {
                matches!(method.as_str(), "DELETE" | "PUT" | "PATCH")
                    || (method == "POST" && path.contains("/cancel"))
            })
            .collect()
    }

    /// What was really erased or changed, by kind and id.
    pub(crate) fn deletions(&self) -> Vec<(String, String)> {
        let all = self.emulator.ask_json("deletions");
        let all = all["deletions"]
            .as_array()
            .or(all.as_array())
            .expect("a list")
            .clone();
        all.iter()
            .map(|one| {
                let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
                (text("kind"), text("id"))
            })
            .collect()
    }
}

/// The steps of a plan.
pub(crate) fn steps(plan: &Value) -> Vec<&Value> {
    let waves = plan["waves"].as_array().expect("waves");
    waves
        .iter()
        .flat_map(|wave| wave["steps"].as_array().expect("steps"))
        .collect()
}

/// Kind and id of each step.
pub(crate) fn named(plan: &Value) -> BTreeSet<(String, String)> {
    steps(plan)
        .iter()
        .map(|step| {
            let text = |name: &str| step[name].as_str().expect(name).to_owned();
            (text("kind"), text("id"))
        })
        .collect()
}

/// Verb and address of each call of a plan.
pub(crate) fn calls(plan: &Value) -> BTreeSet<(String, String)> {
    steps(plan)
        .iter()
        .flat_map(|step| step["calls"].as_array().expect("calls").clone())
        .map(|call| {
            let text = |name: &str| call[name].as_str().expect(name).to_owned();
            (text("verb"), text("address"))
        })
        .collect()
}

/// No change was sent that the plan did not show, to the letter.
pub(crate) fn only_what_was_shown(desk: &Desk, plan: &Value) {
    let shown = calls(plan);
    for change in desk.changes() {
        assert!(shown.contains(&change), "{change:?} stands in no plan");
    }
}
