//! What a service's refusal means, and the sentence that it becomes. Pure.

use crate::bag::scrub::scrub_text;
use crate::plan::model::{State, Step};
use crate::wire::Fault;

/// A call that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A lock: it will not get better by trying. The scopes that are locked.
    Locked(Vec<String>),
    /// Something is in the way that may go away.
    Conflict,
    /// No answer: the call may have arrived.
    NoAnswer,
    /// It is not there.
    Absent,
    Plain,
}

pub(super) fn judge(fault: &Fault) -> Refusal {
    match fault {
        Fault::Service {
            status: 409,
            code,
            message,
            ..
        } if code
            .as_deref()
            .is_some_and(|code| code.eq_ignore_ascii_case("ScopeLocked")) =>
        {
            Refusal::Locked(scopes(message))
        }
        Fault::Service { status: 409, .. } => Refusal::Conflict,
        // A gateway that gave up may have passed the call on.
        Fault::Service {
            status: 500..=599 | 408,
            ..
        }
        | Fault::Network { .. }
        | Fault::Malformed { .. }
        | Fault::TooLarge { .. } => Refusal::NoAnswer,
        Fault::Absent { .. } => Refusal::Absent,
        _ => Refusal::Plain,
    }
}

/// The scopes that a message quotes as locked: `... following scope(s) are locked: 'A,B'. Please ...`.
fn scopes(message: &str) -> Vec<String> {
    let tail = message
        .split_once("locked:")
        .map_or(message, |(_, tail)| tail);
    let mut quoted = tail.split('\'').skip(1);
    let (Some(scopes), Some(_)) = (quoted.next(), quoted.next()) else {
        return Vec::new();
    };
    scopes
        .split(',')
        .map(|scope| scope.trim().to_lowercase())
        .filter(|scope| scope.starts_with('/'))
        .collect()
}

/// Whether an address lies in a scope.
pub(super) fn lies_in(address: &str, scope: &str) -> bool {
    let path = address.split('?').next().unwrap_or_default().to_lowercase();
    path.strip_prefix(scope)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The end of a step whose call was refused.
pub(super) fn failed(step: &Step, fault: &Fault) -> State {
    let (code, message) = match fault {
        Fault::Service { code, message, .. }
        | Fault::Denied { code, message, .. }
        | Fault::Absent { code, message, .. } => (code.clone(), clean(message)),
        other => (None, clean(&other.to_string())),
    };
    let why = match (judge(fault), fault.status()) {
        (Refusal::Locked(scopes), _) => locked(&scopes, &message),
        (Refusal::Conflict, _) => {
            format!("something is in its way, and stayed there: {message}")
        }
        (_, Some(412)) => format!("something still uses it: {message}"),
        (_, Some(400)) => format!("the service does not do that in its present state: {message}"),
        (_, Some(401 | 403)) => format!(
            "it was refused: {message}. Ask for a role that may delete {} here, and make a new plan",
            step.kind
        ),
        (Refusal::NoAnswer, _) => {
            format!("there was no good answer, and it is still there: {message}")
        }
        _ => message,
    };
    State::Failed {
        why,
        status: fault.status(),
        code,
    }
}

/// The sentence for a lock.
pub(super) fn locked(scopes: &[String], message: &str) -> String {
    if scopes.is_empty() {
        return format!("a lock forbids it: {message}");
    }
    format!(
        "a lock on {} forbids it; remove the lock, or ask whoever set it, and make a new plan",
        scopes.join(" and ")
    )
}

/// A service's own words may quote a link.
pub(super) fn clean(text: &str) -> String {
    scrub_text(text).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(status: u16, code: &str, message: &str) -> Fault {
        Fault::Service {
            host: "h".to_owned(),
            path: "p".to_owned(),
            status,
            code: Some(code.to_owned()),
            message: message.to_owned(),
            tries: 1,
            request_id: None,
        }
    }

    #[test]
    fn a_lock_is_named_and_is_no_conflict() {
        let message = "The scope '/subscriptions/S/x/W/computes/c' cannot perform delete operation because following scope(s) are locked: '/subscriptions/S/x/W'. Please remove the lock and try again.";
        assert_eq!(
            judge(&service(409, "ScopeLocked", message)),
            Refusal::Locked(vec!["/subscriptions/s/x/w".to_owned()])
        );
        assert!(lies_in(
            "/Subscriptions/s/X/w/computes/d?api-version=1",
            "/subscriptions/s/x/w"
        ));
        assert!(!lies_in(
            "/subscriptions/s/x/w2/computes/d",
            "/subscriptions/s/x/w"
        ));
    }

    #[test]
    fn what_may_have_arrived_is_told_from_what_did_not() {
        assert_eq!(
            judge(&service(409, "CannotDeleteResource", "")),
            Refusal::Conflict
        );
        assert_eq!(judge(&service(504, "", "")), Refusal::NoAnswer);
        assert_eq!(judge(&service(412, "DeletionRequired", "")), Refusal::Plain);
        assert_eq!(judge(&service(400, "", "")), Refusal::Plain);
    }

    #[test]
    fn no_link_comes_into_a_sentence() {
        let text = clean(
            "see https://x.blob.core.windows.net/c/b?sv=2021&sig=c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2Vj&se=2026",
        );
        assert!(!text.contains("c2VjcmV0"), "{text}");
    }
}
