//! Rows of registered assets on the resource manager: data, models, environments, components, code. A list shows whole
//! documents, so nothing is fetched again; archived ones are in no list that does not ask for all.

use super::removal::{FILES, Leaves, Remove};
use super::{
    Absent, Base, Erase, Kind, Person, ROW, Secret, Service, USERS_OF_ASSETS, Walk, Who, blank,
    listed, no_query, person, text,
};

const ASSET: Kind = Kind {
    service: Service::Arm,
    id: "{.name}",
    times: TIMES,
    ..ROW
};

/// When a thing was made and last changed.
pub(super) const TIMES: &[&str] = &["systemData/createdAt", "systemData/lastModifiedAt"];

// Where a version of each sort keeps what nobody else may see. A registry shows the same documents as a workspace; only who
// stands in them is told in another way there.
pub(super) const MODEL_SECRETS: &[Secret] = &[no_query("properties/modelUri")];
pub(super) const DATA_SECRETS: &[Secret] = &[
    no_query("properties/dataUri"),
    no_query("properties/referencedUris/*"),
];
pub(super) const ENVIRONMENT_SECRETS: &[Secret] = &[
    no_query("properties/build/contextUri"),
    blank("**/environmentVariables/*"),
];
pub(super) const COMPONENT_SECRETS: &[Secret] = &[
    blank("**/environmentVariables/*"),
    blank("**/environment_variables/*"),
];
pub(super) const CODE_SECRETS: &[Secret] = &[no_query("properties/codeUri")];

/// Who stands in the document of a container.
const CONTAINER: &[Person] = &[
    person("systemData/createdBy", Who::Email),
    person("systemData/lastModifiedBy", Who::Email),
    text("name"),
    text("properties/description"),
    text("properties/tags"),
    text("properties/properties"),
];

/// Deleting a version changes the container that it stands in.
pub(super) const CHANGED_BY_VERSIONS: &[&str] = &[
    "properties/latestVersion",
    "properties/nextVersion",
    "systemData/lastModifiedAt",
    "systemData/lastModifiedBy",
    "systemData/lastModifiedByType",
];

