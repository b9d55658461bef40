//! Where the people stand who are hard to find. They are written into documents that are there already, each in one sort
//! of place, so that a search that forgets the place forgets the person.

use super::contoso::Stage;
use super::people::Person;
use super::{Item, Kind, Workspace};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

/// Runs by their row: ordinary ones, without children and without a secret in an odd place.
const FIRST: usize = 40;

pub(crate) fn leave(stage: &Stage<'_>, workspace: &mut Workspace) {
    if workspace.table(Kind::Runs).places() < 100 {
        return;
    }
    owners(stage, workspace);
    names(stage, workspace);
    sources(stage, workspace);
    lists(stage, workspace);
    log(stage, workspace);
}

/// Changes a run and its details, which show the same tags, properties and people.
fn run(workspace: &mut Workspace, at: usize, with: impl Fn(&mut Value)) {
    let id = match workspace.table(Kind::Runs).row(FIRST + at) {
        Some(item) => item.id.clone(),
        None => return,
    };
    for kind in [Kind::Runs, Kind::RunDetails] {
        if let Some(item) = workspace.table_mut(kind).get_mut(&id) {
            item.change(&with);
        }
    }
}

fn first(workspace: &mut Workspace, kind: Kind, with: impl FnOnce(&mut Value)) {
    let id = workspace
        .table(kind)
        .living()
        .next()
        .map(|(_, item)| item.id.clone());
    if let Some(item) = id.and_then(|id| workspace.table_mut(kind).get_mut(&id)) {
        item.change(with);
    }
}

fn owned(run: &mut Value, owner: &Person) {
    run["createdBy"] = owner.user();
    run["userId"] = run["createdBy"]["userObjectId"].clone();
    run["tags"]["mlflow.user"] = owner.name.clone().into();
}

fn owners(stage: &Stage<'_>, workspace: &mut Workspace) {
    let (mark, jose, noor) = (
        stage.named("mark"),
        stage.named("jose"),
        stage.named("noor"),
    );
    let (ingrid, astrid) = (stage.named("ingrid"), stage.named("astrid"));
    run(workspace, 0, |run| owned(run, mark));
    run(workspace, 2, |run| owned(run, jose));
    run(workspace, 4, |run| owned(run, noor));
    run(workspace, 6, |run| owned(run, ingrid));
    run(workspace, 7, |run| run["lastModifiedBy"] = ingrid.user());
    run(workspace, 8, |run| owned(run, astrid));
}

/// A name in other words, and in another spelling of the same letters.
fn names(stage: &Stage<'_>, workspace: &mut Workspace) {
    run(workspace, 1, |run| {
        run["tags"]["todo"] = "please mark page 3 of the report, and the marked pages".into();
    });
    let taken_apart = stage
        .named("jose")
        .name
        .replace('é', "e\u{301}")
        .replace('ú', "u\u{301}")
        .replace('ñ', "n\u{303}");
    run(workspace, 3, |run| {
        run["tags"]["reviewer"] = taken_apart.clone().into();
    });
    let former = stage.named("astrid").other_mails.join(", ");
    run(workspace, 9, |run| {
        run["tags"]["contact"] = former.clone().into();
    });
}

/// Where the code came from: a remote with a user in it, a notebook in somebody's directory, settings in base64.
fn sources(stage: &Stage<'_>, workspace: &mut Workspace) {
    let kofi = stage.named("kofi");
    let user = kofi.mail().replace('@', "%40");
    run(workspace, 10, |run| {
        run["properties"]["azureml.git.repository_uri"] =
            format!("https://{user}@dev.azure.com/contoso/ml/_git/churn").into();
    });
    run(workspace, 11, |run| {
        run["properties"]["mlflow.source.git.repoURL"] =
            format!("https://{}@git.contoso.com/ml/churn.git", kofi.aliases[0]).into();
    });
    let yuki = stage.named("yuki");
    run(workspace, 12, |run| {
        run["properties"]["mlflow.source.name"] =
            format!("/Users/{}/churn/explore.ipynb", yuki.aliases[0]).into();
    });
    let zoe = stage.named("zoe");
    let settings = STANDARD.encode(format!("spark.owner={}\nspark.nodes=4\n", zoe.mail()));
    run(workspace, 17, |run| {
        run["properties"]["spark.configuration"] = settings.clone().into();
    });
}

/// Tags, by key and by value; and who is told when something has ended.
fn lists(stage: &Stage<'_>, workspace: &mut Workspace) {
    let elif = stage.named("elif");
    let key = format!("reviewed by {}", elif.mail());
    first(workspace, Kind::Experiments, |experiment| {
        experiment["tags"][key] = "yes".into();
    });
    run(workspace, 14, |run| {
        run["tags"]["approver"] = elif.name.clone().into();
    });
    let pedro = stage.named("pedro");
    let told =
        json!({"emailOn": ["JobCompleted", "JobFailed"], "emails": [pedro.mail()]}).to_string();
    run(workspace, 16, |run| {
        run["properties"]["azureml.notificationSetting"] = told.clone().into();
    });
    let list = format!(
        "ml-alerts@contoso.com;{}",
        pedro.mail().replace("pedro.silva", "Pedro.Silva")
    );
    first(workspace, Kind::Schedules, |schedule| {
        schedule["PipelineSubmissionInfo"]["ParameterAssignments"]["mail_to"] = list.into();
    });
}

fn log(stage: &Stage<'_>, workspace: &mut Workspace) {
    let bruno = stage.named("bruno");
    let run = workspace
        .table(Kind::Runs)
        .row(FIRST + 15)
        .map(|item| item.id.clone());
    let Some(run) = run else {
        return;
    };
    let container = format!("ExperimentRun/dcid.{run}");
    let id = workspace
        .table(Kind::Artifacts)
        .of(&container)
        .find(|(_, item)| log_of(item))
        .map(|(_, item)| item.id.clone());
    if let Some(item) = id.and_then(|id| workspace.table_mut(Kind::Artifacts).get_mut(&id))
        && let Some(blob) = &mut item.blob
    {
        let mut words = blob.bytes.to_vec();
        words.extend_from_slice(
            format!(
                "2023-05-05 12:00:01 submitted by {} <{}>\n2023-05-05 12:00:02 cwd C:\\Users\\{}\\churn\n",
                bruno.name, bruno.mail(), bruno.aliases[0]
            )
            .as_bytes(),
        );
        blob.bytes = Bytes::from(words);
    }
}

fn log_of(item: &Item) -> bool {
    matches!(
        item.field("path"),
        "user_logs/std_log.txt" | "azureml-logs/70_driver_log.txt"
    )
}
