//! `find`: where does a person occur, and who occurs at all? It writes nothing.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::commands::{FindArgs, Format, Talk};
use super::connect::{self, Connection};
use super::coverage::{self, Row, Status};
use super::ending::{Ending, Failure};
use super::look::{Aim, Hit, Look, Seen};
use super::resolve::Step;
use super::twins::Twins;
use super::{export, keep, person, screen};
use crate::bag::{Identity, Writer};
use crate::report::tally::Tally;
use crate::report::{All, Reporter};
use crate::subject::mask::People;
use crate::subject::{Matcher, Place, Strength, Subject};
use crate::walk::{Walker, Wanted};

/// Bytes of each file that are looked at, unless something else is said.
pub(super) const SCAN: u64 = 64 << 20;

/// What was seen on the way, and how completely.
pub(super) struct Looked {
    pub seen: Seen,
    pub coverage: Vec<Row>,
    pub gaps: u64,
}

impl Looked {
    pub(super) fn items(&self) -> u64 {
        self.coverage.iter().map(|row| row.items).sum()
    }

    /// Kinds that the service answered for.
    pub(super) fn kinds(&self) -> usize {
        let answered = |row: &&Row| matches!(row.status, Status::Items | Status::Empty);
        let kinds: std::collections::BTreeSet<_> = self
            .coverage
            .iter()
            .filter(answered)
            .map(|row| row.kind)
            .collect();
        kinds.len()
    }

    /// What was looked at, in one sentence.
    pub(super) fn words(&self) -> String {
        format!(
            "Looked at {} kinds, {} items; {} gap{}.",
            self.kinds(),
            screen::count(self.items()),
            screen::count(self.gaps),
            if self.gaps == 1 { "" } else { "s" }
        )
    }
}

/// Runs it.
pub(super) async fn run(args: FindArgs, talk: &Talk) -> anyhow::Result<Ending> {
    if !args.person.is_given() && !args.people {
        return Err(Failure::usage(
            "say whom to look for with --subject, --object-id or --subject-file; or list everybody with --people",
        ));
    }
    let wanted = Wanted::new(&args.kinds, args.scan_content, None).map_err(export::no_kind)?;
    let wanted = args.scope.naming(wanted);
    let tally = Arc::new(Tally::default());
    let (screen, terminal) = export::listeners(talk);
    let reporter: Arc<dyn Reporter> =
        Arc::new(All(vec![Arc::clone(&tally) as Arc<dyn Reporter>, screen]));
    let (soon, stop) = (CancellationToken::new(), CancellationToken::new());
    export::watch_for_interrupts(soon.clone(), stop.clone(), Arc::clone(&reporter));
    let started = Instant::now();
    let connection =
        connect::open(&args.connection, &args.scope, Arc::clone(&reporter), stop).await?;
    let (subject, resolved) = if args.person.is_given() {
        let (subject, resolved) = person::identify(&args.person, &connection, &reporter).await?;
        (Some(subject), resolved)
    } else {
        (None, Vec::new())
    };
    let matcher = subject.as_ref().map(matcher).transpose()?;
    let aim = Aim {
        matcher,
        filter: None,
        scan: args.scan_content.then_some(SCAN),
        others: args.people.then(|| People::new(&[])),
        roll: args.people,
    };
    let looked = look(&connection, &wanted, aim, soon).await;
    if let Some(terminal) = terminal {
        terminal.close();
    }
    if let Some(emulator) = connection.emulator {
        emulator.stop().await;
    }
    let mut looked = looked?;
    let took = started.elapsed();
    let text = match (&subject, talk.format) {
        (Some(subject), Format::Json) => format!("{:#}\n", as_json(subject, &resolved, &looked)),
        (Some(subject), Format::Csv) => as_csv(subject, &looked),
        (Some(subject), _) => as_text(subject, &looked, took),
        (None, Format::Json) => format!("{:#}\n", super::everybody::as_json(&mut looked)),
        (None, Format::Csv) => super::everybody::as_csv(&mut looked),
        (None, _) => super::everybody::as_text(&mut looked),
    };
    screen::data(&text);
    Ok(if looked.gaps > 0 {
        Ending::Gaps
    } else {
        Ending::Done
    })
}

