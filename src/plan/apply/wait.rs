//! Waiting: for the end of an operation, and until a look shows what it should.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::Run;
use super::refusal::clean;
use crate::kinds;
use crate::plan::fingerprint::{Seen, seen};
use crate::plan::model::Step;
use crate::wire::Fault;
use crate::wire::erase::{Done, Poll};

/// Looks, further and further apart, until the time is up.
pub(super) struct Patience {
    until: Instant,
    next: Duration,
    cap: Duration,
}

impl Patience {
    /// Waits before the next look, at least for as long as was asked; `false` when the time is up.
    pub(super) async fn wait(&mut self, asked: Option<Duration>) -> bool {
        let now = Instant::now();
        if now >= self.until {
            return false;
        }
        let wait = asked.unwrap_or_default().max(self.next);
        self.next = (self.next * 2).min(self.cap);
        // The last look is at the end of the time, and not before.
        sleep(wait.min(self.until - now)).await;
        true
    }
}

/// How an operation ended, as far as it was seen.
pub(super) enum Followed {
    /// It is over, or nobody can say: a look tells.
    Over,
    /// In the service's words.
    Failed {
        code: Option<String>,
        message: String,
    },
    /// It was still going on when the time was up.
    GoesOn,
    /// The run is halted.
    Halted,
}

/// What was found out by looking.
pub(super) enum Until {
    /// What was waited for.
    So,
    Gone,
    /// It was not so when the time was up. In words, what there was instead.
    Not(String),
    Halted,
}

impl Run<'_> {
    pub(super) fn patience(&self, time: Duration) -> Patience {
        Patience {
            until: Instant::now() + time,
            next: self.options.first,
            cap: self.options.cap,
        }
    }

    /// One look.
    pub(super) async fn look(&self, step: &Step) -> Result<Seen, Fault> {
        let at = &step.look;
        let sight = self
            .hands
            .looker
            .see(
                at.base,
                &at.address,
                at.body.as_deref(),
                at.items.as_deref(),
            )
            .await?;
        match kinds::find(&step.kind) {
            Some(kind) => Ok(seen(kind, step, sight)),
            None => Err(Fault::Bug {
                what: format!("{} is no row of the catalogue", step.kind),
            }),
        }
    }

    /// Looks until the item is gone, or shows what is wanted.
    pub(super) async fn until(
        &self,
        step: &Step,
        time: Duration,
        wanted: impl Fn(&Value) -> bool,
    ) -> Until {
        let mut patience = self.patience(time);
        loop {
            let trouble = match self.look(step).await {
                Ok(Seen::Gone) => return Until::Gone,
                Ok(Seen::Here { doc, .. }) => {
                    let doc: Value = serde_json::from_str(doc.get()).unwrap_or_default();
                    if wanted(&doc) {
                        return Until::So;
                    }
                    "it is still there".to_owned()
                }
                Err(fault) if self.is_final(&fault) => return Until::Halted,
                Err(fault) => format!("it cannot be looked at: {}", clean(&fault.to_string())),
            };
            if !patience.wait(None).await {
                return Until::Not(trouble);
            }
        }
    }

    /// Looks until the item is gone.
    pub(super) async fn until_gone(&self, step: &Step, time: Duration) -> Until {
        self.until(step, time, |_| false).await
    }

    /// Follows what goes on after an answer. A 200 or 201 to a PUT may go on as well, as long as it says where to ask.
    pub(super) async fn follow(&self, done: &Done, put: bool) -> Followed {
        let goes_on = done.goes_on || put;
        let Some(mut operation) = done.operation.clone().filter(|_| goes_on) else {
            return Followed::Over;
        };
        let mut patience = self.patience(self.options.patience);
        let mut asked = done.wait;
        loop {
            if !patience.wait(asked).await {
                return Followed::GoesOn;
            }
            asked = match self.hands.eraser.poll(&operation).await {
                Ok((Poll::Running { wait }, moved)) => {
                    operation = moved.unwrap_or(operation);
                    wait
                }
                Ok((Poll::Succeeded | Poll::Lost, _)) => return Followed::Over,
                Ok((Poll::Failed { code, message }, _)) => {
                    return Followed::Failed {
                        code,
                        message: clean(&message),
                    };
                }
                Err(fault) if self.is_final(&fault) => return Followed::Halted,
                // That the status cannot be read says nothing about the operation.
                Err(_) => None,
            };
        }
    }
}
