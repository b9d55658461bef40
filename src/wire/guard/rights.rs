//! What a caller may do, judged from the permissions that the resource manager names. Pure.

use serde_json::Value;

use crate::kinds::item::{at, scalar};

/// What one role, or one part of it, gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permission {
    pub actions: Vec<String>,
    pub not_actions: Vec<String>,
    /// It holds under a condition that is not looked into here.
    pub conditional: bool,
}

impl Permission {
    /// From a document of the list.
    pub(super) fn of(doc: &Value) -> Self {
        let texts = |path: &str| at(doc, path).into_iter().filter_map(scalar).collect();
        Self {
            actions: texts("actions/*"),
            not_actions: texts("notActions/*"),
            conditional: at(doc, "condition")
                .into_iter()
                .any(|text| scalar(text).is_some()),
        }
    }

    fn gives(&self, action: &str) -> bool {
        let named = |patterns: &[String]| patterns.iter().any(|pattern| takes(pattern, action));
        named(&self.actions) && !named(&self.not_actions)
    }
}

/// Whether somebody may do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum May {
    /// A role gives it. A deny assignment, which this list does not show, can still take it away.
    Yes,
    /// No role gives it.
    No,
    /// It may not be read, or depends on a condition.
    Unknown,
}

/// Whether these permissions give an action. What one role takes back another may give.
pub fn may(permissions: &[Permission], action: &str) -> May {
    let giving = || permissions.iter().filter(|one| one.gives(action));
    if giving().any(|one| !one.conditional) {
        May::Yes
    } else if giving().next().is_some() {
        May::Unknown
    } else {
        May::No
    }
}

/// Whether a pattern, in which a star stands for any text, slashes too, takes an action. Without regard to case.
fn takes(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_lowercase(), action.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = action.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let Some(last) = pattern.contains('*').then(|| parts.next_back()).flatten() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(found) = rest.find(part) else {
            return false;
        };
        rest = &rest[found + part.len()..];
    }
    rest.ends_with(last)
}

/// The right that the last call of a kind asks for, where Microsoft's list of permissions (Azure role-based access control,
/// permissions for AI and machine learning) names it. What is not named there is not guessed.
pub fn action(kind: &str) -> Option<String> {
    let row = crate::kinds::find(kind)?;
    let root = crate::kinds::root_of(row).kind;
    let below = match kind {
        "workspaces" | "registries" => "delete",
        // Of whatever sort, what a registry holds and may lose has one word in the permissions.
        _ if root == "registries" && !row.remove.is_empty() => "assets/delete",
        "computes" => "computes/delete",
        "experiments" => "experiments/delete",
        // A run is erased as a job.
        "runs" | "jobs" => "jobs/delete",
        "artifacts" | "asset-artifacts" => "metadata/artifacts/delete",
        "datastores" | "arm-datastores" => "datastores/delete",
        "datasets" => "datasets/registered/delete",
        "models" | "arm-models" => "models/delete",
        "arm-model-versions" => "models/versions/delete",
        "published-pipelines" | "pipeline-endpoints" | "pipeline-templates" => {
            "endpoints/pipelines/write"
        }
        "pipeline-drafts" => "pipelinedrafts/delete",
        "schedules" => "schedules/delete",
        "data-assets" => "data/delete",
        "data-asset-versions" => "data/versions/delete",
        "arm-environment-versions" => "environments/versions/delete",
        "components" => "components/delete",
        "component-versions" => "components/versions/delete",
        "codes" => "codes/delete",
        "code-versions" => "codes/versions/delete",
        "feature-sets" => "featuresets/delete",
        "feature-store-entities" => "featurestoreentities/delete",
        "online-endpoints" => "onlineEndpoints/delete",
        "online-deployments" => "onlineEndpoints/deployments/delete",
        "batch-endpoints" => "batchEndpoints/delete",
        "batch-deployments" => "batchEndpoints/deployments/delete",
        "serverless-endpoints" => "serverlessEndpoints/delete",
        "marketplace-subscriptions" => "marketplaceSubscriptions/delete",
        "connections" => "connections/delete",
        "private-endpoint-connections" => "privateEndpointConnections/delete",
        _ => return None,
    };
    Some(format!("Microsoft.MachineLearningServices/{root}/{below}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn permission(actions: &[&str], not_actions: &[&str]) -> Permission {
        Permission::of(&json!({"actions": actions, "notActions": not_actions}))
    }

    #[test]
    fn stars_stand_for_any_text() {
        let action = "Microsoft.MachineLearningServices/workspaces/computes/delete";
        for pattern in [
            "*",
            "*/delete",
            "microsoft.machinelearningservices/*",
            "Microsoft.MachineLearningServices/workspaces/*/delete",
            "Microsoft.MachineLearningServices/*/computes/*",
            "*/workspaces/*/del*te",
            action,
        ] {
            assert!(takes(pattern, action), "{pattern}");
        }
        for pattern in [
            "",
            "*/read",
            "Microsoft.Machine",
            "Microsoft.MachineLearningServices/workspaces/*/delete/",
            "*/jobs/*",
            "Microsoft.MachineLearningServices/workspaces/computes/delete/*",
            "*/delete*/delete",
        ] {
            assert!(!takes(pattern, action), "{pattern}");
        }
    }

    #[test]
    fn one_role_gives_back_what_another_leaves_out() {
        let action = action("computes").expect("named");
        let scientist = permission(
            &["Microsoft.MachineLearningServices/workspaces/*/delete"],
            &[
                "Microsoft.MachineLearningServices/workspaces/computes/*/delete",
                "*/computes/delete",
            ],
        );
        let contributor = permission(&["*"], &["Microsoft.Authorization/*/Delete"]);
        assert_eq!(may(&[], &action), May::No);
        assert_eq!(may(std::slice::from_ref(&scientist), &action), May::No);
        assert_eq!(may(&[scientist, contributor], &action), May::Yes);
        let mut conditional = permission(&["*"], &[]);
        conditional.conditional = true;
        assert_eq!(may(&[conditional.clone()], &action), May::Unknown);
        assert_eq!(
            may(&[conditional, permission(&["*"], &[])], &action),
            May::Yes
        );
    }

    #[test]
    fn rights_are_named_for_kinds_that_have_a_call() {
        let mut named = 0;
        for kind in crate::kinds::all() {
            let right = action(kind.name);
            assert!(right.is_none() || !kind.remove.is_empty(), "{}", kind.name);
            named += usize::from(right.is_some());
        }
        assert_eq!(named, 46, "a name of a kind is misspelled");
        assert_eq!(
            action("registry-code-versions").as_deref(),
            Some("Microsoft.MachineLearningServices/registries/assets/delete")
        );
        assert_eq!(
            action("registries").as_deref(),
            Some("Microsoft.MachineLearningServices/registries/delete")
        );
    }
}
