//! The table of mishaps: what goes wrong once or always, how the export ends, and what it says.

use serde_json::{Value, json};

use crate::bag::Bag;
use crate::context::Room;
use crate::emulated::{EmulatorProcess, SMALL};

/// A mishap, and how an export under it has to end.
struct Case {
    name: &'static str,
    /// What goes wrong, as the emulator understands it.
    mishap: Value,
    kinds: &'static str,
    exit: i32,
    /// Kind, class and severity of what `gaps.jsonl` says because of it.
    says: Option<(&'static str, &'static str, &'static str)>,
    /// The status in the coverage of the kind.
    status: &'static str,
}

const LISTED: &str = "items";

/// Mishaps that are got over leave nothing behind; others are said.
fn table() -> Vec<Case> {
    let once = |path: &str, act: Value| json!({"path_contains": path, "do": act});
    let always =
        |path: &str, act: Value| json!({"path_contains": path, "times": 1_000_000, "do": act});
    let refusal = json!({"error": {"code": "AuthorizationFailed", "message": "No."}});
    let got_over = |name, kinds, mishap| Case {
        name,
        mishap,
        kinds,
        exit: 0,
        says: None,
        status: LISTED,
    };
    let gap = |name, kind, mishap, class, status| Case {
        name,
        mishap,
        kinds: kind,
        exit: 3,
        says: Some((kind, class, "gap")),
        status,
    };
    vec![
        got_over(
            "429 with Retry-After",
            "models",
            once(
                "/models?",
                json!({"status": 429, "headers": {"Retry-After": "1"}}),
            ),
        ),
        got_over(
            "429 without a word",
            "models",
            once("/models?", json!({"status": 429})),
        ),
        got_over(
            "503 in milliseconds",
            "datasets",
            once(
                "/datasets",
                json!({"status": 503, "headers": {"x-ms-retry-after-ms": "120"}}),
            ),
        ),
        got_over("530", "computes", once("/computes", json!({"status": 530}))),
        got_over(
            "the connection breaks",
            "environments",
            once("/environments", json!({"close": true})),
        ),
        got_over(
            "a truncated list",
            "runs",
            once("/runs:query", json!({"truncate": 40})),
        ),
        got_over(
            "a truncated file",
            "artifacts",
            once("three-mebibytes.bin", json!({"truncate": 1000})),
        ),
        got_over(
            "a 502 in HTML",
            "services",
            json!({"path_contains": "/services", "times": 2,
                   "do": {"status": 502, "headers": {"content-type": "text/html"}, "body": "<html><title>502 Bad Gateway</title></html>"}}),
        ),
        got_over(
            "one 401",
            "datastores",
            once("/datastores", json!({"status": 401})),
        ),
        gap(
            "403 on one list",
            "models",
            always("/models?", json!({"status": 403, "body": refusal})),
            "denied",
            "denied",
        ),
        gap(
            "404 on one list",
            "datasets",
            always("/datasets", json!({"status": 404})),
            "not-offered",
            "failed",
        ),
        Case {
            name: "403 where nothing about the API is verified",
            mishap: always("/tasks", json!({"status": 403, "body": refusal})),
            kinds: "notification-tasks",
            exit: 0,
            says: Some(("notification-tasks", "denied", "note")),
            status: "denied",
        },
        gap(
            "a wait that nobody would wait for",
            "models",
            always(
                "/models?",
                json!({"status": 429, "headers": {"Retry-After": "100000000"}}),
            ),
            "throttled",
            "failed",
        ),
        gap(
            "a wait larger than any clock",
            "models",
            always(
                "/models?",
                json!({"status": 503, "headers": {"Retry-After": "18446744073709551615"}}),
            ),
            "throttled",
            "failed",
        ),
        gap(
            "an answer without end",
            "models",
            always("/models?", json!({"body_bytes": 1_u64 << 30})),
            "too-large",
            "failed",
        ),
        gap(
            "an answer that is no JSON",
            "models",
            always("/models?", json!({"status": 200, "body": "{\"value\": ["})),
            "malformed",
            "failed",
        ),
        gap(
            "the storage account refuses",
            "artifacts",
            always("three-mebibytes.bin?", json!({"status": 403})),
            "storage",
            LISTED,
        ),
        Case {
            name: "a compute that is gone between list and item",
            mishap: always("/computes/", json!({"status": 404})),
            kinds: "computes",
            exit: 3,
            says: Some(("computes", "vanished", "gap")),
            status: LISTED,
        },
    ]
}

#[test]
fn each_mishap_ends_as_it_should() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let mut wrong = Vec::new();
    for (number, case) in table().iter().enumerate() {
        emulator.reset();
        let good = format!("good-{number}");
        let flags = ["--quiet", "--kinds", case.kinds];
        let _ = emulator.run(&room, SMALL, &good, &flags).ends(0);
        assert_eq!(
            emulator.tell("mishaps", &case.mishap)["mishaps"],
            1,
            "{}",
            case.name
        );
        let bad = format!("bad-{number}");
        let outcome = emulator.run(&room, SMALL, &bad, &flags);
        let code = outcome.status.code();
        if code != Some(case.exit) || !room.path(&bad).join("manifest-sha256.txt").exists() {
            wrong.push(format!(
                "{}: exit {code:?}, wanted {}: {}",
                case.name, case.exit, outcome.stderr
            ));
            continue;
        }
        let (good, bad) = (Bag::at(room.path(&good)), Bag::at(room.path(&bad)));
        bad.check();
        let fresh: Vec<Value> = {
            let known = good.lines("gaps.jsonl");
            bad.lines("gaps.jsonl")
                .into_iter()
                .filter(|line| !known.contains(line))
                .collect()
        };
        let said = fresh.first().map(|line| {
            let word = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            (word("kind"), word("class"), word("severity"))
        });
        let wanted = case.says.map(|(kind, class, severity)| {
            (kind.to_owned(), class.to_owned(), severity.to_owned())
        });
        if said != wanted {
            wrong.push(format!("{}: said {fresh:?}, wanted {wanted:?}", case.name));
        }
        if case.says.is_none() && good.manifest() != bad.manifest() {
            wrong.push(format!(
                "{}: another payload than in good weather",
                case.name
            ));
        }
        let status = bad.coverage(SMALL, case.kinds)["status"].clone();
        if status != case.status {
            wrong.push(format!(
                "{}: the coverage says {status}, wanted {}",
                case.name, case.status
            ));
        }
        if emulator.diary().early() > 0 {
            wrong.push(format!("{}: a request came before its time", case.name));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
