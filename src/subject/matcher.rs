//! Where a person stands in a text: one automaton over every spelling of every identifier.
//!
//! ASCII without escapes, the usual case, is read as it is, once, and nothing is allocated. Other text is folded first, and
//! read as it is as well where folding turned a sign into a letter (`™`), which may stand beside an identifier. Text with
//! escapes is read again for each layer that comes off.

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::forms::{self, Spelling};
use super::look::{Edges, Look, Spot, without_inner};
use super::tokens::Ends;
use super::unescape::{self, ALL, BACKSLASH, ENTITY, PERCENT};
use super::{Form, Subject, SubjectError, fold, fold::fold_bytes};

/// How an identifier was written where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Written {
    Plain,
    /// Percent-encoded, or with `+` for a blank.
    Url,
    /// Behind the backslashes of JSON (or Python) inside the text.
    JsonEscaped,
    /// With entities.
    Html,
    Base64,
    /// Behind escapes of several kinds.
    Mixed,
}

/// Layers of escapes that are taken off a text. A whole document has one more, its own.
pub(super) const LAYERS: usize = 3;

/// Beyond this many spellings the automaton is kept in its small form, which is slower.
const MANY: usize = 4000;

/// Looks for one person.
#[derive(Debug)]
pub struct Matcher {
    automaton: AhoCorasick,
    /// Whose spelling each pattern is, and which.
    patterns: Vec<(usize, Spelling)>,
    pub(super) targets: Vec<Target>,
    longest: usize,
    shortest: usize,
}

/// An identifier as it is looked for.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) form: Form,
    pub(super) key: String,
    one_word: bool,
}

impl Target {
    /// Whether a value is this identifier and nothing else.
    pub(super) fn is(&self, value: &str) -> bool {
        let folded = fold(value.trim());
        folded == self.key
            || (self.form == Form::ObjectId
                && folded.trim_matches(['{', '}']).replace('-', "") == self.key.replace('-', ""))
    }
}

/// An identifier found in a text, once a text and spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) identifier: usize,
    pub(super) written: Written,
}

/// Whether neither folding nor a layer of escapes makes another text of this one, so that it grows no longer either.
fn is_plain(text: &[u8]) -> bool {
    text.iter()
        .all(|byte| byte.is_ascii() && !matches!(byte, b'%' | b'\\' | b'&'))
}

impl Matcher {
    /// The automaton of a set of identifiers.
    pub fn new(subject: &Subject) -> Result<Self, SubjectError> {
        let mut texts = Vec::new();
        let mut patterns = Vec::new();
        let mut targets = Vec::new();
        for (index, identifier) in subject.identifiers().iter().enumerate() {
            let key = identifier.key();
            targets.push(Target {
                form: identifier.form,
                one_word: !key.contains(char::is_whitespace),
                key,
            });
            for (text, spelling) in forms::spellings(identifier) {
                texts.push(text);
                patterns.push((index, spelling));
            }
        }
        let kind = (texts.len() <= MANY).then_some(AhoCorasickKind::DFA);
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(kind)
            .build(&texts)
            .map_err(|error| SubjectError::TooMany(error.to_string()))?;
        Ok(Self {
            automaton,
            patterns,
            targets,
            longest: texts.iter().map(Vec::len).max().unwrap_or_default(),
            shortest: texts.iter().map(Vec::len).min().unwrap_or_default(),
        })
    }

    /// The length of the longest spelling, in bytes.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// Whether anything stands in the text, behind at most so many layers of escapes.
    pub(super) fn may_hold(&self, text: &[u8], layers: usize, edges: Edges) -> bool {
        let mut any = false;
        let look = Look {
            once: true,
            ..Look::at(edges)
        };
        self.layers(text, layers, look, &mut |_| any = true);
        any
    }

    /// Everything that stands in the text, each identifier once, in the order of the set.
    pub(super) fn hits(&self, text: &[u8], edges: Edges) -> Vec<Hit> {
        if text.len() < self.shortest && is_plain(text) {
            return Vec::new();
        }
        let mut spots: Vec<(usize, Spelling)> = Vec::new();
        self.layers(text, LAYERS, Look::at(edges), &mut |spot| {
            spots.push((spot.identifier, spot.spelling));
        });
        // The plainest spelling of each identifier.
        spots.sort_unstable();
        spots.dedup_by_key(|(identifier, _)| *identifier);
        spots
            .into_iter()
            .map(|(identifier, spelling)| Hit {
                identifier,
                written: match spelling {
                    Spelling::Base64(_) => Written::Base64,
                    Spelling::Plus => Written::Url,
                    Spelling::Plain => self.written(text, identifier),
                },
            })
            .collect()
    }

