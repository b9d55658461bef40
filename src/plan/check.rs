//! Whether a receipt, a journal and a plan are as they were written, and belong together. Pure: bytes in, problems out.
//!
//! Seals and hashes are checked before anything is understood: of what was altered nothing else can be said.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

use super::chain;
use super::folder::{JOURNAL, PLAN, PUBLIC_KEY, RECEIPT, REPLAY, SIGNATURE};
use super::model::{Outcome, Plan};
use super::receipt::{self, Item, Receipt, Told};
use super::replay::{BadReplay, Replay};
use super::seal;
use super::sign::PublicKey;

/// The bytes of the files, as far as they are there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Files<'a> {
    pub plan: Option<&'a [u8]>,
    pub journal: Option<&'a [u8]>,
    pub receipt: Option<&'a [u8]>,
    pub signature: Option<&'a [u8]>,
    pub public_key: Option<&'a [u8]>,
    pub replay: Option<&'a [u8]>,
}

/// Something wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub file: &'static str,
    pub what: String,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    pub problems: Vec<Problem>,
    /// Items of the receipt, and lines of the journal.
    pub items: u64,
    pub lines: u64,
    /// The fingerprint of the key that signed, when the signature holds.
    pub signed_by: Option<String>,
    /// What was not checked, and what a good result does not say.
    pub notes: Vec<&'static str>,
}

/// Problems that are told of one file; a thousand say no more.
const MOST: usize = 100;

const ANY_KEY: &str = "The signature is by the key that lies beside the receipt: it shows that nothing changed since, and not by whom it is. Give --public-key with a key that you know.";
const NOT_SIGNED: &str =
    "The receipt is not signed: whoever changes it on purpose can seal it anew.";
const NO_END: &str = "There is no receipt beside the journal, so lines that are missing at its end would not be noticed.";
const ALONE: &str = "The receipt was checked alone: plan and journal do not lie beside it.";

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

impl Checked {
    fn wrong(&mut self, file: &'static str, what: impl Into<String>) {
        let told = self.problems.iter().filter(|one| one.file == file).count();
        if told < MOST {
            let what = what.into();
            self.problems.push(Problem { file, what });
        }
    }

    /// Whether nothing is wrong so far.
    pub fn is_good(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Checks what is there. `known` is the key that has to have signed.
pub fn check(files: &Files<'_>, known: Option<&PublicKey>) -> Checked {
    let mut done = Checked::default();
    for (name, bytes) in [
        (RECEIPT, files.receipt),
        (PLAN, files.plan),
        (REPLAY, files.replay),
    ] {
        if let Some(Err(broken)) = bytes.map(seal::open) {
            done.wrong(name, broken.to_string());
        }
    }
    if !done.is_good() {
        return done;
    }
    if let Some(bytes) = files.journal {
        done.lines = whole_lines(bytes, &mut done);
    }
    if !done.is_good() {
        return done;
    }
    let receipt: Option<Receipt> = parsed(RECEIPT, files.receipt, &mut done);
    if receipt
        .as_ref()
        .is_some_and(|one| one.format != receipt::FORMAT)
    {
        done.wrong(RECEIPT, format!("its form is not {}", receipt::FORMAT));
        return done;
    }
    match &receipt {
        Some(receipt) => signature(files, receipt, known, &mut done),
        None if known.is_some() => done.wrong(
            RECEIPT,
            "there is none, so there is no signature that the public key could check",
        ),
        None => {}
    }
    let plan: Option<Plan> = parsed(PLAN, files.plan, &mut done);
    if !done.is_good() {
        return done;
    }
    together(files, receipt.as_ref(), plan.as_ref(), &mut done);
    done
}

/// What the files say of each other.
fn together(files: &Files<'_>, receipt: Option<&Receipt>, plan: Option<&Plan>, done: &mut Checked) {
    if let (Some(receipt), Some(plan)) = (receipt, plan) {
        same_plan(receipt, plan, done);
    }
    let digest = receipt
        .map(|receipt| receipt.plan.as_str())
        .or(plan.map(|plan| plan.digest.as_str()));
    let journal = files.journal.map(|bytes| follow(bytes, digest, done));
    let Some(receipt) = receipt else {
        done.notes.push(NO_END);
        return;
    };
    done.items = receipt.items.len() as u64;
    if receipt.counts != receipt::counts(&receipt.items) {
        done.wrong(RECEIPT, "its counts are not those of its items");
    }
    match journal {
        Some(Some((ends, last))) => same_journal(receipt, &ends, &last, done),
        Some(None) => {}
        None => done.notes.push(ALONE),
    }
    if let Some(bytes) = files.replay {
        same_list(receipt, bytes, done);
    }
}

fn parsed<T: for<'a> Deserialize<'a>>(
    name: &'static str,
    bytes: Option<&[u8]>,
    done: &mut Checked,
) -> Option<T> {
    let read = serde_json::from_slice(bytes?);
    read.map_err(|error| done.wrong(name, format!("it cannot be understood: {error}")))
        .ok()
}

/// Checks the hash of every line, and counts them.
fn whole_lines(bytes: &[u8], done: &mut Checked) -> u64 {
    let Some(text) = bytes.strip_suffix(b"\n") else {
        done.wrong(JOURNAL, "its last line has no end: it was cut off, or the program was stopped while it wrote; the same command again goes on");
        return 0;
    };
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let before = &text[..error.valid_up_to()];
            let line = 1 + memchr::memchr_iter(b'\n', before).count() as u64;
            done.wrong(JOURNAL, chain::Broken::Altered { line }.to_string());
            return 0;
        }
    };
    let mut lines = 0;
    for (number, line) in (1..).zip(text.split('\n')) {
        lines = number;
        if let Err(broken) = chain::whole(number, line) {
            done.wrong(JOURNAL, broken.to_string());
        }
    }
    lines
}

