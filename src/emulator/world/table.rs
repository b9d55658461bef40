//! A table of documents of one kind. Copies share their documents until one of them changes a document, so that a world
//! can be made anew as often as a test likes.

use super::Item;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a deleted document is still seen by those who only read, as it is with copies that are brought up to date
/// one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lag {
    pub(crate) list: Duration,
    pub(crate) get: Duration,
}

#[derive(Clone, Debug)]
struct Row {
    item: Arc<Item>,
    /// When it was taken away. The row stays, so that it can come back and so that places do not move.
    gone: Option<Instant>,
    /// How long it is seen after that.
    lag: Lag,
}

impl Row {
    fn shown_for(&self, lag: Duration) -> bool {
        self.gone
            .is_none_or(|since| !lag.is_zero() && since.elapsed() < lag)
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
    by_id: Arc<HashMap<String, usize>>,
    pub(super) lag: Lag,
}

impl Table {
    pub(crate) fn push(&mut self, item: Item) {
        Arc::make_mut(&mut self.by_id).insert(item.id.clone(), self.rows.len());
        self.rows.push(Row {
            item: Arc::new(item),
            gone: None,
            lag: Lag::default(),
        });
    }

    fn find(&self, id: &str) -> Option<&Row> {
        self.rows.get(*self.by_id.get(id)?)
    }

    /// A document as a reader sees it.
    pub(crate) fn get(&self, id: &str) -> Option<&Item> {
        let row = self.find(id).filter(|row| row.shown_for(row.lag.get))?;
        Some(&row.item)
    }

    /// Every document that a reader gets who asks for it alone, for those who know it by another name than its id.
    pub(crate) fn seen(&self) -> impl Iterator<Item = &Item> {
        let rows = self.rows.iter();
        rows.filter(|row| row.shown_for(row.lag.get))
            .map(|row| &*row.item)
    }

    /// A document that is there, whatever readers still see.
    pub(crate) fn held(&self, id: &str) -> Option<&Item> {
        let row = self.find(id).filter(|row| row.gone.is_none())?;
        Some(&row.item)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Item> {
        let at = *self.by_id.get(id)?;
        let row = self.rows.get_mut(at).filter(|row| row.gone.is_none())?;
        Some(Arc::make_mut(&mut row.item))
    }

    /// Rows as a reader sees them, with their places, which outlive deletions and are what tokens point at.
    pub(crate) fn living(&self) -> impl Iterator<Item = (usize, &Item)> {
        self.rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.shown_for(row.lag.list))
            .map(|(at, row)| (at, &*row.item))
    }

    /// Rows that are there, whatever readers still see.
    pub(crate) fn holding(&self) -> impl Iterator<Item = &Item> {
        self.rows
            .iter()
            .filter(|row| row.gone.is_none())
            .map(|row| &*row.item)
    }

    pub(crate) fn of<'a>(&'a self, parent: &'a str) -> impl Iterator<Item = (usize, &'a Item)> {
        self.living().filter(move |(_, item)| item.parent == parent)
    }

    /// Takes rows away; says which.
    pub(crate) fn remove(&mut self, mut condemned: impl FnMut(&Item) -> bool) -> Vec<Arc<Item>> {
        let (now, lag) = (Instant::now(), self.lag);
        let mut taken = Vec::new();
        for row in self.rows.iter_mut().filter(|row| row.gone.is_none()) {
            if condemned(&row.item) {
                row.gone = Some(now);
                row.lag = lag;
                taken.push(Arc::clone(&row.item));
            }
        }
        taken
    }

    /// Brings rows back that were taken away, as they were; says how many.
    pub(crate) fn restore(&mut self, mut wanted: impl FnMut(&Item) -> bool) -> usize {
        let mut count = 0;
        for row in self.rows.iter_mut().filter(|row| row.gone.is_some()) {
            if wanted(&row.item) {
                row.gone = None;
                count += 1;
            }
        }
        count
    }

    /// The document at a place, when it is there.
    pub(crate) fn row(&self, at: usize) -> Option<&Item> {
        let row = self.rows.get(at).filter(|row| row.gone.is_none())?;
        Some(&row.item)
    }

    pub(crate) fn places(&self) -> usize {
        self.rows.len()
    }
}
