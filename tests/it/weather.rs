//! Bad weather: what a service, a network or a storage account does at its worst, and what is left of it in the bag.

use std::io::Read as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::bag::Bag;
use crate::context::Room;
use crate::emulated::{EmulatorProcess, LEGACY, MAIN, SMALL};

#[test]
fn throttled_and_with_faults_the_payload_is_the_same() {
    let (emulator, room) = (
        EmulatorProcess::start(&["--throttle", "90", "--faults", "0.06"]),
        Room::new(),
    );
    let _ = emulator.run(&room, SMALL, "bad", &["--quiet"]).ends(0);
    let diary = emulator.diary();
    assert!(
        diary.with_status(429) > 3,
        "it was not throttled: {}",
        diary.0["by_status"]
    );
    assert!(
        diary.with_status(503) + diary.with_status(500) + diary.with_status(0) > 0,
        "nothing failed"
    );
    assert_eq!(
        diary.early(),
        0,
        "a request came before the time that was asked for"
    );
    emulator.tell("settings", &json!({"throttle": null, "faults": 0.0}));
    emulator.reset();
    let _ = emulator.run(&room, SMALL, "good", &["--quiet"]).ends(0);
    assert_eq!(emulator.diary().with_status(429), 0);
    let manifest = |name: &str| Bag::at(room.path(name)).manifest();
    assert_eq!(manifest("bad"), manifest("good"));
}

#[test]
fn a_person_sees_why_it_waits() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let busy = json!({"path_contains": "/models?", "do": {"status": 429, "headers": {"Retry-After": "1"}}});
    emulator.tell("mishaps", &busy);
    let plain = emulator
        .run(&room, SMALL, "plain", &["--kinds", "models"])
        .ends(0);
    assert!(
        plain.stderr.contains("throttled by 127.0.0.1"),
        "{}",
        plain.stderr
    );
    emulator.tell("mishaps", &busy);
    let json = emulator
        .run(
            &room,
            SMALL,
            "json",
            &["--kinds", "models", "--progress", "json"],
        )
        .ends(0);
    let waits: Vec<Value> = json
        .events()
        .into_iter()
        .filter(|event| event["event"] == "waiting")
        .collect();
    assert!(
        waits.iter().any(|wait| wait["ms"].as_u64() >= Some(1000)),
        "{waits:?}"
    );
}

#[test]
fn no_link_takes_the_token_to_another_host() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let stranger = TcpListener::bind("127.0.0.1:0").expect("a port");
    let there = format!("http://{}", stranger.local_addr().expect("an address"));
    let (visits, heard) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(std::sync::Mutex::new(String::new())),
    );
    let (count, words) = (Arc::clone(&visits), Arc::clone(&heard));
    std::thread::spawn(move || {
        for visit in stranger.incoming() {
            let mut visit = visit.expect("a connection");
            count.fetch_add(1, Ordering::SeqCst);
            let mut request = [0; 4096];
            let length = visit.read(&mut request).unwrap_or(0);
            words
                .lock()
                .expect("a lock")
                .push_str(&String::from_utf8_lossy(&request[..length]));
        }
    });
    for (number, (path, kind)) in [("/computes?", "computes"), ("/models?", "models")]
        .into_iter()
        .enumerate()
    {
        emulator.reset();
        let lure = json!({"path_contains": path, "times": 100, "do": {"next_link_host": there}});
        emulator.tell("mishaps", &lure);
        let output = format!("bag-{number}");
        let _ = emulator
            .run(&room, MAIN, &output, &["--quiet", "--kinds", kind])
            .ends(3);
        let bag = Bag::at(room.path(&output));
        let gaps = bag.gaps();
        assert_eq!(gaps.len(), 1, "{gaps:?}");
        assert_eq!(gaps[0]["class"], "malformed", "{gaps:?}");
        // What came before the strange link is kept.
        assert!(bag.coverage(MAIN, kind)["items"].as_u64() > Some(0));
    }
    assert_eq!(
        visits.load(Ordering::SeqCst),
        0,
        "{}",
        heard.lock().expect("a lock")
    );
}

#[test]
fn a_list_that_goes_in_a_circle_is_left() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let circle = |path: &str| json!({"path_contains": path, "times": 1_000_000, "do": {"repeat_token": true}});
    // A list that hangs on an item: the values of a long metric.
    emulator.tell("mishaps", &circle("/metric/v2.0"));
    let _ = emulator
        .run(
            &room,
            MAIN,
            "metrics",
            &["--quiet", "--kinds", "metrics-v2"],
        )
        .ends(3);
    let gaps = Bag::at(room.path("metrics")).gaps();
    assert!(
        !gaps.is_empty() && gaps.iter().all(|gap| gap["class"] == "malformed"),
        "{gaps:?}"
    );
    // A list of its own.
    emulator.reset();
    emulator.tell("mishaps", &circle("/runs:query"));
    let outcome = emulator.run(&room, MAIN, "runs", &["--quiet", "--kinds", "runs"]);
    assert!(emulator.diary().total() < 200, "it went round and round");
    let _ = outcome.ends(3);
    let gaps = Bag::at(room.path("runs")).gaps();
    assert!(
        !gaps.is_empty() && gaps.iter().all(|gap| gap["class"] == "malformed"),
        "{gaps:?}"
    );
}

#[test]
fn a_list_that_breaks_off_keeps_what_came_before() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let refusal = json!({"path_contains": "/computes?", "after": 2, "times": 1_000_000, "do": {"status": 403}});
    emulator.tell("mishaps", &refusal);
    let _ = emulator
        .run(&room, MAIN, "bag", &["--quiet", "--kinds", "computes"])
        .ends(3);
    let bag = Bag::at(room.path("bag"));
    let items = bag.coverage(MAIN, "computes")["items"].as_u64();
    assert!(items > Some(0) && items < Some(8), "{items:?}");
    let gaps = bag.gaps();
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0]["class"], "denied");
    assert!(
        gaps[0]["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("broke off"))
    );
}

