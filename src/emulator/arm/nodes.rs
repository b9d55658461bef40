//! The machines of a compute cluster: an action that only reads. It is asked by POST, and its links by GET, as Microsoft's
//! clients follow them.

use super::{PLANE, compute, page_text};
use crate::emulator::ask::Ask;
use crate::emulator::errors::{fault, malformed};
use crate::emulator::hub::Hub;
use crate::emulator::reply::Reply;
use crate::emulator::world::{Kind, Workspace};
use serde_json::Value;

/// Machines of a page.
const PAGE: usize = 2;

/// Whether this asks for the machines of a compute.
pub(super) fn asked(ask: &Ask, rest: &[&str]) -> bool {
    let follows = ask.is("GET") && ask.query("skiptoken").is_some();
    matches!(rest, [computes, _, action]
        if computes.eq_ignore_ascii_case("computes") && action.eq_ignore_ascii_case("listNodes"))
        && (ask.is("POST") || follows)
}

pub(super) fn answer(hub: &Hub, ask: &Ask, workspace: &Workspace, name: &str) -> Reply {
    let Some(found) = compute(workspace.table(Kind::Computes).seen(), name) else {
        return fault(
            PLANE,
            404,
            "ResourceNotFound",
            &format!("Compute {name} was not found."),
        );
    };
    let sort = found.doc.pointer("/properties/computeType");
    let sort = sort.and_then(Value::as_str).unwrap_or_default();
    if sort != "AmlCompute" {
        return fault(
            PLANE,
            400,
            "UserError",
            &format!("Listing nodes is not supported for compute {name} of type {sort}."),
        );
    }
    let rows = workspace.table(Kind::ComputeNodes).of(&found.id);
    match page_text(hub, ask, rows, PAGE, false) {
        // The one list of the resource manager that does not call its items `value`.
        Some(text) => Reply::ok(text.replacen("{\"value\":", "{\"nodes\":", 1)),
        None => malformed(PLANE, "The skip token is not valid."),
    }
}
