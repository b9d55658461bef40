//! From arguments to a wire: which cloud, which credential, which workspaces; or the emulator in place of all three.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::commands::{ConnectionArgs, World, WorldArgs};
use super::ending::{Ending, Failure};
use super::scope::{self, Scope, ScopeArgs};
use crate::emulator::{self, Emulator};
use crate::kinds::roots::{REGISTRIES, WORKSPACES};
use crate::kinds::version;
use crate::report::{Event, Reporter};
use crate::walk::Roots;
use crate::wire::access::{self, SignIn};
use crate::wire::cloud::Cloud;
use crate::wire::secret::Secret;
use crate::wire::{Settings, Wire};

/// Everything that is needed to begin.
pub(super) struct Connection {
    pub wire: Arc<Wire>,
    pub roots: Roots,
    /// The scope as it was typed.
    pub typed: ScopeArgs,
    /// The scope in words, and for the identity of the bag.
    pub scope: String,
    pub cloud: String,
    /// Kept alive as long as it is talked to.
    pub emulator: Option<Emulator>,
}

/// Opens the connection. Nothing is sent yet, but for a cloud's metadata.
pub(super) async fn open(
    args: &ConnectionArgs,
    scope: &ScopeArgs,
    reporter: Arc<dyn Reporter>,
    stop: CancellationToken,
) -> anyhow::Result<Connection> {
    if let Some(version) = &args.api_version {
        version::speak(version);
    }
    let emulator = if args.emulator {
        let options = options(&args.world, 0)?;
        Some(
            emulator::start(options)
                .await
                .map_err(|error| no_emulator(error, 0))?,
        )
    } else {
        None
    };
    if !args.emulator && args.world.specifications.is_some() {
        return Err(Failure::usage(
            "--specifications says what the emulator serves; add --emulator --world examples, or leave it out",
        ));
    }
    let (cloud, sign_in) = if let Some(emulator) = &emulator {
        (
            Cloud::at_arm_endpoint(&emulator.arm_endpoint())?,
            SignIn::None,
        )
    } else {
        let cloud = cloud(args, &reporter).await?;
        let sign_in = sign_in(args, &cloud)?;
        (cloud, sign_in)
    };
    let (roots, words) = roots(scope, emulator.as_ref(), &reporter)?;
    // The port of an emulator in this process is chance; its world is what counts.
    let name = if args.emulator {
        "the emulator".to_owned()
    } else {
        format!(
            "{} ({})",
            cloud.name,
            cloud.arm.host_str().unwrap_or_default()
        )
    };
    let tokens = access::open(sign_in, &cloud)?;
    let settings = Settings {
        concurrency: usize::from(args.concurrency),
        budget: Duration::from_secs(args.max_wait),
        ..Settings::default()
    };
    let wire = Arc::new(Wire::new(cloud, tokens, reporter, stop, settings)?);
    Ok(Connection {
        wire,
        roots,
        typed: scope.clone(),
        scope: words,
        cloud: name,
        emulator,
    })
}

/// Why the emulator does not serve, with the ending that it means.
pub(super) fn no_emulator(error: emulator::StartError, port: u16) -> anyhow::Error {
    let (ending, message) = match error {
        emulator::StartError::Listen(error) => (
            Ending::Unexpected,
            format!(
                "the emulator cannot listen on port {port} of this machine: {error}; choose another with --port"
            ),
        ),
        emulator::StartError::Specifications(error) => (Ending::Usage, error.to_string()),
    };
    Failure { ending, message }.into()
}

/// The emulator's options, as typed.
pub(super) fn options(world: &WorldArgs, port: u16) -> anyhow::Result<emulator::Options> {
    if world.specifications.is_some() && world.world != World::Examples {
        return Err(Failure::usage(
            "--specifications belongs to --world examples; name that world, or leave it out",
        ));
    }
    Ok(emulator::Options {
        port,
        specifications: world.specifications.clone().unwrap_or_default(),
        world: match world.world {
            World::Contoso => emulator::WorldKind::Contoso,
            World::Empty => emulator::WorldKind::Empty,
            World::Examples => emulator::WorldKind::Examples,
            World::Tenant => emulator::WorldKind::Tenant,
        },
        shape: world.runs.map(|runs| emulator::Shape {
            runs,
            experiments: world.experiments.max(1),
            metrics: world.metrics,
            metric_values: world.metric_values,
            metrics_v2: world.metrics_v2,
            artifacts: world.artifacts,
            artifact_bytes: world.artifact_bytes,
            people: world.crowd,
        }),
        small: world.workspaces.map(|workspaces| emulator::Small {
            workspaces,
            items: world.items,
        }),
        latency: Duration::from_millis(world.latency),
        throttle: world.throttle,
        faults: world.faults,
        seed: world.seed,
        ..emulator::Options::default()
    })
}

