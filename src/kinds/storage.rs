//! Rows of registered data: datastores, datasets with their definitions, and environments.

use super::removal::{Leaves, Look, Remove};
use super::{
    ALL_BUT_THE_LAST, Absent, Ask, Base, Erase, Kind, Paging, ROW, Service, Walk, blank, get,
    no_query, text, user,
};

pub(super) static ROWS: &[Kind] = &[
    Kind {
        name: "datastores",
        family: "datastores",
        service: Service::Datastore,
        // `includeSecret` defaults to true, and the request for one datastore has no such switch: so items are not fetched.
        list: &[get(
            Base::Datastore,
            "/datastores?includeSecret=false&count=100",
            Paging::QueryToken("continuationToken"),
            "value",
        )],
        id: "{.name}",
        offers: &[("datastoreName", "name")],
        person: &[
            text("name"),
            text("tags"),
            text("**/userId"),
            text("**/clientId"),
        ],
        secret: &[
            blank("**/credential"),
            blank("**/accountKey"),
            blank("**/sasToken"),
            blank("**/clientSecret"),
            blank("**/certificate"),
            blank("**/thumbprint"),
            blank("**/userPassword"),
        ],
        erase: Erase::Now("DELETE .../datastores/{name}: unregisters, the data stays"),
        remove: &[Remove::delete(Base::Datastore, "/datastores/{id}")
            .seen(Look::In(
                Base::Datastore,
                Ask::Get("/datastores?dataStoreNames={id}&includeSecret=false"),
                "value",
            ))
            .leaving(Leaves::Data("the data in the storage that it points at"))],
        erase_after: ALL_BUT_THE_LAST,
        source: "Datastore 2019-09-30, List",
        ..ROW
    },
    Kind {
        name: "datasets",
        family: "datasets",
        service: Service::Dataset,
        list: &[get(
            Base::Dataset,
            "/datasets?includeInvisible=true&includeLatestDefinition=true&pageSize=100",
            Paging::QueryToken("continuationToken"),
            "value",
        )],
        item: &[get(Base::Dataset, "/datasets/{datasetId}", Paging::One, "")],
        id: "{.datasetId}",
        offers: &[("datasetId", "datasetId"), ("datasetName", "name")],
        person: &[
            user("latest/createdBy"),
            user("latest/modifiedBy"),
            user("createdBy"),
            text("name"),
            text("description"),
            text("tags"),
            text("latest"),
        ],
        secret: &[blank("**/sasToken"), no_query("**/httpUrl")],
        times: &["createdTime", "modifiedTime"],
        erase: Erase::Now(
            "DELETE .../datasets/{name}: unregisters, reported as refused by the service since 2022; the data stays",
        ),
        remove: &[Remove::delete(Base::Dataset, "/datasets/{.name}")
            .seen(Look::One(Base::Dataset, "/datasets/{id}"))
            .leaving(Leaves::Data("the data that it points at"))],
        source: "DatasetDataplane 1.5.0, List",
        ..ROW
    },
    Kind {
        name: "dataset-definitions",
        family: "datasets",
        service: Service::Dataset,
        parent: Some("datasets"),
        walk: Walk::With,
        list: &[get(
            Base::Dataset,
            "/datasets/{datasetId}/definitions?pageSize=100",
            Paging::QueryToken("continuationToken"),
            "value",
        )],
        id: "{datasetId}/{.versionId}",
        person: &[
            user("createdBy"),
            user("modifiedBy"),
            text("description"),
            text("dataflow"),
            text("notes"),
            text("tags"),
        ],
        secret: &[blank("**/sasToken"), no_query("**/httpUrl")],
        times: &["createdTime", "modifiedTime"],
        absent: Absent::Empty,
        source: "DatasetDataplane 1.5.0, definitions",
        ..ROW
    },
    Kind {
        name: "environments",
        family: "environments",
        service: Service::Environment,
        list: &[get(
            Base::Environment,
            "/environments/",
            Paging::QueryToken("continuation"),
            "value",
        )],
        item: &[get(
            Base::Environment,
            "/environments/{environmentName}",
            Paging::One,
            "",
        )],
        id: "{.name}",
        offers: &[("environmentName", "name")],
        person: &[text("name"), text("docker"), text("python")],
        secret: &[
            blank("**/baseImageRegistry/password"),
            blank("**/environmentVariables/*"),
            blank("environmentVariables/*"),
        ],
        erase: Erase::Never("the service has no delete for environments"),
        source: "azureml-core 1.61, environment client",
        ..ROW
    },
];
