//! Where others stand in a text, and what is written there instead.

use super::super::{Form, fold};
use super::folded::{Folded, folded};
use super::mask::{ALIAS, Mask, Owner};
use super::people::NESTED;
use super::record::Id;
use super::sieve::Sieve;
use super::spelling::How;
use super::view::{self, View};
use super::{Spot, armor, mail};

/// A spot in a text: from, to, whose, and what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Find {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) owner: Owner,
    pub(super) form: &'static str,
    /// What is written instead, where that is not the bare pseudonym: base64 that was opened and closed again.
    text: Option<String>,
    /// What was masked within.
    within: Vec<(String, &'static str)>,
}

impl Find {
    fn new(start: usize, end: usize, owner: Owner, form: &'static str) -> Self {
        Self {
            start,
            end,
            owner,
            form,
            text: None,
            within: Vec::new(),
        }
    }
}

/// A text that was masked: the text, and what stood in it (offset into the text before, pseudonym, form).
pub(super) type Told = (String, Vec<(usize, String, &'static str)>);

/// Masking may bring new neighbours together; it is repeated until nothing changes, and never more often than this.
const ROUNDS: usize = 6;

/// A name shorter than this is not believed in the noise of a misaligned decoding.
pub(super) const SURE: usize = 6;

impl Mask {
    /// A text without others; `None` when it has none.
    pub(super) fn told(&self, text: &str, depth: usize) -> Option<Told> {
        let mut spots = Vec::new();
        let mut current: Option<String> = None;
        for _ in 0..ROUNDS {
            if current
                .as_ref()
                .is_some_and(|text| !Sieve::default().may_hold(self, text))
            {
                break;
            }
            let finds = self.finds(current.as_deref().unwrap_or(text), depth);
            if finds.is_empty() {
                break;
            }
            let now = splice(current.as_deref().unwrap_or(text), &finds, &mut spots);
            current = Some(now);
        }
        current.map(|text| (text, spots))
    }

    /// Everybody else in a text, in order, without overlaps: the longest first, and the subject's own before others'.
    pub(super) fn finds(&self, text: &str, depth: usize) -> Vec<Find> {
        let mut found = Vec::new();
        for layer in view::layers(text) {
            let folded = folded(&layer.text);
            self.patterns_in(&layer, &folded, 0, &mut found);
            self.mails_in(&layer, &folded, &mut found);
            self.aliases_in(&layer, &folded, &mut found);
            if depth < NESTED {
                self.armored_in(&layer, depth, &mut found);
            }
        }
        choose(found)
    }

    fn patterns_in(&self, layer: &View<'_>, folded: &Folded, least: usize, found: &mut Vec<Find>) {
        for hit in self.automaton.find_overlapping_iter(&folded.text) {
            let pattern = &self.patterns[hit.pattern().as_usize()];
            if hit.len() < least {
                continue;
            }
            let (Some(start), Some(end)) =
                (folded.original(hit.start()), folded.original(hit.end()))
            else {
                continue;
            };
            if !is_token(&layer.text, start, end) {
                continue;
            }
            if let How::Cased(shown) = &pattern.how
                && !same_case(&layer.text[start..end], shown)
            {
                continue;
            }
            add(layer, start, end, pattern.owner, pattern.form, found);
        }
    }

    fn mails_in(&self, layer: &View<'_>, folded: &Folded, found: &mut Vec<Find>) {
        for (start, end) in mail::find(&folded.text) {
            let (Some(from), Some(to)) = (folded.original(start), folded.original(end)) else {
                continue;
            };
            // An escape that seems to be the first letter of the mailbox is cut off before the registry is asked.
            let from = from + view::tail_of_escape(&layer.text, from);
            if from >= to || layer.text[from..to].starts_with('@') {
                continue;
            }
            let id = Id {
                form: Form::Mail,
                key: fold(&layer.text[from..to]),
            };
            let owner = self.owners.get(&id).copied().unwrap_or(Owner::Unknown);
            add(layer, from, to, owner, Form::Mail.name(), found);
        }
    }

    fn aliases_in(&self, layer: &View<'_>, folded: &Folded, found: &mut Vec<Find>) {
        for (start, end, owner) in self.aliases_at(&folded.text) {
            if let (Some(start), Some(end)) = (folded.original(start), folded.original(end)) {
                add(layer, start, end, owner, ALIAS, found);
            }
        }
    }

    /// Where mailbox names stand alone in a folded text.
    pub(super) fn aliases_at<'t>(
        &'t self,
        text: &'t str,
    ) -> impl Iterator<Item = (usize, usize, Owner)> + 't {
        self.homes.find_iter(text).filter_map(move |hit| {
            let inside = text[..hit.start()].ends_with(char::is_alphanumeric);
            let rest = &text[hit.end()..];
            let length = rest.find(ends_segment).unwrap_or(rest.len());
            let owner = self.aliases.get(&rest[..length]).filter(|_| !inside)?;
            Some((hit.end(), hit.end() + length, *owner))
        })
    }

    fn armored_in(&self, layer: &View<'_>, depth: usize, found: &mut Vec<Find>) {
        for (start, letters, end) in armor::each_run(&layer.text) {
            let start = start + view::tail_of_escape(&layer.text, start).min(letters - start);
            let run = &layer.text[start..letters];
            let mut opened = false;
            for (from, to, inner) in armor::readings(run) {
                let Some((masked, spots)) = self.told(&inner, depth + 1) else {
                    continue;
                };
                opened = true;
                let (from, mut to) = (start + from, start + to);
                if to == letters {
                    to = end;
                }
                let mut find = Find::new(
                    layer.original(from),
                    layer.original(to),
                    Owner::Unknown,
                    "base64",
                );
                find.text = Some(armor::close(&masked, &layer.text[from..to]));
                find.within = spots
                    .into_iter()
                    .map(|(_, who, form)| (who, form))
                    .collect();
                found.push(find);
            }
            if !opened && let Some((owner, form)) = self.glimpsed(run) {
                found.push(Find::new(
                    layer.original(start),
                    layer.original(end),
                    owner,
                    form,
                ));
            }
        }
    }

    /// Somebody else in what a run decodes to at any alignment, although it is not text from end to end.
    fn glimpsed(&self, run: &str) -> Option<(Owner, &'static str)> {
        (0..4)
            .filter_map(|phase| armor::glimpse(run, phase))
            .find_map(|plain| {
                let layers = view::layers(&plain);
                let mut found = Vec::new();
                for layer in &layers {
                    let folded = folded(&layer.text);
                    self.patterns_in(layer, &folded, SURE, &mut found);
                }
                choose(found).first().map(|find| (find.owner, find.form))
            })
    }
}

