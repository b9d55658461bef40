//! Everything of the page before the records: what was asked, what there is, who appears, what is missing.

use askama::Template;
use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime};

use super::elsewhere::Places;
use super::html::{Row, Value};
use super::language::Language;
use super::limits::{Groups, Limits};
use super::people::{Capacity, Different};
use super::record::{LONG, capacity_name};
use super::subject::Subject;
use super::survey::{Span, Survey};
use super::words::{Words, fill, names};
use super::{Controller, Options, When};
use crate::bag::{Bag, BagError};

/// What stands behind a time that is not there.
const NONE: &str = "–";

#[derive(Template)]
#[template(path = "head.html", config = "src/render/askama.toml")]
pub(super) struct Head {
    tag: &'static str,
    words: &'static Words,
    title: &'static str,
    caution: Option<&'static str>,
    about: Vec<&'static str>,
    how: Vec<&'static str>,
    asked: Vec<Row>,
    summary: Vec<String>,
    held: Vec<Held>,
    total: Held,
    people_text: &'static str,
    people_caption: &'static str,
    people_heads: Vec<&'static str>,
    people: Vec<(String, Vec<String>)>,
    forms: Vec<(String, Vec<String>)>,
    gaps: Reasons,
    notes: Reasons,
    has_reasons: bool,
    several: bool,
    cover: Vec<Covered>,
    cover_more: Option<String>,
    article: Vec<Row>,
    places: Places,
    places_more: Option<String>,
}

/// The name of a kind, with the catalogue's own beside it.
pub(super) struct Name {
    pub(super) name: String,
    pub(super) code: Option<String>,
}

struct Held {
    at: Option<usize>,
    name: String,
    records: String,
    files: String,
    size: String,
    first: String,
    last: String,
}

struct Reasons {
    rows: Vec<Reason>,
    more: Option<String>,
}

struct Reason {
    name: Name,
    class: String,
    detail: Option<Value>,
    times: String,
    example: Option<Value>,
}

struct Covered {
    workspace: String,
    name: Name,
    status: String,
    numbers: Vec<String>,
}

impl Name {
    pub(super) fn of(kind: &str, language: Language) -> Self {
        let shown = Value::foreign(kind, LONG, language).text;
        let name = names::name_of(&shown, language).into_owned();
        // A name that is built from the catalogue's own holds it already.
        let code = (!name.contains(&shown)).then_some(shown);
        Self { name, code }
    }
}

impl Head {
    pub(super) fn of(
        bag: &Bag,
        options: &Options,
        survey: &Survey,
        limits: Limits,
        subject: Option<&Subject>,
    ) -> Result<Self, BagError> {
        let language = options.language;
        let words = language.words();
        let gaps = reasons(&limits.gaps, language);
        let notes = reasons(&limits.notes, language);
        let several = limits.workspaces + limits.registries > 1;
        let places = Places::of(bag, several, language)?;
        let caution = subject.and_then(|subject| match subject.masked {
            Some(true) => None,
            Some(false) => Some(words.how_not_masked),
            None => Some(words.how_unsure),
        });
        let mut how = vec![words.how_hidden, words.how_secrets];
        if subject.is_some_and(|subject| subject.masked == Some(true)) {
            how.push(words.how_masked);
        }
        how.extend([words.how_times, words.how_links, words.how_languages]);
        Ok(Self {
            tag: language.tag(),
            words,
            title: if subject.is_some() {
                words.title_subject
            } else {
                words.title_whole
            },
            caution,
            about: about(words, subject),
            how,
            asked: asked(bag, options, subject)?,
            summary: summary(language, survey, &limits, subject),
            held: held(language, survey),
            total: total(language, survey),
            people_text: if subject.is_some() {
                words.people_subject
            } else {
                words.people_whole
            },
            people_caption: if subject.is_some() {
                words.people_subject_caption
            } else {
                words.people_caption
            },
            people_heads: people_heads(words, subject.is_some()),
            people: people(language, survey, subject.is_some()),
            forms: if subject.is_some() {
                Vec::new()
            } else {
                forms(language, survey)
            },
            has_reasons: !gaps.rows.is_empty() || !notes.rows.is_empty(),
            gaps,
            notes,
            several,
            cover_more: (limits.more_rows > 0).then(|| {
                let more = language.count(limits.more_rows);
                fill(words.cover_more, &[("n", &more)])
            }),
            cover: covered(language, limits),
            article: article(words, &options.controller, language),
            places_more: (places.more > 0)
                .then(|| fill(words.places_more, &[("n", &language.count(places.more))])),
            places,
        })
    }
}

