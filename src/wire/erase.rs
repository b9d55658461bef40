//! The hands that change something. An [`Eraser`] is made from the calls of an opened plan and holds their exact addresses:
//! it can be told a number, never an address. What no row erases, what lies outside the workspace, an empty segment and the
//! address of a collection are refused before there is an eraser at all.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use time::OffsetDateTime;
use url::Url;

use super::brake::Class;
use super::call::{Answer, Call, Change, Pass, host_of};
use super::discovery::Hosts;
use super::hands::base_of;
use super::{Fault, Wire, waits};
use crate::kinds::Base;

mod operation;
mod pattern;
#[cfg(test)]
pub(super) mod tests;

pub use operation::{Operation, Poll};
pub use pattern::Patterns;

/// One call of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    pub change: Change,
    pub base: Base,
    /// Path and query below the host of the base, as it is sent.
    pub address: String,
}

/// Why no eraser is made.
#[derive(Debug, thiserror::Error)]
pub enum Unsafe {
    #[error(
        "{verb} {address} is nothing that the catalogue erases; the plan was made by another program, by another version of this one, or with another --api-version: name that, or make it anew"
    )]
    NotErased { verb: &'static str, address: String },
    #[error("{path} is not the path of a workspace; make the plan anew")]
    NoWorkspace { path: String },
    #[error("{address} lies outside the workspace of the plan")]
    Outside { address: String },
    #[error(transparent)]
    NoHost(#[from] Fault),
}

/// What came of a call.
#[derive(Debug, Clone)]
pub struct Done {
    /// 2xx, or 404 and 410: then there was nothing to erase.
    pub status: u16,
    pub request_id: Option<String>,
    /// Where its end can be learned, when it goes on after the answer.
    pub operation: Option<Operation>,
    /// Whether the answer says that it goes on (202), even if not where its end can be learned.
    pub goes_on: bool,
    /// How long the service asks to wait before asking again.
    pub wait: Option<Duration>,
}

/// Holds what may be changed.
pub struct Eraser {
    wire: Arc<Wire>,
    deeds: Vec<(Change, Url)>,
}

impl Eraser {
    /// Takes the calls of a plan, all of them or none. `workspace` is the own path of the workspace or registry,
    /// percent-encoded.
    pub fn new(
        wire: Arc<Wire>,
        hosts: &Hosts,
        workspace: &str,
        deeds: &[Deed],
    ) -> Result<Self, Unsafe> {
        let Some(root) = pattern::root_at(workspace) else {
            return Err(Unsafe::NoWorkspace {
                path: workspace.to_owned(),
            });
        };
        let patterns = Patterns::of_catalogue();
        let mut held = Vec::with_capacity(deeds.len());
        for deed in deeds {
            let prefix = format!("{}{workspace}", deed.base.spec().prefix);
            let Some(rest) = deed.address.strip_prefix(&prefix) else {
                return Err(Unsafe::Outside {
                    address: deed.address.clone(),
                });
            };
            if !patterns.erases(root, deed.change, deed.base, rest) {
                return Err(Unsafe::NotErased {
                    verb: deed.change.method(),
                    address: deed.address.clone(),
                });
            }
            let mut url = base_of(&wire, hosts, deed.base)?;
            let (path, query) = deed.address.split_once('?').unwrap_or((&deed.address, ""));
            url.set_path(path);
            url.set_query((!query.is_empty()).then_some(query));
            // What a parser makes of an address must be the address: no dot segments, nothing unescaped.
            if url.path() != path || url.query().unwrap_or_default() != query {
                return Err(Unsafe::NotErased {
                    verb: deed.change.method(),
                    address: deed.address.clone(),
                });
            }
            held.push((deed.change, url));
        }
        Ok(Self { wire, deeds: held })
    }

    /// How many calls it holds.
    pub fn len(&self) -> usize {
        self.deeds.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.deeds.is_empty()
    }

    /// Makes the call of this number, from 0. A number that is not held does nothing and is [`Fault::NotAllowed`].
    pub async fn carry_out(&self, number: usize, body: Option<Bytes>) -> Result<Done, Fault> {
        let Some((change, url)) = self.deeds.get(number) else {
            return Err(Fault::NotAllowed {
                host: "the plan".to_owned(),
                path: format!("call {number}"),
            });
        };
        let call = Call {
            pass: Pass::Change(*change),
            body,
            class: Class::Delete,
            ..Call::get(url.clone())
        };
        match self.wire.send(call).await {
            Ok(answer) => Ok(done(&answer, url)),
            Err(Fault::Absent {
                status, request_id, ..
            }) if *change == Change::Delete => Ok(Done {
                status,
                request_id,
                operation: None,
                goes_on: false,
                wait: None,
            }),
            Err(fault) => Err(fault),
        }
    }

    /// Asks once how an operation stands. The address must be on the host that was called, or on one that takes our token;
    /// each answer may name another address, which is then the one to ask.
    pub async fn poll(&self, operation: &Operation) -> Result<(Poll, Option<Operation>), Fault> {
        operation::poll(&self.wire, operation).await
    }
}

fn done(answer: &Answer, url: &Url) -> Done {
    Done {
        status: answer.status,
        request_id: answer.request_id.clone(),
        operation: Operation::of(&answer.headers, url),
        goes_on: answer.status == 202,
        wait: waits::asked(&answer.headers, OffsetDateTime::now_utc()),
    }
}

/// For events: where a deed goes.
impl std::fmt::Debug for Eraser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hosts: std::collections::BTreeSet<String> =
            self.deeds.iter().map(|(_, url)| host_of(url)).collect();
        write!(f, "Eraser({} calls to {hosts:?})", self.deeds.len())
    }
}
