//! What the outcome of a try means. Pure.

use std::time::Duration;

use crate::report::Why;

/// How one try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// An answer with this status, and the wait that it asks for.
    Answered {
        status: u16,
        asked: Option<Duration>,
    },
    /// The request never left: no connection.
    NeverSent,
    /// No whole answer within the time limit.
    TimedOut,
    /// The connection broke before the answer was whole.
    Cut,
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is an answer: take it.
    Take,
    /// Try again; `host` says whether every request of that host has to wait.
    Again { why: Why, host: bool },
    /// Ask for a new token, once.
    NewToken,
    /// It will not get better by trying.
    GiveUp,
}

/// Statuses after which the same request may do better: the service's own list (`azureml-core` retries these) and ARM's.
pub const TRIED_AGAIN: &[u16] = &[408, 429, 500, 502, 503, 504, 530];

/// Decides. `repeatable` is true for requests that change nothing, and for DELETE.
///
/// The question for a fault of the connection is whether the request could have arrived: one that never left may always be
/// sent again, any other only if repeating it is harmless.
pub fn verdict(outcome: Outcome, repeatable: bool) -> Verdict {
    match outcome {
        Outcome::Answered {
            status: 200..=299, ..
        } => Verdict::Take,
        Outcome::Answered { status: 401, .. } => Verdict::NewToken,
        Outcome::Answered { status: 429, .. } => Verdict::Again {
            why: Why::Throttled,
            host: true,
        },
        Outcome::Answered { status, asked } if TRIED_AGAIN.contains(&status) && repeatable => {
            Verdict::Again {
                why: Why::Busy,
                host: asked.is_some(),
            }
        }
        Outcome::NeverSent => Verdict::Again {
            why: Why::Network,
            host: false,
        },
        Outcome::TimedOut | Outcome::Cut if repeatable => Verdict::Again {
            why: Why::Network,
            host: false,
        },
        Outcome::Answered { .. } | Outcome::TimedOut | Outcome::Cut => Verdict::GiveUp,
    }
}

/// Whether a request that was given up speaks against the host as a whole, and not against what was asked for: a record that
/// the service cannot serve answers 500 each time, and must not keep an export from ever coming to its end.
pub fn of_host(status: Option<u16>) -> bool {
    matches!(status, None | Some(429 | 502 | 503 | 504 | 530))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_on_one_page() {
        let of = |wanted: fn(Verdict) -> bool, repeatable| -> Vec<u16> {
            (100..600)
                .filter(|status| {
                    wanted(verdict(
                        Outcome::Answered {
                            status: *status,
                            asked: None,
                        },
                        repeatable,
                    ))
                })
                .collect()
        };
        assert_eq!(
            of(|v| matches!(v, Verdict::Again { .. }), true),
            TRIED_AGAIN
        );
        assert_eq!(of(|v| matches!(v, Verdict::Again { .. }), false), [429]);
        assert_eq!(
            of(|v| matches!(v, Verdict::Again { host: true, .. }), true),
            [429]
        );
        assert_eq!(of(|v| v == Verdict::NewToken, true), [401]);
        assert_eq!(
            of(|v| v == Verdict::Take, true),
            (200..300).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_record_that_cannot_be_served_does_not_speak_against_its_host() {
        let against: Vec<u16> = (100..600).filter(|status| of_host(Some(*status))).collect();
        assert_eq!(against, [429, 502, 503, 504, 530]);
        assert!(of_host(None));
    }

    #[test]
    fn only_what_could_not_have_arrived_is_always_sent_again() {
        assert!(matches!(
            verdict(Outcome::NeverSent, false),
            Verdict::Again { .. }
        ));
        assert_eq!(verdict(Outcome::TimedOut, false), Verdict::GiveUp);
        assert_eq!(verdict(Outcome::Cut, false), Verdict::GiveUp);
        assert!(matches!(verdict(Outcome::Cut, true), Verdict::Again { .. }));
    }

    #[test]
    fn a_busy_service_that_names_a_wait_pauses_its_host() {
        let asked = Some(Duration::from_secs(2));
        assert_eq!(
            verdict(Outcome::Answered { status: 503, asked }, true),
            Verdict::Again {
                why: Why::Busy,
                host: true
            }
        );
    }
}
