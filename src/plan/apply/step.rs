//! One step, from its first look to its end.

use serde_json::value::RawValue;

use super::refusal::{clean, failed, lies_in, locked};
use super::wait::{Followed, Until};
use super::{Run, held};
use crate::kinds::Base;
use crate::plan::apply::bytes::Traces;
use crate::plan::apply::erase::Sent;
use crate::plan::fingerprint::Seen;
use crate::plan::journal::Tried;
use crate::plan::model::{Becomes, State, Step};
use crate::wire::Fault;

/// How a step ended, before it is written down.
pub(super) struct End {
    pub(super) state: State,
    pub(super) requests: Vec<String>,
}

impl End {
    pub(super) fn new(state: State) -> Self {
        Self {
            state,
            requests: Vec::new(),
        }
    }
}

/// Where a step stands: what came before, and the names of its requests.
pub(super) struct Course<'s> {
    pub(super) step: &'s Step,
    pub(super) tried: Tried,
    pub(super) requests: Vec<String>,
    /// What sees the bytes afterwards.
    pub(super) traces: Traces,
}

/// What ends a step early.
pub(super) enum Stop {
    With(State),
    /// The run is halted; the step stays open in the journal.
    Halted,
}

impl From<State> for Stop {
    fn from(state: State) -> Self {
        Self::With(state)
    }
}

