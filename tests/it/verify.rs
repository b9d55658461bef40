//! `verify`: what an export wrote is proof, and what was touched since is none.

use crate::bag::Bag;
use crate::context::Room;
use crate::emulated::{EmulatorProcess, SMALL};

/// Asserts that `verify` agrees with a bag.
#[track_caller]
pub(crate) fn is_valid(room: &Room, bag: &str) {
    let outcome = room.run(&["verify", bag]).ends(0);
    assert_eq!(outcome.stderr, "");
}

#[test]
fn a_changed_byte_a_lost_file_and_half_a_bag_are_no_proof() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let _ = emulator.run(&room, SMALL, "bag", &["--quiet"]).ends(0);
    is_valid(&room, "bag");
    let entries = Bag::at(room.path("bag")).inventory().into_iter();
    let file = entries
        .filter(|entry| entry.kind == "models")
        .find_map(|entry| entry.file);
    let path = room
        .path("bag/data")
        .join(file.expect("models stand in a file"));
    let good = std::fs::read(&path).expect("the models");
    let mut bad = good.clone();
    bad[10] ^= 1;
    std::fs::write(&path, bad).expect("a changed file");
    let outcome = room.run(&["verify", "bag"]).ends(6);
    assert!(
        format!("{}{}", outcome.stdout, outcome.stderr).contains("models.jsonl"),
        "it names the file"
    );
    std::fs::write(&path, good).expect("the file as it was");
    is_valid(&room, "bag");
    std::fs::remove_file(&path).expect("a lost file");
    let _ = room.run(&["verify", "bag"]).ends(6);
    std::fs::write(room.path("bag/data/stray.txt"), "x").expect("a file too much");
    let _ = room.run(&["verify", "bag"]).ends(6);
    let _ = room
        .run(&["verify", "bag", "--format", "json"])
        .ends(6)
        .json();
    let nothing = room.run(&["verify", "no-such-bag"]);
    assert!(!nothing.status.success() && nothing.stdout.is_empty());
}

#[test]
fn half_a_bag_is_no_bag() {
    let (emulator, room) = (EmulatorProcess::start(&["--latency", "20"]), Room::new());
    let running = emulator.begin(&room, SMALL, "bag", &["-q"]);
    std::thread::sleep(std::time::Duration::from_millis(700));
    let _ = running.kill();
    let outcome = room.run(&["verify", "bag"]).ends(6);
    assert!(
        outcome.stdout.contains("is not finished"),
        "{}",
        outcome.stdout
    );
}