/// What a line of the journal says, as far as it matters here.
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "line")]
    what: String,
    plan: Option<String>,
    outcome: Option<Outcome>,
}

/// Follows the chain from the plan's digest, or from the one that its first line names. Gives the outcomes and the last hash.
fn follow(
    bytes: &[u8],
    digest: Option<&str>,
    done: &mut Checked,
) -> Option<(BTreeMap<u32, Outcome>, String)> {
    let text = std::str::from_utf8(bytes.strip_suffix(b"\n")?).ok()?;
    let mut ends = BTreeMap::new();
    let mut previous = digest.map(str::to_owned);
    let mut closed = false;
    for (number, line) in (1..).zip(text.split('\n')) {
        let before = match &previous {
            Some(before) => before.clone(),
            None => said_before(line),
        };
        let read = chain::follow(number, line, &before);
        let (doc, hash) = match read {
            Ok(read) => read,
            Err(broken) => {
                let begins = number == 1 && digest.is_some();
                done.wrong(
                    JOURNAL,
                    if begins {
                        "it does not begin with the digest of the plan: it belongs to another plan, or its first lines are missing".to_owned()
                    } else {
                        broken.to_string()
                    },
                );
                return None;
            }
        };
        let line: Line = match serde_json::from_value(doc.into()) {
            Ok(line) => line,
            Err(error) => {
                done.wrong(
                    JOURNAL,
                    format!("line {number} cannot be understood: {error}"),
                );
                return None;
            }
        };
        let opens = line.what == "opened" && line.plan.as_ref() == Some(&before);
        if number == 1 && !opens {
            done.wrong(
                JOURNAL,
                "its first line does not open the plan that it hangs on: its beginning is missing",
            );
        }
        match line.what.as_str() {
            "ended" => match line.outcome {
                Some(outcome) => {
                    let step = outcome.step;
                    if ends.insert(step, outcome).is_some() {
                        done.wrong(
                            JOURNAL,
                            format!("line {number} ends step {step} a second time"),
                        );
                    }
                }
                None => done.wrong(
                    JOURNAL,
                    format!("line {number} ends a step without an outcome"),
                ),
            },
            "closed" => closed = true,
            _ => {}
        }
        previous = Some(hash);
    }
    if !closed {
        done.wrong(JOURNAL, "it has no last line: the plan was not carried out to its end, or lines are missing; the same command again goes on");
    }
    Some((ends, previous?))
}

/// The hash that a line says it follows. For a journal that lies alone: its first line must at least agree with itself.
fn said_before(line: &str) -> String {
    #[derive(Deserialize)]
    struct Before {
        previous: String,
    }
    let read: Result<Before, _> = serde_json::from_str(line);
    read.map(|before| before.previous).unwrap_or_default()
}

fn same_plan(receipt: &Receipt, plan: &Plan, done: &mut Checked) {
    if receipt.plan != plan.digest {
        done.wrong(
            PLAN,
            format!(
                "its digest is {}, and the receipt is of the plan {}",
                plan.digest, receipt.plan
            ),
        );
        return;
    }
    let steps = plan.waves.iter().flat_map(|wave| &wave.steps);
    let steps: Vec<_> = steps
        .map(|step| (step.step, step.kind.as_str(), step.covers.len()))
        .collect();
    let items = receipt.items.iter();
    let items: Vec<_> = items
        .map(|item| (item.step, item.kind.as_str(), item.covers.len()))
        .collect();
    if steps != items {
        done.wrong(RECEIPT, "its items are not the steps of the plan");
    }
    if receipt.scope != plan.scope || receipt.case != plan.asked.case {
        done.wrong(RECEIPT, "its scope or case is not that of the plan");
    }
}

