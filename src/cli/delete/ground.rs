//! Where a plan is made and carried out: one workspace or registry, its services, and its own document.

use std::sync::Arc;

use serde_json::Value;
use url::Url;

use crate::cli::connect::Connection;
use crate::cli::ending::{Ending, Failure};
use crate::kinds::Base;
use crate::kinds::item::{Params, first};
use crate::kinds::roots::WORKSPACES;
use crate::plan::model::{Plan, Scope};
use crate::walk::Roots;
use crate::wire::Fault;
use crate::wire::discovery::{Hosts, discover};
use crate::wire::hands::Reader;

/// A scope that no plan can be about.
pub(super) const ONE: &str = "a plan is about one workspace or registry: name it with -g and -w, or --workspace-id, or --registry, and make a plan for each";

/// The workspace or registry of a plan.
pub(super) struct Ground {
    pub scope: Scope,
    pub hosts: Hosts,
    /// The workspace's own document.
    pub doc: Value,
}

/// Reads the workspace and finds its services.
pub(super) async fn ground(connection: &Connection) -> anyhow::Result<Ground> {
    let Roots::One {
        root,
        subscription,
        group,
        name,
    } = &connection.roots
    else {
        return Err(Failure::usage(ONE));
    };
    let path = root.path(subscription, group, name);
    let label = root.label(name);
    let wire = &connection.wire;
    let reader = Reader::new(
        Arc::clone(wire),
        label.clone(),
        path.clone(),
        Hosts::default(),
    );
    let routes = root.row().map_or(&[][..], |kind| kind.item);
    let (raw, _) = reader
        .one(routes, &Params::default())
        .await
        .map_err(|fault| match fault {
            Fault::Absent { message, .. } if **root != WORKSPACES => Failure::usage(format!(
                "the {} {name} is not there ({message})",
                root.one
            )),
            Fault::Absent { message, .. } => Failure::usage(format!(
                "the workspace {name} is not there ({message}). If it was deleted and not purged, its data is kept for 14 days; `aml-dsr` cannot see it, the portal can (Recently deleted)"
            )),
            fault => fault.into(),
        })?;
    let doc: Value = serde_json::from_str(raw.get()).unwrap_or_default();
    let url = first(&doc, "properties/discoveryUrl")
        .filter(|_| root.has_services())
        .and_then(|text| Url::parse(&text).ok());
    let hosts = match url {
        Some(url) => discover(wire, &url).await?,
        None => Hosts::default(),
    };
    Ok(Ground {
        scope: Scope {
            subscription: subscription.clone(),
            resource_group: group.clone(),
            workspace: label,
            path,
            workspace_id: first(&doc, "properties/workspaceId"),
        },
        hosts,
        doc,
    })
}

/// The same for a plan that is carried out. When the workspace is gone, as it is after a plan that erased it, what the plan says
/// of it is all there is: then no service is left to talk to but the resource manager.
pub(super) async fn ground_of(
    connection: &Connection,
    plan: &Plan,
    begun: bool,
) -> anyhow::Result<Ground> {
    let whole = plan
        .waves
        .iter()
        .flat_map(|wave| &wave.steps)
        .all(|step| step.calls.iter().all(|call| call.base == Base::Arm));
    let same = match &connection.roots {
        Roots::One {
            root,
            subscription,
            group,
            name,
        } => plan
            .scope
            .path
            .eq_ignore_ascii_case(&root.path(subscription, group, name)),
        _ => false,
    };
    match ground(connection).await {
        Err(error) if begun && whole && same && is_absent(&error) => Ok(Ground {
            scope: plan.scope.clone(),
            hosts: Hosts::default(),
            doc: Value::Null,
        }),
        ground => ground,
    }
}

fn is_absent(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<Failure>()
        .is_some_and(|failure| failure.ending == Ending::Usage)
}
