//! A small workspace, walked in every order and killed at every point: the payload must come out the same.

use super::names::{Role, file_path, segment};
use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[path = "../../tests/it/keep.rs"]
mod keep;

pub(super) const WS: &str = "ws";

/// A folder that is gone when the test is over, but for the bags in it where these are asked for.
pub(super) struct Home(tempfile::TempDir);

impl Home {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        keep::bags_below(self.path());
    }
}

pub(super) fn identity() -> Identity {
    Identity {
        scope: "/subscriptions/s".into(),
        options: "all".into(),
        tool: "0.1".into(),
    }
}

pub(super) fn stream(kind: &str, key: &str, rank: i64) -> NewStream {
    let (workspace, folder) = (WS.to_owned(), format!("workspaces/{WS}"));
    NewStream {
        key: key.to_owned(),
        kind: kind.to_owned(),
        workspace,
        folder,
        params: "{}".into(),
        rank,
    }
}

fn ref_id(kind: &str, id: &str) -> RefId {
    RefId {
        workspace: WS.into(),
        kind: kind.into(),
        id: id.into(),
    }
}

/// A page of a list of the made-up workspace, as a function of nothing but the list and the token.
struct Page {
    next: Next,
    /// Kind, file, id, document, artifact.
    items: Vec<(&'static str, String, String, String, Option<String>)>,
    streams: Vec<NewStream>,
    refs: Vec<RefId>,
    seen: Vec<RefId>,
    gap: bool,
}

fn page(pending: &Pending) -> Page {
    let number: usize = pending
        .token
        .as_deref()
        .map_or(0, |token| token.parse().expect("our token"));
    let mut page = Page {
        next: Next::Done,
        items: vec![],
        streams: vec![],
        refs: vec![],
        seen: vec![],
        gap: false,
    };
    match pending.kind.as_str() {
        "experiment" => {
            for name in ["Alpha", "alpha", "b.c", "../x"] {
                let doc = format!("{{\"name\": \"{name}\", \"key\": \"planted\"}}");
                page.items.push((
                    "experiment",
                    format!("workspaces/{WS}/experiments.jsonl"),
                    name.into(),
                    doc,
                    None,
                ));
                page.streams.push(stream("run", &format!("runs/{name}"), 1));
            }
        }
        "run" => {
            let experiment = pending.key.strip_prefix("runs/").expect("our key");
            let folder = format!(
                "workspaces/{WS}/experiments/{}",
                segment(Role::Dir, experiment)
            );
            for at in 0..3 {
                let id = format!("{experiment}_{number}_{at}");
                let artifact =
                    (at == 0).then(|| file_path(&folder, &format!("runs/{id}/logs/user.txt")));
                page.items.push((
                    "run",
                    format!("{folder}/runs.jsonl"),
                    id.clone(),
                    format!("{{\"runId\":\"{id}\",\"n\":1.0}}"),
                    artifact,
                ));
                // Every list writes to this one, in whatever order they come.
                page.items.push((
                    "asset",
                    format!("workspaces/{WS}/assets.jsonl"),
                    format!("a_{id}"),
                    format!("{{\"of\":\"{id}\"}}"),
                    None,
                ));
                page.refs.push(ref_id("parent", &format!("p_{number}")));
            }
            page.seen.push(ref_id("parent", "p_1"));
            page.gap = number == 1;
            if number < 3 {
                page.next = Next::Token((number + 1).to_string());
            }
        }
        "parent" => {
            let id = format!("{}#{}", pending.key, pending.params);
            page.items.push((
                "parent",
                format!("workspaces/{WS}/parents.jsonl"),
                id.clone(),
                format!("{{\"id\":{id:?}}}"),
                None,
            ));
        }
        other => panic!("{other}"),
    }
    page
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kill {
    /// After so many steps, wherever that is.
    After(usize),
    /// At the named place, the first time after so many steps.
    At(&'static str, usize),
}

/// Walks until the end or until killed. None when it was killed.
pub(super) fn walk(dir: &Path, mut luck: u64, kill: Option<Kill>) -> Option<Sealed> {
    let mut dice = move |sides: usize| {
        luck = luck
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(luck >> 33).expect("31 bits") % sides
    };
    let mut writer = match Writer::open(dir, &identity()) {
        Ok(writer) => writer,
        Err(BagError::Finished { .. }) => {
            return Some(Sealed {
                files: 0,
                bytes: 0,
                oxum: String::new(),
                manifest: String::new(),
            });
        }
        Err(error) => panic!("{error}"),
    };
    let spill = Spill::with_budget(dir.join(STATE), if dice(2) == 0 { 200 } else { 1 << 20 });
    let rules = Rules::new(&[Rule {
        path: "key",
        how: How::Blank,
    }]);
    writer
        .add_streams(&[stream("experiment", "experiments", 0)])
        .expect("added");
    let mut steps = 0;
    loop {
        let pending = writer.next_streams(&Which::Any, 4, &[]).expect("read");
        if pending.is_empty() {
            let Some(wave) = writer.begin_wave(WS, "parent").expect("read") else {
                break;
            };
            let ids = writer
                .wave_ids(WS, "parent", wave, None, 100)
                .expect("read");
            let mut list = stream("parent", &format!("parents/{wave}"), 0);
            list.params = ids.join(",");
            if writer.add_streams(&[list]).expect("added") == 0 {
                writer.end_wave(WS, "parent", wave).expect("ended");
            }
            continue;
        }
        let list = &pending[dice(pending.len())];
        let page = page(list);
        let mut block = Block::new(&spill);
        for (kind, file, id, doc, artifact) in &page.items {
            let fact = match artifact {
                Some(path) => match download(&mut writer, path, &mut dice, kill, &mut steps) {
                    Some(fact) => Some((path, fact)),
                    None => return None,
                },
                None => None,
            };
            let line = Line {
                kind,
                file,
                workspace: WS,
                id,
                parent: Some(("workspace", WS)),
                source: "/x?sig=0123456789abcdef0123456789",
                people: &[],
                times: &[("created", "2024")],
                bytes: fact.as_ref().map(|(path, fact)| Bytes::Here { path, fact }),
                same: None,
                found: None,
                doc: Some(doc.as_bytes()),
                rules: &rules,
            };
            block.put(line).expect("put");
        }
        if page.gap {
            let request_id = Some(format!("{}", dice(1000)));
            let (class, severity) = ("denied", Severity::Gap);
            let gap = Gap {
                workspace: WS.into(),
                kind: "metric",
                parent: None,
                class,
                severity,
                reason: list.key.clone(),
                status: Some(403),
                detail: None,
                request_id,
            };
            block.gap(&gap).expect("gap");
        }
        steps += 1;
        match kill {
            Some(Kill::After(after)) if steps > after => return None,
            Some(Kill::At(point, after)) if steps > after => writer.kill_at = Some(point),
            _ => {}
        }
        let commit = Commit {
            stream: list.id,
            next: page.next,
            blocks: vec![block],
            streams: page.streams,
            refs: page.refs,
            seen: page.seen,
        };
        match writer.commit(commit) {
            Ok(_) => {}
            Err(BagError::Killed) => return None,
            Err(error) => panic!("{error}"),
        }
    }
    if let Some(Kill::At(point, _)) = kill {
        writer.kill_at = Some(point);
    }
    let info = BagInfo {
        wholes: Vec::new(),
        pages: vec![std::sync::Arc::new(LineCount)],
        fields: vec![
            ("Source-Organization".into(), "a\r\nb".into()),
            ("payload-oxum".into(), "lie".into()),
        ],
        coverage: vec!["{}".into()],
        readme: "read me\n".into(),
        tags: vec![("run.json".into(), b"{}".to_vec())],
    };
    match writer.finish(&info) {
        Ok(sealed) => Some(sealed),
        Err(BagError::Killed) => None,
        Err(error) => panic!("{error}"),
    }
}

/// A page that says how many lines the inventory has, and what the bag says of itself.
#[derive(Debug)]
struct LineCount;

impl super::Page for LineCount {
    fn path(&self) -> &'static str {
        "report.html"
    }

    fn write(&self, bag: &Bag, to: &mut dyn std::io::Write) -> Result<(), BagError> {
        let items = bag.inventory()?.count();
        let coverage = bag
            .lines("coverage.jsonl")?
            .next_line()?
            .map(<[u8]>::to_vec);
        let text = format!(
            "{items} {:?} {coverage:?}\n",
            bag.info("source-organization")
        );
        to.write_all(text.as_bytes()).expect("written");
        Ok(())
    }
}

fn download(
    writer: &mut Writer,
    path: &str,
    dice: &mut impl FnMut(usize) -> usize,
    kill: Option<Kill>,
    steps: &mut usize,
) -> Option<FileFact> {
    if let Some(fact) = writer.file_known(path).expect("read") {
        return Some(fact);
    }
    let content = path.repeat(20);
    let mut slot = writer.slot(path).expect("slot");
    if slot.have().etag.as_deref() == Some("v1") {
        slot.go_on().expect("read");
    } else {
        slot.restart(Some("v1")).expect("restarted");
    }
    let have = usize::try_from(slot.length()).expect("small");
    let rest = &content.as_bytes()[have..];
    let half = dice(rest.len() + 1);
    slot.write(&rest[..half]).expect("written");
    let dies = |steps: &mut usize| {
        *steps += 1;
        matches!(kill, Some(Kill::After(after)) if *steps > after)
    };
    if dies(steps) {
        return None;
    }
    slot.write(&rest[half..]).expect("written");
    let fact = slot.finish().expect("finished");
    if dies(steps) {
        return None;
    }
    writer.file_done(path, &fact).expect("noted");
    Some(fact)
}

/// The payload, and that the bag is whole: every file listed and nothing else there.
fn payload(dir: &Path) -> BTreeMap<String, String> {
    let manifest = fs::read_to_string(dir.join(MANIFEST)).expect("a manifest");
    let lines: Vec<&str> = manifest
        .lines()
        .map(|line| line.split_once("  ").expect("two columns").1)
        .collect();
    assert!(lines.is_sorted());
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.join("data")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("read") {
            let path = entry.expect("read").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(dir)
                    .expect("inside")
                    .to_str()
                    .expect("ASCII")
                    .to_owned();
                let content = fs::read(&path).expect("read");
                assert!(
                    manifest.contains(&format!("{}  {name}\n", hex::sha256(&content))),
                    "{name}"
                );
                found.insert(name, String::from_utf8(content).expect("UTF-8"));
            }
        }
    }
    assert_eq!(lines, found.keys().collect::<Vec<_>>());
    assert!(!dir.join(STATE).exists());
    found
}

