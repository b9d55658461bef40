//! The import map of the house: which room knows which, read from the source.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const ROOMS: [&str; 10] = [
    "kinds", "report", "subject", "wire", "walk", "bag", "plan", "render", "cli", "emulator",
];

/// What a room may know, by DESIGN 3: arrows point down only.
const MAY: [(&str, &[&str]); 10] = [
    ("kinds", &[]),
    ("report", &["kinds"]),
    ("subject", &["kinds"]),
    ("wire", &["kinds", "report"]),
    ("walk", &["kinds", "report", "wire"]),
    ("bag", &["kinds", "report"]),
    ("plan", &["kinds", "report", "wire", "bag"]),
    ("render", &["kinds", "bag", "plan"]),
    (
        "cli",
        &[
            "kinds", "report", "subject", "wire", "walk", "bag", "plan", "render", "emulator",
        ],
    ),
    ("emulator", &[]),
];

/// Packages that only one room, or a few, may use.
const KEPT: [(&str, &[&str]); 10] = [
    ("askama", &["render"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("anyhow", &["cli"]),
    ("reqwest", &["wire", "emulator"]),
    ("azure_core", &["wire"]),
    ("azure_identity", &["wire"]),
    ("axum", &["emulator"]),
    ("rusqlite", &["bag"]),
    (
        "sha2",
        &["bag", "wire", "walk", "emulator", "subject", "plan"],
    ),
];

/// The source of every file of a room, without comments and without its own tests, which may know what they like.
fn sources(room: &Path) -> String {
    let mut out = String::new();
    for (name, bytes) in crate::context::tree(room) {
        let tests =
            name.ends_with("tests.rs") || name.starts_with("tests/") || name.contains("/tests/");
        if tests || Path::new(&name).extension().is_none_or(|kind| kind != "rs") {
            continue;
        }
        let text = String::from_utf8(bytes).expect("source in UTF-8");
        let text = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        for line in text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

fn is_word(letter: Option<char>) -> bool {
    letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
}

/// The names that follow `crate::`, braces and all.
fn imports(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, marker) in source.match_indices("crate::") {
        if source[..at].ends_with('$') || is_word(source[..at].chars().next_back()) {
            continue;
        }
        let rest = &source[at + marker.len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(heads(group)),
            None => found.extend(
                rest.split(|c: char| !is_word(Some(c)))
                    .next()
                    .map(str::to_owned),
            ),
        }
    }
    found
}

/// The first words of the parts of `a::b, c::{d, e}}`.
fn heads(group: &str) -> Vec<String> {
    let (mut depth, mut heads, mut word, mut head) = (0, Vec::new(), String::new(), true);
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                heads.push(std::mem::take(&mut word));
                head = true;
            }
            _ if depth == 0 && head && is_word(Some(letter)) => word.push(letter),
            _ if depth == 0 && !letter.is_whitespace() => head = false,
            _ => {}
        }
    }
    heads.push(word);
    heads.retain(|head| !head.is_empty());
    heads
}

/// Whether `package::` is used.
fn uses(source: &str, package: &str) -> bool {
    let path = format!("{package}::");
    let mut places = source.match_indices(&path);
    places.any(|(at, _)| {
        let before = &source[..at];
        !is_word(before.chars().next_back()) && !before.ends_with("::")
    })
}

#[test]
fn what_is_read_from_source() {
    let source =
        "use crate::{kinds, wire::{Fault, bag}, report::Gap};\nlet x = crate::walk::y; $crate::cli";
    assert_eq!(
        imports(source).into_iter().collect::<Vec<_>>(),
        ["kinds", "report", "walk", "wire"]
    );
    assert!(
        uses("let a = reqwest::get();", "reqwest")
            && !uses("my_reqwest::x a::reqwest::y", "reqwest")
    );
}

#[test]
fn rooms_know_only_what_lies_below_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut map = String::new();
    let mut wrong = Vec::new();
    let may: BTreeMap<&str, &[&str]> = MAY.into_iter().collect();
    for room in ROOMS {
        let source = sources(&root.join(room));
        let mut known = imports(&source);
        known.remove(room);
        let packages: Vec<&str> = KEPT
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| uses(&source, name))
            .collect();
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        writeln!(
            map,
            "{room} <- {} | {}",
            names.join(" "),
            packages.join(" ")
        )
        .expect("text");
        for name in names.iter().filter(|name| !may[room].contains(name)) {
            wrong.push(format!("{room} knows {name}"));
        }
        for (package, rooms) in KEPT {
            if packages.contains(&package) && !rooms.contains(&room) {
                wrong.push(format!("{room} uses {package}"));
            }
        }
        for printing in [
            "println!(",
            "eprintln!(",
            "print!(",
            "eprint!(",
            "stdout()",
            "stderr()",
        ] {
            if room != "cli" && source.contains(printing) {
                wrong.push(format!("{room} prints with {printing}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}\n{map}");
    insta::assert_snapshot!(map, @r"
    kinds <-  | 
    report <-  | 
    subject <- kinds | sha2
    wire <- kinds report | reqwest azure_core azure_identity
    walk <- kinds report wire | sha2
    bag <-  | rusqlite sha2
    plan <- bag kinds wire | sha2
    render <- bag kinds plan | askama
    cli <- bag emulator kinds plan render report subject walk wire | clap indicatif anyhow
    emulator <-  | axum sha2
    ");
}

#[test]
fn every_folder_of_the_source_is_a_room() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let entries = fs::read_dir(root).expect("the source");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    let later = ["plan"];
    names.retain(|name| !ROOMS.contains(&name.as_str()) && !later.contains(&name.as_str()));
    assert_eq!(names, ["lib.rs", "main.rs"]);
}
