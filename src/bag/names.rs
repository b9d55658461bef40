//! Names that survive every file system.
//!
//! A segment is escaped so that it is plain ASCII, can be turned back, never leads outside its folder, and stays different
//! from every other segment even where the file system ignores case or normalises Unicode. The alphabet leaves out `%`,
//! white space, quotes, colons and backslashes, because bagit-python, sha256sum and RFC 8493 disagree about them.
//!
//! ```text
//! segment = body [ "~" mark ]        "~" and "=" occur in no body but as escapes
//! body    = { a-z A-Z 0-9 . _ - , @ + | "=" two lower-case hex digits of a UTF-8 byte }
//! mark    = [ "f" | "d" ] [ "u" hex ]      or      [ "d" ] "l" 16 hex
//! ```
//!
//! `f` marks a file whose body has no dot, `d` a directory whose body has one (or is empty): so a blob `x` and a blob `x/y`
//! can lie side by side without either knowing of the other. `u` is followed by a bit for each letter of the body, the first
//! letter first, set where it is upper case: so `Model` and `model` stay apart on Windows and macOS, exactly and not
//! by the luck of a hash. `l` marks a name that was too long; it was cut and carries a digest of the original.

use super::hex;

/// What a segment names. Files and directories never get the same segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    File,
    Dir,
}

const LONGEST_SEGMENT: usize = 100;
/// Windows stops at 260 for the whole path unless it is asked not to; this leaves 60 for where the bag lies.
const LONGEST_PATH: usize = 200;

/// The segment for `name`, whatever `name` is.
pub fn segment(role: Role, name: &str) -> String {
    let body = escape(name);
    let dotted = body.contains('.');
    let mut mark = String::new();
    match role {
        Role::File if !dotted => mark.push('f'),
        Role::Dir if dotted || body.is_empty() => mark.push('d'),
        _ => {}
    }
    let case = case_of(&body);
    if !case.is_empty() {
        mark.push('u');
        mark.push_str(&case);
    }
    let whole = if mark.is_empty() {
        body.clone()
    } else {
        format!("{body}~{mark}")
    };
    if whole.len() <= LONGEST_SEGMENT {
        return whole;
    }
    let digest = &hex::sha256(name.as_bytes())[..16];
    let mark = if role == Role::Dir { "~dl" } else { "~l" };
    let kept = cut(&body, LONGEST_SEGMENT - mark.len() - digest.len());
    format!("{kept}{mark}{digest}")
}

/// A name that may hold a secret does not become the name of a file: a digest stands for it.
pub fn without_secrets(name: &str) -> std::borrow::Cow<'_, str> {
    if super::scrub::scrub_text(name).1 {
        format!("redacted-{}", &hex::sha256(name.as_bytes())[..16]).into()
    } else {
        name.into()
    }
}

/// The path of a file that the service calls `original` (segments between slashes), below `folder`, which is safe already.
///
/// Empty segments, `.` and `..` are names like any other here: they come out escaped and lead nowhere.
pub fn file_path(folder: &str, original: &str) -> String {
    let (folders, file) = match original.rsplit_once('/') {
        Some((folders, file)) => (Some(folders), file),
        None => (None, original),
    };
    let mut path = String::from(folder);
    let mut push = |segment: &str| {
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(segment);
    };
    for name in folders.into_iter().flat_map(|folders| folders.split('/')) {
        push(&segment(Role::Dir, name));
    }
    push(&segment(Role::File, file));
    if path.len() <= LONGEST_PATH {
        return path;
    }
    // No segment ends in "~l", or goes on with a dot after its mark, so this meets no name made above.
    let digest = &hex::sha256(original.as_bytes())[..32];
    let slash = if folder.is_empty() { "" } else { "/" };
    format!("{folder}{slash}long/{digest}~l{}", extension(file))
}

/// The name that `segment` was made from, or nothing where it was cut, or is none of ours.
///
/// The case comes from the mark, so a segment that went through a file system without case still gives the exact name.
pub fn original(segment: &str) -> Option<String> {
    let (body, mark) = segment.split_once('~').unwrap_or((segment, ""));
    let rest = mark.strip_prefix(['f', 'd']).unwrap_or(mark);
    let case = match rest.strip_prefix('u') {
        Some(case) => case,
        None if rest.is_empty() => "",
        None => return None,
    };
    let name = unescape(body, case)?;
    let made = |role| self::segment(role, &name).eq_ignore_ascii_case(segment);
    (made(Role::File) || made(Role::Dir)).then_some(name)
}

