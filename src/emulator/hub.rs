//! What every handler shares: the world, the diary, the weather and the settings.

use super::Options;
use super::diary::Diary;
use super::mint::Mint;
use super::weather::Weather;
use super::world::contoso::Built;
use super::world::people::Person;
use super::world::{Origins, World};
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

/// What `POST /_emulator/settings` changes.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// How long a new link to a blob is good.
    pub(crate) sas_seconds: i64,
    /// How long a long-running operation runs.
    pub(crate) operation: Duration,
    /// What a 202 asks a caller to wait, in the only unit that ARM knows.
    pub(crate) retry_after: u64,
    pub(crate) latency: Duration,
    pub(crate) locks: Vec<Lock>,
    /// Operations that are started end as failures.
    pub(crate) operations_fail: bool,
    /// How far the caller may read in Microsoft Graph.
    pub(crate) directory: Directory,
}

/// What the caller's token is good for in Microsoft Graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Directory {
    #[default]
    Open,
    /// Users, but neither deleted ones nor service principals.
    UsersOnly,
    Denied,
}

impl Directory {
    pub(crate) fn named(word: &str) -> Option<Self> {
        match word {
            "open" => Some(Self::Open),
            "users-only" => Some(Self::UsersOnly),
            "denied" => Some(Self::Denied),
            _ => None,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::UsersOnly => "users-only",
            Self::Denied => "denied",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Lock {
    pub(crate) scope: String,
    pub(crate) level: String,
}

/// A long-running operation, seen from outside.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) state: OperationState,
    pub(crate) kind: &'static str,
    pub(crate) target: String,
    pub(crate) started: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OperationState {
    Running,
    Succeeded,
    Failed,
}

/// Where the two origins listen on this machine, whatever links call them.
#[derive(Clone, Debug)]
pub(crate) struct Listens {
    pub(crate) arm: String,
    pub(crate) blob: String,
}

#[derive(Debug)]
pub(crate) struct Hub {
    pub(crate) listens: Listens,
    pub(crate) origins: Origins,
    pub(crate) mint: Mint,
    pub(crate) people: Vec<Person>,
    /// What the computed people are computed from, whatever has become of their runs.
    pub(crate) shape: Option<super::Shape>,
    pub(crate) planted: BTreeSet<String>,
    pub(crate) world_kind: super::WorldKind,
    pub(crate) diary: Diary,
    pub(crate) weather: Weather,
    pub(crate) counter: AtomicU64,
    world: RwLock<World>,
    settings: RwLock<Settings>,
    operations: Mutex<HashMap<String, Operation>>,
}

impl Hub {
    pub(crate) fn new(options: &Options, listens: Listens, origins: Origins, built: Built) -> Self {
        let mint = Mint::new(options.seed);
        let locks = built
            .world
            .workspaces
            .iter()
            .skip(2)
            .map(|workspace| Lock {
                scope: workspace.doc.id.clone(),
                level: "CanNotDelete".to_owned(),
            })
            .collect();
        let mut planted = built.planted;
        planted.insert(mint.planted("next link"));
        Self {
            listens,
            origins,
            mint,
            people: built.people,
            shape: options.shape.clone(),
            planted,
            world_kind: options.world,
            diary: Diary::default(),
            weather: Weather::new(options.throttle, options.faults, options.seed),
            counter: AtomicU64::new(options.seed),
            world: RwLock::new(built.world),
            settings: RwLock::new(Settings {
                sas_seconds: 8 * 3600,
                operation: Duration::from_millis(120),
                retry_after: 0,
                latency: options.latency,
                locks,
                operations_fail: false,
                directory: Directory::default(),
            }),
            operations: Mutex::default(),
        }
    }

    // A handler that panicked leaves no half-made state behind that matters here, so poison is looked through.

    pub(crate) fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn world_mut(&self) -> RwLockWriteGuard<'_, World> {
        self.world.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn settings(&self) -> RwLockReadGuard<'_, Settings> {
        self.settings.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn settings_mut(&self) -> RwLockWriteGuard<'_, Settings> {
        self.settings
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn operations(&self) -> MutexGuard<'_, HashMap<String, Operation>> {
        self.operations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
