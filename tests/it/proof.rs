//! `verify` of what a plan left behind, by its folder, its receipt and its journal.

use aml_dsr::plan::around::Around;
use aml_dsr::plan::folder::{Folder, PAGE};
use aml_dsr::plan::keyed::Key;
use aml_dsr::plan::model::{Outcome, Plan, State};
use aml_dsr::plan::receipt::{self, Facts, Journal};
use aml_dsr::plan::sign::SigningKey;
use aml_dsr::plan::{chain, replay, seal};
use aml_dsr::render::{self, Language};
use serde_json::json;

use crate::context::Room;

const TOOL: &str = concat!("aml-dsr ", env!("CARGO_PKG_VERSION"));

/// A plan of two models, as it was carried out.
fn carry_out(room: &Room, name: &str, language: Language) {
    let step = |n: u32| {
        let address = format!("/modelmanagement/v1.0/subscriptions/s/models/fraud%3A{n}");
        json!({
            "step": n, "kind": "models", "id": format!("fraud:{n}"), "parent": null,
            "calls": [{"verb": "DELETE", "base": "models2", "address": address, "what": "erase"}],
            "look": {"base": "models2", "address": address, "body": null, "items": null},
            "fingerprint": "etag:1", "becomes": "erased", "needs": [], "covers": [], "places": [],
        })
    };
    let mut plan: Plan = serde_json::from_value(json!({
        "format": "aml-dsr-plan/1", "tool": TOOL, "cloud": "the emulator",
        "scope": {"subscription": "s", "resource_group": "rg-contoso-ml", "workspace": "contoso-ml", "path": "/subscriptions/s/resourceGroups/rg-contoso-ml/providers/Microsoft.MachineLearningServices/workspaces/contoso-ml", "workspace_id": null},
        "asked": {"by": null, "case": "DSR-7", "reason": null, "targets": [], "subject": [["mail", "ada@contoso.com"]]},
        "made": "2026-11-20T08:00:00Z", "valid_until": "2026-11-21T08:00:00Z",
        "limits": {"max_items": 10, "max_percent": 25, "protect": []}, "approvals": 0,
        "inventory": {"items": 9, "gaps": 0}, "export": "without", "findings": [],
        "waves": [{"wave": 1, "steps": [step(1), step(2)]}], "decisions": [], "untouched": [],
        "digest": seal::unsealed(),
    }))
    .expect("a plan");
    let (bytes, digest) = seal::seal(&plan).expect("sealed");
    plan.digest = digest;
    let at = "2026-11-20T09:00:00Z".to_owned();
    let outcomes: Vec<Outcome> = (1..=2)
        .map(|step| Outcome {
            step,
            state: State::Erased,
            at: at.clone(),
            requests: vec!["0f".to_owned()],
        })
        .collect();
    let mut lines = vec![json!({"line": "opened", "plan": plan.digest})];
    lines.extend(
        outcomes
            .iter()
            .map(|one| json!({"line": "ended", "outcome": one})),
    );
    lines.push(json!({"line": "closed"}));
    let (mut text, mut last) = (String::new(), plan.digest.clone());
    for line in &lines {
        let (line, hash) = chain::link(&last, line).expect("a line");
        text.push_str(&line);
        last = hash;
    }
    let folder = Folder::of(&room.path(name)).expect("places");
    folder.claim(&bytes).expect("made");
    folder
        .put("journal.jsonl", text.as_bytes())
        .expect("written");
    let key = Key::new([5; 32]);
    let pem = std::fs::read_to_string(room.path("dsr.pem")).expect("the key");
    let signing = SigningKey::parse(&pem).expect("the key");
    let facts = Facts {
        tool: TOOL,
        began: "2026-11-20T08:59:00Z",
        ended: "2026-11-20T09:01:00Z",
        journal: Journal {
            lines: lines.len() as u64,
            last,
        },
        approvals: &[],
        responsible: None,
        around: &Around::default(),
        public_key: Some(signing.public().fingerprint()),
    };
    let mut receipt = receipt::receipt(&plan, &outcomes, &facts, &key);
    let replay = replay::replay(&plan, &outcomes, facts.ended, &key);
    receipt.digest = folder
        .prove(&receipt, &replay, Some(&signing))
        .expect("proved");
    let mut page = Vec::new();
    render::receipt(&receipt, language, &mut page).expect("a page");
    folder.put(PAGE, &page).expect("written");
}

