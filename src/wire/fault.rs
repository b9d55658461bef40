//! Failure by meaning: what happened, to what, why, and what to do next.

use std::time::Duration;

use crate::report::{Class, Gap, Severity};

use super::access::AccessError;

/// Why something could not be had. The text is one or two sentences and never holds a query, a token or a body.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// 401 or 403 with a token that is good.
    #[error("{host} refused {path} ({status}{}): {message}. Ask for the role Reader or AzureML Data Scientist on the workspace; behind a private endpoint, run this inside its network", code_of(.code.as_ref()))]
    Denied {
        host: String,
        path: String,
        status: u16,
        code: Option<String>,
        message: String,
        request_id: Option<String>,
    },
    /// 404, 405 or 410.
    #[error("{host} has no {path} ({status}{})", code_of(.code.as_ref()))]
    Absent {
        host: String,
        path: String,
        status: u16,
        code: Option<String>,
        message: String,
        request_id: Option<String>,
    },
    /// The budget does not allow the wait that the service asks for.
    #[error("{host} throttles {path} and asks for a wait of {} s, more than --max-wait leaves; export again later, or with a longer --max-wait", .wait.as_secs())]
    Throttled {
        host: String,
        path: String,
        wait: Duration,
        request_id: Option<String>,
    },
    /// Any other answer that is not good.
    #[error("{host} answered {path} with {status}{} after {tries} tries: {message}", code_of(.code.as_ref()))]
    Service {
        host: String,
        path: String,
        status: u16,
        code: Option<String>,
        message: String,
        tries: u32,
        request_id: Option<String>,
    },
    /// No answer.
    #[error(
        "no answer from {host} for {path} after {tries} tries: {what}; check the network, a proxy, or a private endpoint"
    )]
    Network {
        host: String,
        path: String,
        what: String,
        tries: u32,
    },
    /// The host has answered nothing good for several requests in a row: going on would only make gaps of everything.
    #[error(
        "{host} cannot be had just now ({what}). What was finished is kept: run the same command again when it can, it goes on from there"
    )]
    Down { host: String, what: String },
    /// An answer that cannot be understood.
    #[error("{host} answered {path} with something that cannot be used: {what}")]
    Malformed {
        host: String,
        path: String,
        what: String,
        request_id: Option<String>,
    },
    /// An answer larger than memory allows, or a file larger than the operator allows.
    #[error("the answer of {host} to {path} is larger than {limit} bytes, the most that is read")]
    TooLarge {
        host: String,
        path: String,
        limit: u64,
    },
    /// An address to which no token may go.
    #[error(
        "{path} leads to {host}, which is no host of this cloud or workspace; no token was sent there and it was not followed"
    )]
    Foreign { host: String, path: String },
    /// An address that is not on the list of what is read.
    #[error("{path} on {host} is not an address that this tool reads; it was not sent")]
    NotAllowed { host: String, path: String },
    /// Sign-in failed.
    #[error(transparent)]
    SignIn(#[from] AccessError),
    /// The operator stopped the work.
    #[error("stopped on request")]
    Interrupted,
    /// The local disk failed while bytes arrived; in the words of whoever keeps them.
    #[error("{source}")]
    Disk { source: std::io::Error },
    /// A mistake in this program.
    #[error(
        "{what}. This is a mistake in the program: please report it; what was finished is kept"
    )]
    Bug { what: String },
    /// The client could not be made.
    #[error(
        "the HTTP client cannot start: {what}; a container without root certificates needs the package ca-certificates"
    )]
    Client { what: String },
}

fn code_of(code: Option<&String>) -> String {
    code.map(|code| format!(", {code}")).unwrap_or_default()
}

impl Fault {
    /// The class of the gap that it leaves.
    pub fn class(&self) -> Class {
        match self {
            Self::Denied { .. } | Self::SignIn(_) => Class::Denied,
            Self::Absent { .. } => Class::NotOffered,
            Self::Throttled { .. } | Self::Service { status: 429, .. } => Class::Throttled,
            Self::Service { .. } => Class::Service,
            Self::Network { .. } | Self::Down { .. } => Class::Network,
            Self::Malformed { .. } | Self::Foreign { .. } | Self::NotAllowed { .. } => {
                Class::Malformed
            }
            Self::TooLarge { .. } => Class::TooLarge,
            Self::Interrupted | Self::Disk { .. } | Self::Client { .. } | Self::Bug { .. } => {
                Class::Panic
            }
        }
    }

