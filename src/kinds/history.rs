//! Rows of run history: experiments, runs, their details, metrics of both generations, artifacts, and notifications.

use super::removal::{First, Leaves, Look, Remove};
use super::{
    Absent, Ask, Base, Erase, Files, Kind, Paging, ROW, Reference, Service, Walk, When, blank, get,
    no_query, older, query, text, to, user,
};

pub(super) static ROWS: &[Kind] = &[
    Kind {
        name: "experiments",
        family: "run history data",
        list: &[
            // Without `All` archived experiments vanish. The query parameter repeats it, since clients send both.
            query(
                Base::History,
                "/experiments:query?viewType=All",
                r#"{"viewType":"All","top":200}"#,
                Paging::BodyToken,
                "value",
            ),
            older(get(
                Base::History,
                "/experiments?viewType=All&$top=200",
                Paging::QueryToken("$continuationToken"),
                "value",
            )),
        ],
        item: &[get(
            Base::History,
            "/experiments/{experimentName}",
            Paging::One,
            "",
        )],
        id: "{.experimentId}",
        offers: &[("experimentName", "name"), ("experimentId", "experimentId")],
        folder: Some("experiments/{.name}"),
        person: &[text("name"), text("description"), text("tags")],
        times: &["createdUtc", "archivedTime"],
        erase: Erase::Slow("DELETE .../experimentids/{experimentId}, for an empty experiment only"),
        remove: &[Remove::delete(Base::History, "/experimentids/{id}")
            .ignoring(&["latestCreatedRunCreatedUtc", "latestCreatedRunId"])],
        erase_after: &["runs"],
        source: "RunHistory v1.0, experiments:query; azureml-core 1.0.65 for the older GET",
        ..ROW
    },
    Kind {
        name: "runs",
        family: "run history data",
        parent: Some("experiments"),
        list: &[
            // Without a filter both parents and children come, hidden ones too.
            query(
                Base::History,
                "/experiments/{experimentName}/runs:query",
                r#"{"top":100}"#,
                Paging::BodyToken,
                "value",
            ),
            older(get(
                Base::History,
                "/experiments/{experimentName}/runs?$top=100",
                Paging::QueryToken("$continuationToken"),
                "value",
            )),
        ],
        item: &[get(
            Base::History,
            "/experiments/{experimentName}/runs/{runId}",
            Paging::One,
            "",
        )],
        id: "{.runId}",
        offers: &[("runId", "runId"), ("dataContainerId", "dataContainerId")],
        folder: Some("runs/{.runId}"),
        belongs: &[to("parentRunId", "runs")],
        takes: &[
            Reference {
                when: When::PipelineRun,
                path: "runId",
                to: "pipeline-runs",
            },
            to("properties/ContentSnapshotId", "snapshots"),
        ],
        refs: &[
            Reference {
                when: When::PipelineRun,
                path: "runId",
                to: "pipeline-runs",
            },
            to("properties/azureml.pipelineid", "published-pipelines"),
            to("properties/azureml.reusedpipeline", "pipeline-runs"),
            to("tags/azureml.reusedpipeline", "pipeline-runs"),
            to("tags/azureml.pipeline", "pipeline-runs"),
            to("properties/ContentSnapshotId", "snapshots"),
        ],
        person: RUN_PEOPLE,
        secret: &[
            blank("token"),
            no_query("cancelUri"),
            no_query("completeUri"),
            no_query("diagnosticsUri"),
            no_query("**/actionUris/*"),
            blank("**/baseImageRegistry/password"),
            blank("**/environmentVariables/*"),
            blank("**/sasToken"),
            no_query("**/pathOnDataStore"),
        ],
        times: &[
            "createdUtc",
            "startTimeUtc",
            "endTimeUtc",
            "lastModifiedUtc",
        ],
        erase: Erase::Slow(
            "ARM DELETE <workspace>/jobs/{runId}; run history itself has no delete for a run",
        ),
        remove: &[Remove::delete(Base::Arm, "/jobs/{id}")
            .after(&[First::Cancel {
                path: "/jobs/{id}/cancel",
                status: "status",
            }])
            .seen(Look::One(Base::History, "/runs/{id}"))
            .leaving(Leaves::RunPlaces)
            .ignoring(&[
                "token",
                "tokenExpiryTimeUtc",
                "cancelUri",
                "completeUri",
                "diagnosticsUri",
                "actionUris",
                "currentComputeTime",
                "computeDuration",
                "duration",
            ])],
        erase_after: &["schedules", "batch-endpoints"],
        source: "RunHistory v1.0, runs:query; azureml-core 1.0.65 for the older GET",
        ..ROW
    },
    Kind {
        name: "run-details",
        family: "run history data",
        parent: Some("runs"),
        walk: Walk::With,
        list: &[get(
            Base::History,
            "/experiments/{experimentName}/runs/{runId}/details",
            Paging::One,
            "",
        )],
        id: "{runId}",
        person: RUN_PEOPLE,
        secret: &[
            blank("token"),
            no_query("logFiles/*"),
            no_query("**/actionUris/*"),
            no_query("cancelUri"),
            no_query("completeUri"),
            no_query("diagnosticsUri"),
            blank("**/baseImageRegistry/password"),
            blank("**/environmentVariables/*"),
            blank("**/sasToken"),
            no_query("**/pathOnDataStore"),
        ],
        times: &["createdTimeUtc", "startTimeUtc", "endTimeUtc"],
        absent: Absent::Empty,
        source: "RunHistory v1.0, run details",
        ..ROW
    },
    Kind {
        name: "metrics",
        family: "run history data",
        parent: Some("experiments"),
        list: &[
            query(
                Base::History,
                "/experiments/{experimentName}/metrics:query?mergestrategytype=None",
                r#"{"top":500}"#,
                Paging::BodyToken,
                "value",
            ),
            older(get(
                Base::History,
                "/experiments/{experimentName}/metrics?$top=500",
                Paging::QueryToken("$continuationToken"),
                "value",
            )),
        ],
        item: &[get(
            Base::History,
            "/experiments/{experimentName}/metrics/{metricId}",
            Paging::One,
            "",
        )],
        id: "{.metricId}",
        offers: &[("metricId", "metricId")],
        belongs: &[to("runId", "runs")],
        person: &[text("name"), text("description"), text("label")],
        times: &["createdUtc"],
        erase: Erase::WithParent,
        source: "RunHistory 2019-09-30, metrics:query; first generation of metrics, no delete of their own",
        ..ROW
    },
    Kind {
        name: "metrics-v2",
        family: "run history data",
        service: Service::Metric,
        parent: Some("runs"),
        walk: Walk::With,
        list: &[query(
            Base::Metric2,
            "/runs/{runId}/list",
            "{}",
            Paging::BodyToken,
            "value",
        )],
        item: &[query(
            Base::Metric2,
            "/runs/{runId}/full",
            r#"{"metricName":"{metricName}","metricNamespace":"{metricNamespace}"}"#,
            Paging::BodyToken,
            "",
        )],
        fetch_item: true,
        id: "{runId}/{.metricKey/namespace}/{.metricKey/name}",
        offers: &[
            ("metricName", "metricKey/name"),
            ("metricNamespace", "metricKey/namespace"),
        ],
        person: &[text("name")],
        absent: Absent::Empty,
        erase: Erase::Now("DELETE .../metric/v2.0/.../runs/{runId}/deleteMetrics"),
        remove: &[
            Remove::delete(Base::Metric2, "/runs/{parent}/deleteMetrics").seen(Look::In(
                Base::Metric2,
                Ask::Query("/runs/{parent}/list", "{}"),
                "value",
            )),
        ],
        source: "RunHistory v1.0, metric/v2.0 list and full; runs logged by newer clients have metrics only here",
        ..ROW
    },
    Kind {
        name: "artifacts",
        family: "artifacts",
        service: Service::Artifact,
        parent: Some("runs"),
        walk: Walk::InContainers,
        list: &[
            get(
                Base::Artifact2,
                "/artifacts/ExperimentRun/{container}",
                Paging::QueryToken("continuationToken"),
                "value",
            ),
            older(get(
                Base::Artifact1,
                "/artifacts/origins/ExperimentRun/containers/{container}",
                Paging::QueryToken("continuationToken"),
                "value",
            )),
        ],
        item: &[get(
            Base::Artifact2,
            "/artifacts/{origin}/{container}/metadata?path={path}",
            Paging::One,
            "",
        )],
        id: "{.artifactId}",
        offers: &[
            ("origin", "origin"),
            ("container", "container"),
            ("path", "path"),
        ],
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
        source: "Artifact 2019-09-30, ListInContainer; container is the run's dataContainerId, not the run id",
        ..ROW
    },
    Kind {
        // The listing of the submitted source code. Its bytes come by links that carry a signature for every file, which are
        // never asked for; they lie in the storage account.
        name: "snapshots",
        family: "run history data",
        service: Service::Content,
        walk: Walk::ByReference,
        item: &[get(
            Base::Content,
            "/snapshots/{id}/metadata",
            Paging::One,
            "",
        )],
        id: "{.id}",
        person: &[text("root")],
        // A listing without links has the field as well, since both answers are made of the same nodes.
        secret: &[no_query("**/sasUrl")],
        times: &["root/timestamp"],
        erase: Erase::Never(
            "runs of several people may share it, and the delete of an older client is verified by nobody; its files lie in the containers snapshots and snapshotzips of the storage account",
        ),
        source: "azureml-core 1.61, snapshot operations; a run names its snapshot in properties/ContentSnapshotId",
        ..ROW
    },
    Kind {
        name: "notification-tasks",
        family: "notifications",
        service: Service::Notification,
        list: &[get(Base::Notification, "/tasks", Paging::Tolerant, "value")],
        item: &[get(Base::Notification, "/tasks/{taskId}", Paging::One, "")],
        id: "{.taskId|id|name}",
        offers: &[("taskId", "taskId|id|name")],
        person: &[
            user("createdBy"),
            super::person("userId", super::Who::ObjectId),
            text("**"),
        ],
        absent: Absent::Unverified,
        erase: Erase::Never("no client or specification shows a delete"),
        source: "Microsoft's export page of 04/24/2020 alone; nothing about this API is verified",
        ..ROW
    },
];

static RUN_PEOPLE: &[super::Person] = &[
    user("createdBy"),
    user("lastModifiedBy"),
    super::person("userId", super::Who::ObjectId),
    text("displayName"),
    text("description"),
    text("tags"),
    text("properties"),
    text("scriptName"),
    text("runDefinition"),
    text("services"),
];
