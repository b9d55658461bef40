//! The report: the page that every bag carries, and the command that writes it again.

use std::fs;

use crate::bag::Bag;
use crate::context::{Room, tree};
use crate::emulated::{EmulatorProcess, SMALL};

/// A bag of the small workspace, in a room.
fn exported(room: &Room) -> Bag {
    let emulator = EmulatorProcess::start(&[]);
    let _ = emulator.run(room, SMALL, "bag", &["--no-content"]).ends(0);
    Bag::at(room.path("bag"))
}

#[test]
fn every_bag_carries_its_page() {
    let room = Room::new();
    let bag = exported(&room);
    bag.check();
    let page = bag.text("data/report.html");
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
    assert!(
        page.contains("21\u{a0}November 2026"),
        "the day is that of SOURCE_DATE_EPOCH"
    );
    assert!(page.contains("8 records, all shown."), "the eight runs");
    assert!(!page.contains("<script"));
    let info = bag.text("bag-info.txt");
    assert!(info.contains("\nAml-Dsr-Started: 2") && info.contains("\nAml-Dsr-Finished: 2"));
}

#[test]
fn the_day_of_a_build_must_be_a_time() {
    let room = Room::new();
    let mut command = room.program();
    command
        .args(["export", "--emulator", "--kinds", "computes", "-o", "bag"])
        .env("SOURCE_DATE_EPOCH", "yesterday");
    let outcome = room.spawn(command).wait().ends(2);
    assert!(
        outcome.stderr.contains("SOURCE_DATE_EPOCH"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn the_report_in_every_language_and_form() {
    let room = Room::new();
    let bag = exported(&room);
    let before = tree(&room.path("bag"));
    for (language, words) in [
        ("en", "What is held"),
        ("fr", "Données détenues"),
        ("nl", "Welke gegevens er zijn"),
    ] {
        let page = room.run(&["report", "bag", "--language", language]).ends(0);
        assert!(
            page.stdout.contains(words) && page.stdout.contains(&format!("lang=\"{language}\""))
        );
        assert!(
            page.stdout.contains("href=\"bag/data/workspaces/"),
            "links lead from here into the bag"
        );
        assert_eq!(page.stderr, "");
    }
    let table = room
        .run(&["report", "bag", "--format", "csv"])
        .ends(0)
        .stdout;
    assert_eq!(table.matches("\r\n").count(), bag.inventory().len() + 1);
    fs::create_dir(room.path("out")).expect("a folder");
    let file = room
        .run(&["report", "bag", "-o", "out/page.html", "--format", "html"])
        .ends(0);
    assert_eq!(file.stdout, "");
    let page = fs::read_to_string(room.path("out/page.html")).expect("the page");
    assert!(page.contains("href=\"../bag/data/workspaces/"));
    assert!(tree(&room.path("bag")) == before, "the bag is as it was");
}

#[test]
fn a_bag_from_before_there_was_a_page() {
    let room = Room::new();
    let bag = exported(&room);
    fs::remove_file(bag.path("data/report.html")).expect("deleted");
    let info = bag.text("bag-info.txt");
    let older: String = info
        .lines()
        .filter(|line| {
            !line.starts_with("Aml-Dsr-Started") && !line.starts_with("Aml-Dsr-Finished")
        })
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(bag.path("bag-info.txt"), older).expect("written");
    let page = room.run(&["report", "bag"]).ends(0).stdout;
    assert!(page.contains(">Begun</dt>"), "the time in run.json");
}

#[test]
fn what_the_controller_says_stands_in_the_page() {
    let room = Room::new();
    let _ = exported(&room);
    fs::write(
        room.path("facts.json"),
        r#"{"purposes": ["to <b>test</b>"]}"#,
    )
    .expect("written");
    let page = room
        .run(&["report", "bag", "--controller-file", "facts.json"])
        .ends(0)
        .stdout;
    assert!(page.contains("to &#60;b&#62;test&#60;/b&#62;"));
    assert_eq!(
        page.matches("Not stated. The controller has to add this.")
            .count(),
        12
    );
    fs::write(room.path("facts.json"), r#"{"purpose": "x"}"#).expect("written");
    let wrong = room
        .run(&["report", "bag", "--controller-file", "facts.json"])
        .ends(2);
    assert!(wrong.stderr.contains("`purpose`"), "{}", wrong.stderr);
}

#[test]
fn what_is_wrong_is_said_with_its_code() {
    let room = Room::new();
    let bag = exported(&room);
    fs::create_dir(room.path("empty")).expect("a folder");
    for (args, code, words) in [
        (vec!["report", "nowhere"], 2, "there is no such directory"),
        (vec!["report", "empty"], 2, "there is no manifest"),
        (
            vec!["report", "bag", "--format", "json"],
            2,
            "text, html, csv",
        ),
        (
            vec!["report", "bag", "-o", "bag/data/report.html"],
            2,
            "lies in the bag",
        ),
        (vec!["report", "bag", "-o", "empty"], 2, "is a directory"),
        (
            vec!["report", "bag", "-o", "no/such/page.html"],
            2,
            "cannot be entered",
        ),
        (vec!["report", "bag", "--language", "de"], 2, "en, fr, nl"),
        (vec!["verify", "bag", "--format", "csv"], 2, "text, json"),
    ] {
        let outcome = room.run(&args).ends(code);
        assert!(
            outcome.stderr.contains(words),
            "{args:?}: {}",
            outcome.stderr
        );
    }
    let inventory = bag.path("data/inventory.jsonl");
    let text = fs::read_to_string(&inventory).expect("the inventory");
    fs::write(&inventory, format!("{text}{{\"kind\"\n")).expect("written");
    let damaged = room.run(&["report", "bag", "-o", "page.html"]).ends(6);
    assert!(
        damaged.stderr.contains("the bag is damaged")
            && damaged.stderr.contains("aml-dsr verify bag")
    );
    assert!(!room.path("page.html").exists(), "no half page is left");
    fs::remove_file(inventory).expect("deleted");
    let _ = room.run(&["report", "bag"]).ends(6);
}