fn about(words: &Words, subject: Option<&Subject>) -> Vec<&'static str> {
    match subject {
        None => vec![words.about_whole],
        Some(subject) if subject.portability => vec![words.about_subject, words.about_portability],
        Some(_) => vec![words.about_subject, words.about_access],
    }
}

/// Who and what was asked, when, by which tool.
fn asked(bag: &Bag, options: &Options, subject: Option<&Subject>) -> Result<Vec<Row>, BagError> {
    let language = options.language;
    let words = language.words();
    let foreign = |text: &str| Value::foreign(text, LONG, language);
    let mut rows = Vec::new();
    if let Some(subject) = subject {
        let mut values: Vec<Value> = subject
            .identifiers
            .iter()
            .map(|one| {
                let mut value = foreign(&one.value);
                let known = words.form_names.of(&one.form);
                value.before = Some(known.map_or_else(|| foreign(&one.form).text, str::to_owned));
                value
            })
            .collect();
        if values.is_empty() {
            values.push(Value::own(words.no_identifiers));
        }
        let right = if subject.portability {
            words.right_portability
        } else {
            words.right_access
        };
        let candidates = match subject.candidates {
            Some(true) => words.candidates_yes,
            Some(false) => words.candidates_no,
            None => words.not_stated,
        };
        let masking = match subject.masked {
            Some(true) => words.masking_yes,
            Some(false) => words.masking_no,
            None => words.not_stated,
        };
        rows.push(Row::of(words.identifiers, values));
        for (label, text) in [
            (words.right, right),
            (words.candidates, candidates),
            (words.masking, masking),
        ] {
            rows.push(Row::of(label, vec![Value::own(text)]));
        }
    }
    scope(
        bag.info("Aml-Dsr-Scope").unwrap_or_default(),
        language,
        &mut rows,
    );
    if let Some(shard) = bag.info("Aml-Dsr-Shard") {
        let mut value = foreign(shard);
        value.after = Some(words.shard_note.to_owned());
        rows.push(Row::of(words.shard, vec![value]));
    }
    match bag.info("Aml-Dsr-Cloud") {
        Some("the emulator") => rows.push(Row::of(words.cloud, vec![Value::own(words.emulator)])),
        Some(cloud) => rows.push(Row::of(words.cloud, vec![foreign(cloud)])),
        None => {}
    }
    if let Some(content) = bag.info("Aml-Dsr-Content") {
        let text = if content.starts_with("without") {
            words.content_no
        } else {
            words.content_yes
        };
        rows.push(Row::of(words.content, vec![Value::own(text)]));
    }
    when(bag, options.when, language, &mut rows)?;
    for (label, field) in [
        (words.tool, "Bag-Software-Agent"),
        (words.organization, "Source-Organization"),
        (words.contact, "Contact-Name"),
        (words.contact, "Contact-Email"),
    ] {
        if let Some(text) = bag.info(field) {
            rows.push(Row::of(label, vec![foreign(text)]));
        }
    }
    Ok(rows)
}

