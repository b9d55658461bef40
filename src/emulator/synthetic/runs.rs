//! The documents of a computed run: whose it is, and of whom it speaks. Keys are written in their sorted order.

use super::crowd;
use super::documents::{created, experiment_id, experiments, run_id, word};
use super::snapshots;
use crate::emulator::Shape;
use crate::emulator::mint::{Mint, utc};
use crate::emulator::text;
use crate::emulator::world::people::Person;
use std::fmt::Write as _;

fn optional(value: Option<&str>, out: &mut String) {
    match value {
        Some(value) => text::quote(value, out),
        None => out.push_str("null"),
    }
}

fn user(person: &Person, out: &mut String) {
    out.push_str("{\"upn\":");
    optional(person.upn.as_deref(), out);
    out.push_str(",\"userAltSecId\":");
    optional(person.alt_sec_id.as_deref(), out);
    out.push_str(",\"userIdp\":");
    optional(person.idp.as_deref(), out);
    out.push_str(",\"userIss\":");
    let issuer = person
        .idp
        .as_ref()
        .map(|_| format!("https://sts.windows.net/{}/", person.tenant));
    optional(issuer.as_deref(), out);
    out.push_str(",\"userName\":");
    text::quote(&person.name, out);
    let _ = write!(
        out,
        ",\"userObjectId\":\"{}\",\"userPuId\":",
        person.object_id
    );
    optional(person.puid.as_deref(), out);
    let _ = write!(out, ",\"userTenantId\":\"{}\"}}", person.tenant);
}

/// What a run says of somebody else: in a tag, in its description, in its name, or in the address of its repository.
#[derive(Default)]
struct Mention {
    contact: Option<String>,
    description: Option<String>,
    display_name: Option<String>,
    remote: Option<String>,
}

fn mention(mint: Mint, shape: &Shape, index: u64) -> Mention {
    let Some((at, way)) = crowd::mentioned(mint, shape, index) else {
        return Mention::default();
    };
    let person = crowd::person(mint, shape, at);
    let alias = person.aliases.first().cloned();
    let mut mention = Mention::default();
    match way {
        0 => mention.contact = Some(person.mail()),
        // The accent stands apart from its letter: the same name in other bytes.
        1 => {
            let name = person.name.replace('é', "e\u{301}");
            mention.description = Some(format!("checked by {name}, see the annotations"));
        }
        2 => {
            mention.display_name = Some(format!(
                "run {index} for {}",
                alias.unwrap_or(person.mail())
            ));
        }
        _ => {
            let user = person.mail().replace('@', "%40");
            mention.remote = Some(format!("https://{user}@dev.azure.com/contoso/ml/_git/part"));
        }
    }
    mention
}

/// The tags, in the order of their keys.
fn tags(index: u64, mention: &Mention, out: &mut String) {
    let _ = write!(out, "{{\"batch\":\"{}\"", index % 97);
    if let Some(contact) = &mention.contact {
        out.push_str(",\"contact\":");
        text::quote(contact, out);
    }
    out.push('}');
}

/// The rest of the properties, behind the snapshot.
fn remote(mention: &Mention, out: &mut String) {
    if let Some(remote) = &mention.remote {
        out.push_str(",\"azureml.git.repository_uri\":");
        text::quote(remote, out);
    }
}

pub(super) fn run_text(mint: Mint, shape: &Shape, index: u64, out: &mut String) {
    let id = run_id(mint, index);
    let at = created(mint, index);
    let began = utc(at, 1);
    let ended = utc(at + 60, 2);
    let owner = crowd::person(mint, shape, crowd::owner(mint, shape, index));
    let changer = crowd::person(mint, shape, crowd::changer(mint, shape, index));
    let mention = mention(mint, shape, index);
    out.push_str("{\"createdBy\":");
    user(&owner, out);
    let _ = write!(
        out,
        ",\"createdUtc\":\"{began}\",\"dataContainerId\":\"dcid.{id}\",\"description\":"
    );
    optional(mention.description.as_deref(), out);
    out.push_str(",\"displayName\":");
    match &mention.display_name {
        Some(name) => text::quote(name, out),
        None => {
            let _ = write!(out, "\"run {index}\"");
        }
    }
    let _ = write!(
        out,
        ",\"endTimeUtc\":\"{ended}\",\"experimentId\":\"{}\",\"hidden\":false,\"lastModifiedBy\":",
        experiment_id(mint, index % experiments(shape))
    );
    user(&changer, out);
    let _ = write!(
        out,
        ",\"lastModifiedUtc\":\"{ended}\",\"name\":null,\"parentRunId\":null,\"properties\":{{\"ContentSnapshotId\":\"{}\"",
        snapshots::of_run(mint, index)
    );
    remote(&mention, out);
    let _ = write!(
        out,
        ",\"azureml.runsource\":\"azureml.scriptrun\"}},\"revision\":3,\"rootRunId\":\"{id}\",\"runId\":\"{id}\",\"runNumber\":{},\
         \"runType\":\"azureml.scriptrun\",\"scriptName\":\"train.py\",\"startTimeUtc\":\"{began}\",\"status\":\"Completed\",\"tags\":",
        index + 1
    );
    tags(index, &mention, out);
    let _ = write!(
        out,
        ",\"target\":\"cpu-cluster\",\"token\":\"PLANTED-{:016x}\",\"userId\":\"{}\",\"warnings\":[]}}",
        word(mint, index, 6),
        owner.object_id
    );
}

pub(super) fn details_text(mint: Mint, shape: &Shape, index: u64, out: &mut String) {
    let id = run_id(mint, index);
    let at = created(mint, index);
    let (began, ended) = (utc(at, 1), utc(at + 60, 2));
    let owner = crowd::person(mint, shape, crowd::owner(mint, shape, index));
    let mention = mention(mint, shape, index);
    out.push_str("{\"createdBy\":");
    user(&owner, out);
    let _ = write!(
        out,
        ",\"createdTimeUtc\":\"{began}\",\"endTimeUtc\":\"{ended}\",\"inputDatasets\":[],\"logFiles\":{{}},\
         \"outputDatasets\":[],\"properties\":{{\"ContentSnapshotId\":\"{}\"",
        snapshots::of_run(mint, index)
    );
    remote(&mention, out);
    let _ = write!(
        out,
        "}},\"revision\":3,\"runDefinition\":{{\"arguments\":[\"--part\",\"{}\"],\"script\":\"train.py\"}},\"runId\":\"{id}\",\
         \"startTimeUtc\":\"{began}\",\"status\":\"Completed\",\"tags\":",
        index % experiments(shape)
    );
    tags(index, &mention, out);
    let _ = write!(
        out,
        ",\"target\":\"cpu-cluster\",\"userId\":\"{}\",\"warnings\":[]}}",
        owner.object_id
    );
}
