use super::*;
use crate::plan::model::State;

const PLAN: &str = "1111111111111111111111111111111111111111111111111111111111111111";

fn opened() -> Entry {
    Entry::Opened {
        plan: PLAN.to_owned(),
        tool: "aml-dsr".to_owned(),
        identity: None,
        at: "2026-11-21T10:00:00Z".to_owned(),
    }
}

fn intends(step: u32) -> Entry {
    Entry::Intends {
        step,
        call: 0,
        verb: Verb::Delete,
        address: format!("/models/m{step}"),
        at: "2026-11-21T10:00:01Z".to_owned(),
    }
}

fn answered(step: u32, status: u16) -> Entry {
    Entry::Answered {
        step,
        call: 0,
        status,
        request_id: Some("r".to_owned()),
        at: "2026-11-21T10:00:02Z".to_owned(),
    }
}

fn ended(step: u32) -> Entry {
    Entry::Ended {
        outcome: Outcome {
            step,
            state: State::Erased,
            at: "2026-11-21T10:00:03Z".to_owned(),
            requests: vec!["r".to_owned()],
        },
    }
}

struct Desk {
    _dir: tempfile::TempDir,
    path: PathBuf,
}

fn desk() -> Desk {
    let dir = tempfile::tempdir().expect("what the test needs");
    let path = dir.path().join("journal.jsonl");
    Desk { _dir: dir, path }
}

#[tokio::test]
async fn what_was_written_is_read_and_gone_on_with() {
    let desk = desk();
    let (pen, past) = open(&desk.path, PLAN).expect("what the test needs");
    assert_eq!(past.lines, 0);
    for entry in [opened(), intends(1), answered(1, 200)] {
        pen.note(entry);
    }
    pen.keep(intends(2)).await.expect("what the test needs");
    drop(pen);
    let (pen, past) = open(&desk.path, PLAN).expect("what the test needs");
    assert_eq!((past.lines, past.torn, past.opened), (4, 0, 1));
    assert!(past.steps[&1].taken(0).is_some() && past.steps[&1].in_doubt(0).is_none());
    assert!(past.steps[&2].taken(0).is_none() && past.steps[&2].in_doubt(0).is_some());
    pen.note(opened());
    pen.note(ended(1));
    pen.flush().await.expect("what the test needs");
    let written = pen.written();
    drop(pen);
    let past = read(
        &std::fs::read(&desk.path).expect("what the test needs"),
        PLAN,
    )
    .expect("what the test needs");
    assert_eq!((past.lines, past.opened, written.lines), (6, 2, 2));
    assert_eq!(past.last, written.last);
    assert!(past.steps[&1].ended.is_some());
}

#[tokio::test]
async fn an_intention_is_in_the_file_when_it_returns() {
    let desk = desk();
    let (pen, _) = open(&desk.path, PLAN).expect("what the test needs");
    pen.note(opened());
    for step in 1..20 {
        pen.keep(intends(step)).await.expect("what the test needs");
        let past = read(
            &std::fs::read(&desk.path).expect("what the test needs"),
            PLAN,
        )
        .expect("what the test needs");
        assert!(past.steps.contains_key(&step), "step {step}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_come_into_one_chain() {
    let desk = desk();
    let (pen, _) = open(&desk.path, PLAN).expect("what the test needs");
    let pen = std::sync::Arc::new(pen);
    pen.note(opened());
    let tasks: Vec<_> = (1..=200)
        .map(|step| {
            let pen = std::sync::Arc::clone(&pen);
            tokio::spawn(async move { pen.keep(intends(step)).await })
        })
        .collect();
    for task in tasks {
        task.await
            .expect("what the test needs")
            .expect("what the test needs");
    }
    drop(pen);
    let past = read(
        &std::fs::read(&desk.path).expect("what the test needs"),
        PLAN,
    )
    .expect("what the test needs");
    assert_eq!((past.lines, past.steps.len()), (201, 200));
}

#[tokio::test]
async fn a_torn_end_is_cut_off_and_nothing_else_is_forgiven() {
    let desk = desk();
    let (pen, _) = open(&desk.path, PLAN).expect("what the test needs");
    for entry in [opened(), intends(1), answered(1, 202), ended(1)] {
        pen.note(entry);
    }
    drop(pen);
    let text = std::fs::read(&desk.path).expect("what the test needs");
    let ends: Vec<usize> = (1..=text.len())
        .filter(|at| text[at - 1] == b'\n')
        .collect();
    for at in 0..=text.len() {
        let past = read(&text[..at], PLAN).expect("what the test needs");
        let whole = ends.iter().filter(|end| **end <= at).count() as u64;
        assert_eq!(past.lines, whole, "cut at {at}");
    }
    for at in 0..text.len() {
        let mut other = text.clone();
        other[at] ^= 1;
        let noticed = match read(&other, PLAN) {
            Err(_) => true,
            // The last line feed is what tells a line from a torn end.
            Ok(past) => at == text.len() - 1 && past.torn > 0,
        };
        assert!(noticed, "byte {at}");
    }
    std::fs::write(&desk.path, &text[..text.len() - 7]).expect("what the test needs");
    let (pen, past) = open(&desk.path, PLAN).expect("what the test needs");
    assert!(past.torn > 0 && past.lines == 3);
    pen.note(ended(1));
    drop(pen);
    assert_eq!(
        std::fs::read(&desk.path).expect("what the test needs"),
        text
    );
}

#[tokio::test]
async fn two_cannot_write_it_and_others_cannot_read_it() {
    let desk = desk();
    let (pen, _) = open(&desk.path, PLAN).expect("what the test needs");
    assert!(matches!(
        open(&desk.path, PLAN),
        Err(JournalError::Busy { .. })
    ));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&desk.path)
            .expect("what the test needs")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    pen.note(opened());
    drop(pen);
    assert!(open(&desk.path, PLAN).is_ok());
    let other = "2".repeat(64);
    assert!(matches!(
        open(&desk.path, &other),
        Err(JournalError::Broken { .. })
    ));
}

#[test]
fn a_journal_says_who_began_and_no_step_ends_twice() {
    let text = |entries: &[Entry]| {
        let mut last = PLAN.to_owned();
        let mut text = String::new();
        for entry in entries {
            let (line, hash) = crate::plan::chain::link(&last, entry).expect("what the test needs");
            text.push_str(&line);
            last = hash;
        }
        text
    };
    assert!(read(text(&[intends(1)]).as_bytes(), PLAN).is_err());
    assert!(read(text(&[opened(), ended(1), ended(2)]).as_bytes(), PLAN).is_ok());
    assert!(read(text(&[opened(), ended(1), ended(1)]).as_bytes(), PLAN).is_err());
}
