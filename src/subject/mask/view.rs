//! The same text with its escapes taken off and in one spelling, and where each place of it stands in the original.
//!
//! An identifier has more spellings than anyone can list: URL-encoded in part, once or twice, JSON-escaped inside a string
//! that is itself JSON, in capitals, with its accents composed or not. So it is not the identifiers that are spelled out
//! here, it is the text that is read back: layer by layer, until there is nothing left to take off.

use std::borrow::Cow;
use std::rc::Rc;

/// How many layers of escapes are taken off: URL-encoded twice inside JSON inside JSON inside JSON is five.
pub(super) const LAYERS: usize = 5;

/// A reading of a text.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) text: Cow<'a, str>,
    /// Where it came from; `None` when it is the original.
    map: Option<Rc<Map>>,
}

/// How places in a text lead to places in the text with one layer more, and from there on.
#[derive(Debug)]
struct Map {
    stretches: Vec<Stretch>,
    above: Option<Rc<Self>>,
}

/// A stretch that came through as it was, or one that an escape stood for.
#[derive(Debug)]
struct Stretch {
    /// Where it begins, here and above.
    here: usize,
    above: usize,
    escape: bool,
}

impl Map {
    fn original(&self, at: usize) -> usize {
        let behind = self.stretches.partition_point(|one| one.here <= at);
        let Some(one) = behind.checked_sub(1).map(|index| &self.stretches[index]) else {
            return at;
        };
        let above = if one.escape {
            one.above
        } else {
            one.above + (at - one.here)
        };
        self.above.as_ref().map_or(above, |map| map.original(above))
    }
}

impl View<'_> {
    /// The place in the original of a place in this text.
    pub(super) fn original(&self, at: usize) -> usize {
        self.map.as_ref().map_or(at, |map| map.original(at))
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
    Some(View {
        text: Cow::Owned(with_spaces(&view.text)?),
        map: view.map.clone(),
    })
}

/// The text with spaces for plus signs; `None` when it has none to read so.
pub(super) fn with_spaces(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_space =
        |at: usize| bytes[at] == b'+' && at > 0 && word_at(bytes, at - 1) && word_at(bytes, at + 1);
    if !memchr::memchr_iter(b'+', bytes).any(is_space) {
        return None;
    }
    let spaces = text
        .char_indices()
        .map(|(at, c)| if c == '+' && is_space(at) { ' ' } else { c });
    Some(spaces.collect())
}

/// One layer less; `None` when there is nothing to take off.
fn unescaped<'a>(view: &View<'a>) -> Option<View<'a>> {
    let mut text = String::new();
    let mut stretches = Vec::new();
    let changed = take_off(&view.text, &mut text, |here, above, escape| {
        stretches.push(Stretch {
            here,
            above,
            escape,
        });
    });
    changed.then(|| View {
        text: Cow::Owned(text),
        map: Some(Rc::new(Map {
            stretches,
            above: view.map.clone(),
        })),
    })
}

/// Writes the text with one layer of escapes less, and says whether there was one. Each stretch is told as it begins: where
/// it is written, where it is read, and whether an escape stands there. The last one is empty, at the end.
pub(super) fn take_off(
    text: &str,
    out: &mut String,
    mut each: impl FnMut(usize, usize, bool),
) -> bool {
    let bytes = text.as_bytes();
    out.clear();
    let (mut done, mut at) = (0, 0);
    while let Some(next) = memchr::memchr2(b'%', b'\\', &bytes[at..]) {
        at += next;
        let escape = if bytes[at] == b'%' {
            percent(&bytes[at..])
        } else {
            backslash(&bytes[at..])
        };
        let Some((length, plain)) = escape else {
            at += 1;
            continue;
        };
        if done < at {
            each(out.len(), done, false);
            out.push_str(&text[done..at]);
        }
        each(out.len(), at, true);
        out.push(plain);
        at += length;
        done = at;
    }
    if done == 0 {
        return false;
    }
    each(out.len(), done, false);
    out.push_str(&text[done..]);
    true
}

fn word_at(bytes: &[u8], at: usize) -> bool {
    bytes
        .get(at)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii())
}

/// One character in percent signs: as many of them as its UTF-8 has bytes. What is no UTF-8 stays as it is.
fn percent(from: &[u8]) -> Option<(usize, char)> {
    let mut bytes = [0; 4];
    for count in 0..4 {
        let escape = from.get(count * 3..count * 3 + 3)?;
        if escape[0] != b'%' {
            return None;
        }
        bytes[count] = u8::try_from(hex(&escape[1..])?).ok()?;
        if let Ok(plain) = std::str::from_utf8(&bytes[..=count]) {
            return Some((count * 3 + 3, plain.chars().next()?));
        }
    }
    None
}

/// One escape of JSON. A half of a surrogate pair stays as it is.
fn backslash(from: &[u8]) -> Option<(usize, char)> {
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
                return Some((6, plain));
            }
            if from.get(6..8)? != b"\\u" {
                return None;
            }
            let units = [
                u16::try_from(first).ok()?,
                u16::try_from(hex(from.get(8..12)?)?).ok()?,
            ];
            let plain = char::decode_utf16(units).next()?.ok()?;
            return Some((12, plain));
        }
        _ => return None,
    };
    Some((2, plain))
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
        fn no_layer_panics(text in r#"[%\\u0-9a-fn+"/é]{0,20}"#) {
            for view in layers(&text) {
                for at in (0..=view.text.len()).filter(|at| view.text.is_char_boundary(*at)) {
                    prop_assert!(text.is_char_boundary(view.original(at)));
                }
            }
        }
    }
}
