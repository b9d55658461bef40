//! Who stands where, and what the emulator says about it.

use super::Bench;
use crate::emulator::{Options, Shape, text};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// One line of the truth about people.
struct Sighting {
    person: String,
    kind: String,
    id: String,
    pointer: String,
    form: String,
    exact: bool,
}

async fn sightings(bench: &Bench, query: &str) -> Vec<Sighting> {
    let text = said(bench, query).await;
    let field = |line: &Value, name: &str| line[name].as_str().expect(name).to_owned();
    text.lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).expect("json lines");
            assert!(["exact", "candidate"].contains(&line["strength"].as_str().expect("strength")));
            Sighting {
                person: field(&line, "person"),
                kind: field(&line, "kind"),
                id: field(&line, "id"),
                pointer: field(&line, "pointer"),
                form: field(&line, "as"),
                exact: line["strength"] == "exact",
            }
        })
        .collect()
}

async fn said(bench: &Bench, query: &str) -> String {
    let response = bench.get(&format!("/_emulator/truth?people{query}")).await;
    response.text().await.expect("text")
}

async fn people(bench: &Bench) -> Vec<Value> {
    bench.json_list("/_emulator/people".to_owned()).await
}

fn identifiers(card: &Value) -> Vec<(String, String)> {
    let all = card["identifiers"].as_array().expect("identifiers");
    let word = |one: &Value, name: &str| one[name].as_str().expect(name).to_owned();
    all.iter()
        .map(|one| (word(one, "as"), word(one, "value")))
        .collect()
}

fn shaped(runs: u64, people: Option<u64>) -> Options {
    Options {
        shape: Some(Shape {
            runs,
            metrics: 1,
            artifacts: 1,
            people,
            ..Shape::default()
        }),
        ..Options::default()
    }
}

#[tokio::test]
async fn people_who_stand_in_one_sort_of_place_stand_nowhere_else() {
    let bench = Bench::new().await;
    let all = sightings(&bench, "").await;
    // The job of a run shows the same tags and properties, among its own.
    let places = |person: &str| -> BTreeSet<(String, String, String)> {
        let (jobs, others): (BTreeSet<_>, BTreeSet<_>) = all
            .iter()
            .filter(|one| one.person == person)
            .map(|one| (one.kind.clone(), one.pointer.clone(), one.form.clone()))
            .partition(|(kind, ..)| kind == "jobs");
        let of_runs: BTreeSet<_> = others
            .iter()
            .filter(|(kind, ..)| kind == "runs")
            .map(|(_, pointer, form)| {
                let pointer = format!("/properties{pointer}");
                ("jobs".to_owned(), pointer, form.clone())
            })
            .collect();
        assert!(jobs.is_subset(&of_runs), "{person}: {jobs:?}");
        others
    };
    let expected = |rows: &[(&str, &str, &str)]| -> BTreeSet<(String, String, String)> {
        rows.iter()
            .map(|(kind, pointer, form)| {
                (
                    (*kind).to_owned(),
                    (*pointer).to_owned(),
                    (*form).to_owned(),
                )
            })
            .collect()
    };
    let both = |pointer: &'static str, form: &'static str| {
        [("runs", pointer, form), ("run-details", pointer, form)]
    };
    let remote = [
        both("/properties/azureml.git.repository_uri", "upn"),
        both("/properties/mlflow.source.git.repoURL", "alias"),
    ]
    .concat();
    assert_eq!(places("kofi"), expected(&remote));
    assert_eq!(
        places("yuki"),
        expected(&both("/properties/mlflow.source.name", "alias"))
    );
    assert_eq!(
        places("zoe"),
        expected(&both("/properties/spark.configuration", "upn"))
    );
    let mut tags = both("/tags/approver", "name").to_vec();
    tags.push((
        "experiments",
        "/tags/reviewed by elif.kaya@contoso.com",
        "upn",
    ));
    assert_eq!(places("elif"), expected(&tags));
    let lars: BTreeSet<String> = places("lars")
        .into_iter()
        .map(|(kind, pointer, form)| {
            assert!(
                pointer.contains("/children/of lars.nyberg@contoso.com"),
                "{pointer}"
            );
            format!("{kind} {form}")
        })
        .collect();
    assert_eq!(lars, BTreeSet::from(["snapshots upn".to_owned()]));
    let log = ["upn", "name", "alias"].map(|form| ("artifacts", "content", form));
    assert_eq!(places("bruno"), expected(&log));
    let assigned = "/properties/properties/personalComputeInstanceSettings/assignedUser/objectId";
    assert_eq!(
        places("hana"),
        expected(&[("computes", assigned, "object-id")])
    );
    let mut mails = both("/properties/azureml.notificationSetting", "upn").to_vec();
    let parameter = "/PipelineSubmissionInfo/ParameterAssignments/mail_to";
    mails.push(("pipeline-schedules", parameter, "upn"));
    assert_eq!(places("pedro"), expected(&mails));
    // Only an object id where nothing but an object id can stand is more than a candidate here.
    for hidden in ["kofi", "yuki", "zoe", "elif", "bruno", "pedro"] {
        assert!(all.iter().all(|one| one.person != hidden || !one.exact));
    }
    assert!(all.iter().all(|one| one.person != "hana" || one.exact));
}

