//! Interrupted work goes on: whenever it was killed, and however often, the payload is that of an export nobody disturbed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::bag::Bag;
use crate::context::{Outcome, Room, Running, loudly};
use crate::emulated::{EmulatorProcess, LEGACY, MAIN};

/// Stretches an export, so that there are moments to hit.
const LATENCY: [&str; 2] = ["--latency", "3"];

/// The manifest of an export that nobody disturbs, and how long it took.
fn undisturbed(emulator: &EmulatorProcess, room: &Room, workspace: &str) -> (String, Duration) {
    let began = Instant::now();
    let _ = emulator
        .run(room, workspace, "undisturbed", &["--quiet"])
        .ends(0);
    let bag = Bag::at(room.path("undisturbed"));
    bag.check();
    (bag.manifest(), began.elapsed())
}

/// Runs the same command until it is done. A bag that was sealed in the last moment before the kill is done as well.
fn finish(emulator: &EmulatorProcess, room: &Room, workspace: &str, output: &str) {
    let bag = Bag::at(room.path(output));
    let sealed = bag.is_complete();
    let outcome = emulator.run(room, workspace, output, &["--quiet"]);
    if sealed {
        let outcome = outcome.ends(2);
        assert!(
            outcome.stderr.contains("holds a finished export"),
            "{}",
            outcome.stderr
        );
    } else {
        let _ = outcome.ends(0);
    }
    bag.check();
}

/// Lets it run for a while. Says whether it was still running when it was killed.
fn kill_after(mut running: Running, delay: Duration) -> (Outcome, bool) {
    std::thread::sleep(delay);
    let hit = !running.is_over();
    (running.kill(), hit)
}

#[test]
fn twenty_kills_at_random_moments_leave_no_trace() {
    let (emulator, room) = (EmulatorProcess::start(&LATENCY), Room::new());
    let (manifest, took) = undisturbed(&emulator, &room, LEGACY);
    let seed = fastrand::u64(..);
    loudly(&format!("the seed of the moments is {seed}"));
    let mut moments = fastrand::Rng::with_seed(seed);
    let (mut took, mut hits) = (took, 0);
    for number in 0..80_u32 {
        // One moment in each twentieth of the time, so that no part of the work is left out by chance.
        let delay = took.mul_f64((f64::from(hits) + moments.f64()) / 20.0);
        let output = format!("killed-{number}");
        let (_, hit) = kill_after(emulator.begin(&room, LEGACY, &output, &["--quiet"]), delay);
        finish(&emulator, &room, LEGACY, &output);
        let bag = Bag::at(room.path(&output));
        assert_eq!(
            bag.manifest(),
            manifest,
            "killed after {delay:?}, seed {seed}"
        );
        std::fs::remove_dir_all(room.path(&output)).expect("the bag can be deleted");
        if hit {
            hits += 1;
        } else {
            // It was over sooner than thought: on a busy machine the first one took long.
            took = took.mul_f64(0.93);
        }
        if hits == 20 {
            return;
        }
    }
    panic!("only {hits} kills hit an export under way");
}

#[test]
fn one_export_killed_again_and_again_comes_to_the_same_end() {
    let (emulator, room) = (EmulatorProcess::start(&LATENCY), Room::new());
    let (manifest, took) = undisturbed(&emulator, &room, LEGACY);
    let mut hits = 0;
    for number in 1..=8_u32 {
        let delay = took.mul_f64(0.15 + 0.05 * f64::from(number));
        let (_, hit) = kill_after(emulator.begin(&room, LEGACY, "bag", &["--quiet"]), delay);
        hits += u32::from(hit);
        if Bag::at(room.path("bag")).is_complete() {
            break;
        }
    }
    finish(&emulator, &room, LEGACY, "bag");
    assert_eq!(Bag::at(room.path("bag")).manifest(), manifest);
    assert!(hits >= 2, "a chain of {hits} is none");
}

