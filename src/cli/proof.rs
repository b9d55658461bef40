//! `verify` of what a plan left behind: its folder, its receipt, or its journal.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::commands::{Format, Talk, VerifyArgs};
use super::ending::{Ending, Failure};
use super::screen::{self, count};
use crate::plan::check::{self, Checked, Files, Problem};
use crate::plan::folder::{JOURNAL, PAGE, PLAN, PUBLIC_KEY, RECEIPT, REPLAY, SIGNATURE};
use crate::plan::receipt::Receipt;
use crate::plan::sign::PublicKey;
use crate::render::{self, Language};

/// What was given.
#[derive(Debug)]
pub(super) enum Proof {
    Folder(PathBuf),
    Receipt(PathBuf),
    Journal(PathBuf),
}

/// Which proof a path is; `None` when it is none, and so has to be a bag.
pub(super) fn of(path: &Path) -> Option<Proof> {
    if path.is_dir() {
        // A folder that lost its receipt is still the folder of a plan.
        let is_there = |name: &str| path.join(name).exists();
        let ours = is_there(RECEIPT) || (is_there(JOURNAL) && is_there(PLAN));
        let named = path.extension() == Some(OsStr::new("applied"));
        let is_bag = is_there("bagit.txt");
        return (!is_bag && (ours || named)).then(|| Proof::Folder(path.to_owned()));
    }
    if !path.is_file() {
        return None;
    }
    let is_journal = path.extension() == Some(OsStr::new("jsonl"));
    Some(if is_journal {
        Proof::Journal(path.to_owned())
    } else {
        Proof::Receipt(path.to_owned())
    })
}

/// The bytes of the files that belong together.
#[derive(Default)]
struct Read {
    plan: Option<Vec<u8>>,
    journal: Option<Vec<u8>>,
    receipt: Option<Vec<u8>>,
    signature: Option<Vec<u8>>,
    public_key: Option<Vec<u8>>,
    replay: Option<Vec<u8>>,
    page: Option<Vec<u8>>,
}

/// Checks it.
pub(super) fn run(proof: &Proof, args: &VerifyArgs, talk: &Talk) -> anyhow::Result<Ending> {
    let known = args.public_key.as_deref().map(public_key).transpose()?;
    let read = gather(proof)?;
    let files = Files {
        plan: read.plan.as_deref(),
        journal: read.journal.as_deref(),
        receipt: read.receipt.as_deref(),
        signature: read.signature.as_deref(),
        public_key: read.public_key.as_deref(),
        replay: read.replay.as_deref(),
    };
    let mut checked = check::check(&files, known.as_ref());
    if matches!(proof, Proof::Folder(_)) {
        missing(&read, &mut checked);
        if checked.is_good() {
            page(&read, &mut checked);
        }
    }
    say(&args.path, &checked, talk);
    Ok(if checked.is_good() {
        Ending::Done
    } else {
        Ending::VerificationFailed
    })
}

fn public_key(path: &Path) -> anyhow::Result<PublicKey> {
    let wrong = |what: String| Failure::usage(format!("--public-key {}: {what}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    PublicKey::parse(&text).map_err(|error| wrong(error.to_string()))
}

fn gather(proof: &Proof) -> anyhow::Result<Read> {
    let read = |path: PathBuf| -> anyhow::Result<Option<Vec<u8>>> {
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                Err(anyhow::Error::new(error).context(format!("{} cannot be read", path.display())))
            }
        }
    };
    Ok(match proof {
        Proof::Folder(folder) => Read {
            plan: read(folder.join(PLAN))?,
            journal: read(folder.join(JOURNAL))?,
            receipt: read(folder.join(RECEIPT))?,
            signature: read(folder.join(SIGNATURE))?,
            public_key: read(folder.join(PUBLIC_KEY))?,
            replay: read(folder.join(REPLAY))?,
            page: read(folder.join(PAGE))?,
        },
        Proof::Receipt(path) => {
            let mut signature = path.as_os_str().to_owned();
            signature.push(".sig");
            Read {
                receipt: read(path.clone())?,
                signature: read(signature.into())?,
                public_key: read(path.with_file_name(PUBLIC_KEY))?,
                ..Read::default()
            }
        }
        Proof::Journal(path) => Read {
            journal: read(path.clone())?,
            ..Read::default()
        },
    })
}

/// A folder holds the plan, the journal and the receipt.
fn missing(read: &Read, checked: &mut Checked) {
    let files = [
        (PLAN, &read.plan),
        (JOURNAL, &read.journal),
        (RECEIPT, &read.receipt),
        (REPLAY, &read.replay),
    ];
    for (file, _) in files.into_iter().filter(|(_, bytes)| bytes.is_none()) {
        checked.problems.push(Problem {
            file,
            what: "it is not there: the plan was not carried out to its end, or the file was taken away".to_owned(),
        });
    }
}

/// The page says what the receipt says, when it is the one that this program writes in one of its languages.
fn page(read: &Read, checked: &mut Checked) {
    let (Some(page), Some(bytes)) = (&read.page, &read.receipt) else {
        return;
    };
    let Ok(receipt) = serde_json::from_slice::<Receipt>(bytes) else {
        return;
    };
    let same = Language::ALL.into_iter().any(|language| {
        let mut written = Vec::new();
        render::receipt(&receipt, language, &mut written).is_ok() && written == *page
    });
    if same {
        return;
    }
    if receipt.tool == super::export::TOOL {
        checked.problems.push(Problem {
            file: PAGE,
            what: "it does not say what the receipt says: it was altered".to_owned(),
        });
    } else {
        checked.notes.push(
            "The page was written by another version of this program and was not compared with the receipt.",
        );
    }
}

fn say(path: &Path, checked: &Checked, talk: &Talk) {
    let good = checked.is_good();
    let problems: Vec<String> = checked
        .problems
        .iter()
        .map(|problem| screen::safe(&problem.to_string()))
        .collect();
    if talk.format == Format::Json {
        let value = serde_json::json!({
            "proof": path.display().to_string(),
            "valid": good,
            "items": checked.items,
            "journal_lines": checked.lines,
            "signed_by": checked.signed_by,
            "problems": problems,
            "notes": checked.notes,
        });
        screen::data(&format!("{value:#}\n"));
        return;
    }
    for problem in &problems {
        screen::data(&format!("wrong: {problem}\n"));
    }
    let path = path.display();
    if !good {
        screen::data(&format!(
            "{path} is NOT valid. Do not rely on it; get it again from where it was made.\n"
        ));
        return;
    }
    let mut parts = Vec::new();
    if checked.items > 0 {
        parts.push(format!("{} items", count(checked.items)));
    }
    if checked.lines > 0 {
        parts.push(format!("{} lines of journal", count(checked.lines)));
    }
    let parts = if parts.is_empty() {
        "no items".to_owned()
    } else {
        parts.join(", ")
    };
    screen::data(&format!(
        "{path} is valid: {parts}, every byte as it was written.\n"
    ));
    if let Some(key) = &checked.signed_by {
        screen::data(&format!("It is signed with the key {key}.\n"));
    }
    if !talk.quiet {
        for note in &checked.notes {
            screen::talk(&format!("note: {note}"));
        }
    }
}
