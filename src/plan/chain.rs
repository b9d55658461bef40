//! Lines that hold each other: each names the hash of the one before it, and carries its own. A line that was changed, taken
//! away, added or moved is noticed, the last one too, unless whole lines are missing at the end: whoever keeps the last hash
//! (a receipt does) notices that as well.

use serde::Serialize;
use serde_json::{Map, Value};

use super::seal::sha256;

/// What is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("line {line} is no line of a chain: {what}")]
    NoLine { line: u64, what: String },
    #[error("line {line} was altered")]
    Altered { line: u64 },
    #[error(
        "line {line} does not follow the line before it: something was taken away, added or moved"
    )]
    Torn { line: u64 },
}

/// A line with its line feed, and its hash. `body` must become a JSON object.
pub fn link(previous: &str, body: &impl Serialize) -> Result<(String, String), serde_json::Error> {
    let mut text = serde_json::to_string(body)?;
    if !text.starts_with('{') || !text.ends_with('}') {
        return Err(serde::ser::Error::custom("a line of a chain is an object"));
    }
    text.pop();
    if text.len() > 1 {
        text.push(',');
    }
    text.push_str("\"previous\":\"");
    text.push_str(previous);
    text.push('"');
    let hash = sha256(text.as_bytes());
    text.push_str(",\"hash\":\"");
    text.push_str(&hash);
    text.push_str("\"}\n");
    Ok((text, hash))
}

/// Reads one line, without its line feed, that must follow `previous`. Gives what it says, without the two hashes, and its
/// own hash. `line` is its number, from 1.
pub fn follow(
    line: u64,
    text: &str,
    previous: &str,
) -> Result<(Map<String, Value>, String), Broken> {
    let (head, hash) = whole(line, text)?;
    let mut doc: Map<String, Value> =
        serde_json::from_str(&format!("{head}}}")).map_err(|error| Broken::NoLine {
            line,
            what: error.to_string(),
        })?;
    match doc.remove("previous") {
        Some(Value::String(said)) if said == previous => Ok((doc, hash.to_owned())),
        _ => Err(Broken::Torn { line }),
    }
}

/// Whether one line, without its line feed, is as it was written, whatever stands before it. Gives what is hashed, and its hash.
pub fn whole(line: u64, text: &str) -> Result<(&str, &str), Broken> {
    let no_line = |what: &str| Broken::NoLine {
        line,
        what: what.to_owned(),
    };
    let head = text
        .strip_suffix("\"}")
        .ok_or_else(|| no_line("it has no end"))?;
    let (head, hash) = head
        .rsplit_once(",\"hash\":\"")
        .ok_or_else(|| no_line("it has no hash"))?;
    if sha256(head.as_bytes()) != hash {
        return Err(Broken::Altered { line });
    }
    Ok((head, hash))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn three() -> String {
        let mut text = String::new();
        let mut previous = "first".to_owned();
        for n in 0..3 {
            let (line, hash) =
                link(&previous, &json!({"n": n, "what": "\"hash\":\""})).expect("a line");
            text.push_str(&line);
            previous = hash;
        }
        text
    }

    fn holds(bytes: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return false;
        };
        let Some(text) = text.strip_suffix('\n') else {
            return false;
        };
        let mut previous = "first".to_owned();
        let mut count = 0;
        for (number, line) in (1..).zip(text.split('\n')) {
            let Ok((_, hash)) = follow(number, line, &previous) else {
                return false;
            };
            previous = hash;
            count += 1;
        }
        count == 3
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let text = three();
        assert!(holds(text.as_bytes()));
        for at in 0..text.len() {
            for change in [1, 0x20, 0x80] {
                let mut other = text.clone().into_bytes();
                other[at] ^= change;
                assert!(!holds(&other), "byte {at}, change {change}");
            }
            let mut shorter = text.clone().into_bytes();
            shorter.remove(at);
            assert!(!holds(&shorter), "without byte {at}");
        }
    }

    #[test]
    fn lines_cannot_change_places() {
        let text = three();
        let mut lines: Vec<&str> = text.lines().collect();
        lines.swap(0, 1);
        assert!(!holds(format!("{}\n", lines.join("\n")).as_bytes()));
    }
}
