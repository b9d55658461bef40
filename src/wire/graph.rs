//! Microsoft Graph: what the directory knows of a person. It is read only, at four addresses, and with a token of its own.
//!
//! Everything here is asked for one identifier at a time. What an answer holds is checked against what was asked, so that a
//! service that overlooks a filter does not turn everybody of a directory into one person.

mod address;
mod entry;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::Value;
use url::Url;

pub use self::entry::Entry;
use super::call::{Audience, Call};
use super::{Fault, Wire};

/// Pages of a list that are followed. A question about one address is answered by one; a list that goes on is none about
/// one person.
const PAGES: usize = 10;

/// Asks the directory.
pub struct Graph {
    wire: Arc<Wire>,
    base: Url,
}

impl Graph {
    /// For the directory of the wire's cloud; nothing where it is not known to have one. Whoever cannot sign in to Azure at
    /// all learns it here.
    pub async fn open(wire: &Arc<Wire>) -> Result<Option<Self>, Fault> {
        let Some(base) = wire.cloud.graph.clone() else {
            return Ok(None);
        };
        wire.sign_in().await?;
        Ok(Some(Self {
            wire: Arc::clone(wire),
            base,
        }))
    }

    /// A user by object id.
    pub async fn user(&self, id: &str) -> Result<Option<Entry>, Fault> {
        let found = self.one(address::user(&self.base, id)).await?;
        Ok(found.filter(|entry| entry.id.eq_ignore_ascii_case(id)))
    }

    /// A user by principal name, which looks like an e-mail address and may be one.
    pub async fn user_named(&self, name: &str) -> Result<Option<Entry>, Fault> {
        if !address::is_a_segment(name) {
            return Ok(None);
        }
        let found = self.one(address::user(&self.base, name)).await?;
        Ok(found.filter(|entry| entry.goes_by(name)))
    }

    /// Users who have an address, as principal name, as mail, or as one of their other addresses.
    pub async fn users_at(&self, mail: &str) -> Result<Vec<Entry>, Fault> {
        let found = self.list(address::users_at(&self.base, mail)).await?;
        Ok(found
            .into_iter()
            .filter(|entry| entry.goes_by(mail))
            .collect())
    }

    /// A deleted user by object id. The directory keeps them for thirty days.
    pub async fn deleted_user(&self, id: &str) -> Result<Option<Entry>, Fault> {
        let found = self.list(address::deleted_user(&self.base, id)).await?;
        Ok(found
            .into_iter()
            .find(|entry| entry.id.eq_ignore_ascii_case(id)))
    }

    /// Deleted users who had an address.
    pub async fn deleted_users_at(&self, mail: &str) -> Result<Vec<Entry>, Fault> {
        let found = self
            .list(address::deleted_users_at(&self.base, mail))
            .await?;
        Ok(found
            .into_iter()
            .filter(|entry| entry.goes_by(mail))
            .collect())
    }

    /// A service principal by object id.
    pub async fn service_principal(&self, id: &str) -> Result<Option<Entry>, Fault> {
        let found = self.one(address::service_principal(&self.base, id)).await?;
        Ok(found.filter(|entry| entry.id.eq_ignore_ascii_case(id)))
    }

    /// One document, or nothing when the directory says that it knows none.
    async fn one(&self, url: Url) -> Result<Option<Entry>, Fault> {
        match self.get(url.clone()).await {
            Ok(doc) => entry::read(&doc)
                .map(Some)
                .map_err(|what| malformed(&url, what)),
            Err(fault) if says_unknown(&fault) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Every page of a list.
    async fn list(&self, first: Url) -> Result<Vec<Entry>, Fault> {
        let mut all = Vec::new();
        let mut url = first.clone();
        for _ in 0..PAGES {
            let doc = self.get(url).await?;
            let (entries, next) = entry::page(&doc).map_err(|what| malformed(&first, what))?;
            all.extend(entries);
            match next {
                None => return Ok(all),
                Some(link) => {
                    url = address::next(&first, &link).ok_or_else(|| {
                        malformed(
                            &first,
                            "its nextLink leads to another list or host, and was not followed",
                        )
                    })?;
                }
            }
        }
        Err(malformed(
            &first,
            "it has more pages than a question about one person can have",
        ))
    }

    async fn get(&self, url: Url) -> Result<Value, Fault> {
        let call = call(url);
        let (host, path) = call.place();
        let answer = self.wire.send(call).await?;
        // What a parser says of a document may quote it.
        serde_json::from_slice(&answer.body).map_err(|_| Fault::Malformed {
            host,
            path,
            what: "it is not JSON".to_owned(),
            request_id: answer.request_id,
        })
    }
}

/// A question. Filters over several addresses, or over the end of a name, need the directory's index, which has to be asked
/// for by this header on every page, beside the count in the address.
fn call(url: Url) -> Call {
    let listed = url.query_pairs().any(|(name, _)| name == "$filter");
    Call {
        audience: Audience::Graph,
        headers: if listed {
            vec![("consistencylevel", "eventual".to_owned())]
        } else {
            Vec::new()
        },
        ..Call::get(url)
    }
}

/// Whether the directory itself says that it does not know who was asked for. A 404 of anything on the way there says nothing
/// about a person.
fn says_unknown(fault: &Fault) -> bool {
    matches!(fault, Fault::Absent { code: Some(code), .. } if code.ends_with("ResourceNotFound"))
}

fn malformed(url: &Url, what: &str) -> Fault {
    let (host, path) = call(url.clone()).place();
    Fault::Malformed {
        host,
        path,
        what: what.to_owned(),
        request_id: None,
    }
}
