//! The escapes behind which an identifier can hide, taken off one layer at a time.
//!
//! Any character of an identifier may be escaped or not (`%40`, `%61da`, `\u0061da`), so the spellings cannot be listed: the
//! text is decoded instead, and looked at again. Known are percent-encoding (as UTF-8 or Latin-1), the backslash escapes of
//! JSON and Python (`\u00f6`, `\/`, `\xf6`, surrogate pairs), and the entities of HTML (by number, and by name up to Latin-1).
//! Not known are quoted-printable, octal escapes, and UTF-7.

use memchr::{memchr3, memchr3_iter};

/// Which escapes are taken off, as bits.
pub(super) const PERCENT: u8 = 1;
pub(super) const BACKSLASH: u8 = 2;
pub(super) const ENTITY: u8 = 4;
pub(super) const ALL: u8 = PERCENT | BACKSLASH | ENTITY;

/// The longest name of an entity, with the number forms counted in.
const LONGEST_ENTITY: usize = 12;

/// Whether the text has a layer of escapes.
pub(super) fn any(text: &[u8], which: u8) -> bool {
    memchr3_iter(b'%', b'\\', b'&', text).any(|at| escape(&text[at..], which).is_some())
}

/// The text without its outermost layer of escapes; `None` when there is none.
pub(super) fn layer(text: &[u8], which: u8) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut kept, mut at) = (0, 0);
    while let Some(next) = memchr3(b'%', b'\\', b'&', &text[at..]) {
        at += next;
        let Some((length, decoded)) = escape(&text[at..], which) else {
            at += 1;
            continue;
        };
        if out.is_empty() {
            out.reserve(text.len());
        }
        out.extend_from_slice(&text[kept..at]);
        match decoded {
            Decoded::Byte(byte) => out.push(byte),
            Decoded::Char(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        at += length;
        kept = at;
    }
    if kept == 0 {
        return None;
    }
    out.extend_from_slice(&text[kept..]);
    Some(out)
}

/// Whether an escape begins here that may stand for a letter. `\x` is left out: it is no JSON, and a path of Windows may
/// well go on with it (`ada@contoso.com\xfer`).
pub(super) fn starts(text: &[u8]) -> bool {
    matches!(text.first(), Some(b'%' | b'\\' | b'&'))
        && !text.starts_with(b"\\x")
        && escape(text, ALL).is_some()
}

/// Whether an escape ends here, of whatever kind.
pub(super) fn ends_with_escape(text: &[u8]) -> bool {
    let ends = |length: usize| {
        let start = text.len().checked_sub(length);
        let found = start.and_then(|start| escape(&text[start..], PERCENT | BACKSLASH));
        found.is_some_and(|(found, _)| found == length)
    };
    [2, 3, 4, 6].into_iter().any(ends) || ends_with_entity(text)
}

/// Whether an entity ends here.
pub(super) fn ends_with_entity(text: &[u8]) -> bool {
    let from = text.len().saturating_sub(LONGEST_ENTITY);
    let start = memchr::memrchr(b'&', &text[from..]).map(|at| from + at);
    start.is_some_and(|start| entity(&text[start..]).is_some_and(|(n, _)| start + n == text.len()))
}

enum Decoded {
    Byte(u8),
    Char(char),
}

/// The escape at the start of a text: its length, and what it stands for.
fn escape(text: &[u8], which: u8) -> Option<(usize, Decoded)> {
    match text.first()? {
        b'%' if which & PERCENT != 0 => {
            let byte = u8::try_from(hex(text.get(1..3)?)?).ok()?;
            Some((3, Decoded::Byte(byte)))
        }
        b'\\' if which & BACKSLASH != 0 => backslash(text),
        b'&' if which & ENTITY != 0 => entity(text).map(|(length, c)| (length, Decoded::Char(c))),
        _ => None,
    }
}

fn backslash(text: &[u8]) -> Option<(usize, Decoded)> {
    let byte = match text.get(1)? {
        &byte @ (b'"' | b'\\' | b'/' | b'\'') => byte,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'x' => {
            let byte = u8::try_from(hex(text.get(2..4)?)?).ok()?;
            return Some((4, Decoded::Byte(byte)));
        }
        b'u' => return unicode(text),
        _ => return None,
    };
    Some((2, Decoded::Byte(byte)))
}

/// `\u` and four digits, or two of them that make a surrogate pair. Half a pair stands for nothing.
fn unicode(text: &[u8]) -> Option<(usize, Decoded)> {
    let high = hex(text.get(2..6)?)?;
    if let Some(c) = char::from_u32(high) {
        return Some((6, Decoded::Char(c)));
    }
    let low = text
        .get(6..12)
        .filter(|rest| rest.starts_with(b"\\u"))
        .and_then(|rest| hex(&rest[2..]));
    match low {
        Some(low @ 0xdc00..=0xdfff) if high < 0xdc00 => {
            let c = char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))?;
            Some((12, Decoded::Char(c)))
        }
        _ => Some((6, Decoded::Char(char::REPLACEMENT_CHARACTER))),
    }
}

