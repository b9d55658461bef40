//! The one query that is known, by its parts.

use crate::emulator::world::Workspace;
use serde_json::{Map, Value, json};

/// `resources | where type =~ '..' | project .. | order by id asc`.
pub(super) struct Query {
    workspaces: bool,
    columns: Vec<String>,
}

const WORKSPACES: &str = "microsoft.machinelearningservices/workspaces";
const REGISTRIES: &str = "microsoft.machinelearningservices/registries";
/// What a column may be, and a column that is computed.
const COLUMNS: [&str; 8] = [
    "id",
    "name",
    "type",
    "kind",
    "location",
    "subscriptionid",
    "resourcegroup",
    "tenantid",
];
const STATE: &str = "state = tostring(properties.provisioningstate)";

impl Query {
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.to_lowercase();
        let parts: Vec<String> = text
            .split('|')
            .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        let [table, filter, project, order] = parts.as_slice() else {
            return None;
        };
        if table != "resources" || !matches!(order.as_str(), "order by id" | "order by id asc") {
            return None;
        }
        let kind = filter
            .strip_prefix("where type =~ '")
            .and_then(|rest| rest.strip_suffix('\''))
            .filter(|kind| [WORKSPACES, REGISTRIES].contains(kind))?;
        let columns: Vec<String> = project
            .strip_prefix("project ")?
            .split(',')
            .map(|column| column.trim().to_owned())
            .collect();
        let known = |column: &String| COLUMNS.contains(&column.as_str()) || column == STATE;
        // Without the ids a result has no order that pages could keep to.
        (columns.iter().all(known) && columns.iter().any(|column| column == "id")).then_some(Self {
            workspaces: kind == WORKSPACES,
            columns,
        })
    }

    /// What the index says of a workspace. It writes groups and types small, whatever the resource manager writes.
    pub(super) fn row(&self, doc: &Value, workspace: &Workspace, tenant: &str) -> Option<Value> {
        if !self.workspaces {
            return None;
        }
        let group = workspace.resource_group.to_lowercase();
        let mut row = Map::new();
        for column in &self.columns {
            let (name, value) = match column.as_str() {
                "id" => (
                    "id",
                    json!(format!(
                        "/subscriptions/{}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{}",
                        workspace.subscription, workspace.name
                    )),
                ),
                "name" => ("name", json!(workspace.name)),
                "type" => ("type", json!(WORKSPACES)),
                "kind" => ("kind", doc.get("kind").cloned().unwrap_or_default()),
                "location" => ("location", json!(workspace.region)),
                "subscriptionid" => ("subscriptionId", json!(workspace.subscription)),
                "resourcegroup" => ("resourceGroup", json!(group)),
                "tenantid" => ("tenantId", json!(tenant)),
                _ => (
                    "state",
                    doc.pointer("/properties/provisioningState")
                        .cloned()
                        .unwrap_or_else(|| "".into()),
                ),
            };
            row.insert(name.to_owned(), value);
        }
        Some(Value::Object(row))
    }
}

#[cfg(test)]
mod tests {
    use super::Query;

    #[test]
    fn one_question_is_known_and_no_other() {
        let of = |text: &str| Query::read(text).is_some();
        let good = "resources | where type =~ 'microsoft.machinelearningservices/workspaces'\n| project id, kind, location, \
                    tenantId, state = tostring(properties.provisioningState) | order by id asc";
        assert!(of(good));
        assert!(of(&good.replace("workspaces", "registries")));
        for bad in [
            good.replace("resources |", "resourcecontainers |"),
            good.replace("machinelearningservices", "storage"),
            good.replace("order by id asc", "order by location"),
            good.replace("project id, kind", "project kind"),
            good.replace("tenantId", "tenantid, properties"),
            good.replace("| order by id asc", ""),
            format!("{good} | take 5"),
        ] {
            assert!(!of(&bad), "{bad}");
        }
    }
}
