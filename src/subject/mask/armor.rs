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
pub(super) fn runs(text: &str) -> Vec<(usize, usize, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if VALUE[usize::from(bytes[at])] == NONE {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && VALUE[usize::from(bytes[at])] != NONE {
            at += 1;
        }
        let letters = at;
        if letters - start >= SHORTEST {
            while at < bytes.len() && at < letters + 2 && bytes[at] == b'=' {
                at += 1;
            }
            found.push((start, letters, at));
        }
    }
    found
}

/// The stretches of text in what a run holds when it is read from one of its first four letters on; `None` when there are none.
pub(super) fn glimpse(letters: &str, phase: usize) -> Option<String> {
    let plain = decode(letters.as_bytes().get(phase..)?);
    if !worth(&plain) {
        return None;
    }
    let mut text = String::new();
    for chunk in plain.utf8_chunks() {
        if chunk.valid().len() >= WORTH {
            text.push_str(chunk.valid());
            text.push('\0');
        }
    }
    (!text.is_empty()).then_some(text)
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

/// What a token holds when it is text from end to end.
fn open(letters: &str) -> Option<String> {
    if letters.len() % 4 == 1 {
        return None;
    }
    let text = String::from_utf8(decode(letters.as_bytes())).ok()?;
    let strange = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    (!text.contains(strange)).then_some(text)
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
fn decode(letters: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(letters.len() / 4 * 3 + 3);
    let (mut bits, mut held) = (0_u32, 0);
    for &letter in letters {
        bits = bits << 6 | u32::from(VALUE[usize::from(letter)] & 63);
        held += 6;
        if held >= 8 {
            held -= 8;
            plain.extend(u8::try_from(bits >> held & 0xff));
        }
    }
    plain
}

/// Whether enough bytes in a row may be text. Most words of a language decode to noise, and end here.
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