fn entity(text: &[u8]) -> Option<(usize, char)> {
    let body = &text[1..text.len().min(LONGEST_ENTITY)];
    let end = body.iter().position(|&byte| byte == b';')?;
    let name = std::str::from_utf8(&body[..end]).ok()?;
    let number = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix(['x', 'X']) {
            Some(digits) => hex(digits.as_bytes()),
            None if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok(),
            None => None,
        },
        None => named(name),
    };
    Some((end + 2, char::from_u32(number?)?))
}

fn named(name: &str) -> Option<u32> {
    Some(match name {
        "amp" => '&'.into(),
        "lt" => '<'.into(),
        "gt" => '>'.into(),
        "quot" => '"'.into(),
        "apos" => '\''.into(),
        "commat" => '@'.into(),
        "period" => '.'.into(),
        "lowbar" => '_'.into(),
        _ => {
            let at = LATIN_1.split(' ').position(|known| known == name)?;
            0xa0 + u32::try_from(at).ok()?
        }
    })
}

/// The names of U+00A0 to U+00FF, in order (HTML 4, section 24.2).
const LATIN_1: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 \
    sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring \
    AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash \
    Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml \
    igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn \
    yuml";

fn hex(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 6 {
        return None;
    }
    digits.iter().try_fold(0, |sum, &digit| {
        char::from(digit)
            .to_digit(16)
            .map(|digit| (sum << 4) | digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> String {
        let mut text = text.as_bytes().to_vec();
        while let Some(next) = layer(&text, ALL) {
            text = next;
        }
        String::from_utf8(text).expect("UTF-8")
    }

    #[test]
    fn every_layer_comes_off() {
        for spelling in [
            "J%C3%B6rg@x",
            "J%c3%b6rg%40x",
            "J%25c3%25b6rg%2540x",
            r"J\u00f6rg\u0040x",
            r"J\\u00F6rg@x",
            r"J\xc3\xb6rg@x",
            "J&ouml;rg&commat;x",
            "J&#246;rg&#x40;x",
            "J&amp;#xF6;rg@x",
            r"J\u0026ouml;rg%5Cu0040x",
        ] {
            assert_eq!(all(spelling), "Jörg@x", "{spelling}");
        }
        assert_eq!(all(r"\ud842\udfb7"), "𠮷");
        assert_eq!(all(r"\ud842x"), "\u{fffd}x");
        assert_eq!(all("&yuml;&nbsp;&szlig;"), "ÿ\u{a0}ß");
    }

    #[test]
    fn what_is_no_escape_stays() {
        for text in [
            "100%",
            "50%zz",
            r"C:\Ada\q",
            "a&b;c",
            "&#;",
            "&#x;",
            "&#+1;",
            "&nobody;",
            "%",
            "\\",
            "&",
            r"\u12",
        ] {
            assert!(layer(text.as_bytes(), ALL).is_none(), "{text}");
        }
        assert!(layer(b"a%40b", BACKSLASH | ENTITY).is_none());
    }
}
