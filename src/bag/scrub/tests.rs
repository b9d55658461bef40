use std::time::{Duration, Instant};

use super::*;
use proptest::prelude::*;
use serde_json::value::RawValue;

fn clean(json: &str, rules: &[Rule]) -> (String, Vec<(String, By, &'static str)>) {
    let scrubbed = scrub(json.as_bytes(), &Rules::new(rules)).expect("valid");
    let text = String::from_utf8(scrubbed.line().to_vec()).expect("UTF-8");
    (
        text,
        scrubbed
            .redactions()
            .iter()
            .map(|found| (found.pointer.clone(), found.by, found.rule))
            .collect(),
    )
}

fn blank(path: &'static str) -> Rule {
    Rule {
        path,
        how: How::Blank,
    }
}

#[test]
fn values_stay_and_white_space_goes() {
    let json = " { \"a\" : [ 1.0 , -0 , 1e400, 123456789012345678901234567890 ] ,\r\n\t\"b\":{ } , \"a\" : \"x\\u00e9 \\/ \\ud800\" } ";
    let wanted =
        r#"{"a":[1.0,-0,1e400,123456789012345678901234567890],"b":{},"a":"x\u00e9 \/ \ud800"}"#;
    assert_eq!(clean(json, &[]).0, wanted);
    assert_eq!(clean(wanted, &[]).0, wanted);
}

#[test]
fn what_is_not_json_is_refused() {
    let deep = format!("{}{}", "[".repeat(129), "]".repeat(129));
    let bad = [
        "",
        " ",
        "{",
        "[1,]",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "01",
        "1.",
        "-",
        "+1",
        ".5",
        "1e",
        "nul",
        "True",
        "\"",
        "\"\n\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "[1 2]",
        "1 1",
        "{1:2}",
        "[}",
        "NaN",
        "\u{feff}{}",
        &deep,
    ];
    for json in bad {
        assert!(scrub(json.as_bytes(), &Rules::default()).is_err(), "{json}");
    }
    assert!(scrub(b"\"\xff\"", &Rules::default()).is_err());
    let deep = format!("{}{}", "[".repeat(128), "]".repeat(128));
    assert_eq!(clean(&deep, &[]).0, deep);
}

#[test]
fn rules_find_their_places() {
    let rules = [
        blank("properties/credentials/*"),
        blank("**/SECRET"),
        blank("env/*/value"),
        blank("a.b/c"),
        blank("all/**"),
        blank("nothing"),
    ];
    let json = r#"{"Properties":{"credentials":{"key":"k","n":null,"e":"","g":"00000000-0000-0000-0000-000000000000","f":false,"o":{},"l":[ ],"num":5,"deep":{"x":[1, 2]}}},
        "x":[{"secret":"s"},{"y":{"Secret":["s"]}}],"secret":"[redacted]","env":[{"value":"v"},{"value":""}],"a.b":{"c":"d"},"a":{"b":{"c":"kept"}},
        "all":{"p":{"q":"r"}},"nothing":[]}"#;
    let (text, found) = clean(json, &rules);
    assert_eq!(
        text,
        concat!(
            r#"{"Properties":{"credentials":{"key":"[redacted]","n":null,"e":"","g":"00000000-0000-0000-0000-000000000000","f":false,"o":{},"l":[],"num":"[redacted]","deep":"[redacted]"}},"#,
            r#""x":[{"secret":"[redacted]"},{"y":{"Secret":"[redacted]"}}],"secret":"[redacted]","env":[{"value":"[redacted]"},{"value":""}],"a.b":{"c":"[redacted]"},"a":{"b":{"c":"kept"}},"#,
            r#""all":{"p":"[redacted]"},"nothing":[]}"#
        )
    );
    let pointers: Vec<&str> = found.iter().map(|(pointer, ..)| pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/Properties/credentials/key",
            "/Properties/credentials/num",
            "/Properties/credentials/deep",
            "/x/0/secret",
            "/x/1/y/Secret",
            "/env/0/value",
            "/a.b/c",
            "/all/p"
        ]
    );
    assert!(found.iter().all(|(_, by, _)| *by == By::Catalogue));
    assert_eq!(
        clean(&text, &rules),
        (text, vec![]),
        "nothing is left the second time"
    );
}

