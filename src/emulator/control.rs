//! `/_emulator`: what only tests ask.

use super::ask::Ask;
use super::hub::Hub;
use super::reply::{Payload, Reply};
use super::world::Home;
use super::{people, sightings, touch, truth};
use axum::body::Body;
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) fn answer(hub: &Arc<Hub>, ask: &Ask) -> Reply {
    let words: Vec<&str> = ask.segments.iter().map(String::as_str).collect();
    match (ask.method.as_str(), words.as_slice()) {
        ("GET", ["_emulator"]) => about(hub),
        ("GET", ["_emulator", "truth"]) => {
            let named = |home: Home| ask.query(home.one()).map(|name| (home, name));
            let only = named(Home::Workspace).or_else(|| named(Home::Registry));
            let body = if ask.query("people").is_some() {
                Body::from_stream(sightings::stream(hub, only))
            } else {
                Body::from_stream(truth::stream(hub, only))
            };
            streamed("application/x-ndjson", body)
        }
        ("GET", ["_emulator", "secrets"]) => Reply::json(200, &json!(hub.planted)),
        ("GET", ["_emulator", "people"]) => streamed(
            "application/json; charset=utf-8",
            Body::from_stream(people::stream(hub)),
        ),
        ("GET", ["_emulator", "requests"]) => Reply::json(200, &hub.diary.read()),
        ("GET", ["_emulator", "deletions"]) => Reply::json(200, &hub.ledger.read()),
        ("POST", ["_emulator", "reset"]) => {
            if ask.json().get("world").and_then(Value::as_bool) == Some(true) {
                hub.renew();
            } else {
                hub.diary.forget();
                hub.ledger.forget();
                hub.weather.clear();
            }
            Reply::json(200, &json!({"reset": true}))
        }
        ("POST", ["_emulator", "touch"]) => touch::answer(hub, &ask.json()),
        ("POST", ["_emulator", "settings"]) => settings(hub, &ask.json()),
        ("POST", ["_emulator", "mishaps"]) => {
            let understood = hub.weather.script(&ask.json());
            let status = if understood == 0 { 400 } else { 200 };
            Reply::json(status, &json!({"mishaps": understood}))
        }
        _ => Reply::json(404, &json!({"error": "the emulator has no such control"})),
    }
}

fn streamed(kind: &str, body: Body) -> Reply {
    let mut reply = Reply::empty(200).with("content-type", kind);
    reply.payload = Payload::Stream(body);
    reply
}

fn about(hub: &Hub) -> Reply {
    let world = hub.world();
    let workspaces: Vec<Value> = world
        .workspaces
        .iter()
        .map(|workspace| {
            json!({"name": workspace.name, "resourceGroup": workspace.resource_group, "workspaceId": workspace.guid,
                   "id": workspace.doc.id, "standing": format!("{:?}", workspace.standing)})
        })
        .collect();
    let registries: Vec<Value> = world
        .registries
        .iter()
        .map(|registry| {
            json!({"name": registry.name, "resourceGroup": registry.resource_group, "id": registry.doc.id,
                   "standing": format!("{:?}", registry.standing)})
        })
        .collect();
    Reply::json(
        200,
        &json!({
            "world": format!("{:?}", hub.world_kind),
            "arm": hub.origins.arm,
            "blob": hub.origins.blob,
            "listens": {"arm": hub.listens.arm, "blob": hub.listens.blob},
            "subscription": world.subscription,
            "tenant": world.tenant,
            "workspaces": workspaces,
            "registries": registries,
        }),
    )
}

/// Changes what is named. Nothing is changed when one of the names or values is not understood.
fn settings(hub: &Hub, wanted: &Value) -> Reply {
    let none = serde_json::Map::new();
    let wanted = wanted.as_object().unwrap_or(&none);
    let mut world = hub.world_mut();
    if let Err(why) = hub.settings_mut().change(wanted) {
        return Reply::json(400, &json!({"error": why}));
    }
    if let Some(rate) = wanted.get("throttle") {
        hub.weather.set_throttle(rate.as_f64());
    }
    if let Some(counts) = wanted.get("arm_quota").and_then(Value::as_bool) {
        hub.weather.set_quota(counts);
    }
    if let Some(share) = wanted.get("faults").and_then(Value::as_f64) {
        hub.weather.set_faults(share);
    }
    let settings = hub.settings();
    let world = &mut *world;
    for each in world.workspaces.iter_mut().chain(&mut world.registries) {
        each.lag = settings.lag;
    }
    Reply::json(200, &settings.tell())
}
