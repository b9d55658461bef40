//! The way from the root of a document to a value: keys and indices, in one text that is used again and again.

use std::fmt::Write as _;

#[derive(Debug, Default)]
pub(super) struct Steps {
    text: String,
    /// Where each step ends in it.
    ends: Vec<usize>,
}

impl Steps {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn step(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[at]]
    }

    pub(super) fn key(&mut self, key: &str) {
        self.text.push_str(key);
        self.ends.push(self.text.len());
    }

    pub(super) fn index(&mut self, index: usize) {
        // Writing to a text cannot fail.
        let _ = write!(self.text, "{index}");
        self.ends.push(self.text.len());
    }

    pub(super) fn up(&mut self) {
        self.ends.pop();
        self.text
            .truncate(self.ends.last().copied().unwrap_or_default());
    }

    /// The first so many steps as a JSON pointer (RFC 6901).
    pub(super) fn pointer(&self, count: usize) -> String {
        let mut out = String::with_capacity(self.text.len() + count);
        for at in 0..count {
            out.push('/');
            for c in self.step(at).chars() {
                match c {
                    '~' => out.push_str("~0"),
                    '/' => out.push_str("~1"),
                    c => out.push(c),
                }
            }
        }
        out
    }
}