fn reference() -> BTreeMap<String, String> {
    let home = Home::new();
    let dir = home.path().join("deep/bag");
    walk(&dir, 0, None).expect("not killed");
    payload(&dir)
}

#[test]
fn the_whole_bag() {
    let payload = reference();
    let shape: Vec<_> = payload
        .iter()
        .map(|(path, content)| format!("{path} {}", content.lines().count()))
        .collect();
    insta::assert_snapshot!(shape.join("\n"));
    // Every line of the inventory points at its own document.
    let inventory = &payload["data/inventory.jsonl"];
    for line in inventory.lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let file = &payload[&format!("data/{}", line["file"].as_str().expect("a file"))];
        let number = usize::try_from(line["line"].as_u64().expect("a number")).expect("small");
        let doc = file.lines().nth(number - 1).expect("that line");
        let id = line["id"].as_str().expect("an id");
        assert!(
            doc.contains(id.strip_prefix("a_").unwrap_or(id)),
            "{line} {doc}"
        );
        if let Some(path) = line["bytes"]["path"].as_str() {
            assert_eq!(
                hex::sha256(payload[&format!("data/{path}")].as_bytes()),
                line["bytes"]["sha256"]
            );
        }
    }
    insta::assert_snapshot!(
        "first_lines",
        inventory.lines().take(6).collect::<Vec<_>>().join("\n")
    );
    insta::assert_snapshot!("gaps", &payload["data/gaps.jsonl"]);
    assert!(!payload.values().any(|content| content.contains("planted")));
}

