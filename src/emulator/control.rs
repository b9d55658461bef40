//! `/_emulator`: what only tests ask.

use super::ask::Ask;
use super::hub::{Directory, Hub, Lock};
use super::reply::{Payload, Reply};
use super::{people, sightings, truth};
use axum::body::Body;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub(crate) fn answer(hub: &Arc<Hub>, ask: &Ask) -> Reply {
    let words: Vec<&str> = ask.segments.iter().map(String::as_str).collect();
    match (ask.method.as_str(), words.as_slice()) {
        ("GET", ["_emulator"]) => about(hub),
        ("GET", ["_emulator", "truth"]) => {
            let only = ask.query("workspace");
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
        ("POST", ["_emulator", "reset"]) => {
            hub.diary.forget();
            hub.weather.clear();
            Reply::json(200, &json!({"reset": true}))
        }
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
        }),
    )
}

fn settings(hub: &Hub, wanted: &Value) -> Reply {
    {
        let mut settings = hub.settings_mut();
        if let Some(seconds) = wanted.get("sas_seconds").and_then(Value::as_i64) {
            settings.sas_seconds = seconds;
        }
        if let Some(ms) = wanted.get("operation_ms").and_then(Value::as_u64) {
            settings.operation = Duration::from_millis(ms);
        }
        if let Some(seconds) = wanted.get("retry_after_seconds").and_then(Value::as_u64) {
            settings.retry_after = seconds;
        }
        if let Some(ms) = wanted.get("latency_ms").and_then(Value::as_u64) {
            settings.latency = Duration::from_millis(ms);
        }
        if let Some(fail) = wanted.get("operations_fail").and_then(Value::as_bool) {
            settings.operations_fail = fail;
        }
        if let Some(directory) = wanted
            .get("graph")
            .and_then(Value::as_str)
            .and_then(Directory::named)
        {
            settings.directory = directory;
        }
        if let Some(locks) = wanted.get("locks").and_then(Value::as_array) {
            settings.locks = locks
                .iter()
                .filter_map(|lock| {
                    let scope = lock.get("scope")?.as_str()?.to_owned();
                    let level = lock
                        .get("level")
                        .and_then(Value::as_str)
                        .unwrap_or("CanNotDelete")
                        .to_owned();
                    Some(Lock { scope, level })
                })
                .collect();
        }
    }
    if let Some(rate) = wanted.get("throttle") {
        hub.weather.set_throttle(rate.as_f64());
    }
    if let Some(share) = wanted.get("faults").and_then(Value::as_f64) {
        hub.weather.set_faults(share);
    }
    let settings = hub.settings();
    let locks: Vec<Value> = settings
        .locks
        .iter()
        .map(|lock| json!({"scope": lock.scope, "level": lock.level}))
        .collect();
    Reply::json(
        200,
        &json!({
            "sas_seconds": settings.sas_seconds,
            "operation_ms": u64::try_from(settings.operation.as_millis()).unwrap_or(u64::MAX),
            "retry_after_seconds": settings.retry_after,
            "latency_ms": u64::try_from(settings.latency.as_millis()).unwrap_or(u64::MAX),
            "operations_fail": settings.operations_fail,
            "graph": settings.directory.word(),
            "locks": locks,
        }),
    )
}
