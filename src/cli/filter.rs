//! One language for choosing items, for what is exported and for what is deleted.

use std::collections::HashSet;

use clap::Args;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::closure::{Key, key};
use super::ending::Failure;
use crate::kinds::{self, Walk};
use crate::plan::keyed;
use crate::plan::replay::{self, Replay};
use crate::walk::Line;

/// What is chosen. Options of different names narrow each other; the same one given twice widens.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Selection")]
pub struct FilterArgs {
    /// Items of this kind (see `aml-dsr kinds`); repeatable
    #[arg(long = "kind", value_name = "KIND")]
    pub kind: Vec<String>,
    /// The item of this id, for example a model as NAME:VERSION; with one --kind; repeatable
    #[arg(long, value_name = "ID", requires = "kind")]
    pub id: Vec<String>,
    /// An experiment with everything in it, by its name; repeatable
    #[arg(long, value_name = "NAME")]
    pub experiment: Vec<String>,
    /// A run with what belongs to it, by its id; repeatable
    #[arg(long, value_name = "ID")]
    pub run: Vec<String>,
    /// Items whose newest time is longer ago than this, for example 365d; runs, unless other options name something else
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    pub older_than: Option<Duration>,
}

/// A choice, checked.
#[derive(Debug, Default)]
pub(super) struct Filter {
    kinds: Vec<&'static str>,
    ids: HashSet<String>,
    experiments: HashSet<String>,
    runs: HashSet<String>,
    before: Option<OffsetDateTime>,
    /// Exactly these items.
    only: Option<HashSet<Key>>,
    /// What an earlier receipt's list holds, with the key to its hashes.
    replay: Option<(Replay, keyed::Key)>,
    words: Vec<String>,
}

impl FilterArgs {
    /// Whether anything is chosen.
    pub(super) fn is_given(&self) -> bool {
        !self.kind.is_empty()
            || !self.experiment.is_empty()
            || !self.run.is_empty()
            || self.older_than.is_some()
    }

    /// Checks it. `alone` says that nothing but this chooses: then an age speaks of runs.
    pub(super) fn check(&self, alone: bool, now: OffsetDateTime) -> anyhow::Result<Filter> {
        let mut filter = Filter {
            ids: self.id.iter().cloned().collect(),
            experiments: self.experiment.iter().cloned().collect(),
            runs: self.run.iter().cloned().collect(),
            before: self.older_than.map(|age| now - age),
            ..Filter::default()
        };
        for name in &self.kind {
            let kind = kinds::find(name)
                .filter(|kind| kind.walk != Walk::Finder)
                .ok_or_else(|| super::export::no_kind(name.clone()))?;
            if kind.walk == Walk::Root {
                return Err(Failure::usage(
                    "a workspace or registry is not one item among others; to delete a whole one there is --workspace, or --whole-registry",
                ));
            }
            filter.kinds.push(kind.name);
        }
        if !self.id.is_empty() && filter.kinds.len() != 1 {
            return Err(Failure::usage(
                "--id names an item of one kind: give one --kind with it",
            ));
        }
        let by_age_alone = alone
            && self.kind.is_empty()
            && self.experiment.is_empty()
            && self.run.is_empty()
            && self.older_than.is_some();
        if by_age_alone {
            filter.kinds.push("runs");
        }
        filter.words = self.words(by_age_alone);
        Ok(filter)
    }

    fn words(&self, by_age_alone: bool) -> Vec<String> {
        let mut words = Vec::new();
        for kind in &self.kind {
            if self.id.is_empty() {
                words.push(format!("kind {kind}"));
            }
            words.extend(self.id.iter().map(|id| format!("{kind} {id}")));
        }
        words.extend(
            self.experiment
                .iter()
                .map(|name| format!("experiment {name}")),
        );
        words.extend(self.run.iter().map(|id| format!("run {id}")));
        if let Some(age) = self.older_than {
            let what = if by_age_alone { "runs " } else { "" };
            words.push(format!("{what}older than {} days", age.whole_days()));
        }
        words
    }
}

