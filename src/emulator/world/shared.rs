//! A registry beside the workspaces: what teams share, each with versions, some archived, made by people of the cast.

use super::contoso::{RESOURCE_GROUP, Stage};
use super::people::Person;
use super::{Home, Item, Kind, Workspace};
use crate::emulator::mint::zulu;
use crate::emulator::text;
use serde_json::{Value, json};

pub(crate) const NAME: &str = "contoso-shared";
const REGION: &str = "westeurope";

/// Who made something, as the resource manager tells it: a display name for what hangs below a registry.
fn made_by(person: &Person, at: i64) -> Value {
    json!({
        "createdAt": zulu(at), "createdBy": person.name, "createdByType": "User",
        "lastModifiedAt": zulu(at + 86_400), "lastModifiedBy": person.name, "lastModifiedByType": "User",
    })
}

/// The letter case of an id is nobody's promise: every other document has another.
fn spelled(id: String, odd: bool) -> String {
    if odd {
        id.replace("resourceGroups", "resourcegroups").replace(
            "Microsoft.MachineLearningServices",
            "microsoft.machinelearningservices",
        )
    } else {
        id
    }
}

/// Adds a container and its versions. The last version of a container is archived when it has more than two.
fn share(
    registry: &mut Workspace,
    stage: &Stage<'_>,
    (told, collection): (&str, &str),
    name: &str,
    archived: bool,
    versions: &[Value],
) {
    let (Some(containers), Some(below)) = (
        Kind::named(told),
        Kind::named(&format!("{}-versions", told.trim_end_matches('s'))),
    ) else {
        return;
    };
    let own = registry.arm_id(&stage.subscription);
    let place = registry.table(containers).places();
    let maker = stage.person(place + versions.len());
    let mut container = json!({
        "id": spelled(format!("{own}/{collection}/{name}"), place % 2 == 1),
        "name": name,
        "type": format!("Microsoft.MachineLearningServices/registries/{collection}"),
        "systemData": made_by(maker, 1_690_000_000),
        "properties": {"description": format!("Ask {} before you change it", maker.name),
                       "tags": {"owner": maker.mail()}, "properties": {}, "isArchived": archived,
                       "latestVersion": versions.len().to_string(), "nextVersion": (versions.len() + 1).to_string()},
    });
    // Data says at its name already of what type its versions are, and knows no state of provisioning.
    let form = versions.first().and_then(|one| one.get("dataType"));
    match form {
        Some(form) => container["properties"]["dataType"] = form.clone(),
        None => container["properties"]["provisioningState"] = "Succeeded".into(),
    }
    registry.add(containers, Item::new(name, "", container));
    for (at, version) in versions.iter().enumerate() {
        let number = (at + 1).to_string();
        let maker = stage.person(place + at);
        let mut doc = json!({
            "id": spelled(format!("{own}/{collection}/{name}/versions/{number}"), at % 2 == 1),
            "name": number,
            "type": format!("Microsoft.MachineLearningServices/registries/{collection}/versions"),
            "systemData": made_by(maker, 1_700_000_000),
            "properties": {"description": null, "tags": {}, "properties": {}, "isAnonymous": false,
                           "isArchived": archived || at > 1},
        });
        if form.is_none() {
            doc["properties"]["provisioningState"] = "Succeeded".into();
        }
        text::merge(&mut doc["properties"], version.clone());
        let id = format!("{name}/{number}");
        registry.add(below, Item::new(id, name, doc));
    }
}

/// The registry, with something of each sort.
pub(crate) fn registry(stage: &mut Stage<'_>) -> Workspace {
    let mut registry = found(stage);
    let blob = |path: &str| format!("https://stshared0001.blob.core.windows.net/{path}");
    let key = stage.planter.connection("registry model property");
    let model = |at: u32| {
        json!({"modelType": "custom_model", "flavors": {}, "stage": "Production",
               "modelUri": blob(&format!("models/churn/{at}/model.pkl"))})
    };
    let mut told = model(2);
    told["properties"] = json!({"upload": key});
    told["description"] = json!(format!("trained by {}", stage.person(4).mail()));
    let models = ("registry-models", "models");
    share(
        &mut registry,
        stage,
        models,
        "churn",
        false,
        &[model(1), told, model(3)],
    );
    share(&mut registry, stage, models, "Fraud-V2", false, &[model(4)]);
    share(&mut registry, stage, models, "retired", true, &[model(5)]);
    let sas = stage.planter.sas("registry data uri");
    let data =
        |path: &str| json!({"dataType": "uri_folder", "dataUri": blob(path), "referencedUris": []});
    let signed = data(&format!("data/Users/ada/customers?{sas}"));
    share(
        &mut registry,
        stage,
        ("registry-data", "data"),
        "customers",
        false,
        &[data("data/customers/1"), signed],
    );
    let sas = stage.planter.sas("registry build context");
    let image = |at: u32| {
        json!({"environmentType": "UserCreated", "osType": "Linux",
               "image": format!("crshared0001.azurecr.io/serve:{at}"), "condaFile": "name: serve"})
    };
    let built = json!({"environmentType": "UserCreated", "osType": "Linux",
                       "build": {"contextUri": blob(&format!("builds/serve?{sas}")), "dockerfilePath": "Dockerfile"}});
    share(
        &mut registry,
        stage,
        ("registry-environments", "environments"),
        "serve",
        false,
        &[image(1), image(2), built],
    );
    let component = |author: &Person| {
        json!({"componentSpec": {"name": "prepare", "type": "command", "command": "python prepare.py",
                                 "author": author.mail()}})
    };
    let authors = [component(stage.person(1)), component(stage.person(7))];
    share(
        &mut registry,
        stage,
        ("registry-components", "components"),
        "prepare",
        false,
        &authors,
    );
    let sas = stage.planter.sas("registry code uri");
    let code = |path: String| json!({"codeUri": blob(&path)});
    share(
        &mut registry,
        stage,
        ("registry-codes", "codes"),
        "scoring",
        false,
        &[
            code("codes/scoring/1".to_owned()),
            code(format!("codes/scoring/2?{sas}")),
        ],
    );
    registry
}

