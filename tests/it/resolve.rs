//! `--resolve`: what a directory adds to what was given, and what it is asked for that.

mod unanswered;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::context::{Outcome, Room};
use crate::emulated::{EmulatorProcess, MAIN};

/// The card of a person of the emulated company.
fn card(emulator: &EmulatorProcess, key: &str) -> Value {
    let people = emulator.ask_json("people");
    let people = people.as_array().expect("people");
    let found = people.iter().find(|person| person["key"] == key);
    found.expect(key).clone()
}

/// What a person is known by, as one form.
fn known(card: &Value, form: &str) -> Vec<String> {
    let all = card["identifiers"].as_array().expect("identifiers");
    all.iter()
        .filter(|one| one["as"] == form)
        .map(|one| one["value"].as_str().expect("text").to_lowercase())
        .collect()
}

fn object_id(card: &Value) -> String {
    known(card, "object-id").remove(0)
}

/// Finds somebody in the main workspace, in a few kinds, with everything on stderr that can be.
fn find(emulator: &EmulatorProcess, more: &[&str]) -> Outcome {
    let mut args = vec!["find".to_owned()];
    args.extend(emulator.scope(MAIN));
    let usual = "--kinds runs,models,jobs,computes --format json --verbose --progress json";
    args.extend(usual.split(' ').map(str::to_owned));
    args.extend(more.iter().map(|word| (*word).to_owned()));
    Room::new().run(&args)
}

fn hits(found: &Value) -> usize {
    found["hits"].as_array().expect("hits").len()
}

/// The identifiers that were looked for, as form and folded value.
fn looked_for(found: &Value) -> BTreeSet<(String, String)> {
    let all = found["identifiers"].as_array().expect("identifiers");
    let text = |one: &Value, name: &str| one[name].as_str().expect("text").to_lowercase();
    all.iter()
        .map(|one| (text(one, "form"), text(one, "value")))
        .collect()
}

/// Step and status of everything that was asked.
fn steps(found: &Value) -> Vec<(String, String)> {
    let all = found["resolved"].as_array().expect("steps");
    let text = |one: &Value, name: &str| one[name].as_str().expect("text").to_owned();
    all.iter()
        .map(|one| (text(one, "step"), text(one, "status")))
        .collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(one, other)| ((*one).to_owned(), (*other).to_owned()))
        .collect()
}

/// Of all that was asked, the addresses of the directory, without what is asked of them.
fn asked(emulator: &EmulatorProcess) -> Vec<String> {
    let lines = emulator.diary().lines().into_iter();
    lines
        .filter(|(path, _)| path.contains("/graph/"))
        .map(|(path, _)| path.split('?').next().unwrap_or_default().to_owned())
        .collect()
}

/// No identifier of anybody and no token stands in what was said.
fn nothing_in_clear(emulator: &EmulatorProcess, said: &Outcome) {
    let people = emulator.ask_json("people");
    let mut values: BTreeSet<String> = BTreeSet::new();
    for person in people.as_array().expect("people") {
        for form in ["object-id", "upn", "mail", "puid", "alt-sec-id"] {
            values.extend(known(person, form));
        }
    }
    assert!(
        values.len() > 50,
        "{} are too few to look for",
        values.len()
    );
    let text = said.stderr.to_lowercase();
    for value in values {
        for shape in [value.clone(), value.replace('@', "%40")] {
            assert!(!text.contains(&shape), "{shape} stands in\n{text}");
        }
    }
    assert!(!text.contains("bearer") && !text.contains("$filter"));
}

#[test]
fn whom_the_directory_knows_is_found_by_more_than_was_given() {
    let emulator = EmulatorProcess::start(&[]);
    let person = |key: &str| card(&emulator, key);
    let guest = "sam.rivera_outlook.example#EXT#@contoso.onmicrosoft.example";
    for (given, key, by) in [
        ("priya.nair@contoso.com", "priya", "user by principal name"),
        ("PRIYA@contoso.com", "priya", "users by address"),
        ("sam.rivera@outlook.example", "sam", "users by address"),
        (guest, "sam", "user by principal name"),
        ("astrid.nyman@contoso.com", "astrid", "users by address"),
        (
            "ingrid.solheim@contoso.com",
            "ingrid",
            "deleted users by address",
        ),
    ] {
        let alone = find(&emulator, &["--subject", given]).ends(0).json();
        assert_eq!(alone["resolved"], json!([]), "{given}");
        emulator.reset();
        let outcome = find(&emulator, &["--subject", given, "--resolve"]).ends(0);
        nothing_in_clear(&emulator, &outcome);
        let found = outcome.json();
        let card = person(key);
        let looked = looked_for(&found);
        assert!(
            looked.contains(&("object-id".to_owned(), object_id(&card))),
            "{given}: {looked:?}"
        );
        for mail in known(&card, "mail").into_iter().chain(known(&card, "upn")) {
            assert!(
                looked.contains(&("mail".to_owned(), mail.clone())),
                "{given}: {mail} is not in {looked:?}"
            );
        }
        let of_nobody_else: Vec<&String> = looked
            .iter()
            .filter(|(form, _)| form == "object-id")
            .map(|(_, value)| value)
            .collect();
        assert_eq!(of_nobody_else, [&object_id(&card)], "{given}");
        assert!(
            hits(&found) > hits(&alone),
            "{given}: {} of {}",
            hits(&alone),
            hits(&found)
        );
        let first = steps(&found)
            .into_iter()
            .find(|(_, status)| status == "found");
        assert_eq!(first.expect("a find").0, by, "{given}");
    }
}

