//! One token a scope, fetched once however many ask, renewed before it ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use time::{Duration, OffsetDateTime};

use super::{AccessError, Token, Tokens};

/// A token is renewed this long before it ends, so that none ends on its way.
const RENEW_BEFORE: Duration = Duration::minutes(5);
/// After a renewal that failed, the old token serves this long before the next attempt.
const AFTER_FAILURE: Duration = Duration::seconds(30);
/// Requests that were under way with a refused token come back for this long; they share the one new token.
const ONE_FORCED: Duration = Duration::seconds(10);

/// What the cache stands on.
#[async_trait]
pub(super) trait Acquire: Send + Sync {
    async fn acquire(&self, scope: &str) -> Result<Token, AccessError>;
    fn served_by(&self) -> Option<String>;
}

type Clock = Box<dyn Fn() -> OffsetDateTime + Send + Sync>;

pub(super) struct Cached<A> {
    inner: A,
    clock: Clock,
    slots: Mutex<HashMap<String, Arc<Slot>>>,
}

#[derive(Default)]
struct Slot {
    /// Held by the one caller that fetches. It guards no data, so that a reader never waits for a fetch.
    fetching: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<Arc<Token>>,
    renew_at: Option<OffsetDateTime>,
    forced_at: Option<OffsetDateTime>,
    /// Counts finished attempts, so that a caller who waited knows that one ended meanwhile, and shares its outcome.
    attempts: u64,
    failure: Option<AccessError>,
}

impl State {
    /// A token that needs no renewal yet.
    fn fresh(&self, now: OffsetDateTime) -> Option<Arc<Token>> {
        self.token
            .clone()
            .filter(|_| self.renew_at.is_none_or(|at| now < at))
    }

    /// A token that still works.
    fn valid(&self, now: OffsetDateTime) -> Option<Arc<Token>> {
        self.token
            .clone()
            .filter(|token| token.expires_on.is_none_or(|at| now < at))
    }

    fn succeeded(&mut self, token: Token, forced: bool, now: OffsetDateTime) -> Arc<Token> {
        self.attempts += 1;
        self.failure = None;
        self.forced_at = forced.then_some(now);
        // A token that lives for less than ten minutes is renewed at half its life: a fixed margin would make every
        // call fetch a new one.
        self.renew_at = token
            .expires_on
            .map(|end| end.saturating_sub(RENEW_BEFORE.min((end - now) / 2)));
        let token = Arc::new(token);
        self.token = Some(Arc::clone(&token));
        token
    }

    fn failed(&mut self, error: &AccessError, now: OffsetDateTime) {
        self.attempts += 1;
        self.failure = Some(error.clone());
        if let Some(end) = self
            .token
            .as_ref()
            .and_then(|token| token.expires_on)
            .filter(|&end| now < end)
        {
            self.renew_at = Some(now + AFTER_FAILURE.min((end - now) / 2));
        }
    }
}

impl Slot {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in here can panic half way, so that a poisoned lock still guards whole data.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A: Acquire> Cached<A> {
    pub(super) fn new(inner: A) -> Self {
        Self::with_clock(inner, Box::new(OffsetDateTime::now_utc))
    }

    fn with_clock(inner: A, clock: Clock) -> Self {
        Self {
            inner,
            clock,
            slots: Mutex::default(),
        }
    }

    fn slot(&self, scope: &str) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(scope.to_owned()).or_default())
    }
}

#[async_trait]
impl<A: Acquire> Tokens for Cached<A> {
    async fn token(&self, scope: &str, force_refresh: bool) -> Result<Arc<Token>, AccessError> {
        let slot = self.slot(scope);
        let (seen, old) = {
            let state = slot.state();
            let now = (self.clock)();
            let shared = state
                .forced_at
                .is_some_and(|at| now >= at && now - at < ONE_FORCED);
            let ready = if force_refresh {
                state.valid(now).filter(|_| shared)
            } else {
                state.fresh(now)
            };
            if let Some(token) = ready {
                return Ok(token);
            }
            (state.attempts, state.valid(now).filter(|_| !force_refresh))
        };
        let _fetching = match old {
            // Somebody is renewing it already; until then the old token does.
            Some(token) => match slot.fetching.try_lock() {
                Ok(guard) => guard,
                Err(_) => return Ok(token),
            },
            None => slot.fetching.lock().await,
        };
        {
            let state = slot.state();
            if state.attempts != seen {
                return match (&state.failure, &state.token) {
                    (None, Some(token)) => Ok(Arc::clone(token)),
                    (Some(error), _) => state
                        .valid((self.clock)())
                        .filter(|_| !force_refresh)
                        .ok_or_else(|| error.clone()),
                    (None, None) => unreachable!("an attempt leaves a token or a failure"),
                };
            }
        }
        let outcome = self.inner.acquire(scope).await;
        let now = (self.clock)();
        let mut state = slot.state();
        match outcome {
            Ok(token) => Ok(state.succeeded(token, force_refresh, now)),
            Err(error) => {
                state.failed(&error, now);
                // A refused token is of no more use, so that a forced refresh reports its failure.
                state.valid(now).filter(|_| !force_refresh).ok_or(error)
            }
        }
    }

    fn served_by(&self) -> Option<String> {
        self.inner.served_by()
    }
}

#[cfg(test)]
mod tests;