    /// The HTTP status behind it.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Denied { status, .. }
            | Self::Absent { status, .. }
            | Self::Service { status, .. } => Some(*status),
            Self::Throttled { .. } => Some(429),
            _ => None,
        }
    }

    /// The service's request id.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Denied { request_id, .. }
            | Self::Absent { request_id, .. }
            | Self::Throttled { request_id, .. }
            | Self::Service { request_id, .. }
            | Self::Malformed { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }

    /// Whether the service says that there is no such thing.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent { .. })
    }

    /// Faults after which going on is of no use: they end the work and leave it resumable.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Interrupted
                | Self::Disk { .. }
                | Self::SignIn(_)
                | Self::Client { .. }
                | Self::Down { .. }
                | Self::Bug { .. }
        )
    }

    /// The reason without what differs from one time to the next: tries, waits, ports, and the service's own words, which a
    /// broken connection may have cut short.
    fn reason(&self) -> String {
        let place = |host: &str| host.split(':').next().unwrap_or_default().to_owned();
        match self {
            Self::Denied {
                host, path, status, ..
            } => format!(
                "{} refused {path} ({status}). Ask for the role Reader or AzureML Data Scientist on the workspace; behind a private endpoint, run this inside its network",
                place(host)
            ),
            Self::Absent {
                host, path, status, ..
            } => {
                format!("{} has no {path} ({status})", place(host))
            }
            Self::Throttled { host, path, .. } => {
                format!(
                    "{} throttles {path} for longer than --max-wait allows; export again later",
                    place(host)
                )
            }
            Self::Service {
                host, path, status, ..
            } => {
                format!("{} answered {path} with {status}", place(host))
            }
            Self::Network { host, path, .. } => {
                format!("no answer from {} for {path}", place(host))
            }
            Self::Malformed {
                host, path, what, ..
            } => {
                format!(
                    "{} answered {path} with something that cannot be used: {what}",
                    place(host)
                )
            }
            Self::TooLarge { host, path, limit } => {
                format!(
                    "the answer of {} to {path} is larger than {limit} bytes, the most that is read",
                    place(host)
                )
            }
            Self::Foreign { host, path } => format!(
                "{path} leads to {}, which is no host of this cloud or workspace; no token was sent there and it was not followed",
                place(host)
            ),
            other => other.to_string(),
        }
    }

    /// As a gap. The reason leaves out what differs from one time to the next; the detail has it.
    pub fn gap(&self, workspace: &str, kind: &'static str, parent: Option<String>) -> Gap {
        Gap {
            workspace: workspace.to_owned(),
            kind,
            parent,
            class: self.class(),
            severity: Severity::Gap,
            reason: self.reason(),
            detail: Some(self.to_string()),
            status: self.status(),
            request_id: self.request_id().map(str::to_owned),
        }
    }
}

/// Code and message of an error body, in any of the shapes of the planes: ARM's and the data plane's `error`, the pipeline
/// service's PascalCase `Error`, model management's unwrapped form, storage XML, HTML, or nothing.
pub fn explain(body: &[u8]) -> (Option<String>, String) {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(body) else {
        return explain_text(&String::from_utf8_lossy(&body[..body.len().min(2048)]));
    };
    let inner = crate::kinds::item::at(&value, "error")
        .into_iter()
        .next()
        .unwrap_or(&value);
    let code = crate::kinds::item::first(inner, "code");
    let message =
        crate::kinds::item::first(inner, "message").unwrap_or_else(|| "no message".to_owned());
    // It quotes the locked scopes, which are long, and who reads it has to know which.
    let locked = code.as_deref() == Some("ScopeLocked");
    let message = shorten_to(&message, if locked { 4000 } else { 300 });
    (code, message)
}

fn explain_text(text: &str) -> (Option<String>, String) {
    let tag = |name: &str| {
        let from = text.find(&format!("<{name}>"))? + name.len() + 2;
        let to = from + text.get(from..)?.find("</")?;
        text.get(from..to).map(str::to_owned)
    };
    match (tag("Code"), tag("Message")) {
        (Some(code), message) => (
            Some(code),
            shorten(message.as_deref().unwrap_or("no message")),
        ),
        _ if text.trim().is_empty() => (None, "empty answer".to_owned()),
        _ => (
            None,
            tag("title").map_or_else(
                || "an answer that is not JSON".to_owned(),
                |title| shorten(&title),
            ),
        ),
    }
}

/// One line of at most 300 characters, without control characters.
fn shorten(message: &str) -> String {
    shorten_to(message, 300)
}

fn shorten_to(message: &str, most: usize) -> String {
    let line: String = message
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(most)
        .collect();
    line.trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::explain;

    #[test]
    fn every_shape_of_error_is_read() {
        let of = |body: &str| explain(body.as_bytes());
        assert_eq!(
            of(r#"{"error":{"code":"AuthorizationFailed","message":"No."}}"#),
            (Some("AuthorizationFailed".into()), "No".into())
        );
        assert_eq!(
            of(r#"{"Error":{"Code":"UserError","Message":"Gone"}}"#).0,
            Some("UserError".into())
        );
        assert_eq!(
            of(r#"{"code":"NotFound","statusCode":404,"message":"no model"}"#).1,
            "no model"
        );
        assert_eq!(of("<?xml version=\"1.0\"?><Error><Code>BlobNotFound</Code><Message>x</Message></Error>").0, Some("BlobNotFound".into()));
        assert_eq!(
            of("<html><head><title>502 Bad Gateway</title></head></html>").1,
            "502 Bad Gateway"
        );
        assert_eq!(of("").1, "empty answer");
        assert_eq!(of("[1]").1, "no message");
    }
}
