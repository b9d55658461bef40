use super::*;
use crate::kinds::Base;
use crate::plan::model::{
    Asked, Becomes, Call, Decided, Inventory, Limits, LookAt, Untouched, Verb, Wave, What,
};
use serde_json::json;

/// What would name somebody. Three letters alone may stand in any hash.
const PERSON: [&str; 9] = [
    "ada_", "ada-", "ada@", " ada", "lovelace", "5c1d0a2e", "fraud", "grace", "manager",
];

/// A step whose every text names somebody.
pub(crate) fn step(number: u32, kind: &str, id: &str) -> Step {
    Step {
        step: number,
        kind: kind.to_owned(),
        id: id.to_owned(),
        parent: None,
        calls: vec![Call {
            verb: Verb::Delete,
            base: Base::Arm,
            address: format!("/subscriptions/s/{kind}/{id}"),
            what: What::Erase,
        }],
        look: LookAt {
            base: Base::Arm,
            address: format!("/subscriptions/s/{kind}/{id}"),
            body: None,
            items: None,
        },
        fingerprint: "etag:ada".to_owned(),
        becomes: Becomes::Erased,
        needs: Vec::new(),
        covers: Vec::new(),
        places: Vec::new(),
    }
}

/// A plan for Ada, with these steps.
pub(crate) fn plan(steps: Vec<Step>) -> Plan {
    let mut plan = Plan {
        format: crate::plan::model::FORMAT.to_owned(),
        tool: "aml-dsr 0.1.0".to_owned(),
        cloud: "the emulator".to_owned(),
        scope: Scope {
            subscription: "11111111-2222-3333-4444-555555555555".to_owned(),
            resource_group: "rg-contoso-ml".to_owned(),
            workspace: "contoso-ml".to_owned(),
            path: "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-contoso-ml/providers/Microsoft.MachineLearningServices/workspaces/contoso-ml".to_owned(),
            workspace_id: Some("0f0f0f0f-0000-4000-8000-000000000001".to_owned()),
        },
        asked: Asked {
            by: Some("Grace Manager".to_owned()),
            case: Some("DSR-2026-0007".to_owned()),
            reason: Some("Ada Lovelace left and asked for it".to_owned()),
            targets: vec!["--subject ada@contoso.com".to_owned()],
            subject: vec![
                ("mail".to_owned(), "ada@contoso.com".to_owned()),
                ("object-id".to_owned(), "5c1d0a2e-0000-4000-8000-000000000001".to_owned()),
            ],
        },
        made: "2026-11-20T08:00:00Z".to_owned(),
        valid_until: "2026-11-21T08:00:00Z".to_owned(),
        limits: Limits {
            max_items: 1000,
            max_percent: 25,
            protect: vec!["models/ada*".to_owned()],
        },
        approvals: 2,
        inventory: Inventory { items: 40, gaps: 0 },
        export: Export::Bag {
            name: "ada-bag".to_owned(),
            manifest: "ab".repeat(32),
        },
        findings: vec!["Ada has a lock".to_owned()],
        waves: vec![Wave { wave: 1, steps }],
        decisions: vec![
            Decided {
                kind: "artifacts".to_owned(),
                id: "ExperimentRun/dcid.ada_1/x".to_owned(),
                decision: Decision::WithParent,
                reason: "it goes with ada_1".to_owned(),
            },
            Decided {
                kind: "models".to_owned(),
                id: "ada-keep:1".to_owned(),
                decision: Decision::Keep,
                reason: "protected by ada*".to_owned(),
            },
        ],
        untouched: vec![Untouched {
            kind: "models".to_owned(),
            decision: Decision::Keep,
            reason: "not Ada's".to_owned(),
            items: 30,
        }],
        digest: seal::unsealed(),
    };
    let (_, digest) = seal::seal(&plan).expect("sealed");
    plan.digest = digest;
    plan
}

