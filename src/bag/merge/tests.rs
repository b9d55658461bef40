//! Parts made by hand: what a walk brings about only when a service changes or fails between two of them.

use super::super::tests::{Home, WS, identity, stream};
use super::super::{
    Bag, BagInfo, Block, Commit, Gap, Heard, Line, NewStream, Next, RefId, Rules, Severity, Which,
    Writer,
};
use super::{Catalogue, MergeError};

const KINDS: [&str; 2] = ["runs", "graphs"];

/// What a list of a part brings.
struct Brings {
    list: NewStream,
    blocks: Vec<Block>,
    refs: Vec<RefId>,
    seen: Vec<RefId>,
}

fn id(kind: &str, id: &str) -> RefId {
    RefId {
        workspace: WS.to_owned(),
        kind: kind.to_owned(),
        id: id.to_owned(),
    }
}

fn item(writer: &Writer, kind: &'static str, id: &str, doc: &str) -> Block {
    let mut block = Block::new(writer.spill());
    block.heard(WS, kind, Heard::Answered { generation: 1 });
    let line = Line {
        kind,
        file: &format!("workspaces/{WS}/{kind}.jsonl"),
        workspace: WS,
        id,
        parent: None,
        same: None,
        source: "/list",
        people: &[],
        times: &[],
        bytes: None,
        found: None,
        doc: Some(doc.as_bytes()),
        rules: &Rules::new(&[]),
    };
    block.put(line).expect("an item");
    block
}

fn gap(writer: &Writer, kind: &'static str, parent: &str) -> Block {
    let mut block = Block::new(writer.spill());
    block.heard(WS, kind, Heard::Failed);
    let gap = Gap {
        workspace: WS.to_owned(),
        kind,
        parent: Some(parent.to_owned()),
        class: "throttled",
        severity: Severity::Gap,
        reason: "busy".to_owned(),
        detail: None,
        status: Some(429),
        request_id: None,
    };
    block.gap(&gap).expect("a gap");
    block
}

/// The list of runs of an experiment, which refers to graphs.
fn runs(writer: &Writer, experiment: &str, graphs: &[&str]) -> Brings {
    Brings {
        list: stream("runs", &format!("{WS}\nruns\n{experiment}"), 2),
        blocks: vec![item(writer, "runs", experiment, "{\"run\":1}")],
        refs: graphs.iter().map(|graph| id("graphs", graph)).collect(),
        seen: Vec::new(),
    }
}

/// What following graphs brings: each its block, and what it refers to.
fn graphs(items: Vec<(&str, Block, Vec<RefId>)>) -> Brings {
    let blocks = items.into_iter().map(|(graph, mut block, refs)| {
        block
            .followed(&id("graphs", graph), &refs, &[])
            .expect("an item that was followed");
        block
    });
    Brings {
        list: stream("graphs", &format!("{WS}\ngraphs\nby-reference"), -1),
        blocks: blocks.collect(),
        refs: Vec::new(),
        seen: Vec::new(),
    }
}

/// Makes a part.
fn part(home: &Home, name: &str, bring: impl Fn(&Writer) -> Vec<Brings>) -> Bag {
    let place = home.path().join(name);
    let mut writer = Writer::open(&place, &identity()).expect("a new bag");
    writer.be_part().expect("a part");
    for brings in bring(&writer) {
        writer.add_streams(&[brings.list]).expect("a list");
        let open = writer.next_streams(&Which::Any, 1, &[]).expect("lists");
        let commit = Commit {
            stream: open[0].id,
            next: Next::Done,
            blocks: brings.blocks,
            streams: Vec::new(),
            refs: brings.refs,
            seen: brings.seen,
        };
        writer.commit(commit).expect("a page");
    }
    writer.finish(&BagInfo::default()).expect("a sealed part");
    Bag::open(&place).expect("a bag")
}

/// Merges parts. Gives the bag, and of how many items the parts differ.
fn merged(home: &Home, parts: &[Bag]) -> Result<(Bag, u64), MergeError> {
    let place = home.path().join("merged");
    let mut writer = Writer::open(&place, &identity())?;
    let catalogue = Catalogue {
        kind: &|name| KINDS.iter().find(|kind| **kind == name).copied(),
        same: &|_| None,
        followed: &["graphs"],
    };
    let differing = writer.merge(parts, &catalogue)?;
    writer.finish(&BagInfo::default())?;
    Ok((Bag::open(&place)?, differing))
}

