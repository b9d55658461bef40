//! What both generations of a list ask for: one in the query, the other in the body.

use super::PLANE;
use crate::emulator::errors::malformed;
use crate::emulator::filter::Filter;
use crate::emulator::page::{self, Start};
use crate::emulator::reply::Reply;
use crate::emulator::route::Call;
use crate::emulator::world::Item;
use serde_json::Value;

/// What both generations of a list ask for.
pub(crate) struct Query {
    pub(crate) start: Start,
    pub(crate) top: Option<usize>,
    pub(crate) filter: Option<Filter>,
    pub(crate) view: String,
}

/// Reads the query of a GET or the body of a POST; the error is ready to be sent.
pub(crate) fn query(call: &Call<'_>) -> Result<Query, Reply> {
    let posted = call.ask.is("POST");
    let body = if posted { call.ask.json() } else { Value::Null };
    if posted && !body.is_object() && !call.ask.body.is_empty() {
        return Err(malformed(PLANE, "The body is not a JSON object."));
    }
    let text = |name: &str| -> Option<String> {
        let lower = name.to_lowercase();
        if posted {
            let map = body.as_object()?;
            let (_, value) = map.iter().find(|(key, _)| key.to_lowercase() == lower)?;
            return match value {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            };
        }
        call.ask.query(&lower).map(str::to_owned)
    };
    let token = text("continuationToken");
    let Some(start) = page::open(token.as_deref()) else {
        return Err(malformed(PLANE, "The continuation token is not valid."));
    };
    let filter = match text("filter").filter(|text| !text.trim().is_empty()) {
        None => None,
        Some(source) => match Filter::parse(&source) {
            Some(filter) => Some(filter),
            None => {
                return Err(malformed(
                    PLANE,
                    &format!("The filter '{source}' is not valid."),
                ));
            }
        },
    };
    let view = text("viewType")
        .or_else(|| call.ask.query("viewtype").map(str::to_owned))
        .unwrap_or_default();
    let top = text("top")
        .and_then(|text| text.parse().ok())
        .filter(|top| *top > 0);
    Ok(Query {
        start,
        top,
        filter,
        view,
    })
}

impl Query {
    pub(super) fn fits(&self, item: &Item) -> bool {
        self.filter
            .as_ref()
            .is_none_or(|filter| filter.fits(&item.doc))
    }

    /// What was asked for, up to what is given.
    pub(super) fn size(&self, limit: usize) -> usize {
        self.top.unwrap_or(limit).min(limit)
    }
}
