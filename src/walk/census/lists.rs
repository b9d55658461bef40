//! The lists of workspaces: of a group, of a subscription, and of every subscription.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::StreamExt as _;
use serde_json::Value;

use super::Shown;
use super::remarks::{Remark, failed, note};
use crate::kinds::item::first;
use crate::kinds::roots::WORKSPACES;
use crate::kinds::{self, Base, Root};
use crate::wire::hands::escape;
use crate::wire::index::Subscription;
use crate::wire::page::{Position, Seen, take_apart};
use crate::wire::{Call, Fault, Wire};

/// Lists of subscriptions that are read at once.
const LISTS_AT_ONCE: usize = 6;

/// What the list of each subscription shows, by its id in lower case; nothing for one whose list failed or was not read.
pub(super) type Lists = Vec<(String, Option<Vec<Shown>>)>;

/// The list of a subscription.
pub(super) fn below(subscription: &str) -> String {
    format!(
        "/subscriptions/{}{}",
        escape(subscription),
        WORKSPACES.collection()
    )
}

/// Every subscription's own list; nothing for one whose list failed or was not read.
pub(super) async fn cross_check(
    wire: &Arc<Wire>,
    subscriptions: BTreeMap<String, Subscription>,
    remarks: &mut Vec<Remark>,
) -> Result<Lists, Fault> {
    let mut open = Vec::new();
    let mut lists = Vec::new();
    for (key, subscription) in subscriptions {
        let label = format!("subscription {}", subscription.id);
        if ["Disabled", "Deleted"]
            .iter()
            .any(|state| subscription.state.eq_ignore_ascii_case(state))
        {
            let reason = format!(
                "this subscription is {}, so that its workspaces were not listed; what the index shows of it is walked",
                subscription.state.to_lowercase()
            );
            remarks.push(note(&label, reason));
            lists.push((key, None));
        } else {
            open.push((key, label, below(&subscription.id)));
        }
    }
    let mut answers = futures_util::stream::iter(open)
        .map(|(key, label, path)| {
            let wire = Arc::clone(wire);
            async move { (key, label, list(&wire, &WORKSPACES, &path).await) }
        })
        .buffered(LISTS_AT_ONCE);
    while let Some((key, label, answer)) = answers.next().await {
        match answer {
            Ok(shown) => lists.push((key, Some(shown))),
            Err(fault) if fault.is_final() => return Err(fault),
            Err(fault) if is_unregistered(&fault) => {
                let reason = "Azure Machine Learning is not registered in this subscription, so that it has no workspace";
                remarks.push(note(&label, reason.to_owned()));
                lists.push((key, Some(Vec::new())));
            }
            Err(fault) => {
                let what = "the workspaces of this subscription could not be listed; what the index shows of it is walked";
                remarks.push(failed(&fault, &label, what));
                lists.push((key, None));
            }
        }
    }
    Ok(lists)
}

/// A subscription in which nobody ever made a workspace.
fn is_unregistered(fault: &Fault) -> bool {
    let (Fault::Service { code, .. } | Fault::Absent { code, .. }) = fault else {
        return false;
    };
    let codes = [
        "MissingSubscriptionRegistration",
        "NoRegisteredProviderFound",
    ];
    code.as_ref()
        .is_some_and(|code| codes.iter().any(|known| known.eq_ignore_ascii_case(code)))
}

/// The workspaces or registries of a group or a subscription, page by page. Of their documents nothing but the ids is kept.
pub(in crate::walk) async fn list(
    wire: &Wire,
    root: &'static Root,
    path: &str,
) -> Result<Vec<Shown>, Fault> {
    let mut url = wire.cloud.arm.clone();
    url.set_path(path);
    url.set_query(Base::Arm.spec().query);
    let mut found = Vec::new();
    let mut seen = Seen::default();
    loop {
        let call = Call::get(url.clone());
        let (host, place) = call.place();
        let answer = wire.send(call).await?;
        let malformed = |what| Fault::Malformed {
            host: host.clone(),
            path: place.clone(),
            what,
            request_id: answer.request_id.clone(),
        };
        let parts =
            take_apart(&answer.body, kinds::Paging::NextLink, "value").map_err(malformed)?;
        let count = parts.items.len();
        for item in parts.items {
            let doc: Value = serde_json::from_str(item.get()).unwrap_or_default();
            let state = first(&doc, "properties/provisioningState");
            let shown = first(&doc, "id").and_then(|id| Shown::read(root, &id, state));
            found.push(shown.ok_or_else(|| {
                malformed(format!("a {} in it has no id that can be read", root.one))
            })?);
        }
        let Some(next) = parts.next else {
            return Ok(found);
        };
        seen.note(&next, count).map_err(malformed)?;
        if let Position::Link(link) = next {
            let next = url
                .join(&link)
                .map_err(|_| malformed("its nextLink is not an address".to_owned()))?;
            if next.origin() != url.origin() {
                return Err(Fault::Foreign {
                    host: next.host_str().unwrap_or_default().to_owned(),
                    path: format!("the nextLink of the list of {}", root.kind),
                });
            }
            url = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_that_was_never_registered_is_no_gap() {
        let of = |status, code: &str| {
            is_unregistered(&Fault::Service {
                host: "h".to_owned(),
                path: "p".to_owned(),
                status,
                code: Some(code.to_owned()),
                message: String::new(),
                tries: 1,
                request_id: None,
            })
        };
        assert!(of(409, "MissingSubscriptionRegistration"));
        assert!(!of(409, "Conflict"));
    }
}
