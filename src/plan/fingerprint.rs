//! What an item looked like, in one short text: so that apply can tell whether it is still what the plan saw.
//!
//! The service's own name of the version where there is one, and otherwise a hash of the document as the scrubber leaves it:
//! links and tokens in a document change with every read, and a hash of a secret has no place in a plan either.

use serde_json::Value;
use serde_json::value::RawValue;

use super::model::{Parent, Step};
use super::seal::sha256;
use crate::bag::{self, Rule, Rules, scrub};
use crate::kinds::item::{self, Params};
use crate::kinds::{self, Kind};
use crate::wire::look::Sight;

/// Fields in which a document names its own version.
const ETAGS: &str = "etag|_etag";

/// What a look showed of an item.
#[derive(Debug)]
pub enum Seen {
    /// It is not there.
    Gone,
    Here {
        fingerprint: String,
        /// The document, or the first of those that one call erases.
        doc: Box<RawValue>,
    },
}

/// What a look means for a step; `kind` is its row.
pub fn seen(kind: &Kind, step: &Step, sight: Sight) -> Seen {
    let Sight::Here { mut docs, etag } = sight else {
        return Seen::Gone;
    };
    // The header of a list speaks of the list, which changes when anything in it does.
    let listed = step.look.items.is_some();
    if listed && !together(kind, step) {
        docs.retain(|doc| {
            present(
                kind,
                std::slice::from_ref(doc),
                &step.id,
                step.parent.as_ref(),
            )
        });
    }
    let fingerprint = fingerprint(kind, &docs, etag.as_deref().filter(|_| !listed));
    match docs.into_iter().next() {
        Some(doc) => Seen::Here { fingerprint, doc },
        None => Seen::Gone,
    }
}

/// Whether one call erases everything that the look lists. Then whatever came to the list since is a change, since it would
/// be erased as well.
fn together(kind: &Kind, step: &Step) -> bool {
    let all =
        |path: &str| path.contains("{parent}") && !path.contains("{id}") && !path.contains("{.");
    !step.covers.is_empty() || kind.remove.iter().any(|remove| all(remove.path))
}

/// The text itself. `etag` is the header; a document's own wins. A version's name is of no use where erasing what hangs on an
/// item, or reading it, changes the item: then the document is compared without those fields.
pub fn fingerprint(kind: &Kind, docs: &[Box<RawValue>], etag: Option<&str>) -> String {
    let ignore: Vec<&str> = kind
        .remove
        .iter()
        .flat_map(|remove| remove.ignore)
        .copied()
        .collect();
    let parsed: Vec<Option<Value>> = docs
        .iter()
        .map(|doc| serde_json::from_str(doc.get()).ok())
        .collect();
    if ignore.is_empty()
        && let [Some(doc)] = parsed.as_slice()
        && let Some(etag) = item::first(doc, ETAGS).or(etag.map(str::to_owned))
        && !etag.is_empty()
    {
        return format!("etag:{etag}");
    }
    let rules = rules_of(kind);
    let mut lines: Vec<String> = docs
        .iter()
        .map(|doc| canonical(doc.get(), &rules, &ignore))
        .collect();
    // A list may come in any order.
    lines.sort();
    format!("sha256:{}", sha256(lines.join("\n").as_bytes()))
}

/// Whether one of these documents is the item of this id.
pub fn present(kind: &Kind, docs: &[Box<RawValue>], id: &str, parent: Option<&Parent>) -> bool {
    let params = offered_by(parent);
    docs.iter().any(|doc| {
        serde_json::from_str(doc.get())
            .ok()
            .and_then(|doc: Value| item::id(kind.id, &params, &doc))
            .is_some_and(|found| found == id)
    })
}

/// What is known of the parent by its id alone: the values that it offers and that are its id.
pub fn offered_by(parent: Option<&Parent>) -> Params {
    let Some((row, parent)) = parent.and_then(|parent| Some((kinds::find(&parent.kind)?, parent)))
    else {
        return Params::default();
    };
    let own = row.id.trim_start_matches("{.").trim_end_matches('}');
    let mut params = Params::default();
    for (name, _) in row.offers.iter().filter(|(_, path)| *path == own) {
        params = params.with(name, Some(parent.id.clone()));
    }
    params
}

/// The row's secret fields, in the scrubber's words.
fn rules_of(kind: &Kind) -> Rules {
    let rules: Vec<Rule> = kind
        .secret
        .iter()
        .map(|secret| Rule {
            path: secret.path,
            how: match secret.how {
                kinds::How::Blank => bag::How::Blank,
                kinds::How::Query => bag::How::Query,
            },
        })
        .collect();
    Rules::new(&rules)
}

/// A document in one way of writing it: without secrets, without what is ignored, keys in the order of their bytes.
fn canonical(doc: &str, rules: &Rules, ignore: &[&str]) -> String {
    let line = match scrub::scrub(doc.as_bytes(), rules) {
        Ok(clean) => String::from_utf8_lossy(clean.line()).into_owned(),
        // What the scrubber does not understand is compared to the letter.
        Err(_) => return doc.to_owned(),
    };
    let Ok(mut value) = serde_json::from_str::<Value>(&line) else {
        return line;
    };
    for path in ignore {
        let steps: Vec<&str> = path.split('/').collect();
        forget(&mut value, &steps);
    }
    let mut out = String::with_capacity(line.len());
    write(&value, &mut out);
    out
}

