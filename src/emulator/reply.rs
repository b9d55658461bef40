//! An answer before it becomes an HTTP response.

use super::text;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use bytes::Bytes;
use serde_json::Value;
use std::borrow::Cow;

pub(crate) enum Payload {
    Empty,
    Whole(Bytes),
    Stream(Body),
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(Cow<'static, str>, String)>,
    pub(crate) payload: Payload,
}

impl Reply {
    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            payload: Payload::Empty,
        }
    }

    /// A body that is JSON text already.
    pub(crate) fn text(status: u16, json: String) -> Self {
        Self {
            status,
            headers: vec![(
                Cow::Borrowed("content-type"),
                "application/json; charset=utf-8".to_owned(),
            )],
            payload: Payload::Whole(Bytes::from(json)),
        }
    }

    pub(crate) fn ok(json: impl Into<String>) -> Self {
        Self::text(200, json.into())
    }

    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::text(status, text::render(value))
    }

    pub(crate) fn typed(status: u16, kind: &str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: vec![(Cow::Borrowed("content-type"), kind.to_owned())],
            payload: Payload::Whole(body.into()),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((Cow::Borrowed(name), value.into()));
        self
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let body = match self.payload {
            Payload::Empty => Body::empty(),
            Payload::Whole(bytes) => Body::from(bytes),
            Payload::Stream(body) => body,
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            // A header that HTTP cannot carry is dropped: the emulator is not the place to notice it.
            if let (Ok(name), Ok(value)) = (
                HeaderName::from_bytes(name.as_bytes()),
                HeaderValue::from_bytes(value.as_bytes()),
            ) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}
