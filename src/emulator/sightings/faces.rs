//! The forms in which a text may be written down: as it is, percent-encoded, as JSON inside a string, or in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizerBorrowed;
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// One spelling for what differs in letter case or in the composition of letters only.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let composed = ComposingNormalizerBorrowed::new_nfkc();
    let lower = CaseMapper::new()
        .fold_string(&composed.normalize(text))
        .into_owned();
    composed.normalize(&lower).into_owned()
}

/// How often one form may stand inside another.
const DEPTH: usize = 3;
/// Shorter ones are words far more often than they are base64.
pub(super) const SHORTEST: usize = 16;

/// The text, and what it says in other forms.
pub(super) fn faces(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    add(text, DEPTH, &mut all);
    all
}

fn add(text: &str, depth: usize, all: &mut Vec<String>) {
    all.push(fold(text));
    if depth == 0 {
        return;
    }
    if text.contains('%') {
        let decoded = percent_decode_str(text).decode_utf8_lossy();
        if decoded != text {
            add(&decoded, depth - 1, all);
        }
    }
    if text.trim_start().starts_with(['{', '['])
        && let Ok(value) = serde_json::from_str::<Value>(text)
    {
        leaves(&value, depth - 1, all);
    }
    let token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    for word in text
        .split(|c| !token(c))
        .filter(|word| word.len() >= SHORTEST)
    {
        let bytes = STANDARD_NO_PAD.decode(word).ok();
        if let Some(said) = bytes.and_then(|bytes| String::from_utf8(bytes).ok())
            && !said.contains(|c: char| c.is_control() && !c.is_whitespace())
        {
            add(&said, depth - 1, all);
        }
    }
}

fn leaves(value: &Value, depth: usize, all: &mut Vec<String>) {
    match value {
        Value::String(text) => add(text, depth, all),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, depth, all)),
        Value::Object(map) => {
            for (name, inner) in map {
                add(name, depth, all);
                leaves(inner, depth, all);
            }
        }
        _ => {}
    }
}
