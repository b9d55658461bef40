//! The lines of `inventory.jsonl`, `gaps.jsonl` and `faults.jsonl` as they are written.

use super::block::{Found, Severity};
use super::scrub::{By, Redaction, scrub_named};
use serde::Serialize;
use std::borrow::Cow;

#[derive(Serialize)]
pub(super) struct Head<'a> {
    pub(super) kind: &'a str,
    pub(super) workspace: Cow<'a, str>,
    pub(super) id: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parent: Option<Ref<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<&'a str>,
    /// Comes last, so that it can be taken off again where there is no such item.
    #[serde(rename = "same_as", skip_serializing_if = "Option::is_none")]
    pub(super) same: Option<Ref<'a>>,
}

#[derive(Serialize)]
pub(super) struct Tail<'a> {
    pub(super) source: Cow<'a, str>,
    pub(super) people: Vec<PersonLine<'a>>,
    pub(super) times: Vec<Time<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bytes: Option<BytesLine<'a>>,
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub(super) found: Option<&'a Found>,
    pub(super) redactions: Vec<Redaction>,
}

#[derive(Serialize)]
pub(super) struct Ref<'a> {
    pub(super) kind: Cow<'a, str>,
    pub(super) id: Cow<'a, str>,
}

#[derive(Serialize)]
pub(super) struct PersonLine<'a> {
    pub(super) field: Cow<'a, str>,
    #[serde(rename = "as")]
    pub(super) role: &'a str,
    pub(super) value: Cow<'a, str>,
}

#[derive(Serialize)]
pub(super) struct Time<'a> {
    pub(super) field: &'a str,
    pub(super) value: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum BytesLine<'a> {
    Here {
        path: &'a str,
        length: u64,
        sha256: &'a str,
    },
    Left {
        left: Cow<'a, str>,
    },
}

#[derive(Serialize)]
pub(super) struct GapLine<'a> {
    pub(super) workspace: &'a str,
    pub(super) kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parent: Option<Cow<'a, str>>,
    pub(super) class: &'a str,
    pub(super) severity: Severity,
    pub(super) reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
}

#[derive(Serialize)]
pub(super) struct FaultLine<'a> {
    pub(super) at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request_id: Option<&'a str>,
    #[serde(flatten)]
    pub(super) gap: &'a GapLine<'a>,
}

/// The net over the fields of the inventory line itself; what it catches there is listed like the rest.
pub(super) struct Net {
    pub(super) caught: Vec<Redaction>,
}

impl Net {
    pub(super) fn pass<'a>(&mut self, field: &str, text: &'a str) -> Cow<'a, str> {
        let (clean, rule) = scrub_named(text);
        if let Some(rule) = rule {
            self.caught.push(Redaction {
                pointer: format!("inventory/{field}"),
                by: By::Net,
                rule,
            });
        }
        clean
    }
}

/// Plain structs of strings and numbers always serialise; were that ever wrong, an empty object would show it.
pub(super) fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_else(|_| b"{}".to_vec())
}
