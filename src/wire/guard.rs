//! What stands in the way of a deletion, found out before it: locks, rights, and a name that is not free. Reading is here,
//! judging in [`rights`]. What may not be read is not known, and no reason to stop.

use serde_json::Value;
use url::Url;

use super::call::{Call, Change, host_of};
use super::page::{Position, Seen, held, take_apart};
use super::{Fault, Wire};
use crate::kinds::item::first;
use crate::kinds::version::arm_query;
use crate::kinds::{Base, Paging};

pub mod rights;
#[cfg(test)]
mod tests;

pub use rights::{May, Permission, action, may};

/// What was found. The text of an error says why nothing is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preflight {
    pub locks: Result<Vec<Lock>, String>,
    pub permissions: Result<Vec<Permission>, String>,
    pub standing: Result<Standing, String>,
}

/// A lock on the workspace, above it or below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    pub name: String,
    /// What it lies on, with everything below.
    pub scope: String,
    /// `CanNotDelete` or `ReadOnly`.
    pub level: String,
    pub notes: Option<String>,
}

/// How the workspace stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Here,
    /// Nothing has this name.
    Absent,
    /// It cannot be had, but lists still name it: soft-deleted, or stuck while it is deleted. Its data is still there.
    Reserved {
        state: Option<String>,
    },
}

impl Lock {
    /// Whether it bars this change. Locks hold what goes through the resource manager, and nothing else.
    pub fn bars(&self, change: Change, base: Base, address: &str) -> bool {
        let path = address.split('?').next().unwrap_or_default();
        base == Base::Arm
            && (change == Change::Delete || !self.level.eq_ignore_ascii_case("CanNotDelete"))
            && covers(&self.scope, path)
    }
}

/// Whether something at one scope holds for another: the same, or below it. The resource manager's names have no case, and
/// stand as they are in an id and escaped in an address.
fn covers(scope: &str, asked: &str) -> bool {
    let names = |path: &str| -> Vec<String> {
        path.trim_end_matches('/')
            .split('/')
            .map(|name| {
                percent_encoding::percent_decode_str(name)
                    .decode_utf8_lossy()
                    .to_lowercase()
            })
            .collect()
    };
    names(asked).starts_with(&names(scope))
}

impl Preflight {
    /// Whether the caller may do this; not known when that may not be read.
    pub fn may(&self, action: &str) -> May {
        self.permissions
            .as_ref()
            .map_or(May::Unknown, |permissions| may(permissions, action))
    }

    /// The locks that bar a change.
    pub fn barred(&self, change: Change, base: Base, address: &str) -> Vec<&Lock> {
        self.locks
            .iter()
            .flatten()
            .filter(|lock| lock.bars(change, base, address))
            .collect()
    }
}

/// Reads all of it. `workspace` is the own path of the workspace or registry, percent-encoded.
pub async fn preflight(wire: &Wire, workspace: &str) -> Preflight {
    let around = |what: &str, version: &str| {
        format!("{workspace}/providers/Microsoft.Authorization/{what}?api-version={version}")
    };
    let locks = list(wire, &around("locks", "2020-05-01")).await;
    let permissions = list(wire, &around("permissions", "2022-04-01")).await;
    Preflight {
        locks: locks
            .and_then(|docs| docs.iter().map(lock).collect())
            .map_err(|fault| format!("Whether there are locks is not known: {fault}")),
        permissions: permissions
            .map(|docs| docs.iter().map(Permission::of).collect())
            .map_err(|fault| format!("What the caller may do is not known: {fault}")),
        standing: standing(wire, workspace)
            .await
            .map_err(|fault| format!("Whether it is there by its name is not known: {fault}")),
    }
}

/// A lock is named by its scope: what stands before the provider in its id.
fn lock(doc: &Value) -> Result<Lock, Fault> {
    const MARK: &str = "/providers/microsoft.authorization/locks/";
    let id = first(doc, "id").unwrap_or_default();
    let Some(at) = id.to_ascii_lowercase().rfind(MARK) else {
        // Left out, it would be a lock that nobody sees.
        return Err(Fault::Malformed {
            host: "the resource manager".to_owned(),
            path: "locks".to_owned(),
            what: "there is a lock in it whose id names no scope".to_owned(),
            request_id: None,
        });
    };
    Ok(Lock {
        name: id[at + MARK.len()..].to_owned(),
        scope: id[..at].to_owned(),
        level: first(doc, "properties/level").unwrap_or_default(),
        notes: first(doc, "properties/notes"),
    })
}

/// A name that GET does not know may still be in the lists of its group and its subscription.
async fn standing(wire: &Wire, workspace: &str) -> Result<Standing, Fault> {
    let version = format!("?{}", arm_query());
    match wire
        .send(Call::get(arm(wire, &format!("{workspace}{version}"))))
        .await
    {
        Ok(_) => return Ok(Standing::Here),
        Err(fault) if fault.is_absent() => {}
        Err(fault) => return Err(fault),
    }
    let segments: Vec<&str> = workspace.split('/').collect();
    let (Some(group), Some(subscription), Some(provider)) =
        (segments.get(..8), segments.get(..3), segments.get(5..8))
    else {
        return Ok(Standing::Absent);
    };
    for path in [
        group.join("/"),
        format!("{}/{}", subscription.join("/"), provider.join("/")),
    ] {
        let docs = match list(wire, &format!("{path}{version}")).await {
            Ok(docs) => docs,
            // Without its group there is no list of the group.
            Err(fault) if fault.is_absent() => continue,
            Err(fault) => return Err(fault),
        };
        let same = |doc: &&Value| {
            first(doc, "id").is_some_and(|id| covers(&id, workspace) && covers(workspace, &id))
        };
        if let Some(doc) = docs.iter().find(same) {
            return Ok(Standing::Reserved {
                state: first(doc, "properties/provisioningState"),
            });
        }
    }
    Ok(Standing::Absent)
}

fn arm(wire: &Wire, address: &str) -> Url {
    let mut url = wire.cloud.arm.clone();
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    url.set_path(path);
    url.set_query((!query.is_empty()).then_some(query));
    url
}

/// All pages of a list of the resource manager.
pub(super) async fn list(wire: &Wire, address: &str) -> Result<Vec<Value>, Fault> {
    let start = arm(wire, address);
    let malformed = |what: String| Fault::Malformed {
        host: host_of(&start),
        path: start.path().to_owned(),
        what,
        request_id: None,
    };
    let (mut url, mut docs, mut seen) = (start.clone(), Vec::new(), Seen::default());
    loop {
        let answer = wire.send(Call::get(url)).await?;
        let parts = take_apart(&answer.body, Paging::NextLink, "value").map_err(malformed)?;
        for item in &parts.items {
            docs.push(serde_json::from_str(item.get()).map_err(|why| malformed(why.to_string()))?);
        }
        let Some(next) = parts.next else {
            return Ok(docs);
        };
        seen.note(&next, parts.items.len()).map_err(malformed)?;
        held(docs.len()).map_err(malformed)?;
        let Position::Link(link) = next else {
            return Ok(docs);
        };
        url = start
            .join(&link)
            .map_err(|_| malformed("its nextLink is not an address".to_owned()))?;
        if url.origin() != start.origin() {
            return Err(Fault::Foreign {
                host: host_of(&url),
                path: format!("the nextLink of {}", start.path()),
            });
        }
    }
}
