//! Whatever changes the world: deletes above all, with the answers, the refusals and the long-running operations that
//! the services give. A change lasts as long as the server, or until the world is made anew.

mod arm;
mod belongings;
mod computes;
mod data;
mod hand;
mod history;
mod jobs;
mod models;
mod operations;
mod pipelines;
mod registries;
mod resources;
mod traffic;
mod workspaces;

pub(crate) use arm::{answer as arm, covers};
pub(crate) use belongings::{belongs, lesser};

use super::ask::Ask;
use super::content;
use super::errors::{Plane, missing, no_method};
use super::hub::Hub;
use super::reply::Reply;
use super::route::Service;
use super::text;
use super::world::{Workspace, World};
use hand::Hand;
use operations::again;
use serde_json::Value;
use std::sync::Arc;

/// Whether a request may change anything, and so must have the world to itself.
pub(crate) fn changes(ask: &Ask, service: Service, rest: &[&str]) -> bool {
    match ask.method.as_str() {
        "DELETE" | "PUT" | "PATCH" => true,
        "POST" => rest.last().is_some_and(|last| match service {
            Service::Artifact => last.ends_with(":delete"),
            Service::History => last.ends_with(":delete") || *last == "cancel",
            Service::Execution => *last == "cancel",
            _ => false,
        }),
        _ => false,
    }
}

pub(crate) fn answer(
    hub: &Arc<Hub>,
    ask: &Ask,
    service: Service,
    world: &mut World,
    at: usize,
    rest: &[&str],
) -> Reply {
    let workspace: &mut Workspace = &mut world.workspaces[at];
    let rest: Vec<&str> = rest
        .iter()
        .copied()
        .filter(|text| !text.is_empty())
        .collect();
    let hand = Hand::of(hub, ask);
    match service {
        Service::History | Service::Execution
            if ask.is("POST") && rest.last() == Some(&"cancel") =>
        {
            jobs::cancel_through_history(&hand, ask, workspace, service, &rest)
        }
        Service::History => history::answer(&hand, ask, workspace, &rest),
        Service::Artifact => data::artifact(&hand, ask, workspace, &rest),
        Service::Metric => data::metric(&hand, ask, workspace, &rest),
        Service::Models(_) => models::answer(&hand, ask, workspace, &rest),
        Service::Pipelines(_) => pipelines::answer(&hand, ask, workspace, &rest),
        Service::Content(false) => content::delete(hub, ask, workspace, &rest),
        Service::Datastore => data::datastore(&hand, ask, workspace, &rest),
        Service::Dataset => data::dataset(&hand, ask, workspace, &rest),
        _ => no_method(service.plane()),
    }
}

/// The most dangerous address there is: it takes every artifact of a workspace, and answers as if that were nothing.
pub(crate) fn wipe(hub: &Arc<Hub>, ask: &Ask, guid: &str) -> Reply {
    let mut world = hub.world_mut();
    match again(&mut world, guid) {
        Some(workspace) => {
            data::take_artifacts(&Hand::of(hub, ask), workspace, true, |_| true);
            Reply::empty(200)
        }
        None => missing(Plane::History, "No such workspace."),
    }
}

/// Writes the members of a patch over a document.
pub(super) fn overwrite(doc: &mut Value, patch: &Value, names: &[&str]) {
    for name in names {
        if let Some(value) = patch.get(*name) {
            if value.is_object() && doc.get(*name).is_some_and(Value::is_object) {
                text::merge(&mut doc[*name], value.clone());
            } else {
                doc[*name] = value.clone();
            }
        }
    }
}
