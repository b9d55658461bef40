//! Scopes that are wider than a subscription. They are named on the command line or not at all: nothing that stands in an
//! environment or a file makes them wider or narrower.

use super::sources::Found;
use super::{Scope, ScopeArgs, ScopeError, shape};

const ALL: &str = "--all-subscriptions";
const GROUP: &str = "--management-group";

/// The wide scope, if one is named, and where each value came from.
pub(super) fn named(args: &ScopeArgs) -> Result<Option<(Scope, Vec<String>)>, ScopeError> {
    let option = match (args.all_subscriptions, &args.management_group) {
        (true, Some(_)) => {
            return Err(ScopeError::Conflict {
                option: ALL,
                other: GROUP,
            });
        }
        (true, None) => ALL,
        (false, Some(_)) => GROUP,
        (false, None) => return Ok(None),
    };
    // `--all-workspaces` says the same once more, and does no harm.
    for (other, given) in [
        ("--subscription", args.subscription.is_some()),
        ("--resource-group", args.resource_group.is_some()),
        ("--workspace-name", args.workspace.is_some()),
        ("--workspace-id", args.workspace_id.is_some()),
    ] {
        if given {
            return Err(ScopeError::Conflict { option, other });
        }
    }
    let Some(value) = &args.management_group else {
        return Ok(Some((Scope::Everywhere, Vec::new())));
    };
    let found = Found {
        value: value.clone(),
        origin: GROUP.to_owned(),
    };
    let name = shape::management_group(&found)?;
    let notes = vec![format!("management group {name}: {GROUP}")];
    Ok(Some((Scope::ManagementGroup { name }, notes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(change: impl FnOnce(&mut ScopeArgs)) -> Result<Option<Scope>, String> {
        let mut args = ScopeArgs::default();
        change(&mut args);
        named(&args)
            .map(|found| found.map(|(scope, _)| scope))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_wide_scope_stands_alone() {
        assert_eq!(of(|_| {}), Ok(None));
        let everywhere = of(|args| {
            args.all_subscriptions = true;
            args.all_workspaces = true;
        });
        assert_eq!(everywhere, Ok(Some(Scope::Everywhere)));
        let group = of(|args| args.management_group = Some("mg-1 ".to_owned()));
        let name = "mg-1".to_owned();
        assert_eq!(group, Ok(Some(Scope::ManagementGroup { name })));
        let both = of(|args| {
            args.all_subscriptions = true;
            args.management_group = Some("mg".to_owned());
        });
        assert!(both.expect_err("two scopes").contains("exclude each other"));
        let narrowed = of(|args| {
            args.all_subscriptions = true;
            args.workspace = Some("ws".to_owned());
        });
        assert!(
            narrowed
                .expect_err("narrowed")
                .contains("--all-subscriptions and --workspace-name")
        );
    }

    #[test]
    fn a_management_group_has_the_shape_that_azure_gives_it() {
        for bad in ["", "a/b", "a b", "mg.", "mg\n2", "mg?x", &"m".repeat(91)] {
            assert!(
                of(|args| args.management_group = Some(bad.to_owned())).is_err(),
                "{bad}"
            );
        }
    }
}