#[tokio::test]
async fn namesakes_other_spellings_and_strangers_are_told_apart() {
    let bench = Bench::new().await;
    let all = sightings(&bench, "&workspace=contoso-ml").await;
    let of = |person: &str, form: &str| -> BTreeSet<(String, String)> {
        all.iter()
            .filter(|one| one.person == person && one.form == form && one.kind == "runs")
            .map(|one| (one.id.clone(), one.pointer.clone()))
            .collect()
    };
    assert!(!of("maria-a", "name").is_empty());
    assert_eq!(of("maria-a", "name"), of("maria-b", "name"));
    assert!(of("maria-a", "object-id").is_disjoint(&of("maria-b", "object-id")));
    // `mark page 3` is his name to a machine, and `the marked pages` is not.
    let words = of("mark", "name");
    assert!(words.iter().any(|(_, pointer)| pointer == "/tags/todo"));
    let truth = bench.truth("contoso-ml").await;
    let apart = truth["runs"]
        .iter()
        .find(|fact| fact.text.contains("Jose\u{301} Nu\u{301}n\u{303}ez"))
        .expect("a name in pieces");
    assert!(of("jose", "name").contains(&(apart.id.clone(), "/tags/reviewer".to_owned())));
    assert!(of("noor", "object-id").is_empty() && of("noor", "upn").is_empty());
    assert_eq!(of("noor", "alt-sec-id").len(), 1);
    assert!(!of("astrid", "mail").is_empty(), "the former address");
}

/// The value that a pointer leads to.
fn at<'a>(doc: &'a Value, pointer: &str) -> &'a Value {
    doc.pointer(pointer)
        .unwrap_or_else(|| panic!("{pointer} leads nowhere"))
}

/// Every line leads to where it says, and every identity field that holds an identifier has its line.
async fn agrees_with_the_truth(bench: &Bench, workspace: &str) {
    let cards: HashMap<String, Vec<(String, String)>> = people(bench)
        .await
        .iter()
        .map(|card| {
            (
                card["key"].as_str().expect("key").to_owned(),
                identifiers(card),
            )
        })
        .collect();
    let truth = bench.truth(workspace).await;
    let docs: HashMap<(&str, &str), &Value> = truth
        .iter()
        .flat_map(|(kind, facts)| {
            facts
                .iter()
                .map(move |fact| ((kind.as_str(), fact.id.as_str()), &fact.doc))
        })
        .collect();
    let all = sightings(bench, &format!("&workspace={workspace}")).await;
    let mut exact: BTreeMap<String, usize> = BTreeMap::new();
    for one in &all {
        let doc = docs[&(one.kind.as_str(), one.id.as_str())];
        if one.pointer == "content" {
            continue;
        }
        let value = at(doc, &one.pointer);
        let forms = &cards[&one.person];
        if one.exact {
            let whole = value.as_str().expect("an identifier is a string");
            assert!(
                forms
                    .iter()
                    .any(|(form, known)| *form == one.form && known.eq_ignore_ascii_case(whole)),
                "{}: {whole} as {}",
                one.person,
                one.form
            );
            assert!(!["name", "alias"].contains(&one.form.as_str()));
            *exact
                .entry(format!("{} {}", one.person, one.form))
                .or_default() += 1;
        }
    }
    // Counted without looking into documents: as often as a user record holds an object id, there is a line.
    let texts: String = truth.values().flatten().map(|fact| &*fact.text).collect();
    for (person, forms) in &cards {
        let id = &forms[0].1;
        let written = texts.matches(&format!("\"userObjectId\":\"{id}\"")).count();
        let told = all
            .iter()
            .filter(|one| one.person == *person && one.pointer.ends_with("/userObjectId"))
            .count();
        assert_eq!(told, written, "{person}");
    }
    assert!(!exact.is_empty());
}

#[tokio::test]
async fn every_line_leads_to_where_it_says() {
    let bench = Bench::new().await;
    for workspace in ["contoso-ml", "contoso-legacy", "fabrikam-Lab_2"] {
        agrees_with_the_truth(&bench, workspace).await;
    }
    let bench = Bench::with(shaped(250, Some(40))).await;
    agrees_with_the_truth(&bench, "contoso-ml").await;
}