#[test]
fn files_that_are_whole_are_not_fetched_again() {
    let emulator = EmulatorProcess::start(&["--runs", "80", "--artifacts", "5", "--latency", "3"]);
    let room = Room::new();
    let flags = ["--quiet", "--kinds", "artifacts", "--concurrency", "4"];
    let mut running = emulator.begin(&room, MAIN, "bag", &flags);
    let deadline = Instant::now() + Duration::from_secs(60);
    while emulator.diary().blobs().len() < 250 {
        assert!(
            Instant::now() < deadline && !running.is_over(),
            "the export does not get on"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = running.kill();
    let before = emulator.diary().blobs().len();
    let _ = emulator.run(&room, MAIN, "bag", &flags).ends(0);
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    for blob in emulator.diary().blobs() {
        *times.entry(blob).or_default() += 1;
    }
    let again = times.values().filter(|times| **times > 1).count();
    assert_eq!(times.len(), 400, "every file was fetched");
    // What was under way at that moment, or whole and not yet noted, is fetched again; what was noted is not.
    assert!(again <= 40, "{again} of {before} files were fetched again");
    assert!(times.values().all(|times| *times <= 2));
    let bag = Bag::at(room.path("bag"));
    bag.check();
    assert_eq!(bag.coverage(MAIN, "artifacts")["files"], 400);
}

#[test]
fn half_a_large_file_is_gone_on_with() {
    let size = [
        "--runs",
        "1",
        "--artifacts",
        "1",
        "--artifact-bytes",
        "300MiB",
    ];
    let (emulator, room) = (EmulatorProcess::start(&size), Room::new());
    let flags = ["--quiet", "--kinds", "artifacts"];
    let mut running = emulator.begin(&room, MAIN, "bag", &flags);
    let parts = room.path("bag/.aml-dsr");
    let deadline = Instant::now() + Duration::from_secs(60);
    let arrived = || -> u64 {
        // Files come and go while the export runs, so an absent one counts as nothing.
        let mut sum = 0;
        let mut left = vec![parts.clone()];
        while let Some(folder) = left.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    left.push(path);
                } else if path.extension().is_some_and(|kind| kind == "part") {
                    sum += entry.metadata().map_or(0, |facts| facts.len());
                }
            }
        }
        sum
    };
    while arrived() < 20 << 20 {
        assert!(
            Instant::now() < deadline && !running.is_over(),
            "nothing arrives"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = running.kill();
    let had = arrived();
    assert!(had > 0 && !Bag::at(room.path("bag")).is_complete());
    emulator.reset();
    let _ = emulator.run(&room, MAIN, "bag", &flags).ends(0);
    let blobs: Vec<u64> = emulator
        .diary()
        .lines()
        .into_iter()
        .filter_map(|(path, status)| path.contains("sig=").then_some(status))
        .collect();
    assert_eq!(blobs, [206], "the rest was asked for, and not the whole");
    Bag::at(room.path("bag")).check();
}

#[test]
fn the_payload_does_not_depend_on_concurrency() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let mut manifests = Vec::new();
    for concurrency in ["1", "4", "64"] {
        let flags = ["--quiet", "--concurrency", concurrency];
        let output = format!("bag-{concurrency}");
        let _ = emulator.run(&room, LEGACY, &output, &flags).ends(0);
        manifests.push(Bag::at(room.path(&output)).manifest());
    }
    assert_eq!(manifests[0], manifests[1], "1 and 4");
    assert_eq!(manifests[0], manifests[2], "1 and 64");
}

#[cfg(unix)]
mod signals {
    use super::{Bag, Duration, EmulatorProcess, LATENCY, LEGACY, Room, undisturbed};

    #[test]
    fn ctrl_c_once_keeps_what_was_finished_and_goes_on_later() {
        let (emulator, room) = (EmulatorProcess::start(&LATENCY), Room::new());
        let (manifest, _) = undisturbed(&emulator, &room, LEGACY);
        let half = emulator.diary().total() / 2;
        emulator.reset();
        let running = emulator.begin(&room, LEGACY, "bag", &[]);
        while emulator.diary().total() < half {
            std::thread::sleep(Duration::from_millis(5));
        }
        running.signal("INT");
        let stopped = running.wait().ends(130);
        let bag = Bag::at(room.path("bag"));
        assert!(!bag.is_complete() && room.path("bag/.aml-dsr").is_dir());
        assert!(
            stopped.stderr.contains("the same command goes on"),
            "{}",
            stopped.stderr
        );
        assert_eq!(stopped.stdout, "", "an interrupted export has no summary");
        let resumed = emulator.run(&room, LEGACY, "bag", &[]).ends(0);
        assert!(
            resumed
                .stderr
                .contains("going on with the unfinished export")
        );
        assert_eq!(bag.manifest(), manifest);
        bag.check();
    }

    #[test]
    fn ctrl_c_twice_ends_at_once() {
        let (emulator, room) = (EmulatorProcess::start(&["--latency", "4000"]), Room::new());
        let mut running = emulator.begin(&room, LEGACY, "bag", &[]);
        std::thread::sleep(Duration::from_millis(800));
        running.signal("INT");
        std::thread::sleep(Duration::from_millis(300));
        if !running.is_over() {
            running.signal("INT");
        }
        let began = std::time::Instant::now();
        let _ = running.wait().ends(130);
        assert!(
            began.elapsed() < Duration::from_secs(2),
            "it waited for what was under way"
        );
    }
}
