//! `find --people`: who occurs in identity fields at all, each person with every identifier, and how often.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;

use super::find::{Looked, cell};
use super::screen;

/// A person, as far as the documents say that identifiers belong together.
struct Somebody {
    /// Form and value.
    identifiers: Vec<(&'static str, String)>,
    /// Documents in which the most frequent of the identifiers stands, by kind.
    kinds: BTreeMap<&'static str, u64>,
}

impl Somebody {
    fn documents(&self) -> u64 {
        self.kinds.values().sum()
    }
}

/// Everybody, the most frequent first.
fn everybody(looked: &mut Looked) -> Vec<Somebody> {
    let Some(others) = looked.seen.others.take() else {
        return Vec::new();
    };
    let mut groups: BTreeMap<String, Vec<(&'static str, String)>> = BTreeMap::new();
    for (pseudonym, form, value) in others.finish().key() {
        groups
            .entry(pseudonym)
            .or_default()
            .push((form, value.to_owned()));
    }
    let mut all: Vec<Somebody> = groups
        .into_values()
        .filter_map(|mut identifiers| {
            identifiers.sort();
            identifiers.dedup();
            // One that was only mentioned in a text stands in no identity field.
            let most = identifiers
                .iter()
                .filter_map(|(_, value)| looked.seen.roll.get(value))
                .max_by_key(|called| called.documents())?;
            Some(Somebody {
                kinds: most.kinds.clone(),
                identifiers,
            })
        })
        .collect();
    all.sort_by(|one, other| {
        other
            .documents()
            .cmp(&one.documents())
            .then_with(|| one.identifiers.cmp(&other.identifiers))
    });
    all
}

pub(super) fn as_text(looked: &mut Looked) -> String {
    let all = everybody(looked);
    let mut out = String::new();
    let _ = writeln!(out, "{:>9}  who, and in which kinds", "documents");
    for one in &all {
        let who: Vec<String> = one
            .identifiers
            .iter()
            .map(|(form, value)| format!("{value} ({form})"))
            .collect();
        let kinds: Vec<String> = one
            .kinds
            .iter()
            .map(|(kind, count)| format!("{kind} {}", screen::count(*count)))
            .collect();
        let _ = writeln!(
            out,
            "{:>9}  {}",
            screen::count(one.documents()),
            who.join(", ")
        );
        let _ = writeln!(out, "{:>9}  {}", "", kinds.join(", "));
    }
    let _ = writeln!(
        out,
        "\n{} people in identity fields. {}",
        screen::count(all.len() as u64),
        looked.words()
    );
    out
}

pub(super) fn as_json(looked: &mut Looked) -> serde_json::Value {
    let people: Vec<_> = everybody(looked)
        .iter()
        .map(|one| {
            let identifiers: Vec<_> = one
                .identifiers
                .iter()
                .map(|(form, value)| json!({"form": form, "value": value}))
                .collect();
            json!({"identifiers": identifiers, "documents": one.documents(), "kinds": one.kinds})
        })
        .collect();
    json!({
        "people": people,
        "looked_at": {"kinds": looked.kinds(), "items": looked.items(), "gaps": looked.gaps},
        "coverage": looked.coverage,
    })
}

pub(super) fn as_csv(looked: &mut Looked) -> String {
    let mut out = "person,form,value,documents\r\n".to_owned();
    for (number, one) in everybody(looked).iter().enumerate() {
        for (form, value) in &one.identifiers {
            let _ = write!(
                out,
                "{},{form},{},{}\r\n",
                number + 1,
                cell(value),
                one.documents()
            );
        }
    }
    out
}
