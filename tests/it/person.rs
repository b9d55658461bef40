//! One person: found everywhere, nobody else with them, and handed over without anybody else in it. The emulator says who
//! stands where, by a search of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use serde_json::Value;

use crate::bag::Bag;
use crate::context::{Room, tree};
use crate::emulated::{EmulatorProcess, MAIN};

/// Someone of the emulator's world.
struct Card {
    key: String,
    /// Whether it is a program. Programs are no data subjects, and stay as they are.
    program: bool,
    /// Form and value.
    identifiers: Vec<(String, String)>,
}

impl Card {
    /// The flags that name them by everything that is known.
    fn flags(&self) -> Vec<String> {
        self.identifiers
            .iter()
            .flat_map(|(form, value)| ["--subject".to_owned(), format!("{form}:{value}")])
            .collect()
    }
}

fn cards(emulator: &EmulatorProcess) -> Vec<Card> {
    let all = emulator.ask_json("people");
    let all = all.as_array().expect("people").iter();
    all.map(|card| Card {
        key: card["key"].as_str().expect("a key").to_owned(),
        program: card["directory"] == "service-principal",
        identifiers: card["identifiers"]
            .as_array()
            .expect("identifiers")
            .iter()
            .filter_map(|one| {
                let form = one["as"].as_str()?;
                let value = one["value"].as_str()?.to_owned();
                // An alias is what people call somebody, and no identifier.
                (form != "alias").then(|| (form.to_owned(), value))
            })
            .collect(),
    })
    .collect()
}

fn card(cards: &[Card], key: &str) -> usize {
    cards
        .iter()
        .position(|card| card.key == key)
        .unwrap_or_else(|| panic!("{key} is not there"))
}

/// Kind and id.
type Place = (String, String);

/// Where somebody stands: exactly, and anywhere.
#[derive(Debug, Default)]
struct Places {
    exact: BTreeSet<Place>,
    any: BTreeSet<Place>,
}

/// What the emulator says of everybody.
fn truth(emulator: &EmulatorProcess, kinds: &[&str]) -> BTreeMap<String, Places> {
    let mut all: BTreeMap<String, Places> = BTreeMap::new();
    for line in emulator
        .ask(&format!("truth?people&workspace={MAIN}"))
        .lines()
    {
        let fact: Value = serde_json::from_str(line).expect("a line of the truth");
        let text = |name: &str| fact[name].as_str().expect(name).to_owned();
        if text("as") == "alias" || !(kinds.is_empty() || kinds.contains(&text("kind").as_str())) {
            continue;
        }
        let places = all.entry(text("person")).or_default();
        let place = (text("kind"), text("id"));
        if text("strength") == "exact" {
            places.exact.insert(place.clone());
        }
        places.any.insert(place);
    }
    all
}

fn found(emulator: &EmulatorProcess, room: &Room, card: &Card, more: &[&str]) -> Places {
    let mut args = vec!["find".to_owned()];
    args.extend(emulator.scope(MAIN));
    args.extend(["--quiet", "--format", "json"].map(str::to_owned));
    args.extend(more.iter().map(|word| (*word).to_owned()));
    args.extend(card.flags());
    let answer = room.run(&args).ends(0).json();
    let mut places = Places::default();
    for hit in answer["hits"].as_array().expect("hits") {
        let place = (
            hit["kind"].as_str().expect("a kind").to_owned(),
            hit["id"].as_str().expect("an id").to_owned(),
        );
        if hit["strength"] == "exact" {
            places.exact.insert(place.clone());
        }
        places.any.insert(place);
    }
    places
}

/// Recall has to be whole, and of what is called exact at least 99 of 100 have to be.
fn judge(who: &str, told: &Places, found: &Places) {
    let missed: Vec<_> = told.any.difference(&found.any).collect();
    assert!(missed.is_empty(), "{who} was not found in {missed:?}");
    let weaker: Vec<_> = told.exact.difference(&found.exact).collect();
    assert!(
        weaker.is_empty(),
        "{who} was not found exactly in {weaker:?}"
    );
    let wrong: Vec<_> = found.exact.difference(&told.any).collect();
    assert!(
        wrong.len() * 100 <= found.exact.len(),
        "{who} is not in {wrong:?}"
    );
}

