//! Drafts of worlds that are made by hand.

use serde_json::{Value, json};

use crate::plan::Refusal;
use crate::plan::decide::Options;
use crate::plan::draft::{Draft, draft};
use crate::plan::item::{Chosen, Item};
use crate::plan::model::{Becomes, Decision, Verb, What};
use crate::plan::rest::{Held, Rest};
use crate::plan::samples::{PATH, item, scope};

/// Without limits, which small worlds would always pass.
pub(super) fn free() -> Options {
    Options {
        max_items: u64::MAX,
        max_percent: 100,
        ..Options::default()
    }
}

fn run(id: &str, parent: Option<&str>) -> Item {
    item(
        "runs",
        id,
        json!({"runId": id, "parentRunId": parent, "dataContainerId": format!("dcid.{id}")}),
    )
    .under("experiments", "e")
    .at("/history/v1.0/subscriptions/s")
}

fn experiment() -> Item {
    item(
        "experiments",
        "e",
        json!({"experimentId": "e", "name": "churn"}),
    )
    .under("workspaces", "contoso")
}

fn metric(run: &str, name: &str) -> Item {
    item(
        "metrics-v2",
        &format!("{run}//{name}"),
        json!({"metricKey": {"name": name}}),
    )
    .under("runs", run)
}

fn artifact(run: &str, path: &str) -> Item {
    let doc = json!({"origin": "ExperimentRun", "container": format!("dcid.{run}"), "path": path});
    item(
        "artifacts",
        &format!("ExperimentRun/dcid.{run}/{path}"),
        doc,
    )
    .under("runs", run)
}

fn of(items: Vec<Item>, rest: &Rest, options: &Options) -> Draft {
    draft(items, rest, scope(), options).expect("a draft")
}

fn of_items(items: Vec<Item>) -> Draft {
    of(items, &Rest::default(), &free())
}

/// `wave: kind/id` of all steps.
fn steps(draft: &Draft) -> Vec<String> {
    draft
        .waves
        .iter()
        .flat_map(|wave| {
            wave.steps
                .iter()
                .map(move |step| format!("{}: {}/{}", wave.wave, step.kind, step.id))
        })
        .collect()
}

fn reason<'d>(draft: &'d Draft, kind: &str, id: &str) -> (Decision, &'d str) {
    let found = draft
        .decisions
        .iter()
        .find(|one| one.kind == kind && one.id == id);
    let found = found.unwrap_or_else(|| {
        panic!(
            "nothing was decided about {kind}/{id}: {:?}",
            draft.decisions
        )
    });
    (found.decision, &found.reason)
}

#[test]
fn an_experiment_goes_last_and_its_runs_from_the_leaves() {
    let draft = of_items(vec![
        experiment(),
        run("a", None),
        run("b", Some("a")),
        metric("b", "loss"),
        metric("b", "auc"),
        artifact("b", "outputs/model.pkl"),
        item("run-details", "a", json!({"runId": "a"})).under("runs", "a"),
        item("metrics", "m", json!({"metricId": "m", "runId": "a"})).under("experiments", "e"),
    ]);
    let steps = steps(&draft);
    assert_eq!(
        steps,
        [
            "1: metrics-v2/b//auc",
            "1: artifacts/ExperimentRun/dcid.b/outputs/model.pkl",
            "2: runs/b",
            "3: runs/a",
            "4: experiments/e"
        ]
    );
    let all: Vec<_> = draft.steps().collect();
    assert_eq!(all[0].covers, ["b//loss"]);
    assert_eq!(all[2].needs, [1, 2]);
    assert_eq!(all[3].needs, [3]);
    assert_eq!(all[4].needs, [3, 4]);
    assert_eq!(reason(&draft, "run-details", "a").0, Decision::WithParent);
    assert_eq!(
        reason(&draft, "metrics", "m"),
        (Decision::WithParent, "it goes with runs/a")
    );
    assert_eq!(draft.takes(), 8);
}

#[test]
fn the_calls_of_a_run_are_those_of_its_row() {
    let draft = of_items(vec![run("r 1", None)]);
    let step = draft.steps().next().expect("a step");
    let calls: Vec<_> = step
        .calls
        .iter()
        .map(|call| (call.verb, call.what, call.address.as_str()))
        .collect();
    assert_eq!(
        calls,
        [
            (
                Verb::Post,
                What::Cancel,
                &*format!("{PATH}/jobs/r%201/cancel?api-version=2026-05-01")
            ),
            (
                Verb::Delete,
                What::Erase,
                &*format!("{PATH}/jobs/r%201?api-version=2026-05-01")
            ),
        ]
    );
    assert_eq!(step.look.address, format!("/history/v1.0{PATH}/runs/r%201"));
    let places: Vec<_> = step
        .places
        .iter()
        .map(|place| place.place.as_str())
        .collect();
    assert_eq!(
        places,
        [
            "the workspace's storage account, container azureml, ExperimentRun/dcid.r 1/",
            "the workspace's storage account, container azureml, ArtifactZip/ExperimentRun/dcid.r 1.zip",
            "the workspace's storage account, container azureml, ComputeRecord/dcid.r 1",
        ]
    );
}

