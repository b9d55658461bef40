//! `export` as a person or a program meets it: what it prints, what it leaves, and what its flags do.

use std::process::Stdio;

use crate::bag::Bag;
use crate::context::{Room, tree};
use crate::emulated::{EmulatorProcess, MAIN, SMALL};

/// Columns in single spaces, so that a wider number does not move the rest.
fn squeezed(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n")
}

/// The sentences below the table, with words for what depends on the day.
fn without_counts(text: &str) -> String {
    let text = crate::filters::replace(text, "\n", "[N]", |c| c.is_ascii_digit() || c == ',');
    let text = crate::filters::replace(&text, "items, ", "[N]", |c| c.is_ascii_digit() || c == '.');
    crate::filters::replace(&text, "blanked, ", "[N]", |c| c.is_ascii_digit())
}

#[test]
fn the_first_command_of_the_readme_is_done_and_says_what_it_did() {
    let room = Room::new();
    let outcome = room
        .run(&["export", "--emulator", "--output", "contoso-bag"])
        .ends(0);
    let summary = without_counts(&squeezed(&outcome.plain(&outcome.stdout)));
    insta::assert_snapshot!(summary, @r"
    kind items files bytes
    workspaces 1
    computes 9
    compute-nodes 3
    experiments 10
    runs 200
    run-details 200
    metrics 201
    metrics-v2 613
    artifacts 513 512 3.1 MiB
    snapshots 58
    notification-tasks 3
    datastores 34
    datasets 4
    dataset-definitions 12
    environments 5
    models 5
    assets 5
    asset-artifacts 6 6 173 bytes
    images 3
    image-profiles 3
    services 4
    published-pipelines 5
    pipeline-endpoints 5
    pipeline-schedules 3
    pipeline-drafts 3
    pipeline-templates 5
    pipeline-runs 11
    pipeline-graphs 10
    pipeline-modules 21
    pipeline-data-sources 10
    jobs 124
    schedules 3
    data-assets 1
    data-asset-versions 2
    arm-models 2
    arm-model-versions 3
    arm-environments 1
    arm-environment-versions 1
    components 2
    component-versions 2
    codes 1
    code-versions 2
    feature-sets 1
    feature-set-versions 1
    features 1
    feature-store-entities 1
    feature-store-entity-versions 1
    online-endpoints 1
    online-deployments 2
    batch-endpoints 1
    batch-deployments 1
    serverless-endpoints 1
    marketplace-subscriptions 1
    connections 9
    capability-hosts no list exists; ask by name
    arm-datastores 31
    outbound-rules 1
    private-endpoint-connections 1
    role-assignments 4
    locks empty
    registries were not asked for: outside of the workspace; use --registry or --all-workspaces

    [N] items, [N] MiB in 622 files of the bag.
    [N] requests in [TIME] s.
    [N] secrets were blanked, [N] of them caught by the net of patterns alone (see inventory.jsonl).
    Nothing that was asked for is missing.
    The bag is contoso-bag.
    Next: aml-dsr verify contoso-bag
    ");
    let bag = Bag::at(room.path("contoso-bag"));
    bag.check();
    for line in bag.lines("coverage.jsonl") {
        let kind = line["kind"].as_str().expect("a name");
        // A lock would stand in the way of whoever rehearses a deletion.
        let wanted = match kind {
            "locks" => "empty",
            "capability-hosts" => "by-name",
            kind if kind.starts_with("registr") => "outside",
            _ => "items",
        };
        assert_eq!(
            line["status"], wanted,
            "contoso has something of every other kind: {line}"
        );
    }
    assert!(
        bag.text("bag-info.txt")
            .contains("\nAml-Dsr-Complete: complete\n")
    );
    let page = bag.text("data/README.txt");
    assert!(
        page.contains("workspace contoso-ml") && page.contains("sha256sum -c manifest-sha256.txt")
    );
    private(&room);
    crate::verify::is_valid(&room, "contoso-bag");
}

#[test]
fn the_line_that_the_emulator_prints_is_a_command() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let mut words = vec!["export".to_owned()];
    words.extend(emulator.flags.iter().cloned());
    words.extend(["--output", "contoso-bag", "--kinds", "computes"].map(str::to_owned));
    let _ = room.run(&words).ends(0);
    assert_eq!(
        Bag::at(room.path("contoso-bag")).coverage(MAIN, "computes")["items"],
        9
    );
}