/// Whether a segment could have come from [`segment`] or from our own fixed names. The writer's last line of defence.
pub(crate) fn is_safe(segment: &str) -> bool {
    !segment.is_empty()
        && segment.len() <= 128
        && !segment.starts_with('.')
        && !segment.ends_with('.')
        && !is_device(segment)
        && segment
            .bytes()
            .all(|byte| is_plain(byte) || matches!(byte, b'=' | b'~'))
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b',' | b'@' | b'+')
}

fn escape(name: &str) -> String {
    let mut body = String::with_capacity(name.len() + 8);
    let last = name.len().wrapping_sub(1);
    let device = is_device(name);
    for (at, byte) in name.bytes().enumerate() {
        let edge = byte == b'.' && (at == 0 || at == last);
        if is_plain(byte) && !edge && !(device && at == 0) {
            body.push(byte.into());
        } else {
            body.push('=');
            hex::push(&mut body, byte);
        }
    }
    body
}

/// Windows opens a device in place of these, in every folder and whatever the extension. The forms with superscript
/// digits and with `$` need no mention: those characters are escaped anyway.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).as_bytes();
    let is = |word: &[u8]| stem.eq_ignore_ascii_case(word);
    let numbered = stem.len() == 4
        && stem[3].is_ascii_digit()
        && (stem[..3].eq_ignore_ascii_case(b"com") || stem[..3].eq_ignore_ascii_case(b"lpt"));
    is(b"con") || is(b"prn") || is(b"aux") || is(b"nul") || numbered
}

/// A bit for each letter that is not part of an escape, as hex digits without the zeros at the end.
fn case_of(body: &str) -> String {
    let mut digits: Vec<u8> = Vec::new();
    for (at, upper) in letters(body.as_bytes())
        .map(|at| body.as_bytes()[at].is_ascii_uppercase())
        .enumerate()
    {
        if at % 4 == 0 {
            digits.push(0);
        }
        if let Some(digit) = digits.last_mut() {
            *digit |= u8::from(upper) << (3 - at % 4);
        }
    }
    while digits.last() == Some(&0) {
        digits.pop();
    }
    digits
        .iter()
        .filter_map(|&digit| char::from_digit(digit.into(), 16))
        .collect()
}

fn letters(body: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < body.len() {
            let here = at;
            at += if body[here] == b'=' { 3 } else { 1 };
            if body[here].is_ascii_alphabetic() {
                return Some(here);
            }
        }
        None
    })
}

fn unescape(body: &str, case: &str) -> Option<String> {
    let mut folded = body.to_ascii_lowercase().into_bytes();
    let spots: Vec<usize> = letters(&folded).collect();
    for (at, spot) in spots.into_iter().enumerate() {
        let digit = case
            .as_bytes()
            .get(at / 4)
            .map_or(Some(0), |&digit| hex::nibble(digit))?;
        if digit >> (3 - at % 4) & 1 == 1 {
            folded[spot].make_ascii_uppercase();
        }
    }
    let mut bytes = Vec::with_capacity(folded.len());
    let mut rest = folded.as_slice();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'=' {
            bytes.push(*first);
            continue;
        }
        let [high, low, after @ ..] = rest else {
            return None;
        };
        bytes.push(hex::nibble(*high)? << 4 | hex::nibble(*low)?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

/// The first `room` bytes of a body, or one or two fewer so that no escape is torn.
fn cut(body: &str, room: usize) -> &str {
    let mut end = room.min(body.len());
    let start = end.saturating_sub(2);
    if let Some(at) = body[start..end].rfind('=') {
        end = start + at;
    }
    &body[..end]
}

/// The extension of a file, where it is short and plain enough to keep: people and programs go by it.
fn extension(file: &str) -> String {
    match file.rsplit_once('.') {
        Some((_, kind))
            if (1..=8).contains(&kind.len())
                && kind.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            format!(".{}", kind.to_ascii_lowercase())
        }
        _ => String::new(),
    }
}

#[cfg(test)]
#[path = "names_tests.rs"]
mod tests;
