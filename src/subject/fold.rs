//! One spelling for names and addresses that differ only in letter case or in Unicode form.

use std::sync::LazyLock;

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizerBorrowed;

/// Case folding over NFKC, and NFKC once more, since folding may take a composed letter apart (Unicode 3.13, D146 without
/// the removal of invisible characters). `Straße`, `STRASSE` and the decomposed forms of `José` each come out the same.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let nfkc = ComposingNormalizerBorrowed::new_nfkc();
    let folded = CaseMapper::new()
        .fold_string(&nfkc.normalize(text))
        .into_owned();
    nfkc.normalize(&folded).into_owned()
}

/// A text after folding.
pub(super) struct Folded {
    pub(super) text: Vec<u8>,
    /// Whether a sign became a letter or a digit of ASCII, as `™` and `²` do: then what stood beside it looks longer.
    pub(super) letters: bool,
}

/// The same for bytes that may be no UTF-8, where ASCII keeps its letter case: the automaton does not mind it.
///
/// Only the stretches beyond ASCII are folded, each with the ASCII character before it, since an accent that follows may
/// join it. Nothing joins an ASCII character from the left, so the parts together are the fold of the whole. A byte that is
/// no UTF-8 is read as Latin-1, which is what an old log file most likely holds.
pub(super) fn fold_bytes(text: &[u8]) -> Folded {
    let mut out = Folded {
        text: Vec::with_capacity(text.len() + text.len() / 8),
        letters: false,
    };
    let mut from = 0;
    while let Some(beyond) = text[from..].iter().position(|byte| !byte.is_ascii()) {
        let start = from + beyond;
        let stop = text[start..]
            .iter()
            .position(u8::is_ascii)
            .map_or(text.len(), |length| start + length);
        out.text.extend_from_slice(&text[from..start]);
        out.stretch(&read(&text[start..stop]), start > from);
        from = stop;
    }
    out.text.extend_from_slice(&text[from..]);
    out
}

impl Folded {
    /// Adds a stretch beyond ASCII; `joined` says that it follows an ASCII character.
    fn stretch(&mut self, text: &str, joined: bool) {
        if text.chars().all(|c| u32::from(c) < FIRST_MARK) {
            for c in text.chars() {
                let folded = &LATIN[u32::from(c) as usize];
                self.letters |= folded.bytes().any(|byte| byte.is_ascii_alphanumeric());
                self.text.extend_from_slice(folded.as_bytes());
            }
            return;
        }
        let before = if joined { self.text.pop() } else { None };
        let whole: String = before
            .map(char::from)
            .into_iter()
            .chain(text.chars())
            .collect();
        let folded = fold(&whole);
        // The character before may still stand at the head, and is no sign.
        let own = folded.bytes().skip(usize::from(before.is_some()));
        self.letters |= own.into_iter().any(|byte| byte.is_ascii_alphanumeric());
        self.text.extend_from_slice(folded.as_bytes());
    }
}

/// The first character that can join the one before it. Below it each character folds for itself.
const FIRST_MARK: u32 = 0x300;

/// The folds of the characters below the first mark.
static LATIN: LazyLock<Vec<String>> = LazyLock::new(|| {
    let chars = (0..FIRST_MARK).filter_map(char::from_u32);
    chars.map(|c| fold(c.encode_utf8(&mut [0; 4]))).collect()
});

/// Bytes as text, where what is no UTF-8 is read as Latin-1.
fn read(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|byte| char::from(*byte)));
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{fold, fold_bytes};

    #[test]
    fn spellings_of_one_name_are_one() {
        for (one, other) in [
            ("ADA@CONTOSO.COM", "ada@contoso.com"),
            ("Jörg Weißmüller", "JO\u{308}RG WEISSMÜLLER"),
            ("ﬁona", "FIONA"),
            ("Ａｄａ", "ada"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} and {other}");
        }
        assert_ne!(fold("José"), fold("Jose"), "an accent is part of a name");
    }

    #[test]
    fn a_byte_that_is_no_utf8_is_latin_1() {
        assert_eq!(fold_bytes(b"x J\xD6RG").text, "x JöRG".as_bytes());
    }

    proptest! {
        #[test]
        fn the_parts_together_are_the_fold_of_the_whole(text in "([aeosuE ]{0,2}[éÉßŐ\u{301}\u{308}\u{327}\u{345}\u{1100}\u{1161}\u{11a8}ｱﾟ각ﬁＡ™²]{0,3}\\PC{0,2}){0,4}") {
            let parts = String::from_utf8(fold_bytes(text.as_bytes()).text).expect("UTF-8");
            prop_assert_eq!(parts.to_ascii_lowercase(), fold(&text));
        }
    }
}
