//! A table of documents of one kind.

use super::Item;
use std::collections::HashMap;

#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Item>,
    by_id: HashMap<String, usize>,
}

impl Table {
    pub(crate) fn push(&mut self, item: Item) {
        self.by_id.insert(item.id.clone(), self.rows.len());
        self.rows.push(item);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Item> {
        self.by_id
            .get(id)
            .and_then(|at| self.rows.get(*at))
            .filter(|item| item.alive)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Item> {
        self.by_id
            .get(id)
            .and_then(|at| self.rows.get_mut(*at))
            .filter(|item| item.alive)
    }

    /// Living rows with their places, which outlive deletions and are what tokens point at.
    pub(crate) fn living(&self) -> impl Iterator<Item = (usize, &Item)> {
        self.rows.iter().enumerate().filter(|(_, item)| item.alive)
    }

    pub(crate) fn of<'a>(&'a self, parent: &'a str) -> impl Iterator<Item = (usize, &'a Item)> {
        self.living().filter(move |(_, item)| item.parent == parent)
    }

    /// Takes rows away; says how many there were.
    pub(crate) fn remove(&mut self, mut condemned: impl FnMut(&Item) -> bool) -> usize {
        let mut count = 0;
        for item in self.rows.iter_mut().filter(|item| item.alive) {
            if condemned(item) {
                item.alive = false;
                count += 1;
            }
        }
        count
    }

    pub(crate) fn row(&self, at: usize) -> Option<&Item> {
        self.rows.get(at)
    }

    pub(crate) fn places(&self) -> usize {
        self.rows.len()
    }
}
