//! The one query that is known, by its parts.

use crate::emulator::world::{Home, Workspace};
use serde_json::{Map, Value, json};

/// `resources | where type =~ '..' | project .. | order by id asc`, or `type in~ ('..', '..')`.
pub(super) struct Query {
    homes: Vec<Home>,
    columns: Vec<String>,
}

const PROVIDER: &str = "microsoft.machinelearningservices";
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
        let homes = homes(filter.strip_prefix("where type ")?)?;
        let columns: Vec<String> = project
            .strip_prefix("project ")?
            .split(',')
            .map(|column| column.trim().to_owned())
            .collect();
        let known = |column: &String| COLUMNS.contains(&column.as_str()) || column == STATE;
        // Without the ids a result has no order that pages could keep to.
        (columns.iter().all(known) && columns.iter().any(|column| column == "id"))
            .then_some(Self { homes, columns })
    }

    /// What the index says of a workspace or registry. It writes groups and types small, whatever the resource manager writes.
    pub(super) fn row(&self, doc: &Value, workspace: &Workspace, tenant: &str) -> Option<Value> {
        if !self.homes.contains(&workspace.home) {
            return None;
        }
        let word = workspace.home.word();
        let group = workspace.resource_group.to_lowercase();
        let mut row = Map::new();
        for column in &self.columns {
            let (name, value) = match column.as_str() {
                "id" => (
                    "id",
                    json!(format!(
                        "/subscriptions/{}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/{word}/{}",
                        workspace.subscription, workspace.name
                    )),
                ),
                "name" => ("name", json!(workspace.name)),
                "type" => ("type", json!(format!("{PROVIDER}/{word}"))),
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

/// The types of a filter: `=~ '..'`, or `in~ ('..', '..')`.
fn homes(filter: &str) -> Option<Vec<Home>> {
    let types: Vec<&str> = match filter.strip_prefix("in~ (") {
        Some(list) => list.strip_suffix(')')?.split(',').map(str::trim).collect(),
        None => vec![filter.strip_prefix("=~ ")?],
    };
    types
        .into_iter()
        .map(|quoted| {
            let name = quoted.strip_prefix('\'')?.strip_suffix('\'')?;
            let word = name.strip_prefix(PROVIDER)?.strip_prefix('/')?;
            [Home::Workspace, Home::Registry]
                .into_iter()
                .find(|home| home.word() == word)
        })
        .collect()
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
        let both = good.replace(
            "=~ 'microsoft.machinelearningservices/workspaces'",
            "in~ ('Microsoft.MachineLearningServices/workspaces', 'microsoft.machinelearningservices/registries')",
        );
        assert!(of(&both));
        for bad in [
            both.replace("services/registries", "services/endpoints"),
            both.replace("registries')", "registries'"),
            both.replace("in~ (", "in ("),
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
