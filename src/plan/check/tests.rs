use super::*;
use crate::plan::chain::link;
use crate::plan::folder::Folder;
use crate::plan::keyed::Key;
use crate::plan::model::State;
use crate::plan::receipt::tests::{around, facts, outcome, plan, step};
use crate::plan::receipt::{End, Facts, Journal, receipt};
use crate::plan::replay::replay;
use crate::plan::sign::SigningKey;
use serde_json::json;

/// What lies in the folder of a plan.
struct Proof {
    plan: Vec<u8>,
    journal: Vec<u8>,
    receipt: Vec<u8>,
    signature: Vec<u8>,
    public_key: Vec<u8>,
    replay: Vec<u8>,
}

impl Proof {
    fn files(&self) -> Files<'_> {
        Files {
            plan: Some(&self.plan),
            journal: Some(&self.journal),
            receipt: Some(&self.receipt),
            signature: Some(&self.signature),
            public_key: Some(&self.public_key),
            replay: Some(&self.replay),
        }
    }

    fn check(&self) -> Checked {
        check(&self.files(), None)
    }

    fn file(&mut self, at: usize) -> &mut Vec<u8> {
        match at {
            0 => &mut self.plan,
            1 => &mut self.journal,
            2 => &mut self.receipt,
            3 => &mut self.signature,
            4 => &mut self.public_key,
            _ => &mut self.replay,
        }
    }
}

const NAMES: [&str; 6] = [PLAN, JOURNAL, RECEIPT, SIGNATURE, PUBLIC_KEY, REPLAY];

/// The journal as it is written when a plan is carried out.
fn journal(digest: &str, outcomes: &[Outcome]) -> (Vec<u8>, Journal) {
    let (mut text, mut last, mut lines) = (String::new(), digest.to_owned(), 0);
    let mut add = |body: serde_json::Value| {
        let (line, hash) = link(&last, &body).expect("a line");
        text.push_str(&line);
        last = hash;
        lines += 1;
    };
    add(
        json!({"line": "opened", "plan": digest, "tool": "aml-dsr 0.1.0", "identity": null, "at": "2026-11-20T08:59:00Z"}),
    );
    for outcome in outcomes {
        add(
            json!({"line": "intends", "step": outcome.step, "call": 0, "verb": "DELETE", "address": "/x/1", "at": outcome.at}),
        );
        add(json!({"line": "ended", "outcome": outcome}));
    }
    add(
        json!({"line": "closed", "at": "2026-11-20T09:01:00Z", "steps": outcomes.len(), "good": 1, "other": 0}),
    );
    (text.into_bytes(), Journal { lines, last })
}

/// The proof of a plan of so many steps of two items, each third of which failed.
fn proof(steps: u32) -> (Proof, SigningKey) {
    let steps: Vec<_> = (1..=steps)
        .map(|n| {
            let mut one = step(n, "metrics-v2", &format!("fraud/{n}"));
            one.covers = vec![format!("fraud/{n}/loss")];
            one
        })
        .collect();
    let outcomes: Vec<Outcome> = steps
        .iter()
        .map(|step| {
            let state = if step.step % 3 == 0 {
                State::ChangedKept {
                    why: "its etag is another".to_owned(),
                }
            } else {
                State::Erased
            };
            outcome(step.step, state)
        })
        .collect();
    let plan = plan(steps);
    let (key, signing) = (Key::new([9; 32]), SigningKey::generate().expect("a key").0);
    let (journal, end) = journal(&plan.digest, &outcomes);
    let around = around();
    let facts = Facts {
        journal: end,
        public_key: Some(signing.public().fingerprint()),
        ..facts(&around)
    };
    let dir = tempfile::tempdir().expect("a directory");
    let folder = Folder::of(&dir.path().join("plan.json")).expect("places");
    let (bytes, _) = seal::seal(&plan).expect("sealed");
    folder.claim(&bytes).expect("made");
    let list = replay(&plan, &outcomes, "2026-11-20T09:01:00Z", &key);
    let receipt = receipt(&plan, &outcomes, &facts, &key);
    folder
        .prove(&receipt, &list, Some(&signing))
        .expect("proved");
    let read = |name: &str| std::fs::read(folder.file(name)).expect(name);
    let proof = Proof {
        plan: read(PLAN),
        journal,
        receipt: read(RECEIPT),
        signature: read(SIGNATURE),
        public_key: read(PUBLIC_KEY),
        replay: read(REPLAY),
    };
    (proof, signing)
}

/// What a forger does to a receipt.
type Change = fn(&mut Receipt);

/// Seals a changed receipt anew, and signs it with a key, as a forger would.
fn forged(proof: &mut Proof, key: Option<&SigningKey>, change: impl FnOnce(&mut Receipt)) {
    let mut doc: Receipt = serde_json::from_slice(&proof.receipt).expect("a receipt");
    doc.check.public_key = key.map(|key| key.public().fingerprint());
    change(&mut doc);
    doc.digest = seal::unsealed();
    proof.receipt = seal::seal(&doc).expect("sealed").0;
    if let Some(key) = key {
        proof.signature = key.sign(&proof.receipt);
        proof.public_key = key.public().pem().into_bytes();
    }
}

#[test]
fn a_proof_holds() {
    let (proof, signing) = proof(4);
    let checked = proof.check();
    assert_eq!(checked.problems, []);
    assert_eq!((checked.items, checked.lines), (4, 10));
    assert_eq!(checked.signed_by, Some(signing.public().fingerprint()));
    assert_eq!(checked.notes, [ANY_KEY]);
    let checked = check(&proof.files(), Some(&signing.public()));
    assert!(checked.is_good() && checked.notes.is_empty(), "{checked:?}");
}