#[test]
fn queries_go_and_urls_stay() {
    let rules = [Rule {
        path: "*",
        how: How::Query,
    }];
    let json = r#"{"a":"https://h/p?x=1","b":"https://h/p","c":"https://h/p?","d":"https:\/\/h\/p\u003fsv=1\u0026sig=AAAABBBBCCCCDDDDEEEE","e":7,"f":"https://u:pass@h/p?q"}"#;
    let (text, found) = clean(json, &rules);
    assert_eq!(
        text,
        r#"{"a":"https://h/p?[redacted]","b":"https://h/p","c":"https://h/p?","d":"https:\/\/h\/p\u003f[redacted]","e":7,"f":"https://u:[redacted]@h/p?[redacted]"}"#
    );
    let rules: Vec<_> = found
        .iter()
        .map(|(pointer, _, rule)| (pointer.as_str(), *rule))
        .collect();
    assert_eq!(
        rules,
        [
            ("/a", "*"),
            ("/d", "*"),
            ("/f", "url-password"),
            ("/f", "*")
        ]
    );
}

const SIG: &str = "dD80ihBh5jfNpymO5Hg1IdiJIEvHcJpCMiCMnN%2FRnbI%3D";
const JWT: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJvaWQiOiIwMDAwIiwibmFtZSI6IkEifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ";