/// The scope in its parts, so that no English stands between them. An unknown form of words is shown as it is.
fn scope(text: &str, language: Language, rows: &mut Vec<Row>) {
    let words = language.words();
    let foreign = |text: &str| Value::foreign(text, LONG, language);
    let mut rest = text;
    let mut parts = Vec::new();
    for (mark, label) in [
        (" of subscription ", words.subscription),
        (" in resource group ", words.resource_group),
    ] {
        if let Some((before, name)) = rest.rsplit_once(mark) {
            parts.push(Row::of(label, vec![foreign(name)]));
            rest = before;
        }
    }
    // Bags of earlier versions held registries under the shorter words too.
    if rest == "every workspace and registry" || rest == "every workspace" {
        rows.push(Row::of(
            words.scope,
            vec![Value::own(words.every_workspace)],
        ));
    } else if let Some(name) = rest
        .strip_prefix("workspace ")
        .filter(|_| !parts.is_empty())
    {
        rows.push(Row::of(words.workspace, vec![foreign(name)]));
    } else if let Some(name) = rest.strip_prefix("registry ").filter(|_| !parts.is_empty()) {
        rows.push(Row::of(words.registry, vec![foreign(name)]));
    } else {
        rows.push(Row::of(words.scope, vec![foreign(text)]));
        return;
    }
    parts.reverse();
    rows.extend(parts);
}

/// The day, or the exact times as far as the bag has them.
fn when(bag: &Bag, when: When, language: Language, rows: &mut Vec<Row>) -> Result<(), BagError> {
    let words = language.words();
    if let When::Day(day) = when {
        let mut value = Value::own(language.day(day));
        value.after = Some(words.day_note.to_owned());
        rows.push(Row::of(words.day, vec![value]));
        return Ok(());
    }
    let time = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
    let run = bag.small_file("aml-dsr/run.json")?.unwrap_or_default();
    let run: serde_json::Value = serde_json::from_slice(&run).unwrap_or_default();
    // Bags of the first version have the time of the last start only, in run.json.
    let started = bag
        .info("Aml-Dsr-Started")
        .or(run["started"].as_str())
        .and_then(time);
    let finished = bag.info("Aml-Dsr-Finished").and_then(time);
    for (label, time) in [(words.started, started), (words.finished, finished)] {
        if let Some(time) = time {
            rows.push(Row::of(label, vec![Value::own(language.moment(time))]));
        }
    }
    if let (None, Some(day)) = (started, bag.info("Bagging-Date").and_then(parse_day)) {
        rows.push(Row::of(words.day, vec![Value::own(language.day(day))]));
    }
    Ok(())
}

fn parse_day(text: &str) -> Option<Date> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    Date::parse(text, format).ok()
}