pub(crate) fn outcome(step: u32, state: State) -> Outcome {
    Outcome {
        step,
        state,
        at: "2026-11-20T09:00:00Z".to_owned(),
        requests: vec!["7b1f8a56-0000-4000-8000-00000000abcd".to_owned()],
    }
}

/// What lies around the workspace of the emulator.
pub(crate) fn around() -> Around {
    let mut around = Around::default();
    around.note("datastores", &json!({"name": "ada-data", "azureStorageSection": {"accountName": "stcontosoml", "containerName": "ada"}}));
    around.note(
        "arm-datastores",
        &json!({"properties": {"accountName": "stresearch", "containerName": "ada"}}),
    );
    around.note(
        "connections",
        &json!({"properties": {"target": "https://ada.contoso.com"}}),
    );
    around.note("models", &json!({"source": "azureml://registries/contoso-shared/models/ada/versions/1", "base": "azureml://registries/azureml/models/x"}));
    around.note(
        "workspaces",
        &json!({"properties": {
            "storageAccount": "/subscriptions/s/resourceGroups/rg/providers/microsoft.storage/storageAccounts/stcontosoml",
            "keyVault": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kvcontosoml",
            "containerRegistry": null,
            "applicationInsights": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.insights/components/aicontosoml",
            "hubResourceId": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/hub",
        }}),
    );
    around
}

pub(crate) fn facts(around: &Around) -> Facts<'_> {
    Facts {
        tool: "aml-dsr 0.1.0",
        began: "2026-11-20T08:59:00Z",
        ended: "2026-11-20T09:01:00Z",
        journal: Journal {
            lines: 9,
            last: "cd".repeat(32),
        },
        approvals: &[],
        responsible: None,
        around,
        public_key: None,
    }
}

/// One step for each state, and one that was not tried.
pub(crate) fn every_state() -> (Plan, Vec<Outcome>) {
    let place = "storage account stcontosoml, container azureml, ExperimentRun/dcid.ada_1/";
    let why = || "ada is still there".to_owned();
    let states = [
        State::Erased,
        State::AlreadyGone,
        State::BytesRemain {
            places: vec![place.to_owned()],
        },
        State::NotLookedAt {
            places: vec![place.replace("ExperimentRun/dcid.", "ArtifactZip/")],
        },
        State::SoftDeleted {
            until: "2026-12-04".to_owned(),
        },
        State::Disabled,
        State::Archived,
        State::ChangedKept { why: why() },
        State::Kept { why: why() },
        State::Unconfirmed { why: why() },
        State::Failed {
            why: why(),
            status: Some(409),
            code: Some("ScopeLocked".to_owned()),
        },
        State::Cannot { why: why() },
    ];
    let mut steps: Vec<Step> = (1..=13)
        .map(|n| step(n, "runs", &format!("ada_lovelace_fraud_{n}")))
        .collect();
    steps[0].covers = vec!["ada_a".to_owned(), "ada_b".to_owned()];
    steps[0].kind = "metrics-v2".to_owned();
    let outcomes = (1..).zip(states).map(|(n, state)| outcome(n, state));
    (plan(steps), outcomes.collect())
}

#[test]
fn nobody_is_named() {
    let (plan, outcomes) = every_state();
    let (around, key) = (around(), Key::new([9; 32]));
    let approvals = ["Grace Manager".to_owned(), "grace manager ".to_owned()];
    let facts = Facts {
        approvals: &approvals,
        ..facts(&around)
    };
    let receipt = receipt(&plan, &outcomes, &facts, &key);
    let (bytes, _) = seal::seal(&receipt).expect("sealed");
    let text = String::from_utf8(bytes).expect("text").to_lowercase();
    for name in PERSON {
        assert!(
            !text.contains(name),
            "{name} stands in the receipt:\n{text}"
        );
    }
    assert!(
        !text.contains(&"09".repeat(32)),
        "the key stands in the receipt"
    );
    assert_eq!(receipt.approvals.given, 1, "one person approved twice");
    assert_eq!(receipt.subject.len(), 2);
    assert!(receipt.asked_by.is_some());
    // Whoever has the key finds everything again.
    assert_eq!(
        receipt.items[1].item,
        key.hash(Of::Item("runs", "ada_lovelace_fraud_2"))
    );
}