impl Filter {
    /// Exactly these items, and nothing else.
    pub(super) fn only(items: HashSet<Key>, words: String) -> Self {
        Self {
            only: Some(items),
            words: vec![words],
            ..Self::default()
        }
    }

    /// What an earlier erasure erased, if it came back.
    pub(super) fn replay(list: Replay, key: keyed::Key, words: String) -> Self {
        Self {
            replay: Some((list, key)),
            words: vec![words],
            ..Self::default()
        }
    }

    /// What is chosen, in words.
    pub(super) fn in_words(&self) -> &[String] {
        &self.words
    }

    /// Whether an item is chosen by itself. `experiments` are the ids of the chosen experiments, which are seen before
    /// anything that is in them.
    pub(super) fn selects(&self, line: &Line<'_>, experiments: &HashSet<String>) -> bool {
        if let Some(only) = &self.only {
            return only.contains(&key(line.workspace, line.kind.name, line.id));
        }
        if line.kind.walk == Walk::Root {
            return false;
        }
        if let Some((list, key)) = &self.replay {
            return replay::matches(key, list, line.kind.name, line.id);
        }
        let name = line.kind.name;
        let of_kind = self.kinds.is_empty()
            || (self.kinds.contains(&name) && (self.ids.is_empty() || self.ids.contains(line.id)));
        let of_experiment = self.experiments.is_empty()
            || self.is_chosen_experiment(line)
            || line
                .parent
                .is_some_and(|(kind, id)| kind == "experiments" && experiments.contains(id));
        let of_run = self.runs.is_empty() || (name == "runs" && self.runs.contains(line.id));
        let old = self
            .before
            .is_none_or(|before| is_before(&line.times, before));
        of_kind && of_experiment && of_run && old
    }

    /// Whether a line is an experiment whose name was given.
    pub(super) fn is_chosen_experiment(&self, line: &Line<'_>) -> bool {
        line.kind.name == "experiments"
            && kinds::item::first(line.parsed, "name")
                .is_some_and(|name| self.experiments.contains(&name))
    }
}

/// Whether the newest of an item's times is before that. An item without a time that can be read is not old.
fn is_before(times: &[(String, String)], before: OffsetDateTime) -> bool {
    let newest = times
        .iter()
        .filter_map(|(_, value)| OffsetDateTime::parse(value, &Rfc3339).ok())
        .max();
    newest.is_some_and(|newest| newest < before)
}

/// An age: a whole number of days, hours or weeks.
pub(super) fn parse_age(text: &str) -> Result<Duration, String> {
    let wrong = || format!("\"{text}\" is no age; write a number with h, d or w, for example 365d");
    let mut number = text.trim().chars();
    let hours = match number.next_back() {
        Some('h') => 1,
        Some('d') => 24,
        Some('w') => 7 * 24,
        _ => return Err(wrong()),
    };
    let number: i64 = number.as_str().parse().map_err(|_| wrong())?;
    number
        .checked_mul(hours)
        .filter(|hours| (1..=1_000_000).contains(hours))
        .map(Duration::hours)
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_whole_and_positive() {
        assert_eq!(parse_age("365d"), Ok(Duration::days(365)));
        assert_eq!(parse_age("24h"), Ok(Duration::hours(24)));
        assert_eq!(parse_age("2w"), Ok(Duration::days(14)));
        for wrong in [
            "",
            "d",
            "365",
            "-1d",
            "0d",
            "1y",
            "1.5d",
            "99999999999999999999d",
            "ä",
        ] {
            assert!(parse_age(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_has_no_time_is_not_old() {
        let before = OffsetDateTime::UNIX_EPOCH + Duration::days(365);
        let times = |values: &[&str]| -> Vec<(String, String)> {
            values
                .iter()
                .map(|value| ("t".to_owned(), (*value).to_owned()))
                .collect()
        };
        assert!(is_before(&times(&["1970-02-01T00:00:00Z"]), before));
        assert!(!is_before(
            &times(&["1970-02-01T00:00:00Z", "2020-01-01T00:00:00Z"]),
            before
        ));
        assert!(!is_before(&times(&[]), before));
        assert!(!is_before(&times(&["yesterday"]), before));
    }
}