/// The whole in a few sentences.
fn summary(
    language: Language,
    survey: &Survey,
    limits: &Limits,
    subject: Option<&Subject>,
) -> Vec<String> {
    let words = language.words();
    let records = survey.records();
    let mut said = Vec::new();
    if records == 0 {
        let nothing = if subject.is_some() {
            words.sum_nothing_subject
        } else {
            words.sum_nothing_whole
        };
        said.push(nothing.to_owned());
    } else {
        let of = |phrase, values: &Different| {
            let counted = different(language, values);
            language
                .plural(phrase, values.count())
                .replace(&language.count(values.count()), &counted)
        };
        let workspaces = both(
            language,
            of(words.workspaces, &survey.workspaces),
            of(words.registries, &survey.registries),
            (survey.workspaces.count(), survey.registries.count()),
        );
        said.push(fill(
            words.sum_held,
            &[
                ("records", &language.plural(words.records, records)),
                (
                    "kinds",
                    &language.plural(words.kinds, survey.kinds.len() as u64),
                ),
                ("workspaces", &workspaces),
            ],
        ));
    }
    if survey.twice() > 0 {
        said.push(language.plural(words.sum_same, survey.twice()));
    }
    if survey.files() > 0 {
        let files = language.plural(words.files, survey.files());
        let size = language.size(survey.bytes());
        said.push(fill(words.sum_files, &[("files", &files), ("size", &size)]));
    }
    if limits.gaps.all == 0 {
        said.push(words.sum_complete.to_owned());
    } else {
        let gaps = language.plural(words.gaps, limits.gaps.all);
        said.push(fill(words.sum_gaps, &[("gaps", &gaps)]));
    }
    let people = &survey.people;
    if subject.is_some() {
        for (phrase, number) in [
            (words.sum_exact, people.exact),
            (words.sum_candidates, people.candidates),
            (words.sum_related, people.related),
        ] {
            if number > 0 {
                said.push(language.plural(phrase, number));
            }
        }
    } else if !people.capacities.is_empty() {
        let by_id = different(language, &people.by_id);
        let by_name = different(language, &people.by_name);
        said.push(fill(
            words.sum_people,
            &[("by_id", &by_id), ("by_name", &by_name)],
        ));
    }
    if let Some((first, last)) = survey.span().0 {
        let (first, last) = (language.day(first.date()), language.day(last.date()));
        said.push(fill(words.sum_span, &[("first", &first), ("last", &last)]));
    }
    let kinds = language.plural(words.kinds, limits.looked_at);
    let workspaces = both(
        language,
        language.plural(words.workspaces, limits.workspaces),
        language.plural(words.registries, limits.registries),
        (limits.workspaces, limits.registries),
    );
    said.push(fill(
        words.sum_looked,
        &[("kinds", &kinds), ("workspaces", &workspaces)],
    ));
    if limits.not_looked_at > 0 {
        let kinds = language.plural(words.kinds, limits.not_looked_at);
        said.push(fill(words.sum_not_looked, &[("kinds", &kinds)]));
    }
    if survey.redactions > 0 {
        let secrets = language.plural(words.secrets, survey.redactions);
        said.push(fill(words.sum_secrets, &[("secrets", &secrets)]));
    }
    said
}

/// Workspaces and registries, of which one may be none.
fn both(language: Language, workspaces: String, registries: String, counts: (u64, u64)) -> String {
    match counts {
        (_, 0) => workspaces,
        (0, _) => registries,
        _ => fill(
            language.words().both,
            &[("one", &workspaces), ("other", &registries)],
        ),
    }
}

/// A count of different values, and that there are more when not all were counted.
fn different(language: Language, values: &Different) -> String {
    let count = language.count(values.count());
    if values.is_more() {
        fill(language.words().at_least, &[("n", &count)])
    } else {
        count
    }
}

fn span(language: Language, span: Span) -> (String, String) {
    match span.0 {
        Some((first, last)) => (language.day(first.date()), language.day(last.date())),
        None => (NONE.to_owned(), NONE.to_owned()),
    }
}

fn held(language: Language, survey: &Survey) -> Vec<Held> {
    let kinds = survey.kinds.iter().enumerate();
    kinds
        .map(|(at, kind)| {
            let (first, last) = span(language, kind.span);
            Held {
                at: Some(at),
                name: Name::of(&kind.kind, language).name,
                records: language.count(kind.records),
                files: language.count(kind.files),
                size: if kind.files > 0 {
                    language.size(kind.bytes)
                } else {
                    NONE.to_owned()
                },
                first,
                last,
            }
        })
        .collect()
}

fn total(language: Language, survey: &Survey) -> Held {
    let (first, last) = span(language, survey.span());
    Held {
        at: None,
        name: language.words().total.to_owned(),
        records: language.count(survey.records()),
        files: language.count(survey.files()),
        size: language.size(survey.bytes()),
        first,
        last,
    }
}

fn people_heads(words: &Words, of_subject: bool) -> Vec<&'static str> {
    if of_subject {
        vec![words.capacity, words.exact_head, words.candidate_head]
    } else {
        vec![
            words.capacity,
            words.records_head,
            words.by_id_head,
            words.by_name_head,
        ]
    }
}

