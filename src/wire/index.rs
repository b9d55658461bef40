//! What there is at all: the subscriptions that the caller sees, and Azure Resource Graph, the index over all of them. It
//! is asked one question, which is of reading only, page by page in the order of ids; and it counts the questions of each
//! user, so that a pause may come between two pages. Workspaces and registries are asked for together.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::call::{Answer, Call};
use super::page::{Position, Seen, held};
use super::{Fault, Wire, guard, waits};
use crate::kinds::Root;
use crate::kinds::item::first;
use crate::report::{Event, Why};

const PATH: &str = "/providers/Microsoft.ResourceGraph/resources";
const VERSION: &str = "2024-04-01";
/// Ordered by id, since pages of anything else overlap and leave out.
const COLUMNS: &str = "project id, kind, location, tenantId, state = tostring(properties.provisioningState) \
                       | order by id asc";
/// The most that a page may have.
const ROWS: u32 = 1000;

/// A workspace or registry as the index shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Row {
    pub id: String,
    #[serde(default)]
    pub state: Option<String>,
}

/// What the index says.
#[derive(Debug, Default)]
pub struct Indexed {
    pub rows: Vec<Row>,
    /// How many there are by its own count.
    pub counted: u64,
    /// It says that it left some out.
    pub truncated: bool,
    /// It covers a part of the subscriptions, since there are too many.
    pub partial: bool,
}

/// A subscription as its list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub id: String,
    pub state: String,
}

/// A page of the answer.
#[derive(Debug, Deserialize)]
struct Page {
    #[serde(rename = "totalRecords")]
    total: u64,
    #[serde(rename = "resultTruncated", default)]
    truncated: serde_json::Value,
    #[serde(rename = "$skipToken", default)]
    next: Option<String>,
    data: Vec<Row>,
}

/// Everything of these sorts that the index shows, of a management group or of everything that the caller sees.
pub async fn indexed(
    wire: &Wire,
    sorts: &[&'static Root],
    management_group: Option<&str>,
) -> Result<Indexed, Fault> {
    let mut url = wire.cloud.arm.clone();
    url.set_path(PATH);
    url.set_query(Some(&format!("api-version={VERSION}")));
    let mut all = Indexed::default();
    let mut seen = Seen::default();
    let mut token: Option<String> = None;
    loop {
        let call = Call::query(
            url.clone(),
            question(sorts, management_group, token.as_deref()),
        );
        let (host, path) = call.place();
        let answer = wire.send(call).await?;
        let malformed = |what: String| Fault::Malformed {
            host: host.clone(),
            path: path.clone(),
            what,
            request_id: answer.request_id.clone(),
        };
        let page: Page =
            serde_json::from_slice(&answer.body).map_err(|error| malformed(error.to_string()))?;
        let count = page.data.len();
        all.rows.extend(page.data);
        all.counted = page.total;
        all.partial |= header(&answer, "x-ms-tenant-subscription-limit-hit") == Some("true");
        all.truncated = page.truncated == "true" || page.truncated == true;
        let Some(next) = page.next.filter(|next| !next.is_empty()) else {
            return Ok(all);
        };
        seen.note(&Position::Token(next.clone()), count)
            .map_err(malformed)?;
        held(all.rows.len()).map_err(malformed)?;
        token = Some(next);
        rest(wire, &answer, host, path).await?;
    }
}

/// Waits when the answer says that the quota is used up, and not longer than anybody would.
async fn rest(wire: &Wire, answer: &Answer, host: String, path: String) -> Result<(), Fault> {
    let Some(wait) = waits::spent(&answer.headers) else {
        return Ok(());
    };
    if wait > wire.settings.budget {
        return Err(Fault::Throttled {
            host,
            path,
            wait,
            request_id: answer.request_id.clone(),
        });
    }
    wire.reporter.report(&Event::Waiting {
        host,
        wait,
        why: Why::NearLimit,
    });
    wire.wait(wait).await
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let value = answer.headers.get(name)?.to_str().ok()?;
    Some(value.trim())
}

/// The body of the question. Without any scope it is about everything that the caller sees.
fn question(sorts: &[&'static Root], management_group: Option<&str>, token: Option<&str>) -> Bytes {
    let types: Vec<String> = sorts
        .iter()
        .map(|root| format!("'microsoft.machinelearningservices/{}'", root.kind))
        .collect();
    let query = format!(
        "resources | where type in~ ({}) | {COLUMNS}",
        types.join(", ")
    );
    let mut body = json!({
        "query": query,
        "options": {"$top": ROWS, "resultFormat": "objectArray", "allowPartialScopes": true},
    });
    if let Some(name) = management_group {
        body["managementGroups"] = json!([name]);
    }
    if let Some(token) = token {
        body["options"]["$skipToken"] = token.into();
    }
    Bytes::from(body.to_string())
}

/// Every subscription that the caller sees.
pub async fn subscriptions(wire: &Wire) -> Result<Vec<Subscription>, Fault> {
    let docs = guard::list(wire, "/subscriptions?api-version=2022-12-01").await?;
    docs.iter()
        .map(|doc| {
            let id = first(doc, "subscriptionId").ok_or_else(|| Fault::Malformed {
                host: wire.cloud.arm.host_str().unwrap_or_default().to_owned(),
                path: "/subscriptions".to_owned(),
                what: "a subscription in it has no id".to_owned(),
                request_id: None,
            })?;
            Ok(Subscription {
                id,
                state: first(doc, "state").unwrap_or_default(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::roots::{ROOTS, WORKSPACES};

    #[test]
    fn the_question_names_what_is_looked_for() {
        let of = |sorts: &[&'static Root]| {
            let body: serde_json::Value =
                serde_json::from_slice(&question(sorts, None, None)).expect("json");
            body["query"].as_str().unwrap_or_default().to_owned()
        };
        let workspaces = "type in~ ('microsoft.machinelearningservices/workspaces') |";
        assert!(of(&[&WORKSPACES]).contains(workspaces));
        let both = "('microsoft.machinelearningservices/workspaces', 'microsoft.machinelearningservices/registries')";
        assert!(of(&ROOTS).contains(both), "{}", of(&ROOTS));
    }

    #[test]
    fn the_question_names_its_scope_and_goes_on_where_it_was() {
        let of = |group, token| -> serde_json::Value {
            serde_json::from_slice(&question(&ROOTS, group, token)).expect("json")
        };
        let all = of(None, None);
        assert!(all.get("managementGroups").is_none() && all.get("subscriptions").is_none());
        assert_eq!(all["options"]["allowPartialScopes"], true);
        assert!(all["options"].get("$skipToken").is_none());
        let next = of(Some("mg"), Some("t"));
        assert_eq!(next["managementGroups"], json!(["mg"]));
        assert_eq!(next["options"]["$skipToken"], "t");
        assert_eq!(next["query"], all["query"], "pages are pages of one query");
    }

    #[test]
    fn a_page_is_read_in_the_form_that_was_asked_for_and_in_no_other() {
        let page: Page = serde_json::from_str(
            r#"{"totalRecords":2,"count":1,"resultTruncated":"false","$skipToken":"t","facets":[],
                "data":[{"id":"/subscriptions/s","state":"Succeeded","kind":null}]}"#,
        )
        .expect("a page");
        assert_eq!((page.total, page.next.as_deref()), (2, Some("t")));
        assert_eq!(page.data[0].state.as_deref(), Some("Succeeded"));
        let table =
            r#"{"totalRecords":1,"resultTruncated":"false","data":{"columns":[],"rows":[]}}"#;
        assert!(serde_json::from_str::<Page>(table).is_err());
    }
}
