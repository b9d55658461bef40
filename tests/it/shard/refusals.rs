//! What is refused, and what is said of it: shards that are none, that do not belong together, or that are damaged.

use super::{cut, merge, names};
use crate::bag::Bag;
use crate::context::{Room, tree};
use crate::emulated::{EmulatorProcess, LEGACY, SMALL};

const FEW: [&str; 3] = ["--kinds", "runs,models", "--no-content"];

#[test]
fn a_part_that_is_none_is_a_wrong_command_line() {
    let room = Room::new();
    let export = |more: &[&str], said: &str| {
        let words = ["export", "--emulator", "-o", "bag", "--quiet"];
        let outcome = room.run(&[&words[..], more].concat()).ends(2);
        assert!(
            outcome.stderr.contains(said),
            "{more:?}: {}",
            outcome.stderr
        );
        assert!(!room.path("bag").exists(), "{more:?}: nothing was begun");
    };
    for wrong in ["5/4", "0/4", "4", "1/0", "a/b"] {
        export(&["--shard", wrong], "write K/N with K from 1 to N");
    }
    export(
        &["--shard", "auto"],
        "JOB_COMPLETION_INDEX, which is not set",
    );
    let person = ["--shard", "1/2", "--subject", "someone@contoso.com"];
    export(
        &person,
        "--shard cuts a whole export and cannot be combined with a person",
    );
    export(
        &["--shard", "1/2", "--older-than", "365d"],
        "cannot be combined",
    );
}

#[test]
fn a_pod_that_does_not_know_how_many_there_are_is_told() {
    let room = Room::new();
    let with = |index: &str, completions: Option<&str>| {
        let mut command = room.program();
        command
            .args(["export", "--emulator", "-o", "bag", "--shard", "auto"])
            .env("JOB_COMPLETION_INDEX", index);
        if let Some(completions) = completions {
            command.env("JOB_COMPLETIONS", completions);
        }
        room.spawn(command).wait().ends(2).stderr
    };
    let said = with("0", None);
    assert!(said.contains("JOB_COMPLETIONS, which is not set"), "{said}");
    let said = with("4", Some("4"));
    assert!(said.contains("name no part"), "{said}");
}

#[test]
fn bags_that_are_not_all_shards_of_one_whole() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let bags = cut(&emulator, &room, SMALL, 3, &FEW, 0);
    let flags = [&["--quiet", "--shard", "1/3"], &FEW[..]].concat();
    let _ = emulator.run(&room, LEGACY, "elsewhere", &flags).ends(0);
    let flags = ["--quiet", "--shard", "1/3", "--kinds", "runs"];
    let _ = emulator.run(&room, SMALL, "less", &flags).ends(0);
    let flags = [&["--quiet", "--shard", "1/2"], &FEW[..]].concat();
    let _ = emulator.run(&room, SMALL, "half", &flags).ends(0);
    let flags = [&["--quiet"], &FEW[..]].concat();
    let _ = emulator.run(&room, SMALL, "uncut", &flags).ends(0);
    let mut command = room.program();
    let flags = [&["--quiet", "--shard", "1/3"], &FEW[..]].concat();
    command
        .args(emulator.export(SMALL, "yesterday", &flags))
        .env("SOURCE_DATE_EPOCH", "1795132800");
    let _ = room.spawn(command).wait().ends(0);
    let refused = |bags: &[&str], words: &[&str]| {
        let bags: Vec<String> = bags.iter().map(|bag| (*bag).to_owned()).collect();
        let outcome = merge(&room, &bags, "merged").ends(2);
        for word in words {
            assert!(outcome.stderr.contains(word), "{word}: {}", outcome.stderr);
        }
        assert!(!room.path("merged").exists(), "nothing was written");
    };
    let [one, two, three] = [&bags[0], &bags[1], &bags[2]].map(String::as_str);
    refused(&[one, three], &["of 3 shards these are missing: 2"]);
    refused(
        &[one, two, two, three],
        &["shard-2 and shard-2 are both shard 2/3"],
    );
    refused(
        &["elsewhere", two, three],
        &["elsewhere and shard-2", "the scope"],
    );
    refused(
        &["less", two, three],
        &["less and shard-2", "the set of options"],
    );
    refused(
        &["yesterday", two, three],
        &["yesterday and shard-2", "the day", "SOURCE_DATE_EPOCH"],
    );
    refused(
        &["half", two, three],
        &["half is shard 1/2 and shard-2 shard 2/3"],
    );
    refused(&["uncut", two, three], &["uncut is no shard"]);
    refused(&["nowhere", two, three], &["nowhere"]);
}

