//! JSON as text. Documents are built as values and written once, with sorted keys and no blanks, so that what is served
//! and what the truth hashes are the same bytes. A number that a double cannot hold travels as a marked string.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

const DIGITS: &str = "$digits";

/// A number that is written with exactly these digits.
pub(crate) fn digits(source: &str) -> Value {
    let mut map = Map::new();
    map.insert(DIGITS.to_owned(), Value::String(source.to_owned()));
    Value::Object(map)
}

pub(crate) fn quote(text: &str, out: &mut String) {
    // Writing a string cannot fail; an empty string literal is the honest fallback all the same.
    out.push_str(&serde_json::to_string(text).unwrap_or_else(|_| "\"\"".to_owned()));
}

pub(crate) fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => {
            // Writing to a string never fails.
            let _ = write!(out, "{number}");
        }
        Value::String(text) => quote(text, out),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            if let (1, Some(Value::String(source))) = (map.len(), map.get(DIGITS)) {
                out.push_str(source);
                return;
            }
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            out.push('{');
            for (at, key) in keys.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                quote(key, out);
                out.push(':');
                if let Some(inner) = map.get(key) {
                    write(inner, out);
                }
            }
            out.push('}');
        }
    }
}

pub(crate) fn render(value: &Value) -> String {
    let mut out = String::with_capacity(512);
    write(value, &mut out);
    out
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Adds the members of one object to another.
pub(crate) fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(target), Value::Object(source)) = (into, from) {
        target.extend(source);
    }
}

/// A merge patch (RFC 7386): members are replaced, null takes one away, objects are patched in turn.
pub(crate) fn patch(doc: &mut Value, with: &Value) {
    let Value::Object(members) = with else {
        *doc = with.clone();
        return;
    };
    if !doc.is_object() {
        *doc = Value::Object(Map::new());
    }
    if let Value::Object(target) = doc {
        for (name, value) in members {
            if value.is_null() {
                target.remove(name);
            } else {
                patch(target.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
    }
}

/// The same for a document that shows a part of another: only members that it shows already, at every depth.
pub(crate) fn patch_known(doc: &mut Value, with: &Value) {
    let (Value::Object(target), Value::Object(members)) = (doc, with) else {
        return;
    };
    for (name, value) in members {
        match target.get_mut(name) {
            Some(_) if value.is_null() => {
                target.remove(name);
            }
            Some(inner) if inner.is_object() && value.is_object() => patch_known(inner, value),
            Some(inner) => *inner = value.clone(),
            None => {}
        }
    }
}

/// JSON text without the blanks between its parts; digits, letters and the order of keys stay as they are.
pub(crate) fn compact(source: &str) -> String {
    let (mut out, mut inside, mut escaped) = (String::with_capacity(source.len()), false, false);
    for letter in source.chars() {
        if inside {
            inside = letter != '"' || escaped;
            escaped = letter == '\\' && !escaped;
        } else if matches!(letter, ' ' | '\n' | '\r' | '\t') {
            continue;
        } else {
            inside = letter == '"';
        }
        out.push(letter);
    }
    out
}
