//! What holds for every registry and every text.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::stream::Lines;
use super::{Mask, People};
use crate::kinds::{Kind, find};
use crate::subject::{Identifier, fold};

fn runs() -> &'static Kind {
    find("runs").expect("row")
}

/// A person by number: object id, mail, name. Names repeat, so that several bear one.
fn oid(n: usize) -> String {
    format!("5c1d0a2e-0000-4000-8000-{n:012x}")
}

fn mail(n: usize) -> String {
    ["joann", "ann", "ann.lee", "o-neil", "żaneta", "x+y"][n % 6].to_owned()
        + &format!(
            "{}@contoso.com",
            if n < 6 { String::new() } else { n.to_string() }
        )
}

fn name(n: usize) -> String {
    [
        "José Núñez",
        "Ann Lee",
        "Ann Lee Jones",
        "Jo\u{308}rg Weißmüller",
        "王伟",
        "Will Power",
        "O'Connor, Siobhán",
    ][n % 7]
        .to_owned()
}

/// Which identifiers of which person a record shows.
fn a_record() -> impl Strategy<Value = Value> {
    (0..12usize, 0..8u8).prop_map(|(n, shows)| {
        let mut record = json!({});
        if shows & 1 != 0 {
            record["userObjectId"] = json!(oid(n));
        }
        if shows & 2 != 0 {
            record["upn"] = json!(mail(n));
        }
        if shows & 4 != 0 {
            record["userName"] = json!(name(n));
        }
        json!({ "createdBy": record })
    })
}

fn closed(subject: usize, docs: &[Value], texts: &[String]) -> Mask {
    let given = [Identifier::parse(&mail(subject)).expect("mail")];
    let mut people = People::new(&given);
    for doc in docs {
        people.meet(runs(), doc);
    }
    for text in texts {
        people.meet_text(text);
    }
    people.finish()
}

/// Everybody is known by everything; person 1 is the subject.
pub(super) fn everybody() -> &'static Mask {
    static MASK: std::sync::LazyLock<Mask> = std::sync::LazyLock::new(all_of_them);
    &MASK
}

fn all_of_them() -> Mask {
    let docs: Vec<Value> = (0..12)
        .map(
            |n| json!({"createdBy": {"userObjectId": oid(n), "upn": mail(n), "userName": name(n)}}),
        )
        .collect();
    closed(1, &docs, &[])
}

const SUBJECT: usize = 1;

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-' {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

fn escaped(text: &str) -> String {
    text.encode_utf16()
        .map(|unit| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii_alphanumeric() || byte == b' ' => {
                char::from(byte).to_string()
            }
            _ => format!("\\u{unit:04x}"),
        })
        .collect()
}

fn decomposed(text: &str) -> String {
    icu_normalizer::DecomposingNormalizerBorrowed::new_nfd()
        .normalize(text)
        .into_owned()
}

/// An identifier in one of its spellings, at one of three alignments where that matters.
fn spelled(original: &str, how: usize) -> String {
    match how {
        0 => original.to_owned(),
        1 => original.to_uppercase(),
        2 => percent(original),
        3 => percent(&percent(original)),
        4 => escaped(original),
        5 => decomposed(original),
        6 => STANDARD.encode(original),
        7 => STANDARD.encode(format!(". {original}")),
        8 => URL_SAFE_NO_PAD.encode(format!("\n{original} and so on")),
        9 => percent(&STANDARD.encode(format!("; {original}"))),
        10 => STANDARD.encode(percent(original)),
        _ => json!(original).to_string(),
    }
}

fn identifier(n: usize, which: usize) -> String {
    match which {
        0 => oid(n),
        1 => mail(n),
        _ => name(n),
    }
}

fn a_piece() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => (0..12usize, 0..3usize, 0..12usize).prop_map(|(n, which, how)| spelled(&identifier(n, which), how)),
        2 => "[ ,;<>()\"'\n]{1,2}",
        2 => "[a-zA-Z0-9 =/_.:@%\\\\n+-]{0,12}",
        1 => any::<String>(),
        1 => (0..12usize).prop_map(|n| format!("/Users/{}/", mail(n).split('@').next().unwrap_or_default())),
    ]
}

pub(super) fn a_text() -> impl Strategy<Value = String> {
    prop::collection::vec(a_piece(), 0..8).prop_map(|pieces| pieces.concat())
}

