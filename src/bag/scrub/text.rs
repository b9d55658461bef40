//! The inside of a JSON string: finding its end, what might hide in it, and the way between escaped and plain.

use super::BadJson;
use crate::bag::hex::nibble;

/// Which characters occur in a string, as bits. The net looks for a pattern only where its characters occur.
pub(super) type Hints = u8;
pub(super) const EQUALS: Hints = 1;
pub(super) const PERCENT: Hints = 2;
pub(super) const ESCAPE: Hints = 4;
pub(super) const AT: Hints = 8;
pub(super) const DASH: Hints = 16;
pub(super) const DOT: Hints = 32;
pub(super) const SPACE: Hints = 64;
/// Ends the fast loop: a quote, a backslash, or a control character (which JSON forbids in a string).
const STOP: u8 = 128;

const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut at = 0;
    while at < 0x20 {
        class[at] = STOP;
        at += 1;
    }
    class[b'"' as usize] = STOP;
    class[b'\\' as usize] = STOP;
    class[b'=' as usize] = EQUALS;
    class[b'%' as usize] = PERCENT;
    class[b'@' as usize] = AT;
    class[b'-' as usize] = DASH;
    class[b'.' as usize] = DOT;
    class[b' ' as usize] = SPACE;
    class
};

/// From just behind the opening quote: where the closing quote is, and the hints of what lies between.
pub(super) fn end_of(src: &[u8], start: usize) -> Result<(usize, Hints), BadJson> {
    let mut at = start;
    let mut hints = 0;
    loop {
        let Some(&byte) = src.get(at) else {
            return Err(BadJson {
                at,
                what: "a string without end",
            });
        };
        let class = CLASS[usize::from(byte)];
        hints |= class;
        at += 1;
        if class & STOP == 0 {
            continue;
        }
        match byte {
            b'"' => return Ok((at - 1, hints & !STOP)),
            b'\\' => {
                hints |= ESCAPE;
                at += escape_length(src, at)?;
            }
            _ => {
                return Err(BadJson {
                    at: at - 1,
                    what: "a control character in a string",
                });
            }
        }
    }
}

fn escape_length(src: &[u8], at: usize) -> Result<usize, BadJson> {
    match src.get(at) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(1),
        Some(b'u')
            if src.len() >= at + 5 && src[at + 1..at + 5].iter().all(u8::is_ascii_hexdigit) =>
        {
            Ok(5)
        }
        _ => Err(BadJson {
            at,
            what: "an unknown escape",
        }),
    }
}

/// The hints of plain text.
pub(super) fn hints(text: &[u8]) -> Hints {
    text.iter().fold(0, |hints, &byte| {
        hints | CLASS[usize::from(byte)] & !STOP | if byte == b'\\' { ESCAPE } else { 0 }
    })
}

/// Turns the inside of a string into plain UTF-8. Half a surrogate pair, which JSON allows and Unicode does not, becomes
/// a replacement character; that matters only for looking, since what is written is copied from the original.
pub(super) fn unescape(raw: &[u8], plain: &mut Vec<u8>) {
    plain.clear();
    let mut at = 0;
    while at < raw.len() {
        let ordinary = memchr::memchr(b'\\', &raw[at..]).map_or(raw.len(), |found| at + found);
        plain.extend_from_slice(&raw[at..ordinary]);
        at = ordinary;
        if at < raw.len() {
            let (length, character) = unit(&raw[at..]);
            let mut room = [0; 4];
            plain.extend_from_slice(character.encode_utf8(&mut room).as_bytes());
            at += length;
        }
    }
}

/// Where the byte `wanted` of the plain text stands in the escaped one, going on from an earlier pair of places.
pub(super) fn raw_place(raw: &[u8], from: (usize, usize), wanted: usize) -> (usize, usize) {
    let (mut at, mut plain) = from;
    while plain < wanted && at < raw.len() {
        if raw[at] == b'\\' {
            let (length, character) = unit(&raw[at..]);
            at += length;
            plain += character.len_utf8();
        } else {
            at += 1;
            plain += 1;
        }
    }
    (at, plain)
}

/// One escape, checked before: how long it is and what it stands for.
fn unit(raw: &[u8]) -> (usize, char) {
    let plain = match raw.get(1) {
        Some(b'u') => {
            let first = four(raw, 2);
            let pair = (0xD800..0xDC00).contains(&first) && raw.get(6..8) == Some(b"\\u");
            let second = if pair { four(raw, 8) } else { 0 };
            if (0xDC00..0xE000).contains(&second) {
                let both = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return (
                    12,
                    char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER),
                );
            }
            return (
                6,
                char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER),
            );
        }
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(&other) => other.into(),
        None => char::REPLACEMENT_CHARACTER,
    };
    (2, plain)
}

fn four(raw: &[u8], at: usize) -> u32 {
    raw.get(at..at + 4)
        .unwrap_or_default()
        .iter()
        .fold(0, |sum, &digit| {
            sum << 4 | u32::from(nibble(digit).unwrap_or(0))
        })
}
