//! Rows of pipelines. Five of them have no list at all and are found by walking references to a fixed point.

use super::removal::{Act, Leaves, Look, Remove};
use super::{
    Absent, Base, Erase, Kind, Paging, ROW, Reference, Route, Service, Walk, When, Who, blank, get,
    older, person, text, to, user,
};

const NO_DELETE: Erase = Erase::Never("no client shows a delete route");
/// What is switched off is still there as a whole.
const WHOLE: &str = "the whole record, switched off";
const DISABLE: Erase = Erase::ArchiveOnly("it can be disabled by PUT, which erases nothing");

/// Both generations of one list that gives a bare array.
const fn lists(path: &'static str) -> [Route; 2] {
    [
        get(Base::Pipelines2, path, Paging::Batch, ""),
        older(get(Base::Pipelines1, path, Paging::Batch, "")),
    ]
}

/// Both generations of one item.
const fn one(path: &'static str) -> [Route; 2] {
    [
        get(Base::Pipelines2, path, Paging::One, ""),
        older(get(Base::Pipelines1, path, Paging::One, "")),
    ]
}

const PIPELINE_SECRETS: &[super::Secret] = &[
    blank("**/sasToken"),
    super::no_query("Url"),
    super::no_query("**/Uri"),
    blank("**/password"),
    blank("**/privateKey"),
    blank("**/environmentVariables/*"),
    blank("**/accountKey"),
    blank("**/clientSecret"),
];

/// The snapshot in which the code of a module is kept.
const STORED: Reference = Reference {
    when: When::StoredSnapshot,
    path: "Data/DataLocation/StorageId",
    to: "snapshots",
};

const ENTITY: Kind = Kind {
    service: Service::Pipelines,
    family: "pipelines",
    secret: PIPELINE_SECRETS,
    times: &["CreatedDate", "LastModifiedDate"],
    erase: NO_DELETE,
    source: "azureml-pipeline-core 1.62.0; the 04/2020 page for the older prefix",
    ..ROW
};