pub(super) static ROWS: &[Kind] = &[
    Kind {
        name: "data-assets",
        family: "data assets",
        list: &[listed("/data?listViewType=All")],
        offers: &[("dataName", "name")],
        person: CONTAINER,
        erase: Erase::Now("DELETE .../data/{name}, when its versions are gone"),
        remove: &[Remove::delete(Base::Arm, "/data/{id}").ignoring(CHANGED_BY_VERSIONS)],
        erase_after: &["data-asset-versions"],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Data Containers - List",
        ..ASSET
    },
    Kind {
        name: "data-asset-versions",
        family: "data assets",
        parent: Some("data-assets"),
        walk: Walk::With,
        list: &[listed("/data/{dataName}/versions?listViewType=All")],
        id: "{dataName}/{.name}",
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("name"),
            text("properties/description"),
            text("properties/tags"),
            text("properties/properties"),
            text("properties/dataUri"),
            text("properties/referencedUris"),
        ],
        secret: DATA_SECRETS,
        absent: Absent::Empty,
        erase: Erase::Now("DELETE .../data/{name}/versions/{version}; the data stays"),
        remove: &[Remove::delete(Base::Arm, "/data/{parent}/versions/{.name}")
            .leaving(Leaves::Data("the data that it points at"))],
        erase_after: USERS_OF_ASSETS,
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Data Versions - List",
        ..ASSET
    },
    Kind {
        name: "arm-models",
        family: "registered models",
        list: &[listed("/models?listViewType=All")],
        offers: &[("modelName", "name")],
        person: CONTAINER,
        erase: Erase::Now("DELETE .../models/{name}, when its versions are gone"),
        remove: &[Remove::delete(Base::Arm, "/models/{id}").ignoring(CHANGED_BY_VERSIONS)],
        erase_after: &["arm-model-versions"],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Model Containers - List",
        ..ASSET
    },
    Kind {
        name: "arm-model-versions",
        family: "registered models",
        parent: Some("arm-models"),
        walk: Walk::With,
        list: &[listed("/models/{modelName}/versions?listViewType=All")],
        id: "{modelName}/{.name}",
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("name"),
            text("properties/description"),
            text("properties/tags"),
            text("properties/properties"),
            text("properties/modelUri"),
            text("properties/flavors"),
        ],
        secret: MODEL_SECRETS,
        absent: Absent::Empty,
        erase: Erase::Now(
            "DELETE .../models/{name}/versions/{version}; the files stay in the storage account",
        ),
        remove: &[
            Remove::delete(Base::Arm, "/models/{parent}/versions/{.name}")
                .leaving(Leaves::Data(FILES)),
        ],
        erase_after: USERS_OF_ASSETS,
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Model Versions - List",
        ..ASSET
    },
    Kind {
        name: "arm-environments",
        family: "registered environments",
        list: &[listed("/environments?listViewType=All")],
        offers: &[("environmentName", "name")],
        person: CONTAINER,
        erase: Erase::Now("DELETE .../environments/{name}, when its versions are gone"),
        remove: &[Remove::delete(Base::Arm, "/environments/{id}").ignoring(CHANGED_BY_VERSIONS)],
        erase_after: &["arm-environment-versions"],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Environment Containers - List",
        ..ASSET
    },
    Kind {
        name: "arm-environment-versions",
        family: "registered environments",
        parent: Some("arm-environments"),
        walk: Walk::With,
        list: &[listed(
            "/environments/{environmentName}/versions?listViewType=All",
        )],
        id: "{environmentName}/{.name}",
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
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
        erase: Erase::Now(
            "DELETE .../environments/{name}/versions/{version}; images stay in the registry of the workspace",
        ),
        remove: &[
            Remove::delete(Base::Arm, "/environments/{parent}/versions/{.name}").leaving(
                Leaves::Data("the container image, in the container registry of the workspace"),
            ),
        ],
        erase_after: USERS_OF_ASSETS,
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Environment Versions - List",
        ..ASSET
    },
    Kind {
        name: "components",
        family: "components",
        list: &[listed("/components?listViewType=All")],
        offers: &[("componentName", "name")],
        person: CONTAINER,
        erase: Erase::Now("DELETE .../components/{name}, when its versions are gone"),
        remove: &[Remove::delete(Base::Arm, "/components/{id}").ignoring(CHANGED_BY_VERSIONS)],
        erase_after: &["component-versions"],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Component Containers - List",
        ..ASSET
    },
    Kind {
        name: "component-versions",
        family: "components",
        parent: Some("components"),
        walk: Walk::With,
        list: &[listed(
            "/components/{componentName}/versions?listViewType=All",
        )],
        id: "{componentName}/{.name}",
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("name"),
            text("properties/description"),
            text("properties/tags"),
            text("properties/properties"),
            text("properties/componentSpec"),
        ],
        secret: COMPONENT_SECRETS,
        absent: Absent::Empty,
        erase: Erase::Now(
            "DELETE .../components/{name}/versions/{version}; jobs that used it stay",
        ),
        remove: &[
            Remove::delete(Base::Arm, "/components/{parent}/versions/{.name}")
                .leaving(Leaves::Data("the jobs that used it")),
        ],
        erase_after: USERS_OF_ASSETS,
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Component Versions - List",
        ..ASSET
    },
    Kind {
        name: "codes",
        family: "code",
        list: &[listed("/codes")],
        offers: &[("codeName", "name")],
        person: CONTAINER,
        erase: Erase::Now("DELETE .../codes/{name}, when its versions are gone"),
        remove: &[Remove::delete(Base::Arm, "/codes/{id}").ignoring(CHANGED_BY_VERSIONS)],
        erase_after: &["code-versions"],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Code Containers - List",
        ..ASSET
    },
    Kind {
        name: "code-versions",
        family: "code",
        parent: Some("codes"),
        walk: Walk::With,
        list: &[listed("/codes/{codeName}/versions")],
        id: "{codeName}/{.name}",
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("name"),
            text("properties/description"),
            text("properties/tags"),
            text("properties/properties"),
            text("properties/codeUri"),
        ],
        secret: CODE_SECRETS,
        absent: Absent::Empty,
        erase: Erase::Now(
            "DELETE .../codes/{name}/versions/{version}; the files stay in the storage account",
        ),
        remove: &[
            Remove::delete(Base::Arm, "/codes/{parent}/versions/{.name}")
                .leaving(Leaves::Data(FILES)),
        ],
        erase_after: USERS_OF_ASSETS,
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Code Versions - List",
        ..ASSET
    },
];
