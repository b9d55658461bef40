//! A part of the work, for several machines at once: which part a workspace and an experiment belong to.
//!
//! Every machine decides alone and all decide alike, since the decision is a hash of what all of them see: of a workspace
//! its ARM path, of an experiment that path and the experiment's id. What hangs on an experiment is in the part of the
//! experiment; everything else of a workspace, the list of its experiments among it, is in the part of the workspace. What
//! no list shows is fetched wherever something refers to it, so it may be in several parts.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::gather::is_referred_to;
use super::{Store, Walker, Wanted};
use crate::kinds::{self, Kind, Walk};
use crate::wire::hands::Reader;

/// One part of several, counted from 1.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    number: u32,
    of: u32,
}

impl Shard {
    /// The `number`th of `of`; nothing when there is no such part.
    pub fn new(number: u32, of: u32) -> Option<Self> {
        (1..=of).contains(&number).then_some(Self { number, of })
    }

    /// Reads `2/4`.
    pub fn parse(text: &str) -> Option<Self> {
        let (number, of) = text.split_once('/')?;
        Self::new(whole_number(number)?, whole_number(of)?)
    }

    /// Which part it is, from 1.
    pub fn number(self) -> u32 {
        self.number
    }

    /// How many parts there are.
    pub fn of(self) -> u32 {
        self.of
    }

    /// Whether what hangs on no experiment of this workspace is in this part.
    pub fn has_workspace(self, path: &str) -> bool {
        part(&path.to_lowercase(), self.of) == self.number
    }

    /// Whether what hangs on this experiment of this workspace is in this part.
    pub fn has_experiment(self, path: &str, id: &str) -> bool {
        // No path holds a line feed, so no experiment's name can look like another workspace's.
        part(&format!("{}\n{id}", path.to_lowercase()), self.of) == self.number
    }
}

/// A number as a person writes it: digits alone, without a sign.
fn whole_number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// The part of a name, from 1: the first eight bytes of its SHA-256 as a number, the most significant first, modulo the
/// number of parts. Two versions of the program that cut differently could not share the work, so this never changes.
fn part(name: &str, of: u32) -> u32 {
    let digest = Sha256::digest(name.as_bytes());
    let number = digest
        .iter()
        .take(8)
        .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    // The rest is smaller than `of`, so it is a number of 32 bits.
    u32::try_from(number % u64::from(of)).unwrap_or_default() + 1
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is no part such as 2/4"))
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

/// Whether what a workspace holds of a kind may lie in several parts: it hangs on an experiment, or something else may
/// lead to it. Of such a kind one part alone can never say that there is nothing.
pub fn is_split(kind: &Kind) -> bool {
    if is_followed(kind) {
        return true;
    }
    let mut kind = kind;
    while let Some(parent) = kind.parent.and_then(kinds::find) {
        if kind.walk == Walk::Own && parent.walk != Walk::Root {
            return true;
        }
        kind = parent;
    }
    false
}

/// Whether items of this kind are fetched because something refers to them.
fn is_followed(kind: &Kind) -> bool {
    is_referred_to(kind) && !kind.item.is_empty()
}

/// The wanted kinds whose items are fetched because something refers to them, in the order in which they are followed.
pub fn followed(wanted: &Wanted) -> impl Iterator<Item = &'static Kind> {
    wanted.rows().filter(|kind| is_followed(kind))
}

/// Whether a row's list hangs on the workspace itself.
fn is_top(kind: &Kind) -> bool {
    kind.parent
        .and_then(kinds::find)
        .is_some_and(|parent| parent.walk == Walk::Root)
}

impl<S: Store> Walker<S> {
    /// Whether what hangs on no experiment of this workspace is asked for here.
    pub(super) fn has_workspace(&self, path: &str) -> bool {
        self.wanted
            .shard
            .is_none_or(|shard| shard.has_workspace(path))
    }

    /// Whether the items of a list are asked for here. What hangs on them may be all the same.
    pub(super) fn has_list(&self, reader: &Reader, kind: &Kind) -> bool {
        !is_top(kind) || self.has_workspace(reader.path())
    }

