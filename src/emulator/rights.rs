//! What the caller may do: the built-in roles, the permissions they grant, and the refusals that follow from them.

use super::ask::Ask;
use super::deeds;
use super::errors::{Plane, fault};
use super::hub::Hub;
use super::reply::Reply;
use super::route::Service;
use super::world::Home;
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Owner,
    Contributor,
    DataScientist,
    RegistryUser,
    Reader,
}

/// The definition of a role, whose id is the same in every tenant.
struct Definition {
    word: &'static str,
    id: &'static str,
    actions: &'static [&'static str],
    not_actions: &'static [&'static str],
}

const OWNER: Definition = Definition {
    word: "owner",
    id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    actions: &["*"],
    not_actions: &[],
};

const CONTRIBUTOR: Definition = Definition {
    word: "contributor",
    id: "b24988ac-6180-42a0-ab88-20f7382dd24c",
    actions: &["*"],
    not_actions: &[
        "Microsoft.Authorization/*/Delete",
        "Microsoft.Authorization/*/Write",
        "Microsoft.Authorization/elevateAccess/Action",
    ],
};

const DATA_SCIENTIST: Definition = Definition {
    word: "data-scientist",
    id: "f6c7c914-8db3-469d-8ca1-694a8f32e121",
    actions: &[
        "Microsoft.MachineLearningServices/workspaces/*/read",
        "Microsoft.MachineLearningServices/workspaces/*/action",
        "Microsoft.MachineLearningServices/workspaces/*/delete",
        "Microsoft.MachineLearningServices/workspaces/*/write",
    ],
    not_actions: &[
        "Microsoft.MachineLearningServices/workspaces/delete",
        "Microsoft.MachineLearningServices/workspaces/write",
        "Microsoft.MachineLearningServices/workspaces/computes/*/write",
        "Microsoft.MachineLearningServices/workspaces/computes/*/delete",
        "Microsoft.MachineLearningServices/workspaces/computes/listKeys/action",
        "Microsoft.MachineLearningServices/workspaces/listKeys/action",
    ],
};

const REGISTRY_USER: Definition = Definition {
    word: "registry-user",
    id: "1823dd4f-9b8c-4ab6-ab4e-7397a3684615",
    actions: &[
        "Microsoft.MachineLearningServices/registries/read",
        "Microsoft.MachineLearningServices/registries/assets/*",
    ],
    not_actions: &[],
};

const READER: Definition = Definition {
    word: "reader",
    id: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    actions: &["*/read"],
    not_actions: &[],
};

const ROLES: [Role; 5] = [
    Role::Owner,
    Role::Contributor,
    Role::DataScientist,
    Role::RegistryUser,
    Role::Reader,
];

impl Role {
    fn definition(self) -> &'static Definition {
        match self {
            Self::Owner => &OWNER,
            Self::Contributor => &CONTRIBUTOR,
            Self::DataScientist => &DATA_SCIENTIST,
            Self::RegistryUser => &REGISTRY_USER,
            Self::Reader => &READER,
        }
    }

    pub(crate) fn named(word: &str) -> Option<Self> {
        ROLES.into_iter().find(|role| role.word() == word)
    }

    pub(crate) fn word(self) -> &'static str {
        self.definition().word
    }

    pub(crate) fn definition_id(self) -> &'static str {
        self.definition().id
    }

    /// What `Permissions - List For Resource` says.
    pub(crate) fn permissions(self) -> Value {
        let definition = self.definition();
        json!([{"actions": definition.actions, "notActions": definition.not_actions,
                "dataActions": [], "notDataActions": []}])
    }

    fn may(self, action: &str) -> bool {
        let definition = self.definition();
        let named = |patterns: &[&str]| patterns.iter().any(|pattern| fits(pattern, action));
        named(definition.actions) && !named(definition.not_actions)
    }
}