/// What the net takes out, with the pattern, and what it must leave.
#[test]
fn the_net() {
    let caught = [
        (
            format!("https://a.blob.core.windows.net/c?sv=2020&sig={SIG}&se=2030"),
            "sas",
            "https://a.blob.core.windows.net/c?sv=2020&sig=[redacted]&se=2030",
        ),
        (
            format!("?sv=1&amp;SIG={SIG}&amp;se=1"),
            "sas",
            "?sv=1&amp;SIG=[redacted]&amp;se=1",
        ),
        (
            format!(
                "u=https%3A%2F%2Fh%3Fsv%3D1%26sig%3D{}%26se%3D1",
                SIG.replace('%', "%25")
            ),
            "sas",
            "u=https%3A%2F%2Fh%3Fsv%3D1%26sig%3D[redacted]%26se%3D1",
        ),
        (
            format!(r#"{{"u":"h?sv=1\u0026sig\u003d{SIG}\u0026se=1"}}"#),
            "sas",
            r#"{"u":"h?sv=1\u0026sig\u003d[redacted]\u0026se=1"}"#,
        ),
        (
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Zm9vYmFy+/==;EndpointSuffix=x"
                .into(),
            "account-key",
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=[redacted];EndpointSuffix=x",
        ),
        (
            "SharedAccessKeyName=Root;SharedAccessKey=abc123=".into(),
            "shared-access-key",
            "SharedAccessKeyName=Root;SharedAccessKey=[redacted]",
        ),
        (
            "BlobEndpoint=x;SharedAccessSignature=sv=1&sig=abc".into(),
            "sas",
            "BlobEndpoint=x;SharedAccessSignature=[redacted]",
        ),
        (
            "Server=s;User ID=u;Password=p w;Encrypt=1".into(),
            "connection-string",
            "Server=s;User ID=u;Password=[redacted] w;Encrypt=1",
        ),
        (
            "Server=s;Pwd='p w;x';Encrypt=1".into(),
            "connection-string",
            "Server=s;Pwd='[redacted]';Encrypt=1",
        ),
        (
            r#"{"c":"Password=\"a b\";d"}"#.into(),
            "connection-string",
            r#"{"c":"Password=\"[redacted]\";d"}"#,
        ),
        (
            "InstrumentationKey=01234567-89ab-cdef-0123-456789abcdef;IngestionEndpoint=e".into(),
            "instrumentation-key",
            "InstrumentationKey=[redacted];IngestionEndpoint=e",
        ),
        (
            "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nb".into(),
            "private-key",
            "a\n[redacted]\nb",
        ),
        (
            "-----BEGIN PRIVATE KEY-----\nMIIE".into(),
            "private-key",
            "[redacted]",
        ),
        (format!("token {JWT}!"), "jwt", "token [redacted]!"),
        (
            "Authorization: bearer 0123456789abcdef0123".into(),
            "bearer",
            "Authorization: bearer [redacted]",
        ),
        (format!("Bearer {JWT}"), "bearer", "Bearer [redacted]"),
        (
            "git clone https://user:pa:ss@github.com/x".into(),
            "url-password",
            "git clone https://user:[redacted]@github.com/x",
        ),
        (
            "https://user:p@ss@host/".into(),
            "url-password",
            "https://user:[redacted]@host/",
        ),
        (
            "client_secret=abc&grant".into(),
            "client-secret",
            "client_secret=[redacted]",
        ),
    ];
    for (text, name, wanted) in &caught {
        let (left, rule) = scrub_named(text);
        assert_eq!(&left, wanted);
        assert!(
            rule == Some(*name) || text.contains(JWT),
            "{text}: {rule:?}"
        );
        assert_eq!(
            scrub_named(&left).1,
            None,
            "{left}: nothing is left the second time"
        );
        // The same as a JSON string, as a key, and with everything escaped.
        let json = serde_json::to_string(text).expect("a string");
        let escaped = text
            .encode_utf16()
            .fold(String::new(), |all, unit| all + &format!("\\u{unit:04X}"));
        for json in [json, format!("\"{escaped}\"")] {
            for (json, pointer) in [
                (json.clone(), ""),
                (format!("[{{\"k\":{json}}}]"), "/0/k"),
                (format!("{{{json}:1}}"), "*"),
            ] {
                let (written, found) = clean(&json, &[]);
                let value: serde_json::Value = serde_json::from_str(&written).expect("JSON");
                assert!(
                    value
                        .to_string()
                        .contains(&serde_json::to_string(wanted).expect("a string")),
                    "{written}"
                );
                assert_eq!(found.len(), 1);
                assert_eq!(found[0].1, By::Net);
                if pointer == "*" {
                    assert_eq!(
                        found[0].0,
                        format!("/{}", wanted.replace('~', "~0").replace('/', "~1"))
                    );
                } else {
                    assert_eq!(found[0].0, pointer);
                }
            }
        }
    }
    let left = [
        "the design=0123456789abcdef01 of it",
        "sig=short",
        "https://host:8080/a@b",
        "a.b@c.de",
        "mailto:x@y",
        "Bearer authentication_is_used_here",
        "eyJhbGciOiJub25lIn0",
        "eyJ.eyJ.x",
        "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
        "AccountKey=;x",
        "the key = value",
        "Password=",
        "azureml://registries/x/models/y?sig=[redacted]",
        "https://user@host/",
        "x=1&assign=0123456789abcdef0123",
    ];
    for text in left {
        assert_eq!(scrub_text(text), (Cow::Borrowed(text), false));
    }
}

/// A hostile text must not cost more than its length. Eight times the length costs eight times the time, or 64 times where the
/// net is quadratic. A machine that is busy with other things makes a run longer and never shorter, so the least of several
/// counts, and there are more of them until both are little enough.
#[test]
fn the_net_is_linear() {
    const LEAST: u32 = 3;
    const MOST: u32 = 30;
    for piece in [
        "eyJ",
        "eyJaaaaaaaaaaaa.",
        "Bearer ",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----",
        "https://a:",
        "sig=",
        "password=\"",
        "=g",
        "%3D",
        "\\u003d",
    ] {
        let texts = [2 << 10, 16 << 10].map(|times| piece.repeat(times));
        let mut least = [Duration::MAX; 2];
        let linear = |least: [Duration; 2]| least[1] < least[0] * 24;
        for round in 0..MOST {
            if round >= LEAST && linear(least) {
                break;
            }
            for (least, text) in least.iter_mut().zip(&texts) {
                let start = Instant::now();
                let _ = scrub_text(text);
                *least = start.elapsed().min(*least);
            }
        }
        assert!(linear(least), "{piece}: {least:?}");
    }
}

/// Nor must the list of what was taken out outgrow the document.
#[test]
fn the_list_stays_small() {
    let long = format!("{}{SIG}", "k".repeat(100_000));
    let secrets = vec![format!("\"sig={SIG}\""); 20_000].join(",");
    let doc = format!("{{\"{long}\":{{\"{}\":[{secrets}]}}}}", "n".repeat(1000));
    let (_, found) = clean(&doc, &[]);
    assert_eq!(found.len(), 20_000);
    let listed: usize = found.iter().map(|(pointer, ..)| pointer.len()).sum();
    assert!(listed < 2 * doc.len(), "{listed} of {}", doc.len());
    assert!(!found.iter().any(|(pointer, ..)| pointer.contains(SIG)));
}

/// JSON as text, with white space and escapes of every kind, and without anything the net could want.
fn json() -> impl Strategy<Value = String> {
    let space = prop_oneof![Just(""), Just(" "), Just("\r\n\t ")];
    let string = prop_oneof![
        "\"[a-z]{0,8}\"",
        "\"(\\\\u[0-9a-f]{4}|\\\\[nrtbf/\"\\\\]|[ -!#-Z]|[^\\x00-\\x1f\"\\\\]){0,12}\"",
    ];
    let leaf = prop_oneof![
        string.clone(),
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?",
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        let value = (space.clone(), inner, space.clone())
            .prop_map(|(before, value, after)| format!("{before}{value}{after}"));
        prop_oneof![
            prop::collection::vec(value.clone(), 0..6)
                .prop_map(|all| format!("[{}]", all.join(","))),
            prop::collection::vec(
                (
                    prop_oneof!["\"(a|b|secret)\"", string.clone()],
                    space.clone(),
                    value
                ),
                0..6
            )
            .prop_map(|all| {
                let all: Vec<String> = all
                    .into_iter()
                    .map(|(key, space, value)| format!("{space}{key}{space}:{value}"))
                    .collect();
                format!("{{{}}}", all.join(","))
            }),
        ]
    })
}

