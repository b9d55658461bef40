//! Which workspace, resource group or subscription is meant, and where the user said so.
//!
//! Conventions come from `az ml`: a value on the command line wins over the environment, that over the workspace's own
//! `config.json`, and that over the defaults of `az config`. Since the answer decides what is erased, each value keeps its
//! origin, to be shown, and each is checked for its shape before it can become part of an address.

mod shape;
mod sources;
mod wide;

use std::fmt;
use std::path::Path;

use self::sources::Found;
use crate::walk::Wanted;

/// The options that name a scope.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Scope")]
pub struct ScopeArgs {
    /// Id of the subscription
    #[arg(long, value_name = "ID")]
    pub subscription: Option<String>,
    /// Name of the resource group
    #[arg(short = 'g', long, value_name = "NAME")]
    pub resource_group: Option<String>,
    /// Name of the workspace
    #[arg(short = 'w', long = "workspace-name", value_name = "NAME")]
    pub workspace: Option<String>,
    /// Whole ARM id of the workspace, in place of the three options above
    #[arg(long, value_name = "ARM_ID")]
    pub workspace_id: Option<String>,
    /// Every workspace and registry of the subscription, or of the resource group if one is named here
    #[arg(long)]
    pub all_workspaces: bool,
    /// Name of a registry, in place of a workspace
    #[arg(long, value_name = "NAME")]
    pub registry: Option<String>,
    /// Every workspace and registry of every subscription that you can see
    #[arg(long)]
    pub all_subscriptions: bool,
    /// Every workspace and registry below this management group
    #[arg(long, value_name = "NAME")]
    pub management_group: Option<String>,
    /// Name of a capability host, of which no list exists; repeatable
    #[arg(long, value_name = "NAME")]
    pub capability_host: Vec<String>,
}

impl ScopeArgs {
    /// Whether more than one workspace or registry may be meant.
    pub(super) fn is_of_several(&self) -> bool {
        self.all_workspaces || self.all_subscriptions || self.management_group.is_some()
    }

    /// What is wanted, with what only a person can name.
    pub(super) fn naming(&self, wanted: Wanted) -> Wanted {
        wanted.naming("capability-hosts", &self.capability_host)
    }
}

/// What a command works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    Workspace {
        subscription: String,
        resource_group: String,
        name: String,
    },
    Registry {
        subscription: String,
        resource_group: String,
        name: String,
    },
    Group {
        subscription: String,
        resource_group: String,
    },
    Subscription {
        subscription: String,
    },
    ManagementGroup {
        name: String,
    },
    Everywhere,
}

/// What a scope is about that names no single one. The report knows these words.
const EVERY: &str = "every workspace and registry";

/// The same scope without its registries, in words.
pub(super) fn without_registries(scope: &str) -> String {
    match scope.strip_prefix(EVERY) {
        Some(rest) => format!("every workspace{rest}"),
        None => scope.to_owned(),
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workspace {
                subscription,
                resource_group,
                name,
            } => {
                write!(
                    f,
                    "workspace {name} in resource group {resource_group} of subscription {subscription}"
                )
            }
            Self::Registry {
                subscription,
                resource_group,
                name,
            } => {
                write!(
                    f,
                    "registry {name} in resource group {resource_group} of subscription {subscription}"
                )
            }
            Self::Group {
                subscription,
                resource_group,
            } => {
                write!(
                    f,
                    "{EVERY} in resource group {resource_group} of subscription {subscription}"
                )
            }
            Self::Subscription { subscription } => {
                write!(f, "{EVERY} of subscription {subscription}")
            }
            Self::ManagementGroup { name } => {
                write!(f, "{EVERY} below management group {name}")
            }
            Self::Everywhere => write!(f, "{EVERY} of every subscription"),
        }
    }
}

/// A scope that was not named, or not in a way that can be used: a usage error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    #[error("{what} is not named: pass {flag}, set {variable}, {file}.")]
    Missing {
        what: &'static str,
        flag: &'static str,
        variable: &'static str,
        file: &'static str,
    },
    #[error("{option} and {other} exclude each other: leave out one of them.")]
    Conflict {
        option: &'static str,
        other: &'static str,
    },
    #[error("\"{value}\" ({origin}) is not {expected}.")]
    Invalid {
        value: String,
        origin: String,
        expected: &'static str,
    },
    #[error(
        "{path} cannot be used: {why}. Correct it, or name the workspace with --subscription, -g and -w."
    )]
    BadFile { path: String, why: &'static str },
}

/// Finds the scope, and says for each value where it came from.
pub fn resolve(
    args: &ScopeArgs,
    env: &dyn Fn(&str) -> Option<String>,
    cwd: &Path,
    home: Option<&Path>,
) -> anyhow::Result<(Scope, Vec<String>)> {
    Ok(find(args, env, cwd, home)?)
}

