//! Others out of a text of any length, in bounded memory.
//!
//! A text is masked line by line, since no identifier runs over the end of a line. A line that is longer than a window is cut
//! where nobody stands, with enough of what follows in sight to know. Where the cuts fall depends on the text alone, never on
//! the pieces in which it came; a whole text takes the same way.

use super::find::{splice, spots_at};
use super::mask::Mask;
use super::sieve::Sieve;
use super::utf::{Decoder, Refused};
use super::{Masked, Spot};

/// How long a line may be before it is cut.
const WINDOW: usize = 64 * 1024;
/// How much of a long line must be in sight behind a cut, at least: mails and base64 that no registry knows.
const AHEAD: usize = 4096;
/// How much of a long line is kept in sight before a cut: what a mailbox name stands behind, and a letter before a name.
const BEHIND: usize = 64;

impl Mask {
    /// A text without others.
    pub fn text(&self, text: &str) -> Masked {
        let mut lines = Lines::new(self, WINDOW);
        let mut out = lines.feed(text);
        out.push_str(&lines.finish());
        Masked {
            text: out,
            spots: spots_at(lines.spots),
        }
    }

    /// A path without others: relative, and with as many segments as before. Each segment is masked for itself, as the
    /// service wrote it, before a bag escapes it. Two paths may become one; whoever writes files has to see to that.
    pub fn path(&self, path: &str) -> String {
        let mut out: Vec<String> = Vec::new();
        let mut before = "";
        for segment in path.split('/') {
            let home = super::super::fold(before);
            let alias = matches!(home.as_str(), "users" | "home")
                .then(|| self.aliases.get(&super::super::fold(segment)))
                .flatten();
            out.push(match alias.map(|owner| owner.pseudonym()) {
                Some(Some(pseudonym)) if !super::find::is_pseudonym(segment) => pseudonym,
                Some(_) => segment.to_owned(),
                None => self.told(segment, 0).map_or_else(
                    || segment.to_owned(),
                    |(masked, spots)| {
                        // Base64 that was closed again may hold a slash.
                        if masked.contains('/') {
                            spots
                                .into_iter()
                                .map(|(_, who, _)| who)
                                .collect::<Vec<_>>()
                                .join("-")
                        } else {
                            masked
                        }
                    },
                ),
            });
            before = segment;
        }
        out.join("/")
    }

    /// Masks a file as it comes.
    pub fn stream(&self) -> MaskStream<'_> {
        MaskStream {
            decoder: Decoder::default(),
            lines: Lines::new(self, WINDOW),
        }
    }
}

/// A text file on its way through the mask.
///
/// A file that is refused is no text as a whole: what was handed out before must be thrown away.
#[derive(Debug)]
pub struct MaskStream<'m> {
    decoder: Decoder,
    lines: Lines<'m>,
}

impl MaskStream<'_> {
    /// Takes the next bytes, and gives what is done of those before.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Refused> {
        let text = self.decoder.feed(bytes)?;
        let out = self.lines.feed(&text);
        Ok(self.decoder.encode(&out))
    }

    /// Gives the rest.
    pub fn finish(&mut self) -> Result<Vec<u8>, Refused> {
        let text = self.decoder.finish()?;
        let mut out = self.lines.feed(&text);
        out.push_str(&self.lines.finish());
        Ok(self.decoder.encode(&out))
    }

    /// What was masked since the last time this was asked. Offsets count bytes of the text in UTF-8.
    pub fn spots(&mut self) -> Vec<Spot> {
        spots_at(std::mem::take(&mut self.lines.spots))
    }
}

/// Text without others, line by line.
#[derive(Debug)]
pub(super) struct Lines<'m> {
    mask: &'m Mask,
    window: usize,
    ahead: usize,
    /// What is not done yet, behind what is.
    held: String,
    /// From where on `held` is of use: a little of what is done stays in sight.
    from: usize,
    /// How much of that is done.
    behind: usize,
    /// How much of it is known to hold no end of a line.
    searched: usize,
    /// Where that begins in the text.
    offset: usize,
    spots: Vec<(usize, String, &'static str)>,
    sieve: Sieve,
}

