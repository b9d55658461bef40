//! The lists of workspaces and of registries: of a subscription, of a resource group, and among all resources.

use super::{PLANE, page_of};
use crate::emulator::ask::Ask;
use crate::emulator::errors::no_method;
use crate::emulator::hub::Hub;
use crate::emulator::reply::Reply;
use crate::emulator::world::{Home, Item, Standing, Workspace};
use serde_json::{Value, json};
use std::borrow::Cow;

/// `subscription` and `group` are in lower case.
pub(super) fn workspaces(
    hub: &Hub,
    ask: &Ask,
    subscription: &str,
    home: Home,
    group: Option<&str>,
) -> Reply {
    if !ask.is("GET") {
        return no_method(PLANE);
    }
    let world = hub.world();
    let shown: Vec<(usize, Cow<'_, Item>)> = world
        .homes(home)
        .iter()
        .enumerate()
        .filter(|(_, workspace)| {
            workspace.subscription.eq_ignore_ascii_case(subscription)
                && listed(hub, workspace)
                && !hub.settings().index.hidden_from_lists(workspace)
                && group.is_none_or(|group| workspace.resource_group.to_lowercase() == group)
        })
        .map(|(at, workspace)| (at, face(workspace)))
        .collect();
    let rows = shown.iter().map(|(at, item)| (*at, &**item));
    page_of(hub, ask, rows, 1, false)
}

/// What is deleted and still listed says that it is being deleted.
pub(super) fn face(workspace: &Workspace) -> Cow<'_, Item> {
    let mut item = Cow::Borrowed(&workspace.doc);
    if workspace.standing != Standing::Live {
        item.to_mut().change(|doc| {
            if let Some(state) = doc.pointer_mut("/properties/provisioningState") {
                *state = "Deleting".into();
            }
        });
    }
    item
}

/// A list leads to what its ids name. A published example may stand elsewhere, where no list leads. People have seen
/// deleted workspaces in lists: always those whose purge is stuck, the others when it is set so.
pub(super) fn listed(hub: &Hub, workspace: &Workspace) -> bool {
    let shown = match workspace.standing {
        Standing::Live | Standing::Stuck => true,
        Standing::Soft => hub.settings().lists_soft_deleted,
        Standing::Gone => false,
    };
    shown
        && workspace
            .doc
            .field("id")
            .eq_ignore_ascii_case(&workspace.arm_id(&workspace.subscription))
}

/// Everything in the subscription, which is workspaces. The filter of the query is taken to ask for them.
pub(super) fn resources(hub: &Hub, ask: &Ask, subscription: &str) -> Reply {
    if !ask.is("GET") {
        return no_method(PLANE);
    }
    let world = hub.world();
    let rows: Vec<Value> = world
        .workspaces
        .iter()
        .filter(|workspace| {
            workspace.subscription.eq_ignore_ascii_case(subscription) && listed(hub, workspace)
        })
        .map(|workspace| {
            let doc = &workspace.doc.doc;
            json!({"id": doc["id"], "name": doc["name"], "type": doc["type"], "location": doc["location"],
                   "tags": doc["tags"], "identity": doc["identity"], "sku": doc["sku"]})
        })
        .collect();
    Reply::json(200, &json!({"value": rows}))
}
