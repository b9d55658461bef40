//! The traffic of an online endpoint: how it may be split, and who it keeps alive.

use crate::emulator::arm::{COLLECTIONS, above};
use crate::emulator::errors::{Plane, fault};
use crate::emulator::reply::Reply;
use crate::emulator::world::{Kind, Workspace};
use serde_json::Value;

const PLANE: Plane = Plane::Arm;

/// The refusal to delete a deployment that requests are still sent to.
pub(super) fn routed(workspace: &Workspace, at: usize, id: &str) -> Option<Reply> {
    let (endpoint, name) = id.rsplit_once('/')?;
    let share = workspace
        .table(above(at)?)
        .held(endpoint)?
        .doc
        .pointer("/properties/traffic")?
        .get(name)?
        .as_f64()?;
    (share > 0.0).then(|| {
        fault(
            PLANE,
            400,
            "UserError",
            &format!(
                "Deployment {name} of endpoint {endpoint} gets {share} % of the traffic. Route its traffic elsewhere \
                 before it is deleted."
            ),
        )
    })
}

/// The refusal of a split that names deployments which do not exist, or that loses requests.
pub(super) fn impossible(
    workspace: &Workspace,
    at: usize,
    endpoint: &str,
    properties: &Value,
) -> Option<Reply> {
    let traffic = properties.get("traffic")?.as_object()?;
    let shares: Vec<f64> = traffic.values().filter_map(Value::as_f64).collect();
    let total: f64 = shares.iter().sum();
    let mut below =
        (0..COLLECTIONS.len()).filter(|below| above(*below) == Some(Kind::Resource(at)));
    let deployments = workspace.table(Kind::Resource(below.next()?));
    let stranger = traffic
        .keys()
        .find(|name| deployments.held(&format!("{endpoint}/{name}")).is_none());
    let why = if let Some(name) = stranger {
        format!("Endpoint {endpoint} has no deployment {name}.")
    } else if shares.len() != traffic.len() || !(total == 0.0 || (total - 100.0).abs() < 1e-9) {
        "The shares of the traffic must be numbers whose sum is 0 or 100.".to_owned()
    } else {
        return None;
    };
    Some(fault(PLANE, 400, "ValidationError", &why))
}
