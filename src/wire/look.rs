//! Looking at one thing: what a plan saw is seen again before it is erased, and afterwards.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::value::RawValue;
use url::Url;

use super::call::{Call, Verb, host_of};
use super::discovery::Hosts;
use super::hands::{add_query, base_of, with_token};
use super::page::{Parts, Position, Seen, take_apart};
use super::{Fault, Wire};
use crate::kinds::{Base, Paging};

/// What was seen.
#[derive(Debug)]
pub enum Sight {
    /// It is not there.
    Gone,
    /// The document, or the items of a narrowed list, as they arrived.
    Here {
        docs: Vec<Box<RawValue>>,
        /// The header `ETag`.
        etag: Option<String>,
    },
}

/// Looks at single things of one workspace. It reads only: every address has to stand on the list of what is read.
pub struct Looker {
    pub wire: Arc<Wire>,
    hosts: Hosts,
}

impl Looker {
    /// For a workspace whose services are there.
    pub fn new(wire: Arc<Wire>, hosts: Hosts) -> Self {
        Self { wire, hosts }
    }

    /// Looks. `address` is path and query below the host of the base; with a body it is a POST that reads; `items` is the key
    /// of a list, and an empty list is still [`Sight::Here`].
    pub async fn see(
        &self,
        base: Base,
        address: &str,
        body: Option<&str>,
        items: Option<&str>,
    ) -> Result<Sight, Fault> {
        let mut url = base_of(&self.wire, &self.hosts, base)?;
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        url.set_path(path);
        url.set_query((!query.is_empty()).then_some(query));
        let mut call = Call {
            verb: if body.is_some() {
                Verb::Query
            } else {
                Verb::Get
            },
            body: body.map(|body| Bytes::from(body.to_owned())),
            ..Call::get(url.clone())
        };
        let (mut docs, mut etag, mut seen) = (Vec::new(), None, Seen::default());
        // An empty page that names a next one is legal: who stopped there would take what is left for gone.
        for page in 0.. {
            let (parts, tag) = match self.page(call.clone(), items).await {
                Ok(answer) => answer,
                Err(fault) if page == 0 && fault.is_absent() => return Ok(Sight::Gone),
                Err(fault) => return Err(fault),
            };
            etag = etag.or(tag);
            let found = parts.items.len();
            docs.extend(parts.items);
            let Some(next) = parts.next else { break };
            seen.note(&next, found)
                .map_err(|what| malformed(&url, what, None))?;
            call = follow(&url, call, body, next)?;
        }
        Ok(Sight::Here { docs, etag })
    }

    /// One page, and its `ETag`.
    async fn page(
        &self,
        call: Call,
        items: Option<&str>,
    ) -> Result<(Parts, Option<String>), Fault> {
        let url = call.url.clone();
        let (paging, key) = match (items, call.verb) {
            (None, _) => (Paging::One, ""),
            // The link that comes with the answer to a POST is of no use.
            (Some(key), Verb::Query) => (Paging::BodyToken, key),
            (Some(key), Verb::Get) => (Paging::Tolerant, key),
        };
        let answer = self.wire.send(call).await?;
        let parts = take_apart(&answer.body, paging, key)
            .map_err(|what| malformed(&url, what, answer.request_id.clone()))?;
        let etag = answer
            .headers
            .get("etag")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        Ok((parts, etag))
    }

    /// The same hands for what is sent.
    pub fn hosts(&self) -> &Hosts {
        &self.hosts
    }
}

/// The request for the next page: of the same list, on the same host.
fn follow(url: &Url, call: Call, body: Option<&str>, next: Position) -> Result<Call, Fault> {
    let mut to = url.clone();
    match (next, body) {
        (Position::Link(link), _) => {
            to = url
                .join(&link)
                .map_err(|_| malformed(url, "its nextLink is not an address".to_owned(), None))?;
            if to.origin() != url.origin() {
                return Err(Fault::Foreign {
                    host: host_of(&to),
                    path: format!("the nextLink of {}", url.path()),
                });
            }
        }
        (Position::Token(token), Some(body)) => {
            return Ok(Call {
                body: Some(Bytes::from(with_token(body, &token))),
                ..call
            });
        }
        (Position::Token(token), None) => add_query(&mut to, "continuationToken", &token),
        (Position::Start | Position::Pages(_), _) => {}
    }
    Ok(Call { url: to, ..call })
}

fn malformed(url: &Url, what: String, request_id: Option<String>) -> Fault {
    Fault::Malformed {
        host: host_of(url),
        path: url.path().to_owned(),
        what,
        request_id,
    }
}