fn find(
    args: &ScopeArgs,
    env: &dyn Fn(&str) -> Option<String>,
    cwd: &Path,
    home: Option<&Path>,
) -> Result<(Scope, Vec<String>), ScopeError> {
    if let Some(found) = wide::named(args)? {
        return Ok(found);
    }
    for (option, given) in [
        ("--subscription", args.subscription.is_some()),
        ("--resource-group", args.resource_group.is_some()),
        ("--workspace-name", args.workspace.is_some()),
        ("--all-workspaces", args.all_workspaces),
    ] {
        if given && args.workspace_id.is_some() {
            return Err(ScopeError::Conflict {
                option: "--workspace-id",
                other: option,
            });
        }
    }
    if args.all_workspaces && args.workspace.is_some() {
        return Err(ScopeError::Conflict {
            option: "--all-workspaces",
            other: "--workspace-name",
        });
    }
    for (option, given) in [
        ("--workspace-id", args.workspace_id.is_some()),
        ("--workspace-name", args.workspace.is_some()),
        ("--all-workspaces", args.all_workspaces),
    ] {
        if given && args.registry.is_some() {
            return Err(ScopeError::Conflict {
                option: "--registry",
                other: option,
            });
        }
    }
    if let Some(id) = &args.workspace_id {
        let [subscription, resource_group, name] = shape::workspace_id(id)?;
        let notes = vec!["subscription, resource group and workspace: --workspace-id".to_owned()];
        return Ok((
            Scope::Workspace {
                subscription,
                resource_group,
                name,
            },
            notes,
        ));
    }

    let flag = |value: &Option<String>, option: &str| {
        value.clone().map(|value| Found {
            value,
            origin: option.to_owned(),
        })
    };
    let from_flags = [
        flag(&args.subscription, "--subscription"),
        flag(&args.resource_group, "--resource-group"),
        flag(&args.workspace, "--workspace-name"),
    ];
    let mut notes = Vec::new();
    let mut note = |what: &str, found: &Found, value: &str| {
        notes.push(format!("{what} {value}: {}", found.origin));
    };

    if args.all_workspaces {
        // A default group somewhere must not make "all" mean less than it says, so that only the option narrows it.
        let [from_flags_subscription, group, _] = from_flags;
        let found = match from_flags_subscription {
            Some(found) => found,
            None => sources::search([None, None, None], env, cwd, home)?[0]
                .take()
                .ok_or(NO_SUBSCRIPTION)?,
        };
        let subscription = shape::subscription(&found)?;
        note("subscription", &found, &subscription);
        let Some(group) = group else {
            return Ok((Scope::Subscription { subscription }, notes));
        };
        let resource_group = shape::resource_group(&group)?;
        note("resource group", &group, &resource_group);
        return Ok((
            Scope::Group {
                subscription,
                resource_group,
            },
            notes,
        ));
    }

    if args.registry.is_some() {
        // A workspace that is named somewhere else is not meant, so its place is taken by the registry.
        let [subscription, group, _] = from_flags;
        let named = [subscription, group, flag(&args.registry, "--registry")];
        let [subscription, group, registry] = sources::search(named, env, cwd, home)?;
        let group = group.ok_or(NO_GROUP)?;
        let found = subscription.ok_or(NO_SUBSCRIPTION)?;
        let registry = registry.ok_or(NO_WORKSPACE)?;
        let subscription = shape::subscription(&found)?;
        note("subscription", &found, &subscription);
        let resource_group = shape::resource_group(&group)?;
        note("resource group", &group, &resource_group);
        let name = shape::registry(&registry)?;
        note("registry", &registry, &name);
        let scope = Scope::Registry {
            subscription,
            resource_group,
            name,
        };
        return Ok((scope, notes));
    }

    let [subscription, group, workspace] = sources::search(from_flags, env, cwd, home)?;
    // The workspace first: whoever has named nothing at all is best told to name that.
    let workspace = workspace.ok_or(NO_WORKSPACE)?;
    let group = group.ok_or(NO_GROUP)?;
    let found = subscription.ok_or(NO_SUBSCRIPTION)?;
    let subscription = shape::subscription(&found)?;
    note("subscription", &found, &subscription);
    let resource_group = shape::resource_group(&group)?;
    note("resource group", &group, &resource_group);
    let name = shape::workspace(&workspace)?;
    note("workspace", &workspace, &name);
    Ok((
        Scope::Workspace {
            subscription,
            resource_group,
            name,
        },
        notes,
    ))
}

const NO_SUBSCRIPTION: ScopeError = ScopeError::Missing {
    what: "The subscription",
    flag: "--subscription",
    variable: "AZURE_SUBSCRIPTION_ID",
    file: "choose one with az account set, or work in a directory with the workspace's config.json",
};
const NO_GROUP: ScopeError = ScopeError::Missing {
    what: "The resource group",
    flag: "--resource-group (-g)",
    variable: "AZURE_RESOURCE_GROUP",
    file: "run az config set defaults.group=NAME, or work in a directory with the workspace's config.json",
};
const NO_WORKSPACE: ScopeError = ScopeError::Missing {
    what: "The workspace",
    flag: "--workspace-name (-w) or --workspace-id, or --all-workspaces for every one",
    variable: "AZUREML_ARM_WORKSPACE_NAME",
    file: "run az config set defaults.workspace=NAME, or work in a directory with the workspace's config.json",
};

#[cfg(test)]
mod tests;
