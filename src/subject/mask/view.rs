//! The same text with its escapes taken off and in one spelling, and where each place of it stands in the original.
//!
//! An identifier has more spellings than anyone can list: URL-encoded in part, once or twice, JSON-escaped inside a string
//! that is itself JSON, in capitals, with its accents composed or not. So it is not the identifiers that are spelled out
//! here, it is the text that is read back: layer by layer, until there is nothing left to take off.

use std::borrow::Cow;

use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;

use super::super::fold;

/// How many layers of escapes are taken off: URL-encoded twice inside JSON inside JSON inside JSON is five.
const LAYERS: usize = 5;

/// A reading of a text.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) text: Cow<'a, str>,
    /// For each byte of `text`, and for its end, where it begins in the original; `None` when that is the same place.
    map: Option<Vec<usize>>,
}

impl View<'_> {
    /// The place in the original of a place in this text.
    pub(super) fn original(&self, at: usize) -> usize {
        self.map
            .as_ref()
            .map_or(at, |map| map.get(at).copied().unwrap_or(at))
    }
}

/// The text as it is, then with one layer of escapes less each.
pub(super) fn layers(text: &str) -> Vec<View<'_>> {
    let mut found = vec![View {
        text: Cow::Borrowed(text),
        map: None,
    }];
    while found.len() <= LAYERS
        && let Some(last) = found.last()
        && let Some(next) = unescaped(last)
    {
        found.push(next);
    }
    if let Some(spaced) = found.last().and_then(spaced) {
        found.push(spaced);
    }
    found
}

/// A form writes a space as a plus sign. Only between letters, so that sums and telephone numbers stay; and in a reading of
/// its own, since a plus is part of a mailbox too.
fn spaced<'a>(view: &View<'a>) -> Option<View<'a>> {
    let bytes = view.text.as_bytes();
    let is_space =
        |at: usize| bytes[at] == b'+' && at > 0 && word_at(bytes, at - 1) && word_at(bytes, at + 1);
    if !memchr::memchr_iter(b'+', bytes).any(is_space) {
        return None;
    }
    let text = view
        .text
        .char_indices()
        .map(|(at, c)| if c == '+' && is_space(at) { ' ' } else { c })
        .collect::<String>();
    Some(View {
        text: Cow::Owned(text),
        map: view.map.clone(),
    })
}

/// One layer less; `None` when there is nothing to take off.
fn unescaped<'a>(view: &View<'a>) -> Option<View<'a>> {
    let text: &str = &view.text;
    let bytes = text.as_bytes();
    memchr::memchr2(b'%', b'\\', bytes)?;
    let mut out = String::with_capacity(text.len());
    let mut map = Vec::with_capacity(text.len() + 1);
    let mut changed = false;
    let mut at = 0;
    while at < bytes.len() {
        let (length, plain) = match bytes[at] {
            b'%' => percent(&bytes[at..]),
            b'\\' => backslash(&bytes[at..]),
            _ => None,
        }
        .map_or_else(
            || {
                let next = text[at..].chars().next().map_or(1, char::len_utf8);
                (next, Cow::Borrowed(&text[at..at + next]))
            },
            |(length, plain): (usize, String)| {
                changed = true;
                (length, Cow::Owned(plain))
            },
        );
        out.push_str(&plain);
        map.extend(std::iter::repeat_n(view.original(at), plain.len()));
        at += length;
    }
    map.push(view.original(bytes.len()));
    changed.then_some(View {
        text: Cow::Owned(out),
        map: Some(map),
    })
}

fn word_at(bytes: &[u8], at: usize) -> bool {
    bytes
        .get(at)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii())
}

/// One character in percent signs: as many of them as its UTF-8 has bytes. What is no UTF-8 stays as it is.
fn percent(from: &[u8]) -> Option<(usize, String)> {
    let mut bytes = [0; 4];
    for count in 0..4 {
        let escape = from.get(count * 3..count * 3 + 3)?;
        if escape[0] != b'%' {
            return None;
        }
        bytes[count] = u8::try_from(hex(&escape[1..])?).ok()?;
        if let Ok(plain) = std::str::from_utf8(&bytes[..=count]) {
            return Some((count * 3 + 3, plain.to_owned()));
        }
    }
    None
}

/// One escape of JSON. A half of a surrogate pair stays as it is.
fn backslash(from: &[u8]) -> Option<(usize, String)> {
    let plain = match from.get(1)? {
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'"' => '"',
        b'/' => '/',
        b'\\' => '\\',
        b'u' => {
            let first = hex(from.get(2..6)?)?;
            if let Some(plain) = char::from_u32(first) {
                return Some((6, plain.into()));
            }
            if from.get(6..8)? != b"\\u" {
                return None;
            }
            let units = [
                u16::try_from(first).ok()?,
                u16::try_from(hex(from.get(8..12)?)?).ok()?,
            ];
            return Some((12, String::from_utf16(&units).ok()?));
        }
        _ => return None,
    };
    Some((2, plain.into()))
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, &digit| {
        Some(sum << 4 | char::from(digit).to_digit(16)?)
    })
}

/// How many bytes at `at` belong to an escape whose sign stands right before: the `n` of `\n`, the `20` of `%20`, the `2520`
/// of `%2520`.
///
/// A spot that begins there is moved behind them. Otherwise `\nada@contoso.com` inside a string of JSON would become
/// `\person-3`, which nothing can read. How many backslashes there are does not matter: `\\n` is an escape one layer deeper.
pub(super) fn tail_of_escape(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let is_hex = |from: usize, count: usize| {
        bytes
            .get(from..from + count)
            .is_some_and(|digits| hex(digits).is_some())
    };
    match at.checked_sub(1).map(|before| bytes[before]) {
        Some(b'%') if is_hex(at, 2) => {
            let mut length = 2;
            while &bytes[at + length - 2..at + length] == b"25" && is_hex(at + length, 2) {
                length += 2;
            }
            length
        }
        Some(b'\\') => match bytes.get(at) {
            Some(b'b' | b'f' | b'n' | b'r' | b't') => 1,
            Some(b'u') if is_hex(at + 1, 4) => 5,
            _ => 0,
        },
        _ => 0,
    }
}

/// A text in the one spelling in which identifiers are compared.
#[derive(Debug)]
pub(super) struct Folded {
    pub(super) text: String,
    /// As in [`View`].
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
        map.extend(std::iter::repeat_n(start, out.len() - before));
        start = end;
    }
    map.push(text.len());
    Folded {
        text: out,
        map: Some(map),
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

    #[test]
    fn layers_come_off_one_by_one() {
        let text = r"a%2540contoso.com \\u00e9 \u00e9 %C3%A9 %E9 Ada+Quill";
        let found = layers(text);
        assert_eq!(found[1].text, r"a%40contoso.com \u00e9 é é %E9 Ada+Quill");
        assert_eq!(found[2].text, "a@contoso.com é é é %E9 Ada+Quill");
        assert_eq!(found[3].text, "a@contoso.com é é é %E9 Ada Quill");
        assert_eq!(found.len(), 4);
        let at = found[2].text.find('@').expect("an at sign");
        assert_eq!(found[2].original(at), 1);
        assert_eq!(found[2].original(at + 1), 6);
    }

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

        #[test]
        fn no_layer_panics(text in r#"[%\\u0-9a-fn+"/é]{0,20}"#) {
            for view in layers(&text) {
                for at in (0..=view.text.len()).filter(|at| view.text.is_char_boundary(*at)) {
                    prop_assert!(text.is_char_boundary(view.original(at)));
                }
            }
        }
    }
}
