//! What has to be done before an item can be erased: ask for its cancellation, switch it off, take its traffic away, erase
//! what hangs on it.

use bytes::Bytes;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Run;
use super::refusal::clean;
use super::step::{Course, Stop, last_call};
use super::wait::{Followed, Until};
use crate::kinds::item::first;
use crate::kinds::removal::First;
use crate::kinds::{self, item};
use crate::plan::apply::erase::with;
use crate::plan::fingerprint::Seen;
use crate::plan::journal::Entry;
use crate::plan::model::{Call, State, Step, What};
use crate::wire::Fault;
use crate::wire::look::Sight;

/// What no run comes back from.
const FINAL: [&str; 4] = ["Completed", "Failed", "Canceled", "Cancelled"];

impl Run<'_> {
    /// Everything before the last call, as far as it is needed, and the document as it is afterwards.
    pub(super) async fn before(
        &self,
        course: &mut Course<'_>,
        mut doc: Box<RawValue>,
    ) -> Result<Box<RawValue>, Stop> {
        let step = course.step;
        let mut sent = false;
        for (number, call) in (0..last_call(step)).zip(&step.calls) {
            sent |= match call.what {
                What::Cancel => self.cancel(course, number, &doc).await?,
                What::SwitchOff => self.switch_off(course, number, &doc).await?,
                What::Unroute => self.unroute(course, number, call).await?,
                _ => self.also(course, number).await?,
            };
        }
        if !sent && !(0..last_call(step)).any(|call| course.tried.was_intended(call)) {
            return Ok(doc);
        }
        // From here on this is what it has to be.
        match self.look(step).await {
            Ok(Seen::Gone) => Err(State::AlreadyGone.into()),
            Ok(Seen::Here {
                fingerprint,
                doc: now,
            }) => {
                doc = now;
                self.pen.note(Entry::Prepared {
                    step: step.step,
                    fingerprint: fingerprint.clone(),
                });
                course.tried.prepared = Some(fingerprint);
                Ok(doc)
            }
            Err(fault) => Err(self.refused(step, &fault)),
        }
    }

    async fn cancel(
        &self,
        course: &mut Course<'_>,
        number: u32,
        doc: &RawValue,
    ) -> Result<bool, Stop> {
        let step = course.step;
        let path = status_path(step);
        let status = first(&parsed(doc), path);
        if is_over(status.as_deref()) {
            return Ok(false);
        }
        // One that was asked for is only waited for.
        let asked = course.tried.taken(number).is_some()
            || status.is_some_and(|status| status.eq_ignore_ascii_case("CancelRequested"));
        let mut refused = None;
        if !asked {
            match self.send(course, number, None).await? {
                Ok(done) => match self.follow(&done, false).await {
                    Followed::Halted => return Err(Stop::Halted),
                    Followed::Failed { message, .. } => refused = Some(message),
                    Followed::Over | Followed::GoesOn => {}
                },
                Err(fault) if self.is_final(&fault) => return Err(Stop::Halted),
                Err(fault) => refused = Some(clean(&fault.to_string())),
            }
        }
        // It may have come to its end by itself just then.
        let time = if refused.is_some() {
            self.options.settle
        } else {
            self.options.patience
        };
        let wanted = |doc: &Value| is_over(first(doc, path).as_deref());
        self.must(
            step,
            time,
            wanted,
            refused,
            "it is active, and did not stop",
        )
        .await
    }

    async fn switch_off(
        &self,
        course: &mut Course<'_>,
        number: u32,
        doc: &RawValue,
    ) -> Result<bool, Stop> {
        let on = |doc: &Value| first(doc, "properties/isEnabled").as_deref() == Some("true");
        if !on(&parsed(doc)) {
            return Ok(false);
        }
        let body = with(doc, &["properties", "isEnabled"], false.into());
        let refused = self.put(course, number, body).await?;
        let why = "it is switched on, and could not be switched off";
        self.must(
            course.step,
            self.options.patience,
            |doc| !on(doc),
            refused,
            why,
        )
        .await
    }

    /// Traffic of an endpoint is one field for all its deployments: read, changed and written by one step at a time.
    async fn unroute(
        &self,
        course: &mut Course<'_>,
        number: u32,
        call: &Call,
    ) -> Result<bool, Stop> {
        let step = course.step;
        let Some(name) = step
            .look
            .address
            .split('?')
            .next()
            .and_then(|path| path.rsplit('/').next())
        else {
            return Ok(false);
        };
        let name = percent_encoding::percent_decode_str(name)
            .decode_utf8_lossy()
            .into_owned();
        let share = |doc: &Value| {
            item::at(doc, "properties/traffic")
                .first()
                .and_then(|traffic| traffic.get(&name)?.as_i64())
                .unwrap_or_default()
        };
        let _one = self.routes.lock().await;
        let Some(mut doc) = self.endpoint(step, call).await? else {
            return Ok(false);
        };
        if share(&parsed(&doc)) == 0 {
            return Ok(false);
        }
        let mut patience = self.patience(self.options.patience);
        let mut again = false;
        loop {
            let mut body = with(&doc, &["properties", "traffic", &name], 0.into());
            if again {
                body = without_idle(&body, &name);
            }
            let refused = self.put(course, number, body).await?;
            loop {
                let Some(now) = self.endpoint(step, call).await? else {
                    return Ok(true);
                };
                if share(&parsed(&now)) == 0 {
                    return Ok(true);
                }
                // Another deployment may have gone since the endpoint was read, and what was written still named it.
                if refused.is_some() && !again {
                    again = true;
                    doc = now;
                    break;
                }
                if refused.is_some() || !patience.wait(None).await {
                    let why = refused.unwrap_or_else(|| "it still has some".to_owned());
                    return Err(prevented("its traffic could not be taken away", &why).into());
                }
            }
        }
    }

    /// The endpoint of a deployment; `None` when it is gone.
    async fn endpoint(&self, step: &Step, call: &Call) -> Result<Option<Box<RawValue>>, Stop> {
        match self
            .hands
            .looker
            .see(call.base, &call.address, None, None)
            .await
        {
            Ok(Sight::Gone) => Ok(None),
            Ok(Sight::Here { docs, .. }) => Ok(docs.into_iter().next()),
            Err(fault) => Err(self.refused(step, &fault)),
        }
    }

    /// Erases what hangs on the item and has no item of its own.
    async fn also(&self, course: &mut Course<'_>, number: u32) -> Result<bool, Stop> {
        if course.tried.taken(number).is_some() {
            return Ok(true);
        }
        match self.send(course, number, None).await? {
            Ok(done) => match self.follow(&done, false).await {
                Followed::Over | Followed::GoesOn => Ok(true),
                Followed::Halted => Err(Stop::Halted),
                Followed::Failed { message, .. } => {
                    Err(prevented("what hangs on it could not be erased", &message).into())
                }
            },
            Err(fault) => Err(self.refused(course.step, &fault)),
        }
    }

    /// A PUT and its end; in words, why it was not taken.
    async fn put(
        &self,
        course: &mut Course<'_>,
        number: u32,
        body: Bytes,
    ) -> Result<Option<String>, Stop> {
        match self.send(course, number, Some(body)).await? {
            Ok(done) => match self.follow(&done, true).await {
                Followed::Over | Followed::GoesOn => Ok(None),
                Followed::Halted => Err(Stop::Halted),
                Followed::Failed { message, .. } => Ok(Some(message)),
            },
            Err(fault) if self.is_final(&fault) => Err(Stop::Halted),
            Err(fault @ (Fault::Denied { .. } | Fault::Service { status: 409, .. })) => {
                Err(self.refused(course.step, &fault))
            }
            Err(fault) => Ok(Some(clean(&fault.to_string()))),
        }
    }

    /// Waits until the document is as it has to be; otherwise the step has failed.
    async fn must(
        &self,
        step: &Step,
        time: std::time::Duration,
        wanted: impl Fn(&Value) -> bool,
        refused: Option<String>,
        why: &str,
    ) -> Result<bool, Stop> {
        match self.until(step, time, wanted).await {
            Until::So => Ok(true),
            Until::Gone => Err(State::AlreadyGone.into()),
            Until::Halted => Err(Stop::Halted),
            Until::Not(what) => Err(prevented(why, &refused.unwrap_or(what)).into()),
        }
    }
}

