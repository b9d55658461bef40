//! Reading a journal: what an earlier run did, as far as it was written down. Pure.

use std::collections::BTreeMap;

use super::Entry;
use crate::plan::chain::{self, Broken};
use crate::plan::model::Outcome;

/// What stands in a journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// By step.
    pub steps: BTreeMap<u32, Tried>,
    /// How often it was opened.
    pub opened: u32,
    /// Whether every step has an end.
    pub closed: bool,
    pub lines: u64,
    /// The hash of the last line; of none, the plan's digest.
    pub last: String,
    /// Bytes of whole lines.
    pub length: u64,
    /// Bytes behind the last whole line, which do not count.
    pub torn: u64,
}

/// What was done for one step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tried {
    /// Calls that were going to be sent, with the time, in their order.
    pub intended: Vec<(u32, String)>,
    pub answered: Vec<Heard>,
    /// What the item looked like when everything before the last call was done.
    pub prepared: Option<String>,
    pub ended: Option<Outcome>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub call: u32,
    pub status: u16,
    pub request_id: Option<String>,
    pub at: String,
}

impl Tried {
    /// The answer to this call that says that it was taken, if there is one.
    pub fn taken(&self, call: u32) -> Option<&Heard> {
        self.answered
            .iter()
            .find(|heard| heard.call == call && matches!(heard.status, 200..=299 | 404 | 410))
    }

    /// When this call was about to be sent and nothing is known of an answer.
    pub fn in_doubt(&self, call: u32) -> Option<&str> {
        let asked = self.intended.iter().filter(|(one, _)| *one == call);
        let heard = self.answered.iter().filter(|heard| heard.call == call);
        let (sent, answers) = (asked.clone().count(), heard.count());
        let last = asked.max_by_key(|(_, at)| at).map(|(_, at)| at.as_str());
        last.filter(|_| sent > answers)
    }

    /// Whether this call was ever about to be sent.
    pub fn was_intended(&self, call: u32) -> bool {
        self.intended.iter().any(|(one, _)| *one == call)
    }
}

/// Reads a journal that begins with this plan. Bytes behind the last line feed are a line that was being written when the run
/// was killed; whatever else is not as it was written is an error.
pub fn read(text: &[u8], plan: &str) -> Result<Past, Broken> {
    let whole = text
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let mut past = Past {
        last: plan.to_owned(),
        length: whole as u64,
        torn: (text.len() - whole) as u64,
        ..Past::default()
    };
    for (number, line) in (1..).zip(text[..whole].split_inclusive(|byte| *byte == b'\n')) {
        let no_line = |what: String| Broken::NoLine { line: number, what };
        let line = std::str::from_utf8(&line[..line.len() - 1])
            .map_err(|error| no_line(error.to_string()))?;
        let (doc, hash) = chain::follow(number, line, &past.last)?;
        let entry: Entry =
            serde_json::from_value(doc.into()).map_err(|error| no_line(error.to_string()))?;
        past.last = hash;
        past.lines = number;
        take(&mut past, entry, plan).map_err(no_line)?;
    }
    Ok(past)
}

fn take(past: &mut Past, entry: Entry, plan: &str) -> Result<(), String> {
    if past.opened == 0 && !matches!(entry, Entry::Opened { .. }) {
        return Err("it does not say who began".to_owned());
    }
    match entry {
        Entry::Opened { plan: said, .. } if said != plan => {
            return Err("it belongs to another plan".to_owned());
        }
        Entry::Opened { .. } => past.opened += 1,
        Entry::Intends { step, call, at, .. } => {
            past.steps
                .entry(step)
                .or_default()
                .intended
                .push((call, at));
        }
        Entry::Answered {
            step,
            call,
            status,
            request_id,
            at,
        } => past.steps.entry(step).or_default().answered.push(Heard {
            call,
            status,
            request_id,
            at,
        }),
        Entry::Prepared { step, fingerprint } => {
            past.steps.entry(step).or_default().prepared = Some(fingerprint);
        }
        Entry::Ended { outcome } => {
            let tried = past.steps.entry(outcome.step).or_default();
            if tried.ended.is_some() {
                return Err(format!("step {} ends twice", outcome.step));
            }
            tried.ended = Some(outcome);
        }
        Entry::Wave { .. } => {}
        Entry::Closed { .. } => past.closed = true,
    }
    Ok(())
}
