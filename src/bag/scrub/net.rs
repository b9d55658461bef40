//! The net: patterns of secrets that no row of the catalogue foresaw.
//!
//! Every pattern runs in a time linear in the text, because the text is the service's, that is, anybody's. A pattern is
//! looked for only where its characters occur (the hints), so that an ordinary string costs next to nothing.

use super::REDACTED;
use super::assign::assignments;
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
    option: Finder<'static>,
}

static NEEDLES: LazyLock<Needles> = LazyLock::new(|| Needles {
    jwt: Finder::new("eyJ"),
    bearer: [Finder::new("earer "), Finder::new("EARER ")],
    begin: Finder::new("-----BEGIN "),
    end: Finder::new("-----END "),
    scheme: Finder::new("://"),
    option: Finder::new("--"),
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
    if hints & DASH != 0 {
        options(text, finds);
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

/// The options of command lines that are followed by a secret.
const OPTIONS: [&[u8]; 9] = [
    b"token",
    b"password",
    b"pwd",
    b"secret",
    b"api-key",
    b"access-key",
    b"account-key",
    b"sas-token",
    b"client-secret",
];

/// `--token VALUE` and its like, in the arguments of a script.
fn options(text: &[u8], finds: &mut Vec<Find>) {
    for at in NEEDLES.option.find_iter(text) {
        let name = &text[at + 2..];
        let length = stretch(name, |byte| {
            byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
        });
        let separated = matches!(name.get(length), Some(b' ' | b'='));
        if !separated
            || !OPTIONS
                .iter()
                .any(|option| name[..length].eq_ignore_ascii_case(option))
        {
            continue;
        }
        let start = at + 2 + length + 1;
        let value = &text[start..];
        let length = stretch(value, |byte| {
            !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\'' | b';')
        });
        // A short word is more likely to say where the secret is than to be it.
        if length >= 8
            && !value.starts_with(b"--")
            && !value.starts_with(b"$")
            && !value.starts_with(REDACTED.as_bytes())
        {
            finds.push(Find {
                start,
                end: start + length,
                name: "option",
            });
        }
    }
}