fn prevented(why: &str, what: &str) -> State {
    State::Failed {
        why: format!("{why}: {what}"),
        status: None,
        code: None,
    }
}

/// An endpoint that no longer names deployments without traffic, but for this one: to leave them out says the same, and it
/// does not matter whether they are still there.
fn without_idle(body: &[u8], name: &str) -> Bytes {
    let mut whole: Value = serde_json::from_slice(body).unwrap_or_default();
    let traffic = whole
        .pointer_mut("/properties/traffic")
        .and_then(Value::as_object_mut);
    if let Some(traffic) = traffic {
        traffic.retain(|other, share| other == name || share.as_f64() != Some(0.0));
    }
    Bytes::from(whole.to_string())
}

fn parsed(doc: &RawValue) -> Value {
    serde_json::from_str(doc.get()).unwrap_or_default()
}

/// Where the document of this kind has its status.
fn status_path(step: &Step) -> &'static str {
    kinds::find(&step.kind)
        .into_iter()
        .flat_map(|kind| kind.remove)
        .flat_map(|remove| remove.first)
        .find_map(|first| match first {
            First::Cancel { status, .. } => Some(*status),
            _ => None,
        })
        .unwrap_or("status")
}

/// Whether nothing is left to cancel. Without a status, nothing says that it is active.
fn is_over(status: Option<&str>) -> bool {
    status.is_none_or(|status| FINAL.iter().any(|end| end.eq_ignore_ascii_case(status)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deployments_without_traffic_are_left_out_of_what_is_written_again() {
        let body = br#"{"name":"e","properties":{"traffic":{"blue":0,"gone":0,"green":100}}}"#;
        let again: Value =
            serde_json::from_slice(&without_idle(body, "blue")).expect("what the test needs");
        let left = serde_json::json!({"blue": 0, "green": 100});
        assert_eq!(again["properties"]["traffic"], left);
        assert_eq!(again["name"], "e");
    }
}
