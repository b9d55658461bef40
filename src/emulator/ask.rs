//! A request as the router sees it: decoded path segments and query names without regard to case.

use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::Value;

pub(crate) struct Ask {
    pub(crate) method: Method,
    /// As it arrived, without the query.
    pub(crate) path: String,
    pub(crate) raw_query: String,
    /// Decoded. Joining them with slashes gives back paths that hold slashes.
    pub(crate) segments: Vec<String>,
    /// Names in lower case without a leading `$`; values decoded, with `+` read as a blank, as a form is.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Ask {
    pub(crate) fn new(
        method: Method,
        path: &str,
        query: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Self {
        let bare = path.strip_prefix('/').unwrap_or(path);
        // Resource Manager forgives a second slash: azureml-core sends `//subscriptions/..` to every cloud whose address
        // ends in a slash, which that of the public one does.
        let bare = bare
            .strip_prefix('/')
            .filter(|rest| rest.starts_with("subscriptions/"))
            .unwrap_or(bare);
        let segments = bare.split('/').map(decode).collect();
        let query_pairs = url::form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| {
                (
                    name.trim_start_matches('$').to_lowercase(),
                    value.into_owned(),
                )
            })
            .collect();
        Self {
            method,
            path: path.to_owned(),
            raw_query: query.to_owned(),
            segments,
            query: query_pairs,
            headers,
            body,
        }
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.query(name).and_then(|text| text.parse().ok())
    }

    /// A flag of the query: absent gives the fallback.
    pub(crate) fn flag(&self, name: &str, fallback: bool) -> bool {
        self.query(name)
            .map_or(fallback, |text| text.eq_ignore_ascii_case("true"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON; an empty body is null, and so is one that does not parse.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn is(&self, method: &str) -> bool {
        self.method.as_str() == method
    }

    pub(crate) fn has_bearer(&self) -> bool {
        self.header("authorization")
            .and_then(|value| value.split_once(' '))
            .is_some_and(|(scheme, token)| {
                scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty()
            })
    }
}

pub(crate) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