#[test]
fn an_object_id_leads_to_users_deleted_users_and_programs() {
    let emulator = EmulatorProcess::start(&[]);
    let user = "user by object id";
    let deleted = "deleted user by object id";
    let program = "service principal by object id";
    for (key, said) in [
        ("ada", &[(user, "found")][..]),
        ("ingrid", &[(user, "not-found"), (deleted, "found")]),
        (
            "robot",
            &[
                (user, "not-found"),
                (deleted, "not-found"),
                (program, "found"),
            ],
        ),
    ] {
        let card = card(&emulator, key);
        let id = object_id(&card);
        let outcome = find(&emulator, &["--object-id", &id, "--resolve"]).ends(0);
        nothing_in_clear(&emulator, &outcome);
        let found = outcome.json();
        assert_eq!(steps(&found), pairs(said), "{key}");
        let looked = looked_for(&found);
        for id in known(&card, "object-id") {
            assert!(looked.contains(&("object-id".to_owned(), id)), "{key}");
        }
        for name in known(&card, "name") {
            assert!(looked.contains(&("name".to_owned(), name)), "{key}");
        }
    }
    // The program is shown by the id of its application in places where its object id is not.
    let id = object_id(&card(&emulator, "robot"));
    let alone = find(&emulator, &["--object-id", &id]).ends(0).json();
    let more = find(&emulator, &["--object-id", &id, "--resolve"]);
    assert!(hits(&more.ends(0).json()) > hits(&alone));
}

#[test]
fn whom_it_does_not_know_is_looked_for_by_what_was_given() {
    let emulator = EmulatorProcess::start(&[]);
    let nobody = "5c1d0a2e-0000-4000-8000-000000000001";
    let outcome = find(&emulator, &["--object-id", nobody, "--resolve"]).ends(0);
    assert!(outcome.stderr.contains("knows nobody by one object-id"));
    let found = outcome.json();
    assert!(
        steps(&found)
            .iter()
            .all(|(_, status)| status == "not-found")
    );
    assert_eq!(looked_for(&found).len(), 1);

    emulator.reset();
    let outcome = find(&emulator, &["--subject", "Maria Garcia", "--resolve"]).ends(0);
    assert!(outcome.stderr.contains("several people may have it"));
    assert_eq!(
        steps(&outcome.json()),
        pairs(&[("display name", "not-asked")])
    );
    assert!(asked(&emulator).is_empty());
}

#[test]
fn nothing_of_the_directory_is_asked_but_about_the_person() {
    let emulator = EmulatorProcess::start(&[]);
    let id = object_id(&card(&emulator, "robot"));
    emulator.reset();
    let given = ["--subject", "ada.lindqvist@contoso.com", "--object-id", &id];
    let outcome = find(&emulator, &[&given[..], &["--resolve"]].concat()).ends(0);
    assert!(outcome.stderr.contains("2 accounts"), "{}", outcome.stderr);
    let mut all = asked(&emulator);
    all.sort();
    let deleted = "/graph/v1.0/directory/deletedItems/microsoft.graph.user";
    assert_eq!(
        all,
        [
            deleted.to_owned(),
            deleted.to_owned(),
            format!("/graph/v1.0/servicePrincipals/{id}"),
            "/graph/v1.0/users".to_owned(),
            "/graph/v1.0/users/ada.lindqvist%40contoso.com".to_owned(),
            format!("/graph/v1.0/users/{id}"),
        ]
    );
    let _ = find(&emulator, &given).ends(0);
    assert_eq!(
        asked(&emulator).len(),
        6,
        "without --resolve the directory is not asked"
    );
}

#[test]
fn the_bag_of_a_person_says_what_the_directory_was_asked() {
    let emulator = EmulatorProcess::start(&[]);
    let room = Room::new();
    let more = "--kinds models --no-content --subject ada.lindqvist@contoso.com --resolve";
    let more: Vec<&str> = more.split(' ').collect();
    let outcome = emulator.run(&room, MAIN, "bag", &more).ends(0);
    nothing_in_clear(&emulator, &outcome);
    let text = std::fs::read_to_string(room.path("bag/data/subject.json")).expect("a record");
    let subject: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        subject["resolved"][0],
        json!({"identifier": 0, "step": "user by principal name", "status": "found", "added": ["object-id", "name"]})
    );
    assert_eq!(looked_for(&subject).len(), 3);
}
