//! The official examples of the resource manager, which nobody here wrote: what Microsoft published as answers is in the
//! bag, value for value, or stands in a list with the reason.

mod covered;
mod published;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::bag::{Bag, Entry};
use crate::context::{Room, loudly};
use crate::emulated::EmulatorProcess;
use crate::json::Json;
use crate::truth::{compare_all, truth};
use covered::{KINDS, MISSING};
use published::{Operation, operations};

/// Where the published specifications are, when they are there at all: the project does not carry them.
fn specifications() -> Option<PathBuf> {
    let named = std::env::var_os("AML_DSR_SPECS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/specs");
    // A directory that was named has to be there.
    named.or_else(|| beside.is_dir().then_some(beside))
}

/// Documents of the bags by their kinds, with their entries in the inventories.
type Documents = BTreeMap<String, Vec<(Entry, Json)>>;

/// Exports every workspace and registry of the world and compares each bag with what the emulator says it holds.
fn exported(emulator: &EmulatorProcess) -> Documents {
    let told = truth(emulator, "truth");
    let names: BTreeSet<String> = told.into_keys().map(|key| key.0).collect();
    assert!(
        names.len() > 1,
        "names stand twice, so there are workspaces"
    );
    let room = Room::new();
    let mut documents = Documents::new();
    for (number, name) in names.iter().enumerate() {
        let mut args = vec!["export".to_owned()];
        args.extend(emulator.flags.iter().cloned());
        let at = args
            .iter()
            .position(|word| word == "-w")
            .expect("a workspace");
        let (asked, shortest) = if let Some(registry) = name.strip_prefix("registry ") {
            "--registry".clone_into(&mut args[at]);
            registry.clone_into(&mut args[at + 1]);
            (format!("registry={registry}"), 10)
        } else {
            args[at + 1].clone_from(name);
            (format!("workspace={name}"), 30)
        };
        let output = format!("bag-{number}");
        args.extend(["-o", &output, "--quiet"].map(str::to_owned));
        let _ = room.run(&args).ends(0);
        let bag = Bag::at(room.path(&output));
        bag.check();
        let compared = compare_all(&bag, truth(emulator, &format!("truth?{asked}")));
        assert!(
            compared > shortest,
            "{name}: {compared} documents are too few"
        );
        for (entry, doc) in bag.documents() {
            documents
                .entry(entry.kind.clone())
                .or_default()
                .push((entry, doc));
        }
    }
    documents
}

/// Whether a document of a bag is this one, but for what the inventory says was blanked. Of a workspace, discovery leads
/// to the emulator: that is the one value that the emulator changes.
fn is_it(published: &Json, entry: &Entry, kept: &Json, endpoint: &str) -> bool {
    let (mut wanted, mut kept) = (published.clone(), kept.clone());
    let mut changed: Vec<&str> = entry
        .redactions
        .iter()
        .map(|found| found.pointer.as_str())
        .collect();
    if entry.kind == "workspaces" {
        let url = kept
            .at("/properties/discoveryUrl")
            .and_then(|url| url.text().map(str::to_owned));
        let url = url.expect("a discoveryUrl");
        assert!(
            url.starts_with(&format!("{endpoint}/discovery/workspaces/")),
            "{url}"
        );
        changed.push("/properties/discoveryUrl");
    }
    for pointer in changed {
        let (Some(there), Some(here)) = (wanted.at(pointer), kept.at(pointer)) else {
            return false;
        };
        *there = here.clone();
    }
    wanted.differs(&kept, "").is_none()
}

/// How many documents of each operation are not in any bag.
fn missing(
    operations: &[Operation],
    documents: &Documents,
    endpoint: &str,
) -> BTreeMap<String, usize> {
    let mut missing = BTreeMap::new();
    for operation in operations {
        let kept = operation.kind().and_then(|kind| documents.get(kind));
        let absent = operation.documents.iter().filter(|published| {
            let mut kept = kept.into_iter().flatten();
            !kept.any(|(entry, doc)| is_it(published, entry, doc, endpoint))
        });
        let count = absent.count();
        if count > 0 {
            missing.insert(operation.id.clone(), count);
        }
    }
    missing
}

#[test]
fn the_official_examples_are_in_the_bag_value_for_value() {
    let Some(dir) = specifications() else {
        loudly(
            "the published specifications are not here (AML_DSR_SPECS): no official example was looked at",
        );
        return;
    };
    let operations = operations(&dir);
    let dir = dir.to_str().expect("a path in UTF-8");
    let emulator = EmulatorProcess::start(&["--world", "examples", "--specifications", dir]);
    let documents = exported(&emulator);
    let there: usize = operations
        .iter()
        .map(|operation| operation.documents.len())
        .sum();
    let missing = missing(&operations, &documents, &emulator.endpoint);
    let listed: BTreeMap<String, usize> = MISSING
        .iter()
        .map(|(id, count, _)| ((*id).to_owned(), *count))
        .collect();
    let absent: usize = missing.values().sum();
    assert_eq!(
        missing, listed,
        "of {there} published documents {absent} are in no bag"
    );
    // And the other way round: the bags hold nothing of these kinds that was not published.
    let mut compared = 0;
    for (_, kind) in KINDS {
        let published: Vec<&Json> = operations
            .iter()
            .filter(|operation| operation.kind() == Some(kind))
            .flat_map(|operation| &operation.documents)
            .collect();
        for (entry, doc) in documents.get(kind).into_iter().flatten() {
            let known = published
                .iter()
                .any(|published| is_it(published, entry, doc, &emulator.endpoint));
            assert!(
                known,
                "{kind} {} was not published like this: {doc:?}",
                entry.id
            );
            compared += 1;
        }
    }
    assert!(compared > 4 * KINDS.len(), "{compared} documents");
    let kinds: BTreeSet<&str> = KINDS.iter().map(|(_, kind)| *kind).collect();
    for kind in &kinds {
        assert!(
            documents.contains_key(*kind),
            "no example of {kind} is in a bag"
        );
    }
    loudly(&format!(
        "{} of {there} published documents are in the bags, {absent} are listed with a reason",
        there - absent
    ));
}

#[test]
fn the_directory_of_the_specifications_is_asked_for_where_it_is_needed() {
    let room = Room::new();
    let ends = |args: &[&str], said: &str| {
        let outcome = room.run(args).ends(2);
        assert!(
            outcome.stderr.contains(said),
            "{args:?}: {}",
            outcome.stderr
        );
    };
    let world = ["--world", "examples"];
    let named = ["--specifications", "."];
    let export = ["export", "--output", "bag"];
    ends(
        &[&["emulator"], &world[..]].concat(),
        "--specifications <DIR>",
    );
    ends(
        &[&["emulator"], &named[..]].concat(),
        "belongs to --world examples",
    );
    ends(
        &[&export[..], &["--emulator"], &named].concat(),
        "belongs to --world examples",
    );
    ends(
        &[&export[..], &named].concat(),
        "add --emulator --world examples",
    );
    // An empty directory, and none at all: both say where to get the specifications, or what to look at.
    let whole = [&export[..], &["--emulator"], &world].concat();
    ends(&[&whole[..], &named].concat(), "azure-rest-api-specs");
    ends(
        &[&whole[..], &["--specifications", "none"]].concat(),
        "check that --specifications",
    );
    assert!(!room.path("bag").exists(), "nothing was begun");
}
