//! What can go wrong with a bag, each with what to do next.

use super::scrub::BadJson;
use rusqlite::ErrorCode;
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum BagError {
    #[error("cannot {doing} {}: {source}. What was finished is kept: make room or see to the permissions, then run the same command again", path.display())]
    Disk {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("the state of the unfinished export in {} cannot be used: {source}. If running the same command again does not help, export into a new directory", path.display())]
    State {
        path: PathBuf,
        source: rusqlite::Error,
    },
    #[error("{} holds something that is no export of this program ({found}). Choose a new or an empty directory", dir.display())]
    NotOurs { dir: PathBuf, found: String },
    #[error("{} holds a finished export, which is never changed. Choose another directory", dir.display())]
    Finished { dir: PathBuf },
    #[error("{} holds an unfinished export with another {part}: there {theirs}, here {ours}. Repeat that one to finish it, or choose another directory", dir.display())]
    OtherWork {
        dir: PathBuf,
        part: &'static str,
        theirs: String,
        ours: String,
    },
    #[error("another program is writing {}. Wait for it, or choose another directory", dir.display())]
    Locked { dir: PathBuf },
    #[error("{} lost what had been written to it ({what}), as happens when the power fails. Delete the directory and export again", path.display())]
    Lost { path: PathBuf, what: &'static str },
    #[error(
        "{path:?} is no place for a file of the payload. This is a mistake in the program: report it"
    )]
    Outside { path: String },
    #[error("the service's answer is {0}. Record it as a gap and go on")]
    BadJson(#[from] BadJson),
    #[error("{path} is being written by another task. Wait for that one")]
    Busy { path: String },
    #[error("the list {0} is not open in this export. This is a mistake in the program: report it")]
    NoStream(i64),
    #[error("{0} lists are not read to their end. Run the same command again to go on")]
    Pending(u64),
    #[error("{} is not a bag ({what}). Give the directory that holds bagit.txt", dir.display())]
    NotABag { dir: PathBuf, what: String },
    #[error("{} is an unfinished export. Run the command that began it again, then repeat this one", dir.display())]
    Unfinished { dir: PathBuf },
    #[error("{} has format {found}; this program reads up to {known}. Use a newer version of the program", dir.display())]
    Newer {
        dir: PathBuf,
        found: String,
        known: &'static str,
    },
    #[error("{} line {line} cannot be read: {what}. Verify the bag, and export again if it is damaged", path.display())]
    BadLine {
        path: PathBuf,
        line: u64,
        what: String,
    },
    /// Only tests see this: the place where a test wants the program to die.
    #[cfg(test)]
    #[error("died on purpose. Run the same command again")]
    Killed,
}

impl BagError {
    /// Whether the directory that was named is the wrong one, as against a fault of the disk or of ours.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::NotOurs { .. }
                | Self::Finished { .. }
                | Self::OtherWork { .. }
                | Self::Locked { .. }
                | Self::NotABag { .. }
                | Self::Unfinished { .. }
                | Self::Newer { .. }
        )
    }

    /// SQLite's own words, unless it only passes on what the disk said.
    pub(crate) fn state(path: PathBuf, source: rusqlite::Error) -> Self {
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => Self::Disk {
                doing: "write the state in",
                path,
                source: io::Error::other(source),
            },
            _ => Self::State { path, source },
        }
    }
}

/// Says what was being done to which path, for `map_err`.
pub(crate) fn disk<'a>(
    doing: &'static str,
    path: &'a Path,
) -> impl FnOnce(io::Error) -> BagError + use<'a> {
    move |source| BagError::Disk {
        doing,
        path: path.to_owned(),
        source,
    }
}
