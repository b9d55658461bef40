//! How a command ends: the one table of exit codes, and what to do next.

use crate::bag::{BagError, MergeError};
use crate::walk::WalkError;
use crate::wire::Fault;

use super::scope::ScopeError;

/// An ending. The numbers are promised to scripts, in the README too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Done,
    Unexpected,
    Usage,
    Gaps,
    Refused,
    NoAccess,
    VerificationFailed,
    Interrupted,
}

/// Every ending, its code and its meaning. A test compares the README's table with this one.
pub const TABLE: &[(Ending, u8, &str)] = &[
    (Ending::Done, 0, "done, nothing missing"),
    (
        Ending::Unexpected,
        1,
        "unexpected: the message says what failed; an export can be resumed by the same command",
    ),
    (
        Ending::Usage,
        2,
        "the command line is wrong, or names something that is not there",
    ),
    (
        Ending::Gaps,
        3,
        "done with gaps: the answer is incomplete, and says where",
    ),
    (
        Ending::Refused,
        4,
        "refused: a plan that is stale, foreign, altered, expired or not confirmed",
    ),
    (Ending::NoAccess, 5, "no access: sign-in or permission"),
    (
        Ending::VerificationFailed,
        6,
        "verification failed: a bag, plan, journal or receipt is not what was written",
    ),
    (
        Ending::Interrupted,
        130,
        "interrupted; what was finished is recorded",
    ),
];

impl Ending {
    /// The exit code.
    pub fn code(self) -> u8 {
        TABLE
            .iter()
            .find(|(ending, _, _)| *ending == self)
            .map_or(1, |(_, code, _)| *code)
    }
}

/// A failure that knows its ending.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    pub ending: Ending,
    pub message: String,
}

impl Failure {
    /// A wrong command line.
    pub fn usage(message: impl Into<String>) -> anyhow::Error {
        Self {
            ending: Ending::Usage,
            message: message.into(),
        }
        .into()
    }
}

/// The ending of an error, by what it means.
pub fn of(error: &anyhow::Error) -> Ending {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return failure.ending;
    }
    if error.downcast_ref::<ScopeError>().is_some()
        || error
            .downcast_ref::<crate::wire::cloud::CloudError>()
            .is_some()
    {
        return Ending::Usage;
    }
    if error
        .downcast_ref::<crate::wire::access::AccessError>()
        .is_some()
    {
        return Ending::NoAccess;
    }
    if let Some(error) = error.downcast_ref::<BagError>() {
        return of_bag(error);
    }
    if let Some(error) = error.downcast_ref::<MergeError>() {
        return of_merge(error);
    }
    match error.downcast_ref::<WalkError>() {
        // The question is always the same, so that one which cannot be answered names what is not there.
        Some(
            WalkError::Group {
                fault: Fault::Service { status: 400, .. },
                ..
            }
            | WalkError::Nowhere
            | WalkError::Outside { .. },
        ) => Ending::Usage,
        Some(WalkError::Fault(fault) | WalkError::Group { fault, .. }) => of_fault(fault),
        _ => error
            .downcast_ref::<Fault>()
            .map_or(Ending::Unexpected, of_fault),
    }
}

/// Of the endings of several pieces of work, the one that the whole ends with: what somebody has to do something about counts
/// more than what is merely incomplete.
pub fn worse(one: Ending, other: Ending) -> Ending {
    let weight = |ending: Ending| match ending {
        Ending::Done => 0,
        Ending::Gaps => 1,
        Ending::NoAccess => 2,
        Ending::Usage => 3,
        Ending::Refused => 4,
        Ending::VerificationFailed => 5,
        Ending::Unexpected => 6,
        Ending::Interrupted => 7,
    };
    if weight(other) > weight(one) {
        other
    } else {
        one
    }
}

fn of_fault(fault: &Fault) -> Ending {
    match fault {
        Fault::Denied { .. } | Fault::SignIn(_) => Ending::NoAccess,
        Fault::Absent { .. } => Ending::Usage,
        Fault::Interrupted => Ending::Interrupted,
        _ => Ending::Unexpected,
    }
}

fn of_bag(error: &BagError) -> Ending {
    if error.is_refusal() {
        Ending::Usage
    } else {
        Ending::Unexpected
    }
}

fn of_merge(error: &MergeError) -> Ending {
    match error {
        // A bag whose bytes are what they were, and whose lines contradict each other, was not written by this program.
        MergeError::Bag(BagError::BadLine { .. })
        | MergeError::Torn { .. }
        | MergeError::NotLookedFor { .. } => Ending::VerificationFailed,
        MergeError::Bag(error) => of_bag(error),
        MergeError::Overlap { .. } | MergeError::Renamed { .. } => Ending::Usage,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_the_promised_ones() {
        let codes: Vec<u8> = TABLE.iter().map(|(_, code, _)| *code).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 130]);
    }

    #[test]
    fn the_whole_ends_as_its_worst_part() {
        assert_eq!(worse(Ending::Done, Ending::Gaps), Ending::Gaps);
        assert_eq!(worse(Ending::NoAccess, Ending::Gaps), Ending::NoAccess);
        assert_eq!(worse(Ending::Unexpected, Ending::Done), Ending::Unexpected);
    }
}
