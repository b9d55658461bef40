//! The page of bags made by hand: what it says, and that nothing in a bag can make it say something else.

use super::*;
use crate::bag::Bag;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use time::macros::date;

/// Texts that try to be more than text.
const HOSTILE: [&str; 4] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "a\u{202e}b\u{0}c\u{200f}",
    "</bdi></dd></style></title>&amp;",
];

fn lines(values: &[Value]) -> String {
    values.iter().map(|value| format!("{value}\n")).collect()
}

/// A finished bag with these lines.
fn bag(dir: &Path, inventory: &[Value], gaps: &[Value], coverage: &[Value]) -> Bag {
    let data = dir.join("data/workspaces/w");
    fs::create_dir_all(&data).expect("folders");
    let info = "Bag-Software-Agent: aml-dsr 9\nAml-Dsr-Scope: workspace w in resource group g of subscription s\n\
                Aml-Dsr-Started: 2026-11-21T22:59:00Z\nAml-Dsr-Finished: 2026-11-22T00:01:00Z\nAml-Dsr-Format: 1.0\n";
    for (path, text) in [
        ("manifest-sha256.txt", String::new()),
        ("bag-info.txt", info.to_owned()),
        ("data/inventory.jsonl", lines(inventory)),
        ("data/gaps.jsonl", lines(gaps)),
        ("data/coverage.jsonl", lines(coverage)),
    ] {
        fs::write(dir.join(path), text).expect("written");
    }
    Bag::open(dir).expect("a bag")
}

fn page(bag: &Bag, options: &Options) -> String {
    let mut out = Vec::new();
    html(bag, options, &mut out).expect("a page");
    String::from_utf8(out).expect("text")
}

fn plain(language: Language) -> Options {
    Options {
        language,
        ..Options::default()
    }
}

fn run(id: &str, extra: &Value) -> Value {
    let mut item = json!({"kind": "runs", "workspace": "w", "id": id, "file": "workspaces/w/runs.jsonl", "line": 1});
    for (key, value) in extra.as_object().expect("an object") {
        item[key] = value.clone();
    }
    item
}

#[test]
fn hostile_texts_stay_texts_wherever_they_stand() {
    for text in HOSTILE {
        let dir = tempfile::tempdir().expect("a directory");
        let item = json!({
            "kind": text, "workspace": text, "id": text, "parent": {"kind": text, "id": text},
            "file": "workspaces/w/runs.jsonl", "line": 1, "people": [{"field": text, "as": text, "value": text}],
            "times": [{"field": text, "value": text}], "bytes": {"left": text},
            "match": {"strength": text, "fields": [{"pointer": text, "form": text, "place": text}]},
        });
        let gap =
            json!({"kind": text, "parent": text, "class": text, "severity": "gap", "reason": text});
        let row = json!({"workspace": text, "kind": text, "status": text});
        let other = json!({"workspace": "another", "kind": text, "status": text});
        let bag = bag(dir.path(), &[item.clone(), item], &[gap], &[row, other]);
        let document = json!({"name": text, "description": text, "tags": {text: text}});
        fs::write(
            dir.path().join("data/workspaces/w/runs.jsonl"),
            format!("{document}\n"),
        )
        .expect("written");
        let subject = json!({"identifiers": [{"form": text, "value": text}]});
        fs::write(dir.path().join("data/subject.json"), subject.to_string()).expect("written");
        let options = Options {
            controller: Controller {
                purposes: Lines(vec![text.to_owned()]),
                ..Controller::default()
            },
            ..Options::default()
        };
        let page = page(&bag, &options);
        for raw in [
            "<script",
            "<img",
            "</bdi></dd></style",
            "\u{202e}",
            "\u{0}",
            "\u{200f}",
            "&amp;",
        ] {
            assert!(!page.contains(raw), "{text:?} gave {raw:?}");
        }
        let places = page
            .matches(
                &shown::shown(text, 99)
                    .text
                    .chars()
                    .take(1)
                    .collect::<String>(),
            )
            .count();
        assert!(places > 20, "the texts are there: {places}");
    }
}

#[test]
fn a_long_text_is_cut_and_its_length_is_said() {
    let dir = tempfile::tempdir().expect("a directory");
    let bag = bag(
        dir.path(),
        &[run(&"x".repeat(10_000), &json!({}))],
        &[],
        &[],
    );
    let page = page(&bag, &Options::default());
    assert!(page.contains("the first 300 of 10,000 characters"));
    assert!(!page.contains(&"x".repeat(301)));
}

#[test]
fn two_hundred_records_and_then_the_files() {
    let dir = tempfile::tempdir().expect("a directory");
    let items: Vec<Value> = (0..1500)
        .map(|number| run(&format!("run-{number}"), &json!({"line": number + 1})))
        .collect();
    let bag = bag(dir.path(), &items, &[], &[]);
    let documents: Vec<Value> = (0..1500)
        .map(|number| json!({"displayName": format!("name {number}")}))
        .collect();
    fs::write(
        dir.path().join("data/workspaces/w/runs.jsonl"),
        lines(&documents),
    )
    .expect("written");
    let page = page(&bag, &plain(Language::French));
    assert_eq!(page.matches("<li><dl class=\"record\">").count(), 200);
    assert!(
        page.contains("run-199</bdi>")
            && page.contains("name 199</bdi>")
            && !page.contains("run-200")
    );
    assert!(page.contains("Sont reproduits les 200 premiers, sur un total de 1\u{202f}500."));
    assert!(page.contains("1\u{202f}300</p>"), "the rest is counted");
    assert!(
        page.contains("href=\"workspaces/w/runs.jsonl\"")
            && page.contains("1\u{202f}500 enregistrements")
    );
}

