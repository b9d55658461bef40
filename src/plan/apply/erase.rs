//! Sending a call: the intention first, then the call, then the answer.

use bytes::Bytes;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::sleep;

use super::refusal::{Refusal, judge};
use super::step::{Course, Stop, last_call};
use super::wait::Until;
use super::{Halt, Run, held};
use crate::kinds::Base;
use crate::plan::journal::Entry;
use crate::plan::model::{State, Verb, What};
use crate::wire::Fault;
use crate::wire::erase::Done;

/// What came of the call that erases.
pub(super) enum Sent {
    Taken(Done),
    /// It is gone, though no answer said so.
    Gone,
}

impl Run<'_> {
    /// The last call of a step, as often as it takes within its bounds.
    pub(super) async fn erase(
        &self,
        course: &mut Course<'_>,
        mut doc: Box<RawValue>,
    ) -> Result<Sent, Stop> {
        let step = course.step;
        let number = last_call(step);
        let Some(call) = step.calls.last() else {
            return Err(State::Cannot {
                why: "the plan names no call for it".to_owned(),
            }
            .into());
        };
        let (mut left, mut delay) = (self.options.conflicts, self.options.conflict_wait);
        loop {
            let fault = match self.send(course, number, body(call.what, &doc)).await? {
                Ok(done) => return Ok(Sent::Taken(done)),
                Err(fault) => fault,
            };
            match judge(&fault) {
                Refusal::Locked(scopes) => {
                    held(&self.locked).extend(scopes);
                    return Err(self.refused(step, &fault));
                }
                Refusal::Conflict if left > 0 => {
                    left -= 1;
                    sleep(delay).await;
                    delay *= 2;
                    // Meanwhile it may have gone, or been changed by somebody.
                    doc = match self.unchanged(course).await {
                        Ok(doc) => doc,
                        Err(Stop::With(State::AlreadyGone)) => return Ok(Sent::Gone),
                        Err(other) => return Err(other),
                    };
                }
                Refusal::NoAnswer if !self.is_final(&fault) => {
                    return match self.until_gone(step, self.options.settle).await {
                        Until::Gone => Ok(Sent::Gone),
                        Until::Halted => Err(Stop::Halted),
                        Until::So | Until::Not(_) => Err(self.refused(step, &fault)),
                    };
                }
                // What is put may be gone by now.
                Refusal::Absent => {
                    return match self.until_gone(step, std::time::Duration::ZERO).await {
                        Until::Gone => Ok(Sent::Gone),
                        _ => Err(self.refused(step, &fault)),
                    };
                }
                _ => return Err(self.refused(step, &fault)),
            }
        }
    }

    /// Sends a call of a step. That the journal cannot be written halts the run: then nothing is sent.
    pub(super) async fn send(
        &self,
        course: &mut Course<'_>,
        number: u32,
        body: Option<Bytes>,
    ) -> Result<Result<Done, Fault>, Stop> {
        let step = course.step;
        let first = self.hands.first.get(&step.step).copied();
        let call = usize::try_from(number)
            .ok()
            .and_then(|at| Some((first? + at, step.calls.get(at)?)));
        let Some((held_at, call)) = call else {
            self.halt(Halt::Fault(format!(
                "step {} has no call {number}: this is a mistake in the program, please report it",
                step.step
            )));
            return Err(Stop::Halted);
        };
        if (call.base, call.verb) == (Base::Arm, Verb::Delete) {
            let wait = held(&self.bucket).take(self.begun.elapsed());
            sleep(wait).await;
        }
        let intends = Entry::Intends {
            step: step.step,
            call: number,
            verb: call.verb,
            address: call.address.clone(),
            at: self.at(),
        };
        if let Err(error) = self.pen.keep(intends).await {
            self.halt(Halt::Journal(error.to_string()));
            return Err(Stop::Halted);
        }
        let sent = self.hands.eraser.carry_out(held_at, body).await;
        let (status, request_id) = match &sent {
            Ok(done) => (Some(done.status), done.request_id.clone()),
            Err(fault) => (fault.status(), fault.request_id().map(str::to_owned)),
        };
        if let Some(status) = status {
            course.requests.extend(request_id.clone());
            self.pen.note(Entry::Answered {
                step: step.step,
                call: number,
                status,
                request_id,
                at: self.at(),
            });
        }
        Ok(sent)
    }
}

/// What goes along with a call.
fn body(what: What, doc: &RawValue) -> Option<Bytes> {
    match what {
        // The body of the last one is made of another document.
        What::Erase | What::Cancel | What::Unroute => None,
        What::EraseEntity => Some(Bytes::from(doc.get().to_owned())),
        What::DisableStatus => Some(Bytes::from_static(b"\"Disabled\"")),
        What::Disable => Some(with(doc, &["EntityStatus"], "Disabled".into())),
        What::SwitchOff => Some(with(doc, &["properties", "isEnabled"], false.into())),
    }
}

/// The document with one field set, its key as the document spells it.
pub(super) fn with(doc: &RawValue, path: &[&str], value: Value) -> Bytes {
    let mut whole: Value = serde_json::from_str(doc.get()).unwrap_or_default();
    let mut at = &mut whole;
    for step in path {
        if !at.is_object() {
            *at = Value::Object(serde_json::Map::new());
        }
        let Value::Object(map) = at else { break };
        let key = map
            .keys()
            .find(|key| key.eq_ignore_ascii_case(step))
            .cloned()
            .unwrap_or_else(|| (*step).to_owned());
        at = map.entry(key).or_insert(Value::Null);
    }
    *at = value;
    Bytes::from(whole.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_set_as_the_document_spells_it() {
        let doc = RawValue::from_string(
            r#"{"Id":"x","entityStatus":"Active","n":12345678901234567890}"#.to_owned(),
        )
        .expect("what the test needs");
        let text = body(What::Disable, &doc).expect("what the test needs");
        let set: Value = serde_json::from_slice(&text).expect("what the test needs");
        assert_eq!(set["entityStatus"], "Disabled");
        assert_eq!(set["n"], 12_345_678_901_234_567_890_u64);
        assert!(set.get("EntityStatus").is_none());
        let off = body(What::SwitchOff, &doc).expect("what the test needs");
        let off: Value = serde_json::from_slice(&off).expect("what the test needs");
        assert_eq!(off["properties"]["isEnabled"], false);
    }
}
