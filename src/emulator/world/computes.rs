//! Computes. A list shows the envelope only; who made an instance, and its secrets, come with the single document.

use super::contoso::{Stage, child_id};
use super::{Item, Kind, Workspace};
use crate::emulator::mint::{utc, zulu};
use crate::emulator::text;
use serde_json::{Value, json};

pub(crate) fn fill(stage: &mut Stage<'_>, workspace: &mut Workspace) {
    let main = !workspace.first_generation && !workspace.without_images;
    let all = catalogue(stage, workspace);
    for (name, kind, attached, owner, inner) in all {
        if !main && kind != "AmlCompute" {
            continue;
        }
        let doc = envelope(stage, workspace, name, kind, attached, owner, &inner);
        let mut short = doc.clone();
        if let Some(properties) = short.get_mut("properties").and_then(Value::as_object_mut) {
            properties.remove("properties");
        }
        let mut item = Item::new(name, String::new(), doc);
        item.other = Some(text::render(&short));
        workspace.add(Kind::Computes, item);
        if kind == "AmlCompute" {
            nodes(stage, workspace, name);
        }
    }
}

/// The machines of a cluster, of which nobody makes a document: they are listed by an action.
fn nodes(stage: &Stage<'_>, workspace: &mut Workspace, cluster: &str) {
    for (at, state) in ["running", "idle", "leaving"].into_iter().enumerate() {
        let label = format!("{} {cluster} node {at}", workspace.name);
        let id = format!("tvmps_{}_d", stage.mint.hex(&label));
        let node = json!({
            "nodeId": id, "privateIpAddress": format!("10.0.0.{}", 10 + at),
            "publicIpAddress": format!("20.61.50.{}", 10 + at), "port": 50_000 + at, "nodeState": state,
            "runId": if state == "running" { json!("silver_pea_7") } else { Value::Null },
        });
        let item = Item::new(format!("{cluster}/{id}"), cluster, node);
        workspace.add(Kind::ComputeNodes, item);
    }
}

fn envelope(
    stage: &Stage<'_>,
    workspace: &Workspace,
    name: &str,
    kind: &str,
    attached: bool,
    owner: &str,
    inner: &Value,
) -> Value {
    let (creator, creator_type) = stage.named(owner).system();
    let resource = if attached {
        Value::String(format!(
            "/subscriptions/{}/resourceGroups/rg-shared/providers/Microsoft.Compute/virtualMachines/{name}",
            stage.subscription
        ))
    } else {
        Value::from("")
    };
    json!({
        "id": child_id(workspace, &stage.subscription, "computes", name),
        "name": name,
        "type": "Microsoft.MachineLearningServices/workspaces/computes",
        "location": workspace.region,
        "tags": {"costCenter": "4711", "contact": stage.named(owner).mail()},
        "systemData": {
            "createdAt": zulu(1_600_000_000),
            "createdBy": creator,
            "createdByType": creator_type,
            "lastModifiedAt": zulu(1_700_000_000),
            "lastModifiedBy": creator,
            "lastModifiedByType": creator_type,
        },
        "properties": {
            "computeType": kind,
            "computeLocation": workspace.region,
            "description": format!("{kind} of {}", stage.named(owner).name),
            "provisioningState": "Succeeded",
            "createdOn": utc(1_600_000_000, 1_234_567),
            "modifiedOn": utc(1_700_000_000, 7_654_321),
            "resourceId": resource,
            "provisioningErrors": [],
            "isAttachedCompute": attached,
            "disableLocalAuth": true,
            "properties": inner,
        },
    })
}