fn keys(room: &Room) {
    for name in ["dsr.pem", "other.pem"] {
        let _ = room.run(&["keygen", "--output", name]).ends(0);
    }
}

#[test]
fn a_proof_is_verified_and_what_was_touched_is_none() {
    let room = Room::new();
    keys(&room);
    carry_out(&room, "plan.json", Language::French);
    let own = ["verify", "plan.applied", "--public-key", "dsr.pem.pub"];
    let outcome = room.run(&own).ends(0);
    insta::assert_snapshot!(outcome.stdout.lines().next().unwrap_or_default(), @"plan.applied is valid: 2 items, 4 lines of journal, every byte as it was written.");
    assert_eq!(outcome.stderr, "");
    let outcome = room.run(&["verify", "plan.applied"]).ends(0);
    assert!(outcome.stderr.contains("not by whom"), "{}", outcome.stderr);
    let other = ["verify", "plan.applied", "--public-key", "other.pem.pub"];
    let outcome = room.run(&other).ends(6);
    assert!(
        outcome.stdout.contains("receipt.json"),
        "{}",
        outcome.stdout
    );
    let _ = room.run(&["verify", "plan.applied/receipt.json"]).ends(0);
    let _ = room.run(&["verify", "plan.applied/journal.jsonl"]).ends(0);
    for name in [
        "plan.json",
        "journal.jsonl",
        "receipt.json",
        "receipt.json.sig",
        "receipt.pub.pem",
        "replay.json",
        "receipt.html",
    ] {
        let path = room.path("plan.applied").join(name);
        let good = std::fs::read(&path).expect(name);
        let mut bad = good.clone();
        let at = bad.len() / 2;
        bad[at] ^= 1;
        std::fs::write(&path, bad).expect(name);
        let outcome = room.run(&["verify", "plan.applied"]).ends(6);
        assert!(
            outcome.stdout.contains(&format!("wrong: {name}: ")),
            "{name}: {}",
            outcome.stdout
        );
        std::fs::remove_file(&path).expect(name);
        if name != "receipt.html" {
            let _ = room.run(&["verify", "plan.applied"]).ends(6);
        }
        std::fs::write(&path, good).expect(name);
    }
    let told = room
        .run(&["verify", "plan.applied", "--format", "json"])
        .ends(0)
        .json();
    assert_eq!(told["items"], 2);
    // The words of the receipt lead to a check without this program.
    let check = aml_dsr::plan::sign::COMMAND;
    let mut openssl = std::process::Command::new("openssl");
    openssl
        .args(check.split(' ').skip(1))
        .current_dir(room.path("plan.applied"));
    match openssl.output() {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(error) => assert!(std::env::var_os("CI").is_none(), "OpenSSL: {error}"),
    }
}

#[test]
fn what_is_no_proof_has_its_sentence() {
    let room = Room::new();
    keys(&room);
    carry_out(&room, "one.json", Language::English);
    carry_out(&room, "two.json", Language::English);
    // The signature of one is none of the other, although both are by the same key.
    let receipt = room.path("two.applied/receipt.json");
    let text = std::fs::read_to_string(&receipt)
        .expect("it")
        .replace("DSR-7", "DSR-8");
    std::fs::write(&receipt, text).expect("it");
    let outcome = room.run(&["verify", "two.applied"]).ends(6);
    assert!(outcome.stdout.contains("altered"), "{}", outcome.stdout);
    // A key that is none is a wrong command line, and says so.
    let outcome = room
        .run(&["verify", "one.applied", "--public-key", "dsr.pem"])
        .ends(2);
    assert!(outcome.stderr.contains("PUBLIC KEY"), "{}", outcome.stderr);
    std::fs::create_dir(room.path("three.applied")).expect("an empty folder");
    let outcome = room.run(&["verify", "three.applied"]).ends(6);
    assert!(
        outcome.stdout.contains("receipt.json: it is not there"),
        "{}",
        outcome.stdout
    );
    std::fs::write(room.path("some.json"), "{}").expect("a file");
    let outcome = room.run(&["verify", "some.json"]).ends(6);
    assert!(outcome.stdout.contains("digest"), "{}", outcome.stdout);
}
