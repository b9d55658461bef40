//! The spellings of an identifier that the automaton looks for; escapes are taken off the text instead (`unescape`).
//!
//! - plain, in the folded spelling; an object id without its dashes as well;
//! - a name with `+` for its blanks, as forms and queries write it;
//! - base64 of the identifier as it was given, in small and in capital letters, in the standard and the URL-safe alphabet,
//!   at each of the three places where it can fall between the groups of three bytes.
//!
//! Not looked for, since it would be guessing: `Last, First` and other orders, initials, nicknames and aliases that were not
//! given, `_`, `.` or several blanks between the words of a name, a name without its accents, base64 of odd letter case
//! (`aDa@`), of UTF-16, broken over lines, or made twice, base64 of an identifier of less than 7 bytes, hashes of any kind.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use icu_normalizer::ComposingNormalizerBorrowed;

use super::{Form, Identifier, fold};

/// What a spelling is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spelling {
    Plain,
    /// `+` stands for the blank.
    Plus,
    /// The stable middle of base64, which begins this far into a group of four.
    Base64(usize),
}

/// With less than this the stable middle may have under 8 characters, which turn up by chance.
const SHORTEST_IN_BASE64: usize = 7;

/// Every spelling of an identifier.
pub(super) fn spellings(identifier: &Identifier) -> Vec<(Vec<u8>, Spelling)> {
    let key = identifier.key();
    let mut found = vec![(key.clone().into_bytes(), Spelling::Plain)];
    if identifier.form == Form::ObjectId {
        found.push((key.replace('-', "").into_bytes(), Spelling::Plain));
    }
    if key.contains(' ') {
        found.push((key.replace(' ', "+").into_bytes(), Spelling::Plus));
    }
    let composed = ComposingNormalizerBorrowed::new_nfc();
    let given = composed.normalize(&identifier.value).into_owned();
    for text in [
        given.to_lowercase(),
        given.to_uppercase(),
        given,
        identifier.value.clone(),
        fold(&identifier.value),
    ] {
        found.extend(in_base64(text.as_bytes()));
    }
    found.sort();
    found.dedup();
    found
}

/// The characters of base64 that depend on this text alone, wherever it falls.
fn in_base64(text: &[u8]) -> Vec<(Vec<u8>, Spelling)> {
    let mut found = Vec::new();
    if text.len() < SHORTEST_IN_BASE64 {
        return found;
    }
    for before in 0..3 {
        let mut bytes = vec![0; before];
        bytes.extend_from_slice(text);
        // The first whole character after the bytes before, and the last whole one within the text.
        let (start, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        for engine in [
            &general_purpose::STANDARD_NO_PAD,
            &general_purpose::URL_SAFE_NO_PAD,
        ] {
            let whole = engine.encode(&bytes);
            found.push((
                whole.as_bytes()[start..end].to_vec(),
                Spelling::Base64(start),
            ));
        }
    }
    found
}

/// How much is decoded on either side, in groups of four: enough to see what stands beside the identifier.
const GROUPS: usize = 16;

/// Decodes the base64 around a find, whose first character stands `phase` into its group.
pub(super) fn decode_around(text: &[u8], start: usize, end: usize, phase: usize) -> Vec<u8> {
    // At the very start of a text the group may be cut off; then there is nothing to decode.
    let Some(mut from) = start.checked_sub(phase) else {
        return Vec::new();
    };
    for _ in 0..GROUPS {
        let whole = from >= 4
            && text[from - 4..from]
                .iter()
                .all(|byte| sextet(*byte).is_some());
        if !whole {
            break;
        }
        from -= 4;
    }
    let until = text.len().min(end + 4 * GROUPS);
    let mut run: Vec<u8> = text[from..until].iter().map_while(|b| sextet(*b)).collect();
    // One character alone in its group says nothing.
    if run.len() % 4 == 1 {
        run.pop();
    }
    LENIENT.decode(run).unwrap_or_default()
}

/// Bits left over at a cut are no fault.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A character of either alphabet, in the standard one.
fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        b'+' | b'/' => Some(byte),
        _ => byte.is_ascii_alphanumeric().then_some(byte),
    }
}