pub(super) static ROWS: &[Kind] = &[
    Kind {
        name: "published-pipelines",
        list: &lists("/Pipelines?activeOnly=false"),
        item: &one("/Pipelines/{pipelineId}"),
        id: "{.Id}",
        offers: &[("pipelineId", "Id")],
        refs: &[to("GraphId", "pipeline-graphs")],
        person: &[
            user("CreatedBy"),
            user("LastUpdatedBy"),
            text("Name"),
            text("Description"),
            text("tags"),
            text("Properties"),
        ],
        erase: DISABLE,
        remove: &[
            Remove::delete(Base::Pipelines2, "/Pipelines/{id}/status")
                .seen(Look::One(Base::Pipelines2, "/Pipelines/{id}"))
                .by(Act::PutStatus)
                .leaving(Leaves::Data(WHOLE)),
            Remove::delete(Base::Pipelines1, "/Pipelines/{id}/status")
                .seen(Look::One(Base::Pipelines1, "/Pipelines/{id}"))
                .by(Act::PutStatus)
                .leaving(Leaves::Data(WHOLE)),
        ],
        ..ENTITY
    },
    Kind {
        name: "runs-of-published-pipeline",
        parent: Some("published-pipelines"),
        walk: Walk::Finder,
        list: &lists("/PipelineRuns/Pipeline/{pipelineId}"),
        id: "{.Id}",
        refs: &[to("Id", "pipeline-runs")],
        no_person: Some("its items are exported as pipeline-runs"),
        absent: Absent::Empty,
        ..ENTITY
    },
    Kind {
        name: "pipeline-endpoints",
        list: &lists("/PipelineEndpoints?activeOnly=false"),
        item: &one("/PipelineEndpoints/{endpointId}"),
        id: "{.Id}",
        offers: &[("endpointId", "Id")],
        refs: &[
            to("PipelineVersionList/*/PipelineId", "published-pipelines"),
            to("DefaultPipelineId", "published-pipelines"),
        ],
        person: &[
            user("CreatedBy"),
            user("UpdatedBy"),
            user("LastUpdatedBy"),
            text("Name"),
            text("Description"),
            text("tags"),
            text("Properties"),
        ],
        erase: DISABLE,
        remove: &[
            Remove::delete(Base::Pipelines2, "/PipelineEndpoints/{id}")
                .by(Act::PutDisabled)
                .leaving(Leaves::Data(WHOLE)),
            Remove::delete(Base::Pipelines1, "/PipelineEndpoints/{id}")
                .by(Act::PutDisabled)
                .leaving(Leaves::Data(WHOLE)),
        ],
        ..ENTITY
    },
    Kind {
        name: "pipeline-schedules",
        list: &lists("/Schedules?activeOnly=false"),
        item: &one("/Schedules/{scheduleId}"),
        id: "{.Id}",
        offers: &[("scheduleId", "Id")],
        refs: &[to("PipelineId", "published-pipelines")],
        person: &[
            user("CreatedBy"),
            user("LastUpdatedBy"),
            text("Name"),
            text("Description"),
            text("tags"),
            text("Properties"),
            text("PipelineSubmissionInfo"),
        ],
        erase: DISABLE,
        remove: &[
            Remove::delete(Base::Pipelines2, "/Schedules/{id}")
                .by(Act::PutDisabled)
                .leaving(Leaves::Data(WHOLE)),
            Remove::delete(Base::Pipelines1, "/Schedules/{id}")
                .by(Act::PutDisabled)
                .leaving(Leaves::Data(WHOLE)),
        ],
        ..ENTITY
    },
    Kind {
        name: "runs-of-schedule",
        parent: Some("pipeline-schedules"),
        walk: Walk::Finder,
        list: &lists("/PipelineRuns/Schedule/{scheduleId}"),
        id: "{.Id}",
        refs: &[to("Id", "pipeline-runs")],
        no_person: Some("its items are exported as pipeline-runs"),
        absent: Absent::Empty,
        ..ENTITY
    },
    Kind {
        name: "pipeline-drafts",
        list: &[
            super::query(Base::Pipelines2, "/PipelineDrafts", "{}", Paging::Batch, ""),
            older(super::query(
                Base::Pipelines1,
                "/PipelineDrafts",
                "{}",
                Paging::Batch,
                "",
            )),
        ],
        item: &one("/PipelineDrafts/{draftId}"),
        id: "{.Id}",
        offers: &[("draftId", "Id")],
        refs: &[
            to("ParentPipelineId", "published-pipelines"),
            to("ParentPipelineRunId", "pipeline-runs"),
            to("LastSubmittedPipelineRunId", "pipeline-runs"),
        ],
        person: &[
            user("CreatedBy"),
            user("LastUpdatedBy"),
            text("Name"),
            text("Description"),
            text("tags"),
            text("Properties"),
            text("ParameterAssignments"),
        ],
        erase: Erase::Now("DELETE .../PipelineDrafts/{id}, with the entity as its body"),
        remove: &[
            Remove::delete(Base::Pipelines2, "/PipelineDrafts/{id}")
                .by(Act::DeleteEntity)
                .leaving(Leaves::Data(
                    "its graph, and the pipeline runs that were started from it",
                )),
            Remove::delete(Base::Pipelines1, "/PipelineDrafts/{id}")
                .by(Act::DeleteEntity)
                .leaving(Leaves::Data(
                    "its graph, and the pipeline runs that were started from it",
                )),
        ],
        ..ENTITY
    },
    Kind {
        name: "pipeline-templates",
        list: &lists("/PublishedPipelines?activeOnly=false"),
        item: &one("/Templates/{templateId}"),
        // The list leaves out the graph and the parameters.
        fetch_item: true,
        id: "{.Id}",
        offers: &[("templateId", "Id")],
        refs: &[
            to("ExperimentId", "pipeline-runs"),
            to("GraphId", "pipeline-graphs"),
        ],
        person: &[
            user("CreatedBy"),
            text("Name"),
            text("Description"),
            text("tags"),
            text("ParameterAssignments"),
        ],
        erase: DISABLE,
        remove: &[
            Remove::delete(Base::Pipelines2, "/Templates/{id}/status")
                .seen(Look::One(Base::Pipelines2, "/Templates/{id}"))
                .by(Act::PutStatus)
                .leaving(Leaves::Data(WHOLE)),
            Remove::delete(Base::Pipelines1, "/Templates/{id}/status")
                .seen(Look::One(Base::Pipelines1, "/Templates/{id}"))
                .by(Act::PutStatus)
                .leaving(Leaves::Data(WHOLE)),
        ],
        ..ENTITY
    },
    Kind {
        name: "pipeline-runs",
        walk: Walk::ByReference,
        item: &one("/PipelineRuns/{id}"),
        id: "{.Id}",
        refs: &[
            to("GraphId", "pipeline-graphs"),
            to("PipelineId", "published-pipelines"),
            to("ScheduleId", "pipeline-schedules"),
        ],
        person: &[
            user("CreatedBy"),
            text("Description"),
            text("RunHistoryExperimentName"),
            text("ParameterAssignments"),
            text("DataSetDefinitionValueAssignments"),
            text("tags"),
            text("Properties"),
        ],
        times: &[
            "CreatedDate",
            "LastModifiedDate",
            "Status/CreationTime",
            "Status/EndTime",
        ],
        ..ENTITY
    },
    Kind {
        name: "pipeline-graphs",
        walk: Walk::ByReference,
        item: &one("/Graphs/{id}"),
        id: "{.Id}",
        refs: &[
            to("ModuleNodes/*/ModuleId", "pipeline-modules"),
            to("DatasetNodes/*/DatasetId", "pipeline-data-sources"),
        ],
        person: &[text("ModuleNodes"), text("DatasetNodes")],
        ..ENTITY
    },
    Kind {
        name: "pipeline-modules",
        walk: Walk::ByReference,
        item: &one("/Modules/{id}"),
        id: "{.Data/Id}",
        refs: &[STORED],
        takes: &[STORED],
        person: &[
            user("Data/CreatedBy"),
            user("Data/LastUpdatedBy"),
            text("Data/Name"),
            text("Data/Description"),
            text("Data/tags"),
            text("Data/Properties"),
            person("Data/CreatedBy/UserName", Who::Name),
        ],
        times: &["Data/CreatedDate", "Data/LastModifiedDate"],
        ..ENTITY
    },
    Kind {
        name: "pipeline-data-sources",
        walk: Walk::ByReference,
        item: &one("/DataSources/{id}"),
        id: "{.Id}",
        person: &[
            user("CreatedBy"),
            text("Name"),
            text("Description"),
            text("DataLocation"),
            text("tags"),
        ],
        ..ENTITY
    },
];
