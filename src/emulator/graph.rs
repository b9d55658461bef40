//! A little of Microsoft Graph v1.0, under `/graph/v1.0`: users, deleted users and service principals, to be read.

mod filter;
mod record;

use super::ask::Ask;
use super::errors::graph_fault;
use super::hub::Hub;
use super::page::{self, Start};
use super::people;
use super::reply::Reply;
use super::route;
use super::settings::Directory;
use super::text;
use super::world::people::{Person, Standing};
use filter::Filter;
use record::Resource;
use serde_json::{Map, Value, json};

pub(crate) const PREFIX: &str = "graph";
const PAGE: usize = 100;
const LIMIT: usize = 999;

/// Whether a path is one of Graph's.
pub(crate) fn covers(segments: &[String]) -> bool {
    matches!(segments, [first, version, ..]
        if first == PREFIX && matches!(version.as_str(), "v1.0" | "beta"))
}

pub(crate) fn answer(hub: &Hub, ask: &Ask) -> Reply {
    let result = if ask.has_bearer() {
        asked(hub, ask)
    } else {
        Err(Fault(
            401,
            "InvalidAuthenticationToken",
            "Access token is empty.".to_owned(),
        ))
    };
    match result {
        Ok(reply) => reply,
        Err(Fault(status, code, message)) => {
            graph_fault(status, code, &message, ask.header("client-request-id"))
        }
    }
}

/// Status, code, message.
struct Fault(u16, &'static str, String);

fn denied() -> Fault {
    Fault(
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.".to_owned(),
    )
}

fn absent(id: &str) -> Fault {
    Fault(
        404,
        "Request_ResourceNotFound",
        format!(
            "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
        ),
    )
}

fn asked(hub: &Hub, ask: &Ask) -> Result<Reply, Fault> {
    let door = hub.settings().directory;
    if door == Directory::Denied || !ask.is("GET") {
        return Err(denied());
    }
    let words: Vec<String> = ask.segments[2..]
        .iter()
        .map(|word| word.to_lowercase())
        .collect();
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !word.is_empty())
        .collect();
    let users_only = door == Directory::UsersOnly;
    match words.as_slice() {
        ["users"] => list(hub, ask, Resource::User),
        ["users", id] => one(hub, ask, Resource::User, id),
        ["directory", "deleteditems", ..] | ["serviceprincipals", ..] if users_only => {
            Err(denied())
        }
        ["directory", "deleteditems", "microsoft.graph.user"] => {
            list(hub, ask, Resource::DeletedUser)
        }
        ["directory", "deleteditems", "microsoft.graph.user", id]
        | ["directory", "deleteditems", id] => one(hub, ask, Resource::DeletedUser, id),
        ["serviceprincipals"] => list(hub, ask, Resource::ServicePrincipal),
        ["serviceprincipals", id] => one(hub, ask, Resource::ServicePrincipal, id),
        rest => Err(Fault(
            400,
            "BadRequest",
            format!(
                "Resource not found for the segment '{}'.",
                rest.last().unwrap_or(&"")
            ),
        )),
    }
}

fn members(hub: &Hub, resource: Resource) -> impl Iterator<Item = Person> {
    let standing = match resource {
        Resource::User => Standing::User,
        Resource::DeletedUser => Standing::Deleted,
        Resource::ServicePrincipal => Standing::ServicePrincipal,
    };
    people::all(hub).filter(move |person| person.standing == standing)
}

/// The properties that are asked for; nothing when it is left to the service.
fn selected(ask: &Ask, resource: Resource) -> Result<Option<Vec<String>>, Fault> {
    let Some(text) = ask.query("select") else {
        return Ok(None);
    };
    let mut names = Vec::new();
    for name in text
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        let known = resource.property(name).ok_or_else(|| {
            Fault(
                400,
                "BadRequest",
                format!(
                    "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type '{}'.",
                    resource.odata()
                ),
            )
        })?;
        names.push(known.to_owned());
    }
    Ok(Some(names))
}

/// What is shown of a record, in the record's own order of names.
fn shown(resource: Resource, full: &Map<String, Value>, names: Option<&[String]>) -> Value {
    let wanted = |name: &str| match names {
        Some(names) => names.iter().any(|known| known == name),
        None => resource.by_default(name),
    };
    Value::Object(
        full.iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}

fn context(hub: &Hub, resource: Resource, names: Option<&[String]>, ending: &str) -> String {
    let properties = names.map_or(String::new(), |names| format!("({})", names.join(",")));
    format!(
        "{}/{PREFIX}/v1.0/$metadata#{}{properties}{ending}",
        hub.origins.arm,
        resource.set()
    )
}

fn one(hub: &Hub, ask: &Ask, resource: Resource, id: &str) -> Result<Reply, Fault> {
    let names = selected(ask, resource)?;
    // A user goes by the principal name as well, and by no other address.
    let found = members(hub, resource).find(|person| {
        person.object_id.eq_ignore_ascii_case(id)
            || (resource == Resource::User
                && person
                    .directory_upn
                    .as_ref()
                    .is_some_and(|upn| upn.to_lowercase() == id))
    });
    let person = found.ok_or_else(|| absent(id))?;
    let full = record::of(&person, resource);
    let mut doc = shown(resource, &full, names.as_deref());
    let mut extra = json!({"@odata.context": context(hub, resource, names.as_deref(), "/$entity")});
    if resource == Resource::DeletedUser {
        extra["@odata.type"] = format!("#{}", resource.odata()).into();
    }
    text::merge(&mut doc, extra);
    Ok(Reply::json(200, &doc).with("odata-version", "4.0"))
}

fn list(hub: &Hub, ask: &Ask, resource: Resource) -> Result<Reply, Fault> {
    let names = selected(ask, resource)?;
    let advanced = ask
        .header("consistencylevel")
        .is_some_and(|level| level.eq_ignore_ascii_case("eventual"));
    let counted = advanced && ask.flag("count", false);
    let filter = match ask.query("filter") {
        Some(text) => Some(Filter::parse(text, resource, counted)?),
        None => None,
    };
    let size = match ask.query("top") {
        None => PAGE,
        Some(text) => text
            .parse()
            .ok()
            .filter(|size| (1..=LIMIT).contains(size))
            .ok_or_else(|| {
                Fault(
                    400,
                    "Request_UnsupportedQuery",
                    format!(
                        "Invalid page size specified: '{text}'. Must be between 1 and {LIMIT} inclusive."
                    ),
                )
            })?,
    };
    let start = page::open(ask.query("skiptoken")).ok_or_else(|| {
        Fault(
            400,
            "Directory_ExpiredPageToken",
            "The specified page token value has expired and can no longer be included in your request.".to_owned(),
        )
    })?;
    let mut value = Vec::new();
    let mut fitting = 0;
    for person in members(hub, resource) {
        let full = record::of(&person, resource);
        if filter.as_ref().is_some_and(|filter| !filter.fits(&full)) {
            continue;
        }
        if fitting >= start.from && value.len() < size {
            value.push(shown(resource, &full, names.as_deref()));
        }
        fitting += 1;
    }
    let mut doc = json!({
        "@odata.context": context(hub, resource, names.as_deref(), ""),
        "value": value,
    });
    if counted {
        doc["@odata.count"] = fitting.into();
    }
    let next = start.from + size;
    if next < fitting {
        let token = page::token(Start {
            from: next,
            hollow: false,
        });
        let link = route::link(&hub.origins.arm, ask, "$skiptoken")(&page::encode(&token));
        doc["@odata.nextLink"] = link.into();
    }
    Ok(Reply::json(200, &doc).with("odata-version", "4.0"))
}