impl Run<'_> {
    /// `None` when the run was halted in the middle.
    pub(super) async fn step(&self, step: &Step) -> Option<End> {
        let tried = self.past.steps.get(&step.step).cloned().unwrap_or_default();
        let requests = tried
            .answered
            .iter()
            .filter_map(|heard| heard.request_id.clone())
            .collect();
        let mut course = Course {
            step,
            tried,
            requests,
            traces: Traces::default(),
        };
        match self.run(&mut course).await {
            Ok(state) | Err(Stop::With(state)) => Some(End {
                state,
                requests: course.requests,
            }),
            Err(Stop::Halted) => None,
        }
    }

    async fn run(&self, course: &mut Course<'_>) -> Result<State, Stop> {
        let step = course.step;
        let last = last_call(step);
        // What was taken is never sent again.
        if let Some(heard) = course.tried.taken(last) {
            let status = heard.status;
            return self.afterwards(course, Some(status)).await;
        }
        if course.tried.in_doubt(last).is_some() {
            match self
                .until(step, self.options.settle, |doc| switched_off(step, doc))
                .await
            {
                Until::Gone | Until::So => return self.afterwards(course, None).await,
                Until::Halted => return Err(Stop::Halted),
                Until::Not(_) => {}
            }
        }
        self.may_begin(step)?;
        let doc = self.unchanged(course).await?;
        self.find_bytes(course, &doc).await;
        let doc = self.before(course, doc).await?;
        match self.erase(course, doc).await? {
            Sent::Taken(done) => {
                self.to_the_end(step, &done).await?;
                self.afterwards(course, Some(done.status)).await
            }
            Sent::Gone => self.afterwards(course, None).await,
        }
    }

    /// What hangs below must be gone, and nothing must be known to forbid it.
    fn may_begin(&self, step: &Step) -> Result<(), State> {
        let outcomes = held(&self.outcomes);
        for need in &step.needs {
            let gone = outcomes.get(need).is_some_and(|end| end.state.is_gone());
            if !gone {
                return Err(State::Kept {
                    why: format!("step {need} has to end well before this one, and did not"),
                });
            }
        }
        let scopes: Vec<String> = held(&self.locked)
            .iter()
            .filter(|scope| {
                let mut arm = step.calls.iter().filter(|call| call.base == Base::Arm);
                arm.any(|call| lies_in(&call.address, scope))
            })
            .cloned()
            .collect();
        if scopes.is_empty() {
            return Ok(());
        }
        Err(State::Failed {
            why: locked(&scopes, ""),
            status: Some(409),
            code: Some("ScopeLocked".to_owned()),
        })
    }

    /// The document, when it is what the plan saw.
    pub(super) async fn unchanged(&self, course: &Course<'_>) -> Result<Box<RawValue>, Stop> {
        let step = course.step;
        match self.look(step).await {
            Ok(Seen::Gone) => Err(State::AlreadyGone.into()),
            Ok(Seen::Here { fingerprint, doc }) => {
                let tried = &course.tried;
                let wanted = tried.prepared.as_ref().unwrap_or(&step.fingerprint);
                // A run that was killed while it cancelled or switched off has changed the item itself, and did not come to
                // writing down what it looks like since.
                let ours = tried.prepared.is_none()
                    && (0..last_call(step)).any(|call| tried.was_intended(call));
                if fingerprint == *wanted || ours {
                    return Ok(doc);
                }
                Err(State::ChangedKept {
                    why: "it was changed since the plan was made; make a new plan for it"
                        .to_owned(),
                }
                .into())
            }
            Err(fault) if self.is_final(&fault) => Err(Stop::Halted),
            Err(fault) => Err(unseen(&fault).into()),
        }
    }

    /// Follows what was begun.
    async fn to_the_end(&self, step: &Step, done: &crate::wire::erase::Done) -> Result<(), Stop> {
        let put = !matches!(
            step.becomes,
            Becomes::Erased | Becomes::Unregistered | Becomes::SoftDeleted
        );
        match self.follow(done, put).await {
            // How long it still takes is found out by looking.
            Followed::Over | Followed::GoesOn => Ok(()),
            Followed::Halted => Err(Stop::Halted),
            Followed::Failed { code, message } => {
                // The word of the service is not the last one: what is gone has not failed.
                if matches!(self.look(step).await, Ok(Seen::Gone)) {
                    return Ok(());
                }
                Err(State::Failed {
                    why: format!("the service began it, and said later that it failed: {message}"),
                    status: Some(done.status),
                    code,
                }
                .into())
            }
        }
    }

    /// After the call was taken: looks until it is so, and says what became of it. `status` is what the call was answered.
    async fn afterwards(
        &self,
        course: &mut Course<'_>,
        status: Option<u16>,
    ) -> Result<State, Stop> {
        let step = course.step;
        let wanted = |doc: &serde_json::Value| switched_off(step, doc);
        match self.until(step, self.options.patience, wanted).await {
            Until::So => Ok(State::Disabled),
            Until::Gone if step.becomes == Becomes::Disabled => Ok(State::AlreadyGone),
            Until::Gone => Ok(self.gone(course, status).await),
            Until::Halted => Err(Stop::Halted),
            Until::Not(what) => Ok(State::Unconfirmed {
                why: format!(
                    "the service took the call{}, and {} s later {what}",
                    status
                        .map(|status| format!(" ({status})"))
                        .unwrap_or_default(),
                    self.options.patience.as_secs()
                ),
            }),
        }
    }

    /// A call that was not taken, as the end of the step.
    pub(super) fn refused(&self, step: &Step, fault: &Fault) -> Stop {
        if self.is_final(fault) {
            Stop::Halted
        } else {
            failed(step, fault).into()
        }
    }
}

/// The number of the call that erases.
pub(super) fn last_call(step: &Step) -> u32 {
    u32::try_from(step.calls.len().saturating_sub(1)).unwrap_or(u32::MAX)
}

/// Whether a document says that it is switched off, for a step that wants no more.
fn switched_off(step: &Step, doc: &serde_json::Value) -> bool {
    step.becomes == Becomes::Disabled
        && crate::kinds::item::first(doc, "EntityStatus|status|properties/status")
            .is_some_and(|status| status.eq_ignore_ascii_case("disabled") || status == "1")
}

/// It could not be looked at, so nothing was sent.
fn unseen(fault: &Fault) -> State {
    State::Failed {
        why: format!(
            "it could not be looked at, so nothing was sent: {}",
            clean(&fault.to_string())
        ),
        status: fault.status(),
        code: None,
    }
}