fn lines(bag: &Bag, file: &str) -> Vec<String> {
    let mut lines = bag.lines(file).expect("a file");
    let mut all = Vec::new();
    while let Some(line) = lines.next_line().expect("a line") {
        all.push(String::from_utf8(line.to_vec()).expect("text"));
    }
    all
}

#[test]
fn what_one_part_could_not_read_and_another_could_is_not_missing() {
    let home = Home::new();
    let one = part(&home, "one", |writer| {
        vec![
            runs(writer, "a", &["g"]),
            graphs(vec![("g", gap(writer, "graphs", "g"), Vec::new())]),
        ]
    });
    let two = part(&home, "two", |writer| {
        let g = item(writer, "graphs", "g", "{\"g\":1}");
        vec![
            runs(writer, "b", &["g"]),
            graphs(vec![("g", g, Vec::new())]),
        ]
    });
    let (bag, differing) = merged(&home, &[one, two]).expect("a whole");
    assert_eq!(differing, 0, "a fault is no other document");
    assert_eq!(lines(&bag, "gaps.jsonl"), [""; 0]);
    assert_eq!(
        lines(&bag, &format!("workspaces/{WS}/graphs.jsonl")),
        ["{\"g\":1}"]
    );
}

#[test]
fn items_follow_in_the_order_of_all_references_together() {
    // The first part comes to z by way of a, the second names z itself: seen together, a and z are of one wave, and b of the
    // next.
    let home = Home::new();
    let graph = |writer: &Writer, name: &str| {
        item(writer, "graphs", name, &format!("{{\"is\":\"{name}\"}}"))
    };
    let one = part(&home, "one", |writer| {
        vec![
            runs(writer, "x", &["a"]),
            graphs(vec![
                (
                    "a",
                    graph(writer, "a"),
                    vec![id("graphs", "z"), id("graphs", "b")],
                ),
                ("b", graph(writer, "b"), Vec::new()),
                ("z", graph(writer, "z"), Vec::new()),
            ]),
        ]
    });
    let two = part(&home, "two", |writer| {
        vec![
            runs(writer, "y", &["z"]),
            graphs(vec![("z", graph(writer, "z"), Vec::new())]),
        ]
    });
    let (bag, differing) = merged(&home, &[one, two]).expect("a whole");
    assert_eq!(differing, 0);
    assert_eq!(
        lines(&bag, &format!("workspaces/{WS}/graphs.jsonl")),
        ["{\"is\":\"a\"}", "{\"is\":\"z\"}", "{\"is\":\"b\"}"]
    );
}

#[test]
fn what_a_list_shows_is_not_taken_from_who_followed_it() {
    let home = Home::new();
    let one = part(&home, "one", |writer| {
        vec![Brings {
            list: stream("graphs", &format!("{WS}\ngraphs\nlist"), 1),
            blocks: vec![item(writer, "graphs", "g", "{\"listed\":1}")],
            refs: Vec::new(),
            seen: vec![id("graphs", "g")],
        }]
    });
    let two = part(&home, "two", |writer| {
        let g = item(writer, "graphs", "g", "{\"followed\":1}");
        vec![
            runs(writer, "b", &["g"]),
            graphs(vec![("g", g, Vec::new())]),
        ]
    });
    let (bag, differing) = merged(&home, &[two, one]).expect("a whole");
    assert_eq!(differing, 0);
    assert_eq!(
        lines(&bag, &format!("workspaces/{WS}/graphs.jsonl")),
        ["{\"listed\":1}"]
    );
}

#[test]
fn three_documents_of_one_item_and_the_first_is_kept() {
    let home = Home::new();
    let bags: Vec<Bag> = (1..=4)
        .map(|number| {
            part(&home, &number.to_string(), |writer| {
                // The second saw what the first saw.
                let version = if number == 2 { 1 } else { number };
                let g = item(writer, "graphs", "g", &format!("{{\"version\":{version}}}"));
                let run = format!("run-{number}");
                vec![
                    runs(writer, &run, &["g"]),
                    graphs(vec![("g", g, Vec::new())]),
                ]
            })
        })
        .collect();
    let (bag, differing) = merged(&home, &bags).expect("a whole");
    assert_eq!(differing, 1);
    assert_eq!(
        lines(&bag, &format!("workspaces/{WS}/graphs.jsonl")),
        ["{\"version\":1}"]
    );
    let notes = lines(&bag, "gaps.jsonl");
    assert_eq!(notes.len(), 1);
    assert!(
        notes[0].contains(
            "shard 1 and shard 3, 4 hold different documents of it; that of shard 1 is kept"
        ),
        "{}",
        notes[0]
    );
}