#[tokio::test]
async fn every_person_has_a_card() {
    let bench = Bench::new().await;
    let cards = people(&bench).await;
    let standing = |word: &str| -> Vec<&str> {
        cards
            .iter()
            .filter(|card| card["directory"] == word)
            .map(|card| card["key"].as_str().expect("key"))
            .collect()
    };
    assert_eq!(standing("deleted"), ["ingrid"]);
    assert_eq!(standing("service-principal"), ["robot"]);
    assert_eq!(cards.len(), 25);
    for card in &cards {
        let values: Vec<String> = identifiers(card)
            .into_iter()
            .map(|(_, value)| value.to_lowercase())
            .collect();
        let unique: HashSet<&String> = values.iter().collect();
        assert_eq!(unique.len(), values.len(), "{card}");
    }
}

#[tokio::test]
async fn computed_people_are_many_alike_and_always_the_same() {
    let bench = Bench::with(shaped(300, Some(30))).await;
    let again = Bench::with(shaped(300, Some(30))).await;
    let told = said(&bench, "&workspace=contoso-ml").await;
    assert_eq!(told, said(&again, "&workspace=contoso-ml").await);
    let other = Bench::with(Options {
        seed: 2,
        ..shaped(300, Some(30))
    })
    .await;
    assert_ne!(told, said(&other, "&workspace=contoso-ml").await);
    // What is written by hand is what the canonical writer would have written, with accents and quotes in it as well.
    let truth = bench.truth("contoso-ml").await;
    for fact in truth["runs"].iter().chain(&truth["run-details"]) {
        assert_eq!(text::render(&fact.doc), fact.text);
    }
    let all = sightings(&bench, "&workspace=contoso-ml").await;
    let docs: HashMap<&str, &Value> = truth["runs"]
        .iter()
        .map(|fact| (fact.id.as_str(), &fact.doc))
        .collect();
    // The addresses of the first family are inside one another, and each is found where it stands alone.
    for (person, mail) in [
        ("person-000000", "ann@contoso.com"),
        ("person-000001", "joann@contoso.com"),
        ("person-000004", "mary-ann@contoso.com"),
        ("person-000005", "ann@contoso.com.example"),
    ] {
        let mut seen = 0;
        for one in all
            .iter()
            .filter(|one| one.kind == "runs" && one.person == person && one.form == "upn")
        {
            let value = at(docs[one.id.as_str()], &one.pointer);
            let value = value.as_str().expect("a string").replace("%40", "@");
            let wanted = if one.exact {
                value == mail
            } else {
                value
                    .split([' ', '/'])
                    .any(|word| word == mail || word.starts_with(&format!("{mail}@")))
            };
            assert!(wanted, "{person} in {value}");
            seen += 1;
        }
        assert!(seen > 0, "{person} is nowhere");
    }
    let ways: BTreeSet<&str> = all
        .iter()
        .filter(|one| one.kind == "runs" && !one.exact)
        .map(|one| one.pointer.as_str())
        .collect();
    for way in [
        "/tags/contact",
        "/description",
        "/displayName",
        "/properties/azureml.git.repository_uri",
    ] {
        assert!(ways.contains(way), "{way} names nobody");
    }
}

#[tokio::test]
async fn ten_thousand_people_are_listed_and_no_two_share_an_id_or_an_address() {
    let bench = Bench::with(shaped(10, Some(10_000))).await;
    let cards = people(&bench).await;
    assert_eq!(cards.len(), 10_025);
    for form in ["object-id", "puid", "alt-sec-id", "upn", "mail"] {
        let values: Vec<String> = cards
            .iter()
            .flat_map(identifiers)
            .filter(|(what, _)| what == form)
            .map(|(_, value)| value)
            .collect();
        let unique: HashSet<&String> = values.iter().collect();
        assert_eq!(unique.len(), values.len(), "{form}");
        assert!(
            values.len() > 100 || form == "mail",
            "{form}: {}",
            values.len()
        );
    }
    let one_digit_apart = |a: &str, b: &str| {
        a.len() == b.len() && a.bytes().zip(b.bytes()).filter(|(x, y)| x != y).count() == 1
    };
    let id = |at: usize| cards[25 + at]["userObjectId"].as_str().expect("an id");
    assert!(one_digit_apart(id(0), id(6)) && one_digit_apart(id(9_990), id(9_996)));
}

#[tokio::test]
async fn without_a_number_the_computed_people_are_the_plain_few() {
    let bench = Bench::with(shaped(50, None)).await;
    let cards = people(&bench).await;
    assert_eq!(cards.len(), 65);
    assert_eq!(cards[25]["userName"], "Person 00");
    assert_eq!(cards[25]["directory"], "absent");
    let truth = bench.truth("contoso-ml").await;
    for fact in &truth["runs"] {
        assert!(fact.doc["createdBy"]["upn"].is_null() && fact.doc["description"].is_null());
    }
}