    /// Reads the text and what lies behind its escapes, layer by layer.
    fn layers(&self, text: &[u8], layers: usize, look: Look, found: &mut dyn FnMut(Spot)) {
        let mut any = false;
        let mut view = std::borrow::Cow::Borrowed(text);
        for left in (0..=layers).rev() {
            let strict = left > 0 && unescape::any(&view, ALL);
            self.read(&view, Look { strict, ..look }, &mut |spot| {
                any = true;
                found(spot);
            });
            if !strict || look.once && any {
                break;
            }
            // Only now, since it costs more than all the rest, and often what is looked for stands there plainly.
            match unescape::layer(&view, ALL) {
                Some(next) => view = next.into(),
                None => break,
            }
        }
    }

    /// Reads one view of a text, as it is and folded.
    fn read(&self, view: &[u8], look: Look, found: &mut dyn FnMut(Spot)) {
        if view.is_ascii() {
            self.spots(view, look).into_iter().for_each(found);
            return;
        }
        let folded = fold_bytes(view);
        let mut spots = self.spots(&folded.text, look);
        if folded.letters || look.inner {
            spots.extend(self.spots(view, look));
        }
        spots.into_iter().for_each(found);
    }

    /// What stands as a whole in these bytes. What lies within something longer of the same person is left out: a name
    /// within an address says no more than the address.
    fn spots(&self, view: &[u8], look: Look) -> Vec<Spot> {
        let mut spots: Vec<Spot> = Vec::new();
        for hit in self.automaton.find_overlapping_iter(view) {
            let (identifier, spelling) = self.patterns[hit.pattern().as_usize()];
            let (start, end) = (hit.start(), hit.end());
            if !look.edges.clear(view.len(), start, end) {
                continue;
            }
            let stands = match spelling {
                Spelling::Base64(phase) => {
                    !look.inner && self.stands_in_base64(view, start, end, phase, identifier)
                }
                Spelling::Plain | Spelling::Plus => self
                    .ends(identifier, look.strict, !look.inner)
                    .whole(view, start, end),
            };
            if stands {
                spots.push(Spot {
                    start,
                    end,
                    identifier,
                    spelling,
                });
                if look.once {
                    return spots;
                }
            }
        }
        without_inner(spots)
    }

    fn ends(&self, identifier: usize, strict: bool, latin: bool) -> Ends {
        let target = &self.targets[identifier];
        Ends {
            form: target.form,
            one_word: target.one_word,
            strict,
            latin,
        }
    }

    /// Base64 is taken apart where its middle was found, to see whether the identifier stands there as a whole.
    fn stands_in_base64(
        &self,
        view: &[u8],
        start: usize,
        end: usize,
        phase: usize,
        identifier: usize,
    ) -> bool {
        let text = forms::decode_around(view, start, end, phase);
        let mut stands = false;
        let look = Look {
            inner: true,
            ..Look::at(Edges::OWN)
        };
        self.layers(&text, LAYERS, look, &mut |spot| {
            stands |= spot.identifier == identifier;
        });
        stands
    }

    /// Behind what an identifier was found that does stand in the text. The identifier itself is what counts here, so an
    /// escape beside it does not make it an escaped one.
    fn written(&self, text: &[u8], identifier: usize) -> Written {
        if self.stands_plainly(text, identifier) {
            return Written::Plain;
        }
        for (which, written) in [
            (PERCENT, Written::Url),
            (BACKSLASH, Written::JsonEscaped),
            (ENTITY, Written::Html),
        ] {
            let mut view = unescape::layer(text, which);
            for _ in 0..LAYERS {
                let Some(text) = view else {
                    break;
                };
                if self.stands_plainly(&text, identifier) {
                    return written;
                }
                view = unescape::layer(&text, which);
            }
        }
        Written::Mixed
    }

    fn stands_plainly(&self, text: &[u8], identifier: usize) -> bool {
        let mut stands = false;
        self.read(text, Look::at(Edges::OWN), &mut |spot| {
            stands |= spot.identifier == identifier && spot.spelling == Spelling::Plain;
        });
        stands
    }
}
