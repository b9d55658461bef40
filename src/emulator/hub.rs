//! What every handler shares: the world, the diary, the weather and the settings.

use super::Options;
use super::arm::Window;
use super::diary::Diary;
use super::ledger::Ledger;
use super::mint::Mint;
use super::settings::{Lock, Settings};
use super::weather::Weather;
use super::world::contoso::Built;
use super::world::people::Person;
use super::world::{Origins, World};
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A long-running operation, seen from outside.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) state: OperationState,
    pub(crate) kind: &'static str,
    pub(crate) target: String,
    pub(crate) started: i64,
    /// The address where it is asked about answers as if there were no such operation.
    pub(crate) vanished: bool,
    /// How often its address has moved.
    pub(crate) step: u32,
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
    pub(crate) ledger: Ledger,
    pub(crate) weather: Weather,
    /// How much of the index's quota is used up.
    pub(crate) window: Window,
    pub(crate) counter: AtomicU64,
    /// How often the world was made anew. What was begun in an older one must not reach into this one.
    pub(crate) age: AtomicU64,
    world: RwLock<World>,
    settings: RwLock<Settings>,
    /// The world and the settings as they were at first.
    pristine: (World, Settings),
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
            // Of the workspaces around the first ones, none is locked.
            .filter(|workspace| {
                workspace.shape.is_none() && workspace.subscription == built.world.subscription
            })
            .map(|workspace| Lock {
                scope: workspace.doc.id.clone(),
                level: "CanNotDelete".to_owned(),
            })
            .collect();
        let mut planted = built.planted;
        planted.insert(mint.planted("next link"));
        let settings = Settings::new(options.latency, locks);
        Self {
            listens,
            origins,
            mint,
            people: built.people,
            shape: options.shape.clone(),
            planted,
            world_kind: options.world,
            diary: Diary::default(),
            ledger: Ledger::default(),
            weather: Weather::new(options.throttle, options.faults, options.seed),
            window: Window::default(),
            counter: AtomicU64::new(options.seed),
            age: AtomicU64::new(0),
            pristine: (built.world.clone(), settings.clone()),
            world: RwLock::new(built.world),
            settings: RwLock::new(settings),
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

    /// Makes the world anew, with its first settings and nothing written down. Documents are shared with the copy that was
    /// kept, so this costs about as much as there are tables.
    pub(crate) fn renew(&self) {
        let mut world = self.world_mut();
        self.age.fetch_add(1, Ordering::Relaxed);
        self.operations().clear();
        *world = self.pristine.0.clone();
        *self.settings_mut() = self.pristine.1.clone();
        self.weather.renew();
        self.diary.forget();
        self.ledger.forget();
    }

    pub(crate) fn operations(&self) -> MutexGuard<'_, HashMap<String, Operation>> {
        self.operations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