/// The tokens of a document without the white space between them, found by another parser than ours.
fn tokens(json: &str, out: &mut Vec<String>) {
    let value: &RawValue = serde_json::from_str(json).expect("JSON");
    let text = value.get().trim();
    match text.as_bytes()[0] {
        b'[' => {
            let all: Vec<&RawValue> = serde_json::from_str(text).expect("an array");
            out.push(format!("[{}", all.len()));
            for value in all {
                tokens(value.get(), out);
            }
        }
        b'{' => {
            // Keys as they stand, in order and with duplicates, which no map of serde_json would keep.
            let mut rest = &text[1..text.len() - 1];
            out.push("{".into());
            while !rest.trim().is_empty() {
                let mut keys = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
                out.push(
                    keys.next()
                        .expect("a key")
                        .expect("a key")
                        .get()
                        .trim()
                        .to_owned(),
                );
                rest = rest[keys.byte_offset()..]
                    .trim_start()
                    .strip_prefix(':')
                    .expect("a colon");
                let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
                tokens(values.next().expect("a value").expect("a value").get(), out);
                rest = rest[values.byte_offset()..].trim_start();
                rest = rest.strip_prefix(',').unwrap_or(rest);
            }
            out.push("}".into());
        }
        _ => out.push(text.to_owned()),
    }
}

fn tokens_of(json: &str) -> Vec<String> {
    let mut out = Vec::new();
    tokens(json, &mut out);
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn every_token_stays(json in json()) {
        let (text, found) = clean(&json, &[]);
        if found.is_empty() {
            prop_assert_eq!(tokens_of(&text), tokens_of(&json));
            prop_assert!(!text.contains(['\n', '\r', '\t']));
        }
        prop_assert_eq!(&clean(&text, &[]).0, &text);
    }

    /// What is redacted is what the rule names, and the rest is as it was.
    #[test]
    fn only_the_rule_bites(json in json()) {
        let (text, found) = clean(&json, &[blank("**/secret")]);
        let mut value: serde_json::Value = match serde_json::from_str(&json) { Ok(value) => value, Err(_) => return Ok(()) };
        let Ok(written) = serde_json::from_str::<serde_json::Value>(&text) else { return Ok(()) };
        redact(&mut value);
        if found.iter().all(|(_, by, _)| *by == By::Catalogue) {
            prop_assert_eq!(value, written);
        }
    }

    /// Whatever is planted wherever: it does not come out.
    #[test]
    fn planted_secrets_go(json in json(), before in "[ -~]{0,9}", after in "[ -~]{0,9}") {
        let planted = serde_json::to_string(&format!("{before} sig={SIG} {after} {JWT} AccountKey=c2VjcmV0c2VjcmV0; ")).expect("a string");
        let doc = format!("{{\"x\":{json},{planted}:[{planted}]}}");
        let (text, found) = clean(&doc, &[]);
        for secret in [SIG, JWT, "c2VjcmV0c2VjcmV0"] {
            prop_assert!(!text.contains(secret));
            prop_assert!(found.iter().all(|(pointer, ..)| !pointer.contains(secret)));
        }
    }

    /// Agreement on what JSON is.
    #[test]
    fn as_strict_as_serde(text in "[\\[\\]{}:,\"\\\\a01.eE+\\- tu]{0,12}") {
        let theirs = serde_json::from_str::<&RawValue>(&text).is_ok();
        prop_assert_eq!(scrub(text.as_bytes(), &Rules::default()).is_ok(), theirs);
    }

    #[test]
    fn no_text_breaks_the_net(text in "\\PC{0,60}|[seigS=%3dD&;eyJ.:/@ -]{0,80}") {
        let (clean, caught) = scrub_text(&text);
        prop_assert_eq!(caught, clean != text);
    }
}

fn redact(value: &mut serde_json::Value) {
    use serde_json::Value::{Array, Bool, Null, Object, String};
    match value {
        Array(all) => all.iter_mut().for_each(redact),
        Object(all) => {
            for (key, value) in all {
                let empty = match value {
                    Null | Bool(_) => true,
                    String(text) => text.is_empty(),
                    Array(all) => all.is_empty(),
                    Object(all) => all.is_empty(),
                    serde_json::Value::Number(_) => false,
                };
                if key.eq_ignore_ascii_case("secret") && !empty {
                    *value = REDACTED.into();
                } else {
                    redact(value);
                }
            }
        }
        _ => {}
    }
}