#[test]
fn every_changed_byte_of_a_small_one_is_noticed() {
    let (mut proof, _) = proof(3);
    for (file, name) in NAMES.iter().enumerate() {
        for at in 0..proof.file(file).len() {
            for change in [1, 0x20, 0x80] {
                proof.file(file)[at] ^= change;
                let checked = proof.check();
                proof.file(file)[at] ^= change;
                let first = checked.problems.first().map(|problem| problem.file);
                // A wrong signature may be told of the receipt's other half.
                assert_eq!(first, Some(*name), "byte {at} of {name}, change {change}");
            }
            let byte = proof.file(file).remove(at);
            assert!(!proof.check().is_good(), "without byte {at} of {name}");
            proof.file(file).insert(at, byte);
        }
    }
    assert!(proof.check().is_good());
}

#[test]
fn ten_thousand_changed_bytes_of_a_large_one_are_noticed() {
    // 2,000 items in 1,000 steps.
    let (mut proof, _) = proof(1_000);
    assert!(proof.check().is_good());
    let mut dice = fastrand::Rng::with_seed(20_261_121);
    let lengths: Vec<usize> = (0..NAMES.len())
        .map(|file| proof.file(file).len())
        .collect();
    let all: usize = lengths.iter().sum();
    for _ in 0..10_000 {
        let (mut at, mut file) = (dice.usize(..all), 0);
        while at >= lengths[file] {
            at -= lengths[file];
            file += 1;
        }
        let change = dice.u8(1..);
        proof.file(file)[at] ^= change;
        let noticed = !proof.check().is_good();
        proof.file(file)[at] ^= change;
        assert!(noticed, "byte {at} of {}, change {change}", NAMES[file]);
    }
}

#[test]
fn what_a_forger_seals_anew_is_noticed() {
    let (good, own) = proof(4);
    let stranger = SigningKey::generate().expect("a key").0;
    let changes: [(&str, Change); 7] = [
        ("a state", |one| {
            one.items[2].state = End::Erased;
            one.counts = receipt::counts(&one.items);
        }),
        ("a count", |one| one.counts[0].items += 1),
        ("an item", |one| {
            one.items.pop();
            one.counts = receipt::counts(&one.items);
        }),
        ("a time", |one| one.items[0].at = None),
        ("the journal's end", |one| one.journal.lines += 1),
        ("the plan", |one| one.plan = "ab".repeat(32)),
        ("the case", |one| one.case = None),
    ];
    for (what, change) in changes {
        let mut other = copy(&good);
        forged(&mut other, Some(&stranger), change);
        assert!(
            !other.check().is_good(),
            "{what} was changed and not noticed"
        );
    }
    // Nothing but the key is another: only whoever knows the right one notices.
    let mut other = copy(&good);
    forged(&mut other, Some(&stranger), |_| {});
    assert!(other.check().is_good());
    let checked = check(&other.files(), Some(&own.public()));
    assert_eq!(checked.problems.len(), 1, "{checked:?}");
    // The same with the signature taken away.
    let mut other = copy(&good);
    forged(&mut other, None, |_| {});
    let bare = Files {
        signature: None,
        public_key: None,
        ..other.files()
    };
    assert_eq!(check(&bare, None).notes, [NOT_SIGNED]);
    assert!(!check(&bare, Some(&own.public())).is_good());
    assert!(!other.check().is_good(), "a signature lies beside it");
}

fn copy(proof: &Proof) -> Proof {
    Proof {
        plan: proof.plan.clone(),
        journal: proof.journal.clone(),
        receipt: proof.receipt.clone(),
        signature: proof.signature.clone(),
        public_key: proof.public_key.clone(),
        replay: proof.replay.clone(),
    }
}

#[test]
fn lines_and_files_that_are_missing_are_noticed() {
    let (good, signing) = proof(4);
    let text = String::from_utf8(good.journal.clone()).expect("text");
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for without in 0..lines.len() {
        let mut rest = lines.clone();
        rest.remove(without);
        let mut other = copy(&good);
        other.journal = rest.concat().into_bytes();
        let checked = other.check();
        let first = checked.problems.first().map(|problem| problem.file);
        assert_eq!(first, Some(JOURNAL), "without line {}", without + 1);
    }
    let files = good.files();
    let without = |files: Files<'_>| check(&files, None);
    assert!(
        !without(Files {
            signature: None,
            ..files
        })
        .is_good()
    );
    assert!(
        !without(Files {
            public_key: None,
            ..files
        })
        .is_good()
    );
    let known = signing.public();
    let handed_over = Files {
        plan: None,
        journal: None,
        replay: None,
        public_key: None,
        ..files
    };
    let checked = check(&handed_over, Some(&known));
    assert!(checked.is_good() && checked.notes == [ALONE], "{checked:?}");
    // A journal alone hangs together; that its end is missing shows when its last line does.
    let alone = |journal: &[u8]| {
        check(
            &Files {
                journal: Some(journal),
                ..Files::default()
            },
            None,
        )
    };
    assert_eq!(alone(&good.journal).notes, [NO_END]);
    assert!(alone(&good.journal).is_good());
    assert!(!alone(lines[..lines.len() - 1].concat().as_bytes()).is_good());
    assert!(!alone(lines[1..].concat().as_bytes()).is_good());
    // The proofs of two plans do not belong together.
    let (other, _) = proof(5);
    let mut mixed = copy(&good);
    mixed.plan = other.plan.clone();
    assert!(!mixed.check().is_good());
    let mut mixed = copy(&good);
    mixed.journal = other.journal;
    assert!(!mixed.check().is_good());
}
