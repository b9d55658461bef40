//! Registries: deleted by an operation, with everything in them, and kept nowhere after that.

use super::arm::Change;
use super::operations::{accepted, again, begin};
use crate::emulator::ledger::Effect;
use crate::emulator::reply::Reply;
use crate::emulator::settings::Form;
use crate::emulator::world::{Standing, Workspace};

pub(super) fn delete(change: &Change<'_>, registry: &Workspace) -> Reply {
    if registry.standing != Standing::Live {
        return Reply::empty(204);
    }
    let guid = registry.guid.clone();
    let target = registry.doc.id.clone();
    let operation = begin(
        &change.hand,
        "DeleteRegistry",
        target,
        move |hand, world| {
            // Its documents stay where they are: nobody reaches them through a registry that is gone.
            if let Some(registry) = again(world, &guid)
                && registry.standing == Standing::Live
            {
                registry.standing = Standing::Gone;
                hand.note(
                    &registry.name,
                    registry.home.word(),
                    &registry.doc.id,
                    Effect::Deleted,
                );
            }
        },
    );
    accepted(
        &change.hand.hub,
        &change.subscription,
        &registry.region,
        &operation,
        Form::Both,
    )
}