#[test]
fn people_who_are_hard_to_find_are_found() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let (cards, truth) = (cards(&emulator), truth(&emulator, &[]));
    // Two of one name, a name that is a word, a short one, one that is written in two ways, a guest without anything but an
    // id, one who left, an application.
    for key in [
        "maria-a", "maria-b", "mark", "li", "jose", "noor", "ingrid", "robot",
    ] {
        let card = &cards[card(&cards, key)];
        let found = found(&emulator, &room, card, &[]);
        let mut told = Places::default();
        if let Some(places) = truth.get(key) {
            told.exact.extend(places.exact.iter().cloned());
            told.any.extend(places.any.iter().cloned());
        }
        // What stands in the bytes of a file alone is looked for only when that is asked for.
        told.any
            .retain(|place| place.0 != "artifacts" || found.any.contains(place));
        judge(key, &told, &found);
        assert!(!found.exact.is_empty(), "{key} stands nowhere");
    }
    for key in ["bruno", "zoe", "pedro", "elif", "kofi", "hana", "lars"] {
        let card = &cards[card(&cards, key)];
        let found = found(&emulator, &room, card, &["--scan-content"]);
        judge(key, &truth[key], &found);
    }
}

#[test]
fn a_run_and_its_job_are_found_as_one_thing() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let cards = cards(&emulator);
    let mut args = vec!["find".to_owned(), "--quiet".to_owned()];
    args.extend(emulator.scope(MAIN));
    args.extend(cards[card(&cards, "joerg")].flags());
    let said = room.run(&args).ends(0).stdout;
    let words = " of them are jobs of runs that were found as well: one thing each";
    let at = said.find(words).expect("it says so");
    let count: usize = said[..at]
        .rsplit('\n')
        .next()
        .expect("a line")
        .parse()
        .expect("a number");
    args.extend(["--format", "json"].map(str::to_owned));
    let answer = room.run(&args).ends(0).json();
    let hits = answer["hits"].as_array().expect("hits");
    let twins = hits.iter().filter(|hit| {
        let other = &hit["same_as"];
        let is = |one: &&Value| one["kind"] == other["kind"] && one["id"] == other["id"];
        assert_eq!(other.is_null(), !hits.iter().any(|one| is(&one)), "{hit}");
        hit["kind"] == "jobs" && !other.is_null()
    });
    assert_eq!(twins.count(), count);
    assert!(count > 3, "{count}");
}

#[test]
fn of_two_hundred_people_in_fifty_thousand_runs_each_is_found_and_nobody_else() {
    let emulator = EmulatorProcess::start(&[
        "--runs",
        "50000",
        "--crowd",
        "200",
        "--metrics",
        "0",
        "--artifacts",
        "0",
    ]);
    let room = Room::new();
    let kinds = ["experiments", "runs"];
    let (cards, truth) = (cards(&emulator), truth(&emulator, &kinds));
    // A family of look-alikes: one name, names and addresses within others, ids that differ in one digit.
    for number in [0, 1, 6, 7] {
        let key = format!("person-{number:06}");
        let found = found(
            &emulator,
            &room,
            &cards[card(&cards, &key)],
            &["--kinds", "runs"],
        );
        judge(&key, &truth[&key], &found);
        assert!(found.exact.len() > 100, "{key}: {}", found.exact.len());
    }
}

#[test]
fn somebody_who_is_not_there_is_an_answer_with_its_coverage() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let mut args = vec!["find".to_owned()];
    args.extend(emulator.scope(MAIN));
    args.extend(["--subject", "nobody@contoso.com", "--quiet"].map(str::to_owned));
    let outcome = room.run(&args).ends(0);
    let said = outcome.stdout.as_str();
    assert!(
        said.contains("Found nowhere, by 1 identifier (mail)."),
        "{said}"
    );
    assert!(
        said.contains("Looked at ") && said.contains(" items; 0 gaps."),
        "{said}"
    );
    args[0] = "export".to_owned();
    args.extend(["-o", "nobody"].map(str::to_owned));
    let _ = room.run(&args).ends(0);
    let bag = Bag::at(room.path("nobody"));
    bag.check();
    assert_eq!(bag.documents().len(), 0);
    assert!(bag.path("data/subject.json").is_file());
}

