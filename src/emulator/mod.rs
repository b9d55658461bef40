//! A small Azure Machine Learning on loopback: a second witness of the services, and a place to rehearse.
//!
//! It is written from the published specifications and imports no other room, so that it can contradict them. One origin
//! serves ARM and every data-plane prefix; a second one serves the blobs that signed links point at. Everything under
//! `/_emulator` is for tests: the truth about what the world holds, the secrets planted in it, what was asked so far, and
//! mishaps to come.

mod aether;
mod arm;
mod artifact;
mod ask;
mod blob;
mod content;
mod control;
mod copies;
mod deeds;
mod diary;
mod errors;
mod examples;
mod filter;
mod graph;
mod history;
mod hub;
mod ledger;
mod listener;
mod metric;
mod mint;
mod models;
mod page;
mod people;
mod reply;
mod rights;
mod route;
mod serve;
mod settings;
mod shelves;
mod sightings;
mod synthetic;
#[cfg(test)]
mod tests;
mod text;
mod touch;
mod truth;
mod weather;
mod world;

pub use examples::SpecificationsError;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Which world is served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WorldKind {
    /// Three workspaces of an invented company, small and awkward.
    #[default]
    Contoso,
    /// One workspace with nothing in it.
    Empty,
    /// The examples of the published specification, which are read from a directory.
    Examples,
    /// The three workspaces of the first world, and two more subscriptions around theirs.
    Tenant,
}

/// Many small workspaces, spread over the subscriptions. Their items are computed and never held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Small {
    pub workspaces: u32,
    /// Documents of each, its own counted.
    pub items: u64,
}

/// A run history of any size, computed and never held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    pub runs: u64,
    pub experiments: u64,
    /// Metrics of each run.
    pub metrics: u32,
    /// Values of each metric.
    pub metric_values: u32,
    /// Whether the metrics are of the second generation.
    pub metrics_v2: bool,
    /// Artifacts of each run.
    pub artifacts: u32,
    pub artifact_bytes: u64,
    /// How many people the runs are spread over, with addresses and look-alikes; a plain few when nothing is said.
    pub people: Option<u64>,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            runs: 1000,
            experiments: 4,
            metrics: 5,
            metric_values: 4,
            metrics_v2: false,
            artifacts: 3,
            artifact_bytes: 4096,
            people: None,
        }
    }
}

/// How the emulator is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port of the main origin; 0 takes any free one.
    pub port: u16,
    pub world: WorldKind,
    /// Where the published specifications are; the world of the examples is made of them.
    pub specifications: PathBuf,
    /// Replaces the run history of the main workspace.
    pub shape: Option<Shape>,
    /// Workspaces that are there beside those of the world.
    pub small: Option<Small>,
    /// Added to every answer.
    pub latency: Duration,
    /// Requests per second and origin that are served; more get a 429.
    pub throttle: Option<f64>,
    /// The share of requests that fail, from 0 to 1.
    pub faults: f64,
    pub seed: u64,
    /// What answers and links call the main origin, when a proxy stands in front of it.
    pub origin: Option<String>,
    /// The same for the origin of the blobs.
    pub blob_origin: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            world: WorldKind::Contoso,
            specifications: PathBuf::new(),
            shape: None,
            small: None,
            latency: Duration::ZERO,
            throttle: None,
            faults: 0.0,
            seed: 1,
            origin: None,
            blob_origin: None,
        }
    }
}

/// A running emulator. Dropping it stops it as well.
#[derive(Debug)]
pub struct Emulator {
    arm: String,
    listens: String,
    subscription: String,
    resource_group: String,
    workspace: String,
    closed: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Emulator {
    /// What links call the origin of ARM and of every data-plane service, such as `http://127.0.0.1:40123`.
    pub fn arm_endpoint(&self) -> String {
        self.arm.clone()
    }

    /// Where it listens, which is the same unless a proxy stands in front of it.
    pub fn listens(&self) -> &str {
        &self.listens
    }

    pub fn subscription(&self) -> &str {
        &self.subscription
    }

    pub fn resource_group(&self) -> &str {
        &self.resource_group
    }

    /// The main workspace.
    pub fn workspace(&self) -> &str {
        &self.workspace
    }

    /// Closes both origins.
    pub async fn stop(mut self) {
        self.closed.store(true, Ordering::Release);
        for task in std::mem::take(&mut self.tasks) {
            task.abort();
            // An aborted task answers with its cancellation, which is what was asked for.
            let _ = task.await;
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Release);
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Why the emulator does not serve.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Listen(#[from] std::io::Error),
    #[error(transparent)]
    Specifications(#[from] SpecificationsError),
}

/// Binds both origins and serves them as tasks of the current runtime.
pub async fn start(options: Options) -> Result<Emulator, StartError> {
    let front = TcpListener::bind(("127.0.0.1", options.port)).await?;
    let store = TcpListener::bind(("127.0.0.1", 0)).await?;
    let here = hub::Listens {
        arm: format!("http://{}", front.local_addr()?),
        blob: format!("http://{}", store.local_addr()?),
    };
    let origins = world::Origins {
        arm: options.origin.clone().unwrap_or_else(|| here.arm.clone()),
        blob: options
            .blob_origin
            .clone()
            .unwrap_or_else(|| here.blob.clone()),
    };
    let built = match options.world {
        WorldKind::Examples => examples::build(&options.specifications, options.seed, &origins)?,
        _ => world::contoso::build(&options, &origins),
    };
    let subscription = built.world.subscription.clone();
    let main = built.world.workspaces.first();
    let (resource_group, workspace) = main
        .map(|main| (main.resource_group.clone(), main.name.clone()))
        .unwrap_or_default();
    let arm = origins.arm.clone();
    let listens = here.arm.clone();
    let hub = Arc::new(hub::Hub::new(&options, here, origins, built));
    let closed = Arc::new(AtomicBool::new(false));
    let door = |listener| listener::Door {
        listener,
        closed: Arc::clone(&closed),
    };
    let tasks = vec![
        tokio::spawn(serve::serve(
            door(front),
            Arc::clone(&hub),
            serve::Side::Front,
        )),
        tokio::spawn(serve::serve(door(store), hub, serve::Side::Store)),
    ];
    Ok(Emulator {
        arm,
        listens,
        subscription,
        resource_group,
        workspace,
        closed,
        tasks,
    })
}
