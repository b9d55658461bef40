//! Workspaces: kept for two weeks unless they are purged, and sometimes after that.

use super::arm::Change;
use super::operations::{accepted, again, begin};
use crate::emulator::errors::{Plane, fault, no_method};
use crate::emulator::ledger::Effect;
use crate::emulator::reply::Reply;
use crate::emulator::settings::Form;
use crate::emulator::world::{Standing, Workspace};

const PLANE: Plane = Plane::Arm;

pub(super) fn delete(change: &Change<'_>, workspace: &mut Workspace) -> Reply {
    let (hand, ask) = (&change.hand, change.ask);
    // Older versions do not know the parameter and so cannot purge.
    let version = ask.query("api-version").unwrap_or_default();
    let purge = ask.flag("forcetopurge", false) && version >= "2023-02-01-preview";
    let sticks = hand.hub.settings().purge_sticks;
    let end = match (workspace.standing, purge) {
        (Standing::Gone, _) | (Standing::Soft | Standing::Stuck, false) => {
            return Reply::empty(204);
        }
        // Reported by those who purge: the answer says that nothing is left, and the name is not free.
        (before, true) if sticks => {
            if before != Standing::Stuck {
                workspace.standing = Standing::Stuck;
                let (name, id) = (&workspace.name, &workspace.doc.id);
                hand.note(name, "workspaces", id, Effect::SoftDeleted);
            }
            return Reply::empty(204);
        }
        (_, true) => Standing::Gone,
        (Standing::Live, false) => Standing::Soft,
    };
    let guid = workspace.guid.clone();
    let target = workspace.doc.id.clone();
    let operation = begin(hand, "DeleteWorkspace", target, move |hand, world| {
        let Some(workspace) = again(world, &guid) else {
            return;
        };
        // Its documents and bytes stay where they are: nobody reaches the ones through a workspace that is gone, and
        // the others are in a storage account that the delete does not touch.
        if workspace.standing != end && workspace.standing != Standing::Gone {
            workspace.standing = end;
            let effect = if end == Standing::Gone {
                Effect::Deleted
            } else {
                Effect::SoftDeleted
            };
            hand.note(&workspace.name, "workspaces", &workspace.doc.id, effect);
        }
    });
    accepted(
        &hand.hub,
        &change.subscription,
        &workspace.region,
        &operation,
        Form::Location,
    )
}

/// Nothing is created here; but a name that is not free says so.
pub(super) fn write(change: &Change<'_>, workspace: &Workspace) -> Reply {
    let reserved = matches!(workspace.standing, Standing::Soft | Standing::Stuck);
    if reserved && change.ask.is("PUT") {
        return fault(
            PLANE,
            400,
            "BadRequest",
            "Soft-deleted workspace exists. Please purge or recover it.",
        );
    }
    no_method(PLANE)
}
