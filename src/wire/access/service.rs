//! What every credential needs: the environment, the authority, the options for `azure_identity`, and its errors in
//! plain words.
//!
//! Each token is asked of a credential made for the occasion. Those of `azure_identity` keep tokens of their own, which
//! would answer a forced refresh with the token that was just refused.

use std::sync::Arc;

use azure_core::cloud::CustomConfiguration;
use azure_core::credentials::{AccessToken, TokenCredential};
use azure_core::error::ErrorKind;
use azure_core::http::{
    ClientOptions, ExponentialRetryOptions, HttpClient, RetryOptions, Transport,
};
use url::{Host, Url};

use super::error::Setback;
use super::redact::redact;
use super::{AccessError, Environment, Token, hints, transport};
use crate::wire::cloud::Cloud;
use crate::wire::secret::Secret;

/// Variables whose value must not appear in any message.
const SECRET_VARIABLES: [&str; 6] = [
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_PASSWORD",
    "MSI_SECRET",
    "IDENTITY_HEADER",
    "SYSTEM_ACCESSTOKEN",
];

pub(super) struct Context {
    env: Environment,
    pub(super) authority: Url,
    pub(super) loopback: bool,
}

impl Context {
    pub(super) fn new(cloud: &Cloud, env: Environment) -> Result<Arc<Self>, AccessError> {
        // China and US Government are chosen by name, and their own authority is the only one that fits. For the rest
        // the variable may name a regional or private authority. An emulator's is on this machine and nowhere else.
        let fixed = cloud.loopback
            || matches!(cloud.name.as_str(), "AzureChinaCloud" | "AzureUSGovernment");
        let authority = match env("AZURE_AUTHORITY_HOST").filter(|_| !fixed) {
            Some(host) => authority_host(&host)?,
            None => cloud.authority.clone(),
        };
        Ok(Arc::new(Self {
            env,
            authority,
            loopback: cloud.loopback,
        }))
    }

    pub(super) fn var(&self, name: &str) -> Option<String> {
        (self.env)(name).map(|value| value.trim().to_owned())
    }

