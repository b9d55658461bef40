//! A directory that refuses, fails, or must not be asked: it is said, and the work goes on.

use serde_json::{Value, json};

use super::{asked, card, find, hits, looked_for, nothing_in_clear, object_id, pairs, steps};
use crate::context::Room;
use crate::emulated::{EmulatorProcess, MAIN};

#[test]
fn a_missing_permission_is_named_and_the_work_goes_on() {
    let emulator = EmulatorProcess::start(&[]);
    let given = ["--subject", "priya.nair@contoso.com"];
    let alone = find(&emulator, &given).ends(0).json();
    let resolved = [&given[..], &["--resolve"]].concat();

    emulator.tell("settings", &json!({"graph": "denied"}));
    emulator.reset();
    let outcome = find(&emulator, &resolved).ends(0);
    nothing_in_clear(&emulator, &outcome);
    for word in [
        "User.Read.All is missing",
        "User Administrator",
        "may be missing",
    ] {
        assert!(outcome.stderr.contains(word), "{word}: {}", outcome.stderr);
    }
    let found = outcome.json();
    assert!(steps(&found).iter().all(|(_, status)| status == "denied"));
    assert_eq!(hits(&found), hits(&alone));
    // What was refused once is not asked for again.
    assert_eq!(asked(&emulator).len(), 2);

    emulator.tell("settings", &json!({"graph": "users-only"}));
    let found = find(&emulator, &resolved).ends(0).json();
    assert_eq!(
        steps(&found),
        pairs(&[
            ("user by principal name", "found"),
            ("users by address", "found"),
            ("deleted users by address", "denied"),
        ])
    );
    assert!(hits(&found) > hits(&alone));
    let robot = object_id(&card(&emulator, "robot"));
    let outcome = find(&emulator, &["--object-id", &robot, "--resolve"]).ends(0);
    assert!(outcome.stderr.contains("Application.Read.All is missing"));
    assert!(
        outcome.stderr.contains("is not known"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_directory_that_cannot_be_had_is_said_and_the_work_goes_on() {
    let emulator = EmulatorProcess::start(&[]);
    let given = ["--subject", "ada.lindqvist@contoso.com", "--resolve"];
    let hurried = [&given[..], &["--max-wait", "1"]].concat();
    let always = |act: Value| json!({"path_contains": "/graph/", "times": 1_000_000, "do": act});
    for (act, word) in [
        (json!({"close": true}), "no answer from"),
        (
            json!({"status": 500, "body": {"error": {"code": "x", "message": "ada.lindqvist@contoso.com"}}}),
            "answered with 500",
        ),
        (
            json!({"status": 200, "body": "{\"mail\": \"ada.lindqvist@contoso.com\"}"}),
            "cannot be used",
        ),
        (
            json!({"status": 404, "body": "ada.lindqvist@contoso.com"}),
            "says nothing about the person",
        ),
    ] {
        emulator.reset();
        emulator.tell("mishaps", &always(act));
        let outcome = find(&emulator, &hurried).ends(0);
        nothing_in_clear(&emulator, &outcome);
        assert!(outcome.stderr.contains(word), "{word}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("may be missing"), "{word}");
        let found = outcome.json();
        assert!(
            steps(&found).iter().all(|(_, status)| status == "failed"),
            "{word}: {:?}",
            steps(&found)
        );
    }
    // What passes is got over.
    emulator.reset();
    let once = json!({"path_contains": "/graph/", "times": 2, "do": {"status": 429, "headers": {"Retry-After": "0"}}});
    emulator.tell("mishaps", &once);
    let found = find(&emulator, &given).ends(0).json();
    assert_eq!(looked_for(&found).len(), 3);
    assert_eq!(emulator.diary().with_status(429), 2);
}

#[test]
fn a_token_that_was_given_for_azure_does_not_go_to_the_directory() {
    let emulator = EmulatorProcess::start(&[]);
    let mut args = vec!["find".to_owned()];
    args.extend(emulator.scope(MAIN));
    let more =
        "--kinds models --subject ada.lindqvist@contoso.com --resolve --token-stdin --format json";
    args.extend(more.split(' ').map(str::to_owned));
    let outcome = Room::new()
        .run_with_input(&args, "a-token-for-azure")
        .ends(0);
    assert!(
        outcome
            .stderr
            .contains("no token for Microsoft Graph can be had"),
        "{}",
        outcome.stderr
    );
    assert!(!outcome.stderr.contains("a-token-for-azure"));
    assert!(asked(&emulator).is_empty());
    let found = outcome.json();
    assert!(steps(&found).iter().all(|(_, status)| status == "denied"));
}
