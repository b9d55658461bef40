//! Which addresses the catalogue erases. Drawn from the rows, as the list of what is read is.

use crate::kinds::item::escape;
use crate::kinds::removal::{Act, First, is_segment, is_value};
use crate::kinds::roots::ROOTS;
use crate::kinds::{self, Base, Root};
use crate::wire::call::Change;

/// Every form of a call that changes something.
#[derive(Debug)]
pub struct Patterns(Vec<Pattern>);

#[derive(Debug)]
struct Pattern {
    /// What it lies below: a workspace and a registry have lists of the same names, and calls of their own.
    root: &'static Root,
    change: Change,
    base: Base,
    path: Vec<Part>,
    /// Names with their values, in the order in which they are sent.
    query: Vec<(String, Part)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Word(String),
    /// Any value that is not empty.
    Any,
}

impl Part {
    fn of(text: &str) -> Self {
        if text.starts_with('{') {
            Self::Any
        } else {
            Self::Word(text.to_owned())
        }
    }

    fn takes(&self, text: &str, holds: fn(&str) -> bool) -> bool {
        match self {
            Self::Word(word) => word == text,
            // What is not spelled as we spell it was not written by us.
            Self::Any => percent_encoding::percent_decode_str(text)
                .decode_utf8()
                .is_ok_and(|plain| holds(&plain) && escape(&plain) == text),
        }
    }
}

/// The root whose path this is, and not that of anything above or below it: what stands behind it is judged apart.
pub(super) fn root_at(path: &str) -> Option<&'static Root> {
    const WORDS: [(usize, &str); 5] = [
        (0, ""),
        (1, "subscriptions"),
        (3, "resourceGroups"),
        (5, "providers"),
        (6, "Microsoft.MachineLearningServices"),
    ];
    let segments: Vec<&str> = path.split('/').collect();
    let sound = segments.len() == 9
        && !path.contains(['?', '#'])
        && WORDS
            .iter()
            .all(|(at, word)| segments[*at].eq_ignore_ascii_case(word))
        && [2, 4, 8].iter().all(|at| is_segment(segments[*at]));
    ROOTS
        .into_iter()
        .find(|root| sound && segments[7].eq_ignore_ascii_case(root.kind))
}

impl Patterns {
    /// Drawn from the catalogue.
    pub fn of_catalogue() -> Self {
        let mut all = Vec::new();
        let removes = kinds::all().flat_map(|kind| {
            kind.remove
                .iter()
                .map(move |one| (kinds::root_of(kind), one))
        });
        for (root, remove) in removes {
            let mut add = |change, base, path: &str, more: &[(&str, &str)]| {
                all.push(Pattern::of(root, change, base, path, more));
            };
            match remove.act {
                Act::Delete | Act::DeleteEntity => {
                    add(Change::Delete, remove.base, remove.path, &[]);
                }
                Act::DeleteCompute => {
                    for how in ["Delete", "Detach"] {
                        let more = [("underlyingResourceAction", how)];
                        add(Change::Delete, remove.base, remove.path, &more);
                    }
                }
                Act::Purge => {
                    add(
                        Change::Delete,
                        remove.base,
                        remove.path,
                        &[("forceToPurge", "true")],
                    );
                    add(Change::Delete, remove.base, remove.path, &[]);
                }
                Act::PutDisabled | Act::PutStatus => {
                    add(Change::Put, remove.base, remove.path, &[]);
                }
            }
            for first in remove.first {
                match first {
                    First::Cancel { path, .. } => add(Change::Post, remove.base, path, &[]),
                    First::SwitchOff => add(Change::Put, remove.base, remove.path, &[]),
                    First::Unroute { path } => add(Change::Put, remove.base, path, &[]),
                    First::Also(path, base) => add(Change::Delete, *base, path, &[]),
                }
            }
        }
        Self(all)
    }

    /// Whether what stands behind the own path of a root in an address is a form that is erased there.
    pub fn erases(&self, root: &Root, change: Change, base: Base, rest: &str) -> bool {
        self.0.iter().any(|pattern| {
            pattern.root == root
                && pattern.change == change
                && pattern.base == base
                && pattern.takes(rest)
        })
    }
}

impl Pattern {
    fn of(
        root: &'static Root,
        change: Change,
        base: Base,
        template: &str,
        more: &[(&str, &str)],
    ) -> Self {
        let (path, query) = template.split_once('?').unwrap_or((template, ""));
        let fixed = base.spec().query.unwrap_or_default();
        let pairs = fixed
            .split('&')
            .chain(query.split('&'))
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .chain(more.iter().copied());
        Self {
            root,
            change,
            base,
            path: path.split('/').map(Part::of).collect(),
            query: pairs
                .map(|(name, value)| (name.to_owned(), Part::of(value)))
                .collect(),
        }
    }

    fn takes(&self, rest: &str) -> bool {
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let segments: Vec<&str> = path.split('/').collect();
        if segments.len() != self.path.len()
            || !self
                .path
                .iter()
                .zip(&segments)
                .all(|(part, text)| part.takes(text, is_segment))
        {
            return false;
        }
        let pairs: Vec<&str> = if query.is_empty() {
            Vec::new()
        } else {
            query.split('&').collect()
        };
        pairs.len() == self.query.len()
            && pairs.iter().zip(&self.query).all(|(pair, (name, part))| {
                pair.split_once('=')
                    .is_some_and(|(key, value)| key == name && part.takes(value, is_value))
            })
    }
}
