//! Rows of endpoints with their deployments, and of models that are rented.

use super::removal::{First, Leaves, Remove};
use super::{Absent, Base, Erase, Kind, ROW, Service, Walk, Who, blank, listed, person, text};

const ENDPOINT: Kind = Kind {
    service: Service::Arm,
    id: "{.name}",
    times: &["systemData/createdAt", "systemData/lastModifiedAt"],
    ..ROW
};

/// Deleting a deployment, and taking its traffic away before, changes the endpoint that it stands in.
const CHANGED_BY_DEPLOYMENTS: &[&str] = &[
    "properties/traffic",
    "properties/mirrorTraffic",
    "properties/defaults/deploymentName",
    "properties/provisioningState",
    "systemData/lastModifiedAt",
    "systemData/lastModifiedBy",
    "systemData/lastModifiedByType",
];

const COLLECTED: &str = "logs in Application Insights, and collected requests in the storage account (modelDataCollector)";
const WRITTEN: &str = "what its jobs wrote, in the storage account";

pub(super) static ROWS: &[Kind] = &[
    Kind {
        name: "online-endpoints",
        family: "endpoints",
        list: &[listed("/onlineEndpoints")],
        offers: &[("endpointName", "name")],
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("name"),
            text("tags"),
            text("properties/description"),
            text("properties/properties"),
        ],
        secret: &[blank("properties/keys/*")],
        erase: Erase::Slow(
            "DELETE .../onlineEndpoints/{name}, with its deployments; logs and collected data stay",
        ),
        remove: &[Remove::delete(Base::Arm, "/onlineEndpoints/{id}")
            .leaving(Leaves::Data(COLLECTED))
            .ignoring(CHANGED_BY_DEPLOYMENTS)],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Online Endpoints - List",
        ..ENDPOINT
    },
    Kind {
        name: "online-deployments",
        family: "endpoints",
        parent: Some("online-endpoints"),
        walk: Walk::With,
        list: &[listed("/onlineEndpoints/{endpointName}/deployments")],
        id: "{endpointName}/{.name}",
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("name"),
            text("tags"),
            text("properties/description"),
            text("properties/properties"),
            text("properties/dataCollector"),
        ],
        secret: &[blank("**/environmentVariables/*")],
        absent: Absent::Empty,
        erase: Erase::Slow("DELETE .../onlineEndpoints/{endpoint}/deployments/{name}"),
        remove: &[
            Remove::delete(Base::Arm, "/onlineEndpoints/{parent}/deployments/{.name}")
                .after(&[First::Unroute {
                    path: "/onlineEndpoints/{parent}",
                }])
                .leaving(Leaves::Data(COLLECTED)),
        ],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Online Deployments - List",
        ..ENDPOINT
    },
    Kind {
        name: "batch-endpoints",
        family: "endpoints",
        list: &[listed("/batchEndpoints")],
        offers: &[("endpointName", "name")],
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("name"),
            text("tags"),
            text("properties/description"),
            text("properties/properties"),
        ],
        secret: &[blank("properties/keys/*")],
        erase: Erase::Slow(
            "DELETE .../batchEndpoints/{name}; what it wrote stays in the storage account",
        ),
        remove: &[Remove::delete(Base::Arm, "/batchEndpoints/{id}")
            .leaving(Leaves::Data(WRITTEN))
            .ignoring(CHANGED_BY_DEPLOYMENTS)],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Batch Endpoints - List",
        ..ENDPOINT
    },
    Kind {
        name: "batch-deployments",
        family: "endpoints",
        parent: Some("batch-endpoints"),
        walk: Walk::With,
        list: &[listed("/batchEndpoints/{endpointName}/deployments")],
        id: "{endpointName}/{.name}",
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("name"),
            text("tags"),
            text("properties/description"),
            text("properties/properties"),
        ],
        secret: &[blank("**/environmentVariables/*")],
        absent: Absent::Empty,
        erase: Erase::Slow("DELETE .../batchEndpoints/{endpoint}/deployments/{name}"),
        remove: &[
            Remove::delete(Base::Arm, "/batchEndpoints/{parent}/deployments/{.name}")
                .leaving(Leaves::Data(WRITTEN)),
        ],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Batch Deployments - List",
        ..ENDPOINT
    },
    Kind {
        name: "serverless-endpoints",
        family: "endpoints",
        list: &[listed("/serverlessEndpoints")],
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("name"),
            text("tags"),
        ],
        erase: Erase::Slow("DELETE .../serverlessEndpoints/{name}"),
        remove: &[Remove::delete(Base::Arm, "/serverlessEndpoints/{id}")],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Serverless Endpoints - List",
        ..ENDPOINT
    },
    Kind {
        name: "marketplace-subscriptions",
        family: "endpoints",
        list: &[listed("/marketplaceSubscriptions")],
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("name"),
        ],
        erase: Erase::Slow("DELETE .../marketplaceSubscriptions/{name}"),
        remove: &[Remove::delete(Base::Arm, "/marketplaceSubscriptions/{id}")],
        erase_after: &["serverless-endpoints"],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Marketplace Subscriptions - List",
        ..ENDPOINT
    },
];