/// The matcher of a person, for as long as the program runs: files pass by in many tasks, each of which holds on to it.
pub(super) fn matcher(subject: &Subject) -> anyhow::Result<&'static Matcher> {
    let matcher = Matcher::new(subject).map_err(person::refused)?;
    Ok(Box::leak(Box::new(matcher)))
}

/// Walks everything and keeps nothing.
pub(super) async fn look(
    connection: &Connection,
    wanted: &Wanted,
    aim: Aim,
    soon: CancellationToken,
) -> anyhow::Result<Looked> {
    let place = tempfile::Builder::new().prefix("aml-dsr-").tempdir()?;
    let identity = Identity {
        scope: connection.scope.clone(),
        options: "find".to_owned(),
        tool: export::TOOL.to_owned(),
    };
    let writer = Writer::open(&place.path().join("state"), &identity)?;
    let (inner, thread) = keep::start(writer)?;
    let store = Arc::new(Look::new(inner, aim));
    let walker = Walker::new(
        Arc::clone(&connection.wire),
        Arc::clone(&store),
        wanted.clone(),
        soon,
    );
    let ended = walker.walk(&connection.roots).await;
    drop(walker);
    let seen = store.seen();
    drop(store);
    let writer = tokio::task::spawn_blocking(move || thread.join()).await??;
    ended.map_err(|error| {
        export::explain(
            error,
            "nothing was written, so the same command begins anew",
        )
    })?;
    let counts = writer.counts()?;
    Ok(Looked {
        seen,
        gaps: counts.iter().map(|count| count.tally.gaps).sum(),
        coverage: coverage::of(&counts, wanted),
    })
}

/// Where an identifier stood, in a word for a table: the field of the row, or what kind of place it is.
fn place_of(place: Place) -> &'static str {
    match place {
        Place::Identity { role } => role,
        Place::Text => "text",
        Place::Key => "keys",
        Place::Name => "names and paths",
        Place::Content => "content of files",
    }
}

fn as_text(subject: &Subject, looked: &Looked, took: std::time::Duration) -> String {
    let mut out = String::new();
    let hits = &looked.seen.hits;
    if hits.is_empty() {
        let _ = writeln!(out, "Found nowhere, by {}.", person::words(subject));
        let _ = writeln!(out, "{}", looked.words());
        return out + &notes(looked);
    }
    let _ = writeln!(
        out,
        "{:<30} {:>8} {:>11}  where",
        "kind", "exact", "candidates"
    );
    let mut kinds: Vec<(&str, &str)> = hits
        .iter()
        .map(|hit| (hit.workspace.as_str(), hit.kind.name))
        .collect();
    kinds.dedup();
    for (workspace, kind) in kinds {
        let mine: Vec<&Hit> = hits
            .iter()
            .filter(|hit| hit.workspace == workspace && hit.kind.name == kind)
            .collect();
        let exact = mine
            .iter()
            .filter(|hit| hit.strength() == Strength::Exact)
            .count();
        let mut places: Vec<(&str, u64)> = Vec::new();
        for hit in &mine {
            let mut here: Vec<&str> = hit.matches.iter().map(|one| place_of(one.place)).collect();
            here.extend(hit.content.iter().map(|_| place_of(Place::Content)));
            here.sort_unstable();
            here.dedup();
            for place in here {
                match places.iter_mut().find(|(known, _)| *known == place) {
                    Some((_, count)) => *count += 1,
                    None => places.push((place, 1)),
                }
            }
        }
        places.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
        let places: Vec<String> = places
            .iter()
            .map(|(place, count)| format!("{place} ({count})"))
            .collect();
        let _ = writeln!(
            out,
            "{kind:<30} {:>8} {:>11}  {}",
            screen::count(exact as u64),
            screen::count((mine.len() - exact) as u64),
            places.join(", ")
        );
    }
    let exact = hits
        .iter()
        .filter(|hit| hit.strength() == Strength::Exact)
        .count();
    let others = hits.iter().filter(|hit| hit.contradicted()).count();
    let twins = Twins::of(hits);
    let twice = hits
        .iter()
        .filter(|hit| hit.kind.same.is_some() && twins.of_hit(hit).is_some())
        .count();
    let _ = writeln!(
        out,
        "\nFound by {} in {} items: {} exact, {} candidates, which a person has to judge.",
        person::words(subject),
        screen::count(hits.len() as u64),
        screen::count(exact as u64),
        screen::count((hits.len() - exact) as u64),
    );
    if twice > 0 {
        let _ = writeln!(
            out,
            "{} of them are jobs of runs that were found as well: one thing each, seen by two services.",
            screen::count(twice as u64)
        );
    }
    if others > 0 {
        let _ = writeln!(
            out,
            "{} of them stand beside the object id of somebody else, and are most likely of somebody else.",
            screen::count(others as u64)
        );
    }
    let _ = writeln!(
        out,
        "{} It took {:.1} s.",
        looked.words(),
        took.as_secs_f64()
    );
    out + &notes(looked)
}