fn kill() -> impl Strategy<Value = Kill> {
    let points = [
        "before the transaction ends",
        "before a swap",
        "after the inventory",
        "after a page",
        "before the manifest",
        "after the manifest",
    ];
    prop_oneof![
        (0..30_usize).prop_map(Kill::After),
        (prop::sample::select(points.to_vec()), 0..12_usize)
            .prop_map(|(point, after)| Kill::At(point, after)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 50, ..ProptestConfig::default() })]

    #[test]
    fn kills_and_order_leave_no_trace(luck in any::<u64>(), kills in prop::collection::vec(kill(), 0..6)) {
        let home = Home::new();
        let dir = home.path().join("bag");
        let mut luck = luck;
        for kill in kills {
            luck = luck.rotate_left(7) ^ 0x9e37;
            if walk(&dir, luck, Some(kill)).is_some() {
                break;
            }
        }
        walk(&dir, luck, None).expect("not killed");
        prop_assert_eq!(payload(&dir), reference());
    }
}

/// A page that never came into the bag leaves nothing, even if its list brings something else the next time.
#[test]
fn what_no_transaction_covered_goes() {
    for resumes in [true, false] {
        let home = Home::new();
        let dir = home.path().join("bag");
        let mut writer = Writer::open(&dir, &identity()).expect("new");
        writer
            .add_streams(&[stream("run", "runs", 0)])
            .expect("added");
        let list = writer
            .next_streams(&Which::Any, 1, &[])
            .expect("read")
            .remove(0)
            .id;
        let rules = Rules::default();
        let commit = |writer: &mut Writer, files: &[&str], next: Next| {
            let mut block = Block::new(writer.spill());
            for file in files {
                let line = Line {
                    kind: "run",
                    file,
                    workspace: WS,
                    id: "r",
                    parent: None,
                    source: "",
                    people: &[],
                    times: &[],
                    bytes: None,
                    same: None,
                    found: None,
                    doc: Some(b"{}"),
                    rules: &rules,
                };
                block.put(line).expect("put");
            }
            let (streams, refs, seen) = (vec![], vec![], vec![]);
            let blocks = vec![block];
            writer.commit(Commit {
                stream: list,
                next,
                blocks,
                streams,
                refs,
                seen,
            })
        };
        commit(&mut writer, &["a.jsonl"], Next::Token("2".into())).expect("committed");
        writer.kill_at = Some("before the transaction ends");
        let died = commit(&mut writer, &["a.jsonl", "new/b.jsonl"], Next::Done);
        assert!(matches!(died, Err(BagError::Killed)));
        assert_eq!(
            fs::read(dir.join("data/a.jsonl")).expect("read"),
            b"{}\n{}\n"
        );
        let mut writer = if resumes {
            drop(writer);
            Writer::open(&dir, &identity()).expect("resumed")
        } else {
            writer.kill_at = None;
            writer
        };
        commit(&mut writer, &[], Next::Done).expect("committed");
        assert!(matches!(
            commit(&mut writer, &[], Next::Done),
            Err(BagError::NoStream(_))
        ));
        writer.finish(&BagInfo::default()).expect("sealed");
        let payload = payload(&dir);
        assert_eq!(payload["data/a.jsonl"], "{}\n");
        assert_eq!(payload.len(), 5, "{:?}", payload.keys());
        assert!(!dir.join("data/new").exists());
    }
}

