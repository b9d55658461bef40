//! Rows of what a workspace is connected to: connections, datastores as the resource manager shows them, and its network.

use super::removal::{Leaves, Remove};
use super::{
    ALL_BUT_THE_LAST, Base, Erase, Kind, Paging, ROW, Service, Walk, Who, blank, get, listed,
    no_query, person, text,
};

const CONNECTION: Kind = Kind {
    service: Service::Arm,
    id: "{.name}",
    times: &["systemData/createdAt", "systemData/lastModifiedAt"],
    ..ROW
};

pub(super) static ROWS: &[Kind] = &[
    Kind {
        name: "connections",
        family: "connections",
        list: &[listed("/connections?includeAll=true")],
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            person("properties/sharedUserList/*", Who::ObjectId),
            text("name"),
            text("properties/metadata"),
            text("properties/target"),
        ],
        secret: &[
            blank("properties/credentials"),
            blank("properties/metadata/connectionString"),
            blank("properties/metadata/instrumentationKey"),
            no_query("properties/target"),
        ],
        erase: Erase::Now(
            "DELETE .../connections/{name}: removes the definition, what it leads to stays",
        ),
        remove: &[Remove::delete(Base::Arm, "/connections/{id}")
            .leaving(Leaves::Data("what it leads to"))],
        erase_after: ALL_BUT_THE_LAST,
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Workspace Connections - List; credentials are handed out by another call, which is never made",
        ..CONNECTION
    },
    Kind {
        name: "capability-hosts",
        family: "connections",
        walk: Walk::ByReference,
        item: &[get(Base::Arm, "/capabilityHosts/{id}", Paging::One, "")],
        by_name: Some("--capability-host"),
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("name"),
            text("tags"),
            text("properties/description"),
        ],
        erase: Erase::Slow("DELETE .../capabilityHosts/{name}"),
        remove: &[
            Remove::delete(Base::Arm, "/capabilityHosts/{id}").leaving(Leaves::Data(
                "the conversations of agents, in the storage that its connections lead to",
            )),
        ],
        erase_after: &["computes", "serverless-endpoints"],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Capability Hosts - Get, Delete; there is no list, so they are asked for by name",
        ..CONNECTION
    },
    Kind {
        name: "arm-datastores",
        family: "datastores",
        list: &[listed("/datastores?count=100")],
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("name"),
            text("properties/description"),
            text("properties/tags"),
            text("properties/properties"),
        ],
        secret: &[blank("properties/credentials/secrets/*")],
        erase: Erase::Now("DELETE .../datastores/{name}: unregisters, the data stays"),
        remove: &[Remove::delete(Base::Arm, "/datastores/{id}")
            .leaving(Leaves::Data("the data in the storage that it points at"))],
        erase_after: ALL_BUT_THE_LAST,
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Datastores - List; it shows 30 unless asked for more on a page",
        ..CONNECTION
    },
    Kind {
        name: "outbound-rules",
        family: "network",
        list: &[listed("/outboundRules")],
        no_person: Some("names and addresses of services; nobody is named in them"),
        erase: Erase::Slow("DELETE .../outboundRules/{name}"),
        remove: &[Remove::delete(Base::Arm, "/outboundRules/{id}")],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Managed Network Settings Rule - List",
        ..CONNECTION
    },
    Kind {
        name: "private-endpoint-connections",
        family: "network",
        list: &[listed("/privateEndpointConnections")],
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("tags"),
            text("properties/privateLinkServiceConnectionState/description"),
        ],
        erase: Erase::Now("DELETE .../privateEndpointConnections/{name}"),
        remove: &[Remove::delete(
            Base::Arm,
            "/privateEndpointConnections/{id}",
        )],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Private Endpoint Connections - List",
        ..CONNECTION
    },
];
