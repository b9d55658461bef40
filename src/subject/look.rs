//! How a text is looked at, and a place in it.

use super::forms::Spelling;

/// Which ends of a text are its own, and not a cut through something longer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edges {
    pub(super) start: bool,
    pub(super) end: bool,
}

impl Edges {
    pub(super) const OWN: Self = Self {
        start: true,
        end: true,
    };
    /// What stands nearer to a cut than this is not judged: its neighbours may be on the other side.
    const MARGIN: usize = 16;

    pub(super) fn clear(self, length: usize, start: usize, end: usize) -> bool {
        (self.start || start >= Self::MARGIN) && (self.end || end + Self::MARGIN <= length)
    }
}

/// A place in one view of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) identifier: usize,
    pub(super) spelling: Spelling,
}

/// How a view is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) edges: Edges,
    /// Whether an escape beside a token leaves it to the next layer.
    pub(super) strict: bool,
    /// Whether this was taken out of base64: then there is no base64 in it, and what is no UTF-8 is no text.
    pub(super) inner: bool,
    /// The first find is enough.
    pub(super) once: bool,
}

impl Look {
    pub(super) fn at(edges: Edges) -> Self {
        Self {
            edges,
            strict: false,
            inner: false,
            once: false,
        }
    }
}

/// The spots that do not lie within a longer one.
pub(super) fn without_inner(mut spots: Vec<Spot>) -> Vec<Spot> {
    spots.sort_by_key(|spot| (spot.start, std::cmp::Reverse(spot.end)));
    let mut widest = (0, 0);
    spots.retain(|spot| {
        let inner = spot.end <= widest.1 && (spot.start, spot.end) != widest;
        if spot.end > widest.1 {
            widest = (spot.start, spot.end);
        }
        !inner
    });
    spots
}