/// What the power took is noticed, and not sealed.
#[test]
fn lost_bytes_are_noticed() {
    let home = Home::new();
    let dir = home.path().join("bag");
    assert!(walk(&dir, 3, Some(Kill::After(9))).is_none());
    let path = dir.join("data/workspaces/ws/experiments.jsonl");
    let whole = fs::read(&path).expect("read");
    fs::write(&path, &whole[..whole.len() - 1]).expect("written");
    assert!(matches!(
        Writer::open(&dir, &identity()),
        Err(BagError::Lost { .. })
    ));
    fs::write(&path, vec![0; whole.len()]).expect("written");
    let result = std::panic::catch_unwind(|| walk(&dir, 3, None)).expect_err("refused");
    let message = result.downcast_ref::<String>().expect("a message");
    assert!(message.contains("there are zeros in it"), "{message}");
    fs::write(&path, &whole).expect("written");
    walk(&dir, 3, None).expect("not killed");
    assert_eq!(payload(&dir), reference());
}

#[test]
fn a_whole_file_that_became_shorter_is_fetched_again_or_noticed() {
    let mut noticed = 0;
    for after in [4, 8, 12, 16, 20] {
        let home = Home::new();
        let dir = home.path().join("bag");
        if walk(&dir, 3, Some(Kill::After(after))).is_some() {
            continue;
        }
        for path in files_below(&dir.join("data")) {
            let lines = path.extension().is_some_and(|end| end == "jsonl");
            if !lines && fs::metadata(&path).expect("there").len() > 0 {
                fs::write(&path, "").expect("shortened");
            }
        }
        match std::panic::catch_unwind(|| walk(&dir, 3, None)) {
            Ok(done) => {
                done.expect("not killed");
                assert_eq!(payload(&dir), reference());
            }
            Err(refused) => {
                let message = refused.downcast_ref::<String>().expect("a message");
                assert!(message.contains("not as long as it was"), "{message}");
                noticed += 1;
            }
        }
    }
    assert!(noticed > 0, "no file of a kept page was ever shortened");
}

