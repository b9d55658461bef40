//! What goes wrong at sign-in. Every text in here has been through `redact` and ends with what to do next.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Why there is no token. It is cloned to every caller that waited for the same attempt.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AccessError {
    /// No credential is set up on this machine.
    #[error("No sign-in is set up here:\n{}\n{next}", .tried.join("\n"))]
    NothingAvailable {
        /// A line a credential: its name, and why it cannot serve.
        tried: Vec<String>,
        next: String,
    },
    /// A credential is set up and did not work. No other one was tried, since another identity was not asked for.
    #[error("Sign-in with {credential} failed: {why}\n{next}")]
    Failed {
        credential: String,
        why: String,
        next: String,
    },
    #[error("The token that was given expired at {}. Get a new one: az account get-access-token --query accessToken -o tsv", rfc3339(*.at))]
    GivenTokenExpired { at: OffsetDateTime },
    #[error(
        "Azure refused the token that was given, and a token from stdin cannot be renewed. Get a new one for the right tenant and cloud: az account get-access-token --query accessToken -o tsv"
    )]
    GivenTokenRefused,
    #[error(
        "The token that was given is for Azure, and Microsoft Graph takes one of its own. Leave --token-stdin out and sign in another way."
    )]
    GivenTokenNotForGraph,
    #[error(
        "What came on stdin is not a token: {why}. Pass it like this: az account get-access-token --query accessToken -o tsv | ..."
    )]
    NotAToken { why: &'static str },
    #[error("There is no sign-in named \"{name}\"{origin}. Name one of: {known}.")]
    UnknownName {
        name: String,
        origin: &'static str,
        known: String,
    },
    #[error(
        "Working without sign-in is for an emulator on this machine, and {cloud} is not one. Leave the option out to sign in."
    )]
    NotAnEmulator { cloud: String },
    #[error("{setting} cannot be used: {why}. Correct the variable or unset it.")]
    BadSetting { setting: &'static str, why: String },
    #[error(
        "This machine cannot make secure connections: {why}. Install the system's certificates (package ca-certificates) or set SSL_CERT_FILE."
    )]
    NoClient { why: String },
}

fn rfc3339(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_else(|_| at.to_string())
}

/// Why one credential gave no token.
#[derive(Debug, Clone)]
pub(super) enum Setback {
    /// Not set up on this machine, or not reachable from it: the next credential is tried.
    Absent(String),
    /// Set up, and it did not work: the search ends, since going on would act as somebody else.
    Stop { why: String, next: String },
}

impl Setback {
    pub(super) fn absent(why: impl Into<String>) -> Self {
        Self::Absent(why.into())
    }

    pub(super) fn stop(why: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Stop {
            why: why.into(),
            next: next.into(),
        }
    }
}
