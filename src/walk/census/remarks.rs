//! What has to be said about the count of workspaces and registries, in sentences.

use super::merge::{Counted, Only};
use crate::kinds::Root;
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

/// The name that a list goes by: of a subscription or of all of them.
pub(super) fn label_of(root: &Root, of: &str) -> String {
    if *root == WORKSPACES {
        of.to_owned()
    } else {
        root.list_label(of)
    }
}

/// All that is counted, as far as the index is concerned: what is said of it is said once, whatever is looked for.
pub(super) struct All<'a> {
    root: &'static Root,
    label: String,
    sorts: &'a [&'static Root],
}

impl<'a> All<'a> {
    pub(super) fn new(sorts: &'a [&'static Root], of: &str) -> Self {
        let root = sorts.first().copied().unwrap_or(&WORKSPACES);
        Self {
            root,
            label: label_of(root, of),
            sorts,
        }
    }

    /// What is looked for: `workspaces and registries`.
    fn words(&self) -> String {
        let kinds: Vec<&str> = self.sorts.iter().map(|root| root.kind).collect();
        kinds.join(" and ")
    }

    pub(super) fn shortfalls(&self, indexed: &Indexed) -> Vec<Remark> {
        let mut remarks = Vec::new();
        if indexed.partial {
            let reason = format!(
                "Azure Resource Graph covers a part of the subscriptions only, since there are more than one query may have: {} \
                 of the others are known by the lists of the subscriptions alone. Narrow the scope with --management-group, or \
                 with --subscription and --all-workspaces",
                self.words()
            );
            remarks.push(self.missing(Class::TooLarge, reason));
        }
        if short(indexed) {
            let reason = format!(
                "Azure Resource Graph counts {} {} and gave {}: the others are known by the lists of the subscriptions alone",
                indexed.counted,
                self.words(),
                indexed.rows.len()
            );
            remarks.push(self.missing(Class::TooLarge, reason));
        }
        remarks
    }

    /// The index failed.
    pub(super) fn unasked(&self, fault: &Fault) -> Remark {
        let what = format!(
            "Azure Resource Graph could not be asked, so that {} are known by the lists of their subscriptions alone",
            self.words()
        );
        failed(self.root, fault, &self.label, &what)
    }

    /// The list of the subscriptions failed.
    pub(super) fn unlisted(&self, fault: &Fault) -> Remark {
        let ones: Vec<&str> = self.sorts.iter().map(|root| root.one).collect();
        let what = format!(
            "the subscriptions could not be listed, so that those are known in which the index shows a {}",
            ones.join(" or a ")
        );
        failed(self.root, fault, &self.label, &what)
    }

    pub(super) fn unreadable(&self) -> Remark {
        self.missing(
            Class::Malformed,
            "Azure Resource Graph shows something whose id cannot be read".to_owned(),
        )
    }

    fn missing(&self, class: Class, reason: String) -> Remark {
        Remark {
            gap: plain_gap(&self.label, self.root.kind, class, reason),
            heard: Some(Heard::Failed),
        }
    }
}

pub(super) fn disagreement(only: Only, counted: &Counted) -> Remark {
    let root = counted.shown.root;
    let one = root.one;
    let reason = match only {
        Only::List => format!(
            "the list of its subscription shows this {one} and Azure Resource Graph does not, which follows changes with a \
             delay; it is walked"
        ),
        Only::Index => format!(
            "Azure Resource Graph shows this {one} and the list of its subscription does not: it may have been deleted a \
             moment ago, or be hidden from the list; it is walked"
        ),
    };
    Remark {
        heard: None,
        ..note(root, &root.label(&counted.label), reason)
    }
}

pub(super) fn note(root: &Root, label: &str, reason: String) -> Remark {
    let mut gap = plain_gap(label, root.kind, Class::NotOffered, reason);
    gap.severity = Severity::Note;
    Remark {
        gap,
        heard: Some(Heard::Absent),
    }
}

/// A list of a subscription that failed. Registries are not everywhere: where the address is not there, none can be.
pub(super) fn unlisted(root: &Root, fault: &Fault, label: &str) -> Remark {
    let what = format!(
        "the {} of this subscription could not be listed; what the index shows of it is walked",
        root.kind
    );
    let mut remark = failed(root, fault, label, &what);
    if *root != WORKSPACES && fault.is_absent() {
        remark.gap.severity = Severity::Note;
        remark.heard = Some(Heard::Absent);
    }
    remark
}

/// A source that failed: what follows from it, and then why.
fn failed(root: &Root, fault: &Fault, label: &str, what: &str) -> Remark {
    let mut gap = fault.gap(label, root.kind, None);
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

/// What can be known of a workspace or registry that a list or the index shows and that cannot be had any more.
pub fn gone(root: &Root, state: Option<&str>) -> String {
    let one = root.one;
    let deleting = state.filter(|state| {
        ["Deleting", "SoftDeleted", "Deleted"]
            .iter()
            .any(|word| word.eq_ignore_ascii_case(state))
    });
    match deleting {
        Some(state) if *root == WORKSPACES => format!(
            "a list shows this {one} as {state}, and it cannot be read (404): it was deleted and not purged, or its \
             deletion is stuck. What it held is kept for up to 14 days after the deletion: recover it and export again, or \
             purge it"
        ),
        // Of a registry nothing is kept: its deletion has no way back.
        Some(state) => format!(
            "a list shows this {one} as {state}, and it cannot be read (404): it was deleted, or its deletion is not at its end"
        ),
        None => {
            let kept = if *root == WORKSPACES {
                ". Deleted and not purged, what it held is kept for up to 14 days: recover it and export again, or purge it"
            } else {
                ""
            };
            format!(
                "a list shows this {one}, and it cannot be read (404): it was deleted meanwhile, or the index has not heard of \
                 its deletion yet{kept}"
            )
        }
    }
}

/// The gap that it leaves.
pub(in crate::walk) fn vanished(root: &Root, gap: &mut Gap, state: Option<&str>) {
    gap.class = Class::Vanished;
    gap.reason = gone(root, state);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::roots::{REGISTRIES, ROOTS};

    #[test]
    fn an_index_that_gives_less_than_it_counts_is_a_gap() {
        let of = |counted, truncated, partial| {
            let indexed = Indexed {
                rows: Vec::new(),
                counted,
                truncated,
                partial,
            };
            All::new(&ROOTS, "all").shortfalls(&indexed).len()
        };
        assert_eq!(of(0, false, false), 0);
        assert_eq!(of(1, false, false), 1);
        assert_eq!(of(0, true, false), 1);
        assert_eq!(of(0, false, true), 1);
        assert_eq!(of(1, true, true), 2);
    }

    #[test]
    fn nothing_is_said_of_a_registry_that_is_true_of_workspaces_alone() {
        for state in [None, Some("Deleting")] {
            assert!(gone(&WORKSPACES, state).contains("14 days"));
            let said = gone(&REGISTRIES, state);
            assert!(
                said.contains("this registry") && !said.contains("14 days"),
                "{said}"
            );
        }
    }
}