#[test]
fn everybody_who_is_there_is_listed() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let mut args = vec!["find".to_owned(), "--people".to_owned()];
    args.extend(emulator.scope(MAIN));
    args.extend(["--quiet", "--format", "json"].map(str::to_owned));
    let answer = room.run(&args).ends(0).json();
    let listed: BTreeSet<&str> = answer["people"]
        .as_array()
        .expect("people")
        .iter()
        .flat_map(|one| one["identifiers"].as_array().expect("identifiers"))
        .filter_map(|one| one["value"].as_str())
        .collect();
    for key in ["ada", "maria-a", "maria-b", "olga", "noor", "hana"] {
        let cards = cards(&emulator);
        let card = &cards[card(&cards, key)];
        let known = card
            .identifiers
            .iter()
            .any(|(_, value)| listed.contains(value.as_str()));
        assert!(known, "{key} is not among {listed:?}");
    }
}

/// The spellings in which an identifier must not be found by an outside search that ignores letter case.
fn spellings(value: &str, into: &mut BTreeSet<String>) {
    into.insert(value.to_owned());
    let mut percent = String::new();
    let mut json = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            percent.push(char::from(byte));
        } else {
            let _ = write!(percent, "%{byte:02X}");
        }
    }
    for unit in value.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => json.push(char::from(byte)),
            _ => {
                let _ = write!(json, "\\u{unit:04x}");
            }
        }
    }
    into.insert(percent);
    into.insert(json);
    for before in 0..3 {
        let text = format!("{}{value}", "-".repeat(before));
        let armed = base64::engine::general_purpose::STANDARD_NO_PAD.encode(text);
        // The letters at both ends depend on what stands beside it.
        let (from, to) = ([0, 2, 3][before], armed.len() - 2);
        if to > from + 10 {
            into.insert(armed[from..to].to_owned());
        }
    }
}

/// Looks through a bag with a program that nobody here wrote. Gives the lines that it finds.
fn grep(bag: &Path, patterns: &BTreeSet<String>, room: &Room) -> String {
    let list = room.path("patterns");
    let text: Vec<&str> = patterns.iter().map(String::as_str).collect();
    fs::write(&list, text.join("\n")).expect("a list of patterns");
    let output = Command::new("grep")
        .env("LC_ALL", "C")
        .args(["-raioF", "-f"])
        .arg(&list)
        .arg(bag)
        .output()
        .expect("grep");
    assert!(
        output.status.code() != Some(2),
        "grep: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Identifiers of others that an outside search can tell from everything else: whole ones, none of the subject's own, and no
/// name of a single word. A name that stands in no identity field anywhere cannot be known to be one.
fn of_others(cards: &[Card], subject: &Card, truth: &BTreeMap<String, Places>) -> BTreeSet<String> {
    let own: Vec<String> = subject
        .identifiers
        .iter()
        .map(|(_, value)| value.to_lowercase())
        .collect();
    let mut patterns = BTreeSet::new();
    let others = cards
        .iter()
        .filter(|card| card.key != subject.key && !card.program);
    for other in others {
        let known = truth
            .get(&other.key)
            .is_some_and(|places| !places.exact.is_empty());
        for (form, value) in &other.identifiers {
            let lower = value.to_lowercase();
            let mine = own.iter().any(|own| own.contains(&lower));
            let word = form == "name" && (!value.contains(' ') || !known);
            if !mine && !word {
                spellings(value, &mut patterns);
            }
        }
    }
    patterns
}

/// Exports one person, and gives the bag.
fn handed_over(
    emulator: &EmulatorProcess,
    room: &Room,
    card: &Card,
    name: &str,
    more: &[&str],
) -> Bag {
    let mut args = emulator.export(MAIN, name, more);
    args.push("--quiet".to_owned());
    args.extend(card.flags());
    let _ = room.run(&args).ends(0);
    let bag = Bag::at(room.path(name));
    bag.check();
    bag
}

#[test]
fn a_person_gets_everything_of_theirs_and_nothing_of_anybody_else() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let (cards, truth) = (cards(&emulator), truth(&emulator, &[]));
    let secrets: BTreeSet<String> =
        serde_json::from_value(emulator.ask_json("secrets")).expect("secrets");
    for key in ["maria-a", "joerg"] {
        let card = &cards[card(&cards, key)];
        let bag = handed_over(&emulator, &room, card, key, &[]);
        let here: BTreeSet<Place> = bag
            .documents()
            .into_iter()
            .map(|(entry, _)| (entry.kind.clone(), entry.id.clone()))
            .collect();
        let missing: Vec<_> = truth[key]
            .exact
            .iter()
            .filter(|place| !here.contains(*place))
            .collect();
        assert!(missing.is_empty(), "{key} does not get {missing:?}");
        let run = |kind: &str| here.iter().filter(|place| place.0 == kind).count();
        assert!(
            run("metrics-v2") > 0 && run("artifacts") > 0,
            "what hangs on runs is missing"
        );
        let leaks = grep(
            bag.path("").as_path(),
            &of_others(&cards, card, &truth),
            &room,
        );
        assert!(leaks.is_empty(), "in the bag of {key}:\n{leaks}");
        let leaks = grep(bag.path("").as_path(), &secrets, &room);
        assert!(leaks.is_empty(), "in the bag of {key}:\n{leaks}");
    }
}

/// The snapshots that the documents of a bag name: of runs, and of modules whose code is one.
fn snapshots_named(bag: &Bag) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for (entry, mut doc) in bag.documents() {
        let pointer = match entry.kind.as_str() {
            "runs" => "/properties/ContentSnapshotId",
            "pipeline-modules" => "/Data/DataLocation/StorageId",
            _ => continue,
        };
        let id = doc.at(pointer).and_then(|id| id.text());
        named.extend(id.map(str::to_owned));
    }
    named
}

