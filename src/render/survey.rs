//! One reading of the inventory: what is held of each kind, and where the first records of each are.
//!
//! What is kept does not grow with the bag: sums, and for each kind the places of so many records and the names of so many
//! files as the page shows.

use std::collections::HashMap;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::people::{Different, People};
use crate::bag::{Bag, BagError, Item};
use crate::kinds::{self, roots};

/// Records of each kind that the page shows.
pub(super) const SHOWN: usize = 200;
/// Files of each kind that the page names.
const FILES: usize = 100;
/// The catalogue has fewer; a bag that names more is none of ours, and its further kinds are counted together.
const KINDS: usize = 500;

/// What is held of one kind.
#[derive(Debug, Default)]
pub(super) struct OfKind {
    pub(super) kind: String,
    pub(super) records: u64,
    /// Files whose contents are in the bag.
    pub(super) files: u64,
    pub(super) bytes: u64,
    pub(super) span: Span,
    /// Where the first records begin in the inventory.
    pub(super) first: Vec<u64>,
    /// Files that hold the records, with how many of them.
    pub(super) held_in: Vec<(String, u64)>,
    pub(super) more_files: Different,
    last_file: Option<usize>,
}

/// The earliest and the latest of some times.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Span(pub(super) Option<(OffsetDateTime, OffsetDateTime)>);

/// The inventory as a whole.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) kinds: Vec<OfKind>,
    pub(super) workspaces: Different,
    pub(super) registries: Different,
    pub(super) people: People,
    pub(super) redactions: u64,
    /// Records that are the same thing as another record.
    same: u64,
    places: HashMap<String, usize>,
}

impl Survey {
    /// Reads the inventory from its beginning to its end.
    pub(super) fn of(bag: &Bag) -> Result<Self, BagError> {
        let mut survey = Self::default();
        let mut inventory = bag.inventory()?;
        loop {
            let offset = inventory.offset();
            let Some(item) = inventory.next() else { break };
            survey.add(&item?, offset);
        }
        let catalogue: HashMap<&str, usize> = kinds::exported()
            .enumerate()
            .map(|(index, kind)| (kind.name, index))
            .collect();
        let place = |kind: &str| catalogue.get(kind).copied().unwrap_or(usize::MAX);
        survey
            .kinds
            .sort_by(|a, b| (place(&a.kind), &a.kind).cmp(&(place(&b.kind), &b.kind)));
        Ok(survey)
    }

    fn add(&mut self, item: &Item, offset: u64) {
        match roots::root_of_label(&item.workspace) {
            root if *root == roots::WORKSPACES => self.workspaces.add(&item.workspace),
            _ => self.registries.add(&item.workspace),
        }
        self.people.add(item);
        self.redactions += item.redactions.len() as u64;
        self.same += u64::from(item.same_as.is_some());
        let name = if self.places.len() < KINDS || self.places.contains_key(&item.kind) {
            item.kind.as_str()
        } else {
            "…"
        };
        let at = if let Some(at) = self.places.get(name) {
            *at
        } else {
            self.kinds.push(OfKind {
                kind: name.to_owned(),
                ..OfKind::default()
            });
            self.places.insert(name.to_owned(), self.kinds.len() - 1);
            self.kinds.len() - 1
        };
        self.kinds[at].add(item, offset);
    }

    /// Things that are there as two records: each of the two names the other.
    pub(super) fn twice(&self) -> u64 {
        self.same / 2
    }

    pub(super) fn records(&self) -> u64 {
        self.kinds.iter().map(|kind| kind.records).sum()
    }

    pub(super) fn files(&self) -> u64 {
        self.kinds.iter().map(|kind| kind.files).sum()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.kinds.iter().map(|kind| kind.bytes).sum()
    }

    pub(super) fn span(&self) -> Span {
        let mut all = Span::default();
        for (first, last) in self.kinds.iter().filter_map(|kind| kind.span.0) {
            all.add(first);
            all.add(last);
        }
        all
    }
}

impl OfKind {
    fn add(&mut self, item: &Item, offset: u64) {
        self.records += 1;
        if let Some(bytes) = item.bytes.as_ref().filter(|bytes| bytes.path.is_some()) {
            self.files += 1;
            self.bytes += bytes.length.unwrap_or_default();
        }
        for time in item.times.iter().filter_map(|time| moment(&time.value)) {
            self.span.add(time);
        }
        if self.first.len() < SHOWN {
            self.first.push(offset);
        }
        if let Some(file) = &item.file {
            self.add_file(file);
        }
    }

    /// Records of one file come one after the other, so looking at the last one is nearly always enough.
    fn add_file(&mut self, file: &str) {
        let is_it = |at: &usize| {
            self.held_in
                .get(*at)
                .is_some_and(|(known, _)| known == file)
        };
        let known = self
            .last_file
            .filter(is_it)
            .or_else(|| self.held_in.iter().position(|(known, _)| known == file));
        match known {
            Some(at) => {
                self.held_in[at].1 += 1;
                self.last_file = Some(at);
            }
            None if self.held_in.len() < FILES => {
                self.held_in.push((file.to_owned(), 1));
                self.last_file = Some(self.held_in.len() - 1);
            }
            None => self.more_files.add(file),
        }
    }
}

impl Span {
    fn add(&mut self, time: OffsetDateTime) {
        self.0 = Some(match self.0 {
            Some((first, last)) => (first.min(time), last.max(time)),
            None => (time, time),
        });
    }
}

/// A time of a document. The year 1 is how .NET writes "no time".
pub(super) fn moment(text: &str) -> Option<OffsetDateTime> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    (time.year() > 1).then_some(time)
}
