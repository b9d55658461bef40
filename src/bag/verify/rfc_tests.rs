//! Sentences of RFC 8493, each with a bag that breaks it or that it lets pass.

use super::super::tests::Home;
use super::tests::{append, check, foreign, read, write};
use super::{Path, Problem, What};
use std::fs;

const HELLO: &str = "5d41402abc4b2a76b9719d911017c592";
/// The same name, composed and decomposed.
const COMPOSED: &str = "data/N\u{fa}\u{f1}ez.txt";
const DECOMPOSED: &str = "data/Nu\u{301}n\u{303}ez.txt";

fn what(problems: &[Problem]) -> Vec<What> {
    problems.iter().map(|problem| problem.what).collect()
}

/// A bag of one manifest, in which these files are and these entries stand.
fn of(files: &[&str], entries: &[&str]) -> Home {
    let home = Home::new();
    let dir = home.path();
    write(
        dir,
        "bagit.txt",
        "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
    );
    for file in files {
        write(dir, file, "hello");
    }
    let manifest: String = entries
        .iter()
        .map(|entry| format!("{HELLO}  {entry}\n"))
        .collect();
    write(dir, "manifest-md5.txt", &manifest);
    home
}

#[test]
fn a_name_is_found_in_another_unicode_form() {
    for (file, entry) in [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)] {
        let bag = of(&[file], &[entry]);
        let verdict = check(bag.path());
        assert_eq!(verdict.problems, [], "{file:?} as {entry:?}");
        assert_eq!(what(&verdict.warnings), [What::Form]);
        // It is still compared byte for byte.
        write(bag.path(), file, "hallo");
        assert_eq!(what(&check(bag.path()).problems), [What::Differs]);
        // Letter case is no form.
        let upper = entry.replace('N', "n");
        let bag = of(&[file], &[&upper]);
        assert_eq!(
            what(&check(bag.path()).problems),
            [What::Extra, What::Missing]
        );
    }
}

#[test]
fn two_files_with_one_name_in_two_forms_are_not_mixed_up() {
    // Each is listed as it is: a warning, since some systems can keep only one of them.
    let verdict = check(of(&[COMPOSED, DECOMPOSED], &[COMPOSED, DECOMPOSED]).path());
    assert_eq!(
        (verdict.problem_count, what(&verdict.warnings)),
        (0, vec![What::Collides])
    );
    // One of them alone is listed.
    let verdict = check(of(&[COMPOSED, DECOMPOSED], &[COMPOSED]).path());
    assert_eq!(what(&verdict.problems), [What::Extra]);
    // One file is listed in both forms, or neither file as it is.
    let verdict = check(of(&[COMPOSED], &[COMPOSED, DECOMPOSED]).path());
    assert_eq!(what(&verdict.problems), [What::Missing]);
    let verdict = check(of(&[COMPOSED, DECOMPOSED], &["data/N\u{fa}n\u{303}ez.txt"]).path());
    assert_eq!(
        what(&verdict.problems),
        [What::Extra, What::Missing, What::Extra],
        "{:?}",
        verdict.problems
    );
}

type Deed = fn(&Path);

/// What is done to a good bag of others, and what must be said about it in version 1.0 and before.
const DEEDS: &[(&str, Deed, &[What], &[What])] = &[
    (
        "lines may end in a carriage return alone",
        |dir| {
            for name in ["manifest-sha1.txt", "bagit.txt", "bag-info.txt"] {
                write(
                    dir,
                    name,
                    &read(dir, name).replace("\r\n", "\n").replace('\n', "\r"),
                );
            }
        },
        &[],
        &[],
    ),
    (
        "a path may have segments that lead nowhere",
        |dir| {
            write(
                dir,
                "manifest-sha1.txt",
                &read(dir, "manifest-sha1.txt").replace("data/", ".//./data/.//"),
            );
        },
        &[],
        &[],
    ),
    (
        "each line of fetch.txt names a file",
        |dir| write(dir, "fetch.txt", "\r\nhttps://contoso.com/a 5 data/a\r"),
        &[What::Malformed],
        &[What::Malformed],
    ),
    (
        "a manifest begins with no byte order mark",
        |dir| {
            write(
                dir,
                "manifest-md5.txt",
                &format!("\u{feff}{}", read(dir, "manifest-md5.txt")),
            );
        },
        &[What::Malformed],
        &[What::Malformed],
    ),
    (
        "nor does bag-info.txt",
        |dir| {
            write(
                dir,
                "bag-info.txt",
                &format!("\u{feff}{}", read(dir, "bag-info.txt")),
            );
        },
        &[What::Malformed],
        &[What::Malformed],
    ),
    (
        "bagit.txt has two lines",
        |dir| append(dir, "bagit.txt", "Contact: b\n"),
        &[What::Malformed],
        &[],
    ),
    (
        "in this order",
        |dir| {
            let text = read(dir, "bagit.txt");
            let (first, second) = text.split_once('\n').expect("two lines");
            write(dir, "bagit.txt", &format!("{second}{first}\n"));
        },
        &[What::Malformed],
        &[],
    ),
    (
        "each with a label",
        |dir| append(dir, "bagit.txt", "nonsense\n"),
        &[What::Malformed],
        &[What::Malformed],
    ),
    (
        "the first line of bag-info.txt continues nothing",
        |dir| {
            write(
                dir,
                "bag-info.txt",
                &format!("  nonsense\n{}", read(dir, "bag-info.txt")),
            );
        },
        &[What::Malformed],
        &[What::Malformed],
    ),
    (
        "Payload-Oxum stands there once",
        |dir| append(dir, "bag-info.txt", "payload-oxum: 5.1\n"),
        &[What::Malformed],
        &[],
    ),
    (
        "and is made of digits",
        |dir| write(dir, "bag-info.txt", "Payload-Oxum: +5.1\n"),
        &[What::Oxum],
        &[What::Oxum],
    ),
    (
        "every manifest lists every file",
        |dir| write(dir, "manifest-sha1.txt", ""),
        &[What::Extra],
        &[],
    ),
    (
        "a tag manifest lists no file of the payload, and every manifest",
        |dir| {
            write(
                dir,
                "tagmanifest-md5.txt",
                &format!("{HELLO}  data/a b.txt\n"),
            );
            write(dir, "manifest-md5.txt", "");
        },
        // The tag manifest has the digest, so nothing is missing from the manifest of that algorithm.
        &[
            What::Malformed,
            What::Malformed,
            What::Malformed,
            What::Malformed,
        ],
        &[],
    ),
];

#[test]
fn what_version_1_0_says_is_held_to() {
    for (name, deed, since, before) in DEEDS {
        for (version, wanted) in [("1.0", since), ("0.97", before)] {
            let home = Home::new();
            foreign(home.path(), version);
            assert_eq!(check(home.path()).problems, [], "{name}, {version}, before");
            deed(home.path());
            let verdict = check(home.path());
            assert_eq!(
                what(&verdict.problems),
                *wanted,
                "{name}, {version}: {:?}",
                verdict.problems
            );
        }
    }
}

#[test]
fn a_number_counts_lines_and_not_their_ends() {
    let bag = of(&["data/a"], &["data/a"]);
    fs::write(
        bag.path().join("manifest-md5.txt"),
        format!("{HELLO}  data/a\r\n\r\nnonsense\r\n"),
    )
    .expect("written");
    let verdict = check(bag.path());
    assert_eq!(
        verdict.problems[0].detail,
        "line 3 is not a digest and a path"
    );
}
