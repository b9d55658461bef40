//! The page of a receipt: what a person opens who asked for an erasure, or who answers for one.

use std::io::Write;

use askama::Template;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::RenderError;
use super::head::Name;
use super::html::{Row, Value};
use super::language::Language;
use super::record::LONG;
use super::words::receipt::ReceiptWords;
use super::words::{Words, fill};
use crate::kinds::roots;
use crate::plan::model::Decision;
use crate::plan::receipt::{End, Exported, Receipt};
use crate::plan::residue::{Notify, Remains};
use crate::plan::sign;

#[derive(Template)]
#[template(path = "receipt.html", config = "src/render/askama.toml")]
struct Page {
    tag: &'static str,
    words: &'static Words,
    told: &'static ReceiptWords,
    caution: Option<String>,
    asked: Vec<Row>,
    summary: Vec<String>,
    outcome: Vec<Line>,
    left: Vec<Line>,
    states: Vec<(&'static str, &'static str)>,
    remains: Vec<Left>,
    notify: Vec<Told>,
    openssl: Option<[&'static str; 2]>,
    facts: Vec<Row>,
    tool: String,
}

/// A kind, what came of it, and how many.
struct Line {
    name: Name,
    what: String,
    items: String,
}

struct Left {
    what: &'static str,
    place: Option<Value>,
    items: Option<String>,
    until: String,
    ask: &'static str,
}

struct Told {
    whom: &'static str,
    place: Option<Value>,
    items: Option<String>,
    why: &'static str,
}

/// Writes the page.
pub fn receipt(
    receipt: &Receipt,
    language: Language,
    to: &mut dyn Write,
) -> Result<(), RenderError> {
    let (words, told) = (language.words(), language.receipt_words());
    let there = receipt
        .counts
        .iter()
        .filter(|count| !count.state.is_gone())
        .map(|count| count.items)
        .sum::<u64>();
    let page = Page {
        tag: language.tag(),
        words,
        told,
        caution: (there > 0).then(|| language.plural(told.caution, there)),
        asked: asked(receipt, language),
        summary: summary(receipt, language),
        outcome: receipt
            .counts
            .iter()
            .map(|count| Line {
                name: Name::of(&count.kind, language),
                what: state(told, count.state).0.to_owned(),
                items: language.count(count.items),
            })
            .collect(),
        left: left(receipt, language),
        states: End::ALL
            .into_iter()
            .filter(|end| receipt.counts.iter().any(|count| count.state == *end))
            .map(|end| state(told, end))
            .collect(),
        remains: receipt
            .remains
            .iter()
            .map(|one| remains(one, language))
            .collect(),
        notify: receipt
            .notify
            .iter()
            .map(|one| notify(one, language))
            .collect(),
        openssl: receipt
            .check
            .public_key
            .as_ref()
            .map(|_| [sign::COMMAND, sign::FINGERPRINT]),
        facts: facts(receipt, language),
        tool: Value::foreign(&receipt.tool, LONG, language).text,
    };
    page.write_into(to)?;
    Ok(())
}

fn state(told: &ReceiptWords, end: End) -> (&'static str, &'static str) {
    told.states[end as usize]
}

fn moment(text: &str, language: Language) -> Value {
    match OffsetDateTime::parse(text, &Rfc3339) {
        Ok(time) => Value::own(language.moment(time)),
        Err(_) => Value::foreign(text, LONG, language),
    }
}

fn coded(text: &str, language: Language) -> Value {
    Value {
        code: true,
        ..Value::foreign(text, LONG, language)
    }
}

fn asked(receipt: &Receipt, language: Language) -> Vec<Row> {
    let (words, told) = (language.words(), language.receipt_words());
    let foreign = |text: &str| Value::foreign(text, LONG, language);
    let case = match &receipt.case {
        Some(case) => foreign(case),
        None => Value::own(told.not_stated),
    };
    let mut rows = vec![Row::of(told.case, vec![case])];
    if let Some(name) = &receipt.responsible {
        rows.push(Row::of(told.responsible, vec![foreign(name)]));
    }
    let whom = if receipt.subject.is_empty() {
        told.no_person.to_owned()
    } else {
        language.plural(told.one_person, receipt.subject.len() as u64)
    };
    rows.push(Row::of(told.about_whom, vec![Value::own(whom)]));
    let root = roots::root_of_label(&receipt.scope.workspace);
    let of_root = if *root == roots::WORKSPACES {
        words.workspace
    } else {
        words.registry
    };
    for (label, name) in [
        (of_root, root.name_of(&receipt.scope.workspace)),
        (words.resource_group, &*receipt.scope.resource_group),
        (words.subscription, &*receipt.scope.subscription),
    ] {
        rows.push(Row::of(label, vec![foreign(name)]));
    }
    let cloud = match receipt.cloud.as_str() {
        "the emulator" => Value::own(words.emulator),
        cloud => foreign(cloud),
    };
    rows.push(Row::of(words.cloud, vec![cloud]));
    for (label, time) in [(told.began, &receipt.began), (told.ended, &receipt.ended)] {
        rows.push(Row::of(label, vec![moment(time, language)]));
    }
    let (given, wanted) = (receipt.approvals.given, receipt.approvals.wanted);
    let text = fill(
        told.approvals_text,
        &[
            ("given", &language.count(given.into())),
            ("wanted", &language.count(wanted.into())),
        ],
    );
    rows.push(Row::of(told.approvals, vec![Value::own(text)]));
    let export = match &receipt.export {
        Exported::Bag { manifest } => {
            vec![Value::own(told.export_bag), coded(manifest, language)]
        }
        Exported::Without => vec![Value::own(told.export_without)],
    };
    rows.push(Row::of(told.export, export));
    rows.push(Row::of(told.plan, vec![coded(&receipt.plan, language)]));
    rows
}

/// How many items are in each state, the best first.
fn summary(receipt: &Receipt, language: Language) -> Vec<String> {
    let told = language.receipt_words();
    let of = |end: End| {
        let counts = receipt.counts.iter().filter(|count| count.state == end);
        let items: u64 = counts.map(|count| count.items).sum();
        (items > 0).then(|| {
            let items = language.plural(told.items, items);
            format!("{}: {items}", state(told, end).0)
        })
    };
    End::ALL.into_iter().filter_map(of).collect()
}

fn left(receipt: &Receipt, language: Language) -> Vec<Line> {
    let told = language.receipt_words();
    let line = |one: &crate::plan::receipt::Left| {
        let decision = told.decisions[index(one.decision)];
        let what = if one.asked {
            decision.to_owned()
        } else {
            format!("{} ({decision})", told.not_asked)
        };
        Line {
            name: Name::of(&one.kind, language),
            what,
            items: language.count(one.items),
        }
    };
    receipt.without_step.iter().map(line).collect()
}

/// The place of a decision's words.
fn index(decision: Decision) -> usize {
    match decision {
        Decision::Delete => 0,
        Decision::Disable => 1,
        Decision::WithParent => 2,
        Decision::Keep => 3,
        Decision::Cannot => 4,
        Decision::AlreadyGone => 5,
    }
}

fn remains(one: &Remains, language: Language) -> Left {
    let told = language.receipt_words();
    let (what, until, ask) = told.remains[one.what as usize];
    let date = Date::parse(
        one.until.get(..10).unwrap_or_default(),
        format_description!("[year]-[month]-[day]"),
    );
    Left {
        what,
        place: one.place.as_ref().map(|place| coded(place, language)),
        items: one.items.map(|items| language.plural(told.items, items)),
        until: match date {
            Ok(date) => language.day(date),
            Err(_) => until.to_owned(),
        },
        ask,
    }
}

fn notify(one: &Notify, language: Language) -> Told {
    let told = language.receipt_words();
    let (whom, why) = told.whom[one.whom as usize];
    let place = one.place.as_ref().map(|place| {
        let name = Name::of(place, language);
        match name.code {
            Some(_) => Value::foreign(&name.name, LONG, language),
            None => coded(place, language),
        }
    });
    Told {
        whom,
        place,
        items: one.items.map(|items| language.plural(told.items, items)),
        why,
    }
}

fn facts(receipt: &Receipt, language: Language) -> Vec<Row> {
    let told = language.receipt_words();
    let mut rows = Vec::new();
    if let Some(key) = &receipt.check.public_key {
        rows.push(Row::of(told.fingerprint, vec![coded(key, language)]));
    }
    let lines = language.count(receipt.journal.lines);
    let lines = fill(told.journal_text, &[("lines", &lines)]);
    rows.push(Row::of(
        told.journal,
        vec![Value::own(lines), coded(&receipt.journal.last, language)],
    ));
    rows
}

#[cfg(test)]
mod tests;
