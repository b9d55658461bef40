//! What a verification says.

use std::fmt;

/// More are counted, and not kept: a bag of a million files may have lost them all.
const KEPT: usize = 1000;

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The export was not carried to its end.
    Unfinished,
    NotABag,
    /// A newer program wrote it.
    Newer,
    Missing,
    Extra,
    Differs,
    /// A tag file is not what it was when the bag was sealed.
    TagAltered,
    /// Number or sum of the files is not what `Payload-Oxum` says.
    Oxum,
    /// A line of a manifest or of `fetch.txt`, or a tag, that cannot be understood.
    Malformed,
    Duplicate,
    /// Two names that some file systems take for one.
    Collides,
    /// A name that a manifest writes in another Unicode form than the file has.
    Form,
    /// A path that leads out of the bag.
    Outside,
    Unreadable,
    /// A digest that this program cannot compute.
    Unsupported,
    /// A line of the inventory points at nothing.
    Dangling,
}

/// One thing that is wrong, as one line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Below the bag's directory.
    pub path: String,
    pub what: What,
    pub detail: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names come from anywhere and may hold what a terminal obeys.
        let plain = |text: &str| {
            text.chars()
                .map(|c| {
                    if c.is_control() {
                        c.escape_default().to_string()
                    } else {
                        c.to_string()
                    }
                })
                .collect::<String>()
        };
        write!(to, "{}: {}", plain(&self.path), plain(&self.detail))
    }
}

/// The answer: good when there is no problem. A warning is something another program may stumble over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The first thousand.
    pub problems: Vec<Problem>,
    pub problem_count: u64,
    pub warnings: Vec<Problem>,
    pub warning_count: u64,
    /// Of the payload, as found.
    pub files: u64,
    pub bytes: u64,
    /// The format, if the bag is one of ours.
    pub format: Option<String>,
    /// The SHA-256 of `manifest-sha256.txt`: the same payload gives the same.
    pub manifest: Option<String>,
}

impl Verdict {
    pub fn is_good(&self) -> bool {
        self.problem_count == 0
    }

    pub(super) fn problem(
        &mut self,
        what: What,
        path: impl Into<String>,
        detail: impl Into<String>,
    ) {
        self.problem_count += 1;
        if self.problems.len() < KEPT {
            self.problems.push(Problem {
                path: path.into(),
                what,
                detail: detail.into(),
            });
        }
    }

    pub(super) fn warning(
        &mut self,
        what: What,
        path: impl Into<String>,
        detail: impl Into<String>,
    ) {
        self.warning_count += 1;
        if self.warnings.len() < KEPT {
            self.warnings.push(Problem {
                path: path.into(),
                what,
                detail: detail.into(),
            });
        }
    }
}