#[test]
fn the_listing_of_submitted_code_goes_with_the_run_and_names_nobody_else() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let (cards, truth) = (cards(&emulator), truth(&emulator, &[]));
    let card = &cards[card(&cards, "joerg")];
    let there: BTreeSet<String> = emulator
        .ask(&format!("truth?workspace={MAIN}"))
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a fact"))
        .filter(|fact| fact["kind"] == "snapshots")
        .map(|fact| fact["id"].as_str().expect("an id").to_owned())
        .collect();
    let bag = handed_over(&emulator, &room, card, "joerg", &[]);
    let named = snapshots_named(&bag);
    let here: BTreeSet<String> = bag
        .documents()
        .into_iter()
        .filter(|(entry, _)| entry.kind == "snapshots")
        .map(|(entry, _)| entry.id)
        .collect();
    let wanted: BTreeSet<String> = named.intersection(&there).cloned().collect();
    assert_eq!(
        here, wanted,
        "those of their runs and modules, and no others"
    );
    assert!(here.len() > 5 && here.len() < there.len(), "{}", here.len());
    // Somebody left a notebook in the directory of one of these runs: its name is there, under a pseudonym.
    let listings = bag.text("data/workspaces/contoso-ml/snapshots.jsonl");
    assert!(
        listings.contains("notebooks") && listings.contains("\"of "),
        "{listings}"
    );
    assert!(
        truth["lars"]
            .any
            .iter()
            .any(|(kind, id)| kind == "snapshots" && here.contains(id))
    );
    let leaks = grep(
        bag.path("").as_path(),
        &of_others(&cards, card, &truth),
        &room,
    );
    assert!(leaks.is_empty(), "{leaks}");
    assert!(!listings.contains("lars"), "{listings}");
    let links = bag
        .inventory()
        .into_iter()
        .filter(|entry| entry.kind == "snapshots");
    assert!(
        links
            .flat_map(|entry| entry.redactions)
            .any(|one| one.pointer.ends_with("/sasUrl")),
        "a link that came with a listing was cut"
    );
}

