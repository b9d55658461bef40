//! Rows of jobs and schedules. A list shows whole documents, so that no job is fetched again.

use super::removal::{First, Leaves, Remove};
use super::{Base, Erase, Kind, ROW, Service, Who, blank, listed, no_query, person, text};

const WORK: Kind = Kind {
    service: Service::Arm,
    id: "{.name}",
    times: &["systemData/createdAt", "systemData/lastModifiedAt"],
    ..ROW
};

pub(super) static ROWS: &[Kind] = &[
    Kind {
        name: "jobs",
        family: "jobs",
        list: &[listed("/jobs?listViewType=All")],
        // A job is a run, shown by the resource manager. Runs without a job are children, or older than jobs.
        same: Some("runs"),
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            person("properties/notificationSetting/emails/*", Who::Email),
            text("name"),
            text("properties/description"),
            text("properties/tags"),
            text("properties/properties"),
            text("properties/displayName"),
            text("properties/experimentName"),
            text("properties/command"),
            text("properties/args"),
            text("properties/inputs"),
            text("properties/outputs"),
            text("properties/services"),
            text("properties/jobs"),
        ],
        secret: &[
            blank("**/environmentVariables/*"),
            blank("**/environment_variables/*"),
            no_query("properties/inputs/*/uri"),
            no_query("properties/outputs/*/uri"),
        ],
        times: &["systemData/createdAt", "systemData/lastModifiedAt"],
        erase: Erase::Slow(
            "DELETE .../jobs/{id}, when it is not running; its data may stay in the storage account",
        ),
        remove: &[Remove::delete(Base::Arm, "/jobs/{id}")
            .after(&[First::Cancel {
                path: "/jobs/{id}/cancel",
                status: "properties/status",
            }])
            .leaving(Leaves::RunPlaces)],
        erase_after: &["schedules", "batch-endpoints"],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Jobs - List; archived ones are listed on request only, children of pipelines never",
        ..WORK
    },
    Kind {
        name: "schedules",
        family: "schedules",
        list: &[listed("/schedules?listViewType=All")],
        person: &[
            person("systemData/createdBy", Who::Email),
            person("systemData/lastModifiedBy", Who::Email),
            person("**/notificationSetting/emails/*", Who::Email),
            text("name"),
            text("properties/description"),
            text("properties/tags"),
            text("properties/properties"),
            text("properties/displayName"),
            text("properties/action"),
        ],
        secret: &[
            blank("**/environmentVariables/*"),
            blank("**/environment_variables/*"),
            no_query("**/uri"),
        ],
        erase: Erase::Slow(
            "DELETE .../schedules/{name}, when it is disabled; the jobs that it started stay",
        ),
        remove: &[Remove::delete(Base::Arm, "/schedules/{id}")
            .after(&[First::SwitchOff])
            .leaving(Leaves::Data("the jobs that it started"))],
        source: "Azure REST, Microsoft.MachineLearningServices 2026-05-01: Schedules - List; it leaves out disabled ones unless asked for all",
        ..WORK
    },
];