fn same_journal(receipt: &Receipt, ends: &BTreeMap<u32, Outcome>, last: &str, done: &mut Checked) {
    let told = &receipt.journal;
    if (told.lines, told.last.as_str()) != (done.lines, last) {
        let lines = done.lines;
        done.wrong(JOURNAL, format!(
            "it has {lines} lines and ends in {last}; the receipt says {} lines that end in {}: lines were taken away or added",
            told.lines, told.last
        ));
    }
    let mut known: HashSet<u32> = HashSet::new();
    for item in &receipt.items {
        known.insert(item.step);
        let by_journal = Told::of(ends.get(&item.step));
        let by_receipt = Told::by(item);
        if by_journal != by_receipt {
            done.wrong(RECEIPT, disagree(item, &by_journal));
        }
    }
    for step in ends.keys().filter(|step| !known.contains(step)) {
        done.wrong(RECEIPT, format!("step {step} of the journal is not in it"));
    }
}

fn disagree(item: &Item, journal: &Told) -> String {
    if item.state == journal.state {
        format!(
            "step {} has another time, request or code than in the journal",
            item.step
        )
    } else {
        let word = |state| serde_json::to_string(&state).unwrap_or_default();
        format!(
            "step {} is {}, and the journal says {}",
            item.step,
            word(item.state),
            word(journal.state)
        )
    }
}

fn signature(files: &Files<'_>, receipt: &Receipt, known: Option<&PublicKey>, done: &mut Checked) {
    let Some(fingerprint) = &receipt.check.public_key else {
        if known.is_some() {
            done.wrong(
                RECEIPT,
                "it is not signed, so the public key cannot have signed it",
            );
        } else if files.signature.is_some() {
            done.wrong(SIGNATURE, "the receipt says that it is not signed");
        } else {
            done.notes.push(NOT_SIGNED);
        }
        return;
    };
    let beside = files.public_key.map(|bytes| {
        let text = String::from_utf8_lossy(bytes);
        PublicKey::parse(&text).map(|key| (key.pem() == text, key))
    });
    let beside = match beside {
        None => None,
        Some(Ok((true, key))) => Some(key),
        Some(Ok((false, _))) => {
            done.wrong(PUBLIC_KEY, "it is not as this program writes it");
            return;
        }
        Some(Err(error)) => {
            done.wrong(PUBLIC_KEY, error.to_string());
            return;
        }
    };
    if let Some(key) = beside
        .as_ref()
        .filter(|key| key.fingerprint() != *fingerprint)
    {
        done.wrong(
            PUBLIC_KEY,
            format!(
                "its fingerprint is {}, and the receipt says {fingerprint}",
                key.fingerprint()
            ),
        );
        return;
    }
    let Some(key) = known.or(beside.as_ref()) else {
        done.wrong(
            PUBLIC_KEY,
            "it is not there; give the key with --public-key",
        );
        return;
    };
    if key.fingerprint() != *fingerprint {
        done.wrong(RECEIPT, format!("it says that the key {fingerprint} signed it, and the public key that was given is {}", key.fingerprint()));
        return;
    }
    let (Some(bytes), Some(sig)) = (files.receipt, files.signature) else {
        done.wrong(
            SIGNATURE,
            "it is not there, and the receipt says that it is signed",
        );
        return;
    };
    match key.verify(bytes, sig) {
        Ok(()) => done.signed_by = Some(fingerprint.clone()),
        Err(error) => done.wrong(SIGNATURE, error.to_string()),
    }
    if known.is_none() {
        done.notes.push(ANY_KEY);
    }
}

fn same_list(receipt: &Receipt, bytes: &[u8], done: &mut Checked) {
    let list = match Replay::open(bytes) {
        Ok(list) => list,
        // That seal was checked already.
        Err(BadReplay::Seal(_)) => return,
        Err(error) => return done.wrong(REPLAY, error.to_string()),
    };
    if list.plan != receipt.plan || list.key != receipt.hashes.key {
        done.wrong(
            REPLAY,
            "it is of another plan, or was made with another key, than the receipt",
        );
        return;
    }
    let listed: HashSet<&str> = list.items.iter().map(String::as_str).collect();
    for item in &receipt.items {
        let mut hashes = std::iter::once(&item.item).chain(&item.covers);
        if hashes.any(|hash| listed.contains(hash.as_str()) != item.state.is_gone()) {
            done.wrong(
                REPLAY,
                format!(
                    "what it says of step {} is not what the receipt says",
                    item.step
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests;