#[test]
fn a_compute_that_was_attached_is_let_go() {
    let compute = |id: &str, doc: Value| item("computes", id, doc);
    let draft = of_items(vec![
        compute(
            "a",
            json!({"properties": {"isAttachedCompute": true, "resourceId": "/subscriptions/s/aks"}}),
        ),
        compute("b", json!({"properties": {"isAttachedCompute": false}})),
        compute("c", json!({"properties": {"computeType": "AmlCompute"}})),
        compute("d", json!({"properties": {"computeType": "Databricks"}})),
    ]);
    let hows: Vec<_> = draft
        .steps()
        .map(|step| {
            let (_, how) = step.calls[0]
                .address
                .split_once("underlyingResourceAction=")
                .expect("explicit");
            (how, step.becomes)
        })
        .collect();
    assert_eq!(
        hows,
        [
            ("Detach", Becomes::Unregistered),
            ("Delete", Becomes::Erased),
            ("Delete", Becomes::Erased),
            ("Detach", Becomes::Unregistered)
        ]
    );
}

#[test]
fn an_experiment_with_a_run_that_was_not_asked_for_stays() {
    let options = free();
    let mut rest = Rest::default();
    rest.see(&run("other", None), &options);
    let draft = of(vec![experiment(), run("mine", None)], &rest, &options);
    assert_eq!(steps(&draft), ["1: runs/mine"]);
    let (decision, why) = reason(&draft, "experiments", "e");
    assert_eq!(decision, Decision::Keep);
    assert!(
        why.starts_with("1 runs hang on it that were not asked for"),
        "{why}"
    );
    assert_eq!(
        (draft.untouched[0].kind.as_str(), draft.untouched[0].items),
        ("runs", 1)
    );
}

#[test]
fn one_call_for_all_metrics_of_a_run_takes_none_that_was_not_chosen() {
    let options = free();
    let mut rest = Rest::default();
    rest.see(&metric("r", "auc"), &options);
    let draft = of(
        vec![metric("r", "loss"), metric("q", "loss")],
        &rest,
        &options,
    );
    assert_eq!(steps(&draft), ["1: metrics-v2/q//loss"]);
    assert!(
        reason(&draft, "metrics-v2", "r//loss")
            .1
            .contains("1 of them were not asked for")
    );
    // Nor one that is protected, or waits for a person's word.
    let candidate = metric("r", "auc").chosen(Chosen::Candidate);
    let draft = of_items(vec![metric("r", "loss"), candidate]);
    assert!(steps(&draft).is_empty());
    assert!(
        reason(&draft, "metrics-v2", "r//loss")
            .1
            .contains("the same call")
    );
}

#[test]
fn what_hangs_on_something_protected_stays_and_so_does_what_is_above() {
    let options = free()
        .protecting(&["runs/legal".to_owned()])
        .expect("globs");
    let world = vec![
        experiment(),
        run("legal", Some("parent")),
        run("parent", None),
        run("free", None),
        artifact("legal", "a.txt"),
        artifact("parent", "b.txt"),
    ];
    let draft = of(world, &Rest::default(), &options);
    assert_eq!(
        steps(&draft),
        [
            "1: artifacts/ExperimentRun/dcid.parent/b.txt",
            "2: runs/free"
        ]
    );
    assert_eq!(
        reason(&draft, "artifacts", "ExperimentRun/dcid.legal/a.txt").1,
        "runs/legal, on which it hangs, is protected"
    );
    assert_eq!(
        reason(&draft, "runs", "parent").1,
        "runs/legal hangs on it, and stays"
    );
    assert_eq!(reason(&draft, "experiments", "e").0, Decision::Keep);
}

#[test]
fn a_tag_on_an_experiment_that_nobody_chose_protects_its_runs() {
    let options = free();
    let mut rest = Rest::default();
    let tagged = item("experiments", "e", json!({"tags": {"aml-dsr-keep": "yes"}}));
    rest.see(&tagged, &options);
    let draft = of(vec![run("mine", None)], &rest, &options);
    assert!(steps(&draft).is_empty());
    assert!(reason(&draft, "runs", "mine").1.contains("aml-dsr-keep"));
}

#[test]
fn the_two_faces_of_a_run_are_one_step() {
    let job = || item("jobs", "r", json!({"name": "r"})).under("workspaces", "contoso");
    // A job shows a display name only, so a person is never more than a candidate there.
    let draft = of_items(vec![
        job().chosen(Chosen::Candidate),
        run("r", None).chosen(Chosen::Exact),
    ]);
    assert_eq!(steps(&draft), ["1: runs/r"]);
    assert_eq!(
        reason(&draft, "jobs", "r"),
        (Decision::WithParent, "it is runs/r seen by another service")
    );
    // Protected as one of them is protected as the other, whether it was chosen or not.
    let tagged = item(
        "jobs",
        "r",
        json!({"properties": {"tags": {"aml-dsr-keep": ""}}}),
    );
    let draft = of_items(vec![tagged.clone(), run("r", None)]);
    assert!(steps(&draft).is_empty());
    let mut rest = Rest::default();
    rest.see(&tagged, &free());
    let draft = of(vec![run("r", None)], &rest, &free());
    assert!(steps(&draft).is_empty());
}

