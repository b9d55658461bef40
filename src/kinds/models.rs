//! Rows of model management: models, assets, images with their profiles, and services.

use super::removal::{FILES, Leaves, Look, Remove};
use super::{
    Absent, Base, Erase, Files, Kind, Paging, ROW, Service, Walk, blank, get, no_query, older,
    text, to, user,
};

pub(super) static ROWS: &[Kind] = &[
    Kind {
        name: "models",
        family: "models",
        service: Service::ModelManagement,
        list: &[
            get(
                Base::Models2,
                "/models?count=100",
                Paging::NextLink,
                "value",
            ),
            older(get(
                Base::Models1,
                "/models?count=100",
                Paging::NextLink,
                "value",
            )),
        ],
        item: &[
            get(Base::Models2, "/models/{modelId}", Paging::One, ""),
            older(get(Base::Models1, "/models/{modelId}", Paging::One, "")),
        ],
        id: "{.id}",
        offers: &[("modelId", "id")],
        takes: &[to("url", "assets")],
        person: &[
            user("createdBy"),
            user("modifiedBy"),
            text("name"),
            text("description"),
            text("kvTags"),
            text("properties"),
            text("experimentName"),
        ],
        secret: &[no_query("url")],
        times: &["createdTime", "modifiedTime"],
        erase: Erase::Now(
            "DELETE .../models/{id}; 412 while an image uses it; the asset and its blobs stay",
        ),
        remove: &[
            Remove::delete(Base::Models2, "/models/{id}").leaving(Leaves::Data(
                "its asset, and the files in the storage account",
            )),
            Remove::delete(Base::Models1, "/models/{id}")
                .leaving(Leaves::Data(
                    "its asset, and the files in the storage account",
                ))
                .ignoring(&["url"]),
        ],
        erase_after: &["images", "services"],
        source: "ModelManagement 2019-09-30, MLModels - List; azureml-core 1.0.85 for the older prefix",
        ..ROW
    },
    Kind {
        name: "assets",
        family: "assets",
        service: Service::ModelManagement,
        list: &[
            get(
                Base::Models2,
                "/assets?count=100",
                Paging::NextLink,
                "value",
            ),
            older(get(
                Base::Models1,
                "/assets?count=100",
                Paging::NextLink,
                "value",
            )),
        ],
        item: &[
            get(Base::Models2, "/assets/{assetId}", Paging::One, ""),
            older(get(Base::Models1, "/assets/{assetId}", Paging::One, "")),
        ],
        id: "{.id}",
        offers: &[("assetId", "id")],
        folder: Some("assets/{.id}"),
        person: &[
            text("name"),
            text("description"),
            text("kvTags"),
            text("properties"),
            text("meta"),
            text("artifacts"),
        ],
        times: &["createdTime"],
        erase: Erase::Now("DELETE .../assets/{id}; the blobs stay in the storage account"),
        remove: &[
            Remove::delete(Base::Models2, "/assets/{id}").leaving(Leaves::Data(FILES)),
            Remove::delete(Base::Models1, "/assets/{id}").leaving(Leaves::Data(FILES)),
        ],
        erase_after: &["models"],
        source: "ModelManagement 2019-09-30, Assets - List",
        ..ROW
    },
    Kind {
        name: "asset-artifacts",
        family: "assets",
        service: Service::Artifact,
        parent: Some("assets"),
        walk: Walk::InPointers,
        list: &[
            get(
                Base::Artifact2,
                "/artifacts/{origin}/{container}?path={path}",
                Paging::QueryToken("continuationToken"),
                "value",
            ),
            older(get(
                Base::Artifact1,
                "/artifacts/origins/{origin}/containers/{container}",
                Paging::QueryToken("continuationToken"),
                "value",
            )),
        ],
        id: "{.artifactId}",
        files: Files::Artifact,
        person: &[text("path"), text("tags")],
        secret: &[no_query("contentUri")],
        times: &["createdTime"],
        absent: Absent::Empty,
        erase: Erase::Now(
            "DELETE .../artifacts/{origin}/{container}/metadata?path=&hardDelete=true; the blobs stay in the storage account",
        ),
        remove: &[Remove::delete(
            Base::Artifact2,
            "/artifacts/{.origin}/{.container}/metadata?path={.path}&hardDelete=true",
        )
        .seen(Look::One(
            Base::Artifact2,
            "/artifacts/{.origin}/{.container}/metadata?path={.path}",
        ))
        .leaving(Leaves::Blob)],
        source: "Artifact 2019-09-30, ListInContainer with a path; an asset names ids and prefixes",
        ..ROW
    },
    Kind {
        name: "images",
        family: "images",
        service: Service::ModelManagement,
        list: &[
            get(
                Base::Models2,
                "/images?count=100",
                Paging::NextLink,
                "value",
            ),
            older(get(
                Base::Models1,
                "/images?count=100",
                Paging::NextLink,
                "value",
            )),
        ],
        item: &[
            get(Base::Models2, "/images/{imageId}", Paging::One, ""),
            older(get(Base::Models1, "/images/{imageId}", Paging::One, "")),
        ],
        id: "{.id}",
        offers: &[("imageId", "id")],
        person: &[
            text("name"),
            text("description"),
            text("kvTags"),
            text("properties"),
            text("driverProgram"),
            user("modelDetails/*/createdBy"),
        ],
        secret: &[
            no_query("imageBuildLogUri"),
            no_query("dockerFileUri"),
            no_query("generatedDockerFileUri"),
            no_query("assets/*/url"),
            no_query("**/modelDetails/*/url"),
            blank("**/baseImageRegistry/password"),
        ],
        times: &["createdTime", "modifiedTime"],
        absent: Absent::Retired,
        erase: Erase::Now("DELETE .../images/{id}; 412 while a service uses it"),
        remove: &[
            Remove::delete(Base::Models2, "/images/{id}")
                .leaving(Leaves::Data(
                    "the container image, in the container registry of the workspace",
                ))
                .ignoring(&[
                    "imageBuildLogUri",
                    "dockerFileUri",
                    "generatedDockerFileUri",
                ]),
            Remove::delete(Base::Models1, "/images/{id}")
                .leaving(Leaves::Data(
                    "the container image, in the container registry of the workspace",
                ))
                .ignoring(&[
                    "imageBuildLogUri",
                    "dockerFileUri",
                    "generatedDockerFileUri",
                ]),
        ],
        erase_after: &["services"],
        source: "azureml-core 1.61, image client (deprecated); not in the 2019-09-30 specification",
        ..ROW
    },
    Kind {
        name: "image-profiles",
        family: "images",
        service: Service::ModelManagement,
        parent: Some("images"),
        walk: Walk::With,
        list: &[
            get(
                Base::Models2,
                "/images/{imageId}/profiles?count=100",
                Paging::NextLink,
                "value",
            ),
            older(get(
                Base::Models1,
                "/images/{imageId}/profiles?count=100",
                Paging::NextLink,
                "value",
            )),
        ],
        id: "{imageId}/{.name}",
        person: &[
            text("name"),
            text("description"),
            text("kvTags"),
            text("properties"),
            text("inputData"),
        ],
        secret: &[no_query("profilingErrorLogs"), no_query("**/url")],
        times: &["createdTime"],
        absent: Absent::Empty,
        source: "ModelManagement 2019-09-30, Profiles - List",
        ..ROW
    },
    Kind {
        name: "services",
        family: "services",
        service: Service::ModelManagement,
        list: &[
            get(
                Base::Models2,
                "/services?count=100&expand=true",
                Paging::NextLink,
                "value",
            ),
            older(get(
                Base::Models1,
                "/services?count=100&expand=true",
                Paging::NextLink,
                "value",
            )),
        ],
        item: &[
            get(Base::Models2, "/services/{serviceId}", Paging::One, ""),
            older(get(Base::Models1, "/services/{serviceId}", Paging::One, "")),
        ],
        id: "{.id}",
        offers: &[("serviceId", "id")],
        person: &[
            user("createdBy"),
            text("name"),
            text("description"),
            text("kvTags"),
            text("properties"),
            user("models/*/createdBy"),
            user("imageDetails/modelDetails/*/createdBy"),
        ],
        secret: &[
            blank("**/sslKey"),
            blank("**/sslCertificate"),
            blank("**/primaryKey"),
            blank("**/secondaryKey"),
            blank("**/baseImageRegistry/password"),
            blank("**/environmentVariables/*"),
            blank("**/appInsightsInstrumentationKey"),
            no_query("**/url"),
            no_query("**/imageBuildLogUri"),
        ],
        times: &["createdTime", "updatedTime"],
        erase: Erase::Slow("DELETE .../services/{id}: 202 with Operation-Location"),
        remove: &[
            Remove::delete(Base::Models2, "/services/{id}").leaving(Leaves::Data(
                "what it logged and collected, in Application Insights and in the storage account",
            )),
            Remove::delete(Base::Models1, "/services/{id}").leaving(Leaves::Data(
                "what it logged and collected, in Application Insights and in the storage account",
            )),
        ],
        source: "ModelManagement 2019-09-30, Services - List; keys are handed out by other calls, which are never made",
        ..ROW
    },
];