    /// Whether the lists that hang on an item are asked for here. The parts are cut at the items of a workspace's own lists;
    /// what hangs on them is never cut again.
    pub(super) fn has_lists_of(&self, reader: &Reader, kind: &Kind, id: &str) -> bool {
        !is_top(kind)
            || self
                .wanted
                .shard
                .is_none_or(|shard| shard.has_experiment(reader.path(), id))
    }

    /// Whether items of this kind open lists that are wanted, so that every part has to read the list of the kind.
    pub(super) fn opens_lists(&self, kind: &Kind) -> bool {
        kinds::children(kind.name).any(|child| child.walk == Walk::Own && self.wanted.has(child))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PATH: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/Lab";

    #[test]
    fn the_hash_is_the_one_that_was_promised() {
        // printf '%s' NAME | sha256sum | cut -c1-16, as a number, modulo N, plus one.
        for (name, digest) in [
            ("", 0xe3b0_c442_98fc_1c14_u64),
            ("abc", 0xba78_16bf_8f01_cfea),
        ] {
            for of in [1, 2, 7, 1000, u32::MAX] {
                assert_eq!(
                    u64::from(part(name, of)),
                    digest % u64::from(of) + 1,
                    "{name} of {of}"
                );
            }
        }
    }

    #[test]
    fn letter_case_of_the_path_makes_no_difference_and_that_of_the_id_does() {
        let all = |id: &str, path: &str| -> Vec<u32> {
            (1..=97)
                .filter(|number| {
                    Shard::new(*number, 97).is_some_and(|shard| shard.has_experiment(path, id))
                })
                .collect()
        };
        assert_eq!(all("e", PATH), all("e", &PATH.to_uppercase()));
        assert_ne!(all("e", PATH), all("E", PATH));
    }

    #[test]
    fn parts_are_read_as_people_write_them() {
        assert_eq!(Shard::parse("2/4"), Shard::new(2, 4));
        assert_eq!(
            Shard::parse("2/4")
                .map(|shard| shard.to_string())
                .as_deref(),
            Some("2/4")
        );
        for wrong in [
            "",
            "2",
            "0/4",
            "5/4",
            "1/0",
            "+1/4",
            "1/-4",
            "1/4/2",
            " 1/4",
            "a/b",
            "1/99999999999",
        ] {
            assert_eq!(Shard::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_parts_are_balanced_within_reason() {
        let mut sizes = [0_u32; 8];
        for number in 0..8000 {
            let part = part(&format!("{PATH}\nexperiment-{number}"), 8);
            sizes[part as usize - 1] += 1;
        }
        // A fair coin of eight sides, thrown 8000 times, strays from 1000 by more than 150 about once in a million times.
        assert!(
            sizes.iter().all(|size| (850..=1150).contains(size)),
            "{sizes:?}"
        );
    }

    #[test]
    fn what_is_cut_and_what_is_not() {
        let split: Vec<&str> = kinds::exported()
            .filter(|kind| is_split(kind))
            .map(|kind| kind.name)
            .collect();
        for name in [
            "runs",
            "run-details",
            "metrics",
            "metrics-v2",
            "artifacts",
            "snapshots",
            "pipeline-graphs",
        ] {
            assert!(split.contains(&name), "{name}: {split:?}");
        }
        for name in [
            "workspaces",
            "experiments",
            "computes",
            "datastores",
            "image-profiles",
            "jobs",
        ] {
            assert!(!split.contains(&name), "{name}: {split:?}");
        }
    }

    proptest! {
        #[test]
        fn everything_is_in_exactly_one_part(path in ".{0,60}", id in ".{0,60}", of in 1_u32..200) {
            let parts = || (1..=of).filter_map(|number| Shard::new(number, of));
            prop_assert_eq!(parts().filter(|shard| shard.has_workspace(&path)).count(), 1);
            prop_assert_eq!(parts().filter(|shard| shard.has_experiment(&path, &id)).count(), 1);
        }
    }
}
