//! What the resource manager holds in collections: deleted at once or by an operation, and refused while something lives
//! on it.

use super::arm::Change;
use super::operations::{accepted, again, begin};
use super::{data, traffic};
use crate::emulator::arm::{COLLECTIONS, Erase, Place, above, place};
use crate::emulator::errors::{Plane, fault, missing, no_method};
use crate::emulator::ledger::Effect;
use crate::emulator::reply::Reply;
use crate::emulator::settings::Form;
use crate::emulator::text;
use crate::emulator::world::{Home, Item, Kind, Workspace};
use serde_json::{Value, json};

const PLANE: Plane = Plane::Arm;

pub(super) fn answer(change: &Change<'_>, workspace: &mut Workspace, rest: &[&str]) -> Reply {
    let Some(place) = place(workspace.home, rest) else {
        // The resource manager has no such type.
        return no_method(PLANE);
    };
    let Place::One(at, id) = place else {
        return no_method(PLANE);
    };
    match change.ask.method.as_str() {
        "DELETE" => delete(change, workspace, at, &id),
        "PUT" if writable(at) => put(change, workspace, at, &id, rest),
        "PATCH" if COLLECTIONS[at].told_as.ends_with("-endpoints") => {
            patch(change, workspace, at, &id)
        }
        _ => no_method(PLANE),
    }
}

/// What a PUT may write here: all that people make, but not jobs, since a job that is put is a job that runs, and not in a
/// registry, where a PUT is an operation that nobody here needs.
fn writable(at: usize) -> bool {
    COLLECTIONS[at].home() == Home::Workspace
        && !matches!(
            COLLECTIONS[at].told_as,
            "jobs"
                | "features"
                | "outbound-rules"
                | "private-endpoint-connections"
                | "marketplace-subscriptions"
                | "capability-hosts"
        )
}

fn delete(change: &Change<'_>, workspace: &mut Workspace, at: usize, id: &str) -> Reply {
    let (kind, collection) = (Kind::Resource(at), &COLLECTIONS[at]);
    if collection.erase == Erase::Not {
        return no_method(PLANE);
    }
    // The same store, seen by two services.
    if collection.told_as == "arm-datastores" {
        return Reply::empty(match data::take_datastore(&change.hand, workspace, id) {
            0 => 204,
            _ => 200,
        });
    }
    if workspace.table(kind).held(id).is_none() {
        return Reply::empty(204);
    }
    if let Some(reply) = kept(workspace, at, id) {
        return reply;
    }
    if collection.erase == Erase::Now {
        change
            .hand
            .take(workspace, kind, Effect::Deleted, |item| item.id == id);
        return Reply::empty(200);
    }
    let (guid, name) = (workspace.guid.clone(), id.to_owned());
    let target = format!("{}/{id}", collection.told_as);
    let operation = begin(&change.hand, "Delete", target, move |hand, world| {
        if let Some(workspace) = again(world, &guid) {
            hand.take(workspace, kind, Effect::Deleted, |item| item.id == name);
        }
    });
    let usual = match workspace.home {
        Home::Workspace => Form::Location,
        Home::Registry => Form::Both,
    };
    accepted(
        &change.hand.hub,
        &change.subscription,
        &workspace.region,
        &operation,
        usual,
    )
    .with("x-ms-async-operation-timeout", "PT1H")
}

