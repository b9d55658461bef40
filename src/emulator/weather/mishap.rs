//! Mishaps: how they are written down, and what they do to an answer.

use crate::emulator::ask::Ask;
use crate::emulator::reply::Reply;
use serde_json::Value;
use std::borrow::Cow;
use std::time::Duration;

/// What is done in place of, or to, an answer.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Answer {
        status: u16,
        headers: Vec<(String, String)>,
        body: String,
    },
    Close,
    Truncate(usize),
    Stall(Duration),
    NextLinkHost(String),
    RepeatToken,
    Flood(u64),
}

#[derive(Debug)]
pub(super) struct Mishap {
    pub(super) path_contains: String,
    pub(super) method: Option<String>,
    pub(super) after: u64,
    pub(super) times: u64,
    pub(super) act: Act,
}

pub(super) fn mishap_of(value: &Value) -> Option<Mishap> {
    let act = value.get("do")?;
    let number = |name: &str| act.get(name).and_then(Value::as_u64);
    let act = if let Some(status) = number("status") {
        let headers = act.get("headers").and_then(Value::as_object).map(|map| {
            map.iter()
                .map(|(name, value)| {
                    (
                        name.to_lowercase(),
                        value
                            .as_str()
                            .map_or_else(|| value.to_string(), str::to_owned),
                    )
                })
                .collect()
        });
        let body = match act.get("body") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        Act::Answer {
            status: u16::try_from(status).ok()?,
            headers: headers.unwrap_or_default(),
            body,
        }
    } else if act.get("close").is_some() {
        Act::Close
    } else if let Some(bytes) = number("truncate") {
        Act::Truncate(usize::try_from(bytes).ok()?)
    } else if let Some(ms) = number("stall_ms") {
        Act::Stall(Duration::from_millis(ms))
    } else if let Some(host) = act.get("next_link_host").and_then(Value::as_str) {
        Act::NextLinkHost(host.to_owned())
    } else if act.get("repeat_token").is_some() {
        Act::RepeatToken
    } else {
        Act::Flood(number("body_bytes")?)
    };
    Some(Mishap {
        path_contains: value
            .get("path_contains")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        method: value
            .get("method")
            .and_then(Value::as_str)
            .map(str::to_owned),
        after: value.get("after").and_then(Value::as_u64).unwrap_or(0),
        times: value.get("times").and_then(Value::as_u64).unwrap_or(1),
        act,
    })
}

pub(crate) fn answer(status: u16, headers: Vec<(String, String)>, body: String) -> Reply {
    let mut reply = Reply::typed(status, "application/json", body);
    if headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
    {
        reply.headers.clear();
    }
    reply.headers.extend(
        headers
            .into_iter()
            .map(|(name, value)| (Cow::Owned(name), value)),
    );
    reply
}

/// Makes a page name the token that it was asked for.
pub(crate) fn repeat(body: &str, ask: &Ask, origin: &str) -> String {
    let json = ask.json();
    let sent = ask
        .query("continuationtoken")
        .or_else(|| ask.query("skiptoken"))
        .or_else(|| ask.query("continuation"))
        .or_else(|| json.get("continuationToken").and_then(Value::as_str));
    let Some(sent) = sent.filter(|text| !text.is_empty()) else {
        return body.to_owned();
    };
    let mut token = String::new();
    crate::emulator::text::quote(sent, &mut token);
    let mut link = String::new();
    crate::emulator::text::quote(
        &format!("{origin}{}?{}", ask.path, ask.raw_query),
        &mut link,
    );
    let body = put(body, "continuationToken", &token, false);
    put(&body, "nextLink", &link, true)
}

/// Sends the next link elsewhere.
pub(crate) fn lure(body: &str, ask: &Ask, origin: &str, host: &str) -> String {
    let here = format!("\"nextLink\":\"{origin}");
    if body.contains(&here) {
        return body.replace(&here, &format!("\"nextLink\":\"{host}"));
    }
    let mut link = String::new();
    crate::emulator::text::quote(&format!("{host}{}?{}", ask.path, ask.raw_query), &mut link);
    put(body, "nextLink", &link, true)
}

/// Replaces the last member of this name in the text of a page, or adds it when asked to.
fn put(body: &str, name: &str, value: &str, add: bool) -> String {
    let key = format!("\"{name}\":");
    if let Some(at) = body.rfind(&key) {
        let from = at + key.len();
        let rest = &body[from..];
        let length = if rest.starts_with("null") {
            4
        } else {
            rest.get(1..)
                .and_then(|inner| inner.find('"'))
                .map_or(rest.len(), |end| end + 2)
        };
        return format!("{}{value}{}", &body[..from], &rest[length..]);
    }
    match body.strip_suffix('}') {
        Some(open) if add && body.starts_with("{\"value\"") => format!("{open},{key}{value}}}"),
        _ => body.to_owned(),
    }
}
