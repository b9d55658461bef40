//! Shards and merges that are killed, and a service that changes while its shards are exported.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{cut, merge, same_payload};
use crate::bag::Bag;
use crate::context::{Room, loudly};
use crate::emulated::{EmulatorProcess, LEGACY, MAIN, SMALL};

#[test]
fn a_killed_shard_goes_on_and_makes_the_same_whole() {
    let (emulator, room) = (EmulatorProcess::start(&["--latency", "3"]), Room::new());
    let _ = emulator.run(&room, LEGACY, "whole", &["--quiet"]).ends(0);
    let began = Instant::now();
    let names = cut(&emulator, &room, LEGACY, 3, &[], 0);
    let took = began.elapsed() / 3;
    let undisturbed: Vec<String> = names
        .iter()
        .map(|name| Bag::at(room.path(name)).manifest())
        .collect();
    let seed = fastrand::u64(..);
    loudly(&format!("the seed of the moments is {seed}"));
    let mut moments = fastrand::Rng::with_seed(seed);
    let mut hits = 0;
    let mut bags = Vec::new();
    for (number, manifest) in (1_u32..).zip(&undisturbed) {
        let (shard, name) = (format!("{number}/3"), format!("killed-{number}"));
        let flags = ["--quiet", "--shard", shard.as_str()];
        for _ in 0..4 {
            let mut running = emulator.begin(&room, LEGACY, &name, &flags);
            std::thread::sleep(took.mul_f64(moments.f64() * 0.6));
            hits += u32::from(!running.is_over());
            let _ = running.kill();
            if Bag::at(room.path(&name)).is_complete() {
                break;
            }
        }
        let bag = Bag::at(room.path(&name));
        if !bag.is_complete() {
            let _ = emulator.run(&room, LEGACY, &name, &flags).ends(0);
        } else if room.path(&name).join(".aml-dsr").exists() {
            // Killed between the manifest and the end: the command sweeps up, and says that nothing is to be done.
            let _ = emulator.run(&room, LEGACY, &name, &flags).ends(2);
        }
        assert_eq!(&bag.manifest(), manifest, "shard {shard}, seed {seed}");
        bags.push(name);
    }
    assert!(hits >= 3, "only {hits} kills hit an export under way");
    let _ = merge(&room, &bags, "merged").ends(0);
    same_payload(&room, "whole", "merged");
}

#[test]
fn unfinished_work_of_another_shard_is_refused() {
    let (emulator, room) = (EmulatorProcess::start(&["--latency", "20"]), Room::new());
    let mut running = emulator.begin(&room, SMALL, "bag", &["--quiet", "--shard", "1/3"]);
    let deadline = Instant::now() + Duration::from_secs(60);
    while !room.path("bag/.aml-dsr/.inventory").is_file() && !running.is_over() {
        assert!(Instant::now() < deadline, "the export does not begin");
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = running.kill();
    for other in [&["--shard", "2/3"][..], &["--shard", "1/2"], &[]] {
        let flags = [&["--quiet"], other].concat();
        let outcome = emulator.run(&room, SMALL, "bag", &flags).ends(2);
        assert!(
            outcome.stderr.contains("another set of options"),
            "{}",
            outcome.stderr
        );
    }
    let _ = emulator
        .run(&room, SMALL, "bag", &["--quiet", "--shard", "1/3"])
        .ends(0);
}

#[test]
fn a_killed_merge_begins_anew() {
    let world = [
        "--runs",
        "300",
        "--experiments",
        "9",
        "--artifact-bytes",
        "2000",
    ];
    let (emulator, room) = (EmulatorProcess::start(&world), Room::new());
    let bags = cut(&emulator, &room, MAIN, 2, &[], 0);
    let began = Instant::now();
    let _ = merge(&room, &bags, "undisturbed").ends(0);
    let took = began.elapsed();
    let mut words = vec!["merge".to_owned(), "-o".to_owned(), "merged".to_owned()];
    words.extend(bags.iter().cloned());
    let mut hits = 0;
    for part in 2..7 {
        let mut running = room.start(&words);
        std::thread::sleep(took.mul_f64(0.12 * f64::from(part)));
        let under_way = !running.is_over();
        let _ = running.kill();
        hits += u32::from(under_way && room.path("merged/.aml-dsr").is_dir());
        if Bag::at(room.path("merged")).is_complete() {
            break;
        }
    }
    assert!(hits >= 2, "only {hits} kills hit a merge under way");
    if !Bag::at(room.path("merged")).is_complete() {
        let outcome = room.run(&words).ends(0);
        assert!(
            outcome.stderr.contains("it begins anew"),
            "{}",
            outcome.stderr
        );
    }
    Bag::at(room.path("merged")).check();
    same_payload(&room, "undisturbed", "merged");
}

/// A graph changes between two shards that both follow it.
#[test]
fn two_documents_of_one_item_are_said_and_one_is_kept() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let flags = ["--kinds", "pipeline-graphs,runs", "--no-content"];
    let first = cut(&emulator, &room, MAIN, 2, &flags, 0);
    let ids = |name: &str| -> Vec<String> {
        Bag::at(room.path(name))
            .inventory()
            .into_iter()
            .filter(|entry| entry.kind == "pipeline-graphs")
            .map(|entry| entry.id)
            .collect()
    };
    let (one, two) = (ids(&first[0]), ids(&first[1]));
    let both: Vec<&String> = one.iter().filter(|id| two.contains(id)).collect();
    let id = both.first().expect("a graph that both shards follow");
    let touched = json!({"workspace": MAIN, "kind": "pipeline-graphs", "id": id, "set": {"Description": "somebody was here"}});
    emulator.tell("touch", &touched);
    let again = [&["--quiet", "--shard", "2/2"], &flags[..]].concat();
    let _ = emulator.run(&room, MAIN, "later", &again).ends(0);
    let bags = vec![first[0].clone(), "later".to_owned()];
    let outcome = merge(&room, &bags, "merged").ends(0);
    assert!(
        outcome
            .stdout
            .contains("Of 1 item the shards hold different documents"),
        "{}",
        outcome.stdout
    );
    let merged = Bag::at(room.path("merged"));
    merged.check();
    let notes = merged.notes();
    let note = notes
        .iter()
        .find(|note| note["class"] == "changed")
        .expect("a note");
    assert_eq!(
        (&note["kind"], &note["parent"]),
        (&json!("pipeline-graphs"), &json!(id))
    );
    assert!(
        note["reason"]
            .as_str()
            .expect("text")
            .contains("that of shard 1 is kept"),
        "{note}"
    );
    let documents = merged.documents();
    let kept = documents
        .iter()
        .filter(|(entry, _)| entry.kind == "pipeline-graphs" && entry.id == **id)
        .count();
    assert_eq!(kept, 1, "the same item once");
    let files = crate::context::tree(&merged.path("data"));
    let said = files
        .values()
        .any(|bytes| memchr::memmem::find(bytes, b"somebody was here").is_some());
    assert!(
        !said,
        "the document of the first shard is the one that is kept"
    );
}
