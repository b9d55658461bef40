//! Rows of the resource manager: workspaces and computes.

use super::removal::{Act, Leaves, Remove};
use super::{
    Absent, Base, Erase, Kind, Paging, ROW, Service, Walk, Who, blank, get, person, query, text,
};

pub(super) static ROWS: &[Kind] = &[
    Kind {
        name: "workspaces",
        family: "workspace information",
        service: Service::Arm,
        parent: None,
        walk: Walk::Root,
        list: &[get(Base::Arm, "workspaces", Paging::NextLink, "value")],
        item: &[get(Base::Arm, "", Paging::One, "")],
        fetch_item: true,
        folder: Some("workspaces/{.name}"),
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("tags"),
            text("properties/description"),
            text("properties/friendlyName"),
        ],
        secret: &[],
        times: &[
            "systemData/createdAt",
            "systemData/lastModifiedAt",
            "properties/creationTime",
        ],
        erase: Erase::Slow(
            "DELETE <workspace>?forceToPurge=true; without it everything is kept for 14 days",
        ),
        remove: &[Remove::purge().leaving(Leaves::Data("its storage account, key vault, container registry and Application Insights, which are resources of their own")).ignoring(&["systemData/lastModifiedAt","systemData/lastModifiedBy","systemData/lastModifiedByType","properties/privateEndpointConnections","properties/privateLinkCount","properties/managedNetwork"])],
        source: concat!(
            "Azure REST, Microsoft.MachineLearningServices 2026-05-01: ",
            "Workspaces - List By Resource Group, List By Subscription, Get, Delete"
        ),
        ..ROW
    },
    Kind {
        name: "computes",
        family: "compute information",
        service: Service::Arm,
        list: &[get(Base::Arm, "/computes", Paging::NextLink, "value")],
        item: &[get(Base::Arm, "/computes/{computeName}", Paging::One, "")],
        fetch_item: true,
        id: "{.name}",
        offers: &[("computeName", "name")],
        person: &[
            person("properties/properties/createdBy/userName", Who::Email),
            person("properties/properties/createdBy/userId", Who::ObjectId),
            person(
                "properties/properties/personalComputeInstanceSettings/assignedUser/objectId",
                Who::ObjectId,
            ),
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("properties/properties/sshSettings/adminUserName"),
            text("properties/properties/dataMounts/*/createdBy"),
            text("properties/description"),
            text("name"),
            text("tags"),
        ],
        secret: &[
            blank("**/adminUserPassword"),
            blank("**/administratorAccount/password"),
            blank("**/administratorAccount/privateKeyData"),
            blank("**/administratorAccount/publicKeyData"),
            blank("**/userAccountCredentials/adminUserSshPublicKey"),
            blank("**/databricksAccessToken"),
            blank("**/sslConfiguration/key"),
            blank("**/sslConfiguration/cert"),
            blank("**/relayConnectionString"),
            blank("**/serviceBusConnectionString"),
            blank("**/environmentVariables/*"),
            blank("**/scriptArguments"),
        ],
        times: &[
            "properties/createdOn",
            "properties/modifiedOn",
            "systemData/createdAt",
            "systemData/lastModifiedAt",
        ],
        erase: Erase::Slow(
            "DELETE <workspace>/computes/{name}?underlyingResourceAction=Delete|Detach",
        ),
        remove: &[Remove::delete(Base::Arm, "/computes/{id}").by(Act::DeleteCompute).leaving(Leaves::Data("the files of its users, on the file share of the workspace; what was attached, when it is only detached")).ignoring(&["properties/properties/currentNodeCount","properties/properties/targetNodeCount","properties/properties/nodeStateCounts","properties/properties/allocationState","properties/properties/allocationStateTransitionTime"])],
        erase_after: &["jobs", "runs", "online-endpoints", "batch-endpoints"],
        source: concat!(
            "Azure REST, Microsoft.MachineLearningServices 2026-05-01: ",
            "Compute - List, Get, Delete; the list shows base fields only"
        ),
        ..ROW
    },
    Kind {
        name: "compute-nodes",
        family: "compute information",
        service: Service::Arm,
        parent: Some("computes"),
        walk: Walk::With,
        list: &[query(
            Base::Arm,
            "/computes/{computeName}/listNodes",
            "",
            Paging::NextLink,
            "nodes",
        )],
        id: "{computeName}/{.nodeId}",
        only: Some(("properties/computeType", "AmlCompute")),
        no_person: Some("addresses and states of machines; the run at work there names whose it is"),
        absent: Absent::Empty,
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Compute - List Nodes; only AmlCompute has nodes, other computes refuse the call and are not asked",
        ..ROW
    },
];
