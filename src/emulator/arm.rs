//! Azure Resource Manager: subscriptions, workspaces, registries, computes, jobs, locks; and discovery, which anybody may ask.

mod around;
mod collections;
mod index;
mod jobs;
mod nodes;
mod open;
mod operation;
mod workspaces;

pub(crate) use around::told as around;
pub(crate) use collections::{COLLECTIONS, Erase, Place, above, place};
pub(crate) use index::{Index, Window};
pub(crate) use open::open_to_all;
pub(crate) use operation::{RESULTS, asked};

use super::ask::Ask;
use super::deeds;
use super::errors::{Plane, fault, malformed, missing, no_method};
use super::hub::Hub;
use super::page;
use super::reply::Reply;
use super::route;
use super::world::{Home, Item, Kind, Standing, Workspace, World};
use around::authorization;
use operation::{STATES, operation};
use serde_json::{Value, json};
use std::sync::Arc;
use workspaces::{resources, workspaces};

const PLANE: Plane = Plane::Arm;
const COMPUTES: usize = 3;

pub(crate) fn answer(hub: &Arc<Hub>, ask: &Ask) -> Reply {
    if ask.query("api-version").is_none_or(str::is_empty) {
        return fault(
            PLANE,
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        );
    }
    let words: Vec<String> = ask
        .segments
        .iter()
        .map(|text| text.to_lowercase())
        .collect();
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words.last() == Some(&"") {
        words.pop();
    }
    if let [.., "providers", "microsoft.authorization", collection] = words.as_slice() {
        return authorization(hub, ask, collection, words.len());
    }
    if ask.is("GET")
        && let Some(text) = hub.world().published.answers.get(&words.join("/"))
    {
        return Reply::ok(text.clone());
    }
    match words.as_slice() {
        ["tenants"] => {
            let tenant = hub.world().tenant.clone();
            Reply::json(
                200,
                &json!({"value": [{"id": format!("/tenants/{tenant}"), "tenantId": tenant}]}),
            )
        }
        ["subscriptions"] => {
            let world = hub.world();
            let all: Vec<Value> = world
                .subscriptions
                .iter()
                .map(|subscription| subscription.doc(&world.tenant))
                .collect();
            index::paged(hub, ask, &all)
        }
        ["providers", "microsoft.resourcegraph", "resources"] => index::answer(hub, ask),
        ["subscriptions", id, tail @ ..] => {
            let known = |world: &World| world.subscriptions.iter().any(|one| one.id == *id);
            if !known(&hub.world()) {
                return fault(
                    PLANE,
                    404,
                    "SubscriptionNotFound",
                    &format!("The subscription '{id}' could not be found."),
                );
            }
            below_subscription(hub, ask, id, tail)
        }
        _ => missing(PLANE, "The resource could not be found."),
    }
}

const ML: &str = "microsoft.machinelearningservices";

fn below_subscription(hub: &Arc<Hub>, ask: &Ask, id: &str, tail: &[&str]) -> Reply {
    match tail {
        [] => {
            let world = hub.world();
            let subscription = world.subscriptions.iter().find(|one| one.id == id);
            Reply::json(
                200,
                &subscription.map_or(Value::Null, |one| one.doc(&world.tenant)),
            )
        }
        ["providers", ML, word] if home_of(word).is_some() => roots(hub, ask, id, word, None),
        ["resources"] => resources(hub, ask, id),
        [
            "providers",
            ML,
            "locations",
            _,
            "operations" | "operationresults",
            id,
        ] => operation(hub, id, false, ask),
        ["providers", ML, "locations", _, word, id] if STATES.contains(word) => {
            operation(hub, id, true, ask)
        }
        ["resourcegroups", group, rest @ ..] => {
            let known = {
                let world = hub.world();
                let mut all = world.workspaces.iter().chain(&world.registries);
                all.any(|each| {
                    each.subscription == id && each.resource_group.to_lowercase() == *group
                })
            };
            if !known {
                return fault(
                    PLANE,
                    404,
                    "ResourceGroupNotFound",
                    &format!("Resource group '{group}' could not be found."),
                );
            }
            match rest {
                [] => Reply::json(
                    200,
                    &json!({"name": group, "properties": {"provisioningState": "Succeeded"}}),
                ),
                ["providers", ML, word] if home_of(word).is_some() => {
                    roots(hub, ask, id, word, Some(group))
                }
                ["providers", ML, word, ..] => match home_of(word) {
                    Some(home) => in_home(hub, ask, home),
                    None => missing(PLANE, "The resource could not be found."),
                },
                _ => missing(PLANE, "The resource could not be found."),
            }
        }
        _ => missing(PLANE, "The resource could not be found."),
    }
}

/// The word of an address, read.
fn home_of(word: &str) -> Option<Home> {
    [Home::Workspace, Home::Registry]
        .into_iter()
        .find(|home| home.word() == word)
}

fn roots(hub: &Hub, ask: &Ask, subscription: &str, word: &str, group: Option<&str>) -> Reply {
    match home_of(word) {
        Some(home) => workspaces(hub, ask, subscription, home, group),
        None => missing(PLANE, "The resource could not be found."),
    }
}