/// The cloud: an address, a name, what other tools of the user work with, or the public one.
async fn cloud(args: &ConnectionArgs, reporter: &Arc<dyn Reporter>) -> anyhow::Result<Cloud> {
    if let Some(endpoint) = &args.arm_endpoint {
        return Ok(Cloud::at_arm_endpoint(endpoint)?);
    }
    let env = |name: &str| {
        std::env::var(name)
            .ok()
            .filter(|value| !value.trim().is_empty())
    };
    let chosen = match &args.cloud {
        Some(name) => Some(name.clone()),
        None => super::azconfig::cloud_in_use(&env, home().as_deref()).map(|(name, origin)| {
            reporter.report(&Event::Said(format!("cloud {name}, from {origin}")));
            name
        }),
    };
    if let Some(source) = env("ARM_CLOUD_METADATA_URL") {
        return Ok(Cloud::from_metadata(&source, chosen.as_deref()).await?);
    }
    Ok(match chosen {
        Some(name) => Cloud::named(&name)?,
        None => Cloud::public(),
    })
}

fn sign_in(args: &ConnectionArgs, cloud: &Cloud) -> anyhow::Result<SignIn> {
    if args.token_stdin {
        let mut text = String::new();
        std::io::stdin().take(1 << 20).read_to_string(&mut text)?;
        return Ok(SignIn::TokenStdin(Secret::new(text)));
    }
    Ok(match &args.credential {
        Some(name) => SignIn::Named(name.clone()),
        // On this machine no sign-in is tried unless it is asked for.
        None if cloud.loopback => SignIn::None,
        None => SignIn::Auto,
    })
}

fn home() -> Option<std::path::PathBuf> {
    std::env::home_dir()
}

/// The workspaces or the registry that are meant. Without any word about them, the emulator means its main workspace.
fn roots(
    args: &ScopeArgs,
    emulator: Option<&Emulator>,
    reporter: &Arc<dyn Reporter>,
) -> anyhow::Result<(Roots, String)> {
    let silent = args.subscription.is_none()
        && args.resource_group.is_none()
        && args.workspace.is_none()
        && args.workspace_id.is_none()
        && args.registry.is_none()
        && !args.all_subscriptions
        && args.management_group.is_none();
    let scope = match emulator {
        Some(emulator) if silent && args.all_workspaces => Scope::Subscription {
            subscription: emulator.subscription().to_owned(),
        },
        Some(emulator) if silent => Scope::Workspace {
            subscription: emulator.subscription().to_owned(),
            resource_group: emulator.resource_group().to_owned(),
            name: emulator.workspace().to_owned(),
        },
        Some(emulator) => {
            // The environment and files of this machine speak of Azure, not of the emulator.
            let mut args = args.clone();
            let wide = args.all_subscriptions || args.management_group.is_some();
            if args.workspace_id.is_none() && !wide {
                args.subscription
                    .get_or_insert_with(|| emulator.subscription().to_owned());
                if !args.all_workspaces {
                    args.resource_group
                        .get_or_insert_with(|| emulator.resource_group().to_owned());
                }
            }
            scope::resolve(&args, &|_| None, std::path::Path::new("/"), None)?.0
        }
        None => {
            let env = |name: &str| std::env::var(name).ok();
            let here = std::env::current_dir().map_err(|error| Failure {
                ending: Ending::Unexpected,
                message: format!("the current directory cannot be read: {error}"),
            })?;
            let (scope, notes) = scope::resolve(args, &env, &here, home().as_deref())?;
            for note in notes {
                reporter.report(&Event::Said(note));
            }
            scope
        }
    };
    let words = scope.to_string();
    let roots = match scope {
        Scope::Workspace {
            subscription,
            resource_group,
            name,
        } => Roots::One {
            root: &WORKSPACES,
            subscription,
            group: resource_group,
            name,
        },
        Scope::Registry {
            subscription,
            resource_group,
            name,
        } => Roots::One {
            root: &REGISTRIES,
            subscription,
            group: resource_group,
            name,
        },
        Scope::Group {
            subscription,
            resource_group,
        } => Roots::Group {
            subscription,
            group: resource_group,
        },
        Scope::Subscription { subscription } => Roots::Subscription { subscription },
        Scope::ManagementGroup { name } => Roots::Everywhere {
            management_group: Some(name),
        },
        Scope::Everywhere => Roots::Everywhere {
            management_group: None,
        },
    };
    Ok((roots, words))
}
