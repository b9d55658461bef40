//! From a path to a service and a workspace. The long ARM prefix is matched without regard to case; what follows it is
//! the business of the service.

use super::ask::Ask;
use super::errors::Plane;
use super::hub::Hub;
use super::world::{Home, Standing, Workspace, World};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    History,
    Artifact,
    Metric,
    /// Whether the newer address was used.
    Models(bool),
    Pipelines(bool),
    Datastore,
    Dataset,
    /// Whether the newer address was used.
    Content(bool),
    Environment,
    Notification,
    Execution,
    Rp,
}

impl Service {
    pub(crate) fn plane(self) -> Plane {
        match self {
            Self::Models(_) => Plane::Models,
            Self::Pipelines(_) => Plane::Pipelines,
            Self::Rp => Plane::Arm,
            _ => Plane::History,
        }
    }
}

/// The service of a data-plane path, and how many segments its prefix takes.
pub(crate) fn service(segments: &[String]) -> Option<(Service, usize)> {
    let first = segments.first()?.to_lowercase();
    let second = segments
        .get(1)
        .map(|text| text.to_lowercase())
        .unwrap_or_default();
    Some(match (first.as_str(), second.as_str()) {
        ("history", "v1.0")
            if segments
                .get(2)
                .is_some_and(|text| text.eq_ignore_ascii_case("private")) =>
        {
            (Service::History, 3)
        }
        ("history", "v1.0") => (Service::History, 2),
        ("artifact", "v1.0" | "v2.0") => (Service::Artifact, 2),
        ("metric", "v2.0") => (Service::Metric, 2),
        ("modelmanagement", "v1.0") => (Service::Models(true), 2),
        ("api", "subscriptions") => (Service::Models(false), 1),
        ("pipelines", "v1.0") => (Service::Pipelines(true), 2),
        ("api", "v1.0") => (Service::Pipelines(false), 2),
        ("datastore", "v1.0") => (Service::Datastore, 2),
        ("dataset", "v1.0" | "v1.2" | "v2.0") => (Service::Dataset, 2),
        ("content", "v1.0") => (Service::Content(false), 2),
        ("content", "v2.0") => (Service::Content(true), 2),
        ("environment", "v1.0") => (Service::Environment, 2),
        ("notification", "v1.0") => (Service::Notification, 2),
        ("execution", "v1.0") => (Service::Execution, 2),
        ("rp", "workspaces") => (Service::Rp, 2),
        _ => return None,
    })
}

/// The names in `/subscriptions/../resourceGroups/../providers/Microsoft.MachineLearningServices/workspaces/..`, or those of a
/// registry.
pub(crate) struct Scope<'a> {
    pub(crate) home: Home,
    pub(crate) subscription: &'a str,
    pub(crate) group: &'a str,
    pub(crate) workspace: &'a str,
}

const LENGTH: usize = 8;

/// Reads the prefix of a workspace; gives what stands behind it.
pub(crate) fn scope(segments: &[String]) -> Option<(Scope<'_>, &[String])> {
    scope_of(Home::Workspace, segments)
}

/// The same of a workspace or a registry.
pub(crate) fn scope_of(home: Home, segments: &[String]) -> Option<(Scope<'_>, &[String])> {
    let is = |at: usize, word: &str| {
        segments
            .get(at)
            .is_some_and(|text| text.eq_ignore_ascii_case(word))
    };
    let fits = segments.len() >= LENGTH
        && is(0, "subscriptions")
        && is(2, "resourceGroups")
        && is(4, "providers")
        && is(5, "Microsoft.MachineLearningServices")
        && is(6, home.word());
    fits.then(|| {
        (
            Scope {
                home,
                subscription: &segments[1],
                group: &segments[3],
                workspace: &segments[7],
            },
            &segments[LENGTH..],
        )
    })
}

/// A living workspace or registry and its place among its like.
pub(crate) fn find(world: &World, scope: &Scope<'_>) -> Option<usize> {
    world
        .homes(scope.home)
        .iter()
        .position(|workspace| workspace.standing == Standing::Live && is_named(workspace, scope))
}

/// Whether these are the names of a workspace or registry, whose letter case does not count.
pub(crate) fn is_named(workspace: &Workspace, scope: &Scope<'_>) -> bool {
    workspace.name.eq_ignore_ascii_case(scope.workspace)
        && workspace.resource_group.eq_ignore_ascii_case(scope.group)
        && workspace
            .subscription
            .eq_ignore_ascii_case(scope.subscription)
}

/// One request to a workspace.
pub(crate) struct Call<'a> {
    pub(crate) hub: &'a Hub,
    pub(crate) ask: &'a Ask,
    pub(crate) workspace: &'a Workspace,
    pub(crate) rest: Vec<&'a str>,
}

impl Call<'_> {
    /// Builds the address of the next page: the same request with another token.
    pub(crate) fn link(&self, parameter: &'static str) -> impl Fn(&str) -> String {
        link(&self.hub.origins.arm, self.ask, parameter)
    }
}

pub(crate) fn link(origin: &str, ask: &Ask, parameter: &'static str) -> impl Fn(&str) -> String {
    let bare = parameter.trim_start_matches('$').to_lowercase();
    let kept: Vec<&str> = ask
        .raw_query
        .split('&')
        .filter(|pair| {
            let name = super::ask::decode(pair.split('=').next().unwrap_or_default());
            !pair.is_empty()
                && name.trim_start_matches('$').to_lowercase() != bare
                && name != "code"
        })
        .collect();
    let mut address = format!("{origin}{}?", ask.path);
    for pair in kept {
        address.push_str(pair);
        address.push('&');
    }
    let spelled = parameter.replace('$', "%24");
    move |token: &str| format!("{address}{spelled}={token}")
}
