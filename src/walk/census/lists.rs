//! The lists of workspaces and registries: of a group, of a subscription, and of every subscription.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::StreamExt as _;
use serde_json::Value;

use super::Shown;
use super::remarks::{Remark, label_of, note, unlisted};
use crate::kinds::item::first;
use crate::kinds::{self, Base, Root};
use crate::wire::hands::escape;
use crate::wire::index::Subscription;
use crate::wire::page::{Position, Seen, held, take_apart};
use crate::wire::{Call, Fault, Wire};

/// Lists of subscriptions that are read at once.
const LISTS_AT_ONCE: usize = 6;

/// What a list of a subscription shows; nothing for one that failed or was not read.
#[derive(Debug)]
pub(super) struct Listed {
    pub root: &'static Root,
    /// In lower case.
    pub subscription: String,
    pub shown: Option<Vec<Shown>>,
}

impl Listed {
    /// The name that the list goes by.
    pub(super) fn label(&self) -> String {
        label_of(self.root, &format!("subscription {}", self.subscription))
    }
}

/// A list of a subscription.
pub(super) fn below(root: &Root, subscription: &str) -> String {
    format!(
        "/subscriptions/{}{}",
        escape(subscription),
        root.collection()
    )
}

/// Every subscription's own list of each sort.
pub(super) async fn cross_check(
    wire: &Arc<Wire>,
    subscriptions: BTreeMap<String, Subscription>,
    sorts: &[&'static Root],
    remarks: &mut Vec<Remark>,
) -> Result<Vec<Listed>, Fault> {
    let mut open = Vec::new();
    let mut lists = Vec::new();
    for (key, subscription) in subscriptions {
        for root in sorts.iter().copied() {
            let label = label_of(root, &format!("subscription {}", subscription.id));
            let list = Listed {
                root,
                subscription: key.clone(),
                shown: None,
            };
            if ["Disabled", "Deleted"]
                .iter()
                .any(|state| subscription.state.eq_ignore_ascii_case(state))
            {
                let reason = format!(
                    "this subscription is {}, so that its {} were not listed; what the index shows of it is walked",
                    subscription.state.to_lowercase(),
                    root.kind
                );
                remarks.push(note(root, &label, reason));
                lists.push(list);
            } else {
                open.push((list, label, below(root, &subscription.id)));
            }
        }
    }
    let mut answers = futures_util::stream::iter(open)
        .map(|(listed, label, path)| {
            let wire = Arc::clone(wire);
            async move {
                let answer = list(&wire, listed.root, &path).await;
                (listed, label, answer)
            }
        })
        .buffered(LISTS_AT_ONCE);
    while let Some((mut listed, label, answer)) = answers.next().await {
        let root = listed.root;
        match answer {
            Ok(shown) => listed.shown = Some(shown),
            Err(fault) if fault.is_final() => return Err(fault),
            Err(fault) if is_unregistered(&fault) => {
                let reason = format!(
                    "Azure Machine Learning is not registered in this subscription, so that it has no {}",
                    root.one
                );
                remarks.push(note(root, &label, reason));
                listed.shown = Some(Vec::new());
            }
            Err(fault) => remarks.push(unlisted(root, &fault, &label)),
        }
        lists.push(listed);
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
        held(found.len()).map_err(malformed)?;
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