fn people(language: Language, survey: &Survey, of_subject: bool) -> Vec<(String, Vec<String>)> {
    let words = language.words();
    let all = Capacity::ALL
        .into_iter()
        .filter_map(|capacity| Some((capacity, survey.people.capacities.get(&capacity)?)));
    let mut rows = Vec::new();
    for (capacity, held) in all {
        let numbers = if of_subject {
            if held.exact + held.candidates == 0 {
                continue;
            }
            vec![language.count(held.exact), language.count(held.candidates)]
        } else {
            vec![
                language.count(held.records),
                different(language, &held.by_id),
                different(language, &held.by_name),
            ]
        };
        rows.push((capacity_name(words, capacity).to_owned(), numbers));
    }
    rows
}

fn forms(language: Language, survey: &Survey) -> Vec<(String, Vec<String>)> {
    let names = &language.words().form_names;
    let all = survey.people.forms.iter();
    all.map(|(form, held)| {
        let shown = || Value::foreign(form, LONG, language).text;
        let name = match (names.of(form), form.as_str()) {
            // Two forms have one name in words; the field tells them apart.
            (Some(name), "upn") => format!("{name} (UPN)"),
            (Some(name), _) => name.to_owned(),
            (None, _) => shown(),
        };
        let numbers = vec![
            language.count(held.mentions),
            different(language, &held.different),
        ];
        (name, numbers)
    })
    .collect()
}

fn reasons(groups: &Groups, language: Language) -> Reasons {
    let words = language.words();
    let value = |text: &str| Value::foreign(text, LONG, language);
    let rows = groups.alike.iter().map(|group| Reason {
        name: Name::of(&group.kind, language),
        class: words
            .gap_classes
            .of(&group.class)
            .map_or_else(|| value(&group.class).text, str::to_owned),
        detail: (!group.reason.is_empty()).then(|| value(&group.reason)),
        times: language.count(group.times),
        example: group.example.as_deref().map(value),
    });
    Reasons {
        rows: rows.collect(),
        more: (groups.more > 0).then(|| {
            let more = language.count(groups.more);
            fill(words.groups_more, &[("n", &more)])
        }),
    }
}

fn covered(language: Language, limits: Limits) -> Vec<Covered> {
    let words = language.words();
    let text = |text: &str| Value::foreign(text, LONG, language).text;
    let rows = limits.rows.into_iter();
    rows.map(|row| Covered {
        workspace: text(&row.workspace),
        name: Name::of(&row.kind, language),
        status: words
            .statuses
            .of(&row.status)
            .map_or_else(|| text(&row.status), str::to_owned),
        numbers: [row.items, row.files, row.gaps, row.notes, row.redactions]
            .map(|number| language.count(number))
            .to_vec(),
    })
    .collect()
}

/// The facts of Article 15, in the order of their labels.
fn article(words: &Words, facts: &Controller, language: Language) -> Vec<Row> {
    let facts = [
        &facts.controller,
        &facts.contact,
        &facts.data_protection_officer,
        &facts.purposes,
        &facts.legal_basis,
        &facts.categories,
        &facts.recipients,
        &facts.transfers,
        &facts.retention,
        &facts.sources,
        &facts.automated_decisions,
        &facts.rights,
        &facts.complaint,
    ];
    let labels = words.article_rows.iter().zip(facts);
    labels
        .map(|((label, cite), lines)| {
            let mut values: Vec<Value> = lines
                .0
                .iter()
                .map(|text| Value::foreign(text, ARTICLE, language))
                .collect();
            if values.is_empty() {
                values.push(Value {
                    missing: true,
                    ..Value::own(words.article_missing)
                });
            }
            Row {
                cite,
                ..Row::of(label, values)
            }
        })
        .collect()
}

/// The controller's own words are not cut short.
const ARTICLE: usize = 20_000;
