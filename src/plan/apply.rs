//! APPLY: a plan is carried out, wave by wave.
//!
//! A step looks first, writes down what it is about to do, does it, and looks again until the item is gone. What claims to be
//! gone is looked for in the lists as well, before its end is written down. A step that fails stops nothing but what hangs above
//! it. Stopped or killed, the run goes on from its journal.

mod before;
mod bucket;
mod bytes;
mod erase;
mod lists;
mod refusal;
mod step;
mod wait;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _, stream};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::journal::{Entry, Past, Pen};
use super::model::{Outcome, Plan, State, Step, Verb};
use crate::kinds;
use crate::wire::discovery::Hosts;
use crate::wire::erase::{Deed, Eraser, Unsafe};
use crate::wire::hands::Reader;
use crate::wire::look::Looker;
use crate::wire::{Change, Fault, Wire};

use bucket::Bucket;
use step::End;

/// The hands of a plan.
pub struct Hands {
    eraser: Eraser,
    looker: Looker,
    reader: Reader,
    /// The number of each step's first call in the eraser.
    first: BTreeMap<u32, usize>,
}

impl Hands {
    /// Takes the calls of a plan, all of them or none.
    pub fn new(wire: &Arc<Wire>, hosts: &Hosts, plan: &Plan) -> Result<Self, Unsafe> {
        let (mut deeds, mut first) = (Vec::new(), BTreeMap::new());
        for step in plan.waves.iter().flat_map(|wave| &wave.steps) {
            let prefix = format!("{}{}", step.look.base.spec().prefix, plan.scope.path);
            let inside = step.look.address.strip_prefix(&prefix);
            if !inside.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?'])) {
                return Err(Unsafe::Outside {
                    address: step.look.address.clone(),
                });
            }
            if step.calls.is_empty() || kinds::find(&step.kind).is_none() {
                return Err(Unsafe::NotErased {
                    verb: "DELETE",
                    address: format!("step {} ({})", step.step, step.kind),
                });
            }
            first.insert(step.step, deeds.len());
            deeds.extend(step.calls.iter().map(|call| Deed {
                change: match call.verb {
                    Verb::Delete => Change::Delete,
                    Verb::Put => Change::Put,
                    Verb::Post => Change::Post,
                },
                base: call.base,
                address: call.address.clone(),
            }));
        }
        Ok(Self {
            eraser: Eraser::new(Arc::clone(wire), hosts, &plan.scope.path, &deeds)?,
            looker: Looker::new(Arc::clone(wire), hosts.clone()),
            reader: Reader::new(
                Arc::clone(wire),
                plan.scope.workspace.clone(),
                plan.scope.path.clone(),
                hosts.clone(),
            ),
            first,
        })
    }
}

/// How busily and how patiently.
#[derive(Debug, Clone)]
pub struct Options {
    /// Steps under way at once.
    pub concurrency: usize,
    /// How long is waited for the end of an operation, and until a thing is gone.
    pub patience: Duration,
    /// How long is looked before a call is sent again of which nobody knows whether it arrived.
    pub settle: Duration,
    /// First wait between two looks; it doubles.
    pub first: Duration,
    /// Longest wait between two looks.
    pub cap: Duration,
    /// How often a call is sent again that met a conflict, and the first wait before; it doubles.
    pub conflicts: u32,
    pub conflict_wait: Duration,
    /// The clock on the wall.
    pub now: fn() -> OffsetDateTime,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: 16,
            patience: Duration::from_secs(15 * 60),
            settle: Duration::from_secs(30),
            first: Duration::from_millis(500),
            cap: Duration::from_secs(15),
            conflicts: 3,
            conflict_wait: Duration::from_secs(5),
            now: OffsetDateTime::now_utc,
        }
    }
}

/// Why a run ended before the plan did. Every one of them leaves it resumable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt {
    /// Somebody stopped it.
    Stopped,
    /// Going on would only make failures of everything, in the words of the fault.
    Fault(String),
    /// Nothing is done that cannot be written down.
    Journal(String),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Of every step that has an end, by its number.
    pub outcomes: Vec<Outcome>,
    /// `None` when every step has an end.
    pub halt: Option<Halt>,
}

/// Who carries out a plan, as the journal names it.
#[derive(Debug, Clone)]
pub struct Actor {
    pub tool: String,
    pub identity: Option<String>,
}

