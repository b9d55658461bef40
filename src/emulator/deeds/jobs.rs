//! Runs under the name of jobs: cancelled when they are active, deleted when they are not.

use super::hand::Hand;
use super::history::agree;
use super::operations::{accepted, again, begin};
use crate::emulator::arm::{Place, place};
use crate::emulator::ask::Ask;
use crate::emulator::errors::{Plane, fault, missing};
use crate::emulator::ledger::Effect;
use crate::emulator::mint::utc;
use crate::emulator::reply::Reply;
use crate::emulator::route::{Call, Service};
use crate::emulator::settings::Form;
use crate::emulator::synthetic;
use crate::emulator::world::{Kind, Workspace};
use crate::emulator::{history, shelves};
use serde_json::Value;

const PLANE: Plane = Plane::Arm;

/// Every status that is not an end.
const ACTIVE: [&str; 11] = [
    "NotStarted",
    "Starting",
    "Provisioning",
    "Preparing",
    "Queued",
    "Running",
    "Finalizing",
    "CancelRequested",
    "NotResponding",
    "Paused",
    "Unknown",
];

/// Where a job stands: among the documents of the resource manager, or in run history.
#[derive(Clone, Copy)]
enum Shelf {
    Document(Kind),
    History,
}

fn shelf(workspace: &Workspace, id: &str) -> Option<Shelf> {
    // What run history holds it decides about, and the job follows.
    if workspace.table(Kind::Runs).held(id).is_some() {
        return Some(Shelf::History);
    }
    if let Some(Place::One(at, name)) = place(workspace.home, &["jobs", id])
        && workspace.table(Kind::Resource(at)).held(&name).is_some()
    {
        return Some(Shelf::Document(Kind::Resource(at)));
    }
    None
}

fn status<'a>(workspace: &'a Workspace, shelf: Shelf, id: &str) -> &'a str {
    let (kind, pointer) = match shelf {
        Shelf::Document(kind) => (kind, "/properties/status"),
        Shelf::History => (Kind::Runs, "/status"),
    };
    workspace
        .table(kind)
        .held(id)
        .and_then(|item| item.doc.pointer(pointer)?.as_str())
        .unwrap_or_default()
}

fn set_status(hand: Option<&Hand>, workspace: &mut Workspace, shelf: Shelf, id: &str, word: &str) {
    let (kind, pointer) = match shelf {
        Shelf::Document(kind) => (kind, "/properties/status"),
        Shelf::History => (Kind::Runs, "/status"),
    };
    let write = |doc: &mut Value| {
        if let Some(place) = doc.pointer_mut(pointer) {
            *place = word.into();
        }
        if let Some(revision) = doc.get("revision").and_then(Value::as_u64) {
            doc["revision"] = (revision + 1).into();
        }
        if word == "Canceled" && doc.get("endTimeUtc").is_some() {
            doc["endTimeUtc"] = utc(crate::emulator::errors::now(), 0).into();
        }
    };
    match hand {
        Some(hand) => {
            hand.change(workspace, kind, id, Effect::Canceled, write);
        }
        None => {
            if let Some(item) = workspace.table_mut(kind).get_mut(id) {
                item.change(write);
            }
        }
    }
    agree(workspace, id);
}

/// Asks an active run to end: it says at once that it was asked, and after a while that it has. Nothing for a run that
/// is not there, or that has ended.
fn cancel(hand: &Hand, workspace: &mut Workspace, id: &str) -> Option<String> {
    let shelf = shelf(workspace, id)?;
    if !ACTIVE.contains(&status(workspace, shelf, id)) {
        return None;
    }
    set_status(None, workspace, shelf, id, "CancelRequested");
    let (guid, run) = (workspace.guid.clone(), id.to_owned());
    let operation = begin(hand, "CancelJob", id.to_owned(), move |hand, world| {
        if let Some(workspace) = again(world, &guid)
            && ACTIVE.contains(&status(workspace, shelf, &run))
        {
            set_status(Some(hand), workspace, shelf, &run, "Canceled");
        }
    });
    Some(operation)
}

/// The same by the pipelines service, which says nothing about how it goes.
pub(super) fn cancel_run(hand: &Hand, workspace: &mut Workspace, id: &str) {
    cancel(hand, workspace, id);
}