#[test]
fn ten_thousand_others_leave_no_trace() {
    let emulator = EmulatorProcess::start(&[
        "--runs",
        "300",
        "--crowd",
        "10000",
        "--artifacts",
        "1",
        "--metrics",
        "1",
    ]);
    let room = Room::new();
    let cards = cards(&emulator);
    assert!(cards.len() > 10_000);
    let truth = truth(&emulator, &["runs"]);
    let most = truth
        .iter()
        .filter(|(key, _)| key.starts_with("person-"))
        .max_by_key(|(_, places)| places.exact.len())
        .map(|(key, _)| key.clone())
        .expect("somebody has runs");
    let card = &cards[card(&cards, &most)];
    let bag = handed_over(&emulator, &room, card, "one", &[]);
    assert!(bag.documents().len() >= 3);
    let patterns = of_others(&cards, card, &truth);
    assert!(patterns.len() > 100_000, "{} patterns", patterns.len());
    let leaks = grep(bag.path("").as_path(), &patterns, &room);
    assert!(leaks.is_empty(), "{leaks}");
}

#[test]
fn the_same_person_twice_is_the_same_payload() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let cards = cards(&emulator);
    let card = &cards[card(&cards, "priya")];
    let one = handed_over(&emulator, &room, card, "one", &["--concurrency", "1"]);
    let other = handed_over(&emulator, &room, card, "other", &["--concurrency", "24"]);
    let payload =
        |bag: &Bag| fs::read_to_string(bag.path("manifest-sha256.txt")).expect("a manifest");
    assert_eq!(payload(&one), payload(&other));
    let keys = |name: &str| {
        fs::read_to_string(room.path(&format!("{name}.pseudonyms.jsonl"))).expect("a key")
    };
    assert_eq!(keys("one"), keys("other"));
}

#[test]
fn who_stands_for_whom_lies_beside_the_bag_and_is_private() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let cards = cards(&emulator);
    let card = &cards[card(&cards, "astrid")];
    let bag = handed_over(
        &emulator,
        &room,
        card,
        "astrid",
        &["--pseudonym-key", "key"],
    );
    let key = fs::read_to_string(room.path("key")).expect("the key");
    assert!(key.contains("ada.lindqvist@contoso.com"), "{key}");
    assert!(fs::read_to_string(room.path("key.spots")).is_ok_and(|log| !log.contains('@')));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        for name in ["key", "key.spots"] {
            let mode = fs::metadata(room.path(name))
                .expect(name)
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }
    assert!(!tree(&bag.path("")).keys().any(|name| name.contains("key")));
    let mut args = emulator.export(MAIN, "inside", &["--pseudonym-key", "inside/key"]);
    args.extend(card.flags());
    let said = room.run(&args).ends(2).said();
    assert!(said.contains("lies in the bag"), "{said}");
}

#[test]
fn the_controllers_own_copy_says_loudly_that_it_is_not_masked() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let cards = cards(&emulator);
    let card = &cards[card(&cards, "astrid")];
    let mut args = emulator.export(MAIN, "plain", &["--no-mask"]);
    args.extend(card.flags());
    let outcome = room.run(&args).ends(0);
    assert!(outcome.stdout.contains("NOT MASKED"), "{}", outcome.stdout);
    let info = fs::read_to_string(room.path("plain/bag-info.txt")).expect("bag-info");
    assert!(info.contains("Aml-Dsr-Masking: NOT MASKED"), "{info}");
    assert!(!room.path("plain.pseudonyms.jsonl").exists());
}

#[test]
fn candidates_are_handed_over_only_when_that_is_asked_for() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let cards = cards(&emulator);
    let card = &cards[card(&cards, "elif")];
    let without = handed_over(&emulator, &room, card, "without", &[]);
    assert_eq!(without.documents().len(), 0);
    let with = handed_over(&emulator, &room, card, "with", &["--include", "candidates"]);
    assert!(!with.documents().is_empty());
    let inventory = fs::read_to_string(with.path("data/inventory.jsonl")).expect("the inventory");
    assert!(
        inventory.contains("\"strength\":\"candidate\""),
        "{inventory}"
    );
    let own = handed_over(&emulator, &room, card, "own", &["--portability"]);
    assert_eq!(
        own.documents().len(),
        0,
        "being mentioned is not having provided"
    );
}
