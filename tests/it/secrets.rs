//! What was planted as a secret is nowhere: in no file of the bag, in no name, on no screen, and not in what a killed export
//! leaves behind.

use std::time::{Duration, Instant};

use memchr::memmem;

use crate::context::{Outcome, Room, tree};
use crate::emulated::{EmulatorProcess, LEGACY, MAIN, SMALL};

fn planted(emulator: &EmulatorProcess) -> Vec<String> {
    let planted = emulator.ask_json("secrets");
    let planted: Vec<String> = serde_json::from_value(planted).expect("a list of secrets");
    assert!(
        planted.len() > 500,
        "{} secrets are too few to look for",
        planted.len()
    );
    // All of them begin alike, which makes a look for all of them one look.
    assert!(planted.iter().all(|secret| secret.starts_with(MARK)));
    planted
}

const MARK: &str = "PLANTED-";

/// Where a text holds a secret. What only looks like one is named too: a part of a secret is one as well.
fn leaks(place: &str, text: &[u8], planted: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for at in memmem::find_iter(text, MARK) {
        let rest = String::from_utf8_lossy(&text[at..text.len().min(at + 60)]).into_owned();
        let whole = planted
            .iter()
            .any(|secret| rest.starts_with(secret.as_str()));
        let around = String::from_utf8_lossy(&text[at.saturating_sub(40)..at]).into_owned();
        found.push(format!(
            "{place}: {}{around}{}",
            if whole { "" } else { "a part: " },
            &rest[..rest.len().min(20)]
        ));
    }
    for at in memmem::find_iter(text, "sig=") {
        let value = &text[at + 4..text.len().min(at + 40)];
        let blank = value.starts_with(b"[redacted]")
            || value
                .first()
                .is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'%');
        if !blank {
            found.push(format!(
                "{place}: sig={}...",
                String::from_utf8_lossy(&value[..value.len().min(6)])
            ));
        }
    }
    found
}

/// Looks everywhere that a command could have left something.
fn look(room: &Room, output: &str, said: &[&Outcome], planted: &[String]) {
    let mut found = Vec::new();
    let files = tree(&room.path(output));
    assert!(!files.is_empty());
    for (name, bytes) in &files {
        found.extend(leaks(&format!("the name {name}"), name.as_bytes(), planted));
        found.extend(leaks(name, bytes, planted));
    }
    for outcome in said {
        found.extend(leaks("stdout", outcome.stdout.as_bytes(), planted));
        found.extend(leaks("stderr", outcome.stderr.as_bytes(), planted));
    }
    assert!(
        found.is_empty(),
        "{} leaks:\n{}",
        found.len(),
        found[..found.len().min(20)].join("\n")
    );
}

#[test]
fn the_look_for_secrets_finds_them() {
    let planted = vec!["PLANTED-abcdef".to_owned()];
    assert_eq!(leaks("x", b"...PLANTED-abcdef...", &planted).len(), 1);
    assert_eq!(leaks("x", b"?se=1&sig=AbC%2b&x", &planted).len(), 1);
    assert_eq!(leaks("x", b"?se=1&sig=[redacted]&sig=", &planted).len(), 0);
}

#[test]
fn no_secret_comes_through_with_every_word_said() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let planted = planted(&emulator);
    let said = emulator.run(&room, MAIN, "bag", &["--verbose"]).ends(0);
    assert!(
        said.stderr.lines().count() > 1_000,
        "--verbose says every request"
    );
    look(&room, "bag", &[&said], &planted);
}

#[test]
fn no_secret_comes_through_for_programs() {
    let (emulator, room) = (EmulatorProcess::start(&["--seed", "3"]), Room::new());
    let planted = planted(&emulator);
    for workspace in [LEGACY, SMALL] {
        let flags = ["--progress", "json", "--verbose", "--format", "json"];
        let said = emulator.run(&room, workspace, workspace, &flags).ends(0);
        assert!(said.events().iter().any(|event| event["event"] == "sent"));
        look(&room, workspace, &[&said], &planted);
    }
}

#[test]
fn no_secret_comes_through_in_bad_weather() {
    let (emulator, room) = (EmulatorProcess::start(&["--faults", "0.1"]), Room::new());
    let planted = planted(&emulator);
    // Errors that repeat the link and the header which they refuse.
    let telltale = format!(
        "no good: https://x.blob.core.windows.net/a?sig={} Bearer {}",
        planted[0], planted[1]
    );
    for (path, status) in [
        ("three-mebibytes.bin?", 403),
        ("/models?", 403),
        ("/datasets", 400),
    ] {
        let body = serde_json::json!({"error": {"code": "Odd", "message": telltale}});
        let act = serde_json::json!({"status": status, "body": body});
        let mishap = serde_json::json!({"path_contains": path, "times": 1_000, "do": act});
        emulator.tell("mishaps", &mishap);
    }
    let said = emulator.run(&room, LEGACY, "bag", &["--verbose"]).ends(3);
    look(&room, "bag", &[&said], &planted);
}

#[test]
fn no_secret_lies_in_what_a_killed_export_leaves() {
    let (emulator, room) = (EmulatorProcess::start(&["--latency", "3"]), Room::new());
    let planted = planted(&emulator);
    for (number, wanted) in [300, 900].into_iter().enumerate() {
        emulator.reset();
        let output = format!("bag-{number}");
        let mut running = emulator.begin(&room, MAIN, &output, &["--verbose"]);
        let deadline = Instant::now() + Duration::from_secs(60);
        while emulator.diary().total() < wanted {
            assert!(
                Instant::now() < deadline && !running.is_over(),
                "the export does not get on"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        let said = running.kill();
        assert!(
            room.path(&output).join(".aml-dsr").is_dir(),
            "it was killed midway"
        );
        look(&room, &output, &[&said], &planted);
    }
}

#[test]
fn a_token_from_standard_input_stays_there() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    // One that looks like a token of Azure's, and one that no pattern knows.
    let looks =
        "eyJhbGciOiJub25lIn0.eyJhdWQiOiJuby1vbmUiLCJuIjoxMjN9.VmVyeVNlY3JldFNpZ25hdHVyZTEyMw";
    for (number, token) in [looks, "grey heron by the weir"].into_iter().enumerate() {
        let output = format!("bag-{number}");
        let token = token.replace(' ', "-");
        let args = emulator.export(SMALL, &output, &["--token-stdin", "--verbose"]);
        let said = room.run_with_input(&args, &format!("{token}\n")).ends(0);
        let end = token.rsplit('.').next().expect("a part").as_bytes();
        for (name, bytes) in tree(&room.path(&output)) {
            assert!(memmem::find(&bytes, end).is_none(), "{name}");
        }
        for text in [&said.stdout, &said.stderr] {
            assert!(memmem::find(text.as_bytes(), end).is_none(), "{text}");
        }
    }
}
