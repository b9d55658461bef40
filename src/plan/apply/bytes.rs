//! The bytes behind a record: a link that was asked for beforehand still shows them afterwards, and the word *erased* waits
//! for it. A link is a secret: it is kept in memory only.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;
use time::Duration;

use super::Run;
use super::step::Course;
use crate::kinds::item::first;
use crate::kinds::{self, Base, Files};
use crate::plan::model::{Becomes, Place, State, Step};
use crate::wire::remains::{place, remains};
use crate::wire::secret::Secret;

/// Azure keeps a workspace that was not purged for so long.
const KEPT_DAYS: i64 = 14;

/// What sees the bytes of an item.
#[derive(Default)]
pub(super) struct Traces {
    link: Option<Secret>,
}

impl Run<'_> {
    /// Asks for the link to an artifact's bytes, while its record is still there. Without it nobody can look later.
    pub(super) async fn find_bytes(&self, course: &mut Course<'_>, doc: &RawValue) {
        let step = course.step;
        let artifact = kinds::find(&step.kind).is_some_and(|kind| kind.files == Files::Artifact);
        if !artifact || !step.places.iter().any(|place| place.looked_at) {
            return;
        }
        let doc: Value = serde_json::from_str(doc.get()).unwrap_or_default();
        let [Some(origin), Some(container), Some(path)] =
            ["origin", "container", "path"].map(|field| first(&doc, field))
        else {
            return;
        };
        let link = self.hands.reader.link(&origin, &container, &path).await;
        course.traces.link = link.ok();
    }

    /// What became of a record that is gone. `status` is what its call was answered, when there was an answer.
    pub(super) async fn gone(&self, course: &Course<'_>, status: Option<u16>) -> State {
        let step = course.step;
        let mut seen = BTreeMap::new();
        if let Some(link) = &course.traces.link {
            let there = remains(&self.hands.looker.wire, link).await;
            if let (Ok(there), Some(place)) = (there, place(link)) {
                seen.insert(place, there);
            }
        }
        if seen.values().all(|there| !there) && was_gone(step, status) {
            return State::AlreadyGone;
        }
        if step.becomes == Becomes::SoftDeleted {
            let until = (self.options.now)().date() + Duration::days(KEPT_DAYS);
            return State::SoftDeleted {
                until: until.to_string(),
            };
        }
        state(step.becomes, &step.places, &seen)
    }
}

/// Whether the answer says that there was nothing to erase. Run history, metrics and datasets say 204 when they erase as well.
fn was_gone(step: &Step, status: Option<u16>) -> bool {
    let base = step.calls.last().map(|call| call.base);
    let says_so = !matches!(base, Some(Base::History | Base::Metric2 | Base::Dataset));
    match status {
        Some(404 | 410) => true,
        Some(204) => says_so,
        _ => false,
    }
}

/// The state of a record that is gone, by the places where its bytes may be. Pure. `seen`: what was looked at, and whether
/// bytes are there.
fn state(becomes: Becomes, places: &[Place], seen: &BTreeMap<String, bool>) -> State {
    let mut left: Vec<String> = seen
        .iter()
        .filter(|(_, there)| **there)
        .map(|(place, _)| place.clone())
        .collect();
    // One look answers for the one place that can be looked at.
    let unseen = places
        .iter()
        .filter(|place| !place.looked_at || seen.is_empty());
    let mut unseen: Vec<String> = unseen.map(|place| place.place.clone()).collect();
    if becomes == Becomes::Unregistered && unseen.is_empty() && seen.is_empty() {
        unseen.push("what the record pointed at".to_owned());
    }
    if !left.is_empty() {
        left.extend(
            unseen
                .iter()
                .map(|place| format!("{place} (not looked at)")),
        );
        return State::BytesRemain { places: left };
    }
    if unseen.is_empty() {
        State::Erased
    } else {
        State::NotLookedAt { places: unseen }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str, looked_at: bool) -> Place {
        Place {
            place: name.to_owned(),
            looked_at,
        }
    }

    #[test]
    fn erased_is_said_only_when_every_place_agrees() {
        let seen = |there| BTreeMap::from([("h/c/p".to_owned(), there)]);
        let of =
            |becomes, places: &[Place], seen: &BTreeMap<String, bool>| state(becomes, places, seen);
        let none = BTreeMap::new();
        let blob = [place("blob", true)];
        let runs = [place("a", false), place("b", false)];
        assert_eq!(of(Becomes::Erased, &[], &none), State::Erased);
        assert_eq!(of(Becomes::Erased, &blob, &seen(false)), State::Erased);
        assert_eq!(
            of(Becomes::Erased, &blob, &seen(true)),
            State::BytesRemain {
                places: vec!["h/c/p".to_owned()]
            }
        );
        assert_eq!(
            of(Becomes::Erased, &blob, &none),
            State::NotLookedAt {
                places: vec!["blob".to_owned()]
            }
        );
        assert_eq!(
            of(Becomes::Erased, &runs, &none),
            State::NotLookedAt {
                places: vec!["a".to_owned(), "b".to_owned()]
            }
        );
        assert!(matches!(
            of(Becomes::Unregistered, &[], &none),
            State::NotLookedAt { .. }
        ));
        let both = [place("blob", true), place("b", false)];
        assert_eq!(
            of(Becomes::Erased, &both, &seen(true)),
            State::BytesRemain {
                places: vec!["h/c/p".to_owned(), "b (not looked at)".to_owned()]
            }
        );
        assert_eq!(
            of(Becomes::Erased, &both, &seen(false)),
            State::NotLookedAt {
                places: vec!["b".to_owned()]
            }
        );
    }
}