/// Takes a field out, keys compared without case.
fn forget(value: &mut Value, steps: &[&str]) {
    let Some((step, rest)) = steps.split_first() else {
        return;
    };
    match value {
        Value::Object(map) if rest.is_empty() => {
            map.retain(|key, _| *step != "*" && !key.eq_ignore_ascii_case(step));
        }
        Value::Object(map) => map
            .iter_mut()
            .filter(|(key, _)| *step == "*" || key.eq_ignore_ascii_case(step))
            .for_each(|(_, value)| forget(value, rest)),
        Value::Array(items) if *step == "*" => {
            for value in items {
                forget(value, rest);
            }
        }
        _ => {}
    }
}

/// Written here and not left to a parser's map, whose order a feature of another package can change.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            out.push('{');
            for (at, key) in keys.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write(&map[key], out);
            }
            out.push('}');
        }
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
        plain => out.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn raw(value: &Value) -> Box<RawValue> {
        RawValue::from_string(value.to_string()).expect("what the test needs")
    }

    fn of(name: &str, value: &Value) -> String {
        fingerprint(
            kinds::find(name).expect("what the test needs"),
            &[raw(value)],
            None,
        )
    }

    #[test]
    fn the_order_of_keys_and_links_that_change_say_nothing() {
        let one = of(
            "models",
            &json!({"id": "a:1", "url": "https://x.blob.core.windows.net/c/b?sv=1&sig=abc", "tags": {"k": [1, 2]}}),
        );
        let text = r#"{"tags":{"k":[1,2]},"url":"https://x.blob.core.windows.net/c/b?sv=2&sig=def","id":"a:1"}"#;
        let kind = kinds::find("models").expect("what the test needs");
        let other = fingerprint(
            kind,
            &[RawValue::from_string(text.to_owned()).expect("what the test needs")],
            None,
        );
        assert_eq!(one, other);
        assert!(one.starts_with("sha256:"));
        let changed = of(
            "models",
            &json!({"id": "a:1", "url": "https://x.blob.core.windows.net/c/b?sv=1&sig=abc", "tags": {"k": [1, 3]}}),
        );
        assert_ne!(one, changed);
    }

    #[test]
    fn a_version_that_has_a_name_is_known_by_it() {
        assert_eq!(
            of("artifacts", &json!({"path": "a", "eTag": "7"})),
            "etag:7"
        );
        let kind = kinds::find("artifacts").expect("what the test needs");
        let docs = [raw(&json!({"path": "a"}))];
        assert_eq!(fingerprint(kind, &docs, Some("\"9\"")), "etag:\"9\"");
    }

    #[test]
    fn a_version_says_nothing_where_a_look_or_a_child_changes_it() {
        let kind = kinds::find("experiments").expect("what the test needs");
        let of = |latest: &str, etag: &str| {
            let doc = raw(&json!({"experimentId": "e", "name": "n", "latestCreatedRunId": latest}));
            fingerprint(kind, &[doc], Some(etag))
        };
        assert_eq!(of("r1", "1"), of("r2", "2"));
    }

    #[test]
    fn several_documents_in_any_order_are_the_same_and_one_more_is_not() {
        let kind = kinds::find("metrics-v2").expect("what the test needs");
        let (a, b) = (json!({"name": "a"}), json!({"name": "b"}));
        let both = fingerprint(kind, &[raw(&a), raw(&b)], None);
        assert_eq!(both, fingerprint(kind, &[raw(&b), raw(&a)], None));
        assert_ne!(both, fingerprint(kind, &[raw(&a)], None));
    }

    #[test]
    fn what_is_ignored_is_taken_out_wherever_it_is() {
        let mut doc = json!({"Keep": 1, "a": [{"Gone": 1, "x": 2}], "b": {"c": {"gone": 1}}});
        forget(&mut doc, &["a", "*", "gone"]);
        forget(&mut doc, &["b", "c", "GONE"]);
        assert_eq!(doc, json!({"Keep": 1, "a": [{"x": 2}], "b": {"c": {}}}));
    }

    #[test]
    fn an_item_is_found_among_others_by_its_row() {
        let kind = kinds::find("datastores").expect("what the test needs");
        let docs = [raw(&json!({"name": "one"})), raw(&json!({"name": "two"}))];
        assert!(present(kind, &docs, "two", None));
        assert!(!present(kind, &docs, "tw", None));
        let metric = kinds::find("metrics-v2").expect("what the test needs");
        let docs = [raw(
            &json!({"metricKey": {"name": "loss", "namespace": null}}),
        )];
        let parent = Parent {
            kind: "runs".to_owned(),
            id: "r".to_owned(),
        };
        let id = item::id(
            metric.id,
            &Params::default().with("runId", Some("r".to_owned())),
            &json!({"metricKey": {"name": "loss"}}),
        )
        .expect("what the test needs");
        assert!(present(metric, &docs, &id, Some(&parent)), "{id}");
    }
}