type Row = (&'static str, &'static str, bool, &'static str, Value);

fn catalogue(stage: &mut Stage<'_>, workspace: &Workspace) -> Vec<Row> {
    let place = workspace.name.clone();
    let mut secret = |what: &str| stage.planter.secret(&format!("compute {place} {what}"));
    let cluster_password = secret("cluster password");
    let cluster_key = secret("cluster ssh key");
    let vm_password = secret("vm password");
    let hdi_password = secret("hdi password");
    let ssl_key = secret("aks ssl key");
    let ssl_cert = secret("aks ssl cert");
    let databricks = secret("databricks");
    let relay = secret("relay");
    let bus = secret("service bus");
    let custom = secret("custom service");
    // No field is made for this one: its form is all there is to know it by.
    let script = stage
        .planter
        .connection(&format!("compute {place} script argument"));
    let private_key = stage.planter.pem(&format!("compute {place} vm key"));
    let subnet = format!(
        "/subscriptions/{}/resourceGroups/rg-shared/providers/Microsoft.Network/virtualNetworks/vnet-ml/subnets/default",
        stage.subscription
    );
    let ada = stage.named("ada").clone();
    let maria = stage.named("maria-b").clone();
    let hana = stage.named("hana").clone();
    let instance = |name: &str, maker: &super::people::Person, assigned: &super::people::Person| {
        json!({
            "vmSize": "STANDARD_DS3_V2",
            "subnet": {"id": subnet},
            "applicationSharingPolicy": "Personal",
            "sshSettings": {"sshPublicAccess": "Enabled", "adminUserName": "azureuser", "sshPort": 50000,
                            "adminPublicKey": format!("ssh-rsa AAAAB3NzaC1yc2E {}@laptop", maker.key)},
            "customServices": [{
                "name": "rstudio",
                "image": {"type": "docker", "reference": "ghcr.io/azure/rocker-rstudio-ml-verse:latest"},
                "environmentVariables": {"LICENSE_KEY": {"type": "local", "value": format!("{custom}-{name}")}},
                "docker": {"privileged": true},
                "endpoints": [{"protocol": "http", "name": "connect", "target": 8787, "published": 8787}],
                "volumes": [],
            }],
            "connectivityEndpoints": {"publicIpAddress": "20.61.12.34", "privateIpAddress": "10.0.0.4"},
            "applications": [{"displayName": "Jupyter",
                              "endpointUri": format!("https://{name}.westeurope.instances.azureml.ms")}],
            "createdBy": {"userName": maker.mail(), "userOrgId": maker.tenant, "userId": maker.object_id},
            "personalComputeInstanceSettings":
                {"assignedUser": {"objectId": assigned.object_id, "tenantId": assigned.tenant}},
            "setupScripts": {"scripts": {"startupScript": {"scriptSource": "workspaceStorage",
                "scriptData": format!("Users/{}/setup.sh", maker.key), "scriptArguments": format!("--name {name} --storage '{script}'"), "timeout": "15m"}}},
            "errors": [],
            "state": "Stopped",
            "lastOperation": {"operationName": "Stop", "operationTime": "2023-08-01T10:00:00.000Z",
                              "operationStatus": "Succeeded", "operationTrigger": "User"},
        })
    };
    vec![
        (
            "cpu-cluster",
            "AmlCompute",
            false,
            "robot",
            json!({
                "osType": "Linux", "vmSize": "STANDARD_D2_V2", "vmPriority": "Dedicated", "isolatedNetwork": false,
                "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"},
                "userAccountCredentials": {"adminUserName": ada.key, "adminUserSshPublicKey": cluster_key,
                                           "adminUserPassword": cluster_password},
                "subnet": {"id": subnet}, "remoteLoginPortPublicAccess": "Enabled", "allocationState": "Steady",
                "allocationStateTransitionTime": "2023-08-01T10:00:00.000Z", "errors": [],
                "currentNodeCount": 0, "targetNodeCount": 0,
                "nodeStateCounts": {"preparingNodeCount": 0, "runningNodeCount": 0, "idleNodeCount": 0,
                                    "unusableNodeCount": 0, "leavingNodeCount": 0, "preemptedNodeCount": 0},
                "enableNodePublicIp": true,
            }),
        ),
        (
            "ci-ada",
            "ComputeInstance",
            false,
            "ada",
            instance("ci-ada", &ada, &ada),
        ),
        (
            "ci-for-maria",
            "ComputeInstance",
            false,
            "ada",
            instance("ci-for-maria", &ada, &maria),
        ),
        (
            "ci-shared-7",
            "ComputeInstance",
            false,
            "ada",
            instance("ci-shared-7", &ada, &hana),
        ),
        (
            "aks-prod",
            "AKS",
            true,
            "joerg",
            json!({
                "clusterFqdn": "aks-prod-dns-1234.hcp.westeurope.azmk8s.io",
                "systemServices": [{"systemServiceType": "Scoringfe", "publicIpAddress": "20.61.99.1", "version": "1.0"}],
                "agentCount": 3, "agentVmSize": "Standard_D3_v2", "clusterPurpose": "FastProd",
                "sslConfiguration": {"status": "Enabled", "cert": ssl_cert, "key": ssl_key, "cname": "score.contoso.com"},
                "loadBalancerType": "PublicIp", "loadBalancerSubnet": "default",
            }),
        ),
        (
            "vm-jump",
            "VirtualMachine",
            true,
            "tomasz",
            json!({
                "virtualMachineSize": "Standard_D2", "sshPort": 22, "notebookServerPort": 0, "address": "20.61.7.7",
                "administratorAccount": {"username": "tomasz", "password": vm_password,
                    "publicKeyData": "ssh-rsa AAAAB3NzaC1yc2E tomasz@laptop", "privateKeyData": private_key},
                "isNotebookInstanceCompute": false,
            }),
        ),
        (
            "hdi-spark",
            "HDInsight",
            true,
            "wei",
            json!({
                "sshPort": 22, "address": "hdi-spark-ssh.azurehdinsight.net",
                "administratorAccount": {"username": "wei", "password": hdi_password},
            }),
        ),
        (
            "databricks-eu",
            "Databricks",
            true,
            "priya",
            json!({
                "databricksAccessToken": databricks, "workspaceUrl": "adb-1234.5.azuredatabricks.net",
            }),
        ),
        (
            "arc-k8s",
            "Kubernetes",
            true,
            "li",
            json!({
                "relayConnectionString": format!("Endpoint=sb://relay.servicebus.windows.net/;SharedAccessKey={relay}"),
                "serviceBusConnectionString": format!("Endpoint=sb://bus.servicebus.windows.net/;SharedAccessKey={bus}"),
                "extensionInstanceReleaseTrain": "stable", "vcName": "default",
                "namespace": "azureml", "defaultInstanceType": "cpu", "instanceTypes": {},
            }),
        ),
    ]
}
