//! A text in the one spelling in which identifiers are compared, with the places from which its characters came.

use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;

use super::super::fold;

/// A text in the one spelling in which identifiers are compared.
#[derive(Debug)]
pub(super) struct Folded {
    pub(super) text: String,
    /// For each byte of `text`, and for its end, where it begins in the text before; `None` when that is the same place.
    map: Option<Vec<usize>>,
}

impl Folded {
    /// The place before folding; `None` in the middle of what folding made of one character.
    pub(super) fn original(&self, at: usize) -> Option<usize> {
        let Some(map) = &self.map else {
            return Some(at);
        };
        let here = *map.get(at)?;
        (at == 0 || map[at - 1] != here).then_some(here)
    }

    /// The place before folding of the character that is at `at` or around it.
    pub(super) fn around(&self, at: usize) -> usize {
        self.map
            .as_ref()
            .map_or(at, |map| map.get(at).copied().unwrap_or(at))
    }
}

/// [`fold`], character by character with the marks that belong to it, so that places can be followed.
pub(super) fn folded(text: &str) -> Folded {
    if text.is_ascii() {
        return Folded {
            text: text.to_ascii_lowercase(),
            map: None,
        };
    }
    let mut out = String::with_capacity(text.len());
    let mut map = Vec::with_capacity(text.len() + 1);
    clusters(text, &mut out, |start, length| {
        map.extend(std::iter::repeat_n(start, length));
    });
    map.push(text.len());
    Folded {
        text: out,
        map: Some(map),
    }
}

/// The same without places.
pub(super) fn fold_into(text: &str, out: &mut String) {
    out.clear();
    if text.is_ascii() {
        out.push_str(text);
        out.make_ascii_lowercase();
    } else {
        clusters(text, out, |_, _| {});
    }
}

/// Folds character by character, and tells for each where it begins and how long it has become.
fn clusters(text: &str, out: &mut String, mut each: impl FnMut(usize, usize)) {
    let mut start = 0;
    while start < text.len() {
        let end = cluster_end(text, start);
        let before = out.len();
        let cluster = &text[start..end];
        if cluster.len() == 1 {
            out.push(char::from(cluster.as_bytes()[0].to_ascii_lowercase()));
        } else {
            out.push_str(&fold(cluster));
        }
        each(start, out.len() - before);
        start = end;
    }
}

/// Where a character ends together with the marks that belong to it.
fn cluster_end(text: &str, start: usize) -> usize {
    let mut chars = text[start..].char_indices().skip(1);
    chars
        .find(|(_, c)| !joins(*c))
        .map_or(text.len(), |(at, _)| start + at)
}

/// Whether a character may become one with what stands before it: marks, the second letters of Korean syllables, and the
/// few others that compose although they count as letters (Unicode's `NFC_Quick_Check=Maybe` of class 0).
pub(super) fn joins(c: char) -> bool {
    if (c as u32) < 0x300 {
        return false;
    }
    matches!(c as u32,
        0x1160..=0x11FF | 0xFF9E | 0xFF9F | 0xFFA0..=0xFFDC | 0x3131..=0x3163
        | 0x09BE | 0x09D7 | 0x0B3E | 0x0B56 | 0x0B57 | 0x0BBE | 0x0BD7 | 0x0CC2 | 0x0CD5 | 0x0CD6
        | 0x0D3E | 0x0D57 | 0x0DCF | 0x0DDF | 0x102E | 0x1B35 | 0x11127 | 0x1133E | 0x11357
        | 0x114B0 | 0x114BA | 0x114BD | 0x115AF | 0x11930)
        || CanonicalCombiningClassMapBorrowed::new().get_u8(c) != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn folding_by_characters_is_folding(text in "[a-zA-ZßéÉ\u{301}\u{308}\u{327}İﬁ한각\u{1100}\u{1161}\u{11a8}王ｶﾞΣς ]{0,12}") {
            prop_assert_eq!(folded(&text).text, fold(&text));
        }

        #[test]
        fn folding_anything_keeps_the_places(text in any::<String>()) {
            let found = folded(&text);
            prop_assert_eq!(found.original(found.text.len()).is_some() || found.text.is_empty(), true);
            for at in 0..found.text.len() {
                prop_assert!(text.is_char_boundary(found.around(at)));
            }
        }
    }
}
