//! Plans made from the rows, as a drafter makes them, small enough to be read.

use serde_json::Value;

use super::desk::{Desk, Fact};
use crate::kinds::item::first;
use crate::kinds::removal::{Act, First, Leaves, Look, Remove, address, filled};
use crate::kinds::{self, Ask, Base};
use crate::plan::fingerprint::{Seen, seen};
use crate::plan::model::{
    Asked, Becomes, Call, Export, FORMAT, Inventory, Limits, LookAt, Parent, Place, Plan, Step,
    Verb, Wave, What,
};
use crate::plan::seal;
use crate::wire::look::Looker;

impl Desk {
    /// A plan with these items, wave by wave, as they are now.
    pub(super) async fn plan(&self, waves: &[&[&Fact]]) -> Plan {
        let mut steps: Vec<Vec<Step>> = Vec::new();
        let mut number = 0;
        for wave in waves {
            let mut all = Vec::new();
            for fact in *wave {
                number += 1;
                let mut step = self.step(number, fact);
                step.needs = steps
                    .iter()
                    .flatten()
                    .filter(|earlier: &&Step| hangs(earlier, &step))
                    .map(|earlier| earlier.step)
                    .collect();
                let looker = Looker::new(self.wire.clone(), self.hosts.clone());
                let at = &step.look;
                let sight = looker
                    .see(
                        at.base,
                        &at.address,
                        at.body.as_deref(),
                        at.items.as_deref(),
                    )
                    .await
                    .expect("what the test needs");
                let kind = kinds::find(&step.kind).expect("what the test needs");
                if let Seen::Here { fingerprint, .. } = seen(kind, &step, sight) {
                    step.fingerprint = fingerprint;
                }
                assert!(
                    !step.fingerprint.is_empty(),
                    "{} {} is not seen at {}",
                    step.kind,
                    step.id,
                    step.look.address
                );
                all.push(step);
            }
            steps.push(all);
        }
        self.sealed(steps)
    }

    pub(super) fn sealed(&self, waves: Vec<Vec<Step>>) -> Plan {
        let mut plan = Plan {
            format: FORMAT.to_owned(),
            tool: "aml-dsr test".to_owned(),
            cloud: "the emulator".to_owned(),
            scope: self.scope.clone(),
            asked: Asked::default(),
            made: "2026-11-21T10:00:00Z".to_owned(),
            valid_until: "2026-11-22T10:00:00Z".to_owned(),
            limits: Limits {
                max_items: 1000,
                max_percent: 25,
                protect: Vec::new(),
            },
            approvals: 0,
            inventory: Inventory::default(),
            export: Export::Without,
            findings: Vec::new(),
            waves: (1..)
                .zip(waves)
                .map(|(wave, steps)| Wave { wave, steps })
                .collect(),
            decisions: Vec::new(),
            untouched: Vec::new(),
            digest: seal::unsealed(),
        };
        plan.digest = seal::seal(&plan).expect("what the test needs").1;
        plan
    }

    fn step(&self, number: u32, fact: &Fact) -> Step {
        let kind = kinds::find(&fact.kind).expect("what the test needs");
        let remove = &kind.remove[0];
        let parent = parent(fact);
        let (id, above) = (fact.id.as_str(), parent.as_ref().map(|one| one.id.as_str()));
        let fill = |template: &str| {
            filled(template, id, above, &fact.doc)
                .unwrap_or_else(|| panic!("{} {id}: {template}", fact.kind))
        };
        let place = |base: Base, template: &str| address(base, &self.scope.path, &fill(template));
        let mut calls: Vec<Call> = remove
            .first
            .iter()
            .map(|first| match first {
                First::Cancel { path, .. } => call(
                    Verb::Post,
                    remove.base,
                    place(remove.base, path),
                    What::Cancel,
                ),
                First::SwitchOff => call(
                    Verb::Put,
                    remove.base,
                    place(remove.base, remove.path),
                    What::SwitchOff,
                ),
                First::Unroute { path } => call(
                    Verb::Put,
                    remove.base,
                    place(remove.base, path),
                    What::Unroute,
                ),
                First::Also(path, base) => {
                    call(Verb::Delete, *base, place(*base, path), What::Erase)
                }
            })
            .collect();
        calls.push(last(remove, place(remove.base, remove.path), &fact.doc));
        let (base, template) = remove.look.at();
        let (body, items) = match remove.look {
            Look::One(..) => (None, None),
            Look::In(_, Ask::Get(_), items) => (None, Some(items.to_owned())),
            Look::In(_, Ask::Query(_, body), items) => {
                (Some(body.to_owned()), Some(items.to_owned()))
            }
        };
        Step {
            step: number,
            kind: fact.kind.clone(),
            id: fact.id.clone(),
            calls,
            look: LookAt {
                base,
                address: place(base, template),
                body,
                items,
            },
            fingerprint: String::new(),
            becomes: match (remove.act, fact.kind.as_str()) {
                (Act::PutDisabled | Act::PutStatus, _) => Becomes::Disabled,
                (_, "datastores" | "datasets") => Becomes::Unregistered,
                _ => Becomes::Erased,
            },
            needs: Vec::new(),
            covers: Vec::new(),
            places: places(remove, fact),
            parent,
        }
    }
}