fn files_below(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("read") {
        let path = entry.expect("read").path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn what_is_not_ours_is_refused() {
    let home = Home::new();
    let open = |dir: &Path| Writer::open(dir, &identity());
    let foreign = home.path().join("foreign");
    fs::create_dir(&foreign).expect("made");
    fs::write(foreign.join("thesis.doc"), "years").expect("written");
    assert!(matches!(open(&foreign), Err(BagError::NotOurs { .. })));
    assert!(!foreign.join(STATE).exists() && foreign.join("thesis.doc").exists());
    // A folder of the right name does not make it ours, nor does a database of another program.
    fs::create_dir(foreign.join(STATE)).expect("made");
    assert!(matches!(open(&foreign), Err(BagError::NotOurs { .. })));
    let db = rusqlite::Connection::open(foreign.join(STATE).join("state.sqlite")).expect("made");
    db.execute_batch("CREATE TABLE x (y); PRAGMA application_id = 7")
        .expect("made");
    drop(db);
    assert!(matches!(open(&foreign), Err(BagError::NotOurs { .. })));
    fs::write(foreign.join(STATE).join("state.sqlite"), "not a database, and longer than the header of one, so that it is looked at: 0123456789012345678901234567890123").expect("written");
    assert!(matches!(open(&foreign), Err(BagError::State { .. })));
    let file = foreign.join("thesis.doc");
    assert!(matches!(open(&file), Err(BagError::NotOurs { .. })));

    let bag = home.path().join("bag");
    let writer = open(&bag).expect("new");
    assert!(writer.resumed().is_none());
    assert!(matches!(open(&bag), Err(BagError::Locked { .. })));
    drop(writer);
    for (part, other) in [
        (
            "scope",
            Identity {
                scope: "x".into(),
                ..identity()
            },
        ),
        (
            "set of options",
            Identity {
                options: "x".into(),
                ..identity()
            },
        ),
        (
            "version of the program",
            Identity {
                tool: "x".into(),
                ..identity()
            },
        ),
    ] {
        assert!(
            matches!(Writer::open(&bag, &other), Err(BagError::OtherWork { part: said, .. }) if said == part)
        );
    }
    assert!(open(&bag).expect("ours").resumed().is_some());
    walk(&bag, 1, None);
    assert!(matches!(open(&bag), Err(BagError::Finished { .. })));
    payload(&bag);
}

#[test]
fn nothing_leads_outside() {
    let home = Home::new();
    let writer = Writer::open(&home.path().join("bag"), &identity()).expect("new");
    let rules = Rules::default();
    let line = |file| Line {
        kind: "k",
        file,
        workspace: WS,
        id: "i",
        parent: None,
        source: "",
        people: &[],
        times: &[],
        bytes: None,
        same: None,
        found: None,
        doc: Some(b"{}".as_slice()),
        rules: &rules,
    };
    let mut block = Block::new(writer.spill());
    for path in [
        "../x",
        "/x",
        "a//b",
        "",
        "a/../b",
        "a/./b",
        "C:x",
        "a\\b",
        "a b",
        "CON",
        "a/nul.txt",
        "x.",
        "é",
        "a\nb",
        ".hidden",
        "a/%2e",
    ] {
        assert!(writer.place(path).is_err(), "{path}");
        assert!(
            matches!(writer.slot(path), Err(BagError::Outside { .. })),
            "{path}"
        );
        assert!(
            matches!(block.put(line(path)), Err(BagError::Outside { .. })),
            "{path}"
        );
    }
    assert!(matches!(
        block.put(line("inventory.jsonl")),
        Err(BagError::Outside { .. })
    ));
    assert!(matches!(
        block.put(Line {
            doc: Some(b"{"),
            ..line("x")
        }),
        Err(BagError::BadJson(_))
    ));
    assert_eq!(block.size(), 0);
    assert!(block.put(line("workspaces/x.json")).is_ok());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::os::unix::fs::symlink(home.path(), home.path().join("bag/data/out")).expect("linked");
        assert!(writer.place("out/x").is_err() && writer.place("out").is_err());
        let place = writer.place("a/b/c.txt").expect("inside");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(place.parent().expect("a folder")), 0o700);
        assert_eq!(mode(writer.places().root()), 0o700);
        assert_eq!(
            mode(&home.path().join("bag/.aml-dsr/state.sqlite")) & 0o077,
            0,
            "the state is private"
        );
    }
}

#[test]
fn memory_is_bounded_by_the_budget() {
    let home = Home::new();
    let spill = Spill::with_budget(home.path().to_owned(), 100_000);
    let doc = format!("\"{}\"", "x".repeat(1000));
    let rules = Rules::default();
    let mut blocks = Vec::new();
    for at in 0..50 {
        let mut block = Block::new(&spill);
        for id in 0..20 {
            let id = format!("{at}.{id}");
            let line = Line {
                kind: "k",
                file: "k.jsonl",
                workspace: WS,
                id: &id,
                parent: None,
                source: "",
                people: &[],
                times: &[],
                bytes: None,
                same: None,
                found: None,
                doc: Some(doc.as_bytes()),
                rules: &rules,
            };
            block.put(line).expect("put");
            assert!(spill.used() <= 2 * 100_000 + 2 * 40_000, "{}", spill.used());
        }
        blocks.push(block);
    }
    let mut count = 0;
    for block in &blocks {
        block
            .records(|record| {
                assert!(matches!(record, record::Record::Item { doc: found, .. } if found == doc.as_bytes()));
                count += 1;
                Ok(())
            })
            .expect("read");
    }
    assert_eq!(count, 1000);
    drop(blocks);
    assert_eq!(spill.used(), 0);
}
