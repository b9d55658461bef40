//! What lies beside the bag goes with what is in it, also over kills; and work that begins anew keeps nothing.

use super::tests::{Home, WS, identity, stream};
use super::*;
use std::fs;

fn aside(key: &str, line: &str) -> Aside {
    Aside {
        key: key.to_owned(),
        count: 2,
        line: line.to_owned(),
    }
}

fn log(writer: &Writer) -> Vec<String> {
    let mut lines = Vec::new();
    writer
        .asides::<BagError>(|line| {
            lines.push(line.to_owned());
            Ok(())
        })
        .expect("a log");
    lines
}

/// Commits the one page of a list: an item, a gap, a line beside the bag and a name.
fn page(writer: &mut Writer, list: &str) {
    let rules = Rules::default();
    writer
        .add_streams(&[stream("run", list, 1)])
        .expect("added");
    let open = writer.next_streams(&Which::Any, 1, &[]).expect("open");
    let mut block = Block::new(writer.spill());
    let file = format!("workspaces/{WS}/{list}.jsonl");
    block
        .put(Line {
            kind: "run",
            file: &file,
            workspace: WS,
            id: list,
            parent: None,
            source: "",
            people: &[],
            times: &[],
            bytes: None,
            same: None,
            found: None,
            doc: Some(b"{}"),
            rules: &rules,
        })
        .expect("put");
    block
        .gap(&Gap {
            workspace: WS.to_owned(),
            kind: "run",
            parent: None,
            class: "denied",
            severity: Severity::Gap,
            reason: "no".to_owned(),
            detail: None,
            status: None,
            request_id: None,
        })
        .expect("a gap");
    block
        .aside(&aside(&format!("/{list}"), &format!("of {list}")))
        .expect("aside");
    block.name(list, "first").expect("a name");
    block.name(list, "second").expect("a name");
    writer
        .commit(Commit {
            stream: open[0].id,
            next: Next::Done,
            blocks: vec![block],
            streams: vec![],
            refs: vec![],
            seen: vec![],
        })
        .expect("committed");
}

fn half(home: &Home) -> std::path::PathBuf {
    let dir = home.path().join("bag");
    let mut writer = Writer::open(&dir, &identity()).expect("new");
    assert_eq!(
        writer.settle_on("who", "one").expect("settled"),
        Settled::New
    );
    page(&mut writer, "b");
    page(&mut writer, "a");
    let mut slot = writer.slot("workspaces/x.txt").expect("a place");
    slot.write(b"text").expect("written");
    let fact = slot.finish().expect("finished");
    for _ in 0..2 {
        // A file that is fetched again is spoken of once.
        writer
            .files_done(
                &[("workspaces/x.txt".to_owned(), fact.clone())],
                &[aside("workspaces/x.txt", "of the file")],
            )
            .expect("noted");
    }
    dir
}

#[test]
fn what_lies_beside_the_bag_survives_as_what_is_in_it() {
    let home = Home::new();
    let dir = half(&home);
    // A page that did not come into the bag leaves nothing beside it.
    let mut writer = Writer::open(&dir, &identity()).expect("ours");
    writer.kill_at = Some("before the transaction ends");
    let stopped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| page(&mut writer, "c")));
    assert!(stopped.is_err(), "it was to die");
    drop(writer);
    let mut writer = Writer::open(&dir, &identity()).expect("ours");
    assert_eq!(log(&writer), ["of a", "of b", "of the file"]);
    assert_eq!(writer.aside_count().expect("counted"), 6);
    let names = [("a", "first"), ("b", "first")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(writer.names().expect("names"), names);
    assert_eq!(writer.settle_on("who", "one").expect("same"), Settled::Same);
    let other = writer.settle_on("who", "two").expect("other");
    assert_eq!(other, Settled::Otherwise);
}

#[test]
fn work_that_begins_anew_keeps_nothing() {
    for killed in [false, true] {
        let home = Home::new();
        let dir = half(&home);
        let mut writer = Writer::open(&dir, &identity()).expect("ours");
        assert!(writer.resumed().is_some_and(|facts| facts.items == 2));
        assert!(dir.join(STATE).join(".faults").is_file());
        if killed {
            writer.kill_at = Some("after forgetting");
            let died = writer.begin_anew("who", "two");
            assert!(matches!(died, Err(BagError::Killed)));
            drop(writer);
            writer = Writer::open(&dir, &identity()).expect("ours");
        } else {
            writer.begin_anew("who", "two").expect("anew");
            assert!(writer.resumed().is_none());
        }
        assert_eq!(log(&writer), [""; 0]);
        assert_eq!(writer.names().expect("names"), []);
        assert_eq!(writer.counts().expect("counts"), []);
        assert_eq!(writer.settle_on("who", "two").expect("same"), Settled::Same);
        assert_eq!(fs::read_dir(dir.join("data")).expect("data").count(), 0);
        for log in [".inventory", ".gaps", ".faults"] {
            assert!(!dir.join(STATE).join(log).exists(), "{log}");
        }
        page(&mut writer, "a");
        writer.finish(&BagInfo::default()).expect("sealed");
        let faults = fs::read_to_string(dir.join("aml-dsr/faults.jsonl")).expect("faults");
        assert_eq!(faults.lines().count(), 1);
        let verdict = verify(&dir, &mut |_| {}).expect("looked at");
        assert!(verdict.problems.is_empty(), "{:?}", verdict.problems);
    }
}