#[test]
fn a_person_is_told_where_and_as_what() {
    let dir = tempfile::tempdir().expect("a directory");
    let found = |strength: &str, pointer: &str| json!({"match": {"strength": strength, "fields": [{"pointer": pointer, "form": "object-id", "place": "identity"}]}});
    let items = [
        run("1", &found("exact", "/createdBy/userObjectId")),
        run("2", &found("candidate", "/tags/who")),
        run("3", &json!({"match": "of a later version"})),
    ];
    let bag = bag(dir.path(), &items, &[], &[]);
    let subject = json!({"identifiers": [{"form": "object-id", "value": "5c1d"}, 7], "portability": true, "masked": true, "candidates": true});
    fs::write(dir.path().join("data/subject.json"), subject.to_string()).expect("written");
    let masked = page(&bag, &plain(Language::Dutch));
    for text in [
        "Gegevens over één persoon in Azure Machine Learning",
        "artikel 20",
        "<span class=\"note\"><bdi>object-id</bdi></span> <bdi>5c1d</bdi>",
        "met pseudoniemen onherkenbaar gemaakt",
        "1 record noemt de persoon met een zeker identificatiegegeven",
        "1 record is een onzekere overeenkomst",
        "1 record is opgenomen omdat het bij een van deze records hoort.",
        "<tr><th scope=\"row\">Maker</th><td class=\"number\">1</td><td class=\"number\">0</td></tr>",
        "<tr><th scope=\"row\">Elders vermeld</th><td class=\"number\">0</td><td class=\"number\">1</td></tr>",
        "onzekere overeenkomst: kan over iemand anders gaan",
    ] {
        assert!(masked.contains(text), "{text}");
    }
    assert!(!masked.contains("Let op:"), "a masked bag needs no warning");
    fs::write(
        dir.path().join("data/subject.json"),
        json!({"masked": false}).to_string(),
    )
    .expect("written");
    assert!(page(&bag, &plain(Language::Dutch)).contains("class=\"caution\">Let op:"));
}

#[test]
fn nobody_found_is_an_answer_with_its_coverage() {
    let dir = tempfile::tempdir().expect("a directory");
    let coverage = [
        json!({"workspace": "w", "kind": "runs", "status": "empty"}),
        json!({"workspace": "w", "kind": "models", "status": "empty"}),
        json!({"workspace": "w", "kind": "images", "status": "denied", "gaps": 1}),
    ];
    let gap = json!({"workspace": "w", "kind": "images", "class": "denied", "severity": "gap", "reason": "403"});
    let bag = bag(dir.path(), &[], &[gap.clone(), gap], &coverage);
    fs::write(dir.path().join("data/subject.json"), "{}").expect("written");
    let page = page(&bag, &Options::default());
    for text in [
        "Nothing about this person was found in what was looked at.",
        "Looked at: 2 kinds of records in 1 workspace.",
        "Not looked at, or not possible to read: 1 kind of records.",
        "The answer is incomplete: 2 gaps, listed below with the reasons.",
        "<td class=\"number\">2</td>",
        "access refused",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn what_the_controller_did_not_say_is_shown_as_missing() {
    let dir = tempfile::tempdir().expect("a directory");
    let bag = bag(dir.path(), &[], &[], &[]);
    let missing = Language::French.words().article_missing;
    let count = |options: &Options| page(&bag, options).matches(missing).count();
    let mut options = plain(Language::French);
    assert_eq!(count(&options), 13);
    options.controller =
        Controller::parse(br#"{"purposes": ["recherche"], "retention": "2 ans"}"#).expect("facts");
    assert_eq!(count(&options), 11);
    assert!(page(&bag, &options).contains("recherche"));
}

#[test]
fn the_page_of_the_payload_tells_the_day_and_the_other_the_times() {
    let dir = tempfile::tempdir().expect("a directory");
    let bag = bag(dir.path(), &[], &[], &[]);
    let exact = page(&bag, &Options::default());
    assert!(
        exact.contains("21\u{a0}November 2026 at 22:59 (UTC)")
            && exact.contains("22\u{a0}November 2026 at 00:01 (UTC)")
    );
    let day = page(
        &bag,
        &Options {
            when: When::Day(date!(2020 - 01 - 01)),
            ..Options::default()
        },
    );
    assert!(
        day.contains("1\u{a0}January 2020")
            && day.contains("bag-info.txt")
            && !day.contains("2026")
    );
}

#[test]
fn the_table_has_a_line_for_every_item() {
    let dir = tempfile::tempdir().expect("a directory");
    let items = [
        run(
            "=cmd|' /C calc'!A0",
            &json!({"people": [{"field": "owner", "as": "name", "value": "A \"B\", C"}]}),
        ),
        run(
            "2",
            &json!({"match": {"strength": "exact", "fields": [{"pointer": "/a", "form": "name"}]}}),
        ),
    ];
    let bag = bag(dir.path(), &items, &[], &[]);
    let mut out = Vec::new();
    csv(&bag, &mut out).expect("a table");
    insta::assert_snapshot!(String::from_utf8(out).expect("text").replace("\r\n", "$\n"), @r#"
    kind,workspace,id,parent_kind,parent_id,people,times,file,line,bytes_path,bytes_length,redactions,match,match_fields$
    runs,w,'=cmd|' /C calc'!A0,,,"owner = A ""B"", C",,workspaces/w/runs.jsonl,1,,,0,,$
    runs,w,2,,,,,workspaces/w/runs.jsonl,1,,,0,exact,/a = name$
    "#);
}
