//! The contoso world, put together: one full workspace, one that answers as it did in 2019, one that is almost empty; and
//! beside them a registry.

use super::people::{self, Person};
use super::planter::Planter;
use super::{Item, Kind, Origins, Published, Workspace, World};
use super::{
    computes, files, jobs, metrics, modern, pipelines, registry, runs, shared, snapshots, stores,
    tenant, traces,
};
use crate::emulator::mint::{Mint, zulu};
use crate::emulator::{Options, WorldKind};
use serde_json::json;
use std::collections::BTreeSet;

pub(crate) const RESOURCE_GROUP: &str = "rg-contoso-ml";
pub(crate) const MAIN: &str = "contoso-ml";

/// Everything that the makers of documents need.
pub(crate) struct Stage<'a> {
    pub(crate) mint: Mint,
    pub(crate) planter: &'a mut Planter,
    pub(crate) people: &'a [Person],
    pub(crate) origins: &'a Origins,
    pub(crate) subscription: String,
}

impl Stage<'_> {
    pub(crate) fn person(&self, at: usize) -> &Person {
        &self.people[at % people::REGULARS]
    }

    pub(crate) fn named(&self, key: &str) -> &Person {
        self.people
            .iter()
            .find(|person| person.key == key)
            .unwrap_or(&self.people[0])
    }
}

pub(crate) struct Built {
    pub(crate) world: World,
    pub(crate) planted: BTreeSet<String>,
    pub(crate) people: Vec<Person>,
}

/// Name, resource group, region, first generation, without images, how many runs.
pub(super) type Plot<'a> = (&'a str, &'a str, &'a str, bool, bool, usize);

const PLOTS: [Plot<'static>; 3] = [
    (MAIN, RESOURCE_GROUP, "westeurope", false, false, 200),
    ("contoso-legacy", RESOURCE_GROUP, "eastus2", true, false, 12),
    (
        "fabrikam-Lab_2",
        "rg-fabrikam-lab",
        "northeurope",
        false,
        true,
        8,
    ),
];

pub(crate) fn build(options: &Options, origins: &Origins) -> Built {
    let kind = options.world;
    let mint = Mint::new(options.seed);
    let mut planter = Planter::new(mint);
    let subscription = mint.guid("subscription");
    let tenant = people::TENANT.to_owned();
    let people = people::cast(mint, &tenant);
    let mut world = World {
        subscription: subscription.clone(),
        subscriptions: vec![tenant::Subscription::first(&subscription)],
        tenant: tenant.clone(),
        workspaces: Vec::new(),
        registries: Vec::new(),
        published: Published::default(),
    };
    for (at, plot) in PLOTS.iter().enumerate() {
        if kind == WorldKind::Empty && at > 0 {
            break;
        }
        let mut stage = Stage {
            mint,
            planter: &mut planter,
            people: &people,
            origins,
            subscription: subscription.clone(),
        };
        let mut workspace = found(&mut stage, plot, &tenant);
        if at == 0 {
            workspace.shape.clone_from(&options.shape);
        }
        if kind != WorldKind::Empty {
            furnish(&mut stage, &mut workspace, plot.5);
        }
        world.workspaces.push(workspace);
    }
    let mut stage = Stage {
        mint,
        planter: &mut planter,
        people: &people,
        origins,
        subscription,
    };
    if matches!(kind, WorldKind::Contoso | WorldKind::Tenant) {
        world.registries.push(shared::registry(&mut stage));
    }
    if kind == WorldKind::Tenant {
        tenant::surround(&mut stage, &mut world);
    }
    if let Some(small) = &options.small {
        tenant::multiply(&mut stage, &mut world, small);
    }
    Built {
        world,
        planted: planter.into_planted(),
        people,
    }
}

