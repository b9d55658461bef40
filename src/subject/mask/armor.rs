//! Base64: where it may stand in a text, what it holds, and how to write it again.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

/// Shorter runs hold nothing that could be found by chance: six bytes are eight letters.
const SHORTEST: usize = 8;
/// How many bytes of text in a row make it worth a look.
const WORTH: usize = 6;

/// What a letter of either alphabet stands for; `NONE` for other bytes.
const VALUE: [u8; 256] = {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut value = [NONE; 256];
    let mut at = 0_u8;
    while at < 64 {
        value[letters[at as usize] as usize] = at;
        at += 1;
    }
    value[b'-' as usize] = 62;
    value[b'_' as usize] = 63;
    value
};
const NONE: u8 = 255;

/// Runs of letters of the alphabet, with the padding behind them: start, end of the letters, end.
pub(super) fn each_run(text: &str) -> impl Iterator<Item = (usize, usize, usize)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let letters = bytes[at..].iter().take_while(|&&byte| is_letter(byte));
            let (start, letters) = (at, at + letters.count());
            at = letters;
            if letters - start >= SHORTEST {
                let padding = bytes[at..].iter().take(2).take_while(|&&byte| byte == b'=');
                at += padding.count();
                return Some((start, letters, at));
            }
            at += bytes[at..]
                .iter()
                .take_while(|&&byte| !is_letter(byte))
                .count();
        }
        None
    })
}

fn is_letter(byte: u8) -> bool {
    VALUE[usize::from(byte)] != NONE
}

/// The stretches of text in what a run holds when it is read from one of its first four letters on; `None` when there are none.
pub(super) fn glimpse(letters: &str, phase: usize) -> Option<String> {
    let mut plain = Vec::new();
    decode(letters.as_bytes().get(phase..)?, &mut plain);
    let mut text = String::new();
    for glimpse in glimpses(&plain) {
        text.push_str(glimpse);
        text.push('\0');
    }
    (!text.is_empty()).then_some(text)
}

/// The stretches of text in what a run holds that may be more than noise.
pub(super) fn glimpses(plain: &[u8]) -> impl Iterator<Item = &str> {
    let looked_at = if worth(plain) { plain } else { &[] };
    let chunks = looked_at.utf8_chunks().map(|chunk| chunk.valid());
    chunks.filter(|text| text.len() >= WORTH)
}

/// The parts of a run that are text from end to end when they are decoded: the whole run, or else the parts between letters
/// of the alphabet that are separators elsewhere (`backup/YWRhQGNvbnRvc28uY29t` is a path).
pub(super) fn readings(letters: &str) -> Vec<(usize, usize, String)> {
    if let Some(text) = open(letters) {
        return vec![(0, letters.len(), text)];
    }
    let mut found = Vec::new();
    let mut start = 0;
    for piece in letters.split_inclusive(['/', '-', '_', '+']) {
        let bare = piece.trim_end_matches(['/', '-', '_', '+']);
        if bare.len() >= SHORTEST
            && bare.len() < letters.len()
            && let Some(text) = open(bare)
        {
            found.push((start, start + bare.len(), text));
        }
        start += piece.len();
    }
    found
}

/// Whether a run has such readings.
pub(super) fn is_read(letters: &str) -> bool {
    opens(letters)
        || letters
            .split(['/', '-', '_', '+'])
            .any(|bare| bare.len() >= SHORTEST && bare.len() < letters.len() && opens(bare))
}

fn opens(letters: &str) -> bool {
    begins_like_text(letters.as_bytes()) && open(letters).is_some()
}

/// What a token holds when it is text from end to end.
fn open(letters: &str) -> Option<String> {
    if letters.len() % 4 == 1 || !begins_like_text(letters.as_bytes()) {
        return None;
    }
    let mut plain = Vec::new();
    decode(letters.as_bytes(), &mut plain);
    let text = String::from_utf8(plain).ok()?;
    let strange = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    (!text.contains(strange)).then_some(text)
}

/// Whether the first bytes that letters stand for may be text. Most words of a language decode to noise, and end here.
fn begins_like_text(letters: &[u8]) -> bool {
    let few = letters.len().min(8) / 4 * 4;
    letters[..few].chunks_exact(4).all(|group| {
        let bits = group.iter().fold(0, |bits, &letter| {
            bits << 6 | u32::from(VALUE[usize::from(letter)] & 63)
        });
        let [_, bytes @ ..] = bits.to_be_bytes();
        bytes.iter().all(|&byte| {
            byte >= 0x20 && !matches!(byte, 0x7f | 0xc0 | 0xc1 | 0xf5..)
                || matches!(byte, b'\n' | b'\r' | b'\t')
        })
    })
}

/// Writes a text the way `token` was written.
pub(super) fn close(text: &str, token: &str) -> String {
    let url = token.contains(['-', '_']);
    // Without padding in sight, none was needed or none was wanted; a length that is no multiple of four says the latter.
    let bare = !token.len().is_multiple_of(4);
    match (url, bare) {
        (false, false) => STANDARD.encode(text),
        (true, false) => URL_SAFE.encode(text),
        (false, true) => STANDARD_NO_PAD.encode(text),
        (true, true) => URL_SAFE_NO_PAD.encode(text),
    }
}

/// Both alphabets, without a look at the last bits; a letter too many is dropped.
pub(super) fn decode(letters: &[u8], plain: &mut Vec<u8>) {
    let value = |letter: &u8| u32::from(VALUE[usize::from(*letter)] & 63);
    plain.clear();
    plain.reserve(letters.len() / 4 * 3 + 3);
    let (groups, rest) = letters.as_chunks::<4>();
    for [one, two, three, four] in groups {
        let bits = value(one) << 18 | value(two) << 12 | value(three) << 6 | value(four);
        let [_, bytes @ ..] = bits.to_be_bytes();
        plain.extend_from_slice(&bytes);
    }
    let bits = rest
        .iter()
        .fold(0, |bits, letter| bits << 6 | value(letter));
    let left = bits << (24 - 6 * rest.len().min(4));
    let [_, bytes @ ..] = left.to_be_bytes();
    plain.extend_from_slice(&bytes[..rest.len() * 6 / 8]);
}

/// Whether enough bytes in a row may be text.
fn worth(plain: &[u8]) -> bool {
    let mut row = 0;
    for &byte in plain {
        row = if (0x20..0x7f).contains(&byte) || byte >= 0x80 {
            row + 1
        } else {
            0
        };
        if row >= WORTH {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_opened_closes_the_same_way() {
        for text in ["ada@contoso.com", "Jörg>>>???", "ab~~~ada@c", "x"] {
            for engine in [STANDARD, URL_SAFE, STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                let token = engine.encode(text);
                let letters = token.trim_end_matches('=');
                assert_eq!(open(letters).as_deref(), Some(text), "{token}");
                let again = close(text, &token);
                assert_eq!(open(again.trim_end_matches('=')).as_deref(), Some(text));
            }
        }
        assert_eq!(close("abcd", "QUJDRA"), "YWJjZA");
        assert_eq!(close("abcd", "QUJDRA=="), "YWJjZA==");
    }

    #[test]
    fn a_glimpse_finds_text_at_every_alignment() {
        for before in ["", "x", "xy", "xyz"] {
            let run = format!("{before}{}", STANDARD.encode("ada@contoso.com"));
            let seen = (0..4).filter_map(|phase| glimpse(run.trim_end_matches('='), phase));
            assert!(
                seen.into_iter()
                    .any(|text| text.contains("ada@contoso.com"))
            );
        }
    }
}