fn page_of<'a>(
    hub: &Hub,
    ask: &Ask,
    rows: impl Iterator<Item = (usize, &'a Item)>,
    size: usize,
    short: bool,
) -> Reply {
    match page_text(hub, ask, rows, size, short) {
        Some(text) => Reply::ok(text),
        None => malformed(PLANE, "The skip token is not valid."),
    }
}

/// A page as it is served; nothing where the token is none of ours.
fn page_text<'a>(
    hub: &Hub,
    ask: &Ask,
    rows: impl Iterator<Item = (usize, &'a Item)>,
    size: usize,
    short: bool,
) -> Option<String> {
    let start = page::open(ask.query("skiptoken"))?;
    let cut = page::cut(rows, start, size);
    let face = |item: &&'a Item| match &item.other {
        Some(other) if short => other.as_str(),
        _ => item.text.as_str(),
    };
    let array = page::array(cut.rows.iter().map(face));
    let code = hub.mint.planted("next link");
    let link = route::link(&hub.origins.arm, ask, "$skipToken");
    Some(page::linked(&array, cut.next, |token| {
        format!("{}&code={code}", link(token))
    }))
}

fn in_home(hub: &Arc<Hub>, ask: &Ask, home: Home) -> Reply {
    let Some((scope, rest)) = route::scope_of(home, &ask.segments) else {
        return missing(PLANE, "The resource could not be found.");
    };
    let rest: Vec<&str> = rest
        .iter()
        .map(String::as_str)
        .filter(|text| !text.is_empty())
        .collect();
    if !ask.is("GET") && !nodes::asked(ask, &rest) {
        return deeds::arm(hub, ask, &scope, &rest);
    }
    let world = hub.world();
    let Some(at) = route::find(&world, &scope) else {
        return fault(
            PLANE,
            404,
            "ResourceNotFound",
            &format!(
                "The Resource 'Microsoft.MachineLearningServices/{}/{}' under resource group '{}' was not found.",
                home.word(),
                scope.workspace,
                scope.group
            ),
        );
    };
    read(hub, ask, &world.homes(home)[at], &rest, true)
}

/// `short` tells the two lists of computes apart: ARM gives the envelopes, the relay that the Python client asks gives
/// whole documents.
fn read(hub: &Hub, ask: &Ask, workspace: &Workspace, rest: &[&str], short: bool) -> Reply {
    let lower: Vec<String> = rest.iter().map(|text| text.to_lowercase()).collect();
    let asked = lower.join("/");
    if let Some(text) = workspace.published.answers.get(&asked) {
        return Reply::ok(text.clone());
    }
    let stands: Option<Vec<&str>> = workspace
        .published
        .stands
        .get(&asked)
        .map(|path| path.iter().map(String::as_str).collect());
    let rest = stands.as_deref().unwrap_or(rest);
    match (lower.first().map(String::as_str), rest) {
        (None, []) => Reply::ok(workspace.doc.text.clone()),
        // A registry has neither computes nor jobs.
        _ if workspace.home == Home::Registry => collections::answer(hub, ask, workspace, rest)
            .unwrap_or_else(|| missing(PLANE, "The resource could not be found.")),
        (Some("computes"), [_]) => page_of(
            hub,
            ask,
            workspace.table(Kind::Computes).living(),
            COMPUTES,
            short,
        ),
        (Some("computes"), [_, name]) => {
            match compute(workspace.table(Kind::Computes).seen(), name) {
                Some(item) => Reply::ok(item.text.clone()),
                None => fault(
                    PLANE,
                    404,
                    "ResourceNotFound",
                    &format!("Compute {name} was not found."),
                ),
            }
        }
        (Some("computes"), [_, name, _]) if nodes::asked(ask, rest) => {
            nodes::answer(hub, ask, workspace, name)
        }
        _ => jobs::answer(hub, workspace, rest)
            .or_else(|| collections::answer(hub, ask, workspace, rest))
            .unwrap_or_else(|| missing(PLANE, "The resource could not be found.")),
    }
}

/// Compute names are compared without regard to case, as ARM does with all names.
pub(crate) fn compute<'a>(
    mut computes: impl Iterator<Item = &'a Item>,
    name: &str,
) -> Option<&'a Item> {
    computes.find(|item| item.id.eq_ignore_ascii_case(name))
}

/// Computes by the address that the Python client takes from discovery: `/rp/workspaces/<workspace>/computes`.
pub(crate) fn relayed(hub: &Arc<Hub>, ask: &Ask, segments: &[String]) -> Reply {
    if !ask.is("GET") {
        return no_method(PLANE);
    }
    let world = hub.world();
    if let Some((scope, rest)) = route::scope(segments) {
        let Some(at) = route::find(&world, &scope) else {
            return missing(PLANE, "The workspace was not found.");
        };
        let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
        return read(hub, ask, &world.workspaces[at], &rest, false);
    }
    let found = segments.first().and_then(|guid| {
        world.workspaces.iter().find(|workspace| {
            workspace.standing == Standing::Live && workspace.guid.eq_ignore_ascii_case(guid)
        })
    });
    match found {
        Some(workspace) => {
            let rest: Vec<&str> = segments[1..].iter().map(String::as_str).collect();
            read(hub, ask, workspace, &rest, false)
        }
        None => missing(PLANE, "The workspace was not found."),
    }
}