#[test]
fn a_wait_longer_than_the_budget_is_a_gap() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let night = json!({"path_contains": "/models?", "times": 1_000_000, "do": {"status": 429, "headers": {"Retry-After": "30000"}}});
    emulator.tell("mishaps", &night);
    let began = std::time::Instant::now();
    let flags = ["--quiet", "--kinds", "models", "--max-wait", "5"];
    let _ = emulator.run(&room, SMALL, "bag", &flags).ends(3);
    assert!(began.elapsed() < std::time::Duration::from_secs(20));
    let gaps = Bag::at(room.path("bag")).gaps();
    assert!(
        !gaps.is_empty() && gaps.iter().all(|gap| gap["class"] == "throttled"),
        "{gaps:?}"
    );
}

#[test]
fn a_link_that_expired_on_the_way_is_asked_for_anew() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let _ = emulator
        .run(&room, LEGACY, "good", &["--quiet", "--kinds", "artifacts"])
        .ends(0);
    emulator.reset();
    emulator.tell("settings", &json!({"sas_seconds": 1}));
    // The link is good when it is made, and no longer when the storage account looks at it.
    let stall = json!({"path_contains": "three-mebibytes.bin?", "do": {"stall_ms": 2_200}});
    emulator.tell("mishaps", &stall);
    let _ = emulator
        .run(&room, LEGACY, "bag", &["--quiet", "--kinds", "artifacts"])
        .ends(0);
    let diary = emulator.diary();
    assert!(
        diary.with_status(403) > 0,
        "no link expired: {}",
        diary.0["by_status"]
    );
    let manifest = |name: &str| Bag::at(room.path(name)).manifest();
    assert_eq!(manifest("bag"), manifest("good"));
}

#[test]
fn links_that_never_work_are_gaps_and_not_a_loop() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    emulator.tell("settings", &json!({"sas_seconds": -60}));
    let _ = emulator
        .run(&room, SMALL, "bag", &["--quiet", "--kinds", "artifacts"])
        .ends(3);
    let bag = Bag::at(room.path("bag"));
    bag.check();
    let gaps = bag.gaps();
    assert!(gaps.iter().all(|gap| gap["class"] == "storage"), "{gaps:?}");
    assert!(
        gaps.len() > 40,
        "every file is missing, and each is said: {}",
        gaps.len()
    );
    assert!(
        emulator.diary().total() < 600,
        "{} requests",
        emulator.diary().total()
    );
}

#[test]
fn of_what_hangs_on_a_refused_list_nobody_says_that_it_is_empty() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let refusal =
        json!({"path_contains": "/experiments:query", "times": 1_000_000, "do": {"status": 403}});
    emulator.tell("mishaps", &refusal);
    let _ = emulator
        .run(&room, SMALL, "bag", &["--quiet", "--kinds", "artifacts"])
        .ends(3);
    let bag = Bag::at(room.path("bag"));
    for kind in ["experiments", "runs", "artifacts"] {
        assert_eq!(bag.coverage(SMALL, kind)["status"], "denied", "{kind}");
    }
}

#[test]
fn bytes_to_which_the_service_gives_no_link_are_a_gap() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    for path in ["/contentinfo", "/batch/metadata"] {
        let gone = json!({"path_contains": path, "times": 1_000_000, "do": {"status": 404}});
        emulator.tell("mishaps", &gone);
    }
    let _ = emulator
        .run(&room, SMALL, "bag", &["--quiet", "--kinds", "artifacts"])
        .ends(3);
    let gaps = Bag::at(room.path("bag")).gaps();
    assert!(!gaps.is_empty());
    for gap in gaps {
        assert_eq!(
            (&gap["class"], &gap["severity"]),
            (&json!("storage"), &json!("gap")),
            "{gap}"
        );
    }
}

#[test]
fn what_a_service_says_passes_the_net_before_it_is_said_on() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let secret = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789";
    let told = format!(
        "{{\"error\":{{\"code\":\"X\",\"message\":\"see https://h/x?sv=1&sig={secret}&se=2\"}}}}"
    );
    let refusal = json!({"path_contains": "/models?", "times": 1_000_000, "do": {"status": 403, "body": told}});
    emulator.tell("mishaps", &refusal);
    for (bag, style) in [("one", "json"), ("two", "plain")] {
        let outcome = emulator
            .run(
                &room,
                SMALL,
                bag,
                &["--kinds", "models", "--progress", style, "--verbose"],
            )
            .ends(3);
        assert!(!outcome.stderr.contains(secret), "{}", outcome.stderr);
        let faults = std::fs::read_to_string(room.path(bag).join("aml-dsr/faults.jsonl"));
        let faults = faults.expect("the tag file about gaps");
        assert!(
            faults.contains("[redacted]") && !faults.contains(secret),
            "{faults}"
        );
    }
}

#[test]
fn records_that_cannot_be_served_are_gaps_and_not_the_end() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let broken = json!({"path_contains": "/Graphs/", "times": 1_000_000, "do": {"status": 500}});
    emulator.tell("mishaps", &broken);
    let kinds = ["--quiet", "--kinds", "pipeline-graphs", "--max-wait", "1"];
    let _ = emulator.run(&room, SMALL, "bag", &kinds).ends(3);
    let bag = Bag::at(room.path("bag"));
    assert_eq!(
        bag.gaps().len(),
        7,
        "each of the graphs is missing, and said"
    );
    assert_eq!(bag.coverage(SMALL, "pipeline-graphs")["status"], "failed");
}