pub(super) fn cancel_job(
    hand: &Hand,
    workspace: &mut Workspace,
    subscription: &str,
    id: &str,
) -> Reply {
    let computed = computed(hand, workspace, id).is_some();
    if shelf(workspace, id).is_none() && !computed {
        return missing(PLANE, &format!("Run {id} was not found"));
    }
    match cancel(hand, workspace, id) {
        // Cancelling a run that has ended changes nothing.
        None => Reply::empty(200),
        Some(operation) => accepted(
            &hand.hub,
            subscription,
            &workspace.region,
            &operation,
            Form::Location,
        )
        .with("x-ms-async-operation-timeout", "PT1H"),
    }
}

/// By the two addresses of the data plane. Run history answers with the run.
pub(super) fn cancel_through_history(
    hand: &Hand,
    ask: &Ask,
    workspace: &mut Workspace,
    service: Service,
    rest: &[&str],
) -> Reply {
    let read = |workspace: &Workspace| {
        let call = Call {
            hub: &hand.hub,
            ask,
            workspace,
            rest: rest.to_vec(),
        };
        if service == Service::History {
            history::answer(&call)
        } else {
            shelves::answer(&call, service)
        }
    };
    let reply = read(workspace);
    match rest {
        [
            "experiments" | "experimentids",
            _,
            "runs" | "runId",
            id,
            "cancel",
        ] if reply.status == 200 => {
            cancel(hand, workspace, id);
            read(workspace)
        }
        _ => reply,
    }
}

fn computed(hand: &Hand, workspace: &Workspace, id: &str) -> Option<u64> {
    let shape = workspace.shape.as_ref()?;
    synthetic::index_of(hand.hub.mint, shape, id).filter(|index| !workspace.gone.contains(index))
}

pub(super) fn delete_job(
    hand: &Hand,
    workspace: &mut Workspace,
    subscription: &str,
    id: &str,
) -> Reply {
    let computed = computed(hand, workspace, id);
    let shelf = shelf(workspace, id);
    if shelf.is_none() && computed.is_none() {
        return Reply::empty(204);
    }
    // How the service answers here is attested nowhere; that it wants a run to have ended is what its clients expect.
    if let Some(shelf) = shelf
        && let word = status(workspace, shelf, id)
        && ACTIVE.contains(&word)
    {
        return fault(
            PLANE,
            409,
            "JobNotInTerminalState",
            &format!(
                "Job {id} cannot be deleted while its status is {word}. Cancel it, wait until it has ended and try again."
            ),
        );
    }
    let (guid, run) = (workspace.guid.clone(), id.to_owned());
    let operation = begin(hand, "DeleteJob", id.to_owned(), move |hand, world| {
        let Some(workspace) = again(world, &guid) else {
            return;
        };
        if let Some(index) = computed
            && workspace.gone.insert(index)
        {
            hand.note(&workspace.name, Kind::Runs.word(), &run, Effect::Deleted);
        }
        if let Some(Shelf::Document(kind)) = shelf {
            hand.take(workspace, kind, Effect::Deleted, |item| item.id == run);
        }
        forget_run(hand, workspace, &run);
    });
    accepted(
        &hand.hub,
        subscription,
        &workspace.region,
        &operation,
        Form::Location,
    )
    .with("x-ms-async-operation-timeout", "PT1H")
}

/// A run, and what hangs on it alone. The documentation says that deleting a job deletes its data, and beside it that
/// whoever wants it gone for good must look into the storage account: so the bytes go or stay as it is set.
fn forget_run(hand: &Hand, workspace: &mut Workspace, run: &str) {
    if hand.hub.settings().hard_delete_keeps_bytes {
        let kept: Vec<_> = workspace
            .table(Kind::Artifacts)
            .holding()
            .filter(|item| super::belongs(Kind::Artifacts, item, run))
            .filter_map(|item| Some((item.id.clone(), item.blob.clone()?)))
            .collect();
        workspace.leftovers.extend(kept);
    }
    hand.take(workspace, Kind::Runs, Effect::Deleted, |item| {
        item.id == run
    });
    // What is left of a run that run history never held.
    hand.bereave(workspace, Kind::Runs, run);
}
