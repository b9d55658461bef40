//! Where a token ends: an identifier counts only where it stands as a whole.
//!
//! The rules, each with what it gives up:
//!
//! - A letter or a digit beside the identifier, or a mark that joins one, makes it a part of something longer.
//! - Scripts that are written without blanks between words (Han, kana, Hangul with its particles, Thai, Lao, Khmer,
//!   Burmese) set no bounds: their letters beside an identifier do not hide it, and a name of theirs is also found before
//!   digits. So `王伟` is found in `王伟杰`, which is somebody else: a candidate too many, never one too few.
//! - In an address `.`, `-`, `_` and `+` join what stands before them (`jo.ann@`), `.` and `-` what stands after the domain
//!   (`contoso.com.example`), but a file ending (`ann@contoso.com.csv`) does not. So `ann+test@` is not found for `ann@`, nor
//!   `for-ann@`. An apostrophe joins nothing, since Python writes `u'ann@contoso.com'`.
//! - A name of one word is not found beside `_` (`mark_price`), a name of several words is (`cv_Ada Lindqvist_2020`).
//! - An object id may stand beside anything that is neither letter nor digit: `AutoML_<id>_17`, `{<id>}`, `userfs-<id>`.

use icu_normalizer::properties::CanonicalCombiningClassMap;

use super::{Form, unescape};

/// How the ends of a token are judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    pub(super) form: Form,
    /// A name without a blank.
    pub(super) one_word: bool,
    /// Whether an escape beside the token leaves the question to the decoded text, where its letter can be seen; otherwise
    /// it ends the token.
    pub(super) strict: bool,
    /// Whether a byte that is no UTF-8 is a letter of Latin-1, or a mere end.
    pub(super) latin: bool,
}

impl Ends {
    /// Whether the token `text[start..end]` stands as a whole.
    pub(super) fn whole(self, text: &[u8], start: usize, end: usize) -> bool {
        self.begins(text, start) && self.ends(text, end)
    }

    fn begins(self, text: &[u8], start: usize) -> bool {
        let Some((before, length)) = last(&text[..start], self.latin) else {
            return true;
        };
        if self.strict && before == ';' && unescape::ends_with_entity(&text[..start]) {
            return false;
        }
        if !self.strict && unescape::ends_with_escape(&text[..start]) {
            return true;
        }
        let edge = first(&text[start..], self.latin).map(|(c, _)| c);
        if self.joins(edge, before) {
            return false;
        }
        // A connector counts only when something stands before it: `...ann@` and `- ann@` are no longer tokens.
        !(self.form == Form::Mail
            && matches!(before, '.' | '-' | '_' | '+')
            && last(&text[..start - length], self.latin).is_some_and(|(c, _)| letter(c)))
    }

    fn ends(self, text: &[u8], end: usize) -> bool {
        let rest = &text[end..];
        let Some((after, length)) = first(rest, self.latin) else {
            return true;
        };
        if self.strict && unescape::starts(rest) {
            return false;
        }
        let edge = last(&text[..end], self.latin).map(|(c, _)| c);
        if self.joins(edge, after) {
            return false;
        }
        if self.form != Form::Mail || !matches!(after, '.' | '-') {
            return true;
        }
        let rest = &rest[length..];
        if self.strict && unescape::starts(rest) {
            return false;
        }
        !first(rest, self.latin).is_some_and(|(c, _)| letter(c))
            || (after == '.' && begins_with_file_ending(rest))
    }

    /// Whether a neighbour makes the token a part of something longer.
    fn joins(self, edge: Option<char>, neighbour: char) -> bool {
        let free = edge.is_some_and(without_blanks);
        if neighbour == '_' {
            return self.form == Form::Name && self.one_word && !free;
        }
        letter(neighbour) && !(free && neighbour.is_ascii_digit())
    }
}

/// A letter of a script that parts its words, a digit, or a mark that joins the letter before it.
fn letter(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    !without_blanks(c) && (c.is_alphabetic() || CanonicalCombiningClassMap::new().get_u8(c) != 0)
}

/// The scripts that put no blanks between words, or particles right behind a name.
fn without_blanks(c: char) -> bool {
    matches!(u32::from(c),
        0x0e00..=0x0eff // Thai, Lao
        | 0x1000..=0x109f // Burmese
        | 0x1100..=0x11ff // Hangul letters
        | 0x1780..=0x17ff // Khmer
        | 0x2e80..=0x2fdf // Han radicals
        | 0x3005..=0x3007 // Han iteration mark, closing mark, zero
        | 0x3040..=0x318f // kana, Bopomofo, Hangul letters
        | 0x31a0..=0x31ff
        | 0x3400..=0x4dbf
        | 0x4e00..=0x9fff // Han
        | 0xa960..=0xa97f
        | 0xac00..=0xd7ff // Hangul
        | 0xf900..=0xfaff
        | 0xff66..=0xffdc // half-width kana and Hangul
        | 0x20000..=0x3ffff)
}

/// Endings of files that follow an address in a file name, none of which is a top level domain of the net but for `zip`.
const FILE_ENDINGS: &[&str] = &[
    "7z", "bz2", "csv", "doc", "docx", "err", "gz", "h5", "htm", "html", "ipynb", "jpeg", "jpg",
    "json", "jsonl", "log", "npy", "npz", "onnx", "out", "parquet", "pdf", "pickle", "pkl", "png",
    "pt", "pth", "svg", "tar", "tgz", "tsv", "txt", "xls", "xlsx", "xml", "yaml", "yml", "zip",
];

fn begins_with_file_ending(text: &[u8]) -> bool {
    let length = text
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric())
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(length);
    let known = FILE_ENDINGS
        .iter()
        .any(|ending| word.eq_ignore_ascii_case(ending.as_bytes()));
    known
        && rest
            .first()
            .is_none_or(|byte| byte.is_ascii() && *byte != b'-')
}

/// The first character, and its length.
fn first(text: &[u8], latin: bool) -> Option<(char, usize)> {
    let lead = *text.first()?;
    if lead.is_ascii() {
        return Some((char::from(lead), 1));
    }
    let length = text.len().min(4);
    let valid = text[..length].utf8_chunks().next()?.valid();
    Some(match valid.chars().next() {
        Some(c) => (c, c.len_utf8()),
        None => (odd(lead, latin), 1),
    })
}

/// The last character, and its length.
fn last(text: &[u8], latin: bool) -> Option<(char, usize)> {
    let tail = *text.last()?;
    if tail.is_ascii() {
        return Some((char::from(tail), 1));
    }
    let from = text.len().saturating_sub(4);
    (from..text.len())
        .find_map(|start| {
            let mut chars = std::str::from_utf8(&text[start..]).ok()?.chars();
            let c = chars.next_back()?;
            Some((c, c.len_utf8()))
        })
        .or(Some((odd(tail, latin), 1)))
}

/// A byte that is no UTF-8.
fn odd(byte: u8, latin: bool) -> char {
    if latin {
        char::from(byte)
    } else {
        char::REPLACEMENT_CHARACTER
    }
}
