//! What lies around the first subscription: others, workspaces whose names are taken twice, and any number of small
//! workspaces whose items are computed and not held.

use super::contoso::{Plot, Stage, found};
use super::{Kind, Workspace, World, shared};
use crate::emulator::{Shape, Small, synthetic};
use serde_json::{Value, json};

/// A subscription as its list shows it.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    /// In lower case.
    pub(crate) id: String,
    name: &'static str,
    state: &'static str,
    /// The management groups above it.
    pub(crate) below: &'static [&'static str],
}

impl Subscription {
    pub(crate) fn first(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: "Contoso Machine Learning",
            state: "Enabled",
            below: &["contoso"],
        }
    }

    pub(crate) fn doc(&self, tenant: &str) -> Value {
        json!({
            "id": format!("/subscriptions/{}", self.id),
            "subscriptionId": self.id,
            "tenantId": tenant,
            "displayName": self.name,
            "state": self.state,
            "subscriptionPolicies": {"locationPlacementId": "Public_2014-09-01", "quotaId": "EnterpriseAgreement_2014-09-01",
                                     "spendingLimit": "Off"},
            "authorizationSource": "RoleBased",
            "managedByTenants": [],
        })
    }
}

/// The workspaces of the second subscription. The first has the name, and but for the letters the group, of one in the
/// first subscription; the second shares only the name of a workspace.
const NEIGHBOURS: [Plot<'static>; 2] = [
    ("contoso-ml", "RG-Contoso-ML", "westeurope", false, false, 0),
    ("contoso-legacy", "rg-research", "uksouth", false, false, 0),
];
const SMALL_GROUP: &str = "rg-teams";

/// Adds what is around: two more subscriptions, of which one is disabled, the workspaces of the other, and in each a registry
/// that has group and name of the one in the first subscription, and nothing in it.
pub(crate) fn surround(stage: &mut Stage<'_>, world: &mut World) {
    let second = stage.mint.guid("subscription 2");
    world.subscriptions.push(Subscription {
        id: second.clone(),
        name: "Contoso Research",
        state: "Enabled",
        below: &["contoso", "contoso-research"],
    });
    let third = stage.mint.guid("subscription 3");
    world.subscriptions.push(Subscription {
        id: third.clone(),
        name: "Contoso Archive",
        state: "Disabled",
        below: &["contoso"],
    });
    for plot in &NEIGHBOURS {
        let mut workspace = settle(stage, &world.tenant, &second, plot);
        workspace.shape = Some(shape(20));
        world.workspaces.push(workspace);
    }
    for subscription in [second, third] {
        stage.subscription = subscription;
        world.registries.push(shared::found(stage));
    }
}

/// Adds small workspaces, by turns in each subscription that is enabled. Only their own documents are held.
pub(crate) fn multiply(stage: &mut Stage<'_>, world: &mut World, small: &Small) {
    let enabled: Vec<String> = world
        .subscriptions
        .iter()
        .filter(|one| one.state == "Enabled")
        .map(|one| one.id.clone())
        .collect();
    for (at, subscription) in (0..small.workspaces).zip(enabled.iter().cycle()) {
        let name = format!("team-{:05}", at + 1);
        let plot = (name.as_str(), SMALL_GROUP, "westeurope", false, false, 0);
        let mut workspace = settle(stage, &world.tenant, subscription, &plot);
        workspace.shape = Some(shape(small.items));
        world.workspaces.push(workspace);
    }
}

fn settle(stage: &mut Stage<'_>, tenant: &str, subscription: &str, plot: &Plot<'_>) -> Workspace {
    subscription.clone_into(&mut stage.subscription);
    found(stage, plot, tenant)
}

/// A workspace of so many documents, its own counted: two of each run, what the runs share, and experiments for the rest.
fn shape(items: u64) -> Shape {
    let of = |runs| Shape {
        runs,
        experiments: 1,
        metrics: 0,
        artifacts: 0,
        ..Shape::default()
    };
    let documents = |shape: &Shape| {
        let shared = synthetic::count(shape, Kind::Snapshots).unwrap_or(0);
        2 + 2 * shape.runs + shared
    };
    let mut shape = of(items.saturating_sub(2) / 2);
    while shape.runs > 0 && documents(&shape) > items {
        shape.runs -= 1;
    }
    shape.experiments += items.saturating_sub(documents(&shape));
    shape
}
