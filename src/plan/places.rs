//! Places of bytes, told without the names in them.
//!
//! A path is told by its form alone, and only when the form is one that is known: whatever else stands in it may be a name.

use super::keyed::{Key, Of};
use super::model::{State, Step};
use super::receipt::{Bytes, End, Place};
use crate::kinds::{self, removal::Leaves};

/// Beginnings of paths in the workspace's storage account, and how they are told. The first three are those of a run
/// (Azure/azure-sdk-for-python#25146).
const FORMS: [(&str, &str); 8] = [
    ("ExperimentRun/dcid.", "ExperimentRun/dcid.*/"),
    ("ArtifactZip/", "ArtifactZip/*"),
    ("ComputeRecord/", "ComputeRecord/*"),
    ("the attached compute itself", "the attached compute itself"),
    ("LocalUpload/", "LocalUpload/*"),
    ("az-ml-artifacts/", "az-ml-artifacts/*"),
    ("modelDataCollector/", "modelDataCollector/*"),
    ("Users/", "Users/*"),
];
/// What stands for a place whose form is not known.
const ANY: &str = "*";

/// The places of a step, with what is known of their bytes.
pub(super) fn of(
    step: &Step,
    state: Option<&State>,
    account: Option<&str>,
    key: &Key,
) -> Vec<Place> {
    let gone = state.is_some_and(State::is_gone);
    let (remaining, unseen): (&[String], &[String]) = match state {
        Some(State::BytesRemain { places }) => (places, &[]),
        Some(State::NotLookedAt { places }) => (&[], places),
        _ => (&[], &[]),
    };
    let mut out: Vec<Place> = Vec::new();
    let mut add = |place: &str, bytes: Bytes| {
        let hash = key.hash(Of::Place(place));
        if !out.iter().any(|one| one.hash == hash) {
            out.push(Place {
                pattern: pattern(&step.kind, place),
                storage_account: account
                    .filter(|name| place.contains(*name) || form(place).is_some())
                    .map(str::to_owned),
                hash,
                bytes,
            });
        }
    };
    for place in remaining {
        add(place, Bytes::Remain);
    }
    for place in unseen {
        add(place, Bytes::NotLookedAt);
    }
    // Where the end tells of places in other words than the plan, nobody knows which of the plan's they are.
    let told = |place: &String| step.places.iter().any(|one| one.place == *place);
    let same_words = remaining.iter().chain(unseen).all(told);
    let looked = matches!(
        state.map(End::of),
        Some(End::Erased | End::BytesRemain | End::NotLookedAt)
    );
    for place in &step.places {
        let bytes = if !gone {
            Bytes::Untouched
        } else if place.looked_at && looked && same_words {
            Bytes::Gone
        } else {
            // That the record was gone already, or is only hidden, says nothing about the bytes.
            Bytes::NotLookedAt
        };
        add(&place.place, bytes);
    }
    out
}

/// The form whose beginning stands first: an archive has the path of its run in its own.
fn form(place: &str) -> Option<&'static str> {
    FORMS
        .iter()
        .filter_map(|(beginning, told)| Some((place.find(beginning)?, *told)))
        .min()
        .map(|(_, told)| told)
}

fn pattern(kind: &str, place: &str) -> String {
    if let Some(told) = form(place) {
        return told.to_owned();
    }
    // Words of the catalogue name no item.
    let calls = kinds::find(kind)
        .map(|kind| kind.remove)
        .unwrap_or_default();
    calls
        .iter()
        .find_map(|call| match call.leaves {
            Leaves::Data(words) if place.contains(words) => Some(words),
            _ => None,
        })
        .unwrap_or(ANY)
        .to_owned()
}
