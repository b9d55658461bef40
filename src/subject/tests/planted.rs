//! Whatever is planted is found, and what is part of something longer is not.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::{Matcher, Place, Skipped};
use super::planting::{IDENTIFIERS, WAYS, write};
use crate::kinds;

fn filler() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 /_.%&\\\\\"{}:;+=-]{0,30}",
        "\\PC{0,12}",
        Just("https://store.blob.core.windows.net/azureml?sv=2019&sig=a%2Fb%3D".to_owned()),
        Just(r#"{"script":"train.py","args":["--lr",0.1],"path":"C:\\x\\new"}"#.to_owned()),
        Just("4f1c7c1e-3333-4222-8111-abcdefabcdef".to_owned()),
    ]
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        filler().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((filler(), inner), 0..5)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Puts a value under a chain of keys, each with other values beside it.
fn bury(value: Value, chain: &[(String, Value, bool)]) -> (Value, String) {
    let mut pointer = String::new();
    let doc = chain.iter().fold(value, |doc, (key, beside, array)| {
        if *array {
            pointer = format!("/1{pointer}");
            json!([beside, doc])
        } else {
            pointer = format!("/k{}{pointer}", key.replace('~', "~0").replace('/', "~1"));
            json!({ format!("k{key}"): doc, "a": beside })
        }
    });
    (doc, pointer)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_planted_in_a_document_is_found_where_it_is(
        which in 0..IDENTIFIERS.len(), way in 0..WAYS, before in filler(), after in filler(),
        chain in vec((filler(), document(), any::<bool>()), 0..4), key in any::<bool>(),
        escaped in any::<bool>(), shift in 0..3_usize,
    ) {
        let spelt = write(way, &format!("{}{}", &"?? "[..shift], IDENTIFIERS[which]));
        let text = format!("{before} {spelt} {after}");
        let inner = if key { json!({ text.clone(): 0 }) } else { json!(text) };
        let (doc, mut pointer) = bury(inner, &chain);
        if key {
            pointer = format!("{pointer}/{}", text.replace('~', "~0").replace('/', "~1"));
        }
        let mut raw = doc.to_string();
        if escaped {
            raw = raw.chars().map(|c| if c.is_ascii() && c != '/' && c != '&' { c.to_string() } else if c == '/' { "\\/".to_owned() } else {
                c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04X}")).collect()
            }).collect();
        }
        let found = ALL.document(kinds::find("runs").expect("a row"), &raw);
        let there = found.iter().any(|m| m.pointer == pointer && m.identifier == index(which)
            && m.place == if key { Place::Key } else { Place::Text });
        prop_assert!(there, "{spelt} at {pointer} in {raw}: {found:?}");
    }

    #[test]
    fn what_is_planted_in_a_file_is_found_at_every_offset_and_chunking(
        which in 0..IDENTIFIERS.len(), way in 0..WAYS, offset in 0..200_000_usize, shift in 0..3_usize,
        tail in 0..100_000_usize, lines in any::<bool>(), sizes in vec(1..90_000_usize, 1..6), wide in 0..3_u8,
    ) {
        let spelt = write(way, &format!("{}{}", &"?? "[..shift], IDENTIFIERS[which]));
        let fill = if lines { "some words of a log, 17%\n" } else { "some words of a log, 17% " };
        let pad = |length: usize| fill.chars().cycle().take(length).collect::<String>();
        let text = format!("{} {spelt} {}", pad(offset), pad(tail));
        let line = text[..=offset].matches('\n').count() as u64 + 1;
        let bytes: Vec<u8> = match wide {
            0 => text.into_bytes(),
            1 => std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
            _ => std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect(),
        };
        let mut scan = ALL.content(u64::MAX);
        let (mut rest, mut size) = (&bytes[..], sizes.iter().cycle());
        while !rest.is_empty() {
            let (chunk, left) = rest.split_at(rest.len().min(*size.next().expect("a size")));
            scan.feed(chunk);
            rest = left;
        }
        let report = scan.finish();
        prop_assert_eq!(report.scanned, bytes.len() as u64);
        prop_assert_eq!(report.skipped, None::<Skipped>);
        let found: Vec<_> = report.matches.iter().map(|m| (m.line, m.identifier)).collect();
        prop_assert_eq!(found, [(line, index(which))], "{}", spelt);
    }

    #[test]
    fn nothing_is_found_inside_a_longer_token(
        which in 0..IDENTIFIERS.len(), way in 0..WAYS, before in "[a-z0-9é]{0,3}", after in "[a-z0-9é]{0,3}", shift in 0..3_usize,
    ) {
        let id = IDENTIFIERS[which];
        // A name in Han is found beside digits, by the rule of that script: letters only.
        let beside = |text: String| if id.starts_with('王') { text.replace(|c: char| c.is_ascii_digit(), "x") } else { text };
        let (before, after) = (beside(before), beside(after));
        let before = if before.is_empty() && after.is_empty() { "x" } else { &before };
        let spelt = write(way, &format!("{}{before}{id}{after}", &"?? "[..shift]));
        for around in ["", " ", "\"", "/", "="] {
            let found = matcher(which).name(&format!("{around}{spelt}{around}"));
            prop_assert!(found.is_empty(), "{around}{spelt}: {found:?}");
        }
    }
}

/// The automaton of one identifier, made once.
fn matcher(which: usize) -> &'static Matcher {
    static ONE: LazyLock<Vec<Matcher>> =
        LazyLock::new(|| IDENTIFIERS.iter().map(|id| super::matcher(&[id])).collect());
    &ONE[which]
}

/// The automaton of all of them.
static ALL: LazyLock<Matcher> = LazyLock::new(|| super::matcher(&IDENTIFIERS));

/// The place in the set, where the alternative security id that the PUID implies comes third.
fn index(which: usize) -> usize {
    if which < 2 { which } else { which + 1 }
}
