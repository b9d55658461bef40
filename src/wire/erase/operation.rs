//! Following what goes on after the answer (ARM's asynchronous operations; `aml-arm.md` 5.3).

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;
use time::OffsetDateTime;
use url::Url;

use crate::wire::call::{Call, Pass, host_of};
use crate::wire::fault::explain;
use crate::wire::{Fault, Wire, waits};

/// Where the end of an operation can be learned. Its address may be signed, so it is shown to nobody and written nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Operation {
    pub(super) url: Url,
    pub(super) form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `Azure-AsyncOperation`: 200 always, with a status in the body.
    Status,
    /// `Location`: 202 until it is done, then what the call would have answered at once.
    Result,
    /// `Operation-Location` of model management: a document with a `state`.
    State,
}

impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Operation({:?} at {})", self.form, host_of(&self.url))
    }
}

/// How an operation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Poll {
    /// Ask again after this.
    Running {
        wait: Option<Duration>,
    },
    Succeeded,
    /// It ended badly, in the service's words.
    Failed {
        code: Option<String>,
        message: String,
    },
    /// Its address is no longer there: only looking at the item tells.
    Lost,
}

impl Operation {
    /// From the headers of an answer to a call to `asked`. `Azure-AsyncOperation` is preferred, as Microsoft's clients do. An
    /// address on another host is none.
    pub(super) fn of(headers: &HeaderMap, asked: &Url) -> Option<Self> {
        [Form::Status, Form::State, Form::Result]
            .into_iter()
            .find_map(|form| Self::in_form(form, headers, asked))
    }

    /// The address that this form has in the headers of an answer.
    fn in_form(form: Form, headers: &HeaderMap, asked: &Url) -> Option<Self> {
        let name = match form {
            Form::Status => "azure-asyncoperation",
            Form::State => "operation-location",
            Form::Result => "location",
        };
        let text = headers.get(name)?.to_str().ok()?;
        let url = asked.join(text).ok()?;
        let same =
            url.origin() == asked.origin() && url.username().is_empty() && url.password().is_none();
        same.then_some(Self { url, form })
    }
}

/// Asks once.
pub(super) async fn poll(
    wire: &Wire,
    operation: &Operation,
) -> Result<(Poll, Option<Operation>), Fault> {
    let call = Call {
        pass: Pass::Operation,
        ..Call::get(operation.url.clone())
    };
    let answer = match wire.send(call).await {
        Ok(answer) => answer,
        Err(Fault::Absent { .. }) => return Ok((Poll::Lost, None)),
        // An error status is how an operation of this form ends badly.
        Err(Fault::Service {
            status,
            code,
            message,
            ..
        }) if operation.form == Form::Result
            && (400..500).contains(&status)
            && !matches!(status, 408 | 429) =>
        {
            return Ok((Poll::Failed { code, message }, None));
        }
        Err(fault) => return Err(fault),
    };
    let wait = waits::asked(&answer.headers, OffsetDateTime::now_utc());
    // The status of an operation may name its result as well; who began with one form goes on with it.
    let moved = Operation::in_form(operation.form, &answer.headers, &operation.url);
    let poll = match operation.form {
        Form::Result if answer.status == 202 => Poll::Running { wait },
        Form::Result => Poll::Succeeded,
        Form::Status | Form::State => stands(&answer.body, wait),
    };
    Ok((poll, moved))
}

/// What a status document says. A status that nobody knows is one that is not final.
fn stands(body: &[u8], wait: Option<Duration>) -> Poll {
    let doc: Value = serde_json::from_slice(body).unwrap_or_default();
    let status = crate::kinds::item::first(&doc, "status|state").unwrap_or_default();
    match status.to_ascii_lowercase().as_str() {
        "succeeded" | "completed" => Poll::Succeeded,
        "failed" | "canceled" | "cancelled" | "timedout" => {
            let (code, message) = explain(body);
            let said = crate::kinds::item::first(&doc, "error/message|message").is_some();
            Poll::Failed {
                code,
                message: if said { message } else { status },
            }
        }
        _ => Poll::Running { wait },
    }
}