#[test]
fn what_nobody_looked_for_is_an_error() {
    let home = Home::new();
    let one = part(&home, "one", |writer| vec![runs(writer, "a", &["lost"])]);
    let error = merged(&home, &[one]).expect_err("an error");
    assert!(
        matches!(&error, MergeError::NotLookedFor { id, .. } if id == "lost"),
        "{error}"
    );
}

#[test]
fn a_list_of_two_parts_is_an_error() {
    let home = Home::new();
    let bags = ["one", "two"].map(|name| part(&home, name, |writer| vec![runs(writer, "a", &[])]));
    let error = merged(&home, &bags).expect_err("an error");
    assert!(matches!(error, MergeError::Overlap { .. }), "{error}");
}

#[test]
fn a_gap_of_a_list_that_all_parts_read_is_said_as_often_as_one_part_says_it() {
    let home = Home::new();
    let list = |blocks: Vec<Block>| Brings {
        list: stream("runs", &format!("{WS}\nruns\ntop"), 1),
        blocks,
        refs: Vec::new(),
        seen: Vec::new(),
    };
    let one = part(&home, "one", |writer| {
        vec![list(vec![
            gap(writer, "runs", "twice"),
            gap(writer, "runs", "twice"),
        ])]
    });
    let two = part(&home, "two", |writer| {
        let blocks = ["twice", "only here"].map(|parent| gap(writer, "runs", parent));
        vec![list(
            [vec![item(writer, "runs", "r", "{}")], blocks.into()]
                .into_iter()
                .flatten()
                .collect(),
        )]
    });
    let (bag, _) = merged(&home, &[one, two]).expect("a whole");
    let said = lines(&bag, "gaps.jsonl");
    let times = |parent: &str| said.iter().filter(|line| line.contains(parent)).count();
    assert_eq!(
        (said.len(), times("twice"), times("only here")),
        (3, 2, 1),
        "{said:?}"
    );
    // So is what the log says of times and requests, which differ.
    let log = bag.small_file("aml-dsr/faults.jsonl").expect("a log");
    let log = String::from_utf8(log.unwrap_or_default()).expect("text");
    let times = |parent: &str| log.lines().filter(|line| line.contains(parent)).count();
    assert_eq!(
        (log.lines().count(), times("twice"), times("only here")),
        (3, 2, 1),
        "{log}"
    );
}

/// A part that saw workspaces, each by its path and its folder.
fn seeing(home: &Home, name: &str, roots: &[(&str, &str)]) -> Bag {
    part(home, name, |writer| {
        let root = |(path, folder): &(&str, &str)| Brings {
            list: NewStream {
                folder: (*folder).to_owned(),
                ..stream("runs", &format!("runs\n{path}"), 0)
            },
            // Nothing of it belongs to the first part.
            blocks: if name == "one" {
                Vec::new()
            } else {
                vec![item(writer, "runs", path, "{}")]
            },
            refs: Vec::new(),
            seen: Vec::new(),
        };
        roots.iter().map(root).collect()
    })
}

#[test]
fn what_not_every_part_saw_is_a_gap() {
    let home = Home::new();
    let one = seeing(&home, "one", &[("a", "workspaces/a")]);
    let two = seeing(
        &home,
        "two",
        &[("a", "workspaces/a"), ("b", "workspaces/b")],
    );
    let (bag, _) = merged(&home, &[one, two]).expect("a whole");
    let gaps = lines(&bag, "gaps.jsonl");
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(
        gaps[0].contains("1 of 2 shards saw it") && gaps[0].contains("\"severity\":\"gap\""),
        "{gaps:?}"
    );
}

#[test]
fn a_workspace_that_goes_by_two_names_is_an_error() {
    let home = Home::new();
    let one = seeing(&home, "one", &[("a", "workspaces/a")]);
    let two = seeing(&home, "two", &[("a", "workspaces/g=2fa")]);
    let error = merged(&home, &[one, two]).expect_err("an error");
    assert!(
        matches!(&error, MergeError::Renamed { ours, theirs, .. } if ours == "workspaces/g=2fa" && theirs == "workspaces/a"),
        "{error}"
    );
}