/// Adds a spot, moved behind an escape that it would break.
fn add(
    layer: &View<'_>,
    start: usize,
    end: usize,
    owner: Owner,
    form: &'static str,
    found: &mut Vec<Find>,
) {
    if owner != Owner::Subject && is_pseudonym(&layer.text[start..end]) {
        return;
    }
    let start = start + view::tail_of_escape(&layer.text, start);
    if start < end {
        found.push(Find::new(
            layer.original(start),
            layer.original(end),
            owner,
            form,
        ));
    }
}

/// The longest first; of the same length the subject's own, then what the registry knows. What overlaps one that was
/// chosen is gone.
fn choose(mut found: Vec<Find>) -> Vec<Find> {
    found.sort_by_key(|find| {
        let strange = find.owner == Owner::Unknown && find.text.is_none();
        (
            std::cmp::Reverse(find.end - find.start),
            strange,
            find.owner,
            find.start,
        )
    });
    let mut chosen: std::collections::BTreeMap<usize, Find> = std::collections::BTreeMap::new();
    for find in found {
        let before = chosen.range(..find.end).next_back();
        if before.is_none_or(|(_, other)| other.end <= find.start) {
            chosen.insert(find.start, find);
        }
    }
    chosen
        .into_values()
        .filter(|find| find.owner != Owner::Subject)
        .collect()
}

/// Writes a text with its spots replaced.
pub(super) fn splice(
    text: &str,
    finds: &[Find],
    spots: &mut Vec<(usize, String, &'static str)>,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for find in finds {
        out.push_str(&text[done..find.start]);
        let pseudonym = find.owner.pseudonym().unwrap_or_default();
        out.push_str(find.text.as_deref().unwrap_or(&pseudonym));
        if find.text.is_none() {
            spots.push((find.start, pseudonym, find.form));
        }
        spots.extend(
            find.within
                .iter()
                .map(|(who, form)| (find.start, who.clone(), *form)),
        );
        done = find.end;
    }
    out.push_str(&text[done..]);
    out
}

/// Whether a spot stands alone: no letter or digit runs on at its ends. Scripts that put no space between words have no
/// such ends.
fn is_token(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    let mut inside = text[start..end].chars();
    let first = inside.next();
    let last = inside.next_back().or(first);
    !runs_on(before, first) && !runs_on(last, after)
}

fn runs_on(one: Option<char>, other: Option<char>) -> bool {
    one.zip(other).is_some_and(|(one, other)| {
        one.is_alphanumeric() && other.is_alphanumeric() && !unspaced(one) && !unspaced(other)
    })
}

/// Thai and its neighbours, Chinese, Japanese.
fn unspaced(c: char) -> bool {
    matches!(c as u32,
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x4DBF
        | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

fn ends_segment(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "/\\\"'`<>?#&,;:|()[]{}".contains(c)
}

/// What this program wrote itself: masking it again would change the pseudonym of somebody called so.
pub(super) fn is_pseudonym(text: &str) -> bool {
    let Some((word, number)) = text.split_once('-') else {
        return false;
    };
    let counted = !number.starts_with('0')
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit());
    matches!(word, "person" | "name" | "alias") && counted || text == "person-unknown"
}

fn same_case(seen: &str, shown: &str) -> bool {
    let nfc = icu_normalizer::ComposingNormalizerBorrowed::new_nfc();
    nfc.normalize(seen) == nfc.normalize(shown)
}

/// The log of a text: offsets for pointers.
pub(super) fn spots_at(spots: Vec<(usize, String, &'static str)>) -> Vec<Spot> {
    spots
        .into_iter()
        .map(|(at, pseudonym, form)| Spot {
            place: super::Place::Offset(at as u64),
            pseudonym,
            form,
        })
        .collect()
}
