//! Azure Resource Graph: the index over all subscriptions. Its query language is not read: the one question about
//! resources of a type, in the order of their ids, is known by its parts, and everything else is refused.

mod query;
mod settings;

pub(crate) use settings::{Index, Window};

use super::workspaces::{face, listed};
use super::{PLANE, fault};
use crate::emulator::ask::Ask;
use crate::emulator::errors::{malformed, no_method};
use crate::emulator::hub::Hub;
use crate::emulator::page::{self, Start};
use crate::emulator::reply::Reply;
use crate::emulator::route;
use crate::emulator::text;
use crate::emulator::world::World;
use query::Query;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;

/// Subscriptions on a page of their list.
const SUBSCRIPTIONS: usize = 2;
/// What a caller gets who names no size, and the most that anybody gets.
const USUAL: u64 = 100;
const MOST: u64 = 1000;

pub(super) fn answer(hub: &Hub, ask: &Ask) -> Reply {
    if !ask.is("POST") {
        return no_method(PLANE);
    }
    let index = hub.settings().index.clone();
    let (reply, left, resets) = match hub.window.take(index.quota) {
        Ok((left, resets)) => (asked(hub, ask, &index), left, resets),
        Err(resets) => {
            let reply = fault(
                PLANE,
                429,
                "RateLimiting",
                "Client application has been throttled and should not attempt to repeat the request until an amount of \
                 time has elapsed.",
            );
            (reply, 0, resets)
        }
    };
    reply
        .with("x-ms-user-quota-remaining", left.to_string())
        .with("x-ms-user-quota-resets-after", clock(resets))
}

/// Hours, minutes and seconds; a part of a second is waited for as a whole one.
fn clock(time: Duration) -> String {
    let seconds = time.as_millis().div_ceil(1000);
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// A query that cannot be answered. The reason stands in the details.
fn refused(code: &str, message: &str) -> Reply {
    Reply::json(
        400,
        &json!({"error": {"code": "BadRequest", "message": "The query cannot be answered.",
                          "details": [{"code": code, "message": message}]}}),
    )
}

fn asked(hub: &Hub, ask: &Ask, index: &Index) -> Reply {
    let body = ask.json();
    let Some(query) = body
        .get("query")
        .and_then(Value::as_str)
        .and_then(Query::read)
    else {
        return refused(
            "InvalidQuery",
            "The emulator knows the resources of a type in the order of their ids, and no other query.",
        );
    };
    let none = json!({});
    let options = body.get("options").unwrap_or(&none);
    let known = options.get("resultFormat").and_then(Value::as_str);
    if known.is_some_and(|format| format != "objectArray") {
        return refused(
            "InvalidResultFormat",
            "The emulator answers with objects only.",
        );
    }
    let top = options.get("$top").map_or(Some(USUAL), Value::as_u64);
    let Some(top) = top.filter(|top| (1..=MOST).contains(top)) else {
        return refused("InvalidTop", "$top is a number from 1 to 1000.");
    };
    let token = options.get("$skipToken").and_then(Value::as_str);
    let Some(start) = page::open(token) else {
        return refused("InvalidSkipToken", "The skip token is not valid.");
    };
    let partial = options.get("allowPartialScopes").and_then(Value::as_bool) == Some(true);
    if index.partial && !partial {
        return refused(
            "TooManySubscriptions",
            "There are more subscriptions than one query covers.",
        );
    }
    let world = hub.world();
    let Some(mut scope) = scope(&world, &body) else {
        return refused(
            "NoValidSubscriptionsInQueryRequest",
            "There must be at least one subscription that is eligible to contain resources.",
        );
    };
    if index.partial {
        scope.retain(|id| *id == world.subscription);
    }
    let mut rows: Vec<(String, Value)> = Vec::new();
    let all = world.workspaces.iter().chain(&world.registries);
    for workspace in all.filter(|workspace| {
        scope.contains(workspace.subscription.as_str())
            && listed(hub, workspace)
            && !index.hidden_from_index(workspace)
    }) {
        if let Some(row) = query.row(&face(workspace).doc, workspace, &world.tenant) {
            rows.push((workspace.doc.id.to_lowercase(), row));
        }
    }
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    drop(world);
    cut(&rows, start.from, top, index)
}

/// The subscriptions that a query is about: those that it names, those below management groups, or all.
fn scope<'a>(world: &'a World, body: &Value) -> Option<HashSet<&'a str>> {
    let names = |name: &str| -> Option<Vec<String>> {
        let list = body.get(name)?.as_array()?;
        let names = list.iter().filter_map(Value::as_str);
        Some(names.map(str::to_lowercase).collect())
    };
    let (groups, subscriptions) = (names("managementGroups"), names("subscriptions"));
    let scope: HashSet<&str> = world
        .subscriptions
        .iter()
        .filter(|one| match (&groups, &subscriptions) {
            (Some(groups), _) => groups
                .iter()
                .any(|group| one.below.contains(&group.as_str())),
            (None, Some(ids)) => ids.contains(&one.id),
            (None, None) => true,
        })
        .map(|one| one.id.as_str())
        .collect();
    (!scope.is_empty()).then_some(scope)
}

fn cut(rows: &[(String, Value)], from: usize, top: u64, index: &Index) -> Reply {
    let size = usize::try_from(top).unwrap_or(index.page).min(index.page);
    let from = from.min(rows.len());
    let to = (from + size.max(1)).min(rows.len());
    let data: Vec<&Value> = rows[from..to].iter().map(|(_, row)| row).collect();
    let mut body = json!({
        "totalRecords": rows.len(),
        "count": data.len(),
        "resultTruncated": if index.truncated { "true" } else { "false" },
        "facets": [],
        "data": data,
    });
    if to < rows.len() && !index.truncated {
        let next = Start {
            from: to,
            hollow: false,
        };
        body["$skipToken"] = page::token(next).into();
    }
    let reply = Reply::json(200, &body);
    if index.partial {
        reply.with("x-ms-tenant-subscription-limit-hit", "true")
    } else {
        reply
    }
}

/// A page of a list that is made for the answer.
pub(super) fn paged(hub: &Hub, ask: &Ask, all: &[Value]) -> Reply {
    let Some(start) = page::open(ask.query("skiptoken")) else {
        return malformed(PLANE, "The skip token is not valid.");
    };
    let from = start.from.min(all.len());
    let to = (from + SUBSCRIPTIONS).min(all.len());
    let texts: Vec<String> = all[from..to].iter().map(text::render).collect();
    let array = page::array(texts.iter().map(String::as_str));
    let next = (to < all.len()).then_some(Start {
        from: to,
        hollow: false,
    });
    let link = route::link(&hub.origins.arm, ask, "$skipToken");
    Reply::ok(page::linked(&array, next, link))
}
