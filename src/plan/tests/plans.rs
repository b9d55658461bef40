//! Whole plans: written, opened, shown, and damaged in every way that one byte allows.

use std::collections::BTreeMap;

use serde_json::json;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::drafts::free;
use crate::plan::Refusal;
use crate::plan::decide::Options;
use crate::plan::draft::draft;
use crate::plan::finish::{Seen, Terms, finish, write};
use crate::plan::item::{Chosen, Item};
use crate::plan::model::{Asked, Decision, Export, Plan, What};
use crate::plan::open::{Here, confirm, open, read};
use crate::plan::rest::Rest;
use crate::plan::samples::{item, scope};
use crate::plan::show::show;

const MADE: OffsetDateTime = datetime!(2026-11-21 17:00:00.25 UTC);
const LATER: OffsetDateTime = datetime!(2026-11-21 18:00 UTC);

fn terms() -> Terms {
    Terms {
        cloud: "the emulator".to_owned(),
        asked: Asked {
            by: Some("Ada Quill".to_owned()),
            case: Some("DSR-2026-114".to_owned()),
            reason: Some("erasure was asked for".to_owned()),
            targets: vec!["--subject".to_owned()],
            subject: vec![("upn".to_owned(), "dana@contoso.com".to_owned())],
        },
        made: MADE,
        valid_for: Duration::hours(24),
        approvals: 1,
        export: Export::Bag {
            name: "contoso-bag".to_owned(),
            manifest: "0".repeat(64),
        },
        findings: vec!["No lock stands in the way.".to_owned()],
    }
}

fn plan(items: Vec<Item>, rest: &Rest) -> Plan {
    let options = Options {
        max_items: 5_000,
        ..free()
    };
    let draft = draft(items, rest, scope(), &options).expect("a draft");
    let seen: BTreeMap<u32, Seen> = draft
        .steps()
        .map(|step| (step.step, Seen::Here(format!("sha256:{:064x}", step.step))))
        .collect();
    finish(draft, &seen, terms()).expect("a plan")
}

/// A plan with a bit of everything.
pub(in crate::plan) fn small() -> Plan {
    let run = json!({"runId": "r1", "dataContainerId": "dcid.r1"});
    let mut rest = Rest::default();
    for n in 0..2_000 {
        rest.see(&item("models", &format!("other:{n}"), json!({})), &free());
    }
    plan(
        vec![
            item("runs", "r1", run).under("experiments", "e1"),
            item("run-details", "r1", json!({})).under("runs", "r1"),
            item("metrics-v2", "r1//loss", json!({})).under("runs", "r1"),
            item("metrics-v2", "r1//auc", json!({})).under("runs", "r1"),
            item("models", "churn:3", json!({})).chosen(Chosen::Candidate),
            item("models", "odd\u{200f}name", json!({})).chosen(Chosen::Exact),
            item("environments", "env", json!({"name": "env"})),
            item("published-pipelines", "p1", json!({"Id": "p1"})),
        ],
        &rest,
    )
}

/// A plan with thousands of steps.
fn large() -> Plan {
    let items = (0..2_000).map(|n| item("models", &format!("churn:{n}"), json!({})));
    plan(items.collect(), &Rest::default())
}

fn here(scope: &crate::plan::model::Scope) -> Here<'_> {
    Here {
        scope,
        cloud: "the emulator",
        now: LATER,
        applied: false,
    }
}

