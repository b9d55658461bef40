//! What is handed over to one person, when it was interrupted: the same as if nobody had disturbed it, with the same log; and
//! when the people of the workspace changed meanwhile, nothing in it is from before.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bag::Bag;
use crate::context::{Outcome, Room, loudly, tree};
use crate::emulated::{EmulatorProcess, MAIN};

/// Stretches an export, so that there are moments to hit.
const LATENCY: [&str; 2] = ["--latency", "2"];
/// Who is handed over: runs with metrics, and logs in which others stand.
const WHO: [&str; 4] = [
    "--subject",
    "maria.garcia@contoso.com",
    "--concurrency",
    "2",
];

/// Everything that an export leaves: the payload, the log of masked spots, who stands for whom, and in how many places.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    manifest: String,
    log: String,
    key: String,
    places: String,
}

fn left(room: &Room, name: &str, outcome: &Outcome) -> Left {
    let bag = Bag::at(room.path(name));
    bag.check();
    let beside = |end: &str| {
        fs::read_to_string(room.path(&format!("{name}.pseudonyms.jsonl{end}"))).expect(end)
    };
    let said = outcome.stdout.split("under a pseudonym, in ").nth(1);
    Left {
        manifest: bag.manifest(),
        log: beside(".spots"),
        key: beside(""),
        places: said
            .and_then(|rest| rest.split(' ').next())
            .unwrap_or_else(|| panic!("{}", outcome.stdout))
            .to_owned(),
    }
}

fn undisturbed(emulator: &EmulatorProcess, room: &Room, name: &str) -> Left {
    let outcome = emulator.run(room, MAIN, name, &WHO).ends(0);
    left(room, name, &outcome)
}

/// How many files the payload has by now.
fn files(bag: &Path) -> usize {
    // Files come and go while the export runs.
    let count = |folder: std::path::PathBuf| {
        let mut sum = 0;
        let mut left = vec![folder];
        while let Some(folder) = left.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    left.push(entry.path());
                } else {
                    sum += 1;
                }
            }
        }
        sum
    };
    count(bag.join("data"))
}

/// Begins the export, and kills it when so many files have come into the bag. Says whether it was hit.
fn killed(emulator: &EmulatorProcess, room: &Room, name: &str, when: usize) -> bool {
    let mut running = emulator.begin(room, MAIN, name, &WHO);
    let deadline = Instant::now() + Duration::from_secs(60);
    while files(&room.path(name)) < when && !running.is_over() {
        assert!(Instant::now() < deadline, "the export does not get on");
        std::thread::sleep(Duration::from_millis(1));
    }
    let hit = !running.is_over();
    let _ = running.kill();
    hit && !Bag::at(room.path(name)).is_complete()
}

/// What there was when it went on: items and files.
fn there(outcome: &Outcome) -> (u64, u64) {
    let said = outcome
        .stderr
        .lines()
        .find(|line| line.contains("going on with the unfinished export"))
        .unwrap_or_else(|| panic!("{}", outcome.stderr));
    let numbers: Vec<u64> = said
        .rsplit(": ")
        .next()
        .expect("numbers")
        .split(' ')
        .filter_map(|word| word.replace(',', "").parse().ok())
        .collect();
    (numbers[0], numbers[1])
}

#[test]
fn interrupted_it_is_the_same_with_the_same_log() {
    let (emulator, room) = (EmulatorProcess::start(&LATENCY), Room::new());
    let whole = undisturbed(&emulator, &room, "undisturbed");
    let lines: Vec<Value> = whole
        .log
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of the log"))
        .collect();
    let of = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).count();
    assert!(of("runs") > 0 && of("file") > 0, "{}", whole.log);
    let spots: usize = lines
        .iter()
        .map(|line| line["spots"].as_array().expect("spots").len())
        .sum();
    assert_eq!(whole.places.replace(',', ""), spots.to_string());

    let all = tree(&room.path("undisturbed/data")).len();
    let mut halves = 0;
    for part in 1..=4 {
        let name = format!("killed-{part}");
        if !killed(&emulator, &room, &name, (all * part / 5).max(1)) {
            continue;
        }
        let outcome = emulator.run(&room, MAIN, &name, &WHO).ends(0);
        let (items, files) = there(&outcome);
        loudly(&format!("killed with {items} items and {files} files"));
        halves += u32::from(items > 0 && files > 0);
        let after = left(&room, &name, &outcome);
        assert_eq!(after.log, whole.log, "killed with {items} items");
        assert_eq!(after, whole, "killed with {items} items");
    }
    assert!(halves >= 2, "only {halves} kills left half an export");
}

#[test]
fn when_somebody_came_meanwhile_nothing_of_before_is_kept() {
    let (emulator, room) = (EmulatorProcess::start(&LATENCY), Room::new());
    let before = undisturbed(&emulator, &room, "before");
    let all = tree(&room.path("before/data")).len();
    assert!(
        killed(&emulator, &room, "bag", all * 2 / 3),
        "it was over before"
    );
    let halves = tree(&room.path("bag/data"));
    assert!(!halves.is_empty());

    newcomer(&emulator);
    let outcome = emulator.run(&room, MAIN, "bag", &WHO).ends(0);
    assert!(there(&outcome).0 > 0, "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("everything is fetched anew"),
        "{}",
        outcome.stderr
    );
    let resumed = left(&room, "bag", &outcome);
    assert_eq!(resumed, undisturbed(&emulator, &room, "after"));
    assert_ne!(resumed.key, before.key);
    assert!(resumed.key.contains("wanda.newcomer@fabrikam.com"));
}

/// Somebody new stands in a run that is not the subject's.
fn newcomer(emulator: &EmulatorProcess) {
    let truth = emulator.ask(&format!("truth?people&workspace={MAIN}"));
    let run = truth
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a line of the truth"))
        .find(|fact| fact["kind"] == "runs" && fact["person"] == "ada")
        .expect("a run of somebody else");
    let run = run["id"].as_str().expect("an id").to_owned();
    let subscription = &emulator.subscription;
    emulator.patch(
        &format!("/history/v1.0/subscriptions/{subscription}/resourceGroups/rg-contoso-ml/providers/Microsoft.MachineLearningServices/workspaces/{MAIN}/runs/{run}"),
        &json!({"tags": {"reviewer": "wanda.newcomer@fabrikam.com"}}),
    );
}
