//! From a row's facts to the calls of one item: what is sent, how it is looked at, and what stays behind.

use super::decide::Options;
use super::item::Item;
use super::model::{Becomes, Call, LookAt, Place, Verb, What};
use crate::kinds::item::{Params, fill_json, first};
use crate::kinds::removal::{Act, First, Leaves, Look, Remove, address, filled};
use crate::kinds::{Ask, Base};

/// How one item is erased, or switched off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    /// In this order; the last is the one that erases. Never empty.
    pub(super) calls: Vec<Call>,
    pub(super) look: LookAt,
    pub(super) becomes: Becomes,
    pub(super) places: Vec<Place>,
    /// Whether the call erases everything of this kind that hangs on the same item.
    pub(super) shared: bool,
}

impl Way {
    /// The call that erases.
    pub(super) fn erasing(&self) -> &Call {
        &self.calls[self.calls.len() - 1]
    }
}

/// How an item is erased; `None` when its row has no call, or the document lacks a part of an address.
pub(super) fn way(item: &Item, workspace: &str, options: &Options) -> Option<Way> {
    let remove = item.remove()?;
    let to = |base: Base, template: &str| {
        let filled = filled(
            template,
            &item.id,
            item.parent.as_ref().map(|(_, id)| &**id),
            &item.doc,
        )?;
        Some(address(base, workspace, &filled))
    };
    let mut calls = Vec::new();
    for before in remove.first {
        let (verb, base, path, what) = match *before {
            First::Cancel { path, .. } => (Verb::Post, remove.base, path, What::Cancel),
            First::SwitchOff => (Verb::Put, remove.base, remove.path, What::SwitchOff),
            First::Unroute { path } => (Verb::Put, remove.base, path, What::Unroute),
            First::Also(path, base) => (Verb::Delete, base, path, What::Erase),
        };
        calls.push(Call {
            verb,
            base,
            address: to(base, path)?,
            what,
        });
    }
    let (verb, what) = match remove.act {
        Act::Delete | Act::DeleteCompute | Act::Purge => (Verb::Delete, What::Erase),
        Act::DeleteEntity => (Verb::Delete, What::EraseEntity),
        Act::PutDisabled => (Verb::Put, What::Disable),
        Act::PutStatus => (Verb::Put, What::DisableStatus),
    };
    let mut target = to(remove.base, remove.path)?;
    let detach = remove.act == Act::DeleteCompute && is_attached(item);
    match remove.act {
        Act::DeleteCompute => {
            let how = if detach { "Detach" } else { "Delete" };
            more(&mut target, "underlyingResourceAction", how);
        }
        Act::Purge if !options.soft => more(&mut target, "forceToPurge", "true"),
        _ => {}
    }
    calls.push(Call {
        verb,
        base: remove.base,
        address: target,
        what,
    });
    let look = look(item, remove, &to)?;
    let becomes = match remove.act {
        Act::PutDisabled | Act::PutStatus => Becomes::Disabled,
        Act::Purge if options.soft => Becomes::SoftDeleted,
        Act::DeleteCompute if detach => Becomes::Unregistered,
        Act::Delete | Act::DeleteEntity if matches!(remove.leaves, Leaves::Data(_)) => {
            Becomes::Unregistered
        }
        Act::Delete | Act::DeleteEntity | Act::DeleteCompute | Act::Purge => Becomes::Erased,
    };
    let mut places = places(item, remove.leaves, options);
    if detach {
        let id = first(&item.doc, "properties/resourceId");
        places.push(Place {
            place: format!(
                "the attached compute itself{}",
                id.map(|id| format!(": {id}")).unwrap_or_default()
            ),
            looked_at: false,
        });
    }
    let shared = remove.path.contains("{parent}")
        && !remove.path.contains("{id}")
        && !remove.path.contains("{.");
    Some(Way {
        calls,
        look,
        becomes,
        places,
        shared,
    })
}

fn more(target: &mut String, name: &str, value: &str) {
    target.push(if target.contains('?') { '&' } else { '?' });
    target.push_str(name);
    target.push('=');
    target.push_str(value);
}

fn look(
    item: &Item,
    remove: &Remove,
    to: &impl Fn(Base, &str) -> Option<String>,
) -> Option<LookAt> {
    let (base, path) = remove.look.at();
    let (body, items) = match remove.look {
        Look::One(..) => (None, None),
        Look::In(_, Ask::Get(_), key) => (None, Some(key)),
        Look::In(_, Ask::Query(_, body), key) => (Some(body), Some(key)),
    };
    let body = match body {
        Some(body) => {
            let params = Params::default()
                .with("id", Some(item.id.clone()))
                .with("parent", item.parent.as_ref().map(|(_, id)| id.clone()));
            Some(fill_json(body, &params)?)
        }
        None => None,
    };
    Some(LookAt {
        base,
        address: to(base, path)?,
        body,
        items: items.map(str::to_owned),
    })
}

/// Whether a compute was made elsewhere and attached. When nothing says so, what the workspace makes by itself is known by
/// its type; everything else is only let go, so that nothing of others is destroyed.
fn is_attached(item: &Item) -> bool {
    match first(&item.doc, "properties/isAttachedCompute") {
        Some(flag) => !flag.eq_ignore_ascii_case("false"),
        None => !first(&item.doc, "properties/computeType").is_some_and(|kind| {
            ["AmlCompute", "ComputeInstance"]
                .iter()
                .any(|own| kind.eq_ignore_ascii_case(own))
        }),
    }
}

/// Where bytes may stay, in words that lead there.
fn places(item: &Item, leaves: Leaves, options: &Options) -> Vec<Place> {
    let storage = match &options.storage {
        Some(name) => format!("storage account {name}, container azureml, "),
        None => "the workspace's storage account, container azureml, ".to_owned(),
    };
    let place = |path: String, looked_at| Place {
        place: format!("{storage}{path}"),
        looked_at,
    };
    match leaves {
        Leaves::Nothing => Vec::new(),
        Leaves::Blob => {
            let part = |name| first(&item.doc, name).unwrap_or_default();
            let path = format!("{}/{}/{}", part("origin"), part("container"), part("path"));
            vec![place(path, true)]
        }
        Leaves::RunPlaces => {
            // A run of 2018 has no container of its own; the rule of all later ones is the best guess.
            let container =
                first(&item.doc, "dataContainerId").unwrap_or(format!("dcid.{}", item.id));
            [
                format!("ExperimentRun/{container}/"),
                format!("ArtifactZip/ExperimentRun/{container}.zip"),
                format!("ComputeRecord/{container}"),
            ]
            .into_iter()
            .map(|path| place(path, false))
            .collect()
        }
        Leaves::Data(place) => vec![Place {
            place: place.to_owned(),
            looked_at: false,
        }],
    }
}