fn opened(plan: &Plan, change: impl FnOnce(&mut Here<'_>)) -> Result<Plan, Refusal> {
    let scope = scope();
    let mut here = here(&scope);
    change(&mut here);
    open(&write(plan).expect("bytes"), here)
}

#[test]
fn what_was_written_is_opened_as_it_was() {
    for plan in [small(), large()] {
        assert_eq!(opened(&plan, |_| ()), Ok(plan));
    }
}

#[test]
fn a_plan_holds_here_and_now_only() {
    let plan = small();
    let at = |now: OffsetDateTime| opened(&plan, |here| here.now = now);
    assert!(matches!(
        at(datetime!(2026-11-22 17:00 UTC)),
        Err(Refusal::Expired { .. })
    ));
    assert!(at(datetime!(2026-11-22 16:59:59 UTC)).is_ok());
    assert!(matches!(
        at(datetime!(2026-11-21 16:54 UTC)),
        Err(Refusal::Early { .. })
    ));
    assert!(at(datetime!(2026-11-21 16:56 UTC)).is_ok());
    assert_eq!(
        opened(&plan, |here| here.applied = true),
        Err(Refusal::Applied)
    );
    let other_cloud = opened(&plan, |here| {
        here.cloud = "AzureCloud (management.azure.com)";
    });
    assert!(matches!(
        other_cloud,
        Err(Refusal::Foreign { what: "cloud", .. })
    ));
    let foreign = |change: fn(&mut crate::plan::model::Scope)| {
        let mut other = scope();
        change(&mut other);
        open(&write(&plan).expect("bytes"), here(&other))
    };
    assert!(matches!(
        foreign(|scope| scope.path.push('2')),
        Err(Refusal::Foreign { what: "place", .. })
    ));
    for id in [None, Some("w-2".to_owned())] {
        let mut other = scope();
        other.workspace_id = id;
        assert!(matches!(
            open(&write(&plan).expect("bytes"), here(&other)),
            Err(Refusal::Foreign { .. })
        ));
    }
    assert!(foreign(|scope| scope.path = scope.path.to_uppercase()).is_ok());
    // A reviewer may still read what has expired.
    assert!(read(&write(&plan).expect("bytes")).is_ok());
}

#[test]
fn a_confirmation_is_the_beginning_of_the_digest() {
    let plan = small();
    assert_eq!(confirm(&plan, &plan.digest[..8]), Ok(()));
    assert_eq!(confirm(&plan, &plan.digest.to_uppercase()), Ok(()));
    assert!(matches!(
        confirm(&plan, &plan.digest[..7]),
        Err(Refusal::ConfirmShort { .. })
    ));
    assert!(matches!(
        confirm(&plan, &plan.digest[1..10]),
        Err(Refusal::Unconfirmed { .. })
    ));
    assert!(confirm(&plan, &format!("{}0", plan.digest)).is_err());
}

#[test]
fn every_changed_byte_of_a_small_plan_is_noticed() {
    let bytes = write(&small()).expect("bytes");
    let scope = scope();
    for at in 0..bytes.len() {
        for change in [0x01, 0x20, 0x80] {
            let mut other = bytes.clone();
            other[at] ^= change;
            assert!(
                open(&other, here(&scope)).is_err(),
                "byte {at}, change {change}"
            );
        }
    }
}

#[test]
fn ten_thousand_changed_bytes_of_a_large_plan_are_noticed() {
    let bytes = write(&large()).expect("bytes");
    let scope = scope();
    // Two at a time, since each of them hashes a large file.
    std::thread::scope(|threads| {
        for seed in [5, 6] {
            let (bytes, scope) = (&bytes, &scope);
            threads.spawn(move || {
                let mut chance = fastrand::Rng::with_seed(seed);
                let mut other = bytes.clone();
                for _ in 0..5_000 {
                    let at = chance.usize(..bytes.len());
                    other[at] ^= chance.u8(1..);
                    assert!(open(&other, here(scope)).is_err(), "byte {at}");
                    other[at] = bytes[at];
                }
                assert!(open(&other, here(scope)).is_ok());
            });
        }
    });
}

/// Whoever changes a plan can seal it again: then it has to make sense, at least.
#[test]
fn a_plan_that_was_sealed_again_has_to_make_sense() {
    let refused = |what: &str, change: fn(&mut Plan)| {
        let mut plan = small();
        change(&mut plan);
        let bytes = write(&plan).expect("bytes");
        let says = read(&bytes).expect_err(what).to_string();
        assert!(says.contains(what), "{says}");
    };
    refused("which this version does not know", |plan| {
        plan.format = "aml-dsr-plan/2".to_owned();
    });
    refused("wave 7 is out of order", |plan| plan.waves[0].wave = 7);
    refused("step 9 is out of order", |plan| {
        plan.waves[0].steps[0].step = 9;
    });
    refused("which does not come before", |plan| {
        plan.waves[0].steps[0].needs = vec![2];
    });
    refused("which does not come before", |plan| {
        plan.waves[1].steps[0].needs = vec![99];
    });
    refused("is decided twice", |plan| {
        let again = plan.decisions[0].clone();
        plan.decisions.push(again);
    });
    refused("is decided twice", |plan| {
        plan.decisions[0].kind = "metrics-v2".to_owned();
        plan.decisions[0].id = "r1//auc".to_owned();
    });
    refused("erased without a step", |plan| {
        plan.decisions[0].decision = Decision::Delete;
    });
    refused("erased without a step", |plan| {
        plan.untouched[0].decision = Decision::Disable;
    });
    refused("leaves what it is about", |plan| {
        let call = &mut plan.waves[0].steps[0].calls[0].address;
        *call = call.replace("contoso", "contoso2");
    });
    refused("leaves what it is about", |plan| {
        plan.waves[0].steps[0].look.address = "/".to_owned();
    });
    refused("has no call", |plan| plan.waves[0].steps[0].calls.clear());
    refused("does not end in the call", |plan| {
        plan.waves[0].steps[0].calls[0].what = What::Cancel;
    });
    refused("does not fit its purpose", |plan| {
        plan.waves[0].steps[0].calls[0].verb = crate::plan::model::Verb::Post;
    });
    refused("repeats the call", |plan| {
        let calls = plan.waves[0].steps[0].calls.clone();
        plan.waves[2].steps[0].calls = calls;
    });
    refused("what its item looked like", |plan| {
        plan.waves[0].steps[0].fingerprint.clear();
    });
    refused("more than its own limits", |plan| plan.limits.max_items = 1);
    refused("more than its own limits", |plan| {
        plan.limits.max_percent = 0;
    });
    refused("ends before it begins", |plan| {
        plan.valid_until = "2026-11-20T00:00:00Z".to_owned();
    });
    refused("is no time", |plan| plan.made = "yesterday".to_owned());
}

#[test]
fn a_field_that_nobody_knows_is_refused() {
    let text = String::from_utf8(write(&small()).expect("bytes")).expect("text");
    let more = text.replacen("  \"tool\"", "  \"force\": true,\n  \"tool\"", 1);
    let doc = Raw(more);
    let says = read(&doc.sealed()).expect_err("a field").to_string();
    assert!(says.contains("force"), "{says}");
}

/// A text that is sealed as it stands.
struct Raw(String);

impl Raw {
    fn sealed(&self) -> Vec<u8> {
        let (head, end) = self.0.rsplit_once("\"digest\": \"").expect("a digest");
        let tail = &end[64..];
        let digest = crate::plan::seal::sha256(format!("{head}\"digest\": \"{tail}").as_bytes());
        format!("{head}\"digest\": \"{digest}{tail}").into_bytes()
    }
}

#[test]
fn what_is_no_plan_is_said() {
    for bytes in [&b""[..], b"{}", b"\xff\xfe", b"{\"digest\": \"x\"\n}\n"] {
        assert!(matches!(read(bytes), Err(Refusal::NoPlan(_))), "{bytes:?}");
    }
}

#[test]
fn nothing_in_a_plan_reaches_the_terminal_as_a_command() {
    let text = show(&small());
    assert!(text.contains(r"odd\u{200f}name"));
    assert!(
        text.chars()
            .all(|letter| letter == '\n' || !letter.is_control())
    );
}

#[test]
fn a_long_group_is_counted() {
    let candidates = (0..1_025)
        .map(|n| item("models", &format!("churn:{n}"), json!({})).chosen(Chosen::Candidate));
    let text = show(&plan(candidates.collect(), &Rest::default()));
    assert!(text.contains("Nothing is erased.") && text.contains("and 1,005 more of models"));
    assert!(text.lines().count() < 50);
}

#[test]
fn a_small_plan_as_a_file() {
    let text = String::from_utf8(write(&small()).expect("bytes")).expect("text");
    insta::assert_snapshot!(text, @r#"
    {
      "format": "aml-dsr-plan/1",
      "tool": "aml-dsr 0.1.0",
      "cloud": "the emulator",
      "scope": {
        "subscription": "00000000-0000-0000-0000-000000000001",
        "resource_group": "rg",
        "workspace": "contoso",
        "path": "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/contoso",
        "workspace_id": "w-1"
      },
      "asked": {
        "by": "Ada Quill",
        "case": "DSR-2026-114",
        "reason": "erasure was asked for",
        "targets": [
          "--subject"
        ],
        "subject": [
          [
            "upn",
            "dana@contoso.com"
          ]
        ]
      },
      "made": "2026-11-21T17:00:00Z",
      "valid_until": "2026-11-22T17:00:00Z",
      "limits": {
        "max_items": 5000,
        "max_percent": 100,
        "protect": []
      },
      "approvals": 1,
      "inventory": {
        "items": 2008,
        "gaps": 0
      },
      "export": {
        "bag": {
          "name": "contoso-bag",
          "manifest": "0000000000000000000000000000000000000000000000000000000000000000"
        }
      },
      "findings": [
        "No lock stands in the way."
      ],
      "waves": [
        {
          "wave": 1,
          "steps": [
            {
              "step": 1,
              "kind": "metrics-v2",
              "id": "r1//auc",
              "parent": {
                "kind": "runs",
                "id": "r1"
              },
              "calls": [
                {
                  "verb": "DELETE",
                  "base": "metric2",
                  "address": "/metric/v2.0/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/contoso/runs/r1/deleteMetrics",
                  "what": "erase"
                }
              ],
              "look": {
                "base": "metric2",
                "address": "/metric/v2.0/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/contoso/runs/r1/list",
                "body": "{}",
                "items": "value"
              },
              "fingerprint": "sha256:0000000000000000000000000000000000000000000000000000000000000001",
              "becomes": "erased",
              "needs": [],
              "covers": [
                "r1//loss"
              ],
              "places": []
            }
          ]
        },
        {
          "wave": 2,
          "steps": [
            {
              "step": 2,
              "kind": "published-pipelines",
              "id": "p1",
              "parent": null,
              "calls": [
                {
                  "verb": "PUT",
                  "base": "pipelines2",
                  "address": "/pipelines/v1.0/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/contoso/Pipelines/p1/status",
                  "what": "disable-status"
                }
              ],
              "look": {
                "base": "pipelines2",
                "address": "/pipelines/v1.0/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/contoso/Pipelines/p1",
                "body": null,
                "items": null
              },
              "fingerprint": "sha256:0000000000000000000000000000000000000000000000000000000000000002",
              "becomes": "disabled",
              "needs": [],
              "covers": [],
              "places": [
                {
                  "place": "the whole record, switched off",
                  "looked_at": false
                }
              ]
            }
          ]
        },
        {
          "wave": 3,
          "steps": [
            {
              "step": 3,
              "kind": "runs",
              "id": "r1",
              "parent": {
                "kind": "experiments",
                "id": "e1"
              },
              "calls": [
                {
                  "verb": "POST",
                  "base": "arm",
                  "address": "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/contoso/jobs/r1/cancel?api-version=2026-05-01",
                  "what": "cancel"
                },
                {
                  "verb": "DELETE",
                  "base": "arm",
                  "address": "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/contoso/jobs/r1?api-version=2026-05-01",
                  "what": "erase"
                }
              ],
              "look": {
                "base": "history",
                "address": "/history/v1.0/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/contoso/runs/r1",
                "body": null,
                "items": null
              },
              "fingerprint": "sha256:0000000000000000000000000000000000000000000000000000000000000003",
              "becomes": "erased",
              "needs": [
                1
              ],
              "covers": [],
              "places": [
                {
                  "place": "the workspace's storage account, container azureml, ExperimentRun/dcid.r1/",
                  "looked_at": false
                },
                {
                  "place": "the workspace's storage account, container azureml, ArtifactZip/ExperimentRun/dcid.r1.zip",
                  "looked_at": false
                },
                {
                  "place": "the workspace's storage account, container azureml, ComputeRecord/dcid.r1",
                  "looked_at": false
                }
              ]
            },
            {
              "step": 4,
              "kind": "models",
              "id": "odd‏name",
              "parent": null,
              "calls": [
                {
                  "verb": "DELETE",
                  "base": "models2",
                  "address": "/modelmanagement/v1.0/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/contoso/models/odd%E2%80%8Fname",
                  "what": "erase"
                }
              ],
              "look": {
                "base": "models2",
                "address": "/modelmanagement/v1.0/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/contoso/models/odd%E2%80%8Fname",
                "body": null,
                "items": null
              },
              "fingerprint": "sha256:0000000000000000000000000000000000000000000000000000000000000004",
              "becomes": "unregistered",
              "needs": [],
              "covers": [],
              "places": [
                {
                  "place": "its asset, and the files in the storage account",
                  "looked_at": false
                }
              ]
            }
          ]
        }
      ],
      "decisions": [
        {
          "kind": "run-details",
          "id": "r1",
          "decision": "with-parent",
          "reason": "it goes with runs/r1"
        },
        {
          "kind": "environments",
          "id": "env",
          "decision": "cannot",
          "reason": "the service has no delete for environments; it goes when the whole workspace is erased, and otherwise only Microsoft's support can be asked"
        },
        {
          "kind": "models",
          "id": "churn:3",
          "decision": "keep",
          "reason": "it may be about somebody else, and a person has to judge: name it with --include-item models/churn:3"
        }
      ],
      "untouched": [
        {
          "kind": "models",
          "decision": "keep",
          "reason": "it was not asked for",
          "items": 2000
        }
      ],
      "digest": "1465b5ace44adaa14301c7ffc8d5dfd8e3ac82f10d0bf1ef6731d9583032bfaf"
    }
    "#);
}

#[test]
fn a_small_plan_as_a_reviewer_reads_it() {
    insta::assert_snapshot!(show(&small()), @r#"
    Plan for the workspace contoso, resource group rg, subscription 00000000-0000-0000-0000-000000000001, in the emulator.
    Asked by Ada Quill, for the case DSR-2026-114: erasure was asked for
    Targets: --subject
    The person: upn dana@contoso.com
    Made 2026-11-21T17:00:00Z by aml-dsr 0.1.0, valid until 2026-11-22T17:00:00Z.
    Looked through 2,008 items, with 0 gaps.
    Limits: at most 5,000 items and 100 % of the workspace.
    Exported before: the bag contoso-bag, whose payload manifest has the SHA-256 0000000000000000000000000000000000000000000000000000000000000000.
    It wants 1 approval.

    Wave 1 of 3, 1 step
        1. erase metrics-v2/r1//auc: DELETE /runs/r1/deleteMetrics
           with the same call: r1//loss

    Wave 2 of 3, 1 step
        2. disable, not erase, published-pipelines/p1: PUT /Pipelines/p1/status
           may stay behind, and is not looked at: the whole record, switched off

    Wave 3 of 3, 2 steps
        3. erase runs/r1: POST /jobs/r1/cancel when it is active, then DELETE /jobs/r1
           only after 1
           may stay behind, and is not looked at: the workspace's storage account, container azureml, ExperimentRun/dcid.r1/
           may stay behind, and is not looked at: the workspace's storage account, container azureml, ArtifactZip/ExperimentRun/dcid.r1.zip
           may stay behind, and is not looked at: the workspace's storage account, container azureml, ComputeRecord/dcid.r1
        4. unregister models/odd\u{200f}name: DELETE /models/odd%E2%80%8Fname
           may stay behind, and is not looked at: its asset, and the files in the storage account

    Goes along
      run-details/r1: it goes with runs/r1

    Stays
      models/churn:3: it may be about somebody else, and a person has to judge: name it with --include-item models/churn:3

    Cannot be erased
      environments/env: the service has no delete for environments; it goes when the whole workspace is erased, and otherwise only Microsoft's support can be asked

    Everything else
      2,000 of models: it was not asked for

    Found out beforehand
      No lock stands in the way.

    Digest: 1465b5ace44adaa14301c7ffc8d5dfd8e3ac82f10d0bf1ef6731d9583032bfaf
    Carry it out: aml-dsr delete --plan FILE --confirm 1465b5ac
    "#);
}

#[test]
fn where_nothing_is_erased_nobody_is_said_to_have_wanted_no_export() {
    let mut plan = small();
    plan.export = Export::Without;
    assert!(show(&plan).contains("NOT EXPORTED BEFORE"));
    plan.waves.clear();
    assert!(!show(&plan).contains("NOT EXPORTED BEFORE"));
}
