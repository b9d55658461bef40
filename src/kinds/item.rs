//! Reading facts out of a document by the paths and templates of a row. Pure.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{Reference, When};

/// The values at a slash path, keys compared without case; `*` is any key or element.
pub fn at<'v>(doc: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut found = vec![doc];
    for step in path.split('/') {
        found = found
            .into_iter()
            .flat_map(|value| step_into(value, step))
            .collect();
        if found.is_empty() {
            break;
        }
    }
    found
}

fn step_into<'v>(value: &'v Value, step: &str) -> Vec<&'v Value> {
    match value {
        Value::Object(map) if step == "*" => map.values().collect(),
        Value::Array(items) if step == "*" => items.iter().collect(),
        Value::Object(map) => map
            .get(step)
            .or_else(|| {
                map.iter()
                    .find(|(key, _)| key.eq_ignore_ascii_case(step))
                    .map(|(_, value)| value)
            })
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// The text of a scalar; `None` for null, empty text, objects and arrays.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// The first scalar at the first of several paths separated by `|` that has one.
pub fn first(doc: &Value, paths: &str) -> Option<String> {
    paths
        .split('|')
        .find_map(|path| at(doc, path).into_iter().find_map(scalar))
}

/// The ids that a reference of a document names. An asset is named by its address, `aml://asset/{id}`.
pub fn targets(reference: &Reference, doc: &Value) -> Vec<String> {
    let counts = match reference.when {
        When::Always => true,
        When::PipelineRun => [
            first(doc, "runType"),
            first(doc, "properties/azureml.runsource"),
        ]
        .iter()
        .flatten()
        .any(|text| text.eq_ignore_ascii_case("azureml.PipelineRun")),
        When::StoredSnapshot => first(doc, "Data/DataLocation/StorageType")
            .is_some_and(|text| text.eq_ignore_ascii_case("Snapshot")),
    };
    if !counts {
        return Vec::new();
    }
    at(doc, reference.path)
        .into_iter()
        .filter_map(scalar)
        .map(|id| match id.strip_prefix("aml://asset/") {
            Some(asset) => asset.to_owned(),
            None => id,
        })
        .collect()
}

/// Everything but letters, digits and `-._~` is escaped, in paths and in queries.
const STRICT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Escapes a value for a URL.
pub fn escape(value: &str) -> String {
    utf8_percent_encode(value, STRICT).to_string()
}

/// What ancestors offer: small, so a list of pairs. The later pair wins.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Params(Vec<(String, Option<String>)>);

impl Params {
    /// The value of a name. `None`: not offered. `Some(None)`: offered, and empty in the document.
    pub fn get(&self, name: &str) -> Option<Option<&str>> {
        self.0
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_deref())
    }

    /// With one more.
    #[must_use]
    pub fn with(mut self, name: &str, value: Option<String>) -> Self {
        self.0.push((name.to_owned(), value));
        self
    }

    /// With what an item of this kind offers.
    #[must_use]
    pub fn offered(&self, kind: &super::Kind, doc: &Value) -> Self {
        kind.offers
            .iter()
            .fold(self.clone(), |params, (name, paths)| {
                params.with(name, first(doc, paths))
            })
    }
}

/// Fills a template; `write` says how a value is escaped. `None` when a value is missing.
///
/// A value missing from a `"{name}"` in JSON becomes `null`, through [`fill_json`].
pub fn fill(
    template: &str,
    params: &Params,
    doc: Option<&Value>,
    write: impl Fn(&str) -> String,
) -> Option<String> {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let close = open + rest.get(open..)?.find('}')?;
        out.push_str(&rest[..open]);
        let value = resolve(&rest[open + 1..close], params, doc)?;
        out.push_str(&write(&value));
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    Some(out)
}

fn resolve(name: &str, params: &Params, doc: Option<&Value>) -> Option<String> {
    match name.strip_prefix('.') {
        Some(path) => first(doc?, path),
        None => params.get(name)?.map(str::to_owned),
    }
}

/// What names an item: its template, where a missing part is left empty as long as one part is there.
pub fn id(template: &str, params: &Params, doc: &Value) -> Option<String> {
    let mut found = false;
    let mut out = String::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let close = open + rest.get(open..)?.find('}')?;
        out.push_str(&rest[..open]);
        let name = &rest[open + 1..close];
        if let Some(value) = resolve(name, params, Some(doc)) {
            found |= name.starts_with('.') || !template.contains("{.");
            out.push_str(&value);
        }
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    found.then_some(out)
}

/// Fills a JSON body: values are escaped as JSON text, a missing one makes the whole `"{name}"` null.
pub fn fill_json(template: &str, params: &Params) -> Option<String> {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find("\"{") {
        let close = open + rest.get(open..)?.find("}\"")?;
        out.push_str(&rest[..open]);
        match params.get(&rest[open + 2..close])? {
            Some(value) => out.push_str(&Value::from(value).to_string()),
            None => out.push_str("null"),
        }
        rest = &rest[close + 2..];
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_ignore_case_and_take_stars() {
        let doc = json!({"Data": {"Id": "m1"}, "list": [{"k": 1}, {"k": null}, {"K": "z"}]});
        assert_eq!(first(&doc, "data/id"), Some("m1".to_owned()));
        assert_eq!(at(&doc, "list/*/k").len(), 3);
        assert_eq!(first(&doc, "nothing|Data/Id"), Some("m1".to_owned()));
    }

    #[test]
    fn a_module_that_is_kept_elsewhere_points_at_no_snapshot() {
        let module = crate::kinds::find("pipeline-modules").expect("a row");
        let named = |stored: Value| {
            let doc = json!({"Data": {"DataLocation": {"StorageType": stored, "StorageId": "s"}}});
            targets(&module.refs[0], &doc)
        };
        assert_eq!(named(json!("Snapshot")), ["s"]);
        assert_eq!(named(json!("snapshot")), ["s"]);
        for other in ["Artifact", "AzureBlob", "None", "Snapshots", ""] {
            assert!(named(json!(other)).is_empty(), "{other}");
        }
        assert!(named(Value::Null).is_empty());
    }

    #[test]
    fn templates_fill_from_ancestors_and_from_the_item() {
        let params = Params::default()
            .with("runId", Some("r 1".to_owned()))
            .with("ns", None);
        let doc = json!({"metricKey": {"name": "loss", "namespace": null}});
        assert_eq!(
            id(
                "{runId}/{.metricKey/namespace}/{.metricKey/name}",
                &params,
                &doc
            ),
            Some("r 1//loss".to_owned())
        );
        assert_eq!(
            fill("/runs/{runId}", &params, None, |v| v.replace(' ', "%20")),
            Some("/runs/r%201".to_owned())
        );
        assert_eq!(fill("/runs/{missing}", &params, None, str::to_owned), None);
        assert_eq!(
            fill_json(r#"{"a":"{runId}","b":"{ns}"}"#, &params),
            Some(r#"{"a":"r 1","b":null}"#.to_owned())
        );
        assert_eq!(id("{.absent}", &params, &doc), None);
    }
}
