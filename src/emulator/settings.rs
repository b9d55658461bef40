//! What `POST /_emulator/settings` changes. Everything here is as at first until somebody asks for it.

use super::arm::Index;
use super::rights::Role;
use super::world::Lag;
use serde_json::{Map, Value, json};
use std::time::Duration;

#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, and any of them may be on"
)]
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
    /// How the resource manager tells where an operation is followed; without a word each call has its usual form.
    pub(crate) operations: Option<Form>,
    /// Operations take effect, and whoever asks about them hears that there are none.
    pub(crate) operation_vanishes: bool,
    /// Each answer about an operation names another address for the next question.
    pub(crate) operation_moves: bool,
    /// Addresses of operations have some three thousand characters.
    pub(crate) long_operation_urls: bool,
    /// How far the caller may read in Microsoft Graph.
    pub(crate) directory: Directory,
    /// What the caller may do in the subscription; without a word, everything.
    pub(crate) role: Option<Role>,
    /// A purge answers that it is done, and the name of the workspace stays reserved.
    pub(crate) purge_sticks: bool,
    /// Lists of workspaces show what is deleted and not purged.
    pub(crate) lists_soft_deleted: bool,
    /// How the index over all subscriptions behaves, and what lists leave out.
    pub(crate) index: Index,
    pub(crate) lag: Lag,
    /// A hard delete takes the metadata of an artifact and leaves its bytes.
    pub(crate) hard_delete_keeps_bytes: bool,
    /// The service no longer deletes datasets.
    pub(crate) datasets_undeletable: bool,
}

/// How a 202 of the resource manager says where to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// By `Location`.
    Location,
    /// By `Azure-AsyncOperation`.
    Status,
    Both,
    /// Not at all.
    Silent,
}

impl Form {
    const WORDS: [(Self, &'static str); 4] = [
        (Self::Location, "location"),
        (Self::Status, "async"),
        (Self::Both, "both"),
        (Self::Silent, "none"),
    ];

    fn named(word: &str) -> Option<Self> {
        Self::WORDS
            .iter()
            .find(|(_, name)| *name == word)
            .map(|(form, _)| *form)
    }

    fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(form, _)| *form == self)
            .map_or("", |(_, name)| name)
    }
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
    fn named(word: &str) -> Option<Self> {
        match word {
            "open" => Some(Self::Open),
            "users-only" => Some(Self::UsersOnly),
            "denied" => Some(Self::Denied),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
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

impl Lock {
    fn read(lock: &Value) -> Option<Self> {
        let scope = lock.get("scope")?.as_str()?.to_owned();
        let level = lock
            .get("level")
            .and_then(Value::as_str)
            .unwrap_or("CanNotDelete")
            .to_owned();
        Some(Self { scope, level })
    }
}

impl Settings {
    pub(crate) fn new(latency: Duration, locks: Vec<Lock>) -> Self {
        Self {
            sas_seconds: 8 * 3600,
            operation: Duration::from_millis(120),
            retry_after: 0,
            latency,
            locks,
            operations_fail: false,
            operations: None,
            operation_vanishes: false,
            operation_moves: false,
            long_operation_urls: false,
            directory: Directory::default(),
            role: None,
            purge_sticks: false,
            lists_soft_deleted: false,
            index: Index::default(),
            lag: Lag::default(),
            hard_delete_keeps_bytes: false,
            datasets_undeletable: false,
        }
    }

    /// Changes what is named, or says which name or value it does not know and changes nothing.
    pub(crate) fn change(&mut self, wanted: &Map<String, Value>) -> Result<(), String> {
        let mut next = self.clone();
        for (name, value) in wanted {
            next.set(name, value)
                .ok_or_else(|| format!("the emulator has no setting {name} of {value}"))?;
        }
        *self = next;
        Ok(())
    }

    fn set(&mut self, name: &str, value: &Value) -> Option<()> {
        let ms = || value.as_u64().map(Duration::from_millis);
        match name {
            "sas_seconds" => self.sas_seconds = value.as_i64()?,
            "operation_ms" => self.operation = ms()?,
            "retry_after_seconds" => self.retry_after = value.as_u64()?,
            "latency_ms" => self.latency = ms()?,
            "operations_fail" => self.operations_fail = value.as_bool()?,
            "operations" => self.operations = word(value, Form::named)?,
            "operation_vanishes" => self.operation_vanishes = value.as_bool()?,
            "operation_moves" => self.operation_moves = value.as_bool()?,
            "long_operation_urls" => self.long_operation_urls = value.as_bool()?,
            "graph" => self.directory = Directory::named(value.as_str()?)?,
            "role" => self.role = word(value, Role::named)?,
            "purge_sticks" => self.purge_sticks = value.as_bool()?,
            "lists_soft_deleted" => self.lists_soft_deleted = value.as_bool()?,
            "list_lag_ms" => self.lag.list = ms()?,
            "get_lag_ms" => self.lag.get = ms()?,
            "hard_delete_keeps_bytes" => self.hard_delete_keeps_bytes = value.as_bool()?,
            "datasets_undeletable" => self.datasets_undeletable = value.as_bool()?,
            "locks" => {
                self.locks = value
                    .as_array()?
                    .iter()
                    .map(Lock::read)
                    .collect::<Option<_>>()?;
            }
            // The weather keeps these.
            "arm_quota" if value.is_boolean() => {}
            "throttle" if value.is_number() || value.is_null() => {}
            "faults" if value.is_number() => {}
            _ => return self.index.set(name, value),
        }
        Some(())
    }

    pub(crate) fn tell(&self) -> Value {
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let locks: Vec<Value> = self
            .locks
            .iter()
            .map(|lock| json!({"scope": lock.scope, "level": lock.level}))
            .collect();
        let mut told = json!({
            "sas_seconds": self.sas_seconds,
            "operation_ms": ms(self.operation),
            "retry_after_seconds": self.retry_after,
            "latency_ms": ms(self.latency),
            "operations_fail": self.operations_fail,
            "operations": self.operations.map(Form::word),
            "operation_vanishes": self.operation_vanishes,
            "operation_moves": self.operation_moves,
            "long_operation_urls": self.long_operation_urls,
            "graph": self.directory.word(),
            "role": self.role.map(Role::word),
            "purge_sticks": self.purge_sticks,
            "lists_soft_deleted": self.lists_soft_deleted,
            "list_lag_ms": ms(self.lag.list),
            "get_lag_ms": ms(self.lag.get),
            "hard_delete_keeps_bytes": self.hard_delete_keeps_bytes,
            "datasets_undeletable": self.datasets_undeletable,
            "locks": locks,
        });
        if let Some(told) = told.as_object_mut() {
            self.index.tell(told);
        }
        told
    }
}

/// A word that is known, or null for what was at first.
#[expect(
    clippy::option_option,
    reason = "an unknown word is not the absence of one"
)]
fn word<T>(value: &Value, named: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if value.is_null() {
        return Some(None);
    }
    value.as_str().and_then(named).map(Some)
}
