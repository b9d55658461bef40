//! What has to be said about the count of workspaces, in sentences.

use super::merge::Only;
use crate::kinds::roots::WORKSPACES;
use crate::report::{Class, Gap, Severity};
use crate::walk::store::Heard;
use crate::walk::stream::plain_gap;
use crate::wire::Fault;
use crate::wire::index::Indexed;

/// Something that has to be known about the count itself.
#[derive(Debug, Clone)]
pub struct Remark {
    pub gap: Gap,
    /// How the list behind it answered, for the coverage: of what was not looked at, nobody can say that it is empty.
    pub heard: Option<Heard>,
}

/// Whether the index gave less than it counted.
pub(super) fn short(indexed: &Indexed) -> bool {
    indexed.truncated || (indexed.rows.len() as u64) < indexed.counted
}

pub(super) fn shortfalls(all: &str, indexed: &Indexed) -> Vec<Remark> {
    let mut remarks = Vec::new();
    if indexed.partial {
        let reason = "Azure Resource Graph covers a part of the subscriptions only, since there are more than one query may \
                      have: workspaces of the others are known by the lists of the subscriptions alone. Narrow the scope with \
                      --management-group, or with --subscription and --all-workspaces";
        remarks.push(missing(all, Class::TooLarge, reason.to_owned()));
    }
    if short(indexed) {
        let reason = format!(
            "Azure Resource Graph counts {} workspaces and gave {}: the others are known by the lists of the subscriptions alone",
            indexed.counted,
            indexed.rows.len()
        );
        remarks.push(missing(all, Class::TooLarge, reason));
    }
    remarks
}

pub(super) fn disagreement(only: Only, label: &str) -> Remark {
    let reason = match only {
        Only::List => {
            "the list of its subscription shows this workspace and Azure Resource Graph does not, which follows changes with a \
             delay; it is walked"
        }
        Only::Index => {
            "Azure Resource Graph shows this workspace and the list of its subscription does not: it may have been deleted a \
             moment ago, or be hidden from the list; it is walked"
        }
    };
    Remark {
        heard: None,
        ..note(label, reason.to_owned())
    }
}

fn kind() -> &'static str {
    WORKSPACES.kind
}

pub(super) fn missing(label: &str, class: Class, reason: String) -> Remark {
    Remark {
        gap: plain_gap(label, kind(), class, reason),
        heard: Some(Heard::Failed),
    }
}

pub(super) fn note(label: &str, reason: String) -> Remark {
    let mut gap = plain_gap(label, kind(), Class::NotOffered, reason);
    gap.severity = Severity::Note;
    Remark {
        gap,
        heard: Some(Heard::Absent),
    }
}

/// A source that failed: what follows from it, and then why.
pub(super) fn failed(fault: &Fault, label: &str, what: &str) -> Remark {
    let mut gap = fault.gap(label, kind(), None);
    gap.reason = format!("{what}: {}", gap.reason);
    let heard = if gap.class == Class::Denied {
        Heard::Denied
    } else {
        Heard::Failed
    };
    Remark {
        gap,
        heard: Some(heard),
    }
}

/// What can be known of a workspace that a list or the index shows and that cannot be had any more.
pub fn gone(state: Option<&str>) -> String {
    match state {
        Some(state)
            if ["Deleting", "SoftDeleted", "Deleted"]
                .iter()
                .any(|word| word.eq_ignore_ascii_case(state)) =>
        {
            format!(
                "a list shows this workspace as {state}, and it cannot be read (404): it was deleted and not purged, or its \
                 deletion is stuck. What it held is kept for up to 14 days after the deletion: recover it and export again, or \
                 purge it"
            )
        }
        _ => "a list shows this workspace, and it cannot be read (404): it was deleted meanwhile, or the index has not heard of \
              its deletion yet. Deleted and not purged, what it held is kept for up to 14 days: recover it and export again, or \
              purge it"
            .to_owned(),
    }
}

/// The gap that it leaves.
pub(in crate::walk) fn vanished(gap: &mut Gap, state: Option<&str>) {
    gap.class = Class::Vanished;
    gap.reason = gone(state);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_gives_less_than_it_counts_is_a_gap() {
        let of = |counted, truncated, partial| {
            let indexed = Indexed {
                rows: Vec::new(),
                counted,
                truncated,
                partial,
            };
            shortfalls("all", &indexed).len()
        };
        assert_eq!(of(0, false, false), 0);
        assert_eq!(of(1, false, false), 1);
        assert_eq!(of(0, true, false), 1);
        assert_eq!(of(0, false, true), 1);
        assert_eq!(of(1, true, true), 2);
    }
}
