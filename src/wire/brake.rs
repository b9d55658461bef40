//! How many requests of a host are under way, and the pause that one answer imposes on all of them.
//!
//! A permit is held until the body has been read, and never across a wait. The limit adapts: it is halved when the service
//! complains, and grows by one for every round of good answers, up to what the operator allows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::pace::{Left, Pace};

/// What a host counts together: ARM has separate buckets for reading and deleting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    Read,
    Bytes,
    Delete,
}

/// So many requests given up in a row mean that it is not about the requests.
const GIVEN_UP: u32 = 3;

/// The brakes of all hosts.
#[derive(Debug)]
pub struct Brakes {
    max: usize,
    gates: Mutex<HashMap<(String, Class), Arc<Gate>>>,
}

impl Brakes {
    /// At most `max` requests under way for each host and class.
    pub fn new(max: usize) -> Self {
        Self {
            max: max.max(1),
            gates: Mutex::new(HashMap::new()),
        }
    }

    /// The gate of a host and class. There are as many as there are hosts that the workspaces name.
    pub fn gate(&self, host: &str, class: Class) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gate) = gates.get(&(host.to_owned(), class)) {
            return Arc::clone(gate);
        }
        let gate = Arc::new(Gate::new(self.max));
        gates.insert((host.to_owned(), class), Arc::clone(&gate));
        gate
    }
}

/// One host's gate.
#[derive(Debug)]
pub struct Gate {
    max: usize,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    under_way: usize,
    limit: usize,
    good: usize,
    not_before: Instant,
    /// Requests given up one after the other, without a good answer between them.
    given_up: u32,
    pace: Pace,
}

/// The right to have one request under way.
#[derive(Debug)]
pub struct Permit(Arc<Gate>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0
            .with(|state| state.under_way = state.under_way.saturating_sub(1));
        self.0.changed.notify_one();
    }
}

impl Gate {
    fn new(max: usize) -> Self {
        let state = State {
            under_way: 0,
            limit: max,
            good: 0,
            not_before: Instant::now(),
            given_up: 0,
            pace: Pace::default(),
        };
        Self {
            max,
            state: Mutex::new(state),
            changed: Notify::new(),
        }
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for a place and for the end of any pause; `None` when the work was stopped meanwhile.
    pub async fn enter(self: &Arc<Self>, stop: &CancellationToken) -> Option<Permit> {
        loop {
            let changed = self.changed.notified();
            let now = Instant::now();
            let until = self.with(|state| {
                if state.not_before > now {
                    return Some(Some(state.not_before));
                }
                if state.under_way < state.limit {
                    return match state.pace.take(now) {
                        Ok(()) => {
                            state.under_way += 1;
                            None
                        }
                        Err(due) => Some(Some(due)),
                    };
                }
                Some(None)
            });
            match until {
                None => return Some(Permit(Arc::clone(self))),
                Some(Some(until)) => tokio::select! {
                    () = tokio::time::sleep_until(until) => {}
                    () = stop.cancelled() => return None,
                },
                Some(None) => tokio::select! {
                    () = changed => {}
                    () = stop.cancelled() => return None,
                },
            }
            if stop.is_cancelled() {
                return None;
            }
        }
    }

    /// Nobody goes before this much time has passed, and fewer go together. True when the pause is news, so that it is said
    /// once and not by every request that meets it.
    pub fn pause(&self, wait: Duration) -> bool {
        let until = Instant::now() + wait;
        let news = self.with(|state| {
            // Answers to requests sent before the pause began ask for much the same pause again.
            let news = until > state.not_before + Duration::from_millis(100);
            if news {
                state.limit = (state.limit / 2).max(1);
                state.good = 0;
            }
            state.not_before = state.not_before.max(until);
            news
        });
        self.changed.notify_waiters();
        news
    }

    /// Whether nobody may go just now.
    pub fn is_closed(&self) -> bool {
        self.with(|state| state.not_before > Instant::now())
    }

    /// Takes an answer's word for what is left, if it says anything. Gives how far apart requests go, when that is news.
    pub fn hear(&self, left: Option<Left>) -> Option<Duration> {
        let now = Instant::now();
        self.with(|state| {
            let Some(left) = left else {
                state.pace.uncounted();
                return None;
            };
            // The answer's own request is still counted here, and known to the answer.
            let others = state.under_way.saturating_sub(1);
            state
                .pace
                .hear(left, others, now)
                .then(|| state.pace.every())
                .flatten()
        })
    }

    /// A good answer came.
    pub fn good(&self) {
        let grown = self.with(|state| {
            state.good += 1;
            state.given_up = 0;
            let grows = state.good >= state.limit && state.limit < self.max;
            if grows {
                state.limit += 1;
                state.good = 0;
            }
            grows
        });
        if grown {
            self.changed.notify_one();
        }
    }

    /// The host answered, if not well.
    pub fn alive(&self) {
        self.with(|state| state.given_up = 0);
    }

    /// A request was given up. True when so many were in a row that the host as a whole cannot be had.
    pub fn given_up(&self) -> bool {
        self.with(|state| {
            state.given_up += 1;
            state.given_up >= GIVEN_UP
        })
    }

    /// How many may go together now.
    pub fn limit(&self) -> usize {
        self.with(|state| state.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_pause_holds_everybody_and_halves_the_crowd() {
        let brakes = Brakes::new(8);
        let gate = brakes.gate("h", Class::Read);
        let stop = CancellationToken::new();
        let first = gate.enter(&stop).await.expect("a place");
        assert!(gate.pause(Duration::from_secs(10)));
        assert!(
            !gate.pause(Duration::from_secs(10)),
            "the same pause is said once"
        );
        drop(first);
        let before = Instant::now();
        let _next = gate.enter(&stop).await.expect("a place");
        assert!(before.elapsed() >= Duration::from_secs(10));
        assert_eq!(gate.limit(), 4);
        assert_eq!(brakes.gate("other", Class::Read).limit(), 8);
    }

    #[tokio::test(start_paused = true)]
    async fn grows_again_by_good_answers_and_never_beyond_the_operators_word() {
        let gate = Brakes::new(4).gate("h", Class::Read);
        gate.pause(Duration::from_secs(1));
        (0..100).for_each(|_| gate.good());
        assert_eq!(gate.limit(), 4);
    }

    #[tokio::test]
    async fn no_more_than_the_limit_at_once_and_nobody_is_forgotten() {
        let gate = Brakes::new(3).gate("h", Class::Read);
        let stop = CancellationToken::new();
        let inside = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let (gate, stop, inside) = (Arc::clone(&gate), stop.clone(), Arc::clone(&inside));
                tokio::spawn(async move {
                    let _permit = gate.enter(&stop).await.expect("a place");
                    let now = inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    assert!(now < 3);
                    tokio::task::yield_now().await;
                    inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                })
            })
            .collect();
        for task in tasks {
            tokio::time::timeout(Duration::from_secs(5), task)
                .await
                .expect("in time")
                .expect("no panic");
        }
    }

    #[tokio::test]
    async fn a_stop_ends_the_waiting() {
        let gate = Brakes::new(1).gate("h", Class::Read);
        let stop = CancellationToken::new();
        gate.pause(Duration::from_secs(3600));
        let waiting = tokio::spawn({
            let (gate, stop) = (Arc::clone(&gate), stop.clone());
            async move { gate.enter(&stop).await.is_none() }
        });
        stop.cancel();
        assert!(waiting.await.expect("no panic"));
    }
}
