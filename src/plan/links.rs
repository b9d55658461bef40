//! What hangs on what, among the items of a plan.

use std::collections::{HashMap, VecDeque};

use super::item::Item;
use crate::kinds;
use crate::kinds::item::targets;

/// Links by the places of items in their list.
#[derive(Debug)]
pub(super) struct Links {
    ups: Vec<Vec<usize>>,
    downs: Vec<Vec<usize>>,
    outside: Vec<Vec<(String, String)>>,
    /// What an item takes along when it goes, and has to find there as long as it stays: the asset of a model.
    points_at: Vec<Vec<usize>>,
}

impl Links {
    /// Between these items, of which none stands twice. `again` is what was seen a second time, below something else: the
    /// place of the item, and how it was seen then.
    pub(super) fn of(items: &[Item], again: &[(usize, Item)]) -> Self {
        let places: HashMap<(&str, &str), usize> = items
            .iter()
            .enumerate()
            .map(|(at, item)| ((item.kind.name, &*item.id), at))
            .collect();
        let mut links = Self {
            ups: vec![Vec::new(); items.len()],
            downs: vec![Vec::new(); items.len()],
            outside: vec![Vec::new(); items.len()],
            points_at: items
                .iter()
                .map(|item| pointed_at(item, &places).collect())
                .collect(),
        };
        let again = again.iter().map(|(at, item)| (*at, item));
        for (at, item) in items.iter().enumerate().chain(again) {
            for (kind, id) in item.ups() {
                match places.get(&(kind, &*id)) {
                    Some(&up) if up != at && !links.ups[at].contains(&up) => {
                        links.ups[at].push(up);
                        links.downs[up].push(at);
                    }
                    Some(_) => {}
                    None => links.outside[at].push((kind.to_owned(), id)),
                }
            }
        }
        links
    }

    /// What an item hangs on.
    pub(super) fn ups(&self, at: usize) -> &[usize] {
        &self.ups[at]
    }

    /// What an item takes along, of a kind that goes only after it.
    pub(super) fn points_at(&self, at: usize) -> &[usize] {
        &self.points_at[at]
    }

    /// What hangs on an item.
    pub(super) fn downs(&self, at: usize) -> &[usize] {
        &self.downs[at]
    }

    /// What an item hangs on that is not among the items.
    pub(super) fn outside(&self, at: usize) -> &[(String, String)] {
        &self.outside[at]
    }

    /// Items that stand in a circle, or between two: what is left when everything that has an end below was taken away, and
    /// of that everything that has an end above.
    pub(super) fn circles(&self) -> Vec<usize> {
        let mut left: Vec<bool> = vec![true; self.ups.len()];
        for (from, to) in [(&self.downs, &self.ups), (&self.ups, &self.downs)] {
            let mut open: Vec<usize> = from
                .iter()
                .map(|all| all.iter().filter(|&&one| left[one]).count())
                .collect();
            let mut next: VecDeque<usize> = (0..left.len())
                .filter(|&at| left[at] && open[at] == 0)
                .collect();
            while let Some(at) = next.pop_front() {
                left[at] = false;
                for &one in &to[at] {
                    open[one] -= 1;
                    if left[one] && open[one] == 0 {
                        next.push_back(one);
                    }
                }
            }
        }
        (0..left.len()).filter(|&at| left[at]).collect()
    }
}

/// The places of what an item takes along, of a kind that goes only after it.
fn pointed_at<'a>(
    item: &'a Item,
    places: &'a HashMap<(&str, &str), usize>,
) -> impl Iterator<Item = usize> + 'a {
    item.kind
        .takes
        .iter()
        .filter(|reference| {
            kinds::find(reference.to).is_some_and(|kind| kind.erase_after.contains(&item.kind.name))
        })
        .flat_map(|reference| {
            let ids = targets(reference, &item.doc).into_iter();
            ids.filter_map(|id| places.get(&(reference.to, &*id)).copied())
        })
}
