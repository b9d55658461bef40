//! Model management. Two addresses, one answer; the next page is a link that is left out at the end.

use super::arm::asked;
use super::errors::{Plane, malformed, missing, no_method};
use super::hub::OperationState;
use super::mint::utc;
use super::page;
use super::reply::Reply;
use super::route::Call;
use super::world::{Item, Kind};
use serde_json::{Value, json};

const PLANE: Plane = Plane::Models;
const PAGE: usize = 2;

pub(crate) fn answer(call: &Call<'_>) -> Reply {
    let method = call.ask.method.as_str();
    if call.workspace.without_images && call.rest.first() == Some(&"images") {
        return missing(PLANE, "No such route.");
    }
    match (method, call.rest.as_slice()) {
        ("GET", ["images", image, "profiles"]) => {
            if call.workspace.table(Kind::Images).get(image).is_none() {
                return missing(PLANE, &format!("Image {image} was not found."));
            }
            list(call, Kind::ImageProfiles, |item| item.parent == *image)
        }
        ("GET", ["images", image, "profiles", name]) => {
            one(call, Kind::ImageProfiles, &format!("{image}/{name}"))
        }
        ("GET", ["operations", id]) => operation(call, id),
        ("GET", ["services", id, "logs"]) => match call.workspace.table(Kind::Services).get(id) {
            Some(item) => Reply::json(
                200,
                &json!({"content": format!("{} has started", item.field("name"))}),
            ),
            None => missing(PLANE, &format!("Service {id} was not found.")),
        },
        // Whoever calls this has asked for keys; the diary shows it.
        ("POST", ["services", _, "listkeys"]) => {
            let key = call.hub.mint.planted("next link");
            Reply::json(200, &json!({"primaryKey": key, "secondaryKey": key}))
        }
        ("POST", ["models", "list"]) => list(call, Kind::Models, |_| true),
        ("GET", [name]) => match kind(name) {
            Some(kind) => list(call, kind, |item| fits(call, item)),
            None => missing(PLANE, "No such route."),
        },
        ("GET", [name, id]) => match kind(name) {
            Some(kind) => one(call, kind, id),
            None => missing(PLANE, "No such route."),
        },
        (_, [name, ..]) if kind(name).is_some() => no_method(PLANE),
        _ => missing(PLANE, "No such route."),
    }
}

pub(crate) fn kind(name: &str) -> Option<Kind> {
    Some(match name.to_lowercase().as_str() {
        "models" => Kind::Models,
        "assets" => Kind::Assets,
        "images" => Kind::Images,
        "services" => Kind::Services,
        _ => return None,
    })
}

/// The filters of the query, as far as they are exact.
fn fits(call: &Call<'_>, item: &Item) -> bool {
    let same = |query: &str, field: &str| {
        call.ask
            .query(query)
            .is_none_or(|wanted| item.field(field) == wanted)
    };
    let has = |query: &str, field: &str| {
        call.ask.query(query).is_none_or(|wanted| {
            item.doc
                .get(field)
                .and_then(Value::as_array)
                .is_none_or(|all| all.iter().any(|each| each == wanted))
        })
    };
    let run = call.ask.query("runid").is_none_or(|wanted| {
        let found = item
            .doc
            .get("runId")
            .or_else(|| item.doc.get("runid"))
            .and_then(Value::as_str);
        found.is_none_or(|found| found == wanted)
    });
    same("name", "name") && same("imageid", "imageId") && has("modelid", "modelIds") && run
}

fn list(call: &Call<'_>, kind: Kind, wanted: impl Fn(&Item) -> bool) -> Reply {
    let token = call.ask.query("skiptoken").map(str::to_owned);
    let Some(start) = page::open(token.as_deref()) else {
        return malformed(PLANE, "The skip token is not valid.");
    };
    let size = call
        .ask
        .number("count")
        .filter(|count| *count > 0)
        .unwrap_or(PAGE)
        .min(PAGE);
    let rows = call
        .workspace
        .table(kind)
        .living()
        .filter(|(_, item)| wanted(item));
    let cut = page::cut(rows, start, size);
    let array = page::array(cut.rows.iter().map(|item| item.text.as_str()));
    let code = call.hub.mint.planted("next link");
    let link = call.link("$skipToken");
    Reply::ok(page::linked(&array, cut.next, |token| {
        format!("{}&code={code}", link(token))
    }))
}

fn one(call: &Call<'_>, kind: Kind, id: &str) -> Reply {
    match call.workspace.table(kind).get(id) {
        Some(item) => Reply::ok(item.text.clone()),
        None => missing(PLANE, &format!("{id} was not found.")),
    }
}

fn operation(call: &Call<'_>, id: &str) -> Reply {
    let Some((operation, _)) = asked(call.hub, id, false) else {
        return missing(PLANE, &format!("Operation {id} was not found."));
    };
    let (state, end) = match operation.state {
        OperationState::Running => ("Running", Value::Null),
        OperationState::Succeeded => ("Succeeded", json!(utc(operation.started + 1, 0))),
        OperationState::Failed => ("Failed", json!(utc(operation.started + 1, 0))),
    };
    let error = if operation.state == OperationState::Failed {
        json!({"code": "DeleteFailed", "statusCode": 500, "message": "The deployment could not be deleted.", "details": []})
    } else {
        Value::Null
    };
    Reply::json(
        200,
        &json!({
            "id": id,
            "operationType": operation.kind,
            "state": state,
            "createdTime": utc(operation.started, 0),
            "endTime": end,
            "error": error,
            "resourceLocation": operation.target,
            "operationLog": null,
            "operationDetails": {"subOperationType": null, "subOperationState": null},
            "parentRequestId": null,
        }),
    )
}
