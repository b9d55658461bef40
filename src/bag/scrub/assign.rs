//! The part of the net for `name=value`: signatures, keys and passwords in URLs and connection strings.

use super::REDACTED;
use super::net::Find;

/// What a secret that follows `name=` looks like.
#[derive(Clone, Copy)]
enum Shape {
    /// Base64, perhaps percent-encoded, of at least so many characters.
    Key(usize),
    /// Hex digits and dashes.
    Guid,
    /// Whatever a connection string may hold: until a semicolon, a quote or white space.
    Free,
}

struct Assignment {
    word: &'static [u8],
    /// Whether the word must stand alone. Short words end too many others.
    alone: bool,
    shape: Shape,
    name: &'static str,
}

const fn assignment(
    word: &'static str,
    alone: bool,
    shape: Shape,
    name: &'static str,
) -> Assignment {
    Assignment {
        word: word.as_bytes(),
        alone,
        shape,
        name,
    }
}

const ASSIGNMENTS: [Assignment; 11] = [
    assignment("sig", true, Shape::Key(16), "sas"),
    assignment("sharedaccesssignature", false, Shape::Free, "sas"),
    assignment("accountkey", false, Shape::Key(1), "account-key"),
    assignment("sharedaccesskey", false, Shape::Key(1), "shared-access-key"),
    assignment("password", false, Shape::Free, "connection-string"),
    assignment("pwd", true, Shape::Free, "connection-string"),
    assignment(
        "instrumentationkey",
        false,
        Shape::Guid,
        "instrumentation-key",
    ),
    assignment("client_secret", false, Shape::Free, "client-secret"),
    assignment("clientsecret", false, Shape::Free, "client-secret"),
    assignment("access_token", false, Shape::Key(16), "token"),
    assignment("refresh_token", false, Shape::Key(16), "token"),
];

/// The ways an equals sign arrives: as itself, percent-encoded once or twice, or escaped in JSON within JSON.
const EQUALS_FORMS: [&[u8]; 4] = [b"=", b"%3d", b"%253d", b"\\u003d"];
/// The same for what separates one parameter from the next.
const SEPARATORS: [&[u8]; 9] = [
    b"%26", b"%2526", b"\\u0026", b"%3f", b"%253f", b"\\u003f", b"%3b", b"\\n", b"\\t",
];

fn starts(text: &[u8], with: &[u8]) -> bool {
    text.len() >= with.len() && text[..with.len()].eq_ignore_ascii_case(with)
}

fn ends(text: &[u8], with: &[u8]) -> bool {
    text.len() >= with.len() && text[text.len() - with.len()..].eq_ignore_ascii_case(with)
}

/// Finds what follows the names that secrets go by.
pub(super) fn assignments(text: &[u8], finds: &mut Vec<Find>) {
    let mut done = 0;
    for at in memchr::memchr3_iter(b'=', b'%', b'\\', text) {
        // Nothing else ends in these; most equals signs are dismissed here.
        let before = trimmed(&text[done.min(at)..at]);
        if !matches!(
            before.last(),
            Some(b'g' | b'G' | b'e' | b'E' | b'y' | b'Y' | b'd' | b'D' | b't' | b'T' | b'n' | b'N')
        ) {
            continue;
        }
        let Some(form) = EQUALS_FORMS.iter().find(|form| starts(&text[at..], form)) else {
            continue;
        };
        let Some(found) = ASSIGNMENTS.iter().find(|wanted| is_word(before, wanted)) else {
            continue;
        };
        let mut start = at + form.len();
        while text.get(start) == Some(&b' ') {
            start += 1;
        }
        let encoded = form.len() > 1;
        let Some((start, end)) = value(text, start, found.shape, encoded) else {
            continue;
        };
        finds.push(Find {
            start,
            end,
            name: found.name,
        });
        done = end;
    }
}

fn trimmed(before: &[u8]) -> &[u8] {
    let spaces = before
        .iter()
        .rev()
        .take(2)
        .take_while(|byte| **byte == b' ')
        .count();
    &before[..before.len() - spaces]
}

fn is_word(before: &[u8], wanted: &Assignment) -> bool {
    if !ends(before, wanted.word) {
        return false;
    }
    let rest = &before[..before.len() - wanted.word.len()];
    !wanted.alone
        || rest
            .last()
            .is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
        || SEPARATORS.iter().any(|separator| ends(rest, separator))
}

/// Where the value that begins at `start` lies, if it looks like a secret.
fn value(text: &[u8], start: usize, shape: Shape, encoded: bool) -> Option<(usize, usize)> {
    let rest = &text[start..];
    if rest.starts_with(REDACTED.as_bytes()) {
        return None;
    }
    let (skipped, length) = match shape {
        Shape::Key(least) => {
            let length = run(rest, encoded, |byte| {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'%' | b'.' | b'~')
            });
            (0, if length >= least { length } else { 0 })
        }
        Shape::Guid => {
            let length = run(rest, encoded, |byte| {
                byte.is_ascii_hexdigit() || byte == b'-'
            });
            (0, if length >= 16 { length } else { 0 })
        }
        Shape::Free => match rest {
            [quote @ (b'"' | b'\''), inner @ ..] => {
                (1, memchr::memchr(*quote, inner).unwrap_or(inner.len()))
            }
            // A quote in JSON within JSON.
            [b'\\', b'"', inner @ ..] => (
                2,
                memchr::memmem::find(inner, b"\\\"").unwrap_or(inner.len()),
            ),
            _ => (
                0,
                run(rest, encoded, |byte| {
                    !matches!(byte, 0..=b' ' | b';' | b'"' | b'\'' | b'<' | b'>' | b'`')
                }),
            ),
        },
    };
    let (start, end) = (start + skipped, start + skipped + length);
    (length > 0 && &text[start..end] != REDACTED.as_bytes()).then_some((start, end))
}

/// How far a value goes: to the first byte that cannot belong to it, or to the next parameter in its encoded form.
fn run(text: &[u8], encoded: bool, fits: impl Fn(u8) -> bool) -> usize {
    let mut at = 0;
    while at < text.len() && fits(text[at]) {
        let rest = &text[at..];
        let stops = match text[at] {
            b'%' => {
                starts(rest, b"%26")
                    || starts(rest, b"%2526")
                    || encoded && (starts(rest, b"%3b") || starts(rest, b"%22"))
            }
            b'\\' => {
                matches!(rest.get(1), Some(b'"' | b'n' | b'r' | b't'))
                    || starts(rest, b"\\u0026")
                    || starts(rest, b"\\u0022")
            }
            _ => false,
        };
        if stops {
            break;
        }
        at += 1;
    }
    at
}
