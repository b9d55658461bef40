//! The tables of the README are the code's.

use std::fs;
use std::path::Path;

use crate::context::Room;

/// The cells of the rows of the first table below a heading.
fn table(readme: &str, heading: &str) -> Vec<Vec<String>> {
    let (_, section) = readme
        .split_once(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("the README has no section {heading}"));
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'));
    // The first two lines are the head and the rule below it.
    rows.skip(2)
        .map(|row| {
            row.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().to_owned())
                .collect()
        })
        .collect()
}

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    fs::read_to_string(path).expect("the README")
}

#[test]
fn a_table_is_read_as_it_stands() {
    let text = "# x\n\n## Codes\n\nWords.\n\n| code | meaning |\n| --- | --- |\n| 0 | done |\n| 1 | not |\n\n## More\n\n| 2 | no |\n";
    assert_eq!(table(text, "## Codes"), [["0", "done"], ["1", "not"]]);
}

#[test]
fn the_exit_codes_are_those_of_the_code() {
    let told: Vec<(String, String)> = table(&readme(), "## Exit codes")
        .into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    let wanted: Vec<(String, String)> = aml_dsr::cli::ending::TABLE
        .iter()
        .map(|(_, code, meaning)| (code.to_string(), (*meaning).to_owned()))
        .collect();
    let plain = |rows: Vec<(String, String)>| -> Vec<(String, String)> {
        rows.into_iter()
            .map(|(code, meaning)| (code.replace('`', ""), meaning))
            .collect()
    };
    assert_eq!(plain(told), wanted);
}

#[test]
fn the_kinds_are_those_of_the_catalogue() {
    let told: Vec<String> = table(&readme(), "## What is exported")
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    // The table of `kinds` has exactly the exported ones, in the order of the catalogue.
    let printed = Room::new().run(&["kinds"]).ends(0).stdout;
    let wanted: Vec<String> = printed
        .lines()
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .map(|name| format!("`{name}`"))
        .collect();
    assert!(wanted.len() > 20);
    assert_eq!(told, wanted);
}
