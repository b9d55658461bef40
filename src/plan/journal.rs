//! The journal: what apply is about to do, and what came of it, line by line, so that a killed run goes on where it stopped and
//! a reader sees later what was done. Each line holds the one before it ([`super::chain`]); the first one holds the plan.
//!
//! An intention is on the disk before its call is sent. That is the one promise on which resuming rests: what is not in the
//! journal was not sent.

mod past;
mod pen;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::chain::Broken;
use super::model::{Outcome, Verb};
pub use past::{Heard, Past, Tried, read};
pub use pen::{Pen, Written};

/// One line, without its two hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Entry {
    /// Somebody begins, or goes on.
    Opened {
        plan: String,
        tool: String,
        identity: Option<String>,
        at: String,
    },
    /// This call will be sent now. The address is the plan's own; where an operation is followed is never written, since such
    /// an address may be signed.
    Intends {
        step: u32,
        /// From 0, in the order of the step's calls.
        call: u32,
        verb: Verb,
        address: String,
        at: String,
    },
    /// What the service said to it.
    Answered {
        step: u32,
        call: u32,
        status: u16,
        request_id: Option<String>,
        at: String,
    },
    /// The calls before the last one are done, and this is what the item looks like since.
    Prepared { step: u32, fingerprint: String },
    /// A step has come to its end.
    Ended { outcome: Outcome },
    /// A wave has come to its end.
    Wave {
        wave: u32,
        steps: u64,
        /// Kinds whose lists were looked through afterwards.
        listed: Vec<String>,
        /// Kinds whose lists could not be looked through, and why.
        not_listed: Vec<(String, String)>,
    },
    /// Every step has an end.
    Closed {
        at: String,
        steps: u64,
        good: u64,
        other: u64,
    },
}

/// Why there is no journal to write to.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("cannot {what} {}: {source}", .path.display())]
    Disk {
        what: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error(
        "{} is being written by another program: this plan is carried out just now; wait until that has ended",
        .path.display()
    )]
    Busy { path: PathBuf },
    #[error("the journal {} cannot be trusted: {broken}; keep it, and make a new plan", .path.display())]
    Broken { path: PathBuf, broken: Broken },
    #[error("the journal cannot be written any more: {0}")]
    Stopped(String),
}

fn disk(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> JournalError {
    let path = path.to_owned();
    move |source| JournalError::Disk { what, path, source }
}

/// Opens the journal of a plan: a new one, or the one of a run that did not come to its end. Nobody else can meanwhile.
///
/// Gives what is in it. A last line without its end is cut off: it was being written when the run was killed.
pub fn open(path: &Path, plan: &str) -> Result<(Pen, Past), JournalError> {
    let mut file = match options().create_new(true).open(path) {
        Ok(file) => {
            // The name of the file has to last as long as its lines do.
            if cfg!(unix) {
                let folder = path
                    .parent()
                    .filter(|folder| !folder.as_os_str().is_empty());
                let folder = folder.unwrap_or(Path::new("."));
                File::open(folder)
                    .and_then(|folder| folder.sync_all())
                    .map_err(disk("write", folder))?;
            }
            file
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            options().open(path).map_err(disk("open", path))?
        }
        Err(error) => return Err(disk("make", path)(error)),
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(JournalError::Busy {
                path: path.to_owned(),
            });
        }
        Err(TryLockError::Error(source)) => return Err(disk("lock", path)(source)),
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(disk("read", path))?;
    let past = read(&text, plan).map_err(|broken| JournalError::Broken {
        path: path.to_owned(),
        broken,
    })?;
    if past.torn > 0 {
        file.set_len(past.length).map_err(disk("shorten", path))?;
        file.sync_data().map_err(disk("write", path))?;
    }
    file.seek(SeekFrom::Start(past.length))
        .map_err(disk("write", path))?;
    Ok((Pen::new(file, &past.last)?, past))
}

/// Only the user reads and writes it.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests;