/// The registry itself, and nothing in it.
pub(super) fn found(stage: &mut Stage<'_>) -> Workspace {
    let guid = stage.mint.guid(&format!("registry {NAME}"));
    let group = stage.mint.hex(&format!("managed group {NAME}"));
    let managed = format!(
        "/subscriptions/{}/resourceGroups/azureml-rg-{NAME}_{}",
        stage.subscription,
        &group[..8]
    );
    let (creator, sort) = stage.named("ada").system();
    let (editor, editor_sort) = stage.named("joerg").system();
    let assigned = stage.named("priya");
    let account = format!("{managed}/providers/Microsoft.Storage/storageAccounts/stshared0001");
    let images = format!("{managed}/providers/Microsoft.ContainerRegistry/registries/crshared0001");
    let nothing = Item::new("", "", Value::Null);
    let mut registry = Workspace::new(NAME, RESOURCE_GROUP, REGION, guid, nothing);
    registry.home = Home::Registry;
    registry.subscription.clone_from(&stage.subscription);
    let id = spelled(registry.arm_id(&stage.subscription), true);
    let doc = json!({
        "id": id,
        "name": NAME,
        "type": "Microsoft.MachineLearningServices/registries",
        "location": REGION,
        "kind": "registry",
        "tags": {"owner": stage.named("ada").mail()},
        "identity": {"principalId": stage.mint.guid(&format!("identity {NAME}")), "tenantId": super::people::TENANT,
                     "type": "SystemAssigned"},
        "sku": {"name": "Standard", "tier": "Standard"},
        "systemData": {
            "createdAt": zulu(1_680_000_000), "createdBy": creator, "createdByType": sort,
            "lastModifiedAt": zulu(1_705_000_000), "lastModifiedBy": editor, "lastModifiedByType": editor_sort,
        },
        "properties": {
            "discoveryUrl": format!("https://{REGION}.api.azureml.ms/registrymanagement/v1.0/registries/{NAME}/discovery"),
            "intellectualPropertyPublisher": "contoso",
            "managedResourceGroup": {"resourceId": managed},
            "managedResourceGroupSettings": {"assignedIdentities": [{"principalId": assigned.object_id}]},
            "mlFlowRegistryUri": format!("azureml://{REGION}.api.azureml.ms/mlflow/v1.0{id}"),
            "publicNetworkAccess": "Enabled",
            "registryPrivateEndpointConnections": [{
                "id": format!("{id}/privateEndpointConnections/one"), "location": REGION,
                "properties": {"provisioningState": "Succeeded", "groupIds": ["amlregistry"],
                               "privateEndpoint": {"id": format!("{managed}/providers/Microsoft.Network/privateEndpoints/one"),
                                                   "subnetArmId": null},
                               "registryPrivateLinkServiceConnectionState": {
                                   "status": "Approved", "actionsRequired": "None",
                                   "description": format!("Approved by {}", stage.named("olga").name)}},
            }],
            "regionDetails": [{
                "location": REGION,
                "storageAccountDetails": [{"systemCreatedStorageAccount": {
                    "storageAccountName": "stshared0001", "storageAccountType": "Standard_LRS",
                    "storageAccountHnsEnabled": false, "allowBlobPublicAccess": false,
                    "armResourceId": {"resourceId": account}}}],
                "acrDetails": [{"systemCreatedAcrAccount": {
                    "acrAccountName": "crshared0001", "acrAccountSku": "Premium",
                    "armResourceId": {"resourceId": images}}}],
            }],
        },
    });
    registry.doc = Item::new(id, &stage.subscription, doc);
    registry
}
