//! Rows of the feature store: feature sets with their features, and the entities that they are about.

use super::assets::CHANGED_BY_VERSIONS;
use super::removal::{Leaves, Remove};
use super::{
    Absent, Base, Erase, Kind, ROW, Service, USERS_OF_ASSETS, Walk, Who, listed, person, text,
};

const ASSET: Kind = Kind {
    service: Service::Arm,
    id: "{.name}",
    times: &["systemData/createdAt", "systemData/lastModifiedAt"],
    ..ROW
};

pub(super) static ROWS: &[Kind] = &[
    Kind {
        name: "feature-sets",
        family: "feature store",
        list: &[listed("/featuresets?listViewType=All")],
        offers: &[("featureSetName", "name")],
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("name"),
            text("properties/description"),
            text("properties/tags"),
            text("properties/properties"),
        ],
        erase: Erase::Slow("DELETE .../featuresets/{name}, when its versions are gone"),
        remove: &[Remove::delete(Base::Arm, "/featuresets/{id}").ignoring(CHANGED_BY_VERSIONS)],
        erase_after: &["feature-set-versions"],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Featureset Containers - List",
        ..ASSET
    },
    Kind {
        name: "feature-set-versions",
        family: "feature store",
        parent: Some("feature-sets"),
        walk: Walk::With,
        list: &[listed(
            "/featuresets/{featureSetName}/versions?listViewType=All",
        )],
        id: "{featureSetName}/{.name}",
        offers: &[("featureSetVersion", "name")],
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("name"),
            text("properties/description"),
            text("properties/tags"),
            text("properties/properties"),
            text("properties/specification"),
            person(
                "properties/materializationSettings/notification/emails/*",
                Who::Email,
            ),
        ],
        absent: Absent::Empty,
        erase: Erase::Slow(
            "DELETE .../featuresets/{name}/versions/{version}; materialized data stays",
        ),
        remove: &[
            Remove::delete(Base::Arm, "/featuresets/{parent}/versions/{.name}")
                .leaving(Leaves::Data("materialized data, in the offline store")),
        ],
        erase_after: USERS_OF_ASSETS,
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Featureset Versions - List",
        ..ASSET
    },
    Kind {
        name: "features",
        family: "feature store",
        parent: Some("feature-set-versions"),
        walk: Walk::With,
        list: &[listed(
            "/featuresets/{featureSetName}/versions/{featureSetVersion}/features?listViewType=All",
        )],
        id: "{featureSetName}/{featureSetVersion}/{.name}",
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("name"),
            text("properties/description"),
            text("properties/tags"),
            text("properties/properties"),
            text("properties/featureName"),
        ],
        absent: Absent::Empty,
        erase: Erase::WithParent,
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Features - List",
        ..ASSET
    },
    Kind {
        name: "feature-store-entities",
        family: "feature store",
        list: &[listed("/featurestoreEntities?listViewType=All")],
        offers: &[("entityName", "name")],
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("name"),
            text("properties/description"),
            text("properties/tags"),
            text("properties/properties"),
        ],
        erase: Erase::Slow("DELETE .../featurestoreEntities/{name}, when its versions are gone"),
        remove: &[
            Remove::delete(Base::Arm, "/featurestoreEntities/{id}").ignoring(CHANGED_BY_VERSIONS)
        ],
        erase_after: &["feature-store-entity-versions"],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Featurestore Entity Containers - List",
        ..ASSET
    },
    Kind {
        name: "feature-store-entity-versions",
        family: "feature store",
        parent: Some("feature-store-entities"),
        walk: Walk::With,
        list: &[listed(
            "/featurestoreEntities/{entityName}/versions?listViewType=All",
        )],
        id: "{entityName}/{.name}",
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            text("name"),
            text("properties/description"),
            text("properties/tags"),
            text("properties/properties"),
            text("properties/indexColumns"),
        ],
        absent: Absent::Empty,
        erase: Erase::Slow(
            "DELETE .../featurestoreEntities/{name}/versions/{version}; materialized data stays",
        ),
        remove: &[
            Remove::delete(Base::Arm, "/featurestoreEntities/{parent}/versions/{.name}")
                .leaving(Leaves::Data("materialized data, in the offline store")),
        ],
        erase_after: &["feature-set-versions"],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Featurestore Entity Versions - List",
        ..ASSET
    },
];
