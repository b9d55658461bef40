//! Words for what differs from one run to the next, so that the rest can be compared to the letter.

/// Replaces ports, UUIDs, times of day and durations.
pub(crate) fn plain(text: &str) -> String {
    let text = replace(text, "127.0.0.1:", "[PORT]", |c| c.is_ascii_digit());
    let text = uuids(&text);
    numbers_before(&text, &[" ms", " s", " s.", " s,"], "[TIME]")
}

/// Puts `word` in place of what follows `after` as long as it fits.
pub(crate) fn replace(text: &str, after: &str, word: &str, fits: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(after) {
        let (head, tail) = rest.split_at(at + after.len());
        out.push_str(head);
        let end = tail.find(|c| !fits(c)).unwrap_or(tail.len());
        if end > 0 {
            out.push_str(word);
        }
        rest = &tail[end..];
    }
    out.push_str(rest);
    out
}

fn uuids(text: &str) -> String {
    let bytes = text.as_bytes();
    let is_uuid = |at: usize| {
        bytes.get(at..at + 36).is_some_and(|part| {
            part.iter().enumerate().all(|(index, byte)| match index {
                8 | 13 | 18 | 23 => *byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
        })
    };
    let mut out = String::with_capacity(text.len());
    let mut skip = 0;
    for (at, letter) in text.char_indices() {
        if at < skip {
            continue;
        }
        if is_uuid(at) {
            out.push_str("[UUID]");
            skip = at + 36;
        } else {
            out.push(letter);
        }
    }
    out
}

/// Puts `word` in place of numbers that stand before one of these units at the end of a word.
fn numbers_before(text: &str, units: &[&str], word: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (head, tail) = rest.split_at(at);
        out.push_str(head);
        let end = tail
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(tail.len());
        let (number, tail) = tail.split_at(end);
        let measured = units.iter().any(|unit| {
            tail.strip_prefix(unit)
                .is_some_and(|next| !next.starts_with(|c: char| c.is_alphanumeric()))
        });
        let inside = out.ends_with(|c: char| c.is_alphanumeric() || c == '-');
        out.push_str(if measured && !inside { word } else { number });
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[test]
fn what_differs_gets_a_name_and_the_rest_stays() {
    assert_eq!(
        plain(
            "GET 127.0.0.1:40123/x: 200 in 12 ms, id 69e6a281-30fe-4c6d-924e-2ad1c09984eb; 3 sweeps in 1.5 s."
        ),
        "GET 127.0.0.1:[PORT]/x: 200 in [TIME] ms, id [UUID]; 3 sweeps in [TIME] s."
    );
}
