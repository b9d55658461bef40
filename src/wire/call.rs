//! A request and its answer, as values.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use url::Url;

use super::Fault;
use super::brake::Class;

/// How patiently and how busily requests are sent.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Requests under way at once for each host.
    pub concurrency: usize,
    /// Tries for one request.
    pub tries: u32,
    /// Time for one request, waits included.
    pub budget: Duration,
    /// Time for one try of a request that answers with a document.
    pub attempt: Duration,
    /// First own wait; it doubles.
    pub backoff: Duration,
    /// Longest own wait.
    pub backoff_cap: Duration,
    /// Largest document that is read, in bytes.
    pub body_limit: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            concurrency: 16,
            tries: 8,
            budget: Duration::from_secs(600),
            attempt: Duration::from_secs(120),
            backoff: Duration::from_millis(400),
            backoff_cap: Duration::from_secs(30),
            body_limit: 32 << 20,
        }
    }
}

/// The verbs of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    Get,
    /// A POST that a row of the catalogue declares to be reading.
    Query,
}

impl Verb {
    /// The HTTP method.
    pub fn method(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Query => "POST",
        }
    }
}

/// The verbs of changing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    Delete,
    Put,
    /// A POST that asks for something to be done, such as a cancellation.
    Post,
}

impl Change {
    /// The HTTP method.
    pub fn method(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Put => "PUT",
            Self::Post => "POST",
        }
    }
}

/// What lets a request with a token out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// It has to stand on the list of what is read.
    Read,
    /// An eraser holds its exact address. Only the eraser makes such a call.
    Change(Change),
    /// The state of an operation that a change has started. Only the eraser makes such a call.
    Operation,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Call {
    pub verb: Verb,
    pub(super) pass: Pass,
    pub url: Url,
    pub body: Option<Bytes>,
    pub headers: Vec<(&'static str, String)>,
    /// Whether a token goes along. Then the host must be allowed and the address on the list of what is read.
    pub token: bool,
    pub audience: Audience,
    pub class: Class,
}

/// Whom a token is for. One for Azure is never shown to Microsoft Graph, nor the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The control plane and the data plane.
    Azure,
    /// The directory.
    Graph,
}

impl Call {
    /// A GET with a token.
    pub fn get(url: Url) -> Self {
        Self {
            verb: Verb::Get,
            pass: Pass::Read,
            url,
            body: None,
            headers: Vec::new(),
            token: true,
            audience: Audience::Azure,
            class: Class::Read,
        }
    }

    /// A question with a body, and a token.
    pub fn query(url: Url, body: Bytes) -> Self {
        Self {
            verb: Verb::Query,
            body: Some(body),
            ..Self::get(url)
        }
    }

    /// The HTTP method.
    pub fn method(&self) -> &'static str {
        match self.pass {
            Pass::Change(change) => change.method(),
            Pass::Read | Pass::Operation => self.verb.method(),
        }
    }

    /// Whether sending it twice does what sending it once does. A whole entity may be put twice, and what is gone cannot be
    /// deleted again; a cancellation is a deed of its own.
    pub(super) fn is_repeatable(&self) -> bool {
        self.pass != Pass::Change(Change::Post)
    }

    /// Where it goes, without its query, and without the person who is asked for.
    pub fn place(&self) -> (String, String) {
        let path = self.url.path();
        let path = match self.audience {
            Audience::Azure => short(path),
            Audience::Graph => without_person(path),
        };
        (host_of(&self.url), path)
    }
}

/// A path of Microsoft Graph as it may stand in a log: the person in it is left out.
fn without_person(path: &str) -> String {
    let mut person = false;
    let segments: Vec<&str> = path
        .split('/')
        .map(|segment| {
            let shown = if person { "{id}" } else { segment };
            person = matches!(segment, "users" | "servicePrincipals");
            shown
        })
        .collect();
    segments.join("/")
}

/// A path for people: the long way to the workspace stands in every one, so it is left out.
fn short(path: &str) -> String {
    match (path.find("/subscriptions/"), path.find("/workspaces/")) {
        (Some(from), Some(to)) if from < to => {
            let rest = &path[to + "/workspaces/".len()..];
            let rest = rest.find('/').map_or("", |slash| &rest[slash..]);
            if from == 0 && rest.is_empty() {
                "the workspace".to_owned()
            } else {
                format!("{}{rest}", &path[..from])
            }
        }
        _ => path.to_owned(),
    }
}

/// Host and, where it is not the usual one, port.
pub(super) fn host_of(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => "no host".to_owned(),
    }
}

/// A good answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub request_id: Option<String>,
}

/// What takes the body of a good answer, or fails.
pub(super) enum Taken {
    /// The connection broke in the middle: try again.
    Cut,
    /// It will not get better by trying.
    Final(Fault),
}

/// Takes the body of a good answer while the permit is held.
#[async_trait::async_trait]
pub(super) trait Take: Send {
    type Out: Send;
    /// Headers for the next try, for example a range.
    fn headers(&mut self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
    /// How far it has come, in bytes. Who comes on is given new time and tries.
    fn progress(&self) -> u64 {
        0
    }
    /// Statuses outside 2xx that this taker understands.
    fn takes(&self, _status: u16) -> bool {
        false
    }
    async fn take(&mut self, response: reqwest::Response) -> Result<Self::Out, Taken>;
}

/// Whether the host is this machine itself.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}