/// Carries out what the journal does not show as done. `heard` is told of every end, also of those of earlier runs.
pub async fn apply(
    plan: &Plan,
    hands: &Hands,
    (pen, past): (&Pen, &Past),
    actor: Actor,
    options: &Options,
    stop: &CancellationToken,
    heard: &(dyn Fn(&Outcome) + Sync),
) -> Applied {
    let run = Run {
        plan,
        hands,
        pen,
        past,
        options,
        stop,
        heard,
        outcomes: Mutex::default(),
        halt: Mutex::default(),
        bucket: Mutex::new(Bucket::full()),
        begun: Instant::now(),
        locked: Mutex::default(),
        routes: tokio::sync::Mutex::default(),
    };
    let total: usize = plan.waves.iter().map(|wave| wave.steps.len()).sum();
    pen.note(Entry::Opened {
        plan: plan.digest.clone(),
        tool: actor.tool,
        identity: actor.identity,
        at: run.at(),
    });
    for wave in &plan.waves {
        run.wave(wave.wave, &wave.steps).await;
        if run.is_halted() {
            break;
        }
    }
    let outcomes: Vec<Outcome> = held(&run.outcomes).values().cloned().collect();
    if outcomes.len() == total && !past.closed {
        let good = outcomes.iter().filter(|one| one.state.is_good()).count() as u64;
        pen.note(Entry::Closed {
            at: run.at(),
            steps: total as u64,
            good,
            other: total as u64 - good,
        });
    }
    if let Err(error) = pen.flush().await {
        run.halt(Halt::Journal(error.to_string()));
    }
    let halt = held(&run.halt).take();
    Applied { outcomes, halt }
}

/// One carrying out.
struct Run<'a> {
    plan: &'a Plan,
    hands: &'a Hands,
    pen: &'a Pen,
    past: &'a Past,
    options: &'a Options,
    stop: &'a CancellationToken,
    heard: &'a (dyn Fn(&Outcome) + Sync),
    outcomes: Mutex<BTreeMap<u32, Outcome>>,
    halt: Mutex<Option<Halt>>,
    /// ARM's own bucket for deletes.
    bucket: Mutex<Bucket>,
    begun: Instant,
    /// Scopes that turned out to be locked: nothing below them is tried.
    locked: Mutex<Vec<String>>,
    /// The traffic of endpoints is read, changed and written by one step at a time.
    routes: tokio::sync::Mutex<()>,
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Run<'_> {
    /// RFC 3339, UTC, to the second.
    fn at(&self) -> String {
        let now = (self.options.now)().to_offset(time::UtcOffset::UTC);
        now.replace_nanosecond(0)
            .unwrap_or(now)
            .format(&Rfc3339)
            .unwrap_or_default()
    }

    fn halt(&self, why: Halt) {
        held(&self.halt).get_or_insert(why);
    }

    /// Whether no new step is begun.
    fn is_halted(&self) -> bool {
        if self.stop.is_cancelled() {
            self.halt(Halt::Stopped);
        }
        held(&self.halt).is_some()
    }

    /// A fault after which going on is of no use halts the run.
    fn is_final(&self, fault: &Fault) -> bool {
        let is_final = fault.is_final() || matches!(fault, Fault::Throttled { .. });
        if is_final {
            self.halt(match fault {
                Fault::Interrupted => Halt::Stopped,
                fault => Halt::Fault(fault.to_string()),
            });
        }
        is_final
    }

    async fn wave(&self, number: u32, steps: &[Step]) {
        let gone: Vec<(&Step, End)> = stream::iter(steps)
            .map(|step| async move { Some((step, self.guarded(step).await?)) })
            .buffer_unordered(self.options.concurrency.max(1))
            .filter_map(std::future::ready)
            .collect()
            .await;
        let fresh = !gone.is_empty();
        let listed = if matches!(&*held(&self.halt), None | Some(Halt::Stopped)) {
            self.by_list(gone).await
        } else {
            lists::Listed::default()
        };
        // A run that only reads what an earlier one did has nothing to say about the wave.
        if fresh && !self.is_halted() {
            self.pen.note(Entry::Wave {
                wave: number,
                steps: steps.len() as u64,
                listed: listed.listed.into_iter().collect(),
                not_listed: listed.not_listed.into_iter().collect(),
            });
        }
    }

    /// One step, and nothing of it can take the others down. Gives what claims to be gone; any other end is written down.
    async fn guarded(&self, step: &Step) -> Option<End> {
        if let Some(ended) = self
            .past
            .steps
            .get(&step.step)
            .and_then(|past| past.ended.as_ref())
        {
            held(&self.outcomes).insert(step.step, ended.clone());
            (self.heard)(ended);
            return None;
        }
        if self.is_halted() {
            return None;
        }
        let end = match AssertUnwindSafe(self.step(step)).catch_unwind().await {
            Ok(end) => end?,
            Err(_) => End::new(State::Failed {
                why: "a mistake in this program ended the step; please report it. Look at the journal for what was sent"
                    .to_owned(),
                status: None,
                code: None,
            }),
        };
        if end.state.is_gone() {
            return Some(end);
        }
        self.end(step, end);
        None
    }

    /// Writes down the end of a step.
    fn end(&self, step: &Step, end: End) {
        let outcome = Outcome {
            step: step.step,
            state: end.state,
            at: self.at(),
            requests: end.requests,
        };
        self.pen.note(Entry::Ended {
            outcome: outcome.clone(),
        });
        (self.heard)(&outcome);
        held(&self.outcomes).insert(step.step, outcome);
    }
}

#[cfg(test)]
mod tests;
