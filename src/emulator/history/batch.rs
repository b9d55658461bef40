//! Several runs by their ids, and the several parts of one.

use super::no_run;
use crate::emulator::reply::Reply;
use crate::emulator::route::Call;
use crate::emulator::text;
use crate::emulator::world::Kind;
use serde_json::{Map, Value, json};

pub(super) fn by_ids(call: &Call<'_>) -> Reply {
    let body = call.ask.json();
    let ids = body
        .get("runIds")
        .or_else(|| body.get("RunIds"))
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let mut runs = String::from("{");
    let mut errors = Map::new();
    for id in ids.iter().filter_map(Value::as_str) {
        match call.workspace.table(Kind::Runs).get(id) {
            Some(item) => {
                if runs.len() > 1 {
                    runs.push(',');
                }
                text::quote(id, &mut runs);
                runs.push(':');
                runs.push_str(&item.text);
            }
            None => {
                errors.insert(id.to_owned(), json!({"error": {"code": "UserError", "message": format!("Run {id} was not found")}}));
            }
        }
    }
    runs.push('}');
    Reply::ok(format!(
        "{{\"runs\":{runs},\"errors\":{}}}",
        text::render(&Value::Object(errors))
    ))
}

pub(super) fn data(call: &Call<'_>, request: &Value) -> Option<String> {
    let id = request
        .get("runId")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let item = call.workspace.table(Kind::Runs).get(id)?;
    let wants = |name: &str| request.get(name).and_then(Value::as_bool).unwrap_or(false);
    let metadata = if wants("selectRunMetadata") {
        item.text.as_str()
    } else {
        "null"
    };
    let definition = if wants("selectRunDefinition") {
        item.doc
            .get("runDefinition")
            .map_or_else(|| "null".to_owned(), text::render)
    } else {
        "null".to_owned()
    };
    Some(format!(
        "{{\"runMetadata\":{metadata},\"runDefinition\":{definition},\"jobSpecification\":null}}"
    ))
}

pub(super) fn rundata(call: &Call<'_>) -> Reply {
    let request = call.ask.json();
    match data(call, &request) {
        Some(text) => Reply::ok(text),
        None => no_run(
            request
                .get("runId")
                .and_then(Value::as_str)
                .unwrap_or_default(),
        ),
    }
}

pub(super) fn batch(call: &Call<'_>) -> Reply {
    let body = call.ask.json();
    let requests = body
        .get("requests")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let mut out = String::from("{\"runData\":{");
    let mut first = true;
    for (key, request) in &requests {
        if let Some(found) = data(call, request) {
            if !first {
                out.push(',');
            }
            first = false;
            text::quote(key, &mut out);
            out.push(':');
            out.push_str(&found);
        }
    }
    out.push_str("},\"errors\":{}}");
    Reply::ok(out)
}
