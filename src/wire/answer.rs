//! Reading answers: documents up to a bound, and what is known of a try that failed.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::HeaderMap;

use super::Fault;
use super::call::{Answer, Take, Taken};

/// The service's own name for the request.
pub(super) fn request_id(headers: &HeaderMap) -> Option<String> {
    [
        "x-ms-request-id",
        "x-ms-correlation-request-id",
        "request-id",
    ]
    .iter()
    .find_map(|name| headers.get(*name)?.to_str().ok())
    .map(|id| id.chars().filter(char::is_ascii_graphic).take(80).collect())
}

/// What went wrong below HTTP, without addresses.
pub(super) fn describe(error: &reqwest::Error) -> String {
    let mut inner: Option<&dyn std::error::Error> = std::error::Error::source(error);
    let mut last = None;
    while let Some(cause) = inner {
        last = Some(cause.to_string());
        inner = cause.source();
    }
    let what = if error.is_timeout() {
        "the time limit passed"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    match last {
        Some(cause) if !cause.contains("://") => format!("{what} ({cause})"),
        _ => what.to_owned(),
    }
}

/// Reads at most `limit` bytes of a body that only explains an error.
pub(super) async fn read_some(mut response: reqwest::Response, limit: usize) -> Bytes {
    let mut body = BytesMut::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk[..chunk.len().min(limit - body.len())]);
        if body.len() >= limit {
            break;
        }
    }
    body.freeze()
}

/// What is known of a try that failed.
pub(super) struct Failure {
    pub(super) status: Option<u16>,
    pub(super) code: Option<String>,
    pub(super) message: String,
    pub(super) request_id: Option<String>,
}

impl Failure {
    pub(super) fn into_fault(self, host: String, path: String, tries: u32) -> Fault {
        let Self {
            status,
            code,
            message,
            request_id,
        } = self;
        match status {
            None => Fault::Network {
                host,
                path,
                what: message,
                tries,
            },
            Some(status @ (401 | 403)) => Fault::Denied {
                host,
                path,
                status,
                code,
                message,
                request_id,
            },
            Some(status @ (404 | 405 | 410)) => Fault::Absent {
                host,
                path,
                status,
                code,
                message,
                request_id,
            },
            Some(status) => Fault::Service {
                host,
                path,
                status,
                code,
                message,
                tries,
                request_id,
            },
        }
    }
}

/// Reads a document whole, up to a limit.
pub(super) struct Document {
    pub(super) host: String,
    pub(super) path: String,
    pub(super) limit: u64,
    pub(super) timeout: Duration,
}

#[async_trait::async_trait]
impl Take for Document {
    type Out = Answer;

    async fn take(&mut self, mut response: reqwest::Response) -> Result<Answer, Taken> {
        let too_large = || {
            Taken::Final(Fault::TooLarge {
                host: self.host.clone(),
                path: self.path.clone(),
                limit: self.limit,
            })
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let request_id = request_id(&headers);
        let declared = response.content_length();
        if declared.is_some_and(|length| length > self.limit) {
            return Err(too_large());
        }
        let mut body =
            BytesMut::with_capacity(usize::try_from(declared.unwrap_or(8192)).unwrap_or(8192));
        let reading = async {
            while let Some(chunk) = response.chunk().await.map_err(|_| Taken::Cut)? {
                if (body.len() + chunk.len()) as u64 > self.limit {
                    return Err(too_large());
                }
                body.extend_from_slice(&chunk);
            }
            Ok(())
        };
        tokio::time::timeout(self.timeout, reading)
            .await
            .map_err(|_| Taken::Cut)??;
        Ok(Answer {
            status,
            headers,
            body: body.freeze(),
            request_id,
        })
    }
}