/// Only the user may look into the bag.
fn private(room: &Room) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let bag = room.path("contoso-bag");
        let mode = |path: &std::path::Path| {
            std::fs::metadata(path).expect("facts").permissions().mode() & 0o777
        };
        assert_eq!(mode(&bag), 0o700);
        for name in tree(&bag).keys() {
            let path = bag.join(name);
            assert_eq!(mode(&path), 0o600, "{name}");
            assert_eq!(
                mode(path.parent().expect("a folder")),
                0o700,
                "the folder of {name}"
            );
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_a_quiet_success() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let mut command = room.program();
    command.args(emulator.export(SMALL, "bag", &["--quiet"]));
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    command.stdout(Stdio::from(writer));
    let outcome = room.spawn(command).wait().ends(0);
    assert_eq!(outcome.stderr, "");
    Bag::at(room.path("bag")).check();
}

#[test]
fn programs_get_json() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let outcome = emulator
        .run(&room, SMALL, "bag", &["--format", "json", "--quiet"])
        .ends(0);
    assert_eq!(outcome.stderr, "", "quiet is quiet");
    let summary = outcome.json();
    let keys: Vec<&String> = summary.as_object().expect("an object").keys().collect();
    insta::assert_compact_json_snapshot!(keys, @r#"
    [
      "bytes",
      "cloud",
      "complete",
      "coverage",
      "files",
      "gaps",
      "handing_over",
      "items",
      "output",
      "payload_manifest_sha256",
      "payload_oxum",
      "requests",
      "scope",
      "seconds",
      "waits"
    ]
    "#);
    assert_eq!(summary["complete"], true);
    assert_eq!(summary["gaps"], 0);
    assert_eq!(summary["output"], "bag");
    let bag = Bag::at(room.path("bag"));
    let digest = crate::bag::sha256_of(&bag.path("manifest-sha256.txt"));
    assert_eq!(summary["payload_manifest_sha256"], digest.as_str());
    assert_eq!(
        summary["coverage"].as_array(),
        Some(&bag.lines("coverage.jsonl"))
    );
    let payload = tree(&bag.path("data"));
    assert_eq!(summary["files"], payload.len());
    assert_eq!(
        summary["bytes"],
        payload.values().map(Vec::len).sum::<usize>()
    );
    let oxum = format!(
        "Payload-Oxum: {}\n",
        summary["payload_oxum"].as_str().expect("text")
    );
    assert!(bag.text("bag-info.txt").contains(&oxum));
    assert_eq!(summary["items"], bag.inventory().len());
}

#[test]
fn progress_for_programs_is_json_on_every_line() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let outcome = emulator
        .run(&room, SMALL, "bag", &["--progress", "json"])
        .ends(0);
    let events = outcome.events();
    for name in [
        "workspace",
        "list-started",
        "page-kept",
        "list-ended",
        "file-done",
        "missing",
    ] {
        assert!(
            events.iter().any(|event| event["event"] == name),
            "no event {name}"
        );
    }
    assert!(events.iter().all(|event| event["at_ms"].is_u64()));
    assert!(
        outcome.stdout.contains("Next: aml-dsr verify bag"),
        "the summary still goes to stdout"
    );
}

#[test]
fn silence_can_be_had() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    for (number, flags) in [&["--quiet"][..], &["--progress", "none"]]
        .into_iter()
        .enumerate()
    {
        let outcome = emulator
            .run(&room, SMALL, &format!("bag-{number}"), flags)
            .ends(0);
        assert_eq!(outcome.stderr, "", "{flags:?}");
    }
}