fn call(verb: Verb, base: Base, address: String, what: What) -> Call {
    Call {
        verb,
        base,
        address,
        what,
    }
}

fn last(remove: &Remove, address: String, doc: &Value) -> Call {
    let with = |more: &str| {
        format!(
            "{address}{}{more}",
            if address.contains('?') { "&" } else { "?" }
        )
    };
    let (verb, what, address) = match remove.act {
        Act::Delete => (Verb::Delete, What::Erase, address),
        Act::DeleteEntity => (Verb::Delete, What::EraseEntity, address),
        Act::DeleteCompute => {
            let attached = first(doc, "properties/isAttachedCompute").as_deref() == Some("true");
            let how = if attached { "Detach" } else { "Delete" };
            (
                Verb::Delete,
                What::Erase,
                with(&format!("underlyingResourceAction={how}")),
            )
        }
        Act::Purge => (Verb::Delete, What::Erase, with("forceToPurge=true")),
        Act::PutDisabled => (Verb::Put, What::Disable, address),
        Act::PutStatus => (Verb::Put, What::DisableStatus, address),
    };
    call(verb, remove.base, address, what)
}

fn parent(fact: &Fact) -> Option<Parent> {
    let of = |kind: &str, id: String| {
        Some(Parent {
            kind: kind.to_owned(),
            id,
        })
    };
    match fact.kind.as_str() {
        "runs" => of("experiments", first(&fact.doc, "experimentId")?),
        "metrics-v2" => of("runs", fact.id.split('/').next()?.to_owned()),
        "artifacts" => of(
            "runs",
            fact.id
                .split('/')
                .nth(1)?
                .trim_start_matches("dcid.")
                .to_owned(),
        ),
        "workspaces" => None,
        kind if kind.ends_with("-versions") || kind.ends_with("-deployments") => {
            let path = first(&fact.doc, "id")?;
            let parent = kinds::find(kind)?.parent?;
            of(parent, path.rsplit('/').nth(2)?.to_owned())
        }
        _ => None,
    }
}

fn places(remove: &Remove, fact: &Fact) -> Vec<Place> {
    let unseen = |place: String| Place {
        place,
        looked_at: false,
    };
    match remove.leaves {
        Leaves::Nothing | Leaves::Data(_)
            if !matches!(fact.kind.as_str(), "datastores" | "datasets") =>
        {
            Vec::new()
        }
        Leaves::Nothing => Vec::new(),
        Leaves::Data(what) => vec![unseen(what.to_owned())],
        Leaves::Blob => vec![Place {
            place: format!("the blob {}", fact.id),
            looked_at: true,
        }],
        Leaves::RunPlaces => ["ExperimentRun/dcid.", "ArtifactZip/", "ComputeRecord/"]
            .iter()
            .map(|folder| unseen(format!("{folder}{}", fact.id)))
            .collect(),
    }
}

/// Whether the earlier one has to be gone first.
fn hangs(earlier: &Step, step: &Step) -> bool {
    let below = earlier
        .parent
        .as_ref()
        .is_some_and(|parent| parent.kind == step.kind && parent.id == step.id);
    let after = kinds::find(&step.kind)
        .expect("what the test needs")
        .erase_after
        .contains(&earlier.kind.as_str());
    below || after && step.kind != "experiments"
}