#[test]
fn every_step_has_its_end_and_every_item_is_counted() {
    let (plan, outcomes) = every_state();
    let around = around();
    let receipt = receipt(&plan, &outcomes, &facts(&around), &Key::new([9; 32]));
    let ends: Vec<End> = receipt.items.iter().map(|item| item.state).collect();
    let mut sorted = ends.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, End::ALL);
    let counted: u64 = receipt.counts.iter().map(|count| count.items).sum();
    assert_eq!(counted, 13 + 2, "two are covered by the first step");
    assert_eq!(receipt.items[12].at, None);
    assert_eq!(receipt.items[4].until.as_deref(), Some("2026-12-04"));
    assert_eq!(receipt.items[10].code.as_deref(), Some("ScopeLocked"));
    let left: Vec<_> = receipt
        .without_step
        .iter()
        .map(|left| (left.kind.as_str(), left.decision, left.asked, left.items))
        .collect();
    assert_eq!(
        left,
        [
            ("artifacts", Decision::WithParent, true, 1),
            ("models", Decision::Keep, false, 30),
            ("models", Decision::Keep, true, 1),
        ]
    );
}

#[test]
fn what_a_service_wrote_is_left_out_when_it_is_no_word() {
    let plan = plan(vec![step(1, "models", "fraud:3")]);
    let mut end = outcome(
        1,
        State::Failed {
            why: String::new(),
            status: None,
            code: Some("Ada Lovelace said no".to_owned()),
        },
    );
    end.requests.push("ada lovelace".to_owned());
    let around = around();
    let receipt = receipt(&plan, &[end], &facts(&around), &Key::new([9; 32]));
    assert_eq!(receipt.items[0].code, None);
    assert_eq!(receipt.items[0].requests.len(), 1);
}

#[test]
fn places_are_told_by_their_forms() {
    let of = |looked_at, place: &str| crate::plan::model::Place {
        place: place.to_owned(),
        looked_at,
    };
    let blob = "storage account stcontosoml, container azureml, ExperimentRun/dcid.ada_1/outputs/a";
    let mut first = step(1, "artifacts", "ExperimentRun/dcid.ada_1/outputs/a");
    first.places = vec![of(true, blob), of(false, "a drawer of Ada")];
    let around = around();
    let see = |state: Option<State>| {
        let outcomes: Vec<Outcome> = state.into_iter().map(|state| outcome(1, state)).collect();
        let receipt = receipt(
            &plan(vec![first.clone()]),
            &outcomes,
            &facts(&around),
            &Key::new([9; 32]),
        );
        let places = receipt.items[0].places.iter();
        let text: Vec<String> = places
            .map(|place| {
                format!(
                    "{} {} {:?}",
                    place.storage_account.as_deref().unwrap_or("-"),
                    place.pattern,
                    place.bytes
                )
            })
            .collect();
        text.join(" | ")
    };
    let known = "stcontosoml ExperimentRun/dcid.*/";
    assert_eq!(
        see(Some(State::Erased)),
        format!("{known} Gone | - * NotLookedAt")
    );
    assert_eq!(
        see(Some(State::AlreadyGone)),
        format!("{known} NotLookedAt | - * NotLookedAt")
    );
    assert_eq!(see(None), format!("{known} Untouched | - * Untouched"));
    assert_eq!(
        see(Some(State::BytesRemain {
            places: vec![blob.to_owned()]
        })),
        format!("{known} Remain | - * NotLookedAt")
    );
    // Told in other words, nobody knows whether it is the same place: then it is not said to be gone.
    assert_eq!(
        see(Some(State::BytesRemain {
            places: vec![
                "https://stcontosoml.blob/azureml/ExperimentRun/dcid.ada_1/outputs/a".to_owned()
            ]
        })),
        format!("{known} Remain | {known} NotLookedAt | - * NotLookedAt")
    );
}