#[test]
fn runs_that_belong_to_each_other_in_a_circle_are_said() {
    let draft = of_items(vec![
        run("a", Some("b")),
        run("b", Some("c")),
        run("c", Some("a")),
        run("d", Some("a")),
        run("self", Some("self")),
        experiment(),
    ]);
    assert_eq!(steps(&draft), ["1: runs/d", "1: runs/self"]);
    for id in ["a", "b", "c"] {
        assert!(reason(&draft, "runs", id).1.contains("parentRunId"), "{id}");
    }
    assert_eq!(reason(&draft, "experiments", "e").0, Decision::Keep);
}

#[test]
fn an_item_seen_twice_is_one_and_its_strongest_choice_counts() {
    let draft = of_items(vec![
        artifact("a", "x").chosen(Chosen::Candidate),
        artifact("a", "x").chosen(Chosen::Exact),
        artifact("a", "x").chosen(Chosen::Belongs),
    ]);
    assert_eq!(
        (
            draft.steps().count(),
            draft.decisions.len(),
            draft.inventory.items
        ),
        (1, 0, 1)
    );
}

#[test]
fn what_the_export_does_not_hold_keeps_what_it_hangs_on() {
    let mut held = Held::default();
    held.add("runs", "r");
    held.add("artifacts", "ExperimentRun/dcid.r/old");
    let options = Options {
        held: Some(held),
        ..free()
    };
    let world = vec![run("r", None), artifact("r", "old"), artifact("r", "new")];
    let draft = of(world, &Rest::default(), &options);
    assert_eq!(steps(&draft), ["1: artifacts/ExperimentRun/dcid.r/old"]);
    assert!(
        reason(&draft, "artifacts", "ExperimentRun/dcid.r/new")
            .1
            .contains("export")
    );
    assert_eq!(reason(&draft, "runs", "r").0, Decision::Keep);
}

#[test]
fn a_whole_workspace_is_one_step() {
    let options = Options {
        whole: true,
        ..Options::default()
    };
    let workspace = || item("workspaces", PATH, json!({"name": "contoso"}));
    let mut rest = Rest::default();
    for n in 0..40 {
        rest.see(&run(&n.to_string(), None), &options);
    }
    let draft = of(
        vec![
            workspace(),
            item("models", "m", json!({})),
            item("role-assignments", "a", json!({})),
        ],
        &rest,
        &options,
    );
    assert_eq!(steps(&draft), [format!("1: workspaces/{PATH}")]);
    let step = draft.steps().next().expect("a step");
    assert_eq!(
        step.calls[0].address,
        format!("{PATH}?api-version=2026-05-01&forceToPurge=true")
    );
    assert_eq!(step.becomes, Becomes::Erased);
    let counts: Vec<_> = draft
        .untouched
        .iter()
        .map(|one| (one.kind.as_str(), one.decision, one.items))
        .collect();
    assert_eq!(
        counts,
        [
            ("models", Decision::WithParent, 1),
            // It may be set for the subscription, and then it stays.
            ("role-assignments", Decision::Keep, 1),
            ("runs", Decision::WithParent, 40)
        ]
    );
    let soft = Options {
        soft: true,
        ..options.clone()
    };
    let draft = of(vec![workspace()], &rest, &soft);
    let step = draft.steps().next().expect("a step");
    assert_eq!(
        step.calls[0].address,
        format!("{PATH}?api-version=2026-05-01")
    );
    assert_eq!(step.becomes, Becomes::SoftDeleted);
    // One protected thing in it, and it stays.
    rest.see(
        &item("models", "m", json!({"kvTags": {"aml-dsr-keep": "1"}})),
        &options,
    );
    let draft = of(vec![workspace()], &rest, &options);
    assert!(steps(&draft).is_empty());
    assert!(
        reason(&draft, "workspaces", PATH)
            .1
            .starts_with("1 of its items are protected (models/m)")
    );
    assert!(
        draft
            .untouched
            .iter()
            .all(|one| one.decision == Decision::Keep)
    );
    // A workspace that was never seen is none.
    assert_eq!(draft_of_nothing(&options), Err(Refusal::NoWorkspace));
}

fn draft_of_nothing(options: &Options) -> Result<Draft, Refusal> {
    draft(Vec::new(), &Rest::default(), scope(), options)
}

#[test]
fn limits_count_what_goes_along() {
    let options = Options {
        max_items: 4,
        max_percent: 100,
        ..Options::default()
    };
    let world = || {
        vec![
            run("a", None),
            item("run-details", "a", json!({})).under("runs", "a"),
            metric("a", "loss"),
            metric("a", "auc"),
        ]
    };
    assert!(draft(world(), &Rest::default(), scope(), &options).is_ok());
    let mut more = world();
    more.push(artifact("a", "x"));
    assert_eq!(
        draft(more, &Rest::default(), scope(), &options),
        Err(Refusal::TooMany {
            wanted: 5,
            allowed: 4
        })
    );
}