/// A star stands for anything, slashes too, and between two slashes for nothing at all: `computes/*/delete` is how the
/// definition of the data scientist takes away the deleting of computes. Letters are compared without regard to case.
fn fits(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_lowercase(), action.to_lowercase());
    if pattern.replace("/*/", "/") == action {
        return true;
    }
    match pattern.split_once('*') {
        None => pattern == action,
        Some((head, tail)) => {
            action.len() >= head.len() + tail.len()
                && action.starts_with(head)
                && action.ends_with(tail)
        }
    }
}

const PROVIDER: &str = "Microsoft.MachineLearningServices";

/// What the resource manager calls a request to something below a workspace or registry: the types in its path, and the verb.
fn action(ask: &Ask, home: Home, rest: &[&str]) -> String {
    let mut name = format!("{PROVIDER}/{}", home.word());
    match home {
        // Of whatever sort they are, the permissions have one word for what a registry holds.
        Home::Registry if !rest.is_empty() => name.push_str("/assets"),
        _ => {
            for word in rest.iter().step_by(2) {
                name.push('/');
                name.push_str(word);
            }
        }
    }
    let verb = match ask.method.as_str() {
        "DELETE" => "delete",
        "PUT" | "PATCH" => "write",
        "POST" => "action",
        _ => "read",
    };
    format!("{name}/{verb}")
}

/// The refusal of the resource manager, when the caller's role does not hold the right.
pub(crate) fn refusal(hub: &Hub, ask: &Ask, home: Home, rest: &[&str]) -> Option<Reply> {
    let role = hub.settings().role?;
    let action = action(ask, home, rest);
    if role.may(&action) {
        return None;
    }
    let caller = hub.people.first()?;
    Some(fault(
        Plane::Arm,
        403,
        "AuthorizationFailed",
        &format!(
            "The client '{}' with object id '{}' does not have authorization to perform action '{action}' over scope '{}' \
             or the scope is invalid. If access was recently granted, please refresh your credentials.",
            caller.mail(),
            caller.object_id,
            ask.path.trim_end_matches('/')
        ),
    ))
}

/// The same of the data plane, whose services ask the resource manager and answer in their own form.
pub(crate) fn refusal_of_service(
    hub: &Hub,
    ask: &Ask,
    service: Service,
    rest: &[&str],
) -> Option<Reply> {
    let role = hub.settings().role?;
    if !deeds::changes(ask, service, rest) {
        return None;
    }
    let what = match service {
        Service::History | Service::Execution | Service::Artifact | Service::Metric => {
            "experiments/runs"
        }
        Service::Models(_) => "models",
        Service::Pipelines(_) => "pipelinedrafts",
        Service::Datastore => "datastores",
        Service::Dataset => "datasets/registered",
        _ => "services",
    };
    let verb = if ask.is("DELETE") { "delete" } else { "write" };
    let action = format!("{PROVIDER}/workspaces/{what}/{verb}");
    (!role.may(&action)).then(|| {
        fault(
            service.plane(),
            403,
            "AuthorizationFailed",
            &format!(
                "The caller does not have authorization to perform action '{action}' in this workspace."
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_actions() {
        assert!(fits("*", "a/b/delete"));
        assert!(fits("*/read", "a/b/READ"));
        assert!(!fits("*/read", "a/b/delete"));
        assert!(fits("A/*/delete", "a/b/c/delete"));
        assert!(fits("A/*/delete", "a/delete"));
        assert!(!fits("A/*/delete", "b/c/delete"));
    }

    #[test]
    fn a_data_scientist_deletes_assets_and_neither_computes_nor_the_workspace() {
        let may =
            |rest: &str| Role::DataScientist.may(&format!("{PROVIDER}/workspaces{rest}/delete"));
        assert!(may("/models"));
        assert!(may("/jobs"));
        assert!(!may("/computes"));
        assert!(!may(""));
        assert!(Role::Contributor.may(&format!("{PROVIDER}/workspaces/delete")));
        assert!(!Role::Reader.may(&format!("{PROVIDER}/workspaces/models/delete")));
    }
}