#[test]
fn what_remains_and_whom_to_tell() {
    let (plan, outcomes) = every_state();
    let around = around();
    let receipt = receipt(&plan, &outcomes, &facts(&around), &Key::new([9; 32]));
    let lines = |text: Vec<String>| text.join("\n");
    let name = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or("-");
        let of_azure = text.starts_with("/subscriptions/");
        let last = text.rsplit('/').next().filter(|_| of_azure);
        last.unwrap_or(text).to_owned()
    };
    let remains = receipt.remains.iter();
    let remains = remains.map(|one| {
        let what = serde_json::to_value(one.what).expect("a word");
        format!(
            "{} {} {}",
            what.as_str().unwrap_or_default(),
            name(&one.place),
            one.items.unwrap_or(0)
        )
    });
    insta::assert_snapshot!(lines(remains.collect()), @r"
    not-erased contoso-ml 8
    without-step contoso-ml 1
    soft-deleted contoso-ml 1
    bytes stcontosoml: ArtifactZip/* 1
    bytes stcontosoml: ExperimentRun/dcid.*/ 1
    storage-account stcontosoml 0
    other-storage stresearch 0
    key-vault kvcontosoml 0
    container-registry - 0
    application-insights aicontosoml 0
    log-analytics - 0
    registries - 0
    soft-delete-layers - 0
    back-ups - 0
    telemetry - 0
    exported-copy the bag with the payload manifest abababababababababababababababababababababababababababababababab 0
    plan-and-journal - 0
    ");
    let notify = receipt.notify.iter();
    let notify = notify.map(|one| {
        let whom = serde_json::to_value(one.whom).expect("a word");
        format!(
            "{} {} {}",
            whom.as_str().unwrap_or_default(),
            name(&one.place),
            one.items.unwrap_or(0)
        )
    });
    insta::assert_snapshot!(lines(notify.collect()), @r"
    registry contoso-shared 0
    linked-workspace hub 0
    datastore stresearch 0
    connection - 1
    export the bag with the payload manifest abababababababababababababababababababababababababababababababab 0
    others - 0
    ");
}

#[test]
fn a_replay_list_holds_what_is_gone() {
    use crate::plan::replay::{Replay, matches, replay};
    let (plan, outcomes) = every_state();
    let key = Key::new([9; 32]);
    let list = replay(&plan, &outcomes, "2026-11-20T09:01:00Z", &key);
    let (bytes, _) = seal::seal(&list).expect("sealed");
    let list = Replay::open(&bytes).expect("a list");
    list.accepts(&key).expect("its key");
    assert!(list.accepts(&Key::new([8; 32])).is_err());
    assert_eq!(list.items.len(), 5 + 2);
    assert!(matches(&key, &list, "metrics-v2", "ada_b"));
    assert!(matches(&key, &list, "runs", "ada_lovelace_fraud_5"));
    for still_there in [6, 8, 11, 13] {
        let id = format!("ada_lovelace_fraud_{still_there}");
        assert!(!matches(&key, &list, "runs", &id), "{id}");
    }
    assert!(!matches(
        &key,
        &list,
        "artifacts",
        "ExperimentRun/dcid.ada_1/x"
    ));
    // When everything is gone, what went with it is on the list too.
    let all: Vec<Outcome> = (1..=13).map(|n| outcome(n, State::Erased)).collect();
    let list = replay(&plan, &all, "2026-11-20T09:01:00Z", &key);
    assert!(matches(
        &key,
        &list,
        "artifacts",
        "ExperimentRun/dcid.ada_1/x"
    ));
    assert!(!matches(&key, &list, "models", "ada-keep:1"));
    let mut other = bytes;
    other[40] ^= 1;
    assert!(Replay::open(&other).is_err());
}