fn a_document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        a_text().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((a_text(), inner), 0..4)
                .prop_map(|pairs| pairs.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// The same tree but for strings: the shape, with each string's place kept.
fn shape(doc: &Value) -> Value {
    match doc {
        Value::String(_) => json!("text"),
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::Object(map) => json!({"keys": map.len()}),
        other => other.clone(),
    }
}

/// Whether an identifier stands in a text as a token, read in the plainest way.
fn stands_in(text: &str, identifier: &str) -> bool {
    let (text, identifier) = (fold(text), fold(identifier));
    text.match_indices(&identifier).any(|(at, found)| {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        let word =
            |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || "._+-%\\@".contains(c));
        !word(before) && !word(after)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_meetings_does_not_matter(
        (docs, again) in prop::collection::vec(a_record(), 0..14).prop_flat_map(|docs| (Just(docs.clone()), Just(docs).prop_shuffle())),
        texts in prop::collection::vec(a_text(), 0..3),
        subject in 0..6usize,
    ) {
        let one = closed(subject, &docs, &texts);
        let turned: Vec<String> = texts.iter().rev().cloned().collect();
        let other = closed(subject, &again, &turned);
        prop_assert_eq!(one.key().collect::<Vec<_>>(), other.key().collect::<Vec<_>>());
        for n in 0..12 {
            for which in 0..3 {
                let text = identifier(n, which);
                prop_assert_eq!(one.text(&text).text, other.text(&text).text);
            }
        }
    }

    #[test]
    fn one_person_more_renumbers_but_never_regroups(docs in prop::collection::vec(a_record(), 0..10)) {
        let groups = |mask: &Mask| {
            let mut found = std::collections::BTreeMap::<String, Vec<String>>::new();
            for (pseudonym, _, original) in mask.key().filter(|(_, _, original)| !original.contains("newcomer")) {
                found.entry(pseudonym).or_default().push(original.to_owned());
            }
            found.into_values().collect::<std::collections::BTreeSet<_>>()
        };
        let before = closed(SUBJECT, &docs, &[]);
        let after = closed(SUBJECT, &docs, &["newcomer@fabrikam.example".to_owned()]);
        prop_assert_eq!(groups(&before), groups(&after));
    }

    #[test]
    fn masking_twice_changes_nothing_more(text in a_text(), doc in a_document()) {
        let mask = everybody();
        let once = mask.text(&text).text;
        prop_assert_eq!(&mask.text(&once).text, &once);
        let once = mask.json(runs(), &doc.to_string()).text;
        prop_assert_eq!(&mask.json(runs(), &once).text, &once);
    }

    #[test]
    fn nobody_else_survives_in_any_spelling(n in 0..12usize, which in 0..3usize, how in 0..12usize, around in "[ ,;<>()\"'\n=&]{1,3}") {
        let mask = everybody();
        let original = identifier(n, which);
        // A name that the subject bears is left alone in free text.
        let own = n == SUBJECT || which == 2 && n % 7 == SUBJECT;
        let token = spelled(&original, how);
        let text = format!("{around}{token}{around}");
        let masked = mask.text(&text).text;
        let inside = mask.json(runs(), &json!({"note": text, &text: 1}).to_string()).text;
        if own {
            prop_assert_eq!(&masked, &text);
        } else {
            prop_assert!(!masked.contains(&token), "{masked}");
            prop_assert!(!inside.contains(&token), "{inside}");
            for how in 0..12 {
                let core = spelled(&original, how);
                prop_assert!(!masked.contains(&core), "{core} in {masked}");
                prop_assert!(!inside.contains(&core), "{core} in {inside}");
            }
        }
    }

    #[test]
    fn a_mixed_text_names_nobody_but_the_subject(pieces in prop::collection::vec((0..12usize, 0..3usize, "[ ,;<>()\"'\n]{1,2}"), 1..8)) {
        let mask = everybody();
        let text: String = pieces.iter().map(|(n, which, then)| format!("{}{then}", identifier(*n, *which))).collect();
        let masked = mask.text(&text).text;
        for (n, which, _) in pieces {
            let original = identifier(n, which);
            let own = n == SUBJECT || which == 2 && n % 7 == SUBJECT;
            prop_assert_eq!(stands_in(&masked, &original), own, "{} in {}", original, masked);
        }
    }

    #[test]
    fn a_document_keeps_its_shape(doc in a_document()) {
        let masked = everybody().json(runs(), &doc.to_string()).text;
        let again: Value = serde_json::from_str(&masked).expect("still JSON");
        prop_assert_eq!(shape(&again), shape(&doc));
    }

    #[test]
    fn a_stream_is_the_whole_however_it_is_cut(text in a_text(), more in a_text(), cuts in prop::collection::vec(1..40usize, 1..9)) {
        let mask = everybody();
        let text = format!("{text}{more}").replace('\0', "");
        let mut stream = mask.stream();
        let mut out = Vec::new();
        let mut rest = text.as_bytes();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, later) = rest.split_at((*cut).min(rest.len()));
            out.extend(stream.feed(piece).expect("text"));
            rest = later;
        }
        out.extend(stream.finish().expect("text"));
        prop_assert_eq!(String::from_utf8(out).expect("UTF-8"), mask.text(&text).text);
    }

    #[test]
    fn long_lines_are_cut_where_nobody_stands(pieces in prop::collection::vec((0..12usize, 0..3usize, 0..6usize, "[ ,;<>]{1,2}"), 1..60), window in 16..200usize, cut in 1..999usize) {
        let mask = everybody();
        let text: String = pieces.iter().map(|(n, which, how, then)| format!("{}{then}", spelled(&identifier(*n, *which), *how))).collect();
        let mut found = Vec::new();
        for size in [text.len().max(1), cut] {
            let mut lines = Lines::narrow(mask, window);
            let mut out = String::new();
            let mut rest = text.as_str();
            while !rest.is_empty() {
                let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8());
                let end = ends.into_iter().find(|end| *end >= size).unwrap_or(rest.len());
                let (piece, later) = rest.split_at(end);
                out.push_str(&lines.feed(piece));
                rest = later;
            }
            out.push_str(&lines.finish());
            found.push(out);
        }
        prop_assert_eq!(&found[0], &found[1]);
        prop_assert_eq!(&found[0], &mask.text(&text).text);
    }
}
