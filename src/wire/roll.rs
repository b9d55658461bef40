//! The list of workspaces of a resource group, page by page: it shows names that a look at the workspace no longer does.

use serde_json::value::RawValue;

use super::call::{Call, host_of};
use super::look::Looker;
use super::page::{Position, Seen, take_apart};
use super::{Fault, Wire};
use crate::kinds::{Base, Paging};

impl Looker {
    /// Every item of a list of the resource manager at this path.
    pub async fn roll(&self, path: &str) -> Result<Vec<Box<RawValue>>, Fault> {
        let wire: &Wire = &self.wire;
        let mut url = wire.cloud.arm.clone();
        url.set_path(path);
        url.set_query(Base::Arm.spec().query);
        let (mut found, mut seen) = (Vec::new(), Seen::default());
        loop {
            let answer = wire.send(Call::get(url.clone())).await?;
            let malformed = |what: String| Fault::Malformed {
                host: host_of(&url),
                path: path.to_owned(),
                what,
                request_id: answer.request_id.clone(),
            };
            let parts = take_apart(&answer.body, Paging::NextLink, "value").map_err(malformed)?;
            let count = parts.items.len();
            found.extend(parts.items);
            let Some(next) = parts.next else {
                return Ok(found);
            };
            seen.note(&next, count).map_err(malformed)?;
            let Position::Link(link) = next else {
                return Ok(found);
            };
            let next = url
                .join(&link)
                .map_err(|_| malformed("its nextLink is not an address".to_owned()))?;
            if next.origin() != url.origin() {
                return Err(Fault::Foreign {
                    host: host_of(&next),
                    path: format!("the nextLink of {path}"),
                });
            }
            url = next;
        }
    }
}