fn furnish(stage: &mut Stage<'_>, workspace: &mut Workspace, run_count: usize) {
    computes::fill(stage, workspace);
    if workspace.shape.is_none() {
        let book = runs::fill(stage, workspace, run_count);
        files::fill(stage, workspace, &book);
        metrics::fill(stage, workspace, &book);
        pipelines::fill(stage, workspace, &book);
    } else {
        // Pipelines hang on runs, and the runs are computed: only what lists show remains.
        pipelines::fill(stage, workspace, &runs::Book::default());
    }
    snapshots::fill(stage, workspace);
    registry::fill(stage, workspace);
    stores::fill(stage, workspace);
    traces::leave(stage, workspace);
    // The other two workspaces hold nothing of the second generation but their runs, so that lists are empty somewhere; and
    // so does one whose runs are computed, since it is there to be measured.
    if workspace.name == MAIN && workspace.shape.is_none() {
        modern::fill(stage, workspace);
    }
    jobs::fill(workspace);
}

pub(super) fn found(stage: &mut Stage<'_>, plot: &Plot<'_>, tenant: &str) -> Workspace {
    let (name, resource_group, region, first_generation, without_images, _) = *plot;
    let subscription = stage.subscription.clone();
    // A name that is taken in another subscription too must not lead to the same id.
    let key = if stage.mint.guid("subscription") == subscription {
        name.to_owned()
    } else {
        format!("{name} of {subscription}")
    };
    let guid = stage.mint.guid(&format!("workspace {key}"));
    let id = format!(
        "/subscriptions/{subscription}/resourceGroups/{resource_group}/providers/\
         Microsoft.MachineLearningServices/workspaces/{name}"
    );
    let (creator, creator_type) = stage.named("ada").system();
    let (changer, changer_type) = stage.named("robot").system();
    let leaked = stage.planter.connection(&format!("workspace tag {key}"));
    let group = format!("/subscriptions/{subscription}/resourceGroups/{resource_group}/providers");
    let plain = name.to_lowercase().replace(['-', '_'], "");
    let doc = json!({
        "id": id,
        "name": name,
        "type": "Microsoft.MachineLearningServices/workspaces",
        "location": region,
        "kind": "Default",
        "tags": {"owner": stage.named("ada").mail(), "notes": leaked},
        "etag": null,
        "identity": {"principalId": stage.mint.guid(&format!("identity {key}")), "tenantId": tenant, "type": "SystemAssigned"},
        "sku": {"name": "Basic", "tier": "Basic"},
        "systemData": {
            "createdAt": zulu(1_546_300_800),
            "createdBy": creator,
            "createdByType": creator_type,
            "lastModifiedAt": zulu(1_710_000_000),
            "lastModifiedBy": changer,
            "lastModifiedByType": changer_type,
        },
        "properties": {
            "workspaceId": guid,
            "friendlyName": name,
            "description": format!("Models of the {name} team; ask {} for access", stage.named("ada").name),
            "creationTime": "2019-01-01T00:00:00.0000000Z",
            "keyVault": format!("{group}/Microsoft.KeyVault/vaults/kv{plain}"),
            "applicationInsights": format!("{group}/Microsoft.insights/components/ai{plain}"),
            "containerRegistry": format!("{group}/Microsoft.ContainerRegistry/registries/cr{plain}"),
            "storageAccount": format!("{group}/microsoft.storage/storageAccounts/st{plain}"),
            "discoveryUrl": format!("{}/discovery/workspaces/{guid}", stage.origins.arm),
            "mlFlowTrackingUri": format!("azureml://{region}.api.azureml.ms/mlflow/v1.0{id}"),
            "provisioningState": "Succeeded",
            "hbiWorkspace": false,
            "publicNetworkAccess": "Enabled",
            "v1LegacyMode": false,
            "tenantId": tenant,
            "privateLinkCount": 0,
            "storageHnsEnabled": false,
        },
    });
    Workspace {
        first_generation,
        without_images,
        ..Workspace::new(
            name,
            resource_group,
            region,
            guid,
            Item::new(id, subscription, doc),
        )
    }
}

/// The short envelope of everything that ARM holds below a workspace.
pub(crate) fn child_id(
    workspace: &Workspace,
    subscription: &str,
    collection: &str,
    name: &str,
) -> String {
    format!("{}/{collection}/{name}", workspace.arm_id(subscription))
}

/// Adds to a table and keeps callers short.
pub(crate) fn put(
    workspace: &mut Workspace,
    kind: Kind,
    id: &str,
    parent: &str,
    doc: serde_json::Value,
) {
    workspace.add(kind, Item::new(id, parent, doc));
}
