//! How items are erased: the true call of each kind, as facts. Data only; who may make such a call is settled elsewhere.
//!
//! Templates are filled from what an inventory knows of an item: `{id}` is its id, `{parent}` the id of what it hangs on,
//! `{.field}` a field of its document (paths as in the rows).

use serde::Serialize;
use serde_json::Value;

use super::item::{Params, escape, fill};
use super::{Ask, Base};

/// The call that erases an item, or switches it off where nothing erases it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Remove {
    pub base: Base,
    /// Path, with its query, after the workspace's own path.
    pub path: &'static str,
    pub act: Act,
    /// What has to be done before, in this order.
    pub first: &'static [First],
    /// How one sees the item alone.
    pub look: Look,
    /// What stays behind when the record is gone.
    pub leaves: Leaves,
    /// Fields that change by reading, or by erasing what hangs on the item: they say nothing about a change by others.
    pub ignore: &'static [&'static str],
}

/// The files behind a registered thing.
pub(super) const FILES: &str = "its files, in the storage account of the workspace";

impl Remove {
    /// A DELETE of what a GET of the same path shows.
    pub(super) const fn delete(base: Base, path: &'static str) -> Self {
        Self {
            base,
            path,
            act: Act::Delete,
            first: &[],
            look: Look::One(base, path),
            leaves: Leaves::Nothing,
            ignore: &[],
        }
    }

    /// The end of a workspace.
    pub(super) const fn purge() -> Self {
        Self::delete(Base::Arm, "").by(Act::Purge)
    }

    pub(super) const fn by(self, act: Act) -> Self {
        Self { act, ..self }
    }

    pub(super) const fn after(self, first: &'static [First]) -> Self {
        Self { first, ..self }
    }

    pub(super) const fn seen(self, look: Look) -> Self {
        Self { look, ..self }
    }

    pub(super) const fn leaving(self, leaves: Leaves) -> Self {
        Self { leaves, ..self }
    }

    pub(super) const fn ignoring(self, ignore: &'static [&'static str]) -> Self {
        Self { ignore, ..self }
    }
}

impl Look {
    /// The base and the template of its address.
    pub fn at(self) -> (Base, &'static str) {
        match self {
            Self::One(base, path) => (base, path),
            Self::In(base, ask, _) => (base, ask.path()),
        }
    }
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// DELETE.
    Delete,
    /// DELETE that wants the whole entity as its body, as the pipeline client sends it.
    DeleteEntity,
    /// DELETE of a compute: `underlyingResourceAction=Detach` for what was attached, `Delete` for what the workspace made.
    DeleteCompute,
    /// DELETE of the workspace: `forceToPurge=true`, unless only a soft delete was asked for.
    Purge,
    /// PUT of the whole entity with `EntityStatus` `Disabled`: it is switched off, and not erased.
    PutDisabled,
    /// PUT of the JSON text `"Disabled"`: it is switched off, and not erased.
    PutStatus,
}

/// What has to be done before an item can be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum First {
    /// POST to this path, when the status at this path of the document is none of the final ones; then it is waited for.
    Cancel {
        path: &'static str,
        status: &'static str,
    },
    /// PUT of the whole document with `properties/isEnabled` false, when it is true.
    SwitchOff,
    /// PUT of the parent endpoint with this deployment's share of `properties/traffic` at 0, when it has one.
    Unroute { path: &'static str },
    /// DELETE of this path, which takes something away that hangs on the item and has no item of its own.
    Also(&'static str, Base),
}

/// How one sees a single item. A run is erased through one service and seen through another, so the base stands here again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Look {
    /// GET of this path; gone when it is not there.
    One(Base, &'static str),
    /// A list that is narrowed to the item, or to the items that one call erases: request and key of its items. Gone when
    /// none of them has the item's id (by the row's id), or, for what is erased together, when it is empty.
    In(Base, Ask, &'static str),
}

/// What stays behind when a record is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leaves {
    Nothing,
    /// The bytes of one artifact, which a link asked for beforehand can still see.
    Blob,
    /// The three places of a run in the workspace's storage account (Azure/azure-sdk-for-python#25146).
    RunPlaces,
    /// Data that the record only pointed at: where.
    Data(&'static str),
}

/// Whether a value may stand as one segment of a path. An empty one, or one that leads up, would turn the erasure of an item
/// into that of a collection, and whoever unescapes it once more than we think must not find such a thing in it either.
pub fn is_segment(value: &str) -> bool {
    let mut text = value.to_owned();
    loop {
        let bad = |part: &str| matches!(part.trim(), "" | "." | "..");
        if text.chars().any(char::is_control) || text.split(['/', '\\']).any(bad) {
            return false;
        }
        let plain = percent_encoding::percent_decode_str(&text)
            .decode_utf8_lossy()
            .into_owned();
        if plain == text {
            return true;
        }
        text = plain;
    }
}

/// Whether a value may stand in a query: the path of an artifact keeps its slashes there, but it has to name something.
pub fn is_value(value: &str) -> bool {
    !matches!(value.trim().trim_matches('/'), "" | "." | "..")
}

/// Fills a template for one item; `None` when a value is missing, or is one that no address of a single item can hold.
pub fn filled(template: &str, id: &str, parent: Option<&str>, doc: &Value) -> Option<String> {
    let params = Params::default()
        .with("id", Some(id.to_owned()))
        .with("parent", parent.map(str::to_owned));
    let part = |template: &str, holds: fn(&str) -> bool| {
        let sound = std::cell::Cell::new(true);
        let text = fill(template, &params, Some(doc), |value| {
            sound.set(sound.get() && holds(value));
            escape(value)
        })?;
        sound.get().then_some(text)
    };
    match template.split_once('?') {
        None => part(template, is_segment),
        Some((path, query)) => Some(format!(
            "{}?{}",
            part(path, is_segment)?,
            part(query, is_value)?
        )),
    }
}

/// Path and query below a host: the base's prefix, the workspace's own path, then `filled`, with the query that the base
/// wants before the request's own.
pub fn address(base: Base, workspace: &str, filled: &str) -> String {
    let spec = base.spec();
    let (path, asked) = filled.split_once('?').unwrap_or((filled, ""));
    let query: Vec<&str> = [spec.query.unwrap_or_default(), asked]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}{workspace}{path}{mark}{}", spec.prefix, query.join("&"))
}
