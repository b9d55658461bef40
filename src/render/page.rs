//! The HTML page, written piece by piece: what comes before the records, then record after record.

use std::io::Write;

use askama::Template;

use super::head::{Head, Name};
use super::html::{Link, Row, Value};
use super::limits::Limits;
use super::record::{LONG, Recorder};
use super::subject::Subject;
use super::survey::{OfKind, Survey};
use super::words::{Words, fill};
use super::{Language, Options, RenderError};
use crate::bag::{Bag, Documents, Inventory};

#[derive(Template)]
#[template(path = "kind.html", config = "src/render/askama.toml")]
struct KindHead {
    at: usize,
    name: Name,
    said: String,
}

#[derive(Template)]
#[template(path = "record.html", config = "src/render/askama.toml")]
struct Record {
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "kind_end.html", config = "src/render/askama.toml")]
struct KindEnd {
    words: &'static Words,
    rest: Option<String>,
    files: Vec<Value>,
    more: Option<String>,
    inventory: String,
}

#[derive(Template)]
#[template(path = "tail.html", config = "src/render/askama.toml")]
struct Tail {
    words: &'static Words,
    tool: String,
}

/// Writes the page.
pub fn html(bag: &Bag, options: &Options, to: &mut dyn Write) -> Result<(), RenderError> {
    let language = options.language;
    let survey = Survey::of(bag)?;
    let limits = Limits::of(bag)?;
    let subject = Subject::of(bag)?;
    let several = limits.workspaces + limits.registries > 1;
    Head::of(bag, options, &survey, limits, subject.as_ref())?.write_into(to)?;
    let mut from = Source {
        inventory: bag.inventory()?,
        documents: bag.documents(),
        recorder: Recorder {
            language,
            link: &options.link,
            several,
            of_subject: subject.is_some(),
        },
    };
    for (at, kind) in survey.kinds.iter().enumerate() {
        write_kind(at, kind, &mut from, to)?;
    }
    let tool = bag.info("Bag-Software-Agent").unwrap_or("aml-dsr");
    let tail = Tail {
        words: language.words(),
        tool: Value::foreign(tool, LONG, language).text,
    };
    tail.write_into(to)?;
    Ok(())
}

/// Where the records come from.
struct Source<'a> {
    inventory: Inventory,
    documents: Documents,
    recorder: Recorder<'a>,
}

fn write_kind(
    at: usize,
    kind: &OfKind,
    from: &mut Source<'_>,
    to: &mut dyn Write,
) -> Result<(), RenderError> {
    let language = from.recorder.language;
    let words = language.words();
    let shown = kind.first.len() as u64;
    let said = if shown < kind.records {
        let (shown, all) = (language.count(shown), language.count(kind.records));
        fill(words.record_first, &[("shown", &shown), ("all", &all)])
    } else {
        let all = language.plural(words.records, kind.records);
        fill(words.record_all, &[("all", &all)])
    };
    let head = KindHead {
        at,
        name: Name::of(&kind.kind, language),
        said,
    };
    head.write_into(to)?;
    for offset in &kind.first {
        from.inventory.go_to(*offset)?;
        let Some(item) = from.inventory.next() else {
            break;
        };
        let rows = from.recorder.rows(&item?, &mut from.documents);
        Record { rows }.write_into(to)?;
    }
    end_of(kind, language, from.recorder.link, words).write_into(to)?;
    Ok(())
}

/// Where the records that are not shown are.
fn end_of(kind: &OfKind, language: Language, link: &Link, words: &'static Words) -> KindEnd {
    let files = kind.held_in.iter().map(|(file, records)| Value {
        href: link.to(file),
        after: Some(language.plural(words.records, *records)),
        ..Value::foreign(file, LONG, language)
    });
    let rest = kind.records - kind.first.len() as u64;
    let more = kind.more_files.count();
    KindEnd {
        words,
        rest: (rest > 0).then(|| language.count(rest)),
        files: files.collect(),
        more: (more > 0).then(|| language.plural(words.more_files, more)),
        inventory: link.to("inventory.jsonl").unwrap_or_default(),
    }
}