impl<'m> Lines<'m> {
    pub(super) fn new(mask: &'m Mask, window: usize) -> Self {
        Self {
            mask,
            window,
            ahead: mask.longest.max(AHEAD),
            held: String::new(),
            from: 0,
            behind: 0,
            searched: 0,
            offset: 0,
            spots: Vec::new(),
            sieve: Sieve::default(),
        }
    }

    /// With so small a window that tests come to its ends.
    #[cfg(test)]
    pub(super) fn narrow(mask: &'m Mask, window: usize) -> Self {
        Self {
            ahead: mask.longest,
            ..Self::new(mask, window)
        }
    }

    pub(super) fn feed(&mut self, text: &str) -> String {
        let mut out = String::new();
        self.held.push_str(text);
        loop {
            let left = &self.held.as_bytes()[self.from..];
            let line =
                memchr::memchr(b'\n', &left[self.searched..]).map(|at| self.searched + at + 1);
            let enough = self.behind + self.window + self.ahead;
            match line {
                Some(end) if end <= enough => self.line(end, &mut out),
                _ if left.len() >= enough => self.cut(&mut out),
                _ => break,
            }
        }
        // Once for all lines that came together: what is done goes.
        self.held.drain(..self.from);
        self.from = 0;
        self.searched = self.held.len();
        out
    }

    pub(super) fn finish(&mut self) -> String {
        let mut out = String::new();
        self.line(self.held.len() - self.from, &mut out);
        out
    }

    /// A line, or what is left of one, to its end.
    fn line(&mut self, end: usize, out: &mut String) {
        let finds = self.finds(end);
        self.write(&finds, end, out);
        self.from += end;
        self.offset += end;
        self.behind = 0;
        self.searched = 0;
    }

    /// The part of a long line that can be done.
    fn cut(&mut self, out: &mut String) {
        let sight = self.behind + self.window + self.ahead;
        let sight = floor(&self.held[self.from..], sight);
        let mut finds = self.finds(sight);
        let left = &self.held[self.from..];
        let wished = floor(left, self.behind + self.window);
        let separator = left[self.behind..wished].rfind([' ', '"', ',', ';', '<', '>', '&', '|']);
        let mut end = separator
            .map(|at| self.behind + at + 1)
            .filter(|&at| at > self.behind + self.window / 2)
            .unwrap_or(wished);
        if let Some(over) = finds.iter().find(|find| find.start < end && end < find.end) {
            end = over.end;
        }
        finds.retain(|find| find.end <= end);
        let keep = floor(left, end.saturating_sub(BEHIND));
        self.write(&finds, end, out);
        self.from += keep;
        self.offset += keep;
        self.behind = end - keep;
        self.searched = self.behind;
    }

    /// Others in what is not done.
    fn finds(&mut self, end: usize) -> Vec<super::find::Find> {
        let text = &self.held[self.from..self.from + end];
        if !self.sieve.may_hold(self.mask, text) {
            return Vec::new();
        }
        let mut finds = self.mask.finds(text, 0);
        // What reaches back into what is done was decided there; what is left of it (the tail of a token that fills whole
        // windows) is masked as far as it is new.
        for find in &mut finds {
            find.start = find.start.max(self.behind);
        }
        finds.retain(|find| find.start < find.end);
        finds
    }

    fn write(&mut self, finds: &[super::find::Find], end: usize, out: &mut String) {
        if finds.is_empty() {
            out.push_str(&self.held[self.from + self.behind..self.from + end]);
            return;
        }
        let mut spots = Vec::new();
        let fresh: Vec<_> = finds
            .iter()
            .cloned()
            .map(|mut find| {
                find.start -= self.behind;
                find.end -= self.behind;
                find
            })
            .collect();
        let text = splice(
            &self.held[self.from + self.behind..self.from + end],
            &fresh,
            &mut spots,
        );
        let first = self.offset + self.behind;
        self.spots.extend(
            spots
                .into_iter()
                .map(|(at, who, form)| (first + at, who, form)),
        );
        // New neighbours may have come together.
        match self.mask.told(&text, 0) {
            Some((again, spots)) => {
                self.spots
                    .extend(spots.into_iter().map(|(_, who, form)| (first, who, form)));
                out.push_str(&again);
            }
            None => out.push_str(&text),
        }
    }
}

/// The last character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