/// What else has to be known: gaps, and files that could not be looked at.
fn notes(looked: &Looked) -> String {
    let mut out = String::new();
    if looked.seen.files > 0 {
        let _ = writeln!(
            out,
            "Looked into {} files.",
            screen::count(looked.seen.files)
        );
    }
    let mut skipped: Vec<_> = looked.seen.skipped.iter().collect();
    skipped.sort();
    for (why, count) in skipped {
        let _ = writeln!(out, "{} of them: {why}.", screen::count(*count));
    }
    for sentence in super::summary::outside(&looked.coverage) {
        let _ = writeln!(out, "{sentence}.");
    }
    for row in looked.coverage.iter().filter(|row| row.gaps > 0) {
        let _ = writeln!(
            out,
            "{} of {}: {} gap{}; what is missing there was not looked at.",
            row.kind,
            row.workspace,
            row.gaps,
            if row.gaps == 1 { "" } else { "s" }
        );
    }
    out
}

fn as_json(subject: &Subject, resolved: &[Step], looked: &Looked) -> serde_json::Value {
    let identifiers: Vec<_> = subject
        .identifiers()
        .iter()
        .map(|id| json!({"form": id.form, "value": id.value}))
        .collect();
    let twins = Twins::of(&looked.seen.hits);
    let hits: Vec<_> = looked
        .seen
        .hits
        .iter()
        .map(|hit| {
            json!({
                "workspace": hit.workspace,
                "kind": hit.kind.name,
                "id": hit.id,
                "same_as": twins.of_hit(hit).map(|kind| json!({"kind": kind, "id": hit.id})),
                "parent": hit.parent.as_ref().map(|(kind, id)| json!({"kind": kind, "id": id})),
                "strength": hit.strength(),
                "contradicted": hit.contradicted(),
                "matches": hit.matches,
                "content": hit.content,
            })
        })
        .collect();
    json!({
        "identifiers": identifiers,
        "resolved": resolved,
        "looked_at": {"kinds": looked.kinds(), "items": looked.items(), "gaps": looked.gaps,
                      "files": looked.seen.files, "files_not_looked_at": looked.seen.skipped},
        "hits": hits,
        "coverage": looked.coverage,
    })
}

/// A cell of a table. One that a spreadsheet would take for a formula is made a text.
pub(super) fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

fn as_csv(subject: &Subject, looked: &Looked) -> String {
    let mut out =
        "workspace,kind,id,strength,form,identifier,place,pointer,contradicted\r\n".to_owned();
    let value = |at: usize| {
        subject
            .identifiers()
            .get(at)
            .map_or("", |id| id.value.as_str())
    };
    for hit in &looked.seen.hits {
        let mut line = |strength: &str,
                        form: &str,
                        identifier: &str,
                        place: &str,
                        pointer: &str,
                        contradicted: bool| {
            let cells = [
                hit.workspace.as_str(),
                hit.kind.name,
                &hit.id,
                strength,
                form,
                identifier,
                place,
                pointer,
            ];
            let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
            let _ = write!(out, "{},{contradicted}\r\n", cells.join(","));
        };
        for one in &hit.matches {
            let strength = if one.strength == Strength::Exact {
                "exact"
            } else {
                "candidate"
            };
            line(
                strength,
                one.form.name(),
                value(one.identifier),
                place_of(one.place),
                &one.pointer,
                one.contradicted,
            );
        }
        for one in hit.content.iter().flat_map(|report| &report.matches) {
            let pointer = format!("line {}", one.line);
            line(
                "candidate",
                one.form.name(),
                value(one.identifier),
                place_of(Place::Content),
                &pointer,
                false,
            );
        }
    }
    out
}