    /// The names of those variables that are not set.
    pub(super) fn missing(&self, names: &[&'static str]) -> Vec<&'static str> {
        names
            .iter()
            .copied()
            .filter(|name| self.var(name).is_none())
            .collect()
    }

    pub(super) fn secrets(&self) -> Vec<Secret> {
        SECRET_VARIABLES
            .iter()
            .filter_map(|name| self.var(name))
            .map(Secret::new)
            .collect()
    }

    pub(super) fn clean(&self, text: &str) -> String {
        redact(text, &self.secrets())
    }

    /// Options for a credential that asks the authority.
    pub(super) fn authority_options(&self) -> Result<ClientOptions, Setback> {
        let client =
            transport::to_authority(&self.authority, self.loopback).map_err(|e| stopped_by(&e))?;
        let mut cloud = CustomConfiguration::default();
        cloud.authority_host = if self.loopback {
            transport::STAND_IN.to_owned()
        } else {
            self.authority.to_string()
        };
        Ok(ClientOptions {
            cloud: Some(Arc::new(cloud.into())),
            ..with_transport(client)
        })
    }

    /// Asks a credential of `azure_identity`, and puts its failure in plain words.
    pub(super) async fn ask(
        &self,
        credential: &dyn TokenCredential,
        scope: &str,
        next: &str,
    ) -> Result<Token, Setback> {
        match credential.get_token(&[scope], None).await {
            Ok(token) => Ok(token_of(&token)),
            Err(error) => Err(self.stopped(&error, next)),
        }
    }

    pub(super) fn stopped(&self, error: &azure_core::Error, next: &str) -> Setback {
        let text = self.clean(&plain(error));
        let next = hints::next_step(&text, next);
        Setback::Stop { why: text, next }
    }
}

/// Options for a credential that asks a service beside this machine.
pub(super) fn direct_options() -> Result<ClientOptions, Setback> {
    Ok(with_transport(Arc::new(
        transport::direct_client().map_err(|e| stopped_by(&e))?,
    )))
}

pub(super) fn stopped_by(error: &AccessError) -> Setback {
    Setback::stop(error.to_string(), "Then try again.")
}

pub(super) fn token_of(token: &AccessToken) -> Token {
    Token {
        secret: Secret::new(token.token.secret()),
        expires_on: Some(token.expires_on),
    }
}

fn with_transport(client: Arc<dyn HttpClient>) -> ClientOptions {
    // Few and short tries: the caller has a time limit, and a person waits.
    let retry = ExponentialRetryOptions {
        max_retries: 3,
        ..ExponentialRetryOptions::default()
    };
    ClientOptions {
        transport: Some(Transport::new(client)),
        retry: RetryOptions::exponential(retry),
        ..ClientOptions::default()
    }
}

/// The first HTTP status in an error and its causes.
pub(super) fn status_of(error: &azure_core::Error) -> Option<u16> {
    causes(error).find_map(|cause| match cause.kind() {
        ErrorKind::HttpResponse { status, .. } => Some(u16::from(*status)),
        _ => None,
    })
}

fn causes(error: &azure_core::Error) -> impl Iterator<Item = &azure_core::Error> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    std::iter::from_fn(move || {
        let this = next?;
        next = this.source();
        Some(this.downcast_ref::<azure_core::Error>())
    })
    .flatten()
}

/// The error and its causes, not yet redacted, without the library's own prefix and troubleshooting link.
fn plain(error: &azure_core::Error) -> String {
    let text = transport::whole(error);
    let text = text
        .split_once(" authentication failed.")
        .map_or(text.as_str(), |(_, rest)| rest);
    let without_link: String = text
        .lines()
        .filter(|line| !line.starts_with("To troubleshoot, visit"))
        .collect::<Vec<_>>()
        .join(" ");
    let code = causes(error).find_map(|cause| match cause.kind() {
        ErrorKind::HttpResponse {
            error_code: Some(code),
            ..
        } if code.bytes().next().is_some_and(|b| b.is_ascii_digit()) => Some(code.clone()),
        _ => None,
    });
    match (code, status_of(error)) {
        (Some(code), _) if hints::code_in(&without_link).is_none() => {
            format!("AADSTS{code}: {without_link}")
        }
        (None, Some(status)) => format!("HTTP {status}: {without_link}"),
        (None, None) if causes(error).any(|e| *e.kind() == ErrorKind::DataConversion) => {
            format!(
                "the answer was none that a sign-in service gives (a proxy in between?): {without_link}"
            )
        }
        _ => without_link,
    }
}

/// Other tools take a bare host in this variable; `azure_identity` wants an address.
fn authority_host(value: &str) -> Result<Url, AccessError> {
    let bad = |why: &str| AccessError::BadSetting {
        setting: "AZURE_AUTHORITY_HOST",
        why: why.to_owned(),
    };
    let whole = if value.contains("://") {
        value.trim().to_owned()
    } else {
        format!("https://{}", value.trim())
    };
    let mut url = Url::parse(&whole).map_err(|_| bad("it is neither a host nor an address"))?;
    if url.scheme() != "https" {
        return Err(bad(
            "a secret would travel in the clear, so it has to be https",
        ));
    }
    if !url.username().is_empty()
        || url.password().is_some()
        || !matches!(url.host(), Some(Host::Domain(_)))
    {
        return Err(bad("it has to be the name of a host and nothing else"));
    }
    url.set_path("/");
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(cloud: &Cloud, host: &'static str) -> Result<String, AccessError> {
        let env: Environment =
            Arc::new(move |name| (name == "AZURE_AUTHORITY_HOST").then(|| host.to_owned()));
        Context::new(cloud, env).map(|context| context.authority.to_string())
    }

    #[test]
    fn the_authority_may_be_a_bare_host() {
        let public = Cloud::public();
        for host in [
            "login.example.com",
            "login.example.com/",
            "https://login.example.com",
            " https://login.example.com/x?y#z ",
        ] {
            assert_eq!(
                with(&public, host).expect(host),
                "https://login.example.com/"
            );
        }
        for host in [
            "http://login.example.com",
            "https://a:b@login.example.com",
            "https://10.0.0.1",
            "not a host",
            "://",
        ] {
            let error = with(&public, host).expect_err(host).to_string();
            assert!(
                error.contains("AZURE_AUTHORITY_HOST") && error.contains("unset"),
                "{error}"
            );
        }
        assert_eq!(
            with(&Cloud::china(), "login.example.com").expect("fixed"),
            "https://login.chinacloudapi.cn/"
        );
        let emulator = Cloud::at_arm_endpoint("http://127.0.0.1:7").expect("loopback");
        assert_eq!(
            with(&emulator, "login.example.com").expect("fixed"),
            "http://127.0.0.1:7/"
        );
    }
}
