//! Rows of registries, which lie outside of every workspace and hold what workspaces share: models, data, environments,
//! components and code, each with versions. A list shows whole documents. Archived ones are in no list that does not ask for
//! all; the lists of components and code know no such word. Deletes are operations here, where those of a workspace are done
//! when they answer.

use super::assets::{
    CHANGED_BY_VERSIONS, CODE_SECRETS, COMPONENT_SECRETS, DATA_SECRETS, ENVIRONMENT_SECRETS,
    MODEL_SECRETS, TIMES,
};
use super::removal::{Leaves, Remove};
use super::{
    Absent, Base, Erase, Kind, Paging, Person, ROW, Service, Walk, Who, get, listed, person, text,
};

/// What a thing in a registry is beside its names.
const SHARED: Kind = Kind {
    family: "registries",
    service: Service::Arm,
    parent: Some("registries"),
    id: "{.name}",
    person: CONTAINER,
    times: TIMES,
    ..ROW
};

/// Who stands in the document of a container.
const CONTAINER: &[Person] = &[
    person("systemData/createdBy", Who::Name),
    person("systemData/lastModifiedBy", Who::Name),
    text("name"),
    text("properties/description"),
    text("properties/tags"),
    text("properties/properties"),
];

/// The bytes behind a version, which nobody shares but those who read the registry.
const BYTES: &str = "its files, in the storage account of the registry's managed resource group";