#[test]
fn a_damaged_shard_is_found_before_anything_is_written() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let bags = cut(&emulator, &room, SMALL, 2, &FEW, 0);
    let refused = |path: &str, alter: &dyn Fn(&mut Vec<u8>)| {
        let path = room.path(path);
        let good = std::fs::read(&path).expect("a file of the bag");
        let mut bad = good.clone();
        alter(&mut bad);
        std::fs::write(&path, bad).expect("an altered file");
        let outcome = merge(&room, &bags, "merged").ends(6);
        assert!(
            outcome
                .stderr
                .contains("shard-2 is not valid, so nothing was merged"),
            "{}",
            outcome.stderr
        );
        assert!(!room.path("merged").exists());
        std::fs::write(&path, good).expect("the file as it was");
    };
    refused("shard-2/data/inventory.jsonl", &|bytes| bytes[20] ^= 1);
    refused("shard-2/aml-dsr/shard.jsonl", &|bytes| {
        bytes.truncate(bytes.len() / 2);
    });
    refused("shard-2/aml-dsr/shard.json", &|bytes| bytes.truncate(10));
    std::fs::create_dir(room.path("shard-2/.aml-dsr")).expect("a folder");
    let outcome = merge(&room, &bags, "merged").ends(6);
    assert!(
        outcome.stderr.contains("not finished"),
        "{}",
        outcome.stderr
    );
    std::fs::remove_dir(room.path("shard-2/.aml-dsr")).expect("an empty folder");
    let _ = merge(&room, &bags, "merged").ends(0);
}

#[test]
fn a_directory_that_is_taken_is_left_as_it_is() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let bags = cut(&emulator, &room, SMALL, 2, &FEW, 0);
    std::fs::create_dir(room.path("taken")).expect("a folder");
    std::fs::write(room.path("taken/notes.txt"), "mine").expect("a file");
    let outcome = merge(&room, &bags, "taken").ends(2);
    assert!(outcome.stderr.contains("notes.txt"), "{}", outcome.stderr);
    assert_eq!(tree(&room.path("taken")).len(), 1);
    for inside in ["shard-1", "shard-1/data/merged", "shard-2/new"] {
        let before = tree(&room.path("shard-1"));
        let outcome = merge(&room, &bags, inside).ends(2);
        assert!(
            outcome.stderr.contains("never changed"),
            "{inside}: {}",
            outcome.stderr
        );
        assert!(
            tree(&room.path("shard-1")) == before,
            "{inside}: the bag was changed"
        );
    }
    crate::verify::is_valid(&room, "shard-1");
    crate::verify::is_valid(&room, "shard-2");
}

#[test]
fn bags_that_overlap_are_no_shards_of_one_whole() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let bags = cut(&emulator, &room, SMALL, 2, &FEW, 0);
    // Whoever writes another number on a copy deceives only the first look.
    let whole = names(2);
    let owner = bags
        .iter()
        .find(|bag| Bag::at(room.path(bag)).coverage(SMALL, "workspaces")["items"] == 1)
        .expect("one of them has the workspace");
    let other = if *owner == whole[0] { "2/2" } else { "1/2" };
    let copied = std::process::Command::new("cp")
        .args(["-r", owner, "forged"])
        .current_dir(room.path("."))
        .status();
    assert!(copied.expect("cp").success());
    let path = room.path("forged/aml-dsr/shard.json");
    let text = std::fs::read_to_string(&path).expect("what the shard says");
    let number = &owner["shard-".len()..];
    let text = text.replace(
        &format!("\"shard\": \"{number}/2\""),
        &format!("\"shard\": \"{other}\""),
    );
    std::fs::write(&path, text).expect("a forged number");
    let digest = crate::bag::sha256_of(&path);
    let path = room.path("forged/tagmanifest-sha256.txt");
    let list = std::fs::read_to_string(&path).expect("the list of tag files");
    let list: String = list
        .lines()
        .map(|line| match line.split_once("  ") {
            Some((_, "aml-dsr/shard.json")) => format!("{digest}  aml-dsr/shard.json\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    std::fs::write(&path, list).expect("a forged list");
    crate::verify::is_valid(&room, "forged");
    let outcome = merge(&room, &[owner.clone(), "forged".to_owned()], "merged").ends(2);
    assert!(
        outcome.stderr.contains("another shard holds as well"),
        "{}",
        outcome.stderr
    );
}
