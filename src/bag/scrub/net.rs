//! The net: patterns of secrets that no row of the catalogue foresaw.
//!
//! Every pattern runs in a time linear in the text, because the text is the service's, that is, anybody's. A pattern is
//! looked for only where its characters occur (the hints), so that an ordinary string costs next to nothing.

use super::REDACTED;
use super::text::{AT, DASH, DOT, EQUALS, ESCAPE, Hints, PERCENT, SPACE};
use memchr::memmem::Finder;
use std::sync::LazyLock;

/// A secret in a plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Find {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) name: &'static str,
}

struct Needles {
    jwt: Finder<'static>,
    bearer: [Finder<'static>; 2],
    begin: Finder<'static>,
    end: Finder<'static>,
    scheme: Finder<'static>,
}

static NEEDLES: LazyLock<Needles> = LazyLock::new(|| Needles {
    jwt: Finder::new("eyJ"),
    bearer: [Finder::new("earer "), Finder::new("EARER ")],
    begin: Finder::new("-----BEGIN "),
    end: Finder::new("-----END "),
    scheme: Finder::new("://"),
});

/// Appends what the net catches in `text`, sorted and without overlaps.
pub(super) fn find(text: &[u8], hints: Hints, finds: &mut Vec<Find>) {
    if hints & (EQUALS | PERCENT | ESCAPE) != 0 {
        assignments(text, finds);
    }
    if hints & AT != 0 {
        passwords_in_urls(text, finds);
    }
    if hints & DOT != 0 && text.len() >= 24 {
        tokens(text, finds);
    }
    if hints & SPACE != 0 && text.len() >= 24 {
        bearers(text, finds);
        if hints & DASH != 0 {
            private_keys(text, finds);
        }
    }
    if finds.len() > 1 {
        finds.sort_by_key(|find| (find.start, std::cmp::Reverse(find.end)));
        let mut kept = 0;
        for at in 1..finds.len() {
            if finds[at].start < finds[kept].end {
                finds[kept].end = finds[kept].end.max(finds[at].end);
            } else {
                kept += 1;
                finds[kept] = finds[at];
            }
        }
        finds.truncate(kept + 1);
    }
}

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

fn assignments(text: &[u8], finds: &mut Vec<Find>) {
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

fn is_base64_url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn stretch(text: &[u8], fits: impl Fn(u8) -> bool) -> usize {
    text.iter()
        .position(|&byte| !fits(byte))
        .unwrap_or(text.len())
}

/// JSON Web Tokens: header, dot, payload, dot, signature; the first two begin with an encoded `{"`.
fn tokens(text: &[u8], finds: &mut Vec<Find>) {
    let mut at = 0;
    while let Some(found) = NEEDLES.jwt.find(&text[at..]) {
        let start = at + found;
        let header = start + stretch(&text[start..], is_base64_url);
        // Whatever begins later in this stretch ends at the same place, so nothing is lost by going on behind it.
        at = header;
        let rest = &text[header..];
        if header - start < 10 || !rest.starts_with(b".eyJ") {
            continue;
        }
        let payload = header + 1 + stretch(&rest[1..], is_base64_url);
        at = payload;
        if text.get(payload) == Some(&b'.') && payload - header > 8 {
            at = payload + 1 + stretch(&text[payload + 1..], is_base64_url);
            finds.push(Find {
                start,
                end: at,
                name: "jwt",
            });
        }
    }
}

/// `Bearer` and what follows, where it looks like a token: long, and not a word.
fn bearers(text: &[u8], finds: &mut Vec<Find>) {
    for needle in &NEEDLES.bearer {
        for found in needle.find_iter(text) {
            if found == 0 || !text[found - 1].eq_ignore_ascii_case(&b'b') {
                continue;
            }
            let start = found + 6;
            let start = start + stretch(&text[start..], |byte| byte == b' ');
            let length = stretch(&text[start..], |byte| {
                is_base64_url(byte) || matches!(byte, b'.' | b'~' | b'+' | b'/' | b'=')
            });
            if length >= 16 && text[start..start + length].iter().any(u8::is_ascii_digit) {
                finds.push(Find {
                    start,
                    end: start + length,
                    name: "bearer",
                });
            }
        }
    }
}

/// PEM blocks of private keys, to their end or to the end of the text.
fn private_keys(text: &[u8], finds: &mut Vec<Find>) {
    let mut at = 0;
    while let Some(found) = NEEDLES.begin.find(&text[at..]) {
        let start = at + found;
        let label = start + 11;
        at = label;
        let line = &text[label..text.len().min(label + 60)];
        let Some(close) = memchr::memmem::find(line, b"-----") else {
            continue;
        };
        if memchr::memmem::find(&line[..close], b"PRIVATE KEY").is_none() {
            continue;
        }
        let body = label + close + 5;
        at = match NEEDLES.end.find(&text[body..]) {
            Some(end) => {
                let tail = body + end + 9;
                memchr::memmem::find(&text[tail..text.len().min(tail + 60)], b"-----")
                    .map_or(text.len(), |dashes| tail + dashes + 5)
            }
            None => text.len(),
        };
        finds.push(Find {
            start,
            end: at,
            name: "private-key",
        });
    }
}

/// `scheme://user:password@host`: the password.
fn passwords_in_urls(text: &[u8], finds: &mut Vec<Find>) {
    for found in NEEDLES.scheme.find_iter(text) {
        let start = found + 3;
        let authority = &text[start
            ..start
                + stretch(&text[start..], |byte| {
                    !matches!(
                        byte,
                        0..=b' ' | b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'\\'
                    )
                })];
        let Some(end) = memchr::memrchr(b'@', authority) else {
            continue;
        };
        let Some(colon) = memchr::memchr(b':', &authority[..end]) else {
            continue;
        };
        if colon + 1 < end && &authority[colon + 1..end] != REDACTED.as_bytes() {
            finds.push(Find {
                start: start + colon + 1,
                end: start + end,
                name: "url-password",
            });
        }
    }
}
