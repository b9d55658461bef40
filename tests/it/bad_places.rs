//! Output directories that cannot be written to, or must not be: one sentence, and nothing in them is touched.

use std::fs;
use std::time::{Duration, Instant};

use crate::bag::Bag;
use crate::context::{Outcome, Room, tree};
use crate::emulated::{EmulatorProcess, LEGACY, SMALL};

/// An export of the built-in emulator's smallest part.
fn quick(room: &Room, output: &str) -> Outcome {
    room.run(&[
        "export",
        "--emulator",
        "--kinds",
        "computes",
        "-q",
        "-o",
        output,
    ])
}

/// The message is one line that says something, and no trace of the program's inside.
pub(crate) fn one_sentence(outcome: &Outcome) {
    let lines: Vec<&str> = outcome
        .stderr
        .lines()
        .filter(|line| line.starts_with("error: "))
        .collect();
    assert_eq!(lines.len(), 1, "{}", outcome.stderr);
    for inside in ["panicked", "RUST_BACKTRACE", "Caused by", "os error 2)\n\n"] {
        assert!(!outcome.stderr.contains(inside), "{}", outcome.stderr);
    }
    assert_eq!(outcome.stdout, "");
}

#[test]
fn a_directory_that_is_not_ours() {
    let room = Room::new();
    fs::create_dir(room.path("photos")).expect("a folder");
    fs::write(room.path("photos/cat.jpg"), "meow").expect("a file");
    let outcome = quick(&room, "photos").ends(2);
    one_sentence(&outcome);
    insta::assert_snapshot!(outcome.said(), @r"
    exit 2
    error: photos holds something that is no export of this program (cat.jpg). Choose a new or an empty directory
    ");
    assert_eq!(
        tree(&room.path("photos")).into_keys().collect::<Vec<_>>(),
        ["cat.jpg"],
        "nothing was added"
    );
}

#[test]
fn a_bag_that_is_finished() {
    let room = Room::new();
    let _ = quick(&room, "bag").ends(0);
    let before = tree(&room.path("bag"));
    let outcome = quick(&room, "bag").ends(2);
    one_sentence(&outcome);
    insta::assert_snapshot!(outcome.said(), @r"
    exit 2
    error: bag holds a finished export, which is never changed. Choose another directory
    ");
    assert_eq!(tree(&room.path("bag")), before, "not a byte was changed");
}

#[test]
fn unfinished_work_of_another_scope_or_with_other_options() {
    let (emulator, room) = (EmulatorProcess::start(&["--latency", "20"]), Room::new());
    let running = emulator.begin(&room, SMALL, "bag", &["-q"]);
    std::thread::sleep(Duration::from_millis(700));
    let _ = running.kill();
    assert!(room.path("bag/.aml-dsr").is_dir(), "it was killed midway");
    let other = emulator.run(&room, LEGACY, "bag", &["-q"]).ends(2);
    one_sentence(&other);
    insta::assert_snapshot!(other.said(), @r"
    exit 2
    error: bag holds an unfinished export with another scope: there workspace fabrikam-Lab_2 in resource group rg-fabrikam-lab of subscription [UUID], in Loopback (127.0.0.1), here workspace contoso-legacy in resource group rg-contoso-ml of subscription [UUID], in Loopback (127.0.0.1). Repeat that one to finish it, or choose another directory
    ");
    let options = emulator
        .run(&room, SMALL, "bag", &["-q", "--no-content"])
        .ends(2);
    one_sentence(&options);
    insta::assert_snapshot!(options.said(), @r"
    exit 2
    error: bag holds an unfinished export with another set of options: there kinds all, all content, here kinds all, no content. Repeat that one to finish it, or choose another directory
    ");
    // The right one is none the worse for it.
    let _ = emulator.run(&room, SMALL, "bag", &["-q"]).ends(0);
    Bag::at(room.path("bag")).check();
}

#[test]
fn two_at_once() {
    let (emulator, room) = (EmulatorProcess::start(&["--latency", "20"]), Room::new());
    let first = emulator.begin(&room, SMALL, "bag", &["-q"]);
    let deadline = Instant::now() + Duration::from_secs(20);
    while !room.path("bag/.aml-dsr/lock").exists() || emulator.diary().total() < 5 {
        assert!(Instant::now() < deadline, "the first one does not begin");
        std::thread::sleep(Duration::from_millis(10));
    }
    let second = emulator.run(&room, SMALL, "bag", &["-q"]).ends(2);
    one_sentence(&second);
    insta::assert_snapshot!(second.said(), @r"
    exit 2
    error: another program is writing bag. Wait for it, or choose another directory
    ");
    let _ = first.wait().ends(0);
    Bag::at(room.path("bag")).check();
}

#[test]
fn a_file_in_the_place_of_the_directory() {
    let room = Room::new();
    fs::write(room.path("bag"), "mine").expect("a file");
    let outcome = quick(&room, "bag").ends(2);
    one_sentence(&outcome);
    insta::assert_snapshot!(outcome.said(), @r"
    exit 2
    error: bag holds something that is no export of this program (a file). Choose a new or an empty directory
    ");
    assert_eq!(
        fs::read_to_string(room.path("bag")).expect("the file"),
        "mine"
    );
}

#[test]
fn a_parent_that_cannot_be_written() {
    let room = Room::new();
    fs::write(room.path("file"), "").expect("a file");
    // A file as parent is refused for every user; a directory without rights would not stop root.
    let outcome = quick(&room, "file/bag").ends(1);
    one_sentence(&outcome);
    insta::assert_snapshot!(outcome.said(), @r"
    exit 1
    error: cannot look at file/bag: Not a directory (os error 20). What was finished is kept: make room or see to the permissions, then run the same command again
    ");
}