/// Why a document stays where it is, if it does.
fn kept(workspace: &Workspace, at: usize, id: &str) -> Option<Reply> {
    let item = workspace.table(Kind::Resource(at)).held(id)?;
    let told = COLLECTIONS[at].told_as;
    if told == "schedules"
        && item
            .doc
            .pointer("/properties/isEnabled")
            .and_then(Value::as_bool)
            == Some(true)
    {
        return Some(fault(
            PLANE,
            400,
            "UserError",
            &format!("Schedule {id} is enabled. Disable it before it is deleted."),
        ));
    }
    if told == "online-deployments"
        && let Some(reply) = traffic::routed(workspace, at, id)
    {
        return Some(reply);
    }
    // Whether a container goes while it has versions is attested nowhere; this is the careful answer.
    let version = COLLECTIONS.iter().enumerate().find_map(|(below, each)| {
        let versions =
            each.told_as.ends_with("-versions") && above(below) == Some(Kind::Resource(at));
        let mut held = workspace.table(Kind::Resource(below)).holding();
        held.find(|item| versions && item.parent == id)
    });
    version.map(|version| {
        fault(
            PLANE,
            409,
            "CannotDeleteResource",
            &format!(
                "Cannot delete resource while nested resources exist. Some existing nested resource IDs include: '{}'. \
                 Please delete all nested resources before deleting this resource.",
                version.field("id")
            ),
        )
    })
}

/// The whole document is replaced, but for what the service keeps: names, dates and states.
fn put(
    change: &Change<'_>,
    workspace: &mut Workspace,
    at: usize,
    id: &str,
    rest: &[&str],
) -> Reply {
    let (kind, told) = (Kind::Resource(at), COLLECTIONS[at].told_as);
    let body = change.ask.json();
    let Some(properties) = body.get("properties").filter(|given| given.is_object()) else {
        return fault(
            PLANE,
            400,
            "ValidationError",
            "The request has no properties.",
        );
    };
    if told == "online-endpoints"
        && let Some(reply) = traffic::impossible(workspace, at, id, properties)
    {
        return reply;
    }
    let parent = id.rsplit_once('/').map_or("", |(parent, _)| parent);
    if let Some(above) = above(at)
        && workspace.table(above).held(parent).is_none()
    {
        return missing(PLANE, &format!("{parent} was not found."));
    }
    let write = |doc: &mut Value| {
        let state = doc.pointer("/properties/provisioningState").cloned();
        for name in ["properties", "tags", "identity", "sku", "kind", "location"] {
            if let Some(value) = body.get(name) {
                doc[name] = value.clone();
            }
        }
        if let Some(state) = state {
            doc["properties"]["provisioningState"] = state;
        }
    };
    let disabled = told == "schedules" && properties.get("isEnabled") == Some(&json!(false));
    let effect = if disabled {
        Effect::Disabled
    } else {
        Effect::Changed
    };
    if let Some(text) = change.hand.change(workspace, kind, id, effect, write) {
        return Reply::ok(text);
    }
    // A PUT to what was deleted meanwhile makes it anew, as PUT does.
    let mut doc = json!({
        "id": format!("{}/{}", workspace.arm_id(&change.subscription), rest.join("/")),
        "name": rest.last(),
        "type": format!("Microsoft.MachineLearningServices/workspaces/{}",
                        rest.iter().step_by(2).copied().collect::<Vec<_>>().join("/")),
    });
    write(&mut doc);
    let item = Item::new(id, parent, doc);
    let text = item.text.clone();
    workspace.add(kind, item);
    change
        .hand
        .note(&workspace.name, kind.word(), id, Effect::Created);
    Reply::text(201, text)
}

/// An endpoint takes tags and an identity by PATCH and nothing else: the specification has no place for traffic there.
fn patch(change: &Change<'_>, workspace: &mut Workspace, at: usize, id: &str) -> Reply {
    let body = change.ask.json();
    let known = |name: &String| matches!(name.as_str(), "tags" | "identity" | "sku");
    if !body.as_object().is_some_and(|all| all.keys().all(known)) {
        return fault(
            PLANE,
            400,
            "ValidationError",
            "Only tags, the identity and the sku can be patched. Send the whole endpoint to change its traffic.",
        );
    }
    let kind = Kind::Resource(at);
    let changed = change
        .hand
        .change(workspace, kind, id, Effect::Changed, |doc| {
            text::patch(doc, &body);
        });
    changed.map_or_else(
        || missing(PLANE, &format!("{id} was not found.")),
        Reply::ok,
    )
}