pub(super) static ROWS: &[Kind] = &[
    Kind {
        name: "registries",
        family: "registries",
        service: Service::Arm,
        parent: None,
        walk: Walk::Root,
        list: &[get(Base::Arm, "registries", Paging::NextLink, "value")],
        item: &[get(Base::Arm, "", Paging::One, "")],
        fetch_item: true,
        folder: Some("registries/{.name}"),
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            person(
                "properties/managedResourceGroupSettings/assignedIdentities/*/principalId",
                Who::ObjectId,
            ),
            text("name"),
            text("tags"),
            text("properties/intellectualPropertyPublisher"),
            text("properties/registryPrivateEndpointConnections/*/properties/registryPrivateLinkServiceConnectionState/description"),
        ],
        times: TIMES,
        erase: Erase::Slow("DELETE <registry>; there is no purge, and none is needed: it is not kept for 14 days"),
        remove: &[Remove::delete(Base::Arm, "")
            .leaving(Leaves::Data("the storage accounts and container registries of its managed resource group, until Azure removes that group"))
            .ignoring(&[
                "systemData/lastModifiedAt",
                "systemData/lastModifiedBy",
                "systemData/lastModifiedByType",
                "properties/registryPrivateEndpointConnections",
            ])],
        source: concat!(
            "Azure REST, Microsoft.MachineLearningServices 2026-05-01: ",
            "Registries - List, List By Subscription, Get, Delete"
        ),
        ..ROW
    },
    Kind {
        name: "registry-models",
        list: &[listed("/models?listViewType=All")],
        offers: &[("modelName", "name")],
        erase: Erase::Slow("DELETE <registry>/models/{name}, when its versions are gone"),
        remove: &[Remove::delete(Base::Arm, "/models/{id}").ignoring(CHANGED_BY_VERSIONS)],
        erase_after: &["registry-model-versions"],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Registry Model Containers - List, Delete",
        ..SHARED
    },
    Kind {
        name: "registry-model-versions",
        parent: Some("registry-models"),
        walk: Walk::With,
        list: &[listed("/models/{modelName}/versions?listViewType=All")],
        id: "{modelName}/{.name}",
        person: &[
            person("systemData/createdBy", Who::Name),
            person("systemData/lastModifiedBy", Who::Name),
            text("name"),
            text("properties/description"),
            text("properties/tags"),
            text("properties/properties"),
            text("properties/modelUri"),
            text("properties/flavors"),
        ],
        secret: MODEL_SECRETS,
        absent: Absent::Empty,
        erase: Erase::Slow("DELETE <registry>/models/{name}/versions/{version}; the files stay in the registry's storage account"),
        remove: &[
            Remove::delete(Base::Arm, "/models/{parent}/versions/{.name}")
                .leaving(Leaves::Data(BYTES)),
        ],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Registry Model Versions - List, Delete",
        ..SHARED
    },
    Kind {
        name: "registry-data",
        list: &[listed("/data?listViewType=All")],
        offers: &[("dataName", "name")],
        erase: Erase::Slow("DELETE <registry>/data/{name}, when its versions are gone"),
        remove: &[Remove::delete(Base::Arm, "/data/{id}").ignoring(CHANGED_BY_VERSIONS)],
        erase_after: &["registry-data-versions"],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Registry Data Containers - List, Delete",
        ..SHARED
    },
    Kind {
        name: "registry-data-versions",
        parent: Some("registry-data"),
        walk: Walk::With,
        list: &[listed("/data/{dataName}/versions?listViewType=All")],
        id: "{dataName}/{.name}",
        person: &[
            person("systemData/createdBy", Who::Name),
            person("systemData/lastModifiedBy", Who::Name),
            text("name"),
            text("properties/description"),
            text("properties/tags"),
            text("properties/properties"),
            text("properties/dataUri"),
            text("properties/referencedUris"),
        ],
        secret: DATA_SECRETS,
        absent: Absent::Empty,
        erase: Erase::Slow("DELETE <registry>/data/{name}/versions/{version}; the data stays"),
        remove: &[Remove::delete(Base::Arm, "/data/{parent}/versions/{.name}")
            .leaving(Leaves::Data("the data that it points at"))],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Registry Data Versions - List, Delete",
        ..SHARED
    },
    Kind {
        name: "registry-environments",
        list: &[listed("/environments?listViewType=All")],
        offers: &[("environmentName", "name")],
        erase: Erase::Slow("DELETE <registry>/environments/{name}, when its versions are gone"),
        remove: &[Remove::delete(Base::Arm, "/environments/{id}").ignoring(CHANGED_BY_VERSIONS)],
        erase_after: &["registry-environment-versions"],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Registry Environment Containers - List, Delete",
        ..SHARED
    },
    Kind {
        name: "registry-environment-versions",
        parent: Some("registry-environments"),
        walk: Walk::With,
        list: &[listed(
            "/environments/{environmentName}/versions?listViewType=All",
        )],
        id: "{environmentName}/{.name}",
        person: &[
            person("systemData/createdBy", Who::Name),
            person("systemData/lastModifiedBy", Who::Name),
            text("name"),
            text("properties/description"),
            text("properties/tags"),
            text("properties/properties"),
            text("properties/condaFile"),
            text("properties/image"),
            text("properties/build"),
        ],
        secret: ENVIRONMENT_SECRETS,
        absent: Absent::Empty,
        erase: Erase::Slow("DELETE <registry>/environments/{name}/versions/{version}; images stay in the registry's container registry"),
        remove: &[
            Remove::delete(Base::Arm, "/environments/{parent}/versions/{.name}").leaving(
                Leaves::Data("the container image, in the container registry of the registry's managed resource group"),
            ),
        ],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Registry Environment Versions - List, Delete",
        ..SHARED
    },
    Kind {
        name: "registry-components",
        list: &[listed("/components")],
        offers: &[("componentName", "name")],
        erase: Erase::Slow("DELETE <registry>/components/{name}, when its versions are gone"),
        remove: &[Remove::delete(Base::Arm, "/components/{id}").ignoring(CHANGED_BY_VERSIONS)],
        erase_after: &["registry-component-versions"],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Registry Component Containers - List, Delete",
        ..SHARED
    },
    Kind {
        name: "registry-component-versions",
        parent: Some("registry-components"),
        walk: Walk::With,
        list: &[listed("/components/{componentName}/versions")],
        id: "{componentName}/{.name}",
        person: &[
            person("systemData/createdBy", Who::Name),
            person("systemData/lastModifiedBy", Who::Name),
            text("name"),
            text("properties/description"),
            text("properties/tags"),
            text("properties/properties"),
            text("properties/componentSpec"),
        ],
        secret: COMPONENT_SECRETS,
        absent: Absent::Empty,
        erase: Erase::Slow("DELETE <registry>/components/{name}/versions/{version}; jobs that used it stay"),
        remove: &[
            Remove::delete(Base::Arm, "/components/{parent}/versions/{.name}")
                .leaving(Leaves::Data("the jobs that used it, in their workspaces")),
        ],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Registry Component Versions - List, Delete",
        ..SHARED
    },
    Kind {
        name: "registry-codes",
        list: &[listed("/codes")],
        offers: &[("codeName", "name")],
        erase: Erase::Slow("DELETE <registry>/codes/{name}, when its versions are gone"),
        remove: &[Remove::delete(Base::Arm, "/codes/{id}").ignoring(CHANGED_BY_VERSIONS)],
        erase_after: &["registry-code-versions"],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Registry Code Containers - List, Delete",
        ..SHARED
    },
    Kind {
        name: "registry-code-versions",
        parent: Some("registry-codes"),
        walk: Walk::With,
        list: &[listed("/codes/{codeName}/versions")],
        id: "{codeName}/{.name}",
        person: &[
            person("systemData/createdBy", Who::Name),
            person("systemData/lastModifiedBy", Who::Name),
            text("name"),
            text("properties/description"),
            text("properties/tags"),
            text("properties/properties"),
            text("properties/codeUri"),
        ],
        secret: CODE_SECRETS,
        absent: Absent::Empty,
        erase: Erase::Slow("DELETE <registry>/codes/{name}/versions/{version}; the files stay in the registry's storage account"),
        remove: &[
            Remove::delete(Base::Arm, "/codes/{parent}/versions/{.name}")
                .leaving(Leaves::Data(BYTES)),
        ],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Registry Code Versions - List, Delete",
        ..SHARED
    },
];
